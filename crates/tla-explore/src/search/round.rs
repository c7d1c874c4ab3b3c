//! One level in work, shared by all workers.
//!
//! The level's states are cut into blocks, which the workers take in ascending order from one counter. An event that
//! ends the search lowers the *cut*; what lies beyond it is not begun, and given up where it was begun. So when the
//! workers are done, every block before the cut is complete, which is all that a sequential search would have seen.

use super::crew::Crew;
use super::desk::{BlockRecord, Desk, Event, EventKind, Tally};
use super::meter::Meter;
use super::sink::{Alone, LevelSink, Setting};
use crate::lock::{locked, read};
use crate::options::Options;
use crate::outcome::Violation;
use crate::statistics::internal;
use crate::store::{StateNumber, Store};
use crate::system::{Reached, Stop, SystemError, TransitionSystem, Worker};
use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};

/// The level in work. Written by the leader between rounds.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// The level that is being built, initial states being level 1.
    pub(super) level: u32,
    /// The states that are being expanded, in the order of the search.
    pub(super) frontier: Vec<StateNumber>,
    pub(super) block_size: u32,
    /// Blocks to be expanded, ascending.
    pub(super) todo: Vec<u32>,
    /// Several workers take part.
    pub(super) contested: bool,
    /// The level is being finished after an event turned out to be none: all of `todo` is needed.
    pub(super) repeated: bool,
    /// Properties that have a finding.
    pub(super) found: Vec<Violation>,
    /// Distinct states of the levels before.
    pub(super) known: u64,
    /// Distinct initial states.
    pub(super) initial: u64,
}

impl Round {
    pub(super) fn blocks(&self) -> u32 {
        (self.frontier.len() as u32).div_ceil(self.block_size)
    }

    pub(super) fn sources(&self, block: u32) -> Range<u32> {
        let start = block * self.block_size;
        start..start.saturating_add(self.block_size).min(self.frontier.len() as u32)
    }
}

/// Everything that the threads of a search share.
pub(super) struct Shared<'s, S> {
    pub(super) system: &'s S,
    pub(super) options: &'s Options,
    pub(super) store: Store,
    pub(super) round: RwLock<Round>,
    /// Index in `todo` of the next block.
    pub(super) next: AtomicUsize,
    /// No state beyond this one, by its index in the level, needs to be expanded.
    pub(super) cut: AtomicU32,
    pub(super) meter: Meter,
    /// One for each worker, the leader's first.
    pub(super) desks: Vec<Mutex<Desk>>,
    pub(super) crew: Crew,
    pub(super) reached: Mutex<Reached>,
}

impl<'s, S: TransitionSystem> Shared<'s, S> {
    pub(super) fn setting<'r>(&'r self, round: &'r Round, counts_from: usize) -> Setting<'r> {
        Setting {
            store: &self.store,
            level: round.level,
            contested: round.contested,
            continues: self.options.continue_after_violation,
            found: &round.found,
            state_words: self.system.state_words(),
            identity_words: self.system.identity_words(),
            identity_is_state: self.system.identity_is_state(),
            counts_from,
            alone: (self.options.workers <= 1).then_some(Alone {
                meter: &self.meter,
                known: round.known,
                initial: round.initial,
            }),
        }
    }

    /// Takes part in the round until no block is left.
    pub(super) fn take_part(&self, worker: &mut S::Worker<'s>, index: usize) {
        let round = read(&self.round);
        let Some(desk) = self.desks.get(index) else { return };
        let mut desk = locked(desk);
        while let Some(block) = self.claim(&round) {
            self.expand_block(worker, &round, block, &mut desk);
            self.look_at_memory(&mut desk);
        }
    }

    fn claim(&self, round: &Round) -> Option<u32> {
        if self.meter.halted() || self.has_enough_states(round) {
            return None;
        }
        let block = *round.todo.get(self.next.fetch_add(1, Ordering::Relaxed))?;
        (round.sources(block).start <= self.cut.load(Ordering::Relaxed)).then_some(block)
    }

    /// Whether the blocks begun so far hold the state at which the search ends.
    fn has_enough_states(&self, round: &Round) -> bool {
        !round.repeated && self.options.max_states.is_some_and(|limit| self.meter.distinct() > limit)
    }

    fn look_at_memory(&self, desk: &mut Desk) {
        let bytes = desk.count_bytes();
        if bytes != desk.bytes {
            self.meter.change_bytes(desk.bytes, bytes);
            desk.bytes = bytes;
        }
        if let Some(budget) = self.options.memory_budget
            && self.bytes() + self.system.memory_bytes() > budget
        {
            self.meter.halt_for_memory();
        }
    }

    /// Memory of store, frontier and desks.
    pub(super) fn bytes(&self) -> u64 {
        self.store.bytes() + self.meter.bytes()
    }

    fn expand_block(&self, worker: &mut S::Worker<'s>, round: &Round, block: u32, desk: &mut Desk) {
        let candidates_from = desk.candidates.len();
        let counts_from = desk.action_counts.len();
        desk.action_counts.resize(counts_from + self.system.actions().len(), 0);
        let mut tally = Tally::default();
        let setting = self.setting(round, counts_from);
        let complete = self.expand_sources(worker, round, block, setting, desk, &mut tally);
        self.meter.add_block(tally.generated, tally.new, tally.taken);
        let events = std::mem::take(&mut desk.events);
        if !complete {
            desk.candidates.truncate(candidates_from);
            desk.action_counts.truncate(counts_from);
            return;
        }
        let candidates = candidates_from..desk.candidates.len();
        let action_counts = counts_from..desk.action_counts.len();
        desk.records.push(BlockRecord { block, tally, candidates, action_counts, events });
    }

    /// Expands the states of a block. False if the block was given up.
    fn expand_sources(
        &self,
        worker: &mut S::Worker<'s>,
        round: &Round,
        block: u32,
        setting: Setting<'_>,
        desk: &mut Desk,
        tally: &mut Tally,
    ) -> bool {
        let mut state = Vec::with_capacity(setting.state_words);
        for source in round.sources(block) {
            if self.meter.halted() || source > self.cut.load(Ordering::Relaxed) {
                return false;
            }
            let Some(number) = round.frontier.get(source as usize).copied() else { return false };
            tally.taken += 1;
            let mut sink = LevelSink::new(setting, desk, tally, source, Some(number));
            if self.store.read(number, &mut state) {
                self.expand(worker, &state, round.level - 1, &mut sink);
            } else {
                sink.record(missing_state(), true);
            }
            if sink.stopped() {
                self.cut.fetch_min(source, Ordering::Relaxed);
                return true;
            }
            let degree = u64::from(sink.generated_states());
            tally.degrees.add(degree, 1);
        }
        true
    }

    fn expand(&self, worker: &mut S::Worker<'s>, state: &[u32], level: u32, sink: &mut LevelSink<'_>) {
        worker.at_level(level);
        match catch_unwind(AssertUnwindSafe(|| worker.successors(state, sink))) {
            Ok(result) => self.conclude(result, sink),
            Err(panic) => {
                sink.record(EventKind::Error(Box::new(panicked(&*panic))), true);
                // The worker's caches may be half written.
                *worker = self.system.worker();
            }
        }
        if sink.generated_states() == 0 && !sink.stopped() && self.options.check_deadlock {
            sink.deadlock();
        }
    }

    /// Enumerates the initial states.
    pub(super) fn expand_initial(&self, worker: &mut S::Worker<'s>, desk: &mut Desk) {
        let round = read(&self.round);
        let mut tally = Tally::default();
        let mut sink = LevelSink::new(self.setting(&round, 0), desk, &mut tally, 0, None);
        match catch_unwind(AssertUnwindSafe(|| worker.initial(&mut sink))) {
            Ok(result) => self.conclude(result, &mut sink),
            Err(panic) => sink.record(EventKind::Error(Box::new(panicked(&*panic))), true),
        }
        self.meter.add_block(tally.generated, tally.new, 0);
        let events = std::mem::take(&mut desk.events);
        let candidates = 0..desk.candidates.len();
        desk.records.push(BlockRecord { block: 0, tally, candidates, action_counts: 0..0, events });
    }

    fn conclude(&self, result: Result<(), Stop>, sink: &mut LevelSink<'_>) {
        match result {
            Ok(()) => {}
            Err(Stop::Error(error)) => sink.record(EventKind::Error(error), true),
            Err(Stop::Requested) if sink.stopped() => {}
            Err(Stop::Requested) => {
                let message = "the transition system stopped without having been asked to".to_owned();
                sink.record(EventKind::Error(Box::new(internal(message))), true);
            }
        }
    }
}

fn missing_state() -> EventKind {
    EventKind::Error(Box::new(internal("a state of the frontier is not in the store".to_owned())))
}

/// A panic in the transition system, as an error.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> SystemError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    internal(format!("the engine panicked: {text}"))
}

/// The event at which the search ends, as far as is known: the one at the smallest position.
pub(super) fn first_stop<'r>(records: impl Iterator<Item = &'r BlockRecord>) -> Option<&'r Event> {
    records.filter_map(BlockRecord::stop).min_by_key(|event| event.position)
}
