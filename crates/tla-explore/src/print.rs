//! Values of a trace as text, in the notation and spacing of TLC.
//!
//! What is printed can be pasted into a specification again, except for values that cannot be enumerated. TLC prints the
//! function with the empty domain as `<<>>`, whatever it was built as, and so do we.

use std::fmt::{self, Display, Formatter};
use verdict::TraceValue;

/// A value as TLC prints it, on one line.
pub fn print(value: &TraceValue) -> String {
    Printed(value).to_string()
}

/// A state as TLC prints it in a trace: one conjunct a line, no bullet if there is but one variable.
pub fn print_state(state: &[(String, TraceValue)]) -> String {
    match state {
        [(name, value)] => format!("{name} = {}", Printed(value)),
        several => {
            let lines: Vec<_> =
                several.iter().map(|(name, value)| format!("/\\ {name} = {}", Printed(value))).collect();
            lines.join("\n")
        }
    }
}

struct Printed<'v>(&'v TraceValue);

impl Display for Printed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            TraceValue::Bool(true) => f.write_str("TRUE"),
            TraceValue::Bool(false) => f.write_str("FALSE"),
            TraceValue::Int(digits) => f.write_str(digits),
            TraceValue::String(text) => quoted(text, f),
            TraceValue::ModelValue(name) => f.write_str(name),
            TraceValue::Set(elements) => list("{", elements, "}", f),
            TraceValue::Tuple(elements) => list("<<", elements, ">>", f),
            TraceValue::Record(fields) => record(fields, f),
            TraceValue::Function(pairs) => function(pairs, f),
            TraceValue::Interval(low, high) if is_empty(low, high) => f.write_str("{}"),
            TraceValue::Interval(low, high) => write!(f, "{low}..{high}"),
            TraceValue::Symbolic(words) => f.write_str(words),
        }
    }
}

fn quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            '\u{c}' => f.write_str("\\f")?,
            other => write!(f, "{other}")?,
        }
    }
    f.write_str("\"")
}

fn list(open: &str, elements: &[TraceValue], close: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str(open)?;
    for (index, element) in elements.iter().enumerate() {
        write!(f, "{}{}", separator(index, ", "), Printed(element))?;
    }
    f.write_str(close)
}

fn record(fields: &[(String, TraceValue)], f: &mut Formatter<'_>) -> fmt::Result {
    if fields.is_empty() {
        return f.write_str("<<>>");
    }
    f.write_str("[")?;
    for (index, (name, value)) in fields.iter().enumerate() {
        write!(f, "{}{name} |-> {}", separator(index, ", "), Printed(value))?;
    }
    f.write_str("]")
}

fn function(pairs: &[(TraceValue, TraceValue)], f: &mut Formatter<'_>) -> fmt::Result {
    if pairs.is_empty() {
        return f.write_str("<<>>");
    }
    f.write_str("(")?;
    for (index, (argument, value)) in pairs.iter().enumerate() {
        write!(f, "{}{} :> {}", separator(index, " @@ "), Printed(argument), Printed(value))?;
    }
    f.write_str(")")
}

fn separator(index: usize, text: &str) -> &str {
    if index == 0 { "" } else { text }
}

/// Whether an interval has no element. Bounds too large for a comparison come from an engine that compared them.
fn is_empty(low: &str, high: &str) -> bool {
    matches!((low.parse::<i128>(), high.parse::<i128>()), (Ok(low), Ok(high)) if low > high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use verdict::TraceValue::*;

    fn int(value: i64) -> TraceValue {
        Int(value.to_string())
    }

    fn string(text: &str) -> TraceValue {
        String(text.to_owned())
    }

    /// The values of TLC's `print_values` and what TLC prints for them.
    #[test]
    fn values_print_as_tlc_prints_them() {
        let cases = [
            (Set(vec![]), "{}"),
            (Tuple(vec![]), "<<>>"),
            (Function(vec![]), "<<>>"),
            (Bool(true), "TRUE"),
            (string("a"), "\"a\""),
            (Function(vec![(int(2), int(3)), (int(4), int(5))]), "(2 :> 3 @@ 4 :> 5)"),
            (Record(vec![("x".into(), int(1)), ("y".into(), Tuple(vec![int(1)]))]), "[x |-> 1, y |-> <<1>>]"),
            (Interval("1".into(), "3".into()), "1..3"),
            (Set(vec![Set(vec![]), Set(vec![int(1)])]), "{{}, {1}}"),
            (Tuple(vec![Set(vec![int(1)]), string("s")]), "<<{1}, \"s\">>"),
            (int(-1), "-1"),
            (Symbolic("Nat".into()), "Nat"),
            (Interval("3".into(), "1".into()), "{}"),
            (Set(vec![ModelValue("m1".into()), int(1)]), "{m1, 1}"),
        ];
        for (value, text) in cases {
            assert_eq!(print(&value), text);
        }
    }

    #[test]
    fn strings_are_escaped() {
        assert_eq!(print(&string("a\\b\"c\nd\te\u{c}\r")), r#""a\\b\"c\nd\te\f\r""#);
    }

    #[test]
    fn states_print_as_conjunctions() {
        let (x, y) = (("x".to_owned(), int(0)), ("y".to_owned(), Bool(false)));
        assert_eq!(print_state(std::slice::from_ref(&x)), "x = 0");
        assert_eq!(print_state(&[x, y]), "/\\ x = 0\n/\\ y = FALSE");
    }
}
