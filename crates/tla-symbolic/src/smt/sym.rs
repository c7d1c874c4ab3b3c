//! Symbolic values over unbounded integers: what an expression is, as terms.
//!
//! Integers are terms, strings and model values numbers of a table; functions, tuples and records with a domain that does
//! not change are parts side by side; a set is a list of elements, themselves symbolic, each with the condition under
//! which it is there. What differs in structure is a union of guarded alternatives. Sets without an end stay what they
//! are: only membership is asked of them, or one element is chosen.

use super::shape::Shape;
use super::term::Term;
use std::rc::Rc;
use tla_model::ir::{DefinitionId, Lambda, Node, SlotIndex};
use tla_model::value::Value;

/// A symbolic value.
#[derive(Clone, Default)]
pub enum Sym<'m> {
    /// Nothing: computed where no path leads.
    #[default]
    Never,
    /// A truth value.
    Bool(Term),
    /// An integer.
    Int(Term),
    /// A string or model value: its number in the table, and which it can be.
    Atom(Term, Rc<[u32]>),
    /// A function with these arguments.
    Map(Rc<[Value]>, Rc<[Sym<'m>]>),
    /// A function on all integers, or all natural numbers, by the arrays of the places of its values.
    Table(Rc<Table>),
    /// A set of some of these elements.
    Set(Rc<[(Sym<'m>, Term)]>),
    /// `a .. b`.
    Interval(Term, Term),
    /// A set of integers, as an array of truth values.
    Integers(Term),
    /// Alternatives of different structure: exactly one guard is true.
    Union(Rc<[(Term, Sym<'m>)]>),
    /// A concrete set that is not enumerated.
    Lazy(Value),
    /// `SUBSET S`.
    Subsets(Rc<Sym<'m>>),
    /// `[S -> T]`.
    Functions(Rc<Sym<'m>>, Rc<Sym<'m>>),
    /// Functions with these arguments, each value in a set of its own: `[a : S, b : T]`, `S \X T`.
    Products(Rc<[Value]>, Rc<[Sym<'m>]>),
    /// `S \cup T` where a side is not a list.
    Both(Rc<Sym<'m>>, Rc<Sym<'m>>),
    /// `S \ T` where `S` is not a list.
    Without(Rc<Sym<'m>>, Rc<Sym<'m>>),
    /// `{x \in S : p}` where `S` is not a list.
    Filter(Rc<Sym<'m>>, u32, Env<'m>),
    /// A function given by a rule, with the environment that it was written in.
    Rule(u32, Env<'m>),
}

/// A function on all integers or all natural numbers.
pub struct Table {
    /// Whether its arguments are the natural numbers.
    pub natural: bool,
    /// The places of one value.
    pub shape: Shape,
    /// The array of each place.
    pub arrays: Vec<Term>,
}

impl Sym<'_> {
    /// Whether it is a set that is not a list of elements.
    pub fn is_open_set(&self) -> bool {
        match self {
            Self::Lazy(_)
            | Self::Subsets(_)
            | Self::Functions(..)
            | Self::Products(..)
            | Self::Both(..)
            | Self::Without(..)
            | Self::Filter(..)
            | Self::Interval(..)
            | Self::Integers(_) => true,
            Self::Never
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Atom(..)
            | Self::Map(..)
            | Self::Table(_)
            | Self::Set(_)
            | Self::Union(_)
            | Self::Rule(..) => false,
        }
    }
}

/// What the slots of a frame stand for.
#[derive(Clone)]
pub struct Env<'m> {
    /// Whose frame layout it is.
    pub owner: DefinitionId,
    /// By slot.
    pub slots: Rc<Vec<Option<Binding<'m>>>>,
}

/// What a slot stands for.
#[derive(Clone)]
pub enum Binding<'m> {
    /// A value.
    Value(Sym<'m>),
    /// An expression and where it was written.
    Delayed(&'m Node, Env<'m>),
    /// An operator and where it was written.
    Lambda(&'m Lambda, Env<'m>),
}

impl<'m> Env<'m> {
    /// What a slot stands for.
    pub fn get(&self, slot: SlotIndex) -> Option<&Binding<'m>> {
        self.slots.get(slot as usize).and_then(Option::as_ref)
    }

    /// The same with one slot bound.
    #[must_use]
    pub fn with(&self, slot: SlotIndex, binding: Binding<'m>) -> Self {
        let mut env = self.clone();
        let slots = Rc::make_mut(&mut env.slots);
        if slots.len() <= slot as usize {
            slots.resize(slot as usize + 1, None);
        }
        slots[slot as usize] = Some(binding);
        env
    }
}
