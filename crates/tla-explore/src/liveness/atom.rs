//! Atoms: the predicates and actions at the leaves of temporal formulas, and how to evaluate them.
//!
//! An atom is a node of the resolved tree together with the way that leads to it: which definitions were entered with
//! which arguments, which elements of constant sets were chosen for bound names. The way is walked again for every
//! evaluation, so that an argument or `LET` name means what it means in the state at hand. Values do not cross threads,
//! therefore a way holds them as bytes and every worker makes its own [`Bench`].

use super::bits::{bit, set_bit};
use super::memory::Memory;
use super::support::{Support, support};
use super::temporal::{AtomId, Column};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use tla_model::error::{ErrorClass, EvalError, Evaluated};
use tla_model::eval::Machine;
use tla_model::ir::{Argument, Code, DefinitionId, Kind, Node, SlotIndex};
use tla_model::value::{Value, codec};
use tla_syntax::Span;

/// One step of the way from a formula to a part of it.
#[derive(Debug, Clone)]
pub enum Turn<'m> {
    /// Into the body of a definition.
    Call(DefinitionId, &'m [Argument]),
    /// Into the body of an operator that was passed as an argument.
    CallSlot(SlotIndex, &'m [Argument]),
    /// To the expression that a parameter stands for.
    Delayed(SlotIndex),
    /// Into the body of a `LET`.
    Let(SlotIndex, &'m Node),
    /// To the instance of a quantified formula for one element.
    Bind(SlotIndex, Arc<[u8]>),
}

/// What is evaluated.
#[derive(Debug, Clone, Copy)]
pub enum Question<'m> {
    /// A predicate.
    Predicate(&'m Node),
    /// An action.
    Action(&'m Node),
    /// `ENABLED <<A>>_v`, for the parts of `WF_v(A)` or `SF_v(A)`.
    Enabled(Fair<'m>),
    /// `<<A>>_v`, and the atom that tells whether it is enabled.
    Taken(Fair<'m>, AtomId),
    /// Nothing: the value of a `CASE` without a true guard is asked for.
    NoCase,
}

/// The parts of a fairness condition.
#[derive(Debug, Clone, Copy)]
pub struct Fair<'m> {
    /// The action.
    pub action: &'m Node,
    /// The subscript.
    pub now: &'m Node,
    /// The subscript, primed.
    pub then: &'m Node,
}

/// An atom.
#[derive(Debug, Clone)]
pub struct Atom<'m> {
    /// The definition in whose frame the way begins.
    pub owner: DefinitionId,
    /// The way to what is evaluated.
    pub way: Vec<Turn<'m>>,
    /// What is evaluated.
    pub question: Question<'m>,
    pub(crate) column: Column,
    /// Where it is written.
    pub span: Span,
    /// The variables that it depends on, if it depends on nothing else.
    support: Option<Support>,
    /// Whether it asks for steps of the whole next-state relation: every step of the graph is one, if it changes the
    /// subscript.
    pub is_next: bool,
}

/// All atoms of a model, each once.
#[derive(Debug)]
pub struct Atoms<'m> {
    code: &'m Code,
    next: Option<&'m Node>,
    atoms: Vec<Atom<'m>>,
    known: FxHashMap<Key, AtomId>,
    states: u32,
    steps: u32,
}

/// What makes two atoms the same: kind, nodes and way. Nodes are known by address; but a variable, and a definition that
/// depends on nothing around it, are the same wherever they are mentioned.
type Key = (u8, Vec<NodeKey>, Option<DefinitionId>, Vec<TurnKey>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum NodeKey {
    Variable(u32),
    Primed(u32),
    Definition(DefinitionId),
    Address(usize),
    Text(Span),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum TurnKey {
    Call(DefinitionId, usize),
    CallSlot(SlotIndex, usize),
    Delayed(SlotIndex),
    Let(SlotIndex, usize),
    Bind(SlotIndex, Arc<[u8]>),
}

fn address<T: ?Sized>(place: &T) -> usize {
    std::ptr::from_ref(place).cast::<u8>() as usize
}

impl Turn<'_> {
    fn key(&self) -> TurnKey {
        match self {
            Self::Call(id, arguments) => TurnKey::Call(*id, address(*arguments)),
            Self::CallSlot(slot, arguments) => TurnKey::CallSlot(*slot, address(*arguments)),
            Self::Delayed(slot) => TurnKey::Delayed(*slot),
            Self::Let(slot, value) => TurnKey::Let(*slot, address(*value)),
            Self::Bind(slot, value) => TurnKey::Bind(*slot, value.clone()),
        }
    }
}

impl<'m> Question<'m> {
    /// All nodes that are evaluated.
    fn nodes(self) -> Vec<&'m Node> {
        match self {
            Self::Predicate(node) | Self::Action(node) => vec![node],
            Self::Enabled(fair) | Self::Taken(fair, _) => vec![fair.action, fair.now, fair.then],
            Self::NoCase => Vec::new(),
        }
    }

    /// A number for the kind.
    fn kind(self) -> u8 {
        match self {
            Self::Predicate(_) => 0,
            Self::Action(_) => 1,
            Self::Enabled(_) => 2,
            Self::Taken(..) => 3,
            Self::NoCase => 4,
        }
    }

    fn is_about_steps(self) -> bool {
        match self {
            Self::Action(_) | Self::Taken(..) => true,
            Self::Predicate(_) | Self::Enabled(_) | Self::NoCase => false,
        }
    }
}

/// Whether both are calls of the same definition without parameters.
fn is_same_call(a: &Node, b: &Node) -> bool {
    matches!((&a.kind, &b.kind), (Kind::Call(a, left), Kind::Call(b, right))
        if a == b && left.is_empty() && right.is_empty())
}

impl<'m> Atoms<'m> {
    /// No atoms yet, of a model with this code and next-state relation.
    pub fn new(code: &'m Code, next: Option<&'m Node>) -> Self {
        Self { code, next, atoms: Vec::new(), known: FxHashMap::default(), states: 0, steps: 0 }
    }

    /// The number of an atom, which is new or the same as an earlier one.
    pub(crate) fn add(
        &mut self,
        owner: DefinitionId,
        way: Vec<Turn<'m>>,
        question: Question<'m>,
        span: Span,
    ) -> AtomId {
        let nodes: Vec<NodeKey> = question.nodes().into_iter().map(|node| self.node_key(node)).collect();
        let own = |key: &NodeKey| matches!(key, NodeKey::Address(_));
        // What depends on nothing around it is the same in every frame.
        let frame = (!way.is_empty() || nodes.is_empty() || nodes.iter().any(own)).then_some(owner);
        let place = if nodes.is_empty() { vec![NodeKey::Text(span)] } else { nodes };
        let key = (question.kind(), place, frame, way.iter().map(Turn::key).collect());
        let next = AtomId(self.atoms.len() as u32);
        let id = *self.known.entry(key).or_insert(next);
        if id == next {
            let counter = if question.is_about_steps() { &mut self.steps } else { &mut self.states };
            let column = if question.is_about_steps() { Column::Step(*counter) } else { Column::State(*counter) };
            *counter += 1;
            let support = support(self.code, &way, &question.nodes());
            let is_next = matches!(question, Question::Taken(fair, _) | Question::Enabled(fair)
                if self.next.is_some_and(|next| is_same_call(next, fair.action)));
            self.atoms.push(Atom { owner, way, question, column, span, support, is_next });
        }
        id
    }

    fn node_key(&self, node: &Node) -> NodeKey {
        match &node.kind {
            Kind::Variable(index) => NodeKey::Variable(*index),
            Kind::Primed(index) => NodeKey::Primed(*index),
            Kind::Call(id, arguments) if arguments.is_empty() && self.code.definition(*id).inherits.is_empty() => {
                NodeKey::Definition(*id)
            }
            _ => NodeKey::Address(address(node)),
        }
    }

    /// The atom of this number.
    pub fn get(&self, id: AtomId) -> &Atom<'m> {
        &self.atoms[id.0 as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.atoms.len()
    }

    /// All atoms, by number.
    pub fn iter(&self) -> std::slice::Iter<'_, Atom<'m>> {
        self.atoms.iter()
    }

    /// Numbers of columns of states and of steps.
    pub(crate) fn columns(&self) -> (usize, usize) {
        (self.states as usize, self.steps as usize)
    }

    /// The atom in a column.
    pub(crate) fn in_column(&self, column: Column) -> Option<(AtomId, &Atom<'m>)> {
        let index = self.atoms.iter().position(|atom| atom.column == column)?;
        Some((AtomId(index as u32), &self.atoms[index]))
    }
}

/// A way with the values of its bound names.
enum Ready<'m> {
    Turn(Turn<'m>),
    Bind(SlotIndex, Value),
}

/// One worker's means to evaluate atoms.
pub(crate) struct Bench<'m, 'x> {
    atoms: &'x Atoms<'m>,
    ways: Vec<Vec<Ready<'m>>>,
    memories: Vec<Memory>,
}

/// The two states of a step in words, and the first one's row with the columns that have no value.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) from: &'p [u32],
    pub(crate) to: &'p [u32],
    pub(crate) row: &'p [u64],
    pub(crate) undefined: &'p [u32],
}

impl Place<'_> {
    fn is_stuttering(&self) -> bool {
        self.from == self.to
    }
}

impl<'m, 'x> Bench<'m, 'x> {
    pub(crate) fn new(atoms: &'x Atoms<'m>) -> Self {
        let ready = |turn: &Turn<'m>| match turn {
            // The bytes were written by the same codec, so they can be read.
            Turn::Bind(slot, bytes) => Ready::Bind(*slot, codec::from_bytes(bytes).unwrap_or(Value::Bool(false))),
            Turn::Call(..) | Turn::CallSlot(..) | Turn::Delayed(_) | Turn::Let(..) => Ready::Turn(turn.clone()),
        };
        let ways = atoms.atoms.iter().map(|atom| atom.way.iter().map(ready).collect()).collect();
        let memories = atoms.atoms.iter().map(|_| Memory::default()).collect();
        Self { atoms, ways, memories }
    }

    /// Where the truth value of an atom belongs.
    pub(crate) fn column(&self, id: AtomId) -> Column {
        self.atoms.get(id).column
    }

    /// The truth value of an atom in the machine's present states.
    pub(crate) fn evaluate(&self, machine: &mut Machine<'m>, id: AtomId) -> Evaluated<bool> {
        let atom = self.atoms.get(id);
        let way = &self.ways[id.0 as usize];
        machine.attempt(|machine| {
            machine.in_frame(atom.owner, |machine| {
                walk(machine, way, &mut |machine| match atom.question {
                    Question::Predicate(node) | Question::Action(node) => machine.eval_bool(node),
                    Question::Enabled(Fair { action, now, then }) => machine.can_change_by(action, now, then),
                    Question::Taken(Fair { action, now, then }, _) => machine.is_change_by(action, now, then),
                    Question::NoCase => Err(no_case(atom.span)),
                })
            })
        })
    }

    /// The truth value of an action on the machine's present step, a stuttering one or not. Stuttering changes no
    /// subscript, whatever the action would be there.
    pub(crate) fn on_step(&self, machine: &mut Machine<'m>, id: AtomId, stuttering: bool) -> Evaluated<bool> {
        let known = match self.atoms.get(id).question {
            Question::Taken(..) => Some(false),
            Question::Action(node) => subscripted(node),
            Question::Predicate(_) | Question::Enabled(_) | Question::NoCase => None,
        };
        match known {
            Some(value) if stuttering => Ok(value),
            Some(_) | None => self.evaluate(machine, id),
        }
    }

    /// Evaluates all predicates in the machine's current state.
    pub(crate) fn state_row(
        &mut self,
        machine: &mut Machine<'m>,
        words: &[u32],
        row: &mut [u64],
        undefined: &mut Vec<u32>,
    ) {
        for index in 0..self.atoms.len() {
            let Column::State(column) = self.atoms.atoms[index].column else { continue };
            match self.recalled(index, words, words, |bench| bench.evaluate(machine, AtomId(index as u32))) {
                Ok(true) => set_bit(row, column),
                Ok(false) => {}
                Err(_) => undefined.push(column),
            }
        }
    }

    /// Evaluates all actions on the machine's present step, which is one of the graph.
    pub(crate) fn step_row(
        &mut self,
        machine: &mut Machine<'m>,
        place: Place<'_>,
        row: &mut [u64],
        undefined: &mut Vec<u32>,
    ) {
        for index in 0..self.atoms.len() {
            let Column::Step(column) = self.atoms.atoms[index].column else { continue };
            match self.of_graph(machine, index, place) {
                Ok(true) => set_bit(row, column),
                Ok(false) => {}
                Err(_) => undefined.push(column),
            }
        }
    }

    /// The truth value of an action on a step of the graph. What is not enabled in its first state is not taken.
    fn of_graph(&mut self, machine: &mut Machine<'m>, index: usize, place: Place<'_>) -> Evaluated<bool> {
        let atom = &self.atoms.atoms[index];
        let id = AtomId(index as u32);
        if place.is_stuttering() {
            return self.on_step(machine, id, true);
        }
        if let Question::Taken(fair, enabled) = atom.question {
            if let Column::State(guard) = self.atoms.get(enabled).column
                && !bit(place.row, guard)
                && !place.undefined.contains(&guard)
            {
                return Ok(false);
            }
            if atom.is_next {
                return machine.in_frame(atom.owner, |machine| {
                    walk(machine, &self.ways[index], &mut |machine| machine.is_change(fair.now, fair.then))
                });
            }
        }
        self.recalled(index, place.from, place.to, |bench| bench.evaluate(machine, id))
    }

    /// The value of an atom, by memory where that helps.
    fn recalled(
        &mut self,
        index: usize,
        from: &[u32],
        to: &[u32],
        evaluate: impl FnOnce(&Self) -> Evaluated<bool>,
    ) -> Evaluated<bool> {
        let Some(support) = &self.atoms.atoms[index].support else { return evaluate(self) };
        if self.memories[index].is_useless() {
            return evaluate(self);
        }
        // Numbers beyond those of the variables are bound by an ENABLED and depend on nothing.
        let words = |variables: &[u32], state: &[u32]| -> Vec<u32> {
            variables.iter().filter_map(|variable| state.get(*variable as usize)).copied().collect()
        };
        let mut key = words(&support.now, from);
        if matches!(self.atoms.atoms[index].column, Column::Step(_)) {
            key.extend(words(&support.then, to));
        }
        if let Some(value) = self.memories[index].recall(&key) {
            return Ok(value);
        }
        let value = evaluate(self)?;
        self.memories[index].keep(key, value);
        Ok(value)
    }
}

/// The value of `[A]_v` and `<<A>>_v` on a stuttering step.
fn subscripted(node: &Node) -> Option<bool> {
    match &node.kind {
        Kind::BoxAction(..) => Some(true),
        Kind::AngleAction(..) => Some(false),
        _ => None,
    }
}

fn no_case(span: Span) -> Box<EvalError> {
    EvalError::new(ErrorClass::Undefined, "no guard of this CASE is true and there is no OTHER")
        .with_remedy("add an OTHER arm, or make the guards cover every case")
        .at(span)
}

/// Walks the way and runs a function at its end.
fn walk<'m>(
    machine: &mut Machine<'m>,
    way: &[Ready<'m>],
    run: &mut dyn FnMut(&mut Machine<'m>) -> Evaluated<bool>,
) -> Evaluated<bool> {
    let Some((first, rest)) = way.split_first() else { return run(machine) };
    match first {
        Ready::Bind(slot, value) => {
            machine.bind_slot(*slot, value.clone());
            walk(machine, rest, run)
        }
        Ready::Turn(Turn::Let(slot, value)) => {
            machine.delay_slot(*slot, value);
            walk(machine, rest, run)
        }
        Ready::Turn(Turn::Call(id, arguments)) => {
            machine.in_call(*id, arguments, |machine, _| walk(machine, rest, run))?
        }
        Ready::Turn(Turn::CallSlot(slot, arguments)) => {
            machine.in_call_slot(*slot, arguments, |machine, _| walk(machine, rest, run))?
        }
        Ready::Turn(Turn::Delayed(slot)) => match machine.in_delayed(*slot, |machine, _| walk(machine, rest, run)) {
            Some(result) => result,
            None => Err(EvalError::new(ErrorClass::Internal, "a parameter does not stand for a formula")),
        },
        Ready::Turn(Turn::Bind(..)) => Err(EvalError::new(ErrorClass::Internal, "a bound name without a value")),
    }
}
