//! The reachable states and the steps between them.
//!
//! States are numbered in breadth-first order of enumeration, so that the numbers do not depend on who enumerated them,
//! and a smaller number never is further away from an initial state than a larger one. Steps lie in one array, those
//! of a state together (compressed sparse rows); the first step of each state is the stuttering step, which every
//! behavior may take at any time. A step is kept once, however many actions lead along it.

use super::bits::BitRows;
use super::temporal::Column;
use rustc_hash::FxHashMap;

/// No state.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// States, steps and the truth values of all atoms.
#[derive(Debug, Clone, Default)]
pub(crate) struct StateGraph {
    /// Initial states are the first ones.
    pub(crate) initial: u32,
    /// For each level of the breadth-first order the number of its first state, and the number of states at the end.
    pub(crate) levels: Vec<u32>,
    /// For each state the index of its first step, and the number of steps at the end.
    pub(crate) offsets: Vec<u32>,
    /// Where steps lead.
    pub(crate) targets: Vec<u32>,
    /// From which state a state was found; `NOWHERE` for initial states.
    pub(crate) parents: Vec<u32>,
    /// Values of predicates in states.
    pub(crate) state_bits: BitRows,
    /// Values of actions on steps.
    pub(crate) step_bits: BitRows,
    /// Atoms that have no value.
    pub(crate) undefined: Undefined,
}

/// Where atoms have no truth value, because they cannot be evaluated there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Undefined {
    states: FxHashMap<u32, Vec<u32>>,
    steps: FxHashMap<u32, Vec<u32>>,
}

impl Undefined {
    pub(crate) fn add_state(&mut self, state: u32, column: u32) {
        self.states.entry(state).or_default().push(column);
    }

    pub(crate) fn add_step(&mut self, step: u32, column: u32) {
        self.steps.entry(step).or_default().push(column);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.states.is_empty() && self.steps.is_empty()
    }

    /// Whether a column has no value in a state, or on a step that leaves it.
    pub(crate) fn contains(&self, state: u32, step: usize, column: Column) -> bool {
        if self.is_empty() {
            return false;
        }
        match column {
            Column::State(column) => self.states.get(&state).is_some_and(|columns| columns.contains(&column)),
            Column::Step(column) => self.steps.get(&(step as u32)).is_some_and(|columns| columns.contains(&column)),
        }
    }

    /// The first state or step without a value for the column.
    pub(crate) fn first(&self, column: Column) -> Option<u32> {
        let (places, column) = match column {
            Column::State(column) => (&self.states, column),
            Column::Step(column) => (&self.steps, column),
        };
        places.iter().filter(|(_, columns)| columns.contains(&column)).map(|(place, _)| *place).min()
    }
}

/// Where an atom has no truth value that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UndefinedAt {
    pub(crate) column: Column,
    pub(crate) state: u32,
    /// Index of the step that leaves the state.
    pub(crate) step: usize,
}

impl StateGraph {
    /// Number of states.
    pub(crate) fn len(&self) -> u32 {
        self.parents.len() as u32
    }

    /// Indices of the steps that leave a state.
    #[inline]
    pub(crate) fn steps(&self, state: u32) -> std::ops::Range<usize> {
        self.offsets[state as usize] as usize..self.offsets[state as usize + 1] as usize
    }

    /// The state that a step leaves.
    pub(crate) fn source(&self, step: usize) -> u32 {
        (self.offsets.partition_point(|offset| *offset as usize <= step) - 1) as u32
    }

    /// The level of a state, initial states being level 1.
    pub(crate) fn level_of(&self, state: u32) -> u32 {
        self.levels.partition_point(|first| *first <= state) as u32
    }

    /// States from an initial state to this one, on a shortest way.
    pub(crate) fn path_to(&self, state: u32) -> Vec<u32> {
        let parent = |state: &u32| Some(self.parents[*state as usize]).filter(|parent| *parent != NOWHERE);
        let mut path: Vec<u32> = std::iter::successors(Some(state), parent).collect();
        path.reverse();
        path
    }

    /// The step between two states, if there is one.
    #[cfg(test)]
    pub(crate) fn step_between(&self, from: u32, to: u32) -> Option<usize> {
        self.steps(from).find(|step| self.targets[*step] == to)
    }

    /// Memory in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        let numbers =
            self.levels.capacity() + self.offsets.capacity() + self.targets.capacity() + self.parents.capacity();
        (numbers * 4) as u64 + self.state_bits.bytes() + self.step_bits.bytes()
    }
}

/// A graph in which components and lassos are looked for: the states themselves, or their product with an automaton.
pub(crate) trait Digraph {
    /// Number of nodes.
    fn len(&self) -> u32;

    /// Indices of the edges that leave a node.
    fn edges(&self, node: u32) -> std::ops::Range<usize>;

    /// Where an edge leads.
    fn target(&self, edge: usize) -> u32;

    /// The state of a node.
    fn state(&self, node: u32) -> u32;

    /// The step of an edge.
    fn step(&self, edge: usize) -> usize;

    /// Number of the set of eventualities that an edge postpones.
    fn postponed(&self, edge: usize) -> u32;

    /// States on a shortest way from an initial state to a node, its own state last.
    fn states_to(&self, node: u32) -> Vec<u32>;
}

impl Digraph for StateGraph {
    fn len(&self) -> u32 {
        Self::len(self)
    }

    #[inline]
    fn edges(&self, node: u32) -> std::ops::Range<usize> {
        self.steps(node)
    }

    #[inline]
    fn target(&self, edge: usize) -> u32 {
        self.targets[edge]
    }

    #[inline]
    fn state(&self, node: u32) -> u32 {
        node
    }

    #[inline]
    fn step(&self, edge: usize) -> usize {
        edge
    }

    fn postponed(&self, _edge: usize) -> u32 {
        0
    }

    fn states_to(&self, node: u32) -> Vec<u32> {
        self.path_to(node)
    }
}
