//! Primitive operators.

use super::env::Env;
use super::{Made, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::D;
use crate::sym::Sym;
use std::rc::Rc;
use tla_model::ir::{Node, Operator, Primitive as P};

impl<'m> Translator<'m> {
    pub(crate) fn primitive(&mut self, primitive: P, operands: &'m [Node], env: &Env<'m>) -> Made<Sym<'m>> {
        if primitive == P::Assert
            && let [condition, _] = operands
        {
            let condition = self.truth(condition, env)?;
            self.fail(!condition, "Assert failed");
            return Ok(Sym::Bool(TRUE));
        }
        let values = self.eval_all(operands, env)?;
        if self.path == FALSE || values.iter().any(|value| matches!(value, Sym::Never)) {
            return Ok(Sym::Never);
        }
        match &values[..] {
            [a] => self.unary(primitive, a),
            [a, b] => self.binary(primitive, a, b),
            [a, b, c] if primitive == P::SubSeq => self.sub_sequence(a, b, c),
            _ => self.unsupported(primitive),
        }
    }

    fn unsupported<T>(&self, primitive: P) -> Made<T> {
        self.declined(format!("the operator {} is not translated", primitive.spelling()))
    }

    fn unary(&mut self, primitive: P, a: &Sym<'m>) -> Made<Sym<'m>> {
        match primitive {
            P::PowerSet => Ok(Sym::Subsets(Rc::new(a.clone()))),
            P::BigUnion => self.big_union(a),
            P::Domain => self.domain(a),
            P::Negate => self.arithmetic(a, None, &|x, _| x.checked_neg()),
            P::Seq => self.declined("Seq of a set that depends on the state"),
            P::Len => self.length(a),
            P::Head => self.head(a),
            P::Tail => self.tail(a),
            P::IsFiniteSet => Ok(Sym::Bool(TRUE)),
            P::Cardinality => self.cardinality(a),
            P::TlcEval => Ok(a.clone()),
            P::Print | P::PrintT => Ok(Sym::Bool(TRUE)),
            P::ToString => self.declined("ToString of a value that depends on the state"),
            _ => self.unsupported(primitive),
        }
    }

    fn binary(&mut self, primitive: P, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
        let lit = match primitive {
            P::Equal => self.equal(a, b)?,
            P::NotEqual => !self.equal(a, b)?,
            P::In => self.contains(a, b)?,
            P::NotIn => !self.contains(a, b)?,
            P::SubsetEq => self.subset(a, b)?,
            P::Less => self.relation(a, b, |x, y| x < y)?,
            P::LessEqual => self.relation(a, b, |x, y| x <= y)?,
            P::Greater => self.relation(a, b, |x, y| x > y)?,
            P::GreaterEqual => self.relation(a, b, |x, y| x >= y)?,
            P::Cup => return self.set_union(a, b),
            P::Cap => return self.set_part(a, b, true),
            P::Difference => return self.set_part(a, b, false),
            P::Add => return self.arithmetic(a, Some(b), &i64::checked_add),
            P::Subtract => return self.arithmetic(a, Some(b), &i64::checked_sub),
            P::Multiply => return self.arithmetic(a, Some(b), &i64::checked_mul),
            P::IntegerDivide => return self.arithmetic(a, Some(b), &floor_divide),
            P::Modulo => return self.arithmetic(a, Some(b), &floor_modulo),
            P::Power => return self.arithmetic(a, Some(b), &power),
            P::Range => return self.range(a, b),
            P::Append => return self.append(a, b),
            P::Concat => return self.concat(a, b),
            P::MapsTo => return self.maps_to(a, b),
            P::Override => return self.override_with(a, b),
            P::Print => return Ok(b.clone()),
            _ => return self.unsupported(primitive),
        };
        Ok(Sym::Bool(lit))
    }

    /// An operation on integers; undefined where the operation has no result.
    fn arithmetic(
        &mut self,
        a: &Sym<'m>,
        b: Option<&Sym<'m>>,
        operation: &dyn Fn(i64, i64) -> Option<i64>,
    ) -> Made<Sym<'m>> {
        let a = self.integers(a)?;
        let b = match b {
            Some(b) => self.integers(b)?,
            None => vec![(0, TRUE)],
        };
        self.not_too_many(a.len().saturating_mul(b.len()) / 4)?;
        let mut cases: Vec<(D, Lit)> = Vec::with_capacity(a.len() * b.len());
        for (x, when) in &a {
            for (y, also) in &b {
                let both = self.aig.and(*when, *also);
                if both == FALSE {
                    continue;
                }
                match operation(*x, *y) {
                    Some(result) => cases.push((self.data.of_int(result), both)),
                    None => self.fail(both, "an operation on integers without a result, or one of more than 64 bits"),
                }
            }
        }
        Ok(self.scalar(cases))
    }

    /// `a .. b`.
    fn range(&mut self, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
        let (a, b) = (self.integers(a)?, self.integers(b)?);
        let (Some(low), Some(high)) = (a.iter().map(|(x, _)| *x).min(), b.iter().map(|(y, _)| *y).max()) else {
            return Ok(Sym::Never);
        };
        if high.saturating_sub(low) > 4096 {
            return self.declined("an interval of more than 4096 integers that depends on the state");
        }
        let mut members = Vec::new();
        for value in low..=high {
            let above: Vec<Lit> = a.iter().filter(|(x, _)| *x <= value).map(|(_, lit)| *lit).collect();
            let below: Vec<Lit> = b.iter().filter(|(y, _)| value <= *y).map(|(_, lit)| *lit).collect();
            let above = if above.len() == a.len() { TRUE } else { self.aig.or_all(&above) };
            let below = if below.len() == b.len() { TRUE } else { self.aig.or_all(&below) };
            members.push((self.data.of_int(value), self.aig.and(above, below)));
        }
        Ok(self.set(members))
    }

    pub(crate) fn higher_order(
        &mut self,
        primitive: P,
        operands: &'m [Node],
        operators: &'m [Operator],
        env: &Env<'m>,
    ) -> Made<Sym<'m>> {
        let values = self.eval_all(operands, env)?;
        let mut bound = Vec::with_capacity(operators.len());
        for operator in operators {
            bound.push(self.operator(operator, env)?);
        }
        match (primitive, &values[..], &bound[..]) {
            (P::SelectSeq, [sequence], [test]) => self.select_sequence(sequence, test),
            (P::FoldSet, [base, set], [op]) => {
                let elements = self.elements_in_order(set)?;
                let mut result = base.clone();
                // TLC folds from the first element on.
                for (element, lit) in elements {
                    let next = self.under(lit, |this| this.apply_operator(op, vec![element, result.clone()]))?;
                    if let Some(next) = next {
                        result = self.merge(vec![(lit, next), (!lit, result)])?;
                    }
                }
                Ok(result)
            }
            (P::FoldLeft, [base, sequence], [op]) => {
                let mut alternatives = Vec::new();
                for (guard, parts) in self.sequences(sequence)? {
                    let folded = self.under(guard, |this| {
                        parts
                            .iter()
                            .try_fold(base.clone(), |sofar, part| this.apply_operator(op, vec![sofar, part.clone()]))
                    })?;
                    if let Some(folded) = folded {
                        alternatives.push((guard, folded));
                    }
                }
                self.merge(alternatives)
            }
            (P::FoldFunction, [base, function], [op]) => {
                let base = base.clone();
                self.for_alternatives(function, &mut |this, function| {
                    let function = this.explicit_function(function)?;
                    let Sym::Map(_, parts) = &function else {
                        return Ok(this.fails("FoldFunction needs a function"));
                    };
                    parts
                        .iter()
                        .try_fold(base.clone(), |sofar, part| this.apply_operator(op, vec![part.clone(), sofar]))
                })
            }
            _ => self.unsupported(primitive),
        }
    }
}

fn floor_divide(x: i64, y: i64) -> Option<i64> {
    // TLC refuses no negative dividend, but a divisor of zero; quotients are rounded down.
    if y == 0 { None } else { Some(x.checked_div(y)? - i64::from(x % y != 0 && (x < 0) != (y < 0))) }
}

fn floor_modulo(x: i64, y: i64) -> Option<i64> {
    // The divisor has to be positive.
    if y <= 0 { None } else { x.checked_rem_euclid(y) }
}

fn power(x: i64, y: i64) -> Option<i64> {
    if x == 0 && y == 0 { None } else { x.checked_pow(u32::try_from(y).ok()?) }
}
