//! The text of a type to a tree.
//!
//! A recursive descent. `->` groups to the right and binds closer than `=>`; the options of a variant bind closer than both.
//! What is wrong is a warning with a caret and a remedy: an annotation that cannot be read is passed over, as if it were not there.

use super::token::{Kind, Token, next};
use super::types::{Row, Type, TypeKind};
use crate::ast::Ident;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Deepest nesting that is read.
const MOST_NESTED: usize = 100;

/// Code of the diagnostics.
pub(super) const CODE: &str = "type-annotation";

/// Why there is no type.
pub(super) type Wrong = Box<Diagnostic>;

/// Reads types off a text.
pub(super) struct Reader<'t> {
    text: &'t str,
    file: FileId,
    /// Where the text begins in the file.
    base: usize,
    /// The token that comes next.
    token: Token,
    /// End of the token before.
    behind: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    /// A reader that begins at an offset of the text.
    pub fn new(text: &'t str, file: FileId, base: usize, from: usize) -> Self {
        Self { text, file, base, token: next(text, from), behind: from, depth: 0 }
    }

    /// Where the token that comes next ends, in the text.
    pub fn end_of_next(&self) -> usize {
        self.token.end
    }

    /// End of what was read.
    pub fn behind(&self) -> usize {
        self.behind
    }

    pub fn is_sign(&self, sign: char) -> bool {
        self.token.kind == Kind::Sign(sign)
    }

    fn word(&self) -> &'t str {
        &self.text[self.token.start..self.token.end]
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let place = |offset: usize| u32::try_from(self.base + offset).unwrap_or(u32::MAX);
        Span { file: self.file, start: place(start), end: place(end) }
    }

    fn advance(&mut self) {
        self.behind = self.token.end;
        self.token = next(self.text, self.token.end);
    }

    /// Takes a sign if it comes next.
    pub fn take(&mut self, kind: Kind) -> bool {
        let is = self.token.kind == kind;
        if is {
            self.advance();
        }
        is
    }

    /// What is wrong with the token that comes next.
    pub fn wrong(&self, message: impl Into<String>, remedy: impl Into<String>) -> Wrong {
        let span = match self.token.kind {
            // The end of a comment is shown where something is missing.
            Kind::End => self.span(self.behind.saturating_sub(1), self.behind),
            _ => self.span(self.token.start, self.token.end),
        };
        Box::new(Diagnostic::error(CODE, span, message).remedy(remedy).warning())
    }

    fn expect(&mut self, kind: Kind, spelling: &str, remedy: &str) -> Result<(), Wrong> {
        match self.take(kind) {
            true => Ok(()),
            false => Err(self.wrong(format!("`{spelling}` is expected here in a type annotation"), remedy)),
        }
    }

    /// A name.
    pub fn name(&mut self, what: &str) -> Result<Ident, Wrong> {
        if self.token.kind != Kind::Word {
            return Err(self.wrong(format!("{what} is expected here in a type annotation"), ""));
        }
        let name = Ident { name: self.word().into(), span: self.span(self.token.start, self.token.end) };
        self.advance();
        Ok(name)
    }

    /// A type.
    pub fn read(&mut self) -> Result<Type, Wrong> {
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return Err(self.wrong("this type is nested too deeply", "give parts of it a name with @typeAlias"));
        }
        let start = self.token.start;
        let first = self.arrow()?;
        let read = match (self.take(Kind::DoubleArrow), first) {
            (true, Part::List(parameters)) => self.operator(start, parameters)?,
            (true, Part::Type(parameter)) => self.operator(start, vec![parameter])?,
            (false, Part::Type(read)) => read,
            (false, Part::List(_)) => {
                let remedy =
                    "parameters in parentheses belong to an operator, `(a, b) => c`; a tuple is written `<<a, b>>`";
                return Err(self.wrong("`=>` is expected here in a type annotation", remedy));
            }
        };
        self.depth -= 1;
        Ok(read)
    }

    fn operator(&mut self, start: usize, parameters: Vec<Type>) -> Result<Type, Wrong> {
        let result = self.read()?;
        Ok(self.made(start, TypeKind::Operator(parameters, Box::new(result))))
    }

    fn made(&self, start: usize, kind: TypeKind) -> Type {
        Type { kind, span: self.span(start, self.behind) }
    }

    fn arrow(&mut self) -> Result<Part, Wrong> {
        let start = self.token.start;
        let first = self.atom()?;
        let Part::Type(from) = first else { return Ok(first) };
        if !self.take(Kind::Arrow) {
            return Ok(Part::Type(from));
        }
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return Err(self.wrong("this type is nested too deeply", "give parts of it a name with @typeAlias"));
        }
        let to = match self.arrow()? {
            Part::Type(to) => to,
            Part::List(_) => return Err(self.wrong("a function has one result", "write a tuple as `<<a, b>>`")),
        };
        self.depth -= 1;
        Ok(Part::Type(self.made(start, TypeKind::Function(Box::new(from), Box::new(to)))))
    }

    fn atom(&mut self) -> Result<Part, Wrong> {
        let start = self.token.start;
        match self.token.kind {
            Kind::Sign('(') => self.parentheses(),
            Kind::Open => {
                self.advance();
                let parts = self.list(Kind::Close)?;
                self.expect(Kind::Close, ">>", "a tuple is written `<<a, b>>`")?;
                Ok(Part::Type(self.made(start, TypeKind::Tuple(parts))))
            }
            Kind::Sign('{') => self.record(Kind::Sign('}'), "}", Row::Closed).map(Part::Type),
            Kind::Sign('[') => self.record(Kind::Sign(']'), "]", Row::Partial).map(Part::Type),
            Kind::Sign('$') => {
                self.advance();
                let name = self.name("the name of an alias")?;
                Ok(Part::Type(self.made(start, TypeKind::Alias(name.name))))
            }
            Kind::Word => self.named().map(Part::Type),
            Kind::Arrow | Kind::DoubleArrow | Kind::Close | Kind::Sign(_) | Kind::End => {
                let remedy = "types are written `Int`, `Bool`, `Str`, `PROCESS`, `Set(t)`, `Seq(t)`, `a -> b`, `<<a, b>>`, \
                              `{ f: a }`";
                Err(self.wrong("a type is expected here", remedy))
            }
        }
    }

    /// Types with commas between them.
    fn list(&mut self, end: Kind) -> Result<Vec<Type>, Wrong> {
        let mut parts = Vec::new();
        if self.token.kind == end {
            return Ok(parts);
        }
        loop {
            parts.push(self.read()?);
            if !self.take(Kind::Sign(',')) {
                return Ok(parts);
            }
        }
    }

    fn parentheses(&mut self) -> Result<Part, Wrong> {
        self.advance();
        let mut parts = self.list(Kind::Sign(')'))?;
        self.expect(Kind::Sign(')'), ")", "close the parenthesis")?;
        match parts.pop() {
            Some(only) if parts.is_empty() && self.token.kind != Kind::DoubleArrow => Ok(Part::Type(only)),
            Some(last) => {
                parts.push(last);
                Ok(Part::List(parts))
            }
            None => Ok(Part::List(parts)),
        }
    }

    fn record(&mut self, end: Kind, closing: &str, closed: Row) -> Result<Type, Wrong> {
        let start = self.token.start;
        self.advance();
        let (mut fields, mut row): (Vec<(Ident, Type)>, Row) = (Vec::new(), closed);
        while self.token.kind != end {
            let name = self.name("the name of a field")?;
            let closes = self.token.kind == end;
            if closes && is_variable(&name.name) {
                row = Row::Open;
                break;
            }
            self.expect(Kind::Sign(':'), ":", "a record is written `{ f: a, g: b }`")?;
            if fields.iter().any(|(known, _)| known.name == name.name) {
                let message = format!("the field `{}` is there twice", name.name);
                return Err(Box::new(Diagnostic::error(CODE, name.span, message).remedy("remove one").warning()));
            }
            fields.push((name, self.read()?));
            if !self.take(Kind::Sign(',')) {
                break;
            }
        }
        self.expect(end, closing, "fields have commas between them, `{ f: a, g: b }`")?;
        Ok(self.made(start, TypeKind::Record(fields, row)))
    }

    fn named(&mut self) -> Result<Type, Wrong> {
        let start = self.token.start;
        let word = self.word();
        let behind = next(self.text, self.token.end);
        match (word, behind.kind) {
            ("Set" | "Seq", _) => {
                self.advance();
                self.expect(Kind::Sign('('), "(", "name the elements: `Set(Int)`, `Seq(Int)`")?;
                let element = Box::new(self.read()?);
                self.expect(Kind::Sign(')'), ")", "close the parenthesis")?;
                Ok(self.made(start, if word == "Set" { TypeKind::Set(element) } else { TypeKind::Seq(element) }))
            }
            (_, Kind::Sign('(')) => self.variant(),
            _ => {
                let kind = self.simple(word)?;
                self.advance();
                Ok(self.made(start, kind))
            }
        }
    }

    fn variant(&mut self) -> Result<Type, Wrong> {
        let start = self.token.start;
        let (mut options, mut row) = (Vec::new(), Row::Closed);
        loop {
            let name = self.name("the tag of an option")?;
            if self.token.kind != Kind::Sign('(') && is_variable(&name.name) && !options.is_empty() {
                row = Row::Open;
                break;
            }
            self.expect(Kind::Sign('('), "(", "an option of a variant is written `Tag(t)`")?;
            let part = self.read()?;
            self.expect(Kind::Sign(')'), ")", "close the parenthesis")?;
            options.push((name, part));
            if !self.take(Kind::Sign('|')) {
                break;
            }
        }
        Ok(self.made(start, TypeKind::Variant(options, row)))
    }

    fn simple(&self, word: &str) -> Result<TypeKind, Wrong> {
        let first_is_upper = word.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
        let rest_is_upper = word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        match word {
            "Bool" => Ok(TypeKind::Bool),
            "Int" => Ok(TypeKind::Int),
            "Str" => Ok(TypeKind::Str),
            "Real" => Ok(TypeKind::Real),
            // Names of sets in TLA+, which are no types.
            "BOOLEAN" => Err(self.wrong("`BOOLEAN` is a set, not a type", "write `Bool`")),
            "STRING" => Err(self.wrong("`STRING` is a set, not a type", "write `Str`")),
            _ if is_variable(word) => Ok(TypeKind::Variable(word.into())),
            _ if first_is_upper && rest_is_upper => Ok(TypeKind::Uninterpreted(word.into())),
            _ => {
                let remedy = match word {
                    "Nat" | "Integer" => "write `Int`".to_owned(),
                    "Boolean" => "write `Bool`".to_owned(),
                    "String" | "string" => "write `Str`".to_owned(),
                    _ if first_is_upper => {
                        "a type of which nothing is known is written in capitals, `PROCESS`".to_owned()
                    }
                    _ => format!("an alias is referred to as `${word}`"),
                };
                Err(self.wrong(format!("`{word}` is no type"), remedy))
            }
        }
    }
}

/// What stands where a type or the parameters of an operator can stand.
enum Part {
    Type(Type),
    List(Vec<Type>),
}

/// Whether a name is that of a type variable: one small letter, with or without a number.
fn is_variable(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(|c| c.is_ascii_lowercase()) && characters.all(|c| c.is_ascii_digit())
}
