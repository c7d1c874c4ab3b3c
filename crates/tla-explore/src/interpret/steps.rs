//! States and steps with the machine standing in them, for whoever evaluates more than the model's own properties.

use super::InterpretedWorker;
use crate::system::{Phase, Stop, SystemError};
use tla_model::error::EvalError;
use tla_model::eval::Machine;
use tla_model::eval::action::Halt;
use tla_model::value::Value;

/// A step that was found; the machine's current and next states are its two states.
pub(crate) struct FoundStep<'w> {
    /// Words of the second state.
    pub(crate) words: &'w [u32],
    /// What identifies the second state.
    pub(crate) identity: &'w [u32],
}

impl<'a> InterpretedWorker<'a> {
    /// The words of a state with these values.
    ///
    /// # Errors
    /// If there are too many different values.
    pub fn words_of_values(&mut self, values: &[Value]) -> Result<Vec<u32>, Box<SystemError>> {
        let words = values.iter().map(|value| self.book.word(&mut self.machine, &mut value.clone()));
        words.collect::<Result<_, _>>().map_err(|error| super::system_error(*error, Phase::Next))
    }

    /// Some initial states, the first ones in enumeration order; none where they cannot be evaluated.
    pub fn some_initial(&mut self, most: usize) -> Vec<Vec<u32>> {
        let Some(init) = &self.book.system.model.init else { return Vec::new() };
        let book = &mut self.book;
        let mut found = Vec::new();
        let _outcome = self.machine.enumerate_initial(init.owner, &init.node, &mut |machine| {
            if machine.incomplete() {
                return Err(Halt::Stop);
            }
            book.words_of(machine, false)?;
            found.push(book.words.clone());
            if found.len() >= most { Err(Halt::Stop) } else { Ok(()) }
        });
        self.machine.reset();
        found
    }

    /// The successors of a state as far as the next-state relation can be evaluated; whether they satisfy constraints and
    /// properties is not asked.
    pub fn some_successors(&mut self, state: &[u32]) -> Vec<Vec<u32>> {
        let Some(next) = &self.book.system.model.next else { return Vec::new() };
        self.load(state);
        let Self { book, machine, .. } = self;
        let mut found = Vec::new();
        let _outcome = machine.enumerate_next(next.owner, &next.node, &mut |machine| {
            if machine.incomplete() {
                return Err(Halt::Stop);
            }
            book.words_of(machine, true)?;
            found.push(book.words.clone());
            Ok(())
        });
        self.machine.reset();
        found
    }

    /// The machine in a state, without a next state.
    pub(crate) fn machine_in(&mut self, state: &[u32]) -> &mut Machine<'a> {
        let machine = self.machine_at(None, state);
        machine.next.iter_mut().for_each(|value| *value = None);
        machine
    }

    /// The machine on the step from one state to the other.
    pub(crate) fn machine_on(&mut self, from: &[u32], to: &[u32]) -> &mut Machine<'a> {
        self.machine_at(Some(from), to)
    }

    /// The machine before any state, for what is constant.
    pub(crate) fn machine_nowhere(&mut self) -> &mut Machine<'a> {
        let machine = &mut self.machine;
        machine.reset();
        machine.current.iter_mut().chain(&mut machine.next).for_each(|value| *value = None);
        machine
    }

    /// Runs a function for each step from a state to a state in the model, in the order of enumeration. The answer is
    /// whether constraints left a step out that changes something.
    ///
    /// # Errors
    /// If the next-state relation or a constraint cannot be evaluated.
    pub(crate) fn for_each_step(
        &mut self,
        state: &[u32],
        visit: &mut dyn FnMut(&mut Machine<'a>, &FoundStep<'_>),
    ) -> Result<bool, Box<SystemError>> {
        self.load(state);
        self.book.phase = Phase::Next;
        let Some(next) = &self.book.system.model.next else { return Ok(false) };
        let mut cut = false;
        let Self { book, cache, machine } = self;
        let result = machine.enumerate_next(next.owner, &next.node, &mut |machine| {
            if machine.incomplete() {
                return Err(EvalError::undefined("a successor leaves a variable without a value").into());
            }
            if book.place(machine, cache)? {
                let step = FoundStep { words: &book.words, identity: &book.identity };
                machine.checking(false, |machine| visit(machine, &step));
            } else {
                cut |= book.words != state;
            }
            Ok(())
        });
        match result.map_err(|halt| self.stop(halt)) {
            Ok(()) | Err(Stop::Requested) => Ok(cut),
            Err(Stop::Error(error)) => Err(error),
        }
    }
}
