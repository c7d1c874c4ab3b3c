//! What a worker keeps about the state that is expanded and the one that was found, and what is done with the latter.
//!
//! A state is a row of words here and a row of values in the machine. Which of the two is up to date is written down
//! ([`Book::stand`]): a successor that was replayed from a record has words only, until a formula has to be evaluated.

use super::known::Known;
use crate::interpret::Interpreted;
use crate::interpret::caching::Cache;
use crate::interpret::symmetry::Symmetry;
use crate::interpret::taken::Noted;
use crate::interpret::viewed::Viewed;
use crate::interpret::world::evaluator_counts;
use crate::system::{ActionId, Answer, Generated, Phase, Sink};
use tla_model::error::{EvalError, Evaluated};
use tla_model::eval::Machine;
use tla_model::eval::action::Halt;

/// Everything but the machine, so that both can be used while the machine enumerates.
pub(in super::super) struct Book<'a> {
    pub(in super::super) system: &'a Interpreted<'a>,
    pub(in super::super) known: Known<'a>,
    pub(in super::super) words: Vec<u32>,
    pub(in super::super) identity: Vec<u32>,
    pub(in super::super) parent: Vec<u32>,
    /// Whether the machine's current state is that of `parent`, and its next state that of `words`.
    pub(super) standing: [bool; 2],
    pub(super) scratch: Vec<u8>,
    pub(in super::super) phase: Phase,
    /// Level of the state of the next call, where the caller said it.
    pub(super) level: Option<u32>,
    pub(super) symmetry: Option<Box<Symmetry>>,
    pub(super) viewed: Option<Box<Viewed>>,
    /// How the successors of the present state were found, where the specification asks for it.
    pub(in super::super) noted: Vec<Noted>,
}

impl<'a> Book<'a> {
    pub(super) fn new(system: &'a Interpreted<'a>) -> Self {
        let variables = system.model.variables.len();
        Self {
            system,
            known: Known::new(system),
            words: vec![0; variables],
            identity: Vec::with_capacity(variables),
            parent: vec![0; variables],
            standing: [false; 2],
            scratch: Vec::new(),
            phase: Phase::Init,
            level: None,
            symmetry: None,
            viewed: None,
            noted: Vec::new(),
        }
    }

    pub(in super::super) fn words_of(&mut self, machine: &mut Machine<'a>, next: bool) -> Evaluated<()> {
        for index in 0..self.words.len() {
            let slot = if next { &machine.next[index] } else { &machine.current[index] };
            let Some(value) = slot else { continue };
            if next
                && let Some(before) = &machine.current[index]
                && before.same_object(value)
            {
                self.words[index] = self.parent[index];
                continue;
            }
            let mut value = value.clone();
            self.words[index] = self.word(machine, &mut value)?;
            if next {
                machine.next[index] = Some(value);
            } else {
                machine.current[index] = Some(value);
            }
        }
        Ok(())
    }

    /// Fills words and identity of the successor that the machine has found, unless it is outside of the model.
    pub(in super::super) fn place(&mut self, machine: &mut Machine<'a>, cache: &mut Cache) -> Evaluated<bool> {
        self.words_of(machine, true)?;
        self.standing = [true; 2];
        cache.begin_successor(&self.parent, &self.words);
        if !self.in_model(machine, true, cache)? {
            return Ok(false);
        }
        self.identify(machine, true)?;
        Ok(true)
    }

    /// What is done with a state that the machine has found. Whether it is in the model.
    pub(in super::super) fn found<S: Sink>(
        &mut self,
        machine: &mut Machine<'a>,
        next: bool,
        cache: &mut Cache,
        sink: &mut S,
    ) -> Result<bool, Halt> {
        self.phase = if next { Phase::Next } else { Phase::Init };
        tell_passed(machine, sink);
        if machine.incomplete() {
            if next {
                sink.passed(1);
            }
            let error = if next { "a successor" } else { "an initial state" };
            let missing = self.missing(machine);
            return Err(EvalError::undefined(format!("{error} leaves {missing} without a value"))
                .with_remedy("give every variable a value on every path: x' = e, x' \\in S or UNCHANGED x")
                .into());
        }
        self.words_of(machine, next)?;
        self.standing[1] = next;
        let action = match (next, machine.action()) {
            (true, Some(leaf)) => ActionId(self.system.action_number(leaf.node)),
            (true, None) | (false, _) => ActionId(0),
        };
        if next {
            self.note_taken(machine, action);
        }
        self.settle(machine, next, action, cache, sink)
    }

    /// What is done with a successor whose words were read off what was recorded.
    pub(in super::super) fn replayed<S: Sink>(
        &mut self,
        machine: &mut Machine<'a>,
        action: ActionId,
        cache: &mut Cache,
        sink: &mut S,
    ) -> Result<(), Halt> {
        self.phase = Phase::Next;
        self.standing[1] = false;
        machine.begin_successor();
        if self.system.view().is_some() || self.system.symmetry().is_some() {
            self.stand_on_step(machine);
        }
        let result = self.settle(machine, true, action, cache, sink);
        machine.end_successor();
        result.map(|_in_model| self.phase = Phase::Next)
    }

    /// Gives the machine the values of the state that is expanded.
    pub(in super::super) fn stand(&mut self, machine: &mut Machine<'a>) {
        if !self.standing[0] {
            for index in 0..self.parent.len() {
                machine.current[index] = Some(self.value(self.parent[index]));
            }
            self.standing[0] = true;
        }
    }

    /// Gives the machine the values of the state that is expanded and of its successor.
    pub(in super::super) fn stand_on_step(&mut self, machine: &mut Machine<'a>) {
        self.stand(machine);
        if !self.standing[1] {
            for index in 0..self.words.len() {
                machine.next[index] = if self.words[index] == self.parent[index] {
                    machine.current[index].clone()
                } else {
                    Some(self.value(self.words[index]))
                };
            }
            self.standing[1] = true;
        }
    }

    /// What is done with a state whose words and values are at hand.
    fn settle<S: Sink>(
        &mut self,
        machine: &mut Machine<'a>,
        next: bool,
        action: ActionId,
        cache: &mut Cache,
        sink: &mut S,
    ) -> Result<bool, Halt> {
        self.phase = Phase::Constraint;
        if next {
            cache.begin_successor(&self.parent, &self.words);
        }
        // TLC counts a state before it looks at the constraints.
        if let Some(counts) = &mut machine.progress.counts {
            counts.generated += 1;
            counts.initial += u64::from(!next);
        }
        let in_model = match self.in_model(machine, next, cache) {
            Ok(in_model) => in_model,
            Err(error) => {
                if next {
                    sink.passed(1);
                }
                return Err(error.into());
            }
        };
        self.identify(machine, next)?;
        self.phase = if next { Phase::Next } else { Phase::Init };
        let answer = sink.generated(Generated { words: &self.words, identity: &self.identity, in_model, action });
        if !next && sink.has_enough() {
            return Err(Halt::Stop);
        }
        if self.system.asks.search {
            machine.progress.counts = evaluator_counts(sink.counts());
        }
        if answer == Answer::Check {
            // As in TLC, a new successor is not on the queue yet while it is checked.
            let counts = machine.progress.counts;
            if let Some(counts) = machine.progress.counts.as_mut().filter(|_| next) {
                counts.queue = counts.queue.saturating_sub(1);
            }
            self.check_state(machine, next, cache, sink)?;
            machine.progress.counts = counts;
        }
        if next {
            self.check_step(machine, cache, sink)?;
        }
        self.phase = if next { Phase::Next } else { Phase::Init };
        Ok(in_model)
    }

    fn missing(&self, machine: &Machine<'a>) -> String {
        let variables = &self.system.model.variables;
        let names: Vec<&str> = machine.missing().into_iter().map(|index| &*variables[index].0).collect();
        names.join(", ")
    }
}

/// Intermediate states of compositions count as generated.
pub(super) fn tell_passed<S: Sink>(machine: &mut Machine<'_>, sink: &mut S) {
    let passed = machine.take_passed();
    if passed > 0 {
        sink.passed(passed);
    }
}
