//! Random choices: `RandomElement` and module `Randomization`.
//!
//! Choices are pseudo-random (xorshift64*: G. Marsaglia 2003, S. Vigna 2016) and repeatable: the worker seeds the machine
//! for each state that it expands, and each constant definition has a seed of its own, so that the answer does not depend
//! on who asks first or on the number of workers. TLC does the same with the fingerprint of the state; it draws other
//! elements, since its generator is another one.
//!
//! Elements of symbolic sets are drawn without making the sets explicit, which may be astronomically large.

use super::set::within_limit;
use super::{Machine, kind_word};
use crate::error::{EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::{LazySet, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

impl Machine<'_> {
    /// Determines the random choices from here on, together with the seed of the run.
    pub fn seed_random(&mut self, seed: u64) {
        // The generator needs a state that is not zero; neighboring seeds must not begin alike.
        self.random = crate::value::mix(seed, self.settings.seed) | 1;
    }

    fn random_bits(&mut self) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        self.random.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below the bound, by Lemire's multiplication (2019) without the rejection, whose bias is below 2^-32 for
    /// every set that fits memory.
    pub(super) fn random_below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.random_bits()) * u128::from(bound)) >> 64) as u64
    }

    /// `RandomElement(S)`.
    pub(super) fn random_element(&mut self, set: &Value) -> Evaluated<Value> {
        match set {
            Value::Interval(range) => Ok(Value::Int(range.low + self.random_below(range.len()) as i64)),
            Value::Lazy(lazy) => self.random_element_of(&lazy.clone(), set),
            _ => self.random_listed_element(set),
        }
    }

    fn random_listed_element(&mut self, set: &Value) -> Evaluated<Value> {
        let elements = self.element_vec(set)?;
        let index = self.random_below(elements.len() as u64) as usize;
        elements.get(index).cloned().ok_or_else(|| EvalError::undefined("RandomElement of the empty set"))
    }

    fn random_element_of(&mut self, lazy: &Rc<LazySet>, set: &Value) -> Evaluated<Value> {
        match &**lazy {
            LazySet::Subsets(base) => {
                let elements = self.element_vec(base)?;
                Ok(self.random_part(&elements, |machine| machine.random_bits() >> 63 == 0))
            }
            LazySet::Functions(domain, range) => {
                let domain: Rc<[Value]> = self.element_vec(domain)?.into();
                let values = domain.iter().map(|_| self.random_element(range)).collect::<Evaluated<_>>()?;
                Ok(Value::function(domain, values))
            }
            LazySet::Records(fields, sets) => Ok(Value::record(fields.clone(), self.random_elements(sets)?)),
            LazySet::Product(sets) => Ok(Value::tuple(self.random_elements(sets)?)),
            _ => self.random_listed_element(set),
        }
    }

    fn random_elements(&mut self, sets: &[Value]) -> Evaluated<Vec<Value>> {
        sets.iter().map(|set| self.random_element(set)).collect()
    }

    fn random_part(&mut self, elements: &[Value], mut take: impl FnMut(&mut Self) -> bool) -> Value {
        Value::sorted_set(elements.iter().filter(|_| take(self)).cloned().collect())
    }

    /// The operators of module `Randomization`.
    pub(super) fn randomization(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        match (operator, arguments) {
            (Primitive::RandomSubset, [k, set]) => {
                let k = self.natural(k, operator)?;
                self.random_subset(k, set)
            }
            (Primitive::RandomSetOfSubsets, [k, n, set]) => self.random_subsets(operator, [k, n, set]),
            (Primitive::TestRandomSetOfSubsets, [k, n, set]) => {
                let mut sizes = Vec::new();
                for _ in 0..5 {
                    let subsets = self.random_subsets(operator, [k, n, set])?;
                    sizes.push(self.cardinality(&subsets)?);
                }
                Ok(Value::tuple(sizes))
            }
            _ => Err(EvalError::undefined(format!("{} is no random choice", operator.spelling()))),
        }
    }

    /// A subset with `k` elements; the whole set if it has no more.
    fn random_subset(&mut self, k: u64, set: &Value) -> Evaluated<Value> {
        within_limit(k)?;
        let size = match self.finite_size(set) {
            Some(size) => size,
            None => self.element_vec(set)?.len() as u64,
        };
        if k >= size {
            return self.explicit_set(set);
        }
        // R. Floyd's sample of k out of n numbers, 1987.
        let mut drawn = BTreeSet::new();
        for last in size - k..size {
            let number = self.random_below(last + 1);
            if !drawn.insert(number) {
                drawn.insert(last);
            }
        }
        let mut elements = Vec::with_capacity(drawn.len());
        for number in drawn {
            elements.push(self.numbered_element(set, number)?);
        }
        self.make_set(elements)
    }

    /// The element with a number below the size of the set; which element has which number does not matter.
    fn numbered_element(&mut self, set: &Value, number: u64) -> Evaluated<Value> {
        let Value::Lazy(lazy) = set else {
            return Ok(crate::value::order::set_element(set, number));
        };
        match &*lazy.clone() {
            LazySet::Functions(domain, range) => {
                let domain: Rc<[Value]> = self.element_vec(domain)?.into();
                let ranges = vec![range.clone(); domain.len()];
                Ok(Value::function(domain, self.numbered_row(&ranges, number)?))
            }
            LazySet::Records(fields, sets) => Ok(Value::record(fields.clone(), self.numbered_row(sets, number)?)),
            LazySet::Product(sets) => Ok(Value::tuple(self.numbered_row(sets, number)?)),
            LazySet::Subsets(base) => {
                let elements = self.element_vec(base)?;
                let chosen = elements.iter().enumerate().filter(|(bit, _)| number >> bit & 1 == 1);
                Ok(Value::sorted_set(chosen.map(|(_, element)| element.clone()).collect()))
            }
            _ => {
                let elements = self.element_vec(set)?;
                elements.into_iter().nth(number as usize).ok_or_else(|| EvalError::undefined("the set is too small"))
            }
        }
    }

    /// One element of each set: the digits of a number in a mixed base.
    fn numbered_row(&mut self, sets: &[Value], mut number: u64) -> Evaluated<Vec<Value>> {
        let mut row = Vec::with_capacity(sets.len());
        for set in sets {
            let size = self.finite_size(set).unwrap_or(1).max(1);
            row.push(self.numbered_element(set, number % size)?);
            number /= size;
        }
        Ok(row)
    }

    /// As many subsets as the first argument says, equal ones counted once; each holds an element with the probability
    /// that makes its average size the second argument.
    fn random_subsets(&mut self, operator: Primitive, [k, n, set]: [&Value; 3]) -> Evaluated<Value> {
        let (k, n) = (self.natural(k, operator)?, self.natural(n, operator)?);
        within_limit(k)?;
        let elements = self.element_vec(set)?;
        let size = elements.len() as u64;
        if size < 64 && k > 1 << size {
            return Err(EvalError::undefined(format!("a set of {size} elements has fewer than {k} subsets")));
        }
        if n > size {
            return Err(EvalError::undefined(format!(
                "{} of a set of {size} elements cannot choose {n} elements on average",
                operator.spelling()
            )));
        }
        let subsets = (0..k).map(|_| self.random_part(&elements, |machine| machine.random_below(size) < n)).collect();
        self.make_set(subsets)
    }

    fn natural(&self, value: &Value, operator: Primitive) -> Evaluated<u64> {
        match value {
            Value::Int(number) if *number >= 0 => Ok(*number as u64),
            other => Err(EvalError::undefined(format!(
                "{} needs a natural number, found {} {}",
                operator.spelling(),
                kind_word(other),
                self.show(other)
            ))),
        }
    }
}
