//! Functions and records.

use super::super::sym::{Binding, Env, Sym, Table};
use super::super::term::{FALSE, Sort, TRUE, Term};
use super::{Made, Translator};
use std::rc::Rc;
use tla_model::ir::{Node, PathStep, Update};
use tla_model::value::Value;

/// Deepest nesting of a recursive function.
const DEEPEST: usize = 200;

impl<'m> Translator<'m> {
    /// `[x \in S |-> e]`, or `f[x \in S] == e`.
    pub(super) fn function(&mut self, number: u32, env: &Env<'m>) -> Made<Sym<'m>> {
        let rule = &self.model.code.rules[number as usize];
        if rule.itself.is_some() {
            return Ok(Sym::Rule(number, env.clone()));
        }
        let [binder] = &rule.binders[..] else { return self.function_of_several(number, env) };
        let Some(set) = &binder.set else { return self.declined("a bound name without a set") };
        let domain = self.eval(set, env)?;
        match self.static_elements(&domain)? {
            Some(keys) => self.function_over(number, keys, env),
            None if Self::is_natural(&domain).is_some() => Ok(Sym::Rule(number, env.clone())),
            None if matches!(domain, Sym::Never) => Ok(Sym::Never),
            None => self.declined("a function whose domain depends on the state"),
        }
    }

    fn function_over(&mut self, number: u32, keys: Vec<Value>, env: &Env<'m>) -> Made<Sym<'m>> {
        let rule = &self.model.code.rules[number as usize];
        let mut values = Vec::with_capacity(keys.len());
        for key in &keys {
            let key = self.concrete(key);
            let inner = self.bind(&rule.binders[0].pattern, &key, env)?;
            values.push(self.eval(&rule.body, &inner)?);
        }
        Ok(Sym::Map(keys.into(), values.into()))
    }

    /// `[x \in S, y \in T |-> e]`: its arguments are tuples.
    fn function_of_several(&mut self, number: u32, env: &Env<'m>) -> Made<Sym<'m>> {
        let rule = &self.model.code.rules[number as usize];
        let sets = self.binder_sets(&rule.binders, env)?;
        let mut keys: Vec<(Vec<Value>, Env<'m>)> = vec![(Vec::new(), env.clone())];
        for (binder, set) in rule.binders.iter().zip(&sets) {
            let mut longer = Vec::new();
            for (key, inner) in &keys {
                for (element, guard) in set {
                    let Some(value) = self.known_value(element).filter(|_| *guard == TRUE) else {
                        return self.declined("a function of several arguments whose domain depends on the state");
                    };
                    let inner = self.bind(&binder.pattern, element, inner)?;
                    longer.push((key.iter().cloned().chain([value]).collect(), inner));
                }
            }
            keys = longer;
        }
        let mut pairs = Vec::with_capacity(keys.len());
        for (key, inner) in keys {
            pairs.push((Value::tuple(key), self.eval(&rule.body, &inner)?));
        }
        self.map_of_pairs(pairs)
    }

    /// A function from its arguments, which are different, and values, with the arguments in the evaluator's order.
    fn map_of_pairs(&mut self, pairs: Vec<(Value, Sym<'m>)>) -> Made<Sym<'m>> {
        let keys = pairs.iter().map(|(key, _)| key.clone()).collect();
        let ordered = self.machine.attempt(|machine| {
            let set = machine.set_of(keys)?;
            machine.element_vec(&set)
        });
        let Ok(ordered) = ordered else { return self.declined("a function whose arguments cannot be compared") };
        let value =
            |key: &Value| pairs.iter().find(|(known, _)| known == key).map_or(Sym::Never, |(_, value)| value.clone());
        let values = ordered.iter().map(value).collect();
        Ok(Sym::Map(ordered.into(), values))
    }

    /// A function that is given by a rule with all its values.
    pub(super) fn explicit_function(&mut self, sym: &Sym<'m>) -> Made<Sym<'m>> {
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
            let key = self.concrete(key);
            values.push(self.apply_rule(*number, env, &key)?);
        }
        Ok(Sym::Map(keys.into(), values.into()))
    }

    fn apply_rule(&mut self, number: u32, env: &Env<'m>, key: &Sym<'m>) -> Made<Sym<'m>> {
        let rule = &self.model.code.rules[number as usize];
        let [binder] = &rule.binders[..] else { return self.declined("a recursive function of several arguments") };
        if self.calls.len() > DEEPEST {
            return self.declined("a recursive function whose depth depends on the state, or is very large");
        }
        let mut inner = self.bind(&binder.pattern, key, env)?;
        if let Some(itself) = rule.itself {
            inner = Self::with_value(&inner, itself, Sym::Rule(number, env.clone()));
        }
        if let Some(set) = &binder.set {
            let domain = self.eval(set, env)?;
            let inside = self.contains(key, &domain)?;
            let not = self.t.not(inside);
            self.fail(not, "a function is applied outside of its domain");
        }
        self.calls.push(rule.owner);
        let result = self.eval(&rule.body, &inner);
        self.calls.pop();
        result
    }

    /// `f[x]`.
    pub(super) fn apply(&mut self, function: &Sym<'m>, argument: &Sym<'m>) -> Made<Sym<'m>> {
        self.for_alternatives(function, &mut |this, function| match function {
            Sym::Map(keys, parts) => {
                let (selected, outside) = this.positions(keys, argument)?;
                this.fail(outside, "a function is applied outside of its domain");
                let chosen = selected.into_iter().map(|(index, when)| (when, parts[index].clone()));
                this.merge(chosen.collect())
            }
            Sym::Table(table) => {
                let Some(index) = this.integer(argument)? else { return Ok(Sym::Never) };
                this.inside(table, index);
                this.table_at(table, index)
            }
            Sym::Rule(number, env) => {
                let (number, env) = (*number, env.clone());
                this.apply_rule(number, &env, argument)
            }
            _ => Ok(this.fails("something that is no function is applied")),
        })
    }

    fn inside(&mut self, table: &Table, index: Term) {
        if table.natural {
            let zero = self.t.number(0);
            let outside = self.t.less(index, zero);
            self.fail(outside, "a function is applied outside of its domain");
        }
    }

    /// Which arguments a value can be, each with its condition, and the condition under which it is none of them.
    fn positions(&mut self, keys: &[Value], argument: &Sym<'m>) -> Made<(Vec<(usize, Term)>, Term)> {
        if let Some(value) = self.known_value(argument) {
            return Ok(match keys.iter().position(|key| *key == value) {
                Some(index) => (vec![(index, TRUE)], FALSE),
                None => (Vec::new(), TRUE),
            });
        }
        let (mut selected, mut left) = (Vec::new(), TRUE);
        for (index, key) in keys.iter().enumerate() {
            let key = self.concrete(key);
            let wanted = left;
            let same = self.under(wanted, |this| this.equal(argument, &key))?.unwrap_or(FALSE);
            if same == FALSE {
                continue;
            }
            selected.push((index, same));
            let not = self.t.not(same);
            left = self.t.and(left, not);
        }
        Ok((selected, left))
    }

    /// `DOMAIN f`.
    pub(super) fn domain(&mut self, function: &Sym<'m>) -> Made<Sym<'m>> {
        self.for_alternatives(function, &mut |this, function| match function {
            Sym::Map(keys, _) => {
                let keys = keys.iter().map(|key| (this.concrete(key), TRUE)).collect();
                this.set(keys)
            }
            Sym::Table(table) => {
                let set = match table.natural {
                    true => tla_model::value::LazySet::Naturals,
                    false => tla_model::value::LazySet::Integers,
                };
                Ok(Sym::Lazy(Value::lazy(set)))
            }
            Sym::Rule(number, env) => {
                let rule = &this.model.code.rules[*number as usize];
                match &rule.binders[..] {
                    [binder] => match &binder.set {
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
    pub(super) fn except(&mut self, base: &'m Node, updates: &'m [Update], env: &Env<'m>) -> Made<Sym<'m>> {
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
            PathStep::Field(field) => self.atom(&Value::String(*field)),
            PathStep::Index(node) => self.eval(node, env)?,
        };
        self.for_alternatives(value, &mut |this, function| match function {
            Sym::Table(table) => {
                let Some(index) = this.integer(&key)? else { return Ok(Sym::Never) };
                let old = this.table_at(table, index)?;
                let new = this.update(&old, update, step + 1, env)?;
                this.table_with(table, index, &new)
            }
            function => {
                let function = this.explicit_function(function)?;
                let Sym::Map(keys, parts) = &function else {
                    return Ok(this.fails("EXCEPT of something that is no function"));
                };
                // What is outside of the domain changes nothing.
                let (selected, _outside) = this.positions(keys, &key)?;
                let mut parts = parts.to_vec();
                for (index, when) in selected {
                    let old = parts[index].clone();
                    if let Some(new) = this.under(when, |this| this.update(&old, update, step + 1, env))? {
                        let not = this.t.not(when);
                        parts[index] = this.merge(vec![(when, new), (not, old)])?;
                    }
                }
                Ok(Sym::Map(keys.clone(), parts.into()))
            }
        })
    }

    /// `e :> v`.
    pub(super) fn maps_to(&mut self, key: &Sym<'m>, value: &Sym<'m>) -> Made<Sym<'m>> {
        match self.known_value(key) {
            Some(key) => Ok(Sym::Map(Rc::from([key]), Rc::from([value.clone()]))),
            None => self.declined("a function whose domain depends on the state"),
        }
    }

    /// `f @@ g`.
    pub(super) fn override_with(&mut self, first: &Sym<'m>, second: &Sym<'m>) -> Made<Sym<'m>> {
        let second = second.clone();
        self.for_alternatives(first, &mut |this, first| {
            let Sym::Map(keys, parts) = this.explicit_function(first)? else {
                return this.declined("@@ of functions on infinite domains");
            };
            let second = second.clone();
            this.for_alternatives(&second, &mut |this, second| {
                let Sym::Map(others, values) = this.explicit_function(second)? else {
                    return this.declined("@@ of functions on infinite domains");
                };
                let mut pairs: Vec<(Value, Sym<'m>)> = keys.iter().cloned().zip(parts.iter().cloned()).collect();
                for (key, value) in others.iter().zip(values.iter()) {
                    if !keys.contains(key) {
                        pairs.push((key.clone(), value.clone()));
                    }
                }
                this.map_of_pairs(pairs)
            })
        })
    }

    /// The value of a function on all integers at an argument.
    pub(super) fn table_at(&mut self, table: &Table, index: Term) -> Made<Sym<'m>> {
        let mut terms = Vec::with_capacity(table.arrays.len());
        for array in &table.arrays {
            terms.push(self.t.select(*array, index));
        }
        let mut facts = Vec::new();
        Ok(self.decode(&table.shape, &mut terms.into_iter(), &mut facts))
    }

    /// A function on all integers with another value at an argument; outside of its domain that changes nothing.
    fn table_with(&mut self, table: &Rc<Table>, index: Term, value: &Sym<'m>) -> Made<Sym<'m>> {
        let (terms, unfit) = self.encode(value, &table.shape)?;
        if unfit != FALSE {
            // The value has no place among those of the function: a shape that has one is found first.
            let joined = table.shape.clone().join(self.shape_of(value)?);
            return self.declined(format!("a function on all integers whose values become {}", joined.words()));
        }
        let zero = self.t.number(0);
        let inside = if table.natural { self.t.less_equal(zero, index) } else { TRUE };
        let mut arrays = Vec::with_capacity(terms.len());
        for (array, term) in table.arrays.iter().zip(terms) {
            let changed = self.t.store(*array, index, term);
            arrays.push(self.t.ite(inside, changed, *array));
        }
        Ok(Sym::Table(Rc::new(Table { natural: table.natural, shape: table.shape.clone(), arrays })))
    }

    /// A function on all integers that is given by a rule, if all its values are one.
    pub(super) fn table_of_rule(&mut self, number: u32, env: &Env<'m>) -> Made<Option<Sym<'m>>> {
        let rule = &self.model.code.rules[number as usize];
        let ([binder], None) = (&rule.binders[..], rule.itself) else { return Ok(None) };
        let Some(set) = &binder.set else { return Ok(None) };
        let domain = self.eval(set, env)?;
        let Some(natural) = Self::is_natural(&domain) else { return Ok(None) };
        let index = self.bound(Sort::Int);
        let inner = self.bind(&binder.pattern, &Sym::Int(index), env)?;
        let value = self.eval(&rule.body, &inner)?;
        let shape = self.shape_of(&value)?;
        if !shape.is_flat() {
            return self.declined("a function on all integers whose values hold functions or sets without a bound");
        }
        let (terms, _) = self.encode(&value, &shape)?;
        if terms.iter().any(|term| !self.t.node(*term).free.is_empty()) {
            return self.declined("a function on all integers with infinitely many different values to begin with");
        }
        let mut arrays = Vec::with_capacity(terms.len());
        for term in terms {
            arrays.push(self.t.everywhere(term));
        }
        Ok(Some(Sym::Table(Rc::new(Table { natural, shape, arrays }))))
    }

    /// Functions on all integers with their places joined.
    pub(super) fn merge_tables(&mut self, all: &[(Term, Sym<'m>)]) -> Made<Sym<'m>> {
        let tables: Vec<(Term, &Rc<Table>)> = all
            .iter()
            .filter_map(|(guard, sym)| match sym {
                Sym::Table(table) => Some((*guard, table)),
                _ => None,
            })
            .collect();
        let Some((_, first)) = tables.first() else { return Ok(Sym::Never) };
        if tables.iter().any(|(_, table)| table.shape != first.shape) {
            return Ok(Sym::Union(all.to_vec().into()));
        }
        let mut arrays = Vec::with_capacity(first.arrays.len());
        for index in 0..first.arrays.len() {
            let column = tables.iter().map(|(guard, table)| (*guard, table.arrays[index])).collect();
            arrays.push(self.choose(column));
        }
        Ok(Sym::Table(Rc::new(Table { natural: first.natural, shape: first.shape.clone(), arrays })))
    }
}
