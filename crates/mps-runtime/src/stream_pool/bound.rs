//! The pool as a program uses it: bindings live in thread-local storage.

use super::{Binding, PoolCore, PoolError, Slot};
use crate::device::{Device, QueueId};
use crate::fork;
use crate::mutation::Mutations;
use crate::sync::{Arc, Mutex, lock};
use crate::trace::Tracer;
use std::cell::RefCell;
use std::thread::ThreadId;
use std::time::Duration;

/// How long a request waits for a stream, and a shutdown for its users, unless the caller says otherwise.
const LIMIT: Duration = Duration::from_secs(30);

/// A pool of streams: command queues of one device.
///
/// The thread that makes it is its main thread: that one owns stream 0 and alone may shut the pool down.
///
/// ```
/// use interlock_mps_runtime::{SimDevice, StreamPool};
/// use std::sync::Arc;
///
/// let pool = StreamPool::new(Arc::new(SimDevice::new(1)), 4);
/// let main = pool.current()?.slot();
/// let worker = std::thread::scope(|scope| {
///     scope.spawn(|| pool.current().map(|stream| stream.slot())).join().expect("no panic")
/// })?;
/// assert_eq!(main.0, 0);
/// assert_ne!(worker.0, 0);
/// # Ok::<(), interlock_mps_runtime::PoolError>(())
/// ```
#[derive(Debug)]
pub struct StreamPool {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    core: PoolCore,
    main: ThreadId,
    queues: Mutex<Vec<QueueId>>,
    device: Arc<dyn Device>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamPool").field("core", &self.core).finish_non_exhaustive()
    }
}

/// The bindings of one thread, one for each pool that it has used.
#[derive(Default)]
struct Bindings(Vec<(Arc<Shared>, Binding)>);

impl Drop for Bindings {
    fn drop(&mut self) {
        for (pool, binding) in &mut self.0 {
            pool.core.exit(binding);
        }
    }
}

thread_local! {
    static BINDINGS: RefCell<Bindings> = RefCell::default();
}

impl StreamPool {
    /// A pool of the default stream and `streams - 1` worker streams of a device.
    ///
    /// # Panics
    /// Unless there are 2 to [`super::MOST_STREAMS`] streams.
    pub fn new(device: Arc<dyn Device>, streams: u32) -> Self {
        Self::with(device, streams, Tracer::default(), Mutations::NONE)
    }

    /// The same, watched and with defects.
    ///
    /// # Panics
    /// As [`StreamPool::new`].
    pub fn with(device: Arc<dyn Device>, streams: u32, tracer: Tracer, mutations: Mutations) -> Self {
        let core = PoolCore::new(streams, tracer, mutations);
        let queues = (0..streams).map(|_| device.create_queue()).collect();
        let main = std::thread::current().id();
        let shared = Arc::new(Shared { core, main, queues: Mutex::new(queues), device });
        let member: Arc<dyn fork::Member> = shared.clone();
        fork::register(fork::Rank::StreamPool, &member);
        Self { shared }
    }

    /// The stream of this thread, which stays its own until it ends. Waits up to half a minute where all are in use.
    ///
    /// # Errors
    /// [`PoolError::ShutDown`], also in the child of a fork, and [`PoolError::Exhausted`].
    pub fn current(&self) -> Result<StreamRef<'_>, PoolError> {
        self.current_within(LIMIT)
    }

    /// The stream of this thread, with a limit of one's own.
    ///
    /// # Errors
    /// As [`StreamPool::current`].
    pub fn current_within(&self, limit: Duration) -> Result<StreamRef<'_>, PoolError> {
        let slot = self.with_binding(|core, binding| core.enter(binding, limit))?;
        let queue = lock(&self.shared.queues).get(slot.0 as usize).copied();
        queue.map(|queue| StreamRef { pool: self, slot, queue }).ok_or(PoolError::ShutDown)
    }

    fn with_binding<R>(&self, work: impl FnOnce(&PoolCore, &mut Binding) -> R) -> R {
        // interlock: SP.TLSBindingValid
        let ours = |binding: &mut Binding| work(&self.shared.core, binding);
        // While its thread-local storage is being destroyed a thread has no binding any more, and gets none.
        let mut work = Some(ours);
        let bound = BINDINGS.try_with(|bindings| {
            let mut bindings = bindings.borrow_mut();
            let known = bindings.0.iter().position(|(pool, _)| Arc::ptr_eq(pool, &self.shared));
            let index = known.unwrap_or_else(|| {
                let is_main = std::thread::current().id() == self.shared.main;
                let binding = if is_main { Binding::of_main() } else { Binding::default() };
                bindings.0.push((Arc::clone(&self.shared), binding));
                bindings.0.len() - 1
            });
            work.take().map(|work| work(&mut bindings.0[index].1))
        });
        match (bound, work) {
            (Ok(Some(result)), _) => result,
            (_, Some(work)) => work(&mut Binding { refused: true, ..Binding::default() }),
            (_, None) => unreachable!("the closure ran once"),
        }
    }

    /// Gives the stream of this thread back before the thread ends.
    pub fn unbind(&self) {
        let known = BINDINGS.try_with(|bindings| {
            let mut bindings = bindings.borrow_mut();
            let known = bindings.0.iter().position(|(pool, _)| Arc::ptr_eq(pool, &self.shared));
            known.map(|index| bindings.0.swap_remove(index))
        });
        if let Ok(Some((pool, mut binding))) = known {
            pool.core.exit(&mut binding);
        }
    }

    /// Ends the pool and frees its streams. Waits up to half a minute for threads that are inside.
    ///
    /// # Errors
    /// [`PoolError::NotOwner`] from another thread than the main one; [`PoolError::ShutDown`] the second time;
    /// [`PoolError::Busy`] if somebody stays inside: the streams are then leaked.
    pub fn shut_down(&self) -> Result<(), PoolError> {
        self.shut_down_within(LIMIT)
    }

    /// The same with a limit of one's own.
    ///
    /// # Errors
    /// As [`StreamPool::shut_down`].
    pub fn shut_down_within(&self, limit: Duration) -> Result<(), PoolError> {
        if std::thread::current().id() != self.shared.main {
            return Err(PoolError::NotOwner);
        }
        self.shared.core.shut_down(limit)?;
        for queue in lock(&self.shared.queues).drain(..) {
            self.shared.device.destroy_queue(queue);
        }
        Ok(())
    }

    /// The free worker slots, at some moment.
    pub fn free_slots(&self) -> Vec<Slot> {
        self.shared.core.free_slots()
    }
}

impl fork::Member for Shared {
    fn prepare(&self) -> Box<dyn fork::Held + '_> {
        // interlock: SP.ForkUnderMutex
        Box::new(self.core.hold())
    }

    fn in_child(&self) {
        // interlock: SP.ForkInvalidatesTLS
        let found = BINDINGS.try_with(|bindings| {
            if let Ok(mut bindings) = bindings.try_borrow_mut() {
                let ours = bindings.0.iter_mut().filter(|(pool, _)| std::ptr::eq(&**pool, self));
                ours.for_each(|(pool, binding)| pool.core.forget_after_fork(binding));
            }
        });
        let _no_binding_either_way = found;
        self.core.forget_after_fork(&mut Binding::default());
    }
}

/// The use of a stream by the thread that it is bound to. While it lives the pool is not freed.
#[derive(Debug)]
pub struct StreamRef<'p> {
    pool: &'p StreamPool,
    slot: Slot,
    queue: QueueId,
}

impl StreamRef<'_> {
    /// Its number in the pool.
    pub fn slot(&self) -> Slot {
        self.slot
    }

    /// The device's queue behind it.
    pub fn queue(&self) -> QueueId {
        self.queue
    }
}

impl Drop for StreamRef<'_> {
    fn drop(&mut self) {
        self.pool.with_binding(|core, binding| core.leave(binding));
    }
}
