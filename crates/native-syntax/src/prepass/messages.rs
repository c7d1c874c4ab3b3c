//! Message sends: `[receiver selector]` and `[receiver a:x b:y]`.
//!
//! A bracket opens a message send if what it encloses is a receiver followed by a selector: two operands side by side,
//! which neither a subscript nor the captures of a lambda contain.

use super::{Code, MESSAGE};
use crate::lex::Kind;

impl Code<'_> {
    pub(super) fn message(&mut self, open: usize) {
        let Some(close) = self.partner(open).filter(|close| *close > open + 2) else { return };
        let outer = self.outer(open, close);
        let keywords = self.keywords(&outer);
        if keywords.is_empty() {
            return self.unary(open, close, &outer);
        }
        let first = keywords[0];
        let mut selector = String::new();
        for keyword in &keywords {
            selector.push_str(&String::from_utf8_lossy(self.text(*keyword)));
            selector.push(':');
        }
        self.replace(open, &format!("{MESSAGE}("));
        self.replace(first, &format!(",\"{selector}\""));
        self.replace(first + 1, ",");
        for keyword in &keywords[1..] {
            self.replace(*keyword, ",");
            self.blank(keyword + 1, keyword + 2);
        }
        self.replace(close, ")");
    }

    /// Indices of the tokens directly between two brackets; nested brackets count as their two ends.
    fn outer(&self, open: usize, close: usize) -> Vec<usize> {
        let mut outer = Vec::new();
        let mut at = open + 1;
        while at < close {
            outer.push(at);
            match self.partner(at).filter(|partner| *partner > at && *partner < close) {
                Some(partner) => {
                    outer.push(partner);
                    at = partner + 1;
                }
                None => at += 1,
            }
        }
        outer
    }

    /// The words of a keyword selector: each stands after an operand and before a `:`. A `:` that closes a conditional
    /// expression belongs to its `?`.
    fn keywords(&self, outer: &[usize]) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        let mut questions = 0;
        for (position, &at) in outer.iter().enumerate().skip(1) {
            match self.text(at) {
                b"?" => questions += 1,
                b":" if self.kind(at) == Some(Kind::Mark) => {
                    let word = outer[position - 1];
                    let before = position.checked_sub(2).map(|before| outer[before]);
                    let is_keyword = self.is_word(word)
                        && word + 1 == at
                        && before.is_some_and(|before| self.ends_receiver(before, outer[0]) && !self.is_cast(before));
                    if is_keyword {
                        found.push(word);
                    } else if questions > 0 {
                        questions -= 1;
                    } else {
                        return Vec::new();
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Whether a receiver or argument can end here; `>` ends one that is a type with arguments.
    fn ends_receiver(&self, index: usize, first: usize) -> bool {
        self.ends_operand(index) || self.is(index, ">") && self.is_word(first) && self.is(first + 1, "<")
    }

    /// Whether a closing parenthesis ends a cast in front of the receiver: `[(id)x foo]`, not `[(x) foo]`. It does if
    /// the bracket begins with it and the next word is followed by another operand.
    fn is_cast(&self, close: usize) -> bool {
        let Some(open) = self.partner(close).filter(|open| *open < close) else { return false };
        self.is(close, ")")
            && self.previous(open) == b"["
            && self.is_word(close + 1)
            && (self.is_word(close + 2) || self.is(close + 2, "("))
    }

    fn unary(&mut self, open: usize, close: usize, outer: &[usize]) {
        let [.., before, last] = outer else { return };
        let (before, last) = (*before, *last);
        let comma = outer.iter().any(|at| self.is(*at, ",") || self.is(*at, "="));
        let cast = self.is_cast(before) && outer.len() == 3;
        if comma || cast || !self.is_word(last) || last + 1 != close || !self.ends_receiver(before, outer[0]) {
            return;
        }
        // A lambda without parameters, `[x] mutable`, has its word outside of the bracket; `[[attribute]]` has none.
        let selector = String::from_utf8_lossy(self.text(last)).into_owned();
        self.replace(open, &format!("{MESSAGE}("));
        self.replace(last, &format!(",\"{selector}\""));
        self.replace(close, ")");
    }
}
