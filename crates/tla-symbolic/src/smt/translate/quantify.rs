//! Quantifiers: each element of a set in turn, or a quantifier of the solver where a set of integers has no end.

use super::super::term::{FALSE, Sort, TRUE, Term};
use super::{Env, Made, Own, Sym, Translator};
use crate::walk::Graph;
use tla_model::ir::{Binder, Node};

impl<'m> Translator<'m> {
    /// Whether the body is true (or, negated, false) for some combination of elements.
    pub(super) fn exists_in(
        &mut self,
        binders: &'m [Binder],
        sets: &[Sym<'m>],
        body: &'m Node,
        env: &Env<'m>,
        negated: bool,
    ) -> Made<Term> {
        let (Some((last, front)), Some((set, front_sets))) = (binders.split_last(), sets.split_last()) else {
            let truth = self.truth(body, env)?;
            return Ok(if negated { self.graph.not(truth) } else { truth });
        };
        if self.has_unlisted_integers(set) {
            let index = self.bound(Sort::Int);
            let element = Sym::Own(Own::Int(index));
            return self.quantified(index, |this| {
                let inside = this.contains(&element, set)?;
                let found = this.under(inside, |this| {
                    let inner = this.bind(&last.pattern, &element, env)?;
                    this.exists_in(front, front_sets, body, &inner, negated)
                })?;
                Ok(this.graph.and(inside, found.unwrap_or(FALSE)))
            });
        }
        let mut any = FALSE;
        for (element, guard) in self.elements(set)? {
            let wanted = self.graph.without(guard, any);
            let found = self.under(wanted, |this| {
                let inner = this.bind(&last.pattern, &element, env)?;
                this.exists_in(front, front_sets, body, &inner, negated)
            })?;
            if let Some(truth) = found {
                let one = self.graph.and(wanted, truth);
                any = self.graph.or(any, one);
            }
        }
        Ok(any)
    }

    /// Whether a set has integers alone and cannot be listed.
    fn has_unlisted_integers(&mut self, set: &Sym<'m>) -> bool {
        match set {
            Sym::Own(Own::Interval(..)) => self.list_of(set).is_none(),
            Sym::Own(Own::Integers(_)) => true,
            Sym::Own(Own::Without(base, _) | Own::Filter(base, ..)) => self.has_unlisted_integers(base),
            other => Self::is_natural(other).is_some(),
        }
    }

    /// Whether something is true for some value of a bound name. What is undefined for some value is undefined.
    pub(super) fn quantified(&mut self, bound: Term, body: impl FnOnce(&mut Self) -> Made<Term>) -> Made<Term> {
        let outer = std::mem::take(&mut self.undefined);
        let truth = body(self);
        let inner = std::mem::replace(&mut self.undefined, outer);
        for mut one in inner {
            one.when = self.graph.exists(bound, one.when);
            self.undefined.push(one);
        }
        let truth = truth?;
        Ok(self.graph.exists(bound, truth))
    }

    /// Whether something is true for all integers, or all natural numbers.
    pub(super) fn for_all_integers(
        &mut self,
        bound: Term,
        natural: bool,
        body: impl FnOnce(&mut Self) -> Made<Term>,
    ) -> Made<Term> {
        let zero = self.graph.number(0);
        let asked = if natural { self.graph.less_equal(zero, bound) } else { TRUE };
        let out = self.quantified(bound, |this| {
            let truth = this.under(asked, body)?.unwrap_or(TRUE);
            Ok(this.graph.without(asked, truth))
        })?;
        Ok(self.graph.not(out))
    }
}
