//! Functions: application, `DOMAIN`, `EXCEPT`, `@@`, and closures turned into pairs.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::{Env, Meaning};
use crate::order::search;
use crate::sets::or_undefined;
use crate::specification::Formula;
use crate::value::{Closure, Pairs, Value, tuple_components};
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{ExceptPath, ExceptUpdate, Expr};

impl<'s> Evaluator<'s> {
    /// `f[a]`.
    pub(crate) fn apply_function(
        &mut self,
        function: &Value<'s>,
        argument: &Value<'s>,
        span: Span,
    ) -> Outcome<Value<'s>> {
        Fault::unless_decided(function, span)?;
        let found = match function {
            Value::Function(pairs) => {
                let argument = self.normal(argument, span)?;
                let place = or_undefined(search(pairs, &argument, |(key, _)| key), span)?;
                place.ok().map(|index| pairs[index].1.clone())
            }
            Value::Closure(closure) => self.apply_closure(closure, argument, span)?,
            other => return Fault::undefined(span, format!("{} is applied as a function", other.kind())),
        };
        match found {
            Some(value) => Ok(value),
            None => {
                let argument = self.print(argument);
                Fault::undefined(span, format!("the argument {argument} is not in the function's domain"))
            }
        }
    }

    fn apply_closure(
        &mut self,
        closure: &Rc<Closure<'s>>,
        argument: &Value<'s>,
        span: Span,
    ) -> Outcome<Option<Value<'s>>> {
        let argument = self.normal(argument, span)?;
        let domain = self.resolved(&closure.domain, span)?;
        if !self.contains(&domain, &argument, span)? {
            return Ok(None);
        }
        let known = or_undefined(search(&closure.known.borrow(), &argument, |(key, _)| key), span)?;
        if let Ok(index) = known {
            return Ok(Some(closure.known.borrow()[index].1.clone()));
        }
        let given = std::mem::take(&mut self.symbolic.given);
        let value = self.closure_value(closure, &argument, span);
        self.symbolic.given = given;
        let value = value?;
        let mut known = closure.known.borrow_mut();
        // Evaluation may have computed other values meanwhile, so the place is looked up again.
        if let Err(index) = or_undefined(search(&known, &argument, |(key, _)| key), span)? {
            known.insert(index, (argument, value.clone()));
        }
        Ok(Some(value))
    }

    fn closure_value(&mut self, closure: &Rc<Closure<'s>>, argument: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let rule = &closure.rule;
        let env = Self::inside_closure(closure, argument, span)?;
        self.at(rule.moment.clone(), |this| this.eval(rule.body, &env))
    }

    /// Where the body of a function stands when it is applied to an argument of its domain.
    fn inside_closure(closure: &Rc<Closure<'s>>, argument: &Value<'s>, span: Span) -> Outcome<Env<'s>> {
        let rule = &closure.rule;
        let mut bound = Vec::new();
        if let Some(name) = closure.own_name {
            bound.push((name, Meaning::Value(Value::Closure(closure.clone()))));
        }
        if let [pattern] = rule.patterns[..] {
            bound.extend(Self::bind_pattern(pattern, argument, span)?);
        } else {
            let parts = if let Value::Function(pairs) = argument { tuple_components(pairs) } else { None };
            for (pattern, part) in rule.patterns.iter().zip(parts.unwrap_or_default()) {
                bound.extend(Self::bind_pattern(pattern, part, span)?);
            }
        }
        Ok(rule.env.bind(bound))
    }

    /// The body that stands for the application of a function whose values are not all computed, and the value otherwise.
    pub(crate) fn body_applied(
        &mut self,
        function: &Value<'s>,
        argument: &Value<'s>,
        span: Span,
    ) -> Outcome<Result<Formula<'s>, Value<'s>>> {
        if let Value::Closure(closure) = function {
            let argument = self.normal(argument, span)?;
            let domain = self.resolved(&closure.domain, span)?;
            if self.contains(&domain, &argument, span)? {
                let env = Self::inside_closure(closure, &argument, span)?;
                return Ok(Ok(Formula { expr: closure.rule.body, env }));
            }
        }
        self.apply_function(function, argument, span).map(Err)
    }

    /// All values of a closure over a finite domain.
    pub(crate) fn all_pairs(&mut self, closure: &Rc<Closure<'s>>, span: Span) -> Outcome<Pairs<'s>> {
        let mut pairs = Vec::new();
        for key in self.list(&closure.domain, span)?.iter() {
            Fault::unless_wholly_decided(key, span)?;
            let Some(value) = self.apply_closure(closure, key, span)? else {
                return Fault::undefined(span, "a function is not defined on its own domain");
            };
            pairs.push((key.clone(), value));
        }
        Ok(Rc::new(pairs))
    }

    /// The pairs of a function with a finite domain.
    pub(crate) fn pairs(&mut self, function: &Value<'s>, span: Span) -> Outcome<Pairs<'s>> {
        Fault::unless_decided(function, span)?;
        match self.normal(function, span)? {
            Value::Function(pairs) => Ok(pairs),
            Value::Closure(_) => Fault::unsupported(span, "a function with an infinite domain here"),
            other => Fault::undefined(span, format!("a function was expected here, not {}", other.kind())),
        }
    }

    /// `DOMAIN f`.
    pub(crate) fn domain(&mut self, function: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        Fault::unless_decided(function, span)?;
        match function {
            Value::Function(pairs) => Ok(match tuple_components(pairs) {
                Some(parts) if !parts.is_empty() => Value::Interval(1.into(), parts.len().into()),
                Some(_) | None => Value::sorted_set(pairs.iter().map(|(key, _)| key.clone()).collect()),
            }),
            Value::Closure(closure) => Ok(closure.domain.clone()),
            other => Fault::undefined(span, format!("DOMAIN of {}", other.kind())),
        }
    }

    /// The function with these pairs.
    pub(crate) fn function_of(&mut self, pairs: Vec<(Value<'s>, Value<'s>)>, span: Span) -> Outcome<Value<'s>> {
        Ok(Value::Function(Rc::new(self.sorted_pairs(pairs, span)?)))
    }

    /// Pairs sorted by argument; of several with the same argument the first stays.
    pub(crate) fn sorted_pairs(
        &mut self,
        pairs: Vec<(Value<'s>, Value<'s>)>,
        span: Span,
    ) -> Outcome<Vec<(Value<'s>, Value<'s>)>> {
        let mut sorted: Vec<(Value<'s>, Value<'s>)> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let key = self.normal(&key, span)?;
            Fault::unless_wholly_decided(&key, span)?;
            if let Err(index) = or_undefined(search(&sorted, &key, |(key, _)| key), span)? {
                sorted.insert(index, (key, value));
            }
        }
        Ok(sorted)
    }

    /// `f @@ g`: the left operand wins.
    pub(crate) fn override_function(&mut self, left: &Value<'s>, right: &Value<'s>, span: Span) -> Outcome<Value<'s>> {
        let (left, right) = (self.pairs(left, span)?, self.pairs(right, span)?);
        self.function_of(left.iter().chain(right.iter()).cloned().collect(), span)
    }

    /// `[f EXCEPT !… = e, …]`: the updates are made one after the other.
    pub(crate) fn except(&mut self, base: &'s Expr, updates: &'s [ExceptUpdate], env: &Env<'s>) -> Outcome<Value<'s>> {
        let mut value = self.eval(base, env)?;
        for update in updates {
            value = self.updated(&value, &update.path, update, env)?;
        }
        Ok(value)
    }

    fn updated(
        &mut self,
        old: &Value<'s>,
        path: &'s [ExceptPath],
        update: &'s ExceptUpdate,
        env: &Env<'s>,
    ) -> Outcome<Value<'s>> {
        let Some((first, rest)) = path.split_first() else {
            let inner = env.bind(vec![("@", Meaning::Value(old.clone()))]);
            return self.eval(&update.value, &inner);
        };
        let key = match first {
            ExceptPath::Index(args) => self.index(args, env)?,
            ExceptPath::Field(field) => Value::Text(self.strings.text(&field.name)),
        };
        let (key, pairs) = (self.normal(&key, update.span)?, self.pairs(old, update.span)?);
        // TLC warns of an update outside the domain and leaves the function as it is.
        let Ok(index) = or_undefined(search(&pairs, &key, |(key, _)| key), update.span)? else {
            return Ok(Value::Function(pairs));
        };
        let mut pairs = pairs.to_vec();
        pairs[index].1 = self.updated(&pairs[index].1.clone(), rest, update, env)?;
        Ok(Value::Function(Rc::new(pairs)))
    }
}
