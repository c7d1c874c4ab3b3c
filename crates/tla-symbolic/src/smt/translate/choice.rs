//! What steps choose: symbols.

use super::super::term::{FALSE, Sort, Term};
use super::{Made, Own, Smt, Sym, Translator};
use crate::walk::{Choices, Graph};
use rustc_hash::FxHashMap;

/// Most elements that are tried one by one.
const TRIED: usize = 48;

impl<'m> Choices<'m, Smt> for Translator<'m> {
    fn chosen(&mut self) -> Term {
        self.choice(Sort::Bool)
    }

    fn is_short(&mut self, set: &Sym<'m>) -> Made<bool> {
        Ok(match set {
            Sym::Never => true,
            Sym::Own(Own::Set(all)) => all.len() <= TRIED,
            Sym::Own(Own::Interval(..)) => self.list_of(set).is_some_and(|list| list.len() <= TRIED),
            Sym::Own(Own::Filter(base, ..) | Own::Without(base, _)) => return self.is_short(base),
            Sym::Lazy(value) => {
                self.machine.is_enumerable(value)
                    && self.machine.finite_size(value).is_some_and(|size| size <= TRIED as u64)
            }
            _ => false,
        })
    }

    fn pick_own(&mut self, set: &Own<'m>) -> Made<(Sym<'m>, Term)> {
        match set {
            Own::Set(all) => {
                let number = self.choice(Sort::Int);
                let (mut alternatives, mut valid) = (Vec::with_capacity(all.len()), FALSE);
                for (index, (element, guard)) in all.iter().enumerate() {
                    let index = self.graph.number(index);
                    let here = self.graph.equal(number, index);
                    let both = self.graph.and(here, *guard);
                    valid = self.graph.or(valid, both);
                    alternatives.push((here, element.clone()));
                }
                Ok((self.merge(alternatives)?, valid))
            }
            Own::Interval(..) | Own::Integers(_) => self.pick_integer(&Sym::Own(set.clone())),
            Own::Without(base, _) | Own::Filter(base, ..) => {
                let (element, _) = self.pick(base)?;
                let inside = self.contains(&element, &Sym::Own(set.clone()))?;
                Ok((element, inside))
            }
            Own::Int(_) | Own::Atom(..) | Own::Table(_) => Ok((self.fails("a set is needed here"), FALSE)),
        }
    }

    fn pick_endless(&mut self, set: &Sym<'m>) -> Made<Option<(Sym<'m>, Term)>> {
        if Self::is_natural(set).is_none() {
            return Ok(None);
        }
        self.pick_integer(set).map(Some)
    }

    fn possible(&mut self, guards: &[Term], before: usize) -> Made<Term> {
        let any = self.graph.or_all(guards);
        Ok(self.some_choice(any, before))
    }
}

impl<'m> Translator<'m> {
    /// Whether there are choices, of those made since there were so many, with which something is true.
    pub(in super::super) fn some_choice(&mut self, truth: Term, before: usize) -> Term {
        let mut truth = truth;
        for index in before..self.choices.len() {
            let choice = self.choices[index];
            let (Some(symbol), sort) = (self.graph.symbol_of(choice), self.graph.node(choice).sort) else { continue };
            let bound = self.bound(sort);
            let by = std::iter::once((symbol, bound)).collect();
            truth = self.graph.replace(truth, &by, &mut FxHashMap::default());
            truth = self.graph.exists(bound, truth);
        }
        truth
    }

    fn pick_integer(&mut self, set: &Sym<'m>) -> Made<(Sym<'m>, Term)> {
        let element = Sym::Own(Own::Int(self.choice(Sort::Int)));
        let inside = self.contains(&element, set)?;
        Ok((element, inside))
    }
}
