//! How the values that a symmetry moves occur in packed values: `tla_model::value::occurrence` for shapes.
//!
//! A *sight* of a shape finds the hashes of all pairs of moved values from the cells of a value. Where the values are
//! few they are listed; the hashes of the elements of a universe and of the arguments of a function are listed always.

use crate::row::low_bits;
use crate::shape::layout::{Form, MOST_ELEMENTS};
use crate::shape::{Datum, Shape, pack};
use tla_model::value::mix;
use tla_model::value::occurrence::{Moved, Occurrence};

/// Most numbers in a table.
const MOST_HASHES: usize = 1 << 15;

/// How moved values occur in the values of a shape.
#[derive(Debug)]
pub(crate) enum Sight {
    /// They never do: a hash of the cells.
    Plain,
    /// By the word, so many hashes each.
    Table(Vec<u64>),
    /// By part, with the hashes of the arguments.
    Parts(Vec<(Box<[u64]>, Sight)>),
    /// By the element.
    Elements(Vec<Box<[u64]>>),
    /// By the elements of the sequence.
    Sequence(Box<Sight>),
    /// By the alternative.
    Union(Vec<Sight>),
}

impl Sight {
    pub(crate) fn of(shape: &Shape, moved: &Moved) -> Self {
        let size = moved.len() * moved.len();
        if let Form::Bool | Form::Int { .. } = shape.form() {
            return Self::Plain;
        }
        let few = shape.count().is_some_and(|count| count <= MOST_ELEMENTS);
        if few && shape.bits().is_some_and(|bits| bits < 16 && size << bits <= MOST_HASHES) {
            return Self::table(shape, moved);
        }
        match shape.form() {
            Form::Bool | Form::Int { .. } => Self::Plain,
            Form::Atom(_) => Self::table(shape, moved),
            Form::Product { keys, parts, .. } => {
                let part = |(key, part): (&Datum, &Shape)| (hashes(moved, key).0, Self::of(part, moved));
                let all: Vec<_> = keys.iter().zip(parts).map(part).collect();
                let nowhere = keys.iter().all(|key| !hashes(moved, key).1);
                if nowhere && all.iter().all(|(_, sight)| matches!(sight, Self::Plain)) {
                    return Self::Plain;
                }
                Self::Parts(all)
            }
            Form::Set(universe) => {
                let all: Vec<_> = universe.data().iter().map(|datum| hashes(moved, datum)).collect();
                if all.iter().all(|(_, somewhere)| !somewhere) {
                    return Self::Plain;
                }
                Self::Elements(
                    all.into_iter().map(|(hashes, _)| hashes.iter().map(|h| mix(21, *h)).collect()).collect(),
                )
            }
            Form::Sequence { part, .. } => match Self::of(part, moved) {
                Self::Plain => Self::Plain,
                sight => Self::Sequence(Box::new(sight)),
            },
            Form::Union(shapes) => {
                let all: Vec<_> = shapes.iter().map(|shape| Self::of(shape, moved)).collect();
                if all.iter().all(|sight| matches!(sight, Self::Plain)) { Self::Plain } else { Self::Union(all) }
            }
        }
    }

    /// The hashes for each word; plain if no value has a moved one in it.
    fn table(shape: &Shape, moved: &Moved) -> Self {
        let size = moved.len() * moved.len();
        let Some(bits) = shape.bits() else { return Self::Plain };
        let mut table = vec![0; size << bits];
        let mut somewhere = false;
        for datum in shape.data() {
            let (hashes, occurs) = hashes(moved, &datum);
            somewhere |= occurs;
            if let Some(word) = pack::word(shape, &datum.value()) {
                table[word as usize * size..][..size].copy_from_slice(&hashes);
            }
        }
        if somewhere { Self::Table(table) } else { Self::Plain }
    }

    /// Memory that a look needs, in numbers of tables of pairs.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Plain | Self::Table(_) | Self::Elements(_) => 0,
            Self::Parts(parts) => 1 + parts.iter().map(|(_, part)| part.depth()).max().unwrap_or(0),
            Self::Sequence(part) => 1 + part.depth(),
            Self::Union(all) => 1 + all.iter().map(Self::depth).max().unwrap_or(0),
        }
    }

    /// Writes the hashes of all pairs for the cells of a value. Whether a moved value may be in it; if not, all hashes
    /// are the same.
    pub(crate) fn cells(&self, shape: &Shape, from: &[u64], sum: &mut [u64], rest: &mut [u64]) -> bool {
        if shape.is_narrow() {
            return self.word(shape, from[0], sum, rest);
        }
        match (self, shape.form()) {
            (Self::Parts(all), Form::Product { parts, offsets, .. }) => {
                sum.fill(0);
                let (inner, rest) = rest.split_at_mut(sum.len());
                for (index, (keys, sight)) in all.iter().enumerate() {
                    let at = offsets[index] as usize;
                    let cells = parts[index].cells() as usize;
                    sight.cells(&parts[index], &from[at..at + cells], inner, rest);
                    add_pairs(sum, keys, inner);
                }
                true
            }
            (Self::Elements(all), Form::Set(_)) => {
                sum.fill(0);
                for (cell, word) in from.iter().enumerate().take(shape.cells() as usize) {
                    add_elements(sum, &all[(cell * 64).min(all.len())..], *word);
                }
                true
            }
            (Self::Sequence(sight), Form::Sequence { part, .. }) => {
                sum.fill(from[0]);
                let (inner, rest) = rest.split_at_mut(sum.len());
                let cells = part.cells() as usize;
                for index in 0..from[0] as usize {
                    let at = 1 + index * cells;
                    sight.cells(part, &from[at..at + cells], inner, rest);
                    append(sum, inner);
                }
                true
            }
            (Self::Union(all), Form::Union(shapes)) => {
                let tag = from[0] as usize;
                if let (Some(sight), Some(shape)) = (all.get(tag), shapes.get(tag)) {
                    sight.cells(shape, &from[1..], sum, rest);
                }
                sum.iter_mut().for_each(|hash| *hash = mix(from[0], *hash));
                true
            }
            _ => {
                sum.fill(from.iter().fold(3, |hash, cell| mix(hash, *cell)));
                false
            }
        }
    }

    fn word(&self, shape: &Shape, word: u64, sum: &mut [u64], rest: &mut [u64]) -> bool {
        let field = |at: u32, bits: u32| if bits == 0 { 0 } else { word >> at & low_bits(bits) };
        match (self, shape.form()) {
            (Self::Table(table), _) => {
                let size = sum.len();
                match table.get(word as usize * size..(word as usize + 1) * size) {
                    Some(hashes) => sum.copy_from_slice(hashes),
                    None => sum.fill(0),
                }
                true
            }
            (Self::Parts(all), Form::Product { parts, offsets, .. }) => {
                sum.fill(0);
                let (inner, rest) = rest.split_at_mut(sum.len());
                for (index, (keys, sight)) in all.iter().enumerate() {
                    let bits = parts[index].bits().unwrap_or(0);
                    sight.word(&parts[index], field(offsets[index], bits), inner, rest);
                    add_pairs(sum, keys, inner);
                }
                true
            }
            (Self::Elements(all), Form::Set(_)) => {
                sum.fill(0);
                add_elements(sum, all, word);
                true
            }
            (Self::Sequence(sight), Form::Sequence { part, most }) => {
                let length_bits = Shape::length_bits(*most);
                let length = field(0, length_bits);
                let bits = part.bits().unwrap_or(0);
                sum.fill(length);
                let (inner, rest) = rest.split_at_mut(sum.len());
                for index in 0..length as u32 {
                    sight.word(part, field(length_bits + index * bits, bits), inner, rest);
                    append(sum, inner);
                }
                true
            }
            (Self::Union(all), Form::Union(shapes)) => {
                let tag_bits = Shape::tag_bits(shapes.len());
                let tag = field(0, tag_bits);
                sum.fill(0);
                if let (Some(sight), Some(shape)) = (all.get(tag as usize), shapes.get(tag as usize))
                    && tag_bits < 64
                {
                    sight.word(shape, field(tag_bits, shape.bits().unwrap_or(0)), sum, rest);
                }
                sum.iter_mut().for_each(|hash| *hash = mix(tag, *hash));
                true
            }
            _ => {
                sum.fill(mix(3, word));
                false
            }
        }
    }
}

/// The hashes of all pairs for a value, and whether a moved value occurs.
fn hashes(moved: &Moved, datum: &Datum) -> (Box<[u64]>, bool) {
    match moved.occurrence(&datum.value()) {
        Occurrence::Nowhere(hash) => (vec![hash; moved.len() * moved.len()].into(), false),
        Occurrence::Pairs(hashes) => (hashes, true),
    }
}

fn add_pairs(sum: &mut [u64], keys: &[u64], values: &[u64]) {
    for ((sum, key), value) in sum.iter_mut().zip(keys).zip(values) {
        *sum = sum.wrapping_add(mix(*key, *value));
    }
}

fn add_elements(sum: &mut [u64], elements: &[Box<[u64]>], mut word: u64) {
    while word != 0 {
        if let Some(element) = elements.get(word.trailing_zeros() as usize) {
            for (sum, hash) in sum.iter_mut().zip(element) {
                *sum = sum.wrapping_add(*hash);
            }
        }
        word &= word - 1;
    }
}

fn append(sum: &mut [u64], element: &[u64]) {
    for (sum, hash) in sum.iter_mut().zip(element) {
        *sum = mix(*sum, *hash);
    }
}
