//! What to say about a token that cannot stand where it stands.
//!
//! The parser knows what it expected; this file knows what people get wrong. Each usual mistake has a function that
//! recognises it from the tokens around the place and words the diagnostic; the first that does wins. Otherwise the
//! diagnostic says what was expected and what was found.

use super::cursor::Parser;
use super::token::{Keyword, Kind, Mark, Token};
use crate::diagnostic::Diagnostic;
use crate::operators::Fixity;
use crate::source::{FileId, Span};

/// The diagnostic for an unexpected token at the parser's place.
pub(super) fn unexpected(parser: &Parser<'_>, expected: &str) -> Diagnostic {
    let usual = [outdented, definition_sign, next_definition, reserved_word, unmatched_close, end_of_module, spelling];
    usual.iter().find_map(|mistake| mistake(parser, expected)).unwrap_or_else(|| plain(parser, expected))
}

/// The diagnostic for a bracket that is not closed at the parser's place.
pub(super) fn unclosed(parser: &Parser<'_>, open: usize, expected: &str) -> Diagnostic {
    let token = parser.tokens[open];
    let opening = parser.span_of(token);
    let bracket = parser.text_of(opening);
    if parser.kind() != Kind::Outdented && begins_something_else(parser) {
        let message = format!("this `{bracket}` is never closed");
        let remark = format!("expected {expected} before this");
        return Diagnostic::error("unclosed-bracket", opening, message).related(parser.here(), remark);
    }
    let diagnostic = unexpected(parser, expected);
    let remedy = if diagnostic.remedy.is_empty() { bracket_remedy(parser, open) } else { "" };
    let diagnostic = if remedy.is_empty() { diagnostic } else { diagnostic.remedy(remedy) };
    diagnostic.related(opening, "opened here")
}

/// The diagnostic for a file without any module.
pub(super) fn no_module(text: &str, file: FileId) -> Diagnostic {
    let header = text.find("MODULE");
    let start = header.and_then(|word| text[..word].rfind('\n')).map_or(0, |newline| newline + 1);
    let length = text[start..].lines().next().map_or(0, str::len);
    let span = Span { file, start: start as u32, end: (start + length) as u32 };
    let (message, remedy) = match header {
        Some(_) => ("no module begins here", "Put four dashes or more before MODULE: `---- MODULE Name ----`."),
        None => (
            "this file contains no module",
            "A module begins with a line `---- MODULE Name ----` (four dashes or more) and ends with `====`.",
        ),
    };
    Diagnostic::error("no-module", span, message).remedy(remedy)
}

fn plain(parser: &Parser<'_>, expected: &str) -> Diagnostic {
    let message = format!("expected {expected}, found {}", describe(parser));
    let diagnostic = Diagnostic::error("unexpected-token", parser.here(), message);
    match previous(parser).map(|token| token.kind) {
        Some(Kind::Mark(Mark::Comma)) if !matches!(parser.kind(), Kind::Identifier) => {
            diagnostic.remedy("Remove the comma before it, or add what is missing.")
        }
        _ => diagnostic,
    }
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
        Kind::ModuleStart => "the beginning of a module".to_owned(),
        Kind::Number
        | Kind::Decimal
        | Kind::String
        | Kind::Operator(_)
        | Kind::Mark(_)
        | Kind::ProofStep
        | Kind::Separator
        | Kind::Unknown
        | Kind::Outdented => format!("`{text}`"),
    }
}

fn previous(parser: &Parser<'_>) -> Option<Token> {
    parser.at.checked_sub(1).map(|index| parser.tokens[index])
}

/// Whether the token at this place begins something that no expression contains.
fn begins_something_else(parser: &Parser<'_>) -> bool {
    match parser.token().kind {
        Kind::End | Kind::ModuleEnd | Kind::ModuleStart | Kind::Separator => true,
        Kind::Keyword(keyword) => parser.token().first_on_line && keyword.begins_unit(),
        _ => parser.token().first_on_line && parser.layout.definition_at(parser.at).is_some(),
    }
}

/// A token that does not stand to the right of the bullet of its list.
fn outdented(parser: &Parser<'_>, expected: &str) -> Option<Diagnostic> {
    if parser.kind() != Kind::Outdented || begins_something_else(parser) {
        return None;
    }
    let list = parser.junctions.last()?;
    let bullet = parser.span_of(parser.tokens[list.bullet]);
    let text = parser.text_of(bullet);
    let message = format!("expected {expected}, but {} is not indented under its list", describe(parser));
    let remedy = format!("Move it to the right of the `{text}` to which it belongs.");
    let diagnostic = Diagnostic::error("misaligned-list", parser.here(), message).remedy(remedy);
    Some(diagnostic.related(bullet, format!("this `{text}` begins the item")))
}

/// `==` where `=` is meant, or the other way round.
fn definition_sign(parser: &Parser<'_>, expected: &str) -> Option<Diagnostic> {
    let token = parser.token();
    if parser.is_operator("=") && expected.starts_with("`==`") {
        let message = "a definition is written with `==`; `=` compares two values";
        let diagnostic = Diagnostic::error("equals-in-definition", parser.here(), message);
        return Some(diagnostic.remedy("Write `==` here."));
    }
    let define = match token.kind {
        Kind::Mark(Mark::Define) => parser.at,
        _ if !token.first_on_line => parser.layout.definition_at(parser.at)?,
        _ => return None,
    };
    let message = "a definition cannot stand inside an expression";
    let diagnostic = Diagnostic::error("definition-in-expression", parser.span_of(parser.tokens[define]), message);
    Some(diagnostic.remedy("Write `=` to compare two values; `==` only defines."))
}

/// The next definition begins where something is missing.
fn next_definition(parser: &Parser<'_>, expected: &str) -> Option<Diagnostic> {
    let token = parser.token();
    let before = previous(parser)?;
    if !begins_something_else(parser) || token.kind == Kind::End || expected.starts_with("`====`") {
        return None;
    }
    let place = parser.span_of(before);
    let message = format!("expected {expected}, but nothing more follows `{}`", parser.text_of(place));
    let diagnostic = Diagnostic::error("incomplete-expression", place, message);
    let diagnostic = diagnostic.related(parser.here(), "here something else begins already");
    let comma = before.kind == Kind::Mark(Mark::Comma);
    Some(if comma { diagnostic.remedy("Remove the comma, or add what is missing.") } else { diagnostic })
}

/// A reserved word used as a name.
fn reserved_word(parser: &Parser<'_>, expected: &str) -> Option<Diagnostic> {
    let Kind::Keyword(keyword) = parser.token().kind else { return None };
    let word = parser.text_of(parser.here());
    if keyword == Keyword::Extends {
        let message = "EXTENDS can only stand directly under the header of the module, and only once";
        let diagnostic = Diagnostic::error("misplaced-extends", parser.here(), message);
        return Some(diagnostic.remedy("List all extended modules there, separated by commas."));
    }
    let defines = parser.peek(1) == Kind::Mark(Mark::Define) && parser.token().first_on_line;
    if !expected.contains("name") && !defines {
        return None;
    }
    let message = format!("`{word}` is a reserved word and cannot be a name");
    let remedy = format!("Choose another name, for instance `{}`.", word.to_lowercase());
    Some(Diagnostic::error("reserved-word", parser.here(), message).remedy(remedy))
}

/// A closing bracket without an opening one.
fn unmatched_close(parser: &Parser<'_>, expected: &str) -> Option<Diagnostic> {
    let Kind::Mark(mark) = parser.token().kind else { return None };
    let closes = matches!(mark, Mark::RightParen | Mark::RightSquare | Mark::RightBrace | Mark::RightAngle);
    if !closes || parser.layout.partner(parser.at).is_some() || !expected.contains("definition") {
        return None;
    }
    let text = parser.text_of(parser.here());
    let message = format!("this `{text}` closes nothing");
    let diagnostic = Diagnostic::error("unmatched-bracket", parser.here(), message);
    Some(diagnostic.remedy("Remove it, or add the opening bracket."))
}

/// The file ends before the module does.
fn end_of_module(parser: &Parser<'_>, expected: &str) -> Option<Diagnostic> {
    if parser.token().kind != Kind::End || !expected.starts_with("`====`") {
        return None;
    }
    let place = parser.span_of(previous(parser)?);
    let remedy = "Add a line `====` (four equals signs or more) at the end.";
    Some(Diagnostic::error("unclosed-module", place, "the module is not closed").remedy(remedy))
}

/// Spellings of other languages, and a name that stands where an operator or a definition is needed.
fn spelling(parser: &Parser<'_>, expected: &str) -> Option<Diagnostic> {
    let text = parser.text_of(parser.here());
    let before = &parser.text[..parser.here().start as usize];
    let remedy = match parser.token().kind {
        Kind::Operator(_) if before.ends_with("=<") || before.ends_with("=<<>") => {
            "`=<<` is read as `=<` and `<`; put a blank behind the `=`."
        }
        Kind::Identifier if expected.contains("after `!` in EXCEPT") => {
            "Write `!.name` for a field of a record and `![name]` for an argument of a function."
        }
        Kind::Identifier if text == "in" => "Membership is written `\\in`.",
        Kind::Identifier if expected.contains("definition") => name_remedy(parser),
        Kind::Operator(operator) if operator.symbol == "'" => "Strings are written in double quotes: \"text\".",
        Kind::Operator(operator) if operator.symbol == "--" && expected.starts_with("`----`") => {
            "The dashes around a header are four or more."
        }
        Kind::Operator(operator) if operator.fixity == Fixity::Infix && expected == "an expression" => {
            "The left or the right operand of this operator is missing."
        }
        Kind::Keyword(Keyword::In) => "Is there a LET without definitions, or a bracket that is not closed?",
        Kind::Mark(Mark::Underscore) if expected == "an expression" => {
            "`_` stands for a parameter in declarations only; give it a name."
        }
        _ => return None,
    };
    let diagnostic = plain(parser, expected);
    Some(if remedy.is_empty() { diagnostic } else { diagnostic.remedy(remedy) })
}

fn name_remedy(parser: &Parser<'_>) -> &'static str {
    if parser.token().first_on_line {
        "A definition has the form `name == expression` or `name(parameter) == expression`."
    } else {
        "Is an operator missing before it?"
    }
}

/// What is probably wrong inside square brackets.
fn bracket_remedy(parser: &Parser<'_>, open: usize) -> &'static str {
    if parser.tokens[open].kind != Kind::Mark(Mark::LeftSquare) {
        return "";
    }
    let bound = parser.tokens.get(open + 2).is_some_and(|token| is_operator(token, "\\in"));
    let equation = parser.tokens.get(open + 2).is_some_and(|token| is_operator(token, "="));
    match parser.token().kind {
        _ if bound => "A function is written `[x \\in S |-> e]`.",
        _ if equation => "A record is written `[field |-> value]`, an update `[f EXCEPT ![x] = e]`.",
        _ => "",
    }
}

fn is_operator(token: &Token, symbol: &str) -> bool {
    matches!(token.kind, Kind::Operator(operator) if operator.symbol == symbol)
}
