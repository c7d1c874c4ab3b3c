//! What an engine tells while it works. Engines never print; they send events to a sink that the binary supplies.

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
