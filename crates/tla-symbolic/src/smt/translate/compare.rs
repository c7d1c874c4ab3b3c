//! Equality of symbolic values.

use super::super::term::{FALSE, Sort, TRUE, Term};
use super::{Made, Own, Smt, Sym, Translator};
use crate::walk::{Comparisons, Graph, Values};

/// Why values of different sorts are undefined to compare.
const SORTS: &str = "values of different sorts are compared";

impl<'m> Comparisons<'m, Smt> for Translator<'m> {
    fn equal_own(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Term> {
        match (a, b) {
            (Sym::Own(Own::Int(a)), Sym::Own(Own::Int(b))) => Ok(self.graph.equal(*a, *b)),
            (Sym::Own(Own::Atom(a, of)), Sym::Own(Own::Atom(b, others))) => {
                match of.iter().any(|one| others.contains(one)) {
                    true => Ok(self.graph.equal(*a, *b)),
                    false => Ok(FALSE),
                }
            }
            // A domain that is a finite set differs from one that is not.
            (Sym::Map(..), Sym::Own(Own::Table(_))) | (Sym::Own(Own::Table(_)), Sym::Map(..)) => Ok(FALSE),
            (Sym::Own(Own::Table(a)), Sym::Own(Own::Table(b))) if a.natural == b.natural && a.shape == b.shape => {
                let index = self.bound(Sort::Int);
                let zero = self.graph.number(0);
                let asked = if a.natural { self.graph.less_equal(zero, index) } else { TRUE };
                let mut differ = FALSE;
                for (x, y) in a.arrays.iter().zip(&b.arrays) {
                    let (x, y) = (self.graph.select(*x, index), self.graph.select(*y, index));
                    let same = self.graph.equal(x, y);
                    let not = self.graph.not(same);
                    differ = self.graph.or(differ, not);
                }
                let differ = self.graph.and(asked, differ);
                let some = self.graph.exists(index, differ);
                Ok(self.graph.not(some))
            }
            (Sym::Own(Own::Table(_)), Sym::Own(Own::Table(_))) => {
                self.declined("functions on infinite domains are compared")
            }
            (Sym::Own(Own::Set(_)), Sym::Own(Own::Set(_))) => {
                let one = self.subset(a, b)?;
                let other = self.under(one, |this| this.subset(b, a))?.unwrap_or(FALSE);
                Ok(self.graph.and(one, other))
            }
            (a, b) if Self::is_set_of_any(a) && Self::is_set_of_any(b) => self.equal_sets(a, b),
            (a, b) => {
                self.incomparable(a, b);
                Ok(FALSE)
            }
        }
    }

    fn unlike(&mut self, sym: &Sym<'m>, reason: &'static str) {
        let when = self.needs_its_like(sym);
        self.fail(when, reason);
    }
}

impl<'m> Translator<'m> {
    fn equal_sets(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Term> {
        if let (Sym::Own(Own::Interval(a, b)), Sym::Own(Own::Interval(c, d))) = (a, b) {
            let (first, second) = (self.graph.less(*b, *a), self.graph.less(*d, *c));
            let empty = self.graph.and(first, second);
            let (low, high) = (self.graph.equal(*a, *c), self.graph.equal(*b, *d));
            let same = self.graph.and(low, high);
            return Ok(self.graph.or(empty, same));
        }
        if let (Some(x), Some(y)) = (self.known_value(a), self.known_value(b)) {
            return match self.machine.attempt(|machine| machine.equal(&x, &y)) {
                Ok(same) => Ok(super::Terms::of_bool(same)),
                Err(_) => self.declined("sets that are not listed are compared"),
            };
        }
        if let (Some(x), Some(y)) = (self.array_of(a)?, self.array_of(b)?) {
            return Ok(self.graph.equal(x, y));
        }
        let one = self.subset(a, b)?;
        let other = self.under(one, |this| this.subset(b, a))?.unwrap_or(FALSE);
        Ok(self.graph.and(one, other))
    }

    /// Records where values of different sorts are compared. A model value may be compared with everything.
    fn incomparable(&mut self, a: &Sym<'m>, b: &Sym<'m>) {
        let (a, b) = (self.needs_its_like(a), self.needs_its_like(b));
        let both = self.graph.and(a, b);
        self.fail(both, SORTS);
    }

    /// When a value can be compared with values of its own sort only.
    fn needs_its_like(&mut self, sym: &Sym<'m>) -> Term {
        match sym {
            Sym::Own(Own::Atom(term, possible)) => {
                let strings: Vec<u32> = possible.iter().copied().filter(|one| self.own.atoms.is_string(*one)).collect();
                if strings.len() == possible.len() {
                    return TRUE;
                }
                self.one_of(*term, &strings)
            }
            _ => TRUE,
        }
    }

    /// Whether a term is one of these numbers.
    pub(super) fn one_of(&mut self, term: Term, numbers: &[u32]) -> Term {
        let mut any = FALSE;
        for number in numbers {
            let number = self.graph.number(*number);
            let is = self.graph.equal(term, number);
            any = self.graph.or(any, is);
        }
        any
    }
}
