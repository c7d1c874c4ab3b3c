//! What to check: a specification, a configuration and the choices of the command line or the project file.

use super::coverage::Measured;
use super::dump::Dump;
use super::followed::Followed;
use super::input::POSTCONDITION;
use super::persistence::Persistence;
use crate::cli::{Store, TlaInput};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use tla_compile::Evaluator;
use tla_explore::Scheduler;
use verdict::{Expectation, Requirement};

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
    /// What is expected of the properties. A model that is expected to be violated has only the listed ones.
    pub expectation: Expectation,
    /// How strong a verdict is asked for, where that is less than what a run requires.
    pub asks: Option<Requirement>,
    /// Overrides `CHECK_DEADLOCK` of the configuration.
    pub check_deadlock: Option<bool>,
    /// Whether to go on after a violation.
    pub go_on: bool,
    /// Whether an empty reason is a verdict (a project's check) or a warning (TLC's exit codes).
    pub vacuity_is_a_verdict: bool,
    /// What computes successors.
    pub evaluator: Evaluator,
    /// How visited states are remembered.
    pub store: Store,
    /// Where states go that do not fit into memory, and checkpoints.
    pub persistence: Persistence,
    /// Whether liveness is tested where a constraint, a view or a symmetry hides behaviors, instead of declined.
    pub liveness_under_reduction: bool,
    /// In which order states are visited.
    pub order: Order,
    /// Levels to explore at most.
    pub max_depth: Option<u32>,
    /// How states are visited.
    pub mode: Mode,
    /// What is counted and measured besides states.
    pub measured: Measured,
    /// Where the state graph goes.
    pub dump: Option<Dump>,
    /// Whether the state graph of a small model is kept with what the search counted.
    pub picture: bool,
    /// Further invariants, as expressions.
    pub invariants: Vec<String>,
    /// An invariant that is to prove the others by induction: a name or an expression. It is checked like the others.
    pub inductive: Option<String>,
    /// Further postconditions: module and operator.
    pub postconditions: Vec<(String, String)>,
    /// A behavior that the search keeps to.
    pub followed: Option<Followed>,
    /// Where each behavior of a simulation goes: the beginning of the names of its files.
    pub behavior_files: Option<PathBuf>,
    /// Constants that take the place of those of the configuration, each as `NAME=VALUE`.
    pub constants: Vec<String>,
    /// Whether the specification may start programs.
    pub allow_exec: bool,
    /// Command that finds the same counterexample again.
    pub replay_command: String,
}

/// In which order a search visits states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Order {
    // No doc comments here: they would spread one flag over many lines of help.
    #[default]
    Bfs,
    Dfid,
}

/// How states are visited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Mode {
    /// All of them, breadth first.
    #[default]
    Search,
    /// Along random behaviors.
    Sample(Sampled),
    /// None of them: symbolically.
    Prove(Proving),
}

/// What is asked of the symbolic engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proving {
    /// Which engines run.
    pub engine: tla_symbolic::Engine,
    /// Longest behaviors that bounded checking looks at, in steps.
    pub length: Option<u32>,
    /// Which SAT solver answers.
    pub solver: tla_symbolic::Choice,
    /// Whether to decide the other properties too once one was found broken.
    pub go_on: bool,
    /// Whether a solver of SMT-LIB is asked instead.
    pub smt: bool,
    /// Which solvers of SMT-LIB may be asked, the preferred one first.
    pub solvers: Vec<external::smt::Solver>,
    /// Where they are looked for.
    pub places: external::Places,
    /// Where the problem goes, in SMT-LIB.
    pub smt_file: Option<PathBuf>,
    /// Where the problem goes, in the AIGER format.
    pub aiger: Option<PathBuf>,
    /// Where the certificate goes.
    pub certificate: Option<PathBuf>,
}

impl Default for Proving {
    fn default() -> Self {
        Self {
            engine: tla_symbolic::Engine::Auto,
            length: None,
            solver: tla_symbolic::Choice::Auto,
            go_on: true,
            smt: false,
            solvers: external::smt::ALL.to_vec(),
            places: external::Places::default(),
            smt_file: None,
            aiger: None,
            certificate: None,
        }
    }
}

/// What is asked of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampled {
    /// Behaviors; without a number until it is interrupted or finds something.
    pub behaviors: Option<u64>,
    /// Largest number of states in a behavior.
    pub depth: u32,
    /// Seed that repeats it.
    pub seed: u64,
    /// How successors are chosen.
    pub scheduler: Scheduler,
    /// Draw one successor without enumerating the others.
    pub generate: bool,
}

impl TlaTask {
    /// A single specification with nothing but its configuration to say what to do.
    pub fn new(spec: PathBuf, config: PathBuf, search_path: Vec<PathBuf>) -> Self {
        let model = spec.file_stem().map_or_else(|| "model".to_owned(), |stem| stem.to_string_lossy().into_owned());
        Self {
            model,
            spec,
            config,
            search_path,
            properties: Vec::new(),
            expectation: Expectation::Holds,
            asks: None,
            check_deadlock: None,
            go_on: false,
            vacuity_is_a_verdict: false,
            evaluator: Evaluator::Auto,
            store: Store::Auto,
            persistence: Persistence::default(),
            liveness_under_reduction: false,
            order: Order::default(),
            max_depth: None,
            mode: Mode::Search,
            measured: Measured::default(),
            dump: None,
            picture: false,
            invariants: Vec::new(),
            inductive: None,
            postconditions: Vec::new(),
            followed: None,
            behavior_files: None,
            constants: Vec::new(),
            allow_exec: false,
            replay_command: String::new(),
        }
    }

    /// The operator that a postcondition of the command line stands for, or the name itself.
    pub fn postcondition<'n>(&'n self, name: &'n str) -> &'n str {
        let number = name.strip_prefix(POSTCONDITION).and_then(|number| number.parse::<usize>().ok());
        number.and_then(|number| self.postconditions.get(number.checked_sub(1)?)).map_or(name, |(_, operator)| operator)
    }

    /// Name of the engine in evidence.
    pub fn engine_name(&self) -> &'static str {
        match &self.mode {
            Mode::Search | Mode::Sample(_) => super::NAME,
            Mode::Prove(proving) if proving.smt => super::SMT,
            Mode::Prove(_) => super::PROVER,
        }
    }

    /// The task that a command line names.
    pub fn of_input(input: &TlaInput) -> Self {
        let mut search_path = input.include.clone();
        search_path.extend(library_path());
        let constants = input.constants.clone();
        Self {
            constants,
            allow_exec: input.allow_exec,
            ..Self::named(&input.spec, input.config.as_deref(), search_path)
        }
    }

    /// The task for files as a user names them, who may leave out their endings.
    pub fn named(spec: &Path, config: Option<&Path>, search_path: Vec<PathBuf>) -> Self {
        let spec = spec_path(spec);
        let config = config_path(&spec, config);
        Self::new(spec, config, search_path)
    }
}

/// The root module as named by the user, who may leave out the ending.
fn spec_path(named: &Path) -> PathBuf {
    with_ending(named, "tla")
}

/// The configuration as named by the user, or the one beside the specification.
fn config_path(spec: &Path, named: Option<&Path>) -> PathBuf {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_may_be_left_out() {
        assert_eq!(spec_path(Path::new("a/Pool")), Path::new("a/Pool.tla"));
        assert_eq!(spec_path(Path::new("a/Pool.tla")), Path::new("a/Pool.tla"));
        assert_eq!(config_path(Path::new("a/Pool.tla"), None), Path::new("a/Pool.cfg"));
        assert_eq!(config_path(Path::new("a/Pool.tla"), Some(Path::new("Small"))), Path::new("Small.cfg"));
        assert_eq!(config_path(Path::new("a/Pool.tla"), Some(Path::new("v1.2"))), Path::new("v1.2.cfg"));
    }
}
