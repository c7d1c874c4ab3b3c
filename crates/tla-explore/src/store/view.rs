//! What is read of a shard without its lock.
//!
//! Most generated states are known, and to find that out nothing has to be written. A view shares the shard's table and
//! records, which only ever gain entries; when the shard replaces one of them, it publishes a new view. A reader with an
//! older view may miss what came later and asks again under the lock, but what it finds is true: an entry stays where it
//! is, its key never changes, and its owner's position only ever falls, until the segment ends.

use super::number::Position;
use super::records::{Link, Records};
use super::shard::Shape;
use super::table::{Probe, Slots, probe};

/// A shard as it was at some moment, or a little later.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) slots: Slots,
    pub(super) records: Records,
}

/// A worker's views of all shards, each with the stamp that it was the latest under.
#[derive(Debug)]
pub(super) struct Views<V>(Vec<(u32, V)>);

impl<V> Default for Views<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V: Default> Views<V> {
    /// The view of a shard, asked for if the one at hand is not the latest.
    #[inline]
    pub(super) fn of(&mut self, index: usize, stamp: u32, latest: impl FnOnce() -> (u32, V)) -> &V {
        if self.0.len() <= index {
            self.0.resize_with(index + 1, Default::default);
        }
        let known = &mut self.0[index];
        if known.0 != stamp {
            *known = latest();
        }
        &known.1
    }

    /// Lets go of all views, and of the memory behind those that are no longer the latest.
    pub(super) fn clear(&mut self) {
        self.0 = Vec::new();
    }
}

impl View {
    /// Whether the state with this key belongs, for certain, to a generation before this position.
    #[inline]
    pub(super) fn knows(&self, shape: &Shape, tag: u32, key: &[u32], position: Position) -> bool {
        let Probe::Found(local) = probe(&self.slots, tag, |local| self.records.is(shape, local as usize, key)) else {
            return false;
        };
        match self.records.link(shape, local as usize) {
            Some(Link::Owner(owner)) => owner < position,
            Some(Link::Predecessor(_)) => true,
            None => false,
        }
    }

    /// Asks for the slot at which a search would begin.
    #[inline]
    pub(super) fn ask_for_slot(&self, tag: u32) {
        self.slots.ask_for(tag);
    }

    /// Asks for the record that comes next.
    #[inline]
    pub(super) fn ask_for_next_record(&self, shape: &Shape, index: usize) {
        self.records.ask_to_write(shape, index);
    }

    /// Asks for the record that the slots lead to; whether there is one.
    #[inline]
    pub(super) fn ask_for_record(&self, shape: &Shape, tag: u32) -> bool {
        match probe(&self.slots, tag, |_| true) {
            Probe::Found(local) => {
                self.records.ask_for(shape, local as usize);
                true
            }
            Probe::Free(_) => false,
        }
    }
}
