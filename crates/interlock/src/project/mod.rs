//! The project file `interlock.toml`: which properties are promised, and which models speak about them.
//!
//! Text becomes [`file`] sections (the shape, kept by serde), and those become a [`Project`] (the meaning, checked in
//! [`validate`]); what is wrong points into the file with a caret. A key that is not known is an error, because a
//! misspelt `expect` would silently weaken a check.

mod file;
mod outside;
mod running;
mod scan;
mod validate;

use crate::command_error::CommandError;
use external::cbmc::Harness;
use external::clang::Annotated;
use external::coq::Proof;
use external::explored::Exploration;
pub use file::EngineName;
pub use scan::Scan;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use stress::Stress;
use verdict::{ExitCode, Expectation, Property};

/// Name of the project file.
pub const FILE_NAME: &str = "interlock.toml";

/// A checked project file.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// The folder that holds the file; paths in the file start there.
    pub folder: PathBuf,
    /// Path of the file itself.
    pub path: PathBuf,
    /// Text of the file, for the ledger's hash.
    pub text: String,
    /// Short name.
    pub name: String,
    /// Title for people; the name if the file has none.
    pub title: String,
    /// Where single outside tools are, by the project's word.
    pub tools: BTreeMap<String, PathBuf>,
    /// Files and folders with the code that the properties speak about, from the folder of the project.
    pub sources: Vec<PathBuf>,
    /// Functions that the file ties to properties.
    pub anchors: Vec<AnchorEntry>,
    /// Promised properties in the order of the file.
    pub properties: Vec<Property>,
    /// Models in the order of the file.
    pub models: Vec<Model>,
    /// Harnesses in the order of the file.
    pub harnesses: Vec<Harness>,
    /// Folders of proofs in the order of the file.
    pub proofs: Vec<Proof>,
    /// Annotated sources in the order of the file.
    pub annotated: Vec<Annotated>,
    /// Scans in the order of the file.
    pub scans: Vec<Scan>,
    /// Workloads in the order of the file.
    pub stresses: Vec<Stress>,
    /// Tests that explore schedules, in the order of the file.
    pub explorations: Vec<Exploration>,
}

/// A function that the project file ties to properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorEntry {
    /// The file, from the folder of the project.
    pub file: String,
    /// Qualified name of the function.
    pub function: String,
    /// The properties.
    pub properties: Vec<String>,
}

/// A model: a specification, a configuration, and what is expected of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name, unique in the project.
    pub name: String,
    /// The root module.
    pub spec: PathBuf,
    /// The configuration.
    pub config: PathBuf,
    /// What is expected of every listed property.
    pub expectation: Expectation,
    /// Name in the specification to identifier in the project, in the order of the file.
    pub properties: Vec<(String, String)>,
    /// Worker threads.
    pub workers: Option<usize>,
    /// Memory for visited states in bytes.
    pub memory_bytes: Option<u64>,
    /// Overrides `CHECK_DEADLOCK` of the configuration.
    pub deadlock: Option<bool>,
    /// Whether liveness is tested where a reduction hides behaviors, instead of declined.
    pub liveness_under_reduction: bool,
    /// Which engines check it, one after the other.
    pub engines: Vec<EngineName>,
    /// Longest behaviors that symbolic engines look at, in steps.
    pub length: Option<u32>,
    /// An invariant that symbolic engines are to check by induction, instead of looking for one.
    pub inductive: Option<String>,
    /// Whether TLC is asked too, where a jar is named.
    pub second_opinion: bool,
    /// Time limit of each engine.
    pub timeout: Option<Duration>,
}

impl Project {
    /// Finds and reads the project file: `path` itself, or the nearest one in that folder or above it.
    ///
    /// # Errors
    /// If there is none, it cannot be read, or something in it is wrong (exit 151).
    pub fn load(path: &Path) -> Result<Self, CommandError> {
        let path = find(path)?;
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let message = format!("cannot read {}: {error}", path.display());
            CommandError::new(ExitCode::System, message, "the project file must be a readable UTF-8 text")
        })?;
        Self::parse(&path, &text)
    }

    /// Reads the text of a project file.
    ///
    /// # Errors
    /// If something in it is wrong; all that can be told at once is told at once.
    pub fn parse(path: &Path, text: &str) -> Result<Self, CommandError> {
        let sections = file::parse(path, text)?;
        validate::validate(path, text, sections)
    }
}

fn find(path: &Path) -> Result<PathBuf, CommandError> {
    if path.is_file() {
        return Ok(path.to_path_buf());
    }
    if !path.is_dir() {
        let message = format!("there is no folder or file {}", path.display());
        return Err(CommandError::new(ExitCode::Configuration, message, "name a folder inside a project"));
    }
    // A path below the working folder stays relative, because it is shown to the user.
    let here = if path == Path::new(".") { PathBuf::from(FILE_NAME) } else { path.join(FILE_NAME) };
    if here.is_file() {
        return Ok(here);
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let above = absolute.ancestors().map(|folder| folder.join(FILE_NAME)).find(|candidate| candidate.is_file());
    above.ok_or_else(|| {
        let message = format!("there is no {FILE_NAME} in {} or any folder above it", path.display());
        let remedy =
            "write one (see docs/project-file.md), or check a single specification with `interlock tla check SPEC.tla`";
        CommandError::new(ExitCode::Configuration, message, remedy)
    })
}

#[cfg(test)]
mod tests;
