//! What is assigned to a variable, held against its type.
//!
//! The initial predicate and the next-state relation are walked for what gives a variable a value: `x = e`, `x \in S` and their
//! primed forms. A type is pushed into the expression as far as both have parts (the branches of an `IF`, the elements of an
//! enumeration, the new values of an `EXCEPT`), so that a contradiction is told at the smallest expression that shows it.

use super::found::Found;
use super::infer::{Frame, Inference};
use crate::ir::{Kind, Node, PathStep, Primitive, Update};
use crate::model::Formula;
use std::rc::Rc;
use tla_syntax::annotation::{Row, Type, TypeKind};
use tla_syntax::{Diagnostic, Span};

/// Looks for contradictions.
pub(super) struct Check<'m, 't> {
    pub inference: Inference<'m>,
    /// The types of the variables.
    pub types: Vec<Option<&'t Type>>,
    /// Of which variable.
    variable: usize,
    pub contradictions: Vec<Diagnostic>,
}

impl<'m, 't> Check<'m, 't> {
    pub fn new(inference: Inference<'m>, types: Vec<Option<&'t Type>>) -> Self {
        Self { inference, types, variable: 0, contradictions: Vec::new() }
    }

    /// Walks a formula that gives the variables of the next state, or of the initial one, their values.
    pub fn formula(&mut self, formula: &'m Formula) {
        let frame = Frame::of(&self.inference.model.code, formula.owner);
        self.walk(&formula.node, &frame);
    }

    fn walk(&mut self, node: &'m Node, frame: &Frame) {
        if self.inference.is_tired() {
            return;
        }
        match &node.kind {
            Kind::And(items) | Kind::Or(items) => items.iter().for_each(|item| self.walk(item, frame)),
            Kind::Exists(binders, body) | Kind::Forall(binders, body, _) => {
                let inner = self.inference.bound(binders, frame).0;
                self.walk(body, &inner);
            }
            Kind::Call(id, arguments) => {
                let Some((body, inner)) = self.inference.entered(*id, arguments, frame) else { return };
                self.within(|this| this.walk(body, &inner));
            }
            Kind::If(_, a, b) | Kind::Compose(a, b) => {
                self.walk(a, frame);
                self.walk(b, frame);
            }
            Kind::Case(arms, other) => {
                arms.iter().for_each(|(_, value)| self.walk(value, frame));
                other.iter().for_each(|value| self.walk(value, frame));
            }
            Kind::Let(slot, value, body) => {
                let value = self.inference.of(value, frame);
                self.walk(body, &frame.with(*slot, value));
            }
            Kind::Implies(_, action, _) | Kind::BoxAction(action, ..) | Kind::AngleAction(action, ..) => {
                self.walk(action, frame);
            }
            Kind::Primitive(primitive, operands) => self.assigned(*primitive, operands, frame),
            // These give no variable a value.
            Kind::Bool(_)
            | Kind::Int(_)
            | Kind::String(_)
            | Kind::Model(_)
            | Kind::Constant(_)
            | Kind::ConstantDefinition(..)
            | Kind::Slot(_)
            | Kind::Variable(_)
            | Kind::Primed(_)
            | Kind::CallSlot(..)
            | Kind::HigherOrder(..)
            | Kind::Not(_)
            | Kind::Equivalent(..)
            | Kind::Choose(..)
            | Kind::ChooseUnbounded
            | Kind::QuantifierUnbounded
            | Kind::SetEnumeration(_)
            | Kind::Filter(_)
            | Kind::SetMap(..)
            | Kind::Function(_)
            | Kind::FunctionSet(..)
            | Kind::Record(..)
            | Kind::RecordSet(..)
            | Kind::Tuple(_)
            | Kind::Product(_)
            | Kind::Apply(..)
            | Kind::Field(..)
            | Kind::Except(..)
            | Kind::UnchangedVariables(_)
            | Kind::Unchanged(..)
            | Kind::Enabled(_)
            | Kind::Always(_)
            | Kind::Eventually(_)
            | Kind::LeadsTo(..)
            | Kind::WeakFairness(..)
            | Kind::StrongFairness(..)
            | Kind::Declined(_) => {}
        }
    }

    fn within(&mut self, work: impl FnOnce(&mut Self)) {
        self.inference.go_in();
        work(self);
        self.inference.come_out();
    }

    fn assigned(&mut self, primitive: Primitive, operands: &'m [Node], frame: &Frame) {
        let [Node { kind: Kind::Variable(variable) | Kind::Primed(variable), .. }, value] = operands else { return };
        let Some(Some(declared)) = self.types.get(*variable as usize).copied() else { return };
        self.variable = *variable as usize;
        match primitive {
            Primitive::Equal => self.check(value, frame, declared),
            Primitive::In => {
                let found = self.inference.of(value, frame).element();
                self.compare(&found, value.span, declared);
            }
            Primitive::SubsetEq => {
                let found = Found::Set(Rc::new(self.inference.of(value, frame).element()));
                self.compare(&found, value.span, declared);
            }
            _ => {}
        }
    }

    /// Holds an expression against a type.
    fn check(&mut self, node: &'m Node, frame: &Frame, declared: &'t Type) {
        if self.inference.is_tired() {
            return;
        }
        match (&node.kind, &declared.kind) {
            (Kind::If(_, a, b), _) => {
                self.check(a, frame, declared);
                self.check(b, frame, declared);
            }
            (Kind::Case(arms, other), _) => {
                arms.iter().for_each(|(_, value)| self.check(value, frame, declared));
                other.iter().for_each(|value| self.check(value, frame, declared));
            }
            (Kind::Let(slot, value, body), _) => {
                let value = self.inference.of(value, frame);
                self.check(body, &frame.with(*slot, value), declared);
            }
            (Kind::Call(id, arguments), _) => {
                if let Some((body, inner)) = self.inference.entered(*id, arguments, frame) {
                    self.within(|this| this.check(body, &inner, declared));
                }
            }
            (Kind::SetEnumeration(items), TypeKind::Set(part)) => {
                items.iter().for_each(|item| self.check(item, frame, part));
            }
            (Kind::Tuple(items), TypeKind::Seq(part)) => items.iter().for_each(|item| self.check(item, frame, part)),
            (Kind::Tuple(items), TypeKind::Tuple(parts)) if items.len() == parts.len() => {
                items.iter().zip(parts).for_each(|(item, part)| self.check(item, frame, part));
            }
            (Kind::SetMap(binders, body), TypeKind::Set(part)) => {
                let inner = self.inference.bound(binders, frame).0;
                self.check(body, &inner, part);
            }
            (Kind::Function(rule), TypeKind::Function(argument, part)) => {
                let rule = &self.inference.model.code.rules[*rule as usize];
                let (inner, found) = self.inference.arguments_of(rule, frame);
                match found.contradicts(argument) {
                    Some(_) => self.compare(&found, node.span, argument),
                    None => self.check(&rule.body, &inner, part),
                }
            }
            (Kind::Except(base, updates), _) => {
                self.check(base, frame, declared);
                updates.iter().for_each(|update| self.updated(update, frame, declared));
            }
            (Kind::Primitive(Primitive::Cup, operands), TypeKind::Set(_))
            | (Kind::Primitive(Primitive::Concat, operands), TypeKind::Seq(_))
            | (Kind::Primitive(Primitive::Override, operands), _) => {
                operands.iter().for_each(|operand| self.check(operand, frame, declared));
            }
            (Kind::Primitive(Primitive::Append, operands), TypeKind::Seq(part)) => {
                if let [sequence, last] = &operands[..] {
                    self.check(sequence, frame, declared);
                    self.check(last, frame, part);
                }
            }
            (Kind::Record(names, items), TypeKind::Record(fields, _)) => {
                let found = self.inference.of(node, frame);
                let text = |id| self.inference.model.names.text(id);
                let named: Vec<_> = names.iter().map(|id| text(*id)).collect();
                match found.contradicts(declared) {
                    Some(part) if part == declared => self.compare(&found, node.span, declared),
                    _ => {
                        for (name, item) in named.iter().zip(items) {
                            if let Some((_, part)) = fields.iter().find(|(known, _)| known.name == *name) {
                                self.check(item, frame, part);
                            }
                        }
                    }
                }
            }
            _ => {
                let found = self.inference.of(node, frame);
                self.compare(&found, node.span, declared);
            }
        }
    }

    /// Holds the new value of an update against the part of the type that it belongs to.
    fn updated(&mut self, update: &'m Update, frame: &Frame, declared: &'t Type) {
        let mut part = declared;
        for step in &update.path {
            part = match (step, &part.kind) {
                (PathStep::Index(index), TypeKind::Function(argument, part)) => {
                    let found = self.inference.of(index, frame);
                    self.compare(&found, index.span, argument);
                    part
                }
                (PathStep::Index(_), TypeKind::Seq(part)) => part,
                (PathStep::Index(Node { kind: Kind::Int(index), .. }), TypeKind::Tuple(parts)) => {
                    match usize::try_from(*index).ok().and_then(|index| parts.get(index.checked_sub(1)?)) {
                        Some(part) => part,
                        None => return,
                    }
                }
                (PathStep::Field(id), TypeKind::Record(fields, Row::Closed | Row::Open | Row::Partial)) => {
                    let name = self.inference.model.names.text(*id);
                    match fields.iter().find(|(known, _)| known.name == name) {
                        Some((_, part)) => part,
                        None => return,
                    }
                }
                _ => return,
            };
        }
        let inner = update.old.map(|slot| frame.with(slot, Found::of_type(part)));
        self.check(&update.value, inner.as_ref().unwrap_or(frame), part);
    }

    fn compare(&mut self, found: &Found, span: Span, declared: &'t Type) {
        let Some(part) = found.contradicts(declared) else { return };
        let Some((name, _)) = self.inference.model.variables.get(self.variable) else { return };
        let contradiction = told(name, found, span, declared, part);
        if !self.contradictions.contains(&contradiction) {
            self.contradictions.push(contradiction);
        }
    }
}

/// A contradiction with both places.
pub(super) fn told(name: &str, found: &Found, span: Span, declared: &Type, part: &Type) -> Diagnostic {
    let message = format!("a value of `{found}` here contradicts `{declared}`, which `{name}` is declared to have");
    Diagnostic::error("declared-type", span, message)
        .warning()
        .related(part.span, "declared here")
        .remedy("mend the one that is wrong; what is assigned counts, the annotation does not")
}
