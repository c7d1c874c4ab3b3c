//! TLC's answers to 260 small specifications: what it rejects for syntax is rejected here, everything else parses.

mod common;

use serde_json::Value;
use tla_syntax::{SourceMap, config, load};

/// TLC's exit code for errors of syntax, names, arities and levels.
const PARSE_ERROR: i64 = 150;

/// What SANY says about an error that is none of syntax.
const SEMANTIC: &str = "Semantic errors:";

fn field<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_default()
}

/// Further modules of a case: name and text.
fn further(case: &Value) -> Vec<(String, String)> {
    let files = case["files"].as_object().into_iter().flatten();
    files
        .filter_map(|(name, text)| {
            Some((name.strip_suffix(".tla").unwrap_or(name).to_owned(), text.as_str()?.to_owned()))
        })
        .collect()
}

fn module_name(text: &str) -> &str {
    let rest = text.split("MODULE").nth(1).unwrap_or_default().trim_start();
    rest.split_whitespace().next().unwrap_or_default()
}

#[test]
fn the_same_modules_are_rejected() {
    let Some(shared) = common::shared() else { return common::skipped("the_same_modules_are_rejected") };
    let text = std::fs::read_to_string(shared.join("tla/tlc-behaviour.jsonl")).expect("the cases");
    let mut rejected = 0;
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        let output = case["output"].as_array().expect("output");
        let semantic = output.iter().any(|line| line.as_str() == Some(SEMANTIC));
        let expected = case["exit"].as_i64() == Some(PARSE_ERROR) && !semantic;
        let files = further(&case);
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let module = field(&case, "module");
        let loaded = load::load_from_text(module_name(module), module, &files);
        let rendered: String = match &loaded {
            Ok(_) => String::new(),
            Err(error) => error.diagnostics.iter().map(|diagnostic| diagnostic.render(&error.sources)).collect(),
        };
        assert_eq!(loaded.is_err(), expected, "{}: {rendered}\n{module}", field(&case, "name"));
        rejected += usize::from(expected);
    }
    assert!(rejected >= 8, "only {rejected} cases are rejected");
}

#[test]
fn the_same_configurations_are_read() {
    let Some(shared) = common::shared() else { return common::skipped("the_same_configurations_are_read") };
    let text = std::fs::read_to_string(shared.join("tla/tlc-behaviour.jsonl")).expect("the cases");
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        let name = field(&case, "name");
        let mut sources = SourceMap::new();
        let file = sources.add("T.cfg", field(&case, "cfg"));
        let parsed = config::parse_config(&sources, file, &mut Vec::new());
        // Negative numbers, tuples and intervals are read on purpose, though TLC refuses them.
        assert_eq!(parsed.is_none(), matches!(name, "cfg_unknown" | "cfg_dup_init"), "{name}");
    }
}
