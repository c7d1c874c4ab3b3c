//! The places of a state: shapes, their latches, and values into latches and back.
//!
//! A place is laid out one-hot: a latch for each value that a scalar can have, for each possible element of a set, for
//! each length of a sequence, for each alternative of a union. Parts that are not there (elements beyond the length,
//! the alternatives that a union is not) have no latch set, so equal values have equal bits. Which values a place can
//! have is learned from states ([`Shape::include`]) and is only a supposition: [`Translator::encode`] gives the condition
//! under which a value has no place, and that condition is a bad state of the circuit.

use super::{Made, Own, Sym, Translator};
use crate::aig::{FALSE, Lit, TRUE};
use crate::data::{D, Data, Sort};
use crate::walk::{Graph, Values};
use std::collections::BTreeSet;
use tla_compile::shape::Datum;
use tla_compile::shape::datum::is_tuple_domain;

/// What a place can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Nothing was met.
    Never,
    /// Booleans.
    Bool,
    /// These scalars.
    Scalar(BTreeSet<D>),
    /// Functions, tuples, records with these arguments.
    Map(Vec<D>, Vec<Shape>),
    /// Sets of some of these elements.
    Set(BTreeSet<D>),
    /// Sequences with the shapes of their elements, up to the longest that was met.
    Sequence(Vec<Shape>),
    /// Values of several kinds.
    Union(Vec<Shape>),
}

impl Shape {
    /// The same with room for a value; tells whether it had none.
    pub fn include(&mut self, datum: &Datum, data: &mut Data) -> bool {
        match (&mut *self, datum) {
            (Self::Union(all), _) => {
                let at = all.iter().position(|shape| shape.has_kind(datum, data));
                match at {
                    Some(index) => all[index].include(datum, data),
                    None => {
                        let mut new = Self::Never;
                        let _new = new.include(datum, data);
                        all.push(new);
                        true
                    }
                }
            }
            (Self::Never, _) => {
                *self = match datum {
                    Datum::Bool(_) => Self::Bool,
                    Datum::Int(_) | Datum::Model(_) | Datum::String(_) => {
                        Self::Scalar(BTreeSet::from([data.of_datum(datum.clone())]))
                    }
                    Datum::Set(elements) => {
                        Self::Set(elements.iter().map(|element| data.of_datum(element.clone())).collect())
                    }
                    Datum::Map(keys, values) => {
                        let parts = values.iter().map(|value| {
                            let mut shape = Self::Never;
                            let _new = shape.include(value, data);
                            shape
                        });
                        let parts: Vec<Self> = parts.collect();
                        Self::Map(keys.iter().map(|key| data.of_datum(key.clone())).collect(), parts)
                    }
                };
                true
            }
            (Self::Bool, Datum::Bool(_)) => false,
            (Self::Scalar(known), Datum::Int(_) | Datum::Model(_) | Datum::String(_)) => {
                known.insert(data.of_datum(datum.clone()))
            }
            (Self::Set(known), Datum::Set(elements)) => {
                let mut new = false;
                for element in elements {
                    new |= known.insert(data.of_datum(element.clone()));
                }
                new
            }
            (Self::Map(known, parts), Datum::Map(keys, values)) if Self::same_keys(known, keys, data) => {
                let mut new = false;
                for (part, value) in parts.iter_mut().zip(values) {
                    new |= part.include(value, data);
                }
                new
            }
            (Self::Map(known, parts), Datum::Map(keys, values))
                if is_tuple_domain(keys) && known.iter().zip(1..).all(|(key, i)| data.int(*key) == Some(i)) =>
            {
                let mut parts = std::mem::take(parts);
                Self::include_parts(&mut parts, values, data);
                *self = Self::Sequence(parts);
                true
            }
            (Self::Sequence(parts), Datum::Map(keys, values)) if is_tuple_domain(keys) => {
                Self::include_parts(parts, values, data)
            }
            _ => {
                let first = std::mem::replace(self, Self::Never);
                let mut second = Self::Never;
                let _new = second.include(datum, data);
                *self = Self::Union(vec![first, second]);
                true
            }
        }
    }

    fn include_parts(parts: &mut Vec<Self>, values: &[Datum], data: &mut Data) -> bool {
        let mut new = parts.len() < values.len();
        parts.resize(parts.len().max(values.len()), Self::Never);
        for (part, value) in parts.iter_mut().zip(values) {
            new |= part.include(value, data);
        }
        new
    }

    fn same_keys(known: &[D], keys: &[Datum], data: &Data) -> bool {
        known.len() == keys.len() && known.iter().zip(keys).all(|(d, key)| data.datum(*d) == key)
    }

    /// Whether values of this kind are values of the shape, apart from what they contain.
    fn has_kind(&self, datum: &Datum, data: &Data) -> bool {
        match (self, datum) {
            (Self::Bool, Datum::Bool(_))
            | (Self::Scalar(_), Datum::Int(_) | Datum::Model(_) | Datum::String(_))
            | (Self::Set(_), Datum::Set(_)) => true,
            (Self::Map(known, _), Datum::Map(keys, _)) => {
                Self::same_keys(known, keys, data)
                    || is_tuple_domain(keys) && known.iter().zip(1..).all(|(key, i)| data.int(*key) == Some(i))
            }
            (Self::Sequence(_), Datum::Map(keys, _)) => is_tuple_domain(keys),
            _ => false,
        }
    }

    /// All shapes of the elements of sequences made alike, and so the values of functions of one kind: what one place
    /// of a row of places holds, the others are likely to hold later.
    pub fn even(&mut self, data: &Data) {
        match self {
            Self::Sequence(parts) => Self::join_all(parts, data),
            Self::Map(keys, parts) => {
                let record = keys.first().is_some_and(|key| data.sort(*key) == Sort::String);
                let tuple = keys.iter().zip(1..).all(|(key, i)| data.int(*key) == Some(i));
                if record || tuple && parts.iter().any(|part| !part.comparable(&parts[0], data)) {
                    parts.iter_mut().for_each(|part| part.even(data));
                } else {
                    Self::join_all(parts, data);
                }
            }
            Self::Union(all) => all.iter_mut().for_each(|part| part.even(data)),
            Self::Never | Self::Bool | Self::Scalar(_) | Self::Set(_) => {}
        }
    }

    fn alike(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Whether the values are of one kind, scalars of one sort: a tuple of a string and a number has two kinds of parts.
    fn comparable(&self, other: &Self, data: &Data) -> bool {
        match (self, other) {
            (Self::Scalar(some), Self::Scalar(others)) => {
                let sorts: BTreeSet<Sort> = some.iter().chain(others).map(|d| data.sort(*d)).collect();
                sorts.len() <= 1
            }
            _ => self.alike(other),
        }
    }

    fn join_all(parts: &mut [Self], data: &Data) {
        let mut joined = Self::Never;
        for part in parts.iter() {
            joined.join(part);
        }
        joined.even(data);
        parts.fill(joined);
    }

    pub(crate) fn join(&mut self, other: &Self) {
        match (&mut *self, other) {
            (_, Self::Never) => {}
            (Self::Never, _) => *self = other.clone(),
            (Self::Bool, Self::Bool) => {}
            (Self::Scalar(a), Self::Scalar(b)) | (Self::Set(a), Self::Set(b)) => a.extend(b),
            (Self::Map(keys, a), Self::Map(others, b)) if keys == others => {
                a.iter_mut().zip(b).for_each(|(a, b)| a.join(b));
            }
            (Self::Sequence(a), Self::Sequence(b)) => {
                a.resize(a.len().max(b.len()), Self::Never);
                a.iter_mut().zip(b).for_each(|(a, b)| a.join(b));
            }
            (Self::Union(all), Self::Union(others)) => {
                for other in others {
                    match all.iter_mut().find(|known| known.joins(other)) {
                        Some(known) => known.join(other),
                        None => all.push(other.clone()),
                    }
                }
            }
            (Self::Union(all), other) => match all.iter_mut().find(|known| known.joins(other)) {
                Some(known) => known.join(other),
                None => all.push(other.clone()),
            },
            (_, Self::Union(others)) => {
                let mut all = Self::Union(others.clone());
                all.join(self);
                *self = all;
            }
            _ => *self = Self::Union(vec![self.clone(), other.clone()]),
        }
    }

    fn joins(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Map(keys, _), Self::Map(others, _)) => keys == others,
            _ => self.alike(other),
        }
    }

    /// Number of latches.
    pub fn latches(&self) -> usize {
        match self {
            Self::Never => 0,
            Self::Bool => 1,
            Self::Scalar(all) | Self::Set(all) => all.len(),
            Self::Map(_, parts) => parts.iter().map(Self::latches).sum(),
            Self::Sequence(parts) => parts.len() + 1 + parts.iter().map(Self::latches).sum::<usize>(),
            Self::Union(all) => all.len() + all.iter().map(Self::latches).sum::<usize>(),
        }
    }
}

/// What a latch says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LatchName {
    /// The variable.
    pub variable: usize,
    /// From the variable to the place.
    pub path: Vec<Step>,
    /// What is said of the place.
    pub fact: Fact,
}

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// The value of a function for an argument, the function being a sequence of varying length or not.
    Index(D, bool),
    /// One alternative of a union.
    Alternative(usize),
}

/// What a latch says of its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fact {
    /// It is true.
    True,
    /// It is this value.
    Is(D),
    /// It contains this element.
    Contains(D),
    /// It is a sequence of this length.
    Length(usize),
    /// It is this alternative of a union.
    Alternative(usize),
}

/// Builds the latches of a state.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) latches: Vec<Lit>,
    pub(crate) names: Vec<LatchName>,
    /// Places that have exactly one of several latches set, if the condition holds, and none otherwise.
    pub(crate) groups: Vec<(Lit, Vec<Lit>)>,
    /// Latches that are set only if the condition holds.
    pub(crate) conditional: Vec<(Lit, Lit)>,
    pub(crate) place: Place,
}

impl Default for Place {
    fn default() -> Self {
        Self { variable: 0, path: Vec::new(), condition: TRUE }
    }
}

/// Where the layout has come to.
pub(crate) struct Place {
    pub(crate) variable: usize,
    pub(crate) path: Vec<Step>,
    pub(crate) condition: Lit,
}

impl<'m> Translator<'m> {
    /// New latches for a shape, and the value that they stand for.
    pub(crate) fn decode(&mut self, shape: &Shape, layout: &mut Layout) -> Sym<'m> {
        match shape {
            Shape::Never => Sym::Never,
            Shape::Bool => {
                let lit = self.latch(layout, Fact::True);
                if layout.place.condition != TRUE {
                    layout.conditional.push((lit, layout.place.condition));
                }
                Sym::Bool(lit)
            }
            Shape::Scalar(all) => {
                let cases: Vec<(D, Lit)> = all.iter().map(|d| (*d, self.latch(layout, Fact::Is(*d)))).collect();
                layout.groups.push((layout.place.condition, cases.iter().map(|(_, lit)| *lit).collect()));
                Sym::Own(Own::Enum(cases.into()))
            }
            Shape::Set(all) => {
                let members: Vec<(D, Lit)> = all.iter().map(|d| (*d, self.latch(layout, Fact::Contains(*d)))).collect();
                if layout.place.condition != TRUE {
                    let condition = layout.place.condition;
                    layout.conditional.extend(members.iter().map(|(_, lit)| (*lit, condition)));
                }
                Sym::Own(Own::Set(members.into()))
            }
            Shape::Map(keys, parts) => {
                let mut values = Vec::with_capacity(parts.len());
                for (key, part) in keys.iter().zip(parts) {
                    layout.place.path.push(Step::Index(*key, false));
                    values.push(self.decode(part, layout));
                    layout.place.path.pop();
                }
                Sym::Map(keys.as_slice().into(), values.into())
            }
            Shape::Sequence(parts) => {
                let lengths: Vec<Lit> =
                    (0..=parts.len()).map(|length| self.latch(layout, Fact::Length(length))).collect();
                let condition = layout.place.condition;
                layout.groups.push((condition, lengths.clone()));
                let mut values = Vec::with_capacity(parts.len());
                for (index, part) in parts.iter().enumerate() {
                    layout.place.condition = self.graph.or_all(&lengths[index + 1..]);
                    let key = self.own.data.of_int(index as i64 + 1);
                    layout.place.path.push(Step::Index(key, true));
                    values.push(self.decode(part, layout));
                    layout.place.path.pop();
                }
                layout.place.condition = condition;
                let alternatives =
                    lengths.iter().enumerate().map(|(length, lit)| (*lit, self.tuple(values[..length].to_vec())));
                Sym::Union(alternatives.collect())
            }
            Shape::Union(all) => {
                let tags: Vec<Lit> = (0..all.len()).map(|tag| self.latch(layout, Fact::Alternative(tag))).collect();
                let condition = layout.place.condition;
                layout.groups.push((condition, tags.clone()));
                let mut alternatives = Vec::with_capacity(all.len());
                for (index, shape) in all.iter().enumerate() {
                    layout.place.condition = tags[index];
                    layout.place.path.push(Step::Alternative(index));
                    let value = self.decode(shape, layout);
                    layout.place.path.pop();
                    match value {
                        // The alternative is a sequence: its lengths are alternatives of the whole.
                        Sym::Union(inner) => {
                            for (guard, value) in inner.iter() {
                                alternatives.push((self.graph.and(tags[index], *guard), value.clone()));
                            }
                        }
                        value => alternatives.push((tags[index], value)),
                    }
                }
                layout.place.condition = condition;
                Sym::Union(alternatives.into())
            }
        }
    }

    fn latch(&mut self, layout: &mut Layout, fact: Fact) -> Lit {
        let lit = self.graph.leaf();
        layout.latches.push(lit);
        let path = layout.place.path.clone();
        layout.names.push(LatchName { variable: layout.place.variable, path, fact });
        lit
    }

    /// The bits of a value in the layout of a shape, and the condition under which it has no place there.
    pub(crate) fn encode(&mut self, sym: &Sym<'m>, shape: &Shape) -> Made<(Vec<Lit>, Lit)> {
        let sym = match sym {
            Sym::Rule(..) => self.explicit_function(sym)?,
            lazy if Self::is_open_set(lazy) => self.explicit_set(lazy)?,
            other => self.open(other),
        };
        let mut bits = vec![FALSE; shape.latches()];
        let mut unfit = Vec::new();
        let alternatives = match &sym {
            Sym::Union(all) => all.to_vec(),
            Sym::Never => Vec::new(),
            _ => vec![(TRUE, sym.clone())],
        };
        let single = alternatives.len() == 1;
        for (guard, alternative) in alternatives {
            let alternative = match self.open(&alternative) {
                lazy if Self::is_open_set(&lazy) => match self.under(guard, |this| this.explicit_set(&lazy))? {
                    Some(set) => set,
                    None => continue,
                },
                Sym::Rule(..) => match self.under(guard, |this| this.explicit_function(&alternative))? {
                    Some(function) => function,
                    None => continue,
                },
                other => other,
            };
            let (mine, bad) = self.encode_one(&alternative, shape)?;
            let bad = self.graph.and(guard, bad);
            unfit.push(bad);
            for (bit, lit) in bits.iter_mut().zip(mine) {
                let lit = if single { lit } else { self.graph.and(guard, lit) };
                *bit = self.graph.or(*bit, lit);
            }
        }
        // What has no value has no place either.
        let unfit = if unfit.is_empty() { TRUE } else { self.graph.or_all(&unfit) };
        Ok((bits, unfit))
    }

    fn encode_one(&mut self, sym: &Sym<'m>, shape: &Shape) -> Made<(Vec<Lit>, Lit)> {
        let nowhere = vec![FALSE; shape.latches()];
        match (sym, shape) {
            (Sym::Bool(lit), Shape::Bool) => Ok((vec![*lit], FALSE)),
            (Sym::Own(Own::Enum(cases)), Shape::Scalar(all)) => {
                let find = |d: &D| cases.binary_search_by_key(d, |(known, _)| *known);
                let bits = all.iter().map(|d| find(d).map_or(FALSE, |index| cases[index].1)).collect();
                let unfit: Vec<Lit> = cases.iter().filter(|(d, _)| !all.contains(d)).map(|(_, lit)| *lit).collect();
                Ok((bits, self.graph.or_all(&unfit)))
            }
            (Sym::Own(Own::Set(members)), Shape::Set(all)) => {
                let find = |d: &D| members.binary_search_by_key(d, |(known, _)| *known);
                let bits = all.iter().map(|d| find(d).map_or(FALSE, |index| members[index].1)).collect();
                let unfit: Vec<Lit> = members.iter().filter(|(d, _)| !all.contains(d)).map(|(_, lit)| *lit).collect();
                Ok((bits, self.graph.or_all(&unfit)))
            }
            (Sym::Map(keys, values), Shape::Map(known, parts)) if keys[..] == known[..] => {
                let mut bits = Vec::with_capacity(nowhere.len());
                let mut unfit = Vec::with_capacity(parts.len());
                for (value, part) in values.iter().zip(parts) {
                    let (mine, bad) = self.encode(value, part)?;
                    bits.extend(mine);
                    unfit.push(bad);
                }
                Ok((bits, self.graph.or_all(&unfit)))
            }
            (Sym::Map(keys, values), Shape::Sequence(parts)) => {
                let tuple = keys.iter().zip(1..).all(|(key, i)| self.own.data.int(*key) == Some(i));
                if !tuple || values.len() > parts.len() {
                    return Ok((nowhere, TRUE));
                }
                let mut bits = vec![FALSE; parts.len() + 1];
                bits[values.len()] = TRUE;
                let mut unfit = Vec::with_capacity(values.len());
                for (index, part) in parts.iter().enumerate() {
                    match values.get(index) {
                        Some(value) => {
                            let (mine, bad) = self.encode(value, part)?;
                            bits.extend(mine);
                            unfit.push(bad);
                        }
                        None => bits.extend(vec![FALSE; part.latches()]),
                    }
                }
                Ok((bits, self.graph.or_all(&unfit)))
            }
            (_, Shape::Union(all)) => {
                let mut bits = vec![FALSE; all.len()];
                let mut fits_some = FALSE;
                let mut parts = Vec::new();
                for (index, part) in all.iter().enumerate() {
                    let (mine, bad) = self.encode_one(sym, part)?;
                    // Scalars of one union are in one alternative, so at most one fits.
                    bits[index] = self.graph.and(!bad, !fits_some);
                    let tag = bits[index];
                    fits_some = self.graph.or(fits_some, !bad);
                    parts.extend(mine.into_iter().map(|lit| (tag, lit)));
                }
                let parts: Vec<Lit> = parts.into_iter().map(|(tag, lit)| self.graph.and(tag, lit)).collect();
                bits.extend(parts);
                Ok((bits, !fits_some))
            }
            _ => Ok((nowhere, TRUE)),
        }
    }
}
