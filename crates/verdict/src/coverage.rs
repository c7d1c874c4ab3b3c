//! How often the expressions of a specification were evaluated, and how long that took.

use crate::Place;
use serde::{Deserialize, Serialize};

/// What a part of a specification is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartRole {
    /// The initial predicate.
    Init,
    /// The next-state relation above its actions.
    Next,
    /// An action.
    Action,
    /// An invariant.
    Invariant,
    /// A state or action constraint.
    Constraint,
    /// A property of initial states or of steps.
    Property,
}

/// What was counted of the expressions, and measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageFigures {
    /// Whether the counts themselves were asked for.
    pub counts: bool,
    /// Whether times were asked for.
    pub times: bool,
    /// Source states: each state that was expanded, and the initial states together.
    pub states: u64,
    /// Source states for which time was measured.
    pub timed_states: u64,
    /// The parts, in the order in which they are evaluated.
    pub parts: Vec<PartFigures>,
    /// Names of actions that generated no state, each with its place; empty unless the search is complete.
    pub never_enabled: Vec<Unused>,
    /// Outermost expressions that were never evaluated although the one around them was; empty unless the search is
    /// complete.
    pub never_evaluated: Vec<Unused>,
}

/// Something of a specification that the search had no use for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    /// Name of the action, or the expression's text, shortened.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A part of a specification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartFigures {
    /// What it is for.
    pub role: PartRole,
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// Where the name and the parameters of its definition are written.
    pub head: Option<Place>,
    /// States that it generated, for the initial predicate and actions.
    pub generated: Option<u64>,
    /// States that it generated first, likewise.
    pub distinct: Option<u64>,
    /// Nanoseconds in it while time was measured.
    pub total_ns: u64,
    /// Its expressions, each followed by those that it consists of.
    pub expressions: Vec<ExpressionFigures>,
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpressionFigures {
    /// Its text, shortened.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// The definition that it stands in.
    pub definition: String,
    /// Number of listed expressions around it.
    pub depth: u32,
    /// Whether it is the conjunction that the whole part consists of.
    pub is_whole: bool,
    /// How often it was evaluated.
    pub evaluations: u64,
    /// Nanoseconds in it while time was measured, with what it consists of and calls.
    pub total_ns: u64,
    /// The same without the expressions that are listed by themselves.
    pub self_ns: u64,
}
