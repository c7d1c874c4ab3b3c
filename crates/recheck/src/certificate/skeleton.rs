//! What a fair violation of a property is, as a formula in negation normal form.
//!
//! The conjunction of fairness and of a negated conjunct of the property is put into the form that the order of a
//! certificate's literals refers to: negations stand at formulas without temporal operators, a junction has no junction
//! of its own kind as an operand, and of a junction without temporal operators nothing is told apart. It is made of the
//! tree that [`temporal`](crate::temporal) evaluates on behaviors.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::Env;
use crate::specification::Formula;
use crate::temporal::{Form, Tree};
use tla_syntax::ast::Expr;

/// What has a truth value in a step.
#[derive(Clone)]
pub(super) enum Fact<'s> {
    /// A formula without temporal operators.
    Plain(Formula<'s>),
    /// `ENABLED <<A>>_v`.
    Enabled { action: &'s Expr, subscript: &'s Expr, env: Env<'s> },
    /// `<<A>>_v`.
    Taken { action: &'s Expr, subscript: &'s Expr, env: Env<'s> },
}

/// A formula without temporal operators, of facts by number.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Plain {
    Fact(usize, bool),
    All(Vec<Plain>),
    Some(Vec<Plain>),
}

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Skeleton {
    Plain(Plain),
    All(Vec<Skeleton>),
    Some(Vec<Skeleton>),
    Always(Box<Skeleton>),
    Eventually(Box<Skeleton>),
}

/// The facts of some formulas.
#[derive(Default)]
pub(super) struct Facts<'s> {
    pub(super) all: Vec<Fact<'s>>,
}

impl<'s> Facts<'s> {
    fn fact(&mut self, fact: Fact<'s>, positive: bool) -> Skeleton {
        self.all.push(fact);
        Skeleton::Plain(Plain::Fact(self.all.len() - 1, positive))
    }

    /// The form of a tree, or of its negation.
    pub(super) fn form(&mut self, tree: &Tree<'s>, positive: bool) -> Outcome<Skeleton> {
        Ok(match &tree.form {
            Form::Plain(formula) => self.fact(Fact::Plain(formula.clone()), positive),
            Form::Not(inner) => self.form(inner, !positive)?,
            Form::And(items) => junction(self.forms(items, positive)?, positive),
            Form::Or(items) => junction(self.forms(items, positive)?, !positive),
            Form::Implies(left, right) => {
                let sides = vec![self.form(left, !positive)?, self.form(right, positive)?];
                junction(sides, !positive)
            }
            Form::Equivalent(left, right) => {
                let mut both = |a: bool, b: bool| Ok(junction(vec![self.form(left, a)?, self.form(right, b)?], true));
                let ways = vec![both(true, positive)?, both(false, !positive)?];
                junction(ways, false)
            }
            Form::If(condition, then, otherwise) => {
                let mut arm = |holds: bool, value: &Tree<'s>| {
                    let parts = vec![self.form(condition, holds == positive)?, self.form(value, positive)?];
                    Ok(junction(parts, positive))
                };
                let arms = vec![arm(true, then)?, arm(false, otherwise)?];
                junction(arms, !positive)
            }
            Form::Always(inner) => boxed(self.form(inner, positive)?, positive),
            Form::Eventually(inner) => boxed(self.form(inner, positive)?, !positive),
            Form::LeadsTo(cause, effect) => {
                let sides = vec![self.form(cause, !positive)?, self.form(effect, positive)?];
                boxed(junction(sides, !positive), positive)
            }
            Form::Fair { strong, subscript, action, env } => {
                let enabled = Fact::Enabled { action, subscript, env: env.clone() };
                let taken = Fact::Taken { action, subscript, env: env.clone() };
                let enabled = self.fact(enabled, !positive);
                let taken = self.fact(taken, positive);
                if *strong {
                    let ceases = boxed(boxed(enabled, positive), !positive);
                    let recurs = boxed(boxed(taken, !positive), positive);
                    junction(vec![ceases, recurs], !positive)
                } else {
                    boxed(boxed(junction(vec![enabled, taken], !positive), !positive), positive)
                }
            }
            Form::Case(arms, _) => {
                let span = arms.first().map_or(tree.span, |(guard, _)| guard.span);
                return Fault::unsupported(span, "a CASE of temporal formulas in a certificate");
            }
            Form::Quantified { .. } => {
                return Fault::unsupported(tree.span, "a quantifier over a set of the state in a certificate");
            }
        })
    }

    fn forms(&mut self, items: &[Tree<'s>], positive: bool) -> Outcome<Vec<Skeleton>> {
        items.iter().map(|item| self.form(item, positive)).collect()
    }
}

/// `[]F`, or `<>F`.
fn boxed(inner: Skeleton, always: bool) -> Skeleton {
    if always { Skeleton::Always(Box::new(inner)) } else { Skeleton::Eventually(Box::new(inner)) }
}

fn junction(items: Vec<Skeleton>, is_and: bool) -> Skeleton {
    let mut flat = Vec::new();
    for item in items {
        match item {
            Skeleton::All(inner) if is_and => flat.extend(inner),
            Skeleton::Some(inner) if !is_and => flat.extend(inner),
            other => flat.push(other),
        }
    }
    let mut parts = Vec::new();
    for item in &flat {
        if let Skeleton::Plain(plain) = item {
            parts.push(plain.clone());
        }
    }
    match (parts.len() == flat.len(), is_and) {
        (true, true) => Skeleton::Plain(Plain::All(parts)),
        (true, false) => Skeleton::Plain(Plain::Some(parts)),
        (false, true) => Skeleton::All(flat),
        (false, false) => Skeleton::Some(flat),
    }
}

/// The conjuncts of a tree that speak of infinite behaviors: neither predicates, nor `[]F` of such a formula or action.
pub(super) fn lasting<'t, 's>(tree: &'t Tree<'s>, found: &mut Vec<&'t Tree<'s>>) {
    match &tree.form {
        Form::And(items) => items.iter().for_each(|item| lasting(item, found)),
        Form::Plain(_) => {}
        Form::Always(inner) if matches!(inner.form, Form::Plain(_)) => {}
        Form::Not(_)
        | Form::Or(_)
        | Form::Implies(..)
        | Form::Equivalent(..)
        | Form::If(..)
        | Form::Case(..)
        | Form::Always(_)
        | Form::Eventually(_)
        | Form::LeadsTo(..)
        | Form::Fair { .. }
        | Form::Quantified { .. } => found.push(tree),
    }
}

impl<'s> Evaluator<'s> {
    /// A fair violation of a tree: conjuncts.
    pub(super) fn violation(
        &mut self,
        fairness: &[Formula<'s>],
        property: &Tree<'s>,
        facts: &mut Facts<'s>,
    ) -> Outcome<Vec<Skeleton>> {
        let mut all = Vec::new();
        for formula in fairness {
            let tree = self.unfold(formula)?;
            all.push(facts.form(&tree, true)?);
        }
        all.push(facts.form(property, false)?);
        Ok(match junction(all, true) {
            Skeleton::All(items) => items,
            other => vec![other],
        })
    }
}
