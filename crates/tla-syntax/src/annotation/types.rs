//! Types as annotations write them.
//!
//! The grammar is that of Apalache's type checker Snowcat (its ADR-002, type system 1.2, and the older 1.1, whose records are
//! written in square brackets). Every part keeps its place, so that a contradiction can be shown where it is.

use crate::ast::{Ident, Name};
use crate::source::Span;
use std::fmt;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Where it is written.
    pub span: Span,
}

/// What a type is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeKind {
    /// `Bool`.
    Bool,
    /// `Int`.
    Int,
    /// `Str`.
    Str,
    /// `Real`.
    Real,
    /// `PROCESS`: values of which nothing is known but whether they are equal.
    Uninterpreted(Name),
    /// `a`: any type.
    Variable(Name),
    /// `$name`: a reference to an alias.
    Alias(Name),
    /// `Set(t)`.
    Set(Box<Type>),
    /// `Seq(t)`.
    Seq(Box<Type>),
    /// `a -> b`.
    Function(Box<Type>, Box<Type>),
    /// `<<a, b>>`.
    Tuple(Vec<Type>),
    /// `{ f: a, g: b }`, or `[f: a, g: b]`.
    Record(Vec<(Ident, Type)>, Row),
    /// `A(t) | B(u)`.
    Variant(Vec<(Ident, Type)>, Row),
    /// `(a, b) => c`.
    Operator(Vec<Type>, Box<Type>),
}

/// Which fields or options there are besides those that are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// None.
    Closed,
    /// Any: the list ends with a type variable.
    Open,
    /// None, and a record may lack some of them: the older records in square brackets.
    Partial,
}

impl Type {
    /// Calls the function for each direct part.
    pub fn parts<'t>(&'t self, f: &mut dyn FnMut(&'t Self)) {
        match &self.kind {
            TypeKind::Bool
            | TypeKind::Int
            | TypeKind::Str
            | TypeKind::Real
            | TypeKind::Uninterpreted(_)
            | TypeKind::Variable(_)
            | TypeKind::Alias(_) => {}
            TypeKind::Set(element) | TypeKind::Seq(element) => f(element),
            TypeKind::Function(from, to) => {
                f(from);
                f(to);
            }
            TypeKind::Tuple(parts) => parts.iter().for_each(f),
            TypeKind::Record(fields, _) | TypeKind::Variant(fields, _) => fields.iter().for_each(|(_, part)| f(part)),
            TypeKind::Operator(parameters, result) => {
                parameters.iter().for_each(&mut *f);
                f(result);
            }
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            TypeKind::Bool => f.write_str("Bool"),
            TypeKind::Int => f.write_str("Int"),
            TypeKind::Str => f.write_str("Str"),
            TypeKind::Real => f.write_str("Real"),
            TypeKind::Uninterpreted(name) | TypeKind::Variable(name) => f.write_str(name),
            TypeKind::Alias(name) => write!(f, "${name}"),
            TypeKind::Set(element) => write!(f, "Set({element})"),
            TypeKind::Seq(element) => write!(f, "Seq({element})"),
            TypeKind::Function(from, to) => match from.kind {
                TypeKind::Function(..) | TypeKind::Operator(..) => write!(f, "({from}) -> {to}"),
                _ => write!(f, "{from} -> {to}"),
            },
            TypeKind::Tuple(parts) => {
                f.write_str("<<")?;
                list(f, parts)?;
                f.write_str(">>")
            }
            TypeKind::Record(fields, Row::Partial) => {
                f.write_str("[")?;
                row(f, fields, ": ", "", ", ")?;
                f.write_str("]")
            }
            TypeKind::Record(fields, kind) => {
                f.write_str("{ ")?;
                row(f, fields, ": ", "", ", ")?;
                f.write_str(if *kind == Row::Open { ", … }" } else { " }" })
            }
            TypeKind::Variant(options, kind) => {
                row(f, options, "(", ")", " | ")?;
                f.write_str(if *kind == Row::Open { " | …" } else { "" })
            }
            TypeKind::Operator(parameters, result) => {
                f.write_str("(")?;
                list(f, parameters)?;
                write!(f, ") => {result}")
            }
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, parts: &[Type]) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(f, "{comma}{part}")?;
    }
    Ok(())
}

fn row(
    f: &mut fmt::Formatter<'_>,
    parts: &[(Ident, Type)],
    after_name: &str,
    after: &str,
    between: &str,
) -> fmt::Result {
    for (index, (name, part)) in parts.iter().enumerate() {
        let between = if index > 0 { between } else { "" };
        write!(f, "{between}{}{after_name}{part}{after}", name.name)?;
    }
    Ok(())
}
