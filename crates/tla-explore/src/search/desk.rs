//! What one worker writes down while it expands blocks of a level.
//!
//! Nothing here is shared while a worker writes. A block's results are a record that points into the worker's arrays,
//! so that no memory is allocated for a generated state or for a block; a block that has to be given up is cut off
//! again as if it had never been begun.

use crate::outcome::{Violation, concerns_generated_state};
use crate::statistics::Degrees;
use crate::store::{Hands, NUMBER_BITS, Position, StateNumber};
use crate::system::{ActionId, Broken, Phase, SystemError};
use std::ops::Range;

/// A state that belonged to this generation at some moment. Candidates of a block are in ascending order of position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) position: Position,
    number_and_action: u64,
}

impl Candidate {
    pub(super) fn new(position: Position, number: StateNumber, action: ActionId) -> Self {
        Self { position, number_and_action: number.0 | u64::from(action.0) << NUMBER_BITS }
    }

    pub(super) fn number(self) -> StateNumber {
        StateNumber(self.number_and_action & ((1 << NUMBER_BITS) - 1))
    }

    pub(super) fn action(self) -> usize {
        (self.number_and_action >> NUMBER_BITS) as usize
    }
}

/// Largest number of actions that a candidate can tell apart.
pub(super) const MOST_ACTIONS: usize = 1 << (64 - NUMBER_BITS);

/// What happened, apart from states.
#[derive(Debug)]
pub(super) enum EventKind {
    /// A property is false, or a state has no successor.
    Violation(Violation),
    /// Something cannot be evaluated.
    Error(Box<SystemError>),
    /// The store can hold no more states.
    Full,
    /// The specification asked for the end of the search while the state was expanded.
    Asked,
}

/// A finding or error at a position.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) kind: EventKind,
    /// Position of the state concerned, or of the state generated last.
    pub(super) position: Position,
    /// Number of the state generated last, if it was stored just then.
    pub(super) number: Option<StateNumber>,
    /// Words of the state generated last, if the event is about it.
    pub(super) state: Option<Vec<u32>>,
    /// Whether the search ends here.
    pub(super) stops: bool,
}

impl Event {
    /// Whether the event is about the state generated last, rather than about the state being expanded.
    pub(super) fn concerns_generated_state(kind: &EventKind) -> bool {
        match kind {
            EventKind::Violation(Violation::Broken(_)) => true,
            EventKind::Violation(Violation::Deadlock) | EventKind::Full | EventKind::Asked => false,
            EventKind::Error(error) => concerns_generated_state(error.phase),
        }
    }

    /// Whether the sequential search sees this event only if the state belongs to this very generation. A stored state
    /// is checked by its owner alone; where states with equal identity differ, another one may break an invariant that
    /// the owner keeps.
    pub(super) fn owned_state(&self) -> Option<StateNumber> {
        match &self.kind {
            EventKind::Violation(Violation::Broken(Broken::Invariant(_) | Broken::InitialProperty(_))) => self.number,
            EventKind::Violation(Violation::Broken(Broken::ActionProperty(_)) | Violation::Deadlock) => None,
            EventKind::Full | EventKind::Asked => None,
            EventKind::Error(error) => match error.phase {
                Phase::Invariant(_) | Phase::InitialProperty(_) => self.number,
                Phase::Assumption
                | Phase::Init
                | Phase::Next
                | Phase::Constraint
                | Phase::ActionProperty(_)
                | Phase::Temporal => None,
            },
        }
    }
}

/// Counts of a block.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) generated: u64,
    /// States that were not in the store.
    pub(super) new: u64,
    /// Generated states that belonged to an earlier generation.
    pub(super) known: u64,
    pub(super) out_of_model: u64,
    /// States that are counted as generated without being states of the search.
    pub(super) passed: u64,
    /// States taken up, the one at which the block stopped included.
    pub(super) taken: u64,
    /// Generated successors of the states that were expanded completely.
    pub(super) degrees: Degrees,
}

/// Results of a block.
#[derive(Debug)]
pub(super) struct BlockRecord {
    pub(super) block: u32,
    pub(super) tally: Tally,
    /// Range of the desk's candidates.
    pub(super) candidates: Range<usize>,
    /// Range of the desk's action counts.
    pub(super) action_counts: Range<usize>,
    /// In the order in which they happened; the last one may stop the search.
    pub(super) events: Vec<Event>,
}

impl BlockRecord {
    /// The event at which the search ends, if it does.
    pub(super) fn stop(&self) -> Option<&Event> {
        self.events.last().filter(|event| event.stops)
    }
}

/// A worker's arrays for one segment.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) hands: Hands,
    pub(super) candidates: Vec<Candidate>,
    /// What the store keeps of each candidate, one after the other.
    pub(super) kept: Vec<u32>,
    /// Positions that lost their state to a smaller one; ascending when the worker is done.
    pub(super) stale: Vec<Position>,
    /// For each block the states generated by each action.
    pub(super) action_counts: Vec<u64>,
    pub(super) records: Vec<BlockRecord>,
    /// Events of the block at hand.
    pub(super) events: Vec<Event>,
    /// Words of the state generated last.
    pub(super) last: Vec<u32>,
    /// Memory that was accounted for.
    pub(super) bytes: u64,
}

impl Desk {
    pub(super) fn new(hands: Hands) -> Self {
        Self {
            hands,
            candidates: Vec::new(),
            kept: Vec::new(),
            stale: Vec::new(),
            action_counts: Vec::new(),
            records: Vec::new(),
            events: Vec::new(),
            last: Vec::new(),
            bytes: 0,
        }
    }

    pub(super) fn clear(&mut self) {
        self.candidates.clear();
        self.kept.clear();
        self.stale.clear();
        self.action_counts.clear();
        self.records.clear();
        self.events.clear();
    }

    /// Gives memory back.
    pub(super) fn release(&mut self) {
        self.clear();
        self.hands.release();
        self.candidates = Vec::new();
        self.kept = Vec::new();
        self.stale = Vec::new();
        self.action_counts = Vec::new();
        self.records = Vec::new();
    }

    pub(super) fn count_bytes(&self) -> u64 {
        let bytes = self.candidates.capacity() * size_of::<Candidate>()
            + self.kept.capacity() * size_of::<u32>()
            + self.stale.capacity() * size_of::<Position>()
            + self.action_counts.capacity() * size_of::<u64>()
            + self.records.capacity() * size_of::<BlockRecord>();
        bytes as u64
    }
}
