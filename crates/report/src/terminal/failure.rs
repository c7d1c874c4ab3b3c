//! Failures: what broke, where, and what to do. Many obligations of a model share one failure, which is told once.

use super::{counterexample, heading};
use crate::run::RunReport;
use crate::style::{Ink, Style, wrap_hanging};
use verdict::{Failure, FailureClass, Verdict};

/// Key of [`Failure::notes`] under which an engine leaves diagnostics that are rendered already, with source and caret.
/// They say all that message, place and remedy say, for each of several errors.
pub const RENDERED: &str = "diagnostics";

/// Writes each failure of the run once.
pub fn write_failures(out: &mut String, report: &RunReport, style: &Style) {
    let mut told: Vec<(&str, &Failure)> = Vec::new();
    for evidence in &report.evidence {
        if let Verdict::Failed(failure) = &evidence.verdict {
            let model = evidence.obligation.model.as_str();
            if !told.contains(&(model, failure)) {
                told.push((model, failure));
                write_failure(out, model, failure, style);
            }
        }
    }
}

fn write_failure(out: &mut String, model: &str, failure: &Failure, style: &Style) {
    heading(out, &format!("{model}: {}", class_text(failure.class)), style);
    if let Some(rendered) = failure.notes.get(RENDERED) {
        out.push('\n');
        out.push_str(rendered);
        if !rendered.ends_with('\n') {
            out.push('\n');
        }
    } else {
        write_plain(out, failure, style);
    }
    for (name, text) in failure.notes.iter().filter(|(name, _)| *name != RENDERED) {
        out.push_str(&format!("  {name}:\n"));
        for line in text.lines() {
            wrap_hanging(out, line, 4, 6, style.width);
        }
    }
    if let Some(counterexample) = &failure.trace {
        out.push_str("\n  The behavior that leads there:\n\n");
        counterexample::write_behavior(out, counterexample, style);
    }
}

fn write_plain(out: &mut String, failure: &Failure, style: &Style) {
    for line in failure.message.lines() {
        wrap_hanging(out, line, 2, 4, style.width);
    }
    if let Some(place) = &failure.place {
        out.push_str(&style.paint(Ink::Faint, &format!("  at {place}")));
        out.push('\n');
    }
    if !failure.remedy.is_empty() {
        wrap_hanging(out, &format!("help: {}", failure.remedy), 2, 4, style.width);
    }
}

/// The class of a failure in words.
fn class_text(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Parse => "the specification cannot be used",
        FailureClass::Configuration => "the configuration does not fit",
        FailureClass::Assumption => "an assumption or postcondition is false",
        FailureClass::Assert => "an assertion failed",
        FailureClass::Evaluation => "a state or step cannot be evaluated",
        FailureClass::PropertyEvaluation => "a property cannot be evaluated",
        FailureClass::Capacity => "a limit was reached",
        FailureClass::System => "the operating system refused something",
        FailureClass::Internal => "internal error of Interlock; please report it",
    }
}
