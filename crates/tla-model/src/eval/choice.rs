//! Choices under a symmetry.
//!
//! States that differ by a permutation of model values stand for each other only if the specification treats the values
//! alike. What takes the first of several values may not: the order of model values is that of their names. So under a
//! symmetry `CHOOSE` goes on after the first value that satisfies the predicate. If there is none, the value is the same
//! for all states of an orbit, renamed alike. If there is another one and a symmetric value itself would be taken, the
//! choice names it, and is declined. Where it is a message or a sequence with symmetric values in it, the choice is often
//! one that does not matter, as in `(CHOOSE m \in S : m.ballot = b).value`; that is reported and left to the user.

use super::Machine;
use super::set::Elements;
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::{Node, Pattern};
use crate::value::{LazySet, ModelValueId, Value};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use std::sync::Mutex;
use tla_syntax::Span;

/// What a symmetry moves, for evaluators of states.
#[derive(Debug, Default)]
pub struct Moving {
    values: FxHashSet<ModelValueId>,
    /// Predicates of `CHOOSE` that several values satisfied which differ in what is moved.
    choices: Mutex<BTreeSet<Span>>,
}

impl Moving {
    /// A symmetry that moves these values.
    pub fn new(values: impl IntoIterator<Item = ModelValueId>) -> Self {
        Self { values: values.into_iter().collect(), choices: Mutex::default() }
    }

    /// Predicates of `CHOOSE` that several values satisfied which differ in what is moved.
    pub fn choices(&self) -> Vec<Span> {
        self.choices.lock().map(|choices| choices.iter().copied().collect()).unwrap_or_default()
    }

    fn is_known(&self, place: Span) -> bool {
        self.choices.lock().is_ok_and(|choices| choices.contains(&place))
    }

    fn is_moved(&self, value: &Value) -> bool {
        matches!(value, Value::Model(id) if self.values.contains(id))
    }
}

impl<'m> Machine<'m> {
    /// Declines a `CHOOSE` that takes one symmetric value of several, and notes one that takes something with symmetric
    /// values in it.
    pub(super) fn look_for_another_choice(
        &mut self,
        moving: &Moving,
        first: &Value,
        rest: &mut Elements,
        pattern: &'m Pattern,
        body: &'m Node,
    ) -> Evaluated<()> {
        let direct = moving.is_moved(first);
        if !direct && (moving.is_known(body.span) || !mentions(&moving.values, first)) {
            return Ok(());
        }
        while let Some(other) = self.next_of(rest)? {
            let (top, base, depth) = self.position();
            self.bind(pattern, other.clone())?;
            match self.eval_bool(body) {
                Ok(false) => {}
                Ok(true) if direct => {
                    let (one, two) = (self.show(first), self.show(&other));
                    let message = format!(
                        "under the symmetry this CHOOSE has no value: {one} and {two} satisfy it alike, and which of \
                         them is taken depends on their names"
                    );
                    return Err(EvalError::new(ErrorClass::Declined, message).with_remedy(
                        "let one value only satisfy the predicate, use \\E instead of CHOOSE, or check without SYMMETRY",
                    ));
                }
                Ok(true) => {
                    if let Ok(mut choices) = moving.choices.lock() {
                        choices.insert(body.span);
                    }
                    return Ok(());
                }
                // Without a symmetry nobody would have asked.
                Err(_) => self.recover(top, base, depth),
            }
        }
        Ok(())
    }
}

/// Whether a value mentions a model value that is moved. What is not explicit may.
fn mentions(moved: &FxHashSet<ModelValueId>, value: &Value) -> bool {
    let any = |values: &[Value]| values.iter().any(|value| mentions(moved, value));
    match value {
        Value::Model(id) => moved.contains(id),
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::String(_) | Value::Interval(_) => false,
        Value::Set(node) => any(&node.elements),
        Value::Tuple(node) => any(&node.elements),
        Value::Record(node) => any(&node.values),
        Value::Function(node) => any(&node.domain) || any(&node.values),
        Value::Rule(_) => true,
        Value::Lazy(set) => match &**set {
            LazySet::Naturals | LazySet::Integers | LazySet::Reals | LazySet::Strings | LazySet::Anything => false,
            LazySet::Sequences(inner) | LazySet::Subsets(inner) => mentions(moved, inner),
            LazySet::Functions(a, b)
            | LazySet::Union(a, b)
            | LazySet::Intersection(a, b)
            | LazySet::Difference(a, b) => mentions(moved, a) || mentions(moved, b),
            LazySet::Records(_, parts) | LazySet::Product(parts) | LazySet::Family(parts) => any(parts),
            LazySet::Filter(rule) => mentions(moved, &rule.base),
        },
    }
}
