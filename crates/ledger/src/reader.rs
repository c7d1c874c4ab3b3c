//! Reading runs back.

use crate::run::{FORMAT, VERSION};
use crate::writer::EVENTS;
use crate::{Ledger, LedgerError, RunHeader};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use verdict::{Event, Evidence, Explored};

/// A complete run.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRun {
    /// Its folder.
    pub folder: PathBuf,
    /// What was run.
    pub header: RunHeader,
    /// What was found, in the order of the run.
    pub evidence: Vec<Evidence>,
}

impl Ledger {
    /// Numbers taken so far, ascending, those of runs that never finished included.
    ///
    /// # Errors
    /// If the folder exists and cannot be listed.
    pub fn numbers(&self) -> Result<Vec<u64>, LedgerError> {
        let entries = match fs::read_dir(&self.runs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LedgerError::io("list", &self.runs)(error)),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let entry = entry.map_err(LedgerError::io("list", &self.runs))?;
            // Parsed as 32 bits, so that a stray folder with a huge name cannot make the next number overflow.
            numbers.extend(entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()).map(u64::from));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Number of the newest complete run.
    ///
    /// # Errors
    /// If the folder exists and cannot be listed.
    pub fn latest(&self) -> Result<Option<u64>, LedgerError> {
        let complete = |number: &u64| self.runs.join(number.to_string()).join("run.json").is_file();
        Ok(self.numbers()?.into_iter().rev().find(complete))
    }

    /// Reads a complete run.
    ///
    /// # Errors
    /// If there is no such run, it never finished, or a file of it is not what this version writes.
    pub fn read(&self, number: u64) -> Result<RecordedRun, LedgerError> {
        let folder = self.runs.join(number.to_string());
        let header = read_header(&folder.join("run.json"), number, &self.runs)?;
        let evidence = read_evidence(&folder.join("evidence.ndjson"))?;
        Ok(RecordedRun { folder, header, evidence })
    }
}

impl RecordedRun {
    /// What each search of the run counted, with the name of its model. Empty for a run that kept no events.
    ///
    /// # Errors
    /// If the events exist and cannot be read. A line that is no event of this version is passed over: the stream has
    /// lines of its own beside the events.
    pub fn explorations(&self) -> Result<Vec<(String, Explored)>, LedgerError> {
        let path = self.folder.join(EVENTS);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LedgerError::io("read", &path)(error)),
        };
        let mut found = Vec::new();
        let mut current = String::new();
        for event in text.lines().filter_map(|line| serde_json::from_str::<Event>(line).ok()) {
            match event {
                Event::Started { model } => current = model,
                Event::Explored(explored) => found.push((current.clone(), *explored)),
                _ => {}
            }
        }
        Ok(found)
    }

    /// The file of a counterexample, wherever the ledger has been moved to.
    pub fn trace_file(&self, evidence: &Evidence) -> Option<PathBuf> {
        let name = Path::new(evidence.artefacts.get("trace")?).file_name()?;
        Some(self.folder.join("traces").join(name))
    }
}

impl Ledger {
    /// Every complete run, oldest first.
    ///
    /// # Errors
    /// If the folder cannot be listed, or a complete run cannot be read.
    pub fn complete_runs(&self) -> Result<Vec<RecordedRun>, LedgerError> {
        let mut runs = Vec::new();
        for number in self.numbers()? {
            match self.read(number) {
                Ok(run) => runs.push(run),
                Err(LedgerError::NoSuchRun { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(runs)
    }
}

fn read_header(path: &Path, number: u64, runs: &Path) -> Result<RunHeader, LedgerError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(LedgerError::NoSuchRun { number, folder: runs.to_path_buf() });
        }
        Err(error) => return Err(LedgerError::io("read", path)(error)),
    };
    let header: RunHeader = serde_json::from_str(&text).map_err(|error| unreadable(path, error.to_string()))?;
    if header.format != FORMAT || header.version != VERSION {
        let reason =
            format!("format {} version {}, expected {FORMAT} version {VERSION}", header.format, header.version);
        return Err(unreadable(path, reason));
    }
    Ok(header)
}

fn read_evidence(path: &Path) -> Result<Vec<Evidence>, LedgerError> {
    let text = fs::read_to_string(path).map_err(LedgerError::io("read", path))?;
    let line = |(index, line)| {
        serde_json::from_str(line).map_err(|error| unreadable(path, format!("line {}: {error}", index + 1)))
    };
    text.lines().enumerate().map(line).collect()
}

fn unreadable(path: &Path, reason: String) -> LedgerError {
    LedgerError::Format { path: path.to_path_buf(), reason }
}
