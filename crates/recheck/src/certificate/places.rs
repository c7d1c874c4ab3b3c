//! States that are not decided, and successors as literals.

use super::Shape;
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome, Question};
use crate::order::compare;
use crate::sets::or_undefined;
use crate::value::{Member, Open, Value, tuple_components};
use std::rc::Rc;
use tla_syntax::Span;

/// A place with the numbers of its questions.
pub(crate) enum Place<'s> {
    Never,
    Bool(usize),
    Scalar(usize, Vec<Value<'s>>),
    Map(Vec<(Value<'s>, Place<'s>)>),
    Set(Vec<(Value<'s>, usize)>),
    Sequence(usize, Vec<Place<'s>>),
    Union(usize, Vec<Place<'s>>),
}

/// A question about a state.
pub(crate) struct Asked {
    /// The first of its literals.
    pub(crate) first: usize,
    /// Number of answers.
    pub(crate) answers: usize,
    /// Whether there is a literal for each answer, of which exactly one is true; else there is one literal, true for the
    /// second answer of two.
    pub(crate) one_hot: bool,
    /// The question and the answers under which this one means anything.
    pub(crate) under: Vec<(usize, Vec<usize>)>,
    /// Number of literals of the place that the question begins.
    pub(crate) width: usize,
    /// What the place can hold.
    pub(crate) shape: Shape,
}

/// All places of a state.
pub(crate) struct Places<'s> {
    pub(crate) variables: Vec<Place<'s>>,
    pub(crate) questions: Vec<Asked>,
    pub(crate) literals: usize,
}

/// Answers to questions, as far as they are given.
pub(crate) type Answers = Vec<Option<usize>>;

/// A literal of a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bit {
    Known(bool),
    /// The same as a literal of the state before.
    Same(usize),
}

/// Why a value has no literals.
pub(crate) enum Misfit {
    /// It is outside of the shape.
    Outside,
    /// Something stopped the evaluation.
    Fault(Fault),
}

impl From<Fault> for Misfit {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

type Fits<T> = Result<T, Misfit>;

impl<'s> Places<'s> {
    /// The places of a state with these shapes.
    pub(crate) fn new(evaluator: &mut Evaluator<'s>, shapes: &[&Shape], span: Span) -> Outcome<Self> {
        let mut places = Self { variables: Vec::new(), questions: Vec::new(), literals: 0 };
        for shape in shapes {
            let place = places.lay_out(evaluator, shape, &[], span)?;
            places.variables.push(place);
        }
        Ok(places)
    }

    fn ask(&mut self, shape: &Shape, answers: usize, one_hot: bool, under: &[(usize, Vec<usize>)]) -> usize {
        let width = if one_hot { answers } else { 1 };
        let (first, shape) = (self.literals, shape.clone());
        self.literals += width;
        self.questions.push(Asked { first, answers, one_hot, under: under.to_vec(), width, shape });
        self.questions.len() - 1
    }

    fn lay_out(
        &mut self,
        evaluator: &mut Evaluator<'s>,
        shape: &Shape,
        under: &[(usize, Vec<usize>)],
        span: Span,
    ) -> Outcome<Place<'s>> {
        Ok(match shape {
            Shape::Never => Place::Never,
            Shape::Bool => Place::Bool(self.ask(shape, 2, false, under)),
            Shape::Scalar(all) => {
                let values =
                    all.iter().map(|value| evaluator.traced_value(value, span)).collect::<Outcome<Vec<_>>>()?;
                distinct(&values, span)?;
                Place::Scalar(self.ask(shape, values.len(), true, under), values)
            }
            Shape::Map(keys, parts) => {
                if keys.len() != parts.len() {
                    return Fault::unsupported(span, "a certificate with a function that lacks a value");
                }
                let mut pairs: Vec<(Value<'s>, Place<'s>)> = Vec::with_capacity(keys.len());
                for (key, part) in keys.iter().zip(parts) {
                    let key = evaluator.traced_value(key, span)?;
                    if let Some((before, _)) = pairs.last()
                        && !or_undefined(compare(before, &key), span)?.is_lt()
                    {
                        return Fault::unsupported(span, "a certificate with arguments in disorder");
                    }
                    pairs.push((key, self.lay_out(evaluator, part, under, span)?));
                }
                Place::Map(pairs)
            }
            Shape::Set(all) => {
                let mut members = Vec::with_capacity(all.len());
                for value in all {
                    members.push((evaluator.traced_value(value, span)?, self.ask(&Shape::Bool, 2, false, under)));
                }
                distinct(&members.iter().map(|(value, _)| value.clone()).collect::<Vec<_>>(), span)?;
                Place::Set(members)
            }
            Shape::Sequence(parts) => {
                let question = self.ask(shape, parts.len() + 1, true, under);
                let mut elements = Vec::with_capacity(parts.len());
                for (index, part) in parts.iter().enumerate() {
                    let mut under = under.to_vec();
                    under.push((question, (index + 1..=parts.len()).collect()));
                    elements.push(self.lay_out(evaluator, part, &under, span)?);
                }
                self.questions[question].width = self.literals - self.questions[question].first;
                Place::Sequence(question, elements)
            }
            Shape::Union(all) => {
                let question = self.ask(shape, all.len(), true, under);
                let mut alternatives = Vec::with_capacity(all.len());
                for (index, part) in all.iter().enumerate() {
                    let mut under = under.to_vec();
                    under.push((question, vec![index]));
                    alternatives.push(self.lay_out(evaluator, part, &under, span)?);
                }
                self.questions[question].width = self.literals - self.questions[question].first;
                Place::Union(question, alternatives)
            }
        })
    }

    /// The state with these answers.
    pub(crate) fn state(&self, answers: &Answers, span: Span) -> Outcome<Vec<Option<Value<'s>>>> {
        self.variables.iter().map(|place| Self::value(place, answers, span).map(Some)).collect()
    }

    fn value(place: &Place<'s>, answers: &Answers, span: Span) -> Outcome<Value<'s>> {
        let open = |question: usize| Value::Open(Rc::new(Open::Whole(question)));
        Ok(match place {
            Place::Never => return Fault::unsupported(span, "a place that holds nothing"),
            Place::Bool(question) => answers[*question].map_or_else(|| open(*question), |a| Value::Bool(a == 1)),
            Place::Scalar(question, values) => {
                answers[*question].map_or_else(|| open(*question), |answer| values[answer].clone())
            }
            Place::Map(pairs) => {
                let mut all = Vec::with_capacity(pairs.len());
                for (key, place) in pairs {
                    all.push((key.clone(), Self::value(place, answers, span)?));
                }
                Value::Function(Rc::new(all))
            }
            Place::Set(members) => {
                let member = |question: &usize| match answers[*question] {
                    Some(0) => Member::Out,
                    Some(_) => Member::In,
                    None => Member::Asked(*question),
                };
                let members = members.iter().map(|(value, question)| (value.clone(), member(question))).collect();
                Evaluator::members(members, span)?
            }
            Place::Sequence(question, parts) => match answers[*question] {
                None => open(*question),
                Some(length) => {
                    let parts = parts[..length].iter().map(|part| Self::value(part, answers, span));
                    Value::tuple(parts.collect::<Outcome<Vec<_>>>()?)
                }
            },
            Place::Union(question, all) => match answers[*question] {
                None => open(*question),
                Some(answer) => Self::value(&all[answer], answers, span)?,
            },
        })
    }

    /// The literals of a state.
    pub(crate) fn literals_of(
        &self,
        evaluator: &mut Evaluator<'s>,
        state: &[Option<Value<'s>>],
        span: Span,
    ) -> Fits<Vec<Bit>> {
        let mut bits = Vec::with_capacity(self.literals);
        for (value, place) in state.iter().zip(&self.variables) {
            let Some(value) = value else { return Err(Misfit::Outside) };
            self.encode(evaluator, value, place, span, &mut bits)?;
        }
        Ok(bits)
    }

    fn width(&self, place: &Place<'s>) -> usize {
        match place {
            Place::Never => 0,
            Place::Bool(_) => 1,
            Place::Scalar(_, values) => values.len(),
            Place::Map(pairs) => pairs.iter().map(|(_, place)| self.width(place)).sum(),
            Place::Set(members) => members.len(),
            Place::Sequence(question, _) | Place::Union(question, _) => self.questions[*question].width,
        }
    }

    fn encode(
        &self,
        evaluator: &mut Evaluator<'s>,
        value: &Value<'s>,
        place: &Place<'s>,
        span: Span,
        bits: &mut Vec<Bit>,
    ) -> Fits<()> {
        let value = evaluator.normal(value, span)?;
        if let Value::Open(open) = &value
            && let Open::Whole(question) = **open
        {
            return self.copy(question, place, span, bits);
        }
        match place {
            Place::Never => Err(Misfit::Outside),
            Place::Bool(_) => match value {
                Value::Bool(truth) => {
                    bits.push(Bit::Known(truth));
                    Ok(())
                }
                _ => Err(Misfit::Outside),
            },
            Place::Scalar(_, values) => {
                let mut found = false;
                for candidate in values {
                    let same = same(candidate, &value, span)?;
                    found |= same;
                    bits.push(Bit::Known(same));
                }
                if found { Ok(()) } else { Err(Misfit::Outside) }
            }
            Place::Map(pairs) => {
                let Value::Function(own) = &value else { return Err(Misfit::Outside) };
                if own.len() != pairs.len() {
                    return Err(Misfit::Outside);
                }
                for ((key, part), (expected, place)) in own.iter().zip(pairs) {
                    if !same(key, expected, span)? {
                        return Err(Misfit::Outside);
                    }
                    self.encode(evaluator, part, place, span, bits)?;
                }
                Ok(())
            }
            Place::Set(members) => self.encode_set(evaluator, &value, members, span, bits),
            Place::Sequence(_, parts) => {
                let items = match &value {
                    Value::Function(pairs) => tuple_components(pairs),
                    _ => None,
                };
                let Some(items) = items.filter(|items| items.len() <= parts.len()) else {
                    return Err(Misfit::Outside);
                };
                bits.extend((0..=parts.len()).map(|length| Bit::Known(length == items.len())));
                for (index, part) in parts.iter().enumerate() {
                    match items.get(index) {
                        Some(item) => self.encode(evaluator, item, part, span, bits)?,
                        None => bits.extend(vec![Bit::Known(false); self.width(part)]),
                    }
                }
                Ok(())
            }
            Place::Union(_, all) => {
                let mut chosen = None;
                for (index, part) in all.iter().enumerate() {
                    let mut own = Vec::new();
                    match self.encode(evaluator, &value, part, span, &mut own) {
                        Ok(()) => {
                            chosen = Some((index, own));
                            break;
                        }
                        Err(Misfit::Outside) => {}
                        Err(fault) => return Err(fault),
                    }
                }
                let Some((chosen, own)) = chosen else { return Err(Misfit::Outside) };
                bits.extend((0..all.len()).map(|index| Bit::Known(index == chosen)));
                for (index, part) in all.iter().enumerate() {
                    if index == chosen {
                        bits.extend(&own);
                    } else {
                        bits.extend(vec![Bit::Known(false); self.width(part)]);
                    }
                }
                Ok(())
            }
        }
    }

    fn encode_set(
        &self,
        evaluator: &mut Evaluator<'s>,
        value: &Value<'s>,
        members: &[(Value<'s>, usize)],
        span: Span,
        bits: &mut Vec<Bit>,
    ) -> Fits<()> {
        let mut own: Vec<(Value<'s>, Member)> = match value {
            Value::Open(open) => match &**open {
                Open::Members(own) => own.clone(),
                Open::Whole(_) => return Err(Misfit::Outside),
            },
            Value::Set(_) | Value::Interval(..) => {
                evaluator.list(value, span)?.iter().map(|element| (element.clone(), Member::In)).collect()
            }
            _ => return Err(Misfit::Outside),
        };
        for (candidate, _) in members {
            let mut bit = Bit::Known(false);
            let mut index = 0;
            while index < own.len() {
                if same(&own[index].0, candidate, span)? {
                    bit = match own[index].1 {
                        Member::In => Bit::Known(true),
                        Member::Out => Bit::Known(false),
                        Member::Asked(question) => Bit::Same(self.questions[question].first),
                    };
                    own.swap_remove(index);
                    break;
                }
                index += 1;
            }
            bits.push(bit);
        }
        for (_, member) in own {
            match member {
                Member::Out => {}
                Member::In => return Err(Misfit::Outside),
                Member::Asked(question) => return Err(asks(question, span)),
            }
        }
        Ok(())
    }

    /// The literals of a place that has the value of another place, whatever that is.
    fn copy(&self, question: usize, place: &Place<'s>, span: Span, bits: &mut Vec<Bit>) -> Fits<()> {
        let source = &self.questions[question];
        let target = match place {
            Place::Bool(target) | Place::Scalar(target, _) | Place::Sequence(target, _) | Place::Union(target, _) => {
                *target
            }
            Place::Never | Place::Map(_) | Place::Set(_) => return Err(asks(question, span)),
        };
        // Places of the same shape have the same literals in the same order.
        if self.questions[target].shape != source.shape {
            return Err(asks(question, span));
        }
        bits.extend((0..source.width).map(|offset| Bit::Same(source.first + offset)));
        Ok(())
    }
}

/// Fails if a value occurs twice, so that no value has two literals.
fn distinct<'s>(values: &[Value<'s>], span: Span) -> Outcome<()> {
    for (index, value) in values.iter().enumerate() {
        if values[..index].iter().any(|known| compare(known, value).is_ok_and(std::cmp::Ordering::is_eq)) {
            return Fault::unsupported(span, "a certificate that names a value twice");
        }
    }
    Ok(())
}

fn asks(question: usize, span: Span) -> Misfit {
    Misfit::Fault(Fault::Asks { question: Question::Place(question), span })
}

/// Whether two values are equal; those that cannot be compared are not.
fn same<'s>(a: &Value<'s>, b: &Value<'s>, span: Span) -> Fits<bool> {
    match compare(a, b) {
        Ok(order) => Ok(order.is_eq()),
        Err(incomparable) => match incomparable.asks {
            Some(question) => Err(asks(question, span)),
            None => Ok(false),
        },
    }
}
