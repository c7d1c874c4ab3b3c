//! Integers: as SMT-LIB has them, with the meaning that TLA+ gives the operators.
//!
//! `div` and `mod` of SMT-LIB agree with `\div` and `%` where the divisor is positive: the quotient is rounded down, the
//! remainder is not negative. `%` needs a positive divisor and is undefined otherwise; a quotient by a negative divisor is
//! that of the negated operands, and one by zero is undefined.

use super::super::term::{FALSE, TRUE, Term};
use super::{Made, Own, Smt, Sym, Translator};
use crate::walk::{Graph, Numbers, Values};
use num_traits::{Signed, ToPrimitive, Zero};
use tla_model::ir::Primitive as P;

/// Largest constant exponent of an unknown base.
const MOST_FACTORS: u32 = 16;

impl<'m> Numbers<'m, Smt> for Translator<'m> {
    fn arithmetic(&mut self, operator: P, a: &Sym<'m>, b: Option<&Sym<'m>>) -> Made<Sym<'m>> {
        let Some(a) = self.integer(a)? else { return Ok(Sym::Never) };
        let Some(b) = b else { return Ok(Sym::Own(Own::Int(self.graph.negate(a)))) };
        let Some(b) = self.integer(b)? else { return Ok(Sym::Never) };
        let result = match operator {
            P::Add => self.graph.add(a, b),
            P::Subtract => self.graph.subtract(a, b),
            P::Multiply => self.graph.multiply(a, b),
            P::IntegerDivide => self.quotient(a, b),
            P::Modulo => {
                let zero = self.graph.number(0);
                let bad = self.graph.less_equal(b, zero);
                self.fail(bad, "the second argument of % is not positive");
                if bad == TRUE {
                    return Ok(Sym::Never);
                }
                self.graph.modulo(a, b)
            }
            P::Power => return self.power(a, b),
            other => return self.unsupported(other),
        };
        Ok(Sym::Own(Own::Int(result)))
    }

    fn relation(&mut self, operator: P, a: &Sym<'m>, b: &Sym<'m>) -> Made<Term> {
        let (Some(a), Some(b)) = (self.integer(a)?, self.integer(b)?) else { return Ok(FALSE) };
        match operator {
            P::Less => Ok(self.graph.less(a, b)),
            P::LessEqual => Ok(self.graph.less_equal(a, b)),
            P::Greater => Ok(self.graph.less(b, a)),
            P::GreaterEqual => Ok(self.graph.less_equal(b, a)),
            other => self.unsupported(other),
        }
    }
    fn range(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
        let (Some(a), Some(b)) = (self.integer(a)?, self.integer(b)?) else { return Ok(Sym::Never) };
        Ok(Sym::Own(Own::Interval(a, b)))
    }

    fn sub_sequence(&mut self, sequence: &Sym<'m>, from: &Sym<'m>, to: &Sym<'m>) -> Made<Sym<'m>> {
        let (Some(from), Some(to)) = (self.integer(from)?, self.integer(to)?) else { return Ok(Sym::Never) };
        self.by_length(sequence, &mut |this, parts| {
            let empty = this.graph.less(to, from);
            let mut alternatives = vec![(empty, this.tuple(Vec::new()))];
            let mut covered = empty;
            for low in 1..=parts.len() {
                for high in low..=parts.len() {
                    let (first, last) = (this.graph.number(low), this.graph.number(high));
                    let (first, last) = (this.graph.equal(from, first), this.graph.equal(to, last));
                    let here = this.graph.and(first, last);
                    if here != FALSE {
                        alternatives.push((here, this.tuple(parts[low - 1..high].to_vec())));
                        covered = this.graph.or(covered, here);
                    }
                }
            }
            let outside = this.graph.not(covered);
            this.fail(outside, "SubSeq reaches outside of the sequence");
            this.merge(alternatives)
        })
    }
}

impl<'m> Translator<'m> {
    /// The integer that a value is; undefined where it is none. `None` where it never is one.
    pub(super) fn integer(&mut self, sym: &Sym<'m>) -> Made<Option<Term>> {
        match sym {
            Sym::Never => Ok(None),
            Sym::Own(Own::Int(term)) => Ok(Some(*term)),
            Sym::Union(all) => {
                let mut cases = Vec::new();
                for (guard, alternative) in all.iter() {
                    let found = self.under(*guard, |this| this.integer(alternative))?.flatten();
                    cases.extend(found.map(|term| (*guard, term)));
                }
                Ok(if cases.is_empty() { None } else { Some(self.merge_bools(&cases)) })
            }
            _ => {
                self.fail(TRUE, "a number is needed here");
                Ok(None)
            }
        }
    }

    fn quotient(&mut self, a: Term, b: Term) -> Term {
        let zero = self.graph.number(0);
        let by_zero = self.graph.equal(b, zero);
        self.fail(by_zero, "division by zero");
        let positive = self.graph.less(zero, b);
        if positive == TRUE {
            return self.graph.divide(a, b);
        }
        let (minus_a, minus_b) = (self.graph.negate(a), self.graph.negate(b));
        let negated = self.graph.divide(minus_a, minus_b);
        if positive == FALSE {
            return negated;
        }
        let plain = self.graph.divide(a, b);
        self.graph.ite(positive, plain, negated)
    }

    fn power(&mut self, base: Term, exponent: Term) -> Made<Sym<'m>> {
        let Some(known) = self.graph.known_number(exponent).cloned() else {
            return self.declined("a power whose exponent depends on the state");
        };
        if known.is_negative() {
            return Ok(self.fails("the exponent is negative"));
        }
        if known.is_zero() {
            let zero = self.graph.number(0);
            let undefined = self.graph.equal(base, zero);
            self.fail(undefined, "0^0 is undefined");
        }
        let is_known = self.graph.known_number(base).is_some();
        match known.to_u32() {
            Some(count) if count <= MOST_FACTORS || is_known && count <= 1024 => {
                let one = self.graph.number(1);
                Ok(Sym::Own(Own::Int((0..count).fold(one, |product, _| self.graph.multiply(product, base)))))
            }
            _ => self.declined("a power of a very large exponent"),
        }
    }
}
