//! The text that the grammar reads, for whoever wants the grammar's own tree: structural rules.
//!
//! Patterns of such rules go through the same pre-pass ([`rewrite`]), so a rule may be written in Objective-C++ and
//! `[$X commit]` finds message sends.

use crate::edit::Rewritten;
use crate::ir::Span;
use crate::lex::{self, Kind};
use crate::parse::{Settings, refusal};
use crate::prepass;
use std::collections::HashSet;

/// A file as C++ with the way back.
#[derive(Debug)]
pub struct Readable {
    /// The text.
    pub text: String,
    rewritten: Rewritten,
    words: HashSet<String>,
}

impl Readable {
    /// Prepares a file; `None` for what [`crate::parse`] refuses, and for text that is not UTF-8.
    pub fn new(source: &[u8], settings: &Settings) -> Option<Self> {
        if refusal(source, &settings.limits).is_some() {
            return None;
        }
        std::str::from_utf8(source).ok()?;
        let prepared = prepass::prepare(source, settings);
        let text = String::from_utf8(prepared.text.text.clone()).ok()?;
        let tokens = lex::tokens(source);
        let words = tokens.iter().filter(|token| token.kind == Kind::Word);
        let words = words.map(|token| String::from_utf8_lossy(token.text(source)).into_owned()).collect();
        Some(Self { text, rewritten: prepared.text, words })
    }

    /// The place in the original file.
    pub fn original(&self, range: std::ops::Range<usize>) -> Span {
        let start = self.rewritten.original(range.start);
        let end = self.rewritten.original_end(range.end).max(start);
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span { start: offset(start), end: offset(end) }
    }

    /// Whether an identifier or keyword occurs outside of comments, strings and directives.
    pub fn has_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

/// A piece of Objective-C++ as the C++ that the grammar reads.
pub fn rewrite(text: &str) -> String {
    let prepared = prepass::prepare(text.as_bytes(), &Settings::default());
    String::from_utf8(prepared.text.text).unwrap_or_else(|_| text.to_owned())
}
