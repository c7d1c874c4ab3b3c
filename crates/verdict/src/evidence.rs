//! Evidence: a verdict together with what it was obtained from.

use crate::{Finding, Obligation, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An input file and the hash of what was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputFile {
    /// Path as given.
    pub path: String,
    /// Hash of the content, with the algorithm's name: `sha256:…`.
    pub hash: String,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was to be decided.
    pub obligation: Obligation,
    /// What was found.
    pub verdict: Verdict,
    /// All inputs that the verdict depends on.
    pub inputs: Vec<InputFile>,
    /// Tool name to version.
    pub tools: BTreeMap<String, String>,
    /// Figures: name to value (`wall_s`, `peak_rss_mib`, …).
    pub figures: BTreeMap<String, f64>,
    /// Files written: kind to path.
    pub artefacts: BTreeMap<String, String>,
    /// Remarks that a reader must see: warnings, suppressions, actions that never fired.
    pub remarks: Vec<String>,
    /// Findings of an analysis of source text that stand behind the verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The outside tool that was not there, where nothing was done for want of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_tool: Option<String>,
}
