//! An array that grows at its end and never moves, so that it can be read while it grows.
//!
//! Items lie in segments, and a directory leads to the segments. The first segments double, so that a small array is small;
//! from [`LARGEST`] items on all are of that size. A new segment is entered into the directory that readers hold already. Only
//! a directory without room is replaced, by one of twice the length: readers of the old one see what was there before.

use std::sync::{Arc, OnceLock};

const SMALLEST_BITS: u32 = 4;
const LARGEST_BITS: u32 = 10;
/// Items of the first segment.
const SMALLEST: usize = 1 << SMALLEST_BITS;
/// Items of a large segment.
const LARGEST: usize = 1 << LARGEST_BITS;
/// Segments before the first large one that others follow.
const DOUBLING: usize = (LARGEST_BITS - SMALLEST_BITS) as usize;

/// Segments of the first directory.
const FIRST: usize = 8;

type Directory<A> = Arc<[OnceLock<Arc<[A]>>]>;

/// The array. A copy shares the segments.
#[derive(Debug)]
pub(super) struct Segments<A>(Directory<A>);

/// What an item needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Growth {
    /// More memory is held.
    pub(super) grew: bool,
    /// The directory was replaced, so that copies lack what comes from now on.
    pub(super) moved: bool,
}

impl Growth {
    pub(super) fn and(self, other: Self) -> Self {
        Self { grew: self.grew || other.grew, moved: self.moved || other.moved }
    }
}

impl<A> Clone for Segments<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A> Default for Segments<A> {
    fn default() -> Self {
        Self(Arc::from([]))
    }
}

/// The segment of an item, and its index there.
#[inline]
fn place(index: usize) -> (usize, usize) {
    if index >= LARGEST {
        return (DOUBLING + (index >> LARGEST_BITS), index & (LARGEST - 1));
    }
    // 0..16, 16..32, 32..64, and so on.
    let segment = (usize::BITS - (index >> SMALLEST_BITS).leading_zeros()) as usize;
    let start = if segment == 0 { 0 } else { SMALLEST << (segment - 1) };
    (segment, index - start)
}

/// Items of a segment.
fn items(segment: usize) -> usize {
    match segment {
        0 => SMALLEST,
        1..=DOUBLING => SMALLEST << (segment - 1),
        _ => LARGEST,
    }
}

impl<A: Default> Segments<A> {
    /// The item at an index, if there is room for it; items have `width` cells each.
    #[inline]
    pub(super) fn at(&self, index: usize, width: usize) -> Option<&[A]> {
        let (segment, index) = place(index);
        self.0.get(segment)?.get()?.get(index * width..(index + 1) * width)
    }

    /// Makes room for the item at an index, and for some after it, all of whose cells are zero.
    #[inline]
    pub(super) fn make_room(&mut self, index: usize, width: usize) -> Growth {
        let (segment, _) = place(index);
        match self.0.get(segment) {
            Some(known) if known.get().is_some() => Growth::default(),
            Some(_) | None => self.grow(segment, width),
        }
    }

    #[cold]
    fn grow(&mut self, segment: usize, width: usize) -> Growth {
        let moved = segment >= self.0.len();
        if moved {
            let mut directory: Vec<_> = self.0.iter().cloned().collect();
            directory.resize_with((segment + 1).next_power_of_two().max(FIRST), OnceLock::new);
            self.0 = directory.into();
        }
        if let Some(entry) = self.0.get(segment) {
            // Shards grow under their locks, so nobody else does the same.
            let _ = entry.set((0..items(segment) * width).map(|_| A::default()).collect());
        }
        Growth { grew: true, moved }
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let cells: usize = self.0.iter().filter_map(OnceLock::get).map(|segment| segment.len()).sum();
        cells * size_of::<A>() + size_of_val(&*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn places_are_one_behind_the_other() {
        let (mut segment, mut offset) = (0, 0);
        for index in 0..10 * LARGEST {
            assert_eq!(place(index), (segment, offset), "{index}");
            offset += 1;
            if offset == items(segment) {
                (segment, offset) = (segment + 1, 0);
            }
        }
    }

    #[test]
    fn a_copy_sees_what_comes_later_until_the_directory_is_replaced() {
        let mut array = Segments::<AtomicU64>::default();
        assert_eq!(array.make_room(0, 2), Growth { grew: true, moved: true });
        let copy = array.clone();
        let mut replaced = 0;
        for index in 1..5 * LARGEST {
            replaced += usize::from(array.make_room(index, 2).moved);
            array.at(index, 2).unwrap()[1].store(index as u64, Ordering::Relaxed);
            if replaced == 0 {
                assert_eq!(copy.at(index, 2).unwrap()[1].load(Ordering::Relaxed), index as u64);
            }
        }
        assert_eq!(replaced, 1, "directories of 8 and 16 segments");
        assert!(array.at(5 * LARGEST, 2).is_none());
        assert_eq!(array.bytes(), 5 * LARGEST * 16 + 16 * size_of::<OnceLock<Arc<[AtomicU64]>>>());
    }
}
