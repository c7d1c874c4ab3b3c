//! Flags of the commands that read the ledger, and of the files that a run is written to.

use super::parse_time;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Files that the result is written to, all in one run.
#[derive(Debug, Clone, Default, Args)]
pub struct Outputs {
    /// Also write the result as one page for a browser, which needs no network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Also write the result as SARIF 2.1.0
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Also write the result as JUnit XML; what is bounded, sampled or declined is `skipped` there
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Also write the result as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Also write annotations for GitHub Actions to stdout (to stderr under `--json`)
    #[arg(long)]
    pub github: bool,
}

/// A run of the ledger: its number, or `latest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunNumber {
    /// The newest complete one.
    Latest,
    /// The one with this number.
    Number(u64),
}

impl std::str::FromStr for RunNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "latest" => Ok(Self::Latest),
            text => text.parse().map(Self::Number).map_err(|_| "expected the number of a run, or `latest`".to_owned()),
        }
    }
}

/// The project whose ledger is read.
#[derive(Debug, Clone, Args)]
pub struct OfProject {
    /// A folder inside the project, or the project file
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub project: PathBuf,
}

/// Commands that read the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// List the recorded runs of a project
    Runs(RunsArgs),
    /// Show a recorded run, and write it in other forms
    Show(ShowArgs),
    /// Compare two recorded runs: introduced, fixed, stronger, weaker, unchanged
    Diff(DiffArgs),
    /// Tell what is known about a property, how strongly, and since which run
    Explain(ExplainArgs),
}

/// `interlock runs`.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// Whose ledger
    #[command(flatten)]
    pub of: OfProject,
}

/// `interlock show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Number of the run, or `latest`
    #[arg(value_name = "N", default_value = "latest")]
    pub run: RunNumber,
    /// Whose ledger
    #[command(flatten)]
    pub of: OfProject,
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

/// `interlock diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier run
    #[arg(value_name = "N")]
    pub before: RunNumber,
    /// The later run
    #[arg(value_name = "M", default_value = "latest")]
    pub after: RunNumber,
    /// Whose ledger
    #[command(flatten)]
    pub of: OfProject,
}

/// `interlock explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Identifier of the property, or its name in the specification
    #[arg(value_name = "PROPERTY")]
    pub property: String,
    /// The run that is told in full [default: the newest complete one]
    #[arg(long, value_name = "N", default_value = "latest")]
    pub run: RunNumber,
    /// Whose ledger
    #[command(flatten)]
    pub of: OfProject,
}

/// `interlock gaps`.
#[derive(Debug, Args)]
pub struct GapsArgs {
    /// A folder inside the project, or the project file itself
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// The result as one JSON object on stdout, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// Also show which tool says what of each property, and where the code is that it speaks of
    #[arg(long)]
    pub matrix: bool,
}

/// `interlock round`.
#[derive(Debug, Args)]
pub struct RoundArgs {
    /// A folder inside the project, or the project file itself
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Only models whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub model: Option<String>,
    /// Time for the whole round, such as 10m or 2h
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "10m")]
    pub budget: Duration,
    /// The seed that all others come from [default: a fresh one]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Mutants of each specification at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub mutants: usize,
    /// Also write the report as one page for a browser
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Also write the report as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Worker threads; what a seed finds does not depend on their number [default: as many as there are cores]
    #[arg(long, value_name = "N|auto")]
    pub workers: Option<super::Workers>,
    /// Memory that a search may hold, such as 512M or 4G
    #[arg(long, value_name = "SIZE", value_parser = super::parse_size)]
    pub memory: Option<u64>,
}

/// `interlock serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Whose ledger
    #[command(flatten)]
    pub of: OfProject,
    /// The port on this machine; 0 for any that is free
    #[arg(long, value_name = "N", default_value_t = 7411)]
    pub port: u16,
}

/// `interlock init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder of the repository
    #[arg(default_value = ".")]
    pub path: PathBuf,
}

/// `interlock replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A trace file that Interlock wrote; with PROPERTY the number of a run, or `latest`
    #[arg(value_name = "TRACE.itf.json|N")]
    pub trace: PathBuf,
    /// Replay the refutations of this property in that run
    #[arg(value_name = "PROPERTY")]
    pub property: Option<String>,
    /// Only those of models whose name contains this
    #[arg(long, value_name = "TEXT", requires = "property")]
    pub model: Option<String>,
    /// Whose ledger
    #[command(flatten)]
    pub of: OfProject,
}

/// How strong a verdict has to be.
#[derive(Debug, Clone, Copy, Args)]
pub struct Requirement {
    /// How strong a verdict has to be for exit code 0: proved, exhausted, bounded, bounded:K or tested
    #[arg(long, value_name = "STRENGTH", default_value = "exhausted")]
    pub require: verdict::Requirement,
}

/// `interlock tla mutate`.
#[derive(Debug, Args)]
pub struct TlaMutateArgs {
    /// The root module, with or without `.tla`
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// A configuration to explore every mutant under (again for more) [default: SPEC with the ending .cfg]
    #[arg(long, value_name = "FILE")]
    pub config: Vec<PathBuf>,
    /// Also look for modules in this folder (again for more; also the path list in TLA_LIBRARY)
    #[arg(short = 'I', value_name = "DIR")]
    pub include: Vec<PathBuf>,
    /// Time for one mutant under one configuration, such as 30s; beyond it the mutant is undecided
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "10s")]
    pub budget: Duration,
    /// Explore only so many mutants, evenly spread over the specification
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Worker threads; no verdict depends on their number [default: as many as there are cores]
    #[arg(long, value_name = "N|auto")]
    pub workers: Option<super::Workers>,
    /// Memory that a search may hold, such as 512M or 4G
    #[arg(long, value_name = "SIZE", value_parser = super::parse_size)]
    pub memory: Option<u64>,
    /// Also tell mutants that were killed or cannot be evaluated, and by what
    #[arg(long)]
    pub full: bool,
}
