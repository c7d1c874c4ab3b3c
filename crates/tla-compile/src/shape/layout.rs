//! Shapes with a layout.
//!
//! A shape of at most 64 bits is *narrow*: its values are one machine word, parts beside each other, and reading or
//! replacing a part is a shift and a mask. A *wide* shape lies in memory as 64-bit cells: each narrow part has a cell of
//! its own, a wide part several. Unused bits are zero. So two values of one shape are equal if and only if their words
//! or cells are.
//!
//! A set is a bit for each element of a *universe*: all values of the element's shape, listed in TLC's order. Running
//! through the bits from the lowest therefore is TLC's order of enumeration.

use super::datum::{Datum, is_tuple_domain};
use super::guess::Guess;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use tla_model::value::Value;
use tla_model::value::names::Names;
use tla_model::value::order::compare;

/// Most elements of the universe of a set.
pub const MOST_ELEMENTS: u64 = 4096;

/// Most cells of a wide shape.
const MOST_CELLS: u32 = 2048;

/// A shape. Cheap to copy.
#[derive(Debug, Clone)]
pub struct Shape(Arc<Node>);

#[derive(Debug, PartialEq, Eq)]
struct Node {
    form: Form,
    /// Bits if narrow.
    bits: Option<u32>,
    cells: u32,
}

/// What kind of values a shape has.
#[derive(Debug, PartialEq, Eq)]
pub enum Form {
    /// Booleans: 0 and 1.
    Bool,
    /// Integers, less the least one.
    Int {
        /// Least.
        low: i64,
        /// Greatest.
        high: i64,
    },
    /// Strings and model values in TLC's order, by index.
    Atom(Vec<Datum>),
    /// Functions with these arguments; each part lies at its offset, in bits or in cells.
    Product {
        /// Arguments in TLC's order.
        keys: Arc<[Datum]>,
        /// Shape of each value.
        parts: Vec<Shape>,
        /// Where each value lies.
        offsets: Vec<u32>,
    },
    /// Sets of elements of a universe.
    Set(Arc<Universe>),
    /// Length, then elements.
    Sequence {
        /// Shape of an element.
        part: Shape,
        /// Greatest length.
        most: u32,
    },
    /// Which alternative, then its value.
    Union(Vec<Shape>),
}

/// All values that an element of a set can have.
#[derive(Debug)]
pub struct Universe {
    /// Shape of an element; narrow.
    pub part: Shape,
    /// Words of the elements in TLC's order.
    pub words: Vec<u64>,
    /// Index of each word.
    pub index: FxHashMap<u64, u32>,
    /// Whether each word is its own index.
    pub is_identity: bool,
}

impl PartialEq for Universe {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.part == other.part
    }
}

impl Eq for Universe {}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Shape {}

/// Why a guess has no layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoLayout {
    /// The universe of a set is too large.
    #[error("a set ranges over {0} possible elements, more than {MOST_ELEMENTS}")]
    Universe(String),
    /// A set whose elements do not fit a word.
    #[error("the elements of a set take more than 64 bits")]
    WideElements,
    /// Elements that cannot be ordered.
    #[error("a set has elements of kinds that cannot be compared")]
    Incomparable,
    /// Too large.
    #[error("a value takes more than {MOST_CELLS} words")]
    Cells,
    /// Integers that span more than 63 bits.
    #[error("integers span more than 62 bits")]
    Integers,
}

/// Bits that tell apart so many values.
pub fn bits_for(count: u64) -> u32 {
    if count <= 1 { 0 } else { 64 - (count - 1).leading_zeros() }
}

impl Shape {
    /// Lays a guess out as it stands.
    ///
    /// # Errors
    /// If it is too large, or has sets that cannot be enumerated.
    pub fn of(guess: &Guess, names: &Names) -> Result<Self, NoLayout> {
        let (form, bits, cells) = match guess {
            Guess::Never => (Form::Atom(Vec::new()), Some(0), 1),
            Guess::Bool => (Form::Bool, Some(1), 1),
            Guess::Int { low, high, .. } => {
                let count = high.abs_diff(*low);
                if count >= 1 << 62 {
                    return Err(NoLayout::Integers);
                }
                (Form::Int { low: *low, high: *high }, Some(bits_for(count + 1)), 1)
            }
            Guess::Atom(atoms) => {
                let mut atoms: Vec<Datum> = atoms.iter().cloned().collect();
                let mut problem = false;
                atoms.sort_by(|a, b| {
                    compare(names, &a.value(), &b.value()).unwrap_or_else(|_| {
                        problem = true;
                        a.cmp(b)
                    })
                });
                if problem {
                    return Err(NoLayout::Incomparable);
                }
                let bits = bits_for(atoms.len() as u64);
                (Form::Atom(atoms), Some(bits), 1)
            }
            Guess::Product(keys, parts) => {
                let parts = parts.iter().map(|part| Self::of(part, names)).collect::<Result<Vec<_>, _>>()?;
                Self::product(keys.clone(), parts)
            }
            Guess::Set(part) => {
                let universe = Universe::of(Self::of(part, names)?, names)?;
                let count = universe.words.len() as u32;
                let bits = (count <= 64).then_some(count);
                (Form::Set(Arc::new(universe)), bits, count.div_ceil(64).max(1))
            }
            Guess::Sequence(part, most) => {
                let part = Self::of(part, names)?;
                let length = bits_for(u64::from(*most) + 1);
                let bits = part.bits().map(|bits| length + bits * most).filter(|bits| *bits <= 64);
                let cells = if bits.is_some() { 1 } else { 1 + part.cells() * most };
                (Form::Sequence { part, most: *most }, bits, cells)
            }
            Guess::Union(all) => {
                let all = all.iter().map(|guess| Self::of(guess, names)).collect::<Result<Vec<_>, _>>()?;
                let tag = bits_for(all.len() as u64);
                let narrow = all.iter().map(Self::bits).try_fold(0, |most, bits| bits.map(|bits| bits.max(most)));
                let bits = narrow.map(|most| tag + most).filter(|bits| *bits <= 64);
                let payload = all.iter().map(Self::cells).max().unwrap_or(1);
                let cells = if bits.is_some() { 1 } else { 1 + payload };
                (Form::Union(all), bits, cells)
            }
        };
        if cells > MOST_CELLS {
            return Err(NoLayout::Cells);
        }
        Ok(Self(Arc::new(Node { form, bits, cells })))
    }

    fn product(keys: Arc<[Datum]>, parts: Vec<Self>) -> (Form, Option<u32>, u32) {
        let bits = parts.iter().map(Self::bits).try_fold(0u32, |sum, bits| bits.map(|bits| bits + sum));
        let bits = bits.filter(|bits| *bits <= 64);
        let mut offsets = Vec::with_capacity(parts.len());
        let mut at = 0;
        for part in &parts {
            offsets.push(at);
            at += if bits.is_some() { part.bits().unwrap_or(0) } else { part.cells() };
        }
        let cells = if bits.is_some() { 1 } else { at.max(1) };
        (Form::Product { keys, parts, offsets }, bits, cells)
    }

    /// What kind of values it has.
    pub fn form(&self) -> &Form {
        &self.0.form
    }

    /// Its bits, if it is narrow.
    pub fn bits(&self) -> Option<u32> {
        self.0.bits
    }

    /// Whether its values are one word.
    pub fn is_narrow(&self) -> bool {
        self.0.bits.is_some()
    }

    /// Cells that its values take in memory.
    pub fn cells(&self) -> u32 {
        self.0.cells
    }

    /// Bits in use of each cell, in order.
    pub fn cell_bits(&self, all: &mut Vec<u32>) {
        if let Some(bits) = self.bits() {
            all.push(bits);
            return;
        }
        match self.form() {
            Form::Bool | Form::Int { .. } | Form::Atom(_) => all.push(64),
            Form::Product { parts, .. } => parts.iter().for_each(|part| part.cell_bits(all)),
            Form::Set(universe) => {
                let count = universe.words.len() as u32;
                (0..self.cells()).for_each(|cell| all.push((count - 64 * cell).min(64)));
            }
            Form::Sequence { part, most } => {
                all.push(bits_for(u64::from(*most) + 1));
                (0..*most).for_each(|_| part.cell_bits(all));
            }
            Form::Union(alternatives) => {
                all.push(bits_for(alternatives.len() as u64));
                let mut payload = vec![0; self.cells() as usize - 1];
                for alternative in alternatives {
                    let mut bits = Vec::new();
                    alternative.cell_bits(&mut bits);
                    payload.iter_mut().zip(bits).for_each(|(most, bits)| *most = bits.max(*most));
                }
                all.extend(payload);
            }
        }
    }

    /// Bits of the length of a sequence.
    pub fn length_bits(most: u32) -> u32 {
        bits_for(u64::from(most) + 1)
    }

    /// Bits of the tag of a union.
    pub fn tag_bits(alternatives: usize) -> u32 {
        bits_for(alternatives as u64)
    }

    /// The guess that it was made from, bounds taken as they are.
    pub fn guess(&self) -> Guess {
        match self.form() {
            Form::Bool => Guess::Bool,
            Form::Int { low, high } => Guess::Int { low: *low, high: *high, firm: true },
            Form::Atom(atoms) if atoms.is_empty() => Guess::Never,
            Form::Atom(atoms) => Guess::Atom(atoms.iter().cloned().collect()),
            Form::Product { keys, parts, .. } => Guess::Product(keys.clone(), parts.iter().map(Self::guess).collect()),
            Form::Set(universe) => Guess::Set(Box::new(universe.part.guess())),
            Form::Sequence { part, most } => Guess::Sequence(Box::new(part.guess()), *most),
            Form::Union(all) => Guess::Union(all.iter().map(Self::guess).collect()),
        }
    }

    /// Number of values, if it is small.
    pub fn count(&self) -> Option<u64> {
        match self.form() {
            Form::Bool => Some(2),
            Form::Int { low, high } => high.abs_diff(*low).checked_add(1),
            Form::Atom(atoms) => Some(atoms.len() as u64),
            Form::Product { parts, .. } => {
                parts.iter().try_fold(1u64, |product, part| product.checked_mul(part.count()?))
            }
            Form::Set(universe) => 1u64.checked_shl(universe.words.len() as u32),
            Form::Sequence { part, most } => {
                let count = part.count()?;
                (0..=*most).try_fold(0u64, |sum, length| sum.checked_add(count.checked_pow(length)?))
            }
            Form::Union(all) => all.iter().try_fold(0u64, |sum, part| sum.checked_add(part.count()?)),
        }
    }

    /// All values; only for shapes with few.
    pub(crate) fn data(&self) -> Vec<Datum> {
        match self.form() {
            Form::Bool => vec![Datum::Bool(false), Datum::Bool(true)],
            Form::Int { low, high } => (*low..=*high).map(Datum::Int).collect(),
            Form::Atom(atoms) => atoms.clone(),
            Form::Product { keys, parts, .. } => {
                let rows = rows(&parts.iter().map(Self::data).collect::<Vec<_>>());
                rows.into_iter().map(|row| Datum::Map(keys.to_vec(), row)).collect()
            }
            Form::Set(universe) => {
                let elements = universe.data();
                let subsets = 0..1u64 << elements.len();
                let chosen = |mask: u64| elements.iter().enumerate().filter(move |(i, _)| mask >> i & 1 == 1);
                subsets.map(|mask| Datum::Set(chosen(mask).map(|(_, element)| element.clone()).collect())).collect()
            }
            Form::Sequence { part, most } => {
                let elements = part.data();
                let mut all = Vec::new();
                for length in 0..=*most {
                    let keys: Vec<Datum> = (1..=i64::from(length)).map(Datum::Int).collect();
                    for row in rows(&vec![elements.clone(); length as usize]) {
                        all.push(Datum::Map(keys.clone(), row));
                    }
                }
                all
            }
            Form::Union(all) => all.iter().flat_map(Self::data).collect(),
        }
    }

    /// Whether values of this shape are sequences or tuples.
    pub fn is_tuple(keys: &[Datum]) -> bool {
        is_tuple_domain(keys)
    }
}

fn rows(columns: &[Vec<Datum>]) -> Vec<Vec<Datum>> {
    columns.iter().fold(vec![Vec::new()], |rows, column| {
        let extend = |row: &Vec<Datum>, datum: &Datum| row.iter().chain([datum]).cloned().collect();
        rows.iter().flat_map(|row| column.iter().map(move |datum| extend(row, datum))).collect()
    })
}

impl Universe {
    /// The universe of all values of a shape.
    fn of(part: Shape, names: &Names) -> Result<Self, NoLayout> {
        if !part.is_narrow() {
            return Err(NoLayout::WideElements);
        }
        match part.count() {
            Some(count) if count <= MOST_ELEMENTS => {}
            Some(count) => return Err(NoLayout::Universe(count.to_string())),
            None => return Err(NoLayout::Universe("2^64".to_owned())),
        }
        let data = part.data();
        let mut values: Vec<Value> = data.iter().map(Datum::value).collect();
        let mut problem = false;
        values.sort_by(|a, b| {
            compare(names, a, b).unwrap_or_else(|_| {
                problem = true;
                std::cmp::Ordering::Equal
            })
        });
        if problem {
            return Err(NoLayout::Incomparable);
        }
        let mut words = Vec::with_capacity(values.len());
        for value in &values {
            let mut cells = Vec::new();
            if super::pack::pack(&part, value, &mut cells).is_none() {
                return Err(NoLayout::Incomparable);
            }
            words.push(cells[0]);
        }
        let index = words.iter().enumerate().map(|(i, word)| (*word, i as u32)).collect();
        let is_identity = words.iter().enumerate().all(|(i, word)| i as u64 == *word);
        Ok(Self { part, words, index, is_identity })
    }

    /// Elements in order.
    pub fn data(&self) -> Vec<Datum> {
        let value = |word: &u64| super::pack::unpack(&self.part, std::slice::from_ref(word));
        self.words.iter().filter_map(|word| Datum::of(&value(word))).collect()
    }
}
