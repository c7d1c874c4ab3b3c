//! Keys that one worker met lately.
//!
//! A worker takes blocks in ascending order, so the positions of its generations ascend. Whatever it generated once is in
//! the store with an owner at that position or before it, and when it generates the same again, the answer is *known*: no
//! lock, no probe, no cache line that other workers write to. Two cases are different, and there nobody asks: blocks that
//! are repeated, whose generations have positions of before, and states that look new because they are on disk.

/// Slots: 2 to this power. Half a megabyte, which stays in a core's own cache.
const BITS: u32 = 16;

/// Keys of an exact store, two words each, in slots by their hash.
#[derive(Debug, Default)]
pub(super) struct Recent(Vec<u64>);

/// No key: numbers of pairs and words of states are smaller.
const NONE: u64 = u64::MAX;

impl Recent {
    /// Whether the key was met lately; it was now.
    #[inline]
    pub(super) fn meet(&mut self, key: &[u32]) -> bool {
        let (Some(left), Some(right)) = (key.first(), key.last()) else { return false };
        let key = u64::from(*left) << 32 | u64::from(*right);
        if self.0.is_empty() {
            self.0 = vec![NONE; 1 << BITS];
        }
        let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS);
        match self.0.get_mut(hash as usize) {
            Some(slot) if *slot == key => key != NONE,
            Some(slot) => {
                *slot = key;
                false
            }
            None => false,
        }
    }
}
