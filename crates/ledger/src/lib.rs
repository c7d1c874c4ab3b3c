//! The record of runs on disk.
//!
//! A run is a numbered folder `.interlock/runs/N` beside the project file:
//!
//! | file | content |
//! |---|---|
//! | `run.json` | [`RunHeader`]: command line, tool version, seeds, hashes of every input, exit code |
//! | `evidence.ndjson` | one [`verdict::Evidence`] a line |
//! | `events.ndjson` | what the engines told while they worked, one JSON object a line |
//! | `traces/*.itf.json` | counterexamples |
//!
//! Invariants: the number is taken by creating the folder, which the file system makes atomic, so two runs at once never
//! share one; every file is written under a temporary name, flushed to the disk and renamed; `run.json` comes last, after
//! the folder itself was flushed, so a folder that has one is complete and a run that died leaves a folder that readers
//! skip. A complete run is never written to again. Nothing here reads a clock or the environment.
//!
//! Why the folder is not renamed as a whole: the folder of a number is also the claim to it. Were the claim to lie
//! elsewhere, a run that is listed while another one renames its folder could take the same number.
//!
//! Rounds of attempts beyond the obligations have folders of their own, `.interlock/rounds/N`.

mod anchors;
mod baseline;
mod compare;
mod error;
mod hash;
mod reader;
mod rounds;
mod run;
mod writer;

pub use anchors::{Drift, Drifted, RecordedAnchor, drift};
pub use baseline::{Baseline, KnownFinding};
pub use compare::{Compared, Standing, compare, is_met};
pub use error::LedgerError;
pub use hash::{hash_of, input_file};
pub use reader::RecordedRun;
pub use rounds::OpenRound;
pub use run::{FORMAT, RecordedGap, RunHeader, VERSION};
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
