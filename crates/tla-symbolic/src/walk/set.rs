//! Sets: their elements as a list, and sets that are made of others.

use super::{
    Algebra, Binding, Env, Graph, List, MOST_VALUES, Made, Members, Operations, Sets, Sym, Translator, Values,
};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::ir::{Binder, Node};
use tla_model::value::Value;

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// The possible elements of a set, each with its condition, in any order.
    pub(crate) fn elements(&mut self, sym: &Sym<'m, A>) -> Made<List<'m, A>> {
        let sym = self.open(sym);
        match &sym {
            Sym::Subsets(base) => self.subsets(base),
            Sym::Functions(domain, range) => {
                let Some(keys) = self.static_elements(domain)? else {
                    return self.declined("a set of functions whose domain depends on the state is listed");
                };
                let ranges = vec![(**range).clone(); keys.len()];
                self.product_elements(&keys.into(), &ranges)
            }
            Sym::Products(keys, sets) => self.product_elements(keys, sets),
            // An element of both sides comes twice, which makes no difference to whoever asks for elements in any order.
            Sym::Both(a, b) => {
                let mut all = self.elements(a)?;
                all.extend(self.elements(b)?);
                Ok(all)
            }
            Sym::Lazy(value) => self.lazy_elements(value),
            Sym::Never | Sym::Bool(_) | Sym::Own(_) | Sym::Map(..) | Sym::Union(_) | Sym::Rule(..) => {
                Ok(Self::as_list(self.members(&sym)?))
            }
        }
    }

    fn lazy_elements(&mut self, value: &Value) -> Made<List<'m, A>> {
        if !self.machine.is_enumerable(value) {
            return self.declined("the elements of an infinite set are listed");
        }
        if self.machine.finite_size(value).is_some_and(|size| size > MOST_VALUES as u64) {
            return self.declined(format!("a set of more than {MOST_VALUES} elements is listed"));
        }
        match self.machine.attempt(|machine| machine.element_vec(value)) {
            Ok(elements) => Ok(elements.iter().map(|element| (self.concrete(element), A::TRUE)).collect()),
            Err(_) => {
                self.fail(A::TRUE, "a set cannot be listed");
                Ok(Vec::new())
            }
        }
    }

    fn subsets(&mut self, base: &Sym<'m, A>) -> Made<List<'m, A>> {
        let base = self.members(base)?;
        if base.len() > A::MOST_BASE {
            return self.declined(format!("all subsets of a set of up to {} elements are listed", base.len()));
        }
        let mut all = Vec::with_capacity(1 << base.len());
        for mask in 0..1usize << base.len() {
            let chosen = base.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1).map(|(_, one)| one);
            let (elements, guards): (Vec<_>, Vec<A::Bit>) = chosen.cloned().unzip();
            let guard = self.graph.and_all(&guards);
            if guard != A::FALSE {
                all.push((self.set_of(elements)?, guard));
            }
        }
        Ok(all)
    }

    fn product_elements(&mut self, keys: &Rc<[A::Key]>, sets: &[Sym<'m, A>]) -> Made<List<'m, A>> {
        let mut rows: Vec<(Vec<Sym<'m, A>>, A::Bit)> = vec![(Vec::new(), A::TRUE)];
        for set in sets {
            let elements = self.elements(set)?;
            self.not_too_many(rows.len().saturating_mul(elements.len()))?;
            let mut longer = Vec::with_capacity(rows.len() * elements.len());
            for (row, guard) in &rows {
                for (element, when) in &elements {
                    let both = self.graph.and(*guard, *when);
                    if both != A::FALSE {
                        longer.push((row.iter().chain([element]).cloned().collect(), both));
                    }
                }
            }
            rows = longer;
        }
        Ok(rows.into_iter().map(|(row, guard)| (Sym::Map(keys.clone(), row.into()), guard)).collect())
    }

    /// The possible elements in the evaluator's order; `None` if that depends on the state.
    pub(crate) fn elements_in_order(&mut self, sym: &Sym<'m, A>) -> Made<Option<List<'m, A>>> {
        // The cell in a set keeps its hash, which does not change it.
        #[allow(clippy::mutable_key_type)]
        let mut guards: FxHashMap<Value, Vec<A::Bit>> = FxHashMap::default();
        let ordered = match self.known_value(sym) {
            Some(value) => {
                if self.machine.finite_size(&value).is_some_and(|size| size > MOST_VALUES as u64) {
                    return self.declined(format!("a choice among more than {MOST_VALUES} elements"));
                }
                self.machine.attempt(|machine| machine.element_vec(&value))
            }
            None => {
                let mut known = Vec::new();
                for (element, guard) in self.elements(sym)? {
                    let Some(value) = self.known_value(&element) else { return Ok(None) };
                    known.push(value.clone());
                    guards.entry(value).or_default().push(guard);
                }
                self.machine.attempt(|machine| {
                    let set = machine.set_of(known)?;
                    machine.element_vec(&set)
                })
            }
        };
        let Ok(ordered) = ordered else { return self.declined("a choice from a set that cannot be listed in order") };
        let mut all = Vec::with_capacity(ordered.len());
        for value in ordered {
            let guard = guards.get(&value).map_or(A::TRUE, |own| self.graph.or_all(own));
            all.push((self.concrete(&value), guard));
        }
        Ok(Some(all))
    }

    /// The elements of a set that does not depend on the state, in the evaluator's order.
    pub(crate) fn static_elements(&mut self, sym: &Sym<'m, A>) -> Made<Option<Vec<A::Key>>> {
        let Some(value) = self.known_value(sym) else { return Ok(None) };
        if !self.machine.is_enumerable(&value) {
            return Ok(None);
        }
        if self.machine.finite_size(&value).is_some_and(|size| size > MOST_VALUES as u64) {
            return self.declined(format!("a domain of more than {MOST_VALUES} elements"));
        }
        let elements = self.machine.attempt(|machine| {
            let forced = machine.force(&value)?;
            machine.element_vec(&forced)
        });
        let Ok(elements) = elements else { return Ok(None) };
        Ok(elements.iter().map(|element| self.key(element)).collect())
    }

    /// `{x \in S : p}`.
    pub(crate) fn filter(&mut self, rule: u32, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        let code = &self.model.code.rules[rule as usize];
        let [Binder { set: Some(set), .. }] = &code.binders[..] else {
            return self.declined("a filter with several bound names");
        };
        let base = self.eval(set, env)?;
        if let Some(kept) = self.filter_at_once(&base, rule, env) {
            return Ok(kept);
        }
        let all = self.elements(&base)?;
        let kept = self.kept(&all, rule, env)?;
        self.set(kept)
    }

    /// The elements of a list of which the predicate of a filter holds.
    pub(crate) fn kept(&mut self, all: &[(Sym<'m, A>, A::Bit)], rule: u32, env: &Env<'m, A>) -> Made<Members<'m, A>> {
        let mut kept = Vec::with_capacity(all.len());
        for (element, guard) in all {
            if let Some(holds) = self.under(*guard, |this| this.holds_of(rule, env, element))? {
                let both = self.graph.and(*guard, holds);
                kept.extend(self.listed(element, both)?);
            }
        }
        Ok(kept)
    }

    /// Whether the predicate of a filter holds of an element.
    pub(crate) fn holds_of(&mut self, rule: u32, env: &Env<'m, A>, element: &Sym<'m, A>) -> Made<A::Bit> {
        let code = &self.model.code.rules[rule as usize];
        let [binder] = &code.binders[..] else { return self.declined("a filter with several bound names") };
        let inner = self.bind(&binder.pattern, element, env)?;
        self.truth(&code.body, &inner)
    }

    /// `{e : x \in S}`.
    pub(crate) fn image(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        let mut members = Vec::new();
        self.for_each_binding(binders, env, &mut |this, inner, guard| {
            let listed = this.under(guard, |this| {
                let element = this.eval(body, inner)?;
                this.listed(&element, guard)
            })?;
            members.extend(listed.unwrap_or_default());
            this.not_too_many(members.len() / 16)
        })?;
        self.set(members)
    }

    /// `UNION S`.
    pub(crate) fn big_union(&mut self, family: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        let mut members = Vec::new();
        for (set, guard) in self.elements(family)? {
            for (element, when) in self.under(guard, |this| this.members(&set))?.unwrap_or_default() {
                members.push((element, self.graph.and(guard, when)));
            }
        }
        self.set(members)
    }

    /// `IsFiniteSet(S)`.
    pub(crate) fn is_finite(&mut self, set: &Sym<'m, A>) -> Made<A::Bit> {
        self.truth_of_alternatives(set, &mut |this, one| match one {
            Sym::Both(a, b) => {
                let (a, b) = (this.is_finite(a)?, this.is_finite(b)?);
                Ok(this.graph.and(a, b))
            }
            Sym::Subsets(base) => this.is_finite(base),
            Sym::Lazy(value) => Ok(if this.machine.is_enumerable(value) { A::TRUE } else { A::FALSE }),
            Sym::Own(own) if Self::is_listed(own) => Ok(A::TRUE),
            Sym::Functions(domain, range) => {
                let (a, b) = (this.is_finite(domain)?, this.is_finite(range)?);
                Ok(this.graph.and(a, b))
            }
            Sym::Products(_, sets) => {
                let mut all = A::TRUE;
                for set in sets.iter() {
                    let one = this.is_finite(set)?;
                    all = this.graph.and(all, one);
                }
                Ok(all)
            }
            other if Self::is_set_of_any(other) => this.declined("IsFiniteSet of a set that may have no end"),
            _ => {
                this.fail(A::TRUE, "a set is needed here");
                Ok(A::FALSE)
            }
        })
    }

    /// `FoldSet(op, base, S)`, from the first element in the evaluator's order on.
    pub(crate) fn fold_set(
        &mut self,
        operator: &Binding<'m, A>,
        base: &Sym<'m, A>,
        set: &Sym<'m, A>,
    ) -> Made<Sym<'m, A>> {
        let Some(elements) = self.elements_in_order(set)? else {
            return self.declined("a fold over a set whose order depends on the state");
        };
        let mut result = base.clone();
        for (element, guard) in elements {
            let next = self.under(guard, |this| this.apply_operator(operator, vec![element, result.clone()]))?;
            if let Some(next) = next {
                let not = self.graph.not(guard);
                result = self.merge(vec![(guard, next), (not, result)])?;
            }
        }
        Ok(result)
    }
}
