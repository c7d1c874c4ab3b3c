//! All reachable states, by the plainest search there is.
//!
//! Replaying a counterexample shows that a violation is real; it cannot show that none was missed. For that the whole
//! graph has to be found a second time, which is only possible where it is small. This search is for that: one queue,
//! one table of printed states, the initial states and successors of `successors`, the properties evaluated in every
//! state. It is what the differential tests compare the explorer with.
//!
//! Counts follow the order of TLC: a state is generated, is new or not, and its properties are evaluated if it is new or
//! outside of the model; a search that finds something ends there.

use crate::evaluate::{Evaluator, Limits};
use crate::fault::{Fault, Outcome};
use crate::names::{Moment, State};
use crate::on_large_stack;
use crate::safety::{Part, state_alone, step};
use crate::specification::Behavior;
use crate::successors::Target;
use std::collections::HashSet;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::Ident;
use tla_syntax::config::Config;
use tla_syntax::load::Specification;
use verdict::TraceValue;

/// How a survey ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Every reachable state was visited and nothing was found.
    Complete,
    /// An assumption is false or has no value.
    Assumption,
    /// An invariant of this name is false.
    Invariant(String),
    /// A part of a property of this name is false.
    Property(String),
    /// A state has no successor.
    Deadlock,
    /// The initial states, a successor or a constraint cannot be evaluated; in words.
    Evaluation(String),
    /// A property cannot be evaluated; in words.
    PropertyEvaluation(String),
    /// Something is not evaluated here, or there are too many states; in words.
    Unsupported(String),
}

/// The reachable states of a specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// How it ended.
    pub ended: Ended,
    /// States generated.
    pub generated: u64,
    /// Distinct states.
    pub distinct: u64,
    /// Number of levels.
    pub depth: u32,
    /// The distinct states in the order in which they were found, their values [`canonical`].
    pub states: Vec<Vec<(String, TraceValue)>>,
}

/// Visits the reachable states, if there are no more than `most`.
pub fn survey(specification: &Specification, config: &Config, most: usize) -> Survey {
    let surveyed = on_large_stack(|| {
        let evaluator = match Evaluator::new(specification, config, Limits::default()) {
            Ok(evaluator) => evaluator,
            Err(fault) => return Survey::empty(Ended::Unsupported(fault.message())),
        };
        let span = specification.root_module().module.name.span;
        let (queue, seen, survey) = (Vec::new(), HashSet::new(), Survey::empty(Ended::Complete));
        let mut surveyor = Surveyor { evaluator, config, span, most, queue, seen, survey };
        if let Err(ended) = surveyor.run() {
            surveyor.survey.ended = ended;
        }
        surveyor.survey
    });
    surveyed.unwrap_or_else(|| Survey::empty(Ended::Unsupported(crate::CRASHED.to_owned())))
}

impl Survey {
    fn empty(ended: Ended) -> Self {
        Self { ended, generated: 0, distinct: 0, depth: 0, states: Vec::new() }
    }
}

/// A value in one form: intervals as sets, sets and functions in one order.
pub fn canonical(value: &TraceValue) -> TraceValue {
    match value {
        TraceValue::Interval(low, high) => match (low.parse::<i64>(), high.parse::<i64>()) {
            (Ok(low), Ok(high)) if high.saturating_sub(low) < 10_000 => {
                set((low..=high).map(|number| TraceValue::Int(number.to_string())).collect())
            }
            _ => value.clone(),
        },
        TraceValue::Set(elements) => set(elements.iter().map(canonical).collect()),
        TraceValue::Tuple(items) => TraceValue::Tuple(items.iter().map(canonical).collect()),
        TraceValue::Record(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), canonical(value))).collect();
            fields.sort();
            TraceValue::Record(fields)
        }
        TraceValue::Function(pairs) => {
            let mut pairs: Vec<_> = pairs.iter().map(|(key, value)| (canonical(key), canonical(value))).collect();
            pairs.sort();
            TraceValue::Function(pairs)
        }
        TraceValue::Bool(_)
        | TraceValue::Int(_)
        | TraceValue::String(_)
        | TraceValue::ModelValue(_)
        | TraceValue::Symbolic(_) => value.clone(),
    }
}

fn set(mut elements: Vec<TraceValue>) -> TraceValue {
    elements.sort();
    TraceValue::Set(elements)
}

struct Surveyor<'s> {
    evaluator: Evaluator<'s>,
    config: &'s Config,
    span: Span,
    most: usize,
    /// States with their levels.
    queue: Vec<(Rc<State<'s>>, u32)>,
    seen: HashSet<Vec<(String, TraceValue)>>,
    survey: Survey,
}

/// The rest of a survey, or how it ends here.
type Step<T = ()> = Result<T, Ended>;

fn in_behavior(fault: Fault) -> Ended {
    if fault.is_defect_of_specification() {
        Ended::Evaluation(fault.message())
    } else {
        Ended::Unsupported(fault.message())
    }
}

fn in_property(fault: Fault) -> Ended {
    if fault.is_defect_of_specification() {
        Ended::PropertyEvaluation(fault.message())
    } else {
        Ended::Unsupported(fault.message())
    }
}

impl<'s> Surveyor<'s> {
    fn run(&mut self) -> Step {
        for assumption in self.evaluator.all_assumptions() {
            match self.evaluator.assumption(&assumption) {
                Ok(true) => {}
                Ok(false) => return Err(Ended::Assumption),
                Err(fault) if fault.is_defect_of_specification() => return Err(Ended::Assumption),
                Err(fault) => return Err(in_behavior(fault)),
            }
        }
        let behavior = self.evaluator.behavior(self.config).map_err(in_behavior)?;
        let Some(behavior) = behavior else { return Err(Ended::Unsupported("no specification".to_owned())) };
        let (initial, fault) = self.found(&behavior, None);
        for state in &initial {
            self.generated(None, state, 1)?;
        }
        fault.map_or(Ok(()), |(fault, _)| Err(in_behavior(fault)))?;
        let mut head = 0;
        while let Some((state, level)) = self.queue.get(head).cloned() {
            head += 1;
            let (successors, fault) = self.found(&behavior, Some(state.clone()));
            for successor in &successors {
                self.generated(Some(&state), successor, level + 1)?;
            }
            if let Some((fault, is_incomplete)) = fault {
                // A successor that lacks a value is counted.
                self.survey.generated += u64::from(is_incomplete);
                return Err(in_behavior(fault));
            }
            if successors.is_empty() && self.config.check_deadlock != Some(false) {
                return Err(Ended::Deadlock);
            }
        }
        Ok(())
    }

    /// Initial states or successors in order, up to where they cannot be evaluated, and whether that is a state without
    /// a value for some variable.
    fn found(
        &mut self,
        behavior: &Behavior<'s>,
        current: Option<Rc<State<'s>>>,
    ) -> (Vec<Rc<State<'s>>>, Option<(Fault, bool)>) {
        let mut found = Vec::new();
        let mut is_incomplete = false;
        let span = self.span;
        let next = std::slice::from_ref(&behavior.next);
        let (formulas, target) =
            if current.is_some() { (next, Target::Next) } else { (&behavior.init[..], Target::Initial) };
        let outcome = self.evaluator.search(formulas, target, current, &mut |state| {
            if state.iter().any(Option::is_none) {
                is_incomplete = true;
                return Fault::undefined(span, "a state is not completely specified");
            }
            found.push(state.clone());
            Ok(true)
        });
        (found, outcome.err().map(|fault| (fault, is_incomplete)))
    }

    fn generated(&mut self, from: Option<&Rc<State<'s>>>, state: &Rc<State<'s>>, level: u32) -> Step {
        self.survey.generated += 1;
        let in_model = self.in_model(from, state).map_err(|fault| {
            // An initial state whose constraint has no value is not counted.
            self.survey.generated -= u64::from(from.is_none());
            in_behavior(fault)
        })?;
        let told = self.told(state).map_err(in_behavior)?;
        let is_new = in_model && !self.seen.contains(&told);
        if is_new {
            if self.queue.len() >= self.most {
                return Err(Ended::Unsupported(format!("more than {} states", self.most)));
            }
            self.seen.insert(told.clone());
            self.survey.states.push(told);
            self.survey.distinct += 1;
            self.survey.depth = self.survey.depth.max(level);
            self.queue.push((state.clone(), level));
        }
        if is_new || !in_model {
            self.check_state(from.is_none(), state)?;
        }
        from.map_or(Ok(()), |from| self.check_properties(Part::Action, &[from.clone(), state.clone()]))
    }

    fn told(&mut self, state: &Rc<State<'s>>) -> Outcome<Vec<(String, TraceValue)>> {
        let span = self.span;
        let names: Vec<String> = self.evaluator.variables.iter().map(|name| name.to_string()).collect();
        let mut told = Vec::new();
        for (name, value) in names.into_iter().zip(state.iter()) {
            let Some(value) = value else { return Fault::undefined(span, format!("{name} has no value")) };
            told.push((name, canonical(&self.evaluator.as_traced(value, span)?)));
        }
        Ok(told)
    }

    fn in_model(&mut self, from: Option<&Rc<State<'s>>>, state: &Rc<State<'s>>) -> Outcome<bool> {
        let config = self.config;
        for name in &config.constraints {
            if !self.holds(name, &state_alone(state))? {
                return Ok(false);
            }
        }
        let Some(from) = from else { return Ok(true) };
        for name in &config.action_constraints {
            if !self.holds(name, &step(from, state))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn holds(&mut self, name: &'s Ident, moment: &Moment<'s>) -> Outcome<bool> {
        let span = self.span;
        let meaning = self.evaluator.root_meaning(name, span)?;
        let value = self.evaluator.at(moment.clone(), |this| this.apply(&meaning, &[], span))?;
        Evaluator::truth(&value, span)
    }

    fn check_state(&mut self, is_initial: bool, state: &Rc<State<'s>>) -> Step {
        let config = self.config;
        for name in &config.invariants {
            if !self.holds(name, &state_alone(state)).map_err(in_property)? {
                return Err(Ended::Invariant(name.name.to_string()));
            }
        }
        let alone = [state.clone()];
        self.check_properties(Part::Invariant, &alone)?;
        if is_initial { self.check_properties(Part::Initial, &alone) } else { Ok(()) }
    }

    fn check_properties(&mut self, part: Part, states: &[Rc<State<'s>>]) -> Step {
        let config = self.config;
        for name in &config.properties {
            let formula = self.evaluator.named(name).map_err(in_property)?;
            if self.evaluator.is_broken(&formula, part, states).map_err(in_property)? {
                return Err(Ended::Property(name.name.to_string()));
            }
        }
        Ok(())
    }
}
