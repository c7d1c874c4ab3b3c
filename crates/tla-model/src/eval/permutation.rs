//! Renaming of model values, for symmetry.

use super::Machine;
use crate::error::Evaluated;
use crate::value::Value;

impl Machine<'_> {
    /// The value with every model value in the domain of the permutation replaced by its image.
    ///
    /// # Errors
    /// If the renamed parts of a set cannot be compared.
    pub fn permute(&mut self, value: &Value, permutation: &Value) -> Evaluated<Value> {
        Ok(match value {
            Value::Model(_) => match self.index_of(permutation, value)? {
                Some(index) => super::function::value_at(permutation, index),
                None => value.clone(),
            },
            Value::Set(node) => {
                let images = self.permute_all(&node.elements, permutation)?;
                self.make_set(images)?
            }
            Value::Tuple(node) => Value::tuple(self.permute_all(&node.elements, permutation)?),
            Value::Record(node) => Value::record(node.fields.clone(), self.permute_all(&node.values, permutation)?),
            Value::Function(node) => {
                let domain = self.permute_all(&node.domain, permutation)?;
                let values = self.permute_all(&node.values, permutation)?;
                self.function_from_pairs(domain.into_iter().zip(values).collect())?
            }
            Value::Bool(_)
            | Value::Int(_)
            | Value::BigInt(_)
            | Value::String(_)
            | Value::Interval(_)
            | Value::Lazy(_)
            | Value::Rule(_) => value.clone(),
        })
    }

    fn permute_all(&mut self, values: &[Value], permutation: &Value) -> Evaluated<Vec<Value>> {
        values.iter().map(|value| self.permute(value, permutation)).collect()
    }
}
