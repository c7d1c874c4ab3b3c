//! One shard of the seen set: a table of indices over an append-only array of records.
//!
//! The table finds indices by 32 bits of the fingerprint; the key decides. In the exact store the key is the root of the
//! identity's tree ([`super::tree`]), two words; in the fingerprint store it is the other 96 bits of the fingerprint. So a
//! state costs sixteen or twenty bytes for its record ([`super::records`]) and about twelve for the table.
//!
//! States that went to disk are no longer here, but their numbers stay: an index counts from [`Shard::base`].
//!
//! Invariant: among all generations of a state so far in the segment in which it is new, the recorded position is the
//! smallest, and what is kept beside the key is that of this generation.

use super::keys::Key;
use super::number::{PackedNumber, Position};
use super::records::{Link, Records};
use super::segments::Growth;
use super::table::{Probe, Table};
use super::view::View;
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

/// A part of the seen set. What an insertion writes comes first, so that it lies on one cache line with the lock.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Shard {
    /// Number of states in memory.
    resident: usize,
    table: Table,
    /// Something that is read without the lock was replaced.
    outdated: bool,
    records: Records,
    /// Index of the first state whose link is not settled, not counting those on disk.
    settled: usize,
    /// Number of states that went to disk.
    base: usize,
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
        self.resident
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
    pub(crate) fn insert(&mut self, shape: &Shape, arrival: &Arrival<'_>) -> Placed {
        let grown = self.table.reserve();
        let records = &self.records;
        match self.table.probe(arrival.tag, |local| records.is(shape, local as usize, arrival.key)) {
            Probe::Found(local) => self.meet(shape, local as usize, arrival),
            Probe::Free(slot) => {
                let count = self.resident();
                let room = self.len() < shape.limit;
                let Some(local) = u32::try_from(count).ok().filter(|local| room && *local != u32::MAX) else {
                    return Placed::Full;
                };
                // The table leads to the state when all of it is there.
                self.append(shape, count, arrival, grown);
                self.table.fill(slot, arrival.tag, local);
                Placed::New(self.base + count)
            }
        }
    }

    /// The state is here already; whose is it?
    #[inline]
    fn meet(&mut self, shape: &Shape, local: usize, arrival: &Arrival<'_>) -> Placed {
        let (Some(position), Some(Link::Owner(owner))) = (arrival.position, self.records.link(shape, local)) else {
            return Placed::Known;
        };
        if owner < position {
            return Placed::Known;
        }
        if owner == position {
            return Placed::Again(self.base + local);
        }
        self.records.set_link(shape, local, Link::Owner(position));
        self.records.set_beside(shape, local, arrival.beside);
        Placed::Stolen(self.base + local, owner)
    }

    #[inline]
    fn append(&mut self, shape: &Shape, index: usize, arrival: &Arrival<'_>, table_grew: bool) {
        let link = arrival.position.map_or(Link::Predecessor(arrival.predecessor), Link::Owner);
        let Growth { grew, moved } = self.records.write(shape, index, arrival.key, arrival.beside, link);
        self.resident = index + 1;
        self.outdated |= moved || table_grew;
        if grew || table_grew {
            self.bytes = self.count_bytes();
        }
    }

    /// The segment in work is over: the states that are new in it lead to their predecessors from now on.
    pub(crate) fn settle(&mut self, shape: &Shape, predecessor: impl Fn(Position) -> PackedNumber) {
        for local in self.settled..self.resident {
            if let Some(Link::Owner(position)) = self.records.link(shape, local) {
                self.records.set_link(shape, local, Link::Predecessor(predecessor(position)));
            }
        }
        self.settled = self.resident;
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
        self.view = Arc::new(View { slots: self.table.slots(), records: self.records.clone() });
        true
    }

    /// Index among the states in memory.
    fn in_memory(&self, local: usize) -> Option<usize> {
        local.checked_sub(self.base)
    }

    pub(crate) fn key(&self, shape: &Shape, local: usize) -> Option<Key> {
        self.records.key(shape, self.in_memory(local)?)
    }

    /// What is kept beside the key.
    pub(crate) fn beside(&self, shape: &Shape, local: usize) -> Option<Key> {
        self.records.beside(shape, self.in_memory(local)?)
    }

    /// The predecessor of a state that is older than the segment in work.
    pub(crate) fn predecessor(&self, shape: &Shape, local: usize) -> Option<PackedNumber> {
        match self.records.link(shape, self.in_memory(local)?)? {
            Link::Predecessor(number) => Some(number),
            Link::Owner(_) => None,
        }
    }

    /// Position of the owner of a state, if it is of the segment in work and several workers build it.
    pub(crate) fn position(&self, shape: &Shape, local: usize) -> Option<Position> {
        match self.records.link(shape, self.in_memory(local)?)? {
            Link::Owner(position) => Some(position),
            Link::Predecessor(_) => None,
        }
    }

    /// Index of the state with this key, if it is in memory.
    pub(crate) fn find(&self, shape: &Shape, tag: u32, key: &[u32]) -> Option<usize> {
        match self.table.probe(tag, |local| self.records.is(shape, local as usize, key)) {
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
        matches!(self.insert(shape, arrival), Placed::New(_))
    }

    /// Begins, in an empty shard, with the number after that of so many states on disk.
    pub(crate) fn start_at(&mut self, base: usize) {
        self.base = base;
    }

    /// Replaces the keys of all states by words of their fingerprints. What the table knows stays true.
    pub(crate) fn replace_keys(
        &mut self,
        mut fingerprint: impl FnMut(&[u32]) -> Fingerprint,
        before: &Shape,
        after: &Shape,
    ) {
        let mut records = Records::default();
        for local in 0..self.resident() {
            let (key, link) = (self.records.key(before, local), self.records.link(before, local));
            let [first, second, third, _] = fingerprint(key.as_ref().map(AsRef::as_ref).unwrap_or_default());
            let link = link.unwrap_or(Link::Predecessor(PackedNumber::pack(None)));
            records.write(after, local, &[first, second, third], &[], link);
        }
        self.records = records;
        self.outdated = true;
        self.bytes = self.count_bytes();
    }

    /// Gives up all states, which are on disk now. Their numbers stay.
    pub(crate) fn release(&mut self) {
        *self = Self { base: self.len(), outdated: true, ..Self::default() };
    }

    fn count_bytes(&self) -> usize {
        self.records.bytes() + self.table.bytes()
    }
}
