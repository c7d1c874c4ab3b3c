//! What the adapters' tests share: tools that are scripts, tools that are real, and a context that says nothing.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use external::{Places, Tool};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use verdict::event::NoEvents;
use verdict::{Context, Engine, Strength, Verdict};

/// A folder with scripts that pretend to be tools.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(&path, text).expect("a file");
        path
    }

    /// A script on the path of these places. Another process writes it: while a file is open for writing in this one, a test
    /// beside this one may start a process that inherits it, and the system then refuses to run it.
    pub fn script(&self, name: &str, text: &str) {
        let text = self.write(&format!("texts/{name}"), &format!("#!/bin/sh\n{text}\n"));
        let script = self.path().join("bin").join(name);
        let status = Command::new("install").args(["-D", "-m", "755"]).arg(text).arg(script).status();
        assert!(status.expect("install").success());
    }

    /// Only the scripts of this folder.
    pub fn places(&self) -> Places {
        Places { path: vec![self.path().join("bin")], ..Places::default() }
    }
}

/// Places of this machine.
pub fn real_places() -> Places {
    let path = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let of_home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".local/share/interlock/tools");
    let prefix = std::env::var_os("INTERLOCK_TOOLS").map_or_else(of_home, PathBuf::from);
    Places { path, prefix, ..Places::default() }
}

/// Whether the tools are here; says so if they are not.
pub fn have(tools: &[&Tool]) -> bool {
    let places = real_places();
    for tool in tools {
        if let Err(unusable) = tool.find(&places) {
            eprintln!("skipped: {unusable} ({})", unusable.remedy());
            return false;
        }
    }
    true
}

/// Everything that an engine has to say.
pub fn discharge(engine: &dyn Engine) -> Vec<(String, Verdict)> {
    let group = engine.discover();
    let context = Context { events: &NoEvents, workers: 2, memory_bytes: None };
    let verdicts = engine.discharge(&group, &context);
    assert_eq!(group.len(), verdicts.len(), "as many verdicts as obligations");
    let name = |obligation: &verdict::Obligation| format!("{}: {}", obligation.model, obligation.property);
    group.iter().map(name).zip(verdicts).collect()
}

/// Whether a verdict would count as a pass of something that is to hold, or of something that is to be refuted.
pub fn is_a_pass(verdict: &Verdict) -> bool {
    matches!(
        verdict.strength(),
        Strength::Proved | Strength::Exhausted | Strength::Bounded | Strength::Tested | Strength::Refuted
    )
}

/// What a verdict says, for messages and comparisons.
pub fn words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Declined(decline) => format!("Declined: {}", decline.reason),
        Verdict::Failed(failure) => format!("Failed: {:?}: {}", failure.class, failure.message),
        Verdict::Vacuous(vacuity) => format!("Vacuous: {}", vacuity.reason),
        Verdict::Bounded { bound, .. } => format!("Bounded: {bound}"),
        Verdict::Refuted(refutation) => format!("Refuted, replayed by {}", refutation.replayed_by),
        Verdict::Proved(proof) => format!("Proved: {} {:?}", proof.checker, proof.axioms),
        Verdict::Exhausted(_) | Verdict::Tested(_) | Verdict::Assumed(_) => verdict.strength().word().to_owned(),
    }
}
