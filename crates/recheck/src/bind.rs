//! Bound names: `x, y \in S, <<a, b>> \in T`.
//!
//! All sets are evaluated before the first name is bound, and the first name varies fastest, which is TLC's order for
//! quantifiers. The order shows only in which of several errors is met first.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::{Env, Meaning};
use crate::value::{Value, tuple_components};
use tla_syntax::Span;
use tla_syntax::ast::{Bound, Pattern};

/// Called for each binding; `false` ends the enumeration.
pub(crate) type Visit<'v, 's> = dyn FnMut(&mut Evaluator<'s>, &Env<'s>) -> Outcome<bool> + 'v;

/// A pattern with the set of its values.
pub(crate) type PatternAndSet<'s> = (&'s Pattern, Value<'s>, Span);

impl<'s> Evaluator<'s> {
    /// Every pattern with its set.
    pub(crate) fn bound_sets(&mut self, bounds: &'s [Bound], env: &Env<'s>) -> Outcome<Vec<PatternAndSet<'s>>> {
        let mut sets = Vec::new();
        for bound in bounds {
            let Some(expr) = &bound.set else {
                let span = bound.patterns.first().map(pattern_span);
                return Fault::undefined(
                    span.unwrap_or(Span { file: tla_syntax::FileId(0), start: 0, end: 0 }),
                    UNBOUNDED,
                );
            };
            let set = self.eval(expr, env)?;
            sets.extend(bound.patterns.iter().map(|pattern| (pattern, set.clone(), expr.span)));
        }
        Ok(sets)
    }

    /// Calls `visit` with every binding until it answers `false`.
    pub(crate) fn for_each_binding(
        &mut self,
        bounds: &'s [Bound],
        env: &Env<'s>,
        visit: &mut Visit<'_, 's>,
    ) -> Outcome<()> {
        let sets = self.bound_sets(bounds, env)?;
        self.each(&sets, env, visit).map(drop)
    }

    fn each(&mut self, sets: &[PatternAndSet<'s>], env: &Env<'s>, visit: &mut Visit<'_, 's>) -> Outcome<bool> {
        let Some(((pattern, set, span), faster)) = sets.split_last() else {
            return visit(self, env);
        };
        for element in self.elements(set, *span)? {
            self.step(*span)?;
            let inner = env.bind(Self::bind_pattern(pattern, &element, *span)?);
            if !self.each(faster, &inner, visit)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The names of a pattern with the parts of a value.
    pub(crate) fn bind_pattern(
        pattern: &'s Pattern,
        value: &Value<'s>,
        span: Span,
    ) -> Outcome<Vec<(&'s str, Meaning<'s>)>> {
        match pattern {
            Pattern::Name(name) => Ok(vec![(&*name.name, Meaning::Value(value.clone()))]),
            Pattern::Tuple(names) => {
                Fault::unless_decided(value, span)?;
                let parts = if let Value::Function(pairs) = value { tuple_components(pairs) } else { None };
                match parts {
                    Some(parts) if parts.len() == names.len() => {
                        let bound = names.iter().zip(parts);
                        Ok(bound.map(|(name, part)| (&*name.name, Meaning::Value(part.clone()))).collect())
                    }
                    Some(_) | None => Fault::undefined(span, format!("a tuple of {} was expected", names.len())),
                }
            }
        }
    }
}

const UNBOUNDED: &str = "an unbounded quantifier cannot be evaluated";

fn pattern_span(pattern: &Pattern) -> Span {
    match pattern {
        Pattern::Name(name) => name.span,
        Pattern::Tuple(names) => {
            names.first().map_or(Span { file: tla_syntax::FileId(0), start: 0, end: 0 }, |n| n.span)
        }
    }
}
