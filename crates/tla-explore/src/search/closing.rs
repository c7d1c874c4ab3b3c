//! The end of a segment: its results in order, its events told, its counts taken.

use super::account::{LimitCut, SegmentResults, Settled, owns};
use super::desk::{Event, EventKind};
use super::leader::{Leader, ended_by, no_disk};
use super::parts::{self, Rows};
use super::recount::recount;
use super::round::{Round, Task};
use crate::lock::{read, written};
use crate::outcome::{Ended, Finding, Limit, SearchError, Violation};
use crate::statistics::internal;
use crate::store::{Position, StateNumber, Store};
use crate::system::{SystemError, TransitionSystem};
use crate::trace::words_of_path;
use std::io;

impl<S: TransitionSystem> Leader<'_, '_, S> {
    /// Counts the segment that was built and appends its states to the next level, or gives the reason why the search
    /// ends here.
    pub(super) fn close_segment(&mut self) -> Result<(), Ended> {
        let shared = self.shared;
        let ghosts = self.lay_ghosts().map_err(|error| ended_by(no_disk(&error)))?;
        let distinct_before = self.account.statistics.distinct;
        let Settled { events, limit, missing } = self.put_in_order(ghosts);
        let (round, store) = (read(&shared.round), read(&shared.store));
        let is_first = round.level == 1;
        let statistics = &mut self.account.statistics;
        statistics.left_on_queue = statistics.distinct - self.account.taken;
        if let Some(cut) = limit {
            self.recount(cut, &round, &store);
        }
        let mut ended = None;
        let mut found = Vec::new();
        for event in events {
            if event.stops && !is_first && is_owned(&event, &round, &store) {
                let left = &mut self.account.statistics.left_on_queue;
                *left = left.saturating_sub(1);
            }
            ended = self.take_event(event, &round, &store, &mut found)?;
        }
        let start = missing.map_or(round.chunk.len() as u32, |block| round.sources(block).start);
        let went_on = start > round.start;
        drop((round, store));
        {
            let mut round = written(&shared.round);
            round.start = start;
            round.found.extend(found);
        }
        if let Some(ended) = ended {
            return Err(ended);
        }
        if limit.is_some() {
            return Err(Ended::Capacity(Limit::States(shared.options.max_states.unwrap_or(u64::MAX))));
        }
        if missing.is_some() && (shared.meter.halted() || shared.crew.breakdown().is_some() || !went_on) {
            return Err(self.why_incomplete());
        }
        self.settle_links(self.account.statistics.distinct - distinct_before)
    }

    /// Appends the segment's states to the next level, in their order, and takes its counts.
    fn put_in_order(&mut self, ghosts: Vec<Position>) -> Settled {
        let shared = self.shared;
        let mut rows = Rows { ghosts, actions: self.account.per_action.len(), ..Rows::default() };
        let level = {
            let round = read(&shared.round);
            let desks: Vec<_> = shared.desks.iter().map(read).collect();
            rows.places = self.places(round.blocks().max(u32::from(round.level == 1)));
            if self.account.takes_all(round.level, &desks) {
                rows.rows = parts::rows(&rows.places, &desks, shared.crew.helpers() + 1).unwrap_or_default();
            }
            round.level
        };
        if rows.rows.is_empty() {
            let (round, store) = (read(&shared.round), read(&shared.store));
            let results = SegmentResults { round: &round, places: &rows.places, store: &store, ghosts: &rows.ghosts };
            let mut desks: Vec<_> = shared.desks.iter().map(written).collect();
            return self.account.settle(&results, &mut desks, &mut self.next);
        }
        *written(&shared.rows) = rows;
        self.work_on(Task::Order, true);
        let rows = std::mem::take(&mut *written(&shared.rows));
        let parts = shared.take_parts(&rows);
        let desks: Vec<_> = shared.desks.iter().map(read).collect();
        self.account.take_parts(level, &rows, parts, &desks, &mut self.next);
        Settled::default()
    }

    /// The segment's states, so many of them new, have their owners: what they owe to a position they owe to its source
    /// from now on.
    fn settle_links(&mut self, states: u64) -> Result<(), Ended> {
        if read(&self.shared.round).contested {
            self.work_on(Task::Settle, states >= 2 * parts::LEAST as u64);
        }
        if self.shared.crew.breakdown().is_some() { Err(self.why_incomplete()) } else { Ok(()) }
    }

    /// Finds out which states of the segment are on disk already.
    fn lay_ghosts(&mut self) -> io::Result<Vec<Position>> {
        let mut store = written(&self.shared.store);
        if !store.has_spilled() {
            return Ok(Vec::new());
        }
        let mut candidates: Vec<(StateNumber, Position)> = Vec::new();
        for desk in &self.shared.desks {
            candidates.extend(read(desk).candidates.iter().map(|candidate| (candidate.number(), candidate.position)));
        }
        let mut ghosts = store.ghosts(&mut candidates)?;
        ghosts.states.extend(&read(&self.shared.round).ghosts);
        store.add_ghosts(ghosts.states.len() as u64);
        ghosts.positions.sort_unstable();
        Ok(ghosts.positions)
    }

    fn recount(&mut self, cut: LimitCut, round: &Round, store: &Store) {
        let actions = self.account.per_action.len();
        let mut hands = store.hands();
        let (tally, action_counts) = recount(&mut self.worker, store, &mut hands, round, cut, actions);
        self.account.add_recount(cut, &tally, &action_counts);
    }

    /// Reports an event. `Some` if the search ends at it.
    fn take_event(
        &mut self,
        event: Event,
        round: &Round,
        store: &Store,
        found: &mut Vec<Violation>,
    ) -> Result<Option<Ended>, Ended> {
        let trace = self.trace(&event, round, store).map_err(|error| ended_by(*error))?;
        match event.kind {
            EventKind::Violation(violation) => {
                self.findings.push(Finding { violation, trace });
                found.push(violation);
                Ok(event.stops.then_some(Ended::AtFinding))
            }
            EventKind::Error(error) => Ok(Some(Ended::Error(Box::new(SearchError { error: *error, trace })))),
            EventKind::Full => Ok(Some(Ended::Capacity(Limit::Store))),
            // Where no state waits, nothing was left out.
            EventKind::Asked if self.account.statistics.left_on_queue == 0 => Ok(None),
            EventKind::Asked => Ok(Some(Ended::Capacity(Limit::Asked))),
        }
    }

    fn trace(&mut self, event: &Event, round: &Round, store: &Store) -> Result<Vec<Vec<u32>>, Box<SystemError>> {
        let path = round.chunk.number(event.position.source()).map(|source| store.path(source));
        let mut trace = words_of_path(store, &mut self.worker, &path.unwrap_or_default())?;
        trace.extend(event.state.clone());
        Ok(trace)
    }

    fn why_incomplete(&self) -> Ended {
        if let Some(breakdown) = self.shared.crew.breakdown() {
            return ended_by(internal(format!("a worker thread broke down: {breakdown}")));
        }
        if self.shared.meter.halted() {
            return Ended::Interrupted;
        }
        ended_by(internal("a block of a level was not expanded".to_owned()))
    }
}

/// Whether the event is about a state that was first generated just then.
fn is_owned(event: &Event, round: &Round, store: &Store) -> bool {
    event.state.is_some() && event.number.is_some_and(|number| owns(event.position, number, round, store))
}
