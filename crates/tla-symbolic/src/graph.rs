//! Conditions: what both targets know of truth values.

/// A graph of truth values, each kept once. A bit is a number of a node, and maybe a sign.
pub trait Graph {
    /// A truth value.
    type Bit: Copy + Eq + std::fmt::Debug;

    /// Negation.
    fn not(&mut self, a: Self::Bit) -> Self::Bit;

    /// Conjunction.
    fn and(&mut self, a: Self::Bit, b: Self::Bit) -> Self::Bit;

    /// Conjunction of several.
    fn and_all(&mut self, all: &[Self::Bit]) -> Self::Bit;

    /// `a <=> b`.
    fn equivalent(&mut self, a: Self::Bit, b: Self::Bit) -> Self::Bit;

    /// Disjunction.
    fn or(&mut self, a: Self::Bit, b: Self::Bit) -> Self::Bit {
        let (not_a, not_b) = (self.not(a), self.not(b));
        let neither = self.and(not_a, not_b);
        self.not(neither)
    }

    /// Disjunction of several.
    fn or_all(&mut self, all: &[Self::Bit]) -> Self::Bit {
        let negated: Vec<Self::Bit> = all.iter().map(|one| self.not(*one)).collect();
        let none = self.and_all(&negated);
        self.not(none)
    }

    /// `a /\ ~b`.
    fn without(&mut self, a: Self::Bit, b: Self::Bit) -> Self::Bit {
        let not = self.not(b);
        self.and(a, not)
    }

    /// `a => b`.
    fn implies(&mut self, a: Self::Bit, b: Self::Bit) -> Self::Bit {
        let not = self.not(a);
        self.or(not, b)
    }

    /// `IF c THEN a ELSE b`.
    fn choose(&mut self, c: Self::Bit, a: Self::Bit, b: Self::Bit) -> Self::Bit {
        if a == b {
            return a;
        }
        let yes = self.and(c, a);
        let no = self.not(c);
        let no = self.and(no, b);
        self.or(yes, no)
    }
}
