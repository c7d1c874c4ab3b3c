//! `interlock scan`: concurrency and lifetime bugs of C, C++ and Objective-C++, without a build.
//!
//! Exit codes are those of a linter: 0 nothing found, 1 findings, 2 something could not be analysed.

mod change;

use crate::cli::{ScanArgs, ScanFormat};
use crate::command_error::CommandError;
use crate::console::Console;
use crate::native::{self, Where, read_baseline};
use native_scan::review::{Review, review};
use native_scan::{Config, Coverage, RULES, annotate};
use report::number::counted;
use report::scan::{ScanReport, annotations, write_json, write_sarif, write_text};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use verdict::ExitCode;

/// Nothing found that is more than a note.
const CLEAN: u8 = 0;
/// Findings.
const FINDINGS: u8 = 1;
/// Something could not be analysed.
const NOT_ANALYSED: u8 = 2;

pub(super) fn run(args: &ScanArgs, console: &Console) -> Result<u8, CommandError> {
    if let Some(rule) = &args.explain {
        return explain(rule, console);
    }
    let config = configuration(args.config.as_deref())?;
    let baseline = args.baseline.as_deref().map(read_baseline).transpose()?;
    let changes = args.since.as_deref().map(|commit| change::since(commit, &args.paths)).transpose()?;
    let workers = args.workers.unwrap_or(crate::cli::Workers::Auto).number();
    let mut input = native::read(Where { paths: &args.paths, base: None }, &config, args.cache.as_deref(), workers)?;
    let rules = if args.rules.is_empty() { Vec::new() } else { super::rules::read(&args.rules)? };
    let texts = if rules.is_empty() { Vec::new() } else { input.texts() };
    let mut outcome = native_scan::scan_with(&input.files, &texts, &rules, &config, workers);
    outcome.coverage.refused.append(&mut input.unreadable);
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let review = review(outcome.findings, &input.files, &ids, baseline.as_ref(), changes.as_ref());
    let exit_code = exit_code(&review, &outcome.coverage, args.strict);
    if let Some(path) = &args.write_baseline {
        write_baseline(path, &review)?;
    }
    if let Some(path) = &args.annotate {
        annotate(path, &input, &config, workers, console)?;
    }
    let sources = sources(&review);
    let report = ScanReport {
        review: &review,
        coverage: &outcome.coverage,
        rules: &outcome.rules,
        sources: &sources,
        exit_code,
    };
    if let Some(path) = &args.sarif {
        write_file(path, &write_sarif(&report))?;
    }
    let text = match (args.json, args.format) {
        (true, _) => write_json(&report),
        (false, ScanFormat::Github) => annotations(&report),
        (false, ScanFormat::Text) => write_text(&report, &console.style, args.notes),
    };
    console.result(&text);
    Ok(exit_code)
}

fn exit_code(review: &Review, coverage: &Coverage, strict: bool) -> u8 {
    let incomplete = !coverage.refused.is_empty() || !coverage.partial.is_empty();
    let nothing_read = coverage.refused.len() >= coverage.files.max(1);
    if nothing_read || strict && (incomplete || !review.remarks.is_empty()) {
        NOT_ANALYSED
    } else if review.has_findings() {
        FINDINGS
    } else {
        CLEAN
    }
}

/// The documentation of one rule, or the list of all.
fn explain(rule: &str, console: &Console) -> Result<u8, CommandError> {
    if rule == "list" {
        let mut text = String::new();
        for rule in &RULES {
            text.push_str(&format!("{:24} {}\n", rule.id, rule.summary));
        }
        console.result(&text);
        return Ok(CLEAN);
    }
    match RULES.iter().find(|known| known.id == rule) {
        Some(found) => {
            console.result(&format!("{}: {}\n\n{}\n", found.id, found.summary, found.documentation()));
            Ok(CLEAN)
        }
        None => {
            let names: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
            let message = format!("there is no rule `{rule}`");
            Err(CommandError::new(ExitCode::Usage, message, format!("rules: {}", names.join(", "))))
        }
    }
}

pub fn configuration(path: Option<&Path>) -> Result<Config, CommandError> {
    let text = match path {
        Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
            let message = format!("{}: {error}", path.display());
            CommandError::new(ExitCode::System, message, "name a file with the tables of docs/scan.md")
        })?),
        None => None,
    };
    Config::with(text.as_deref()).map_err(|error| {
        let place = path.map_or(String::new(), |path| format!("{}: ", path.display()));
        CommandError::new(ExitCode::Configuration, format!("{place}{error}"), "docs/scan.md lists the tables and keys")
    })
}

fn write_baseline(path: &Path, review: &Review) -> Result<(), CommandError> {
    let mut text =
        String::from("# Findings that are known: fingerprint, rule, place and function when it was written.\n");
    for finding in &review.findings {
        let spot = &finding.spot;
        text.push_str(&format!(
            "{} {} {}:{} {}\n",
            finding.fingerprint, finding.rule, spot.file, spot.line, spot.function
        ));
    }
    write_file(path, &text)
}

fn write_file(path: &Path, text: &str) -> Result<(), CommandError> {
    std::fs::write(path, text).map_err(|error| {
        CommandError::new(
            ExitCode::System,
            format!("{}: {error}", path.display()),
            "check the folder and its permissions",
        )
    })
}

/// Writes the inferred guards as a patch, with the paths as they were given.
fn annotate(
    path: &Path,
    input: &native::Input,
    config: &Config,
    workers: usize,
    console: &Console,
) -> Result<(), CommandError> {
    let texts = input.texts();
    let found = annotate::annotations(&input.files, &texts, config, workers);
    let mut patch = String::new();
    for (number, (file, text)) in input.files.iter().zip(&texts).enumerate() {
        let own = found.insertions.iter().filter(|insertion| insertion.file == number);
        let own: Vec<(usize, String)> = own.map(|insertion| (insertion.offset, insertion.text.clone())).collect();
        // What is not UTF-8 cannot be patched as text.
        if let Ok(text) = std::str::from_utf8(text) {
            patch.push_str(&report::patch::unified(file.path.trim_start_matches("./"), text, &own));
        }
    }
    write_file(path, &patch)?;
    console.note(&format!(
        "{}: {}, {} that cannot be written so\n",
        path.display(),
        counted(found.insertions.len(), "annotation"),
        found.left_out
    ));
    Ok(())
}

/// Texts of the files that findings speak of.
fn sources(review: &Review) -> BTreeMap<String, String> {
    let places = review
        .findings
        .iter()
        .flat_map(|finding| std::iter::once(&finding.spot).chain(finding.related.iter().map(|related| &related.spot)));
    let paths: BTreeSet<&String> = places.map(|spot| &spot.file).collect();
    paths
        .into_iter()
        .filter_map(|path| {
            let bytes = std::fs::read(path).ok()?;
            Some((path.clone(), String::from_utf8_lossy(&bytes).into_owned()))
        })
        .collect()
}
