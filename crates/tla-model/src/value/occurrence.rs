//! How the values that a symmetry moves occur in a value.
//!
//! For two moved model values `a` and `b`, the *occurrence* of the pair in a value is a hash of the value in which `a`
//! and `b` are told apart from the others, and those only by the orbit to which they belong. So it does not change when
//! the value and the pair are renamed alike, which is all that [`super::orbit`] needs: a collision of hashes makes its
//! search longer and nothing else. Sets and functions are hashed without regard to the order of their elements, since
//! that order is not preserved by a renaming.

use super::order::{function_len, function_pair, set_element, set_len};
use super::{ModelValueId, Value, mix};
use rustc_hash::FxHashMap;

/// The model values that a symmetry moves, with the orbit of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    values: Vec<ModelValueId>,
    orbits: Vec<u8>,
    index: FxHashMap<ModelValueId, u8>,
}

/// The occurrences of all pairs of moved values in a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Occurrence {
    /// No moved value occurs: the same hash for all pairs.
    Nowhere(u64),
    /// The hash of the pair `(a, b)` at `a * n + b`; on the diagonal, `a` alone is told apart.
    Pairs(Box<[u64]>),
}

impl Moved {
    /// More values than these are not supported: the pairs of one value would take half a megabyte.
    pub const MOST: usize = 255;

    /// Orbits of at least two values each.
    pub fn new(orbits: &[Vec<ModelValueId>]) -> Option<Self> {
        let mut moved = Self::default();
        for (number, orbit) in orbits.iter().enumerate() {
            for value in orbit {
                if moved.values.len() >= Self::MOST {
                    return None;
                }
                moved.index.insert(*value, moved.values.len() as u8);
                moved.values.push(*value);
                moved.orbits.push(number as u8);
            }
        }
        Some(moved)
    }

    /// The moved values, orbit after orbit, each in ascending order.
    pub fn values(&self) -> &[ModelValueId] {
        &self.values
    }

    /// The orbit of each value.
    pub fn orbits(&self) -> &[u8] {
        &self.orbits
    }

    /// Number of moved values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing is moved.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The occurrences in a value. What is not explicit is not looked into, as a renaming leaves it alone.
    pub fn occurrence(&self, value: &Value) -> Occurrence {
        match value {
            Value::Model(id) => match self.index.get(id) {
                Some(place) => self.leaf(*place as usize),
                None => Occurrence::Nowhere(value.structural_hash()),
            },
            Value::Set(_) => {
                let elements = 0..set_len(value).unwrap_or(0);
                self.sum(value, 1, elements.map(|i| self.occurrence(&set_element(value, i))))
            }
            Value::Tuple(_) | Value::Record(_) | Value::Function(_) => {
                let pairs = (0..function_len(value).unwrap_or(0)).map(|i| {
                    let (key, image) = function_pair(value, i);
                    combined(&self.occurrence(&key), &self.occurrence(&image))
                });
                self.sum(value, 2, pairs)
            }
            Value::Lazy(_) | Value::Rule(_) => Occurrence::Nowhere(0),
            Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::String(_) | Value::Interval(_) => {
                Occurrence::Nowhere(value.structural_hash())
            }
        }
    }

    fn leaf(&self, place: usize) -> Occurrence {
        let n = self.len();
        let other = mix(11, u64::from(self.orbits[place]));
        let mut pairs = vec![other; n * n];
        for at in 0..n {
            pairs[at * n + place] = mix(other, 2);
            pairs[place * n + at] = mix(other, 1);
        }
        pairs[place * n + place] = mix(other, 3);
        Occurrence::Pairs(pairs.into())
    }

    fn sum(&self, value: &Value, seed: u64, parts: impl Iterator<Item = Occurrence>) -> Occurrence {
        let mut everywhere = seed;
        let mut pairs: Option<Vec<u64>> = None;
        for part in parts {
            match part {
                Occurrence::Nowhere(hash) => everywhere = everywhere.wrapping_add(mix(seed, hash)),
                Occurrence::Pairs(hashes) => {
                    let sum = pairs.get_or_insert_with(|| vec![0; hashes.len()]);
                    for (sum, hash) in sum.iter_mut().zip(&hashes) {
                        *sum = sum.wrapping_add(mix(seed, *hash));
                    }
                }
            }
        }
        match pairs {
            // The form in which a value is held must not show.
            None if value.is_symbolic() => Occurrence::Nowhere(0),
            None => Occurrence::Nowhere(value.structural_hash()),
            Some(mut pairs) => {
                pairs.iter_mut().for_each(|hash| *hash = hash.wrapping_add(everywhere));
                Occurrence::Pairs(pairs.into())
            }
        }
    }
}

/// The occurrences in an ordered pair.
pub fn combined(first: &Occurrence, second: &Occurrence) -> Occurrence {
    match (first, second) {
        (Occurrence::Nowhere(a), Occurrence::Nowhere(b)) => Occurrence::Nowhere(mix(*a, *b)),
        (Occurrence::Nowhere(a), Occurrence::Pairs(b)) => Occurrence::Pairs(b.iter().map(|b| mix(*a, *b)).collect()),
        (Occurrence::Pairs(a), Occurrence::Nowhere(b)) => Occurrence::Pairs(a.iter().map(|a| mix(*a, *b)).collect()),
        (Occurrence::Pairs(a), Occurrence::Pairs(b)) => {
            Occurrence::Pairs(a.iter().zip(b).map(|(a, b)| mix(*a, *b)).collect())
        }
    }
}

impl Occurrence {
    /// Adds what occurs at one place of a state to the sum over all places.
    pub fn add_to(&self, place: u64, sum: &mut [u64]) {
        match self {
            Self::Nowhere(_) => {}
            Self::Pairs(hashes) => {
                for (sum, hash) in sum.iter_mut().zip(hashes) {
                    *sum = sum.wrapping_add(mix(place, *hash));
                }
            }
        }
    }
}
