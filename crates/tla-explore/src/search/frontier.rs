//! The states that wait for their expansion, in the order of the search.
//!
//! A level is a row of chunks ([`super::chunk`]); a segment of the search expands one chunk or a part of one. A chunk has,
//! one state after the other, the number and what the store keeps of the state (the root of its tree, or its words), so
//! that the expansion reads memory from one end to the other and asks the store for nothing. When memory is short, chunks
//! wait on disk.

use super::chunk::{Chunk, Run};
use crate::persist::encoding::malformed;
use crate::persist::folder::Written;
use crate::persist::manifest::{Manifest, Unusable};
use crate::persist::{FileName, Folder, Source};
use crate::store::StateNumber;
use std::collections::VecDeque;
use std::io;
use std::path::Path;

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
            chunk.reserve(states.min(self.most.saturating_sub(chunk.len())));
        }
    }

    /// Appends a state.
    #[inline]
    pub(super) fn push(&mut self, number: StateNumber, kept: &[u32]) {
        self.states += 1;
        if let Some(Piece::Memory(chunk)) = self.pieces.back_mut()
            && chunk.len() < self.most
        {
            chunk.push(number, kept);
            return;
        }
        let mut chunk = Chunk::new(self.width);
        chunk.push(number, kept);
        self.pieces.push_back(Piece::Memory(chunk));
    }

    /// Appends a run of states.
    pub(super) fn append(&mut self, run: Run) {
        self.states += run.numbers.len() as u64;
        let mut left = Some(run);
        while let Some(run) = left.take_if(|run| !run.numbers.is_empty()) {
            left = match self.pieces.back_mut() {
                Some(Piece::Memory(chunk)) if chunk.len() < self.most => chunk.append(run, self.most - chunk.len()),
                Some(Piece::Memory(_) | Piece::Disk { .. }) | None => {
                    self.pieces.push_back(Piece::Memory(Chunk::new(self.width)));
                    Some(run)
                }
            };
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
                let Written { name, source } = folder.write("queue", |output| chunk.write(0, output))?;
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
                    let Written { name, source } = folder.write("queue", |output| chunk.write(0, output))?;
                    *piece = Piece::Disk { name, source, states: *states };
                }
            }
        }
        Ok(())
    }

    /// Writes what is not on disk: first the rest of the chunk in work, then the chunks in memory.
    pub(super) fn save(&self, in_work: Option<(&Chunk, u32)>, folder: &mut Folder) -> io::Result<SavedFrontier> {
        let mut saved = Vec::new();
        let mut save = |chunk: &Chunk, from: u32| -> io::Result<(FileName, u64)> {
            let written = folder.write("queue", |output| chunk.write(from, output))?;
            Ok((written.name, chunk.len() as u64 - u64::from(from)))
        };
        if let Some((chunk, from)) = in_work.filter(|(chunk, from)| (*from as usize) < chunk.len()) {
            saved.push(save(chunk, from)?);
        }
        for piece in &self.pieces {
            match piece {
                Piece::Memory(chunk) => saved.push(save(chunk, 0)?),
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
        let run = |states: std::ops::Range<u64>| {
            let mut run = Run::with_room(states.clone().count(), 2);
            states.for_each(|number| run.push(StateNumber(number), &[number as u32, 7]));
            run
        };
        let mut frontier = Frontier::new(2, 10);
        frontier.push(StateNumber(0), &[0, 7]);
        frontier.append(run(1..4));
        frontier.append(run(4..4));
        frontier.append(run(4..24));
        frontier.push(StateNumber(24), &[24, 7]);
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
