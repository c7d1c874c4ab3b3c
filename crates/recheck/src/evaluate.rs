//! The evaluator: a walk over the syntax tree.
//!
//! It knows no types, compiles nothing and takes no short cut that the definition of TLA+ does not have. What it adds
//! to the definition is TLC's word on what has no value (see `order` and `sets`) and two limits, because a replay must
//! end: evaluation steps ("fuel") and nesting. Both limits yield [`Fault::TooLarge`], never a value.

use crate::certificate::Symbolic;
use crate::fault::{Fault, Outcome};
use crate::model::Model;
use crate::names::{Env, Moment, State, Theory};
use crate::strings::Strings;
use crate::table::Tables;
use crate::value::{Closure, Rule, SymbolicSet, Value};
use num_bigint::BigInt;
use std::cell::RefCell;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{Bound, Expr, ExprKind, Ident, Junction, Name, Pattern, Quantifier};
use tla_syntax::config::Config;
use tla_syntax::load::Specification;

/// How much a replay may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Number of evaluation steps.
    pub steps: u64,
    /// Nesting of evaluations inside each other.
    pub nesting: usize,
    /// Number of elements of a set that has to be listed.
    pub elements: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 200_000_000, nesting: 20_000, elements: 1_000_000 }
    }
}

/// The evaluator with what it knows of specification and configuration.
pub(crate) struct Evaluator<'s> {
    pub(crate) tables: Tables<'s>,
    pub(crate) strings: Strings,
    pub(crate) model: Model<'s>,
    /// Names of the root module's variables.
    pub(crate) variables: Vec<&'s Name>,
    pub(crate) root: Option<Rc<Theory<'s>>>,
    /// Every theory that was remembered, to break reference cycles at the end.
    pub(crate) theories: Vec<Rc<Theory<'s>>>,
    /// The states that variables refer to at present.
    pub(crate) moment: Moment<'s>,
    /// How often variables were read: a value during whose evaluation none was read holds in every state.
    pub(crate) reads: u64,
    /// Whether a disjunct without a value may be skipped: see [`Evaluator::disjunction`].
    pub(crate) lenient: bool,
    /// Integers that a step which is judged may have chosen from a set without an end; only while one is.
    pub(crate) witnesses: Option<Vec<BigInt>>,
    /// The states of the behavior that is replayed, for `TLCGet("level")`; known by their addresses.
    pub(crate) behavior: Vec<Rc<State<'s>>>,
    /// What `Print` and `PrintT` printed.
    pub(crate) printed: Vec<String>,
    /// What is known of states that are not decided; only while a certificate is checked.
    pub(crate) symbolic: Symbolic<'s>,
    pub(crate) limits: Limits,
    pub(crate) steps: u64,
    pub(crate) nesting: usize,
}

impl Drop for Evaluator<'_> {
    fn drop(&mut self) {
        for theory in self.theories.iter().chain(&self.root) {
            theory.forget();
        }
    }
}

impl<'s> Evaluator<'s> {
    /// An evaluator for a specification under a configuration.
    pub(crate) fn new(specification: &'s Specification, config: &'s Config, limits: Limits) -> Outcome<Self> {
        let root = &specification.root_module().module;
        let mut evaluator = Self {
            tables: Tables::new(specification.modules.iter().map(|parsed| &parsed.module)),
            strings: Strings::new(specification, config),
            model: Model::default(),
            variables: Vec::new(),
            root: None,
            theories: Vec::new(),
            moment: Moment::default(),
            reads: 0,
            lenient: false,
            witnesses: None,
            behavior: Vec::new(),
            printed: Vec::new(),
            symbolic: Symbolic::default(),
            limits,
            steps: 0,
            nesting: 0,
        };
        evaluator.variables = evaluator.tables.of(root).variables.clone();
        evaluator.root = Some(evaluator.root_theory(root));
        evaluator.configure(config, root)?;
        Ok(evaluator)
    }

    /// Counts one step at one level deeper, and fails where a limit is reached.
    pub(crate) fn deeper<T>(&mut self, span: Span, inner: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        self.step(span)?;
        if self.nesting >= self.limits.nesting {
            return Fault::too_large(span, format!("more than {} nested evaluations", self.limits.nesting));
        }
        self.nesting += 1;
        let outcome = inner(self);
        self.nesting -= 1;
        outcome
    }

    /// Counts one step.
    pub(crate) fn step(&mut self, span: Span) -> Outcome<()> {
        self.steps += 1;
        if self.steps > self.limits.steps {
            return Fault::too_large(span, format!("more than {} evaluation steps", self.limits.steps));
        }
        Ok(())
    }

    /// Fails if a listed set has no room for one more element.
    pub(crate) fn room(&self, elements: usize, span: Span) -> Outcome<()> {
        if elements >= self.limits.elements {
            return Fault::too_large(span, format!("a set with more than {} elements", self.limits.elements));
        }
        Ok(())
    }

    /// Does something in another moment.
    pub(crate) fn at<T>(&mut self, moment: Moment<'s>, inner: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.moment, moment);
        let outcome = inner(self);
        self.moment = before;
        outcome
    }

    /// The value of an expression in the present moment.
    pub(crate) fn eval(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Value<'s>> {
        self.deeper(expr.span, |this| {
            if this.symbolic.is_on { this.eval_symbolic(expr, env) } else { this.eval_kind(expr, env) }
        })
    }

    /// The value of an expression that must be `TRUE` or `FALSE`.
    pub(crate) fn eval_bool(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<bool> {
        let value = self.eval(expr, env)?;
        Self::truth(&value, expr.span)
    }

    /// The truth value that a value is.
    pub(crate) fn truth(value: &Value<'s>, span: Span) -> Outcome<bool> {
        Fault::unless_decided(value, span)?;
        match value {
            Value::Bool(truth) => Ok(*truth),
            other => Fault::undefined(span, format!("a boolean was expected here, not {}", other.kind())),
        }
    }

    /// The value by the kind of the expression.
    pub(crate) fn eval_kind(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Value<'s>> {
        let span = expr.span;
        match &*expr.kind {
            ExprKind::Number(digits) => match digits.parse::<BigInt>() {
                Ok(number) => Ok(Value::Int(number)),
                Err(_) => Fault::unsupported(span, format!("the number {digits}")),
            },
            ExprKind::Decimal(_) => Fault::unsupported(span, "a decimal number"),
            ExprKind::String(content) => Ok(Value::Text(self.strings.text(content))),
            ExprKind::Apply { op, args } => self.apply_name(op, args, env, span),
            ExprKind::Select(selectors) => self.apply_selected(selectors, env, span),
            ExprKind::Junction { junction: Junction::And, items } => {
                for item in items {
                    if !self.eval_bool(item, env)? {
                        return Ok(Value::Bool(false));
                    }
                }
                Ok(Value::Bool(true))
            }
            ExprKind::Junction { junction: Junction::Or, items } => {
                self.disjunction(items.len(), |this, index| this.eval_bool(&items[index], env)).map(Value::Bool)
            }
            ExprKind::If { condition, then, otherwise } => {
                let branch = if self.eval_bool(condition, env)? { then } else { otherwise };
                self.eval(branch, env)
            }
            ExprKind::Case { arms, other } => match self.case_arm(arms, other.as_ref(), env)? {
                Some(chosen) => self.eval(chosen, env),
                None => Fault::undefined(span, "no guard of the CASE is true"),
            },
            ExprKind::Let { items, body } => self.eval(body, &env.with_let(items)),
            ExprKind::Quantified { quantifier, bounds, body } => {
                self.quantified(*quantifier, bounds, body, env).map(Value::Bool)
            }
            ExprKind::TemporalQuantified { .. } => Fault::unsupported(span, "quantification over behaviors"),
            ExprKind::Choose { pattern, set, body } => self.choose(pattern, set.as_ref(), body, env, span),
            ExprKind::SetEnum(items) => {
                let elements = self.eval_all(items, env)?;
                self.set_of(elements, span)
            }
            ExprKind::SetFilter { pattern, set, predicate } => self.filter(pattern, set, predicate, env),
            ExprKind::SetMap { body, bounds } => {
                let mut elements = Vec::new();
                self.for_each_binding(bounds, env, &mut |this, env| {
                    this.room(elements.len(), span)?;
                    elements.push(this.eval(body, env)?);
                    Ok(true)
                })?;
                self.normal_set(elements, span)
            }
            ExprKind::FunctionLiteral { bounds, body } => self.function_literal(bounds, body, None, env),
            ExprKind::FunctionSet { domain, range } => {
                let (domain, range) = (self.eval(domain, env)?, self.eval(range, env)?);
                Ok(Value::symbolic(SymbolicSet::Functions(domain, range)))
            }
            ExprKind::RecordLiteral(fields) => {
                let pairs = self.fields(fields, env)?;
                self.function_of(pairs, span)
            }
            ExprKind::RecordSet(fields) => {
                let pairs = self.fields(fields, env)?;
                let pairs = self.sorted_pairs(pairs, span)?;
                Ok(Value::symbolic(SymbolicSet::Records(pairs)))
            }
            ExprKind::Tuple(items) => Ok(Value::tuple(self.eval_all(items, env)?)),
            ExprKind::Product(sets) => Ok(Value::symbolic(SymbolicSet::Product(self.eval_all(sets, env)?))),
            ExprKind::FunctionApply { function, args } => {
                let function = self.eval(function, env)?;
                let argument = self.index(args, env)?;
                self.apply_function(&function, &argument, span)
            }
            ExprKind::Field { record, field } => {
                let record = self.eval(record, env)?;
                let field = Value::Text(self.strings.text(&field.name));
                self.apply_function(&record, &field, span)
            }
            ExprKind::Except { base, updates } => self.except(base, updates, env),
            ExprKind::At => {
                let meaning = self.lookup(env, "@", span)?;
                self.apply(&meaning, &[], span)
            }
            ExprKind::BoxAction { action, subscript } => {
                let taken = self.eval_bool(action, env)?;
                Ok(Value::Bool(taken || self.unchanged(subscript, env)?))
            }
            ExprKind::AngleAction { action, subscript } => {
                let taken = self.eval_bool(action, env)?;
                Ok(Value::Bool(taken && !self.unchanged(subscript, env)?))
            }
            ExprKind::Fairness { .. } => Fault::unsupported(span, "a fairness condition outside a temporal formula"),
            ExprKind::Label { body, .. } => self.eval(body, env),
            ExprKind::Lambda { .. } => Fault::unsupported(span, "a LAMBDA that is no operator argument"),
        }
    }

    /// Values of several expressions, from left to right.
    pub(crate) fn eval_all(&mut self, items: &'s [Expr], env: &Env<'s>) -> Outcome<Vec<Value<'s>>> {
        items.iter().map(|item| self.eval(item, env)).collect()
    }

    /// Whether one of several alternatives is true, tried in order.
    ///
    /// An alternative without a value makes the whole undefined, unless the replay of an initial state or of a step is
    /// under way and another alternative is true. There the alternatives are different actions, and TLC evaluates each
    /// of them for itself: `x' = "a" \/ x' = 1` allows a step to 1, although `1 = "a"` has no value.
    pub(crate) fn disjunction(
        &mut self,
        count: usize,
        mut alternative: impl FnMut(&mut Self, usize) -> Outcome<bool>,
    ) -> Outcome<bool> {
        let mut joined = None;
        for index in 0..count {
            match alternative(self, index) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(fault) if self.lenient => fault.join(&mut joined),
                Err(fault) => return Err(fault),
            }
        }
        joined.map_or(Ok(false), Err)
    }

    /// The first arm whose guard is true, or `OTHER`.
    pub(crate) fn case_arm(
        &mut self,
        arms: &'s [(Expr, Expr)],
        other: Option<&'s Expr>,
        env: &Env<'s>,
    ) -> Outcome<Option<&'s Expr>> {
        for (guard, value) in arms {
            if self.eval_bool(guard, env)? {
                return Ok(Some(value));
            }
        }
        Ok(other)
    }

    fn quantified(
        &mut self,
        quantifier: Quantifier,
        bounds: &'s [Bound],
        body: &'s Expr,
        env: &Env<'s>,
    ) -> Outcome<bool> {
        let exists = quantifier == Quantifier::Exists;
        let (mut decided, mut joined) = (false, None);
        let listed = self.for_each_binding(bounds, env, &mut |this, env| {
            match this.eval_bool(body, env) {
                Ok(truth) => decided = truth == exists,
                Err(fault) if exists && this.lenient => fault.join(&mut joined),
                Err(fault) => return Err(fault),
            }
            Ok(!decided)
        });
        match listed {
            Err(fault) if self.witnesses.is_some() => return self.witnessed(bounds, body, exists, env, fault),
            other => other?,
        }
        match joined {
            Some(fault) if !decided => Err(fault),
            Some(_) | None => Ok(decided == exists),
        }
    }

    fn choose(
        &mut self,
        pattern: &'s Pattern,
        set: Option<&'s Expr>,
        body: &'s Expr,
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        let Some(set) = set else {
            return Fault::undefined(span, "an unbounded CHOOSE cannot be evaluated");
        };
        let candidates = self.eval(set, env)?;
        for candidate in self.elements(&candidates, set.span)? {
            let inner = env.bind(Self::bind_pattern(pattern, &candidate, span)?);
            if self.eval_bool(body, &inner)? {
                return Ok(candidate);
            }
        }
        Fault::undefined(span, "no element of the set satisfies the predicate of the CHOOSE")
    }

    fn filter(
        &mut self,
        pattern: &'s Pattern,
        set: &'s Expr,
        predicate: &'s Expr,
        env: &Env<'s>,
    ) -> Outcome<Value<'s>> {
        let candidates = self.eval(set, env)?;
        if !self.is_finite(&candidates) {
            return Ok(self.described(pattern, &candidates, predicate, env));
        }
        let mut chosen = Vec::new();
        for candidate in self.elements(&candidates, set.span)? {
            let inner = env.bind(Self::bind_pattern(pattern, &candidate, set.span)?);
            if self.eval_bool(predicate, &inner)? {
                self.room(chosen.len(), set.span)?;
                chosen.push(candidate);
            }
        }
        // The elements come in order, so that the chosen ones are sorted.
        Ok(Value::sorted_set(chosen))
    }

    /// `{x \in S : P}` where `S` is not listed.
    pub(crate) fn described(
        &mut self,
        pattern: &'s Pattern,
        set: &Value<'s>,
        predicate: &'s Expr,
        env: &Env<'s>,
    ) -> Value<'s> {
        let predicate = self.rule(vec![pattern], predicate, env);
        Value::symbolic(SymbolicSet::Filter { set: set.clone(), predicate })
    }

    /// A closure; it may read variables later, so it is valid in this moment only.
    fn rule(&mut self, patterns: Vec<&'s Pattern>, body: &'s Expr, env: &Env<'s>) -> Rule<'s> {
        self.reads += u64::from(self.moment.current.is_some() || self.moment.next.is_some());
        Rule { patterns, body, env: env.clone(), moment: self.moment.clone() }
    }

    /// `[x \in S |-> e]`, or a recursive function of that name.
    pub(crate) fn function_literal(
        &mut self,
        bounds: &'s [Bound],
        body: &'s Expr,
        own_name: Option<&'s str>,
        env: &Env<'s>,
    ) -> Outcome<Value<'s>> {
        let (mut patterns, mut sets) = (Vec::new(), Vec::new());
        for (pattern, set, _) in self.bound_sets(bounds, env)? {
            patterns.push(pattern);
            sets.push(set);
        }
        let domain = match (patterns.len(), sets.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => Value::symbolic(SymbolicSet::Product(sets.into_iter().chain([last]).collect())),
            (_, None) => return Fault::unsupported(body.span, "a function without bound names"),
        };
        let rule = self.rule(patterns, body, env);
        Ok(Value::Closure(Rc::new(Closure { domain, rule, own_name, known: RefCell::default() })))
    }

    fn fields(&mut self, fields: &'s [(Ident, Expr)], env: &Env<'s>) -> Outcome<Vec<(Value<'s>, Value<'s>)>> {
        let field = |(name, expr): &'s (Ident, Expr)| {
            let value = self.eval(expr, env)?;
            Ok((Value::Text(self.strings.text(&name.name)), value))
        };
        fields.iter().map(field).collect()
    }

    /// The argument of `f[a]` or `f[a, b]`.
    pub(crate) fn index(&mut self, args: &'s [Expr], env: &Env<'s>) -> Outcome<Value<'s>> {
        match args {
            [only] => self.eval(only, env),
            several => Ok(Value::tuple(self.eval_all(several, env)?)),
        }
    }
}
