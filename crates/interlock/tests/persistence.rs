//! Searches that are killed, interrupted and short of memory end as if nothing had happened. (`benches/kill-resume` kills
//! a few hundred.)
#![cfg(unix)]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const COUNTERS: &str = "---- MODULE Counters ----
EXTENDS Naturals, Sequences
VARIABLES counters, log, turn
Init == counters = <<0, 0, 0>> /\\ log = <<>> /\\ turn = 0
Raise(i) ==
    /\\ counters[i] < 13
    /\\ counters' = [counters EXCEPT ![i] = @ + 1]
    /\\ log' = IF Len(log) < 2 THEN Append(log, i) ELSE <<log[2], i>>
    /\\ turn' = (turn + i) % 4
Next == \\E i \\in 1..3 : Raise(i)
Below == counters[1] + counters[2] + counters[3] < LIMIT
Rest == <>(counters = <<13, 13, 13>>)
Spec == Init /\\ [][Next]_<<counters, log, turn>> /\\ WF_<<counters, log, turn>>(Next)
====
";

/// A folder with a model that holds, liveness included, or whose invariant is broken at this sum.
fn model(limit: u32) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("Counters.tla"), COUNTERS.replace("LIMIT", &limit.to_string())).expect("a file");
    let config = "SPECIFICATION Spec\nINVARIANT Below\nPROPERTY Rest\nCHECK_DEADLOCK FALSE\n";
    fs::write(folder.path().join("Counters.cfg"), config).expect("a file");
    folder
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["tla", "check", "Counters", "--json"]).args(arguments).current_dir(folder);
    command.env("NO_COLOR", "1").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program")
}

/// What must not differ.
fn outcome(report: &Value) -> Value {
    let mut kept = serde_json::Map::new();
    for field in ["verdict", "exit_code", "generated", "distinct", "depth", "counterexamples"] {
        kept.insert(field.to_owned(), report[field].clone());
    }
    for behavior in kept["counterexamples"].as_array_mut().into_iter().flatten() {
        behavior["notes"] = Value::Null;
    }
    Value::Object(kept)
}

fn finish(child: Child) -> Value {
    let output = child.wait_with_output().expect("the program");
    let report = serde_json::from_slice(&output.stdout);
    report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Waits until the checkpoint is another one than before.
fn await_checkpoint(folder: &Path, child: &mut Child) -> bool {
    let manifest = folder.join("saved/checkpoint");
    let read = || fs::read(&manifest).unwrap_or_default();
    let (before, began) = (read(), Instant::now());
    while read() == before {
        if child.try_wait().expect("the program").is_some() {
            return false;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "no checkpoint is written");
        std::thread::sleep(Duration::from_millis(2));
    }
    true
}

fn saving(resume: bool, workers: &str) -> Vec<&str> {
    let first = if resume { "--resume" } else { "--checkpoint" };
    vec![first, "saved", "--checkpoint-every", "20ms", "--workers", workers]
}

#[test]
fn a_search_that_is_killed_again_and_again_ends_as_if_nothing_had_happened() {
    for limit in [100, 33] {
        let folder = model(limit);
        let expected = outcome(&finish(start(folder.path(), &["--workers", "1"])));
        let mut kills = 0;
        for workers in ["1", "3", "2", "4"] {
            let mut child = start(folder.path(), &saving(kills > 0, workers));
            if !await_checkpoint(folder.path(), &mut child) {
                break;
            }
            // At another moment each time: while the next checkpoint is written, or between two of them.
            std::thread::sleep(Duration::from_millis(17 * kills));
            child.kill().expect("a kill");
            child.wait().expect("the end");
            kills += 1;
        }
        assert!(kills > 0, "the search was over too early");
        assert_eq!(outcome(&finish(start(folder.path(), &saving(true, "2")))), expected, "after {kills} kills");
    }
}

#[test]
fn a_search_that_is_asked_to_stop_saves_itself() {
    let folder = model(100);
    let expected = outcome(&finish(start(folder.path(), &["--workers", "2"])));
    let arguments = ["--checkpoint", "saved", "--checkpoint-every", "1h", "--workers", "2"];
    let child = start(folder.path(), &arguments);
    // By then it searches; if it is done already there is nothing to resume but its end.
    std::thread::sleep(Duration::from_millis(300));
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    let report = finish(child);
    assert!(asked.success() || report["exit_code"] == 0);
    assert!(folder.path().join("saved/checkpoint").is_file());
    let other = ["--resume", "saved", "--workers", "1"];
    assert_eq!(outcome(&finish(start(folder.path(), &other))), expected);
}

#[test]
fn another_specification_is_refused() {
    let folder = model(100);
    finish(start(folder.path(), &saving(false, "2")));
    fs::write(folder.path().join("Counters.tla"), COUNTERS.replace("LIMIT", "101")).expect("a file");
    let report = finish(start(folder.path(), &saving(true, "2")));
    assert_eq!(report["exit_code"], 151);
    let text = report.to_string();
    assert!(text.contains("the checkpoint is of another specification or configuration"), "{text}");
}

#[test]
fn a_search_that_is_short_of_memory_counts_as_one_that_is_not() {
    let folder = model(33);
    let expected = outcome(&finish(start(folder.path(), &["--workers", "1"])));
    for store in ["auto", "fingerprint"] {
        let arguments = ["--workers", "2", "--memory", "800K", "--store", store, "--spill", "states"];
        let report = finish(start(folder.path(), &arguments));
        assert_eq!(outcome(&report), expected, "{store}");
        assert!(report["warnings"].to_string().contains("states go to states"), "{}", report["warnings"]);
        assert!(!folder.path().join("states").exists());
    }
}
