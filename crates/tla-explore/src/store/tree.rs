//! Rows of words as trees of shared pairs.
//!
//! Tree compression (Blom, Lisser, van de Pol, Weber, "A database approach to distributed state-space generation", 2008;
//! Laarman, van de Pol, Weber, "Parallel recursive state compression for free", 2011): the words of a state are taken two
//! at a time, each pair gets a number, the numbers are taken two at a time again, until two are left. Those two are the
//! *root*, and equal states have equal roots. A step changes a few variables, so nearly all pairs below the root exist
//! already: a state costs its root, eight bytes, however many variables there are.
//!
//! All positions share one set of pairs. A pair is written once into an array that never moves and is read without a
//! lock. The number of a pair is looked for among those of the state expanded ([`super::fold`]), then in the worker's own
//! small cache, then without a lock in the table of the pair's shard ([`Cache`]); a lock is taken for what was not there.
//! Numbers of pairs depend on timing and nothing else depends on numbers of pairs.

use super::prefetch;
use super::table::{Probe, Slots, Table, probe};
use super::view::Views;
use crate::lock::locked;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

/// Words of the root.
pub(crate) const ROOT_WORDS: usize = 2;

const SHARD_BITS: u32 = 9;
/// Pairs of a segment: 2 to this power.
const SEGMENT_BITS: u32 = 11;
/// Segments that one entry of the directory leads to: 2 to this power.
const DIRECTORY_BITS: u32 = 11;
/// Most pairs; the last number of all stands for none.
const MOST: u32 = u32::MAX - (1 << SEGMENT_BITS);
/// Slots of a worker's cache: 2 to this power.
const CACHE_BITS: u32 = 14;

type Segment = Box<[AtomicU64]>;
type Directory = Box<[OnceLock<Segment>]>;

/// The set of pairs.
#[derive(Debug)]
pub(crate) struct Tree {
    shards: Box<[TreeShard]>,
    directory: Box<[OnceLock<Directory>]>,
    count: AtomicU32,
    bytes: AtomicU64,
}

/// Numbers of pairs by hash, on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct TreeShard {
    table: Mutex<Table>,
    stamp: TreeStamp,
}

/// Tells whether the slots of a table were replaced. Read all the time, so on lines that nobody writes to otherwise.
#[derive(Debug, Default)]
#[repr(align(128))]
struct TreeStamp(AtomicU32);

impl TreeShard {
    /// The stamp of the latest slots; one that is a little older does no harm.
    #[inline]
    fn stamp(&self) -> u32 {
        self.stamp.0.load(Ordering::Relaxed)
    }

    #[cold]
    fn slots(&self) -> (u32, Slots) {
        let table = locked(&self.table);
        (self.stamp(), table.slots())
    }
}

/// No number is left for a new pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TreeFull;

#[inline]
pub(super) fn hash(pair: u64) -> u64 {
    let product = u128::from(pair ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product as u64) ^ ((product >> 64) as u64)
}

#[inline]
pub(super) fn pair(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

fn once_locks<T>(bits: u32) -> Box<[OnceLock<T>]> {
    (0..1_usize << bits).map(|_| OnceLock::new()).collect()
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            shards: (0..1 << SHARD_BITS).map(|_| TreeShard::default()).collect(),
            directory: once_locks(32 - SEGMENT_BITS - DIRECTORY_BITS),
            count: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
        }
    }
}

impl Tree {
    /// Number of pairs.
    pub(crate) fn len(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    /// Memory held, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    #[inline]
    fn slot(&self, index: u32) -> Option<&AtomicU64> {
        let segment = index >> SEGMENT_BITS;
        let directory = self.directory.get((segment >> DIRECTORY_BITS) as usize)?.get()?;
        let segment = directory.get((segment & ((1 << DIRECTORY_BITS) - 1)) as usize)?.get()?;
        segment.get((index & ((1 << SEGMENT_BITS) - 1)) as usize)
    }

    /// The pair with this number. The number was handed over by a lock or a barrier, and so was the pair.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> u64 {
        self.slot(index).map_or(0, |slot| slot.load(Ordering::Relaxed))
    }

    fn write(&self, index: u32, pair: u64) {
        let segment = index >> SEGMENT_BITS;
        let Some(directory) = self.directory.get((segment >> DIRECTORY_BITS) as usize) else { return };
        let directory = directory.get_or_init(|| once_locks(DIRECTORY_BITS));
        let Some(segment) = directory.get((segment & ((1 << DIRECTORY_BITS) - 1)) as usize) else { return };
        let segment = segment.get_or_init(|| {
            self.bytes.fetch_add(8 << SEGMENT_BITS, Ordering::Relaxed);
            (0..1_usize << SEGMENT_BITS).map(|_| AtomicU64::new(0)).collect()
        });
        if let Some(slot) = segment.get((index & ((1 << SEGMENT_BITS) - 1)) as usize) {
            slot.store(pair, Ordering::Relaxed);
        }
    }

    #[inline]
    fn shard(hash: u64) -> usize {
        (hash >> 40) as usize & ((1 << SHARD_BITS) - 1)
    }

    /// The number of a pair, if it has one.
    fn find(&self, pair: u64) -> Option<u32> {
        let hash = hash(pair);
        let table = locked(&self.shards[Self::shard(hash)].table);
        match table.probe(hash as u32, |index| self.get(index) == pair) {
            Probe::Found(index) => Some(index),
            Probe::Free(_) => None,
        }
    }

    /// The number of a pair, a new one if it is new.
    fn number(&self, pair: u64) -> Result<u32, TreeFull> {
        let hash = hash(pair);
        let shard = &self.shards[Self::shard(hash)];
        let mut table = locked(&shard.table);
        let before = table.bytes();
        if table.reserve() {
            shard.stamp.0.fetch_add(1, Ordering::Relaxed);
            self.bytes.fetch_add((table.bytes() - before) as u64, Ordering::Relaxed);
        }
        let slot = match table.probe(hash as u32, |index| self.get(index) == pair) {
            Probe::Found(index) => return Ok(index),
            Probe::Free(slot) => slot,
        };
        let index = self.count.fetch_add(1, Ordering::Relaxed);
        if index >= MOST {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return Err(TreeFull);
        }
        // The table leads to the pair when it is there.
        self.write(index, pair);
        table.fill(slot, hash as u32, index);
        Ok(index)
    }

    /// Adds the next pair of a saved set. False if it is there already: the save is not one.
    pub(crate) fn restore(&self, pair: u64) -> bool {
        let index = self.len();
        self.number(pair) == Ok(index)
    }

    /// Root of a row, if all its pairs have numbers.
    pub(crate) fn find_root(&self, words: &[u32]) -> Option<Vec<u32>> {
        let mut row = words.to_vec();
        while row.len() > ROOT_WORDS {
            row = row
                .chunks(2)
                .map(|chunk| match chunk {
                    [left, right] => self.find(pair(*left, *right)),
                    rest => rest.first().copied(),
                })
                .collect::<Option<_>>()?;
        }
        Some(row)
    }

    /// The row of `width` words with this root.
    pub(crate) fn unfold(&self, root: &[u32], width: usize) -> Vec<u32> {
        let mut row = root.to_vec();
        for width in widths(width).into_iter().rev().skip(1) {
            let mut below = Vec::with_capacity(width + 1);
            for (index, number) in row.iter().enumerate() {
                if index * 2 + 1 == width {
                    below.push(*number);
                } else {
                    let pair = self.get(*number);
                    below.extend([(pair >> 32) as u32, pair as u32]);
                }
            }
            row = below;
        }
        row
    }
}

/// Widths of the layers of a row, from the row itself up to the root.
pub(super) fn widths(width: usize) -> Vec<usize> {
    let mut widths = vec![width];
    let mut width = width;
    while width > ROOT_WORDS {
        width = width.div_ceil(2);
        widths.push(width);
    }
    widths
}

/// Numbers of pairs that a worker met lately, and its views of the shards' tables.
///
/// A view may be a little old, and lack what came later. What is found in it is true.
#[derive(Debug)]
pub(crate) struct Cache {
    met: Box<[(u64, u32)]>,
    views: Views<Slots>,
}

impl Default for Cache {
    fn default() -> Self {
        Self { met: vec![(0, u32::MAX); 1 << CACHE_BITS].into_boxed_slice(), views: Views::default() }
    }
}

impl Cache {
    #[inline]
    fn place(&mut self, hash: u64) -> Option<&mut (u64, u32)> {
        self.met.get_mut(hash as usize & ((1 << CACHE_BITS) - 1))
    }

    #[inline]
    fn view(&mut self, tree: &Tree, hash: u64) -> &Slots {
        let shard = Tree::shard(hash);
        self.views.of(shard, tree.shards[shard].stamp(), || tree.shards[shard].slots())
    }

    /// Asks for the place of a pair that may have been met lately.
    #[inline]
    pub(super) fn ask_for(&mut self, hash: u64) {
        if let Some(place) = self.place(hash) {
            prefetch::to_read(place);
        }
    }

    /// Asks for the slot at which a search would begin.
    #[inline]
    pub(super) fn ask_for_slot(&mut self, tree: &Tree, hash: u64) {
        self.view(tree, hash).ask_for(hash as u32);
    }

    /// Asks for the pair that the slots lead to.
    #[inline]
    pub(super) fn ask_for_pair(&mut self, tree: &Tree, hash: u64) {
        if let Probe::Found(index) = probe(self.view(tree, hash), hash as u32, |_| true)
            && let Some(slot) = tree.slot(index)
        {
            prefetch::to_read(slot);
        }
    }

    /// The number of a pair that was met lately.
    #[inline]
    pub(super) fn number_met(&mut self, pair: u64, hash: u64) -> Option<u32> {
        self.place(hash).filter(|slot| slot.0 == pair && slot.1 != u32::MAX).map(|slot| slot.1)
    }

    #[inline]
    pub(super) fn number(&mut self, tree: &Tree, pair: u64) -> Result<u32, TreeFull> {
        let hash = hash(pair);
        match self.number_met(pair, hash) {
            Some(number) => Ok(number),
            None => self.look_up(tree, pair, hash),
        }
    }

    /// The number of a pair that was not met lately; it was now.
    pub(super) fn look_up(&mut self, tree: &Tree, pair: u64, hash: u64) -> Result<u32, TreeFull> {
        let number = match probe(self.view(tree, hash), hash as u32, |index| tree.get(index) == pair) {
            Probe::Found(index) => index,
            Probe::Free(_) => tree.number(pair)?,
        };
        if let Some(slot) = self.place(hash) {
            *slot = (pair, number);
        }
        Ok(number)
    }

    /// Lets go of all views, and of the memory behind those that are no longer the latest.
    pub(super) fn release(&mut self) {
        self.views.clear();
    }
}
