//! `interlock tla simulate`.

use super::{RunArgs, TlaInput};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

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

pub(super) fn parse_unlimited(text: &str) -> Result<Limit, String> {
    if text == "unlimited" {
        return Ok(Limit(None));
    }
    let number = text.parse::<u64>().ok().filter(|number| *number > 0);
    number.map(|number| Limit(Some(number))).ok_or_else(|| "expected a positive number, or `unlimited`".to_owned())
}
