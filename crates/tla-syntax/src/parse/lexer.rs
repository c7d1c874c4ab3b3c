//! Text to tokens.
//!
//! The rules are SANY's: everything before `---- MODULE` and after the closing `====` is ignored; the longest symbol
//! wins (`<-1` is an arrow and a number, `\inS` is `\in` and a name); block comments nest; a name may begin with digits
//! or underscores but needs a letter, and `WF_` and `SF_` are tokens of their own. Comments are skipped here, so the
//! parser never sees them; all that is kept is where they are, and whether one of them contains a PlusCal algorithm.

use super::token::{Keyword, Kind, MARKS, Mark, Token};
use crate::diagnostic::Diagnostic;
use crate::operators;
use crate::source::{FileId, Span};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The longest symbol has four characters: `-+->`, `(\X)`.
const LONGEST_SYMBOL: usize = 4;

/// The longest symbol that is a word has eleven: `\\sqsubseteq`.
const LONGEST_WORD: usize = 11;

/// SANY and TLC count a tab as a jump to the next column that is one more than a multiple of eight.
const TAB_WIDTH: u32 = 8;

/// The tokens of one module with its nested modules.
pub(crate) struct Tokens {
    /// In textual order, ending with one [`Kind::End`].
    pub tokens: Vec<Token>,
    /// Start and end of every comment, in textual order.
    pub comments: Vec<(u32, u32)>,
    /// Offset just behind the closing `====`.
    pub end: u32,
    /// Whether a comment contains a PlusCal algorithm.
    pub algorithm: bool,
    /// Whether the text ends inside a comment, which has been reported.
    pub ends_in_comment: bool,
}

/// Symbols that consist of letters after a backslash, and those that do not, with what they mean.
static SYMBOLS: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| {
    let operators = operators::OPERATORS.iter().chain([operators::negation()]);
    let mut map: HashMap<_, _> = operators
        .flat_map(|operator| {
            let kind = Kind::Operator(operator);
            operator.synonyms.iter().map(move |synonym| (*synonym, kind)).chain([(operator.symbol, kind)])
        })
        .collect();
    map.extend(MARKS.iter().map(|(spelling, mark)| (*spelling, Kind::Mark(*mark))));
    map
});

/// Offset of the next `---- MODULE` from `from` on.
pub(crate) fn find_module(text: &str, from: u32) -> Option<u32> {
    let mut at = from as usize;
    while let Some(found) = text[at..].find("----") {
        let start = at + found;
        let dashes = text[start..].bytes().take_while(|byte| *byte == b'-').count();
        let rest = text[start + dashes..].trim_start_matches(' ');
        if rest.starts_with("MODULE") {
            return u32::try_from(start).ok();
        }
        at = start + dashes;
    }
    None
}

/// Tokens of the module that begins at `start` (as found by [`find_module`]).
pub(crate) fn tokenize(text: &str, file: FileId, start: u32, diagnostics: &mut Vec<Diagnostic>) -> Tokens {
    let mut lexer = Lexer::new(text, file, start, diagnostics);
    let mut depth = 0_usize;
    loop {
        let token = lexer.next_token();
        match token.kind {
            Kind::ModuleStart => depth += 1,
            Kind::ModuleEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
        lexer.tokens.push(token);
        if token.kind == Kind::End {
            break;
        }
        if token.kind == Kind::ModuleEnd && depth == 0 {
            let end = Token { kind: Kind::End, start: token.end, ..token };
            lexer.tokens.push(end);
            break;
        }
    }
    Tokens {
        end: lexer.at as u32,
        algorithm: lexer.algorithm,
        ends_in_comment: lexer.ends_in_comment,
        tokens: lexer.tokens,
        comments: lexer.comments,
    }
}

struct Lexer<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    column: u32,
    first_on_line: bool,
    tokens: Vec<Token>,
    comments: Vec<(u32, u32)>,
    algorithm: bool,
    ends_in_comment: bool,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, file: FileId, start: u32, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        let line_start = text[..start as usize].rfind('\n').map_or(0, |newline| newline + 1);
        let mut lexer = Self {
            text,
            file,
            at: line_start,
            column: 1,
            first_on_line: true,
            tokens: Vec::new(),
            comments: Vec::new(),
            algorithm: false,
            ends_in_comment: false,
            diagnostics,
        };
        lexer.advance(start as usize - line_start);
        lexer
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Passes over `length` bytes, which must end at a character boundary.
    fn advance(&mut self, length: usize) {
        for character in self.text[self.at..self.at + length].chars() {
            match character {
                '\n' => {
                    self.column = 1;
                    self.first_on_line = true;
                }
                '\t' => self.column += TAB_WIDTH - (self.column - 1) % TAB_WIDTH,
                _ => self.column += 1,
            }
        }
        self.at += length;
    }

    fn report(&mut self, code: &'static str, start: usize, end: usize, message: impl Into<String>, remedy: &str) {
        let span = Span { file: self.file, start: start as u32, end: end as u32 };
        self.diagnostics.push(Diagnostic::error(code, span, message).remedy(remedy));
    }

    fn next_token(&mut self) -> Token {
        self.skip_blanks();
        let (kind, length) = self.scan();
        let token = Token {
            kind,
            start: self.at as u32,
            end: (self.at + length) as u32,
            column: self.column,
            first_on_line: self.first_on_line,
        };
        self.advance(length);
        self.first_on_line = false;
        token
    }

    /// Passes over white space and comments.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start_matches(is_blank).len();
            self.advance(blanks);
            let rest = self.rest();
            if rest.starts_with("(*") {
                self.skip_block_comment();
            } else if rest.starts_with("\\*") {
                let length = rest.find('\n').unwrap_or(rest.len());
                self.note_comment(length);
                self.advance(length);
            } else {
                return;
            }
        }
    }

    /// Passes over a comment in `(*` and `*)`, which may contain others.
    fn skip_block_comment(&mut self) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let (mut at, mut depth) = (0, 0_usize);
        while at < bytes.len() {
            if rest[at..].starts_with("(*") {
                depth += 1;
                at += 2;
            } else if rest[at..].starts_with("*)") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            } else {
                at += rest[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        if depth > 0 {
            self.ends_in_comment = true;
            let start = self.at;
            self.report("unterminated-comment", start, start + 2, "this comment is never closed", "Add `*)`.");
        }
        self.note_comment(at);
        let first = self.first_on_line;
        self.advance(at);
        self.first_on_line |= first;
    }

    /// Notes the comment of this length at the current place.
    fn note_comment(&mut self, length: usize) {
        let comment = &self.rest()[..length];
        self.comments.push((self.at as u32, (self.at + length) as u32));
        self.algorithm |= contains_algorithm(comment);
    }

    /// Kind and length in bytes of the token at the current place.
    fn scan(&mut self) -> (Kind, usize) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return (Kind::End, 0) };
        match first {
            '-' if rest.starts_with("----") => scan_dashes(rest),
            '=' if rest.starts_with("====") => (Kind::ModuleEnd, run_length(rest, '=')),
            '"' => self.scan_string(),
            '<' => scan_proof_step(rest).unwrap_or_else(|| self.scan_symbol(first)),
            '\\' => scan_based_number(rest).unwrap_or_else(|| self.scan_symbol(first)),
            'ℕ' | 'ℤ' | 'ℝ' => (Kind::Identifier, first.len_utf8()),
            _ if first == '_' || first.is_ascii_alphanumeric() => scan_word(rest),
            _ => self.scan_symbol(first),
        }
    }

    /// The longest symbol at the current place.
    fn scan_symbol(&mut self, first: char) -> (Kind, usize) {
        let rest = self.rest();
        let limit = if first == '\\' { LONGEST_WORD } else { LONGEST_SYMBOL };
        let longest = rest.char_indices().nth(limit).map_or(rest.len(), |(index, _)| index);
        let found = (1..=longest)
            .rev()
            .filter(|length| rest.is_char_boundary(*length))
            .find_map(|length| SYMBOLS.get(&rest[..length]).map(|kind| (*kind, length)));
        found.unwrap_or_else(|| {
            let (start, length) = (self.at, first.len_utf8());
            let message = format!("`{first}` is not a symbol of TLA+");
            self.report("unknown-character", start, start + length, message, remedy_for_character(first));
            (Kind::Unknown, length)
        })
    }

    /// A string: one line, with the escapes that SANY knows.
    fn scan_string(&mut self) -> (Kind, usize) {
        let rest = self.rest();
        let start = self.at;
        let mut characters = rest.char_indices().skip(1);
        while let Some((index, character)) = characters.next() {
            match character {
                '"' => return (Kind::String, index + 1),
                '\n' | '\r' => {
                    self.report_open_string(start, index);
                    return (Kind::Unknown, index);
                }
                '\\' => {
                    let escaped = characters.next();
                    if !matches!(escaped, Some((_, 'n' | 't' | 'r' | 'f' | '\\' | '"'))) {
                        let place = start + index;
                        let length = 1 + escaped.map_or(0, |(_, character)| character.len_utf8());
                        let message = "this escape sequence is not known in strings";
                        let remedy = "Known are \\\" \\\\ \\n \\t \\r \\f; write \\\\ for a backslash.";
                        self.report("unknown-escape", place, place + length, message, remedy);
                    }
                    if matches!(escaped, Some((_, '\n' | '\r'))) {
                        return (Kind::Unknown, index + 1);
                    }
                }
                _ => {}
            }
        }
        self.report_open_string(start, rest.len());
        (Kind::Unknown, rest.len())
    }

    fn report_open_string(&mut self, start: usize, length: usize) {
        let remedy = "Close it with `\"` on the same line; a line break inside is written \\n.";
        self.report("unterminated-string", start, start + length, "this string is never closed", remedy);
    }
}

/// Whether a text outside the module's tokens contains the start of a PlusCal algorithm.
pub(crate) fn contains_algorithm(text: &str) -> bool {
    text.contains("--algorithm") || text.contains("--fair")
}

/// White space of the language, and the byte order mark that some editors leave.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{feff}')
}

fn run_length(text: &str, character: char) -> usize {
    text.len() - text.trim_start_matches(character).len()
}

/// `---- MODULE` or `----`.
fn scan_dashes(rest: &str) -> (Kind, usize) {
    let dashes = run_length(rest, '-');
    let spaces = run_length(&rest[dashes..], ' ');
    if rest[dashes + spaces..].starts_with("MODULE") {
        return (Kind::ModuleStart, dashes + spaces + "MODULE".len());
    }
    (Kind::Separator, dashes)
}

/// `<1>`, `<2>3.`, `<*>a`, `<+>`.
fn scan_proof_step(rest: &str) -> Option<(Kind, usize)> {
    let body = rest.strip_prefix('<')?;
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let level = if digits > 0 { digits } else { usize::from(body.starts_with(['*', '+'])) };
    let tail = body[level..].strip_prefix('>').filter(|_| level > 0)?;
    let name = tail.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let dots = run_length(&tail[name..], '.');
    Some((Kind::ProofStep, 1 + level + 1 + name + dots))
}

/// `\b101`, `\o17`, `\hFF`.
fn scan_based_number(rest: &str) -> Option<(Kind, usize)> {
    let radix = based_number_radix(rest)?;
    let digits = rest[2..].chars().take_while(|character| character.is_digit(radix)).count();
    (digits > 0).then_some((Kind::Number, 2 + digits))
}

/// The base of a number that begins so.
pub(crate) fn based_number_radix(text: &str) -> Option<u32> {
    match text.as_bytes() {
        [b'\\', b'b' | b'B', ..] => Some(2),
        [b'\\', b'o' | b'O', ..] => Some(8),
        [b'\\', b'h' | b'H', ..] => Some(16),
        _ => None,
    }
}

/// A name, a reserved word, an operator that is a word, a number, or an underscore.
fn scan_word(rest: &str) -> (Kind, usize) {
    if rest.starts_with("WF_") {
        return (Kind::Keyword(Keyword::WeakFairness), 3);
    }
    if rest.starts_with("SF_") {
        return (Kind::Keyword(Keyword::StrongFairness), 3);
    }
    let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let word = &rest[..length];
    if word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return (classify_word(word), length);
    }
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return (Kind::Mark(Mark::Underscore), 1);
    }
    let fraction =
        rest[digits..].strip_prefix('.').map_or(0, |tail| tail.bytes().take_while(u8::is_ascii_digit).count());
    if fraction > 0 { (Kind::Decimal, digits + 1 + fraction) } else { (Kind::Number, digits) }
}

fn classify_word(word: &str) -> Kind {
    if let Some(keyword) = Keyword::from_spelling(word) {
        return Kind::Keyword(keyword);
    }
    operators::by_spelling(word).map_or(Kind::Identifier, Kind::Operator)
}

fn remedy_for_character(character: char) -> &'static str {
    match character {
        '“' | '”' | '„' => "Use the straight quotation mark `\"`.",
        '–' | '—' => "Use the hyphen `-`.",
        '\u{a0}' => "This is a no-break space; replace it with an ordinary space.",
        ';' => "TLA+ has no semicolon; definitions are separated by line breaks alone.",
        '`' => "Remove it, or put the text into a comment.",
        _ => "Remove it, or put it into a comment or a string.",
    }
}
