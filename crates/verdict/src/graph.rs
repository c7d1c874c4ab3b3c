//! The state graph of a small model, for whoever wants to see it.

use crate::TraceValue;
use serde::{Deserialize, Serialize};

/// The graph, or why there is no picture of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StateGraph {
    /// All states that were taken up, with all steps from them.
    Drawn {
        /// States in the order in which they were found.
        states: Vec<GraphState>,
        /// Steps, each once.
        steps: Vec<GraphStep>,
    },
    /// It is not kept.
    NotDrawn {
        /// Why.
        reason: String,
        /// The command that writes it to a file.
        command: String,
    },
}

/// A state of a graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphState {
    /// Whether a behavior may begin with it.
    pub initial: bool,
    /// Values of the variables, in the order of declaration.
    pub values: Vec<(String, TraceValue)>,
}

/// A step of a graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GraphStep {
    /// Index of the state before it.
    pub from: usize,
    /// Index of the state after it.
    pub to: usize,
    /// Name of its action.
    pub action: String,
}
