//! Where in a module the algorithm and its translation stand, and the module with a new translation.
//!
//! The translation stands between two lines with `BEGIN TRANSLATION` and `END TRANSLATION`, normally comments. If there
//! are none they are put behind the comment that contains the algorithm. Everything outside these lines stays as it is,
//! byte for byte; the line end of the first of them is used for the lines between.
//!
//! The first line may carry checksums of the algorithm and of the translation. They are renewed if they are there, and
//! written if the line itself is new; whoever has removed them, or replaced them by `\in STRING`, does not want them.

use crate::crc::crc32;
use crate::error::{Outcome, Problem};
use crate::text::{Lines, Place};

/// The start of an algorithm.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// Behind `--algorithm` or `--fair`.
    pub place: Place,
    /// Whether it was `--fair`.
    pub fair: bool,
}

/// A module, its lines as on disk.
pub struct Document<'a> {
    raw: Vec<&'a str>,
    /// The lines without the old translation.
    pub lines: Lines,
    /// Index of the line with `BEGIN TRANSLATION`.
    begin: Option<usize>,
    /// Index of the line with `END TRANSLATION`.
    end: Option<usize>,
}

/// Checksums on a `BEGIN TRANSLATION` line; ranges of bytes of the digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checksums {
    /// Of the algorithm.
    pub algorithm: Option<std::ops::Range<usize>>,
    /// Of the translation.
    pub translation: Option<std::ops::Range<usize>>,
}

/// The checksum of an algorithm: of its tree, or of the word `fair` for a fair one, as in the original.
pub fn algorithm_checksum(fair: bool, tree: &str) -> u32 {
    crc32(if fair { b"fair" } else { tree.as_bytes() })
}

/// The checksum of a translation.
pub fn translation_checksum<S: AsRef<str>>(lines: &[S]) -> u32 {
    crc32(lines.iter().map(AsRef::as_ref).collect::<String>().as_bytes())
}

fn content(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

impl<'a> Document<'a> {
    /// Looks for the translation in a text.
    pub fn new(text: &'a str, mut lines: Lines) -> Outcome<Self> {
        let raw: Vec<&str> = text.split_inclusive('\n').collect();
        let begin = find_pair(&lines, 0, "BEGIN");
        let end = begin.and_then(|begin| find_pair(&lines, begin + 1, "END"));
        if let (Some(begin), None) = (begin, end) {
            let place = Place { line: begin, column: 0 };
            let remedy = "add a line `\\* END TRANSLATION` behind the translation";
            let message = "the translation that begins here has no end";
            return Err(Problem::new("pluscal-translation", place, message, remedy));
        }
        if let (Some(begin), Some(end)) = (begin, end) {
            lines.lines.drain(begin + 1..end);
        }
        Ok(Self { raw, lines, begin, end })
    }

    /// Whether there is a translation.
    pub fn is_translated(&self) -> bool {
        self.begin.is_some()
    }

    /// The lines of the translation, without line ends.
    pub fn translation(&self) -> Vec<&'a str> {
        let range = self.begin.zip(self.end).and_then(|(begin, end)| self.raw.get(begin + 1..end));
        range.unwrap_or_default().iter().map(|line| content(line)).collect()
    }

    /// The place of the line with `BEGIN TRANSLATION`, without its checksums.
    pub fn begin_line(&self) -> Option<(Place, &'a str)> {
        let begin = self.begin?;
        self.raw.get(begin).map(|line| (Place { line: begin, column: 0 }, content(line)))
    }

    /// The start of the algorithm, if there is one.
    pub fn start(&self) -> Option<Start> {
        self.lines.lines.iter().enumerate().find_map(|(line, text)| {
            let found = |word: &str| text.find(word).map(|column| Place { line, column: column + word.len() });
            let plain = found("--algorithm").map(|place| Start { place, fair: false });
            plain.or_else(|| found("--fair").map(|place| Start { place, fair: true }))
        })
    }

    /// The line that closes the comment with the algorithm.
    pub fn comment_end(&self, start: Start) -> Outcome<usize> {
        let mut depth = 1_usize;
        for (line, text) in self.lines.lines.iter().enumerate().skip(start.place.line) {
            let mut column = if line == start.place.line { start.place.column } else { 0 };
            while column + 1 < text.chars.len() {
                match (text.chars[column], text.chars[column + 1]) {
                    ('(', '*') => depth += 1,
                    ('*', ')') => depth -= 1,
                    _ => {
                        column += 1;
                        continue;
                    }
                }
                column += 2;
                if depth == 0 {
                    return self.nothing_behind(Place { line, column }).map(|()| line);
                }
            }
        }
        let remedy = "enclose the algorithm in (* and *)";
        let message = "the comment that contains the algorithm has no end";
        Err(Problem::new("pluscal-comment", start.place, message, remedy))
    }

    fn nothing_behind(&self, place: Place) -> Outcome<()> {
        let line = self.lines.lines.get(place.line);
        let rest: String = line.and_then(|line| line.chars.get(place.column..)).unwrap_or_default().iter().collect();
        if rest.trim().is_empty() || rest.trim().starts_with("\\*") {
            return Ok(());
        }
        let blanks = rest.len() - rest.trim_start().len();
        let place = Place { column: place.column + blanks, ..place };
        let remedy = "move it to a line of its own; the translation is put between";
        let message = "there is text behind the comment that contains the algorithm";
        Err(Problem::new("pluscal-comment", place, message, remedy).over(rest.trim()))
    }

    /// The module with another translation; `comment_end` is where a new one is put.
    pub fn with(&self, translation: &[String], algorithm: u32, comment_end: usize) -> String {
        let digits = (format!("{algorithm:x}"), format!("{:x}", translation_checksum(translation)));
        let mut out = String::new();
        let (head, begin, end, rest) = match self.begin.zip(self.end) {
            Some((begin, end)) => {
                let line = self.raw.get(begin).copied().unwrap_or_default();
                (begin, renewed(line, &digits), String::new(), end)
            }
            None => {
                let begin = format!(
                    "\\* BEGIN TRANSLATION (chksum(pcal) = \"{}\" /\\ chksum(tla) = \"{}\")\n",
                    digits.0, digits.1
                );
                (comment_end + 1, begin, "\\* END TRANSLATION \n".to_owned(), comment_end + 1)
            }
        };
        let before = self.raw.get(..head).unwrap_or(&self.raw);
        before.iter().for_each(|line| out.push_str(line));
        let model = if self.begin.is_some() { begin.as_str() } else { before.last().copied().unwrap_or("\n") };
        let line_end = if model.ends_with("\r\n") { "\r\n" } else { "\n" };
        if !out.is_empty() && !out.ends_with('\n') {
            out.push_str(line_end);
        }
        let plain = |text: &str| content(text).to_owned();
        out.push_str(&format!("{}{line_end}", plain(&begin)));
        translation.iter().for_each(|line| out.push_str(&format!("{line}{line_end}")));
        if !end.is_empty() {
            out.push_str(&format!("{}{line_end}", plain(&end)));
        }
        self.raw.get(rest..).unwrap_or_default().iter().for_each(|line| out.push_str(line));
        out
    }
}

/// A `BEGIN TRANSLATION` line with new checksums where it has some.
fn renewed(line: &str, (algorithm, translation): &(String, String)) -> String {
    let found = checksums(line).unwrap_or_default();
    let mut line = line.to_owned();
    // The later range first, so that the earlier one stays where it is.
    for (range, digits) in [(found.translation, translation), (found.algorithm, algorithm)] {
        if let Some(range) = range {
            line.replace_range(range, digits);
        }
    }
    line
}

/// The first line from `from` on with a word and `TRANSLATION` behind it.
fn find_pair(lines: &Lines, from: usize, word: &str) -> Option<usize> {
    let fits = |line: &crate::text::Line| {
        let (Some(first), Some(second)) = (line.find(word), line.find("TRANSLATION")) else { return false };
        let between = line.chars.get(first + word.len()..second);
        between.is_some_and(|between| between.iter().all(|character| *character == ' '))
    };
    lines.lines.iter().enumerate().skip(from).find(|(_, line)| fits(line)).map(|(index, _)| index)
}

/// The checksums that a `BEGIN TRANSLATION` line carries; `None` if it carries no such formula.
pub fn checksums(line: &str) -> Option<Checksums> {
    let mark = "\\* BEGIN TRANSLATION";
    let start = line.find(mark)? + mark.len();
    let mut reader = Reader { text: line, at: start };
    let before = reader.at;
    reader.blanks();
    if reader.at == before {
        return None;
    }
    reader.word("(")?;
    reader.one_of(&["chksum(pcal)", "chksum(pluscal)", "checksum(pcal)", "checksum(pluscal)"])?;
    let algorithm = reader.digits()?;
    reader.word("/\\")?;
    reader.one_of(&["chksum(tla+)", "chksum(tla)", "checksum(tla+)", "checksum(tla)"])?;
    let translation = reader.digits()?;
    reader.word(")")?;
    Some(Checksums { algorithm, translation })
}

/// Reads the formula with the checksums.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.blanks();
        let found = self.rest().get(..word.len())?.eq_ignore_ascii_case(word);
        self.at += if found { word.len() } else { 0 };
        found.then_some(())
    }

    fn one_of(&mut self, words: &[&str]) -> Option<()> {
        words.iter().find_map(|word| self.word(word))
    }

    /// `= "digits"` or `\in STRING`.
    fn digits(&mut self) -> Option<Option<std::ops::Range<usize>>> {
        if self.word("\\in").is_some() {
            return self.word("STRING").map(|()| None);
        }
        self.word("=")?;
        self.word("\"")?;
        let length = self.rest().bytes().take_while(u8::is_ascii_hexdigit).count();
        let range = self.at..self.at + length;
        self.at = range.end;
        self.word("\"")?;
        Some(Some(range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_found_in_every_spelling() {
        let line = "\\* BEGIN TRANSLATION (chksum(pcal) = \"1a\" /\\ chksum(tla) = \"2b\")";
        let found = checksums(line).expect("checksums");
        assert_eq!(found.algorithm.map(|range| &line[range]), Some("1a"));
        assert_eq!(found.translation.map(|range| &line[range]), Some("2b"));
        let line = "\\* BEGIN TRANSLATION  ( ChkSum(PlusCal) \\in STRING /\\ CHECKSUM(tla+)=\"ff\" )";
        let found = checksums(line).expect("checksums");
        assert_eq!(found.algorithm, None);
        assert_eq!(found.translation.map(|range| &line[range]), Some("ff"));
        assert_eq!(checksums("\\* BEGIN TRANSLATION"), None);
        assert_eq!(checksums("\\* BEGIN TRANSLATION - the hash of ..."), None);
    }
}
