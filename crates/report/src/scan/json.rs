//! As one JSON object.

use super::{ScanReport, analysed_percent};
use serde_json::json;

/// Version of the object's shape.
const VERSION: u32 = 1;

/// Writes the report.
pub fn write_json(report: &ScanReport<'_>) -> String {
    let coverage = report.coverage;
    let object = json!({
        "format": "interlock-scan",
        "version": VERSION,
        "exit_code": report.exit_code,
        "findings": report.review.findings,
        "suppressed": report.review.suppressed,
        "known": report.review.known,
        "gone": report.review.gone,
        "elsewhere": report.review.elsewhere,
        "remarks": report.review.remarks,
        "rules": report.rules,
        "coverage": {
            "files": coverage.files,
            "bytes": coverage.bytes,
            "unread_bytes": coverage.unread_bytes,
            "branch_bytes": coverage.branch_bytes,
            "analysed_percent": analysed_percent(coverage),
            "functions": coverage.functions,
            "partial": coverage.partial.iter().map(|(file, line, function)| {
                json!({"file": file, "line": line, "function": function})
            }).collect::<Vec<_>>(),
            "refused": coverage.refused.iter().map(|(file, reason)| {
                json!({"file": file, "reason": reason})
            }).collect::<Vec<_>>(),
        },
    });
    format!("{object:#}\n")
}
