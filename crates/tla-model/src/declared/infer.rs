//! What can be told of an expression from the tree alone.
//!
//! Operators are looked into with what is known of their arguments, up to a depth and a number of nodes; beyond those, and
//! wherever a construct says nothing of its value, nothing is known.

use super::found::Found;
use crate::ir::{Argument, Binder, Code, DefinitionId, Kind, Node, Pattern, Primitive, Rule, SlotIndex};
use crate::model::Model;
use crate::value::codec;
use std::rc::Rc;

/// Most nodes that are looked at.
const MOST_NODES: u32 = 300_000;

/// How deeply calls are followed.
const MOST_CALLS: u32 = 12;

/// What is known of the slots of a frame.
#[derive(Clone)]
pub(super) struct Frame {
    /// Whose layout it is.
    owner: DefinitionId,
    slots: Vec<Found>,
}

impl Frame {
    /// One of which nothing is known.
    pub fn of(code: &Code, owner: DefinitionId) -> Self {
        Self { owner, slots: vec![Found::Any; code.frame_size(owner)] }
    }

    fn get(&self, slot: SlotIndex) -> Found {
        self.slots.get(slot as usize).cloned().unwrap_or(Found::Any)
    }

    /// The same with one slot known.
    pub fn with(&self, slot: SlotIndex, found: Found) -> Self {
        let mut frame = self.clone();
        frame.set(slot, found);
        frame
    }

    fn set(&mut self, slot: SlotIndex, found: Found) {
        if let Some(known) = self.slots.get_mut(slot as usize) {
            *known = found;
        }
    }

    fn bind(&mut self, pattern: &Pattern, element: &Found) {
        match pattern {
            Pattern::Slot(slot) => self.set(*slot, element.clone()),
            Pattern::Tuple(slots) => {
                for (index, slot) in slots.iter().enumerate() {
                    let part = match element {
                        Found::Tuple(parts) => parts.get(index).cloned().unwrap_or(Found::Any),
                        other => other.result(),
                    };
                    self.set(*slot, part);
                }
            }
        }
    }
}

/// Tells what is known.
pub(super) struct Inference<'m> {
    pub model: &'m Model,
    /// What is declared of the variables.
    pub variables: Vec<Found>,
    nodes: u32,
    calls: u32,
}

impl<'m> Inference<'m> {
    pub fn new(model: &'m Model, variables: Vec<Found>) -> Self {
        Self { model, variables, nodes: 0, calls: 0 }
    }

    /// The body of a definition with a frame in which the arguments are known; nothing beyond some depth.
    pub fn entered(&mut self, id: DefinitionId, arguments: &'m [Argument], frame: &Frame) -> Option<(&'m Node, Frame)> {
        let definition = self.model.code.definition(id);
        let mut inner = match definition.owner == frame.owner {
            true => frame.clone(),
            false => Frame::of(&self.model.code, definition.owner),
        };
        for (slot, argument) in definition.params.iter().zip(arguments) {
            let found = match argument {
                Argument::Eager(node) | Argument::Delayed(node) => self.of(node, frame),
                Argument::Operator(_) => Found::Any,
            };
            inner.set(*slot, found);
        }
        (self.calls < MOST_CALLS && self.nodes < MOST_NODES).then_some((&definition.body, inner))
    }

    /// Goes into a call.
    pub fn go_in(&mut self) {
        self.calls += 1;
    }

    /// Comes back from it.
    pub fn come_out(&mut self) {
        self.calls -= 1;
    }

    /// Whether too much was looked at.
    pub fn is_tired(&mut self) -> bool {
        self.nodes += 1;
        self.nodes >= MOST_NODES
    }

    /// The frame with the bound names known, and what is known of each element.
    pub fn bound(&mut self, binders: &'m [Binder], frame: &Frame) -> (Frame, Vec<Found>) {
        let (mut inner, mut elements) = (frame.clone(), Vec::with_capacity(binders.len()));
        let mut element = Found::Any;
        for binder in binders {
            if let Some(set) = &binder.set {
                element = self.of(set, frame).element();
            }
            inner.bind(&binder.pattern, &element);
            elements.push(element.clone());
        }
        (inner, elements)
    }

    /// What is known of the arguments of a function that is given by a rule, and the frame of its body.
    pub fn arguments_of(&mut self, rule: &'m Rule, frame: &Frame) -> (Frame, Found) {
        let (inner, mut elements) = self.bound(&rule.binders, frame);
        let argument = match elements.len() {
            1 => elements.pop().unwrap_or(Found::Any),
            _ => Found::Tuple(elements.into()),
        };
        (inner, argument)
    }

    fn set_of(&mut self, nodes: &'m [Node], frame: &Frame) -> Found {
        let all = nodes.iter().fold(Found::None, |all, node| all.join(self.of(node, frame)));
        Found::Set(Rc::new(all))
    }

    fn elements(&mut self, nodes: &'m [Node], frame: &Frame) -> Rc<[Found]> {
        nodes.iter().map(|node| self.of(node, frame).element()).collect()
    }

    fn fields(&self, names: &[crate::value::StringId], parts: impl Iterator<Item = Found>) -> Found {
        Found::record(names.iter().map(|id| self.model.names.text(*id)).zip(parts))
    }

    /// What is known of an expression.
    pub fn of(&mut self, node: &'m Node, frame: &Frame) -> Found {
        if self.is_tired() {
            return Found::Any;
        }
        match &node.kind {
            Kind::Bool(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Implies(..)
            | Kind::Equivalent(..)
            | Kind::Forall(..)
            | Kind::Exists(..)
            | Kind::Enabled(_)
            | Kind::QuantifierUnbounded
            | Kind::UnchangedVariables(_)
            | Kind::Unchanged(..)
            | Kind::BoxAction(..)
            | Kind::AngleAction(..)
            | Kind::Compose(..)
            | Kind::Always(_)
            | Kind::Eventually(_)
            | Kind::LeadsTo(..)
            | Kind::WeakFairness(..)
            | Kind::StrongFairness(..) => Found::Bool,
            Kind::Int(_) => Found::Int,
            Kind::String(_) => Found::Str,
            Kind::Model(_) => Found::Model,
            Kind::Constant(number) => {
                let value = self.model.code.constants.get(*number as usize).and_then(|b| codec::from_bytes(b).ok());
                value.map_or(Found::Any, |value| Found::of_value(&self.model.names, &value))
            }
            Kind::ConstantDefinition(_, id) => self.call(*id, &[], frame),
            Kind::Call(id, arguments) => self.call(*id, arguments, frame),
            Kind::Slot(slot) => frame.get(*slot),
            Kind::Variable(variable) | Kind::Primed(variable) => {
                self.variables.get(*variable as usize).cloned().unwrap_or(Found::Any)
            }
            Kind::Primitive(primitive, operands) => self.of_primitive(*primitive, operands, frame),
            Kind::If(_, a, b) => self.of(a, frame).join(self.of(b, frame)),
            Kind::Case(arms, other) => {
                let all = arms.iter().fold(Found::None, |all, (_, value)| all.join(self.of(value, frame)));
                other.iter().fold(all, |all, value| all.join(self.of(value, frame)))
            }
            Kind::Let(slot, value, body) => {
                let value = self.of(value, frame);
                self.of(body, &frame.with(*slot, value))
            }
            Kind::Choose(_, set, _) => self.of(set, frame).element(),
            Kind::SetEnumeration(items) => self.set_of(items, frame),
            Kind::Filter(rule) => {
                let rule = &self.model.code.rules[*rule as usize];
                Found::Set(Rc::new(self.arguments_of(rule, frame).1))
            }
            Kind::SetMap(binders, body) => {
                let inner = self.bound(binders, frame).0;
                Found::Set(Rc::new(self.of(body, &inner)))
            }
            Kind::Function(rule) => {
                let rule = &self.model.code.rules[*rule as usize];
                let (inner, argument) = self.arguments_of(rule, frame);
                Found::Function(Rc::new(argument), Rc::new(self.of(&rule.body, &inner)))
            }
            Kind::FunctionSet(from, to) => {
                let (from, to) = (self.of(from, frame).element(), self.of(to, frame).element());
                Found::Set(Rc::new(Found::Function(Rc::new(from), Rc::new(to))))
            }
            Kind::Record(names, items) => {
                let parts: Vec<Found> = items.iter().map(|item| self.of(item, frame)).collect();
                self.fields(names, parts.into_iter())
            }
            Kind::RecordSet(names, sets) => {
                let parts = self.elements(sets, frame);
                Found::Set(Rc::new(self.fields(names, parts.iter().cloned())))
            }
            Kind::Tuple(items) => Found::Tuple(items.iter().map(|item| self.of(item, frame)).collect()),
            Kind::Product(sets) => Found::Set(Rc::new(Found::Tuple(self.elements(sets, frame)))),
            Kind::Apply(function, argument) => match (self.of(function, frame), &argument.kind) {
                (Found::Tuple(parts), Kind::Int(index)) => {
                    let index = usize::try_from(*index).unwrap_or(0).wrapping_sub(1);
                    parts.get(index).cloned().unwrap_or(Found::Any)
                }
                (record @ Found::Record(_), Kind::String(id)) => record.field(&self.model.names.text(*id)),
                (function, _) => function.result(),
            },
            Kind::Field(record, id) => self.of(record, frame).field(&self.model.names.text(*id)),
            Kind::Except(base, _) => self.of(base, frame),
            Kind::CallSlot(..) | Kind::HigherOrder(..) | Kind::ChooseUnbounded | Kind::Declined(_) => Found::Any,
        }
    }

    fn call(&mut self, id: DefinitionId, arguments: &'m [Argument], frame: &Frame) -> Found {
        let Some((body, inner)) = self.entered(id, arguments, frame) else { return Found::Any };
        self.go_in();
        let found = self.of(body, &inner);
        self.come_out();
        found
    }

    fn of_primitive(&mut self, primitive: Primitive, operands: &'m [Node], frame: &Frame) -> Found {
        let set = |of: Found| Found::Set(Rc::new(of));
        match (primitive, operands) {
            (
                Primitive::Equal
                | Primitive::NotEqual
                | Primitive::In
                | Primitive::NotIn
                | Primitive::SubsetEq
                | Primitive::Less
                | Primitive::LessEqual
                | Primitive::Greater
                | Primitive::GreaterEqual
                | Primitive::IsFiniteSet,
                _,
            ) => Found::Bool,
            (
                Primitive::Add
                | Primitive::Subtract
                | Primitive::Multiply
                | Primitive::IntegerDivide
                | Primitive::Modulo
                | Primitive::Power
                | Primitive::Negate
                | Primitive::Len
                | Primitive::Cardinality,
                _,
            ) => Found::Int,
            (Primitive::Boolean, _) => set(Found::Bool),
            (Primitive::String, _) => set(Found::Str),
            (Primitive::Nat | Primitive::Int | Primitive::Range, _) => set(Found::Int),
            (Primitive::Cup, [a, b]) => match (self.of(a, frame), self.of(b, frame)) {
                (Found::Set(a), Found::Set(b)) => set(a.as_ref().clone().join(b.as_ref().clone())),
                _ => set(Found::Any),
            },
            (Primitive::Cap | Primitive::Difference, [a, _]) => set(self.of(a, frame).element()),
            (Primitive::PowerSet, [of]) => set(set(self.of(of, frame).element())),
            (Primitive::BigUnion, [of]) => set(self.of(of, frame).element().element()),
            (Primitive::Domain, [of]) => set(self.of(of, frame).argument()),
            (Primitive::Seq, [of]) => set(Found::Seq(Rc::new(self.of(of, frame).element()))),
            (Primitive::Append, [sequence, last]) => {
                let element = self.of(sequence, frame).result().join(self.of(last, frame));
                Found::Seq(Rc::new(element))
            }
            (Primitive::Concat, [a, b]) => {
                Found::Seq(Rc::new(self.of(a, frame).result().join(self.of(b, frame).result())))
            }
            (Primitive::Head, [sequence]) => self.of(sequence, frame).result(),
            (Primitive::Tail | Primitive::SubSeq, [sequence, ..]) => {
                Found::Seq(Rc::new(self.of(sequence, frame).result()))
            }
            (Primitive::MapsTo, [argument, value]) => {
                Found::Function(Rc::new(self.of(argument, frame)), Rc::new(self.of(value, frame)))
            }
            (Primitive::Override, [a, b]) => self.of(a, frame).join(self.of(b, frame)),
            // Of the others nothing is said.
            _ => Found::Any,
        }
    }
}
