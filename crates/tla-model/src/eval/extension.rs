//! Module `TLCExt`.
//!
//! Some of its operators look into TLC itself: at its error messages, fingerprints, traces and state queue. Where that has
//! no counterpart here, or the answer would depend on how the search happens to go, evaluating them is declined.

use super::{Closure, Machine, kind_word};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::{Node, Primitive};
use crate::value::Value;
use std::rc::Rc;

impl<'m> Machine<'m> {
    /// Operators that do not evaluate all of their arguments, or not at once. `None` for all others.
    pub(super) fn delaying_operator(&mut self, operator: Primitive, operands: &'m [Node]) -> Option<Evaluated<Value>> {
        match (operator, operands) {
            (Primitive::AssertError, [_, expression]) => Some(self.assert_error(expression)),
            (Primitive::PickSuccessor, [guard]) => Some(self.pick_successor(guard)),
            // The value does not depend on what is remembered, so nothing needs to be.
            (Primitive::TlcCache, [expression, _]) => Some(self.eval(expression)),
            (Primitive::TlcDefer, _) => Some(Err(declined(operator, "would be evaluated at some later time"))),
            _ => None,
        }
    }

    /// `AssertError(message, e)`: whether evaluating `e` fails with TLC's message.
    fn assert_error(&mut self, expression: &'m Node) -> Evaluated<Value> {
        let position = self.position();
        match self.eval(expression).and_then(|value| self.force(&value)) {
            Ok(_) => Ok(Value::Bool(false)),
            Err(error) => {
                self.recover(position.0, position.1, position.2);
                Err(declined(Primitive::AssertError, "compares an error with a message of TLC's; ours are different")
                    .at(error.span.unwrap_or(expression.span)))
            }
        }
    }

    fn pick_successor(&mut self, guard: &'m Node) -> Evaluated<Value> {
        if self.eval_bool(guard)? {
            return Ok(Value::Bool(true));
        }
        Err(declined(Primitive::PickSuccessor, "would ask whether to go on with the step"))
    }

    /// Operators whose arguments are values.
    pub(super) fn extension_operator(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        match (operator, arguments) {
            (Primitive::AssertEq, [a, b]) => {
                let equal = self.equal(a, b)?;
                if !equal {
                    self.surroundings.print("\"Assertion failed\"");
                    for side in [a, b] {
                        let line = self.show_forced(side);
                        self.surroundings.print(&line);
                    }
                }
                Ok(Value::Bool(equal))
            }
            (Primitive::TlcGetOrDefault, [key, default]) => self.tlc_get_or(key, default),
            (Primitive::TlcNoOp, [value]) => Ok(value.clone()),
            (Primitive::TlcModelValue, [name]) => self.model_value_named(name),
            (Primitive::Trace, []) => {
                let trace = self.trace.clone();
                trace.ok_or_else(|| declined(operator, "needs the path to the present state outside of an ALIAS"))
            }
            (Primitive::CounterExample, []) => {
                let known = self.counterexample.clone();
                known.ok_or_else(|| declined(operator, "needs a counterexample that is found only later"))
            }
            (Primitive::ToTrace, [counterexample]) => self.states_of_counterexample(counterexample),
            (Primitive::TlcFp, _) => Err(declined(operator, "gives TLC's fingerprint of a value")),
            (Primitive::TlcEvalDefinition, _) => {
                Err(declined(operator, "looks a definition up by a name that is computed"))
            }
            _ => Err(EvalError::undefined(format!("{} is no operator of module TLCExt", operator.spelling()))),
        }
    }

    /// `TLCGetAndSet(key, Op, val, default)`: the old value, the new one being `Op(old, val)`.
    pub(super) fn tlc_get_and_set(&mut self, update: &Rc<Closure<'m>>, arguments: &[Value]) -> Evaluated<Value> {
        let [key, value, default] = arguments else {
            return Err(EvalError::undefined("TLCGetAndSet needs a register, a value and a default"));
        };
        let old = self.tlc_get_or(key, default)?;
        let new = self.apply_closure(update, [old.clone(), value.clone()])?;
        self.tlc_set(key, &new)?;
        Ok(old)
    }

    /// `ToTrace(CE)`: the states of a counterexample, in order.
    fn states_of_counterexample(&mut self, counterexample: &Value) -> Evaluated<Value> {
        let malformed = |machine: &Self| {
            EvalError::undefined(format!(
                "ToTrace needs a counterexample, found {} {}",
                kind_word(counterexample),
                machine.show(counterexample)
            ))
        };
        let field = self.string_value("state");
        let Some(index) = self.index_of(counterexample, &field)? else { return Err(malformed(self)) };
        let mut numbered = Vec::new();
        for state in self.element_vec(&super::function::value_at(counterexample, index))? {
            match &state {
                Value::Tuple(pair) => match &pair.elements[..] {
                    [Value::Int(number), state] => numbered.push((*number, state.clone())),
                    _ => return Err(malformed(self)),
                },
                _ => return Err(malformed(self)),
            }
        }
        numbered.sort_by_key(|(number, _)| *number);
        Ok(Value::tuple(numbered.into_iter().map(|(_, state)| state).collect()))
    }

    fn model_value_named(&mut self, name: &Value) -> Evaluated<Value> {
        let Value::String(id) = name else {
            return Err(EvalError::undefined(format!(
                "TLCModelValue needs a string, found {} {}",
                kind_word(name),
                self.show(name)
            )));
        };
        let text = self.names.text(*id);
        self.names.find_model(&text).map(Value::Model).ok_or_else(|| {
            EvalError::new(ErrorClass::Declined, format!("TLCModelValue(\"{text}\"): there is no such model value"))
                .with_remedy("mention the model value in the configuration; model values cannot be made later")
        })
    }
}

fn declined(operator: Primitive, what: &str) -> Box<EvalError> {
    EvalError::new(ErrorClass::Declined, format!("{} {what}, which is not supported", operator.spelling()))
}
