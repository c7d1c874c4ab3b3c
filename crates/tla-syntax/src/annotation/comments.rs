//! Comments that stand together, and the annotations in them.
//!
//! An annotation stands in front of what it speaks of, as Apalache has it (its ADR-004): in the comments between a name and
//! whatever comes before it. `@type: t;` is the usual form, `@type("t")` the long one; the type may go on over several comments.
//! The text of the comments is copied with blanks for the signs that make them comments, so that offsets stay what they are.

use super::grammar::{CODE, Reader, Wrong};
use super::token::Kind;
use super::types::Type;
use crate::ast::Ident;
use crate::diagnostic::Diagnostic;
use crate::parse::lexer::Tokens;
use crate::parse::token::Token;
use crate::source::{FileId, Span};

/// An annotation.
pub(super) enum Annotation {
    /// `@type`.
    Type(Type),
    /// `@typeAlias`.
    Alias(Ident, Type),
}

/// An annotation with its place.
pub(super) struct Found {
    pub annotation: Annotation,
    pub span: Span,
}

/// Comments without anything between them.
pub(super) struct Run {
    /// Where the first begins.
    start: usize,
    /// Their text.
    text: String,
    /// Number of the token behind them.
    pub before: usize,
    /// Whether they begin on the line of the token before them.
    pub trails: bool,
}

/// The comments of a module, by the tokens that they stand before.
pub(super) fn runs(text: &str, lexed: &Tokens) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut comments = lexed.comments.iter().peekable();
    for (before, token) in lexed.tokens.iter().enumerate() {
        let mut own = Vec::new();
        while let Some(comment) = comments.next_if(|(start, _)| *start < token.start || token.start == token.end) {
            own.push((comment.0 as usize, comment.1 as usize));
        }
        if let (Some((start, _)), Some((_, end))) = (own.first().copied(), own.last().copied())
            && text[start..end].contains("@type")
        {
            let behind = before.checked_sub(1).map_or(0, |index| lexed.tokens[index].end as usize);
            let trails = !text[behind..start].contains('\n');
            runs.push(Run { start, text: unmarked(&text[start..end], start, &own), before, trails });
        }
    }
    runs
}

/// The text with blanks for what makes comments of it.
fn unmarked(text: &str, base: usize, comments: &[(usize, usize)]) -> String {
    let mut plain = text.to_owned();
    for (start, end) in comments {
        let (start, end) = (start - base, end - base);
        if text[start..].starts_with("\\*") {
            plain.replace_range(start..start + 2, "  ");
            continue;
        }
        for sign in ["(*", "*)"] {
            while let Some(at) = plain[start..end].find(sign) {
                plain.replace_range(start + at..start + at + 2, "  ");
            }
        }
    }
    plain
}

impl Run {
    /// The annotations of these comments, in textual order. What is wrong with them is told.
    pub fn annotations(&self, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Vec<Found> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = self.text[from..].find('@').map(|at| from + at) {
            from = at + 1;
            // What stands inside of a word is an address.
            if self.text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
                continue;
            }
            let mut reader = Reader::new(&self.text, file, self.start, at + 1);
            let is_alias = match self.text[at + 1..reader.end_of_next()].trim_start() {
                "type" if reader.end_of_next() == at + 1 + "type".len() => false,
                "typeAlias" if reader.end_of_next() == at + 1 + "typeAlias".len() => true,
                _ => continue,
            };
            match self.annotation(&mut reader, is_alias) {
                Ok(Some(annotation)) => {
                    from = reader.behind();
                    let place = |offset: usize| u32::try_from(self.start + offset).unwrap_or(u32::MAX);
                    found.push(Found { annotation, span: Span { file, start: place(at), end: place(from) } });
                }
                Ok(None) => {}
                Err(wrong) => diagnostics.push(*wrong),
            }
        }
        found
    }

    /// What follows the word; nothing where a text only speaks of annotations.
    fn annotation(&self, reader: &mut Reader<'_>, is_alias: bool) -> Result<Option<Annotation>, Wrong> {
        reader.take(Kind::Word);
        if reader.take(Kind::Sign(':')) {
            let annotation = body(reader, is_alias)?;
            if !reader.take(Kind::Sign(';')) {
                return Err(reader.wrong("a type annotation ends with `;`", "write it behind the type"));
            }
            return Ok(Some(annotation));
        }
        if reader.take(Kind::Sign('(')) {
            if !reader.take(Kind::Sign('"')) {
                return Ok(None);
            }
            let annotation = body(reader, is_alias)?;
            if !reader.take(Kind::Sign('"')) || !reader.take(Kind::Sign(')')) {
                return Err(reader.wrong("a type annotation of this form ends with `\")`", "or write `@type: Int;`"));
            }
            return Ok(Some(annotation));
        }
        // A forgotten colon, if all else is there.
        let wrong = reader.wrong("`:` is expected here in a type annotation", "an annotation is written `@type: Int;`");
        match body(reader, is_alias) {
            Ok(_) if reader.is_sign(';') => Err(wrong),
            Ok(_) | Err(_) => Ok(None),
        }
    }
}

fn body(reader: &mut Reader<'_>, is_alias: bool) -> Result<Annotation, Wrong> {
    if !is_alias {
        return Ok(Annotation::Type(reader.read()?));
    }
    let name = reader.name("the name of the alias")?;
    if !reader.take(Kind::Sign('=')) {
        return Err(reader.wrong("`=` is expected here in a type annotation", "write `@typeAlias: name = Int;`"));
    }
    Ok(Annotation::Alias(name, reader.read()?))
}

/// A warning about an annotation as a whole.
pub(super) fn about(span: Span, message: impl Into<String>, remedy: &str) -> Diagnostic {
    Diagnostic::error(CODE, span, message).remedy(remedy).warning()
}

/// The place of a token.
pub(super) fn place_of(token: &Token, file: FileId) -> Span {
    Span { file, start: token.start, end: token.end }
}
