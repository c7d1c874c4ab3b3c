//! Temporal formulas in negation normal form, with everything that has no temporal operator as a leaf.
//!
//! The form is canonical, and nothing is simplified beyond it: negations stand at atoms, a junction has no junction of its
//! own kind as an operand, a part without `[]` and `<>` is one [`Plain`] formula. The independent checker makes the same
//! form of the syntax tree by code of its own, so that both count the same temporal operators in the same order.

use tla_explore::liveness::{AtomId, Temporal};

/// A formula without temporal operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// `TRUE` or `FALSE`.
    Constant(bool),
    /// An atom, negated or not.
    Atom(AtomId, bool),
    /// All of these.
    And(Vec<Plain>),
    /// One of these.
    Or(Vec<Plain>),
}

/// A formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skeleton {
    /// No temporal operator in it.
    Plain(Plain),
    /// All of these.
    And(Vec<Skeleton>),
    /// One of these.
    Or(Vec<Skeleton>),
    /// From now on.
    Always(Box<Skeleton>),
    /// Now or later.
    Eventually(Box<Skeleton>),
}

impl Skeleton {
    /// The form of a formula, or of its negation.
    pub fn of(formula: &Temporal, positive: bool) -> Self {
        match formula {
            Temporal::Constant(value) => Self::Plain(Plain::Constant(*value == positive)),
            Temporal::Atom(atom) => Self::Plain(Plain::Atom(*atom, positive)),
            Temporal::Not(inner) => Self::of(inner, !positive),
            Temporal::And(items) => Self::junction(items.iter().map(|item| Self::of(item, positive)), positive),
            Temporal::Or(items) => Self::junction(items.iter().map(|item| Self::of(item, positive)), !positive),
            Temporal::Equivalent(left, right) => {
                let both = |a: bool, b: bool| Self::junction([Self::of(left, a), Self::of(right, b)].into_iter(), true);
                Self::junction([both(true, positive), both(false, !positive)].into_iter(), false)
            }
            Temporal::Always(inner) | Temporal::Eventually(inner) => {
                let body = Box::new(Self::of(inner, positive));
                let always = matches!(formula, Temporal::Always(_)) == positive;
                if always { Self::Always(body) } else { Self::Eventually(body) }
            }
        }
    }

    /// A conjunction or disjunction.
    pub fn junction(items: impl Iterator<Item = Self>, is_and: bool) -> Self {
        let mut flat = Vec::new();
        for item in items {
            match item {
                Self::And(inner) if is_and => flat.extend(inner),
                Self::Or(inner) if !is_and => flat.extend(inner),
                other => flat.push(other),
            }
        }
        let plain = |item: &Self| match item {
            Self::Plain(plain) => Some(plain.clone()),
            Self::And(_) | Self::Or(_) | Self::Always(_) | Self::Eventually(_) => None,
        };
        if let Some(parts) = flat.iter().map(plain).collect::<Option<Vec<_>>>() {
            return Self::Plain(if is_and { Plain::And(parts) } else { Plain::Or(parts) });
        }
        if is_and { Self::And(flat) } else { Self::Or(flat) }
    }

    /// The conjuncts at the top.
    pub fn conjuncts(self) -> Vec<Self> {
        match self {
            Self::And(items) => items,
            other => vec![other],
        }
    }
}

/// The conjuncts of a property, each a property of its own.
pub fn conjuncts(formula: &Temporal) -> Vec<&Temporal> {
    match formula {
        Temporal::And(items) => items.iter().flat_map(conjuncts).collect(),
        Temporal::Not(_)
        | Temporal::Constant(_)
        | Temporal::Atom(_)
        | Temporal::Or(_)
        | Temporal::Equivalent(..)
        | Temporal::Always(_)
        | Temporal::Eventually(_) => vec![formula],
    }
}
