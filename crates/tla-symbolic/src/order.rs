//! Steps that do not touch each other, and the order in which behaviors are looked at.
//!
//! Two transitions are independent if neither changes a latch that the other one reads or changes. Taken one after the
//! other they lead to the same state in either order, so one order is enough. Bounded checking leaves out each behavior in
//! which a transition directly follows an independent one with a greater number (Wang, Yang, Kahlon, Gupta, *Peephole
//! Partial Order Reduction*, TACAS 2008). Exchanging neighbours that stand the wrong way round ends, and does not change
//! the length or the last state: what is reached at all is reached as early as before. A bad state that such an exchange
//! puts on the way is found at a smaller length, and a step that is bad is looked at before it is ordered.

use crate::aig::Lit;
use crate::circuit::Circuit;

/// Most transitions for which pairs are looked at.
const MOST_TRANSITIONS: usize = 600;

/// A set of latches.
struct Latches(Vec<u64>);

impl Latches {
    fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
}

/// Pairs of transitions of which the second need not follow the first directly.
pub fn out_of_order(circuit: &Circuit) -> Vec<(usize, usize)> {
    let count = circuit.steps.len();
    if !(2..=MOST_TRANSITIONS).contains(&count) {
        return Vec::new();
    }
    let mut latch_of = vec![None; circuit.aig.len()];
    for (index, latch) in circuit.latches.iter().enumerate() {
        latch_of[latch.node() as usize] = Some(index);
    }
    let set = |all: &mut dyn Iterator<Item = usize>| {
        let mut words = vec![0u64; circuit.latches.len().div_ceil(64)];
        all.for_each(|index| words[index / 64] |= 1 << (index % 64));
        Latches(words)
    };
    let touched: Vec<(Latches, Latches)> = circuit
        .steps
        .iter()
        .map(|step| {
            let roots: Vec<Lit> = std::iter::once(step.guard).chain(step.changes.iter().map(|(_, lit)| *lit)).collect();
            let cone = circuit.aig.cone(&roots);
            let changed = || step.changes.iter().map(|(latch, _)| *latch as usize);
            let read = cone.iter().filter_map(|node| latch_of[*node as usize]);
            (set(&mut changed()), set(&mut read.chain(changed())))
        })
        .collect();
    let mut pairs = Vec::new();
    for (first, (changed, touches)) in touched.iter().enumerate() {
        for (second, (changed_then, touches_then)) in touched[..first].iter().enumerate() {
            if !changed.meets(touches_then) && !changed_then.meets(touches) {
                pairs.push((first, second));
            }
        }
    }
    pairs
}
