//! The leader: one worker that also decides what comes next.
//!
//! A level goes through rounds. Normally there is one. If an event that stopped the workers turns out not to be one of
//! the sequential search (a state broke an invariant, but another state with the same identity was generated earlier and
//! is the one that counts), its block and all blocks that were given up for its sake are expanded in a further round.
//! Repeating a block changes nothing in the store, since each of its generations has the position it had before.

use super::account::{Account, LevelResults, Places, Settled, is_real, owns};
use super::desk::{BlockRecord, Event, EventKind};
use super::meter::Halt;
use super::pace::Pace;
use super::recount::recount;
use super::round::{Round, Shared, first_stop};
use crate::lock::{locked, read, written};
use crate::outcome::{Ended, Finding, Limit, Outcome, SearchError, Violation};
use crate::statistics::{ActionCount, Statistics, internal};
use crate::store::{StateNumber, Store};
use crate::system::{SystemError, TransitionSystem};
use crate::trace::words_of_path;
use std::sync::atomic::Ordering;

/// What the leader brings back.
pub(super) struct Report {
    pub(super) outcome: Outcome,
    pub(super) statistics: Statistics,
    pub(super) per_action: Vec<ActionCount>,
}

pub(super) struct Leader<'r, 's, S: TransitionSystem> {
    shared: &'r Shared<'s, S>,
    worker: S::Worker<'s>,
    account: Account,
    findings: Vec<Finding>,
    pace: Pace,
}

impl<'r, 's, S: TransitionSystem> Leader<'r, 's, S> {
    pub(super) fn new(shared: &'r Shared<'s, S>) -> Self {
        let account = Account {
            statistics: Statistics::new(shared.store.kind()),
            per_action: vec![ActionCount::default(); shared.system.actions().len()],
            taken: 0,
            max_states: shared.options.max_states,
        };
        let pace = Pace::new(shared.options.share_levels_longer_than);
        Self { shared, worker: shared.system.worker(), account, findings: Vec::new(), pace }
    }

    /// Searches to the end.
    pub(super) fn lead(mut self) -> (Report, S::Worker<'s>) {
        let ended = self.search();
        let Account { mut statistics, per_action, .. } = self.account;
        statistics.collision_bound = self.shared.store.collision_bound(statistics.distinct);
        let ended = match ended {
            Ended::Complete => match statistics.audit(self.shared.store.len()) {
                Ok(()) => Ended::Complete,
                Err(error) => Ended::Error(Box::new(SearchError { error: *error, trace: Vec::new() })),
            },
            other => other,
        };
        (Report { outcome: outcome(self.findings, ended), statistics, per_action }, self.worker)
    }

    fn search(&mut self) -> Ended {
        {
            let mut round = written(&self.shared.round);
            round.level = 1;
            round.block_size = 1;
        }
        self.shared.meter.begin_level(1, 0, 0, 0);
        if let Some(desk) = self.shared.desks.first() {
            self.shared.expand_initial(&mut self.worker, &mut locked(desk));
        }
        loop {
            match self.close_level() {
                Ok(frontier) if frontier.is_empty() => return Ended::Complete,
                Ok(frontier) => {
                    let depth = self.account.statistics.depth;
                    if self.shared.options.max_depth.is_some_and(|limit| depth >= limit) {
                        self.account.statistics.left_on_queue = frontier.len() as u64;
                        return Ended::Capacity(Limit::Depth(depth));
                    }
                    self.build_level(frontier);
                }
                Err(ended) => return ended,
            }
        }
    }

    /// Expands the states of a level.
    fn build_level(&mut self, frontier: Vec<StateNumber>) {
        let statistics = &self.account.statistics;
        let level = statistics.depth;
        self.shared.meter.begin_level(level, statistics.generated, statistics.distinct, self.account.taken);
        let helpers = self.shared.crew.helpers();
        let plan = self.pace.plan(frontier.len(), helpers, self.shared.options.block_size);
        self.shared.desks.iter().for_each(|desk| locked(desk).clear());
        {
            let mut round = written(&self.shared.round);
            self.shared.meter.change_bytes(frontier_bytes(&round.frontier), frontier_bytes(&frontier));
            round.level = level + 1;
            round.known = statistics.distinct;
            round.initial = statistics.levels.first().copied().unwrap_or(0);
            round.frontier = frontier;
            round.block_size = plan.block_size;
            round.todo.clear();
            let blocks = round.blocks();
            round.todo.extend(0..blocks);
            round.contested = plan.shared;
            round.repeated = false;
        }
        loop {
            self.work(plan.shared);
            if !self.plan_repetition() {
                break;
            }
        }
        self.pace.finish(helpers);
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

    /// If an event that stopped the workers is none of the sequential search, plans what has to be done again.
    fn plan_repetition(&mut self) -> bool {
        if self.shared.meter.halted() {
            return false;
        }
        let mut round = written(&self.shared.round);
        let mut repeated = false;
        let mut cut = u32::MAX;
        for desk in &self.shared.desks {
            let records = &mut locked(desk).records;
            let is_sound =
                |record: &BlockRecord| record.stop().is_none_or(|event| is_real(event, &round, &self.shared.store));
            let before = records.len();
            records.retain(is_sound);
            repeated |= records.len() < before;
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

    /// Where the record of each block is.
    fn places(&self, blocks: u32) -> Places {
        let mut places = vec![None; blocks as usize];
        for (index, desk) in self.shared.desks.iter().enumerate() {
            for (record_index, record) in locked(desk).records.iter().enumerate() {
                if let Some(place) = places.get_mut(record.block as usize) {
                    *place = Some((index, record_index));
                }
            }
        }
        places
    }

    /// Counts the level that was built, and gives its states in order, or the reason why the search ends here.
    fn close_level(&mut self) -> Result<Vec<StateNumber>, Ended> {
        let shared = self.shared;
        let round = read(&shared.round);
        let places = self.places(round.blocks().max(u32::from(round.level == 1)));
        let results = LevelResults { round: &round, places: &places, store: &shared.store };
        let mut desks: Vec<_> = shared.desks.iter().map(locked).collect();
        let settled = self.account.settle(&results, &mut desks);
        drop(desks);
        let Settled { frontier, events, limit, incomplete } = settled;
        let statistics = &mut self.account.statistics;
        statistics.left_on_queue = statistics.distinct - self.account.taken;
        if let Some(cut) = limit {
            let actions = self.account.per_action.len();
            let (tally, action_counts) = recount(&mut self.worker, &shared.store, &round, cut, actions);
            self.account.add_recount(cut, &tally, &action_counts);
        }
        let level = round.level;
        let sources = &round.frontier;
        let mut ended = None;
        let mut found = Vec::new();
        for event in events {
            if event.stops && level > 1 && is_owned(&event, &round, &shared.store) {
                let left = &mut self.account.statistics.left_on_queue;
                *left = left.saturating_sub(1);
            }
            ended = self.take_event(event, sources, &mut found)?;
        }
        drop(round);
        written(&shared.round).found.extend(found);
        if let Some(ended) = ended {
            return Err(ended);
        }
        if limit.is_some() {
            return Err(Ended::Capacity(Limit::States(shared.options.max_states.unwrap_or(u64::MAX))));
        }
        if incomplete {
            return Err(self.why_incomplete());
        }
        if frontier.len() >= u32::MAX as usize {
            return Err(Ended::Capacity(Limit::Store));
        }
        Ok(frontier)
    }

    /// Reports an event. `Some` if the search ends at it.
    fn take_event(
        &mut self,
        event: Event,
        sources: &[StateNumber],
        found: &mut Vec<Violation>,
    ) -> Result<Option<Ended>, Ended> {
        let trace = self.trace(&event, sources).map_err(|error| ended_by(*error, Vec::new()))?;
        match event.kind {
            EventKind::Violation(violation) => {
                self.findings.push(Finding { violation, trace });
                found.push(violation);
                Ok(event.stops.then_some(Ended::AtFinding))
            }
            EventKind::Error(error) => Ok(Some(ended_by(*error, trace))),
            EventKind::Full => Ok(Some(Ended::Capacity(Limit::Store))),
        }
    }

    fn trace(&mut self, event: &Event, sources: &[StateNumber]) -> Result<Vec<Vec<u32>>, Box<SystemError>> {
        let path = sources.get(event.position.source() as usize).map(|source| self.shared.store.path(*source));
        let mut trace = words_of_path(&self.shared.store, &mut self.worker, &path.unwrap_or_default())?;
        trace.extend(event.state.clone());
        Ok(trace)
    }

    fn why_incomplete(&self) -> Ended {
        if let Some(breakdown) = self.shared.crew.breakdown() {
            return ended_by(internal(format!("a worker thread broke down: {breakdown}")), Vec::new());
        }
        match self.shared.meter.halt() {
            Some(Halt::Interrupted) => Ended::Interrupted,
            Some(Halt::Memory) => Ended::Capacity(Limit::Memory(self.shared.options.memory_budget.unwrap_or(0))),
            None => ended_by(internal("a block of a level was not expanded".to_owned()), Vec::new()),
        }
    }
}

/// Whether the event is about a state that was first generated just then.
fn is_owned(event: &Event, round: &Round, store: &Store) -> bool {
    event.state.is_some() && event.number.is_some_and(|number| owns(event.position, number, round, store))
}

fn frontier_bytes(frontier: &Vec<StateNumber>) -> u64 {
    (frontier.capacity() * size_of::<StateNumber>()) as u64
}

fn ended_by(error: SystemError, trace: Vec<Vec<u32>>) -> Ended {
    Ended::Error(Box::new(SearchError { error, trace }))
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
