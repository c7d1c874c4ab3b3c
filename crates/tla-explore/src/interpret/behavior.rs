//! Behaviors as values of the specification: `ALIAS`, `Trace`, `CounterExample`, and what follows a search.
//!
//! An alias is a record that is shown in the place of a state. It is evaluated on a state and the one after it (the last
//! state is its own successor, or goes back to where a lasso begins), and may look at the whole behavior so far with
//! `Trace`. What cannot be evaluated is shown as the state itself with the error beside it, as TLC does: a behavior that was
//! found at some cost is told in any case.
//!
//! A postcondition is evaluated when the search is over: `TLCGet` gives the final figures, and `CounterExample` is the
//! behavior of a violation, a graph of numbered states and actions that is empty if there is none.

use super::worker::{InterpretedWorker, system_error};
use super::world::evaluator_counts;
use super::{Interpreted, explain};
use crate::system::{CountsSoFar, Phase, SystemError, Worker};
use tla_model::error::Evaluated;
use tla_model::eval::figures::RegisterName;
use tla_model::model::Predicate;
use tla_model::value::Value;
use verdict::TraceValue;

/// The field that tells why an alias has no value, named as TLC names it.
const ALIAS_ERROR: &str = "_ALIASEvalError";

/// Registers of a worker at the end of a search.
pub(super) type FinalRegisters = Vec<(RegisterName, Vec<u8>)>;

impl<'a> InterpretedWorker<'a> {
    /// What is shown instead of the state with this index, if the specification wants something else shown.
    pub(super) fn alias_of(
        &mut self,
        states: &[Vec<u32>],
        index: usize,
        next: usize,
    ) -> Option<Vec<(String, TraceValue)>> {
        let system = self.system();
        let alias = system.model.alias.as_ref()?;
        let (state, successor) = (states.get(index)?, states.get(next)?);
        let trace = states.iter().take(index + 1).map(|state| self.state_record(state)).collect::<Evaluated<Vec<_>>>();
        if system.asks.steps && system.settings.simulates {
            let last = index.checked_sub(1).and_then(|before| self.taken(states.get(before)?, state));
            self.machine.sampling.last = last;
        }
        self.at_level(u32::try_from(index + 1).unwrap_or(u32::MAX));
        let machine = self.machine_at(Some(state), successor);
        machine.trace = trace.ok().map(Value::tuple);
        // What is shown may choose among symmetric values.
        let moving = machine.moving.take();
        let value = machine.evaluate_in(alias.formula.owner, &alias.formula.node);
        let value = value.and_then(|value| machine.force(&value));
        machine.moving = moving;
        machine.trace = None;
        machine.reset();
        match value {
            Ok(Value::Record(record)) => {
                let names = &system.model.names;
                let field = |(field, value): (&tla_model::value::StringId, &Value)| {
                    (names.text(*field).to_string(), explain::trace_value(names, value))
                };
                Some(record.fields.iter().zip(record.values.iter()).map(field).collect())
            }
            Ok(_) => None,
            Err(error) => {
                let mut values = self.state_values(state);
                values.push((ALIAS_ERROR.to_owned(), TraceValue::String(error.message.clone())));
                Some(values)
            }
        }
    }

    /// A state as a record.
    fn state_record(&mut self, state: &[u32]) -> Evaluated<Value> {
        let system = self.system();
        let machine = self.machine_at(None, state);
        let mut pairs = Vec::new();
        for ((name, _), value) in system.model.variables.iter().zip(machine.current.clone()) {
            let value = value.unwrap_or(Value::Bool(false));
            pairs.push((machine.string_value(name), value));
        }
        machine.record_of(pairs)
    }

    /// The action of a step as a record: its name, and where it is written.
    fn action_record(&mut self, from: &[u32], to: &[u32]) -> Evaluated<Value> {
        let info = self.step(from, to).ok();
        let machine = self.machine_nowhere();
        let name = info.as_ref().map_or("Next", |info| info.action.as_str());
        let mut fields = vec![(machine.string_value("name"), machine.string_value(name))];
        if let Some(span) = info.as_ref().and_then(|info| info.span) {
            let location = machine.location_record(span)?;
            fields.push((machine.string_value("location"), location));
        }
        machine.record_of(fields)
    }

    /// A behavior as the value of `CounterExample`: the set of its states, each with its number, and that of its actions,
    /// each between two states.
    fn counterexample_value(&mut self, trace: &[Vec<u32>], back_to: Option<usize>) -> Evaluated<Value> {
        let (mut states, mut actions) = (Vec::<Value>::new(), Vec::new());
        for (index, state) in trace.iter().enumerate() {
            let numbered = Value::tuple(vec![Value::Int(index as i64 + 1), self.state_record(state)?]);
            if let (Some(before), Some(from)) = (states.last().cloned(), index.checked_sub(1)) {
                self.at_level(index as u32);
                let action = self.action_record(&trace[from], state)?;
                actions.push(Value::tuple(vec![before, action, numbered.clone()]));
            }
            states.push(numbered);
        }
        if let (Some(first), Some(last), Some(from)) = (back_to, states.last().cloned(), trace.last())
            && let (Some(back), Some(to)) = (states.get(first).cloned(), trace.get(first))
        {
            let action = self.action_record(from, to)?;
            actions.push(Value::tuple(vec![last, action, back]));
        }
        let machine = self.machine_nowhere();
        let (actions, states) = (machine.set_of(actions)?, machine.set_of(states)?);
        machine.record_of(vec![(machine.string_value("action"), actions), (machine.string_value("state"), states)])
    }

    /// Keeps the registers of a worker that searched alone, for what is evaluated after the search.
    pub(super) fn leave_registers(&self) {
        if self.machine.progress.began && self.machine.progress.counts.is_some() {
            *crate::lock::locked(&self.system().final_registers) = Some(self.machine.all_registers());
        }
    }
}

impl<'s> Interpreted<'s> {
    /// Evaluates the postconditions after a search or simulation, with its counts, the behavior of a violation if there was one, and the index of
    /// the state to which an infinite one goes back.
    ///
    /// The results are in the order of the configuration: whether each is true.
    pub fn postconditions(
        &'s self,
        counts: CountsSoFar,
        counterexample: &[Vec<u32>],
        back_to: Option<usize>,
    ) -> Vec<Result<bool, Box<SystemError>>> {
        let evaluated = |one| self.postcondition(one, counts, (counterexample, back_to));
        self.model.postconditions.iter().map(evaluated).collect()
    }

    fn postcondition(
        &'s self,
        predicate: &'s Predicate,
        counts: CountsSoFar,
        (counterexample, back_to): (&[Vec<u32>], Option<usize>),
    ) -> Result<bool, Box<SystemError>> {
        let mut worker = self.worker_after_search();
        let counterexample = worker.counterexample_value(counterexample, back_to);
        let machine = worker.machine_nowhere();
        match &*crate::lock::locked(&self.final_registers) {
            Some(registers) => machine.set_final_registers(registers),
            None => machine.registers_incomplete = self.settings.workers > 1,
        }
        machine.progress.began = true;
        machine.progress.level = Some(0);
        machine.progress.counts = evaluator_counts(Some(counts));
        let result = counterexample.and_then(|counterexample| {
            machine.counterexample = Some(counterexample);
            // The states were told in silence; what the postcondition prints or writes is meant to be seen.
            let muted = self.unmute();
            let result = machine.holds_in(predicate.formula.owner, &predicate.formula.node);
            if muted {
                self.mute();
            }
            result
        });
        // What was set here concerns nobody else.
        machine.progress.counts = None;
        result.map_err(|error| system_error(*error, Phase::Assumption))
    }
}
