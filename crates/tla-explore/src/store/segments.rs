//! An append-only array of items of equal width, in segments that never move.
//!
//! A growing array that is moved leaves holes in the heap; with hundreds of shards that grow in step, a quarter of all
//! memory was lost to them. Here only the first segment grows, so that a small model stays small; the others are
//! allocated once, at their full size.

/// Items in a segment: 2 to this power.
const SEGMENT_BITS: u32 = 11;
const SEGMENT_ITEMS: usize = 1 << SEGMENT_BITS;
const SMALLEST: usize = 16;

/// The array.
#[derive(Debug)]
pub(super) struct Segments<T> {
    segments: Vec<Vec<T>>,
    len: usize,
    bytes: usize,
}

impl<T> Default for Segments<T> {
    fn default() -> Self {
        Self { segments: Vec::new(), len: 0, bytes: 0 }
    }
}

impl<T: Copy> Segments<T> {
    /// Number of items.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Memory held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends an item; all items are of one width.
    #[inline]
    pub(super) fn push(&mut self, item: &[T]) {
        let index = self.len >> SEGMENT_BITS;
        match self.segments.get_mut(index) {
            Some(segment) if segment.capacity() - segment.len() >= item.len() => segment.extend_from_slice(item),
            Some(_) | None => self.push_and_grow(index, item),
        }
        self.len += 1;
    }

    #[cold]
    fn push_and_grow(&mut self, index: usize, item: &[T]) {
        match self.segments.get_mut(index) {
            None => {
                let items = if index == 0 { SMALLEST } else { SEGMENT_ITEMS };
                let mut segment = Vec::with_capacity(items * item.len());
                segment.extend_from_slice(item);
                self.bytes += segment.capacity() * size_of::<T>();
                self.segments.push(segment);
            }
            Some(segment) => {
                let before = segment.capacity();
                let room = SEGMENT_ITEMS * item.len() - segment.len();
                segment.reserve_exact((segment.len() / 2).max(item.len()).min(room));
                segment.extend_from_slice(item);
                self.bytes += (segment.capacity() - before) * size_of::<T>();
            }
        }
    }

    /// An item, given the width.
    #[inline]
    pub(super) fn get(&self, index: usize, width: usize) -> Option<&[T]> {
        let start = (index & (SEGMENT_ITEMS - 1)) * width;
        self.segments.get(index >> SEGMENT_BITS)?.get(start..start + width)
    }

    /// An item to be overwritten, given the width.
    pub(super) fn get_mut(&mut self, index: usize, width: usize) -> Option<&mut [T]> {
        let start = (index & (SEGMENT_ITEMS - 1)) * width;
        self.segments.get_mut(index >> SEGMENT_BITS)?.get_mut(start..start + width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_where_they_were_put() {
        let mut array = Segments::default();
        for index in 0..10_000_u32 {
            array.push(&[index, index + 1, index + 2]);
        }
        assert_eq!(array.len(), 10_000);
        assert!((0..10_000).all(|index| array.get(index as usize, 3) == Some(&[index, index + 1, index + 2])));
        assert_eq!(array.get(10_000, 3), None);
        array.get_mut(5_000, 3).unwrap().copy_from_slice(&[7, 8, 9]);
        assert_eq!(array.get(5_000, 3), Some(&[7, 8, 9][..]));
    }

    #[test]
    fn memory_is_accounted_for() {
        let mut array = Segments::default();
        for index in 0..3 * SEGMENT_ITEMS {
            array.push(&[index as u32, 0]);
            let capacity: usize = array.segments.iter().map(Vec::capacity).sum();
            assert_eq!(array.bytes(), capacity * 4, "after {index}");
        }
        assert_eq!(array.bytes(), 3 * SEGMENT_ITEMS * 8);
    }

    #[test]
    fn items_without_words_can_be_kept() {
        let mut array = Segments::<u32>::default();
        array.push(&[]);
        assert_eq!((array.len(), array.get(0, 0)), (1, Some(&[][..])));
    }
}
