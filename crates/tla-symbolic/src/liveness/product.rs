//! A circuit together with a monitor, and with a counter of how often all that has to recur did.
//!
//! *k-liveness* (Claessen and Sörensson, *A Liveness Checking Algorithm that Counts*, FMCAD 2012): if on no path the
//! justice conditions are all met `k` times over, no path meets them for ever, so none is a fair violation. That is a
//! question about reachability, and its proof an inductive invariant of the product. A latch for each condition
//! remembers that it was met; when all were, they begin anew and the counter, in unary, moves on.
//!
//! The order of the latches is part of the certificate: whether the first position is still to come (only if something
//! is asked of it), what is owed by each node, what was guessed to have ceased, which conditions were met (only if there
//! are several), the counter.

use super::monitor::{Body, Justice, Monitor};
use super::skeleton::Plain;
use crate::aig::{FALSE, Lit, TRUE};
use crate::circuit::{Bad, Circuit, Target};
use crate::graph::Graph;
use crate::translate::state::{Fact, LatchName};
use tla_explore::Broken;

/// The number that the bad state of a full counter has among the invariants: no invariant has it.
pub const COUNTED: Target = Target::Property(Broken::Invariant(u32::MAX));

/// A circuit with a monitor.
pub struct Product {
    /// The circuit; latches of the monitor follow those of the model.
    pub circuit: Circuit,
    /// For each justice condition, that a step meets it.
    pub justices: Vec<Lit>,
    /// What the monitor asks of a step; the circuit's steps can be taken only where it is so.
    pub asked: Lit,
    /// What each latch of the monitor is about.
    pub names: Vec<String>,
}

/// Values of the latches of the monitor.
struct Wiring<'c> {
    circuit: &'c mut Circuit,
    monitor: &'c Monitor,
    variables: usize,
    names: Vec<String>,
    /// For each node, that it is active in the step.
    active: Vec<Lit>,
    /// What a step has to satisfy.
    asked: Vec<Lit>,
}

/// The product; without a bound there is no counter.
pub fn product(base: &Circuit, monitor: &Monitor, variables: usize, bound: Option<u32>) -> Product {
    let mut circuit = base.clone();
    let (names, justices, asked) = {
        let mut wiring = Wiring {
            circuit: &mut circuit,
            monitor,
            variables,
            names: Vec::new(),
            active: Vec::new(),
            asked: Vec::new(),
        };
        let (justices, asked) = wiring.connect();
        if let Some(bound) = bound {
            wiring.count(&justices, bound);
        }
        (wiring.names, justices, asked)
    };
    Product { circuit, justices, asked, names }
}

impl Wiring<'_> {
    /// A latch of the monitor; it is given its next value later.
    fn latch(&mut self, name: String, initially: bool) -> Lit {
        let circuit = &mut self.circuit;
        let lit = circuit.aig.leaf();
        let variable = self.variables + self.names.len();
        circuit.latches.push(lit);
        circuit.names.push(LatchName { variable, path: Vec::new(), fact: Fact::True });
        circuit.group_of.push(None);
        circuit.initial.push(Lit::of(initially));
        circuit.next.push(lit);
        let number = circuit.latches.len() as u32 - 1;
        circuit.permutations.iter_mut().for_each(|permutation| permutation.push(number));
        self.names.push(name);
        lit
    }

    fn goes_on(&mut self, latch: Lit, next: Lit) {
        if let Some(index) = self.circuit.latches.iter().position(|known| *known == latch) {
            self.circuit.next[index] = next;
        }
    }

    fn input(&mut self) -> Lit {
        let lit = self.circuit.aig.leaf();
        self.circuit.inputs.push(lit);
        lit
    }

    fn connect(&mut self) -> (Vec<Lit>, Lit) {
        let monitor = self.monitor;
        if !monitor.opening.is_empty() {
            let first = self.latch("AtFirst".to_owned(), true);
            self.goes_on(first, FALSE);
            self.asked.push(first);
        }
        let owed: Vec<Lit> = monitor
            .nodes
            .iter()
            .enumerate()
            .map(|(number, node)| self.latch(format!("Owed_{}", number + 1), node.is_root))
            .collect();
        let ceased: Vec<Lit> =
            (0..monitor.ceasing.len()).map(|number| self.latch(format!("Ceased_{}", number + 1), false)).collect();
        for (node, owed) in monitor.nodes.iter().zip(&owed) {
            let active = if node.is_root {
                *owed
            } else {
                let chosen = self.input();
                self.circuit.aig.or(*owed, chosen)
            };
            self.active.push(active);
        }
        let first = std::mem::take(&mut self.asked);
        for body in &monitor.opening {
            let truth = self.body(body);
            first.iter().for_each(|first| self.asked.push(self.circuit.aig.or(!*first, truth)));
        }
        let mut settled = vec![TRUE; monitor.nodes.len()];
        for (number, node) in monitor.nodes.iter().enumerate() {
            let (truth, active) = (self.body(&node.body), self.active[number]);
            if node.is_always {
                self.asked.push(self.circuit.aig.or(!active, truth));
                self.goes_on(owed[number], active);
            } else {
                let postponed = self.circuit.aig.and(active, !truth);
                self.goes_on(owed[number], postponed);
                settled[number] = !postponed;
            }
        }
        let mut over = Vec::with_capacity(ceased.len());
        for (plain, ceased) in monitor.ceasing.iter().zip(ceased) {
            let guessed = self.input();
            let now = self.circuit.aig.or(ceased, guessed);
            let truth = self.plain(plain);
            self.asked.push(self.circuit.aig.or(!now, truth));
            self.goes_on(ceased, now);
            over.push(now);
        }
        let asked = self.circuit.aig.and_all(&self.asked);
        self.circuit.enabled = self.circuit.aig.and(self.circuit.enabled, asked);
        let justices = monitor.justices.iter().map(|justice| self.justice(justice, &settled, &over));
        (justices.collect(), asked)
    }

    fn justice(&mut self, justice: &Justice, settled: &[Lit], over: &[Lit]) -> Lit {
        match justice {
            Justice::Settled(node) => settled[*node],
            Justice::Granted { ceased, grants } => {
                let mut any: Vec<Lit> = grants.iter().map(|plain| self.plain(plain)).collect();
                any.extend(ceased.map(|number| over[number]));
                self.circuit.aig.or_all(&any)
            }
        }
    }

    fn body(&mut self, body: &Body) -> Lit {
        match body {
            Body::Plain(plain) => self.plain(plain),
            Body::Node(number) => self.active[*number],
            Body::And(items) => {
                let all: Vec<Lit> = items.iter().map(|item| self.body(item)).collect();
                self.circuit.aig.and_all(&all)
            }
            Body::Or(items) => {
                let all: Vec<Lit> = items.iter().map(|item| self.body(item)).collect();
                self.circuit.aig.or_all(&all)
            }
        }
    }

    fn plain(&mut self, plain: &Plain) -> Lit {
        match plain {
            Plain::Constant(value) => Lit::of(*value),
            Plain::Atom(atom, positive) => {
                let lit = self.circuit.atoms[atom.0 as usize];
                if *positive { lit } else { !lit }
            }
            Plain::And(items) => {
                let all: Vec<Lit> = items.iter().map(|item| self.plain(item)).collect();
                self.circuit.aig.and_all(&all)
            }
            Plain::Or(items) => {
                let all: Vec<Lit> = items.iter().map(|item| self.plain(item)).collect();
                self.circuit.aig.or_all(&all)
            }
        }
    }

    /// The conditions that were met, and the counter; it is bad that the counter is full.
    fn count(&mut self, justices: &[Lit], bound: u32) {
        let mut met = Vec::new();
        if justices.len() > 1 {
            met = (0..justices.len()).map(|number| self.latch(format!("Met_{}", number + 1), false)).collect();
        }
        let counter: Vec<Lit> = (0..bound).map(|number| self.latch(format!("Count_{}", number + 1), false)).collect();
        let mut now: Vec<Lit> = justices.to_vec();
        for (lit, met) in now.iter_mut().zip(&met) {
            *lit = self.circuit.aig.or(*lit, *met);
        }
        let pulse = self.circuit.aig.and_all(&now);
        for (met, now) in met.into_iter().zip(now) {
            let next = self.circuit.aig.and(now, !pulse);
            self.goes_on(met, next);
        }
        let mut before = TRUE;
        for count in counter {
            let here = self.circuit.aig.and(before, pulse);
            let next = self.circuit.aig.or(count, here);
            self.goes_on(count, next);
            before = count;
        }
        self.circuit.bads.push(Bad { target: COUNTED, lit: before, initially: FALSE, is_step: false });
    }
}
