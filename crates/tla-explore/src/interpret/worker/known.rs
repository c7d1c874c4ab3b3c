//! The values that a worker has met, and the words that stand for them.
//!
//! The interner belongs to all workers; each remembers what it met there, so that a value that comes again is neither
//! written down nor read again.

use super::book::Book;
use crate::interpret::Interpreted;
use crate::interpret::caching::Values;
use crate::interpret::word::{MOST_INTERNED, Word, read, scalar};
use hashbrown::HashTable;
use tla_model::error::{EvalError, Evaluated};
use tla_model::eval::Machine;
use tla_model::value::{Value, codec};

/// Values that a worker remembers before it starts afresh: bounds its memory for models with many different values.
const REMEMBERED: usize = 500_000;

/// The values that a worker has met.
pub(in super::super) struct Known<'a> {
    system: &'a Interpreted<'a>,
    /// By structural hash: number and value.
    numbers: HashTable<(u32, Value)>,
    /// By number.
    values: Vec<Option<Value>>,
}

impl<'a> Known<'a> {
    pub(super) fn new(system: &'a Interpreted<'a>) -> Self {
        Self { system, numbers: HashTable::new(), values: Vec::new() }
    }

    fn remember(&mut self, hash: u64, number: u32, value: &Value) {
        if self.numbers.len() >= REMEMBERED {
            self.numbers.clear();
            self.values.clear();
        }
        self.numbers.insert_unique(hash, (number, value.clone()), |(_, known)| known.structural_hash());
        let index = number as usize;
        if index >= self.values.len() {
            self.values.resize((index + 1).next_power_of_two(), None);
        }
        self.values[index] = Some(value.clone());
    }
}

impl Values for Known<'_> {
    fn value_of(&mut self, word: u32) -> Value {
        match read(word) {
            Word::Value(value) => value,
            Word::Interned(number) => {
                if let Some(Some(value)) = self.values.get(number as usize) {
                    return value.clone();
                }
                let value = self.system.interner.with(number, codec::from_bytes).unwrap_or(Value::Bool(false));
                if !value.is_symbolic() {
                    self.remember(value.structural_hash(), number, &value);
                }
                value
            }
        }
    }
}

impl<'a> Book<'a> {
    /// The word of an explicit value.
    pub(in super::super) fn word(&mut self, machine: &mut Machine<'a>, value: &mut Value) -> Evaluated<u32> {
        if let Some(word) = scalar(value) {
            return Ok(word);
        }
        if value.is_symbolic() {
            *value = machine.force(value)?;
        }
        let hash = value.structural_hash();
        let symbolic = value.is_symbolic();
        if !symbolic
            && let Some((number, _)) = self.known.numbers.find(hash, |(_, known)| known.structurally_equal(value))
        {
            return Ok(*number);
        }
        self.scratch.clear();
        codec::encode(&mut self.scratch, value).map_err(|_| {
            EvalError::undefined("a variable gets a value that has no finite form").with_remedy(
                "a function over an infinite set, or a set given by a predicate over one, cannot be part of a state",
            )
        })?;
        let number = self.system.interner.number(&self.scratch);
        if number > MOST_INTERNED {
            return Err(EvalError::capacity("the states have more than 536,870,911 different values"));
        }
        if !symbolic {
            // What a worker remembers must not depend on the form in which it met the value first, since unions are
            // enumerated by the forms of their parts.
            if codec::is_in_written_form(value) {
                self.known.remember(hash, number, value);
            } else if let Ok(written) = codec::from_bytes(&self.scratch) {
                self.known.remember(hash, number, &written);
            }
        }
        Ok(number)
    }

    pub(in super::super) fn value(&mut self, word: u32) -> Value {
        self.known.value_of(word)
    }
}
