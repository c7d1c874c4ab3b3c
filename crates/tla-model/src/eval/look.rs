//! Looking into formulas that have no value in a state or step.
//!
//! A temporal formula is not evaluated, it is taken apart: whoever does that walks down the tree with the machine
//! standing in the frame of what it looks at, so that parameters, `LET` names and bound names mean what they mean
//! there. The parts at the leaves are predicates and actions, which the machine evaluates like any other.

use super::action::Continuation;
use super::{Machine, Slot, Target};
use crate::error::Evaluated;
use crate::ir::walk::children;
use crate::ir::{Argument, Kind, Level, Node, SlotIndex, walk};
use crate::value::Value;

impl<'m> Machine<'m> {
    /// Gives a bound name of the present frame a value.
    pub fn bind_slot(&mut self, slot: SlotIndex, value: Value) {
        self.set_slot(slot, value);
    }

    /// The expression that a slot of the present frame stands for, if it was delayed.
    pub fn delayed(&self, slot: SlotIndex) -> Option<&'m Node> {
        match &self.stack[self.base + slot as usize] {
            Slot::Delayed(node, _) => Some(node),
            Slot::Empty | Slot::Value(_) | Slot::Operator(_) | Slot::Place(_) => None,
        }
    }

    /// Runs a function where the expression that a slot stands for was written; `None` if the slot was not delayed.
    pub fn in_delayed<R>(&mut self, slot: SlotIndex, run: impl FnOnce(&mut Self, &'m Node) -> R) -> Option<R> {
        let Slot::Delayed(node, base) = &self.stack[self.base + slot as usize] else { return None };
        let (node, base) = (*node, *base);
        let saved = std::mem::replace(&mut self.base, base);
        let result = run(self, node);
        self.base = saved;
        Some(result)
    }

    /// Runs a function in the frame of a call of an operator parameter, with the body of the operator.
    ///
    /// # Errors
    /// If an argument cannot be evaluated, or the slot holds no operator.
    pub fn in_call_slot<R>(
        &mut self,
        slot: SlotIndex,
        arguments: &'m [Argument],
        run: impl FnOnce(&mut Self, &'m Node) -> R,
    ) -> Evaluated<R> {
        let (saved, body, _) = self.enter_call_slot(slot, arguments)?;
        let result = run(self, body);
        self.leave(saved);
        Ok(result)
    }

    /// Runs an evaluation that may fail without harm to what the machine was doing.
    ///
    /// # Errors
    /// The error of the evaluation.
    pub fn attempt<R>(&mut self, run: impl FnOnce(&mut Self) -> Evaluated<R>) -> Evaluated<R> {
        let (top, base, depth) = self.position();
        let result = run(self);
        if result.is_err() {
            self.recover(top, base, depth);
        }
        result
    }

    /// The level of a node in the present frame: at least its true level, what parameters stand for included.
    pub fn level_here(&self, node: &'m Node) -> Level {
        self.level_at(node, self.base)
    }

    fn level_at(&self, node: &'m Node, base: usize) -> Level {
        let mut level = walk::level(self.code, node);
        self.raise(node, base, &mut level);
        level
    }

    /// Raises the level to that of the slots which the node reads.
    fn raise(&self, node: &'m Node, base: usize, level: &mut Level) {
        if *level == Level::Temporal {
            return;
        }
        match &node.kind {
            Kind::Slot(slot) => self.raise_by_slot(*slot, base, level),
            Kind::CallSlot(slot, _) => self.raise_by_slot(*slot, base, level),
            Kind::Call(id, _) => {
                for slot in &self.code.definition(*id).inherits {
                    self.raise_by_slot(*slot, base, level);
                }
            }
            _ => {}
        }
        children(self.code, node, &mut |child| self.raise(child, base, level));
    }

    fn raise_by_slot(&self, slot: SlotIndex, base: usize, level: &mut Level) {
        match self.stack.get(base + slot as usize) {
            Some(Slot::Delayed(node, there)) => *level = (*level).max(self.level_at(node, *there)),
            Some(Slot::Operator(closure)) => {
                *level = (*level).max(walk::level(self.code, &closure.lambda.body));
                for (_, captured) in closure.captured.borrow().iter() {
                    if let Slot::Delayed(node, there) = captured {
                        *level = (*level).max(self.level_at(node, *there));
                    }
                }
            }
            Some(Slot::Place(_)) => *level = (*level).max(Level::State),
            Some(Slot::Empty | Slot::Value(_)) | None => {}
        }
    }

    /// Whether the step from the current to the next state is an `<<A>>_v` step; `now` and `then` are `v` and `v'`.
    ///
    /// # Errors
    /// If the action or the subscript is undefined there.
    pub fn is_change_by(&mut self, action: &'m Node, now: &'m Node, then: &'m Node) -> Evaluated<bool> {
        Ok(self.eval_bool(action)? && self.differ(now, then)?)
    }

    /// Whether the step from the current to the next state changes `v`; `now` and `then` are `v` and `v'`.
    ///
    /// # Errors
    /// If the subscript is undefined there.
    pub fn is_change(&mut self, now: &'m Node, then: &'m Node) -> Evaluated<bool> {
        self.differ(now, then)
    }

    /// Whether an `<<A>>_v` step is possible from the current state; `now` and `then` are `v` and `v'`.
    ///
    /// # Errors
    /// If the action or the subscript is undefined there.
    pub fn can_change_by(&mut self, action: &'m Node, now: &'m Node, then: &'m Node) -> Evaluated<bool> {
        let target = std::mem::replace(&mut self.target, Target::Nothing);
        let result = self.enabled_then(action, &Continuation::Changed(now, then, self.base, &Continuation::Done));
        self.target = target;
        result
    }
}
