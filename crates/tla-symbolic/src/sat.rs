//! The incremental solver, and graphs in it.
//!
//! One solver holds copies of a graph at several times; a node gets a variable and the clauses of its definition
//! (Tseitin 1968) when it is first asked for. The solver is batsat, MiniSat in Rust: many small queries under assumptions
//! with cores are what it is made for.

use crate::aig::{Aig, Lit, Node};
use batsat::{BasicSolver, SolverInterface, Var, lbool};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A literal of the solver.
pub type SLit = batsat::Lit;

/// A solver with copies of a graph.
pub struct Sat {
    solver: BasicSolver,
    nodes: FxHashMap<(u32, u32), SLit>,
    truth: SLit,
    leaves_only: bool,
    /// Queries so far.
    pub queries: u64,
}

impl Default for Sat {
    fn default() -> Self {
        Self::new()
    }
}

impl Sat {
    /// An empty solver.
    pub fn new() -> Self {
        let mut solver = BasicSolver::default();
        let truth = SLit::new(solver.new_var_default(), true);
        let _fine = solver.add_clause_reuse(&mut vec![truth]);
        Self { solver, nodes: FxHashMap::default(), truth, leaves_only: false, queries: 0 }
    }

    /// Makes a query end undecided once the flag is set.
    pub fn stop_by(&mut self, flag: &Arc<AtomicBool>) {
        let flag = Arc::clone(flag);
        self.solver.cb_mut().set_stop(move || flag.load(Ordering::Relaxed));
    }

    /// From now on only leaves of the graph and fresh variables are guessed; what the graph makes of them follows.
    pub fn decide_leaves_only(&mut self) {
        self.leaves_only = true;
    }

    /// A new variable.
    pub fn fresh(&mut self) -> SLit {
        SLit::new(self.solver.new_var_default(), true)
    }

    /// Adds a clause.
    pub fn add(&mut self, clause: &[SLit]) {
        let _fine = self.solver.add_clause_reuse(&mut clause.to_vec());
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
                    let lit = SLit::new(self.solver.new_var(lbool::UNDEF, !self.leaves_only), true);
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
        match self.solver.solve_limited(assumptions) {
            result if result == lbool::TRUE => Some(true),
            result if result == lbool::FALSE => Some(false),
            _ => None,
        }
    }

    /// The value of a literal in the last model; what was not decided counts as false.
    pub fn value(&self, lit: SLit) -> bool {
        self.solver.value_lit(lit) == lbool::TRUE
    }

    /// Whether an assumption takes part in the last contradiction. (The solver keeps the negations of assumptions, and the
    /// assumption itself only where it is the one that could not be made.)
    pub fn in_core(&self, assumption: SLit) -> bool {
        self.solver.unsat_core_contains_lit(assumption) || self.solver.unsat_core_contains_lit(!assumption)
    }

    /// Drops clauses that are satisfied for good.
    pub fn simplify(&mut self) {
        let _fine = self.solver.simplify();
    }

    /// Number of variables.
    pub fn variables(&self) -> u32 {
        self.solver.num_vars()
    }
}

/// The variable behind a literal.
pub fn variable(lit: SLit) -> Var {
    lit.var()
}
