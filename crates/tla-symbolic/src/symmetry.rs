//! Exchanges of two model values, as permutations of latches.
//!
//! Where processes are alike, what is learned of one holds of the others. Whether they are alike is not asked: a clause
//! that was learned is tried for the exchanged processes too, and kept where it holds
//! ([`reachability`](crate::reachability)). A wrong permutation costs a query, nothing else.

use crate::data::Data;
use crate::translate::state::{Fact, LatchName, Step};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use tla_compile::shape::Datum;
use tla_model::value::ModelValueId;

/// Most exchanges that are tried.
const MOST: usize = 24;

/// For each exchange, the latch that each latch becomes.
pub fn permutations(names: &[LatchName], data: &mut Data) -> Vec<Vec<u32>> {
    let known: FxHashMap<LatchName, u32> =
        names.iter().enumerate().map(|(index, name)| (name.clone(), index as u32)).collect();
    let mut values: BTreeSet<ModelValueId> = BTreeSet::new();
    for name in names {
        for step in &name.path {
            if let Step::Index(key, _) = step
                && let Datum::Model(id) = data.datum(*key)
            {
                values.insert(*id);
            }
        }
    }
    let values: Vec<ModelValueId> = values.into_iter().collect();
    let mut all = Vec::new();
    for (index, a) in values.iter().enumerate() {
        for b in &values[index + 1..] {
            let moved: Option<Vec<u32>> =
                names.iter().map(|name| known.get(&exchanged(name, *a, *b, data)).copied()).collect();
            all.extend(moved);
            if all.len() >= MOST {
                return all;
            }
        }
    }
    all
}

fn exchanged(name: &LatchName, a: ModelValueId, b: ModelValueId, data: &mut Data) -> LatchName {
    let mut value = |d| {
        let datum = moved(data.datum(d), a, b);
        data.of_value(&datum.value()).unwrap_or(d)
    };
    let path = name.path.iter().map(|step| match step {
        Step::Index(key, open) => Step::Index(value(*key), *open),
        Step::Alternative(tag) => Step::Alternative(*tag),
    });
    let path = path.collect();
    let fact = match &name.fact {
        Fact::Is(d) => Fact::Is(value(*d)),
        Fact::Contains(d) => Fact::Contains(value(*d)),
        Fact::True => Fact::True,
        Fact::Length(length) => Fact::Length(*length),
        Fact::Alternative(tag) => Fact::Alternative(*tag),
    };
    LatchName { variable: name.variable, path, fact }
}

/// A value with two model values exchanged. The parts of sets and functions may be in disorder.
fn moved(datum: &Datum, a: ModelValueId, b: ModelValueId) -> Datum {
    match datum {
        Datum::Model(id) if *id == a => Datum::Model(b),
        Datum::Model(id) if *id == b => Datum::Model(a),
        Datum::Bool(_) | Datum::Int(_) | Datum::Model(_) | Datum::String(_) => datum.clone(),
        Datum::Set(elements) => {
            let mut elements: Vec<Datum> = elements.iter().map(|element| moved(element, a, b)).collect();
            elements.sort();
            Datum::Set(elements)
        }
        Datum::Map(keys, values) => {
            let mut pairs: Vec<(Datum, Datum)> =
                keys.iter().zip(values).map(|(key, value)| (moved(key, a, b), moved(value, a, b))).collect();
            if !keys.iter().all(|key| matches!(key, Datum::Int(_) | Datum::String(_))) {
                pairs.sort();
            }
            let (keys, values) = pairs.into_iter().unzip();
            Datum::Map(keys, values)
        }
    }
}
