//! `interlock rules`: the structural rules of a project, read and tested.

use crate::cli::RulesTestArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use native_scan::rules::{ExampleResult, StructuralRule, read_rules, run_examples};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use verdict::ExitCode;

/// Every example is judged as it says.
const PASSED: u8 = 0;
/// Some is not.
const FAILED: u8 = 1;

pub(super) fn test(args: &RulesTestArgs, console: &Console) -> Result<u8, CommandError> {
    let config = super::scan::configuration(args.config.as_deref())?;
    let rules = read(&args.paths)?;
    let results = run_examples(&rules, &config);
    console.result(&table(&results));
    Ok(if results.iter().all(|result| result.failures.is_empty()) { PASSED } else { FAILED })
}

fn table(results: &[ExampleResult]) -> String {
    let width = results.iter().map(|result| result.rule.len()).max().unwrap_or(0).max(4);
    let mut out = format!("{:width$}  bad  good  absent  result\n", "rule");
    for ExampleResult { rule, counts: (bad, good, absent), failures } in results {
        let word = if failures.is_empty() { "ok" } else { "FAILED" };
        let _ = writeln!(out, "{rule:width$}  {bad:>3}  {good:>4}  {absent:>6}  {word}");
        for failure in failures {
            let _ = writeln!(out, "{:width$}  {failure}", "");
        }
    }
    let failed = results.iter().filter(|result| !result.failures.is_empty()).count();
    let _ = writeln!(out, "{} rules, {failed} failed", results.len());
    out
}

/// The rules of some folders and files, by the names of the files.
pub fn read(paths: &[PathBuf]) -> Result<Vec<StructuralRule>, CommandError> {
    let mut rules: Vec<StructuralRule> = Vec::new();
    for path in paths {
        for file in files(path)? {
            let shown = file.display().to_string();
            let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            let read = read_rules(&shown, &text).map_err(|message| {
                CommandError::new(ExitCode::Configuration, message, "docs/scan.md describes rules and their examples")
            })?;
            for rule in read {
                if let Some(known) = rules.iter().find(|known| known.id == rule.id) {
                    let message = format!("{shown}: rule `{}` is in {} too", rule.id, known.file);
                    return Err(CommandError::new(ExitCode::Configuration, message, "give one of them another id"));
                }
                rules.push(rule);
            }
        }
        if rules.is_empty() {
            let message = format!("{}: no rule", path.display());
            return Err(CommandError::new(ExitCode::Usage, message, "name a folder with files that end in .yaml"));
        }
    }
    Ok(rules)
}

fn files(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
        let entry = entry.map_err(|error| unreadable(path, &error))?.path();
        if entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}

fn unreadable(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::new(ExitCode::System, format!("{}: {error}", path.display()), "check the path")
}
