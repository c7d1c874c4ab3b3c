//! Whether a step from a frame breaks an invariant, transition by transition.
//!
//! Invariants that count are hard for a solver if all transitions are possible at once. Of one transition only those
//! invariants are asked that speak of what it changes, and what it does not change stands in them as it is, so that most
//! of a count cancels. These questions have a solver of their own, so that their gates do not burden the others.

use crate::circuit::Circuit;
use crate::engine::Unrolled;
use crate::reachability::{Cube, Literal};
use crate::sat::SLit;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// One transition and one invariant that it may break.
struct Pair {
    guard: SLit,
    broken: SLit,
}

/// Questions about steps that break invariants.
pub struct Preserve<'c> {
    unrolled: Unrolled<'c>,
    latches: Vec<SLit>,
    inputs: Vec<SLit>,
    pairs: Vec<Pair>,
    /// Activates the clauses of a frame.
    active: Vec<SLit>,
    /// How many pairs are settled for the last frame.
    settled: usize,
}

impl<'c> Preserve<'c> {
    /// For some of the bad states of a circuit, all of them broken invariants.
    pub fn new(circuit: &'c Circuit, invariants: &[usize], stop: &Arc<AtomicBool>) -> Self {
        let mut unrolled = Unrolled::new(circuit);
        unrolled.sat.stop_by(stop);
        unrolled.assume_valid(0);
        let latches: Vec<SLit> = circuit.latches.iter().map(|latch| unrolled.at(0, *latch)).collect();
        let inputs: Vec<SLit> = circuit.inputs.iter().map(|input| unrolled.at(0, *input)).collect();
        for index in invariants {
            let broken = unrolled.at(0, circuit.bads[*index].lit);
            unrolled.sat.add(&[!broken]);
        }
        let cones: Vec<Vec<u32>> =
            invariants.iter().map(|index| circuit.aig.cone(&[circuit.bads[*index].lit])).collect();
        let mut pairs = Vec::new();
        for (number, step) in circuit.steps.iter().enumerate() {
            let concerns = |cone: &Vec<u32>| {
                step.changes
                    .iter()
                    .any(|(latch, _)| cone.binary_search(&circuit.latches[*latch as usize].node()).is_ok())
            };
            if !cones.iter().any(concerns) {
                continue;
            }
            let time = number as u32 + 1;
            for (latch, lit) in circuit.latches.iter().zip(&latches) {
                unrolled.sat.define(time, latch.node(), *lit);
            }
            for (latch, value) in &step.changes {
                let value = unrolled.at(0, *value);
                unrolled.sat.define(time, circuit.latches[*latch as usize].node(), value);
            }
            let guard = unrolled.at(0, step.guard);
            for (index, cone) in invariants.iter().zip(&cones) {
                if concerns(cone) {
                    let broken = unrolled.at(time, circuit.bads[*index].lit);
                    pairs.push(Pair { guard, broken });
                }
            }
        }
        Self { unrolled, latches, inputs, pairs, active: Vec::new(), settled: 0 }
    }

    fn now(&self, (latch, value): Literal) -> SLit {
        let lit = self.latches[latch as usize];
        if value { lit } else { !lit }
    }

    /// Takes in what holds in all frames.
    pub fn know_always(&mut self, cubes: &[Cube]) {
        for cube in cubes {
            let clause: Vec<SLit> = cube.iter().map(|literal| !self.now(*literal)).collect();
            self.unrolled.sat.add(&clause);
        }
    }

    /// A new frame, the last.
    pub fn add_frame(&mut self) {
        let lit = self.unrolled.sat.fresh();
        self.active.push(lit);
        self.settled = 0;
    }

    /// Excludes a cube from a frame, counted from 1, and those before it.
    pub fn exclude(&mut self, cube: &[Literal], level: usize) {
        let Some(active) = self.active.get(level - 1) else { return };
        let mut clause = vec![!*active];
        clause.extend(cube.iter().map(|literal| !self.now(*literal)));
        self.unrolled.sat.add(&clause);
    }

    /// A cube of states of the last frame from which a step breaks an invariant; `None` if the solver was stopped.
    #[allow(clippy::option_option)] // Not answered, or answered that there is none.
    pub fn breaking(&mut self) -> Option<Option<Cube>> {
        while let Some(Pair { guard, broken }) = self.pairs.get(self.settled) {
            let (guard, broken) = (*guard, *broken);
            let mut query = vec![guard, broken];
            let active = self.active.last().copied();
            query.extend(active);
            if self.unrolled.sat.solve(&query)? {
                return Some(Some(self.lifted(guard, broken)));
            }
            if active.is_some_and(|active| self.unrolled.sat.in_core(active)) {
                self.settled += 1;
            } else {
                // Whatever the frame.
                self.pairs.swap_remove(self.settled);
            }
        }
        Some(None)
    }

    /// Cubes that are needed to show that no step breaks an invariant are marked as chosen; `None` if they do not suffice.
    pub fn choose(&mut self, cubes: &[Cube], chosen: &mut [bool]) -> Option<()> {
        let mut guards = Vec::with_capacity(cubes.len());
        for cube in cubes {
            let guard = self.unrolled.sat.fresh();
            let mut clause = vec![!guard];
            clause.extend(cube.iter().map(|literal| !self.now(*literal)));
            self.unrolled.sat.add(&clause);
            guards.push(guard);
        }
        for index in 0..self.pairs.len() {
            let Pair { guard, broken } = &self.pairs[index];
            let mut query = vec![*guard, *broken];
            query.extend(in_order(&guards, chosen));
            if self.unrolled.sat.solve(&query) != Some(false) {
                return None;
            }
            for (guard, chosen) in guards.iter().zip(chosen.iter_mut()) {
                *chosen |= self.unrolled.sat.in_core(*guard);
            }
        }
        Some(())
    }

    /// The state of the last model, shrunk to what makes the step possible and bad.
    fn lifted(&mut self, guard: SLit, broken: SLit) -> Cube {
        let circuit = self.unrolled.circuit;
        let sat = &mut self.unrolled.sat;
        let inputs: Vec<SLit> = self.inputs.iter().map(|lit| if sat.value(*lit) { *lit } else { !*lit }).collect();
        let state: Cube = (0..self.latches.len())
            .map(|latch| (latch as u32, sat.value(self.latches[latch])))
            .filter(|(latch, value)| *value || circuit.group_of[*latch as usize].is_none())
            .collect();
        let off = sat.fresh();
        sat.add(&[!off, !guard, !broken]);
        let mut query = vec![off];
        query.extend(inputs);
        query.extend(state.iter().map(|literal| self.now(*literal)));
        let shrunk = match self.unrolled.sat.solve(&query) {
            Some(false) => {
                state.iter().copied().filter(|literal| self.unrolled.sat.in_core(self.now(*literal))).collect()
            }
            _ => state,
        };
        self.unrolled.sat.add(&[!off]);
        shrunk
    }
}

/// Those that are chosen anyway come first, so that cores prefer them.
pub fn in_order(guards: &[SLit], chosen: &[bool]) -> Vec<SLit> {
    let of =
        |wanted: bool| guards.iter().zip(chosen).filter(move |(_, chosen)| **chosen == wanted).map(|(lit, _)| *lit);
    of(true).chain(of(false)).collect()
}
