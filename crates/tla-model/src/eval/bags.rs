//! Module `Bags`: functions from elements to positive counts (*Specifying Systems*, section 18.3).

use super::{Machine, kind_word};
use crate::error::{EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use crate::value::show::function_pairs;
use std::rc::Rc;

impl<'m> Machine<'m> {
    fn is_bag(&mut self, value: &Value) -> Evaluated<Option<Vec<(Value, i64)>>> {
        let value = self.force(value)?;
        if !matches!(value, Value::Tuple(_) | Value::Record(_) | Value::Function(_)) {
            return Ok(None);
        }
        let mut counts = Vec::new();
        for (element, count) in function_pairs(&value) {
            match count {
                Value::Int(count) if count > 0 => counts.push((element, count)),
                _ => return Ok(None),
            }
        }
        Ok(Some(counts))
    }

    fn bag(&mut self, value: &Value, operator: Primitive) -> Evaluated<Vec<(Value, i64)>> {
        self.is_bag(value)?.ok_or_else(|| {
            EvalError::undefined(format!(
                "{} needs a bag, found {} {}",
                operator.spelling(),
                kind_word(value),
                self.show(value)
            ))
        })
    }

    fn bag_from(&mut self, counts: Vec<(Value, i64)>) -> Evaluated<Value> {
        let pairs = counts.into_iter().filter(|(_, n)| *n > 0).map(|(e, n)| (e, Value::Int(n))).collect();
        self.function_from_pairs(pairs)
    }

    fn copies(&mut self, element: &Value, counts: &[(Value, i64)]) -> Evaluated<i64> {
        for (candidate, count) in counts {
            if self.equal(candidate, element)? {
                return Ok(*count);
            }
        }
        Ok(0)
    }

    fn bag_sum(&mut self, mut sum: Vec<(Value, i64)>, other: Vec<(Value, i64)>) -> Evaluated<Vec<(Value, i64)>> {
        'next: for (element, count) in other {
            for (known, total) in &mut sum {
                if self.equal(known, &element)? {
                    *total = total.saturating_add(count);
                    continue 'next;
                }
            }
            sum.push((element, count));
        }
        Ok(sum)
    }

    pub(super) fn bag_operator(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        match operator {
            Primitive::EmptyBag => Ok(Value::tuple(Vec::new())),
            Primitive::IsABag => Ok(Value::Bool(self.is_bag(&arguments[0])?.is_some())),
            Primitive::BagToSet => self.domain(&arguments[0]),
            Primitive::SetToBag => {
                let elements = self.element_vec(&arguments[0])?;
                self.bag_from(elements.into_iter().map(|element| (element, 1)).collect())
            }
            Primitive::BagIn => {
                let counts = self.bag(&arguments[1], operator)?;
                Ok(Value::Bool(self.copies(&arguments[0], &counts)? > 0))
            }
            Primitive::CopiesIn => {
                let counts = self.bag(&arguments[1], operator)?;
                Ok(Value::Int(self.copies(&arguments[0], &counts)?))
            }
            Primitive::BagCardinality => {
                let counts = self.bag(&arguments[0], operator)?;
                Ok(Value::integer(counts.iter().map(|(_, n)| num_bigint::BigInt::from(*n)).sum()))
            }
            Primitive::BagAdd => {
                let (a, b) = (self.bag(&arguments[0], operator)?, self.bag(&arguments[1], operator)?);
                let sum = self.bag_sum(a, b)?;
                self.bag_from(sum)
            }
            Primitive::BagSubtract => {
                let (mut a, b) = (self.bag(&arguments[0], operator)?, self.bag(&arguments[1], operator)?);
                for (element, count) in &mut a {
                    *count = count.saturating_sub(self.copies(element, &b)?);
                }
                self.bag_from(a)
            }
            Primitive::BagUnion => {
                let mut sum = Vec::new();
                for bag in self.element_vec(&arguments[0])? {
                    let counts = self.bag(&bag, operator)?;
                    sum = self.bag_sum(sum, counts)?;
                }
                self.bag_from(sum)
            }
            Primitive::BagSubsetEq => {
                let (a, b) = (self.bag(&arguments[0], operator)?, self.bag(&arguments[1], operator)?);
                for (element, count) in &a {
                    if self.copies(element, &b)? < *count {
                        return Ok(Value::Bool(false));
                    }
                }
                Ok(Value::Bool(true))
            }
            Primitive::SubBag => {
                let counts = self.bag(&arguments[0], operator)?;
                self.sub_bags(&counts)
            }
            other => Err(EvalError::undefined(format!("{} is no operator on bags", other.spelling()))),
        }
    }

    fn sub_bags(&mut self, counts: &[(Value, i64)]) -> Evaluated<Value> {
        let mut bags: Vec<Vec<(Value, i64)>> = vec![Vec::new()];
        for (element, count) in counts {
            let mut longer = Vec::new();
            for bag in &bags {
                for copies in 0..=*count {
                    let mut with = bag.clone();
                    with.push((element.clone(), copies));
                    longer.push(with);
                }
                super::set::within_limit(longer.len() as u64)?;
            }
            bags = longer;
        }
        let bags = bags.into_iter().map(|bag| self.bag_from(bag)).collect::<Evaluated<Vec<_>>>()?;
        self.make_set(bags)
    }

    /// `BagOfAll(F, B)`: the bag of the images.
    pub(super) fn bag_of_all(&mut self, image: &Rc<super::Closure<'m>>, bag: &Value) -> Evaluated<Value> {
        let mut sum = Vec::new();
        for (element, count) in self.bag(bag, Primitive::BagOfAll)? {
            let image = self.apply_closure(image, [element])?;
            sum = self.bag_sum(sum, vec![(image, count)])?;
        }
        self.bag_from(sum)
    }
}
