//! One value for several cases.
//!
//! Truth values become one gate, functions with the same arguments are merged argument by argument, sets element by
//! element; only what is different in kind stays an alternative of an open value.

use super::cases::Answer;
use super::gates::{FALSE, Literal};
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::order::compare;
use crate::value::{Open, Pairs, SymbolicSet, Value};
use std::rc::Rc;
use tla_syntax::Span;

impl<'s> Evaluator<'s> {
    /// One value for several cases.
    pub(crate) fn merged(&mut self, found: Vec<Answer<'s>>, span: Span) -> Outcome<Value<'s>> {
        let mut flat: Vec<Answer<'s>> = Vec::with_capacity(found.len());
        for answer in found {
            let Ok(Value::Open(open)) = &answer.value else {
                flat.push(answer);
                continue;
            };
            let Open::Whole(question) = **open else {
                flat.push(answer);
                continue;
            };
            for inner in self.symbolic.answers(question).iter() {
                let when = self.symbolic.gates.and(answer.when, inner.when);
                flat.push(Answer { when, value: inner.value.clone() });
            }
        }
        flat.retain(|answer| answer.when != FALSE);
        let mut sorts = Sorts::default();
        for answer in flat {
            sorts.add(self, answer, span)?;
        }
        let answers = sorts.answers(self, span)?;
        let mut answers = answers.into_iter();
        match (answers.next(), answers.next()) {
            (None, _) => Fault::unsupported(span, "a value where nothing leads"),
            (Some(only), None) => only.value,
            (Some(first), Some(second)) => {
                let answers: Vec<Answer<'s>> = [first, second].into_iter().chain(answers).collect();
                if let [Answer { when, value: Ok(Value::Bool(true)) }, Answer { value: Ok(Value::Bool(false)), .. }] =
                    answers[..]
                {
                    return Ok(self.symbolic.truth_value(when));
                }
                Ok(Value::Open(Rc::new(Open::Whole(self.symbolic.question(answers)))))
            }
        }
    }
}

/// Answers that can become one, together.
#[derive(Default)]
struct Sorts<'s> {
    yes: Vec<Literal>,
    no: Vec<Literal>,
    others: Vec<(Vec<Literal>, Value<'s>)>,
    functions: Vec<Vec<(Literal, Pairs<'s>)>>,
    sets: Vec<(Literal, Value<'s>)>,
    faulty: Vec<Literal>,
    fault: Option<Fault>,
}

impl<'s> Sorts<'s> {
    fn add(&mut self, evaluator: &mut Evaluator<'s>, answer: Answer<'s>, span: Span) -> Outcome<()> {
        let Answer { when, value } = answer;
        let value = match value {
            Err(fault @ Fault::Asks { .. }) => return Err(fault),
            Err(fault) => {
                fault.join(&mut self.fault);
                self.faulty.push(when);
                return Ok(());
            }
            Ok(value) => value,
        };
        match &value {
            Value::Bool(true) => self.yes.push(when),
            Value::Bool(false) => self.no.push(when),
            Value::Function(pairs) => {
                let keys = |other: &Pairs<'s>| {
                    other.len() == pairs.len() && other.iter().zip(pairs.iter()).all(|(a, b)| is_same(&a.0, &b.0))
                };
                match self.functions.iter_mut().find(|group| group.iter().any(|(_, other)| keys(other))) {
                    Some(group) => group.push((when, pairs.clone())),
                    None => self.functions.push(vec![(when, pairs.clone())]),
                }
            }
            Value::Set(_) | Value::Interval(..) | Value::Open(_) => self.sets.push((when, value)),
            Value::Int(_) | Value::Text(_) | Value::Model(_) | Value::Symbolic(_) | Value::Closure(_) => {
                match self.others.iter_mut().find(|(_, known)| is_same(known, &value)) {
                    Some((whens, _)) => whens.push(when),
                    None => self.others.push((vec![when], value)),
                }
            }
        }
        evaluator.step(span)
    }

    fn answers(self, evaluator: &mut Evaluator<'s>, span: Span) -> Outcome<Vec<Answer<'s>>> {
        let mut answers = Vec::new();
        let mut push = |evaluator: &mut Evaluator<'s>, whens: &[Literal], value| {
            let when = evaluator.symbolic.gates.or_all(whens);
            if when != FALSE {
                answers.push(Answer { when, value });
            }
        };
        push(evaluator, &self.yes, Ok(Value::Bool(true)));
        push(evaluator, &self.no, Ok(Value::Bool(false)));
        for (whens, value) in self.others {
            push(evaluator, &whens, Ok(value));
        }
        for group in self.functions {
            let whens: Vec<Literal> = group.iter().map(|(when, _)| *when).collect();
            let value = one_function(evaluator, group, span)?;
            push(evaluator, &whens, Ok(value));
        }
        match one_set(evaluator, &self.sets, span) {
            Ok(Some(value)) => {
                let whens: Vec<Literal> = self.sets.iter().map(|(when, _)| *when).collect();
                push(evaluator, &whens, Ok(value));
            }
            Ok(None) => {}
            // Elements that cannot be compared: each set for itself.
            Err(Fault::Undefined { .. }) => {
                for (when, value) in self.sets {
                    push(evaluator, &[when], Ok(value));
                }
            }
            Err(fault) => return Err(fault),
        }
        if let Some(fault) = self.fault {
            push(evaluator, &self.faulty, Err(fault));
        }
        Ok(answers)
    }
}

fn one_function<'s>(evaluator: &mut Evaluator<'s>, group: Vec<(Literal, Pairs<'s>)>, span: Span) -> Outcome<Value<'s>> {
    if let [(_, only)] = &group[..] {
        return Ok(Value::Function(only.clone()));
    }
    let Some((_, first)) = group.first() else { return Fault::unsupported(span, "no function") };
    let mut pairs = Vec::with_capacity(first.len());
    for (index, (key, part)) in first.iter().enumerate() {
        if group.iter().all(|(_, other)| is_same(&other[index].1, part)) {
            pairs.push((key.clone(), part.clone()));
            continue;
        }
        let parts = group.iter().map(|(when, other)| Answer { when: *when, value: Ok(other[index].1.clone()) });
        let part = evaluator.merged(parts.collect(), span);
        pairs.push((key.clone(), evaluator.caught(part)?));
    }
    Ok(Value::Function(Rc::new(pairs)))
}

fn one_set<'s>(evaluator: &mut Evaluator<'s>, sets: &[(Literal, Value<'s>)], span: Span) -> Outcome<Option<Value<'s>>> {
    match sets {
        [] => Ok(None),
        [(_, only)] => Ok(Some(only.clone())),
        _ => {
            let mut all = Vec::new();
            for (when, set) in sets {
                for (element, is_in) in evaluator.possible(set, span)? {
                    let when = evaluator.symbolic.gates.and(*when, is_in);
                    evaluator.include(&mut all, element, when, span)?;
                }
            }
            evaluator.set_of_possible(all, span).map(Some)
        }
    }
}

/// Whether two results are the same for certain.
pub(crate) fn is_same_outcome<'s>(a: &Outcome<Value<'s>>, b: &Outcome<Value<'s>>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => is_same(a, b),
        (Err(a), Err(b)) => a == b,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

/// Whether two values are the same for certain.
pub(crate) fn is_same<'s>(a: &Value<'s>, b: &Value<'s>) -> bool {
    match (a, b) {
        (Value::Open(a), Value::Open(b)) => match (&**a, &**b) {
            (Open::Whole(a), Open::Whole(b)) => a == b,
            (Open::Members(a), Open::Members(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.1 == b.1 && is_same(&a.0, &b.0))
            }
            (Open::Whole(_), Open::Members(_)) | (Open::Members(_), Open::Whole(_)) => false,
        },
        (Value::Function(a), Value::Function(b)) => {
            Rc::ptr_eq(a, b)
                || a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_same(&a.0, &b.0) && is_same(&a.1, &b.1))
        }
        (Value::Symbolic(a), Value::Symbolic(b)) => Rc::ptr_eq(a, b) || is_same_set(a, b),
        (Value::Closure(a), Value::Closure(b)) => Rc::ptr_eq(a, b),
        (Value::Set(a), Value::Set(b)) if Rc::ptr_eq(a, b) => true,
        (Value::Open(_), _) | (_, Value::Open(_)) => false,
        (a, b) => compare(a, b).is_ok_and(std::cmp::Ordering::is_eq),
    }
}

fn is_same_set<'s>(a: &SymbolicSet<'s>, b: &SymbolicSet<'s>) -> bool {
    match (a, b) {
        (SymbolicSet::Naturals, SymbolicSet::Naturals)
        | (SymbolicSet::Integers, SymbolicSet::Integers)
        | (SymbolicSet::Strings, SymbolicSet::Strings) => true,
        (SymbolicSet::Sequences(a), SymbolicSet::Sequences(b))
        | (SymbolicSet::Powerset(a), SymbolicSet::Powerset(b)) => is_same(a, b),
        (SymbolicSet::Functions(a, b), SymbolicSet::Functions(c, d)) => is_same(a, c) && is_same(b, d),
        // Told apart where that is not certain: one more answer to a question.
        (_, _) => false,
    }
}
