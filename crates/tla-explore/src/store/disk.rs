//! The part of the seen set that is on disk.
//!
//! Two kinds of files. A *page* lists states by number, with key and predecessor; it is what a trace needs, and what a
//! resumed search is rebuilt from. A *run* lists keys in ascending order; it is what duplicates are found with. Both are
//! divided by shard, so that a shard's part of a file can be read by itself.
//!
//! While a segment of the search is in work, a state that is only on disk is taken for new. When the segment ends, its
//! states are compared with the runs, shard by shard: many at a time by reading the run from one end to the other, a few
//! by bisection. That is the delayed duplicate detection of Stern and Dill ("Using magnetic disk instead of main memory
//! in the Murphi verifier", 1998), on sorted lists, so that a run is read in order and once. A state that turns out to be
//! on disk is a *ghost*: it is counted as a duplicate and is not expanded, exactly as if it had been recognized at once.

use super::number::PackedNumber;
use crate::persist::encoding::{Input, malformed};
use crate::persist::folder::Written;
use crate::persist::{FileName, Folder, Output, Source};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;

/// Most pages of states in memory.
const MOST_PAGES: usize = 64;

/// Bytes of a predecessor.
const PREDECESSOR_BYTES: usize = size_of::<PackedNumber>();

/// Everything of a store that is on disk.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    /// In the order in which they were written; those of a shard follow one another without gaps.
    pub(crate) pages: Vec<Page>,
    /// Number of pages whose states are on disk alone.
    pub(crate) settled: usize,
    pub(crate) runs: Vec<Run>,
    /// States that are in memory, or twice on disk, although they are on disk.
    pub(crate) ghosts: u64,
    /// Files of pairs of the exact store, and the number of pairs in them.
    pub(crate) pairs: Vec<FileName>,
    pub(crate) saved_pairs: u32,
}

impl Disk {
    /// Index after that of the last state of a shard that is in a page.
    pub(crate) fn paged(&self, shard: usize) -> u64 {
        self.pages.last().map_or(0, |page| {
            let (from, entries) = page.range(shard);
            from + entries
        })
    }

    /// A state; none if it is in no page or the disk does not give it back.
    pub(crate) fn entry(&self, shard: usize, local: usize) -> Option<Entry> {
        let after = self.pages.partition_point(|page| page.range(shard).0 <= local as u64);
        // Pages without a state of the shard have the same first index as the one after them.
        self.pages.get(..after)?.iter().rev().find_map(|page| page.entry(shard, local).ok().flatten())
    }

    /// Whether the states in memory are in so many pages that they had better be written again into one.
    pub(crate) fn is_in_pieces(&self) -> bool {
        self.pages.len() - self.settled > MOST_PAGES
    }

    /// The pages of states in memory are to be written again.
    pub(crate) fn forget_pages_in_memory(&mut self) {
        self.pages.truncate(self.settled);
    }

    /// All states are on disk alone: what was written stays.
    pub(crate) fn settle(&mut self) {
        self.settled = self.pages.len();
    }

    /// The keys in the pages are no longer those of the store. All states are in memory, and go into new pages.
    pub(crate) fn forget_pages(&mut self) {
        self.pages.clear();
        self.settled = 0;
        self.pairs.clear();
        self.saved_pairs = 0;
    }
}

/// Widths of what is kept of a state, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Widths {
    /// The whole key: in a fingerprint store all four words of the fingerprint.
    pub(crate) key: usize,
    pub(crate) beside: usize,
}

impl Widths {
    fn entry_bytes(self) -> u64 {
        ((self.key + self.beside) * 4 + PREDECESSOR_BYTES) as u64
    }
}

/// A state as a page has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: Vec<u32>,
    pub(crate) beside: Vec<u32>,
    pub(crate) predecessor: PackedNumber,
}

/// States by number.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) name: FileName,
    source: Source,
    widths: Widths,
    /// For each shard the index of the first state and the place of its entry; one more at the end for the last end.
    parts: Vec<(u64, u64)>,
}

/// States of one shard that go into a page.
pub(crate) struct PagePart {
    pub(crate) from: u64,
    pub(crate) entries: u64,
}

impl Page {
    /// Writes a page. `write` is called for each shard in order and writes its entries with [`write_entry`].
    pub(crate) fn write(
        folder: &mut Folder,
        widths: Widths,
        parts: &[PagePart],
        write: impl Fn(usize, &mut Output) -> io::Result<()>,
    ) -> io::Result<Self> {
        let Written { name, source } = folder.write("states", |output| {
            for number in [widths.key, widths.beside, parts.len()] {
                output.number(number as u64)?;
            }
            for part in parts {
                output.number(part.from)?;
                output.number(part.entries)?;
            }
            (0..parts.len()).try_for_each(|shard| write(shard, output))
        })?;
        let places = places(widths.entry_bytes(), 24 + 16 * parts.len() as u64, parts);
        Ok(Self { name, source, widths, parts: places })
    }

    /// Opens a page of a checkpoint.
    pub(crate) fn open(name: FileName, source: Source) -> io::Result<Self> {
        let (widths, parts) = source.at_the_beginning(Self::read_head)?;
        let places = places(widths.entry_bytes(), 24 + 16 * parts.len() as u64, &parts);
        let page = Self { name, source, widths, parts: places };
        if page.parts.last().map(|(_, end)| *end) != Some(page.name.length) {
            return Err(malformed("a page"));
        }
        Ok(page)
    }

    fn read_head(file: &mut File) -> io::Result<(Widths, Vec<PagePart>)> {
        let mut input = Input::of_file(file)?;
        let widths = Widths { key: input.number()? as usize, beside: input.number()? as usize };
        if widths.key > 64 || widths.beside > 64 {
            return Err(malformed("a page"));
        }
        let count = input.count(16)?;
        let mut parts = Vec::with_capacity(count);
        for _ in 0..count {
            parts.push(PagePart { from: input.number()?, entries: input.number()? });
        }
        Ok((widths, parts))
    }

    pub(crate) fn widths(&self) -> Widths {
        self.widths
    }

    pub(crate) fn shards(&self) -> usize {
        self.parts.len() - 1
    }

    /// Index of a shard's first state, and the number of its states.
    pub(crate) fn range(&self, shard: usize) -> (u64, u64) {
        match self.parts.get(shard..shard + 2) {
            Some([(from, begin), (_, end)]) => (*from, (end - begin) / self.widths.entry_bytes()),
            _ => (0, 0),
        }
    }

    /// A state, if the page has it.
    pub(crate) fn entry(&self, shard: usize, local: usize) -> io::Result<Option<Entry>> {
        let (from, entries) = self.range(shard);
        let Some(index) = (local as u64).checked_sub(from).filter(|index| *index < entries) else { return Ok(None) };
        let place = self.parts[shard].1 + index * self.widths.entry_bytes();
        let mut bytes = vec![0; self.widths.entry_bytes() as usize];
        self.source.with(|file| {
            file.seek(SeekFrom::Start(place))?;
            file.read_exact(&mut bytes)
        })?;
        read_entry(&mut Input::new(&bytes[..], bytes.len() as u64), self.widths).map(Some)
    }

    /// All states, shard by shard and in the order of their numbers.
    pub(crate) fn for_each(&self, mut take: impl FnMut(usize, Entry) -> io::Result<()>) -> io::Result<()> {
        self.source.with(|file| {
            file.seek(SeekFrom::Start(self.parts[0].1))?;
            let length = self.name.length - self.parts[0].1;
            let mut input = Input::new(BufReader::with_capacity(1 << 18, file), length);
            for shard in 0..self.shards() {
                for _ in 0..self.range(shard).1 {
                    take(shard, read_entry(&mut input, self.widths)?)?;
                }
            }
            Ok(())
        })
    }
}

/// Where each shard's part begins, and where the last one ends.
fn places(entry_bytes: u64, begin: u64, parts: &[PagePart]) -> Vec<(u64, u64)> {
    let mut places = Vec::with_capacity(parts.len() + 1);
    let mut place = begin;
    for part in parts {
        places.push((part.from, place));
        place = place.saturating_add(part.entries.saturating_mul(entry_bytes));
    }
    places.push((0, place));
    places
}

/// Writes a state into a page.
pub(crate) fn write_entry(
    output: &mut Output,
    key: &[u32],
    beside: &[u32],
    predecessor: PackedNumber,
) -> io::Result<()> {
    output.words(key)?;
    output.words(beside)?;
    output.write_all(&predecessor.to_bytes())
}

fn read_entry(input: &mut Input<impl Read>, widths: Widths) -> io::Result<Entry> {
    let (mut key, mut beside) = (vec![0; widths.key], vec![0; widths.beside]);
    input.words(&mut key)?;
    input.words(&mut beside)?;
    let mut predecessor = [0; PREDECESSOR_BYTES];
    input.read_exact(&mut predecessor)?;
    Ok(Entry { key, beside, predecessor: PackedNumber::from_bytes(predecessor) })
}

/// Keys in ascending order, shard by shard.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) name: FileName,
    source: Source,
    key_words: usize,
    /// For each shard the number of keys before its own, and the number of all at the end.
    ends: Vec<u64>,
}

/// Bytes before the first key of a run of so many shards.
fn run_begin(shards: usize) -> u64 {
    8 * (shards as u64 + 2)
}

impl Run {
    /// Writes a run. `keys` gives the sorted keys of a shard, one after the other.
    pub(crate) fn write(
        folder: &mut Folder,
        key_words: usize,
        counts: &[u64],
        keys: impl Fn(usize) -> Vec<u32>,
    ) -> io::Result<Self> {
        let mut ends = vec![0];
        for count in counts {
            ends.push(ends.last().unwrap_or(&0) + count);
        }
        let Written { name, source } = folder.write("sorted", |output| {
            output.number(key_words as u64)?;
            output.number(counts.len() as u64)?;
            for count in counts {
                output.number(*count)?;
            }
            (0..counts.len()).try_for_each(|shard| output.words(&keys(shard)))
        })?;
        Ok(Self { name, source, key_words, ends })
    }

    /// Opens a run of a checkpoint.
    pub(crate) fn open(name: FileName, source: Source) -> io::Result<Self> {
        let (key_words, ends) = source.at_the_beginning(Self::read_head)?;
        let keys = ends.last().copied().unwrap_or(0);
        let bytes = keys.checked_mul(key_words.saturating_mul(4));
        if bytes.and_then(|bytes| bytes.checked_add(run_begin(ends.len() - 1))) != Some(name.length) || key_words > 64 {
            return Err(malformed("a run"));
        }
        Ok(Self { name, source, key_words: key_words as usize, ends })
    }

    fn read_head(file: &mut File) -> io::Result<(u64, Vec<u64>)> {
        let mut input = Input::of_file(file)?;
        let key_words = input.number()?;
        let shards = input.count(8)?;
        let mut ends = vec![0_u64];
        for _ in 0..shards {
            let end = ends.last().unwrap_or(&0).checked_add(input.number()?).ok_or_else(|| malformed("a run"))?;
            ends.push(end);
        }
        Ok((key_words, ends))
    }

    fn key_bytes(&self) -> u64 {
        self.key_words as u64 * 4
    }

    /// Which of the keys, ascending, one after the other, are in a shard's part. Calls `found` with their indices.
    pub(crate) fn find(&self, shard: usize, keys: &[u32], found: &mut dyn FnMut(usize)) -> io::Result<()> {
        let Some([begin, end]) = self.ends.get(shard..shard + 2) else { return Ok(()) };
        let (wanted, here) = (keys.len() / self.key_words.max(1), end - begin);
        if here == 0 || wanted == 0 {
            return Ok(());
        }
        // A bisection reads a block for each of its last dozens of steps; reading on is cheaper than a dozen blocks each.
        if (wanted as u64).saturating_mul(512) < here {
            self.source.with(|file| self.bisect_each(file, *begin..*end, keys, found))
        } else {
            self.source.with(|file| self.read_through(file, *begin..*end, keys, found))
        }
    }

    fn bisect_each(
        &self,
        file: &mut File,
        part: Range<u64>,
        keys: &[u32],
        found: &mut dyn FnMut(usize),
    ) -> io::Result<()> {
        let base = run_begin(self.ends.len() - 1);
        let mut here = vec![0; self.key_words];
        let mut low = part.start;
        for (index, key) in keys.chunks_exact(self.key_words).enumerate() {
            let mut high = part.end;
            while low < high {
                let middle = low + (high - low) / 2;
                file.seek(SeekFrom::Start(base + middle * self.key_bytes()))?;
                Input::new(&mut *file, self.key_bytes()).words(&mut here)?;
                match here.as_slice().cmp(key) {
                    std::cmp::Ordering::Less => low = middle + 1,
                    std::cmp::Ordering::Greater => high = middle,
                    std::cmp::Ordering::Equal => {
                        found(index);
                        // An equal key may follow.
                        (low, high) = (middle, middle);
                    }
                }
            }
        }
        Ok(())
    }

    fn read_through(
        &self,
        file: &mut File,
        part: Range<u64>,
        keys: &[u32],
        found: &mut dyn FnMut(usize),
    ) -> io::Result<()> {
        file.seek(SeekFrom::Start(run_begin(self.ends.len() - 1) + part.start * self.key_bytes()))?;
        let count = part.end - part.start;
        let mut input = Input::new(BufReader::with_capacity(1 << 16, file), count * self.key_bytes());
        let mut here = vec![0; self.key_words];
        let mut wanted = keys.chunks_exact(self.key_words).enumerate().peekable();
        for _ in 0..count {
            input.words(&mut here)?;
            while wanted.next_if(|(_, key)| *key < here.as_slice()).is_some() {}
            while let Some((index, _)) = wanted.next_if(|(_, key)| *key == here.as_slice()) {
                found(index);
            }
            if wanted.peek().is_none() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::number::StateNumber;
    use super::*;

    #[test]
    fn pages_give_states_back() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::durable(place.path()).unwrap();
        let widths = Widths { key: 2, beside: 1 };
        let parts =
            [PagePart { from: 10, entries: 3 }, PagePart { from: 0, entries: 0 }, PagePart { from: 7, entries: 1 }];
        let predecessor = PackedNumber::pack(Some(StateNumber(99)));
        let page = Page::write(&mut folder, widths, &parts, |shard, output| {
            (0..parts[shard].entries as u32)
                .try_for_each(|index| write_entry(output, &[shard as u32, index], &[5], predecessor))
        })
        .unwrap();
        let opened = Page::open(page.name.clone(), Source::Closed(place.path().join(&page.name.name))).unwrap();
        for page in [page, opened] {
            assert_eq!((page.shards(), page.range(0), page.range(1), page.range(2)), (3, (10, 3), (0, 0), (7, 1)));
            assert_eq!(page.entry(0, 9).unwrap(), None);
            assert_eq!(page.entry(0, 13).unwrap(), None);
            assert_eq!(page.entry(1, 0).unwrap(), None);
            assert_eq!(page.entry(0, 12).unwrap(), Some(Entry { key: vec![0, 2], beside: vec![5], predecessor }));
            assert_eq!(page.entry(2, 7).unwrap(), Some(Entry { key: vec![2, 0], beside: vec![5], predecessor }));
            let mut seen = Vec::new();
            page.for_each(|shard, entry| {
                seen.push((shard, entry.key));
                Ok(())
            })
            .unwrap();
            assert_eq!(seen, [(0, vec![0, 0]), (0, vec![0, 1]), (0, vec![0, 2]), (2, vec![2, 0])]);
        }
    }

    #[test]
    fn runs_find_few_keys_and_many() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::durable(place.path()).unwrap();
        let keys = |shard: usize| (0..4000_u32).flat_map(|index| [index / 7, index * 3 + shard as u32]).collect();
        let run = Run::write(&mut folder, 2, &[4000, 4000], keys).unwrap();
        let opened = Run::open(run.name.clone(), Source::Closed(place.path().join(&run.name.name))).unwrap();
        for run in [run, opened] {
            for step in [1, 900] {
                let wanted: Vec<u32> = (0..12_000).step_by(step).flat_map(|index| [index / 21, index]).collect();
                let mut found = Vec::new();
                run.find(1, &wanted, &mut |index| found.push(wanted[2 * index + 1])).unwrap();
                let expected: Vec<u32> = (0..12_000).step_by(step).filter(|index| index % 3 == 1).collect();
                assert_eq!(found, expected);
            }
        }
    }
}
