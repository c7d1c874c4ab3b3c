//! Temporal properties of simulated behaviors: those with known answers are refuted by a lasso that is replayed, or tested,
//! for any number of workers; postconditions are evaluated when the simulation is over.

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const TURNS: &str = "---- MODULE Turns ----
EXTENDS Naturals, TLC
VARIABLES x, turn
vars == <<x, turn>>
Init == x = 0 /\\ turn = 0
A == turn = 0 /\\ turn' \\in {0, 1} /\\ x' = (x + 1) % 4
B == turn = 1 /\\ turn' = 0 /\\ x' = x
Next == A \\/ B
Unfair == Init /\\ [][Next]_vars
Weak == Unfair /\\ WF_vars(Next)
Strong == Weak /\\ SF_vars(A /\\ turn' = 1)
Again == []<>(x = 2)
Turn == []<>(turn = 1)
Lead == (x = 1) ~> (x = 3)
Never == <>[](x # 2)
Odd == []<>(x \\div (x - 2) = 0)
Seen == TLCGet(\"stats\").traces = 50
Fewer == ~Seen
====
";

fn folder(specification: &str, config: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("Turns.tla"), TURNS).expect("a module");
    std::fs::write(folder.path().join("Turns.cfg"), format!("SPECIFICATION {specification}\n{config}"))
        .expect("a file");
    folder
}

/// Exit code and report of a simulation.
fn simulate(folder: &Path, more: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["tla", "simulate", "Turns", "--seed", "3", "--num", "50", "--depth", "40", "--json"])
        .args(more)
        .current_dir(folder)
        .output()
        .expect("the program");
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap_or(-1), report)
}

/// The verdict on the first obligation, without times.
fn first(report: &Value) -> Value {
    report["obligations"][0]["verdict"].clone()
}

#[test]
fn known_answers_are_found_by_any_number_of_workers() {
    let cases = [
        ("Unfair", ["Again", "Turn", "Lead", "Never"].as_slice(), 13),
        ("Weak", &["Turn", "Never"], 13),
        ("Weak", &["Again", "Lead"], 0),
        ("Strong", &["Again", "Turn", "Lead"], 0),
        ("Strong", &["Never"], 13),
    ];
    for (specification, properties, expected) in cases {
        for property in properties {
            let folder = folder(specification, &format!("PROPERTY {property}\n"));
            let (exit, report) = simulate(folder.path(), &["--workers", "1"]);
            assert_eq!(exit, expected, "{specification} {property}: {report:#}");
            let (_, three) = simulate(folder.path(), &["--workers", "3"]);
            assert_eq!(first(&report), first(&three), "{specification} {property}");
        }
    }
}

#[test]
fn what_is_tested_says_on_how_many_infinite_behaviors() {
    let folder = folder("Weak", "PROPERTY Again\n");
    let (_, report) = simulate(folder.path(), &[]);
    let text = report.to_string();
    assert!(text.contains("infinite behaviors that come back to a state"), "{report:#}");
}

#[test]
fn a_formula_without_a_value_decides_nothing_and_is_told() {
    let folder = folder("Weak", "PROPERTY Odd\n");
    let (exit, report) = simulate(folder.path(), &[]);
    assert_ne!(exit, 13, "{report:#}");
    assert!(report["warnings"].to_string().contains("has no value on"), "{report:#}");
}

#[test]
fn a_postcondition_is_evaluated_when_the_simulation_is_over() {
    let right = folder("Unfair", "POSTCONDITION Seen\n");
    assert_eq!(simulate(right.path(), &[]).0, 0);
    let wrong = folder("Unfair", "POSTCONDITION Fewer\n");
    let (exit, report) = simulate(wrong.path(), &[]);
    assert_eq!(exit, 10, "{report:#}");
}
