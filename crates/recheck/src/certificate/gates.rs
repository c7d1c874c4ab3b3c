//! Conjunctions and negations with structural hashing.
//!
//! What the symbolic evaluation finds of truth values is a graph of conjunctions whose leaves are the literals of a state
//! and free choices. A literal is twice the number of a node, plus one if it is negated; node 0 is false. Equal
//! conjunctions are one node, and constants do not occur in any. The graph says nothing by itself: the [solver] gets the
//! three clauses of each conjunction (Tseitin 1968) before it is asked about one.
//!
//! [solver]: super::solver

use std::collections::HashMap;

/// A literal: twice the node or variable, plus one if it is negated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Literal(pub(crate) u32);

/// Never true.
pub(crate) const FALSE: Literal = Literal(0);
/// Always true.
pub(crate) const TRUE: Literal = Literal(1);

impl Literal {
    pub(crate) fn new(variable: usize, positive: bool) -> Self {
        Self(2 * variable as u32 + u32::from(!positive))
    }

    pub(crate) fn variable(self) -> usize {
        (self.0 / 2) as usize
    }

    pub(crate) fn is_positive(self) -> bool {
        self.0.is_multiple_of(2)
    }

    /// The place of a literal in a table.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }

    /// The literal of a known truth value.
    pub(crate) fn of(truth: bool) -> Self {
        Self(u32::from(truth))
    }
}

impl std::ops::Not for Literal {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// A graph of conjunctions.
pub(crate) struct Gates {
    /// The operands of each node; none for the constant and for leaves.
    nodes: Vec<Option<(Literal, Literal)>>,
    known: HashMap<(Literal, Literal), u32>,
}

impl Default for Gates {
    fn default() -> Self {
        Self { nodes: vec![None], known: HashMap::new() }
    }
}

impl Gates {
    /// Number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The operands of a node.
    pub(crate) fn operands(&self, node: usize) -> Option<(Literal, Literal)> {
        self.nodes.get(node).copied().flatten()
    }

    /// A new leaf.
    pub(crate) fn leaf(&mut self) -> Literal {
        self.nodes.push(None);
        Literal::new(self.nodes.len() - 1, true)
    }

    pub(crate) fn and(&mut self, a: Literal, b: Literal) -> Literal {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        if a == FALSE || a == !b {
            return FALSE;
        }
        if a == TRUE || a == b {
            return b;
        }
        // x /\ (x /\ y), and x /\ (~x /\ y).
        for (one, other) in [(a, b), (b, a)] {
            if let (true, Some((p, q))) = (one.is_positive(), self.operands(one.variable())) {
                if p == other || q == other {
                    return one;
                }
                if p == !other || q == !other {
                    return FALSE;
                }
            }
        }
        let nodes = &mut self.nodes;
        let node = *self.known.entry((a, b)).or_insert_with(|| {
            nodes.push(Some((a, b)));
            (nodes.len() - 1) as u32
        });
        Literal::new(node as usize, true)
    }

    pub(crate) fn or(&mut self, a: Literal, b: Literal) -> Literal {
        !self.and(!a, !b)
    }

    /// Whether both are true or none is.
    pub(crate) fn equivalent(&mut self, a: Literal, b: Literal) -> Literal {
        let (both, none) = (self.and(a, b), self.and(!a, !b));
        self.or(both, none)
    }

    pub(crate) fn or_all(&mut self, all: &[Literal]) -> Literal {
        match all {
            [] => FALSE,
            [one] => *one,
            _ => {
                let (left, right) = all.split_at(all.len() / 2);
                let (left, right) = (self.or_all(left), self.or_all(right));
                self.or(left, right)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simplifications_keep_the_function() {
        for row in 0..8u32 {
            let mut gates = Gates::default();
            let leaves: Vec<Literal> = (0..3).map(|_| gates.leaf()).collect();
            let mut all: Vec<(Literal, bool)> = vec![(TRUE, true)];
            all.extend(leaves.iter().enumerate().map(|(index, leaf)| (*leaf, row >> index & 1 == 1)));
            for round in 0..400usize {
                let pick = |at: usize| {
                    let (literal, value) = all[at % all.len()];
                    if at.is_multiple_of(3) { (!literal, !value) } else { (literal, value) }
                };
                let (a, b) = (pick(round * 7 + 3), pick(round * 13 + 5));
                let and = (gates.and(a.0, b.0), a.1 && b.1);
                let equivalent = (gates.equivalent(a.0, b.0), a.1 == b.1);
                all.extend([and, equivalent]);
            }
            let mut values = vec![false; gates.len()];
            for node in 0..gates.len() {
                let value = |literal: Literal| values[literal.variable()] == literal.is_positive();
                values[node] = match gates.operands(node) {
                    Some((a, b)) => value(a) && value(b),
                    None => node > 0 && row >> (node - 1) & 1 == 1,
                };
            }
            for (literal, expected) in all {
                assert_eq!(values[literal.variable()] == literal.is_positive(), expected);
            }
        }
    }
}
