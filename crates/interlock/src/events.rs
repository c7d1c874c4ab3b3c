//! The stream of events for programs: one JSON object a line, as things happen. `docs/events.md` describes it.
//!
//! The first line is `hello`, the last one `result`; lines are numbered, so that a reader knows whether it has all of
//! them. A reader who has gone away does not end the run.

use crate::command_error::CommandError;
use crate::monitor::Listener;
use report::RunReport;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use verdict::{Event, ExitCode};

/// Version of the stream; raised when the meaning of a field changes.
pub const VERSION: u32 = 1;

/// The stream.
pub struct Events {
    out: Mutex<(Box<dyn Write + Send>, u64)>,
}

impl Events {
    /// Opens the stream: a file, or stdout for `-`.
    pub fn open(path: &Path, command: &str) -> Result<Self, CommandError> {
        let out: Box<dyn Write + Send> = if path == Path::new("-") {
            Box::new(std::io::stdout())
        } else {
            Box::new(File::create(path).map_err(|error| {
                let message = format!("cannot write {}: {error}", path.display());
                CommandError::new(ExitCode::System, message, "name a file in a folder that exists and is writable")
            })?)
        };
        Ok(Self::to(out, command))
    }

    /// A stream into something that is open already.
    pub fn to(out: Box<dyn Write + Send>, command: &str) -> Self {
        let events = Self { out: Mutex::new((out, 0)) };
        let tool = json!({ "name": "interlock", "version": env!("CARGO_PKG_VERSION") });
        events.write(json!({ "event": "hello", "format": "interlock-events", "version": VERSION, "tool": tool, "command": command }));
        events
    }

    /// The last line.
    pub fn result(&self, report: &RunReport) {
        let exit_code = report.exit_code;
        self.write(json!({ "event": "result", "exit_code": exit_code, "report": report::json::report_value(report) }));
    }

    fn write(&self, mut line: Value) {
        let mut guard = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let (out, number) = &mut *guard;
        *number += 1;
        if let Value::Object(fields) = &mut line {
            fields.insert("seq".to_owned(), json!(*number));
        }
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

impl Listener for Events {
    fn hear(&self, event: &Event) {
        // Events are plain data, which always has a form in JSON.
        if let Ok(line) = serde_json::to_value(event) {
            self.write(line);
        }
    }
}
