//! Elements of sets that a step chooses from: few of them one by one, of many or infinitely many one that something stands
//! for.

use super::{Algebra, Choices, Graph, List, Made, Operations, Sets, Sym, Translator, Values};
use std::rc::Rc;

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// The elements of a set as steps try them.
    pub(crate) fn choices_of(&mut self, set: &Sym<'m, A>) -> Made<List<'m, A>> {
        let set = self.open(set);
        match &set {
            Sym::Both(a, b) => {
                let mut all = self.choices_of(a)?;
                all.extend(self.choices_of(b)?);
                Ok(all)
            }
            Sym::Union(all) => self.list_of_alternatives(all, &mut |this, one| this.choices_of(one)),
            set if self.is_short(set)? => self.elements(set),
            set => Ok(vec![self.pick(set)?]),
        }
    }

    /// An element of a set that is chosen, and the condition under which what is chosen is one.
    pub(crate) fn pick(&mut self, set: &Sym<'m, A>) -> Made<(Sym<'m, A>, A::Bit)> {
        let set = self.open(set);
        match &set {
            Sym::Own(own) => self.pick_own(own),
            Sym::Subsets(base) => {
                let mut members = Vec::new();
                for (element, guard) in self.members(base)? {
                    let chosen = self.chosen();
                    members.push((element, self.graph.and(chosen, guard)));
                }
                Ok((self.set(members)?, A::TRUE))
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
                let first = self.chosen();
                let ((one, fits), (other, also)) = (self.pick(a)?, self.pick(b)?);
                let not = self.graph.not(first);
                let value = self.merge(vec![(first, one), (not, other)])?;
                Ok((value, self.graph.choose(first, fits, also)))
            }
            Sym::Union(_) | Sym::Lazy(_) => match self.pick_endless(&set)? {
                Some(picked) => Ok(picked),
                None => self.pick_listed(&set),
            },
            Sym::Never | Sym::Bool(_) | Sym::Map(..) | Sym::Rule(..) => {
                Ok((self.fails("a set is needed here"), A::FALSE))
            }
        }
    }

    fn pick_product(&mut self, keys: &Rc<[A::Key]>, sets: &[Sym<'m, A>]) -> Made<(Sym<'m, A>, A::Bit)> {
        let (mut parts, mut valid) = (Vec::with_capacity(sets.len()), Vec::with_capacity(sets.len()));
        for set in sets {
            let (part, fits) = self.pick(set)?;
            parts.push(part);
            valid.push(fits);
        }
        Ok((Sym::Map(keys.clone(), parts.into()), self.graph.and_all(&valid)))
    }

    /// An element of a set that is listed first.
    fn pick_listed(&mut self, set: &Sym<'m, A>) -> Made<(Sym<'m, A>, A::Bit)> {
        let list = self.members(set)?;
        let list = self.set(list)?;
        self.pick(&list)
    }
}
