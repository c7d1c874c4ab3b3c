//! What the engines share: copies of the circuit over time, traces, and when to stop.

use crate::aig::{Lit, TRUE};
use crate::circuit::Circuit;
use crate::reachability::Cube;
use crate::sat::Sat;
use crate::solver::{Means, SLit, Use};
use std::sync::Mutex;

/// A time that is no time: inputs that choose the initial state.
pub const BEFORE: u32 = u32::MAX;

/// The latches of each state of a behavior.
pub type Bits = Vec<Vec<bool>>;

/// What an engine may ask and tell while it works.
pub trait Watch: Sync {
    /// Whether to stop.
    fn stopped(&self) -> bool;

    /// How far an engine is.
    fn progress(&self, engine: &'static str, text: &str);
}

/// What one engine tells the other: cubes without a state that is reached in up to so many steps, none of which before the
/// last is bad.
#[derive(Debug, Default)]
pub struct Lemmas {
    told: Mutex<Vec<(u32, Cube)>>,
}

impl Lemmas {
    /// Tells of cubes.
    pub fn tell(&self, level: u32, cubes: &[Cube]) {
        if let Ok(mut told) = self.told.lock() {
            told.extend(cubes.iter().map(|cube| (level, cube.clone())));
        }
    }

    /// What was told after so many cubes.
    pub fn since(&self, known: usize) -> Vec<(u32, Cube)> {
        self.told.lock().map_or_else(|_| Vec::new(), |told| told.get(known..).unwrap_or_default().to_vec())
    }
}

/// A circuit unrolled in a solver.
pub struct Unrolled<'c> {
    /// The circuit.
    pub circuit: &'c Circuit,
    /// The solver.
    pub sat: Sat,
}

impl<'c> Unrolled<'c> {
    /// A solver that knows nothing yet.
    pub fn new(circuit: &'c Circuit, means: &Means, purpose: Use) -> Self {
        Self { circuit, sat: Sat::new(means, purpose) }
    }

    /// The literal at a time.
    pub fn at(&mut self, time: u32, lit: Lit) -> SLit {
        self.sat.of(&self.circuit.aig, time, lit)
    }

    /// Makes the state at time 0 an initial one.
    pub fn start(&mut self) {
        for (latch, value) in self.circuit.latches.iter().zip(&self.circuit.initial) {
            let value = self.sat.of(&self.circuit.aig, BEFORE, *value);
            self.sat.define(0, latch.node(), value);
        }
        let starts = self.at(BEFORE, self.circuit.starts);
        self.sat.add(&[starts]);
    }

    /// Makes the state after a time the successor of the one at that time.
    pub fn step(&mut self, time: u32) {
        for (latch, value) in self.circuit.latches.iter().zip(&self.circuit.next) {
            let value = self.sat.of(&self.circuit.aig, time, *value);
            self.sat.define(time + 1, latch.node(), value);
        }
        let enabled = self.at(time, self.circuit.enabled);
        self.sat.add(&[enabled]);
    }

    /// Says that every place at a time has exactly one value.
    pub fn assume_valid(&mut self, time: u32) {
        if self.circuit.valid != TRUE {
            let valid = self.at(time, self.circuit.valid);
            self.sat.add(&[valid]);
        }
    }

    /// The latches at a time in the last model.
    pub fn bits(&mut self, time: u32) -> Vec<bool> {
        let lits: Vec<SLit> =
            self.circuit.latches.iter().map(|latch| self.sat.of(&self.circuit.aig, time, *latch)).collect();
        lits.into_iter().map(|lit| self.sat.value(lit)).collect()
    }
}
