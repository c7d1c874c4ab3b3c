//! The files that a result is written to beside the terminal, all from the same report.

use crate::cli::Outputs;
use crate::command_error::CommandError;
use crate::console::Console;
use report::RunReport;
use std::path::{Path, PathBuf};
use verdict::ExitCode;

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
        (outputs.sarif.as_deref(), report::sarif::write_sarif),
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

/// The file of `--json=FILE`, if one was named.
pub fn json_file(json: &Option<Option<PathBuf>>) -> Option<&Path> {
    json.as_ref().and_then(Option::as_deref)
}

/// Whether stdout carries JSON: `--json` without a file.
pub fn json_on_stdout(json: &Option<Option<PathBuf>>) -> bool {
    matches!(json, Some(None))
}
