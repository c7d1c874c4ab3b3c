//! Concrete values by number.
//!
//! A circuit speaks of the finitely many values that its places can hold. Each of them is kept once and named by a
//! [`D`], so that tables of values are tables of small numbers.

use rustc_hash::FxHashMap;
use tla_compile::shape::Datum;
use tla_model::value::{StringId, Value};

/// Number of a concrete value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct D(pub u32);

/// What values of different sorts are never compared with by TLC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sort {
    /// Booleans.
    Bool,
    /// Integers.
    Int,
    /// Strings.
    String,
    /// Model values, which differ from all other values.
    Model,
    /// Sets.
    Set,
    /// Functions, tuples, records.
    Map,
}

/// All values that were met.
#[derive(Debug, Default, Clone)]
pub struct Data {
    data: Vec<Datum>,
    values: Vec<Value>,
    index: FxHashMap<Datum, D>,
}

impl Data {
    /// The number of a datum.
    pub fn of_datum(&mut self, datum: Datum) -> D {
        if let Some(known) = self.index.get(&datum) {
            return *known;
        }
        let number = D(self.data.len() as u32);
        self.values.push(datum.value());
        self.data.push(datum.clone());
        self.index.insert(datum, number);
        number
    }

    /// The number of an explicit value; `None` for symbolic sets, rules and very large integers.
    pub fn of_value(&mut self, value: &Value) -> Option<D> {
        Datum::of(value).map(|datum| self.of_datum(datum))
    }

    /// The number of a truth value.
    pub fn of_bool(&mut self, value: bool) -> D {
        self.of_datum(Datum::Bool(value))
    }

    /// The number of an integer.
    pub fn of_int(&mut self, value: i64) -> D {
        self.of_datum(Datum::Int(value))
    }

    /// The number of a string.
    pub fn of_string(&mut self, value: StringId) -> D {
        self.of_datum(Datum::String(value))
    }

    /// The datum.
    pub fn datum(&self, d: D) -> &Datum {
        &self.data[d.0 as usize]
    }

    /// All data, by number.
    pub fn all(&self) -> &[Datum] {
        &self.data
    }

    /// The value.
    pub fn value(&self, d: D) -> &Value {
        &self.values[d.0 as usize]
    }

    /// The integer, if it is one.
    pub fn int(&self, d: D) -> Option<i64> {
        match self.datum(d) {
            Datum::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// What sort of value it is.
    pub fn sort(&self, d: D) -> Sort {
        match self.datum(d) {
            Datum::Bool(_) => Sort::Bool,
            Datum::Int(_) => Sort::Int,
            Datum::Model(_) => Sort::Model,
            Datum::String(_) => Sort::String,
            Datum::Set(_) => Sort::Set,
            Datum::Map(..) => Sort::Map,
        }
    }
}
