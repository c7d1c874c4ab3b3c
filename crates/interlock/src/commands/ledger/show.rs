//! `interlock show`: a recorded run as it was reported then, in any form. The exit code is that of the run.

use super::find;
use crate::cli::ShowArgs;
use crate::command_error::CommandError;
use crate::commands::{outputs, write};
use crate::console::Console;
use ledger::{Ledger, RecordedRun, is_met};
use report::{Gap, PastRun, PastVerdict, RunReport};

/// Runs the command.
pub fn run(args: &ShowArgs, console: &Console) -> Result<u8, CommandError> {
    let (_, ledger) = find::open(&args.of)?;
    let run = find::run(&ledger, args.run)?;
    let mut report = report_of(&run);
    if args.outputs.html.is_some() {
        report.explorations = run.explorations()?;
        report.history = history(&ledger, run.header.run)?;
    }
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
        properties: header.properties.clone(),
        ..RunReport::default()
    }
}

/// The complete runs up to one, oldest first.
pub fn history(ledger: &Ledger, last: u64) -> Result<Vec<PastRun>, CommandError> {
    let runs = ledger.complete_runs()?;
    Ok(runs.iter().filter(|run| run.header.run <= last).map(past_run).collect())
}

/// Distinct states of all models that counted any; the evidence of a model repeats its figures.
fn states(run: &RecordedRun) -> Option<f64> {
    let counted = run.evidence.iter().filter_map(|one| Some((&one.obligation.model, *one.figures.get("distinct")?)));
    let of_model: std::collections::BTreeMap<_, f64> = counted.collect();
    (!of_model.is_empty()).then(|| of_model.values().sum())
}

fn past_run(run: &RecordedRun) -> PastRun {
    let verdict = |evidence: &verdict::Evidence| PastVerdict {
        property: evidence.obligation.property.clone(),
        model: evidence.obligation.model.clone(),
        strength: evidence.verdict.strength(),
        is_met: is_met(run, evidence),
    };
    PastRun {
        run: run.header.run,
        started_unix_ms: run.header.started_unix_ms,
        wall_s: run.header.figures.get("wall_s").copied().unwrap_or(0.0),
        states: states(run),
        verdicts: run.evidence.iter().map(verdict).collect(),
    }
}
