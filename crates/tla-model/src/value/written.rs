//! Values as other programs write them down, and whether a value of the specification is meant.
//!
//! A program's log knows strings, numbers and lists, but neither model values nor the difference between a set and a
//! sequence. So what was written is never made into a value: the value of the specification says what it is, and the
//! question is whether what was written reads like it.

use super::Value;
use super::names::Names;
use super::show::{function_pairs, show};
use serde_json::Value as Json;
use std::sync::Arc;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A Boolean.
    Bool(bool),
    /// An integer in decimal digits.
    Integer(String),
    /// A string, or the name of a model value.
    Text(String),
    /// A sequence, tuple or set.
    List(Vec<Written>),
    /// A set and nothing else.
    Set(Vec<Written>),
    /// A record or function, by the text of its arguments.
    Fields(Vec<(String, Written)>),
    /// A function, argument by argument.
    Pairs(Vec<(Written, Written)>),
}

impl Written {
    /// Whether the value reads like this. A value without an explicit form reads like nothing.
    pub fn fits(&self, names: &Names, value: &Value) -> bool {
        match (self, value) {
            (Self::Bool(written), Value::Bool(value)) => written == value,
            (Self::Integer(digits), Value::Int(value)) => *digits == value.to_string(),
            (Self::Integer(digits), Value::BigInt(value)) => *digits == value.to_string(),
            (Self::Text(text), Value::String(_) | Value::Model(_)) => is_called(names, value, text),
            (Self::List(items), Value::Tuple(tuple)) => {
                items.len() == tuple.elements.len()
                    && items.iter().zip(&tuple.elements).all(|(item, value)| item.fits(names, value))
            }
            (Self::List(items) | Self::Set(items), Value::Set(set)) => same_elements(names, items, &set.elements),
            (Self::List(items) | Self::Set(items), Value::Interval(range)) => {
                range.len() == items.len() as u64
                    && (range.low..=range.high)
                        .all(|number| items.iter().any(|item| item.fits(names, &Value::Int(number))))
            }
            (Self::Fields(fields), Value::Record(_) | Value::Function(_) | Value::Tuple(_)) => {
                let pairs = function_pairs(value);
                fields.len() == pairs.len()
                    && pairs.iter().all(|(argument, value)| {
                        fields
                            .iter()
                            .any(|(field, written)| is_called(names, argument, field) && written.fits(names, value))
                    })
            }
            (Self::Pairs(written), Value::Record(_) | Value::Function(_) | Value::Tuple(_)) => {
                let pairs = function_pairs(value);
                written.len() == pairs.len()
                    && pairs.iter().all(|(argument, value)| {
                        written.iter().any(|(from, to)| from.fits(names, argument) && to.fits(names, value))
                    })
            }
            (
                _,
                Value::Bool(_)
                | Value::Int(_)
                | Value::BigInt(_)
                | Value::String(_)
                | Value::Model(_)
                | Value::Interval(_)
                | Value::Set(_)
                | Value::Tuple(_)
                | Value::Record(_)
                | Value::Function(_)
                | Value::Lazy(_)
                | Value::Rule(_),
            ) => false,
        }
    }
}

/// JSON, with the marks of the Informal Trace Format for what JSON does not tell.
impl From<&Json> for Written {
    fn from(json: &Json) -> Self {
        let all = |items: &[Json]| items.iter().map(Self::from).collect::<Vec<_>>();
        match json {
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Integer(number.to_string()),
            Json::String(text) => Self::Text(text.clone()),
            Json::Null => Self::Text("null".to_owned()),
            Json::Array(items) => Self::List(all(items)),
            Json::Object(fields) => match fields.iter().next() {
                Some((mark, Json::Array(items))) if fields.len() == 1 && mark == "#set" => Self::Set(all(items)),
                Some((mark, Json::Array(items))) if fields.len() == 1 && mark == "#tup" => Self::List(all(items)),
                Some((mark, Json::String(digits))) if fields.len() == 1 && mark == "#bigint" => {
                    Self::Integer(digits.clone())
                }
                Some((mark, Json::Array(pairs))) if fields.len() == 1 && mark == "#map" => {
                    let pair = |pair: &Json| Some((Self::from(pair.get(0)?), Self::from(pair.get(1)?)));
                    Self::Pairs(pairs.iter().filter_map(pair).collect())
                }
                _ => Self::Fields(fields.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect()),
            },
        }
    }
}

impl Written {
    /// The elements of a set that read like this; the set itself where its elements are not at hand.
    pub fn among(&self, names: &Names, set: &Value) -> Value {
        match set {
            Value::Set(node) => {
                let elements = node.elements.iter().filter(|element| self.fits(names, element));
                Value::sorted_set(elements.cloned().collect())
            }
            Value::Interval(range) => {
                let Self::Integer(digits) = self else { return Value::empty_set() };
                let number = digits.parse().ok().filter(|number| (range.low..=range.high).contains(number));
                match number {
                    Some(number) if self.fits(names, &Value::Int(number)) => Value::interval(number, number),
                    Some(_) | None => Value::empty_set(),
                }
            }
            Value::Bool(_)
            | Value::Int(_)
            | Value::BigInt(_)
            | Value::String(_)
            | Value::Model(_)
            | Value::Tuple(_)
            | Value::Record(_)
            | Value::Function(_)
            | Value::Lazy(_)
            | Value::Rule(_) => set.clone(),
        }
    }
}

/// The text of a string or the name of a model value.
fn word(names: &Names, value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(id) => Some(names.text(*id)),
        Value::Model(id) => Some(names.model(*id).name.clone()),
        Value::Bool(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::Interval(_)
        | Value::Set(_)
        | Value::Tuple(_)
        | Value::Record(_)
        | Value::Function(_)
        | Value::Lazy(_)
        | Value::Rule(_) => None,
    }
}

/// Whether a value without the quotation marks of a string is this text.
fn is_called(names: &Names, value: &Value, text: &str) -> bool {
    word(names, value).map_or_else(|| show(names, value) == text, |word| *word == *text)
}

/// Elements of a set are different, so each item must be one of them and none may be left over.
fn same_elements(names: &Names, items: &[Written], elements: &[Value]) -> bool {
    let distinct = items.iter().enumerate().all(|(index, item)| !items[..index].contains(item));
    distinct
        && items.len() == elements.len()
        && elements.iter().all(|element| items.iter().any(|item| item.fits(names, element)))
}

/// A value without the quotation marks of a string.
pub fn plain(names: &Names, value: &Value) -> String {
    word(names, value).map_or_else(|| show(names, value), |word| word.to_string())
}

/// What a function has for the argument that reads like this.
pub fn part(names: &Names, function: &Value, argument: &str) -> Option<Value> {
    match function {
        Value::Tuple(tuple) => {
            let index = argument.parse::<usize>().ok()?.checked_sub(1)?;
            tuple.elements.get(index).cloned()
        }
        Value::Record(record) => {
            let index = record.fields.iter().position(|field| *names.text(*field) == *argument)?;
            record.values.get(index).cloned()
        }
        Value::Function(function) => {
            let index = function.domain.iter().position(|key| is_called(names, key, argument))?;
            function.values.get(index).cloned()
        }
        Value::Bool(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::String(_)
        | Value::Model(_)
        | Value::Interval(_)
        | Value::Set(_)
        | Value::Lazy(_)
        | Value::Rule(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(number: i64) -> Written {
        Written::Integer(number.to_string())
    }

    #[test]
    fn a_list_reads_like_a_sequence_in_order_and_like_a_set_in_any_order() {
        let names = Names::new();
        let numbers = vec![Value::Int(1), Value::Int(2)];
        let (tuple, set) = (Value::tuple(numbers.clone()), Value::sorted_set(numbers));
        let backwards = Written::List(vec![integer(2), integer(1)]);
        assert!(backwards.fits(&names, &set));
        assert!(!backwards.fits(&names, &tuple));
        assert!(Written::List(vec![integer(1), integer(2)]).fits(&names, &tuple));
        assert!(!Written::Set(vec![integer(1), integer(2)]).fits(&names, &tuple));
    }

    #[test]
    fn a_set_has_each_element_once_and_no_other() {
        let names = Names::new();
        let set = Value::sorted_set(vec![Value::Int(1), Value::Int(2)]);
        assert!(!Written::List(vec![integer(1), integer(1)]).fits(&names, &set));
        assert!(!Written::List(vec![integer(1)]).fits(&names, &set));
        assert!(!Written::List(vec![integer(1), integer(2), integer(3)]).fits(&names, &set));
        assert!(Written::List(Vec::new()).fits(&names, &Value::empty_set()));
    }

    #[test]
    fn of_a_set_those_elements_are_left_that_read_like_it() {
        let names = Names::new();
        let set = Value::sorted_set(vec![Value::Int(1), Value::Int(2)]);
        assert_eq!(integer(2).among(&names, &set), Value::sorted_set(vec![Value::Int(2)]));
        assert_eq!(integer(3).among(&names, &set), Value::empty_set());
        assert_eq!(integer(7).among(&names, &Value::interval(5, 9)), Value::interval(7, 7));
        assert_eq!(integer(4).among(&names, &Value::interval(5, 9)), Value::empty_set());
        let padded = Written::Integer("07".to_owned());
        assert_eq!(padded.among(&names, &Value::interval(5, 9)), Value::empty_set());
        let text = Written::Text("7".to_owned());
        assert_eq!(text.among(&names, &Value::interval(5, 9)), Value::empty_set());
    }

    #[test]
    fn text_reads_like_a_string_and_not_like_a_number() {
        let names = Names::new();
        let text = Value::String(names.string("7"));
        assert!(Written::Text("7".to_owned()).fits(&names, &text));
        assert!(!integer(7).fits(&names, &text));
        assert!(!Written::Text("7".to_owned()).fits(&names, &Value::Int(7)));
    }
}
