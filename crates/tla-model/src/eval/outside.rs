//! The world outside of the evaluator: what is printed, figures of the search, files, environment variables.
//!
//! The evaluator itself touches nothing: it asks its [`Surroundings`]. So a test can bring its own files, and a service
//! can refuse them.

use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use tla_syntax::Span;

/// How a text gets into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteMode {
    /// Makes the file if there is none.
    pub create: bool,
    /// Makes the file, and fails if there is one.
    pub create_new: bool,
    /// Writes behind what the file holds, instead of over its beginning.
    pub append: bool,
    /// Drops what the file holds.
    pub truncate: bool,
}

impl WriteMode {
    /// A new file in place of whatever there is.
    pub const REPLACE: Self = Self { create: true, create_new: false, append: false, truncate: true };
    /// Behind what there is.
    pub const APPEND: Self = Self { create: true, create_new: false, append: true, truncate: false };
}

/// What a program gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed {
    /// Its exit value, or 128 if a signal ended it.
    pub exit_value: i32,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

/// Where a text stands: lines and columns count from 1, and the end is the last character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPlace {
    /// The module.
    pub module: String,
    /// Line and column of the first character.
    pub begin: (u32, u32),
    /// Line and column of the last one.
    pub end: (u32, u32),
}

/// What the outside world supplies to `Print`, `TLCGet`, `JsonSerialize` and the like.
pub trait Surroundings {
    /// Takes a line that the specification prints.
    fn print(&self, text: &str);

    /// A figure of the search by its name in `TLCGet("…")`, where the machine does not know it.
    fn figure(&self, name: &str) -> Option<i64>;

    /// Where a part of the specification stands, if its text is at hand.
    fn place(&self, _span: Span) -> Option<TextPlace> {
        None
    }

    /// Nanoseconds since some moment, for measurements of time.
    fn clock(&self) -> u64 {
        0
    }

    /// Whether whatever is being evaluated is no longer wanted.
    fn interrupted(&self) -> bool {
        false
    }

    /// The text of a file.
    ///
    /// # Errors
    /// If the file cannot be read, or files are out of bounds.
    fn read_file(&self, _path: &str) -> Result<String> {
        Err(out_of_bounds())
    }

    /// Writes a text into a file.
    ///
    /// # Errors
    /// If the file cannot be written, or files are out of bounds.
    fn write_file(&self, _path: &str, _text: &str, _mode: WriteMode) -> Result<()> {
        Err(out_of_bounds())
    }

    /// Whether programs may be started.
    fn may_execute(&self) -> bool {
        false
    }

    /// Starts a program with further environment variables and waits for its end.
    ///
    /// # Errors
    /// If it cannot be started; `PermissionDenied` if programs may not be.
    fn execute(&self, _command: &[String], _variables: &[(String, String)]) -> Result<Executed> {
        Err(Error::new(ErrorKind::PermissionDenied, "programs may not be started"))
    }

    /// The environment variables, if they may be known.
    fn environment(&self) -> Option<Vec<(String, String)>> {
        None
    }
}

fn out_of_bounds() -> Error {
    Error::new(ErrorKind::Unsupported, "files cannot be used here")
}

/// Surroundings that drop what is printed and know nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSurroundings;

impl Surroundings for NoSurroundings {
    fn print(&self, _text: &str) {}

    fn figure(&self, _name: &str) -> Option<i64> {
        None
    }
}

/// Reads a file of the computer, for surroundings that let specifications use them.
///
/// # Errors
/// As [`std::fs::read_to_string`].
pub fn read_file_on_disk(path: &str) -> Result<String> {
    std::fs::read_to_string(path)
}

/// Starts a program of the computer, for surroundings that let specifications do so. It has no input.
///
/// # Errors
/// As [`std::process::Command::output`].
pub fn execute_on_this_computer(command: &[String], variables: &[(String, String)]) -> Result<Executed> {
    let (program, arguments) =
        command.split_first().ok_or_else(|| Error::new(ErrorKind::InvalidInput, "there is no program"))?;
    let variables = variables.iter().map(|(name, value)| (name, value));
    let output = Command::new(program).args(arguments).envs(variables).stdin(Stdio::null()).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // Without an exit code a signal has ended it; which one differs from system to system.
    let exit_value = output.status.code().unwrap_or(128);
    Ok(Executed { exit_value, stdout: text(&output.stdout), stderr: text(&output.stderr) })
}

/// Writes a file of the computer and makes the folders that lead to it, as TLC does.
///
/// # Errors
/// As [`std::fs::OpenOptions::open`].
pub fn write_file_on_disk(path: &str, text: &str, mode: WriteMode) -> Result<()> {
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(mode.create).create_new(mode.create_new);
    options.append(mode.append).truncate(mode.truncate && !mode.append);
    options.open(path)?.write_all(text.as_bytes())
}
