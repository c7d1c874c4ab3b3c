//! What gives a variable its value, or tests the one that it has: `x' = e`, `x' \in S`, `x' \subseteq S` and
//! `UNCHANGED x`.
//!
//! A variable has one value on the way to a state: the first conjunct that names it chooses, those after it test. While
//! what is left is satisfied the value stands in its place, and is taken away again before the next one is tried; so no
//! state is copied on the way. Where each value came from is kept for those who record what an action asks
//! ([`footprint`](crate::eval::footprint)).

use super::{Continuation, Enumerated, Found};
use crate::error::{ErrorClass, EvalError};
use crate::eval::footprint::Origin;
use crate::eval::residual::{Change, Operation};
use crate::eval::{Machine, Slot, Target};
use crate::ir::{Kind, Node, Primitive};
use crate::value::Value;

impl<'m> Machine<'m> {
    /// Which variable a node stands for, if it is one that is being assigned. Looks through parameters and `LET`
    /// names, which stand for the expressions that they were given, and through `LET` itself.
    fn assignable(&self, node: &Node) -> Option<usize> {
        let mut kind = &node.kind;
        let mut base = self.base;
        while let Kind::Let(slot, value, body) = kind {
            kind = match &body.kind {
                Kind::Slot(inner) if inner == slot => &value.kind,
                inner => inner,
            };
        }
        loop {
            match (kind, self.target) {
                (Kind::Primed(index), Target::Next) | (Kind::Variable(index), Target::Current) => {
                    return Some(*index as usize);
                }
                (Kind::Slot(slot), _) => match &self.stack[base + *slot as usize] {
                    Slot::Delayed(node, frame) => {
                        kind = &node.kind;
                        base = *frame;
                    }
                    Slot::Empty | Slot::Value(_) | Slot::Operator(_) | Slot::Place(_) => return None,
                },
                _ => return None,
            }
        }
    }

    fn assigned(&mut self, index: usize) -> &mut Option<Value> {
        match self.target {
            Target::Current => &mut self.current[index],
            Target::Next | Target::Nothing => &mut self.next[index],
        }
    }

    /// The value that a variable was given, to be looked at.
    pub(super) fn whole_next(&mut self, index: usize) -> Option<Value> {
        if self.target != Target::Current {
            self.note_whole_next(index as u32);
        }
        self.assigned(index).clone()
    }

    pub(in super::super) fn assign(
        &mut self,
        index: usize,
        value: Value,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        self.assign_from(index, value, Origin::Answers, rest, found)
    }

    fn assign_from(
        &mut self,
        index: usize,
        value: Value,
        origin: Origin,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        self.set_origin(index, origin);
        *self.assigned(index) = Some(value);
        self.unassigned -= 1;
        let result = self.resume(rest, found);
        self.unassigned += 1;
        *self.assigned(index) = None;
        result
    }

    pub(super) fn act_equal(
        &mut self,
        left: &'m Node,
        right: &'m Node,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some(index) = self.assignable(left) else { return self.test(node, rest, found) };
        if self.traced()
            && self.target == Target::Next
            && self.next[index].is_none()
            && let Some(changes) = self.residual(right, index as u32)?
        {
            return self.assign_changes(index, changes, rest, found);
        }
        let value = self.eval(right)?;
        match self.whole_next(index) {
            None => self.assign(index, value, rest, found),
            Some(known) => {
                if self.equal(&known, &value).map_err(|error| error.at(node.span))? {
                    self.resume(rest, found)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Gives a variable its current value with changes.
    fn assign_changes(
        &mut self,
        index: usize,
        changes: Vec<Change>,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some(now) = self.current[index].clone() else {
            return Err(EvalError::new(ErrorClass::Internal, "an assignment without a current state").into());
        };
        let value = self.change(&now, &changes)?;
        let origin = match &changes[..] {
            [] => Origin::Kept,
            [Change { path, operation: Operation::Put(_) }] if path.is_empty() => Origin::Answers,
            _ => Origin::Changed(changes.into()),
        };
        self.assign_from(index, value, origin, rest, found)
    }

    pub(super) fn act_in(
        &mut self,
        left: &'m Node,
        right: &'m Node,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some(index) = self.assignable(left) else { return self.test(node, rest, found) };
        if let Kind::Filter(rule) = right.kind
            && !self.shuffling
            && self.whole_next(index).is_none()
        {
            return self.act_in_filter(index, rule, right, rest, found);
        }
        let set = self.eval(right)?;
        if let Some(known) = self.whole_next(index) {
            let inside = self.member(&known, &set).map_err(|error| error.at(node.span))?;
            return if inside { self.resume(rest, found) } else { Ok(()) };
        }
        self.branch_to_each(index, &set, right, rest, found)
    }

    /// A branch for each element of a set.
    fn branch_to_each(
        &mut self,
        index: usize,
        set: &Value,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        if self.shuffling {
            return self.shuffled_in(index, set, rest, found);
        }
        let mut elements = self.branches(set).map_err(|error| error.at(node.span))?;
        while let Some(element) = self.next_of(&mut elements)? {
            self.assign(index, element, rest, found)?;
        }
        Ok(())
    }

    /// `x' \subseteq S` for a variable without a value chooses one as `x' \in SUBSET S` does.
    pub(super) fn act_subset(
        &mut self,
        left: &'m Node,
        right: &'m Node,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some(index) = self.assignable(left).filter(|index| self.whole_next(*index).is_none()) else {
            return self.test(node, rest, found);
        };
        let set = self.eval(right)?;
        let subsets = self.unary(Primitive::PowerSet, &set).map_err(|error| error.at(node.span))?;
        self.branch_to_each(index, &subsets, right, rest, found)
    }

    /// A branch for each element that satisfies the predicate. As in TLC all are found before the first branch, so that an
    /// error leaves none; the set itself is not made.
    fn act_in_filter(
        &mut self,
        index: usize,
        number: u32,
        right: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let rule = &self.code.rules[number as usize];
        let Some(binder) = rule.binders.first() else { return Ok(()) };
        let base = self.binder_sets(&rule.binders)?.swap_remove(0);
        let mut elements = self.elements(&base).map_err(|error| error.at(right.span))?;
        let mut chosen = Vec::new();
        while let Some(element) = self.next_of(&mut elements)? {
            self.bind(&binder.pattern, element.clone())?;
            if self.eval_bool(&rule.body)? {
                chosen.push(element);
            }
        }
        chosen.into_iter().try_for_each(|element| self.assign(index, element, rest, found))
    }

    pub(super) fn act_unchanged(
        &mut self,
        variables: &'m [u32],
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        if self.target != Target::Next {
            return self.test(node, rest, found);
        }
        let mut fresh: Vec<usize> = Vec::new();
        let mut keeps = true;
        for index in variables {
            let index = *index as usize;
            match (&self.next[index], &self.current[index]) {
                (None, Some(now)) => {
                    self.next[index] = Some(now.clone());
                    self.unassigned -= 1;
                    fresh.push(index);
                    self.set_origin(index, Origin::Kept);
                }
                (Some(_), Some(_)) if matches!(self.origin(index), Origin::Kept) => {}
                (Some(then), Some(now)) => {
                    let (then, now) = (then.clone(), now.clone());
                    self.note_whole(index as u32);
                    self.note_whole_next(index as u32);
                    keeps = self.equal(&then, &now).map_err(|error| error.at(node.span))?;
                }
                (_, None) => {
                    return Err(EvalError::new(ErrorClass::Internal, "UNCHANGED without a current state").into());
                }
            }
            if !keeps {
                break;
            }
        }
        let result = if keeps { self.resume(rest, found) } else { Ok(()) };
        for index in fresh {
            self.next[index] = None;
            self.unassigned += 1;
        }
        result
    }
}
