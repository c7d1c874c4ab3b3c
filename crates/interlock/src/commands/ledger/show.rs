//! `interlock show`: a recorded run as it was reported then, in any form. The exit code is that of the run.

use super::find;
use crate::cli::ShowArgs;
use crate::command_error::CommandError;
use crate::commands::{outputs, write};
use crate::console::Console;
use ledger::RecordedRun;
use report::{Gap, RunReport};

/// Runs the command.
pub fn run(args: &ShowArgs, console: &Console) -> Result<u8, CommandError> {
    let (_, ledger) = find::open(&args.of)?;
    let report = report_of(&find::run(&ledger, args.run)?);
    outputs::write(&report, &args.outputs, outputs::json_file(&args.json), console)?;
    write(&report, console);
    Ok(report.exit_code)
}

/// The report of a recorded run.
pub fn report_of(run: &RecordedRun) -> RunReport {
    let header = &run.header;
    let gap = |gap: &ledger::RecordedGap| Gap { property: gap.property.clone(), reason: gap.reason.clone() };
    RunReport {
        title: header.title.clone(),
        command: "check".to_owned(),
        tool_version: header.tool_version.clone(),
        evidence: run.evidence.clone(),
        gaps: header.gaps.iter().map(gap).collect(),
        suppressions: header.suppressions.clone(),
        warnings: header.warnings.clone(),
        figures: header.figures.clone(),
        recorded_in: Some(run.folder.display().to_string()),
        required: header.required,
        exit_code: header.exit_code,
    }
}
