//! Faster ways to what the bundled modules define: folds, subsets of a size, bits.
//!
//! The texts of the bundled modules say what these operators mean, and the independent checker evaluates those. What is
//! here must give the same values; the suite in `tests/suite` compares both with what TLC answers.

use super::set::within_limit;
use super::{Closure, Machine, kind_word};
use crate::error::{EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use num_bigint::BigInt;
use std::rc::Rc;

impl<'m> Machine<'m> {
    /// A fold with an operator of two arguments.
    pub(super) fn fold(
        &mut self,
        fold: Primitive,
        operator: &Rc<Closure<'m>>,
        arguments: &[Value],
    ) -> Evaluated<Value> {
        match (fold, arguments) {
            (Primitive::FoldSet, [base, set]) => {
                let elements = self.element_vec(set)?;
                self.fold_up(operator, base, elements)
            }
            (Primitive::FoldFunction, [base, function]) => {
                let domain = self.domain(function)?;
                self.fold_values(operator, base, function, &domain)
            }
            (Primitive::FoldFunctionOnSet, [base, function, set]) => self.fold_values(operator, base, function, set),
            (Primitive::FoldLeft, [base, sequence]) => {
                let elements = self.sequence(sequence, fold)?;
                elements.into_iter().try_fold(base.clone(), |amount, next| self.apply_closure(operator, [amount, next]))
            }
            (Primitive::FoldRight, [sequence, base]) => {
                let elements = self.sequence(sequence, fold)?;
                self.fold_up(operator, base, elements.into_iter().rev().collect())
            }
            _ => Err(EvalError::undefined(format!("{} is no fold", fold.spelling()))),
        }
    }

    /// `op(xn, … op(x1, base))`.
    fn fold_up(&mut self, operator: &Rc<Closure<'m>>, base: &Value, elements: Vec<Value>) -> Evaluated<Value> {
        elements.into_iter().try_fold(base.clone(), |amount, next| self.apply_closure(operator, [next, amount]))
    }

    fn fold_values(
        &mut self,
        operator: &Rc<Closure<'m>>,
        base: &Value,
        function: &Value,
        arguments: &Value,
    ) -> Evaluated<Value> {
        let mut amount = base.clone();
        for argument in self.element_vec(arguments)? {
            let value = self.apply(function, &argument)?;
            amount = self.apply_closure(operator, [value, amount])?;
        }
        Ok(amount)
    }

    /// `SetToSeq(S)`: the elements in order.
    pub(super) fn set_to_sequence(&mut self, set: &Value) -> Evaluated<Value> {
        Ok(Value::tuple(self.element_vec(set)?))
    }

    /// `kSubset(k, S)`.
    pub(super) fn subsets_of_size(&mut self, size: &Value, set: &Value) -> Evaluated<Value> {
        let elements = self.element_vec(set)?;
        let size = match size {
            Value::Int(size) => usize::try_from(*size).ok(),
            Value::BigInt(_) => None,
            other => return Err(self.no_integer(other, Primitive::KSubset)),
        };
        let Some(size) = size.filter(|size| *size <= elements.len()) else { return Ok(Value::empty_set()) };
        within_limit(binomial(elements.len() as u64, size as u64))?;
        let mut subsets = Vec::new();
        let mut chosen: Vec<usize> = (0..size).collect();
        loop {
            subsets.push(Value::sorted_set(chosen.iter().map(|index| elements[*index].clone()).collect()));
            if !next_combination(&mut chosen, elements.len()) {
                return Ok(Value::sorted_set(subsets));
            }
        }
    }

    /// `x & y`, `x | y`, `x ^^ y`; negative numbers are rows of bits that go on with ones.
    pub(super) fn join_bits(&self, operator: Primitive, a: &Value, b: &Value) -> Evaluated<Value> {
        if let (Value::Int(a), Value::Int(b)) = (a, b) {
            return Ok(Value::Int(match operator {
                Primitive::BitAnd => a & b,
                Primitive::BitOr => a | b,
                _ => a ^ b,
            }));
        }
        let (a, b) = (self.big_integer(a, operator)?, self.big_integer(b, operator)?);
        Ok(Value::integer(match operator {
            Primitive::BitAnd => a & b,
            Primitive::BitOr => a | b,
            _ => a ^ b,
        }))
    }

    /// `Not(a)`: turns the bits around, up to the highest one.
    pub(super) fn turn_bits(&self, a: &Value) -> Evaluated<Value> {
        let bits = self.natural_bits(a, Primitive::BitNot)?;
        let ones = (BigInt::from(1) << bits.bits()) - 1;
        Ok(Value::integer(ones ^ bits))
    }

    /// `shiftR(n, pos)`.
    pub(super) fn drop_bits(&self, n: &Value, count: &Value) -> Evaluated<Value> {
        let bits = self.natural_bits(n, Primitive::ShiftRight)?;
        match count {
            Value::Int(count @ 0..32) => Ok(Value::integer(bits >> *count)),
            other => Err(EvalError::undefined(format!(
                "shiftR by {}, but only shifts by 0 to 31 bits mean the same everywhere",
                self.show(other)
            ))
            .with_remedy("divide by a power of two instead")),
        }
    }

    fn natural_bits(&self, value: &Value, operator: Primitive) -> Evaluated<BigInt> {
        let number = self.big_integer(value, operator)?;
        if number.sign() == num_bigint::Sign::Minus {
            return Err(EvalError::undefined(format!("{} of the negative number {number}", operator.spelling()))
                .with_remedy("the module defines this operator on natural numbers only"));
        }
        Ok(number)
    }

    fn big_integer(&self, value: &Value, operator: Primitive) -> Evaluated<BigInt> {
        value.to_big().ok_or_else(|| self.no_integer(value, operator))
    }

    fn no_integer(&self, value: &Value, operator: Primitive) -> Box<EvalError> {
        EvalError::undefined(format!(
            "{} needs an integer, found {} {}",
            operator.spelling(),
            kind_word(value),
            self.show(value)
        ))
    }
}

/// The next choice of numbers below `bound`, in lexicographic order.
fn next_combination(chosen: &mut [usize], bound: usize) -> bool {
    let size = chosen.len();
    let Some(movable) = (0..size).rev().find(|index| chosen[*index] < bound - size + index) else { return false };
    chosen[movable] += 1;
    for index in movable + 1..size {
        chosen[index] = chosen[index - 1] + 1;
    }
    true
}

/// Number of subsets of a size; the largest number if it does not fit.
fn binomial(n: u64, k: u64) -> u64 {
    let mut count = 1u64;
    for step in 0..k.min(n - k) {
        match count.checked_mul(n - step) {
            Some(product) => count = product / (step + 1),
            None => return u64::MAX,
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{binomial, next_combination};

    #[test]
    fn combinations_are_enumerated_as_often_as_the_binomial_says() {
        for (n, k) in [(0, 0), (5, 0), (5, 2), (7, 7), (9, 4)] {
            let mut chosen: Vec<usize> = (0..k).collect();
            let mut count = 1;
            while next_combination(&mut chosen, n) {
                count += 1;
            }
            assert_eq!(count, binomial(n as u64, k as u64), "{k} of {n}");
        }
    }

    #[test]
    fn a_binomial_that_does_not_fit_is_the_largest_number() {
        assert_eq!(binomial(200, 100), u64::MAX);
    }
}
