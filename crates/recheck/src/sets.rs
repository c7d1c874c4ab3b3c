//! Sets: membership, listing, normal forms, and the operators on sets.
//!
//! A set can be asked for membership whenever its description allows it (`3 \in Nat \ {0}`), and listed only if it is
//! finite. Listing yields the elements in the order of `order`, lazily: `\E S \in SUBSET (1..40) : …` need not make
//! 2^40 sets. What TLC cannot decide has no value: `"a" \in 1..2` and `\E n \in Nat : …` are errors.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome, Question};
use crate::order::{self, Incomparable, compare, integers, search};
use crate::value::{Elements, Member, Open, Pairs, SymbolicSet, Value, record_fields, tuple_components};
use num_bigint::BigInt;
use num_traits::{One, Pow, ToPrimitive, Zero};
use std::rc::Rc;
use tla_syntax::Span;

/// The elements of a finite set, in order.
pub(crate) type Listing<'s> = Box<dyn Iterator<Item = Value<'s>> + 's>;

/// Turns a comparison's outcome into an evaluation's.
pub(crate) fn or_undefined<T>(outcome: Result<T, Incomparable>, span: Span) -> Outcome<T> {
    outcome.or_else(|Incomparable { words, asks }| match asks {
        Some(question) => Err(Fault::Asks { question: Question::Place(question), span }),
        None => Fault::undefined(span, words),
    })
}

impl<'s> Evaluator<'s> {
    /// Whether a set can be listed.
    pub(crate) fn is_finite(&self, set: &Value<'s>) -> bool {
        match set {
            Value::Set(_) | Value::Interval(..) => true,
            Value::Symbolic(symbolic) => match &**symbolic {
                SymbolicSet::Naturals
                | SymbolicSet::Integers
                | SymbolicSet::Reals
                | SymbolicSet::Strings
                | SymbolicSet::Any
                | SymbolicSet::Sequences(_)
                | SymbolicSet::Filter { .. }
                | SymbolicSet::Intersection(..)
                | SymbolicSet::Difference(..)
                | SymbolicSet::Unordered(_) => false,
                SymbolicSet::Powerset(base) => self.is_finite(base),
                SymbolicSet::Functions(domain, range) => self.is_finite(domain) && self.is_finite(range),
                SymbolicSet::Records(fields) => fields.iter().all(|(_, set)| self.is_finite(set)),
                SymbolicSet::Product(sets) => sets.iter().all(|set| self.is_finite(set)),
                SymbolicSet::Union(left, right) => self.is_finite(left) && self.is_finite(right),
            },
            Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Model(_) => false,
            Value::Function(_) | Value::Closure(_) => false,
            // A set of a state is finite; anything else fails where it is listed.
            Value::Open(_) => true,
        }
    }

    /// The elements of a finite set, in order.
    pub(crate) fn elements(&mut self, set: &Value<'s>, span: Span) -> Outcome<Listing<'s>> {
        match set {
            Value::Set(elements) => {
                let elements = elements.clone();
                Ok(Box::new((0..elements.len()).map(move |index| elements[index].clone())))
            }
            Value::Interval(low, high) => Ok(Box::new(integers(low.clone(), high.clone()))),
            Value::Symbolic(symbolic) => self.symbolic_elements(&symbolic.clone(), span),
            Value::Open(open) => Err(Fault::Asks { question: Question::Place(open.question()), span }),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Text(_)
            | Value::Model(_)
            | Value::Function(_)
            | Value::Closure(_) => Fault::undefined(span, format!("a set was expected here, not {}", set.kind())),
        }
    }

    fn symbolic_elements(&mut self, symbolic: &Rc<SymbolicSet<'s>>, span: Span) -> Outcome<Listing<'s>> {
        match &**symbolic {
            SymbolicSet::Naturals
            | SymbolicSet::Integers
            | SymbolicSet::Reals
            | SymbolicSet::Strings
            | SymbolicSet::Any
            | SymbolicSet::Sequences(_)
            | SymbolicSet::Filter { .. }
            | SymbolicSet::Intersection(..)
            | SymbolicSet::Difference(..) => Fault::undefined(span, "the elements of this set cannot be listed"),
            SymbolicSet::Unordered(_) => Fault::undefined(span, "the elements of this set cannot be compared"),
            SymbolicSet::Powerset(base) => {
                let base = self.list(base, span)?;
                Ok(Box::new((0..=base.len()).flat_map(move |size| subsets(base.clone(), size))))
            }
            SymbolicSet::Functions(domain, range) => {
                let keys = self.list(domain, span)?;
                let choices = if keys.is_empty() { Rc::default() } else { self.list(range, span)? };
                Ok(Box::new(functions(keys.clone(), vec![choices; keys.len()])))
            }
            SymbolicSet::Records(fields) => {
                let keys = fields.iter().map(|(name, _)| name.clone()).collect();
                let choices = fields.iter().map(|(_, set)| self.list(set, span)).collect::<Outcome<_>>()?;
                Ok(Box::new(functions(Rc::new(keys), choices)))
            }
            SymbolicSet::Product(sets) => {
                let keys = (1..=sets.len()).map(Value::int).collect();
                let choices = sets.iter().map(|set| self.list(set, span)).collect::<Outcome<_>>()?;
                Ok(Box::new(functions(Rc::new(keys), choices)))
            }
            SymbolicSet::Union(left, right) => {
                let (left, right) = (self.list(left, span)?, self.list(right, span)?);
                let merged = or_undefined(order::merge(left.to_vec(), right.to_vec()), span)?;
                Ok(Box::new(merged.into_iter()))
            }
        }
    }

    /// All elements of a finite set at once.
    pub(crate) fn list(&mut self, set: &Value<'s>, span: Span) -> Outcome<Elements<'s>> {
        if let Value::Set(elements) = set {
            return Ok(elements.clone());
        }
        let mut list = Vec::new();
        for element in self.elements(set, span)? {
            self.step(span)?;
            self.room(list.len(), span)?;
            list.push(element);
        }
        Ok(Rc::new(list))
    }

    /// Number of elements, without listing them where their number is known otherwise.
    pub(crate) fn cardinality(&mut self, set: &Value<'s>, span: Span) -> Outcome<BigInt> {
        let Value::Symbolic(symbolic) = set else {
            Fault::unless_decided(set, span)?;
            return match set {
                Value::Interval(low, high) => Ok(high - low + 1),
                other => Ok(self.list(other, span)?.len().into()),
            };
        };
        let power = |base: BigInt, exponent: &BigInt| match exponent.to_u32() {
            Some(exponent) if exponent < 100_000 => Ok(base.pow(exponent)),
            Some(_) | None => Fault::too_large(span, "the number of elements of this set"),
        };
        match &**symbolic {
            SymbolicSet::Powerset(base) => power(BigInt::from(2), &self.cardinality(base, span)?),
            SymbolicSet::Functions(domain, range) => {
                let arguments = self.cardinality(domain, span)?;
                if arguments.is_zero() { Ok(BigInt::one()) } else { power(self.cardinality(range, span)?, &arguments) }
            }
            SymbolicSet::Product(sets) => {
                sets.iter().try_fold(BigInt::one(), |product, set| Ok(product * self.cardinality(set, span)?))
            }
            SymbolicSet::Records(fields) => {
                fields.iter().try_fold(BigInt::one(), |product, (_, set)| Ok(product * self.cardinality(set, span)?))
            }
            _ => Ok(self.list(set, span)?.len().into()),
        }
    }

    /// The set of some values, in normal form. Values that cannot be compared leave a set that knows membership only.
    pub(crate) fn set_of(&mut self, values: Vec<Value<'s>>, span: Span) -> Outcome<Value<'s>> {
        let normal: Vec<_> = values.iter().map(|value| self.normal(value, span)).collect::<Outcome<_>>()?;
        Ok(match order::sort(normal) {
            Ok(sorted) => Value::sorted_set(sorted),
            Err(Incomparable { asks: Some(question), .. }) => {
                return Err(Fault::Asks { question: Question::Place(question), span });
            }
            Err(_) => Value::symbolic(SymbolicSet::Unordered(values)),
        })
    }

    /// The same where TLC sorts at once.
    pub(crate) fn normal_set(&mut self, values: Vec<Value<'s>>, span: Span) -> Outcome<Value<'s>> {
        let normal = values.iter().map(|value| self.normal(value, span)).collect::<Outcome<_>>()?;
        Ok(Value::sorted_set(or_undefined(order::sort(normal), span)?))
    }

    /// The value with all its finite parts listed.
    pub(crate) fn normal(&mut self, value: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        match value {
            Value::Bool(_)
            | Value::Int(_)
            | Value::Text(_)
            | Value::Model(_)
            | Value::Set(_)
            | Value::Interval(..)
            | Value::Open(_) => Ok(value.clone()),
            Value::Symbolic(_) if self.is_finite(value) => Ok(Value::Set(self.list(value, span)?)),
            Value::Symbolic(symbolic) => {
                if let SymbolicSet::Unordered(_) = &**symbolic {
                    return Fault::undefined(span, "the elements of this set cannot be compared");
                }
                Ok(value.clone())
            }
            Value::Function(pairs) => {
                if pairs.iter().all(|(_, value)| is_plain(value)) {
                    return Ok(value.clone());
                }
                let pair = |(key, value): &(Value<'s>, Value<'s>)| Ok((key.clone(), self.normal(value, span)?));
                Ok(Value::Function(Rc::new(pairs.iter().map(pair).collect::<Outcome<_>>()?)))
            }
            Value::Closure(closure) if self.is_finite(&closure.domain) => {
                let pairs = self.all_pairs(closure, span)?;
                self.normal(&Value::Function(pairs), span)
            }
            Value::Closure(_) => Ok(value.clone()),
        }
    }

    /// Whether two values are equal.
    pub(crate) fn equal(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<bool> {
        if let (Value::Symbolic(left), Value::Symbolic(right)) = (left, right)
            && let (SymbolicSet::Powerset(left), SymbolicSet::Powerset(right)) = (&**left, &**right)
        {
            return self.equal(left, right, span);
        }
        let (left, right) = (self.normal(left, span)?, self.normal(right, span)?);
        if let (Value::Symbolic(left), Value::Symbolic(right)) = (&left, &right) {
            return self.equal_descriptions(left, right, span);
        }
        or_undefined(compare(&left, &right), span).map(std::cmp::Ordering::is_eq)
    }

    /// Equality of sets that cannot be listed: decided where the descriptions are the same.
    fn equal_descriptions(&mut self, left: &SymbolicSet<'s>, right: &SymbolicSet<'s>, span: Span) -> Outcome<bool> {
        match (left, right) {
            (SymbolicSet::Naturals, SymbolicSet::Naturals)
            | (SymbolicSet::Integers, SymbolicSet::Integers)
            | (SymbolicSet::Reals, SymbolicSet::Reals)
            | (SymbolicSet::Strings, SymbolicSet::Strings)
            | (SymbolicSet::Any, SymbolicSet::Any) => Ok(true),
            (SymbolicSet::Sequences(left), SymbolicSet::Sequences(right)) => self.equal(left, right, span),
            (SymbolicSet::Functions(d1, r1), SymbolicSet::Functions(d2, r2)) => {
                Ok(self.equal(d1, d2, span)? && self.equal(r1, r2, span)?)
            }
            (_, _) => Fault::undefined(span, "two sets that cannot be listed are compared"),
        }
    }

    /// Whether a value is an element of a set.
    pub(crate) fn contains(&mut self, set: &Value<'s>, value: &Value<'s>, span: Span) -> Outcome<bool> {
        match set {
            Value::Open(open) => self.contains_open(open, value, span),
            Value::Set(elements) => {
                let value = self.normal(value, span)?;
                or_undefined(search(elements, &value, |element| element), span).map(|found| found.is_ok())
            }
            Value::Interval(low, high) => self.integer_satisfies(value, span, |v| low <= v && v <= high),
            Value::Symbolic(symbolic) => self.contains_symbolic(&symbolic.clone(), value, span),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Text(_)
            | Value::Model(_)
            | Value::Function(_)
            | Value::Closure(_) => Fault::undefined(span, format!("a set was expected here, not {}", set.kind())),
        }
    }

    /// Membership in a set of which not every member is decided.
    fn contains_open(&mut self, open: &Open<'s>, value: &Value<'s>, span: Span) -> Outcome<bool> {
        let asks = |question| Err(Fault::Asks { question: Question::Place(question), span });
        let Open::Members(members) = open else { return asks(open.question()) };
        let value = self.normal(value, span)?;
        for (known, member) in members {
            if or_undefined(compare(known, &value), span)?.is_eq() {
                return match member {
                    Member::In => Ok(true),
                    Member::Out => Ok(false),
                    Member::Asked(question) => asks(*question),
                };
            }
        }
        Ok(false)
    }

    fn contains_symbolic(&mut self, symbolic: &Rc<SymbolicSet<'s>>, value: &Value<'s>, span: Span) -> Outcome<bool> {
        match &**symbolic {
            SymbolicSet::Naturals => self.integer_satisfies(value, span, |v| *v >= BigInt::zero()),
            SymbolicSet::Integers | SymbolicSet::Reals => self.integer_satisfies(value, span, |_| true),
            SymbolicSet::Strings => match value {
                Value::Text(_) => Ok(true),
                other => Self::foreign(other, "a string", span),
            },
            SymbolicSet::Any => Ok(true),
            SymbolicSet::Sequences(range) => self.parts_in(value, span, "a sequence", |pairs| {
                Ok(tuple_components(pairs)
                    .map(|parts| parts.iter().map(|part| (range.clone(), (*part).clone())).collect()))
            }),
            SymbolicSet::Powerset(base) => match value {
                Value::Set(_) | Value::Interval(..) | Value::Symbolic(_) => self.subset(value, base, span),
                other => Self::foreign(other, "a set", span),
            },
            SymbolicSet::Functions(domain, range) => self.in_function_set(value, domain, range, span),
            SymbolicSet::Records(fields) => {
                let expected = fields.clone();
                self.parts_in(value, span, "a record", |pairs| Ok(matching_fields(&expected, pairs)))
            }
            SymbolicSet::Product(sets) => {
                let expected = sets.clone();
                self.parts_in(value, span, "a tuple", |pairs| {
                    let parts = tuple_components(pairs).filter(|parts| parts.len() == expected.len());
                    Ok(parts.map(|parts| expected.iter().cloned().zip(parts.into_iter().cloned()).collect()))
                })
            }
            SymbolicSet::Filter { set, predicate } => {
                if !self.contains(set, value, span)? {
                    return Ok(false);
                }
                let bound = Self::bind_pattern(predicate.patterns[0], value, span)?;
                self.at(predicate.moment.clone(), |this| this.eval_bool(predicate.body, &predicate.env.bind(bound)))
            }
            SymbolicSet::Union(left, right) => {
                Ok(self.contains(left, value, span)? || self.contains(right, value, span)?)
            }
            SymbolicSet::Intersection(left, right) => {
                Ok(self.contains(left, value, span)? && self.contains(right, value, span)?)
            }
            SymbolicSet::Difference(left, right) => {
                Ok(self.contains(left, value, span)? && !self.contains(right, value, span)?)
            }
            SymbolicSet::Unordered(values) => {
                for element in values {
                    if self.equal(element, value, span)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    fn integer_satisfies(&self, value: &Value<'s>, span: Span, test: impl Fn(&BigInt) -> bool) -> Outcome<bool> {
        Fault::unless_decided(value, span)?;
        match value {
            Value::Int(integer) => Ok(test(integer)),
            other => Self::foreign(other, "an integer", span),
        }
    }

    /// A value of another kind than the elements: no element if it is an untyped model value, else an error.
    fn foreign(value: &Value<'s>, expected: &str, span: Span) -> Outcome<bool> {
        Fault::unless_decided(value, span)?;
        match value {
            Value::Model(model) if model.kind().is_none() => Ok(false),
            other => Fault::undefined(
                span,
                format!("{} is tested for membership in a set of which each element is {expected}", other.kind()),
            ),
        }
    }

    /// Whether a value has the shape that `parts` expects and each part is in its set.
    fn parts_in(
        &mut self,
        value: &Value<'s>,
        span: Span,
        expected: &str,
        parts: impl FnOnce(&Pairs<'s>) -> Outcome<Option<Vec<(Value<'s>, Value<'s>)>>>,
    ) -> Outcome<bool> {
        let Value::Function(pairs) = self.normal(value, span)? else {
            return Self::foreign(value, expected, span);
        };
        let Some(parts) = parts(&pairs)? else {
            return Ok(false);
        };
        for (set, part) in parts {
            if !self.contains(&set, &part, span)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn in_function_set(
        &mut self,
        value: &Value<'s>,
        domain: &Value<'s>,
        range: &Value<'s>,
        span: Span,
    ) -> Outcome<bool> {
        let value = self.normal(value, span)?;
        let Value::Function(pairs) = &value else {
            return Self::foreign(&value, "a function", span);
        };
        let own_domain = Value::sorted_set(pairs.iter().map(|(key, _)| key.clone()).collect());
        if !self.is_finite(domain) || !self.equal(&own_domain, domain, span)? {
            return Ok(false);
        }
        for (_, value) in pairs.iter() {
            if !self.contains(range, value, span)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether every element of the left set is in the right one.
    pub(crate) fn subset(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<bool> {
        if let Value::Open(open) = left
            && let Open::Members(members) = &**open
        {
            for (element, member) in members {
                if *member == Member::Out || self.contains(right, element, span)? {
                    continue;
                }
                match member {
                    Member::Asked(question) => {
                        return Err(Fault::Asks { question: Question::Place(*question), span });
                    }
                    Member::In | Member::Out => return Ok(false),
                }
            }
            return Ok(true);
        }
        for element in self.elements(left, span)? {
            self.step(span)?;
            if !self.contains(right, &element, span)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `S \cup T`.
    pub(crate) fn union(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let lazy = || Value::symbolic(SymbolicSet::Union(left.clone(), right.clone()));
        self.expect_set(left, span)?;
        self.expect_set(right, span)?;
        if !self.is_finite(left) || !self.is_finite(right) {
            return Ok(lazy());
        }
        if let Some(open) = self.open_union(left, right, span)? {
            return Ok(open);
        }
        let (a, b) = (self.list(left, span)?, self.list(right, span)?);
        match order::merge(a.to_vec(), b.to_vec()) {
            Ok(merged) => Ok(Value::sorted_set(merged)),
            Err(Incomparable { asks: Some(question), .. }) => {
                Err(Fault::Asks { question: Question::Place(question), span })
            }
            Err(_) => Ok(lazy()),
        }
    }

    /// `S \cap T`.
    pub(crate) fn intersection(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        self.expect_set(right, span)?;
        match (self.is_finite(left), self.is_finite(right)) {
            (true, _) => self.keep(left, right, true, span),
            (false, true) => self.keep(right, left, true, span),
            (false, false) => Ok(Value::symbolic(SymbolicSet::Intersection(left.clone(), right.clone()))),
        }
    }

    /// `S \ T`.
    pub(crate) fn difference(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        self.expect_set(right, span)?;
        if self.is_finite(left) {
            self.keep(left, right, false, span)
        } else {
            Ok(Value::symbolic(SymbolicSet::Difference(left.clone(), right.clone())))
        }
    }

    /// A set of which not every member is decided, with the elements of a decided one.
    fn open_union(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Option<Value<'s>>> {
        let (open, other) = match (left, right) {
            (Value::Open(open), other) | (other, Value::Open(open)) => (open, other),
            (_, _) => return Ok(None),
        };
        let Open::Members(members) = &**open else { return Ok(None) };
        let mut members = members.clone();
        for element in self.list(other, span)?.iter() {
            let mut known = false;
            for (candidate, member) in &mut members {
                if or_undefined(compare(candidate, element), span)?.is_eq() {
                    (*member, known) = (Member::In, true);
                }
            }
            if !known {
                members.push((element.clone(), Member::In));
            }
        }
        Self::members(members, span).map(Some)
    }

    /// A set by its members, open only if some is.
    pub(crate) fn members(members: Vec<(Value<'s>, Member)>, span: Span) -> Outcome<Value<'s>> {
        if members.iter().any(|(_, member)| matches!(member, Member::Asked(_))) {
            return Ok(Value::Open(Rc::new(Open::Members(members))));
        }
        let inside = members.into_iter().filter(|(_, member)| *member == Member::In).map(|(value, _)| value);
        Ok(Value::sorted_set(or_undefined(order::sort(inside.collect()), span)?))
    }

    fn keep(&mut self, set: &Value<'s>, other: &Value<'s>, wanted: bool, span: Span) -> Outcome<Value<'s>> {
        if let Value::Open(open) = set
            && let Open::Members(members) = &**open
        {
            let mut members = members.clone();
            for (element, member) in &mut members {
                if *member != Member::Out && self.contains(other, element, span)? != wanted {
                    *member = Member::Out;
                }
            }
            return Self::members(members, span);
        }
        let mut kept = Vec::new();
        for element in self.elements(set, span)? {
            self.step(span)?;
            if self.contains(other, &element, span)? == wanted {
                self.room(kept.len(), span)?;
                kept.push(element);
            }
        }
        Ok(Value::sorted_set(kept))
    }

    /// `UNION S`.
    pub(crate) fn big_union(&mut self, sets: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let mut all = Vec::new();
        let mut union = Value::sorted_set(Vec::new());
        for set in self.elements(sets, span)? {
            self.expect_set(&set, span)?;
            if self.is_finite(&set) {
                self.room(all.len(), span)?;
                all.extend(self.list(&set, span)?.iter().cloned());
            } else {
                union = self.union(&union, &set, span)?;
            }
        }
        let listed = self.set_of(all, span)?;
        self.union(&listed, &union, span)
    }

    /// Fails unless the value is a set.
    pub(crate) fn expect_set(&self, value: &Value<'s>, span: Span) -> Outcome<()> {
        if !matches!(value, Value::Open(open) if matches!(**open, Open::Members(_))) {
            Fault::unless_decided(value, span)?;
        }
        match value {
            Value::Open(_) => Ok(()),
            Value::Set(_) | Value::Interval(..) | Value::Symbolic(_) => Ok(()),
            other => Fault::undefined(span, format!("a set was expected here, not {}", other.kind())),
        }
    }
}

/// Whether a value is normal at sight.
fn is_plain(value: &Value<'_>) -> bool {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Model(_) | Value::Set(_) | Value::Interval(..) => true,
        Value::Symbolic(_) | Value::Closure(_) => false,
        Value::Open(_) => true,
        Value::Function(pairs) => pairs.iter().all(|(_, value)| is_plain(value)),
    }
}

/// The parts of a record with the sets that they must be in, if its fields are the expected ones.
fn matching_fields<'s>(expected: &[(Value<'s>, Value<'s>)], pairs: &Pairs<'s>) -> Option<Vec<(Value<'s>, Value<'s>)>> {
    record_fields(pairs)?;
    let same = pairs.len() == expected.len()
        && expected.iter().zip(pairs.iter()).all(|((a, _), (b, _))| compare(a, b).is_ok_and(std::cmp::Ordering::is_eq));
    same.then(|| expected.iter().zip(pairs.iter()).map(|((_, set), (_, part))| (set.clone(), part.clone())).collect())
}

/// Subsets of one size, in lexicographic order.
fn subsets<'s>(base: Elements<'s>, size: usize) -> impl Iterator<Item = Value<'s>> {
    let total = base.len();
    let first = (size <= total).then(|| (0..size).collect::<Vec<_>>());
    let following = move |chosen: &Vec<usize>| {
        let place = (0..size).rev().find(|&place| chosen[place] < total - size + place)?;
        let start = chosen[place] + 1;
        Some(chosen[..place].iter().copied().chain(start..start + size - place).collect())
    };
    std::iter::successors(first, following)
        .map(move |chosen| Value::sorted_set(chosen.iter().map(|&index| base[index].clone()).collect()))
}

/// Functions with these arguments and, for each argument, these values; the last argument varies fastest.
fn functions<'s>(keys: Elements<'s>, choices: Vec<Elements<'s>>) -> impl Iterator<Item = Value<'s>> {
    let sizes: Vec<usize> = choices.iter().map(|values| values.len()).collect();
    let first = sizes.iter().all(|&size| size > 0).then(|| vec![0; sizes.len()]);
    let following = move |chosen: &Vec<usize>| {
        let place = (0..sizes.len()).rev().find(|&place| chosen[place] + 1 < sizes[place])?;
        let mut following = chosen.clone();
        following[place] += 1;
        following[place + 1..].fill(0);
        Some(following)
    };
    std::iter::successors(first, following).map(move |chosen| {
        let value = |place: usize| (keys[place].clone(), choices[place][chosen[place]].clone());
        Value::Function(Rc::new((0..keys.len()).map(value).collect()))
    })
}
