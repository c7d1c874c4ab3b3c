//! Values.
//!
//! Tuples, sequences and records are functions, kept as pairs sorted by argument; this one normal form makes
//! `<<1, 2>> = [i \in 1..2 |-> i]` true without a special case. Finite sets are sorted and free of duplicates. Sets
//! that are infinite or merely large (`Nat`, `SUBSET S`, `[S -> T]`) stay symbolic, and function literals stay closures
//! until somebody asks for all their values: TLC evaluates `[i \in {0, 1} |-> 1 \div i][1]` to 1, and so do we.
//!
//! A value is *normal* if it holds no closure over a finite domain and no symbolic set that can be enumerated. Only
//! normal values are compared (see `order`), and the elements of a [`Value::Set`] are always normal.

use crate::names::{Env, Moment};
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use std::cell::RefCell;
use std::rc::Rc;
use tla_syntax::ast::{Expr, Name, Pattern};

/// A string together with its place in TLC's order of strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) rank: u32,
    pub(crate) name: Name,
}

/// A model value together with its place in the order of first appearance in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelValue {
    pub(crate) rank: u32,
    pub(crate) name: Name,
}

impl ModelValue {
    /// The type of a typed model value: the letter before the underscore in `A_1`.
    pub(crate) fn kind(&self) -> Option<char> {
        let mut letters = self.name.chars();
        let first = letters.next()?;
        (letters.next() == Some('_') && letters.next().is_some()).then_some(first)
    }
}

/// Sorted elements of a finite set.
pub(crate) type Elements<'s> = Rc<Vec<Value<'s>>>;

/// Arguments and values of a function, sorted by argument.
pub(crate) type Pairs<'s> = Rc<Vec<(Value<'s>, Value<'s>)>>;

/// A TLA+ value.
#[derive(Clone)]
pub(crate) enum Value<'s> {
    Bool(bool),
    Int(BigInt),
    Text(Text),
    Model(ModelValue),
    Set(Elements<'s>),
    /// `low..high`, which may be empty.
    Interval(BigInt, BigInt),
    Symbolic(Rc<SymbolicSet<'s>>),
    Function(Pairs<'s>),
    Closure(Rc<Closure<'s>>),
    /// Not decided yet; only while a certificate is checked.
    Open(Rc<Open<'s>>),
}

/// A value that is not decided.
pub(crate) enum Open<'s> {
    /// What a place holds, by the number of the question.
    Whole(usize),
    /// A set: each possible element, and whether it is one.
    Members(Vec<(Value<'s>, Member)>),
}

/// Whether something is an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    /// It is.
    In,
    /// It is not.
    Out,
    /// The number of the question.
    Asked(usize),
}

impl Open<'_> {
    /// A question that has to be answered before more is known.
    pub(crate) fn question(&self) -> usize {
        match self {
            Self::Whole(question) => *question,
            Self::Members(members) => {
                let asked = members.iter().find_map(|(_, member)| match member {
                    Member::Asked(question) => Some(*question),
                    Member::In | Member::Out => None,
                });
                // A set whose members are all known is never left open.
                asked.unwrap_or(usize::MAX)
            }
        }
    }
}

/// A set that is described rather than listed.
pub(crate) enum SymbolicSet<'s> {
    /// `Nat`.
    Naturals,
    /// `Int`.
    Integers,
    /// `Real`, of which only the integers are known here.
    Reals,
    /// `STRING`.
    Strings,
    /// `Any` of module `TLC`: everything is an element.
    Any,
    /// `Seq(S)`.
    Sequences(Value<'s>),
    /// `SUBSET S`.
    Powerset(Value<'s>),
    /// `[S -> T]`.
    Functions(Value<'s>, Value<'s>),
    /// `[a : S, b : T]`, fields sorted.
    Records(Vec<(Value<'s>, Value<'s>)>),
    /// `S \X T`.
    Product(Vec<Value<'s>>),
    /// `{x \in S : P}` where `S` cannot be enumerated.
    Filter { set: Value<'s>, predicate: Rule<'s> },
    /// `S \cup T`, not enumerable or with elements that cannot be compared.
    Union(Value<'s>, Value<'s>),
    /// `S \cap T`, both not enumerable.
    Intersection(Value<'s>, Value<'s>),
    /// `S \ T`, where `S` cannot be enumerated.
    Difference(Value<'s>, Value<'s>),
    /// `{e1, e2}` whose elements cannot be compared with each other: only membership can be asked, in textual order.
    Unordered(Vec<Value<'s>>),
}

/// An expression over one bound pattern or several, together with everything that it needs to be evaluated.
pub(crate) struct Rule<'s> {
    pub(crate) patterns: Vec<&'s Pattern>,
    pub(crate) body: &'s Expr,
    pub(crate) env: Env<'s>,
    pub(crate) moment: Moment<'s>,
}

/// `[x \in S |-> e]`, perhaps recursive.
pub(crate) struct Closure<'s> {
    pub(crate) domain: Value<'s>,
    pub(crate) rule: Rule<'s>,
    /// The function's own name in a recursive definition.
    pub(crate) own_name: Option<&'s str>,
    /// Values computed so far, sorted by argument; without them a recursive function costs exponential time.
    pub(crate) known: RefCell<Vec<(Value<'s>, Value<'s>)>>,
}

impl<'s> Value<'s> {
    /// A finite set of elements that are sorted already.
    pub(crate) fn sorted_set(elements: Vec<Value<'s>>) -> Self {
        Self::Set(Rc::new(elements))
    }

    /// A symbolic set.
    pub(crate) fn symbolic(set: SymbolicSet<'s>) -> Self {
        Self::Symbolic(Rc::new(set))
    }

    /// `BOOLEAN`.
    pub(crate) fn booleans() -> Self {
        Self::sorted_set(vec![Self::Bool(false), Self::Bool(true)])
    }

    /// An integer.
    pub(crate) fn int(value: impl Into<BigInt>) -> Self {
        Self::Int(value.into())
    }

    /// A tuple or sequence.
    pub(crate) fn tuple(components: impl IntoIterator<Item = Value<'s>>) -> Self {
        let pairs = components.into_iter().enumerate().map(|(index, value)| (Self::int(index + 1), value));
        Self::Function(Rc::new(pairs.collect()))
    }

    /// What kind of value it is, in TLC's words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Text(_) => "a string",
            Self::Model(_) => "a model value",
            Self::Set(_) | Self::Interval(..) | Self::Symbolic(_) => "a set",
            Self::Function(_) | Self::Closure(_) => "a function",
            Self::Open(_) => "an undecided value",
        }
    }
}

/// The components of a function whose domain is `1..n`.
pub(crate) fn tuple_components<'a, 's>(pairs: &'a Pairs<'s>) -> Option<Vec<&'a Value<'s>>> {
    let is_index = |(index, (key, _)): (usize, &(Value<'s>, Value<'s>))| match key {
        Value::Int(key) => key.to_usize() == Some(index + 1),
        _ => false,
    };
    pairs.iter().enumerate().all(is_index).then(|| pairs.iter().map(|(_, value)| value).collect())
}

/// The fields of a function whose domain is a non-empty set of strings.
pub(crate) fn record_fields<'a, 's>(pairs: &'a Pairs<'s>) -> Option<Vec<(&'a Text, &'a Value<'s>)>> {
    let field = |(key, value): &'a (Value<'s>, Value<'s>)| match key {
        Value::Text(text) => Some((text, value)),
        _ => None,
    };
    if pairs.is_empty() { None } else { pairs.iter().map(field).collect() }
}
