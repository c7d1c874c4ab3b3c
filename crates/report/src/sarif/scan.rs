//! Findings in native code: results with code flows, suppressions with their reasons, what was not analysed as
//! notifications.

use super::place::{Texts, line, spot};
use super::{Invocation, Log, Suppressed, message, notification, suppression};
use crate::scan::{ScanReport, word};
use native_scan::RULES;
use native_scan::finding::Finding;
use serde_json::{Value, json};

/// The log of a scan.
pub fn write_sarif(report: &ScanReport<'_>) -> String {
    let texts = report.sources;
    let mut results: Vec<Value> = report.review.findings.iter().map(|finding| result(finding, texts)).collect();
    for suppressed in &report.review.suppressed {
        let mut value = result(&suppressed.finding, texts);
        value["suppressions"] = json!([suppression(Suppressed::InSource, &suppressed.reason)]);
        results.push(value);
    }
    let coverage = report.coverage;
    let log = Log {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules: rules().into_iter().chain(structural(report)).collect(),
        invocation: Invocation {
            successful: report.exit_code != 2,
            exit_code: report.exit_code,
            execution: notifications(report),
            configuration: Vec::new(),
        },
        results,
        properties: json!({ "files": coverage.files, "functions": coverage.functions, "known": report.review.known }),
    };
    log.write()
}

/// The rules of the analyses.
pub fn rules() -> Vec<Value> {
    let rule = |rule: &native_scan::Rule| {
        let documentation = rule.documentation();
        json!({
            "id": rule.id,
            "shortDescription": message(rule.summary),
            "help": { "text": documentation, "markdown": documentation },
        })
    };
    RULES.iter().map(rule).collect()
}

/// The project's own rules.
fn structural(report: &ScanReport<'_>) -> Vec<Value> {
    let rule = |result: &native_scan::rules::RuleResult| {
        let text = format!("A rule of the project, for {}", result.property);
        json!({ "id": result.rule, "shortDescription": message(&text) })
    };
    report.rules.iter().map(rule).collect()
}

fn result(finding: &Finding, texts: &Texts) -> Value {
    let steps = finding.related.iter().map(|related| (&related.spot, related.text.as_str()));
    let steps: Vec<Value> = steps
        .chain(std::iter::once((&finding.spot, finding.message.as_str())))
        .enumerate()
        .map(
            |(index, (place, text))| json!({ "location": spot(place, Some(text), texts), "executionOrder": index + 1 }),
        )
        .collect();
    let related: Vec<Value> = finding.related.iter().map(|one| spot(&one.spot, Some(&one.text), texts)).collect();
    json!({
        "ruleId": finding.rule,
        "kind": "fail",
        "level": word(finding.severity),
        "message": message(&format!("{}. {}", finding.message, finding.fix)),
        "locations": [spot(&finding.spot, None, texts)],
        "relatedLocations": related,
        "codeFlows": [{ "threadFlows": [{ "locations": steps }] }],
        "partialFingerprints": { "interlock/v1": finding.fingerprint },
        "properties": { "confidence": finding.confidence, "held": finding.held, "subject": finding.subject },
    })
}

fn notifications(report: &ScanReport<'_>) -> Vec<Value> {
    let told = |path: &str, number, text: &str| notification("warning", text, Some(line(path, number)));
    let coverage = report.coverage;
    let refused = coverage.refused.iter().map(|(path, reason)| told(path, 1, &format!("not analysed: {reason}")));
    let partial = coverage.partial.iter();
    let partial = partial.map(|(path, number, name)| told(path, *number, &format!("not analysed in part: {name}")));
    let remarks = report.review.remarks.iter().map(|remark| told(&remark.file, remark.line, &remark.message));
    refused.chain(partial).chain(remarks).collect()
}
