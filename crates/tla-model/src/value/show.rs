//! Values for readers: the text that TLC prints, and the neutral form of traces.

use super::names::Names;
use super::order::{function_len, function_pair};
use super::{LazySet, Value};
use std::fmt::Write;

/// The value in TLA+ syntax.
pub fn show(names: &Names, value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, names, value);
    out
}

/// A string literal with escapes.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{c}' => out.push_str("\\f"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

fn list<'a>(out: &mut String, names: &Names, values: impl IntoIterator<Item = &'a Value>) {
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_value(out, names, value);
    }
}

fn write_value(out: &mut String, names: &Names, value: &Value) {
    match value {
        Value::Bool(true) => out.push_str("TRUE"),
        Value::Bool(false) => out.push_str("FALSE"),
        Value::Int(i) => {
            let _ = write!(out, "{i}");
        }
        Value::BigInt(i) => {
            let _ = write!(out, "{i}");
        }
        Value::String(id) => out.push_str(&quote(&names.text(*id))),
        Value::Model(id) => out.push_str(&names.model(*id).name),
        Value::Interval(range) => {
            let _ = write!(out, "{}..{}", range.low, range.high);
        }
        Value::Set(set) => {
            out.push('{');
            list(out, names, &set.elements);
            out.push('}');
        }
        Value::Tuple(tuple) => {
            out.push_str("<<");
            list(out, names, &tuple.elements);
            out.push_str(">>");
        }
        Value::Record(record) => {
            out.push('[');
            for (index, (field, value)) in record.fields.iter().zip(&record.values).enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                let _ = write!(out, "{} |-> ", names.text(*field));
                write_value(out, names, value);
            }
            out.push(']');
        }
        Value::Function(function) => {
            out.push('(');
            for (index, (key, value)) in function.domain.iter().zip(&function.values).enumerate() {
                if index > 0 {
                    out.push_str(" @@ ");
                }
                write_value(out, names, key);
                out.push_str(" :> ");
                write_value(out, names, value);
            }
            out.push(')');
        }
        Value::Lazy(set) => write_lazy(out, names, set),
        Value::Rule(rule) => match rule.explicit.get() {
            Some(explicit) => write_value(out, names, explicit),
            None => out.push_str("[<function given by a rule>]"),
        },
    }
}

fn write_lazy(out: &mut String, names: &Names, set: &LazySet) {
    let mut binary = |left: &Value, op: &str, right: &Value| {
        out.push('(');
        write_value(out, names, left);
        out.push_str(op);
        write_value(out, names, right);
        out.push(')');
    };
    match set {
        LazySet::Naturals => out.push_str("Nat"),
        LazySet::Integers => out.push_str("Int"),
        LazySet::Reals => out.push_str("Real"),
        LazySet::Strings => out.push_str("STRING"),
        LazySet::Anything => out.push_str("Any"),
        LazySet::Union(a, b) => binary(a, " \\cup ", b),
        LazySet::Intersection(a, b) => binary(a, " \\cap ", b),
        LazySet::Difference(a, b) => binary(a, " \\ ", b),
        LazySet::Sequences(base) => {
            out.push_str("Seq(");
            write_value(out, names, base);
            out.push(')');
        }
        LazySet::Family(sets) => match &sets[..] {
            [single] => write_value(out, names, single),
            several => {
                out.push_str("UNION {");
                list(out, names, several);
                out.push('}');
            }
        },
        LazySet::Subsets(base) => {
            out.push_str("SUBSET ");
            write_value(out, names, base);
        }
        LazySet::Functions(domain, range) => {
            out.push('[');
            write_value(out, names, domain);
            out.push_str(" -> ");
            write_value(out, names, range);
            out.push(']');
        }
        LazySet::Records(fields, sets) => {
            out.push('[');
            for (index, (field, set)) in fields.iter().zip(sets).enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                let _ = write!(out, "{}: ", names.text(*field));
                write_value(out, names, set);
            }
            out.push(']');
        }
        LazySet::Product(sets) => {
            for (index, set) in sets.iter().enumerate() {
                if index > 0 {
                    out.push_str(" \\X ");
                }
                write_value(out, names, set);
            }
        }
        LazySet::Filter(filter) => {
            out.push_str("{x \\in ");
            write_value(out, names, &filter.base);
            out.push_str(" : <predicate>}");
        }
    }
}

/// Pairs of an explicit function.
pub fn function_pairs(function: &Value) -> Vec<(Value, Value)> {
    (0..function_len(function).unwrap_or(0)).map(|i| function_pair(function, i)).collect()
}
