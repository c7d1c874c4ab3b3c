//! Keys that one worker met lately.
//!
//! A worker takes blocks in ascending order, so the positions of its generations ascend. Whatever it generated once is in
//! the store with an owner at that position or before it, and when it generates the same again, the answer is *known*: no
//! lock, no probe, no cache line that other workers write to. Two cases are different, and there nobody asks: blocks that
//! are repeated, whose generations have positions of before, and states that look new because they are on disk.

use super::prefetch;

/// Slots: 2 to this power, half a megabyte.
const BITS: u32 = 16;

/// Keys of an exact store, two words each, in slots by their hash.
#[derive(Debug, Default)]
pub(super) struct Recent(Vec<u64>);

/// No key: numbers of pairs and words of states are smaller.
const NONE: u64 = u64::MAX;

impl Recent {
    #[inline]
    fn place(&mut self, key: &[u32]) -> Option<(&mut u64, u64)> {
        let key = u64::from(*key.first()?) << 32 | u64::from(*key.last()?);
        if self.0.is_empty() {
            self.0 = vec![NONE; 1 << BITS];
        }
        let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS);
        Some((self.0.get_mut(hash as usize)?, key))
    }

    /// Asks for the place of a key.
    #[inline]
    pub(super) fn ask_for(&mut self, key: &[u32]) {
        if let Some((slot, _)) = self.place(key) {
            prefetch::to_write(slot);
        }
    }

    /// Whether the key was met lately.
    #[inline]
    pub(super) fn has(&mut self, key: &[u32]) -> bool {
        self.place(key).is_some_and(|(slot, key)| *slot == key && key != NONE)
    }

    /// Whether the key was met lately; it was now.
    #[inline]
    pub(super) fn meet(&mut self, key: &[u32]) -> bool {
        let Some((slot, key)) = self.place(key) else { return false };
        std::mem::replace(slot, key) == key && key != NONE
    }
}
