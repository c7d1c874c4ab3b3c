//! What to say about a token that cannot stand where it stands.

use super::cursor::Parser;
use super::token::Kind;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// The diagnostic for a file without any module.
pub(super) fn no_module(text: &str, file: FileId) -> Diagnostic {
    let span = Span { file, start: 0, end: text.lines().next().map_or(0, |line| line.len() as u32) };
    let remedy = "A module begins with a line `---- MODULE Name ----` (four dashes or more) and ends with `====`.";
    Diagnostic::error("no-module", span, "this file contains no module").remedy(remedy)
}

/// The diagnostic for an unexpected token at the parser's place.
pub(super) fn unexpected(parser: &Parser<'_>, expected: &str) -> Diagnostic {
    let found = describe(parser);
    Diagnostic::error("unexpected-token", parser.here(), format!("expected {expected}, found {found}"))
}

/// The diagnostic for a bracket that is not closed at the parser's place.
pub(super) fn unclosed(parser: &Parser<'_>, open: usize, expected: &str) -> Diagnostic {
    let opening = parser.span_of(parser.tokens[open]);
    unexpected(parser, expected).related(opening, "opened here")
}

/// The token at the parser's place in words.
fn describe(parser: &Parser<'_>) -> String {
    let token = parser.token();
    let text = parser.text_of(parser.span_of(token));
    match token.kind {
        Kind::End => "the end of the file".to_owned(),
        Kind::Identifier => format!("the name `{text}`"),
        Kind::Keyword(_) => format!("the keyword `{text}`"),
        Kind::ModuleEnd => "the end of the module".to_owned(),
        Kind::Number
        | Kind::Decimal
        | Kind::String
        | Kind::Operator(_)
        | Kind::Mark(_)
        | Kind::ProofStep
        | Kind::ModuleStart
        | Kind::Separator
        | Kind::Unknown
        | Kind::Outdented => format!("`{text}`"),
    }
}
