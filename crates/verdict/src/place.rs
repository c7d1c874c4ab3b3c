//! A place in a source file, as a reader would name it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A range of text in a file. Lines and columns count from 1, columns in characters, the end is inclusive, which is
/// the convention of SANY and TLC.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Path as given by the user, or the name of a bundled module.
    pub file: String,
    /// TLA+ module (or other unit) that the place belongs to; empty where the notion does not apply.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub module: String,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Last column.
    pub end_column: u32,
}

impl Place {
    /// The words that TLC uses: `line 5, col 9 to line 5, col 44 of module T`.
    pub fn in_module_words(&self) -> String {
        let Self { module, line, column, end_line, end_column, .. } = self;
        format!("line {line}, col {column} to line {end_line}, col {end_column} of module {module}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
