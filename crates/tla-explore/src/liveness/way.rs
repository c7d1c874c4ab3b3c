//! Ways without detours: what a bound name stands for does not matter to a part that does not mention it.
//!
//! In `\A i, j \in S : P(i) ~> Q(j)` the atom `P(i)` is met once for each pair. Leaving the choice of `j` out of its way
//! makes all of these the same atom, which is then evaluated once for each state.

use super::atom::Turn;
use rustc_hash::FxHashSet;
use tla_model::ir::walk::children;
use tla_model::ir::{Argument, Code, DefinitionId, Kind, Lambda, Node, Operator, SlotIndex};

/// Slots of the present frame that matter; `None` if all may.
type Needed = Option<FxHashSet<SlotIndex>>;

/// The way to some nodes without bindings that they do not depend on.
pub(crate) fn without_detours<'m>(code: &Code, way: &[Turn<'m>], nodes: &[&Node]) -> Vec<Turn<'m>> {
    let mut mentions = Mentions { code, slots: FxHashSet::default(), entered: FxHashSet::default() };
    nodes.iter().for_each(|node| mentions.node(node));
    let mut needed: Needed = Some(mentions.slots);
    let mut kept = Vec::with_capacity(way.len());
    for turn in way.iter().rev() {
        let matters = |slot: &SlotIndex| needed.as_ref().is_none_or(|needed| needed.contains(slot));
        match turn {
            Turn::Bind(slot, _) if !matters(slot) => continue,
            Turn::Let(slot, _) if !matters(slot) => continue,
            Turn::Bind(..) => {}
            Turn::Let(_, value) => {
                if let Some(needed) = &mut needed {
                    needed.extend(mentioned(code, &[], std::slice::from_ref(value)));
                }
            }
            Turn::Call(id, arguments) => needed = needed_by_caller(code, *id, arguments, needed),
            Turn::CallSlot(..) | Turn::Delayed(_) => needed = None,
        }
        kept.push(turn.clone());
    }
    kept.reverse();
    kept
}

/// Whether a node mentions one of the slots of its frame.
pub(crate) fn mentions(code: &Code, node: &Node, slots: &[SlotIndex]) -> bool {
    let mentioned = mentioned(code, &[], &[node]);
    slots.iter().any(|slot| mentioned.contains(slot))
}

/// What matters in the frame of a caller: its arguments, and what a `LET` operator takes over from it.
fn needed_by_caller(code: &Code, id: DefinitionId, arguments: &[Argument], needed: Needed) -> Needed {
    let inherits = &code.definition(id).inherits;
    let mut outer = mentioned(code, arguments, &[]);
    match needed {
        None if inherits.is_empty() => {}
        None => return None,
        Some(needed) => outer.extend(needed.into_iter().filter(|slot| inherits.contains(slot))),
    }
    Some(outer)
}

fn mentioned(code: &Code, arguments: &[Argument], nodes: &[&Node]) -> FxHashSet<SlotIndex> {
    let mut mentions = Mentions { code, slots: FxHashSet::default(), entered: FxHashSet::default() };
    for argument in arguments {
        match argument {
            Argument::Eager(node) | Argument::Delayed(node) => mentions.node(node),
            Argument::Operator(operator) => mentions.operator(operator),
        }
    }
    nodes.iter().for_each(|node| mentions.node(node));
    mentions.slots
}

/// Collects the slots that nodes of one frame mention, operators defined by `LET` in that frame included.
struct Mentions<'c> {
    code: &'c Code,
    slots: FxHashSet<SlotIndex>,
    entered: FxHashSet<DefinitionId>,
}

impl Mentions<'_> {
    fn node(&mut self, node: &Node) {
        let code = self.code;
        match &node.kind {
            Kind::Slot(slot) => {
                self.slots.insert(*slot);
            }
            Kind::CallSlot(slot, arguments) => {
                self.slots.insert(*slot);
                self.operators(arguments);
            }
            Kind::Call(id, arguments) => {
                self.operators(arguments);
                let callee = code.definition(*id);
                if !callee.inherits.is_empty() && self.entered.insert(*id) {
                    self.node(&callee.body);
                }
            }
            Kind::HigherOrder(_, _, operators) => operators.iter().for_each(|operator| self.operator(operator)),
            _ => {}
        }
        children(code, node, &mut |child| self.node(child));
    }

    fn operators(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            if let Argument::Operator(operator) = argument {
                self.operator(operator);
            }
        }
    }

    fn operator(&mut self, operator: &Operator) {
        match operator {
            Operator::Slot(slot) => {
                self.slots.insert(*slot);
            }
            Operator::Lambda(lambda) => {
                let lambda: &Lambda = lambda;
                self.node(&lambda.body);
            }
        }
    }
}
