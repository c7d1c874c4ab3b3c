//! The concurrency core of parallel inference on PyTorch's Metal backend, in Rust, on a device behind a trait.
//!
//! Each module is an implementation of a protocol that is specified and model-checked in `subjects/mps/specs`, step by step
//! under the same names:
//!
//! | module | specification | what it is |
//! |---|---|---|
//! | [`stream_pool`] | `StreamPool`, `ForkHandler` | a stream for each thread, back-pressure, shutdown |
//! | [`allocator`] | `Allocator` | size classes, heaps, thread caches, detection of ABA |
//! | [`event`] | `Event` | pooled events whose callbacks cannot outlive them |
//! | [`stream_buffers`] | `RecordStream` | buffers that several streams use |
//! | [`command_buffer`] | `CommandBuffer` | the states of a command buffer as types |
//! | [`tensor`] | `TensorLifetime` | tensors that blocks of code own while they read them |
//! | [`graph_cache`] | `GraphCache` | compile outside of the lock, evict what nobody uses |
//! | [`batch_queue`] | `BatchQueue` | futures that always complete |
//! | [`device`] | | the trait, and a simulated device that is late, out of order or silent |
//!
//! What holds everywhere: no lock is held while the device is waited for; every wait has a limit; every atomic's ordering
//! is explained at the top of its file; after a fork the child is refused instead of being stuck.
//!
//! ```
//! use interlock_mps_runtime::{AllocOptions, Allocator, Device, EventPool, SimDevice, Stream, StreamPool};
//! use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
//! use std::time::Duration;
//!
//! let device = Arc::new(SimDevice::new(42));
//! let pool = StreamPool::new(device.clone(), 4);
//! let allocator = Allocator::new(device.clone(), AllocOptions::default());
//!
//! let stream = pool.current()?;
//! let block = allocator.malloc(4096)?;
//! let sum = Arc::new(AtomicU32::new(0));
//! let commands = Stream::new(device, stream.queue());
//! let result = Arc::clone(&sum);
//! commands.encode(move || {
//!     result.fetch_add(1, Ordering::Relaxed);
//! });
//! commands.commit_and_wait(Duration::from_secs(5))?;
//! allocator.free(block.address)?;
//! assert_eq!(sum.load(Ordering::Relaxed), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The features `loom`, `shuttle` and `mutations` are for tests of this crate, `trace` is for validation against the
//! specifications; none is on by default, and none costs anything when it is off.

pub mod allocator;
pub mod batch_queue;
pub mod command_buffer;
pub mod device;
pub mod event;
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub mod fork;
pub mod graph_cache;
pub mod mutation;
#[cfg(all(feature = "trace", not(any(feature = "loom", feature = "shuttle"))))]
pub mod scenario;
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub mod stream_buffers;
pub mod stream_pool;
mod sync;
pub mod tensor;
pub mod trace;

#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub use allocator::Allocator;
pub use allocator::{AllocError, BlockInfo, Options as AllocOptions, PoolKind};
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub use batch_queue::BatchQueue;
pub use batch_queue::{QueueError, Reply};
pub use command_buffer::{CommandBuffer, NotCompleted, Stream};
pub use device::{Address, Behavior, Device, OutOfMemory, QueueId, SimDevice, Task, Work};
pub use event::{Event, EventPool, Life, NotSignalled};
pub use graph_cache::GraphCache;
pub use mutation::{Mutation, Mutations};
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub use stream_buffers::StreamBuffers;
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub use stream_pool::StreamPool;
pub use stream_pool::{PoolError, Slot};
pub use tensor::{Tensor, Tensors};

/// Lets others go on, while something is waited for that nobody tells of.
fn pause() {
    #[cfg(feature = "loom")]
    loom::thread::yield_now();
    #[cfg(all(feature = "shuttle", not(feature = "loom")))]
    shuttle::thread::yield_now();
    #[cfg(not(any(feature = "loom", feature = "shuttle")))]
    std::thread::sleep(std::time::Duration::from_micros(50));
}
