//! The leader: one worker that also decides what comes next.
//!
//! The search goes level by level, and a level segment by segment. A segment goes through rounds. Normally there is one.
//! If an event that stopped the workers turns out not to be one of the sequential search (a state broke an invariant, but
//! another state with the same identity was generated earlier and is the one that counts), its block and all blocks that
//! were given up for its sake are expanded in a further round. Repeating a block changes nothing in the store, since each
//! of its generations has the position it had before.
//!
//! Between segments nothing is in flight: there the leader puts results in order ([`super::closing`]), makes room
//! ([`super::relief`]) and saves the search ([`super::checkpoint`]).

use super::account::{Account, Places, is_real};
use super::checkpoint::Saver;
use super::chunk::Chunk;
use super::desk::BlockRecord;
use super::frontier::Frontier;
use super::pace::Pace;
use super::relief::Room;
use super::round::{Blocks, Round, Shared, Task, first_stop};
use crate::lock::{read, written};
use crate::outcome::{Ended, Finding, Limit, Outcome, SearchError};
use crate::persist::Folder;
use crate::statistics::{ActionCount, Statistics, internal};
use crate::store::Store;
use crate::system::{SystemError, TransitionSystem};
use rustc_hash::FxHashSet;
use std::sync::atomic::Ordering;
use verdict::EventSink;

/// What the leader brings back.
pub(super) struct Report {
    pub(super) outcome: Outcome,
    pub(super) statistics: Statistics,
    pub(super) per_action: Vec<ActionCount>,
}

pub(super) struct Leader<'r, 's, S: TransitionSystem> {
    pub(super) shared: &'r Shared<'s, S>,
    pub(super) events: &'r dyn EventSink,
    pub(super) worker: S::Worker<'s>,
    pub(super) account: Account,
    pub(super) findings: Vec<Finding>,
    /// What is left of the level that is being expanded, without the chunk in work.
    pub(super) current: Frontier,
    /// The level that is being built.
    pub(super) next: Frontier,
    pub(super) saver: Saver,
    pub(super) room: Room,
    /// Where states go that do not fit into memory, and checkpoints.
    pub(super) folder: Option<Folder>,
    pace: Pace,
}

impl<'r, 's, S: TransitionSystem> Leader<'r, 's, S> {
    pub(super) fn new(shared: &'r Shared<'s, S>, events: &'r dyn EventSink) -> Self {
        let options = shared.options;
        let store = read(&shared.store);
        let account = Account {
            statistics: Statistics::new(store.kind()),
            per_action: vec![ActionCount::default(); shared.system.actions().len()],
            taken: 0,
            max_states: options.max_states,
        };
        let frontier = || Frontier::new(store.kept_words(), options.chunk_size);
        Self {
            shared,
            events,
            worker: shared.system.worker(),
            account,
            findings: Vec::new(),
            current: frontier(),
            next: frontier(),
            saver: Saver::new(options.checkpoint.as_ref()),
            room: Room::default(),
            folder: None,
            pace: Pace::new(options.share_levels_longer_than),
        }
    }

    /// Searches to the end.
    pub(super) fn lead(mut self) -> (Report, S::Worker<'s>) {
        let ended = self.search().err().unwrap_or(Ended::Complete);
        let store = read(&self.shared.store);
        let Account { mut statistics, per_action, .. } = self.account;
        statistics.store = store.kind();
        statistics.collision_bound = store.collision_bound(statistics.distinct);
        let ended = match ended {
            Ended::Complete => match statistics.audit(store.len()) {
                Ok(()) => Ended::Complete,
                Err(error) => ended_by(*error),
            },
            other => other,
        };
        (Report { outcome: outcome(self.findings, ended), statistics, per_action }, self.worker)
    }

    /// Returns when every state is expanded, or the reason why that did not happen.
    fn search(&mut self) -> Result<(), Ended> {
        if !self.resume()? {
            self.build_first_level();
            if self.shared.meter.halted() {
                return Err(Ended::Interrupted);
            }
            self.close_segment()?;
        }
        loop {
            self.attend()?;
            match self.next_chunk()? {
                Some((chunk, start)) => self.build_segment(chunk, start),
                None => break,
            }
            self.close_segment()?;
        }
        self.save_the_end();
        Ok(())
    }

    fn build_first_level(&mut self) {
        {
            let mut round = written(&self.shared.round);
            round.level = 1;
            round.cut_into = Blocks::even(1);
        }
        self.shared.meter.begin_segment(1, 0, 0, 0);
        if let Some(desk) = self.shared.desks.first() {
            self.shared.expand_initial(&mut self.worker, &mut written(desk));
        }
    }

    /// What is to be expanded next, and from which state on. None if there is nothing left.
    fn next_chunk(&mut self) -> Result<Option<(Chunk, u32)>, Ended> {
        {
            let mut round = written(&self.shared.round);
            if (round.start as usize) < round.chunk.len() {
                return Ok(Some((std::mem::take(&mut round.chunk), round.start)));
            }
        }
        if self.current.len() == 0 {
            let depth = self.account.statistics.depth;
            if self.next.len() == 0 {
                return Ok(None);
            }
            if self.shared.options.max_depth.is_some_and(|limit| depth >= limit) {
                self.account.statistics.left_on_queue = self.next.len();
                return Err(Ended::Capacity(Limit::Depth(depth)));
            }
            std::mem::swap(&mut self.current, &mut self.next);
            let mut round = written(&self.shared.round);
            round.level = depth + 1;
            round.known = self.account.statistics.distinct;
        }
        let chunk = self.current.pop().map_err(|error| ended_by(no_disk(&error)))?;
        Ok(chunk.map(|chunk| (chunk, 0)))
    }

    /// Expands the states of a chunk from one on.
    fn build_segment(&mut self, chunk: Chunk, start: u32) {
        let statistics = &self.account.statistics;
        let helpers = self.shared.crew.helpers();
        let states = chunk.len().saturating_sub(start as usize);
        let plan = self.pace.plan(states, helpers, self.shared.options.block_size);
        self.shared.desks.iter().for_each(|desk| written(desk).clear());
        self.shared.meter.set_frontier_bytes(chunk.bytes() + self.current.bytes() + self.next.bytes());
        {
            let mut round = written(&self.shared.round);
            let level = round.level - 1;
            self.shared.meter.begin_segment(level, statistics.generated, statistics.distinct, self.account.taken);
            round.initial = statistics.levels.first().copied().unwrap_or(0);
            round.chunk = chunk;
            round.start = start;
            round.task = Task::Expand;
            round.cut_into = if plan.shared {
                Blocks::with_small_ones(states as u32, plan.block_size)
            } else {
                Blocks::even(plan.block_size)
            };
            round.todo.clear();
            let blocks = round.blocks();
            round.todo.extend(0..blocks);
            // A state that is on disk already may look like a finding, and the round is then repeated.
            round.contested = plan.shared || read(&self.shared.store).has_spilled();
            round.repeated = false;
            round.ghosts.clear();
        }
        loop {
            self.work(plan.shared);
            if !self.plan_repetition() {
                break;
            }
        }
        self.pace.finish(helpers);
    }

    /// A round of another task.
    pub(super) fn work_on(&mut self, task: Task, together: bool) {
        written(&self.shared.round).task = task;
        self.work(together);
    }

    /// One round.
    fn work(&mut self, together: bool) {
        self.shared.next.store(0, Ordering::Relaxed);
        let (shared, worker) = (self.shared, &mut self.worker);
        if together {
            shared.crew.work_together(|| shared.take_part(worker, 0));
        } else {
            shared.take_part(worker, 0);
        }
    }

    /// If an event that stopped the workers is none of the sequential search, plans what has to be done again. Where a bad
    /// state has changed hands, its owner has not checked it, so the owner's block is among that.
    fn plan_repetition(&mut self) -> bool {
        if self.shared.meter.halted() {
            return false;
        }
        let mut round = written(&self.shared.round);
        let store = read(&self.shared.store);
        let mut repeated = false;
        let mut cut = u32::MAX;
        let mut unchecked = FxHashSet::default();
        if store.has_spilled() {
            self.note_ghosts(&mut round, &store);
        }
        for desk in &self.shared.desks {
            let records = &mut written(desk).records;
            let before = records.len();
            records.retain(|record| {
                let unreal = record.stop().filter(|event| !is_real(event, &round, &store));
                let owner = unreal.and_then(|event| store.position(event.owned_state()?));
                unchecked.extend(owner.map(|owner| round.block_of(owner.source())));
                unreal.is_none()
            });
            repeated |= records.len() < before;
        }
        for desk in &self.shared.desks {
            let records = &mut written(desk).records;
            records.retain(|record| !unchecked.contains(&record.block));
            cut = first_stop(records.iter()).map_or(cut, |event| cut.min(event.position.source()));
        }
        self.shared.cut.store(cut, Ordering::Relaxed);
        if repeated {
            let places = self.places(round.blocks());
            round.todo.clear();
            round.todo.extend((0_u32..).zip(&places).filter(|(_, place)| place.is_none()).map(|(block, _)| block));
            round.repeated = true;
        }
        repeated
    }

    /// Notes which states that stopped the workers are on disk already, so that they do not stop them again.
    fn note_ghosts(&self, round: &mut Round, store: &Store) {
        for desk in &self.shared.desks {
            for event in read(desk).records.iter().filter_map(BlockRecord::stop) {
                // Where the disk cannot be asked, the end of the segment says so.
                if let Some(number) = event.owned_state()
                    && store.is_ghost(number).unwrap_or(false)
                {
                    round.ghosts.insert(number);
                }
            }
        }
    }

    /// Where the record of each block is.
    pub(super) fn places(&self, blocks: u32) -> Places {
        let mut places = vec![None; blocks as usize];
        for (index, desk) in self.shared.desks.iter().enumerate() {
            for (record_index, record) in read(desk).records.iter().enumerate() {
                if let Some(place) = places.get_mut(record.block as usize) {
                    *place = Some((index, record_index));
                }
            }
        }
        places
    }

    /// What has to be done between two segments.
    fn attend(&mut self) -> Result<(), Ended> {
        self.make_room()?;
        self.save_if_due()
    }
}

pub(super) fn ended_by(error: SystemError) -> Ended {
    if error.class == crate::system::ErrorClass::Interrupted {
        return Ended::Interrupted;
    }
    Ended::Error(Box::new(SearchError { error, trace: Vec::new() }))
}

/// States cannot be moved to disk or back.
pub(super) fn no_disk(error: &std::io::Error) -> SystemError {
    SystemError {
        class: crate::system::ErrorClass::Capacity,
        remedy: "Name a folder with enough room for states that do not fit into memory, or allow more memory."
            .to_owned(),
        ..internal(format!("states that do not fit into memory cannot be kept on disk: {error}"))
    }
}

/// Findings, if there are any, are never hidden by the way in which the search ended.
fn outcome(findings: Vec<Finding>, ended: Ended) -> Outcome {
    if !findings.is_empty() {
        return Outcome::Found { findings, ended };
    }
    match ended {
        Ended::Complete => Outcome::Complete,
        Ended::Error(error) => Outcome::Error(error),
        Ended::Interrupted => Outcome::Interrupted,
        Ended::Capacity(limit) => Outcome::Capacity(limit),
        Ended::AtFinding => {
            let error = internal("the search ended at a finding that it did not keep".to_owned());
            Outcome::Error(Box::new(SearchError { error, trace: Vec::new() }))
        }
    }
}
