//! The table of a shard: open addressing with linear probing over 64-bit slots.
//!
//! A slot holds 32 bits of the state's hash and the state's index, so a probe touches one cache line of the table and
//! then, nearly always, only the right key. (A table that keeps control bytes apart touches two lines; with millions of
//! states each of them is a cache miss, and cache misses are all that a probe costs.) The home of an entry grows with
//! its tag, so growing is one sequential pass from the old slots to the new ones, reads no keys and need not double.

use super::prefetch;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Slots are filled up to three quarters.
const MOST_FILLED: (usize, usize) = (3, 4);
const SMALLEST: usize = 16;
/// Smaller tables double: whoever reads one without the lock has to ask for it again when it has grown.
const LARGE: usize = 1 << 10;
/// No entry has this value, because no index is the largest 32-bit number.
const EMPTY: u64 = u64::MAX;

/// The slots, shared with whoever reads them without the shard's lock.
#[derive(Debug, Clone)]
pub(super) struct Slots(Arc<[AtomicU64]>);

impl Default for Slots {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}

/// Finds indices by tag.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Slots,
    entries: usize,
    /// Number of entries at which the table grows.
    most: usize,
}

/// What a probe found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// The entry's index.
    Found(u32),
    /// The slot for a new entry; without the lock it may be taken by now.
    Free(usize),
}

impl Slots {
    fn empty(count: usize) -> Self {
        Self((0..count).map(|_| AtomicU64::new(EMPTY)).collect())
    }

    #[inline]
    fn home(&self, tag: u32) -> usize {
        ((u64::from(tag) * self.0.len() as u64) >> 32) as usize
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        if at + 1 < self.0.len() { at + 1 } else { 0 }
    }

    /// Asks for the slot at which a search would begin.
    #[inline]
    pub(super) fn ask_for(&self, tag: u32) {
        if let Some(slot) = self.0.get(self.home(tag)) {
            prefetch::to_read(slot);
        }
    }

    fn entries(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let all = self.0.iter().map(|slot| slot.load(Ordering::Relaxed));
        all.filter(|slot| *slot != EMPTY).map(|slot| ((slot >> 32) as u32, slot as u32))
    }
}

/// Looks for an entry. What an entry leads to was written before it, and is seen whole.
#[inline]
pub(super) fn probe(slots: &Slots, tag: u32, mut is_same: impl FnMut(u32) -> bool) -> Probe {
    let mut at = slots.home(tag);
    loop {
        let slot = slots.0.get(at).map_or(EMPTY, |slot| slot.load(Ordering::Acquire));
        if slot == EMPTY {
            return Probe::Free(at);
        }
        if (slot >> 32) as u32 == tag && is_same(slot as u32) {
            return Probe::Found(slot as u32);
        }
        at = slots.after(at);
    }
}

impl Table {
    /// Makes room for one more entry. Whether memory changed.
    #[inline]
    pub(super) fn reserve(&mut self) -> bool {
        let grows = self.entries >= self.most;
        if grows {
            self.grow();
        }
        grows
    }

    /// Looks for an entry. There must be room for one more.
    #[inline]
    pub(super) fn probe(&self, tag: u32, is_same: impl FnMut(u32) -> bool) -> Probe {
        probe(&self.slots, tag, is_same)
    }

    /// Fills the free slot that a probe found; hands over all that was written before.
    #[inline]
    pub(super) fn fill(&mut self, slot: usize, tag: u32, index: u32) {
        if let Some(slot) = self.slots.0.get(slot) {
            slot.store(u64::from(tag) << 32 | u64::from(index), Ordering::Release);
            self.entries += 1;
        }
    }

    /// All entries: tag and index.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.slots.entries()
    }

    pub(super) fn slots(&self) -> Slots {
        self.slots.clone()
    }

    pub(super) fn bytes(&self) -> usize {
        self.slots.0.len() * size_of::<u64>()
    }

    #[cold]
    fn grow(&mut self) {
        let count = self.slots.0.len();
        let count = if count < LARGE { (2 * count).max(SMALLEST) } else { count + count * 3 / 10 };
        let old = std::mem::replace(&mut self.slots, Slots::empty(count));
        self.most = count * MOST_FILLED.0 / MOST_FILLED.1;
        self.entries = 0;
        for (tag, index) in old.entries() {
            if let Probe::Free(at) = self.probe(tag, |_| false) {
                self.fill(at, tag, index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(table: &mut Table, tag: u32, index: u32) -> bool {
        table.reserve();
        match table.probe(tag, |other| other == index) {
            Probe::Found(_) => false,
            Probe::Free(slot) => {
                table.fill(slot, tag, index);
                true
            }
        }
    }

    #[test]
    fn an_empty_table_finds_nothing() {
        assert_eq!(Table::default().probe(7, |_| true), Probe::Free(0));
    }

    #[test]
    fn entries_are_found_after_growth() {
        let mut table = Table::default();
        let tag = |index: u32| index.wrapping_mul(2_654_435_761);
        for index in 0..10_000 {
            assert!(insert(&mut table, tag(index), index));
        }
        for index in 0..10_000 {
            assert_eq!(table.probe(tag(index), |other| other == index), Probe::Found(index));
        }
        assert!(matches!(table.probe(tag(10_000), |other| other == 10_000), Probe::Free(_)));
    }

    #[test]
    fn equal_tags_at_the_end_wrap_around() {
        let mut table = Table::default();
        assert!((0..100).all(|index| insert(&mut table, u32::MAX, index)));
        assert!((0..100).all(|index| !insert(&mut table, u32::MAX, index)));
    }
}
