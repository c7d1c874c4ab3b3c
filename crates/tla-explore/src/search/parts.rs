//! Putting a large segment in order with several threads.
//!
//! A segment without any event, whose states all count, is cut into rows of consecutive blocks. What each row adds to the
//! frontier and to the counts depends on that row alone: a state's successors all lie in one block, and the positions that
//! lost their state are sorted. So the rows are read side by side and appended in order.

use super::account::{Places, SegmentResults, stale_between};
use super::desk::Desk;
use crate::statistics::Degrees;
use crate::store::{Position, StateNumber};
use std::ops::Range;

/// Fewer new states than this are not worth a thread.
pub(super) const LEAST: usize = 1 << 13;

/// What a row of blocks adds.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) numbers: Vec<StateNumber>,
    pub(super) kept: Vec<u32>,
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
pub(super) fn rows(places: &Places, desks: &[&Desk], threads: usize) -> Option<Vec<Range<usize>>> {
    let candidates: usize = desks.iter().map(|desk| desk.candidates.len()).sum();
    let threads = threads.min(candidates / LEAST);
    if threads < 2 {
        return None;
    }
    let share = candidates.div_ceil(threads);
    let (mut rows, mut start, mut held) = (Vec::with_capacity(threads), 0, 0);
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

/// Reads rows side by side.
pub(super) fn read(rows: &[Range<usize>], segment: &SegmentResults<'_>, desks: &[&Desk], actions: usize) -> Vec<Part> {
    std::thread::scope(|scope| {
        let (first, others) = rows.split_first().map_or((0..0, rows), |(first, others)| (first.clone(), others));
        let spawn = |row: &Range<usize>| {
            let row = row.clone();
            let name = "settle".to_owned();
            let read = move || read_row(row, segment, desks, actions);
            std::thread::Builder::new().name(name).spawn_scoped(scope, read)
        };
        let threads: Vec<_> = others.iter().map(spawn).collect();
        let mut parts = vec![read_row(first, segment, desks, actions)];
        for (thread, row) in threads.into_iter().zip(others) {
            // Where no thread can be had, or one breaks down, its row is read here.
            let part = thread.ok().and_then(|thread| thread.join().ok());
            parts.push(part.unwrap_or_else(|| read_row(row.clone(), segment, desks, actions)));
        }
        parts
    })
}

fn read_row(row: Range<usize>, segment: &SegmentResults<'_>, desks: &[&Desk], actions: usize) -> Part {
    let start = |block: usize| Position::new(segment.round.sources(block as u32).start, 0);
    let stale = stale_between(desks, &segment.ghosts, start(row.start), Some(start(row.end)));
    let mut stale = stale.into_iter().peekable();
    let mut part = Part { distinct: vec![0; actions], ..Part::default() };
    let mut runs = Runs::default();
    for (desk, index) in segment.places[row].iter().flatten() {
        let desk = desks[*desk];
        let range = desk.records[*index].candidates.clone();
        let candidates = &desk.candidates[range.clone()];
        let width = desk.kept.len() / desk.candidates.len().max(1);
        let kept = desk.kept[range.start * width..range.end * width].chunks_exact(width.max(1));
        let before = part.numbers.len();
        for (candidate, kept) in candidates.iter().zip(kept.chain(std::iter::repeat(&[][..]))) {
            while stale.next_if(|other| *other < candidate.position).is_some() {}
            if stale.peek() == Some(&candidate.position) {
                continue;
            }
            part.numbers.push(candidate.number());
            part.kept.extend_from_slice(kept);
            if let Some(count) = part.distinct.get_mut(candidate.action()) {
                *count += 1;
            }
            runs.add(candidate.position.source());
        }
        part.lost.push((candidates.len() - (part.numbers.len() - before)) as u64);
    }
    runs.finish();
    part.degrees = runs.degrees;
    part
}
