//! Components in which a fair, violating behavior can stay for ever.
//!
//! A behavior in a finite graph ends in a strongly connected component. A component is accepted if every eventuality is
//! not postponed on some edge of it, and for every [`Pair`] a grant is found in it or no request is. A component that
//! fails a pair because a request has no grant may contain a smaller one that does without the request: the edges that
//! carry the request are taken out and what is left is decomposed again (Emerson and Lei, *Modalities for model
//! checking*, 1987; Latvala and Heljanko, *Coping with strong fairness*, 2000). Each round takes at least one request out
//! for good, so that the work is linear in the size of the graph for each pair and no disjunctive normal form is made.
//!
//! Components are found with Tarjan's algorithm, kept on a stack of our own because paths may have a million states.

use super::bits::{bit, join, join_complement};
use super::goal::Pair;
use super::graph::{Digraph, StateGraph};
use super::temporal::{Column, Literal};

/// A component that satisfies the goal.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    /// Its nodes, ascending.
    pub(crate) nodes: Vec<u32>,
    /// Literals that no edge of the behavior's loop may carry.
    pub(crate) banned: Vec<Literal>,
}

/// What a component has to satisfy, and where its truth values are.
pub(crate) struct Demand<'g> {
    pub(crate) graph: &'g StateGraph,
    pub(crate) pairs: &'g [Pair],
    /// For each set of postponed eventualities its elements.
    pub(crate) postponements: &'g [&'g [u32]],
    /// Number of eventualities.
    pub(crate) eventualities: usize,
}

/// The accepted component that is nearest to the initial states. `None` if there is none, `Err` if interrupted.
pub(crate) fn search<D: Digraph>(
    nodes: &D,
    demand: &Demand<'_>,
    interrupted: &dyn Fn() -> bool,
) -> Result<Option<Accepted>, Interrupted> {
    let mut search = Search {
        nodes,
        demand,
        interrupted,
        owner: vec![0; nodes.len() as usize],
        index: vec![UNSEEN; nodes.len() as usize],
        low: vec![0; nodes.len() as usize],
        stamps: 0,
        tasks: vec![Task { members: (0..nodes.len()).collect(), banned: Vec::new() }],
        best: None,
    };
    while let Some(task) = search.tasks.pop() {
        search.decompose(task)?;
    }
    Ok(search.best)
}

/// The user asked for the run to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interrupted;

const UNSEEN: u32 = u32::MAX;
const LOOK_EVERY: usize = 1 << 20;

/// Part of the graph that is to be decomposed.
struct Task {
    members: Vec<u32>,
    banned: Vec<Literal>,
}

struct Search<'s, D> {
    nodes: &'s D,
    demand: &'s Demand<'s>,
    interrupted: &'s dyn Fn() -> bool,
    /// Which part of the graph a node belongs to; changed when the node's component is complete.
    owner: Vec<u32>,
    index: Vec<u32>,
    low: Vec<u32>,
    stamps: u32,
    tasks: Vec<Task>,
    best: Option<Accepted>,
}

/// What occurs in a component.
struct Summary {
    edges: usize,
    state_true: Vec<u64>,
    state_false: Vec<u64>,
    step_true: Vec<u64>,
    step_false: Vec<u64>,
    /// Sets of postponed eventualities that occur on edges.
    postponements: Vec<bool>,
}

impl<D: Digraph> Search<'_, D> {
    fn stamp(&mut self) -> u32 {
        self.stamps += 1;
        self.stamps
    }

    /// Whether an edge may be used by the behaviors that are looked for.
    fn is_allowed(&self, node: u32, edge: usize, banned: &[Literal]) -> bool {
        is_allowed(self.nodes, self.demand.graph, node, edge, banned)
    }

    /// Finds the components of a part of the graph and judges each.
    fn decompose(&mut self, task: Task) -> Result<(), Interrupted> {
        let stamp = self.stamp();
        for node in &task.members {
            self.owner[*node as usize] = stamp;
            self.index[*node as usize] = UNSEEN;
        }
        let mut counter = 0;
        let mut path: Vec<(u32, usize)> = Vec::new();
        let mut open: Vec<u32> = Vec::new();
        let mut work = 0;
        for root in &task.members {
            if self.index[*root as usize] != UNSEEN {
                continue;
            }
            self.visit(*root, &mut counter, &mut path, &mut open);
            while let Some((node, edge)) = path.last_mut() {
                work += 1;
                if work % LOOK_EVERY == 0 && (self.interrupted)() {
                    return Err(Interrupted);
                }
                let (node, here) = (*node, *edge);
                if here < self.nodes.edges(node).end {
                    *edge += 1;
                    self.follow(node, here, &task.banned, stamp, &mut counter, &mut path, &mut open);
                } else {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        let low = self.low[node as usize];
                        self.low[*parent as usize] = self.low[*parent as usize].min(low);
                    }
                    if self.low[node as usize] == self.index[node as usize] {
                        self.complete(node, &mut open, &task.banned);
                    }
                }
            }
        }
        Ok(())
    }

    fn visit(&mut self, node: u32, counter: &mut u32, path: &mut Vec<(u32, usize)>, open: &mut Vec<u32>) {
        self.index[node as usize] = *counter;
        self.low[node as usize] = *counter;
        *counter += 1;
        path.push((node, self.nodes.edges(node).start));
        open.push(node);
    }

    #[allow(clippy::too_many_arguments)] // The state of one traversal, which the borrow of `path` keeps apart.
    fn follow(
        &mut self,
        node: u32,
        edge: usize,
        banned: &[Literal],
        stamp: u32,
        counter: &mut u32,
        path: &mut Vec<(u32, usize)>,
        open: &mut Vec<u32>,
    ) {
        let target = self.nodes.target(edge);
        if self.owner[target as usize] != stamp || !self.is_allowed(node, edge, banned) {
            return;
        }
        if self.index[target as usize] == UNSEEN {
            self.visit(target, counter, path, open);
        } else {
            let index = self.index[target as usize];
            self.low[node as usize] = self.low[node as usize].min(index);
        }
    }

    /// Takes the component of its first visited node from the stack and judges it.
    fn complete(&mut self, root: u32, open: &mut Vec<u32>, banned: &[Literal]) {
        let stamp = self.stamp();
        let start = open.iter().rposition(|node| *node == root).unwrap_or(0);
        let mut members = open.split_off(start);
        for node in &members {
            self.owner[*node as usize] = stamp;
        }
        members.sort_unstable();
        let nearest = members.first().copied().unwrap_or(UNSEEN);
        if self.best.as_ref().is_some_and(|best| best.nodes.first().is_some_and(|known| *known <= nearest)) {
            return;
        }
        let Some(summary) = self.summarize(&members, banned, stamp) else { return };
        match self.judge(&summary) {
            Judgement::Rejected => {}
            Judgement::Accepted => self.best = Some(Accepted { nodes: members, banned: banned.to_vec() }),
            Judgement::Without(requests) => {
                let mut banned = banned.to_vec();
                banned.extend(requests);
                self.tasks.push(Task { members, banned });
            }
        }
    }

    /// What occurs in a component; `None` if it has no edge.
    fn summarize(&self, members: &[u32], banned: &[Literal], stamp: u32) -> Option<Summary> {
        let graph = self.demand.graph;
        let mut summary = Summary {
            edges: 0,
            state_true: vec![0; graph.state_bits.row_words()],
            state_false: vec![0; graph.state_bits.row_words()],
            step_true: vec![0; graph.step_bits.row_words()],
            step_false: vec![0; graph.step_bits.row_words()],
            postponements: vec![false; self.demand.postponements.len()],
        };
        for node in members {
            let mut leaves = false;
            for edge in self.nodes.edges(*node) {
                let inside = self.owner[self.nodes.target(edge) as usize] == stamp;
                if !inside || !self.is_allowed(*node, edge, banned) {
                    continue;
                }
                leaves = true;
                summary.edges += 1;
                let row = graph.step_bits.row(self.nodes.step(edge));
                join(&mut summary.step_true, row);
                join_complement(&mut summary.step_false, row);
                if let Some(known) = summary.postponements.get_mut(self.nodes.postponed(edge) as usize) {
                    *known = true;
                }
            }
            if leaves {
                let row = graph.state_bits.row(self.nodes.state(*node) as usize);
                join(&mut summary.state_true, row);
                join_complement(&mut summary.state_false, row);
            }
        }
        (summary.edges > 0).then_some(summary)
    }

    fn judge(&self, summary: &Summary) -> Judgement {
        if !self.all_eventualities_come(summary) {
            return Judgement::Rejected;
        }
        let mut requests: Vec<Literal> = Vec::new();
        for pair in self.demand.pairs {
            if pair.grant.iter().any(|grant| summary.has(*grant)) {
                continue;
            }
            match &pair.request {
                None => return Judgement::Rejected,
                Some(asked) => requests.extend(asked.iter().filter(|request| summary.has(**request))),
            }
        }
        if requests.is_empty() { Judgement::Accepted } else { Judgement::Without(requests) }
    }

    /// Whether no eventuality is postponed on all edges.
    fn all_eventualities_come(&self, summary: &Summary) -> bool {
        let mut always = vec![true; self.demand.eventualities];
        for (elements, occurs) in self.demand.postponements.iter().zip(&summary.postponements) {
            if *occurs {
                always.iter_mut().enumerate().for_each(|(index, postponed)| {
                    *postponed &= elements.contains(&(index as u32));
                });
            }
        }
        !always.contains(&true)
    }
}

/// Whether a node's edge carries none of the literals.
pub(crate) fn is_allowed(nodes: &impl Digraph, graph: &StateGraph, node: u32, edge: usize, banned: &[Literal]) -> bool {
    banned.is_empty() || {
        let state = graph.state_bits.row(nodes.state(node) as usize);
        let step = graph.step_bits.row(nodes.step(edge));
        banned.iter().all(|literal| !literal.holds(state, step))
    }
}

enum Judgement {
    Rejected,
    Accepted,
    /// To be decomposed again without the edges that carry these literals.
    Without(Vec<Literal>),
}

impl Summary {
    /// Whether a literal holds on some edge of the component.
    fn has(&self, literal: Literal) -> bool {
        match (literal.column, literal.positive) {
            (Column::State(column), true) => bit(&self.state_true, column),
            (Column::State(column), false) => bit(&self.state_false, column),
            (Column::Step(column), true) => bit(&self.step_true, column),
            (Column::Step(column), false) => bit(&self.step_false, column),
        }
    }
}
