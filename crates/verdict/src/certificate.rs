//! Certificates that go from an engine to the independent checker.
//!
//! An inductive invariant is said in two parts: what each place of a state can hold, and which combinations of that are
//! never reached. The literals of a combination are numbered in the order of the variables and of their shapes.

use crate::TraceValue;
use serde::{Deserialize, Serialize};

/// What a place can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Nothing.
    Never,
    /// `TRUE` or `FALSE`: one literal, that it is `TRUE`.
    Bool,
    /// One of these: a literal for each.
    Scalar(Vec<TraceValue>),
    /// A function with these arguments: the literals of its values, one after the other.
    Map(Vec<TraceValue>, Vec<Shape>),
    /// A set of some of these: a literal for each.
    Set(Vec<TraceValue>),
    /// A sequence of at most so many elements: a literal for each length from 0, then those of the elements.
    Sequence(Vec<Shape>),
    /// One of these: a literal for each, then those of all alternatives.
    Union(Vec<Shape>),
}

/// An inductive invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// For each variable, in the order of declaration: its name, and what it can hold.
    pub shapes: Vec<(String, Shape)>,
    /// Conjunctions of literals, by number and sign, that are never true.
    pub cubes: Vec<Vec<(u32, bool)>>,
    /// Invariants of the configuration, by name, that are part of it.
    #[serde(default)]
    pub invariants: Vec<String>,
}

/// A proof that a conjunct of a property holds under fairness: on no behavior are all conditions of a fair violation met
/// more than so many times.
///
/// The invariant is one of the model beside a monitor. Literals of the monitor follow those of the places: whether the
/// first position is still to come (only if something is asked of it), one for each temporal operator that is owed, one for
/// each condition that may have ceased, one for each condition that was met (only if there are several), and the counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counting {
    /// How often the conditions cannot all be met.
    pub bound: u32,
    /// Number of literals of the monitor.
    pub monitor: usize,
    /// An inductive invariant that excludes a full counter.
    pub certificate: Certificate,
}
