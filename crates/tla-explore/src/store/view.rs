//! What is read of a shard without its lock.
//!
//! Most generated states are known, and to find that out nothing has to be written. A view shares the shard's table and
//! arrays, which only ever gain entries; when the shard replaces one of them, it publishes a new view. A reader with an
//! older view may miss what came later and asks again under the lock, but what it finds is true: an entry stays where it
//! is, its key never changes, and its owner's position only ever falls.

use super::keys::Keys;
use super::number::Position;
use super::table::{Probe, Slots, probe};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Positions of the owners of the states of the segment in work.
#[derive(Debug, Clone)]
pub(super) struct Positions(Arc<[AtomicU64]>);

impl Default for Positions {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}

impl Positions {
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<Position> {
        self.0.get(index).map(|word| Position::from_word(word.load(Ordering::Relaxed)))
    }

    /// Sets the position at an index, growing by a quarter. Whether memory changed.
    #[inline]
    pub(super) fn set(&mut self, index: usize, position: Position) -> bool {
        let grows = index >= self.0.len();
        if grows {
            let longer = index + (index / 4).max(16);
            let copies = self.0.iter().map(|word| AtomicU64::new(word.load(Ordering::Relaxed)));
            self.0 = copies.chain((self.0.len()..longer).map(|_| AtomicU64::new(0))).collect();
        }
        if let Some(word) = self.0.get(index) {
            word.store(position.to_word(), Ordering::Relaxed);
        }
        grows
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.len() * size_of::<AtomicU64>()
    }
}

/// A shard as it was at some moment, or a little later.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) slots: Slots,
    pub(super) keys: Keys,
    pub(super) positions: Positions,
    /// Segment of the search that the positions are of.
    pub(super) epoch: u32,
    /// Index of the first state of that segment.
    pub(super) newest_from: usize,
}

impl View {
    /// Whether the state with this key belongs, for certain, to a generation before this position: no position stands for
    /// one worker that builds the whole segment, whose positions ascend.
    #[inline]
    pub(super) fn knows(&self, epoch: u32, tag: u32, key: &[u32], position: Option<Position>) -> bool {
        if self.epoch != epoch {
            return false;
        }
        let Probe::Found(local) = probe(&self.slots, tag, |local| self.keys.is(local as usize, key)) else {
            return false;
        };
        let (Some(newest), Some(position)) = ((local as usize).checked_sub(self.newest_from), position) else {
            return true;
        };
        self.positions.get(newest).is_some_and(|owner| owner < position)
    }

    /// The slot at which a search would begin, to have it at hand.
    #[inline]
    pub(super) fn touch_slot(&self, tag: u32) -> u32 {
        self.slots.touch(tag)
    }

    /// The key to which the first entry with this tag leads, and the position, to have them at hand.
    #[inline]
    pub(super) fn touch_state(&self, tag: u32, key_words: usize) -> u32 {
        let Probe::Found(local) = probe(&self.slots, tag, |_| true) else { return 0 };
        let local = local as usize;
        let position = local.checked_sub(self.newest_from).and_then(|newest| self.positions.get(newest));
        self.keys.touch(local, key_words) ^ position.map_or(0, Position::ordinal)
    }
}
