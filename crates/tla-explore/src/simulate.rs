//! Random simulation: behaviors drawn at random, for models that are too large to search.
//!
//! A behavior begins in an initial state drawn uniformly and goes on with a successor that a [`Scheduler`] draws from all
//! that are generated in the model, one per generation, until it is long enough or nothing follows. All generated
//! successors are checked, not only the drawn one. The draw is a reservoir of size one (Vitter, "Random sampling with a
//! reservoir", 1985), so successors are never stored. With [`SimulationOptions::generate`] one random successor is found
//! without generating the others; only that one is checked then.
//!
//! Each behavior has a random stream of its own, derived from the seed and the behavior's index. So a behavior can be
//! repeated alone, and the result (the finding of the behavior with the smallest index, and the counts up to there) does
//! not depend on the number of workers. Whoever wants to look at whole behaviors is a [`Witness`]. Nothing here is more than a test, and the outcome cannot be taken for more.

mod behavior;
mod run;
mod scheduler;
mod witness;

use crate::outcome::{Finding, SearchError};
use crate::statistics::Degrees;
use crate::system::{CountsSoFar, Reached, Sampled};
pub use run::{simulate, simulate_before};
pub use scheduler::Scheduler;
use std::time::Duration;
use verdict::Sampling;
pub use witness::{Nobody, SampledLasso, Witness};

/// What a caller can ask of a simulation.
#[derive(Debug, Clone)]
pub struct SimulationOptions {
    /// Number of behaviors; without one the simulation goes on until it is interrupted or finds something.
    pub behaviors: Option<u64>,
    /// Largest number of states in a behavior; zero is taken for one, the largest number for no limit.
    pub depth: u32,
    /// How successors are chosen.
    pub scheduler: Scheduler,
    /// Find one random successor instead of generating all and choosing one.
    pub generate: bool,
    /// Seed that repeats the simulation.
    pub seed: u64,
    /// Number of worker threads; zero is taken for one.
    pub workers: usize,
    /// Whether a state without any generated successor is a finding.
    pub check_deadlock: bool,
    /// Stack of each worker thread in bytes.
    pub stack_bytes: usize,
    /// Time between two progress events.
    pub progress_interval: Duration,
}

impl Default for SimulationOptions {
    fn default() -> Self {
        Self {
            behaviors: Some(1000),
            depth: 100,
            scheduler: Scheduler::default(),
            generate: false,
            seed: 0,
            workers: 1,
            check_deadlock: true,
            stack_bytes: 512 << 20,
            progress_interval: Duration::from_secs(1),
        }
    }
}

/// How a simulation ended. There is no outcome that claims more than a test.
#[derive(Debug, Clone)]
pub enum SimulationOutcome {
    /// All behaviors were run and nothing was found.
    NothingFound,
    /// The specification asked for the end of the run before all behaviors were run; nothing was found.
    EndedAtRequest,
    /// There is no initial state in the model, or no behavior was asked for: nothing was tested.
    NoBehavior,
    /// Something was found.
    Found(Finding),
    /// A behavior comes back to a state and violates a temporal property if it goes round for ever.
    Lasso(Box<SampledLasso>),
    /// Something cannot be evaluated, or the engine has a defect.
    Error(Box<SearchError>),
    /// The user asked for it.
    Interrupted,
}

/// What was counted, over all behaviors up to the one in which the simulation ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimulationCounts {
    /// Behaviors run; the last one may be incomplete.
    pub behaviors: u64,
    /// States generated, initial states included.
    pub generated: u64,
    /// Numbers of states in the behaviors.
    pub lengths: Degrees,
    /// Sum of the squares of these numbers.
    pub squares: u64,
    /// Initial states in the model.
    pub initial: u64,
    /// States that each action generated.
    pub actions: Vec<u64>,
}

impl SimulationCounts {
    /// In the form that specifications ask for.
    pub fn told(&self) -> CountsSoFar {
        CountsSoFar {
            generated: self.generated,
            distinct: 0,
            queue: 0,
            diameter: u32::try_from(self.lengths.maximum).unwrap_or(u32::MAX),
            initial: self.initial,
            sampled: Some(self.sampled(self.behaviors)),
        }
    }

    /// In the form that specifications ask for, when so many behaviors were begun.
    fn sampled(&self, behaviors: u64) -> Sampled {
        let complete = self.lengths.states.max(1);
        let mean = self.lengths.total / complete;
        let variance = (self.squares / complete).saturating_sub(mean * mean);
        Sampled { behaviors, length: [mean, variance] }
    }
}

/// The result of a simulation.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// How it ended.
    pub outcome: SimulationOutcome,
    /// What was counted. A function of system and options alone, unless the outcome is an interruption.
    pub counts: SimulationCounts,
    /// What a verdict says about it.
    pub sampling: Sampling,
    /// What the workers learned on the way.
    pub reached: Reached,
    /// Wall-clock time.
    pub elapsed: Duration,
}
