//! A behavior to ITF.

use super::TraceMeta;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use verdict::trace::Ending;
use verdict::{Step, Trace, TraceValue};

/// Longest interval that is written element by element.
const LONGEST_INTERVAL: u64 = 4_096;

/// The trace as the text of an ITF file.
pub fn write_trace(trace: &Trace, meta: &TraceMeta, tool_version: &str) -> String {
    let names = Names::of(trace);
    let first = trace.steps.first();
    let variables: Vec<&str> =
        first.map(|step| step.state.iter().map(|(name, _)| name.as_str()).collect()).unwrap_or_default();
    let encoder = Encoder { ambiguous: names.model_values.intersection(&names.strings).copied().collect() };
    let step = |(index, step): (usize, &Step)| encoder.step(index, step);
    let mut object = Map::new();
    object.insert("#meta".to_owned(), meta_value(trace, meta, tool_version, &names, &encoder));
    object.insert("vars".to_owned(), json!(variables));
    object.insert("states".to_owned(), trace.steps.iter().enumerate().map(step).collect());
    match trace.ending {
        Ending::Finite => None,
        Ending::Stuttering => object.insert("loop".to_owned(), json!(trace.steps.len().saturating_sub(1))),
        Ending::BackTo(index) => object.insert("loop".to_owned(), json!(index)),
    };
    format!("{:#}\n", Value::Object(object))
}

/// The variables of a state as a JSON object, values in ITF, model values as strings.
pub fn state_value(state: &[(String, TraceValue)]) -> Value {
    Encoder::default().record(state)
}

fn meta_value(trace: &Trace, meta: &TraceMeta, tool_version: &str, names: &Names<'_>, encoder: &Encoder<'_>) -> Value {
    let states = trace.steps.len();
    let inconclusive = meta.exit_code == verdict::ExitCode::Inconclusive.code();
    let what = match &meta.inductive {
        Some(inductive) if inconclusive => format!(
            "{states} states that show why the induction with {inductive} does not prove {}; nothing says that the first is reached",
            meta.property
        ),
        Some(_) | None => format!("a behavior of {states} states that violates {}", meta.property),
    };
    let mut value = json!({
        "format": "ITF",
        "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
        "description": format!("Interlock {tool_version}: {what}"),
        "source": meta.source,
        "config": meta.config,
        "search_path": meta.search_path,
        "invariants": meta.invariants,
        "constants": meta.constants,
        "model": meta.model,
        "property": meta.property,
        "name_in_input": meta.name_in_input,
        "exit_code": meta.exit_code,
        "model_values": names.model_values,
        "ambiguous_model_values": encoder.ambiguous,
    });
    if let (Some(inductive), Value::Object(fields)) = (&meta.inductive, &mut value) {
        fields.insert("inductive".to_owned(), Value::String(inductive.clone()));
    }
    value
}

/// Model values and strings that occur in a trace.
#[derive(Default)]
struct Names<'a> {
    model_values: BTreeSet<&'a str>,
    strings: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    fn of(trace: &'a Trace) -> Self {
        let mut names = Self::default();
        trace.steps.iter().flat_map(|step| &step.state).for_each(|(_, value)| names.collect(value));
        names
    }

    fn collect(&mut self, value: &'a TraceValue) {
        match value {
            TraceValue::ModelValue(name) => {
                self.model_values.insert(name);
            }
            TraceValue::String(text) => {
                self.strings.insert(text);
            }
            TraceValue::Set(elements) | TraceValue::Tuple(elements) => {
                elements.iter().for_each(|element| self.collect(element));
            }
            TraceValue::Record(fields) => fields.iter().for_each(|(_, value)| self.collect(value)),
            TraceValue::Function(pairs) => pairs.iter().for_each(|(key, value)| {
                self.collect(key);
                self.collect(value);
            }),
            TraceValue::Bool(_) | TraceValue::Int(_) | TraceValue::Interval(..) | TraceValue::Symbolic(_) => {}
        }
    }
}

/// Knows which model values cannot be written as strings.
#[derive(Default)]
struct Encoder<'a> {
    ambiguous: BTreeSet<&'a str>,
}

impl Encoder<'_> {
    fn step(&self, index: usize, step: &Step) -> Value {
        let Step { action, bindings, place, state, changes: _, alias } = step;
        let mut object = Map::new();
        let mut meta = json!({ "index": index, "action": action, "bindings": bindings, "place": place });
        if let (Some(alias), Value::Object(fields)) = (alias, &mut meta) {
            fields.insert("alias".to_owned(), self.record(alias));
        }
        object.insert("#meta".to_owned(), meta);
        object.extend(state.iter().map(|(name, value)| (name.clone(), self.value(value))));
        Value::Object(object)
    }

    fn value(&self, value: &TraceValue) -> Value {
        match value {
            TraceValue::Bool(truth) => json!(truth),
            TraceValue::Int(digits) => json!({ "#bigint": digits }),
            TraceValue::ModelValue(name) if self.ambiguous.contains(name.as_str()) => {
                json!({ "#unserializable": name })
            }
            TraceValue::String(text) | TraceValue::ModelValue(text) => json!(text),
            TraceValue::Set(elements) => json!({ "#set": self.values(elements) }),
            TraceValue::Tuple(elements) => json!({ "#tup": self.values(elements) }),
            TraceValue::Record(fields) => self.record(fields),
            TraceValue::Function(pairs) => {
                let pair = |(key, value): &(TraceValue, TraceValue)| json!([self.value(key), self.value(value)]);
                json!({ "#map": pairs.iter().map(pair).collect::<Vec<_>>() })
            }
            TraceValue::Interval(low, high) => interval(low, high),
            TraceValue::Symbolic(text) => json!({ "#unserializable": text }),
        }
    }

    fn values(&self, values: &[TraceValue]) -> Vec<Value> {
        values.iter().map(|value| self.value(value)).collect()
    }

    fn record(&self, fields: &[(String, TraceValue)]) -> Value {
        fields.iter().map(|(name, value)| (name.clone(), self.value(value))).collect::<Map<_, _>>().into()
    }
}

/// ITF has no intervals: a short one becomes the set that it is, a long one cannot be written.
fn interval(low: &str, high: &str) -> Value {
    let bounds = (low.parse::<i64>(), high.parse::<i64>());
    if let (Ok(low), Ok(high)) = bounds
        && (low > high || low.abs_diff(high) < LONGEST_INTERVAL)
    {
        let elements: Vec<Value> = (low..=high).map(|number| json!({ "#bigint": number.to_string() })).collect();
        return json!({ "#set": elements });
    }
    json!({ "#unserializable": format!("{low}..{high}") })
}
