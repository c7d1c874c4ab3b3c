//! Property-directed reachability (Bradley, *SAT-Based Model Checking without Unrolling*, VMCAI 2011; Eén, Mishchenko,
//! Brayton, *Efficient Implementation of Property Directed Reachability*, FMCAD 2011).
//!
//! Frames are sets of clauses that hold of all states reachable in so many steps; a clause belongs to the last frame
//! that it is known for. A state that can go wrong is shown unreachable from the frame before it, generalised, and
//! excluded; where that cannot be done there is a behavior. Cubes are lifted by the core of a query with the inputs
//! fixed (Chockler, Ivrii, Matsliah, Moran, Nevo, *Incremental Formal Verification of Hardware*, FMCAD 2011) instead of by
//! ternary simulation.
//!
//! Deviation: places are one-hot. Of a place only the value that it has stands in a cube, not the values that it has not;
//! what is known of every state ([`Circuit::valid`]) fills in the rest. Where a value cannot be left out of a cube, the
//! place may still be allowed to have more values: the literal is replaced by what the place is not, literal by literal.

use crate::aig::{FALSE, Lit, TRUE};
use crate::circuit::Circuit;
use crate::engine::{BEFORE, Unrolled, Watch};
use crate::sat::SLit;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A latch with its value.
pub type Literal = (u32, bool);

/// A conjunction of literals, ascending.
pub type Cube = Vec<Literal>;

/// How it ended.
#[derive(Debug, Clone)]
pub enum Answer {
    /// None of these cubes is reachable; together with the validity of places that is inductive and excludes all that is
    /// bad.
    Safe(Vec<Cube>),
    /// Something bad is reached in so many steps, or sooner.
    Reached(u32),
    /// It was stopped.
    Stopped,
}

struct Obligation {
    cube: Cube,
    depth: u32,
}

/// How many clauses for a single query a solver may hold before it is made anew: their variables would have to be decided
/// in every model.
const MOST_TEMPORARY: u32 = 300;

/// Most cubes that one is moved to.
const MOST_ALIKE: usize = 30;

/// How often a permutation may fail before it is given up.
const MOST_FAILURES: u32 = 12;

/// A solver for queries about one step.
struct Queries<'c> {
    unrolled: Unrolled<'c>,
    bad: SLit,
    init: SLit,
    enabled: SLit,
    latches: Vec<SLit>,
    next: Vec<SLit>,
    inputs: Vec<SLit>,
    temporary: u32,
}

impl<'c> Queries<'c> {
    fn new(circuit: &'c Circuit, bads: &[usize], stop: &Arc<AtomicBool>) -> Self {
        let mut unrolled = Unrolled::new(circuit);
        unrolled.sat.decide_leaves_only();
        unrolled.sat.stop_by(stop);
        unrolled.assume_valid(0);
        let latches: Vec<SLit> = circuit.latches.iter().map(|latch| unrolled.at(0, *latch)).collect();
        let next: Vec<SLit> = circuit.next.iter().map(|next| unrolled.at(0, *next)).collect();
        let inputs: Vec<SLit> = circuit.inputs.iter().map(|input| unrolled.at(0, *input)).collect();
        let enabled = unrolled.at(0, circuit.enabled);
        let bad = unrolled.sat.fresh();
        let mut any = vec![!bad];
        for index in bads {
            let lit = unrolled.at(0, circuit.bads[*index].lit);
            any.push(lit);
            unrolled.sat.add(&[bad, !lit]);
        }
        unrolled.sat.add(&any);
        let init = unrolled.sat.fresh();
        for (latch, value) in latches.iter().zip(&circuit.initial) {
            let value = unrolled.at(BEFORE, *value);
            unrolled.sat.add(&[!init, !*latch, value]);
            unrolled.sat.add(&[!init, *latch, !value]);
        }
        let starts = unrolled.at(BEFORE, circuit.starts);
        unrolled.sat.add(&[!init, starts]);
        Self { unrolled, bad, init, enabled, latches, next, inputs, temporary: 0 }
    }

    /// A literal that makes a clause count for one query.
    fn guard(&mut self) -> SLit {
        self.temporary += 1;
        self.unrolled.sat.fresh()
    }
}

/// The engine.
pub struct Reachability<'c> {
    q: Queries<'c>,
    circuit: &'c Circuit,
    bads: Vec<usize>,
    stop: Arc<AtomicBool>,
    /// The initial state, if there is only one.
    only_start: Option<Vec<bool>>,
    /// Activates the clauses of a frame.
    active: Vec<SLit>,
    frames: Vec<Vec<Cube>>,
    /// How often a permutation led to a cube that cannot be excluded.
    failures: Vec<u32>,
}

impl<'c> Reachability<'c> {
    /// An engine for some of the bad states of a circuit together.
    pub fn new(circuit: &'c Circuit, bads: &[usize], stop: &Arc<AtomicBool>) -> Self {
        let q = Queries::new(circuit, bads, stop);
        let active = vec![q.init];
        let known: Option<Vec<bool>> = circuit.initial.iter().map(|lit| lit.known()).collect();
        let only_start = known.filter(|_| circuit.starts == TRUE);
        Self {
            q,
            circuit,
            bads: bads.to_vec(),
            stop: stop.clone(),
            active,
            frames: vec![Vec::new()],
            only_start,
            failures: vec![0; circuit.permutations.len()],
        }
    }

    /// Makes the solver anew if it holds too much that does not count any more. No model survives that.
    fn tidy(&mut self) {
        if self.q.temporary < MOST_TEMPORARY {
            return;
        }
        self.q = Queries::new(self.circuit, &self.bads, &self.stop);
        self.active = vec![self.q.init];
        for level in 1..self.frames.len() {
            let lit = self.q.unrolled.sat.fresh();
            self.active.push(lit);
            for cube in &self.frames[level] {
                let mut clause = vec![!lit];
                clause.extend(cube.iter().map(|literal| !self.now(*literal)));
                self.q.unrolled.sat.add(&clause);
            }
        }
    }

    fn frame(&self, level: usize) -> Vec<SLit> {
        if level == 0 { vec![self.q.init] } else { self.active[level..].to_vec() }
    }

    fn now(&self, (latch, value): Literal) -> SLit {
        let lit = self.q.latches[latch as usize];
        if value { lit } else { !lit }
    }

    fn then(&self, (latch, value): Literal) -> SLit {
        let lit = self.q.next[latch as usize];
        if value { lit } else { !lit }
    }

    /// Runs to the end, or until it is stopped.
    pub fn run(&mut self, watch: &dyn Watch) -> Answer {
        if self.q.unrolled.sat.solve(&[self.q.init, self.q.bad]) == Some(true) {
            return Answer::Reached(0);
        }
        self.add_frame();
        loop {
            let level = self.frames.len() - 1;
            let clauses: usize = self.frames.iter().map(Vec::len).sum();
            watch.progress("reachability", &format!("frame {level}, {clauses} clauses"));
            loop {
                if watch.stopped() {
                    return Answer::Stopped;
                }
                self.tidy();
                let mut query = self.frame(level);
                query.push(self.q.bad);
                match self.q.unrolled.sat.solve(&query) {
                    Some(true) => {}
                    Some(false) => break,
                    None => return Answer::Stopped,
                }
                let cube = self.lifted(&[], true);
                match self.block(cube, level as u32, watch) {
                    None => return Answer::Stopped,
                    Some(Some(depth)) => return Answer::Reached(depth),
                    Some(None) => {}
                }
            }
            self.add_frame();
            if let Some(level) = self.propagate(watch) {
                let cubes = self.frames[level + 1..].iter().flatten().cloned().collect();
                return Answer::Safe(cubes);
            }
            if watch.stopped() {
                return Answer::Stopped;
            }
            self.q.unrolled.sat.simplify();
        }
    }

    fn add_frame(&mut self) {
        let lit = self.q.unrolled.sat.fresh();
        self.active.push(lit);
        self.frames.push(Vec::new());
    }

    /// The state of the last model, shrunk to what makes it bad, or what leads to a cube.
    fn lifted(&mut self, target: &[Literal], bad: bool) -> Cube {
        let values: Vec<bool> = self.q.latches.iter().map(|lit| self.q.unrolled.sat.value(*lit)).collect();
        let inputs: Vec<SLit> =
            self.q.inputs.iter().map(|lit| if self.q.unrolled.sat.value(*lit) { *lit } else { !*lit }).collect();
        let state: Cube = values
            .iter()
            .enumerate()
            .filter(|(latch, value)| **value || self.circuit.group_of[*latch].is_none())
            .map(|(latch, value)| (latch as u32, *value))
            .collect();
        // Not the goal: some literal of the target is wrong, or no transition is possible.
        let off = self.q.guard();
        let mut clause = vec![!off];
        if bad {
            clause.push(!self.q.bad);
        } else {
            clause.push(!self.q.enabled);
            clause.extend(target.iter().map(|literal| !self.then(*literal)));
        }
        self.q.unrolled.sat.add(&clause);
        let mut query = vec![off];
        query.extend(inputs);
        query.extend(state.iter().map(|literal| self.now(*literal)));
        let shrunk = match self.q.unrolled.sat.solve(&query) {
            Some(false) => {
                state.iter().copied().filter(|literal| self.q.unrolled.sat.in_core(self.now(*literal))).collect()
            }
            _ => state,
        };
        self.q.unrolled.sat.add(&[!off]);
        shrunk
    }

    fn is_initial(&mut self, cube: &[Literal]) -> bool {
        if let Some(start) = &self.only_start {
            return cube.iter().all(|(latch, value)| start[*latch as usize] == *value);
        }
        let mut query = vec![self.q.init];
        query.extend(cube.iter().map(|literal| self.now(*literal)));
        self.q.unrolled.sat.solve(&query) != Some(false)
    }

    /// Whether a cube can be reached from a frame in one step from outside of itself. If not, the part of it that the
    /// proof needed.
    fn relative(&mut self, cube: &[Literal], level: usize) -> Option<Result<(), Cube>> {
        let guard = self.q.guard();
        let mut clause = vec![!guard];
        clause.extend(cube.iter().map(|literal| !self.now(*literal)));
        self.q.unrolled.sat.add(&clause);
        let mut query = self.frame(level);
        query.push(guard);
        query.push(self.q.enabled);
        query.extend(cube.iter().map(|literal| self.then(*literal)));
        let answer = match self.q.unrolled.sat.solve(&query) {
            Some(true) => Some(Ok(())),
            Some(false) => Some(Err(cube
                .iter()
                .copied()
                .filter(|literal| self.q.unrolled.sat.in_core(self.then(*literal)))
                .collect())),
            None => None,
        };
        // The model is still there: adding a unit does not touch it.
        self.q.unrolled.sat.add(&[!guard]);
        answer
    }

    /// Excludes a cube from a frame. `Some(Some(depth))` if it is reached.
    fn block(&mut self, cube: Cube, level: u32, watch: &dyn Watch) -> Option<Option<u32>> {
        let mut queue: BinaryHeap<(Reverse<u32>, Reverse<u64>)> = BinaryHeap::new();
        let mut all: Vec<Obligation> = vec![Obligation { cube, depth: 0 }];
        queue.push((Reverse(level), Reverse(0)));
        while let Some((Reverse(level), Reverse(number))) = queue.pop() {
            if watch.stopped() {
                return None;
            }
            self.tidy();
            let Obligation { cube, depth } = &all[number as usize];
            let (cube, depth) = (cube.clone(), *depth);
            if level == 0 {
                return Some(Some(depth));
            }
            if self.is_blocked(&cube, level as usize) {
                continue;
            }
            match self.relative(&cube, level as usize - 1)? {
                Ok(()) => {
                    let before = self.lifted(&cube, false);
                    if level == 1 || self.is_initial(&before) {
                        return Some(Some(depth + 1));
                    }
                    all.push(Obligation { cube: before, depth: depth + 1 });
                    queue.push((Reverse(level - 1), Reverse(all.len() as u64 - 1)));
                    queue.push((Reverse(level), Reverse(number)));
                }
                Err(core) => {
                    let start = if core.is_empty() || self.is_initial(&core) { cube.clone() } else { core };
                    let general = self.generalised(start, level as usize)?;
                    let mut at = level as usize;
                    while at + 1 < self.frames.len() {
                        match self.relative(&general, at)? {
                            Ok(()) => break,
                            Err(_) => at += 1,
                        }
                    }
                    self.exclude(general.clone(), at);
                    self.exclude_alike(general, at)?;
                    if at + 1 < self.frames.len() {
                        queue.push((Reverse(at as u32 + 1), Reverse(number)));
                    }
                }
            }
        }
        Some(None)
    }

    /// Excludes what an excluded cube becomes when processes are exchanged, where that holds too.
    fn exclude_alike(&mut self, cube: Cube, level: usize) -> Option<()> {
        let mut all = vec![cube];
        let mut next = 0;
        while next < all.len() && all.len() < MOST_ALIKE {
            let cube = all[next].clone();
            next += 1;
            for number in 0..self.circuit.permutations.len() {
                if self.failures[number] > MOST_FAILURES {
                    continue;
                }
                let moved = &self.circuit.permutations[number];
                let mut other: Cube = cube.iter().map(|(latch, value)| (moved[*latch as usize], *value)).collect();
                other.sort_unstable();
                if all.contains(&other) {
                    continue;
                }
                self.tidy();
                if self.is_blocked(&other, level) {
                    all.push(other);
                    continue;
                }
                if !self.is_initial(&other) && self.relative(&other, level - 1)?.is_err() {
                    self.exclude(other.clone(), level);
                    all.push(other);
                } else {
                    self.failures[number] += 1;
                }
            }
        }
        Some(())
    }

    fn is_blocked(&self, cube: &[Literal], level: usize) -> bool {
        self.frames[level..].iter().flatten().any(|known| subsumes(known, cube))
    }

    fn exclude(&mut self, cube: Cube, level: usize) {
        let mut clause = vec![!self.active[level]];
        clause.extend(cube.iter().map(|literal| !self.now(*literal)));
        self.q.unrolled.sat.add(&clause);
        for frame in &mut self.frames[1..=level] {
            frame.retain(|known| !subsumes(&cube, known));
        }
        self.frames[level].push(cube);
    }

    /// Leaves out literals as long as what is left is not initial and unreachable from the frame before.
    fn generalised(&mut self, mut cube: Cube, level: usize) -> Option<Cube> {
        let mut index = 0;
        while index < cube.len() && cube.len() > 1 {
            let mut fewer = cube.clone();
            fewer.remove(index);
            match self.shrinks(&fewer, level)? {
                Some(core) => {
                    // Literals before the index were tried already; those of them that are left stay in front.
                    index = cube[..index].iter().filter(|literal| core.contains(literal)).count();
                    cube = core;
                }
                None => index += 1,
            }
        }
        self.widened(cube, level)
    }

    /// What is left of a cube that is unreachable and not initial; `Some(None)` if it is not so.
    fn shrinks(&mut self, cube: &Cube, level: usize) -> Option<Option<Cube>> {
        self.tidy();
        if self.is_initial(cube) {
            return Some(None);
        }
        match self.relative(cube, level - 1)? {
            Ok(()) => Some(None),
            Err(core) if core.is_empty() || self.is_initial(&core) => Some(Some(cube.clone())),
            Err(core) => Some(Some(core)),
        }
    }

    /// Allows places to have further values.
    fn widened(&mut self, mut cube: Cube, level: usize) -> Option<Cube> {
        for literal in cube.clone() {
            let (latch, true) = literal else { continue };
            let Some(group) = self.circuit.group_of[latch as usize] else { continue };
            let members = &self.circuit.groups[group];
            if members.len() < 3 || members.len() > 40 {
                continue;
            }
            // What the place is not; that it is something follows from what is known of every state only for places that
            // are always there.
            let mut wide: Cube = cube.iter().copied().filter(|known| *known != literal).collect();
            wide.extend(
                members.iter().filter(|member| **member != latch as usize).map(|member| (*member as u32, false)),
            );
            wide.sort_unstable();
            let Some(core) = self.shrinks(&wide, level)? else { continue };
            let mut wide = core;
            for member in members {
                let negative = (*member as u32, false);
                if !wide.contains(&negative) {
                    continue;
                }
                let fewer: Cube = wide.iter().copied().filter(|known| *known != negative).collect();
                if let Some(core) = self.shrinks(&fewer, level)? {
                    wide = core;
                }
            }
            let left = wide.iter().filter(|(latch, value)| !value && members.contains(&(*latch as usize))).count();
            if left + 1 < members.len() {
                cube = wide;
            }
        }
        Some(cube)
    }

    /// Moves clauses to later frames. A frame that loses all of them is equal to the next: the end.
    fn propagate(&mut self, watch: &dyn Watch) -> Option<usize> {
        for level in 1..self.frames.len() - 1 {
            let mut cubes = std::mem::take(&mut self.frames[level]);
            cubes.sort_by_key(Vec::len);
            let mut kept = Vec::new();
            for cube in cubes {
                if watch.stopped() {
                    kept.push(cube);
                    continue;
                }
                if self.frames[level + 1..].iter().flatten().any(|known| subsumes(known, &cube)) {
                    continue;
                }
                match self.relative(&cube, level) {
                    Some(Err(core)) => {
                        let strong = if core.is_empty() || self.is_initial(&core) { cube } else { core };
                        self.exclude(strong, level + 1);
                    }
                    _ => kept.push(cube),
                }
            }
            self.frames[level].extend(kept);
            if self.frames[level].is_empty() {
                return Some(level);
            }
        }
        None
    }
}

/// Whether every literal of the first cube is in the second.
fn subsumes(first: &[Literal], second: &[Literal]) -> bool {
    first.len() <= second.len() && first.iter().all(|literal| second.contains(literal))
}

/// The cubes that a proof needs: those that exclude what is bad, those that keep steps out of these, and so on. What is
/// left is inductive as well.
pub fn needed(circuit: &Circuit, bads: &[usize], cubes: &[Cube], stop: &Arc<AtomicBool>) -> Vec<Cube> {
    let mut q = Queries::new(circuit, bads, stop);
    let mut guards = Vec::with_capacity(cubes.len());
    for cube in cubes {
        let guard = q.unrolled.sat.fresh();
        let mut clause = vec![!guard];
        clause.extend(cube.iter().map(|(latch, value)| {
            let lit = q.latches[*latch as usize];
            if *value { !lit } else { lit }
        }));
        q.unrolled.sat.add(&clause);
        guards.push(guard);
    }
    let mut chosen = vec![false; cubes.len()];
    let mut open: Vec<usize> = Vec::new();
    let take = |q: &Queries<'_>, chosen: &mut Vec<bool>, open: &mut Vec<usize>| {
        for (index, guard) in guards.iter().enumerate() {
            if !chosen[index] && q.unrolled.sat.in_core(*guard) {
                chosen[index] = true;
                open.push(index);
            }
        }
    };
    let with = |known: &[bool], extra: &[SLit]| -> Vec<SLit> {
        // Cubes that are needed anyway come first, so that cores prefer them.
        let order = (0..guards.len()).filter(|i| known[*i]).chain((0..guards.len()).filter(|i| !known[*i]));
        extra.iter().copied().chain(order.map(|index| guards[index])).collect()
    };
    if q.unrolled.sat.solve(&with(&chosen, &[q.bad])) != Some(false) {
        return cubes.to_vec();
    }
    take(&q, &mut chosen, &mut open);
    while let Some(index) = open.pop() {
        let mut extra = vec![q.enabled];
        extra.extend(cubes[index].iter().map(|(latch, value)| {
            let lit = q.next[*latch as usize];
            if *value { lit } else { !lit }
        }));
        if q.unrolled.sat.solve(&with(&chosen, &extra)) != Some(false) {
            return cubes.to_vec();
        }
        take(&q, &mut chosen, &mut open);
    }
    cubes.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(cube, _)| cube.clone()).collect()
}

/// Whether excluding these cubes is inductive and excludes all that is bad; `Some(reason)` if not.
pub fn objection(circuit: &Circuit, bads: &[usize], cubes: &[Cube]) -> Option<&'static str> {
    let mut unrolled = Unrolled::new(circuit);
    let valid = unrolled.at(0, circuit.valid);
    let latches: Vec<SLit> = circuit.latches.iter().map(|latch| unrolled.at(0, *latch)).collect();
    let signed = |lits: &[SLit], (latch, value): Literal| {
        let lit = lits[latch as usize];
        if value { lit } else { !lit }
    };
    // Initial states.
    let mut start = Unrolled::new(circuit);
    start.start();
    let mut wrong: Vec<SLit> = vec![!start.at(0, circuit.valid)];
    let initial: Vec<SLit> = circuit.latches.iter().map(|latch| start.at(0, *latch)).collect();
    for cube in cubes {
        let all = start.sat.fresh();
        cube.iter().for_each(|literal| start.sat.add(&[!all, signed(&initial, *literal)]));
        wrong.push(all);
    }
    for index in bads {
        let bad = &circuit.bads[*index];
        let when = match bad.target {
            crate::circuit::Target::Property(_) | crate::circuit::Target::PropertyUndefined(_) => 0,
            _ => BEFORE,
        };
        wrong.push(start.at(when, bad.initially));
    }
    let any = start.sat.fresh();
    wrong.push(!any);
    start.sat.add(&wrong);
    if start.sat.solve(&[any]) != Some(false) {
        return Some("an initial state is outside of the invariant");
    }
    // Steps and bad states.
    unrolled.sat.add(&[valid]);
    for cube in cubes {
        let clause: Vec<SLit> = cube.iter().map(|literal| !signed(&latches, *literal)).collect();
        unrolled.sat.add(&clause);
    }
    for index in bads {
        if circuit.bads[*index].lit == FALSE {
            continue;
        }
        let lit: Lit = circuit.bads[*index].lit;
        let lit = unrolled.at(0, lit);
        if unrolled.sat.solve(&[lit]) != Some(false) {
            return Some("the invariant does not exclude everything that is bad");
        }
    }
    unrolled.step(0);
    let after: Vec<SLit> = circuit.latches.iter().map(|latch| unrolled.at(1, *latch)).collect();
    let mut wrong: Vec<SLit> = vec![!unrolled.at(1, circuit.valid)];
    for cube in cubes {
        let all = unrolled.sat.fresh();
        cube.iter().for_each(|literal| unrolled.sat.add(&[!all, signed(&after, *literal)]));
        wrong.push(all);
    }
    let any = unrolled.sat.fresh();
    wrong.push(!any);
    unrolled.sat.add(&wrong);
    (unrolled.sat.solve(&[any]) != Some(false)).then_some("a step leaves the invariant")
}
