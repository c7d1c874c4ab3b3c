//! Tokens of C, C++ and Objective-C++, as much of them as the pre-pass needs.
//!
//! The lexer never fails: an unfinished string or comment ends with its line or file. It tells strings, characters,
//! comments and preprocessor directives from code, so that nothing is rewritten inside them. `::`, `->` and `##` are
//! the only punctuators of more than one character, because the pre-pass asks for `:`, `-` and `#` alone.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Identifier or keyword.
    Word,
    /// Number.
    Number,
    /// String or character literal, prefix included.
    Text,
    /// One character of punctuation, `::` or `->`.
    Mark,
    /// A whole preprocessor directive with its continuation lines.
    Directive,
    /// A comment.
    Comment,
}

/// A token: a kind and the bytes that it spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
}

impl Token {
    /// The token's text.
    pub fn text<'a>(&self, source: &'a [u8]) -> &'a [u8] {
        &source[self.start..self.end]
    }
}

struct Lexer<'a> {
    source: &'a [u8],
    at: usize,
    line_is_blank: bool,
    tokens: Vec<Token>,
}

/// All tokens of a text, comments and directives included.
pub fn tokens(source: &[u8]) -> Vec<Token> {
    let mut lexer = Lexer { source, at: 0, line_is_blank: true, tokens: Vec::with_capacity(source.len() / 5) };
    while lexer.at < source.len() {
        lexer.step();
    }
    lexer.tokens
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit()
}

impl Lexer<'_> {
    fn byte(&self, offset: usize) -> u8 {
        self.source.get(self.at + offset).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, end: usize) {
        let end = end.min(self.source.len());
        self.tokens.push(Token { kind, start: self.at, end });
        self.at = end;
        if kind != Kind::Comment {
            self.line_is_blank = false;
        }
    }

    fn step(&mut self) {
        let byte = self.byte(0);
        match byte {
            b'\n' => {
                self.at += 1;
                self.line_is_blank = true;
            }
            b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.at += 1,
            b'/' if self.byte(1) == b'/' => self.push(Kind::Comment, self.line_end(false)),
            b'/' if self.byte(1) == b'*' => self.push(Kind::Comment, self.comment_end()),
            b'#' if self.line_is_blank => {
                self.push(Kind::Directive, self.line_end(true));
                self.line_is_blank = true;
            }
            b'"' => self.push(Kind::Text, self.quoted_end(self.at, b'"')),
            b'\'' => self.push(Kind::Text, self.quoted_end(self.at, b'\'')),
            _ if byte.is_ascii_digit() || byte == b'.' && self.byte(1).is_ascii_digit() => self.number(),
            _ if is_word_start(byte) => self.word(),
            b':' if self.byte(1) == b':' => self.push(Kind::Mark, self.at + 2),
            b'-' if self.byte(1) == b'>' => self.push(Kind::Mark, self.at + 2),
            _ => self.push(Kind::Mark, self.at + 1),
        }
    }

    /// End of the line, over continuations; a directive also ends before a `//` comment and contains `/* */` ones.
    fn line_end(&self, directive: bool) -> usize {
        let mut at = self.at;
        while at < self.source.len() {
            match self.source[at] {
                b'\\' if self.source.get(at + 1) == Some(&b'\n') => at += 2,
                b'\\' if self.source.get(at + 1) == Some(&b'\r') && self.source.get(at + 2) == Some(&b'\n') => at += 3,
                b'/' if directive && self.source.get(at + 1) == Some(&b'*') => {
                    at = find(self.source, at + 2, b"*/").map_or(self.source.len(), |found| found + 2);
                }
                b'/' if directive && self.source.get(at + 1) == Some(&b'/') => return at,
                b'\n' => return at,
                _ => at += 1,
            }
        }
        at
    }

    fn comment_end(&self) -> usize {
        find(self.source, self.at + 2, b"*/").map_or(self.source.len(), |found| found + 2)
    }

    fn quoted_end(&self, open: usize, quote: u8) -> usize {
        let mut at = open + 1;
        while at < self.source.len() {
            match self.source[at] {
                b'\\' => at += 2,
                b'\n' => return at,
                byte if byte == quote => return at + 1,
                _ => at += 1,
            }
        }
        self.source.len()
    }

    fn number(&mut self) {
        let mut at = self.at + 1;
        while at < self.source.len() {
            let byte = self.source[at];
            let separated = byte == b'\'' && self.source.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
            let exponent = (byte == b'+' || byte == b'-') && matches!(self.source[at - 1] | 0x20, b'e' | b'p');
            let hexadecimal = self.source[self.at..at].starts_with(b"0x") && self.source[at - 1] | 0x20 == b'e';
            if is_word(byte) || byte == b'.' || separated || exponent && !hexadecimal {
                at += 1;
            } else {
                break;
            }
        }
        self.push(Kind::Number, at);
    }

    fn word(&mut self) {
        let mut at = self.at + 1;
        while at < self.source.len() && is_word(self.source[at]) {
            at += 1;
        }
        let word = &self.source[self.at..at];
        match self.source.get(at) {
            Some(b'"') if matches!(word, b"R" | b"LR" | b"uR" | b"UR" | b"u8R") => {
                self.push(Kind::Text, self.raw_end(at));
            }
            Some(&quote @ (b'"' | b'\'')) if matches!(word, b"L" | b"u" | b"U" | b"u8") => {
                self.push(Kind::Text, self.quoted_end(at, quote));
            }
            _ => self.push(Kind::Word, at),
        }
    }

    /// End of a raw string whose opening quote is at `quote`.
    fn raw_end(&self, quote: usize) -> usize {
        let Some(paren) = self.source[quote..].iter().take(18).position(|byte| *byte == b'(') else {
            return self.quoted_end(quote, b'"');
        };
        let mut close = vec![b')'];
        close.extend_from_slice(&self.source[quote + 1..quote + paren]);
        close.push(b'"');
        find(self.source, quote + paren, &close).map_or(self.source.len(), |found| found + close.len())
    }
}

/// First place at or after `from` where `needle` occurs.
pub fn find(haystack: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    let rest = haystack.get(from..)?;
    rest.windows(needle.len()).position(|window| window == needle).map(|position| from + position)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<(Kind, &str)> {
        tokens(source.as_bytes()).iter().map(|token| (token.kind, &source[token.start..token.end])).collect()
    }

    #[test]
    fn strings_hide_what_they_contain() {
        let found = texts("a = R\"x([b c])x\" ; '\\'' @\"[d e]\"");
        let inside: Vec<&str> = found.iter().filter(|(kind, _)| *kind == Kind::Text).map(|(_, text)| *text).collect();
        assert_eq!(inside, ["R\"x([b c])x\"", "'\\''", "\"[d e]\""]);
    }

    #[test]
    fn directives_span_continuations_and_stop_at_comments() {
        let found = texts("#define A \\\n  b\nint x; # y\n#if 0 // no\n");
        assert_eq!(found[0], (Kind::Directive, "#define A \\\n  b"));
        assert!(found.contains(&(Kind::Directive, "#if 0 ")));
        assert!(found.contains(&(Kind::Comment, "// no")));
        assert_eq!(found.iter().filter(|(kind, _)| *kind == Kind::Directive).count(), 2);
    }

    #[test]
    fn numbers_keep_separators_and_exponents() {
        assert_eq!(texts("1'000 1e-3 0x1e-3")[..2], [(Kind::Number, "1'000"), (Kind::Number, "1e-3")]);
        assert_eq!(texts("0x1e-3").len(), 3);
    }

    #[test]
    fn unfinished_text_ends_somewhere() {
        for source in ["\"abc", "/* abc", "R\"(abc", "'", "#", "\\", "R\"", "a\\"] {
            let last = tokens(source.as_bytes()).last().map_or(0, |token| token.end);
            assert!(last <= source.len());
        }
    }
}
