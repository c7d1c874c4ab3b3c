//! Values in places, and places as values.
//!
//! A value taken apart gives a term for each place of its shape, and the condition under which it has none there. Places
//! put together give a value, and what is known of them: a number of an alternative is one of those that there are.

use super::super::shape::{MOST_ELEMENTS, Shape};
use super::super::term::{FALSE, Sort, TRUE, Term};
use super::{Made, Own, Sym, Table, Translator};
use crate::walk::{Graph, Values};
use std::rc::Rc;
use tla_model::value::Value;

impl<'m> Translator<'m> {
    /// The value in these places.
    pub(in super::super) fn decode(
        &mut self,
        shape: &Shape,
        places: &mut dyn Iterator<Item = Term>,
        facts: &mut Vec<Term>,
    ) -> Sym<'m> {
        let mut take = || places.next().unwrap_or(FALSE);
        match shape {
            Shape::Never => Sym::Never,
            Shape::Bool => Sym::Bool(take()),
            Shape::Int => Sym::Own(Own::Int(take())),
            Shape::Atom(possible) => {
                let place = take();
                facts.push(self.one_of(place, possible));
                Sym::Own(Own::Atom(place, possible.as_slice().into()))
            }
            Shape::Map(keys, parts) => {
                let parts: Vec<Sym<'m>> = parts.iter().map(|part| self.decode(part, places, facts)).collect();
                Sym::Map(keys.as_slice().into(), parts.into())
            }
            Shape::Sequence(parts) => {
                let length = take();
                let parts: Vec<Sym<'m>> = parts.iter().map(|part| self.decode(part, places, facts)).collect();
                let alternatives = (0..=parts.len()).map(|count| {
                    let number = self.graph.number(count);
                    (self.graph.equal(length, number), self.tuple(parts[..count].to_vec()))
                });
                let alternatives: Vec<(Term, Sym<'m>)> = alternatives.collect();
                let guards: Vec<Term> = alternatives.iter().map(|(guard, _)| *guard).collect();
                facts.push(self.graph.or_all(&guards));
                Sym::Union(alternatives.into())
            }
            Shape::Union(all) => {
                let tag = take();
                let mut alternatives = Vec::with_capacity(all.len());
                for (index, part) in all.iter().enumerate() {
                    let number = self.graph.number(index);
                    let chosen = self.graph.equal(tag, number);
                    alternatives.push((chosen, self.decode(part, places, facts)));
                }
                let guards: Vec<Term> = alternatives.iter().map(|(guard, _)| *guard).collect();
                facts.push(self.graph.or_all(&guards));
                // An alternative may be one of several lengths itself.
                self.merge(alternatives).unwrap_or_default()
            }
            Shape::Table(natural, element) => {
                let mut sorts = Vec::new();
                element.sorts(&mut sorts);
                let arrays: Vec<Term> = sorts.iter().map(|_| places.next().unwrap_or(FALSE)).collect();
                let table = Table { natural: *natural, shape: (**element).clone(), arrays };
                facts.extend(self.table_facts(&table));
                Sym::Own(Own::Table(Rc::new(table)))
            }
            Shape::Set(all) => {
                let members: Vec<_> = all.iter().map(|one| (self.concrete(one), take())).collect();
                Sym::Own(Own::Set(members.into()))
            }
            Shape::Integers => Sym::Own(Own::Integers(take())),
        }
    }

    /// What is known of all values of a function on all integers.
    fn table_facts(&mut self, table: &Table) -> Option<Term> {
        let index = self.bound(Sort::Int);
        let mut terms = Vec::with_capacity(table.arrays.len());
        for array in &table.arrays {
            terms.push(self.graph.select(*array, index));
        }
        let mut facts = Vec::new();
        self.decode(&table.shape, &mut terms.into_iter(), &mut facts);
        let all = self.graph.and_all(&facts);
        let not = self.graph.not(all);
        let some = self.graph.exists(index, not);
        (all != TRUE).then(|| self.graph.not(some))
    }

    /// A term for each place of a shape, and the condition under which the value has no place there.
    pub(in super::super) fn encode(&mut self, sym: &Sym<'m>, shape: &Shape) -> Made<(Vec<Term>, Term)> {
        match (sym, shape) {
            (Sym::Never, _) => Ok((self.nothing(shape), FALSE)),
            (Sym::Union(all), _) => {
                let mut unfit = FALSE;
                let mut columns: Vec<Vec<(Term, Term)>> = Vec::new();
                for (guard, alternative) in all.iter() {
                    let Some((terms, bad)) = self.under(*guard, |this| this.encode(alternative, shape))? else {
                        continue;
                    };
                    let bad = self.graph.and(*guard, bad);
                    unfit = self.graph.or(unfit, bad);
                    columns.resize(terms.len(), Vec::new());
                    for (column, term) in columns.iter_mut().zip(terms) {
                        column.push((*guard, term));
                    }
                }
                if columns.is_empty() {
                    return Ok((self.nothing(shape), unfit));
                }
                Ok((columns.into_iter().map(|column| self.merge_bools(&column)).collect(), unfit))
            }
            (_, Shape::Union(all)) => self.encode_alternative(sym, all),
            (Sym::Rule(number, env), Shape::Table(..)) => match self.table_of_rule(*number, env)? {
                Some(table) => self.encode(&table, shape),
                None => self.declined("a function whose domain depends on the state"),
            },
            (Sym::Rule(..), _) => {
                let function = self.explicit_function(sym)?;
                self.encode(&function, shape)
            }
            (Sym::Bool(term), Shape::Bool) | (Sym::Own(Own::Int(term)), Shape::Int) => Ok((vec![*term], FALSE)),
            (Sym::Own(Own::Atom(term, own)), Shape::Atom(possible)) => {
                let others: Vec<u32> = own.iter().copied().filter(|one| !possible.contains(one)).collect();
                Ok((vec![*term], self.one_of(*term, &others)))
            }
            (Sym::Map(keys, parts), Shape::Map(own, shapes)) if keys[..] == own[..] => {
                self.encode_parts(parts, shapes, Vec::new())
            }
            (Sym::Map(keys, parts), Shape::Sequence(shapes))
                if super::super::shape::is_tuple(keys) && parts.len() <= shapes.len() =>
            {
                let length = self.graph.number(parts.len());
                self.encode_parts(parts, shapes, vec![length])
            }
            (Sym::Own(Own::Table(table)), Shape::Table(natural, element)) if table.natural == *natural => {
                if table.shape == **element {
                    return Ok((table.arrays.clone(), FALSE));
                }
                self.declined("functions on all integers with values of different structure")
            }
            (Sym::Own(Own::Set(all)), Shape::Set(universe)) => self.encode_set(all, universe),
            (Sym::Own(Own::Interval(..)), Shape::Set(universe)) => match self.list_of(sym) {
                Some(list) => self.encode_set(&list, universe),
                None => self.encode_open(sym, universe),
            },
            (sym, Shape::Set(universe)) if Self::is_set_of_any(sym) => match self.elements(sym) {
                Ok(all) => self.encode_set(&all, universe),
                Err(_) => self.encode_open(sym, universe),
            },
            (sym, Shape::Integers) if Self::is_set_of_any(sym) => match self.array_of(sym)? {
                Some(array) => Ok((vec![array], FALSE)),
                None => self.declined("a set of integers that is not made by adding and removing elements is kept"),
            },
            _ => Ok((self.nothing(shape), TRUE)),
        }
    }

    fn encode_parts(&mut self, parts: &[Sym<'m>], shapes: &[Shape], mut terms: Vec<Term>) -> Made<(Vec<Term>, Term)> {
        let mut unfit = FALSE;
        for (index, shape) in shapes.iter().enumerate() {
            match parts.get(index) {
                Some(part) => {
                    let (own, bad) = self.encode(part, shape)?;
                    terms.extend(own);
                    unfit = self.graph.or(unfit, bad);
                }
                None => terms.extend(self.nothing(shape)),
            }
        }
        Ok((terms, unfit))
    }

    fn encode_set(&mut self, all: &[(Sym<'m>, Term)], universe: &[Value]) -> Made<(Vec<Term>, Term)> {
        let mut terms = vec![FALSE; universe.len()];
        let mut unfit = FALSE;
        for (element, guard) in all {
            self.go_on()?;
            let known = self.known_value(element);
            let mut placed = FALSE;
            for (index, value) in universe.iter().enumerate() {
                let same = match &known {
                    Some(known) => super::Terms::of_bool(known == value),
                    None => {
                        let value = self.concrete(value);
                        // Values of another sort are not the same; that they cannot be compared is no matter here.
                        let undefined = std::mem::take(&mut self.undefined);
                        let same = self.equal(element, &value);
                        self.undefined = undefined;
                        same?
                    }
                };
                placed = self.graph.or(placed, same);
                let here = self.graph.and(*guard, same);
                terms[index] = self.graph.or(terms[index], here);
            }
            let bad = self.graph.without(*guard, placed);
            unfit = self.graph.or(unfit, bad);
        }
        Ok((terms, unfit))
    }

    /// A set that cannot be listed in a place for some elements: it has to have no others.
    fn encode_open(&mut self, sym: &Sym<'m>, universe: &[Value]) -> Made<(Vec<Term>, Term)> {
        let mut terms = Vec::with_capacity(universe.len());
        for value in universe {
            let value = self.concrete(value);
            terms.push(self.contains(&value, sym)?);
        }
        let listed: Vec<_> = universe.iter().map(|value| (self.concrete(value), TRUE)).collect();
        let inside = self.subset(sym, &Sym::Own(Own::Set(listed.into())))?;
        Ok((terms, self.graph.not(inside)))
    }

    fn encode_alternative(&mut self, sym: &Sym<'m>, all: &[Shape]) -> Made<(Vec<Term>, Term)> {
        let mut parts = Vec::new();
        let (mut tag, mut left) = (self.graph.number(0), TRUE);
        for (index, shape) in all.iter().enumerate() {
            let (terms, bad) = match Self::can_be(sym, shape) {
                true => self.encode(sym, shape)?,
                false => (self.nothing(shape), TRUE),
            };
            let chosen = self.graph.without(left, bad);
            let number = self.graph.number(index);
            tag = self.graph.ite(chosen, number, tag);
            left = self.graph.without(left, chosen);
            parts.extend(terms);
        }
        let terms = std::iter::once(tag).chain(parts).collect();
        Ok((terms, left))
    }

    /// Whether a value without alternatives can have a place in a shape at all.
    fn can_be(sym: &Sym<'m>, shape: &Shape) -> bool {
        match shape {
            Shape::Never => false,
            Shape::Bool => matches!(sym, Sym::Bool(_)),
            Shape::Int => matches!(sym, Sym::Own(Own::Int(_))),
            Shape::Atom(_) => matches!(sym, Sym::Own(Own::Atom(..))),
            Shape::Map(..) | Shape::Sequence(_) => matches!(sym, Sym::Map(..)),
            Shape::Table(..) => matches!(sym, Sym::Own(Own::Table(_))),
            Shape::Set(_) | Shape::Integers => Self::is_set_of_any(sym),
            Shape::Union(_) => true,
        }
    }

    /// Places of no value. What is in them is not looked at.
    fn nothing(&mut self, shape: &Shape) -> Vec<Term> {
        match shape {
            // A number that stands for something has to be one of those that do.
            Shape::Atom(possible) => vec![self.graph.number(possible.first().copied().unwrap_or(0))],
            Shape::Map(_, parts) => parts.iter().flat_map(|part| self.nothing(part)).collect(),
            Shape::Sequence(parts) | Shape::Union(parts) => {
                let zero = self.graph.number(0);
                std::iter::once(zero).chain(parts.iter().flat_map(|part| self.nothing(part))).collect()
            }
            Shape::Table(_, element) => {
                let own = self.nothing(element);
                own.into_iter().map(|term| self.graph.everywhere(term)).collect()
            }
            Shape::Never | Shape::Bool | Shape::Int | Shape::Set(_) | Shape::Integers => {
                let mut sorts = Vec::new();
                shape.sorts(&mut sorts);
                let nothing = |sort| match sort {
                    Sort::Bool => FALSE,
                    Sort::Int => self.graph.number(0),
                    Sort::Flags => self.graph.everywhere(FALSE),
                    Sort::Integers => {
                        let zero = self.graph.number(0);
                        self.graph.everywhere(zero)
                    }
                };
                sorts.into_iter().map(nothing).collect()
            }
        }
    }

    /// The places that every value that this can be has one in, but for what is cut off.
    pub(in super::super) fn shape_of(&mut self, sym: &Sym<'m>) -> Made<Shape> {
        Ok(match sym {
            Sym::Never => Shape::Never,
            Sym::Bool(_) => Shape::Bool,
            Sym::Own(Own::Int(_)) => Shape::Int,
            Sym::Own(Own::Atom(_, possible)) => Shape::Atom(possible.to_vec()),
            Sym::Map(keys, parts) => {
                let parts = parts.iter().map(|part| self.shape_of(part)).collect::<Made<Vec<Shape>>>()?;
                Shape::Map(keys.to_vec(), parts)
            }
            Sym::Own(Own::Table(table)) => Shape::Table(table.natural, Box::new(table.shape.clone())),
            Sym::Union(all) => {
                let mut shape = Shape::Never;
                for (_, alternative) in all.iter() {
                    shape = shape.join(self.shape_of(alternative)?);
                }
                shape
            }
            Sym::Rule(number, env) => match self.table_of_rule(*number, env)? {
                Some(table) => self.shape_of(&table)?,
                None => {
                    let function = self.explicit_function(sym)?;
                    self.shape_of(&function)?
                }
            },
            Sym::Own(Own::Integers(_)) => Shape::Integers,
            Sym::Own(Own::Interval(..)) if self.list_of(sym).is_none() => Shape::Integers,
            Sym::Own(Own::Set(_)) | Sym::Own(Own::Interval(..)) => self.shape_of_set(sym)?,
            Sym::Lazy(_)
            | Sym::Subsets(_)
            | Sym::Functions(..)
            | Sym::Products(..)
            | Sym::Both(..)
            | Sym::Own(Own::Without(..))
            | Sym::Own(Own::Filter(..)) => self.shape_of_set(sym)?,
        })
    }

    fn shape_of_set(&mut self, sym: &Sym<'m>) -> Made<Shape> {
        let mut universe: Vec<Value> = Vec::new();
        for (element, _) in self.elements(sym)? {
            let values = match self.known_value(&element) {
                Some(value) => vec![value],
                None if matches!(element, Sym::Own(Own::Int(_))) => return Ok(Shape::Integers),
                None => {
                    let shape = self.shape_of(&element)?;
                    match self.values_of(&shape) {
                        Some(values) => values,
                        None => {
                            return self.declined(
                                "a set of values with integers in them that have no bound; sets of such values have no \
                                 finite number of places",
                            );
                        }
                    }
                }
            };
            for value in values {
                if !universe.contains(&value) {
                    universe.push(value);
                }
            }
        }
        if universe.len() > MOST_ELEMENTS && !universe.iter().all(|one| matches!(one, Value::Int(_))) {
            return self.declined(format!("a set of some of more than {MOST_ELEMENTS} values is kept"));
        }
        Ok(Shape::Set(universe).join(Shape::Set(Vec::new())))
    }

    /// All values of a shape, if they are not many.
    fn values_of(&mut self, shape: &Shape) -> Option<Vec<Value>> {
        let few = |all: Vec<Value>| (all.len() <= MOST_ELEMENTS).then_some(all);
        match shape {
            Shape::Never => Some(Vec::new()),
            Shape::Bool => Some(vec![Value::Bool(false), Value::Bool(true)]),
            Shape::Atom(possible) => possible.iter().map(|number| self.own.atoms.value(*number).cloned()).collect(),
            Shape::Map(keys, parts) => {
                let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
                for part in parts {
                    let values = self.values_of(part)?;
                    if rows.len().saturating_mul(values.len()) > MOST_ELEMENTS {
                        return None;
                    }
                    let with = |row: &Vec<Value>, value: &Value| row.iter().chain([value]).cloned().collect();
                    rows = rows.iter().flat_map(|row| values.iter().map(move |value| with(row, value))).collect();
                }
                Some(rows.into_iter().map(|row| Value::function(keys.iter().cloned().collect(), row)).collect())
            }
            Shape::Union(all) => {
                let mut values = Vec::new();
                for part in all {
                    values.extend(self.values_of(part)?);
                }
                few(values)
            }
            Shape::Set(universe) if universe.len() <= 8 => {
                let mut sets = Vec::with_capacity(1 << universe.len());
                for mask in 0..1usize << universe.len() {
                    let chosen = universe.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1);
                    let elements = chosen.map(|(_, value)| value.clone()).collect();
                    sets.push(self.machine.attempt(|machine| machine.set_of(elements)).ok()?);
                }
                Some(sets)
            }
            Shape::Int | Shape::Sequence(_) | Shape::Table(..) | Shape::Set(_) | Shape::Integers => None,
        }
    }
}
