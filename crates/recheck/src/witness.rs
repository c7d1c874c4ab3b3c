//! Quantifiers over integers without an end, in a step that is given.
//!
//! A set like `Nat` cannot be listed, so that nothing says how `\E n \in Nat : P` is false. That it is true one element says.
//! Where the two states of a step are given, integers that occur in them, and differences of two of those, are tried: one
//! that is in the set and satisfies the body makes `\E` true and its negation makes `\A` false, whatever the others do. If
//! none does, nothing was found out, and the step cannot be judged.

use crate::bind::PatternAndSet;
use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::{Env, State};
use crate::value::Value;
use num_bigint::BigInt;
use std::collections::BTreeSet;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{Bound, Expr};

/// Most integers whose differences are tried.
const MOST_PAIRED: usize = 40;

fn integers_of(value: &Value<'_>, into: &mut BTreeSet<BigInt>) {
    match value {
        Value::Int(number) => {
            into.insert(number.clone());
        }
        Value::Interval(low, high) => into.extend([low.clone(), high.clone()]),
        Value::Set(elements) => elements.iter().for_each(|element| integers_of(element, into)),
        Value::Function(pairs) => pairs.iter().for_each(|(key, value)| {
            integers_of(key, into);
            integers_of(value, into);
        }),
        Value::Bool(_) | Value::Text(_) | Value::Model(_) | Value::Symbolic(_) | Value::Closure(_) | Value::Open(_) => {
        }
    }
}

/// Integers that a step between states may have chosen.
pub(crate) fn candidates(states: &[Rc<State<'_>>]) -> Vec<BigInt> {
    let mut met = BTreeSet::from([BigInt::from(0), BigInt::from(1)]);
    states.iter().flat_map(|state| state.iter().flatten()).for_each(|value| integers_of(value, &mut met));
    let mut all = met.clone();
    if met.len() <= MOST_PAIRED {
        for a in &met {
            all.extend(met.iter().map(|b| a - b));
        }
    }
    all.into_iter().collect()
}

impl<'s> Evaluator<'s> {
    /// Whether some candidates for the bound names make the body as wanted; the fault is what listing the sets ended with.
    pub(crate) fn witnessed(
        &mut self,
        bounds: &'s [Bound],
        body: &'s Expr,
        wanted: bool,
        env: &Env<'s>,
        fault: Fault,
    ) -> Outcome<bool> {
        let Some(candidates) = self.witnesses.clone() else { return Err(fault) };
        let sets = self.bound_sets(bounds, env)?;
        if !sets.iter().any(|(_, set, _)| matches!(set, Value::Symbolic(_))) {
            return Err(fault);
        }
        match self.try_each(&sets, &candidates, body, wanted, env)? {
            true => Ok(wanted),
            false => Fault::unsupported(body.span, "a quantifier over an infinite set of which no element was found"),
        }
    }

    fn try_each(
        &mut self,
        sets: &[PatternAndSet<'s>],
        candidates: &[BigInt],
        body: &'s Expr,
        wanted: bool,
        env: &Env<'s>,
    ) -> Outcome<bool> {
        let Some(((pattern, set, span), others)) = sets.split_last() else {
            // A candidate with which the body has no value is none.
            return Ok(self.eval_bool(body, env).is_ok_and(|truth| truth == wanted));
        };
        let elements = self.tried(set, candidates, *span)?;
        for element in elements {
            self.step(*span)?;
            let inner = env.bind(Self::bind_pattern(pattern, &element, *span)?);
            if self.try_each(others, candidates, body, wanted, &inner)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The elements of a set, or those of the candidates that are elements where it cannot be listed.
    fn tried(&mut self, set: &Value<'s>, candidates: &[BigInt], span: Span) -> Outcome<Vec<Value<'s>>> {
        if let Ok(all) = self.elements(set, span) {
            return Ok(all.collect());
        }
        let mut inside = Vec::new();
        for candidate in candidates {
            let value = Value::Int(candidate.clone());
            if self.contains(set, &value, span).unwrap_or(false) {
                inside.push(value);
            }
        }
        Ok(inside)
    }
}
