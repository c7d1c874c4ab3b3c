//! Successors of a state, found the way TLC finds them.
//!
//! An action is walked from left to right with a list of what remains to be done. `x' = e` and `x' \in S` give `x'` a
//! value if it has none yet and are conditions otherwise; a disjunction and `\E` are walked alternative by alternative,
//! each with all that remains; everything else is a condition. This is the only search of the checker. It is used for
//! `ENABLED`, for deadlocks (there is no successor), and for errors (the search runs into one); the steps of a trace
//! are checked without it.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::language::is_reserved;
use crate::names::{Env, Meaning, Moment, State};
use crate::specification::Formula;
use crate::value::{SymbolicSet, Value};
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{DefinitionBody, Expr, ExprKind, Junction, Quantifier};

/// Which variables are given values: those of the initial state, or the primed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Initial,
    Next,
}

/// One thing that remains to be done.
#[derive(Clone)]
pub(crate) enum Task<'s> {
    /// The formula is true.
    True(Formula<'s>),
    /// The expression does not change.
    Unchanged(Formula<'s>),
    /// The expression changes.
    Changed(Formula<'s>),
    /// The second action of a composition has been walked: the step begins in this state again.
    Return(Option<Rc<State<'s>>>),
}

/// What remains to be done, first things first.
pub(crate) struct Rest<'s> {
    pub(crate) task: Task<'s>,
    pub(crate) then: Option<Rc<Rest<'s>>>,
}

pub(crate) type Tasks<'s> = Option<Rc<Rest<'s>>>;

/// Called for each state found; `false` ends the search.
pub(crate) type Found<'f, 's> = dyn FnMut(&Rc<State<'s>>) -> Outcome<bool> + 'f;

/// A search under way.
pub(crate) struct Search<'f, 's> {
    pub(crate) target: Target,
    found: &'f mut Found<'f, 's>,
}

pub(crate) fn before<'s>(task: Task<'s>, then: &Tasks<'s>) -> Tasks<'s> {
    Some(Rc::new(Rest { task, then: then.clone() }))
}

pub(crate) fn formula<'s>(expr: &'s Expr, env: &Env<'s>) -> Formula<'s> {
    Formula { expr, env: env.clone() }
}

/// Whether an expression is a function literal, or the name that a `LET` gives one.
fn is_written_there(function: &Expr, env: &Env<'_>) -> bool {
    match &*function.kind {
        ExprKind::FunctionLiteral { .. } => true,
        ExprKind::Apply { op, args } if args.is_empty() => match env.local(&op.name) {
            Some(Meaning::Definition { definition, env, .. }) => match &definition.body {
                DefinitionBody::Operator(body) => is_written_there(body, &env),
                DefinitionBody::Function { .. } | DefinitionBody::Instance(_) => false,
            },
            Some(_) | None => false,
        },
        _ => false,
    }
}

impl<'s> Evaluator<'s> {
    /// Calls `found` with every state that satisfies the formulas: initial states, or successors of the moment's
    /// current state. The answer is `false` if `found` ended the search.
    pub(crate) fn search<'f>(
        &mut self,
        formulas: &[Formula<'s>],
        target: Target,
        current: Option<Rc<State<'s>>>,
        found: &'f mut Found<'f, 's>,
    ) -> Outcome<bool> {
        let tasks = formulas.iter().rev().fold(None, |rest, formula| before(Task::True(formula.clone()), &rest));
        self.search_tasks(&tasks, target, current, found)
    }

    pub(crate) fn search_tasks<'f>(
        &mut self,
        tasks: &Tasks<'s>,
        target: Target,
        current: Option<Rc<State<'s>>>,
        found: &'f mut Found<'f, 's>,
    ) -> Outcome<bool> {
        let nothing = Some(Rc::new(vec![None; self.variables.len()]));
        let moment = match target {
            Target::Initial => Moment { current: nothing, next: None },
            Target::Next => Moment { current, next: nothing },
        };
        // Every alternative counts here, so an alternative without a value may not be skipped.
        let lenient = std::mem::replace(&mut self.lenient, false);
        let outcome = self.at(moment, |this| this.proceed(tasks, &mut Search { target, found }));
        self.lenient = lenient;
        outcome
    }

    /// `ENABLED A`.
    pub(crate) fn is_enabled(&mut self, action: &'s Expr, env: &Env<'s>) -> Outcome<bool> {
        let tasks = before(Task::True(formula(action, env)), &None);
        self.some_successor(&tasks)
    }

    /// `ENABLED <<A>>_v`.
    pub(crate) fn is_enabled_and_changes(
        &mut self,
        action: &'s Expr,
        subscript: &'s Expr,
        env: &Env<'s>,
    ) -> Outcome<bool> {
        let changed = before(Task::Changed(formula(subscript, env)), &None);
        self.some_successor(&before(Task::True(formula(action, env)), &changed))
    }

    fn some_successor(&mut self, tasks: &Tasks<'s>) -> Outcome<bool> {
        // Whether an action is enabled depends on the state, even if the search reads no variable.
        self.reads += 1;
        let current = self.moment.current.clone();
        let completed = self.search_tasks(tasks, Target::Next, current, &mut |_| Ok(false))?;
        Ok(!completed)
    }

    /// The states to which an action leads from the current one.
    pub(crate) fn intermediate(&mut self, action: &Formula<'s>) -> Outcome<Vec<Rc<State<'s>>>> {
        if self.symbolic.is_on {
            return Fault::unsupported(action.expr.span, "the composition of actions in a certificate");
        }
        self.reads += 1;
        let (mut states, current) = (Vec::new(), self.moment.current.clone());
        let tasks = before(Task::True(action.clone()), &None);
        self.search_tasks(&tasks, Target::Next, current, &mut |state| {
            states.push(state.clone());
            Ok(true)
        })?;
        Ok(states)
    }

    /// Does what remains to be done.
    pub(crate) fn proceed(&mut self, tasks: &Tasks<'s>, search: &mut Search<'_, 's>) -> Outcome<bool> {
        match self.proceed_here(tasks, search) {
            // Where a state is not decided, only this path fails.
            Err(fault) if self.symbolic.is_on && !matches!(fault, Fault::Asks { .. }) => {
                self.may_fail(self.symbolic.path, fault);
                Ok(true)
            }
            outcome => outcome,
        }
    }

    fn proceed_here(&mut self, tasks: &Tasks<'s>, search: &mut Search<'_, 's>) -> Outcome<bool> {
        let Some(rest) = tasks else {
            if let (true, Some(state)) = (self.symbolic.is_on, self.target_state(search.target)) {
                self.symbolic.reached.push((self.symbolic.path, state));
                return Ok(true);
            }
            return self.target_state(search.target).map_or(Ok(true), |state| (search.found)(&state));
        };
        if self.is_complete(search.target) && !matches!(rest.task, Task::Return(_)) {
            if self.symbolic.is_on {
                return self.proceed_where_true(tasks, search);
            }
            return match self.where_conditions_end(tasks)? {
                Some(rest) => self.proceed(rest, search),
                None => Ok(true),
            };
        }
        match &rest.task {
            Task::True(formula) => self.walk(formula, &rest.then, search),
            Task::Unchanged(formula) => self.walk_unchanged(formula, &rest.then, search),
            Task::Changed(_) if self.symbolic.is_on => self.proceed_where_true(tasks, search),
            Task::Changed(formula) => {
                let stays = self.unchanged(formula.expr, &formula.env)?;
                if stays { Ok(true) } else { self.proceed(&rest.then, search) }
            }
            Task::Return(start) => {
                let moment = Moment { current: start.clone(), next: self.moment.next.clone() };
                self.at(moment, |this| this.proceed(&rest.then, search))
            }
        }
    }

    /// Whether every variable has its value. What remains is then a plain condition: a disjunction in it is not walked
    /// alternative by alternative, which would find the same state again, and which would evaluate alternatives behind
    /// a true one.
    fn is_complete(&self, target: Target) -> bool {
        self.target_state(target).is_some_and(|state| state.iter().all(Option::is_some))
    }

    /// What is left behind the conditions at the front, if all of them are true.
    fn where_conditions_end<'t>(&mut self, mut tasks: &'t Tasks<'s>) -> Outcome<Option<&'t Tasks<'s>>> {
        while let Some(rest) = tasks {
            let holds = match &rest.task {
                Task::True(formula) => self.eval_bool(formula.expr, &formula.env)?,
                Task::Unchanged(formula) => self.unchanged(formula.expr, &formula.env)?,
                Task::Changed(formula) => !self.unchanged(formula.expr, &formula.env)?,
                Task::Return(_) => return Ok(Some(tasks)),
            };
            if !holds {
                return Ok(None);
            }
            tasks = &rest.then;
        }
        Ok(Some(tasks))
    }

    /// Walks a formula, then does the rest.
    pub(crate) fn walk(
        &mut self,
        formula: &Formula<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Outcome<bool> {
        self.deeper(formula.expr.span, |this| this.walk_kind(formula, rest, search))
    }

    fn walk_kind(
        &mut self,
        Formula { expr, env }: &Formula<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Outcome<bool> {
        let expr: &'s Expr = expr;
        if self.symbolic.is_on
            && let Some(outcome) = self.walk_open(&formula(expr, env), rest, search)
        {
            return outcome;
        }
        match &*expr.kind {
            ExprKind::Junction { junction: Junction::And, items } => self.walk_all(items, env, rest, search),
            ExprKind::Junction { junction: Junction::Or, items } => self.walk_each(items, env, rest, search),
            ExprKind::Apply { op, args } if is_reserved(&op.name) => {
                self.walk_operator(&op.name, args, formula(expr, env), rest, search)
            }
            ExprKind::If { condition, then, otherwise } => {
                let branch = if self.eval_bool(condition, env)? { then } else { otherwise };
                self.walk(&formula(branch, env), rest, search)
            }
            ExprKind::Case { arms, other } => match self.case_arm(arms, other.as_ref(), env)? {
                Some(chosen) => self.walk(&formula(chosen, env), rest, search),
                None => Fault::undefined(expr.span, "no guard of the CASE is true"),
            },
            ExprKind::Quantified { quantifier: Quantifier::Exists, bounds, body } => {
                let mut go_on = true;
                self.for_each_binding(bounds, env, &mut |this, env| {
                    go_on = this.walk(&formula(body, env), rest, search)?;
                    Ok(go_on)
                })?;
                Ok(go_on)
            }
            ExprKind::Quantified { quantifier: Quantifier::Forall, bounds, body } => {
                let mut tasks = Vec::new();
                self.for_each_binding(bounds, env, &mut |_, env| {
                    tasks.push(Task::True(formula(body, env)));
                    Ok(true)
                })?;
                // The first instance, then the others from the last to the second: TLC's order.
                let first = (!tasks.is_empty()).then(|| tasks.remove(0));
                let rest = tasks.into_iter().fold(rest.clone(), |rest, task| before(task, &rest));
                let rest = first.into_iter().fold(rest, |rest, task| before(task, &rest));
                self.proceed(&rest, search)
            }
            ExprKind::BoxAction { action, subscript } => {
                let go_on = self.walk(&formula(action, env), rest, search)?;
                if go_on { self.walk_unchanged(&formula(subscript, env), rest, search) } else { Ok(false) }
            }
            ExprKind::AngleAction { action, subscript } => {
                let rest = before(Task::Changed(formula(subscript, env)), rest);
                self.walk(&formula(action, env), &rest, search)
            }
            ExprKind::Apply { .. } | ExprKind::Select(_) | ExprKind::Let { .. } | ExprKind::Label { .. } => {
                match self.look_through(expr, env)? {
                    Some(inner) => self.walk(&inner, rest, search),
                    None => self.walk_condition(expr, env, rest, search),
                }
            }
            ExprKind::Number(_)
            | ExprKind::Decimal(_)
            | ExprKind::String(_)
            | ExprKind::TemporalQuantified { .. }
            | ExprKind::Choose { .. }
            | ExprKind::SetEnum(_)
            | ExprKind::SetFilter { .. }
            | ExprKind::SetMap { .. }
            | ExprKind::FunctionLiteral { .. }
            | ExprKind::FunctionSet { .. }
            | ExprKind::RecordLiteral(_)
            | ExprKind::RecordSet(_)
            | ExprKind::Tuple(_)
            | ExprKind::Product(_)
            | ExprKind::Field { .. }
            | ExprKind::Except { .. }
            | ExprKind::At
            | ExprKind::Fairness { .. }
            | ExprKind::Lambda { .. } => self.walk_condition(expr, env, rest, search),
            // As in TLC the alternatives in a function that is written there are alternatives of the action that applies it.
            ExprKind::FunctionApply { function, args }
                if search.target == Target::Next && !self.symbolic.is_on && is_written_there(function, env) =>
            {
                let (function, argument) = (self.eval(function, env)?, self.index(args, env)?);
                match self.body_applied(&function, &argument, expr.span)? {
                    Ok(body) => self.walk(&body, rest, search),
                    Err(value) if Self::truth(&value, expr.span)? => self.proceed(rest, search),
                    Err(_) => Ok(true),
                }
            }
            ExprKind::FunctionApply { .. } => self.walk_condition(expr, env, rest, search),
        }
    }

    fn walk_condition(
        &mut self,
        expr: &'s Expr,
        env: &Env<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Outcome<bool> {
        if self.symbolic.is_on {
            return self.walk_if_true(expr, env, rest, search);
        }
        if self.eval_bool(expr, env)? { self.proceed(rest, search) } else { Ok(true) }
    }

    fn walk_all(
        &mut self,
        items: &'s [Expr],
        env: &Env<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Outcome<bool> {
        let tasks = items.iter().rev().fold(rest.clone(), |rest, item| before(Task::True(formula(item, env)), &rest));
        self.proceed(&tasks, search)
    }

    fn walk_each(
        &mut self,
        items: &'s [Expr],
        env: &Env<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Outcome<bool> {
        for item in items {
            if !self.walk(&formula(item, env), rest, search)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn walk_operator(
        &mut self,
        name: &str,
        args: &'s [Expr],
        Formula { expr, env }: Formula<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Outcome<bool> {
        match (name, args) {
            ("/\\", [_, _]) => self.walk_all(args, &env, rest, search),
            ("\\/", [_, _]) => self.walk_each(args, &env, rest, search),
            ("=>", [premise, conclusion]) => {
                if self.eval_bool(premise, &env)? {
                    self.walk(&formula(conclusion, &env), rest, search)
                } else {
                    self.proceed(rest, search)
                }
            }
            ("\\cdot", [first, second]) if search.target == Target::Next => {
                let start = self.moment.current.clone();
                let rest = before(Task::Return(start), rest);
                for middle in self.intermediate(&formula(first, &env))? {
                    let moment = Moment { current: Some(middle), next: self.moment.next.clone() };
                    if !self.at(moment, |this| this.walk(&formula(second, &env), &rest, search))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            ("UNCHANGED", [inner]) => self.walk_unchanged(&formula(inner, &env), rest, search),
            ("=" | "\\in" | "\\subseteq", [left, right]) => match self.left_side(left, &env, search.target)? {
                Some(index) => {
                    let value = self.eval(right, &env)?;
                    self.walk_assignment(name, index, &value, rest, search, expr.span)
                }
                None => self.walk_condition(expr, &env, rest, search),
            },
            (_, _) => self.walk_condition(expr, &env, rest, search),
        }
    }

    fn walk_assignment(
        &mut self,
        name: &str,
        index: usize,
        value: &Value<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
        span: Span,
    ) -> Outcome<bool> {
        if self.symbolic.is_on {
            return self.walk_assignment_open(name, index, value, rest, search, span);
        }
        let known = self.target_state(search.target).and_then(|state| state[index].clone());
        if name == "=" {
            return match known {
                Some(known) if !self.equal(&known, value, span)? => Ok(true),
                Some(_) => self.proceed(rest, search),
                None => {
                    let moment = self.assigned(search.target, index, value, span)?;
                    self.at(moment, |this| this.proceed(rest, search))
                }
            };
        }
        let set = match name {
            "\\in" => value.clone(),
            _ => Value::symbolic(SymbolicSet::Powerset(value.clone())),
        };
        if let Some(known) = known {
            return if self.contains(&set, &known, span)? { self.proceed(rest, search) } else { Ok(true) };
        }
        for element in self.elements(&set, span)? {
            let moment = self.assigned(search.target, index, &element, span)?;
            if !self.at(moment, |this| this.proceed(rest, search))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The state under construction.
    pub(crate) fn target_state(&self, target: Target) -> Option<Rc<State<'s>>> {
        match target {
            Target::Initial => self.moment.current.clone(),
            Target::Next => self.moment.next.clone(),
        }
    }

    /// The present moment with one more variable known.
    pub(crate) fn assigned(
        &mut self,
        target: Target,
        index: usize,
        value: &Value<'s>,
        span: Span,
    ) -> Outcome<Moment<'s>> {
        let mut state = self.target_state(target).map(|state| (*state).clone()).unwrap_or_default();
        state[index] = Some(self.normal(value, span)?);
        let (state, current) = (Some(Rc::new(state)), self.moment.current.clone());
        Ok(match target {
            Target::Initial => Moment { current: state, next: None },
            Target::Next => Moment { current, next: state },
        })
    }

    fn walk_unchanged(
        &mut self,
        Formula { expr, env }: &Formula<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Outcome<bool> {
        let expr: &'s Expr = expr;
        if let Some(index) = self.variable_of(expr, env)? {
            let old = self.eval(expr, env)?;
            return self.walk_assignment("=", index, &old, rest, search, expr.span);
        }
        if let ExprKind::Tuple(items) = &*expr.kind {
            let tasks =
                items.iter().rev().fold(rest.clone(), |r, item| before(Task::Unchanged(formula(item, env)), &r));
            return self.proceed(&tasks, search);
        }
        if let Some(inner) = self.look_through(expr, env)? {
            return self.deeper(expr.span, |this| this.walk_unchanged(&inner, rest, search));
        }
        if self.symbolic.is_on {
            let truth = self.unchanged_open(expr, env)?;
            return self.where_true(truth, &mut |this| this.proceed(rest, search));
        }
        if self.unchanged(expr, env)? { self.proceed(rest, search) } else { Ok(true) }
    }

    /// The variable that a left-hand side gives a value to.
    fn left_side(&mut self, expr: &'s Expr, env: &Env<'s>, target: Target) -> Outcome<Option<usize>> {
        match (target, &*expr.kind) {
            (Target::Initial, _) => self.variable_of(expr, env),
            (Target::Next, ExprKind::Apply { op, args }) if &*op.name == "'" => match &args[..] {
                [inner] => self.variable_of(inner, env),
                _ => Ok(None),
            },
            (Target::Next, _) => match self.meant(expr, env)? {
                Some(inner) => self.deeper(expr.span, |this| this.left_side(inner.expr, &inner.env, target)),
                None => Ok(None),
            },
        }
    }

    /// The variable that an expression is, through parameters, substitutions and definitions.
    fn variable_of(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Option<usize>> {
        if let ExprKind::Apply { op, args } = &*expr.kind
            && args.is_empty()
            && !is_reserved(&op.name)
            && let Meaning::Variable(index) = self.lookup(env, &op.name, op.span)?
        {
            return Ok(Some(index));
        }
        match self.meant(expr, env)? {
            Some(inner) => self.deeper(expr.span, |this| this.variable_of(inner.expr, &inner.env)),
            None => Ok(None),
        }
    }

    /// What a name stands for. An operator with arguments is not looked through: as TLC has it, what it gives is a value and
    /// no place for one.
    fn meant(&mut self, expr: &'s Expr, env: &Env<'s>) -> Outcome<Option<Formula<'s>>> {
        match &*expr.kind {
            ExprKind::Apply { args, .. } if !args.is_empty() => Ok(None),
            _ => self.look_through(expr, env),
        }
    }
}
