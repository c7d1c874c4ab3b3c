//! What an engine claims, and what the checker answers.

use verdict::{FailureClass, Place, Trace, TraceValue};

/// What is said to be violated. Names are those of the configuration; a name that the configuration does not know
/// stands for a part of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// An invariant, or a part `[]P` of a property, is false in the last state.
    Invariant(String),
    /// A part `[][A]_v` of a property is false in the last step.
    ActionProperty(String),
    /// A part of a property that is a state predicate is false in the first state.
    InitialProperty(String),
    /// A temporal property is false of the infinite behavior that the trace describes.
    Temporal(String),
    /// The last state has no successor.
    Deadlock,
    /// Something at the end of the trace has no value: the successors of the last state (or the initial states, if the
    /// trace is empty), an assumption, or a property.
    Failure(FailureClass),
}

/// A violation with the trace that is said to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    /// What is violated.
    pub violation: Violation,
    /// The trace.
    pub trace: &'a Trace,
}

/// The checker's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// The trace is a behavior of the specification and shows the violation.
    Accepted,
    /// It does not.
    Rejected {
        /// Why, one sentence without a full stop.
        reason: String,
        /// The state of the trace at which the claim fails, from 0.
        step: Option<usize>,
        /// The part of the specification that is not satisfied.
        place: Option<Place>,
    },
    /// The checker cannot tell.
    Unsupported {
        /// What it does not evaluate, or which limit was reached.
        construct: String,
        /// Where it stands.
        place: Option<Place>,
    },
}

/// Why an expression has no value here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The expression has no value in TLA+ as TLC understands it.
    #[error("{message}")]
    Undefined {
        /// What is wrong.
        message: String,
        /// Where.
        place: Option<Place>,
    },
    /// The checker cannot tell.
    #[error("not evaluated here: {construct}")]
    Unsupported {
        /// What it does not evaluate, or which limit was reached.
        construct: String,
        /// Where it stands.
        place: Option<Place>,
    },
}

/// The outcome of a module's assumptions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assumptions {
    /// Truth values in order, up to and including the first that is false or has no value.
    pub outcomes: Vec<Result<bool, EvaluationError>>,
    /// What `Print` and `PrintT` printed meanwhile, a line each.
    pub printed: Vec<String>,
}

/// A state as traces tell it.
pub type ToldState = [(String, TraceValue)];
