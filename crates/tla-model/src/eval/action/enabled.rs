//! `ENABLED A`: the enumeration of `A` with fresh places for the next state, which ends at the first one.

use super::{Continuation, Halt};
use crate::error::Evaluated;
use crate::eval::{Machine, Target};
use crate::ir::Node;

impl<'m> Machine<'m> {
    /// Whether an action has a step from the current state.
    pub(in super::super) fn enabled(&mut self, action: &'m Node) -> Evaluated<bool> {
        self.enabled_then(action, &Continuation::Done)
    }

    /// Whether an action and what has to hold after it has a step from the current state.
    pub(in super::super) fn enabled_then(&mut self, action: &'m Node, rest: &Continuation<'_, 'm>) -> Evaluated<bool> {
        let places = self.variables + self.code.bound_variables as usize;
        let fresh = vec![None; places];
        let saved_next = std::mem::replace(&mut self.next, fresh);
        let saved_target = std::mem::replace(&mut self.target, Target::Next);
        let saved_unassigned = std::mem::replace(&mut self.unassigned, places);
        let saved_splitting = std::mem::replace(&mut self.splitting, false);
        let saved_shuffling = std::mem::replace(&mut self.shuffling, false);
        let composing = std::mem::replace(&mut self.composing, true);
        let saved_origins = self.fresh_origins();
        let (top, base, depth) = self.position();
        let result = self.act(action, rest, &mut |_| Err(Halt::Stop));
        self.restore_origins(saved_origins);
        self.recover(top, base, depth);
        self.splitting = saved_splitting;
        self.shuffling = saved_shuffling;
        self.composing = composing;
        self.next = saved_next;
        self.target = saved_target;
        self.unassigned = saved_unassigned;
        match result {
            Ok(()) => Ok(false),
            Err(Halt::Stop) => Ok(true),
            Err(Halt::Error(error)) => Err(error),
        }
    }
}
