//! `check --baseline` and `--write-baseline`: known findings, and what becomes of them.
//!
//! A finding that is excused stays in the report as what it is, not met, and is counted as a suppression; only the exit
//! code leaves it out. One that the file knows and the run does not have is a warning, so that a baseline shrinks.

use crate::command_error::CommandError;
use ledger::Baseline;
use report::RunReport;
use std::path::Path;
use verdict::{Evidence, ExitCode};

/// Reads the file.
pub fn read(path: &Path) -> Result<Baseline, CommandError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read the baseline {}: {error}", path.display());
        CommandError::new(ExitCode::Configuration, message, "write one with --write-baseline FILE")
    })?;
    Baseline::parse(&text).map_err(|reason| {
        let message = format!("{} is no baseline: {reason}", path.display());
        CommandError::new(ExitCode::Configuration, message, "write one with --write-baseline FILE")
    })
}

/// Says in the report what is excused and what the file no longer needs; `is_whole` if every model was run.
pub fn tell(report: &mut RunReport, baseline: &Baseline, is_whole: bool) {
    let unmet: Vec<&Evidence> = report.evidence.iter().filter(|one| !report.is_met(one)).collect();
    let excused = unmet.iter().filter(|one| baseline.excuses(one)).map(|one| {
        let obligation = &one.obligation;
        let word = one.verdict.strength().word();
        format!("known finding: {} in {} is {word} (--baseline)", obligation.property, obligation.model)
    });
    let excused: Vec<String> = excused.collect();
    let outlived: Vec<String> = match is_whole {
        true => baseline
            .outlived(&unmet)
            .into_iter()
            .map(|finding| {
                let word = finding.strength.word();
                format!(
                    "the baseline knows that {} in {} is {word}, which it is not: take it out",
                    finding.property, finding.model
                )
            })
            .collect(),
        false => Vec::new(),
    };
    report.suppressions.extend(excused);
    report.warnings.extend(outlived);
}

/// Writes what is not met now as a baseline.
pub fn write(report: &RunReport, path: &Path) -> Result<(), CommandError> {
    let baseline = Baseline::of(report.evidence.iter().filter(|one| !report.is_met(one)));
    std::fs::write(path, baseline.write()).map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        CommandError::new(ExitCode::System, message, "name a file in a folder that exists and is writable")
    })
}
