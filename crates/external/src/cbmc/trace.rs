//! A path of CBMC as a behavior: one step for each line of the source that assigned something.
//!
//! CBMC writes an assignment to an element of a structure or array twice, once as the source writes it
//! (`slots[(signed long int)n].gen`) and then for every part (`slots[2l].gen`); only parts are kept, under their numbers.
//! What its own library assigns is left out. Values drawn by `nondet_` functions are the bindings of the step that draws.

use super::output::{Location, TraceStep, Value};
use std::collections::BTreeMap;
use std::path::Path;
use verdict::trace::Ending;
use verdict::{Binding, Change, Place, Step, Trace, TraceValue};

/// What a variable is called that holds the result of a function without a body.
const RETURNED: &str = "return_value_";

/// A value that the path drew.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The function.
    pub function: String,
    /// What it returned.
    pub value: Value,
}

/// Every value that the path drew from a function of this kind, in order.
pub fn drawn(steps: &[TraceStep]) -> Vec<Drawn> {
    steps.iter().filter_map(drawn_by).collect()
}

fn drawn_by(step: &TraceStep) -> Option<Drawn> {
    // The parts of a structure follow under names of their own: `return_value_f.a`.
    let name = step.lhs.strip_prefix(RETURNED)?.split('$').next()?;
    // CBMC's own library draws too: whether memory can be had.
    let whole =
        step.step_type == "assignment" && !step.hidden && is_drawing(name) && step.source_location.is_in_source();
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (whole && plain).then(|| Drawn { function: name.to_owned(), value: step.value.clone().unwrap_or_default() })
}

/// Whether a function is one that draws values, by its name.
pub fn is_drawing(function: &str) -> bool {
    function.starts_with("nondet_") || function.starts_with("__VERIFIER_nondet_")
}

/// A place of the source for a reader.
pub fn place(location: &Location) -> Option<Place> {
    let line = location.line_number().filter(|_| location.is_in_source())?;
    Some(Place { file: location.file.clone(), module: String::new(), line, column: 1, end_line: line, end_column: 1 })
}

/// The last place of the user's on the path: where it happens, if the property itself is in CBMC's library.
pub fn last_place(steps: &[TraceStep]) -> Option<&Location> {
    steps.iter().rev().map(|step| &step.source_location).find(|location| location.is_in_source())
}

/// The path as a behavior.
pub fn behavior(steps: &[TraceStep]) -> Trace {
    let mut state: BTreeMap<String, TraceValue> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut told: Vec<Step> = Vec::new();
    let mut at: Option<&Location> = None;
    for step in steps.iter().filter(|step| step.step_type == "assignment" && !step.hidden) {
        let initial = !step.source_location.is_in_source() || step.source_location.function.is_empty();
        if told.is_empty() || (!initial && at != Some(&step.source_location)) {
            told.push(begin(step, initial));
            at = (!initial).then_some(&step.source_location);
        }
        let Some(current) = told.last_mut() else { continue };
        if let Some(drawn) = drawn_by(step) {
            current.bindings.push(Binding { name: drawn.function, value: drawn.value.data });
        } else if let Some((name, value)) = part(step) {
            let before = state.insert(name.clone(), value.clone());
            if before.is_none() {
                order.push(name.clone());
            }
            note(current, name, before, value);
        }
    }
    fill_in_states(&mut told, &order);
    Trace { steps: told, ending: Ending::Finite, closing: None }
}

fn begin(step: &TraceStep, initial: bool) -> Step {
    let location = &step.source_location;
    let function = Path::new(&location.function).display();
    let action = if initial { "start".to_owned() } else { format!("{function}, line {}", location.line) };
    Step { action, bindings: Vec::new(), place: place(location), state: Vec::new(), changes: Vec::new(), alias: None }
}

/// Notes the change in the step, or what it leads to if the step has changed the same part before.
fn note(step: &mut Step, path: String, before: Option<TraceValue>, after: TraceValue) {
    let text = |value: &TraceValue| plain(value);
    let after_text = text(&after);
    if let Some(known) = step.changes.iter_mut().find(|change| change.path == path) {
        known.after = after_text;
    } else if before.as_ref() != Some(&after) {
        let before = before.as_ref().map(text).unwrap_or_default();
        step.changes.push(Change { path: path.clone(), before, after: after_text });
    }
    step.state.retain(|(name, _)| *name != path);
    step.state.push((path, after));
}

/// Steps know only what they assigned; a reader wants the whole state.
fn fill_in_states(steps: &mut [Step], order: &[String]) {
    let mut known: BTreeMap<String, TraceValue> = BTreeMap::new();
    if let Some(first) = steps.first_mut() {
        first.changes.clear();
    }
    for step in steps {
        known.extend(std::mem::take(&mut step.state));
        let value = |name: &String| Some((name.clone(), known.get(name)?.clone()));
        step.state = order.iter().filter_map(value).collect();
    }
}

fn plain(value: &TraceValue) -> String {
    match value {
        TraceValue::Bool(value) => value.to_string(),
        TraceValue::Int(text)
        | TraceValue::Symbolic(text)
        | TraceValue::String(text)
        | TraceValue::ModelValue(text) => text.clone(),
        // Parts are scalars.
        TraceValue::Set(_)
        | TraceValue::Tuple(_)
        | TraceValue::Record(_)
        | TraceValue::Function(_)
        | TraceValue::Interval(..) => String::new(),
    }
}

/// A scalar that is assigned to a variable of the user's, under its plain name.
fn part(step: &TraceStep) -> Option<(String, TraceValue)> {
    let value = step.value.as_ref()?;
    let own = step.lhs.starts_with("__CPROVER") || step.lhs.contains('$') || step.lhs.starts_with(RETURNED);
    if own || !value.members.is_empty() || !value.elements.is_empty() || value.data.is_empty() {
        return None;
    }
    Some((plain_name(&step.lhs)?, scalar(value)))
}

/// `slots[2l].gen` as `slots[2].gen`; `None` for an index that is no number.
fn plain_name(lhs: &str) -> Option<String> {
    let mut name = String::new();
    let mut rest = lhs;
    while let Some((before, after)) = rest.split_once('[') {
        let (index, after) = after.split_once(']')?;
        let digits = index.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        name.push_str(&format!("{before}[{digits}]"));
        rest = after;
    }
    name.push_str(rest);
    Some(name)
}

fn scalar(value: &Value) -> TraceValue {
    let digits = value.data.trim_end_matches(['u', 'l', 'U', 'L']);
    let is_number = !digits.is_empty() && digits.trim_start_matches('-').chars().all(|c| c.is_ascii_digit());
    match value.data.as_str() {
        "TRUE" => TraceValue::Bool(true),
        "FALSE" => TraceValue::Bool(false),
        _ if is_number && value.name == "integer" => TraceValue::Int(digits.to_owned()),
        other => TraceValue::Symbolic(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_suffixes_of_their_indices() {
        assert_eq!(plain_name("slots[2l].gen").as_deref(), Some("slots[2].gen"));
        assert_eq!(plain_name("n").as_deref(), Some("n"));
        assert_eq!(plain_name("slots[(signed long int)n].gen"), None);
    }

    #[test]
    fn values_are_numbers_truths_or_what_c_writes() {
        let value = |name: &str, data: &str| Value { name: name.to_owned(), data: data.to_owned(), ..Value::default() };
        assert_eq!(scalar(&value("integer", "-5l")), TraceValue::Int("-5".to_owned()));
        assert_eq!(scalar(&value("integer", "TRUE")), TraceValue::Bool(true));
        assert_eq!(scalar(&value("pointer", "NULL")), TraceValue::Symbolic("NULL".to_owned()));
    }
}
