//! Equality of values of the circuit.

use super::{Circuit, Made, Own, Sym, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::{D, Sort};
use crate::walk::{Comparisons, Graph};
use rustc_hash::FxHashMap;

/// Why values of different sorts are undefined to compare.
const SORTS: &str = "values of different sorts are compared";

impl<'m> Comparisons<'m, Circuit> for Translator<'m> {
    fn equal_at_once(&self, a: &Sym<'m>, b: &Sym<'m>) -> Option<bool> {
        let (Sym::Own(Own::Val(a)), Sym::Own(Own::Val(b))) = (a, b) else { return None };
        if a == b {
            return Some(true);
        }
        let (s, t) = (self.own.data.sort(*a), self.own.data.sort(*b));
        (s == t && matches!(s, Sort::Int | Sort::String | Sort::Bool | Sort::Model)).then_some(false)
    }

    fn equal_own(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Lit> {
        match (a, b) {
            (Sym::Own(Own::Enum(a)), Sym::Own(Own::Enum(b))) => Ok(self.equal_scalars(a, b)),
            (Sym::Own(Own::Set(a)), Sym::Own(Own::Set(b))) => Ok(self.equal_sets(a, b)),
            (a, b) if Self::is_open_set(a) || Self::is_open_set(b) => self.equal_lazy(a, b),
            (a, b) => {
                let (s, t) = (self.sorts(a), self.sorts(b));
                for (sort, when) in s {
                    for (other, also) in &t {
                        if !Self::comparable(sort, *other) {
                            let both = self.graph.and(when, *also);
                            self.fail(both, SORTS);
                        }
                    }
                }
                Ok(FALSE)
            }
        }
    }

    fn unlike(&mut self, sym: &Sym<'m>, reason: &'static str) {
        match sym {
            Sym::Own(Own::Enum(all)) => {
                let others = all.iter().filter(|(d, _)| self.own.data.sort(*d) != Sort::Model);
                let others: Vec<Lit> = others.map(|(_, lit)| *lit).collect();
                let when = self.graph.or_all(&others);
                self.fail(when, reason);
            }
            _ => self.fail(TRUE, reason),
        }
    }
}

impl<'m> Translator<'m> {
    fn comparable(a: Sort, b: Sort) -> bool {
        a == b || a == Sort::Model || b == Sort::Model
    }

    /// The sorts that an opened value can have.
    fn sorts(&mut self, sym: &Sym<'m>) -> Vec<(Sort, Lit)> {
        match sym {
            Sym::Bool(_) => vec![(Sort::Bool, TRUE)],
            Sym::Own(Own::Enum(all)) => {
                let mut sorts: FxHashMap<Sort, Vec<Lit>> = FxHashMap::default();
                for (d, lit) in all.iter() {
                    sorts.entry(self.own.data.sort(*d)).or_default().push(*lit);
                }
                sorts.into_iter().map(|(sort, lits)| (sort, self.graph.or_all(&lits))).collect()
            }
            Sym::Map(..) => vec![(Sort::Map, TRUE)],
            _ => vec![(Sort::Set, TRUE)],
        }
    }

    fn equal_scalars(&mut self, a: &[(D, Lit)], b: &[(D, Lit)]) -> Lit {
        self.compare_sorts(a, b);
        let mut lits = Vec::new();
        let (mut i, mut j) = (0, 0);
        while i < a.len() && j < b.len() {
            match a[i].0.cmp(&b[j].0) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    lits.push(self.graph.and(a[i].1, b[j].1));
                    i += 1;
                    j += 1;
                }
            }
        }
        self.graph.or_all(&lits)
    }

    fn sort_groups(&self, all: &[(D, Lit)]) -> Vec<(Sort, Vec<Lit>)> {
        let mut groups: Vec<(Sort, Vec<Lit>)> = Vec::new();
        for (d, lit) in all {
            let sort = self.own.data.sort(*d);
            match groups.iter_mut().find(|(known, _)| *known == sort) {
                Some((_, lits)) => lits.push(*lit),
                None => groups.push((sort, vec![*lit])),
            }
        }
        groups
    }

    fn equal_sets(&mut self, a: &[(D, Lit)], b: &[(D, Lit)]) -> Lit {
        self.compare_sorts(a, b);
        let find = |all: &[(D, Lit)], d: D| {
            all.binary_search_by_key(&d, |(known, _)| *known).map_or(FALSE, |index| all[index].1)
        };
        let mut lits = Vec::with_capacity(a.len() + b.len());
        for (d, lit) in a {
            lits.push(self.graph.equivalent(*lit, find(b, *d)));
        }
        for (d, lit) in b {
            if a.binary_search_by_key(d, |(known, _)| *known).is_err() {
                lits.push(!*lit);
            }
        }
        self.graph.and_all(&lits)
    }

    /// Elements that cannot be compared make sets undefined to compare.
    pub(crate) fn compare_sorts(&mut self, a: &[(D, Lit)], b: &[(D, Lit)]) {
        let (s, t) = (self.sort_groups(a), self.sort_groups(b));
        for (sort, when) in &s {
            for (other, also) in &t {
                if !Self::comparable(*sort, *other) {
                    let (when, also) = (self.graph.or_all(when), self.graph.or_all(also));
                    let both = self.graph.and(when, also);
                    self.fail(both, SORTS);
                }
            }
        }
    }

    fn equal_lazy(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Lit> {
        if let (Sym::Lazy(a), Sym::Lazy(b)) = (a, b) {
            return match self.machine.attempt(|machine| machine.equal(a, b)) {
                Ok(same) => Ok(Lit::of(same)),
                Err(_) => self.declined("sets that are not enumerated are compared"),
            };
        }
        if !Self::is_set_of_any(a) || !Self::is_set_of_any(b) {
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
            if let Sym::Own(Own::Enum(all)) = sym {
                for (sort, lits) in self.sort_groups(all) {
                    if sort != Sort::Model {
                        let when = self.graph.or_all(&lits);
                        self.fail(when, SORTS);
                    }
                }
            }
        }
        Ok(FALSE)
    }
}
