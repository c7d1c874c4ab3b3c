//! What steps of the circuit choose: inputs.

use super::{Circuit, Made, Own, Sym, Translator};
use crate::aig::Lit;
use crate::sat::Sat;
use crate::solver::{Means, Use};
use crate::walk::{Choices, Graph, Sets, Values};

/// Most elements that are tried one by one; of more, one is chosen by inputs.
const TRIED: usize = 80;

impl<'m> Choices<'m, Circuit> for Translator<'m> {
    fn chosen(&mut self) -> Lit {
        self.input()
    }

    fn is_short(&mut self, set: &Sym<'m>) -> Made<bool> {
        Ok(match set {
            Sym::Own(Own::Set(all)) => all.len() <= TRIED,
            Sym::Lazy(value) => self.machine.finite_size(value).is_some_and(|size| size <= TRIED as u64),
            Sym::Subsets(base) => self.members(base)?.len() <= 4,
            Sym::Functions(..) | Sym::Products(..) => self.size_of(set)?.is_some_and(|size| size <= 16),
            _ => true,
        })
    }

    fn pick_own(&mut self, set: &Own) -> Made<(Sym<'m>, Lit)> {
        let Own::Set(all) = set else { return self.declined("a choice from something that is no set") };
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
            let chosen = self.graph.and_all(&code);
            let here = self.graph.and(chosen, *lit);
            valid.push(here);
            alternatives.push((*d, here));
        }
        let valid = self.graph.or_all(&valid);
        Ok((self.of_cases(alternatives)?, valid))
    }

    /// Where inputs decide whether there is a step, that is no function of the state.
    fn possible(&mut self, guards: &[Lit], before: usize) -> Made<Lit> {
        if self.choices.len() > before {
            let cone = self.graph.cone(guards);
            if self.choices[before..].iter().any(|input| cone.binary_search(&input.node()).is_ok()) {
                return self.declined("whether an action is enabled depends on a choice from a large set");
            }
        }
        Ok(self.graph.or_all(guards))
    }

    /// Whether it can be taken in any state whose places have one value each.
    fn is_feasible(&mut self) -> bool {
        if let Some(known) = self.path.known() {
            return known;
        }
        let sat = self.own.feasibility.get_or_insert_with(|| Sat::new(&Means::default(), Use::Steps));
        let lits = [sat.of(&self.graph, 0, self.path), sat.of(&self.graph, 0, self.own.valid)];
        sat.solve(&lits) != Some(false)
    }
}

impl<'m> Translator<'m> {
    fn size_of(&mut self, set: &Sym<'m>) -> Made<Option<usize>> {
        let set = self.open(set);
        Ok(match &set {
            Sym::Own(Own::Set(all)) => Some(all.len()),
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
}
