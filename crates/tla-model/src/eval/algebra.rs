//! Sets: unions, intersections and differences.
//!
//! What is made explicit, and when, shows in how many branches an action has, so it is what TLC makes explicit.

use super::Machine;
use super::set::Growth;
use crate::error::{EvalError, Evaluated};
use crate::value::order::set_len;
use crate::value::{LazySet, Value};

impl Machine<'_> {
    /// `S \cup T`.
    pub(crate) fn union(&mut self, a: &Value, b: &Value) -> Evaluated<Value> {
        self.check_sets(a, b)?;
        if matches!(a, Value::Lazy(_)) || matches!(b, Value::Lazy(_)) {
            return Ok(Value::lazy(LazySet::Union(a.clone(), b.clone())));
        }
        self.algebra(&LazySet::Union(a.clone(), b.clone()))
    }

    /// `S \cap T`.
    pub(crate) fn intersection(&mut self, a: &Value, b: &Value) -> Evaluated<Value> {
        self.check_sets(a, b)?;
        let common = self.algebra(&LazySet::Intersection(a.clone(), b.clone()))?;
        let unlisted = matches!((a, b), (Value::Lazy(_), Value::Lazy(_)));
        Ok(if unlisted { Self::unlisted(common) } else { common })
    }

    /// `S \ T`.
    pub(crate) fn difference(&mut self, a: &Value, b: &Value) -> Evaluated<Value> {
        self.check_sets(a, b)?;
        let left = self.algebra(&LazySet::Difference(a.clone(), b.clone()))?;
        Ok(if matches!(a, Value::Lazy(_)) { Self::unlisted(left) } else { left })
    }

    fn check_sets(&self, a: &Value, b: &Value) -> Evaluated<()> {
        for set in [a, b] {
            if !matches!(set, Value::Set(_) | Value::Interval(_) | Value::Lazy(_)) {
                return Err(self.no_set(set));
            }
        }
        Ok(())
    }

    pub(super) fn algebra(&mut self, set: &LazySet) -> Evaluated<Value> {
        match set {
            LazySet::Union(a, b) => {
                if !self.is_enumerable(a) || !self.is_enumerable(b) {
                    return Ok(Value::lazy(LazySet::Union(a.clone(), b.clone())));
                }
                let (a, b) = (self.explicit_set(a)?, self.explicit_set(b)?);
                self.merge(&a, &b)
            }
            LazySet::Family(sets) => {
                if let [single @ Value::Set(_)] = &sets[..] {
                    return Ok(single.clone());
                }
                if sets.iter().all(|set| self.is_enumerable(set)) {
                    return self.join(sets);
                }
                Ok(Value::lazy(LazySet::Family(sets.clone())))
            }
            LazySet::Intersection(a, b) => {
                if self.is_enumerable(a) {
                    return self.keep(a, |machine, element| machine.member(element, b));
                }
                if self.is_enumerable(b) {
                    return self.keep(b, |machine, element| machine.member(element, a));
                }
                Ok(Value::lazy(LazySet::Intersection(a.clone(), b.clone())))
            }
            LazySet::Difference(a, b) => {
                if self.is_enumerable(a) {
                    return self.keep(a, |machine, element| Ok(!machine.member(element, b)?));
                }
                Ok(Value::lazy(LazySet::Difference(a.clone(), b.clone())))
            }
            LazySet::Filter(filter) => {
                if let Some(explicit) = filter.explicit.get() {
                    return Ok(explicit.clone());
                }
                let base = filter.base.clone();
                let kept = self.keep(&base, |machine, element| machine.filter_holds(filter, element))?;
                match kept {
                    Value::Lazy(_) => Ok(kept),
                    explicit => Ok(filter.explicit.get_or_init(|| explicit).clone()),
                }
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
            | LazySet::Product(_) => Err(EvalError::undefined("this set cannot be enumerated")),
        }
    }

    fn keep(&mut self, set: &Value, mut test: impl FnMut(&mut Self, &Value) -> Evaluated<bool>) -> Evaluated<Value> {
        let (mut kept, mut growth) = (Vec::new(), Growth::default());
        let mut elements = self.elements(set)?;
        while let Some(element) = self.next_of(&mut elements)? {
            if test(self, &element)? {
                growth.add(&element)?;
                kept.push(element);
            }
        }
        Ok(Value::sorted_set(kept))
    }

    /// Union of two explicit sets by merging.
    fn merge(&mut self, a: &Value, b: &Value) -> Evaluated<Value> {
        if set_len(a) == Some(0) {
            return Ok(b.clone());
        }
        if set_len(b) == Some(0) {
            return Ok(a.clone());
        }
        let (x, y) = (self.element_vec(a)?, self.element_vec(b)?);
        let mut merged = Vec::with_capacity(x.len() + y.len());
        let (mut i, mut j) = (0, 0);
        while i < x.len() && j < y.len() {
            match self.compare(&x[i], &y[j])? {
                std::cmp::Ordering::Less => {
                    merged.push(x[i].clone());
                    i += 1;
                }
                std::cmp::Ordering::Greater => {
                    merged.push(y[j].clone());
                    j += 1;
                }
                std::cmp::Ordering::Equal => {
                    merged.push(x[i].clone());
                    i += 1;
                    j += 1;
                }
            }
        }
        merged.extend_from_slice(&x[i..]);
        merged.extend_from_slice(&y[j..]);
        let is_first = merged.len() == x.len() && matches!(a, Value::Set(_));
        Ok(if is_first { a.clone() } else { Value::sorted_set(merged) })
    }

    /// `UNION S`.
    pub(crate) fn big_union(&mut self, family: &Value) -> Evaluated<Value> {
        let members = self.element_vec(family)?;
        if let [single] = members.as_slice() {
            self.check_sets(single, single)?;
            return Ok(single.clone());
        }
        if members.iter().any(|member| matches!(member, Value::Lazy(_) | Value::Interval(_))) {
            for member in &members {
                self.check_sets(member, member)?;
            }
            return Ok(Value::lazy(LazySet::Family(members)));
        }
        self.join(&members)
    }

    /// The union of members in the order in which they were evaluated. Where one of them is symbolic, TLC keeps the union
    /// so, and an element of two members is two branches of `x' \in UNION S`; the members come in the order of sets.
    pub(crate) fn union_of(&mut self, members: Vec<Value>) -> Evaluated<Value> {
        let is_symbolic = |member: &Value| matches!(member, Value::Lazy(_));
        if !members.iter().any(is_symbolic) || !members.iter().all(|member| self.is_enumerable(member)) {
            let family = self.make_set(members)?;
            return self.big_union(&family);
        }
        let sizes: Option<Vec<u64>> = members.iter().map(|member| self.finite_size(member)).collect();
        let mut order: Vec<usize> = (0..members.len()).collect();
        let by_size = sizes.filter(|sizes| {
            order.sort_by_key(|index| sizes[*index]);
            order.windows(2).all(|pair| sizes[pair[0]] < sizes[pair[1]])
        });
        if by_size.is_none() {
            order = self.order_of(&members)?;
        }
        let members = order.into_iter().map(|index| members[index].clone()).collect();
        Ok(Value::lazy(LazySet::Family(members)))
    }

    /// Indices of the different ones of some sets, in the order of sets.
    fn order_of(&mut self, sets: &[Value]) -> Evaluated<Vec<usize>> {
        let explicit = sets.iter().map(|set| self.force(set)).collect::<Evaluated<Vec<_>>>()?;
        let all = self.make_set(explicit.clone())?;
        let index = |set: &Value| explicit.iter().position(|other| other.structurally_equal(set));
        Ok(self.element_vec(&all)?.iter().filter_map(index).collect())
    }

    fn join(&mut self, members: &[Value]) -> Evaluated<Value> {
        let mut all = Vec::new();
        for member in members {
            all.extend(self.element_vec(member)?);
        }
        self.make_set(all)
    }
}
