//! The report for programs.

use crate::fixture;
use report::json;

#[test]
fn every_field_of_a_project_run() {
    insta::assert_snapshot!(json::write_report(&fixture::everything()));
}

#[test]
fn a_single_model_has_its_figures_by_name() {
    let value = json::report_value(&fixture::all_well());
    assert_eq!(value["verdict"], "exhausted");
    assert_eq!(value["generated"].as_u64(), Some(7_981));
    assert_eq!(value["distinct"].as_u64(), Some(1_992));
    assert_eq!(value["depth"].as_u64(), Some(23));
    assert_eq!(value["exit_code"].as_u64(), Some(0));
    assert_eq!(value["properties"][1]["counterexample"].as_u64(), Some(0));
    assert_eq!(value["counterexamples"][0]["steps"][1]["action"], "Acquire");
}

#[test]
fn the_report_is_one_json_object_with_a_line_end() {
    let text = json::write_report(&fixture::everything());
    assert!(text.ends_with("}\n"));
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["format"], json::FORMAT);
}
