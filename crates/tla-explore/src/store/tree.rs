//! Rows of words as trees of shared pairs.
//!
//! Tree compression (Blom, Lisser, van de Pol, Weber, "A database approach to distributed state-space generation", 2008;
//! Laarman, van de Pol, Weber, "Parallel recursive state compression for free", 2011): the words of a state are taken two
//! at a time, each pair gets a number, the numbers are taken two at a time again, until two are left. Those two are the
//! *root*, and equal states have equal roots. A step changes a few variables, so nearly all pairs below the root exist
//! already: a state costs its root, eight bytes, however many variables there are.
//!
//! All positions share one set of pairs. A pair is written once into an array that never moves and is read without a
//! lock. The number of a pair is looked for among those of the state expanded (compare [`Folder`]), then in the worker's own
//! small cache, then without a lock in the table of the pair's shard ([`Cache`]); a lock is taken for what was not there.
//! Numbers of pairs depend on timing and nothing else depends on numbers of pairs.

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
fn hash(pair: u64) -> u64 {
    let product = u128::from(pair ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
    (product as u64) ^ ((product >> 64) as u64)
}

#[inline]
fn pair(left: u32, right: u32) -> u64 {
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
fn widths(width: usize) -> Vec<usize> {
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
    fn number(&mut self, tree: &Tree, pair: u64) -> Result<u32, TreeFull> {
        let hash = hash(pair);
        let Some(slot) = self.met.get_mut(hash as usize & ((1 << CACHE_BITS) - 1)) else {
            return tree.number(pair);
        };
        if slot.0 == pair && slot.1 != u32::MAX {
            return Ok(slot.1);
        }
        let shard = Tree::shard(hash);
        let view = self.views.of(shard, tree.shards[shard].stamp(), || tree.shards[shard].slots());
        let number = match probe(view, hash as u32, |index| tree.get(index) == pair) {
            Probe::Found(index) => index,
            Probe::Free(_) => tree.number(pair)?,
        };
        *slot = (pair, number);
        Ok(number)
    }

    /// Lets go of all views, and of the memory behind those that are no longer the latest.
    pub(super) fn release(&mut self) {
        self.views.clear();
    }
}

/// Folds rows of one width, for one worker.
///
/// The layers of a *reference* row are at hand: those of the state that is being expanded. Where a row agrees with it, its
/// pairs are known without any search.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    width: usize,
    /// Layers of the reference row one after the other; empty if there is none.
    reference: Vec<u32>,
    /// The same for the row folded last.
    row: Vec<u32>,
    root_at: usize,
}

impl Folder {
    pub(crate) fn new(width: usize) -> Self {
        let layers = widths(width);
        let total: usize = layers.iter().sum();
        let root = layers.last().copied().unwrap_or(0);
        Self { width, reference: Vec::new(), row: Vec::with_capacity(total), root_at: total - root }
    }

    /// The root of the row folded last.
    #[inline]
    pub(crate) fn root(&self) -> &[u32] {
        self.row.get(self.root_at..).unwrap_or_default()
    }

    /// Folds a row.
    #[inline]
    pub(crate) fn fold(&mut self, tree: &Tree, cache: &mut Cache, words: &[u32]) -> Result<(), TreeFull> {
        self.row.clear();
        self.row.extend_from_slice(words);
        let (mut start, mut width) = (0, self.width);
        while width > ROOT_WORDS {
            let next = start + width;
            for index in 0..width / 2 {
                let at = start + 2 * index;
                let mine = [self.row[at], self.row[at + 1]];
                let number = match self.reference.get(at..at + 2) {
                    Some(known) if known == mine => self.reference[next + index],
                    Some(_) | None => cache.number(tree, pair(mine[0], mine[1]))?,
                };
                self.row.push(number);
            }
            if width % 2 == 1 {
                self.row.push(self.row[next - 1]);
            }
            (start, width) = (next, width.div_ceil(2));
        }
        Ok(())
    }

    /// Makes the row folded last the reference.
    pub(crate) fn refer_to_last(&mut self) {
        std::mem::swap(&mut self.reference, &mut self.row);
    }

    /// Unfolds a root, which becomes the reference. The row itself.
    pub(crate) fn unfold(&mut self, tree: &Tree, root: &[u32]) -> &[u32] {
        let total = self.root_at + root.len();
        self.reference.clear();
        self.reference.resize(total, 0);
        self.reference[self.root_at..].copy_from_slice(root);
        let mut layer = LayerAbove { end: self.root_at, width: root.len() };
        for width in widths_below(self.width) {
            layer = self.unfold_layer(tree, &layer, width);
        }
        &self.reference[..self.width]
    }

    fn unfold_layer(&mut self, tree: &Tree, above: &LayerAbove, width: usize) -> LayerAbove {
        let start = above.end - width;
        for index in 0..above.width {
            let number = self.reference[above.end + index];
            let at = start + 2 * index;
            if 2 * index + 1 == width {
                self.reference[at] = number;
            } else {
                let pair = tree.get(number);
                self.reference[at] = (pair >> 32) as u32;
                self.reference[at + 1] = pair as u32;
            }
        }
        LayerAbove { end: start, width }
    }
}

/// A layer that was unfolded: where it begins, which is where the one below it ends, and its width.
struct LayerAbove {
    end: usize,
    width: usize,
}

/// Widths of the layers below the root, from the top down.
fn widths_below(width: usize) -> impl Iterator<Item = usize> {
    let halvings = {
        let (mut halvings, mut left) = (0_u32, width);
        while left > ROOT_WORDS {
            left = left.div_ceil(2);
            halvings += 1;
        }
        halvings
    };
    (0..halvings).rev().map(move |times| (0..times).fold(width, |width, _| width.div_ceil(2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_come_back_and_equal_roots_mean_equal_rows(
            rows in (0_usize..40).prop_flat_map(|width| {
                proptest::collection::vec(proptest::collection::vec(0_u32..3, width), 1..30)
            }),
            refer in any::<bool>(),
        ) {
            let width = rows[0].len();
            let (tree, mut cache, mut folder) = (Tree::default(), Cache::default(), Folder::new(width));
            let mut roots = Vec::new();
            for row in &rows {
                folder.fold(&tree, &mut cache, row).unwrap();
                let root = folder.root().to_vec();
                prop_assert_eq!(root.len(), width.min(ROOT_WORDS));
                prop_assert_eq!(&tree.unfold(&root, width), row);
                let found = tree.find_root(row);
                prop_assert_eq!(found.as_ref(), Some(&root));
                if refer {
                    folder.refer_to_last();
                }
                roots.push(root);
            }
            for (row, root) in rows.iter().zip(&roots) {
                prop_assert_eq!(folder.unfold(&tree, root), &row[..]);
                for (other_row, other_root) in rows.iter().zip(&roots) {
                    prop_assert_eq!(row == other_row, root == other_root);
                }
            }
        }
    }

    #[test]
    fn pairs_are_shared() {
        let (tree, mut cache, mut folder) = (Tree::default(), Cache::default(), Folder::new(16));
        for value in 0..100 {
            let mut row = [7_u32; 16];
            row[3] = value;
            folder.fold(&tree, &mut cache, &row).unwrap();
        }
        // One chain of three new pairs for each value, and the pairs that they share.
        assert!(tree.len() <= 100 * 3 + 3, "{}", tree.len());
    }

    #[test]
    fn threads_agree_on_numbers() {
        let tree = Tree::default();
        let roots = |seed: u32| {
            let (mut cache, mut folder) = (Cache::default(), Folder::new(5));
            (0..5_000_u32)
                .map(|index| {
                    let index = index.wrapping_mul(seed) % 5_000;
                    folder.fold(&tree, &mut cache, &[index, 1, index / 7, 2, index % 11]).unwrap();
                    (index, folder.root().to_vec())
                })
                .collect::<std::collections::BTreeMap<_, _>>()
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = [3, 7, 9].into_iter().map(|seed| scope.spawn(move || roots(seed))).collect();
            let mut results = threads.into_iter().map(|thread| thread.join().unwrap());
            let first = results.next().unwrap();
            assert!(results.all(|other| other == first));
        });
    }
}
