//! The report for a person at a terminal.
//!
//! Order: a table with one line for each obligation, the instances that were explored, every refutation as a behavior
//! that can be read, failures, and last the summary, because the last lines are what stays on the screen. Terse by
//! default: a refutation that was asked for takes a few lines, many of them one line, one that was not takes the page.

mod counterexample;
mod coverage;
mod failure;
mod induction;
mod instances;
mod summary;
mod table;

pub use failure::RENDERED;

use crate::run::{RunReport, is_expected_refutation};
use crate::style::{Style, wrap_hanging};
use verdict::{Counterexample, Verdict};

/// More refutations that were asked for than this are told in one line.
const FEW: usize = 3;

/// The whole report.
pub fn write_report(report: &RunReport, style: &Style) -> String {
    let mut out = String::new();
    table::write_table(&mut out, report, style);
    if !style.quiet {
        instances::write_instances(&mut out, report, style);
        instances::write_samples(&mut out, report, style);
    }
    for evidence in &report.evidence {
        if let Verdict::Refuted(refutation) = &evidence.verdict
            && (!report.is_met(evidence) || style.full)
        {
            counterexample::write_counterexample(&mut out, evidence, refutation, style);
        }
    }
    induction::write_inductions(&mut out, report, style);
    if !style.quiet && !style.full {
        write_expected_refutations(&mut out, report, style);
    }
    failure::write_failures(&mut out, report, style);
    coverage::write_coverage(&mut out, report, style);
    summary::write_summary(&mut out, report, style);
    out
}

/// A behavior alone, state by state.
pub fn write_behavior(counterexample: &Counterexample, style: &Style) -> String {
    let mut out = String::new();
    counterexample::write_behavior(&mut out, counterexample, style);
    out
}

/// Refutations that were asked for: each in a few lines if there are few, else one line for all of them.
fn write_expected_refutations(out: &mut String, report: &RunReport, style: &Style) {
    let expected = || report.evidence.iter().filter(|evidence| is_expected_refutation(evidence));
    let number = expected().count();
    if number <= FEW {
        for evidence in expected() {
            if let Verdict::Refuted(refutation) = &evidence.verdict {
                counterexample::write_expected(out, evidence, refutation, style);
            }
        }
        return;
    }
    let folder = report.recorded_in.as_ref().map_or_else(String::new, |folder| format!(" and {folder}/traces has"));
    out.push('\n');
    let text = format!(
        "{number} refutations were asked for and found, each replayed by an independent checker; --full shows{folder} them."
    );
    wrap_hanging(out, &text, 0, 2, style.width);
}

/// Starts a new section.
fn heading(out: &mut String, text: &str, style: &Style) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&style.paint(crate::Ink::Strong, text));
    out.push('\n');
}
