//! What a search counts.
//!
//! The counts are TLC's: an initial state or successor is *generated* each time it is enumerated, whether it was seen
//! before or is out of the model; it is *distinct* if it is in the model and was not seen before. All counts are those
//! of a search with one worker up to the moment at which the search ends, that moment included.

use crate::system::{ErrorClass, Phase, SystemError};
use std::time::Duration;
use verdict::{CollisionBound, StoreKind};

/// Counts for one action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ActionCount {
    /// States that the action generated.
    pub generated: u64,
    /// States that the action generated first.
    pub distinct: u64,
}

/// Distribution of a number of successors over the expanded states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Degrees {
    /// Smallest number; 0 if no state was expanded.
    pub minimum: u64,
    /// Largest number.
    pub maximum: u64,
    /// Sum over all states.
    pub total: u64,
    /// Number of states.
    pub states: u64,
}

impl Degrees {
    /// Average number; 0 if no state was expanded.
    pub fn mean(&self) -> f64 {
        if self.states == 0 { 0.0 } else { self.total as f64 / self.states as f64 }
    }

    /// Takes in `states` states with this number of successors each.
    pub(crate) fn add(&mut self, degree: u64, states: u64) {
        if states > 0 {
            self.merge(&Self { minimum: degree, maximum: degree, total: degree * states, states });
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        if other.states == 0 {
            return;
        }
        self.minimum = if self.states == 0 { other.minimum } else { self.minimum.min(other.minimum) };
        self.maximum = self.maximum.max(other.maximum);
        self.total += other.total;
        self.states += other.states;
    }
}

/// What was counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// States generated, initial states and duplicates included.
    pub generated: u64,
    /// Distinct states in the model.
    pub distinct: u64,
    /// Number of levels, initial states being level 1; 0 if there is no state in the model.
    pub depth: u32,
    /// Distinct states of each level.
    pub levels: Vec<u64>,
    /// Generated states in the model that were seen before.
    pub duplicates: u64,
    /// Generated states that are out of the model.
    pub out_of_model: u64,
    /// States that TLC counts as generated although the search does not meet them: intermediate states of compositions
    /// of actions, and an incomplete successor.
    pub passed: u64,
    /// States that were expanded completely.
    pub expanded: u64,
    /// Distinct states that were not taken up for expansion. As in TLC, a successor that violates a property is not
    /// counted here.
    pub left_on_queue: u64,
    /// Generated successors per expanded state.
    pub out_degree: Degrees,
    /// Successors per state taken up that were new, which is what TLC calls the outdegree.
    pub new_successors: Degrees,
    /// How states were remembered.
    pub store: StoreKind,
    /// Bound on the probability that a state was missed.
    pub collision_bound: CollisionBound,
}

impl Statistics {
    /// In the form that specifications ask for.
    pub fn told(&self) -> crate::system::CountsSoFar {
        crate::system::CountsSoFar {
            generated: self.generated,
            distinct: self.distinct,
            queue: self.left_on_queue,
            diameter: self.depth,
            initial: self.levels.first().copied().unwrap_or(0),
            sampled: None,
        }
    }

    pub(crate) fn new(store: StoreKind) -> Self {
        Self {
            generated: 0,
            distinct: 0,
            depth: 0,
            levels: Vec::new(),
            duplicates: 0,
            out_of_model: 0,
            passed: 0,
            expanded: 0,
            left_on_queue: 0,
            out_degree: Degrees::default(),
            new_successors: Degrees::default(),
            store,
            collision_bound: CollisionBound(0.0),
        }
    }

    /// Checks that nothing was lost in a search that ran to the end. `stored` is what the store itself counts.
    ///
    /// # Errors
    /// An internal error that names the identity which does not hold.
    pub(crate) fn audit(&self, stored: u64) -> Result<(), Box<SystemError>> {
        let sums = [
            ("distinct + duplicates + out of model + passed = generated", self.accounted(), self.generated),
            ("expanded = distinct", self.expanded, self.distinct),
            ("sum of levels = distinct", self.levels.iter().sum(), self.distinct),
            ("stored = distinct", stored, self.distinct),
            ("number of levels = depth", self.levels.len() as u64, u64::from(self.depth)),
            ("queue is empty", self.left_on_queue, 0),
        ];
        match sums.iter().find(|(_, left, right)| left != right) {
            None => Ok(()),
            Some((identity, left, right)) => Err(Box::new(internal(format!(
                "the search lost count: {identity} does not hold, {left} is not {right}"
            )))),
        }
    }

    fn accounted(&self) -> u64 {
        self.distinct + self.duplicates + self.out_of_model + self.passed
    }
}

/// A defect of the engine, as an error.
pub(crate) fn internal(message: String) -> SystemError {
    SystemError {
        phase: Phase::Next,
        class: ErrorClass::Internal,
        message,
        span: None,
        calls: Vec::new(),
        remedy: "This is a defect of Interlock. Please report it together with the specification.".to_owned(),
        partial_state: Vec::new(),
    }
}

/// What a search cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resources {
    /// Memory of the store and the frontier at the end, in bytes.
    pub store_bytes: u64,
    /// Memory of the system at the end, in bytes.
    pub system_bytes: u64,
    /// Wall-clock time.
    pub elapsed: Duration,
    /// Worker threads that ran.
    pub workers: usize,
}
