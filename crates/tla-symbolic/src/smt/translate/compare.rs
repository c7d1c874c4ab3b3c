//! Equality of symbolic values.

use super::super::sym::Sym;
use super::super::term::{FALSE, Sort, TRUE, Term};
use super::{Made, Translator};

/// Why values of different sorts are undefined to compare.
const SORTS: &str = "values of different sorts are compared";

impl<'m> Translator<'m> {
    /// Whether two values are equal.
    pub(super) fn equal(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Term> {
        match (a, b) {
            (Sym::Never, _) | (_, Sym::Never) => Ok(FALSE),
            (Sym::Union(_), other) => self.truth_of_alternatives(a, &mut |this, one| this.equal(one, other)),
            (other, Sym::Union(_)) => self.truth_of_alternatives(b, &mut |this, one| this.equal(other, one)),
            (Sym::Bool(a), Sym::Bool(b)) | (Sym::Int(a), Sym::Int(b)) => Ok(self.t.equal(*a, *b)),
            (Sym::Atom(a, of), Sym::Atom(b, others)) => match of.iter().any(|one| others.contains(one)) {
                true => Ok(self.t.equal(*a, *b)),
                false => Ok(FALSE),
            },
            (Sym::Rule(..), _) => {
                let a = self.explicit_function(a)?;
                self.equal(&a, b)
            }
            (_, Sym::Rule(..)) => {
                let b = self.explicit_function(b)?;
                self.equal(a, &b)
            }
            (Sym::Map(keys, a), Sym::Map(others, b)) if keys == others => {
                let mut same = TRUE;
                for (a, b) in a.iter().zip(b.iter()) {
                    let part = self.under(same, |this| this.equal(a, b))?.unwrap_or(FALSE);
                    same = self.t.and(same, part);
                }
                Ok(same)
            }
            // A domain that is a finite set differs from one that is not.
            (Sym::Map(..), Sym::Map(..) | Sym::Table(_)) | (Sym::Table(_), Sym::Map(..)) => Ok(FALSE),
            (Sym::Table(a), Sym::Table(b)) if a.natural == b.natural && a.shape == b.shape => {
                let index = self.bound(Sort::Int);
                let zero = self.t.number(0);
                let asked = if a.natural { self.t.less_equal(zero, index) } else { TRUE };
                let mut differ = FALSE;
                for (x, y) in a.arrays.iter().zip(&b.arrays) {
                    let (x, y) = (self.t.select(*x, index), self.t.select(*y, index));
                    let same = self.t.equal(x, y);
                    let not = self.t.not(same);
                    differ = self.t.or(differ, not);
                }
                let differ = self.t.and(asked, differ);
                let some = self.t.exists(index, differ);
                Ok(self.t.not(some))
            }
            (Sym::Table(_), Sym::Table(_)) => self.declined("functions on infinite domains are compared"),
            (Sym::Set(_), Sym::Set(_)) => {
                let one = self.subset(a, b)?;
                let other = self.under(one, |this| this.subset(b, a))?.unwrap_or(FALSE);
                Ok(self.t.and(one, other))
            }
            (a, b) if is_set(a) && is_set(b) => self.equal_sets(a, b),
            (a, b) => {
                self.incomparable(a, b);
                Ok(FALSE)
            }
        }
    }

    fn equal_sets(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Term> {
        if let (Sym::Interval(a, b), Sym::Interval(c, d)) = (a, b) {
            let (first, second) = (self.t.less(*b, *a), self.t.less(*d, *c));
            let empty = self.t.and(first, second);
            let (low, high) = (self.t.equal(*a, *c), self.t.equal(*b, *d));
            let same = self.t.and(low, high);
            return Ok(self.t.or(empty, same));
        }
        if let (Some(x), Some(y)) = (self.known_value(a), self.known_value(b)) {
            return match self.machine.attempt(|machine| machine.equal(&x, &y)) {
                Ok(same) => Ok(super::Terms::of_bool(same)),
                Err(_) => self.declined("sets that are not listed are compared"),
            };
        }
        if let (Some(x), Some(y)) = (self.array_of(a)?, self.array_of(b)?) {
            return Ok(self.t.equal(x, y));
        }
        let one = self.subset(a, b)?;
        let other = self.under(one, |this| this.subset(b, a))?.unwrap_or(FALSE);
        Ok(self.t.and(one, other))
    }

    /// Records where values of different sorts are compared. A model value may be compared with everything.
    fn incomparable(&mut self, a: &Sym<'m>, b: &Sym<'m>) {
        let (a, b) = (self.needs_its_like(a), self.needs_its_like(b));
        let both = self.t.and(a, b);
        self.fail(both, SORTS);
    }

    /// When a value can be compared with values of its own sort only.
    fn needs_its_like(&mut self, sym: &Sym<'m>) -> Term {
        match sym {
            Sym::Atom(term, possible) => {
                let strings: Vec<u32> = possible.iter().copied().filter(|one| self.atoms.is_string(*one)).collect();
                if strings.len() == possible.len() {
                    return TRUE;
                }
                let mut any = FALSE;
                for number in strings {
                    let number = self.t.number(number);
                    let is = self.t.equal(*term, number);
                    any = self.t.or(any, is);
                }
                any
            }
            _ => TRUE,
        }
    }
}

pub(super) fn is_set(sym: &Sym<'_>) -> bool {
    matches!(sym, Sym::Set(_)) || sym.is_open_set()
}
