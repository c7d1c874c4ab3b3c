//! Values of the circuit: one level at a time, merged, split into concrete ones.

use super::{Circuit, MOST_NODES, Made, Own, Sym, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::{D, Sort};
use crate::walk::{Graph, Values};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_compile::shape::Datum;
use tla_model::value::{StringId, Value};

/// Values that are merged by the same rule.
#[derive(PartialEq, Eq)]
pub enum Class {
    /// Scalars.
    Scalar,
    /// Sets.
    Set,
}

impl<'m> Values<'m, Circuit> for Translator<'m> {
    fn heed(&self) -> Made<()> {
        if self.graph.len() > MOST_NODES {
            return self.declined("the circuit becomes too large; use smaller constants");
        }
        Ok(())
    }

    fn concrete(&mut self, value: &Value) -> Sym<'m> {
        match self.own.data.of_value(value.listed()) {
            Some(d) => Sym::Own(Own::Val(d)),
            None => Sym::Lazy(value.clone()),
        }
    }

    fn known_value(&mut self, sym: &Sym<'m>) -> Option<Value> {
        if let Sym::Lazy(value) = sym {
            return Some(value.clone());
        }
        self.known(sym).map(|d| self.own.data.value(d).clone())
    }

    /// No concrete values, no concrete lazy sets whose structure is known.
    fn open(&mut self, sym: &Sym<'m>) -> Sym<'m> {
        match sym {
            Sym::Own(Own::Val(d)) => self.open_concrete(*d),
            Sym::Lazy(Value::Lazy(lazy)) => self.lazy_structure(lazy).unwrap_or_else(|| sym.clone()),
            Sym::Never
            | Sym::Bool(_)
            | Sym::Own(_)
            | Sym::Map(..)
            | Sym::Union(_)
            | Sym::Lazy(_)
            | Sym::Subsets(_)
            | Sym::Functions(..)
            | Sym::Products(..)
            | Sym::Both(..)
            | Sym::Rule(..) => sym.clone(),
        }
    }

    fn index(&mut self, index: i64) -> D {
        self.own.data.of_int(index)
    }

    fn field(&mut self, field: StringId) -> D {
        self.own.data.of_string(field)
    }

    fn key(&mut self, value: &Value) -> Option<D> {
        self.own.data.of_value(value)
    }

    fn key_value(&self, key: &D) -> Value {
        self.own.data.value(*key).clone()
    }

    fn of_key(&mut self, key: &D) -> Sym<'m> {
        Sym::Own(Own::Val(*key))
    }

    fn same(a: &Sym<'m>, b: &Sym<'m>) -> bool {
        matches!((a, b), (Sym::Own(Own::Val(a)), Sym::Own(Own::Val(b))) if a == b)
    }

    fn class(own: &Own) -> Option<Class> {
        match own {
            Own::Val(_) => None,
            Own::Enum(_) => Some(Class::Scalar),
            Own::Set(_) => Some(Class::Set),
        }
    }

    fn merge_own(&mut self, class: &Class, all: Vec<(Lit, Own)>) -> Made<Sym<'m>> {
        match class {
            Class::Scalar => {
                let mut cases = Vec::new();
                for (guard, own) in all {
                    if let Own::Enum(known) = own {
                        for (d, lit) in known.iter() {
                            cases.push((*d, self.graph.and(guard, *lit)));
                        }
                    }
                }
                Ok(self.scalar(cases))
            }
            Class::Set => Ok(self.merge_sets(&all)),
        }
    }

    fn merge_bools(&mut self, all: &[(Lit, Lit)]) -> Lit {
        if let [(guard, a), (_, b)] = all[..] {
            return self.graph.choose(guard, a, b);
        }
        let lits: Vec<Lit> = all.iter().map(|(guard, lit)| self.graph.and(*guard, *lit)).collect();
        self.graph.or_all(&lits)
    }

    fn has_strings(&self, own: &Own) -> bool {
        matches!(own, Own::Enum(all) if all.iter().any(|(d, _)| self.own.data.sort(*d) == Sort::String))
    }
}

impl<'m> Translator<'m> {
    fn open_concrete(&mut self, d: D) -> Sym<'m> {
        match self.own.data.datum(d).clone() {
            Datum::Bool(b) => Sym::Bool(Lit::of(b)),
            Datum::Int(_) | Datum::Model(_) | Datum::String(_) => Sym::Own(Own::Enum(Rc::from([(d, TRUE)]))),
            Datum::Set(elements) => {
                let mut all: Vec<(D, Lit)> =
                    elements.into_iter().map(|element| (self.own.data.of_datum(element), TRUE)).collect();
                all.sort_unstable();
                Sym::Own(Own::Set(all.into()))
            }
            Datum::Map(keys, values) => {
                let keys = keys.into_iter().map(|key| self.own.data.of_datum(key)).collect();
                let values =
                    values.into_iter().map(|value| Sym::Own(Own::Val(self.own.data.of_datum(value)))).collect();
                Sym::Map(keys, values)
            }
        }
    }

    /// The concrete value, if there is only one.
    pub(crate) fn known(&mut self, sym: &Sym<'m>) -> Option<D> {
        match sym {
            Sym::Own(Own::Val(d)) => Some(*d),
            Sym::Bool(lit) => lit.known().map(|b| self.own.data.of_bool(b)),
            Sym::Own(Own::Enum(all)) => match all[..] {
                [(d, _)] => Some(d),
                _ => None,
            },
            Sym::Own(Own::Set(all)) => {
                let mut elements = Vec::with_capacity(all.len());
                for (d, lit) in all.iter() {
                    if lit.known()? {
                        elements.push(*d);
                    }
                }
                self.known_set(elements).ok()
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

    /// The concrete set of these elements.
    pub(crate) fn known_set(&mut self, elements: Vec<D>) -> Made<D> {
        let values = elements.iter().map(|d| self.own.data.value(*d).clone()).collect();
        match self.machine.attempt(|machine| machine.set_of(values)) {
            Ok(value) => match self.own.data.of_value(&value) {
                Some(d) => Ok(d),
                None => self.declined("a set that cannot be made explicit"),
            },
            Err(_) => self.declined("a set whose elements cannot be compared"),
        }
    }

    /// The concrete function with these arguments and values.
    pub(crate) fn map_of(&mut self, keys: &[D], parts: &[D]) -> D {
        let keys = keys.iter().map(|key| self.own.data.datum(*key).clone()).collect();
        let parts = parts.iter().map(|part| self.own.data.datum(*part).clone()).collect();
        self.own.data.of_datum(Datum::Map(keys, parts))
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
            return Sym::Own(Own::Val(only));
        }
        let cases = joined.into_iter().map(|(d, lits)| (d, self.graph.or_all(&lits))).collect();
        Sym::Own(Own::Enum(cases))
    }

    /// A value from concrete cases of any sort.
    pub(crate) fn of_cases(&mut self, cases: Vec<(D, Lit)>) -> Made<Sym<'m>> {
        let scalar =
            cases.iter().all(|(d, _)| matches!(self.own.data.sort(*d), Sort::Int | Sort::String | Sort::Model));
        if scalar {
            return Ok(self.scalar(cases));
        }
        let alternatives = cases.into_iter().map(|(d, lit)| (lit, Sym::Own(Own::Val(d)))).collect();
        self.merge(alternatives)
    }

    fn merge_sets(&mut self, all: &[(Lit, Own)]) -> Sym<'m> {
        let mut members: FxHashMap<D, Vec<(Lit, Lit)>> = FxHashMap::default();
        let total = all.len();
        for (guard, own) in all {
            if let Own::Set(elements) = own {
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
                let lits: Vec<Lit> = cases.into_iter().map(|(guard, lit)| self.graph.and(guard, lit)).collect();
                self.graph.or_all(&lits)
            };
            if lit != FALSE {
                result.push((d, lit));
            }
        }
        result.sort_unstable_by_key(|(d, _)| *d);
        Sym::Own(Own::Set(result.into()))
    }

    /// All concrete values that a value can be, each with its condition.
    pub(crate) fn cases(&mut self, sym: &Sym<'m>) -> Made<Vec<(D, Lit)>> {
        if let Some(d) = self.known(sym) {
            return Ok(vec![(d, TRUE)]);
        }
        match sym {
            Sym::Never => Ok(Vec::new()),
            Sym::Own(Own::Val(d)) => Ok(vec![(*d, TRUE)]),
            Sym::Bool(lit) => {
                let (yes, no) = (self.own.data.of_bool(true), self.own.data.of_bool(false));
                Ok(vec![(no, !*lit), (yes, *lit)])
            }
            Sym::Own(Own::Enum(all)) => Ok(all.to_vec()),
            Sym::Map(keys, parts) => self.cases_of_map(keys, parts),
            Sym::Own(Own::Set(all)) => self.cases_of_set(all),
            Sym::Union(all) => {
                let mut cases = Vec::new();
                for (guard, sym) in all.iter() {
                    for (d, lit) in self.cases(sym)? {
                        let both = self.graph.and(*guard, lit);
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

    fn cases_of_map(&mut self, keys: &[D], parts: &[Sym<'m>]) -> Made<Vec<(D, Lit)>> {
        let mut rows: Vec<(Vec<D>, Lit)> = vec![(Vec::new(), TRUE)];
        for part in parts.iter() {
            let cases = self.cases(part)?;
            let mut longer = Vec::with_capacity(rows.len() * cases.len());
            for (row, guard) in &rows {
                for (d, lit) in &cases {
                    let both = self.graph.and(*guard, *lit);
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

    fn cases_of_set(&mut self, all: &[(D, Lit)]) -> Made<Vec<(D, Lit)>> {
        let mut rows: Vec<(Vec<D>, Lit)> = vec![(Vec::new(), TRUE)];
        for (d, lit) in all.iter() {
            let mut more = Vec::with_capacity(rows.len() * 2);
            for (row, guard) in rows {
                let with = self.graph.and(guard, *lit);
                let without = self.graph.and(guard, !*lit);
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
        rows.into_iter().map(|(row, guard)| Ok((self.known_set(row)?, guard))).collect()
    }
}
