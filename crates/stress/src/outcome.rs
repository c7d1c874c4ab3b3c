//! What came of a run: figures for people and machines, and every reason why it is not right.

use crate::case::Difference;
use crate::growth::Growth;
use crate::noise::NoiseUsed;
use serde::Serialize;

/// Errors that are told in full; all of them are counted.
pub const TOLD: usize = 20;

/// Figures of one kernel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KernelFigures {
    /// Its name.
    pub kernel: String,
    /// Operations that ended, rightly or not.
    pub operations: u64,
    /// Those of them that were not right.
    pub errors: u64,
    /// Half of them took no longer, in microseconds.
    pub p50_us: f64,
    /// All but one of a hundred took no longer, in microseconds.
    pub p99_us: f64,
    /// Operations of all threads together in a second of the run.
    pub per_second: f64,
}

/// An error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The kernel of the operation; none where the error is of the run as a whole.
    pub kernel: Option<String>,
    /// Which of the kernel's cases.
    pub case: Option<usize>,
    /// Number of the thread.
    pub thread: Option<usize>,
    /// The operation's number in its thread.
    pub operation: Option<u64>,
    /// What is wrong, in words.
    pub what: String,
    /// Whether it is an input that is wrong, and not a result.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub of_input: bool,
    /// The numbers, where a result is wrong.
    pub difference: Option<Difference>,
}

impl Finding {
    /// An error of the run as a whole.
    pub fn of_run(what: String) -> Self {
        Self { kernel: None, case: None, thread: None, operation: None, what, of_input: false, difference: None }
    }

    /// One line.
    pub fn sentence(&self) -> String {
        let mut line = String::new();
        if let (Some(kernel), Some(case)) = (&self.kernel, self.case) {
            line.push_str(&format!("{kernel}, case {case}"));
        }
        if let (Some(thread), Some(operation)) = (self.thread, self.operation) {
            line.push_str(&format!(", thread {thread}, operation {operation}"));
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&self.what);
        if let Some(Difference { element, expected, given, elements }) = &self.difference {
            match element {
                Some(element) => line.push_str(&format!(
                    "; element {element} is {given:?} instead of {expected:?}, {elements} elements differ"
                )),
                None => line.push_str(&format!("; {given} elements instead of {expected}")),
            }
        }
        line
    }
}

/// A run that has ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Under which circumstances.
    pub scenario: String,
    /// What computed.
    pub backend: String,
    /// Threads.
    pub threads: usize,
    /// The seed.
    pub seed: u64,
    /// The level of noise.
    pub noise: String,
    /// The noise that there was.
    pub noise_used: NoiseUsed,
    /// Seconds from the first operation to the last.
    pub wall_s: f64,
    /// By kernel.
    pub kernels: Vec<KernelFigures>,
    /// Operations that were refused as the scenario wants it, and how often that was.
    pub refused_as_wanted: u64,
    /// What the scenario did: threads that were started, collections, forks.
    pub events: u64,
    /// Memory over the run.
    pub memory: Growth,
    /// Errors, all of them.
    pub errors: u64,
    /// The first of them.
    pub findings: Vec<Finding>,
    /// Whether everything that was planned was done; the user may have ended it early.
    pub complete: bool,
    /// Why the scenario tested nothing, if it did not.
    pub vacuous: Option<String>,
}

impl Outcome {
    /// Operations of all kernels.
    pub fn operations(&self) -> u64 {
        self.kernels.iter().map(|kernel| kernel.operations).sum()
    }

    /// Operations of all kernels and threads in a second.
    pub fn per_second(&self) -> f64 {
        if self.wall_s > 0.0 { self.operations() as f64 / self.wall_s } else { 0.0 }
    }

    /// How operations were scheduled, in words: the other half of a seed.
    pub fn schedule(&self) -> String {
        let NoiseUsed { yields, sleeps, .. } = self.noise_used;
        let threads = self.threads;
        let noise = match self.noise.as_str() {
            "off" => "no noise".to_owned(),
            level => format!("{level} noise ({yields} yields, {sleeps} sleeps)"),
        };
        format!("{}: {threads} threads under the system's scheduler, {noise}", self.scenario)
    }
}
