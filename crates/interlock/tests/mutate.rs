//! `interlock tla mutate` from end to end.

use std::fs;
use std::path::Path;
use std::process::Command;

const POOL: &str = r#"---- MODULE Pool ----
EXTENDS Integers
VARIABLES free, taken, log
Init == free = 2 /\ taken = 0 /\ log = 0
Take == free > 0 /\ free' = free - 1 /\ taken' = taken + 1 /\ UNCHANGED log
Give == taken > 0 /\ free' = free + 1 /\ taken' = taken - 1 /\ UNCHANGED log
Note == log < 3 /\ log' = (log + 1) % 5 /\ UNCHANGED <<free, taken>>
Next == Take \/ Give \/ Note
Conserved == free + taken = 2
Natural == free \in 0..2
====
"#;

fn mutate(folder: &Path, config: &str, more: &[&str]) -> (i32, String) {
    fs::write(folder.join("Pool.tla"), POOL).expect("the module");
    fs::write(folder.join("Pool.cfg"), config).expect("the configuration");
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["tla", "mutate", "Pool.tla"]).args(more).current_dir(folder);
    command.env("NO_COLOR", "1").env("COLUMNS", "100").env_remove("TLA_LIBRARY");
    let output = command.output().expect("the program");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("a code"), text(output.stdout) + &text(output.stderr))
}

#[test]
fn what_no_property_notices_is_told_with_its_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (code, text) = mutate(folder.path(), "INIT Init\nNEXT Next\nINVARIANTS Conserved Natural\n", &[]);
    assert_eq!(code, 20, "{text}");
    // Nothing says how often `log` may grow, and nothing but that how many tokens there are is said of the others.
    assert!(text.contains("survived   Pool.tla:7:15  bound shifted in Note"), "{text}");
    assert!(text.contains("3 → (3 + 1)"), "{text}");
    assert!(!text.contains("survived   Pool.tla:5:9"), "a guard that is dropped breaks Natural: {text}");
    assert!(text.contains("killed by a property") && text.contains("Noticed:"), "{text}");
}

#[test]
fn a_specification_that_is_refuted_itself_has_no_mutants() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let broken = POOL.replace("free = 2", "free = 3");
    fs::write(folder.path().join("Broken.tla"), broken.replace("MODULE Pool", "MODULE Broken")).expect("the module");
    fs::write(folder.path().join("Broken.cfg"), "INIT Init\nNEXT Next\nINVARIANT Conserved\n").expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["tla", "mutate", "Broken.tla"])
        .current_dir(folder.path())
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(12));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("mutants tell something only of a specification that is met"), "{text}");
}

#[test]
fn a_limit_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = "INIT Init\nNEXT Next\nINVARIANTS Conserved Natural\n";
    let text = mutate(folder.path(), config, &["--limit", "3"]).1;
    assert!(text.contains("3 mutants:") && text.contains("mutants were explored (--limit)"), "{text}");
}

#[test]
fn a_mutant_is_equal_if_its_graph_is_and_not_if_its_figures_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = POOL
        .replace("Take == free > 0", "Take == free > 0 /\\ taken < 2")
        .replace("Next ==", "Jump == log = 0 /\\ log' = 2 /\\ UNCHANGED <<free, taken>>\nNext == Jump \\/");
    fs::write(folder.path().join("Jumping.tla"), text.replace("MODULE Pool", "MODULE Jumping")).expect("the module");
    fs::write(folder.path().join("Jumping.cfg"), "INIT Init\nNEXT Next\nINVARIANTS Conserved Natural\n")
        .expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["tla", "mutate", "Jumping.tla"]).current_dir(folder.path());
    let output = command.env("NO_COLOR", "1").env("COLUMNS", "100").env_remove("TLA_LIBRARY").output().expect("output");
    let text = String::from_utf8_lossy(&output.stdout);
    let told = |change: &str| {
        let at =
            text.lines().position(|line| line.trim() == change).unwrap_or_else(|| panic!("no {change} in\n{text}"));
        let lines: Vec<&str> = text.lines().collect();
        (lines[at - 1].split(' ').next().unwrap_or_default().to_owned(), lines[at + 1].trim().to_owned())
    };
    // That a token is left says that fewer than two are taken. 3 numbers of free tokens and 4 of the log make 12 states; 4
    // moves of a token for each log, 3 steps of the log and a jump for each number of tokens make 28 steps.
    let same = "same 12 states and 28 transitions as the specification".to_owned();
    assert_eq!(told("taken < 2 → TRUE"), ("equal".to_owned(), same));
    // Jumping from elsewhere too leads to no new state and to none later, but it makes other steps.
    assert_eq!(told("log = 0 → TRUE").0, "survived");
}
