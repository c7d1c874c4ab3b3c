//! Folding rows to their roots, and unfolding them, for one worker.

use super::tree::{Cache, ROOT_WORDS, Tree, TreeFull, hash, pair, widths};

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
    /// Where the root begins among the layers.
    root_at: usize,
    /// Words of all layers.
    total: usize,
    batch: Batch,
}

/// Rows that are folded together.
#[derive(Debug, Default)]
struct Batch {
    /// For each row its layers.
    layers: Vec<u32>,
    wanted: Vec<Wanted>,
}

/// A pair whose number is wanted.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    pair: u64,
    hash: u64,
    /// Where the number belongs.
    at: usize,
}

impl Folder {
    pub(crate) fn new(width: usize) -> Self {
        let layers = widths(width);
        let total: usize = layers.iter().sum();
        let root = layers.last().copied().unwrap_or(0);
        let (reference, row) = (Vec::new(), Vec::with_capacity(total));
        Self { width, reference, row, root_at: total - root, total, batch: Batch::default() }
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

    /// Folds rows that lie one behind the other, layer by layer. What is not in the processor's caches is asked for on behalf
    /// of all rows before the first of them needs it.
    pub(crate) fn fold_all(&mut self, tree: &Tree, cache: &mut Cache, rows: &[u32]) -> Result<(), TreeFull> {
        self.batch.layers.clear();
        if self.width <= ROOT_WORDS {
            self.batch.layers.extend_from_slice(rows);
            return Ok(());
        }
        for row in rows.chunks_exact(self.width) {
            let end = self.batch.layers.len() + self.total;
            self.batch.layers.extend_from_slice(row);
            self.batch.layers.resize(end, 0);
        }
        let (mut start, mut width) = (0, self.width);
        while width > ROOT_WORDS {
            self.begin_layer(cache, start, width);
            let Batch { layers, wanted } = &mut self.batch;
            wanted.retain(|wanted| match cache.number_met(wanted.pair, wanted.hash) {
                Some(number) => {
                    layers[wanted.at] = number;
                    false
                }
                None => {
                    cache.ask_for_slot(tree, wanted.hash);
                    true
                }
            });
            wanted.iter().for_each(|wanted| cache.ask_for_pair(tree, wanted.hash));
            for wanted in &*wanted {
                layers[wanted.at] = cache.look_up(tree, wanted.pair, wanted.hash)?;
            }
            (start, width) = (start + width, width.div_ceil(2));
        }
        Ok(())
    }

    /// Fills a layer of all rows with what the reference row tells, and notes what else is wanted.
    fn begin_layer(&mut self, cache: &mut Cache, below: usize, width: usize) {
        let Batch { layers, wanted } = &mut self.batch;
        let next = below + width;
        wanted.clear();
        for (row, layers) in layers.chunks_exact_mut(self.total).enumerate() {
            for index in 0..width / 2 {
                let at = below + 2 * index;
                let mine = [layers[at], layers[at + 1]];
                if self.reference.get(at..at + 2).is_some_and(|known| known == mine) {
                    layers[next + index] = self.reference[next + index];
                    continue;
                }
                let pair = pair(mine[0], mine[1]);
                let hash = hash(pair);
                cache.ask_for(hash);
                wanted.push(Wanted { pair, hash, at: row * self.total + next + index });
            }
            if width % 2 == 1 {
                layers[next + width / 2] = layers[next - 1];
            }
        }
    }

    /// The roots of the rows that were folded together.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &[u32]> {
        self.batch.layers.chunks_exact(self.total.max(1)).filter_map(|layers| layers.get(self.root_at..))
    }

    /// Makes the row folded last the reference.
    pub(crate) fn refer_to_last(&mut self) {
        std::mem::swap(&mut self.reference, &mut self.row);
    }

    /// Takes over the reference of another one of the same width.
    pub(crate) fn refer_to_that_of(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.reference, &mut other.reference);
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
            let all: Vec<u32> = rows.concat();
            for known in [0, rows.len()] {
                let (tree, mut cache, mut folder) = (Tree::default(), Cache::default(), Folder::new(width));
                let mut folded = |rows: &[u32]| {
                    folder.fold_all(&tree, &mut cache, rows).unwrap();
                    folder.roots().map(<[u32]>::to_vec).collect::<Vec<_>>()
                };
                folded(&all[..known * width]);
                let together = folded(&all);
                prop_assert_eq!(together.len(), if width == 0 { 0 } else { rows.len() });
                for (row, root) in rows.iter().zip(together) {
                    prop_assert_eq!(&tree.unfold(&root, width), row);
                }
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
