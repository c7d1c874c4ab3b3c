//! Tokens of Rust: enough to tell comments and literals from code.
//!
//! `syn` parses what counts; this lexer gives what `syn` leaves out or cannot bound: the comments, the tokens of a function
//! in their order, and how deep a parser would have to go. It never fails; an unfinished literal ends with the file.

use crate::lex::find;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RustKind {
    /// Identifier or keyword.
    Word,
    /// Literal or lifetime.
    Literal,
    /// Punctuation: one character, or `::`.
    Mark,
    /// A comment, documentation included.
    Comment,
}

/// A token.
#[derive(Debug, Clone, Copy)]
pub(super) struct RustToken {
    pub(super) kind: RustKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// All tokens of a text.
pub(super) fn tokens(source: &[u8]) -> Vec<RustToken> {
    let mut tokens = Vec::with_capacity(source.len() / 5);
    let mut at = 0;
    while at < source.len() {
        let byte = source[at];
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let (kind, end) = token(source, at);
        let end = end.clamp(at + 1, source.len());
        tokens.push(RustToken { kind, start: at, end });
        at = end;
    }
    tokens
}

fn token(source: &[u8], at: usize) -> (RustKind, usize) {
    let next = source.get(at + 1).copied().unwrap_or(0);
    match source[at] {
        b'/' if next == b'/' => (RustKind::Comment, find(source, at, b"\n").unwrap_or(source.len())),
        b'/' if next == b'*' => (RustKind::Comment, nested_comment(source, at)),
        b'"' => (RustKind::Literal, quoted(source, at, b'"')),
        b'\'' => (RustKind::Literal, quote(source, at)),
        b':' if next == b':' => (RustKind::Mark, at + 2),
        byte if byte.is_ascii_digit() => (RustKind::Literal, number(source, at)),
        byte if is_word(byte) => word(source, at),
        _ => (RustKind::Mark, at + 1),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn word_end(source: &[u8], at: usize) -> usize {
    source[at..].iter().position(|byte| !is_word(*byte)).map_or(source.len(), |length| at + length)
}

/// An identifier, a raw identifier, or a literal with a prefix.
fn word(source: &[u8], at: usize) -> (RustKind, usize) {
    let end = word_end(source, at);
    let next = source.get(end).copied().unwrap_or(0);
    match &source[at..end] {
        b"b" | b"c" if next == b'"' => (RustKind::Literal, quoted(source, end, b'"')),
        b"b" if next == b'\'' => (RustKind::Literal, quoted(source, end, b'\'')),
        b"r" | b"br" | b"cr" if next == b'"' || next == b'#' => {
            let hashes = source[end..].iter().take_while(|byte| **byte == b'#').count();
            if source.get(end + hashes) == Some(&b'"') {
                let mut close = vec![b'"'];
                close.extend(std::iter::repeat_n(b'#', hashes));
                let from = end + hashes + 1;
                let end = find(source, from, &close).map_or(source.len(), |found| found + close.len());
                return (RustKind::Literal, end);
            }
            let raw = hashes == 1 && source.get(end + 1).is_some_and(|byte| is_word(*byte));
            (RustKind::Word, if raw { word_end(source, end + 1) } else { end })
        }
        _ => (RustKind::Word, end),
    }
}

fn number(source: &[u8], at: usize) -> usize {
    let end = word_end(source, at);
    // `1.5`, not `1..5` and not `1.max(2)`.
    let fraction = source.get(end) == Some(&b'.') && source.get(end + 1).is_some_and(u8::is_ascii_digit);
    if fraction { word_end(source, end + 1) } else { end }
}

/// A character or a lifetime.
fn quote(source: &[u8], at: usize) -> usize {
    let rest = &source[at + 1..];
    if rest.first() == Some(&b'\\') {
        return quoted(source, at, b'\'');
    }
    // One character of UTF-8 before the closing quote.
    let length = std::str::from_utf8(&rest[..rest.len().min(4)])
        .map_or_else(
            |error| std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or("").chars().next(),
            |text| text.chars().next(),
        )
        .map_or(1, char::len_utf8);
    if rest.get(length) == Some(&b'\'') { at + length + 2 } else { word_end(source, at + 1) }
}

fn quoted(source: &[u8], open: usize, quote: u8) -> usize {
    let mut at = open + 1;
    while at < source.len() {
        match source[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    source.len()
}

fn nested_comment(source: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start + 2, 1_usize);
    while at < source.len() && depth > 0 {
        match &source[at..source.len().min(at + 2)] {
            b"/*" => (at, depth) = (at + 2, depth + 1),
            b"*/" => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    at
}

/// How deep a recursive parser might have to go: over all places, the most tokens between the place and the beginnings of
/// the statements or list items that it lies in, all enclosing brackets taken together.
pub(super) fn parsing_depth(source: &[u8], tokens: &[RustToken]) -> usize {
    let (mut outer, mut run, mut deepest) = (Vec::new(), 0_usize, 0_usize);
    let mut below = 0_usize;
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind != RustKind::Comment) {
        match &source[token.start..token.end] {
            b"(" | b"[" | b"{" => {
                outer.push(run + 1);
                below += run + 1;
                run = 0;
            }
            close @ (b")" | b"]" | b"}") => {
                let before = outer.pop().unwrap_or(0);
                below -= before;
                let next = tokens.get(index + 1).map(|token| &source[token.start..token.end]);
                run = if close == b"}" && next != Some(b"else") { 0 } else { before };
            }
            b";" | b"," => run = 0,
            _ => run += 1,
        }
        deepest = deepest.max(below + run);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<(RustKind, &str)> {
        tokens(source.as_bytes()).iter().map(|token| (token.kind, &source[token.start..token.end])).collect()
    }

    #[test]
    fn literals_and_comments_hide_what_they_contain() {
        let source = "r#\"// \"# '\\'' 'é' '/' b\"{\" /* /* */ ; */ 'a: r#fn 1.5e3 x";
        let kinds: Vec<&str> =
            texts(source).into_iter().filter(|(kind, _)| *kind != RustKind::Literal).map(|(_, text)| text).collect();
        assert_eq!(kinds, ["/* /* */ ; */", ":", "r#fn", "x"]);
    }

    #[test]
    fn unfinished_text_ends_with_the_file() {
        for source in ["\"abc", "/* /* */", "r#\"abc", "'", "'\\", "b'", "r#", "\"\\", "'\u{e9}"] {
            assert!(tokens(source.as_bytes()).last().is_some_and(|token| token.end == source.len()), "{source}");
        }
    }

    #[test]
    fn depth_is_that_of_nesting_and_of_chains() {
        let depth = |source: &str| parsing_depth(source.as_bytes(), &tokens(source.as_bytes()));
        assert!(depth(&"(".repeat(500)) >= 500);
        assert!(depth(&"!".repeat(500)) >= 500);
        assert!(depth(&format!("fn f() {{ {} }}", "if a {} else ".repeat(500))) >= 500);
        assert!(depth(&"fn f() { g(1, 2); h(); }\n".repeat(500)) < 20);
    }
}
