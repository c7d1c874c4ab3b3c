//! Sets.

use super::env::Env;
use super::{MOST_VALUES, Made, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::D;
use crate::sym::Sym;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::ir::{Binder, Node};
use tla_model::value::{LazySet, Value};

impl<'m> Translator<'m> {
    /// A set from its possible elements; an element that occurs several times is in it if any of its literals is true.
    pub(crate) fn set(&mut self, members: Vec<(D, Lit)>) -> Sym<'m> {
        let mut joined: FxHashMap<D, Vec<Lit>> = FxHashMap::default();
        for (d, lit) in members {
            if lit != FALSE {
                joined.entry(d).or_default().push(lit);
            }
        }
        let mut all: Vec<(D, Lit)> = joined.into_iter().map(|(d, lits)| (d, self.aig.or_all(&lits))).collect();
        all.sort_unstable_by_key(|(d, _)| *d);
        Sym::Set(Rc::new(all))
    }

    /// A set as a list of possible elements.
    pub(crate) fn explicit_set(&mut self, sym: &Sym<'m>) -> Made<Sym<'m>> {
        let sym = self.open(sym);
        match &sym {
            Sym::Set(_) => Ok(sym),
            Sym::Never => Ok(Sym::Set(Rc::new(Vec::new()))),
            Sym::Union(all) => {
                let mut sets = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    if let Some(set) = self.under(*guard, |this| this.explicit_set(alternative))? {
                        sets.push((*guard, set));
                    }
                }
                self.merge(sets)
            }
            Sym::Subsets(_) | Sym::Functions(..) | Sym::Products(..) | Sym::Both(..) | Sym::Lazy(_) => {
                let elements = self.elements(&sym)?;
                let mut members = Vec::with_capacity(elements.len());
                for (element, lit) in elements {
                    for (d, when) in self.cases(&element)? {
                        members.push((d, self.aig.and(lit, when)));
                    }
                }
                Ok(self.set(members))
            }
            Sym::Val(_) | Sym::Bool(_) | Sym::Enum(_) | Sym::Map(..) | Sym::Rule(..) => {
                self.fail(TRUE, "a set is needed here");
                Ok(Sym::Set(Rc::new(Vec::new())))
            }
        }
    }

    /// The members of a set as a list.
    pub(crate) fn members(&mut self, sym: &Sym<'m>) -> Made<Rc<Vec<(D, Lit)>>> {
        match self.explicit_set(sym)? {
            Sym::Set(all) => Ok(all),
            _ => Ok(Rc::new(Vec::new())),
        }
    }

    /// The possible elements of a set, each with its condition, in any order.
    pub(crate) fn elements(&mut self, sym: &Sym<'m>) -> Made<Vec<(Sym<'m>, Lit)>> {
        let sym = self.open(sym);
        match &sym {
            Sym::Set(all) => Ok(all.iter().map(|(d, lit)| (Sym::Val(*d), *lit)).collect()),
            Sym::Subsets(base) => {
                let base = self.members(base)?;
                if base.len() > 12 {
                    return self.declined(format!("all subsets of a set of up to {} elements", base.len()));
                }
                let mut all = Vec::with_capacity(1 << base.len());
                for mask in 0..1usize << base.len() {
                    let chosen: Vec<(D, Lit)> =
                        base.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, one)| *one).collect();
                    let lits: Vec<Lit> = chosen.iter().map(|(_, lit)| *lit).collect();
                    let lit = self.aig.and_all(&lits);
                    if lit != FALSE {
                        let set = self.set_of(chosen.into_iter().map(|(d, _)| d).collect())?;
                        all.push((Sym::Val(set), lit));
                    }
                }
                Ok(all)
            }
            Sym::Functions(domain, range) => {
                let Some(keys) = self.static_elements(domain)? else {
                    return self.declined("a set of functions whose domain depends on the state");
                };
                let ranges = vec![(**range).clone(); keys.len()];
                self.product_elements(&Rc::new(keys), &ranges)
            }
            Sym::Products(keys, sets) => self.product_elements(keys, sets),
            // An element of both sides comes twice, which makes no difference to whoever asks for elements in any order.
            Sym::Both(a, b) => {
                let mut all = self.elements(a)?;
                all.extend(self.elements(b)?);
                Ok(all)
            }
            Sym::Lazy(value) => {
                if !self.machine.is_enumerable(value) {
                    return self.declined("a set that cannot be enumerated");
                }
                if self.machine.finite_size(value).is_some_and(|size| size > MOST_VALUES as u64) {
                    return self.declined(format!("a set of more than {MOST_VALUES} elements is enumerated"));
                }
                let value = value.clone();
                match self.machine.element_vec(&value) {
                    Ok(elements) => Ok(elements.iter().map(|element| (self.concrete(element), TRUE)).collect()),
                    Err(_) => Ok(self.undefined_set()),
                }
            }
            _ => {
                let all = self.members(&sym)?;
                Ok(all.iter().map(|(d, lit)| (Sym::Val(*d), *lit)).collect())
            }
        }
    }

    fn undefined_set(&mut self) -> Vec<(Sym<'m>, Lit)> {
        self.fail(TRUE, "a set cannot be enumerated");
        Vec::new()
    }

    fn product_elements(&mut self, keys: &Rc<Vec<D>>, sets: &[Sym<'m>]) -> Made<Vec<(Sym<'m>, Lit)>> {
        let mut rows: Vec<(Vec<Sym<'m>>, Lit)> = vec![(Vec::new(), TRUE)];
        for set in sets {
            let elements = self.elements(set)?;
            let mut longer = Vec::with_capacity(rows.len() * elements.len());
            self.not_too_many(rows.len().saturating_mul(elements.len()))?;
            for (row, guard) in &rows {
                for (element, lit) in &elements {
                    let both = self.aig.and(*guard, *lit);
                    if both != FALSE {
                        longer.push((row.iter().chain([element]).cloned().collect(), both));
                    }
                }
            }
            rows = longer;
        }
        Ok(rows.into_iter().map(|(row, guard)| (Sym::Map(keys.clone(), Rc::new(row)), guard)).collect())
    }

    /// The possible elements in TLC's order.
    pub(crate) fn elements_in_order(&mut self, sym: &Sym<'m>) -> Made<Vec<(Sym<'m>, Lit)>> {
        if let Some(value) = self.known_value(sym) {
            if self.machine.finite_size(&value).is_some_and(|size| size > MOST_VALUES as u64) {
                return self.declined(format!("a choice among more than {MOST_VALUES} elements"));
            }
            return match self.machine.element_vec(&value) {
                Ok(elements) => Ok(elements.iter().map(|element| (self.concrete(element), TRUE)).collect()),
                Err(_) => self.declined("a choice from a set that cannot be enumerated"),
            };
        }
        let sym = self.open(sym);
        let all = match &sym {
            Sym::Set(all) => all.clone(),
            Sym::Union(_) => self.members(&sym)?,
            _ => return self.declined("CHOOSE from a set that is not explicit and depends on the state"),
        };
        let lits: FxHashMap<D, Lit> = all.iter().copied().collect();
        let whole = self.set_of(all.iter().map(|(d, _)| *d).collect())?;
        let value = self.data.value(whole).clone();
        let Ok(elements) = self.machine.element_vec(&value) else {
            return self.declined("a choice from a set that cannot be enumerated");
        };
        let mut ordered = Vec::with_capacity(elements.len());
        for element in elements {
            if let Some(d) = self.data.of_value(&element)
                && let Some(lit) = lits.get(&d)
            {
                ordered.push((Sym::Val(d), *lit));
            }
        }
        Ok(ordered)
    }

    /// The elements of a set that does not depend on the state, in TLC's order.
    pub(crate) fn static_elements(&mut self, sym: &Sym<'m>) -> Made<Option<Vec<D>>> {
        let Some(value) = self.known_value(sym) else { return Ok(None) };
        if !self.machine.is_enumerable(&value) {
            return Ok(None);
        }
        if self.machine.finite_size(&value).is_some_and(|size| size > MOST_VALUES as u64) {
            return self.declined(format!("a domain of more than {MOST_VALUES} elements"));
        }
        let Ok(forced) = self.machine.force(&value) else { return Ok(None) };
        let Ok(elements) = self.machine.element_vec(&forced) else { return Ok(None) };
        Ok(elements.iter().map(|element| self.data.of_value(element)).collect())
    }

    /// Whether a value is an element of a set.
    pub(crate) fn contains(&mut self, element: &Sym<'m>, set: &Sym<'m>) -> Made<Lit> {
        let set = self.open(set);
        match &set {
            Sym::Never => Ok(FALSE),
            Sym::Union(all) => {
                let mut lits = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    if let Some(inside) = self.under(*guard, |this| this.contains(element, alternative))? {
                        lits.push(self.aig.and(*guard, inside));
                    }
                }
                Ok(self.aig.or_all(&lits))
            }
            Sym::Set(all) => self.contains_explicit(element, all),
            Sym::Both(a, b) => {
                let left = self.contains(element, a)?;
                let right = self.under(!left, |this| this.contains(element, b))?.unwrap_or(FALSE);
                Ok(self.aig.or(left, right))
            }
            Sym::Subsets(base) => self.subset(element, base),
            Sym::Functions(domain, range) => {
                let Some(keys) = self.static_elements(domain)? else {
                    return self.declined("a set of functions whose domain depends on the state");
                };
                let ranges = vec![(**range).clone(); keys.len()];
                self.contains_map(element, &keys, &ranges)
            }
            Sym::Products(keys, sets) => self.contains_map(element, keys, sets),
            Sym::Lazy(value) => self.contains_lazy(element, value),
            Sym::Val(_) | Sym::Bool(_) | Sym::Enum(_) | Sym::Map(..) | Sym::Rule(..) => {
                self.fail(TRUE, "a set is needed here");
                Ok(FALSE)
            }
        }
    }

    fn contains_explicit(&mut self, element: &Sym<'m>, all: &[(D, Lit)]) -> Made<Lit> {
        let opened = self.open(element);
        if let Sym::Enum(cases) = &opened {
            self.compare_sorts(cases, all);
            let mut lits = Vec::new();
            for (d, lit) in cases.iter() {
                if let Ok(index) = all.binary_search_by_key(d, |(known, _)| *known) {
                    lits.push(self.aig.and(*lit, all[index].1));
                }
            }
            if cases.len() == lits.len() && all.iter().all(|(_, lit)| *lit == TRUE) {
                return Ok(TRUE);
            }
            return Ok(self.aig.or_all(&lits));
        }
        if let (Some(d), Sym::Map(..) | Sym::Set(_)) = (self.known(element), &opened)
            && let Ok(index) = all.binary_search_by_key(&d, |(known, _)| *known)
        {
            return Ok(all[index].1);
        }
        let mut any = FALSE;
        for (d, lit) in all {
            let wanted = self.aig.and(*lit, !any);
            let same = self.under(wanted, |this| this.equal(element, &Sym::Val(*d)))?;
            if let Some(same) = same {
                let one = self.aig.and(*lit, same);
                any = self.aig.or(any, one);
            }
        }
        Ok(any)
    }

    fn contains_map(&mut self, element: &Sym<'m>, keys: &[D], sets: &[Sym<'m>]) -> Made<Lit> {
        let element = self.open(element);
        match &element {
            Sym::Never => Ok(FALSE),
            Sym::Union(all) => {
                let mut lits = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    let inside = self.under(*guard, |this| this.contains_map(alternative, keys, sets))?;
                    if let Some(inside) = inside {
                        lits.push(self.aig.and(*guard, inside));
                    }
                }
                Ok(self.aig.or_all(&lits))
            }
            Sym::Map(own, parts) => {
                if own.len() != keys.len() || own.iter().any(|key| !keys.contains(key)) {
                    return Ok(FALSE);
                }
                let mut inside = TRUE;
                for (key, part) in own.iter().zip(parts.iter()) {
                    let Some(index) = keys.iter().position(|known| known == key) else { return Ok(FALSE) };
                    let one = self.under(inside, |this| this.contains(part, &sets[index]))?.unwrap_or(FALSE);
                    inside = self.aig.and(inside, one);
                }
                Ok(inside)
            }
            Sym::Rule(..) => {
                let element = self.explicit_function(&element)?;
                self.contains_map(&element, keys, sets)
            }
            Sym::Enum(all) if all.iter().all(|(d, _)| self.data.sort(*d) == crate::data::Sort::Model) => Ok(FALSE),
            _ => {
                self.fail(TRUE, "something that is no function is tested to be in a set of functions");
                Ok(FALSE)
            }
        }
    }

    fn contains_lazy(&mut self, element: &Sym<'m>, value: &Value) -> Made<Lit> {
        if let Some(element) = self.known_value(element) {
            return match self.machine.member(&element, value) {
                Ok(inside) => Ok(Lit::of(inside)),
                Err(_) => {
                    self.fail(TRUE, "membership is undefined");
                    Ok(FALSE)
                }
            };
        }
        let Value::Lazy(lazy) = value else { return self.declined("membership in this set") };
        match &**lazy {
            LazySet::Sequences(base) => {
                let base = self.concrete(base);
                self.contains_sequence(element, &base)
            }
            LazySet::Anything => Ok(TRUE),
            LazySet::Difference(a, b) => {
                let (a, b) = (self.concrete(a), self.concrete(b));
                let inside = self.contains(element, &a)?;
                let out = self.under(inside, |this| this.contains(element, &b))?.unwrap_or(TRUE);
                Ok(self.aig.and(inside, !out))
            }
            LazySet::Family(sets) => {
                let mut any = FALSE;
                for set in sets {
                    let set = self.concrete(set);
                    let one = self.under(!any, |this| this.contains(element, &set))?.unwrap_or(FALSE);
                    any = self.aig.or(any, one);
                }
                Ok(any)
            }
            LazySet::Naturals
            | LazySet::Integers
            | LazySet::Reals
            | LazySet::Strings
            | LazySet::Filter(_)
            | LazySet::Intersection(..) => {
                // Each possible value of its own; the evaluator decides.
                let mut lits = Vec::new();
                for (d, lit) in self.cases(element)? {
                    let one = self.data.value(d).clone();
                    match self.machine.member(&one, value) {
                        Ok(true) => lits.push(lit),
                        Ok(false) => {}
                        Err(_) => self.fail(lit, "membership is undefined"),
                    }
                }
                Ok(self.aig.or_all(&lits))
            }
            LazySet::Subsets(_)
            | LazySet::Functions(..)
            | LazySet::Records(..)
            | LazySet::Product(_)
            | LazySet::Union(..) => self.declined("membership in this set"),
        }
    }

    fn contains_sequence(&mut self, element: &Sym<'m>, base: &Sym<'m>) -> Made<Lit> {
        let lengths = self.sequences(element)?;
        let mut lits = Vec::with_capacity(lengths.len());
        for (guard, parts) in lengths {
            let inside = self.under(guard, |this| {
                let mut inside = TRUE;
                for part in &parts {
                    let one = this.under(inside, |this| this.contains(part, base))?.unwrap_or(FALSE);
                    inside = this.aig.and(inside, one);
                }
                Ok(inside)
            })?;
            if let Some(inside) = inside {
                lits.push(self.aig.and(guard, inside));
            }
        }
        Ok(self.aig.or_all(&lits))
    }

    /// Whether a set is part of another one.
    pub(crate) fn subset(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Lit> {
        let elements = self.elements(a)?;
        let mut all = TRUE;
        for (element, lit) in elements {
            let wanted = self.aig.and(all, lit);
            let inside = self.under(wanted, |this| this.contains(&element, b))?;
            if let Some(inside) = inside {
                let fine = self.aig.or(!lit, inside);
                all = self.aig.and(all, fine);
            }
        }
        Ok(all)
    }

    /// `a \cup b`.
    pub(crate) fn set_union(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
        let (x, y) = (self.open(a), self.open(b));
        let infinite = |sym: &Sym<'m>, this: &Self| match sym {
            Sym::Lazy(value) => !this.machine.is_enumerable(value),
            Sym::Subsets(_) | Sym::Functions(..) | Sym::Products(..) | Sym::Both(..) => true,
            _ => false,
        };
        if infinite(&x, self) || infinite(&y, self) {
            return Ok(Sym::Both(Rc::new(a.clone()), Rc::new(b.clone())));
        }
        let (a, b) = (self.members(&x)?, self.members(&y)?);
        self.compare_sorts(&a, &b);
        Ok(self.set(a.iter().chain(b.iter()).copied().collect()))
    }

    /// Elements of the first that are, or are not, in the second.
    pub(crate) fn set_part(&mut self, a: &Sym<'m>, b: &Sym<'m>, inside: bool) -> Made<Sym<'m>> {
        // An intersection with a set that is not explicit is made from the other side.
        let (first, second) = (self.open(a), self.open(b));
        if inside && first.is_lazy_set() && !second.is_lazy_set() {
            return self.set_part(b, a, true);
        }
        let all = self.members(&first)?;
        let mut kept = Vec::with_capacity(all.len());
        for (d, lit) in all.iter() {
            let contained = self.under(*lit, |this| this.contains(&Sym::Val(*d), &second))?;
            if let Some(contained) = contained {
                let wanted = if inside { contained } else { !contained };
                kept.push((*d, self.aig.and(*lit, wanted)));
            }
        }
        Ok(self.set(kept))
    }

    /// `{x \in S : p}`.
    pub(crate) fn filter(&mut self, rule: u32, env: &Env<'m>) -> Made<Sym<'m>> {
        let rule = &self.model.code.rules[rule as usize];
        let mut members = Vec::new();
        let sets = self.binder_sets(&rule.binders, env)?;
        let [binder] = &rule.binders[..] else { return self.declined("a filter with several bound names") };
        for (element, lit) in &sets[0] {
            let kept = self.under(*lit, |this| {
                let inner = this.bind(&binder.pattern, element, env)?;
                this.truth(&rule.body, &inner)
            })?;
            if let Some(kept) = kept {
                let kept = self.aig.and(*lit, kept);
                for (d, when) in self.cases(element)? {
                    members.push((d, self.aig.and(kept, when)));
                }
            }
        }
        Ok(self.set(members))
    }

    /// `{e : x \in S}`.
    pub(crate) fn image(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m>) -> Made<Sym<'m>> {
        let mut members: Vec<(D, Lit)> = Vec::new();
        self.for_each_binding(binders, env, &mut |this, inner, guard| {
            let cases = this.under(guard, |this| {
                let element = this.eval(body, inner)?;
                this.cases(&element)
            })?;
            for (d, lit) in cases.unwrap_or_default() {
                members.push((d, this.aig.and(guard, lit)));
            }
            this.not_too_many(members.len() / 16)
        })?;
        Ok(self.set(members))
    }

    /// `UNION S`.
    pub(crate) fn big_union(&mut self, family: &Sym<'m>) -> Made<Sym<'m>> {
        let mut members = Vec::new();
        for (set, lit) in self.elements(family)? {
            let inner = self.under(lit, |this| this.members(&set))?;
            for (d, when) in inner.unwrap_or_default().iter() {
                members.push((*d, self.aig.and(lit, *when)));
            }
        }
        Ok(self.set(members))
    }

    /// The number of elements of a set.
    pub(crate) fn cardinality(&mut self, set: &Sym<'m>) -> Made<Sym<'m>> {
        let all = self.members(set)?;
        // exactly[k]: so far exactly k elements were met.
        let mut exactly = vec![TRUE];
        for (_, lit) in all.iter() {
            let mut next = vec![FALSE; exactly.len() + 1];
            for (count, known) in exactly.iter().enumerate() {
                let without = self.aig.and(*known, !*lit);
                let with = self.aig.and(*known, *lit);
                next[count] = self.aig.or(next[count], without);
                next[count + 1] = self.aig.or(next[count + 1], with);
            }
            exactly = next;
        }
        let cases = exactly.into_iter().enumerate().map(|(count, lit)| (self.data.of_int(count as i64), lit)).collect();
        Ok(self.scalar(cases))
    }
}
