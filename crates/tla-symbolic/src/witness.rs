//! Steps that were seen, and what they refute.
//!
//! Whoever leaves a literal out of a cube, or moves a clause to the next frame, asks the solver whether a step leads into the
//! cube from outside; where it does, the model is such a step. The same step refutes many later attempts. Some hundred of
//! the last ones are kept, and looked at before the solver is asked: a step counts if its first state is in the frame and not
//! in the cube, and its second one is in the cube. (Hassan, Bradley, Somenzi, *Better Generalization in IC3*, FMCAD 2013,
//! calls the first state a counterexample to generalisation, or to propagation.)

use crate::reachability::{Cube, Literal};
use std::collections::VecDeque;

/// Most steps that are kept.
const MOST: usize = 400;

/// A state, a bit for each latch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State(Vec<u64>);

impl State {
    /// The state in which latches have these values.
    pub fn new(values: impl Iterator<Item = bool>) -> Self {
        let mut words = Vec::new();
        for (index, value) in values.enumerate() {
            if index % 64 == 0 {
                words.push(0);
            }
            words[index / 64] |= u64::from(value) << (index % 64);
        }
        Self(words)
    }

    /// Whether it is in a cube.
    pub fn is_in(&self, cube: &[Literal]) -> bool {
        cube.iter().all(|(latch, value)| (self.0[*latch as usize / 64] >> (latch % 64) & 1 == 1) == *value)
    }
}

/// The last steps.
#[derive(Debug, Default)]
pub struct Witnesses {
    steps: VecDeque<(State, State)>,
}

impl Witnesses {
    /// Keeps a step.
    pub fn keep(&mut self, from: State, to: State) {
        if self.steps.len() >= MOST {
            self.steps.pop_front();
        }
        self.steps.push_back((from, to));
    }

    /// Whether a step leads into a cube from a state outside of it that none of these cubes excludes.
    pub fn reach<'f>(
        &self,
        cube: &[Literal],
        mut excluded: impl FnMut() -> Box<dyn Iterator<Item = &'f Cube> + 'f>,
    ) -> bool {
        self.steps
            .iter()
            .rev()
            .any(|(from, to)| to.is_in(cube) && !from.is_in(cube) && !excluded().any(|other| from.is_in(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_counts_if_it_comes_from_the_frame_and_from_outside_of_the_cube() {
        let state = |bits: &[u8]| State::new(bits.iter().map(|bit| *bit == 1));
        let mut witnesses = Witnesses::default();
        witnesses.keep(state(&[0, 0, 1]), state(&[1, 0, 1]));
        let frame: Vec<Cube> = vec![vec![(1, true)]];
        let none: Vec<Cube> = Vec::new();
        let blocking: Vec<Cube> = vec![vec![(0, false), (2, true)]];
        assert!(witnesses.reach(&[(0, true)], || Box::new(frame.iter())));
        assert!(!witnesses.reach(&[(0, true)], || Box::new(blocking.iter())), "its first state is excluded");
        assert!(!witnesses.reach(&[(2, true)], || Box::new(none.iter())), "it begins in the cube");
        assert!(!witnesses.reach(&[(0, true), (1, true)], || Box::new(none.iter())), "it does not reach the cube");
    }

    #[test]
    fn only_the_last_steps_are_kept() {
        let state = |value: usize| State::new((0..70).map(move |bit| bit < 10 && value >> bit & 1 == 1));
        let mut witnesses = Witnesses::default();
        (0..=MOST).for_each(|index| witnesses.keep(state(0), state(index)));
        let cube = |value: usize| -> Cube { (0..10).map(|bit| (bit, value >> bit & 1 == 1)).collect() };
        let none: Vec<Cube> = Vec::new();
        assert!(witnesses.reach(&cube(MOST), || Box::new(none.iter())));
        assert!(witnesses.reach(&cube(1), || Box::new(none.iter())));
        (0..2).for_each(|_| witnesses.keep(state(0), state(0)));
        assert!(!witnesses.reach(&cube(1), || Box::new(none.iter())));
    }
}
