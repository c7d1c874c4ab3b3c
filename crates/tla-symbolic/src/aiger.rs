//! The problem in the AIGER format, for other tools (Biere, Heljanko, Wieringa, *AIGER 1.9 and Beyond*, 2011).
//!
//! A first latch says that the behavior has begun; before that, inputs choose the initial state. A second one is set for good
//! once something was selected that cannot be done, or had no value or no place: nothing is bad from then on. It is no invariant
//! constraint of the format, because a constraint would have to hold in the bad state too, and a deadlock is where no step can be
//! taken.
//!
//! Infinite behaviors: each conjunct of a temporal property is a justice property, what the specification is fair to are the
//! fairness conditions. Where a monitor asks something of the steps, a latch of its own is set for good once that was not so, and
//! that it is not set is one more condition.

use crate::aig::{Aig, Lit, Node, TRUE};
use crate::circuit::{Bad, Circuit, Target};
use crate::graph::Graph;
use crate::liveness::watched::{Watched, WatchedCircuit};
use rustc_hash::FxHashSet;
use std::fmt::Write as _;

/// Bad states of a circuit by their numbers, each with the name that it gets.
pub type Named = Vec<(usize, String)>;

/// The circuit in the ASCII format, with one bad literal for each of the given bad states.
pub fn write(circuit: &Circuit, bads: &Named) -> String {
    File::new(circuit, bads).text()
}

/// The same, with the infinite behaviors that are fair and violate a property.
pub fn write_watched(watched: &WatchedCircuit, bads: &Named) -> String {
    let mut file = File::new(&watched.circuit, bads);
    let fair = file.recurring(&watched.fairness);
    file.fairness.extend(fair);
    file.fairness.push(file.going_on);
    for violation in &watched.violations {
        let mut all = file.recurring(violation);
        if all.is_empty() {
            all.push(TRUE);
        }
        file.justices.push((violation.name.clone(), all));
    }
    file.text()
}

/// What is written.
struct File {
    graph: Aig,
    /// The behavior has begun.
    begun: Lit,
    /// It has, and everything that was selected could be done.
    going_on: Lit,
    /// Latches with their next values.
    latches: Vec<(Lit, Lit)>,
    bads: Vec<(String, Lit)>,
    justices: Vec<(String, Vec<Lit>)>,
    fairness: Vec<Lit>,
}

impl File {
    fn new(circuit: &Circuit, bads: &Named) -> Self {
        let mut graph = circuit.aig.clone();
        let (begun, stuck, later) = (graph.leaf(), graph.leaf(), graph.leaf());
        let possible = graph.choose(begun, circuit.enabled, circuit.starts);
        let foundations = circuit.bads.iter().filter(|bad| matches!(bad.target, Target::Undefined | Target::Overflow));
        let lost: Vec<Lit> = foundations.map(|bad| graph.choose(begun, bad.lit, bad.initially)).collect();
        let lost = graph.or_all(&lost);
        let fails = graph.or(!possible, lost);
        let mut latches = vec![(begun, TRUE), (stuck, graph.or(stuck, fails)), (later, begun)];
        for ((latch, next), first) in circuit.latches.iter().zip(&circuit.next).zip(&circuit.initial) {
            latches.push((*latch, graph.choose(begun, *next, *first)));
        }
        let going_on = graph.and(begun, !stuck);
        let mut file = Self {
            graph,
            begun,
            going_on,
            latches,
            bads: Vec::with_capacity(bads.len()),
            justices: Vec::new(),
            fairness: Vec::new(),
        };
        for (index, name) in bads {
            let lit = file.bad(&circuit.bads[*index], stuck, later, possible);
            file.bads.push((name.clone(), lit));
        }
        file
    }

    fn bad(&mut self, bad: &Bad, stuck: Lit, later: Lit, possible: Lit) -> Lit {
        let graph = &mut self.graph;
        let lit = if bad.is_step { graph.and(bad.lit, possible) } else { bad.lit };
        match bad.target {
            // Of the latches: they are those of an initial state one step later.
            Target::Property(_) | Target::PropertyUndefined(_) => {
                let initially = graph.and(!later, bad.initially);
                let either = graph.or(lit, initially);
                graph.and(self.going_on, either)
            }
            Target::Deadlock | Target::Undefined | Target::Overflow => {
                let either = graph.choose(self.begun, lit, bad.initially);
                graph.and(!stuck, either)
            }
        }
    }

    /// What has to recur for a monitor to accept.
    fn recurring(&mut self, watched: &Watched) -> Vec<Lit> {
        let mut all = watched.justices.clone();
        if watched.asked != TRUE {
            let failed = self.graph.leaf();
            let fails = self.graph.and(self.begun, !watched.asked);
            let next = self.graph.or(failed, fails);
            self.latches.push((failed, next));
            all.push(!failed);
        }
        all
    }

    fn roots(&self) -> Vec<Lit> {
        let bads = self.bads.iter().map(|(_, lit)| *lit);
        let justices = self.justices.iter().flat_map(|(_, all)| all.iter().copied());
        let next = self.latches.iter().map(|(_, next)| *next);
        next.chain(bads).chain(justices).chain(self.fairness.iter().copied()).collect()
    }

    fn text(&self) -> String {
        let latches: FxHashSet<u32> = self.latches.iter().map(|(latch, _)| latch.node()).collect();
        let cone = self.graph.cone(&self.roots());
        let is_input = |node: &u32| self.graph.node(*node) == Node::Leaf && !latches.contains(node);
        let inputs: Vec<u32> = cone.iter().copied().filter(is_input).collect();
        let ands: Vec<u32> = cone.into_iter().filter(|node| matches!(self.graph.node(*node), Node::And(..))).collect();
        let mut number = vec![0u32; self.graph.len()];
        let own = self.latches.iter().map(|(latch, _)| latch.node());
        for (index, node) in inputs.iter().copied().chain(own).chain(ands.iter().copied()).enumerate() {
            number[node as usize] = index as u32 + 1;
        }
        let code = |lit: Lit| match lit.known() {
            Some(value) => u32::from(value),
            None => number[lit.node() as usize] * 2 + u32::from(lit.is_negated()),
        };
        let mut text = self.header(inputs.len(), ands.len());
        for node in &inputs {
            let _fine = writeln!(text, "{}", number[*node as usize] * 2);
        }
        for (latch, next) in &self.latches {
            let _fine = writeln!(text, "{} {}", code(*latch), code(*next));
        }
        for (_, lit) in &self.bads {
            let _fine = writeln!(text, "{}", code(*lit));
        }
        for (_, all) in &self.justices {
            let _fine = writeln!(text, "{}", all.len());
        }
        for lit in self.justices.iter().flat_map(|(_, all)| all).chain(&self.fairness) {
            let _fine = writeln!(text, "{}", code(*lit));
        }
        for node in &ands {
            if let Node::And(a, b) = self.graph.node(*node) {
                let (a, b) = (code(a).max(code(b)), code(a).min(code(b)));
                let _fine = writeln!(text, "{} {a} {b}", number[*node as usize] * 2);
            }
        }
        self.symbols(&mut text);
        text
    }

    /// Numbers of everything. What old readers do not know is left out where there is none.
    fn header(&self, inputs: usize, ands: usize) -> String {
        let latches = self.latches.len();
        let total = inputs + latches + ands;
        let mut text = format!("aag {total} {inputs} {latches} 0 {ands} {}", self.bads.len());
        if !self.justices.is_empty() {
            let _fine = write!(text, " 0 {} {}", self.justices.len(), self.fairness.len());
        }
        text.push('\n');
        text
    }

    fn symbols(&self, text: &mut String) {
        for (kind, names) in [
            ('b', self.bads.iter().map(|(name, _)| name).collect::<Vec<&String>>()),
            ('j', self.justices.iter().map(|(name, _)| name).collect()),
        ] {
            for (index, name) in names.into_iter().enumerate() {
                let _fine = writeln!(text, "{kind}{index} {name}");
            }
        }
    }
}
