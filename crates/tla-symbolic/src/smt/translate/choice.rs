//! Elements of sets that a step chooses from: few of them one by one, of many or infinitely many one that symbols stand
//! for.

use super::super::sym::Sym;
use super::super::term::{FALSE, Sort, TRUE, Term};
use super::{Made, Translator};
use std::rc::Rc;
use tla_model::value::Value;

/// Most elements that are tried one by one.
const TRIED: usize = 48;

impl<'m> Translator<'m> {
    /// The elements of a set as steps try them.
    pub(super) fn choices(&mut self, set: &Sym<'m>) -> Made<Vec<(Sym<'m>, Term)>> {
        match set {
            Sym::Never => return Ok(Vec::new()),
            Sym::Both(a, b) => {
                let mut all = self.choices(a)?;
                all.extend(self.choices(b)?);
                return Ok(all);
            }
            Sym::Union(all) => {
                let mut choices = Vec::new();
                for (guard, alternative) in all.iter() {
                    for (element, when) in self.under(*guard, |this| this.choices(alternative))?.unwrap_or_default() {
                        choices.push((element, self.t.and(*guard, when)));
                    }
                }
                return Ok(choices);
            }
            _ => {}
        }
        if self.is_short(set) {
            return self.elements(set);
        }
        let chosen = self.pick(set)?;
        Ok(vec![chosen])
    }

    fn is_short(&mut self, set: &Sym<'m>) -> bool {
        match set {
            Sym::Set(all) => all.len() <= TRIED,
            Sym::Interval(..) => self.list_of(set).is_some_and(|list| list.len() <= TRIED),
            Sym::Lazy(value) => {
                self.machine.is_enumerable(value)
                    && self.machine.finite_size(value).is_some_and(|size| size <= TRIED as u64)
            }
            Sym::Filter(base, ..) | Sym::Without(base, _) => self.is_short(base),
            _ => false,
        }
    }

    /// An element of a set that new symbols stand for, and the condition under which it is one.
    fn pick(&mut self, set: &Sym<'m>) -> Made<(Sym<'m>, Term)> {
        match set {
            Sym::Set(all) => {
                let number = self.choice(Sort::Int);
                let (mut alternatives, mut valid) = (Vec::with_capacity(all.len()), FALSE);
                for (index, (element, guard)) in all.iter().enumerate() {
                    let index = self.t.number(index);
                    let here = self.t.equal(number, index);
                    let both = self.t.and(here, *guard);
                    valid = self.t.or(valid, both);
                    alternatives.push((here, element.clone()));
                }
                Ok((self.merge(alternatives)?, valid))
            }
            Sym::Interval(..) | Sym::Integers(_) => self.pick_integer(set),
            Sym::Lazy(_) if Self::is_natural(set).is_some() => self.pick_integer(set),
            Sym::Without(base, _) | Sym::Filter(base, ..) => {
                let (element, _) = self.pick(base)?;
                let inside = self.contains(&element, set)?;
                Ok((element, inside))
            }
            Sym::Subsets(base) => {
                let base = self.elements(base)?;
                let mut members = Vec::with_capacity(base.len());
                for (element, guard) in base {
                    let chosen = self.choice(Sort::Bool);
                    members.push((element, self.t.and(chosen, guard)));
                }
                Ok((self.set(members)?, TRUE))
            }
            Sym::Functions(domain, range) => match self.static_elements(domain)? {
                Some(keys) => {
                    let ranges = vec![(**range).clone(); keys.len()];
                    self.pick_product(&keys.into(), &ranges)
                }
                None => self.declined("a choice of a function whose domain has no end or depends on the state"),
            },
            Sym::Products(keys, sets) => self.pick_product(keys, sets),
            Sym::Both(a, b) => {
                let first = self.choice(Sort::Bool);
                let not = self.t.not(first);
                let ((one, fits), (other, also)) = (self.pick(a)?, self.pick(b)?);
                let value = self.merge(vec![(first, one), (not, other)])?;
                Ok((value, self.t.ite(first, fits, also)))
            }
            Sym::Union(_) | Sym::Lazy(_) => {
                let list = self.elements(set)?;
                let list = self.set(list)?;
                self.pick(&list)
            }
            Sym::Never | Sym::Bool(_) | Sym::Int(_) | Sym::Atom(..) | Sym::Map(..) | Sym::Table(_) | Sym::Rule(..) => {
                Ok((self.fails("a set is needed here"), FALSE))
            }
        }
    }

    fn pick_integer(&mut self, set: &Sym<'m>) -> Made<(Sym<'m>, Term)> {
        let element = Sym::Int(self.choice(Sort::Int));
        let inside = self.contains(&element, set)?;
        Ok((element, inside))
    }

    fn pick_product(&mut self, keys: &Rc<[Value]>, sets: &[Sym<'m>]) -> Made<(Sym<'m>, Term)> {
        let (mut parts, mut valid) = (Vec::with_capacity(sets.len()), TRUE);
        for set in sets {
            let (part, fits) = self.pick(set)?;
            parts.push(part);
            valid = self.t.and(valid, fits);
        }
        Ok((Sym::Map(keys.clone(), parts.into()), valid))
    }
}
