//! What is to be run: which kernels, by how many threads, how often or how long, under which circumstances.

use crate::kernel::Kernel;
use crate::noise::Level;
use mps_runtime::Mutations;
use std::time::Duration;

/// Circumstances of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    /// As many streams as threads, which stay.
    Steady,
    /// Threads end after a few operations and others take their place.
    Churn,
    /// Fewer streams than threads, handed on after each operation.
    Oversubscribed,
    /// A device whose memory runs out, over and over, and comes back.
    OutOfMemory,
    /// The process forks while threads work: children are refused and end, the parent goes on.
    Fork,
    /// The pool and the allocator are shut down while threads work.
    Shutdown,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 6] =
        [Self::Steady, Self::Churn, Self::Oversubscribed, Self::OutOfMemory, Self::Fork, Self::Shutdown];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Churn => "churn",
            Self::Oversubscribed => "oversubscribed",
            Self::OutOfMemory => "out-of-memory",
            Self::Fork => "fork",
            Self::Shutdown => "shutdown",
        }
    }

    /// The scenario of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }
}

/// How much is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many operations of each kernel by each thread.
    Operations(u64),
    /// As many as fit into this time.
    Time(Duration),
}

/// A run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The kernels, at least one.
    pub kernels: Vec<Kernel>,
    /// Threads, at least one.
    pub threads: usize,
    /// How much they do.
    pub amount: Amount,
    /// Circumstances.
    pub scenario: Scenario,
    /// Where inputs, choices and noise come from.
    pub seed: u64,
    /// How much noise.
    pub noise: Level,
    /// Threads that are the simulated device.
    pub engines: usize,
    /// Growth of the process's memory after the warm-up that is an error, in bytes.
    pub most_growth: u64,
    /// How long anything is waited for before that is an error.
    pub patience: Duration,
    /// A defect of the runtime, for tests of the tests.
    pub mutations: Mutations,
}

/// How long anything is waited for unless the plan says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Errors after which a run ends: what is broken is known by then, and a broken runtime may make every wait a long one.
pub const ENOUGH: u64 = 1000;

/// Growth that is no error unless the plan says otherwise: what allocators and thread stacks come and go with.
pub const MOST_GROWTH: u64 = 64 << 20;
