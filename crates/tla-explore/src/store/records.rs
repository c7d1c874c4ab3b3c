//! What a shard keeps of each state, in one place: an append-only array that is written under the shard's lock and read
//! without it.
//!
//! A lookup that finds a state needs its key and, while other workers build the same segment, the position of its owner.
//! Other cores wrote both not long ago, and waiting for their cache lines is most of what a search with many workers does;
//! so both lie side by side. A record begins with the state's *link*. While the segment in which the state is new is in
//! work, that is the position of its owner; when the segment ends ([`super::Store::settle`]) it becomes the number of the
//! predecessor, for good. In the exact store the key follows, and behind it what is kept beside the key. Fingerprints are
//! three words, and a record with them would not fill whole lines: they have an array of their own.
//!
//! Records never move ([`super::segments`]). A record is written once, before the table leads to it; whoever finds it through
//! the table (which hands it over) sees it whole. Only its link changes later, to ever smaller positions and then to the
//! predecessor.

use super::keys::{Key, Keys};
use super::number::{PackedNumber, Position};
use super::prefetch;
use super::segments::{Growth, Segments};
use super::shard::Shape;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most words of a key that is a part of its record.
const MOST_KEY_WORDS: usize = 2;

/// Set in links that are predecessors. A segment has less than 2^31 sources, so positions leave it clear.
const SETTLED: u64 = 1 << 63;

/// Where a state comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// The state is of the segment in work, and belongs to the generation at this position.
    Owner(Position),
    /// The state is older, or one worker alone builds the segment.
    Predecessor(PackedNumber),
}

impl Link {
    #[inline]
    fn of_word(word: u64) -> Self {
        if word & SETTLED == 0 {
            return Self::Owner(Position::from_word(word));
        }
        let [a, b, c, d, e, ..] = word.to_le_bytes();
        Self::Predecessor(PackedNumber::from_bytes([a, b, c, d, e]))
    }

    #[inline]
    fn to_word(self) -> u64 {
        match self {
            Self::Owner(position) => position.to_word() & !SETTLED,
            Self::Predecessor(number) => {
                let [a, b, c, d, e] = number.to_bytes();
                u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]) | SETTLED
            }
        }
    }
}

/// The array. A copy shares the segments.
#[derive(Debug, Clone, Default)]
pub(super) struct Records {
    segments: Segments<AtomicU64>,
    /// Keys that are no part of their records.
    keys: Keys,
}

/// One or two words as a number.
#[inline]
fn packed(words: &[u32]) -> u64 {
    match words {
        [] => 0,
        [low] => u64::from(*low),
        [high, low, ..] => u64::from(*high) << 32 | u64::from(*low),
    }
}

/// The words that were packed.
fn unpacked(word: u64, width: usize) -> Key {
    match width {
        0 => Key::new(&[]),
        1 => Key::new(&[word as u32]),
        _ => Key::new(&[(word >> 32) as u32, word as u32]),
    }
}

/// Whether keys are parts of their records.
#[inline]
fn within(key_words: usize) -> bool {
    key_words <= MOST_KEY_WORDS
}

/// Numbers in a record.
#[inline]
fn stride(shape: &Shape) -> usize {
    1 + usize::from(within(shape.key_words)) + usize::from(shape.beside_words > 0)
}

impl Records {
    #[inline]
    fn at(&self, shape: &Shape, index: usize) -> Option<&[AtomicU64]> {
        self.segments.at(index, stride(shape))
    }

    /// Asks for the record at an index, which is about to be written.
    #[inline]
    pub(super) fn ask_to_write(&self, shape: &Shape, index: usize) {
        if let Some(record) = self.at(shape, index).and_then(<[_]>::first) {
            prefetch::to_write(record);
        }
    }

    /// Asks for the record at an index.
    #[inline]
    pub(super) fn ask_for(&self, shape: &Shape, index: usize) {
        if let Some(record) = self.at(shape, index).and_then(<[_]>::first) {
            prefetch::to_read(record);
        }
    }

    /// Whether this is the key at an index.
    #[inline]
    pub(super) fn is(&self, shape: &Shape, index: usize, key: &[u32]) -> bool {
        if !within(key.len()) {
            return self.keys.is(index, key);
        }
        let known = self.at(shape, index).and_then(|record| record.get(1));
        known.is_some_and(|known| known.load(Ordering::Relaxed) == packed(key))
    }

    /// The key at an index.
    pub(super) fn key(&self, shape: &Shape, index: usize) -> Option<Key> {
        if !within(shape.key_words) {
            return self.keys.get(index, shape.key_words);
        }
        let word = self.at(shape, index)?.get(1)?.load(Ordering::Relaxed);
        Some(unpacked(word, shape.key_words))
    }

    /// What is kept beside the key at an index; none where nothing is.
    pub(super) fn beside(&self, shape: &Shape, index: usize) -> Option<Key> {
        let record = self.at(shape, index)?;
        let word = (shape.beside_words > 0).then(|| record.last()).flatten();
        Some(word.map_or(Key::default(), |word| unpacked(word.load(Ordering::Relaxed), shape.beside_words)))
    }

    /// The link at an index.
    #[inline]
    pub(super) fn link(&self, shape: &Shape, index: usize) -> Option<Link> {
        let word = self.at(shape, index)?.first()?.load(Ordering::Relaxed);
        Some(Link::of_word(word))
    }

    /// Changes the link at an index.
    #[inline]
    pub(super) fn set_link(&self, shape: &Shape, index: usize, link: Link) {
        if let Some(word) = self.at(shape, index).and_then(<[_]>::first) {
            word.store(link.to_word(), Ordering::Relaxed);
        }
    }

    /// Changes what is kept beside the key at an index.
    pub(super) fn set_beside(&self, shape: &Shape, index: usize, beside: &[u32]) {
        if shape.beside_words > 0
            && let Some(word) = self.at(shape, index).and_then(<[_]>::last)
        {
            word.store(packed(beside), Ordering::Relaxed);
        }
    }

    /// Writes the record after the last one.
    #[inline]
    pub(super) fn write(&mut self, shape: &Shape, index: usize, key: &[u32], beside: &[u32], link: Link) -> Growth {
        let mut growth = self.segments.make_room(index, stride(shape));
        if let Some([link_word, words @ ..]) = self.at(shape, index) {
            link_word.store(link.to_word(), Ordering::Relaxed);
            let key = within(key.len()).then(|| packed(key));
            let beside = (shape.beside_words > 0).then(|| packed(beside));
            for (known, word) in words.iter().zip(key.into_iter().chain(beside)) {
                known.store(word, Ordering::Relaxed);
            }
        }
        if !within(key.len()) {
            growth = growth.and(self.keys.write(index, key));
        }
        growth
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.segments.bytes() + self.keys.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StateNumber;

    fn shape(key_words: usize, beside_words: usize) -> Shape {
        Shape { key_words, beside_words, limit: usize::MAX }
    }

    fn words(width: usize, index: u32) -> Vec<u32> {
        (0..width as u32).map(|word| index + word).collect()
    }

    #[test]
    fn records_are_where_they_were_put() {
        for (key_words, beside_words) in [(0, 0), (1, 0), (2, 0), (3, 0), (1, 1), (2, 2)] {
            let shape = shape(key_words, beside_words);
            let mut records = Records::default();
            for index in 0..10_000_u32 {
                let (key, beside) = (words(key_words, index), words(beside_words, index + 7));
                records.write(&shape, index as usize, &key, &beside, Link::Owner(Position::new(index, 3)));
            }
            let copy = records.clone();
            for index in 0..10_000_u32 {
                let at = index as usize;
                assert!(copy.is(&shape, at, &words(key_words, index)));
                assert_eq!(copy.is(&shape, at, &words(key_words, index + 1)), key_words == 0);
                assert_eq!(copy.key(&shape, at).unwrap().as_ref(), words(key_words, index));
                assert_eq!(copy.beside(&shape, at).unwrap().as_ref(), words(beside_words, index + 7));
                assert_eq!(copy.link(&shape, at), Some(Link::Owner(Position::new(index, 3))));
            }
            assert!(copy.key(&shape, 1 << 20).is_none());
        }
    }

    #[test]
    fn links_of_a_copy_are_those_of_the_array() {
        let shape = shape(2, 0);
        let mut records = Records::default();
        records.write(&shape, 0, &[1, 2], &[], Link::Owner(Position::new(9, 9)));
        let copy = records.clone();
        for number in [None, Some(StateNumber(0)), Some(StateNumber((1 << 40) - 2))] {
            let link = Link::Predecessor(PackedNumber::pack(number));
            records.set_link(&shape, 0, link);
            assert_eq!(copy.link(&shape, 0), Some(link));
            assert!(copy.is(&shape, 0, &[1, 2]));
        }
    }
}
