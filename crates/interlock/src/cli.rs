//! The command line. Documented for users in `docs/cli.md`; help texts are held by tests.

mod evidence;
mod prove;
mod stress;
mod tools;

pub use evidence::{
    DiffArgs, ExplainArgs, GapsArgs, InitArgs, LedgerCommand, OfProject, Outputs, ReplayArgs, Requirement, RoundArgs,
    RunNumber, RunsArgs, ServeArgs, ShowArgs, TlaMutateArgs,
};

pub use prove::TlaProveArgs;
pub use stress::{StressArgs, parse_kernel, parse_scenarios};
pub use tools::{ToolsArgs, ToolsCommand, ToolsInstallArgs};

use crate::engines::tla::Order;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// Heading of the flags that every command has.
const GLOBAL: &str = "Options of every command";

/// Everything that stands on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "interlock",
    version,
    about = "Checks concurrent native code: protocols in TLA+, every verdict with its strength",
    after_help = "Exit codes: 0 met, 11 deadlock, 12 invariant, 13 other property, 20 inconclusive, 21 vacuous, 75 evaluation, 150 parse, 151 configuration; all of them in docs/exit-codes.md.",
    max_term_width = 100
)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Flags of every command
    #[command(flatten)]
    pub global: Global,
}

/// Flags of every command.
#[derive(Debug, Clone, Copy, Args)]
pub struct Global {
    /// When to use colour (NO_COLOR and CLICOLOR_FORCE are honoured under `auto`)
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto, help_heading = GLOBAL)]
    pub color: ColorWhen,
    /// Only what was not met, and the summary
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
    /// Logs on stderr; twice for more
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help_heading = GLOBAL)]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    // No doc comments here: they would spread one flag over seven lines of help.
    Auto,
    Always,
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check every obligation of a project
    Check(CheckArgs),
    /// Find concurrency and lifetime bugs in C, C++ and Objective-C++, without a build
    Scan(Box<ScanArgs>),
    /// Work with the structural rules of a project
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Work with a single TLA+ specification
    #[command(subcommand)]
    Tla(TlaCommand),
    /// Check a specification with TLC's flags, output and exit codes; a link named `tlc` does the same
    #[command(disable_help_flag = true)]
    Tlc(TlcArgs),
    /// Hold what a program logged against a specification
    #[command(subcommand)]
    Trace(TraceCommand),
    /// Commands that read the ledger
    #[command(flatten)]
    Ledger(LedgerCommand),
    /// Say what nobody has looked at: code without properties, properties without evidence, evidence of other code
    Gaps(GapsArgs),
    /// Try to find what the obligations do not ask for, and report every attempt
    Round(RoundArgs),
    /// Show the newest run in a browser on this machine, and reload when there is a newer one
    Serve(ServeArgs),
    /// Run workloads on many threads and hold each result against that of one thread
    Stress(Box<StressArgs>),
    /// Write a project file for what a repository has
    Init(InitArgs),
    /// Replay a recorded counterexample with the independent checker
    Replay(ReplayArgs),
    /// List the outside provers that some check can use, or install them
    Tools(ToolsArgs),
    /// Say what this machine offers, and which optional tools are missing
    Doctor,
    /// Write shell completions to stdout
    Completions(CompletionsArgs),
}

/// Commands for a single specification.
#[derive(Debug, Subcommand)]
pub enum TlaCommand {
    /// Model-check a specification, like TLC
    Check(Box<TlaCheckArgs>),
    /// Run random behaviors of a specification; what is not found false is `Tested`
    Simulate(Box<TlaSimulateArgs>),
    /// Prove properties for behaviors of every length, or find the shortest that breaks them, without visiting states
    Prove(Box<TlaProveArgs>),
    /// Make small mistakes in a specification and say which of them no property notices
    Mutate(Box<TlaMutateArgs>),
    /// Evaluate an expression, in the context of a specification if one is named
    Eval(TlaEvalArgs),
    /// Evaluate expressions and definitions one after the other
    Repl(TlaReplArgs),
    /// Parse a specification and its configuration, and say what is wrong
    Parse(TlaParseArgs),
    /// Choose behaviors of a finite model that take every action or every step, for tests that drive a program along them
    Paths(TlaPathsArgs),
    /// Translate the PlusCal algorithm of a module, as pcal.trans does
    Translate(TlaTranslateArgs),
}

/// Commands for structural rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Run the good and bad examples of each rule
    Test(RulesTestArgs),
}

/// `interlock rules test`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every example is judged as it says, 1 some is not, 75 and above: the rules could not be read."
)]
pub struct RulesTestArgs {
    /// Folders with rules, or single files (.yaml, .yml)
    #[arg(required = true, value_name = "DIR")]
    pub paths: Vec<PathBuf>,
    /// Lists that add to the bundled ones
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Commands for logs of programs.
#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// Say whether a log is a behavior of a specification, and where it parts from it
    Check(TraceCheckArgs),
}

/// `interlock trace check`.
#[derive(Debug, Args)]
pub struct TraceCheckArgs {
    /// The specification and where its parts are
    #[command(flatten)]
    pub input: TlaInput,
    /// The log: JSON lines or a JSON array; again for the log of another thread
    #[arg(long, value_name = "FILE", required = true)]
    pub trace: Vec<PathBuf>,
    /// How the log calls its fields, actions and variables
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Actions that the program takes without logging them, with commas between
    #[arg(long, value_name = "ACTIONS", value_delimiter = ',')]
    pub hidden: Vec<String>,
    /// Most hidden steps before an event
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub max_hidden: u32,
    /// Most pairs of a place in the log and a state that are looked at
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    pub max_places: usize,
    /// The result as one JSON object on stdout, and nothing else there
    #[arg(long)]
    pub json: bool,
}

/// `interlock scan`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing found, 1 findings, 2 not analysed (no file could be read; with --strict any part of one)."
)]
pub struct ScanArgs {
    /// Files and folders
    #[arg(required_unless_present = "explain", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The result as one JSON object on stdout, and nothing else there
    #[arg(long)]
    pub json: bool,
    /// Also write the result as SARIF 2.1.0
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// How findings look on stdout
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ScanFormat::Text)]
    pub format: ScanFormat,
    /// Also show notes: what functions require from their callers, patterns that nothing reaches
    #[arg(long)]
    pub notes: bool,
    /// Say what a rule finds, why it is a bug and what it misses; `list` lists the rules
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "list")]
    pub explain: Option<String>,
    /// Lists that add to the bundled ones: locks, queues, who calls closures, what throws
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Also run the structural rules of this folder or file; again for more
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Only findings that this file does not know
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what was found as a baseline
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<PathBuf>,
    /// Only findings that touch a line changed since this commit
    #[arg(long, value_name = "COMMIT")]
    pub since: Option<String>,
    /// Keep what was read of each file in this folder, so that the next scan reads only what changed
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Write the inferred guards as annotations of Clang's thread-safety analysis: a patch for `git apply`
    #[arg(long, value_name = "FILE")]
    pub annotate: Option<PathBuf>,
    /// What is not analysed, and comments that suppress nothing, make the exit code 2
    #[arg(long)]
    pub strict: bool,
    /// Worker threads; no finding depends on their number [default: as many as there are cores]
    #[arg(long, value_name = "N|auto")]
    pub workers: Option<Workers>,
}

/// How findings look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScanFormat {
    // No doc comments here: they would spread one flag over many lines of help.
    Text,
    Github,
}

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

/// `interlock tla simulate`.
#[derive(Debug, Args)]
pub struct TlaSimulateArgs {
    /// The specification and where its parts are
    #[command(flatten)]
    pub input: TlaInput,
    /// Number of behaviors, or `unlimited`: until something is found, or Ctrl-C
    #[arg(long, value_name = "N", default_value = "1000", value_parser = parse_unlimited)]
    pub num: Limit,
    /// States in a behavior at most, or `unlimited`
    #[arg(long, value_name = "N", default_value = "100", value_parser = parse_unlimited)]
    pub depth: Limit,
    /// Seed that repeats a simulation [default: another one each time; the report names it]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How the next state is chosen
    #[arg(long, value_name = "KIND", value_enum, default_value_t = SchedulerKind::Uniform)]
    pub scheduler: SchedulerKind,
    /// Draw one random successor without generating the others; only that one is checked
    #[arg(long, conflicts_with = "scheduler")]
    pub generate: bool,
    /// Do not check for deadlock
    #[arg(long)]
    pub no_deadlock: bool,
    /// Write the counterexample in the Informal Trace Format
    #[arg(long, value_name = "FILE")]
    pub itf: Option<PathBuf>,
    /// Write events as JSON lines while the run goes on, to stdout for `-` (the report goes to stderr then)
    #[arg(long, value_name = "FILE|-")]
    pub events: Option<PathBuf>,
    /// Engine and report flags
    #[command(flatten)]
    pub run: RunArgs,
}

/// How a simulation chooses the next state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchedulerKind {
    /// Uniformly from all successors
    Uniform,
    /// Uniformly from the enabled actions, then from their successors
    Actions,
    /// Actions that were taken less often are more likely
    Coverage,
}

impl From<SchedulerKind> for tla_explore::Scheduler {
    fn from(kind: SchedulerKind) -> Self {
        match kind {
            SchedulerKind::Uniform => Self::Uniform,
            SchedulerKind::Actions => Self::Actions,
            SchedulerKind::Coverage => Self::Coverage,
        }
    }
}

/// A number, or no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub Option<u64>);

fn parse_unlimited(text: &str) -> Result<Limit, String> {
    if text == "unlimited" {
        return Ok(Limit(None));
    }
    let number = text.parse::<u64>().ok().filter(|number| *number > 0);
    number.map(|number| Limit(Some(number))).ok_or_else(|| "expected a positive number, or `unlimited`".to_owned())
}

/// A specification and where its parts are.
#[derive(Debug, Clone, Args)]
pub struct TlaInput {
    /// The root module, with or without `.tla`
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// The configuration [default: SPEC with the ending .cfg]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Also look for modules in this folder (again for more; also the path list in TLA_LIBRARY)
    #[arg(short = 'I', value_name = "DIR")]
    pub include: Vec<PathBuf>,
    /// Give a constant this value, whatever the configuration says (again for more); for LOW..HIGH, `tla check` makes
    /// one run for each number
    #[arg(long = "const", value_name = "NAME=VALUE")]
    pub constants: Vec<String>,
    /// Let the specification start programs (IOExec of module IOUtils)
    #[arg(long)]
    pub allow_exec: bool,
}

/// `interlock tla eval`.
#[derive(Debug, Args)]
pub struct TlaEvalArgs {
    /// The specification, if the expression is to know one; otherwise the expression
    #[arg(value_name = "SPEC|EXPRESSION", allow_hyphen_values = true)]
    pub first: String,
    /// The expression, behind a specification
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub second: Option<String>,
    /// Where the parts of the specification are
    #[command(flatten)]
    pub places: SessionPlaces,
}

/// `interlock tla repl`.
#[derive(Debug, Args)]
pub struct TlaReplArgs {
    /// The specification whose definitions are known
    #[arg(value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// Where its parts are
    #[command(flatten)]
    pub places: SessionPlaces,
}

/// Where expressions get their definitions and constants from.
#[derive(Debug, Clone, Args)]
pub struct SessionPlaces {
    /// The configuration that gives constants their values [default: SPEC with the ending .cfg, if there is one]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Also look for modules in this folder (again for more; also the path list in TLA_LIBRARY)
    #[arg(short = 'I', value_name = "DIR")]
    pub include: Vec<PathBuf>,
    /// Give a constant of the specification this value, whatever the configuration says (again for more)
    #[arg(long = "const", value_name = "NAME=VALUE")]
    pub constants: Vec<String>,
    /// Also know the definitions of this module (again for more)
    #[arg(long, value_name = "MODULE")]
    pub extend: Vec<String>,
}

/// `interlock tla parse`.
#[derive(Debug, Args)]
pub struct TlaParseArgs {
    /// The specification and where its parts are
    #[command(flatten)]
    pub input: TlaInput,
}

/// `interlock tla paths`.
#[derive(Debug, Args)]
pub struct TlaPathsArgs {
    /// The specification and where its parts are
    #[command(flatten)]
    pub input: TlaInput,
    /// What the behaviors take together
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Covered::Steps)]
    pub cover: Covered,
    /// Longest behavior, in steps, if no shortest way to a step is longer
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub longest: usize,
    /// Most states of the model
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub max_states: u64,
    /// The file to write [default: stdout]
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What behaviors take together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Covered {
    /// Every action that occurs
    Actions,
    /// Every step of the state graph
    Steps,
}

/// `interlock tla translate`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("fairness").multiple(false))]
pub struct TlaTranslateArgs {
    /// The module, with or without `.tla`; its translation is replaced
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// Write nothing; fail (150) if the translation is not up to date
    #[arg(long, conflicts_with = "stdout")]
    pub check: bool,
    /// Write the module to stdout instead of into its file
    #[arg(long)]
    pub stdout: bool,
    /// Spec has weak fairness of each process
    #[arg(long, group = "fairness")]
    pub wf: bool,
    /// Spec has strong fairness of each process
    #[arg(long, group = "fairness")]
    pub sf: bool,
    /// Spec has weak fairness of the whole next-state relation
    #[arg(long, group = "fairness")]
    pub wf_next: bool,
    /// Spec has no fairness, even of processes that say `fair`
    #[arg(long, group = "fairness")]
    pub nof: bool,
    /// Weak fairness of each process, unless fairness is chosen otherwise
    #[arg(long)]
    pub termination: bool,
    /// Leave out the step that stutters when all processes are done
    #[arg(long)]
    pub no_done_disjunct: bool,
    /// Add missing labels (always done where there is neither a label nor a process)
    #[arg(long)]
    pub label: bool,
    /// How added labels begin
    #[arg(long, value_name = "NAME", default_value = "Lbl_", value_parser = parse_label_root)]
    pub label_root: String,
    /// Columns at which the translation is wrapped, at least 60
    #[arg(long, value_name = "N", default_value_t = 78, value_parser = clap::value_parser!(i32).range(60..=10_000))]
    pub line_width: i32,
}

/// `interlock tlc`. Its flags are TLC's; see `commands::tlc::flags`.
#[derive(Debug, Args)]
pub struct TlcArgs {
    /// TLC's flags and the specification; `-help` lists them
    #[arg(value_name = "FLAGS AND SPEC", trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<String>,
}

/// `interlock completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// How visited states are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Store {
    /// Whole states while memory suffices, fingerprints beyond
    Auto,
    /// Whole states; no collision is possible
    Exact,
    /// 128-bit fingerprints; the bound of the collision probability is in the verdict
    Fingerprint,
}

/// A number of worker threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// As many as there are cores.
    Auto,
    /// This many.
    Fixed(NonZeroUsize),
}

impl std::str::FromStr for Workers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let number = text.parse::<NonZeroUsize>().ok().filter(|number| number.get() <= 1024);
        number.map(Self::Fixed).ok_or_else(|| "expected a number from 1 to 1024, or `auto`".to_owned())
    }
}

impl Workers {
    /// The number of threads to start.
    pub fn number(self) -> usize {
        match self {
            Self::Auto => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            Self::Fixed(number) => number.get(),
        }
    }
}

/// Reads a time with its unit: `500ms`, `30s`, `10m`, `2h`.
///
/// # Errors
/// If the text is not a number with a known unit, or too large.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let complaint = || format!("`{text}` is not a time; expected a number and ms, s, m or h, such as 10m");
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| complaint())?;
    let unit: u64 = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(complaint()),
    };
    number.checked_mul(unit).map(Duration::from_millis).ok_or_else(complaint)
}

/// Reads a size in bytes with an optional unit: `512M`, `4G`, `4GiB`, all binary.
///
/// # Errors
/// If the text is not a positive number with a known unit, or too large.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let complaint = || format!("`{text}` is not a size; expected a number and K, M, G or T, such as 4G");
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| complaint())?;
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        "T" | "TB" | "TIB" => 40,
        _ => return Err(complaint()),
    };
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(complaint)
}

fn parse_label_root(text: &str) -> Result<String, String> {
    let complaint = "expected a letter, then letters, digits and underscores";
    if pluscal::options::is_name(text) { Ok(text.to_owned()) } else { Err(complaint.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Every command of the tree, the root included.
    fn every_command(command: &clap::Command) -> Vec<clap::Command> {
        let mut all = vec![command.clone()];
        all.extend(command.get_subcommands().flat_map(every_command));
        all
    }

    #[test]
    fn the_page_about_the_command_line_lists_every_command_and_flag() {
        let page = include_str!("../../../docs/cli.md");
        for command in every_command(&Cli::command()) {
            let name = command.get_name();
            assert!(page.contains(name), "docs/cli.md lacks {name}");
            let flags = command.get_arguments().filter(|argument| !argument.is_positional());
            let spelt = |argument: &clap::Arg| match (argument.get_long(), argument.get_short()) {
                (Some(long), _) => format!("--{long}"),
                (None, Some(short)) => format!("-{short}"),
                (None, None) => String::new(),
            };
            for flag in flags.map(spelt) {
                assert!(page.contains(&flag), "docs/cli.md lacks {flag} of {name}");
            }
        }
    }

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(parse_size("4G"), Ok(4 << 30));
        assert_eq!(parse_size("512MiB"), Ok(512 << 20));
        assert_eq!(parse_size("100"), Ok(100));
        for wrong in ["", "G", "4X", "-1", "0", "99999999999T", "1.5G"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(parse_time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_time("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_time("2h"), Ok(Duration::from_secs(7200)));
        for wrong in ["", "10", "m", "-1s", "1.5h", "99999999999999999999h", "10 m"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn workers_are_a_positive_number_or_auto() {
        assert_eq!("auto".parse(), Ok(Workers::Auto));
        assert_eq!("3".parse::<Workers>().map(Workers::number), Ok(3));
        for wrong in ["0", "-1", "many", "100000"] {
            assert!(wrong.parse::<Workers>().is_err(), "{wrong}");
        }
    }
}
