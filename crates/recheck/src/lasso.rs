//! An infinite behavior: a finite stem and a loop that is repeated for ever.

use crate::names::{Moment, State};
use std::rc::Rc;

/// An infinite behavior: after the last state it goes on at `back_to`.
pub(crate) struct Lasso<'s> {
    pub(crate) states: Vec<Rc<State<'s>>>,
    pub(crate) back_to: usize,
}

impl<'s> Lasso<'s> {
    /// Number of states, which is that of different suffixes.
    pub(crate) fn len(&self) -> usize {
        self.states.len()
    }

    /// The step that leaves a position.
    pub(crate) fn step(&self, position: usize) -> Moment<'s> {
        let after = if position + 1 < self.states.len() { position + 1 } else { self.back_to };
        let (now, then) = (self.states[position].clone(), self.states[after].clone());
        Moment { current: Some(now), next: Some(then) }
    }

    /// The positions of the loop.
    pub(crate) fn repeated(&self) -> std::ops::Range<usize> {
        self.back_to..self.states.len()
    }

    /// All positions that come at or after this one, some time.
    pub(crate) fn reachable(&self, position: usize) -> std::ops::Range<usize> {
        position.min(self.back_to)..self.states.len()
    }
}
