//! What every writer takes.

use std::collections::BTreeMap;
use verdict::{
    Counterexample, CoverageFigures, Evidence, Expectation, Explored, Place, Property, Requirement, Strength, Trace,
    Verdict,
};

/// A property that was promised and has no evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The property.
    pub property: Property,
    /// Why it counts as a gap, in words.
    pub reason: String,
}

/// A run that was recorded before, for the history of a property.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRun {
    /// Its number.
    pub run: u64,
    /// Its start in milliseconds since 1970, UTC.
    pub started_unix_ms: u64,
    /// How long it took, in seconds.
    pub wall_s: f64,
    /// Distinct states of all its models, where states were counted.
    pub states: Option<f64>,
    /// What it found.
    pub verdicts: Vec<PastVerdict>,
}

/// A verdict of a run that was recorded before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastVerdict {
    /// The property.
    pub property: String,
    /// The model.
    pub model: String,
    /// How strong it was.
    pub strength: Strength,
    /// Whether the obligation was met by what that run required.
    pub is_met: bool,
}

/// Everything that one run of the tool has to say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunReport {
    /// The project's or specification's name.
    pub title: String,
    /// The command that was run: `check`, `tla check`.
    pub command: String,
    /// Version of the tool.
    pub tool_version: String,
    /// One for each obligation, in the order of the project.
    pub evidence: Vec<Evidence>,
    /// Properties without evidence.
    pub gaps: Vec<Gap>,
    /// Checks that were switched off.
    pub suppressions: Vec<String>,
    /// Warnings that weaken no verdict.
    pub warnings: Vec<String>,
    /// Figures of the whole run: `wall_s`; for a single model also `generated`, `distinct`, `depth`.
    pub figures: BTreeMap<String, f64>,
    /// Counts of expressions, if they were asked for.
    pub coverage: Option<Box<CoverageFigures>>,
    /// Where the run was recorded, if it was.
    pub recorded_in: Option<String>,
    /// How strong a verdict has to be to meet an obligation that is to hold; `Exhausted` where nothing is said.
    pub required: Option<Requirement>,
    /// The exit code.
    pub exit_code: u8,
    /// Promised properties, for those who read about them.
    pub properties: Vec<Property>,
    /// What each search counted, with the name of its model.
    pub explorations: Vec<(String, Explored)>,
    /// Recorded runs up to this one, oldest first.
    pub history: Vec<PastRun>,
    /// Of a workload: threads, and the operations of all of them in a second.
    pub scaling: Vec<(usize, f64)>,
    /// Texts of files that places lie in, for writers that count columns otherwise than a [`Place`] does.
    pub sources: BTreeMap<String, String>,
}

impl RunReport {
    /// Whether an obligation was met as its author expected, by a verdict that is strong enough.
    pub fn is_met(&self, evidence: &Evidence) -> bool {
        let required = evidence.obligation.required(self.required.unwrap_or_default());
        verdict::ExitCode::of_required(&evidence.verdict, evidence.obligation.expectation, required) == 0
    }
}

/// Whether an obligation was to be violated, and was.
pub fn is_expected_refutation(evidence: &Evidence) -> bool {
    evidence.obligation.expectation == Expectation::Violated && matches!(evidence.verdict, Verdict::Refuted(_))
}

/// The behavior that a verdict carries, if it does.
pub fn trace_of(verdict: &Verdict) -> Option<&Trace> {
    counterexample_of(verdict).map(|counterexample| &counterexample.trace)
}

/// The same with what is false at its end.
pub fn counterexample_of(verdict: &Verdict) -> Option<&Counterexample> {
    match verdict {
        Verdict::Refuted(refutation) => Some(&refutation.counterexample),
        Verdict::Failed(failure) => failure.trace.as_deref(),
        Verdict::Proved(_)
        | Verdict::Exhausted(_)
        | Verdict::Bounded { .. }
        | Verdict::Tested(_)
        | Verdict::Vacuous(_)
        | Verdict::Declined(_)
        | Verdict::Assumed(_) => None,
    }
}

/// The place that explains a verdict, if there is one.
pub fn place_of(verdict: &Verdict) -> Option<&Place> {
    match verdict {
        Verdict::Vacuous(vacuity) => vacuity.witness.as_ref(),
        Verdict::Declined(decline) => decline.place.as_ref(),
        Verdict::Assumed(assumption) => assumption.place.as_ref(),
        Verdict::Failed(failure) => failure.place.as_ref(),
        Verdict::Proved(_)
        | Verdict::Exhausted(_)
        | Verdict::Bounded { .. }
        | Verdict::Tested(_)
        | Verdict::Refuted(_) => None,
    }
}
