//! The parts that a next-state relation or an invariant consists of, each evaluated by itself.
//!
//! `Next` is a tree of disjunctions, quantifiers and definitions with actions at its leaves; an invariant one of
//! conjunctions and universal quantifiers. A [path](Choice) leads from the root to a part: which operand, which values
//! of the bound names. Following it rebuilds the frames on the way, so a part means there what it means when the whole
//! is evaluated. [`Machine::expand_action`] says how a node goes on; what its answer depends on is in the footprint.

use super::action::{Continuation, Enumerated, Found, Halt, is_split};
use super::{Leaf, Machine, Slot, Target};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::{Binder, DefinitionId, Kind, Node, Pattern, SlotIndex};
use crate::value::Value;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Values of bound names.
pub type Bound = Rc<[(SlotIndex, Value)]>;

/// One step of the way to a part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Choice {
    /// An operand of a disjunction or conjunction.
    Operand(usize),
    /// Values of the names that a quantifier binds.
    Bound(Bound),
}

/// How a formula is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Along disjunctions and `\E`, as a next-state relation.
    Action,
    /// Along conjunctions and `\A`, as an invariant.
    Truth,
}

/// How a node goes on.
#[derive(Debug)]
pub enum Expansion {
    /// It is not taken apart further.
    Leaf,
    /// Into this many operands.
    Operands(usize),
    /// Into one instance for each of these, in the order of evaluation.
    Instances(Vec<Bound>),
}

/// More instances of one quantifier than this are not taken apart.
const MOST_INSTANCES: usize = 4_096;

/// Calls on the way to a part beyond this are not followed: the definition is recursive.
const MOST_CALLS: usize = 256;

impl<'m> Machine<'m> {
    /// How the node at the end of a path goes on.
    ///
    /// # Errors
    /// If something on the way is undefined; the whole then has to be evaluated to say so.
    pub fn expand(
        &mut self,
        manner: Manner,
        owner: DefinitionId,
        node: &'m Node,
        path: &[Choice],
    ) -> Result<Expansion, Halt> {
        self.standing(manner, owner, node, path, &mut |machine, node| {
            Ok(match &node.kind {
                Kind::Or(items) | Kind::And(items) if goes_on(manner, node) => Expansion::Operands(items.len()),
                Kind::Exists(binders, _) | Kind::Forall(binders, _, _) if goes_on(manner, node) => {
                    match machine.instances_of(binders)? {
                        Some(instances) => Expansion::Instances(instances),
                        None => Expansion::Leaf,
                    }
                }
                _ => Expansion::Leaf,
            })
        })
    }

    /// Enumerates the next states that the part of a next-state relation at the end of the path allows. All variables
    /// of the next state lose their values.
    ///
    /// # Errors
    /// As [`Machine::enumerate_next`].
    pub fn enumerate_part(
        &mut self,
        owner: DefinitionId,
        node: &'m Node,
        path: &[Choice],
        found: Found<'_, 'm>,
    ) -> Enumerated {
        self.next.iter_mut().for_each(|value| *value = None);
        self.standing(Manner::Action, owner, node, path, &mut |machine, node| {
            machine.splitting = true;
            let result = machine.act(node, &Continuation::Done, found);
            machine.splitting = false;
            result
        })
    }

    /// Whether the part of an invariant at the end of the path holds.
    ///
    /// # Errors
    /// If it is undefined.
    pub fn part_holds(&mut self, owner: DefinitionId, node: &'m Node, path: &[Choice]) -> Evaluated<bool> {
        let result = self.standing(Manner::Truth, owner, node, path, &mut |machine, node| Ok(machine.eval_bool(node)?));
        result.map_err(|halt| match halt {
            Halt::Error(error) => error,
            Halt::Stop => EvalError::new(ErrorClass::Internal, "the evaluation of an invariant was stopped"),
        })
    }

    fn standing<R>(
        &mut self,
        manner: Manner,
        owner: DefinitionId,
        node: &'m Node,
        path: &[Choice],
        run: &mut dyn FnMut(&mut Self, &'m Node) -> Result<R, Halt>,
    ) -> Result<R, Halt> {
        if manner == Manner::Action {
            self.target = Target::Next;
            self.unassigned = self.variables;
        }
        let saved = self.enter(owner);
        self.leaf = Some(Leaf { node, definition: (owner, self.base) });
        let result = self.follow(manner, node, path, MOST_CALLS, run);
        self.leave(saved);
        if manner == Manner::Action {
            self.target = Target::Nothing;
        }
        result
    }

    fn follow<R>(
        &mut self,
        manner: Manner,
        node: &'m Node,
        path: &[Choice],
        calls: usize,
        run: &mut dyn FnMut(&mut Self, &'m Node) -> Result<R, Halt>,
    ) -> Result<R, Halt> {
        if let Some(leaf) = &mut self.leaf {
            leaf.node = node;
        }
        match (&node.kind, path.split_first()) {
            (Kind::Call(id, arguments), _) => {
                if calls == 0 {
                    return Err(
                        EvalError::new(ErrorClass::Capacity, "a recursive definition is not taken apart").into()
                    );
                }
                let callee = self.code.definition(*id);
                let saved = self.enter_call(*id, arguments)?;
                self.leaf = Some(Leaf { node, definition: (*id, self.base) });
                let result = self.follow(manner, &callee.body, path, calls - 1, run);
                self.leave(saved);
                result.map_err(|halt| match halt {
                    Halt::Error(error) => Halt::Error(error.called_from(&callee.name, node.span)),
                    Halt::Stop => Halt::Stop,
                })
            }
            (Kind::Let(slot, value, body), _) => {
                self.delay(*slot, value);
                self.follow(manner, body, path, calls, run)
            }
            (Kind::Or(items) | Kind::And(items), Some((Choice::Operand(index), path))) if goes_on(manner, node) => {
                match items.get(*index) {
                    Some(item) => self.follow(manner, item, path, calls, run),
                    None => Err(astray()),
                }
            }
            (Kind::Exists(_, body), Some((Choice::Bound(bound), path))) if goes_on(manner, node) => {
                self.bind_all(bound);
                self.follow(manner, body, path, calls, run)
            }
            (Kind::Forall(_, body, mark), Some((Choice::Bound(bound), path))) if goes_on(manner, node) => {
                self.bind_all(bound);
                self.mark(*mark);
                self.follow(manner, body, path, calls, run)
            }
            (_, None) => run(self, node),
            (_, Some(_)) => Err(astray()),
        }
    }

    fn bind_all(&mut self, bound: &Bound) {
        for (slot, value) in bound.iter() {
            self.set_slot(*slot, value.clone());
        }
    }

    /// All combinations of values of the bound names, unless they are too many.
    fn instances_of(&mut self, binders: &'m [Binder]) -> Evaluated<Option<Vec<Bound>>> {
        let slots: Vec<SlotIndex> = binders
            .iter()
            .flat_map(|binder| match &binder.pattern {
                Pattern::Slot(slot) => std::slice::from_ref(slot),
                Pattern::Tuple(slots) => slots,
            })
            .copied()
            .collect();
        let mut instances: Vec<Bound> = Vec::new();
        let flow = self.for_each_binding(binders, &mut |machine| {
            let mut bound = Vec::with_capacity(slots.len());
            for slot in &slots {
                match &machine.stack[machine.base + *slot as usize] {
                    Slot::Value(value) if !value.is_symbolic() => bound.push((*slot, value.clone())),
                    _ => return Ok(ControlFlow::Break(())),
                }
            }
            if instances.len() == MOST_INSTANCES {
                return Ok(ControlFlow::Break(()));
            }
            instances.push(bound.into());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(flow.is_continue().then_some(instances))
    }
}

/// Whether a formula is taken apart at this node.
fn goes_on(manner: Manner, node: &Node) -> bool {
    match manner {
        Manner::Action => is_split(node),
        Manner::Truth => matches!(node.kind, Kind::And(_) | Kind::Forall(..) | Kind::Call(..) | Kind::Let(..)),
    }
}

fn astray() -> Halt {
    EvalError::new(ErrorClass::Internal, "a path leads nowhere in the formula that it was made for").into()
}
