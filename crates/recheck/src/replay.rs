//! The replay of a claimed violation: the trace is a behavior of the specification, and it breaks the property.
//!
//! The states of the trace are given, so nothing is searched: the initial predicate is evaluated in the first state,
//! and the next-state action in every pair of neighbours. A step that changes nothing counts only where the action
//! itself allows it. What is left is the claim: the property is false where the engine says it is.

use crate::claim::{Claim, Violation};
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::lasso::Lasso;
use crate::names::{Env, Moment, State};
use crate::native::NO_LEVEL;
use crate::order::compare;
use crate::safety::{Part, state_alone, step};
use crate::specification::{Behavior, Formula};
use crate::successors::Target;
use crate::witness::candidates;
use std::cmp::Ordering;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{Ident, Unit};
use tla_syntax::config::Config;
use verdict::trace::Ending;
use verdict::{FailureClass, Trace, TraceValue};

/// Why a replay ended before the end.
pub(crate) enum Stop {
    /// The claim is wrong.
    Rejected { reason: String, step: Option<usize>, span: Option<Span> },
    /// The claim cannot be judged here.
    Undecided { construct: String, span: Span },
}

/// `Ok` if the claim (or a part of it) is right.
pub(crate) type Judgement<T = ()> = Result<T, Stop>;

pub(crate) fn reject<T>(reason: impl Into<String>, step: usize, span: Span) -> Judgement<T> {
    Err(Stop::Rejected { reason: reason.into(), step: Some(step), span: Some(span) })
}

/// What a fault means while the claim is checked at this step.
pub(crate) fn at_step<T>(outcome: Outcome<T>, step: usize) -> Judgement<T> {
    outcome.map_err(|fault| {
        let (message, span) = (fault.message(), fault.span());
        if fault.is_defect_of_specification() {
            let reason = format!("evaluation failed: {message}");
            Stop::Rejected { reason, step: Some(step), span: Some(span) }
        } else {
            Stop::Undecided { construct: message, span }
        }
    })
}

/// A replay under way.
pub(crate) struct Replayer<'s> {
    pub(crate) evaluator: Evaluator<'s>,
    pub(crate) config: &'s Config,
    /// The root module's name, for lack of a better place.
    pub(crate) span: Span,
}

impl<'s> Replayer<'s> {
    /// Judges a claim.
    pub(crate) fn judge(&mut self, claim: &Claim<'_>) -> Judgement {
        if let Violation::Failure(FailureClass::Assumption) = claim.violation {
            return self.assumption_fails();
        }
        let states = self.states(claim.trace)?;
        let Some(behavior) = at_step(self.evaluator.behavior(self.config), 0)? else {
            return reject("the configuration names no specification", 0, self.span);
        };
        self.check_ending(claim, states.len())?;
        // The level of a state that an infinite behavior passes again and again is none.
        self.evaluator.behavior = match claim.violation {
            Violation::Temporal(_) => Vec::new(),
            _ => states.clone(),
        };
        self.check_behavior(&behavior, &states)?;
        match &claim.violation {
            Violation::Invariant(name) => {
                self.check_model(&states, states.len().saturating_sub(1))?;
                self.check_invariant(name, &states)
            }
            Violation::ActionProperty(name) => {
                self.check_model(&states, states.len().saturating_sub(1))?;
                self.check_part(name, Part::Action, &states)
            }
            Violation::InitialProperty(name) => self.check_part(name, Part::Initial, &states),
            Violation::Temporal(name) => {
                let lasso = self.lasso(claim.trace)?;
                self.check_temporal(name, &behavior, &lasso)
            }
            Violation::Deadlock => {
                self.check_model(&states, states.len())?;
                self.check_deadlock(&behavior, &states)
            }
            Violation::Failure(class) => {
                self.check_model(&states, states.len().saturating_sub(1))?;
                self.check_failure(*class, &behavior, &states)
            }
        }
    }

    pub(crate) fn states(&mut self, trace: &Trace) -> Judgement<Vec<Rc<State<'s>>>> {
        let steps = trace.steps.iter().enumerate();
        steps.map(|(step, told)| self.state(&told.state, step)).collect()
    }

    /// The infinite behavior that a trace describes.
    pub(crate) fn lasso(&mut self, trace: &Trace) -> Judgement<Lasso<'s>> {
        let states = self.states(trace)?;
        let last = states.len().saturating_sub(1);
        let back_to = match trace.ending {
            Ending::Finite | Ending::Stuttering => last,
            Ending::BackTo(target) => target,
        };
        if back_to >= states.len() {
            return reject(format!("the trace goes back to state {back_to}, which it does not have"), last, self.span);
        }
        Ok(Lasso { states, back_to })
    }

    /// A state of the trace: every variable has one value, and nothing else has any.
    fn state(&mut self, told: &[(String, TraceValue)], step: usize) -> Judgement<Rc<State<'s>>> {
        let mut state = vec![None; self.evaluator.variables.len()];
        for (name, value) in told {
            let Some(index) = self.evaluator.variables.iter().position(|variable| ***variable == **name) else {
                return reject(format!("{name} is no variable of the specification"), step, self.span);
            };
            let value = at_step(self.evaluator.traced_value(value, self.span), step)?;
            if state[index].replace(value).is_some() {
                return reject(format!("{name} has two values"), step, self.span);
            }
        }
        match state.iter().position(Option::is_none) {
            Some(missing) => {
                let name = self.evaluator.variables[missing];
                reject(format!("the variable {name} has no value"), step, self.span)
            }
            None => Ok(Rc::new(state)),
        }
    }

    fn check_ending(&self, claim: &Claim<'_>, length: usize) -> Judgement {
        let is_failure = matches!(claim.violation, Violation::Failure(_));
        let last = length.saturating_sub(1);
        match (&claim.violation, claim.trace.ending) {
            _ if length == 0 && !is_failure => reject("the trace is empty", 0, self.span),
            (Violation::Temporal(_), Ending::BackTo(target)) if target >= length => {
                reject(format!("the trace goes back to state {target}, which it does not have"), last, self.span)
            }
            (Violation::Temporal(_), _) | (_, Ending::Finite) => Ok(()),
            (_, Ending::Stuttering | Ending::BackTo(_)) => {
                reject("a violation of a safety property is shown by a finite trace", last, self.span)
            }
        }
    }

    /// The first state is initial, and every step is one of the specification.
    pub(crate) fn check_behavior(&mut self, behavior: &Behavior<'s>, states: &[Rc<State<'s>>]) -> Judgement {
        if let Some(first) = states.first() {
            // In the initial predicate no level is known yet.
            let moment = state_alone(&Rc::new(State::clone(first)));
            for formula in &behavior.init {
                if !at_step(self.satisfies(formula, &moment), 0)? {
                    return reject("the first state does not satisfy the initial predicate", 0, formula.expr.span);
                }
            }
        }
        for (index, pair) in states.windows(2).enumerate() {
            self.evaluator.witnesses = Some(candidates(pair));
            let taken = self.satisfies(&behavior.next, &step(&pair[0], &pair[1]));
            self.evaluator.witnesses = None;
            if !at_step(taken, index + 1)? {
                return reject("the step is none of the specification", index + 1, behavior.next.expr.span);
            }
        }
        Ok(())
    }

    /// Whether a predicate or an action is true, where a disjunct without a value may be skipped.
    fn satisfies(&mut self, formula: &Formula<'s>, moment: &Moment<'s>) -> Outcome<bool> {
        self.evaluator.lenient = true;
        let outcome = self.evaluator.at(moment.clone(), |this| this.eval_bool(formula.expr, &formula.env));
        self.evaluator.lenient = false;
        outcome
    }

    /// The first `count` states satisfy the constraints, and so do the steps between them.
    pub(crate) fn check_model(&mut self, states: &[Rc<State<'s>>], count: usize) -> Judgement {
        let states = &states[..count];
        for name in &self.config.constraints {
            for (index, state) in states.iter().enumerate() {
                let moment = state_alone(state);
                self.check_constraint(name, &moment, index)?;
            }
        }
        for name in &self.config.action_constraints {
            for (index, pair) in states.windows(2).enumerate() {
                self.check_constraint(name, &step(&pair[0], &pair[1]), index + 1)?;
            }
        }
        Ok(())
    }

    /// A constraint that asks for the level says nothing of a state that an infinite behavior passes again and again; where
    /// that leaves the model is a matter of the search, which counts the steps from an initial state.
    fn check_constraint(&mut self, name: &'s Ident, moment: &Moment<'s>, step: usize) -> Judgement {
        match at_step(self.named_is_true(name, moment), step) {
            Ok(true) => Ok(()),
            Ok(false) => reject(format!("the trace leaves the model: {} is false", name.name), step, self.span),
            Err(Stop::Undecided { construct, .. }) if construct == NO_LEVEL => Ok(()),
            Err(stop) => Err(stop),
        }
    }

    pub(crate) fn named_is_true(&mut self, name: &'s Ident, moment: &Moment<'s>) -> Outcome<bool> {
        let span = self.span;
        let meaning = self.evaluator.root_meaning(name, self.span)?;
        let value = self.evaluator.at(moment.clone(), |this| this.apply(&meaning, &[], span))?;
        Evaluator::truth(&value, span)
    }

    pub(crate) fn check_invariant(&mut self, name: &str, states: &[Rc<State<'s>>]) -> Judgement {
        let Some(invariant) = self.config.invariants.iter().find(|invariant| &*invariant.name == name) else {
            return self.check_part(name, Part::Invariant, states);
        };
        let last = states.len() - 1;
        let moment = state_alone(&states[last]);
        if at_step(self.named_is_true(invariant, &moment), last)? {
            return reject(format!("the invariant {name} is true in the last state"), last, self.span);
        }
        Ok(())
    }

    /// Some part of this kind of a configured property is false at the end of the trace. A name that is not in the
    /// configuration is that of a part, so that all properties are searched.
    pub(crate) fn check_part(&mut self, name: &str, part: Part, states: &[Rc<State<'s>>]) -> Judgement {
        let all = &self.config.properties;
        let is_named = all.iter().any(|property| &*property.name == name);
        for property in all.iter().filter(|property| !is_named || &*property.name == name) {
            let last = states.len() - 1;
            let formula = at_step(self.evaluator.named(property), last)?;
            if at_step(self.evaluator.is_broken(&formula, part, states), last)? {
                return Ok(());
            }
        }
        reject(format!("no part of {name} is false at the end of the trace"), states.len() - 1, self.span)
    }

    pub(crate) fn check_deadlock(&mut self, behavior: &Behavior<'s>, states: &[Rc<State<'s>>]) -> Judgement {
        let last = states.len() - 1;
        if self.config.check_deadlock == Some(false) {
            return reject("the configuration does not ask for deadlocks", last, self.span);
        }
        let successors = at_step(self.successors(behavior, &states[last], 1), last)?;
        if successors.is_empty() {
            Ok(())
        } else {
            reject("the last state has a successor", last, behavior.next.expr.span)
        }
    }

    /// Successors of a state, no more than asked for.
    fn successors(
        &mut self,
        behavior: &Behavior<'s>,
        state: &Rc<State<'s>>,
        limit: usize,
    ) -> Outcome<Vec<Rc<State<'s>>>> {
        let (mut successors, span) = (Vec::new(), behavior.next.expr.span);
        let next = std::slice::from_ref(&behavior.next);
        self.evaluator.search(next, Target::Next, Some(state.clone()), &mut |successor| {
            if successor.iter().any(Option::is_none) {
                return Fault::undefined(span, "a successor is not completely specified");
            }
            successors.push(successor.clone());
            Ok(successors.len() < limit)
        })?;
        Ok(successors)
    }

    fn check_temporal(&mut self, name: &str, behavior: &Behavior<'s>, lasso: &Lasso<'s>) -> Judgement {
        self.check_model(&lasso.states, lasso.len())?;
        let last = lasso.len() - 1;
        self.check_loop(behavior, lasso)?;
        for formula in &behavior.fairness {
            if !at_step(self.evaluator.holds(formula, lasso), last)? {
                return reject("the behavior breaks a fairness condition", last, formula.expr.span);
            }
        }
        let Some(property) = self.config.properties.iter().find(|property| &*property.name == name) else {
            return reject(format!("the configuration has no property {name}"), last, self.span);
        };
        let formula = at_step(self.evaluator.named(property), last)?;
        if at_step(self.evaluator.holds(&formula, lasso), last)? {
            return reject(format!("the property {name} is true of the behavior"), last, formula.expr.span);
        }
        Ok(())
    }

    /// The step from the last state back into the loop. Repeating one state for ever is always allowed, since
    /// specifications are of the form `[][Next]_v`.
    fn check_loop(&mut self, behavior: &Behavior<'s>, lasso: &Lasso<'s>) -> Judgement {
        let last = lasso.states.len() - 1;
        let closing = step(&lasso.states[last], &lasso.states[lasso.back_to]);
        if lasso.back_to == last || is_same(&lasso.states[last], &lasso.states[lasso.back_to]) {
            return Ok(());
        }
        if !at_step(self.satisfies(&behavior.next, &closing), last)? {
            let span = behavior.next.expr.span;
            if let Some(reduction) = self.config.view.as_ref().or(self.config.symmetry.as_ref()) {
                let construct = format!("a loop that closes, if at all, up to {}", reduction.name);
                return Err(Stop::Undecided { construct, span });
            }
            return reject("the loop does not close: its last step is none of the specification", last, span);
        }
        for name in &self.config.action_constraints {
            self.check_constraint(name, &closing, last)?;
        }
        Ok(())
    }

    fn assumption_fails(&mut self) -> Judgement {
        for assumption in self.evaluator.all_assumptions() {
            match self.evaluator.assumption(&assumption) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(fault) if fault.is_defect_of_specification() => return Ok(()),
                Err(fault) => return at_step(Err(fault), 0),
            }
        }
        for name in &self.config.postconditions {
            if !at_step(self.named_is_true(name, &Moment::default()), 0)? {
                return Ok(());
            }
        }
        reject("all assumptions are true", 0, self.span)
    }

    /// Evaluation fails where the engine says: somewhere at the end of the trace, with an error of the same class.
    pub(crate) fn check_failure(
        &mut self,
        class: FailureClass,
        behavior: &Behavior<'s>,
        states: &[Rc<State<'s>>],
    ) -> Judgement {
        let last = states.len().saturating_sub(1);
        let faults = match class {
            FailureClass::Evaluation | FailureClass::Assert => self.faults_of_behavior(behavior, states),
            FailureClass::PropertyEvaluation => self.faults_of_properties(states),
            FailureClass::Parse
            | FailureClass::Configuration
            | FailureClass::Assumption
            | FailureClass::Capacity
            | FailureClass::System
            | FailureClass::Internal => {
                let construct = format!("a failure of class {class:?}");
                return Err(Stop::Undecided { construct, span: self.span });
            }
        };
        let wanted = |fault: &Fault| match fault {
            Fault::Assert { .. } => true,
            Fault::Undefined { .. } => class != FailureClass::Assert,
            Fault::Unsupported { .. } | Fault::Asks { .. } | Fault::TooLarge { .. } => false,
        };
        if faults.iter().any(wanted) {
            return Ok(());
        }
        match faults.into_iter().find(|fault| !fault.is_defect_of_specification()) {
            Some(fault) => at_step(Err(fault), last),
            None => reject("evaluation does not fail at the end of the trace", last, self.span),
        }
    }

    /// What fails when initial states, or successors of the last state, are computed.
    fn faults_of_behavior(&mut self, behavior: &Behavior<'s>, states: &[Rc<State<'s>>]) -> Vec<Fault> {
        const ENOUGH: usize = 10_000;
        let mut faults = Vec::new();
        let Some(last) = states.last() else {
            let span = self.span;
            let initial = self.evaluator.search(&behavior.init, Target::Initial, None, &mut |state| {
                if state.iter().any(Option::is_none) {
                    return Fault::undefined(span, "an initial state is not completely specified");
                }
                Ok(true)
            });
            return initial.err().into_iter().collect();
        };
        match self.successors(behavior, last, ENOUGH) {
            Ok(successors) => {
                for successor in successors {
                    faults.extend(self.faults_of_constraints(&step(last, &successor)));
                }
            }
            Err(fault) => faults.push(fault),
        }
        let moment = state_alone(last);
        faults.extend(self.config.constraints.iter().filter_map(|name| self.named_is_true(name, &moment).err()));
        faults.extend(self.faults_of_properties(states));
        faults
    }

    fn faults_of_constraints(&mut self, step: &Moment<'s>) -> Vec<Fault> {
        let config = self.config;
        let state = step.primed();
        let mut faults = Vec::new();
        faults.extend(config.constraints.iter().filter_map(|name| self.named_is_true(name, &state).err()));
        faults.extend(config.action_constraints.iter().filter_map(|name| self.named_is_true(name, step).err()));
        faults
    }

    /// What fails when the properties are evaluated at the end of the trace.
    fn faults_of_properties(&mut self, states: &[Rc<State<'s>>]) -> Vec<Fault> {
        let config = self.config;
        let mut faults = Vec::new();
        let Some(last) = states.last() else {
            return faults;
        };
        let moment = state_alone(last);
        faults.extend(config.invariants.iter().filter_map(|name| self.named_is_true(name, &moment).err()));
        for property in &config.properties {
            let formula = match self.evaluator.named(property) {
                Ok(formula) => formula,
                Err(fault) => {
                    faults.push(fault);
                    continue;
                }
            };
            for part in [Part::Invariant, Part::Action, Part::Initial] {
                faults.extend(self.evaluator.is_broken(&formula, part, states).err());
            }
        }
        faults
    }
}

/// Whether two states give all variables the same values. Values that cannot be compared are not the same.
fn is_same<'s>(left: &State<'s>, right: &State<'s>) -> bool {
    left.iter().zip(right).all(|pair| match pair {
        (Some(left), Some(right)) => compare(left, right).is_ok_and(Ordering::is_eq),
        (_, _) => false,
    })
}

impl<'s> Evaluator<'s> {
    /// All assumptions of the root module and of what it extends.
    pub(crate) fn all_assumptions(&mut self) -> Vec<Formula<'s>> {
        let Some(root) = self.root.clone() else {
            return Vec::new();
        };
        let mut assumptions = Vec::new();
        for theory in self.family(&root) {
            for unit in &theory.module.units {
                if let Unit::Assume(assume) = unit {
                    assumptions.push(Formula { expr: &assume.expr, env: Env::top(&theory) });
                }
            }
        }
        assumptions
    }

    /// The truth value of an assumption.
    pub(crate) fn assumption(&mut self, assumption: &Formula<'s>) -> Outcome<bool> {
        self.eval_bool(assumption.expr, &assumption.env)
    }
}
