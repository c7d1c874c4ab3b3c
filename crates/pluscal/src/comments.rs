//! Comments inside an algorithm become blanks before anything else looks at it.
//!
//! `(* … *)` nests and is blanked character by character, `\*` blanks the rest of its line, neither begins inside a
//! string. The first `*)` without a partner ends the comment that contains the algorithm, and what follows is not looked
//! at.

use crate::error::{Outcome, Problem};
use crate::text::{Lines, Place};

/// State of the scan in one line.
struct Scan {
    depth: usize,
    in_string: bool,
}

/// Blanks the comments from a place on; everything after the algorithm's own comment is cut off.
pub fn blank(lines: &mut Lines, start: Place) -> Outcome<()> {
    let mut scan = Scan { depth: 0, in_string: false };
    let count = lines.lines.len();
    for row in start.line..count {
        let Some(line) = lines.lines.get_mut(row) else { return Ok(()) };
        let from = if row == start.line { start.column } else { 0 };
        scan.in_string = false;
        let end = scan.line(&mut line.chars, from);
        if scan.in_string {
            let place = Place { line: row, column: line.chars.iter().rposition(|c| *c == '"').unwrap_or(0) };
            let remedy = "close the string with \" on the same line; TLA+ strings do not span lines";
            return Err(Problem::new("pluscal-string", place, "this string has no end", remedy));
        }
        if let Some(end) = end {
            line.chars.truncate(end);
            line.chars.push(' ');
            for rest in lines.lines.iter_mut().skip(row + 1) {
                rest.chars.clear();
            }
            return Ok(());
        }
    }
    Ok(())
}

impl Scan {
    /// Blanks one line; the column of an unmatched `*)`.
    fn line(&mut self, chars: &mut [char], mut column: usize) -> Option<usize> {
        while column < chars.len() {
            let here = chars[column];
            let pair = (here, chars.get(column + 1).copied().unwrap_or('\n'));
            match pair {
                ('(', '*') if !self.in_string => {
                    self.depth += 1;
                    chars[column..column + 2].fill(' ');
                    column += 1;
                }
                ('*', ')') if !self.in_string => {
                    if self.depth == 0 {
                        return Some(column);
                    }
                    self.depth -= 1;
                    chars[column..column + 2].fill(' ');
                    column += 1;
                }
                _ if self.depth > 0 => chars[column] = ' ',
                ('"', _) => self.in_string = !self.in_string,
                ('\\', _) if self.in_string => column += 1,
                ('\\', '*') => {
                    chars[column..].fill(' ');
                    return None;
                }
                _ => {}
            }
            column += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tla_syntax::source::FileId;

    fn blanked(text: &str) -> Vec<String> {
        let mut lines = Lines::new(FileId(0), text);
        blank(&mut lines, Place::default()).expect("no open string");
        lines.lines.iter().map(|line| line.text().trim_end().to_owned()).collect()
    }

    #[test]
    fn comments_nest_and_strings_hide_them() {
        assert_eq!(blanked("x (* a (* b *) c *) y"), ["x                   y"]);
        assert_eq!(blanked("print \"(* \\\" *)\"; \\* z"), ["print \"(* \\\" *)\";"]);
        assert_eq!(blanked("(* \\* xx *) y"), ["            y"]);
    }

    #[test]
    fn the_end_of_the_enclosing_comment_ends_the_algorithm() {
        assert_eq!(blanked("a\nb *) c\nd"), ["a", "b", ""]);
    }

    #[test]
    fn a_string_must_end_on_its_line() {
        let mut lines = Lines::new(FileId(0), "x \"abc");
        assert!(blank(&mut lines, Place::default()).is_err());
    }
}
