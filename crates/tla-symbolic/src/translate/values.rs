//! Symbolic values by structure: one level at a time, merged, split into concrete ones.

use super::{MOST_VALUES, Made, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::{D, Sort};
use crate::sym::Sym;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_compile::shape::Datum;
use tla_model::value::{LazySet, Value};

/// Values that are merged by the same rule.
#[derive(PartialEq, Eq, Hash, Clone)]
enum Class {
    Bool,
    Enum,
    Set,
    Map(Rc<Vec<D>>),
}

/// Alternatives that are merged by one rule, if there is one for them.
type Group<'m> = (Option<Class>, Vec<(Lit, Sym<'m>)>);

impl<'m> Translator<'m> {
    /// A value with its outermost structure made explicit: no concrete values, no concrete lazy sets whose structure is
    /// known.
    pub(crate) fn open(&mut self, sym: &Sym<'m>) -> Sym<'m> {
        match sym {
            Sym::Val(d) => self.open_concrete(*d),
            Sym::Lazy(value) => self.open_lazy(value),
            Sym::Never
            | Sym::Bool(_)
            | Sym::Enum(_)
            | Sym::Map(..)
            | Sym::Set(_)
            | Sym::Union(_)
            | Sym::Subsets(_)
            | Sym::Functions(..)
            | Sym::Products(..)
            | Sym::Both(..)
            | Sym::Rule(..) => sym.clone(),
        }
    }

    fn open_concrete(&mut self, d: D) -> Sym<'m> {
        match self.data.datum(d).clone() {
            Datum::Bool(b) => Sym::Bool(Lit::of(b)),
            Datum::Int(_) | Datum::Model(_) | Datum::String(_) => Sym::Enum(Rc::new(vec![(d, TRUE)])),
            Datum::Set(elements) => {
                let mut all: Vec<(D, Lit)> =
                    elements.into_iter().map(|element| (self.data.of_datum(element), TRUE)).collect();
                all.sort_unstable();
                Sym::Set(Rc::new(all))
            }
            Datum::Map(keys, values) => {
                let keys = keys.into_iter().map(|key| self.data.of_datum(key)).collect();
                let values = values.into_iter().map(|value| Sym::Val(self.data.of_datum(value))).collect();
                Sym::Map(Rc::new(keys), Rc::new(values))
            }
        }
    }

    fn open_lazy(&mut self, value: &Value) -> Sym<'m> {
        let Value::Lazy(lazy) = value else { return Sym::Lazy(value.clone()) };
        match &**lazy {
            LazySet::Subsets(base) => Sym::Subsets(Rc::new(self.concrete(base))),
            LazySet::Functions(domain, range) => {
                Sym::Functions(Rc::new(self.concrete(domain)), Rc::new(self.concrete(range)))
            }
            LazySet::Records(fields, sets) => {
                let keys = fields.iter().map(|field| self.data.of_string(*field)).collect();
                let sets = sets.iter().map(|set| self.concrete(set)).collect();
                Sym::Products(Rc::new(keys), Rc::new(sets))
            }
            LazySet::Product(sets) => {
                let keys = self.tuple_keys(sets.len());
                Sym::Products(keys, Rc::new(sets.iter().map(|set| self.concrete(set)).collect()))
            }
            LazySet::Union(a, b) => Sym::Both(Rc::new(self.concrete(a)), Rc::new(self.concrete(b))),
            LazySet::Naturals
            | LazySet::Integers
            | LazySet::Reals
            | LazySet::Strings
            | LazySet::Sequences(_)
            | LazySet::Family(_)
            | LazySet::Intersection(..)
            | LazySet::Difference(..)
            | LazySet::Filter(_)
            | LazySet::Anything => Sym::Lazy(value.clone()),
        }
    }

    /// A concrete value as a symbolic one.
    pub(crate) fn concrete(&mut self, value: &Value) -> Sym<'m> {
        match self.data.of_value(value.listed()) {
            Some(d) => Sym::Val(d),
            None => Sym::Lazy(value.clone()),
        }
    }

    /// The concrete value, if there is only one.
    pub(crate) fn known(&mut self, sym: &Sym<'m>) -> Option<D> {
        match sym {
            Sym::Val(d) => Some(*d),
            Sym::Bool(lit) => lit.known().map(|b| self.data.of_bool(b)),
            Sym::Enum(all) => match all[..] {
                [(d, _)] => Some(d),
                _ => None,
            },
            Sym::Set(all) => {
                let mut elements = Vec::with_capacity(all.len());
                for (d, lit) in all.iter() {
                    if lit.known()? {
                        elements.push(*d);
                    }
                }
                self.set_of(elements).ok()
            }
            Sym::Map(keys, parts) => {
                let parts = parts.iter().map(|part| self.known(part)).collect::<Option<Vec<D>>>()?;
                Some(self.map_of(keys, &parts))
            }
            Sym::Never
            | Sym::Union(_)
            | Sym::Lazy(_)
            | Sym::Subsets(_)
            | Sym::Functions(..)
            | Sym::Products(..)
            | Sym::Both(..)
            | Sym::Rule(..) => None,
        }
    }

    /// The concrete value with all that is needed to give it to the evaluator.
    pub(crate) fn known_value(&mut self, sym: &Sym<'m>) -> Option<Value> {
        if let Sym::Lazy(value) = sym {
            return Some(value.clone());
        }
        self.known(sym).map(|d| self.data.value(d).clone())
    }

    /// The concrete set of these elements.
    pub(crate) fn set_of(&mut self, elements: Vec<D>) -> Made<D> {
        let values = elements.iter().map(|d| self.data.value(*d).clone()).collect();
        match self.machine.set_of(values) {
            Ok(value) => match self.data.of_value(&value) {
                Some(d) => Ok(d),
                None => self.declined("a set that cannot be made explicit"),
            },
            Err(_) => self.declined("a set whose elements cannot be compared"),
        }
    }

    /// The concrete function with these arguments and values.
    pub(crate) fn map_of(&mut self, keys: &[D], parts: &[D]) -> D {
        let keys = keys.iter().map(|key| self.data.datum(*key).clone()).collect();
        let parts = parts.iter().map(|part| self.data.datum(*part).clone()).collect();
        self.data.of_datum(Datum::Map(keys, parts))
    }

    /// A scalar from its possible values; values that occur twice are joined.
    pub(crate) fn scalar(&mut self, cases: Vec<(D, Lit)>) -> Sym<'m> {
        let mut cases: Vec<(D, Lit)> = cases.into_iter().filter(|(_, lit)| *lit != FALSE).collect();
        cases.sort_unstable_by_key(|(d, _)| *d);
        let mut joined: Vec<(D, Vec<Lit>)> = Vec::with_capacity(cases.len());
        for (d, lit) in cases {
            match joined.last_mut() {
                Some((last, lits)) if *last == d => lits.push(lit),
                _ => joined.push((d, vec![lit])),
            }
        }
        if joined.is_empty() {
            return Sym::Never;
        }
        if let [(only, _)] = joined[..] {
            return Sym::Val(only);
        }
        let cases = joined.into_iter().map(|(d, lits)| (d, self.aig.or_all(&lits))).collect();
        Sym::Enum(Rc::new(cases))
    }

    /// A value from concrete cases of any sort.
    pub(crate) fn of_cases(&mut self, cases: Vec<(D, Lit)>) -> Made<Sym<'m>> {
        let scalar = cases.iter().all(|(d, _)| matches!(self.data.sort(*d), Sort::Int | Sort::String | Sort::Model));
        if scalar {
            return Ok(self.scalar(cases));
        }
        let alternatives = cases.into_iter().map(|(d, lit)| (lit, Sym::Val(d))).collect();
        self.merge(alternatives)
    }

    /// The value that is whichever alternative's guard is true. Guards exclude each other; where none is true, the value
    /// is arbitrary.
    pub(crate) fn merge(&mut self, alternatives: Vec<(Lit, Sym<'m>)>) -> Made<Sym<'m>> {
        let mut flat: Vec<(Lit, Sym<'m>)> = Vec::with_capacity(alternatives.len());
        for (guard, sym) in alternatives {
            if guard == FALSE {
                continue;
            }
            match sym {
                Sym::Never => {}
                Sym::Union(all) => {
                    for (inner, sym) in all.iter() {
                        let both = self.aig.and(guard, *inner);
                        if both != FALSE {
                            flat.push((both, sym.clone()));
                        }
                    }
                }
                other => flat.push((guard, other)),
            }
        }
        if flat.len() <= 1 {
            return Ok(flat.pop().map_or(Sym::Never, |(_, sym)| sym));
        }
        if let Sym::Val(first) = flat[0].1
            && flat.iter().all(|(_, sym)| matches!(sym, Sym::Val(d) if *d == first))
        {
            return Ok(Sym::Val(first));
        }
        let mut groups: Vec<Group<'m>> = Vec::new();
        for (guard, sym) in flat {
            let sym = self.open(&sym);
            let class = match &sym {
                Sym::Bool(_) => Some(Class::Bool),
                Sym::Enum(_) => Some(Class::Enum),
                Sym::Set(_) => Some(Class::Set),
                Sym::Map(keys, _) => Some(Class::Map(keys.clone())),
                _ => None,
            };
            match groups.iter_mut().find(|(known, _)| known.is_some() && *known == class) {
                Some((_, all)) => all.push((guard, sym)),
                None => groups.push((class, vec![(guard, sym)])),
            }
        }
        let mut result = Vec::with_capacity(groups.len());
        let single = groups.len() == 1;
        for (class, all) in groups {
            let guards: Vec<Lit> = all.iter().map(|(guard, _)| *guard).collect();
            let merged = self.merge_class(class.as_ref(), all)?;
            let guard = if single { TRUE } else { self.aig.or_all(&guards) };
            result.push((guard, merged));
        }
        if single {
            return Ok(result.swap_remove(0).1);
        }
        Ok(Sym::Union(Rc::new(result)))
    }

    fn merge_class(&mut self, class: Option<&Class>, all: Vec<(Lit, Sym<'m>)>) -> Made<Sym<'m>> {
        match class {
            Some(Class::Bool) => {
                if let [(guard, Sym::Bool(a)), (_, Sym::Bool(b))] = all[..] {
                    return Ok(Sym::Bool(self.aig.choose(guard, a, b)));
                }
                let mut lits = Vec::with_capacity(all.len());
                for (guard, sym) in all {
                    if let Sym::Bool(lit) = sym {
                        lits.push(self.aig.and(guard, lit));
                    }
                }
                Ok(Sym::Bool(self.aig.or_all(&lits)))
            }
            Some(Class::Enum) => {
                let mut cases = Vec::new();
                for (guard, sym) in all {
                    if let Sym::Enum(known) = sym {
                        for (d, lit) in known.iter() {
                            cases.push((*d, self.aig.and(guard, *lit)));
                        }
                    }
                }
                Ok(self.scalar(cases))
            }
            Some(Class::Set) => {
                let mut members: FxHashMap<D, Vec<(Lit, Lit)>> = FxHashMap::default();
                let total = all.len();
                for (guard, sym) in &all {
                    if let Sym::Set(elements) = sym {
                        for (d, lit) in elements.iter() {
                            members.entry(*d).or_default().push((*guard, *lit));
                        }
                    }
                }
                let mut result = Vec::with_capacity(members.len());
                for (d, cases) in members {
                    let first = cases[0].1;
                    let lit = if cases.len() == total && cases.iter().all(|(_, lit)| *lit == first) {
                        first
                    } else {
                        let lits: Vec<Lit> = cases.into_iter().map(|(guard, lit)| self.aig.and(guard, lit)).collect();
                        self.aig.or_all(&lits)
                    };
                    if lit != FALSE {
                        result.push((d, lit));
                    }
                }
                result.sort_unstable_by_key(|(d, _)| *d);
                Ok(Sym::Set(Rc::new(result)))
            }
            Some(Class::Map(keys)) => {
                let mut parts = Vec::with_capacity(keys.len());
                for index in 0..keys.len() {
                    let column = all
                        .iter()
                        .filter_map(|(guard, sym)| match sym {
                            Sym::Map(_, parts) => Some((*guard, parts[index].clone())),
                            _ => None,
                        })
                        .collect();
                    parts.push(self.merge(column)?);
                }
                Ok(Sym::Map(keys.clone(), Rc::new(parts)))
            }
            None => match all.into_iter().next() {
                Some((_, sym)) => Ok(sym),
                None => Ok(Sym::Never),
            },
        }
    }

    /// All concrete values that a value can be, each with its condition.
    pub(crate) fn cases(&mut self, sym: &Sym<'m>) -> Made<Vec<(D, Lit)>> {
        if let Some(d) = self.known(sym) {
            return Ok(vec![(d, TRUE)]);
        }
        match sym {
            Sym::Never => Ok(Vec::new()),
            Sym::Val(d) => Ok(vec![(*d, TRUE)]),
            Sym::Bool(lit) => {
                let (yes, no) = (self.data.of_bool(true), self.data.of_bool(false));
                Ok(vec![(no, !*lit), (yes, *lit)])
            }
            Sym::Enum(all) => Ok(all.to_vec()),
            Sym::Map(keys, parts) => {
                let mut rows: Vec<(Vec<D>, Lit)> = vec![(Vec::new(), TRUE)];
                for part in parts.iter() {
                    let cases = self.cases(part)?;
                    let mut longer = Vec::with_capacity(rows.len() * cases.len());
                    for (row, guard) in &rows {
                        for (d, lit) in &cases {
                            let both = self.aig.and(*guard, *lit);
                            if both != FALSE {
                                longer.push((row.iter().copied().chain([*d]).collect(), both));
                            }
                        }
                    }
                    rows = longer;
                    self.not_too_many(rows.len())?;
                }
                Ok(rows.into_iter().map(|(row, guard)| (self.map_of(keys, &row), guard)).collect())
            }
            Sym::Set(all) => {
                let mut rows: Vec<(Vec<D>, Lit)> = vec![(Vec::new(), TRUE)];
                for (d, lit) in all.iter() {
                    let mut more = Vec::with_capacity(rows.len() * 2);
                    for (row, guard) in rows {
                        let with = self.aig.and(guard, *lit);
                        let without = self.aig.and(guard, !*lit);
                        if with != FALSE {
                            more.push((row.iter().copied().chain([*d]).collect(), with));
                        }
                        if without != FALSE {
                            more.push((row, without));
                        }
                    }
                    rows = more;
                    self.not_too_many(rows.len())?;
                }
                rows.into_iter().map(|(row, guard)| Ok((self.set_of(row)?, guard))).collect()
            }
            Sym::Union(all) => {
                let mut cases = Vec::new();
                for (guard, sym) in all.iter() {
                    for (d, lit) in self.cases(sym)? {
                        let both = self.aig.and(*guard, lit);
                        if both != FALSE {
                            cases.push((d, both));
                        }
                    }
                    self.not_too_many(cases.len())?;
                }
                Ok(cases)
            }
            Sym::Lazy(_) | Sym::Subsets(_) | Sym::Functions(..) | Sym::Products(..) | Sym::Both(..) => {
                let set = self.explicit_set(sym)?;
                self.cases(&set)
            }
            Sym::Rule(..) => {
                let map = self.explicit_function(sym)?;
                self.cases(&map)
            }
        }
    }

    pub(crate) fn not_too_many(&self, count: usize) -> Made<()> {
        if count > MOST_VALUES {
            return self.declined(format!(
                "this has more than {MOST_VALUES} possible values as a whole; use its parts one by one, or smaller \
                 constants"
            ));
        }
        Ok(())
    }

    /// Runs for each structural alternative of a value, and merges the results.
    pub(crate) fn for_alternatives(
        &mut self,
        sym: &Sym<'m>,
        run: &mut dyn FnMut(&mut Self, &Sym<'m>) -> Made<Sym<'m>>,
    ) -> Made<Sym<'m>> {
        let sym = self.open(sym);
        match &sym {
            Sym::Union(all) => {
                let mut results = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    let alternative = self.open(alternative);
                    if let Some(result) = self.under(*guard, |this| run(this, &alternative))? {
                        results.push((*guard, result));
                    }
                }
                self.merge(results)
            }
            Sym::Never => Ok(Sym::Never),
            other => run(self, other),
        }
    }
}
