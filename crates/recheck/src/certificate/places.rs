//! Undecided states, and states as literals.
//!
//! Every place of a state has literals, numbered as the certificate numbers them. A state is a row of values that are as
//! open as its places ([`Places::state`]); a successor is turned back into literals, each a gate over the literals of the
//! state before ([`Places::encode`]).

use super::Shape;
use super::cases::Answer;
use super::gates::{FALSE, Literal, TRUE};
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::State;
use crate::order::compare;
use crate::sets::or_undefined;
use crate::value::{Open, Value, tuple_components};
use std::rc::Rc;
use tla_syntax::Span;

/// A place with the first of its literals.
enum Place<'s> {
    Never,
    Bool,
    Scalar(Vec<Value<'s>>),
    Map(Vec<(Value<'s>, Place<'s>)>),
    Set(Vec<Value<'s>>),
    Sequence(Vec<Place<'s>>),
    Union(Vec<Place<'s>>),
}

/// All places of a state.
pub(crate) struct Places<'s> {
    variables: Vec<Place<'s>>,
    /// The undecided state.
    pub(crate) state: Rc<State<'s>>,
    /// The literals of a state, in the order of the certificate.
    pub(crate) literals: Vec<Literal>,
    /// What holds of the literals of every state.
    pub(crate) clauses: Vec<Vec<Literal>>,
}

/// The literals of a value in a place.
#[derive(Default)]
pub(crate) struct Encoded {
    pub(crate) literals: Vec<Literal>,
    /// When the value has no place.
    pub(crate) outside: Option<Literal>,
    /// When a part of it has no value.
    pub(crate) faults: Vec<(Literal, Fault)>,
}

impl<'s> Places<'s> {
    /// The places of a state with these shapes.
    pub(crate) fn new(evaluator: &mut Evaluator<'s>, shapes: &[&Shape], span: Span) -> Outcome<Self> {
        let mut places =
            Self { variables: Vec::new(), state: Rc::default(), literals: Vec::new(), clauses: Vec::new() };
        let mut state = Vec::with_capacity(shapes.len());
        for shape in shapes {
            let (place, value) = places.lay_out(evaluator, shape, None, span)?;
            places.variables.push(place);
            state.push(Some(value));
        }
        places.state = Rc::new(state);
        Ok(places)
    }

    /// New literals of a place that is there only where one of some others is true.
    fn fresh(&mut self, evaluator: &mut Evaluator<'s>, count: usize, under: Option<&[Literal]>) -> Vec<Literal> {
        let new: Vec<Literal> = (0..count).map(|_| evaluator.symbolic.gates.leaf()).collect();
        self.literals.extend(&new);
        if let Some(under) = under {
            // What is not there has no literal.
            self.clauses.extend(new.iter().map(|literal| [&[!*literal], under].concat()));
        }
        new
    }

    /// New literals of which exactly one is true where the place is there.
    fn one_of(&mut self, evaluator: &mut Evaluator<'s>, count: usize, under: Option<&[Literal]>) -> Vec<Literal> {
        let new = self.fresh(evaluator, count, under);
        for (index, literal) in new.iter().enumerate() {
            self.clauses.extend(new[..index].iter().map(|other| vec![!*literal, !*other]));
        }
        match under {
            None => self.clauses.push(new.clone()),
            Some(under) => self.clauses.extend(under.iter().map(|there| [&new[..], &[!*there]].concat())),
        }
        new
    }

    fn lay_out(
        &mut self,
        evaluator: &mut Evaluator<'s>,
        shape: &Shape,
        under: Option<&[Literal]>,
        span: Span,
    ) -> Outcome<(Place<'s>, Value<'s>)> {
        Ok(match shape {
            Shape::Never => {
                let nothing = Fault::unsupported(span, "a place that holds nothing");
                (Place::Never, evaluator.caught(nothing)?)
            }
            Shape::Bool => {
                let literal = self.fresh(evaluator, 1, under)[0];
                (Place::Bool, evaluator.symbolic.truth_value(literal))
            }
            Shape::Scalar(all) => {
                let values =
                    all.iter().map(|value| evaluator.traced_value(value, span)).collect::<Outcome<Vec<_>>>()?;
                distinct(&values, span)?;
                let literals = self.one_of(evaluator, values.len(), under);
                let answers = literals.into_iter().zip(&values).map(|(when, value)| (when, value.clone()));
                (Place::Scalar(values.clone()), one_of(evaluator, answers.collect(), span)?)
            }
            Shape::Map(keys, parts) => {
                if keys.len() != parts.len() {
                    return Fault::unsupported(span, "a certificate with a function that lacks a value");
                }
                let mut places: Vec<(Value<'s>, Place<'s>)> = Vec::with_capacity(keys.len());
                let mut values = Vec::with_capacity(keys.len());
                for (key, part) in keys.iter().zip(parts) {
                    let key = evaluator.traced_value(key, span)?;
                    if let Some((before, _)) = places.last()
                        && !or_undefined(compare(before, &key), span)?.is_lt()
                    {
                        return Fault::unsupported(span, "a certificate with arguments in disorder");
                    }
                    let (place, value) = self.lay_out(evaluator, part, under, span)?;
                    places.push((key.clone(), place));
                    values.push((key, value));
                }
                (Place::Map(places), Value::Function(Rc::new(values)))
            }
            Shape::Set(all) => {
                let values =
                    all.iter().map(|value| evaluator.traced_value(value, span)).collect::<Outcome<Vec<_>>>()?;
                distinct(&values, span)?;
                let literals = self.fresh(evaluator, values.len(), under);
                let mut members = Vec::with_capacity(values.len());
                for (value, literal) in values.iter().zip(literals) {
                    evaluator.include(&mut members, value.clone(), literal, span)?;
                }
                (Place::Set(values), evaluator.set_of_possible(members, span)?)
            }
            Shape::Sequence(parts) => {
                let lengths = self.one_of(evaluator, parts.len() + 1, under);
                let (mut places, mut values) = (Vec::new(), Vec::new());
                for (index, part) in parts.iter().enumerate() {
                    let (place, value) = self.lay_out(evaluator, part, Some(&lengths[index + 1..]), span)?;
                    places.push(place);
                    values.push(value);
                }
                let answers = lengths.into_iter().enumerate();
                let answers = answers.map(|(length, when)| (when, Value::tuple(values[..length].iter().cloned())));
                (Place::Sequence(places), one_of(evaluator, answers.collect(), span)?)
            }
            Shape::Union(all) => {
                let tags = self.one_of(evaluator, all.len(), under);
                let (mut places, mut answers) = (Vec::new(), Vec::new());
                for (tag, part) in tags.iter().zip(all) {
                    let (place, value) = self.lay_out(evaluator, part, Some(&[*tag]), span)?;
                    places.push(place);
                    answers.push((*tag, value));
                }
                (Place::Union(places), one_of(evaluator, answers, span)?)
            }
        })
    }

    /// The literals of a state.
    pub(crate) fn encode_state(
        &self,
        evaluator: &mut Evaluator<'s>,
        state: &State<'s>,
        span: Span,
    ) -> Outcome<Encoded> {
        let mut all = Encoded::default();
        let mut outside = FALSE;
        for (value, place) in state.iter().zip(&self.variables) {
            let Some(value) = value else {
                return Fault::undefined(span, "a successor leaves a variable without a value");
            };
            let one = self.encode(evaluator, value, place, span)?;
            all.literals.extend(one.literals);
            all.faults.extend(one.faults);
            outside = evaluator.symbolic.gates.or(outside, one.outside.unwrap_or(FALSE));
        }
        all.outside = Some(outside);
        Ok(all)
    }

    fn width(place: &Place<'s>) -> usize {
        match place {
            Place::Never => 0,
            Place::Bool => 1,
            Place::Scalar(values) => values.len(),
            Place::Map(pairs) => pairs.iter().map(|(_, place)| Self::width(place)).sum(),
            Place::Set(members) => members.len(),
            Place::Sequence(parts) => parts.len() + 1 + parts.iter().map(Self::width).sum::<usize>(),
            Place::Union(parts) => parts.len() + parts.iter().map(Self::width).sum::<usize>(),
        }
    }

    fn encode(
        &self,
        evaluator: &mut Evaluator<'s>,
        value: &Value<'s>,
        place: &Place<'s>,
        span: Span,
    ) -> Outcome<Encoded> {
        let value = evaluator.normal(value, span)?;
        let answers = match &value {
            Value::Open(open) => match **open {
                Open::Whole(question) => evaluator.symbolic.answers(question),
                Open::Members(_) => Rc::new(vec![Answer { when: TRUE, value: Ok(value.clone()) }]),
            },
            _ => Rc::new(vec![Answer { when: TRUE, value: Ok(value.clone()) }]),
        };
        let mut all = Encoded { literals: vec![FALSE; Self::width(place)], outside: None, faults: Vec::new() };
        let mut outside = FALSE;
        for answer in answers.iter() {
            let when = answer.when;
            let value = match &answer.value {
                Ok(value) => value,
                Err(fault) => {
                    all.faults.push((when, fault.clone()));
                    continue;
                }
            };
            let one = self.encode_one(evaluator, value, place, span)?;
            let gates = &mut evaluator.symbolic.gates;
            for (known, literal) in all.literals.iter_mut().zip(one.literals) {
                let here = gates.and(when, literal);
                *known = gates.or(*known, here);
            }
            for (within, fault) in one.faults {
                all.faults.push((gates.and(when, within), fault));
            }
            let here = gates.and(when, one.outside.unwrap_or(TRUE));
            outside = gates.or(outside, here);
        }
        all.outside = Some(outside);
        Ok(all)
    }

    /// The literals of a value that is not one of several. Without any, it has no place.
    fn encode_one(
        &self,
        evaluator: &mut Evaluator<'s>,
        value: &Value<'s>,
        place: &Place<'s>,
        span: Span,
    ) -> Outcome<Encoded> {
        let fits = |literals| Encoded { literals, outside: Some(FALSE), faults: Vec::new() };
        let value = &evaluator.normal(value, span)?;
        match (place, value) {
            (Place::Bool, Value::Bool(truth)) => Ok(fits(vec![Literal::of(*truth)])),
            (Place::Scalar(values), value) => self.encode_scalar(evaluator, value, values, span),
            (Place::Map(pairs), Value::Function(own)) => {
                let mut same = own.len() == pairs.len();
                for ((key, _), (expected, _)) in own.iter().zip(pairs) {
                    same &= is_equal(key, expected);
                }
                if !same {
                    return Ok(Encoded::default());
                }
                let parts = own.iter().zip(pairs).map(|((_, part), (_, place))| (part, place));
                self.encode_parts(evaluator, parts, Vec::new(), span)
            }
            (Place::Set(members), Value::Set(_) | Value::Interval(..) | Value::Open(_)) => {
                let own = evaluator.possible(value, span)?;
                let literal = |candidate: &Value<'s>| {
                    own.iter().find(|(known, _)| is_equal(known, candidate)).map_or(FALSE, |(_, literal)| *literal)
                };
                let literals = members.iter().map(literal).collect();
                let others = own.iter().filter(|(value, _)| !members.iter().any(|member| is_equal(member, value)));
                let others: Vec<Literal> = others.map(|(_, literal)| *literal).collect();
                let outside = evaluator.symbolic.gates.or_all(&others);
                Ok(Encoded { literals, outside: Some(outside), faults: Vec::new() })
            }
            (Place::Sequence(parts), Value::Function(pairs)) => {
                let items = tuple_components(pairs).filter(|items| items.len() <= parts.len());
                let Some(items) = items else { return Ok(Encoded::default()) };
                let lengths = (0..=parts.len()).map(|length| Literal::of(length == items.len())).collect();
                let mut all = self.encode_parts(evaluator, items.iter().copied().zip(parts), lengths, span)?;
                all.literals.resize(Self::width(place), FALSE);
                Ok(all)
            }
            (Place::Union(parts), value) => self.encode_alternative(evaluator, value, parts, span),
            (Place::Never | Place::Bool | Place::Map(_) | Place::Set(_) | Place::Sequence(_), _) => {
                Ok(Encoded::default())
            }
        }
    }

    fn encode_scalar(
        &self,
        evaluator: &mut Evaluator<'s>,
        value: &Value<'s>,
        values: &[Value<'s>],
        span: Span,
    ) -> Outcome<Encoded> {
        let mut all = Encoded { literals: vec![FALSE; values.len()], outside: None, faults: Vec::new() };
        let mut outside = FALSE;
        for answer in evaluator.closings(value, span)? {
            let gates = &mut evaluator.symbolic.gates;
            match answer.value {
                Err(fault) => all.faults.push((answer.when, fault)),
                Ok(value) => match values.iter().position(|known| is_equal(known, &value)) {
                    Some(index) => all.literals[index] = gates.or(all.literals[index], answer.when),
                    None => outside = gates.or(outside, answer.when),
                },
            }
        }
        all.outside = Some(outside);
        Ok(all)
    }

    fn encode_parts<'p>(
        &self,
        evaluator: &mut Evaluator<'s>,
        parts: impl Iterator<Item = (&'p Value<'s>, &'p Place<'s>)>,
        first: Vec<Literal>,
        span: Span,
    ) -> Outcome<Encoded>
    where
        's: 'p,
    {
        let mut all = Encoded { literals: first, outside: None, faults: Vec::new() };
        let mut outside = FALSE;
        for (part, place) in parts {
            let one = self.encode(evaluator, part, place, span)?;
            all.literals.extend(one.literals);
            all.faults.extend(one.faults);
            outside = evaluator.symbolic.gates.or(outside, one.outside.unwrap_or(TRUE));
        }
        all.outside = Some(outside);
        Ok(all)
    }

    /// The first alternative that the value fits in.
    fn encode_alternative(
        &self,
        evaluator: &mut Evaluator<'s>,
        value: &Value<'s>,
        parts: &[Place<'s>],
        span: Span,
    ) -> Outcome<Encoded> {
        let (mut tags, mut literals, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        let mut open = TRUE;
        for part in parts {
            let one = self.encode_one(evaluator, value, part, span)?;
            let gates = &mut evaluator.symbolic.gates;
            let outside = one.outside.unwrap_or(TRUE);
            let here = gates.and(open, !outside);
            open = gates.and(open, outside);
            tags.push(here);
            let own: Vec<Literal> = one.literals.into_iter().map(|literal| gates.and(here, literal)).collect();
            let width = Self::width(part);
            literals.extend(own.into_iter().chain(std::iter::repeat(FALSE)).take(width));
            // What has no value fits nowhere, so that it is the first alternative's.
            faults.extend(one.faults);
        }
        tags.extend(literals);
        Ok(Encoded { literals: tags, outside: Some(open), faults })
    }
}

/// One of several values.
fn one_of<'s>(evaluator: &mut Evaluator<'s>, all: Vec<(Literal, Value<'s>)>, span: Span) -> Outcome<Value<'s>> {
    let answers = all.into_iter().map(|(when, value)| Answer { when, value: Ok(value) }).collect();
    evaluator.merged(answers, span)
}

/// Fails if a value occurs twice, so that no value has two literals.
fn distinct<'s>(values: &[Value<'s>], span: Span) -> Outcome<()> {
    for (index, value) in values.iter().enumerate() {
        if values[..index].iter().any(|known| is_equal(known, value)) {
            return Fault::unsupported(span, "a certificate that names a value twice");
        }
    }
    Ok(())
}

/// Whether two decided values are equal; those that cannot be compared are not.
fn is_equal<'s>(a: &Value<'s>, b: &Value<'s>) -> bool {
    compare(a, b).is_ok_and(std::cmp::Ordering::is_eq)
}
