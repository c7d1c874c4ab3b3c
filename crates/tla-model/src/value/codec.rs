//! Values as bytes: how they cross threads and how they are kept once for a whole run.
//!
//! The encoding is canonical: equal values have equal bytes. An interval is written as the set that it is unless it is
//! long, in which case the set that equals it is written as an interval too.
//!
//! Layout: one tag byte, then the payload; lengths and scalars as LEB128.

use super::{LazySet, ModelValueId, StringId, Value};
use num_bigint::BigInt;
use std::rc::Rc;

const FALSE: u8 = 0;
const TRUE: u8 = 1;
const INT: u8 = 2;
const BIG: u8 = 3;
const STRING: u8 = 4;
const MODEL: u8 = 5;
const SET: u8 = 6;
const INTERVAL: u8 = 7;
const TUPLE: u8 = 8;
const RECORD: u8 = 9;
const FUNCTION: u8 = 10;
const NATURALS: u8 = 11;
const INTEGERS: u8 = 12;
const REALS: u8 = 13;
const STRINGS: u8 = 14;
const SEQUENCES: u8 = 15;
const SUBSETS: u8 = 16;
const FUNCTIONS: u8 = 17;
const RECORDS: u8 = 18;
const PRODUCT: u8 = 19;
const UNION: u8 = 20;
const INTERSECTION: u8 = 21;
const DIFFERENCE: u8 = 22;
const ANYTHING: u8 = 23;
const FAMILY: u8 = 24;

/// Sets of consecutive integers from this length on are written as intervals.
const LONG_INTERVAL: u64 = 64;

/// A value that cannot be written: it still depends on code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotExplicit;

fn write_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn write_all(out: &mut Vec<u8>, values: &[Value]) -> Result<(), NotExplicit> {
    values.iter().try_for_each(|value| encode(out, value))
}

/// Appends the encoding of a value.
///
/// # Errors
/// [`NotExplicit`] for functions given by a rule and filters of infinite sets.
pub fn encode(out: &mut Vec<u8>, value: &Value) -> Result<(), NotExplicit> {
    match value {
        Value::Bool(b) => out.push(if *b { TRUE } else { FALSE }),
        Value::Int(i) => {
            out.push(INT);
            write_unsigned(out, zigzag(*i));
        }
        Value::BigInt(i) => {
            let bytes = i.to_signed_bytes_le();
            out.push(BIG);
            write_unsigned(out, bytes.len() as u64);
            out.extend_from_slice(&bytes);
        }
        Value::String(id) => {
            out.push(STRING);
            write_unsigned(out, u64::from(id.0));
        }
        Value::Model(id) => {
            out.push(MODEL);
            write_unsigned(out, u64::from(id.0));
        }
        Value::Interval(range) if range.len() >= LONG_INTERVAL => write_interval(out, range.low, range.high),
        Value::Interval(range) => {
            out.push(SET);
            write_unsigned(out, range.len());
            for i in range.low..=range.high {
                encode(out, &Value::Int(i))?;
            }
        }
        Value::Set(set) => match long_interval(&set.elements) {
            Some((low, high)) => write_interval(out, low, high),
            None => {
                out.push(SET);
                write_unsigned(out, set.elements.len() as u64);
                write_all(out, &set.elements)?;
            }
        },
        Value::Tuple(tuple) => {
            out.push(TUPLE);
            write_unsigned(out, tuple.elements.len() as u64);
            write_all(out, &tuple.elements)?;
        }
        Value::Record(record) => {
            out.push(RECORD);
            write_fields(out, &record.fields);
            write_all(out, &record.values)?;
        }
        Value::Function(function) => {
            out.push(FUNCTION);
            write_unsigned(out, function.values.len() as u64);
            write_all(out, &function.domain)?;
            write_all(out, &function.values)?;
        }
        Value::Lazy(set) => encode_lazy(out, set)?,
        Value::Rule(rule) => match rule.explicit.get() {
            Some(explicit) => encode(out, explicit)?,
            None => return Err(NotExplicit),
        },
    }
    Ok(())
}

/// Whether reading what was written gives the value in the same form: sets of consecutive integers are written in one
/// form, whichever of the two they have.
pub fn is_in_written_form(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::String(_) | Value::Model(_) => true,
        Value::Interval(range) => range.len() >= LONG_INTERVAL,
        Value::Set(set) => long_interval(&set.elements).is_none() && set.elements.iter().all(is_in_written_form),
        Value::Tuple(tuple) => tuple.elements.iter().all(is_in_written_form),
        Value::Record(record) => record.values.iter().all(is_in_written_form),
        Value::Function(function) => function.domain.iter().chain(function.values.iter()).all(is_in_written_form),
        Value::Lazy(_) | Value::Rule(_) => false,
    }
}

fn write_interval(out: &mut Vec<u8>, low: i64, high: i64) {
    out.push(INTERVAL);
    write_unsigned(out, zigzag(low));
    write_unsigned(out, zigzag(high));
}

fn write_fields(out: &mut Vec<u8>, fields: &[StringId]) {
    write_unsigned(out, fields.len() as u64);
    for field in fields {
        write_unsigned(out, u64::from(field.0));
    }
}

fn long_interval(elements: &[Value]) -> Option<(i64, i64)> {
    if (elements.len() as u64) < LONG_INTERVAL {
        return None;
    }
    match (elements.first(), elements.last()) {
        (Some(Value::Int(low)), Some(Value::Int(high))) if high.abs_diff(*low) + 1 == elements.len() as u64 => {
            Some((*low, *high))
        }
        _ => None,
    }
}

fn tag_alone(out: &mut Vec<u8>, tag: u8) -> Result<(), NotExplicit> {
    out.push(tag);
    Ok(())
}

fn encode_lazy(out: &mut Vec<u8>, set: &LazySet) -> Result<(), NotExplicit> {
    let mut pair = |tag: u8, a: &Value, b: &Value| {
        out.push(tag);
        encode(out, a)?;
        encode(out, b)
    };
    match set {
        LazySet::Functions(a, b) => pair(FUNCTIONS, a, b),
        LazySet::Union(a, b) => pair(UNION, a, b),
        LazySet::Intersection(a, b) => pair(INTERSECTION, a, b),
        LazySet::Difference(a, b) => pair(DIFFERENCE, a, b),
        LazySet::Naturals => tag_alone(out, NATURALS),
        LazySet::Integers => tag_alone(out, INTEGERS),
        LazySet::Reals => tag_alone(out, REALS),
        LazySet::Strings => tag_alone(out, STRINGS),
        LazySet::Anything => tag_alone(out, ANYTHING),
        LazySet::Sequences(base) => {
            out.push(SEQUENCES);
            encode(out, base)
        }
        LazySet::Subsets(base) => {
            out.push(SUBSETS);
            encode(out, base)
        }
        LazySet::Records(fields, sets) => {
            out.push(RECORDS);
            write_fields(out, fields);
            write_all(out, sets)
        }
        LazySet::Family(sets) => {
            out.push(FAMILY);
            write_unsigned(out, sets.len() as u64);
            write_all(out, sets)
        }
        LazySet::Product(sets) => {
            out.push(PRODUCT);
            write_unsigned(out, sets.len() as u64);
            write_all(out, sets)
        }
        LazySet::Filter(_) => Err(NotExplicit),
    }
}

/// The encoding of a value.
///
/// # Errors
/// See [`encode`].
pub fn to_bytes(value: &Value) -> Result<Vec<u8>, NotExplicit> {
    let mut out = Vec::new();
    encode(&mut out, value)?;
    Ok(out)
}

/// Bytes that are no encoding: only possible if memory or a file was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Reads values from bytes.
#[derive(Debug)]
pub struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Decoder<'a> {
    /// A decoder at the beginning of the bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let byte = *self.bytes.get(self.at).ok_or(Malformed)?;
        self.at += 1;
        Ok(byte)
    }

    fn unsigned(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            if shift >= 64 {
                return Err(Malformed);
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    fn signed(&mut self) -> Result<i64, Malformed> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        let length = self.unsigned()? as usize;
        if length > self.bytes.len() - self.at.min(self.bytes.len()) {
            return Err(Malformed);
        }
        Ok(length)
    }

    fn id(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.unsigned()?).map_err(|_| Malformed)
    }

    fn values(&mut self, count: usize) -> Result<Vec<Value>, Malformed> {
        (0..count).map(|_| self.value()).collect()
    }

    fn fields(&mut self) -> Result<Rc<[StringId]>, Malformed> {
        let count = self.length()?;
        (0..count).map(|_| self.id().map(StringId)).collect()
    }

    /// The next value.
    ///
    /// # Errors
    /// [`Malformed`] if the bytes are no encoding.
    pub fn value(&mut self) -> Result<Value, Malformed> {
        Ok(match self.byte()? {
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::Int(self.signed()?),
            BIG => {
                let length = self.length()?;
                let bytes = &self.bytes[self.at..self.at + length];
                self.at += length;
                Value::integer(BigInt::from_signed_bytes_le(bytes))
            }
            STRING => Value::String(StringId(self.id()?)),
            MODEL => Value::Model(ModelValueId(self.id()?)),
            SET => {
                let count = self.length()?;
                Value::sorted_set(self.values(count)?)
            }
            INTERVAL => {
                let low = self.signed()?;
                Value::interval(low, self.signed()?)
            }
            TUPLE => {
                let count = self.length()?;
                Value::tuple(self.values(count)?)
            }
            RECORD => {
                let fields = self.fields()?;
                let values = self.values(fields.len())?;
                Value::record(fields, values)
            }
            FUNCTION => {
                let count = self.length()?;
                let domain: Rc<[Value]> = self.values(count)?.into();
                Value::plain_function(domain, self.values(count)?)
            }
            NATURALS => Value::lazy(LazySet::Naturals),
            INTEGERS => Value::lazy(LazySet::Integers),
            REALS => Value::lazy(LazySet::Reals),
            STRINGS => Value::lazy(LazySet::Strings),
            ANYTHING => Value::lazy(LazySet::Anything),
            SEQUENCES => Value::lazy(LazySet::Sequences(self.value()?)),
            SUBSETS => Value::lazy(LazySet::Subsets(self.value()?)),
            FUNCTIONS => Value::lazy(LazySet::Functions(self.value()?, self.value()?)),
            UNION => Value::lazy(LazySet::Union(self.value()?, self.value()?)),
            INTERSECTION => Value::lazy(LazySet::Intersection(self.value()?, self.value()?)),
            DIFFERENCE => Value::lazy(LazySet::Difference(self.value()?, self.value()?)),
            RECORDS => {
                let fields = self.fields()?;
                let sets = self.values(fields.len())?;
                Value::lazy(LazySet::Records(fields, sets))
            }
            FAMILY => {
                let count = self.length()?;
                Value::lazy(LazySet::Family(self.values(count)?))
            }
            PRODUCT => {
                let count = self.length()?;
                Value::lazy(LazySet::Product(self.values(count)?))
            }
            _ => return Err(Malformed),
        })
    }
}

/// The value that the bytes encode.
///
/// # Errors
/// [`Malformed`] if they encode none.
pub fn from_bytes(bytes: &[u8]) -> Result<Value, Malformed> {
    Decoder::new(bytes).value()
}
