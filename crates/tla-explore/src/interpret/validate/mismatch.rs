//! What is missing where a log and a specification part.

use super::log::Event;
use super::search::{fits, steps, value_of};
use super::{Expected, Part};
use crate::interpret::worker::InterpretedWorker;
use crate::interpret::{Interpreted, explain};
use crate::system::{SystemError, Worker};
use std::rc::Rc;
use tla_model::eval::Machine;
use tla_model::eval::narrow::Narrowing;
use tla_model::value::show::show;
use tla_model::value::written::Written;
use verdict::{Binding, FalseConjunct, TraceValue};

/// Most enabled steps that are told.
const MOST_ENABLED: usize = 12;

/// A step that the specification has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnabledStep {
    /// Its action.
    pub action: String,
    /// Its parameters.
    pub bindings: Vec<Binding>,
}

/// A value that is not the one that was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The variable or part of one, as the log names it.
    pub name: String,
    /// What was logged.
    pub logged: String,
    /// What the specification has; empty where it has no such part.
    pub specified: String,
}

/// Why no step of the specification is the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The action has a step with these parameters, but other values come of it.
    Values {
        /// The nearest such step.
        step: EnabledStep,
        /// What is different.
        differences: Vec<Difference>,
    },
    /// The action has no step with these parameters.
    Disabled {
        /// The conditions that are false.
        conjuncts: Vec<FalseConjunct>,
        /// The parameters that it has a step with.
        enabled_for: Vec<EnabledStep>,
    },
    /// The event names no action, and no step gives these values.
    NoStep,
    /// There is no initial state.
    NoInitialState,
}

/// Where a log and a specification part.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// The first event that is not matched, by its index.
    pub event: Option<usize>,
    /// The state before it.
    pub state: Vec<(String, TraceValue)>,
    /// Why.
    pub why: Why,
    /// The steps that are enabled in the state, those first that have most in common with the event.
    pub enabled: Vec<EnabledStep>,
    /// How many more there are.
    pub more_enabled: usize,
}

impl Mismatch {
    pub(super) fn without_initial_state() -> Self {
        Self { event: None, state: Vec::new(), why: Why::NoInitialState, enabled: Vec::new(), more_enabled: 0 }
    }

    /// How far off the specification is, for a choice between several.
    pub(super) fn distance(&self) -> usize {
        match &self.why {
            Why::Values { differences, .. } => differences.len(),
            Why::Disabled { .. } => 1000,
            Why::NoStep => 2000,
            Why::NoInitialState => 3000,
        }
    }
}

/// A place where nothing goes on.
pub(super) struct Parting<'p, 'r, 's> {
    pub(super) system: &'p Interpreted<'s>,
    pub(super) worker: &'p mut InterpretedWorker<'r>,
    pub(super) words: &'p [u32],
    pub(super) event: &'p Event,
    pub(super) expected: &'p Expected,
}

impl Parting<'_, '_, '_> {
    pub(super) fn tell(mut self, event: usize) -> Result<Mismatch, Box<SystemError>> {
        let why = match self.expected.narrowing.clone() {
            None => Why::NoStep,
            Some(narrowing) => match self.nearest(&narrowing)? {
                Some(values) => values,
                None => self.disabled(&narrowing)?,
            },
        };
        let mut enabled = self.enabled(None)?;
        enabled.sort_by_key(|step| std::cmp::Reverse(self.in_common(step)));
        let more_enabled = enabled.len().saturating_sub(MOST_ENABLED);
        enabled.truncate(MOST_ENABLED);
        let state = self.worker.state_values(self.words);
        Ok(Mismatch { event: Some(event), state, why, enabled, more_enabled })
    }

    /// The step with the wanted parameters that has the fewest differences.
    fn nearest(&mut self, narrowing: &Rc<Narrowing>) -> Result<Option<Why>, Box<SystemError>> {
        let mut nearest: Option<(EnabledStep, Vec<Difference>)> = None;
        let expected = self.expected;
        let event = self.event;
        let system = self.system;
        steps(self.worker, self.words, Some(narrowing), &mut |machine| {
            let differences = differences(machine, event, &expected.variables);
            if nearest.as_ref().is_none_or(|(_, known)| differences.len() < known.len()) {
                nearest = enabled_step(system, machine).map(|step| (step, differences));
            }
            false
        })?;
        Ok(nearest.map(|(step, differences)| Why::Values { step, differences }))
    }

    fn disabled(&mut self, narrowing: &Rc<Narrowing>) -> Result<Why, Box<SystemError>> {
        let conjuncts = explain::disabled(self.worker, self.words, narrowing);
        let model = self.system.model;
        let name = self.event.action.as_deref().unwrap_or_default();
        let any = model.next.as_ref().and_then(|next| Narrowing::to(&model.code, &next.node, name, &[]));
        let enabled_for = self.enabled(any.map(Rc::new).as_ref())?;
        Ok(Why::Disabled { conjuncts, enabled_for: enabled_for.into_iter().take(MOST_ENABLED).collect() })
    }

    fn enabled(&mut self, narrowing: Option<&Rc<Narrowing>>) -> Result<Vec<EnabledStep>, Box<SystemError>> {
        let mut enabled = Vec::new();
        let system = self.system;
        steps(self.worker, self.words, narrowing, &mut |machine| {
            enabled.extend(enabled_step(system, machine).filter(|step| !enabled.contains(step)));
            false
        })?;
        Ok(enabled)
    }

    /// How much a step has in common with the event: the action, then parameters.
    fn in_common(&self, step: &EnabledStep) -> usize {
        let same = |(name, written): &&(String, Written)| {
            step.bindings
                .iter()
                .any(|binding| binding.name == *name && binding.value.trim_matches('"') == text(written))
        };
        let parameters = self.event.parameters.iter().filter(same).count();
        parameters + 2 * usize::from(self.event.action.as_deref() == Some(step.action.as_str()))
    }
}

/// The step that the machine has found.
fn enabled_step(system: &Interpreted<'_>, machine: &mut Machine<'_>) -> Option<EnabledStep> {
    let leaf = machine.action()?;
    let (id, values) = machine.action_parameters(leaf);
    let binding = |(name, value): (std::sync::Arc<str>, _)| Binding {
        name: name.to_string(),
        value: show(machine.names(), &value),
    };
    let bindings = values.into_iter().map(binding).collect();
    Some(EnabledStep { action: system.model.code.definition(id).name.to_string(), bindings })
}

fn differences(machine: &mut Machine<'_>, event: &Event, variables: &[(Part, Written)]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for ((name, _), (part, written)) in event.variables.iter().zip(variables) {
        if !fits(machine, std::slice::from_ref(&(part.clone(), written.clone()))) {
            let specified = value_of(machine, part).map(|value| machine.show(&value)).unwrap_or_default();
            differences.push(Difference { name: name.clone(), logged: text(written), specified });
        }
    }
    differences
}

/// What was written, for a reader.
pub fn text(written: &Written) -> String {
    let all = |items: &[Written]| items.iter().map(text).collect::<Vec<_>>().join(", ");
    match written {
        Written::Bool(true) => "TRUE".to_owned(),
        Written::Bool(false) => "FALSE".to_owned(),
        Written::Integer(digits) => digits.clone(),
        Written::Text(text) => text.clone(),
        Written::List(items) => format!("[{}]", all(items)),
        Written::Set(items) => format!("{{{}}}", all(items)),
        Written::Fields(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}: {}", text(value)));
            format!("({})", fields.collect::<Vec<_>>().join(", "))
        }
        Written::Pairs(pairs) => {
            let pairs = pairs.iter().map(|(from, to)| format!("{} -> {}", text(from), text(to)));
            format!("({})", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}
