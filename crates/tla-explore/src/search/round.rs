//! One segment of the search in work, shared by all workers.
//!
//! A segment expands a chunk of a level, or the rest of one. Its states are cut into blocks, which the workers take in
//! ascending order from one counter. An event that ends the search lowers the *cut*; what lies beyond it is not begun, and
//! given up where it was begun. So when the workers are done, every block before the cut is complete, which is all that a
//! sequential search would have seen.
//!
//! A segment can be *paused*: no further block is begun, and those begun are finished. What is left of the chunk is the
//! next segment. In between nothing is in flight, so that the store can be moved or saved.

use super::chunk::Chunk;
use super::crew::Crew;
use super::desk::{BlockRecord, Desk, Event, EventKind, Tally};
use super::meter::{Meter, Pause};
use super::parts::{Part, Rows, read_row};
use super::sink::{Alone, LevelSink, Setting};
use crate::lock::{locked, read, written};
use crate::options::Options;
use crate::outcome::Violation;
use crate::statistics::internal;
use crate::store::{PackedNumber, Position, StateNumber, Store};
use crate::system::{ErrorClass, Reached, Sink, Stop, SystemError, TransitionSystem, Worker};
use rustc_hash::FxHashSet;
use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::Duration;

/// How long a search that is to end with a checkpoint lets states be expanded before it gives them up, and with them the
/// checkpoint; the one before stays.
const GRACE: Duration = Duration::from_secs(10);

/// What the workers do in a round.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Expand the states of the segment.
    #[default]
    Expand,
    /// Read the rows of a segment whose states are expanded.
    Order,
    /// Turn the links of the segment's new states from positions into predecessors.
    Settle,
}

/// The segment in work. Written by the leader between rounds.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) task: Task,
    /// The level that is being built, initial states being level 1.
    pub(super) level: u32,
    /// The states that are being expanded, in the order of the search.
    pub(super) chunk: Chunk,
    /// Index of the segment's first state in the chunk.
    pub(super) start: u32,
    pub(super) cut_into: Blocks,
    /// Blocks to be expanded, ascending.
    pub(super) todo: Vec<u32>,
    /// Several workers take part.
    pub(super) contested: bool,
    /// The segment is being finished after an event turned out to be none: all of `todo` is needed.
    pub(super) repeated: bool,
    /// Properties that have a finding.
    pub(super) found: Vec<Violation>,
    /// States of the segment that are known to be on disk, because they looked like a finding.
    pub(super) ghosts: FxHashSet<StateNumber>,
    /// Distinct states of the levels before.
    pub(super) known: u64,
    /// Distinct initial states.
    pub(super) initial: u64,
}

/// How the states of a segment are cut into blocks. The last blocks are small, so that nobody waits long for whoever has
/// taken the last one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Blocks {
    /// Number of large blocks.
    large: u32,
    /// States in a large block.
    size: u32,
    /// States in a small one.
    small: u32,
}

/// A large block is as much as this many small ones.
const SMALL_IN_LARGE: u32 = 8;

impl Blocks {
    /// Blocks of this size alone.
    pub(super) fn even(size: u32) -> Self {
        let size = size.max(1);
        Self { large: u32::MAX / size, size, small: size }
    }

    /// Three quarters of the states in blocks of this size, the others in smaller ones.
    pub(super) fn with_small_ones(states: u32, size: u32) -> Self {
        let size = size.max(1);
        Self { large: (states - states / 4) / size, size, small: (size / SMALL_IN_LARGE).max(1) }
    }

    /// Index of the first state of a block.
    fn first(self, block: u32) -> u32 {
        let large = block.min(self.large);
        large.saturating_mul(self.size).saturating_add((block - large).saturating_mul(self.small))
    }

    /// The block that a state is in.
    fn of(self, state: u32) -> u32 {
        let among_large = self.large.saturating_mul(self.size);
        match state.checked_sub(among_large) {
            Some(beyond) => self.large + beyond / self.small.max(1),
            None => state / self.size.max(1),
        }
    }
}

impl Round {
    pub(super) fn blocks(&self) -> u32 {
        let states = (self.chunk.len() as u32).saturating_sub(self.start);
        states.checked_sub(1).map_or(0, |last| self.cut_into.of(last) + 1)
    }

    pub(super) fn sources(&self, block: u32) -> Range<u32> {
        let end = self.chunk.len() as u32;
        let first = |block: u32| self.start.saturating_add(self.cut_into.first(block)).min(end);
        first(block)..first(block.saturating_add(1))
    }

    /// The block that a source is in.
    pub(super) fn block_of(&self, source: u32) -> u32 {
        self.cut_into.of(source.saturating_sub(self.start))
    }
}

/// Everything that the threads of a search share.
pub(super) struct Shared<'s, S> {
    pub(super) system: &'s S,
    pub(super) options: &'s Options,
    /// Read by the workers, written by the leader between rounds.
    pub(super) store: RwLock<Store>,
    pub(super) round: RwLock<Round>,
    /// The rows that are to be read. Written by the leader between rounds.
    pub(super) rows: RwLock<Rows>,
    /// What was read, by the index of the row.
    pub(super) parts: Mutex<Vec<(usize, Part)>>,
    /// What comes next: an index in `todo`, a row, or a shard of the store.
    pub(super) next: AtomicUsize,
    /// No state beyond this one, by its index in the level, needs to be expanded.
    pub(super) cut: AtomicU32,
    pub(super) meter: Meter,
    /// One for each worker, the leader's first. Its worker alone writes to it while states are expanded.
    pub(super) desks: Vec<RwLock<Desk>>,
    pub(super) crew: Crew,
    pub(super) reached: Mutex<Reached>,
}

impl<'s, S: TransitionSystem> Shared<'s, S> {
    pub(super) fn setting<'r>(&'r self, round: &'r Round, store: &'r Store, counts_from: usize) -> Setting<'r> {
        Setting {
            store,
            level: round.level,
            contested: round.contested,
            ascending: !round.repeated && !store.has_spilled(),
            trusts: !round.repeated
                && !store.has_spilled()
                && !self.options.continue_after_violation
                && self.system.identity_is_state(),
            continues: self.options.continue_after_violation,
            found: &round.found,
            ghosts: &round.ghosts,
            state_words: self.system.state_words(),
            identity_words: self.system.identity_words(),
            identity_is_state: self.system.identity_is_state(),
            most_initial: self.options.max_states,
            counts_from,
            alone: (self.options.workers <= 1 && !store.has_spilled()).then_some(Alone {
                meter: &self.meter,
                known: round.known,
                initial: round.initial,
            }),
        }
    }

    /// Takes part in the round until nothing is left to do.
    pub(super) fn take_part(&self, worker: &mut S::Worker<'s>, index: usize) {
        let task = read(&self.round).task;
        match task {
            Task::Expand => self.expand_blocks(worker, index),
            Task::Order => self.read_rows(),
            Task::Settle => self.settle_links(),
        }
    }

    /// Reads rows until none is left.
    fn read_rows(&self) {
        let (round, rows) = (read(&self.round), read(&self.rows));
        let desks: Vec<_> = self.desks.iter().map(read).collect();
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = read_row(index, &rows, &round, &desks) else { break };
            locked(&self.parts).push((index, part));
        }
    }

    /// What was read of each row, in their order.
    pub(super) fn take_parts(&self, rows: &Rows) -> Vec<Part> {
        let mut read_so_far = std::mem::take(&mut *locked(&self.parts));
        read_so_far.sort_unstable_by_key(|(index, _)| *index);
        let mut read_so_far = read_so_far.into_iter().peekable();
        let (round, desks): (_, Vec<_>) = (read(&self.round), self.desks.iter().map(read).collect());
        let part = |index| match read_so_far.next_if(|(of, _)| *of == index) {
            Some((_, part)) => Some(part),
            // Whoever had taken the row broke down.
            None => read_row(index, rows, &round, &desks),
        };
        (0..rows.rows.len()).map_while(part).collect()
    }

    /// Settles the links of shards until none is left.
    pub(super) fn settle_links(&self) {
        let (round, store) = (read(&self.round), read(&self.store));
        let predecessor = |position: Position| PackedNumber::pack(round.chunk.number(position.source()));
        while store.settle(self.next.fetch_add(1, Ordering::Relaxed), predecessor) {}
    }

    /// Expands blocks until none is left.
    fn expand_blocks(&self, worker: &mut S::Worker<'s>, index: usize) {
        let (round, store) = (read(&self.round), read(&self.store));
        let Some(desk) = self.desks.get(index) else { return };
        let mut desk = written(desk);
        while let Some(block) = self.claim(&round) {
            self.expand_block(worker, (&round, &store), block, &mut desk);
            self.look_at_memory(&store, &mut desk);
        }
        desk.stale.sort_unstable();
    }

    fn claim(&self, round: &Round) -> Option<u32> {
        // What is left of a round that finishes a segment is needed before the segment can end, and no segment is empty.
        // A block that was counted off is expanded, so those that are expanded are the first ones without a gap.
        let may_pause = !round.repeated && self.next.load(Ordering::Relaxed) > 0;
        let is_paused = may_pause && self.meter.is_paused();
        if self.meter.halted() || is_paused || self.has_enough_states(round) {
            return None;
        }
        let block = *round.todo.get(self.next.fetch_add(1, Ordering::Relaxed))?;
        (round.sources(block).start <= self.cut.load(Ordering::Relaxed)).then_some(block)
    }

    /// Whether the blocks begun so far hold the state at which the search ends.
    fn has_enough_states(&self, round: &Round) -> bool {
        !round.repeated && self.options.max_states.is_some_and(|limit| self.meter.distinct() > limit)
    }

    fn look_at_memory(&self, store: &Store, desk: &mut Desk) {
        let bytes = desk.count_bytes();
        if bytes != desk.bytes {
            self.meter.change_desk_bytes(desk.bytes, bytes);
            desk.bytes = bytes;
        }
        if self.is_over_budget(store) {
            self.meter.pause(Pause::Memory);
        }
    }

    /// Stops the search, after a checkpoint if there are any. States that are being expanded then get some time, since
    /// the checkpoint waits for them; `asked` tells how long ago the search was first asked to stop.
    pub(super) fn stop(&self, asked: Duration) {
        if self.options.checkpoint.is_some() {
            self.meter.pause(Pause::Interrupt);
        } else {
            self.meter.halt();
        }
        if self.meter.halted() || asked >= GRACE {
            self.system.interrupt(true);
        }
    }

    /// Whether more memory is held than was allowed.
    pub(super) fn is_over_budget(&self, store: &Store) -> bool {
        self.options.memory_budget.is_some_and(|budget| self.bytes(store) + self.system.memory_bytes() > budget)
    }

    /// Memory of store, frontier and desks.
    pub(super) fn bytes(&self, store: &Store) -> u64 {
        store.bytes() + self.meter.bytes()
    }

    fn expand_block(&self, worker: &mut S::Worker<'s>, (round, store): (&Round, &Store), block: u32, desk: &mut Desk) {
        let candidates_from = desk.candidates.len();
        let kept_from = desk.kept.len();
        let counts_from = desk.action_counts.len();
        desk.action_counts.resize(counts_from + self.system.actions().len(), 0);
        let mut tally = Tally::default();
        let setting = self.setting(round, store, counts_from);
        let complete = self.expand_sources(worker, round, block, setting, desk, &mut tally);
        self.meter.add_block(tally.generated, tally.new, tally.taken);
        let events = std::mem::take(&mut desk.events);
        if !complete {
            desk.candidates.truncate(candidates_from);
            desk.kept.truncate(kept_from);
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
        let mut after = Vec::with_capacity(setting.state_words);
        let sources = round.sources(block);
        let looks_ahead = setting.store.looks_ahead();
        if looks_ahead {
            self.look_at(worker, round, sources.start, setting.store, desk, &mut after);
        }
        for source in sources.clone() {
            if self.meter.halted() || source > self.cut.load(Ordering::Relaxed) {
                return false;
            }
            let (Some(number), Some(kept)) = (round.chunk.number(source), round.chunk.kept(source)) else {
                return false;
            };
            tally.taken += 1;
            if looks_ahead {
                std::mem::swap(&mut state, &mut after);
                setting.store.advance(&mut desk.hands);
                if source + 1 < sources.end {
                    self.look_at(worker, round, source + 1, setting.store, desk, &mut after);
                }
                setting.store.look_ahead(&mut desk.hands, Position::new(source, 0));
            } else {
                setting.store.unfold(&mut desk.hands, kept, &mut state);
            }
            let mut sink = LevelSink::new(setting, desk, tally, source, Some(number));
            if !self.expand(worker, &state, round.level - 1, &mut sink) {
                return false;
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

    /// Begins to look for the successors of the state after the one in work.
    fn look_at(
        &self,
        worker: &mut S::Worker<'s>,
        round: &Round,
        source: u32,
        store: &Store,
        desk: &mut Desk,
        state: &mut Vec<u32>,
    ) {
        let Some(kept) = round.chunk.kept(source) else { return };
        store.unfold_after(&mut desk.hands, kept, state);
        if let Some(rows) = worker.foresee(state) {
            store.stage(&mut desk.hands, rows.iter());
        }
    }

    /// Expands a state. False if the run was stopped before its end.
    fn expand(&self, worker: &mut S::Worker<'s>, state: &[u32], level: u32, sink: &mut LevelSink<'_>) -> bool {
        worker.at_level(level);
        match catch_unwind(AssertUnwindSafe(|| worker.successors(state, sink))) {
            Ok(Err(Stop::Error(error))) if error.class == ErrorClass::Interrupted => {
                self.meter.halt();
                return false;
            }
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
        if worker.asked_to_end() {
            sink.asked_to_end();
        }
        true
    }

    /// Enumerates the initial states.
    pub(super) fn expand_initial(&self, worker: &mut S::Worker<'s>, desk: &mut Desk) {
        let (round, store) = (read(&self.round), read(&self.store));
        let mut tally = Tally::default();
        let mut sink = LevelSink::new(self.setting(&round, &store, 0), desk, &mut tally, 0, None);
        match catch_unwind(AssertUnwindSafe(|| worker.initial(&mut sink))) {
            Ok(result) => self.conclude(result, &mut sink),
            Err(panic) => sink.record(EventKind::Error(Box::new(panicked(&*panic))), true),
        }
        if worker.asked_to_end() {
            sink.asked_to_end();
        }
        self.meter.add_block(tally.generated, tally.new, 0);
        let events = std::mem::take(&mut desk.events);
        let candidates = 0..desk.candidates.len();
        desk.records.push(BlockRecord { block: 0, tally, candidates, action_counts: 0..0, events });
    }

    fn conclude(&self, result: Result<(), Stop>, sink: &mut LevelSink<'_>) {
        match result {
            Ok(()) => {}
            Err(Stop::Error(error)) if error.class == ErrorClass::Interrupted => self.meter.halt(),
            Err(Stop::Error(error)) => sink.record(EventKind::Error(error), true),
            Err(Stop::Requested) if sink.stopped() || sink.has_enough() => {}
            Err(Stop::Requested) => {
                let message = "the transition system stopped without having been asked to".to_owned();
                sink.record(EventKind::Error(Box::new(internal(message))), true);
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_in_the_block_that_says_so() {
        for states in [1, 7, 64, 1_000, 4_097] {
            for size in [1, 3, 64, 5_000] {
                for blocks in [Blocks::even(size), Blocks::with_small_ones(states, size)] {
                    let last = blocks.of(states - 1);
                    let mut next = 0;
                    for block in 0..=last {
                        let (first, end) = (blocks.first(block), blocks.first(block + 1).min(states));
                        assert_eq!(first, next, "{blocks:?}");
                        assert!(first < end && (first..end).all(|state| blocks.of(state) == block), "{blocks:?}");
                        next = end;
                    }
                    assert_eq!(next, states, "{blocks:?}");
                }
            }
        }
    }

    #[test]
    fn the_last_blocks_are_small() {
        let blocks = Blocks::with_small_ones(1_000, 64);
        assert_eq!(blocks.first(1) - blocks.first(0), 64);
        let last = blocks.of(999);
        assert_eq!(blocks.first(last) - blocks.first(last - 1), 8);
    }
}
