//! Putting a large segment in order with all workers.
//!
//! A segment without any event, whose states all count, is cut into rows of consecutive blocks. What each row adds to the
//! frontier and to the counts depends on that row alone: a state's successors all lie in one block, and the positions that
//! lost their state are sorted. So the rows are read side by side and appended in order.

use super::account::{Places, stale_between};
use super::chunk::Run;
use super::desk::Desk;
use super::round::Round;
use crate::statistics::Degrees;
use crate::store::Position;
use std::ops::{Deref, Range};

/// Fewer new states than this are not worth a row.
pub(super) const LEAST: usize = 1 << 12;

/// Rows for each worker, so that nobody waits long for the slowest.
const ROWS: usize = 2;

/// What a row of blocks adds.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) run: Run,
    /// New states by action.
    pub(super) distinct: Vec<u64>,
    /// New successors of the states that have any.
    pub(super) degrees: Degrees,
    /// For each block the states that it lost.
    pub(super) lost: Vec<u64>,
}

/// Runs of candidates with the same source.
#[derive(Debug, Default)]
pub(super) struct Runs {
    source: Option<u32>,
    length: u64,
    pub(super) degrees: Degrees,
}

impl Runs {
    #[inline]
    pub(super) fn add(&mut self, source: u32) {
        if self.source != Some(source) {
            self.finish();
            self.source = Some(source);
        }
        self.length += 1;
    }

    pub(super) fn finish(&mut self) {
        if self.length > 0 {
            self.degrees.add(self.length, 1);
            self.length = 0;
        }
    }
}

/// Cuts blocks into rows with about the same number of candidates. `None` if there are too few, or a block is missing or
/// has something to tell beside its states.
pub(super) fn rows(places: &Places, desks: &[impl Deref<Target = Desk>], workers: usize) -> Option<Vec<Range<usize>>> {
    let candidates: usize = desks.iter().map(|desk| desk.candidates.len()).sum();
    let count = (ROWS * workers).min(candidates / LEAST);
    if workers < 2 || count < 2 {
        return None;
    }
    let share = candidates.div_ceil(count);
    let (mut rows, mut start, mut held) = (Vec::with_capacity(count + 1), 0, 0);
    for (block, place) in places.iter().enumerate() {
        let (desk, index) = (*place)?;
        let record = desks.get(desk)?.records.get(index)?;
        if !record.events.is_empty() {
            return None;
        }
        held += record.candidates.len();
        if held >= share {
            rows.push(start..block + 1);
            (start, held) = (block + 1, 0);
        }
    }
    rows.push(start..places.len());
    Some(rows)
}

/// The rows of a segment that is being put in order, which the workers take one after the other.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Range<usize>>,
    pub(super) places: Places,
    /// Positions of states that were on disk already, ascending.
    pub(super) ghosts: Vec<Position>,
    pub(super) actions: usize,
}

/// Reads the row of blocks with this index; `None` if there is no such row.
pub(super) fn read_row(index: usize, rows: &Rows, round: &Round, desks: &[impl Deref<Target = Desk>]) -> Option<Part> {
    let row = rows.rows.get(index)?.clone();
    let start = |block: usize| Position::new(round.sources(block as u32).start, 0);
    let stale = stale_between(desks, &rows.ghosts, start(row.start), Some(start(row.end)));
    let records = || rows.places[row.clone()].iter().flatten().map(|(desk, index)| (&desks[*desk], *index));
    let candidates: usize = records().map(|(desk, index)| desk.records[index].candidates.len()).sum();
    let width = records().next().map_or(0, |(desk, _)| desk.kept.len() / desk.candidates.len().max(1));
    let mut part = Part {
        run: Run::with_room(candidates.saturating_sub(stale.len()), width),
        distinct: vec![0; rows.actions],
        ..Part::default()
    };
    let mut stale = stale.into_iter().peekable();
    let mut runs = Runs::default();
    for (desk, index) in records() {
        let range = desk.records[index].candidates.clone();
        let candidates = &desk.candidates[range.clone()];
        let width = desk.kept.len() / desk.candidates.len().max(1);
        let kept = desk.kept[range.start * width..range.end * width].chunks_exact(width.max(1));
        let before = part.run.numbers.len();
        for (candidate, kept) in candidates.iter().zip(kept.chain(std::iter::repeat(&[][..]))) {
            while stale.next_if(|other| *other < candidate.position).is_some() {}
            if stale.peek() == Some(&candidate.position) {
                continue;
            }
            part.run.push(candidate.number(), kept);
            if let Some(count) = part.distinct.get_mut(candidate.action()) {
                *count += 1;
            }
            runs.add(candidate.position.source());
        }
        part.lost.push((candidates.len() - (part.run.numbers.len() - before)) as u64);
    }
    runs.finish();
    part.degrees = runs.degrees;
    Some(part)
}
