//! A state of an invariant, and a step from it, in a solver: what an induction asks.

use crate::aig::{FALSE, Lit};
use crate::circuit::{Circuit, Target};
use crate::engine::Unrolled;
use crate::solver::{Means, SLit, Use};
use tla_compile::Declined;

pub(super) fn stopped() -> Declined {
    Declined { reason: "the time was over before the induction was decided".to_owned(), span: None }
}

pub(super) fn answered(answer: Option<bool>) -> Result<bool, Declined> {
    answer.ok_or_else(stopped)
}

pub(super) fn bad(circuit: &Circuit, target: Target) -> Lit {
    circuit.index_of(target).map_or(FALSE, |index| circuit.bads[index].lit)
}

/// The invariant in the circuit.
pub(super) struct Own {
    /// It is false.
    pub(super) broken: Lit,
    /// It has no value.
    pub(super) odd: Lit,
}

impl Own {
    /// `None` where inputs of a step take part in it.
    pub(super) fn of(circuit: &Circuit, target: Target) -> Option<Self> {
        let Target::Property(number) = target else { return None };
        let broken = bad(circuit, target);
        let odd = bad(circuit, Target::PropertyUndefined(number));
        let cone = circuit.aig.cone(&[broken, odd]);
        let free = !circuit.inputs.iter().any(|input| cone.binary_search(&input.node()).is_ok());
        free.then_some(Self { broken, odd })
    }
}

/// A state of the invariant, and a step from it, in a solver.
pub(super) struct Question<'c> {
    unrolled: Unrolled<'c>,
    latches: Vec<SLit>,
    /// The invariant has no value.
    odd: SLit,
    /// The invariant holds.
    holds: SLit,
}

impl<'c> Question<'c> {
    pub(super) fn new(circuit: &'c Circuit, own: &Own, means: &Means) -> Self {
        let mut unrolled = Unrolled::new(circuit, means, Use::Steps);
        unrolled.assume_valid(0);
        let latches = circuit.latches.iter().map(|latch| unrolled.at(0, *latch)).collect();
        let odd = unrolled.at(0, own.odd);
        let holds = !unrolled.at(0, own.broken);
        Self { unrolled, latches, odd, holds }
    }

    pub(super) fn may_be_odd(&mut self) -> Result<bool, Declined> {
        answered(self.unrolled.sat.solve(&[self.odd]))
    }

    /// A state of the invariant with this, if there is one.
    pub(super) fn possible(&mut self, lit: Lit) -> Result<Option<Vec<bool>>, Declined> {
        if lit == FALSE {
            return Ok(None);
        }
        let lit = self.unrolled.at(0, lit);
        let found = answered(self.unrolled.sat.solve(&[self.holds, lit]))?;
        Ok(found.then(|| self.unrolled.bits(0)))
    }

    /// A step from a state of the invariant with this, if there is one.
    pub(super) fn possible_step(&mut self, lit: Lit) -> Result<Option<Vec<Vec<bool>>>, Declined> {
        if lit == FALSE {
            return Ok(None);
        }
        let circuit = self.unrolled.circuit;
        let lit = self.unrolled.at(0, lit);
        let enabled = self.unrolled.at(0, circuit.enabled);
        let next: Vec<SLit> = circuit.next.iter().map(|next| self.unrolled.at(0, *next)).collect();
        let found = answered(self.unrolled.sat.solve(&[self.holds, lit, enabled]))?;
        Ok(found.then(|| self.both(&next)))
    }

    /// A step of a transition from a state of the invariant to one with this, if there is one.
    pub(super) fn step_out(&mut self, number: usize, lit: Lit) -> Result<Option<Vec<Vec<bool>>>, Declined> {
        let circuit = self.unrolled.circuit;
        let step = &circuit.steps[number];
        let time = number as u32 + 1;
        let mut next = self.latches.clone();
        for (latch, value) in &step.changes {
            next[*latch as usize] = self.unrolled.at(0, *value);
        }
        for (latch, value) in circuit.latches.iter().zip(&next) {
            self.unrolled.sat.define(time, latch.node(), *value);
        }
        let guard = self.unrolled.at(0, step.guard);
        let lit = self.unrolled.at(time, lit);
        let found = answered(self.unrolled.sat.solve(&[self.holds, guard, lit]))?;
        Ok(found.then(|| self.both(&next)))
    }

    fn both(&mut self, next: &[SLit]) -> Vec<Vec<bool>> {
        let before = self.unrolled.bits(0);
        let after = next.iter().map(|lit| self.unrolled.sat.value(*lit)).collect();
        vec![before, after]
    }
}
