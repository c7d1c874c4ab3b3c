//! `[[stress]]` and `[[explored]]`: what is run as obligations of a check and as attempts of a round.

use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const PROPERTIES: &str = r#"
[project]
name = "running"

[[property]]
id = "P.Owner"
statement = "A block has one owner."
kind = "safety"
"#;

const STRESS: &str = r#"
[[stress]]
name = "work"
workloads = ["add", "matmul"]
threads = 4
operations = 100
scenarios = ["steady", "churn"]
properties = ["P.Owner"]
broken = { RecycleOnFirst = "P.Owner" }
"#;

const EXPLORED: &str = r#"
[tools]
cargo = "cargo"

[[explored]]
name = "schedules"
manifest = "Cargo.toml"
test = "loom"
schedules = "KIND"
runs = 30
scenarios = { "handed on" = "P.Owner" }
broken = { "handed on/PlainStore" = "P.Owner" }
"#;

const CARGO: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo cargo 1.90.0; exit 0; fi
echo '{"event":"explored","by":"it","scenario":"handed on","runs":'$INTERLOCK_SCHEDULES',HOW,"threads":3}'
echo '{"event":"explored","by":"it","scenario":"handed on","defect":"PlainStore","runs":7,HOW,"threads":3,"found":{"what":"two owners","replayed":true}}'
"#;

fn project(sections: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("interlock.toml"), format!("{PROPERTIES}{sections}")).expect("a project");
    folder
}

/// With a cargo whose tests explore in this way.
fn explored(kind: &str, how: &str) -> TempDir {
    let folder = project(&EXPLORED.replace("KIND", kind));
    std::fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"it\"\n").expect("a manifest");
    let script = folder.path().join("cargo");
    std::fs::write(&script, CARGO.replace("HOW", how)).expect("a script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    folder
}

fn interlock(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").output().expect("the program")
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn verdicts(report: &Value) -> Vec<(String, bool)> {
    let all = report["properties"].as_array().expect("properties").iter();
    let one = |one: &Value| (one["verdict"].as_str().expect("a verdict").to_owned(), one["as_expected"] == true);
    all.map(one).collect()
}

#[test]
fn a_workload_is_an_obligation_that_a_test_meets_and_its_broken_variant_is_refuted() {
    let folder = project(STRESS);
    let output = interlock(folder.path(), &["check", "--json"]);
    let told = report(&output);
    assert_eq!(output.status.code(), Some(0), "{told:#}");
    assert_eq!(verdicts(&told), [("tested".to_owned(), true), ("refuted".to_owned(), true)]);
    assert_eq!(told["properties"][0]["figures"]["operations"], 2 * 2 * 4 * 100);
    assert_eq!(told["summary"]["gaps"], 0, "what was tested is no gap");
    // A run that requires a proof is not satisfied with a test.
    assert_eq!(interlock(folder.path(), &["check", "--require", "proved"]).status.code(), Some(20));
    // The ledger has it, and the file of the runs beside the refutation.
    let shown = interlock(folder.path(), &["show", "1"]);
    assert_eq!(shown.status.code(), Some(0), "{}", String::from_utf8_lossy(&shown.stdout));
    let traces = std::fs::read_dir(folder.path().join(".interlock/runs/1/traces")).expect("traces").flatten();
    assert!(traces.into_iter().any(|file| file.file_name().to_string_lossy().ends_with("outcome.json")));
    let trace = told["properties"][1]["artefacts"]["trace"].as_str().expect("a trace");
    let replay = interlock(folder.path(), &["replay", trace]);
    assert_eq!(replay.status.code(), Some(151));
    assert!(String::from_utf8_lossy(&replay.stderr).contains("outcome.json"), "what replays it is told");
}

#[test]
fn a_workload_that_goes_wrong_is_a_finding() {
    let script = r#"printf '%s\n' '{"event":"hello","protocol":1,"threads":2,"device":"d"}' '{"event":"kernel","kernel":"add","operations":4,"errors":1,"p50_us":1,"p99_us":1}' '{"event":"done","operations":4,"errors":1,"wall_s":1}'"#;
    let section = format!(
        "[[stress]]\nname = \"theirs\"\nworkloads = [\"add\"]\nthreads = 2\noperations = 2\ncommand = '''{script}'''\n"
    );
    let folder = project(&section);
    let output = interlock(folder.path(), &["check", "--json"]);
    assert_eq!(output.status.code(), Some(12), "{:#}", report(&output));
    let round = interlock(folder.path(), &["round", "--budget", "2s", "--seed", "1"]);
    assert_eq!(round.status.code(), Some(20), "{}", String::from_utf8_lossy(&round.stdout));
}

#[test]
fn explorations_are_obligations_of_the_strength_that_they_ask_for() {
    let folder = explored("exhaustive", "\"complete\":true,\"preemptions\":2");
    let output = interlock(folder.path(), &["check", "--json"]);
    let told = report(&output);
    assert_eq!(output.status.code(), Some(0), "{told:#}");
    assert_eq!(verdicts(&told), [("bounded".to_owned(), true), ("refuted".to_owned(), true)]);
    // What was to be exhaustive and is not does not meet its obligation.
    let folder = explored("exhaustive", "\"seed\":4");
    assert_eq!(interlock(folder.path(), &["check"]).status.code(), Some(20));
    let folder = explored("random", "\"seed\":4");
    let output = interlock(folder.path(), &["check", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{:#}", report(&output));
}

#[test]
fn a_round_runs_workloads_and_draws_schedules_with_fresh_seeds() {
    let folder = project(STRESS);
    let output = interlock(folder.path(), &["round", "--budget", "4s", "--seed", "5"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let read = |folder: &TempDir| -> Value {
        let text = std::fs::read_to_string(folder.path().join(".interlock/rounds/1/attempts.json")).expect("attempts");
        serde_json::from_str(&text).expect("JSON")
    };
    let attempt = read(&folder)["attempts"][0].clone();
    assert_eq!((&attempt["method"], &attempt["unit"]), (&Value::from("stress"), &Value::from("operation")));
    assert!(attempt["tries"].as_u64().is_some_and(|tries| tries > 100), "{attempt}");
    assert!(attempt["with"].as_str().is_some_and(|with| with.contains("heavy noise")), "{attempt}");
    let folder = explored("random", "\"seed\":'$INTERLOCK_SEED'");
    let output = interlock(folder.path(), &["round", "--budget", "4s", "--seed", "5"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let attempt = read(&folder)["attempts"][0].clone();
    assert_eq!((&attempt["method"], &attempt["tries"]), (&Value::from("schedules"), &Value::from(30)));
}

#[test]
fn what_is_wrong_in_a_section_is_pointed_at() {
    for (section, complaint) in [
        (STRESS.replace("RecycleOnFirst", "Rust"), "no defect `Rust`"),
        (STRESS.replace("\"matmul\"", "\"softmax\""), "no workload `softmax`"),
        (STRESS.replace("\"churn\"", "\"calm\""), "no scenario `calm`"),
        (STRESS.replace("threads = 4", "threads = 0"), "`threads` must be a positive number"),
        (STRESS.replace("properties = [\"P.Owner\"]", "properties = [\"P.Ower\"]"), "did you mean `P.Owner`"),
        (EXPLORED.replace("KIND", "lucky"), "lucky"),
        (EXPLORED.replace("KIND", "random").replace("handed on/PlainStore", "PlainStore"), "which defect it has"),
        (EXPLORED.replace("KIND", "random").replace("{ \"handed on\" = \"P.Owner\" }", "{}"), "no scenario is named"),
    ] {
        let folder = project(&section);
        let output = interlock(folder.path(), &["check"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(151), "{told}");
        assert!(told.contains(complaint) && told.contains("interlock.toml:"), "`{complaint}` is not in\n{told}");
    }
}
