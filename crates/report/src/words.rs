//! Sentences that several writers share: what a verdict says in one line, and where it points.

use crate::number::{counted, grouped};
use crate::run::{RunReport, place_of};
use verdict::{Binding, Evidence, Expectation, Place, Step, Strength, Testing, Verdict};

/// How much somebody who reads a list of problems has to care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// As its author expects, and as strong as was required.
    Met,
    /// Not known, or not strongly enough.
    Open,
    /// A finding: refuted, not refuted where it must be, vacuous, broken.
    Finding,
}

/// The weight of an obligation.
pub fn weight(report: &RunReport, evidence: &Evidence) -> Weight {
    if report.is_met(evidence) {
        return Weight::Met;
    }
    match evidence.verdict {
        Verdict::Bounded { .. } | Verdict::Tested(_) | Verdict::Declined(_) | Verdict::Assumed(_) => Weight::Open,
        Verdict::Proved(_) | Verdict::Exhausted(_) | Verdict::Refuted(_) | Verdict::Vacuous(_) | Verdict::Failed(_) => {
            Weight::Finding
        }
    }
}

/// Whether a verdict says something about every behavior of the instance, or is the refutation that was asked for.
pub fn is_complete(evidence: &Evidence) -> bool {
    match evidence.obligation.expectation {
        Expectation::Holds => evidence.verdict.strength() >= Strength::Exhausted,
        Expectation::Violated => matches!(evidence.verdict, Verdict::Refuted(_)),
    }
}

/// What a verdict says, in one sentence that begins with its strength.
pub fn sentence(evidence: &Evidence) -> String {
    let word = evidence.verdict.strength().word();
    let expected = evidence.obligation.expectation == Expectation::Violated;
    match &evidence.verdict {
        Verdict::Proved(proof) => format!("{word}: accepted by {}", proof.checker),
        Verdict::Exhausted(exhaustion) | Verdict::Tested(Testing::Reduction(exhaustion)) => {
            let missed = if expected { ", but it must be violated" } else { "" };
            let distinct = grouped(exhaustion.distinct);
            format!("{word}: nothing found in {distinct} distinct states, depth {}{missed}", exhaustion.depth)
        }
        Verdict::Bounded { bound, .. } => format!("{word}: {bound}"),
        Verdict::Tested(Testing::Sampling(sampling)) => {
            format!("{word}: {}, seed {}", counted(sampling.runs as usize, "run"), sampling.seed)
        }
        Verdict::Tested(Testing::Analysis(analysis)) => format!("{word}: {}", analysis_words(analysis)),
        Verdict::Tested(Testing::Comparison(comparison)) => format!("{word}: {}", comparison_words(comparison)),
        Verdict::Refuted(refutation) => {
            let length = counted(refutation.counterexample.trace.steps.len(), "state");
            let expected = if expected { ", as expected" } else { "" };
            format!("{word}: violated by a behavior of {length}{expected}")
        }
        Verdict::Vacuous(vacuity) => format!("{word}: {}", vacuity.reason),
        Verdict::Declined(decline) => format!("{word}: {}", decline.reason),
        Verdict::Assumed(assumption) => format!("{word}: on the word of {}", assumption.by),
        Verdict::Failed(failure) => format!("{word}: {}", failure.message),
    }
}

/// What an analysis of source text looked at.
pub fn analysis_words(analysis: &verdict::Analysis) -> String {
    if let Some(found) = &analysis.found {
        return format!("found {found}, as it has to");
    }
    format!(
        "{} found nothing in {} of {}",
        counted(analysis.rules.len(), "rule"),
        counted(analysis.functions as usize, "function"),
        counted(analysis.files as usize, "file")
    )
}

/// What two tools said alike.
pub fn comparison_words(comparison: &verdict::Comparison) -> String {
    let mut words = format!("{} says the same: {}", comparison.with, comparison.compared.join(", "));
    if !comparison.not_compared.is_empty() {
        words.push_str(&format!("; not compared: {}", comparison.not_compared.join("; ")));
    }
    words
}

/// The place that a reader is sent to: of the verdict if it has one, of the first false part of the property, of the
/// property itself.
pub fn place(evidence: &Evidence) -> Option<&Place> {
    let false_part = match &evidence.verdict {
        Verdict::Refuted(refutation) => refutation.counterexample.false_conjuncts.first().map(|part| &part.place),
        _ => None,
    };
    place_of(&evidence.verdict).or(false_part).or(evidence.obligation.place.as_ref())
}

/// The action of a step with its parameters.
pub fn action(step: &Step) -> String {
    let one = |binding: &Binding| format!("{} = {}", binding.name, binding.value);
    match step.bindings.is_empty() {
        true => step.action.clone(),
        false => format!("{}({})", step.action, step.bindings.iter().map(one).collect::<Vec<_>>().join(", ")),
    }
}

/// What a step changed, one line for each part.
pub fn changes(step: &Step) -> Vec<String> {
    let line = |change: &verdict::Change| match (change.before.as_str(), change.after.as_str()) {
        ("", after) => format!("{} = {after}", change.path),
        (before, "") => format!("{}: {before} → gone", change.path),
        (before, after) => format!("{}: {before} → {after}", change.path),
    };
    step.changes.iter().map(line).collect()
}
