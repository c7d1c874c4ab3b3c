//! What the places of a variable are, with integers of any size.
//!
//! Shapes are found by abstract interpretation: what the initial predicate gives the variables, joined with what steps
//! from values of these shapes give them, until nothing is new ([`problem`](super::problem)). An integer is an unbounded
//! one from the beginning, so this ends soon; only the length of a sequence and the elements of a set could grow for ever,
//! and are cut off. What has no place is a bad state of its own, so no claim rests on shapes.

use super::term::Sort;
use tla_model::value::Value;

/// Longest sequence that gets places.
pub const LONGEST: usize = 10;

/// Most elements that a place holds a set of.
pub const MOST_ELEMENTS: usize = 256;

/// The places of a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Shape {
    /// None yet.
    #[default]
    Never,
    /// A truth value.
    Bool,
    /// An integer.
    Int,
    /// One of these strings and model values, by number.
    Atom(Vec<u32>),
    /// A function with these arguments.
    Map(Vec<Value>, Vec<Shape>),
    /// A sequence of at most so many elements.
    Sequence(Vec<Shape>),
    /// A function on all integers, or all natural numbers.
    Table(bool, Box<Shape>),
    /// A set of some of these elements.
    Set(Vec<Value>),
    /// A set of integers.
    Integers,
    /// One of these, which differ in structure.
    Union(Vec<Shape>),
}

/// Whether these arguments are `1..n`: those of a tuple.
pub fn is_tuple(keys: &[Value]) -> bool {
    keys.iter().zip(1..).all(|(key, i)| matches!(key, Value::Int(known) if *known == i))
}

fn is_integer(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::BigInt(_))
}

impl Shape {
    /// The places of both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, shape) | (shape, Self::Never) => shape,
            (Self::Bool, Self::Bool) => Self::Bool,
            (Self::Int, Self::Int) => Self::Int,
            (Self::Atom(mut a), Self::Atom(b)) => {
                a.extend(b);
                a.sort_unstable();
                a.dedup();
                Self::Atom(a)
            }
            (Self::Map(keys, a), Self::Map(others, b)) if keys == others => Self::Map(keys, joined(a, b)),
            (Self::Map(keys, a), Self::Map(others, b)) if is_tuple(&keys) && is_tuple(&others) => {
                Self::Sequence(joined(a, b))
            }
            (Self::Map(keys, a), Self::Sequence(b)) | (Self::Sequence(b), Self::Map(keys, a)) if is_tuple(&keys) => {
                Self::Sequence(joined(a, b))
            }
            (Self::Sequence(a), Self::Sequence(b)) => Self::Sequence(joined(a, b)),
            (Self::Table(natural, a), Self::Table(other, b)) if natural == other => {
                Self::Table(natural, Box::new(a.join(*b)))
            }
            (Self::Set(mut a), Self::Set(b)) => {
                for value in b {
                    if !a.contains(&value) {
                        a.push(value);
                    }
                }
                let many = a.len() > MOST_ELEMENTS && a.iter().all(is_integer);
                if many { Self::Integers } else { Self::Set(a) }
            }
            (Self::Set(all), Self::Integers) | (Self::Integers, Self::Set(all)) if all.iter().all(is_integer) => {
                Self::Integers
            }
            (Self::Integers, Self::Integers) => Self::Integers,
            (Self::Union(all), Self::Union(others)) => {
                others.into_iter().fold(Self::Union(all), |union, one| union.join(one))
            }
            (Self::Union(all), one) | (one, Self::Union(all)) => Self::with_alternative(all, one),
            (a, b) => Self::Union(vec![a, b]),
        }
        .cut()
    }

    fn with_alternative(mut all: Vec<Self>, one: Self) -> Self {
        for known in &mut all {
            let both = known.clone().join(one.clone());
            if !matches!(both, Self::Union(_)) {
                *known = both;
                return Self::Union(all);
            }
        }
        all.push(one);
        Self::Union(all)
    }

    fn cut(self) -> Self {
        match self {
            Self::Sequence(mut parts) => {
                parts.truncate(LONGEST);
                Self::Sequence(parts)
            }
            other => other,
        }
    }

    /// The sorts of its places, in the order in which values are taken apart.
    pub fn sorts(&self, into: &mut Vec<Sort>) {
        match self {
            Self::Never => {}
            Self::Bool => into.push(Sort::Bool),
            Self::Int | Self::Atom(_) => into.push(Sort::Int),
            Self::Map(_, parts) => parts.iter().for_each(|part| part.sorts(into)),
            Self::Sequence(parts) | Self::Union(parts) => {
                into.push(Sort::Int);
                parts.iter().for_each(|part| part.sorts(into));
            }
            Self::Table(_, element) => {
                let mut own = Vec::new();
                element.sorts(&mut own);
                let array = |sort| if sort == Sort::Bool { Sort::Flags } else { Sort::Integers };
                into.extend(own.into_iter().map(array));
            }
            Self::Set(all) => into.extend(all.iter().map(|_| Sort::Bool)),
            Self::Integers => into.push(Sort::Flags),
        }
    }

    /// Whether all its places hold truth values and integers.
    pub fn is_flat(&self) -> bool {
        let mut sorts = Vec::new();
        self.sorts(&mut sorts);
        sorts.iter().all(|sort| matches!(sort, Sort::Bool | Sort::Int))
    }

    /// In words, for a remedy.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Never => "nothing",
            Self::Bool => "truth values",
            Self::Int => "integers",
            Self::Atom(_) => "strings or model values",
            Self::Map(..) => "functions",
            Self::Sequence(_) => "sequences",
            Self::Table(..) => "functions on all integers",
            Self::Set(_) | Self::Integers => "sets",
            Self::Union(_) => "values of different structure",
        }
    }
}

fn joined(a: Vec<Shape>, b: Vec<Shape>) -> Vec<Shape> {
    let length = a.len().max(b.len());
    let (mut a, mut b) = (a.into_iter(), b.into_iter());
    (0..length).map(|_| a.next().unwrap_or_default().join(b.next().unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_of_different_length_are_a_sequence() {
        let empty = Shape::Map(Vec::new(), Vec::new());
        let one = Shape::Map(vec![Value::Int(1)], vec![Shape::Int]);
        let both = empty.join(one.clone());
        assert_eq!(both, Shape::Sequence(vec![Shape::Int]));
        assert_eq!(both.clone().join(one), both);
    }

    #[test]
    fn alternatives_of_one_structure_are_one() {
        let none = Shape::Atom(vec![3]);
        let union = none.join(Shape::Int).join(Shape::Atom(vec![5]));
        assert_eq!(union, Shape::Union(vec![Shape::Atom(vec![3, 5]), Shape::Int]));
    }

    #[test]
    fn sets_of_very_many_integers_are_arrays() {
        let many = Shape::Set((0..1000).map(Value::Int).collect()).join(Shape::Set(Vec::new()));
        assert_eq!(many, Shape::Integers);
    }
}
