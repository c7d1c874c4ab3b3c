//! The incremental solver, and graphs in it.
//!
//! One solver holds copies of a graph at several times; a node gets a variable and the clauses of its definition
//! (Tseitin 1968) when it is first asked for.

use crate::aig::{Aig, Lit, Node};
use crate::solver::{Means, SLit, Solver, Use};
use rustc_hash::FxHashMap;

/// A solver with copies of a graph.
pub struct Sat {
    solver: Solver,
    nodes: FxHashMap<(u32, u32), SLit>,
    truth: SLit,
    leaves_only: bool,
    /// Queries so far.
    pub queries: u64,
}

impl Sat {
    /// An empty solver.
    pub fn new(means: &Means, purpose: Use) -> Self {
        let mut solver = means.solver(purpose);
        let truth = solver.variable(true);
        solver.add(&[truth]);
        Self { solver, nodes: FxHashMap::default(), truth, leaves_only: false, queries: 0 }
    }

    /// From now on only leaves of the graph and fresh variables are guessed; what the graph makes of them follows.
    pub fn decide_leaves_only(&mut self) {
        self.leaves_only = true;
    }

    /// A new variable.
    pub fn fresh(&mut self) -> SLit {
        self.solver.variable(true)
    }

    /// Adds a clause.
    pub fn add(&mut self, clause: &[SLit]) {
        self.solver.add(clause);
    }

    /// Says which literal stands for a node at a time, for nodes that are defined elsewhere.
    pub fn define(&mut self, time: u32, node: u32, lit: SLit) {
        self.nodes.insert((time, node), lit);
    }

    /// The literal of the solver for a literal of the graph at a time.
    pub fn of(&mut self, aig: &Aig, time: u32, lit: Lit) -> SLit {
        let node = self.node(aig, time, lit.node());
        if lit.is_negated() { !node } else { node }
    }

    fn node(&mut self, aig: &Aig, time: u32, root: u32) -> SLit {
        if let Some(known) = self.nodes.get(&(time, root)) {
            return *known;
        }
        let mut stack = vec![root];
        while let Some(&node) = stack.last() {
            if self.nodes.contains_key(&(time, node)) {
                stack.pop();
                continue;
            }
            match aig.node(node) {
                Node::Constant => {
                    self.nodes.insert((time, node), !self.truth);
                }
                Node::Leaf => {
                    let lit = self.fresh();
                    self.nodes.insert((time, node), lit);
                }
                Node::And(a, b) => {
                    let parts = [a, b].map(|part| self.nodes.get(&(time, part.node())).copied());
                    let [Some(p), Some(q)] = parts else {
                        let missing = [a, b].into_iter().zip(parts).filter(|(_, part)| part.is_none());
                        stack.extend(missing.map(|(part, _)| part.node()));
                        continue;
                    };
                    let p = if a.is_negated() { !p } else { p };
                    let q = if b.is_negated() { !q } else { q };
                    let lit = self.solver.variable(!self.leaves_only);
                    self.add(&[!lit, p]);
                    self.add(&[!lit, q]);
                    self.add(&[lit, !p, !q]);
                    self.nodes.insert((time, node), lit);
                }
            }
            stack.pop();
        }
        self.nodes.get(&(time, root)).copied().unwrap_or(!self.truth)
    }

    /// Whether the clauses can be satisfied under assumptions; `None` if the solver gave up.
    pub fn solve(&mut self, assumptions: &[SLit]) -> Option<bool> {
        self.queries += 1;
        self.solver.solve(assumptions)
    }

    /// The value of a literal in the last model; what was not decided counts as false.
    pub fn value(&self, lit: SLit) -> bool {
        self.solver.value(lit)
    }

    /// Whether an assumption takes part in the last contradiction.
    pub fn in_core(&self, assumption: SLit) -> bool {
        self.solver.in_core(assumption)
    }

    /// Drops clauses that are satisfied for good.
    pub fn simplify(&mut self) {
        self.solver.simplify();
    }

    /// Number of variables.
    pub fn variables(&self) -> u32 {
        self.solver.variables()
    }
}
