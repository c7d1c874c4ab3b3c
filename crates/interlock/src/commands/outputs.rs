//! The files that a result is written to beside the terminal, all from the same report.

use crate::cli::Outputs;
use crate::command_error::CommandError;
use crate::console::Console;
use report::RunReport;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use verdict::{Evidence, ExitCode, Place};

/// Writes what was asked for; `json` is the file of `--json=FILE`.
///
/// # Errors
/// If a file cannot be written (exit 153).
pub fn write(
    report: &RunReport,
    outputs: &Outputs,
    json: Option<&Path>,
    console: &Console,
) -> Result<(), CommandError> {
    type Writer = fn(&RunReport) -> String;
    let files: [(Option<&Path>, Writer); 5] = [
        (outputs.html.as_deref(), report::html::write_html),
        (outputs.sarif.as_deref(), write_sarif),
        (outputs.junit.as_deref(), report::junit::write_junit),
        (outputs.markdown.as_deref(), report::markdown::write_markdown),
        (json, report::json::write_report),
    ];
    for (path, writer) in files {
        let Some(path) = path else { continue };
        std::fs::write(path, writer(report)).map_err(|error| {
            let message = format!("cannot write {}: {error}", path.display());
            CommandError::new(ExitCode::System, message, "name a file in a folder that exists and is writable")
        })?;
    }
    if outputs.github {
        let annotations = report::github::write_annotations(report);
        if console.json { console.note(&annotations) } else { console.result(&annotations) }
    }
    Ok(())
}

/// SARIF counts columns in the text, so it is read. A file that is gone, or a module that is bundled, has none.
fn write_sarif(report: &RunReport) -> String {
    let paths: BTreeSet<&String> = report.evidence.iter().flat_map(places).map(|place| &place.file).collect();
    let text = |path: &String| Some((path.clone(), std::fs::read_to_string(path).ok()?));
    let sources = paths.into_iter().filter_map(text).collect();
    report::sarif::write_sarif(&RunReport { sources, ..report.clone() })
}

fn places(evidence: &Evidence) -> Vec<&Place> {
    let steps = report::run::trace_of(&evidence.verdict).into_iter().flat_map(|trace| &trace.steps);
    let findings = evidence.findings.iter();
    let found = findings.flat_map(|one| std::iter::once(&one.place).chain(one.related.iter().map(|(place, _)| place)));
    report::words::place(evidence)
        .into_iter()
        .chain(steps.filter_map(|step| step.place.as_ref()))
        .chain(found)
        .collect()
}

/// The file of `--json=FILE`, if one was named.
pub fn json_file(json: &Option<Option<PathBuf>>) -> Option<&Path> {
    json.as_ref().and_then(Option::as_deref)
}

/// Whether stdout carries JSON: `--json` without a file.
pub fn json_on_stdout(json: &Option<Option<PathBuf>>) -> bool {
    matches!(json, Some(None))
}
