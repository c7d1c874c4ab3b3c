//! How rows of operators group. Every expression is written twice, as a specification would have it and with all
//! parentheses; the trees must be equal. The expectations were compared with SANY's parse trees.

use tla_syntax::ast::{DefinitionBody, Expr, ExprKind, Unit};
use tla_syntax::{SourceMap, parse};

/// The expression on the right of the one definition, or the codes of the errors.
fn expression(text: &str) -> Result<Expr, Vec<&'static str>> {
    let mut sources = SourceMap::new();
    let file = sources.add("M.tla", format!("---- MODULE M ----\nx == {text}\n===="));
    let mut diagnostics = Vec::new();
    let parsed = parse::parse_module(&sources, file, &mut diagnostics);
    let parsed = parsed.ok_or_else(|| diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>())?;
    match parsed.module.units.into_iter().next() {
        Some(Unit::Definition(definition)) => match definition.body {
            DefinitionBody::Operator(expr) => Ok(expr),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// A tree without its places.
fn shape(text: &str) -> String {
    let expr = expression(text).unwrap_or_else(|codes| panic!("{text}: {codes:?}"));
    let printed = format!("{expr:?}");
    let mut shape = String::new();
    let mut rest = printed.as_str();
    while let Some((before, after)) = rest.split_once("Span {") {
        shape.push_str(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    shape + rest
}

fn assert_same(pairs: &[(&str, &str)]) {
    for (plain, explicit) in pairs {
        assert_eq!(shape(plain), shape(explicit), "{plain}");
    }
}

fn assert_conflicts(list: &[&str]) {
    for text in list {
        assert_eq!(expression(text).expect_err(text), ["precedence-conflict"], "{text}");
    }
}

#[test]
fn rows_of_left_associative_operators_group_to_the_left() {
    assert_same(&[
        ("a - b - c", "(a - b) - c"),
        ("a + b + c + d", "((a + b) + c) + d"),
        ("a * b * c", "(a * b) * c"),
        ("a /\\ b /\\ c", "(a /\\ b) /\\ c"),
        ("a \\land b /\\ c", "(a /\\ b) /\\ c"),
        ("S \\cup T \\union U", "(S \\cup T) \\cup U"),
        ("a \\o b \\circ c", "(a \\o b) \\o c"),
        ("a @@ b :> c @@ d", "(a @@ (b :> c)) @@ d"),
        ("A \\cdot B \\cdot C", "(A \\cdot B) \\cdot C"),
    ]);
}

#[test]
fn tighter_operators_take_their_operands_first() {
    assert_same(&[
        ("a + b * c", "a + (b * c)"),
        ("a * b + c", "(a * b) + c"),
        ("a + b - c", "a + (b - c)"),
        ("a = b /\\ c # d", "(a = b) /\\ (c # d)"),
        ("a /\\ b => c \\/ d", "(a /\\ b) => (c \\/ d)"),
        ("a \\in b .. c + d", "a \\in (b .. (c + d))"),
        ("a ^ b * c", "(a ^ b) * c"),
        ("a \\cup b = c \\cap d", "(a \\cup b) = (c \\cap d)"),
        ("2 ++ 3 ** 4", "2 ++ (3 ** 4)"),
        ("a <=> b => c", "(a <=> b) => c"),
    ]);
}

#[test]
fn prefix_operators_take_what_binds_tighter() {
    assert_same(&[
        ("~ a = b", "~ (a = b)"),
        ("~ a /\\ b", "(~ a) /\\ b"),
        ("a = ~ b = c", "a = (~ (b = c))"),
        ("[]a /\\ <>b", "([]a) /\\ (<>b)"),
        ("[]<>a", "[](<>a)"),
        ("ENABLED A => B", "(ENABLED A) => B"),
        ("SUBSET S \\cup T", "(SUBSET S) \\cup T"),
        ("UNION DOMAIN f[a]", "UNION (DOMAIN (f[a]))"),
        ("DOMAIN f'", "DOMAIN (f')"),
        ("~~a", "~(~a)"),
    ]);
    assert_conflicts(&["[]a = b", "UNCHANGED x'", "SUBSET S \\X T", "<>a + b", "ENABLED a = b"]);
}

#[test]
fn prefix_minus_lies_between_plus_and_times() {
    assert_same(&[
        ("-5 \\div 2", "-(5 \\div 2)"),
        ("-5 % 2", "(-5) % 2"),
        ("-2^2", "-(2^2)"),
        ("-1 + 2", "(-1) + 2"),
        ("1 - -2", "1 - (-2)"),
        ("- - 1", "-(-1)"),
        ("a = -1", "a = (-1)"),
        ("-a.b", "-(a.b)"),
        ("-f[1]'", "-((f[1])')"),
        ("-1 .. 1", "(-1) .. 1"),
    ]);
    assert_conflicts(&["2 * -3", "a ^ -1", "a \\div -b"]);
}

#[test]
fn what_sany_calls_a_conflict_is_one() {
    assert_conflicts(&[
        "a = b = c",
        "1 < 2 < 3",
        "a = b # c",
        "A /\\ B \\/ C",
        "A => B => C",
        "A <=> B <=> C",
        "A <=> B \\equiv C",
        "A ~> B ~> C",
        "S \\cup T \\ U",
        "S \\ T \\ U",
        "S \\cup T \\cap U",
        "7 \\div 2 * 2",
        "a / b / c",
        "a % b % c",
        "a - b % c",
        "a ^ b ^ c",
        "a .. b .. c",
        "a :> b :> c",
        "A \\cdot B = C",
        "A \\X B + C",
    ]);
}

#[test]
fn application_fields_and_primes_bind_tightest() {
    assert_same(&[
        ("f[a][b].c", "((f[a])[b]).c"),
        ("f'[a]", "(f')[a]"),
        ("r.a'.b", "((r.a)').b"),
        ("x + y[1]'", "x + ((y[1])')"),
        ("x' + y''", "(x') + ((y')')"),
        ("r.THEN.IF", "(r.THEN).IF"),
    ]);
}

#[test]
fn open_constructs_reach_to_the_end() {
    assert_same(&[
        ("a /\\ \\E i \\in S : b \\/ c => d", "a /\\ (\\E i \\in S : ((b \\/ c) => d))"),
        ("IF a THEN b ELSE c + d", "IF a THEN b ELSE (c + d)"),
        ("1 + IF a THEN b ELSE c + d", "1 + (IF a THEN b ELSE (c + d))"),
        ("LET k == 1 IN k + k = 2", "LET k == 1 IN ((k + k) = 2)"),
        ("CASE a -> b [] c -> CASE d -> e [] OTHER -> f", "CASE a -> b [] c -> (CASE d -> e [] OTHER -> f)"),
        ("CHOOSE i : i = 1 /\\ a", "CHOOSE i : ((i = 1) /\\ a)"),
        ("a => lab :: b /\\ c", "a => (lab :: (b /\\ c))"),
    ]);
}

#[test]
fn a_product_has_any_number_of_factors_but_keeps_parentheses() {
    let factors = |text: &str| match *expression(text).expect(text).kind {
        ExprKind::Product(factors) => factors.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(factors("A \\X B \\times C \\X D"), 4);
    assert_eq!(factors("(A \\X B) \\X C"), 2);
    assert_eq!(factors("A \\X (B \\X C)"), 2);
}

#[test]
fn lists_end_where_a_token_stands_too_far_left() {
    assert_same(&[
        ("\n  /\\ a\n  /\\ b\n \\/ c", "(/\\ a\n      /\\ b) \\/ c"),
        ("\n  /\\ a\n  /\\ b => c\n  /\\ d", "\n /\\ a\n /\\ (b => c)\n /\\ d"),
        ("\n  /\\ a /\\ b\n  /\\ c", "\n /\\ (a /\\ b)\n /\\ c"),
        ("\n  /\\ \\/ a\n     \\/ b\n  /\\ c", "\n /\\ (\\/ a\n     \\/ b)\n /\\ c"),
        ("\n  /\\ \\E i : /\\ a\n            /\\ b\n  /\\ c", "\n /\\ (\\E i : (/\\ a\n             /\\ b))\n /\\ c"),
        ("\n\t/\\ a\n        /\\ b", "\n /\\ a\n /\\ b"),
        ("\n  ∧ a\n  ∧ b", "\n  /\\ a\n  /\\ b"),
        ("\n  /\\ a\n  \\/ b", "(/\\ a) \\/ b"),
    ]);
}

#[test]
fn unicode_symbols_are_the_ascii_ones() {
    assert_same(&[
        ("∀ y ∈ S : ∃ z ∈ ⟨1, 2⟩ : y ≠ z ∧ ¬(y = z)", "\\A y \\in S : \\E z \\in <<1, 2>> : y # z /\\ ~(y = z)"),
        ("□(a ⇒ b) ∨ ◇c", "[](a => b) \\/ <>c"),
        ("[i ∈ S ↦ i] ∪ [S → T]", "[i \\in S |-> i] \\cup [S -> T]"),
        ("a ≤ b ⇔ b ≥ a", "(a <= b) <=> (b >= a)"),
    ]);
}

#[test]
fn numbers_of_every_base_are_decimal() {
    assert_same(&[
        ("\\b101 + \\B1", "5 + 1"),
        ("\\hFF + \\Hff", "255 + 255"),
        ("\\o17", "15"),
        ("007", "7"),
        ("000", "0"),
    ]);
}

#[test]
fn selectors_stay_in_order() {
    let printed = shape("Inst(3)!Op(a, +)!2!<<!>>!:!@!(b, c)");
    for part in
        ["Name { ident: Ident { name: \"Inst\"", "\"Op\"", "Operand(2", "Left(", "Right(", "Body(", "At(", "Args("]
    {
        assert!(printed.contains(part), "{part} in {printed}");
    }
    assert_same(&[("Bar(4)!1 + Foo!2!1", "(Bar(4)!1) + (Foo!2!1)"), ("M!+(1, 2)", "(M!+(1, 2))")]);
}

#[test]
fn operators_stand_for_themselves_as_arguments() {
    let printed = shape("F(+, -, ~, \\in, ', LAMBDA u, v : u, SUBSET)");
    for symbol in ["\"+\"", "\"-\"", "\"~\"", "\"\\\\in\"", "\"'\"", "Lambda", "\"SUBSET\""] {
        assert!(printed.contains(symbol), "{symbol} in {printed}");
    }
}

#[test]
fn subscripts_and_fairness_take_the_right_parentheses() {
    assert_same(&[
        ("WF_vars(A /\\ B)", "WF_(vars)(A /\\ B)"),
        ("SF_<<x, y>>(A)", "SF_<<x, y>>((A))"),
        ("WF_I(1)!v(A)", "WF_(I(1)!v)(A)"),
        ("[][Next]_vars", "[]([Next]_(vars))"),
        ("<><<A>>_I!v", "<>(<<A>>_(I!v))"),
        ("[A]_v.a", "([A]_v).a"),
    ]);
}

#[test]
fn brackets_are_told_apart_by_what_they_contain() {
    let kind =
        |text: &str| format!("{:?}", expression(text).expect(text).kind).split(['(', ' ']).next().map(str::to_owned);
    for (text, expected) in [
        ("{}", "SetEnum"),
        ("{i \\in S}", "SetEnum"),
        ("{i \\in S : i}", "SetFilter"),
        ("{<<i, j>> \\in S : i}", "SetFilter"),
        ("{i \\in S : \\A j \\in T : i}", "SetFilter"),
        ("{i : i \\in S}", "SetMap"),
        ("{<<i, j>> : i \\in S, j \\in T}", "SetMap"),
        ("{\\A i \\in S : a}", "SetEnum"),
        ("{\\A i \\in S : a : j \\in T}", "SetMap"),
        ("[i \\in S |-> i]", "FunctionLiteral"),
        ("[i, j \\in S, <<k, l>> \\in T |-> i]", "FunctionLiteral"),
        ("[i \\in S]_v", "BoxAction"),
        ("[S -> T]", "FunctionSet"),
        ("[a |-> 1, IF |-> 2]", "RecordLiteral"),
        ("[a : S, b : T]", "RecordSet"),
        ("[f EXCEPT ![1, 2].a[3] = @ + 1, !.b = 2]", "Except"),
        ("<<>>", "Tuple"),
        ("<<a>>_v", "AngleAction"),
        ("(a)", "Apply"),
        ("@", "At"),
    ] {
        assert_eq!(kind(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn layout_is_free_where_no_list_is() {
    let mut sources = SourceMap::new();
    let text = "---- MODULE M ----\n          Foo ==\n LET a == 1\n  b ==\n2 IN a\na ++\n b ==\n1\n====";
    let file = sources.add("M.tla", text);
    let mut diagnostics = Vec::new();
    let parsed = parse::parse_module(&sources, file, &mut diagnostics).unwrap_or_else(|| panic!("{diagnostics:?}"));
    assert_eq!(parsed.module.units.len(), 2);
}
