//! Module `_LoadedTrace`: whether the present state is that of a behavior in a file.
//!
//! A file does not say of what kind a value is: TLC's JSON has arrays for sets and for sequences, and strings for model
//! values. So the values of the state are held against what was [written](crate::value::written), and nothing is made a
//! value of the specification that only looks like one.

use super::Machine;
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use crate::value::written::Written;
use serde_json::Value as Json;

impl Machine<'_> {
    /// `_State` and `_Follows(text)`.
    pub(super) fn loaded_trace(&mut self, primitive: Primitive, operands: &[Value]) -> Evaluated<Value> {
        self.note_volatile_read();
        let Some(model) = self.model else {
            return Err(EvalError::new(ErrorClass::Declined, "the variables are not known here"));
        };
        let values: Vec<_> = model.variables.iter().map(|(name, _)| &**name).zip(self.current.clone()).collect();
        match (primitive, operands) {
            (Primitive::FollowsTrace, [Value::String(text)]) => {
                let text = self.names.text(*text);
                let Ok(Json::Object(state)) = serde_json::from_str::<Json>(&text) else {
                    return Err(EvalError::undefined("a state of a loaded trace is no JSON object"));
                };
                for (name, value) in values {
                    if let (Some(expected), Some(value)) = (state.get(name), value)
                        && !Written::from(expected).fits(self.names, &self.force(&value)?)
                    {
                        return Ok(Value::Bool(false));
                    }
                }
                Ok(Value::Bool(true))
            }
            _ => {
                let field = |(name, value): (&str, Option<Value>)| Some((self.string_value(name), value?));
                let fields = values.into_iter().filter_map(field).collect();
                self.record_of(fields)
            }
        }
    }
}
