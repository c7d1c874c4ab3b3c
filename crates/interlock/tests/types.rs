//! `@type` comments: what is wrong with them is told with both places, and changes no verdict.

mod program;

use program::interlock;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

fn folder(body: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets\n{body}\n====\n");
    std::fs::write(folder.path().join("T.tla"), text).expect("a module");
    std::fs::write(folder.path().join("T.cfg"), "INIT Init NEXT Next INVARIANT Inv\n").expect("a configuration");
    folder
}

fn prove(folder: &Path, flags: &[&str]) -> Value {
    let output = interlock(folder, &[&["tla", "prove", "T", "--no-deadlock", "--json"], flags].concat());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn warnings(report: &Value) -> Vec<String> {
    let warnings = report["warnings"].as_array().expect("warnings");
    warnings.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}

/// A queue of a few numbers, with what is declared of it.
fn queue(declared: &str) -> String {
    format!(
        "VARIABLE\n  \\* @type: {declared};\n  queue\nInit == queue = <<>>\n\
         Next == Len(queue) < 3 /\\ \\E n \\in 1..2 : queue' = Append(queue, n)\nInv == Len(queue) < 4"
    )
}

#[test]
fn a_contradiction_changes_no_verdict() {
    for (declared, told) in [("Seq(Int)", false), ("Set(Int)", true), ("Seq(Str)", true), ("Queue", true)] {
        let folder = folder(&queue(declared));
        let report = prove(folder.path(), &[]);
        assert_eq!(report["properties"][0]["verdict"], "proved", "{declared}: {report}");
        let warnings = warnings(&report);
        assert_eq!(!warnings.is_empty(), told, "{declared}: {warnings:?}");
    }
}

#[test]
fn a_warning_names_both_places() {
    let folder = folder(&queue("Seq(Str)"));
    let report = prove(folder.path(), &[]);
    let [warning] = &warnings(&report)[..] else { panic!("{report}") };
    assert!(warning.contains("T.tla:7:66") && warning.contains("declared here: T.tla:4:17"), "{warning}");
    let output = interlock(folder.path(), &["tla", "parse", "T"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("warning[declared-type]: a value of `Int` here contradicts `Str`"), "{text}");
    assert!(text.contains("^^^ declared here"), "{text}");
}

#[test]
fn many_warnings_are_counted() {
    let names: Vec<String> = (0..9).map(|index| format!("  \\* @type: Nat;\n  x{index}")).collect();
    let zero: Vec<String> = (0..9).map(|index| format!("x{index} = 0")).collect();
    let same: Vec<String> = (0..9).map(|index| format!("x{index}' = x{index}")).collect();
    let (names, zero, same) = (names.join(",\n"), zero.join(" /\\ "), same.join(" /\\ "));
    let body = format!("VARIABLES\n{names}\nInit == {zero}\nNext == {same}\nInv == x0 = 0");
    let folder = folder(&body);
    let warnings = warnings(&prove(folder.path(), &[]));
    let told = warnings.iter().filter(|text| text.contains("`Nat` is no type")).count();
    assert_eq!(told, 5, "{warnings:?}");
    assert!(warnings.iter().any(|text| text.contains("4 more warnings about declared types")), "{warnings:?}");
}

#[test]
fn a_search_of_states_says_nothing_of_types() {
    let folder = folder(&queue("Set(Int)"));
    let output = interlock(folder.path(), &["tla", "check", "T", "--no-deadlock", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["exit_code"], 0, "{report}");
    assert!(warnings(&report).is_empty(), "{report}");
}
