//! As workflow commands, which GitHub shows as annotations of the changed lines.

use super::ScanReport;
use crate::github::{escape_data, escape_property};
use native_scan::finding::Severity;
use std::fmt::Write;

/// Writes one line for each finding.
pub fn annotations(report: &ScanReport<'_>) -> String {
    let mut out = String::new();
    for finding in &report.review.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let spot = &finding.spot;
        let _ = writeln!(
            out,
            "::{command} file={},line={},endLine={},col={},title={}::{}",
            escape_property(&spot.file),
            spot.line,
            spot.end_line,
            spot.column,
            escape_property(&format!("interlock {}", finding.rule)),
            escape_data(&format!("{}\n{}", finding.message, finding.fix))
        );
    }
    out
}
