//! Writing a run: take a number, add traces, finish.

use crate::{Ledger, LedgerError, RunHeader};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use verdict::Evidence;

/// The events of a complete run.
pub(crate) const EVENTS: &str = "events.ndjson";

/// The events of a run that goes on.
const EVENTS_PART: &str = "events.ndjson.part";

/// A run whose number is taken and whose header is not written yet.
#[derive(Debug)]
pub struct OpenRun {
    number: u64,
    folder: PathBuf,
}

impl Ledger {
    /// Takes the next free number by creating its folder.
    ///
    /// # Errors
    /// If the folder cannot be created for another reason than that a run going on at the same time was faster.
    pub fn begin(&self) -> Result<OpenRun, LedgerError> {
        fs::create_dir_all(&self.runs).map_err(LedgerError::io("create", &self.runs))?;
        let mut number = self.numbers()?.last().map_or(1, |last| last + 1);
        loop {
            let folder = self.runs.join(number.to_string());
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(OpenRun { number, folder }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(LedgerError::io("create", &folder)(error)),
            }
        }
    }
}

impl OpenRun {
    /// The run's number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The run's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a trace goes. Letters, digits, `.`, `_` and `-` of the name are kept, all
    /// else becomes `_`, so that any property's name is a file name everywhere.
    /// A name that is taken already gets a number behind it.
    fn trace_path(&self, name: &str) -> PathBuf {
        let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let name: String = name.trim_start_matches('.').chars().map(safe).collect();
        let folder = self.folder.join("traces");
        let mut path = folder.join(format!("{name}.itf.json"));
        let mut number = 2;
        while path.exists() {
            path = folder.join(format!("{name}-{number}.itf.json"));
            number += 1;
        }
        path
    }

    /// Writes a trace, given as the text of an ITF file, and says where it stands.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn write_trace(&self, name: &str, itf: &str) -> Result<PathBuf, LedgerError> {
        let path = self.trace_path(name);
        let folder = self.folder.join("traces");
        fs::create_dir_all(&folder).map_err(LedgerError::io("create", &folder))?;
        write_atomically(&path, itf.as_bytes())?;
        Ok(path)
    }

    /// The file that events go to while the run goes on. It becomes `events.ndjson` when the run is complete.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn events_file(&self) -> Result<File, LedgerError> {
        let path = self.folder.join(EVENTS_PART);
        File::create(&path).map_err(LedgerError::io("create", &path))
    }

    /// Gives the events, if there are any, their name.
    fn close_events(&self) -> Result<(), LedgerError> {
        let part = self.folder.join(EVENTS_PART);
        match File::open(&part) {
            Ok(file) => file.sync_all().map_err(LedgerError::io("write", &part))?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(LedgerError::io("read", &part)(error)),
        }
        fs::rename(&part, self.folder.join(EVENTS)).map_err(LedgerError::io("write", &part))
    }

    /// Writes evidence and header. The run is complete after that.
    ///
    /// # Errors
    /// If the operating system refuses, or a figure is not a number.
    pub fn finish(self, header: &RunHeader, evidence: &[Evidence]) -> Result<PathBuf, LedgerError> {
        let path = self.folder.join("evidence.ndjson");
        let mut lines = Vec::new();
        for one in evidence {
            serde_json::to_writer(&mut lines, one).map_err(|error| unwritable(&path, &error))?;
            lines.push(b'\n');
        }
        write_atomically(&path, &lines)?;
        self.close_events()?;
        let traces = self.folder.join("traces");
        if traces.is_dir() {
            flush_folder(&traces)?;
        }
        // What the header vouches for has to be on the disk before it.
        flush_folder(&self.folder)?;
        let path = self.folder.join("run.json");
        let mut text = serde_json::to_vec_pretty(header).map_err(|error| unwritable(&path, &error))?;
        text.push(b'\n');
        write_atomically(&path, &text)?;
        flush_folder(&self.folder)?;
        Ok(self.folder)
    }
}

fn unwritable(path: &Path, error: &serde_json::Error) -> LedgerError {
    LedgerError::Format { path: path.to_path_buf(), reason: error.to_string() }
}

/// A reader sees the old file or the whole new one, never a part.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), LedgerError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".part");
    let temporary = PathBuf::from(temporary);
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(LedgerError::io("write", &temporary))?;
    fs::rename(&temporary, path).map_err(LedgerError::io("write", path))
}

/// Flushes the names in a folder to the disk. Other systems than Unix have no call for it.
pub(crate) fn flush_folder(folder: &Path) -> Result<(), LedgerError> {
    if cfg!(unix) {
        let flush = || File::open(folder)?.sync_all();
        flush().map_err(LedgerError::io("write", folder))?;
    }
    Ok(())
}
