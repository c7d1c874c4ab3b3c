//! Values of traces and of configurations to our values, and back.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::value::{ModelValue, Value, record_fields, tuple_components};
use num_bigint::BigInt;
use tla_syntax::Span;
use tla_syntax::ast::Name;
use tla_syntax::config::ConfigValue;
use verdict::TraceValue;

impl<'s> Evaluator<'s> {
    /// A value of the configuration. A name that is no other value is a model value.
    pub(crate) fn configured_value(&mut self, value: &ConfigValue, span: Span) -> Outcome<Value<'s>> {
        match value {
            ConfigValue::Int(digits) => decimal(digits, span).map(Value::Int),
            ConfigValue::String(content) => Ok(Value::Text(self.strings.text(content))),
            ConfigValue::Bool(truth) => Ok(Value::Bool(*truth)),
            ConfigValue::ModelValue(name) => {
                let model = ModelValue { rank: self.strings.text(name).rank, name: name.clone() };
                self.model.values.insert(name.clone(), model.clone());
                Ok(Value::Model(model))
            }
            ConfigValue::Set(elements) => {
                let elements = elements.iter().map(|e| self.configured_value(e, span)).collect::<Outcome<_>>()?;
                self.normal_set(elements, span)
            }
            ConfigValue::Tuple(items) => {
                let items: Vec<_> =
                    items.iter().map(|item| self.configured_value(item, span)).collect::<Outcome<_>>()?;
                Ok(Value::tuple(items))
            }
            ConfigValue::Interval(low, high) => Ok(interval(decimal(low, span)?, decimal(high, span)?)),
            ConfigValue::Record(fields) => {
                let mut pairs = Vec::new();
                for (name, value) in fields {
                    pairs.push((Value::Text(self.strings.text(name)), self.configured_value(value, span)?));
                }
                self.function_of(pairs, span)
            }
        }
    }

    /// A value of a trace.
    pub(crate) fn traced_value(&mut self, value: &TraceValue, span: Span) -> Outcome<Value<'s>> {
        match value {
            TraceValue::Bool(truth) => Ok(Value::Bool(*truth)),
            TraceValue::Int(digits) => decimal(digits, span).map(Value::Int),
            TraceValue::String(content) => Ok(Value::Text(self.strings.text(&content.as_str().into()))),
            TraceValue::ModelValue(name) => match self.model.values.get(name.as_str()) {
                Some(model) => Ok(Value::Model(model.clone())),
                None => Fault::undefined(span, format!("the configuration has no model value {name}")),
            },
            TraceValue::Set(elements) => {
                let count = elements.len();
                let elements = elements.iter().map(|e| self.traced_value(e, span)).collect::<Outcome<_>>()?;
                let set = self.normal_set(elements, span)?;
                match &set {
                    Value::Set(distinct) if distinct.len() < count => {
                        Fault::undefined(span, "a set of the trace names an element twice")
                    }
                    _ => Ok(set),
                }
            }
            TraceValue::Tuple(items) => {
                let items: Vec<_> = items.iter().map(|item| self.traced_value(item, span)).collect::<Outcome<_>>()?;
                Ok(Value::tuple(items))
            }
            TraceValue::Record(fields) => {
                let mut pairs = Vec::new();
                for (name, value) in fields {
                    let name: Name = name.as_str().into();
                    pairs.push((Value::Text(self.strings.text(&name)), self.traced_value(value, span)?));
                }
                self.function_without_duplicates(pairs, span)
            }
            TraceValue::Function(pairs) => {
                let mut converted = Vec::new();
                for (key, value) in pairs {
                    converted.push((self.traced_value(key, span)?, self.traced_value(value, span)?));
                }
                self.function_without_duplicates(converted, span)
            }
            TraceValue::Interval(low, high) => Ok(interval(decimal(low, span)?, decimal(high, span)?)),
            TraceValue::Symbolic(words) => Fault::unsupported(span, format!("the symbolic value {words} in a trace")),
        }
    }

    fn function_without_duplicates(&mut self, pairs: Vec<(Value<'s>, Value<'s>)>, span: Span) -> Outcome<Value<'s>> {
        let count = pairs.len();
        let pairs = self.sorted_pairs(pairs, span)?;
        if pairs.len() < count {
            return Fault::undefined(span, "a function of the trace has two values for one argument");
        }
        Ok(Value::Function(pairs.into()))
    }

    /// Our value as a value of a trace.
    pub(crate) fn as_traced(&mut self, value: &Value<'s>, span: Span) -> Outcome<TraceValue> {
        let value = self.normal(value, span)?;
        match &value {
            Value::Bool(truth) => Ok(TraceValue::Bool(*truth)),
            Value::Int(integer) => Ok(TraceValue::Int(integer.to_string())),
            Value::Text(text) => Ok(TraceValue::String(text.name.to_string())),
            Value::Model(model) => Ok(TraceValue::ModelValue(model.name.to_string())),
            Value::Set(elements) => {
                elements.iter().map(|e| self.as_traced(e, span)).collect::<Outcome<_>>().map(TraceValue::Set)
            }
            Value::Interval(low, high) => Ok(TraceValue::Interval(low.to_string(), high.to_string())),
            Value::Open(_) => Fault::unless_decided(&value, span).map(|()| TraceValue::Bool(false)),
            Value::Symbolic(_) | Value::Closure(_) => Ok(TraceValue::Symbolic(self.print(&value))),
            Value::Function(pairs) => {
                if let Some(parts) = tuple_components(pairs) {
                    return parts
                        .into_iter()
                        .map(|p| self.as_traced(p, span))
                        .collect::<Outcome<_>>()
                        .map(TraceValue::Tuple);
                }
                if let Some(fields) = record_fields(pairs) {
                    let field = |(name, value): (&crate::value::Text, &Value<'s>)| {
                        Ok((name.name.to_string(), self.as_traced(value, span)?))
                    };
                    return fields.into_iter().map(field).collect::<Outcome<_>>().map(TraceValue::Record);
                }
                let pair = |(key, value): &(Value<'s>, Value<'s>)| {
                    Ok((self.as_traced(key, span)?, self.as_traced(value, span)?))
                };
                pairs.iter().map(pair).collect::<Outcome<_>>().map(TraceValue::Function)
            }
        }
    }
}

fn decimal(digits: &str, span: Span) -> Outcome<BigInt> {
    match digits.parse() {
        Ok(integer) => Ok(integer),
        Err(_) => Fault::undefined(span, format!("{digits} is no integer")),
    }
}

/// `low..high`; an empty one is the empty set.
pub(crate) fn interval<'s>(low: BigInt, high: BigInt) -> Value<'s> {
    if low > high { Value::sorted_set(Vec::new()) } else { Value::Interval(low, high) }
}
