//! Sets: enumeration in TLC's order, and how many elements they have.
//!
//! Every enumeration yields elements in the order of [`crate::value::order`]: subsets by size and then
//! lexicographically, functions, records and tuples with the last component varying fastest. So the elements of a
//! symbolic set come out sorted, and making it explicit needs no sorting.

use super::{MOST_ELEMENTS, Machine, kind_word};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::value::order::{function_len, set_len};
use crate::value::{Interval, LazySet, SetNode, StringId, Value};
use std::rc::Rc;

/// An error if a set of this many elements may not be made explicit.
pub(crate) fn within_limit(count: u64) -> Evaluated<()> {
    if count > MOST_ELEMENTS {
        return Err(EvalError::capacity(format!("a set has more than {MOST_ELEMENTS} elements"))
            .with_remedy("make the model's constants smaller, or enumerate the set without storing it"));
    }
    Ok(())
}

/// Watches over a set that grows element by element. What its elements hold counts too: two million subsets of a set of
/// twenty-five take as much memory as twenty-five million numbers.
#[derive(Debug, Default)]
pub(super) struct Growth {
    elements: u64,
    parts: u64,
}

impl Growth {
    /// Takes in an element.
    ///
    /// # Errors
    /// If the set has grown too large.
    pub(super) fn add(&mut self, element: &Value) -> Evaluated<()> {
        self.elements += 1;
        self.parts += match element {
            Value::Set(node) => node.elements.len() as u64,
            other => function_len(other).unwrap_or(0) as u64,
        };
        if self.elements + self.parts > MOST_ELEMENTS {
            let Self { elements, parts } = self;
            return Err(EvalError::capacity(format!(
                "a set has more than {elements} elements that hold {parts} values"
            ))
            .with_remedy("make the model's constants smaller, or enumerate the set without storing it"));
        }
        Ok(())
    }
}

/// Yields the elements of a set in order.
pub enum Elements {
    /// Of a finite set.
    Set(Rc<SetNode>, usize),
    /// Of an interval.
    Interval(Rc<Interval>, u64),
    /// Of `SUBSET`.
    Subsets(Subsets),
    /// Of a set of functions, records or tuples.
    Product(Product),
    /// Of several sets one after the other, the last one first in this list.
    Chain(Vec<Elements>),
}

/// Subsets by size, each size in lexicographic order.
pub struct Subsets {
    elements: Vec<Value>,
    chosen: Vec<usize>,
    done: bool,
}

/// All combinations of one element of each set, the last varying fastest.
pub struct Product {
    sets: Vec<Rc<[Value]>>,
    at: Vec<usize>,
    done: bool,
    make: Make,
}

enum Make {
    Tuple,
    Record(Rc<[StringId]>),
    Function(Rc<[Value]>),
}

impl Elements {
    /// The next element.
    #[allow(clippy::should_implement_trait)] // Not an iterator: callers interleave it with evaluation.
    pub fn next(&mut self) -> Option<Value> {
        match self {
            Self::Set(set, at) => {
                let element = set.elements.get(*at).cloned();
                *at += 1;
                element
            }
            Self::Interval(range, at) => {
                let element = (*at < range.len()).then(|| Value::Int(range.low + *at as i64));
                *at += 1;
                element
            }
            Self::Subsets(subsets) => subsets.next(),
            Self::Product(product) => product.next(),
            Self::Chain(parts) => {
                while let Some(part) = parts.last_mut() {
                    if let Some(element) = part.next() {
                        return Some(element);
                    }
                    parts.pop();
                }
                None
            }
        }
    }
}

impl Subsets {
    fn new(elements: Vec<Value>) -> Self {
        Self { elements, chosen: Vec::new(), done: false }
    }

    fn next(&mut self) -> Option<Value> {
        if self.done {
            return None;
        }
        let subset = Value::sorted_set(self.chosen.iter().map(|i| self.elements[*i].clone()).collect());
        self.advance();
        Some(subset)
    }

    fn advance(&mut self) {
        let (n, k) = (self.elements.len(), self.chosen.len());
        let movable = (0..k).rev().find(|i| self.chosen[*i] < n - k + i);
        match movable {
            Some(i) => {
                self.chosen[i] += 1;
                for j in i + 1..k {
                    self.chosen[j] = self.chosen[j - 1] + 1;
                }
            }
            None if k < n => self.chosen = (0..=k).collect(),
            None => self.done = true,
        }
    }
}

impl Product {
    fn new(sets: Vec<Rc<[Value]>>, make: Make) -> Self {
        let done = sets.iter().any(|set| set.is_empty());
        Self { at: vec![0; sets.len()], sets, done, make }
    }

    fn next(&mut self) -> Option<Value> {
        if self.done {
            return None;
        }
        let values: Vec<Value> = self.sets.iter().zip(&self.at).map(|(set, i)| set[*i].clone()).collect();
        let element = match &self.make {
            Make::Tuple => Value::tuple(values),
            Make::Record(fields) => Value::record(fields.clone(), values),
            Make::Function(domain) => Value::function(domain.clone(), values),
        };
        self.advance();
        Some(element)
    }

    fn advance(&mut self) {
        for (set, at) in self.sets.iter().zip(&mut self.at).rev() {
            *at += 1;
            if *at < set.len() {
                return;
            }
            *at = 0;
        }
        self.done = true;
    }
}

fn binomial_sum(n: u64) -> Option<u64> {
    1u64.checked_shl(u32::try_from(n).ok()?)
}

/// Elements that are enumerated before the surroundings are asked whether to go on.
pub(super) const PATIENCE: u32 = 1024;

impl Machine<'_> {
    /// The next element of an enumeration.
    ///
    /// # Errors
    /// If the run is to stop: an enumeration may be longer than anybody waits.
    pub(super) fn next_of(&mut self, elements: &mut Elements) -> Evaluated<Option<Value>> {
        match self.patience.checked_sub(1) {
            Some(rest) => self.patience = rest,
            None => {
                self.patience = PATIENCE;
                if self.surroundings.interrupted() {
                    return Err(EvalError::new(
                        ErrorClass::Interrupted,
                        "the run was stopped while a set was enumerated",
                    ));
                }
            }
        }
        Ok(elements.next())
    }

    /// Enumerates a set.
    ///
    /// # Errors
    /// If the value is no set, or an infinite one.
    pub fn elements(&mut self, set: &Value) -> Evaluated<Elements> {
        Ok(match set {
            Value::Set(node) => Elements::Set(node.clone(), 0),
            Value::Interval(range) => Elements::Interval(range.clone(), 0),
            Value::Lazy(lazy) => {
                let lazy = lazy.clone();
                self.lazy_elements(&lazy, set)?
            }
            other => return Err(self.no_set(other)),
        })
    }

    pub(crate) fn no_set(&self, value: &Value) -> Box<EvalError> {
        EvalError::undefined(format!("expected a set, found {} {}", kind_word(value), self.show(value)))
    }

    fn not_enumerable(&self, set: &Value) -> Box<EvalError> {
        EvalError::undefined(format!("the set {} cannot be enumerated", self.show(set)))
            .with_remedy("bound it, or override the definition in the configuration, for example Nat <- SmallNat")
    }

    fn lazy_elements(&mut self, lazy: &LazySet, set: &Value) -> Evaluated<Elements> {
        Ok(match lazy {
            LazySet::Subsets(base) => {
                let base = self.element_vec(base)?;
                Elements::Subsets(Subsets::new(base))
            }
            LazySet::Functions(domain, range) => {
                let domain: Rc<[Value]> = self.element_vec(domain)?.into();
                if domain.is_empty() {
                    return Ok(Elements::Product(Product::new(Vec::new(), Make::Tuple)));
                }
                let range: Rc<[Value]> = self.element_vec(range)?.into();
                Elements::Product(Product::new(vec![range; domain.len()], Make::Function(domain)))
            }
            LazySet::Records(fields, sets) => {
                Elements::Product(Product::new(self.element_vecs(sets)?, Make::Record(fields.clone())))
            }
            LazySet::Product(sets) => Elements::Product(Product::new(self.element_vecs(sets)?, Make::Tuple)),
            LazySet::Union(..)
            | LazySet::Family(_)
            | LazySet::Intersection(..)
            | LazySet::Difference(..)
            | LazySet::Filter(_) => match self.algebra(lazy)? {
                Value::Lazy(_) => return Err(self.not_enumerable(set)),
                explicit => self.elements(&explicit)?,
            },
            LazySet::Sequences(base) => {
                if self.finite_size(base) == Some(0) {
                    let only = Value::sorted_set(vec![Value::tuple(Vec::new())]);
                    return self.elements(&only);
                }
                return Err(self.not_enumerable(set));
            }
            LazySet::Naturals | LazySet::Integers | LazySet::Reals | LazySet::Strings | LazySet::Anything => {
                return Err(self.not_enumerable(set));
            }
        })
    }

    fn element_vecs(&mut self, sets: &[Value]) -> Evaluated<Vec<Rc<[Value]>>> {
        sets.iter().map(|set| self.element_vec(set).map(Rc::from)).collect()
    }

    /// All elements, in order.
    ///
    /// # Errors
    /// As [`Machine::elements`], or if there are too many.
    pub fn element_vec(&mut self, set: &Value) -> Evaluated<Vec<Value>> {
        if let Value::Set(node) = set {
            return Ok(node.elements.clone());
        }
        if let Some(size) = self.finite_size(set) {
            within_limit(size)?;
        }
        let mut all = Vec::new();
        let mut elements = self.elements(set)?;
        while let Some(element) = self.next_of(&mut elements)? {
            all.push(element);
            within_limit(all.len() as u64)?;
        }
        Ok(all)
    }

    /// The set with its elements made explicit.
    pub(crate) fn explicit_set(&mut self, set: &Value) -> Evaluated<Value> {
        match set {
            Value::Set(_) | Value::Interval(_) => Ok(set.clone()),
            _ => Ok(Value::sorted_set(self.element_vec(set)?)),
        }
    }

    /// The value without anything symbolic inside, as far as it is finite.
    ///
    /// # Errors
    /// If a function's value is undefined somewhere, or a set is too large.
    pub fn force(&mut self, value: &Value) -> Evaluated<Value> {
        if !value.is_symbolic() {
            return Ok(value.clone());
        }
        Ok(match value {
            Value::Lazy(_) if self.is_enumerable(value) => {
                let elements = self.element_vec(value)?;
                let forced = self.force_each(&elements)?;
                self.make_set(forced)?
            }
            Value::Rule(rule) => {
                let rule = rule.clone();
                self.explicit_rule(&rule)?
            }
            Value::Tuple(node) => Value::tuple(self.force_each(&node.elements)?),
            Value::Record(node) => Value::record(node.fields.clone(), self.force_each(&node.values)?),
            Value::Function(node) => {
                let domain = self.force_each(&node.domain)?;
                Value::function(domain.into(), self.force_each(&node.values)?)
            }
            Value::Set(node) => {
                let forced = self.force_each(&node.elements)?;
                if forced.iter().any(Value::is_symbolic) {
                    return Ok(Value::sorted_set(forced));
                }
                self.make_set(forced)?
            }
            Value::Lazy(_)
            | Value::Bool(_)
            | Value::Int(_)
            | Value::BigInt(_)
            | Value::String(_)
            | Value::Model(_)
            | Value::Interval(_) => value.clone(),
        })
    }

    fn force_each(&mut self, values: &[Value]) -> Evaluated<Vec<Value>> {
        values.iter().map(|value| self.force(value)).collect()
    }

    /// Whether the elements of a set can be enumerated.
    pub fn is_enumerable(&self, set: &Value) -> bool {
        match set {
            Value::Set(_) | Value::Interval(_) => true,
            Value::Lazy(lazy) => match &**lazy {
                LazySet::Naturals | LazySet::Integers | LazySet::Reals | LazySet::Strings | LazySet::Anything => false,
                LazySet::Sequences(base) => self.finite_size(base) == Some(0),
                LazySet::Subsets(base) => self.is_enumerable(base),
                LazySet::Functions(domain, range) => self.is_enumerable(domain) && self.is_enumerable(range),
                LazySet::Records(_, sets) | LazySet::Product(sets) => sets.iter().all(|set| self.is_enumerable(set)),
                LazySet::Union(a, b) => self.is_enumerable(a) && self.is_enumerable(b),
                LazySet::Family(sets) => sets.iter().all(|set| self.is_enumerable(set)),
                LazySet::Intersection(a, b) => self.is_enumerable(a) || self.is_enumerable(b),
                LazySet::Difference(a, _) => self.is_enumerable(a),
                LazySet::Filter(filter) => self.is_enumerable(&filter.base),
            },
            _ => false,
        }
    }

    /// Number of elements where it is known without enumeration and fits.
    pub fn finite_size(&self, set: &Value) -> Option<u64> {
        match set {
            Value::Set(_) | Value::Interval(_) => set_len(set),
            Value::Lazy(lazy) => match &**lazy {
                LazySet::Subsets(base) => binomial_sum(self.finite_size(base)?),
                LazySet::Functions(domain, range) => {
                    let exponent = u32::try_from(self.finite_size(domain)?).ok()?;
                    self.finite_size(range)?.checked_pow(exponent)
                }
                LazySet::Records(_, sets) | LazySet::Product(sets) => {
                    sets.iter().try_fold(1u64, |product, set| product.checked_mul(self.finite_size(set)?))
                }
                LazySet::Family(sets) => match &sets[..] {
                    [single] => self.finite_size(single),
                    _ => None,
                },
                LazySet::Naturals
                | LazySet::Integers
                | LazySet::Reals
                | LazySet::Strings
                | LazySet::Anything
                | LazySet::Sequences(_)
                | LazySet::Union(..)
                | LazySet::Intersection(..)
                | LazySet::Difference(..)
                | LazySet::Filter(_) => None,
            },
            _ => None,
        }
    }

    /// A set that TLC would not have made explicit, which shows in a union with it: an element of both sides is two
    /// branches of `x' \in S \cup T`. Our own list of its elements is kept as the union of this one set.
    pub(super) fn unlisted(explicit: Value) -> Value {
        match explicit {
            Value::Set(_) => Value::lazy(LazySet::Family(vec![explicit])),
            other => other,
        }
    }

    /// Enumerates a set for `x' \in S`. TLC does not remove duplicates from a union that it has not made explicit, and
    /// each of them is a branch of its own; a side that is explicit comes first.
    pub fn branches(&mut self, set: &Value) -> Evaluated<Elements> {
        let Value::Lazy(lazy) = set else { return self.elements(set) };
        let lazy = lazy.clone();
        match &*lazy {
            LazySet::Family(sets) => self.chain(sets.clone()),
            LazySet::Union(a, b) => {
                let explicit = |set: &Value| !matches!(set, Value::Lazy(_));
                if explicit(b) && !explicit(a) {
                    return self.chain(vec![b.clone(), a.clone()]);
                }
                self.chain(vec![a.clone(), b.clone()])
            }
            LazySet::Naturals
            | LazySet::Integers
            | LazySet::Reals
            | LazySet::Strings
            | LazySet::Anything
            | LazySet::Sequences(_)
            | LazySet::Subsets(_)
            | LazySet::Functions(..)
            | LazySet::Records(..)
            | LazySet::Product(_)
            | LazySet::Intersection(..)
            | LazySet::Difference(..)
            | LazySet::Filter(_) => self.elements(set),
        }
    }

    fn chain(&mut self, sets: Vec<Value>) -> Evaluated<Elements> {
        let mut parts = Vec::with_capacity(sets.len());
        for set in sets.iter().rev() {
            parts.push(self.branches(set)?);
        }
        Ok(Elements::Chain(parts))
    }

    /// `Cardinality(S)`.
    pub(crate) fn cardinality(&mut self, set: &Value) -> Evaluated<Value> {
        if let Some(size) = self.finite_size(set) {
            return Ok(Value::integer(size.into()));
        }
        if let Value::Lazy(lazy) = set {
            if let Some(size) = self.huge_size(lazy) {
                return Ok(Value::integer(size));
            }
            if !self.is_enumerable(set) {
                return Err(EvalError::undefined(format!("Cardinality of the infinite set {}", self.show(set))));
            }
        }
        Ok(Value::Int(self.element_vec(set)?.len() as i64))
    }

    /// Number of elements beyond 64 bits.
    fn huge_size(&self, lazy: &LazySet) -> Option<num_bigint::BigInt> {
        use num_bigint::BigInt;
        match lazy {
            LazySet::Subsets(base) => Some(BigInt::from(2).pow(u32::try_from(self.finite_size(base)?).ok()?)),
            LazySet::Functions(domain, range) => {
                let exponent = u32::try_from(self.finite_size(domain)?).ok()?;
                (exponent < 100_000).then_some(BigInt::from(self.finite_size(range)?).pow(exponent))
            }
            LazySet::Records(_, sets) | LazySet::Product(sets) => sets
                .iter()
                .try_fold(BigInt::from(1), |product, set| Some(product * BigInt::from(self.finite_size(set)?))),
            LazySet::Naturals
            | LazySet::Integers
            | LazySet::Reals
            | LazySet::Strings
            | LazySet::Anything
            | LazySet::Sequences(_)
            | LazySet::Union(..)
            | LazySet::Family(_)
            | LazySet::Intersection(..)
            | LazySet::Difference(..)
            | LazySet::Filter(_) => None,
        }
    }
}
