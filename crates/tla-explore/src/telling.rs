//! Traces told for a reader: values, actions, bound parameters, changes.
//!
//! The search knows states as words. Telling a trace asks a worker for the values of each state and for the step between
//! each two, which costs an enumeration of successors per step and is done for the few traces that are shown.

use crate::changes::changes;
use crate::outcome::{Finding, Violation};
use crate::system::{Broken, SystemError, Worker};
use tla_syntax::source::Span;
use verdict::trace::Ending;
use verdict::{Counterexample, FalseConjunct, Place, Step, Trace};

/// The name that TLC gives to what leads to an initial state.
pub const INITIAL: &str = "Initial predicate";

/// Tells a finite behavior.
///
/// # Errors
/// If two consecutive states are no step, or the step cannot be evaluated.
pub fn tell_trace(
    worker: &mut impl Worker,
    trace: &[Vec<u32>],
    place: &dyn Fn(Span) -> Place,
) -> Result<Trace, Box<SystemError>> {
    let mut steps: Vec<Step> = Vec::with_capacity(trace.len());
    for (index, words) in trace.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| trace.get(before));
        worker.at_level(index as u32);
        let step = tell_step(worker, before.map(Vec::as_slice), words, steps.last(), place)?;
        steps.push(step);
    }
    Ok(Trace { steps, ending: Ending::Finite, closing: None })
}

fn tell_step(
    worker: &mut impl Worker,
    before: Option<&[u32]>,
    words: &[u32],
    last: Option<&Step>,
    place: &dyn Fn(Span) -> Place,
) -> Result<Step, Box<SystemError>> {
    let state = worker.state_values(words);
    let (Some(before), Some(last)) = (before, last) else {
        let (bindings, changes) = (Vec::new(), Vec::new());
        return Ok(Step { action: INITIAL.to_owned(), bindings, place: None, state, changes, alias: None });
    };
    let info = worker.step(before, words)?;
    let changes = changes(&last.state, &state);
    let (action, bindings, place) = (info.action, info.bindings, info.span.map(place));
    Ok(Step { action, bindings, place, state, changes, alias: None })
}

/// Puts what the specification wants shown instead of states (`ALIAS`) into a told behavior, given its states.
pub fn tell_aliases(worker: &mut impl Worker, trace: &mut Trace, states: &[Vec<u32>]) {
    let Some(last) = states.len().checked_sub(1) else { return };
    let after_last = match trace.ending {
        Ending::BackTo(index) => index,
        Ending::Finite | Ending::Stuttering => last,
    };
    for (index, step) in trace.steps.iter_mut().enumerate() {
        let next = if index < last { index + 1 } else { after_last };
        step.alias = worker.alias_values(states, index, next);
    }
    for index in 1..trace.steps.len() {
        let (before, after) = trace.steps.split_at_mut(index);
        if let (Some(before), Some(after)) = (before.last(), after.first_mut())
            && after.alias.is_some()
        {
            after.changes = changes(before.shown(), after.shown());
        }
    }
}

/// Tells a finding.
///
/// # Errors
/// As [`tell_trace`].
pub fn tell_finding(
    worker: &mut impl Worker,
    finding: &Finding,
    place: &dyn Fn(Span) -> Place,
) -> Result<Counterexample, Box<SystemError>> {
    let trace = tell_trace(worker, &finding.trace, place)?;
    let false_conjuncts = explain(worker, finding);
    Ok(Counterexample { trace, false_conjuncts, notes: Default::default() })
}

/// Which parts of the property are false.
fn explain(worker: &mut impl Worker, finding: &Finding) -> Vec<FalseConjunct> {
    let (broken, from, state) = match (finding.violation, finding.trace.as_slice()) {
        (Violation::Deadlock, _) | (Violation::Broken(_), []) => return Vec::new(),
        (Violation::Broken(broken @ Broken::ActionProperty(_)), [.., from, state]) => (broken, Some(from), state),
        (Violation::Broken(broken), [.., state]) => (broken, None, state),
    };
    worker.at_level(finding.trace.len() as u32 - u32::from(from.is_some()));
    worker.explain(broken, from.map(Vec::as_slice), state)
}
