//! Evaluation errors to failures.
//!
//! The class decides the exit code, and follows what TLC does: an error in an initial state is an error of evaluation
//! (75) whoever asked for the value, an invariant that has no value in a later state is 76, a failed `Assert` of a step
//! is 14.

use super::place::place_of;
use report::terminal::RENDERED;
use std::collections::BTreeMap;
use tla_explore::{ErrorClass, Phase, SystemError};
use tla_syntax::Diagnostic;
use tla_syntax::load::Specification;
use verdict::{Counterexample, Decline, Failure, FailureClass, Verdict};

/// The class of an error that occurred after a behavior of `states` states.
pub fn class_of(phase: Phase, class: ErrorClass, states: usize) -> FailureClass {
    match (class, phase) {
        (ErrorClass::Capacity, _) => FailureClass::Capacity,
        (ErrorClass::Internal, _) => FailureClass::Internal,
        (ErrorClass::Interrupted, _) => FailureClass::System,
        (ErrorClass::Undefined | ErrorClass::Declined | ErrorClass::Assert, Phase::Assumption) => {
            FailureClass::Assumption
        }
        (ErrorClass::Undefined | ErrorClass::Declined | ErrorClass::Assert, Phase::Init) => FailureClass::Evaluation,
        (ErrorClass::Undefined | ErrorClass::Declined, Phase::Next | Phase::Constraint) => FailureClass::Evaluation,
        (ErrorClass::Assert, Phase::Next | Phase::Constraint) => FailureClass::Assert,
        // TLC evaluates an action property as a part of the step.
        (ErrorClass::Undefined | ErrorClass::Declined | ErrorClass::Assert, Phase::ActionProperty(_)) => {
            FailureClass::Evaluation
        }
        (
            ErrorClass::Undefined | ErrorClass::Declined | ErrorClass::Assert,
            Phase::Invariant(_) | Phase::InitialProperty(_) | Phase::Temporal,
        ) => {
            if states > 1 {
                FailureClass::PropertyEvaluation
            } else {
                FailureClass::Evaluation
            }
        }
    }
}

/// The verdict for an error that concerns an obligation: a construct that is not supported decides nothing.
pub fn verdict_of(error: &SystemError, trace: Option<Counterexample>, specification: &Specification) -> Verdict {
    if matches!(error.class, ErrorClass::Declined | ErrorClass::Interrupted) {
        return Verdict::Declined(Decline {
            reason: error.message.clone(),
            place: error.span.map(|span| place_of(specification, span)),
            remedy: error.remedy.clone(),
            induction: None,
        });
    }
    Verdict::Failed(failure_of(error, trace, specification))
}

/// The failure for an error, with the behavior that leads to it.
pub fn failure_of(error: &SystemError, trace: Option<Counterexample>, specification: &Specification) -> Failure {
    let mut notes = BTreeMap::new();
    let states = trace.as_ref().map_or(0, |counterexample| counterexample.trace.steps.len());
    let class = class_of(error.phase, error.class, states);
    if let Some(span) = error.span {
        let diagnostic = Diagnostic::error(code_of(class), span, &error.message).remedy(&error.remedy);
        notes.insert(RENDERED.to_owned(), diagnostic.render(&specification.sources));
    }
    if !error.calls.is_empty() {
        let call = |(what, span): &(String, _)| format!("{what} at {}", place_of(specification, *span));
        notes.insert("calls".to_owned(), error.calls.iter().map(call).collect::<Vec<_>>().join("\n"));
    }
    let known: Vec<String> = error
        .partial_state
        .iter()
        .filter(|(_, value)| value != "?")
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    if !known.is_empty() && !matches!(error.phase, Phase::Invariant(_)) {
        notes.insert("the state as far as it was known".to_owned(), known.join("\n"));
    }
    Failure {
        class,
        message: error.message.clone(),
        place: error.span.map(|span| place_of(specification, span)),
        remedy: error.remedy.clone(),
        trace: trace.filter(|counterexample| !counterexample.trace.steps.is_empty()).map(Box::new),
        notes,
    }
}

/// The short name of a class in a diagnostic.
fn code_of(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Parse => "specification",
        FailureClass::Configuration => "configuration",
        FailureClass::Assumption => "assumption",
        FailureClass::Assert => "assert",
        FailureClass::Evaluation => "evaluation",
        FailureClass::PropertyEvaluation => "property-evaluation",
        FailureClass::Capacity => "capacity",
        FailureClass::System => "system",
        FailureClass::Internal => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classes_are_those_of_tlc() {
        use FailureClass as Class;
        let cases = [
            (Phase::Assumption, ErrorClass::Undefined, 0, Class::Assumption),
            (Phase::Init, ErrorClass::Undefined, 0, Class::Evaluation),
            (Phase::Init, ErrorClass::Assert, 0, Class::Evaluation),
            (Phase::Next, ErrorClass::Undefined, 3, Class::Evaluation),
            (Phase::Next, ErrorClass::Assert, 3, Class::Assert),
            (Phase::Constraint, ErrorClass::Undefined, 3, Class::Evaluation),
            (Phase::Invariant(0), ErrorClass::Undefined, 1, Class::Evaluation),
            (Phase::Invariant(0), ErrorClass::Undefined, 2, Class::PropertyEvaluation),
            (Phase::Invariant(0), ErrorClass::Assert, 2, Class::PropertyEvaluation),
            (Phase::ActionProperty(0), ErrorClass::Undefined, 2, Class::Evaluation),
            (Phase::Next, ErrorClass::Capacity, 3, Class::Capacity),
            (Phase::Invariant(0), ErrorClass::Internal, 3, Class::Internal),
        ];
        for (phase, class, states, expected) in cases {
            assert_eq!(class_of(phase, class, states), expected, "{phase:?} {class:?}");
        }
    }
}
