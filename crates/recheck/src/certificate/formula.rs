//! Expressions in a state that is not decided.
//!
//! Connectives and quantifiers become gates, alternatives (`IF`, `CASE`, `CHOOSE`) are merged, bound names range over
//! possible elements. Every other operation is evaluated by its definition in the cases that it tells apart
//! ([`cases`](super::cases)); its operands are evaluated once, before.

use super::cases::{Answer, Possible, Truth};
use super::gates::{FALSE, Literal, TRUE};
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::{Env, Meaning};
use crate::value::{Open, Value};
use tla_syntax::Span;
use tla_syntax::ast::{Bound, ExceptPath, ExceptUpdate, Expr, ExprKind, Junction, Pattern, Quantifier};

/// A pattern with the possible values of it.
pub(crate) type Range<'s> = (&'s Pattern, Possible<'s>);

/// Fails if a value is one of several alternatives.
pub(crate) fn unless_whole(values: &[Value<'_>], span: Span) -> Outcome<()> {
    for value in values {
        if let Value::Open(open) = value
            && let Open::Whole(_) = **open
        {
            Fault::unless_decided(value, span)?;
        }
    }
    Ok(())
}

impl<'s> Evaluator<'s> {
    /// The value of an expression, as open as it has to be.
    pub(crate) fn eval_symbolic(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Value<'s>> {
        let value = self.eval_open(expr, env)?;
        self.resolved(&value, expr.span)
    }

    fn eval_open(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Value<'s>> {
        let span = expr.span;
        match &*expr.kind {
            ExprKind::Junction { junction, items } => {
                let truth = self.junction(items.len(), *junction == Junction::And, &mut |this, index| {
                    this.truth_open(&items[index], env)
                })?;
                self.value_of(truth)
            }
            ExprKind::If { condition, then, otherwise } => {
                let condition = self.truth_open(condition, env)?;
                self.either(condition, span, &mut |this| this.eval(then, env), &mut |this| this.eval(otherwise, env))
            }
            ExprKind::Case { arms, other } => self.case_open(arms, other.as_ref(), env, span),
            ExprKind::Quantified { quantifier, bounds, body } => {
                self.quantified_open(*quantifier == Quantifier::Exists, bounds, body, env, span)
            }
            ExprKind::Choose { pattern, set: Some(set), body } => {
                let set = self.eval(set, env)?;
                self.lift(&[set], span, &mut |this, sets| this.chosen(pattern, &sets[0], body, env, span))
            }
            ExprKind::SetEnum(items) => {
                let items = self.eval_all(items, env)?;
                self.enumerated(&items, span)
            }
            ExprKind::SetFilter { pattern, set, predicate } => {
                let set = self.eval(set, env)?;
                self.lift(&[set], span, &mut |this, sets| this.filtered(pattern, &sets[0], predicate, env, span))
            }
            ExprKind::SetMap { body, bounds } => self.mapped(body, bounds, env, span),
            ExprKind::FunctionLiteral { bounds, body } => self.function_open(bounds, body, env, expr),
            ExprKind::FunctionApply { function, args } => {
                let function = self.eval(function, env)?;
                let argument = self.index(args, env)?;
                self.applied(function, argument, span)
            }
            ExprKind::Field { record, field } => {
                let record = self.eval(record, env)?;
                let field = Value::Text(self.strings.text(&field.name));
                self.applied(record, field, span)
            }
            ExprKind::Except { base, updates } => {
                let mut value = self.eval(base, env)?;
                for update in updates {
                    value = self.updated_open(&value, &update.path, update, env)?;
                }
                Ok(value)
            }
            ExprKind::BoxAction { action, subscript } | ExprKind::AngleAction { action, subscript } => {
                let taken = self.truth_open(action, env)?;
                let stays = self.unchanged_open(subscript, env)?;
                let is_box = matches!(&*expr.kind, ExprKind::BoxAction { .. });
                let stays = if is_box { stays } else { self.negated(stays) };
                let sides = [taken, stays];
                let truth = self.junction_of(sides.into(), !is_box);
                self.value_of(truth)
            }
            ExprKind::Number(_)
            | ExprKind::Decimal(_)
            | ExprKind::String(_)
            | ExprKind::Apply { .. }
            | ExprKind::Select(_)
            | ExprKind::Let { .. }
            | ExprKind::TemporalQuantified { .. }
            | ExprKind::Choose { set: None, .. }
            | ExprKind::FunctionSet { .. }
            | ExprKind::RecordLiteral(_)
            | ExprKind::RecordSet(_)
            | ExprKind::Tuple(_)
            | ExprKind::Product(_)
            | ExprKind::At
            | ExprKind::Fairness { .. }
            | ExprKind::Label { .. }
            | ExprKind::Lambda { .. } => self.eval_kind(expr, env),
        }
    }

    /// When an expression is true.
    pub(crate) fn truth_open(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Truth> {
        let outcome = self.eval(expr, env);
        self.truth_of(outcome, expr.span)
    }

    pub(crate) fn negated(&mut self, truth: Truth) -> Truth {
        let when = self.symbolic.gates.and(!truth.when, !truth.undefined);
        Truth { when, ..truth }
    }

    /// A conjunction or disjunction from left to right: what comes after a part that decides is not looked at.
    pub(crate) fn junction(
        &mut self,
        count: usize,
        is_and: bool,
        part: &mut dyn FnMut(&mut Self, usize) -> Outcome<Truth>,
    ) -> Outcome<Truth> {
        let mut parts = Vec::with_capacity(count);
        for index in 0..count {
            let truth = part(self, index)?;
            let decides = truth.undefined == FALSE && truth.when == Literal::of(!is_and);
            parts.push(truth);
            if decides {
                break;
            }
        }
        Ok(self.junction_of(parts, is_and))
    }

    pub(crate) fn junction_of(&mut self, parts: Vec<Truth>, is_and: bool) -> Truth {
        // As long as no part has decided: all true so far, or all false.
        let mut open = TRUE;
        let (mut undefined, mut reason) = (FALSE, None);
        for part in parts {
            let gates = &mut self.symbolic.gates;
            let here = gates.and(open, part.undefined);
            undefined = gates.or(undefined, here);
            let goes_on = if is_and { part.when } else { gates.and(!part.when, !part.undefined) };
            open = gates.and(open, goes_on);
            if let Some(fault) = part.fault.filter(|_| here != FALSE) {
                fault.join(&mut reason);
            }
        }
        let when = if is_and { open } else { self.symbolic.gates.and(!open, !undefined) };
        Truth { when, undefined, fault: reason }
    }

    /// One of two values.
    pub(crate) fn either(
        &mut self,
        condition: Truth,
        span: Span,
        then: &mut dyn FnMut(&mut Self) -> Outcome<Value<'s>>,
        otherwise: &mut dyn FnMut(&mut Self) -> Outcome<Value<'s>>,
    ) -> Outcome<Value<'s>> {
        let Truth { when, undefined, fault } = condition;
        let not = self.symbolic.gates.and(!when, !undefined);
        let mut found = Vec::new();
        if when != FALSE {
            found.push(Answer { when, value: self.on_path(when, then) });
        }
        if not != FALSE {
            found.push(Answer { when: not, value: self.on_path(not, otherwise) });
        }
        if let Some(fault) = fault {
            found.push(Answer { when: undefined, value: Err(fault) });
        }
        self.merged(found, span)
    }

    /// Does something where a condition holds.
    pub(crate) fn on_path<T>(&mut self, when: Literal, inner: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.symbolic.path;
        self.symbolic.path = self.symbolic.gates.and(before, when);
        let result = inner(self);
        self.symbolic.path = before;
        result
    }

    fn case_open(
        &mut self,
        arms: &'s [(Expr, Expr)],
        other: Option<&'s Expr>,
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        let Some(((guard, value), rest)) = arms.split_first() else {
            return match other {
                Some(other) => self.eval(other, env),
                None => Fault::undefined(span, "no guard of the CASE is true"),
            };
        };
        let guard = self.truth_open(guard, env)?;
        self.either(guard, span, &mut |this| this.eval(value, env), &mut |this| this.case_open(rest, other, env, span))
    }

    /// Environments for all values of bound names, each with the condition under which they are values.
    pub(crate) fn bindings_open(
        &mut self,
        bound: &[Range<'s>],
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Vec<(Literal, Env<'s>)>> {
        let mut all = vec![(TRUE, env.clone())];
        for (pattern, elements) in bound {
            let mut more = Vec::with_capacity(all.len() * elements.len());
            for (when, env) in &all {
                for (element, is_in) in elements {
                    self.step(span)?;
                    let when = self.symbolic.gates.and(*when, *is_in);
                    if when != FALSE {
                        more.push((when, env.bind(Self::bind_pattern(pattern, element, span)?)));
                    }
                }
            }
            all = more;
        }
        Ok(all)
    }

    /// The patterns of bounds with the possible values of each; for use where alternatives are told apart.
    fn ranges(&mut self, patterns: &[&'s Pattern], sets: &[Value<'s>], span: Span) -> Outcome<Vec<Range<'s>>> {
        unless_whole(sets, span)?;
        let mut all = Vec::with_capacity(sets.len());
        for (pattern, set) in patterns.iter().zip(sets) {
            all.push((*pattern, self.possible(set, span)?));
        }
        Ok(all)
    }

    /// The patterns and sets of bounds.
    fn bounds_open(&mut self, bounds: &'s [Bound], env: &Env<'s>) -> Outcome<(Vec<&'s Pattern>, Vec<Value<'s>>)> {
        let bound = self.bound_sets(bounds, env)?;
        Ok(bound.into_iter().map(|(pattern, set, _)| (pattern, set)).unzip())
    }

    fn quantified_open(
        &mut self,
        exists: bool,
        bounds: &'s [Bound],
        body: &'s Expr,
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        let (patterns, sets) = self.bounds_open(bounds, env)?;
        self.lift(&sets, span, &mut |this, sets| {
            let bound = this.ranges(&patterns, sets, span)?;
            let bindings = this.bindings_open(&bound, env, span)?;
            let truth = this.junction(bindings.len(), !exists, &mut |this, index| {
                let (when, env) = &bindings[index];
                let truth = this.on_path(*when, |this| this.truth_open(body, env))?;
                let gates = &mut this.symbolic.gates;
                let undefined = gates.and(*when, truth.undefined);
                // An element that is none neither satisfies an existence nor breaks a universality.
                let when = if exists { gates.and(*when, truth.when) } else { gates.or(!*when, truth.when) };
                Ok(Truth { when, undefined, fault: truth.fault.filter(|_| undefined != FALSE) })
            })?;
            this.value_of(truth)
        })
    }

    fn chosen(
        &mut self,
        pattern: &'s Pattern,
        set: &Value<'s>,
        body: &'s Expr,
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        unless_whole(std::slice::from_ref(set), span)?;
        let mut open = TRUE;
        let mut found = Vec::new();
        for (element, is_in) in self.possible(set, span)? {
            let here = self.symbolic.gates.and(open, is_in);
            if here == FALSE {
                continue;
            }
            let inner = env.bind(Self::bind_pattern(pattern, &element, span)?);
            let truth = self.on_path(here, |this| this.truth_open(body, &inner))?;
            let taken = self.symbolic.gates.and(here, truth.when);
            let failed = self.symbolic.gates.and(here, truth.undefined);
            found.push(Answer { when: taken, value: Ok(element) });
            if let Some(fault) = truth.fault {
                found.push(Answer { when: failed, value: Err(fault) });
            }
            let stopped = self.symbolic.gates.or(taken, failed);
            open = self.symbolic.gates.and(open, !stopped);
        }
        let none = Fault::undefined(span, "no element of the set satisfies the predicate of the CHOOSE");
        found.push(Answer { when: open, value: none });
        self.merged(found, span)
    }

    /// `{a, b}` of values that may be open.
    fn enumerated(&mut self, items: &[Value<'s>], span: Span) -> Outcome<Value<'s>> {
        let mut all = Vec::new();
        let mut faults = Vec::new();
        for item in items {
            for answer in self.closings(item, span)? {
                match answer.value {
                    Ok(value) => match self.include(&mut all, value, answer.when, span) {
                        Ok(()) => {}
                        // Elements that cannot be compared: whatever that means.
                        Err(Fault::Undefined { .. }) => {
                            return self.lift(items, span, &mut |this, items| this.set_of(items.to_vec(), span));
                        }
                        Err(fault) => return Err(fault),
                    },
                    Err(_) => faults.push(answer),
                }
            }
        }
        self.set_or_faults(all, faults, span)
    }

    fn set_or_faults(&mut self, all: Possible<'s>, mut faults: Vec<Answer<'s>>, span: Span) -> Outcome<Value<'s>> {
        let set = self.set_of_possible(all, span)?;
        if faults.is_empty() {
            return Ok(set);
        }
        let whens: Vec<Literal> = faults.iter().map(|answer| answer.when).collect();
        let some = self.symbolic.gates.or_all(&whens);
        faults.push(Answer { when: !some, value: Ok(set) });
        self.merged(faults, span)
    }

    fn filtered(
        &mut self,
        pattern: &'s Pattern,
        set: &Value<'s>,
        predicate: &'s Expr,
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        unless_whole(std::slice::from_ref(set), span)?;
        if !self.is_finite(set) {
            return Ok(self.described(pattern, set, predicate, env));
        }
        let (mut all, mut faults) = (Vec::new(), Vec::new());
        for (element, is_in) in self.possible(set, span)? {
            if is_in == FALSE {
                continue;
            }
            let inner = env.bind(Self::bind_pattern(pattern, &element, span)?);
            let truth = self.on_path(is_in, |this| this.truth_open(predicate, &inner))?;
            let when = self.symbolic.gates.and(is_in, truth.when);
            all.push((element, when));
            if let Some(fault) = truth.fault {
                let when = self.symbolic.gates.and(is_in, truth.undefined);
                faults.push(Answer { when, value: Err(fault) });
            }
        }
        self.set_or_faults(all, faults, span)
    }

    fn mapped(&mut self, body: &'s Expr, bounds: &'s [Bound], env: &Env<'s>, span: Span) -> Outcome<Value<'s>> {
        let (patterns, sets) = self.bounds_open(bounds, env)?;
        self.lift(&sets, span, &mut |this, sets| {
            let bound = this.ranges(&patterns, sets, span)?;
            let (mut all, mut faults) = (Vec::new(), Vec::new());
            for (when, env) in this.bindings_open(&bound, env, span)? {
                let value = this.on_path(when, |this| this.eval(body, &env));
                let value = this.caught(value)?;
                for answer in this.closings(&value, span)? {
                    let when = this.symbolic.gates.and(when, answer.when);
                    match answer.value {
                        _ if when == FALSE => {}
                        Ok(value) => this.include(&mut all, value, when, span)?,
                        Err(fault) => faults.push(Answer { when, value: Err(fault) }),
                    }
                }
            }
            this.set_or_faults(all, faults, span)
        })
    }

    /// `[x \in S |-> e]`: all values at once, each as open as it is, since closures are hard to compare.
    fn function_open(
        &mut self,
        bounds: &'s [Bound],
        body: &'s Expr,
        env: &Env<'s>,
        whole: &'s Expr,
    ) -> Outcome<Value<'s>> {
        let (patterns, sets) = self.bounds_open(bounds, env)?;
        if !sets.iter().all(|set| self.is_finite(set)) {
            return self.eval_kind(whole, env);
        }
        let span = whole.span;
        self.lift(&sets, span, &mut |this, sets| {
            for set in sets {
                Fault::unless_decided(set, span)?;
            }
            let mut rows: Vec<Vec<Value<'s>>> = vec![Vec::new()];
            for set in sets {
                let elements = this.list(set, span)?;
                let longer = |row: &Vec<Value<'s>>, element: &Value<'s>| {
                    row.iter().cloned().chain([element.clone()]).collect::<Vec<_>>()
                };
                rows = rows.iter().flat_map(|row| elements.iter().map(move |element| longer(row, element))).collect();
                this.room(rows.len(), span)?;
            }
            let mut pairs = Vec::with_capacity(rows.len());
            for row in rows {
                let mut inner = env.clone();
                for (pattern, value) in patterns.iter().zip(&row) {
                    inner = inner.bind(Self::bind_pattern(pattern, value, span)?);
                }
                let value = this.eval(body, &inner);
                let value = this.caught(value)?;
                let key = if let [only] = &row[..] { only.clone() } else { Value::tuple(row) };
                pairs.push((key, value));
            }
            this.function_of(pairs, span)
        })
    }

    /// `f[a]`.
    fn applied(&mut self, function: Value<'s>, argument: Value<'s>, span: Span) -> Outcome<Value<'s>> {
        self.lift(&[function, argument], span, &mut |this, values| {
            unless_whole(&values[..1], span)?;
            let argument = this.decided(&values[1], span)?;
            this.apply_function(&values[0], &argument, span)
        })
    }

    fn updated_open(
        &mut self,
        old: &Value<'s>,
        path: &'s [ExceptPath],
        update: &'s ExceptUpdate,
        env: &Env<'s>,
    ) -> Outcome<Value<'s>> {
        let Some((first, rest)) = path.split_first() else {
            let inner = env.bind(vec![("@", Meaning::Value(old.clone()))]);
            return self.eval(&update.value, &inner);
        };
        let key = match first {
            ExceptPath::Index(args) => self.index(args, env)?,
            ExceptPath::Field(field) => Value::Text(self.strings.text(&field.name)),
        };
        let span = update.span;
        self.lift(&[old.clone(), key], span, &mut |this, values| {
            unless_whole(&values[..1], span)?;
            let key = this.decided(&values[1], span)?;
            let pairs = this.pairs(&values[0], span)?;
            let place = crate::sets::or_undefined(crate::order::search(&pairs, &key, |(key, _)| key), span)?;
            let Ok(index) = place else { return Ok(Value::Function(pairs)) };
            let mut pairs = pairs.to_vec();
            let part = this.updated_open(&pairs[index].1.clone(), rest, update, env);
            pairs[index].1 = this.caught(part)?;
            Ok(Value::Function(pairs.into()))
        })
    }

    /// When an expression has the same value before and after the step.
    pub(crate) fn unchanged_open(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Truth> {
        let outcome = self.unchanged_value(expr, env);
        self.truth_of(outcome, expr.span)
    }

    fn unchanged_value(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Value<'s>> {
        let now = self.eval(expr, env)?;
        let then = self.moment.primed();
        let then = self.at(then, |this| this.eval(expr, env))?;
        self.equal_open(&then, &now, expr.span)
    }
}
