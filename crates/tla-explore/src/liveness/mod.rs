//! Liveness and fairness of an interpreted model, after its states were searched.
//!
//! The behaviors of a model are the infinite paths through its states, stuttering allowed everywhere, that satisfy the
//! fairness conditions of the specification. A temporal property is violated if one of them satisfies its negation. The
//! way to an answer:
//!
//! 1. [`translate`] takes fairness and properties apart into formulas of linear temporal logic over [`atom`]s;
//! 2. [`build`] enumerates the steps between the states that the search found and evaluates each atom once in each state
//!    or on each step;
//! 3. [`terms`] and [`goal`] cut `fairness /\ ~property` into goals, each an acceptance condition and what is left for an
//!    automaton;
//! 4. [`automaton`] and [`product`] build the automaton of the rest and its product with the graph;
//! 5. [`component`] looks for a strongly connected component that a fair, violating behavior can stay in; [`lasso`] makes
//!    a behavior of it;
//! 6. [`confirm`] follows the behavior in the specification and evaluates the formulas on it by their definitions.
//!
//! Deliberately absent: a normal form of all fairness conditions together, whose size is exponential; and checking while
//! the search still runs.
//!
//! A symmetry, view or constraint makes the graph another one than that of the specification. What holds there need not
//! hold of the specification, so such an answer is declined unless it is asked for. A violation found there is one of the
//! specification all the same if step 6 confirms it: its states and steps are real, and so is what fairness says about
//! them.

mod atom;
mod automaton;
mod bits;
mod build;
mod component;
mod confirm;
mod decide;
mod formulas;
mod goal;
mod graph;
mod lasso;
mod memory;
mod options;
mod outcome;
mod product;
mod run;
mod sampled;
mod support;
mod symmetric;
mod temporal;
mod terms;
mod translate;
mod way;

pub use atom::{Atom, Atoms, Fair, Question, Turn};
pub use formulas::{Formulas, formulas};
pub use options::LivenessOptions;
pub use outcome::{
    Answer, Counterexample, Emptiness, Holding, LivenessError, LivenessOutcome, LivenessReport, LivenessStatistics,
    Reduction, Refusal,
};
pub use sampled::Lassos;
pub use temporal::{AtomId, Temporal};

use crate::interpret::Interpreted;
use crate::search::panicked;
use crate::states::States;
use crate::statistics::internal;
use crate::system::SystemError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use verdict::EventSink;

/// Checks the temporal properties of a model, given the states of a search that ran to its end.
///
/// The report has one outcome for each of the model's temporal properties; a property of the configuration is violated
/// if one of its parts is. Outcomes and counterexamples do not depend on the number of workers.
pub fn check(
    system: &Interpreted<'_>,
    states: &States,
    options: &LivenessOptions,
    events: &dyn EventSink,
) -> LivenessReport {
    if system.model.temporal_properties.is_empty() {
        return LivenessReport::default();
    }
    if states.are_partly_on_disk() {
        return on_disk(system);
    }
    // Evaluators recurse, so the work is done on a thread whose stack is large.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("liveness-0".to_owned()).stack_size(options.stack_bytes);
        let work = || catch_unwind(AssertUnwindSafe(|| run::run(system, states, options, events)));
        match thread.spawn_scoped(scope, work) {
            Ok(thread) => match thread.join() {
                Ok(Ok(report)) => report,
                Ok(Err(panic)) | Err(panic) => broken(system, &panicked(&*panic)),
            },
            Err(error) => broken(system, &internal(format!("no thread could be started: {error}"))),
        }
    })
}

/// The report where the states of the search did not fit into memory: their graph would not either.
fn on_disk(system: &Interpreted<'_>) -> LivenessReport {
    let refusal = Refusal {
        reason: "states of the search are on disk, and the graph of states and steps exceeds the memory allowed"
            .to_owned(),
        span: None,
        remedy: "allow more memory, or make the constants smaller".to_owned(),
        hidden_by: None,
    };
    let parts = system.model.temporal_properties.iter().enumerate();
    let outcomes = parts.map(|(part, known)| LivenessOutcome {
        property: known.property,
        part,
        answer: Answer::Declined(refusal.clone()),
    });
    LivenessReport { outcomes: outcomes.collect(), statistics: LivenessStatistics::default() }
}

/// The report of a check that could not be made.
fn broken(system: &Interpreted<'_>, error: &SystemError) -> LivenessReport {
    let answer = Answer::Error(Box::new(LivenessError { error: error.clone(), trace: Vec::new() }));
    let parts = system.model.temporal_properties.iter().enumerate();
    let outcomes =
        parts.map(|(part, known)| LivenessOutcome { property: known.property, part, answer: answer.clone() });
    LivenessReport { outcomes: outcomes.collect(), statistics: LivenessStatistics::default() }
}
