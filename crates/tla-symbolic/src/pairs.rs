//! Pairs of literals that never hold together.
//!
//! Most of what a protocol keeps invariant relates two places: who is here does not hold that. Reachability learns such
//! facts one counterexample after the other. Here they are guessed all at once, as the pairs that no state that the
//! interpreter has met satisfies, and those that a step can break are dropped until the rest is inductive (Flanagan and
//! Leino, *Houdini, an Annotation Assistant for ESC/Java*, FME 2001). What is left holds in all frames.

use crate::circuit::Circuit;
use crate::engine::{BEFORE, Unrolled, Watch};
use crate::query::split;
use crate::reachability::{Cube, Literal};
use crate::solver::{Means, SLit, Use};
use crate::table::Table;

/// Most latches for which pairs are looked at.
const MOST_LATCHES: usize = 600;
/// Most pairs.
const MOST_PAIRS: usize = 30_000;
/// States that have to have been met before anything is guessed.
const FEWEST_STATES: usize = 64;

/// Pairs of literals that no state satisfies, and single ones. Of a place that has one of several values only the values
/// count that it has.
pub fn unseen(circuit: &Circuit, table: &Table) -> Vec<Cube> {
    if circuit.latches.len() > MOST_LATCHES || table.states() < FEWEST_STATES {
        return Vec::new();
    }
    let mut literals: Vec<(Literal, Vec<u64>)> = Vec::new();
    let mut all = Vec::new();
    for latch in 0..circuit.latches.len() {
        let signs: &[bool] = if circuit.group_of[latch].is_some() { &[true] } else { &[true, false] };
        for sign in signs {
            let literal = (latch as u32, *sign);
            let column = table.column(literal);
            if column.iter().all(|word| *word == 0) {
                all.push(vec![literal]);
            } else {
                literals.push((literal, column));
            }
        }
    }
    for (index, (a, column)) in literals.iter().enumerate() {
        for (b, other) in &literals[index + 1..] {
            let alike = a.0 == b.0
                || circuit.group_of[a.0 as usize].is_some()
                    && circuit.group_of[a.0 as usize] == circuit.group_of[b.0 as usize];
            if !alike && column.iter().zip(other).all(|(x, y)| x & y == 0) {
                all.push(vec![*a, *b]);
                if all.len() > MOST_PAIRS {
                    return Vec::new();
                }
            }
        }
    }
    all
}

struct Search<'c> {
    unrolled: Unrolled<'c>,
    next: Vec<SLit>,
    enabled: SLit,
}

impl<'c> Search<'c> {
    /// Steps from states that satisfy the invariants and all candidates.
    fn steps(circuit: &'c Circuit, bads: &[usize], candidates: &[Cube], means: &Means) -> Self {
        let mut unrolled = Unrolled::new(circuit, means, Use::Steps);
        unrolled.sat.decide_leaves_only();
        unrolled.assume_valid(0);
        for index in split(circuit, bads).0 {
            let broken = unrolled.at(0, circuit.bads[index].lit);
            unrolled.sat.add(&[!broken]);
        }
        let latches: Vec<SLit> = circuit.latches.iter().map(|latch| unrolled.at(0, *latch)).collect();
        for cube in candidates {
            let clause: Vec<SLit> = cube.iter().map(|literal| !signed(&latches, *literal)).collect();
            unrolled.sat.add(&clause);
        }
        let next = circuit.next.iter().map(|next| unrolled.at(0, *next)).collect();
        let enabled = unrolled.at(0, circuit.enabled);
        Self { unrolled, next, enabled }
    }

    /// Initial states.
    fn starts(circuit: &'c Circuit, means: &Means) -> Self {
        let mut unrolled = Unrolled::new(circuit, means, Use::Steps);
        let next = circuit.initial.iter().map(|value| unrolled.at(BEFORE, *value)).collect();
        let enabled = unrolled.at(BEFORE, circuit.starts);
        Self { unrolled, next, enabled }
    }

    /// Drops the candidates that a state that is reached does not satisfy; whether there were any. `None` if stopped.
    fn drop_broken(&mut self, candidates: &mut Vec<Cube>) -> Option<bool> {
        let mut dropped = false;
        let mut at = 0;
        while at < candidates.len() {
            // All candidates with the same first literal at once.
            let first = candidates[at][0];
            let end = candidates[at..].iter().position(|cube| cube[0] != first).map_or(candidates.len(), |n| at + n);
            let guard = self.unrolled.sat.fresh();
            let mut clause = vec![!guard];
            // A cube of one literal is broken where that is true.
            let single = candidates[at..end].iter().any(|cube| cube.len() == 1);
            clause.extend(candidates[at..end].iter().filter_map(|cube| cube.get(1)).map(|b| signed(&self.next, *b)));
            if !single {
                self.unrolled.sat.add(&clause);
            }
            let query = [self.enabled, signed(&self.next, first), guard];
            let found = self.unrolled.sat.solve(&query)?;
            if !found {
                self.unrolled.sat.add(&[!guard]);
                at = end;
                continue;
            }
            let values: Vec<bool> = self.next.iter().map(|lit| self.unrolled.sat.value(*lit)).collect();
            self.unrolled.sat.add(&[!guard]);
            let holds = |(latch, sign): &Literal| values[*latch as usize] == *sign;
            let before = candidates[..at].iter().filter(|cube| cube.iter().all(holds)).count();
            candidates.retain(|cube| !cube.iter().all(holds));
            at -= before;
            dropped = true;
        }
        Some(dropped)
    }
}

/// The candidates that are inductive together with the invariants.
pub fn inductive(
    circuit: &Circuit,
    bads: &[usize],
    mut candidates: Vec<Cube>,
    means: &Means,
    watch: &dyn Watch,
) -> Option<Vec<Cube>> {
    if candidates.is_empty() {
        return Some(candidates);
    }
    candidates.sort();
    Search::starts(circuit, means).drop_broken(&mut candidates)?;
    loop {
        watch.progress("reachability", &format!("{} pairs of facts may exclude each other", candidates.len()));
        if watch.stopped() {
            return None;
        }
        let mut search = Search::steps(circuit, bads, &candidates, means);
        if !search.drop_broken(&mut candidates)? {
            return Some(candidates);
        }
    }
}

fn signed(lits: &[SLit], (latch, value): Literal) -> SLit {
    let lit = lits[latch as usize];
    if value { lit } else { !lit }
}
