//! Values of constants: expressions in the configuration, `--const` on the command line, and sweeps over a range.

mod program;

use program::interlock;
use serde_json::Value;
use std::path::Path;

const COUNTER: &str = "---- MODULE Counter ----\nEXTENDS Naturals, FiniteSets\nCONSTANTS N, S, F\nVARIABLE x\n\
                       Half(n) == n \\div 2\nDouble == 2 * N\nInit == x = 0\n\
                       Next == x < N /\\ x' = x + 1\nSmall == x < 4\nNow == x\nAsked == F[1] = 2 /\\ Cardinality(S) = 3\n====\n";

fn model(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("Counter.tla"), COUNTER).expect("a module");
    let rest = "INIT Init NEXT Next INVARIANTS Small Asked CHECK_DEADLOCK FALSE\n";
    std::fs::write(folder.path().join("Counter.cfg"), format!("CONSTANTS {config}\n{rest}")).expect("a configuration");
    folder
}

fn check(folder: &Path, flags: &[&str]) -> (Value, String) {
    let output = interlock(folder, &[&["tla", "check", "Counter", "--json"], flags].concat());
    let report = serde_json::from_slice(&output.stdout).expect("a report");
    (report, String::from_utf8_lossy(&output.stderr).into_owned())
}

const PLAIN: &str = "N = 2 S = {1, 2, 3} F = <<2>>";

#[test]
fn any_constant_expression_is_a_value() {
    let folder = model("N = Half(2 * 3) S = {N} \\cup 1..2 F = [i \\in {1, N} |-> IF i = 1 THEN 2 ELSE Double]");
    let (report, _) = check(folder.path(), &[]);
    assert_eq!((report["exit_code"].as_u64(), report["distinct"].as_u64()), (Some(0), Some(4)), "{report}");
    let constants = report["properties"][0]["detail"]["constants"].to_string();
    assert!(constants.contains("Half(2 * 3)"), "{constants}");
}

#[test]
fn an_expression_that_cannot_be_a_value_is_an_error_with_its_place() {
    let wrong = |config: &str| {
        let folder = model(config);
        let output = interlock(folder.path(), &["tla", "check", "Counter"]);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout),
        )
    };
    let (exit, text) = wrong("N = Now + 1 S = {1} F = <<2>>");
    assert_eq!(exit, Some(151), "{text}");
    assert!(text.contains("depends on variables") && text.contains("Counter.cfg:1:15"), "{text}");
    let (exit, text) = wrong("N = 2 S = {a} \\cup {1} F = <<2>>");
    assert_eq!(exit, Some(150), "{text}");
    assert!(text.contains("`a`") && text.contains("Counter.cfg:1:"), "{text}");
    let (exit, text) = wrong("N = 2 + S = {1} F = <<2>>");
    assert_ne!(exit, Some(0), "{text}");
}

#[test]
fn a_constant_of_the_command_line_takes_the_place_of_the_configuration() {
    let folder = model(PLAIN);
    let (report, _) = check(folder.path(), &["--const", "N=3", "--const", "S={x, y, z}", "--itf", "t.itf.json"]);
    assert_eq!((report["exit_code"].as_u64(), report["distinct"].as_u64()), (Some(0), Some(4)), "{report}");
    // A behavior that needs the constant is replayed with it.
    let (report, _) = check(folder.path(), &["--const", "N=2 + 3", "--itf", "t.itf.json"]);
    assert_eq!(report["exit_code"], 12, "{report}");
    let replayed = interlock(folder.path(), &["replay", "t.itf.json"]);
    assert_eq!(replayed.status.code(), Some(0), "{}", String::from_utf8_lossy(&replayed.stdout));
    let value = interlock(folder.path(), &["tla", "eval", "--const", "N = 7", "Counter", "Double + Half(N)"]);
    assert_eq!(String::from_utf8_lossy(&value.stdout), "17\n");
    let simulated = interlock(folder.path(), &["tla", "simulate", "Counter", "--const", "N=9", "--num", "5"]);
    assert_eq!(simulated.status.code(), Some(12));
}

#[test]
fn a_wrong_constant_of_the_command_line_is_told_with_its_text() {
    let folder = model(PLAIN);
    let wrong = |text: &str| {
        let output = interlock(folder.path(), &["tla", "check", "Counter", "--const", text]);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout),
        )
    };
    let (exit, text) = wrong("NN=3");
    assert_eq!(exit, Some(151), "{text}");
    assert!(text.contains("neither declares nor defines `NN`") && text.contains("did you mean `N`"), "{text}");
    let (exit, text) = wrong("N");
    assert_eq!(exit, Some(151), "{text}");
    let (exit, text) = wrong("N=3 INIT Next");
    assert_eq!(exit, Some(151), "{text}");
    assert!(text.contains("write --const NAME=VALUE"), "{text}");
}

#[test]
fn a_range_makes_one_run_for_each_value() {
    let folder = model(PLAIN);
    let output = interlock(folder.path(), &["tla", "check", "Counter", "--const", "N=2..5", "--workers", "1"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["N", "Verdict", "Generated", "Distinct", "Depth", "Time", "Exit"]);
    let facts: Vec<[&str; 4]> = rows[1..].iter().map(|row| [row[0], row[1], row[3], row[row.len() - 1]]).collect();
    let expected = [
        ["2", "Exhausted", "3", "0"],
        ["3", "Exhausted", "4", "0"],
        ["4", "Refuted", "5", "12"],
        ["5", "Refuted", "5", "12"],
    ];
    assert_eq!(facts, expected, "{text}");
    assert_eq!(output.status.code(), Some(12));

    let flags = ["tla", "check", "Counter", "--json", "--const", "N=1..2", "--const", "S=(1..3)", "--const", "F=<<2>>"];
    let output = interlock(folder.path(), &flags);
    let all: Value = serde_json::from_slice(&output.stdout).expect("an array");
    let values: Vec<&str> =
        all.as_array().expect("an array").iter().filter_map(|one| one["constants"]["N"].as_str()).collect();
    assert_eq!((values, output.status.code()), (vec!["1", "2"], Some(0)));

    let refused = interlock(folder.path(), &["tla", "check", "Counter", "--const", "N=1..2", "--dump", "g.dot"]);
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
}
