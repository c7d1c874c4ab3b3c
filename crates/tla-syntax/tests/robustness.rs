//! Input that breaks parsers: deep nesting, long rows, huge literals, strange bytes. Always an answer, never a panic.
//!
//! Tests run on threads with two megabytes of stack, so dropping, printing and comparing a tree of the greatest height
//! that is accepted is tested here as well.

use std::path::Path;
use tla_syntax::load::{LoadOptions, load, load_from_text};
use tla_syntax::{Diagnostic, SourceMap, ast::Unit, config, parse};

fn module(body: &str) -> Result<parse::ParsedModule, Vec<Diagnostic>> {
    let mut sources = SourceMap::new();
    let file = sources.add("M.tla", format!("---- MODULE M ----\n{body}\n===="));
    let mut diagnostics = Vec::new();
    let parsed = parse::parse_module(&sources, file, &mut diagnostics);
    diagnostics.iter().for_each(|diagnostic| assert!(!diagnostic.render(&sources).is_empty()));
    parsed.ok_or(diagnostics)
}

fn error_codes(body: &str) -> Vec<&'static str> {
    module(body).expect_err("an error").iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn nesting_is_limited_for_every_kind_of_bracket() {
    for (open, close) in [("(", ")"), ("{", "}"), ("<<", ">>"), ("F(", ")"), ("[a |-> ", "]"), ("f[", "]"), ("-(", ")")]
    {
        for depth in [10_000, 100_000] {
            let body = format!("x == {}1{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(error_codes(&body), ["nesting-too-deep"], "{open}");
        }
    }
}

#[test]
fn nesting_is_limited_for_constructs_without_brackets() {
    for open in ["IF a THEN b ELSE ", "\\A x \\in S : ", "LET a == 1 IN ", "CASE a -> ", "CHOOSE x : ", "l :: "] {
        let body = format!("x == {}1", open.repeat(20_000));
        assert_eq!(error_codes(&body), ["nesting-too-deep"], "{open}");
    }
}

#[test]
fn long_rows_of_operators_count_as_nesting() {
    for row in ["1 + ", "~ ", "SUBSET ", "a \\o "] {
        assert_eq!(error_codes(&format!("x == {}1", row.repeat(50_000))), ["nesting-too-deep"], "{row}");
    }
    assert_eq!(error_codes(&format!("x == f{}", "[1]".repeat(50_000))), ["nesting-too-deep"]);
    assert_eq!(error_codes(&format!("x == f{}", "'".repeat(50_000))), ["nesting-too-deep"]);
    assert_eq!(error_codes(&format!("x == f{}", ".a".repeat(50_000))), ["nesting-too-deep"]);
}

#[test]
fn rows_inside_brackets_add_up() {
    let row = "1 + ".repeat(900);
    let body = (0..50).fold("1".to_owned(), |inner, _| format!("({row}{{{inner}}})"));
    assert_eq!(error_codes(&format!("x == {body}")), ["nesting-too-deep"]);
    let left = (0..50).fold("1".to_owned(), |inner, _| format!("({inner}{})", " + 1".repeat(900)));
    assert_eq!(error_codes(&format!("x == {left}")), ["nesting-too-deep"]);
}

#[test]
fn what_is_accepted_can_be_cloned_compared_printed_and_dropped_on_a_small_stack() {
    for depth in [990, 900] {
        let body = format!("x == {}1{}\ny == {}1", "{".repeat(depth), "}".repeat(depth), "1 + ".repeat(depth));
        let parsed = module(&body).expect("accepted");
        assert_eq!(parsed.clone(), parsed);
        assert!(!format!("{parsed:?}").is_empty());
    }
}

#[test]
fn junction_lists_may_be_long_but_not_deep() {
    let flat = "\n  /\\ TRUE".repeat(20_000);
    assert!(module(&format!("x == {flat}")).is_ok());
    let deep: String = (0..5_000).map(|column| format!("\n{}/\\ ", " ".repeat(column))).collect();
    assert_eq!(error_codes(&format!("x == {deep} TRUE")), ["nesting-too-deep"]);
}

#[test]
fn nested_modules_and_proofs_are_limited_too() {
    let modules = format!("{}{}", "---- MODULE N ----\n".repeat(5_000), "====\n".repeat(5_000));
    assert!(error_codes(&modules).contains(&"nesting-too-deep"));
    let steps: String = (1..5_000).map(|level| format!("<{level}>1. x\n")).collect();
    assert_eq!(error_codes(&format!("THEOREM x\n{steps}")), ["nesting-too-deep"]);
}

#[test]
fn huge_numbers_and_names_are_read_or_refused() {
    assert!(module(&format!("x == {}", "9".repeat(5_000))).is_ok());
    assert_eq!(error_codes(&format!("x == {}", "9".repeat(1_000_000))), ["number-too-long"]);
    assert_eq!(error_codes(&format!("x == \\h{}", "f".repeat(1_000_000))), ["number-too-long"]);
    assert!(module(&format!("{} == 1", "a".repeat(1_000_000))).is_ok());
    assert!(module(&format!("x == \"{}\"", "a".repeat(1_000_000))).is_ok());
    assert!(error_codes(&format!("x == Op!{}", "9".repeat(100))).contains(&"unexpected-token"));
}

#[test]
fn long_runs_of_one_symbol_take_linear_time() {
    for symbol in
        ["(", ")", "{", "<<", ">>", "[", "]_", "\\", "\\a", "!", "==", "\"", "(*", "*)", "<1>", "-", "x ", ".", "@ "]
    {
        let started = std::time::Instant::now();
        assert!(module(&format!("x == {}", symbol.repeat(200_000))).is_err(), "{symbol}");
        assert!(started.elapsed().as_secs() < 20, "{symbol}");
    }
}

#[test]
fn carriage_returns_tabs_and_a_byte_order_mark_change_nothing() {
    let text = "---- MODULE M ----\nx == /\\ a\n     /\\ b\n====\n";
    let plain = load_from_text("M", text, &[]).expect("plain");
    let dos = load_from_text("M", &text.replace('\n', "\r\n"), &[]).expect("carriage returns");
    let marked = load_from_text("M", &format!("\u{feff}{text}"), &[]).expect("byte order mark");
    let tabbed = load_from_text("M", "---- MODULE M ----\nx ==\n\t/\\ a\n        /\\ b\n====\n", &[]).expect("tabs");
    for other in [&dos, &marked, &tabbed] {
        let shape = |units: &[Unit]| format!("{units:?}").matches("Junction").count();
        assert_eq!(shape(&plain.root_module().module.units), shape(&other.root_module().module.units));
        assert_eq!(plain.root_module().identifier_tokens, other.root_module().identifier_tokens);
    }
}

#[test]
fn files_that_cannot_be_read_are_diagnosed() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    write("Latin.tla", b"---- MODULE Latin ----\n\\* caf\xe9\n====\n");
    write("Wide.tla", b"\xff\xfe-\0-\0-\0-\0");
    write("Root.tla", b"---- MODULE Root ----\nEXTENDS Latin, Folder\n====\n");
    std::fs::create_dir(folder.path().join("Folder.tla")).expect("a folder");
    let codes = |name: &str| -> Vec<&str> {
        let error = load(&folder.path().join(name), &LoadOptions::default()).expect_err("an error");
        error.diagnostics.iter().for_each(|diagnostic| assert!(!diagnostic.render(&error.sources).is_empty()));
        error.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
    };
    assert_eq!(codes("Latin.tla"), ["not-utf8"]);
    assert_eq!(codes("Wide.tla"), ["not-utf8"]);
    assert_eq!(codes("Missing.tla"), ["unreadable-file"]);
    assert_eq!(codes("."), ["not-a-file"]);
    assert_eq!(codes("Root.tla"), ["not-utf8", "not-a-file"]);
}

#[test]
fn modules_are_found_in_the_folder_of_the_root_before_the_search_path() {
    let here = tempfile::tempdir().expect("a folder");
    let there = tempfile::tempdir().expect("a folder");
    let write = |folder: &Path, name: &str, body: &str| {
        let text = format!("---- MODULE {name} ----\n{body}\n====\n");
        std::fs::write(folder.join(format!("{name}.tla")), text).expect("written");
    };
    write(here.path(), "Root", "EXTENDS A, B");
    write(here.path(), "A", "here == 1");
    write(there.path(), "A", "there == 1");
    write(there.path(), "B", "there == 1");
    let options = LoadOptions { search_path: vec![there.path().to_path_buf()] };
    let specification = load(&here.path().join("Root"), &options).expect("loads without the extension, too");
    let tokens = |name: &str| specification.module(name).map(|module| module.identifier_tokens.join(" "));
    assert_eq!(tokens("A").as_deref(), Some("A here"));
    assert_eq!(tokens("B").as_deref(), Some("B there"));
}

#[test]
fn values_of_a_configuration_are_limited_in_depth() {
    let mut sources = SourceMap::new();
    let file = sources.add("M.cfg", format!("CONSTANT x = {}1", "{".repeat(100_000)));
    let mut diagnostics = Vec::new();
    assert!(config::parse_config(&sources, file, &mut diagnostics).is_none());
    assert_eq!(diagnostics[0].code, "nesting-too-deep");
}
