//! Sets as lists: what their elements can be, each with its condition.

use super::super::sym::Sym;
use super::super::term::{FALSE, TRUE, Term};
use super::{MOST_VALUES, Made, Translator};
use std::rc::Rc;
use tla_model::value::Value;

/// Most elements of a set all of whose subsets are listed.
const MOST_BASE: usize = 10;

impl<'m> Translator<'m> {
    /// The possible elements of a set, each with its condition, in any order.
    pub(super) fn elements(&mut self, sym: &Sym<'m>) -> Made<Vec<(Sym<'m>, Term)>> {
        match sym {
            Sym::Never => Ok(Vec::new()),
            Sym::Set(all) => Ok(all.to_vec()),
            Sym::Interval(..) => match self.list_of(sym) {
                Some(list) => Ok(list.to_vec()),
                None => {
                    self.declined("an interval whose bounds depend on the state, or of very many integers, is listed")
                }
            },
            Sym::Union(all) => {
                let mut listed = Vec::new();
                for (guard, alternative) in all.iter() {
                    for (element, when) in self.under(*guard, |this| this.elements(alternative))?.unwrap_or_default() {
                        listed.push((element, self.t.and(*guard, when)));
                    }
                }
                Ok(listed)
            }
            Sym::Subsets(base) => self.subsets(base),
            Sym::Functions(domain, range) => {
                let Some(keys) = self.static_elements(domain)? else {
                    return self.declined("a set of functions whose domain depends on the state is listed");
                };
                let ranges = vec![(**range).clone(); keys.len()];
                self.product_elements(&keys.into(), &ranges)
            }
            Sym::Products(keys, sets) => self.product_elements(keys, sets),
            Sym::Both(a, b) => {
                let mut all = self.elements(a)?;
                all.extend(self.elements(b)?);
                Ok(all)
            }
            Sym::Without(a, b) => {
                let mut left = Vec::new();
                for (element, guard) in self.elements(a)? {
                    if let Some(out) = self.under(guard, |this| this.contains(&element, b))? {
                        let not = self.t.not(out);
                        left.push((element, self.t.and(guard, not)));
                    }
                }
                Ok(left)
            }
            Sym::Filter(base, rule, env) => {
                let all = self.elements(base)?;
                self.kept(all, *rule, env)
            }
            Sym::Lazy(value) => self.lazy_elements(value),
            Sym::Integers(_) => self.declined("the elements of a set of integers without a bound are listed"),
            Sym::Bool(_) | Sym::Int(_) | Sym::Atom(..) | Sym::Map(..) | Sym::Table(_) | Sym::Rule(..) => {
                self.fail(TRUE, "a set is needed here");
                Ok(Vec::new())
            }
        }
    }

    fn lazy_elements(&mut self, value: &Value) -> Made<Vec<(Sym<'m>, Term)>> {
        if !self.machine.is_enumerable(value) {
            return self.declined("the elements of an infinite set are listed");
        }
        if self.machine.finite_size(value).is_some_and(|size| size > MOST_VALUES as u64) {
            return self.declined(format!("a set of more than {MOST_VALUES} elements is listed"));
        }
        match self.machine.attempt(|machine| machine.element_vec(value)) {
            Ok(elements) => Ok(elements.iter().map(|element| (self.concrete(element), TRUE)).collect()),
            Err(_) => {
                self.fail(TRUE, "a set cannot be listed");
                Ok(Vec::new())
            }
        }
    }

    fn subsets(&mut self, base: &Sym<'m>) -> Made<Vec<(Sym<'m>, Term)>> {
        let base = self.elements(base)?;
        if base.len() > MOST_BASE {
            return self.declined(format!("all subsets of a set of up to {} elements are listed", base.len()));
        }
        let mut all = Vec::with_capacity(1 << base.len());
        for mask in 0..1usize << base.len() {
            let chosen = base.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1).map(|(_, one)| one);
            let (elements, guards): (Vec<_>, Vec<Term>) = chosen.cloned().unzip();
            let guard = self.t.and_all(guards);
            if guard != FALSE {
                let set = self.set(elements.into_iter().map(|element| (element, TRUE)).collect())?;
                all.push((set, guard));
            }
        }
        Ok(all)
    }

    fn product_elements(&mut self, keys: &Rc<[Value]>, sets: &[Sym<'m>]) -> Made<Vec<(Sym<'m>, Term)>> {
        let mut rows: Vec<(Vec<Sym<'m>>, Term)> = vec![(Vec::new(), TRUE)];
        for set in sets {
            let elements = self.elements(set)?;
            if rows.len().saturating_mul(elements.len()) > MOST_VALUES {
                return self.declined(format!("a set of more than {MOST_VALUES} elements is listed"));
            }
            let mut longer = Vec::with_capacity(rows.len() * elements.len());
            for (row, guard) in &rows {
                for (element, when) in &elements {
                    let both = self.t.and(*guard, *when);
                    if both != FALSE {
                        longer.push((row.iter().chain([element]).cloned().collect(), both));
                    }
                }
            }
            rows = longer;
        }
        Ok(rows.into_iter().map(|(row, guard)| (Sym::Map(keys.clone(), row.into()), guard)).collect())
    }

    /// The elements in the evaluator's order, which concrete ones have; what symbolic ones have depends on the state.
    pub(super) fn elements_in_order(&mut self, sym: &Sym<'m>) -> Made<Vec<(Sym<'m>, Term)>> {
        let mut known = Vec::new();
        let mut guards = Vec::new();
        for (element, guard) in self.elements(sym)? {
            let Some(value) = self.known_value(&element) else {
                return self.declined("a choice whose order depends on the state");
            };
            known.push(value.clone());
            guards.push((value, guard));
        }
        let ordered = self.machine.attempt(|machine| {
            let set = machine.set_of(known)?;
            machine.element_vec(&set)
        });
        let Ok(ordered) = ordered else { return self.declined("a choice among values that cannot be compared") };
        let mut all = Vec::with_capacity(ordered.len());
        for value in ordered {
            let own: Vec<Term> = guards.iter().filter(|(known, _)| *known == value).map(|(_, guard)| *guard).collect();
            all.push((self.concrete(&value), self.t.or_all(own)));
        }
        Ok(all)
    }

    /// The elements of a set that does not depend on the state, in the evaluator's order.
    pub(super) fn static_elements(&mut self, sym: &Sym<'m>) -> Made<Option<Vec<Value>>> {
        let Some(value) = self.known_value(sym) else { return Ok(None) };
        if !self.machine.is_enumerable(&value) {
            return Ok(None);
        }
        if self.machine.finite_size(&value).is_some_and(|size| size > MOST_VALUES as u64) {
            return self.declined(format!("a domain of more than {MOST_VALUES} elements"));
        }
        let elements = self.machine.attempt(|machine| {
            let forced = machine.force(&value)?;
            machine.element_vec(&forced)
        });
        Ok(elements.ok())
    }
}
