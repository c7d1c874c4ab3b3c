//! Terms of SMT-LIB, each kept once.
//!
//! A term is a number; equal terms have equal numbers, so that what occurs twice is written once. The constructors fold
//! constants and a few identities that translation produces all the time (`FALSE` guards above all); they never change a
//! meaning. A [`Symbol`] is a place of the state, a choice of a step, or a name that a quantifier binds: which moment it
//! belongs to is decided when a term is [written](super::script), so that one translation serves every step.

use crate::graph::Graph;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A term by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term(u32);

impl Term {
    /// The term with a number.
    pub fn at(index: usize) -> Self {
        Self(index as u32)
    }

    /// Its number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// `true`.
pub const TRUE: Term = Term(0);
/// `false`.
pub const FALSE: Term = Term(1);

/// Sorts of SMT-LIB that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// `Bool`.
    Bool,
    /// `Int`.
    Int,
    /// `(Array Int Int)`.
    Integers,
    /// `(Array Int Bool)`.
    Flags,
}

impl Sort {
    /// As SMT-LIB has it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Bool => "Bool",
            Self::Int => "Int",
            Self::Integers => "(Array Int Int)",
            Self::Flags => "(Array Int Bool)",
        }
    }

    /// The sort of the elements of an array.
    pub fn element(self) -> Self {
        match self {
            Self::Flags => Self::Bool,
            Self::Bool | Self::Int | Self::Integers => Self::Int,
        }
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A place of the state.
    Place,
    /// What a step, or an initial state, chooses.
    Choice,
    /// Bound by a quantifier.
    Bound,
}

/// A name.
#[derive(Debug, Clone)]
pub struct Symbol {
    /// What it stands for.
    pub role: Role,
    /// Its sort.
    pub sort: Sort,
    /// How it is written, without its moment.
    pub name: String,
}

/// What a term is, above its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names are those of SMT-LIB.
pub enum Op {
    True,
    False,
    Number(BigInt),
    Symbol(u32),
    Not,
    And,
    Ite,
    Equal,
    LessEqual,
    Add,
    Multiply,
    Divide,
    Modulo,
    Select,
    Store,
    /// An array with the same element everywhere.
    Everywhere,
    /// `exists`, with the bound name.
    Exists(u32),
}

/// A node.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub op: Op,
    /// Its parts.
    pub parts: Box<[Term]>,
    /// Its sort.
    pub sort: Sort,
    /// Names in it that a quantifier further out has to bind.
    pub free: Rc<[u32]>,
}

/// What a problem needs of a solver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Arrays.
    pub arrays: bool,
    /// Products of unknowns, and division by them.
    pub nonlinear: bool,
    /// Quantifiers.
    pub quantifiers: bool,
}

impl Needs {
    /// The name of the smallest logic of SMT-LIB with all of it.
    pub fn logic(self) -> String {
        let quantifiers = if self.quantifiers { "" } else { "QF_" };
        let arrays = if self.arrays { "A" } else { "" };
        let arithmetic = if self.nonlinear { "NIA" } else { "LIA" };
        format!("{quantifiers}{arrays}{arithmetic}")
    }
}

/// All terms.
#[derive(Debug)]
pub struct Terms {
    nodes: Vec<Node>,
    known: FxHashMap<(Op, Box<[Term]>), Term>,
    symbols: Vec<Symbol>,
    /// What the terms need of a solver.
    pub needs: Needs,
}

impl Default for Terms {
    fn default() -> Self {
        let mut terms =
            Self { nodes: Vec::new(), known: FxHashMap::default(), symbols: Vec::new(), needs: Needs::default() };
        terms.make(Op::True, &[], Sort::Bool);
        terms.make(Op::False, &[], Sort::Bool);
        terms
    }
}

impl Graph for Terms {
    type Bit = Term;

    /// `not a`.
    fn not(&mut self, a: Term) -> Term {
        match (a, &self.node(a).op) {
            (TRUE, _) => FALSE,
            (FALSE, _) => TRUE,
            (_, Op::Not) => self.node(a).parts[0],
            _ => self.make(Op::Not, &[a], Sort::Bool),
        }
    }

    /// `a and b`.
    fn and(&mut self, a: Term, b: Term) -> Term {
        match (a, b) {
            (FALSE, _) | (_, FALSE) => FALSE,
            (TRUE, other) | (other, TRUE) => other,
            _ if a == b => a,
            _ if self.negate_each_other(a, b) || self.contradict(a, b) => FALSE,
            _ => self.make(Op::And, &[a.min(b), a.max(b)], Sort::Bool),
        }
    }

    fn and_all(&mut self, all: &[Term]) -> Term {
        all.iter().fold(TRUE, |sofar, one| self.and(sofar, *one))
    }

    fn equivalent(&mut self, a: Term, b: Term) -> Term {
        self.equal(a, b)
    }
}

impl Terms {
    fn make(&mut self, op: Op, parts: &[Term], sort: Sort) -> Term {
        let key = (op, Box::from(parts));
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let mut free: Vec<u32> = parts.iter().flat_map(|part| self.node(*part).free.iter().copied()).collect();
        match &key.0 {
            Op::Symbol(symbol) if self.symbols[*symbol as usize].role == Role::Bound => free.push(*symbol),
            Op::Exists(symbol) => free.retain(|one| one != symbol),
            _ => {}
        }
        free.sort_unstable();
        free.dedup();
        let term = Term(self.nodes.len() as u32);
        self.nodes.push(Node { op: key.0.clone(), parts: key.1.clone(), sort, free: free.into() });
        self.known.insert(key, term);
        term
    }

    /// The node of a term.
    pub fn node(&self, term: Term) -> &Node {
        &self.nodes[term.index()]
    }

    /// The number of terms.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never: there are `true` and `false`.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The name with a number.
    pub fn symbol(&self, number: u32) -> &Symbol {
        &self.symbols[number as usize]
    }

    /// A new name, as a term.
    pub fn fresh(&mut self, role: Role, sort: Sort, name: String) -> Term {
        let number = self.symbols.len() as u32;
        self.needs.arrays |= matches!(sort, Sort::Integers | Sort::Flags);
        self.symbols.push(Symbol { role, sort, name });
        self.make(Op::Symbol(number), &[], sort)
    }

    /// The number of a name.
    pub fn symbol_of(&self, term: Term) -> Option<u32> {
        match self.node(term).op {
            Op::Symbol(number) => Some(number),
            _ => None,
        }
    }

    /// A truth value.
    pub fn of_bool(truth: bool) -> Term {
        if truth { TRUE } else { FALSE }
    }

    /// An integer.
    pub fn number(&mut self, value: impl Into<BigInt>) -> Term {
        self.make(Op::Number(value.into()), &[], Sort::Int)
    }

    /// The integer that a term is.
    pub fn known_number(&self, term: Term) -> Option<&BigInt> {
        match &self.node(term).op {
            Op::Number(value) => Some(value),
            _ => None,
        }
    }

    fn negate_each_other(&self, a: Term, b: Term) -> bool {
        let is_not = |one: Term, other: Term| self.node(one).op == Op::Not && self.node(one).parts[0] == other;
        is_not(a, b) || is_not(b, a)
    }

    /// Whether two equations give one term two numbers.
    fn contradict(&self, a: Term, b: Term) -> bool {
        let pair = |term: Term| match (&self.node(term).op, &self.node(term).parts[..]) {
            (Op::Equal, [x, y]) => match (self.known_number(*x), self.known_number(*y)) {
                (Some(number), None) => Some((*y, number)),
                (None, Some(number)) => Some((*x, number)),
                _ => None,
            },
            _ => None,
        };
        matches!((pair(a), pair(b)), (Some((x, one)), Some((y, other))) if x == y && one != other)
    }

    /// `ite c a b`.
    pub fn ite(&mut self, condition: Term, a: Term, b: Term) -> Term {
        match condition {
            TRUE => return a,
            FALSE => return b,
            _ if a == b => return a,
            _ => {}
        }
        if self.node(a).sort == Sort::Bool {
            let not = self.not(condition);
            let (yes, no) = (self.and(condition, a), self.and(not, b));
            return self.or(yes, no);
        }
        let sort = self.node(a).sort;
        self.make(Op::Ite, &[condition, a, b], sort)
    }

    /// `a = b`, of any one sort.
    pub fn equal(&mut self, a: Term, b: Term) -> Term {
        if a == b {
            return TRUE;
        }
        if self.known_number(a).is_some() && self.known_number(b).is_some() {
            return FALSE;
        }
        if self.node(a).sort == Sort::Bool {
            match (a, b) {
                (TRUE, other) | (other, TRUE) => return other,
                (FALSE, other) | (other, FALSE) => return self.not(other),
                _ if self.negate_each_other(a, b) => return FALSE,
                _ => {}
            }
        }
        self.make(Op::Equal, &[a.min(b), a.max(b)], Sort::Bool)
    }

    /// `a <= b`.
    pub fn less_equal(&mut self, a: Term, b: Term) -> Term {
        if a == b {
            return TRUE;
        }
        match (self.known_number(a), self.known_number(b)) {
            (Some(x), Some(y)) => Self::of_bool(x <= y),
            _ => self.make(Op::LessEqual, &[a, b], Sort::Bool),
        }
    }

    /// `a < b`.
    pub fn less(&mut self, a: Term, b: Term) -> Term {
        let not = self.less_equal(b, a);
        self.not(not)
    }

    /// `a + b`.
    pub fn add(&mut self, a: Term, b: Term) -> Term {
        match (self.known_number(a), self.known_number(b)) {
            (Some(x), Some(y)) => {
                let sum = x + y;
                self.number(sum)
            }
            (Some(x), _) if x.is_zero() => b,
            (_, Some(y)) if y.is_zero() => a,
            _ => self.make(Op::Add, &[a, b], Sort::Int),
        }
    }

    /// `-a`.
    pub fn negate(&mut self, a: Term) -> Term {
        let minus = self.number(-1);
        self.multiply(minus, a)
    }

    /// `a - b`.
    pub fn subtract(&mut self, a: Term, b: Term) -> Term {
        let negated = self.negate(b);
        self.add(a, negated)
    }

    /// `a * b`.
    pub fn multiply(&mut self, a: Term, b: Term) -> Term {
        match (self.known_number(a).cloned(), self.known_number(b).cloned()) {
            (Some(x), Some(y)) => self.number(x * y),
            (Some(x), _) if x.is_zero() => a,
            (_, Some(y)) if y.is_zero() => b,
            (Some(x), _) if x.is_one() => b,
            (_, Some(y)) if y.is_one() => a,
            (Some(_), _) => self.make(Op::Multiply, &[a, b], Sort::Int),
            (_, Some(_)) => self.make(Op::Multiply, &[b, a], Sort::Int),
            (None, None) => {
                self.needs.nonlinear = true;
                self.make(Op::Multiply, &[a.min(b), a.max(b)], Sort::Int)
            }
        }
    }

    /// `div a b` for a positive divisor: rounded down, as in TLA+.
    pub fn divide(&mut self, a: Term, b: Term) -> Term {
        match (self.known_number(a), self.known_number(b)) {
            (Some(x), Some(y)) if y.is_positive() => {
                let quotient = x.div_floor(y);
                self.number(quotient)
            }
            (_, known) => {
                self.needs.nonlinear |= known.is_none();
                self.make(Op::Divide, &[a, b], Sort::Int)
            }
        }
    }

    /// `mod a b` for a positive divisor.
    pub fn modulo(&mut self, a: Term, b: Term) -> Term {
        match (self.known_number(a), self.known_number(b)) {
            (Some(x), Some(y)) if y.is_positive() => {
                let rest = x.mod_floor(y);
                self.number(rest)
            }
            (_, known) => {
                self.needs.nonlinear |= known.is_none();
                self.make(Op::Modulo, &[a, b], Sort::Int)
            }
        }
    }

    /// The element of an array at an index.
    pub fn select(&mut self, array: Term, index: Term) -> Term {
        let node = self.node(array);
        let sort = node.sort.element();
        match (&node.op, &node.parts[..]) {
            (Op::Everywhere, [element]) => *element,
            (Op::Store, [_, at, element]) if *at == index => *element,
            _ => self.make(Op::Select, &[array, index], sort),
        }
    }

    /// The array with another element at an index.
    pub fn store(&mut self, array: Term, index: Term, element: Term) -> Term {
        let sort = self.node(array).sort;
        self.make(Op::Store, &[array, index, element], sort)
    }

    /// The array with one element everywhere.
    pub fn everywhere(&mut self, element: Term) -> Term {
        self.needs.arrays = true;
        let sort = if self.node(element).sort == Sort::Bool { Sort::Flags } else { Sort::Integers };
        self.make(Op::Everywhere, &[element], sort)
    }

    /// Whether there is a value of a bound name with this.
    pub fn exists(&mut self, bound: Term, body: Term) -> Term {
        match self.symbol_of(bound) {
            Some(symbol) if self.node(body).free.contains(&symbol) => {
                self.needs.quantifiers = true;
                self.make(Op::Exists(symbol), &[body], Sort::Bool)
            }
            _ => body,
        }
    }

    /// Numbers between which an integer is, if its form tells: a number, a choice, a sum or a multiple of such.
    pub fn bounds(&self, term: Term) -> Option<(BigInt, BigInt)> {
        self.bounds_within(term, &mut 5000)
    }

    fn bounds_within(&self, term: Term, left: &mut u32) -> Option<(BigInt, BigInt)> {
        // Parts that are shared are looked at again each time.
        *left = left.checked_sub(1)?;
        let node = self.node(term);
        match (&node.op, &node.parts[..]) {
            (Op::Number(value), _) => Some((value.clone(), value.clone())),
            (Op::Ite, [_, a, b]) => {
                let ((low, high), (lower, higher)) = (self.bounds_within(*a, left)?, self.bounds_within(*b, left)?);
                Some((low.min(lower), high.max(higher)))
            }
            (Op::Add, [a, b]) => {
                let ((low, high), (lower, higher)) = (self.bounds_within(*a, left)?, self.bounds_within(*b, left)?);
                Some((low + lower, high + higher))
            }
            (Op::Multiply, [a, b]) => {
                let (factor, (low, high)) = (self.known_number(*a)?, self.bounds_within(*b, left)?);
                let (one, other) = (factor * low, factor * high);
                Some((one.clone().min(other.clone()), one.max(other)))
            }
            _ => None,
        }
    }

    /// A term with other terms in the place of symbols.
    pub fn replace(&mut self, term: Term, by: &FxHashMap<u32, Term>, done: &mut FxHashMap<Term, Term>) -> Term {
        if let Some(known) = done.get(&term) {
            return *known;
        }
        let (op, parts) = (self.node(term).op.clone(), self.node(term).parts.clone());
        let new = match op {
            Op::Symbol(number) => by.get(&number).copied().unwrap_or(term),
            _ if parts.is_empty() => term,
            op => {
                let parts: Vec<Term> = parts.iter().map(|part| self.replace(*part, by, done)).collect();
                let sort = self.node(term).sort;
                match op {
                    Op::Exists(symbol) => {
                        let bound = self.make(Op::Symbol(symbol), &[], self.symbol(symbol).sort);
                        self.exists(bound, parts[0])
                    }
                    op => self.make(op, &parts, sort),
                }
            }
        };
        done.insert(term, new);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_folded_as_tla_has_them() {
        let mut terms = Terms::default();
        let (minus_seven, two) = (terms.number(-7), terms.number(2));
        let (quotient, rest) = (terms.divide(minus_seven, two), terms.modulo(minus_seven, two));
        assert_eq!(terms.known_number(quotient), Some(&BigInt::from(-4)));
        assert_eq!(terms.known_number(rest), Some(&BigInt::from(1)));
        assert_eq!(terms.less(minus_seven, two), TRUE);
    }

    #[test]
    fn equal_terms_are_one_term() {
        let mut terms = Terms::default();
        let x = terms.fresh(Role::Place, Sort::Int, "x".to_owned());
        let one = terms.number(1);
        let two = terms.number(2);
        assert_eq!(terms.add(x, one), terms.add(x, one));
        let (is_one, is_two) = (terms.equal(x, one), terms.equal(two, x));
        assert_eq!(terms.and(is_one, is_two), FALSE);
        let not = terms.not(is_one);
        assert_eq!(terms.or(is_one, not), TRUE);
    }

    #[test]
    fn the_logic_is_the_smallest_that_will_do() {
        let mut terms = Terms::default();
        let x = terms.fresh(Role::Place, Sort::Int, "x".to_owned());
        let three = terms.number(3);
        terms.multiply(three, x);
        assert_eq!(terms.needs.logic(), "QF_LIA");
        terms.multiply(x, x);
        assert_eq!(terms.needs.logic(), "QF_NIA");
        let bound = terms.fresh(Role::Bound, Sort::Int, "i".to_owned());
        let body = terms.less_equal(bound, x);
        let closed = terms.exists(bound, body);
        assert!(terms.node(closed).free.is_empty());
        assert_eq!(terms.needs.logic(), "NIA");
    }
}
