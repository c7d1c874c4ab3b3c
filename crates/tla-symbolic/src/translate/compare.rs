//! Equality, and the order of integers.

use super::{Made, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::{D, Sort};
use crate::sym::Sym;
use rustc_hash::FxHashMap;

/// Why values of different sorts are undefined to compare.
const SORTS: &str = "values of different sorts are compared";

impl<'m> Translator<'m> {
    fn comparable(a: Sort, b: Sort) -> bool {
        a == b || a == Sort::Model || b == Sort::Model
    }

    /// Whether two values are equal.
    pub(crate) fn equal(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Lit> {
        if let (Sym::Val(a), Sym::Val(b)) = (a, b) {
            if a == b {
                return Ok(TRUE);
            }
            let (s, t) = (self.data.sort(*a), self.data.sort(*b));
            if s == t && matches!(s, Sort::Int | Sort::String | Sort::Bool | Sort::Model) {
                return Ok(FALSE);
            }
        }
        let (a, b) = (self.open(a), self.open(b));
        match (&a, &b) {
            (Sym::Never, _) | (_, Sym::Never) => Ok(FALSE),
            (Sym::Union(all), other) | (other, Sym::Union(all)) => {
                let mut lits = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    if let Some(same) = self.under(*guard, |this| this.equal(alternative, other))? {
                        lits.push(self.aig.and(*guard, same));
                    }
                }
                Ok(self.aig.or_all(&lits))
            }
            (Sym::Rule(..), _) => {
                let a = self.explicit_function(&a)?;
                self.equal(&a, &b)
            }
            (_, Sym::Rule(..)) => {
                let b = self.explicit_function(&b)?;
                self.equal(&a, &b)
            }
            (Sym::Bool(a), Sym::Bool(b)) => Ok(self.aig.equivalent(*a, *b)),
            (Sym::Enum(a), Sym::Enum(b)) => {
                let (a, b) = (a.clone(), b.clone());
                self.equal_scalars(&a, &b)
            }
            (Sym::Map(keys, a), Sym::Map(others, b)) if keys == others => {
                let mut same = TRUE;
                for (a, b) in a.iter().zip(b.iter()) {
                    let part = self.under(same, |this| this.equal(a, b))?.unwrap_or(FALSE);
                    same = self.aig.and(same, part);
                }
                Ok(same)
            }
            (Sym::Map(..), Sym::Map(..)) => Ok(FALSE),
            (Sym::Set(a), Sym::Set(b)) => {
                let (a, b) = (a.clone(), b.clone());
                self.equal_sets(&a, &b)
            }
            (a, b) if a.is_lazy_set() || b.is_lazy_set() => self.equal_lazy(a, b),
            (a, b) => {
                let (s, t) = (self.sorts(a), self.sorts(b));
                for (sort, when) in s {
                    for (other, also) in &t {
                        if !Self::comparable(sort, *other) {
                            let both = self.aig.and(when, *also);
                            self.fail(both, SORTS);
                        }
                    }
                }
                Ok(FALSE)
            }
        }
    }

    /// The sorts that an opened value can have.
    fn sorts(&mut self, sym: &Sym<'m>) -> Vec<(Sort, Lit)> {
        match sym {
            Sym::Bool(_) => vec![(Sort::Bool, TRUE)],
            Sym::Enum(all) => {
                let mut sorts: FxHashMap<Sort, Vec<Lit>> = FxHashMap::default();
                for (d, lit) in all.iter() {
                    sorts.entry(self.data.sort(*d)).or_default().push(*lit);
                }
                sorts.into_iter().map(|(sort, lits)| (sort, self.aig.or_all(&lits))).collect()
            }
            Sym::Map(..) => vec![(Sort::Map, TRUE)],
            _ => vec![(Sort::Set, TRUE)],
        }
    }

    fn equal_scalars(&mut self, a: &[(D, Lit)], b: &[(D, Lit)]) -> Made<Lit> {
        let (s, t) = (self.sort_groups(a), self.sort_groups(b));
        for (sort, when) in &s {
            for (other, also) in &t {
                if !Self::comparable(*sort, *other) {
                    let (when, also) = (self.aig.or_all(when), self.aig.or_all(also));
                    let both = self.aig.and(when, also);
                    self.fail(both, SORTS);
                }
            }
        }
        let mut lits = Vec::new();
        let (mut i, mut j) = (0, 0);
        while i < a.len() && j < b.len() {
            match a[i].0.cmp(&b[j].0) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    lits.push(self.aig.and(a[i].1, b[j].1));
                    i += 1;
                    j += 1;
                }
            }
        }
        Ok(self.aig.or_all(&lits))
    }

    fn sort_groups(&self, all: &[(D, Lit)]) -> Vec<(Sort, Vec<Lit>)> {
        let mut groups: Vec<(Sort, Vec<Lit>)> = Vec::new();
        for (d, lit) in all {
            let sort = self.data.sort(*d);
            match groups.iter_mut().find(|(known, _)| *known == sort) {
                Some((_, lits)) => lits.push(*lit),
                None => groups.push((sort, vec![*lit])),
            }
        }
        groups
    }

    fn equal_sets(&mut self, a: &[(D, Lit)], b: &[(D, Lit)]) -> Made<Lit> {
        self.compare_sorts(a, b);
        let find = |all: &[(D, Lit)], d: D| {
            all.binary_search_by_key(&d, |(known, _)| *known).map_or(FALSE, |index| all[index].1)
        };
        let mut lits = Vec::with_capacity(a.len() + b.len());
        for (d, lit) in a {
            lits.push(self.aig.equivalent(*lit, find(b, *d)));
        }
        for (d, lit) in b {
            if a.binary_search_by_key(d, |(known, _)| *known).is_err() {
                lits.push(!*lit);
            }
        }
        Ok(self.aig.and_all(&lits))
    }

    /// Elements that cannot be compared make sets undefined to compare.
    pub(crate) fn compare_sorts(&mut self, a: &[(D, Lit)], b: &[(D, Lit)]) {
        let (s, t) = (self.sort_groups(a), self.sort_groups(b));
        for (sort, when) in &s {
            for (other, also) in &t {
                if !Self::comparable(*sort, *other) {
                    let (when, also) = (self.aig.or_all(when), self.aig.or_all(also));
                    let both = self.aig.and(when, also);
                    self.fail(both, SORTS);
                }
            }
        }
    }

    fn equal_lazy(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Lit> {
        if let (Sym::Lazy(a), Sym::Lazy(b)) = (a, b) {
            let (a, b) = (a.clone(), b.clone());
            return match self.machine.equal(&a, &b) {
                Ok(same) => Ok(Lit::of(same)),
                Err(_) => self.declined("sets that are not enumerated are compared"),
            };
        }
        if !(a.is_lazy_set() || matches!(a, Sym::Set(_))) || !(b.is_lazy_set() || matches!(b, Sym::Set(_))) {
            return self.equal_to_no_set(a, b);
        }
        let (a, b) = (self.explicit_set(a)?, self.explicit_set(b)?);
        self.equal(&a, &b)
    }

    fn equal_to_no_set(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Lit> {
        for sym in [a, b] {
            if matches!(sym, Sym::Bool(_) | Sym::Map(..)) {
                self.fail(TRUE, SORTS);
            }
            if let Sym::Enum(all) = sym {
                for (sort, lits) in self.sort_groups(all) {
                    if sort != Sort::Model {
                        let when = self.aig.or_all(&lits);
                        self.fail(when, SORTS);
                    }
                }
            }
        }
        Ok(FALSE)
    }

    /// The integers that a value can be; undefined where it is none.
    pub(crate) fn integers(&mut self, sym: &Sym<'m>) -> Made<Vec<(i64, Lit)>> {
        let sym = self.open(sym);
        let cases = match &sym {
            Sym::Enum(all) => all.to_vec(),
            Sym::Union(all) => {
                let mut cases = Vec::new();
                for (guard, alternative) in all.iter() {
                    let found = self.under(*guard, |this| this.integers(alternative))?.unwrap_or_default();
                    for (value, lit) in found {
                        let both = self.aig.and(*guard, lit);
                        cases.push((self.data.of_int(value), both));
                    }
                }
                cases
            }
            Sym::Never => Vec::new(),
            _ => {
                self.fail(TRUE, "a number is needed here");
                Vec::new()
            }
        };
        let mut integers = Vec::with_capacity(cases.len());
        for (d, lit) in cases {
            match self.data.int(d) {
                Some(value) => {
                    if self.aig.and(self.path, lit) != FALSE {
                        integers.push((value, lit));
                    }
                }
                None => self.fail(lit, "a number is needed here"),
            }
        }
        Ok(integers)
    }

    /// Whether a relation holds between two integers.
    pub(crate) fn relation(&mut self, a: &Sym<'m>, b: &Sym<'m>, holds: fn(i64, i64) -> bool) -> Made<Lit> {
        let (a, b) = (self.integers(a)?, self.integers(b)?);
        let mut lits = Vec::new();
        for (x, when) in &a {
            let partners: Vec<Lit> = b.iter().filter(|(y, _)| holds(*x, *y)).map(|(_, lit)| *lit).collect();
            let any = if partners.len() == b.len() { TRUE } else { self.aig.or_all(&partners) };
            lits.push(self.aig.and(*when, any));
        }
        if lits.len() == a.len() && !a.is_empty() && b.iter().all(|(y, _)| a.iter().all(|(x, _)| holds(*x, *y))) {
            return Ok(TRUE);
        }
        Ok(self.aig.or_all(&lits))
    }
}
