//! Module `Bags`: functions from elements to positive numbers of copies.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::Meaning;
use crate::native::integer;
use crate::value::{SymbolicSet, Value};
use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use tla_syntax::Span;

/// The operators that are evaluated here.
pub(crate) const OPERATORS: &[&str] = &[
    "IsABag",
    "BagToSet",
    "SetToBag",
    "BagIn",
    "EmptyBag",
    "\\oplus",
    "\\ominus",
    "BagUnion",
    "\\sqsubseteq",
    "SubBag",
    "BagOfAll",
    "BagCardinality",
    "CopiesIn",
];

/// Elements with their numbers of copies.
type Copies<'s> = Vec<(Value<'s>, BigInt)>;

impl<'s> Evaluator<'s> {
    /// Applies an operator of module `Bags`.
    pub(crate) fn bag_operator(&mut self, name: &str, values: &[Value<'s>], span: Span) -> Outcome<Value<'s>> {
        match (name, values) {
            ("EmptyBag", []) => self.bag(Vec::new(), span),
            ("IsABag", [bag]) => self.is_bag(bag, span).map(Value::Bool),
            ("BagToSet", [bag]) => self.domain(bag, span),
            ("SetToBag", [set]) => {
                let elements = self.list(set, span)?;
                self.bag(elements.iter().map(|element| (element.clone(), BigInt::from(1))).collect(), span)
            }
            ("BagIn", [element, bag]) => Ok(Value::Bool(self.copies_of(element, bag, span)?.is_some())),
            ("CopiesIn", [element, bag]) => Ok(Value::Int(self.copies_of(element, bag, span)?.unwrap_or_default())),
            ("BagCardinality", [bag]) => Ok(Value::Int(self.copies(bag, span)?.into_iter().map(|(_, n)| n).sum())),
            ("\\oplus", [left, right]) => self.bag_sum([left.clone(), right.clone()], span),
            ("\\ominus", [left, right]) => self.bag_difference(left, right, span),
            ("\\sqsubseteq", [left, right]) => self.is_subbag(left, right, span).map(Value::Bool),
            ("BagUnion", [bags]) => {
                let bags = self.list(bags, span)?;
                self.bag_sum(bags.iter().cloned(), span)
            }
            ("SubBag", [bag]) => self.subbags(bag, span),
            (_, _) => Fault::unsupported(span, format!("{name} with {} operands", values.len())),
        }
    }

    fn bag(&mut self, copies: Copies<'s>, span: Span) -> Outcome<Value<'s>> {
        let present = copies.into_iter().filter(|(_, number)| number.is_positive());
        self.function_of(present.map(|(element, number)| (element, Value::Int(number))).collect(), span)
    }

    fn copies(&mut self, bag: &Value<'s>, span: Span) -> Outcome<Copies<'s>> {
        let pairs = self.pairs(bag, span)?;
        pairs.iter().map(|(element, number)| Ok((element.clone(), integer(number, span)?.clone()))).collect()
    }

    fn copies_of(&mut self, element: &Value<'s>, bag: &Value<'s>, span: Span) -> Outcome<Option<BigInt>> {
        for (other, number) in self.copies(bag, span)? {
            if self.equal(&other, element, span)? {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    fn is_bag(&mut self, bag: &Value<'s>, span: Span) -> Outcome<bool> {
        let bag = self.normal(bag, span)?;
        Fault::unless_wholly_decided(&bag, span)?;
        let Value::Function(pairs) = bag else {
            return Ok(false);
        };
        Ok(pairs.iter().all(|(_, number)| matches!(number, Value::Int(number) if number.is_positive())))
    }

    fn bag_sum(&mut self, bags: impl IntoIterator<Item = Value<'s>>, span: Span) -> Outcome<Value<'s>> {
        let mut sum: Copies<'s> = Vec::new();
        for bag in bags {
            'elements: for (element, number) in self.copies(&bag, span)? {
                for (known, total) in &mut sum {
                    if self.equal(known, &element, span)? {
                        *total += number;
                        continue 'elements;
                    }
                }
                sum.push((element, number));
            }
        }
        self.bag(sum, span)
    }

    fn bag_difference(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let mut copies = self.copies(left, span)?;
        for (element, number) in &mut copies {
            *number -= self.copies_of(element, right, span)?.unwrap_or_default();
        }
        self.bag(copies, span)
    }

    fn is_subbag(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<bool> {
        for (element, number) in self.copies(left, span)? {
            if self.copies_of(&element, right, span)?.is_none_or(|available| available < number) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All bags below this one: for every element a number of copies from 0 to the number that there is.
    fn subbags(&mut self, bag: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let copies = self.copies(bag, span)?;
        let choices =
            copies.iter().map(|(element, number)| (element.clone(), Value::Interval(BigInt::zero(), number.clone())));
        let all = Value::symbolic(SymbolicSet::Records(choices.collect()));
        let mut subbags = Vec::new();
        for function in self.list(&all, span)?.iter() {
            let copies = self.copies(function, span)?;
            subbags.push(self.bag(copies, span)?);
        }
        self.normal_set(subbags, span)
    }

    /// `BagOfAll(F, B)`: the bag of all `F(e)` for the copies of `e` in `B`.
    pub(crate) fn bag_of_all(&mut self, operator: &Meaning<'s>, bag: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let mut images = Vec::new();
        for (element, number) in self.copies(bag, span)? {
            let image = self.apply_to_values(operator, &[element], span)?;
            images.push(self.bag(vec![(image, number)], span)?);
        }
        self.bag_sum(images, span)
    }
}
