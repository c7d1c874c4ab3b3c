//! A shard under its lock, and what is known of it without.

use super::prefetch;
use super::shard::Shard;
use super::view::View;
use crate::lock::locked;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// A shard, and a stamp that tells whether what is read without its lock was replaced, on cache lines of their own.
#[derive(Debug, Default)]
pub(super) struct Slot {
    stamp: Apart<AtomicU32>,
    guarded: Apart<Guarded>,
}

/// A shard under its lock, and what is read before the lock is taken, on the line that holds the lock.
#[derive(Debug, Default)]
#[repr(C)]
struct Guarded {
    /// States in memory: where the next record will be. A hint, since it is read without the lock.
    filled: AtomicU32,
    shard: Mutex<Shard>,
}

/// On cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart<T>(T);

impl Slot {
    pub(super) fn lock(&self) -> MutexGuard<'_, Shard> {
        locked(&self.guarded.0.shard)
    }

    /// Changes the shard.
    #[inline]
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Shard) -> R) -> R {
        let mut shard = self.lock();
        let result = change(&mut shard);
        self.guarded.0.filled.store(shard.resident() as u32, Ordering::Relaxed);
        if shard.renew_view() {
            self.stamp.0.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    /// The stamp of the latest view; one that is a little older does no harm.
    #[inline]
    pub(super) fn stamp(&self) -> u32 {
        self.stamp.0.load(Ordering::Relaxed)
    }

    #[cold]
    pub(super) fn view(&self) -> (u32, Arc<View>) {
        let shard = self.lock();
        (self.stamp(), shard.view())
    }

    /// Where the next record will be, or was a moment ago.
    #[inline]
    pub(super) fn filled(&self) -> usize {
        self.guarded.0.filled.load(Ordering::Relaxed) as usize
    }

    /// Asks for the lock, which is about to be taken.
    #[inline]
    pub(super) fn ask_for_lock(&self) {
        prefetch::to_write(&self.guarded);
    }
}
