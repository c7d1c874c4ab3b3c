//! ITF to a behavior, for replaying a trace file.
//!
//! Only what the writer beside this file produces is promised to come back exactly; traces of other tools are read as far
//! as the format goes (JSON integers, lists and strings are accepted as well). The JSON parser stops at a nesting of 128,
//! so the recursion here is bounded.

use super::TraceMeta;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use verdict::trace::Ending;
use verdict::{Binding, Place, Step, Trace, TraceValue};

/// Why a text is not a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItfError {
    /// What is wrong, with the part of the file that it is wrong in.
    pub message: String,
}

impl std::fmt::Display for ItfError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ItfError {}

fn error<T>(message: impl Into<String>) -> Result<T, ItfError> {
    Err(ItfError { message: message.into() })
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "#meta", default)]
    meta: FileMeta,
    vars: Vec<String>,
    states: Vec<Map<String, Value>>,
    #[serde(rename = "loop")]
    back_to: Option<usize>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FileMeta {
    source: String,
    config: Option<String>,
    search_path: Vec<String>,
    #[serde(default)]
    invariants: Vec<String>,
    inductive: Option<String>,
    constants: Vec<String>,
    model: String,
    property: String,
    name_in_input: String,
    exit_code: u8,
    model_values: BTreeSet<String>,
    ambiguous_model_values: BTreeSet<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StepMeta {
    action: String,
    bindings: Vec<Binding>,
    place: Option<Place>,
}

/// Reads a trace file. Changes between the states are left empty.
///
/// # Errors
/// If the text is not JSON, or not ITF; the message names the state and the variable.
pub fn read_trace(text: &str) -> Result<(Trace, TraceMeta), ItfError> {
    let file: File = serde_json::from_str(text).map_err(|cause| ItfError { message: cause.to_string() })?;
    let mut steps = Vec::with_capacity(file.states.len());
    for (index, state) in file.states.iter().enumerate() {
        let context = |cause: ItfError| ItfError { message: format!("state {}: {cause}", index + 1) };
        steps.push(read_step(state, &file).map_err(context)?);
    }
    let ending = match file.back_to {
        None => Ending::Finite,
        Some(index) if index + 1 == steps.len() => Ending::Stuttering,
        Some(index) if index < steps.len() => Ending::BackTo(index),
        Some(index) => return error(format!("`loop` is {index}, but there are {} states", steps.len())),
    };
    Ok((Trace { steps, ending, closing: None }, trace_meta(file.meta)))
}

fn trace_meta(meta: FileMeta) -> TraceMeta {
    TraceMeta {
        source: meta.source,
        config: meta.config,
        search_path: meta.search_path,
        invariants: meta.invariants,
        inductive: meta.inductive,
        constants: meta.constants,
        model: meta.model,
        property: meta.property,
        name_in_input: meta.name_in_input,
        exit_code: meta.exit_code,
    }
}

fn read_step(state: &Map<String, Value>, file: &File) -> Result<Step, ItfError> {
    let meta = match state.get("#meta") {
        Some(value) => StepMeta::deserialize(value).map_err(|cause| ItfError { message: format!("#meta: {cause}") })?,
        None => StepMeta::default(),
    };
    let mut values = Vec::with_capacity(file.vars.len());
    for name in &file.vars {
        let Some(value) = state.get(name) else { return error(format!("variable {name} has no value")) };
        let context = |cause: ItfError| ItfError { message: format!("variable {name}: {cause}") };
        values.push((name.clone(), file.meta.value(value).map_err(context)?));
    }
    Ok(Step {
        action: meta.action,
        bindings: meta.bindings,
        place: meta.place,
        state: values,
        changes: Vec::new(),
        alias: None,
    })
}

impl FileMeta {
    fn value(&self, value: &Value) -> Result<TraceValue, ItfError> {
        match value {
            Value::Null => error("null is no value"),
            Value::Bool(truth) => Ok(TraceValue::Bool(*truth)),
            Value::Number(number) if number.is_i64() || number.is_u64() => Ok(TraceValue::Int(number.to_string())),
            Value::Number(number) => error(format!("{number} is not an integer")),
            Value::String(text) if self.model_values.contains(text) && !self.ambiguous_model_values.contains(text) => {
                Ok(TraceValue::ModelValue(text.clone()))
            }
            Value::String(text) => Ok(TraceValue::String(text.clone())),
            Value::Array(elements) => Ok(TraceValue::Tuple(self.values(elements)?)),
            Value::Object(object) => self.object(object),
        }
    }

    fn values(&self, values: &[Value]) -> Result<Vec<TraceValue>, ItfError> {
        values.iter().map(|value| self.value(value)).collect()
    }

    fn object(&self, object: &Map<String, Value>) -> Result<TraceValue, ItfError> {
        let special = object.iter().next().filter(|(name, _)| object.len() == 1 && name.starts_with('#'));
        let Some((name, content)) = special else {
            let field = |(name, value): (&String, &Value)| Ok((name.clone(), self.value(value)?));
            return Ok(TraceValue::Record(object.iter().map(field).collect::<Result<_, ItfError>>()?));
        };
        match (name.as_str(), content) {
            ("#bigint", Value::String(digits)) if is_integer(digits) => Ok(TraceValue::Int(digits.clone())),
            ("#tup", Value::Array(elements)) => Ok(TraceValue::Tuple(self.values(elements)?)),
            ("#set", Value::Array(elements)) => Ok(TraceValue::Set(self.values(elements)?)),
            ("#map", Value::Array(pairs)) => {
                Ok(TraceValue::Function(pairs.iter().map(|pair| self.pair(pair)).collect::<Result<_, _>>()?))
            }
            ("#unserializable", Value::String(text)) if self.ambiguous_model_values.contains(text) => {
                Ok(TraceValue::ModelValue(text.clone()))
            }
            ("#unserializable", Value::String(text)) => Ok(TraceValue::Symbolic(text.clone())),
            (name, content) => error(format!("`{name}` with {content} is not a value of the format")),
        }
    }

    fn pair(&self, pair: &Value) -> Result<(TraceValue, TraceValue), ItfError> {
        let Some([key, value]) = pair.as_array().map(Vec::as_slice) else {
            return error(format!("{pair} is not a pair of `#map`"));
        };
        Ok((self.value(key)?, self.value(value)?))
    }
}

fn is_integer(digits: &str) -> bool {
    let digits = digits.strip_prefix('-').unwrap_or(digits);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
