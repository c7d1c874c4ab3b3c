//! One thread's part of an interpreted model.
//!
//! The machine enumerates and the [`Book`] takes down what it finds: words for values are in [`known`], the identity of
//! a state is in [`identity`], what it satisfies in [`judge`].

mod book;
mod identity;
mod judge;
mod known;

use super::Interpreted;
use super::caching::Cache;
use super::world::{evaluator_counts, seed_of_state};
use crate::system::{ActionId, Broken, ErrorClass, Phase, Reached, Sink, StepInfo, Stop, SystemError, Worker};
pub(super) use book::Book;
use book::tell_passed;
pub(super) use known::Known;
use tla_model::error::{self, EvalError};
use tla_model::eval::action::Halt;
use tla_model::eval::{Machine, Progress};
use tla_model::value::show::show;
use verdict::{Binding, FalseConjunct, TraceValue};

/// The part of an [`Interpreted`] model that belongs to one thread.
pub struct InterpretedWorker<'a> {
    pub(super) machine: Machine<'a>,
    pub(super) book: Book<'a>,
    pub(super) cache: Cache,
}

/// An error of the evaluator, with the part of the work that could not be done.
pub fn system_error(error: EvalError, phase: Phase) -> Box<SystemError> {
    let class = match error.class {
        error::ErrorClass::Undefined => ErrorClass::Undefined,
        error::ErrorClass::Declined => ErrorClass::Declined,
        error::ErrorClass::Assert => ErrorClass::Assert,
        error::ErrorClass::Capacity => ErrorClass::Capacity,
        error::ErrorClass::Internal => ErrorClass::Internal,
        error::ErrorClass::Interrupted => ErrorClass::Interrupted,
    };
    let mut calls = error.calls;
    calls.reverse();
    Box::new(SystemError {
        phase,
        class,
        message: error.message,
        span: error.span,
        calls,
        remedy: error.remedy,
        partial_state: Vec::new(),
    })
}

impl Drop for InterpretedWorker<'_> {
    fn drop(&mut self) {
        if self.book.system.asks.search {
            self.leave_registers();
        }
        if let Some(counting) = &self.book.system.counting {
            counting.end(&mut self.machine);
        }
    }
}

impl<'a> InterpretedWorker<'a> {
    pub(super) fn new(system: &'a Interpreted<'a>) -> Self {
        let variables = system.model.variables.len();
        let book = Book::new(system);
        let model = system.model;
        let judged = system.conjuncts.len()
            + model.constraints.len()
            + model.action_constraints.len()
            + model.action_properties.len();
        let cache = Cache::new(system.replays, variables, judged);
        Self { machine: system.machine_for_states(), book, cache }
    }

    pub(super) fn stop(&mut self, halt: Halt) -> Stop {
        let error = match halt {
            Halt::Stop => {
                self.machine.reset();
                return Stop::Requested;
            }
            Halt::Error(error) => error,
        };
        let mut error = system_error(*error, self.book.phase);
        let variables = &self.book.system.model.variables;
        let values = if self.book.phase == Phase::Init { &self.machine.current } else { &self.machine.next };
        error.partial_state = variables
            .iter()
            .zip(values)
            .map(|((name, _), value)| {
                let text = value.as_ref().map_or_else(|| "?".to_owned(), |value| self.machine.show(value));
                (name.to_string(), text)
            })
            .collect();
        self.machine.reset();
        Stop::Error(error)
    }

    /// Makes a state the current one.
    pub(super) fn load(&mut self, state: &[u32]) {
        self.announce(state);
        self.stand();
    }

    /// Gives the machine the values of the current state.
    fn stand(&mut self) {
        self.book.stand(&mut self.machine);
        if self.book.system.asks.random {
            let seed = seed_of_state(&self.machine);
            self.machine.seed_random(seed);
        }
    }

    /// Says which state is the current one; its values are loaded when they are needed.
    fn announce(&mut self, state: &[u32]) {
        self.machine.forget_transient();
        self.machine.progress.level = self.book.level.take().map(u64::from);
        self.book.parent.clear();
        self.book.parent.extend_from_slice(state);
        self.book.standing = [false; 2];
        self.cache.begin_source();
    }

    /// The search begins, if it has not: registers that were set before are taken over.
    fn begin(&mut self) {
        if !self.machine.progress.began {
            self.book.system.lend_registers(&mut self.machine);
            self.machine.progress.began = true;
        }
    }

    /// The machine, with the given states as current and next.
    pub(super) fn machine_at(&mut self, from: Option<&[u32]>, state: &[u32]) -> &mut Machine<'a> {
        match from {
            None => self.load(state),
            Some(from) => {
                let level = self.book.level;
                self.load(state);
                self.book.level = level;
                for index in 0..state.len() {
                    self.machine.next[index] = self.machine.current[index].take();
                }
                self.load(from);
            }
        }
        &mut self.machine
    }

    pub(super) fn system(&self) -> &'a Interpreted<'a> {
        self.book.system
    }
}

impl Worker for InterpretedWorker<'_> {
    fn initial<S: Sink>(&mut self, sink: &mut S) -> Result<(), Stop> {
        self.book.phase = Phase::Init;
        let Some(init) = &self.book.system.model.init else { return Ok(()) };
        self.machine.progress = Progress { level: Some(0), ..Progress::default() };
        if self.book.system.asks.search {
            self.machine.progress.counts = evaluator_counts(sink.counts());
        }
        self.machine.seed_random(0);
        self.machine.tally_state();
        let Self { book, cache, machine } = self;
        let result = machine.enumerate_initial(init.owner, &init.node, &mut |machine| {
            let paused = machine.pause_action();
            let result = book.found(machine, false, cache, sink);
            machine.resume_action(paused);
            result.map(|_in_model| ())
        });
        if self.book.system.asks.search {
            self.book.system.keep_registers(&self.machine);
        }
        result.map_err(|halt| self.stop(halt))
    }

    fn successors<S: Sink>(&mut self, state: &[u32], sink: &mut S) -> Result<(), Stop> {
        self.begin();
        self.announce(state);
        if self.book.system.asks.search {
            self.machine.progress.counts = evaluator_counts(sink.counts());
        }
        self.book.phase = Phase::Next;
        let Some(next) = &self.book.system.model.next else { return Ok(()) };
        self.machine.begin_source();
        self.machine.tally_state();
        if let Some(result) = self.successors_by_parts(sink) {
            self.machine.end_source();
            return result.map_err(|halt| self.stop(halt));
        }
        self.stand();
        let Self { book, cache, machine } = self;
        let result = machine.enumerate_next(next.owner, &next.node, &mut |machine| {
            let paused = machine.pause_action();
            machine.begin_successor();
            let result = book.found(machine, true, cache, sink);
            machine.end_successor();
            machine.resume_action(paused);
            result.map(|_in_model| ())
        });
        tell_passed(&mut self.machine, sink);
        self.machine.end_source();
        result.map_err(|halt| self.stop(halt))
    }

    fn random_successor<S: Sink>(&mut self, state: &[u32], seed: u64, sink: &mut S) -> Result<(), Stop> {
        self.begin();
        self.load(state);
        if self.book.system.asks.search {
            self.machine.progress.counts = evaluator_counts(sink.counts());
        }
        self.book.phase = Phase::Next;
        let Some(next) = &self.book.system.model.next else { return Ok(()) };
        self.machine.seed_random(seed);
        self.machine.shuffling = true;
        let Self { book, cache, machine } = self;
        let mut drawn = false;
        let result = machine.enumerate_next(next.owner, &next.node, &mut |machine| {
            drawn = book.found(machine, true, cache, sink)?;
            if drawn { Err(Halt::Stop) } else { Ok(()) }
        });
        self.machine.shuffling = false;
        match result {
            Err(Halt::Stop) if drawn => {
                self.machine.reset();
                Ok(())
            }
            result => result.map_err(|halt| self.stop(halt)),
        }
    }

    fn asked_to_end(&self) -> bool {
        self.machine.asked_to_end
    }

    fn at_level(&mut self, level: u32) {
        self.book.level = Some(level);
    }

    fn in_behavior(&mut self, number: u64, states: &[Vec<u32>], actions: &[ActionId]) {
        self.tell_behavior(number, states, actions);
    }

    fn state_values(&mut self, state: &[u32]) -> Vec<(String, TraceValue)> {
        let system = self.book.system;
        let mut values = Vec::new();
        for ((name, _), word) in system.model.variables.iter().zip(state) {
            let value = self.book.value(*word);
            values.push((name.to_string(), super::explain::trace_value(&system.model.names, &value)));
        }
        values
    }

    fn alias_values(&mut self, states: &[Vec<u32>], index: usize, next: usize) -> Option<Vec<(String, TraceValue)>> {
        self.alias_of(states, index, next)
    }

    fn step(&mut self, from: &[u32], to: &[u32]) -> Result<StepInfo, Box<SystemError>> {
        self.load(from);
        self.book.phase = Phase::Next;
        let system = self.book.system;
        let Some(next) = &system.model.next else {
            return Err(system_error(*EvalError::undefined("there is no next-state relation"), Phase::Next));
        };
        let mut info = None;
        let book = &mut self.book;
        let result = self.machine.enumerate_next(next.owner, &next.node, &mut |machine| {
            if machine.incomplete() {
                return Ok(());
            }
            book.words_of(machine, true)?;
            if book.words != to {
                return Ok(());
            }
            info = machine.action().map(|leaf| {
                let (id, values) = machine.action_parameters(leaf);
                let bindings = values
                    .into_iter()
                    .map(|(name, value)| Binding { name: name.to_string(), value: show(machine.names(), &value) })
                    .collect();
                let name = system.model.code.definition(id).name.to_string();
                StepInfo { action: name, span: Some(leaf.node.span), bindings }
            });
            Err(Halt::Stop)
        });
        match (result, info) {
            (_, Some(info)) => {
                self.machine.reset();
                Ok(info)
            }
            (Err(halt @ Halt::Error(_)), None) => match self.stop(halt) {
                Stop::Error(error) => Err(error),
                Stop::Requested => Err(no_step()),
            },
            (Ok(()) | Err(Halt::Stop), None) => Err(no_step()),
        }
    }

    fn explain(&mut self, broken: Broken, from: Option<&[u32]>, state: &[u32]) -> Vec<FalseConjunct> {
        super::explain::explain(self, broken, from, state)
    }

    fn reached(&self) -> Reached {
        Reached { marks: self.machine.marks.clone() }
    }
}

fn no_step() -> Box<SystemError> {
    let error = EvalError::new(error::ErrorClass::Internal, "a step of the trace cannot be found again");
    system_error(*error, Phase::Next)
}
