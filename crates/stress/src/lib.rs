//! Stress: a workload on many threads, each result held against that of one thread.
//!
//! A model says what a protocol may do, an exploration of schedules what small uses of the code do. What is left is the
//! program as it runs: this compiler, this processor's memory, this system's scheduler, thousands of operations a second, for
//! as long as one likes. Nothing is shown by that for the next run, so the verdict is `Tested`, with the number of operations,
//! the seed and the noise in the schedule; and nothing is found that does not show. Therefore an operation is made such that a
//! broken protocol gives a wrong *number* (see [`operation`]), results are compared bit for bit where the back end is our own,
//! and what is to be true at the end (nothing pending, nothing leaked, no growth) is asked too.
//!
//! [`plan`] says what is run, [`run`] runs it, [`outcome`] is what came of it; [`kernel`] computes, [`reference`] is the
//! definition that one thread is held against; [`machine`] is the runtime put together. The crate reads the clock and the
//! process's memory, which is what it measures, and prints nothing.

#![allow(clippy::result_large_err, reason = "a verdict that ends the work is returned once a run, not in a loop")]

pub mod case;
pub mod command;
mod confirm;
pub mod disturb;
mod draw;
pub mod engine;
pub mod growth;
pub mod kernel;
pub mod latency;
pub mod machine;
mod memory;
pub mod noise;
pub mod operation;
pub mod outcome;
pub mod plan;
pub mod reference;
pub mod run;
mod tally;
pub mod tensor;

pub use engine::{Stress, StressEngine, Target};
pub use kernel::{Backend, Host, Kernel};
pub use noise::Level;
pub use outcome::Outcome;
pub use plan::{Amount, MOST_GROWTH, PATIENCE, Plan, Scenario};
pub use run::{Nobody, RunError, Watcher, run};

/// Names of the defects that the runtime can be given on purpose.
pub fn defects() -> Vec<String> {
    mps_runtime::Mutation::ALL.iter().map(|mutation| format!("{mutation:?}")).collect()
}
