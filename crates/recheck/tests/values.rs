//! Values: equality, order, choice, laziness, and what has no value.

mod common;

use common::{Subject, int, string};
use recheck::EvaluationError;
use verdict::TraceValue;

const TRUE: TraceValue = TraceValue::Bool(true);
const FALSE: TraceValue = TraceValue::Bool(false);

/// The value of an expression under a configuration.
fn value_with(expression: &str, body: &str, config: &str) -> Result<TraceValue, EvaluationError> {
    Subject::new(&format!("{body}\nSubject == {expression}"), config).value("Subject")
}

fn value(expression: &str) -> TraceValue {
    value_with(expression, "", "").unwrap_or_else(|error| panic!("{expression}: {error}"))
}

#[track_caller]
fn has_no_value(expression: &str) {
    let outcome = value_with(expression, "", "");
    assert!(matches!(outcome, Err(EvaluationError::Undefined { .. })), "{expression}: {outcome:?}");
}

#[track_caller]
fn is_declined(expression: &str) {
    let outcome = value_with(expression, "", "");
    assert!(matches!(outcome, Err(EvaluationError::Unsupported { .. })), "{expression}: {outcome:?}");
}

#[test]
fn tuples_records_and_functions_are_equal_by_their_graphs() {
    for truth in [
        "<<1, 2>> = [i \\in 1..2 |-> i]",
        "[a |-> 1] = [i \\in {\"a\"} |-> 1]",
        "<<>> = [i \\in {} |-> i]",
        "(1 :> 1 @@ 2 :> 2) = <<1, 2>>",
        "1..0 = {}",
        "{1, 2} = 1..2",
        "[a \\in {1}, b \\in {2} |-> a + b] = [p \\in {1} \\X {2} |-> 3]",
        "[a \\in {1}, b \\in {2} |-> a + b][1, 2] = 3",
        "DOMAIN <<7, 8>> = 1..2",
        "SUBSET {1} = {{}, {1}}",
        "Nat = Nat",
    ] {
        assert_eq!(value(truth), TRUE, "{truth}");
    }
    for falsehood in ["[i \\in 0..1 |-> i] = <<0, 1>>", "<<1>> = <<\"a\", \"b\">>", "[a |-> 1] = [b |-> \"x\"]"] {
        assert_eq!(value(falsehood), FALSE, "{falsehood}");
    }
}

#[test]
fn values_of_different_kinds_cannot_be_compared() {
    for expression in [
        "1 = \"a\"",
        "1 = TRUE",
        "1 = {1}",
        "\"a\" = <<\"a\">>",
        "<<1>> = 1",
        "{} = <<>>",
        "[a |-> 1] = <<1>>",
        "{1} = {\"a\"}",
        "<<1>> = <<\"a\">>",
        "\"a\" \\in {1, 2}",
        "\"a\" \\in Nat",
        "Cardinality({1, \"a\"})",
        "Cardinality({<<1>>, <<\"a\">>})",
        "\"a\" \\in 1..2",
    ] {
        has_no_value(expression);
    }
    assert_eq!(value("Cardinality({<<1>>, <<\"a\", \"b\">>})"), int(2));
}

#[test]
fn a_set_that_cannot_be_sorted_still_knows_its_members() {
    assert_eq!(value("1 \\in {1, \"a\"}"), TRUE);
    assert_eq!(value("1 \\in Nat \\cup {\"none\"}"), TRUE);
    has_no_value("2 \\in {1, \"a\"}");
    has_no_value("\\E x \\in {1, \"a\"} : x = 1");
}

#[test]
fn model_values_differ_from_everything_unless_they_are_typed() {
    let (body, config) = ("CONSTANTS m, n, t, u", "CONSTANTS m = m\nn = n\nt = A_1\nu = B_1\n");
    for (expression, expected) in [("m = 1", FALSE), ("m = n", FALSE), ("m = m", TRUE), ("m = t", FALSE)] {
        assert_eq!(value_with(expression, body, config), Ok(expected), "{expression}");
    }
    assert_eq!(value_with("m \\in {1, 2}", body, config), Ok(FALSE));
    assert_eq!(value_with("Cardinality({n, 1, m})", body, config), Ok(int(3)));
    for expression in ["t = 1", "t = u", "t \\in {1, 2}"] {
        assert!(value_with(expression, body, config).is_err(), "{expression}");
    }
}

#[test]
fn choose_takes_the_first_element_in_tlcs_order() {
    for (expression, expected) in [
        ("CHOOSE i \\in {3, 1, 2} : TRUE", int(1)),
        ("CHOOSE b \\in BOOLEAN : TRUE", FALSE),
        ("CHOOSE s \\in {{1, 2}, {3}} : TRUE", TraceValue::Set(vec![int(3)])),
        ("CHOOSE s \\in {<<1, 2>>, <<3>>} : TRUE", TraceValue::Tuple(vec![int(3)])),
        ("CHOOSE f \\in [1..2 -> 1..3] : f[1] + f[2] = 4", TraceValue::Tuple(vec![int(1), int(3)])),
        ("CHOOSE s \\in SUBSET {1, 2, 3} : s # {}", TraceValue::Set(vec![int(1)])),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
    has_no_value("CHOOSE i \\in {1, 2} : i > 5");
    has_no_value("CHOOSE i : i = 1");
}

#[test]
fn strings_are_ordered_by_first_appearance() {
    let choice = "CHOOSE s \\in {\"zebra\", \"apple\"} : TRUE";
    assert_eq!(value(choice), string("zebra"));
    assert_eq!(value_with(choice, "apple == 1", ""), Ok(string("apple")));
    assert_eq!(value_with(choice, "CONSTANT Q", "CONSTANT Q = \"apple\""), Ok(string("apple")));
}

#[test]
fn model_values_are_ordered_by_the_configuration() {
    let (body, config) = ("CONSTANTS m1, S", "CONSTANTS S = {m2, m1}\nm1 = m1\n");
    let expected = TraceValue::ModelValue("m2".to_owned());
    assert_eq!(value_with("CHOOSE s \\in S : TRUE", body, config), Ok(expected));
}

#[test]
fn infinite_sets_can_be_asked_but_not_listed() {
    for truth in [
        "5 \\in Nat \\ {0}",
        "-1 \\in Nat \\cup {-1}",
        "<<1, 2>> \\in Seq(Nat)",
        "{1} \\in SUBSET Nat",
        "[i \\in 1..2 |-> i] \\in [1..2 -> Nat]",
        "[a |-> 1] \\in [a : Nat]",
        "<<1, 2>> \\in Nat \\X Nat",
        "0 \\in {i \\in Nat : i < 3}",
        "~IsFiniteSet(Nat)",
        "\\E S \\in SUBSET (1..40) : S # {}",
    ] {
        assert_eq!(value(truth), TRUE, "{truth}");
    }
    for expression in ["\\E i \\in Nat : i = 3", "CHOOSE i \\in Nat : TRUE", "Nat \\subseteq Int", "Cardinality(Nat)"] {
        has_no_value(expression);
    }
}

#[test]
fn arithmetic_is_exact_and_rounds_down() {
    for (expression, expected) in [("-5 \\div 2", -2), ("5 \\div (-2)", -3), ("-2^2", -4), ("7 % 3", 1), ("-5 % 2", 1)]
    {
        assert_eq!(value(expression), int(expected), "{expression}");
    }
    assert_eq!(value("2^70"), TraceValue::Int("1180591620717411303424".to_owned()));
    for expression in ["5 \\div 0", "5 % (-2)", "0^0", "2^(-1)"] {
        has_no_value(expression);
    }
}

#[test]
fn what_is_not_needed_is_not_evaluated() {
    for (expression, expected) in [
        ("[i \\in {0, 1} |-> 1 \\div i][1]", int(1)),
        ("LET bad == 1 \\div 0 IN 5", int(5)),
        ("LET F(a) == 5 IN F(1 \\div 0)", int(5)),
        ("FALSE /\\ 1 \\div 0 = 1", FALSE),
        ("TRUE \\/ 1 \\div 0 = 1", TRUE),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
    for expression in [
        "(1 \\div 0 = 1) /\\ FALSE",
        "FALSE <=> (1 \\div 0 = 1)",
        "TRUE /\\ 1",
        "1 \\in {i \\in 1..2 : i \\div (2 - i) = 1}",
    ] {
        has_no_value(expression);
    }
}

#[test]
fn except_updates_one_after_the_other_and_ignores_missing_places() {
    for (expression, expected) in [
        ("[<<1, 2>> EXCEPT ![1] = @ + 1, ![1] = @ + 1]", "<<3, 2>>"),
        ("[[a |-> <<1, 2>>] EXCEPT !.a[2] = 9]", "[a |-> <<1, 9>>]"),
        ("[<<1, 2>> EXCEPT ![3] = 1]", "<<1, 2>>"),
        ("[[a |-> 1] EXCEPT !.b.c = 2]", "[a |-> 1]"),
        ("[[p \\in {1} \\X {3} |-> 0] EXCEPT ![1, 3] = 5]", "(<<1, 3>> :> 5)"),
    ] {
        assert_eq!(value(&format!("{expression} = {expected}")), TRUE, "{expression}");
    }
    has_no_value("<<1, 2>>[3]");
    has_no_value("[a |-> 1].b");
}

#[test]
fn recursion_ends_with_a_value_or_with_a_limit() {
    let body = "RECURSIVE Sum(_)\nSum(S) == IF S = {} THEN 0 ELSE LET x == CHOOSE x \\in S : TRUE IN x + Sum(S \\ {x})\n\
                fib[n \\in Nat] == IF n < 2 THEN n ELSE fib[n - 1] + fib[n - 2]\n\
                RECURSIVE Endless(_)\nEndless(n) == Endless(n + 1)";
    assert_eq!(value_with("Sum(1..60)", body, ""), Ok(int(1830)));
    assert_eq!(value_with("fib[60]", body, ""), Ok(int(1_548_008_755_920)));
    let endless = value_with("Endless(0)", body, "");
    assert!(matches!(endless, Err(EvaluationError::Unsupported { .. })), "{endless:?}");
}

#[test]
fn sequences_and_strings_have_their_operators() {
    for truth in [
        "Append(<<1>>, 2) \\o <<3>> = <<1, 2, 3>>",
        "SubSeq(<<1, 2, 3>>, 2, 3) = <<2, 3>>",
        "SubSeq(<<1, 2, 3>>, 3, 2) = <<>>",
        "SelectSeq(<<1, 2, 3>>, LAMBDA z : z > 1) = <<2, 3>>",
        "SortSeq(<<3, 1, 2>>, <) = <<1, 2, 3>>",
        "Len(\"abc\") = 3 /\\ \"a\" \\o \"b\" = \"ab\" /\\ Tail(\"abc\") = \"bc\"",
        "ToString(<<1, \"a\", {TRUE}>>) = \"<<1, \\\"a\\\", {TRUE}>>\"",
    ] {
        assert_eq!(value(truth), TRUE, "{truth}");
    }
    for expression in ["Head(<<>>)", "Tail(<<>>)", "SubSeq(<<1, 2>>, 2, 5)", "Head(\"abc\")", "\"abc\"[1]"] {
        has_no_value(expression);
    }
}

#[test]
fn bags_count_copies() {
    let body = "B == (\"a\" :> 2) \\oplus SetToBag({\"b\"})";
    for truth in [
        "BagCardinality(B) = 3",
        "CopiesIn(\"a\", B) = 2 /\\ CopiesIn(\"c\", B) = 0",
        "B \\ominus SetToBag({\"a\", \"b\"}) = (\"a\" :> 1)",
        "SetToBag({\"a\"}) \\sqsubseteq B",
        "Cardinality(SubBag(B)) = 6",
        "BagOfAll(LAMBDA x : \"c\", B) = (\"c\" :> 3)",
        "BagUnion({B, SetToBag({\"a\"})}) = (\"a\" :> 3 @@ \"b\" :> 1)",
        "IsABag(B) /\\ BagToSet(B) = {\"a\", \"b\"} /\\ EmptyBag = <<>>",
    ] {
        assert_eq!(value_with(truth, body, ""), Ok(TRUE), "{truth}");
    }
}

#[test]
fn what_depends_on_the_run_is_declined() {
    assert_eq!(value("TLCSet(1, TLCGet(1) + 1)"), TRUE);
    for expression in ["TLCGet(1)", "RandomElement({1})", "JavaTime", "0.5"] {
        is_declined(expression);
    }
}

#[test]
fn what_the_configuration_replaces_is_replaced_everywhere() {
    let files = [("M", "---- MODULE M ----\nEXTENDS Naturals\nAll == Nat\nFoo == 1\nUse == Foo\n====\n")];
    let text = "---- MODULE T ----\nEXTENDS M\nSmall == 0..1\nBar == 7\nCONSTANT F(_)\nApply(n) == F(n)\n\
                One == Apply(1)\n====\n";
    let config = "CONSTANTS Nat <- Small\nFoo <- [M]Bar\nF(1) = \"one\"\nF(2) = \"two\"\n";
    let subject = Subject::from_modules(text, config, &files);
    assert_eq!(subject.value("All"), Ok(TraceValue::Interval("0".to_owned(), "1".to_owned())));
    assert_eq!(subject.value("Use"), Ok(int(7)));
    assert_eq!(subject.value("One"), Ok(string("one")));
}

#[test]
fn instances_substitute_names_operators_and_parameters() {
    let files = [
        (
            "M",
            "---- MODULE M ----\nEXTENDS Naturals\nCONSTANTS k, Op(_)\nLOCAL Hidden == k\nShown == Op(Hidden) + 1\n====\n",
        ),
        ("P", "---- MODULE P ----\nEXTENDS Naturals\nCONSTANT k\nAdd(x) == k + x\n====\n"),
    ];
    let text = "---- MODULE T ----\nEXTENDS Naturals\nCONSTANT k\nDouble(x) == 2 * x\n\
                I == INSTANCE M WITH k <- 5, Op <- Double\n\
                J(n) == INSTANCE P WITH k <- n\n\
                L == INSTANCE P\n\
                ---- MODULE Inner ----\nCONSTANT c\nSum == c + k\n====\n\
                N == INSTANCE Inner WITH c <- 10\n\
                Nat10 == LET Q == INSTANCE P WITH k <- 3 IN Q!Add(7)\n\
                All == <<I!Shown, J(3)!Add(4), L!Add(1), N!Sum, Nat10>>\n====\n";
    let subject = Subject::from_modules(text, "CONSTANT k = 100\n", &files);
    let expected = [11, 7, 101, 110, 10].map(int).to_vec();
    assert_eq!(subject.value("All"), Ok(TraceValue::Tuple(expected)));
}

#[test]
fn no_way_of_nesting_overruns_the_stack() {
    for endless in [
        "E(n) == \\E x \\in {1} : E(n + 1)",
        "E(n) == {E(n + 1) : x \\in {1}, y \\in {1}, z \\in {1}} = {}",
        "E(n) == (CHOOSE x \\in {1} : CASE E(n + 1) -> TRUE [] OTHER -> FALSE) = 1",
        "E(n) == LET a == E(n + 1) b == <<a>> IN [x |-> b, y |-> [b EXCEPT ![1] = a]].x[1]",
        "E(n) == LET f[m \\in Nat] == IF f[m + 1] = 0 THEN 1 ELSE 2 IN f[n] = 0",
        "E(n) == Cardinality({x \\in SUBSET {1} : E(n + 1)} \\cup {[y \\in {1} |-> E(n + 1)]}) = 0",
        "E(n) == \\E i \\in 1..1 : SelectSeq(<<i>>, LAMBDA x : E(x + n)) = <<>>",
    ] {
        let outcome = value_with("E(0)", &format!("RECURSIVE E(_)\n{endless}"), "");
        assert!(matches!(outcome, Err(EvaluationError::Unsupported { .. })), "{endless}: {outcome:?}");
    }
    let deep = "RECURSIVE Deep(_)\nDeep(n) == IF n = 0 THEN {} ELSE {<<Deep(n - 1)>>}";
    assert_eq!(value_with("Deep(2000) = Deep(2000) /\\ Len(ToString(Deep(2000))) > 8000", deep, ""), Ok(TRUE));
}
