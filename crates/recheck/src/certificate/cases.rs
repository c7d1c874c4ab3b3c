//! Values in cases: what an expression can be, and when.
//!
//! In a state that is not decided, a value is *open*: a list of answers, each with a literal that says when it is the one.
//! Of the answers of one question exactly one holds wherever the value means anything. Functions stay functions and sets
//! stay lists of possible elements, so that what is open is as small as it can be.
//!
//! An operation that is defined on decided values is lifted to open ones by its own definition ([`Evaluator::lift`]): it is
//! tried; where it needs an answer it says so, the question is answered in every way, and the results are merged
//! ([`Evaluator::merged`]). So every operator means here what it means in a replay, and nothing is defined twice.

use super::gates::{FALSE, Gates, Literal, TRUE};
use super::merge::is_same_outcome;
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome, Question};
use crate::value::{Member, Open, SymbolicSet, Value};
use std::collections::HashMap;
use std::rc::Rc;
use tla_syntax::Span;

/// A value with the condition under which it is the one.
#[derive(Clone)]
pub(crate) struct Answer<'s> {
    pub(crate) when: Literal,
    pub(crate) value: Outcome<Value<'s>>,
}

/// Possible elements, in order, with the literals that say whether they are.
pub(crate) type Possible<'s> = Vec<(Value<'s>, Literal)>;

/// When a formula is true, and when it has no value.
pub(crate) struct Truth {
    pub(crate) when: Literal,
    pub(crate) undefined: Literal,
    /// Why, if it may have none.
    pub(crate) fault: Option<Fault>,
}

impl Truth {
    pub(crate) fn of(when: Literal) -> Self {
        Self { when, undefined: FALSE, fault: None }
    }
}

/// Most cases of a check.
const MOST_CASES: u64 = 30_000_000;

/// What is known of values that are not decided.
#[derive(Default)]
pub(crate) struct Symbolic<'s> {
    /// Whether values may be open.
    pub(crate) is_on: bool,
    pub(crate) gates: Gates,
    questions: Vec<Rc<Vec<Answer<'s>>>>,
    /// Questions by the conditions of their answers.
    alike: HashMap<Vec<Literal>, Vec<usize>>,
    /// Answers that are supposed at present.
    pub(crate) given: HashMap<usize, usize>,
    /// What holds on the way through an action.
    pub(crate) path: Literal,
    /// Whether `x' \in S` is a free choice; else every element is an alternative.
    pub(crate) is_free: bool,
    /// What may be undefined on the way, and when.
    pub(crate) faults: Vec<(Literal, Fault)>,
    /// States that were reached by a walk.
    pub(crate) reached: Vec<super::walk::Reached<'s>>,
    /// Cases that were looked at.
    pub(crate) cases: u64,
    /// Whether to stop.
    pub(crate) stop: Option<&'s (dyn Fn() -> bool + Sync)>,
}

impl<'s> Symbolic<'s> {
    /// The question with these answers; equal questions are one.
    pub(crate) fn question(&mut self, answers: Vec<Answer<'s>>) -> usize {
        let key: Vec<Literal> = answers.iter().map(|answer| answer.when).collect();
        let alike = self.alike.entry(key).or_default();
        for known in alike.iter() {
            if self.questions[*known].iter().zip(&answers).all(|(a, b)| is_same_outcome(&a.value, &b.value)) {
                return *known;
            }
        }
        self.questions.push(Rc::new(answers));
        alike.push(self.questions.len() - 1);
        self.questions.len() - 1
    }

    /// The answers of a question.
    pub(crate) fn answers(&self, question: usize) -> Rc<Vec<Answer<'s>>> {
        self.questions[question].clone()
    }

    /// Whether a literal is true, as a value.
    pub(crate) fn truth_value(&mut self, literal: Literal) -> Value<'s> {
        match literal {
            TRUE => Value::Bool(true),
            FALSE => Value::Bool(false),
            _ => Value::Open(Rc::new(Open::Whole(self.truth_question(literal)))),
        }
    }

    fn truth_question(&mut self, literal: Literal) -> usize {
        let answer = |when, truth| Answer { when, value: Ok(Value::Bool(truth)) };
        self.question(vec![answer(literal, true), answer(!literal, false)])
    }

    /// Whether something is an element, given the literal that says so.
    pub(crate) fn member(&mut self, literal: Literal) -> Member {
        match literal {
            TRUE => Member::In,
            FALSE => Member::Out,
            _ => Member::Asked(self.truth_question(literal)),
        }
    }

    /// The literal that says whether something is an element.
    pub(crate) fn literal(&self, member: Member) -> Literal {
        match member {
            Member::In => TRUE,
            Member::Out => FALSE,
            Member::Asked(question) => self.questions[question].first().map_or(FALSE, |answer| answer.when),
        }
    }
}

impl<'s> Evaluator<'s> {
    /// Lifts an operation on decided values to values that may be open.
    pub(crate) fn lift(
        &mut self,
        values: &[Value<'s>],
        span: Span,
        operation: &mut dyn FnMut(&mut Self, &[Value<'s>]) -> Outcome<Value<'s>>,
    ) -> Outcome<Value<'s>> {
        let mut found = Vec::new();
        self.cases(values, TRUE, span, operation, &mut found)?;
        self.merged(found, span)
    }

    /// The results of an operation in all cases that it tells apart.
    pub(crate) fn cases(
        &mut self,
        values: &[Value<'s>],
        when: Literal,
        span: Span,
        operation: &mut dyn FnMut(&mut Self, &[Value<'s>]) -> Outcome<Value<'s>>,
        found: &mut Vec<Answer<'s>>,
    ) -> Outcome<()> {
        self.symbolic.cases += 1;
        if self.symbolic.cases > MOST_CASES {
            return Fault::too_large(span, format!("more than {MOST_CASES} cases"));
        }
        if self.symbolic.cases.is_multiple_of(1024) && self.symbolic.stop.is_some_and(|stop| stop()) {
            return Fault::too_large(span, "the check was stopped");
        }
        let question = match operation(self, values) {
            Err(Fault::Asks { question: Question::Place(question), .. }) => question,
            value => {
                found.push(Answer { when, value });
                return Ok(());
            }
        };
        if self.symbolic.given.contains_key(&question) {
            return Fault::unsupported(span, "a question that its answer does not settle");
        }
        for (index, answer) in self.symbolic.answers(question).iter().enumerate() {
            let when = self.symbolic.gates.and(when, answer.when);
            match &answer.value {
                _ if when == FALSE => {}
                Err(fault) => found.push(Answer { when, value: Err(fault.clone()) }),
                Ok(_) => {
                    self.symbolic.given.insert(question, index);
                    let inner = values.iter().map(|value| self.resolved(value, span)).collect::<Outcome<Vec<_>>>();
                    let outcome = inner.and_then(|inner| self.cases(&inner, when, span, operation, found));
                    self.symbolic.given.remove(&question);
                    outcome?;
                }
            }
        }
        Ok(())
    }

    /// A value with the answers that are supposed at present.
    pub(crate) fn resolved(&mut self, value: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        if self.symbolic.given.is_empty() {
            return Ok(value.clone());
        }
        match value {
            Value::Open(open) => match &**open {
                Open::Whole(question) => match self.symbolic.given.get(question) {
                    Some(index) => match &self.symbolic.answers(*question)[*index].value {
                        Ok(value) => self.resolved(value, span),
                        Err(fault) => Err(fault.clone()),
                    },
                    None => Ok(value.clone()),
                },
                Open::Members(members) => {
                    let given = |member: Member| match member {
                        Member::Asked(question) => match self.symbolic.given.get(&question) {
                            Some(0) => Member::In,
                            Some(_) => Member::Out,
                            None => member,
                        },
                        Member::In | Member::Out => member,
                    };
                    let members = members.iter().map(|(value, member)| (value.clone(), given(*member))).collect();
                    Self::members(members, span)
                }
            },
            Value::Function(pairs) if !is_decided(value) => {
                let pair = |(key, part): &(Value<'s>, Value<'s>)| Ok((key.clone(), self.resolved(part, span)?));
                Ok(Value::Function(Rc::new(pairs.iter().map(pair).collect::<Outcome<_>>()?)))
            }
            Value::Symbolic(symbolic) => self.resolved_set(symbolic, span),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Text(_)
            | Value::Model(_)
            | Value::Set(_)
            | Value::Interval(..)
            | Value::Function(_)
            | Value::Closure(_) => Ok(value.clone()),
        }
    }

    fn resolved_set(&mut self, symbolic: &Rc<SymbolicSet<'s>>, span: Span) -> Outcome<Value<'s>> {
        let mut two = |a: &Value<'s>, b: &Value<'s>| Ok((self.resolved(a, span)?, self.resolved(b, span)?));
        Ok(Value::symbolic(match &**symbolic {
            SymbolicSet::Sequences(of) => SymbolicSet::Sequences(self.resolved(of, span)?),
            SymbolicSet::Powerset(of) => SymbolicSet::Powerset(self.resolved(of, span)?),
            SymbolicSet::Functions(a, b) => two(a, b).map(|(a, b)| SymbolicSet::Functions(a, b))?,
            SymbolicSet::Union(a, b) => two(a, b).map(|(a, b)| SymbolicSet::Union(a, b))?,
            SymbolicSet::Intersection(a, b) => two(a, b).map(|(a, b)| SymbolicSet::Intersection(a, b))?,
            SymbolicSet::Difference(a, b) => two(a, b).map(|(a, b)| SymbolicSet::Difference(a, b))?,
            SymbolicSet::Records(fields) => {
                let field = |(name, set): &(Value<'s>, Value<'s>)| Ok((name.clone(), self.resolved(set, span)?));
                SymbolicSet::Records(fields.iter().map(field).collect::<Outcome<_>>()?)
            }
            SymbolicSet::Product(sets) => {
                SymbolicSet::Product(sets.iter().map(|set| self.resolved(set, span)).collect::<Outcome<_>>()?)
            }
            SymbolicSet::Unordered(all) => {
                SymbolicSet::Unordered(all.iter().map(|one| self.resolved(one, span)).collect::<Outcome<_>>()?)
            }
            SymbolicSet::Naturals
            | SymbolicSet::Integers
            | SymbolicSet::Reals
            | SymbolicSet::Strings
            | SymbolicSet::Any
            | SymbolicSet::Filter { .. } => return Ok(Value::Symbolic(symbolic.clone())),
        }))
    }

    /// A result as a value that has it.
    pub(crate) fn caught(&mut self, outcome: Outcome<Value<'s>>) -> Outcome<Value<'s>> {
        match outcome {
            Ok(value) => Ok(value),
            Err(fault @ Fault::Asks { .. }) => Err(fault),
            Err(fault) => {
                let question = self.symbolic.question(vec![Answer { when: TRUE, value: Err(fault) }]);
                Ok(Value::Open(Rc::new(Open::Whole(question))))
            }
        }
    }

    /// When a result is `TRUE`.
    pub(crate) fn truth_of(&mut self, outcome: Outcome<Value<'s>>, span: Span) -> Outcome<Truth> {
        let (mut when, mut undefined, mut reason) = (FALSE, FALSE, None);
        let answers = match outcome {
            Err(fault @ Fault::Asks { .. }) => return Err(fault),
            Ok(Value::Open(open)) => match &*open {
                Open::Whole(question) => self.symbolic.answers(*question),
                Open::Members(_) => Rc::new(vec![Answer { when: TRUE, value: Ok(Value::Open(open)) }]),
            },
            value => Rc::new(vec![Answer { when: TRUE, value }]),
        };
        for answer in answers.iter() {
            let fault = match &answer.value {
                Ok(Value::Bool(true)) => {
                    when = self.symbolic.gates.or(when, answer.when);
                    continue;
                }
                Ok(Value::Bool(false)) => continue,
                Ok(other) => {
                    Fault::Undefined { message: format!("a boolean was expected here, not {}", other.kind()), span }
                }
                Err(fault) => fault.clone(),
            };
            undefined = self.symbolic.gates.or(undefined, answer.when);
            fault.join(&mut reason);
        }
        Ok(Truth { when, undefined, fault: reason })
    }

    /// A truth value as a value.
    pub(crate) fn value_of(&mut self, truth: Truth) -> Outcome<Value<'s>> {
        let Truth { when, undefined, fault } = truth;
        let Some(fault) = fault.filter(|_| undefined != FALSE) else {
            return Ok(self.symbolic.truth_value(when));
        };
        if undefined == TRUE {
            return Err(fault);
        }
        let neither = self.symbolic.gates.and(!when, !undefined);
        let answers = [(when, Ok(Value::Bool(true))), (neither, Ok(Value::Bool(false))), (undefined, Err(fault))];
        let answers = answers.into_iter().filter(|(when, _)| *when != FALSE);
        let answers = answers.map(|(when, value)| Answer { when, value }).collect();
        Ok(Value::Open(Rc::new(Open::Whole(self.symbolic.question(answers)))))
    }

    /// All decided values that a value can be.
    pub(crate) fn closings(&mut self, value: &Value<'s>, span: Span) -> Outcome<Vec<Answer<'s>>> {
        let mut found = Vec::new();
        let values = std::slice::from_ref(value);
        self.cases(values, TRUE, span, &mut |this, values| this.decided(&values[0], span), &mut found)?;
        Ok(found)
    }

    /// The value, if all of it is decided.
    pub(crate) fn decided(&mut self, value: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let value = self.normal(value, span)?;
        Fault::unless_wholly_decided(&value, span)?;
        Ok(value)
    }

    /// The possible elements of a finite set, in order, each with the literal that says whether it is one.
    pub(crate) fn possible(&mut self, set: &Value<'s>, span: Span) -> Outcome<Possible<'s>> {
        if let Value::Open(open) = set
            && let Open::Members(members) = &**open
        {
            let mut all = Vec::with_capacity(members.len());
            for (value, member) in members {
                let literal = self.symbolic.literal(*member);
                self.include(&mut all, value.clone(), literal, span)?;
            }
            return Ok(all);
        }
        if let Value::Symbolic(symbolic) = set
            && let SymbolicSet::Powerset(base) = &**symbolic
            && matches!(base, Value::Open(_))
        {
            return self.possible_subsets(base, span);
        }
        Ok(self.list(set, span)?.iter().map(|element| (element.clone(), TRUE)).collect())
    }

    /// The subsets of a set, each with the condition that all its elements are in the set.
    fn possible_subsets(&mut self, base: &Value<'s>, span: Span) -> Outcome<Possible<'s>> {
        let elements = self.possible(base, span)?;
        let whole = Value::sorted_set(elements.iter().map(|(element, _)| element.clone()).collect());
        let subsets = self.list(&Value::symbolic(SymbolicSet::Powerset(whole)), span)?;
        let mut all = Vec::with_capacity(subsets.len());
        for subset in subsets.iter() {
            let mut when = TRUE;
            for member in self.list(subset, span)?.iter() {
                let found =
                    crate::sets::or_undefined(crate::order::search(&elements, member, |(known, _)| known), span)?;
                if let Ok(index) = found {
                    when = self.symbolic.gates.and(when, elements[index].1);
                }
            }
            all.push((subset.clone(), when));
        }
        Ok(all)
    }

    /// Adds a possible element to others, which are in order.
    pub(crate) fn include(
        &mut self,
        all: &mut Possible<'s>,
        value: Value<'s>,
        when: Literal,
        span: Span,
    ) -> Outcome<()> {
        let found = crate::sets::or_undefined(crate::order::search(all, &value, |(known, _)| known), span)?;
        match found {
            Ok(index) => all[index].1 = self.symbolic.gates.or(all[index].1, when),
            Err(index) => all.insert(index, (value, when)),
        }
        Ok(())
    }

    /// The set of these possible elements.
    pub(crate) fn set_of_possible(&mut self, all: Possible<'s>, span: Span) -> Outcome<Value<'s>> {
        let members = all.into_iter().map(|(value, when)| (value, self.symbolic.member(when))).collect();
        Self::members(members, span)
    }
}

/// Whether nothing of a value is open.
pub(crate) fn is_decided(value: &Value<'_>) -> bool {
    match value {
        Value::Open(_) => false,
        Value::Function(pairs) => pairs.iter().all(|(_, part)| is_decided(part)),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Text(_)
        | Value::Model(_)
        | Value::Set(_)
        | Value::Interval(..)
        | Value::Symbolic(_)
        | Value::Closure(_) => true,
    }
}
