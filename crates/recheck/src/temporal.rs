//! Temporal formulas on a lasso: a finite stem and a loop that is repeated for ever.
//!
//! A lasso with `n` states has only `n` different suffixes, so that the meaning of a formula is a truth value per
//! position, and the definitions of *Specifying Systems* (chapter 8) can be evaluated as they stand: `[]F` asks all
//! positions from here on, the loop included; fairness asks the loop only. Parts without temporal operators are
//! evaluated in the step that leaves the position.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::{Env, Moment, State};
use crate::specification::Formula;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{Expr, ExprKind, Junction, Quantifier};

/// An infinite behavior: after the last state it goes on at `back_to`.
pub(crate) struct Lasso<'s> {
    pub(crate) states: Vec<Rc<State<'s>>>,
    pub(crate) back_to: usize,
}

impl<'s> Lasso<'s> {
    /// The position after this one.
    fn after(&self, position: usize) -> usize {
        if position + 1 < self.states.len() { position + 1 } else { self.back_to }
    }

    /// The step that leaves a position.
    pub(crate) fn step(&self, position: usize) -> Moment<'s> {
        let (now, then) = (self.states[position].clone(), self.states[self.after(position)].clone());
        Moment { current: Some(now), next: Some(then) }
    }

    /// The positions of the loop.
    fn repeated(&self) -> std::ops::Range<usize> {
        self.back_to..self.states.len()
    }

    /// All positions that come at or after this one, some time.
    fn reachable(&self, position: usize) -> std::ops::Range<usize> {
        position.min(self.back_to)..self.states.len()
    }
}

impl<'s> Evaluator<'s> {
    /// Whether a formula is true of the behavior that starts at a position of the lasso.
    pub(crate) fn holds(&mut self, formula: &Formula<'s>, lasso: &Lasso<'s>, position: usize) -> Outcome<bool> {
        self.deeper(formula.expr.span, |this| {
            if this.is_temporal(formula, &mut Vec::new()) {
                this.holds_temporal(formula, lasso, position)
            } else {
                this.at(lasso.step(position), |this| this.eval_bool(formula.expr, &formula.env))
            }
        })
    }

    fn holds_temporal(
        &mut self,
        Formula { expr, env }: &Formula<'s>,
        lasso: &Lasso<'s>,
        position: usize,
    ) -> Outcome<bool> {
        let expr: &'s Expr = expr;
        let part = |expr: &'s Expr| Formula { expr, env: env.clone() };
        match &*expr.kind {
            ExprKind::Junction { junction, items } => {
                let decisive = *junction == Junction::Or;
                for item in items {
                    if self.holds(&part(item), lasso, position)? == decisive {
                        return Ok(decisive);
                    }
                }
                Ok(!decisive)
            }
            ExprKind::If { condition, then, otherwise } => {
                let branch = if self.holds(&part(condition), lasso, position)? { then } else { otherwise };
                self.holds(&part(branch), lasso, position)
            }
            ExprKind::Case { arms, other } => {
                for (guard, value) in arms {
                    if self.holds(&part(guard), lasso, position)? {
                        return self.holds(&part(value), lasso, position);
                    }
                }
                match other {
                    Some(other) => self.holds(&part(other), lasso, position),
                    None => Fault::undefined(expr.span, "no guard of the CASE is true"),
                }
            }
            ExprKind::Quantified { quantifier, bounds, body } => {
                let decisive = *quantifier == Quantifier::Exists;
                let mut decided = false;
                self.at(lasso.step(position), |this| {
                    this.for_each_binding(bounds, env, &mut |this, env| {
                        let instance = Formula { expr: body, env: env.clone() };
                        decided = this.holds(&instance, lasso, position)? == decisive;
                        Ok(!decided)
                    })
                })?;
                Ok(decided == decisive)
            }
            ExprKind::Fairness { strong, subscript, action } => self.is_fair(*strong, subscript, action, env, lasso),
            ExprKind::Apply { op, args } if crate::language::is_reserved(&op.name) => {
                self.holds_operator(&op.name, args, env, lasso, position, expr.span)
            }
            ExprKind::TemporalQuantified { .. } => Fault::unsupported(expr.span, "quantification over behaviors"),
            _ => match self.look_through(expr, env)? {
                Some(inner) => self.holds(&inner, lasso, position),
                None => Fault::unsupported(expr.span, "a temporal formula of this form"),
            },
        }
    }

    fn holds_operator(
        &mut self,
        name: &str,
        args: &'s [Expr],
        env: &Env<'s>,
        lasso: &Lasso<'s>,
        position: usize,
        span: Span,
    ) -> Outcome<bool> {
        let part = |expr: &'s Expr| Formula { expr, env: env.clone() };
        match (name, args) {
            ("~", [inner]) => Ok(!self.holds(&part(inner), lasso, position)?),
            ("/\\", [left, right]) => {
                Ok(self.holds(&part(left), lasso, position)? && self.holds(&part(right), lasso, position)?)
            }
            ("\\/", [left, right]) => {
                Ok(self.holds(&part(left), lasso, position)? || self.holds(&part(right), lasso, position)?)
            }
            ("=>", [left, right]) => {
                Ok(!self.holds(&part(left), lasso, position)? || self.holds(&part(right), lasso, position)?)
            }
            ("<=>", [left, right]) => {
                Ok(self.holds(&part(left), lasso, position)? == self.holds(&part(right), lasso, position)?)
            }
            ("[]", [inner]) => self.always(&part(inner), lasso, position),
            ("<>", [inner]) => self.eventually(&part(inner), lasso, position),
            ("~>", [cause, effect]) => {
                for place in lasso.reachable(position) {
                    if self.holds(&part(cause), lasso, place)? && !self.eventually(&part(effect), lasso, place)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (_, _) => Fault::unsupported(span, format!("{name} in a temporal formula")),
        }
    }

    fn always(&mut self, formula: &Formula<'s>, lasso: &Lasso<'s>, position: usize) -> Outcome<bool> {
        for place in lasso.reachable(position) {
            if !self.holds(formula, lasso, place)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn eventually(&mut self, formula: &Formula<'s>, lasso: &Lasso<'s>, position: usize) -> Outcome<bool> {
        for place in lasso.reachable(position) {
            if self.holds(formula, lasso, place)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Weak fairness: the action is taken infinitely often or is infinitely often not enabled. Strong fairness: it is
    /// taken infinitely often or is at last never enabled. On a lasso both ask the loop only.
    fn is_fair(
        &mut self,
        strong: bool,
        subscript: &'s Expr,
        action: &'s Expr,
        env: &Env<'s>,
        lasso: &Lasso<'s>,
    ) -> Outcome<bool> {
        let (mut enabled_somewhere, mut enabled_everywhere) = (false, true);
        for place in lasso.repeated() {
            let (taken, enabled) = self.at(lasso.step(place), |this| {
                let taken = this.eval_bool(action, env)? && !this.unchanged(subscript, env)?;
                Ok((taken, taken || this.is_enabled_and_changes(action, subscript, env)?))
            })?;
            if taken {
                return Ok(true);
            }
            enabled_somewhere |= enabled;
            enabled_everywhere &= enabled;
        }
        Ok(if strong { !enabled_somewhere } else { !enabled_everywhere })
    }
}
