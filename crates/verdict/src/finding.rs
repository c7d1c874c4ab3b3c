//! What an analysis of source text reports: a place and a reason, and no counterexample.

use crate::Place;
use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Probably wrong.
    Warning,
    /// Wrong, as far as the analysis can see.
    Error,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Identifier of the rule.
    pub rule: String,
    /// Stays the same while lines move.
    pub fingerprint: String,
    /// How bad it is.
    pub level: Level,
    /// One sentence.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Name of the function.
    pub function: String,
    /// What to do.
    pub fix: String,
    /// Other places with what happens there, in the order of a story.
    pub related: Vec<(Place, String)>,
}
