//! Primitive operators.

use super::super::sym::{Env, Sym};
use super::super::term::{FALSE, TRUE};
use super::{Made, Translator};
use std::rc::Rc;
use tla_model::ir::{Node, Operator, Primitive as P};

impl<'m> Translator<'m> {
    pub(super) fn primitive(&mut self, primitive: P, operands: &'m [Node], env: &Env<'m>) -> Made<Sym<'m>> {
        if primitive == P::Assert
            && let [condition, _] = operands
        {
            let condition = self.truth(condition, env)?;
            let not = self.t.not(condition);
            self.fail(not, "Assert failed");
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
            P::Negate => match self.integer(a)? {
                Some(term) => Ok(Sym::Int(self.t.negate(term))),
                None => Ok(Sym::Never),
            },
            P::Len => self.length(a),
            P::Head => self.head(a),
            P::Tail => self.tail(a),
            P::IsFiniteSet => self.is_finite(a),
            P::Cardinality => self.cardinality(a),
            P::TlcEval => Ok(a.clone()),
            P::Print | P::PrintT => Ok(Sym::Bool(TRUE)),
            _ => self.unsupported(primitive),
        }
    }

    fn binary(&mut self, primitive: P, a: &Sym<'m>, b: &Sym<'m>) -> Made<Sym<'m>> {
        let truth = match primitive {
            P::Equal => self.equal(a, b)?,
            P::NotEqual => {
                let same = self.equal(a, b)?;
                self.t.not(same)
            }
            P::In => self.contains(a, b)?,
            P::NotIn => {
                let inside = self.contains(a, b)?;
                self.t.not(inside)
            }
            P::SubsetEq => self.subset(a, b)?,
            P::Less | P::LessEqual | P::Greater | P::GreaterEqual => self.relation(primitive, a, b)?,
            P::Cup => return self.set_union(a, b),
            P::Cap => return self.set_part(a, b, true),
            P::Difference => return self.set_part(a, b, false),
            P::Add | P::Subtract | P::Multiply | P::IntegerDivide | P::Modulo | P::Power => {
                return self.arithmetic(primitive, a, b);
            }
            P::Range => {
                let (Some(a), Some(b)) = (self.integer(a)?, self.integer(b)?) else { return Ok(Sym::Never) };
                return Ok(Sym::Interval(a, b));
            }
            P::Append => return self.append(a, b),
            P::Concat => return self.concat(a, b),
            P::MapsTo => return self.maps_to(a, b),
            P::Override => return self.override_with(a, b),
            P::Print => return Ok(b.clone()),
            _ => return self.unsupported(primitive),
        };
        Ok(Sym::Bool(truth))
    }

    pub(super) fn higher_order(
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
                // In the order of the evaluator, which only concrete elements have.
                let mut result = base.clone();
                for (element, guard) in self.elements_in_order(set)? {
                    let next = self.under(guard, |this| this.apply_operator(op, vec![element, result.clone()]))?;
                    if let Some(next) = next {
                        let not = self.t.not(guard);
                        result = self.merge(vec![(guard, next), (not, result)])?;
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
                    alternatives.extend(folded.map(|folded| (guard, folded)));
                }
                self.merge(alternatives)
            }
            (P::FoldFunction, [base, function], [op]) => {
                let base = base.clone();
                self.for_alternatives(function, &mut |this, function| {
                    let function = this.explicit_function(function)?;
                    let Sym::Map(_, parts) = &function else {
                        return this.declined("a fold over a function on an infinite domain");
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
