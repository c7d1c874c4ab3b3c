//! What the fuzzer has found, named by what it was. Counts are TLC's.

use super::ours::{self, Outcomes, Result};
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
