//! Behaviors that together take every action, or every step, of a finite state graph: tests made from the model.
//!
//! A program that is held to a specification can be driven along its behaviors. Which ones? All are too many. Enough are
//! those in which every action occurs, or, for a test that leaves nothing of the graph out, every step. The second is a
//! set of *transition tours* (Naito and Tsunoyama, *Fault detection for sequential machines by transition tours*, FTCS
//! 1981). A shortest tour of a graph is a Chinese postman's problem; here a path begins with a shortest way to a step that
//! is still missing and goes on along missing steps, over known ones only where the next missing step is near. Such a
//! greedy set is larger than the least one, and each of its paths is short enough to be read.

use std::collections::VecDeque;

/// A step of the graph. States are numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins.
    pub from: u32,
    /// Where it ends.
    pub to: u32,
    /// Number of the action.
    pub action: u32,
}

/// A state graph.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Number of states.
    pub states: u32,
    /// Initial states.
    pub initial: Vec<u32>,
    /// Steps, without repetitions; those of one state side by side.
    pub edges: Vec<Edge>,
}

/// What the behaviors have to contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Every action that occurs in the graph.
    Actions,
    /// Every step.
    Steps,
}

/// A behavior: an initial state, and the numbers of the edges that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The first state.
    pub start: u32,
    /// Indices of edges.
    pub edges: Vec<u32>,
}

/// States that are looked at for the next missing step before a path ends.
const NEAR: usize = 1000;

/// Behaviors that reach the goal, none longer than `longest` steps unless a shortest way to a step is.
pub fn cover(graph: &Graph, goal: Goal, longest: usize) -> Vec<Path> {
    let cover = Cover::new(graph, longest.max(1));
    match goal {
        Goal::Actions => cover.actions(),
        Goal::Steps => cover.steps(),
    }
}

struct Cover<'g> {
    graph: &'g Graph,
    longest: usize,
    /// For each state the range of its edges.
    out: Vec<std::ops::Range<usize>>,
    /// For each state the edge by which a shortest way enters it.
    entered: Vec<Option<u32>>,
    /// Length of a shortest way, if there is one.
    depth: Vec<Option<usize>>,
    missing: Vec<bool>,
    /// For each state how many of its edges are missing.
    left: Vec<u32>,
    /// For each state the number of the last search that met it.
    seen: Vec<u32>,
    search: u32,
}

impl<'g> Cover<'g> {
    fn new(graph: &'g Graph, longest: usize) -> Self {
        let count = graph.states as usize;
        let mut out = vec![0..0; count];
        let mut left = vec![0; count];
        for (index, edge) in graph.edges.iter().enumerate() {
            let from = edge.from as usize;
            let start = if left[from] == 0 { index } else { out[from].start };
            out[from] = start..index + 1;
            left[from] += 1;
        }
        let missing = vec![true; graph.edges.len()];
        let (entered, depth, seen) = (vec![None; count], vec![None; count], vec![0; count]);
        let mut cover = Self { graph, longest, out, entered, depth, missing, left, seen, search: 0 };
        cover.find_ways();
        cover
    }

    fn find_ways(&mut self) {
        let mut queue: VecDeque<u32> = VecDeque::new();
        for state in &self.graph.initial {
            if self.depth[*state as usize].is_none() {
                self.depth[*state as usize] = Some(0);
                queue.push_back(*state);
            }
        }
        while let Some(state) = queue.pop_front() {
            let next = self.depth[state as usize].map_or(0, |depth| depth + 1);
            for index in self.out[state as usize].clone() {
                let to = self.graph.edges[index].to as usize;
                if self.depth[to].is_none() {
                    self.depth[to] = Some(next);
                    self.entered[to] = Some(index as u32);
                    queue.push_back(to as u32);
                }
            }
        }
    }

    /// A shortest way to a state.
    fn way_to(&self, state: u32) -> Path {
        let (mut edges, mut at) = (Vec::new(), state);
        while let Some(edge) = self.entered[at as usize] {
            edges.push(edge);
            at = self.graph.edges[edge as usize].from;
        }
        edges.reverse();
        Path { start: at, edges }
    }

    fn actions(mut self) -> Vec<Path> {
        let most = self.graph.edges.iter().map(|edge| edge.action as usize + 1).max().unwrap_or(0);
        let mut nearest: Vec<Option<usize>> = vec![None; most];
        for (index, edge) in self.graph.edges.iter().enumerate() {
            let Some(depth) = self.depth[edge.from as usize] else { continue };
            let best = &mut nearest[edge.action as usize];
            let known = best.and_then(|best| self.depth[self.graph.edges[best].from as usize]);
            if known.is_none_or(|known| depth < known) {
                *best = Some(index);
            }
        }
        // The farthest first: its way may take the others.
        let mut targets: Vec<usize> = nearest.into_iter().flatten().collect();
        targets.sort_by_key(|index| std::cmp::Reverse(self.depth[self.graph.edges[*index].from as usize]));
        let mut taken = vec![false; most];
        let mut paths = Vec::new();
        for target in targets {
            let edge = self.graph.edges[target];
            if taken[edge.action as usize] {
                continue;
            }
            let mut path = self.way_to(edge.from);
            path.edges.push(target as u32);
            for index in &path.edges {
                taken[self.graph.edges[*index as usize].action as usize] = true;
                self.missing[*index as usize] = false;
            }
            paths.push(path);
        }
        paths
    }

    fn steps(mut self) -> Vec<Path> {
        let mut paths = Vec::new();
        let mut order: Vec<u32> = (0..self.graph.edges.len() as u32).collect();
        order.sort_by_key(|index| self.depth[self.graph.edges[*index as usize].from as usize]);
        for index in order {
            let from = self.graph.edges[index as usize].from;
            if !self.missing[index as usize] || self.depth[from as usize].is_none() {
                continue;
            }
            let mut path = self.way_to(from);
            let way = std::mem::take(&mut path.edges);
            way.iter().for_each(|edge| self.take(*edge, &mut path));
            self.take(index, &mut path);
            self.go_on(&mut path);
            paths.push(path);
        }
        paths
    }

    fn take(&mut self, index: u32, path: &mut Path) {
        path.edges.push(index);
        if std::mem::replace(&mut self.missing[index as usize], false) {
            self.left[self.graph.edges[index as usize].from as usize] -= 1;
        }
    }

    /// Lengthens a path by missing steps.
    fn go_on(&mut self, path: &mut Path) {
        while path.edges.len() < self.longest {
            let Some(last) = path.edges.last() else { return };
            let at = self.graph.edges[*last as usize].to;
            let Some(bridge) = self.bridge(at) else { return };
            if path.edges.len() + bridge.len() > self.longest {
                return;
            }
            bridge.into_iter().for_each(|edge| self.take(edge, path));
        }
    }

    /// The shortest continuation that ends with a missing step, if one is near.
    fn bridge(&mut self, from: u32) -> Option<Vec<u32>> {
        self.search += 1;
        let mut queue: Vec<(u32, Option<(usize, u32)>)> = vec![(from, None)];
        self.seen[from as usize] = self.search;
        let mut at = 0;
        while let Some((state, entered)) = queue.get(at).copied() {
            if self.left[state as usize] > 0 {
                let missing = self.out[state as usize].clone().find(|index| self.missing[*index])?;
                return Some(way_back(&queue, entered, missing as u32));
            }
            for index in self.out[state as usize].clone() {
                let to = self.graph.edges[index].to;
                if queue.len() < NEAR && self.seen[to as usize] != self.search {
                    self.seen[to as usize] = self.search;
                    queue.push((to, Some((at, index as u32))));
                }
            }
            at += 1;
        }
        None
    }
}

/// The edges from the first place of a search to a place, and one more.
fn way_back(queue: &[(u32, Option<(usize, u32)>)], mut entered: Option<(usize, u32)>, last: u32) -> Vec<u32> {
    let mut edges = vec![last];
    while let Some((before, edge)) = entered {
        edges.push(edge);
        entered = queue[before].1;
    }
    edges.reverse();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(states: u32, edges: &[(u32, u32, u32)]) -> Graph {
        let edges = edges.iter().map(|(from, to, action)| Edge { from: *from, to: *to, action: *action }).collect();
        Graph { states, initial: vec![0], edges }
    }

    /// Whether the paths are behaviors, and the edges that they take.
    fn taken(graph: &Graph, paths: &[Path]) -> Vec<bool> {
        let mut taken = vec![false; graph.edges.len()];
        for path in paths {
            assert!(graph.initial.contains(&path.start));
            let mut at = path.start;
            for index in &path.edges {
                let edge = graph.edges[*index as usize];
                assert_eq!(edge.from, at, "{path:?}");
                at = edge.to;
                taken[*index as usize] = true;
            }
        }
        taken
    }

    #[test]
    fn every_step_of_a_grid_is_taken() {
        let side = 7;
        let mut edges = Vec::new();
        for x in 0..side {
            for y in 0..side {
                let number = x * side + y;
                edges.extend((x + 1 < side).then_some((number, number + side, 0)));
                edges.extend((y + 1 < side).then_some((number, number + 1, 1)));
                edges.push((number, 0, 2));
            }
        }
        let graph = graph(side * side, &edges);
        let paths = cover(&graph, Goal::Steps, 50);
        assert!(taken(&graph, &paths).iter().all(|taken| *taken));
        assert!(paths.iter().all(|path| path.edges.len() <= 50));
        let steps: usize = paths.iter().map(|path| path.edges.len()).sum();
        assert!(steps < 4 * edges.len(), "{steps} steps for {} edges", edges.len());
    }

    #[test]
    fn every_action_is_taken_on_a_shortest_way() {
        let graph = graph(4, &[(0, 1, 0), (0, 0, 3), (1, 2, 1), (2, 3, 2), (3, 0, 0)]);
        let paths = cover(&graph, Goal::Actions, 50);
        let taken = taken(&graph, &paths);
        for action in 0..4 {
            assert!(graph.edges.iter().zip(&taken).any(|(edge, taken)| *taken && edge.action == action));
        }
        assert_eq!(paths.iter().map(|path| path.edges.len()).collect::<Vec<_>>(), [3, 1]);
    }

    #[test]
    fn a_state_that_cannot_be_reached_has_no_path() {
        let graph = graph(3, &[(0, 1, 0), (2, 1, 1)]);
        assert_eq!(cover(&graph, Goal::Steps, 10), [Path { start: 0, edges: vec![0] }]);
        assert_eq!(cover(&graph, Goal::Actions, 10), [Path { start: 0, edges: vec![0] }]);
    }
}
