//! A run is stopped wherever it is: in the middle of a step with more successors than anybody waits for, in an
//! assumption that enumerates a huge set, and while it saves itself.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Exit code of a run that was stopped.
const INTERRUPTED: i32 = 130;

/// Long enough for the slowest machine; the runs themselves would take years.
const PATIENCE: Duration = Duration::from_secs(120);

/// A step that enumerates about 10^24 successors.
const ENDLESS_STEP: &str = "---- MODULE T ----
EXTENDS Integers
VARIABLE x
Init == x = 0
Next == \\E f, g \\in [1..12 -> 1..10] : f[1] + g[2] = 0 /\\ x' = 1
====
";

/// An assumption about as many functions.
const ENDLESS_ASSUMPTION: &str = "---- MODULE T ----
EXTENDS Integers
VARIABLE x
ASSUME \\A f, g \\in [1..12 -> 1..10] : f[1] + g[2] > 0
Init == x = 0
Next == x' = x
====
";

fn start(folder: &Path, module: &str, flags: &[&str]) -> Child {
    std::fs::write(folder.join("T.tla"), module).unwrap();
    std::fs::write(folder.join("T.cfg"), "INIT Init\nNEXT Next\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["tla"]).args(flags).args(["T.tla"]).env("NO_COLOR", "1").current_dir(folder);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Asks the run to stop, and waits for its end.
fn stop(mut child: Child) -> Output {
    std::thread::sleep(Duration::from_millis(700));
    assert!(child.try_wait().unwrap().is_none(), "the run is over before it was stopped");
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("the run goes on");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

fn assert_stopped(output: &Output) {
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(INTERRUPTED), "{told}");
    assert!(!told.contains("was met as expected"), "{told}");
}

#[test]
fn a_run_is_stopped_within_a_step() {
    let folder = tempfile::tempdir().unwrap();
    for flags in [&["check", "--workers", "1"][..], &["check", "--workers", "2"], &["simulate"]] {
        assert_stopped(&stop(start(folder.path(), ENDLESS_STEP, flags)));
    }
}

#[test]
fn a_run_is_stopped_within_an_assumption() {
    let folder = tempfile::tempdir().unwrap();
    assert_stopped(&stop(start(folder.path(), ENDLESS_ASSUMPTION, &["check"])));
}

#[test]
fn a_run_that_saves_itself_gives_the_step_up_and_keeps_the_checkpoint_before() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let flags = ["check", "--checkpoint", saved.to_str().unwrap()];
    assert_stopped(&stop(start(folder.path(), ENDLESS_STEP, &flags)));
}
