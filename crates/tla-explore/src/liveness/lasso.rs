//! From an accepted component to a behavior that shows it: a stem and a loop.
//!
//! The stem is a shortest way to the component. The loop begins where the stem enters and goes, each time on a shortest
//! way, to an edge that fulfils one of the demands that are still open, until none is; then back to where it began.

use super::component::{Accepted, Demand, is_allowed};
use super::graph::Digraph;
use super::temporal::Literal;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;

/// An infinite behavior, by numbers of states. After the last state of the loop comes its first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lasso {
    /// States before the loop; may be empty.
    pub(crate) stem: Vec<u32>,
    /// States of the loop; not empty. A single one is repeated for ever.
    pub(crate) cycle: Vec<u32>,
    /// The step that leaves each state of the loop.
    pub(crate) steps: Vec<usize>,
}

/// Something that the loop has to contain.
enum Need<'d> {
    /// An edge that does not postpone the eventuality with this number.
    Eventuality(u32),
    /// An edge on which one of these holds.
    Grant(&'d [Literal]),
}

struct Walk<'w, D> {
    nodes: &'w D,
    demand: &'w Demand<'w>,
    members: FxHashSet<u32>,
    banned: &'w [Literal],
}

/// A behavior that ends in the component and satisfies all demands. `None` if the component is none: a defect.
pub(crate) fn witness<D: Digraph>(nodes: &D, demand: &Demand<'_>, accepted: &Accepted) -> Option<Lasso> {
    let start = *accepted.nodes.first()?;
    let members = accepted.nodes.iter().copied().collect();
    let walk = Walk { nodes, demand, members, banned: &accepted.banned };
    let edges = walk.without_idling(start, walk.cycle(start)?);
    let mut stem = nodes.states_to(start);
    stem.pop();
    let cycle = edges.iter().map(|(node, _)| nodes.state(*node)).collect();
    let steps = edges.iter().map(|(_, edge)| nodes.step(*edge)).collect();
    Some(Lasso { stem, cycle, steps })
}

impl<'w, D: Digraph> Walk<'w, D> {
    fn allowed_edges(&self, node: u32) -> impl Iterator<Item = usize> + '_ {
        self.nodes.edges(node).filter(move |edge| {
            self.members.contains(&self.nodes.target(*edge))
                && is_allowed(self.nodes, self.demand.graph, node, *edge, self.banned)
        })
    }

    fn fulfils(&self, node: u32, edge: usize, need: &Need<'_>) -> bool {
        match need {
            Need::Eventuality(number) => {
                let postponed = self.demand.postponements.get(self.nodes.postponed(edge) as usize);
                !postponed.is_some_and(|elements| elements.contains(number))
            }
            Need::Grant(grant) => self.carries(node, edge, grant),
        }
    }

    fn carries(&self, node: u32, edge: usize, literals: &[Literal]) -> bool {
        let graph = self.demand.graph;
        let state = graph.state_bits.row(self.nodes.state(node) as usize);
        let step = graph.step_bits.row(self.nodes.step(edge));
        literals.iter().any(|literal| literal.holds(state, step))
    }

    /// What the loop has to contain. A pair whose request is found nowhere in the component needs no grant.
    fn needs(&self) -> Vec<Need<'w>> {
        let mut needs: Vec<Need<'w>> = (0..self.demand.eventualities as u32).map(Need::Eventuality).collect();
        for pair in self.demand.pairs {
            let asked = match &pair.request {
                None => true,
                Some(request) => self
                    .members
                    .iter()
                    .any(|node| self.allowed_edges(*node).any(|edge| self.carries(*node, edge, request))),
            };
            if asked {
                needs.push(Need::Grant(&pair.grant));
            }
        }
        needs
    }

    /// The edges of a loop through the node, with their sources.
    fn cycle(&self, start: u32) -> Option<Vec<(u32, usize)>> {
        let mut needs = self.needs();
        let mut edges: Vec<(u32, usize)> = Vec::new();
        let mut node = start;
        while !needs.is_empty() {
            let way = self.shortest(node, &|from, edge| needs.iter().any(|need| self.fulfils(from, edge, need)))?;
            needs.retain(|need| !way.iter().any(|(from, edge)| self.fulfils(*from, *edge, need)));
            node = self.nodes.target(way.last()?.1);
            edges.extend(way);
        }
        if node != start || edges.is_empty() {
            edges.extend(self.shortest(node, &|_, edge| self.nodes.target(edge) == start)?);
        }
        Some(edges)
    }

    /// A shortest way from a node whose last edge is one that is looked for.
    fn shortest(&self, from: u32, wanted: &dyn Fn(u32, usize) -> bool) -> Option<Vec<(u32, usize)>> {
        let mut came_by: FxHashMap<u32, (u32, usize)> = FxHashMap::default();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            for edge in self.allowed_edges(node) {
                if wanted(node, edge) {
                    let mut way = vec![(node, edge)];
                    let mut here = node;
                    while here != from {
                        let step = *came_by.get(&here)?;
                        way.push(step);
                        here = step.0;
                    }
                    way.reverse();
                    return Some(way);
                }
                let target = self.nodes.target(edge);
                if target != from && !came_by.contains_key(&target) {
                    came_by.insert(target, (node, edge));
                    queue.push_back(target);
                }
            }
        }
        None
    }

    /// The loop without edges that lead nowhere, as far as the others fulfil all needs.
    fn without_idling(&self, start: u32, edges: Vec<(u32, usize)>) -> Vec<(u32, usize)> {
        let moving: Vec<(u32, usize)> =
            edges.iter().copied().filter(|(from, edge)| self.nodes.target(*edge) != *from).collect();
        let enough = |need: &Need<'_>| moving.iter().any(|(from, edge)| self.fulfils(*from, *edge, need));
        let stays = moving.is_empty() || moving.first().is_some_and(|(from, _)| *from != start);
        if stays || !self.needs().iter().all(enough) { edges } else { moving }
    }
}
