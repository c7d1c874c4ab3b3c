//! Checks inductive invariants.
//!
//! An invariant says what the places of a state can hold and which combinations (*cubes*) are never reached. It proves
//! properties if every initial state satisfies it, every step from a state that satisfies it leads to one that does, and
//! every state that satisfies it satisfies the properties. The engine that found it translates the specification into
//! a circuit; nothing of that is used here. Instead the evaluator of this crate runs on states that are *not decided*:
//! each place of a state is a question, and where evaluation needs an answer it stops, the question is answered in every
//! way that the invariant allows, and evaluation begins again for each answer ([`explore`]). Alternatives of an action
//! are handled alike. What is left in the end are finitely many cases, in each of which the successor is known up to
//! places that were copied, and a [solver] of a few hundred lines decides whether some cube can hold there.
//!
//! Anything undefined, any value without a place, any open case is a rejection, unless the invariant excludes it.

mod explore;
mod places;
mod solver;

use crate::Limits;
use crate::evaluate::Evaluator;
use crate::on_large_stack;
use explore::Checker;
use tla_syntax::config::Config;
use tla_syntax::load::Specification;
use verdict::Place;
pub use verdict::certificate::{Certificate, Shape};

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
pub fn certify(
    specification: &Specification,
    config: &Config,
    certificate: &Certificate,
    proved: &Proved,
    stop: &(dyn Fn() -> bool + Sync),
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
        match Checker::new(evaluator, config, certificate, stop).and_then(|mut checker| checker.check(proved)) {
            Ok(cases) => Judgement::Accepted { cases },
            Err(explore::Stop::Rejected(reason)) => Judgement::Rejected { reason },
            Err(explore::Stop::Unsupported(construct, span)) => {
                Judgement::Unsupported { construct, place: crate::place(specification, span) }
            }
        }
    });
    judged.unwrap_or_else(|| Judgement::Unsupported { construct: crate::CRASHED.to_owned(), place: None })
}
