//! Temporal formulas on a lasso.
//!
//! A lasso with `n` states has only `n` different suffixes, so that the meaning of a formula is a truth value per
//! position, and the definitions of *Specifying Systems* (chapter 8) can be evaluated as they stand: `[]F` asks all
//! positions from here on, the loop included; fairness asks the loop only. Parts without temporal operators are
//! evaluated in the step that leaves the position.
//!
//! The formula is first [unfolded](Evaluator::unfold) to a tree: definitions are replaced by their bodies, quantifiers
//! over constant sets by their instances. Each part of the tree then remembers its truth value at each position, and `[]`
//! and `<>` those of all positions that they passed, so that long behaviors cost no more than their length.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::lasso::Lasso;
use crate::names::{Env, Meaning, Moment};
use crate::specification::Formula;
use crate::syntax::parts;
use crate::value::Value;
use tla_syntax::Span;
use tla_syntax::ast::{Bound, Expr, ExprKind, Junction, Pattern, Quantifier};

/// A temporal formula, unfolded.
pub(crate) struct Tree<'s> {
    /// Where it is written.
    pub(crate) span: Span,
    /// Names that a quantifier bound just here, with their values.
    pub(crate) bindings: Vec<(&'s str, Value<'s>)>,
    pub(crate) form: Form<'s>,
    /// Truth values by position, as far as they are known.
    known: Vec<Option<bool>>,
}

/// How a formula is made of others.
pub(crate) enum Form<'s> {
    /// No temporal operator in it.
    Plain(Formula<'s>),
    Not(Box<Tree<'s>>),
    And(Vec<Tree<'s>>),
    Or(Vec<Tree<'s>>),
    Implies(Box<Tree<'s>>, Box<Tree<'s>>),
    Equivalent(Box<Tree<'s>>, Box<Tree<'s>>),
    If(Box<Tree<'s>>, Box<Tree<'s>>, Box<Tree<'s>>),
    Case(Vec<(Tree<'s>, Tree<'s>)>, Option<Box<Tree<'s>>>),
    Always(Box<Tree<'s>>),
    Eventually(Box<Tree<'s>>),
    /// `P ~> Q`; the second is `<>Q`.
    LeadsTo(Box<Tree<'s>>, Box<Tree<'s>>),
    Fair {
        strong: bool,
        subscript: &'s Expr,
        action: &'s Expr,
        env: Env<'s>,
    },
    /// A quantifier whose sets depend on the state: unfolded anew at each position.
    Quantified {
        quantifier: Quantifier,
        bounds: &'s [Bound],
        body: &'s Expr,
        env: Env<'s>,
    },
}

impl<'s> Tree<'s> {
    fn new(span: Span, form: Form<'s>) -> Self {
        Self { span, bindings: Vec::new(), form, known: Vec::new() }
    }

    fn boxed(self) -> Box<Self> {
        Box::new(self)
    }
}

impl<'s> Evaluator<'s> {
    /// Whether a formula is true of the behavior as a whole.
    pub(crate) fn holds(&mut self, formula: &Formula<'s>, lasso: &Lasso<'s>) -> Outcome<bool> {
        let mut tree = self.unfold(formula)?;
        self.is_true_at(&mut tree, lasso, 0)
    }

    /// The tree of a formula.
    pub(crate) fn unfold(&mut self, formula: &Formula<'s>) -> Outcome<Tree<'s>> {
        self.deeper(formula.expr.span, |this| {
            if this.is_temporal(formula, &mut Vec::new()) {
                this.unfold_temporal(formula)
            } else {
                Ok(Tree::new(formula.expr.span, Form::Plain(formula.clone())))
            }
        })
    }

    fn unfold_temporal(&mut self, Formula { expr, env }: &Formula<'s>) -> Outcome<Tree<'s>> {
        let expr: &'s Expr = expr;
        let part = |expr: &'s Expr| Formula { expr, env: env.clone() };
        let form = match &*expr.kind {
            ExprKind::Junction { junction, items } => {
                let items = items.iter().map(|item| self.unfold(&part(item))).collect::<Outcome<Vec<_>>>()?;
                if *junction == Junction::And { Form::And(items) } else { Form::Or(items) }
            }
            ExprKind::If { condition, then, otherwise } => match self.constant_truth(&part(condition)) {
                // Only the branch that is taken: the other one may be where a recursive definition goes on.
                Some(true) => return self.unfold(&part(then)),
                Some(false) => return self.unfold(&part(otherwise)),
                None => Form::If(
                    self.unfold(&part(condition))?.boxed(),
                    self.unfold(&part(then))?.boxed(),
                    self.unfold(&part(otherwise))?.boxed(),
                ),
            },
            ExprKind::Case { arms, other } => {
                let mut unfolded = Vec::new();
                for (guard, value) in arms {
                    unfolded.push((self.unfold(&part(guard))?, self.unfold(&part(value))?));
                }
                let other = other.as_ref().map(|other| self.unfold(&part(other)).map(Tree::boxed)).transpose()?;
                Form::Case(unfolded, other)
            }
            ExprKind::Quantified { quantifier, bounds, body } => {
                self.unfold_quantifier(*quantifier, bounds, body, env)?
            }
            ExprKind::Fairness { strong, subscript, action } => {
                Form::Fair { strong: *strong, subscript, action, env: env.clone() }
            }
            ExprKind::Apply { op, args } if crate::language::is_reserved(&op.name) => {
                self.unfold_operator(&op.name, args, env, expr.span)?
            }
            ExprKind::TemporalQuantified { .. } => {
                return Fault::unsupported(expr.span, "quantification over behaviors");
            }
            _ => match self.look_through(expr, env)? {
                Some(inner) => return self.unfold(&inner),
                None => return Fault::unsupported(expr.span, "a temporal formula of this form"),
            },
        };
        Ok(Tree::new(expr.span, form))
    }

    fn unfold_operator(&mut self, name: &str, args: &'s [Expr], env: &Env<'s>, span: Span) -> Outcome<Form<'s>> {
        let mut part = |expr: &'s Expr| self.unfold(&Formula { expr, env: env.clone() });
        Ok(match (name, args) {
            ("~", [inner]) => Form::Not(part(inner)?.boxed()),
            ("/\\", [left, right]) => Form::And(vec![part(left)?, part(right)?]),
            ("\\/", [left, right]) => Form::Or(vec![part(left)?, part(right)?]),
            ("=>", [left, right]) => Form::Implies(part(left)?.boxed(), part(right)?.boxed()),
            ("<=>", [left, right]) => Form::Equivalent(part(left)?.boxed(), part(right)?.boxed()),
            ("[]", [inner]) => Form::Always(part(inner)?.boxed()),
            ("<>", [inner]) => Form::Eventually(part(inner)?.boxed()),
            ("~>", [cause, effect]) => {
                let effect = Tree::new(effect.span, Form::Eventually(part(effect)?.boxed()));
                Form::LeadsTo(part(cause)?.boxed(), effect.boxed())
            }
            (_, _) => return Fault::unsupported(span, format!("{name} in a temporal formula")),
        })
    }

    /// The instances of a quantified formula if its sets are constant.
    fn unfold_quantifier(
        &mut self,
        quantifier: Quantifier,
        bounds: &'s [Bound],
        body: &'s Expr,
        env: &Env<'s>,
    ) -> Outcome<Form<'s>> {
        if !self.is_decided_by_sets(bounds, env) && !mentions_names_of(body, bounds) {
            // The body is the same for all values, and there is one: a set that is not finite is not empty.
            return Ok(Form::And(vec![self.unfold(&Formula { expr: body, env: env.clone() })?]));
        }
        let depends = |this: &mut Self| {
            let reads = this.reads;
            let sets = this.at(Moment::default(), |this| this.bound_sets(bounds, env));
            sets.is_err() || this.reads != reads
        };
        if depends(self) {
            return Ok(Form::Quantified { quantifier, bounds, body, env: env.clone() });
        }
        let instances = self.at(Moment::default(), |this| this.instances(bounds, body, env))?;
        Ok(if quantifier == Quantifier::Forall { Form::And(instances) } else { Form::Or(instances) })
    }

    /// Whether every set is given and finite, so that bindings can be listed.
    fn is_decided_by_sets(&mut self, bounds: &'s [Bound], env: &Env<'s>) -> bool {
        if bounds.iter().any(|bound| bound.set.is_none()) {
            return false;
        }
        let sets = self.at(Moment::default(), |this| this.bound_sets(bounds, env));
        // A set that depends on the state is looked at later.
        sets.map_or(true, |sets| sets.iter().all(|(_, set, _)| self.is_finite(set)))
    }

    /// The body for every binding in the present moment.
    fn instances(&mut self, bounds: &'s [Bound], body: &'s Expr, env: &Env<'s>) -> Outcome<Vec<Tree<'s>>> {
        let mut instances = Vec::new();
        self.for_each_binding(bounds, env, &mut |this, env| {
            let mut instance = this.unfold(&Formula { expr: body, env: env.clone() })?;
            let bindings = this.bindings(bounds, env, body.span)?;
            instance.bindings.splice(0..0, bindings);
            instances.push(instance);
            Ok(true)
        })?;
        Ok(instances)
    }

    fn bindings(&mut self, bounds: &'s [Bound], env: &Env<'s>, span: Span) -> Outcome<Vec<(&'s str, Value<'s>)>> {
        let names = bounds.iter().flat_map(|bound| &bound.patterns).flat_map(|pattern| match pattern {
            Pattern::Name(name) => std::slice::from_ref(name),
            Pattern::Tuple(names) => names,
        });
        let mut bindings = Vec::new();
        for name in names {
            if let Meaning::Value(value) = self.lookup(env, &name.name, span)? {
                bindings.push((&*name.name, value));
            }
        }
        Ok(bindings)
    }

    /// The truth value of a formula without temporal operators that is the same in every state.
    fn constant_truth(&mut self, formula: &Formula<'s>) -> Option<bool> {
        if self.is_temporal(formula, &mut Vec::new()) {
            return None;
        }
        let reads = self.reads;
        let truth = self.at(Moment::default(), |this| this.eval_bool(formula.expr, &formula.env));
        truth.ok().filter(|_| self.reads == reads)
    }

    /// Whether a formula is true of the behavior that starts at a position of the lasso.
    pub(crate) fn is_true_at(&mut self, tree: &mut Tree<'s>, lasso: &Lasso<'s>, position: usize) -> Outcome<bool> {
        let Tree { span, form, known, .. } = tree;
        if let Some(known) = known.get(position).copied().flatten() {
            return Ok(known);
        }
        known.resize(lasso.len(), None);
        let value = self.deeper(*span, |this| this.is_form_true(form, known, lasso, position))?;
        known[position] = Some(value);
        Ok(value)
    }

    /// Looks for the truth value that decides `[]` (`FALSE`) or `<>` (`TRUE`), from a position on. What was found holds
    /// as well for the positions that were passed.
    fn scan(
        &mut self,
        inner: &mut Tree<'s>,
        known: &mut [Option<bool>],
        lasso: &Lasso<'s>,
        position: usize,
        decisive: bool,
    ) -> Outcome<bool> {
        let positions = lasso.reachable(position);
        let mut decided = None;
        for place in positions.clone() {
            let later = known[place].filter(|_| place > position && place <= lasso.back_to);
            if later.is_some() {
                decided = later.map(|value| (place, value));
                break;
            }
            if self.is_true_at(inner, lasso, place)? == decisive {
                decided = Some((place, decisive));
                break;
            }
        }
        let (last, value) = decided.unwrap_or((lasso.len() - 1, !decisive));
        known[positions.start..=last].fill(Some(value));
        if value != decisive || last >= lasso.back_to {
            known[positions.start..].fill(Some(value));
        }
        Ok(value)
    }

    fn is_form_true(
        &mut self,
        form: &mut Form<'s>,
        known: &mut [Option<bool>],
        lasso: &Lasso<'s>,
        position: usize,
    ) -> Outcome<bool> {
        match form {
            Form::Always(inner) => self.scan(inner, known, lasso, position, false),
            Form::Eventually(inner) => self.scan(inner, known, lasso, position, true),
            Form::Plain(formula) => self.at(lasso.step(position), |this| this.eval_bool(formula.expr, &formula.env)),
            Form::Not(inner) => Ok(!self.is_true_at(inner, lasso, position)?),
            Form::And(items) => Ok(!self.some_is(items, false, lasso, position)?),
            Form::Or(items) => self.some_is(items, true, lasso, position),
            Form::Implies(left, right) => {
                Ok(!self.is_true_at(left, lasso, position)? || self.is_true_at(right, lasso, position)?)
            }
            Form::Equivalent(left, right) => {
                Ok(self.is_true_at(left, lasso, position)? == self.is_true_at(right, lasso, position)?)
            }
            Form::If(condition, then, otherwise) => {
                let branch = if self.is_true_at(condition, lasso, position)? { then } else { otherwise };
                self.is_true_at(branch, lasso, position)
            }
            Form::Case(arms, other) => {
                for (guard, value) in arms.iter_mut() {
                    if self.is_true_at(guard, lasso, position)? {
                        return self.is_true_at(value, lasso, position);
                    }
                }
                match (other, arms.first()) {
                    (Some(other), _) => self.is_true_at(other, lasso, position),
                    (None, Some((guard, _))) => Fault::undefined(guard.span, "no guard of the CASE is true"),
                    (None, None) => Ok(true),
                }
            }
            Form::LeadsTo(cause, effect) => {
                for place in lasso.reachable(position) {
                    if self.is_true_at(cause, lasso, place)? && !self.is_true_at(effect, lasso, place)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Form::Fair { strong, subscript, action, env } => self.is_fair(*strong, subscript, action, env, lasso),
            Form::Quantified { quantifier, bounds, body, env } => {
                let (wanted, bounds, body, env) = (*quantifier == Quantifier::Exists, *bounds, *body, env.clone());
                let mut instances = self.at(lasso.step(position), |this| this.instances(bounds, body, &env))?;
                Ok(self.some_is(&mut instances, wanted, lasso, position)? == wanted)
            }
        }
    }

    /// Whether one of the formulas has the wanted truth value; the rest is not asked.
    fn some_is(&mut self, items: &mut [Tree<'s>], wanted: bool, lasso: &Lasso<'s>, position: usize) -> Outcome<bool> {
        for item in items {
            if self.is_true_at(item, lasso, position)? == wanted {
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

/// Whether an expression mentions a name that one of the bounds binds, or one that is spelt like it.
fn mentions_names_of(expr: &Expr, bounds: &[Bound]) -> bool {
    let is_bound = |name: &str| {
        bounds.iter().flat_map(|bound| &bound.patterns).any(|pattern| match pattern {
            Pattern::Name(bound) => &*bound.name == name,
            Pattern::Tuple(names) => names.iter().any(|bound| &*bound.name == name),
        })
    };
    let own = match &*expr.kind {
        ExprKind::Apply { op, .. } => is_bound(&op.name),
        _ => false,
    };
    own || parts(expr).into_iter().any(|part| mentions_names_of(part, bounds))
}
