//! Unbounded integers: a model as a problem of SMT-LIB, for a solver outside.
//!
//! The circuit has a latch for every value that a place was supposed to hold; a ticket or a clock that grows for ever has no
//! such list. Here a place holds an integer of any size, and questions go to a solver of the theory of integers (linear
//! where the specification is), with arrays for functions and sets on all integers.
//!
//! Reading order: [`term`] (terms), [`shape`] (places), [`translate`] (values), [`problem`] (the model), [`script`]
//! (terms as text), [`dialogue`] (asking), [`bounded`] and [`induction`] (what is asked).
//!
//! **What an answer is worth.** A counterexample is a list of states that somebody else replays. An *unsat* is the word of a
//! program that nobody checked: what rests on it is never called proved. No process is started here; who calls brings
//! something that [answers](dialogue::Solver).

pub mod bounded;
pub mod dialogue;
pub mod induction;
pub mod problem;
pub mod script;
pub mod sexpr;
pub mod shape;
pub mod term;
pub mod translate;

use crate::circuit::Target;
use crate::inductive::Counterexample;
use dialogue::Trouble;
use tla_compile::Declined;
use tla_compile::shape::Datum;
use tla_model::value::Value;

pub use dialogue::{Recorder, Solver};
pub use problem::{Problem, build};

/// What was found out about a target.
#[derive(Debug, Clone)]
pub enum Conclusion {
    /// A shortest behavior reaches it.
    Reached(Vec<Vec<Datum>>),
    /// No behavior of so many steps does; and why no more were looked at, if not by the length that was asked for.
    Bounded(u32, Option<String>),
    /// Excluded for all lengths by induction over so many steps, if the solver is right.
    Induced(u32),
    /// The invariant that was given implies it, and is inductive, if the solver is right.
    Implied,
    /// Not decided.
    Declined(Declined),
}

/// The result.
#[derive(Debug, Default)]
pub struct Report {
    /// For each target that was asked for, in order.
    pub conclusions: Vec<(Target, Conclusion)>,
    /// Counterexamples to induction, by target. Those targets are declined.
    pub counterexamples: Vec<(Target, Counterexample)>,
    /// Questions that were asked.
    pub questions: u64,
}

/// A conclusion for each target.
pub(crate) fn all(targets: &[Target], conclusion: &Conclusion) -> Vec<(Target, Conclusion)> {
    targets.iter().map(|target| (*target, conclusion.clone())).collect()
}

/// Why there is no answer, in words.
pub(crate) fn words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Stopped => "the time was over before anything was decided".to_owned(),
        Trouble::Unknown(why) if why.is_empty() => "the solver does not know the answer".to_owned(),
        Trouble::Unknown(why) => format!("the solver does not know the answer ({why})"),
        Trouble::Broken(what) => format!("the solver gave no answer: {what}"),
    }
}

pub(crate) fn without_place(reason: impl Into<String>) -> Declined {
    Declined { reason: reason.into(), span: None }
}

/// A state of finite values that fit 64 bits.
pub(crate) fn finite(state: &[Value]) -> Result<Vec<Datum>, String> {
    let data = state.iter().map(Datum::of).collect::<Option<Vec<Datum>>>();
    data.ok_or_else(|| "an integer of more than 64 bits".to_owned())
}
