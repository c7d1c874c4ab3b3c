//! What an engine tells while it works. Engines never print; they send events to a sink that the binary supplies.

use crate::{CoverageFigures, Place, StateGraph};
use serde::{Deserialize, Serialize};

/// Figures of a search in progress.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Level of the breadth-first search that is being expanded, initial states being level 1.
    pub level: u32,
    /// States generated so far.
    pub generated: u64,
    /// Distinct states so far.
    pub distinct: u64,
    /// States known but not yet expanded.
    pub queue: u64,
    /// Seconds since the search began.
    pub elapsed_s: f64,
    /// Memory of the state store in bytes, as accounted by the store.
    pub store_bytes: u64,
    /// Distinct initial states; zero while they are enumerated.
    pub initial: u64,
    /// Behaviors of a simulation so far.
    pub behaviors: u64,
}

/// What one action of a search did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionFigures {
    /// Name of the action's definition.
    pub name: String,
    /// Where it is written.
    pub place: Option<Place>,
    /// Where the name and the parameters of its definition are written.
    pub head: Option<Place>,
    /// States that it generated.
    pub generated: u64,
    /// States that it generated first.
    pub distinct: u64,
}

/// Distribution of the number of new successors over the states of a search.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outdegree {
    /// Smallest number.
    pub minimum: u64,
    /// Largest number.
    pub maximum: u64,
    /// Average number.
    pub mean: f64,
}

/// What a search or a simulation counted; sent once, when it has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explored {
    /// What computed successors: `interpreter` or `machine code`.
    pub evaluator: String,
    /// Why it was not machine code, with the place, if it was to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_compiled: Option<String>,
    /// States generated, initial states and duplicates included.
    pub generated: u64,
    /// Distinct states; none are counted by a simulation.
    pub distinct: Option<u64>,
    /// Distinct states that were not taken up.
    pub queue: u64,
    /// Number of levels, or length of the longest behavior.
    pub depth: u32,
    /// Initial states in the model: distinct ones of a search.
    pub initial: u64,
    /// Behaviors of a simulation.
    pub behaviors: Option<u64>,
    /// Seed of a simulation.
    pub seed: Option<u64>,
    /// Whether all initial states were enumerated and none of them broke anything.
    pub initial_complete: bool,
    /// Whether all reachable states were expanded.
    pub complete: bool,
    /// Whether the specification ended the search, with `TLCSet("exit", TRUE)`, while states were waiting.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended_by_specification: bool,
    /// Distribution of new successors.
    pub outdegree: Option<Outdegree>,
    /// Bound on the probability that a state was missed.
    pub collision_bound: f64,
    /// What the initial predicate did.
    pub init: Option<ActionFigures>,
    /// What each action did, in the order in which they are written in the next-state relation.
    pub actions: Vec<ActionFigures>,
    /// Parts of properties that speak of infinite behaviors; they are checked next, if the search is complete.
    pub temporal_parts: usize,
    /// Counts of expressions, if they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Box<CoverageFigures>>,
    /// The state graph, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<Box<StateGraph>>,
}

/// What a checkpoint holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpointed {
    /// Its folder.
    pub folder: String,
    /// Distinct states in it.
    pub distinct: u64,
    /// States in it that wait for their expansion.
    pub queue: u64,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An obligation, or a group that is decided together, is being worked on.
    Started {
        /// Model's name.
        model: String,
    },
    /// Figures of the running search.
    Progress(Progress),
    /// Output of `Print`, `PrintT` and friends.
    Printed {
        /// The text.
        text: String,
    },
    /// Something that the user should know.
    Warning {
        /// The text.
        text: String,
    },
    /// A check that was switched off. Every report counts these.
    Suppressed {
        /// What was switched off, and where.
        text: String,
    },
    /// The search goes on from a checkpoint.
    Resumed(Checkpointed),
    /// The search is being saved.
    Saving {
        /// The folder.
        folder: String,
    },
    /// The search was saved.
    Saved(Checkpointed),
    /// How far an engine is that does not count states.
    Advanced {
        /// Which engine.
        engine: String,
        /// How far it is.
        text: String,
    },
    /// The search has ended; verdicts follow.
    Explored(Box<Explored>),
}

/// Receives events; shared by all workers.
pub trait EventSink: Sync {
    /// Takes one event. Must not block for long.
    fn send(&self, event: Event);

    /// Whether the user asked for the run to stop.
    fn interrupted(&self) -> bool {
        false
    }
}

/// A sink that drops everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEvents;

impl EventSink for NoEvents {
    fn send(&self, _event: Event) {}
}
