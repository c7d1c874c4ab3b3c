//! Values by number, shared by all workers.
//!
//! Values are kept as bytes ([`tla_model::value::codec`]), so that a worker can rebuild its own copy. Shards with a
//! lock each keep workers out of each other's way; a worker asks here only for values that it has not met before.

use hashbrown::HashTable;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

const SHARD_BITS: u32 = 6;
pub(super) const SHARDS: usize = 1 << SHARD_BITS;

#[derive(Default)]
struct Shard {
    table: HashTable<u32>,
    ends: Vec<u64>,
    bytes: Vec<u8>,
}

impl Shard {
    fn value(&self, index: u32) -> &[u8] {
        let index = index as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.bytes[start..self.ends[index] as usize]
    }
}

/// The table.
pub struct Interner {
    shards: Vec<Mutex<Shard>>,
    /// Memory of all shards. Asked for again and again while a search runs.
    memory: AtomicU64,
}

fn hash(bytes: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(bytes);
    // Fx mixes upwards only; the shard is taken from the top and the table uses the bottom.
    let hash = hasher.finish();
    hash ^ (hash >> 32)
}

impl Interner {
    /// An empty table.
    pub fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), memory: AtomicU64::new(0) }
    }

    fn shard(&self, index: usize) -> MutexGuard<'_, Shard> {
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the value with this encoding. Equal bytes get equal numbers.
    pub fn number(&self, bytes: &[u8]) -> u32 {
        let hash = hash(bytes);
        let shard_index = (hash >> (64 - SHARD_BITS)) as usize;
        let mut guard = self.shard(shard_index);
        let shard = &mut *guard;
        let Shard { table, ends, bytes: stored } = shard;
        let slice = |index: u32| {
            let start = if index == 0 { 0 } else { ends[index as usize - 1] as usize };
            &stored[start..ends[index as usize] as usize]
        };
        if let Some(index) = table.find(hash, |index| slice(*index) == bytes) {
            return *index << SHARD_BITS | shard_index as u32;
        }
        let before = stored.capacity() + ends.capacity() * 8 + table.allocation_size();
        let index = ends.len() as u32;
        stored.extend_from_slice(bytes);
        ends.push(stored.len() as u64);
        let rehash = |index: &u32| {
            let start = if *index == 0 { 0 } else { ends[*index as usize - 1] as usize };
            self::hash(&stored[start..ends[*index as usize] as usize])
        };
        table.insert_unique(hash, index, rehash);
        let after = stored.capacity() + ends.capacity() * 8 + table.allocation_size();
        if after != before {
            self.memory.fetch_add((after - before) as u64, Ordering::Relaxed);
        }
        index << SHARD_BITS | shard_index as u32
    }

    /// Calls the function with the encoding of a value.
    pub fn with<R>(&self, number: u32, use_bytes: impl FnOnce(&[u8]) -> R) -> R {
        let shard = self.shard(number as usize & (SHARDS - 1));
        use_bytes(shard.value(number >> SHARD_BITS))
    }

    /// All values: for each shard those in it, in the order of their numbers.
    pub fn shards(&self) -> impl Iterator<Item = Vec<Vec<u8>>> {
        (0..SHARDS).map(|index| {
            let shard = self.shard(index);
            (0..shard.ends.len() as u32).map(|index| shard.value(index).to_vec()).collect()
        })
    }

    /// Memory in use, in bytes.
    pub fn bytes(&self) -> u64 {
        self.memory.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_get_equal_numbers_and_come_back() {
        let interner = Interner::new();
        let numbers: Vec<u32> = (0..10_000u32).map(|i| interner.number(&i.to_le_bytes())).collect();
        for (i, number) in (0..10_000u32).zip(&numbers) {
            assert_eq!(interner.number(&i.to_le_bytes()), *number);
            assert!(interner.with(*number, |bytes| bytes == i.to_le_bytes()));
        }
    }
}
