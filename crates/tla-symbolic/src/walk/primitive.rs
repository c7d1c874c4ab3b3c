//! Primitive operators.

use super::{Algebra, Env, Graph, Made, Numbers, Operations, Sets, Sym, Translator};
use std::rc::Rc;
use tla_model::ir::{Node, Operator, Primitive as P};

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    pub(crate) fn primitive(&mut self, primitive: P, operands: &'m [Node], env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        if primitive == P::Assert
            && let [condition, _] = operands
        {
            let condition = self.truth(condition, env)?;
            self.fail_unless(condition, "Assert failed");
            return Ok(Sym::Bool(A::TRUE));
        }
        let values = self.eval_all(operands, env)?;
        if self.path == A::FALSE || values.iter().any(|value| matches!(value, Sym::Never)) {
            return Ok(Sym::Never);
        }
        match &values[..] {
            [a] => self.unary(primitive, a),
            [a, b] => self.binary(primitive, a, b),
            [a, b, c] if primitive == P::SubSeq => self.sub_sequence(a, b, c),
            _ => self.unsupported(primitive),
        }
    }

    pub(crate) fn unsupported<T>(&self, primitive: P) -> Made<T> {
        self.declined(format!("the operator {} is not translated", primitive.spelling()))
    }

    fn unary(&mut self, primitive: P, a: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        match primitive {
            P::PowerSet => Ok(Sym::Subsets(Rc::new(a.clone()))),
            P::BigUnion => self.big_union(a),
            P::Domain => self.domain(a),
            P::Negate => self.arithmetic(primitive, a, None),
            P::Seq => self.declined("Seq of a set that depends on the state"),
            P::Len => self.length(a),
            P::Head => self.head(a),
            P::Tail => self.tail(a),
            P::IsFiniteSet => Ok(Sym::Bool(self.is_finite(a)?)),
            P::Cardinality => self.cardinality(a),
            P::TlcEval => Ok(a.clone()),
            P::Print | P::PrintT => Ok(Sym::Bool(A::TRUE)),
            P::ToString => self.declined("ToString of a value that depends on the state"),
            _ => self.unsupported(primitive),
        }
    }

    fn binary(&mut self, primitive: P, a: &Sym<'m, A>, b: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        let truth = match primitive {
            P::Equal => self.equal(a, b)?,
            P::NotEqual => {
                let same = self.equal(a, b)?;
                self.graph.not(same)
            }
            P::In => self.contains(a, b)?,
            P::NotIn => {
                let inside = self.contains(a, b)?;
                self.graph.not(inside)
            }
            P::SubsetEq => self.subset(a, b)?,
            P::Less | P::LessEqual | P::Greater | P::GreaterEqual => self.relation(primitive, a, b)?,
            P::Cup => return self.set_union(a, b),
            P::Cap => return self.set_part(a, b, true),
            P::Difference => return self.set_part(a, b, false),
            P::Add | P::Subtract | P::Multiply | P::IntegerDivide | P::Modulo | P::Power => {
                return self.arithmetic(primitive, a, Some(b));
            }
            P::Range => return self.range(a, b),
            P::Append => return self.append(a, b),
            P::Concat => return self.concat(a, b),
            P::MapsTo => return self.maps_to(a, b),
            P::Override => return self.override_with(a, b),
            P::Print => return Ok(b.clone()),
            _ => return self.unsupported(primitive),
        };
        Ok(Sym::Bool(truth))
    }

    pub(crate) fn higher_order(
        &mut self,
        primitive: P,
        operands: &'m [Node],
        operators: &'m [Operator],
        env: &Env<'m, A>,
    ) -> Made<Sym<'m, A>> {
        let values = self.eval_all(operands, env)?;
        let mut bound = Vec::with_capacity(operators.len());
        for operator in operators {
            bound.push(self.operator(operator, env)?);
        }
        match (primitive, &values[..], &bound[..]) {
            (P::SelectSeq, [sequence], [test]) => self.select_sequence(sequence, test),
            (P::FoldSet, [base, set], [operator]) => self.fold_set(operator, base, set),
            (P::FoldLeft, [base, sequence], [operator]) => self.fold_left(operator, base, sequence),
            (P::FoldFunction, [base, function], [operator]) => self.fold_function(operator, base, function),
            _ => self.unsupported(primitive),
        }
    }
}
