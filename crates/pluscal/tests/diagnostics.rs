//! What is wrong with an algorithm, where, and that there is a remedy.

use pluscal::{Options, translate};
use tla_syntax::source::SourceMap;

/// Code and `line:column` of the error in a module whose algorithm starts in line 2.
fn error(algorithm: &str) -> (&'static str, String) {
    let text = format!("---- MODULE M ---- (*\n{algorithm}\n*)\n====\n");
    let mut sources = SourceMap::new();
    let file = sources.add("M.tla", text.as_str());
    let Err(diagnostic) = translate(file, &text, &Options::default()) else { panic!("no error in\n{algorithm}") };
    assert!(!diagnostic.remedy.is_empty(), "no remedy: {}", diagnostic.message);
    let rendered = diagnostic.render(&sources);
    assert!(rendered.contains('^') && rendered.contains("help:"), "{rendered}");
    let (from, _) = sources.range(diagnostic.span.expect("a place"));
    (diagnostic.code, format!("{}:{}", from.line, from.column))
}

#[track_caller]
fn expect(code: &str, place: &str, algorithm: &str) {
    assert_eq!(error(algorithm), (code_of(code), place.to_owned()), "{algorithm}");
}

fn code_of(code: &str) -> &'static str {
    Box::leak(code.to_owned().into_boxed_str())
}

#[test]
fn missing_labels_are_all_named() {
    let algorithm = "--algorithm A { variable x = 0;\n { a: x := 1;\n x := 2;\n while (x > 0) { x := 0 } } }";
    expect("pluscal-missing-label", "4:2", algorithm);
    // After a call, and at the start of a process.
    let call = "--algorithm A { variable x = 0; procedure p() { a: return }\n { b: call p();\n x := 1 } }";
    expect("pluscal-missing-label", "4:2", call);
    expect("pluscal-missing-label", "2:50", "--algorithm A { variable x = 0; process (P = 1) {x := 1; b: skip } }");
}

#[test]
fn labels_where_none_can_stand() {
    expect(
        "pluscal-label-in-with",
        "3:4",
        "--algorithm A { variable x = 0; { a: with (v \\in {1}) { skip;\nb: x := v } } }",
    );
    expect("pluscal-label", "3:1", "--algorithm A { variable x = 0; macro m() {\nb: skip } { a: m() } }");
    expect("pluscal-label", "2:35", "--algorithm A { variable x = 0; { Done: skip } }");
    expect(
        "pluscal-label-in-with",
        "3:1",
        "--algorithm A { variable x = 0; { a: with (v = 1) {\nwhile (TRUE) { skip } } } }",
    );
    expect("pluscal-label-in-with", "3:1", "--algorithm A { variable x = 0; { a: with (v = 1) { x := v;\nx := 2 } } }");
}

#[test]
fn names_that_lead_nowhere() {
    expect("pluscal-unknown-label", "2:38", "--algorithm A { variable x = 0; { a: goto b } }");
    expect("pluscal-unknown-procedure", "2:38", "--algorithm A { variable x = 0; { a: call p() } }");
    expect("pluscal-unknown-macro", "2:38", "--algorithm A { variable x = 0; { a: m(1) } }");
    expect("pluscal-undeclared", "2:38", "--algorithm A { variable x = 0; { a: y := 1 } }");
    expect("pluscal-arguments", "2:54", "--algorithm A { variable x = 0; macro m(v) {skip} {a:m() } }");
    expect("pluscal-return", "2:38", "--algorithm A { variable x = 0; { a: return } }");
    expect("pluscal-redefined", "2:34", "--algorithm A { variables x = 0, x = 1; { a: skip } }");
    expect("pluscal-redefined", "2:47", "--algorithm A { variables x = 0; { a: x:=1;a: skip } }");
    expect("pluscal-variables", "2:13", "--algorithm A { { a: while (TRUE) skip } }");
}

#[test]
fn two_assignments_in_one_step() {
    let algorithm = "--algorithm A { variable x = 0; { a: x := 1 || x := 2 } }";
    expect("pluscal-multiple-assignment", "2:38", algorithm);
}

#[test]
fn syntax() {
    expect("pluscal-semicolon", "3:1", "--algorithm A { variable x = 0; { a: x := 1\nskip } }");
    expect("pluscal-syntax", "4:1", "--algorithm A\nvariable x = 0;\n}");
    expect("pluscal-expression", "2:43", "--algorithm A { variable x = 0; { a: x := ; } }");
    expect("pluscal-bracket", "2:43", "--algorithm A { variable x = 0; { a: x := (1; } }");
    expect("pluscal-bracket", "2:44", "--algorithm A { variable x = 0; { a: x := 1]; } }");
    expect("pluscal-quantifier", "2:44", "--algorithm A { variable x = 0; { a: await \\E y \\in {1}; } }");
    expect("pluscal-string", "2:43", "--algorithm A { variable x = 0; { a: x := \"b; } }");
    expect("pluscal-symbol", "2:44", "--algorithm A { variable x = 0; { a: x := 1\\nonsense 2 } }");
    expect("pluscal-either", "2:38", "--algorithm A { variable x = 0; { a: either skip } }");
    expect("pluscal-end", "2:35", "--algorithm A { variable x = 0; { a");
    expect("pluscal-macro-assignment", "2:57", "--algorithm A { variable x = 0; macro m(v) {v := 1} { a:m(3) } }");
}

#[test]
fn no_algorithm_or_half_a_translation() {
    let fails = |text: &str| {
        let mut sources = SourceMap::new();
        let file = sources.add("M.tla", text);
        translate(file, text, &Options::default()).expect_err("an error").code
    };
    assert_eq!(fails("---- MODULE M ----\n====\n"), "pluscal-none");
    assert_eq!(fails("--algorithm A { variable x = 0; { skip } }\n\\* BEGIN TRANSLATION\n"), "pluscal-translation");
    assert_eq!(fails("--algorithm A { variable x = 0; { skip } }\n"), "pluscal-comment");
    assert_eq!(fails("(* --algorithm A { variable x = 0; { skip } } *) x == 1\n"), "pluscal-comment");
    assert_eq!(
        fails("(* PlusCal options (nonsense) --algorithm A { variable x = 0; { skip } } *)\n"),
        "pluscal-options"
    );
}

#[test]
fn changes_after_the_translation_are_noticed() {
    let text = "---- MODULE M ----\nEXTENDS Naturals\n(* --algorithm A { variable x = 0; { x := 1 } } *)\n====\n";
    let mut sources = SourceMap::new();
    let file = sources.add("M.tla", text);
    let stale = |text: &str| pluscal::stale(file, text).map(|warning| warning.message);
    let made = translate(file, text, &Options::default()).expect("a translation").text;
    assert_eq!(stale(&made), None);
    let changed = stale(&made.replace("{ x := 1 }", "{ x := 2 }")).expect("a warning");
    assert!(changed.contains("the algorithm has changed"), "{changed}");
    let edited = stale(&made.replace("/\\ x' = 1", "/\\ x' = 3")).expect("a warning");
    assert!(edited.contains("was edited"), "{edited}");
    let broken = stale(&made.replace("{ x := 1 }", "{ x := }")).expect("a warning");
    assert!(broken.contains("wrong now"), "{broken}");
    // Blanks and comments do not count, and whoever does not want checksums is left alone.
    assert_eq!(stale(&made.replace("{ x := 1 }", "{ x  :=  (* one *) 1 }")), None);
    let begin = made.find(" (chksum").expect("checksums");
    let end = begin + made[begin..].find('\n').expect("a line end");
    assert_eq!(stale(&made.replace(&made[begin..end], "").replace("{ x := 1 }", "{ x := 2 }")), None);
}

#[test]
fn a_change_of_a_fair_algorithm_is_noticed_although_its_checksum_stays() {
    let text = "---- MODULE M ----\n(* --fair algorithm A { variable x = 0; { x := 1 } } *)\n====\n";
    let mut sources = SourceMap::new();
    let file = sources.add("M.tla", text);
    let made = translate(file, text, &Options::default()).expect("a translation").text;
    let changed = made.replace("{ x := 1 }", "{ x := 2 }");
    assert_eq!(pluscal::stale(file, &made), None);
    assert!(pluscal::stale(file, &changed).is_some());
}
