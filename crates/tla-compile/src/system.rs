//! A compiled model as a transition system.
//!
//! The worker calls generated code and hands what it wrote to the search. Where the code leaves, the interpreter does
//! the state again with an [`Aside`] in front of the search, which keeps back what the search has been told already.

use crate::generate::{Declined, Gen, Shared};
use crate::identity::{Scratch, Symmetry};
use crate::machine::{Code, Compiler, Function, HEADER, Lent, Said};
use crate::row::Row;
use crate::sample::Observed;
use crate::shape::{Guess, Shape};
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tla_explore::interpret::{Interpreted, InterpretedWorker};
use tla_explore::{
    ActionId, ActionInfo, Answer, Broken, ErrorClass, Flow, Generated, Phase, Reached, Rows, Sink, States, StepInfo,
    Stop, SystemError, TransitionSystem, Unreached, Worker,
};
use tla_model::ir::{DefinitionId, Node};
use tla_model::model::{Formula, Model};
use tla_model::value::Value;
use verdict::{FalseConjunct, TraceValue};

/// So many states a worker leaves to the interpreter before it asks whether compiling pays.
const LEFT_AT_LEAST: u64 = 3_000;

/// Why states were left to the interpreter: place, reason, how often.
pub type Left = (Option<tla_syntax::Span>, &'static str, u64);

/// A model with generated code.
pub struct Compiled<'s> {
    interpreted: &'s Interpreted<'s>,
    row: Row,
    /// The layout of a view's value.
    view: Option<Row>,
    symmetry: Option<Symmetry>,
    code: Code,
    /// Values that have no place in the shapes, by variable.
    misfits: Mutex<Vec<Guess>>,
    has_misfits: AtomicBool,
    /// Whether the search is given up when most states are left to the interpreter.
    impatient: bool,
    gave_up: AtomicBool,
    /// Whether any invariant was found broken; from then on every conjunct is checked in every state.
    some_invariant_broken: AtomicBool,
    /// States that the interpreter had to do.
    left: AtomicU64,
    /// For each reason how often.
    left_for: Vec<AtomicU64>,
}

fn parts(formula: &Formula) -> (DefinitionId, &Node) {
    (formula.owner, &formula.node)
}

impl<'s> Compiled<'s> {
    /// Compiles a model for values like those that were observed.
    ///
    /// # Errors
    /// [`Declined`] with the place of what cannot be compiled.
    pub fn new(interpreted: &'s Interpreted<'s>, observed: &Observed) -> Result<Self, Box<Declined>> {
        let model = interpreted.model;
        decline_what_is_not_generated(model)?;
        let row = Row::new(shapes(model, observed)?);
        let symmetry = Symmetry::new(interpreted, &row)?;
        let (code, view) = generate(interpreted, &row)?;
        let left_for = code.reasons.iter().map(|_| AtomicU64::new(0)).collect();
        Ok(Self {
            interpreted,
            misfits: Mutex::new(vec![Guess::Never; row.shapes.len()]),
            row,
            view,
            symmetry,
            code,
            has_misfits: AtomicBool::new(false),
            impatient: false,
            gave_up: AtomicBool::new(false),
            some_invariant_broken: AtomicBool::new(false),
            left: AtomicU64::new(0),
            left_for,
        })
    }

    /// The same model; a search of it is given up when the interpreter has to do most of the states, because doing all
    /// of them is faster than that.
    #[must_use]
    pub fn impatient(self) -> Self {
        Self { impatient: true, ..self }
    }

    /// Whether the search was given up; it counts for nothing then.
    pub fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Acquire)
    }

    /// What was met that has no place in the shapes; the search that met it counts for nothing.
    pub fn misfits(&self) -> Option<Observed> {
        if !self.has_misfits.load(Ordering::Acquire) {
            return None;
        }
        let guesses = self.misfits.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(Observed::from_guesses(guesses))
    }

    /// How many states the interpreter had to do, and why: `(place, reason, how often)`, most often first.
    pub fn left(&self) -> (u64, Vec<Left>) {
        let mut reasons: Vec<_> = self
            .code
            .reasons
            .iter()
            .zip(&self.left_for)
            .map(|((span, why), count)| (*span, *why, count.load(Ordering::Relaxed)))
            .filter(|(_, _, count)| *count > 0)
            .collect();
        reasons.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        (self.left.load(Ordering::Relaxed), reasons)
    }

    /// The interpreter behind.
    pub fn interpreted(&self) -> &'s Interpreted<'s> {
        self.interpreted
    }

    /// Values of a state.
    pub fn values(&self, state: &[u32]) -> Vec<Value> {
        self.row.values(state)
    }

    fn note_misfit(&self, variable: usize, value: &Value) {
        if let Some(guess) = Guess::of(value) {
            let mut misfits = self.misfits.lock().unwrap_or_else(PoisonError::into_inner);
            let known = std::mem::replace(&mut misfits[variable], Guess::Never);
            misfits[variable] = known.join(guess);
        }
        self.has_misfits.store(true, Ordering::Release);
    }

    fn note_left(&self, reason: Option<usize>) {
        self.left.fetch_add(1, Ordering::Relaxed);
        if let Some(count) = reason.and_then(|reason| self.left_for.get(reason)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn decline_what_is_not_generated(model: &Model) -> Gen<()> {
    if let (Some(view), Some(_)) = (&model.view, &model.symmetry) {
        let reason = "a VIEW together with a SYMMETRY set".to_owned();
        return Err(Box::new(Declined { reason, span: Some(view.formula.node.span) }));
    }
    if model.next.is_none() {
        return Err(Box::new(Declined { reason: "there is no next-state relation".to_owned(), span: None }));
    }
    Ok(())
}

/// Shapes of the variables. Where a declaration makes a shape too large, what was observed has to do.
fn shapes(model: &Model, observed: &Observed) -> Gen<Vec<Shape>> {
    let mut shapes = Vec::with_capacity(model.variables.len());
    for index in 0..model.variables.len() {
        let declared = Shape::of(&observed.guess(index, true), &model.names);
        let shape = declared.or_else(|_| Shape::of(&observed.guess(index, false), &model.names));
        let (name, span) = &model.variables[index];
        shapes.push(shape.map_err(|error| {
            Box::new(Declined {
                reason: format!("the variable {name} has no finite shape: {error}"),
                span: Some(*span),
            })
        })?);
    }
    Ok(shapes)
}

fn generate(interpreted: &Interpreted<'_>, row: &Row) -> Gen<(Code, Option<Row>)> {
    let model = interpreted.model;
    let number = |node: &Node| interpreted.action_number(node);
    let mut shared = Shared::new(model, interpreted.machine(), row, &number);
    let mut compiler = Compiler::new()?;
    if let Some(next) = &model.next {
        compiler.function(Function::Successors, &mut shared, |g| g.successors(next.owner, &next.node))?;
    }
    let conjuncts: Vec<_> =
        interpreted.conjuncts().iter().map(|part| (part.owner, part.node, part.reads.as_deref())).collect();
    if !conjuncts.is_empty() {
        compiler.function(Function::Invariants, &mut shared, |g| g.invariants(&conjuncts))?;
    }
    let states: Vec<_> = model.constraints.iter().map(|predicate| parts(&predicate.formula)).collect();
    let steps: Vec<_> = model.action_constraints.iter().map(|predicate| parts(&predicate.formula)).collect();
    if !states.is_empty() || !steps.is_empty() {
        compiler.function(Function::Constraints, &mut shared, |g| g.constraints(&states, &steps))?;
    }
    let properties: Vec<_> = model.action_properties.iter().map(|part| parts(&part.formula)).collect();
    if !properties.is_empty() {
        compiler.function(Function::Steps, &mut shared, |g| g.steps(&properties))?;
    }
    if let Some(init) = &model.init {
        // Initial states are enumerated once: where that cannot be compiled, the interpreter does it.
        let properties: Vec<_> = model.initial_properties.iter().map(|part| parts(&part.formula)).collect();
        let compiled = (properties.is_empty()
            || compiler
                .function(Function::InitialProperties, &mut shared, |g| g.state_predicates(&properties))
                .is_ok())
            && compiler.function(Function::Initial, &mut shared, |g| g.initial_states(init.owner, &init.node)).is_ok();
        compiler.initial_is_compiled = compiled;
    }
    let mut view_row = None;
    if let Some(view) = &model.view {
        compiler.function(Function::View, &mut shared, |g| {
            view_row = Some(g.view(view.formula.owner, &view.formula.node)?);
            Ok(())
        })?;
    }
    Ok((compiler.finish(shared)?, view_row))
}

impl TransitionSystem for Compiled<'_> {
    type Worker<'a>
        = CompiledWorker<'a>
    where
        Self: 'a;

    fn state_words(&self) -> usize {
        self.row.words as usize
    }

    fn identity_words(&self) -> usize {
        self.view.as_ref().map_or(self.row.words, |view| view.words) as usize
    }

    fn identity_is_state(&self) -> bool {
        self.view.is_none() && self.symmetry.is_none()
    }

    fn actions(&self) -> &[ActionInfo] {
        self.interpreted.actions()
    }

    fn worker(&self) -> CompiledWorker<'_> {
        CompiledWorker {
            system: self,
            interpreter: self.interpreted.worker(),
            lent: self.code.lend(),
            foreseen: [self.code.lend().buffer, self.code.lend().buffer].map(Foreseen::none),
            level: None,
            words: vec![0; self.row.words as usize],
            naming: Naming::default(),
            expanded: 0,
            left: 0,
        }
    }

    fn interrupt(&self, interrupted: bool) {
        self.interpreted.interrupt(interrupted);
    }

    fn memory_bytes(&self) -> u64 {
        self.interpreted.memory_bytes()
    }

    fn unreached(&self, reached: &Reached) -> Vec<Unreached> {
        self.interpreted.unreached(reached)
    }
}

/// The part of a [`Compiled`] model that belongs to one thread.
pub struct CompiledWorker<'a> {
    system: &'a Compiled<'a>,
    interpreter: InterpretedWorker<'a>,
    lent: Lent,
    /// Successors that were generated before they were asked for, the older ones first.
    foreseen: [Foreseen; 2],
    level: Option<u32>,
    words: Vec<u32>,
    naming: Naming,
    /// States expanded, and how many of them the interpreter did.
    expanded: u64,
    left: u64,
}

/// Successors that were generated before they were asked for.
struct Foreseen {
    state: Vec<u32>,
    /// What the code said; `None` if there is nothing here.
    said: Option<Said>,
    buffer: Vec<u32>,
}

impl Foreseen {
    fn none(buffer: Vec<u32>) -> Self {
        Self { state: Vec::new(), said: None, buffer }
    }
}

/// Finds what identifies a state.
#[derive(Default)]
struct Naming {
    scratch: Scratch,
    identity: Vec<u32>,
}

impl Naming {
    /// The identity of a state; `None` if the interpreter has to find out.
    fn of<'n>(&'n mut self, system: &Compiled<'_>, state: &'n [u32]) -> Option<&'n [u32]> {
        if let Some(symmetry) = &system.symmetry {
            symmetry.least(&system.row, state, &mut self.scratch, &mut self.identity);
            return Some(&self.identity);
        }
        let Some(view) = &system.view else { return Some(state) };
        self.identity.clear();
        self.identity.resize(view.words as usize, 0);
        system.code.view(state, &mut self.identity).then_some(&self.identity)
    }
}

/// What the search has been told of a state's successors.
#[derive(Debug, Clone, Copy)]
struct Told {
    /// So many successors.
    states: u64,
    /// What it answered to the last one, if that one's properties are not all checked.
    pending: Option<Answer>,
}

impl<'a> CompiledWorker<'a> {
    /// The state in the interpreter's words.
    ///
    /// # Errors
    /// If there are too many different values.
    pub fn interpreted_words(&mut self, state: &[u32]) -> Result<Vec<u32>, Box<SystemError>> {
        let values = self.system.row.values(state);
        self.interpreter.words_of_values(&values)
    }

    /// Hands over states in the words of the interpreter behind.
    ///
    /// # Errors
    /// If there are too many different values.
    pub(crate) fn hand_over(
        &mut self,
        states: &States,
        take: &mut (dyn FnMut(&[u32]) + '_),
    ) -> Result<(), Box<SystemError>> {
        let row = &self.system.row;
        // Few values of a variable occur in many states.
        let mut known: Vec<FxHashMap<Box<[u64]>, u32>> = vec![FxHashMap::default(); row.shapes.len()];
        let (mut cells, mut words) = (Vec::new(), Vec::new());
        let mut failed = None;
        states.for_each(&mut |state| {
            row.cells(state, &mut cells);
            words.clear();
            let mut rest = cells.as_slice();
            for (variable, known) in known.iter_mut().enumerate() {
                let (own, others) = rest.split_at(row.places[variable].len());
                rest = others;
                let word = match known.get(own) {
                    Some(word) => *word,
                    None => match self.interpreter.words_of_values(&[row.value(variable, state)]) {
                        Ok(word) => {
                            let word = word.first().copied().unwrap_or_default();
                            known.insert(own.into(), word);
                            word
                        }
                        Err(error) => {
                            failed = Some(error);
                            return;
                        }
                    },
                };
                words.push(word);
            }
            take(&words);
        });
        failed.map_or(Ok(()), Err)
    }

    /// What the code said of a state's successors if they were foreseen; they are in the buffer then.
    fn take_foreseen(&mut self, state: &[u32]) -> Option<Said> {
        let known = self.foreseen.iter_mut().find(|known| known.said.is_some() && known.state == state)?;
        std::mem::swap(&mut self.lent.buffer, &mut known.buffer);
        known.said.take()
    }

    /// Lets the interpreter do a state of which the search has been told a part.
    #[cold]
    fn interpret<S: Sink>(&mut self, state: &[u32], told: Told, reason: usize, sink: &mut S) -> Result<(), Stop> {
        self.system.note_left(Some(reason));
        self.left += 1;
        if self.system.impatient && self.left >= LEFT_AT_LEAST && 2 * self.left > self.expanded {
            self.system.gave_up.store(true, Ordering::Release);
            return Err(Stop::Error(misfit()));
        }
        let words = self.interpreted_words(state).map_err(Stop::Error)?;
        if let Some(level) = self.level {
            self.interpreter.at_level(level);
        }
        let mut aside = Aside {
            system: self.system,
            sink,
            told,
            seen: 0,
            words: &mut self.words,
            naming: &mut self.naming,
            misfit: false,
        };
        let result = self.interpreter.successors(&words, &mut aside);
        if aside.misfit { Err(Stop::Error(misfit())) } else { result }
    }

    #[cold]
    fn interpret_initial<S: Sink>(&mut self, told: Told, sink: &mut S) -> Result<(), Stop> {
        let mut aside = Aside {
            system: self.system,
            sink,
            told,
            seen: 0,
            words: &mut self.words,
            naming: &mut self.naming,
            misfit: false,
        };
        let result = self.interpreter.initial(&mut aside);
        if aside.misfit { Err(Stop::Error(misfit())) } else { result }
    }

    fn checked_initial<S: Sink>(&mut self, used: usize, sink: &mut S) -> Result<(), Stop> {
        let system = self.system;
        let size = system.row.words as usize + HEADER as usize;
        // The buffer is lent to the checks too, which do not write to it.
        let found = std::mem::take(&mut self.lent.buffer);
        let mut result = Ok(());
        for (states, row) in (0..).zip(found[..used].chunks_exact(size)) {
            self.words.copy_from_slice(&row[HEADER as usize..]);
            let mut run = |function, words: &[u32]| system.code.run(function, &mut self.lent, words, words, true);
            let in_model = match run(Function::Constraints, &self.words) {
                Said::Fine(_) => true,
                Said::Outside => false,
                Said::Odd(_) => {
                    result = self.interpret_initial(Told { states, pending: None }, sink);
                    break;
                }
            };
            let action = ActionId(0);
            let Some(identity) = self.naming.of(system, &self.words) else {
                result = self.interpret_initial(Told { states, pending: None }, sink);
                break;
            };
            let answer = sink.generated(Generated { words: &self.words, identity, in_model, action });
            if sink.has_enough() {
                result = Err(Stop::Requested);
                break;
            }
            if answer != Answer::Check {
                continue;
            }
            let checks = [Function::Invariants, Function::InitialProperties];
            if checks.into_iter().any(|function| matches!(run(function, &self.words), Said::Odd(_))) {
                result = self.interpret_initial(Told { states: states + 1, pending: Some(answer) }, sink);
                break;
            }
        }
        self.lent.buffer = found;
        result
    }

    fn checked<S: Sink>(&mut self, from: &[u32], used: usize, sink: &mut S) -> Result<(), Stop> {
        let system = self.system;
        let size = system.row.words as usize + HEADER as usize;
        let constrained = system.code.has(Function::Constraints);
        let stepped = system.code.has(Function::Steps);
        let mut states = 0;
        let mut at = 0;
        while at < used {
            self.words.copy_from_slice(&self.lent.buffer[at + HEADER as usize..at + size]);
            let action = ActionId(self.lent.buffer[at]);
            at += size;
            let mut in_model = true;
            if constrained {
                match system.code.run(Function::Constraints, &mut self.lent, from, &self.words, false) {
                    Said::Fine(_) => {}
                    Said::Outside => in_model = false,
                    Said::Odd(reason) => return self.interpret(from, Told { states, pending: None }, reason, sink),
                }
            }
            let Some(identity) = self.naming.of(system, &self.words) else {
                return self.interpret(from, Told { states, pending: None }, usize::MAX, sink);
            };
            let answer = sink.generated(Generated { words: &self.words, identity, in_model, action });
            states += 1;
            let told = Told { states, pending: Some(answer) };
            if answer == Answer::Check {
                let all = system.some_invariant_broken.load(Ordering::Relaxed);
                if let Said::Odd(reason) = system.code.run(Function::Invariants, &mut self.lent, from, &self.words, all)
                {
                    return self.interpret(from, told, reason, sink);
                }
            }
            if stepped
                && let Said::Odd(reason) = system.code.run(Function::Steps, &mut self.lent, from, &self.words, false)
            {
                return self.interpret(from, told, reason, sink);
            }
        }
        Ok(())
    }
}

/// Stands between the interpreter and the search: keeps back what the search knows, and packs the rest.
struct Aside<'r, 'a, S> {
    system: &'a Compiled<'a>,
    sink: &'r mut S,
    told: Told,
    /// States that the interpreter has generated.
    seen: u64,
    words: &'r mut Vec<u32>,
    naming: &'r mut Naming,
    misfit: bool,
}

impl<S: Sink> Sink for Aside<'_, '_, S> {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        self.seen += 1;
        if self.seen < self.told.states {
            return Answer::Known;
        }
        if self.seen == self.told.states {
            return self.told.pending.unwrap_or(Answer::Known);
        }
        let values = self.system.interpreted.values_of_words(state.words);
        if let Err(variable) = self.system.row.pack(&values, self.words) {
            self.system.note_misfit(variable, &values[variable]);
            for (variable, value) in values.iter().enumerate().skip(variable + 1) {
                let mut cells = Vec::new();
                if crate::shape::pack::pack(&self.system.row.shapes[variable], value, &mut cells).is_none() {
                    self.system.note_misfit(variable, value);
                }
            }
            self.misfit = true;
            return Answer::Known;
        }
        if self.misfit {
            return Answer::Known;
        }
        let Generated { in_model, action, .. } = state;
        let Some(identity) = self.naming.of(self.system, self.words) else {
            self.misfit = true;
            self.system.has_misfits.store(true, Ordering::Release);
            return Answer::Known;
        };
        self.sink.generated(Generated { words: self.words, identity, in_model, action })
    }

    fn passed(&mut self, states: u64) {
        // Generated code passes none itself.
        self.sink.passed(states);
    }

    fn has_enough(&self) -> bool {
        self.sink.has_enough()
    }

    fn broken(&mut self, broken: Broken) -> Flow {
        if self.misfit {
            return Flow::Stop;
        }
        if self.seen < self.told.states || self.seen == self.told.states && self.told.pending.is_none() {
            return Flow::Continue;
        }
        if let Broken::Invariant(_) = broken {
            self.system.some_invariant_broken.store(true, Ordering::Relaxed);
        }
        self.sink.broken(broken)
    }

    fn counts(&self) -> Option<tla_explore::system::CountsSoFar> {
        self.sink.counts()
    }
}

/// Ends a search whose states have no place in the shapes. Nobody sees it: whoever compiled begins again.
fn misfit() -> Box<SystemError> {
    Box::new(SystemError {
        phase: Phase::Next,
        class: ErrorClass::Internal,
        message: "a value has no place in the shapes of the compiled model".to_owned(),
        span: None,
        calls: Vec::new(),
        remedy: "use --engine interpret".to_owned(),
        partial_state: Vec::new(),
    })
}

impl Worker for CompiledWorker<'_> {
    fn initial<S: Sink>(&mut self, sink: &mut S) -> Result<(), Stop> {
        let told = Told { states: 0, pending: None };
        if !self.system.code.has(Function::Initial) {
            return self.interpret_initial(told, sink);
        }
        let none = vec![0; self.system.row.words as usize];
        match self.system.code.run(Function::Initial, &mut self.lent, &none, &none, false) {
            Said::Fine(used) => self.checked_initial(used, sink),
            Said::Odd(reason) => {
                self.system.note_left(Some(reason));
                self.interpret_initial(told, sink)
            }
            Said::Outside => Ok(()),
        }
    }

    fn successors<S: Sink>(&mut self, state: &[u32], sink: &mut S) -> Result<(), Stop> {
        self.expanded += 1;
        let said = match self.take_foreseen(state) {
            Some(said) => said,
            None => self.system.code.run(Function::Successors, &mut self.lent, state, state, false),
        };
        match said {
            Said::Fine(used) => self.checked(state, used, sink),
            Said::Odd(reason) => self.interpret(state, Told { states: 0, pending: None }, reason, sink),
            Said::Outside => Ok(()),
        }
    }

    fn foresee(&mut self, state: &[u32]) -> Option<Rows<'_>> {
        let system = self.system;
        self.foreseen.swap(0, 1);
        let [_, Foreseen { state: known, said, buffer }] = &mut self.foreseen;
        known.clear();
        known.extend_from_slice(state);
        std::mem::swap(&mut self.lent.buffer, buffer);
        let says = system.code.run(Function::Successors, &mut self.lent, state, state, false);
        std::mem::swap(&mut self.lent.buffer, buffer);
        *said = Some(says);
        match says {
            Said::Fine(used) => {
                Some(Rows { words: buffer.get(..used)?, header: HEADER as usize, width: system.row.words as usize })
            }
            Said::Odd(_) | Said::Outside => None,
        }
    }

    fn at_level(&mut self, level: u32) {
        self.level = Some(level);
    }

    fn state_values(&mut self, state: &[u32]) -> Vec<(String, TraceValue)> {
        match self.interpreted_words(state) {
            Ok(words) => self.interpreter.state_values(&words),
            Err(_) => Vec::new(),
        }
    }

    fn step(&mut self, from: &[u32], to: &[u32]) -> Result<StepInfo, Box<SystemError>> {
        let (from, to) = (self.interpreted_words(from)?, self.interpreted_words(to)?);
        if let Some(level) = self.level.take() {
            self.interpreter.at_level(level);
        }
        self.interpreter.step(&from, &to)
    }

    fn explain(&mut self, broken: Broken, from: Option<&[u32]>, state: &[u32]) -> Vec<FalseConjunct> {
        let from = from.map(|from| self.interpreted_words(from)).transpose();
        let (Ok(from), Ok(state)) = (from, self.interpreted_words(state)) else { return Vec::new() };
        self.interpreter.explain(broken, from.as_deref(), &state)
    }

    fn reached(&self) -> Reached {
        let mut reached = self.interpreter.reached();
        let marks = self.lent.marks.iter().take(reached.marks.len());
        let mine = Reached { marks: marks.map(|mark| *mark != 0).collect() };
        reached.merge(&mine);
        reached
    }
}
