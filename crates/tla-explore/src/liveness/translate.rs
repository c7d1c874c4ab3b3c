//! From the resolved tree of a temporal formula to a formula over atoms.
//!
//! The tree is followed down to its largest parts without temporal operators; these are the atoms. On the way,
//! definitions and `LET` are entered, parameters are replaced by what they stand for, quantifiers over constant sets are
//! replaced by conjunctions and disjunctions, and fairness by its definition. Whatever has no translation is refused with
//! its place; nothing is skipped.

use super::atom::{Atoms, Fair, Question, Turn};
use super::outcome::Refusal;
use super::temporal::{AtomId, Temporal};
use super::way::{mentions, without_detours};
use std::ops::ControlFlow;
use std::sync::Arc;
use tla_model::error::{ErrorClass, EvalError, Evaluated};
use tla_model::eval::Machine;
use tla_model::ir::{Binder, DefinitionId, Kind, Level, Node, Pattern, SlotIndex};
use tla_model::model::Formula;
use tla_model::value::codec;
use tla_syntax::Span;

/// Most instances of quantified formulas; a formula with more is declined.
const MOST_ATOMS: usize = 100_000;

/// Most parts of the formulas of one property, instances counted; and how deep they may stand in each other.
const MOST_PARTS: usize = 2_000_000;
const DEEPEST: usize = 1_000;

/// Why a formula has no translation.
pub(crate) enum Untranslatable {
    /// It is of a form that is not supported.
    Refused(Refusal),
    /// A constant part of it cannot be evaluated.
    Undefined(Box<EvalError>),
}

impl From<Box<EvalError>> for Untranslatable {
    fn from(error: Box<EvalError>) -> Self {
        Self::Undefined(error)
    }
}

type Translated<T> = Result<T, Untranslatable>;

/// Translates formulas; collects their atoms.
pub(crate) struct Translator<'m, 'x> {
    atoms: &'x mut Atoms<'m>,
    owner: DefinitionId,
    way: Vec<Turn<'m>>,
    parts: usize,
    depth: usize,
}

fn refused<T>(span: Span, reason: &str, remedy: &str) -> Translated<T> {
    let (reason, remedy) = (reason.to_owned(), remedy.to_owned());
    Err(Untranslatable::Refused(Refusal { reason, span: Some(span), remedy, hidden_by: None }))
}

/// Translates a formula. The machine has no state: variables have no values.
pub(crate) fn translate<'m>(
    machine: &mut Machine<'m>,
    atoms: &mut Atoms<'m>,
    formula: &'m Formula,
) -> Translated<Temporal> {
    let mut translator = Translator { atoms, owner: formula.owner, way: Vec::new(), parts: 0, depth: 0 };
    let result = machine.in_frame(formula.owner, |machine| translator.formula(machine, &formula.node));
    machine.reset();
    result
}

impl<'m> Translator<'m, '_> {
    fn formula(&mut self, machine: &mut Machine<'m>, node: &'m Node) -> Translated<Temporal> {
        self.parts += 1;
        if self.parts > MOST_PARTS || self.depth > DEEPEST {
            return refused(
                node.span,
                "a temporal formula that is too large when its definitions and quantifiers are written out",
                "does a recursive definition come to an end? otherwise make the constants smaller, or split the property",
            );
        }
        self.depth += 1;
        let result = self.formula_by_level(machine, node);
        self.depth -= 1;
        result
    }

    fn formula_by_level(&mut self, machine: &mut Machine<'m>, node: &'m Node) -> Translated<Temporal> {
        match machine.level_here(node) {
            Level::Constant => match machine.attempt(|machine| machine.eval_bool(node)) {
                Ok(value) => Ok(Temporal::Constant(value)),
                // It may stand where its value is never asked for.
                Err(_) => self.atom(machine, Question::Predicate(node), &[node], node.span),
            },
            Level::State => self.atom(machine, Question::Predicate(node), &[node], node.span),
            // Parts that speak of the state alone need not be evaluated on every step.
            Level::Action => match &node.kind {
                Kind::Or(items) if items.iter().any(|item| machine.level_here(item) < Level::Action) => {
                    Ok(Temporal::Or(self.all(machine, items)?))
                }
                _ => self.atom(machine, Question::Action(node), &[node], node.span),
            },
            Level::Temporal => self.temporal(machine, node),
        }
    }

    fn atom(
        &mut self,
        machine: &Machine<'m>,
        question: Question<'m>,
        nodes: &[&'m Node],
        span: Span,
    ) -> Translated<Temporal> {
        self.atom_id(machine, question, nodes, span).map(Temporal::Atom)
    }

    fn atom_id(
        &mut self,
        machine: &Machine<'m>,
        question: Question<'m>,
        nodes: &[&'m Node],
        span: Span,
    ) -> Translated<AtomId> {
        let way = without_detours(machine.code(), &self.way, nodes);
        let id = self.atoms.add(self.owner, way, question, span);
        if self.atoms.len() > MOST_ATOMS {
            return refused(
                span,
                &format!("the temporal formulas have more than {MOST_ATOMS} different parts"),
                "make the constants smaller, or split the property",
            );
        }
        Ok(id)
    }

    fn all(&mut self, machine: &mut Machine<'m>, nodes: &'m [Node]) -> Translated<Vec<Temporal>> {
        nodes.iter().map(|node| self.formula(machine, node)).collect()
    }

    /// The operands of a junction up to one that decides it: what stands behind may be where a recursive definition goes
    /// on.
    fn up_to(&mut self, machine: &mut Machine<'m>, nodes: &'m [Node], decisive: bool) -> Translated<Vec<Temporal>> {
        let mut operands = Vec::with_capacity(nodes.len());
        for node in nodes {
            let operand = self.formula(machine, node)?;
            let decided = operand == Temporal::Constant(decisive);
            operands.push(operand);
            if decided {
                break;
            }
        }
        Ok(operands)
    }

    fn temporal(&mut self, machine: &mut Machine<'m>, node: &'m Node) -> Translated<Temporal> {
        match &node.kind {
            Kind::And(items) => Ok(Temporal::And(self.up_to(machine, items, false)?)),
            Kind::Or(items) => Ok(Temporal::Or(self.up_to(machine, items, true)?)),
            Kind::Not(inner) => Ok(Temporal::not(self.formula(machine, inner)?)),
            Kind::Implies(antecedent, consequent, _) => {
                let antecedent = self.formula(machine, antecedent)?;
                if antecedent == Temporal::Constant(false) {
                    return Ok(Temporal::Constant(true));
                }
                Ok(Temporal::implies(antecedent, self.formula(machine, consequent)?))
            }
            Kind::Equivalent(left, right) => {
                let left = self.formula(machine, left)?;
                Ok(Temporal::Equivalent(Box::new(left), Box::new(self.formula(machine, right)?)))
            }
            Kind::If(condition, then, otherwise) => {
                let condition = self.formula(machine, condition)?;
                if let Temporal::Constant(value) = condition {
                    return self.formula(machine, if value { then } else { otherwise });
                }
                let then = self.formula(machine, then)?;
                let otherwise = self.formula(machine, otherwise)?;
                let negation = Temporal::not(condition.clone());
                Ok(Temporal::Or(vec![Temporal::And(vec![condition, then]), Temporal::And(vec![negation, otherwise])]))
            }
            Kind::Case(arms, other) => self.case(machine, arms, other.as_deref(), node.span),
            Kind::Always(inner) => Ok(Temporal::always(self.formula(machine, inner)?)),
            Kind::Eventually(inner) => Ok(Temporal::eventually(self.formula(machine, inner)?)),
            Kind::LeadsTo(cause, effect) => {
                let cause = self.formula(machine, cause)?;
                Ok(Temporal::leads_to(cause, self.formula(machine, effect)?))
            }
            Kind::WeakFairness(action, now, then) => {
                let (enabled, taken) = self.fairness(machine, Fair { action, now, then }, node.span)?;
                Ok(Temporal::weak_fairness(enabled, taken))
            }
            Kind::StrongFairness(action, now, then) => {
                let (enabled, taken) = self.fairness(machine, Fair { action, now, then }, node.span)?;
                Ok(Temporal::strong_fairness(enabled, taken))
            }
            Kind::Forall(binders, body, _) => Ok(Temporal::And(self.instances(machine, binders, body, node.span)?)),
            Kind::Exists(binders, body) => Ok(Temporal::Or(self.instances(machine, binders, body, node.span)?)),
            Kind::Call(..) | Kind::CallSlot(..) | Kind::Slot(_) | Kind::Let(..) => self.look_through(machine, node),
            Kind::Declined(reason) => refused(node.span, reason, ""),
            Kind::QuantifierUnbounded => refused(
                node.span,
                "a temporal formula under a quantifier without a set",
                "give the bound name a finite constant set",
            ),
            Kind::BoxAction(..)
            | Kind::AngleAction(..)
            | Kind::Enabled(_)
            | Kind::Compose(..)
            | Kind::UnchangedVariables(_)
            | Kind::Unchanged(..) => {
                refused(node.span, "a temporal formula inside of an action", "actions speak of one step only")
            }
            Kind::Bool(_)
            | Kind::Int(_)
            | Kind::String(_)
            | Kind::Model(_)
            | Kind::Constant(_)
            | Kind::ConstantDefinition(..)
            | Kind::Variable(_)
            | Kind::Primed(_)
            | Kind::Primitive(..)
            | Kind::HigherOrder(..)
            | Kind::Choose(..)
            | Kind::ChooseUnbounded
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
            | Kind::Except(..) => refused(
                node.span,
                "a temporal formula inside of an expression",
                "temporal formulas can be joined by /\\ \\/ ~ => <=> IF CASE, quantifiers and temporal operators only",
            ),
        }
    }

    /// A `CASE` means its first arm with a true guard, as it does for states.
    fn case(
        &mut self,
        machine: &mut Machine<'m>,
        arms: &'m [(Node, Node)],
        other: Option<&'m Node>,
        span: Span,
    ) -> Translated<Temporal> {
        let mut earlier: Vec<Temporal> = Vec::new();
        let mut alternatives = Vec::new();
        for (guard, value) in arms {
            let guard = self.formula(machine, guard)?;
            match guard {
                Temporal::Constant(false) => continue,
                // The last arm that can be reached.
                Temporal::Constant(true) => {
                    earlier.push(self.formula(machine, value)?);
                    alternatives.push(Temporal::And(earlier));
                    return Ok(Temporal::Or(alternatives));
                }
                Temporal::Atom(_)
                | Temporal::Not(_)
                | Temporal::And(_)
                | Temporal::Or(_)
                | Temporal::Equivalent(..)
                | Temporal::Always(_)
                | Temporal::Eventually(_) => {}
            }
            let mut alternative = earlier.clone();
            alternative.push(guard.clone());
            alternative.push(self.formula(machine, value)?);
            alternatives.push(Temporal::And(alternative));
            earlier.push(Temporal::not(guard));
        }
        earlier.push(match other {
            Some(other) => self.formula(machine, other)?,
            None => self.atom(machine, Question::NoCase, &[], span)?,
        });
        alternatives.push(Temporal::And(earlier));
        Ok(Temporal::Or(alternatives))
    }

    fn fairness(&mut self, machine: &Machine<'m>, fair: Fair<'m>, span: Span) -> Translated<(AtomId, AtomId)> {
        let nodes = [fair.action, fair.now, fair.then];
        let enabled = self.atom_id(machine, Question::Enabled(fair), &nodes, span)?;
        let taken = self.atom_id(machine, Question::Taken(fair, enabled), &nodes, span)?;
        Ok((enabled, taken))
    }

    /// Enters a definition, parameter or `LET`.
    fn look_through(&mut self, machine: &mut Machine<'m>, node: &'m Node) -> Translated<Temporal> {
        let length = self.way.len();
        let result = match &node.kind {
            Kind::Call(id, arguments) => {
                self.way.push(Turn::Call(*id, arguments));
                machine.in_call(*id, arguments, |machine, body| self.formula(machine, body)).map_err(Into::into)
            }
            Kind::CallSlot(slot, arguments) => {
                self.way.push(Turn::CallSlot(*slot, arguments));
                machine.in_call_slot(*slot, arguments, |machine, body| self.formula(machine, body)).map_err(Into::into)
            }
            Kind::Let(slot, value, body) => {
                self.way.push(Turn::Let(*slot, value));
                machine.delay_slot(*slot, value);
                Ok(self.formula(machine, body))
            }
            Kind::Slot(slot) => {
                self.way.push(Turn::Delayed(*slot));
                let inner = machine.in_delayed(*slot, |machine, inner| self.formula(machine, inner));
                Ok(inner.unwrap_or_else(|| {
                    refused(node.span, "a temporal formula that was used as a value", "pass it to an operator only")
                }))
            }
            _ => Ok(refused(node.span, "a temporal formula inside of an expression", "")),
        };
        self.way.truncate(length);
        result.unwrap_or_else(Err)
    }

    /// The body of a quantified formula for each combination of elements.
    fn instances(
        &mut self,
        machine: &mut Machine<'m>,
        binders: &'m [Binder],
        body: &'m Node,
        span: Span,
    ) -> Translated<Vec<Temporal>> {
        for set in binders.iter().filter_map(|binder| binder.set.as_ref()) {
            if machine.level_here(set) > Level::Constant {
                return refused(
                    set.span,
                    "a temporal formula under a quantifier whose set depends on the state",
                    "quantify over a constant set and say in the body that the element is in the set",
                );
            }
        }
        let slots: Vec<SlotIndex> = binders
            .iter()
            .flat_map(|binder| match &binder.pattern {
                Pattern::Slot(slot) => std::slice::from_ref(slot),
                Pattern::Tuple(slots) => slots,
            })
            .copied()
            .collect();
        for set in binders.iter().filter_map(|binder| binder.set.as_ref()) {
            let value = machine.attempt(|machine| machine.eval(set))?;
            if machine.is_enumerable(&value) {
                continue;
            }
            // Every set without an enumeration is taken to have an element: they all are infinite.
            if binders.len() == 1 && !mentions(machine.code(), body, &slots) {
                return Ok(vec![self.formula(machine, body)?]);
            }
            return refused(
                set.span,
                "a temporal formula under a quantifier over a set that cannot be enumerated",
                "quantify over a finite constant set",
            );
        }
        let length = self.way.len();
        let mut instances = Vec::new();
        let mut failure = None;
        let flow = machine.for_each_assignment(binders, &mut |machine| {
            let instance = match self.bind(machine, &slots)? {
                Some(turns) => {
                    self.way.extend(turns);
                    self.formula(machine, body)
                }
                None => refused(
                    span,
                    "a temporal formula under a quantifier over functions or sets without a finite form",
                    "quantify over values that can be written down",
                ),
            };
            self.way.truncate(length);
            match instance {
                Ok(instance) => {
                    instances.push(instance);
                    Ok(ControlFlow::Continue(()))
                }
                Err(reason) => {
                    failure = Some(reason);
                    Ok(ControlFlow::Break(()))
                }
            }
        });
        match failure {
            Some(reason) => Err(reason),
            None => Ok(flow.map(|_| instances)?),
        }
    }

    /// The choice of elements that the machine has just made; `None` if an element cannot be written down.
    fn bind(&self, machine: &mut Machine<'m>, slots: &[SlotIndex]) -> Evaluated<Option<Vec<Turn<'m>>>> {
        let mut turns = Vec::with_capacity(slots.len());
        for slot in slots {
            let value = machine.slot_value(*slot)?;
            let value = match machine.force(&value) {
                Err(error) if error.class == ErrorClass::Capacity => return Err(error),
                // Infinite sets stay symbolic, and some of them can be written down all the same.
                Err(_) => value,
                Ok(value) => value,
            };
            let mut bytes = Vec::new();
            if codec::encode(&mut bytes, &value).is_err() {
                return Ok(None);
            }
            turns.push(Turn::Bind(*slot, Arc::from(bytes)));
        }
        Ok(Some(turns))
    }
}
