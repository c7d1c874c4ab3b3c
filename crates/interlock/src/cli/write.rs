//! What is written from a specification: `interlock tla parse`, `paths` and `translate`.

use super::TlaInput;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

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

pub(super) fn parse_label_root(text: &str) -> Result<String, String> {
    let complaint = "expected a letter, then letters, digits and underscores";
    if pluscal::options::is_name(text) { Ok(text.to_owned()) } else { Err(complaint.to_owned()) }
}
