//! A model as a circuit: latches, next-state functions, initial states, bad states.
//!
//! **Transitions.** Each disjunct of the next-state relation is a transition with a guard and a value for each latch. An
//! input for each selects it. [`Circuit::enabled`] says that exactly one is selected and that it can be taken.
//!
//! **Bad states.** Besides the properties there are two that every claim rests on: that no reachable state or step is
//! undefined, and that no step leaves the shapes. Only together with those is a property proved.
//!
//! Here is what a circuit consists of and how its states are read; [`build`](mod@build) makes it, [`bad`] adds what must
//! not be reached, [`observed`] what is asked besides.

mod bad;
mod build;
mod observed;

use crate::aig::{Aig, Lit};
use crate::data::{D, Data};
use crate::translate::Undefined;
use crate::translate::state::{LatchName, Shape};
pub use build::{build, build_with};
use tla_compile::shape::Datum;
use tla_explore::Broken;
use tla_syntax::Span;

/// What must not be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A property is broken.
    Property(Broken),
    /// A state has no successor.
    Deadlock,
    /// A property is undefined.
    PropertyUndefined(Broken),
    /// An initial state or a step is undefined.
    Undefined,
    /// A value has no place in the shapes.
    Overflow,
}

/// A bad state or step.
#[derive(Debug, Clone)]
pub struct Bad {
    /// What it means.
    pub target: Target,
    /// In a state, with the inputs of a step from it.
    pub lit: Lit,
    /// In an initial state, with the inputs that choose it; the latches are those of the state.
    pub initially: Lit,
    /// Whether it is the step that is bad, not the state before it.
    pub is_step: bool,
}

/// A transition, for messages.
#[derive(Debug, Clone)]
pub struct Transition {
    /// Name of the innermost definition.
    pub name: String,
    /// The part of the next-state relation.
    pub span: Span,
}

/// What a transition does.
#[derive(Debug, Clone)]
pub struct StepFunction {
    /// It can be taken.
    pub guard: Lit,
    /// The latches that it may change, with their values after it.
    pub changes: Vec<(u32, Lit)>,
}

/// A model as a circuit. Holds no values, so that several engines can share it.
#[derive(Clone)]
pub struct Circuit {
    /// The graph.
    pub aig: Aig,
    /// Latches of a state.
    pub latches: Vec<Lit>,
    /// What each latch says.
    pub names: Vec<LatchName>,
    /// Number of the group of latches of which exactly one is set, if its place is there.
    pub group_of: Vec<Option<usize>>,
    /// Latches of each group.
    pub groups: Vec<Vec<usize>>,
    /// Permutations of latches that may leave the circuit as it is.
    pub permutations: Vec<Vec<u32>>,
    /// Every place has exactly one value.
    pub valid: Lit,
    /// Value of each latch after the selected transition.
    pub next: Vec<Lit>,
    /// The selected transition can be taken.
    pub enabled: Lit,
    /// Inputs, selectors first.
    pub inputs: Vec<Lit>,
    /// Transitions.
    pub transitions: Vec<Transition>,
    /// What each transition does.
    pub steps: Vec<StepFunction>,
    /// Whether a transition is the selected one.
    pub selected: Vec<Lit>,
    /// Value of each latch in the initial state that the inputs choose.
    pub initial: Vec<Lit>,
    /// The inputs choose an initial state.
    pub starts: Lit,
    /// What must not be reached.
    pub bads: Vec<Bad>,
    /// Number of the invariants of the configuration; they come first among the invariants.
    pub invariants: usize,
    /// Undefined expressions, for messages.
    pub undefined: Vec<Undefined>,
    /// Obligations that could not be translated, with the reason.
    pub declined: Vec<(Target, tla_compile::Declined)>,
    /// Name of each constraint in force.
    pub constraints: Vec<String>,
    /// Truth values of the atoms that were asked for, in the state and on the selected step.
    pub atoms: Vec<Lit>,
    /// For each invariant, what it has to reach to say anything, and when; only with atoms.
    pub marks: Vec<(u32, Span, Lit)>,
}

/// A circuit with what is needed to tell its states.
pub struct Built {
    /// The circuit.
    pub circuit: Circuit,
    /// Concrete values.
    pub data: Data,
}

impl Circuit {
    /// Every bad state that the claims rest on.
    pub fn index_of(&self, target: Target) -> Option<usize> {
        self.bads.iter().position(|bad| bad.target == target)
    }
}

impl Built {
    /// The values of the variables in a state given by its latches.
    pub fn state(&self, shapes: &[Shape], bits: &[bool]) -> Vec<Datum> {
        let mut at = 0;
        shapes.iter().map(|shape| value_of(shape, bits, &mut at, &self.data)).collect()
    }
}

fn value_of(shape: &Shape, bits: &[bool], at: &mut usize, data: &Data) -> Datum {
    let mut take = |count: usize| {
        let from = *at;
        *at += count;
        from..*at
    };
    match shape {
        Shape::Never => Datum::Bool(false),
        Shape::Bool => Datum::Bool(bits[take(1)][0]),
        Shape::Scalar(all) => {
            let range = take(all.len());
            let chosen = all.iter().zip(&bits[range]).find(|(_, set)| **set);
            chosen.map_or(Datum::Bool(false), |(d, _)| data.datum(*d).clone())
        }
        Shape::Set(all) => {
            let range = take(all.len());
            let elements = all.iter().zip(&bits[range]).filter(|(_, set)| **set);
            // In the order of values, not of the numbers that they got when they were first met.
            let mut elements: Vec<Datum> = elements.map(|(d, _)| data.datum(*d).clone()).collect();
            elements.sort();
            Datum::Set(elements)
        }
        Shape::Map(keys, parts) => {
            let keys = keys.iter().map(|key: &D| data.datum(*key).clone()).collect();
            Datum::Map(keys, parts.iter().map(|part| value_of(part, bits, at, data)).collect())
        }
        Shape::Sequence(parts) => {
            let range = take(parts.len() + 1);
            let length = bits[range].iter().position(|set| *set).unwrap_or(0);
            let values: Vec<Datum> = parts.iter().map(|part| value_of(part, bits, at, data)).collect();
            let keys = (1..=length as i64).map(Datum::Int).collect();
            Datum::Map(keys, values.into_iter().take(length).collect())
        }
        Shape::Union(all) => {
            let range = take(all.len());
            let tag = bits[range].iter().position(|set| *set).unwrap_or(0);
            let mut values: Vec<Datum> = all.iter().map(|part| value_of(part, bits, at, data)).collect();
            values.swap_remove(tag)
        }
    }
}
