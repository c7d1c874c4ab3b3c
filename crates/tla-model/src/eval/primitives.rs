//! Dispatch of primitive operators.

use super::Machine;
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::{Node, Operator, Primitive as P};
use crate::value::{LazySet, Value};

impl<'m> Machine<'m> {
    pub(super) fn primitive(&mut self, primitive: P, operands: &'m [Node]) -> Evaluated<Value> {
        if let Some(result) = self.delaying_operator(primitive, operands) {
            return result;
        }
        if let (P::BigUnion, [family]) = (primitive, operands)
            && let Some(members) = self.members_written(family)?
        {
            return self.union_of(members);
        }
        if self.traced()
            && let Some(value) = self.traced_operator(primitive, operands)?
        {
            return Ok(value);
        }
        match operands {
            [] => self.nullary(primitive),
            [a] => {
                let a = self.eval(a)?;
                self.unary(primitive, &a)
            }
            [a, b] => {
                if primitive == P::Assert {
                    return self.assert_lazily(a, b);
                }
                let a = self.eval(a)?;
                let b = self.eval(b)?;
                self.binary(primitive, &a, &b)
            }
            several => {
                let values = self.eval_all(several)?;
                self.several(primitive, &values)
            }
        }
    }

    fn assert_lazily(&mut self, condition: &'m Node, message: &'m Node) -> Evaluated<Value> {
        let condition = self.eval(condition)?;
        let message = match condition {
            Value::Bool(true) => Value::Bool(true),
            _ => self.eval(message)?,
        };
        self.assert(&condition, &message)
    }

    fn nullary(&mut self, primitive: P) -> Evaluated<Value> {
        Ok(match primitive {
            P::Boolean => Value::sorted_set(vec![Value::Bool(false), Value::Bool(true)]),
            P::String => Value::lazy(LazySet::Strings),
            P::Nat => Value::lazy(LazySet::Naturals),
            P::Int => Value::lazy(LazySet::Integers),
            P::Real => Value::lazy(LazySet::Reals),
            P::Any => Value::lazy(LazySet::Anything),
            P::EmptyBag => return self.bag_operator(primitive, &[]),
            P::IoEnv => return self.io_operator(primitive, &[]),
            P::PresentState => return self.loaded_trace(primitive, &[]),
            P::Trace | P::CounterExample => return self.extension_operator(primitive, &[]),
            P::JavaTime => {
                self.note_volatile_read();
                return self
                    .surroundings
                    .figure("time")
                    .map(Value::Int)
                    .ok_or_else(|| EvalError::new(ErrorClass::Declined, "JavaTime is not supported"));
            }
            other => {
                return Err(EvalError::new(
                    ErrorClass::Declined,
                    format!("the operator {} is not supported", other.spelling()),
                ));
            }
        })
    }

    pub(super) fn unary(&mut self, primitive: P, a: &Value) -> Evaluated<Value> {
        match primitive {
            P::PowerSet => match a {
                Value::Set(_) | Value::Interval(_) | Value::Lazy(_) => Ok(Value::lazy(LazySet::Subsets(a.clone()))),
                other => Err(self.no_set(other)),
            },
            P::BigUnion => self.big_union(a),
            P::Domain => self.domain(a),
            P::Negate => self.negate(a),
            P::Seq => match a {
                Value::Set(_) | Value::Interval(_) | Value::Lazy(_) => Ok(Value::lazy(LazySet::Sequences(a.clone()))),
                other => Err(self.no_set(other)),
            },
            P::Len | P::Head | P::Tail => self.sequence_operator(primitive, std::slice::from_ref(a)),
            P::IsFiniteSet => match a {
                Value::Set(_) | Value::Interval(_) | Value::Lazy(_) => Ok(Value::Bool(self.is_enumerable(a))),
                other => Err(self.no_set(other)),
            },
            P::Cardinality => match a {
                Value::Set(_) | Value::Interval(_) | Value::Lazy(_) => self.cardinality(a),
                other => Err(self.no_set(other)),
            },
            P::PrintT => self.print(primitive, std::slice::from_ref(a)),
            P::TlcGet => self.tlc_get(a),
            P::TlcGetNext => self.tlc_get_next(a),
            P::TlcEval => self.force(a),
            P::Permutations => self.permutations(a),
            P::RandomElement => self.random_element(a),
            P::ToString => {
                let text = self.show_forced(a);
                Ok(Value::String(self.names.string(&text)))
            }
            P::IsABag | P::BagToSet | P::SetToBag | P::BagUnion | P::SubBag | P::BagCardinality => {
                self.bag_operator(primitive, std::slice::from_ref(a))
            }
            P::SetToSeq => self.set_to_sequence(a),
            P::BitNot => self.turn_bits(a),
            P::CsvRecords => self.csv_operator(primitive, std::slice::from_ref(a)),
            P::IoExec | P::Atoi => self.io_operator(primitive, std::slice::from_ref(a)),
            P::SvgElemToString => self.picture_operator(primitive, std::slice::from_ref(a)),
            P::ToJson | P::ToJsonArray | P::ToJsonObject | P::JsonDeserialize | P::NdJsonDeserialize => {
                self.json_operator(primitive, std::slice::from_ref(a))
            }
            P::FollowsTrace => self.loaded_trace(primitive, std::slice::from_ref(a)),
            P::ToTrace | P::TlcModelValue | P::TlcNoOp | P::TlcFp | P::TlcEvalDefinition => {
                self.extension_operator(primitive, std::slice::from_ref(a))
            }
            other => Err(wrong_arity(other)),
        }
    }

    fn binary(&mut self, primitive: P, a: &Value, b: &Value) -> Evaluated<Value> {
        match primitive {
            P::Equal => Ok(Value::Bool(self.equal(a, b)?)),
            P::NotEqual => Ok(Value::Bool(!self.equal(a, b)?)),
            P::In => Ok(Value::Bool(self.member(a, b)?)),
            P::NotIn => Ok(Value::Bool(!self.member(a, b)?)),
            P::SubsetEq => Ok(Value::Bool(self.subset(a, b)?)),
            P::Cup => self.union(a, b),
            P::Cap => self.intersection(a, b),
            P::Difference => self.difference(a, b),
            P::Add | P::Subtract | P::Multiply | P::IntegerDivide | P::Modulo | P::Power => {
                self.arithmetic(primitive, a, b)
            }
            P::Divide => Err(EvalError::new(ErrorClass::Declined, "division of reals is not supported")
                .with_remedy("use \\div for integers")),
            P::Range => self.range(a, b),
            P::Less => Ok(Value::Bool(self.compare_integers(primitive, a, b)?.is_lt())),
            P::LessEqual => Ok(Value::Bool(self.compare_integers(primitive, a, b)?.is_le())),
            P::Greater => Ok(Value::Bool(self.compare_integers(primitive, a, b)?.is_gt())),
            P::GreaterEqual => Ok(Value::Bool(self.compare_integers(primitive, a, b)?.is_ge())),
            P::Concat | P::Append => self.sequence_operator(primitive, &[a.clone(), b.clone()]),
            P::MapsTo => {
                let key = self.force(a)?;
                Ok(Value::function([key].into(), vec![b.clone()]))
            }
            P::Override => self.override_function(a, b),
            P::Print => self.print(primitive, &[a.clone(), b.clone()]),
            P::TlcSet => self.tlc_set(a, b),
            P::BagIn | P::BagAdd | P::BagSubtract | P::BagSubsetEq | P::CopiesIn => {
                self.bag_operator(primitive, &[a.clone(), b.clone()])
            }
            P::KSubset => self.subsets_of_size(a, b),
            P::BitAnd | P::BitOr | P::BitXor => self.join_bits(primitive, a, b),
            P::ShiftRight => self.drop_bits(a, b),
            P::IoDeserialize | P::Deserialize | P::IoEnvExec | P::IoExecTemplate => {
                self.io_operator(primitive, &[a.clone(), b.clone()])
            }
            P::JsonSerialize | P::NdJsonSerialize => self.json_operator(primitive, &[a.clone(), b.clone()]),
            P::RandomSubset => self.randomization(primitive, &[a.clone(), b.clone()]),
            P::AssertEq | P::TlcGetOrDefault => self.extension_operator(primitive, &[a.clone(), b.clone()]),
            other => Err(wrong_arity(other)),
        }
    }

    fn several(&mut self, primitive: P, values: &[Value]) -> Evaluated<Value> {
        match (primitive, values) {
            (P::SubSeq, _) => self.sequence_operator(primitive, values),
            (P::ChiSquare, [expected, actual, alpha]) => self.chi_square(expected, actual, alpha),
            (P::CsvWrite | P::CsvWriteRecord | P::CsvRead, _) => self.csv_operator(primitive, values),
            (P::IoSerialize | P::Serialize | P::IoEnvExecTemplate, _) => self.io_operator(primitive, values),
            (P::NodeOfRingNetwork | P::NodesOfDirectedMultiGraph, _) => self.picture_operator(primitive, values),
            (P::RandomSetOfSubsets | P::TestRandomSetOfSubsets, _) => self.randomization(primitive, values),
            (other, _) => Err(wrong_arity(other)),
        }
    }

    pub(super) fn higher_order(
        &mut self,
        primitive: P,
        operands: &'m [Node],
        operators: &'m [Operator],
    ) -> Evaluated<Value> {
        let Some(operator) = operators.first() else { return Err(wrong_arity(primitive)) };
        let values = self.eval_all(operands)?;
        let closure = self.operator(operator)?;
        match (primitive, values.as_slice()) {
            (P::SelectSeq, [sequence]) => self.select_seq(sequence, &closure),
            (P::SortSeq, [sequence]) => self.sort_seq(sequence, &closure),
            (P::BagOfAll, [bag]) => self.bag_of_all(&closure, bag),
            (P::FoldSet | P::FoldFunction | P::FoldFunctionOnSet | P::FoldLeft | P::FoldRight, arguments) => {
                self.fold(primitive, &closure, arguments)
            }
            (P::TlcGetAndSet, arguments) => self.tlc_get_and_set(&closure, arguments),
            (other, _) => Err(wrong_arity(other)),
        }
    }
}

fn wrong_arity(primitive: P) -> Box<EvalError> {
    EvalError::new(
        ErrorClass::Internal,
        format!("the operator {} was called with a wrong number of arguments", primitive.spelling()),
    )
}
