//! Renaming of model values, for symmetry.

use super::Machine;
use crate::error::{EvalError, Evaluated};
use crate::value::occurrence::Moved;
use crate::value::order::function_len;
use crate::value::show::function_pairs;
use crate::value::{ModelValueId, Value};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// A group of permutations of model values.
#[derive(Debug)]
pub enum Group {
    /// All permutations that keep each orbit.
    Symmetric(Moved),
    /// These permutations and the identity.
    Listed(Vec<Value>),
}

impl Group {
    /// The model values that a permutation moves.
    pub fn moved(&self) -> Vec<ModelValueId> {
        match self {
            Self::Symmetric(moved) => moved.values().to_vec(),
            Self::Listed(permutations) => {
                let mut all: Vec<ModelValueId> = permutations.iter().flat_map(moved_by).collect();
                all.sort_unstable();
                all.dedup();
                all
            }
        }
    }
}

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

    /// The group that a set of permutations of model values generates. TLC takes the group too, so that
    /// `Permutations(A) \cup Permutations(B)` means what its author hopes.
    ///
    /// # Errors
    /// If the value is no set of permutations of model values, or a group that has to be listed is too large.
    pub fn generated_group(&mut self, generators: &Value) -> Evaluated<Group> {
        let generators = self.generators(generators)?;
        if let Some(moved) = symmetric_groups(&generators) {
            return Ok(Group::Symmetric(moved));
        }
        self.listed_group(&generators).map(Group::Listed)
    }

    /// All members of the group that a set of permutations of model values generates, but the identity.
    ///
    /// # Errors
    /// If the value is no set of permutations of model values, or the group is too large.
    pub fn listed_elements(&mut self, generators: &Value) -> Evaluated<Vec<Value>> {
        let generators = self.generators(generators)?;
        self.listed_group(&generators)
    }

    fn generators(&mut self, set: &Value) -> Evaluated<Vec<Value>> {
        let mut generators = self.element_vec(set)?;
        for generator in &mut generators {
            *generator = self.force(generator)?;
            self.must_permute_model_values(generator)?;
        }
        generators.retain(|permutation| !is_identity(permutation));
        Ok(generators)
    }

    fn must_permute_model_values(&self, generator: &Value) -> Evaluated<()> {
        let refused = |what: String| {
            let whole = format!("{} is in the symmetry set but {what}", self.show(generator));
            Err(EvalError::undefined(whole).with_remedy(
                "a symmetry set holds permutations of model values, such as Permutations(S) where the configuration \
                 gives S = {a, b, c}",
            ))
        };
        if function_len(generator).is_none() {
            return refused("is no function".to_owned());
        }
        let pairs = function_pairs(generator);
        for (key, image) in &pairs {
            if let Some(other) = [key, image].into_iter().find(|value| !matches!(value, Value::Model(_))) {
                return refused(format!(
                    "maps {} to {}: {} is no model value",
                    self.show(key),
                    self.show(image),
                    self.show(other)
                ));
            }
        }
        let missed = pairs.iter().find(|(key, _)| !pairs.iter().any(|(_, image)| image.structurally_equal(key)));
        match missed {
            Some((key, _)) => refused(format!("is no permutation: it maps nothing to {}", self.show(key))),
            None => Ok(()),
        }
    }

    /// All members but the identity.
    fn listed_group(&mut self, generators: &[Value]) -> Evaluated<Vec<Value>> {
        let mut group = generators.to_vec();
        let mut known: FxHashSet<Vec<(ModelValueId, ModelValueId)>> = group.iter().map(moves).collect();
        let mut at = 0;
        while at < group.len() {
            for generator in generators {
                let product = self.compose(&group[at].clone(), generator)?;
                if known.insert(moves(&product)) {
                    group.push(product);
                    super::set::within_limit(group.len() as u64)?;
                }
            }
            at += 1;
        }
        group.retain(|permutation| !is_identity(permutation));
        Ok(group)
    }

    /// The permutation that maps the moved value with index `i` to the one with index `renaming[i]`.
    ///
    /// # Errors
    /// If the renaming is for other values.
    pub fn renaming(&mut self, moved: &Moved, renaming: &[u8]) -> Evaluated<Value> {
        let values = moved.values();
        let mut pairs = Vec::with_capacity(values.len());
        for (value, image) in values.iter().zip(renaming) {
            let image = values.get(*image as usize).unwrap_or(value);
            pairs.push((Value::Model(*value), Value::Model(*image)));
        }
        self.function_from_pairs(pairs)
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

/// What a permutation does not map to itself, with the images.
fn moves(permutation: &Value) -> Vec<(ModelValueId, ModelValueId)> {
    let moved = |(key, image): (Value, Value)| match (key, image) {
        (Value::Model(key), Value::Model(image)) if key != image => Some((key, image)),
        _ => None,
    };
    let mut all: Vec<_> = function_pairs(permutation).into_iter().filter_map(moved).collect();
    all.sort_unstable();
    all
}

/// The model values that a permutation does not map to themselves.
fn moved_by(permutation: &Value) -> Vec<ModelValueId> {
    moves(permutation).into_iter().map(|(key, _)| key).collect()
}

/// The orbits, if the permutations generate all that keep them: those that exchange two values and leave the others
/// alone connect each orbit. Exchanges along a tree generate the symmetric group.
fn symmetric_groups(generators: &[Value]) -> Option<Moved> {
    let moved: Vec<Vec<ModelValueId>> = generators.iter().map(moved_by).collect();
    let orbits = connected(moved.iter());
    let exchanged = connected(moved.iter().filter(|values| values.len() == 2));
    (orbits == exchanged).then(|| Moved::new(&orbits)).flatten()
}

/// The classes of the least equivalence for which the values of each list are equivalent. Within each cycle of a
/// permutation that is so anyway; values of different cycles are put together here too, which makes the comparison above
/// stricter than necessary, never wrong.
fn connected<'a>(lists: impl Iterator<Item = &'a Vec<ModelValueId>>) -> Vec<Vec<ModelValueId>> {
    let mut class_of: BTreeMap<ModelValueId, usize> = BTreeMap::new();
    let mut classes: Vec<Vec<ModelValueId>> = Vec::new();
    for list in lists {
        let mut together = list.clone();
        for value in list {
            if let Some(class) = class_of.get(value) {
                together.append(&mut classes[*class]);
            }
        }
        together.sort_unstable();
        together.dedup();
        for value in &together {
            class_of.insert(*value, classes.len());
        }
        classes.push(together);
    }
    classes.retain(|class| !class.is_empty());
    classes.sort();
    classes
}
