//! Primitive operators.

use super::value::{SetVal, Truth, Val};
use super::{Env, Gen, Generator, declined};
use crate::shape::layout::Form;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value as V};
use tla_model::ir::{Node, Operator, Primitive as P};
use tla_model::value::Value;

/// Within these bounds sums cannot overflow 64 bits.
const SAFE: i128 = 1 << 62;

impl<'m, 'f> Generator<'m, 'f> {
    pub(crate) fn primitive(&mut self, primitive: P, operands: &'m [Node], env: &Env<'m>, node: &Node) -> Gen<Val> {
        if primitive.does_more() {
            return declined(Some(node.span), format!("the operator {}", primitive.spelling()));
        }
        let [first, rest @ ..] = operands else {
            return declined(Some(node.span), format!("the operator {}", primitive.spelling()));
        };
        if primitive == P::Assert {
            let holds = self.flag_of(first, env)?;
            if let Truth::Flag(flag) = holds {
                self.bail_unless(flag, "an assertion fails");
            }
            return Ok(Val::bool(true));
        }
        let a = self.eval(first, env)?;
        let b = match rest {
            [] => None,
            [second, ..] => Some(self.eval(second, env)?),
        };
        let c = match rest {
            [_, third, ..] => Some(self.eval(third, env)?),
            _ => None,
        };
        if [Some(&a), b.as_ref(), c.as_ref()].into_iter().flatten().any(|val| matches!(val, Val::Never)) {
            return Ok(Val::Never);
        }
        self.span = Some(node.span);
        match (&b, &c) {
            (None, _) => self.unary(primitive, &a, node),
            (Some(b), None) => self.binary(primitive, &a, b, node),
            (Some(b), Some(c)) => match primitive {
                P::SubSeq => self.sub_sequence(&a, b, c),
                _ => declined(Some(node.span), format!("the operator {}", primitive.spelling())),
            },
        }
    }

    fn unary(&mut self, primitive: P, a: &Val, node: &Node) -> Gen<Val> {
        match primitive {
            P::PowerSet => Ok(Val::set(SetVal::Subsets(a.clone()))),
            P::BigUnion => self.big_union(a),
            P::Domain => self.domain(a),
            P::Negate => {
                let zero = Val::Const(Value::Int(0));
                self.arithmetic(P::Subtract, &zero, a)
            }
            P::Seq => Ok(Val::set(SetVal::Sequences(a.clone()))),
            P::Len => self.len(a),
            P::Head => self.head(a),
            P::Tail => self.tail(a),
            P::IsFiniteSet => match a {
                Val::Word(_, shape) | Val::Cells(_, shape) if matches!(shape.form(), Form::Set(_)) => {
                    Ok(Val::bool(true))
                }
                Val::Set(set) if matches!(&**set, SetVal::Range(..) | SetVal::Enumeration(_)) => Ok(Val::bool(true)),
                _ => declined(Some(node.span), "IsFiniteSet of a set that is not explicit"),
            },
            P::Cardinality => self.cardinality(a),
            P::TlcEval => Ok(a.clone()),
            other => declined(Some(node.span), format!("the operator {}", other.spelling())),
        }
    }

    fn binary(&mut self, primitive: P, a: &Val, b: &Val, node: &Node) -> Gen<Val> {
        let truth = match primitive {
            P::Equal => self.equal(a, b)?,
            P::NotEqual => {
                let same = self.equal(a, b)?;
                self.not(same)
            }
            P::In => self.contains(a, b)?,
            P::NotIn => {
                let inside = self.contains(a, b)?;
                self.not(inside)
            }
            P::SubsetEq => self.subset(a, b)?,
            P::Less => self.ordered(IntCC::SignedLessThan, a, b),
            P::LessEqual => self.ordered(IntCC::SignedLessThanOrEqual, a, b),
            P::Greater => self.ordered(IntCC::SignedGreaterThan, a, b),
            P::GreaterEqual => self.ordered(IntCC::SignedGreaterThanOrEqual, a, b),
            P::Cup => return self.union(a, b),
            P::Cap => return self.select(a, b, false),
            P::Difference => return self.select(a, b, true),
            P::Add | P::Subtract | P::Multiply | P::IntegerDivide | P::Modulo => {
                return self.arithmetic(primitive, a, b);
            }
            P::Range => {
                if self.integer(a).is_none() || self.integer(b).is_none() {
                    self.bail("an integer was expected");
                    return Ok(Val::Never);
                }
                return Ok(Val::set(SetVal::Range(a.clone(), b.clone())));
            }
            P::Append => return self.append(a, b),
            P::Concat => return self.concat(a, b),
            other => return declined(Some(node.span), format!("the operator {}", other.spelling())),
        };
        Ok(self.truth_val(truth))
    }

    fn ordered(&mut self, how: IntCC, a: &Val, b: &Val) -> Truth {
        let (Some((x, a_low, a_high)), Some((y, b_low, b_high))) = (self.integer(a), self.integer(b)) else {
            self.bail("an integer was expected");
            return Truth::Never;
        };
        let known = match how {
            IntCC::SignedLessThan if a_high < b_low => Some(true),
            IntCC::SignedLessThan if a_low >= b_high => Some(false),
            IntCC::SignedLessThanOrEqual if a_high <= b_low => Some(true),
            IntCC::SignedLessThanOrEqual if a_low > b_high => Some(false),
            IntCC::SignedGreaterThan if a_low > b_high => Some(true),
            IntCC::SignedGreaterThan if a_high <= b_low => Some(false),
            IntCC::SignedGreaterThanOrEqual if a_low >= b_high => Some(true),
            IntCC::SignedGreaterThanOrEqual if a_high < b_low => Some(false),
            _ => None,
        };
        match known {
            Some(known) => Truth::Known(known),
            None => Truth::Flag(self.b.ins().icmp(how, x, y)),
        }
    }

    /// Arithmetic with bounds; what may leave 64 bits goes to the interpreter.
    pub(crate) fn arithmetic(&mut self, primitive: P, a: &Val, b: &Val) -> Gen<Val> {
        let (Some((x, a_low, a_high)), Some((y, b_low, b_high))) = (self.integer(a), self.integer(b)) else {
            self.bail("an integer was expected");
            return Ok(Val::Never);
        };
        let [al, ah, bl, bh] = [a_low, a_high, b_low, b_high].map(i128::from);
        match primitive {
            P::Add => {
                let value = self.b.ins().iadd(x, y);
                self.bounded(value, al + bl, ah + bh, &mut |g| g.b.ins().sadd_overflow(x, y).1)
            }
            P::Subtract => {
                let value = self.b.ins().isub(x, y);
                self.bounded(value, al - bh, ah - bl, &mut |g| g.b.ins().ssub_overflow(x, y).1)
            }
            P::Multiply => {
                let value = self.b.ins().imul(x, y);
                let corners = [al * bl, al * bh, ah * bl, ah * bh];
                let low = corners.into_iter().min().unwrap_or(0);
                let high = corners.into_iter().max().unwrap_or(0);
                self.bounded(value, low, high, &mut |g| g.b.ins().smul_overflow(x, y).1)
            }
            P::IntegerDivide | P::Modulo => {
                if b_low <= 0 {
                    let positive = self.b.ins().icmp_imm(IntCC::SignedGreaterThan, y, 0);
                    self.bail_unless(positive, "a division by a number that is not positive");
                }
                let (quotient, rest) = self.floor_division(x, y, a_low >= 0);
                if primitive == P::Modulo {
                    let most = if a_low >= 0 { a_high.min(b_high.max(1) - 1) } else { b_high.max(1) - 1 };
                    return Ok(Val::Int(rest, 0, most.max(0)));
                }
                let (low, high) = (a_low.min(0), a_high.max(0));
                Ok(Val::Int(quotient, low, high))
            }
            other => declined(self.span, format!("the operator {}", other.spelling())),
        }
    }

    fn bounded(&mut self, value: V, low: i128, high: i128, overflow: &mut dyn FnMut(&mut Self) -> V) -> Gen<Val> {
        if -SAFE < low && high < SAFE {
            return Ok(Val::Int(value, low as i64, high as i64));
        }
        let overflows = overflow(self);
        let fine = self.b.ins().bxor_imm(overflows, 1);
        self.bail_unless(fine, "an integer beyond 64 bits");
        let clamp = |bound: i128| bound.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        Ok(Val::Int(value, clamp(low), clamp(high)))
    }

    /// Quotient towards minus infinity and the rest, for a positive divisor.
    fn floor_division(&mut self, x: V, y: V, natural: bool) -> (V, V) {
        if natural {
            let quotient = self.b.ins().udiv(x, y);
            let product = self.b.ins().imul(quotient, y);
            let rest = self.b.ins().isub(x, product);
            return (quotient, rest);
        }
        let quotient = self.b.ins().sdiv(x, y);
        let product = self.b.ins().imul(quotient, y);
        let rest = self.b.ins().isub(x, product);
        let negative = self.b.ins().icmp_imm(IntCC::SignedLessThan, rest, 0);
        let less = self.b.ins().iadd_imm(quotient, -1);
        let more = self.b.ins().iadd(rest, y);
        let quotient = self.b.ins().select(negative, less, quotient);
        let rest = self.b.ins().select(negative, more, rest);
        (quotient, rest)
    }

    pub(crate) fn higher_order(
        &mut self,
        primitive: P,
        operands: &'m [Node],
        operators: &'m [Operator],
        env: &Env<'m>,
        node: &Node,
    ) -> Gen<Val> {
        let values = self.eval_all(operands, env)?;
        if values.iter().any(|val| matches!(val, Val::Never)) {
            return Ok(Val::Never);
        }
        let Some(operator) = operators.first().and_then(|operator| self.operator(operator, env)) else {
            return declined(Some(node.span), "an operator was expected here");
        };
        match (primitive, &values[..]) {
            (P::SelectSeq, [sequence]) => self.select_sequence(sequence, &operator),
            _ => declined(Some(node.span), format!("the operator {}", primitive.spelling())),
        }
    }
}
