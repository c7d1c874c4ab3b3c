//! What the usual mistakes look like to the reader. Each snapshot shows sources with the diagnostics for them.

use std::fmt::Write;
use tla_syntax::{Diagnostic, Severity, SourceMap, config, load, parse};

fn render_all(out: &mut String, source: &str, diagnostics: &[Diagnostic], sources: &SourceMap) {
    let _ = writeln!(out, "{source}\n");
    for diagnostic in diagnostics {
        let _ = writeln!(out, "{}", diagnostic.render(sources));
    }
    let _ = writeln!(out, "{}\n", "-".repeat(80));
}

/// Diagnostics for modules with the given bodies.
fn bodies(list: &[&str]) -> String {
    let mut out = String::new();
    for body in list {
        let text = format!("---- MODULE M ----\nVARIABLES x, y\n{body}\n====\n");
        module_text(&mut out, body, &text);
    }
    out
}

/// Diagnostics for whole files.
fn files(list: &[&str]) -> String {
    let mut out = String::new();
    list.iter().for_each(|text| module_text(&mut out, text, text));
    out
}

fn module_text(out: &mut String, shown: &str, text: &str) {
    let mut sources = SourceMap::new();
    let file = sources.add("M.tla", text);
    let mut diagnostics = Vec::new();
    let parsed = parse::parse_module(&sources, file, &mut diagnostics);
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(parsed.is_none(), failed, "{shown}");
    render_all(out, shown, &diagnostics, &sources);
}

#[test]
fn definitions_and_equality() {
    insta::assert_snapshot!(bodies(&[
        "Init = x = 0\nNext == x' = x + 1",
        "Init == x == 0",
        "Init == /\\ x = 0\n        /\\ y == 1\nNext == x' = 1",
        "Init == x[1] == 0",
        "Init == 0 == x",
        "Init x = 0",
        "Init ==\nNext == x' = 1",
        "Init == x +\nNext == x' = 1",
        "IN == 1",
        "Foo(a, THEN) == 1",
        "a \\in b == 1",
        "foo",
        "foo(1)",
        "x y",
    ]));
}

#[test]
fn reserved_words_and_keywords() {
    insta::assert_snapshot!(bodies(&[
        "Next == IF x > 3 x' = 1 ELSE x' = 2",
        "Next == IF x > 3 THEN x' = 1\nInit == x = 0",
        "Foo == LET a == 1\nBar == 2",
        "Foo == LET a == 1 a + 1",
        "Foo == LET IN 3",
        "Foo == CASE x -> 1 [] y",
        "Foo == a IN b",
        "VARIABLE ACTION",
        "EXTENDS Naturals",
        "Foo == \\E i in {1} : TRUE",
        "Foo == \\A i \\in S, j : TRUE",
        "Foo == CHOOSE i \\in S",
        "Foo == LAMBDA i : i",
    ]));
}

#[test]
fn brackets() {
    insta::assert_snapshot!(bodies(&[
        "Foo == {1, 2\nBar == 3",
        "Foo == (1 + 2\n\nBar(a) == 3",
        "Foo == f[1\n====",
        "Foo == 1)",
        "Foo == {1 2}",
        "Foo == {1, 2)",
        "Foo == <<1, 2>\nBar == 1",
        "Foo == {1, }",
        "Foo == F()",
        "Foo == [i \\in S : i]",
        "Foo == [i \\in S -> i]",
        "Foo == [a = 1, b = 2]",
        "Foo == [x EXCEPT ![1] 2]",
        "Foo == [x EXCEPT !a = 2]",
        "Foo == [x EXCEPT [1] = 2]",
        "Foo == [Next]_",
        "Foo == <<>>_x",
    ]));
}

#[test]
fn operators() {
    insta::assert_snapshot!(bodies(&[
        "Foo == x != 3",
        "Foo == x = 3 && y = 4",
        "Foo == x = y = 3",
        "Foo == 1 < x < 3",
        "Foo == a /\\ b \\/ c",
        "Foo == a => b => c",
        "Foo == S \\cup T \\ U",
        "Foo == 7 \\div 2 * 2",
        "Foo == 2 * -3",
        "Foo == [] x = 1",
        "Foo == x + * y",
        "Foo == = 3",
        "Foo == x =<<1, 2>>",
        "Foo == x =<<>>",
        "Foo == lbl(1) :: 2",
        "Foo == a = lbl :: b = c",
    ]));
}

#[test]
fn lists_by_columns() {
    insta::assert_snapshot!(bodies(&[
        "Foo ==\n  /\\ IF x\n  THEN y\n  ELSE x",
        "Foo ==\n  /\\ bar(x,\n y)\n  /\\ y",
        "Foo ==\n  /\\ x\n  /\\\nBar == 1",
        "Foo ==\n  /\\ x\n  /\\\n  /\\ y",
        "Foo ==\n  /\\ x\n   /\\ y\n   /\\ x",
        "Foo ==\n  /\\ x\n /\\ y",
    ]));
}

#[test]
fn characters_and_strings() {
    insta::assert_snapshot!(bodies(&[
        "Foo == \"abc\nBar == 1",
        "Foo == \"a\\qb\"",
        "Foo == 'abc'",
        "Foo == x; y",
        "Foo == “abc”",
        "Foo == x ? y",
        "Foo == 1 – 2",
        "Foo == (* never closed\nBar == 1",
        "Foo == _ + 1",
    ]));
}

#[test]
fn declarations() {
    insta::assert_snapshot!(bodies(&[
        "CONSTANTS a b, c",
        "VARIABLES z,\nFoo == 1",
        "CONSTANT F(a)",
        "CONSTANT _ +",
        "I == INSTANCE",
        "I == INSTANCE M WITH a = 1",
        "THEOREM TRUE\n<1>1. x\nFoo == 1",
    ]));
}

#[test]
fn module_headers_and_ends() {
    insta::assert_snapshot!(files(&[
        "",
        "Foo == 1\n",
        "--- MODULE M ---\nFoo == 1\n====\n",
        "---- MODULE M --\nFoo == 1\n====\n",
        "---- MODULE 1 ----\n====\n",
        "---- MODULE M ----\nFoo == 1\n",
        "---- MODULE M ----\nEXTENDS Naturals Integers\nFoo == 1\n====\n",
        "---- MODULE M ----\n---- MODULE N ----\nFoo == 1\n====\n",
    ]));
}

#[test]
fn several_mistakes_are_all_reported_and_none_twice() {
    let body =
        "Init = x = 0\nNext == IF x x' = 1 ELSE 2\nFoo == {1, 2\nBar == x != 3\nBaz == 1 < 2 < 3\nIN == 3\nOk == 1";
    insta::assert_snapshot!(bodies(&[body]));
}

#[test]
fn there_is_an_end_to_errors() {
    let mut sources = SourceMap::new();
    let body = "Foo = 1\n".repeat(1_000);
    let file = sources.add("M.tla", format!("---- MODULE M ----\n{body}====\n"));
    let mut diagnostics = Vec::new();
    assert!(parse::parse_module(&sources, file, &mut diagnostics).is_none());
    assert_eq!(diagnostics.len(), 20);
}

#[test]
fn configurations() {
    let mut out = String::new();
    for text in [
        "INVARIENT TypeOK",
        "SPECIFICATION Spec\nINVARIANT A\nINVARIENT B",
        "INIT Init\nINIT Other",
        "INIT\nNEXT Next",
        "INIT Init, Next",
        "SPECIFICATION A B",
        "INVARIANTS A, B",
        "CONSTANT N 3",
        "CONSTANT N == 3",
        "CONSTANT N =",
        "CONSTANT N <-",
        "CONSTANT N <- [M",
        "CONSTANT S = {1, 2",
        "CONSTANT S = {1 2}",
        "CONSTANT N = 1 + 2",
        "CONSTANT N = \"abc",
        "CHECK_DEADLOCK yes",
        "_PERIODIC Foo",
        "CONSTANT N = 1\nFOO bar\nNEXT Next",
    ] {
        let mut sources = SourceMap::new();
        let file = sources.add("M.cfg", text);
        let mut diagnostics = Vec::new();
        let parsed = config::parse_config(&sources, file, &mut diagnostics);
        assert_eq!(parsed.is_none(), !diagnostics.is_empty(), "{text}");
        render_all(&mut out, text, &diagnostics, &sources);
    }
    insta::assert_snapshot!(out);
}

#[test]
fn modules_that_cannot_be_loaded() {
    let mut out = String::new();
    let module = |name: &str, body: &str| format!("---- MODULE {name} ----\n{body}\n====\n");
    for (root, others) in [
        ("EXTENDS Natural", vec![]),
        ("EXTENDS Nowhere", vec![]),
        ("I == INSTANCE Chanel", vec![("Channel", module("Channel", ""))]),
        ("EXTENDS A", vec![("A", module("B", ""))]),
        ("EXTENDS A", vec![("A", module("A", "EXTENDS B")), ("B", module("B", "I == INSTANCE A"))]),
        ("EXTENDS M", vec![]),
        ("EXTENDS A, B", vec![("A", module("A", "x = 1")), ("B", module("B", "y = 1"))]),
    ] {
        let text = module("M", root);
        let others: Vec<(&str, &str)> = others.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let error = load::load_from_text("M", &text, &others).expect_err("an error");
        render_all(&mut out, root, &error.diagnostics, &error.sources);
    }
    insta::assert_snapshot!(out);
}
