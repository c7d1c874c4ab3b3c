//! Types in comments: what is read of them, what they belong to, and what is said where they are wrong.

mod common;

use tla_syntax::annotation::{Annotations, read};
use tla_syntax::load::{LoadOptions, Specification, load, load_from_text};

fn specification(body: &str) -> Specification {
    load_from_text("M", &format!("---- MODULE M ----\n{body}\n====\n"), &[]).expect("a module")
}

fn annotations(body: &str) -> Annotations {
    read(&specification(body))
}

/// The names with their types, one a line.
fn declared(body: &str) -> String {
    let annotations = annotations(body);
    assert!(annotations.diagnostics.is_empty(), "{:?}", annotations.diagnostics);
    let lines = annotations.declared.iter().map(|one| format!("{}: {}", one.name.name, one.of));
    lines.collect::<Vec<String>>().join("\n")
}

/// What is said of the annotations, as the user sees it.
fn told(body: &str) -> String {
    let specification = specification(body);
    let diagnostics = read(&specification).diagnostics;
    diagnostics.iter().map(|one| one.render(&specification.sources)).collect()
}

#[test]
fn each_name_of_a_list_has_its_own() {
    let body = "CONSTANTS\n  \\* @type: Int;\n  N,\n  M,\n  (* @type: (Int, Str) => Bool; *)\n  F(_, _)\n\
                VARIABLES x, \\* the rest\n \\* @type: Set(N_OF);\n y";
    assert_eq!(declared(body), "N: Int\nF: (Int, Str) => Bool\ny: Set(N_OF)");
}

#[test]
fn one_name_may_have_it_before_the_keyword() {
    assert_eq!(declared("\\* @type: Int;\nVARIABLE x\n\\* @type: Bool;\nVARIABLES y"), "x: Int\ny: Bool");
}

#[test]
fn every_kind_of_comment_is_read() {
    let boxed = "(***********************)\n(* @type: Int ->       *)\n(*        // how many  *)\n(*        Set(Int);    *)\n\
                 (***********************)";
    let starred = "(*\n * A function (* nested *) of\n * @type: Int\n *   -> Bool;\n *)";
    let lines = "\\* @type:\n  \\*    Int\n\\*  -> Str;";
    let long = "\\* @type(\"Int\n \\*  -> Bool\")";
    let body = format!("VARIABLES\n{boxed}\na,\n{starred}\nb,\n{lines}\nc,\n{long}\nd");
    assert_eq!(declared(&body), "a: Int -> Set(Int)\nb: Int -> Bool\nc: Int -> Str\nd: Int -> Bool");
}

#[test]
fn every_type_is_read() {
    for text in [
        "Bool",
        "Int",
        "Str",
        "Real",
        "PROCESS_2",
        "a",
        "Set(Set(Int))",
        "Seq(<<Int, Str>>)",
        "Int -> Int -> Bool",
        "(Int -> Int) -> Bool",
        "<<Int, Bool>> -> { f: Int, g: Set(Str) }",
        "[type: Str, bal: Int]",
        "{ f: Int, … }",
        "Some(Int) | None(UNIT)",
        "Some(Int) | …",
        "Int -> Some(Int) | None(UNIT)",
        "((Int, Str) => Int, Seq(a)) => Bool",
        "() => Int",
    ] {
        let written = text.replace('…', "c");
        assert_eq!(declared(&format!("VARIABLE \\* @type: {written};\n x")), format!("x: {text}"));
    }
    assert_eq!(declared("VARIABLE \\* @type: Int => (Bool);\n x"), "x: (Int) => Bool");
}

#[test]
fn aliases_stand_for_their_types() {
    let new = "\\* @typeAlias: entry = { a: Int, b: $pair };\n\\* @typeAlias: pair = <<Int, Bool>>;\nM_typedefs == TRUE\n\
               VARIABLE\n\\* @type: Set($entry);\nx";
    assert_eq!(declared(new), "x: Set({ a: Int, b: <<Int, Bool>> })");
    let old = "VARIABLE\n\\* @typeAlias: ENTRY = [a: Int];\n\\* @type: Seq(ENTRY) -> OTHER;\nx";
    assert_eq!(declared(old), "x: Seq([a: Int]) -> OTHER");
}

#[test]
fn annotations_of_definitions_are_read_and_belong_to_no_variable() {
    let body = "VARIABLE x\n\\* @type: (Int, Set(a)) => Bool;\nOp(y, S) == y \\in S\n\
                f == LET \\* @type: Int;\n  x1 == 1 IN x1";
    let annotations = annotations(body);
    assert_eq!((annotations.read, annotations.declared.len()), (2, 0));
    assert!(annotations.diagnostics.is_empty());
}

#[test]
fn prose_is_not_taken_for_an_annotation() {
    let body = "\\* Nothing of @type here, nor at me@type: Int; and @typed: x;\nVARIABLE x\n\\* @pure\ny == 1";
    assert_eq!(declared(body), "");
}

#[test]
fn what_is_wrong_is_a_warning_with_its_place() {
    let text = told("VARIABLE\n  \\* @type: Set(Nat);\n  x");
    let expected = "warning[type-annotation]: `Nat` is no type\n --> M.tla:3:17\n  |\n3 |   \\* @type: Set(Nat);\n  |\
                    \x20                ^^^\n  = help: write `Int`\n";
    assert_eq!(text, expected);
}

#[test]
fn every_mistake_has_a_remedy() {
    for (comment, message, remedy) in [
        ("@type: Int", "ends with `;`", "write it behind the type"),
        ("@type Int;", "`:` is expected", "`@type: Int;`"),
        ("@type: BOOLEAN;", "`BOOLEAN` is a set", "write `Bool`"),
        ("@type: Set;", "`(` is expected", "Set(Int)"),
        ("@type: (Int, Bool);", "`=>` is expected", "<<a, b>>"),
        ("@type: { f: Int, f: Bool };", "there twice", "remove one"),
        ("@type: { f Int };", "`:` is expected", "{ f: a, g: b }"),
        ("@type: Int ->;", "a type is expected", "Seq(t)"),
        ("@type: Process;", "is no type", "PROCESS"),
        ("@type: message;", "is no type", "$message"),
        ("@type: $message;", "no alias `message`", "@typeAlias: message"),
        ("@typeAlias: a1 = $a2; @typeAlias: a2 = Set($a1); @type: $a1;", "defined by itself", "recursive"),
        ("@typeAlias: messages = Int; @type: $message;", "no alias", "did you mean `$messages`?"),
        ("@typeAlias: a Int;", "`=` is expected", "@typeAlias: name = Int;"),
        ("@type: Int; @type: Bool;", "two types for one name", "before the name"),
    ] {
        let text = told(&format!("VARIABLE\n  \\* {comment}\n  x"));
        assert!(text.contains(message) && text.contains(remedy), "{comment}: {text}");
        assert!(text.starts_with("warning["), "{comment}: {text}");
    }
}

#[test]
fn a_type_behind_its_name_is_pointed_at() {
    let body = "VARIABLES\n  x \\* @type: Int;\n  , y \\* @type: Bool;\nVARIABLE z (* @type: Str; *)\n----\n";
    let text = told(body);
    assert_eq!(text.matches("stands before nothing").count(), 3, "{text}");
    let several = told("\\* @type: Int;\nVARIABLES x, y");
    assert!(several.contains("stands before several names"), "{several}");
}

#[test]
fn no_text_makes_the_reader_panic() {
    let whole =
        "@typeAlias: é = { f: Int, g: <<Str, Set(A)>> -> Seq(a) | …}; @type: (Some(Int) | None(U), $é) => ( a) ;";
    for (end, _) in whole.char_indices() {
        for (start, _) in whole[..end].char_indices() {
            let _ = told(&format!("VARIABLE\n (* {} *) \n  x", &whole[start..end]));
        }
    }
    let deep = format!("VARIABLE\n \\* @type: {}\n x", "Set(".repeat(100_000));
    assert!(told(&deep).contains("nested too deeply"));
    let long = format!("VARIABLE\n \\* @type: {} Int;\n x", "Int -> ".repeat(100_000));
    assert!(told(&long).contains("nested too deeply"));
}

#[test]
fn every_annotation_of_the_corpus_is_read() {
    let Some(shared) = common::shared() else { return common::skipped("every_annotation_of_the_corpus_is_read") };
    let (mut read_of_all, mut problems) = (0, String::new());
    // Two models have such comments behind their variables, with what is no type.
    let others = |path: &std::path::PathBuf| !path.components().any(|part| part.as_os_str() == "SDP_Verification");
    for path in common::files_below(&shared.join("corpus"), "tla").into_iter().filter(others) {
        let Ok(specification) = load(&path, &LoadOptions::default()) else { continue };
        let annotations = read(&specification);
        let written: usize = specification
            .modules
            .iter()
            .filter(|module| !module.bundled)
            .map(|module| specification.sources.text(module.module.span).matches("@type").count())
            .sum();
        if annotations.read != written {
            problems.push_str(&format!("{}: {} of {written}\n", path.display(), annotations.read));
        }
        problems.extend(annotations.diagnostics.iter().map(|one| one.render(&specification.sources)));
        read_of_all += annotations.read;
    }
    assert!(problems.is_empty(), "{problems}");
    assert!(read_of_all > 300, "only {read_of_all} annotations");
}
