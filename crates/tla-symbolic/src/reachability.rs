//! Property-directed reachability (Bradley, *SAT-Based Model Checking without Unrolling*, VMCAI 2011; Eén, Mishchenko,
//! Brayton, *Efficient Implementation of Property Directed Reachability*, FMCAD 2011).
//!
//! Frames are sets of clauses that hold of all states reachable in so many steps; a clause belongs to the last frame
//! that it is known for. A state that can go wrong is shown unreachable from the frame before it, generalised, and
//! excluded; where that cannot be done there is a behavior. Cubes are lifted by the core of a query with the inputs
//! fixed (Chockler, Ivrii, Matsliah, Moran, Nevo, *Incremental Formal Verification of Hardware*, FMCAD 2011) instead of by
//! ternary simulation.
//!
//! Invariants of the specification that depend on the state alone are assumed of every state of every frame: they are
//! proved together with the cubes ([`preserve`](crate::preserve) asks whether a step breaks one). Pairs of literals that
//! exclude each other are found [before](crate::pairs), and hold in all frames.
//!
//! Deviation: places are one-hot. Of a place only the value that it has stands in a cube, not the values that it has not;
//! what is known of every state ([`Circuit::valid`]) fills in the rest. Where a value cannot be left out of a cube, the
//! place may still be allowed to have more values: the literal is replaced by what the place is not, literal by literal.

use crate::aig::TRUE;
use crate::circuit::Circuit;
use crate::engine::{Lemmas, Watch};
use crate::pairs::inductive;
use crate::preserve::Preserve;
use crate::query::{Queries, split};
use crate::solver::{Means, SLit};
use crate::witness::{State, Witnesses};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

mod generalise;
mod learn;

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
    /// Something bad is reached by a behavior through these cubes, one after the other; there may be a shorter one.
    Reached(Vec<Cube>),
    /// It was stopped.
    Stopped,
}

struct Obligation {
    cube: Cube,
    /// The obligation whose cube is one step later.
    then: Option<usize>,
}

/// How many clauses for a single query a solver may hold before it is made anew: their variables would have to be decided
/// in every model.
const MOST_TEMPORARY: u32 = 1000;

/// What a state is wanted for.
#[derive(Clone, Copy)]
enum Goal<'g> {
    /// It is bad.
    Bad,
    /// It has a successor in a cube.
    Cube(&'g [Literal]),
}

/// The engine.
pub struct Reachability<'c> {
    q: Queries<'c>,
    circuit: &'c Circuit,
    bads: Vec<usize>,
    means: Means,
    /// The initial state, if there is only one.
    only_start: Option<Vec<bool>>,
    /// Activates the clauses of a frame.
    active: Vec<SLit>,
    frames: Vec<Vec<Cube>>,
    /// How often a permutation led to a cube that cannot be excluded.
    failures: Vec<u32>,
    preserve: Preserve<'c>,
    /// Cubes that are guessed to be unreachable, then those of them that are.
    always: Vec<Cube>,
    /// Cubes that are unreachable.
    known: Vec<Cube>,
    /// Steps that the solver has shown.
    witnesses: Witnesses,
    lemmas: &'c Lemmas,
}

impl<'c> Reachability<'c> {
    /// An engine for some of the bad states of a circuit together.
    pub fn new(circuit: &'c Circuit, bads: &[usize], lemmas: &'c Lemmas, means: &Means) -> Self {
        let q = Queries::new(circuit, bads, means);
        let preserve = Preserve::new(circuit, &split(circuit, bads).0, means);
        let active = vec![q.init];
        let known: Option<Vec<bool>> = circuit.initial.iter().map(|lit| lit.known()).collect();
        let only_start = known.filter(|_| circuit.starts == TRUE);
        Self {
            q,
            circuit,
            bads: bads.to_vec(),
            means: means.clone(),
            active,
            frames: vec![Vec::new()],
            only_start,
            failures: vec![0; circuit.permutations.len()],
            preserve,
            always: Vec::new(),
            known: Vec::new(),
            witnesses: Witnesses::default(),
            lemmas,
        }
    }

    /// Lets it begin with cubes that may be unreachable.
    pub fn suppose(&mut self, cubes: Vec<Cube>) {
        self.always = cubes;
    }

    /// Tells it of cubes that are unreachable, which together with the invariants of the bad states is inductive.
    pub fn know(&mut self, cubes: Vec<Cube>) {
        self.known = cubes;
    }

    /// Takes in what holds in all frames.
    fn know_always(&mut self) {
        for cube in &self.always {
            let clause: Vec<SLit> = cube.iter().map(|literal| !self.now(*literal)).collect();
            self.q.unrolled.sat.add(&clause);
        }
    }

    /// Makes the solver anew if it holds too much that does not count any more. No model survives that.
    fn tidy(&mut self) {
        if self.q.temporary < MOST_TEMPORARY {
            return;
        }
        self.q = Queries::new(self.circuit, &self.bads, &self.means);
        self.active = vec![self.q.init];
        self.know_always();
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
        let mut frame = if level == 0 { vec![self.q.init] } else { self.active[level..].to_vec() };
        frame.push(!self.q.broken);
        frame
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
        for wrong in [self.q.bad, self.q.broken] {
            if self.q.unrolled.sat.solve(&[self.q.init, wrong]) == Some(true) {
                return Answer::Reached(Vec::new());
            }
        }
        let supposed = std::mem::take(&mut self.always);
        let Some(mut always) = inductive(self.circuit, &self.bads, supposed, &self.means, watch) else {
            return Answer::Stopped;
        };
        always.append(&mut self.known);
        self.lemmas.tell(u32::MAX, &always);
        self.always = always;
        self.know_always();
        self.preserve.know_always(&self.always);
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
                let cube = match self.wrong_at(level) {
                    Some(Some(found)) => found,
                    Some(None) => break,
                    None => return Answer::Stopped,
                };
                match self.block(cube, level as u32, watch) {
                    None => return Answer::Stopped,
                    Some(Some(way)) => return Answer::Reached(way),
                    Some(None) => {}
                }
            }
            self.add_frame();
            if let Some(level) = self.propagate(watch) {
                let later = self.frames[level + 1..].iter().flatten();
                let cubes = self.always.iter().chain(later).cloned().collect();
                return Answer::Safe(cubes);
            }
            if watch.stopped() {
                return Answer::Stopped;
            }
            self.q.unrolled.sat.simplify();
        }
    }

    /// A cube of states of the last frame that are bad, or from which a step breaks an invariant.
    #[allow(clippy::option_option)] // Not answered, or answered that there is none.
    fn wrong_at(&mut self, level: usize) -> Option<Option<Cube>> {
        let mut query = self.frame(level);
        query.push(self.q.bad);
        if self.q.unrolled.sat.solve(&query)? {
            return Some(Some(self.lifted(Goal::Bad)));
        }
        self.preserve.breaking()
    }

    fn add_frame(&mut self) {
        let lit = self.q.unrolled.sat.fresh();
        self.active.push(lit);
        self.frames.push(Vec::new());
        self.preserve.add_frame();
    }

    /// The state of the last model, shrunk to what makes it bad, or what leads to a cube.
    fn lifted(&mut self, goal: Goal<'_>) -> Cube {
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
        match goal {
            Goal::Bad => clause.push(!self.q.bad),
            Goal::Cube(target) => {
                clause.push(!self.q.enabled);
                clause.extend(target.iter().map(|literal| !self.then(*literal)));
            }
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
            Some(true) => {
                self.keep_witness();
                Some(Ok(()))
            }
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

    /// Remembers the step of the last model.
    fn keep_witness(&mut self) {
        let sat = &self.q.unrolled.sat;
        let from = State::new(self.q.latches.iter().map(|lit| sat.value(*lit)));
        let to = State::new(self.q.next.iter().map(|lit| sat.value(*lit)));
        self.witnesses.keep(from, to);
    }

    /// Excludes a cube from a frame. `Some(Some(way))` if it is reached, through these cubes.
    #[allow(clippy::option_option)] // Not answered, or answered that it is excluded.
    fn block(&mut self, cube: Cube, level: u32, watch: &dyn Watch) -> Option<Option<Vec<Cube>>> {
        let mut queue: BinaryHeap<(Reverse<u32>, Reverse<u64>)> = BinaryHeap::new();
        let mut all: Vec<Obligation> = vec![Obligation { cube, then: None }];
        queue.push((Reverse(level), Reverse(0)));
        while let Some((Reverse(level), Reverse(number))) = queue.pop() {
            if watch.stopped() {
                return None;
            }
            self.tidy();
            let number = number as usize;
            let cube = all[number].cube.clone();
            if level == 0 {
                return Some(Some(way(&all, number)));
            }
            if self.is_blocked(&cube, level as usize) {
                continue;
            }
            match self.relative(&cube, level as usize - 1)? {
                Ok(()) => {
                    let before = self.lifted(Goal::Cube(&cube));
                    let is_start = level == 1 || self.is_initial(&before);
                    all.push(Obligation { cube: before, then: Some(number) });
                    if is_start {
                        return Some(Some(way(&all, all.len() - 1)));
                    }
                    queue.push((Reverse(level - 1), Reverse(all.len() as u64 - 1)));
                    queue.push((Reverse(level), Reverse(number as u64)));
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
                        queue.push((Reverse(at as u32 + 1), Reverse(number as u64)));
                    }
                }
            }
        }
        Some(None)
    }

    fn is_blocked(&self, cube: &[Literal], level: usize) -> bool {
        self.frames[level..].iter().flatten().any(|known| subsumes(known, cube))
    }

    fn exclude(&mut self, cube: Cube, level: usize) {
        let mut clause = vec![!self.active[level]];
        clause.extend(cube.iter().map(|literal| !self.now(*literal)));
        self.q.unrolled.sat.add(&clause);
        self.preserve.exclude(&cube, level);
        self.lemmas.tell(level as u32, std::slice::from_ref(&cube));
        for frame in &mut self.frames[1..=level] {
            frame.retain(|known| !subsumes(&cube, known));
        }
        self.frames[level].push(cube);
    }

    /// Moves clauses to later frames. A frame that loses all of them is equal to the next: the end.
    fn propagate(&mut self, watch: &dyn Watch) -> Option<usize> {
        for level in 1..self.frames.len() - 1 {
            let mut cubes = std::mem::take(&mut self.frames[level]);
            cubes.sort_by_key(Vec::len);
            let mut kept = Vec::new();
            for index in 0..cubes.len() {
                let cube = cubes[index].clone();
                let there = || {
                    let later = self.frames[level + 1..].iter().flatten();
                    Box::new(later.chain(&kept).chain(&cubes[index..])) as Box<dyn Iterator<Item = &Cube>>
                };
                if watch.stopped() || self.witnesses.reach(&cube, there) {
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

/// The cubes from an obligation to the first.
fn way(all: &[Obligation], number: usize) -> Vec<Cube> {
    let next = |number: &usize| all[*number].then;
    std::iter::successors(Some(number), next).map(|number| all[number].cube.clone()).collect()
}

/// Whether every literal of the first cube is in the second.
fn subsumes(first: &[Literal], second: &[Literal]) -> bool {
    first.len() <= second.len() && first.iter().all(|literal| second.contains(literal))
}
