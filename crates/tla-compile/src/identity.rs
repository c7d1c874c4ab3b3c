//! What identifies a state where a view or a symmetry is in force.
//!
//! A view is compiled like an invariant and its value packed into a row of its own. Under a symmetry the identity is the
//! least of the state's images, as rows: each permutation of model values becomes, for the shape of each variable, a
//! *renaming* of words, with a table where the words are few. Which image is least differs from what the interpreter
//! takes, and does not matter: all states of an orbit agree on it.

use crate::generate::{Declined, Gen};
use crate::row::Row;
use crate::shape::layout::{Form, MOST_ELEMENTS};
use crate::shape::{Datum, Guess, Shape, pack};
use crate::sight::Sight;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::convert::Infallible;
use tla_explore::interpret::Interpreted;
use tla_model::eval::{Group, Machine};
use tla_model::value::occurrence::Moved;
use tla_model::value::orbit::{self, State};
use tla_model::value::{Value, mix};

/// Most bits of a word whose images are listed.
const MOST_TABLE_BITS: u32 = 12;

/// How the values of a shape are renamed.
#[derive(Debug)]
pub(crate) enum Renaming {
    /// Not at all.
    Same,
    /// By a table of words.
    Table(Vec<u64>),
    /// Part by part: where each goes.
    Parts(Vec<(usize, Renaming)>),
    /// Each element of a set by its index.
    Elements(Vec<u32>),
    /// Each element of a sequence.
    Sequence(Box<Renaming>),
    /// By the alternative.
    Union(Vec<Renaming>),
}

type Rename<'r> = &'r mut dyn FnMut(&Datum) -> Option<Datum>;

impl Renaming {
    /// `None` if an image has no place in the shape.
    fn of(shape: &Shape, rename: Rename<'_>) -> Option<Self> {
        if let Form::Bool | Form::Int { .. } = shape.form() {
            return Some(Self::Same);
        }
        let few = shape.count().is_some_and(|count| count <= MOST_ELEMENTS);
        if few && shape.bits().is_some_and(|bits| bits <= MOST_TABLE_BITS) {
            return Self::table(shape, rename);
        }
        let renaming = match shape.form() {
            Form::Bool | Form::Int { .. } => Self::Same,
            Form::Atom(_) => return Self::table(shape, rename),
            Form::Product { keys, parts, .. } => {
                let mut all = Vec::with_capacity(parts.len());
                for (key, part) in keys.iter().zip(parts) {
                    let image = rename(key)?;
                    let to = keys.iter().position(|key| *key == image)?;
                    if parts[to] != *part {
                        return None;
                    }
                    all.push((to, Self::of(part, rename)?));
                }
                Self::Parts(all)
            }
            Form::Set(universe) => {
                let data = universe.data();
                let index = |datum: &Datum, rename: Rename<'_>| {
                    let word = pack::word(&universe.part, &rename(datum)?.value())?;
                    universe.index.get(&word).copied()
                };
                Self::Elements(data.iter().map(|datum| index(datum, rename)).collect::<Option<_>>()?)
            }
            Form::Sequence { part, .. } => Self::Sequence(Box::new(Self::of(part, rename)?)),
            Form::Union(all) => Self::Union(all.iter().map(|shape| Self::of(shape, rename)).collect::<Option<_>>()?),
        };
        Some(if renaming.changes_nothing() { Self::Same } else { renaming })
    }

    fn table(shape: &Shape, rename: Rename<'_>) -> Option<Self> {
        let mut table = vec![0; 1 << shape.bits()?];
        for datum in shape.data() {
            let word = pack::word(shape, &datum.value())?;
            table[word as usize] = pack::word(shape, &rename(&datum)?.value())?;
        }
        let same = shape
            .data()
            .iter()
            .all(|datum| pack::word(shape, &datum.value()).is_some_and(|word| table[word as usize] == word));
        Some(if same { Self::Same } else { Self::Table(table) })
    }

    fn changes_nothing(&self) -> bool {
        match self {
            Self::Same => true,
            Self::Table(_) => false,
            Self::Parts(parts) => parts.iter().enumerate().all(|(i, (to, part))| i == *to && part.changes_nothing()),
            Self::Elements(images) => images.iter().enumerate().all(|(i, image)| i as u32 == *image),
            Self::Sequence(part) => part.changes_nothing(),
            Self::Union(all) => all.iter().all(Self::changes_nothing),
        }
    }

    /// Renames the cells of a value; `to` is zero before.
    fn apply(&self, shape: &Shape, from: &[u64], to: &mut [u64]) {
        if shape.is_narrow() {
            to[0] = self.word(shape, from[0]);
            return;
        }
        match (self, shape.form()) {
            (Self::Parts(images), Form::Product { parts, offsets, .. }) => {
                for (index, (image, renaming)) in images.iter().enumerate() {
                    let (source, target) = (offsets[index] as usize, offsets[*image] as usize);
                    let cells = parts[index].cells() as usize;
                    renaming.apply(&parts[index], &from[source..source + cells], &mut to[target..target + cells]);
                }
            }
            (Self::Elements(images), Form::Set(_)) => {
                for (cell, word) in from.iter().enumerate().take(shape.cells() as usize) {
                    for index in bits(*word) {
                        let image = images[cell * 64 + index as usize] as usize;
                        to[image / 64] |= 1 << (image % 64);
                    }
                }
            }
            (Self::Sequence(renaming), Form::Sequence { part, .. }) => {
                to[0] = from[0];
                let cells = part.cells() as usize;
                for index in 0..from[0] as usize {
                    let at = 1 + index * cells;
                    renaming.apply(part, &from[at..at + cells], &mut to[at..at + cells]);
                }
            }
            (Self::Union(all), Form::Union(shapes)) => {
                to[0] = from[0];
                let tag = from[0] as usize;
                if let (Some(renaming), Some(shape)) = (all.get(tag), shapes.get(tag)) {
                    renaming.apply(shape, &from[1..], &mut to[1..]);
                }
            }
            _ => to[..from.len()].copy_from_slice(from),
        }
    }

    fn word(&self, shape: &Shape, word: u64) -> u64 {
        let field = |at: u32, bits: u32| if bits == 0 { 0 } else { word >> at & crate::row::low_bits(bits) };
        match (self, shape.form()) {
            (Self::Same, _) => word,
            (Self::Table(table), _) => table.get(word as usize).copied().unwrap_or(word),
            (Self::Parts(images), Form::Product { parts, offsets, .. }) => {
                let mut all = 0;
                for (index, (image, renaming)) in images.iter().enumerate() {
                    let bits = parts[index].bits().unwrap_or(0);
                    if bits > 0 {
                        all |= renaming.word(&parts[index], field(offsets[index], bits)) << offsets[*image];
                    }
                }
                all
            }
            (Self::Elements(images), Form::Set(_)) => {
                bits(word).fold(0, |all, index| all | 1 << images[index as usize])
            }
            (Self::Sequence(renaming), Form::Sequence { part, most }) => {
                let length_bits = Shape::length_bits(*most);
                let length = field(0, length_bits);
                let bits = part.bits().unwrap_or(0);
                let mut all = length;
                for index in 0..length as u32 {
                    let at = length_bits + index * bits;
                    if bits > 0 {
                        all |= renaming.word(part, field(at, bits)) << at;
                    }
                }
                all
            }
            (Self::Union(all), Form::Union(shapes)) => {
                let tag_bits = Shape::tag_bits(shapes.len());
                let tag = field(0, tag_bits) as usize;
                match (all.get(tag), shapes.get(tag)) {
                    (Some(renaming), Some(shape)) if tag_bits < 64 => {
                        renaming.word(shape, field(tag_bits, shape.bits().unwrap_or(0))) << tag_bits | tag as u64
                    }
                    _ => word,
                }
            }
            _ => word,
        }
    }
}

/// Indices of the bits that are set.
fn bits(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let index = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(index)
    })
}

/// The group that the configuration names.
fn group<'a>(interpreted: &'a Interpreted<'_>, machine: &mut Machine<'a>) -> Gen<Group> {
    let Some(symmetry) = &interpreted.model.symmetry else { return Ok(Group::Listed(Vec::new())) };
    let span = Some(symmetry.formula.node.span);
    let group = machine
        .evaluate_in(symmetry.formula.owner, &symmetry.formula.node)
        .and_then(|set| machine.generated_group(&set));
    group.map_err(|error| Box::new(Declined { reason: error.message, span }))
}

/// How each variable is renamed.
type Renamings = Vec<Renaming>;

/// The permutations of a symmetry, for the shapes of the variables.
#[derive(Debug)]
pub(crate) enum Symmetry {
    /// Each permutation but the identity.
    Listed(Vec<Renamings>),
    /// All that keep the orbits.
    Symmetric {
        moved: Moved,
        /// By two moved values of one orbit, the smaller first.
        exchanges: FxHashMap<(usize, usize), Renamings>,
        /// How moved values occur in each variable.
        sights: Vec<Sight>,
    },
}

impl Symmetry {
    pub(crate) fn new(interpreted: &Interpreted<'_>, row: &Row) -> Gen<Option<Self>> {
        let Some(symmetry) = &interpreted.model.symmetry else { return Ok(None) };
        let span = Some(symmetry.formula.node.span);
        let mut machine = interpreted.machine();
        let renamings = |machine: &mut Machine<'_>, by: &Value| {
            let mut rename = |datum: &Datum| Datum::of(&machine.permute(&datum.value(), by).ok()?);
            let all = row.shapes.iter().map(|shape| Renaming::of(shape, &mut rename)).collect::<Option<_>>();
            all.ok_or_else(|| {
                let reason = "the images of a value under the symmetry have another shape".to_owned();
                Box::new(Declined { reason, span })
            })
        };
        match group(interpreted, &mut machine)? {
            Group::Listed(permutations) => {
                let all = permutations.iter().map(|by| renamings(&mut machine, by)).collect::<Gen<_>>()?;
                Ok(Some(Self::Listed(all)))
            }
            Group::Symmetric(moved) => {
                let mut exchanges = FxHashMap::default();
                for (a, b) in pairs(&moved) {
                    let mut renaming: Vec<u8> = (0..moved.len()).map(|value| value as u8).collect();
                    renaming.swap(a, b);
                    let by = machine.renaming(&moved, &renaming);
                    let by = by.map_err(|error| Box::new(Declined { reason: error.message, span }))?;
                    exchanges.insert((a, b), renamings(&mut machine, &by)?);
                }
                let sights = row.shapes.iter().map(|shape| Sight::of(shape, &moved)).collect();
                Ok(Some(Self::Symmetric { moved, exchanges, sights }))
            }
        }
    }

    /// Writes the least image of a state: among all of them, or among those of which the least is the same for every
    /// state of the orbit.
    pub(crate) fn least(&self, row: &Row, state: &[u32], scratch: &mut Scratch, least: &mut Vec<u32>) {
        row.cells(state, &mut scratch.cells);
        least.clear();
        match self {
            Self::Listed(permutations) => {
                least.extend_from_slice(state);
                for permutation in permutations {
                    apply(row, permutation, &scratch.cells, &mut scratch.image);
                    scratch.words.resize(row.words as usize, 0);
                    row.words_of_cells(&scratch.image, &mut scratch.words);
                    if scratch.words < *least {
                        std::mem::swap(least, &mut scratch.words);
                    }
                }
            }
            Self::Symmetric { moved, .. } if moved.is_empty() => least.extend_from_slice(state),
            Self::Symmetric { moved, exchanges, sights } => {
                let mut pairs = std::mem::take(&mut scratch.pairs);
                occurrences(row, moved, sights, scratch, &mut pairs);
                let mut standing = Standing { row, exchanges, state, scratch, least };
                let Ok(()) = orbit::renamings(moved, &pairs, &mut standing);
                scratch.pairs = pairs;
            }
        }
    }
}

/// Two values of one orbit, the smaller first.
fn pairs(moved: &Moved) -> impl Iterator<Item = (usize, usize)> {
    let orbits = moved.orbits();
    (0..orbits.len())
        .flat_map(move |a| (a + 1..orbits.len()).filter(move |b| orbits[a] == orbits[*b]).map(move |b| (a, b)))
}

/// Fills in how pairs of moved values occur in the state whose cells are at hand.
fn occurrences(row: &Row, moved: &Moved, sights: &[Sight], scratch: &mut Scratch, pairs: &mut Vec<u64>) {
    let size = moved.len() * moved.len();
    pairs.clear();
    pairs.resize(size, 0);
    let depth = sights.iter().map(Sight::depth).max().unwrap_or(0) + 1;
    scratch.sums.resize(size * depth, 0);
    let mut at = 0;
    for (place, (sight, shape)) in sights.iter().zip(&row.shapes).enumerate() {
        let cells = shape.cells() as usize;
        let (sum, rest) = scratch.sums.split_at_mut(size);
        if sight.cells(shape, &scratch.cells[at..at + cells], sum, rest) {
            for (pair, hash) in pairs.iter_mut().zip(sum) {
                *pair = pair.wrapping_add(mix(place as u64, *hash));
            }
        }
        at += cells;
    }
}

/// Renames the cells of a state.
fn apply(row: &Row, renamings: &[Renaming], from: &[u64], to: &mut Vec<u64>) {
    to.clear();
    to.resize(from.len(), 0);
    let mut at = 0;
    for (renaming, shape) in renamings.iter().zip(&row.shapes) {
        let cells = shape.cells() as usize;
        renaming.apply(shape, &from[at..at + cells], &mut to[at..at + cells]);
        at += cells;
    }
}

/// A state whose images are looked at.
struct Standing<'s> {
    row: &'s Row,
    exchanges: &'s FxHashMap<(usize, usize), Renamings>,
    state: &'s [u32],
    scratch: &'s mut Scratch,
    /// The least image so far; empty before the first.
    least: &'s mut Vec<u32>,
}

impl State for Standing<'_> {
    type Error = Infallible;

    fn is_exchangeable(&mut self, a: usize, b: usize) -> Result<bool, Infallible> {
        let Some(renamings) = self.exchanges.get(&(a.min(b), a.max(b))) else { return Ok(false) };
        apply(self.row, renamings, &self.scratch.cells, &mut self.scratch.image);
        Ok(self.scratch.image == self.scratch.cells)
    }

    fn leaf(&mut self, renaming: &[u8]) -> Result<(), Infallible> {
        let scratch = &mut *self.scratch;
        let exchanges = orbit::exchanges(renaming);
        scratch.words.clear();
        if exchanges.is_empty() {
            scratch.words.extend_from_slice(self.state);
        } else {
            scratch.image.clone_from(&scratch.cells);
            for exchange in exchanges {
                if let Some(renamings) = self.exchanges.get(&exchange) {
                    apply(self.row, renamings, &scratch.image, &mut scratch.other);
                    std::mem::swap(&mut scratch.image, &mut scratch.other);
                }
            }
            scratch.words.resize(self.row.words as usize, 0);
            self.row.words_of_cells(&scratch.image, &mut scratch.words);
        }
        if self.least.is_empty() || scratch.words < *self.least {
            std::mem::swap(self.least, &mut scratch.words);
        }
        Ok(())
    }
}

/// Memory for images.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    cells: Vec<u64>,
    image: Vec<u64>,
    other: Vec<u64>,
    words: Vec<u32>,
    pairs: Vec<u64>,
    sums: Vec<u64>,
}

/// Model values that the symmetry moves: shapes have all of them or none.
pub(crate) fn moved(interpreted: &Interpreted<'_>) -> BTreeSet<Datum> {
    let mut machine = interpreted.machine();
    let Ok(group) = group(interpreted, &mut machine) else { return BTreeSet::new() };
    group.moved().into_iter().map(Datum::Model).collect()
}

/// Adds all values that a symmetry moves wherever one of them is.
pub(crate) fn closed(guess: Guess, moved: &BTreeSet<Datum>) -> Guess {
    guess.with_strings(moved)
}
