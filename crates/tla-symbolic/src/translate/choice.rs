//! Elements of sets that an action chooses from.

use super::{Made, Translator};
use crate::aig::{Lit, TRUE};
use crate::data::D;
use crate::sym::Sym;
use std::rc::Rc;

/// Most elements that are tried one by one; of more, one is chosen by inputs.
const TRIED: usize = 80;

impl<'m> Translator<'m> {
    /// The elements of a set, few of them one by one, of many one that inputs choose.
    pub(super) fn choices(&mut self, set: &Sym<'m>) -> Made<Vec<(Sym<'m>, Lit)>> {
        let opened = self.open(set);
        let few = match &opened {
            Sym::Set(all) => all.len() <= TRIED,
            Sym::Lazy(value) => self.machine.finite_size(value).is_some_and(|size| size <= TRIED as u64),
            Sym::Union(_) => true,
            Sym::Both(a, b) => {
                let mut all = self.choices(a)?;
                all.extend(self.choices(b)?);
                return Ok(all);
            }
            Sym::Subsets(base) => self.members(base)?.len() <= 4,
            Sym::Functions(..) | Sym::Products(..) => self.size_of(&opened)?.is_some_and(|size| size <= 16),
            _ => true,
        };
        if few {
            return self.elements(set);
        }
        let (element, lit) = self.pick(&opened)?;
        Ok(vec![(element, lit)])
    }

    fn size_of(&mut self, set: &Sym<'m>) -> Made<Option<usize>> {
        let set = self.open(set);
        Ok(match &set {
            Sym::Set(all) => Some(all.len()),
            Sym::Functions(domain, range) => {
                let keys = self.static_elements(domain)?.map(|keys| keys.len());
                let range = self.size_of(range)?;
                match (keys, range) {
                    (Some(keys), Some(range)) => range.checked_pow(keys as u32),
                    _ => None,
                }
            }
            Sym::Products(_, sets) => {
                let mut size = Some(1usize);
                for set in sets.iter() {
                    let one = self.size_of(set)?;
                    size = size.and_then(|size| size.checked_mul(one?));
                }
                size
            }
            Sym::Subsets(base) => 1usize.checked_shl(self.members(base)?.len() as u32),
            _ => None,
        })
    }

    /// An element of a set that new inputs choose, and the condition under which what they choose is one.
    fn pick(&mut self, set: &Sym<'m>) -> Made<(Sym<'m>, Lit)> {
        let set = self.open(set);
        match &set {
            Sym::Set(all) => {
                let bits = usize::BITS - (all.len().max(1) - 1).leading_zeros();
                let inputs: Vec<Lit> = (0..bits).map(|_| self.input()).collect();
                let mut alternatives = Vec::with_capacity(all.len());
                let mut valid = Vec::with_capacity(all.len());
                for (index, (d, lit)) in all.iter().enumerate() {
                    let code: Vec<Lit> = inputs
                        .iter()
                        .enumerate()
                        .map(|(bit, input)| if index >> bit & 1 == 1 { *input } else { !*input })
                        .collect();
                    let chosen = self.aig.and_all(&code);
                    let here = self.aig.and(chosen, *lit);
                    valid.push(here);
                    alternatives.push((*d, here));
                }
                let valid = self.aig.or_all(&valid);
                Ok((self.of_cases(alternatives)?, valid))
            }
            Sym::Subsets(base) => {
                let base = self.members(base)?;
                let members: Vec<(D, Lit)> = base
                    .iter()
                    .map(|(d, lit)| {
                        let input = self.input();
                        (*d, self.aig.and(input, *lit))
                    })
                    .collect();
                Ok((self.set(members), TRUE))
            }
            Sym::Functions(domain, range) => {
                let Some(keys) = self.static_elements(domain)? else {
                    return self.declined("a choice of a function whose domain depends on the state");
                };
                let ranges = vec![(**range).clone(); keys.len()];
                self.pick_product(Rc::new(keys), &ranges)
            }
            Sym::Products(keys, sets) => self.pick_product(keys.clone(), sets),
            Sym::Both(a, b) => {
                let input = self.input();
                let (first, fits) = self.pick(a)?;
                let (second, also) = self.pick(b)?;
                let value = self.merge(vec![(input, first), (!input, second)])?;
                Ok((value, self.aig.choose(input, fits, also)))
            }
            Sym::Lazy(_) | Sym::Union(_) => {
                let explicit = self.explicit_set(&set)?;
                self.pick(&explicit)
            }
            _ => self.declined("a choice from something that is no set"),
        }
    }

    fn pick_product(&mut self, keys: Rc<Vec<D>>, sets: &[Sym<'m>]) -> Made<(Sym<'m>, Lit)> {
        let mut parts = Vec::with_capacity(sets.len());
        let mut valid = Vec::with_capacity(sets.len());
        for set in sets {
            let (part, fits) = self.pick(set)?;
            parts.push(part);
            valid.push(fits);
        }
        Ok((Sym::Map(keys, Rc::new(parts)), self.aig.and_all(&valid)))
    }
}
