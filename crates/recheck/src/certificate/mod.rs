//! Checks inductive invariants.
//!
//! An invariant says what the places of a state can hold and which combinations (*cubes*) are never reached. It proves
//! properties if every initial state satisfies it, every step from a state that satisfies it leads to one that does, and
//! every state that satisfies it satisfies the properties. The engine that found it translates the specification into
//! a circuit; nothing of that is used here. The evaluator of this crate, which also replays counterexamples, runs on a
//! state that is *not decided*: values are [open](cases), connectives become [gates], actions are [walked](walk) with a
//! condition for the path, and successors are turned back into [literals](places). The [questions](check) that are left go
//! to a [solver]; each *no* of it has a [proof] that is checked at once.
//!
//! What has to be right for an invariant to be accepted wrongly never to happen: the evaluator and its lifting to open
//! values, the gates, the encoding of successors, and the checker of proofs. The solver need not be.
//!
//! Anything undefined, any value without a place is a rejection, unless the invariant excludes it.

mod cases;
mod check;
mod count;
mod formula;
mod gates;
mod heap;
mod merge;
mod operators;
mod places;
mod proof;
mod relations;
mod skeleton;
mod solver;
mod walk;

pub(crate) use cases::Symbolic;

use crate::Limits;
use crate::evaluate::Evaluator;
use crate::on_large_stack;
use check::{Checker, Stop};
use tla_syntax::config::Config;
use tla_syntax::load::Specification;
use verdict::Place;
pub use verdict::certificate::{Certificate, Counting, Shape};

/// What an invariant is said to prove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proved {
    /// Invariants of the configuration, by name.
    pub invariants: Vec<String>,
    /// Properties of the configuration, by name; none has a part that speaks of infinite behaviors.
    pub properties: Vec<String>,
    /// Every state has a successor.
    pub deadlock_freedom: bool,
}

/// What the checker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is an inductive invariant and implies what it is said to prove.
    Accepted {
        /// Cases that were looked at.
        cases: u64,
    },
    /// It is not, or does not.
    Rejected {
        /// Why.
        reason: String,
    },
    /// It allows a state in which something that has to be evaluated has no value. The specification may be sound for all
    /// that; this invariant does not show it.
    Undefined {
        /// What has no value, and why.
        reason: String,
    },
    /// The checker cannot tell.
    Unsupported {
        /// What it does not evaluate, or which limit was reached.
        construct: String,
        /// Where it stands.
        place: Option<Place>,
    },
}

/// Most evaluation steps of a check.
const MOST_STEPS: u64 = 3_000_000_000;

/// Judges a certificate; the last argument says whether to stop.
pub fn certify<'s>(
    specification: &'s Specification,
    config: &'s Config,
    certificate: &Certificate,
    proved: &Proved,
    stop: &'s (dyn Fn() -> bool + Sync),
) -> Judgement {
    judged(specification, config, &|evaluator| {
        Checker::new(evaluator, config, certificate, 0, stop).and_then(|mut checker| checker.check(certificate, proved))
    })
}

/// Judges the certificates of a property that speaks of infinite behaviors: one for each of its conjuncts that do, in
/// order. Its other conjuncts are judged with the invariants.
pub fn certify_counts<'s>(
    specification: &'s Specification,
    config: &'s Config,
    property: &str,
    countings: &[Counting],
    stop: &'s (dyn Fn() -> bool + Sync),
) -> Judgement {
    let mut all = 0;
    for number in 0..countings.len() {
        let check = |evaluator| count::check(evaluator, config, (property, number), countings, stop);
        match judged(specification, config, &check) {
            Judgement::Accepted { cases } => all += cases,
            other => return other,
        }
    }
    if countings.is_empty() {
        return Judgement::Rejected { reason: format!("there is no proof of {property}") };
    }
    Judgement::Accepted { cases: all }
}

fn judged<'s>(
    specification: &'s Specification,
    config: &'s Config,
    check: &(dyn Fn(Evaluator<'s>) -> Result<u64, Stop> + Sync),
) -> Judgement {
    let judged = on_large_stack(|| {
        let limits = Limits { steps: MOST_STEPS, ..Limits::default() };
        let evaluator = match Evaluator::new(specification, config, limits) {
            Ok(evaluator) => evaluator,
            Err(fault) => {
                return Judgement::Unsupported {
                    construct: fault.message(),
                    place: crate::place(specification, fault.span()),
                };
            }
        };
        match check(evaluator) {
            Ok(cases) => Judgement::Accepted { cases },
            Err(Stop::Rejected(reason)) => Judgement::Rejected { reason },
            Err(Stop::Undefined(reason)) => Judgement::Undefined { reason },
            Err(Stop::Unsupported(construct, span)) => {
                Judgement::Unsupported { construct, place: crate::place(specification, span) }
            }
        }
    });
    judged.unwrap_or_else(|| Judgement::Unsupported { construct: crate::CRASHED.to_owned(), place: None })
}
