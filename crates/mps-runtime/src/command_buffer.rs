//! Command buffers, their states as types, and the stream that owns the current one.
//!
//! Metal takes a kernel or a completion handler only while a command buffer is uncommitted, and runs what was committed.
//! Here that is a matter of types: [`CommandBuffer<Uncommitted>`] has `encode` and `add_handler`, `commit` consumes it, and
//! only a [`CommandBuffer<Committed>`] can be waited for. The protocol is module `CommandBuffer` of `subjects/mps/specs`.
//!
//! [`Stream`] keeps the current and the previous buffer under one mutex, each method from its first access to its last. A wait
//! is a flush; then it waits with the mutex released, so that nobody waits for the device with a lock held.
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

mod stream;

pub use stream::Stream;

use crate::device::{Device, QueueId, Task, Work};
use crate::sync::{Arc, Condvar, Deadline, Mutex, lock, wait};
use crate::trace::Tracer;
use std::time::Duration;

/// Work can be added.
#[derive(Debug)]
pub struct Uncommitted {
    kernels: Vec<KernelTask>,
    handlers: Vec<KernelTask>,
    done: Arc<Done>,
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

/// Whether the device has finished a command buffer; it is also the buffer's identity.
#[derive(Debug)]
struct Done {
    /// The place of its name in logs, if there are logs.
    name: Option<usize>,
    flag: Mutex<bool>,
    condvar: Condvar,
    tracer: Tracer,
}

impl Done {
    fn new(name: Option<usize>, tracer: Tracer) -> Self {
        Self { name, flag: Mutex::new(false), condvar: Condvar::new(), tracer }
    }

    fn name(&self) -> String {
        self.name.map_or_else(String::new, |place| format!("b{}", place + 1))
    }

    fn complete(&self) {
        let began = self.tracer.start();
        *lock(&self.flag) = true;
        self.tracer.step(began, "Complete", |step| step.parameter("b", self.name()));
        self.condvar.notify_all();
    }

    /// Whether it was completed within the limit.
    fn wait(&self, limit: Duration) -> bool {
        let deadline = Deadline::after(limit);
        let mut flag = lock(&self.flag);
        let mut in_time = true;
        while !*flag && in_time {
            (flag, in_time) = wait(&self.condvar, flag, &deadline);
        }
        *flag
    }
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
        Self::known_as(None, Tracer::default())
    }

    fn known_as(name: Option<usize>, tracer: Tracer) -> Self {
        let done = Arc::new(Done::new(name, tracer));
        Self { state: Uncommitted { kernels: Vec::new(), handlers: Vec::new(), done } }
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
        let done = self.state.done;
        for kernel in self.state.kernels {
            device.submit(queue, Work::Kernel(kernel.0));
        }
        let (handlers, told) = (self.state.handlers, Arc::clone(&done));
        let callback = move || {
            handlers.into_iter().for_each(|handler| (handler.0)());
            told.complete();
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
        let completed = self.state.done.wait(limit);
        if completed { Ok(CommandBuffer { state: Completed(()) }) } else { Err((self, NotCompleted)) }
    }
}
