//! Bound names: each element of a set in turn, or a quantifier of the solver where a set of integers has no end.

use super::super::sym::{Env, Sym};
use super::super::term::{FALSE, Sort, TRUE, Term};
use super::{Made, Translator};
use tla_model::ir::{Binder, Node, Pattern};

impl<'m> Translator<'m> {
    /// Whether the body is true (or, negated, false) for some combination of bound values.
    pub(super) fn exists(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m>, negated: bool) -> Made<Term> {
        let mut sets: Vec<Sym<'m>> = Vec::with_capacity(binders.len());
        for binder in binders {
            let set = match (&binder.set, sets.last()) {
                (Some(node), _) => self.eval(node, env)?,
                (None, Some(previous)) => previous.clone(),
                (None, None) => return self.declined("a bound name without a set"),
            };
            sets.push(set);
        }
        self.exists_in(binders, &sets, body, env, negated)
    }

    fn exists_in(
        &mut self,
        binders: &'m [Binder],
        sets: &[Sym<'m>],
        body: &'m Node,
        env: &Env<'m>,
        negated: bool,
    ) -> Made<Term> {
        let (Some((last, front)), Some((set, front_sets))) = (binders.split_last(), sets.split_last()) else {
            let truth = self.truth(body, env)?;
            return Ok(if negated { self.t.not(truth) } else { truth });
        };
        if self.has_unlisted_integers(set) {
            let index = self.bound(Sort::Int);
            let element = Sym::Int(index);
            return self.quantified(index, |this| {
                let inside = this.contains(&element, set)?;
                let found = this.under(inside, |this| {
                    let inner = this.bind(&last.pattern, &element, env)?;
                    this.exists_in(front, front_sets, body, &inner, negated)
                })?;
                Ok(this.t.and(inside, found.unwrap_or(FALSE)))
            });
        }
        let mut any = FALSE;
        for (element, guard) in self.elements(set)? {
            let not = self.t.not(any);
            let wanted = self.t.and(guard, not);
            let found = self.under(wanted, |this| {
                let inner = this.bind(&last.pattern, &element, env)?;
                this.exists_in(front, front_sets, body, &inner, negated)
            })?;
            if let Some(truth) = found {
                let one = self.t.and(wanted, truth);
                any = self.t.or(any, one);
            }
        }
        Ok(any)
    }

    /// Whether a set has integers alone and cannot be listed.
    fn has_unlisted_integers(&mut self, set: &Sym<'m>) -> bool {
        match set {
            Sym::Interval(..) => self.list_of(set).is_none(),
            Sym::Integers(_) => true,
            Sym::Without(base, _) | Sym::Filter(base, ..) => self.has_unlisted_integers(base),
            other => Self::is_natural(other).is_some(),
        }
    }

    /// Whether something is true for some value of a bound name. What is undefined for some value is undefined.
    pub(super) fn quantified(&mut self, bound: Term, body: impl FnOnce(&mut Self) -> Made<Term>) -> Made<Term> {
        let outer = std::mem::take(&mut self.undefined);
        let truth = body(self);
        let inner = std::mem::replace(&mut self.undefined, outer);
        for mut one in inner {
            one.when = self.t.exists(bound, one.when);
            self.undefined.push(one);
        }
        let truth = truth?;
        Ok(self.t.exists(bound, truth))
    }

    /// Whether something is true for all integers, or all natural numbers.
    pub(super) fn for_all_integers(
        &mut self,
        bound: Term,
        natural: bool,
        body: impl FnOnce(&mut Self) -> Made<Term>,
    ) -> Made<Term> {
        let zero = self.t.number(0);
        let asked = if natural { self.t.less_equal(zero, bound) } else { TRUE };
        let out = self.quantified(bound, |this| {
            let truth = this.under(asked, body)?.unwrap_or(TRUE);
            let not = this.t.not(truth);
            Ok(this.t.and(asked, not))
        })?;
        Ok(self.t.not(out))
    }

    /// Runs for every combination of bound values, with the condition under which there is one.
    pub(super) fn for_each_binding(
        &mut self,
        binders: &'m [Binder],
        env: &Env<'m>,
        run: &mut dyn FnMut(&mut Self, &Env<'m>, Term) -> Made<()>,
    ) -> Made<()> {
        let sets = self.binder_sets(binders, env)?;
        self.nested(binders, &sets, env, TRUE, run)
    }

    /// The possible elements of the sets of binders.
    pub(super) fn binder_sets(&mut self, binders: &'m [Binder], env: &Env<'m>) -> Made<Vec<Vec<(Sym<'m>, Term)>>> {
        let mut sets: Vec<Vec<(Sym<'m>, Term)>> = Vec::with_capacity(binders.len());
        for binder in binders {
            let elements = match (&binder.set, sets.last()) {
                (Some(node), _) => {
                    let set = self.eval(node, env)?;
                    self.elements(&set)?
                }
                (None, Some(previous)) => previous.clone(),
                (None, None) => Vec::new(),
            };
            sets.push(elements);
        }
        Ok(sets)
    }

    /// The first binder varies fastest.
    fn nested(
        &mut self,
        binders: &'m [Binder],
        sets: &[Vec<(Sym<'m>, Term)>],
        env: &Env<'m>,
        guard: Term,
        run: &mut dyn FnMut(&mut Self, &Env<'m>, Term) -> Made<()>,
    ) -> Made<()> {
        let (Some((last, front)), Some((set, front_sets))) = (binders.split_last(), sets.split_last()) else {
            return run(self, env, guard);
        };
        for (element, when) in set {
            let both = self.t.and(guard, *when);
            if both == FALSE {
                continue;
            }
            if let Some(inner) = self.under(both, |this| this.bind(&last.pattern, element, env))? {
                self.nested(front, front_sets, &inner, both, run)?;
            }
        }
        Ok(())
    }

    /// The environment with an element bound to a pattern.
    pub(super) fn bind(&mut self, pattern: &'m Pattern, element: &Sym<'m>, env: &Env<'m>) -> Made<Env<'m>> {
        match pattern {
            Pattern::Slot(slot) => Ok(Self::with_value(env, *slot, element.clone())),
            Pattern::Tuple(slots) => match element {
                Sym::Map(_, parts) if parts.len() == slots.len() => {
                    let pairs = slots.iter().zip(parts.iter());
                    Ok(pairs.fold(env.clone(), |env, (slot, part)| Self::with_value(&env, *slot, part.clone())))
                }
                _ => self.declined("a tuple of bound names over a set of something else"),
            },
        }
    }
}
