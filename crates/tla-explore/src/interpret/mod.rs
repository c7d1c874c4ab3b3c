//! A TLA+ model as a transition system, by interpretation.
//!
//! Each variable's value is one 32-bit word of the state: small scalars are the word itself, everything else is the
//! number under which the value is [interned](intern). A variable that a step leaves alone keeps its word without
//! being looked at.

mod asymmetry;
mod behavior;
mod caching;
pub mod conjuncts;
pub mod coverage;
mod explain;
mod intern;
mod saved;
mod steps;
mod symmetry;
mod taken;
pub mod validate;
mod viewed;
mod word;
mod worker;
mod world;

pub use asymmetry::{Asymmetry, Symmetric};
pub use explain::trace_value;
pub use worker::InterpretedWorker;
pub use worker::system_error;
pub use world::{search_settings, simulation_settings};

use crate::system::{ActionInfo, Broken, Phase, Reached, SystemError, TransitionSystem, Unreached};
use intern::Interner;
use rustc_hash::FxHashMap;
use std::io::{self, Read, Write};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use tla_model::eval::action::is_split;
use tla_model::eval::{Machine, Moving, Settings};
use tla_model::ir::{Code, DefinitionId, Kind, Node};
use tla_model::model::{Formula, Model, Predicate};
use tla_model::value::{Value, codec};
use tla_syntax::Span;
use tla_syntax::source::SourceMap;
use verdict::EventSink;
use world::{Asks, SharedRegisters, World};

/// What is said about an assumption that is false, rather than without a value.
pub const FALSE_ASSUMPTION: &str = "this assumption is false";

/// A model with what all workers share.
pub struct Interpreted<'s> {
    /// The model.
    pub model: &'s Model,
    sources: &'s SourceMap,
    world: World<'s>,
    settings: Settings,
    asks: Asks,
    registers: SharedRegisters,
    /// Whether the specification asked for the end before there was a state to expand.
    asked_to_end: AtomicBool,
    /// Registers of the worker that searched alone, after the search.
    final_registers: std::sync::Mutex<Option<behavior::FinalRegisters>>,
    interner: Interner,
    actions: Vec<ActionInfo>,
    action_numbers: FxHashMap<usize, u32>,
    invariants: Vec<&'s Formula>,
    conjuncts: Vec<conjuncts::Conjunct<'s>>,
    /// Whether steps and truth values are replayed where that is sound; see [`caching`].
    replays: bool,
    /// Whether view and symmetry are in force.
    reduces: bool,
    /// What the symmetry moves, once somebody asked.
    moving: OnceLock<Option<Arc<Moving>>>,
    /// Whether any invariant was found broken; from then on every conjunct is checked in every state.
    some_invariant_broken: AtomicBool,
    /// What is counted, if anything is.
    counting: Option<coverage::Counting>,
}

fn address(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}

impl<'s> Interpreted<'s> {
    /// The model as a transition system.
    pub fn new(model: &'s Model, sources: &'s SourceMap, events: &'s dyn EventSink) -> Self {
        let mut system = Self {
            model,
            sources,
            world: World::new(events, sources),
            settings: Settings::default(),
            asks: Asks::of(&model.code, &model.names),
            registers: SharedRegisters::default(),
            asked_to_end: AtomicBool::new(false),
            final_registers: std::sync::Mutex::default(),
            interner: Interner::new(),
            actions: Vec::new(),
            action_numbers: FxHashMap::default(),
            invariants: model
                .invariants
                .iter()
                .map(|predicate| &predicate.formula)
                .chain(model.property_invariants.iter().map(|part| &part.formula))
                .collect(),
            conjuncts: Vec::new(),
            replays: caching::is_replayable(&model.code),
            reduces: true,
            moving: OnceLock::new(),
            some_invariant_broken: AtomicBool::new(false),
            counting: None,
        };
        system.conjuncts = conjuncts::conjuncts(&model.code, &system.invariants);
        if let Some(next) = &model.next {
            system.find_actions(&next.node, &next.name, &mut Vec::new());
        }
        if system.actions.is_empty() {
            let span = Span { file: tla_syntax::FileId(0), start: 0, end: 0 };
            system.actions.push(ActionInfo { name: "Next".to_owned(), span });
        }
        system
    }

    /// The same system for a run that is started in the given way: what `TLCGet("config")` says, the number of workers,
    /// the seed of random choices.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The same system, which may start programs where the specification says so (`IOExec`).
    #[must_use]
    pub fn with_programs(mut self, allowed: bool) -> Self {
        if allowed {
            self.world.allow_programs();
        }
        self
    }

    /// The same system with every state evaluated from the beginning. The result is the same, only later.
    #[must_use]
    pub fn without_replaying(self) -> Self {
        Self { replays: false, ..self }
    }

    /// The same system with view and symmetry set aside: states are one if and only if they are the same.
    #[must_use]
    pub fn without_reductions(self) -> Self {
        Self { reduces: false, moving: OnceLock::from(None), ..self }
    }

    /// The view in force.
    pub(crate) fn view(&self) -> Option<&'s Predicate> {
        self.model.view.as_ref().filter(|_| self.reduces)
    }

    /// The symmetry in force.
    pub(crate) fn symmetry(&self) -> Option<&'s Predicate> {
        self.model.symmetry.as_ref().filter(|_| self.reduces)
    }

    /// Invariants in the order of their numbers: those of the configuration, then those that properties imply.
    pub fn invariants(&self) -> &[&'s Formula] {
        &self.invariants
    }

    /// Whether the specification draws at random, so that its counts need not be those of another run or tool.
    pub fn draws_at_random(model: &Model) -> bool {
        Asks::of(&model.code, &model.names).random
    }

    /// Whether the specification asks for figures of the search or keeps registers, which is repeatable with one worker
    /// only.
    pub fn asks_for_the_search(&self) -> bool {
        self.asks.search
    }

    /// Whether the specification may end the search itself, with `TLCSet("exit", TRUE)`. When it does so depends on which
    /// state is evaluated when, so that one worker has to search.
    pub fn may_end_the_search(model: &Model) -> bool {
        world::may_end_the_search(model)
    }

    fn find_actions(&mut self, node: &'s Node, name: &str, calls: &mut Vec<u32>) {
        if !is_split(node) {
            let number = self.actions.len() as u32;
            if *self.action_numbers.entry(address(node)).or_insert(number) == number {
                self.actions.push(ActionInfo { name: name.to_owned(), span: node.span });
            }
            return;
        }
        match &node.kind {
            Kind::Or(items) => items.iter().for_each(|item| self.find_actions(item, name, calls)),
            Kind::Exists(_, body) | Kind::Let(_, _, body) => self.find_actions(body, name, calls),
            Kind::Call(id, _) if !calls.contains(&id.0) => {
                calls.push(id.0);
                let definition = self.model.code.definition(*id);
                self.find_actions(&definition.body, &definition.name, calls);
                calls.pop();
            }
            _ => {}
        }
    }

    fn worker_after_search(&'s self) -> InterpretedWorker<'s> {
        let mut worker = InterpretedWorker::new(self);
        worker.machine.moving = None;
        worker
    }

    /// The number of the action that a part of the next-state relation is.
    pub fn action_number(&self, node: &Node) -> u32 {
        self.action_numbers.get(&address(node)).copied().unwrap_or(0)
    }

    /// The conjuncts that all invariants consist of, in order.
    pub fn conjuncts(&self) -> &[conjuncts::Conjunct<'s>] {
        &self.conjuncts
    }

    /// The values that words of states stand for.
    pub fn values_of_words(&self, words: &[u32]) -> Vec<Value> {
        let value = |word: &u32| match word::read(*word) {
            word::Word::Value(value) => value,
            word::Word::Interned(number) => self.interner.with(number, codec::from_bytes).unwrap_or(Value::Bool(false)),
        };
        words.iter().map(value).collect()
    }

    /// A fresh evaluator of the model.
    pub fn machine(&self) -> Machine<'_> {
        let mut machine = Machine::new(&self.model.code, &self.model.names, self.model.variables.len(), &self.world);
        machine.model = Some(self.model);
        machine.settings = self.settings.clone();
        machine.progress.level = Some(0);
        self.lend_registers(&mut machine);
        machine
    }

    /// An evaluator for states, which looks at the choices that it makes under a symmetry.
    fn machine_for_states(&self) -> Machine<'_> {
        let mut machine = self.machine();
        machine.moving = self.moving.get_or_init(|| self.moved_values().map(Arc::new)).clone();
        machine
    }

    /// Predicates of `CHOOSE` that took one of several values which differ in symmetric values, as far as was noticed.
    pub fn doubtful_choices(&self) -> Vec<Span> {
        self.moving.get().and_then(Option::as_deref).map(Moving::choices).unwrap_or_default()
    }

    /// Checks the assumptions in order.
    ///
    /// # Errors
    /// The first one that is false or cannot be evaluated.
    pub fn check_assumptions(&'s self) -> Result<(), Box<SystemError>> {
        self.unwatched(|| self.assumptions_hold())
    }

    /// Does work during which nobody watches for interruptions: evaluations look for them themselves, and end with
    /// [`ErrorClass::Interrupted`](crate::ErrorClass::Interrupted).
    pub fn unwatched<R>(&'s self, work: impl FnOnce() -> R) -> R {
        self.world.set_unwatched(true);
        let result = work();
        self.world.set_unwatched(false);
        result
    }

    fn assumptions_hold(&'s self) -> Result<(), Box<SystemError>> {
        let mut machine = self.machine();
        machine.progress.counts = Some(world::counts_before(&self.settings));
        for (definition, span) in &self.model.assumptions {
            let error = match machine.holds(*definition) {
                Ok(true) => continue,
                Ok(false) => tla_model::error::EvalError::undefined(FALSE_ASSUMPTION).at(*span),
                Err(error) => error,
            };
            machine.reset();
            return Err(worker::system_error(*error, Phase::Assumption));
        }
        self.keep_registers(&machine);
        Ok(())
    }

    /// The value of a definition without parameters, as text, before any state.
    ///
    /// # Errors
    /// If it cannot be evaluated. A definition of this name that does not exist is a defect.
    pub fn evaluate_definition(&'s self, name: &str) -> Result<String, Box<SystemError>> {
        let definitions = self.model.code.definitions.iter();
        let Some(index) = definitions.clone().rposition(|definition| &*definition.name == name) else {
            return Err(Box::new(crate::statistics::internal(format!("there is no definition {name}"))));
        };
        let mut machine = self.machine();
        let value = machine.evaluate(DefinitionId(index as u32)).map(|value| {
            // A set or function without a finite form is shown by what it was made of.
            let explicit = if value.is_symbolic() { machine.force(&value).ok() } else { None };
            machine.show(&explicit.unwrap_or(value))
        });
        value.map_err(|error| {
            machine.reset();
            worker::system_error(*error, Phase::Assumption)
        })
    }

    /// Vacuity marks of an invariant: antecedents and quantifier bodies that it must reach to say anything.
    fn vacuity_marks(&self, formula: &'s Formula) -> Vec<(u32, Span, &'static str)> {
        let mut marks = Vec::new();
        collect_marks(&self.model.code, &formula.node, &mut Vec::new(), &mut marks);
        marks
    }
}

/// Follows conjunctions, quantifiers and definitions down to the implications that an invariant consists of.
fn collect_marks<'n>(code: &'n Code, node: &'n Node, calls: &mut Vec<u32>, marks: &mut Vec<(u32, Span, &'static str)>) {
    match &node.kind {
        Kind::And(items) => items.iter().for_each(|item| collect_marks(code, item, calls, marks)),
        Kind::Implies(antecedent, consequent, mark) => {
            marks.push((*mark, antecedent.span, "the antecedent is never true"));
            collect_marks(code, consequent, calls, marks);
        }
        Kind::Forall(_, body, mark) => {
            marks.push((*mark, node.span, "the quantifier ranges over nothing in every state"));
            collect_marks(code, body, calls, marks);
        }
        Kind::Let(_, _, body) => collect_marks(code, body, calls, marks),
        Kind::Call(id, _) if !calls.contains(&id.0) => {
            calls.push(id.0);
            collect_marks(code, &code.definition(*id).body, calls, marks);
            calls.pop();
        }
        _ => {}
    }
}

impl<'s> TransitionSystem for Interpreted<'s> {
    type Worker<'a>
        = InterpretedWorker<'a>
    where
        Self: 'a;

    fn state_words(&self) -> usize {
        self.model.variables.len()
    }

    fn identity_words(&self) -> usize {
        if self.view().is_some() { 1 } else { self.state_words() }
    }

    fn identity_is_state(&self) -> bool {
        self.view().is_none() && self.symmetry().is_none()
    }

    fn actions(&self) -> &[ActionInfo] {
        &self.actions
    }

    fn worker(&self) -> InterpretedWorker<'_> {
        let mut worker = InterpretedWorker::new(self);
        if let Some(counting) = &self.counting {
            counting.begin(&mut worker.machine);
        }
        worker
    }

    fn interrupt(&self, interrupted: bool) {
        self.world.interrupt(interrupted);
    }

    fn memory_bytes(&self) -> u64 {
        self.interner.bytes()
    }

    fn save(&self, output: &mut dyn Write) -> io::Result<()> {
        self.save_values(output)
    }

    fn restore(&self, input: &mut dyn Read) -> io::Result<()> {
        self.restore_values(input)
    }

    fn unreached(&self, reached: &Reached) -> Vec<Unreached> {
        let mut unreached = Vec::new();
        for (index, formula) in self.invariants.iter().enumerate() {
            for (mark, span, what) in self.vacuity_marks(formula) {
                if !reached.marks.get(mark as usize).copied().unwrap_or(false) {
                    unreached.push(Unreached { property: Broken::Invariant(index as u32), span, what });
                }
            }
        }
        unreached
    }
}
