//! One thread's part of an interpreted model.

use super::Interpreted;
use super::caching::{About, Cache, Values};
use super::symmetry::Symmetry;
use super::taken::Noted;
use super::viewed::Viewed;
use super::word::{Word, read, scalar};
use super::world::{evaluator_counts, seed_of_state};
use crate::system::{
    ActionId, Answer, Broken, ErrorClass, Flow, Generated, Phase, Reached, Sink, StepInfo, Stop, SystemError, Worker,
};
use hashbrown::HashTable;
use std::sync::atomic::Ordering;
use tla_model::error::{self, EvalError, Evaluated};
use tla_model::eval::action::Halt;
use tla_model::eval::{Machine, Progress};
use tla_model::ir::{DefinitionId, Node};
use tla_model::model::Formula;
use tla_model::value::show::show;
use tla_model::value::{Value, codec};
use verdict::{Binding, FalseConjunct, TraceValue};

/// Values that a worker remembers before it starts afresh: bounds its memory for models with many different values.
const REMEMBERED: usize = 500_000;

/// The part of an [`Interpreted`] model that belongs to one thread.
pub struct InterpretedWorker<'a> {
    pub(super) machine: Machine<'a>,
    pub(super) book: Book<'a>,
    pub(super) cache: Cache,
}

/// Everything but the machine, so that both can be used while the machine enumerates.
pub(super) struct Book<'a> {
    pub(super) system: &'a Interpreted<'a>,
    pub(super) known: Known<'a>,
    pub(super) words: Vec<u32>,
    pub(super) identity: Vec<u32>,
    pub(super) parent: Vec<u32>,
    /// Whether the machine's current state is that of `parent`, and its next state that of `words`.
    standing: [bool; 2],
    scratch: Vec<u8>,
    pub(super) phase: Phase,
    /// Level of the state of the next call, where the caller said it.
    level: Option<u32>,
    symmetry: Option<Box<Symmetry>>,
    viewed: Option<Box<Viewed>>,
    /// How the successors of the present state were found, where the specification asks for it.
    pub(super) noted: Vec<Noted>,
}

/// The values that a worker has met.
pub(super) struct Known<'a> {
    system: &'a Interpreted<'a>,
    /// By structural hash: number and value.
    numbers: HashTable<(u32, Value)>,
    /// By number.
    values: Vec<Option<Value>>,
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

impl Known<'_> {
    fn remember(&mut self, hash: u64, number: u32, value: &Value) {
        if self.numbers.len() >= REMEMBERED {
            self.numbers.clear();
            self.values.clear();
        }
        self.numbers.insert_unique(hash, (number, value.clone()), |(_, known)| known.structural_hash());
        let index = number as usize;
        if index >= self.values.len() {
            self.values.resize((index + 1).next_power_of_two(), None);
        }
        self.values[index] = Some(value.clone());
    }
}

impl Values for Known<'_> {
    fn value_of(&mut self, word: u32) -> Value {
        match read(word) {
            Word::Value(value) => value,
            Word::Interned(number) => {
                if let Some(Some(value)) = self.values.get(number as usize) {
                    return value.clone();
                }
                let value = self.system.interner.with(number, codec::from_bytes).unwrap_or(Value::Bool(false));
                if !value.is_symbolic() {
                    self.remember(value.structural_hash(), number, &value);
                }
                value
            }
        }
    }
}

impl<'a> Book<'a> {
    /// The word of an explicit value.
    pub(super) fn word(&mut self, machine: &mut Machine<'a>, value: &mut Value) -> Evaluated<u32> {
        if let Some(word) = scalar(value) {
            return Ok(word);
        }
        if value.is_symbolic() {
            *value = machine.force(value)?;
        }
        let hash = value.structural_hash();
        let symbolic = value.is_symbolic();
        if !symbolic
            && let Some((number, _)) = self.known.numbers.find(hash, |(_, known)| known.structurally_equal(value))
        {
            return Ok(*number);
        }
        self.scratch.clear();
        codec::encode(&mut self.scratch, value).map_err(|_| {
            EvalError::undefined("a variable gets a value that has no finite form").with_remedy(
                "a function over an infinite set, or a set given by a predicate over one, cannot be part of a state",
            )
        })?;
        let number = self.system.interner.number(&self.scratch);
        if number > super::word::MOST_INTERNED {
            return Err(EvalError::capacity("the states have more than 536,870,911 different values"));
        }
        if !symbolic {
            // What a worker remembers must not depend on the form in which it met the value first, since unions are
            // enumerated by the forms of their parts.
            if codec::is_in_written_form(value) {
                self.known.remember(hash, number, value);
            } else if let Ok(written) = codec::from_bytes(&self.scratch) {
                self.known.remember(hash, number, &written);
            }
        }
        Ok(number)
    }

    pub(super) fn value(&mut self, word: u32) -> Value {
        self.known.value_of(word)
    }

    pub(super) fn words_of(&mut self, machine: &mut Machine<'a>, next: bool) -> Evaluated<()> {
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

    fn holds(&mut self, machine: &mut Machine<'a>, formula: &'a Formula) -> Evaluated<bool> {
        machine.holds_in(formula.owner, &formula.node)
    }

    fn in_model(&mut self, machine: &mut Machine<'a>, next: bool, cache: &mut Cache) -> Evaluated<bool> {
        let system = self.system;
        let mut number = system.conjuncts.len();
        for constraint in &system.model.constraints {
            let formula = &constraint.formula;
            let about = About::Successor { marks: false };
            if !self.judge(machine, next, number, (formula.owner, &formula.node), about, cache)? {
                return Ok(false);
            }
            number += 1;
        }
        if next {
            for constraint in &system.model.action_constraints {
                let formula = &constraint.formula;
                if !self.judge(machine, next, number, (formula.owner, &formula.node), About::Step, cache)? {
                    return Ok(false);
                }
                number += 1;
            }
        }
        Ok(true)
    }

    /// Whether a formula holds of the state or step that was found: as recorded, or else by evaluation.
    fn judge(
        &mut self,
        machine: &mut Machine<'a>,
        next: bool,
        number: usize,
        (owner, node): (DefinitionId, &'a Node),
        about: About,
        cache: &mut Cache,
    ) -> Evaluated<bool> {
        if next {
            if let Some(truth) = cache.judge(machine, self, number, (owner, node), about) {
                return Ok(truth);
            }
            self.stand_on_step(machine);
        }
        match about {
            About::Successor { marks } => checking_state(machine, next, |machine| {
                machine.recording = marks;
                let result = machine.holds_in(owner, node);
                machine.recording = false;
                result
            }),
            About::Step => machine.checking(false, |machine| machine.holds_in(owner, node)),
        }
    }

    /// Fills the identity of the state in `words`.
    fn identify(&mut self, machine: &mut Machine<'a>, next: bool) -> Evaluated<()> {
        let system = self.system;
        self.identity.clear();
        if let Some(view) = system.view() {
            let formula = &view.formula;
            let least = self.least_under_symmetry(machine, next)?;
            let mut value = checking_state(machine, next, |machine| match least {
                Some(least) => machine.in_state(least, |machine| machine.evaluate_in(formula.owner, &formula.node)),
                None => machine.evaluate_in(formula.owner, &formula.node),
            })?;
            let word = self.word(machine, &mut value)?;
            self.identity.push(word);
            return Ok(());
        }
        self.identity.extend_from_slice(&self.words);
        if let Some(symmetry) = system.symmetry() {
            self.canonical(machine, &symmetry.formula, next)?;
        }
        Ok(())
    }

    /// The values of the least state of the orbit, where a view is looked at under a symmetry; nothing if it is this state.
    fn least_under_symmetry(&mut self, machine: &mut Machine<'a>, next: bool) -> Evaluated<Option<Vec<Option<Value>>>> {
        let Some(symmetry) = self.system.symmetry() else { return Ok(None) };
        let formula = &symmetry.formula;
        let mut viewed = match self.viewed.take() {
            Some(viewed) => viewed,
            None => {
                let set = machine.checking(next, |machine| machine.evaluate_in(formula.owner, &formula.node))?;
                Box::new(Viewed::new(machine, &set).map_err(|error| error.at(formula.node.span))?)
            }
        };
        let mut words = self.words.clone();
        let result = viewed.least(machine, self, &mut words);
        self.viewed = Some(viewed);
        result?;
        Ok((words != self.words).then(|| words.into_iter().map(|word| Some(self.value(word))).collect()))
    }

    fn canonical(&mut self, machine: &mut Machine<'a>, symmetry: &'a Formula, next: bool) -> Evaluated<()> {
        let mut known = match self.symmetry.take() {
            Some(known) => known,
            None => {
                let set = machine.checking(next, |machine| machine.evaluate_in(symmetry.owner, &symmetry.node))?;
                Box::new(Symmetry::new(machine, &set).map_err(|error| error.at(symmetry.node.span))?)
            }
        };
        let mut words = std::mem::take(&mut self.identity);
        let result = known.represent(machine, self, &mut words);
        self.identity = words;
        self.symmetry = Some(known);
        result
    }

    /// Fills words and identity of the successor that the machine has found, unless it is outside of the model.
    pub(super) fn place(&mut self, machine: &mut Machine<'a>, cache: &mut Cache) -> Evaluated<bool> {
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
    pub(super) fn found<S: Sink>(
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
    pub(super) fn replayed<S: Sink>(
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
    pub(super) fn stand(&mut self, machine: &mut Machine<'a>) {
        if !self.standing[0] {
            for index in 0..self.parent.len() {
                machine.current[index] = Some(self.value(self.parent[index]));
            }
            self.standing[0] = true;
        }
    }

    /// Gives the machine the values of the state that is expanded and of its successor.
    pub(super) fn stand_on_step(&mut self, machine: &mut Machine<'a>) {
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

    fn check_state<S: Sink>(
        &mut self,
        machine: &mut Machine<'a>,
        next: bool,
        cache: &mut Cache,
        sink: &mut S,
    ) -> Result<(), Halt> {
        let system = self.system;
        // Only a state that satisfies every invariant lets its successors off; see `conjuncts`.
        let all = !next || system.counting.is_some() || system.some_invariant_broken.load(Ordering::Relaxed);
        let mut broken = None;
        for (number, conjunct) in system.conjuncts.iter().enumerate() {
            let settled = !all && !conjunct.may_change(&self.parent, &self.words);
            if settled || broken == Some(conjunct.invariant) {
                continue;
            }
            self.phase = Phase::Invariant(conjunct.invariant);
            let about = About::Successor { marks: true };
            let holds = self.judge(machine, next, number, (conjunct.owner, conjunct.node), about, cache)?;
            if !holds {
                system.some_invariant_broken.store(true, Ordering::Relaxed);
                broken = Some(conjunct.invariant);
                report(sink, Broken::Invariant(conjunct.invariant))?;
            }
        }
        if !next {
            for (index, part) in system.model.initial_properties.iter().enumerate() {
                self.phase = Phase::InitialProperty(index as u32);
                if !checking_state(machine, false, |machine| self.holds(machine, &part.formula))? {
                    report(sink, Broken::InitialProperty(index as u32))?;
                }
            }
        }
        Ok(())
    }

    fn check_step<S: Sink>(&mut self, machine: &mut Machine<'a>, cache: &mut Cache, sink: &mut S) -> Result<(), Halt> {
        let system = self.system;
        let before = system.conjuncts.len() + system.model.constraints.len() + system.model.action_constraints.len();
        for (index, part) in system.model.action_properties.iter().enumerate() {
            self.phase = Phase::ActionProperty(index as u32);
            let formula = (part.formula.owner, &part.formula.node);
            if !self.judge(machine, true, before + index, formula, About::Step, cache)? {
                report(sink, Broken::ActionProperty(index as u32))?;
            }
        }
        Ok(())
    }
}

/// Evaluates something about the state that was found, which lies one level beyond the one that is expanded.
fn checking_state<'a, R>(machine: &mut Machine<'a>, next: bool, check: impl FnOnce(&mut Machine<'a>) -> R) -> R {
    let level = machine.progress.level;
    machine.progress.level = level.map(|level| level + 1);
    machine.looks_ahead = next;
    let result = machine.checking(next, check);
    machine.looks_ahead = false;
    machine.progress.level = level;
    result
}

/// Intermediate states of compositions count as generated.
fn tell_passed<S: Sink>(machine: &mut Machine<'_>, sink: &mut S) {
    let passed = machine.take_passed();
    if passed > 0 {
        sink.passed(passed);
    }
}

fn report<S: Sink>(sink: &mut S, broken: Broken) -> Result<(), Halt> {
    match sink.broken(broken) {
        Flow::Continue => Ok(()),
        Flow::Stop => Err(Halt::Stop),
    }
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
        let book = Book {
            system,
            known: Known { system, numbers: HashTable::new(), values: Vec::new() },
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
        };
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
