//! The header of a run.

use crate::RecordedAnchor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use verdict::{InputFile, Property, Requirement};

/// Value of [`RunHeader::format`].
pub const FORMAT: &str = "interlock-run";

/// Value of [`RunHeader::version`] that this version writes and reads.
pub const VERSION: u32 = 1;

/// Content of `run.json`: enough to do the run again and to see whether its inputs have changed since.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RunHeader {
    /// Always [`FORMAT`].
    pub format: String,
    /// Version of this format.
    pub version: u32,
    /// Number of the run, from 1.
    pub run: u64,
    /// The command line, word by word.
    pub command_line: Vec<String>,
    /// The folder that relative paths of the command line and of the inputs start from.
    pub working_folder: String,
    /// Version of Interlock.
    pub tool_version: String,
    /// Start of the run in milliseconds since 1970, UTC.
    pub started_unix_ms: u64,
    /// Seeds by the name of what they seed; empty for a run without chance.
    pub seeds: BTreeMap<String, u64>,
    /// Every input of every verdict, each once.
    pub inputs: Vec<InputFile>,
    /// Exit code of the run.
    pub exit_code: u8,
    /// Figures of the whole run, `wall_s` in seconds.
    pub figures: BTreeMap<String, f64>,
    /// The project's title.
    #[serde(default)]
    pub title: String,
    /// How strong a verdict had to be to meet an obligation that is to hold; `Exhausted` where nothing is said.
    #[serde(default)]
    pub required: Option<Requirement>,
    /// Properties without evidence.
    #[serde(default)]
    pub gaps: Vec<RecordedGap>,
    /// Functions that properties were anchored to.
    #[serde(default)]
    pub anchors: Vec<RecordedAnchor>,
    /// Promised properties of the project.
    #[serde(default)]
    pub properties: Vec<Property>,
    /// Checks that were switched off.
    #[serde(default)]
    pub suppressions: Vec<String>,
    /// Warnings that weaken no verdict.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// A property that was promised and had no evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedGap {
    /// The property.
    pub property: Property,
    /// Why, in words.
    pub reason: String,
}
