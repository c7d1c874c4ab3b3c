//! From memory to disk and back.
//!
//! Everything here happens between two segments of the search, when no worker touches the store.

use super::disk::{Page, PagePart, Run, Widths, write_entry};
use super::shard::{Arrival, Shard};
use super::tree::Tree;
use super::{Position, StateNumber, Store, StoreLayout};
use crate::hash::FINGERPRINT_WORDS;
use crate::persist::encoding::malformed;
use crate::persist::manifest::{Manifest, Unusable};
use crate::persist::{FileName, Folder, Input, Output};
use rustc_hash::FxHashSet;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::Ordering;
use verdict::StoreKind;

/// States that were taken for new although they are on disk.
#[derive(Debug, Default)]
pub(crate) struct Ghosts {
    /// Positions of their generations, in no order.
    pub(crate) positions: Vec<Position>,
    /// The states.
    pub(crate) states: FxHashSet<StateNumber>,
}

/// What a checkpoint says about a store, apart from the content of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedStore {
    pub(crate) layout: StoreLayout,
    /// Pages in the order in which they were written.
    pub(crate) pages: Vec<FileName>,
    pub(crate) runs: Vec<FileName>,
    pub(crate) ghosts: u64,
    /// For each shard the number of states that are on disk alone.
    pub(crate) bases: Vec<u64>,
    /// Pairs of the exact store that are in the files of pairs.
    pub(crate) pairs: Vec<FileName>,
}

impl Store {
    fn widths(&self) -> Widths {
        match self.kind() {
            StoreKind::Exact => Widths { key: self.shape.key_words, beside: self.shape.beside_words },
            StoreKind::Fingerprint128 => Widths { key: FINGERPRINT_WORDS, beside: 0 },
        }
    }

    /// Whole keys of a shard's states from an index on, one after the other.
    fn whole_keys(&self, shard: &Shard, from: usize) -> Vec<u32> {
        let tags = if self.kind() == StoreKind::Fingerprint128 { shard.tags() } else { Vec::new() };
        let mut keys = Vec::new();
        for local in from.max(shard.base())..shard.len() {
            keys.extend(shard.key(&self.shape, local).iter().flat_map(|key| key.as_ref().to_vec()));
            keys.extend(tags.get(local - shard.base()));
        }
        keys
    }

    /// Writes the states that are in no page yet.
    pub(crate) fn write_page(&mut self, folder: &mut Folder) -> io::Result<()> {
        if self.disk.is_in_pieces() {
            self.disk.forget_pages_in_memory();
        }
        let parts: Vec<PagePart> = (0..self.shards.len())
            .map(|index| {
                let from = self.disk.paged(index);
                let len = self.shards[index].lock().len() as u64;
                PagePart { from, entries: len - from }
            })
            .collect();
        if parts.iter().all(|part| part.entries == 0) {
            return Ok(());
        }
        let page = Page::write(folder, self.widths(), &parts, |index, output| {
            self.write_entries(index, parts[index].from as usize, output)
        })?;
        self.disk.pages.push(page);
        Ok(())
    }

    fn write_entries(&self, index: usize, from: usize, output: &mut Output) -> io::Result<()> {
        let shard = self.shards[index].lock();
        let keys = self.whole_keys(&shard, from);
        let width = self.widths().key;
        for (offset, local) in (from..shard.len()).enumerate() {
            let key = keys.get(offset * width..(offset + 1) * width).unwrap_or_default();
            let beside = shard.beside(&self.shape, local).unwrap_or_default();
            let predecessor = shard.predecessor(&self.shape, local).ok_or_else(|| malformed("the store"))?;
            write_entry(output, key, beside.as_ref(), predecessor)?;
        }
        Ok(())
    }

    /// Moves all states to disk.
    pub(crate) fn spill(&mut self, folder: &mut Folder) -> io::Result<()> {
        self.write_page(folder)?;
        let counts: Vec<u64> = self.shards.iter().map(|slot| slot.lock().resident() as u64).collect();
        let width = self.widths().key;
        let run = Run::write(folder, width, &counts, |index| {
            let shard = self.shards[index].lock();
            sorted(&self.whole_keys(&shard, shard.base()), width)
        })?;
        self.disk.runs.push(run);
        self.disk.settle();
        for slot in &self.shards {
            slot.change(Shard::release);
        }
        self.bytes.store((self.shards.len() * size_of::<super::Slot>()) as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Whether some states are on disk alone.
    pub(crate) fn has_spilled(&self) -> bool {
        !self.disk.runs.is_empty()
    }

    /// Which of the states of the segment in work are on disk already. Each state is given with the positions of its
    /// generations.
    pub(crate) fn ghosts(&self, candidates: &mut [(StateNumber, Position)]) -> io::Result<Ghosts> {
        let mut ghosts = Ghosts::default();
        candidates.sort_unstable_by_key(|(number, _)| self.place(*number));
        for of_shard in candidates.chunk_by(|(one, _), (other, _)| self.place(*one).0 == self.place(*other).0) {
            let Some((first, _)) = of_shard.first() else { continue };
            let index = self.place(*first).0;
            let mut keyed = self.keyed(index, of_shard);
            keyed.sort_unstable();
            let keys: Vec<u32> = keyed.iter().flat_map(|(key, ..)| key.iter().copied()).collect();
            let mut found = vec![false; keyed.len()];
            for run in &self.disk.runs {
                run.find(index, &keys, &mut |at| found[at] = true)?;
            }
            for ((_, position, number), _) in keyed.iter().zip(found).filter(|(_, found)| *found) {
                ghosts.positions.push(*position);
                ghosts.states.insert(*number);
            }
        }
        Ok(ghosts)
    }

    /// Whether a state in memory is on disk too.
    pub(crate) fn is_ghost(&self, number: StateNumber) -> io::Result<bool> {
        let ghosts = self.ghosts(&mut [(number, Position::new(0, 0))])?;
        Ok(!ghosts.states.is_empty())
    }

    /// Keys of states of one shard.
    fn keyed(&self, index: usize, states: &[(StateNumber, Position)]) -> Vec<(Vec<u32>, Position, StateNumber)> {
        let shard = self.shards[index].lock();
        let keys = self.whole_keys(&shard, shard.base());
        let width = self.widths().key;
        let key = |number: StateNumber| {
            let at = (self.place(number).1 - shard.base()) * width;
            keys.get(at..at + width).unwrap_or_default().to_vec()
        };
        states.iter().map(|(number, position)| (key(*number), *position, *number)).collect()
    }

    /// Counts states that are in memory although they are on disk.
    pub(crate) fn add_ghosts(&mut self, ghosts: u64) {
        self.disk.ghosts += ghosts;
    }

    /// Writes what is not on disk yet, and says what there is.
    pub(crate) fn save(&mut self, folder: &mut Folder) -> io::Result<SavedStore> {
        self.write_page(folder)?;
        if let Some(tree) = &self.tree {
            let from = self.disk.saved_pairs;
            let to = tree.len();
            if to > from {
                let written =
                    folder.write("values", |output| (from..to).try_for_each(|index| output.number(tree.get(index))))?;
                self.disk.pairs.push(written.name);
                self.disk.saved_pairs = to;
            }
        }
        Ok(SavedStore {
            layout: self.layout,
            pages: self.disk.pages.iter().map(|page| page.name.clone()).collect(),
            runs: self.disk.runs.iter().map(|run| run.name.clone()).collect(),
            ghosts: self.disk.ghosts,
            bases: self.shards.iter().map(|slot| slot.lock().base() as u64).collect(),
            pairs: self.disk.pairs.clone(),
        })
    }

    /// Builds a store from its files.
    pub(crate) fn restore(saved: &SavedStore, folder: &Path) -> Result<Self, Unusable> {
        let mut store = Self::new(saved.layout);
        if let Some(tree) = &store.tree {
            for name in &saved.pairs {
                Manifest::check(folder, name)?.at_the_beginning(|file| read_pairs(tree, file))?;
            }
            store.disk.saved_pairs = tree.len();
        }
        store.disk.pairs.clone_from(&saved.pairs);
        store.disk.ghosts = saved.ghosts;
        let damaged = |what: &str| Unusable::Damaged(what.to_owned());
        if saved.bases.len() != store.shards.len() {
            return Err(damaged("the number of shards"));
        }
        for (slot, base) in store.shards.iter().zip(&saved.bases) {
            slot.lock().start_at(*base as usize);
        }
        for name in &saved.runs {
            store.disk.runs.push(Run::open(name.clone(), Manifest::check(folder, name)?)?);
        }
        for name in &saved.pages {
            let page = Page::open(name.clone(), Manifest::check(folder, name)?)?;
            if !store.restore_page(&page)? {
                store.disk.settled += 1;
            }
            store.disk.pages.push(page);
        }
        let mut bytes = (store.shards.len() * size_of::<super::Slot>()) as u64;
        for slot in &store.shards {
            bytes += slot.lock().bytes() as u64;
        }
        store.bytes.store(bytes, Ordering::Relaxed);
        Ok(store)
    }

    /// Takes the states of a page, unless they are on disk alone. Whether they are not.
    fn restore_page(&self, page: &Page) -> io::Result<bool> {
        if page.shards() != self.shards.len() || page.widths() != self.widths() {
            return Err(malformed("a page"));
        }
        let in_memory = |index: usize| {
            let (from, entries) = page.range(index);
            entries > 0 && from >= self.shards[index].lock().base() as u64
        };
        if !(0..page.shards()).any(in_memory) {
            return Ok(false);
        }
        let key_words = self.shape.key_words;
        page.for_each(|index, entry| {
            let mut shard = self.shards[index].lock();
            if page.range(index).0 < shard.base() as u64 {
                return Ok(());
            }
            let tag = match entry.key.get(key_words) {
                Some(tag) => *tag,
                None => self.tag_of_root(&entry.key),
            };
            let key = entry.key.get(..key_words).unwrap_or_default();
            let (beside, predecessor) = (&entry.beside[..], entry.predecessor);
            let arrival = Arrival { tag, key, beside, position: None, predecessor };
            if shard.restore(&self.shape, &arrival) { Ok(()) } else { Err(malformed("a page")) }
        })?;
        Ok(true)
    }

    /// The part of the fingerprint that the table uses, for a state of the exact store.
    fn tag_of_root(&self, root: &[u32]) -> u32 {
        let identity = self.tree.as_ref().map(|tree| tree.unfold(root, self.layout.identity_words));
        super::tag(self.fingerprinter.fingerprint(&identity.unwrap_or_default()))
    }
}

fn read_pairs(tree: &Tree, file: &mut std::fs::File) -> io::Result<()> {
    let count = file.metadata()?.len() / 8;
    let mut input = Input::of_file(file)?;
    for _ in 0..count {
        if !tree.restore(input.number()?) {
            return Err(malformed("a file of pairs"));
        }
    }
    input.finish()
}

/// Keys of a width in ascending order.
fn sorted(keys: &[u32], width: usize) -> Vec<u32> {
    let mut order: Vec<&[u32]> = keys.chunks_exact(width.max(1)).collect();
    order.sort_unstable();
    order.concat()
}

impl SavedStore {
    /// Files of the store.
    pub(crate) fn files(&self) -> impl Iterator<Item = &FileName> {
        self.pages.iter().chain(&self.runs).chain(&self.pairs)
    }

    pub(crate) fn write(&self, output: &mut Output) -> io::Result<()> {
        let layout = &self.layout;
        let kind = match layout.kind {
            StoreKind::Exact => 0,
            StoreKind::Fingerprint128 => 1,
        };
        output.numbers(&[
            kind,
            layout.state_words as u64,
            layout.identity_words as u64,
            u64::from(layout.identity_is_state),
            layout.fingerprint_seed,
            u64::from(layout.shard_bits),
            self.ghosts,
        ])?;
        output.numbers(&self.bases)?;
        for names in [&self.pages, &self.runs, &self.pairs] {
            output.number(names.len() as u64)?;
            names.iter().try_for_each(|name| name.write(output))?;
        }
        Ok(())
    }

    pub(crate) fn read(input: &mut Input<impl Read>) -> io::Result<Self> {
        let [kind, state_words, identity_words, identity_is_state, fingerprint_seed, shard_bits, ghosts] =
            input.numbers()?[..]
        else {
            return Err(malformed("a store"));
        };
        let kind = match kind {
            0 => StoreKind::Exact,
            1 => StoreKind::Fingerprint128,
            _ => return Err(malformed("a store")),
        };
        if shard_bits > 16 {
            return Err(malformed("a store"));
        }
        let layout = StoreLayout {
            kind,
            state_words: state_words as usize,
            identity_words: identity_words as usize,
            identity_is_state: identity_is_state != 0,
            fingerprint_seed,
            shard_bits: shard_bits as u32,
        };
        let bases = input.numbers()?;
        let mut names = [Vec::new(), Vec::new(), Vec::new()];
        for names in &mut names {
            for _ in 0..input.count(24)? {
                names.push(FileName::read(input)?);
            }
        }
        let [pages, runs, pairs] = names;
        Ok(Self { layout, pages, runs, ghosts, bases, pairs })
    }
}
