//! Symbolic values: what an expression can be, and when.
//!
//! Scalars are one-hot: a list of the values they can have, each with a literal that is true if it is the one. Functions,
//! tuples and records with a domain that does not change are parts side by side; sets are a literal for each possible
//! element; what differs in structure is a union of guarded alternatives. A symbolic value means something only where
//! the path on which it was computed holds and nothing on it is undefined; elsewhere its literals are arbitrary.

use crate::aig::Lit;
use crate::data::D;
use crate::translate::env::Env;
use std::rc::Rc;
use tla_model::value::Value;

/// A symbolic value.
#[derive(Clone, Default)]
pub enum Sym<'m> {
    /// Nothing: computed where no path leads.
    #[default]
    Never,
    /// A concrete value.
    Val(D),
    /// A truth value.
    Bool(Lit),
    /// A number, string or model value: exactly one literal is true.
    Enum(Rc<Vec<(D, Lit)>>),
    /// A function with these arguments.
    Map(Rc<Vec<D>>, Rc<Vec<Sym<'m>>>),
    /// A set of some of these elements.
    Set(Rc<Vec<(D, Lit)>>),
    /// Alternatives of different structure: exactly one guard is true.
    Union(Rc<Vec<(Lit, Sym<'m>)>>),
    /// A concrete set that is not enumerated.
    Lazy(Value),
    /// `SUBSET S`.
    Subsets(Rc<Sym<'m>>),
    /// `[S -> T]`.
    Functions(Rc<Sym<'m>>, Rc<Sym<'m>>),
    /// Functions with these arguments, each value in a set of its own: `[a : S, b : T]`, `S \X T`.
    Products(Rc<Vec<D>>, Rc<Vec<Sym<'m>>>),
    /// `S \cup T` where a side is not enumerated.
    Both(Rc<Sym<'m>>, Rc<Sym<'m>>),
    /// A function given by a rule, with the environment that it was written in.
    Rule(u32, Env<'m>),
}

impl Sym<'_> {
    /// Whether it is a set that is not a list of possible elements.
    pub fn is_lazy_set(&self) -> bool {
        matches!(self, Self::Lazy(_) | Self::Subsets(_) | Self::Functions(..) | Self::Products(..) | Self::Both(..))
    }
}
