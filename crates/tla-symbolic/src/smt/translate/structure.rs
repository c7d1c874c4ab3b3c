//! Symbolic values by structure: made from concrete ones, known to be concrete, merged.

use super::super::sym::Sym;
use super::super::term::{FALSE, TRUE, Term, Terms};
use super::{MOST_VALUES, Made, Translator};
use std::rc::Rc;
use tla_model::value::order::{function_len, function_pair};
use tla_model::value::{Captured, LazySet, Value};

/// Values that are merged by the same rule.
#[derive(PartialEq, Clone)]
enum Class {
    Bool,
    Int,
    Atom,
    Set,
    Map(Rc<[Value]>),
    Table(bool),
    /// None: it stays an alternative.
    Own,
}

impl<'m> Translator<'m> {
    /// A string or model value.
    pub(super) fn atom(&mut self, value: &Value) -> Sym<'m> {
        let number = self.atoms.number(value);
        Sym::Atom(self.t.number(number), Rc::from([number]))
    }

    /// The arguments `1..n` of a tuple.
    pub(super) fn tuple_keys(count: usize) -> Rc<[Value]> {
        (1..=count as i64).map(Value::Int).collect()
    }

    /// A tuple or sequence of these.
    pub(super) fn tuple(parts: Vec<Sym<'m>>) -> Sym<'m> {
        Sym::Map(Self::tuple_keys(parts.len()), parts.into())
    }

    /// A concrete value as a symbolic one.
    pub(super) fn concrete(&mut self, value: &Value) -> Sym<'m> {
        match value.listed() {
            Value::Bool(b) => Sym::Bool(Terms::of_bool(*b)),
            Value::Int(i) => Sym::Int(self.t.number(*i)),
            Value::BigInt(i) => Sym::Int(self.t.number((**i).clone())),
            atom @ (Value::String(_) | Value::Model(_)) => self.atom(&atom.clone()),
            Value::Interval(range) => Sym::Interval(self.t.number(range.low), self.t.number(range.high)),
            Value::Set(node) => {
                let elements: Vec<_> = node.elements.iter().map(|one| (self.concrete(one), TRUE)).collect();
                Sym::Set(elements.into())
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

    fn concrete_lazy(&mut self, value: &Value, lazy: &LazySet) -> Sym<'m> {
        match lazy {
            LazySet::Subsets(base) => Sym::Subsets(Rc::new(self.concrete(base))),
            LazySet::Functions(domain, range) => {
                Sym::Functions(Rc::new(self.concrete(domain)), Rc::new(self.concrete(range)))
            }
            LazySet::Records(fields, sets) => {
                let keys = fields.iter().map(|field| Value::String(*field)).collect();
                Sym::Products(keys, sets.iter().map(|set| self.concrete(set)).collect())
            }
            LazySet::Product(sets) => {
                let keys = Self::tuple_keys(sets.len());
                Sym::Products(keys, sets.iter().map(|set| self.concrete(set)).collect())
            }
            LazySet::Union(a, b) => Sym::Both(Rc::new(self.concrete(a)), Rc::new(self.concrete(b))),
            LazySet::Difference(a, b) => Sym::Without(Rc::new(self.concrete(a)), Rc::new(self.concrete(b))),
            LazySet::Filter(filter) => {
                let owner = self.model.code.rules[filter.rule as usize].owner;
                let mut env = self.env_of(owner);
                for (slot, captured) in &filter.captured {
                    let Captured::Value(own) = captured else { return Sym::Lazy(value.clone()) };
                    let own = self.concrete(own);
                    env = Self::with_value(&env, *slot, own);
                }
                Sym::Filter(Rc::new(self.concrete(&filter.base)), filter.rule, env)
            }
            LazySet::Naturals
            | LazySet::Integers
            | LazySet::Reals
            | LazySet::Strings
            | LazySet::Sequences(_)
            | LazySet::Family(_)
            | LazySet::Intersection(..)
            | LazySet::Anything => Sym::Lazy(value.clone()),
        }
    }

    /// The concrete value, if there is only one.
    pub(super) fn known_value(&mut self, sym: &Sym<'m>) -> Option<Value> {
        match sym {
            Sym::Bool(TRUE) => Some(Value::Bool(true)),
            Sym::Bool(FALSE) => Some(Value::Bool(false)),
            Sym::Int(term) => self.t.known_number(*term).map(|value| Value::integer(value.clone())),
            Sym::Atom(term, _) => {
                let number = u32::try_from(self.t.known_number(*term)?).ok()?;
                self.atoms.value(number).cloned()
            }
            Sym::Map(keys, parts) => {
                let values = parts.iter().map(|part| self.known_value(part)).collect::<Option<Vec<Value>>>()?;
                Some(Value::function(keys.iter().cloned().collect(), values))
            }
            Sym::Set(all) => {
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
            Sym::Interval(a, b) => {
                let low = i64::try_from(self.t.known_number(*a)?).ok()?;
                let high = i64::try_from(self.t.known_number(*b)?).ok()?;
                Some(Value::interval(low, high))
            }
            Sym::Lazy(value) => Some(value.clone()),
            Sym::Subsets(base) => Some(Value::lazy(LazySet::Subsets(self.known_value(base)?))),
            Sym::Functions(domain, range) => {
                Some(Value::lazy(LazySet::Functions(self.known_value(domain)?, self.known_value(range)?)))
            }
            Sym::Never
            | Sym::Bool(_)
            | Sym::Table(_)
            | Sym::Integers(_)
            | Sym::Union(_)
            | Sym::Products(..)
            | Sym::Both(..)
            | Sym::Without(..)
            | Sym::Filter(..)
            | Sym::Rule(..) => None,
        }
    }

    /// Whether two symbolic values are the same terms in the same structure.
    pub(super) fn same(a: &Sym<'m>, b: &Sym<'m>) -> bool {
        match (a, b) {
            (Sym::Bool(a), Sym::Bool(b)) | (Sym::Int(a), Sym::Int(b)) | (Sym::Atom(a, _), Sym::Atom(b, _)) => a == b,
            (Sym::Map(keys, a), Sym::Map(others, b)) => {
                keys == others && a.iter().zip(b.iter()).all(|(a, b)| Self::same(a, b))
            }
            (Sym::Set(a), Sym::Set(b)) => {
                let alike =
                    |((x, when), (y, also)): (&(Sym<'m>, Term), &(Sym<'m>, Term))| when == also && Self::same(x, y);
                a.len() == b.len() && a.iter().zip(b.iter()).all(alike)
            }
            _ => false,
        }
    }

    /// The set of these elements, each under its condition; what is the same element comes once.
    pub(super) fn set(&mut self, members: Vec<(Sym<'m>, Term)>) -> Made<Sym<'m>> {
        let mut all: Vec<(Sym<'m>, Term)> = Vec::with_capacity(members.len());
        for (element, guard) in members {
            if guard == FALSE || matches!(element, Sym::Never) {
                continue;
            }
            // Alternatives are elements of their own.
            let parts: Vec<(Term, Sym<'m>)> = match &element {
                Sym::Union(parts) => parts.to_vec(),
                _ => vec![(TRUE, element)],
            };
            for (also, element) in parts {
                let guard = self.t.and(guard, also);
                match all.iter_mut().find(|(known, _)| Self::same(known, &element)) {
                    Some((_, known)) => *known = self.t.or(*known, guard),
                    None => all.push((element, guard)),
                }
            }
            if all.len().is_multiple_of(64) {
                self.go_on()?;
            }
            if all.len() > MOST_VALUES {
                return self.declined(format!("a set of more than {MOST_VALUES} possible elements"));
            }
        }
        Ok(Sym::Set(all.into()))
    }

    /// The value that is whichever alternative's guard is true. Guards exclude each other; where none is true, the value
    /// is arbitrary.
    pub(super) fn merge(&mut self, alternatives: Vec<(Term, Sym<'m>)>) -> Made<Sym<'m>> {
        let mut flat: Vec<(Term, Sym<'m>)> = Vec::with_capacity(alternatives.len());
        for (guard, sym) in alternatives {
            match sym {
                _ if guard == FALSE => {}
                Sym::Never => {}
                Sym::Union(all) => {
                    for (inner, sym) in all.iter() {
                        let both = self.t.and(guard, *inner);
                        if both != FALSE {
                            flat.push((both, sym.clone()));
                        }
                    }
                }
                other => flat.push((guard, other)),
            }
        }
        if flat.len() <= 1 {
            return Ok(flat.pop().map_or(Sym::Never, |(_, sym)| sym));
        }
        if flat.iter().all(|(_, sym)| Self::same(sym, &flat[0].1)) {
            return Ok(flat.swap_remove(0).1);
        }
        let mut groups: Vec<(Class, Vec<(Term, Sym<'m>)>)> = Vec::new();
        for (guard, sym) in flat {
            let class = Self::class(&sym);
            match groups.iter_mut().find(|(known, _)| *known != Class::Own && *known == class) {
                Some((_, all)) => all.push((guard, sym)),
                None => groups.push((class, vec![(guard, sym)])),
            }
        }
        let single = groups.len() == 1;
        let mut result = Vec::with_capacity(groups.len());
        for (class, all) in groups {
            let guard = self.t.or_all(all.iter().map(|(guard, _)| *guard));
            result.push((guard, self.merge_class(&class, all)?));
        }
        match result.pop() {
            Some((_, only)) if single => Ok(only),
            Some(last) => {
                result.push(last);
                Ok(Sym::Union(result.into()))
            }
            None => Ok(Sym::Never),
        }
    }

    fn class(sym: &Sym<'m>) -> Class {
        match sym {
            Sym::Bool(_) => Class::Bool,
            Sym::Int(_) => Class::Int,
            Sym::Atom(..) => Class::Atom,
            Sym::Map(keys, _) => Class::Map(keys.clone()),
            Sym::Table(table) => Class::Table(table.natural),
            Sym::Set(_) | Sym::Integers(_) | Sym::Interval(..) => Class::Set,
            Sym::Never
            | Sym::Union(_)
            | Sym::Lazy(_)
            | Sym::Subsets(_)
            | Sym::Functions(..)
            | Sym::Products(..)
            | Sym::Both(..)
            | Sym::Without(..)
            | Sym::Filter(..)
            | Sym::Rule(..) => Class::Own,
        }
    }

    fn merge_class(&mut self, class: &Class, mut all: Vec<(Term, Sym<'m>)>) -> Made<Sym<'m>> {
        if all.len() == 1 {
            return Ok(all.swap_remove(0).1);
        }
        match class {
            Class::Bool | Class::Int => {
                let terms = all.iter().filter_map(|(guard, sym)| match sym {
                    Sym::Bool(term) | Sym::Int(term) => Some((*guard, *term)),
                    _ => None,
                });
                let merged = self.choose(terms.collect());
                Ok(if *class == Class::Bool { Sym::Bool(merged) } else { Sym::Int(merged) })
            }
            Class::Atom => {
                let mut possible = Vec::new();
                let mut terms = Vec::with_capacity(all.len());
                for (guard, sym) in &all {
                    if let Sym::Atom(term, own) = sym {
                        possible.extend(own.iter().copied());
                        terms.push((*guard, *term));
                    }
                }
                possible.sort_unstable();
                possible.dedup();
                Ok(Sym::Atom(self.choose(terms), possible.into()))
            }
            Class::Map(keys) => {
                let mut merged = Vec::with_capacity(keys.len());
                for index in 0..keys.len() {
                    let column = all.iter().filter_map(|(guard, sym)| match sym {
                        Sym::Map(_, parts) => Some((*guard, parts[index].clone())),
                        _ => None,
                    });
                    merged.push(self.merge(column.collect())?);
                }
                Ok(Sym::Map(keys.clone(), merged.into()))
            }
            Class::Set => self.merge_sets(&all),
            Class::Table(_) => self.merge_tables(&all),
            Class::Own => Ok(Sym::Union(all.into())),
        }
    }

    /// The term whose guard is true.
    pub(super) fn choose(&mut self, mut all: Vec<(Term, Term)>) -> Term {
        let Some((_, mut chosen)) = all.pop() else { return FALSE };
        for (guard, term) in all.into_iter().rev() {
            chosen = self.t.ite(guard, term, chosen);
        }
        chosen
    }

    fn merge_sets(&mut self, all: &[(Term, Sym<'m>)]) -> Made<Sym<'m>> {
        if all.iter().any(|(_, sym)| matches!(sym, Sym::Integers(_))) {
            let mut arrays = Vec::with_capacity(all.len());
            for (guard, sym) in all {
                match self.array_of(sym)? {
                    Some(array) => arrays.push((*guard, array)),
                    None => return Ok(Sym::Union(all.to_vec().into())),
                }
            }
            return Ok(Sym::Integers(self.choose(arrays)));
        }
        if all.iter().all(|(_, sym)| matches!(sym, Sym::Interval(..))) {
            let bounds = |low: bool| {
                all.iter().filter_map(move |(guard, sym)| match sym {
                    Sym::Interval(a, b) => Some((*guard, if low { *a } else { *b })),
                    _ => None,
                })
            };
            let (low, high) = (self.choose(bounds(true).collect()), self.choose(bounds(false).collect()));
            return Ok(Sym::Interval(low, high));
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
                    let both: Vec<Term> = cases.into_iter().map(|(guard, when)| self.t.and(guard, when)).collect();
                    self.t.or_all(both)
                }
            };
            merged.push((element, guard));
        }
        self.set(merged)
    }

    /// A set as a list, if it is one or a short interval between bounds that are known to be close.
    pub(super) fn list_of(&mut self, sym: &Sym<'m>) -> Option<Rc<[(Sym<'m>, Term)]>> {
        match sym {
            Sym::Set(all) => Some(all.clone()),
            Sym::Interval(a, b) => {
                let low = i64::try_from(self.t.bounds(*a)?.0).ok()?;
                let high = i64::try_from(self.t.bounds(*b)?.1).ok()?;
                if high.saturating_sub(low) >= MOST_VALUES as i64 {
                    return None;
                }
                let mut all = Vec::new();
                for value in low..=high {
                    let value = self.t.number(value);
                    let (above, below) = (self.t.less_equal(*a, value), self.t.less_equal(value, *b));
                    all.push((Sym::Int(value), self.t.and(above, below)));
                }
                Some(all.into())
            }
            _ => None,
        }
    }

    /// A set of integers as an array, if it is a list of integers or one already.
    pub(super) fn array_of(&mut self, sym: &Sym<'m>) -> Made<Option<Term>> {
        if let Sym::Integers(array) = sym {
            return Ok(Some(*array));
        }
        let Some(list) = self.list_of(sym) else { return Ok(None) };
        let mut array = self.t.everywhere(FALSE);
        for (element, guard) in list.iter() {
            let Sym::Int(element) = element else { return Ok(None) };
            let there = match *guard {
                TRUE => TRUE,
                guard => {
                    let before = self.t.select(array, *element);
                    self.t.or(before, guard)
                }
            };
            array = self.t.store(array, *element, there);
        }
        Ok(Some(array))
    }

    /// Runs for each alternative of a value.
    pub(super) fn for_alternatives(
        &mut self,
        sym: &Sym<'m>,
        run: &mut dyn FnMut(&mut Self, &Sym<'m>) -> Made<Sym<'m>>,
    ) -> Made<Sym<'m>> {
        match sym {
            Sym::Never => Ok(Sym::Never),
            Sym::Union(all) => {
                let mut results = Vec::with_capacity(all.len());
                for (guard, alternative) in all.iter() {
                    if let Some(result) = self.under(*guard, |this| run(this, alternative))? {
                        results.push((*guard, result));
                    }
                }
                self.merge(results)
            }
            other => run(self, other),
        }
    }

    /// As [`for_alternatives`](Self::for_alternatives), with a truth value.
    pub(super) fn truth_of_alternatives(
        &mut self,
        sym: &Sym<'m>,
        run: &mut dyn FnMut(&mut Self, &Sym<'m>) -> Made<Term>,
    ) -> Made<Term> {
        let result = self.for_alternatives(sym, &mut |this, one| Ok(Sym::Bool(run(this, one)?)))?;
        Ok(match result {
            Sym::Bool(truth) => truth,
            _ => FALSE,
        })
    }
}
