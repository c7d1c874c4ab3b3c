//! A stream: the command buffer that its methods share, and the lock that they share it under.
//!
//! Each method is a [`Method`] from its first access to the members to its last, and holds the lock for as long. The defect
//! `NoLock` is critical bug 2 of the original: a method takes the lock for each access alone, so another may come in between.
//! What it then has in hand may have been committed. Metal aborts when something is added to such a buffer; here it is
//! counted ([`Stream::added_too_late`]) and dropped. That is all that the defect has to be written for: in Rust, members that
//! live inside of a mutex cannot be touched with no lock at all.

use super::{CommandBuffer, Committed, Done, NotCompleted, Uncommitted};
use crate::device::{Device, QueueId};
use crate::mutation::{Mutation, Mutations};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use crate::trace::Tracer;
use std::time::Duration;

#[derive(Default)]
struct Members {
    current: Option<CommandBuffer<Uncommitted>>,
    previous: Option<CommandBuffer<Committed>>,
    /// Who had each name last, for logs: a buffer that nobody else refers to leaves its name to the next one.
    named: Vec<Arc<Done>>,
}

/// A stream: a queue with a command buffer that its methods share. Any thread may call any method.
pub struct Stream {
    device: Arc<dyn Device>,
    queue: QueueId,
    members: Mutex<Members>,
    /// Methods that are under way; told apart from one only by the defect. Relaxed: a count.
    inside: AtomicUsize,
    too_late: AtomicUsize,
    tracer: Tracer,
    mutations: Mutations,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("queue", &self.queue).finish_non_exhaustive()
    }
}

impl Stream {
    /// A stream on a queue.
    pub fn new(device: Arc<dyn Device>, queue: QueueId) -> Self {
        Self::with(device, queue, Tracer::default(), Mutations::NONE)
    }

    /// The same, watched and with defects.
    pub fn with(device: Arc<dyn Device>, queue: QueueId, tracer: Tracer, mutations: Mutations) -> Self {
        let (inside, too_late) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { device, queue, members: Mutex::new(Members::default()), inside, too_late, tracer, mutations }
    }

    /// Adds a kernel to the current command buffer.
    pub fn encode(&self, kernel: impl FnOnce() + Send + 'static) {
        self.call("encode").add("Encode", |current| current.encode(kernel));
    }

    /// Adds a completion handler to the current command buffer.
    pub fn add_handler(&self, handler: impl FnOnce() + Send + 'static) {
        self.call("handler").add("AddHandler", |current| current.add_handler(handler));
    }

    /// Commits the current command buffer, if there is one, and keeps it as the previous one.
    pub fn flush(&self) {
        let _whoever_waits_for_it = self.commit();
    }

    /// Commits, and waits until the device has finished everything that was committed before.
    ///
    /// # Errors
    /// [`NotCompleted`] at the end of the limit; the next wait is for the same work.
    pub fn commit_and_wait(&self, limit: Duration) -> Result<(), NotCompleted> {
        // interlock: CB.MethodReturns
        // A younger buffer of the same queue completes later: waiting for it covers those before.
        let Some(last) = self.commit() else { return Ok(()) };
        if !last.wait(limit) {
            return Err(NotCompleted);
        }
        let began = self.tracer.start();
        self.tracer.observe(began, |step| step.at("status", last.name(), "completed"));
        Ok(())
    }

    /// Kernels and handlers that came to a buffer which had been committed. Anything but zero is a defect.
    pub fn added_too_late(&self) -> usize {
        self.too_late.load(Ordering::Relaxed)
    }

    /// Commits the current buffer: the one that was committed last.
    fn commit(&self) -> Option<Arc<Done>> {
        // interlock: CB.PreviousCommitted
        let mut method = self.call("flush");
        let began = self.tracer.start();
        method.access(|members| {
            match members.current.take() {
                None => self.tracer.step(began, "NothingToCommit", |step| step.thread("t")),
                Some(current) => {
                    let name = current.state.done.name();
                    members.previous = Some(current.commit(&*self.device, self.queue));
                    self.tracer.step(began, "Commit", |step| step.thread("t").variable("previous", name));
                }
            }
            members.previous.as_ref().map(|previous| Arc::clone(&previous.state.done))
        })
    }

    fn call(&self, name: &'static str) -> Method<'_> {
        // interlock: CB.MembersGuarded
        let began = self.tracer.start();
        let unlocked = self.mutations.has(Mutation::NoLock);
        let members = (!unlocked).then(|| lock(&self.members));
        if unlocked && self.inside.fetch_add(1, Ordering::Relaxed) > 0 {
            self.tracer.deviates();
        }
        self.tracer.step(began, "Call", |step| step.thread("t").parameter("m", name));
        Method { stream: self, members }
    }
}

impl Drop for Stream {
    /// What was encoded is not lost.
    fn drop(&mut self) {
        // interlock: CB.NoUncommittedDropped
        self.flush();
    }
}

/// A method that is under way.
struct Method<'s> {
    stream: &'s Stream,
    /// The members with the lock; without it where that is the defect.
    members: Option<MutexGuard<'s, Members>>,
}

impl Method<'_> {
    fn access<R>(&mut self, access: impl FnOnce(&mut Members) -> R) -> R {
        match &mut self.members {
            Some(members) => access(members),
            None => access(&mut lock(&self.stream.members)),
        }
    }

    /// Adds something to the current buffer, which is made if there is none.
    fn add(&mut self, action: &'static str, add: impl FnOnce(&mut CommandBuffer<Uncommitted>)) {
        let stream = self.stream;
        let target = self.access(|members| members.current(&stream.tracer));
        let began = stream.tracer.start();
        self.access(|members| {
            match &mut members.current {
                Some(current) if Arc::ptr_eq(&current.state.done, &target) => add(current),
                Some(_) | None => {
                    stream.too_late.fetch_add(1, Ordering::Relaxed);
                }
            }
            stream.tracer.step(began, action, |step| step.thread("t").mine("target", target.name()));
        });
    }
}

impl Drop for Method<'_> {
    fn drop(&mut self) {
        let began = self.stream.tracer.start();
        self.stream.tracer.step(began, "Return", |step| step.thread("t"));
        if self.members.is_none() {
            self.stream.inside.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Members {
    fn current(&mut self, tracer: &Tracer) -> Arc<Done> {
        if let Some(current) = &self.current {
            let began = tracer.start();
            let done = Arc::clone(&current.state.done);
            tracer.step(began, "GetCurrent", |step| step.thread("t").mine("target", done.name()));
            return done;
        }
        let name = tracer.is_on().then(|| self.free_name(tracer));
        let began = tracer.start();
        let created = CommandBuffer::known_as(name, tracer.clone());
        let done = Arc::clone(&created.state.done);
        tracer.step(began, "Create", |step| step.thread("t").parameter("b", done.name()));
        match name {
            Some(place) if place < self.named.len() => self.named[place] = Arc::clone(&done),
            Some(_) => self.named.push(Arc::clone(&done)),
            None => {}
        }
        self.current = Some(created);
        done
    }

    /// The place of a name that nobody has.
    fn free_name(&mut self, tracer: &Tracer) -> usize {
        let Some(place) = self.named.iter().position(|done| Arc::strong_count(done) == 1) else {
            return self.named.len();
        };
        let began = tracer.start();
        tracer.step(began, "Reclaim", |step| step.parameter("b", self.named[place].name()));
        place
    }
}

#[cfg(all(test, not(any(feature = "loom", feature = "shuttle"))))]
mod tests {
    use super::*;
    use crate::device::{Behavior, SimDevice};
    use std::sync::atomic::{AtomicU32, Ordering};

    const LIMIT: Duration = Duration::from_secs(20);

    #[test]
    fn handlers_run_after_all_kernels_and_before_a_wait_returns() {
        let device = Arc::new(SimDevice::new(3));
        let stream = Stream::new(device.clone(), device.create_queue());
        let count = Arc::new(AtomicU32::new(0));
        let seen = Arc::new(AtomicU32::new(0));
        for _ in 0..5 {
            let count = Arc::clone(&count);
            stream.encode(move || {
                count.fetch_add(1, Ordering::SeqCst);
            });
        }
        let (from, to) = (Arc::clone(&count), Arc::clone(&seen));
        stream.add_handler(move || to.store(from.load(Ordering::SeqCst), Ordering::SeqCst));
        stream.commit_and_wait(LIMIT).expect("the device works");
        assert_eq!(seen.load(Ordering::SeqCst), 5);
        stream.commit_and_wait(LIMIT).expect("nothing to wait for");
    }

    #[test]
    fn a_device_that_never_answers_ends_a_wait_by_its_limit() {
        let device = Arc::new(SimDevice::new(3));
        let queue = device.create_queue();
        device.set_behavior(queue, Behavior::Stuck);
        let stream = Stream::new(device.clone(), queue);
        stream.encode(|| ());
        assert_eq!(stream.commit_and_wait(Duration::from_millis(20)), Err(NotCompleted));
        device.set_behavior(queue, Behavior::Prompt);
        assert_eq!(stream.commit_and_wait(LIMIT), Ok(()));
    }

    #[test]
    fn what_was_encoded_is_committed_when_the_stream_goes() {
        let device = Arc::new(SimDevice::new(3));
        let queue = device.create_queue();
        let (sender, receiver) = std::sync::mpsc::channel();
        let stream = Stream::new(device.clone(), queue);
        stream.encode(move || sender.send(()).expect("open"));
        drop(stream);
        receiver.recv_timeout(LIMIT).expect("the kernel ran");
    }
}
