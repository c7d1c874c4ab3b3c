//! The writers for other programs: SARIF, JUnit, Markdown, annotations.

use crate::fixture;
use report::lanes::Lanes;
use report::{RunReport, github, junit, markdown, sarif};
use serde_json::Value;
use std::collections::BTreeSet;
use verdict::trace::Ending;
use verdict::{Strength, Verdict};

fn sarif_value(report: &RunReport) -> Value {
    serde_json::from_str(&sarif::write_sarif(report)).expect("JSON")
}

/// What the schema of SARIF 2.1.0 demands of the parts that are written (OASIS, sections 3.13 to 3.49).
fn check_sarif(value: &Value) {
    assert_eq!(value["version"], "2.1.0");
    let runs = value["runs"].as_array().expect("runs");
    for run in runs {
        assert!(run["tool"]["driver"]["name"].is_string());
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().expect("an id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "rules are unique");
        assert_eq!(run["columnKind"], "utf16CodeUnits");
        for invocation in run["invocations"].as_array().expect("invocations") {
            assert!(invocation["executionSuccessful"].is_boolean());
            for list in ["toolExecutionNotifications", "toolConfigurationNotifications"] {
                invocation[list].as_array().expect("a list").iter().for_each(check_message);
            }
        }
        for result in run["results"].as_array().expect("results") {
            check_result(result, &ids);
        }
    }
}

fn check_result(result: &Value, rules: &[&str]) {
    assert!(rules.contains(&result["ruleId"].as_str().expect("a rule")));
    check_message(result);
    let (kind, level) = (result["kind"].as_str().expect("kind"), result["level"].as_str().expect("level"));
    assert!(["pass", "open", "review", "fail"].contains(&kind), "{kind}");
    assert!(["none", "note", "warning", "error"].contains(&level), "{level}");
    assert_eq!(kind == "fail", level != "none", "only a failure has a level (3.27.10)");
    for location in result["locations"].as_array().into_iter().flatten() {
        check_location(location);
    }
    for suppression in result["suppressions"].as_array().into_iter().flatten() {
        assert!(["inSource", "external"].contains(&suppression["kind"].as_str().expect("a kind")));
    }
    for flow in result["codeFlows"].as_array().into_iter().flatten() {
        let threads = flow["threadFlows"].as_array().expect("thread flows");
        assert!(!threads.is_empty());
        for thread in threads {
            let locations = thread["locations"].as_array().expect("locations");
            assert!(!locations.is_empty(), "a thread flow has at least one location (3.37.6)");
            for location in locations {
                check_location(&location["location"]);
                assert!(location["executionOrder"].as_i64().is_some_and(|order| order >= 0));
                for value in location["state"].as_object().into_iter().flat_map(serde_json::Map::values) {
                    assert!(value["text"].is_string(), "values of a state are messages (3.38.9)");
                }
            }
        }
    }
}

fn check_message(object: &Value) {
    assert!(object["message"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{object}");
}

fn check_location(location: &Value) {
    let Some(place) = location.get("physicalLocation") else { return check_message(location) };
    assert!(place["artifactLocation"]["uri"].as_str().is_some_and(|uri| !uri.contains([' ', '<', '\\'])));
    let number = |name: &str| place["region"][name].as_u64().expect("a number");
    assert!(number("startLine") >= 1 && number("startColumn") >= 1);
    assert!((number("startLine"), number("startColumn")) < (number("endLine"), number("endColumn")));
}

#[test]
fn sarif_has_the_structure_of_the_standard_and_loses_no_obligation() {
    let report = fixture::everything();
    let value = sarif_value(&report);
    check_sarif(&value);
    let run = &value["runs"][0];
    assert_eq!(run["results"].as_array().map(Vec::len), Some(report.evidence.len() + report.suppressions.len()));
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().map(Vec::len), Some(2));
    check_sarif(&sarif_value(&fixture::all_well()));
    check_sarif(&sarif_value(&RunReport::default()));
}

#[test]
fn a_counterexample_has_a_thread_flow_for_each_thread() {
    let value = sarif_value(&fixture::everything());
    let results = value["runs"][0]["results"].as_array().expect("results");
    let flows = results.iter().find_map(|result| result["codeFlows"][0]["threadFlows"].as_array()).expect("a flow");
    let ids: Vec<&str> = flows.iter().filter_map(|flow| flow["id"].as_str()).collect();
    assert_eq!(ids, ["no thread", "t1", "t2"]);
    let mut behavior = fixture::counterexample(Ending::Finite).trace;
    behavior.steps.iter_mut().for_each(|step| step.bindings.clear());
    assert_eq!(Lanes::of(&behavior).threads, Vec::<String>::new());
}

#[test]
fn columns_are_counted_in_the_text() {
    let mut report = fixture::everything();
    // Line 88, column 3 of the specification is behind a letter of two code units.
    report.sources = [("Pool.tla".to_owned(), format!("{}𝔹 x", "\n".repeat(87)))].into();
    let value = sarif_value(&report);
    let results = value["runs"][0]["results"].as_array().expect("results");
    let declined = results.iter().find(|result| result["properties"]["strength"] == "declined").expect("a result");
    assert_eq!(declined["locations"][0]["physicalLocation"]["region"]["startColumn"], 4);
}

#[test]
fn a_scan_is_written_by_the_same_rules() {
    let source = "struct S {}; S* s;\nS* get() {\n  /* é𝔹 */ if (!s) s = new S;\n  return s;\n}\n\
        S* t;\nS* other() {\n  // interlock: allow(lazy-init) one thread\n  if (!t) t = new S;\n  return t;\n}\n";
    let broken = "void g() { (((( }\n";
    let settings = native_syntax::Settings::default();
    let parse = |path: &str, text: &str| std::sync::Arc::new(native_syntax::parse(path, text.as_bytes(), &settings));
    let files = vec![parse("my src/a.cpp", source), parse("b#.cpp", broken)];
    let outcome = native_scan::scan(&files, &native_scan::Config::with(None).expect("a configuration"), 1);
    let review = native_scan::review::review(outcome.findings, &files, &[], None, None);
    let sources = [("my src/a.cpp".to_owned(), source.to_owned())].into();
    let report = report::scan::ScanReport {
        review: &review,
        coverage: &outcome.coverage,
        rules: &outcome.rules,
        sources: &sources,
        exit_code: 1,
    };
    let value: Value = serde_json::from_str(&report::scan::write_sarif(&report)).expect("JSON");
    check_sarif(&value);
    let run = &value["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 2, "{results:?}");
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20src/a.cpp");
    // Two spaces, `/* `, é (one unit), 𝔹 (two units), ` */ `, and the condition begins at the next column or later.
    let column = place["region"]["startColumn"].as_u64().expect("a column");
    assert!((13..=17).contains(&column), "{place}");
    assert!(results[0]["codeFlows"][0]["threadFlows"][0]["locations"].is_array());
    assert_eq!(results[1]["suppressions"][0]["kind"], "inSource");
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
    assert!(
        notifications
            .iter()
            .any(|one| one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b%23.cpp")
    );
}

#[test]
fn sarif_word_for_word() {
    let mut report = fixture::everything();
    report.evidence.truncate(5);
    insta::assert_snapshot!(sarif::write_sarif(&report));
}

/// A pass in JUnit is a case without a child but its properties.
fn passes(xml: &str) -> usize {
    xml.split("<testcase")
        .skip(1)
        .filter(|case| !["<skipped", "<failure", "<error"].iter().any(|child| case.contains(child)))
        .count()
}

#[test]
fn junit_passes_nothing_that_is_not_complete() {
    let mut report = fixture::everything();
    insta::assert_snapshot!(junit::write_junit(&report));
    let strong = |verdict: &Verdict| verdict.strength() >= Strength::Exhausted;
    let expected = report.evidence.iter().filter(|one| report::words::is_complete(one) && report.is_met(one)).count();
    assert_eq!(passes(&junit::write_junit(&report)), expected);
    report.required = Some(Strength::Tested.into());
    assert_eq!(passes(&junit::write_junit(&report)), expected, "less that is required makes no more passes");
    assert!(report.evidence.iter().any(|one| !strong(&one.verdict) && report.is_met(one)));
}

#[test]
fn junit_escapes_what_xml_cannot_hold() {
    let mut report = fixture::all_well();
    report.title = "a<b> & \"c\" \u{1b}[1m".to_owned();
    let xml = junit::write_junit(&report);
    assert!(xml.contains("name=\"a&lt;b&gt; &amp; &quot;c&quot; \u{fffd}[1m\""), "{xml}");
}

#[test]
fn markdown_puts_the_weakest_on_top() {
    insta::assert_snapshot!(markdown::write_markdown(&fixture::everything()));
}

#[test]
fn annotations_point_at_lines() {
    insta::assert_snapshot!(github::write_annotations(&fixture::everything()));
    assert_eq!(github::write_annotations(&fixture::all_well()), "");
}
