//! Reading values without taking them.
//!
//! Most guards compare a scalar with a part of a variable: `pc[t] = "idle"`. Looking at that part where it lies saves
//! the counting of references that evaluation would do. [`Machine::peek`] answers only where the answer is at hand and
//! defined; everything else, errors included, is left to the evaluator proper, so this file gives no meaning to
//! anything.

use super::arithmetic::ordered;
use super::{Machine, Slot, Target};
use crate::ir::{Kind, Node, Primitive as P};
use crate::value::Value;

/// A value at hand.
pub(super) enum Peek<'s> {
    /// Where it lies.
    There(&'s Value),
    /// A scalar of the tree itself.
    Scalar(Value),
}

impl Peek<'_> {
    fn get(&self) -> &Value {
        match self {
            Self::There(value) => value,
            Self::Scalar(value) => value,
        }
    }
}

/// The value of an explicit function for a scalar argument inside its domain.
fn part<'s>(function: &'s Value, key: &Value) -> Option<&'s Value> {
    match (function, key) {
        (Value::Tuple(node), Value::Int(i)) => node.elements.get(usize::try_from(i - 1).ok()?),
        (Value::Record(node), Value::String(field)) => {
            let index = node.fields.iter().position(|f| f == field)?;
            node.values.get(index)
        }
        (Value::Function(node), Value::Int(i)) => {
            let Some(Value::Int(first)) = node.domain.first() else { return None };
            let index = usize::try_from(i.checked_sub(*first)?).ok()?;
            match node.domain.get(index) {
                Some(Value::Int(j)) if j == i => node.values.get(index),
                _ => None,
            }
        }
        (Value::Function(node), Value::Model(id)) => {
            // Model values of one set often have numbers one after the other, and a large domain is not looked through.
            if let Some(Value::Model(first)) = node.domain.first()
                && let Some(index) = id.0.checked_sub(first.0)
                && node.domain.get(index as usize).is_some_and(|candidate| candidate.same_object(key))
            {
                return node.values.get(index as usize);
            }
            let index = node.domain.iter().position(|candidate| candidate.same_object(key))?;
            node.values.get(index)
        }
        _ => None,
    }
}

/// Whether two values are equal, where that needs no care.
fn quick_equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => Some(x == y),
        (Value::String(x), Value::String(y)) => Some(x == y),
        (Value::Bool(x), Value::Bool(y)) => Some(x == y),
        (Value::Model(x), Value::Model(y)) if x == y => Some(true),
        (Value::Set(x), Value::Set(y)) if x.elements.is_empty() || y.elements.is_empty() => {
            Some(x.elements.len() == y.elements.len())
        }
        _ => None,
    }
}

fn quick_member(value: &Value, set: &Value) -> Option<bool> {
    match (value, set) {
        (Value::Int(i), Value::Interval(range)) => Some(range.low <= *i && *i <= range.high),
        (Value::Int(_) | Value::String(_) | Value::Model(_), Value::Set(set)) => {
            let mut found = false;
            for element in &set.elements {
                found |= quick_equal(value, element)?;
            }
            Some(found)
        }
        _ => None,
    }
}

impl<'m> Machine<'m> {
    /// The value of a node, if it is at hand.
    pub(super) fn peek(&self, node: &Node) -> Option<Peek<'_>> {
        match &node.kind {
            Kind::Int(i) => Some(Peek::Scalar(Value::Int(*i))),
            Kind::String(id) => Some(Peek::Scalar(Value::String(*id))),
            Kind::Bool(b) => Some(Peek::Scalar(Value::Bool(*b))),
            Kind::Model(id) => Some(Peek::Scalar(Value::Model(*id))),
            _ => self.peek_there(node).map(Peek::There),
        }
    }

    fn peek_there(&self, node: &Node) -> Option<&Value> {
        match &node.kind {
            Kind::Slot(slot) => match &self.stack[self.base + *slot as usize] {
                Slot::Value(value) => Some(value),
                Slot::Empty | Slot::Delayed(..) | Slot::Operator(_) | Slot::Place(_) => None,
            },
            // What is read has to be recorded.
            Kind::Variable(_) | Kind::Primed(_) if self.traced() => None,
            Kind::Variable(index) if self.target != Target::Current => self.current[*index as usize].as_ref(),
            Kind::Primed(index) => {
                self.note_volatile_read();
                self.next[*index as usize].as_ref()
            }
            Kind::Constant(index) => self.constants.get(*index as usize),
            Kind::ConstantDefinition(cache, _) => match &self.constant_definitions[*cache as usize] {
                Some(Ok(value)) => Some(value),
                Some(Err(_)) | None => None,
            },
            Kind::Apply(function, argument) => {
                let function = self.peek_there(function)?;
                let key = self.peek(argument)?;
                part(function, key.get())
            }
            Kind::Field(record, field) => match self.peek_there(record)? {
                Value::Record(node) => {
                    let index = node.fields.iter().position(|f| f == field)?;
                    node.values.get(index)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The truth value of a comparison, if it is at hand.
    pub(super) fn quick_test(&self, primitive: P, operands: &[Node]) -> Option<bool> {
        let [a, b] = operands else { return None };
        match primitive {
            P::Equal => quick_equal(self.peek(a)?.get(), self.peek(b)?.get()),
            P::NotEqual => quick_equal(self.peek(a)?.get(), self.peek(b)?.get()).map(|equal| !equal),
            P::In => quick_member(self.peek(a)?.get(), self.peek(b)?.get()),
            P::NotIn => quick_member(self.peek(a)?.get(), self.peek(b)?.get()).map(|inside| !inside),
            P::Less | P::LessEqual | P::Greater | P::GreaterEqual => match (self.peek(a)?.get(), self.peek(b)?.get()) {
                (Value::Int(x), Value::Int(y)) => Some(ordered(primitive, x.cmp(y))),
                _ => None,
            },
            _ => None,
        }
    }
}
