//! The evaluator.
//!
//! A [`Machine`] belongs to one thread and walks the resolved tree of a [`Code`]. [`expression`] computes values;
//! [`action`] enumerates the assignments that satisfy a predicate, with continuations as in Yu, Manolios and Lamport,
//! *Model Checking TLA+ Specifications* (CHARME 1999), section 3. Both read the same tree: there is no second
//! semantics.
//!
//! Delayed evaluation. Arguments and `LET` names are evaluated when first read, in the frame they were written in. The
//! result is kept unless it depended on something that may still change under backtracking: the machine counts reads
//! of such *volatile* variables, and a delayed value during whose evaluation the count moved is not kept.

pub mod action;
mod arithmetic;
mod bags;
mod choice;
mod community;
mod composition;
mod described;
mod expression;
mod extension;
pub mod figures;
mod files;
mod follow;
pub mod footprint;
mod function;
mod json;
mod look;
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
use crate::ir::{Argument, Code, DefinitionId, Kind, Lambda, Node, Operator, SlotIndex};
use crate::value::names::Names;
use crate::value::order::{self, Incomparable};
use crate::value::show::show;
use crate::value::{Captured, Value, codec};
pub use choice::Moving;
pub use figures::{Progress, Settings};
pub use outside::{NoSurroundings, Surroundings};
pub use permutation::Group;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::rc::Rc;

/// Most elements of a set that is made explicit.
pub const MOST_ELEMENTS: u64 = 20_000_000;

/// Deepest nesting of evaluation; beyond it the specification most likely recurses for ever. Sized for the thread
/// stacks that the search asks for.
pub const DEEPEST: u32 = 60_000;

/// What a slot of a frame holds.
#[derive(Clone)]
pub(crate) enum Slot<'m> {
    /// Nothing yet.
    Empty,
    /// A value.
    Value(Value),
    /// An expression to be evaluated in the frame that begins at the index.
    Delayed(&'m Node, usize),
    /// An operator.
    Operator(Rc<Closure<'m>>),
    /// A place of the current state, for `@` while a footprint is recorded.
    Place(Rc<footprint::Place>),
}

/// An operator together with the slots that were visible where it was written.
pub(crate) struct Closure<'m> {
    lambda: &'m Lambda,
    captured: RefCell<Vec<(SlotIndex, Slot<'m>)>>,
}

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

    /// Begins a frame; returns what [`Machine::leave`] needs to end it.
    pub(crate) fn enter(&mut self, owner: DefinitionId) -> (usize, usize) {
        let top = self.stack.len();
        let saved = (top, self.base);
        self.stack.resize_with(top + self.code.frame_size(owner), || Slot::Empty);
        self.base = top;
        saved
    }

    /// Begins a copy of the frame that starts at the index. Frames do not record their size; the size of the largest
    /// one is always enough.
    pub(crate) fn enter_copy(&mut self, base: usize) -> (usize, usize) {
        let saved = (self.stack.len(), self.base);
        self.stack.extend_from_within(base..saved.0.min(base + self.largest_frame));
        self.base = saved.0;
        saved
    }

    pub(crate) fn leave(&mut self, (top, base): (usize, usize)) {
        self.stack.truncate(top);
        self.base = base;
    }

    pub(crate) fn set_slot(&mut self, slot: SlotIndex, value: Value) {
        let index = self.base + slot as usize;
        self.stack[index] = Slot::Value(value);
    }

    /// Reads a slot of the present frame, evaluating it if it was delayed.
    pub(crate) fn read_slot(&mut self, slot: SlotIndex) -> Evaluated<Value> {
        let index = self.base + slot as usize;
        match &self.stack[index] {
            Slot::Value(value) => Ok(value.clone()),
            Slot::Delayed(node, base) => {
                let (node, base) = (*node, *base);
                self.read_delayed(index, node, base)
            }
            Slot::Place(place) => {
                let probe = footprint::Probe::Value((**place).clone());
                self.ask(probe).ok_or_else(|| EvalError::undefined("what @ stands for is outside of the domain"))
            }
            Slot::Empty => Err(EvalError::undefined("a name that this expression uses has no defined value")),
            Slot::Operator(_) => Err(EvalError::undefined("an operator was used where a value is needed")),
        }
    }

    fn read_delayed(&mut self, index: usize, node: &'m Node, base: usize) -> Evaluated<Value> {
        // A `LET` name that several frames have a copy of may have been evaluated since the copy was made.
        let home = base + (index - self.base);
        if home != index
            && let Some(Slot::Value(known)) = self.stack.get(home)
            && self.let_values.contains(&std::ptr::from_ref(node))
        {
            let known = known.clone();
            self.stack[index] = Slot::Value(known.clone());
            return Ok(known);
        }
        let reads = self.volatile_reads.get();
        let saved = std::mem::replace(&mut self.base, base);
        let result = self.eval(node);
        self.base = saved;
        let value = result?;
        if self.volatile_reads.get() == reads && !self.is_walked_again(node, &value) {
            self.stack[index] = Slot::Value(value.clone());
            // In a copy of a frame, the `LET` name of the frame itself need not be evaluated again either.
            let origin = base + (index - saved);
            if let Some(Slot::Delayed(same, there)) = self.stack.get(origin)
                && std::ptr::eq(*same, node)
                && *there == base
            {
                self.stack[origin] = Slot::Value(value.clone());
            }
        }
        Ok(value)
    }

    /// Whether a `LET` name may be met again as a part of the action that is being walked, where each alternative of its
    /// expression counts: the expression is needed then, and not its truth value. (A parameter that was evaluated is a
    /// value from then on, as in TLC.)
    fn is_walked_again(&mut self, node: &'m Node, value: &Value) -> bool {
        let assigning = self.target != Target::Nothing && self.unassigned > 0;
        let is_let = || self.let_values.contains(&std::ptr::from_ref(node));
        assigning && matches!(value, Value::Bool(_)) && is_let() && self.has_alternatives(node)
    }

    fn has_alternatives(&mut self, node: &'m Node) -> bool {
        let key = std::ptr::from_ref(node);
        if let Some(known) = self.alternatives.get(&key) {
            return *known;
        }
        // What is being looked at already has no more alternatives for being recursive.
        self.alternatives.insert(key, false);
        let has = match &node.kind {
            Kind::Or(_) | Kind::Exists(..) => true,
            Kind::And(items) => items.iter().any(|item| self.has_alternatives(item)),
            Kind::If(_, then, otherwise) => self.has_alternatives(then) || self.has_alternatives(otherwise),
            Kind::Case(arms, other) => {
                arms.iter().any(|(_, arm)| self.has_alternatives(arm))
                    || other.as_deref().is_some_and(|other| self.has_alternatives(other))
            }
            Kind::Let(_, value, body) => self.has_alternatives(value) || self.has_alternatives(body),
            Kind::Forall(_, body, _) | Kind::Implies(_, body, _) => self.has_alternatives(body),
            Kind::Call(definition, _) => {
                let code = self.code;
                self.has_alternatives(&code.definition(*definition).body)
            }
            // What a parameter stands for is not known here.
            Kind::Slot(_) | Kind::CallSlot(..) => true,
            // Anything else is a condition.
            _ => false,
        };
        self.alternatives.insert(key, has);
        has
    }

    /// Ends the frame of a call. What the definition evaluated of the slots that it inherited, its caller need not
    /// evaluate again.
    pub(crate) fn leave_call(&mut self, (top, caller): (usize, usize), inherits: &[SlotIndex]) {
        for slot in inherits {
            let slot = *slot as usize;
            if let (Slot::Value(value), Slot::Delayed(..)) = (&self.stack[top + slot], &self.stack[caller + slot]) {
                self.stack[caller + slot] = Slot::Value(value.clone());
            }
        }
        self.leave((top, caller));
    }

    /// Ends the frame of an operator parameter, which keeps what was evaluated of the slots that it captured.
    pub(crate) fn leave_closure(&mut self, closure: &Closure<'m>, saved: (usize, usize)) {
        for (slot, known) in closure.captured.borrow_mut().iter_mut() {
            if let (Slot::Delayed(..), Slot::Value(value)) = (&*known, &self.stack[saved.0 + *slot as usize]) {
                *known = Slot::Value(value.clone());
            }
        }
        self.leave(saved);
    }

    pub(crate) fn note_volatile_read(&self) {
        self.volatile_reads.set(self.volatile_reads.get() + 1);
    }

    pub(crate) fn argument(&mut self, argument: &'m Argument) -> Evaluated<Slot<'m>> {
        Ok(match argument {
            Argument::Eager(node) => Slot::Value(self.eval(node)?),
            Argument::Delayed(node) => self.delayed_argument(node),
            Argument::Operator(operator) => Slot::Operator(self.operator(operator)?),
        })
    }

    /// A variable or name that has a settled value is as good as that value.
    fn delayed_argument(&self, node: &'m Node) -> Slot<'m> {
        if self.target != Target::Current
            && !self.traced()
            && let Kind::Variable(index) = &node.kind
            && let Some(value) = &self.current[*index as usize]
        {
            return Slot::Value(value.clone());
        }
        if let Kind::Slot(slot) = &node.kind
            && let known @ (Slot::Value(_) | Slot::Operator(_) | Slot::Place(_)) =
                &self.stack[self.base + *slot as usize]
        {
            return known.clone();
        }
        Slot::Delayed(node, self.base)
    }

    pub(crate) fn operator(&mut self, operator: &'m Operator) -> Evaluated<Rc<Closure<'m>>> {
        match operator {
            Operator::Lambda(lambda) => {
                let captured =
                    lambda.inherits.iter().map(|slot| (*slot, self.stack[self.base + *slot as usize].clone()));
                Ok(Rc::new(Closure { lambda, captured: RefCell::new(captured.collect()) }))
            }
            Operator::Slot(slot) => self.operator_in_slot(*slot),
        }
    }

    fn operator_in_slot(&mut self, slot: SlotIndex) -> Evaluated<Rc<Closure<'m>>> {
        match &self.stack[self.base + slot as usize] {
            Slot::Operator(closure) => Ok(closure.clone()),
            Slot::Empty | Slot::Value(_) | Slot::Delayed(..) | Slot::Place(_) => {
                Err(EvalError::undefined("a value was used where an operator is needed"))
            }
        }
    }

    /// Prepares the frame of a call. On success the new frame is the present one.
    pub(crate) fn enter_call(
        &mut self,
        definition: DefinitionId,
        arguments: &'m [Argument],
    ) -> Evaluated<(usize, usize)> {
        let callee = self.code.definition(definition);
        let top = self.stack.len();
        let caller = self.base;
        let frame = self.code.frame_size(callee.owner);
        if callee.inherits.is_empty() && callee.params.iter().enumerate().all(|(i, slot)| i == *slot as usize) {
            for argument in arguments {
                let slot = match self.argument(argument) {
                    Ok(slot) => slot,
                    Err(error) => {
                        self.stack.truncate(top);
                        return Err(error);
                    }
                };
                self.stack.push(slot);
            }
            self.stack.resize_with(top + frame, || Slot::Empty);
        } else {
            let mut slots = Vec::with_capacity(arguments.len());
            for argument in arguments {
                slots.push(self.argument(argument)?);
            }
            self.stack.resize_with(top + frame, || Slot::Empty);
            for slot in &callee.inherits {
                self.stack[top + *slot as usize] = self.stack[caller + *slot as usize].clone();
            }
            for (param, slot) in callee.params.iter().zip(slots) {
                self.stack[top + *param as usize] = slot;
            }
        }
        self.base = top;
        Ok((top, caller))
    }

    /// Prepares the frame of a call of an operator parameter and returns its body.
    pub(crate) fn enter_closure(
        &mut self,
        closure: &Rc<Closure<'m>>,
        arguments: impl IntoIterator<Item = Slot<'m>>,
    ) -> ((usize, usize), &'m Node) {
        let lambda = closure.lambda;
        let saved = self.enter(lambda.owner);
        for (slot, value) in closure.captured.borrow().iter() {
            let index = self.base + *slot as usize;
            self.stack[index] = value.clone();
        }
        for (param, value) in lambda.params.iter().zip(arguments) {
            let index = self.base + *param as usize;
            self.stack[index] = value;
        }
        (saved, &lambda.body)
    }

    pub(crate) fn enter_call_slot(
        &mut self,
        slot: SlotIndex,
        arguments: &'m [Argument],
    ) -> Evaluated<((usize, usize), &'m Node, Rc<Closure<'m>>)> {
        let closure = self.operator_in_slot(slot)?;
        let mut slots = Vec::with_capacity(arguments.len());
        for argument in arguments {
            slots.push(self.argument(argument)?);
        }
        let (saved, body) = self.enter_closure(&closure, slots);
        Ok((saved, body, closure))
    }

    /// Applies an operator argument to values.
    pub(crate) fn apply_closure(
        &mut self,
        closure: &Rc<Closure<'m>>,
        values: impl IntoIterator<Item = Value>,
    ) -> Evaluated<Value> {
        let (saved, body) = self.enter_closure(closure, values.into_iter().map(Slot::Value));
        let result = self.eval(body);
        self.leave_closure(closure, saved);
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

    /// Runs a function in a fresh frame of the owner.
    pub fn in_frame<R>(&mut self, owner: DefinitionId, run: impl FnOnce(&mut Self) -> R) -> R {
        let saved = self.enter(owner);
        let result = run(self);
        self.leave(saved);
        result
    }

    /// Runs a function in the frame of a call, with the body of the definition.
    ///
    /// # Errors
    /// If an argument cannot be evaluated.
    pub fn in_call<R>(
        &mut self,
        definition: DefinitionId,
        arguments: &'m [Argument],
        run: impl FnOnce(&mut Self, &'m Node) -> R,
    ) -> Evaluated<R> {
        let saved = self.enter_call(definition, arguments)?;
        let result = run(self, &self.code.definition(definition).body);
        self.leave(saved);
        Ok(result)
    }

    /// The value of a slot of the present frame.
    ///
    /// # Errors
    /// If it is undefined.
    pub fn slot_value(&mut self, slot: SlotIndex) -> Evaluated<Value> {
        self.read_slot(slot)
    }

    /// Binds a `LET` name of the present frame to its expression.
    pub fn delay_slot(&mut self, slot: SlotIndex, value: &'m Node) {
        self.delay(slot, value);
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

    /// TLC's order of two values, made explicit where necessary.
    ///
    /// # Errors
    /// If they cannot be compared.
    pub fn compare(&mut self, a: &Value, b: &Value) -> Evaluated<Ordering> {
        match order::compare(self.names, a, b) {
            Ok(ordering) => Ok(ordering),
            Err(refused) if !a.is_symbolic() && !b.is_symbolic() => Err(self.incomparable(&refused)),
            Err(_) => {
                let (a, b) = (self.force(a)?, self.force(b)?);
                order::compare(self.names, &a, &b).map_err(|refused| self.incomparable(&refused))
            }
        }
    }

    /// The language's `=`.
    ///
    /// # Errors
    /// If the values cannot be compared.
    pub fn equal(&mut self, a: &Value, b: &Value) -> Evaluated<bool> {
        match (a, b) {
            (Value::Int(x), Value::Int(y)) => return Ok(x == y),
            (Value::String(x), Value::String(y)) => return Ok(x == y),
            (Value::Lazy(_), _) | (_, Value::Lazy(_)) => {
                if let Some(known) = self.equal_symbolic(a, b)? {
                    return Ok(known);
                }
            }
            _ => {}
        }
        Ok(self.compare(a, b)? == Ordering::Equal)
    }

    pub(crate) fn incomparable(&self, refused: &Incomparable) -> Box<EvalError> {
        let what = |value: &Value| {
            let text = self.show(value);
            let short: String = text.chars().take(120).collect();
            let dots = if short.len() < text.len() { "…" } else { "" };
            format!("{} {short}{dots}", kind_word(value))
        };
        EvalError::undefined(format!("cannot compare {} with {}", what(&refused.0), what(&refused.1)))
            .with_remedy("TLA+ does not say whether values of different kinds are equal; compare like with like")
    }

    /// A set of values, for whoever hands values to the specification.
    ///
    /// # Errors
    /// If two of them cannot be compared.
    pub fn set_of(&mut self, elements: Vec<Value>) -> Evaluated<Value> {
        self.make_set(elements)
    }

    /// A record from its fields.
    ///
    /// # Errors
    /// If a field is no string.
    pub fn record_of(&mut self, fields: Vec<(Value, Value)>) -> Evaluated<Value> {
        self.function_from_pairs(fields)
    }

    /// A set in normal form from arbitrary elements.
    pub(crate) fn make_set(&mut self, mut elements: Vec<Value>) -> Evaluated<Value> {
        if elements.len() <= 1 {
            return Ok(Value::sorted_set(elements));
        }
        if elements.iter().any(|element| matches!(element, Value::Lazy(_) | Value::Rule(_))) {
            self.force_all(&mut elements)?;
        }
        // Rules hidden inside tuples come to light when two elements cannot be compared.
        if elements.iter().any(Value::is_symbolic) {
            self.force_all(&mut elements)?;
        }
        order::set_from(self.names, elements).map_err(|refused| self.incomparable(&refused))
    }

    fn force_all(&mut self, elements: &mut [Value]) -> Evaluated<()> {
        for element in elements {
            *element = self.force(element)?;
        }
        Ok(())
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

    /// The machine's capture of slots for a rule that outlives its frame. Delayed values are evaluated now; what is
    /// undefined is left out, and reading it later is an error.
    pub(crate) fn capture(&mut self, inherits: &[SlotIndex]) -> Box<[(SlotIndex, Captured)]> {
        let mut captured = Vec::with_capacity(inherits.len());
        for slot in inherits {
            let index = self.base + *slot as usize;
            match &self.stack[index] {
                Slot::Empty => continue,
                Slot::Operator(closure) => {
                    let lasting = usize::from(self.constant_depth > 0);
                    let closure = closure.clone();
                    self.closures[lasting].push(closure);
                    let number = (self.closures[lasting].len() as u32 - 1) << 1 | lasting as u32;
                    captured.push((*slot, Captured::Operator(number)));
                    continue;
                }
                Slot::Value(_) | Slot::Delayed(..) | Slot::Place(_) => {}
            }
            let (top, base, depth) = self.position();
            match self.read_slot(*slot) {
                Ok(value) => captured.push((*slot, Captured::Value(value))),
                Err(_) => self.recover(top, base, depth),
            }
        }
        captured.into()
    }

    /// Puts captured slots into the present frame.
    pub(crate) fn restore(&mut self, captured: &[(SlotIndex, Captured)]) {
        for (slot, what) in captured {
            let index = self.base + *slot as usize;
            self.stack[index] = match what {
                Captured::Value(value) => Slot::Value(value.clone()),
                Captured::Operator(number) => match self.closures[(number & 1) as usize].get((number >> 1) as usize) {
                    Some(closure) => Slot::Operator(closure.clone()),
                    None => Slot::Empty,
                },
            };
        }
    }

    /// Forgets operators that only function rules of the last state could mention.
    pub fn forget_transient(&mut self) {
        self.closures[0].clear();
    }
}

/// The right-hand sides of all `LET` names in definitions.
fn let_values(code: &Code) -> FxHashSet<*const Node> {
    fn visit(code: &Code, node: &Node, values: &mut FxHashSet<*const Node>) {
        if let Kind::Let(_, value, _) = &node.kind {
            values.insert(std::ptr::from_ref(&**value));
        }
        crate::ir::walk::children(code, node, &mut |child| visit(code, child, values));
    }
    let mut values = FxHashSet::default();
    code.definitions.iter().for_each(|definition| visit(code, &definition.body, &mut values));
    values
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
