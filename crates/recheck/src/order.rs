//! The one order of values: it decides equality, the normal form of sets, the enumeration of sets, and thereby what
//! `CHOOSE` chooses. It is TLC's, because a counterexample replays only if the same choices are made:
//!
//! - model values first, by first appearance in the configuration;
//! - `FALSE` before `TRUE`; integers ascending;
//! - strings by the moment at which TLC first meets them as a token (see `strings`), not alphabetically;
//! - sets by cardinality, then by their sorted elements;
//! - functions (tuples and records included) by the size of the domain, then by their arguments, then by their values.
//!
//! Values of different kinds are incomparable: `1 = "a"` has no value. A model value is the exception, it is different
//! from everything; a typed one (`A_1`) only from untyped model values and those of its own type. Structure that
//! differs before the incomparable parts are reached decides: `<<1>> = <<"a", "b">>` is false.

use crate::value::{ModelValue, Pairs, Value};
use num_bigint::BigInt;
use std::cmp::Ordering;

/// Two values that cannot be compared, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incomparable {
    /// In words.
    pub(crate) words: String,
    /// What has to be decided first, if that is the reason.
    pub(crate) asks: Option<usize>,
}

impl Incomparable {
    fn because(words: impl Into<String>) -> Self {
        Self { words: words.into(), asks: None }
    }
}

/// Order of two normal values.
pub(crate) fn compare<'s>(left: &Value<'s>, right: &Value<'s>) -> Result<Ordering, Incomparable> {
    match (left, right) {
        (Value::Open(open), _) | (_, Value::Open(open)) => {
            Err(Incomparable { words: "an undecided value is compared".to_owned(), asks: Some(open.question()) })
        }
        (Value::Model(left), Value::Model(right)) => compare_model_values(left, right),
        (Value::Model(model), other) => model_value_against(model, other).map(|()| Ordering::Less),
        (other, Value::Model(model)) => model_value_against(model, other).map(|()| Ordering::Greater),
        (Value::Bool(left), Value::Bool(right)) => Ok(left.cmp(right)),
        (Value::Int(left), Value::Int(right)) => Ok(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Ok(left.rank.cmp(&right.rank)),
        (Value::Function(left), Value::Function(right)) => compare_functions(left, right),
        (Value::Set(_) | Value::Interval(..), Value::Set(_) | Value::Interval(..)) => compare_sets(left, right),
        (left, right) => Err(Incomparable::because(format!("{} and {} cannot be compared", left.kind(), right.kind()))),
    }
}

fn compare_model_values(left: &ModelValue, right: &ModelValue) -> Result<Ordering, Incomparable> {
    match (left.kind(), right.kind()) {
        (Some(a), Some(b)) if a != b => Err(Incomparable::because(format!(
            "the model values {} and {} have different types",
            left.name, right.name
        ))),
        (Some(_) | None, Some(_) | None) => Ok(left.rank.cmp(&right.rank)),
    }
}

fn model_value_against(model: &ModelValue, other: &Value<'_>) -> Result<(), Incomparable> {
    match model.kind() {
        None => Ok(()),
        Some(_) => Err(Incomparable::because(format!(
            "the typed model value {} is compared with {}",
            model.name,
            other.kind()
        ))),
    }
}

fn compare_functions<'s>(left: &Pairs<'s>, right: &Pairs<'s>) -> Result<Ordering, Incomparable> {
    if left.len() != right.len() {
        return Ok(left.len().cmp(&right.len()));
    }
    let by_arguments = compare_rows(left.iter().zip(right.iter()).map(|(left, right)| (&left.0, &right.0)))?;
    if by_arguments.is_ne() {
        return Ok(by_arguments);
    }
    compare_rows(left.iter().zip(right.iter()).map(|(left, right)| (&left.1, &right.1)))
}

/// Order of two rows of equal length: that of the first difference.
fn compare_rows<'a, 's: 'a>(
    rows: impl Iterator<Item = (&'a Value<'s>, &'a Value<'s>)>,
) -> Result<Ordering, Incomparable> {
    for (left, right) in rows {
        let order = compare(left, right)?;
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

fn compare_sets<'s>(left: &Value<'s>, right: &Value<'s>) -> Result<Ordering, Incomparable> {
    let by_size = size(left).cmp(&size(right));
    if by_size.is_ne() {
        return Ok(by_size);
    }
    if let (Value::Interval(left, _), Value::Interval(right, _)) = (left, right) {
        return Ok(left.cmp(right));
    }
    for (left, right) in members(left).zip(members(right)) {
        let order = compare(&left, &right)?;
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

fn size(set: &Value<'_>) -> BigInt {
    match set {
        Value::Interval(low, high) => high - low + 1,
        other => BigInt::from(listed(other).len()),
    }
}

fn listed<'a, 's>(set: &'a Value<'s>) -> &'a [Value<'s>] {
    if let Value::Set(elements) = set { elements } else { &[] }
}

fn members<'a, 's>(set: &'a Value<'s>) -> Box<dyn Iterator<Item = Value<'s>> + 'a> {
    match set {
        Value::Interval(low, high) => Box::new(integers(low.clone(), high.clone())),
        other => Box::new(listed(other).iter().cloned()),
    }
}

/// The integers from `low` to `high`.
pub(crate) fn integers<'s>(low: BigInt, high: BigInt) -> impl Iterator<Item = Value<'s>> {
    std::iter::successors(Some(low), |last| Some(last + 1)).take_while(move |value| *value <= high).map(Value::Int)
}

/// Sorts normal values and drops duplicates: the normal form of a set. (A merge sort of our own, because a comparison
/// may fail.)
pub(crate) fn sort<'s>(mut values: Vec<Value<'s>>) -> Result<Vec<Value<'s>>, Incomparable> {
    if values.len() < 2 {
        return Ok(values);
    }
    let right = values.split_off(values.len() / 2);
    merge(sort(values)?, sort(right)?)
}

/// Union of two sorted lists without duplicates.
pub(crate) fn merge<'s>(left: Vec<Value<'s>>, right: Vec<Value<'s>>) -> Result<Vec<Value<'s>>, Incomparable> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        match compare(a, b)? {
            Ordering::Less => merged.extend(left.next()),
            Ordering::Greater => merged.extend(right.next()),
            Ordering::Equal => {
                merged.extend(left.next());
                right.next();
            }
        }
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

/// Index of a normal value among sorted keys, or where it would have to be.
pub(crate) fn search<'s, T>(
    sorted: &[T],
    wanted: &Value<'s>,
    key: impl Fn(&T) -> &Value<'s>,
) -> Result<Result<usize, usize>, Incomparable> {
    let (mut low, mut high) = (0, sorted.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(key(&sorted[middle]), wanted)? {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Ok(Ok(middle)),
        }
    }
    Ok(Err(low))
}
