//! Verdicts as TLC's messages.
//!
//! TLC tells what it found, and nothing of what it did not decide because the search ended. A verdict that TLC does not
//! have (declined, sampled where more was asked) is told as an error, so that it cannot be overlooked.

use super::Names;
use crate::engines::tla::FALSE_POSTCONDITION;
use crate::pipeline::Outcome;
use report::tlc::Code;
use report::tlc::trace::state_text;
use tla_explore::interpret::FALSE_ASSUMPTION;
use verdict::trace::Ending;
use verdict::{Evidence, ExitCode, Failure, FailureClass, Place, Refutation, Trace, Verdict};

/// A message, the behavior that belongs to it, and where it happened.
pub struct Finding<'o> {
    /// The message's code.
    pub code: Code,
    /// The message.
    pub text: String,
    /// How the behavior is introduced, and the behavior.
    pub trace: Option<(Code, &'o Trace)>,
    /// The positions of the expressions that were being evaluated.
    pub positions: Option<String>,
}

/// What has to be told, each thing once. Where the search ended at an initial state, nothing else was decided, which needs
/// no telling.
pub fn findings<'o>(outcome: &'o Outcome, names: &Names, initial_complete: bool) -> Vec<Finding<'o>> {
    let mut all = Vec::new();
    let mut failures: Vec<&Failure> = Vec::new();
    for evidence in &outcome.evidence {
        match &evidence.verdict {
            Verdict::Refuted(refutation) => all.push(refuted(evidence, refutation)),
            Verdict::Failed(failure) => {
                if !failures.iter().any(|known| known.message == failure.message && known.place == failure.place) {
                    failures.push(failure);
                    all.push(failed(evidence, failure, names));
                }
            }
            Verdict::Declined(_) if !initial_complete => {}
            Verdict::Declined(decline) => {
                let place =
                    decline.place.as_ref().map_or_else(String::new, |place| format!("\n{}", place.in_module_words()));
                let text = format!("{} was not decided: {}{place}", evidence.obligation.name_in_input, decline.reason);
                all.push(Finding { code: Code::Unsupported, text, trace: None, positions: None });
            }
            Verdict::Vacuous(vacuity) => {
                let text = format!("{}: {}", evidence.obligation.name_in_input, vacuity.reason);
                all.push(Finding { code: Code::General, text, trace: None, positions: None });
            }
            // Where the search ended early, what ended it is told.
            Verdict::Bounded { .. }
            | Verdict::Proved(_)
            | Verdict::Exhausted(_)
            | Verdict::Tested(_)
            | Verdict::Assumed(_) => {}
        }
    }
    all
}

fn refuted<'o>(evidence: &Evidence, refutation: &'o Refutation) -> Finding<'o> {
    let name = &evidence.obligation.name_in_input;
    let trace = &refutation.counterexample.trace;
    let finite = Some((Code::BehaviorUpToThisPoint, trace));
    let initially = |what: &str, code| {
        let state = trace.steps.first().map_or_else(String::new, |step| state_text(&step.state));
        let text = format!("{what} {name} is violated by the initial state:\n{state}");
        Finding { code, text, trace: None, positions: None }
    };
    let finding = |code, text: String, trace| Finding { code, text, trace, positions: None };
    match (ExitCode::from_code(refutation.exit_code), trace.ending) {
        (_, Ending::Stuttering | Ending::BackTo(_)) => {
            let infinite = Some((Code::CounterExample, trace));
            finding(Code::TemporalPropertyViolated, format!("Temporal property {name} was violated.\n"), infinite)
        }
        (Some(ExitCode::Deadlock), Ending::Finite) => finding(Code::Deadlock, "Deadlock reached.".to_owned(), finite),
        (Some(ExitCode::Liveness), Ending::Finite) if trace.steps.len() == 1 => {
            initially("Property", Code::PropertyViolatedInitially)
        }
        (Some(ExitCode::Liveness), Ending::Finite) => {
            finding(Code::ActionPropertyViolated, format!("Action property {name} is violated."), finite)
        }
        (_, Ending::Finite) if trace.steps.len() == 1 => initially("Invariant", Code::InvariantViolatedInitially),
        (_, Ending::Finite) => finding(Code::InvariantViolated, format!("Invariant {name} is violated."), finite),
    }
}

fn failed<'o>(evidence: &Evidence, failure: &'o Failure, names: &Names) -> Finding<'o> {
    let name = &evidence.obligation.name_in_input;
    let message = &failure.message;
    let place = failure.place.as_ref();
    let (code, text) = match failure.class {
        FailureClass::Assumption => {
            let place = place.map_or_else(String::new, |place| format!("{} ", place.in_module_words()));
            match message.as_str() {
                FALSE_ASSUMPTION => (Code::AssumptionFalse, format!("Assumption {place}is false.")),
                FALSE_POSTCONDITION => {
                    let name = names.task.postcondition(name);
                    (Code::PostconditionFalse, format!("Postcondition {name} at {place}is false."))
                }
                _ => (Code::AssumptionFailed, format!("Evaluating assumption {place}failed.\n{message}")),
            }
        }
        FailureClass::Assert => (Code::AssertFailed, assertion(message)),
        FailureClass::Evaluation => (Code::General, message.clone()),
        FailureClass::PropertyEvaluation if names.is_invariant(name) => {
            (Code::InvariantFailed, format!("Evaluating invariant {name} failed.\n{message}"))
        }
        FailureClass::PropertyEvaluation => {
            (Code::ActionPropertyFailed, format!("Evaluating property {name} failed.\n{message}"))
        }
        FailureClass::Parse => (Code::ParsingFailed, "Parsing or semantic analysis failed.".to_owned()),
        FailureClass::Configuration => (Code::Configuration, configuration(message, place, &failure.remedy)),
        FailureClass::Capacity => (Code::OutOfMemory, message.clone()),
        FailureClass::System => (Code::DiskError, message.clone()),
        FailureClass::Internal => (Code::Bug, message.clone()),
    };
    let trace = failure.trace.as_ref().map(|counterexample| (Code::BehaviorUpToThisPoint, &counterexample.trace));
    let tells_place = match failure.class {
        FailureClass::Assert | FailureClass::Evaluation | FailureClass::PropertyEvaluation => true,
        FailureClass::Parse
        | FailureClass::Configuration
        | FailureClass::Assumption
        | FailureClass::Capacity
        | FailureClass::System
        | FailureClass::Internal => false,
    };
    Finding { code, text, trace, positions: place.filter(|_| tells_place).map(positions) }
}

/// TLC's sentence for a failed `Assert`, with what the specification says about it.
fn assertion(message: &str) -> String {
    let said = message.strip_prefix(tla_model::error::ASSERT_FAILED).unwrap_or(message);
    format!("The first argument of Assert evaluated to FALSE; the second argument was:\n{said}")
}

fn configuration(message: &str, place: Option<&Place>, remedy: &str) -> String {
    let line = place.map_or_else(String::new, |place| format!(" at line {} of {}", place.line, place.file));
    let remedy = if remedy.is_empty() { String::new() } else { format!("\n({remedy})") };
    format!("TLC found an error in the configuration{line}:\n{message}{remedy}")
}

fn positions(place: &Place) -> String {
    let Place { line, column, end_line, end_column, module, .. } = place;
    format!(
        "The error occurred when TLC was evaluating the nested\nexpressions at the following positions:\n\
         0. Line {line}, column {column} to line {end_line}, column {end_column} in {module}\n\n"
    )
}
