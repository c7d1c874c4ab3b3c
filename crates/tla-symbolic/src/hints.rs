//! What an invariant says of its variables, taken as room for their values.
//!
//! An induction is about all states that satisfy the invariant, not about those that are reached. Where a conjunct says
//! that a variable is an element of a constant set, every element gets its place in the latches; with such a conjunct for
//! each variable no state that satisfies the invariant is left out. It is a hint and nothing more: the invariant itself
//! still has to hold, and what is said of a set without an end (`Nat`) is passed over.
//!
//! The translators take the same symbolic sets apart (`lazy_structure` in [`walk`](crate::walk)), into symbolic sets
//! that still have all their elements. That is of no use here: a translator needs the room that is looked for, and what
//! gives room is a few values that have every part in its place, not all the elements.

use crate::observe::Observer;
use tla_compile::shape::Datum;
use tla_explore::interpret::Interpreted;
use tla_model::eval::Machine;
use tla_model::ir::{DefinitionId, Kind, Node, Primitive};
use tla_model::model::Formula;
use tla_model::value::{LazySet, Value};

/// Most values of one set that get a place each.
const MOST_VALUES: u64 = 512;

/// Most conjuncts that are looked at.
const MOST_CONJUNCTS: usize = 1000;

/// Gives the values that a formula allows its variables a place.
pub fn follow<'s>(system: &'s Interpreted<'s>, formula: &'s Formula, observer: &mut Observer<'_>) {
    let mut machine = system.machine();
    let mut open: Vec<(DefinitionId, &'s Node)> = vec![(formula.owner, &formula.node)];
    let mut looked_at = 0;
    while let Some((owner, node)) = open.pop() {
        looked_at += 1;
        if looked_at > MOST_CONJUNCTS {
            return;
        }
        match &node.kind {
            Kind::And(items) => open.extend(items.iter().map(|item| (owner, item))),
            Kind::Call(id, arguments) if arguments.is_empty() => {
                let definition = system.model.code.definition(*id);
                open.push((definition.owner, &definition.body));
            }
            Kind::Primitive(Primitive::In, operands) => {
                if let [Node { kind: Kind::Variable(variable), .. }, set] = &operands[..] {
                    include(&mut machine, owner, *variable as usize, set, observer);
                }
            }
            _ => {}
        }
    }
}

fn include<'m>(
    machine: &mut Machine<'m>,
    owner: DefinitionId,
    variable: usize,
    set: &'m Node,
    observer: &mut Observer<'_>,
) {
    // Where the set depends on a variable the machine, which is in no state, has no value for it.
    let value = machine.evaluate_in(owner, set);
    machine.reset();
    let values = value.ok().and_then(|value| covering(&value));
    for datum in values.into_iter().flatten() {
        observer.include(variable, &datum);
    }
}

/// Elements of a set that together have every value in every place that an element of the set has; `None` if there is no
/// end of them. A set of functions takes as many of them as its range has elements.
fn covering(set: &Value) -> Option<Vec<Datum>> {
    match set.listed() {
        Value::Interval(interval) => {
            (interval.len() <= MOST_VALUES).then(|| (interval.low..=interval.high).map(Datum::Int).collect())
        }
        Value::Set(node) => {
            let few = node.elements.len() as u64 <= MOST_VALUES;
            few.then(|| node.elements.iter().map(Datum::of).collect::<Option<Vec<Datum>>>()).flatten()
        }
        Value::Lazy(lazy) => covering_lazy(lazy),
        Value::Bool(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::String(_)
        | Value::Model(_)
        | Value::Tuple(_)
        | Value::Record(_)
        | Value::Function(_)
        | Value::Rule(_) => None,
    }
}

fn covering_lazy(set: &LazySet) -> Option<Vec<Datum>> {
    match set {
        LazySet::Subsets(base) => match Datum::of(base) {
            Some(all @ Datum::Set(_)) => Some(vec![all]),
            _ => None,
        },
        LazySet::Functions(domain, range) => {
            let Some(Datum::Set(keys)) = Datum::of(domain) else { return None };
            let with = |value: Datum| Datum::Map(keys.clone(), vec![value; keys.len()]);
            Some(covering(range)?.into_iter().map(with).collect())
        }
        LazySet::Records(fields, sets) => {
            let keys = fields.iter().map(|field| Datum::String(*field)).collect();
            columns(keys, sets)
        }
        LazySet::Product(sets) => columns((1..=sets.len() as i64).map(Datum::Int).collect(), sets),
        LazySet::Union(a, b) => {
            let mut all = covering(a)?;
            all.extend(covering(b)?);
            Some(all)
        }
        LazySet::Naturals
        | LazySet::Integers
        | LazySet::Reals
        | LazySet::Strings
        | LazySet::Sequences(_)
        | LazySet::Family(_)
        | LazySet::Intersection(..)
        | LazySet::Difference(..)
        | LazySet::Filter(_)
        | LazySet::Anything => None,
    }
}

/// Functions on these arguments so that each place has every value of its set in one of them.
fn columns(keys: Vec<Datum>, sets: &[Value]) -> Option<Vec<Datum>> {
    let columns = sets.iter().map(covering).collect::<Option<Vec<Vec<Datum>>>>()?;
    if columns.iter().any(Vec::is_empty) {
        return Some(Vec::new());
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let row = |row: usize| {
        let values = columns.iter().map(|column| column[row % column.len()].clone()).collect();
        Datum::Map(keys.clone(), values)
    };
    Some((0..rows).map(row).collect())
}
