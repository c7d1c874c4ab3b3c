//! The safety parts of a property.
//!
//! A property such as `[]P /\ [][A]_v /\ Q`, perhaps hidden behind definitions and under `\A`, is a conjunction of an
//! invariant, an action property and an initial predicate. A finite trace can break each of them; whatever has another
//! shape is left to `temporal`.

use crate::evaluate::Evaluator;
use crate::fault::Outcome;
use crate::names::{Moment, State};
use crate::specification::Formula;
use std::rc::Rc;
use tla_syntax::ast::{Expr, ExprKind, Junction, Quantifier};

/// A safety part of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// `[]P`.
    Invariant,
    /// `[][A]_v`.
    Action,
    /// A state predicate.
    Initial,
}

impl<'s> Evaluator<'s> {
    /// Whether some part of this kind is false: the invariant in the last state, the action in the last step, the
    /// initial predicate in the first state.
    pub(crate) fn is_broken(&mut self, formula: &Formula<'s>, part: Part, states: &[Rc<State<'s>>]) -> Outcome<bool> {
        let env = &formula.env;
        match &*formula.expr.kind {
            ExprKind::Junction { junction: Junction::And, items } => self.any_broken(items, formula, part, states),
            ExprKind::Apply { op, args } if &*op.name == "/\\" => self.any_broken(args, formula, part, states),
            ExprKind::Quantified { quantifier: Quantifier::Forall, bounds, body }
                if self.is_temporal(formula, &mut Vec::new()) =>
            {
                let mut instances = Vec::new();
                self.for_each_binding(bounds, env, &mut |_, env| {
                    instances.push(Formula { expr: body, env: env.clone() });
                    Ok(true)
                })?;
                self.first_broken(&instances, part, states)
            }
            _ => {
                if let Some(inner) = Self::boxed(formula) {
                    return self.is_box_broken(&inner, part, states);
                }
                if !self.is_temporal(formula, &mut Vec::new()) {
                    return Ok(part == Part::Initial && !self.is_true(formula, state_alone(&states[0]))?);
                }
                match self.look_through(formula.expr, env)? {
                    Some(inner) => self.deeper(inner.expr.span, |this| this.is_broken(&inner, part, states)),
                    None => Ok(false),
                }
            }
        }
    }

    /// Whether a formula is true in a moment.
    fn is_true(&mut self, formula: &Formula<'s>, moment: Moment<'s>) -> Outcome<bool> {
        self.at(moment, |this| this.eval_bool(formula.expr, &formula.env))
    }

    fn any_broken(
        &mut self,
        items: &'s [Expr],
        formula: &Formula<'s>,
        part: Part,
        states: &[Rc<State<'s>>],
    ) -> Outcome<bool> {
        let items: Vec<_> = items.iter().map(|expr| Formula { expr, env: formula.env.clone() }).collect();
        self.first_broken(&items, part, states)
    }

    fn first_broken(&mut self, formulas: &[Formula<'s>], part: Part, states: &[Rc<State<'s>>]) -> Outcome<bool> {
        for formula in formulas {
            if self.is_broken(formula, part, states)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether `[]inner` is broken at the end of the trace.
    fn is_box_broken(&mut self, inner: &Formula<'s>, part: Part, states: &[Rc<State<'s>>]) -> Outcome<bool> {
        if self.is_temporal(inner, &mut Vec::new()) {
            return Ok(false);
        }
        let action = self.is_action(inner)?;
        let moment = match (part, action, states) {
            (Part::Action, true, [.., now, then]) => step(now, then),
            (Part::Invariant, false, [.., last]) => state_alone(last),
            (Part::Action | Part::Invariant | Part::Initial, _, _) => return Ok(false),
        };
        Ok(!self.is_true(inner, moment)?)
    }
}

/// The moment of a state whose successor does not matter.
pub(crate) fn state_alone<'s>(state: &Rc<State<'s>>) -> Moment<'s> {
    Moment { current: Some(state.clone()), next: None }
}

/// The moment of a step.
pub(crate) fn step<'s>(now: &Rc<State<'s>>, then: &Rc<State<'s>>) -> Moment<'s> {
    Moment { current: Some(now.clone()), next: Some(then.clone()) }
}
