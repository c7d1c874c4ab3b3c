//! The caching allocator and its defence against ABA.
//!
//! The protocol is module `Allocator` of `subjects/mps/specs`; each step below is named as there. A block is a piece of a
//! device heap. Two pools, small and large, have a mutex and lists of free blocks by size class; the table of all blocks
//! has a mutex of its own. In front of the pools each thread has a cache of blocks that it has freed.
//!
//! Lock order: a pool's mutex, then the table's. An operation that is given a pointer meets them the other way round, so it
//! looks the block up, notes its `use_count`, lets go of the table, and takes both locks in order; then it looks again
//! whether the block is there, in use, and has the same `use_count`. [`AllocatorCore::checked`] is that pattern, once, for
//! all operations that need it.
//!
//! Memory orders.
//! - `in_use`: stored with *release* when a block from a thread's cache is published, read with *acquire*. Who reads it as
//!   true reads the `use_count` of that incarnation, or a later one. Everything else about it happens under the table's
//!   mutex.
//! - `use_count`: *relaxed*. It is incremented before `in_use` is set, by the only thread that has the block, and is read
//!   after `in_use`.
//! - `phase`: *acquire* and *release*; whoever sees the end of the running phase sees what was done before it.
//!
//! A block that goes back to the device leaves its `use_count` with its address, so that the next block there does not
//! begin again.

use crate::device::{Address, Device, OutOfMemory};
use crate::mutation::{Mutation, Mutations};
use crate::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use crate::sync::{Arc, Deadline, Mutex, MutexGuard, lock};
use crate::trace::Tracer;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

#[cfg(not(any(feature = "loom", feature = "shuttle")))]
mod bound;
mod heap;
mod operations;

#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub use bound::Allocator;
use heap::Heaps;

/// Which pool a block belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PoolKind {
    /// Blocks up to [`Options::largest_small`].
    Small,
    /// Blocks above it.
    Large,
}

impl PoolKind {
    const fn other(self) -> Self {
        match self {
            Self::Small => Self::Large,
            Self::Large => Self::Small,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Large => "large",
        }
    }
}

/// Sizes and limits.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Blocks that a thread keeps in its cache.
    pub cache_capacity: usize,
    /// Largest block of the small pool, in bytes.
    pub largest_small: u64,
    /// Size of a heap of the small pool, in bytes. A large block has a heap of its own.
    pub small_heap: u64,
    /// Free blocks go back to the device when the heaps hold more than this, in bytes.
    pub high_watermark: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_capacity: 8, largest_small: 1 << 20, small_heap: 8 << 20, high_watermark: 1 << 30 }
    }
}

/// Why there is no block, or why an operation had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AllocError {
    /// Neither the pool nor the device has room, also after free blocks went back.
    #[error(transparent)]
    OutOfMemory(#[from] OutOfMemory),
    /// No block in use has this address: it is unknown, or was freed in the meantime.
    #[error("no block in use at address {:#x}", .0.0)]
    NotInUse(Address),
    /// The allocator is shut down.
    #[error("the allocator is shut down")]
    ShutDown,
    /// Threads had not given their caches back at the end of the limit.
    #[error("{0} threads still have a cache")]
    Busy(usize),
}

/// A block.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) address: Address,
    class: u64,
    pool: PoolKind,
    use_count: AtomicU32,
    in_use: AtomicBool,
    /// The name of the block in traces.
    name: String,
    /// What `use_count` was ahead of the count that traces have of the name: an address that has served in the other pool has
    /// another name there, and keeps its count.
    ahead: u32,
    /// History, for explorations: how often the block really was handed out. No part of the protocol reads it.
    #[cfg(any(feature = "loom", feature = "shuttle"))]
    incarnation: std::sync::atomic::AtomicU32,
}

/// What is told of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockInfo {
    /// Where it begins.
    pub address: Address,
    /// Its size in bytes, a size class.
    pub size: u64,
    /// Its pool.
    pub pool: PoolKind,
    /// How often it was handed out.
    pub use_count: u32,
}

/// The blocks that a thread has freed and kept. Private to the thread.
#[derive(Debug, Default)]
pub struct LocalCache {
    blocks: Vec<Arc<Block>>,
    stopped: bool,
}

#[derive(Debug, Default)]
struct Table {
    blocks: HashMap<Address, Arc<Block>>,
    /// `use_count` of addresses whose block went back to the device.
    generations: HashMap<Address, u32>,
    names: HashMap<(Address, PoolKind), String>,
    /// Counts of names in traces, of blocks that went back to the device.
    counts: HashMap<String, u32>,
    named: [usize; 2],
}

#[derive(Debug)]
struct Pool {
    state: Mutex<PoolState>,
}

#[derive(Debug)]
struct PoolState {
    free: BTreeMap<u64, Vec<Arc<Block>>>,
    heaps: Heaps,
}

const RUNNING: usize = 0;
const STOPPING: usize = 1;
const DOWN: usize = 2;

/// The protocol of the allocator, without threads.
pub struct AllocatorCore {
    device: Arc<dyn Device>,
    options: Options,
    phase: AtomicUsize,
    caches: AtomicUsize,
    table: Mutex<Table>,
    pools: [Pool; 2],
    tracer: Tracer,
    mutations: Mutations,
}

impl std::fmt::Debug for AllocatorCore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AllocatorCore").field("options", &self.options).finish_non_exhaustive()
    }
}

/// The smallest class is 256 bytes, as the alignment of buffers asks for.
fn size_class(bytes: u64) -> u64 {
    bytes.max(256).checked_next_power_of_two().unwrap_or(u64::MAX)
}

impl AllocatorCore {
    /// An allocator for a device.
    pub fn new(device: Arc<dyn Device>, options: Options, tracer: Tracer, mutations: Mutations) -> Self {
        let pool = |heap| Pool { state: Mutex::new(PoolState { free: BTreeMap::new(), heaps: Heaps::new(heap) }) };
        Self {
            device,
            options,
            phase: AtomicUsize::new(RUNNING),
            caches: AtomicUsize::new(0),
            table: Mutex::new(Table::default()),
            pools: [pool(options.small_heap), pool(0)],
            tracer,
            mutations,
        }
    }

    /// A cache for a thread that begins to use the allocator. [`AllocatorCore::detach`] ends it.
    pub fn attach(&self) -> LocalCache {
        // Relaxed: the counter only says how many there are; what a thread did is published by `detach`.
        self.caches.fetch_add(1, Ordering::Relaxed);
        LocalCache::default()
    }

    fn pool(&self, kind: PoolKind) -> &Pool {
        &self.pools[kind as usize]
    }

    fn kind_of(&self, class: u64) -> PoolKind {
        if class <= self.options.largest_small { PoolKind::Small } else { PoolKind::Large }
    }

    fn running(&self) -> Result<(), AllocError> {
        // interlock: A.BeginsInPhase
        if self.phase.load(Ordering::Acquire) == RUNNING { Ok(()) } else { Err(AllocError::ShutDown) }
    }

    /// Hands out a block of at least so many bytes.
    ///
    /// # Errors
    /// [`AllocError::OutOfMemory`] and [`AllocError::ShutDown`].
    pub fn malloc(&self, cache: &mut LocalCache, bytes: u64) -> Result<BlockInfo, AllocError> {
        // interlock: A.LocksWithReason
        let class = size_class(bytes);
        self.running()?;
        if let Some(index) = cache.blocks.iter().position(|block| block.class == class) {
            return Ok(self.take_cached(&cache.blocks.swap_remove(index)));
        }
        match self.take_pooled(class) {
            Err(AllocError::OutOfMemory(_)) if self.collect_all() => self.take_pooled(class),
            result => result,
        }
    }

    /// Two steps without a lock. Nobody else has the block, but an operation on a pointer may still look at it.
    fn take_cached(&self, block: &Arc<Block>) -> BlockInfo {
        // interlock: A.ABADetectionSound
        block.note_incarnation();
        let began = self.tracer.start();
        let first = self.mutations.has(Mutation::PublishFirst);
        if first {
            self.tracer.deviates();
            block.in_use.store(true, Ordering::Release);
        } else {
            self.count(block);
        }
        self.tracer.step(began, "CacheHit", |step| {
            let step = step.thread("t").parameter("b", &*block.name);
            step.at("gen", &block.name, block.told(block.use_count.load(Ordering::Relaxed)))
        });
        let began = self.tracer.start();
        if first {
            self.count(block);
        } else {
            let relaxed = self.mutations.has(Mutation::RelaxedPublish);
            block.in_use.store(true, if relaxed { Ordering::Relaxed } else { Ordering::Release });
        }
        let info = block.info();
        self.tracer.step(began, "Publish", |step| step.thread("t").at("inUse", &block.name, true));
        info
    }

    fn count(&self, block: &Block) {
        // interlock: A.GenerationMonotone
        if self.mutations.has(Mutation::NoIncrement) {
            self.tracer.deviates();
        } else {
            block.use_count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Under the pool's mutex.
    fn hand_out(&self, block: &Block) -> BlockInfo {
        // interlock: A.ABADetectionSound, A.GenerationMonotone
        block.note_incarnation();
        self.count(block);
        block.in_use.store(true, Ordering::Release);
        block.info()
    }

    fn take_pooled(&self, class: u64) -> Result<BlockInfo, AllocError> {
        // interlock: A.LocksWithReason, A.OutOfMemoryHonest, A.LockOrderNoDeadlock
        let kind = self.kind_of(class);
        let began = self.tracer.start();
        self.tracer.step(began, "CacheMiss", |step| step.thread("t").parameter("q", kind.name()));
        let began = self.tracer.start();
        let mut pool = lock(&self.pool(kind).state);
        self.tracer.step(began, "AllocLockPool", |step| step.thread("t").at("poolLock", kind.name(), here()));
        let began = self.tracer.start();
        if let Some(block) = pool.free.get_mut(&class).and_then(Vec::pop) {
            let info = self.hand_out(&block);
            self.tracer.step(began, "TakeFree", |step| {
                let step = step.thread("t").parameter("b", &*block.name);
                step.at("gen", &block.name, block.told(info.use_count))
            });
            return Ok(info);
        }
        match pool.heaps.carve(&*self.device, class) {
            Ok(address) => Ok(self.insert(address, class, kind)),
            Err(error) => {
                self.tracer.step(began, "OutOfMemory", |step| step.thread("t"));
                Err(error.into())
            }
        }
    }

    /// Puts a new block into the table. The pool's mutex is held by the caller.
    fn insert(&self, address: Address, class: u64, kind: PoolKind) -> BlockInfo {
        // interlock: A.BufferConsistency, A.LockOrderNoDeadlock
        let began = self.tracer.start();
        // A name belongs to an address and a pool; giving it is no step of the protocol.
        let name = lock(&self.table).name(address, kind);
        self.tracer.step(began, "ChooseNew", |step| step.thread("t").parameter("b", &*name));
        let began = self.tracer.start();
        let mut table = lock(&self.table);
        self.tracer.step(began, "InsertLock", |step| step.thread("t").variable("mLock", here()));
        let began = self.tracer.start();
        let generation = table.generations.remove(&address).unwrap_or(0);
        let ahead = generation.wrapping_sub(table.counts.get(&name).copied().unwrap_or(0));
        let block = Arc::new(Block {
            address,
            class,
            pool: kind,
            use_count: AtomicU32::new(generation),
            in_use: AtomicBool::new(false),
            name,
            ahead,
            #[cfg(any(feature = "loom", feature = "shuttle"))]
            incarnation: std::sync::atomic::AtomicU32::new(0),
        });
        table.blocks.insert(address, Arc::clone(&block));
        let info = self.hand_out(&block);
        self.tracer.step(began, "Insert", |step| step.thread("t").at("gen", &block.name, block.told(info.use_count)));
        info
    }

    /// Whether a block may be in the cache of a thread or in the hands of a client.
    fn known(block: Option<&Arc<Block>>) -> Option<(&Arc<Block>, u32)> {
        // interlock: A.NoUseAfterFree
        let block = block?;
        // Acquire, and before the count: see the top of the file.
        let in_use = block.in_use.load(Ordering::Acquire);
        in_use.then(|| (block, block.use_count.load(Ordering::Relaxed)))
    }

    fn lock_table(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }

    /// Holds the table, for the handlers around a fork.
    #[cfg(not(any(feature = "loom", feature = "shuttle")))]
    fn hold(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }

    /// Ends the allocator for whoever comes: from now on threads only give their caches back.
    pub fn begin_shutdown(&self) {
        // interlock: A.PhasesInOrder
        let began = self.tracer.start();
        self.phase.store(STOPPING, Ordering::Release);
        self.tracer.step(began, "BeginShutdown", |step| step.variable("phase", "stopping"));
    }

    /// Gives the blocks of a thread's cache back to their pools.
    pub fn detach(&self, cache: &mut LocalCache) {
        // interlock: A.BeginsInPhase, A.BufferConsistency
        if std::mem::replace(&mut cache.stopped, true) {
            return;
        }
        for kind in [PoolKind::Small, PoolKind::Large] {
            let (back, kept) = std::mem::take(&mut cache.blocks).into_iter().partition(|block| block.pool == kind);
            cache.blocks = kept;
            self.flush(kind, back);
        }
        let began = self.tracer.start();
        self.tracer.step(began, "Stop", |step| step.thread("t"));
        // Release: what the thread did to its blocks happens before the pools are destroyed.
        self.caches.fetch_sub(1, Ordering::Release);
    }

    fn flush(&self, kind: PoolKind, blocks: Vec<Arc<Block>>) {
        // interlock: A.PoolsDisjoint
        if blocks.is_empty() {
            return;
        }
        let began = self.tracer.start();
        let mut pool = lock(&self.pool(kind).state);
        self.tracer.step(began, "FlushLock", |step| step.thread("t").parameter("q", kind.name()));
        let began = self.tracer.start();
        for block in blocks {
            pool.free.entry(block.class).or_default().push(block);
        }
        self.tracer.step(began, "Flush", |step| step.thread("t"));
    }

    /// Gives all memory back that clients do not hold.
    ///
    /// # Errors
    /// [`AllocError::Busy`] if some thread keeps its cache beyond the limit; the memory is then leaked.
    pub fn destroy_pools(&self, limit: Duration) -> Result<(), AllocError> {
        // interlock: A.PhasesInOrder, A.BufferConsistency
        let deadline = Deadline::after(limit);
        loop {
            match self.caches.load(Ordering::Acquire) {
                0 => break,
                caches if deadline.left().is_zero() => return Err(AllocError::Busy(caches)),
                _ => crate::pause(),
            }
        }
        let began = self.tracer.start();
        self.phase.store(DOWN, Ordering::Release);
        for kind in [PoolKind::Small, PoolKind::Large] {
            let mut pool = lock(&self.pool(kind).state);
            let mut table = self.lock_table();
            self.give_back(&mut pool, &mut table);
        }
        self.tracer.step(began, "DestroyPools", |step| step.variable("phase", "down"));
        Ok(())
    }
}

/// The name of this thread, for traces.
fn here() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

impl Block {
    /// History, for explorations.
    fn note_incarnation(&self) {
        #[cfg(any(feature = "loom", feature = "shuttle"))]
        self.incarnation.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }

    /// History, for explorations; 0 outside of them.
    fn incarnation(&self) -> u32 {
        #[cfg(any(feature = "loom", feature = "shuttle"))]
        return self.incarnation.load(std::sync::atomic::Ordering::SeqCst);
        #[cfg(not(any(feature = "loom", feature = "shuttle")))]
        0
    }

    /// A count of this block as traces tell it.
    fn told(&self, use_count: u32) -> u32 {
        use_count.wrapping_sub(self.ahead)
    }

    fn info(&self) -> BlockInfo {
        BlockInfo {
            address: self.address,
            size: self.class,
            pool: self.pool,
            use_count: self.use_count.load(Ordering::Relaxed),
        }
    }
}

impl Table {
    /// `s1`, `s2` … for addresses of the small pool, `l1` … for those of the large one.
    fn name(&mut self, address: Address, kind: PoolKind) -> String {
        let named = &mut self.named[kind as usize];
        let name = self.names.entry((address, kind)).or_insert_with(|| {
            *named += 1;
            format!("{}{named}", &kind.name()[..1])
        });
        name.clone()
    }
}
