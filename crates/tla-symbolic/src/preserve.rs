//! Whether a step from a frame breaks an invariant, transition by transition.
//!
//! Invariants that count are hard for a solver if all transitions are possible at once. Of one transition only those
//! invariants are asked that speak of what it changes, and what it does not change stands in them as it is, so that most
//! of a count cancels. Each transition has a solver of its own: what one of them teaches about gates is of no use to the
//! others, and a short question is answered sooner where fewer variables wait to be guessed.

use crate::circuit::Circuit;
use crate::engine::Unrolled;
use crate::reachability::{Cube, Literal};
use crate::solver::{Means, SLit, Use};

/// One transition, with the invariants that it may break.
struct Part<'c> {
    unrolled: Unrolled<'c>,
    latches: Vec<SLit>,
    inputs: Vec<SLit>,
    /// The latches after the step.
    next: Vec<SLit>,
    /// The latches that the step may change.
    changes: Vec<u32>,
    guard: SLit,
    /// That one of the invariants is broken after the step.
    broken: Vec<SLit>,
    /// Activates the clauses of the last frame, once there is one.
    active: Option<SLit>,
    /// The frame that this is, and how many of its cubes are known.
    frame: usize,
    known: usize,
    /// How many invariants are settled for that frame.
    settled: usize,
}

/// Questions about steps that break invariants.
pub struct Preserve<'c> {
    parts: Vec<Part<'c>>,
    /// Number of the last frame, and the cubes that it excludes.
    frame: usize,
    cubes: Vec<Cube>,
    /// The part that is asked next.
    at: usize,
}

impl<'c> Preserve<'c> {
    /// For some of the bad states of a circuit, all of them broken invariants.
    pub fn new(circuit: &'c Circuit, invariants: &[usize], means: &Means) -> Self {
        let cones: Vec<Vec<u32>> =
            invariants.iter().map(|index| circuit.aig.cone(&[circuit.bads[*index].lit])).collect();
        let mut parts = Vec::new();
        for number in 0..circuit.steps.len() {
            let concerned = |cone: &Vec<u32>| {
                let changes = &circuit.steps[number].changes;
                changes.iter().any(|(latch, _)| cone.binary_search(&circuit.latches[*latch as usize].node()).is_ok())
            };
            let own = invariants.iter().zip(&cones).filter(|(_, cone)| concerned(cone));
            let own: Vec<usize> = own.map(|(index, _)| *index).collect();
            if !own.is_empty() {
                parts.push(Part::new(circuit, number, &own, invariants, means));
            }
        }
        Self { parts, frame: 0, cubes: Vec::new(), at: 0 }
    }

    /// For all transitions, whether or not they concern an invariant; none of them is ever done with.
    pub fn of_all(circuit: &'c Circuit, invariants: &[usize], means: &Means) -> Self {
        let part = |number| Part::new(circuit, number, invariants, invariants, means);
        Self { parts: (0..circuit.steps.len()).map(part).collect(), frame: 0, cubes: Vec::new(), at: 0 }
    }

    /// A cube of states from which a step leads to an excluded cube; `None` if the solver was stopped.
    #[allow(clippy::option_option)] // Not answered, or answered that there is none.
    pub fn leading(&mut self, cube: &[Literal]) -> Option<Option<Cube>> {
        for part in &mut self.parts {
            if part.changes.iter().any(|changed| cube.iter().any(|(latch, _)| latch == changed))
                && let Some(found) = part.leading(cube)?
            {
                return Some(Some(found));
            }
        }
        Some(None)
    }

    /// Takes in what holds in all frames.
    pub fn know_always(&mut self, cubes: &[Cube]) {
        for part in &mut self.parts {
            cubes.iter().for_each(|cube| part.exclude(cube, None));
        }
    }

    /// A new frame, the last; the first has number 1.
    pub fn add_frame(&mut self) {
        self.frame += 1;
        self.cubes.clear();
        self.at = 0;
    }

    /// Excludes a cube from a frame and those before it. Only the last frame is ever asked about.
    pub fn exclude(&mut self, cube: &[Literal], level: usize) {
        if level == self.frame {
            self.cubes.push(cube.to_vec());
        }
    }

    /// A cube of states of the last frame from which a step breaks an invariant; `None` if the solver was stopped.
    #[allow(clippy::option_option)] // Not answered, or answered that there is none.
    pub fn breaking(&mut self) -> Option<Option<Cube>> {
        while let Some(part) = self.parts.get_mut(self.at) {
            part.catch_up(self.frame, &self.cubes);
            if let Some(cube) = part.breaking()? {
                return Some(Some(cube));
            }
            if part.broken.is_empty() {
                self.parts.swap_remove(self.at);
            } else {
                self.at += 1;
            }
        }
        Some(None)
    }

    /// Cubes that are needed to show that no step breaks an invariant are marked as chosen; `None` if they do not suffice.
    pub fn choose(&mut self, cubes: &[Cube], chosen: &mut [bool]) -> Option<()> {
        self.parts.iter_mut().try_for_each(|part| part.choose(cubes, chosen))
    }
}

impl<'c> Part<'c> {
    /// A transition and the invariants that it concerns; all of them hold before the step.
    fn new(circuit: &'c Circuit, number: usize, own: &[usize], invariants: &[usize], means: &Means) -> Self {
        let mut unrolled = Unrolled::new(circuit, means, Use::Steps);
        unrolled.assume_valid(0);
        let latches: Vec<SLit> = circuit.latches.iter().map(|latch| unrolled.at(0, *latch)).collect();
        let step = &circuit.steps[number];
        for index in invariants {
            let broken = unrolled.at(0, circuit.bads[*index].lit);
            unrolled.sat.add(&[!broken]);
        }
        for (latch, lit) in circuit.latches.iter().zip(&latches) {
            unrolled.sat.define(1, latch.node(), *lit);
        }
        for (latch, value) in &step.changes {
            let value = unrolled.at(0, *value);
            unrolled.sat.define(1, circuit.latches[*latch as usize].node(), value);
        }
        let mut next = latches.clone();
        for (latch, value) in &step.changes {
            next[*latch as usize] = unrolled.at(0, *value);
        }
        let changes = step.changes.iter().map(|(latch, _)| *latch).collect();
        let guard = unrolled.at(0, step.guard);
        let broken = own.iter().map(|index| unrolled.at(1, circuit.bads[*index].lit)).collect();
        let inputs: Vec<SLit> = circuit.inputs.iter().map(|input| unrolled.at(0, *input)).collect();
        Self { unrolled, latches, inputs, next, changes, guard, broken, active: None, frame: 0, known: 0, settled: 0 }
    }

    fn now(&self, (latch, value): Literal) -> SLit {
        let lit = self.latches[latch as usize];
        if value { lit } else { !lit }
    }

    fn exclude(&mut self, cube: &[Literal], active: Option<SLit>) {
        let clause = active.map(|active| !active).into_iter().chain(cube.iter().map(|literal| !self.now(*literal)));
        let clause: Vec<SLit> = clause.collect();
        self.unrolled.sat.add(&clause);
    }

    fn catch_up(&mut self, frame: usize, cubes: &[Cube]) {
        if frame != self.frame {
            if let Some(active) = self.active {
                self.unrolled.sat.add(&[!active]);
                self.unrolled.sat.simplify();
            }
            self.active = Some(self.unrolled.sat.fresh());
            (self.frame, self.known, self.settled) = (frame, 0, 0);
        }
        cubes[self.known..].iter().for_each(|cube| self.exclude(cube, self.active));
        self.known = cubes.len();
    }

    #[allow(clippy::option_option)] // Not answered, or answered that there is none.
    fn breaking(&mut self) -> Option<Option<Cube>> {
        while let Some(broken) = self.broken.get(self.settled).copied() {
            let mut query = vec![self.guard, broken];
            query.extend(self.active);
            if self.unrolled.sat.solve(&query)? {
                return Some(Some(self.lifted(&[broken])));
            }
            if self.active.is_some_and(|active| self.unrolled.sat.in_core(active)) {
                self.settled += 1;
            } else {
                // Whatever the frame.
                self.broken.swap_remove(self.settled);
            }
        }
        Some(None)
    }

    fn choose(&mut self, cubes: &[Cube], chosen: &mut [bool]) -> Option<()> {
        let mut guards = Vec::with_capacity(cubes.len());
        for cube in cubes {
            let guard = self.unrolled.sat.fresh();
            self.exclude(cube, Some(guard));
            guards.push(guard);
        }
        for broken in &self.broken {
            let mut query = vec![self.guard, *broken];
            query.extend(in_order(&guards, chosen));
            if self.unrolled.sat.solve(&query) != Some(false) {
                return None;
            }
            for (guard, chosen) in guards.iter().zip(chosen.iter_mut()) {
                *chosen |= self.unrolled.sat.in_core(*guard);
            }
        }
        Some(())
    }

    #[allow(clippy::option_option)] // Not answered, or answered that there is none.
    fn leading(&mut self, cube: &[Literal]) -> Option<Option<Cube>> {
        let then = |(latch, value): &Literal| {
            let lit = self.next[*latch as usize];
            if *value { lit } else { !lit }
        };
        let wanted: Vec<SLit> = cube.iter().map(then).collect();
        let query: Vec<SLit> = std::iter::once(self.guard).chain(wanted.iter().copied()).collect();
        let found = self.unrolled.sat.solve(&query)?;
        Some(found.then(|| self.lifted(&wanted)))
    }

    /// The state of the last model, shrunk to what makes the step possible and what is wanted true after it.
    fn lifted(&mut self, wanted: &[SLit]) -> Cube {
        let circuit = self.unrolled.circuit;
        let sat = &mut self.unrolled.sat;
        let inputs: Vec<SLit> = self.inputs.iter().map(|lit| if sat.value(*lit) { *lit } else { !*lit }).collect();
        let state: Cube = (0..self.latches.len())
            .map(|latch| (latch as u32, sat.value(self.latches[latch])))
            .filter(|(latch, value)| *value || circuit.group_of[*latch as usize].is_none())
            .collect();
        let off = sat.fresh();
        let mut clause = vec![!off, !self.guard];
        clause.extend(wanted.iter().map(|lit| !*lit));
        sat.add(&clause);
        let mut query = vec![off];
        query.extend(inputs);
        query.extend(state.iter().map(|literal| self.now(*literal)));
        let shrunk = match self.unrolled.sat.solve(&query) {
            Some(false) => {
                state.iter().copied().filter(|literal| self.unrolled.sat.in_core(self.now(*literal))).collect()
            }
            _ => state,
        };
        self.unrolled.sat.add(&[!off]);
        shrunk
    }
}

/// Those that are chosen anyway come first, so that cores prefer them.
pub fn in_order(guards: &[SLit], chosen: &[bool]) -> Vec<SLit> {
    let of =
        |wanted: bool| guards.iter().zip(chosen).filter(move |(_, chosen)| **chosen == wanted).map(|(lit, _)| *lit);
    of(true).chain(of(false)).collect()
}
