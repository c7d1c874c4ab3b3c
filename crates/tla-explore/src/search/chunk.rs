//! A piece of the frontier: the number of each state, and what the store keeps of it.
//!
//! The states lie in *runs*, one behind the other. Where several threads put a segment in order, each makes a run, and to
//! append it moves no state.

use crate::persist::encoding::malformed;
use crate::persist::{Input, Output, Source};
use crate::store::StateNumber;
use std::io::{self, Read};

/// States one after the other.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) numbers: Vec<StateNumber>,
    /// What is kept of each, so many words apiece.
    pub(super) kept: Vec<u32>,
}

impl Run {
    /// A run with room for so many states.
    pub(super) fn with_room(states: usize, width: usize) -> Self {
        Self { numbers: Vec::with_capacity(states), kept: Vec::with_capacity(states * width) }
    }

    #[inline]
    pub(super) fn push(&mut self, number: StateNumber, kept: &[u32]) {
        self.numbers.push(number);
        self.kept.extend_from_slice(kept);
    }

    /// Cuts off the states from an index on.
    fn split_off(&mut self, index: usize, width: usize) -> Self {
        Self { numbers: self.numbers.split_off(index), kept: self.kept.split_off(index * width) }
    }

    fn bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<StateNumber>() + self.kept.capacity() * size_of::<u32>()
    }
}

/// States one after the other, in runs.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    runs: Vec<Run>,
    /// For each run the number of states up to its end.
    ends: Vec<usize>,
    width: usize,
}

impl Chunk {
    /// No states yet, with so many words kept of each.
    pub(super) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Appends a state.
    #[inline]
    pub(super) fn push(&mut self, number: StateNumber, kept: &[u32]) {
        if self.runs.is_empty() {
            self.runs.push(Run::default());
            self.ends.push(0);
        }
        if let (Some(run), Some(end)) = (self.runs.last_mut(), self.ends.last_mut()) {
            run.push(number, kept);
            *end += 1;
        }
    }

    /// Appends the first states of a run, at most so many. The others.
    pub(super) fn append(&mut self, mut run: Run, most: usize) -> Option<Run> {
        let rest = (run.numbers.len() > most).then(|| run.split_off(most, self.width));
        if !run.numbers.is_empty() {
            self.ends.push(self.len() + run.numbers.len());
            self.runs.push(run);
        }
        rest
    }

    /// Makes room for so many more states.
    pub(super) fn reserve(&mut self, states: usize) {
        if let Some(run) = self.runs.last_mut() {
            run.numbers.reserve(states);
            run.kept.reserve(states * self.width);
        }
    }

    /// The run that a state is in, and its index there.
    #[inline]
    fn find(&self, index: u32) -> Option<(&Run, usize)> {
        let index = index as usize;
        let run = self.ends.partition_point(|end| *end <= index);
        let start = run.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some((self.runs.get(run)?, index - start))
    }

    #[inline]
    pub(super) fn number(&self, index: u32) -> Option<StateNumber> {
        let (run, index) = self.find(index)?;
        run.numbers.get(index).copied()
    }

    /// What the store keeps of a state.
    #[inline]
    pub(super) fn kept(&self, index: u32) -> Option<&[u32]> {
        let (run, index) = self.find(index)?;
        run.kept.get(index * self.width..(index + 1) * self.width)
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.runs.iter().map(Run::bytes).sum::<usize>() as u64
    }

    /// Exchanges what is kept of each state.
    pub(super) fn convert(&mut self, width: usize, mut convert: impl FnMut(&[u32]) -> Vec<u32>) {
        for run in &mut self.runs {
            let mut kept = Vec::with_capacity(run.numbers.len() * width);
            for index in 0..run.numbers.len() {
                kept.extend(convert(run.kept.get(index * self.width..(index + 1) * self.width).unwrap_or_default()));
            }
            run.kept = kept;
        }
        self.width = width;
    }

    /// Writes the states from an index on.
    pub(super) fn write(&self, from: u32, output: &mut Output) -> io::Result<()> {
        let states = from..self.len() as u32;
        output.number(self.width as u64)?;
        output.number(states.len() as u64)?;
        states.clone().filter_map(|index| self.number(index)).try_for_each(|number| output.number(number.0))?;
        output.number((states.len() * self.width) as u64)?;
        states.filter_map(|index| self.kept(index)).try_for_each(|kept| output.words(kept))
    }

    pub(super) fn load(source: &Source) -> io::Result<Self> {
        source.at_the_beginning(|file| Self::read(&mut Input::of_file(file)?))
    }

    fn read(input: &mut Input<impl Read>) -> io::Result<Self> {
        let width = input.number()? as usize;
        let numbers: Vec<StateNumber> = input.numbers()?.into_iter().map(StateNumber).collect();
        let kept = input.array()?;
        if numbers.len().checked_mul(width) != Some(kept.len()) {
            return Err(malformed("a queue"));
        }
        let mut chunk = Self::new(width);
        let states = numbers.len();
        chunk.append(Run { numbers, kept }, states);
        Ok(chunk)
    }
}
