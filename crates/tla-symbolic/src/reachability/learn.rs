//! An invariant from states that are reached.
//!
//! Whether a cube is reachable is looked up among the states that were met instead of being asked. A state from which a step
//! leads to what is excluded is then not reachable either, and the largest cube around it without a state that was met is
//! excluded next: there is one frame only, and the solver is asked about as often as clauses are learned. Where all reachable
//! states were met, nothing is ever taken back. Where they were not, the way back from a cube that was excluded wrongly ends
//! at a state that was met; its successors are new, and what they contradict is dropped. (Garg, Löding, Madhusudan,
//! Neider, *ICE: A Robust Framework for Learning Invariants*, CAV 2014.)

use super::{Answer, Cube, Reachability, subsumes};
use crate::engine::Watch;
use crate::known::{Growth, Known};
use crate::pairs::inductive;
use crate::preserve::Preserve;
use crate::query::{Queries, split};
use rustc_hash::FxHashSet;

/// Orders in which literals are left out.
const ATTEMPTS: usize = 8;

/// Most cubes that one is moved to.
const MOST_ALIKE: usize = 720;

/// How often something may be dropped in vain.
const MOST_PASSES: usize = 200;

/// What became of an attempt to exclude a cube.
enum Lesson {
    /// It is excluded, with others.
    Excluded,
    /// It was reached; what that contradicts was dropped.
    Dropped,
    /// The solvers know too much that was dropped.
    Stale,
    /// It is reached, or nothing can be said.
    Refused,
}

/// The work in progress.
struct Learning<'k, 'a> {
    known: &'k mut Known<'a>,
    random: u64,
    /// Cubes that no step leads to, as far as is known.
    settled: Vec<bool>,
    /// Whether a solver knows a cube that was dropped.
    stale: bool,
}

impl<'c> Reachability<'c> {
    /// Runs to the end, or until it is stopped or cannot go on.
    pub fn learn(&mut self, known: &mut Known<'_>, watch: &dyn Watch) -> Answer {
        match self.learn_all(known, watch) {
            Some(true) => Answer::Safe(self.always.clone()),
            Some(false) | None => Answer::Stopped,
        }
    }

    /// Whether an invariant was found; `None` if the solver was stopped.
    fn learn_all(&mut self, known: &mut Known<'_>, watch: &dyn Watch) -> Option<bool> {
        for wrong in [self.q.bad, self.q.broken] {
            if self.q.unrolled.sat.solve(&[self.q.init, wrong])? {
                return Some(false);
            }
        }
        let supposed = std::mem::take(&mut self.always);
        self.always = inductive(self.circuit, &self.bads, supposed, &self.means, watch)?;
        let settled = vec![true; self.always.len()];
        let mut learning = Learning { known, random: 1, settled, stale: false };
        for _ in 0..MOST_PASSES {
            let invariants = split(self.circuit, &self.bads).0;
            self.q = Queries::new(self.circuit, &self.bads, &self.means);
            self.active = vec![self.q.init];
            self.frames.truncate(1);
            self.preserve = Preserve::new(self.circuit, &invariants, &self.means);
            self.know_always();
            self.preserve.know_always(&self.always);
            self.add_frame();
            learning.stale = false;
            if !self.exclude_wrong(&mut learning, watch)? {
                return Some(false);
            }
            let mut steps = Preserve::of_all(self.circuit, &invariants, &self.means);
            steps.know_always(&self.always);
            if !self.settle(&mut learning, &mut steps, watch)? {
                return Some(false);
            }
            if !learning.stale {
                return Some(true);
            }
            learning.settled.fill(false);
        }
        Some(false)
    }

    /// Excludes what is bad, and what a step leads from to a broken invariant; `false` if that cannot be done.
    fn exclude_wrong(&mut self, learning: &mut Learning<'_, '_>, watch: &dyn Watch) -> Option<bool> {
        loop {
            if watch.stopped() {
                return None;
            }
            self.tidy();
            let Some(cube) = self.wrong_at(1)? else { return Some(true) };
            let known = self.always.len();
            // What is bad and reached is for others to find.
            if !matches!(self.learn_from(&cube, learning), Lesson::Excluded) {
                return Some(false);
            }
            for cube in &self.always[known..] {
                let clause: Vec<_> = cube.iter().map(|literal| !self.now(*literal)).collect();
                self.q.unrolled.sat.add(&clause);
            }
            self.preserve.know_always(&self.always[known..]);
        }
    }

    /// Excludes what a step leads from to an excluded cube, until there is nothing left.
    fn settle(&mut self, learning: &mut Learning<'_, '_>, steps: &mut Preserve<'c>, watch: &dyn Watch) -> Option<bool> {
        let mut at = 0;
        while at < self.always.len() {
            if watch.stopped() {
                return None;
            }
            if learning.settled[at] {
                at += 1;
                continue;
            }
            let states = learning.known.table.states();
            watch.progress(
                "reachability",
                &format!("{} clauses that {states} states satisfy, {at} of them settled", self.always.len()),
            );
            let cube = self.always[at].clone();
            let Some(before) = steps.leading(&cube)? else {
                learning.settled[at] = true;
                continue;
            };
            let known = self.always.len();
            match self.learn_from(&before, learning) {
                Lesson::Excluded => steps.know_always(&self.always[known..]),
                // Others came to their places.
                Lesson::Dropped => at = 0,
                Lesson::Stale => return Some(true),
                Lesson::Refused => return Some(false),
            }
        }
        Some(true)
    }

    /// Excludes a cube around one, and what it becomes when processes are exchanged.
    fn learn_from(&mut self, cube: &Cube, learning: &mut Learning<'_, '_>) -> Lesson {
        if learning.known.table.meets(cube) {
            return self.drop_contradicted(cube, learning);
        }
        let table = &learning.known.table;
        let general = table.generalised(self.circuit, cube, ATTEMPTS, &mut learning.random);
        let mut met: FxHashSet<Cube> = std::iter::once(general.clone()).collect();
        let mut all = vec![general];
        let mut next = 0;
        while next < all.len() && all.len() < MOST_ALIKE {
            for moved in &self.circuit.permutations {
                let mut other: Cube = all[next].iter().map(|(latch, value)| (moved[*latch as usize], *value)).collect();
                other.sort_unstable();
                if met.insert(other.clone()) && !table.meets(&other) {
                    all.push(other);
                }
            }
            next += 1;
        }
        for cube in all {
            if self.is_initial(&cube) {
                return Lesson::Refused;
            }
            if self.always.iter().any(|known| subsumes(known, &cube)) {
                continue;
            }
            self.always.push(cube);
            learning.settled.push(false);
        }
        Lesson::Excluded
    }

    /// Visits what lies behind states that were met, and drops the cubes that the new ones are in.
    fn drop_contradicted(&mut self, cube: &Cube, learning: &mut Learning<'_, '_>) -> Lesson {
        let states = learning.known.table.states();
        match learning.known.grow(cube) {
            Growth::More => {}
            // Cubes that were dropped may have had a part in it.
            Growth::Nothing if learning.stale => return Lesson::Stale,
            Growth::Nothing | Growth::Outside => return Lesson::Refused,
        }
        let table = &learning.known.table;
        let holds: Vec<bool> = self.always.iter().map(|cube| table.first_in(cube, states).is_none()).collect();
        if holds.iter().all(|holds| *holds) {
            return Lesson::Refused;
        }
        let mut kept = holds.iter();
        self.always.retain(|_| kept.next().is_some_and(|kept| *kept));
        let mut kept = holds.iter();
        learning.settled.retain(|_| kept.next().is_some_and(|kept| *kept));
        learning.stale = true;
        Lesson::Dropped
    }
}
