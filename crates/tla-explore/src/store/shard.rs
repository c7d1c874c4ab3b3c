//! One shard of the seen set: a table of numbers over append-only arrays.
//!
//! The table finds indices by a part of the hash; the key words themselves decide. Each state costs its key, five bytes
//! for the predecessor and about twelve for the table. What only the newest level needs (the position by which ownership is decided) lives
//! in an array that is emptied when the next level begins; a shard notices that by itself at its first insertion of the
//! new level, so that a search of a million narrow levels does not touch every shard a million times.
//!
//! Invariant: among all generations of a state so far in the level in which it is new, the recorded position is the
//! smallest, and predecessor and kept state words are those of that generation.

use super::number::{PackedNumber, Position};
use super::segments::Segments;
use super::table::{Probe, Table};

/// What the store does with the words of a state, apart from the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// The key is the state.
    InKey,
    /// The key is a view or a representative; the state is kept beside it.
    Beside,
    /// The key is a fingerprint; states are kept while they are on the frontier.
    Recent,
}

/// Sizes that all shards of a store share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) key_words: usize,
    pub(crate) state_words: usize,
    pub(crate) keep: Keep,
    /// Number of states that a shard can hold.
    pub(crate) limit: usize,
}

/// A state on its way into the store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival<'a> {
    /// Bits of the hash that the table uses.
    pub(crate) tag: u32,
    pub(crate) key: &'a [u32],
    pub(crate) words: &'a [u32],
    /// None if one worker builds the whole level: then positions only ever ascend and the first owner stays.
    pub(crate) position: Option<Position>,
    pub(crate) predecessor: PackedNumber,
}

/// What became of an arrival, with the index in the shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    /// The state is new.
    New(u32),
    /// The state is of the newest level, first seen at the later position given; it now belongs to this arrival.
    Stolen(u32, Position),
    /// This very arrival was seen before: its block is being repeated.
    Again(u32),
    /// The state belongs to an earlier arrival.
    Known(u32),
    /// The shard can hold no more.
    Full,
}

/// States kept only while on the frontier: those from index `from` on, one after the other.
#[derive(Debug, Default)]
struct Arena {
    from: usize,
    words: Vec<u32>,
}

impl Arena {
    fn get(&self, local: usize, words: usize) -> Option<&[u32]> {
        let start = local.checked_sub(self.from)? * words;
        self.words.get(start..start + words)
    }
}

/// A part of the seen set.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    table: Table,
    keys: Segments<u32>,
    /// With [`Keep::Beside`]: words of all states.
    beside: Segments<u32>,
    predecessors: Segments<PackedNumber>,
    /// Level that is being built, as far as this shard has noticed.
    level: u32,
    /// Index of the first state of that level.
    newest_from: usize,
    /// Positions of the states of that level, if several workers build it.
    positions: Vec<Position>,
    /// With [`Keep::Recent`]: words of the level before.
    current: Arena,
    /// With [`Keep::Recent`]: words of the level that is being built.
    newest: Arena,
    /// Memory held, kept up to date on growth.
    bytes: usize,
}

impl Shard {
    pub(crate) fn len(&self) -> usize {
        self.predecessors.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Inserts a state into the level that is being built, or finds it.
    #[inline]
    pub(crate) fn insert(&mut self, shape: &Shape, level: u32, arrival: &Arrival<'_>) -> Placed {
        if self.level != level {
            self.begin_level(level);
        }
        let grown = self.table.reserve();
        let (keys, words) = (&self.keys, shape.key_words);
        let is_same = |local: u32| keys.get(local as usize, words) == Some(arrival.key);
        match self.table.probe(arrival.tag, is_same) {
            Probe::Found(local) => self.meet(shape, local, arrival),
            Probe::Free(slot) => {
                let count = self.len();
                let Some(local) = u32::try_from(count).ok().filter(|_| count < shape.limit) else {
                    return Placed::Full;
                };
                self.table.fill(slot, arrival.tag, local);
                self.append(shape, arrival, grown);
                Placed::New(local)
            }
        }
    }

    /// The state is here already; whose is it?
    #[inline]
    fn meet(&mut self, shape: &Shape, local: u32, arrival: &Arrival<'_>) -> Placed {
        let Some(newest) = (local as usize).checked_sub(self.newest_from) else { return Placed::Known(local) };
        let (Some(position), Some(owner)) = (arrival.position, self.positions.get_mut(newest)) else {
            return Placed::Known(local);
        };
        if *owner < position {
            return Placed::Known(local);
        }
        if *owner == position {
            return Placed::Again(local);
        }
        let later = std::mem::replace(owner, position);
        if let Some([predecessor]) = self.predecessors.get_mut(local as usize, 1) {
            *predecessor = arrival.predecessor;
        }
        match shape.keep {
            Keep::InKey => {}
            Keep::Beside => {
                if let Some(words) = self.beside.get_mut(local as usize, shape.state_words) {
                    words.copy_from_slice(arrival.words);
                }
            }
            Keep::Recent => overwrite(&mut self.newest.words, newest, arrival.words),
        }
        Placed::Stolen(local, later)
    }

    #[inline]
    fn append(&mut self, shape: &Shape, arrival: &Arrival<'_>, mut grown: bool) {
        let before = self.keys.bytes() + self.predecessors.bytes() + self.beside.bytes();
        self.keys.push(arrival.key);
        self.predecessors.push(&[arrival.predecessor]);
        grown |= append(&mut self.positions, arrival.position.as_slice());
        match shape.keep {
            Keep::InKey => {}
            Keep::Beside => self.beside.push(arrival.words),
            Keep::Recent => grown |= append(&mut self.newest.words, arrival.words),
        }
        let after = self.keys.bytes() + self.predecessors.bytes() + self.beside.bytes();
        if grown || before != after {
            self.bytes = self.count_bytes();
        }
    }

    /// The states so far are no longer of the level that is being built.
    #[cold]
    fn begin_level(&mut self, level: u32) {
        self.level = level;
        self.positions.clear();
        std::mem::swap(&mut self.current, &mut self.newest);
        self.newest_from = self.len();
        self.newest.words.clear();
        self.newest.from = self.newest_from;
    }

    /// Words of a state, or nothing if they were given up.
    pub(crate) fn words(&self, shape: &Shape, local: usize) -> Option<&[u32]> {
        let words = shape.state_words;
        match shape.keep {
            Keep::InKey => self.keys.get(local, words),
            Keep::Beside => self.beside.get(local, words),
            Keep::Recent => self.newest.get(local, words).or_else(|| self.current.get(local, words)),
        }
    }

    pub(crate) fn key(&self, shape: &Shape, local: usize) -> Option<&[u32]> {
        self.keys.get(local, shape.key_words)
    }

    pub(crate) fn predecessor(&self, local: usize) -> Option<PackedNumber> {
        self.predecessors.get(local, 1)?.first().copied()
    }

    /// Position of the owner of a state of the given level, if that is the newest and several workers build it.
    pub(crate) fn position(&self, level: u32, local: usize) -> Option<Position> {
        if self.level != level {
            return None;
        }
        self.positions.get(local.checked_sub(self.newest_from)?).copied()
    }

    /// Index of the state with this key.
    pub(crate) fn find(&self, shape: &Shape, tag: u32, key: &[u32]) -> Option<u32> {
        match self.table.probe(tag, |local| self.key(shape, local as usize) == Some(key)) {
            Probe::Found(local) => Some(local),
            Probe::Free(_) => None,
        }
    }

    fn count_bytes(&self) -> usize {
        let recent = self.current.words.capacity() + self.newest.words.capacity();
        self.keys.bytes()
            + self.predecessors.bytes()
            + self.beside.bytes()
            + self.table.bytes()
            + recent * size_of::<u32>()
            + self.positions.capacity() * size_of::<Position>()
    }
}

/// Appends, growing by a quarter. Tells whether the array grew.
#[inline]
fn append<T: Copy>(array: &mut Vec<T>, items: &[T]) -> bool {
    let grows = array.capacity() - array.len() < items.len();
    if grows {
        array.reserve_exact((array.len() / 4).max(items.len() * 16));
    }
    array.extend_from_slice(items);
    grows
}

fn overwrite(array: &mut [u32], index: usize, words: &[u32]) {
    let start = index * words.len();
    array[start..start + words.len()].copy_from_slice(words);
}
