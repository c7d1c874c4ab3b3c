//! From the workers' desks to the counts of the sequential search.
//!
//! When a segment is done, every state that is new in it has a final owner: the smallest position that generated it. The
//! blocks' candidates, read in ascending order of block and position and without those that lost their state, are the
//! next states in the order of the sequential search. Counts are taken along until the event or the limit at which the
//! sequential search ends.

use super::desk::{BlockRecord, Desk, Event, EventKind, Tally};
use super::frontier::Frontier;
use super::parts::{Part, Rows, Runs};
use super::round::Round;
use crate::outcome::Violation;
use crate::statistics::{ActionCount, Degrees, Statistics};
use crate::store::{Position, StateNumber, Store};
use std::ops::{Deref, DerefMut};

/// A segment, in order. Its new states went to the frontier.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// The first event of each property that is new, and the one at which the search ends.
    pub(super) events: Vec<Event>,
    /// The search ends here: one state more than the limit.
    pub(super) limit: Option<LimitCut>,
    /// The first block that is missing, because the workers were told to stop.
    pub(super) missing: Option<u32>,
}

/// Where a limit on the number of states ends the search. The block's own counts reach beyond it.
#[derive(Debug, Clone, Copy)]
pub(super) struct LimitCut {
    pub(super) block: u32,
    pub(super) position: Position,
    /// Distinct states of the block, up to here.
    pub(super) distinct: u64,
}

/// The counts so far.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) statistics: Statistics,
    pub(super) per_action: Vec<ActionCount>,
    /// States taken up for expansion.
    pub(super) taken: u64,
    pub(super) max_states: Option<u64>,
}

/// The records of a segment: for each block, on which desk and where.
pub(super) type Places = Vec<Option<(usize, usize)>>;

/// A segment that the workers are done with.
pub(super) struct SegmentResults<'l> {
    pub(super) round: &'l Round,
    pub(super) places: &'l Places,
    pub(super) store: &'l Store,
    /// Positions of states that were on disk already, ascending.
    pub(super) ghosts: &'l [Position],
}

impl SegmentResults<'_> {
    /// Takes the events that are the first of their property.
    fn take_events(&self, events: Vec<Event>, taken: &mut Vec<Event>) {
        for event in events {
            let is_repetition = match event.kind {
                EventKind::Violation(violation) => self.round.found.contains(&violation) || contains(taken, violation),
                EventKind::Error(_) | EventKind::Full | EventKind::Asked => false,
            };
            if !is_repetition && is_real(&event, self.round, self.store) {
                taken.push(event);
            }
        }
    }
}

impl Account {
    /// Reads a segment.
    pub(super) fn settle(
        &mut self,
        segment: &SegmentResults<'_>,
        desks: &mut [impl DerefMut<Target = Desk>],
        frontier: &mut Frontier,
    ) -> Settled {
        let stale = stale_between(desks, segment.ghosts, Position::new(0, 0), None);
        let mut stale = stale.as_slice();
        let mut settled = Settled::default();
        let level = segment.round.level;
        let distinct_before = self.statistics.distinct;
        let candidates: usize = desks.iter().map(|desk| desk.candidates.len()).sum();
        frontier.reserve(candidates.saturating_sub(stale.len()));
        let mut runs = Runs::default();
        let taken_before = self.taken;
        for (block, place) in (0_u32..).zip(segment.places) {
            let Some((desk, index)) = *place else {
                settled.missing = Some(block);
                break;
            };
            let desk = &mut *desks[desk];
            let (lost, limit) = self.take_states(level, desk, index, &mut stale, frontier, &mut runs);
            settled.limit = limit;
            let mut events = std::mem::take(&mut desk.records[index].events);
            if let Some(cut) = settled.limit {
                events.retain(|event| !event.stops && event.position <= cut.position);
                segment.take_events(events, &mut settled.events);
                if level > 1 {
                    self.taken += u64::from(cut.position.source() + 1 - segment.round.sources(cut.block).start);
                }
                break;
            }
            let stops = events.last().is_some_and(|event| event.stops);
            self.add_block(desk, &desk.records[index], lost);
            segment.take_events(events, &mut settled.events);
            if stops {
                break;
            }
        }
        runs.finish();
        if level > 1 {
            self.add_new_successors(&runs.degrees, taken_before);
        }
        self.add_to_level(level, self.statistics.distinct - distinct_before);
        settled
    }

    /// Whether all states of a segment count, whatever they are.
    pub(super) fn takes_all(&self, level: u32, desks: &[impl Deref<Target = Desk>]) -> bool {
        let candidates: usize = desks.iter().map(|desk| desk.candidates.len()).sum();
        level > 1 && self.max_states.is_none_or(|limit| self.statistics.distinct + candidates as u64 <= limit)
    }

    /// Takes in a segment that was read in rows.
    pub(super) fn take_parts(
        &mut self,
        level: u32,
        rows: &Rows,
        parts: Vec<Part>,
        desks: &[impl Deref<Target = Desk>],
        frontier: &mut Frontier,
    ) {
        let (distinct_before, taken_before) = (self.statistics.distinct, self.taken);
        let mut degrees = Degrees::default();
        for (row, part) in rows.rows.iter().zip(parts) {
            let Part { run, distinct, degrees: of_part, lost } = part;
            self.statistics.distinct += run.numbers.len() as u64;
            frontier.append(run);
            degrees.merge(&of_part);
            for (count, distinct) in self.per_action.iter_mut().zip(distinct) {
                count.distinct += distinct;
            }
            for ((desk, index), lost) in rows.places[row.clone()].iter().flatten().zip(lost) {
                self.add_block(&desks[*desk], &desks[*desk].records[*index], lost);
            }
        }
        self.add_new_successors(&degrees, taken_before);
        self.add_to_level(level, self.statistics.distinct - distinct_before);
    }

    /// Takes in the new successors of the states that have any; the others that were taken up have none.
    fn add_new_successors(&mut self, degrees: &Degrees, taken_before: u64) {
        let without_new = (self.taken - taken_before).saturating_sub(degrees.states);
        self.statistics.new_successors.merge(degrees);
        self.statistics.new_successors.add(0, without_new);
    }

    fn add_to_level(&mut self, level: u32, states: u64) {
        if states == 0 {
            return;
        }
        let levels = &mut self.statistics.levels;
        if self.statistics.depth < level {
            levels.push(0);
            self.statistics.depth = level;
        }
        if let Some(of_level) = levels.last_mut() {
            *of_level += states;
        }
    }

    /// Takes the states that belong to a block; returns how many the block lost, and the limit if it is met.
    fn take_states(
        &mut self,
        level: u32,
        desk: &Desk,
        index: usize,
        stale: &mut &[Position],
        frontier: &mut Frontier,
        runs: &mut Runs,
    ) -> (u64, Option<LimitCut>) {
        let record = &desk.records[index];
        let distinct_before = self.statistics.distinct;
        let mut lost = 0;
        let width = desk.kept.len() / desk.candidates.len().max(1);
        for at in record.candidates.clone() {
            let candidate = desk.candidates[at];
            while let [first, rest @ ..] = stale
                && *first < candidate.position
            {
                *stale = rest;
            }
            if stale.first() == Some(&candidate.position) {
                lost += 1;
                continue;
            }
            frontier.push(candidate.number(), &desk.kept[at * width..(at + 1) * width]);
            self.statistics.distinct += 1;
            if level > 1 {
                if let Some(count) = self.per_action.get_mut(candidate.action()) {
                    count.distinct += 1;
                }
                runs.add(candidate.position.source());
            }
            if self.is_beyond_limit() && !ends_at(record, candidate.position) {
                let distinct = self.statistics.distinct - distinct_before;
                return (lost, Some(LimitCut { block: record.block, position: candidate.position, distinct }));
            }
        }
        (lost, None)
    }

    fn is_beyond_limit(&self) -> bool {
        self.max_states.is_some_and(|limit| self.statistics.distinct > limit)
    }

    fn add_block(&mut self, desk: &Desk, record: &BlockRecord, lost: u64) {
        let statistics = &mut self.statistics;
        statistics.generated += record.tally.generated;
        statistics.duplicates += record.tally.known + lost;
        statistics.out_of_model += record.tally.out_of_model;
        statistics.passed += record.tally.passed;
        statistics.expanded += record.tally.degrees.states;
        statistics.out_degree.merge(&record.tally.degrees);
        self.taken += record.tally.taken;
        self.add_actions(&desk.action_counts[record.action_counts.clone()]);
    }

    fn add_actions(&mut self, counts: &[u64]) {
        for (action, generated) in self.per_action.iter_mut().zip(counts) {
            action.generated += generated;
        }
    }

    /// Adds what a repetition of the block counted up to the limit.
    pub(super) fn add_recount(&mut self, cut: LimitCut, tally: &Tally, action_counts: &[u64]) {
        let statistics = &mut self.statistics;
        statistics.generated += tally.generated;
        statistics.out_of_model += tally.out_of_model;
        statistics.passed += tally.passed;
        statistics.duplicates += tally.generated.saturating_sub(tally.out_of_model + tally.passed + cut.distinct);
        statistics.expanded += tally.degrees.states;
        statistics.out_degree.merge(&tally.degrees);
        self.add_actions(action_counts);
    }
}

/// Whether the search ends at the state with this position, for a reason that comes before any limit.
fn ends_at(record: &BlockRecord, position: Position) -> bool {
    record.stop().is_some_and(|event| event.position == position && event.state.is_some())
}

/// Whether an event is one of the sequential search: the state that it is about belongs to its position.
pub(super) fn is_real(event: &Event, round: &Round, store: &Store) -> bool {
    event.owned_state().is_none_or(|number| owns(event.position, number, round, store))
}

/// Whether a stored state belongs to this position. If one worker built the segment, it does, unless the state is on
/// disk already; where the disk cannot be asked, that is found out when the segment is put in order.
pub(super) fn owns(position: Position, number: StateNumber, round: &Round, store: &Store) -> bool {
    let is_owner = !round.contested || store.position(number) == Some(position);
    is_owner && !(store.has_spilled() && store.is_ghost(number).unwrap_or(false))
}

fn contains(events: &[Event], violation: Violation) -> bool {
    events.iter().any(|event| matches!(event.kind, EventKind::Violation(other) if other == violation))
}

/// All positions from one on, and before another, that lost their state or never had it, ascending.
pub(super) fn stale_between(
    desks: &[impl Deref<Target = Desk>],
    ghosts: &[Position],
    from: Position,
    before: Option<Position>,
) -> Vec<Position> {
    let mut stale = Vec::new();
    for known in desks.iter().map(|desk| desk.stale.as_slice()).chain([ghosts]) {
        let start = known.partition_point(|position| *position < from);
        let end = before.map_or(known.len(), |before| known.partition_point(|position| *position < before));
        stale.extend_from_slice(known.get(start..end).unwrap_or_default());
    }
    // Each part is in order already, of which a stable sort makes use.
    stale.sort();
    stale
}
