//! Integer arithmetic: 64 bits where they suffice, any size where not.
//!
//! Division rounds towards minus infinity and the remainder has the sign of the divisor, as the modules `Naturals` and
//! `Integers` define them (*Specifying Systems*, section 18.4); `%` needs a positive divisor, as in TLC.

use super::{Machine, kind_word};
use crate::error::{EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

/// Most bits of the result of a power.
const MOST_BITS: u64 = 1 << 24;

impl Machine<'_> {
    fn big(&self, value: &Value, operator: &str) -> Evaluated<BigInt> {
        value.to_big().ok_or_else(|| {
            EvalError::undefined(format!(
                "the operator {operator} needs integers, found {} {}",
                kind_word(value),
                self.show(value)
            ))
        })
    }

    /// A binary operator on integers that gives an integer.
    pub(super) fn arithmetic(&mut self, operator: Primitive, a: &Value, b: &Value) -> Evaluated<Value> {
        if let (Value::Int(x), Value::Int(y)) = (a, b)
            && let Some(result) = small(operator, *x, *y)
        {
            return Ok(Value::Int(result));
        }
        let spelling = operator.spelling();
        let (x, y) = (self.big(a, spelling)?, self.big(b, spelling)?);
        let result = match operator {
            Primitive::Add => x + y,
            Primitive::Subtract => x - y,
            Primitive::Multiply => x * y,
            Primitive::IntegerDivide => {
                if y.is_zero() {
                    return Err(EvalError::undefined("division by zero").with_remedy("guard the divisor"));
                }
                x.div_floor(&y)
            }
            Primitive::Modulo => {
                if !y.is_positive() {
                    return Err(EvalError::undefined(format!("the second argument of % is {y}, it must be positive")));
                }
                x.mod_floor(&y)
            }
            Primitive::Power => return power(&x, &y),
            other => return Err(EvalError::undefined(format!("{} is no integer operator", other.spelling()))),
        };
        Ok(Value::integer(result))
    }

    /// `-x`.
    pub(super) fn negate(&mut self, a: &Value) -> Evaluated<Value> {
        if let Value::Int(x) = a
            && let Some(result) = x.checked_neg()
        {
            return Ok(Value::Int(result));
        }
        Ok(Value::integer(-self.big(a, "-.")?))
    }

    /// The order of two integers.
    pub(super) fn compare_integers(&mut self, operator: Primitive, a: &Value, b: &Value) -> Evaluated<Ordering> {
        if let (Value::Int(x), Value::Int(y)) = (a, b) {
            return Ok(x.cmp(y));
        }
        let spelling = operator.spelling();
        let x = self.big(a, spelling)?;
        Ok(x.cmp(&self.big(b, spelling)?))
    }

    /// `a..b`.
    pub(super) fn range(&mut self, a: &Value, b: &Value) -> Evaluated<Value> {
        match (a, b) {
            (Value::Int(low), Value::Int(high)) => Ok(Value::interval(*low, *high)),
            _ => {
                let (low, high) = (self.big(a, "..")?, self.big(b, "..")?);
                if low > high {
                    return Ok(Value::empty_set());
                }
                Err(EvalError::capacity("an interval with bounds beyond 64 bits"))
            }
        }
    }
}

fn small(operator: Primitive, x: i64, y: i64) -> Option<i64> {
    match operator {
        Primitive::Add => x.checked_add(y),
        Primitive::Subtract => x.checked_sub(y),
        Primitive::Multiply => x.checked_mul(y),
        Primitive::IntegerDivide if y > 0 => Some(x.div_euclid(y)),
        Primitive::Modulo if y > 0 => Some(x.rem_euclid(y)),
        _ => None,
    }
}

fn power(x: &BigInt, y: &BigInt) -> Evaluated<Value> {
    if y.is_negative() {
        return Err(EvalError::undefined(format!("{x}^({y}): the exponent is negative")));
    }
    if x.is_zero() && y.is_zero() {
        return Err(EvalError::undefined("0^0 is undefined"));
    }
    let exponent = y.to_u32().filter(|y| x.bits().saturating_mul(u64::from(*y)) <= MOST_BITS);
    match exponent {
        Some(exponent) => Ok(Value::integer(x.pow(exponent))),
        None if x.bits() <= 1 && x.is_positive() => Ok(Value::Int(1)),
        None if x.is_zero() => Ok(Value::Int(0)),
        None => Err(EvalError::capacity(format!("{x}^{y} is too large"))),
    }
}

/// Whether an order relation of integers holds, given how they compare.
pub(super) fn ordered(relation: Primitive, ordering: std::cmp::Ordering) -> bool {
    match relation {
        Primitive::Less => ordering.is_lt(),
        Primitive::LessEqual => ordering.is_le(),
        Primitive::Greater => ordering.is_gt(),
        _ => ordering.is_ge(),
    }
}
