//! Versions of tools: numbers between dots, compared one after the other.

use std::fmt;

/// A version. Missing numbers count as zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(Vec<u64>);

impl Version {
    /// The version with these numbers.
    pub fn of(numbers: &[u64]) -> Self {
        Self(numbers.to_vec())
    }

    /// The first thing in a text that looks like a version: digits, a dot, digits. `None` if there is none.
    pub fn find(text: &str) -> Option<Self> {
        let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
        words.map(|word| word.trim_matches('.')).filter(|word| word.contains('.')).find_map(Self::parse)
    }

    fn parse(text: &str) -> Option<Self> {
        text.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u64>>>().map(Self)
    }

    fn number(&self, index: usize) -> u64 {
        self.0.get(index).copied().unwrap_or(0)
    }

    /// Whether this is the other one or a later one.
    pub fn is_at_least(&self, other: &Self) -> bool {
        let length = self.0.len().max(other.0.len());
        let numbers = |version: &Self| (0..length).map(|index| version.number(index)).collect::<Vec<_>>();
        numbers(self) >= numbers(other)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_say() {
        for (text, expected) in [
            ("6.6.0 (cbmc-6.6.0)", "6.6.0"),
            ("The Coq Proof Assistant, version 8.16.1\ncompiled with OCaml 4.13.1", "8.16.1"),
            ("The Rocq Prover, version 9.0.0", "9.0.0"),
            ("Debian clang version 14.0.6", "14.0.6"),
            ("openjdk version \"17.0.15\" 2025-04-15", "17.0.15"),
            ("1:2.2.1-8", "2.2.1"),
        ] {
            assert_eq!(Version::find(text).map(|version| version.to_string()).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(Version::find("no version, not even 17"), None);
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let at_least = |a: &str, b: &str| Version::find(a).expect(a).is_at_least(&Version::find(b).expect(b));
        assert!(at_least("6.10.0", "6.6"));
        assert!(at_least("6.6", "6.6.0"));
        assert!(!at_least("5.95.1", "6.0"));
        assert!(!at_least("6.5.9", "6.6.0"));
    }
}
