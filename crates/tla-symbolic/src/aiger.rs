//! The problem in the AIGER format, for other tools (Biere, Heljanko, Wieringa, *AIGER 1.9 and Beyond*, 2011).
//!
//! A first latch says that the behavior has begun; before that, inputs choose the initial state. That a transition is
//! possible is an invariant constraint from then on.

use crate::aig::{FALSE, Lit, Node, TRUE};
use crate::circuit::{Bad, Circuit, Target};
use std::fmt::Write as _;

/// The circuit in the ASCII format, with one bad literal for each of the given bad states.
pub fn write(circuit: &Circuit, bads: &[usize]) -> String {
    let mut graph = circuit.aig.clone();
    let begun = graph.leaf();
    let mut next = Vec::with_capacity(circuit.latches.len());
    for (later, first) in circuit.next.iter().zip(&circuit.initial) {
        next.push(graph.choose(begun, *later, *first));
    }
    let possible = graph.choose(begun, circuit.enabled, circuit.starts);
    let mut outputs = Vec::with_capacity(bads.len());
    for index in bads {
        let Bad { target, lit, initially, .. } = &circuit.bads[*index];
        let lit = graph.and(begun, *lit);
        let of_first = match target {
            // Of the latches: they are those of an initial state one step later.
            Target::Property(_) | Target::PropertyUndefined(_) => FALSE,
            _ => graph.and(!begun, *initially),
        };
        outputs.push(graph.or(lit, of_first));
    }
    let inputs: Vec<u32> = {
        let mut roots: Vec<Lit> = next.clone();
        roots.extend(&outputs);
        roots.push(possible);
        let cone = graph.cone(&roots);
        let leaf = |node: &u32| graph.node(*node) == Node::Leaf;
        let is_latch = |node: &u32| *node == begun.node() || circuit.latches.iter().any(|latch| latch.node() == *node);
        cone.into_iter().filter(|node| leaf(node) && !is_latch(node)).collect()
    };
    let mut roots: Vec<Lit> = next.clone();
    roots.extend(&outputs);
    roots.push(possible);
    let ands: Vec<u32> =
        graph.cone(&roots).into_iter().filter(|node| matches!(graph.node(*node), Node::And(..))).collect();
    let mut number = vec![0u32; graph.len()];
    let latches: Vec<u32> = std::iter::once(begun.node()).chain(circuit.latches.iter().map(|lit| lit.node())).collect();
    for (index, node) in inputs.iter().chain(&latches).chain(&ands).enumerate() {
        number[*node as usize] = index as u32 + 1;
    }
    let code = |lit: Lit| match lit.known() {
        Some(value) => u32::from(value),
        None => number[lit.node() as usize] * 2 + u32::from(lit.is_negated()),
    };
    let total = inputs.len() + latches.len() + ands.len();
    let mut text = format!("aag {total} {} {} 0 {} {} 1\n", inputs.len(), latches.len(), ands.len(), outputs.len());
    for node in &inputs {
        let _fine = writeln!(text, "{}", number[*node as usize] * 2);
    }
    let _fine = writeln!(text, "{} {}", code(begun), code(TRUE));
    for (latch, next) in circuit.latches.iter().zip(&next) {
        let _fine = writeln!(text, "{} {}", code(*latch), code(*next));
    }
    for lit in &outputs {
        let _fine = writeln!(text, "{}", code(*lit));
    }
    let _fine = writeln!(text, "{}", code(possible));
    for node in &ands {
        if let Node::And(a, b) = graph.node(*node) {
            let (a, b) = (code(a).max(code(b)), code(a).min(code(b)));
            let _fine = writeln!(text, "{} {a} {b}", number[*node as usize] * 2);
        }
    }
    text
}
