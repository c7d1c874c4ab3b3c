//! `TLCSet("exit", TRUE)` in an exhaustive search: the state at hand is expanded, and nothing after it. Codes and counts are
//! those that TLC 2.20 had with one worker; the depth-first ones are ours, since TLC cannot end that search.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

const SQUARE: &str = "EXTENDS Naturals, TLC
VARIABLES x, y
Init == x \\in 0..2 /\\ y = 0
Step == (x' = x + 1 /\\ y' = y) \\/ (y' = y + 1 /\\ x' = x)
Inside == x < 6 /\\ y < 6
Here == x = 3 /\\ y = 1
Quiet == Inside /\\ Step
";

/// What a specification says, its configuration, and what is expected: code, generated, distinct, waiting, depth.
type Case = (&'static str, &'static str, &'static str, [u64; 5]);

const CASES: [Case; 12] = [
    ("action", "Next == Quiet /\\ TLCSet(\"exit\", Here)", "", [0, 25, 17, 6, 4]),
    ("next state", "Next == Quiet /\\ TLCSet(\"exit\", x' = 3 /\\ y' = 1)", "", [0, 15, 11, 5, 3]),
    ("guarded", "Next == Quiet /\\ IF Here THEN TLCSet(\"exit\", TRUE) ELSE TRUE", "", [0, 25, 17, 6, 4]),
    ("invariant", "Next == Quiet\nInv == TLCSet(\"exit\", Here)", "INVARIANT Inv", [0, 15, 11, 5, 3]),
    ("count", "Next == Quiet\nInv == TLCSet(\"exit\", TLCGet(\"distinct\") > 20)", "INVARIANT Inv", [0, 33, 22, 7, 5]),
    ("level", "Next == Quiet\nC == TLCSet(\"exit\", TLCGet(\"level\") > 4)", "CONSTRAINT C", [0, 29, 19, 6, 5]),
    ("diameter", "Next == Quiet\nC == TLCSet(\"exit\", TLCGet(\"diameter\") > 3)", "CONSTRAINT C", [0, 21, 14, 5, 4]),
    ("step", "Next == Quiet\nC == TLCSet(\"exit\", x' = 3 /\\ y' = 1)", "ACTION_CONSTRAINT C", [0, 15, 11, 5, 3]),
    ("assumption", "Next == Quiet\nASSUME TLCSet(\"exit\", TRUE)", "", [0, 3, 3, 3, 1]),
    ("initial state", "Next == Quiet\nInv == TLCSet(\"exit\", x = 1)", "INVARIANT Inv", [0, 3, 3, 3, 1]),
    // What the state at hand leads to is still checked.
    (
        "broken",
        "Next == Quiet /\\ TLCSet(\"exit\", Here)\nInv == ~(x = 4 /\\ y = 1)",
        "INVARIANT Inv",
        [12, 23, 16, 5, 4],
    ),
    ("stuck", "Next == Quiet /\\ TLCSet(\"exit\", Here) /\\ ~Here\nCHECK", "CHECK_DEADLOCK TRUE", [11, 23, 16, 5, 4]),
];

fn write(folder: &Path, body: &str, lines: &str) {
    let text = format!("---- MODULE M ----\n{SQUARE}{}\n====\n", body.replace("\nCHECK", ""));
    std::fs::write(folder.join("M.tla"), text).expect("a module");
    let deadlock = if lines.contains("DEADLOCK") { "" } else { "CHECK_DEADLOCK FALSE\n" };
    std::fs::write(folder.join("M.cfg"), format!("INIT Init NEXT Next\n{deadlock}{lines}\n")).expect("a configuration");
}

fn run(folder: &Path, words: &[&str]) -> (u64, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(words)
        .env_remove("TLA_LIBRARY")
        .current_dir(folder)
        .output()
        .expect("the program runs");
    let code = output.status.code().and_then(|code| u64::try_from(code).ok()).unwrap_or(u64::MAX);
    (code, String::from_utf8_lossy(&output.stdout).into_owned())
}

fn figures([_, generated, distinct, waiting, depth]: [u64; 5]) -> String {
    format!(
        "{generated} states generated, {distinct} distinct states found, {waiting} states left on queue.\n\
         The depth of the complete state graph search is {depth}."
    )
}

#[test]
fn the_search_ends_where_tlc_ends_it_with_any_number_of_workers() {
    for (name, body, lines, expected) in CASES {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), body, lines);
        for workers in ["1", "3"] {
            let (code, text) = run(folder.path(), &["tlc", "-workers", workers, "M"]);
            assert_eq!(code, expected[0], "{name}: {text}");
            assert!(text.contains(&figures(expected)), "{name}, {workers} workers: {text}");
            let ended = text.contains("the specification ended the search with TLCSet(\"exit\", TRUE)");
            assert_eq!(ended, code == 0, "{name}: {text}");
            assert_eq!(text.contains("No error has been found"), code == 0, "{name}: {text}");
        }
    }
}

#[test]
fn a_search_that_the_specification_ended_is_bounded_and_not_exhausted() {
    for (name, body, lines, expected) in CASES.into_iter().filter(|(.., expected)| expected[0] == 0) {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &format!("{body}\nBound == x < 9"), &format!("{lines}\nINVARIANT Bound\n"));
        for search in [&[][..], &["--engine", "interpret"], &["--search", "dfid"]] {
            if search.contains(&"dfid") && (body.contains("distinct") || body.contains("diameter")) {
                continue;
            }
            let words = [&["tla", "check", "M", "--json"], search].concat();
            let (code, text) = run(folder.path(), &words);
            assert_eq!(code, 20, "{name}: {text}");
            let report: Value = serde_json::from_str(&text).expect("a report");
            assert!(text.contains("the search was ended by the specification, with TLCSet"), "{name}: {text}");
            assert!(!text.contains("xhausted"), "{name}: {text}");
            let [_, generated, distinct, ..] = expected;
            if search.is_empty() || search[0] == "--engine" {
                assert_eq!(report["figures"]["generated"], generated, "{name}");
                assert_eq!(report["figures"]["distinct"], distinct, "{name}");
            }
            let (code, text) = run(folder.path(), &[&words[..], &["--require", "bounded"]].concat());
            assert_eq!(code, 0, "{name}: {text}");
        }
    }
}

/// What is asked for in the last state leaves nothing out.
#[test]
fn a_search_that_has_no_state_left_is_exhausted() {
    let folder = tempfile::tempdir().expect("a folder");
    for (next, code) in [
        ("TLCSet(\"exit\", x = 5) /\\ x < 5 /\\ x' = x + 1", 0),
        ("x < 5 /\\ x' = x + 1 /\\ TLCSet(\"exit\", x' = 5)", 20),
    ] {
        let text = format!(
            "---- MODULE M ----\nEXTENDS Naturals, TLC\nVARIABLE x\nInit == x = 0\nNext == {next}\nInv == x < 6\n====\n"
        );
        std::fs::write(folder.path().join("M.tla"), text).expect("a module");
        let lines = "INIT Init NEXT Next INVARIANT Inv CHECK_DEADLOCK FALSE\n";
        std::fs::write(folder.path().join("M.cfg"), lines).expect("a configuration");
        for search in [&[][..], &["--search", "dfid"]] {
            let (found, text) = run(folder.path(), &[&["tla", "check", "M"], search].concat());
            assert_eq!(found, code, "{text}");
        }
    }
}

#[test]
fn a_postcondition_of_a_search_that_was_ended_may_be_false() {
    let folder = tempfile::tempdir().expect("a folder");
    for (post, code) in [("11", 0), ("3", 10)] {
        let body = format!("Next == Quiet\nInv == TLCSet(\"exit\", Here)\nPost == TLCGet(\"distinct\") = {post}");
        write(folder.path(), &body, "INVARIANT Inv\nPOSTCONDITION Post");
        let (found, text) = run(folder.path(), &["tlc", "M"]);
        assert_eq!(found, code, "{text}");
    }
}

/// Infinite behaviors are not looked at: they may go on where the search did not.
#[test]
fn a_temporal_property_is_not_decided_by_a_search_that_was_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let body = "Next == Quiet /\\ TLCSet(\"exit\", Here)\nP == <>(x = 6 \\/ y = 6)\nSpec == Init /\\ [][Next]_<<x, y>> /\\ WF_<<x, y>>(Next)";
    write(folder.path(), body, "");
    std::fs::write(folder.path().join("M.cfg"), "SPECIFICATION Spec\nPROPERTY P\nCHECK_DEADLOCK FALSE\n").expect("it");
    for words in [&["tlc", "M"][..], &["tla", "check", "M"]] {
        let (code, text) = run(folder.path(), words);
        assert_eq!(code, 20, "{text}");
    }
}
