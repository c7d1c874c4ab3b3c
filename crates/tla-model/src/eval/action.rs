//! Enumeration of the states that satisfy an initial predicate or an action.
//!
//! The predicate is walked from left to right. `x' = e` and `x' \in S` give a value to a variable that has none yet and
//! test it otherwise; a disjunction and `\E` try each alternative; what is left of the conjunction is carried along as
//! a [`Continuation`]. A state is found when nothing is left. Once every variable has a value, the rest is evaluated as
//! a plain predicate, so that a disjunction there cannot find the same state twice. These are TLC's rules, because its
//! count of generated states depends on them (semantic traps, sections A and B).

use super::footprint::Origin;
use super::narrow::Wanted;
use super::residual::{Change, Operation};
use super::{Leaf, Machine, Slot, Target, composition};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::{Binder, DefinitionId, Kind, Node, Primitive, SlotIndex};
use crate::value::{RuleNode, Value};
use std::ops::ControlFlow;

/// Why an enumeration ended early.
#[derive(Debug)]
pub enum Halt {
    /// The receiver of the states asked for it.
    Stop,
    /// Something is undefined.
    Error(Box<EvalError>),
}

impl From<Box<EvalError>> for Halt {
    fn from(error: Box<EvalError>) -> Self {
        Self::Error(error)
    }
}

/// Result of an enumeration.
pub type Enumerated = Result<(), Halt>;

/// Receives each state that is found; it stands in [`Machine::current`] or [`Machine::next`].
pub type Found<'f, 'm> = &'f mut dyn FnMut(&mut Machine<'m>) -> Enumerated;

/// What is left to satisfy.
pub(super) enum Continuation<'c, 'm> {
    /// Nothing.
    Done,
    /// Conjuncts in the frame that begins at the index.
    Conjuncts(&'m [Node], usize, &'c Self),
    /// `v' # v` of an `<<A>>_v`: the expression now and then.
    Changed(&'m Node, &'m Node, usize, &'c Self),
    /// Further instances of the body of a `\A`, last one first.
    Instances(&'c [Vec<Value>], &'m [Binder], &'m Node, usize, &'c Self),
    /// The end of the second half of a composition: the state from which the whole composition starts is the current
    /// one again.
    Composed(&'c composition::Start, &'c Self),
    /// Primed expressions that must equal given values.
    Patterns(&'m [Node], &'c [Value], usize, &'c Self),
}

impl<'m> Machine<'m> {
    /// Enumerates the states that satisfy a predicate on the current state. All variables lose their values.
    ///
    /// # Errors
    /// [`Halt::Error`] if the predicate is undefined somewhere; [`Halt::Stop`] if the receiver said so.
    pub fn enumerate_initial(&mut self, owner: DefinitionId, node: &'m Node, found: Found<'_, 'm>) -> Enumerated {
        self.current.iter_mut().for_each(|value| *value = None);
        self.enumerate(Target::Current, self.variables, owner, node, found)
    }

    /// Enumerates the next states of the current state that satisfy an action.
    ///
    /// # Errors
    /// [`Halt::Error`] if the action is undefined somewhere; [`Halt::Stop`] if the receiver said so.
    pub fn enumerate_next(&mut self, owner: DefinitionId, node: &'m Node, found: Found<'_, 'm>) -> Enumerated {
        self.next.iter_mut().for_each(|value| *value = None);
        self.enumerate(Target::Next, self.variables, owner, node, found)
    }

    fn enumerate(
        &mut self,
        target: Target,
        unassigned: usize,
        owner: DefinitionId,
        node: &'m Node,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        self.target = target;
        self.unassigned = unassigned;
        let saved = self.enter(owner);
        self.splitting = target == Target::Next;
        self.leaf = Some(Leaf { node, definition: (owner, self.base) });
        if !self.splitting {
            self.begin_action(node);
        }
        let result = self.act(node, &Continuation::Done, found);
        self.pause_action();
        self.leave(saved);
        self.splitting = false;
        self.target = Target::Nothing;
        result
    }

    /// Indices of the variables without a value.
    pub fn missing(&self) -> Vec<usize> {
        let values = if self.target == Target::Current { &self.current } else { &self.next };
        values
            .iter()
            .take(self.variables)
            .enumerate()
            .filter(|(_, value)| value.is_none())
            .map(|(index, _)| index)
            .collect()
    }

    /// Whether some variable that is being assigned has no value.
    pub fn incomplete(&self) -> bool {
        self.unassigned > 0
    }

    pub(super) fn resume(&mut self, rest: &Continuation<'_, 'm>, found: Found<'_, 'm>) -> Enumerated {
        match rest {
            Continuation::Done => found(self),
            Continuation::Conjuncts([], _, rest) => self.resume(rest, found),
            Continuation::Conjuncts([first, others @ ..], base, rest) => {
                let rest = Continuation::Conjuncts(others, *base, rest);
                let saved = std::mem::replace(&mut self.base, *base);
                let result = self.conjunct(first, &rest, found);
                self.base = saved;
                result
            }
            Continuation::Changed(now, then, base, rest) => {
                let saved = std::mem::replace(&mut self.base, *base);
                let open = self.unassigned > 0 && matches!(rest, Continuation::Done);
                let changed = if open { self.can_differ(now, then) } else { self.differ(now, then) };
                self.base = saved;
                if changed? { self.resume(rest, found) } else { Ok(()) }
            }
            Continuation::Instances(instances, binders, body, base, rest) => {
                self.instances(instances, binders, body, *base, rest, found)
            }
            Continuation::Composed(start, rest) => self.composed(start, rest, found),
            Continuation::Patterns(parts, values, base, rest) => match (parts, values) {
                ([part, parts @ ..], [value, values @ ..]) => {
                    let rest = Continuation::Patterns(parts, values, *base, rest);
                    let saved = std::mem::replace(&mut self.base, *base);
                    let result = self.act_pattern(part, value, &rest, found);
                    self.base = saved;
                    result
                }
                ([], _) | (_, []) => self.resume(rest, found),
            },
        }
    }

    fn conjunct(&mut self, node: &'m Node, rest: &Continuation<'_, 'm>, found: Found<'_, 'm>) -> Enumerated {
        if self.unassigned > 0 {
            return self.act(node, rest, found);
        }
        if self.eval_bool(node)? { self.resume(rest, found) } else { Ok(()) }
    }

    pub(super) fn differ(&mut self, now: &'m Node, then: &'m Node) -> Evaluated<bool> {
        let (now, then) = (self.eval(now)?, self.eval(then)?);
        Ok(!self.equal(&now, &then)?)
    }

    /// Whether a subscript changes for some choice of the variables that the action leaves open.
    fn can_differ(&mut self, now: &'m Node, then: &'m Node) -> Evaluated<bool> {
        let now = self.eval(now)?;
        self.can_differ_from(&now, then)
    }

    /// Whether a primed expression differs from a value for some choice of the variables without one: each of them can
    /// always take another value.
    fn can_differ_from(&mut self, now: &Value, then: &'m Node) -> Evaluated<bool> {
        match (&then.kind, now) {
            (Kind::Primed(index), _) => match self.whole_next(*index as usize) {
                Some(then) => Ok(!self.equal(now, &then)?),
                None => Ok(true),
            },
            (Kind::Tuple(parts), Value::Tuple(tuple)) if parts.len() == tuple.elements.len() => {
                for (part, now) in parts.iter().zip(&tuple.elements) {
                    if self.can_differ_from(now, part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Kind::Call(id, arguments), _) => {
                self.in_call(*id, arguments, |machine, body| machine.can_differ_from(now, body))?
            }
            _ => {
                let then = self.eval(then)?;
                Ok(!self.equal(now, &then)?)
            }
        }
    }

    /// Which variable a node stands for, if it is one that is being assigned. Looks through parameters and `LET`
    /// names, which stand for the expressions that they were given, and through `LET` itself.
    fn assignable(&self, node: &Node) -> Option<usize> {
        let mut kind = &node.kind;
        let mut base = self.base;
        while let Kind::Let(slot, value, body) = kind {
            kind = match &body.kind {
                Kind::Slot(inner) if inner == slot => &value.kind,
                inner => inner,
            };
        }
        loop {
            match (kind, self.target) {
                (Kind::Primed(index), Target::Next) | (Kind::Variable(index), Target::Current) => {
                    return Some(*index as usize);
                }
                (Kind::Slot(slot), _) => match &self.stack[base + *slot as usize] {
                    Slot::Delayed(node, frame) => {
                        kind = &node.kind;
                        base = *frame;
                    }
                    Slot::Empty | Slot::Value(_) | Slot::Operator(_) | Slot::Place(_) => return None,
                },
                _ => return None,
            }
        }
    }

    fn assigned(&mut self, index: usize) -> &mut Option<Value> {
        match self.target {
            Target::Current => &mut self.current[index],
            Target::Next | Target::Nothing => &mut self.next[index],
        }
    }

    /// The value that a variable was given, to be looked at.
    fn whole_next(&mut self, index: usize) -> Option<Value> {
        if self.target != Target::Current {
            self.note_whole_next(index as u32);
        }
        self.assigned(index).clone()
    }

    pub(super) fn assign(
        &mut self,
        index: usize,
        value: Value,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        self.assign_from(index, value, Origin::Answers, rest, found)
    }

    fn assign_from(
        &mut self,
        index: usize,
        value: Value,
        origin: Origin,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        self.set_origin(index, origin);
        *self.assigned(index) = Some(value);
        self.unassigned -= 1;
        let result = self.resume(rest, found);
        self.unassigned += 1;
        *self.assigned(index) = None;
        result
    }

    pub(super) fn act(&mut self, node: &'m Node, rest: &Continuation<'_, 'm>, found: Found<'_, 'm>) -> Enumerated {
        if self.splitting {
            return self.split(node, rest, found);
        }
        self.act_whole(node, rest, found)
    }

    /// Follows the next-state relation down to the actions that it is made of.
    fn split(&mut self, node: &'m Node, rest: &Continuation<'_, 'm>, found: Found<'_, 'm>) -> Enumerated {
        let saved = self.leaf;
        let splits = is_split(node);
        if let Some(leaf) = &mut self.leaf {
            leaf.node = node;
        }
        self.splitting = splits;
        if !splits {
            self.begin_action(node);
        }
        let result = self.act_whole(node, rest, found);
        if !splits {
            self.pause_action();
        }
        self.splitting = true;
        self.leaf = saved;
        result
    }

    fn act_whole(&mut self, node: &'m Node, rest: &Continuation<'_, 'm>, found: Found<'_, 'm>) -> Enumerated {
        if self.tallies() {
            self.count_walked(node);
        }
        match &node.kind {
            Kind::And(items) => match &items[..] {
                [] => self.resume(rest, found),
                [first, others @ ..] => self.act(first, &Continuation::Conjuncts(others, self.base, rest), found),
            },
            Kind::Or(items) if self.shuffling => self.shuffled_or(items, rest, found),
            Kind::Or(items) => items
                .iter()
                .try_for_each(|item| if self.is_wanted(item) { self.act(item, rest, found) } else { Ok(()) }),
            Kind::Exists(binders, body) if self.shuffling => self.shuffled_exists(binders, body, rest, found),
            Kind::Exists(binders, body) => self.act_exists(binders, body, rest, found),
            Kind::Forall(binders, body, _) => self.act_forall(binders, body, rest, found),
            Kind::Call(definition, arguments) => {
                self.deeper()?;
                let saved = self.enter_call(*definition, arguments)?;
                let callee = self.code.definition(*definition);
                if self.splitting {
                    self.leaf = Some(Leaf { node, definition: (*definition, self.base) });
                }
                let result = match self.wanted_call(*definition) {
                    Wanted::No => Ok(()),
                    Wanted::OnTheWay => self.act(&callee.body, rest, found),
                    Wanted::Yes => {
                        let narrowing = self.narrowing.take();
                        let result = self.act(&callee.body, rest, found);
                        self.narrowing = narrowing;
                        result
                    }
                };
                self.leave(saved);
                self.shallower();
                result.map_err(|halt| match halt {
                    Halt::Error(error) => Halt::Error(error.called_from(&callee.name, node.span)),
                    Halt::Stop => Halt::Stop,
                })
            }
            Kind::CallSlot(slot, arguments) => {
                self.deeper()?;
                let (saved, body, _) = self.enter_call_slot(*slot, arguments)?;
                let result = self.act(body, rest, found);
                self.leave(saved);
                self.shallower();
                result
            }
            Kind::Slot(slot) => self.act_slot(*slot, node, rest, found),
            Kind::Let(slot, value, body) => {
                self.delay(*slot, value);
                self.act(body, rest, found)
            }
            Kind::If(condition, then, otherwise) => {
                let branch = if self.eval_bool(condition)? { then } else { otherwise };
                self.act(branch, rest, found)
            }
            Kind::Case(arms, other) => {
                let chosen = self.case_arm(arms, other.as_deref()).map_err(|error| error.at(node.span))?;
                self.act(chosen, rest, found)
            }
            Kind::Implies(antecedent, consequent, mark) => {
                if !self.eval_bool(antecedent)? {
                    return self.resume(rest, found);
                }
                self.mark(*mark);
                self.act(consequent, rest, found)
            }
            Kind::Primitive(Primitive::Equal, operands) => match &operands[..] {
                [left, right] => self.act_equal(left, right, node, rest, found),
                _ => self.test(node, rest, found),
            },
            Kind::Primitive(Primitive::In, operands) => match &operands[..] {
                [left, right] => self.act_in(left, right, node, rest, found),
                _ => self.test(node, rest, found),
            },
            Kind::Primitive(Primitive::SubsetEq, operands) => match &operands[..] {
                [left, right] => self.act_subset(left, right, node, rest, found),
                _ => self.test(node, rest, found),
            },
            Kind::Apply(function, argument) => self.act_apply(function, argument, node, rest, found),
            Kind::UnchangedVariables(variables) => self.act_unchanged(variables, node, rest, found),
            Kind::Unchanged(now, then) => {
                let now = self.eval(now)?;
                self.act_pattern(then, &now, rest, found)
            }
            Kind::BoxAction(action, now, then) => {
                self.act(action, rest, found)?;
                self.act_stutter(now, then, rest, found)
            }
            Kind::AngleAction(action, now, then) => {
                self.act(action, &Continuation::Changed(now, then, self.base, rest), found)
            }
            Kind::Compose(first, second) => self.act_compose(first, second, rest, found),
            Kind::Bool(_)
            | Kind::Int(_)
            | Kind::String(_)
            | Kind::Model(_)
            | Kind::Constant(_)
            | Kind::ConstantDefinition(..)
            | Kind::Variable(_)
            | Kind::Primed(_)
            | Kind::Primitive(..)
            | Kind::HigherOrder(..)
            | Kind::Not(_)
            | Kind::Equivalent(..)
            | Kind::Choose(..)
            | Kind::ChooseUnbounded
            | Kind::QuantifierUnbounded
            | Kind::SetEnumeration(_)
            | Kind::Filter(_)
            | Kind::SetMap(..)
            | Kind::Function(_)
            | Kind::FunctionSet(..)
            | Kind::Record(..)
            | Kind::RecordSet(..)
            | Kind::Tuple(_)
            | Kind::Product(_)
            | Kind::Field(..)
            | Kind::Except(..)
            | Kind::Enabled(_)
            | Kind::Always(_)
            | Kind::Eventually(_)
            | Kind::LeadsTo(..)
            | Kind::WeakFairness(..)
            | Kind::StrongFairness(..)
            | Kind::Declined(_) => self.test(node, rest, found),
        }
    }

    fn test(&mut self, node: &'m Node, rest: &Continuation<'_, 'm>, found: Found<'_, 'm>) -> Enumerated {
        if self.tallies() {
            self.uncount_walked(node);
        }
        if self.eval_bool(node)? { self.resume(rest, found) } else { Ok(()) }
    }

    fn act_slot(
        &mut self,
        slot: SlotIndex,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        match &self.stack[self.base + slot as usize] {
            Slot::Delayed(delayed, base) => {
                let (delayed, base) = (*delayed, *base);
                let saved = std::mem::replace(&mut self.base, base);
                let result = self.act(delayed, rest, found);
                self.base = saved;
                result
            }
            Slot::Empty | Slot::Value(_) | Slot::Operator(_) | Slot::Place(_) => self.test(node, rest, found),
        }
    }

    fn act_exists(
        &mut self,
        binders: &'m [Binder],
        body: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let mut outcome = Ok(());
        let wanted = self.wanted_sets(binders)?;
        let mut each = |machine: &mut Self| {
            if !machine.is_wanted_binding(binders) {
                return Ok(ControlFlow::Continue(()));
            }
            outcome = machine.act(body, rest, found);
            Ok(if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        };
        let _complete = match &wanted {
            Some(sets) => self.nested_bindings(binders, sets, &mut each)?,
            None => self.for_each_binding(binders, &mut each)?,
        };
        outcome
    }

    fn act_forall(
        &mut self,
        binders: &'m [Binder],
        body: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let sets = self.binder_sets(binders)?;
        let mut instances: Vec<Vec<Value>> = vec![Vec::new()];
        for set in sets.iter().rev() {
            let elements = self.element_vec(set)?;
            let mut longer = Vec::with_capacity(instances.len() * elements.len());
            for instance in &instances {
                for element in &elements {
                    let mut values = vec![element.clone()];
                    values.extend_from_slice(instance);
                    longer.push(values);
                }
            }
            super::set::within_limit(longer.len() as u64)?;
            instances = longer;
        }
        // TLC takes the first instance first and then the others from the last one backwards.
        if instances.len() > 1 {
            instances[1..].reverse();
        }
        self.instances(&instances, binders, body, self.base, rest, found)
    }

    /// Each instance runs in a copy of the frame: while it is left open for backtracking, the instances after it must
    /// not overwrite its bound names.
    fn instances(
        &mut self,
        instances: &[Vec<Value>],
        binders: &'m [Binder],
        body: &'m Node,
        base: usize,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some((first, others)) = instances.split_first() else { return self.resume(rest, found) };
        let after = Continuation::Instances(others, binders, body, base, rest);
        let saved = self.enter_copy(base);
        let mut result = Ok(());
        for (binder, value) in binders.iter().zip(first) {
            if let Err(error) = self.bind(&binder.pattern, value.clone()) {
                result = Err(Halt::Error(error));
            }
        }
        if result.is_ok() {
            result = self.conjunct(body, &after, found);
        }
        self.leave(saved);
        result
    }

    /// `f[e]` as an action: where the function is still a rule, its body is the action. TLC does so, and counts a
    /// state for each alternative of the body.
    fn act_apply(
        &mut self,
        function: &'m Node,
        argument: &'m Node,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let (saved, body) = match self.literal(function) {
            Some((rule, base)) if self.target == Target::Next => {
                let key = self.eval(argument)?;
                let here = std::mem::replace(&mut self.base, base);
                let entered = self.enter_literal(rule, &key);
                self.base = if entered.is_ok() { self.base } else { here };
                let ((top, _), body) = entered.map_err(|error| error.at(node.span))?;
                ((top, here), body)
            }
            Some(_) | None => {
                let value = match self.peek_rule(function)? {
                    Some(rule) => rule,
                    None => return self.test(node, rest, found),
                };
                let key = self.eval(argument)?;
                let key = self.force(&key)?;
                self.enter_rule(&value, &key).map_err(|error| error.at(node.span))?
            }
        };
        self.deeper()?;
        let result = self.act(body, rest, found);
        self.shallower();
        self.leave(saved);
        result
    }

    /// The function literal that a node stands for, with the frame it stands in.
    fn literal(&self, node: &Node) -> Option<(u32, usize)> {
        let mut kind = &node.kind;
        let mut base = self.base;
        loop {
            match kind {
                Kind::Function(rule) if self.code.rules[*rule as usize].itself.is_none() => {
                    return Some((*rule, base));
                }
                Kind::Slot(slot) => match &self.stack[base + *slot as usize] {
                    Slot::Delayed(node, frame) => {
                        kind = &node.kind;
                        base = *frame;
                    }
                    Slot::Empty | Slot::Value(_) | Slot::Operator(_) | Slot::Place(_) => return None,
                },
                _ => return None,
            }
        }
    }

    /// The rule that a function is given by, if it is still one.
    fn peek_rule(&mut self, function: &'m Node) -> Evaluated<Option<std::rc::Rc<RuleNode>>> {
        match &function.kind {
            Kind::Slot(_) | Kind::Function(_) | Kind::Call(..) => match self.eval_applied(function)? {
                Value::Rule(rule) if rule.explicit.get().is_none() => Ok(Some(rule)),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn act_equal(
        &mut self,
        left: &'m Node,
        right: &'m Node,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some(index) = self.assignable(left) else { return self.test(node, rest, found) };
        if self.traced()
            && self.target == Target::Next
            && self.next[index].is_none()
            && let Some(changes) = self.residual(right, index as u32)?
        {
            return self.assign_changes(index, changes, rest, found);
        }
        let value = self.eval(right)?;
        match self.whole_next(index) {
            None => self.assign(index, value, rest, found),
            Some(known) => {
                if self.equal(&known, &value).map_err(|error| error.at(node.span))? {
                    self.resume(rest, found)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Gives a variable its current value with changes.
    fn assign_changes(
        &mut self,
        index: usize,
        changes: Vec<Change>,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some(now) = self.current[index].clone() else {
            return Err(EvalError::new(ErrorClass::Internal, "an assignment without a current state").into());
        };
        let value = self.change(&now, &changes)?;
        let origin = match &changes[..] {
            [] => Origin::Kept,
            [Change { path, operation: Operation::Put(_) }] if path.is_empty() => Origin::Answers,
            _ => Origin::Changed(changes.into()),
        };
        self.assign_from(index, value, origin, rest, found)
    }

    fn act_in(
        &mut self,
        left: &'m Node,
        right: &'m Node,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some(index) = self.assignable(left) else { return self.test(node, rest, found) };
        if let Kind::Filter(rule) = right.kind
            && !self.shuffling
            && self.whole_next(index).is_none()
        {
            return self.act_in_filter(index, rule, right, rest, found);
        }
        let set = self.eval(right)?;
        if let Some(known) = self.whole_next(index) {
            let inside = self.member(&known, &set).map_err(|error| error.at(node.span))?;
            return if inside { self.resume(rest, found) } else { Ok(()) };
        }
        self.branch_to_each(index, &set, right, rest, found)
    }

    /// A branch for each element of a set.
    fn branch_to_each(
        &mut self,
        index: usize,
        set: &Value,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        if self.shuffling {
            return self.shuffled_in(index, set, rest, found);
        }
        let mut elements = self.branches(set).map_err(|error| error.at(node.span))?;
        while let Some(element) = self.next_of(&mut elements)? {
            self.assign(index, element, rest, found)?;
        }
        Ok(())
    }

    /// `x' \subseteq S` for a variable without a value chooses one as `x' \in SUBSET S` does.
    fn act_subset(
        &mut self,
        left: &'m Node,
        right: &'m Node,
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let Some(index) = self.assignable(left).filter(|index| self.whole_next(*index).is_none()) else {
            return self.test(node, rest, found);
        };
        let set = self.eval(right)?;
        let subsets = self.unary(Primitive::PowerSet, &set).map_err(|error| error.at(node.span))?;
        self.branch_to_each(index, &subsets, right, rest, found)
    }

    /// A branch for each element that satisfies the predicate. As in TLC all are found before the first branch, so that an
    /// error leaves none; the set itself is not made.
    fn act_in_filter(
        &mut self,
        index: usize,
        number: u32,
        right: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let rule = &self.code.rules[number as usize];
        let Some(binder) = rule.binders.first() else { return Ok(()) };
        let base = self.binder_sets(&rule.binders)?.swap_remove(0);
        let mut elements = self.elements(&base).map_err(|error| error.at(right.span))?;
        let mut chosen = Vec::new();
        while let Some(element) = self.next_of(&mut elements)? {
            self.bind(&binder.pattern, element.clone())?;
            if self.eval_bool(&rule.body)? {
                chosen.push(element);
            }
        }
        chosen.into_iter().try_for_each(|element| self.assign(index, element, rest, found))
    }

    fn act_unchanged(
        &mut self,
        variables: &'m [u32],
        node: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        if self.target != Target::Next {
            return self.test(node, rest, found);
        }
        let mut fresh: Vec<usize> = Vec::new();
        let mut keeps = true;
        for index in variables {
            let index = *index as usize;
            match (&self.next[index], &self.current[index]) {
                (None, Some(now)) => {
                    self.next[index] = Some(now.clone());
                    self.unassigned -= 1;
                    fresh.push(index);
                    self.set_origin(index, Origin::Kept);
                }
                (Some(_), Some(_)) if matches!(self.origin(index), Origin::Kept) => {}
                (Some(then), Some(now)) => {
                    let (then, now) = (then.clone(), now.clone());
                    self.note_whole(index as u32);
                    self.note_whole_next(index as u32);
                    keeps = self.equal(&then, &now).map_err(|error| error.at(node.span))?;
                }
                (_, None) => {
                    return Err(EvalError::new(ErrorClass::Internal, "UNCHANGED without a current state").into());
                }
            }
            if !keeps {
                break;
            }
        }
        let result = if keeps { self.resume(rest, found) } else { Ok(()) };
        for index in fresh {
            self.next[index] = None;
            self.unassigned += 1;
        }
        result
    }

    /// A primed expression that must equal a value: gives variables without a value theirs and tests the others.
    fn act_pattern(
        &mut self,
        then: &'m Node,
        value: &Value,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        match (&then.kind, value) {
            (Kind::Primed(index), _) if self.target == Target::Next && self.next[*index as usize].is_none() => {
                self.assign(*index as usize, value.clone(), rest, found)
            }
            (Kind::Tuple(parts), Value::Tuple(tuple)) if parts.len() == tuple.elements.len() => {
                let base = self.base;
                self.resume(&Continuation::Patterns(parts, &tuple.elements, base, rest), found)
            }
            (Kind::Call(id, arguments), _) => {
                let saved = self.enter_call(*id, arguments)?;
                let result = self.act_pattern(&self.code.definition(*id).body, value, rest, found);
                self.leave(saved);
                result
            }
            _ => {
                let then_value = self.eval(then)?;
                if self.equal(&then_value, value).map_err(|error| error.at(then.span))? {
                    self.resume(rest, found)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// The stuttering half of `[A]_v`.
    fn act_stutter(
        &mut self,
        now: &'m Node,
        then: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let now = self.eval(now)?;
        self.act_pattern(then, &now, rest, found)
    }

    /// Whether an action has a step from the current state.
    pub(super) fn enabled(&mut self, action: &'m Node) -> Evaluated<bool> {
        self.enabled_then(action, &Continuation::Done)
    }

    /// Whether an action and what has to hold after it has a step from the current state.
    pub(super) fn enabled_then(&mut self, action: &'m Node, rest: &Continuation<'_, 'm>) -> Evaluated<bool> {
        let places = self.variables + self.code.bound_variables as usize;
        let fresh = vec![None; places];
        let saved_next = std::mem::replace(&mut self.next, fresh);
        let saved_target = std::mem::replace(&mut self.target, Target::Next);
        let saved_unassigned = std::mem::replace(&mut self.unassigned, places);
        let saved_splitting = std::mem::replace(&mut self.splitting, false);
        let saved_shuffling = std::mem::replace(&mut self.shuffling, false);
        let composing = std::mem::replace(&mut self.composing, true);
        let saved_origins = self.fresh_origins();
        let (top, base, depth) = self.position();
        let result = self.act(action, rest, &mut |_| Err(Halt::Stop));
        self.restore_origins(saved_origins);
        self.recover(top, base, depth);
        self.splitting = saved_splitting;
        self.shuffling = saved_shuffling;
        self.composing = composing;
        self.next = saved_next;
        self.target = saved_target;
        self.unassigned = saved_unassigned;
        match result {
            Ok(()) => Ok(false),
            Err(Halt::Stop) => Ok(true),
            Err(Halt::Error(error)) => Err(error),
        }
    }
}

/// Whether the next-state relation is looked into at this node; everything else is one action.
pub fn is_split(node: &Node) -> bool {
    matches!(node.kind, Kind::Or(_) | Kind::Exists(..) | Kind::Call(..) | Kind::Let(..))
}
