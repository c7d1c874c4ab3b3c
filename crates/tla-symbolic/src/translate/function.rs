//! Functions and records.

use super::env::{Binding, Env};
use super::{Made, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::D;
use crate::sym::Sym;
use std::rc::Rc;
use tla_model::ir::{Node, PathStep, Update};

impl<'m> Translator<'m> {
    /// `[x \in S |-> e]`, or `f[x \in S] == e`.
    pub(crate) fn function(&mut self, number: u32, env: &Env<'m>) -> Made<Sym<'m>> {
        let rule = &self.model.code.rules[number as usize];
        if rule.itself.is_some() {
            return Ok(Sym::Rule(number, env.clone()));
        }
        if let [binder] = &rule.binders[..]
            && let Some(set) = &binder.set
        {
            let domain = self.eval(set, env)?;
            if let Some(keys) = self.static_elements(&domain)? {
                return self.function_over(number, keys, env);
            }
            if domain.is_lazy_set() {
                return Ok(Sym::Rule(number, env.clone()));
            }
            let mut alternatives = Vec::new();
            for (d, lit) in self.cases(&domain)? {
                let function = self.under(lit, |this| {
                    let keys = this.static_elements(&Sym::Val(d))?.unwrap_or_default();
                    this.function_over(number, keys, env)
                })?;
                if let Some(function) = function {
                    alternatives.push((lit, function));
                }
            }
            return self.merge(alternatives);
        }
        self.function_of_several(number, env)
    }

    fn function_over(&mut self, number: u32, keys: Vec<D>, env: &Env<'m>) -> Made<Sym<'m>> {
        let rule = &self.model.code.rules[number as usize];
        let mut values = Vec::with_capacity(keys.len());
        for key in &keys {
            let inner = self.bind(&rule.binders[0].pattern, &Sym::Val(*key), env)?;
            values.push(self.eval(&rule.body, &inner)?);
        }
        Ok(Sym::Map(Rc::new(keys), Rc::new(values)))
    }

    /// `[x \in S, y \in T |-> e]`: its arguments are tuples.
    fn function_of_several(&mut self, number: u32, env: &Env<'m>) -> Made<Sym<'m>> {
        let rule = &self.model.code.rules[number as usize];
        let sets = self.binder_sets(&rule.binders, env)?;
        let mut keys: Vec<(Vec<D>, Env<'m>)> = vec![(Vec::new(), env.clone())];
        for (binder, set) in rule.binders.iter().zip(&sets) {
            let mut longer = Vec::new();
            for (key, inner) in &keys {
                for (element, lit) in set {
                    let Some(d) = self.known(element).filter(|_| *lit == TRUE) else {
                        return self.declined("a function of several arguments whose domain depends on the state");
                    };
                    let inner = self.bind(&binder.pattern, element, inner)?;
                    longer.push((key.iter().copied().chain([d]).collect(), inner));
                }
            }
            keys = longer;
            self.not_too_many(keys.len())?;
        }
        let mut pairs = Vec::with_capacity(keys.len());
        for (key, inner) in keys {
            let names = self.tuple_keys(key.len());
            let key = self.map_of(&names, &key);
            let value = self.eval(&rule.body, &inner)?;
            pairs.push((key, value));
        }
        self.map_of_pairs(pairs)
    }

    /// A function from its arguments, which are different, and values, with the arguments in TLC's order.
    pub(crate) fn map_of_pairs(&mut self, pairs: Vec<(D, Sym<'m>)>) -> Made<Sym<'m>> {
        let domain = self.set_of(pairs.iter().map(|(key, _)| *key).collect())?;
        let Some(keys) = self.static_elements(&Sym::Val(domain))? else {
            return self.declined("a function whose domain cannot be enumerated");
        };
        let value = |key: &D| pairs.iter().find(|(known, _)| known == key).map_or(Sym::Never, |(_, sym)| sym.clone());
        let values = keys.iter().map(value).collect();
        Ok(Sym::Map(Rc::new(keys), Rc::new(values)))
    }

    /// A function that is given by a rule with all its values.
    pub(crate) fn explicit_function(&mut self, sym: &Sym<'m>) -> Made<Sym<'m>> {
        let Sym::Rule(number, env) = sym else { return Ok(sym.clone()) };
        let rule = &self.model.code.rules[*number as usize];
        let Some(set) = rule.binders.first().and_then(|binder| binder.set.as_ref()) else {
            return self.declined("a function without a domain");
        };
        let domain = self.eval(set, env)?;
        let Some(keys) = self.static_elements(&domain)? else {
            return self.declined("all values of a function whose domain cannot be enumerated");
        };
        let mut values = Vec::with_capacity(keys.len());
        for key in &keys {
            values.push(self.apply_rule(*number, env, *key)?);
        }
        Ok(Sym::Map(Rc::new(keys), Rc::new(values)))
    }

    fn apply_rule(&mut self, number: u32, env: &Env<'m>, key: D) -> Made<Sym<'m>> {
        let rule = &self.model.code.rules[number as usize];
        let [binder] = &rule.binders[..] else { return self.declined("a recursive function of several arguments") };
        let mut inner = self.bind(&binder.pattern, &Sym::Val(key), env)?;
        if let Some(itself) = rule.itself {
            inner = inner.with(itself, Binding::Value(Sym::Rule(number, env.clone())));
        }
        let address = (std::ptr::from_ref(rule) as usize ^ Rc::as_ptr(&env.slots) as usize, key.0 as usize + 1);
        if self.calls.len() > 300 {
            return self.declined("a recursive function is nested too deeply");
        }
        self.calls.push(rule.owner);
        let result = self.remembered(address, &env.clone(), |this| {
            if let Some(set) = &binder.set {
                let domain = this.eval(set, env)?;
                let inside = this.contains(&Sym::Val(key), &domain)?;
                this.fail(!inside, "a function is applied outside of its domain");
            }
            this.eval(&rule.body, &inner)
        });
        self.calls.pop();
        result
    }

    /// `f[x]`.
    pub(crate) fn apply(&mut self, function: &Sym<'m>, argument: &Sym<'m>) -> Made<Sym<'m>> {
        self.for_alternatives(function, &mut |this, function| match function {
            Sym::Map(keys, parts) => {
                let (keys, parts) = (keys.clone(), parts.clone());
                this.select(&keys, &parts, argument)
            }
            Sym::Rule(number, env) => {
                let (number, env) = (*number, env.clone());
                let mut alternatives = Vec::new();
                for (d, lit) in this.cases(argument)? {
                    if let Some(value) = this.under(lit, |this| this.apply_rule(number, &env, d))? {
                        alternatives.push((lit, value));
                    }
                }
                this.merge(alternatives)
            }
            _ => Ok(this.fails("something that is no function is applied")),
        })
    }

    fn select(&mut self, keys: &[D], parts: &[Sym<'m>], argument: &Sym<'m>) -> Made<Sym<'m>> {
        let selected = self.selected(keys, argument)?;
        let mut alternatives = Vec::with_capacity(selected.len());
        for (index, lit) in selected {
            alternatives.push((lit, parts[index].clone()));
        }
        self.merge(alternatives)
    }

    /// Which arguments a value can be, each with its condition; undefined where it is none of them.
    fn selected(&mut self, keys: &[D], argument: &Sym<'m>) -> Made<Vec<(usize, Lit)>> {
        let mut selected = Vec::new();
        let outside = self.positions(keys, argument, &mut selected)?;
        self.fail(outside, "a function is applied outside of its domain");
        Ok(selected)
    }

    /// Like [`Translator::selected`]; gives the condition under which the value is none of the arguments.
    fn positions(&mut self, keys: &[D], argument: &Sym<'m>, selected: &mut Vec<(usize, Lit)>) -> Made<Lit> {
        if let Sym::Val(d) = argument {
            if let Some(index) = keys.iter().position(|key| key == d) {
                selected.push((index, TRUE));
                return Ok(FALSE);
            }
            return Ok(TRUE);
        }
        let mut outside = Vec::new();
        for (d, lit) in self.cases(argument)? {
            if self.aig.and(self.path, lit) == FALSE {
                continue;
            }
            match keys.iter().position(|key| *key == d) {
                Some(index) => selected.push((index, lit)),
                None => outside.push(lit),
            }
        }
        Ok(self.aig.or_all(&outside))
    }

    /// `DOMAIN f`.
    pub(crate) fn domain(&mut self, function: &Sym<'m>) -> Made<Sym<'m>> {
        self.for_alternatives(function, &mut |this, function| match function {
            Sym::Map(keys, _) => {
                let members = keys.iter().map(|key| (*key, TRUE)).collect();
                Ok(this.set(members))
            }
            Sym::Rule(number, env) => {
                let rule = &this.model.code.rules[*number as usize];
                match &rule.binders[..] {
                    [binder] if binder.set.is_some() => match &binder.set {
                        Some(set) => this.eval(set, env),
                        None => Ok(Sym::Never),
                    },
                    _ => this.declined("the domain of a function of several arguments"),
                }
            }
            _ => Ok(this.fails("the domain of something that is no function")),
        })
    }

    /// `[f EXCEPT …]`.
    pub(crate) fn except(&mut self, base: &'m Node, updates: &'m [Update], env: &Env<'m>) -> Made<Sym<'m>> {
        let mut value = self.eval(base, env)?;
        for update in updates {
            value = self.update(&value, update, 0, env)?;
        }
        Ok(value)
    }

    fn update(&mut self, value: &Sym<'m>, update: &'m Update, step: usize, env: &Env<'m>) -> Made<Sym<'m>> {
        let Some(path_step) = update.path.get(step) else {
            let env = match update.old {
                Some(slot) => env.with(slot, Binding::Value(value.clone())),
                None => env.clone(),
            };
            return self.eval(&update.value, &env);
        };
        let key = match path_step {
            PathStep::Field(field) => Sym::Val(self.data.of_string(*field)),
            PathStep::Index(node) => self.eval(node, env)?,
        };
        self.for_alternatives(value, &mut |this, function| {
            let function = this.explicit_function(function)?;
            let Sym::Map(keys, parts) = &function else {
                return Ok(this.fails("EXCEPT of something that is no function"));
            };
            let mut selected = Vec::new();
            // What is outside of the domain changes nothing.
            let _outside = this.positions(keys, &key, &mut selected)?;
            let mut parts = parts.to_vec();
            for (index, lit) in selected {
                let old = parts[index].clone();
                let new = this.under(lit, |this| this.update(&old, update, step + 1, env))?;
                if let Some(new) = new {
                    parts[index] = this.merge(vec![(lit, new), (!lit, old)])?;
                }
            }
            Ok(Sym::Map(keys.clone(), Rc::new(parts)))
        })
    }

    /// `e :> v`.
    pub(crate) fn maps_to(&mut self, key: &Sym<'m>, value: &Sym<'m>) -> Made<Sym<'m>> {
        let mut alternatives = Vec::new();
        for (d, lit) in self.cases(key)? {
            alternatives.push((lit, Sym::Map(Rc::new(vec![d]), Rc::new(vec![value.clone()]))));
        }
        self.merge(alternatives)
    }

    /// `f @@ g`.
    pub(crate) fn override_with(&mut self, first: &Sym<'m>, second: &Sym<'m>) -> Made<Sym<'m>> {
        let second = second.clone();
        self.for_alternatives(first, &mut |this, first| {
            let first = this.explicit_function(first)?;
            let Sym::Map(keys, parts) = first else { return Ok(this.fails("@@ needs functions")) };
            let second = second.clone();
            this.for_alternatives(&second, &mut |this, second| {
                let second = this.explicit_function(second)?;
                let Sym::Map(others, values) = second else { return Ok(this.fails("@@ needs functions")) };
                let mut pairs: Vec<(D, Sym<'m>)> = keys.iter().copied().zip(parts.iter().cloned()).collect();
                for (key, value) in others.iter().zip(values.iter()) {
                    if !keys.contains(key) {
                        pairs.push((*key, value.clone()));
                    }
                }
                this.map_of_pairs(pairs)
            })
        })
    }
}
