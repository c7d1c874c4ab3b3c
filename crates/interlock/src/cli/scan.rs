//! `interlock scan` and `interlock rules`.

use super::Workers;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

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
