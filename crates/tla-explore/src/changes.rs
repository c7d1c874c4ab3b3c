//! What a step changed, as far inside the variables as the change can be pinned down.
//!
//! Functions and records are compared argument by argument, sets element by element, and sequences so that a value taken
//! from the front or put at the end shows as just that and not as a change of every place. Where two values have nothing
//! in common the change is told as a whole. Paths are TLA+ expressions: `pc[t1]`, `heap.free`, `t2 \in waiting`. A place
//! of a sequence is the place before the step if the value was removed, else the place after it.

use crate::print::print;
use verdict::{Change, TraceValue};

/// The changes between two states with the same variables.
pub fn changes(before: &[(String, TraceValue)], after: &[(String, TraceValue)]) -> Vec<Change> {
    let mut changes = Vec::new();
    for ((name, old), (_, new)) in before.iter().zip(after) {
        compare(name, old, new, &mut changes);
    }
    changes
}

fn compare(path: &str, before: &TraceValue, after: &TraceValue, changes: &mut Vec<Change>) {
    use TraceValue::{Bool, Function, Int, Interval, ModelValue, Record, Set, String, Symbolic, Tuple};
    if before == after {
        return;
    }
    match (before, after) {
        (Record(old), Record(new)) => compare_records(path, old, new, changes),
        (Set(old), Set(new)) => compare_sets(path, (before, old), (after, new), changes),
        (Tuple(old), Tuple(new)) => compare_sequences(path, (before, old), (after, new), changes),
        (Function(_) | Record(_) | Tuple(_), Function(_) | Record(_) | Tuple(_)) => {
            compare_functions(path, before, after, changes);
        }
        (
            Bool(_) | Int(_) | String(_) | ModelValue(_) | Set(_) | Tuple(_) | Record(_) | Function(_) | Interval(..)
            | Symbolic(_),
            _,
        ) => changes.push(whole(path, before, after)),
    }
}

fn whole(path: &str, before: &TraceValue, after: &TraceValue) -> Change {
    Change { path: path.to_owned(), before: print(before), after: print(after) }
}

fn removed(path: String, value: &TraceValue) -> Change {
    Change { path, before: print(value), after: String::new() }
}

fn added(path: String, value: &TraceValue) -> Change {
    Change { path, before: String::new(), after: print(value) }
}

type Fields = [(String, TraceValue)];

fn compare_records(path: &str, before: &Fields, after: &Fields, changes: &mut Vec<Change>) {
    let field = |fields: &'_ Fields, name: &str| fields.iter().position(|(other, _)| other == name);
    for (name, old) in before {
        let path = format!("{path}.{name}");
        match field(after, name).and_then(|index| after.get(index)) {
            Some((_, new)) => compare(&path, old, new, changes),
            None => changes.push(removed(path, old)),
        }
    }
    for (name, new) in after.iter().filter(|(name, _)| field(before, name).is_none()) {
        changes.push(added(format!("{path}.{name}"), new));
    }
}

/// Compares two functions of which at least one prints as a function: `(1 :> a @@ 3 :> b)` may have been `<<a>>`.
fn compare_functions(path: &str, before: &TraceValue, after: &TraceValue, changes: &mut Vec<Change>) {
    let (old_pairs, new_pairs) = (pairs(before), pairs(after));
    let find = |pairs: &[(TraceValue, TraceValue)], argument: &TraceValue| {
        pairs.iter().find(|(other, _)| other == argument).map(|(_, value)| value.clone())
    };
    if !old_pairs.iter().any(|(argument, _)| find(&new_pairs, argument).is_some()) {
        changes.push(whole(path, before, after));
        return;
    }
    for (argument, old) in &old_pairs {
        let path = format!("{path}[{}]", print(argument));
        match find(&new_pairs, argument) {
            Some(new) => compare(&path, old, &new, changes),
            None => changes.push(removed(path, old)),
        }
    }
    for (argument, new) in new_pairs.iter().filter(|(argument, _)| find(&old_pairs, argument).is_none()) {
        changes.push(added(format!("{path}[{}]", print(argument)), new));
    }
}

/// A function, record or tuple as arguments and values; nothing for another value.
fn pairs(value: &TraceValue) -> Vec<(TraceValue, TraceValue)> {
    match value {
        TraceValue::Function(pairs) => pairs.clone(),
        TraceValue::Record(fields) => {
            fields.iter().map(|(name, value)| (TraceValue::String(name.clone()), value.clone())).collect()
        }
        TraceValue::Tuple(elements) => (1..)
            .zip(elements)
            .map(|(index, value): (u64, _)| (TraceValue::Int(index.to_string()), value.clone()))
            .collect(),
        TraceValue::Bool(_)
        | TraceValue::Int(_)
        | TraceValue::String(_)
        | TraceValue::ModelValue(_)
        | TraceValue::Set(_)
        | TraceValue::Interval(..)
        | TraceValue::Symbolic(_) => Vec::new(),
    }
}

type Elements<'v> = (&'v TraceValue, &'v [TraceValue]);

fn compare_sets(path: &str, before: Elements<'_>, after: Elements<'_>, changes: &mut Vec<Change>) {
    let ((before, old), (after, new)) = (before, after);
    if !old.iter().any(|element| new.contains(element)) {
        changes.push(whole(path, before, after));
        return;
    }
    let mut tell = |element: &TraceValue, was: &str, is: &str| {
        let path = format!("{} \\in {path}", print(element));
        changes.push(Change { path, before: was.to_owned(), after: is.to_owned() });
    };
    old.iter().filter(|element| !new.contains(element)).for_each(|element| tell(element, "TRUE", "FALSE"));
    new.iter().filter(|element| !old.contains(element)).for_each(|element| tell(element, "FALSE", "TRUE"));
}

fn compare_sequences(path: &str, before: Elements<'_>, after: Elements<'_>, changes: &mut Vec<Change>) {
    let ((before, old), (after, new)) = (before, after);
    let place = |index: usize| format!("{path}[{}]", index + 1);
    let in_place = old.iter().zip(new).filter(|(old, new)| old != new).count() + old.len().abs_diff(new.len());
    let (front, end) = (shift(old, new), new.len() < old.len() && old.starts_with(new));
    let moved = front.map(|front| front + new.len() - (old.len() - front));
    if old.is_empty() || new.is_empty() {
        changes.push(whole(path, before, after));
    } else if end {
        changes.extend(old.iter().enumerate().skip(new.len()).map(|(index, value)| removed(place(index), value)));
    } else if let Some(front) = front.filter(|_| moved.is_some_and(|moved| moved < in_place || old.len() < new.len())) {
        changes.extend(old.iter().enumerate().take(front).map(|(index, value)| removed(place(index), value)));
        let kept = old.len() - front;
        changes.extend(new.iter().enumerate().skip(kept).map(|(index, value)| added(place(index), value)));
    } else if old.len() == new.len() {
        for (index, (old, new)) in old.iter().zip(new).enumerate() {
            compare(&place(index), old, new, changes);
        }
    } else {
        changes.push(whole(path, before, after));
    }
}

/// The smallest number of values to take from the front of one sequence so that the other begins with the rest, if a
/// rest remains.
fn shift(before: &[TraceValue], after: &[TraceValue]) -> Option<usize> {
    (0..before.len()).find(|front| before.get(*front..).is_some_and(|rest| after.starts_with(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use verdict::TraceValue::{Function, ModelValue, Record, Set, Tuple};

    fn int(value: i64) -> TraceValue {
        TraceValue::Int(value.to_string())
    }

    fn tuple(values: &[i64]) -> TraceValue {
        Tuple(values.iter().map(|value| int(*value)).collect())
    }

    fn set(values: &[i64]) -> TraceValue {
        Set(values.iter().map(|value| int(*value)).collect())
    }

    fn check(before: TraceValue, after: TraceValue, expected: &[(&str, &str, &str)]) {
        let (before, after) = (vec![("v".to_owned(), before)], vec![("v".to_owned(), after)]);
        let changes = changes(&before, &after);
        let told: Vec<_> = changes.iter().map(|c| (c.path.as_str(), c.before.as_str(), c.after.as_str())).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn equal_values_are_no_change() {
        check(int(1), int(1), &[]);
    }

    #[test]
    fn scalars_change_as_a_whole() {
        check(int(1), int(2), &[("v", "1", "2")]);
        check(int(1), set(&[]), &[("v", "1", "{}")]);
    }

    #[test]
    fn functions_change_at_an_argument() {
        let function = |value| {
            let pc = Record(vec![("at".to_owned(), int(value)), ("id".to_owned(), int(0))]);
            Function(vec![(ModelValue("t1".into()), pc), (ModelValue("t2".into()), int(9))])
        };
        check(function(1), function(2), &[("v[t1].at", "1", "2")]);
    }

    #[test]
    fn arguments_come_and_go() {
        let function = |arguments: &[i64]| Function(arguments.iter().map(|a| (int(*a), int(7))).collect());
        check(function(&[0, 2]), function(&[2, 5]), &[("v[0]", "7", ""), ("v[5]", "", "7")]);
        check(function(&[0]), function(&[5]), &[("v", "(0 :> 7)", "(5 :> 7)")]);
        check(tuple(&[7]), function(&[1, 3]), &[("v[3]", "", "7")]);
    }

    #[test]
    fn records_change_at_a_field() {
        let record = |names: &[&str]| Record(names.iter().map(|name| ((*name).to_owned(), int(1))).collect());
        check(record(&["a", "b"]), record(&["b", "c"]), &[("v.a", "1", ""), ("v.c", "", "1")]);
    }

    #[test]
    fn sets_change_at_an_element() {
        check(set(&[1, 2]), set(&[2, 3]), &[("1 \\in v", "TRUE", "FALSE"), ("3 \\in v", "FALSE", "TRUE")]);
        check(set(&[]), set(&[3]), &[("v", "{}", "{3}")]);
    }

    #[test]
    fn sequences_lose_their_head_and_gain_a_tail() {
        check(tuple(&[1, 2]), tuple(&[1, 2, 3]), &[("v[3]", "", "3")]);
        check(tuple(&[1, 2, 3]), tuple(&[2, 3]), &[("v[1]", "1", "")]);
        check(tuple(&[1, 2, 3]), tuple(&[1, 2]), &[("v[3]", "3", "")]);
        check(tuple(&[1, 2, 3, 4]), tuple(&[2, 3, 4, 5]), &[("v[1]", "1", ""), ("v[4]", "", "5")]);
    }

    #[test]
    fn sequences_of_one_length_change_in_place() {
        check(tuple(&[1, 2, 3]), tuple(&[1, 5, 3]), &[("v[2]", "2", "5")]);
        check(tuple(&[1, 2]), tuple(&[2, 1]), &[("v[1]", "1", "2"), ("v[2]", "2", "1")]);
    }

    #[test]
    fn unlike_sequences_change_as_a_whole() {
        check(tuple(&[1, 2, 3]), tuple(&[7, 8]), &[("v", "<<1, 2, 3>>", "<<7, 8>>")]);
        check(tuple(&[]), tuple(&[7]), &[("v", "<<>>", "<<7>>")]);
    }
}
