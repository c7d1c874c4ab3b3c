//! Comparing values and putting them in order: the language's `=`, and sets and records from arbitrary elements.
//!
//! The order itself is [`crate::value::order`]; here values that are not explicit are made so where it needs that.

use super::{Machine, kind_word};
use crate::error::{EvalError, Evaluated};
use crate::value::Value;
use crate::value::order::{self, Incomparable};
use std::cmp::Ordering;

impl Machine<'_> {
    /// TLC's order of two values, made explicit where necessary.
    ///
    /// # Errors
    /// If they cannot be compared.
    pub fn compare(&mut self, a: &Value, b: &Value) -> Evaluated<Ordering> {
        match order::compare(self.names, a, b) {
            Ok(ordering) => Ok(ordering),
            Err(refused) if !a.is_symbolic() && !b.is_symbolic() => Err(self.incomparable(&refused)),
            Err(_) => {
                let (a, b) = (self.force(a)?, self.force(b)?);
                order::compare(self.names, &a, &b).map_err(|refused| self.incomparable(&refused))
            }
        }
    }

    /// The language's `=`.
    ///
    /// # Errors
    /// If the values cannot be compared.
    pub fn equal(&mut self, a: &Value, b: &Value) -> Evaluated<bool> {
        match (a, b) {
            (Value::Int(x), Value::Int(y)) => return Ok(x == y),
            (Value::String(x), Value::String(y)) => return Ok(x == y),
            (Value::Lazy(_), _) | (_, Value::Lazy(_)) => {
                if let Some(known) = self.equal_symbolic(a, b)? {
                    return Ok(known);
                }
            }
            _ => {}
        }
        Ok(self.compare(a, b)? == Ordering::Equal)
    }

    pub(crate) fn incomparable(&self, refused: &Incomparable) -> Box<EvalError> {
        let what = |value: &Value| {
            let text = self.show(value);
            let short: String = text.chars().take(120).collect();
            let dots = if short.len() < text.len() { "…" } else { "" };
            format!("{} {short}{dots}", kind_word(value))
        };
        EvalError::undefined(format!("cannot compare {} with {}", what(&refused.0), what(&refused.1)))
            .with_remedy("TLA+ does not say whether values of different kinds are equal; compare like with like")
    }

    /// A set of values, for whoever hands values to the specification.
    ///
    /// # Errors
    /// If two of them cannot be compared.
    pub fn set_of(&mut self, elements: Vec<Value>) -> Evaluated<Value> {
        self.make_set(elements)
    }

    /// A record from its fields.
    ///
    /// # Errors
    /// If a field is no string.
    pub fn record_of(&mut self, fields: Vec<(Value, Value)>) -> Evaluated<Value> {
        self.function_from_pairs(fields)
    }

    /// A set in normal form from arbitrary elements.
    pub(crate) fn make_set(&mut self, mut elements: Vec<Value>) -> Evaluated<Value> {
        if elements.len() <= 1 {
            return Ok(Value::sorted_set(elements));
        }
        if elements.iter().any(|element| matches!(element, Value::Lazy(_) | Value::Rule(_))) {
            self.force_all(&mut elements)?;
        }
        // Rules hidden inside tuples come to light when two elements cannot be compared.
        if elements.iter().any(Value::is_symbolic) {
            self.force_all(&mut elements)?;
        }
        order::set_from(self.names, elements).map_err(|refused| self.incomparable(&refused))
    }

    fn force_all(&mut self, elements: &mut [Value]) -> Evaluated<()> {
        for element in elements {
            *element = self.force(element)?;
        }
        Ok(())
    }
}
