//! What the runtime asks of a device, in the terms of Metal.
//!
//! A queue works through what it is given in order; queues know no order between each other. A [`Work::Signal`] is a shared
//! event: when the queue reaches it the device *signals* it, and later a system queue of its own runs the callback on
//! another thread. Memory is handed out in heaps.

mod simulated;

pub use simulated::{Behavior, SimDevice};

use std::fmt;

/// A command queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(pub u32);

/// An address in the device's memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(pub u64);

/// Something that runs once.
pub type Task = Box<dyn FnOnce() + Send>;

/// What a queue is given.
pub enum Work {
    /// A kernel. The task is its effect.
    Kernel(Task),
    /// A shared event.
    Signal {
        /// Runs on the device's thread when the queue has come to the event.
        signalled: Task,
        /// Runs on the system queue afterwards.
        callback: Task,
    },
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kernel(_) => "Kernel",
            Self::Signal { .. } => "Signal",
        })
    }
}

/// The device has no memory of this size left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the device has no {bytes} bytes left")]
pub struct OutOfMemory {
    /// What was asked for, in bytes.
    pub bytes: u64,
}

/// A device.
///
/// No method waits for the device. A callback may call any of them.
pub trait Device: Send + Sync {
    /// Makes a command queue.
    fn create_queue(&self) -> QueueId;

    /// Ends a queue. Work that it has not reached is dropped without being run.
    fn destroy_queue(&self, queue: QueueId);

    /// Puts work at the end of a queue. A queue that does not exist drops it.
    fn submit(&self, queue: QueueId, work: Work);

    /// Work that a queue has not finished.
    fn pending(&self, queue: QueueId) -> usize;

    /// Takes memory.
    ///
    /// # Errors
    /// [`OutOfMemory`]
    fn allocate(&self, bytes: u64) -> Result<Address, OutOfMemory>;

    /// Gives memory back. An address that was not handed out is ignored.
    fn release(&self, address: Address);
}
