//! States as columns of bits, one for each latch: whether some state is in a cube is a conjunction of columns.

use crate::circuit::Circuit;
use crate::reachability::{Cube, Literal};

/// The states.
#[derive(Debug, Default)]
pub struct Table {
    /// For each latch, in which states it is set.
    columns: Vec<Vec<u64>>,
    /// Words of a column.
    words: usize,
    states: usize,
    /// The bits of the last word that stand for states.
    last: u64,
}

impl Table {
    /// A table of states with so many latches, none yet.
    pub fn new(latches: usize) -> Self {
        Self { columns: vec![Vec::new(); latches], words: 0, states: 0, last: 0 }
    }

    /// Adds a state.
    pub fn push(&mut self, bits: &[bool]) {
        let at = self.states % 64;
        if at == 0 {
            self.columns.iter_mut().for_each(|column| column.push(0));
            self.words += 1;
            self.last = 0;
        }
        for (column, bit) in self.columns.iter_mut().zip(bits) {
            if let Some(word) = column.last_mut() {
                *word |= u64::from(*bit) << at;
            }
        }
        self.last |= 1 << at;
        self.states += 1;
    }

    /// How many states there are.
    pub fn states(&self) -> usize {
        self.states
    }

    /// The states in which a literal is true.
    pub fn column(&self, literal: Literal) -> Vec<u64> {
        let mut rows = self.all();
        self.narrow(&mut rows, literal);
        rows
    }

    /// All states, as a column.
    fn all(&self) -> Vec<u64> {
        let mut all = vec![u64::MAX; self.words];
        if let Some(word) = all.last_mut() {
            *word = self.last;
        }
        all
    }

    fn word(&self, (latch, value): Literal, index: usize) -> u64 {
        let word = self.columns[latch as usize][index];
        if value { word } else { !word }
    }

    fn narrow(&self, rows: &mut [u64], literal: Literal) {
        for (index, word) in rows.iter_mut().enumerate() {
            *word &= self.word(literal, index);
        }
    }

    /// Whether some state is in a cube.
    pub fn meets(&self, cube: &[Literal]) -> bool {
        self.first_in(cube, 0).is_some()
    }

    /// The first state in a cube, from a state on.
    pub fn first_in(&self, cube: &[Literal], from: usize) -> Option<usize> {
        (from / 64..self.words).find_map(|index| {
            let mut rows = if index + 1 == self.words { self.last } else { u64::MAX };
            if index == from / 64 {
                rows &= u64::MAX << (from % 64);
            }
            rows = cube.iter().fold(rows, |rows, literal| rows & self.word(*literal, index));
            (rows != 0).then(|| index * 64 + rows.trailing_zeros() as usize)
        })
    }

    /// Leaves out literals of a cube without states, in this order, as long as it stays without states.
    fn fewer(&self, cube: &[Literal]) -> Cube {
        // What the literals from each place on allow.
        let mut behind = vec![self.all()];
        for literal in cube.iter().skip(1).rev() {
            let mut rows = behind.last().cloned().unwrap_or_default();
            self.narrow(&mut rows, *literal);
            behind.push(rows);
        }
        let mut kept = Cube::new();
        let mut before = self.all();
        for literal in cube {
            let Some(after) = behind.pop() else { break };
            if before.iter().zip(&after).any(|(a, b)| a & b != 0) {
                self.narrow(&mut before, *literal);
                kept.push(*literal);
            }
        }
        kept
    }

    /// A larger cube without states: some literals are left out, and places may have all values that no state has there.
    /// Of some attempts the one that says the most.
    pub fn generalised(&self, circuit: &Circuit, cube: &[Literal], attempts: usize, random: &mut u64) -> Cube {
        let mut best: Option<(u32, Cube)> = None;
        let mut order = cube.to_vec();
        for _ in 0..attempts {
            shuffle(&mut order, random);
            let found = self.widened(circuit, self.fewer(&order));
            let price = found.iter().map(|literal| price(circuit, *literal)).sum();
            if best.as_ref().is_none_or(|(least, _)| price < *least) {
                best = Some((price, found));
            }
        }
        let mut cube = best.map_or_else(|| cube.to_vec(), |(_, cube)| cube);
        cube.sort_unstable();
        cube
    }

    /// Instead of the one value of a place all those that no state has there.
    fn widened(&self, circuit: &Circuit, mut cube: Cube) -> Cube {
        for literal in cube.clone() {
            let (latch, true) = literal else { continue };
            let Some(group) = circuit.group_of[latch as usize] else { continue };
            let members = &circuit.groups[group];
            let mut rows = self.all();
            cube.iter().filter(|known| **known != literal).for_each(|known| self.narrow(&mut rows, *known));
            let mut absent = rows.clone();
            let mut taken = Cube::new();
            for member in members {
                let mut has = false;
                for (index, word) in rows.iter().enumerate() {
                    let set = self.columns[*member][index];
                    has |= word & set != 0;
                    absent[index] &= !set;
                }
                if has {
                    taken.push((*member as u32, false));
                }
            }
            let is_always_there = absent.iter().all(|word| *word == 0);
            if is_always_there && taken.len() + 1 < members.len() {
                cube.retain(|known| *known != literal);
                cube.extend(taken);
            }
        }
        cube
    }
}

/// How little a literal leaves: the fewer states it allows, the dearer.
fn price(circuit: &Circuit, (latch, value): Literal) -> u32 {
    let members = circuit.group_of[latch as usize].map_or(2, |group| circuit.groups[group].len().max(2)) as f64;
    let part = if value { 1.0 / members } else { (members - 1.0) / members };
    // Hundredths of a bit.
    (-part.log2() * 100.0) as u32 + 10
}

/// The next number of Steele, Lea, Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014.
pub fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Fisher and Yates.
fn shuffle(cube: &mut Cube, random: &mut u64) {
    for index in (1..cube.len()).rev() {
        cube.swap(index, (splitmix(random) % (index as u64 + 1)) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of random states with so many latches, and the states.
    fn random_table(latches: usize, states: usize) -> (Table, Vec<Vec<bool>>) {
        let mut random = 5u64;
        let mut table = Table::new(latches);
        let mut rows = Vec::new();
        for _ in 0..states {
            let row: Vec<bool> = (0..latches)
                .map(|_| {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    random >> 62 == 0
                })
                .collect();
            table.push(&row);
            rows.push(row);
        }
        (table, rows)
    }

    #[test]
    fn the_first_state_of_a_cube_is_that_of_a_list() {
        let (table, rows) = random_table(9, 150);
        assert_eq!(table.states(), 150);
        for pattern in 0..729_u32 {
            let digits = (0..6).map(|place| (place, pattern / 3_u32.pow(place) % 3));
            let cube: Cube = digits.filter(|(_, digit)| *digit < 2).map(|(latch, digit)| (latch, digit == 1)).collect();
            for from in [0, 1, 63, 64, 65, 127, 128, 149, 150] {
                let is_in = |row: &Vec<bool>| cube.iter().all(|(latch, value)| row[*latch as usize] == *value);
                let expected = rows.iter().enumerate().skip(from).find(|(_, row)| is_in(row)).map(|(index, _)| index);
                assert_eq!(table.first_in(&cube, from), expected, "{cube:?} from {from}");
            }
        }
        assert!(!Table::new(3).meets(&[]), "a table without states");
    }

    #[test]
    fn what_is_left_of_a_cube_has_no_state_and_no_literal_too_many() {
        let (table, _) = random_table(12, 150);
        let mut found = 0;
        for pattern in 0..4096_u32 {
            let cube: Cube = (0..12).map(|latch| (latch, pattern >> latch & 1 == 1)).collect();
            if table.meets(&cube) {
                continue;
            }
            found += 1;
            let fewer = table.fewer(&cube);
            assert!(!table.meets(&fewer) && fewer.iter().all(|literal| cube.contains(literal)));
            for index in 0..fewer.len() {
                let mut still = fewer.clone();
                still.remove(index);
                assert!(table.meets(&still), "{fewer:?} without its literal {index}");
            }
        }
        assert!(found > 1000);
    }
}
