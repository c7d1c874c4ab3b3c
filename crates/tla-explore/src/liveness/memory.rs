//! What an atom was found to be for the values of the variables it depends on.
//!
//! Remembering pays only where combinations of values recur. A memory that is not asked for what it knows in at least
//! half of its first cases gives up for good.

use rustc_hash::FxHashMap;

/// Cases after which a memory is judged.
const TRIAL: u64 = 2048;
/// Most cases that are remembered.
const MOST: usize = 1 << 20;

/// The memory of one atom.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    values: FxHashMap<Box<[u32]>, bool>,
    asked: u64,
    known: u64,
    useless: bool,
}

impl Memory {
    /// Whether remembering does not pay for this atom.
    pub(crate) fn is_useless(&self) -> bool {
        self.useless
    }

    /// The value for these words, if it was met before.
    pub(crate) fn recall(&mut self, words: &[u32]) -> Option<bool> {
        let value = self.values.get(words).copied();
        self.asked += 1;
        self.known += u64::from(value.is_some());
        if self.asked == TRIAL {
            self.useless = self.known * 2 < self.asked;
            (self.asked, self.known) = (0, 0);
            if self.useless {
                self.values = FxHashMap::default();
            }
        }
        value
    }

    /// Remembers a value.
    pub(crate) fn keep(&mut self, words: Vec<u32>, value: bool) {
        if self.useless {
            return;
        }
        if self.values.len() >= MOST {
            self.values.clear();
        }
        self.values.insert(words.into_boxed_slice(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_recurs_is_remembered() {
        let mut memory = Memory::default();
        for round in 0..TRIAL as u32 * 3 {
            let words = [round % 7];
            match memory.recall(&words) {
                Some(value) => assert_eq!(value, words[0] > 3),
                None => memory.keep(words.to_vec(), words[0] > 3),
            }
        }
        assert!(!memory.is_useless());
    }

    #[test]
    fn what_never_recurs_is_given_up() {
        let mut memory = Memory::default();
        for round in 0..TRIAL as u32 {
            assert_eq!(memory.recall(&[round]), None);
            memory.keep(vec![round], true);
        }
        assert!(memory.is_useless());
    }
}
