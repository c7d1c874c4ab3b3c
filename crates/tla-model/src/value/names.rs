//! Strings and model values by number.
//!
//! TLC orders strings by the index under which it first met them, and that order shows: in `CHOOSE`, in the order of
//! record fields, in printed sets. The numbers here reproduce it: first the names that TLC itself brings, then the
//! tokens of the configuration, the identifiers of all modules in parse order, and the contents of string literals.
//! Strings that are made while a specification runs come after all of these and are ordered alphabetically among
//! themselves, so that the order does not depend on the number of workers.

use rustc_hash::FxHashMap;
use std::sync::{Arc, RwLock};

/// Number of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StringId(pub u32);

/// Number of a model value; ascending by first appearance in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelValueId(pub u32);

/// A model value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelValue {
    /// Its name.
    pub name: Arc<str>,
    /// For a typed model value such as `A_1`, its type `A`.
    pub kind: Option<char>,
}

#[derive(Debug, Default)]
struct Table {
    strings: Vec<Arc<str>>,
    ids: FxHashMap<Arc<str>, StringId>,
}

/// All strings and model values of a model. Shared by all workers.
#[derive(Debug, Default)]
pub struct Names {
    table: RwLock<Table>,
    fixed: u32,
    models: Vec<ModelValue>,
    model_ids: FxHashMap<Arc<str>, ModelValueId>,
}

impl Names {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of a string, a new one if it is new.
    pub fn string(&self, text: &str) -> StringId {
        if let Some(id) = self.read(|table| table.ids.get(text).copied()) {
            return id;
        }
        let mut table = self.table.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(id) = table.ids.get(text) {
            return *id;
        }
        let id = StringId(table.strings.len() as u32);
        let shared: Arc<str> = text.into();
        table.strings.push(shared.clone());
        table.ids.insert(shared, id);
        id
    }

    /// The text of a string.
    pub fn text(&self, id: StringId) -> Arc<str> {
        self.read(|table| table.strings[id.0 as usize].clone())
    }

    fn read<R>(&self, use_table: impl FnOnce(&Table) -> R) -> R {
        use_table(&self.table.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// From here on new strings are ordered alphabetically.
    pub fn fix_order(&mut self) {
        self.fixed = self.read(|table| table.strings.len() as u32);
    }

    /// Strings made while a specification ran, in the order of their numbers. Made again in this order, they get the same
    /// numbers.
    pub fn later_strings(&self) -> Vec<Arc<str>> {
        self.read(|table| table.strings.get(self.fixed as usize..).unwrap_or_default().to_vec())
    }

    /// TLC's order of two strings.
    pub fn compare(&self, a: StringId, b: StringId) -> std::cmp::Ordering {
        if a.0 < self.fixed || b.0 < self.fixed {
            return a.cmp(&b);
        }
        self.read(|table| table.strings[a.0 as usize].cmp(&table.strings[b.0 as usize]))
    }

    /// The model value of this name, a new one if it is new. A name of a letter, an underscore and at least one more
    /// character is typed.
    pub fn model_value(&mut self, name: &Arc<str>) -> ModelValueId {
        if let Some(id) = self.model_ids.get(name) {
            return *id;
        }
        let id = ModelValueId(self.models.len() as u32);
        let mut letters = name.chars();
        let kind = match (letters.next(), letters.next(), letters.next()) {
            (Some(first), Some('_'), Some(_)) => Some(first),
            _ => None,
        };
        self.models.push(ModelValue { name: name.clone(), kind });
        self.model_ids.insert(name.clone(), id);
        id
    }

    /// The model value with this number.
    pub fn model(&self, id: ModelValueId) -> &ModelValue {
        &self.models[id.0 as usize]
    }

    /// The number of an existing model value.
    pub fn find_model(&self, name: &str) -> Option<ModelValueId> {
        self.model_ids.get(name).copied()
    }

    /// All model values.
    pub fn models(&self) -> &[ModelValue] {
        &self.models
    }
}
