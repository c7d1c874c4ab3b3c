//! What must not be reached: broken properties, and states without a successor.
//!
//! Each property has two bad states, one where it is false and one where it has no value. A property that cannot be
//! translated is declined with the reason, and the others go on.

use super::build::Builder;
use super::{Bad, Target};
use crate::aig::{FALSE, Lit, TRUE};
use crate::graph::Graph;
use crate::translate::Leaf;
use tla_explore::Broken;
use tla_model::model::Model;

impl<'m> Builder<'m, '_> {
    pub(super) fn invariants(&mut self, bads: &mut Vec<Bad>, declined: &mut Vec<(Target, tla_compile::Declined)>) {
        let model: &'m Model = self.system.model;
        let invariants = model.invariants.iter().map(|predicate| &predicate.formula);
        let implied = model.property_invariants.iter().map(|part| &part.formula);
        for (number, formula) in invariants.chain(implied).enumerate() {
            let broken = Broken::Invariant(number as u32);
            self.t.undefined.clear();
            self.t.forget();
            match self.predicate(formula.owner, &formula.node) {
                Ok(truth) => self.property(broken, !truth, false, bads),
                Err(reason) => declined.push((Target::Property(broken), *reason)),
            }
        }
        for (number, part) in model.initial_properties.iter().enumerate() {
            let broken = Broken::InitialProperty(number as u32);
            self.t.undefined.clear();
            match self.predicate(part.formula.owner, &part.formula.node) {
                // Of initial states only: evaluated with the latches, and bad if they are initial.
                Ok(truth) => {
                    let whens: Vec<Lit> = self.t.undefined.iter().map(|one| one.when).collect();
                    let odd = self.t.graph.or_all(&whens);
                    let target = Target::Property(broken);
                    bads.push(Bad { target, lit: FALSE, initially: !truth, is_step: false });
                    let target = Target::PropertyUndefined(broken);
                    bads.push(Bad { target, lit: FALSE, initially: odd, is_step: false });
                }
                Err(reason) => declined.push((Target::Property(broken), *reason)),
            }
        }
    }

    fn property(&mut self, broken: Broken, lit: Lit, is_step: bool, bads: &mut Vec<Bad>) {
        let whens: Vec<Lit> = self.t.undefined.iter().map(|one| one.when).collect();
        let odd = self.t.graph.or_all(&whens);
        let lit = self.t.graph.and(lit, !odd);
        bads.push(Bad { target: Target::Property(broken), lit, initially: FALSE, is_step });
        bads.push(Bad { target: Target::PropertyUndefined(broken), lit: odd, initially: FALSE, is_step });
        self.t.undefined.clear();
    }

    pub(super) fn action_properties(
        &mut self,
        steps: &[Leaf<'m>],
        selected: &[Lit],
        bads: &mut Vec<Bad>,
        declined: &mut Vec<(Target, tla_compile::Declined)>,
    ) {
        let model: &'m Model = self.system.model;
        for (number, part) in model.action_properties.iter().enumerate() {
            let broken = Broken::ActionProperty(number as u32);
            self.t.undefined.clear();
            let mut violated = Vec::with_capacity(steps.len());
            let mut failed = None;
            for (leaf, selected) in steps.iter().zip(selected) {
                self.t.forget();
                for (slot, value) in self.t.next.iter_mut().zip(&leaf.values) {
                    *slot = Some(value.clone());
                }
                let taken = self.t.graph.and(*selected, leaf.guard);
                self.t.path = taken;
                let env = self.t.env_of(part.formula.owner);
                match self.t.truth(&part.formula.node, &env) {
                    Ok(truth) => violated.push(self.t.graph.and(taken, !truth)),
                    Err(reason) => {
                        failed = Some(*reason);
                        break;
                    }
                }
            }
            self.t.next.iter_mut().for_each(|value| *value = None);
            self.t.forget();
            self.t.path = TRUE;
            match failed {
                Some(reason) => declined.push((Target::Property(broken), reason)),
                None => {
                    let lit = self.t.graph.or_all(&violated);
                    self.property(broken, lit, true, bads);
                }
            }
        }
    }

    /// No transition can be taken. Where inputs decide whether one can, that is not a circuit.
    pub(super) fn deadlock(
        &mut self,
        steps: &[Leaf<'m>],
        choices: &[Lit],
        bads: &mut Vec<Bad>,
        declined: &mut Vec<(Target, tla_compile::Declined)>,
    ) {
        if !self.system.model.check_deadlock {
            return;
        }
        let guards: Vec<Lit> = steps.iter().map(|leaf| leaf.guard).collect();
        let cone = self.t.graph.cone(&guards);
        if choices.iter().any(|input| cone.binary_search(&input.node()).is_ok()) {
            let reason = "whether a step can be taken depends on a choice from a large set";
            let span = self.system.model.next.as_ref().map(|next| next.node.span);
            let one = tla_compile::Declined { reason: reason.to_owned(), span };
            declined.push((Target::Deadlock, one));
            return;
        }
        let any = self.t.graph.or_all(&guards);
        // What is outside of the model is not expanded.
        let inside = match self.constraint() {
            Ok(inside) => inside,
            Err(reason) => {
                declined.push((Target::Deadlock, *reason));
                return;
            }
        };
        let lit = self.t.graph.and(inside, !any);
        bads.push(Bad { target: Target::Deadlock, lit, initially: FALSE, is_step: false });
    }
}
