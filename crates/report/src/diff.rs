//! What a step changed, down to the part inside a function, record or sequence that differs.
//!
//! A path reads as the TLA+ expression for the part: `pc[t1]`, `heap.free`, `log[3]`. Sets are compared as a whole,
//! because their elements have no names. A sequence that grew or shrank at its end shows the elements concerned; any
//! other change of length shows the whole.

use crate::value::{is_identifier, value_text};
use std::collections::BTreeMap;
use verdict::{Change, TraceValue};

/// The changes between two states, in the order of the variables.
pub fn changes(before: &[(String, TraceValue)], after: &[(String, TraceValue)]) -> Vec<Change> {
    let mut out = Vec::new();
    let old: BTreeMap<&str, &TraceValue> = before.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let new: BTreeMap<&str, &TraceValue> = after.iter().map(|(name, value)| (name.as_str(), value)).collect();
    for (name, value) in after {
        part(&mut out, name, old.get(name.as_str()).copied(), Some(value));
    }
    for (name, value) in before.iter().filter(|(name, _)| !new.contains_key(name.as_str())) {
        part(&mut out, name, Some(value), None);
    }
    out
}

/// Adds the changes of one part; `None` where the part does not exist.
fn part(out: &mut Vec<Change>, path: &str, before: Option<&TraceValue>, after: Option<&TraceValue>) {
    if before == after {
        return;
    }
    if let (Some(before), Some(after)) = (before, after)
        && inside(out, path, before, after)
    {
        return;
    }
    let text = |value: Option<&TraceValue>| value.map_or_else(String::new, value_text);
    out.push(Change { path: path.to_owned(), before: text(before), after: text(after) });
}

/// Adds the changes inside two values of one shape, and says whether they are of one shape.
fn inside(out: &mut Vec<Change>, path: &str, before: &TraceValue, after: &TraceValue) -> bool {
    match (before, after) {
        (TraceValue::Record(old), TraceValue::Record(new)) => keyed(out, old, new, |name| format!("{path}.{name}")),
        (TraceValue::Function(old), TraceValue::Function(new)) => keyed(out, old, new, |key| index_path(path, key)),
        (TraceValue::Tuple(old), TraceValue::Tuple(new)) => sequence(out, path, old, new),
        (
            TraceValue::Bool(_)
            | TraceValue::Int(_)
            | TraceValue::String(_)
            | TraceValue::ModelValue(_)
            | TraceValue::Set(_)
            | TraceValue::Tuple(_)
            | TraceValue::Record(_)
            | TraceValue::Function(_)
            | TraceValue::Interval(..)
            | TraceValue::Symbolic(_),
            _,
        ) => false,
    }
}

/// Parts by key. Two maps without a common key are two different values rather than a change inside one.
fn keyed<K: Ord>(
    out: &mut Vec<Change>,
    old: &[(K, TraceValue)],
    new: &[(K, TraceValue)],
    path: impl Fn(&K) -> String,
) -> bool {
    let old_by_key: BTreeMap<&K, &TraceValue> = old.iter().map(|(key, value)| (key, value)).collect();
    let new_by_key: BTreeMap<&K, &TraceValue> = new.iter().map(|(key, value)| (key, value)).collect();
    if !old_by_key.keys().any(|key| new_by_key.contains_key(key)) {
        return false;
    }
    for (key, value) in new {
        part(out, &path(key), old_by_key.get(key).copied(), Some(value));
    }
    for (key, value) in old.iter().filter(|(key, _)| !new_by_key.contains_key(key)) {
        part(out, &path(key), Some(value), None);
    }
    true
}

fn sequence(out: &mut Vec<Change>, path: &str, old: &[TraceValue], new: &[TraceValue]) -> bool {
    let common = old.len().min(new.len());
    if common == 0 || (old.len() != new.len() && old[..common] != new[..common]) {
        return false;
    }
    for index in 0..old.len().max(new.len()) {
        part(out, &format!("{path}[{}]", index + 1), old.get(index), new.get(index));
    }
    true
}

/// A function whose keys can be field names prints as a record, and its parts are named so.
fn index_path(path: &str, key: &TraceValue) -> String {
    match key {
        TraceValue::String(name) if is_identifier(name) => format!("{path}.{name}"),
        TraceValue::Tuple(items) if !items.is_empty() => {
            let items: Vec<String> = items.iter().map(value_text).collect();
            format!("{path}[{}]", items.join(", "))
        }
        TraceValue::Bool(_)
        | TraceValue::Int(_)
        | TraceValue::String(_)
        | TraceValue::ModelValue(_)
        | TraceValue::Set(_)
        | TraceValue::Tuple(_)
        | TraceValue::Record(_)
        | TraceValue::Function(_)
        | TraceValue::Interval(..)
        | TraceValue::Symbolic(_) => format!("{path}[{}]", value_text(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(number: i32) -> TraceValue {
        TraceValue::Int(number.to_string())
    }

    fn string(text: &str) -> TraceValue {
        TraceValue::String(text.to_owned())
    }

    fn thread(name: &str) -> TraceValue {
        TraceValue::ModelValue(name.to_owned())
    }

    fn tuple(numbers: &[i32]) -> TraceValue {
        TraceValue::Tuple(numbers.iter().copied().map(int).collect())
    }

    fn record(fields: &[(&str, TraceValue)]) -> TraceValue {
        TraceValue::Record(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    /// The changes of a variable `x`, one a line.
    fn diff(before: TraceValue, after: TraceValue) -> Vec<String> {
        let state = |value| [("x".to_owned(), value)];
        let line = |change: Change| format!("{}: {} -> {}", change.path, change.before, change.after);
        changes(&state(before), &state(after)).into_iter().map(line).collect()
    }

    #[test]
    fn an_equal_value_is_no_change() {
        assert_eq!(diff(tuple(&[1, 2]), tuple(&[1, 2])), Vec::<String>::new());
    }

    #[test]
    fn only_the_changed_entry_of_a_function_is_told() {
        let pc = |t2: &str| {
            TraceValue::Function(vec![(thread("t1"), string("idle")), (thread("t2"), record(&[("at", string(t2))]))])
        };
        assert_eq!(diff(pc("a"), pc("b")), ["x[t2].at: \"a\" -> \"b\""]);
    }

    #[test]
    fn a_function_with_field_names_reads_as_a_record() {
        let function = |value| TraceValue::Function(vec![(string("f"), int(value)), (string("g"), int(7))]);
        assert_eq!(diff(function(1), function(2)), ["x.f: 1 -> 2"]);
        let by_pair = |value| TraceValue::Function(vec![(tuple(&[1, 2]), int(value))]);
        assert_eq!(diff(by_pair(1), by_pair(2)), ["x[1, 2]: 1 -> 2"]);
    }

    #[test]
    fn entries_come_and_go() {
        let function = |keys: &[i32]| TraceValue::Function(keys.iter().map(|key| (int(*key), int(0))).collect());
        assert_eq!(diff(function(&[1, 2]), function(&[2, 3])), ["x[3]:  -> 0", "x[1]: 0 -> "]);
        assert_eq!(diff(function(&[1]), function(&[2])), ["x: (1 :> 0) -> (2 :> 0)"], "nothing in common");
    }

    #[test]
    fn a_sequence_that_grows_or_shrinks_at_its_end_shows_the_element() {
        assert_eq!(diff(tuple(&[1, 2]), tuple(&[1, 2, 3])), ["x[3]:  -> 3"]);
        assert_eq!(diff(tuple(&[1, 2]), tuple(&[1])), ["x[2]: 2 -> "]);
        assert_eq!(diff(tuple(&[1, 2]), tuple(&[2])), ["x: <<1, 2>> -> <<2>>"]);
        assert_eq!(diff(tuple(&[]), tuple(&[2])), ["x: <<>> -> <<2>>"]);
        assert_eq!(diff(tuple(&[1, 2]), tuple(&[1, 3])), ["x[2]: 2 -> 3"]);
    }

    #[test]
    fn values_of_different_shape_are_told_as_a_whole() {
        assert_eq!(diff(int(1), string("a")), ["x: 1 -> \"a\""]);
        let set = |numbers: &[i32]| TraceValue::Set(numbers.iter().copied().map(int).collect());
        assert_eq!(diff(set(&[1, 2]), set(&[2])), ["x: {1, 2} -> {2}"]);
    }
}
