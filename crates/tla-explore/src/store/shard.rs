//! One shard of the seen set: a table of indices over append-only arrays.
//!
//! The table finds indices by 32 bits of the fingerprint; the key decides. In the exact store the key is the root of the
//! identity's tree ([`super::tree`]), two words; in the fingerprint store it is the other 96 bits of the fingerprint. So a
//! state costs eight or twelve bytes for the key, five for the predecessor and about twelve for the table. What only the
//! states that were generated last need (the position by which ownership is decided) lives in an array that is emptied
//! when the next segment of the search begins; a shard notices that by itself at its first insertion of the new segment,
//! so that a search of a million narrow levels does not touch every shard a million times.
//!
//! States that went to disk are no longer here, but their numbers stay: an index counts from [`Shard::base`].
//!
//! Invariant: among all generations of a state so far in the segment in which it is new, the recorded position is the
//! smallest, and predecessor and kept state are those of that generation.

use super::keys::{Key, Keys};
use super::number::{PackedNumber, Position};
use super::segments::Segments;
use super::table::{Probe, Table};
use super::view::{Positions, View};
use crate::hash::Fingerprint;
use std::sync::Arc;

/// Sizes that all shards of a store share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) key_words: usize,
    /// Words of the owner's state that are kept beside the key, where the key does not give it back.
    pub(crate) beside_words: usize,
    /// Number of states that a shard can number.
    pub(crate) limit: usize,
}

/// A state on its way into the store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival<'a> {
    /// Bits of the fingerprint that the table uses.
    pub(crate) tag: u32,
    pub(crate) key: &'a [u32],
    pub(crate) beside: &'a [u32],
    /// None if one worker builds the whole segment: then positions only ever ascend and the first owner stays.
    pub(crate) position: Option<Position>,
    pub(crate) predecessor: PackedNumber,
}

/// What became of an arrival, with the index in the shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    /// The state is new.
    New(usize),
    /// The state is of the segment in work, first seen at the later position given; it now belongs to this arrival.
    Stolen(usize, Position),
    /// This very arrival was seen before: its block is being repeated.
    Again(usize),
    /// The state belongs to an earlier arrival.
    Known,
    /// The shard can hold no more.
    Full,
}

/// A part of the seen set.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    table: Table,
    keys: Keys,
    beside: Segments<u32>,
    predecessors: Segments<PackedNumber>,
    /// Number of states that went to disk.
    base: usize,
    /// Segment of the search that is in work, as far as this shard has noticed.
    epoch: u32,
    /// Index of the first state of that segment, not counting those on disk.
    newest_from: usize,
    /// Positions of the states of that segment, if several workers build it.
    positions: Positions,
    /// Something that is read without the lock was replaced.
    outdated: bool,
    view: Arc<View>,
    /// Memory held, kept up to date on growth.
    bytes: usize,
}

impl Shard {
    /// Number of states, those on disk included.
    pub(crate) fn len(&self) -> usize {
        self.base + self.resident()
    }

    /// Number of states in memory.
    pub(crate) fn resident(&self) -> usize {
        self.predecessors.len()
    }

    /// Number of states that went to disk: the index of the first one in memory.
    pub(crate) fn base(&self) -> usize {
        self.base
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Inserts a state into the segment in work, or finds it.
    #[inline]
    pub(crate) fn insert(&mut self, shape: &Shape, epoch: u32, arrival: &Arrival<'_>) -> Placed {
        if self.epoch != epoch {
            self.begin_segment(epoch);
        }
        let grown = self.table.reserve();
        let keys = &self.keys;
        match self.table.probe(arrival.tag, |local| keys.is(local as usize, arrival.key)) {
            Probe::Found(local) => self.meet(shape, local as usize, arrival),
            Probe::Free(slot) => {
                let count = self.resident();
                let room = self.len() < shape.limit;
                let Some(local) = u32::try_from(count).ok().filter(|local| room && *local != u32::MAX) else {
                    return Placed::Full;
                };
                // The table leads to the state when all of it is there.
                self.append(count, arrival, grown);
                self.table.fill(slot, arrival.tag, local);
                Placed::New(self.base + count)
            }
        }
    }

    /// The state is here already; whose is it?
    #[inline]
    fn meet(&mut self, shape: &Shape, local: usize, arrival: &Arrival<'_>) -> Placed {
        let Some(newest) = local.checked_sub(self.newest_from) else { return Placed::Known };
        let (Some(position), Some(owner)) = (arrival.position, self.positions.get(newest)) else {
            return Placed::Known;
        };
        if owner < position {
            return Placed::Known;
        }
        if owner == position {
            return Placed::Again(self.base + local);
        }
        self.positions.set(newest, position);
        if let Some([predecessor]) = self.predecessors.get_mut(local, 1) {
            *predecessor = arrival.predecessor;
        }
        if let Some(beside) = self.beside.get_mut(local, shape.beside_words).filter(|beside| !beside.is_empty()) {
            beside.copy_from_slice(arrival.beside);
        }
        Placed::Stolen(self.base + local, owner)
    }

    #[inline]
    fn append(&mut self, index: usize, arrival: &Arrival<'_>, mut grown: bool) {
        let before = self.predecessors.bytes() + self.beside.bytes();
        grown |= self.keys.write(index, arrival.key);
        self.predecessors.push(&[arrival.predecessor]);
        if !arrival.beside.is_empty() {
            self.beside.push(arrival.beside);
        }
        if let Some(position) = arrival.position {
            grown |= self.positions.set(index - self.newest_from, position);
        }
        self.outdated |= grown;
        if grown || before != self.predecessors.bytes() + self.beside.bytes() {
            self.bytes = self.count_bytes();
        }
    }

    /// What can be read without the lock.
    pub(super) fn view(&self) -> Arc<View> {
        self.view.clone()
    }

    /// Renews what can be read without the lock, if it is no longer what it was.
    #[inline]
    pub(super) fn renew_view(&mut self) -> bool {
        if !self.outdated {
            return false;
        }
        self.outdated = false;
        self.view = Arc::new(View {
            slots: self.table.slots(),
            keys: self.keys.clone(),
            positions: self.positions.clone(),
            epoch: self.epoch,
            newest_from: self.newest_from,
        });
        true
    }

    /// The states so far are no longer of the segment in work.
    #[cold]
    fn begin_segment(&mut self, epoch: u32) {
        self.epoch = epoch;
        self.positions = Positions::default();
        self.newest_from = self.resident();
        self.outdated = true;
    }

    /// Index among the states in memory.
    fn in_memory(&self, local: usize) -> Option<usize> {
        local.checked_sub(self.base)
    }

    pub(crate) fn key(&self, shape: &Shape, local: usize) -> Option<Key> {
        self.keys.get(self.in_memory(local)?, shape.key_words)
    }

    /// What is kept beside the key.
    pub(crate) fn beside(&self, shape: &Shape, local: usize) -> Option<&[u32]> {
        self.beside.get(self.in_memory(local)?, shape.beside_words)
    }

    pub(crate) fn predecessor(&self, local: usize) -> Option<PackedNumber> {
        self.predecessors.get(self.in_memory(local)?, 1)?.first().copied()
    }

    /// Position of the owner of a state, if it is of the segment given, that is in work and several workers build it.
    pub(crate) fn position(&self, epoch: u32, local: usize) -> Option<Position> {
        if self.epoch != epoch {
            return None;
        }
        self.positions.get(self.in_memory(local)?.checked_sub(self.newest_from)?)
    }

    /// Index of the state with this key, if it is in memory.
    pub(crate) fn find(&self, tag: u32, key: &[u32]) -> Option<usize> {
        match self.table.probe(tag, |local| self.keys.is(local as usize, key)) {
            Probe::Found(local) => Some(self.base + local as usize),
            Probe::Free(_) => None,
        }
    }

    /// For each state in memory the bits of the fingerprint that the table uses.
    pub(crate) fn tags(&self) -> Vec<u32> {
        let mut tags = vec![0; self.resident()];
        for (tag, local) in self.table.entries() {
            if let Some(slot) = tags.get_mut(local as usize) {
                *slot = tag;
            }
        }
        tags
    }

    /// Adds a state of a saved store. False if it is there already or there is no room: the save is not one.
    pub(crate) fn restore(&mut self, shape: &Shape, arrival: &Arrival<'_>) -> bool {
        matches!(self.insert(shape, 0, arrival), Placed::New(_))
    }

    /// Begins, in an empty shard, with the number after that of so many states on disk.
    pub(crate) fn start_at(&mut self, base: usize) {
        self.base = base;
    }

    /// Replaces the keys of all states by words of their fingerprints. What the table knows stays true.
    pub(crate) fn replace_keys(&mut self, mut fingerprint: impl FnMut(&[u32]) -> Fingerprint, shape: &Shape) {
        let mut keys = Keys::default();
        for local in 0..self.resident() {
            let key = self.keys.get(local, shape.key_words);
            let [first, second, third, _] = fingerprint(key.as_ref().map(AsRef::as_ref).unwrap_or_default());
            keys.write(local, &[first, second, third]);
        }
        self.keys = keys;
        self.beside = Segments::default();
        self.outdated = true;
        self.bytes = self.count_bytes();
    }

    /// Gives up all states, which are on disk now. Their numbers stay.
    pub(crate) fn release(&mut self) {
        *self = Self { base: self.len(), epoch: self.epoch, outdated: true, ..Self::default() };
    }

    fn count_bytes(&self) -> usize {
        self.keys.bytes()
            + self.predecessors.bytes()
            + self.beside.bytes()
            + self.table.bytes()
            + self.positions.bytes()
    }
}
