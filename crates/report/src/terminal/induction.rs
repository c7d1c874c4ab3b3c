//! Counterexamples to induction: states like those of a behavior, and a heading that says that they are none.

use super::{counterexample, heading};
use crate::run::RunReport;
use crate::style::Style;
use verdict::{Counterexample, Evidence, Verdict};

/// Writes the counterexamples to induction of a run.
pub fn write_inductions(out: &mut String, report: &RunReport, style: &Style) {
    for evidence in &report.evidence {
        let Verdict::Declined(decline) = &evidence.verdict else { continue };
        if let Some(found) = &decline.induction {
            write_induction(out, evidence, found, style);
        }
    }
}

fn write_induction(out: &mut String, evidence: &Evidence, found: &Counterexample, style: &Style) {
    heading(out, &format!("{}: a counterexample to induction", evidence.obligation.property), style);
    out.push_str("  Nothing says that its first state can be reached.\n\n");
    counterexample::write_behavior(out, found, style);
    if let Some(file) = evidence.artefacts.get("trace") {
        out.push_str(&format!(
            "\n  The independent checker evaluated these states. To do so again:\n    interlock replay {file}\n"
        ));
    }
}
