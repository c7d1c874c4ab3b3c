//! Sets of terms: lists of symbolic elements, and sets of integers without an end.

use super::super::term::{FALSE, Sort, TRUE, Term, Terms};
use super::{Env, MOST_VALUES, Made, Own, Smt, Sym, Translator, Undefined};
use crate::walk::{Comparisons, Graph, Sets, Values};
use std::rc::Rc;
use tla_model::ir::{Binder, Node, Pattern};
use tla_model::value::{LazySet, Value};

impl<'m> Sets<'m, Smt> for Translator<'m> {
    fn is_set(own: &Own<'m>) -> bool {
        match own {
            Own::Set(_) | Own::Interval(..) | Own::Integers(_) | Own::Without(..) | Own::Filter(..) => true,
            Own::Int(_) | Own::Atom(..) | Own::Table(_) => false,
        }
    }

    fn is_listed(own: &Own<'m>) -> bool {
        matches!(own, Own::Set(_) | Own::Interval(..))
    }

    /// What is the same element comes once.
    fn set(&mut self, members: Vec<(Sym<'m>, Term)>) -> Made<Sym<'m>> {
        let mut all: Vec<(Sym<'m>, Term)> = Vec::with_capacity(members.len());
        for (element, guard) in members {
            if guard == FALSE || matches!(element, Sym::Never) {
                continue;
            }
            // Alternatives are elements of their own.
            let parts: Vec<(Term, Sym<'m>)> = match &element {
                Sym::Union(parts) => parts.to_vec(),
                _ => vec![(TRUE, element)],
            };
            for (also, element) in parts {
                let guard = self.graph.and(guard, also);
                match all.iter_mut().find(|(known, _)| Self::same(known, &element)) {
                    Some((_, known)) => *known = self.graph.or(*known, guard),
                    None => all.push((element, guard)),
                }
            }
            if all.len().is_multiple_of(64) {
                self.go_on()?;
            }
            if all.len() > MOST_VALUES {
                return self.declined(format!("a set of more than {MOST_VALUES} possible elements"));
            }
        }
        Ok(Sym::Own(Own::Set(all.into())))
    }

    fn set_of(&mut self, elements: Vec<Sym<'m>>) -> Made<Sym<'m>> {
        self.set(elements.into_iter().map(|element| (element, TRUE)).collect())
    }

    fn listed(&mut self, element: &Sym<'m>, guard: Term) -> Made<Vec<(Sym<'m>, Term)>> {
        Ok(vec![(element.clone(), guard)])
    }

    fn element(element: &Sym<'m>) -> Sym<'m> {
        element.clone()
    }

    fn members(&mut self, set: &Sym<'m>) -> Made<Vec<(Sym<'m>, Term)>> {
        match set {
            Sym::Never => Ok(Vec::new()),
            Sym::Union(all) => self.list_of_alternatives(all, &mut |this, one| this.elements(one)),
            Sym::Own(Own::Set(all)) => Ok(all.to_vec()),
            Sym::Own(Own::Interval(..)) => match self.list_of(set) {
                Some(list) => Ok(list.to_vec()),
                None => {
                    self.declined("an interval whose bounds depend on the state, or of very many integers, is listed")
                }
            },
            Sym::Own(Own::Without(a, b)) => {
                let mut left = Vec::new();
                for (element, guard) in self.elements(a)? {
                    if let Some(out) = self.under(guard, |this| this.contains(&element, b))? {
                        left.push((element, self.graph.without(guard, out)));
                    }
                }
                Ok(left)
            }
            Sym::Own(Own::Filter(base, rule, env)) => {
                let all = self.elements(base)?;
                self.kept(&all, *rule, env)
            }
            Sym::Own(Own::Integers(_)) => self.declined("the elements of a set of integers without a bound are listed"),
            open if Self::is_open_set(open) => self.elements(open),
            _ => {
                self.fail(TRUE, "a set is needed here");
                Ok(Vec::new())
            }
        }
    }

    fn contains_own(&mut self, element: &Sym<'m>, set: &Own<'m>) -> Made<Term> {
        match set {
            Own::Set(all) => {
                let mut any = FALSE;
                for (one, guard) in all.iter() {
                    let wanted = self.graph.without(*guard, any);
                    let same = self.under(wanted, |this| this.equal(element, one))?.unwrap_or(FALSE);
                    let here = self.graph.and(*guard, same);
                    any = self.graph.or(any, here);
                }
                Ok(any)
            }
            Own::Interval(low, high) => self.integer_with(element, |this, value| {
                let (above, below) = (this.graph.less_equal(*low, value), this.graph.less_equal(value, *high));
                this.graph.and(above, below)
            }),
            Own::Integers(array) => self.integer_with(element, |this, value| this.graph.select(*array, value)),
            Own::Without(a, b) => {
                let inside = self.contains(element, a)?;
                let out = self.under(inside, |this| this.contains(element, b))?.unwrap_or(FALSE);
                Ok(self.graph.without(inside, out))
            }
            Own::Filter(base, rule, env) => {
                let inside = self.contains(element, base)?;
                let kept = self.under(inside, |this| this.holds_of(*rule, env, element))?.unwrap_or(FALSE);
                Ok(self.graph.and(inside, kept))
            }
            Own::Int(_) | Own::Atom(..) | Own::Table(_) => {
                self.fail(TRUE, "a set is needed here");
                Ok(FALSE)
            }
        }
    }

    fn contains_leaf(&mut self, element: &Sym<'m>, set: &LazySet, _whole: &Value) -> Made<Term> {
        match set {
            LazySet::Naturals => self.integer_with(element, |this, term| {
                let zero = this.graph.number(0);
                this.graph.less_equal(zero, term)
            }),
            LazySet::Integers | LazySet::Reals => self.integer_with(element, |_, _| TRUE),
            LazySet::Strings => self.truth_of_alternatives(element, &mut |this, one| match one {
                Sym::Own(Own::Atom(term, possible)) => {
                    let strings: Vec<u32> = possible.iter().copied().filter(|o| this.own.atoms.is_string(*o)).collect();
                    Ok(this.one_of(*term, &strings))
                }
                _ => this.declined("membership in STRING of something that may be no string"),
            }),
            _ => self.declined("membership in a set that the evaluator keeps as a rule"),
        }
    }

    fn contains_function(&mut self, element: &Sym<'m>, domain: &Sym<'m>, range: &Sym<'m>) -> Made<Term> {
        self.truth_of_alternatives(element, &mut |this, one| match one {
            Sym::Own(Own::Table(table)) => {
                let Some(natural) = Self::is_natural(domain) else {
                    return this.declined("membership in a set of functions whose domain depends on the state");
                };
                if natural != table.natural {
                    return Ok(FALSE);
                }
                let index = this.bound(Sort::Int);
                let value = this.table_at(table, index);
                this.for_all_integers(index, natural, |this| this.contains(&value, range))
            }
            Sym::Rule(..) => this.declined("membership of a function on an infinite domain"),
            Sym::Map(own, parts) if Self::is_natural(domain).is_none() => {
                // The domain depends on the state.
                let own: Vec<(Sym<'m>, Term)> = own.iter().map(|key| (this.concrete(key), TRUE)).collect();
                let same = this.equal(&Sym::Own(Own::Set(own.into())), domain)?;
                let inside = this.under(same, |this| this.contains_all(parts, range))?.unwrap_or(FALSE);
                Ok(this.graph.and(same, inside))
            }
            Sym::Map(..) => Ok(FALSE),
            other => {
                this.unlike(other, "something that is no function is tested to be in a set of functions");
                Ok(FALSE)
            }
        })
    }

    /// Whether all integers of the first are in the second, if the first has no list of them.
    fn subset_at_once(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Option<Term>> {
        let unlisted = match a {
            Sym::Own(Own::Interval(..)) => self.list_of(a).is_none(),
            Sym::Own(Own::Integers(_)) => true,
            _ => Self::is_natural(a).is_some(),
        };
        if !unlisted {
            return Ok(None);
        }
        let index = self.bound(Sort::Int);
        let element = Sym::Own(Own::Int(index));
        let inside = self.contains(&element, a)?;
        let out = self.quantified(index, |this| {
            let also = this.under(inside, |this| this.contains(&element, b))?.unwrap_or(TRUE);
            Ok(this.graph.without(inside, also))
        })?;
        Ok(Some(self.graph.not(out)))
    }

    fn set_union(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
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
            (Sym::Own(Own::Integers(array)), other) | (other, Sym::Own(Own::Integers(array)))
                if self.list_of(other).is_some() =>
            {
                self.changed(*array, other, true)
            }
            (a, b) if Self::is_set_of_any(a) && Self::is_set_of_any(b) => {
                Ok(Sym::Both(Rc::new(a.clone()), Rc::new(b.clone())))
            }
            _ => Ok(self.fails("a set is needed here")),
        }
    }

    fn set_part(&mut self, a: &Sym<'m>, b: &Sym<'m>, inside: bool) -> Made<Sym<'m>> {
        if matches!(a, Sym::Union(_)) {
            return self.for_alternatives(a, &mut |this, one| this.set_part(one, b, inside));
        }
        // An intersection with a set that is not listed is made from the other side.
        if inside && Self::is_set_of_any(a) && self.list_of(a).is_none() && self.list_of(b).is_some() {
            return self.part_of(b, a, true);
        }
        self.part_of(a, b, inside)
    }

    /// Of the listed ones that are there and equal to none before them.
    fn cardinality(&mut self, set: &Sym<'m>) -> Made<Sym<'m>> {
        if let Sym::Own(Own::Interval(low, high)) = set {
            let one = self.graph.number(1);
            let (zero, difference) = (self.graph.number(0), self.graph.subtract(*high, *low));
            let count = self.graph.add(difference, one);
            let some = self.graph.less_equal(*low, *high);
            return Ok(Sym::Own(Own::Int(self.graph.ite(some, count, zero))));
        }
        let all = self.elements(set)?;
        let (zero, one) = (self.graph.number(0), self.graph.number(1));
        let mut sum = zero;
        for (index, (element, guard)) in all.iter().enumerate() {
            let mut counts = *guard;
            for (earlier, when) in &all[..index] {
                let both = self.graph.and(counts, *when);
                let same = self.under(both, |this| this.equal(element, earlier))?.unwrap_or(FALSE);
                let again = self.graph.and(*when, same);
                counts = self.graph.without(counts, again);
            }
            let unit = self.graph.ite(counts, one, zero);
            sum = self.graph.add(sum, unit);
        }
        Ok(Sym::Own(Own::Int(sum)))
    }

    fn filter_at_once(&mut self, base: &Sym<'m>, rule: u32, env: &Env<'m>) -> Option<Sym<'m>> {
        let endless = Self::is_set_of_any(base) && self.list_of(base).is_none();
        endless.then(|| Sym::Own(Own::Filter(Rc::new(base.clone()), rule, env.clone())))
    }

    fn exists(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m>, negated: bool) -> Made<Term> {
        let sets = self.binder_values(binders, env)?;
        self.exists_in(binders, &sets, body, env, negated)
    }

    /// Integers have the order of integers, whatever they depend on: the least one is chosen.
    fn choose_unordered(
        &mut self,
        pattern: &'m Pattern,
        set: &Sym<'m>,
        body: &'m Node,
        env: &Env<'m>,
    ) -> Made<Sym<'m>> {
        let all = self.elements(set)?;
        if !all.iter().all(|(element, _)| matches!(element, Sym::Own(Own::Int(_)))) {
            return self.declined("a choice whose order depends on the state");
        }
        let outer = std::mem::take(&mut self.undefined);
        let (mut fit, mut odd) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
        for (element, guard) in &all {
            let truth = self.under(*guard, |this| {
                let inner = this.bind(pattern, element, env)?;
                this.truth(body, &inner)
            });
            odd.push(std::mem::take(&mut self.undefined));
            fit.push(truth.map(|truth| truth.map_or(FALSE, |truth| self.graph.and(*guard, truth))));
        }
        self.undefined = outer;
        let fit = fit.into_iter().collect::<Made<Vec<Term>>>()?;
        let any = self.graph.or_all(&fit);
        self.fail_unless(any, "no element satisfies the predicate of a CHOOSE");
        let (mut left, mut alternatives) = (TRUE, Vec::with_capacity(all.len()));
        for (((element, _), fits), odd) in all.iter().zip(&fit).zip(odd) {
            let Sym::Own(Own::Int(own)) = element else { continue };
            let mut least = TRUE;
            for ((other, _), fits) in all.iter().zip(&fit) {
                let Sym::Own(Own::Int(other)) = other else { continue };
                let smaller = self.graph.less(*other, *own);
                let both = self.graph.and(*fits, smaller);
                least = self.graph.without(least, both);
            }
            // The predicate is evaluated for an element only if no smaller one fits.
            for one in odd {
                let when = self.graph.and(one.when, least);
                self.undefined.push(Undefined { when, ..one });
            }
            let first = self.graph.and(*fits, least);
            let first = self.graph.and(left, first);
            alternatives.push((first, element.clone()));
            left = self.graph.without(left, first);
        }
        self.merge(alternatives)
    }
}

impl<'m> Translator<'m> {
    /// Whether a set is `Nat` (true) or `Int` (false).
    pub(super) fn is_natural(set: &Sym<'m>) -> Option<bool> {
        let Sym::Lazy(Value::Lazy(lazy)) = set else { return None };
        match &**lazy {
            LazySet::Naturals => Some(true),
            LazySet::Integers => Some(false),
            _ => None,
        }
    }

    /// A truth value for the integers that a value can be; a model value is none.
    fn integer_with(&mut self, element: &Sym<'m>, test: impl Fn(&mut Self, Term) -> Term) -> Made<Term> {
        self.truth_of_alternatives(element, &mut |this, one| match one {
            Sym::Own(Own::Int(term)) => Ok(test(this, *term)),
            other => {
                this.unlike(other, "something that is no integer is tested to be in a set of integers");
                Ok(FALSE)
            }
        })
    }

    /// An array of integers with the elements of a list put in or taken out.
    fn changed(&mut self, array: Term, list: &Sym<'m>, there: bool) -> Made<Sym<'m>> {
        let mut array = array;
        for (element, guard) in self.list_of(list).unwrap_or_default().iter() {
            let Sym::Own(Own::Int(element)) = element else {
                let mixed = "a set of integers without a bound and values that may be no integers are put together";
                return self.declined(mixed);
            };
            let before = self.graph.select(array, *element);
            let after = self.graph.ite(*guard, Terms::of_bool(there), before);
            array = self.graph.store(array, *element, after);
        }
        Ok(Sym::Own(Own::Integers(array)))
    }

    fn part_of(&mut self, a: &Sym<'m>, b: &Sym<'m>, inside: bool) -> Made<Sym<'m>> {
        if let Sym::Own(Own::Integers(array)) = a
            && !inside
            && self.list_of(b).is_some()
        {
            return self.changed(*array, b, false);
        }
        let endless = match a {
            Sym::Lazy(value) => !self.machine.is_enumerable(value),
            Sym::Own(_) => Self::is_set_of_any(a) && self.list_of(a).is_none(),
            other => Self::is_open_set(other),
        };
        if endless && !inside {
            return Ok(Sym::Own(Own::Without(Rc::new(a.clone()), Rc::new(b.clone()))));
        }
        if endless {
            let outside = Sym::Own(Own::Without(Rc::new(a.clone()), Rc::new(b.clone())));
            return Ok(Sym::Own(Own::Without(Rc::new(a.clone()), Rc::new(outside))));
        }
        let mut kept = Vec::new();
        for (element, guard) in self.elements(a)? {
            if let Some(contained) = self.under(guard, |this| this.contains(&element, b))? {
                let wanted = if inside { contained } else { self.graph.not(contained) };
                kept.push((element, self.graph.and(guard, wanted)));
            }
        }
        self.set(kept)
    }
}
