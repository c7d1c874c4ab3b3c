//! The commands that read the ledger, and the files that a run is written to, on the project of the tests.

mod copied;

use copied::{command, project};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

/// Exit code, and what stdout and stderr said.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output: Output = command(folder, arguments).output().expect("the program");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("a code"), text(output.stdout) + &text(output.stderr))
}

fn change(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replace(from, to)).expect("the file");
}

#[test]
fn a_recorded_run_is_listed_shown_and_explained() {
    let folder = project();
    let path = folder.path();
    let (code, text) = run(path, &["show"]);
    assert_eq!(code, 151);
    assert!(text.contains("there is no complete run") && text.contains("`interlock check` records one"), "{text}");
    let (_, checked) = run(path, &["check"]);
    let (code, text) = run(path, &["runs"]);
    assert_eq!(code, 0);
    assert!(text.contains("Exhausted") && text.contains("6 of 6"), "{text}");
    let (code, shown) = run(path, &["show", "1"]);
    assert_eq!((code, &shown), (0, &checked), "what is shown is what was reported");
    let (code, text) = run(path, &["explain", "S.MutualExclusion"]);
    assert_eq!(code, 0);
    for part in ["has to hold in", "must be violated in", "every reachable state", "replay 1", "Over the runs"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(!text.contains("stale"), "{text}");
    change(path, "Slots.tla", "====", "\\* changed\n====");
    assert!(run(path, &["explain", "S.MutualExclusion"]).1.contains("stale: Slots.tla has changed"));
    let (code, text) = run(path, &["explain", "S.Nothing"]);
    assert_eq!(code, 151);
    assert!(text.contains("no evidence about `S.Nothing`") && text.contains("S.MutualExclusion"), "{text}");
}

#[test]
fn the_events_of_a_run_are_kept() {
    let folder = project();
    run(folder.path(), &["check"]);
    let events = fs::read_to_string(folder.path().join(".interlock/runs/1/events.ndjson")).expect("events");
    let names: Vec<String> = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["event"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(names.first().map(String::as_str), Some("hello"));
    assert_eq!(names.iter().filter(|name| *name == "explored").count(), 2);
}

#[test]
fn a_refutation_is_replayed_by_run_and_property_from_anywhere() {
    let folder = project();
    run(folder.path(), &["check"]);
    let project = folder.path().display().to_string();
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let (code, text) = run(elsewhere.path(), &["replay", "latest", "S.MutualExclusion", "--project", &project]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Replayed: this is a behavior"), "{text}");
    let (code, text) = run(folder.path(), &["replay", "1", "TypeOK"]);
    assert_eq!(code, 151);
    assert!(text.contains("no refutation of `TypeOK`"), "{text}");
    let (code, text) = run(folder.path(), &["replay", "7", "TypeOK"]);
    assert_eq!(code, 151);
    assert!(text.contains("there is no run 7"), "{text}");
}

#[test]
fn two_runs_are_compared() {
    let folder = project();
    let path = folder.path();
    run(path, &["check"]);
    run(path, &["check"]);
    let (code, text) = run(path, &["diff", "1", "2"]);
    assert_eq!(code, 0);
    assert!(text.contains("0 introduced, 0 weaker, 0 removed, 0 fixed, 0 stronger, 0 added, 6 unchanged"), "{text}");
    // The model that held becomes the careless one.
    change(path, "Slots.cfg", "Careless = FALSE", "Careless = TRUE");
    assert_eq!(run(path, &["check"]).0, 12);
    let (code, text) = run(path, &["diff", "2", "latest"]);
    assert_eq!(code, 12, "{text}");
    assert!(text.contains("introduced  S.MutualExclusion in Slots: Exhausted → Refuted"), "{text}");
    assert!(text.contains("changed     input Slots.cfg"), "{text}");
    let (code, text) = run(path, &["diff", "3", "2"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("fixed       S.MutualExclusion in Slots: Refuted → Exhausted"), "{text}");
}

#[test]
fn all_writers_in_one_run_and_again_from_the_ledger() {
    let folder = project();
    let path = folder.path();
    let files = ["--sarif", "a.sarif", "--junit", "a.xml", "--markdown", "a.md", "--json=a.json", "--github"];
    let (code, text) = run(path, &[&["check"], &files[..]].concat());
    assert_eq!(code, 0, "{text}");
    let read = |name: &str| fs::read_to_string(path.join(name)).expect("a file");
    let first: Vec<String> = ["a.sarif", "a.xml", "a.md", "a.json"].map(read).into();
    let sarif: Value = serde_json::from_str(&first[0]).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(6));
    assert!(
        first[1].contains("tests=\"7\" failures=\"0\" errors=\"0\" skipped=\"1\""),
        "a gap is skipped: {}",
        first[1]
    );
    assert!(text.contains("::notice title=S.Eventually has no evidence::"), "{text}");
    run(path, &[&["show", "1"], &files[..]].concat());
    assert_eq!(
        ["a.sarif", "a.xml", "a.md", "a.json"].map(read).to_vec(),
        first,
        "the ledger keeps all that is written"
    );
    let (code, text) = run(path, &["show", "--sarif", "no/such/folder/a.sarif"]);
    assert_eq!(code, 153);
    assert!(text.contains("cannot write no/such/folder/a.sarif"), "{text}");
}

#[test]
fn what_is_required_decides_the_exit_code() {
    let folder = project();
    let path = folder.path();
    let check = |more: &[&str]| run(path, &[&["tla", "check", "Slots.tla", "--max-depth", "2"], more].concat()).0;
    assert_eq!(check(&[]), 20);
    assert_eq!(check(&["--require", "tested"]), 0);
    assert_eq!(run(path, &["check", "--require", "tested"]).0, 0);
}

#[test]
fn two_runs_at_once_are_both_complete() {
    let folder = project();
    let start = || command(folder.path(), &["check"]).stdout(Stdio::null()).spawn().expect("the program");
    let mut both = [start(), start()];
    assert!(both.iter_mut().all(|child| child.wait().expect("an end").success()));
    for number in ["1", "2"] {
        assert_eq!(run(folder.path(), &["show", number]).0, 0);
    }
}
