//! Values of terms: made from concrete ones, known to be concrete, merged.

use super::super::term::{FALSE, TRUE, Term, Terms};
use super::{MOST_TERMS, MOST_VALUES, Made, Own, Smt, Sym, Table, Translator};
use crate::walk::{Graph, Sets, Values};
use std::rc::Rc;
use tla_model::value::order::{function_len, function_pair};
use tla_model::value::{Captured, LazySet, StringId, Value};

/// Values that are merged by the same rule.
#[derive(PartialEq)]
pub enum Class {
    /// Integers.
    Int,
    /// Strings and model values.
    Atom,
    /// Sets that are lists, intervals or arrays.
    Set,
    /// Functions on all natural numbers, or all integers.
    Table(bool),
}

impl<'m> Values<'m, Smt> for Translator<'m> {
    fn heed(&self) -> Made<()> {
        if self.graph.len() > MOST_TERMS {
            return self.declined("the specification unfolds to too many expressions; use smaller constants");
        }
        if self.visits.is_multiple_of(64) { self.go_on() } else { Ok(()) }
    }

    fn concrete(&mut self, value: &Value) -> Sym<'m> {
        match value.listed() {
            Value::Bool(b) => Sym::Bool(Terms::of_bool(*b)),
            Value::Int(i) => Sym::Own(Own::Int(self.graph.number(*i))),
            Value::BigInt(i) => Sym::Own(Own::Int(self.graph.number((**i).clone()))),
            atom @ (Value::String(_) | Value::Model(_)) => self.atom(&atom.clone()),
            Value::Interval(range) => {
                Sym::Own(Own::Interval(self.graph.number(range.low), self.graph.number(range.high)))
            }
            Value::Set(node) => {
                let elements: Vec<_> = node.elements.iter().map(|one| (self.concrete(one), TRUE)).collect();
                Sym::Own(Own::Set(elements.into()))
            }
            function @ (Value::Tuple(_) | Value::Record(_) | Value::Function(_)) => {
                let pairs: Vec<(Value, Value)> =
                    (0..function_len(function).unwrap_or(0)).map(|index| function_pair(function, index)).collect();
                let parts: Vec<Sym<'m>> = pairs.iter().map(|(_, value)| self.concrete(value)).collect();
                Sym::Map(pairs.into_iter().map(|(key, _)| key).collect(), parts.into())
            }
            Value::Lazy(lazy) => self.concrete_lazy(value, lazy),
            Value::Rule(_) => Sym::Lazy(value.clone()),
        }
    }

    fn known_value(&mut self, sym: &Sym<'m>) -> Option<Value> {
        match sym {
            Sym::Bool(TRUE) => Some(Value::Bool(true)),
            Sym::Bool(FALSE) => Some(Value::Bool(false)),
            Sym::Own(Own::Int(term)) => self.graph.known_number(*term).map(|value| Value::integer(value.clone())),
            Sym::Own(Own::Atom(term, _)) => {
                let number = u32::try_from(self.graph.known_number(*term)?).ok()?;
                self.own.atoms.value(number).cloned()
            }
            Sym::Map(keys, parts) => {
                let values = parts.iter().map(|part| self.known_value(part)).collect::<Option<Vec<Value>>>()?;
                Some(Value::function(keys.iter().cloned().collect(), values))
            }
            Sym::Own(Own::Set(all)) => {
                let mut elements = Vec::with_capacity(all.len());
                for (element, guard) in all.iter() {
                    match *guard {
                        TRUE => elements.push(self.known_value(element)?),
                        FALSE => {}
                        _ => return None,
                    }
                }
                self.machine.attempt(|machine| machine.set_of(elements)).ok()
            }
            Sym::Own(Own::Interval(a, b)) => {
                let low = i64::try_from(self.graph.known_number(*a)?).ok()?;
                let high = i64::try_from(self.graph.known_number(*b)?).ok()?;
                Some(Value::interval(low, high))
            }
            Sym::Lazy(value) => Some(value.clone()),
            Sym::Subsets(base) => Some(Value::lazy(LazySet::Subsets(self.known_value(base)?))),
            Sym::Functions(domain, range) => {
                Some(Value::lazy(LazySet::Functions(self.known_value(domain)?, self.known_value(range)?)))
            }
            Sym::Never
            | Sym::Bool(_)
            | Sym::Own(Own::Table(_))
            | Sym::Own(Own::Integers(_))
            | Sym::Union(_)
            | Sym::Products(..)
            | Sym::Both(..)
            | Sym::Own(Own::Without(..))
            | Sym::Own(Own::Filter(..))
            | Sym::Rule(..) => None,
        }
    }

    fn index(&mut self, index: i64) -> Value {
        Value::Int(index)
    }

    fn field(&mut self, field: StringId) -> Value {
        Value::String(field)
    }

    fn key(&mut self, value: &Value) -> Option<Value> {
        Some(value.clone())
    }

    fn key_value(&self, key: &Value) -> Value {
        key.clone()
    }

    fn of_key(&mut self, key: &Value) -> Sym<'m> {
        self.concrete(key)
    }

    /// The same terms in the same structure.
    fn same(a: &Sym<'m>, b: &Sym<'m>) -> bool {
        match (a, b) {
            (Sym::Bool(a), Sym::Bool(b))
            | (Sym::Own(Own::Int(a)), Sym::Own(Own::Int(b)))
            | (Sym::Own(Own::Atom(a, _)), Sym::Own(Own::Atom(b, _))) => a == b,
            (Sym::Map(keys, a), Sym::Map(others, b)) => {
                keys == others && a.iter().zip(b.iter()).all(|(a, b)| Self::same(a, b))
            }
            (Sym::Own(Own::Set(a)), Sym::Own(Own::Set(b))) => {
                let alike =
                    |((x, when), (y, also)): (&(Sym<'m>, Term), &(Sym<'m>, Term))| when == also && Self::same(x, y);
                a.len() == b.len() && a.iter().zip(b.iter()).all(alike)
            }
            _ => false,
        }
    }

    fn class(own: &Own<'m>) -> Option<Class> {
        match own {
            Own::Int(_) => Some(Class::Int),
            Own::Atom(..) => Some(Class::Atom),
            Own::Table(table) => Some(Class::Table(table.natural)),
            Own::Set(_) | Own::Integers(_) | Own::Interval(..) => Some(Class::Set),
            Own::Without(..) | Own::Filter(..) => None,
        }
    }

    fn merge_own(&mut self, class: &Class, mut all: Vec<(Term, Own<'m>)>) -> Made<Sym<'m>> {
        if all.len() == 1 {
            return Ok(Sym::Own(all.swap_remove(0).1));
        }
        match class {
            Class::Int => {
                let terms = all.iter().filter_map(|(guard, own)| match own {
                    Own::Int(term) => Some((*guard, *term)),
                    _ => None,
                });
                let terms: Vec<(Term, Term)> = terms.collect();
                Ok(Sym::Own(Own::Int(self.merge_bools(&terms))))
            }
            Class::Atom => {
                let mut possible = Vec::new();
                let mut terms = Vec::with_capacity(all.len());
                for (guard, own) in &all {
                    if let Own::Atom(term, numbers) = own {
                        possible.extend(numbers.iter().copied());
                        terms.push((*guard, *term));
                    }
                }
                possible.sort_unstable();
                possible.dedup();
                Ok(Sym::Own(Own::Atom(self.merge_bools(&terms), possible.into())))
            }
            Class::Set | Class::Table(_) => {
                let all: Vec<(Term, Sym<'m>)> = all.into_iter().map(|(guard, own)| (guard, Sym::Own(own))).collect();
                if *class == Class::Set { self.merge_sets(&all) } else { Ok(self.merge_tables(&all)) }
            }
        }
    }

    /// Terms of any sort.
    fn merge_bools(&mut self, all: &[(Term, Term)]) -> Term {
        let Some(((_, last), front)) = all.split_last() else { return FALSE };
        front.iter().rev().fold(*last, |chosen, (guard, term)| self.graph.ite(*guard, *term, chosen))
    }

    fn has_strings(&self, own: &Own<'m>) -> bool {
        matches!(own, Own::Atom(_, possible) if possible.iter().any(|one| self.own.atoms.is_string(*one)))
    }
}

impl<'m> Translator<'m> {
    /// A string or model value.
    fn atom(&mut self, value: &Value) -> Sym<'m> {
        let number = self.own.atoms.number(value);
        Sym::Own(Own::Atom(self.graph.number(number), Rc::from([number])))
    }

    fn concrete_lazy(&mut self, value: &Value, lazy: &LazySet) -> Sym<'m> {
        match lazy {
            LazySet::Difference(a, b) => Sym::Own(Own::Without(Rc::new(self.concrete(a)), Rc::new(self.concrete(b)))),
            LazySet::Filter(filter) => {
                let owner = self.model.code.rules[filter.rule as usize].owner;
                let mut env = self.env_of(owner);
                for (slot, captured) in &filter.captured {
                    let Captured::Value(own) = captured else { return Sym::Lazy(value.clone()) };
                    let own = self.concrete(own);
                    env = env.with_value(*slot, own);
                }
                Sym::Own(Own::Filter(Rc::new(self.concrete(&filter.base)), filter.rule, env))
            }
            LazySet::Subsets(_)
            | LazySet::Functions(..)
            | LazySet::Records(..)
            | LazySet::Product(_)
            | LazySet::Union(..)
            | LazySet::Naturals
            | LazySet::Integers
            | LazySet::Reals
            | LazySet::Strings
            | LazySet::Sequences(_)
            | LazySet::Family(_)
            | LazySet::Intersection(..)
            | LazySet::Anything => self.lazy_structure(lazy).unwrap_or_else(|| Sym::Lazy(value.clone())),
        }
    }

    fn merge_sets(&mut self, all: &[(Term, Sym<'m>)]) -> Made<Sym<'m>> {
        if all.iter().any(|(_, sym)| matches!(sym, Sym::Own(Own::Integers(_)))) {
            let mut arrays = Vec::with_capacity(all.len());
            for (guard, sym) in all {
                match self.array_of(sym)? {
                    Some(array) => arrays.push((*guard, array)),
                    None => return Ok(Sym::Union(all.to_vec().into())),
                }
            }
            return Ok(Sym::Own(Own::Integers(self.merge_bools(&arrays))));
        }
        if all.iter().all(|(_, sym)| matches!(sym, Sym::Own(Own::Interval(..)))) {
            let bounds = |low: bool| {
                all.iter().filter_map(move |(guard, sym)| match sym {
                    Sym::Own(Own::Interval(a, b)) => Some((*guard, if low { *a } else { *b })),
                    _ => None,
                })
            };
            let (low, high) = (bounds(true).collect::<Vec<_>>(), bounds(false).collect::<Vec<_>>());
            return Ok(Sym::Own(Own::Interval(self.merge_bools(&low), self.merge_bools(&high))));
        }
        let mut lists = Vec::with_capacity(all.len());
        for (guard, sym) in all {
            match self.list_of(sym) {
                Some(list) => lists.push((*guard, list)),
                None => return Ok(Sym::Union(all.to_vec().into())),
            }
        }
        let mut members: Vec<(Sym<'m>, Vec<(Term, Term)>)> = Vec::new();
        for (guard, list) in &lists {
            for (element, when) in list.iter() {
                match members.iter_mut().find(|(known, _)| Self::same(known, element)) {
                    Some((_, cases)) => cases.push((*guard, *when)),
                    None => members.push((element.clone(), vec![(*guard, *when)])),
                }
            }
        }
        let mut merged = Vec::with_capacity(members.len());
        for (element, cases) in members {
            let first = cases[0].1;
            let everywhere = cases.len() == lists.len() && cases.iter().all(|(_, when)| *when == first);
            let guard = match everywhere {
                true => first,
                false => {
                    let both: Vec<Term> = cases.into_iter().map(|(guard, when)| self.graph.and(guard, when)).collect();
                    self.graph.or_all(&both)
                }
            };
            merged.push((element, guard));
        }
        self.set(merged)
    }

    /// Functions on all integers with their places joined.
    fn merge_tables(&mut self, all: &[(Term, Sym<'m>)]) -> Sym<'m> {
        let tables: Vec<(Term, &Rc<Table>)> = all
            .iter()
            .filter_map(|(guard, sym)| match sym {
                Sym::Own(Own::Table(table)) => Some((*guard, table)),
                _ => None,
            })
            .collect();
        let Some((_, first)) = tables.first() else { return Sym::Never };
        if tables.iter().any(|(_, table)| table.shape != first.shape) {
            return Sym::Union(all.to_vec().into());
        }
        let mut arrays = Vec::with_capacity(first.arrays.len());
        for index in 0..first.arrays.len() {
            let column = tables.iter().map(|(guard, table)| (*guard, table.arrays[index])).collect::<Vec<_>>();
            arrays.push(self.merge_bools(&column));
        }
        Sym::Own(Own::Table(Rc::new(Table { natural: first.natural, shape: first.shape.clone(), arrays })))
    }

    /// A set as a list, if it is one or a short interval between bounds that are known to be close.
    pub(super) fn list_of(&mut self, sym: &Sym<'m>) -> Option<Rc<[(Sym<'m>, Term)]>> {
        match sym {
            Sym::Own(Own::Set(all)) => Some(all.clone()),
            Sym::Own(Own::Interval(a, b)) => {
                let low = i64::try_from(self.graph.bounds(*a)?.0).ok()?;
                let high = i64::try_from(self.graph.bounds(*b)?.1).ok()?;
                if high.saturating_sub(low) >= MOST_VALUES as i64 {
                    return None;
                }
                let mut all = Vec::new();
                for value in low..=high {
                    let value = self.graph.number(value);
                    let (above, below) = (self.graph.less_equal(*a, value), self.graph.less_equal(value, *b));
                    all.push((Sym::Own(Own::Int(value)), self.graph.and(above, below)));
                }
                Some(all.into())
            }
            _ => None,
        }
    }

    /// A set of integers as an array, if it is a list of integers or one already.
    pub(super) fn array_of(&mut self, sym: &Sym<'m>) -> Made<Option<Term>> {
        if let Sym::Own(Own::Integers(array)) = sym {
            return Ok(Some(*array));
        }
        let Some(list) = self.list_of(sym) else { return Ok(None) };
        let mut array = self.graph.everywhere(FALSE);
        for (element, guard) in list.iter() {
            let Sym::Own(Own::Int(element)) = element else { return Ok(None) };
            let there = match *guard {
                TRUE => TRUE,
                guard => {
                    let before = self.graph.select(array, *element);
                    self.graph.or(before, guard)
                }
            };
            array = self.graph.store(array, *element, there);
        }
        Ok(Some(array))
    }
}
