//! Names: interned strings that are compared by address and read without a lock.
//!
//! A whole program has some hundred thousand distinct identifiers and millions of uses. Each distinct text is kept once
//! for the life of the process; a [`Name`] is a reference to it, so comparing and hashing it costs what a number costs.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, OnceLock, PoisonError};

/// An interned string.
#[derive(Clone, Copy)]
pub struct Name(&'static str);

fn table() -> &'static [Mutex<HashSet<&'static str>>; 16] {
    static TABLE: OnceLock<[Mutex<HashSet<&'static str>>; 16]> = OnceLock::new();
    TABLE.get_or_init(Default::default)
}

impl Name {
    /// The name with this text.
    pub fn new(text: &str) -> Self {
        let shard = text.bytes().fold(text.len(), |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 16;
        let mut shard = table()[shard].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shard.get(text) {
            return Self(known);
        }
        let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
        shard.insert(kept);
        Self(kept)
    }

    /// The empty name.
    pub fn empty() -> Self {
        static EMPTY: OnceLock<Name> = OnceLock::new();
        *EMPTY.get_or_init(|| Self::new(""))
    }

    /// Its text.
    pub fn text(self) -> &'static str {
        self.0
    }

    /// Whether it is empty.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// What stands after the last `::`.
    pub fn last(self) -> &'static str {
        last_part(self.0)
    }
}

/// What stands after the last `::` of a qualified name.
pub fn last_part(text: &str) -> &str {
    text.rfind("::").map_or(text, |at| &text[at + 2..])
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0.as_ptr(), other.0.as_ptr()) && self.0.len() == other.0.len()
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.as_ptr() as usize).hash(state);
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(other.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Default for Name {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

thread_local! {
    static WRITING: RefCell<(HashMap<Name, u32>, Vec<&'static str>)> = RefCell::default();
    static READING: RefCell<Vec<Name>> = const { RefCell::new(Vec::new()) };
}

/// Runs `write`, which serializes values with names in them; returns its result and the table of names that it used.
pub fn with_written_names<T>(write: impl FnOnce() -> T) -> (T, Vec<&'static str>) {
    WRITING.with_borrow_mut(|state| *state = Default::default());
    let result = write();
    (result, WRITING.take().1)
}

/// Runs `read`, which deserializes values whose names are numbers in `names`.
pub fn with_read_names<T>(names: Vec<Name>, read: impl FnOnce() -> T) -> T {
    READING.set(names);
    let result = read();
    READING.take();
    result
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = WRITING.with_borrow_mut(|(known, list)| {
            *known.entry(*self).or_insert_with(|| {
                list.push(self.0);
                u32::try_from(list.len() - 1).unwrap_or(u32::MAX)
            })
        });
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)? as usize;
        READING
            .with_borrow(|names| names.get(number).copied())
            .ok_or_else(|| serde::de::Error::custom("a name that the table does not have"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one_name() {
        assert_eq!(Name::new("a::b"), Name::new(&["a", "b"].join("::")));
        assert_ne!(Name::new("a"), Name::new("ab"));
        assert_ne!(Name::empty(), Name::new("a"));
        assert_eq!(Name::new("a::b").last(), "b");
    }
}
