//! Values as text, in TLC's notation on one line.

use crate::evaluate::Evaluator;
use crate::value::{SymbolicSet, Value, record_fields, tuple_components};
use tla_syntax::{FileId, Span};

/// Printing has no place in the source.
const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

impl<'s> Evaluator<'s> {
    /// The value in TLC's notation. What cannot be listed is described.
    pub(crate) fn print(&mut self, value: &Value<'s>) -> String {
        // Intervals stay intervals, everything else that can be listed is listed.
        let value = self.normal(value, NOWHERE).unwrap_or_else(|_| value.clone());
        match &value {
            Value::Bool(true) => "TRUE".to_owned(),
            Value::Bool(false) => "FALSE".to_owned(),
            Value::Int(integer) => integer.to_string(),
            Value::Text(text) => format!("\"{}\"", escaped(&text.name)),
            Value::Model(model) => model.name.to_string(),
            Value::Set(elements) => format!("{{{}}}", self.print_all(elements.iter())),
            Value::Interval(low, high) => format!("{low}..{high}"),
            Value::Symbolic(set) => self.print_symbolic(set),
            Value::Open(_) => "?".to_owned(),
            Value::Closure(closure) => format!("[x \\in {} |-> ...]", self.print(&closure.domain)),
            Value::Function(pairs) => {
                if let Some(parts) = tuple_components(pairs) {
                    return format!("<<{}>>", self.print_all(parts.into_iter()));
                }
                if let Some(fields) = record_fields(pairs) {
                    let field = |(name, value): (&crate::value::Text, &Value<'s>)| {
                        format!("{} |-> {}", name.name, self.print(value))
                    };
                    return format!("[{}]", fields.into_iter().map(field).collect::<Vec<_>>().join(", "));
                }
                let pair =
                    |(key, value): &(Value<'s>, Value<'s>)| format!("{} :> {}", self.print(key), self.print(value));
                format!("({})", pairs.iter().map(pair).collect::<Vec<_>>().join(" @@ "))
            }
        }
    }

    fn print_all<'a>(&mut self, values: impl Iterator<Item = &'a Value<'s>>) -> String
    where
        's: 'a,
    {
        values.map(|value| self.print(value)).collect::<Vec<_>>().join(", ")
    }

    fn print_symbolic(&mut self, set: &SymbolicSet<'s>) -> String {
        match set {
            SymbolicSet::Naturals => "Nat".to_owned(),
            SymbolicSet::Integers => "Int".to_owned(),
            SymbolicSet::Reals => "Real".to_owned(),
            SymbolicSet::Strings => "STRING".to_owned(),
            SymbolicSet::Any => "Any".to_owned(),
            SymbolicSet::Sequences(range) => format!("Seq({})", self.print(range)),
            SymbolicSet::Powerset(base) => format!("SUBSET {}", self.print(base)),
            SymbolicSet::Functions(domain, range) => format!("[{} -> {}]", self.print(domain), self.print(range)),
            SymbolicSet::Records(fields) => {
                let field =
                    |(name, set): &(Value<'s>, Value<'s>)| format!("{} : {}", self.print(name), self.print(set));
                format!("[{}]", fields.iter().map(field).collect::<Vec<_>>().join(", "))
            }
            SymbolicSet::Product(sets) => sets.iter().map(|set| self.print(set)).collect::<Vec<_>>().join(" \\X "),
            SymbolicSet::Filter { set, .. } => format!("{{x \\in {} : ...}}", self.print(set)),
            SymbolicSet::Union(left, right) => format!("{} \\cup {}", self.print(left), self.print(right)),
            SymbolicSet::Intersection(left, right) => format!("{} \\cap {}", self.print(left), self.print(right)),
            SymbolicSet::Difference(left, right) => format!("{} \\ {}", self.print(left), self.print(right)),
            SymbolicSet::Unordered(values) => format!("{{{}}}", self.print_all(values.iter())),
        }
    }
}

fn escaped(content: &str) -> String {
    let mut escaped = String::new();
    for character in content.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '\r' => escaped.push_str("\\r"),
            '\u{c}' => escaped.push_str("\\f"),
            other => escaped.push(other),
        }
    }
    escaped
}
