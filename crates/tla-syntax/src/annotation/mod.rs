//! Types that comments declare: `\* @type: Set(Int);` before a name.
//!
//! TLA+ has no types. Specifications that are written for Apalache have them in comments, and what they say of variables and
//! constants is worth having elsewhere: as a hint, and to tell where it contradicts the specification. Nothing here decides
//! what a formula means, and nothing that is wrong with an annotation is an error.
//!
//! Reading order: [`types`], [`token`], [`grammar`] (text to types), [`comments`] (what stands before a name), [`aliases`].

mod aliases;
mod comments;
mod grammar;
mod token;
mod types;

pub use types::{Row, Type, TypeKind};

use crate::ast::{Ident, Module, Unit};
use crate::diagnostic::Diagnostic;
use crate::load::Specification;
use crate::parse::lexer::{self, Tokens};
use crate::parse::token::{Keyword, Kind, Mark};
use crate::source::{FileId, Span};
use aliases::Aliases;
use comments::{Annotation, Found, about, place_of};
use std::collections::HashMap;

/// What to do with an annotation at a wrong place.
const BEFORE: &str = "write an annotation in a comment before the name that it speaks of";

/// A variable or constant with its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The name where it is declared.
    pub name: Ident,
    /// The type, without aliases.
    pub of: Type,
    /// The annotation.
    pub span: Span,
}

/// What the comments of a specification declare.
#[derive(Debug, Default)]
pub struct Annotations {
    /// Variables and constants that have a type.
    pub declared: Vec<Declared>,
    /// Annotations that were read, those of definitions and aliases included.
    pub read: usize,
    /// What is wrong with others: warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the annotations of all modules but those that come with Interlock.
pub fn read(specification: &Specification) -> Annotations {
    let mut reading = Reading::default();
    let mut aliases = Aliases::default();
    for parsed in specification.modules.iter().filter(|parsed| !parsed.bundled) {
        let span = parsed.module.span;
        let text = &specification.sources.file(span.file).text;
        if text.contains("@type") {
            reading.module(text, span.file, &parsed.module, &mut aliases);
        }
    }
    let Reading { written, mut annotations } = reading;
    for declared in written {
        let of = aliases.resolve(&declared.of, &mut annotations.diagnostics);
        annotations.declared.extend(of.map(|of| Declared { of, ..declared }));
    }
    annotations
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    /// Declarations, with aliases.
    written: Vec<Declared>,
    annotations: Annotations,
}

impl Reading {
    fn module(&mut self, text: &str, file: FileId, module: &Module, aliases: &mut Aliases) {
        let lexed = lexer::tokenize(text, file, module.span.start, &mut Vec::new());
        let mut names = HashMap::new();
        declared_names(module, &mut names);
        for run in comments::runs(text, &lexed) {
            let found = run.annotations(file, &mut self.annotations.diagnostics);
            self.annotations.read += found.len();
            let mut types: Vec<(Type, Span)> = Vec::new();
            for Found { annotation, span } in found {
                match annotation {
                    Annotation::Alias(name, of) => aliases.add(name, of, &mut self.annotations.diagnostics),
                    Annotation::Type(of) => types.push((of, span)),
                }
            }
            self.declare(&lexed, (run.before, run.trails), &types, &names, file);
        }
    }

    /// Gives the name behind some comments its type.
    fn declare(
        &mut self,
        lexed: &Tokens,
        (before, trails): (usize, bool),
        types: &[(Type, Span)],
        names: &HashMap<u32, Ident>,
        file: FileId,
    ) {
        let Some((of, span)) = types.last() else { return };
        let diagnostics = &mut self.annotations.diagnostics;
        if let [(_, first), _, ..] = types {
            diagnostics.push(about(*span, "there are two types for one name", BEFORE).related(*first, "the other"));
            return;
        }
        let token = &lexed.tokens[before];
        match token.kind {
            Kind::Identifier => {
                let name = names.get(&token.start).cloned();
                self.written.extend(name.map(|name| Declared { name, of: of.clone(), span: *span }));
            }
            Kind::Keyword(Keyword::Variable | Keyword::Constant) if !trails => {
                let next = lexed.tokens.get(before + 1).and_then(|token| names.get(&token.start));
                let comma = lexed.tokens.get(before + 2).is_some_and(|token| token.kind == Kind::Mark(Mark::Comma));
                match (next, comma) {
                    (Some(name), false) => {
                        self.written.push(Declared { name: name.clone(), of: of.clone(), span: *span });
                    }
                    (Some(_), true) | (None, _) => {
                        let message = "this type stands before several names";
                        diagnostics.push(about(*span, message, "write it between the keyword and a name"));
                    }
                }
            }
            Kind::Mark(Mark::Comma)
            | Kind::Keyword(Keyword::Variable | Keyword::Constant)
            | Kind::ModuleEnd
            | Kind::Separator
            | Kind::End => {
                let nothing = about(*span, "this type stands before nothing that has one", BEFORE);
                diagnostics.push(nothing.related(place_of(token, file), "it stands before this"));
            }
            // Definitions, and whatever else a text between others may speak of.
            Kind::Number
            | Kind::Decimal
            | Kind::String
            | Kind::Operator(_)
            | Kind::Keyword(_)
            | Kind::Mark(_)
            | Kind::ProofStep
            | Kind::ModuleStart
            | Kind::Unknown
            | Kind::Outdented => {}
        }
    }
}

/// Variables and constants of a module and of those inside of it, by their place.
fn declared_names(module: &Module, names: &mut HashMap<u32, Ident>) {
    for unit in &module.units {
        match unit {
            Unit::Variables(all) => names.extend(all.iter().map(|name| (name.span.start, name.clone()))),
            Unit::Constants(all) => {
                names.extend(all.iter().map(|declared| (declared.name.span.start, declared.name.clone())));
            }
            Unit::Module(inner) => declared_names(inner, names),
            Unit::Recursive(_) | Unit::Definition(_) | Unit::Instance { .. } | Unit::Assume(_) | Unit::Theorem(_) => {}
        }
    }
}
