//! Enumeration of the states that satisfy an initial predicate or an action.
//!
//! The predicate is walked from left to right. `x' = e` and `x' \in S` give a value to a variable that has none yet and
//! test it otherwise; a disjunction and `\E` try each alternative; what is left of the conjunction is carried along as
//! a [`Continuation`]. A state is found when nothing is left. Once every variable has a value, the rest is evaluated as
//! a plain predicate, so that a disjunction there cannot find the same state twice. These are TLC's rules, because its
//! count of generated states depends on them (semantic traps, sections A and B).
//!
//! Here is the walk. What gives a variable its value is in [`assign`], the bound names of `\E` and `\A` are in
//! [`quantifier`], applied functions in [`apply`], subscripts in [`subscript`]; [`enabled`] asks only whether there is
//! a state.

mod apply;
mod assign;
mod enabled;
mod quantifier;
mod subscript;

use super::narrow::Wanted;
use super::{Leaf, Machine, Slot, Target, composition};
use crate::error::EvalError;
use crate::ir::{Binder, DefinitionId, Kind, Node, Primitive, SlotIndex};
use crate::value::Value;

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
}

/// Whether the next-state relation is looked into at this node; everything else is one action.
pub fn is_split(node: &Node) -> bool {
    matches!(node.kind, Kind::Or(_) | Kind::Exists(..) | Kind::Call(..) | Kind::Let(..))
}
