//! The steps of one action, found without enumerating the others.
//!
//! Whoever follows a log knows which action comes next, and mostly with which parameters. A [`Narrowing`] leads the
//! enumeration of the next-state relation down to the calls of that definition: a disjunct that does not contain one is
//! left out, and so is a binding of `\E`, or a call, whose parameters do not read like what was written. It can leave
//! steps out and nothing else: what is found is a step of the next-state relation, found by the one evaluator.
//!
//! It works in the part of the relation that is split into actions (disjunctions, `\E`, calls and `LET`). A bound name is
//! compared before the call is entered where it is passed on as a parameter along a single way.

use super::Machine;
use crate::error::Evaluated;
use crate::ir::{Argument, Binder, Code, DefinitionId, Kind, Node, Pattern, SlotIndex};
use crate::value::Value;
use crate::value::written::Written;
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// Which steps are wanted.
#[derive(Debug)]
pub struct Narrowing {
    /// Disjuncts on a way to a wanted call.
    ways: FxHashSet<usize>,
    /// The wanted definitions, with what their parameters have to read like.
    calls: FxHashMap<DefinitionId, Vec<(SlotIndex, Written)>>,
    /// Bound names, by their binders, that become such parameters.
    bound: FxHashMap<usize, Vec<(SlotIndex, Written)>>,
}

fn address<T: ?Sized>(place: &T) -> usize {
    std::ptr::from_ref(place).cast::<()>() as usize
}

/// What a narrowing says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Its parameters are others.
    No,
    /// It may contain what is wanted.
    OnTheWay,
    /// It is what is wanted.
    Yes,
}

/// Where a name of a frame was bound: the binders and the slot.
type Origins = FxHashMap<SlotIndex, (usize, SlotIndex)>;

struct Search<'c, 'w> {
    code: &'c Code,
    name: &'w str,
    parameters: &'w [(String, Written)],
    entered: Vec<DefinitionId>,
    ways: usize,
    result: Narrowing,
}

impl Narrowing {
    /// Steps of the definition with this name in a next-state relation, with parameters that read like these; `None` if
    /// the relation has no such action, or it has no such parameter.
    pub fn to(code: &Code, next: &Node, name: &str, parameters: &[(String, Written)]) -> Option<Self> {
        let result = Self { ways: FxHashSet::default(), calls: FxHashMap::default(), bound: FxHashMap::default() };
        let mut search = Search { code, name, parameters, entered: Vec::new(), ways: 0, result };
        if !search.leads(next, &Origins::default()) || search.result.calls.is_empty() {
            return None;
        }
        if search.ways > 1 {
            // A name may be bound for one way and must not be held against another.
            search.result.bound.clear();
        }
        Some(search.result)
    }

    /// The definitions that are wanted.
    pub fn definitions(&self) -> impl Iterator<Item = DefinitionId> {
        self.calls.keys().copied()
    }

    /// Whether a disjunct leads to a wanted call.
    pub fn leads(&self, node: &Node) -> bool {
        self.ways.contains(&address(node))
    }
}

impl Search<'_, '_> {
    /// Whether the node leads to a wanted call; notes the ways.
    fn leads(&mut self, node: &Node, origins: &Origins) -> bool {
        let leads = match &node.kind {
            // Every disjunct is looked at, also after one that leads there.
            Kind::Or(items) => items.iter().fold(false, |any, item| self.leads(item, origins) | any),
            Kind::Exists(binders, body) => {
                let mut inner = origins.clone();
                for binder in binders {
                    if let Pattern::Slot(slot) = &binder.pattern {
                        inner.insert(*slot, (address(&**binders), *slot));
                    }
                }
                self.leads(body, &inner)
            }
            Kind::Let(slot, _, body) => {
                let mut inner = origins.clone();
                inner.remove(slot);
                self.leads(body, &inner)
            }
            Kind::Call(id, arguments) if !self.entered.contains(id) => self.call(*id, arguments, origins),
            _ => false,
        };
        if leads {
            self.result.ways.insert(address(node));
        }
        leads
    }

    fn call(&mut self, id: DefinitionId, arguments: &[Argument], origins: &Origins) -> bool {
        let definition = self.code.definition(id);
        let mut inner = Origins::default();
        for (slot, argument) in definition.params.iter().zip(arguments) {
            if let Argument::Eager(node) | Argument::Delayed(node) = argument
                && let Kind::Slot(passed) = &node.kind
                && let Some(origin) = origins.get(passed)
            {
                inner.insert(*slot, *origin);
            }
        }
        if *definition.name == *self.name {
            return self.wanted(id, &inner);
        }
        self.entered.push(id);
        let leads = self.leads(&definition.body, &inner);
        self.entered.pop();
        leads
    }

    fn wanted(&mut self, id: DefinitionId, origins: &Origins) -> bool {
        let definition = self.code.definition(id);
        let mut wanted = Vec::new();
        for (name, written) in self.parameters {
            let named = |slot: &&SlotIndex| self.code.slot_name(id, **slot).is_some_and(|known| *known == **name);
            let Some(slot) = definition.params.iter().find(named) else { return false };
            wanted.push((*slot, written.clone()));
            if let Some((binders, bound)) = origins.get(slot) {
                self.result.bound.entry(*binders).or_default().push((*bound, written.clone()));
            }
        }
        self.ways += 1;
        self.result.calls.insert(id, wanted);
        true
    }
}

impl<'m> Machine<'m> {
    /// From now on only these steps are enumerated; all of them again after `None`.
    pub fn narrow(&mut self, narrowing: Option<Rc<Narrowing>>) {
        self.narrowing = narrowing;
    }

    fn narrowed(&self) -> Option<Rc<Narrowing>> {
        if self.splitting { self.narrowing.clone() } else { None }
    }

    /// Whether a disjunct leads to steps that are wanted.
    pub(super) fn is_wanted(&self, item: &Node) -> bool {
        match &self.narrowing {
            Some(narrowing) if self.splitting => narrowing.leads(item),
            Some(_) | None => true,
        }
    }

    /// The sets of a quantifier with no element that is not wanted, where a name is wanted at all: a name of one set does
    /// not have to be tried with all elements of another to find that it is the wrong one.
    pub(super) fn wanted_sets(&mut self, binders: &'m [Binder]) -> Evaluated<Option<Vec<Value>>> {
        let Some(narrowing) = self.narrowed() else { return Ok(None) };
        let Some(wanted) = narrowing.bound.get(&address(binders)) else { return Ok(None) };
        let mut sets = self.binder_sets(binders)?;
        for (binder, set) in binders.iter().zip(&mut sets) {
            for (slot, written) in wanted {
                if matches!(&binder.pattern, Pattern::Slot(bound) if bound == slot) {
                    *set = written.among(self.names, set);
                }
            }
        }
        Ok(Some(sets))
    }

    /// Whether the names that are bound now are wanted.
    pub(super) fn is_wanted_binding(&mut self, binders: &'m [Binder]) -> bool {
        let Some(narrowing) = self.narrowed() else { return true };
        narrowing.bound.get(&address(binders)).is_none_or(|wanted| self.reads_like(wanted))
    }

    /// What to do with the call that was entered now. Inside of a wanted call every step is wanted.
    pub(super) fn wanted_call(&mut self, definition: DefinitionId) -> Wanted {
        let Some(narrowing) = self.narrowed() else { return Wanted::OnTheWay };
        match narrowing.calls.get(&definition) {
            None => Wanted::OnTheWay,
            Some(parameters) if self.reads_like(parameters) => Wanted::Yes,
            Some(_) => Wanted::No,
        }
    }

    /// Whether the call that was entered now has the parameters that a narrowing wants; for who walks the tree.
    pub fn is_called_as(&mut self, narrowing: &Narrowing, definition: DefinitionId) -> bool {
        narrowing.calls.get(&definition).is_some_and(|wanted| self.reads_like(wanted))
    }

    fn reads_like(&mut self, wanted: &[(SlotIndex, Written)]) -> bool {
        wanted.iter().all(|(slot, written)| {
            // What cannot be evaluated is left to the action, which says so.
            self.read_slot(*slot).map_or(true, |value| written.fits(self.names, &value))
        })
    }
}
