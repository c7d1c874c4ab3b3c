//! The product of the state graph with an automaton.
//!
//! A node is a state together with what the automaton still asks of the behavior from there on. Only nodes that can be
//! reached are built, breadth first, so that the path to a node is a shortest one. For a goal that may hold from any
//! state on, a state joins at its own distance from the initial states.

use super::automaton::{Automaton, AutomatonState, Stuck, Transition};
use super::graph::{Digraph, NOWHERE, StateGraph, UndefinedAt};
use super::temporal::{AtomId, Column};
use rustc_hash::FxHashMap;

/// The product.
#[derive(Debug)]
pub(crate) struct Product<'g> {
    graph: &'g StateGraph,
    states: Vec<u32>,
    automaton_states: Vec<AutomatonState>,
    offsets: Vec<usize>,
    edges: Vec<Edge>,
    parents: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    target: u32,
    step: u32,
    postponed: u32,
}

/// Why there is no product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// An atom is undefined where it matters.
    Undefined(UndefinedAt),
    /// The automaton is too large.
    TooLarge,
    /// The product of graph and automaton exceeds the memory allowed, or has too many nodes.
    OutOfMemory,
    /// The user asked for the run to stop.
    Interrupted,
    /// An accepted component has no loop: a defect.
    Inconsistent,
}

/// What it takes to build a product.
pub(crate) struct Ingredients<'g, 'a, 't> {
    pub(crate) graph: &'g StateGraph,
    pub(crate) automaton: &'a mut Automaton<'t>,
    pub(crate) column_of: &'a dyn Fn(AtomId) -> Column,
    /// Whether all states are first nodes, not only the initial ones.
    pub(crate) anywhere: bool,
    pub(crate) interrupted: &'a dyn Fn() -> bool,
    /// Give up when the product needs more than this number of bytes.
    pub(crate) memory_budget: Option<u64>,
}

/// How many nodes are expanded between two looks at whether to stop.
const LOOK_EVERY: u32 = 1 << 16;

struct Builder<'g, 'a, 't> {
    from: Ingredients<'g, 'a, 't>,
    numbers: FxHashMap<(u32, AutomatonState), u32>,
    product: Product<'g>,
}

impl<'g> Product<'g> {
    /// Builds the product.
    pub(crate) fn build(from: Ingredients<'g, '_, '_>) -> Result<Self, Failure> {
        let product = Product {
            graph: from.graph,
            states: Vec::new(),
            automaton_states: Vec::new(),
            offsets: vec![0],
            edges: Vec::new(),
            parents: Vec::new(),
        };
        let mut builder = Builder { from, numbers: FxHashMap::default(), product };
        builder.run()?;
        Ok(builder.product)
    }

    /// What the automaton asks for in a node.
    pub(crate) fn automaton_state(&self, node: u32) -> AutomatonState {
        self.automaton_states[node as usize]
    }
}

impl Builder<'_, '_, '_> {
    fn run(&mut self) -> Result<(), Failure> {
        let levels = self.from.graph.levels.clone();
        let mut expanded = 0;
        for level in levels.windows(2) {
            let first_level = level[0] == 0;
            if self.from.anywhere || first_level {
                for state in level[0]..level[1] {
                    self.begin_at(state)?;
                }
            }
            expanded = self.expand_up_to(expanded, self.product.states.len() as u32)?;
        }
        while expanded < self.product.states.len() as u32 {
            expanded = self.expand_up_to(expanded, self.product.states.len() as u32)?;
        }
        Ok(())
    }

    /// Makes a state a first node, unless the automaton cannot begin there.
    fn begin_at(&mut self, state: u32) -> Result<(), Failure> {
        if self.from.anywhere && !self.from.automaton.reads_steps() {
            let step = self.from.graph.steps(state).start;
            let mut transitions = Vec::new();
            self.transitions(state, 0, step, &mut transitions)?;
            if transitions.is_empty() {
                return Ok(());
            }
        }
        self.node(state, 0, NOWHERE).map(|_| ())
    }

    fn expand_up_to(&mut self, from: u32, to: u32) -> Result<u32, Failure> {
        for node in from..to {
            if node % LOOK_EVERY == 0 {
                if (self.from.interrupted)() {
                    return Err(Failure::Interrupted);
                }
                if self.from.memory_budget.is_some_and(|budget| self.bytes() > budget) {
                    return Err(Failure::OutOfMemory);
                }
            }
            self.expand(node)?;
        }
        Ok(to)
    }

    fn expand(&mut self, node: u32) -> Result<(), Failure> {
        let (state, asked) = (self.product.states[node as usize], self.product.automaton_states[node as usize]);
        let steps = self.from.graph.steps(state);
        let mut transitions = Vec::new();
        let fixed = !self.from.automaton.reads_steps();
        if fixed {
            self.transitions(state, asked, steps.start, &mut transitions)?;
        }
        for step in steps {
            if !fixed {
                self.transitions(state, asked, step, &mut transitions)?;
            }
            let reached = self.from.graph.targets[step];
            for transition in &transitions {
                let target = self.node(reached, transition.target, node)?;
                let edge = Edge { target, step: step as u32, postponed: transition.postponed };
                self.product.edges.push(edge);
            }
        }
        self.product.offsets.push(self.product.edges.len());
        Ok(())
    }

    fn transitions(
        &mut self,
        state: u32,
        asked: AutomatonState,
        step: usize,
        found: &mut Vec<Transition>,
    ) -> Result<(), Failure> {
        let graph = self.from.graph;
        let column_of = self.from.column_of;
        let undefined = |atom| graph.undefined.contains(state, step, column_of(atom));
        let automaton = &mut *self.from.automaton;
        let letter = automaton.letter(graph.state_bits.row(state as usize), graph.step_bits.row(step), &undefined);
        match automaton.transitions(asked, letter) {
            Ok(transitions) => {
                found.clear();
                found.extend_from_slice(transitions);
                Ok(())
            }
            Err(Stuck::TooLarge) => Err(Failure::TooLarge),
            Err(Stuck::Undefined(atom)) => {
                Err(Failure::Undefined(UndefinedAt { column: column_of(atom), state, step }))
            }
        }
    }

    /// Memory in bytes.
    fn bytes(&self) -> u64 {
        let product = &self.product;
        let words = product.states.capacity() + product.automaton_states.capacity() + product.parents.capacity();
        let entries = self.numbers.capacity() * (size_of::<((u32, AutomatonState), u32)>() + 1);
        let edges = product.edges.capacity() * size_of::<Edge>();
        (words * 4 + product.offsets.capacity() * size_of::<usize>() + edges + entries) as u64
    }

    fn node(&mut self, state: u32, asked: AutomatonState, parent: u32) -> Result<u32, Failure> {
        let next = self.product.states.len() as u32;
        let number = *self.numbers.entry((state, asked)).or_insert(next);
        if number == next {
            if next == NOWHERE - 1 {
                return Err(Failure::OutOfMemory);
            }
            self.product.states.push(state);
            self.product.automaton_states.push(asked);
            self.product.parents.push(parent);
        }
        Ok(number)
    }
}

impl Digraph for Product<'_> {
    fn len(&self) -> u32 {
        self.states.len() as u32
    }

    #[inline]
    fn edges(&self, node: u32) -> std::ops::Range<usize> {
        self.offsets[node as usize]..self.offsets[node as usize + 1]
    }

    #[inline]
    fn target(&self, edge: usize) -> u32 {
        self.edges[edge].target
    }

    #[inline]
    fn state(&self, node: u32) -> u32 {
        self.states[node as usize]
    }

    #[inline]
    fn step(&self, edge: usize) -> usize {
        self.edges[edge].step as usize
    }

    fn postponed(&self, edge: usize) -> u32 {
        self.edges[edge].postponed
    }

    fn states_to(&self, node: u32) -> Vec<u32> {
        let parent = |node: &u32| Some(self.parents[*node as usize]).filter(|parent| *parent != NOWHERE);
        let mut nodes: Vec<u32> = std::iter::successors(Some(node), parent).collect();
        nodes.reverse();
        let first = nodes.first().map_or(0, |first| self.states[*first as usize]);
        let mut states = self.graph.path_to(first);
        states.extend(nodes.iter().skip(1).map(|node| self.states[*node as usize]));
        states
    }
}
