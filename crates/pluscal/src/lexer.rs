//! Tokens of an algorithm.
//!
//! PlusCal's own words are not reserved: whether `with` or `a` is a label, a variable or a keyword depends on where it
//! stands. So the parser asks for one algorithm token at a time, and for an expression as a whole: an expression ends at
//! the first token that cannot belong to it, such as `;`, `do`, `:=`, or a closing bracket that nothing opened.

use crate::error::{Outcome, Problem};
use crate::expression::{Expression, Kind, Token};
use crate::symbols;
use crate::text::{Lines, Place};

/// Words and symbols that end an expression.
const DELIMITERS: &str = "; do then := ≔ begin variable variables || ‖ end else elsif if either or while with call \
return goto print assert skip procedure define process fair";

/// A token of the algorithm.
#[derive(Debug, Clone)]
pub struct Lexeme {
    /// Its text, strings without quotes.
    pub text: String,
    /// Its kind.
    pub kind: Kind,
    /// Where it starts.
    pub place: Place,
}

/// An expression with the place where it starts.
pub struct Expressed {
    /// The tokens.
    pub expression: Expression,
    /// Place of the first token, or of what ends an empty expression.
    pub place: Place,
}

/// Reads tokens from the lines of an algorithm whose comments were blanked.
pub struct Lexer<'a> {
    lines: &'a Lines,
    here: Place,
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_'
}

fn is_delimiter(text: &str) -> bool {
    DELIMITERS.split_ascii_whitespace().any(|word| word == text)
}

impl<'a> Lexer<'a> {
    /// A lexer from a place on.
    pub fn new(lines: &'a Lines, here: Place) -> Self {
        Self { lines, here }
    }

    fn rest(&self) -> &'a [char] {
        let line = self.lines.lines.get(self.here.line);
        line.and_then(|line| line.chars.get(self.here.column..)).unwrap_or(&[])
    }

    fn skip_blanks(&mut self) {
        while self.here.line < self.lines.lines.len() {
            let rest = self.rest();
            if let Some(blanks) = rest.iter().position(|character| *character != ' ') {
                self.here.column += blanks;
                return;
            }
            self.here = Place { line: self.here.line + 1, column: 0 };
        }
    }

    /// The next two characters that are not blank before them, without moving past a token.
    pub fn peek(&mut self) -> (char, char) {
        self.skip_blanks();
        let rest = self.rest();
        (rest.first().copied().unwrap_or('\n'), rest.get(1).copied().unwrap_or('\n'))
    }

    /// The place of the next token.
    pub fn place(&mut self) -> Place {
        self.skip_blanks();
        self.here
    }

    /// The next token of the algorithm.
    pub fn token(&mut self) -> Outcome<Lexeme> {
        self.skip_blanks();
        let (text, kind, length) = self.scan()?;
        let lexeme = Lexeme { text, kind, place: self.here };
        self.here.column += length;
        Ok(lexeme)
    }

    /// Text, kind and length of the token here.
    fn scan(&self) -> Outcome<(String, Kind, usize)> {
        let rest = self.rest();
        let Some(first) = rest.first().copied() else {
            let remedy = "check that every comment and block is closed before the comment with the algorithm ends";
            let place = self.last_place();
            return Err(Problem::new("pluscal-end", place, "the algorithm ends too early", remedy));
        };
        let take = |length: usize| rest.iter().take(length).collect::<String>();
        let run = |from: usize, fits: fn(char) -> bool| {
            from + rest.iter().skip(from).take_while(|character| fits(**character)).count()
        };
        if first == '"' {
            return self.string();
        }
        if is_letter(first) || first.is_ascii_digit() {
            let length = run(0, |c| is_letter(c) || c.is_ascii_digit());
            let text = take(length);
            if text.starts_with("WF_") || text.starts_with("SF_") {
                return Ok((take(3), Kind::Builtin, 3));
            }
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let kind = match (digits, symbols::is_word(&text)) {
                (true, _) => Kind::Number,
                (false, true) => Kind::Builtin,
                (false, false) => Kind::Identifier,
            };
            return Ok((text, kind, length));
        }
        if matches!(first, 'ℕ' | 'ℤ' | 'ℝ') {
            return Ok((take(1), Kind::Identifier, 1));
        }
        if first == '\\'
            && let Some(result) = self.named(&take, &run)
        {
            return result;
        }
        let lines_of = |character: char| rest.iter().take_while(|other| **other == character).count();
        let rule = (first == '-' && lines_of('-') >= 3) || (first == '=' && lines_of('=') >= 3);
        match symbols::longest(rest) {
            length if length > 0 && !rule => Ok((take(length), Kind::Builtin, length)),
            _ => Err(self.illegal(&take(1))),
        }
    }

    /// A symbol or number that starts with a backslash, if letters follow it.
    fn named(
        &self,
        take: &dyn Fn(usize) -> String,
        run: &dyn Fn(usize, fn(char) -> bool) -> usize,
    ) -> Option<Outcome<(String, Kind, usize)>> {
        let rest = self.rest();
        if !rest.get(1).copied().is_some_and(|character| character.is_ascii_alphabetic()) {
            return None;
        }
        let base = rest.get(1).copied().unwrap_or(' ');
        if "bBoOhH".contains(base) && rest.get(2).copied().is_some_and(|c| c.is_ascii_digit()) {
            let length = run(2, |c| c.is_ascii_hexdigit());
            return Some(Ok((take(length), Kind::Number, length)));
        }
        let length = run(1, |c| c.is_ascii_alphabetic());
        let text = take(length);
        Some(if symbols::is_named(text.get(1..).unwrap_or_default()) {
            Ok((text, Kind::Builtin, length))
        } else {
            Err(self.illegal(&text))
        })
    }

    fn string(&self) -> Outcome<(String, Kind, usize)> {
        let rest = self.rest();
        let mut column = 1;
        while let Some(character) = rest.get(column).copied() {
            if character == '"' {
                let text = rest.iter().take(column).skip(1).collect();
                return Ok((text, Kind::String, column + 1));
            }
            let escaped = rest.get(column + 1).copied().unwrap_or(' ');
            let legal = if character == '\\' { "\"\\tnfr".contains(escaped) } else { (' '..='~').contains(&character) };
            if !legal {
                let place = Place { column: self.here.column + column, ..self.here };
                let remedy = "use printable ASCII characters and the escapes \\\" \\\\ \\t \\n \\f \\r";
                return Err(Problem::new("pluscal-string", place, "this cannot stand in a string", remedy));
            }
            column += if character == '\\' { 2 } else { 1 };
        }
        let remedy = "close the string with \" on the same line";
        Err(Problem::new("pluscal-string", self.here, "this string has no end", remedy))
    }

    fn illegal(&self, text: &str) -> Problem {
        let remedy = "remove it, or put it in a comment";
        let message = format!("`{text}` is no symbol of PlusCal or TLA+");
        Problem::new("pluscal-symbol", self.here, message, remedy).over(text)
    }

    /// The last place with text.
    fn last_place(&self) -> Place {
        let full = |line: &crate::text::Line| line.chars.iter().rposition(|character| *character != ' ');
        let lines = self.lines.lines.iter().enumerate().rev();
        let mut places = lines.filter_map(|(line, text)| full(text).map(|column| Place { line, column }));
        places.next().unwrap_or_default()
    }

    /// An expression up to the token that ends it, which is returned too.
    pub fn expression(&mut self) -> Outcome<(Expressed, Lexeme)> {
        let place = self.place();
        let mut reader = ExpressionReader::default();
        loop {
            let line = self.here.line;
            let token = self.token()?;
            if token.place.line > line || reader.lines.is_empty() {
                let missing = if reader.lines.is_empty() { 1 } else { token.place.line - line };
                reader.lines.extend(std::iter::repeat_n(Vec::new(), missing));
            }
            if reader.ends_at(&token)? {
                return Ok((Expressed { expression: Expression::new(reader.lines), place }, token));
            }
            reader.add(token)?;
        }
    }
}

/// The part of an expression that was read.
#[derive(Default)]
struct ExpressionReader {
    lines: Vec<Vec<Token>>,
    /// Brackets that are open, with their places.
    open: Vec<Place>,
    quantifier: Option<Place>,
    previous: String,
}

impl ExpressionReader {
    /// Whether a token ends the expression.
    fn ends_at(&self, token: &Lexeme) -> Outcome<bool> {
        let field = token.kind == Kind::Identifier && matches!(self.previous.as_str(), "." | "[" | ",");
        let bracket = matches!(token.text.as_str(), ")" | "}") || (token.text == "," && self.quantifier.is_none());
        let ends =
            token.kind != Kind::String && ((is_delimiter(&token.text) && !field) || (bracket && self.open.is_empty()));
        if !ends {
            return Ok(false);
        }
        let before = format!("before `{}`", token.text);
        if let Some(open) = self.open.last() {
            let message = format!("this bracket is not closed {before}");
            let remedy = "close it, or look for a missing `;`";
            return Err(
                Problem::new("pluscal-bracket", *open, message, remedy).related(token.place, "the expression ends")
            );
        }
        if let Some(quantifier) = self.quantifier {
            let message = format!("this quantifier has no `:` {before}");
            let remedy = "write `\\A x \\in S : P`";
            return Err(Problem::new("pluscal-quantifier", quantifier, message, remedy).over("\\A"));
        }
        Ok(true)
    }

    fn add(&mut self, token: Lexeme) -> Outcome<()> {
        if token.kind == Kind::Builtin {
            if symbols::opens(&token.text) {
                self.open.push(token.place);
            } else if symbols::closes(&token.text) && self.open.pop().is_none() {
                let message = format!("nothing opened this `{}`", token.text);
                return Err(Problem::new("pluscal-bracket", token.place, message, "remove it, or open it before"));
            }
            match token.text.as_str() {
                "\\A" | "\\E" | "∀" | "∃" if self.open.is_empty() => self.quantifier = Some(token.place),
                ":" if self.open.is_empty() => self.quantifier = None,
                _ => {}
            }
        }
        self.previous = if token.kind == Kind::String { String::new() } else { token.text.clone() };
        let column = i32::try_from(token.place.column).unwrap_or(i32::MAX);
        if let Some(line) = self.lines.last_mut() {
            line.push(Token::new(token.text, column, token.kind));
        }
        Ok(())
    }
}
