//! Functions and records.

use super::{Algebra, Binding, Env, Functions, Graph, Made, Operations, Sets, Sym, Translator, Values};
use std::rc::Rc;
use tla_model::ir::{Binder, Node, PathStep, Update};
use tla_model::value::Value;

/// The arguments of a function and its values.
type Pairs<'m, A> = (Rc<[<A as Algebra<'m>>::Key]>, Rc<[Sym<'m, A>]>);

/// Why an application is undefined.
const OUTSIDE: &str = "a function is applied outside of its domain";

impl<'m, A: Algebra<'m>> Translator<'m, A>
where
    Self: Operations<'m, A>,
{
    /// `[x \in S |-> e]`, or `f[x \in S] == e`.
    pub(crate) fn function(&mut self, number: u32, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        let rule = &self.model.code.rules[number as usize];
        if rule.itself.is_some() {
            return Ok(Sym::Rule(number, env.clone()));
        }
        let [binder] = &rule.binders[..] else { return self.function_of_several(number, env) };
        let Some(set) = &binder.set else { return self.declined("a bound name without a set") };
        let domain = self.eval(set, env)?;
        match self.static_elements(&domain)? {
            Some(keys) => self.function_over(number, keys, env),
            None => self.function_beyond(number, &domain, env),
        }
    }

    pub(crate) fn function_over(&mut self, number: u32, keys: Vec<A::Key>, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        let rule = &self.model.code.rules[number as usize];
        let mut values = Vec::with_capacity(keys.len());
        for key in &keys {
            let key = self.of_key(key);
            let inner = self.bind(&rule.binders[0].pattern, &key, env)?;
            values.push(self.eval(&rule.body, &inner)?);
        }
        Ok(Sym::Map(keys.into(), values.into()))
    }

    /// `[x \in S, y \in T |-> e]`: its arguments are tuples.
    fn function_of_several(&mut self, number: u32, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        let rule = &self.model.code.rules[number as usize];
        let sets = self.binder_sets(&rule.binders, env)?;
        let mut keys: Vec<(Vec<Value>, Env<'m, A>)> = vec![(Vec::new(), env.clone())];
        for (binder, set) in rule.binders.iter().zip(&sets) {
            let mut longer = Vec::new();
            for (key, inner) in &keys {
                for (element, guard) in set {
                    let Some(value) = self.known_value(element).filter(|_| *guard == A::TRUE) else {
                        return self.declined("a function of several arguments whose domain depends on the state");
                    };
                    let inner = self.bind(&binder.pattern, element, inner)?;
                    longer.push((key.iter().cloned().chain([value]).collect(), inner));
                }
            }
            keys = longer;
            self.not_too_many(keys.len())?;
        }
        let mut pairs = Vec::with_capacity(keys.len());
        for (key, inner) in keys {
            pairs.push((Value::tuple(key), self.eval(&rule.body, &inner)?));
        }
        self.map_of_pairs(pairs)
    }

    /// A function from its arguments, which are different, and values, with the arguments in the evaluator's order.
    fn map_of_pairs(&mut self, pairs: Vec<(Value, Sym<'m, A>)>) -> Made<Sym<'m, A>> {
        let keys = pairs.iter().map(|(key, _)| key.clone()).collect();
        let ordered = self.machine.attempt(|machine| {
            let set = machine.set_of(keys)?;
            machine.element_vec(&set)
        });
        let Ok(ordered) = ordered else { return self.declined("a function whose arguments cannot be compared") };
        let (mut keys, mut values) = (Vec::with_capacity(ordered.len()), Vec::with_capacity(ordered.len()));
        for key in ordered {
            let value = pairs.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
            values.push(value.unwrap_or(Sym::Never));
            keys.push(self.key_of(&key)?);
        }
        Ok(Sym::Map(keys.into(), values.into()))
    }

    /// A function that is given by a rule with all its values.
    pub(crate) fn explicit_function(&mut self, sym: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        let Sym::Rule(number, env) = sym else { return Ok(sym.clone()) };
        let rule = &self.model.code.rules[*number as usize];
        let Some(set) = rule.binders.first().and_then(|binder| binder.set.as_ref()) else {
            return self.declined("a function without a domain");
        };
        let domain = self.eval(set, env)?;
        let Some(keys) = self.static_elements(&domain)? else {
            return self.declined("all values of a function whose domain cannot be listed");
        };
        let mut values = Vec::with_capacity(keys.len());
        for key in &keys {
            let key = self.of_key(key);
            values.push(self.apply_rule(*number, env, &key)?);
        }
        Ok(Sym::Map(keys.into(), values.into()))
    }

    /// The arguments and values of a function that has a list of them; what is none is undefined, what has no end declined.
    fn explicit_map(&mut self, sym: &Sym<'m, A>, reason: &'static str) -> Made<Option<Pairs<'m, A>>> {
        match self.explicit_function(sym)? {
            Sym::Map(keys, parts) => Ok(Some((keys, parts))),
            Sym::Own(own) if self.domain_own(&own).is_some() => {
                self.declined("an operator that needs all values of a function is applied to one on an infinite domain")
            }
            _ => {
                self.fail(A::TRUE, reason);
                Ok(None)
            }
        }
    }

    fn apply_rule(&mut self, number: u32, env: &Env<'m, A>, argument: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        let rule = &self.model.code.rules[number as usize];
        let [binder] = &rule.binders[..] else { return self.declined("a recursive function of several arguments") };
        if self.calls.len() > A::DEEPEST_RULE {
            return self.declined("a recursive function whose depth depends on the state, or is very large");
        }
        let mut inner = self.bind(&binder.pattern, argument, env)?;
        if let Some(itself) = rule.itself {
            inner = inner.with_value(itself, Sym::Rule(number, env.clone()));
        }
        let compute = |this: &mut Self| {
            if let Some(set) = &binder.set {
                let domain = this.eval(set, env)?;
                let inside = this.contains(argument, &domain)?;
                this.fail_unless(inside, OUTSIDE);
            }
            this.eval(&rule.body, &inner)
        };
        self.calls.push(rule.owner);
        let result = match Self::number_of(argument) {
            Some(index) => {
                let place = std::ptr::from_ref(rule) as usize ^ Rc::as_ptr(&env.slots) as usize;
                self.remembered((place, index + 1), env, compute)
            }
            None => compute(self),
        };
        self.calls.pop();
        result
    }

    /// `f[x]`.
    pub(crate) fn apply(&mut self, function: &Sym<'m, A>, argument: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        self.for_alternatives(function, &mut |this, function| match function {
            Sym::Map(keys, parts) => {
                let (selected, outside) = this.positions(keys, argument)?;
                this.fail(outside, OUTSIDE);
                this.merge(selected.into_iter().map(|(index, when)| (when, parts[index].clone())).collect())
            }
            Sym::Rule(number, env) => {
                let mut alternatives = Vec::new();
                for (one, guard) in this.split(argument)? {
                    let value = this.under(guard, |this| this.apply_rule(*number, env, &one))?;
                    alternatives.extend(value.map(|value| (guard, value)));
                }
                this.merge(alternatives)
            }
            Sym::Own(own) => match this.apply_own(own, argument)? {
                Some(value) => Ok(value),
                None => Ok(this.fails("something that is no function is applied")),
            },
            _ => Ok(this.fails("something that is no function is applied")),
        })
    }

    /// `DOMAIN f`.
    pub(crate) fn domain(&mut self, function: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        self.for_alternatives(function, &mut |this, function| match function {
            Sym::Map(keys, _) => {
                let mut members = Vec::with_capacity(keys.len());
                for key in keys.iter() {
                    let key = this.of_key(key);
                    members.extend(this.listed(&key, A::TRUE)?);
                }
                this.set(members)
            }
            Sym::Rule(number, env) => {
                let rule = &this.model.code.rules[*number as usize];
                match &rule.binders[..] {
                    [Binder { set: Some(set), .. }] => this.eval(set, env),
                    _ => this.declined("the domain of a function of several arguments"),
                }
            }
            other => {
                let domain = if let Sym::Own(own) = other { this.domain_own(own) } else { None };
                Ok(domain.unwrap_or_else(|| this.fails("the domain of something that is no function")))
            }
        })
    }

    /// `[f EXCEPT …]`.
    pub(crate) fn except(&mut self, base: &'m Node, updates: &'m [Update], env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        let mut value = self.eval(base, env)?;
        for update in updates {
            value = self.update(&value, update, 0, env)?;
        }
        Ok(value)
    }

    fn update(&mut self, value: &Sym<'m, A>, update: &'m Update, step: usize, env: &Env<'m, A>) -> Made<Sym<'m, A>> {
        let Some(path_step) = update.path.get(step) else {
            let env = match update.old {
                Some(slot) => env.with_value(slot, value.clone()),
                None => env.clone(),
            };
            return self.eval(&update.value, &env);
        };
        let key = match path_step {
            PathStep::Field(field) => self.concrete(&Value::String(*field)),
            PathStep::Index(node) => self.eval(node, env)?,
        };
        self.for_alternatives(value, &mut |this, function| {
            if let Sym::Own(own) = function {
                let changed = this.update_own(own, &key, &mut |this, old| this.update(old, update, step + 1, env))?;
                return Ok(changed.unwrap_or_else(|| this.fails("EXCEPT of something that is no function")));
            }
            let Sym::Map(keys, parts) = this.explicit_function(function)? else {
                return Ok(this.fails("EXCEPT of something that is no function"));
            };
            // What is outside of the domain changes nothing.
            let (selected, _outside) = this.positions(&keys, &key)?;
            let mut parts = parts.to_vec();
            for (index, when) in selected {
                let old = parts[index].clone();
                if let Some(new) = this.under(when, |this| this.update(&old, update, step + 1, env))? {
                    let not = this.graph.not(when);
                    parts[index] = this.merge(vec![(when, new), (not, old)])?;
                }
            }
            Ok(Sym::Map(keys, parts.into()))
        })
    }

    /// `e :> v`.
    pub(crate) fn maps_to(&mut self, key: &Sym<'m, A>, value: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        let mut alternatives = Vec::new();
        for (one, guard) in self.split(key)? {
            let Some(known) = self.known_value(&one) else {
                return self.declined("a function whose domain depends on the state");
            };
            let key = self.key_of(&known)?;
            alternatives.push((guard, Sym::Map(Rc::from([key]), Rc::from([value.clone()]))));
        }
        self.merge(alternatives)
    }

    /// `f @@ g`.
    pub(crate) fn override_with(&mut self, first: &Sym<'m, A>, second: &Sym<'m, A>) -> Made<Sym<'m, A>> {
        self.for_alternatives(first, &mut |this, first| {
            let Some((keys, parts)) = this.explicit_map(first, "@@ needs functions")? else { return Ok(Sym::Never) };
            this.for_alternatives(second, &mut |this, second| {
                let Some((others, values)) = this.explicit_map(second, "@@ needs functions")? else {
                    return Ok(Sym::Never);
                };
                let pairs = keys.iter().zip(parts.iter());
                let more = others.iter().zip(values.iter()).filter(|(key, _)| !keys.contains(key));
                let pairs = pairs.chain(more).map(|(key, value)| (this.key_value(key), value.clone())).collect();
                this.map_of_pairs(pairs)
            })
        })
    }

    /// `FoldFunction(op, base, f)`.
    pub(crate) fn fold_function(
        &mut self,
        operator: &Binding<'m, A>,
        base: &Sym<'m, A>,
        function: &Sym<'m, A>,
    ) -> Made<Sym<'m, A>> {
        self.for_alternatives(function, &mut |this, function| {
            let Some((_, parts)) = this.explicit_map(function, "FoldFunction needs a function")? else {
                return Ok(Sym::Never);
            };
            let mut result = base.clone();
            for part in parts.iter() {
                result = this.apply_operator(operator, vec![part.clone(), result])?;
            }
            Ok(result)
        })
    }
}
