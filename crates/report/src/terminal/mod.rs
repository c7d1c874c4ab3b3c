//! The report for a person at a terminal.
//!
//! Order: a table with one line for each obligation, the instances that were explored, every refutation as a behavior
//! that can be read, failures, and last the summary, because the last lines are what stays on the screen. Terse by
//! default: a refutation that was asked for takes two lines, one that was not takes the page.

mod counterexample;
mod failure;
mod instances;
mod summary;
mod table;

pub use failure::RENDERED;

use crate::run::{RunReport, is_met};
use crate::style::Style;
use verdict::Verdict;

/// The whole report.
pub fn write_report(report: &RunReport, style: &Style) -> String {
    let mut out = String::new();
    table::write_table(&mut out, report, style);
    if !style.quiet {
        instances::write_instances(&mut out, report, style);
    }
    for evidence in &report.evidence {
        if let Verdict::Refuted(refutation) = &evidence.verdict {
            if !is_met(evidence) || style.full {
                counterexample::write_counterexample(&mut out, evidence, refutation, style);
            } else if !style.quiet {
                counterexample::write_expected(&mut out, evidence, refutation, style);
            }
        }
    }
    failure::write_failures(&mut out, report, style);
    summary::write_summary(&mut out, report, style);
    out
}

/// Starts a new section.
fn heading(out: &mut String, text: &str, style: &Style) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&style.paint(crate::Ink::Strong, text));
    out.push('\n');
}
