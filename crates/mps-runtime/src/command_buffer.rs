//! Command buffers, their states as types, and the stream that owns the current one.
//!
//! Metal takes a kernel or a completion handler only while a command buffer is uncommitted, and runs what was committed.
//! Here that is a matter of types: [`CommandBuffer<Uncommitted>`] has `encode` and `add_handler`, `commit` consumes it, and
//! only a [`CommandBuffer<Committed>`] can be waited for. The protocol is module `CommandBuffer` of `subjects/mps/specs`.
//!
//! [`Stream`] keeps the current and the previous buffer under one mutex. Its methods take what they wait for out of the
//! mutex first, so that nobody waits for the device with the mutex held; the specification's methods keep theirs.
//!
//! Two bugs of the original cannot be written down here. A handler that comes after the commit:
//!
//! ```compile_fail,E0382
//! # use interlock_mps_runtime::{CommandBuffer, Device, SimDevice};
//! # let device = SimDevice::new(1);
//! let mut buffer = CommandBuffer::new();
//! let committed = buffer.commit(&device, device.create_queue());
//! buffer.add_handler(|| ());
//! ```
//!
//! And a kernel that only borrows its tensor:
//!
//! ```compile_fail,E0597
//! # use interlock_mps_runtime::CommandBuffer;
//! let mut buffer = CommandBuffer::new();
//! {
//!     let tensor = vec![1.0, 2.0];
//!     let borrowed = &tensor;
//!     buffer.encode(move || assert_eq!(borrowed.len(), 2));
//! }
//! ```

use crate::device::{Device, QueueId, Task, Work};
use crate::sync::{Arc, Condvar, Deadline, Mutex, lock, wait};
use std::time::Duration;

/// Work can be added.
#[derive(Debug)]
pub struct Uncommitted {
    kernels: Vec<KernelTask>,
    handlers: Vec<KernelTask>,
}

/// The device has it.
#[derive(Debug)]
pub struct Committed {
    done: Arc<Done>,
}

/// The device has finished it.
#[derive(Debug)]
pub struct Completed(());

struct KernelTask(Task);

impl std::fmt::Debug for KernelTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("task")
    }
}

#[derive(Debug)]
struct Done {
    flag: Mutex<bool>,
    condvar: Condvar,
}

/// The device has not finished within the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the command buffer was not completed within the limit")]
pub struct NotCompleted;

/// A command buffer in a state.
#[must_use = "what was encoded runs only after a commit"]
#[derive(Debug)]
pub struct CommandBuffer<S> {
    state: S,
}

impl CommandBuffer<Uncommitted> {
    /// An empty one.
    pub fn new() -> Self {
        Self { state: Uncommitted { kernels: Vec::new(), handlers: Vec::new() } }
    }

    /// Adds a kernel.
    pub fn encode(&mut self, kernel: impl FnOnce() + Send + 'static) {
        self.state.kernels.push(KernelTask(Box::new(kernel)));
    }

    /// Adds a handler that runs on the system queue when all kernels have completed.
    pub fn add_handler(&mut self, handler: impl FnOnce() + Send + 'static) {
        // interlock: CB.HandlerBeforeCommit
        self.state.handlers.push(KernelTask(Box::new(handler)));
    }

    /// Gives it to a queue.
    pub fn commit(self, device: &dyn Device, queue: QueueId) -> CommandBuffer<Committed> {
        // interlock: CB.HandlerWillRun
        let done = Arc::new(Done { flag: Mutex::new(false), condvar: Condvar::new() });
        for kernel in self.state.kernels {
            device.submit(queue, Work::Kernel(kernel.0));
        }
        let (handlers, told) = (self.state.handlers, Arc::clone(&done));
        let callback = move || {
            handlers.into_iter().for_each(|handler| (handler.0)());
            *lock(&told.flag) = true;
            told.condvar.notify_all();
        };
        device.submit(queue, Work::Signal { signalled: Box::new(|| ()), callback: Box::new(callback) });
        CommandBuffer { state: Committed { done } }
    }
}

impl Default for CommandBuffer<Uncommitted> {
    fn default() -> Self {
        Self::new()
    }
}

impl CommandBuffer<Committed> {
    /// Waits until the device has finished it and its handlers have run.
    ///
    /// # Errors
    /// The buffer back, and [`NotCompleted`], at the end of the limit.
    pub fn wait(self, limit: Duration) -> Result<CommandBuffer<Completed>, (Self, NotCompleted)> {
        let deadline = Deadline::after(limit);
        let mut flag = lock(&self.state.done.flag);
        let mut in_time = true;
        while !*flag && in_time {
            (flag, in_time) = wait(&self.state.done.condvar, flag, &deadline);
        }
        let completed = *flag;
        drop(flag);
        if completed { Ok(CommandBuffer { state: Completed(()) }) } else { Err((self, NotCompleted)) }
    }
}

#[derive(Default)]
struct Members {
    current: Option<CommandBuffer<Uncommitted>>,
    previous: Option<CommandBuffer<Committed>>,
}

/// A stream: a queue with a command buffer that its methods share. Any thread may call any method.
pub struct Stream {
    device: Arc<dyn Device>,
    queue: QueueId,
    members: Mutex<Members>,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("queue", &self.queue).finish_non_exhaustive()
    }
}

impl Stream {
    /// A stream on a queue.
    pub fn new(device: Arc<dyn Device>, queue: QueueId) -> Self {
        Self { device, queue, members: Mutex::new(Members::default()) }
    }

    /// Adds a kernel to the current command buffer.
    pub fn encode(&self, kernel: impl FnOnce() + Send + 'static) {
        lock(&self.members).current.get_or_insert_default().encode(kernel);
    }

    /// Adds a completion handler to the current command buffer.
    pub fn add_handler(&self, handler: impl FnOnce() + Send + 'static) {
        lock(&self.members).current.get_or_insert_default().add_handler(handler);
    }

    /// Commits the current command buffer, if there is one, and keeps it as the previous one.
    pub fn flush(&self) {
        // interlock: CB.PreviousCommitted
        let mut members = lock(&self.members);
        if let Some(current) = members.current.take() {
            members.previous = Some(current.commit(&*self.device, self.queue));
        }
    }

    /// Commits, and waits until the device has finished everything that was committed before.
    ///
    /// # Errors
    /// [`NotCompleted`] at the end of the limit; the next wait is for the same work.
    pub fn commit_and_wait(&self, limit: Duration) -> Result<(), NotCompleted> {
        // interlock: CB.MethodReturns
        self.flush();
        let Some(previous) = lock(&self.members).previous.take() else { return Ok(()) };
        match previous.wait(limit) {
            Ok(_completed) => Ok(()),
            Err((unfinished, error)) => {
                // A younger buffer of the same queue completes later: waiting for it covers this one.
                lock(&self.members).previous.get_or_insert(unfinished);
                Err(error)
            }
        }
    }
}

impl Drop for Stream {
    /// What was encoded is not lost.
    fn drop(&mut self) {
        // interlock: CB.NoUncommittedDropped
        self.flush();
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
