//! Counterexamples: behaviors, told step by step.

use crate::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A TLA+ value in a trace, free of any engine's representation. Sets and function domains are in the engine's
/// canonical order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceValue {
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// An integer in decimal notation, of any size.
    Int(String),
    /// A string, unescaped.
    String(String),
    /// A model value of the configuration.
    ModelValue(String),
    /// A finite set.
    Set(Vec<TraceValue>),
    /// A tuple or sequence.
    Tuple(Vec<TraceValue>),
    /// A record, fields in the engine's order.
    Record(Vec<(String, TraceValue)>),
    /// A function given by its pairs.
    Function(Vec<(TraceValue, TraceValue)>),
    /// An integer interval, kept as such because it prints so.
    Interval(String, String),
    /// A value that cannot be enumerated, in words.
    Symbolic(String),
}

/// A bound parameter of an action, `t` bound to `t1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The parameter's name.
    pub name: String,
    /// Its value, as printed.
    pub value: String,
}

/// One part of a variable that a step changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The variable and the path inside it: `pc[t1]`, `heap.free`.
    pub path: String,
    /// Value before, as printed; empty where the part did not exist.
    pub before: String,
    /// Value after, as printed; empty where the part no longer exists.
    pub after: String,
}

/// A state of a behavior together with the step that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Name of the action that was taken; `Initial predicate` for the first state.
    pub action: String,
    /// Parameters of the action.
    pub bindings: Vec<Binding>,
    /// Where the action is written.
    pub place: Option<Place>,
    /// Values of all variables after the step, in the order of declaration.
    pub state: Vec<(String, TraceValue)>,
    /// What the step changed; empty for the first state. Of the alias, if there is one.
    pub changes: Vec<Change>,
    /// What the specification wants shown in the place of the state (`ALIAS`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<Vec<(String, TraceValue)>>,
}

impl Step {
    /// What a reader is shown: the alias if there is one, the state otherwise.
    pub fn shown(&self) -> &[(String, TraceValue)] {
        self.alias.as_deref().unwrap_or(&self.state)
    }
}

/// How an infinite behavior ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The trace is a finite prefix: a safety violation.
    Finite,
    /// The last state is repeated for ever.
    Stuttering,
    /// The behavior goes back to the state with this index (from 0).
    BackTo(usize),
}

/// A behavior.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The steps; the first is the initial state.
    pub steps: Vec<Step>,
    /// How it ends.
    pub ending: Ending,
    /// The step that leads back, if the behavior goes back to an earlier state; its state is that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Box<Step>>,
}

/// The innermost part of a property that is false in the last state, with the values that make it so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FalseConjunct {
    /// Where the conjunct is written.
    pub place: Place,
    /// Its text.
    pub text: String,
    /// Values of the bound variables for which it is false.
    pub bindings: Vec<Binding>,
    /// Values of subexpressions that a reader would ask for, `(text, value)`.
    pub values: Vec<(String, String)>,
}

/// Why and how a property fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterexample {
    /// The behavior.
    pub trace: Trace,
    /// Which parts of the property are false in its last state.
    pub false_conjuncts: Vec<FalseConjunct>,
    /// Further facts, keyed by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
}
