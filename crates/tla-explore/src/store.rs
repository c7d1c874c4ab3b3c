//! The seen set: which states were generated, who generated each of them first, and how to get back.
//!
//! The store is sharded by hash, one lock each, and takes at most one lock for a generated state. *First* means first
//! in the order of a search with one worker, not first in time: as long as a level is being built, a generation at a
//! smaller position takes a state over from one at a larger position. When all generations of a level have arrived, the
//! owners are those of the sequential search, for every number of workers and every interleaving.
//!
//! Two kinds share the code. The exact store is keyed by the identity words themselves; the fingerprint store by the
//! four words of a 128-bit hash of them, and keeps states only as long as they are on the frontier. Where a view or
//! symmetry makes the identity differ from the state, the exact store keeps the owner's state beside the key.

mod number;
mod segments;
mod shard;
mod table;

pub use number::StateNumber;
pub(crate) use number::{NUMBER_BITS, PackedNumber, Position};
use shard::{Arrival, Keep, Placed, Shape, Shard};

use crate::hash::{FINGERPRINT_WORDS, Fingerprinter, collision_bound, table_hash};
use crate::lock::locked;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use verdict::{CollisionBound, StoreKind};

/// A shard on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Slot(Mutex<Shard>);

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
    /// Level that is being built, initial states being level 1.
    pub(crate) level: u32,
    /// Position in that level, if several workers build it.
    pub(crate) position: Option<Position>,
    /// The state that was expanded.
    pub(crate) predecessor: PackedNumber,
}

/// The seen set.
#[derive(Debug)]
pub(crate) struct Store {
    shape: Shape,
    shards: Box<[Slot]>,
    shard_bits: u32,
    fingerprinter: Option<Fingerprinter>,
    bytes: AtomicU64,
}

/// What a store needs to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoreLayout {
    pub(crate) kind: StoreKind,
    pub(crate) state_words: usize,
    pub(crate) identity_words: usize,
    pub(crate) identity_is_state: bool,
    pub(crate) fingerprint_seed: u64,
    /// Number of threads that will insert.
    pub(crate) workers: usize,
}

/// The table's hash of a key, be it words or a fingerprint, which needs no further spreading than one product.
#[inline]
fn hash_of_key(keep: Keep, key: &[u32]) -> u64 {
    match keep {
        Keep::InKey | Keep::Beside => table_hash(key),
        Keep::Recent => table_hash(key.get(..2).unwrap_or(key)),
    }
}

/// The table within a shard uses the upper half of the hash, the choice of the shard the lower half.
#[inline]
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl Store {
    /// An empty store.
    pub(crate) fn new(layout: StoreLayout) -> Self {
        let shards = (layout.workers * 64).clamp(256, 4096).next_power_of_two();
        let shard_bits = shards.trailing_zeros();
        let (key_words, keep) = match layout.kind {
            StoreKind::Exact if layout.identity_is_state => (layout.state_words, Keep::InKey),
            StoreKind::Exact => (layout.identity_words, Keep::Beside),
            StoreKind::Fingerprint128 => (FINGERPRINT_WORDS, Keep::Recent),
        };
        // The largest number of all is the one that stands for none.
        let limit = ((1_usize << (NUMBER_BITS - shard_bits)) - 1).min(u32::MAX as usize);
        let fingerprinter = match layout.kind {
            StoreKind::Exact => None,
            StoreKind::Fingerprint128 => Some(Fingerprinter::new(layout.identity_words, layout.fingerprint_seed)),
        };
        let shape = Shape { key_words, state_words: layout.state_words, keep, limit };
        let shards: Box<[Slot]> = (0..shards).map(|_| Slot::default()).collect();
        let bytes = AtomicU64::new((shards.len() * size_of::<Slot>()) as u64);
        Self { shape, shards, shard_bits, fingerprinter, bytes }
    }

    pub(crate) fn kind(&self) -> StoreKind {
        if self.fingerprinter.is_some() { StoreKind::Fingerprint128 } else { StoreKind::Exact }
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
        self.bytes.load(Ordering::Relaxed)
    }

    /// Number of states.
    pub(crate) fn len(&self) -> u64 {
        self.shards.iter().map(|slot| locked(&slot.0).len() as u64).sum()
    }

    /// Inserts a state, or finds it.
    #[inline]
    pub(crate) fn insert(&self, identity: &[u32], words: &[u32], origin: Origin) -> Insertion {
        match &self.fingerprinter {
            None => self.insert_key(identity, words, origin),
            Some(fingerprinter) => self.insert_key(&fingerprinter.fingerprint(identity), words, origin),
        }
    }

    #[inline]
    fn insert_key(&self, key: &[u32], words: &[u32], origin: Origin) -> Insertion {
        let hash = hash_of_key(self.shape.keep, key);
        let Origin { level, position, predecessor } = origin;
        let index = self.shard_of(hash);
        let mut shard = locked(&self.shards[index].0);
        let before = shard.bytes();
        let placed = shard.insert(&self.shape, level, &Arrival { tag: tag(hash), key, words, position, predecessor });
        let after = shard.bytes();
        drop(shard);
        if before != after {
            self.account(before, after);
        }
        let number = |local| StateNumber::new(index, local, self.shard_bits);
        match placed {
            Placed::New(local) => Insertion::New(number(local)),
            Placed::Stolen(local, from) => Insertion::Stolen(number(local), from),
            Placed::Again(local) => Insertion::Again(number(local)),
            Placed::Known(_) => Insertion::Known,
            Placed::Full => Insertion::Full,
        }
    }

    #[inline]
    fn shard_of(&self, hash: u64) -> usize {
        hash as usize & (self.shards.len() - 1)
    }

    #[cold]
    fn account(&self, before: usize, after: usize) {
        if after > before {
            self.bytes.fetch_add((after - before) as u64, Ordering::Relaxed);
        } else {
            self.bytes.fetch_sub((before - after) as u64, Ordering::Relaxed);
        }
    }

    /// Copies the words of a state into `target`. False if they were given up: an old state of a fingerprint store.
    #[inline]
    pub(crate) fn read(&self, number: StateNumber, target: &mut Vec<u32>) -> bool {
        target.clear();
        let shard = locked(&self.shards[number.shard(self.shard_bits)].0);
        match shard.words(&self.shape, number.local(self.shard_bits)) {
            Some(words) => {
                target.extend_from_slice(words);
                true
            }
            None => false,
        }
    }

    /// The state from which a state was first generated; none for an initial state.
    pub(crate) fn predecessor(&self, number: StateNumber) -> Option<StateNumber> {
        let shard = locked(&self.shards[number.shard(self.shard_bits)].0);
        shard.predecessor(number.local(self.shard_bits)).and_then(PackedNumber::unpack)
    }

    /// The numbers from an initial state to this one.
    pub(crate) fn path(&self, number: StateNumber) -> Vec<StateNumber> {
        let mut path: Vec<_> = std::iter::successors(Some(number), |number| self.predecessor(*number)).collect();
        path.reverse();
        path
    }

    /// Position of the owner of a state of the level that is being built, if several workers build it.
    pub(crate) fn position(&self, level: u32, number: StateNumber) -> Option<Position> {
        locked(&self.shards[number.shard(self.shard_bits)].0).position(level, number.local(self.shard_bits))
    }

    /// Number of the state with this identity.
    pub(crate) fn find(&self, identity: &[u32]) -> Option<StateNumber> {
        match &self.fingerprinter {
            None => self.find_key(identity),
            Some(fingerprinter) => self.find_key(&fingerprinter.fingerprint(identity)),
        }
    }

    fn find_key(&self, key: &[u32]) -> Option<StateNumber> {
        let hash = hash_of_key(self.shape.keep, key);
        let index = self.shard_of(hash);
        let local = locked(&self.shards[index].0).find(&self.shape, tag(hash), key)?;
        Some(StateNumber::new(index, local, self.shard_bits))
    }

    /// Whether a state is the one with this number, as far as the store can tell.
    pub(crate) fn is(&self, number: StateNumber, identity: &[u32]) -> bool {
        let fingerprint = self.fingerprinter.as_ref().map(|fingerprinter| fingerprinter.fingerprint(identity));
        let key = fingerprint.as_ref().map_or(identity, |fingerprint| &fingerprint[..]);
        let shard = locked(&self.shards[number.shard(self.shard_bits)].0);
        shard.key(&self.shape, number.local(self.shard_bits)) == Some(key)
    }
}
