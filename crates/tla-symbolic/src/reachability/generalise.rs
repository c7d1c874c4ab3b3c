//! From a cube that cannot be reached to one that is larger.
//!
//! Literals are left out one after the other as long as the rest stays unreachable (Bradley 2011). Then places may have
//! further values, and what holds of one process is tried for the others.

use super::{Cube, Reachability};

/// Most cubes that one is moved to.
const MOST_ALIKE: usize = 30;

/// How often a permutation may fail before it is given up.
const MOST_FAILURES: u32 = 12;

impl Reachability<'_> {
    /// Excludes what an excluded cube becomes when processes are exchanged, where that holds too.
    pub(super) fn exclude_alike(&mut self, cube: Cube, level: usize) -> Option<()> {
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

    /// Leaves out literals as long as what is left is not initial and unreachable from the frame before.
    pub(super) fn generalised(&mut self, mut cube: Cube, level: usize) -> Option<Cube> {
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
        // Of the first frame, the initial states, the kept steps say nothing.
        if level > 1 && self.witnesses.reach(cube, || Box::new(self.frames[level - 1..].iter().flatten())) {
            return Some(None);
        }
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
}
