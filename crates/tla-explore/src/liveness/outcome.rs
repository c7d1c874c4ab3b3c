//! What a check of liveness answers.

use crate::system::SystemError;
use std::time::Duration;
use tla_syntax::Span;
use verdict::trace::Ending;

/// Something that makes the graph of states another one than that of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// `SYMMETRY`: states that differ by a permutation are one.
    Symmetry,
    /// `VIEW`: states that look alike are one.
    View,
    /// `CONSTRAINT`: states outside, and behaviors that go through them, are left out.
    Constraint,
    /// `ACTION_CONSTRAINT`: steps outside, and behaviors that take them, are left out.
    ActionConstraint,
}

impl Reduction {
    /// The word of the configuration.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Symmetry => "SYMMETRY",
            Self::View => "VIEW",
            Self::Constraint => "CONSTRAINT",
            Self::ActionConstraint => "ACTION_CONSTRAINT",
        }
    }
}

/// Why a property was not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is not supported, or which limit was reached.
    pub reason: String,
    /// The part of the specification or configuration concerned.
    pub span: Option<Span>,
    /// What the user can do; may be empty.
    pub remedy: String,
    /// What hides the answer, if one of these does.
    pub hidden_by: Option<Reduction>,
}

/// An empty reason for which a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emptiness {
    /// The property is true of every behavior of every specification.
    Tautology,
    /// The property is true of every behavior that satisfies the fairness conditions: it says no more than they do.
    Given,
    /// No behavior in the graph satisfies the fairness conditions of the specification.
    NoFairBehavior,
}

/// A property that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// What was left out; if it is not empty, the property was tested and not proved for all behaviors.
    pub reductions: Vec<Reduction>,
    /// Whether it holds for an empty reason.
    pub emptiness: Option<Emptiness>,
}

/// An infinite behavior that is fair and violates a property, which was confirmed by evaluating the formulas on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterexample {
    /// States before the loop, as words; may be empty.
    pub stem: Vec<Vec<u32>>,
    /// States of the loop, not empty; after the last one the behavior goes on with the first one.
    pub cycle: Vec<Vec<u32>>,
    /// Whether every behavior that begins with the stem and the first state of the loop violates the property: then it
    /// is a safety property in effect.
    pub is_safety: bool,
}

impl Counterexample {
    /// The states in order: the stem, then the loop once.
    pub fn states(&self) -> Vec<Vec<u32>> {
        [&self.stem[..], &self.cycle[..]].concat()
    }

    /// How the behavior goes on after [`Counterexample::states`].
    pub fn ending(&self) -> Ending {
        if self.cycle.len() == 1 { Ending::Stuttering } else { Ending::BackTo(self.stem.len()) }
    }
}

/// Something in a property or in fairness that cannot be evaluated.
#[derive(Debug, Clone)]
pub struct LivenessError {
    /// What went wrong.
    pub error: SystemError,
    /// A behavior to the state in which, or from which, it went wrong; empty if no state was involved. For an action
    /// the last two states are the step.
    pub trace: Vec<Vec<u32>>,
}

/// What became of a property.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It holds.
    Holds(Holding),
    /// It is violated.
    Violated(Box<Counterexample>),
    /// It was not decided.
    Declined(Refusal),
    /// It cannot be evaluated.
    Error(Box<LivenessError>),
    /// The user asked for the run to stop.
    Interrupted,
}

/// What became of one part of a property.
#[derive(Debug, Clone)]
pub struct LivenessOutcome {
    /// Index of the property in the model's list of properties.
    pub property: usize,
    /// Index of the part in the model's list of temporal properties.
    pub part: usize,
    /// What became of it.
    pub answer: Answer,
}

/// Figures of a check.
#[derive(Debug, Clone, Default)]
pub struct LivenessStatistics {
    /// States of the graph.
    pub states: u64,
    /// Steps of the graph, stuttering included.
    pub steps: u64,
    /// Predicates and actions that were evaluated.
    pub atoms: u64,
    /// Disjuncts that were searched for.
    pub goals: u64,
    /// Memory of the graph, in bytes.
    pub graph_bytes: u64,
    /// Time it took to build the graph.
    pub building: Duration,
    /// Time it took to search it.
    pub searching: Duration,
}

/// The result of a check.
#[derive(Debug, Clone, Default)]
pub struct LivenessReport {
    /// One outcome for each temporal property of the model, in that order.
    pub outcomes: Vec<LivenessOutcome>,
    /// Figures.
    pub statistics: LivenessStatistics,
}
