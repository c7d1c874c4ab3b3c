//! Symbolic values, and what bound names and parameters stand for.
//!
//! The structure is the same for every target: functions, tuples and records with a domain that does not change are parts
//! side by side, what differs in structure is a union of guarded alternatives, large sets stay what they are. What a number,
//! a string or a set of few elements is, the [target](super::Algebra) says ([`Sym::Own`]). A symbolic value means something
//! only where the path on which it was computed holds and nothing on it is undefined; elsewhere it is arbitrary.

use super::{Algebra, Made, Translator};
use std::rc::Rc;
use tla_model::ir::{DefinitionId, Lambda, Node, SlotIndex};
use tla_model::value::Value;

/// A symbolic value.
#[derive(Clone, Default)]
pub enum Sym<'m, A: Algebra<'m>> {
    /// Nothing: computed where no path leads.
    #[default]
    Never,
    /// A truth value.
    Bool(A::Bit),
    /// A value as the target has it.
    Own(A::Own),
    /// A function with these arguments.
    Map(Rc<[A::Key]>, Rc<[Sym<'m, A>]>),
    /// Alternatives of different structure: exactly one guard is true.
    Union(Rc<[(A::Bit, Sym<'m, A>)]>),
    /// A concrete set that is not enumerated.
    Lazy(Value),
    /// `SUBSET S`.
    Subsets(Rc<Sym<'m, A>>),
    /// `[S -> T]`.
    Functions(Rc<Sym<'m, A>>, Rc<Sym<'m, A>>),
    /// Functions with these arguments, each value in a set of its own: `[a : S, b : T]`, `S \X T`.
    Products(Rc<[A::Key]>, Rc<[Sym<'m, A>]>),
    /// `S \cup T` where a side is not a list.
    Both(Rc<Sym<'m, A>>, Rc<Sym<'m, A>>),
    /// A function given by a rule, with the environment that it was written in.
    Rule(u32, Env<'m, A>),
}

/// What the slots of a frame stand for.
#[derive(Clone)]
pub struct Env<'m, A: Algebra<'m>> {
    /// Whose frame layout it is.
    pub owner: DefinitionId,
    /// By slot.
    pub slots: Rc<Vec<Option<Binding<'m, A>>>>,
}

/// What a slot stands for.
#[derive(Clone)]
pub enum Binding<'m, A: Algebra<'m>> {
    /// A value.
    Value(Sym<'m, A>),
    /// An expression and where it was written.
    Delayed(&'m Node, Env<'m, A>),
    /// An operator and where it was written.
    Lambda(&'m Lambda, Env<'m, A>),
}

impl<'m, A: Algebra<'m>> Env<'m, A> {
    /// What a slot stands for.
    pub fn get(&self, slot: SlotIndex) -> Option<&Binding<'m, A>> {
        self.slots.get(slot as usize).and_then(Option::as_ref)
    }

    /// The same with one slot bound.
    #[must_use]
    pub fn with(&self, slot: SlotIndex, binding: Binding<'m, A>) -> Self {
        let mut env = self.clone();
        let slots = Rc::make_mut(&mut env.slots);
        if slots.len() <= slot as usize {
            slots.resize(slot as usize + 1, None);
        }
        slots[slot as usize] = Some(binding);
        env
    }

    /// The same with a slot bound to a value.
    #[must_use]
    pub fn with_value(&self, slot: SlotIndex, value: Sym<'m, A>) -> Self {
        self.with(slot, Binding::Value(value))
    }
}

/// Values of which some are there: each with its condition.
pub type List<'m, A> = Vec<(Sym<'m, A>, <A as Algebra<'m>>::Bit)>;

/// Values of which one is there: each with its guard.
pub type Alternatives<'m, A> = Vec<(<A as Algebra<'m>>::Bit, Sym<'m, A>)>;

/// Elements of a list of the target, each with its condition.
pub type Members<'m, A> = Vec<(<A as Algebra<'m>>::Element, <A as Algebra<'m>>::Bit)>;

/// What is done with a value.
pub type Each<'r, 'm, A, R> = &'r mut dyn FnMut(&mut Translator<'m, A>, &Sym<'m, A>) -> Made<R>;
