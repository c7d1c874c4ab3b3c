//! As SARIF 2.1.0: results with code flows, suppressions with their reasons, what was not analysed as notifications.

use super::ScanReport;
use super::text::word;
use native_scan::RULES;
use native_scan::finding::{Finding, Spot};
use serde_json::{Value, json};

/// Writes the report.
pub fn write_sarif(report: &ScanReport<'_>) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.summary},
                "help": {"text": rule.documentation(), "markdown": rule.documentation()},
            })
        })
        .collect();
    let mut results: Vec<Value> = report.review.findings.iter().map(result).collect();
    for suppressed in &report.review.suppressed {
        let mut value = result(&suppressed.finding);
        value["suppressions"] = json!([{"kind": "inSource", "justification": suppressed.reason}]);
        results.push(value);
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Interlock",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "utf16CodeUnits",
            "invocations": [{
                "executionSuccessful": report.exit_code != 2,
                "toolExecutionNotifications": notifications(report),
            }],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(finding: &Finding) -> Value {
    let steps: Vec<Value> = finding
        .related
        .iter()
        .map(|related| (&related.spot, related.text.as_str()))
        .chain(std::iter::once((&finding.spot, finding.message.as_str())))
        .map(|(spot, text)| json!({"location": location(spot, Some(text))}))
        .collect();
    json!({
        "ruleId": finding.rule,
        "level": word(finding.severity),
        "message": {"text": format!("{}. {}", finding.message, finding.fix)},
        "locations": [location(&finding.spot, None)],
        "relatedLocations": finding.related.iter()
            .map(|related| location(&related.spot, Some(&related.text)))
            .collect::<Vec<_>>(),
        "codeFlows": [{"threadFlows": [{"locations": steps}]}],
        "partialFingerprints": {"interlock/v1": finding.fingerprint},
        "properties": {"confidence": finding.confidence, "held": finding.held, "subject": finding.subject},
    })
}

fn location(spot: &Spot, text: Option<&str>) -> Value {
    let mut value = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": spot.file.replace(' ', "%20")},
            "region": {
                "startLine": spot.line,
                "startColumn": spot.column,
                "endLine": spot.end_line,
                "endColumn": spot.end_column,
            },
        },
        "logicalLocations": [{"fullyQualifiedName": spot.function}],
    });
    if let Some(text) = text {
        value["message"] = json!({"text": text});
    }
    value
}

fn notifications(report: &ScanReport<'_>) -> Vec<Value> {
    let file = |path: &str, line: u32, text: String| {
        json!({
            "level": "warning",
            "message": {"text": text},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": path},
                "region": {"startLine": line.max(1)},
            }}],
        })
    };
    let refused = report.coverage.refused.iter().map(|(path, reason)| file(path, 1, format!("not analysed: {reason}")));
    let partial = report
        .coverage
        .partial
        .iter()
        .map(|(path, line, name)| file(path, *line, format!("not analysed in part: {name}")));
    let remarks = report.review.remarks.iter().map(|remark| file(&remark.file, remark.line, remark.message.clone()));
    refused.chain(partial).chain(remarks).collect()
}
