//! Operations on a pointer, and what gives memory back to the device.

use super::{AllocError, AllocatorCore, BlockInfo, LocalCache, PoolKind, PoolState, Table, here};
use crate::device::Address;
use crate::mutation::Mutation;
use crate::sync::atomic::Ordering;
use crate::sync::{Arc, lock};

/// What an operation does when it has found the block that was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Tells about it.
    Query,
    /// Takes it back.
    Free,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Free => "free",
        }
    }
}

/// What the first look has found.
struct Captured {
    block: Arc<super::Block>,
    use_count: u32,
    incarnation: u32,
}

impl AllocatorCore {
    /// Tells about the block in use at an address.
    ///
    /// # Errors
    /// [`AllocError::NotInUse`] and [`AllocError::ShutDown`].
    pub fn query(&self, address: Address) -> Result<BlockInfo, AllocError> {
        self.running()?;
        self.checked(None, address, Operation::Query)
    }

    /// Takes the block at an address back, into the thread's cache or into its pool.
    ///
    /// # Errors
    /// [`AllocError::NotInUse`], also where another thread has freed it in the meantime; [`AllocError::ShutDown`].
    pub fn free(&self, cache: &mut LocalCache, address: Address) -> Result<BlockInfo, AllocError> {
        // interlock: A.FreeFrees, A.RegistersClear
        self.running()?;
        self.checked(Some(cache), address, Operation::Free)
    }

    /// Look up, let go, lock in order, look again.
    fn checked(
        &self,
        cache: Option<&mut LocalCache>,
        address: Address,
        operation: Operation,
    ) -> Result<BlockInfo, AllocError> {
        // interlock: A.ABADetectionSound, A.NoUseAfterFree, A.LockOrderNoDeadlock
        let Some(captured) = self.look_up(cache, address, operation)? else {
            return Err(AllocError::NotInUse(address));
        };
        let captured = match captured {
            Found::Settled(info) => return Ok(info),
            Found::Captured(captured) => captured,
        };
        let kind = captured.block.pool;
        let began = self.tracer.start();
        let mut pool = lock(&self.pool(kind).state);
        self.tracer.step(began, "LockPool", |step| step.thread("t").at("poolLock", kind.name(), here()));
        let began = self.tracer.start();
        let table = self.lock_table();
        self.tracer.step(began, "Relock", |step| step.thread("t").variable("mLock", here()));
        let began = self.tracer.start();
        if !self.still_there(&table, &captured, address) {
            self.tracer.step(began, "RecheckFails", |step| step.thread("t").mine("pc", "idle"));
            return Err(AllocError::NotInUse(address));
        }
        self.tracer.step(began, "Recheck", |step| step.thread("t").mine("pc", "act"));
        let began = self.tracer.start();
        let block = captured.block;
        // `A.ABADetectionSound`, which an exploration checks with the history.
        assert_eq!(block.incarnation(), captured.incarnation, "an operation acts on an incarnation it did not look up");
        let info = block.info();
        match operation {
            Operation::Query => {
                self.tracer.step(began, "ActQuery", |step| step.thread("t").mine("op", "none"));
            }
            Operation::Free => {
                block.in_use.store(false, Ordering::Release);
                let name = block.name.clone();
                self.put_back(&mut pool, kind, block);
                self.tracer.step(began, "ActFree", |step| {
                    let free: Vec<&str> = pool.free.values().flatten().map(|block| &*block.name).collect();
                    step.thread("t").at("inUse", name, false).at("freeList", kind.name(), free)
                });
            }
        }
        drop(table);
        Ok(info)
    }

    /// The second look: the same block is there, its `use_count` is the captured one, and it is in use.
    fn still_there(&self, table: &Table, captured: &Captured, address: Address) -> bool {
        // interlock: A.ABADetectionSound, A.LookupDecides
        let now = Self::known(table.blocks.get(&address));
        let same = now.is_some_and(|(block, count)| Arc::ptr_eq(block, &captured.block) && count == captured.use_count);
        if !same && self.mutations.has(Mutation::SkipRecheck) {
            self.tracer.deviates();
            return true;
        }
        same
    }

    fn put_back(&self, pool: &mut PoolState, kind: PoolKind, block: Arc<super::Block>) {
        // interlock: A.NoDoubleFree, A.PoolsDisjoint, A.FreeFrees
        if self.mutations.has(Mutation::WrongPool) {
            // The defect: the list of the other pool. Its mutex is not taken, which the order of locks forbids.
            if let Ok(mut other) = self.pool(kind.other()).state.try_lock() {
                self.tracer.deviates();
                other.free.entry(block.class).or_default().push(block);
                return;
            }
        }
        pool.free.entry(block.class).or_default().push(block);
    }

    /// The first look, under the table's mutex alone.
    fn look_up(
        &self,
        cache: Option<&mut LocalCache>,
        address: Address,
        operation: Operation,
    ) -> Result<Option<Found>, AllocError> {
        // interlock: A.LookupDecides, A.NoDoubleFree, A.CacheBounded
        let began = self.tracer.start();
        let table = self.lock_table();
        let Some(block) = table.blocks.get(&address) else { return Ok(None) };
        self.tracer.step(began, "LookupLock", |step| {
            step.thread("t").parameter("b", &*block.name).parameter("o", operation.name())
        });
        let began = self.tracer.start();
        let known = Self::known(Some(block));
        let room = cache.filter(|cache| cache.blocks.len() < self.options.cache_capacity);
        let unchecked = self.mutations.has(Mutation::NoInUseTest) && operation == Operation::Free;
        match (known, room) {
            (found, Some(cache)) if found.is_some() || unchecked => {
                if found.is_none() {
                    self.tracer.deviates();
                }
                let info = block.info();
                // Release: the thread that takes the block from this cache is this one; the others read it under the
                // mutex that is held here.
                block.in_use.store(false, Ordering::Release);
                cache.blocks.push(Arc::clone(block));
                self.tracer.step(began, "FreeToCache", |step| step.thread("t").at("inUse", &block.name, false));
                Ok(Some(Found::Settled(info)))
            }
            (None, _) => {
                self.tracer.step(began, "LookupMiss", |step| step.thread("t").mine("pc", "idle"));
                Ok(None)
            }
            (Some((block, use_count)), _) => {
                let captured = Captured { block: Arc::clone(block), use_count, incarnation: block.incarnation() };
                let told = block.told(use_count);
                self.tracer.step(began, "Lookup", |step| step.thread("t").mine("captured", told));
                Ok(Some(Found::Captured(captured)))
            }
        }
    }

    /// Gives the free blocks of a pool back to the device; whether there were any.
    pub fn collect(&self, kind: PoolKind) -> bool {
        // interlock: A.LockOrderNoDeadlock, A.BufferConsistency
        let began = self.tracer.start();
        let mut pool = lock(&self.pool(kind).state);
        if pool.free.values().all(Vec::is_empty) {
            return false;
        }
        self.tracer.step(began, "EmptyLockPool", |step| step.thread("t").parameter("q", kind.name()));
        let began = self.tracer.start();
        let mut table = self.lock_table();
        self.tracer.step(began, "EmptyLockM", |step| step.thread("t"));
        let began = self.tracer.start();
        let gone = self.give_back(&mut pool, &mut table);
        self.tracer.step(began, "Empty", |step| {
            let step = step.thread("t").at("poolLock", kind.name(), "NoThread");
            gone.iter().fold(step, |step, (name, count)| step.at("gen", name, *count))
        });
        true
    }

    /// Gives the free blocks of both pools back; whether there were any.
    pub(super) fn collect_all(&self) -> bool {
        let small = self.collect(PoolKind::Small);
        self.collect(PoolKind::Large) || small
    }

    /// Gives free blocks back if the heaps hold more than the watermark.
    pub fn collect_above_watermark(&self) {
        let held: u64 = self.pools.iter().map(|pool| lock(&pool.state).heaps.bytes()).sum();
        if held > self.options.high_watermark {
            self.collect_all();
        }
    }

    /// Under both mutexes. The answer names the blocks and the counts that stay with their addresses.
    pub(super) fn give_back(&self, pool: &mut PoolState, table: &mut Table) -> Vec<(String, u32)> {
        let mut gone = Vec::new();
        for block in std::mem::take(&mut pool.free).into_values().flatten() {
            table.blocks.remove(&block.address);
            let restart = self.mutations.has(Mutation::RestartGeneration);
            let count = block.use_count.load(Ordering::Relaxed);
            let count = if restart && count != 0 {
                self.tracer.deviates();
                0
            } else {
                count
            };
            table.generations.insert(block.address, count);
            table.counts.insert(block.name.clone(), block.told(count));
            pool.heaps.give_back(&*self.device, block.address, block.class);
            gone.push((block.name.clone(), block.told(count)));
        }
        gone
    }
}

enum Found {
    /// The operation ended with the first look.
    Settled(BlockInfo),
    /// It goes on.
    Captured(Captured),
}
