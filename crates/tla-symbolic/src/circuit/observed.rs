//! What is asked of a state or step besides whether it is bad: the atoms of temporal formulas, and what the invariants
//! have to reach to say anything.

use super::build::Builder;
use crate::aig::{Lit, TRUE};
use crate::graph::Graph;
use crate::translate::{Leaf, Made, Translator};
use tla_model::model::Model;
use tla_syntax::Span;

impl<'m> Builder<'m, '_> {
    /// What the invariants have to reach.
    pub(super) fn marks(&mut self) -> Vec<(u32, Span, Lit)> {
        let model: &'m Model = self.system.model;
        let own = model.invariants.iter().map(|predicate| &predicate.formula);
        let implied = model.property_invariants.iter().map(|part| &part.formula);
        let mut all = Vec::new();
        for (number, formula) in own.chain(implied).enumerate().filter(|_| self.atoms.is_some()) {
            self.t.forget();
            self.t.path = TRUE;
            let env = self.t.env_of(formula.owner);
            let mut found = Vec::new();
            // An invariant that is not translated is declined elsewhere.
            if self.t.marks(&formula.node, &env, &mut found).is_ok() {
                all.extend(found.into_iter().map(|(span, lit)| (number as u32, span, lit)));
            }
        }
        self.t.path = TRUE;
        self.t.undefined.clear();
        self.t.forget();
        all
    }

    /// The truth value of each atom that is asked for, on the selected step.
    pub(super) fn observed(&mut self, steps: &[Leaf<'m>], selected: &[Lit]) -> Made<Vec<Lit>> {
        let Some(atoms) = self.atoms else { return Ok(Vec::new()) };
        let about_steps: Vec<bool> = atoms.iter().map(Translator::is_about_step).collect();
        let mut found: Vec<Vec<Lit>> = vec![Vec::new(); about_steps.len()];
        self.t.forget();
        self.t.path = TRUE;
        for (index, atom) in atoms.iter().enumerate().filter(|(index, _)| !about_steps[*index]) {
            found[index].push(self.t.atom(atom)?);
        }
        for (number, (leaf, selected)) in steps.iter().zip(selected).enumerate() {
            let is_stuttering = number + 1 == steps.len();
            self.t.forget();
            for (slot, value) in self.t.next.iter_mut().zip(&leaf.values) {
                *slot = Some(value.clone());
            }
            let taken = self.t.graph.and(*selected, leaf.guard);
            for (index, atom) in atoms.iter().enumerate().filter(|(index, _)| about_steps[*index]) {
                self.t.path = taken;
                let truth = if is_stuttering { self.t.atom_of_stuttering(atom)? } else { self.t.atom(atom)? };
                found[index].push(self.t.graph.and(taken, truth));
            }
        }
        self.t.next.iter_mut().for_each(|value| *value = None);
        self.t.forget();
        self.t.path = TRUE;
        Ok(found.iter().map(|lits| self.t.graph.or_all(lits)).collect())
    }
}
