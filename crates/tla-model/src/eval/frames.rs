//! Frames: what names stand for while they are in scope.
//!
//! A frame is a stretch of the machine's stack with a slot for each name of a definition's text. Operators of `LET` and
//! `LAMBDA` get copies of the slots that they can see, and give back what they evaluated of them.
//!
//! Delayed evaluation. Arguments and `LET` names are evaluated when first read, in the frame they were written in. The
//! result is kept unless it depended on something that may still change under backtracking: the machine counts reads
//! of such *volatile* variables, and a delayed value during whose evaluation the count moved is not kept.

use super::{Machine, Target, footprint};
use crate::error::{EvalError, Evaluated};
use crate::ir::{Argument, Code, DefinitionId, Kind, Lambda, Node, Operator, SlotIndex};
use crate::value::{Captured, Value};
use rustc_hash::FxHashSet;
use std::cell::RefCell;
use std::rc::Rc;

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
    pub(super) lambda: &'m Lambda,
    pub(super) captured: RefCell<Vec<(SlotIndex, Slot<'m>)>>,
}

impl<'m> Machine<'m> {
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
pub(super) fn let_values(code: &Code) -> FxHashSet<*const Node> {
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
