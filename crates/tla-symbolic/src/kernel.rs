//! The part of an invariant that a proof needs.
//!
//! Reachability ends with many cubes, most of them learned on the way. Needed are those that exclude what is bad, those that
//! keep steps out of these, and so on; what is left is inductive as well. Invariants of the specification belong to the
//! proof only where the cubes do not imply them.

use crate::circuit::{Circuit, Target};
use crate::preserve::{Preserve, in_order};
use crate::query::{Queries, split};
use crate::reachability::{Cube, Literal};
use crate::solver::{Means, SLit};
use tla_explore::Broken;

/// An inductive invariant: none of the cubes is reachable, and none of these invariants is ever broken.
#[derive(Debug, Clone)]
pub struct Kernel {
    /// Cubes.
    pub cubes: Vec<Cube>,
    /// Numbers of invariants of the configuration.
    pub invariants: Vec<u32>,
}

/// What is needed of cubes that exclude all that is bad; all of it where that cannot be told.
pub fn needed(circuit: &Circuit, bads: &[usize], cubes: &[Cube], means: &Means) -> Kernel {
    let numbers = |indices: &[usize]| {
        let number = |index: &usize| match circuit.bads[*index].target {
            Target::Property(Broken::Invariant(number)) => Some(number),
            _ => None,
        };
        indices.iter().filter_map(number).collect()
    };
    let (invariants, _) = split(circuit, bads);
    let mut search = Search::new(circuit, bads, cubes, means);
    match search.run(&invariants, means) {
        Some(assumed) => {
            let chosen = cubes.iter().zip(&search.chosen).filter(|(_, chosen)| **chosen);
            Kernel { cubes: chosen.map(|(cube, _)| cube.clone()).collect(), invariants: numbers(&assumed) }
        }
        None => Kernel { cubes: cubes.to_vec(), invariants: numbers(&invariants) },
    }
}

struct Search<'c, 'k> {
    circuit: &'c Circuit,
    q: Queries<'c>,
    cubes: &'k [Cube],
    guards: Vec<SLit>,
    chosen: Vec<bool>,
}

impl<'c, 'k> Search<'c, 'k> {
    fn new(circuit: &'c Circuit, bads: &[usize], cubes: &'k [Cube], means: &Means) -> Self {
        let mut q = Queries::new(circuit, bads, means);
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
        Self { circuit, q, cubes, guards, chosen: vec![false; cubes.len()] }
    }

    /// Whether something is impossible; the cubes that exclude it are chosen.
    fn excludes(&mut self, wrong: &[SLit]) -> Option<bool> {
        let query: Vec<SLit> = wrong.iter().copied().chain(in_order(&self.guards, &self.chosen)).collect();
        if self.q.unrolled.sat.solve(&query)? {
            return Some(false);
        }
        for (guard, chosen) in self.guards.iter().zip(&mut self.chosen) {
            *chosen |= self.q.unrolled.sat.in_core(*guard);
        }
        Some(true)
    }

    /// Chooses cubes; the invariants that have to be assumed.
    fn run(&mut self, invariants: &[usize], means: &Means) -> Option<Vec<usize>> {
        let mut assumed = Vec::new();
        let mut holds = Vec::new();
        for index in invariants {
            let broken = self.q.unrolled.at(0, self.circuit.bads[*index].lit);
            if !self.excludes(&[broken])? {
                assumed.push(*index);
                holds.push(!broken);
            }
        }
        let mut wrong = holds.clone();
        wrong.push(self.q.bad);
        if !self.excludes(&wrong)? {
            return None;
        }
        Preserve::new(self.circuit, &assumed, means).choose(self.cubes, &mut self.chosen)?;
        let mut done = vec![false; self.cubes.len()];
        while let Some(index) = (0..self.cubes.len()).find(|index| self.chosen[*index] && !done[*index]) {
            let alike = self.alike(index, &done);
            alike.iter().for_each(|index| done[*index] = true);
            let wrong = self.reaches(&alike, &holds);
            if !self.excludes(&wrong)? {
                return None;
            }
        }
        Some(assumed)
    }

    /// A cube that is chosen, and if it is a pair all chosen pairs with the same first literal.
    fn alike(&self, index: usize, done: &[bool]) -> Vec<usize> {
        let first = &self.cubes[index];
        if first.len() != 2 {
            return vec![index];
        }
        let same = |other: &usize| {
            let cube = &self.cubes[*other];
            self.chosen[*other] && !done[*other] && cube.len() == 2 && cube[0] == first[0]
        };
        (index..self.cubes.len()).filter(same).collect()
    }

    /// That a step leads to one of some cubes: a single one, or pairs with the same first literal.
    fn reaches(&mut self, cubes: &[usize], holds: &[SLit]) -> Vec<SLit> {
        let next = |(latch, value): &Literal| {
            let lit = self.q.next[*latch as usize];
            if *value { lit } else { !lit }
        };
        let mut wrong = holds.to_vec();
        wrong.push(self.q.enabled);
        if let [only] = cubes {
            wrong.extend(self.cubes[*only].iter().map(next));
            return wrong;
        }
        let mut clause: Vec<SLit> = cubes.iter().map(|index| next(&self.cubes[*index][1])).collect();
        wrong.extend(cubes.first().map(|index| next(&self.cubes[*index][0])));
        let some = self.q.unrolled.sat.fresh();
        clause.push(!some);
        self.q.unrolled.sat.add(&clause);
        wrong.push(some);
        wrong
    }
}
