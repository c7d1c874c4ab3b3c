//! The seen set: which states were generated, who generated each of them first, and how to get back.
//!
//! The store is sharded by fingerprint, one lock each. A state that is known already is found without the lock ([`view`])
//! or without looking at all ([`recent`]), and the successors of a state are looked for together ([`ahead`]). *First* means
//! first in the order of a search with one worker, not first in time: as long as a segment of the search is in work, a
//! generation at a smaller position takes a state over from one at a larger position. When all generations of a segment
//! have arrived, the owners are those of the sequential search, for every number of workers and every interleaving.
//!
//! Two kinds share the code. In the exact store a state is the root of its tree ([`tree`]), two words that are equal if
//! and only if the states are; where a view or symmetry makes the identity differ from the state, the root of the owner's
//! state is kept beside that of its identity. In the fingerprint store a state is a 128-bit fingerprint of its identity.
//! Shard and table slot come from the fingerprint in both, so an exact store becomes a fingerprint store in place: only
//! the keys are exchanged ([`Store::become_fingerprints`]), numbers and tables stay.
//!
//! What does not fit into memory goes to disk ([`disk`]); [`saved`] says how.

mod ahead;
mod disk;
mod fold;
mod keys;
mod number;
mod prefetch;
mod recent;
mod records;
mod saved;
mod segments;
mod shard;
mod slot;
mod table;
mod tree;
mod view;

use fold::Folder;
pub use number::StateNumber;
pub(crate) use number::{NUMBER_BITS, PackedNumber, Position};
pub(crate) use saved::SavedStore;
use shard::{Arrival, Placed, Shape};
use slot::Slot;
use tree::{Cache, ROOT_WORDS, Tree};
use view::{View, Views};

use crate::hash::{FINGERPRINT_WORDS, Fingerprint, Fingerprinter, collision_bound};
use ahead::Ahead;
use disk::Disk;
use keys::Key;
use recent::Recent;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use verdict::{CollisionBound, StoreKind};

const SHARDS_FOR_A_WORKER: usize = 64;

/// Bytes of a store that is given back by several threads.
const WORTH_THREADS: u64 = 32 << 20;

/// What became of a generated state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insertion {
    /// It is new.
    New(StateNumber),
    /// It now belongs to this generation, no longer to the one at the later position given.
    Stolen(StateNumber, Position),
    /// It belonged to this generation before: the block is being repeated.
    Again(StateNumber),
    /// It belongs to an earlier generation.
    Known,
    /// The store can hold no more states.
    Full,
}

/// Where and when a state is generated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    /// Position in that segment, if several workers build it.
    pub(crate) position: Option<Position>,
    /// The state that was expanded.
    pub(crate) predecessor: PackedNumber,
    /// The worker's positions ascend, and every state is in memory: what it generated before, it need not look for.
    pub(crate) ascending: bool,
}

/// The seen set.
#[derive(Debug)]
pub(crate) struct Store {
    layout: StoreLayout,
    shape: Shape,
    shards: Box<[Slot]>,
    /// For each shard whether links in it may be positions.
    unsettled: Box<[AtomicBool]>,
    fingerprinter: Fingerprinter,
    /// The pairs of the exact store; none in a fingerprint store.
    tree: Option<Tree>,
    /// Memory of the shards.
    bytes: AtomicU64,
    disk: Disk,
}

/// What a store needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoreLayout {
    pub(crate) kind: StoreKind,
    pub(crate) state_words: usize,
    pub(crate) identity_words: usize,
    pub(crate) identity_is_state: bool,
    pub(crate) fingerprint_seed: u64,
    pub(crate) shard_bits: u32,
}

/// A worker's tools for folding and unfolding states.
#[derive(Debug)]
pub(crate) struct Hands {
    state: Folder,
    /// For the state after the one that is being expanded.
    state_after: Folder,
    identity: Folder,
    cache: Cache,
    recent: Recent,
    views: Views<Arc<View>>,
    ahead: Ahead,
    /// The root of the state inserted last.
    root: Key,
}

impl Hands {
    /// What is kept of the state inserted last while it waits for its expansion.
    #[inline]
    pub(crate) fn kept<'h>(&'h self, store: &Store, words: &'h [u32]) -> &'h [u32] {
        if store.tree.is_some() { self.root.as_ref() } else { words }
    }

    /// Gives memory back.
    pub(crate) fn release(&mut self) {
        self.views.clear();
        self.cache.release();
    }
}

/// The table within a shard uses the last word of a fingerprint.
#[inline]
fn tag([_, _, _, last]: Fingerprint) -> u32 {
    last
}

/// The key of a fingerprint store: what is left of the fingerprint.
#[inline]
fn print_key(print: &Fingerprint) -> &[u32] {
    print.get(..FINGERPRINT_WORDS - 1).unwrap_or_default()
}

/// A large store gives its memory back with several threads: what the system does for each page is most of the work, and a
/// search of a second would wait for a twentieth of one.
impl Drop for Store {
    fn drop(&mut self) {
        if self.bytes() < WORTH_THREADS {
            return;
        }
        std::thread::scope(|scope| {
            for shards in self.shards.chunks_mut(SHARDS_FOR_A_WORKER) {
                let release = || shards.iter_mut().for_each(|slot| *slot = Slot::default());
                // Where no thread can be had, the shards are given back with the rest.
                let _ = std::thread::Builder::new().name("release".to_owned()).spawn_scoped(scope, release);
            }
        });
    }
}

impl StoreLayout {
    /// Bits of the number of shards, for so many threads.
    pub(crate) fn shard_bits_for(workers: usize) -> u32 {
        (workers * SHARDS_FOR_A_WORKER).clamp(256, 4096).next_power_of_two().trailing_zeros()
    }

    fn shape(&self) -> Shape {
        let (key_words, beside_words) = match self.kind {
            StoreKind::Exact if self.identity_is_state => (self.state_words.min(ROOT_WORDS), 0),
            StoreKind::Exact => (self.identity_words.min(ROOT_WORDS), self.state_words.min(ROOT_WORDS)),
            StoreKind::Fingerprint128 => (FINGERPRINT_WORDS - 1, 0),
        };
        // The largest number of all is the one that stands for none.
        let limit = (1_usize << (NUMBER_BITS - self.shard_bits)) - 1;
        Shape { key_words, beside_words, limit }
    }
}

impl Store {
    /// An empty store.
    pub(crate) fn new(layout: StoreLayout) -> Self {
        let shards: Box<[Slot]> = (0..1 << layout.shard_bits).map(|_| Slot::default()).collect();
        let bytes = AtomicU64::new((shards.len() * size_of::<Slot>()) as u64);
        Self {
            layout,
            shape: layout.shape(),
            unsettled: shards.iter().map(|_| AtomicBool::new(false)).collect(),
            shards,
            fingerprinter: Fingerprinter::new(layout.identity_words, layout.fingerprint_seed),
            tree: (layout.kind == StoreKind::Exact).then(Tree::default),
            bytes,
            disk: Disk::default(),
        }
    }

    pub(crate) fn kind(&self) -> StoreKind {
        self.layout.kind
    }

    /// Probability that a state was missed, for so many distinct states.
    pub(crate) fn collision_bound(&self, distinct: u64) -> CollisionBound {
        match self.kind() {
            StoreKind::Exact => CollisionBound(0.0),
            StoreKind::Fingerprint128 => collision_bound(distinct),
        }
    }

    /// Memory held, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed) + self.tree_bytes()
    }

    /// Memory of the pairs of an exact store, in bytes.
    pub(crate) fn tree_bytes(&self) -> u64 {
        self.tree.as_ref().map_or(0, Tree::bytes)
    }

    /// Number of states.
    pub(crate) fn len(&self) -> u64 {
        self.shards.iter().map(|slot| slot.lock().len() as u64).sum::<u64>() - self.disk.ghosts
    }

    /// Numbers of all states.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = StateNumber> {
        let bits = self.layout.shard_bits;
        let of_shard = move |(index, slot): (usize, &Slot)| {
            let count = slot.lock().len();
            (0..count).map(move |local| StateNumber::new(index, local, bits))
        };
        self.shards.iter().enumerate().flat_map(of_shard)
    }

    /// Number of states in memory.
    pub(crate) fn resident(&self) -> u64 {
        self.shards.iter().map(|slot| slot.lock().resident() as u64).sum()
    }

    /// Tools for a worker.
    pub(crate) fn hands(&self) -> Hands {
        Hands {
            state: Folder::new(self.layout.state_words),
            state_after: Folder::new(self.layout.state_words),
            identity: Folder::new(self.layout.identity_words),
            cache: Cache::default(),
            recent: Recent::default(),
            views: Views::default(),
            ahead: Ahead::default(),
            root: Key::default(),
        }
    }

    /// Words of what is kept of a state on the frontier.
    pub(crate) fn kept_words(&self) -> usize {
        match self.kind() {
            StoreKind::Exact => self.layout.state_words.min(ROOT_WORDS),
            StoreKind::Fingerprint128 => self.layout.state_words,
        }
    }

    /// The state of which this was kept, which is then the one that is being expanded.
    #[inline]
    pub(crate) fn unfold(&self, hands: &mut Hands, kept: &[u32], state: &mut Vec<u32>) {
        hands.ahead.clear();
        state.clear();
        match &self.tree {
            Some(tree) => state.extend_from_slice(hands.state.unfold(tree, kept)),
            None => state.extend_from_slice(kept),
        }
    }

    /// The same for the state after the one that is being expanded.
    #[inline]
    pub(crate) fn unfold_after(&self, hands: &mut Hands, kept: &[u32], state: &mut Vec<u32>) {
        hands.ahead.clear_after();
        state.clear();
        match &self.tree {
            Some(tree) => state.extend_from_slice(hands.state_after.unfold(tree, kept)),
            None => state.extend_from_slice(kept),
        }
    }

    /// Inserts a state, or finds it.
    #[inline]
    pub(crate) fn insert(&self, hands: &mut Hands, identity: &[u32], words: &[u32], origin: Origin) -> Insertion {
        let Some(tree) = &self.tree else {
            let print = self.fingerprinter.fingerprint(identity);
            return self.insert_key(&mut hands.views, print, print_key(&print), &[], origin);
        };
        let Hands { state, identity: folder, cache, recent, views, ahead, root, .. } = hands;
        if self.layout.identity_is_state {
            let coming = ahead.take(words);
            *root = match coming {
                Some(coming) => coming.root,
                None if state.fold(tree, cache, words).is_err() => return Insertion::Full,
                None => Key::new(state.root()),
            };
            if origin.ascending && recent.meet(root.as_ref()) || coming.is_some_and(|coming| coming.known) {
                return Insertion::Known;
            }
            if let Some(print) = coming.and_then(|coming| coming.print) {
                // It was looked for a moment ago.
                return self.insert_locked(print, root.as_ref(), &[], origin);
            }
            let print = self.fingerprinter.fingerprint(identity);
            return self.insert_key(views, print, root.as_ref(), &[], origin);
        }
        if state.fold(tree, cache, words).is_err() || folder.fold(tree, cache, identity).is_err() {
            return Insertion::Full;
        }
        *root = Key::new(state.root());
        if origin.ascending && recent.meet(folder.root()) {
            folder.refer_to_last();
            return Insertion::Known;
        }
        let print = self.fingerprinter.fingerprint(identity);
        let insertion = self.insert_key(views, print, folder.root(), root.as_ref(), origin);
        folder.refer_to_last();
        insertion
    }

    #[inline]
    fn insert_key(
        &self,
        views: &mut Views<Arc<View>>,
        print: Fingerprint,
        key: &[u32],
        beside: &[u32],
        origin: Origin,
    ) -> Insertion {
        // A single worker has no lock to wait for.
        if let Some(position) = origin.position {
            let (_, view) = self.seen(views, print);
            if view.knows(&self.shape, tag(print), key, position) {
                return Insertion::Known;
            }
        }
        self.insert_locked(print, key, beside, origin)
    }

    #[inline]
    fn insert_locked(&self, print: Fingerprint, key: &[u32], beside: &[u32], origin: Origin) -> Insertion {
        let Origin { position, predecessor, ascending: _ } = origin;
        let index = self.shard_of(print);
        let slot = &self.shards[index];
        let tag = tag(print);
        let unsettled = &self.unsettled[index];
        // Looked at first, so that workers do not write to it all the time.
        if position.is_some() && !unsettled.load(Ordering::Relaxed) {
            unsettled.store(true, Ordering::Relaxed);
        }
        let arrival = Arrival { tag, key, beside, position, predecessor };
        let (placed, before, after) = slot.change(|shard| {
            let before = shard.bytes();
            (shard.insert(&self.shape, &arrival), before, shard.bytes())
        });
        if before != after {
            self.account(before, after);
        }
        let number = |local| StateNumber::new(index, local, self.layout.shard_bits);
        match placed {
            Placed::New(local) => Insertion::New(number(local)),
            Placed::Stolen(local, from) => Insertion::Stolen(number(local), from),
            Placed::Again(local) => Insertion::Again(number(local)),
            Placed::Known => Insertion::Known,
            Placed::Full => Insertion::Full,
        }
    }

    /// The shard of a state, and what is read of it without its lock.
    #[inline]
    fn seen<'v>(&self, views: &'v mut Views<Arc<View>>, print: Fingerprint) -> (&Slot, &'v View) {
        let index = self.shard_of(print);
        let slot = &self.shards[index];
        (slot, views.of(index, slot.stamp(), || slot.view()))
    }

    #[inline]
    fn shard_of(&self, [first, ..]: Fingerprint) -> usize {
        first as usize & (self.shards.len() - 1)
    }

    fn place(&self, number: StateNumber) -> (usize, usize) {
        (number.shard(self.layout.shard_bits), number.local(self.layout.shard_bits))
    }

    #[cold]
    fn account(&self, before: usize, after: usize) {
        if after > before {
            self.bytes.fetch_add((after - before) as u64, Ordering::Relaxed);
        } else {
            self.bytes.fetch_sub((before - after) as u64, Ordering::Relaxed);
        }
    }

    /// Words of a state; none in a fingerprint store, or if the disk does not give it back.
    pub(crate) fn read(&self, number: StateNumber) -> Option<Vec<u32>> {
        let tree = self.tree.as_ref()?;
        let (index, local) = self.place(number);
        let shard = self.shards.get(index)?.lock();
        let part = if self.layout.identity_is_state {
            shard.key(&self.shape, local).map(|key| key.as_ref().to_vec())
        } else {
            shard.beside(&self.shape, local).map(|beside| beside.as_ref().to_vec())
        };
        let root = part;
        drop(shard);
        let from_disk = || {
            let entry = self.disk.entry(index, local)?;
            Some(if self.layout.identity_is_state { entry.key } else { entry.beside })
        };
        Some(tree.unfold(&root.or_else(from_disk)?, self.layout.state_words))
    }

    /// The segment in work is over: the states of a shard that are new in it lead to their predecessors from now on, of which
    /// the positions of their generations tell. Everything that asks for positions of the segment comes before. False if
    /// there is no such shard.
    pub(crate) fn settle(&self, shard: usize, predecessor: impl Fn(Position) -> PackedNumber) -> bool {
        let (Some(slot), Some(unsettled)) = (self.shards.get(shard), self.unsettled.get(shard)) else { return false };
        if unsettled.swap(false, Ordering::Relaxed) {
            slot.lock().settle(&self.shape, predecessor);
        }
        true
    }

    /// The state from which a state was first generated; none for an initial state.
    pub(crate) fn predecessor(&self, number: StateNumber) -> Option<StateNumber> {
        let (index, local) = self.place(number);
        let in_memory = self.shards.get(index)?.lock().predecessor(&self.shape, local);
        in_memory.or_else(|| Some(self.disk.entry(index, local)?.predecessor)).and_then(PackedNumber::unpack)
    }

    /// The numbers from an initial state to this one.
    pub(crate) fn path(&self, number: StateNumber) -> Vec<StateNumber> {
        let mut path: Vec<_> = std::iter::successors(Some(number), |number| self.predecessor(*number)).collect();
        path.reverse();
        path
    }

    /// Position of the owner of a state of the segment in work, if several workers build it.
    pub(crate) fn position(&self, number: StateNumber) -> Option<Position> {
        let (index, local) = self.place(number);
        self.shards[index].lock().position(&self.shape, local)
    }

    /// Shard, table bits and key of an identity; none if the exact store has no such state.
    fn key_of(&self, identity: &[u32]) -> Option<(usize, u32, Vec<u32>)> {
        let print = self.fingerprinter.fingerprint(identity);
        let key = match &self.tree {
            None => print_key(&print).to_vec(),
            Some(tree) => tree.find_root(identity)?,
        };
        Some((self.shard_of(print), tag(print), key))
    }

    /// Number of the state with this identity, unless it is on disk.
    pub(crate) fn find(&self, identity: &[u32]) -> Option<StateNumber> {
        let (index, tag, key) = self.key_of(identity)?;
        let local = self.shards[index].lock().find(&self.shape, tag, &key)?;
        Some(StateNumber::new(index, local, self.layout.shard_bits))
    }

    /// Whether a state is the one with this number, as far as the store can tell.
    pub(crate) fn is(&self, number: StateNumber, identity: &[u32]) -> bool {
        let Some((index, tag, mut key)) = self.key_of(identity) else { return false };
        let (shard, local) = self.place(number);
        if index != shard {
            return false;
        }
        if local >= self.shards[index].lock().base() {
            return self.find(identity) == Some(number);
        }
        if self.tree.is_none() {
            key.push(tag);
        }
        self.disk.entry(shard, local).is_some_and(|entry| entry.key == key)
    }

    /// Turns an exact store into a fingerprint store. Numbers stay.
    pub(crate) fn become_fingerprints(&mut self) {
        let Some(tree) = self.tree.take() else { return };
        let before = self.shape;
        self.layout.kind = StoreKind::Fingerprint128;
        self.shape = self.layout.shape();
        let (fingerprinter, width) = (&self.fingerprinter, self.layout.identity_words);
        let mut total = (self.shards.len() * size_of::<Slot>()) as u64;
        for slot in &self.shards {
            total += slot.change(|shard| {
                let print = |root: &[u32]| fingerprinter.fingerprint(&tree.unfold(root, width));
                shard.replace_keys(print, &before, &self.shape);
                shard.bytes() as u64
            });
        }
        *self.bytes.get_mut() = total;
        self.disk.forget_pages();
    }
}
