//! Whether what a program logged is a behavior of a specification.
//!
//! A log names the actions that were taken, some of their parameters, and some values of some variables after them. It is
//! matched if there is a behavior of the specification whose steps are those actions, in an order that the log allows, with
//! the values that were logged; what was not logged stays open (Cirstea, Kuppe, Loillier, Merz, *Validating Traces of
//! Distributed Programs Against TLA+ Specifications*, 2024). Actions that a program does not log at all may be declared
//! hidden: any number of their steps, up to a limit, may come before each event.
//!
//! The search goes depth first over pairs of a place in each thread's log and a state, never to one pair twice. It follows
//! an event with the steps of its action alone ([`Narrowing`]), so a log is as expensive as the steps that it names. If no
//! order of the events is matched to its end, the place that was reached by most events is where the program and the
//! specification part; [`mismatch`] says what is missing there.

pub mod log;
pub mod mismatch;
mod order;
mod search;

use super::Interpreted;
use crate::system::{ActionId, SystemError, TransitionSystem};
use log::Event;
use mismatch::Mismatch;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::rc::Rc;
use tla_model::eval::narrow::Narrowing;
use tla_model::value::written::Written;

/// Limits, and what the log leaves out.
#[derive(Debug, Clone)]
pub struct Options {
    /// Actions that the program takes without logging them.
    pub hidden: Vec<String>,
    /// Most hidden steps before an event.
    pub most_hidden: u32,
    /// Most pairs of places and states.
    pub most_places: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { hidden: Vec::new(), most_hidden: 4, most_places: 2_000_000 }
    }
}

/// How often the specification's actions were taken.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// By action, in the order of the specification: its name and the steps on the way through the log.
    pub actions: Vec<(String, u64)>,
    /// Different steps among them: pairs of states.
    pub transitions: usize,
    /// Different states.
    pub states: usize,
}

/// What became of a log.
#[derive(Debug)]
pub enum Outcome {
    /// It is a behavior of the specification.
    Matched,
    /// It is none.
    Parted(Box<Mismatch>),
    /// The limit was reached first.
    Undecided,
}

/// The result of a validation.
#[derive(Debug)]
pub struct Validation {
    /// What became of the log.
    pub outcome: Outcome,
    /// Events of the log.
    pub events: usize,
    /// Events that were matched, at most.
    pub matched: usize,
    /// Hidden steps on the way.
    pub hidden_steps: u64,
    /// Pairs of places and states that were looked at.
    pub places: usize,
    /// What the way through the log covers, as far as it was matched.
    pub coverage: Coverage,
}

/// Why a log cannot be held against the specification at all.
#[derive(Debug, thiserror::Error)]
pub enum ValidationError {
    /// The log does not fit.
    #[error("{message}")]
    Log {
        /// The event, by its index; `None` for an option.
        event: Option<usize>,
        /// What is wrong.
        message: String,
        /// What to do.
        remedy: String,
    },
    /// The specification cannot be evaluated.
    #[error("{}", .0.message)]
    System(Box<SystemError>),
}

impl From<Box<SystemError>> for ValidationError {
    fn from(error: Box<SystemError>) -> Self {
        Self::System(error)
    }
}

/// Part of a variable.
#[derive(Debug, Clone)]
struct Part {
    variable: usize,
    arguments: Vec<String>,
}

/// An event with the names resolved.
struct Expected {
    narrowing: Option<Rc<Narrowing>>,
    variables: Vec<(Part, Written)>,
}

/// Holds a log against a model.
///
/// # Errors
/// [`ValidationError`] if the log names what the specification does not have, or the specification cannot be evaluated.
pub fn validate(system: &Interpreted<'_>, events: &[Event], options: &Options) -> Result<Validation, ValidationError> {
    let expected = Resolver::new(system).all(events)?;
    let hidden = options.hidden.iter().map(|name| hidden_action(system, name)).collect::<Result<Vec<_>, _>>()?;
    search::search(system, events, &expected, &hidden, options)
}

fn hidden_action(system: &Interpreted<'_>, name: &str) -> Result<Rc<Narrowing>, ValidationError> {
    let unknown = || ValidationError::Log {
        event: None,
        message: format!("the next-state relation has no action `{name}`"),
        remedy: known_actions(system),
    };
    let next = system.model.next.as_ref().ok_or_else(unknown)?;
    Narrowing::to(&system.model.code, &next.node, name, &[]).map(Rc::new).ok_or_else(unknown)
}

fn known_actions(system: &Interpreted<'_>) -> String {
    let mut names: Vec<&str> = system.actions().iter().map(|action| action.name.as_str()).collect();
    names.dedup();
    format!("its actions are {}", names.join(", "))
}

struct Resolver<'r, 's> {
    system: &'r Interpreted<'s>,
    narrowings: FxHashMap<String, Rc<Narrowing>>,
    parts: FxHashMap<String, Part>,
}

impl<'r, 's> Resolver<'r, 's> {
    fn new(system: &'r Interpreted<'s>) -> Self {
        Self { system, narrowings: FxHashMap::default(), parts: FxHashMap::default() }
    }

    fn all(&mut self, events: &[Event]) -> Result<Vec<Expected>, ValidationError> {
        let one = |(index, event): (usize, &Event)| {
            self.event(event).map_err(|(message, remedy)| ValidationError::Log { event: Some(index), message, remedy })
        };
        events.iter().enumerate().map(one).collect()
    }

    fn event(&mut self, event: &Event) -> Result<Expected, (String, String)> {
        let narrowing = event.action.as_deref().map(|name| self.narrowing(name, &event.parameters)).transpose()?;
        let mut variables = Vec::new();
        for (name, written) in &event.variables {
            variables.push((self.part(name)?, written.clone()));
        }
        Ok(Expected { narrowing, variables })
    }

    fn narrowing(&mut self, name: &str, parameters: &[(String, Written)]) -> Result<Rc<Narrowing>, (String, String)> {
        let key = format!("{name} {parameters:?}");
        if let Some(known) = self.narrowings.get(&key) {
            return Ok(Rc::clone(known));
        }
        let model = self.system.model;
        let to = |parameters: &[(String, Written)]| {
            let next = model.next.as_ref()?;
            Narrowing::to(&model.code, &next.node, name, parameters)
        };
        let Some(narrowing) = to(parameters) else {
            let message = if to(&[]).is_none() {
                return Err((format!("the next-state relation has no action `{name}`"), known_actions(self.system)));
            } else {
                let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
                format!("the action `{name}` does not have the parameters {}", names.join(", "))
            };
            return Err((message, "parameters are called as in the definition of the action".to_owned()));
        };
        let narrowing = Rc::new(narrowing);
        self.narrowings.insert(key, Rc::clone(&narrowing));
        Ok(narrowing)
    }

    fn part(&mut self, name: &str) -> Result<Part, (String, String)> {
        if let Some(known) = self.parts.get(name) {
            return Ok(known.clone());
        }
        let malformed = || {
            let message = format!("`{name}` names no part of a variable");
            (message, "write x for a variable, x[a] for its value at a, x[a][b] for a part of that".to_owned())
        };
        let (variable, rest) = name.split_once('[').map_or((name, ""), |(variable, rest)| (variable, rest));
        let arguments: Vec<String> = if rest.is_empty() && !name.contains('[') {
            Vec::new()
        } else {
            let inner = rest.strip_suffix(']').ok_or_else(malformed)?;
            inner.split("][").map(str::to_owned).collect()
        };
        let variables = &self.system.model.variables;
        let Some(variable) = variables.iter().position(|(known, _)| **known == *variable) else {
            let names: Vec<&str> = variables.iter().map(|(name, _)| &**name).collect();
            let message = format!("the specification has no variable `{variable}`");
            return Err((message, format!("its variables are {}", names.join(", "))));
        };
        let part = Part { variable, arguments };
        self.parts.insert(name.to_owned(), part.clone());
        Ok(part)
    }
}

/// Counts what steps cover.
#[derive(Debug, Default)]
struct Covered {
    actions: BTreeMap<u32, u64>,
    transitions: rustc_hash::FxHashSet<(Vec<u32>, Vec<u32>)>,
    states: rustc_hash::FxHashSet<Vec<u32>>,
}

impl Covered {
    fn step(&mut self, from: &[u32], to: &[u32], action: ActionId) {
        *self.actions.entry(action.0).or_default() += 1;
        self.transitions.insert((from.to_vec(), to.to_vec()));
        self.states.insert(to.to_vec());
    }

    fn coverage(&self, system: &Interpreted<'_>) -> Coverage {
        let count = |number: usize| self.actions.get(&(number as u32)).copied().unwrap_or(0);
        let actions = system.actions().iter().enumerate();
        Coverage {
            actions: actions.map(|(number, action)| (action.name.clone(), count(number))).collect(),
            transitions: self.transitions.len(),
            states: self.states.len(),
        }
    }
}
