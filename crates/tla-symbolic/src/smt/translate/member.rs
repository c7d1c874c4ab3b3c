//! Membership and inclusion.

use super::super::sym::Sym;
use super::super::term::{FALSE, Sort, TRUE, Term, Terms};
use super::compare::is_set;
use super::{Made, Translator};
use tla_model::value::{LazySet, Value};

impl<'m> Translator<'m> {
    /// Whether a value is an element of a set.
    pub(super) fn contains(&mut self, element: &Sym<'m>, set: &Sym<'m>) -> Made<Term> {
        match set {
            Sym::Never => Ok(FALSE),
            Sym::Union(_) => self.truth_of_alternatives(set, &mut |this, one| this.contains(element, one)),
            Sym::Set(all) => {
                let mut any = FALSE;
                for (one, guard) in all.iter() {
                    let not = self.t.not(any);
                    let wanted = self.t.and(*guard, not);
                    let same = self.under(wanted, |this| this.equal(element, one))?.unwrap_or(FALSE);
                    let here = self.t.and(*guard, same);
                    any = self.t.or(any, here);
                }
                Ok(any)
            }
            Sym::Interval(low, high) => self.integer_with(element, |this, value| {
                let (above, below) = (this.t.less_equal(*low, value), this.t.less_equal(value, *high));
                this.t.and(above, below)
            }),
            Sym::Integers(array) => self.integer_with(element, |this, value| this.t.select(*array, value)),
            Sym::Both(a, b) => {
                let left = self.contains(element, a)?;
                let not = self.t.not(left);
                let right = self.under(not, |this| this.contains(element, b))?.unwrap_or(FALSE);
                Ok(self.t.or(left, right))
            }
            Sym::Without(a, b) => {
                let inside = self.contains(element, a)?;
                let out = self.under(inside, |this| this.contains(element, b))?.unwrap_or(FALSE);
                let not = self.t.not(out);
                Ok(self.t.and(inside, not))
            }
            Sym::Filter(base, rule, env) => {
                let inside = self.contains(element, base)?;
                let kept = self.under(inside, |this| this.holds_of(*rule, env, element))?.unwrap_or(FALSE);
                Ok(self.t.and(inside, kept))
            }
            Sym::Subsets(base) => self.truth_of_alternatives(element, &mut |this, one| match one {
                one if is_set(one) => this.subset(one, base),
                other => this.unlike(other, "something that is no set is tested to be in a set of sets"),
            }),
            Sym::Functions(domain, range) => self.contains_function(element, domain, range),
            Sym::Products(keys, sets) => self.contains_map(element, keys, sets),
            Sym::Lazy(value) => self.contains_lazy(element, value),
            Sym::Bool(_) | Sym::Int(_) | Sym::Atom(..) | Sym::Map(..) | Sym::Table(_) | Sym::Rule(..) => {
                self.fail(TRUE, "a set is needed here");
                Ok(FALSE)
            }
        }
    }

    /// A model value is in no such set; of other values it is undefined whether they are.
    fn unlike(&mut self, sym: &Sym<'m>, reason: &'static str) -> Made<Term> {
        if let Sym::Atom(term, possible) = sym {
            let strings: Vec<u32> = possible.iter().copied().filter(|one| self.atoms.is_string(*one)).collect();
            for number in strings {
                let number = self.t.number(number);
                let is = self.t.equal(*term, number);
                self.fail(is, reason);
            }
        } else if !matches!(sym, Sym::Never) {
            self.fail(TRUE, reason);
        }
        Ok(FALSE)
    }

    /// A truth value for the integers that a value can be; a model value is none.
    fn integer_with(&mut self, element: &Sym<'m>, test: impl Fn(&mut Self, Term) -> Term) -> Made<Term> {
        self.truth_of_alternatives(element, &mut |this, one| match one {
            Sym::Int(term) => Ok(test(this, *term)),
            other => this.unlike(other, "something that is no integer is tested to be in a set of integers"),
        })
    }

    fn contains_function(&mut self, element: &Sym<'m>, domain: &Sym<'m>, range: &Sym<'m>) -> Made<Term> {
        let keys = self.static_elements(domain)?;
        self.truth_of_alternatives(element, &mut |this, one| match (&keys, one) {
            (Some(keys), _) => {
                let ranges = vec![range.clone(); keys.len()];
                this.contains_map(one, keys, &ranges)
            }
            (None, Sym::Table(table)) => {
                let Some(natural) = Self::is_natural(domain) else {
                    return this.declined("membership in a set of functions whose domain depends on the state");
                };
                if natural != table.natural {
                    return Ok(FALSE);
                }
                let index = this.bound(Sort::Int);
                let value = this.table_at(table, index)?;
                this.for_all_integers(index, natural, |this| this.contains(&value, range))
            }
            (None, Sym::Rule(..)) => this.declined("membership of a function on an infinite domain"),
            (None, Sym::Map(own, parts)) if Self::is_natural(domain).is_none() => {
                // The domain depends on the state.
                let own: Vec<(Sym<'m>, Term)> = own.iter().map(|key| (this.concrete(key), TRUE)).collect();
                let mut inside = this.equal(&Sym::Set(own.into()), domain)?;
                for part in parts.iter() {
                    let one = this.under(inside, |this| this.contains(part, range))?.unwrap_or(FALSE);
                    inside = this.t.and(inside, one);
                }
                Ok(inside)
            }
            (None, Sym::Map(..)) => Ok(FALSE),
            (None, other) => this.unlike(other, "something that is no function is tested to be in a set of functions"),
        })
    }

    /// Whether a set is `Nat` (true) or `Int` (false).
    pub(super) fn is_natural(set: &Sym<'m>) -> Option<bool> {
        let Sym::Lazy(Value::Lazy(lazy)) = set else { return None };
        match &**lazy {
            LazySet::Naturals => Some(true),
            LazySet::Integers => Some(false),
            _ => None,
        }
    }

    fn contains_map(&mut self, element: &Sym<'m>, keys: &[Value], sets: &[Sym<'m>]) -> Made<Term> {
        self.truth_of_alternatives(element, &mut |this, one| match one {
            Sym::Map(own, parts) => {
                if own.len() != keys.len() || own.iter().any(|key| !keys.contains(key)) {
                    return Ok(FALSE);
                }
                let mut inside = TRUE;
                for (key, part) in own.iter().zip(parts.iter()) {
                    let Some(index) = keys.iter().position(|known| known == key) else { return Ok(FALSE) };
                    let one = this.under(inside, |this| this.contains(part, &sets[index]))?.unwrap_or(FALSE);
                    inside = this.t.and(inside, one);
                }
                Ok(inside)
            }
            Sym::Table(_) => Ok(FALSE),
            Sym::Rule(..) => {
                let element = this.explicit_function(one)?;
                this.contains_map(&element, keys, sets)
            }
            other => this.unlike(other, "something that is no function is tested to be in a set of functions"),
        })
    }

    fn contains_lazy(&mut self, element: &Sym<'m>, value: &Value) -> Made<Term> {
        if let Some(element) = self.known_value(element) {
            return match self.machine.attempt(|machine| machine.member(&element, value)) {
                Ok(inside) => Ok(Terms::of_bool(inside)),
                Err(_) => {
                    self.fail(TRUE, "membership is undefined");
                    Ok(FALSE)
                }
            };
        }
        let Value::Lazy(lazy) = value else { return self.declined("membership in this set is not translated") };
        match &**lazy {
            LazySet::Naturals => self.integer_with(element, |this, term| {
                let zero = this.t.number(0);
                this.t.less_equal(zero, term)
            }),
            LazySet::Integers | LazySet::Reals => self.integer_with(element, |_, _| TRUE),
            LazySet::Sequences(base) => {
                let base = self.concrete(base);
                let mut any = FALSE;
                for (guard, parts) in self.sequences(element)? {
                    let mut inside = guard;
                    for part in &parts {
                        let one = self.under(inside, |this| this.contains(part, &base))?.unwrap_or(FALSE);
                        inside = self.t.and(inside, one);
                    }
                    any = self.t.or(any, inside);
                }
                Ok(any)
            }
            LazySet::Anything => Ok(TRUE),
            LazySet::Intersection(a, b) => {
                let (a, b) = (self.concrete(a), self.concrete(b));
                let inside = self.contains(element, &a)?;
                let also = self.under(inside, |this| this.contains(element, &b))?.unwrap_or(FALSE);
                Ok(self.t.and(inside, also))
            }
            LazySet::Family(sets) => {
                let mut any = FALSE;
                for set in sets {
                    let set = self.concrete(set);
                    let not = self.t.not(any);
                    let one = self.under(not, |this| this.contains(element, &set))?.unwrap_or(FALSE);
                    any = self.t.or(any, one);
                }
                Ok(any)
            }
            LazySet::Strings => self.truth_of_alternatives(element, &mut |this, one| match one {
                Sym::Atom(term, possible) => {
                    let strings: Vec<u32> = possible.iter().copied().filter(|o| this.atoms.is_string(*o)).collect();
                    let mut any = FALSE;
                    for number in strings {
                        let number = this.t.number(number);
                        let is = this.t.equal(*term, number);
                        any = this.t.or(any, is);
                    }
                    Ok(any)
                }
                _ => this.declined("membership in STRING of something that may be no string"),
            }),
            LazySet::Filter(_) => self.declined("membership in a set that the evaluator keeps as a rule"),
            LazySet::Subsets(_)
            | LazySet::Functions(..)
            | LazySet::Records(..)
            | LazySet::Product(_)
            | LazySet::Union(..)
            | LazySet::Difference(..) => self.declined("membership in this set is not translated"),
        }
    }

    /// Whether a set is part of another one.
    pub(super) fn subset(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Term> {
        let unlisted = match a {
            Sym::Interval(..) => self.list_of(a).is_none(),
            Sym::Integers(_) => true,
            _ => Self::is_natural(a).is_some(),
        };
        if unlisted {
            let index = self.bound(Sort::Int);
            let element = Sym::Int(index);
            let inside = self.contains(&element, a)?;
            let out = self.quantified(index, |this| {
                let also = this.under(inside, |this| this.contains(&element, b))?.unwrap_or(TRUE);
                let not = this.t.not(also);
                Ok(this.t.and(inside, not))
            })?;
            return Ok(self.t.not(out));
        }
        let mut all = TRUE;
        for (element, guard) in self.elements(a)? {
            let wanted = self.t.and(all, guard);
            if let Some(inside) = self.under(wanted, |this| this.contains(&element, b))? {
                let fine = self.t.implies(guard, inside);
                all = self.t.and(all, fine);
            }
        }
        Ok(all)
    }
}
