//! `[[scan]]` from end to end: findings, what was not read, twins that have to be found, requirements on callers, the baseline.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const SOURCE: &str = "#include <mutex>
class Counter {
  std::mutex m;
  int total = 0;
  int last = 0;
 public:
  void add() { std::lock_guard<std::mutex> hold(m); ++total; last = total; note(); }
  void reset() {
#ifndef BROKEN_RESET
    std::lock_guard<std::mutex> hold(m);
#endif
    total = 0;
    last = 0;
  }
  int get() { std::lock_guard<std::mutex> hold(m); return total + last; }
 private:
  void note() { last = total; }
};
";

const PROJECT: &str = "[project]
name = \"counter\"

[[property]]
id = \"C.Guarded\"
statement = \"The counter is used under its lock.\"
kind = \"structural\"

[[scan]]
name = \"counter\"
paths = [\"src\"]
properties = { guarded-by = \"C.Guarded\" }
contracts = [\"Counter::note requires Counter::m\"]
broken = { BROKEN_RESET = \"guarded-by\" }
";

fn project(source: &str, toml: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    fs::write(folder.path().join("src/counter.cpp"), source).expect("the source");
    fs::write(folder.path().join("interlock.toml"), toml).expect("the project");
    folder
}

fn check(folder: &Path, more: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["check", "--json"]).args(more).current_dir(folder).env("NO_COLOR", "1").env_remove("TLA_LIBRARY");
    let output = command.output().expect("the program");
    let value = serde_json::from_slice(&output.stdout);
    let value = value.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().expect("a code"), value)
}

/// Property, verdict and reason of each obligation.
fn verdicts(report: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = report["properties"].as_array().expect("properties").iter();
    all.map(|one| (text(&one["property"]), text(&one["verdict"]), text(&one["detail"]["reason"]))).collect()
}

fn of<'r>(verdicts: &'r [(String, String, String)], property: &str) -> (&'r str, &'r str) {
    let found = verdicts.iter().find(|one| one.0 == property).unwrap_or_else(|| panic!("{property} in {verdicts:?}"));
    (&found.1, &found.2)
}

#[test]
fn a_clean_scan_is_tested_and_its_twin_is_found() {
    let folder = project(SOURCE, PROJECT);
    let (code, report) = check(folder.path(), &[]);
    let all = verdicts(&report);
    assert_eq!(code, 0, "{all:?}");
    for property in ["C.Guarded", "no findings", "contracts", "guarded-by finds BROKEN_RESET"] {
        assert_eq!(of(&all, property).0, "tested");
    }
    assert_eq!(report["gaps"].as_array().map(Vec::len), Some(0));
    let (code, report) = check(folder.path(), &["--require", "proved"]);
    assert_eq!(code, 20, "no analysis of text proves anything: {:?}", verdicts(&report));
}

#[test]
fn a_finding_leaves_its_property_undecided_with_fingerprint_and_place() {
    let broken = SOURCE.replace("  int get() { std::lock_guard<std::mutex> hold(m);", "  int get() {");
    let folder = project(&broken, PROJECT);
    let (code, report) = check(folder.path(), &["--sarif", "out.sarif"]);
    let all = verdicts(&report);
    assert_eq!(code, 20);
    let (verdict, reason) = of(&all, "C.Guarded");
    assert_eq!(verdict, "declined");
    assert_eq!(of(&all, "no findings").0, "tested", "the other rules found nothing");
    let finding = report["properties"].as_array().expect("properties").iter();
    let finding = finding.flat_map(|one| one["findings"].as_array().expect("findings")).next().expect("a finding");
    let fingerprint = finding["fingerprint"].as_str().expect("a fingerprint");
    assert!(reason.contains(fingerprint) && reason.contains("src/counter.cpp:15"), "{reason}");
    let sarif = fs::read_to_string(folder.path().join("out.sarif")).expect("the log");
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert!(
        results.iter().any(|one| one["partialFingerprints"]["interlock/v1"] == fingerprint && one["level"] == "error")
    );

    // Known, it no longer counts, and the report says that it is known. Lines may move.
    fs::write(folder.path().join("known.txt"), format!("{fingerprint} guarded-by\n{}", "0".repeat(16)))
        .expect("a file");
    let with = PROJECT.replace("paths =", "baseline = \"known.txt\"\npaths =");
    fs::write(folder.path().join("interlock.toml"), with).expect("the project");
    fs::write(folder.path().join("src/counter.cpp"), format!("// more\n{broken}")).expect("the source");
    let (_, report) = check(folder.path(), &[]);
    let all = verdicts(&report);
    assert!(of(&all, "C.Guarded").0 == "tested", "{all:?}");
    assert!(report["suppressions"].to_string().contains("known from the baseline"), "{}", report["suppressions"]);
    assert!(report["warnings"].to_string().contains("is found no more"), "{}", report["warnings"]);
}

#[test]
fn what_was_not_read_is_not_clean() {
    let unread = format!("{SOURCE}\nvoid g() {{ int x = ]]; (( }}\n");
    let folder = project(&unread, PROJECT);
    let (code, report) = check(folder.path(), &[]);
    let all = verdicts(&report);
    assert_eq!(code, 20);
    let (verdict, reason) = of(&all, "C.Guarded");
    assert!(verdict == "declined" && reason.contains("not analysed"), "{reason}");
    // What was looked at by hand can be accepted, and counts as a suppression.
    let accepted = PROJECT.replace("paths =", "accept_unread = 100\npaths =");
    fs::write(folder.path().join("interlock.toml"), accepted).expect("the project");
    let (code, report) = check(folder.path(), &[]);
    assert_eq!(code, 0, "{:?}", verdicts(&report));
    assert!(report["suppressions"].to_string().contains("accept_unread"));
    fs::write(folder.path().join("src/binary.cpp"), b"int a;\0").expect("a file");
    let (_, report) = check(folder.path(), &[]);
    let all = verdicts(&report);
    assert!(of(&all, "no findings").1.contains("zero byte"), "a refused file is never accepted: {all:?}");
}

#[test]
fn a_twin_that_is_not_found_is_vacuous() {
    let folder = project(&SOURCE.replace("#ifndef BROKEN_RESET", "#if 1"), PROJECT);
    let (code, report) = check(folder.path(), &[]);
    assert_eq!(of(&verdicts(&report), "guarded-by finds BROKEN_RESET").0, "vacuous");
    assert_eq!(code, 21);
}

#[test]
fn requirements_on_callers_are_those_that_are_listed() {
    let folder = project(SOURCE, &PROJECT.replace("Counter::note requires", "Counter::other requires"));
    let (code, report) = check(folder.path(), &[]);
    let all = verdicts(&report);
    let reason = of(&all, "contracts").1;
    assert!(code == 20 && reason.contains("new: Counter::note") && reason.contains("gone: Counter::other"), "{reason}");
}

#[test]
fn mistakes_in_the_section_are_told_with_carets() {
    for (from, to, part) in [
        ("guarded-by = \"C.Guarded\"", "guarded = \"C.Guarded\"", "there is no rule `guarded`"),
        ("paths = [\"src\"]", "paths = [\"sources\"]", "there is no file or folder"),
        ("paths = [\"src\"]", "paths = []", "reads nothing"),
        ("= \"C.Guarded\" }", "= \"C.Other\" }", "no [[property]]"),
    ] {
        let folder = project(SOURCE, &PROJECT.replace(from, to));
        let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
        let output =
            command.arg("check").current_dir(folder.path()).env("NO_COLOR", "1").output().expect("the program");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(151), "{text}");
        assert!(text.contains(part) && text.contains('^'), "{text}");
    }
}
