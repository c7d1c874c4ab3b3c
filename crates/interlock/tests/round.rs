//! `interlock round` from end to end: what it tries, what it could not, and that nothing found carries the number of tries.

use std::fs;
use std::path::Path;
use std::process::Command;

const SPEC: &str = r#"---- MODULE Pool ----
EXTENDS Integers
CONSTANTS N, T
ASSUME N < 3
VARIABLES free, user
Init == free = N /\ user = 0
Take(t) == free > 0 /\ free' = free - 1 /\ user' = user + 1
Give(t) == user > 0 /\ free' = free + 1 /\ user' = user - 1
Next == \E t \in T : Take(t) \/ Give(t)
Conserved == free + user = N
Natural == free \in 0 .. N /\ user \in 0 .. N
====
"#;

const PROJECT: &str = "[project]\nname = \"pool\"\n[[model]]\nname = \"Pool\"\nspec = \"Pool.tla\"\n[[model]]\nname = \"Pool/broken\"\n\
     spec = \"Pool.tla\"\nconfig = \"Broken.cfg\"\nexpect = \"violated\"\nproperties = { Conserved = \"P.C\" }\n\
     [[property]]\nid = \"P.C\"\nstatement = \"Tokens are conserved.\"\nkind = \"safety\"\n";

fn round(folder: &Path, config: &str) -> (i32, serde_json::Value, String) {
    let files = [("interlock.toml", PROJECT), ("Pool.tla", SPEC), ("Pool.cfg", config), ("Broken.cfg", config)];
    for (path, text) in files {
        fs::write(folder.join(path), text).expect("a file");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["round", "--budget", "1s", "--seed", "5", "--mutants", "40", "--workers", "1"])
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .expect("the program");
    let attempts = fs::read_to_string(folder.join(".interlock/rounds/1/attempts.json"));
    let attempts = attempts.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let attempts = serde_json::from_str(&attempts).expect("JSON");
    let report = fs::read_to_string(folder.join(".interlock/rounds/1/report.md")).expect("a report");
    (output.status.code().expect("a code"), attempts, report)
}

#[test]
fn each_method_is_tried_and_what_cannot_be_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = "CONSTANTS\n N = 2\n T = {a}\nINIT Init\nNEXT Next\nINVARIANTS Conserved Natural\n";
    let (_, round, report) = round(folder.path(), config);
    let attempts = round["attempts"].as_array().expect("attempts");
    let made = |method: &str, with: &str| {
        let wanted = |one: &&serde_json::Value| {
            one["method"] == method && one["with"].as_str().is_some_and(|text| text.contains(with))
        };
        attempts.iter().find(wanted).unwrap_or_else(|| panic!("{method} {with}: {round:#}"))
    };
    assert_eq!(made("larger_instance", "T={a, another1}")["tries"], 3, "every state of the larger instance");
    assert_eq!(made("larger_instance", "N=3")["outcome"], "not_made", "the assumption refuses it");
    assert!(made("simulation", "seed")["tries"].as_u64().expect("a number") > 0);
    assert!(made("larger_simulation", "another1")["repeat"].as_str().expect("a command").contains("--const"));
    assert!(made("mutation", "mutants")["tries"].as_u64().expect("a number") > 0);
    assert!(attempts.iter().all(|one| one["model"] == "Pool"), "a broken variant is no subject: {round:#}");
    assert!(report.contains("# Round 1: pool") && report.contains("behaviors"), "{report}");
}

#[test]
fn what_no_property_notices_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = "CONSTANTS\n N = 2\n T = {a}\nINIT Init\nNEXT Next\nINVARIANTS Conserved\n";
    let (code, round, report) = round(folder.path(), config);
    assert_eq!(code, 20, "{round:#}");
    assert!(report.contains("found: no property notices"), "a guard that is dropped breaks Natural alone: {report}");
}

#[test]
fn the_sources_are_scanned_again_and_a_known_finding_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source = "struct S {}; S* s;\nS* get() {\n  if (!s) s = new S;\n  return s;\n}\n";
    fs::write(folder.path().join("a.cpp"), source).expect("a file");
    let toml = "[project]\nname = \"a\"\n[[scan]]\nname = \"a\"\npaths = [\"a.cpp\"]\nbaseline = \"known.txt\"\n";
    fs::write(folder.path().join("interlock.toml"), toml).expect("a file");
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
        command.args(words).current_dir(folder.path()).env("NO_COLOR", "1").output().expect("the program")
    };
    run(&["scan", "a.cpp", "--write-baseline", "known.txt"]);
    let check = run(&["check"]);
    assert_eq!(
        check.status.code(),
        Some(0),
        "what is known fails no check: {}",
        String::from_utf8_lossy(&check.stdout)
    );
    let round = run(&["round", "--budget", "1s"]);
    assert_eq!(round.status.code(), Some(20));
    let report = fs::read_to_string(folder.path().join(".interlock/rounds/1/report.md")).expect("a report");
    assert!(report.contains("Analyses of the sources") && report.contains("lazy-init"), "{report}");
}
