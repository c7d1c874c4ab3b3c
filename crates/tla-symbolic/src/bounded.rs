//! Bounded checking (Biere, Cimatti, Clarke, Zhu, *Symbolic Model Checking without BDDs*, TACAS 1999), and k-induction
//! with simple paths (Sheeran, Singh, Stålmarck, *Checking Safety Properties Using Induction and a SAT-Solver*, FMCAD
//! 2000).
//!
//! Lengths are tried in ascending order, so that what is found is a shortest behavior.

use crate::aig::FALSE;
use crate::circuit::{Circuit, Target};
use crate::engine::{BEFORE, Bits, Lemmas, Unrolled, Watch};
use crate::order::out_of_order;
use crate::reachability::Cube;
use crate::solver::{Means, SLit, Use};

/// A behavior that reaches something bad.
#[derive(Debug, Clone)]
pub struct Found {
    /// Index of the bad state in the circuit.
    pub bad: usize,
    /// States up to the bad one, the second state of a bad step included.
    pub states: Bits,
    /// Whether there is a state at all; an initial state that is undefined has no latches.
    pub initially: bool,
}

/// A bounded check under way.
pub struct Bounded<'c> {
    unrolled: Unrolled<'c>,
    /// Pairs of transitions of which the second need not follow the first.
    out_of_order: Vec<(usize, usize)>,
    /// What reachability has told, and how much of it is known here.
    lemmas: &'c Lemmas,
    known: Vec<(u32, Cube)>,
    /// Steps of the behaviors that were looked at, plus one.
    pub length: u32,
    /// Whether there are no longer behaviors.
    pub exhausted: bool,
}

impl<'c> Bounded<'c> {
    /// Begins with the initial states.
    pub fn new(circuit: &'c Circuit, lemmas: &'c Lemmas, means: &Means) -> Self {
        let mut unrolled = Unrolled::new(circuit, means, Use::Behaviors);
        unrolled.start();
        let out_of_order = out_of_order(circuit);
        Self { unrolled, out_of_order, lemmas, known: Vec::new(), length: 0, exhausted: false }
    }

    /// Looks at behaviors with one step more. `None` if nothing was found; stops where the watch says so.
    pub fn advance(&mut self, bads: &[usize], watch: &dyn Watch) -> Option<Found> {
        let time = self.length;
        let circuit = self.unrolled.circuit;
        if time > 0 {
            self.unrolled.step(time - 1);
            self.keep_order(time);
            if self.unrolled.sat.solve(&[]) == Some(false) {
                self.exhausted = true;
                return None;
            }
        }
        if time == 0 {
            // An initial value without a place leaves latches that are no state, so this is asked before states are
            // supposed to be states.
            match self.bad_initially(bads) {
                Some(found) => return Some(found),
                None if watch.stopped() => return None,
                None => {}
            }
        }
        self.unrolled.assume_valid(time);
        self.learn(time);
        if watch.stopped() {
            return None;
        }
        let mut alternatives: Vec<(usize, SLit)> = Vec::new();
        for index in bads {
            let bad = &circuit.bads[*index];
            if bad.lit != FALSE {
                alternatives.push((*index, self.unrolled.at(time, bad.lit)));
            }
        }
        match self.any_of(&alternatives) {
            Some(Some((index, lit))) => return Some(self.found(index, time, lit)),
            Some(None) => {}
            None => return None,
        }
        // Known from now on.
        for (_, lit) in alternatives {
            self.unrolled.sat.add(&[!lit]);
        }
        self.length += 1;
        None
    }

    /// Leaves out two independent steps to a time that stand the wrong way round.
    fn keep_order(&mut self, time: u32) {
        let Some(before) = time.checked_sub(2) else { return };
        let circuit = self.unrolled.circuit;
        for (first, then) in &self.out_of_order {
            let first = self.unrolled.at(before, circuit.selected[*first]);
            let then = self.unrolled.at(before + 1, circuit.selected[*then]);
            self.unrolled.sat.add(&[!first, !then]);
        }
    }

    /// Takes in what reachability knows by now of the states at each time.
    fn learn(&mut self, time: u32) {
        let news = self.lemmas.since(self.known.len());
        let old = std::mem::take(&mut self.known);
        old.iter().filter(|(level, _)| *level >= time).for_each(|(_, cube)| self.exclude(time, cube));
        self.known = old;
        for (level, cube) in news {
            (0..=time.min(level)).for_each(|time| self.exclude(time, &cube));
            self.known.push((level, cube));
        }
    }

    fn exclude(&mut self, time: u32, cube: &Cube) {
        let clause: Vec<SLit> = cube
            .iter()
            .map(|(latch, value)| {
                let lit = self.unrolled.at(time, self.unrolled.circuit.latches[*latch as usize]);
                if *value { !lit } else { lit }
            })
            .collect();
        self.unrolled.sat.add(&clause);
    }

    /// One of several that can be true, the first of those that are; `None` if the solver was stopped.
    #[allow(clippy::option_option)] // Not answered, or answered that there is none.
    fn any_of(&mut self, alternatives: &[(usize, SLit)]) -> Option<Option<(usize, SLit)>> {
        let any = self.unrolled.sat.fresh();
        let mut clause = vec![!any];
        clause.extend(alternatives.iter().map(|(_, lit)| *lit));
        self.unrolled.sat.add(&clause);
        let reached = self.unrolled.sat.solve(&[any])?;
        Some(alternatives.iter().find(|(_, lit)| reached && self.unrolled.sat.value(*lit)).copied())
    }

    /// What can be bad of an initial state, before anything is known of its latches.
    fn bad_initially(&mut self, bads: &[usize]) -> Option<Found> {
        let circuit = self.unrolled.circuit;
        let mut alternatives: Vec<(usize, SLit)> = Vec::new();
        for index in bads {
            let bad = &circuit.bads[*index];
            if bad.initially != FALSE {
                let when = match bad.target {
                    Target::Property(_) | Target::PropertyUndefined(_) => 0,
                    Target::Deadlock | Target::Undefined | Target::Overflow => BEFORE,
                };
                alternatives.push((*index, self.unrolled.at(when, bad.initially)));
            }
        }
        let (bad, _) = self.any_of(&alternatives)??;
        let states = vec![self.unrolled.bits(0)];
        Some(Found { bad, states, initially: true })
    }

    fn found(&mut self, index: usize, time: u32, lit: SLit) -> Found {
        let circuit = self.unrolled.circuit;
        let mut states: Bits = (0..=time).map(|time| self.unrolled.bits(time)).collect();
        if circuit.bads[index].is_step {
            let after: Vec<SLit> = circuit.next.iter().map(|next| self.unrolled.at(time, *next)).collect();
            let enabled = self.unrolled.at(time, circuit.enabled);
            if self.unrolled.sat.solve(&[lit, enabled]) == Some(true) {
                states = (0..=time).map(|time| self.unrolled.bits(time)).collect();
                states.push(after.into_iter().map(|lit| self.unrolled.sat.value(lit)).collect());
            }
        }
        Found { bad: index, states, initially: false }
    }
}

/// A state that is reached by a behavior through cubes, one after the other, and that leaves the shapes in the next step;
/// nothing if there is no such state. Each cube leads to the next one from any of its states.
pub fn overflow_behind(circuit: &Circuit, way: &[Cube], means: &Means) -> Option<Found> {
    let bad = circuit.index_of(Target::Overflow)?;
    let mut unrolled = Unrolled::new(circuit, means, Use::Behaviors);
    unrolled.start();
    let mut states = Vec::new();
    for (time, cube) in way.iter().enumerate() {
        let time = time as u32;
        if time > 0 {
            unrolled.step(time - 1);
        }
        unrolled.assume_valid(time);
        let literals: Vec<SLit> = cube
            .iter()
            .map(|(latch, value)| {
                let lit = unrolled.at(time, circuit.latches[*latch as usize]);
                if *value { lit } else { !lit }
            })
            .collect();
        if unrolled.sat.solve(&literals) != Some(true) {
            return None;
        }
        let bits = unrolled.bits(time);
        for (latch, bit) in circuit.latches.iter().zip(&bits) {
            let lit = unrolled.at(time, *latch);
            unrolled.sat.add(&[if *bit { lit } else { !lit }]);
        }
        states.push(bits);
    }
    let last = way.len().checked_sub(1)? as u32;
    let leaves = unrolled.at(last, circuit.bads[bad].lit);
    (unrolled.sat.solve(&[leaves]) == Some(true)).then_some(Found { bad, states, initially: false })
}

/// Whether no state satisfies something bad, given that so many states before it do not; every state of a path that is
/// looked at differs from the others.
pub fn induction(circuit: &Circuit, bads: &[usize], most: u32, watch: &dyn Watch, means: &Means) -> Option<u32> {
    let mut unrolled = Unrolled::new(circuit, means, Use::Behaviors);
    unrolled.assume_valid(0);
    for time in 0..=most {
        if watch.stopped() {
            return None;
        }
        watch.progress("k-induction", &format!("k = {time}"));
        let lits: Vec<SLit> = bads.iter().map(|bad| unrolled.at(time, circuit.bads[*bad].lit)).collect();
        let any = unrolled.sat.fresh();
        let mut clause = vec![!any];
        clause.extend(&lits);
        unrolled.sat.add(&clause);
        match unrolled.sat.solve(&[any]) {
            Some(false) => return Some(time),
            Some(true) => {}
            None => return None,
        }
        for lit in lits {
            unrolled.sat.add(&[!lit]);
        }
        if time == most {
            return None;
        }
        unrolled.step(time);
        unrolled.assume_valid(time + 1);
        for earlier in 0..=time {
            differ(&mut unrolled, earlier, time + 1);
        }
    }
    None
}

fn differ(unrolled: &mut Unrolled<'_>, a: u32, b: u32) {
    let circuit = unrolled.circuit;
    let mut clause = Vec::with_capacity(circuit.latches.len());
    for latch in &circuit.latches {
        let (x, y) = (unrolled.at(a, *latch), unrolled.at(b, *latch));
        let differs = unrolled.sat.fresh();
        unrolled.sat.add(&[!differs, x, y]);
        unrolled.sat.add(&[!differs, !x, !y]);
        clause.push(differs);
    }
    unrolled.sat.add(&clause);
}
