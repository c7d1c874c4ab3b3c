//! Representatives of orbits: which renamings of a state have to be looked at to find its least image.
//!
//! The group is a product of symmetric groups, one on each orbit of moved model values. The least image under the whole
//! group would be found among as many images as the group has members. Here the values are first put into cells by how
//! they occur in the state, and cells are split by how their members occur together with those of other cells until
//! nothing changes (colour refinement); a renaming then sends cells to consecutive places in their order. Where a cell
//! of several values is left, each of them is tried as the first of it and the refinement goes on, as McKay and Piperno
//! describe it (*Practical graph isomorphism II*, 2014, section 2). Values that can be exchanged without changing the
//! state (*twins*) need not be tried one after the other.
//!
//! **Exactness.** Everything that decides about a branch is the same for a state and its images with the values renamed
//! alike: occurrences are, so colours are; exchanging twins is an automorphism, so the leaves below one twin and those
//! below another have the same images. Therefore two states of one orbit have the same set of images at the leaves,
//! whose least is the representative; and it is an image of the state, so that states of different orbits have
//! different representatives. Hashes decide only how many leaves there are.
//!
//! Left out, unlike in programs for graphs: automorphisms other than exchanges are not used to cut branches.

use super::mix;
use super::occurrence::Moved;

/// What a search for renamings asks of a state.
pub trait State {
    /// Why it could not be answered.
    type Error;

    /// Whether the state stays the same when the two values are exchanged.
    ///
    /// # Errors
    /// If the image cannot be computed.
    fn is_exchangeable(&mut self, a: usize, b: usize) -> Result<bool, Self::Error>;

    /// Takes notice of a renaming; entry `i` is the index of the value that the value with index `i` is renamed to.
    ///
    /// # Errors
    /// If the image cannot be computed.
    fn leaf(&mut self, renaming: &[u8]) -> Result<(), Self::Error>;
}

/// Calls [`State::leaf`] with the renamings among whose images the representative is the least.
///
/// `pairs` holds the occurrences of all pairs in the state.
///
/// # Errors
/// What the state answers with.
pub fn renamings<S: State>(moved: &Moved, pairs: &[u64], state: &mut S) -> Result<(), S::Error> {
    let n = moved.len();
    let mut colours: Vec<u64> = (0..n).map(|a| mix(u64::from(moved.orbits()[a]), pairs[a * n + a])).collect();
    let mut search = Search { moved, pairs, twin_of: (0..n).collect() };
    search.refine(&mut colours);
    search.find_twins(&colours, state)?;
    search.descend(&colours, state)
}

struct Search<'a> {
    moved: &'a Moved,
    pairs: &'a [u64],
    /// The first of the values that a value can be exchanged with.
    twin_of: Vec<usize>,
}

impl Search<'_> {
    /// Splits cells until their number stays the same.
    fn refine(&self, colours: &mut Vec<u64>) {
        let n = colours.len();
        let mut cells = distinct(colours);
        while cells < n {
            let finer: Vec<u64> = (0..n)
                .map(|a| {
                    let others = (0..n)
                        .filter(|b| *b != a)
                        .map(|b| mix(mix(colours[b], self.pairs[a * n + b]), self.pairs[b * n + a]));
                    mix(colours[a], others.fold(0, u64::wrapping_add))
                })
                .collect();
            let now = distinct(&finer);
            *colours = finer;
            if now <= cells {
                break;
            }
            cells = now;
        }
    }

    fn find_twins<S: State>(&mut self, colours: &[u64], state: &mut S) -> Result<(), S::Error> {
        let n = colours.len();
        for b in 1..n {
            for a in 0..b {
                let first = self.twin_of[a] == a;
                let alike = colours[a] == colours[b] && self.moved.orbits()[a] == self.moved.orbits()[b];
                if first && alike && self.may_be_twins(a, b) && state.is_exchangeable(a, b)? {
                    self.twin_of[b] = a;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether the occurrences allow that two values are exchanged.
    fn may_be_twins(&self, a: usize, b: usize) -> bool {
        let n = self.moved.len();
        let pair = |x: usize, y: usize| self.pairs[x * n + y];
        pair(a, b) == pair(b, a)
            && (0..n).filter(|c| *c != a && *c != b).all(|c| pair(a, c) == pair(b, c) && pair(c, a) == pair(c, b))
    }

    /// Values by orbit and colour.
    fn ordered(&self, colours: &[u64]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..colours.len()).collect();
        order.sort_by_key(|a| (self.moved.orbits()[*a], colours[*a], *a));
        order
    }

    fn descend<S: State>(&self, colours: &[u64], state: &mut S) -> Result<(), S::Error> {
        let order = self.ordered(colours);
        let same_cell =
            |a: &usize, b: &usize| colours[*a] == colours[*b] && self.moved.orbits()[*a] == self.moved.orbits()[*b];
        let twins = |cell: &[usize]| cell.iter().all(|a| self.twin_of[*a] == self.twin_of[cell[0]]);
        let Some(cell) = order.chunk_by(same_cell).find(|cell| !twins(cell)) else {
            let mut renaming = vec![0; order.len()];
            // Orbits lie one behind the other in both orders, so a place is a value of the right orbit.
            for (place, value) in order.iter().enumerate() {
                renaming[*value] = place as u8;
            }
            return state.leaf(&renaming);
        };
        let mut tried: Vec<usize> = Vec::with_capacity(cell.len());
        for value in cell {
            if tried.contains(&self.twin_of[*value]) {
                continue;
            }
            tried.push(self.twin_of[*value]);
            let mut finer = colours.to_vec();
            finer[*value] = mix(finer[*value], 0x1d);
            self.refine(&mut finer);
            self.descend(&finer, state)?;
        }
        Ok(())
    }
}

fn distinct(colours: &[u64]) -> usize {
    let mut sorted = colours.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

/// Exchanges that, done one after the other, rename as `renaming` does.
pub fn exchanges(renaming: &[u8]) -> Vec<(usize, usize)> {
    let mut rest = renaming.to_vec();
    let mut all = Vec::new();
    for value in 0..rest.len() {
        let image = rest[value];
        if image as usize == value {
            continue;
        }
        all.push((value.min(image as usize), value.max(image as usize)));
        for entry in &mut rest {
            if *entry == image {
                *entry = value as u8;
            } else if *entry as usize == value {
                *entry = image;
            }
        }
    }
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::super::{ModelValueId, Value};
    use super::*;
    use std::collections::BTreeSet;
    use std::convert::Infallible;

    /// A relation on the moved values: bit `a * n + b` for the pair `(a, b)`.
    type Relation = u64;

    fn renamed(n: usize, relation: Relation, renaming: &[u8]) -> Relation {
        let pairs = (0..n * n).filter(|pair| relation >> pair & 1 == 1);
        pairs.fold(0, |all, pair| all | 1 << (renaming[pair / n] as usize * n + renaming[pair % n] as usize))
    }

    struct Graph {
        n: usize,
        relation: Relation,
        least: Option<Relation>,
        leaves: usize,
    }

    impl State for Graph {
        type Error = Infallible;

        fn is_exchangeable(&mut self, a: usize, b: usize) -> Result<bool, Infallible> {
            let mut renaming: Vec<u8> = (0..self.n as u8).collect();
            renaming.swap(a, b);
            Ok(renamed(self.n, self.relation, &renaming) == self.relation)
        }

        fn leaf(&mut self, renaming: &[u8]) -> Result<(), Infallible> {
            let image = renamed(self.n, self.relation, renaming);
            self.least = Some(self.least.map_or(image, |least| least.min(image)));
            self.leaves += 1;
            Ok(())
        }
    }

    /// The relation as a set of pairs of model values.
    fn value(moved: &Moved, relation: Relation) -> Value {
        let n = moved.len();
        let model = |index: usize| Value::Model(moved.values()[index]);
        let pairs = (0..n * n).filter(|pair| relation >> pair & 1 == 1);
        Value::sorted_set(pairs.map(|pair| Value::tuple(vec![model(pair / n), model(pair % n)])).collect())
    }

    fn representative(moved: &Moved, relation: Relation) -> (Relation, usize) {
        let n = moved.len();
        let mut pairs = vec![0; n * n];
        moved.occurrence(&value(moved, relation)).add_to(0, &mut pairs);
        let mut graph = Graph { n, relation, least: None, leaves: 0 };
        let Ok(()) = renamings(moved, &pairs, &mut graph);
        (graph.least.expect("a leaf"), graph.leaves)
    }

    fn moved(orbits: &[usize]) -> Moved {
        let mut next = 10;
        let mut fresh = || {
            next += 1;
            ModelValueId(next)
        };
        let orbits: Vec<Vec<ModelValueId>> = orbits.iter().map(|n| (0..*n).map(|_| fresh()).collect()).collect();
        Moved::new(&orbits).expect("few values")
    }

    /// Number of representatives of the relations with pairs among the given ones; `both` adds the converse of each.
    fn representatives(moved: &Moved, pairs: &[(usize, usize)], both: bool) -> usize {
        let n = moved.len();
        let mut all = BTreeSet::new();
        for chosen in 0_u64..1 << pairs.len() {
            let taken = pairs.iter().enumerate().filter(|(index, _)| chosen >> index & 1 == 1);
            let relation = taken.fold(0, |all, (_, (a, b))| {
                let converse = if both { 1 << (b * n + a) } else { 0 };
                all | 1 << (a * n + b) | converse
            });
            all.insert(representative(moved, relation).0);
        }
        all.len()
    }

    #[test]
    fn graphs_have_as_many_representatives_as_there_are_up_to_isomorphism() {
        let edges = |n: usize| (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect::<Vec<_>>();
        // Harary and Palmer, Graphical Enumeration, appendix I.
        for (n, graphs) in [(1, 1), (2, 2), (3, 4), (4, 11), (5, 34), (6, 156)] {
            assert_eq!(representatives(&moved(&[n]), &edges(n), true), graphs, "graphs with {n} points");
        }
        let arcs = |n: usize| {
            let pairs = (0..n).flat_map(move |a| (0..n).map(move |b| (a, b)));
            pairs.filter(|(a, b)| a != b).collect::<Vec<_>>()
        };
        for (n, digraphs) in [(2, 3), (3, 16), (4, 218)] {
            assert_eq!(representatives(&moved(&[n]), &arcs(n), false), digraphs, "digraphs with {n} points");
        }
        // Binary 3 by 3 matrices up to permutations of rows and columns.
        let cells: Vec<_> = (0..3).flat_map(|a| (3..6).map(move |b| (a, b))).collect();
        assert_eq!(representatives(&moved(&[3, 3]), &cells, false), 36);
    }

    #[test]
    fn the_representative_is_the_same_for_renamed_states() {
        let moved = moved(&[6]);
        // A cycle of six points and two triangles have the same colours and no twins.
        let cycle = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)];
        let triangles = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)];
        let both = |pairs: &[(usize, usize)]| {
            pairs.iter().fold(0_u64, |all, (a, b)| all | 1 << (a * 6 + b) | 1 << (b * 6 + a))
        };
        let renaming = [3, 5, 0, 2, 4, 1];
        for relation in [both(&cycle), both(&triangles)] {
            let (least, leaves) = representative(&moved, relation);
            assert_eq!(representative(&moved, renamed(6, relation, &renaming)).0, least);
            assert!(leaves < 720 / 4, "{leaves} leaves");
        }
        assert_ne!(representative(&moved, both(&cycle)).0, representative(&moved, both(&triangles)).0);
    }

    #[test]
    fn values_that_can_be_exchanged_are_not_tried_one_after_the_other() {
        let moved = moved(&[8]);
        assert_eq!(representative(&moved, 0).1, 1);
        let star = (1..8).fold(0_u64, |all, b| all | 1 << b);
        assert_eq!(representative(&moved, star).1, 1);
    }

    #[test]
    fn exchanges_do_what_the_renaming_does() {
        let renaming: [u8; 6] = [3, 5, 0, 2, 4, 1];
        let mut places: Vec<usize> = (0..6).collect();
        for (a, b) in exchanges(&renaming) {
            for place in &mut places {
                *place = if *place == a {
                    b
                } else if *place == b {
                    a
                } else {
                    *place
                };
            }
        }
        assert_eq!(places, renaming.map(usize::from));
    }
}
