//! What the tests against TLC's recorded results share: where the optional data lies, and how a model is checked by the
//! program as a user runs it.
//!
//! The data is not part of the repository. It is looked for in the folder that `INTERLOCK_SHARED` names, else in
//! `../shared` beside the workspace; where it is absent a test says so on stderr and passes.

#![allow(dead_code)] // Each test uses its own part.

use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The file or folder of the optional data, if it is there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = std::env::var_os("INTERLOCK_SHARED").map_or_else(beside, PathBuf::from).join(path);
    if !found.exists() {
        eprintln!("NOT TESTED: {path} is absent; set INTERLOCK_SHARED to the folder that holds it");
        return None;
    }
    Some(found)
}

/// What one run of the program gave.
pub struct Outcome {
    /// The exit code; `None` when the run was stopped at its time limit.
    pub exit: Option<i32>,
    /// States generated, distinct states, depth; `None` where the report has no numbers.
    pub counts: Option<[u64; 3]>,
}

/// Checks a model with `interlock tla check`; the folder receives the report.
pub fn check(spec: &Path, config: &Path, workers: u32, folder: &Path, limit: Duration) -> Outcome {
    check_with(&[], spec, config, workers, folder, limit)
}

/// The same as TLC does it: liveness is checked although a constraint, view or symmetry hides behaviors.
pub fn check_as_tlc(spec: &Path, config: &Path, workers: u32, folder: &Path, limit: Duration) -> Outcome {
    check_with(&["--liveness-under-reduction"], spec, config, workers, folder, limit)
}

fn check_with(flags: &[&str], spec: &Path, config: &Path, workers: u32, folder: &Path, limit: Duration) -> Outcome {
    let report = folder.join("report.json");
    let mut child = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["tla", "check", "--json", "--workers", &workers.to_string()])
        .args(flags)
        .arg("--config")
        .args([config, spec])
        .env_remove("TLA_LIBRARY")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(File::create(&report).expect("a file for the report"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let start = Instant::now();
    let exit = loop {
        if let Some(status) = child.try_wait().expect("the program can be waited for") {
            break status.code();
        }
        if start.elapsed() > limit {
            child.kill().expect("the program can be stopped");
            child.wait().expect("the program can be waited for");
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    Outcome { exit, counts: counts(&report) }
}

/// The three counters of a report.
fn counts(report: &Path) -> Option<[u64; 3]> {
    let report: Value = serde_json::from_slice(&std::fs::read(report).ok()?).ok()?;
    Some([report["generated"].as_u64()?, report["distinct"].as_u64()?, report["depth"].as_u64()?])
}
