//! What can go wrong with the record.

use std::io;
use std::path::{Path, PathBuf};

/// Why the ledger could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The operating system refused. Remedy: check space and permissions of the folder.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `write`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The reason given.
        source: io::Error,
    },
    /// A file of a run is not what this version writes. Remedy: read it with the version that wrote it, or delete the run.
    #[error("{} is not a record that this version can read: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such run.
    #[error("there is no run {number} in {}", folder.display())]
    NoSuchRun {
        /// The number asked for.
        number: u64,
        /// Where it was looked for.
        folder: PathBuf,
    },
}

impl LedgerError {
    /// Wraps an error of the operating system.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }
}
