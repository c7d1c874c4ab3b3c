//! `interlock tla prove --inductive`: verdicts, exit codes, what is shown, and that it can be replayed.

mod program;

use program::interlock;
use serde_json::Value;
use std::path::Path;

const BODY: &str = r#"VARIABLES pc, sem
Procs == {1, 2}
Init == pc = [p \in Procs |-> "idle"] /\ sem = 1
Enter(p) == pc[p] = "idle" /\ sem = 1 /\ sem' = 0 /\ pc' = [pc EXCEPT ![p] = "in"]
Leave(p) == pc[p] = "in" /\ sem' = 1 /\ pc' = [pc EXCEPT ![p] = "idle"]
Next == \E p \in Procs : Enter(p) \/ Leave(p)
TypeOK == pc \in [Procs -> {"idle", "in"}] /\ sem \in 0..1
Mutex == ~(pc[1] = "in" /\ pc[2] = "in")
Weak == TypeOK /\ Mutex
Strong == Weak /\ (sem = 1 <=> \A p \in Procs : pc[p] = "idle")"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("---- MODULE T ----\nEXTENDS Integers\n{BODY}\n====\n");
    std::fs::write(folder.path().join("T.tla"), text).expect("a module");
    std::fs::write(folder.path().join("T.cfg"), "INIT Init NEXT Next INVARIANT Mutex\n").expect("a configuration");
    folder
}

fn prove(folder: &Path, flags: &[&str]) -> Value {
    let arguments = [&["tla", "prove", "T", "--json"], flags].concat();
    serde_json::from_slice(&interlock(folder, &arguments).stdout).expect("a report")
}

fn verdicts(report: &Value) -> Vec<(String, String)> {
    let properties = report["properties"].as_array().expect("properties");
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    properties.iter().map(|one| (text(one, "name"), text(one, "verdict"))).collect()
}

fn of(report: &Value, name: &str) -> String {
    let all = verdicts(report);
    all.iter().find(|(known, _)| known == name).map_or_else(|| format!("{all:?}"), |(_, verdict)| verdict.clone())
}

#[test]
fn an_inductive_invariant_is_a_certificate() {
    let folder = folder();
    let report = prove(folder.path(), &["--inductive", "Strong", "--certificate", "c.tla"]);
    assert_eq!(report["exit_code"], 0, "{report}");
    for name in ["Mutex", "Strong", "Deadlock"] {
        assert_eq!(of(&report, name).to_lowercase(), "proved", "{name}");
    }
    let text = std::fs::read_to_string(folder.path().join("c.tla")).expect("the certificate");
    assert!(text.contains("/\\ sem \\in (0..1)") && text.contains("/\\ Strong"), "{text}");
}

#[test]
fn a_counterexample_to_induction_refutes_nothing() {
    let folder = folder();
    let report = prove(folder.path(), &["--inductive", "Weak", "--no-deadlock"]);
    assert_eq!(report["exit_code"], 20, "{report}");
    assert_eq!(of(&report, "Weak").to_lowercase(), "declined");
    assert_eq!(of(&report, "Mutex").to_lowercase(), "declined", "it follows from what is not inductive");
    let shown = report["counterexamples"].as_array().expect("counterexamples");
    assert_eq!(shown.len(), 1);
    let steps = shown[0]["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0]["action"], "A state that satisfies Weak");
    assert_eq!(steps[1]["action"], "Enter");
    let properties = report["properties"].as_array().expect("properties");
    let weak = properties.iter().find(|one| one["name"] == "Weak").expect("Weak");
    assert_eq!(weak["detail"]["to_induction"], true);
}

#[test]
fn an_initial_state_that_breaks_it_is_a_violation() {
    let folder = folder();
    let report = prove(folder.path(), &["--inductive", "TypeOK /\\ sem = 0"]);
    assert_eq!(report["exit_code"], 12, "{report}");
    assert_eq!(of(&report, "InlineInductive").to_lowercase(), "refuted");
    assert_eq!(of(&report, "Mutex").to_lowercase(), "declined");
}

#[test]
fn what_is_shown_is_written_and_judged_again() {
    let folder = folder();
    for (flags, told) in [
        (["--inductive", "Weak", "--no-deadlock"], "the induction fails for Weak"),
        (["--inductive", "TypeOK", "--no-deadlock"], "the induction fails for Mutex"),
        (["--inductive", "TypeOK /\\ Mutex", "--no-deadlock"], "the induction fails for InlineInductive"),
    ] {
        let report = prove(folder.path(), &[&flags[..], &["--itf", "t.itf.json"]].concat());
        assert_eq!(report["exit_code"], 20, "{report}");
        let output = interlock(folder.path(), &["replay", "t.itf.json"]);
        let text = String::from_utf8_lossy(&output.stdout).replace('\n', " ").replace("  ", " ");
        assert!(output.status.success() && text.replace("  ", " ").contains(told), "{text}");
        // A trace that was changed is rejected.
        let path = folder.path().join("t.itf.json");
        let trace = std::fs::read_to_string(&path).expect("the trace").replace("\"in\"", "\"idle\"");
        std::fs::write(&path, trace).expect("a changed trace");
        assert_eq!(interlock(folder.path(), &["replay", "t.itf.json"]).status.code(), Some(20));
    }
}

#[test]
fn a_name_that_is_none_is_told_with_its_place() {
    let folder = folder();
    let output = interlock(folder.path(), &["tla", "prove", "T", "--inductive", "Missing"]);
    assert_eq!(output.status.code(), Some(150));
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("`Missing` is not defined"), "{told}");
}

#[test]
fn engines_that_look_for_an_invariant_are_not_asked_too() {
    let folder = folder();
    let output = interlock(folder.path(), &["tla", "prove", "T", "--inductive", "Weak", "--engine", "bmc"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_project_checks_an_invariant_of_its_own() {
    let folder = folder();
    for (inductive, verdict, code) in [("Strong", "proved", 0), ("Weak", "declined", 20)] {
        let project = format!(
            "[project]\nname = \"t\"\n\n[[model]]\nname = \"m\"\nspec = \"T.tla\"\nengines = [\"prove\"]\n\
             inductive = \"{inductive}\"\n"
        );
        std::fs::write(folder.path().join("interlock.toml"), project).expect("a project");
        let output = interlock(folder.path(), &["check", "--json"]);
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!(of(&report, inductive).to_lowercase(), verdict, "{report}");
        assert_eq!(report["exit_code"], code, "{report}");
    }
}
