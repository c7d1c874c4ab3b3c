//! The text of an annotation to tokens.
//!
//! The text is a copy of the comments in which the signs that make them comments are blanks; so an offset in it is an offset
//! in the file, and a type may go on in the next comment. A star is blank too, as boxes are drawn with them. `//` begins a remark
//! that goes to the end of the line.

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name.
    Word,
    /// `->`.
    Arrow,
    /// `=>`.
    DoubleArrow,
    /// `<<`.
    Open,
    /// `>>`.
    Close,
    /// A sign of one character.
    Sign(char),
    /// The end of the text.
    End,
}

/// A token with its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// The token at an offset or behind it.
pub(super) fn next(text: &str, from: usize) -> Token {
    let start = skip_blanks(text, from);
    let rest = &text[start..];
    let token = |kind: Kind, length: usize| Token { kind, start, end: start + length };
    let Some(first) = rest.chars().next() else { return token(Kind::End, 0) };
    if is_word(first) {
        return token(Kind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
    }
    for (spelling, kind) in [("->", Kind::Arrow), ("=>", Kind::DoubleArrow), ("<<", Kind::Open), (">>", Kind::Close)] {
        if rest.starts_with(spelling) {
            return token(kind, spelling.len());
        }
    }
    token(Kind::Sign(first), first.len_utf8())
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_ascii_alphanumeric()
}

fn skip_blanks(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let blanks = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '*').len();
        at += blanks;
        if !text[at..].starts_with("//") {
            return at;
        }
        at += text[at..].find('\n').unwrap_or(text.len() - at);
    }
}
