//! Functions of terms: those on all integers are arrays.

use super::super::term::{FALSE, Sort, TRUE, Term};
use super::{Env, Made, Own, Smt, Sym, Table, Translator};
use crate::walk::{Each, Functions, Graph, Values};
use std::rc::Rc;
use tla_model::value::{LazySet, Value};

impl<'m> Functions<'m, Smt> for Translator<'m> {
    /// A rule is applied to what is symbolic.
    fn split(&mut self, argument: &Sym<'m>) -> Made<Vec<(Sym<'m>, Term)>> {
        Ok(vec![(argument.clone(), TRUE)])
    }

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
            left = self.graph.without(left, same);
        }
        Ok((selected, left))
    }

    fn function_beyond(&mut self, number: u32, domain: &Sym<'m>, env: &Env<'m>) -> Made<Sym<'m>> {
        match domain {
            domain if Self::is_natural(domain).is_some() => Ok(Sym::Rule(number, env.clone())),
            Sym::Never => Ok(Sym::Never),
            _ => self.declined("a function whose domain depends on the state"),
        }
    }

    fn apply_own(&mut self, function: &Own<'m>, argument: &Sym<'m>) -> Made<Option<Sym<'m>>> {
        let Own::Table(table) = function else { return Ok(None) };
        let Some(index) = self.integer(argument)? else { return Ok(Some(Sym::Never)) };
        self.inside(table, index);
        Ok(Some(self.table_at(table, index)))
    }

    fn domain_own(&self, function: &Own<'m>) -> Option<Sym<'m>> {
        let Own::Table(table) = function else { return None };
        let set = if table.natural { LazySet::Naturals } else { LazySet::Integers };
        Some(Sym::Lazy(Value::lazy(set)))
    }

    fn update_own(
        &mut self,
        function: &Own<'m>,
        argument: &Sym<'m>,
        run: Each<'_, 'm, Smt, Sym<'m>>,
    ) -> Made<Option<Sym<'m>>> {
        let Own::Table(table) = function else { return Ok(None) };
        let Some(index) = self.integer(argument)? else { return Ok(Some(Sym::Never)) };
        let old = self.table_at(table, index);
        let new = run(self, &old)?;
        self.table_with(table, index, &new).map(Some)
    }
}

impl<'m> Translator<'m> {
    fn inside(&mut self, table: &Table, index: Term) {
        if table.natural {
            let zero = self.graph.number(0);
            let outside = self.graph.less(index, zero);
            self.fail(outside, "a function is applied outside of its domain");
        }
    }

    /// The value of a function on all integers at an argument.
    pub(super) fn table_at(&mut self, table: &Table, index: Term) -> Sym<'m> {
        let mut terms = Vec::with_capacity(table.arrays.len());
        for array in &table.arrays {
            terms.push(self.graph.select(*array, index));
        }
        let mut facts = Vec::new();
        self.decode(&table.shape, &mut terms.into_iter(), &mut facts)
    }

    /// A function on all integers with another value at an argument; outside of its domain that changes nothing.
    fn table_with(&mut self, table: &Rc<Table>, index: Term, value: &Sym<'m>) -> Made<Sym<'m>> {
        let (terms, unfit) = self.encode(value, &table.shape)?;
        if unfit != FALSE {
            // The value has no place among those of the function: a shape that has one is found first.
            let joined = table.shape.clone().join(self.shape_of(value)?);
            return self.declined(format!("a function on all integers whose values become {}", joined.words()));
        }
        let zero = self.graph.number(0);
        let inside = if table.natural { self.graph.less_equal(zero, index) } else { TRUE };
        let mut arrays = Vec::with_capacity(terms.len());
        for (array, term) in table.arrays.iter().zip(terms) {
            let changed = self.graph.store(*array, index, term);
            arrays.push(self.graph.ite(inside, changed, *array));
        }
        Ok(Sym::Own(Own::Table(Rc::new(Table { natural: table.natural, shape: table.shape.clone(), arrays }))))
    }

    /// A function on all integers that is given by a rule, if all its values are one.
    pub(super) fn table_of_rule(&mut self, number: u32, env: &Env<'m>) -> Made<Option<Sym<'m>>> {
        let rule = &self.model.code.rules[number as usize];
        let ([binder], None) = (&rule.binders[..], rule.itself) else { return Ok(None) };
        let Some(set) = &binder.set else { return Ok(None) };
        let domain = self.eval(set, env)?;
        let Some(natural) = Self::is_natural(&domain) else { return Ok(None) };
        let index = self.bound(Sort::Int);
        let inner = self.bind(&binder.pattern, &Sym::Own(Own::Int(index)), env)?;
        let value = self.eval(&rule.body, &inner)?;
        let shape = self.shape_of(&value)?;
        if !shape.is_flat() {
            return self.declined("a function on all integers whose values hold functions or sets without a bound");
        }
        let (terms, _) = self.encode(&value, &shape)?;
        if terms.iter().any(|term| !self.graph.node(*term).free.is_empty()) {
            return self.declined("a function on all integers with infinitely many different values to begin with");
        }
        let mut arrays = Vec::with_capacity(terms.len());
        for term in terms {
            arrays.push(self.graph.everywhere(term));
        }
        Ok(Some(Sym::Own(Own::Table(Rc::new(Table { natural, shape, arrays })))))
    }
}
