//! The evaluator: a walk over the syntax tree.
//!
//! It knows no types, compiles nothing and takes no short cut that the definition of TLA+ does not have. What it adds
//! to the definition is TLC's word on what has no value (see `order` and `sets`) and two limits, because a replay must
//! end: evaluation steps ("fuel") and nesting. Both limits yield [`Fault::TooLarge`], never a value.

use crate::fault::{Fault, Outcome};
use crate::language;
use crate::model::Model;
use crate::names::{Delayed, Env, Meaning, Moment, Theory};
use crate::native;
use crate::strings::Strings;
use crate::table::{Source, Tables};
use crate::value::{Closure, Rule, SymbolicSet, Value};
use num_bigint::BigInt;
use std::cell::RefCell;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{
    Definition, DefinitionBody, Expr, ExprKind, Ident, Junction, Name, OpDecl, Pattern, Quantifier, Selector,
};
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
        Self { steps: 200_000_000, nesting: 20_000, elements: 2_000_000 }
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
    /// How often variables were read: a value during whose evaluation none was read holds in every state.
    pub(crate) reads: u64,
    /// Whether a disjunct without a value may be skipped: see [`Evaluator::disjunction`].
    pub(crate) lenient: bool,
    /// What `Print` and `PrintT` printed.
    pub(crate) printed: Vec<String>,
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

/// An operand of an operator: an expression where it stands, or something that is known already.
#[derive(Clone, Copy)]
pub(crate) enum Operand<'a, 's> {
    Expr(&'s Expr, &'a Env<'s>),
    Meaning(&'a Meaning<'s>, Span),
}

impl Operand<'_, '_> {
    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Expr(expr, _) => expr.span,
            Self::Meaning(_, span) => *span,
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
            reads: 0,
            lenient: false,
            printed: Vec::new(),
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

    /// The value of an expression.
    pub(crate) fn eval(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Value<'s>> {
        self.deeper(expr.span, |this| this.eval_kind(expr, env))
    }

    /// The value of an expression that must be `TRUE` or `FALSE`.
    pub(crate) fn eval_bool(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<bool> {
        let value = self.eval(expr, env)?;
        Self::truth(&value, expr.span)
    }

    /// The truth value that a value is.
    pub(crate) fn truth(value: &Value<'s>, span: Span) -> Outcome<bool> {
        match value {
            Value::Bool(truth) => Ok(*truth),
            other => Fault::undefined(span, format!("a boolean was expected here, not {}", other.kind())),
        }
    }

    fn eval_kind(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Value<'s>> {
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
                let stutters = |this: &mut Self| this.unchanged(subscript, env);
                let taken = self.eval_bool(action, env)?;
                Ok(Value::Bool(taken || stutters(self)?))
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
    pub(crate) fn eval_all(
        &mut self,
        items: &'s [Expr],
        env: &Env<'s>,
    ) -> Outcome<Vec<Value<'s>>> {
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
        let mut first_fault = None;
        for index in 0..count {
            match alternative(self, index) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(fault) if self.lenient && fault.is_defect_of_specification() => {
                    first_fault.get_or_insert(fault);
                }
                Err(fault) => return Err(fault),
            }
        }
        first_fault.map_or(Ok(false), Err)
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
        bounds: &'s [tla_syntax::ast::Bound],
        body: &'s Expr,
        env: &Env<'s>,
    ) -> Outcome<bool> {
        let exists = quantifier == Quantifier::Exists;
        let (mut decided, mut first_fault) = (false, None);
        self.for_each_binding(bounds, env, &mut |this, env| {
            match this.eval_bool(body, env) {
                Ok(truth) => decided = truth == exists,
                Err(fault) if exists && this.lenient && fault.is_defect_of_specification() => {
                    first_fault.get_or_insert(fault);
                }
                Err(fault) => return Err(fault),
            }
            Ok(!decided)
        })?;
        match first_fault {
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
            let predicate = self.rule(vec![pattern], predicate, env);
            return Ok(Value::symbolic(SymbolicSet::Filter { set: candidates, predicate }));
        }
        let mut chosen = Vec::new();
        for candidate in self.elements(&candidates, set.span)? {
            let inner = env.bind(Self::bind_pattern(pattern, &candidate, set.span)?);
            if self.eval_bool(predicate, &inner)? {
                chosen.push(candidate);
            }
        }
        // The elements come in order, so that the chosen ones are sorted.
        Ok(Value::sorted_set(chosen))
    }

    /// A closure; it may read variables later, so it is valid in this moment only.
    fn rule(&mut self, patterns: Vec<&'s Pattern>, body: &'s Expr, env: &Env<'s>) -> Rule<'s> {
        self.reads += u64::from(moment.current.is_some() || moment.next.is_some());
        Rule { patterns, body, env: env.clone(), moment: moment.clone() }
    }

    fn function_literal(
        &mut self,
        bounds: &'s [tla_syntax::ast::Bound],
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

    fn fields(
        &mut self,
        fields: &'s [(Ident, Expr)],
        env: &Env<'s>,
    ) -> Outcome<Vec<(Value<'s>, Value<'s>)>> {
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

    fn apply_name(
        &mut self,
        op: &'s Ident,
        args: &'s [Expr],
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        let operands: Vec<_> = args.iter().map(|arg| Operand::Expr(arg, env)).collect();
        if language::is_reserved(&op.name) {
            return self.apply_language(&op.name, &operands, span);
        }
        let meaning = self.lookup(env, &op.name, op.span)?;
        self.apply(&meaning, &operands, span)
    }

    fn apply_selected(
        &mut self,
        selectors: &'s [Selector],
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        let (meaning, args) = self.select(selectors, env, span)?;
        let operands: Vec<_> = args.iter().map(|arg| Operand::Expr(arg, env)).collect();
        self.apply(&meaning, &operands, span)
    }

    /// What a compound name stands for, and its last arguments.
    pub(crate) fn select(
        &mut self,
        selectors: &'s [Selector],
        env: &Env<'s>,
        span: Span,
    ) -> Outcome<(Meaning<'s>, &'s [Expr])> {
        let Some((Selector::Name { ident, args }, rest)) = selectors.split_first() else {
            return Fault::unsupported(span, "a compound name that does not start with a name");
        };
        let (mut meaning, mut args) = (self.operator_named(ident, env)?, args);
        for selector in rest {
            let (Selector::Name { ident, args: next }, Some((definition, instance, inside))) =
                (selector, Self::instance_of(&meaning))
            else {
                return Fault::unsupported(span, "a name of a subexpression");
            };
            if let Source::Builtin(builtin) = self.tables.global(&instance.module.name) {
                meaning = match builtin.operator(&ident.name) {
                    Some(operator) => native::meaning(builtin, operator.name),
                    None => return Fault::unsupported(span, format!("{}!{}", builtin.name, ident.name)),
                };
                args = next;
                continue;
            }
            let operands: Vec<_> = args.iter().map(|arg| Operand::Expr(arg, env)).collect();
            let inside = self.inside(definition, &inside, &operands, span)?;
            let theory = self.instantiate(instance, &inside)?;
            (meaning, args) = (self.lookup_exported(&theory, ident)?, next);
        }
        Ok((meaning, args))
    }

    /// The environment of a definition's right-hand side: its parameters are bound to the operands.
    pub(crate) fn inside(
        &mut self,
        definition: &'s Definition,
        env: &Env<'s>,
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Env<'s>> {
        let params = &definition.params;
        if params.len() != operands.len() {
            let name = &definition.name.name;
            return Fault::unsupported(span, format!("{name} with {} arguments", operands.len()));
        }
        if params.is_empty() {
            return Ok(env.clone());
        }
        let bound = params.iter().zip(operands).map(|(param, operand)| self.argument(param, operand));
        Ok(env.bind(bound.collect::<Outcome<_>>()?))
    }

    fn argument(&mut self, param: &'s OpDecl, operand: &Operand<'_, 's>) -> Outcome<(&'s str, Meaning<'s>)> {
        let meaning = match operand {
            Operand::Meaning(meaning, _) => (*meaning).clone(),
            Operand::Expr(expr, env) if param.arity > 0 => self.operator_argument(expr, env, param.arity)?,
            Operand::Expr(expr, env) => self.delay(expr, env),
        };
        Ok((&param.name.name, meaning))
    }

    /// An argument for later. A parameter or bound name that is handed on stays what it is, so that chains of delayed
    /// expressions do not grow with every call.
    pub(crate) fn delay(&mut self, expr: &'s Expr, env: &Env<'s>) -> Meaning<'s> {
        if let ExprKind::Apply { op, args } = &*expr.kind
            && args.is_empty()
            && !language::is_reserved(&op.name)
            && let Ok(meaning @ (Meaning::Value(_) | Meaning::Delayed(_) | Meaning::Variable(_))) =
                self.lookup(env, &op.name, op.span)
        {
            return meaning;
        }
        Meaning::Delayed(Delayed::new(expr, env))
    }

    /// The value of an operand.
    pub(crate) fn operand(&mut self, operand: &Operand<'_, 's>) -> Outcome<Value<'s>> {
        match operand {
            Operand::Expr(expr, env) => self.eval(expr, env),
            Operand::Meaning(meaning, span) => self.apply(meaning, &[], *span),
        }
    }

    /// Applies what a name stands for.
    pub(crate) fn apply(
        &mut self,
        meaning: &Meaning<'s>,
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Value<'s>> {
        match meaning {
            Meaning::Value(value) => Ok(value.clone()),
            Meaning::Delayed(delayed) => {
                self.remembered(&delayed.memo, |this| this.eval(delayed.expr, &delayed.env))
            }
            Meaning::Definition { definition, env, memo } if operands.is_empty() => {
                self.remembered(memo, |this| this.apply_definition(definition, env, &[], span))
            }
            Meaning::Definition { definition, env, .. } => {
                self.apply_definition(definition, env, operands, span)
            }
            Meaning::Lambda { params, body, env } => {
                let bound = self.lambda_arguments(params, operands, span)?;
                self.eval(body, &env.bind(bound))
            }
            Meaning::Variable(index) => self.variable_value(*index, span),
            Meaning::Native(name) => native::apply(self, name, operands, span),
            Meaning::Language(name) => self.apply_language(name, operands, span),
            Meaning::Cases(cases) => self.apply_cases(cases, operands, span),
            Meaning::Unsupported(construct) => Fault::unsupported(span, construct.clone()),
        }
    }

    /// The parameters of a `LAMBDA` with what they stand for.
    pub(crate) fn lambda_arguments(
        &mut self,
        params: &'s [Ident],
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Vec<(&'s str, Meaning<'s>)>> {
        if params.len() != operands.len() {
            return Fault::unsupported(span, "a LAMBDA with another number of arguments");
        }
        let argument = |(param, operand): (&'s Ident, &Operand<'_, 's>)| match operand {
            Operand::Meaning(meaning, _) => Ok((&*param.name, (*meaning).clone())),
            Operand::Expr(expr, env) => Ok((&*param.name, self.delay(expr, env))),
        };
        params.iter().zip(operands).map(argument).collect()
    }

    fn apply_definition(
        &mut self,
        definition: &'s Definition,
        env: &Env<'s>,
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Value<'s>> {
        let inside = self.inside(definition, env, operands, span)?;
        match &definition.body {
            DefinitionBody::Operator(body) => self.eval(body, &inside),
            DefinitionBody::Function { bounds, body } => {
                self.function_literal(bounds, body, Some(&definition.name.name), &inside)
            }
            DefinitionBody::Instance(_) => Fault::unsupported(span, "an instance as an expression"),
        }
    }

    fn variable_value(&mut self, index: usize, span: Span) -> Outcome<Value<'s>> {
        self.reads += 1;
        match moment.current.as_ref().map(|state| &state[index]) {
            Some(Some(value)) => Ok(value.clone()),
            Some(None) => Fault::undefined(span, format!("{} has no value yet here", self.variables[index])),
            None => Fault::undefined(span, format!("{} has no value outside a behavior", self.variables[index])),
        }
    }

    fn apply_cases(
        &mut self,
        cases: &[(Vec<Value<'s>>, Value<'s>)],
        operands: &[Operand<'_, 's>],
        span: Span,
    ) -> Outcome<Value<'s>> {
        let arguments: Vec<_> = operands.iter().map(|o| self.operand(o)).collect::<Outcome<_>>()?;
        'cases: for (expected, value) in cases {
            for (expected, argument) in expected.iter().zip(&arguments) {
                if !self.equal(expected, argument, span)? {
                    continue 'cases;
                }
            }
            return Ok(value.clone());
        }
        Fault::undefined(span, "the configuration gives no value for these arguments")
    }
}
