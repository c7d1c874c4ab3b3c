//! Counterexamples in the Informal Trace Format (Apalache, ADR-015), `*.itf.json`.
//!
//! Integers of every size are written as `#bigint`, which the format allows and which no reader can round. Sequences are
//! `#tup`, because TLA+ does not tell a sequence from a tuple. ITF has no model values: they are written as strings, as
//! TLC's own JSON does, and `#meta.model_values` lists which strings they are, so that a trace can be read back exactly.
//! Where a real string of the trace reads like a model value, the model value is written as `#unserializable` instead.
//! Action, parameters and place of a step stand in its `#meta`.

mod read;
mod write;

pub use read::{ItfError, read_trace};
pub use write::{state_value, write_trace};

/// What a trace file says about itself, beyond the states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TraceMeta {
    /// Path of the specification.
    pub source: String,
    /// Path of the configuration, if there is one.
    pub config: Option<String>,
    /// Folders that modules are looked for in.
    pub search_path: Vec<String>,
    /// Invariants that were given as expressions beside the configuration.
    pub invariants: Vec<String>,
    /// The invariant of an induction, as it was given. With the exit code of what is inconclusive the states show why that
    /// induction fails, and the first of them need not be reached.
    pub inductive: Option<String>,
    /// Constants that took the place of those of the configuration, each as `NAME=VALUE`.
    pub constants: Vec<String>,
    /// Name of the model in the project.
    pub model: String,
    /// Identifier of the property that the trace violates.
    pub property: String,
    /// Name of that property in the specification.
    pub name_in_input: String,
    /// Exit code that stands for the violation.
    pub exit_code: u8,
}
