//! Counterexamples in the forms of TLC's `-dumpTrace`: JSON, and a TLA+ module that defines `CounterExample`.
//!
//! Both have the states with their numbers, and each step as a triple of state, action and state, as the operator
//! `CounterExample` of module `TLCExt` does.

use crate::value::{is_identifier, value_text};
use serde_json::{Map, Value, json};
use verdict::trace::Ending;
use verdict::{Step, Trace, TraceValue};

/// Steps with the indices of their states: those of the behavior, and the one that closes a loop.
pub(super) fn steps(trace: &Trace) -> Vec<(usize, &Step, usize)> {
    let mut all: Vec<(usize, &Step, usize)> =
        trace.steps.iter().enumerate().skip(1).map(|(index, step)| (index - 1, step, index)).collect();
    if let (Ending::BackTo(first), Some(closing)) = (trace.ending, trace.closing.as_deref()) {
        all.push((trace.steps.len().saturating_sub(1), closing, first));
    }
    all
}

/// The counterexample as TLC's JSON.
pub fn json_text(trace: &Trace) -> String {
    let state = |index: usize| {
        let values = trace.steps.get(index).map_or_else(|| json!({}), |step| record(&step.state));
        json!([index + 1, values])
    };
    let action = |(from, step, to): (usize, &Step, usize)| {
        let context: Map<String, Value> =
            step.bindings.iter().map(|binding| (binding.name.clone(), plain(&binding.value))).collect();
        let parameters: Vec<&str> = step.bindings.iter().map(|binding| binding.name.as_str()).collect();
        let location = step.place.as_ref().map(|place| {
            json!({ "beginLine": place.line, "beginColumn": place.column, "endLine": place.end_line,
                    "endColumn": place.end_column, "module": place.module })
        });
        let action = json!({ "name": step.action, "location": location, "context": context, "parameters": parameters });
        json!([state(from), action, state(to)])
    };
    let variables: Vec<&str> =
        trace.steps.first().map_or_else(Vec::new, |step| step.state.iter().map(|(name, _)| name.as_str()).collect());
    let states: Vec<Value> = (0..trace.steps.len()).map(state).collect();
    let actions: Vec<Value> = steps(trace).into_iter().map(action).collect();
    json!({ "counterexample": { "action": actions, "state": states }, "vars": variables }).to_string()
}

/// A parameter's value, which is known as text only: a number or a truth value as such.
fn plain(text: &str) -> Value {
    match text {
        "TRUE" => json!(true),
        "FALSE" => json!(false),
        _ => text.parse::<i64>().map_or_else(|_| json!(text.trim_matches('"')), |number| json!(number)),
    }
}

fn record(fields: &[(String, TraceValue)]) -> Value {
    fields.iter().map(|(name, value)| (name.clone(), value_json(value))).collect::<Map<_, _>>().into()
}

/// A value as TLC's `ToJson` writes it: sets and sequences are arrays, other functions objects.
fn value_json(value: &TraceValue) -> Value {
    let all = |values: &[TraceValue]| Value::Array(values.iter().map(value_json).collect());
    match value {
        TraceValue::Bool(truth) => json!(truth),
        TraceValue::Int(digits) => digits.parse::<i64>().map_or_else(|_| json!(digits), |number| json!(number)),
        TraceValue::String(text) | TraceValue::ModelValue(text) | TraceValue::Symbolic(text) => json!(text),
        TraceValue::Set(elements) | TraceValue::Tuple(elements) => all(elements),
        TraceValue::Record(fields) => record(fields),
        TraceValue::Function(pairs) => {
            let key = |key: &TraceValue| match key {
                TraceValue::String(text) => text.clone(),
                other => value_text(other),
            };
            pairs.iter().map(|(from, to)| (key(from), value_json(to))).collect::<Map<_, _>>().into()
        }
        TraceValue::Interval(low, high) => match (low.parse::<i64>(), high.parse::<i64>()) {
            (Ok(low), Ok(high)) if high.saturating_sub(low) < 1_000_000 => {
                (low..=high).map(|number| json!(number)).collect()
            }
            _ => json!(value_text(value)),
        },
    }
}

/// The counterexample as a module of this name.
pub fn module_text(name: &str, trace: &Trace) -> String {
    let state = |index: usize| {
        let text = trace.steps.get(index).map_or_else(String::new, |step| record_text(&step.state));
        format!("<<{}, {text}>>", index + 1)
    };
    let action = |(from, step, to): (usize, &Step, usize)| {
        let location = step.place.as_ref().map_or_else(String::new, |place| {
            format!(
                "location |-> [beginLine |-> {}, beginColumn |-> {}, endLine |-> {}, endColumn |-> {}, module |-> \"{}\"], ",
                place.line, place.column, place.end_line, place.end_column, place.module
            )
        });
        let context: Vec<String> = step
            .bindings
            .iter()
            .filter(|binding| is_identifier(&binding.name))
            .map(|binding| format!("{} |-> {}", binding.name, binding.value))
            .collect();
        let context = if context.is_empty() { "<<>>".to_owned() } else { format!("[{}]", context.join(", ")) };
        let parameters: Vec<String> = step.bindings.iter().map(|binding| format!("\"{}\"", binding.name)).collect();
        format!(
            "<<{}, [name |-> \"{}\", {location}context |-> {context}, parameters |-> <<{}>>], {}>>",
            state(from),
            step.action,
            parameters.join(", "),
            state(to)
        )
    };
    let actions: Vec<String> = steps(trace).into_iter().map(action).collect();
    let states: Vec<String> = (0..trace.steps.len()).map(state).collect();
    format!(
        "---- MODULE {name} ----\nLOCAL INSTANCE TLC\n\nCounterExample ==\n\t[action |-> {{{}}}, state |-> {{{}}}]\n\n====\n",
        actions.join(", "),
        states.join(", ")
    )
}

pub(super) fn record_text(fields: &[(String, TraceValue)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name} |-> {}", value_text(value))).collect();
    format!("[{}]", fields.join(", "))
}
