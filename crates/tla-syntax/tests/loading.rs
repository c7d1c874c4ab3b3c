//! Which modules are found where, and in which order they are read.

use tla_syntax::library::Purpose;
use tla_syntax::load::{ReadModule, Specification, load_from_text};

fn module(name: &str, body: &str) -> String {
    format!("---- MODULE {name} ----\n{body}\n====\n")
}

fn load(root: &str, others: &[(&str, &str)]) -> Specification {
    let texts: Vec<(&str, String)> = others.iter().map(|(name, body)| (*name, module(name, body))).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    load_from_text("Root", &module("Root", root), &files).unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
}

/// Names of all modules in the order of reading; those without text in parentheses.
fn order(specification: &Specification) -> String {
    let name = |read: &ReadModule| match read {
        ReadModule::Text(index) => specification.modules[*index].module.name.name.to_string(),
        ReadModule::Builtin(builtin) => format!("({})", builtin.name),
    };
    specification.read_order.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn extended_modules_are_read_before_instantiated_ones() {
    let root = "EXTENDS A, B\nI == INSTANCE C";
    let others = [("A", "EXTENDS D\nJ == INSTANCE E"), ("B", ""), ("C", "EXTENDS F"), ("D", ""), ("E", ""), ("F", "")];
    assert_eq!(order(&load(root, &others)), "Root A B D C F E");
}

#[test]
fn modules_without_text_are_read_with_what_they_need() {
    assert_eq!(
        order(&load("EXTENDS TLC, A", &[("A", "EXTENDS Integers")])),
        "Root (TLC) A (Integers) (Naturals) (Sequences) (FiniteSets)"
    );
    assert_eq!(order(&load("EXTENDS Bags", &[])), "Root (Bags) (TLC) (Naturals) (Sequences) (FiniteSets)");
}

#[test]
fn instances_are_found_everywhere_in_a_module() {
    let root = "x == {LET K == INSTANCE A IN K!v, [r EXCEPT ![LET K == INSTANCE B IN 1] = 2]}\n\
                f[i \\in LET K == INSTANCE C IN 1] == 2\n\
                ---- MODULE Inner ----\nLOCAL INSTANCE D\n====\n\
                ASSUME LET K == INSTANCE E IN TRUE";
    let others = [("A", ""), ("B", ""), ("C", ""), ("D", ""), ("E", "")];
    assert_eq!(order(&load(root, &others)), "Root A B C E D");
}

#[test]
fn nested_modules_shadow_files() {
    let inner = "---- MODULE A ----\nx == 1\n====\nI == INSTANCE A";
    assert_eq!(order(&load(inner, &[("A", "EXTENDS Nowhere")])), "Root");
    let deeper = "---- MODULE A ----\nx == 1\n====\n---- MODULE B ----\nI == INSTANCE A\n====";
    assert_eq!(order(&load(deeper, &[])), "Root");
}

#[test]
fn nested_modules_of_an_extended_module_are_in_scope() {
    let others = [("A", "---- MODULE Inner ----\nx == 1\n====")];
    assert_eq!(order(&load("EXTENDS A\nI == INSTANCE Inner", &others)), "Root A");
}

#[test]
fn primitive_modules_win_over_files_but_proof_modules_do_not() {
    let specification = load("EXTENDS Naturals, TLAPS", &[("Naturals", "x = bad"), ("TLAPS", "SMT == TRUE")]);
    assert_eq!(order(&specification), "Root (Naturals) TLAPS");
    let builtin = load("EXTENDS TLAPS", &[]);
    let purposes: Vec<Purpose> = builtin
        .read_order
        .iter()
        .filter_map(|read| match read {
            ReadModule::Builtin(module) => Some(module.purpose),
            ReadModule::Text(_) => None,
        })
        .collect();
    assert_eq!(purposes, [Purpose::Proof]);
}

#[test]
fn bundled_text_is_used_where_no_file_is() {
    let specification = load("EXTENDS Apalache", &[]);
    assert_eq!(order(&specification), "Root Apalache (Integers) (Naturals) (Sequences)");
    assert!(order(&load("EXTENDS Apalache", &[("Apalache", "")])).ends_with("Apalache"));
}

#[test]
fn further_modules_in_the_file_of_the_root_are_found() {
    let text = format!("{}\n{}", module("Root", "EXTENDS Second"), module("Second", "x == 1"));
    let specification = load_from_text("Root", &text, &[]).expect("both are there");
    assert_eq!(order(&specification), "Root Second");
    assert_eq!(specification.root_module().module.name.name.as_ref(), "Root");
    assert!(specification.module("Second").is_some());
}

#[test]
fn a_module_that_is_named_twice_is_read_once() {
    let others = [("A", "EXTENDS B"), ("B", "EXTENDS Naturals")];
    assert_eq!(
        order(&load("EXTENDS A, B, Naturals\nI == INSTANCE A\nJ == INSTANCE B", &others)),
        "Root A B (Naturals)"
    );
}

#[test]
fn names_are_interned_in_the_order_of_reading() {
    let specification = load("EXTENDS A, Sequences\nfoo == \"late\"\nbar == 17", &[("A", "baz == foo")]);
    let names = specification.interned_names();
    let place = |name: &str| names.iter().position(|known| &**known == name);
    let order = ["TRUE", "+", "Root", "EXTENDS", "foo", "bar", "17", "baz", "Len", "Append"];
    let places: Vec<usize> = order.iter().map(|name| place(name).unwrap_or_else(|| panic!("{name}"))).collect();
    assert!(places.is_sorted(), "{order:?} at {places:?}");
    assert_eq!(place("late"), None, "contents of strings come later");
}

#[test]
fn a_plus_cal_algorithm_is_noticed() {
    let with = load("(* --algorithm A { skip } *)\nx == 1", &[]);
    let fair = load("(*\n--fair algorithm A begin skip end algorithm *)", &[]);
    let without = load("(* no algorithm *) x == a -- algorithm", &[]);
    let found = [with, fair, without].map(|specification| specification.root_module().pluscal);
    assert_eq!(found, [true, true, false]);
}

#[test]
fn errors_of_all_modules_are_reported_together() {
    let texts = [module("A", "x = 1"), module("B", "y == (1")];
    let files = [("A", texts[0].as_str()), ("B", texts[1].as_str())];
    let error = load_from_text("Root", &module("Root", "EXTENDS A, B, Nowhere"), &files).expect_err("three mistakes");
    let codes: Vec<&str> = error.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["equals-in-definition", "unclosed-bracket", "missing-module"]);
    assert_eq!(error.to_string(), "the specification has 3 error(s)");
}
