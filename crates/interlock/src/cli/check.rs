//! `interlock check` and `interlock tla check`.

use super::evidence::Requirement;
use super::{Outputs, Store, TlaInput, Workers, parse_size, parse_time};
use crate::engines::tla::Order;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// `interlock check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// A folder inside the project, or the project file itself
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Only models whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub model: Option<String>,
    /// Count a property without evidence as inconclusive (exit 20)
    #[arg(long)]
    pub strict: bool,
    /// Known findings, which do not change the exit code; they are told and counted as suppressions
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what is not met as a baseline
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<PathBuf>,
    /// Write events as JSON lines while the run goes on, to stdout for `-` (the report goes to stderr then)
    #[arg(long, value_name = "FILE|-")]
    pub events: Option<PathBuf>,
    /// How strong a verdict has to be
    #[command(flatten)]
    pub required: Requirement,
    /// Engine and report flags
    #[command(flatten)]
    pub run: RunArgs,
}

/// Flags of every command that runs an engine.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// Worker threads; no verdict depends on their number [default: as many as there are cores]
    #[arg(long, value_name = "N|auto")]
    pub workers: Option<Workers>,
    /// Memory that the search may hold, such as 512M or 4G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub memory: Option<u64>,
    /// The result as one JSON object on stdout and nothing else there, or in a file (`--json=FILE`)
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub json: Option<Option<PathBuf>>,
    /// Whole states instead of what changed, and refutations that were asked for in full
    #[arg(long)]
    pub full: bool,
    /// Files to write
    #[command(flatten)]
    pub outputs: Outputs,
}

/// `interlock tla check`.
#[derive(Debug, Args)]
pub struct TlaCheckArgs {
    /// The specification and where its parts are
    #[command(flatten)]
    pub input: TlaInput,
    /// Do not check for deadlock
    #[arg(long)]
    pub no_deadlock: bool,
    /// Go on after a violation, so that every property gets its verdict
    #[arg(long = "continue")]
    pub go_on: bool,
    /// Actions that never fire and antecedents that are never true are verdicts (exit 21), not warnings
    #[arg(long)]
    pub strict: bool,
    /// How visited states are remembered
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Store::Auto)]
    pub store: Store,
    /// What computes successors: machine code where the model can be compiled, or the interpreter
    #[arg(long, value_name = "ENGINE", value_enum, default_value_t = SearchEngine::Auto)]
    pub engine: SearchEngine,
    /// Breadth first, or depth first with iterative deepening: less memory, more time
    #[arg(long, value_name = "ORDER", value_enum, default_value_t = Order::Bfs)]
    pub search: Order,
    /// Where states go that do not fit into memory; the folder must not exist [default: in the system's folder for
    /// temporary files, or where checkpoints go]
    #[arg(long, value_name = "DIR")]
    pub spill: Option<PathBuf>,
    /// Save the search in this folder now and then, and on Ctrl-C
    #[arg(long, value_name = "DIR")]
    pub checkpoint: Option<PathBuf>,
    /// Time between two checkpoints, such as 30s, 10m or 2h
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "10m")]
    pub checkpoint_every: Duration,
    /// Go on from the checkpoint in this folder, and save the search there
    #[arg(long, value_name = "DIR", conflicts_with = "checkpoint")]
    pub resume: Option<PathBuf>,
    /// Check liveness on what a constraint, view or symmetry leaves; what holds there is then `Tested`
    #[arg(long)]
    pub liveness_under_reduction: bool,
    /// Stop after this many levels, initial states being level 1; the verdict is then `Bounded`
    #[arg(long, value_name = "N")]
    pub max_depth: Option<u32>,
    /// Count evaluations of expressions, and name what was never evaluated; by the interpreter with one worker
    #[arg(long)]
    pub coverage: bool,
    /// Show where the time goes by action and by expression; by the interpreter with one worker
    #[arg(long)]
    pub profile: bool,
    /// Write the state graph: DOT for .dot, JSON lines for .jsonl, else the states as TLC lists them
    #[arg(long, value_name = "FILE")]
    pub dump: Option<PathBuf>,
    /// Write events as JSON lines while the run goes on, to stdout for `-` (the report goes to stderr then)
    #[arg(long, value_name = "FILE|-")]
    pub events: Option<PathBuf>,
    /// A further invariant, as an expression (again for more)
    #[arg(long, value_name = "EXPR")]
    pub invariant: Vec<String>,
    /// How strong a verdict has to be
    #[command(flatten)]
    pub required: Requirement,
    /// Write counterexamples in the Informal Trace Format
    #[arg(long, value_name = "FILE")]
    pub itf: Option<PathBuf>,
    /// Engine and report flags
    #[command(flatten)]
    pub run: RunArgs,
}

/// What computes successors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SearchEngine {
    // No doc comments here: they would spread one flag over many lines of help.
    Auto,
    Interpret,
    Compile,
}

impl From<SearchEngine> for tla_compile::Evaluator {
    fn from(engine: SearchEngine) -> Self {
        match engine {
            SearchEngine::Auto => Self::Auto,
            SearchEngine::Interpret => Self::Interpret,
            SearchEngine::Compile => Self::Compile,
        }
    }
}
