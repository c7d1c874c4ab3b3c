//! Keys of a shard that are no part of its records: an append-only array that is written under the shard's lock and read
//! without it.
//!
//! A key is written once, before the table leads to it; whoever finds it through the table (which hands it over) sees it
//! whole.

use super::segments::{Growth, Segments};
use std::sync::atomic::{AtomicU32, Ordering};

/// Most words of a key.
const MOST_WORDS: usize = 4;

/// The array. A copy shares the segments.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys(Segments<AtomicU32>);

/// A key.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Key {
    words: [u32; MOST_WORDS],
    width: usize,
}

impl Key {
    #[inline]
    pub(super) fn new(key: &[u32]) -> Self {
        // Roots, which come by the million, have at most two words.
        let words = match key {
            [] => [0; MOST_WORDS],
            [first] => [*first, 0, 0, 0],
            [first, second] => [*first, *second, 0, 0],
            [first, second, third] => [*first, *second, *third, 0],
            [first, second, third, fourth, ..] => [*first, *second, *third, *fourth],
        };
        Self { words, width: key.len().min(MOST_WORDS) }
    }
}

impl AsRef<[u32]> for Key {
    fn as_ref(&self) -> &[u32] {
        self.words.get(..self.width).unwrap_or_default()
    }
}

impl Keys {
    /// Whether this is the key at an index.
    #[inline]
    pub(super) fn is(&self, index: usize, key: &[u32]) -> bool {
        let is_same = |(known, word): (&AtomicU32, &u32)| known.load(Ordering::Relaxed) == *word;
        self.0.at(index, key.len()).is_some_and(|known| known.iter().zip(key).all(is_same))
    }

    /// The key at an index, given the width of all keys.
    pub(super) fn get(&self, index: usize, width: usize) -> Option<Key> {
        let mut words = [0; MOST_WORDS];
        for (word, known) in words.iter_mut().zip(self.0.at(index, width)?) {
            *word = known.load(Ordering::Relaxed);
        }
        Some(Key { words, width })
    }

    /// Writes the key after the last one.
    #[inline]
    pub(super) fn write(&mut self, index: usize, key: &[u32]) -> Growth {
        let growth = self.0.make_room(index, key.len());
        for (known, word) in self.0.at(index, key.len()).unwrap_or_default().iter().zip(key) {
            known.store(*word, Ordering::Relaxed);
        }
        growth
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_where_they_were_put() {
        let mut keys = Keys::default();
        for index in 0..10_000_u32 {
            keys.write(index as usize, &[index, index + 1, index + 2]);
        }
        let copy = keys.clone();
        for index in 0..10_000 {
            let key = [index, index + 1, index + 2];
            assert!(copy.is(index as usize, &key) && !copy.is(index as usize, &[index, 0, 0]));
            assert_eq!(copy.get(index as usize, 3).unwrap().as_ref(), key);
        }
        assert!(copy.get(1 << 20, 3).is_none());
    }

    #[test]
    fn keys_without_words_can_be_kept() {
        let mut keys = Keys::default();
        keys.write(0, &[]);
        assert!(keys.is(0, &[]));
        assert!(keys.get(0, 0).unwrap().as_ref().is_empty());
    }
}
