//! Flags of `interlock stress`.

use super::evidence::Outputs;
use super::{parse_size, parse_time};
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;
use stress::{Kernel, Level, Scenario};

/// `interlock stress`.
#[derive(Debug, Args)]
#[command(
    after_help = "Workloads: add, mul, matmul, greater, where, masked-fill, layer-norm. Scenarios: steady, churn, oversubscribed, out-of-memory, fork, shutdown.\nExit codes: 0 nothing found (the verdict is Tested, never more), 12 errors that were seen again, 20 not decided, 21 nothing was tested."
)]
pub struct StressArgs {
    /// Workloads [default: all]
    #[arg(value_name = "WORKLOAD", value_parser = parse_kernel)]
    pub workloads: Vec<Kernel>,
    /// Threads
    #[arg(long, value_name = "N", default_value = "8")]
    pub threads: NonZeroUsize,
    /// Operations of each workload by each thread
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub operations: u64,
    /// Instead of a count: for so long in each scenario
    #[arg(long, value_name = "S", conflicts_with = "operations")]
    pub seconds: Option<u64>,
    /// Where inputs, choices and noise come from [default: a fresh one, which is told]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Under which circumstances, with commas between; `all` for each of them
    #[arg(long, value_name = "NAMES", default_value = "steady", value_parser = parse_scenarios)]
    pub scenario: Scenarios,
    /// How much the schedule is disturbed
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = NoiseLevel::Light)]
    pub noise: NoiseLevel,
    /// Threads that are the simulated device [default: as many as there are cores, at most 8]
    #[arg(long, value_name = "N")]
    pub engines: Option<NonZeroUsize>,
    /// Growth of the process's memory after the warm-up that is an error
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "64M")]
    pub most_growth: u64,
    /// Run this command instead of our runtime; docs/stress.md says how it is asked and how it answers
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,
    /// How long a command may take for each scenario
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "1h", requires = "command")]
    pub timeout: Duration,
    /// Also measure the throughput of 1, 2, 4 … threads
    #[arg(long)]
    pub scaling: bool,
    /// Break the runtime on purpose, to see that it is noticed: a defect of its specification, such as RecycleOnFirst
    #[arg(long, value_name = "NAME", conflicts_with = "command")]
    pub defect: Option<String>,
    /// The result as one JSON object on stdout and nothing else there, or in a file (`--json=FILE`)
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub json: Option<Option<PathBuf>>,
    /// Files to write
    #[command(flatten)]
    pub outputs: Outputs,
}

/// Scenarios, in the order of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenarios(pub Vec<Scenario>);

/// How much the schedule is disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NoiseLevel {
    // No doc comments here: they would spread one flag over many lines of help.
    Off,
    Light,
    Heavy,
}

impl From<NoiseLevel> for Level {
    fn from(level: NoiseLevel) -> Self {
        match level {
            NoiseLevel::Off => Self::Off,
            NoiseLevel::Light => Self::Light,
            NoiseLevel::Heavy => Self::Heavy,
        }
    }
}

/// Reads the name of a workload.
///
/// # Errors
/// If there is none of this name.
pub fn parse_kernel(text: &str) -> Result<Kernel, String> {
    let names = || Kernel::ALL.map(Kernel::name).join(", ");
    Kernel::named(text).ok_or_else(|| format!("there is no workload `{text}`; there are {}", names()))
}

/// Reads names of scenarios.
///
/// # Errors
/// If there is none of some name.
pub fn parse_scenarios(text: &str) -> Result<Scenarios, String> {
    if text == "all" {
        return Ok(Scenarios(Scenario::ALL.to_vec()));
    }
    let names = || Scenario::ALL.map(Scenario::name).join(", ");
    let one = |name: &str| {
        Scenario::named(name).ok_or_else(|| format!("there is no scenario `{name}`; there are {}, and all", names()))
    };
    text.split(',').map(one).collect::<Result<_, _>>().map(Scenarios)
}
