//! Outside provers in `interlock check`: what is said where they are missing, and what is kept where they are not.

#![allow(clippy::print_stderr)] // A test says what it did not run.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const PROJECT: &str = r#"
[project]
name = "outside"

[[property]]
id = "S.Kept"
statement = "What was written is read."
kind = "safety"

[[harness]]
name = "slots"
source = "slots.c"
unwind = 3
broken = { BROKEN_LOSE = "S.Kept" }

[[proof]]
name = "proofs"
folder = "proofs"
theorems = { "base.kept" = "S.Kept" }

[[annotated]]
name = "locks"
source = "locks.cpp"
broken = { BROKEN_NO_LOCK = "S.Kept" }
"#;

const HARNESS: &str = r#"
unsigned nondet_uint(void);
int main(void)
{
    unsigned value = nondet_uint(), slot = value;
#ifdef BROKEN_LOSE
    if (value == 41) slot = 0;
#endif
    __CPROVER_assert(slot == value, "S.Kept: the slot has the value");
    return 0;
}
"#;

const LOCKS: &str = r#"
class __attribute__((capability("mutex"))) Mutex {
 public:
  void lock() __attribute__((acquire_capability()));
  void unlock() __attribute__((release_capability()));
};
Mutex mutex;
int slot __attribute__((guarded_by(mutex)));
void write() {
#ifndef BROKEN_NO_LOCK
  mutex.lock();
  slot = 1;
  mutex.unlock();
#else
  slot = 1;
#endif
}
"#;

fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    };
    write("interlock.toml", PROJECT);
    write("slots.c", HARNESS);
    write("locks.cpp", LOCKS);
    write("proofs/_CoqProject", "-Q . demo\n");
    write("proofs/base.v", "Theorem kept : forall n : nat, n = n. Proof. reflexivity. Qed.\n");
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").env("COLUMNS", "100");
    command
}

/// On a machine without any of the tools.
fn bare(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).env("PATH", "/nowhere").env("INTERLOCK_TOOLS", "/nowhere").output().expect("the program")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn what_missing_tools_would_have_checked_is_a_stated_gap() {
    let folder = project();
    let output = bare(folder.path(), &["check"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in ["6 not run for want of cbmc, clang, coq", "interlock tools install cbmc", "gap: S.Kept"] {
        assert!(text.contains(part) || text.replace("\n  ", " ").contains(part), "`{part}` is missing in\n{text}");
    }
    assert_eq!(bare(folder.path(), &["check", "--strict"]).status.code(), Some(20));
    let object = json(&bare(folder.path(), &["check", "--json"]));
    let evidence = object["properties"].as_array().expect("evidence");
    assert_eq!(evidence.len(), 6, "as many verdicts as obligations: {object}");
    assert!(evidence.iter().all(|one| one["verdict"] == "declined"), "{object}");
}

#[test]
fn a_name_chooses_among_all_of_them() {
    let folder = project();
    let text = String::from_utf8_lossy(&bare(folder.path(), &["check", "--model", "slots"]).stdout).into_owned();
    assert!(text.contains("only 1 of 3 models were run"), "{text}");
    let none = bare(folder.path(), &["check", "--model", "nothing"]);
    assert!(String::from_utf8_lossy(&none.stderr).contains("the models are slots, proofs, locks"));
}

#[test]
fn with_the_tools_everything_is_met_and_the_replay_is_kept() {
    let folder = project();
    let output = command(folder.path(), &["check", "--json"]).output().expect("the program");
    let object = json(&output);
    let evidence = object["properties"].as_array().expect("evidence");
    if evidence.iter().any(|one| one["verdict"] == "declined") {
        eprintln!("skipped: some of cbmc, coq and clang are not installed (interlock tools install cbmc coq clang)");
        return;
    }
    assert_eq!(output.status.code(), Some(0), "{object:#}");
    let traces = folder.path().join(".interlock/runs/1/traces");
    let replay = fs::read_dir(traces).expect("traces").filter_map(|entry| Some(entry.ok()?.path()));
    let replay = replay.into_iter().find(|path| path.to_string_lossy().ends_with("replay.c")).expect("the program");
    let program = folder.path().join("replay");
    let flags = ["-w", "-fsanitize=address,undefined"];
    let compiled = Command::new("gcc").args(flags).arg(&replay).arg("-o").arg(&program).status().expect("gcc");
    assert!(compiled.success());
    let run = Command::new(program).output().expect("the program");
    assert!(String::from_utf8_lossy(&run.stderr).contains("S.Kept: the slot has the value"), "{run:?}");
    // A second run takes what did not change from the first.
    let again = json(&command(folder.path(), &["check", "--json"]).output().expect("the program"));
    let strengths = |object: &Value| {
        let all = object["properties"].as_array().cloned().unwrap_or_default();
        all.into_iter().map(|one| one["verdict"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(strengths(&again), strengths(&object));
    assert!(again.to_string().contains("\"cached\":1"), "{again}");
}
