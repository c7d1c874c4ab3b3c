//! Explicit values that may cross threads.

use std::rc::Rc;
use tla_model::value::order::{function_len, function_pair, set_element, set_len};
use tla_model::value::{ModelValueId, StringId, Value};

/// A finite value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Datum {
    /// A Boolean.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// A model value.
    Model(ModelValueId),
    /// A string.
    String(StringId),
    /// A set, elements in TLC's order.
    Set(Vec<Datum>),
    /// A function, tuple or record: arguments in TLC's order, and values.
    Map(Vec<Datum>, Vec<Datum>),
}

impl Datum {
    /// The explicit value, unless it is symbolic or has a very large integer.
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Bool(b) => Self::Bool(*b),
            Value::Int(i) => Self::Int(*i),
            Value::Model(id) => Self::Model(*id),
            Value::String(id) => Self::String(*id),
            Value::Set(_) | Value::Interval(_) => {
                let count = set_len(value)?;
                Self::Set((0..count).map(|i| Self::of(&set_element(value, i))).collect::<Option<_>>()?)
            }
            Value::Tuple(_) | Value::Record(_) | Value::Function(_) => {
                let pairs = (0..function_len(value)?).map(|i| {
                    let (key, value) = function_pair(value, i);
                    Some((Self::of(&key)?, Self::of(&value)?))
                });
                let (keys, values) = pairs.collect::<Option<Vec<_>>>()?.into_iter().unzip();
                Self::Map(keys, values)
            }
            Value::BigInt(_) | Value::Lazy(_) | Value::Rule(_) => return None,
        })
    }

    /// The value in normal form.
    pub fn value(&self) -> Value {
        match self {
            Self::Bool(b) => Value::Bool(*b),
            Self::Int(i) => Value::Int(*i),
            Self::Model(id) => Value::Model(*id),
            Self::String(id) => Value::String(*id),
            Self::Set(elements) => Value::sorted_set(elements.iter().map(Self::value).collect()),
            Self::Map(keys, values) => {
                let domain: Rc<[Value]> = keys.iter().map(Self::value).collect();
                Value::function(domain, values.iter().map(Self::value).collect())
            }
        }
    }
}

/// Whether these arguments are `1..n`: those of a tuple.
pub fn is_tuple_domain(keys: &[Datum]) -> bool {
    keys.iter().zip(1..).all(|(key, i)| *key == Datum::Int(i))
}
