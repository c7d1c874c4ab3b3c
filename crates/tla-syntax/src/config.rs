//! The language of `.cfg` files.
//!
//! The keywords and their meaning are TLC's; a file is a sequence of sections in any order. We accept a few values more
//! than TLC (see [`ConfigValue`]), and any constant expression where TLC would refuse what stands there (see
//! [`Config::expressions`]), and report instead of guessing where TLC would silently take a misspelt keyword for a
//! name.

mod parse;

pub use parse::{parse_config, parse_config_in_module};

use crate::ast::{Definition, Ident, Name};
use crate::source::Span;

/// A value in a configuration. TLC allows numbers, strings, `TRUE`, `FALSE`, sets and model values; we also take
/// negative numbers, tuples, intervals and records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigValue {
    /// An integer in decimal notation, perhaps negative.
    Int(Name),
    /// A string, unescaped.
    String(Name),
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// Any other identifier.
    ModelValue(Name),
    /// `{…}`.
    Set(Vec<ConfigValue>),
    /// `<<…>>` (not in TLC).
    Tuple(Vec<ConfigValue>),
    /// `a..b` (not in TLC).
    Interval(Name, Name),
    /// `[a |-> 1]` (not in TLC).
    Record(Vec<(Name, ConfigValue)>),
}

/// The right-hand side of a constant's line.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstantBinding {
    /// `c = value`.
    Value(ConfigValue),
    /// `c <- Definition`.
    Definition(Ident),
    /// `c <- [Module]Definition`: the replacement holds inside that module only.
    DefinitionIn {
        /// The module.
        module: Ident,
        /// The definition.
        definition: Ident,
    },
    /// `c = [Module]value`: the constant has this value inside that module only.
    ValueIn {
        /// The module.
        module: Ident,
        /// The value.
        value: ConfigValue,
    },
    /// `Op(v1, v2) = value`.
    OperatorCase {
        /// The arguments.
        args: Vec<ConfigValue>,
        /// The value for them.
        value: ConfigValue,
    },
}

/// One line under `CONSTANT(S)`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConstantAssignment {
    /// The constant or the overridden definition (`A!B!c` is kept as one name).
    pub name: Ident,
    /// Its meaning.
    pub binding: ConstantBinding,
    /// The whole line.
    pub span: Span,
}

/// A configuration, each list in textual order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// `CONSTANT(S)`.
    pub constants: Vec<ConstantAssignment>,
    /// `SPECIFICATION`.
    pub specification: Option<Ident>,
    /// `INIT`.
    pub init: Option<Ident>,
    /// `NEXT`.
    pub next: Option<Ident>,
    /// `INVARIANT(S)`.
    pub invariants: Vec<Ident>,
    /// `PROPERTY`, `PROPERTIES`.
    pub properties: Vec<Ident>,
    /// `CONSTRAINT(S)`.
    pub constraints: Vec<Ident>,
    /// `ACTION_CONSTRAINT(S)`.
    pub action_constraints: Vec<Ident>,
    /// `SYMMETRY`.
    pub symmetry: Option<Ident>,
    /// `VIEW`.
    pub view: Option<Ident>,
    /// `ALIAS`.
    pub alias: Option<Ident>,
    /// `POSTCONDITION(S)`.
    pub postconditions: Vec<Ident>,
    /// `CHECK_DEADLOCK`.
    pub check_deadlock: Option<bool>,
    /// Definitions for constants whose value is an expression. Each is named by its text, which no other definition can
    /// be, and the constant is bound to it as if by `<-`; [`Specification::adopt`] puts them into the root module.
    ///
    /// [`Specification::adopt`]: crate::load::Specification::adopt
    pub expressions: Vec<Definition>,
    /// Every token in textual order: TLC interns them before those of the specification, and that order shows in the
    /// order of strings and model values.
    pub tokens: Vec<Name>,
}
