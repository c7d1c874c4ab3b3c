//! As workflow commands, which GitHub shows as annotations of the changed lines.

use super::ScanReport;
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
            property(&spot.file),
            spot.line,
            spot.end_line,
            spot.column,
            property(&format!("interlock {}", finding.rule)),
            data(&format!("{}\n{}", finding.message, finding.fix))
        );
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
