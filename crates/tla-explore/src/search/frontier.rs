//! The states that wait for their expansion, in the order of the search.
//!
//! A level is a row of chunks; a segment of the search expands one chunk or a part of one. A chunk has, one state after
//! the other, the number and what the store keeps of the state (the root of its tree, or its words), so that the
//! expansion reads memory from one end to the other and asks the store for nothing. When memory is short, chunks wait on
//! disk.

use crate::persist::encoding::malformed;
use crate::persist::folder::Written;
use crate::persist::manifest::{Manifest, Unusable};
use crate::persist::{FileName, Folder, Input, Output, Source};
use crate::store::StateNumber;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::Path;

/// States one after the other.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    numbers: Vec<StateNumber>,
    kept: Vec<u32>,
    width: usize,
}

impl Chunk {
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    #[inline]
    pub(super) fn number(&self, index: u32) -> Option<StateNumber> {
        self.numbers.get(index as usize).copied()
    }

    /// What the store keeps of a state.
    #[inline]
    pub(super) fn kept(&self, index: u32) -> Option<&[u32]> {
        let start = index as usize * self.width;
        self.kept.get(start..start + self.width).filter(|_| (index as usize) < self.numbers.len())
    }

    pub(super) fn bytes(&self) -> u64 {
        (self.numbers.capacity() * size_of::<StateNumber>() + self.kept.capacity() * size_of::<u32>()) as u64
    }

    /// The states from an index on.
    fn from(&self, index: u32) -> Self {
        let index = (index as usize).min(self.numbers.len());
        let kept = self.kept.get(index * self.width..).unwrap_or_default().to_vec();
        Self { numbers: self.numbers[index..].to_vec(), kept, width: self.width }
    }

    /// Exchanges what is kept of each state.
    pub(super) fn convert(&mut self, width: usize, mut convert: impl FnMut(&[u32]) -> Vec<u32>) {
        let mut kept = Vec::with_capacity(self.numbers.len() * width);
        for index in 0..self.numbers.len() as u32 {
            kept.extend(convert(self.kept(index).unwrap_or_default()));
        }
        (self.kept, self.width) = (kept, width);
    }

    fn write(&self, output: &mut Output) -> io::Result<()> {
        output.number(self.width as u64)?;
        output.number(self.numbers.len() as u64)?;
        self.numbers.iter().try_for_each(|number| output.number(number.0))?;
        output.array(&self.kept)
    }

    fn load(source: &Source) -> io::Result<Self> {
        source.at_the_beginning(|file| Self::read(&mut Input::of_file(file)?))
    }

    fn read(input: &mut Input<impl Read>) -> io::Result<Self> {
        let width = input.number()? as usize;
        let numbers: Vec<StateNumber> = input.numbers()?.into_iter().map(StateNumber).collect();
        let kept = input.array()?;
        let fits = numbers.len().checked_mul(width) == Some(kept.len());
        if fits { Ok(Self { numbers, kept, width }) } else { Err(malformed("a queue")) }
    }
}

/// A part of a frontier.
#[derive(Debug)]
enum Piece {
    Memory(Chunk),
    Disk { name: FileName, source: Source, states: u64 },
}

/// The states of a level.
#[derive(Debug)]
pub(super) struct Frontier {
    /// Words that are kept of a state.
    width: usize,
    /// Most states of a chunk.
    most: usize,
    pieces: VecDeque<Piece>,
    states: u64,
}

/// Names of the files of a frontier, with the number of states in each.
pub(super) type SavedFrontier = Vec<(FileName, u64)>;

impl Frontier {
    pub(super) fn new(width: usize, most: u32) -> Self {
        Self { width, most: (most as usize).max(1), pieces: VecDeque::new(), states: 0 }
    }

    /// Number of states.
    pub(super) fn len(&self) -> u64 {
        self.states
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = |piece: &Piece| match piece {
            Piece::Memory(chunk) => chunk.bytes(),
            Piece::Disk { .. } => 0,
        };
        self.pieces.iter().map(bytes).sum()
    }

    /// Makes room for so many more states.
    pub(super) fn reserve(&mut self, states: usize) {
        if let Some(Piece::Memory(chunk)) = self.pieces.back_mut() {
            let states = states.min(self.most.saturating_sub(chunk.len()));
            chunk.numbers.reserve(states);
            chunk.kept.reserve(states * self.width);
        }
    }

    /// Appends a state.
    #[inline]
    pub(super) fn push(&mut self, number: StateNumber, kept: &[u32]) {
        self.states += 1;
        if let Some(Piece::Memory(chunk)) = self.pieces.back_mut()
            && chunk.len() < self.most
        {
            chunk.numbers.push(number);
            chunk.kept.extend_from_slice(kept);
            return;
        }
        let chunk = Chunk { numbers: vec![number], kept: kept.to_vec(), width: self.width };
        self.pieces.push_back(Piece::Memory(chunk));
    }

    /// Appends states in a row.
    pub(super) fn append(&mut self, mut numbers: &[StateNumber], mut kept: &[u32]) {
        self.states += numbers.len() as u64;
        while !numbers.is_empty() {
            let room = match self.pieces.back() {
                Some(Piece::Memory(chunk)) => self.most.saturating_sub(chunk.len()),
                Some(Piece::Disk { .. }) | None => 0,
            };
            if room == 0 {
                self.pieces.push_back(Piece::Memory(Chunk { width: self.width, ..Chunk::default() }));
                continue;
            }
            let (now, later) = numbers.split_at(room.min(numbers.len()));
            let (kept_now, kept_later) = kept.split_at((now.len() * self.width).min(kept.len()));
            if let Some(Piece::Memory(chunk)) = self.pieces.back_mut() {
                chunk.numbers.extend_from_slice(now);
                chunk.kept.extend_from_slice(kept_now);
            }
            (numbers, kept) = (later, kept_later);
        }
    }

    /// Takes the first chunk.
    pub(super) fn pop(&mut self) -> io::Result<Option<Chunk>> {
        let chunk = match self.pieces.pop_front() {
            None => return Ok(None),
            Some(Piece::Memory(chunk)) => chunk,
            Some(Piece::Disk { source, .. }) => Chunk::load(&source)?,
        };
        self.states -= chunk.len() as u64;
        Ok(Some(chunk))
    }

    /// Moves all chunks to disk.
    pub(super) fn spill(&mut self, folder: &mut Folder) -> io::Result<()> {
        for piece in &mut self.pieces {
            if let Piece::Memory(chunk) = piece {
                let states = chunk.len() as u64;
                let Written { name, source } = folder.write("queue", |output| chunk.write(output))?;
                *piece = Piece::Disk { name, source, states };
            }
        }
        Ok(())
    }

    /// Exchanges what is kept of each state. Chunks on disk stay there.
    pub(super) fn convert(
        &mut self,
        width: usize,
        folder: Option<&mut Folder>,
        mut convert: impl FnMut(&[u32]) -> Vec<u32>,
    ) -> io::Result<()> {
        self.width = width;
        let mut folder = folder;
        for piece in &mut self.pieces {
            match piece {
                Piece::Memory(chunk) => chunk.convert(width, &mut convert),
                Piece::Disk { source, states, .. } => {
                    let mut chunk = Chunk::load(source)?;
                    chunk.convert(width, &mut convert);
                    let Some(folder) = folder.as_deref_mut() else { return Err(malformed("a queue")) };
                    let Written { name, source } = folder.write("queue", |output| chunk.write(output))?;
                    *piece = Piece::Disk { name, source, states: *states };
                }
            }
        }
        Ok(())
    }

    /// Writes what is not on disk: first the rest of the chunk in work, then the chunks in memory.
    pub(super) fn save(&self, in_work: Option<(&Chunk, u32)>, folder: &mut Folder) -> io::Result<SavedFrontier> {
        let mut saved = Vec::new();
        let mut save = |chunk: &Chunk| -> io::Result<(FileName, u64)> {
            let written = folder.write("queue", |output| chunk.write(output))?;
            Ok((written.name, chunk.len() as u64))
        };
        if let Some((chunk, from)) = in_work.filter(|(chunk, from)| (*from as usize) < chunk.len()) {
            saved.push(save(&chunk.from(from))?);
        }
        for piece in &self.pieces {
            match piece {
                Piece::Memory(chunk) => saved.push(save(chunk)?),
                Piece::Disk { name, states, .. } => saved.push((name.clone(), *states)),
            }
        }
        Ok(saved)
    }

    /// The frontier of a checkpoint. Its chunks wait on disk until they are needed.
    pub(super) fn restore(&mut self, saved: SavedFrontier, folder: &Path) -> Result<(), Unusable> {
        for (name, states) in saved {
            let source = Manifest::check(folder, &name)?;
            self.states += states;
            self.pieces.push_back(Piece::Disk { name, source, states });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(states: u64) -> Frontier {
        let mut frontier = Frontier::new(2, 10);
        for number in 0..states {
            frontier.push(StateNumber(number), &[number as u32, 7]);
        }
        frontier
    }

    fn numbers(mut frontier: Frontier) -> Vec<u64> {
        let mut numbers = Vec::new();
        while let Some(chunk) = frontier.pop().unwrap() {
            for index in 0..chunk.len() as u32 {
                let number = chunk.number(index).unwrap().0;
                assert_eq!(chunk.kept(index), Some(&[number as u32, 7][..]));
                numbers.push(number);
            }
            assert_eq!(chunk.kept(chunk.len() as u32), None);
        }
        assert_eq!(frontier.len(), 0);
        numbers
    }

    #[test]
    fn states_come_out_in_the_order_in_which_they_went_in() {
        let place = tempfile::tempdir().unwrap();
        let mut frontier = filled(25);
        assert_eq!((frontier.len(), frontier.pieces.len()), (25, 3));
        frontier.spill(&mut Folder::passing(&place.path().join("x")).unwrap()).unwrap();
        assert_eq!((frontier.bytes(), frontier.len()), (0, 25));
        frontier.push(StateNumber(25), &[25, 7]);
        assert_eq!(numbers(frontier), (0..26).collect::<Vec<_>>());
    }

    #[test]
    fn states_in_a_row_go_where_single_ones_go() {
        let row: Vec<StateNumber> = (0..25).map(StateNumber).collect();
        let kept: Vec<u32> = (0..25).flat_map(|number| [number, 7]).collect();
        let mut frontier = Frontier::new(2, 10);
        frontier.push(row[0], &kept[..2]);
        frontier.append(&row[1..4], &kept[2..8]);
        frontier.append(&row[4..], &kept[8..]);
        assert_eq!((frontier.len(), frontier.pieces.len()), (25, 3));
        assert_eq!(numbers(frontier), (0..25).collect::<Vec<_>>());
    }

    #[test]
    fn a_saved_frontier_begins_with_the_rest_of_the_chunk_in_work() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::durable(place.path()).unwrap();
        let mut frontier = filled(25);
        let chunk = frontier.pop().unwrap().unwrap();
        let saved = frontier.save(Some((&chunk, 4)), &mut folder).unwrap();
        let mut restored = Frontier::new(2, 10);
        restored.restore(saved, place.path()).unwrap();
        assert_eq!(restored.len(), 21);
        assert_eq!(numbers(restored), (4..25).collect::<Vec<_>>());
    }

    #[test]
    fn conversion_touches_every_state() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::passing(&place.path().join("x")).unwrap();
        let mut frontier = filled(10);
        frontier.spill(&mut folder).unwrap();
        frontier.push(StateNumber(10), &[10, 7]);
        frontier.convert(1, Some(&mut folder), |kept| vec![kept[0] + 1]).unwrap();
        assert!(matches!(frontier.pieces[0], Piece::Disk { .. }));
        let chunk = frontier.pop().unwrap().unwrap();
        assert_eq!((chunk.kept(0), chunk.kept(9)), (Some(&[1][..]), Some(&[10][..])));
        assert_eq!(frontier.pop().unwrap().unwrap().kept(0), Some(&[11][..]));
    }
}
