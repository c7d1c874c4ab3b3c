//! What is known or supposed of the values of a place, joined until nothing new is met.
//!
//! Guesses come from values that the interpreter met, from declarations (`x \in S` in an invariant) and from what
//! generated code computes. A guess need not hold: code that stores into a place tests.

use super::datum::{Datum, is_tuple_domain};
use std::collections::BTreeSet;
use std::sync::Arc;
use tla_model::value::order::{set_element, set_len};
use tla_model::value::{LazySet, Value};

/// Most tuples of different lengths that a place is thought to hold before it is thought to hold sequences.
const MOST_TUPLES: usize = 2;

/// A set of values, described.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Guess {
    /// No value.
    Never,
    /// Booleans.
    Bool,
    /// Integers between two bounds; `firm` if a declaration gave them.
    Int {
        /// Least.
        low: i64,
        /// Greatest.
        high: i64,
        /// Not to be widened.
        firm: bool,
    },
    /// These strings and model values.
    Atom(BTreeSet<Datum>),
    /// Functions, tuples and records with these arguments.
    Product(Arc<[Datum]>, Vec<Guess>),
    /// Finite sets.
    Set(Box<Guess>),
    /// Sequences up to a length.
    Sequence(Box<Guess>, u32),
    /// Values of several kinds, at most one of each.
    Union(Vec<Guess>),
}

impl Guess {
    /// Whether the value itself may be a model value.
    pub fn may_be_model_value(&self) -> bool {
        match self {
            Self::Atom(atoms) => atoms.iter().any(|datum| matches!(datum, Datum::Model(_))),
            Self::Union(all) => all.iter().any(Self::may_be_model_value),
            Self::Never | Self::Bool | Self::Int { .. } | Self::Product(..) | Self::Set(_) | Self::Sequence(..) => {
                false
            }
        }
    }

    /// What one value shows.
    pub fn of(value: &Value) -> Option<Self> {
        Datum::of(value).map(|datum| Self::of_datum(&datum))
    }

    /// What one value shows.
    pub fn of_datum(datum: &Datum) -> Self {
        match datum {
            Datum::Bool(_) => Self::Bool,
            Datum::Int(i) => Self::Int { low: *i, high: *i, firm: false },
            Datum::Model(_) | Datum::String(_) => Self::Atom(BTreeSet::from([datum.clone()])),
            Datum::Set(elements) => Self::Set(Box::new(Self::of_all(elements))),
            Datum::Map(keys, values) => {
                Self::Product(keys.as_slice().into(), values.iter().map(Self::of_datum).collect())
            }
        }
    }

    /// What several values show.
    pub fn of_all<'d>(data: impl IntoIterator<Item = &'d Datum>) -> Self {
        data.into_iter().fold(Self::Never, |guess, datum| guess.join(Self::of_datum(datum)))
    }

    /// What a declaration `x \in set` says. Parts without a bound are left open.
    pub fn declared(set: &Value) -> Self {
        match set {
            Value::Interval(range) => Self::Int { low: range.low, high: range.high, firm: true },
            Value::Set(_) => {
                let elements = (0..set_len(set).unwrap_or(0)).map(|i| Self::of(&set_element(set, i)));
                elements.flatten().fold(Self::Never, Self::join).firmly()
            }
            Value::Lazy(lazy) => match &**lazy {
                LazySet::Subsets(base) => Self::Set(Box::new(Self::declared(base))),
                LazySet::Sequences(base) => Self::Sequence(Box::new(Self::declared(base)), 0),
                LazySet::Functions(domain, range) => {
                    let keys = (0..set_len(domain).unwrap_or(0)).map(|i| Datum::of(&set_element(domain, i)));
                    match (set_len(domain), keys.collect::<Option<Vec<_>>>()) {
                        (Some(1..), Some(keys)) => {
                            let part = Self::declared(range);
                            Self::Product(keys.as_slice().into(), vec![part; keys.len()])
                        }
                        _ => Self::Never,
                    }
                }
                LazySet::Records(fields, sets) => Self::Product(
                    fields.iter().map(|field| Datum::String(*field)).collect(),
                    sets.iter().map(Self::declared).collect(),
                ),
                LazySet::Product(sets) => Self::Product(
                    (1..=sets.len() as i64).map(Datum::Int).collect(),
                    sets.iter().map(Self::declared).collect(),
                ),
                LazySet::Union(a, b) => Self::declared(a).join(Self::declared(b)),
                LazySet::Family(sets) => sets.iter().map(Self::declared).fold(Self::Never, Self::join),
                LazySet::Difference(a, _) => Self::declared(a),
                LazySet::Filter(filter) => Self::declared(&filter.base),
                LazySet::Intersection(..)
                | LazySet::Naturals
                | LazySet::Integers
                | LazySet::Reals
                | LazySet::Strings
                | LazySet::Anything => Self::Never,
            },
            Value::Bool(_)
            | Value::Int(_)
            | Value::BigInt(_)
            | Value::String(_)
            | Value::Model(_)
            | Value::Tuple(_)
            | Value::Record(_)
            | Value::Function(_)
            | Value::Rule(_) => Self::Never,
        }
    }

    /// The same guess with bounds that are not to be widened.
    pub fn firmly(self) -> Self {
        match self {
            Self::Int { low, high, .. } => Self::Int { low, high, firm: true },
            Self::Product(keys, parts) => Self::Product(keys, parts.into_iter().map(Self::firmly).collect()),
            Self::Set(part) => Self::Set(Box::new(part.firmly())),
            Self::Sequence(part, most) => Self::Sequence(Box::new(part.firmly()), most),
            Self::Union(all) => Self::Union(all.into_iter().map(Self::firmly).collect()),
            other @ (Self::Never | Self::Bool | Self::Atom(_)) => other,
        }
    }

    fn joins_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool, Self::Bool)
            | (Self::Int { .. }, Self::Int { .. })
            | (Self::Atom(_), Self::Atom(_))
            | (Self::Set(_), Self::Set(_))
            | (Self::Sequence(..), Self::Sequence(..)) => true,
            (Self::Product(a, _), Self::Product(b, _)) => a == b || self.is_like_sequence() && other.is_like_sequence(),
            (product @ Self::Product(..), Self::Sequence(part, _))
            | (Self::Sequence(part, _), product @ Self::Product(..)) => {
                product.is_like_sequence() || matches!(**part, Self::Union(_)) && product.is_tuple()
            }
            _ => false,
        }
    }

    fn is_tuple(&self) -> bool {
        matches!(self, Self::Product(keys, _) if is_tuple_domain(keys))
    }

    /// Whether this may be one of several sequences of different lengths: a tuple none of whose components is of a kind
    /// that another one is not.
    fn is_like_sequence(&self) -> bool {
        match self {
            Self::Product(keys, parts) if is_tuple_domain(keys) => {
                let all = parts.iter().cloned().fold(Self::Never, Self::join).kinds();
                parts.iter().all(|part| part.kinds() == all)
            }
            _ => false,
        }
    }

    /// Number of kinds of values.
    fn kinds(&self) -> usize {
        match self {
            Self::Union(all) => all.len(),
            _ => 1,
        }
    }

    /// The least guess that covers both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, guess) | (guess, Self::Never) => guess,
            (Self::Union(mut all), Self::Union(others)) => {
                others.into_iter().for_each(|other| Self::include(&mut all, other));
                Self::union(all)
            }
            (Self::Union(mut all), other) | (other, Self::Union(mut all)) => {
                Self::include(&mut all, other);
                Self::union(all)
            }
            (a, b) if a.joins_with(&b) => a.join_same(b),
            (a, b) => Self::union(vec![a, b]),
        }
    }

    fn union(mut all: Vec<Self>) -> Self {
        // Tuples of many lengths are sequences, whatever their components are.
        if all.iter().filter(|guess| guess.is_tuple()).count() > MOST_TUPLES {
            let (tuples, mut others): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|guess| guess.is_tuple() || matches!(guess, Self::Sequence(..)));
            others.extend(tuples.into_iter().reduce(Self::join_same));
            all = others;
        }
        // A fixed order, so that equal sets of alternatives are equal guesses.
        all.sort_by_key(Self::rank);
        match all.len() {
            1 => all.swap_remove(0),
            _ => Self::Union(all),
        }
    }

    fn rank(&self) -> (u8, Vec<Datum>) {
        match self {
            Self::Never => (0, Vec::new()),
            Self::Bool => (1, Vec::new()),
            Self::Int { .. } => (2, Vec::new()),
            Self::Atom(_) => (3, Vec::new()),
            Self::Set(_) => (4, Vec::new()),
            Self::Sequence(..) => (5, Vec::new()),
            Self::Product(keys, _) => (6, keys.to_vec()),
            Self::Union(_) => (7, Vec::new()),
        }
    }

    fn include(all: &mut Vec<Self>, mut new: Self) {
        // Joining may turn a tuple into a sequence that joins with another alternative.
        while let Some(at) = all.iter().position(|known| known.joins_with(&new)) {
            new = all.swap_remove(at).join_same(new);
        }
        all.push(new);
    }

    fn join_same(self, other: Self) -> Self {
        match (self, other) {
            (Self::Int { low: a, high: b, firm: f }, Self::Int { low: c, high: d, firm: g }) => {
                let (low, high) = (a.min(c), b.max(d));
                let firm = f && (a, b) == (low, high) || g && (c, d) == (low, high);
                Self::Int { low, high, firm }
            }
            (Self::Atom(mut a), Self::Atom(b)) => {
                a.extend(b);
                Self::Atom(a)
            }
            (Self::Set(a), Self::Set(b)) => Self::Set(Box::new(a.join(*b))),
            (Self::Sequence(a, m), Self::Sequence(b, n)) => Self::Sequence(Box::new(a.join(*b)), m.max(n)),
            (Self::Product(keys, a), Self::Product(others, b)) if keys == others => {
                Self::Product(keys, a.into_iter().zip(b).map(|(a, b)| a.join(b)).collect())
            }
            (Self::Product(_, parts), other @ (Self::Product(..) | Self::Sequence(..)))
            | (other @ Self::Sequence(..), Self::Product(_, parts)) => {
                let most = parts.len() as u32;
                let part = parts.into_iter().fold(Self::Never, Self::join);
                let (others, length) = match other {
                    Self::Product(_, parts) => {
                        let length = parts.len() as u32;
                        (parts.into_iter().fold(Self::Never, Self::join), length)
                    }
                    Self::Sequence(part, length) => (*part, length),
                    rest => (rest, 0),
                };
                Self::Sequence(Box::new(part.join(others)), most.max(length))
            }
            (a, _) => a,
        }
    }

    /// Room for values that were not met yet: integers up to the next power of two, sequences one longer, or twice as long
    /// once the room was found too small. Inside of a set room is dear, since each possible element takes a bit.
    #[must_use]
    pub fn with_room(self, in_set: bool, again: bool) -> Self {
        match self {
            Self::Int { low, high, firm: false } => {
                let low = if low > 0 { 0 } else { low };
                let span = high.abs_diff(low).saturating_add(1);
                let room =
                    if in_set { span.saturating_add(1) } else { span.saturating_add(1).next_power_of_two().max(4) };
                Self::Int { low, high: low.saturating_add_unsigned(room - 1).max(high), firm: false }
            }
            Self::Product(keys, parts) => {
                Self::Product(keys, parts.into_iter().map(|part| part.with_room(in_set, again)).collect())
            }
            Self::Set(part) => Self::Set(Box::new(part.with_room(true, again))),
            Self::Sequence(part, most) => {
                Self::Sequence(Box::new(part.with_room(in_set, again)), if again { 2 * most + 1 } else { most + 1 })
            }
            Self::Union(all) => Self::Union(all.into_iter().map(|guess| guess.with_room(in_set, again)).collect()),
            other @ (Self::Never | Self::Bool | Self::Int { .. } | Self::Atom(_)) => other,
        }
    }

    /// The same with sequences no longer than that.
    #[must_use]
    pub fn shorter(self, longest: u32) -> Self {
        match self {
            Self::Product(keys, parts) => {
                Self::Product(keys, parts.into_iter().map(|part| part.shorter(longest)).collect())
            }
            Self::Set(part) => Self::Set(Box::new(part.shorter(longest))),
            Self::Sequence(part, most) => Self::Sequence(Box::new(part.shorter(longest)), most.min(longest)),
            Self::Union(all) => Self::Union(all.into_iter().map(|guess| guess.shorter(longest)).collect()),
            other @ (Self::Never | Self::Bool | Self::Int { .. } | Self::Atom(_)) => other,
        }
    }

    /// Adds strings wherever one of them is met already: the labels of a program counter.
    #[must_use]
    pub fn with_strings(self, strings: &BTreeSet<Datum>) -> Self {
        match self {
            Self::Atom(mut known) => {
                if known.iter().any(|atom| strings.contains(atom)) {
                    known.extend(strings.iter().cloned());
                }
                Self::Atom(known)
            }
            Self::Product(keys, parts) => {
                Self::Product(keys, parts.into_iter().map(|part| part.with_strings(strings)).collect())
            }
            Self::Set(part) => Self::Set(Box::new(part.with_strings(strings))),
            Self::Sequence(part, most) => Self::Sequence(Box::new(part.with_strings(strings)), most),
            Self::Union(all) => Self::Union(all.into_iter().map(|guess| guess.with_strings(strings)).collect()),
            other @ (Self::Never | Self::Bool | Self::Int { .. }) => other,
        }
    }
}
