//! Integers: as SMT-LIB has them, with the meaning that TLA+ gives the operators.
//!
//! `div` and `mod` of SMT-LIB agree with `\div` and `%` where the divisor is positive: the quotient is rounded down, the
//! remainder is not negative. `%` needs a positive divisor and is undefined otherwise; a quotient by a negative divisor is
//! that of the negated operands, and one by zero is undefined.

use super::super::sym::Sym;
use super::super::term::{FALSE, TRUE, Term};
use super::{Made, Translator};
use num_traits::{Signed, ToPrimitive, Zero};
use tla_model::ir::Primitive as P;

/// Largest constant exponent of an unknown base.
const MOST_FACTORS: u32 = 16;

impl<'m> Translator<'m> {
    /// The integer that a value is; undefined where it is none. `None` where it never is one.
    pub(super) fn integer(&mut self, sym: &Sym<'m>) -> Made<Option<Term>> {
        match sym {
            Sym::Never => Ok(None),
            Sym::Int(term) => Ok(Some(*term)),
            Sym::Union(all) => {
                let mut cases = Vec::new();
                for (guard, alternative) in all.iter() {
                    let found = self.under(*guard, |this| this.integer(alternative))?.flatten();
                    cases.extend(found.map(|term| (*guard, term)));
                }
                Ok(if cases.is_empty() { None } else { Some(self.choose(cases)) })
            }
            _ => {
                self.fail(TRUE, "a number is needed here");
                Ok(None)
            }
        }
    }

    /// An operator on two integers.
    pub(super) fn arithmetic(&mut self, operator: P, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
        let (Some(a), Some(b)) = (self.integer(a)?, self.integer(b)?) else { return Ok(Sym::Never) };
        let result = match operator {
            P::Add => self.t.add(a, b),
            P::Subtract => self.t.subtract(a, b),
            P::Multiply => self.t.multiply(a, b),
            P::IntegerDivide => self.quotient(a, b),
            P::Modulo => {
                let zero = self.t.number(0);
                let bad = self.t.less_equal(b, zero);
                self.fail(bad, "the second argument of % is not positive");
                if bad == TRUE {
                    return Ok(Sym::Never);
                }
                self.t.modulo(a, b)
            }
            P::Power => return self.power(a, b),
            other => return self.declined(format!("the operator {} is not translated", other.spelling())),
        };
        Ok(Sym::Int(result))
    }

    fn quotient(&mut self, a: Term, b: Term) -> Term {
        let zero = self.t.number(0);
        let by_zero = self.t.equal(b, zero);
        self.fail(by_zero, "division by zero");
        let positive = self.t.less(zero, b);
        if positive == TRUE {
            return self.t.divide(a, b);
        }
        let (minus_a, minus_b) = (self.t.negate(a), self.t.negate(b));
        let negated = self.t.divide(minus_a, minus_b);
        if positive == FALSE {
            return negated;
        }
        let plain = self.t.divide(a, b);
        self.t.ite(positive, plain, negated)
    }

    fn power(&mut self, base: Term, exponent: Term) -> Made<Sym<'m>> {
        let Some(known) = self.t.known_number(exponent).cloned() else {
            return self.declined("a power whose exponent depends on the state");
        };
        if known.is_negative() {
            return Ok(self.fails("the exponent is negative"));
        }
        if known.is_zero() {
            let zero = self.t.number(0);
            let undefined = self.t.equal(base, zero);
            self.fail(undefined, "0^0 is undefined");
        }
        let is_known = self.t.known_number(base).is_some();
        match known.to_u32() {
            Some(count) if count <= MOST_FACTORS || is_known && count <= 1024 => {
                let one = self.t.number(1);
                Ok(Sym::Int((0..count).fold(one, |product, _| self.t.multiply(product, base))))
            }
            _ => self.declined("a power of a very large exponent"),
        }
    }

    /// An order relation.
    pub(super) fn relation(&mut self, operator: P, a: &Sym<'m>, b: &Sym<'m>) -> Made<Term> {
        let (Some(a), Some(b)) = (self.integer(a)?, self.integer(b)?) else { return Ok(FALSE) };
        match operator {
            P::Less => Ok(self.t.less(a, b)),
            P::LessEqual => Ok(self.t.less_equal(a, b)),
            P::Greater => Ok(self.t.less(b, a)),
            P::GreaterEqual => Ok(self.t.less_equal(b, a)),
            other => self.declined(format!("the operator {} is not translated", other.spelling())),
        }
    }
}
