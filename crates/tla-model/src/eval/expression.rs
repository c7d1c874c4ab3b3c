//! Values of expressions.

use super::footprint::Origin;
use super::peek::Peek;
use super::{Machine, Target, kind_word};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::{Binder, Kind, Node, PathStep, Pattern, Primitive, SlotIndex, Update};
use crate::value::{LazySet, Value};
use std::ops::ControlFlow;
use std::rc::Rc;

impl<'m> Machine<'m> {
    /// The value of a node in the present frame and states.
    ///
    /// # Errors
    /// If it is undefined, too deep or too large.
    pub fn eval(&mut self, node: &'m Node) -> Evaluated<Value> {
        match &node.kind {
            Kind::Bool(b) => return Ok(Value::Bool(*b)),
            Kind::Int(i) => return Ok(Value::Int(*i)),
            Kind::String(id) => return Ok(Value::String(*id)),
            Kind::Model(id) => return Ok(Value::Model(*id)),
            Kind::Constant(index) => return Ok(self.constant(*index)),
            Kind::Slot(slot) => return self.read_slot(*slot).map_err(|error| error.at(node.span)),
            Kind::Variable(index) => return self.variable(*index, node),
            Kind::Primed(index) => return self.primed(*index, node),
            Kind::Apply(..) | Kind::Field(..) if !self.tallies() => {
                if let Some(Peek::There(value)) = self.peek(node) {
                    return Ok(value.clone());
                }
                if let Some(value) = self.traced_part(node)? {
                    return Ok(value);
                }
            }
            _ if self.tallies() => return self.counted(node, Self::eval_nested),
            _ => {}
        }
        self.eval_nested(node)
    }

    #[inline]
    fn eval_nested(&mut self, node: &'m Node) -> Evaluated<Value> {
        self.deeper()?;
        let result = self.eval_compound(node);
        self.shallower();
        result.map_err(|error| error.at(node.span))
    }

    /// The truth value of a node.
    ///
    /// # Errors
    /// If it is undefined or no Boolean.
    pub fn eval_bool(&mut self, node: &'m Node) -> Evaluated<bool> {
        if self.tallies() {
            return self.eval_bool_counted(node);
        }
        match &node.kind {
            Kind::Primitive(primitive, operands) => {
                if let Some(known) = self.quick_test(*primitive, operands) {
                    return Ok(known);
                }
            }
            Kind::And(items) => return self.junction(items, false),
            Kind::Or(items) => return self.junction(items, true),
            Kind::Not(operand) => return Ok(!self.eval_bool(operand)?),
            _ => {}
        }
        match self.eval(node)? {
            Value::Bool(b) => Ok(b),
            other => Err(self.not_boolean(&other).at(node.span)),
        }
    }

    fn eval_bool_counted(&mut self, node: &'m Node) -> Evaluated<bool> {
        match &node.kind {
            Kind::And(items) => return self.counted(node, |machine, _| machine.junction(items, false)),
            Kind::Or(items) => return self.counted(node, |machine, _| machine.junction(items, true)),
            Kind::Not(operand) => return self.counted(node, |machine, _| Ok(!machine.eval_bool(operand)?)),
            _ => {}
        }
        match self.eval(node)? {
            Value::Bool(b) => Ok(b),
            other => Err(self.not_boolean(&other).at(node.span)),
        }
    }

    fn not_boolean(&self, value: &Value) -> Box<EvalError> {
        EvalError::undefined(format!("expected a Boolean, found {} {}", kind_word(value), self.show(value)))
    }

    fn variable(&mut self, index: u32, node: &'m Node) -> Evaluated<Value> {
        if self.target == Target::Current {
            self.note_volatile_read();
        }
        self.note_whole(index);
        match &self.current[index as usize] {
            Some(value) => Ok(value.clone()),
            None => Err(EvalError::undefined("this variable has no value yet")
                .with_remedy("conjuncts are evaluated in order: assign the variable further up, or reorder")
                .at(node.span)),
        }
    }

    fn primed(&mut self, index: u32, node: &'m Node) -> Evaluated<Value> {
        self.note_volatile_read();
        self.note_whole_next(index);
        match &self.next[index as usize] {
            Some(value) => Ok(value.clone()),
            None => Err(EvalError::undefined("this primed variable has no value yet")
                .with_remedy("conjuncts are evaluated in order: assign the primed variable further up, or reorder")
                .at(node.span)),
        }
    }

    fn eval_compound(&mut self, node: &'m Node) -> Evaluated<Value> {
        match &node.kind {
            Kind::Bool(_)
            | Kind::Int(_)
            | Kind::String(_)
            | Kind::Model(_)
            | Kind::Constant(_)
            | Kind::Slot(_)
            | Kind::Variable(_)
            | Kind::Primed(_) => self.eval(node),
            Kind::ConstantDefinition(cache, definition) => self.constant_definition(*cache, *definition),
            Kind::Call(definition, arguments) => {
                let callee = self.code.definition(*definition);
                let place = callee.memory.map(|place| (place, self.period(callee.level)));
                if let Some((place, period @ 1..)) = place
                    && let Some(known) = self.remembered(place, period)
                {
                    return Ok(known);
                }
                let saved = self.enter_call(*definition, arguments)?;
                let result = self.eval(&callee.body);
                self.leave_call(saved, &callee.inherits);
                if let (Ok(value), Some((place, period @ 1..))) = (&result, place) {
                    self.remember(place, period, value);
                }
                result.map_err(|error| error.called_from(&callee.name, node.span))
            }
            Kind::CallSlot(slot, arguments) => {
                let (saved, body, closure) = self.enter_call_slot(*slot, arguments)?;
                let result = self.eval(body);
                self.leave_closure(&closure, saved);
                result
            }
            Kind::Primitive(primitive, operands) => self.primitive(*primitive, operands),
            Kind::HigherOrder(primitive, operands, operators) => self.higher_order(*primitive, operands, operators),
            Kind::And(items) => Ok(Value::Bool(self.junction(items, false)?)),
            Kind::Or(items) => Ok(Value::Bool(self.junction(items, true)?)),
            Kind::Not(operand) => Ok(Value::Bool(!self.eval_bool(operand)?)),
            Kind::Implies(antecedent, consequent, mark) => {
                if !self.eval_bool(antecedent)? {
                    return Ok(Value::Bool(true));
                }
                self.mark(*mark);
                Ok(Value::Bool(self.eval_bool(consequent)?))
            }
            Kind::Equivalent(left, right) => {
                let left = self.eval_bool(left)?;
                Ok(Value::Bool(left == self.eval_bool(right)?))
            }
            Kind::If(condition, then, otherwise) => {
                if self.eval_bool(condition)? {
                    self.eval(then)
                } else {
                    self.eval(otherwise)
                }
            }
            Kind::Case(arms, other) => {
                let chosen = self.case_arm(arms, other.as_deref())?;
                self.eval(chosen)
            }
            Kind::Let(slot, value, body) => {
                self.delay(*slot, value);
                self.eval(body)
            }
            Kind::Forall(binders, body, mark) => {
                let flow = self.for_each_binding(binders, &mut |machine| {
                    machine.mark(*mark);
                    Ok(if machine.eval_bool(body)? { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
                })?;
                Ok(Value::Bool(flow.is_continue()))
            }
            Kind::Exists(binders, body) => {
                let flow = self.for_each_binding(binders, &mut |machine| {
                    Ok(if machine.eval_bool(body)? { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
                })?;
                Ok(Value::Bool(flow.is_break()))
            }
            Kind::Choose(pattern, set, body) => self.choose(pattern, set, body),
            Kind::ChooseUnbounded => Err(EvalError::undefined("an unbounded CHOOSE cannot be evaluated")
                .with_remedy("give it a set, or replace the definition in the configuration: Name = Name")),
            Kind::QuantifierUnbounded => Err(EvalError::undefined("an unbounded quantifier cannot be evaluated")
                .with_remedy("give the bound name a finite set")),
            Kind::SetEnumeration(items) => {
                let elements = self.eval_all(items)?;
                self.make_set(elements)
            }
            Kind::Filter(rule) => self.filter(*rule),
            Kind::SetMap(binders, body) => {
                let elements = self.images(binders, body)?;
                self.make_set(elements)
            }
            Kind::Function(rule) => self.function_literal(*rule),
            Kind::FunctionSet(domain, range) => {
                let domain = self.eval(domain)?;
                Ok(Value::lazy(LazySet::Functions(domain, self.eval(range)?)))
            }
            Kind::Record(fields, values) => {
                let values = self.eval_all(values)?;
                Ok(Value::record(fields.iter().copied().collect::<Rc<[_]>>(), values))
            }
            Kind::RecordSet(fields, sets) => {
                let sets = self.eval_all(sets)?;
                Ok(Value::lazy(LazySet::Records(fields.iter().copied().collect::<Rc<[_]>>(), sets)))
            }
            Kind::Tuple(items) => Ok(Value::tuple(self.eval_all(items)?)),
            Kind::Product(sets) => Ok(Value::lazy(LazySet::Product(self.eval_all(sets)?))),
            Kind::Apply(function, argument) => self.apply_node(function, argument),
            Kind::Field(record, field) => {
                let record = self.eval(record)?;
                self.field(&record, *field)
            }
            Kind::Except(base, updates) => {
                let mut value = self.eval(base)?;
                for update in updates {
                    value = self.update(value, update, 0)?;
                }
                Ok(value)
            }
            Kind::UnchangedVariables(variables) => self.unchanged_variables(variables),
            Kind::Unchanged(now, then) => {
                let (now, then) = (self.eval(now)?, self.eval(then)?);
                Ok(Value::Bool(self.equal(&now, &then)?))
            }
            Kind::BoxAction(action, now, then) => {
                if self.eval_bool(action)? {
                    return Ok(Value::Bool(true));
                }
                let (now, then) = (self.eval(now)?, self.eval(then)?);
                Ok(Value::Bool(self.equal(&now, &then)?))
            }
            Kind::AngleAction(action, now, then) => {
                if !self.eval_bool(action)? {
                    return Ok(Value::Bool(false));
                }
                let (now, then) = (self.eval(now)?, self.eval(then)?);
                Ok(Value::Bool(!self.equal(&now, &then)?))
            }
            Kind::Enabled(action) => Ok(Value::Bool(self.enabled(action)?)),
            Kind::Compose(first, second) => Ok(Value::Bool(self.is_composed(first, second)?)),
            Kind::Always(_) | Kind::Eventually(_) | Kind::LeadsTo(..) => {
                Err(EvalError::undefined("a temporal formula has no value in a single state or step"))
            }
            Kind::WeakFairness(..) | Kind::StrongFairness(..) => {
                Err(EvalError::undefined("a fairness condition has no value in a single state or step"))
            }
            Kind::Declined(reason) => Err(EvalError::new(ErrorClass::Declined, reason.to_string())),
        }
    }

    pub(crate) fn mark(&mut self, mark: u32) {
        if self.recording {
            self.marks[mark as usize] = true;
        }
    }

    fn junction(&mut self, items: &'m [Node], absorbing: bool) -> Evaluated<bool> {
        for item in items {
            if self.eval_bool(item)? == absorbing {
                return Ok(absorbing);
            }
        }
        Ok(!absorbing)
    }

    pub(crate) fn eval_all(&mut self, nodes: &'m [Node]) -> Evaluated<Vec<Value>> {
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            values.push(self.eval(node)?);
        }
        Ok(values)
    }

    pub(crate) fn case_arm(&mut self, arms: &'m [(Node, Node)], other: Option<&'m Node>) -> Evaluated<&'m Node> {
        for (guard, value) in arms {
            if self.eval_bool(guard)? {
                return Ok(value);
            }
        }
        other.ok_or_else(|| {
            EvalError::undefined("no guard of this CASE is true and there is no OTHER")
                .with_remedy("add an OTHER arm, or make the guards cover every case")
        })
    }

    pub(crate) fn delay(&mut self, slot: SlotIndex, value: &'m Node) {
        let index = self.base + slot as usize;
        self.stack[index] = super::Slot::Delayed(value, self.base);
    }

    /// Binds an element to a pattern.
    pub(crate) fn bind(&mut self, pattern: &'m Pattern, element: Value) -> Evaluated<()> {
        match pattern {
            Pattern::Slot(slot) => self.set_slot(*slot, element),
            Pattern::Tuple(slots) => match &element {
                Value::Tuple(tuple) if tuple.elements.len() == slots.len() => {
                    for (slot, value) in slots.iter().zip(&tuple.elements) {
                        self.set_slot(*slot, value.clone());
                    }
                }
                other => {
                    return Err(EvalError::undefined(format!(
                        "expected a tuple of {} elements, found {}",
                        slots.len(),
                        self.show(other)
                    )));
                }
            },
        }
        Ok(())
    }

    /// The sets of binders, evaluated before anything is bound.
    pub(crate) fn binder_sets(&mut self, binders: &'m [Binder]) -> Evaluated<Vec<Value>> {
        let mut sets: Vec<Value> = Vec::with_capacity(binders.len());
        for binder in binders {
            let set = match (&binder.set, sets.last()) {
                (Some(node), _) => self.eval(node)?,
                (None, Some(previous)) => previous.clone(),
                (None, None) => Value::empty_set(),
            };
            sets.push(set);
        }
        Ok(sets)
    }

    /// Runs the body for every combination of bound values; the first binder varies fastest, as in TLC.
    pub(crate) fn for_each_binding(
        &mut self,
        binders: &'m [Binder],
        body: &mut dyn FnMut(&mut Self) -> Evaluated<ControlFlow<()>>,
    ) -> Evaluated<ControlFlow<()>> {
        if let [Binder { pattern, set: Some(set) }] = binders {
            let set = self.eval(set)?;
            return self.for_each_element(&set, pattern, body);
        }
        let sets = self.binder_sets(binders)?;
        self.nested_bindings(binders, &sets, body)
    }

    fn for_each_element(
        &mut self,
        set: &Value,
        pattern: &'m Pattern,
        body: &mut dyn FnMut(&mut Self) -> Evaluated<ControlFlow<()>>,
    ) -> Evaluated<ControlFlow<()>> {
        let mut elements = self.elements(set)?;
        while let Some(element) = self.next_of(&mut elements)? {
            self.bind(pattern, element)?;
            if body(self)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    pub(super) fn nested_bindings(
        &mut self,
        binders: &'m [Binder],
        sets: &[Value],
        body: &mut dyn FnMut(&mut Self) -> Evaluated<ControlFlow<()>>,
    ) -> Evaluated<ControlFlow<()>> {
        let (Some((last, front)), Some((set, front_sets))) = (binders.split_last(), sets.split_last()) else {
            return body(self);
        };
        self.for_each_element(set, &last.pattern, &mut |machine| machine.nested_bindings(front, front_sets, body))
    }

    fn choose(&mut self, pattern: &'m Pattern, set: &'m Node, body: &'m Node) -> Evaluated<Value> {
        let set = self.eval(set)?;
        let mut elements = self.elements(&set)?;
        while let Some(element) = self.next_of(&mut elements)? {
            self.bind(pattern, element.clone())?;
            if self.eval_bool(body)? {
                if let Some(moving) = self.moving.clone() {
                    self.look_for_another_choice(&moving, &element, &mut elements, pattern, body)?;
                }
                return Ok(element);
            }
        }
        Err(EvalError::undefined("no element of the set satisfies the predicate of this CHOOSE")
            .with_remedy("guard the CHOOSE, or make sure that the set has such an element"))
    }

    fn unchanged_variables(&mut self, variables: &'m [u32]) -> Evaluated<Value> {
        self.note_volatile_read();
        for index in variables {
            if matches!(self.origin(*index as usize), Origin::Kept) {
                continue;
            }
            self.note_whole(*index);
            self.note_whole_next(*index);
            let index = *index as usize;
            let (Some(now), Some(then)) = (self.current[index].clone(), self.next[index].clone()) else {
                return Err(EvalError::undefined("UNCHANGED of a variable that has no value yet"));
            };
            if !self.equal(&now, &then)? {
                return Ok(Value::Bool(false));
            }
        }
        Ok(Value::Bool(true))
    }

    fn update(&mut self, value: Value, update: &'m Update, step: usize) -> Evaluated<Value> {
        let Some(path_step) = update.path.get(step) else {
            if let Some(slot) = update.old {
                self.set_slot(slot, value);
            }
            return self.eval(&update.value);
        };
        let key = match path_step {
            PathStep::Field(field) => Value::String(*field),
            PathStep::Index(node) => self.eval(node)?,
        };
        let value = match value {
            Value::Rule(_) => self.force(&value)?,
            other => other,
        };
        let Some(index) = self.index_of(&value, &key)? else {
            return Ok(value);
        };
        let old = super::function::value_at(&value, index);
        let new = self.update(old, update, step + 1)?;
        Ok(super::function::with_value_at(value, index, new))
    }

    /// The values of an expression for all bindings, in the order of evaluation.
    fn images(&mut self, binders: &'m [Binder], body: &'m Node) -> Evaluated<Vec<Value>> {
        let mut elements = Vec::new();
        let _complete = self.for_each_binding(binders, &mut |machine| {
            elements.push(machine.eval(body)?);
            super::set::within_limit(elements.len() as u64)?;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(elements)
    }

    /// The members of a set that is written out, here or in a definition, as they are evaluated.
    pub(super) fn members_written(&mut self, set: &'m Node) -> Evaluated<Option<Vec<Value>>> {
        let code = self.code;
        match &set.kind {
            Kind::SetMap(binders, body) => self.images(binders, body).map(Some),
            Kind::SetEnumeration(items) => self.eval_all(items).map(Some),
            Kind::Call(id, arguments) if is_family(&code.definition(*id).body) => {
                self.in_call(*id, arguments, |machine, body| machine.members_written(body))?
            }
            Kind::ConstantDefinition(_, id) if is_family(&code.definition(*id).body) => {
                self.in_call(*id, &[], |machine, body| machine.members_written(body))?
            }
            Kind::Slot(slot) => match self.stack[self.base + *slot as usize] {
                super::Slot::Delayed(node, base) if is_family(node) => {
                    let saved = std::mem::replace(&mut self.base, base);
                    let members = self.members_written(node);
                    self.base = saved;
                    members
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

/// Whether a set is written as sets that are not listed when they are evaluated. The value of a definition lists the
/// elements of its elements, so a union of such a set is made of the elements as they are written.
fn is_family(set: &Node) -> bool {
    let is_symbolic = |node: &Node| {
        matches!(
            node.kind,
            Kind::Primitive(Primitive::PowerSet, _)
                | Kind::FunctionSet(..)
                | Kind::RecordSet(..)
                | Kind::Product(_)
                | Kind::Filter(_)
        )
    };
    match &set.kind {
        Kind::SetMap(_, body) => is_symbolic(body),
        Kind::SetEnumeration(items) => items.iter().any(is_symbolic),
        _ => false,
    }
}
