//! The evaluator.
//!
//! A [`Machine`] belongs to one thread and walks the resolved tree of a [`Code`]. [`expression`] computes values;
//! [`action`] enumerates the assignments that satisfy a predicate, with continuations as in Yu, Manolios and Lamport,
//! *Model Checking TLA+ Specifications* (CHARME 1999), section 3. Both read the same tree: there is no second
//! semantics.
//!
//! What names stand for is in [`frames`]: arguments and `LET` names are evaluated when first read. Sets are asked in
//! [`membership`], enumerated in [`set`] and combined in [`algebra`].

pub mod action;
mod algebra;
mod arithmetic;
mod bags;
mod choice;
mod community;
mod compare;
mod composition;
mod described;
mod expression;
mod extension;
pub mod figures;
mod files;
mod follow;
pub mod footprint;
mod frames;
mod function;
mod json;
mod look;
mod membership;
mod memory;
pub mod narrow;
pub mod outside;
pub mod parts;
mod peek;
mod permutation;
mod picture;
mod primitives;
mod programs;
mod random;
pub mod residual;
mod rule;
mod sequence;
pub mod set;
mod shuffle;
mod statistics;
pub mod tally;
mod tlc;

use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::{Code, DefinitionId, Node};
use crate::value::names::Names;
use crate::value::show::show;
use crate::value::{Value, codec};
pub use choice::Moving;
pub use figures::{Progress, Settings};
use frames::let_values;
pub(crate) use frames::{Closure, Slot};
pub use outside::{NoSurroundings, Surroundings};
pub use permutation::Group;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;
use std::rc::Rc;

/// Most elements of a set that is made explicit.
pub const MOST_ELEMENTS: u64 = 20_000_000;

/// Deepest nesting of evaluation; beyond it the specification most likely recurses for ever. Sized for the thread
/// stacks that the search asks for.
pub const DEEPEST: u32 = 60_000;

/// Which variables are being assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// None: plain evaluation.
    Nothing,
    /// Those of the current state (initial predicate).
    Current,
    /// Those of the next state.
    Next,
}

/// A part of the next-state relation that is not split further: what TLC calls an action.
#[derive(Clone, Copy)]
pub struct Leaf<'m> {
    /// The formula.
    pub node: &'m Node,
    /// The definition that it belongs to, and where its frame begins.
    pub(crate) definition: (DefinitionId, usize),
}

/// The evaluator of one thread.
pub struct Machine<'m> {
    pub(crate) code: &'m Code,
    pub(crate) names: &'m Names,
    pub(crate) surroundings: &'m dyn Surroundings,
    /// The model that the code belongs to, for `TLCGet("spec")`.
    pub model: Option<&'m crate::model::Model>,
    stack: Vec<Slot<'m>>,
    base: usize,
    largest_frame: usize,
    constants: Vec<Value>,
    constant_definitions: Vec<Option<Result<Value, Rc<EvalError>>>>,
    /// Values of the variables in the current state.
    pub current: Vec<Option<Value>>,
    /// Number of variables of the model.
    variables: usize,
    /// Values of the variables in the next state, then those of the variables that an `ENABLED` binds.
    pub next: Vec<Option<Value>>,
    pub(crate) target: Target,
    pub(crate) unassigned: usize,
    volatile_reads: Cell<u64>,
    /// The right-hand sides of all `LET` names.
    let_values: FxHashSet<*const Node>,
    /// Whether expressions have alternatives that an enumeration walks one by one, as far as that was asked.
    alternatives: FxHashMap<*const Node, bool>,
    depth: u32,
    /// Which vacuity marks were reached, while [`Machine::recording`].
    pub marks: Vec<bool>,
    /// Whether vacuity marks are recorded.
    pub recording: bool,
    /// The part of the next-state relation that is being enumerated; see [`Machine::action`].
    pub(crate) leaf: Option<Leaf<'m>>,
    pub(crate) splitting: bool,
    /// Operators that function rules captured: those of constant definitions stay, the others go with the state.
    closures: [Vec<Rc<Closure<'m>>>; 2],
    constant_depth: u32,
    pub(crate) memory: memory::Memory,
    pub(crate) registers: figures::Registers,
    /// What `TLCGet` may tell of the search; whoever drives the machine keeps it up to date.
    pub progress: Progress,
    /// How the run was started.
    pub settings: Settings,
    pub(crate) random: u64,
    /// Whether alternatives of an action are tried in a random order rather than in their own.
    pub shuffling: bool,
    /// The steps that are wanted, where not all of them are.
    pub(crate) narrowing: Option<Rc<narrow::Narrowing>>,
    /// Whether the specification asked for the end of the run.
    pub asked_to_end: bool,
    /// The value of `CounterExample`, where there is one.
    pub counterexample: Option<Value>,
    /// The value of `Trace`, where it is known.
    pub trace: Option<Value>,
    /// The behavior that the present state belongs to, in a simulation.
    pub sampling: figures::Sampling,
    /// Whether the present state is the successor that was found, in the middle of an enumeration.
    pub looks_ahead: bool,
    /// Several workers had registers, so that a register that is not known here may have been set.
    pub registers_incomplete: bool,
    /// Intermediate states of compositions `A \cdot B`, until [`Machine::take_passed`].
    pub(crate) passed: u64,
    /// Whether intermediate states do not count, because they are those of an inner composition or of an `ENABLED`.
    pub(crate) composing: bool,
    /// What is asked of the current state, while that is recorded.
    footprint: Option<Box<footprint::Footprint>>,
    /// What a symmetry moves, where states are evaluated under one.
    pub moving: Option<std::sync::Arc<Moving>>,
    /// Whether a function literal with an undefined value stays a rule, because the function is about to be applied.
    keeps_literals: bool,
    /// Elements to enumerate until the surroundings are asked whether to go on.
    patience: u32,
    /// Counts of evaluations, while they are counted.
    tally: Option<Box<tally::Tally>>,
}

impl<'m> Machine<'m> {
    /// A machine for the code with the given number of variables.
    pub fn new(code: &'m Code, names: &'m Names, variables: usize, surroundings: &'m dyn Surroundings) -> Self {
        let constants =
            code.constants.iter().map(|bytes| codec::from_bytes(bytes).unwrap_or(Value::Bool(false))).collect();
        Self {
            code,
            names,
            surroundings,
            model: None,
            stack: Vec::with_capacity(1024),
            base: 0,
            largest_frame: code.definitions.iter().map(|definition| definition.frame as usize).max().unwrap_or(0),
            constants,
            constant_definitions: vec![None; code.constant_definitions as usize],
            current: vec![None; variables],
            variables,
            next: vec![None; variables + code.bound_variables as usize],
            target: Target::Nothing,
            unassigned: 0,
            volatile_reads: Cell::new(0),
            let_values: let_values(code),
            alternatives: FxHashMap::default(),
            depth: 0,
            marks: vec![false; code.marks.len()],
            recording: false,
            leaf: None,
            splitting: false,
            closures: [Vec::new(), Vec::new()],
            constant_depth: 0,
            memory: memory::Memory::new(code.memories),
            registers: figures::Registers::default(),
            progress: Progress::default(),
            settings: Settings::default(),
            random: 0x9e37_79b9_7f4a_7c15,
            shuffling: false,
            narrowing: None,
            asked_to_end: false,
            counterexample: None,
            trace: None,
            sampling: figures::Sampling::default(),
            looks_ahead: false,
            registers_incomplete: false,
            passed: 0,
            composing: false,
            footprint: None,
            moving: None,
            keeps_literals: false,
            patience: set::PATIENCE,
            tally: None,
        }
    }

    /// The names of the model.
    pub fn names(&self) -> &'m Names {
        self.names
    }

    /// The value in TLA+ syntax.
    pub fn show(&self, value: &Value) -> String {
        show(self.names, value)
    }

    /// Evaluates a definition without parameters in the present states.
    ///
    /// # Errors
    /// If it is undefined there.
    pub fn evaluate(&mut self, definition: DefinitionId) -> Evaluated<Value> {
        let body = &self.code.definition(definition).body;
        self.evaluate_in(definition, body)
    }

    /// Evaluates part of a definition, given whose frame layout it uses.
    ///
    /// # Errors
    /// If it is undefined in the present states.
    pub fn evaluate_in(&mut self, owner: DefinitionId, node: &'m Node) -> Evaluated<Value> {
        let saved = self.enter(owner);
        let result = self.eval(node);
        self.leave(saved);
        result
    }

    /// Evaluates a predicate without parameters.
    ///
    /// # Errors
    /// If it is undefined in the present states or no Boolean.
    pub fn holds(&mut self, definition: DefinitionId) -> Evaluated<bool> {
        let body = &self.code.definition(definition).body;
        let saved = self.enter(definition);
        let result = self.eval_bool(body);
        self.leave(saved);
        result
    }

    /// Evaluates a predicate that is part of a definition.
    ///
    /// # Errors
    /// If it is undefined in the present states or no Boolean.
    pub fn holds_in(&mut self, owner: DefinitionId, node: &'m Node) -> Evaluated<bool> {
        let saved = self.enter(owner);
        let result = self.eval_bool(node);
        self.leave(saved);
        result
    }

    pub(crate) fn deeper(&mut self) -> Evaluated<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.depth = 0;
            return Err(EvalError::capacity(format!("evaluation is nested more than {DEEPEST} levels deep"))
                .with_remedy("look for a recursive definition whose recursion never ends"));
        }
        Ok(())
    }

    pub(crate) fn shallower(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// The code that is evaluated.
    pub fn code(&self) -> &'m Code {
        self.code
    }

    /// Runs a function for every combination of bound values until it breaks.
    ///
    /// # Errors
    /// If a set cannot be enumerated, or the function fails.
    pub fn for_each_assignment(
        &mut self,
        binders: &'m [crate::ir::Binder],
        run: &mut dyn FnMut(&mut Self) -> Evaluated<std::ops::ControlFlow<()>>,
    ) -> Evaluated<std::ops::ControlFlow<()>> {
        self.for_each_binding(binders, run)
    }

    /// The part of the next-state relation that led to the state that was found last.
    pub fn action(&self) -> Option<Leaf<'m>> {
        self.leaf
    }

    /// The name of a definition.
    pub fn definition_name(&self, id: DefinitionId) -> std::sync::Arc<str> {
        self.code.definition(id).name.clone()
    }

    /// The definition that an action belongs to, and the values of its parameters as far as they are values.
    ///
    /// # Errors
    /// If a parameter's value is undefined.
    pub fn action_parameters(&mut self, leaf: Leaf<'m>) -> (DefinitionId, Vec<(std::sync::Arc<str>, Value)>) {
        let (id, frame) = leaf.definition;
        let saved = std::mem::replace(&mut self.base, frame);
        let mut values = Vec::new();
        for slot in &self.code.definition(id).params {
            let name = self.code.slot_name(id, *slot);
            if let (Some(name), Ok(value)) = (name, self.read_slot(*slot)) {
                values.push((name, value));
            }
        }
        self.base = saved;
        (id, values)
    }

    /// Runs a check of the state that was just found, in the middle of an enumeration. With `as_current`, the next
    /// state takes the place of the current one.
    pub fn checking<R>(&mut self, as_current: bool, check: impl FnOnce(&mut Self) -> R) -> R {
        let target = std::mem::replace(&mut self.target, Target::Nothing);
        // Whether the state is checked must not change which random choices follow.
        let random = self.random;
        if as_current {
            std::mem::swap(&mut self.current, &mut self.next);
            self.memory.swap();
        }
        let result = check(self);
        self.random = random;
        if as_current {
            std::mem::swap(&mut self.current, &mut self.next);
            self.memory.swap();
        }
        self.target = target;
        result
    }

    /// Forgets what an aborted evaluation left behind, after an error was reported.
    pub fn reset(&mut self) {
        self.stack.clear();
        self.base = 0;
        self.depth = 0;
        self.target = Target::Nothing;
        self.unassigned = 0;
        self.recording = false;
        self.splitting = false;
        self.composing = false;
        self.passed = 0;
        self.leaf = None;
        self.memory.forget();
        self.footprint = None;
        self.abandon_tally();
    }

    pub(crate) fn recover(&mut self, top: usize, base: usize, depth: u32) {
        self.stack.truncate(top);
        self.base = base;
        self.depth = depth;
    }

    /// Where the machine stands, for [`Machine::stand_back`].
    pub fn standpoint(&self) -> (usize, usize, u32) {
        self.position()
    }

    /// Undoes what a failed evaluation left behind.
    pub fn stand_back(&mut self, (top, base, depth): (usize, usize, u32)) {
        self.recover(top, base, depth);
    }

    pub(crate) fn position(&self) -> (usize, usize, u32) {
        (self.stack.len(), self.base, self.depth)
    }

    pub(crate) fn constant(&self, index: u32) -> Value {
        self.constants[index as usize].clone()
    }

    pub(crate) fn constant_definition(&mut self, cache: u32, definition: DefinitionId) -> Evaluated<Value> {
        let applied = std::mem::replace(&mut self.keeps_literals, false);
        let (top, base, depth) = self.position();
        let result = match &self.constant_definitions[cache as usize] {
            Some(known) => known.clone().map_err(|error| Box::new((*error).clone())),
            None => self.define_constant(cache, definition),
        };
        self.keeps_literals = applied;
        match result {
            // Where it is applied, a function may have the value that is wanted for all that.
            Err(error) if applied && error.class == ErrorClass::Undefined => {
                self.recover(top, base, depth);
                self.evaluate(definition)
            }
            result => result,
        }
    }

    fn define_constant(&mut self, cache: u32, definition: DefinitionId) -> Evaluated<Value> {
        let reads = self.volatile_reads.get();
        self.constant_depth += 1;
        // Whoever evaluates the definition, and whenever: random choices in it are the same.
        let random = self.random;
        self.seed_random(u64::from(cache));
        let result = self.evaluate(definition);
        self.random = random;
        self.constant_depth -= 1;
        if self.volatile_reads.get() == reads {
            self.constant_definitions[cache as usize] = Some(result.clone().map_err(|error| Rc::new((*error).clone())));
        }
        result
    }
}

/// The kind of a value in words.
pub(crate) fn kind_word(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "the Boolean",
        Value::Int(_) | Value::BigInt(_) => "the integer",
        Value::String(_) => "the string",
        Value::Model(_) => "the model value",
        Value::Interval(_) | Value::Set(_) | Value::Lazy(_) => "the set",
        Value::Tuple(_) => "the tuple",
        Value::Record(_) => "the record",
        Value::Function(_) | Value::Rule(_) => "the function",
    }
}
