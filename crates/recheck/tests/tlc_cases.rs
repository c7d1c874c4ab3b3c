//! The constant-level cases that were run with TLC, if the corpus is there: values, errors and printed lines agree.

mod common;

use common::Subject;
use serde_json::Value as Json;
use std::path::PathBuf;

/// Cases in which we differ on purpose or that are not about values, with the reason.
const SKIPPED: &[(&str, &str)] = &[
    ("overflow", "integers are exact here"),
    ("overflow_mul", "integers are exact here"),
    ("bigint", "integers are exact here"),
    ("setsize_eager", "TLC's limit of set sizes is no meaning"),
    ("setsize_card31", "TLC's overflow is no meaning"),
    ("fcnset_exists", "TLC's limit of set sizes is no meaning"),
    ("recfun_print", "a function over Nat is printed in other words"),
    ("print_values", "a set of functions into Nat is printed, not an error"),
    ("random_const", "randomness is declined"),
    ("real", "decimals are declined"),
    ("subexpr", "names of subexpressions are declined"),
];

fn corpus() -> Option<String> {
    let shared = std::env::var_os("INTERLOCK_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::fs::read_to_string(shared.unwrap_or(beside).join("tla/tlc-behaviour.jsonl")).ok()
}

fn text<'j>(case: &'j Json, key: &str) -> &'j str {
    case[key].as_str().unwrap_or_default()
}

/// TLC wraps long values; without blanks both are the same.
fn unwrapped(lines: &[String]) -> String {
    lines.concat().replace([' ', '\n'], "")
}

/// `None` if the case agrees or is not about constants.
fn disagreement(case: &Json) -> Option<String> {
    let (module, config) = (text(case, "module"), text(case, "cfg"));
    let exit = case["exit"].as_i64()?;
    let has_behavior = ["INIT", "SPECIFICATION"].iter().any(|keyword| config.contains(keyword));
    if has_behavior || !matches!(exit, 0 | 10) || SKIPPED.iter().any(|(name, _)| *name == text(case, "name")) {
        return None;
    }
    let files: Vec<(String, String)> = case["files"].as_object().map_or_else(Vec::new, |files| {
        let named = |(name, text): (&String, &Json)| {
            (name.trim_end_matches(".tla").to_owned(), text.as_str().unwrap_or_default().to_owned())
        };
        files.iter().map(named).collect()
    });
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let subject = match Subject::try_from_modules(module, config, &files) {
        Ok(subject) => subject,
        Err(problem) => return Some(problem),
    };
    let ours = recheck::assumptions(&subject.specification, &subject.config);
    let holds = ours.outcomes.iter().all(|outcome| *outcome == Ok(true));
    if holds != (exit == 0) {
        return Some(format!("TLC's exit is {exit}, ours: {:?}", ours.outcomes.last()));
    }
    let theirs: Vec<String> = case["output"].as_array()?.iter().filter_map(|l| l.as_str().map(str::to_owned)).collect();
    let is_printed = |line: &&String| !line.starts_with("Warning") && !line.starts_with("line ");
    let theirs: Vec<String> = theirs.iter().filter(is_printed).cloned().collect();
    if exit == 0 && unwrapped(&theirs) != unwrapped(&ours.printed) {
        return Some(format!("printed {:#?} instead of {theirs:#?}", ours.printed));
    }
    None
}

#[test]
fn constant_expressions_have_tlcs_values() {
    let Some(corpus) = corpus() else { return };
    let mut disagreements = Vec::new();
    for line in corpus.lines() {
        let case: Json = serde_json::from_str(line).expect("a line of JSON");
        if let Some(problem) = disagreement(&case) {
            disagreements.push(format!("{}: {problem}", text(&case, "name")));
        }
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}
