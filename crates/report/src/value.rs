//! Values of a trace in TLA+ notation, as TLC prints them: a function whose domain is a set of strings reads as a record,
//! any other function as `(k :> v @@ …)`.

use std::fmt::Write;
use verdict::TraceValue;

/// The value as text.
pub fn value_text(value: &TraceValue) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &TraceValue) {
    match value {
        TraceValue::Bool(true) => out.push_str("TRUE"),
        TraceValue::Bool(false) => out.push_str("FALSE"),
        TraceValue::Int(text) | TraceValue::ModelValue(text) | TraceValue::Symbolic(text) => out.push_str(text),
        TraceValue::String(text) => write_string(out, text),
        TraceValue::Set(elements) => write_list(out, "{", elements, "}"),
        TraceValue::Tuple(elements) => write_list(out, "<<", elements, ">>"),
        TraceValue::Record(fields) => write_record(out, fields.iter().map(|(name, value)| (name.as_str(), value))),
        TraceValue::Function(pairs) => write_function(out, pairs),
        TraceValue::Interval(low, high) => {
            let _ = write!(out, "{low}..{high}");
        }
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{c}' => out.push_str("\\f"),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_list(out: &mut String, open: &str, elements: &[TraceValue], close: &str) {
    out.push_str(open);
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_value(out, element);
    }
    out.push_str(close);
}

fn write_record<'a>(out: &mut String, fields: impl Iterator<Item = (&'a str, &'a TraceValue)>) {
    out.push('[');
    for (index, (name, value)) in fields.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        let _ = write!(out, "{name} |-> ");
        write_value(out, value);
    }
    out.push(']');
}

fn write_function(out: &mut String, pairs: &[(TraceValue, TraceValue)]) {
    if let Some(fields) = as_fields(pairs) {
        return write_record(out, fields.into_iter());
    }
    if pairs.is_empty() {
        return out.push_str("<<>>");
    }
    out.push('(');
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push_str(" @@ ");
        }
        write_value(out, key);
        out.push_str(" :> ");
        write_value(out, value);
    }
    out.push(')');
}

/// The pairs as record fields, if there are any and all keys are strings that can be field names.
fn as_fields(pairs: &[(TraceValue, TraceValue)]) -> Option<Vec<(&str, &TraceValue)>> {
    if pairs.is_empty() {
        return None;
    }
    pairs.iter().map(field_of).collect()
}

fn field_of((key, value): &(TraceValue, TraceValue)) -> Option<(&str, &TraceValue)> {
    let TraceValue::String(name) = key else { return None };
    is_identifier(name).then_some((name.as_str(), value))
}

/// Whether a string can be the name of a record's field.
pub(crate) fn is_identifier(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
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

    #[test]
    fn values_read_as_tla_plus() {
        let model_value = |name: &str| TraceValue::ModelValue(name.to_owned());
        let cases = [
            (TraceValue::Bool(true), "TRUE"),
            (int(-3), "-3"),
            (string("a\"b\\\n"), r#""a\"b\\\n""#),
            (TraceValue::Set(vec![int(1), model_value("t1")]), "{1, t1}"),
            (TraceValue::Tuple(vec![]), "<<>>"),
            (TraceValue::Record(vec![("f".to_owned(), int(1)), ("g".to_owned(), int(2))]), "[f |-> 1, g |-> 2]"),
            (TraceValue::Function(vec![(string("f"), int(1))]), "[f |-> 1]"),
            (TraceValue::Function(vec![(string("7"), int(1))]), "(\"7\" :> 1)"),
            (
                TraceValue::Function(vec![(model_value("t1"), int(1)), (model_value("t2"), int(2))]),
                "(t1 :> 1 @@ t2 :> 2)",
            ),
            (TraceValue::Function(vec![]), "<<>>"),
            (TraceValue::Interval("1".to_owned(), "3".to_owned()), "1..3"),
            (TraceValue::Symbolic("Nat".to_owned()), "Nat"),
        ];
        for (value, text) in cases {
            assert_eq!(value_text(&value), text);
        }
    }
}
