//! Obligations: one rule for each property, one result for each obligation, so that none is lost:
//!
//! | verdict | `kind` | `level` |
//! |---|---|---|
//! | proved, exhausted | `pass` | `none` |
//! | bounded, tested, declined | `open` | `none` |
//! | assumed | `review` | `none` |
//! | refuted, vacuous, not refuted where it must be | `fail` | `error` |
//! | refuted as expected | `fail`, suppressed with the reason | `note` |
//! | failed | `open`, and a notification in `invocations` | `none` |
//!
//! A check that was switched off is a result of the rule `interlock/suppressed` with a suppression. A counterexample is a
//! code flow with a thread flow for each thread (see [`crate::lanes`]), ordered by `executionOrder`.

use super::place::{Texts, location};
use super::{Invocation, Log, Suppressed, message, notification, suppression};
use crate::itf::state_value;
use crate::lanes::Lanes;
use crate::run::{RunReport, is_expected_refutation};
use crate::value::value_text;
use crate::words;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use verdict::{Counterexample, Evidence, Failure, FailureClass, Finding, Level, Step, Verdict};

/// Rule of checks that were switched off.
const SUPPRESSED: &str = "interlock/suppressed";

/// The log of a run.
pub fn write_sarif(report: &RunReport) -> String {
    let mut results: Vec<Value> = report.evidence.iter().map(|evidence| result(report, evidence)).collect();
    let findings = report.evidence.iter().flat_map(|evidence| evidence.findings.iter().map(move |one| (evidence, one)));
    results.extend(findings.map(|(evidence, finding)| found(report, evidence, finding)));
    results.extend(report.suppressions.iter().map(|text| suppressed(text)));
    let log = Log {
        version: report.tool_version.clone(),
        rules: rules(report).into_iter().chain(rules_of_findings(report)).collect(),
        invocation: invocation(report),
        results,
        properties: json!({ "title": report.title, "command": report.command, "recordedIn": report.recorded_in }),
    };
    log.write()
}

fn rules(report: &RunReport) -> Vec<Value> {
    let properties = report.evidence.iter().map(|evidence| evidence.obligation.property.as_str());
    let suppressed = (!report.suppressions.is_empty()).then_some(SUPPRESSED);
    let rule = |id: &str| {
        let text = match id {
            SUPPRESSED => "A check that was switched off".to_owned(),
            id => format!("Property {id}"),
        };
        json!({ "id": id, "shortDescription": message(&text) })
    };
    properties.chain(suppressed).map(rule).collect()
}

/// The rules of findings in native code; a project's own are known by name alone.
fn rules_of_findings(report: &RunReport) -> Vec<Value> {
    let named: BTreeSet<&str> =
        report.evidence.iter().flat_map(|evidence| &evidence.findings).map(|finding| finding.rule.as_str()).collect();
    let known = super::scan_rules();
    let rule = |id: &str| {
        let documented = known.iter().find(|rule| rule["id"] == id).cloned();
        documented.unwrap_or_else(|| json!({ "id": id, "shortDescription": message("A rule of the project") }))
    };
    named.into_iter().map(rule).collect()
}

/// A finding in native code behind a verdict.
fn found(report: &RunReport, evidence: &Evidence, finding: &Finding) -> Value {
    let texts = &report.sources;
    let steps = finding.related.iter().map(|(place, text)| (place, text.as_str()));
    let steps: Vec<Value> = steps
        .chain(std::iter::once((&finding.place, finding.message.as_str())))
        .enumerate()
        .map(|(index, (place, text))| json!({ "location": location(place, Some(text), texts), "executionOrder": index + 1 }))
        .collect();
    let level = match finding.level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    json!({
        "ruleId": finding.rule,
        "kind": "fail",
        "level": level,
        "message": message(&format!("{}. {}", finding.message, finding.fix)),
        "locations": [location(&finding.place, None, texts)],
        "codeFlows": [{ "threadFlows": [{ "locations": steps }] }],
        "partialFingerprints": { "interlock/v1": finding.fingerprint },
        "properties": { "model": evidence.obligation.model, "property": evidence.obligation.property },
    })
}

fn invocation(report: &RunReport) -> Invocation {
    let mut seen = BTreeSet::new();
    let (mut execution, mut configuration) = (Vec::new(), Vec::new());
    for evidence in &report.evidence {
        let Verdict::Failed(failure) = &evidence.verdict else { continue };
        let model = &evidence.obligation.model;
        if !seen.insert((model, &failure.message, &failure.place)) {
            continue;
        }
        let list = match failure.class {
            FailureClass::Parse | FailureClass::Configuration => &mut configuration,
            FailureClass::Assumption
            | FailureClass::Assert
            | FailureClass::Evaluation
            | FailureClass::PropertyEvaluation
            | FailureClass::Capacity
            | FailureClass::System
            | FailureClass::Internal => &mut execution,
        };
        list.push(told(report, model, failure));
    }
    execution.extend(report.warnings.iter().map(|text| notification("warning", text, None)));
    Invocation { successful: seen.is_empty(), exit_code: report.exit_code, execution, configuration }
}

fn told(report: &RunReport, model: &str, failure: &Failure) -> Value {
    let remedy = if failure.remedy.is_empty() { String::new() } else { format!(" ({})", failure.remedy) };
    let place = failure.place.as_ref().map(|place| location(place, None, &report.sources));
    notification("error", &format!("{model}: {}{remedy}", failure.message), place)
}

fn result(report: &RunReport, evidence: &Evidence) -> Value {
    let obligation = &evidence.obligation;
    let (kind, level) = kind_and_level(report, evidence);
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("ruleId", json!(obligation.property));
    put("kind", json!(kind));
    put("level", json!(level));
    let text = format!("{} in {}: {}", obligation.property, obligation.model, words::sentence(evidence));
    put("message", message(&text));
    if let Some(place) = words::place(evidence) {
        put("locations", json!([location(place, None, &report.sources)]));
    }
    if let Verdict::Refuted(refutation) = &evidence.verdict {
        put("codeFlows", json!([code_flow(&refutation.counterexample, &report.sources)]));
    }
    if is_expected_refutation(evidence) {
        put("suppressions", json!([suppression(Suppressed::Outside, "a broken variant, which must be violated")]));
    }
    let identity = format!("{}/{}/{}", obligation.model, obligation.property, obligation.name_in_input);
    put("partialFingerprints", json!({ "obligation/v1": identity }));
    put(
        "properties",
        json!({
            "model": obligation.model,
            "engine": obligation.engine,
            "strength": evidence.verdict.strength(),
            "expectation": obligation.expectation,
            "asExpected": report.is_met(evidence),
        }),
    );
    Value::Object(object)
}

fn kind_and_level(report: &RunReport, evidence: &Evidence) -> (&'static str, &'static str) {
    match &evidence.verdict {
        Verdict::Refuted(_) if is_expected_refutation(evidence) => ("fail", "note"),
        Verdict::Refuted(_) | Verdict::Vacuous(_) => ("fail", "error"),
        Verdict::Proved(_) | Verdict::Exhausted(_) if report.is_met(evidence) => ("pass", "none"),
        Verdict::Proved(_) | Verdict::Exhausted(_) => ("fail", "error"),
        Verdict::Assumed(_) => ("review", "none"),
        Verdict::Bounded { .. } | Verdict::Tested(_) | Verdict::Declined(_) | Verdict::Failed(_) => ("open", "none"),
    }
}

fn suppressed(text: &str) -> Value {
    json!({
        "ruleId": SUPPRESSED,
        "kind": "open",
        "level": "none",
        "message": message(text),
        "suppressions": [suppression(Suppressed::Outside, text)],
    })
}

fn code_flow(counterexample: &Counterexample, texts: &Texts) -> Value {
    let trace = &counterexample.trace;
    let lanes = Lanes::of(trace);
    let of_lane = |lane: Option<usize>| -> Vec<Value> {
        let steps = trace.steps.iter().enumerate().zip(&lanes.of_step);
        steps.filter(|(_, of)| **of == lane).map(|((index, step), _)| flow_location(index, step, texts)).collect()
    };
    let all =
        || trace.steps.iter().enumerate().map(|(index, step)| flow_location(index, step, texts)).collect::<Vec<_>>();
    let mut flows = Vec::new();
    if lanes.threads.is_empty() {
        flows.push(json!({ "id": "behavior", "locations": all() }));
    } else {
        let others = of_lane(None);
        if !others.is_empty() {
            flows.push(json!({ "id": "no thread", "locations": others }));
        }
        let thread = |(index, name): (usize, &String)| json!({ "id": name, "locations": of_lane(Some(index)) });
        flows.extend(lanes.threads.iter().enumerate().map(thread));
    }
    let text = match trace.ending {
        verdict::trace::Ending::Finite => "A behavior that ends in the violation".to_owned(),
        verdict::trace::Ending::Stuttering => "An infinite behavior that repeats its last state".to_owned(),
        verdict::trace::Ending::BackTo(index) => format!("An infinite behavior that goes back to state {}", index + 1),
    };
    json!({ "message": message(&text), "threadFlows": flows })
}

fn flow_location(index: usize, step: &Step, texts: &Texts) -> Value {
    let mut text = format!("{}. {}", index + 1, words::action(step));
    let changes = words::changes(step);
    if !changes.is_empty() {
        text.push_str(&format!(": {}", changes.join("; ")));
    }
    let state: Map<String, Value> =
        step.shown().iter().map(|(name, value)| (name.clone(), message(&value_text(value)))).collect();
    let place = match &step.place {
        Some(place) => location(place, Some(&text), texts),
        None => json!({ "message": message(&text) }),
    };
    json!({
        "location": place,
        "executionOrder": index + 1,
        "state": state,
        "properties": { "itf": state_value(step.shown()) },
    })
}
