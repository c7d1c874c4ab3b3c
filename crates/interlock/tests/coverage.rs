//! `--coverage` and `--profile`: counts of expressions, against those that TLC 2.20 prints for the same specifications.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn run(folder_name: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(arguments).current_dir(folder(folder_name)).output().expect("the program")
}

fn report(arguments: &[&str]) -> (Option<i32>, Value) {
    let output = run("coverage", &[&["tla", "check", "Branches", "--json"], arguments].concat());
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), report)
}

/// Evaluations by `line:column-line:column`, over all parts.
fn evaluations(report: &Value) -> BTreeMap<String, u64> {
    let parts = report["coverage"]["parts"].as_array().expect("parts");
    let expressions = parts.iter().flat_map(|part| part["expressions"].as_array().expect("expressions"));
    let place = |expression: &Value| {
        let at = |field: &str| expression["place"][field].as_u64().expect("a number");
        format!("{}:{}-{}:{}", at("line"), at("column"), at("end_line"), at("end_column"))
    };
    expressions.map(|one| (place(one), one["evaluations"].as_u64().expect("a count"))).collect()
}

/// Counts of TLC's `-coverage 1` for the same model, but for guards, which it counts differently; see below.
const OF_TLC: [(&str, u64); 22] = [
    ("6:9-6:16", 1),
    ("6:21-6:29", 1),
    ("6:43-6:48", 1),
    ("9:15-9:30", 18),
    ("10:15-10:35", 18),
    ("10:23-10:35", 18),
    ("10:33-10:35", 18),
    ("11:15-11:28", 18),
    ("13:18-13:25", 18),
    ("13:32-13:40", 0),
    ("13:47-13:62", 18),
    ("14:15-14:32", 18),
    ("15:15-15:30", 18),
    ("16:13-16:20", 14),
    ("17:13-17:28", 0),
    ("18:13-18:36", 0),
    ("22:8-24:31", 14),
    ("22:11-22:23", 14),
    ("23:23-23:31", 2),
    ("24:11-24:31", 14),
    ("24:27-24:31", 18),
    ("21:10-21:18", 38),
];

#[test]
fn expressions_have_the_counts_of_tlc_whatever_the_workers() {
    let (exit, alone) = report(&["--coverage", "--workers", "1"]);
    assert_eq!(exit, Some(0), "{alone:#}");
    let counts = evaluations(&alone);
    for (place, count) in OF_TLC {
        assert_eq!(counts.get(place), Some(&count), "{place} in {counts:?}");
    }
    // TLC says 42 for `p \notin held` (its 24 evaluations and the 18 that were true) and 18 for `free > 0`.
    assert_eq!((counts["7:15-7:22"], counts["8:15-8:27"], counts["12:15-12:24"]), (42, 24, 42));
    let (_, together) = report(&["--coverage", "--workers", "3"]);
    assert_eq!(together["coverage"], alone["coverage"]);
    for field in ["generated", "distinct", "depth"] {
        assert_eq!(report(&[]).1[field], alone[field], "{field}");
    }
}

#[test]
fn what_was_never_used_is_found() {
    let (_, report) = report(&["--coverage"]);
    let texts = |field: &str| -> Vec<String> {
        let unused = report["coverage"][field].as_array().expect("a list");
        unused.iter().map(|one| format!("{} {}", one["place"]["line"], one["text"].as_str().unwrap_or(""))).collect()
    };
    assert_eq!(texts("never_enabled"), ["16 Break"]);
    // Only the outermost expressions: `turn - 1` is part of one of them.
    let expected = ["13 free' = 0", "17 turn' = turn - 1", "18 UNCHANGED <<free, held>>"];
    assert_eq!(texts("never_evaluated"), expected);
    // A search that ended early says nothing about what it did not see.
    let (_, part) = self::report(&["--coverage", "--max-depth", "1"]);
    assert_eq!(part["coverage"]["never_evaluated"], Value::Array(Vec::new()));
}

#[test]
fn a_profile_names_what_took_the_time() {
    let (exit, report) = report(&["--profile"]);
    assert_eq!(exit, Some(0), "{report:#}");
    let coverage = &report["coverage"];
    // The initial states and 14 states; one in eight is timed.
    assert_eq!((coverage["states"].as_u64(), coverage["timed_states"].as_u64()), (Some(15), Some(2)));
    let parts = coverage["parts"].as_array().expect("parts");
    let of = |role: &str| parts.iter().find(|part| part["role"] == role).and_then(|part| part["total_ns"].as_u64());
    for role in ["init", "action", "invariant", "constraint"] {
        assert!(of(role) > Some(0), "{role} in {coverage:#}");
    }
    let expressions = parts.iter().flat_map(|part| part["expressions"].as_array().expect("expressions"));
    for one in expressions {
        assert!(one["self_ns"].as_u64() <= one["total_ns"].as_u64(), "{one:#}");
    }
    let text = run("coverage", &["tla", "check", "Branches", "--profile", "--color", "never"]);
    let text = String::from_utf8_lossy(&text.stdout);
    for words in ["Where the time goes", "measured while 2 of 15 states were expanded", "by the interpreter"] {
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{words} is missing in\n{text}");
    }
}

#[test]
fn what_counts_is_the_interpreter() {
    let (exit, report) = report(&["--coverage", "--engine", "compile"]);
    assert_eq!(exit, Some(151), "{report:#}");
    assert!(report.to_string().contains("expressions cannot be counted in machine code"), "{report:#}");
    let (_, report) = self::report(&["--coverage", "--search", "dfid"]);
    assert!(report["warnings"].to_string().contains("not counted in a depth-first search"), "{report:#}");
    assert!(report.get("coverage").is_none());
}

#[test]
fn the_stream_of_events_has_the_counts() {
    let output = run("coverage", &["tla", "check", "Branches", "--coverage", "--events", "-"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let explored = text.lines().find(|line| line.contains("\"event\":\"explored\"")).expect("the event");
    let event: Value = serde_json::from_str(explored).expect("JSON");
    assert_eq!(evaluations(&event)["24:27-24:31"], 18);
}

/// Lines of messages 2221 and 2775 as place and first count.
fn told(text: &str) -> BTreeMap<String, u64> {
    let line = |line: &str| {
        let (place, counts) = line.trim_start_matches([' ', '|']).split_once(" of module Slots: ")?;
        let count = counts.split(':').next()?.parse().ok()?;
        (line.starts_with("  ") && place.starts_with("line ")).then(|| (place.to_owned(), count))
    };
    text.lines().filter_map(line).collect()
}

/// TLC counts a guard when it is evaluated and once more when it is true.
#[test]
fn messages_for_editors_are_those_of_tlc_but_for_guards() {
    let recorded = std::fs::read_to_string(folder("tlc").join("recorded/Slots.tool.txt")).expect("a recorded run");
    let output = run("tlc", &["tlc", "-tool", "-coverage", "1", "-workers", "1", "-config", "Slots.cfg", "Slots"]);
    let (theirs, ours) = (told(&recorded), told(&String::from_utf8_lossy(&output.stdout)));
    let both: Vec<_> = ours.iter().filter_map(|(place, count)| Some((place, *count, *theirs.get(place)?))).collect();
    assert!(both.len() >= 25, "{both:?}");
    let differing: Vec<_> = both.iter().filter(|(_, ours, theirs)| ours != theirs).collect();
    let guards = [
        (&"line 12, col 8 to line 12, col 18".to_owned(), 28, 36),
        (&"line 13, col 11 to line 13, col 20".to_owned(), 12, 20),
        (&"line 18, col 8 to line 18, col 18".to_owned(), 14, 22),
    ];
    assert_eq!(differing, guards.iter().collect::<Vec<_>>());
}
