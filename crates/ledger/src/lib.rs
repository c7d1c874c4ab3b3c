//! The record of runs on disk.
//!
//! A run is a numbered folder `.interlock/runs/N` beside the project file:
//!
//! | file | content |
//! |---|---|
//! | `run.json` | [`RunHeader`]: command line, tool version, seeds, hashes of every input, exit code |
//! | `evidence.ndjson` | one [`verdict::Evidence`] a line |
//! | `traces/*.itf.json` | counterexamples |
//!
//! Invariants: the number is taken by creating the folder, which the file system makes atomic, so two runs at once never
//! share one; every file is written under a temporary name and renamed; `run.json` comes last, so a folder that has one
//! is complete and a run that died leaves a folder that readers skip. Nothing here reads a clock or the environment.
//!
//! What is deliberately absent: comparison of runs, rounds and gaps over time; they need nothing but what is kept here.

mod error;
mod hash;
mod reader;
mod run;
mod writer;

pub use error::LedgerError;
pub use hash::{hash_of, input_file};
pub use reader::RecordedRun;
pub use run::{FORMAT, RunHeader, VERSION};
pub use writer::OpenRun;

use std::path::{Path, PathBuf};

/// The ledger of one project.
#[derive(Debug, Clone)]
pub struct Ledger {
    runs: PathBuf,
}

impl Ledger {
    /// The ledger beside a project file, `FOLDER/.interlock`. Nothing is created yet.
    pub fn of_project(folder: &Path) -> Self {
        Self { runs: folder.join(".interlock").join("runs") }
    }

    /// The folder that holds the numbered runs.
    pub fn runs_folder(&self) -> &Path {
        &self.runs
    }
}
