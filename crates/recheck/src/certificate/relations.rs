//! Equality, membership and the algebra of sets that are not decided.
//!
//! Functions are compared value by value and sets element by element, so that no case has to be told apart that does not
//! make a difference.

use super::cases::{Answer, Possible, Truth, is_decided};
use super::formula::unless_whole;
use super::gates::{FALSE, Literal, TRUE};
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::order::compare;
use crate::sets::or_undefined;
use crate::value::{SymbolicSet, Value, record_fields, tuple_components};
use std::rc::Rc;
use tla_syntax::Span;

/// Sets with the values that have to be in them.
type Parts<'s> = Vec<(Value<'s>, Value<'s>)>;

impl<'s> Evaluator<'s> {
    /// The operators that need both values.
    pub(crate) fn related(&mut self, name: &str, values: [Value<'s>; 2], span: Span) -> Outcome<Value<'s>> {
        match name {
            "=" | "#" => {
                let equal = self.equal_open(&values[0], &values[1], span);
                self.negated_if(name == "#", equal, span)
            }
            "\\in" | "\\notin" => {
                let inside = self.contains_open_set(&values[1], &values[0], span);
                self.negated_if(name == "\\notin", inside, span)
            }
            "\\subseteq" => self.lift(&values, span, &mut |this, values| {
                let truth = this.subset_open(&values[0], &values[1], span)?;
                this.value_of(truth)
            }),
            "\\cup" | "\\cap" | "\\" => self.lift(&values, span, &mut |this, values| {
                unless_whole(values, span)?;
                this.combined(name, &values[0], &values[1], span)
            }),
            _ => self.lift(&values, span, &mut |this, values| this.language_of_values(name, values, span)),
        }
    }

    fn negated_if(&mut self, negated: bool, outcome: Outcome<Value<'s>>, span: Span) -> Outcome<Value<'s>> {
        if !negated {
            return outcome;
        }
        let truth = self.truth_of(outcome, span)?;
        let truth = self.negated(truth);
        self.value_of(truth)
    }

    /// Whether two values are equal.
    pub(crate) fn equal_open(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        self.lift(&[left.clone(), right.clone()], span, &mut |this, values| {
            unless_whole(values, span)?;
            let (left, right) = (this.normal(&values[0], span)?, this.normal(&values[1], span)?);
            if is_decided(&left) && is_decided(&right) {
                return this.equal(&left, &right, span).map(Value::Bool);
            }
            match (&left, &right) {
                (Value::Function(a), Value::Function(b)) => {
                    let same = a.len() == b.len()
                        && a.iter()
                            .zip(b.iter())
                            .all(|(a, b)| compare(&a.0, &b.0).is_ok_and(std::cmp::Ordering::is_eq));
                    if !same {
                        return Ok(Value::Bool(false));
                    }
                    let (a, b) = (a.clone(), b.clone());
                    let truth = this.junction(a.len(), true, &mut |this, index| {
                        let equal = this.equal_open(&a[index].1, &b[index].1, span);
                        this.truth_of(equal, span)
                    })?;
                    this.value_of(truth)
                }
                (
                    Value::Open(_) | Value::Set(_) | Value::Interval(..),
                    Value::Open(_) | Value::Set(_) | Value::Interval(..),
                ) => {
                    let both = this.side_by_side(&left, &right, span)?;
                    let mut all = TRUE;
                    for (_, a, b) in both {
                        let same = this.symbolic.gates.equivalent(a, b);
                        all = this.symbolic.gates.and(all, same);
                    }
                    Ok(this.symbolic.truth_value(all))
                }
                // Of different kinds, so that it is decided or undefined whatever the open parts are.
                (_, _) => or_undefined(compare(&left, &right), span).map(|order| Value::Bool(order.is_eq())),
            }
        })
    }

    /// The possible elements of two finite sets together.
    fn side_by_side(
        &mut self,
        left: &Value<'s>,
        right: &Value<'s>,
        span: Span,
    ) -> Outcome<Vec<(Value<'s>, Literal, Literal)>> {
        let mut all: Possible<'s> = Vec::new();
        let (left, right) = (self.possible(left, span)?, self.possible(right, span)?);
        for (value, _) in left.iter().chain(&right) {
            self.include(&mut all, value.clone(), FALSE, span)?;
        }
        let mut rows = Vec::with_capacity(all.len());
        for (value, _) in all {
            let (a, b) = (self.literal_in(&left, &value, span)?, self.literal_in(&right, &value, span)?);
            rows.push((value, a, b));
        }
        Ok(rows)
    }

    fn literal_in(&self, all: &Possible<'s>, value: &Value<'s>, span: Span) -> Outcome<Literal> {
        let found = or_undefined(crate::order::search(all, value, |(known, _)| known), span)?;
        Ok(found.map_or(FALSE, |index| all[index].1))
    }

    fn combined(&mut self, name: &str, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let listed = |value: &Value<'s>| matches!(value, Value::Open(_) | Value::Set(_) | Value::Interval(..));
        let some_open = matches!(left, Value::Open(_)) || matches!(right, Value::Open(_));
        if !some_open || !listed(left) {
            return self.language_of_values(name, &[left.clone(), right.clone()], span);
        }
        let mut all = Vec::new();
        if name == "\\cup" {
            if !self.is_finite(right) {
                return self.language_of_values(name, &[left.clone(), right.clone()], span);
            }
            for (value, a, b) in self.side_by_side(left, right, span)? {
                all.push((value, self.symbolic.gates.or(a, b)));
            }
            return self.set_of_possible(all, span);
        }
        self.expect_set(right, span)?;
        for (value, a) in self.possible(left, span)? {
            let inside = self.contains_open_set(right, &value, span);
            let inside = self.truth_of(inside, span)?;
            if let Some(fault) = inside.fault {
                // As a whole, where the element may be one.
                let here = self.symbolic.gates.and(a, inside.undefined);
                if here != FALSE {
                    return Err(fault);
                }
            }
            let wanted = if name == "\\cap" { inside.when } else { !inside.when };
            all.push((value, self.symbolic.gates.and(a, wanted)));
        }
        self.set_of_possible(all, span)
    }

    /// When every element of the left set is in the right one.
    fn subset_open(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Truth> {
        unless_whole(&[left.clone(), right.clone()], span)?;
        if !self.is_finite(left) {
            return self.subset(left, right, span).map(|truth| Truth::of(Literal::of(truth)));
        }
        let possible = self.possible(left, span)?;
        self.junction(possible.len(), true, &mut |this, index| {
            let (value, is_in) = &possible[index];
            let inside = this.contains_open_set(right, value, span);
            let inside = this.truth_of(inside, span)?;
            let gates = &mut this.symbolic.gates;
            let (when, undefined) = (gates.or(!*is_in, inside.when), gates.and(*is_in, inside.undefined));
            Ok(Truth { when, undefined, fault: inside.fault.filter(|_| undefined != FALSE) })
        })
    }

    /// Whether a value is an element of a set.
    pub(crate) fn contains_open_set(&mut self, set: &Value<'s>, value: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        self.lift(&[set.clone(), value.clone()], span, &mut |this, values| {
            let (set, value) = (&values[0], &values[1]);
            unless_whole(std::slice::from_ref(set), span)?;
            if is_decided(value) && !matches!(set, Value::Open(_)) && !holds_open(set) {
                return this.contains(set, value, span).map(Value::Bool);
            }
            let truth = this.membership(set, value, span)?;
            this.value_of(truth)
        })
    }

    fn membership(&mut self, set: &Value<'s>, value: &Value<'s>, span: Span) -> Outcome<Truth> {
        let symbolic = match set {
            Value::Symbolic(symbolic) => symbolic.clone(),
            Value::Open(_) | Value::Set(_) | Value::Interval(..) => {
                unless_whole(std::slice::from_ref(value), span)?;
                if let Value::Interval(..) = set {
                    return self.contains(set, value, span).map(|truth| Truth::of(Literal::of(truth)));
                }
                let possible = self.possible(set, span)?;
                return self.junction(possible.len(), false, &mut |this, index| {
                    let (element, is_in) = &possible[index];
                    let equal = this.equal_open(element, value, span);
                    let equal = this.truth_of(equal, span)?;
                    Ok(Truth { when: this.symbolic.gates.and(*is_in, equal.when), ..equal })
                });
            }
            Value::Bool(_)
            | Value::Int(_)
            | Value::Text(_)
            | Value::Model(_)
            | Value::Function(_)
            | Value::Closure(_) => {
                return self.contains(set, value, span).map(|truth| Truth::of(Literal::of(truth)));
            }
        };
        match &*symbolic {
            SymbolicSet::Powerset(base) => {
                unless_whole(std::slice::from_ref(value), span)?;
                match value {
                    Value::Set(_) | Value::Interval(..) | Value::Open(_) => self.subset_open(value, base, span),
                    _ => self.contains(set, value, span).map(|truth| Truth::of(Literal::of(truth))),
                }
            }
            SymbolicSet::Functions(..)
            | SymbolicSet::Records(_)
            | SymbolicSet::Product(_)
            | SymbolicSet::Sequences(_) => {
                unless_whole(std::slice::from_ref(value), span)?;
                let value = self.normal(value, span)?;
                let Value::Function(pairs) = &value else {
                    return self.contains(set, &value, span).map(|truth| Truth::of(Literal::of(truth)));
                };
                match self.parts_of(&symbolic, pairs, span)? {
                    None => Ok(Truth::of(FALSE)),
                    Some(parts) => self.junction(parts.len(), true, &mut |this, index| {
                        let inside = this.contains_open_set(&parts[index].0, &parts[index].1, span);
                        this.truth_of(inside, span)
                    }),
                }
            }
            SymbolicSet::Union(a, b) => self.two_memberships(a, b, value, false, false, span),
            SymbolicSet::Intersection(a, b) => self.two_memberships(a, b, value, true, false, span),
            SymbolicSet::Difference(a, b) => self.two_memberships(a, b, value, true, true, span),
            SymbolicSet::Naturals
            | SymbolicSet::Integers
            | SymbolicSet::Reals
            | SymbolicSet::Strings
            | SymbolicSet::Any
            | SymbolicSet::Filter { .. }
            | SymbolicSet::Unordered(_) => self.contains(set, value, span).map(|truth| Truth::of(Literal::of(truth))),
        }
    }

    fn two_memberships(
        &mut self,
        a: &Value<'s>,
        b: &Value<'s>,
        value: &Value<'s>,
        is_and: bool,
        second_negated: bool,
        span: Span,
    ) -> Outcome<Truth> {
        let sides = [a.clone(), b.clone()];
        self.junction(2, is_and, &mut |this, index| {
            let inside = this.contains_open_set(&sides[index], value, span);
            let inside = this.truth_of(inside, span)?;
            Ok(if index == 1 && second_negated { this.negated(inside) } else { inside })
        })
    }

    /// Parts of a function with the sets they have to be in; nothing if it has another structure.
    fn parts_of(
        &mut self,
        set: &Rc<SymbolicSet<'s>>,
        pairs: &Rc<Vec<(Value<'s>, Value<'s>)>>,
        span: Span,
    ) -> Outcome<Option<Parts<'s>>> {
        let with = |set: &Value<'s>| pairs.iter().map(|(_, part)| (set.clone(), part.clone())).collect();
        Ok(match &**set {
            SymbolicSet::Functions(domain, range) => {
                Fault::unless_decided(domain, span)?;
                let own = Value::sorted_set(pairs.iter().map(|(key, _)| key.clone()).collect());
                let same = self.is_finite(domain) && self.equal(&own, domain, span)?;
                same.then(|| with(range))
            }
            SymbolicSet::Sequences(range) => tuple_components(pairs).map(|_| with(range)),
            SymbolicSet::Product(sets) => tuple_components(pairs)
                .filter(|parts| parts.len() == sets.len())
                .map(|parts| sets.iter().cloned().zip(parts.into_iter().cloned()).collect()),
            SymbolicSet::Records(fields) => {
                let same = record_fields(pairs).is_some()
                    && pairs.len() == fields.len()
                    && fields
                        .iter()
                        .zip(pairs.iter())
                        .all(|((a, _), (b, _))| compare(a, b).is_ok_and(std::cmp::Ordering::is_eq));
                same.then(|| {
                    fields.iter().zip(pairs.iter()).map(|((_, set), (_, part))| (set.clone(), part.clone())).collect()
                })
            }
            _ => return Fault::unsupported(span, "a set of functions of this form"),
        })
    }

    /// Some element of a set, and the condition under which there is the one that was chosen.
    pub(crate) fn choice(&mut self, set: &Value<'s>, span: Span) -> Outcome<(Value<'s>, Literal)> {
        if let Value::Symbolic(symbolic) = set {
            match &**symbolic {
                SymbolicSet::Powerset(base) if self.is_finite(base) => {
                    unless_whole(std::slice::from_ref(base), span)?;
                    let mut all = Vec::new();
                    for (value, is_in) in self.possible(base, span)? {
                        let free = self.symbolic.gates.leaf();
                        all.push((value, self.symbolic.gates.and(is_in, free)));
                    }
                    return Ok((self.set_of_possible(all, span)?, TRUE));
                }
                SymbolicSet::Functions(domain, range) if self.is_finite(domain) && self.is_finite(range) => {
                    Fault::unless_decided(domain, span)?;
                    let keys = self.list(domain, span)?;
                    return self.choices(keys.iter().map(|key| (key.clone(), range.clone())).collect(), span);
                }
                SymbolicSet::Records(fields) => return self.choices(fields.clone(), span),
                SymbolicSet::Product(sets) => {
                    let parts = sets.iter().enumerate().map(|(index, set)| (Value::int(index + 1), set.clone()));
                    return self.choices(parts.collect(), span);
                }
                _ => {}
            }
        }
        unless_whole(std::slice::from_ref(set), span)?;
        let possible = self.possible(set, span)?;
        let (mut open, mut there) = (TRUE, FALSE);
        let mut found = Vec::with_capacity(possible.len());
        let last = possible.len().saturating_sub(1);
        for (index, (value, is_in)) in possible.into_iter().enumerate() {
            let when = if index == last {
                open
            } else {
                let free = self.symbolic.gates.leaf();
                let when = self.symbolic.gates.and(open, free);
                open = self.symbolic.gates.and(open, !free);
                when
            };
            let taken = self.symbolic.gates.and(when, is_in);
            there = self.symbolic.gates.or(there, taken);
            found.push(Answer { when, value: Ok(value) });
        }
        if found.is_empty() {
            return Ok((Value::Bool(false), FALSE));
        }
        Ok((self.merged(found, span)?, there))
    }

    fn choices(&mut self, parts: Vec<(Value<'s>, Value<'s>)>, span: Span) -> Outcome<(Value<'s>, Literal)> {
        let mut pairs = Vec::with_capacity(parts.len());
        let mut there = TRUE;
        for (key, set) in parts {
            let (value, condition) = self.choice(&set, span)?;
            there = self.symbolic.gates.and(there, condition);
            pairs.push((key, value));
        }
        Ok((Value::Function(Rc::new(pairs)), there))
    }
}

/// Whether the description of a set has a part that is open.
fn holds_open(set: &Value<'_>) -> bool {
    let Value::Symbolic(symbolic) = set else { return !is_decided(set) };
    match &**symbolic {
        SymbolicSet::Naturals
        | SymbolicSet::Integers
        | SymbolicSet::Reals
        | SymbolicSet::Strings
        | SymbolicSet::Any
        | SymbolicSet::Filter { .. } => false,
        SymbolicSet::Sequences(set) | SymbolicSet::Powerset(set) => holds_open(set),
        SymbolicSet::Functions(a, b)
        | SymbolicSet::Union(a, b)
        | SymbolicSet::Intersection(a, b)
        | SymbolicSet::Difference(a, b) => holds_open(a) || holds_open(b),
        SymbolicSet::Records(fields) => fields.iter().any(|(_, set)| holds_open(set)),
        SymbolicSet::Product(sets) | SymbolicSet::Unordered(sets) => sets.iter().any(holds_open),
    }
}
