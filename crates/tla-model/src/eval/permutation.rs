//! Renaming of model values, for symmetry.

use super::Machine;
use crate::error::Evaluated;
use crate::value::Value;
use crate::value::show::function_pairs;

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

    /// The group that a set of permutations generates, without the identity. TLC takes the group too, so that
    /// `Permutations(A) \cup Permutations(B)` means what its author hopes.
    ///
    /// # Errors
    /// If the value is no set of functions, or the group is too large.
    pub fn generated_group(&mut self, generators: &Value) -> Evaluated<Vec<Value>> {
        let mut generators = self.element_vec(generators)?;
        for generator in &mut generators {
            *generator = self.force(generator)?;
        }
        let mut group = generators.clone();
        let mut at = 0;
        while at < group.len() {
            for generator in &generators {
                let product = self.compose(&group[at].clone(), generator)?;
                if !group.iter().any(|known| known.structurally_equal(&product)) {
                    group.push(product);
                    super::set::within_limit(group.len() as u64)?;
                }
            }
            at += 1;
        }
        group.retain(|permutation| !is_identity(permutation));
        Ok(group)
    }

    /// First one permutation, then the other; defined wherever one of them is.
    fn compose(&mut self, first: &Value, second: &Value) -> Evaluated<Value> {
        let mut pairs = Vec::new();
        for (key, image) in function_pairs(first) {
            let image = self.permute(&image, second)?;
            pairs.push((key, image));
        }
        for (key, image) in function_pairs(second) {
            if !pairs.iter().any(|(known, _)| known.structurally_equal(&key)) {
                pairs.push((key, image));
            }
        }
        self.function_from_pairs(pairs)
    }

    fn permute_all(&mut self, values: &[Value], permutation: &Value) -> Evaluated<Vec<Value>> {
        values.iter().map(|value| self.permute(value, permutation)).collect()
    }
}

fn is_identity(permutation: &Value) -> bool {
    function_pairs(permutation).iter().all(|(key, image)| key.structurally_equal(image))
}
