//! Properties and obligations: what is claimed, and who is to decide it on which input.

use crate::{Place, Requirement};
use serde::{Deserialize, Serialize};

/// What sort of claim a property makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PropertyKind {
    /// Nothing bad happens: an invariant, an action property, absence of deadlock.
    Safety,
    /// Something good happens eventually.
    Liveness,
    /// A fact about the shape of the source.
    Structural,
    /// Absence of memory errors.
    Memory,
    /// A theorem of a proof assistant.
    Proof,
}

/// A stable claim that evidence is collected for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// Stable identifier, `SP.MutualExclusion`.
    pub id: String,
    /// One sentence.
    pub statement: String,
    /// What sort of claim it is.
    pub kind: PropertyKind,
}

/// What the author of an obligation expects of it. Every protocol ships at least one variant that must be `Violated`,
/// so that a check that cannot fail is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expectation {
    /// The property holds.
    #[default]
    Holds,
    /// The property is refuted.
    Violated,
}

/// Property × engine × input × configuration × expectation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligation {
    /// The property's stable identifier, or the name used in the specification where the project names none.
    pub property: String,
    /// Name of the model or harness that the obligation belongs to.
    pub model: String,
    /// The engine that is to discharge it, `tla-explore`.
    pub engine: String,
    /// Name of the property in the input (`Inv`), if it differs from `property`.
    pub name_in_input: String,
    /// Where the property is defined, if known.
    pub place: Option<Place>,
    /// What the author expects.
    pub expectation: Expectation,
    /// How strong a verdict the author asks for, where that is less than what a run requires: a workload can be tested and
    /// no more. A run that requires something else than usual is not moved by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Requirement>,
}

impl Obligation {
    /// How strong its verdict has to be in a run that requires this of all.
    pub fn required(&self, of_all: Requirement) -> Requirement {
        let usual = of_all == Requirement::default();
        self.asks.filter(|asks| usual && asks.strength < of_all.strength).unwrap_or(of_all)
    }
}
