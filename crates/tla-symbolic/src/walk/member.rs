//! Membership and inclusion.

use super::{Algebra, Comparisons, Functions, Graph, Made, Operations, Sets, Sym, Translator, Values};
use tla_model::value::{LazySet, Value};

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// Whether a value is an element of a set.
    pub(crate) fn contains(&mut self, element: &Sym<'m, A>, set: &Sym<'m, A>) -> Made<A::Bit> {
        let set = self.open(set);
        match &set {
            Sym::Never => Ok(A::FALSE),
            Sym::Union(_) => self.truth_of_alternatives(&set, &mut |this, one| this.contains(element, one)),
            Sym::Own(own) => self.contains_own(element, own),
            Sym::Both(a, b) => {
                let left = self.contains(element, a)?;
                let not = self.graph.not(left);
                let right = self.under(not, |this| this.contains(element, b))?.unwrap_or(A::FALSE);
                Ok(self.graph.or(left, right))
            }
            Sym::Subsets(base) => self.truth_of_alternatives(element, &mut |this, one| {
                if Self::is_set_of_any(one) {
                    return this.subset(one, base);
                }
                this.unlike(one, "something that is no set is tested to be in a set of sets");
                Ok(A::FALSE)
            }),
            Sym::Functions(domain, range) => match self.static_elements(domain)? {
                Some(keys) => {
                    let ranges = vec![(**range).clone(); keys.len()];
                    self.contains_map(element, &keys, &ranges)
                }
                None => self.contains_function(element, domain, range),
            },
            Sym::Products(keys, sets) => self.contains_map(element, keys, sets),
            Sym::Lazy(value) => self.contains_lazy(element, value),
            Sym::Bool(_) | Sym::Map(..) | Sym::Rule(..) => {
                self.fail(A::TRUE, "a set is needed here");
                Ok(A::FALSE)
            }
        }
    }

    /// Whether all of these are in a set, as far as the one before is.
    pub(crate) fn contains_all(&mut self, all: &[Sym<'m, A>], set: &Sym<'m, A>) -> Made<A::Bit> {
        let mut inside = A::TRUE;
        for one in all {
            let also = self.under(inside, |this| this.contains(one, set))?.unwrap_or(A::FALSE);
            inside = self.graph.and(inside, also);
        }
        Ok(inside)
    }

    /// Whether a value is a function with these arguments and each value in a set of its own.
    fn contains_map(&mut self, element: &Sym<'m, A>, keys: &[A::Key], sets: &[Sym<'m, A>]) -> Made<A::Bit> {
        self.truth_of_alternatives(element, &mut |this, one| match one {
            Sym::Map(own, parts) => {
                if own.len() != keys.len() || own.iter().any(|key| !keys.contains(key)) {
                    return Ok(A::FALSE);
                }
                let mut inside = A::TRUE;
                for (key, part) in own.iter().zip(parts.iter()) {
                    let Some(index) = keys.iter().position(|known| known == key) else { return Ok(A::FALSE) };
                    let one = this.under(inside, |this| this.contains(part, &sets[index]))?.unwrap_or(A::FALSE);
                    inside = this.graph.and(inside, one);
                }
                Ok(inside)
            }
            Sym::Rule(..) => {
                let element = this.explicit_function(one)?;
                this.contains_map(&element, keys, sets)
            }
            Sym::Own(own) if this.domain_own(own).is_some() => Ok(A::FALSE),
            other => {
                this.unlike(other, "something that is no function is tested to be in a set of functions");
                Ok(A::FALSE)
            }
        })
    }

    fn contains_lazy(&mut self, element: &Sym<'m, A>, value: &Value) -> Made<A::Bit> {
        if let Some(element) = self.known_value(element) {
            return match self.machine.attempt(|machine| machine.member(&element, value)) {
                Ok(inside) => Ok(if inside { A::TRUE } else { A::FALSE }),
                Err(_) => {
                    self.fail(A::TRUE, "membership is undefined");
                    Ok(A::FALSE)
                }
            };
        }
        let Value::Lazy(lazy) = value else { return self.declined("membership in this set is not translated") };
        match &**lazy {
            LazySet::Sequences(base) => {
                let base = self.concrete(base);
                let mut lengths = Vec::new();
                for (guard, parts) in self.sequences(element)? {
                    if let Some(inside) = self.under(guard, |this| this.contains_all(&parts, &base))? {
                        lengths.push(self.graph.and(guard, inside));
                    }
                }
                Ok(self.graph.or_all(&lengths))
            }
            LazySet::Anything => Ok(A::TRUE),
            LazySet::Difference(a, b) => {
                let (a, b) = (self.concrete(a), self.concrete(b));
                let inside = self.contains(element, &a)?;
                let out = self.under(inside, |this| this.contains(element, &b))?.unwrap_or(A::TRUE);
                Ok(self.graph.without(inside, out))
            }
            LazySet::Intersection(a, b) => {
                let (a, b) = (self.concrete(a), self.concrete(b));
                let inside = self.contains(element, &a)?;
                let also = self.under(inside, |this| this.contains(element, &b))?.unwrap_or(A::FALSE);
                Ok(self.graph.and(inside, also))
            }
            LazySet::Family(sets) => {
                let mut any = A::FALSE;
                for set in sets {
                    let set = self.concrete(set);
                    let not = self.graph.not(any);
                    let one = self.under(not, |this| this.contains(element, &set))?.unwrap_or(A::FALSE);
                    any = self.graph.or(any, one);
                }
                Ok(any)
            }
            LazySet::Naturals | LazySet::Integers | LazySet::Reals | LazySet::Strings | LazySet::Filter(_) => {
                self.contains_leaf(element, lazy, value)
            }
            LazySet::Subsets(_)
            | LazySet::Functions(..)
            | LazySet::Records(..)
            | LazySet::Product(_)
            | LazySet::Union(..) => self.declined("membership in this set is not translated"),
        }
    }

    /// Whether a set is part of another one.
    pub(crate) fn subset(&mut self, a: &Sym<'m, A>, b: &Sym<'m, A>) -> Made<A::Bit> {
        if let Some(truth) = self.subset_at_once(a, b)? {
            return Ok(truth);
        }
        let mut all = A::TRUE;
        for (element, guard) in self.elements(a)? {
            let wanted = self.graph.and(all, guard);
            if let Some(inside) = self.under(wanted, |this| this.contains(&element, b))? {
                let fine = self.graph.implies(guard, inside);
                all = self.graph.and(all, fine);
            }
        }
        Ok(all)
    }
}
