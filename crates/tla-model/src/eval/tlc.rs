//! Module `TLC`.

use super::{Machine, kind_word};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use crate::value::show::function_pairs;

impl<'m> Machine<'m> {
    /// `f @@ g`: the left operand wins.
    pub(super) fn override_function(&mut self, f: &Value, g: &Value) -> Evaluated<Value> {
        let (f, g) = (self.force(f)?, self.force(g)?);
        for function in [&f, &g] {
            if !matches!(function, Value::Tuple(_) | Value::Record(_) | Value::Function(_)) {
                return Err(EvalError::undefined(format!(
                    "@@ needs functions, found {} {}",
                    kind_word(function),
                    self.show(function)
                )));
            }
        }
        let mut pairs = function_pairs(&f);
        pairs.extend(function_pairs(&g));
        self.function_from_pairs(pairs)
    }

    /// `Permutations(S)`: all bijections from the set to itself.
    pub(super) fn permutations(&mut self, set: &Value) -> Evaluated<Value> {
        let elements = self.element_vec(set)?;
        let mut functions = Vec::new();
        let mut order: Vec<usize> = (0..elements.len()).collect();
        loop {
            super::set::within_limit(functions.len() as u64)?;
            let image = order.iter().map(|i| elements[*i].clone()).collect();
            functions.push(Value::function(elements.clone().into(), image));
            if !next_permutation(&mut order) {
                break;
            }
        }
        self.make_set(functions)
    }

    pub(super) fn print(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        match (operator, arguments) {
            (Primitive::Print, [text, value]) => {
                let line = format!("{}  {}", self.show_forced(text), self.show_forced(value));
                self.surroundings.print(&line);
                Ok(value.clone())
            }
            (_, [value, ..]) => {
                let line = self.show_forced(value);
                self.surroundings.print(&line);
                Ok(Value::Bool(true))
            }
            (_, []) => Ok(Value::Bool(true)),
        }
    }

    /// The value as text, made explicit where that is possible.
    pub(super) fn show_forced(&mut self, value: &Value) -> String {
        let keep = matches!(value, Value::Lazy(_));
        let position = self.position();
        match if keep { Ok(value.clone()) } else { self.force(value) } {
            Ok(forced) => self.show(&forced),
            Err(_) => {
                self.recover(position.0, position.1, position.2);
                self.show(value)
            }
        }
    }

    pub(super) fn assert(&mut self, condition: &Value, message: &Value) -> Evaluated<Value> {
        match condition {
            Value::Bool(true) => Ok(Value::Bool(true)),
            Value::Bool(false) => {
                let text = match message {
                    Value::String(id) => self.names.text(*id).to_string(),
                    other => self.show_forced(other),
                };
                Err(EvalError::new(ErrorClass::Assert, format!("{}{text}", crate::error::ASSERT_FAILED)))
            }
            other => Err(EvalError::undefined(format!("Assert needs a Boolean, found {}", self.show(other)))),
        }
    }
}

/// The next permutation in lexicographic order.
fn next_permutation(order: &mut [usize]) -> bool {
    let Some(pivot) = (1..order.len()).rev().find(|i| order[i - 1] < order[*i]) else { return false };
    let successor = (pivot..order.len()).rev().find(|j| order[*j] > order[pivot - 1]).unwrap_or(pivot);
    order.swap(pivot - 1, successor);
    order[pivot..].reverse();
    true
}
