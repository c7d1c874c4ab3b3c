//! Replacements in a text, and the way back from the new offsets to the old ones.
//!
//! The pre-pass rewrites Objective-C++ into C++ of another length. Every span that leaves this crate is of the text as
//! the user wrote it, so the way back must be exact: text that was copied maps byte for byte, text that was inserted
//! maps to the first byte of what it replaced.

/// A replacement of the bytes `start..end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// First byte to replace.
    pub start: usize,
    /// Byte after the last one to replace.
    pub end: usize,
    /// What comes there.
    pub text: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    new: usize,
    old: usize,
    copied: bool,
}

/// The rewritten text with its map.
#[derive(Debug)]
pub struct Rewritten {
    /// The new text.
    pub text: Vec<u8>,
    pieces: Vec<Piece>,
    old_length: usize,
}

impl Rewritten {
    /// Applies the edits. They are put into order; one that overlaps an earlier one is left out.
    pub fn new(source: &[u8], mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| (edit.start, edit.end));
        let mut text = Vec::with_capacity(source.len() + source.len() / 8);
        let mut pieces = Vec::with_capacity(2 * edits.len() + 1);
        let mut at = 0;
        for edit in edits.iter().filter(|edit| edit.end <= source.len()) {
            if edit.start < at {
                continue;
            }
            if edit.start > at {
                pieces.push(Piece { new: text.len(), old: at, copied: true });
                text.extend_from_slice(&source[at..edit.start]);
            }
            if !edit.text.is_empty() {
                pieces.push(Piece { new: text.len(), old: edit.start, copied: false });
                text.extend_from_slice(&edit.text);
            }
            at = edit.end;
        }
        if at < source.len() {
            pieces.push(Piece { new: text.len(), old: at, copied: true });
            text.extend_from_slice(&source[at..]);
        }
        Self { text, pieces, old_length: source.len() }
    }

    /// The old offset of a new one.
    pub fn original(&self, offset: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.new <= offset);
        match index.checked_sub(1).map(|index| self.pieces[index]) {
            None => 0,
            Some(piece) if piece.copied => (piece.old + (offset - piece.new)).min(self.old_length),
            Some(piece) => piece.old,
        }
    }

    /// The old offset of the end of a range: that of the byte before it, plus one.
    pub fn original_end(&self, offset: usize) -> usize {
        if offset == 0 { 0 } else { (self.original(offset - 1) + 1).min(self.old_length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_bytes_map_exactly_and_inserted_ones_to_what_they_replace() {
        let edit = |start, end, text: &str| Edit { start, end, text: text.as_bytes().to_vec() };
        let new = Rewritten::new(b"[a b] + c", vec![edit(4, 5, ")"), edit(0, 1, "msg("), edit(2, 2, ",")]);
        assert_eq!(new.text, b"msg(a, b) + c");
        assert_eq!(new.original(0), 0);
        assert_eq!(new.original(4), 1);
        assert_eq!(new.original(new.text.len() - 1), 8);
        assert_eq!(new.original_end(new.text.len()), 9);
    }

    #[test]
    fn overlapping_edits_do_not_corrupt_the_text() {
        let edit = |start, end| Edit { start, end, text: b"x".to_vec() };
        assert_eq!(Rewritten::new(b"abcdef", vec![edit(1, 4), edit(2, 3), edit(9, 12)]).text, b"axef");
    }
}
