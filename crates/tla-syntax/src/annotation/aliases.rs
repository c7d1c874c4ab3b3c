//! Aliases of types, and what they stand for.
//!
//! An alias is known in all modules: those of a model are often kept in a module of their own. A module's own one goes before
//! that of another. The older form has a name in capitals and no sign before it; so a name in capitals is an alias where there is
//! one, and a type of which nothing is known otherwise.

use super::comments::about;
use super::types::{Type, TypeKind};
use crate::ast::{Ident, Name};
use crate::diagnostic::Diagnostic;
use crate::load::closest;
use crate::source::FileId;

/// All aliases of a specification.
#[derive(Default)]
pub(super) struct Aliases {
    all: Vec<(Ident, Type)>,
}

impl Aliases {
    /// Takes in an alias.
    pub fn add(&mut self, name: Ident, of: Type, diagnostics: &mut Vec<Diagnostic>) {
        let known = self.all.iter().find(|(known, _)| known.name == name.name && known.span.file == name.span.file);
        if let Some((known, _)) = known {
            let message = format!("the alias `{}` is there twice", name.name);
            let twice = about(name.span, message, "give one of them another name").related(known.span, "the first");
            return diagnostics.push(twice);
        }
        self.all.push((name, of));
    }

    fn find(&self, name: &str, file: FileId) -> Option<usize> {
        let named = |(known, _): &(Ident, Type)| *known.name == *name;
        let own = self.all.iter().position(|alias| named(alias) && alias.0.span.file == file);
        own.or_else(|| self.all.iter().position(named))
    }

    /// The type without aliases; `None` if one of them is not there, which is told.
    pub fn resolve(&self, of: &Type, diagnostics: &mut Vec<Diagnostic>) -> Option<Type> {
        self.resolved(of, &mut Vec::new()).map_err(|wrong| diagnostics.push(*wrong)).ok()
    }

    fn resolved(&self, of: &Type, open: &mut Vec<usize>) -> Result<Type, Box<Diagnostic>> {
        let kind = match &of.kind {
            TypeKind::Alias(name) => return self.meaning(name, of, open),
            TypeKind::Uninterpreted(name) if self.find(name, of.span.file).is_some() => {
                return self.meaning(name, of, open);
            }
            TypeKind::Bool
            | TypeKind::Int
            | TypeKind::Str
            | TypeKind::Real
            | TypeKind::Uninterpreted(_)
            | TypeKind::Variable(_) => of.kind.clone(),
            TypeKind::Set(element) => TypeKind::Set(Box::new(self.resolved(element, open)?)),
            TypeKind::Seq(element) => TypeKind::Seq(Box::new(self.resolved(element, open)?)),
            TypeKind::Function(from, to) => {
                TypeKind::Function(Box::new(self.resolved(from, open)?), Box::new(self.resolved(to, open)?))
            }
            TypeKind::Tuple(parts) => TypeKind::Tuple(self.all_resolved(parts, open)?),
            TypeKind::Record(fields, row) => TypeKind::Record(self.fields(fields, open)?, *row),
            TypeKind::Variant(options, row) => TypeKind::Variant(self.fields(options, open)?, *row),
            TypeKind::Operator(parameters, result) => {
                TypeKind::Operator(self.all_resolved(parameters, open)?, Box::new(self.resolved(result, open)?))
            }
        };
        Ok(Type { kind, span: of.span })
    }

    fn all_resolved(&self, parts: &[Type], open: &mut Vec<usize>) -> Result<Vec<Type>, Box<Diagnostic>> {
        parts.iter().map(|part| self.resolved(part, open)).collect()
    }

    fn fields(&self, fields: &[(Ident, Type)], open: &mut Vec<usize>) -> Result<Vec<(Ident, Type)>, Box<Diagnostic>> {
        fields.iter().map(|(name, part)| Ok((name.clone(), self.resolved(part, open)?))).collect()
    }

    fn meaning(&self, name: &Name, of: &Type, open: &mut Vec<usize>) -> Result<Type, Box<Diagnostic>> {
        let Some(index) = self.find(name, of.span.file) else {
            let message = format!("there is no alias `{name}`");
            let names = self.all.iter().map(|(known, _)| known.name.to_string());
            let remedy = match closest(name, names) {
                Some(similar) => format!("did you mean `${similar}`?"),
                None => format!("add `@typeAlias: {name} = …;` in a comment before a definition"),
            };
            return Err(Box::new(about(of.span, message, &remedy)));
        };
        if open.contains(&index) {
            let message = format!("the alias `{name}` is defined by itself");
            return Err(Box::new(about(of.span, message, "types cannot be recursive")));
        }
        open.push(index);
        let meaning = self.resolved(&self.all[index].1, open);
        open.pop();
        meaning
    }
}
