//! Sets of the circuit: a literal for each possible element.

use super::{Circuit, Made, Own, Sym, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::D;
use crate::walk::{Env, Graph, Sets, Values};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::ir::{Binder, Node, Pattern};
use tla_model::value::{LazySet, Value};

impl<'m> Sets<'m, Circuit> for Translator<'m> {
    fn is_set(own: &Own) -> bool {
        matches!(own, Own::Set(_))
    }

    fn is_listed(own: &Own) -> bool {
        matches!(own, Own::Set(_))
    }

    /// An element that occurs several times is in it if any of its literals is true.
    fn set(&mut self, members: Vec<(D, Lit)>) -> Made<Sym<'m>> {
        let mut joined: FxHashMap<D, Vec<Lit>> = FxHashMap::default();
        for (d, lit) in members {
            if lit != FALSE {
                joined.entry(d).or_default().push(lit);
            }
        }
        let mut all: Vec<(D, Lit)> = joined.into_iter().map(|(d, lits)| (d, self.graph.or_all(&lits))).collect();
        all.sort_unstable_by_key(|(d, _)| *d);
        Ok(Sym::Own(Own::Set(all.into())))
    }

    fn set_of(&mut self, elements: Vec<D>) -> Made<Sym<'m>> {
        Ok(Sym::Own(Own::Val(self.known_set(elements)?)))
    }

    fn listed(&mut self, element: &Sym<'m>, guard: Lit) -> Made<Vec<(D, Lit)>> {
        let cases = self.cases(element)?;
        Ok(cases.into_iter().map(|(d, when)| (d, self.graph.and(guard, when))).collect())
    }

    fn element(element: &D) -> Sym<'m> {
        Sym::Own(Own::Val(*element))
    }

    fn members(&mut self, set: &Sym<'m>) -> Made<Vec<(D, Lit)>> {
        match self.explicit_set(set)? {
            Sym::Own(Own::Set(all)) => Ok(all.to_vec()),
            _ => Ok(Vec::new()),
        }
    }

    fn contains_own(&mut self, element: &Sym<'m>, set: &Own) -> Made<Lit> {
        let Own::Set(all) = set else {
            self.fail(TRUE, "a set is needed here");
            return Ok(FALSE);
        };
        let opened = self.open(element);
        if let Sym::Own(Own::Enum(cases)) = &opened {
            self.compare_sorts(cases, all);
            let mut lits = Vec::new();
            for (d, lit) in cases.iter() {
                if let Ok(index) = all.binary_search_by_key(d, |(known, _)| *known) {
                    lits.push(self.graph.and(*lit, all[index].1));
                }
            }
            if cases.len() == lits.len() && all.iter().all(|(_, lit)| *lit == TRUE) {
                return Ok(TRUE);
            }
            return Ok(self.graph.or_all(&lits));
        }
        if let (Some(d), Sym::Map(..) | Sym::Own(Own::Set(_))) = (self.known(element), &opened)
            && let Ok(index) = all.binary_search_by_key(&d, |(known, _)| *known)
        {
            return Ok(all[index].1);
        }
        let mut any = FALSE;
        for (d, lit) in all.iter() {
            let wanted = self.graph.and(*lit, !any);
            let same = self.under(wanted, |this| this.equal(element, &Sym::Own(Own::Val(*d))))?;
            if let Some(same) = same {
                let one = self.graph.and(*lit, same);
                any = self.graph.or(any, one);
            }
        }
        Ok(any)
    }

    /// Each possible value of its own; the evaluator decides.
    fn contains_leaf(&mut self, element: &Sym<'m>, _set: &LazySet, whole: &Value) -> Made<Lit> {
        let mut lits = Vec::new();
        for (d, lit) in self.cases(element)? {
            let one = self.own.data.value(d).clone();
            match self.machine.attempt(|machine| machine.member(&one, whole)) {
                Ok(true) => lits.push(lit),
                Ok(false) => {}
                Err(_) => self.fail(lit, "membership is undefined"),
            }
        }
        Ok(self.graph.or_all(&lits))
    }

    fn contains_function(&mut self, _element: &Sym<'m>, _domain: &Sym<'m>, _range: &Sym<'m>) -> Made<Lit> {
        self.declined("membership in a set of functions whose domain depends on the state")
    }

    fn set_union(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
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
        self.set(a.into_iter().chain(b).collect())
    }

    fn set_part(&mut self, a: &Sym<'m>, b: &Sym<'m>, inside: bool) -> Made<Sym<'m>> {
        // An intersection with a set that is not explicit is made from the other side.
        let (first, second) = (self.open(a), self.open(b));
        if inside && Self::is_open_set(&first) && !Self::is_open_set(&second) {
            return self.set_part(b, a, true);
        }
        let all = self.members(&first)?;
        let mut kept = Vec::with_capacity(all.len());
        for (d, lit) in all.iter() {
            let contained = self.under(*lit, |this| this.contains(&Sym::Own(Own::Val(*d)), &second))?;
            if let Some(contained) = contained {
                let wanted = if inside { contained } else { !contained };
                kept.push((*d, self.graph.and(*lit, wanted)));
            }
        }
        self.set(kept)
    }

    fn cardinality(&mut self, set: &Sym<'m>) -> Made<Sym<'m>> {
        let all = self.members(set)?;
        // at_least[k]: among the elements so far at least k are in. From one such number the next ones follow, which a solver
        // finds by propagation; of exact numbers it has to try which one it is.
        let mut at_least = vec![TRUE];
        for (_, lit) in all.iter() {
            let more = at_least.clone();
            at_least.push(FALSE);
            for (count, known) in more.into_iter().enumerate() {
                let with = self.graph.and(known, *lit);
                at_least[count + 1] = self.graph.or(at_least[count + 1], with);
            }
        }
        let mut exactly = Vec::with_capacity(at_least.len());
        for (count, known) in at_least.iter().enumerate() {
            let no_more = at_least.get(count + 1).map_or(TRUE, |more| !*more);
            exactly.push(self.graph.and(*known, no_more));
        }
        let cases =
            exactly.into_iter().enumerate().map(|(count, lit)| (self.own.data.of_int(count as i64), lit)).collect();
        Ok(self.scalar(cases))
    }

    fn exists(&mut self, binders: &'m [Binder], body: &'m Node, env: &Env<'m, Circuit>, negated: bool) -> Made<Lit> {
        self.exists_listed(binders, body, env, negated)
    }

    fn choose_unordered(
        &mut self,
        _pattern: &'m Pattern,
        _set: &Sym<'m>,
        _body: &'m Node,
        _env: &Env<'m, Circuit>,
    ) -> Made<Sym<'m>> {
        self.declined("a choice whose order depends on the state")
    }
}

impl<'m> Translator<'m> {
    /// A set as a list of possible elements.
    pub(crate) fn explicit_set(&mut self, sym: &Sym<'m>) -> Made<Sym<'m>> {
        let sym = self.open(sym);
        match &sym {
            Sym::Own(Own::Set(_)) => Ok(sym),
            Sym::Never => Ok(Sym::Own(Own::Set(Rc::from([])))),
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
                        members.push((d, self.graph.and(lit, when)));
                    }
                }
                self.set(members)
            }
            Sym::Own(Own::Val(_) | Own::Enum(_)) | Sym::Bool(_) | Sym::Map(..) | Sym::Rule(..) => {
                self.fail(TRUE, "a set is needed here");
                Ok(Sym::Own(Own::Set(Rc::from([]))))
            }
        }
    }
}
