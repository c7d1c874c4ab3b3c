//! Declared types against what a specification assigns: contradictions with both places, and none where there is none.

use tla_model::declared::DeclaredTypes;
use tla_model::model::Model;
use tla_syntax::config::parse_config;
use tla_syntax::load::load_from_text;

/// What is said, each with the text of both places.
fn contradictions(body: &str, config: &str) -> Vec<String> {
    let text = format!("---- MODULE M ----\nEXTENDS Integers, Sequences, FiniteSets, TLC\n{body}\n====\n");
    let mut specification = load_from_text("M", &text, &[]).expect("a module");
    let file = specification.sources.add("M.cfg", config.to_owned());
    let mut wrong = Vec::new();
    let config = parse_config(&specification.sources, file, &mut wrong).expect("a configuration");
    let model = Model::build(&specification, &config).expect("a model");
    let declared = DeclaredTypes::of(&specification, &config, &model);
    let text = |span| specification.sources.text(span);
    let told = declared.diagnostics.iter().map(|one| {
        let (place, other) = (one.span.map(text).unwrap_or_default(), text(one.related[0].0));
        assert!(one.message.contains("is declared to have"), "{}", one.message);
        format!("{place} | {other}")
    });
    told.collect()
}

fn of_variable(declared: &str, init: &str, next: &str) -> Vec<String> {
    let body = format!(
        "VARIABLES\n \\* @type: {declared};\n x,\n \\* @type: Int;\n n\nP == {{\"p\", \"q\"}}\nInit == n = 0 /\\ x = {init}\n\
         Next == n' = n + 1 /\\ {next}\n"
    );
    contradictions(&body, "INIT Init\nNEXT Next\n")
}

#[test]
fn a_contradiction_is_told_with_both_places() {
    for (declared, init, next, expected) in [
        ("Set(Int)", "[p \\in P |-> 0]", "UNCHANGED x", "[p \\in P |-> 0] | Set(Int)"),
        ("Set(Int)", "{}", "x' = {\"a\"}", "\"a\" | Int"),
        ("Set(Int)", "{}", "x' = x \\cup {TRUE}", "TRUE | Int"),
        ("Str -> Int", "[p \\in P |-> 0]", "\\E p \\in P : x' = [x EXCEPT ![p] = {}]", "{} | Int"),
        ("Str -> Int", "[p \\in P |-> 0]", "x' = [x EXCEPT ![n] = 1]", "n | Str"),
        ("Int -> Int", "[p \\in P |-> 0]", "UNCHANGED x", "[p \\in P |-> 0] | Int"),
        ("Str -> Seq(Int)", "[p \\in P |-> <<>>]", "x' = [x EXCEPT ![\"p\"] = Append(@, \"a\")]", "\"a\" | Int"),
        ("Seq(Int)", "<<>>", "x' = Append(x, x)", "x | Int"),
        ("Seq(Int)", "<<1, TRUE>>", "UNCHANGED x", "TRUE | Int"),
        ("<<Int, Str>>", "<<1, \"a\", 2>>", "UNCHANGED x", "<<1, \"a\", 2>> | <<Int, Str>>"),
        ("{ f: Int }", "[f |-> 1, g |-> 2]", "UNCHANGED x", "[f |-> 1, g |-> 2] | { f: Int }"),
        ("{ f: Int }", "[f |-> 1]", "x' = [x EXCEPT !.f = \"a\"]", "\"a\" | Int"),
        ("{ f: Int }", "[f |-> {}]", "UNCHANGED x", "{} | Int"),
        ("Bool", "FALSE", "x' = IF n > 1 THEN TRUE ELSE n", "n | Bool"),
        ("Bool", "FALSE", "x' = n", "n | Bool"),
        ("Bool", "FALSE", "x' \\in {n, 3}", "{n, 3} | Bool"),
        ("Int", "0", "LET f(k) == {k} IN x' = f(n)", "{k} | Int"),
        ("Int", "0", "\\E s \\in SUBSET P : x' = s", "s | Int"),
    ] {
        assert_eq!(of_variable(declared, init, next), [expected], "{declared}: {init}, {next}");
    }
}

#[test]
fn what_fits_is_not_told() {
    for (declared, init, next) in [
        ("Set(Int)", "{}", "x' = ({k + 1 : k \\in x} \\cup {n}) \\ {3}"),
        ("Set(a)", "{}", "x' = {\"a\"}"),
        ("PROCESS -> Bool", "[p \\in P |-> FALSE]", "x' = [x EXCEPT ![\"p\"] = ~@]"),
        // A sequence is a function, and one of no arguments is one on any set.
        ("Int -> Bool", "<<TRUE, FALSE>>", "UNCHANGED x"),
        ("Str -> Bool", "<<>>", "x' = x @@ (\"p\" :> TRUE)"),
        ("Seq(Int)", "[k \\in 1..3 |-> k]", "x' = Tail(x) \\o <<n, 2>>"),
        ("Str -> Int", "[p |-> 1, q |-> 2]", "x' = [x EXCEPT !.p = n]"),
        ("[f: Int, g: Str]", "[f |-> 1]", "x' = [g |-> \"a\"]"),
        ("{ f: Int, c }", "[f |-> 1, g |-> 2]", "UNCHANGED x"),
        ("Some(Int) | None(UNIT)", "[tag |-> \"Some\", value |-> 1]", "x' \\in {0, 1}"),
        ("<<Int, Str>>", "<<1, \"a\">>", "x' = [x EXCEPT ![1] = n, ![2] = \"b\"]"),
        ("Int", "0", "\\E k \\in Nat, s \\in SUBSET (1..3) : x' = k + Cardinality(s)"),
        ("Int", "0", "x' = CHOOSE k \\in {n, 2} : k > 0"),
    ] {
        let told = of_variable(declared, init, next);
        assert!(told.is_empty(), "{declared}: {init}, {next}: {told:?}");
    }
}

#[test]
fn values_of_constants_are_compared() {
    let body = "CONSTANTS\n \\* @type: Set(Int);\n N,\n \\* @type: Int;\n M,\n \\* @type: Str;\n K\nFew == {1, 2}\nVARIABLE x\n\
                Init == x = 0\nNext == x' = x\n";
    let config = |n: &str| format!("CONSTANTS\n N {n}\n M = 3\n K = idle\nINIT Init\nNEXT Next\n");
    assert_eq!(contradictions(body, &config("= 2")), ["N = 2 | Set(Int)"]);
    assert_eq!(contradictions(body, &config("= {\"a\"}")), ["N = {\"a\"} | Int"]);
    assert!(contradictions(body, &config("= {1, 2}")).is_empty());
    assert!(contradictions(body, &config("<- Few")).is_empty());
}

#[test]
fn recursion_and_deep_calls_end() {
    let body = "VARIABLE\n \\* @type: Int;\n x\nRECURSIVE F(_)\nF(k) == IF k = 0 THEN 0 ELSE F(k - 1) + F(k - 1)\n\
                Init == x = F(2)\nNext == x' = F(x)\n";
    assert!(contradictions(body, "INIT Init\nNEXT Next\n").is_empty());
}
