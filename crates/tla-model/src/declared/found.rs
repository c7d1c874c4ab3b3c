//! What can be told of a value without evaluating anything, and whether that contradicts a type.
//!
//! TLA+ has no types, so most expressions have none that can be named; of those nothing is said. A contradiction is one in
//! TLA+ too: a sequence is a function and a record is one on strings, whatever Apalache's checker would say of the mixture.

use crate::value::names::Names;
use crate::value::order::{function_len, function_pair, set_element, set_len};
use crate::value::{LazySet, Value};
use std::fmt;
use std::rc::Rc;
use tla_syntax::annotation::{Row, Type, TypeKind};
use tla_syntax::ast::Name;

/// Most elements of a set, or arguments of a function, that are looked at.
const MOST_PARTS: usize = 64;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Nothing.
    Any,
    /// There is none: the element of an empty set.
    None,
    /// A truth value.
    Bool,
    /// An integer.
    Int,
    /// A string.
    Str,
    /// A model value.
    Model,
    /// A set of such elements.
    Set(Rc<Found>),
    /// A function from such arguments to such values.
    Function(Rc<Found>, Rc<Found>),
    /// A sequence.
    Seq(Rc<Found>),
    /// A tuple.
    Tuple(Rc<[Found]>),
    /// A record.
    Record(Rc<[(Name, Found)]>),
}

impl Found {
    /// A record; fields in alphabetical order, so that equal ones are equal.
    pub fn record(fields: impl Iterator<Item = (Name, Self)>) -> Self {
        let mut fields: Vec<(Name, Self)> = fields.collect();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Self::Record(fields.into())
    }

    /// What a type says.
    pub fn of_type(declared: &Type) -> Self {
        let boxed = |part: &Type| Rc::new(Self::of_type(part));
        match &declared.kind {
            TypeKind::Bool => Self::Bool,
            TypeKind::Int => Self::Int,
            TypeKind::Str => Self::Str,
            TypeKind::Set(element) => Self::Set(boxed(element)),
            TypeKind::Seq(element) => Self::Seq(boxed(element)),
            TypeKind::Function(from, to) => Self::Function(boxed(from), boxed(to)),
            TypeKind::Tuple(parts) => Self::Tuple(parts.iter().map(Self::of_type).collect()),
            TypeKind::Record(fields, Row::Closed) => {
                Self::record(fields.iter().map(|(name, part)| (name.name.clone(), Self::of_type(part))))
            }
            TypeKind::Real
            | TypeKind::Uninterpreted(_)
            | TypeKind::Variable(_)
            | TypeKind::Alias(_)
            | TypeKind::Record(_, Row::Open | Row::Partial)
            | TypeKind::Variant(..)
            | TypeKind::Operator(..) => Self::Any,
        }
    }

    /// What is known of a value that is there.
    pub fn of_value(names: &Names, value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Bool,
            Value::Int(_) | Value::BigInt(_) => Self::Int,
            Value::String(_) => Self::Str,
            Value::Model(_) => Self::Model,
            Value::Interval(_) => Self::Set(Rc::new(Self::Int)),
            Value::Set(_) => {
                let count = set_len(value).unwrap_or(0).min(MOST_PARTS as u64);
                let elements = (0..count).map(|index| Self::of_value(names, &set_element(value, index)));
                Self::Set(Rc::new(elements.fold(Self::None, Self::join)))
            }
            Value::Tuple(_) => {
                let count = function_len(value).unwrap_or(0);
                if count > MOST_PARTS {
                    return Self::Seq(Rc::new(Self::Any));
                }
                Self::Tuple((0..count).map(|index| Self::of_value(names, &function_pair(value, index).1)).collect())
            }
            Value::Record(_) => {
                let field = |index| match function_pair(value, index) {
                    (Value::String(id), part) => Some((names.text(id), Self::of_value(names, &part))),
                    _ => None,
                };
                let fields: Option<Vec<(Name, Self)>> = (0..function_len(value).unwrap_or(0)).map(field).collect();
                fields.map_or(Self::Any, |fields| Self::record(fields.into_iter()))
            }
            Value::Function(_) => {
                let (mut from, mut to) = (Self::None, Self::None);
                for index in 0..function_len(value).unwrap_or(0).min(MOST_PARTS) {
                    let (argument, part) = function_pair(value, index);
                    from = from.join(Self::of_value(names, &argument));
                    to = to.join(Self::of_value(names, &part));
                }
                Self::Function(Rc::new(from), Rc::new(to))
            }
            Value::Lazy(set) => Self::of_set(names, set),
            Value::Rule(_) => Self::Any,
        }
    }

    fn of_set(names: &Names, set: &LazySet) -> Self {
        let element = |set: &Value| Self::of_value(names, set).element();
        let found = match set {
            LazySet::Naturals | LazySet::Integers => Self::Int,
            LazySet::Strings => Self::Str,
            LazySet::Subsets(base) => Self::of_value(names, base),
            LazySet::Functions(from, to) => Self::Function(Rc::new(element(from)), Rc::new(element(to))),
            LazySet::Sequences(of) => Self::Seq(Rc::new(element(of))),
            LazySet::Records(fields, sets) => {
                let field = |(id, set): (&_, &Value)| (names.text(*id), element(set));
                Self::record(fields.iter().zip(sets.iter()).map(field))
            }
            LazySet::Product(sets) => Self::Tuple(sets.iter().map(element).collect()),
            LazySet::Union(a, b) => element(a).join(element(b)),
            LazySet::Difference(a, _) | LazySet::Intersection(a, _) => element(a),
            LazySet::Reals | LazySet::Family(_) | LazySet::Filter(_) | LazySet::Anything => Self::Any,
        };
        Self::Set(Rc::new(found))
    }

    /// What is known of a value that is one or the other.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let rc = |a: &Rc<Self>, b: &Rc<Self>| Rc::new(a.as_ref().clone().join(b.as_ref().clone()));
        let all = |parts: &[Self]| parts.iter().cloned().fold(Self::None, Self::join);
        match (&self, &other) {
            (Self::None, _) => other,
            (_, Self::None) => self,
            _ if self == other => self,
            (Self::Set(a), Self::Set(b)) => Self::Set(rc(a, b)),
            (Self::Seq(a), Self::Seq(b)) => Self::Seq(rc(a, b)),
            (Self::Function(a, b), Self::Function(c, d)) => Self::Function(rc(a, c), rc(b, d)),
            (Self::Tuple(a), Self::Tuple(b)) if a.len() == b.len() => {
                Self::Tuple(a.iter().zip(b.iter()).map(|(a, b)| a.clone().join(b.clone())).collect())
            }
            (Self::Tuple(a), Self::Tuple(b)) => Self::Seq(Rc::new(all(a).join(all(b)))),
            (Self::Tuple(a), Self::Seq(b)) | (Self::Seq(b), Self::Tuple(a)) => {
                Self::Seq(Rc::new(all(a).join(b.as_ref().clone())))
            }
            (Self::Record(a), Self::Record(b)) if a.iter().map(|one| &one.0).eq(b.iter().map(|one| &one.0)) => {
                let both = a.iter().zip(b.iter());
                Self::Record(both.map(|(a, b)| (a.0.clone(), a.1.clone().join(b.1.clone()))).collect())
            }
            _ => Self::Any,
        }
    }

    /// What is known of the elements of a set.
    pub fn element(&self) -> Self {
        match self {
            Self::Set(element) => element.as_ref().clone(),
            _ => Self::Any,
        }
    }

    /// What is known of the arguments of a function.
    pub fn argument(&self) -> Self {
        match self {
            Self::Function(from, _) => from.as_ref().clone(),
            Self::Seq(_) | Self::Tuple(_) => Self::Int,
            Self::Record(_) => Self::Str,
            _ => Self::Any,
        }
    }

    /// What is known of the values of a function.
    pub fn result(&self) -> Self {
        match self {
            Self::Function(_, part) | Self::Seq(part) => part.as_ref().clone(),
            Self::Tuple(parts) => parts.iter().cloned().fold(Self::None, Self::join),
            _ => Self::Any,
        }
    }

    /// What is known of a field of a record.
    pub fn field(&self, name: &str) -> Self {
        match self {
            Self::Record(fields) => {
                fields.iter().find(|(known, _)| **known == *name).map_or(Self::Any, |(_, part)| part.clone())
            }
            Self::Function(_, part) => part.as_ref().clone(),
            _ => Self::Any,
        }
    }

    /// The part of a type that values like this contradict.
    pub fn contradicts<'t>(&self, declared: &'t Type) -> Option<&'t Type> {
        match (self, &declared.kind) {
            (Self::Any | Self::None, _)
            | (_, TypeKind::Uninterpreted(_) | TypeKind::Variable(_) | TypeKind::Alias(_))
            | (_, TypeKind::Variant(..) | TypeKind::Operator(..))
            | (Self::Bool, TypeKind::Bool)
            | (Self::Int, TypeKind::Int | TypeKind::Real)
            // A model value may stand for a string.
            | (Self::Str | Self::Model, TypeKind::Str) => None,
            (Self::Set(element), TypeKind::Set(part)) => element.contradicts(part),
            (Self::Function(from, to), TypeKind::Function(argument, result)) => {
                from.contradicts(argument).or_else(|| to.contradicts(result))
            }
            (Self::Function(from, to), TypeKind::Seq(part)) => match **from {
                Self::Int | Self::Any | Self::None => to.contradicts(part),
                _ => Some(declared),
            },
            (Self::Function(from, _), TypeKind::Tuple(_)) => match **from {
                Self::Int | Self::Any | Self::None => None,
                _ => Some(declared),
            },
            (Self::Function(from, _), TypeKind::Record(..)) => match **from {
                Self::Str | Self::Any | Self::None => None,
                _ => Some(declared),
            },
            (Self::Seq(element), TypeKind::Seq(part)) => element.contradicts(part),
            (Self::Seq(element), TypeKind::Function(argument, part)) => {
                Self::Int.contradicts(argument).or_else(|| element.contradicts(part))
            }
            (Self::Seq(_), TypeKind::Tuple(_)) => None,
            (Self::Tuple(parts), TypeKind::Seq(part)) => parts.iter().find_map(|one| one.contradicts(part)),
            (Self::Tuple(parts), TypeKind::Tuple(types)) => match parts.len() == types.len() {
                true => parts.iter().zip(types).find_map(|(one, part)| one.contradicts(part)),
                false => Some(declared),
            },
            // Of no arguments it is a function on any set.
            (Self::Tuple(parts), TypeKind::Function(..)) if parts.is_empty() => None,
            (Self::Tuple(parts), TypeKind::Function(argument, part)) => {
                Self::Int.contradicts(argument).or_else(|| parts.iter().find_map(|one| one.contradicts(part)))
            }
            (Self::Record(fields), TypeKind::Function(argument, part)) => {
                Self::Str.contradicts(argument).or_else(|| fields.iter().find_map(|(_, one)| one.contradicts(part)))
            }
            (Self::Record(fields), TypeKind::Record(types, row)) => fields_contradict(fields, types, *row, declared),
            _ => Some(declared),
        }
    }
}

fn fields_contradict<'t>(
    fields: &[(Name, Found)],
    types: &'t [(tla_syntax::ast::Ident, Type)],
    row: Row,
    declared: &'t Type,
) -> Option<&'t Type> {
    let declares = |name: &Name| types.iter().any(|(known, _)| known.name == *name);
    let has = |name: &Name| fields.iter().any(|(known, _)| known == name);
    let unknown = row != Row::Open && fields.iter().any(|(name, _)| !declares(name));
    let lacks = row != Row::Partial && types.iter().any(|(name, _)| !has(&name.name));
    if unknown || lacks {
        return Some(declared);
    }
    fields.iter().find_map(|(name, one)| {
        let part = types.iter().find(|(known, _)| known.name == *name);
        part.and_then(|(_, part)| one.contradicts(part))
    })
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any | Self::None => f.write_str("…"),
            Self::Bool => f.write_str("Bool"),
            Self::Int => f.write_str("Int"),
            Self::Str => f.write_str("Str"),
            Self::Model => f.write_str("a model value"),
            Self::Set(element) => write!(f, "Set({element})"),
            Self::Seq(element) => write!(f, "Seq({element})"),
            Self::Function(from, to) => match **from {
                Self::Function(..) => write!(f, "({from}) -> {to}"),
                _ => write!(f, "{from} -> {to}"),
            },
            Self::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(Self::to_string).collect();
                write!(f, "<<{}>>", parts.join(", "))
            }
            Self::Record(fields) => {
                let fields: Vec<String> = fields.iter().map(|(name, part)| format!("{name}: {part}")).collect();
                write!(f, "{{ {} }}", fields.join(", "))
            }
        }
    }
}
