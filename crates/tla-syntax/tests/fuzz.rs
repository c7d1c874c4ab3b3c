//! Damaged input: whatever is cut, doubled, moved or thrown in, there is a tree or an error, and every place that a
//! diagnostic names exists. Each test runs for about a second.

use proptest::prelude::*;
use proptest::sample::select;
use tla_syntax::{Diagnostic, Severity, SourceMap, config, load, parse};

/// A module with a little of everything.
const MODULE: &str = r#"
Text before. ---- MODULE Sample ----
EXTENDS Naturals, Sequences, TLC
CONSTANTS N, F(_, _), _ ++ _, Procs
VARIABLES x, y, (* a (* nested *) comment *) pc
LOCAL INSTANCE FiniteSets
I(n) == INSTANCE Other WITH k <- n, Op <- LAMBDA u, v : u + v, ++ <- +
---- MODULE Inner ----
z == "a \"string\" with \\ escapes\n"
====
RECURSIVE Sum(_)
Sum(S) == IF S = {} THEN 0 ELSE LET e == CHOOSE e \in S : TRUE IN e + Sum(S \ {e})
f[i \in 1..N, <<a, b>> \in Procs \X Procs] == [j \in DOMAIN x |-> x[j] - (-1)]
a ^# == a' \div \b101 % \hFF
Init == /\ x = [p \in Procs |-> <<>>] \* a comment
        /\ y \in {r \in [a : Nat, b : BOOLEAN] : \A q \in Procs : r.a > 0 \/ r.b}
        /\ \/ pc = 1.5
           \/ pc = {s[1] : s \in SUBSET Seq(1..3), t \in {}}
Next == \E p \in Procs, <<q, r>> \in y :
          /\ x' = [x EXCEPT ![p].a[1, 2] = @ \o <<p>>, !.b = 3]
          /\ CASE p = 1 -> UNCHANGED <<y, pc>> [] p > 2 -> FALSE [] OTHER -> lab(p) :: I(3)!Op(p)!2!<<
Spec == Init /\ [][Next]_<<x, y>> /\ WF_x(Next) /\ SF_<<y>>(<<Next>>_y) /\ \AA h : []<>(h ~> y)
ASSUME Named == N \in Nat /\ F(+, 1) # {}
THEOREM Safe == Spec => []TypeOK
<1>1. Init => TypeOK
  BY DEF Init, TypeOK
<1>2. ASSUME NEW q \in Procs, TypeOK PROVE TypeOK'
  <2>1. CASE q = 1 OBVIOUS
  <2> QED BY <2>1, SMT
<1>. QED BY <1>1, <1>2, PTL DEF Spec
Unicode ≜ ∀ i ∈ ℕ : ⟨i⟩ ≠ ⟨⟩ ∧ ¬□(i ⇒ i)
=======================
Text after.
"#;

const CONFIG: &str = r#"\* A configuration.
CONSTANTS
  N = 3  M = -4  S = {a, "b", TRUE, {1, 2}}
  T = <<1, 2>>  R = [f |-> 1..3]
  Nat <- MyNat   Foo <- [Inner]Bar   Op(1, a) = {}   I!J!c = [M]v
SPECIFICATION Spec (* nested (* comment *) *)
INVARIANTS TypeOK Safe
PROPERTY Live CONSTRAINT C ACTION_CONSTRAINTS A B
SYMMETRY Sym VIEW V ALIAS Al POSTCONDITION P
CHECK_DEADLOCK FALSE
"#;

/// Things to throw in.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<<",
    ">>",
    ">>_",
    "]_",
    "(*",
    "*)",
    "\"",
    "\\*",
    "\\",
    "/\\",
    "\\/",
    "==",
    "=",
    "!",
    "'",
    ".",
    "..",
    ",",
    ":",
    "::",
    "|->",
    "->",
    "<-",
    "@",
    "_",
    "-",
    "\n",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "é",
    "∧",
    "𝒳",
    " ",
    "IF",
    "THEN",
    "LET",
    "IN",
    "CASE",
    "[]",
    "CHOOSE",
    "\\A",
    "\\E",
    "LAMBDA",
    "INSTANCE",
    "WITH",
    "MODULE",
    "---- MODULE X ----",
    "====",
    "----",
    "THEOREM",
    "PROOF",
    "BY",
    "QED",
    "<1>",
    "<1>1.",
    "VARIABLE",
    "CONSTANT",
    "LOCAL",
    "RECURSIVE",
    "ASSUME",
    "EXTENDS",
    "WF_",
    "SF_",
    "EXCEPT",
    "1",
    "9999999999999999999999",
    "\\b1",
    "x",
    "Foo(a) ==",
];

/// One way of damaging a text; places are fractions of its length.
#[derive(Debug, Clone)]
enum Damage {
    Truncate(f64),
    Delete(f64, usize),
    Repeat(f64, usize),
    Move(f64, usize, f64),
    Insert(f64, &'static str),
    Indent(f64, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = || 0.0..1.0_f64;
    prop_oneof![
        place().prop_map(Damage::Truncate),
        (place(), 1..40_usize).prop_map(|(at, length)| Damage::Delete(at, length)),
        (place(), 1..40_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
        (place(), 1..40_usize, place()).prop_map(|(at, length, to)| Damage::Move(at, length, to)),
        (place(), select(PIECES)).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        (place(), 0..12_usize).prop_map(|(at, width)| Damage::Indent(at, width)),
    ]
}

fn apply(text: &str, damages: &[Damage]) -> String {
    damages.iter().fold(text.to_owned(), apply_one)
}

/// The last character boundary at or before an offset.
fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|found| text.is_char_boundary(*found)).unwrap_or(0)
}

fn apply_one(text: String, damage: &Damage) -> String {
    let place = |fraction: f64| boundary(&text, (fraction * text.len() as f64) as usize);
    let range = |at: f64, length: usize| place(at)..boundary(&text, place(at) + length);
    match damage {
        Damage::Truncate(at) => text[..place(*at)].to_owned(),
        Damage::Delete(at, length) => {
            let range = range(*at, *length);
            format!("{}{}", &text[..range.start], &text[range.end..])
        }
        Damage::Repeat(at, length) => {
            let range = range(*at, *length);
            format!("{}{}", &text[..range.end], &text[range.start..])
        }
        Damage::Move(at, length, to) => {
            let piece = text[range(*at, *length)].to_owned();
            format!("{}{piece}{}", &text[..place(*to)], &text[place(*to)..])
        }
        Damage::Insert(at, piece) => format!("{}{piece}{}", &text[..place(*at)], &text[place(*at)..]),
        Damage::Indent(at, width) => {
            let line = text[..place(*at)].rfind('\n').map_or(0, |newline| newline + 1);
            format!("{}{}{}", &text[..line], " ".repeat(*width), text[line..].trim_start_matches(' '))
        }
    }
}

/// Everything that must hold of the outcome, whatever the input was.
fn check(sources: &SourceMap, accepted: bool, diagnostics: &[Diagnostic]) {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(accepted, errors.count() == 0, "{diagnostics:?}");
    for diagnostic in diagnostics {
        let related = diagnostic.related.iter().map(|(span, _)| *span);
        for span in diagnostic.span.into_iter().chain(related) {
            let text = &sources.file(span.file).text;
            assert!(span.start <= span.end && span.end as usize <= text.len(), "{diagnostic:?}");
            assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize));
        }
        assert!(!diagnostic.message.is_empty() && !diagnostic.render(sources).is_empty());
    }
}

fn check_module(text: &str) {
    let mut sources = SourceMap::new();
    let file = sources.add("Sample.tla", text);
    let mut diagnostics = Vec::new();
    let parsed = parse::parse_module(&sources, file, &mut diagnostics);
    check(&sources, parsed.is_some(), &diagnostics);
}

fn check_config(text: &str) {
    let mut sources = SourceMap::new();
    let file = sources.add("Sample.cfg", text);
    let mut diagnostics = Vec::new();
    let parsed = config::parse_config(&sources, file, &mut diagnostics);
    check(&sources, parsed.is_some(), &diagnostics);
}

#[test]
fn the_samples_themselves_are_accepted() {
    let mut sources = SourceMap::new();
    let file = sources.add("Sample.tla", MODULE);
    let mut diagnostics = Vec::new();
    assert!(parse::parse_module(&sources, file, &mut diagnostics).is_some(), "{diagnostics:?}");
    let file = sources.add("Sample.cfg", CONFIG);
    assert!(config::parse_config(&sources, file, &mut diagnostics).is_some(), "{diagnostics:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_modules_give_a_tree_or_an_error(damages in prop::collection::vec(damage(), 1..6)) {
        check_module(&apply(MODULE, &damages));
    }

    #[test]
    fn damaged_configurations_give_a_value_or_an_error(damages in prop::collection::vec(damage(), 1..6)) {
        check_config(&apply(CONFIG, &damages));
    }

    #[test]
    fn soups_of_tokens_give_a_tree_or_an_error(pieces in prop::collection::vec(select(PIECES), 0..200)) {
        check_module(&format!("---- MODULE Soup ----\n{}\n====", pieces.join(" ")));
        check_module(&pieces.concat());
        check_config(&pieces.join(" "));
    }

    #[test]
    fn arbitrary_text_gives_a_tree_or_an_error(text in "\\PC{0,200}") {
        check_module(&format!("---- MODULE Any ----\n{text}"));
        check_config(&text);
    }

    #[test]
    fn damaged_specifications_load_or_say_why(damages in prop::collection::vec(damage(), 1..6)) {
        let other = "---- MODULE Other ----\nCONSTANTS k, Op(_, _), _ ++ _\n====";
        let text = apply(&MODULE[MODULE.find("----").unwrap_or(0)..], &damages);
        match load::load_from_text("Sample", &text, &[("Other", other)]) {
            Ok(specification) => check(&specification.sources, true, &specification.warnings),
            Err(error) => check(&error.sources, false, &error.diagnostics),
        }
    }
}
