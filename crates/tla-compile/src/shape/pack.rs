//! Values into cells and back.

use super::datum::Datum;
use super::guess::Guess;
use super::layout::{Form, Shape};
use tla_model::value::Value;
use tla_model::value::order::{function_len, function_pair, set_element, set_len};

/// Appends the cells of a value; `None` if it does not fit the shape.
pub fn pack(shape: &Shape, value: &Value, out: &mut Vec<u64>) -> Option<()> {
    if shape.is_narrow() {
        out.push(word(shape, value)?);
        return Some(());
    }
    let start = out.len();
    match shape.form() {
        Form::Bool | Form::Int { .. } | Form::Atom(_) => return None,
        Form::Product { keys, parts, .. } => {
            if function_len(value)? != keys.len() {
                return None;
            }
            for (i, part) in parts.iter().enumerate() {
                let (key, value) = function_pair(value, i);
                if Datum::of(&key)? != keys[i] {
                    return None;
                }
                pack(part, &value, out)?;
            }
        }
        Form::Set(universe) => {
            out.resize(start + shape.cells() as usize, 0);
            for i in 0..set_len(value)? {
                let word = word(&universe.part, &set_element(value, i))?;
                let index = *universe.index.get(&word)? as usize;
                out[start + index / 64] |= 1 << (index % 64);
            }
        }
        Form::Sequence { part, most } => {
            let Value::Tuple(node) = value else { return None };
            if node.elements.len() > *most as usize {
                return None;
            }
            out.push(node.elements.len() as u64);
            for element in &node.elements {
                pack(part, element, out)?;
            }
            out.resize(start + shape.cells() as usize, 0);
        }
        Form::Union(all) => {
            let tag = alternative(all, value)?;
            out.push(tag as u64);
            pack(&all[tag], value, out)?;
            out.resize(start + shape.cells() as usize, 0);
        }
    }
    Some(())
}

/// The alternative of a union that a value belongs to.
fn alternative(all: &[Shape], value: &Value) -> Option<usize> {
    let mut scratch = Vec::new();
    all.iter().position(|shape| {
        scratch.clear();
        pack(shape, value, &mut scratch).is_some()
    })
}

/// The word of a value of a narrow shape.
pub fn word(shape: &Shape, value: &Value) -> Option<u64> {
    match shape.form() {
        Form::Bool => match value {
            Value::Bool(b) => Some(u64::from(*b)),
            _ => None,
        },
        Form::Int { low, high } => match value {
            Value::Int(i) if low <= i && i <= high => Some(i.abs_diff(*low)),
            _ => None,
        },
        Form::Atom(atoms) => {
            let position = atoms.iter().position(|atom| match (atom, value) {
                (Datum::String(a), Value::String(b)) => a == b,
                (Datum::Model(a), Value::Model(b)) => a == b,
                _ => false,
            });
            position.map(|i| i as u64)
        }
        Form::Product { keys, parts, offsets } => {
            if function_len(value)? != keys.len() {
                return None;
            }
            let mut all = 0;
            for (i, part) in parts.iter().enumerate() {
                let (key, value) = function_pair(value, i);
                if Datum::of(&key)? != keys[i] {
                    return None;
                }
                all |= shifted(word(part, &value)?, offsets[i]);
            }
            Some(all)
        }
        Form::Set(universe) => {
            let mut mask = 0;
            for i in 0..set_len(value)? {
                let word = word(&universe.part, &set_element(value, i))?;
                mask |= 1 << *universe.index.get(&word)?;
            }
            Some(mask)
        }
        Form::Sequence { part, most } => {
            let Value::Tuple(node) = value else { return None };
            if node.elements.len() > *most as usize {
                return None;
            }
            let mut all = node.elements.len() as u64;
            let mut at = Shape::length_bits(*most);
            for element in &node.elements {
                all |= shifted(word(part, element)?, at);
                at += part.bits()?;
            }
            Some(all)
        }
        Form::Union(all) => {
            let (tag, payload) = all.iter().enumerate().find_map(|(tag, shape)| Some((tag, word(shape, value)?)))?;
            Some(tag as u64 | shifted(payload, Shape::tag_bits(all.len())))
        }
    }
}

fn shifted(word: u64, by: u32) -> u64 {
    word.checked_shl(by).unwrap_or(0)
}

fn field(word: u64, at: u32, bits: u32) -> u64 {
    let low = word.checked_shr(at).unwrap_or(0);
    if bits >= 64 { low } else { low & ((1 << bits) - 1) }
}

/// The value of cells.
pub fn unpack(shape: &Shape, cells: &[u64]) -> Value {
    let narrow = shape.is_narrow();
    let first = cells.first().copied().unwrap_or(0);
    match shape.form() {
        Form::Bool => Value::Bool(first != 0),
        Form::Int { low, .. } => Value::Int(low.wrapping_add_unsigned(first)),
        Form::Atom(atoms) => atoms.get(first as usize).map_or(Value::Bool(false), Datum::value),
        Form::Product { keys, parts, offsets } => {
            let values = parts.iter().zip(offsets).map(|(part, at)| {
                if narrow {
                    return unpack(part, &[field(first, *at, part.bits().unwrap_or(0))]);
                }
                unpack(part, &cells[*at as usize..])
            });
            Value::function(keys.iter().map(Datum::value).collect(), values.collect())
        }
        Form::Set(universe) => {
            let has = |i: &usize| cells.get(i / 64).is_some_and(|cell| cell >> (i % 64) & 1 == 1);
            let elements = (0..universe.words.len()).filter(has);
            Value::sorted_set(elements.map(|i| unpack(&universe.part, &universe.words[i..=i])).collect())
        }
        Form::Sequence { part, most } => {
            let length_bits = Shape::length_bits(*most);
            let length = if narrow { field(first, 0, length_bits) } else { first };
            let elements = (0..length as u32).map(|i| {
                if narrow {
                    let bits = part.bits().unwrap_or(0);
                    return unpack(part, &[field(first, length_bits + i * bits, bits)]);
                }
                unpack(part, &cells[(1 + i * part.cells()) as usize..])
            });
            Value::tuple(elements.collect())
        }
        Form::Union(all) => {
            let tag_bits = Shape::tag_bits(all.len());
            let tag = if narrow { field(first, 0, tag_bits) } else { first };
            let Some(shape) = all.get(tag as usize) else { return Value::Bool(false) };
            if narrow {
                return unpack(shape, &[field(first, tag_bits, shape.bits().unwrap_or(0))]);
            }
            unpack(shape, &cells[1..])
        }
    }
}

/// Whether a guess covers a value.
pub fn guess_of(value: &Value) -> Option<Guess> {
    Guess::of(value)
}
