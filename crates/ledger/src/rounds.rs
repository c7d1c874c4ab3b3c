//! Rounds on disk: numbered folders `.interlock/rounds/N` with the attempts as data and as a report.
//!
//! As with runs, a number is taken by creating its folder, every file is written under another name and renamed, and
//! `attempts.json` comes last: a folder without it belongs to a round that goes on or was ended.

use crate::writer::{flush_folder, write_atomically};
use crate::{Ledger, LedgerError};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A round whose number is taken.
#[derive(Debug)]
pub struct OpenRound {
    number: u64,
    folder: PathBuf,
}

impl Ledger {
    /// Takes the next free number of a round.
    ///
    /// # Errors
    /// If the folder cannot be created.
    pub fn begin_round(&self) -> Result<OpenRound, LedgerError> {
        let rounds = self.runs_folder().with_file_name("rounds");
        fs::create_dir_all(&rounds).map_err(LedgerError::io("create", &rounds))?;
        let mut number = 1;
        loop {
            let folder = rounds.join(number.to_string());
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(OpenRound { number, folder }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(LedgerError::io("create", &folder)(error)),
            }
        }
    }
}

impl OpenRound {
    /// Its number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes the reports and then the attempts.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn finish(self, markdown: &str, html: &str, attempts: &str) -> Result<PathBuf, LedgerError> {
        for (name, text) in [("report.md", markdown), ("report.html", html), ("attempts.json", attempts)] {
            write_atomically(&self.folder.join(name), text.as_bytes())?;
            flush_folder(&self.folder)?;
        }
        Ok(self.folder)
    }
}

#[cfg(test)]
mod tests {
    use crate::Ledger;

    #[test]
    fn rounds_are_numbered_apart_from_runs_and_hold_their_reports() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ledger = Ledger::of_project(folder.path());
        ledger.begin().expect("a run");
        let (first, second) = (ledger.begin_round().expect("a round"), ledger.begin_round().expect("a round"));
        assert_eq!((first.number(), second.number()), (1, 2));
        let written = second.finish("# md", "<p>", "{}").expect("a report");
        assert_eq!(std::fs::read_to_string(written.join("report.md")).expect("a file"), "# md");
        assert!(written.join("attempts.json").is_file() && !first.folder().join("attempts.json").exists());
    }
}
