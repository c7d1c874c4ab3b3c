//! Numbers of states and positions in the search order.
//!
//! A state's number names its shard and its place there. It is stable for the whole search and costs 40 bits, which is
//! what the predecessor of each state is stored in. A *position* says where in the sequential search order a state is
//! generated: by the `ordinal`-th successor of the `source`-th state of the level. Comparing positions of one level is
//! comparing moments of a search with one worker; everything that must not depend on the number of workers is decided
//! by it.

/// Number of a stored state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateNumber(pub(crate) u64);

/// Bits of a state number.
pub(crate) const NUMBER_BITS: u32 = 40;

impl StateNumber {
    pub(crate) fn new(shard: usize, local: usize, shard_bits: u32) -> Self {
        Self((local as u64) << shard_bits | shard as u64)
    }

    pub(crate) fn shard(self, shard_bits: u32) -> usize {
        (self.0 & ((1 << shard_bits) - 1)) as usize
    }

    pub(crate) fn local(self, shard_bits: u32) -> usize {
        (self.0 >> shard_bits) as usize
    }
}

/// A state number, or none, in five bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PackedNumber([u8; 5]);

impl PackedNumber {
    /// No number: the predecessor of an initial state.
    const NONE: Self = Self([u8::MAX; 5]);

    pub(crate) fn pack(number: Option<StateNumber>) -> Self {
        let Some(StateNumber(number)) = number else { return Self::NONE };
        let [a, b, c, d, e, ..] = number.to_le_bytes();
        Self([a, b, c, d, e])
    }

    pub(crate) fn to_bytes(self) -> [u8; 5] {
        self.0
    }

    pub(crate) fn from_bytes(bytes: [u8; 5]) -> Self {
        Self(bytes)
    }

    pub(crate) fn unpack(self) -> Option<StateNumber> {
        let [a, b, c, d, e] = self.0;
        (self != Self::NONE).then(|| StateNumber(u64::from_le_bytes([a, b, c, d, e, 0, 0, 0])))
    }
}

/// Place of a generated state in the order of the sequential search, within one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position(u64);

impl Position {
    pub(crate) fn new(source: u32, ordinal: u32) -> Self {
        Self(u64::from(source) << 32 | u64::from(ordinal))
    }

    pub(crate) fn to_word(self) -> u64 {
        self.0
    }

    pub(crate) fn from_word(word: u64) -> Self {
        Self(word)
    }

    /// Index of the state that was expanded, within its level.
    pub(crate) fn source(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// How many states the source generated before.
    pub(crate) fn ordinal(self) -> u32 {
        self.0 as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_packing() {
        for number in [0, 1, 255, 1 << 32, (1 << NUMBER_BITS) - 2] {
            assert_eq!(PackedNumber::pack(Some(StateNumber(number))).unpack(), Some(StateNumber(number)));
        }
        assert_eq!(PackedNumber::pack(None).unpack(), None);
    }

    #[test]
    fn numbers_name_shard_and_place() {
        let number = StateNumber::new(200, 70_000, 8);
        assert_eq!((number.shard(8), number.local(8)), (200, 70_000));
    }

    #[test]
    fn positions_are_ordered_by_source_then_ordinal() {
        assert!(Position::new(0, u32::MAX) < Position::new(1, 0));
        assert!(Position::new(1, 0) < Position::new(1, 1));
        assert_eq!((Position::new(3, 9).source(), Position::new(3, 9).ordinal()), (3, 9));
    }
}
