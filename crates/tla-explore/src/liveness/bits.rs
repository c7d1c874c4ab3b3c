//! Packed rows of bits: the truth values of all atoms in one state or on one step.

/// Rows of equal width, one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct BitRows {
    row_words: usize,
    words: Vec<u64>,
}

/// Number of words that hold so many bits.
pub(crate) fn words_for(columns: usize) -> usize {
    columns.div_ceil(64)
}

/// The bit in a column of a row.
#[inline]
pub(crate) fn bit(row: &[u64], column: u32) -> bool {
    row.get(column as usize / 64).is_some_and(|word| word >> (column % 64) & 1 == 1)
}

/// Sets the bit in a column of a row.
#[inline]
pub(crate) fn set_bit(row: &mut [u64], column: u32) {
    if let Some(word) = row.get_mut(column as usize / 64) {
        *word |= 1 << (column % 64);
    }
}

/// Joins a row into another.
#[inline]
pub(crate) fn join(target: &mut [u64], row: &[u64]) {
    target.iter_mut().zip(row).for_each(|(word, other)| *word |= other);
}

/// Joins the complement of a row into another.
#[inline]
pub(crate) fn join_complement(target: &mut [u64], row: &[u64]) {
    target.iter_mut().zip(row).for_each(|(word, other)| *word |= !other);
}

impl BitRows {
    /// No rows yet.
    pub(crate) fn new(columns: usize) -> Self {
        Self { row_words: words_for(columns), words: Vec::new() }
    }

    /// Number of words of a row.
    pub(crate) fn row_words(&self) -> usize {
        self.row_words
    }

    /// Adds a row, or several rows.
    pub(crate) fn extend(&mut self, rows: &[u64]) {
        self.words.extend_from_slice(rows);
    }

    /// A row.
    #[inline]
    pub(crate) fn row(&self, index: usize) -> &[u64] {
        &self.words[index * self.row_words..(index + 1) * self.row_words]
    }

    /// Memory in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        (self.words.capacity() * 8) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_found_where_they_were_set() {
        let mut rows = BitRows::new(70);
        let mut row = vec![0; rows.row_words()];
        set_bit(&mut row, 3);
        set_bit(&mut row, 69);
        rows.extend(&[0, 0]);
        rows.extend(&row);
        assert!(!bit(rows.row(0), 3));
        assert!(bit(rows.row(1), 3) && bit(rows.row(1), 69) && !bit(rows.row(1), 68));
    }

    #[test]
    fn rows_without_columns_take_no_room() {
        let mut rows = BitRows::new(0);
        rows.extend(&[]);
        assert_eq!((rows.row(0).len(), rows.row(7).len(), rows.bytes()), (0, 0, 0));
    }
}
