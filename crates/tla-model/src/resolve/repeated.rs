//! Names that get a meaning twice.
//!
//! The language forbids it; SANY lets much of it pass with a warning, and specifications rely on that: two modules, both
//! extended, that declare the same `CONSTANT N` are common. What SANY accepts here was found out by running it on each pair
//! of declarations and definitions in each of the three ways in which a name comes into a module.
//!
//! Two declarations of the same thing are one: a variable, a constant. TLC reads variables so too; of two constants it gives
//! the configuration's value to the first, and stops where the module of the other one uses it. SANY also lets pass a variable
//! and a constant of one name, and constants with different numbers of parameters, for which no reading makes sense of both:
//! the first counts, and what uses the other one is declined where it is evaluated.

use super::env::ContextId;
use super::scope::Symbol;
use super::{Resolver, Typed};
use crate::ir::{Kind, Level, Node};
use tla_syntax::ast::Ident;

/// How a name comes into a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By a declaration or definition in its text.
    Own,
    /// From a module that it extends.
    Extended,
    /// From an `INSTANCE` without a name.
    Instantiated,
}

/// What sort of thing a symbol is, as far as a second meaning of its name matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A constant with this number of parameters.
    Constant(usize),
    /// A variable.
    Variable,
    /// An operator; its number of parameters, where that is known.
    Operator(Option<usize>),
    /// A named instance.
    Instance,
    /// A named assumption or theorem.
    Statement,
    /// A nested module.
    Module,
}

impl Sort {
    pub(super) fn of(symbol: &Symbol<'_>) -> Self {
        match symbol {
            Symbol::Constant(_, declaration) => Self::Constant(declaration.arity),
            Symbol::Variable(..) => Self::Variable,
            Symbol::Operator(_, definition) => Self::Operator(Some(definition.params.len())),
            Symbol::Builtin(_, arities) => Self::Operator(Some(arities.len())),
            Symbol::Opaque(_) => Self::Operator(None),
            Symbol::Imported(_, _, inner) => Self::of(inner),
            Symbol::Instance(..) => Self::Instance,
            Symbol::Statement(..) => Self::Statement,
            Symbol::Module(_) => Self::Module,
        }
    }

    pub(super) fn is_declared(self) -> bool {
        match self {
            Self::Constant(_) | Self::Variable => true,
            Self::Operator(_) | Self::Instance | Self::Statement | Self::Module => false,
        }
    }

    fn describe(self) -> String {
        match self {
            Self::Constant(0) => "a constant".into(),
            Self::Constant(count) => format!("a constant with {count} parameter{}", if count == 1 { "" } else { "s" }),
            Self::Variable => "a variable".into(),
            Self::Operator(_) => "an operator".into(),
            Self::Instance => "an instance".into(),
            Self::Statement => "a statement".into(),
            Self::Module => "a module".into(),
        }
    }
}

impl Way {
    /// Whether a meaning that comes in this way is passed over with a warning where the name has another one, as by SANY.
    /// Of two that come from elsewhere the first counts, and an own one counts before one that is instantiated, for which
    /// SANY wants the same number of parameters. A declaration may be repeated in the module itself; one that says
    /// something else (a variable for a constant, another number of parameters) is passed over only where modules are
    /// extended, and what uses it is declined (`Resolver::declared_otherwise`).
    pub(super) fn passes_over(self, known: Sort, new: Sort) -> bool {
        match (known, new) {
            (Sort::Constant(_) | Sort::Variable, Sort::Constant(_) | Sort::Variable) => match self {
                Self::Own => known == new,
                Self::Extended => true,
                Self::Instantiated => false,
            },
            (Sort::Operator(known), Sort::Operator(new)) => match self {
                Self::Own => false,
                Self::Extended => true,
                Self::Instantiated => known.is_some() && known == new,
            },
            (Sort::Operator(_), Sort::Instance) => self != Self::Own,
            (Sort::Instance, Sort::Operator(_) | Sort::Instance) => self == Self::Extended,
            (Sort::Statement, Sort::Statement) => true,
            (Sort::Module, Sort::Module) => self != Self::Own,
            (
                Sort::Constant(_)
                | Sort::Variable
                | Sort::Operator(_)
                | Sort::Instance
                | Sort::Statement
                | Sort::Module,
                _,
            ) => false,
        }
    }
}

impl Resolver<'_> {
    /// What a declared name is where the module that extends its module, which the context is of, means something else by it.
    pub(super) fn declared_otherwise(&self, op: &Ident, symbol: &Symbol<'_>, context: ContextId) -> Option<Typed> {
        let module = self.modules.module(self.context(context).module);
        let other = module.scope.get(&op.name)?;
        let (here, there) = (Sort::of(symbol), Sort::of(&other.symbol));
        if here == there || !there.is_declared() {
            return None;
        }
        let reason = format!(
            "`{}` is {} here, and {} in the module {}, where the first of two declarations counts",
            op.name,
            here.describe(),
            there.describe(),
            module.name
        );
        let level = if here == Sort::Variable { Level::State } else { Level::Constant };
        Some(Typed { node: Node { kind: Kind::Declined(reason.into()), span: op.span }, level })
    }
}
