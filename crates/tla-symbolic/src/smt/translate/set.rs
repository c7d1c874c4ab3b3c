//! Sets that are made of others, and what is chosen from them.

use super::super::sym::{Binding, Env, Sym};
use super::super::term::{FALSE, TRUE, Term, Terms};
use super::compare::is_set;
use super::{Made, Translator};
use std::rc::Rc;
use tla_model::ir::{Binder, Node};

impl<'m> Translator<'m> {
    /// `a \cup b`.
    pub(super) fn set_union(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
        if matches!(a, Sym::Union(_)) {
            return self.for_alternatives(a, &mut |this, one| this.set_union(one, b));
        }
        if matches!(b, Sym::Union(_)) {
            return self.for_alternatives(b, &mut |this, one| this.set_union(a, one));
        }
        if let (Some(x), Some(y)) = (self.list_of(a), self.list_of(b)) {
            return self.set(x.iter().chain(y.iter()).cloned().collect());
        }
        match (a, b) {
            (Sym::Integers(array), other) | (other, Sym::Integers(array)) if self.list_of(other).is_some() => {
                self.changed(*array, other, true)
            }
            (a, b) if is_set(a) && is_set(b) => Ok(Sym::Both(Rc::new(a.clone()), Rc::new(b.clone()))),
            _ => Ok(self.fails("a set is needed here")),
        }
    }

    /// An array of integers with the elements of a list put in or taken out.
    fn changed(&mut self, array: Term, list: &Sym<'m>, there: bool) -> Made<Sym<'m>> {
        let mut array = array;
        for (element, guard) in self.list_of(list).unwrap_or_default().iter() {
            let Sym::Int(element) = element else {
                let mixed = "a set of integers without a bound and values that may be no integers are put together";
                return self.declined(mixed);
            };
            let before = self.t.select(array, *element);
            let after = self.t.ite(*guard, Terms::of_bool(there), before);
            array = self.t.store(array, *element, after);
        }
        Ok(Sym::Integers(array))
    }

    /// Elements of the first that are, or are not, in the second.
    pub(super) fn set_part(&mut self, a: &Sym<'m>, b: &Sym<'m>, inside: bool) -> Made<Sym<'m>> {
        if matches!(a, Sym::Union(_)) {
            return self.for_alternatives(a, &mut |this, one| this.set_part(one, b, inside));
        }
        // An intersection with a set that is not listed is made from the other side.
        if inside && a.is_open_set() && self.list_of(a).is_none() && self.list_of(b).is_some() {
            return self.part_of(b, a, true);
        }
        self.part_of(a, b, inside)
    }

    fn part_of(&mut self, a: &Sym<'m>, b: &Sym<'m>, inside: bool) -> Made<Sym<'m>> {
        if let Sym::Integers(array) = a
            && !inside
            && self.list_of(b).is_some()
        {
            return self.changed(*array, b, false);
        }
        let endless = match a {
            Sym::Lazy(value) => !self.machine.is_enumerable(value),
            Sym::Interval(..) => self.list_of(a).is_none(),
            other => other.is_open_set(),
        };
        if endless && !inside {
            return Ok(Sym::Without(Rc::new(a.clone()), Rc::new(b.clone())));
        }
        if endless {
            let outside = Sym::Without(Rc::new(a.clone()), Rc::new(b.clone()));
            return Ok(Sym::Without(Rc::new(a.clone()), Rc::new(outside)));
        }
        let mut kept = Vec::new();
        for (element, guard) in self.elements(a)? {
            if let Some(contained) = self.under(guard, |this| this.contains(&element, b))? {
                let wanted = if inside { contained } else { self.t.not(contained) };
                kept.push((element, self.t.and(guard, wanted)));
            }
        }
        self.set(kept)
    }

    /// `{x \in S : p}`.
    pub(super) fn filter(&mut self, rule: u32, env: &Env<'m>) -> Made<Sym<'m>> {
        let code = &self.model.code.rules[rule as usize];
        let [Binder { set: Some(set), .. }] = &code.binders[..] else {
            return self.declined("a filter with several bound names");
        };
        let base = self.eval(set, env)?;
        if base.is_open_set() && self.list_of(&base).is_none() {
            return Ok(Sym::Filter(Rc::new(base), rule, env.clone()));
        }
        let all = self.elements(&base)?;
        let kept = self.kept(all, rule, env)?;
        self.set(kept)
    }

    pub(super) fn kept(&mut self, all: Vec<(Sym<'m>, Term)>, rule: u32, env: &Env<'m>) -> Made<Vec<(Sym<'m>, Term)>> {
        let mut kept = Vec::with_capacity(all.len());
        for (element, guard) in all {
            if let Some(holds) = self.under(guard, |this| this.holds_of(rule, env, &element))? {
                kept.push((element, self.t.and(guard, holds)));
            }
        }
        Ok(kept)
    }

    /// Whether the predicate of a filter holds of an element.
    pub(super) fn holds_of(&mut self, rule: u32, env: &Env<'m>, element: &Sym<'m>) -> Made<Term> {
        let code = &self.model.code.rules[rule as usize];
        let [binder] = &code.binders[..] else { return self.declined("a filter with several bound names") };
        let inner = self.bind(&binder.pattern, element, env)?;
        self.truth(&code.body, &inner)
    }

    /// `{e : x \in S}`.
    pub(super) fn image(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m>) -> Made<Sym<'m>> {
        let mut members = Vec::new();
        self.for_each_binding(binders, env, &mut |this, inner, guard| {
            if let Some(element) = this.under(guard, |this| this.eval(body, inner))? {
                members.push((element, guard));
            }
            Ok(())
        })?;
        self.set(members)
    }

    /// `UNION S`.
    pub(super) fn big_union(&mut self, family: &Sym<'m>) -> Made<Sym<'m>> {
        let mut members = Vec::new();
        for (set, guard) in self.elements(family)? {
            for (element, when) in self.under(guard, |this| this.elements(&set))?.unwrap_or_default() {
                members.push((element, self.t.and(guard, when)));
            }
        }
        self.set(members)
    }

    /// The number of elements of a set: of the listed ones that are there and equal to none before them.
    pub(super) fn cardinality(&mut self, set: &Sym<'m>) -> Made<Sym<'m>> {
        if let Sym::Interval(low, high) = set {
            let one = self.t.number(1);
            let (zero, difference) = (self.t.number(0), self.t.subtract(*high, *low));
            let count = self.t.add(difference, one);
            let some = self.t.less_equal(*low, *high);
            return Ok(Sym::Int(self.t.ite(some, count, zero)));
        }
        let all = self.elements(set)?;
        let (zero, one) = (self.t.number(0), self.t.number(1));
        let mut sum = zero;
        for (index, (element, guard)) in all.iter().enumerate() {
            let mut counts = *guard;
            for (earlier, when) in &all[..index] {
                let both = self.t.and(counts, *when);
                let same = self.under(both, |this| this.equal(element, earlier))?.unwrap_or(FALSE);
                let again = self.t.and(*when, same);
                let not = self.t.not(again);
                counts = self.t.and(counts, not);
            }
            let unit = self.t.ite(counts, one, zero);
            sum = self.t.add(sum, unit);
        }
        Ok(Sym::Int(sum))
    }

    pub(super) fn is_finite(&mut self, set: &Sym<'m>) -> Made<Sym<'m>> {
        match set {
            Sym::Set(_) | Sym::Interval(..) => Ok(Sym::Bool(TRUE)),
            _ => self.declined("IsFiniteSet of a set that may have no end"),
        }
    }

    /// The first element in the evaluator's order with which the body of a `CHOOSE` is true. Integers have the order of
    /// integers, whatever they depend on: the least one is chosen.
    pub(super) fn chosen(
        &mut self,
        pattern: &'m tla_model::ir::Pattern,
        set: &'m Node,
        body: &'m Node,
        env: &Env<'m>,
    ) -> Made<Sym<'m>> {
        let set = self.eval(set, env)?;
        let all = self.elements(&set)?;
        let integers = all.iter().all(|(element, _)| matches!(element, Sym::Int(_)));
        let all = if integers { all } else { self.elements_in_order(&set)? };
        let mut fit = Vec::with_capacity(all.len());
        for (element, guard) in &all {
            let truth = self.under(*guard, |this| {
                let inner = this.bind(pattern, element, env)?;
                this.truth(body, &inner)
            })?;
            let fits = truth.map_or(FALSE, |truth| self.t.and(*guard, truth));
            fit.push(fits);
        }
        let any = self.t.or_all(fit.iter().copied());
        let none = self.t.not(any);
        self.fail(none, "no element satisfies the predicate of a CHOOSE");
        let mut left = TRUE;
        let mut alternatives = Vec::with_capacity(all.len());
        for (index, (element, _)) in all.iter().enumerate() {
            let mut first = self.t.and(left, fit[index]);
            if let Sym::Int(own) = element {
                for (other, fits) in all.iter().zip(&fit) {
                    let (Sym::Int(other), _) = other else { continue };
                    let smaller = self.t.less(*other, *own);
                    let both = self.t.and(*fits, smaller);
                    let not = self.t.not(both);
                    first = if integers { self.t.and(first, not) } else { first };
                }
            }
            alternatives.push((first, element.clone()));
            let not = self.t.not(first);
            left = self.t.and(left, not);
        }
        self.merge(alternatives)
    }

    /// An environment in which a slot is a value.
    pub(super) fn with_value(env: &Env<'m>, slot: u32, value: Sym<'m>) -> Env<'m> {
        env.with(slot, Binding::Value(value))
    }
}
