//! The subscripts of `[A]_v` and `<<A>>_v`, and what else says that an expression keeps its value: `UNCHANGED e`.
//!
//! `e' = e` gives the variables of `e` that have no value theirs: the present value of `e` is laid over the primed
//! expression, part by part where it is a tuple. `e' # e` cannot choose a value; it tests, and where a variable is
//! still open it asks whether some choice would make a difference.

use super::{Continuation, Enumerated, Found};
use crate::error::Evaluated;
use crate::eval::{Machine, Target};
use crate::ir::{Kind, Node};
use crate::value::Value;

impl<'m> Machine<'m> {
    pub(in super::super) fn differ(&mut self, now: &'m Node, then: &'m Node) -> Evaluated<bool> {
        let (now, then) = (self.eval(now)?, self.eval(then)?);
        Ok(!self.equal(&now, &then)?)
    }

    /// Whether a subscript changes for some choice of the variables that the action leaves open.
    pub(super) fn can_differ(&mut self, now: &'m Node, then: &'m Node) -> Evaluated<bool> {
        let now = self.eval(now)?;
        self.can_differ_from(&now, then)
    }

    /// Whether a primed expression differs from a value for some choice of the variables without one: each of them can
    /// always take another value.
    fn can_differ_from(&mut self, now: &Value, then: &'m Node) -> Evaluated<bool> {
        match (&then.kind, now) {
            (Kind::Primed(index), _) => match self.whole_next(*index as usize) {
                Some(then) => Ok(!self.equal(now, &then)?),
                None => Ok(true),
            },
            (Kind::Tuple(parts), Value::Tuple(tuple)) if parts.len() == tuple.elements.len() => {
                for (part, now) in parts.iter().zip(&tuple.elements) {
                    if self.can_differ_from(now, part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Kind::Call(id, arguments), _) => {
                self.in_call(*id, arguments, |machine, body| machine.can_differ_from(now, body))?
            }
            _ => {
                let then = self.eval(then)?;
                Ok(!self.equal(now, &then)?)
            }
        }
    }

    /// A primed expression that must equal a value: gives variables without a value theirs and tests the others.
    pub(super) fn act_pattern(
        &mut self,
        then: &'m Node,
        value: &Value,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        match (&then.kind, value) {
            (Kind::Primed(index), _) if self.target == Target::Next && self.next[*index as usize].is_none() => {
                self.assign(*index as usize, value.clone(), rest, found)
            }
            (Kind::Tuple(parts), Value::Tuple(tuple)) if parts.len() == tuple.elements.len() => {
                let base = self.base;
                self.resume(&Continuation::Patterns(parts, &tuple.elements, base, rest), found)
            }
            (Kind::Call(id, arguments), _) => {
                let saved = self.enter_call(*id, arguments)?;
                let result = self.act_pattern(&self.code.definition(*id).body, value, rest, found);
                self.leave(saved);
                result
            }
            _ => {
                let then_value = self.eval(then)?;
                if self.equal(&then_value, value).map_err(|error| error.at(then.span))? {
                    self.resume(rest, found)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// The stuttering half of `[A]_v`.
    pub(super) fn act_stutter(
        &mut self,
        now: &'m Node,
        then: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let now = self.eval(now)?;
        self.act_pattern(then, &now, rest, found)
    }
}
