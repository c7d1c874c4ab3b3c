//! The parser's place in the token sequence, and the few operations that everything else is made of.
//!
//! The grammar is parsed by recursive descent. A function returns `Err(Reported)` as soon as it meets a token that it
//! cannot use; the diagnostic has been recorded by then, the unit is given up, and parsing goes on with the next unit,
//! so that one mistake gives one message.
//!
//! *Junction lists* are handled at the lowest level: while an item of a list is read, every token that does not stand
//! to the right of the list's bullets appears as [`Kind::Outdented`], which no construct can use, so all of them end by
//! themselves. This is the rule of SANY (its `JunctionListContext` and the check of indentation afterwards).
//!
//! *Nesting* is limited, since the tree is walked recursively by everybody who uses it: [`MAX_DEPTH`] bounds its height,
//! counting long rows of infix operators as well.

use super::layout::Layout;
use super::mistakes;
use super::token::{Keyword, Kind, Mark, Token};
use crate::ast::{Ident, Name};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use std::collections::HashMap;

/// Greatest height of a tree, in expressions inside expressions.
pub(crate) const MAX_DEPTH: usize = 1_000;

/// What went wrong has been recorded as a diagnostic.
#[derive(Debug)]
pub(crate) struct Reported;

/// Result of parsing a part.
pub(crate) type Parse<T> = Result<T, Reported>;

/// An open junction list.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenList {
    /// Column of its bullets.
    pub column: u32,
    /// Index of the bullet of the item that is being read.
    pub bullet: usize,
}

/// The state of parsing one module.
pub(crate) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) file: FileId,
    pub(super) tokens: &'a [Token],
    pub(super) layout: &'a Layout,
    pub(super) at: usize,
    /// The junction lists around this place.
    pub(super) junctions: Vec<OpenList>,
    /// How many expressions, proofs and modules are open.
    pub(super) depth: usize,
    /// Height of the highest expression finished inside the innermost open one.
    pub(super) height: usize,
    /// Whether the lexer has reported why the text ends where it does.
    pub(super) end_reported: bool,
    /// Column of the first token of the unit that is being read.
    pub(super) unit_column: u32,
    /// Whether names of proof steps can be used.
    pub(super) in_proof: bool,
    pub(super) names: HashMap<&'a str, Name>,
    /// Number of errors reported so far, those of the lexer included.
    pub(super) errors: usize,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    /// The token at this place as it stands in the text.
    pub(super) fn token(&self) -> Token {
        self.tokens[self.at]
    }

    /// What the token at this place is for the construct that is being read.
    pub(super) fn kind(&self) -> Kind {
        let token = self.token();
        match self.junctions.last() {
            Some(list) if token.column <= list.column && token.kind != Kind::End => Kind::Outdented,
            _ => token.kind,
        }
    }

    /// What a token further on is, regardless of its column.
    pub(super) fn peek(&self, distance: usize) -> Kind {
        self.tokens.get(self.at + distance).map_or(Kind::End, |token| token.kind)
    }

    /// Passes over the token at this place and returns where it stands.
    pub(super) fn bump(&mut self) -> Span {
        let token = self.token();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        self.span_of(token)
    }

    pub(super) fn span_of(&self, token: Token) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    /// Where the token at this place stands.
    pub(super) fn here(&self) -> Span {
        self.span_of(self.token())
    }

    /// From `start` to the end of the token before this place.
    pub(super) fn since(&self, start: Span) -> Span {
        let end = self.at.checked_sub(1).map_or(start.end, |index| self.tokens[index].end);
        Span { end: end.max(start.start), ..start }
    }

    pub(super) fn text_of(&self, span: Span) -> &'a str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// A name, the same allocation for the same text.
    pub(super) fn name(&mut self, text: &'a str) -> Name {
        self.names.entry(text).or_insert_with(|| text.into()).clone()
    }

    pub(super) fn is_mark(&self, mark: Mark) -> bool {
        self.kind() == Kind::Mark(mark)
    }

    pub(super) fn is_keyword(&self, keyword: Keyword) -> bool {
        self.kind() == Kind::Keyword(keyword)
    }

    /// Whether the token at this place is the operator with this canonical symbol.
    pub(super) fn is_operator(&self, symbol: &str) -> bool {
        matches!(self.kind(), Kind::Operator(operator) if operator.symbol == symbol)
    }

    pub(super) fn eat_mark(&mut self, mark: Mark) -> bool {
        let found = self.is_mark(mark);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn eat_keyword(&mut self, keyword: Keyword) -> bool {
        let found = self.is_keyword(keyword);
        if found {
            self.bump();
        }
        found
    }

    /// Passes over a mark that has to stand here; `context` says in which construct.
    pub(super) fn expect_mark(&mut self, mark: Mark, context: &str) -> Parse<Span> {
        if self.is_mark(mark) {
            return Ok(self.bump());
        }
        Err(self.unexpected(&format!("`{}`{}{context}", mark.spelling(), separator(context))))
    }

    /// Passes over the bracket that closes the one at token `open`.
    pub(super) fn expect_close(&mut self, mark: Mark, open: usize, expected: &str) -> Parse<Span> {
        if self.is_mark(mark) {
            return Ok(self.bump());
        }
        Err(self.unclosed(open, expected))
    }

    pub(super) fn expect_keyword(&mut self, keyword: Keyword, context: &str) -> Parse<Span> {
        if self.is_keyword(keyword) {
            return Ok(self.bump());
        }
        Err(self.unexpected(&format!("`{}`{}{context}", keyword.spelling(), separator(context))))
    }

    /// A name; `what` says of what, for the diagnostic.
    pub(super) fn identifier(&mut self, what: &str) -> Parse<Ident> {
        let next_definition = self.token().first_on_line && self.layout.definition_at(self.at).is_some();
        if self.kind() == Kind::Identifier && !next_definition {
            return Ok(self.bump_identifier());
        }
        Err(self.unexpected(what))
    }

    /// The name at this place, whatever token it is.
    pub(super) fn bump_identifier(&mut self) -> Ident {
        let span = self.bump();
        let name = self.name(self.text_of(span));
        Ident { name, span }
    }

    /// Elements separated by commas, at least one.
    pub(super) fn comma_list<T>(&mut self, element: impl Fn(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        let mut elements = vec![element(self)?];
        while self.eat_mark(Mark::Comma) {
            elements.push(element(self)?);
        }
        Ok(elements)
    }

    /// Opens a nested construct; [`Self::leave`] closes it.
    pub(super) fn enter(&mut self) -> Parse<()> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep(self.here()));
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Reports that a limit on nesting is reached.
    pub(super) fn too_deep(&mut self, span: Span) -> Reported {
        let message = format!("expressions are nested more than {MAX_DEPTH} deep here");
        let remedy = "Give parts of the expression names of their own, or write a junction list instead of a long row.";
        self.report(Diagnostic::error("nesting-too-deep", span, message).remedy(remedy))
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        self.errors += 1;
        self.diagnostics.push(diagnostic);
        Reported
    }

    /// Reports that something else was expected at this place.
    pub(super) fn unexpected(&mut self, expected: &str) -> Reported {
        if self.touches_unknown() {
            return Reported;
        }
        let diagnostic = mistakes::unexpected(self, expected);
        self.report(diagnostic)
    }

    /// Reports that the bracket at token `open` is not closed at this place.
    pub(super) fn unclosed(&mut self, open: usize, expected: &str) -> Reported {
        if self.touches_unknown() {
            return Reported;
        }
        let diagnostic = mistakes::unclosed(self, open, expected);
        self.report(diagnostic)
    }

    /// Whether the lexer has already reported the token at this place.
    fn touches_unknown(&self) -> bool {
        match self.token().kind {
            Kind::Unknown => true,
            Kind::End => self.end_reported,
            _ => false,
        }
    }
}

fn separator(context: &str) -> &'static str {
    if context.is_empty() { "" } else { " " }
}
