//! Which code a property spoke about when it was checked.
//!
//! An anchor ties a property to a function; a run records the hash of each anchored function's tokens. Evidence is *stale*
//! if a function that its property is anchored to is not the one that the run saw: what was shown may hold still, but
//! nobody has shown it of this code. A function is found again by file and name; overloads share both, so they are
//! compared together.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A property tied to a function.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordedAnchor {
    /// The property.
    pub property: String,
    /// The file, from the folder of the project.
    pub file: String,
    /// The qualified name of the function.
    pub function: String,
    /// SHA-256 of its tokens.
    pub hash: String,
}

/// What happened to an anchored function since a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drift {
    /// Its tokens are others.
    Changed,
    /// It is no longer there, or no longer anchored to the property.
    Gone,
    /// It was not anchored to the property then.
    New,
}

/// An anchored function that is not what a run saw.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drifted {
    /// The property.
    pub property: String,
    /// The file.
    pub file: String,
    /// The function.
    pub function: String,
    /// What happened.
    pub drift: Drift,
}

/// The differences between the anchors of a run and those of now, sorted.
pub fn drift(then: &[RecordedAnchor], now: &[RecordedAnchor]) -> Vec<Drifted> {
    let (then, now) = (by_place(then), by_place(now));
    let places: BTreeSet<_> = then.keys().chain(now.keys()).copied().collect();
    let drifted = places.into_iter().filter_map(|place| {
        let drift = match (then.get(&place), now.get(&place)) {
            (Some(old), Some(new)) if old == new => return None,
            (Some(_), Some(_)) => Drift::Changed,
            (Some(_), None) => Drift::Gone,
            (None, _) => Drift::New,
        };
        let (property, file, function) = (place.0.to_owned(), place.1.to_owned(), place.2.to_owned());
        Some(Drifted { property, file, function, drift })
    });
    drifted.collect()
}

/// Hashes of all functions of one name in one file.
fn by_place(anchors: &[RecordedAnchor]) -> BTreeMap<(&str, &str, &str), BTreeSet<&str>> {
    let mut all: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for anchor in anchors {
        let place = (anchor.property.as_str(), anchor.file.as_str(), anchor.function.as_str());
        all.entry(place).or_default().insert(&anchor.hash);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor(property: &str, function: &str, hash: &str) -> RecordedAnchor {
        let text = |text: &str| text.to_owned();
        RecordedAnchor { property: text(property), file: text("a.cpp"), function: text(function), hash: text(hash) }
    }

    #[test]
    fn exactly_the_function_that_was_edited_is_named() {
        let then = [anchor("A", "f", "1"), anchor("A", "g", "2"), anchor("B", "f", "1")];
        let now = [anchor("A", "f", "1"), anchor("A", "g", "3"), anchor("B", "f", "1")];
        let found = drift(&then, &now);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].function.as_str(), found[0].drift), ("g", Drift::Changed));
        assert!(drift(&then, &then).is_empty());
    }

    #[test]
    fn what_came_and_what_went_is_told_apart() {
        let found = drift(&[anchor("A", "f", "1")], &[anchor("A", "g", "1")]);
        let told: Vec<_> = found.iter().map(|one| (one.function.as_str(), one.drift)).collect();
        assert_eq!(told, [("f", Drift::Gone), ("g", Drift::New)]);
    }

    #[test]
    fn one_of_two_overloads_counts() {
        let then = [anchor("A", "f", "1"), anchor("A", "f", "2")];
        assert!(drift(&then, &[anchor("A", "f", "2"), anchor("A", "f", "1")]).is_empty());
        assert_eq!(drift(&then, &[anchor("A", "f", "2"), anchor("A", "f", "4")])[0].drift, Drift::Changed);
    }
}
