//! Bound names and parameters.

use crate::sym::Sym;
use std::rc::Rc;
use tla_model::ir::{DefinitionId, Lambda, Node, SlotIndex};

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
