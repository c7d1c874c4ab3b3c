//! The allocator as a program uses it: caches live in thread-local storage.

use super::{AllocError, AllocatorCore, BlockInfo, LocalCache, Options, PoolKind};
use crate::device::{Address, Device};
use crate::fork;
use crate::mutation::Mutations;
use crate::sync::Arc;
use crate::sync::atomic::Ordering;
use crate::trace::Tracer;
use std::cell::RefCell;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

/// A caching allocator of device memory, for any number of threads.
///
/// ```
/// use interlock_mps_runtime::{Allocator, AllocOptions, SimDevice};
/// use std::sync::Arc;
///
/// let allocator = Allocator::new(Arc::new(SimDevice::new(1)), AllocOptions::default());
/// let block = allocator.malloc(1000)?;
/// assert_eq!(block.size, 1024);
/// allocator.free(block.address)?;
/// assert!(allocator.free(block.address).is_err());
/// # Ok::<(), interlock_mps_runtime::AllocError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Allocator {
    core: Arc<AllocatorCore>,
}

/// The caches of one thread, one for each allocator that it has used.
#[derive(Default)]
struct Caches(Vec<(Arc<AllocatorCore>, LocalCache)>);

impl Drop for Caches {
    fn drop(&mut self) {
        for (core, cache) in &mut self.0 {
            core.detach(cache);
        }
    }
}

thread_local! {
    static CACHES: RefCell<Caches> = RefCell::default();
}

impl Allocator {
    /// An allocator for a device.
    pub fn new(device: Arc<dyn Device>, options: Options) -> Self {
        Self::with(device, options, Tracer::default(), Mutations::NONE)
    }

    /// The same, watched and with defects.
    pub fn with(device: Arc<dyn Device>, options: Options, tracer: Tracer, mutations: Mutations) -> Self {
        let core = Arc::new(AllocatorCore::new(device, options, tracer, mutations));
        let member: Arc<dyn fork::Member> = core.clone();
        fork::register(fork::Rank::Allocator, &member);
        Self { core }
    }

    fn with_cache<R>(&self, work: impl FnOnce(&mut LocalCache) -> R) -> R {
        let mut work = Some(work);
        let done = CACHES.try_with(|caches| {
            let mut caches = caches.borrow_mut();
            let known = caches.0.iter().position(|(core, _)| Arc::ptr_eq(core, &self.core));
            let index = known.unwrap_or_else(|| {
                caches.0.push((Arc::clone(&self.core), self.core.attach()));
                caches.0.len() - 1
            });
            work.take().map(|work| work(&mut caches.0[index].1))
        });
        match (done, work) {
            (Ok(Some(result)), _) => result,
            (_, Some(work)) => {
                // The thread is ending: a cache for this one call.
                let mut cache = self.core.attach();
                let result = work(&mut cache);
                self.core.detach(&mut cache);
                result
            }
            (_, None) => unreachable!("the closure ran once"),
        }
    }

    /// Hands out a block of at least so many bytes.
    ///
    /// # Errors
    /// [`AllocError::OutOfMemory`], after free blocks went back to the device in vain; [`AllocError::ShutDown`].
    pub fn malloc(&self, bytes: u64) -> Result<BlockInfo, AllocError> {
        self.with_cache(|cache| self.core.malloc(cache, bytes))
    }

    /// Takes a block back. Of several threads that free the same pointer at once, one succeeds.
    ///
    /// # Errors
    /// [`AllocError::NotInUse`] and [`AllocError::ShutDown`].
    pub fn free(&self, address: Address) -> Result<BlockInfo, AllocError> {
        self.with_cache(|cache| self.core.free(cache, address))
    }

    /// Tells about the block in use at an address.
    ///
    /// # Errors
    /// [`AllocError::NotInUse`] and [`AllocError::ShutDown`].
    pub fn query(&self, address: Address) -> Result<BlockInfo, AllocError> {
        self.core.query(address)
    }

    /// Gives the free blocks of a pool back to the device; whether there were any.
    pub fn empty_cache(&self, pool: PoolKind) -> bool {
        self.core.collect(pool)
    }

    /// Gives free blocks back to the device if the heaps hold more than the watermark of the options.
    pub fn collect_garbage(&self) {
        self.core.collect_above_watermark();
    }

    /// Ends the allocator for whoever comes.
    pub fn begin_shutdown(&self) {
        self.core.begin_shutdown();
    }

    /// Gives the cache of this thread back before the thread ends.
    pub fn detach(&self) {
        let found = CACHES.try_with(|caches| {
            let mut caches = caches.borrow_mut();
            let known = caches.0.iter().position(|(core, _)| Arc::ptr_eq(core, &self.core));
            known.map(|index| caches.0.swap_remove(index))
        });
        if let Ok(Some((core, mut cache))) = found {
            core.detach(&mut cache);
        }
    }

    /// Gives all memory back that clients do not hold, once every thread has given its cache back.
    ///
    /// # Errors
    /// [`AllocError::Busy`] after half a minute.
    pub fn destroy_pools(&self) -> Result<(), AllocError> {
        self.destroy_pools_within(LIMIT)
    }

    /// The same with a limit of one's own.
    ///
    /// # Errors
    /// As [`Allocator::destroy_pools`].
    pub fn destroy_pools_within(&self, limit: Duration) -> Result<(), AllocError> {
        self.core.destroy_pools(limit)
    }
}

impl fork::Member for AllocatorCore {
    fn prepare(&self) -> Box<dyn fork::Held + '_> {
        let pools: Vec<_> = self.pools.iter().map(|pool| crate::sync::lock(&pool.state)).collect();
        // Fields of a tuple are dropped in order: the table, which was taken last, first.
        Box::new((self.hold(), pools))
    }

    fn in_child(&self) {
        self.phase.store(super::DOWN, Ordering::Release);
    }
}
