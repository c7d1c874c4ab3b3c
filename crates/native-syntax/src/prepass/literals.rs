//! What begins with `@`.

use super::{ARRAY, Code, DICTIONARY, SYNCHRONIZED};
use crate::lex::Kind;

impl Code<'_> {
    pub(super) fn at_sign(&mut self, index: usize) {
        match (self.kind(index + 1), self.text(index + 1)) {
            (Some(Kind::Text | Kind::Number), _) | (_, b"(" | b"YES" | b"NO" | b"true" | b"false") => {
                self.replace(index, "");
            }
            (_, b"-" | b"+") if self.kind(index + 2) == Some(Kind::Number) => self.replace(index, ""),
            (_, b"[") => self.collection(index, ARRAY),
            (_, b"{") => self.collection(index, DICTIONARY),
            (Some(Kind::Word), word) => {
                let word = word.to_vec();
                self.directive(index, &word);
            }
            _ => {}
        }
    }

    fn collection(&mut self, index: usize, name: &str) {
        let Some(close) = self.partner(index + 1) else { return };
        self.replace(index, name);
        self.replace(index + 1, "(");
        self.replace(close, ")");
        if close > index + 2 && self.is(close - 1, ",") {
            self.replace(close - 1, "");
        }
        let mut at = index + 2;
        let mut questions = 0;
        while at < close {
            match self.text(at) {
                b"?" => questions += 1,
                b":" if questions > 0 => questions -= 1,
                b":" => self.replace(at, ","),
                _ => {}
            }
            at = self.partner(at).filter(|partner| *partner > at).map_or(at + 1, |partner| partner + 1);
        }
    }

    fn directive(&mut self, index: usize, word: &[u8]) {
        match word {
            b"autoreleasepool" | b"optional" | b"required" | b"public" | b"private" | b"protected" | b"package" => {
                self.blank(index, index + 2);
            }
            b"synchronized" => {
                self.replace(index, "if (");
                self.replace(index + 1, SYNCHRONIZED);
                if let Some(close) = self.partner(index + 2) {
                    self.insert_after(close, ")");
                }
            }
            b"try" | b"catch" => self.replace(index, ""),
            b"throw" => self.replace(index, ""),
            b"finally" => {
                self.replace(index, "");
                self.replace(index + 1, "");
            }
            b"property" => self.property(index),
            b"class" | b"synthesize" | b"dynamic" | b"import" | b"compatibility_alias" => {
                let end = (index..self.tokens.len()).find(|at| self.is(*at, ";")).map_or(index + 2, |at| at + 1);
                self.blank(index, end);
            }
            b"interface" | b"implementation" | b"protocol" => self.container(index),
            b"selector" | b"encode" | b"available" => self.selector(index),
            b"end" => {
                self.replace(index, "}");
                self.replace(index + 1, ";");
            }
            _ => {}
        }
    }

    /// `@selector(a:b:)` to a string.
    fn selector(&mut self, index: usize) {
        let Some(close) = self.partner(index + 2) else { return };
        self.blank(index, close + 1);
        if let Some(edit) = self.edits.last_mut() {
            edit.text = b"\"selector\"".to_vec();
        }
    }

    fn property(&mut self, index: usize) {
        let close = if self.is(index + 2, "(") { self.partner(index + 2) } else { None };
        self.blank(index, close.map_or(index + 2, |close| close + 1));
    }
}
