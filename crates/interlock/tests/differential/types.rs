//! Types of generated values. All of them are small and finite, so that every state space is.

use super::choices::Choices;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    Bool,
    Int,
    Str,
    Model,
    Set(Box<Type>),
    /// A function from a base type.
    Fun(Box<Type>, Box<Type>),
    Rec(Box<Type>, Box<Type>),
    Seq(Box<Type>),
    Tup(Box<Type>, Box<Type>),
}

impl Type {
    /// A type of values that may stand inside others.
    fn base(choices: &mut Choices) -> Self {
        choices.one(&[Self::Int, Self::Bool, Self::Str, Self::Model]).unwrap_or(Self::Int)
    }

    fn key(choices: &mut Choices) -> Self {
        choices.one(&[Self::Int, Self::Str, Self::Model]).unwrap_or(Self::Int)
    }

    /// A random type.
    pub fn any(choices: &mut Choices) -> Self {
        let base = Self::base(choices);
        let inner = Box::new(base.clone());
        match choices.below(9) {
            0..=2 => base,
            3 => Self::Set(inner),
            4 => Self::Fun(Box::new(Self::key(choices)), inner),
            5 => Self::Rec(inner, Box::new(Self::base(choices))),
            6 => Self::Seq(inner),
            7 => Self::Tup(inner, Box::new(Self::base(choices))),
            _ => match choices.below(3) {
                0 => Self::Fun(Box::new(Self::key(choices)), Box::new(Self::Set(inner))),
                1 => Self::Set(Box::new(Self::Tup(inner, Box::new(Self::Bool)))),
                _ => Self::Fun(Box::new(Self::Model), Box::new(Self::Rec(inner, Box::new(Self::Bool)))),
            },
        }
    }

    /// How many values there are.
    pub fn size(&self) -> usize {
        match self {
            Self::Bool | Self::Model => 2,
            Self::Int | Self::Str => 3,
            Self::Set(inner) => 1 << inner.size().min(20),
            Self::Fun(_, inner) => inner.size().pow(2),
            Self::Rec(first, second) | Self::Tup(first, second) => first.size() * second.size(),
            Self::Seq(inner) => 1 + inner.size() + inner.size().pow(2),
        }
    }

    /// The domain of functions from this base type.
    pub fn keys(&self) -> &'static str {
        match self {
            Self::Str => "{\"a\", \"b\"}",
            Self::Model => "M",
            _ => "0..1",
        }
    }

    /// The set of all values.
    pub fn domain(&self) -> String {
        match self {
            Self::Bool => "BOOLEAN".to_owned(),
            Self::Int => "0..2".to_owned(),
            Self::Str => "{\"a\", \"b\", \"c\"}".to_owned(),
            Self::Model => "M".to_owned(),
            Self::Set(inner) => format!("(SUBSET ({}))", inner.domain()),
            Self::Fun(keys, inner) => format!("[{} -> {}]", keys.keys(), inner.domain()),
            Self::Rec(first, second) => format!("[a : {}, b : {}]", first.domain(), second.domain()),
            Self::Seq(inner) => format!("UNION {{[1..n -> {}] : n \\in 0..2}}", inner.domain()),
            Self::Tup(first, second) => format!("(({}) \\X ({}))", first.domain(), second.domain()),
        }
    }
}
