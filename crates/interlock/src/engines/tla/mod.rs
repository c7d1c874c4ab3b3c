//! Explicit-state model checking of TLA+: load, build, explore, and turn one exploration into one verdict for each
//! obligation, every refutation replayed by `recheck` first.

use std::path::{Path, PathBuf};
use verdict::{Context, Decline, Engine, Expectation, InputText, Obligation, Verdict};

/// Name of the engine in evidence.
pub const NAME: &str = "tla-explore";

/// A specification, a configuration and what to do with them.
#[derive(Debug, Clone)]
pub struct TlaTask {
    /// Name of the model.
    pub model: String,
    /// The root module.
    pub spec: PathBuf,
    /// The configuration.
    pub config: PathBuf,
    /// Folders that modules are looked for in, after that of the root module.
    pub search_path: Vec<PathBuf>,
    /// Name in the specification to identifier in the project.
    pub properties: Vec<(String, String)>,
    /// What is expected of the properties.
    pub expectation: Expectation,
    /// Overrides `CHECK_DEADLOCK` of the configuration.
    pub check_deadlock: Option<bool>,
    /// Whether to go on after a violation.
    pub go_on: bool,
    /// Whether an empty reason is a verdict (a project's check) or a warning (TLC's exit codes).
    pub vacuity_is_a_verdict: bool,
    /// Whether to keep whole states instead of fingerprints.
    pub exact_store: bool,
    /// Levels to explore at most.
    pub max_depth: Option<u32>,
    /// Command that finds the same counterexample again.
    pub replay_command: String,
}

/// The root module as named by the user, who may leave out the ending.
pub fn spec_path(named: &Path) -> PathBuf {
    with_ending(named, "tla")
}

/// The configuration as named by the user, or the one beside the specification.
pub fn config_path(spec: &Path, named: Option<&Path>) -> PathBuf {
    named.map_or_else(|| spec.with_extension("cfg"), |named| with_ending(named, "cfg"))
}

/// Adds the ending where the path as it stands is no file and has another ending or none.
fn with_ending(named: &Path, ending: &str) -> PathBuf {
    if named.is_file() || named.extension().is_some_and(|known| known == ending) {
        return named.to_path_buf();
    }
    let mut longer = named.as_os_str().to_owned();
    longer.push(".");
    longer.push(ending);
    PathBuf::from(longer)
}

/// Folders of the environment variable `TLA_LIBRARY`.
pub fn library_path() -> Vec<PathBuf> {
    let variable = std::env::var_os("TLA_LIBRARY").unwrap_or_default();
    std::env::split_paths(&variable).filter(|folder| !folder.as_os_str().is_empty()).collect()
}

/// The engine for a task.
pub fn engine(task: TlaTask) -> Box<dyn Engine> {
    Box::new(Unconnected { task })
}

struct Unconnected {
    task: TlaTask,
}

impl Engine for Unconnected {
    fn name(&self) -> &'static str {
        NAME
    }

    fn discover(&self) -> Vec<Obligation> {
        vec![Obligation {
            property: format!("{}: specification", self.task.model),
            model: self.task.model.clone(),
            engine: NAME.to_owned(),
            name_in_input: "specification".to_owned(),
            place: None,
            expectation: self.task.expectation,
        }]
    }

    fn discharge(&self, group: &[Obligation], _context: &Context<'_>) -> Vec<Verdict> {
        let reason = "the engine is not connected".to_owned();
        vec![Verdict::Declined(Decline { reason, place: None, remedy: String::new() }); group.len()]
    }

    fn inputs(&self) -> Vec<InputText> {
        Vec::new()
    }
}
