//! A model's whole state graph as digests, so that two graphs can be compared.
//!
//! A portrait is the set of states and the set of steps, each step with its action: states are told apart by their values
//! and not by their numbers, so the order in which a walk finds them does not matter, and a step that is found twice is one
//! step. A step that changes nothing is left out: `[Next]_vars` allows it everywhere (Lamport, "The temporal logic of
//! actions", 1994, on stuttering). The digests are the first 128 bits of SHA-256.
//!
//! The walk is one of its own over all states, by the interpreter, whatever a search found before and however long it takes:
//! a walk that is stopped has no portrait.

use super::{TlaTask, prepare};
use report::value::value_text;
use std::io::{Error, ErrorKind};
use tla_explore::graph::{Visitor, WalkError, walk};
use tla_explore::interpret::{Interpreted, search_settings};
use tla_explore::{ActionId, ActionInfo, Options, TransitionSystem, Worker};
use verdict::event::NoEvents;

/// States and steps of a graph.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Portrait {
    states: Vec<u128>,
    steps: Vec<u128>,
}

impl Portrait {
    /// Number of states.
    pub fn states(&self) -> usize {
        self.states.len()
    }

    /// Number of steps that change something.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }
}

struct Painter<'a> {
    portrait: Portrait,
    actions: &'a [ActionInfo],
    stop: &'a dyn Fn() -> bool,
}

impl Painter<'_> {
    fn go_on(&self) -> std::io::Result<()> {
        if (self.stop)() { Err(Error::new(ErrorKind::Interrupted, "the walk was stopped")) } else { Ok(()) }
    }

    fn digest_of(&self, number: u64) -> u128 {
        usize::try_from(number.saturating_sub(1))
            .ok()
            .and_then(|index| self.portrait.states.get(index))
            .copied()
            .unwrap_or(0)
    }
}

impl<W: Worker> Visitor<W> for Painter<'_> {
    fn state(&mut self, _number: u64, is_initial: bool, words: &[u32], worker: &mut W) -> std::io::Result<()> {
        let mut text = String::from(if is_initial { "initial" } else { "later" });
        for (name, value) in worker.state_values(words) {
            text.push('\n');
            text.push_str(&name);
            text.push('=');
            text.push_str(&value_text(&value));
        }
        self.portrait.states.push(digest(text.as_bytes()));
        self.go_on()
    }

    fn step(&mut self, from: u64, to: u64, action: ActionId) -> std::io::Result<()> {
        if from != to {
            let name = self.actions.get(action.0 as usize).map_or("", |info| info.name.as_str());
            let mut bytes = Vec::with_capacity(32 + name.len());
            bytes.extend_from_slice(&self.digest_of(from).to_le_bytes());
            bytes.extend_from_slice(&self.digest_of(to).to_le_bytes());
            bytes.extend_from_slice(name.as_bytes());
            self.portrait.steps.push(digest(&bytes));
        }
        Ok(())
    }
}

fn digest(bytes: &[u8]) -> u128 {
    let hash = ledger::hash_of(bytes);
    let digits = hash.rsplit(':').next().and_then(|digits| digits.get(..32)).unwrap_or_default();
    u128::from_str_radix(digits, 16).unwrap_or_default()
}

/// The portrait of what a task names.
///
/// # Errors
/// Why there is none.
pub fn portrait(task: TlaTask, stop: &dyn Fn() -> bool) -> Result<Portrait, String> {
    let prepared = prepare(task);
    let (input, model) = prepared.model().map_err(|unusable| unusable.failure.message.clone())?;
    let options = Options { check_deadlock: false, ..Options::default() };
    let system =
        Interpreted::new(model, &input.specification.sources, &NoEvents).with_settings(search_settings(&options, 0));
    let mut painter = Painter { portrait: Portrait::default(), actions: system.actions(), stop };
    walk(&mut system.worker(), u64::MAX, &mut painter).map_err(|error| match error {
        WalkError::Visitor(error) => error.to_string(),
        WalkError::System(error) => error.message.clone(),
    })?;
    let Portrait { mut states, mut steps } = painter.portrait;
    states.sort_unstable();
    steps.sort_unstable();
    steps.dedup();
    Ok(Portrait { states, steps })
}
