//! Findings in native code: for a terminal, as JSON, as SARIF, as annotations of a forge.

mod github;
mod json;
mod text;

use native_scan::Coverage;
use native_scan::review::Review;
use native_scan::rules::RuleResult;
use std::collections::BTreeMap;

pub use crate::sarif::write_scan as write_sarif;
pub use github::annotations;
pub use json::write_json;
pub(crate) use text::word;
pub use text::write_text;

/// What the writers take.
pub struct ScanReport<'a> {
    /// Findings, sorted out.
    pub review: &'a Review,
    /// What was analysed.
    pub coverage: &'a Coverage,
    /// What became of the structural rules.
    pub rules: &'a [RuleResult],
    /// Texts of the files that findings lie in, by path.
    pub sources: &'a BTreeMap<String, String>,
    /// The exit code.
    pub exit_code: u8,
}

/// The share of bytes that was analysed, in percent.
fn analysed_percent(coverage: &Coverage) -> f64 {
    if coverage.bytes == 0 {
        return 100.0;
    }
    let lost = (coverage.unread_bytes + coverage.branch_bytes).min(coverage.bytes);
    100.0 * (coverage.bytes - lost) as f64 / coverage.bytes as f64
}
