//! `interlock gaps`: what nobody has looked at.
//!
//! Five kinds of gaps: functions that synchronise and that no property speaks about; properties without evidence;
//! evidence about code that has changed since; anchors that lead nowhere; dangerous patterns in the source, found by the
//! scan, that no model covers: nothing that a model is to show speaks about the functions that they lie in. The newest complete run of the ledger that has
//! evidence about a property is what counts for it. Tests synchronise too, but promise nothing, and are left out.

use crate::anchors::{Function, Sources};
use crate::cli::GapsArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::scan::ScanEngine;
use crate::pipeline::find_gaps;
use crate::project::{Project, Scan};
use ledger::{Drift, Drifted, Ledger, RecordedAnchor, RecordedRun, drift, is_met};
use report::number::counted;
use report::style::wrap_hanging;
use report::{Gap, Ink};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use verdict::{Evidence, ExitCode, Expectation, Finding};

/// All that is missing.
struct Missing<'s> {
    unanchored: Vec<&'s Function>,
    without_evidence: Vec<Gap>,
    stale: Vec<(u64, Drifted)>,
    uncovered: Vec<Finding>,
}

/// A row of the matrix: what the tools say of a property, and where the code is.
struct Row {
    property: String,
    said: Vec<(String, String)>,
    places: Vec<String>,
}

/// Runs the command.
pub fn run(args: &GapsArgs, console: &Console) -> Result<u8, CommandError> {
    let project = Project::load(&args.path)?;
    let sources = Sources::of(&project)?;
    let runs = Ledger::of_project(&project.folder).complete_runs()?;
    let missing = Missing { uncovered: uncovered(&project, &sources)?, ..missing(&project, &sources, &runs) };
    let rows = matrix(&project, &sources, &runs);
    let text = if console.json {
        format!("{:#}\n", as_json(&project, &sources, &missing, &rows))
    } else {
        let rows = if args.matrix { rows.as_slice() } else { &[] };
        as_text(&project, &sources, &missing, rows, console)
    };
    console.result(&text);
    let is_complete = missing.unanchored.is_empty()
        && missing.without_evidence.is_empty()
        && missing.stale.is_empty()
        && missing.uncovered.is_empty()
        && sources.complaints.is_empty();
    Ok(if is_complete { ExitCode::Success.code() } else { ExitCode::Inconclusive.code() })
}

fn missing<'s>(project: &Project, sources: &'s Sources, runs: &[RecordedRun]) -> Missing<'s> {
    let unanchored = |function: &&Function| {
        !function.synchronisation.is_empty() && function.properties.is_empty() && !function.is_test
    };
    let newest: BTreeMap<&str, &RecordedRun> = project
        .properties
        .iter()
        .filter_map(|property| Some((property.id.as_str(), newest_about(&property.id, runs)?)))
        .collect();
    let evidence: Vec<Evidence> = newest
        .iter()
        .flat_map(|(id, run)| run.evidence.iter().filter(|one| one.obligation.property == **id).cloned())
        .collect();
    Missing {
        unanchored: sources.functions.iter().filter(unanchored).collect(),
        without_evidence: find_gaps(&project.properties, &evidence),
        stale: stale(&newest, &sources.anchors()),
        uncovered: Vec::new(),
    }
}

/// Findings of the scan in functions that no property is anchored to which a model is to show.
fn uncovered(project: &Project, sources: &Sources) -> Result<Vec<Finding>, CommandError> {
    let to_hold = project.models.iter().filter(|model| model.expectation == Expectation::Holds);
    let modelled: BTreeSet<&String> = to_hold.flat_map(|model| model.properties.iter().map(|(_, id)| id)).collect();
    let is_covered = |finding: &Finding| {
        let places = std::iter::once((&finding.place.file, finding.place.line));
        let places = places.chain(finding.related.iter().map(|(place, _)| (&place.file, place.line)));
        places.into_iter().any(|(file, line)| {
            let own =
                sources.functions.iter().filter(|function| project.folder.join(&function.file) == Path::new(file));
            // Of functions that begin before it, the last one is what a line lies in.
            let function = own.filter(|function| function.line <= line).max_by_key(|function| function.line);
            function.is_some_and(|function| function.properties.iter().any(|id| modelled.contains(id)))
        })
    };
    let workers = crate::cli::Workers::Auto.number();
    let mut found = Vec::new();
    for scan in Scan::all_of(project) {
        let engine = ScanEngine::new(scan, &project.folder.join(".interlock/cache"));
        found.extend(engine.everything(workers)?.0.into_iter().filter(|finding| !is_covered(finding)));
    }
    Ok(found)
}

/// The newest run with evidence that the property holds.
fn newest_about<'r>(property: &str, runs: &'r [RecordedRun]) -> Option<&'r RecordedRun> {
    let about =
        |one: &Evidence| one.obligation.property == property && one.obligation.expectation == Expectation::Holds;
    runs.iter().rev().find(|run| run.evidence.iter().any(about))
}

fn stale(newest: &BTreeMap<&str, &RecordedRun>, now: &[RecordedAnchor]) -> Vec<(u64, Drifted)> {
    let of = |anchors: &[RecordedAnchor], property: &str| -> Vec<RecordedAnchor> {
        anchors.iter().filter(|anchor| anchor.property == property).cloned().collect()
    };
    let drifted = newest.iter().flat_map(|(property, run)| {
        let then = of(&run.header.anchors, property);
        drift(&then, &of(now, property)).into_iter().map(|one| (run.header.run, one))
    });
    drifted.collect()
}

fn matrix(project: &Project, sources: &Sources, runs: &[RecordedRun]) -> Vec<Row> {
    let row = |property: &verdict::Property| {
        let said = newest_about(&property.id, runs).map_or_else(Vec::new, |run| said(&property.id, run));
        let places = sources.functions.iter().filter(|function| function.properties.contains(&property.id));
        let places =
            places.map(|function| format!("{} ({}:{})", function.name, function.file, function.line)).collect();
        Row { property: property.id.clone(), said, places }
    };
    project.properties.iter().map(row).collect()
}

/// For each engine the weakest of what it says where the property has to hold.
fn said(property: &str, run: &RecordedRun) -> Vec<(String, String)> {
    let mut weakest: BTreeMap<&str, (&Evidence, bool)> = BTreeMap::new();
    for one in &run.evidence {
        if one.obligation.property != property || one.obligation.expectation != Expectation::Holds {
            continue;
        }
        let entry = weakest.entry(&one.obligation.engine).or_insert((one, is_met(run, one)));
        if one.verdict.strength() < entry.0.verdict.strength() {
            *entry = (one, is_met(run, one));
        }
    }
    let word = |(one, met): (&Evidence, bool)| {
        format!("{}{}", one.verdict.strength().word(), if met { "" } else { ", not met" })
    };
    weakest.into_iter().map(|(engine, found)| (engine.to_owned(), word(found))).collect()
}

fn as_text(project: &Project, sources: &Sources, missing: &Missing<'_>, rows: &[Row], console: &Console) -> String {
    let style = &console.style;
    let mut text = String::new();
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&format!("{}\n", style.paint(Ink::Strong, title)));
            for line in lines {
                wrap_hanging(&mut text, &line, 2, 4, style.width);
            }
            text.push('\n');
        }
    };
    section(
        "Functions that synchronise, and no property speaks about them",
        missing.unanchored.iter().map(unanchored_line).collect(),
    );
    section(
        "Properties without evidence",
        missing.without_evidence.iter().map(|gap| format!("{}: {}", gap.property.id, gap.reason)).collect(),
    );
    section("Evidence about other code than this", missing.stale.iter().map(stale_line).collect());
    section("Dangerous patterns that no model covers", missing.uncovered.iter().map(uncovered_line).collect());
    section("Anchors that lead nowhere", sources.complaints.clone());
    section("Not read", sources.unread.clone());
    section("Properties, tools and places", rows.iter().map(row_line).collect());
    let anchored: BTreeSet<&String> = sources.functions.iter().flat_map(|function| &function.properties).collect();
    let line = format!(
        "{} of {} properties have an anchor, in {} of {} files; {} without a property, {} without evidence, {} stale, {} that no model covers, {} that lead nowhere, {} not read.",
        project.properties.iter().filter(|property| anchored.contains(&property.id)).count(),
        project.properties.len(),
        counted(sources.functions.iter().filter(|function| !function.properties.is_empty()).count(), "function"),
        sources.files,
        missing.unanchored.len(),
        missing.without_evidence.len(),
        missing.stale.len(),
        counted(missing.uncovered.len(), "finding"),
        sources.complaints.len(),
        sources.unread.len(),
    );
    wrap_hanging(&mut text, &line, 0, 2, style.width);
    if project.sources.is_empty() {
        text.push_str("The project file names no [sources], so no code was looked at.\n");
    }
    text
}

fn unanchored_line(function: &&Function) -> String {
    let words = function.synchronisation.join(", ");
    format!("{}:{}  {}  ({words})", function.file, function.line, function.name)
}

fn uncovered_line(finding: &Finding) -> String {
    format!("{}  {}  {}: {}", finding.place, finding.function, finding.rule, finding.message)
}

fn stale_line((run, drifted): &(u64, Drifted)) -> String {
    let what = match drifted.drift {
        Drift::Changed => "has changed",
        Drift::Gone => "is gone, or no longer anchored",
        Drift::New => "was not anchored",
    };
    let since = match drifted.drift {
        Drift::Changed | Drift::Gone => "since run",
        Drift::New => "in run",
    };
    format!("{}: {} in {} {what} {since} {run}", drifted.property, drifted.function, drifted.file)
}

fn row_line(row: &Row) -> String {
    let said: Vec<String> = row.said.iter().map(|(engine, word)| format!("{engine} {word}")).collect();
    let or_nothing = |text: String, nothing: &str| if text.is_empty() { nothing.to_owned() } else { text };
    let said = or_nothing(said.join("; "), "no evidence");
    let places = or_nothing(row.places.join("; "), "no place");
    format!("{}: {said}; {places}", row.property)
}

fn as_json(project: &Project, sources: &Sources, missing: &Missing<'_>, rows: &[Row]) -> Value {
    let unanchored = missing.unanchored.iter().map(|function| {
        json!({ "file": function.file, "line": function.line, "function": function.name,
            "synchronisation": function.synchronisation })
    });
    let without = missing.without_evidence.iter();
    let without = without.map(|gap| json!({ "property": gap.property.id, "reason": gap.reason }));
    let stale = missing.stale.iter().map(|(run, drifted)| {
        let what = match drifted.drift {
            Drift::Changed => "changed",
            Drift::Gone => "gone",
            Drift::New => "new",
        };
        json!({ "property": drifted.property, "file": drifted.file, "function": drifted.function, "run": run,
            "what": what })
    });
    let uncovered = missing.uncovered.iter().map(|one| {
        json!({ "rule": one.rule, "fingerprint": one.fingerprint, "file": one.place.file, "line": one.place.line,
            "function": one.function, "message": one.message })
    });
    let rows = rows.iter().map(|row| {
        let said: BTreeMap<&String, &String> = row.said.iter().map(|(engine, word)| (engine, word)).collect();
        json!({ "property": row.property, "tools": said, "places": row.places })
    });
    json!({
        "format": "interlock-gaps",
        "version": 1,
        "project": project.name,
        "files": sources.files,
        "functions_without_property": unanchored.collect::<Vec<_>>(),
        "properties_without_evidence": without.collect::<Vec<_>>(),
        "stale": stale.collect::<Vec<_>>(),
        "patterns_without_model": uncovered.collect::<Vec<_>>(),
        "anchors_that_lead_nowhere": sources.complaints,
        "not_read": sources.unread,
        "matrix": rows.collect::<Vec<_>>(),
    })
}
