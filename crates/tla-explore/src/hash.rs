//! Fingerprints of states.
//!
//! The *fingerprint* spreads states over shards and tables in either store. In the fingerprint store it stands for the
//! state, so there its collisions are missed states and its bound goes into the verdict. It is the multilinear hash of
//! Carter and Wegman ("Universal classes of hash functions", 1979) over the largest prime below 2^128: with independent
//! uniform keys, two different states of equal length collide with probability exactly 1/p, whatever the model. The sums
//! of products need no reduction until the end, because a 64-bit half of a key times a 32-bit word leaves 32 bits of
//! room. Keys are derived from a seed; a second run with another seed is an independent experiment.
//!
//! A linear hash maps regular states to regular numbers, and linear probing suffers from them. So two rounds of a Feistel
//! network follow. They are a permutation of the 128-bit numbers and change no collision.

use crate::random::Random;
use verdict::CollisionBound;

/// 2^128 - 159, a prime.
const PRIME: u128 = u128::MAX - 158;
/// 2^128 is congruent to this modulo the prime.
const WRAP: u128 = 159;

const START: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP: u64 = 0xd6e8_feb8_6659_fd93;
const FINISH: u64 = 0xa076_1d64_78bd_642f;

/// Number of words of a fingerprint.
pub(crate) const FINGERPRINT_WORDS: usize = 4;

#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    (product as u64) ^ ((product >> 64) as u64)
}

/// A fingerprint: four words.
pub(crate) type Fingerprint = [u32; FINGERPRINT_WORDS];

/// Computes fingerprints of identities of one length.
#[derive(Debug)]
pub(crate) struct Fingerprinter {
    /// For each word the two halves of its key, low first.
    keys: Box<[(u64, u64)]>,
}

impl Fingerprinter {
    /// A fingerprinter for identities of `words` words.
    pub(crate) fn new(words: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let keys = (0..words).map(|_| uniform_key(&mut random)).collect();
        Self { keys }
    }

    /// The fingerprint of an identity.
    #[inline]
    pub(crate) fn fingerprint(&self, identity: &[u32]) -> Fingerprint {
        spread(self.residue(identity))
    }

    /// The multilinear hash itself.
    #[inline]
    fn residue(&self, identity: &[u32]) -> u128 {
        let (mut low_sum, mut high_sum) = (0_u128, 0_u128);
        for (word, (low, high)) in identity.iter().zip(&self.keys) {
            // Each product is below 2^96, so 2^31 words fit; no state is that long.
            low_sum = low_sum.wrapping_add(u128::from(*low) * u128::from(*word));
            high_sum = high_sum.wrapping_add(u128::from(*high) * u128::from(*word));
        }
        reduce(low_sum, high_sum)
    }
}

/// A key uniform below the prime.
fn uniform_key(random: &mut Random) -> (u64, u64) {
    loop {
        let (low, high) = (random.next(), random.next());
        if (u128::from(high) << 64 | u128::from(low)) < PRIME {
            return (low, high);
        }
    }
}

/// `low + high * 2^64` modulo the prime.
#[inline]
fn reduce(low: u128, high: u128) -> u128 {
    let upper = high.wrapping_add(low >> 64);
    let rest = (upper << 64) | (low & u128::from(u64::MAX));
    // `upper >> 64` counts multiples of 2^128; it is below 2^64, so the product fits.
    let (sum, carried) = rest.overflowing_add((upper >> 64) * WRAP);
    // After a carry the sum is small, so this addition cannot carry again.
    let sum = if carried { sum.wrapping_add(WRAP) } else { sum };
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// Two rounds of a Feistel network.
#[inline]
fn spread(value: u128) -> Fingerprint {
    let (mut low, mut high) = (value as u64, (value >> 64) as u64);
    high ^= fold(low ^ START, STEP);
    low ^= fold(high ^ FINISH, START);
    [low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32]
}

/// Upper bound on the probability that among so many states two share a fingerprint: the number of pairs over 2^128,
/// rounded up to n^2 / 2^129.
pub(crate) fn collision_bound(distinct: u64) -> CollisionBound {
    let states = distinct as f64;
    CollisionBound((states * states * 2_f64.powi(-129)).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Multiplication modulo the prime by doubling, as slow as it is plain.
    fn multiply(mut left: u128, right: u32) -> u128 {
        let add = |a: u128, b: u128| if a >= PRIME - b { a - (PRIME - b) } else { a + b };
        let (mut result, mut right) = (0, right);
        while right > 0 {
            if right & 1 == 1 {
                result = add(result, left);
            }
            left = add(left, left);
            right >>= 1;
        }
        result
    }

    #[test]
    fn fingerprint_equals_the_sum_computed_by_doubling() {
        let fingerprinter = Fingerprinter::new(5, 7);
        for words in [[0, 0, 0, 0, 0], [u32::MAX; 5], [1, 2, 3, 4, 5], [u32::MAX, 0, 1 << 31, 17, 1]] {
            let expected = fingerprinter.keys.iter().zip(words).fold(0, |sum, ((low, high), word)| {
                let product = multiply(u128::from(*high) << 64 | u128::from(*low), word);
                if sum >= PRIME - product { sum - (PRIME - product) } else { sum + product }
            });
            assert_eq!(fingerprinter.residue(&words), expected);
        }
    }

    #[test]
    fn reduction_handles_the_extremes() {
        assert_eq!(reduce(u128::from(u64::MAX), u128::from(u64::MAX)), WRAP - 1);
        assert_eq!(reduce(0, 1 << 64), WRAP);
        assert_eq!(reduce(0, 0), 0);
    }

    #[test]
    fn seeds_give_different_fingerprints() {
        let words = [1, 2, 3];
        assert_ne!(Fingerprinter::new(3, 1).fingerprint(&words), Fingerprinter::new(3, 2).fingerprint(&words));
    }

    #[test]
    fn spreading_is_a_permutation() {
        let back = |[a, b, c, d]: Fingerprint| {
            let (mut low, mut high) = (u64::from(a) | u64::from(b) << 32, u64::from(c) | u64::from(d) << 32);
            low ^= fold(high ^ FINISH, START);
            high ^= fold(low ^ START, STEP);
            u128::from(high) << 64 | u128::from(low)
        };
        for value in [0, 1, u128::MAX, 1 << 64, 0x0123_4567_89ab_cdef_0011_2233_4455_6677] {
            assert_eq!(back(spread(value)), value);
        }
    }

    #[test]
    fn fingerprints_spread_a_counter_evenly() {
        let fingerprinter = Fingerprinter::new(2, 0);
        let mut buckets = [[0_u32; 256]; FINGERPRINT_WORDS];
        for x in 0..512 {
            for y in 0..128 {
                for (word, buckets) in fingerprinter.fingerprint(&[x, y]).into_iter().zip(&mut buckets) {
                    buckets[(word >> 24) as usize] += 1;
                }
            }
        }
        assert!(buckets.iter().flatten().all(|count| (150..=370).contains(count)), "{buckets:?}");
    }

    #[test]
    fn bound_is_the_square_over_two_to_the_129() {
        assert_eq!(collision_bound(0).0, 0.0);
        assert_eq!(collision_bound(1 << 32).0, 2_f64.powi(-65));
    }
}
