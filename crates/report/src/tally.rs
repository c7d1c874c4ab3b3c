//! The summary. It is as strong as its weakest part: the weakest verdict is named first, and whatever weakens a run
//! (suppressions, assumptions, declined and vacuous obligations, gaps) is counted even if the count is zero, so that
//! silence never reads as absence.

use crate::run::{RunReport, is_expected_refutation};
use std::collections::BTreeMap;
use verdict::{Strength, Testing, Verdict};

/// Counts over a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Obligations.
    pub obligations: usize,
    /// Obligations met as expected.
    pub met: usize,
    /// Refutations that were asked for.
    pub expected_refutations: usize,
    /// Obligations that were not run for want of an outside tool, by tool.
    pub not_run: BTreeMap<String, usize>,
    /// All other obligations by strength.
    pub by_strength: BTreeMap<Strength, usize>,
    /// Checks that were switched off.
    pub suppressions: usize,
    /// Axioms that proofs rest on, and obligations taken on trust.
    pub assumptions: usize,
    /// Models explored under a reduction (symmetry, view, constraint).
    pub reduced: usize,
    /// Warnings.
    pub warnings: usize,
    /// Properties without evidence.
    pub gaps: usize,
}

impl Tally {
    /// Counts a run.
    pub fn of(report: &RunReport) -> Self {
        let mut tally = Self {
            obligations: report.evidence.len(),
            suppressions: report.suppressions.len(),
            warnings: report.warnings.len(),
            gaps: report.gaps.len(),
            ..Self::default()
        };
        let mut reduced_models: Vec<&str> = Vec::new();
        for evidence in &report.evidence {
            tally.met += usize::from(report.is_met(evidence));
            if let Some(tool) = &evidence.absent_tool {
                *tally.not_run.entry(tool.clone()).or_default() += 1;
            } else if is_expected_refutation(evidence) {
                tally.expected_refutations += 1;
            } else {
                *tally.by_strength.entry(evidence.verdict.strength()).or_default() += 1;
            }
            match &evidence.verdict {
                Verdict::Assumed(_) => tally.assumptions += 1,
                Verdict::Proved(proof) => tally.assumptions += proof.axioms.len(),
                Verdict::Exhausted(exhaustion) | Verdict::Tested(Testing::Reduction(exhaustion))
                    if !exhaustion.reductions.is_empty() =>
                {
                    reduced_models.push(&evidence.obligation.model);
                }
                Verdict::Exhausted(_)
                | Verdict::Bounded { .. }
                | Verdict::Tested(_)
                | Verdict::Refuted(_)
                | Verdict::Vacuous(_)
                | Verdict::Declined(_)
                | Verdict::Failed(_) => {}
            }
        }
        reduced_models.sort_unstable();
        reduced_models.dedup();
        tally.reduced = reduced_models.len();
        tally
    }

    /// Number of obligations with this strength, expected refutations not among them.
    pub fn count(&self, strength: Strength) -> usize {
        self.by_strength.get(&strength).copied().unwrap_or(0)
    }

    /// The weakest verdict of the run. A refutation that was asked for weakens nothing; a run that has nothing else is
    /// `Refuted`. `None` for a run without obligations.
    pub fn weakest(&self) -> Option<Strength> {
        let refuted = (self.expected_refutations > 0).then_some(Strength::Refuted);
        self.by_strength.keys().next().copied().or(refuted)
    }

    /// The weakest strength in one sentence.
    pub fn headline(&self) -> String {
        let Some(weakest) = self.weakest() else {
            return format!("Nothing was checked.{}", self.not_run_words());
        };
        format!("{}{}", self.headline_of(weakest), self.not_run_words())
    }

    /// Number of obligations that were not run for want of an outside tool.
    pub fn not_run_count(&self) -> usize {
        self.not_run.values().sum()
    }

    fn not_run_words(&self) -> String {
        match self.not_run_count() {
            0 => String::new(),
            count => {
                let tools = self.not_run.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                format!(" {count} not run for want of {tools}.")
            }
        }
    }

    fn headline_of(&self, weakest: Strength) -> String {
        let all = self.obligations - self.not_run_count();
        match (all.saturating_sub(self.met), self.count(weakest)) {
            (0, 0) => format!("All {all} obligations met: every one a refutation that was asked for."),
            (0, _) => format!("{}, the weakest {}.", met_words(all), weakest.word()),
            (1, _) if all == 1 => format!("The one obligation is not met: {}.", weakest.word()),
            (unmet, _) => format!("{unmet} of {all} obligations not met, the weakest {}.", weakest.word()),
        }
    }
}

fn met_words(all: usize) -> String {
    if all == 1 { "The one obligation is met".to_owned() } else { format!("All {all} obligations met") }
}

/// What the weakest verdict does and does not promise.
pub fn promise(strength: Strength) -> &'static str {
    match strength {
        Strength::Proved => "Proved: without bound, by a certificate that an independent checker accepted.",
        Strength::Exhausted => {
            "Exhausted: every reachable state of the finite instances above was visited; other constants are not covered."
        }
        Strength::Bounded => "Bounded: nothing was found up to the bound; nothing is said beyond it.",
        Strength::Tested => "Tested: nothing was found in the behaviors that were looked at; others may violate it.",
        Strength::Assumed => "Assumed: taken on trust.",
        Strength::Declined => "Declined: not decided, for the reason given.",
        Strength::Vacuous => "Vacuous: it holds, but for an empty reason; the model does not exercise it.",
        Strength::Refuted => "Refuted: a counterexample exists and was replayed independently.",
        Strength::Failed => "Failed: the specification or the tool broke; nothing is known.",
    }
}
