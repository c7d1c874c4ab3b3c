//! Buffers that are used on several streams, and when they may be reused.
//!
//! The protocol is module `RecordStream` of `subjects/mps/specs`; each step below is named as there. A buffer notes every
//! stream it is used on. To free it is not to recycle it: an event goes to the end of each of those streams, and the buffer
//! goes back to the allocator when the last of these events has completed. The counter of pending events is set at once,
//! not as they are encoded; it is bounded, and a free that would exceed the bound waits for the device, for a limited time.
//!
//! All bookkeeping is under one mutex. It is held while work is submitted, so that no kernel can get behind the event of its
//! buffer, and never while the device is waited for: that is a condition variable.

use crate::allocator::{AllocError, Allocator, BlockInfo};
use crate::device::{Address, Device, QueueId, Task, Work};
use crate::mutation::{Mutation, Mutations};
use crate::sync::{Arc, Condvar, Deadline, Mutex, lock, wait};
use crate::trace::Tracer;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Why an operation had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BufferError {
    /// The allocator refused.
    #[error(transparent)]
    Allocator(#[from] AllocError),
    /// The buffer is not live: it was freed.
    #[error("the buffer at {:#x} is not live", .0.0)]
    NotLive(Address),
    /// The buffer has not noted the stream.
    #[error("the buffer at {:#x} is not recorded on stream {}", .0.0, .1.0)]
    NotRecorded(Address, QueueId),
    /// Too many events stayed pending for the whole of the limit.
    #[error("{0} events are still pending")]
    TooManyPending(usize),
}

#[derive(Debug, Default)]
struct Buffer {
    name: String,
    live: bool,
    users: BTreeSet<QueueId>,
    count: usize,
}

#[derive(Debug, Default)]
struct Book {
    buffers: BTreeMap<Address, Buffer>,
    names: BTreeMap<Address, String>,
    pending: usize,
}

struct Shared {
    book: Mutex<Book>,
    fewer: Condvar,
    allocator: Allocator,
    device: Arc<dyn Device>,
    most_pending: usize,
    tracer: Tracer,
    mutations: Mutations,
}

/// Buffers of one allocator, with the streams that they are used on.
#[derive(Clone)]
pub struct StreamBuffers {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for StreamBuffers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamBuffers").field("most_pending", &self.shared.most_pending).finish_non_exhaustive()
    }
}

fn stream_name(stream: QueueId) -> String {
    format!("s{}", stream.0)
}

impl StreamBuffers {
    /// Buffers of an allocator; at most so many events are pending at one time.
    pub fn new(device: Arc<dyn Device>, allocator: Allocator, most_pending: usize) -> Self {
        Self::with(device, allocator, most_pending, Tracer::default(), Mutations::NONE)
    }

    /// The same, watched and with defects.
    pub fn with(
        device: Arc<dyn Device>,
        allocator: Allocator,
        most_pending: usize,
        tracer: Tracer,
        mutations: Mutations,
    ) -> Self {
        let book = Mutex::new(Book::default());
        let shared = Shared { book, fewer: Condvar::new(), allocator, device, most_pending, tracer, mutations };
        Self { shared: Arc::new(shared) }
    }

    /// A buffer for a stream.
    ///
    /// # Errors
    /// Those of the allocator.
    pub fn allocate(&self, bytes: u64, stream: QueueId) -> Result<BlockInfo, BufferError> {
        // interlock: RS.StatesInOrder
        let shared = &self.shared;
        let block = shared.allocator.malloc(bytes)?;
        let began = shared.tracer.start();
        let mut book = lock(&shared.book);
        let next = format!("b{}", book.names.len() + 1);
        let name = book.names.entry(block.address).or_insert(next).clone();
        let buffer = Buffer { name, live: true, users: BTreeSet::from([stream]), count: 0 };
        shared.tracer.step(began, "Allocate", |step| {
            let step = step.parameter("b", &*buffer.name).parameter("s", stream_name(stream));
            step.at("users", &buffer.name, vec![stream_name(stream)])
        });
        book.buffers.insert(block.address, buffer);
        Ok(block)
    }

    /// Notes that a buffer is used on a further stream.
    ///
    /// # Errors
    /// [`BufferError::NotLive`]
    pub fn record_stream(&self, buffer: Address, stream: QueueId) -> Result<(), BufferError> {
        // interlock: RS.UsersFollowLife
        let shared = &self.shared;
        let began = shared.tracer.start();
        let mut book = lock(&shared.book);
        let entry = book.live(buffer)?;
        if entry.users.insert(stream) {
            shared.tracer.step(began, "RecordStream", |step| {
                step.parameter("b", &*entry.name).parameter("s", stream_name(stream))
            });
        }
        Ok(())
    }

    /// Puts a kernel that uses the buffer at the end of a stream.
    ///
    /// # Errors
    /// [`BufferError::NotLive`], and [`BufferError::NotRecorded`] where the buffer has not noted the stream.
    pub fn launch(&self, buffer: Address, stream: QueueId, kernel: Task) -> Result<(), BufferError> {
        // interlock: RS.LaunchNoted
        let shared = &self.shared;
        let began = shared.tracer.start();
        let mut book = lock(&shared.book);
        let entry = book.live(buffer)?;
        if !entry.users.contains(&stream) {
            if !shared.mutations.has(Mutation::LaunchUnnoted) {
                return Err(BufferError::NotRecorded(buffer, stream));
            }
            shared.tracer.deviates();
        }
        let tracer = shared.tracer.clone();
        let done = move || {
            let began = tracer.start();
            kernel();
            tracer.step(began, "CompleteKernel", |step| step.parameter("s", stream_name(stream)));
        };
        shared.device.submit(stream, Work::Kernel(Box::new(done)));
        shared
            .tracer
            .step(began, "Launch", |step| step.parameter("b", &*entry.name).parameter("s", stream_name(stream)));
        Ok(())
    }

    /// Frees a buffer: it is recycled when every stream that it was used on has come to its end here.
    ///
    /// # Errors
    /// [`BufferError::NotLive`], and [`BufferError::TooManyPending`] where the device does not get on within the limit.
    pub fn free(&self, buffer: Address, limit: Duration) -> Result<(), BufferError> {
        // interlock: RS.BoundedPendingEvents, RS.StatesInOrder
        let shared = &self.shared;
        let deadline = Deadline::after(limit);
        let began = shared.tracer.start();
        let mut book = lock(&shared.book);
        let mut in_time = true;
        loop {
            let wanted = book.live(buffer)?.users.len();
            if book.pending + wanted <= shared.most_pending {
                break;
            }
            if shared.mutations.has(Mutation::IgnoreLimit) {
                shared.tracer.deviates();
                break;
            }
            if !in_time {
                return Err(BufferError::TooManyPending(book.pending));
            }
            (book, in_time) = wait(&shared.fewer, book, &deadline);
        }
        let as_encoded = shared.mutations.has(Mutation::CountAsEncoded);
        let entry = book.live(buffer)?;
        let mut streams: Vec<QueueId> = entry.users.iter().copied().collect();
        if shared.mutations.has(Mutation::ForgetAStream) && streams.len() > 1 {
            shared.tracer.deviates();
            streams.pop();
        }
        if as_encoded && !streams.is_empty() {
            shared.tracer.deviates();
        }
        entry.live = false;
        entry.count = if as_encoded { 0 } else { streams.len() };
        shared
            .tracer
            .step(began, "Free", |step| step.parameter("b", &*entry.name).at("count", &entry.name, entry.count));
        book.pending += streams.len();
        drop(book);
        for stream in streams {
            self.encode(buffer, stream, as_encoded);
        }
        Ok(())
    }

    fn encode(&self, buffer: Address, stream: QueueId, as_encoded: bool) {
        // interlock: RS.EventAccountingConsistent
        let shared = &self.shared;
        let began = shared.tracer.start();
        let mut book = lock(&shared.book);
        let Some(entry) = book.buffers.get_mut(&buffer) else { return };
        if as_encoded {
            entry.count += 1;
        }
        let (name, count) = (entry.name.clone(), entry.count);
        let (device_side, owner) = (shared.tracer.clone(), self.clone());
        shared.device.submit(
            stream,
            Work::Signal {
                signalled: Box::new(move || {
                    let began = device_side.start();
                    device_side.step(began, "CompleteEvent", |step| step.parameter("s", stream_name(stream)));
                }),
                callback: Box::new(move || owner.handle(buffer, stream)),
            },
        );
        shared.tracer.step(began, "EncodeEvent", |step| {
            let step = step.parameter("b", &*name).parameter("s", stream_name(stream));
            step.at("count", &name, count)
        });
    }

    /// A completed event is accounted for; the last one recycles the buffer.
    fn handle(&self, buffer: Address, stream: QueueId) {
        // interlock: RS.NoEarlyReuse, RS.EventAccountingConsistent
        let shared = &self.shared;
        let began = shared.tracer.start();
        let mut book = lock(&shared.book);
        book.pending = book.pending.saturating_sub(1);
        let Some(entry) = book.buffers.get_mut(&buffer) else { return };
        entry.count = entry.count.saturating_sub(1);
        let last = entry.count == 0 || shared.mutations.has(Mutation::RecycleOnFirst);
        if last && entry.count != 0 {
            shared.tracer.deviates();
        }
        let (name, count) = (entry.name.clone(), entry.count);
        shared.tracer.step(began, "HandleEvent", |step| {
            let step = step.parameter("b", &*name).parameter("s", stream_name(stream));
            step.at("count", &name, count).at("state", &name, if last { "free" } else { "pendingFree" })
        });
        if last {
            book.buffers.remove(&buffer);
        }
        drop(book);
        shared.fewer.notify_all();
        if last {
            // An allocator that was shut down meanwhile keeps the block, as it keeps all that clients hold.
            let _shut_down = shared.allocator.free(buffer);
        }
    }

    /// Events that are to be encoded, to complete or to be handled.
    pub fn pending_events(&self) -> usize {
        lock(&self.shared.book).pending
    }
}

impl Book {
    fn live(&mut self, buffer: Address) -> Result<&mut Buffer, BufferError> {
        self.buffers.get_mut(&buffer).filter(|entry| entry.live).ok_or(BufferError::NotLive(buffer))
    }
}
