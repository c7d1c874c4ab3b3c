//! Temporal properties by two more: infinite behaviors that a simulation meets are judged by the independent checker, which
//! unfolds the formulas from the text. Of a property that the explorer says holds it must accept none as a violation; the
//! explorer's own counterexample it must accept.

use std::sync::Mutex;
use tla_explore::interpret::{Interpreted, InterpretedWorker};
use tla_explore::liveness::{Answer, LivenessReport};
use tla_explore::telling::tell_trace;
use tla_explore::{SampledLasso, SimulationOptions, TransitionSystem, Witness, simulate_before};
use tla_syntax::Span;
use tla_syntax::config::Config;
use tla_syntax::load::Specification;
use verdict::Place;
use verdict::event::NoEvents;
use verdict::trace::Ending;

/// Lassos that are judged for each property.
const MOST: usize = 24;

/// Keeps behaviors.
#[derive(Default)]
struct Keeper(Mutex<Vec<Vec<Vec<u32>>>>);

impl<'m> Witness<'m, Interpreted<'m>> for Keeper {
    fn behavior(
        &self,
        _number: u64,
        behavior: &[Vec<u32>],
        _worker: &mut InterpretedWorker<'m>,
    ) -> Option<SampledLasso> {
        self.0.lock().expect("nobody panics").push(behavior.to_vec());
        None
    }
}

/// Lassos of some random behaviors: states, and the index of the state that follows the last one.
fn lassos(system: &Interpreted<'_>) -> Vec<(Vec<Vec<u32>>, usize)> {
    let keeper = Keeper::default();
    let options = SimulationOptions {
        behaviors: Some(12),
        depth: 8,
        seed: 5,
        check_deadlock: false,
        stack_bytes: 64 << 20,
        ..SimulationOptions::default()
    };
    simulate_before(system, &options, &NoEvents, &keeper);
    let mut all = Vec::new();
    for behavior in keeper.0.into_inner().expect("nobody panics") {
        for (end, state) in behavior.iter().enumerate() {
            for back_to in (0..end).filter(|place| behavior[*place] == *state) {
                all.push((behavior[..end].to_vec(), back_to));
            }
        }
        let last = behavior.len().saturating_sub(1);
        all.push((behavior, last));
    }
    all.sort();
    all.dedup();
    all
}

fn nowhere(_span: Span) -> Place {
    Place { file: String::new(), module: "T".to_owned(), line: 1, column: 1, end_line: 1, end_column: 1 }
}

/// What the independent checker says about a violation of a property; nothing if it cannot tell.
fn accepts(
    input: (&Specification, &Config),
    worker: &mut InterpretedWorker<'_>,
    name: &str,
    (states, back_to): &(Vec<Vec<u32>>, usize),
) -> Option<Result<(), String>> {
    let mut trace = tell_trace(worker, states, &nowhere).ok()?;
    trace.ending = if back_to + 1 == states.len() { Ending::Stuttering } else { Ending::BackTo(*back_to) };
    let violation = recheck::Violation::Temporal(name.to_owned());
    match recheck::replay(input.0, input.1, &recheck::Claim { violation, trace: &trace }) {
        recheck::Replay::Accepted => Some(Ok(())),
        recheck::Replay::Rejected { reason, .. } => Some(Err(reason)),
        recheck::Replay::Unsupported { .. } => None,
    }
}

/// A disagreement about a temporal property, in words.
pub fn disagreement(
    system: &Interpreted<'_>,
    report: &LivenessReport,
    specification: &Specification,
    config: &Config,
) -> Option<String> {
    let mut worker = system.worker();
    let sampled = lassos(system);
    for (index, (name, _)) in system.model.properties.iter().enumerate() {
        let parts: Vec<&Answer> =
            report.outcomes.iter().filter(|outcome| outcome.property == index).map(|outcome| &outcome.answer).collect();
        let violated = parts.iter().find_map(|answer| match answer {
            Answer::Violated(lasso) => Some((lasso.states(), lasso.stem.len())),
            Answer::Holds(_) | Answer::Declined(_) | Answer::Error(_) | Answer::Interrupted => None,
        });
        if let Some(lasso) = violated {
            if let Some(Err(reason)) = accepts((specification, config), &mut worker, name, &lasso) {
                return Some(format!("the checker rejects a counterexample of {name}: {reason}"));
            }
            continue;
        }
        if parts.is_empty() || !parts.iter().all(|answer| matches!(answer, Answer::Holds(_))) {
            continue;
        }
        for lasso in sampled.iter().take(MOST) {
            if let Some(Ok(())) = accepts((specification, config), &mut worker, name, lasso) {
                let (states, back_to) = lasso;
                let told: Vec<_> = states.iter().map(|state| format!("{:?}", worker_values(system, state))).collect();
                return Some(format!("{name} holds, and the checker finds it violated by {told:?}, back to {back_to}"));
            }
        }
    }
    None
}

fn worker_values(system: &Interpreted<'_>, state: &[u32]) -> Vec<(String, verdict::TraceValue)> {
    tla_explore::Worker::state_values(&mut system.worker(), state)
}
