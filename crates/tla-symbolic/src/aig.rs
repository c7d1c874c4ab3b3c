//! And-inverter graphs with structural hashing.
//!
//! A [`Lit`] is a node number times two, plus one if it is negated, as in the AIGER format (Biere, *The AIGER
//! And-Inverter Graph (AIG) Format*, 2007): literal 0 is false, 1 is true. Conjunctions that are equal by structure are
//! one node. Besides constants and equal or opposite operands, conjunctions of conjunctions are simplified where an
//! operand is contained in, contradicts, or is absorbed by the other one (Brummayer and Biere, *Local Two-Level
//! And-Inverter Graph Minimization without Blowup*, MEMICS 2006, rules of contradiction, subsumption and idempotence).

use crate::graph::Graph;
use rustc_hash::FxHashMap;

/// A literal of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lit(pub u32);

/// False.
pub const FALSE: Lit = Lit(0);
/// True.
pub const TRUE: Lit = Lit(1);

impl Lit {
    /// The node's number.
    pub fn node(self) -> u32 {
        self.0 >> 1
    }

    /// Whether it is the negation of the node.
    pub fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }

    /// The literal of a truth value.
    pub fn of(value: bool) -> Self {
        Self(u32::from(value))
    }

    /// The truth value, if it is constant.
    pub fn known(self) -> Option<bool> {
        (self.0 < 2).then_some(self.0 == 1)
    }
}

impl std::ops::Not for Lit {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// False, node 0.
    Constant,
    /// An input or a latch.
    Leaf,
    /// A conjunction.
    And(Lit, Lit),
}

/// A graph.
#[derive(Debug, Clone)]
pub struct Aig {
    nodes: Vec<Node>,
    known: FxHashMap<(Lit, Lit), u32>,
}

impl Default for Aig {
    fn default() -> Self {
        Self { nodes: vec![Node::Constant], known: FxHashMap::default() }
    }
}

impl Graph for Aig {
    type Bit = Lit;

    fn not(&mut self, a: Lit) -> Lit {
        !a
    }

    fn and(&mut self, a: Lit, b: Lit) -> Lit {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        if a == FALSE || a == !b {
            return FALSE;
        }
        if a == TRUE || a == b {
            return b;
        }
        if let Some(simple) = self.simplified(a, b).or_else(|| self.simplified(b, a)) {
            return simple;
        }
        if let (Some((p, q)), Some((r, s))) = (self.parts(a), self.parts(b))
            && !a.is_negated()
            && !b.is_negated()
            && [p, q].iter().any(|x| *x == !r || *x == !s)
        {
            return FALSE;
        }
        if let Some(node) = self.known.get(&(a, b)) {
            return Lit(node << 1);
        }
        let node = self.nodes.len() as u32;
        self.nodes.push(Node::And(a, b));
        self.known.insert((a, b), node);
        Lit(node << 1)
    }

    /// A balanced tree.
    fn and_all(&mut self, lits: &[Lit]) -> Lit {
        match lits {
            [] => TRUE,
            [one] => *one,
            _ => {
                let (left, right) = lits.split_at(lits.len() / 2);
                let (left, right) = (self.and_all(left), self.and_all(right));
                self.and(left, right)
            }
        }
    }

    fn equivalent(&mut self, a: Lit, b: Lit) -> Lit {
        if a == b {
            return TRUE;
        }
        if a == !b {
            return FALSE;
        }
        let both = self.and(a, b);
        let none = self.and(!a, !b);
        self.or(both, none)
    }
}

impl Aig {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the constant.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }

    /// A node.
    pub fn node(&self, index: u32) -> Node {
        self.nodes[index as usize]
    }

    /// A new input or latch.
    pub fn leaf(&mut self) -> Lit {
        self.nodes.push(Node::Leaf);
        Lit(((self.nodes.len() - 1) as u32) << 1)
    }

    fn parts(&self, lit: Lit) -> Option<(Lit, Lit)> {
        match self.nodes[lit.node() as usize] {
            Node::And(a, b) => Some((a, b)),
            Node::Constant | Node::Leaf => None,
        }
    }

    /// What `a /\ b` is where `a` is a conjunction, or the negation of one, with an operand that decides it.
    fn simplified(&mut self, a: Lit, b: Lit) -> Option<Lit> {
        let (p, q) = self.parts(a)?;
        if !a.is_negated() {
            // (p /\ q) /\ b
            if p == !b || q == !b {
                return Some(FALSE);
            }
            return (p == b || q == b).then_some(a);
        }
        // ~(p /\ q) /\ b
        if p == !b || q == !b {
            return Some(b);
        }
        if p == b {
            return Some(self.and(!q, b));
        }
        if q == b {
            return Some(self.and(!p, b));
        }
        // ~(p /\ q) /\ (r /\ s) where r or s settles the first.
        if !b.is_negated()
            && let Some((r, s)) = self.parts(b)
        {
            if [r, s].iter().any(|x| *x == !p || *x == !q) {
                return Some(b);
            }
            if r == p || s == p {
                return Some(self.and(!q, b));
            }
            if r == q || s == q {
                return Some(self.and(!p, b));
            }
        }
        None
    }

    /// Nodes that the literals depend on, ascending.
    pub fn cone(&self, roots: &[Lit]) -> Vec<u32> {
        let mut seen = vec![false; self.nodes.len()];
        let mut stack: Vec<u32> = roots.iter().map(|lit| lit.node()).collect();
        while let Some(node) = stack.pop() {
            if std::mem::replace(&mut seen[node as usize], true) {
                continue;
            }
            if let Node::And(a, b) = self.nodes[node as usize] {
                stack.extend([a.node(), b.node()]);
            }
        }
        (0..self.nodes.len() as u32).filter(|node| seen[*node as usize]).collect()
    }

    /// Truth values of all nodes, given those of the leaves.
    pub fn simulate(&self, leaf: &dyn Fn(u32) -> bool) -> Vec<bool> {
        let mut values: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for (index, node) in self.nodes.iter().enumerate() {
            let value = match node {
                Node::Constant => false,
                Node::Leaf => leaf(index as u32),
                Node::And(a, b) => value_of(&values, *a) && value_of(&values, *b),
            };
            values.push(value);
        }
        values
    }
}

/// The value of a literal among the values of nodes.
pub fn value_of(values: &[bool], lit: Lit) -> bool {
    values[lit.node() as usize] != lit.is_negated()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is simplified, the function stays the same.
        #[test]
        fn conjunctions_mean_conjunctions(steps in prop::collection::vec((any::<u16>(), any::<u16>(), any::<bool>(), any::<bool>()), 1..60), inputs in any::<u8>()) {
            let mut aig = Aig::default();
            let mut pool: Vec<(Lit, bool)> = vec![(TRUE, true)];
            for bit in 0..4 {
                pool.push((aig.leaf(), inputs >> bit & 1 == 1));
            }
            for (a, b, negate_a, negate_b) in steps {
                let flip = |(lit, value): (Lit, bool), negate: bool| if negate { (!lit, !value) } else { (lit, value) };
                let a = flip(pool[a as usize % pool.len()], negate_a);
                let b = flip(pool[b as usize % pool.len()], negate_b);
                pool.push((aig.and(a.0, b.0), a.1 && b.1));
            }
            let values = aig.simulate(&|node| inputs >> (node - 1) & 1 == 1);
            for (lit, value) in pool {
                prop_assert_eq!(value_of(&values, lit), value);
            }
        }
    }
}
