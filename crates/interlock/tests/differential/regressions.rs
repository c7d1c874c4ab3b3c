//! What the fuzzer has found, named by what it was. Counts are TLC's.

use super::ours::{self, Outcomes, Result};
use super::prove::{self, Compared};
use super::specifications::Case;

#[track_caller]
fn expect(body: &str, config: &str, exit: u8, counts: [u64; 3]) {
    let module = format!("---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets, TLC\n{body}\n====\n");
    let case = Case { module, config: format!("INIT Init\nNEXT Next\n{config}"), temporal: false };
    let outcome = ours::run(&case);
    let Outcomes::Agreed(Result { exit: found, generated, distinct, depth, .. }) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((found, [generated, distinct, u64::from(depth)]), (exit, counts), "{body}");
}

#[track_caller]
fn proves(body: &str, expected: &Compared) {
    let module = format!("---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets, TLC\n{body}\n====\n");
    let config = "INIT Init\nNEXT Next\nINVARIANT Inv\nCHECK_DEADLOCK FALSE\n".to_owned();
    let case = Case { module, config, temporal: false };
    assert_eq!(prove::run(&case, tla_symbolic::Engine::Auto), *expected, "{body}");
}

#[test]
fn an_initial_value_that_was_not_supposed_is_found_before_states_are_supposed_to_be_states() {
    // More initial states than were looked at; bounded checking took those without a place for impossible.
    let body = "VARIABLES x, y\nInit == x \\in UNION {[1..n -> 0..2] : n \\in 0..2} /\\ y \\in [0..1 -> 0..2]
Next == x' = x /\\ y' = y\nInv == x = x";
    proves(body, &Compared::Holds);
}

#[test]
fn an_alternative_that_is_a_symbolic_set_has_a_place() {
    let body = "VARIABLES x, z\nInit == x = {} /\\ z = TRUE
Next == x' = (IF ~z THEN x ELSE (0..2) \\X BOOLEAN) /\\ z' = z\nInv == z";
    proves(body, &Compared::Holds);
}

#[test]
fn parts_of_a_tuple_that_are_of_different_sorts_are_not_supposed_alike() {
    let body = "VARIABLE x\nInit == x = <<\"a\", 0>>\nNext == x' \\in {<<\"a\", 0>>} \\cup {x}\nInv == x = x";
    proves(body, &Compared::Holds);
}

#[test]
fn values_are_learned_although_a_property_of_the_steps_is_undefined() {
    let body = "VARIABLE y\nInit == y = {0}\nNext == y' \\in SUBSET (0..2)\nInv == (0 = y) \\in BOOLEAN";
    proves(body, &Compared::Skipped("the search ends early".to_owned()));
    let body = "VARIABLE y\nInit == y = {0}\nNext == y' \\in SUBSET (0..2)\nInv == TRUE \\/ (0 = y)";
    proves(body, &Compared::Holds);
}

#[test]
fn an_undefined_initial_predicate_proves_nothing() {
    let body = "VARIABLES x, z\nInit == (x = [k \\in SUBSET {0} |-> CHOOSE c \\in {} : TRUE] /\\ z = 0) /\\ ~TRUE
Next == x' = x /\\ z' = z\nInv == x = x";
    proves(body, &Compared::Skipped("the initial predicate is undefined".to_owned()));
}

#[test]
fn a_variable_is_assigned_through_a_let_around_it() {
    // The explorer took the variable under a LET for one that has no value yet.
    let body = "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == y' = 0 /\\ (LET d == x IN x') = x";
    expect(body, "", 0, [2, 1, 1]);
    let body = "VARIABLE x\nInit == x = 0\nNext == (LET d == x' IN d) = 1 - x";
    expect(body, "", 0, [3, 2, 2]);
}

#[test]
fn counts_do_not_depend_on_the_worker_that_met_an_interval_first() {
    // Unions of sets that are not listed are enumerated with repetitions; whether y was an interval or a listed set
    // depended on the worker that expanded the state.
    let body = "VARIABLES x, y, z\nInit == x = 0 /\\ y = {0, 1, 2} /\\ z = 0
Next == x' = (x + x) % 3 /\\ y' = y /\\ z' \\in UNION {y, {x}}";
    expect(body, "", 0, [10, 3, 2]);
    let interval = body.replace("{0, 1, 2}", "0..2");
    // TLC keeps the interval and generates 13.
    expect(&interval, "", 0, [10, 3, 2]);
}

#[test]
fn a_filter_of_a_set_without_a_list_stays_a_side_of_a_union() {
    // The explorer listed the filter, and an element of both sides was one branch.
    let body = "VARIABLE x\nInit == x = {}\nNext == x' \\in {y \\in SUBSET (0..2) : TRUE} \\cup {{}}";
    expect(body, "", 0, [73, 8, 2]);
    let body = "VARIABLE x\nInit == x = {}\nNext == x' \\in {{}} \\cup {y \\in SUBSET (0..2) : x = x}";
    expect(body, "", 0, [73, 8, 2]);
    let body = "VARIABLE x\nInit == x = {}\nNext == x' \\in ((SUBSET (0..2)) \\cap SUBSET (0..1)) \\cup {{}}";
    expect(body, "", 0, [21, 4, 2]);
    let body = "VARIABLE x\nInit == x = {}\nNext == x' \\in (SUBSET (0..1) \\ {{0}}) \\cup {{}}";
    expect(body, "", 0, [13, 3, 2]);
    let body = "VARIABLE x\nInit == x = {}\nNext == x' \\in {y \\in {{}, {1}} : TRUE} \\cup {{}}";
    expect(body, "", 0, [5, 2, 2]);
    // As a value it is a list.
    let body = "VARIABLE x\nInit == x = {}\nNext == x' = UNION {{y \\in BOOLEAN \\X BOOLEAN : y[1]}, x}";
    expect(body, "", 0, [3, 2, 2]);
    let body = "VARIABLE x\nInit == x = UNION {BOOLEAN \\X BOOLEAN, BOOLEAN \\X BOOLEAN}\nNext == x' = x";
    expect(body, "", 0, [2, 1, 1]);
}

#[test]
fn a_successor_whose_constraint_has_no_value_is_counted() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = x + 1\nCon == x < 1 \\/ (CASE FALSE -> TRUE)";
    expect(body, "CONSTRAINT Con\n", 75, [2, 1, 1]);
}

#[test]
fn an_action_property_without_a_value_is_an_error_of_evaluation() {
    let body = "VARIABLE x\nInit == x = TRUE\nNext == x' = ~x\nAct == [][x = x /\\ \"a\" = x]_x";
    expect(body, "PROPERTY Act\n", 75, [2, 2, 2]);
}

#[test]
fn a_condition_behind_all_assignments_does_not_find_a_state_twice() {
    // The independent checker walked the alternatives of a disjunction that assigns nothing any more.
    let body = "VARIABLE x\nInit == x = TRUE\nNext == x' = x \\/ (x' = x /\\ (x \\/ x))";
    expect(body, "", 0, [3, 1, 1]);
}

#[test]
fn a_name_keeps_its_alternatives_when_it_was_a_condition_before() {
    // The explorer kept the truth value that the condition had given to the name.
    let body =
        "VARIABLE x\nInit == (LET l == (\\E v \\in 0..2 : TRUE) IN IF l THEN l ELSE l) /\\ x = 0\nNext == x' = x";
    expect(body, "", 0, [4, 1, 1]);
    // A parameter does not.
    let body = "VARIABLE x\nOp(l) == IF l THEN l ELSE l\nInit == Op(\\E v \\in 0..2 : TRUE) /\\ x = 0\nNext == x' = x";
    expect(body, "", 0, [2, 1, 1]);
}

#[test]
fn a_record_differs_from_a_tuple_of_another_length() {
    // TLC refuses the comparison for a record that is written as one, and answers for a function with the same fields.
    let body = "VARIABLES x, y\nInit == x = <<TRUE>> /\\ y = [k \\in {\"a\", \"b\"} |-> 0]\nNext == UNCHANGED <<x, y>>\nInv == x = x /\\ y # x";
    expect(body, "INVARIANT Inv\n", 0, [2, 1, 1]);
}

#[test]
fn a_union_is_enumerated_part_by_part_before_a_violation() {
    // Counts at a violation are TLC's; the survey, which lists the union first, meets other states before.
    let body = "VARIABLE x\nInit == x \\in ({[a |-> TRUE, b |-> 0]} \\cup [a : BOOLEAN, b : 0..2])\nNext == x' \\in {[a |-> x.a, b |-> (x.b + 1) % 3]}\nAct == [][x = x /\\ x.a]_x";
    expect(body, "PROPERTY Act\n", 13, [9, 6, 1]);
}

#[test]
fn a_variable_that_another_alternative_assigned_has_no_value_in_this_one() {
    // The explorer took a part of x' for that of x, where the alternative before had left x alone.
    let body = "VARIABLES x, y\nInit == x = <<0, 0>> /\\ y = TRUE\n\
                Next == ((x' = x /\\ y' = y) \\/ y' = (y /\\ y)) /\\ x'[1] < x[1]";
    expect(body, "CHECK_DEADLOCK FALSE\n", 75, [1, 1, 1]);
}

#[test]
fn alternatives_in_a_function_that_is_applied_are_alternatives_of_the_step() {
    // The checker took the application for a condition.
    let alternatives = "[k \\in 0..1 |-> \\E v \\in 0..2 : TRUE]";
    let body = format!("VARIABLE x\nInit == x = 0\nNext == {alternatives}[1] /\\ x' = x");
    expect(&body, "", 0, [4, 1, 1]);
    let body = format!("VARIABLE x\nInit == x = 0\nNext == LET d == {alternatives} IN d[1] /\\ x' = x");
    expect(&body, "", 0, [4, 1, 1]);
    // Not those of an initial predicate, nor of a function that is defined for itself.
    let body = format!("VARIABLE x\nInit == (LET f == {alternatives} IN f[1]) /\\ x = 0\nNext == x' = x");
    expect(&body, "", 0, [2, 1, 1]);
    let body = "VARIABLE x\ng[k \\in 0..1] == \\E v \\in 0..2 : TRUE\nInit == x = 0\nNext == g[0] /\\ x' = x";
    expect(body, "", 0, [2, 1, 1]);
}
