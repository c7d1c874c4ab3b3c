//! Queries about one step, and what the engines assume of every state.

use crate::circuit::{Circuit, Target};
use crate::engine::{BEFORE, Unrolled};
use crate::solver::{Means, SLit, Use};
use tla_explore::Broken;

/// A solver for queries about one step.
pub struct Queries<'c> {
    /// The circuit in a solver.
    pub unrolled: Unrolled<'c>,
    /// Something bad that is not a broken invariant.
    pub bad: SLit,
    /// An invariant is broken.
    pub broken: SLit,
    /// The state is an initial one.
    pub init: SLit,
    /// The selected transition can be taken.
    pub enabled: SLit,
    /// The state.
    pub latches: Vec<SLit>,
    /// The state after.
    pub next: Vec<SLit>,
    /// Inputs of the step.
    pub inputs: Vec<SLit>,
    /// How many clauses counted for a single query.
    pub temporary: u32,
}

impl<'c> Queries<'c> {
    /// For some of the bad states of a circuit.
    pub fn new(circuit: &'c Circuit, bads: &[usize], means: &Means) -> Self {
        let mut unrolled = Unrolled::new(circuit, means, Use::Steps);
        unrolled.sat.decide_leaves_only();
        unrolled.assume_valid(0);
        let latches: Vec<SLit> = circuit.latches.iter().map(|latch| unrolled.at(0, *latch)).collect();
        let next: Vec<SLit> = circuit.next.iter().map(|next| unrolled.at(0, *next)).collect();
        let inputs: Vec<SLit> = circuit.inputs.iter().map(|input| unrolled.at(0, *input)).collect();
        let enabled = unrolled.at(0, circuit.enabled);
        let (invariants, others) = split(circuit, bads);
        let bad = any_at(&mut unrolled, 0, &others);
        let broken = any_at(&mut unrolled, 0, &invariants);
        let init = unrolled.sat.fresh();
        for (latch, value) in latches.iter().zip(&circuit.initial) {
            let value = unrolled.at(BEFORE, *value);
            unrolled.sat.add(&[!init, !*latch, value]);
            unrolled.sat.add(&[!init, *latch, !value]);
        }
        let starts = unrolled.at(BEFORE, circuit.starts);
        unrolled.sat.add(&[!init, starts]);
        Self { unrolled, bad, broken, init, enabled, latches, next, inputs, temporary: 0 }
    }

    /// A literal that makes a clause count for one query.
    pub fn guard(&mut self) -> SLit {
        self.temporary += 1;
        self.unrolled.sat.fresh()
    }
}

/// The bad states that are broken invariants, and the others. Whether an invariant is broken depends on the state alone,
/// so that all of them can be assumed of every state while they are proved together.
pub fn split(circuit: &Circuit, bads: &[usize]) -> (Vec<usize>, Vec<usize>) {
    bads.iter().partition(|index| {
        let bad = &circuit.bads[**index];
        let is_invariant = match bad.target {
            Target::Property(Broken::Invariant(number)) => (number as usize) < circuit.invariants,
            _ => false,
        };
        is_invariant && !bad.is_step && {
            let cone = circuit.aig.cone(&[bad.lit]);
            !circuit.inputs.iter().any(|input| cone.binary_search(&input.node()).is_ok())
        }
    })
}

/// A literal that is true if and only if something of this is bad at a time.
fn any_at(unrolled: &mut Unrolled<'_>, time: u32, bads: &[usize]) -> SLit {
    let any = unrolled.sat.fresh();
    let mut clause = vec![!any];
    for index in bads {
        let lit = unrolled.circuit.bads[*index].lit;
        let lit = unrolled.at(time, lit);
        clause.push(lit);
        unrolled.sat.add(&[any, !lit]);
    }
    unrolled.sat.add(&clause);
    any
}
