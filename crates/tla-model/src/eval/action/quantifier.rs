//! `\E` and `\A` as actions.
//!
//! `\E` tries the body with each binding in turn. `\A` is a conjunction of the instances of its body, which are walked
//! one after the other like conjuncts that are written out: each may give variables their values, so all bindings are
//! laid out before the first instance begins.

use super::{Continuation, Enumerated, Found, Halt};
use crate::eval::Machine;
use crate::eval::set::within_limit;
use crate::ir::{Binder, Node};
use crate::value::Value;
use std::ops::ControlFlow;

impl<'m> Machine<'m> {
    pub(super) fn act_exists(
        &mut self,
        binders: &'m [Binder],
        body: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let mut outcome = Ok(());
        let wanted = self.wanted_sets(binders)?;
        let mut each = |machine: &mut Self| {
            if !machine.is_wanted_binding(binders) {
                return Ok(ControlFlow::Continue(()));
            }
            outcome = machine.act(body, rest, found);
            Ok(if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        };
        let _complete = match &wanted {
            Some(sets) => self.nested_bindings(binders, sets, &mut each)?,
            None => self.for_each_binding(binders, &mut each)?,
        };
        outcome
    }

    pub(super) fn act_forall(
        &mut self,
        binders: &'m [Binder],
        body: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let sets = self.binder_sets(binders)?;
        let mut instances: Vec<Vec<Value>> = vec![Vec::new()];
        for set in sets.iter().rev() {
            let elements = self.element_vec(set)?;
            let mut longer = Vec::with_capacity(instances.len() * elements.len());
            for instance in &instances {
                for element in &elements {
                    let mut values = vec![element.clone()];
                    values.extend_from_slice(instance);
                    longer.push(values);
                }
            }
            within_limit(longer.len() as u64)?;
            instances = longer;
        }
        // TLC takes the first instance first and then the others from the last one backwards.
        if instances.len() > 1 {
            instances[1..].reverse();
        }
        self.instances(&instances, binders, body, self.base, rest, found)
    }

    /// Each instance runs in a copy of the frame: while it is left open for backtracking, the instances after it must
    /// not overwrite its bound names.
    pub(super) fn instances(
        &mut self,
        instances: &[Vec<Value>],
        binders: &'m [Binder],
        body: &'m Node,
        base: usize,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some((first, others)) = instances.split_first() else { return self.resume(rest, found) };
        let after = Continuation::Instances(others, binders, body, base, rest);
        let saved = self.enter_copy(base);
        let mut result = Ok(());
        for (binder, value) in binders.iter().zip(first) {
            if let Err(error) = self.bind(&binder.pattern, value.clone()) {
                result = Err(Halt::Error(error));
            }
        }
        if result.is_ok() {
            result = self.conjunct(body, &after, found);
        }
        self.leave(saved);
        result
    }
}
