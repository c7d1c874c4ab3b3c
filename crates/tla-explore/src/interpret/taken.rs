//! Which action led to a state of a simulated behavior, for `TLCGet("action")` and `TLCGet("stats").behavior`.
//!
//! A simulation knows a drawn successor by its words and the number of its action. What the parameters of the action were
//! is noted when a successor is found, and looked up when it has become the present state: to find the step once more
//! would print and set registers once more. Only a specification pays for this that asks for it.

use super::InterpretedWorker;
use super::worker::Book;
use crate::system::ActionId;
use std::sync::Arc;
use tla_model::eval::Machine;
use tla_model::eval::action::Halt;
use tla_model::eval::figures::{Sampling, Taken};

/// A successor, its action, and how that was taken.
pub(super) type Noted = (Vec<u32>, ActionId, Taken);

impl<'a> Book<'a> {
    /// Notes how the successor in `words` was found.
    pub(super) fn note_taken(&mut self, machine: &mut Machine<'a>, action: ActionId) {
        if self.system.asks.steps
            && self.system.settings.simulates
            && let Some(taken) = present(machine)
        {
            self.noted.push((self.words.clone(), action, taken));
        }
    }
}

/// The action of the successor that the machine has found.
fn present(machine: &mut Machine<'_>) -> Option<Taken> {
    let leaf = machine.action()?;
    let (id, parameters) = machine.action_parameters(leaf);
    Some(Taken { name: machine.definition_name(id), span: leaf.node.span, parameters })
}

impl InterpretedWorker<'_> {
    /// Tells the machine to which behavior the state of the next call belongs.
    pub(super) fn tell_behavior(&mut self, number: u64, states: &[Vec<u32>], actions: &[ActionId]) {
        let system = self.book.system;
        if !system.asks.steps {
            return;
        }
        let name = |action: &ActionId| system.actions.get(action.0 as usize).map(|info| Arc::from(info.name.as_str()));
        let names = actions.iter().filter_map(name).collect();
        let is_last = |(words, action, _): &Noted| Some(words) == states.last() && Some(action) == actions.last();
        let last = self.book.noted.drain(..).rfind(is_last).map(|(.., taken)| taken);
        self.machine.sampling = Sampling { number, actions: names, last };
    }

    /// The first step from a state to another.
    pub(super) fn taken(&mut self, from: &[u32], to: &[u32]) -> Option<Taken> {
        let next = self.book.system.model.next.as_ref()?;
        self.load(from);
        let Self { book, machine, .. } = self;
        let mut found = None;
        let _outcome = machine.enumerate_next(next.owner, &next.node, &mut |machine| {
            if machine.incomplete() {
                return Ok(());
            }
            book.words_of(machine, true)?;
            if book.words != to {
                return Ok(());
            }
            found = present(machine);
            Err(Halt::Stop)
        });
        self.machine.reset();
        found
    }
}
