//! Equality and the order of values, as TLC has them.
//!
//! TLC refuses to compare values of unlike kinds rather than call them different; structure that differs before the
//! unlike parts are met (length, domain, number of elements) is simply different. The order decides `CHOOSE` and the
//! order of enumeration: integers ascending, `FALSE` before `TRUE`, strings and model values by number, sets by
//! cardinality and then element by element, functions by size of domain, then domain, then values; model values come
//! before everything else.

use super::names::Names;
use super::{ModelValueId, Value};
use std::cmp::Ordering;

/// Two values that TLA+ does not say how to compare.
#[derive(Debug, Clone)]
pub struct Incomparable(pub Value, pub Value);

type Compared<T> = Result<T, Box<Incomparable>>;

fn refuse<T>(a: &Value, b: &Value) -> Compared<T> {
    Err(Box::new(Incomparable(a.clone(), b.clone())))
}

/// What a value is, for comparisons across kinds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    String,
    Model,
    Set,
    Function,
    Symbolic,
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Bool(_) => Kind::Bool,
        Value::Int(_) | Value::BigInt(_) => Kind::Int,
        Value::String(_) => Kind::String,
        Value::Model(_) => Kind::Model,
        Value::Interval(_) | Value::Set(_) => Kind::Set,
        Value::Tuple(_) | Value::Record(_) | Value::Function(_) => Kind::Function,
        Value::Lazy(_) | Value::Rule(_) => Kind::Symbolic,
    }
}

/// Whether a model value may be compared with another value: an untyped one with everything, a typed one only with
/// untyped ones and those of its own type.
fn model_comparable(names: &Names, model: ModelValueId, other: &Value) -> bool {
    match (names.model(model).kind, other) {
        (None, _) => true,
        (Some(mine), Value::Model(theirs)) => names.model(*theirs).kind.is_none_or(|kind| kind == mine),
        (Some(_), _) => false,
    }
}

fn compare_with_model(names: &Names, a: &Value, b: &Value) -> Option<Compared<Ordering>> {
    let ordering = match (a, b) {
        (Value::Model(x), Value::Model(y)) => x.cmp(y),
        (Value::Model(_), _) => Ordering::Less,
        (_, Value::Model(_)) => Ordering::Greater,
        _ => return None,
    };
    let allowed = match (a, b) {
        (Value::Model(x), other) | (other, Value::Model(x)) => model_comparable(names, *x, other),
        _ => true,
    };
    Some(if allowed { Ok(ordering) } else { refuse(a, b) })
}

fn integers(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => x.cmp(y),
        _ => a.to_big().cmp(&b.to_big()),
    }
}

/// Number of elements of an explicit set.
pub fn set_len(set: &Value) -> Option<u64> {
    match set {
        Value::Interval(range) => Some(range.len()),
        Value::Set(node) => Some(node.elements.len() as u64),
        _ => None,
    }
}

/// The element at an index of an explicit set.
pub fn set_element(set: &Value, index: u64) -> Value {
    match set {
        Value::Interval(range) => Value::Int(range.low + index as i64),
        Value::Set(node) => node.elements[index as usize].clone(),
        _ => Value::Bool(false),
    }
}

fn compare_sets(names: &Names, a: &Value, b: &Value) -> Compared<Ordering> {
    let (Some(m), Some(n)) = (set_len(a), set_len(b)) else { return refuse(a, b) };
    if m != n {
        return Ok(m.cmp(&n));
    }
    if let (Value::Interval(x), Value::Interval(y)) = (a, b) {
        return Ok(x.low.cmp(&y.low));
    }
    first_difference((0..m).map(|i| (set_element(a, i), set_element(b, i))), |x, y| compare(names, &x, &y))
}

fn first_difference<T>(
    pairs: impl Iterator<Item = (T, T)>,
    mut compare_pair: impl FnMut(T, T) -> Compared<Ordering>,
) -> Compared<Ordering> {
    for (x, y) in pairs {
        let ordering = compare_pair(x, y)?;
        if ordering != Ordering::Equal {
            return Ok(ordering);
        }
    }
    Ok(Ordering::Equal)
}

fn compare_lists(names: &Names, a: &[Value], b: &[Value]) -> Compared<Ordering> {
    first_difference(a.iter().zip(b), |x, y| compare(names, x, y))
}

/// Size of the domain of an explicit function.
pub fn function_len(function: &Value) -> Option<usize> {
    match function {
        Value::Tuple(node) => Some(node.elements.len()),
        Value::Record(node) => Some(node.values.len()),
        Value::Function(node) => Some(node.values.len()),
        _ => None,
    }
}

/// Argument and value at an index of an explicit function.
pub fn function_pair(function: &Value, index: usize) -> (Value, Value) {
    match function {
        Value::Tuple(node) => (Value::Int(index as i64 + 1), node.elements[index].clone()),
        Value::Record(node) => (Value::String(node.fields[index]), node.values[index].clone()),
        Value::Function(node) => (node.domain[index].clone(), node.values[index].clone()),
        other => (other.clone(), other.clone()),
    }
}

fn compare_functions(names: &Names, a: &Value, b: &Value) -> Compared<Ordering> {
    match (a, b) {
        (Value::Tuple(x), Value::Tuple(y)) => {
            let by_len = x.elements.len().cmp(&y.elements.len());
            if by_len != Ordering::Equal {
                return Ok(by_len);
            }
            compare_lists(names, &x.elements, &y.elements)
        }
        (Value::Record(x), Value::Record(y)) => {
            let by_len = x.fields.len().cmp(&y.fields.len());
            if by_len != Ordering::Equal {
                return Ok(by_len);
            }
            let by_field = first_difference(x.fields.iter().zip(y.fields.iter()), |f, g| Ok(names.compare(*f, *g)))?;
            if by_field != Ordering::Equal {
                return Ok(by_field);
            }
            compare_lists(names, &x.values, &y.values)
        }
        _ => {
            let (Some(m), Some(n)) = (function_len(a), function_len(b)) else { return refuse(a, b) };
            if m != n {
                return Ok(m.cmp(&n));
            }
            let keys = (0..m).map(|i| (function_pair(a, i).0, function_pair(b, i).0));
            let by_key = first_difference(keys, |x, y| compare(names, &x, &y))?;
            if by_key != Ordering::Equal {
                return Ok(by_key);
            }
            let values = (0..m).map(|i| (function_pair(a, i).1, function_pair(b, i).1));
            first_difference(values, |x, y| compare(names, &x, &y))
        }
    }
}

/// The order of two explicit values.
///
/// # Errors
/// [`Incomparable`] where TLC refuses.
pub fn compare(names: &Names, a: &Value, b: &Value) -> Compared<Ordering> {
    if let (Value::Int(x), Value::Int(y)) = (a, b) {
        return Ok(x.cmp(y));
    }
    if let Some(with_model) = compare_with_model(names, a, b) {
        return with_model;
    }
    if a.same_object(b) {
        return Ok(Ordering::Equal);
    }
    if kind(a) != kind(b) {
        return refuse(a, b);
    }
    match kind(a) {
        Kind::Bool => Ok(matches!(a, Value::Bool(true)).cmp(&matches!(b, Value::Bool(true)))),
        Kind::Int => Ok(integers(a, b)),
        Kind::String => match (a, b) {
            (Value::String(x), Value::String(y)) => Ok(names.compare(*x, *y)),
            _ => refuse(a, b),
        },
        Kind::Model => refuse(a, b),
        Kind::Set => compare_sets(names, a, b),
        Kind::Function => compare_functions(names, a, b),
        Kind::Symbolic => refuse(a, b),
    }
}

/// Whether two explicit values are equal.
///
/// # Errors
/// [`Incomparable`] where TLC refuses.
pub fn equal(names: &Names, a: &Value, b: &Value) -> Compared<bool> {
    Ok(compare(names, a, b)? == Ordering::Equal)
}

/// A set from arbitrary explicit elements.
///
/// # Errors
/// [`Incomparable`] if two elements are unlike.
pub fn set_from(names: &Names, mut elements: Vec<Value>) -> Compared<Value> {
    if elements.len() > 1 && !is_sorted(names, &elements)? {
        let mut problem = None;
        elements.sort_by(|a, b| match compare(names, a, b) {
            Ok(ordering) => ordering,
            Err(error) => {
                problem.get_or_insert(error);
                Ordering::Equal
            }
        });
        if let Some(error) = problem {
            return Err(error);
        }
        elements.dedup_by(|a, b| matches!(compare(names, a, b), Ok(Ordering::Equal)));
    }
    Ok(Value::sorted_set(elements))
}

fn is_sorted(names: &Names, elements: &[Value]) -> Compared<bool> {
    for pair in elements.windows(2) {
        if compare(names, &pair[0], &pair[1])? != Ordering::Less {
            return Ok(false);
        }
    }
    Ok(true)
}
