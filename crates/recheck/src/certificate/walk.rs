//! Actions in a state that is not decided.
//!
//! The search for successors is the one of a replay. Where that would ask whether something holds, the path goes on under
//! the condition that it does; what may be undefined on the way is kept with its condition. `x' \in S` is a free choice,
//! except under `ENABLED`, where the alternatives are what is asked for.

use super::cases::{Answer, Truth};
use super::gates::{FALSE, Literal, TRUE};
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::{Env, State};
use crate::safety::{Part, state_alone, step};
use crate::specification::Formula;
use crate::successors::{Search, Target, Task, Tasks, before, formula};
use crate::value::{Open, SymbolicSet, Value};
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{Expr, ExprKind, Junction, Quantifier};

/// A state with the condition under which it is one of those that were looked for.
pub(crate) type Reached<'s> = (Literal, Rc<State<'s>>);

impl<'s> Evaluator<'s> {
    /// Initial states or successors, in cases.
    pub(crate) fn reached_open(
        &mut self,
        formulas: &[Formula<'s>],
        target: Target,
        current: Option<Rc<State<'s>>>,
    ) -> Outcome<Vec<Reached<'s>>> {
        let before = std::mem::take(&mut self.symbolic.reached);
        let outcome = self.search(formulas, target, current, &mut |_| Ok(true));
        let reached = std::mem::replace(&mut self.symbolic.reached, before);
        outcome.map(|_| reached)
    }

    /// `ENABLED A`.
    pub(crate) fn enabled_open(&mut self, action: &'s Expr, env: &Env<'s>) -> Outcome<Value<'s>> {
        self.possible_open(&before(Task::True(formula(action, env)), &None))
    }

    /// `ENABLED <<A>>_v`.
    pub(crate) fn enabled_change_open(
        &mut self,
        action: &'s Expr,
        subscript: &'s Expr,
        env: &Env<'s>,
    ) -> Outcome<Value<'s>> {
        let changed = before(Task::Changed(formula(subscript, env)), &None);
        self.possible_open(&before(Task::True(formula(action, env)), &changed))
    }

    /// When there is a state that satisfies all of this.
    fn possible_open(&mut self, tasks: &Tasks<'s>) -> Outcome<Value<'s>> {
        self.reads += 1;
        let current = self.moment.current.clone();
        let faults = std::mem::take(&mut self.symbolic.faults);
        let path = std::mem::replace(&mut self.symbolic.path, TRUE);
        let is_free = std::mem::replace(&mut self.symbolic.is_free, false);
        let others = std::mem::take(&mut self.symbolic.reached);
        let outcome = self.search_tasks(tasks, Target::Next, current, &mut |_| Ok(true));
        let reached = std::mem::replace(&mut self.symbolic.reached, others);
        self.symbolic.is_free = is_free;
        self.symbolic.path = path;
        let faults = std::mem::replace(&mut self.symbolic.faults, faults);
        outcome?;
        let whens: Vec<Literal> = reached.iter().map(|(when, _)| *when).collect();
        let when = self.symbolic.gates.or_all(&whens);
        let (mut undefined, mut reason) = (FALSE, None);
        for (when, fault) in faults {
            undefined = self.symbolic.gates.or(undefined, when);
            fault.join(&mut reason);
        }
        let when = self.symbolic.gates.and(when, !undefined);
        self.value_of(Truth { when, undefined, fault: reason })
    }

    /// Goes on where something is true, and remembers where that has no value.
    pub(crate) fn where_true(
        &mut self,
        truth: Truth,
        inner: &mut dyn FnMut(&mut Self) -> Outcome<bool>,
    ) -> Outcome<bool> {
        if let Some(fault) = truth.fault {
            let when = self.symbolic.gates.and(self.symbolic.path, truth.undefined);
            self.may_fail(when, fault);
        }
        self.on_path(truth.when, |this| if this.symbolic.path == FALSE { Ok(true) } else { inner(this) })
    }

    pub(crate) fn may_fail(&mut self, when: Literal, fault: Fault) {
        if when != FALSE {
            self.symbolic.faults.push((when, fault));
        }
    }

    /// The alternatives of a value that is one of several; what has no value is remembered.
    fn alternatives(&mut self, value: Outcome<Value<'s>>) -> Outcome<Vec<(Literal, Value<'s>)>> {
        let answers = match value {
            Ok(Value::Open(open)) => match &*open {
                Open::Whole(question) => self.symbolic.answers(*question),
                Open::Members(_) => return Ok(vec![(TRUE, Value::Open(open))]),
            },
            value => Rc::new(vec![Answer { when: TRUE, value }]),
        };
        let mut all = Vec::with_capacity(answers.len());
        for answer in answers.iter() {
            match &answer.value {
                Ok(value) => all.push((answer.when, value.clone())),
                Err(fault @ Fault::Asks { .. }) => return Err(fault.clone()),
                Err(fault) => {
                    let when = self.symbolic.gates.and(self.symbolic.path, answer.when);
                    self.may_fail(when, fault.clone());
                }
            }
        }
        Ok(all)
    }

    /// One thing that remains to be done, where it is something that a replay would decide.
    pub(crate) fn walk_open(
        &mut self,
        Formula { expr, env }: &Formula<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Option<Outcome<bool>> {
        let expr: &'s Expr = expr;
        Some(match &*expr.kind {
            ExprKind::If { condition, then, otherwise } => {
                self.walk_either(condition, then, Some(otherwise), env, rest, search)
            }
            ExprKind::Apply { op, args } if &*op.name == "=>" => match &args[..] {
                [premise, conclusion] => self.walk_either(premise, conclusion, None, env, rest, search),
                _ => return None,
            },
            ExprKind::Case { arms, other } => self.walk_arms(arms, other.as_ref(), env, rest, search, expr.span),
            ExprKind::Quantified { quantifier: Quantifier::Exists, bounds, body } => {
                let sets = self.bound_sets(bounds, env);
                sets.and_then(|sets| {
                    let mut ways: Vec<(Literal, Vec<_>)> = vec![(TRUE, Vec::new())];
                    for (pattern, set, span) in sets {
                        let mut more = Vec::new();
                        for (when, set) in self.alternatives(Ok(set))? {
                            let (possible, there) = match &set {
                                // A set of sets or of functions: any of them.
                                Value::Symbolic(_) if self.symbolic.is_free => {
                                    let (value, there) = self.choice(&set, span)?;
                                    (vec![(value, TRUE)], there)
                                }
                                _ => (self.possible(&set, span)?, TRUE),
                            };
                            let when = self.symbolic.gates.and(when, there);
                            for (before, bound) in &ways {
                                let when = self.symbolic.gates.and(when, *before);
                                let mut bound = bound.clone();
                                bound.push((pattern, possible.clone()));
                                more.push((when, bound));
                            }
                        }
                        ways = more;
                    }
                    for (when, bound) in ways {
                        for (is_in, env) in self.bindings_open(&bound, env, expr.span)? {
                            let when = self.symbolic.gates.and(when, is_in);
                            let inner = formula(body, &env);
                            self.where_true(Truth::of(when), &mut |this| this.walk(&inner, rest, search))?;
                        }
                    }
                    Ok(true)
                })
            }
            ExprKind::Quantified { quantifier: Quantifier::Forall, bounds, .. } => {
                let sets = self.bound_sets(bounds, env);
                let are_listed =
                    sets.as_ref().is_ok_and(|sets| sets.iter().all(|(_, set, _)| !matches!(set, Value::Open(_))));
                if are_listed {
                    // As in a replay: nothing of the sets is open.
                    return None;
                }
                self.walk_if_true(expr, env, rest, search)
            }
            _ => return None,
        })
    }

    fn walk_either(
        &mut self,
        condition: &'s Expr,
        then: &'s Expr,
        otherwise: Option<&'s Expr>,
        env: &Env<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Outcome<bool> {
        let condition = self.truth_open(condition, env)?;
        let not = self.symbolic.gates.and(!condition.when, !condition.undefined);
        self.where_true(condition, &mut |this| this.walk(&formula(then, env), rest, search))?;
        self.where_true(Truth::of(not), &mut |this| match otherwise {
            Some(otherwise) => this.walk(&formula(otherwise, env), rest, search),
            None => this.proceed(rest, search),
        })
    }

    fn walk_arms(
        &mut self,
        arms: &'s [(Expr, Expr)],
        other: Option<&'s Expr>,
        env: &Env<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
        span: Span,
    ) -> Outcome<bool> {
        let Some(((guard, action), arms)) = arms.split_first() else {
            return match other {
                Some(other) => self.walk(&formula(other, env), rest, search),
                None => Fault::undefined(span, "no guard of the CASE is true"),
            };
        };
        let guard = self.truth_open(guard, env)?;
        let not = self.symbolic.gates.and(!guard.when, !guard.undefined);
        self.where_true(guard, &mut |this| this.walk(&formula(action, env), rest, search))?;
        self.where_true(Truth::of(not), &mut |this| this.walk_arms(arms, other, env, rest, search, span))
    }

    /// A condition.
    pub(crate) fn walk_if_true(
        &mut self,
        expr: &'s Expr,
        env: &Env<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
    ) -> Outcome<bool> {
        let truth = self.truth_open(expr, env)?;
        self.where_true(truth, &mut |this| this.proceed(rest, search))
    }

    /// What remains once every variable has its value: conditions.
    pub(crate) fn proceed_where_true(&mut self, tasks: &Tasks<'s>, search: &mut Search<'_, 's>) -> Outcome<bool> {
        let Some(rest) = tasks else { return self.proceed(tasks, search) };
        let truth = match &rest.task {
            Task::True(formula) => self.truth_open(formula.expr, &formula.env)?,
            Task::Unchanged(formula) => self.unchanged_open(formula.expr, &formula.env)?,
            Task::Changed(formula) => {
                let stays = self.unchanged_open(formula.expr, &formula.env)?;
                self.negated(stays)
            }
            Task::Return(_) => return self.proceed(tasks, search),
        };
        self.where_true(truth, &mut |this| this.proceed_where_true(&rest.then, search))
    }

    /// `x' = e`, `x' \in S`, `x' \subseteq S`.
    pub(crate) fn walk_assignment_open(
        &mut self,
        name: &str,
        index: usize,
        value: &Value<'s>,
        rest: &Tasks<'s>,
        search: &mut Search<'_, 's>,
        span: Span,
    ) -> Outcome<bool> {
        let known = self.target_state(search.target).and_then(|state| state[index].clone());
        let set = match name {
            "\\subseteq" => Value::symbolic(SymbolicSet::Powerset(value.clone())),
            _ => value.clone(),
        };
        if let Some(known) = known {
            let outcome = match name {
                "=" => self.equal_open(&known, value, span),
                _ => self.contains_open_set(&set, &known, span),
            };
            let truth = self.truth_of(outcome, span)?;
            return self.where_true(truth, &mut |this| this.proceed(rest, search));
        }
        if name == "=" {
            let moment = self.assigned(search.target, index, value, span)?;
            return self.at(moment, |this| this.proceed(rest, search));
        }
        for (when, set) in self.alternatives(Ok(set))? {
            let chosen = match self.symbolic.is_free {
                true => {
                    let (value, there) = self.choice(&set, span)?;
                    vec![(value, there)]
                }
                false => self.possible(&set, span)?,
            };
            for (value, there) in chosen {
                let when = self.symbolic.gates.and(when, there);
                let moment = self.assigned(search.target, index, &value, span)?;
                self.where_true(Truth::of(when), &mut |this| {
                    this.at(moment.clone(), |this| this.proceed(rest, search))
                })?;
            }
        }
        Ok(true)
    }

    /// When some part of this kind of a property is false; as `is_broken`.
    pub(crate) fn broken_open(
        &mut self,
        formula: &Formula<'s>,
        part: Part,
        states: &[Rc<State<'s>>],
    ) -> Outcome<Truth> {
        let env = &formula.env;
        let parts: Vec<Formula<'s>> = match &*formula.expr.kind {
            ExprKind::Junction { junction: Junction::And, items } => {
                items.iter().map(|expr| Formula { expr, env: env.clone() }).collect()
            }
            ExprKind::Apply { op, args } if &*op.name == "/\\" => {
                args.iter().map(|expr| Formula { expr, env: env.clone() }).collect()
            }
            ExprKind::Quantified { quantifier: Quantifier::Forall, bounds, body }
                if self.is_temporal(formula, &mut Vec::new()) =>
            {
                let mut instances = Vec::new();
                self.for_each_binding(bounds, env, &mut |_, env| {
                    instances.push(Formula { expr: body, env: env.clone() });
                    Ok(true)
                })?;
                instances
            }
            _ => return self.part_broken_open(formula, part, states),
        };
        self.junction(parts.len(), false, &mut |this, index| this.broken_open(&parts[index], part, states))
    }

    fn part_broken_open(&mut self, formula: &Formula<'s>, part: Part, states: &[Rc<State<'s>>]) -> Outcome<Truth> {
        if let Some(inner) = Self::boxed(formula) {
            if self.is_temporal(&inner, &mut Vec::new()) {
                return Ok(Truth::of(FALSE));
            }
            let moment = match (part, self.is_action(&inner)?, states) {
                (Part::Action, true, [.., now, then]) => step(now, then),
                (Part::Invariant, false, [.., last]) => state_alone(last),
                (Part::Action | Part::Invariant | Part::Initial, _, _) => return Ok(Truth::of(FALSE)),
            };
            let truth = self.at(moment, |this| this.truth_open(inner.expr, &inner.env))?;
            return Ok(self.negated(truth));
        }
        if !self.is_temporal(formula, &mut Vec::new()) {
            let (Part::Initial, Some(first)) = (part, states.first()) else { return Ok(Truth::of(FALSE)) };
            let truth = self.at(state_alone(first), |this| this.truth_open(formula.expr, &formula.env))?;
            return Ok(self.negated(truth));
        }
        match self.look_through(formula.expr, &formula.env)? {
            Some(inner) => self.deeper(inner.expr.span, |this| this.broken_open(&inner, part, states)),
            None => Ok(Truth::of(FALSE)),
        }
    }
}
