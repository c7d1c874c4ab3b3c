//! Choices that can be repeated and made smaller.
//!
//! A case is the list of numbers that its generator asked for. Shrinking works on that list alone: leaving out a part or
//! making a number smaller and generating again gives a simpler case, as long as the first of several alternatives is
//! always the simplest (MacIver and Donaldson, *Test-case reduction via test-case generation*, ECOOP 2020).

/// The source of a case.
#[derive(Debug, Clone)]
pub struct Choices {
    /// What was drawn so far, or what is to be drawn.
    pub drawn: Vec<u32>,
    at: usize,
    /// State of the generator; none when a list is repeated.
    random: Option<u64>,
}

impl Choices {
    /// Fresh choices of a seed.
    pub fn random(seed: u64) -> Self {
        Self {
            drawn: Vec::new(),
            at: 0,
            random: Some(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03),
        }
    }

    /// The choices of a list, then zeros.
    pub fn repeated(drawn: Vec<u32>) -> Self {
        Self { drawn, at: 0, random: None }
    }

    /// A number below `count`; 0 if there is none.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        if let Some(state) = &mut self.random {
            // SplitMix64.
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            self.drawn.push(((mixed ^ (mixed >> 31)) >> 32) as u32 % count);
        }
        let number = self.drawn.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        (number % count) as usize
    }

    /// True once in so many times.
    pub fn rarely(&mut self, times: usize) -> bool {
        // The simplest is that it does not happen.
        self.below(times) + 1 == times
    }

    /// One of several.
    pub fn one<T: Clone>(&mut self, items: &[T]) -> Option<T> {
        let index = self.below(items.len());
        items.get(index).cloned()
    }
}

/// The smallest list that is still a failure, as far as it is found with so many tries.
pub fn shrink(mut list: Vec<u32>, mut tries: usize, fails: impl Fn(&[u32]) -> bool) -> Vec<u32> {
    let mut attempt = |candidate: Vec<u32>, list: &mut Vec<u32>| {
        if tries == 0 || candidate == *list {
            return false;
        }
        tries -= 1;
        let better = fails(&candidate);
        if better {
            *list = candidate;
        }
        better
    };
    loop {
        let mut progress = false;
        let mut size = list.len().next_power_of_two();
        while size > 0 {
            let mut start = 0;
            while start < list.len() {
                let end = (start + size).min(list.len());
                let without = [&list[..start], &list[end..]].concat();
                let mut zeros = list.clone();
                zeros[start..end].fill(0);
                if attempt(without, &mut list) || attempt(zeros, &mut list) {
                    progress = true;
                } else {
                    start += size;
                }
            }
            size /= 2;
        }
        for index in 0..list.len() {
            for smaller in [list[index] / 2, list[index].saturating_sub(1)] {
                let mut candidate = list.clone();
                candidate[index] = smaller;
                progress |= attempt(candidate, &mut list);
            }
        }
        if !progress {
            return list;
        }
    }
}

#[test]
fn a_failure_shrinks_to_what_matters() {
    let fails = |list: &[u32]| list.iter().any(|number| *number >= 7);
    assert_eq!(shrink(vec![1, 2, 90, 3, 8, 0, 0], 1000, fails), [7]);
}
