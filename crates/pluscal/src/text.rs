//! The lines of a module as the translator counts them.
//!
//! A tab advances to the next multiple of eight, each line gets one blank at its end, and columns count characters:
//! the positions in the text of `Assert` and the alignment of copied expressions depend on it, so they are counted as
//! the original translator counts. For diagnostics every column still knows the byte of the file that it came from.

use tla_syntax::source::{FileId, Span};

/// A position in the expanded text; line and column from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Place {
    /// Index of the line.
    pub line: usize,
    /// Index of the column.
    pub column: usize,
}

/// One line with its tabs expanded.
#[derive(Debug, Clone)]
pub struct Line {
    /// The characters, tabs expanded, with a blank at the end.
    pub chars: Vec<char>,
    /// For each character, and once more for the end, the byte in the file.
    bytes: Vec<u32>,
}

impl Line {
    fn new(text: &str, start: u32) -> Self {
        let mut chars = Vec::with_capacity(text.len() + 1);
        let mut bytes = Vec::with_capacity(text.len() + 2);
        for (offset, character) in text.char_indices() {
            let byte = start + u32::try_from(offset).unwrap_or(u32::MAX);
            let (shown, width) = if character == '\t' { (' ', 8 - chars.len() % 8) } else { (character, 1) };
            chars.extend(std::iter::repeat_n(shown, width));
            bytes.extend(std::iter::repeat_n(byte, width));
        }
        let end = start + u32::try_from(text.len()).unwrap_or(u32::MAX);
        chars.push(' ');
        bytes.extend([end, end]);
        Self { chars, bytes }
    }

    /// The line as a string.
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// First place of a word, as a character index.
    pub fn find(&self, word: &str) -> Option<usize> {
        let word: Vec<char> = word.chars().collect();
        self.chars.windows(word.len()).position(|window| window == word)
    }
}

/// The lines of a file.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The file, for spans.
    pub file: FileId,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Lines {
    /// Splits a text and expands its tabs.
    pub fn new(file: FileId, text: &str) -> Self {
        let mut start = 0;
        let mut lines = Vec::new();
        for piece in text.split_inclusive('\n') {
            let content = piece.strip_suffix('\n').unwrap_or(piece);
            let content = content.strip_suffix('\r').unwrap_or(content);
            lines.push(Line::new(content, start));
            start += u32::try_from(piece.len()).unwrap_or(u32::MAX);
        }
        Self { file, lines }
    }

    /// The span of `width` characters from a place on.
    pub fn span(&self, place: Place, width: usize) -> Span {
        let Some(line) = self.lines.get(place.line).or_else(|| self.lines.last()) else {
            return Span { file: self.file, start: 0, end: 0 };
        };
        let at = |column: usize| line.bytes.get(column).or(line.bytes.last()).copied().unwrap_or(0);
        let (start, end) = (at(place.column), at(place.column + width));
        Span { file: self.file, start, end: end.max(start) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_goes_to_the_next_multiple_of_eight_and_keeps_its_byte() {
        let lines = Lines::new(FileId(0), "a\tb\r\n\tc");
        assert_eq!(lines.lines[0].text(), "a       b ");
        assert_eq!(lines.lines[1].text(), "        c ");
        let span = lines.span(Place { line: 0, column: 8 }, 1);
        assert_eq!((span.start, span.end), (2, 3));
        let span = lines.span(Place { line: 1, column: 8 }, 1);
        assert_eq!((span.start, span.end), (6, 7));
    }
}
