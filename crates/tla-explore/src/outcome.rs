//! How a search ends, and what it says then.
//!
//! The kinds that the design keeps apart are apart here: a finding, a specification error, a limit, an interruption.
//! [`Outcome::Complete`] cannot be had with a finding or with a state unvisited; it is the only outcome that may become
//! a verdict of exhaustion.

use crate::statistics::{ActionCount, Resources, Statistics};
use crate::system::{Broken, Phase, Reached, SystemError};

/// What is violated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Violation {
    /// A property is false.
    Broken(Broken),
    /// A state has no successor.
    Deadlock,
}

/// A violation and the shortest behavior that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is violated.
    pub violation: Violation,
    /// The states from an initial state to the one that shows the violation (for an action property: the one after the
    /// step). Never empty.
    pub trace: Vec<Vec<u32>>,
}

/// An error of the specification or the engine, and the behavior that leads to it.
#[derive(Debug, Clone)]
pub struct SearchError {
    /// The error.
    pub error: SystemError,
    /// The states from an initial state to the one that was being expanded or, where a property cannot be evaluated,
    /// to the one that it was evaluated in. Empty if the initial predicate itself cannot be evaluated.
    pub trace: Vec<Vec<u32>>,
}

impl SearchError {
    /// Whether the last state of the trace is the one in which a property was evaluated, rather than the one whose
    /// successors were being computed.
    pub fn in_property(&self) -> bool {
        concerns_generated_state(self.error.phase)
    }
}

/// Whether an error of this phase is about the state generated last.
pub(crate) fn concerns_generated_state(phase: Phase) -> bool {
    match phase {
        Phase::Invariant(_) | Phase::ActionProperty(_) | Phase::InitialProperty(_) => true,
        Phase::Assumption | Phase::Init | Phase::Next | Phase::Constraint | Phase::Temporal => false,
    }
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// More distinct states than [`Options::max_states`](crate::Options::max_states).
    States(u64),
    /// States at [`Options::max_depth`](crate::Options::max_depth) were not expanded.
    Depth(u32),
    /// More memory than [`Options::memory_budget`](crate::Options::memory_budget), in bytes.
    Memory(u64),
    /// More states than a store can number.
    Store,
    /// The specification asked for the end, with `TLCSet("exit", TRUE)`.
    Asked,
}

impl Limit {
    /// Whether the counts up to this limit are the same in every run.
    pub fn is_repeatable(self) -> bool {
        match self {
            Self::States(_) | Self::Depth(_) | Self::Asked => true,
            Self::Memory(_) | Self::Store => false,
        }
    }
}

/// How a search ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Every reachable state was expanded and nothing was found.
    Complete,
    /// Something was found: the first finding, or with
    /// [`Options::continue_after_violation`](crate::Options::continue_after_violation) the first of each property, in
    /// the order of the search.
    Found {
        /// The findings; never empty.
        findings: Vec<Finding>,
        /// Why the search ended.
        ended: Ended,
    },
    /// Something cannot be evaluated, or the engine has a defect.
    Error(Box<SearchError>),
    /// The user asked for it.
    Interrupted,
    /// A limit was reached.
    Capacity(Limit),
}

/// Why a search with findings ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// At the finding.
    AtFinding,
    /// All reachable states were expanded.
    Complete,
    /// At an error.
    Error(Box<SearchError>),
    /// By the user.
    Interrupted,
    /// At a limit.
    Capacity(Limit),
}

/// The result of a search.
#[derive(Debug, Clone)]
pub struct Exploration {
    /// How it ended.
    pub outcome: Outcome,
    /// What was counted. A function of the system and the options alone, unless the outcome is an interruption or a
    /// limit of memory.
    pub statistics: Statistics,
    /// Counts for each action, in the order of [`TransitionSystem::actions`](crate::TransitionSystem::actions).
    pub per_action: Vec<ActionCount>,
    /// What the workers learned on the way. If the search did not run to the end, this depends on how far each worker
    /// came.
    pub reached: Reached,
    /// What it cost. Differs from run to run.
    pub resources: Resources,
}
