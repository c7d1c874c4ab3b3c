//! Sets: what is in them, and what that says of two sets.
//!
//! A symbolic set is asked without being enumerated. TLA+ does not say whether a value of one kind is in a set of another
//! kind, so that is an error, as in TLC; infinite sets are compared by what they are.

use super::{Machine, kind_word};
use crate::error::{EvalError, Evaluated};
use crate::value::{FilterRule, LazySet, StringId, Value};
use std::ops::ControlFlow;
use std::rc::Rc;

impl Machine<'_> {
    /// `x \in S`.
    ///
    /// # Errors
    /// If the value cannot be compared with the elements, or `S` is no set.
    pub fn member(&mut self, value: &Value, set: &Value) -> Evaluated<bool> {
        match set {
            Value::Set(node) => {
                let node = node.clone();
                self.member_of_elements(value, &node.elements)
            }
            Value::Interval(range) => match value {
                Value::Int(i) => Ok(range.low <= *i && *i <= range.high),
                Value::BigInt(_) => Ok(false),
                other => {
                    let first = Value::Int(range.low);
                    self.equal(other, &first)
                }
            },
            Value::Lazy(lazy) => {
                let lazy = lazy.clone();
                self.member_of_lazy(value, &lazy)
            }
            other => Err(self.no_set(other)),
        }
    }

    fn member_of_elements(&mut self, value: &Value, elements: &[Value]) -> Evaluated<bool> {
        if elements.is_empty() {
            return Ok(false);
        }
        if elements.len() <= 4 {
            for element in elements {
                if self.equal(element, value)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        let (mut low, mut high) = (0, elements.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.compare(&elements[middle], value)? {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }

    fn member_of_lazy(&mut self, value: &Value, lazy: &LazySet) -> Evaluated<bool> {
        match lazy {
            LazySet::Naturals => self.is_integer(value, "Nat", |negative| !negative),
            LazySet::Integers => self.is_integer(value, "Int", |_| true),
            LazySet::Reals => self.is_integer(value, "Real", |_| true),
            LazySet::Strings => match value {
                Value::String(_) => Ok(true),
                Value::Model(_) => Ok(false),
                other => Err(self.unlike(other, "STRING")),
            },
            LazySet::Anything => Ok(true),
            LazySet::Sequences(base) => self.is_sequence_over(value, base),
            LazySet::Subsets(base) => match value {
                Value::Set(_) | Value::Interval(_) | Value::Lazy(_) => self.subset(value, base),
                Value::Model(_) => Ok(false),
                other => Err(self.unlike(other, "SUBSET")),
            },
            LazySet::Functions(domain, range) => self.is_function(value, domain, range),
            LazySet::Records(fields, sets) => self.is_record(value, fields, sets),
            LazySet::Product(sets) => self.is_tuple(value, sets),
            LazySet::Union(a, b) => Ok(self.member(value, a)? || self.member(value, b)?),
            LazySet::Family(sets) => {
                for set in sets {
                    if self.member(value, set)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            LazySet::Intersection(a, b) => Ok(self.member(value, a)? && self.member(value, b)?),
            LazySet::Difference(a, b) => Ok(self.member(value, a)? && !self.member(value, b)?),
            LazySet::Filter(filter) => self.is_filtered(value, filter),
        }
    }

    fn is_filtered(&mut self, value: &Value, filter: &FilterRule) -> Evaluated<bool> {
        if let Some(explicit) = filter.explicit.get() {
            return self.member(value, explicit);
        }
        Ok(self.member(value, &filter.base)? && self.filter_holds(filter, value)?)
    }

    fn unlike(&self, value: &Value, set: &str) -> Box<EvalError> {
        EvalError::undefined(format!("cannot tell whether {} {} is in {set}", kind_word(value), self.show(value)))
            .with_remedy("TLA+ does not say whether a value of one kind is in a set of another kind")
    }

    fn is_integer(&self, value: &Value, set: &str, accept: impl Fn(bool) -> bool) -> Evaluated<bool> {
        match value {
            Value::Int(i) => Ok(accept(*i < 0)),
            Value::BigInt(i) => Ok(accept(i.sign() == num_bigint::Sign::Minus)),
            Value::Model(_) => Ok(false),
            other => Err(self.unlike(other, set)),
        }
    }

    fn is_sequence_over(&mut self, value: &Value, base: &Value) -> Evaluated<bool> {
        let forced;
        let value = match value {
            Value::Rule(_) => {
                forced = self.force(value)?;
                &forced
            }
            other => other,
        };
        match value {
            Value::Tuple(node) => {
                let node = node.clone();
                self.all_members(&node.elements, base)
            }
            Value::Record(_) | Value::Function(_) | Value::Model(_) => Ok(false),
            other => Err(self.unlike(other, "Seq")),
        }
    }

    fn all_members(&mut self, values: &[Value], set: &Value) -> Evaluated<bool> {
        for value in values {
            if !self.member(value, set)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_function(&mut self, value: &Value, domain: &Value, range: &Value) -> Evaluated<bool> {
        let value = match value {
            Value::Rule(_) => self.force(value)?,
            other => other.clone(),
        };
        let values = match &value {
            Value::Tuple(node) => &node.elements,
            Value::Record(node) => &node.values,
            Value::Function(node) => &node.values,
            Value::Model(_) => return Ok(false),
            other => return Err(self.unlike(other, "a set of functions")),
        };
        let actual = self.domain(&value)?;
        if !self.same_domain(&actual, domain)? {
            return Ok(false);
        }
        self.all_members(values, range)
    }

    fn same_domain(&mut self, actual: &Value, wanted: &Value) -> Evaluated<bool> {
        match (self.finite_size(actual), self.finite_size(wanted)) {
            (Some(m), Some(n)) if m != n => Ok(false),
            _ => self.equal(actual, wanted),
        }
    }

    fn is_record(&mut self, value: &Value, fields: &Rc<[StringId]>, sets: &[Value]) -> Evaluated<bool> {
        let value = match value {
            Value::Rule(_) => self.force(value)?,
            other => other.clone(),
        };
        match &value {
            Value::Record(node) => {
                if node.fields != *fields {
                    return Ok(false);
                }
                for (value, set) in node.values.iter().zip(sets) {
                    if !self.member(value, set)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Value::Tuple(_) | Value::Function(_) | Value::Model(_) => Ok(false),
            other => Err(self.unlike(other, "a set of records")),
        }
    }

    fn is_tuple(&mut self, value: &Value, sets: &[Value]) -> Evaluated<bool> {
        let value = match value {
            Value::Rule(_) => self.force(value)?,
            other => other.clone(),
        };
        match &value {
            Value::Tuple(node) => {
                if node.elements.len() != sets.len() {
                    return Ok(false);
                }
                for (value, set) in node.elements.iter().zip(sets) {
                    if !self.member(value, set)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Value::Record(_) | Value::Function(_) | Value::Model(_) => Ok(false),
            other => Err(self.unlike(other, "a Cartesian product")),
        }
    }

    /// `S \subseteq T`.
    ///
    /// # Errors
    /// If an element cannot be compared, or a side is no set.
    pub fn subset(&mut self, a: &Value, b: &Value) -> Evaluated<bool> {
        if let (Value::Lazy(x), Value::Lazy(y)) = (a, b)
            && let Some(known) = subset_of_infinite(x, y)
        {
            return Ok(known);
        }
        if let (Value::Lazy(x), Value::Lazy(y)) = (a, b)
            && let (LazySet::Subsets(x), LazySet::Subsets(y)) = (&**x, &**y)
        {
            let (x, y) = (x.clone(), y.clone());
            return self.subset(&x, &y);
        }
        let outside = self.any_element(a, &mut |machine, element| {
            Ok(if machine.member(&element, b)? { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(!outside)
    }

    /// Equality where a side is symbolic, as far as it can be decided without enumeration.
    pub(crate) fn equal_symbolic(&mut self, a: &Value, b: &Value) -> Evaluated<Option<bool>> {
        if a.same_object(b) {
            return Ok(Some(true));
        }
        if let (Value::Lazy(x), Value::Lazy(y)) = (a, b) {
            match (&**x, &**y) {
                (LazySet::Naturals, LazySet::Naturals)
                | (LazySet::Integers, LazySet::Integers)
                | (LazySet::Reals, LazySet::Reals)
                | (LazySet::Strings, LazySet::Strings) => return Ok(Some(true)),
                (LazySet::Subsets(p), LazySet::Subsets(q)) | (LazySet::Sequences(p), LazySet::Sequences(q)) => {
                    let (p, q) = (p.clone(), q.clone());
                    return Ok(Some(self.equal(&p, &q)?));
                }
                _ => {}
            }
            if let (Some(p), Some(q)) = (subset_of_infinite(x, y), subset_of_infinite(y, x)) {
                return Ok(Some(p && q));
            }
        }
        if self.is_enumerable(a) && self.is_enumerable(b) {
            return Ok(match (self.finite_size(a), self.finite_size(b)) {
                (Some(m), Some(n)) if m != n => Some(false),
                _ => None,
            });
        }
        Ok(None)
    }
}

/// Inclusion among the infinite sets of numbers and strings.
fn subset_of_infinite(a: &LazySet, b: &LazySet) -> Option<bool> {
    let rank = |set: &LazySet| match set {
        LazySet::Naturals => Some(1),
        LazySet::Integers => Some(2),
        LazySet::Reals => Some(3),
        LazySet::Strings => Some(10),
        LazySet::Anything
        | LazySet::Sequences(_)
        | LazySet::Subsets(_)
        | LazySet::Functions(..)
        | LazySet::Records(..)
        | LazySet::Product(_)
        | LazySet::Union(..)
        | LazySet::Family(_)
        | LazySet::Intersection(..)
        | LazySet::Difference(..)
        | LazySet::Filter(_) => None,
    };
    match (rank(a)?, rank(b)?) {
        (10, 10) => Some(true),
        (10, _) | (_, 10) => None,
        (x, y) => Some(x <= y),
    }
}
