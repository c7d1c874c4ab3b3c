//! Finite traces: correct ones are accepted, and every way of being wrong is noticed.

mod common;

use common::{Subject, int, reason, state, string, trace, xs};
use recheck::{Replay, Violation};
use verdict::FailureClass;
use verdict::trace::{Ending, Trace};

const COUNTER: &str = "VARIABLE x\nInit == x = 0\nNext == x < 5 /\\ x' = x + 1\nSmall == x < 3\nC == x < 2\n\
                       Spec == Init /\\ [][Next]_x\nStart == x = 1\nBox == [](x < 2)\n\
                       Jump == [][x' > x + 1]_x\nAll == Box /\\ Jump /\\ Start\nAC == x' < 3";

fn counter(config: &str) -> Subject {
    Subject::new(COUNTER, &format!("INIT Init\nNEXT Next\n{config}"))
}

fn invariant(subject: &Subject, trace: &Trace) -> String {
    reason(subject.replay(Violation::Invariant("Small".to_owned()), trace))
}

#[test]
fn a_broken_invariant_is_accepted() {
    let subject = counter("INVARIANT Small\n");
    assert_eq!(subject.replay(Violation::Invariant("Small".to_owned()), &xs(&[0, 1, 2, 3])), Replay::Accepted);
}

#[test]
fn the_level_of_a_state_is_its_place_in_the_behavior() {
    let subject = Subject::new(
        "VARIABLE x\nInit == x = 0\nNext == x < 5 /\\ x' = TLCGet(\"level\")\nSmall == TLCGet(\"level\") < 4",
        "INIT Init\nNEXT Next\nINVARIANT Small\n",
    );
    let replay = |values: &[i64]| subject.replay(Violation::Invariant("Small".to_owned()), &xs(values));
    assert_eq!(replay(&[0, 1, 2, 3]), Replay::Accepted);
    assert_eq!(reason(replay(&[0, 1, 2])), "the invariant Small is true in the last state");
    assert_eq!(reason(replay(&[0, 1, 3, 3])), "the step is none of the specification");
}

#[test]
fn a_choice_from_an_infinite_set_is_accepted_where_the_states_tell_it() {
    let subject = |next: &str| {
        let body = format!("VARIABLE x\nInit == x = 0\nNext == {next}\nSmall == x < 3");
        Subject::new(&body, "INIT Init\nNEXT Next\nINVARIANT Small\n")
    };
    let replay =
        |next: &str, values: &[i64]| subject(next).replay(Violation::Invariant("Small".to_owned()), &xs(values));
    // The chosen number is the state itself, or the difference of the two.
    assert_eq!(replay("\\E n \\in Nat : x' = n", &[0, 2, 7]), Replay::Accepted);
    assert_eq!(replay("\\E n \\in Nat \\ {0} : n # 2 /\\ x' = x + n", &[0, 1, 4]), Replay::Accepted);
    // One that may be there but was not found, and one that is not there, are not told apart: neither is accepted.
    for (next, values) in [
        ("\\E n \\in Nat : x' = x + 3 * n", &[0, 21][..]),
        ("\\E n \\in Nat : x' = x - n - 1", &[0, 4]),
        ("\\A n \\in Nat : x' = x + 4 \\/ n < 0", &[0, 4]),
    ] {
        assert!(matches!(replay(next, values), Replay::Unsupported { .. }), "{next}");
    }
    // For all of them it is false where one of them says so.
    assert_eq!(
        reason(replay("x' = x + 4 /\\ \\A n \\in Nat : n # x'", &[0, 4])),
        "the step is none of the specification"
    );
}

#[test]
fn a_trace_that_starts_elsewhere_is_rejected() {
    assert_eq!(
        invariant(&counter("INVARIANT Small\n"), &xs(&[1, 2, 3])),
        "the first state does not satisfy the initial predicate"
    );
}

#[test]
fn a_step_that_no_action_takes_is_rejected_with_its_number() {
    let answer = counter("INVARIANT Small\n").replay(Violation::Invariant("Small".to_owned()), &xs(&[0, 1, 3]));
    let Replay::Rejected { reason, step, place } = answer else { panic!("{answer:?}") };
    assert_eq!((&*reason, step), ("the step is none of the specification", Some(2)));
    assert_eq!(place.map(|place| (place.module, place.line)), Some(("T".to_owned(), 5)));
}

#[test]
fn a_step_that_changes_nothing_is_rejected() {
    assert_eq!(
        invariant(&counter("INVARIANT Small\n"), &xs(&[0, 1, 1, 2, 3])),
        "the step is none of the specification"
    );
    let specification = Subject::new(COUNTER, "SPECIFICATION Spec\nINVARIANT Small\n");
    assert_eq!(invariant(&specification, &xs(&[0, 1, 1, 2, 3])), "the step is none of the specification");
    assert_eq!(invariant(&specification, &xs(&[0, 1, 2, 3])), "accepted");
}

#[test]
fn a_property_that_is_true_is_no_violation() {
    assert_eq!(
        invariant(&counter("INVARIANT Small\n"), &xs(&[0, 1, 2])),
        "the invariant Small is true in the last state"
    );
}

#[test]
fn a_property_that_the_configuration_does_not_check_is_no_violation() {
    assert_eq!(invariant(&counter(""), &xs(&[0, 1, 2, 3])), NO_INVARIANT);
}

const NO_INVARIANT: &str = "no part of Small is false at the end of the trace";

#[test]
fn every_variable_must_have_one_value() {
    let subject = counter("INVARIANT Small\n");
    let missing = trace(vec![state(&[])], Ending::Finite);
    assert_eq!(invariant(&subject, &missing), "the variable x has no value");
    let extra = trace(vec![state(&[("x", 0), ("y", 0)])], Ending::Finite);
    assert_eq!(invariant(&subject, &extra), "y is no variable of the specification");
    let twice = trace(vec![state(&[("x", 0), ("x", 0)])], Ending::Finite);
    assert_eq!(invariant(&subject, &twice), "x has two values");
    assert_eq!(invariant(&subject, &trace(vec![], Ending::Finite)), "the trace is empty");
}

#[test]
fn a_safety_violation_has_a_finite_trace() {
    let endless = Trace { ending: Ending::BackTo(0), ..xs(&[0, 1, 2, 3]) };
    assert_eq!(
        invariant(&counter("INVARIANT Small\n"), &endless),
        "a violation of a safety property is shown by a finite trace"
    );
}

#[test]
fn only_the_last_state_may_be_outside_the_model() {
    let subject = counter("INVARIANT Small\nCONSTRAINT C\n");
    assert_eq!(invariant(&subject, &xs(&[0, 1, 2, 3])), "the trace leaves the model: C is false");
    let inside = Subject::new(COUNTER, "INIT Init\nNEXT Next\nINVARIANT C\nCONSTRAINT C\n");
    assert_eq!(inside.replay(Violation::Invariant("C".to_owned()), &xs(&[0, 1, 2])), Replay::Accepted);
    let by_action = counter("INVARIANT Small\nACTION_CONSTRAINT AC\n");
    assert_eq!(invariant(&by_action, &xs(&[0, 1, 2, 3])), "accepted");
    let by_action = Subject::new(COUNTER, "INIT Init\nNEXT Next\nPROPERTY Jump\nACTION_CONSTRAINT AC\n");
    let claim = Violation::ActionProperty("Jump".to_owned());
    assert_eq!(reason(by_action.replay(claim, &xs(&[0, 1, 2, 3, 4]))), "the trace leaves the model: AC is false");
}

#[test]
fn parts_of_properties_are_told_apart() {
    let subject = Subject::new(COUNTER, "SPECIFICATION Spec\nPROPERTY All\n");
    let claims = [
        (Violation::Invariant("All".to_owned()), vec![0, 1, 2], vec![0, 1]),
        (Violation::ActionProperty("All".to_owned()), vec![0, 1], vec![0]),
        (Violation::InitialProperty("Start".to_owned()), vec![0], vec![]),
    ];
    for (violation, good, bad) in claims {
        assert_eq!(subject.replay(violation.clone(), &xs(&good)), Replay::Accepted, "{violation:?}");
        assert_ne!(subject.replay(violation.clone(), &xs(&bad)), Replay::Accepted, "{violation:?}");
    }
}

#[test]
fn an_action_property_allows_steps_that_leave_its_subscript_alone() {
    let body = "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == (x' = x + 1 /\\ y' = y) \\/ (x' = x /\\ y' = y + 1)\n\
                Never == [][FALSE]_x";
    let subject = Subject::new(body, "INIT Init\nNEXT Next\nPROPERTY Never\n");
    let claim = || Violation::ActionProperty("Never".to_owned());
    let other = trace(vec![state(&[("x", 0), ("y", 0)]), state(&[("x", 0), ("y", 1)])], Ending::Finite);
    assert_eq!(reason(subject.replay(claim(), &other)), "no part of Never is false at the end of the trace");
    let own = trace(vec![state(&[("x", 0), ("y", 0)]), state(&[("x", 1), ("y", 0)])], Ending::Finite);
    assert_eq!(subject.replay(claim(), &own), Replay::Accepted);
}

#[test]
fn a_deadlock_has_no_successor() {
    let subject = counter("");
    assert_eq!(subject.replay(Violation::Deadlock, &xs(&[0, 1, 2, 3, 4, 5])), Replay::Accepted);
    assert_eq!(reason(subject.replay(Violation::Deadlock, &xs(&[0, 1]))), "the last state has a successor");
    let unasked = counter("CHECK_DEADLOCK FALSE\n");
    let answer = unasked.replay(Violation::Deadlock, &xs(&[0, 1, 2, 3, 4, 5]));
    assert_eq!(reason(answer), "the configuration does not ask for deadlocks");
}

#[test]
fn successors_outside_the_model_prevent_a_deadlock() {
    let subject = counter("CONSTRAINT C\n");
    assert_eq!(reason(subject.replay(Violation::Deadlock, &xs(&[0, 1]))), "the last state has a successor");
}

#[test]
fn every_form_of_assignment_finds_successors() {
    for next in [
        "x' = 1",
        "x' \\in {1, 2} /\\ x' > 1",
        "\\E i \\in 1..2 : x' = i",
        "IF x = 0 THEN x' = 1 ELSE FALSE",
        "CASE x = 1 -> FALSE [] OTHER -> UNCHANGED x",
        "LET y == x' IN x' = 1 - x /\\ y = 1",
        "Set(x, 1)",
        "Set2(x', 1)",
        "(\\A i \\in {} : FALSE) /\\ x' = 1",
        "\\A i \\in {1} : x' = i",
        "[FALSE]_x",
        "<<x' = 1>>_x",
        "(x = 0 => x' = 3)",
        "UNCHANGED <<x>>",
        "UNCHANGED vars",
        "I!Step",
        "ENABLED (x' = 7 /\\ x' = x + 7) /\\ x' = 1",
    ] {
        let body = format!(
            "VARIABLE x\nvars == <<x>>\nSet(v, e) == v' = e\nSet2(a, b) == a = b\n\
             ---- MODULE Other ----\nVARIABLE u\nStep == u' = u + 1\n====\n\
             I == INSTANCE Other WITH u <- x\nInit == x = 0\nNext == {next}"
        );
        let subject = Subject::new(&body, "INIT Init\nNEXT Next\n");
        let answer = reason(subject.replay(Violation::Deadlock, &xs(&[0])));
        assert_eq!(answer, "the last state has a successor", "{next}");
    }
    for next in
        ["<<UNCHANGED x>>_x", "x' = 1 /\\ x' = 2", "\\E i \\in {} : x' = i", "x' \\in {1} /\\ ~ENABLED (x' = 3)"]
    {
        let body = format!("VARIABLE x\nInit == x = 0\nNext == {next}");
        let subject = Subject::new(&body, "INIT Init\nNEXT Next\n");
        assert_eq!(reason(subject.replay(Violation::Deadlock, &xs(&[0]))), "accepted", "{next}");
    }
}

#[test]
fn a_successor_that_is_not_determined_is_no_deadlock() {
    let body = "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == x' = 1";
    let subject = Subject::new(body, "INIT Init\nNEXT Next\n");
    let start = trace(vec![state(&[("x", 0), ("y", 0)])], Ending::Finite);
    let answer = reason(subject.replay(Violation::Deadlock, &start));
    assert_eq!(answer, "evaluation failed: a successor is not completely specified");
    assert_eq!(subject.replay(Violation::Failure(FailureClass::Evaluation), &start), Replay::Accepted);
}

#[test]
fn a_disjunct_of_another_type_does_not_forbid_a_step() {
    let body =
        "VARIABLE x\nInit == x = \"idle\" \\/ x = 0\nNext == x' = \"idle\" \\/ (\\E i \\in 1..2 : x' = i)\nInv == TRUE";
    let subject = Subject::new(body, "INIT Init\nNEXT Next\nINVARIANT Inv\n");
    let mixed =
        trace(vec![state(&[("x", 0)]), vec![("x".to_owned(), string("idle"))], state(&[("x", 2)])], Ending::Finite);
    let answer = reason(subject.replay(Violation::Invariant("Inv".to_owned()), &mixed));
    assert_eq!(answer, "the invariant Inv is true in the last state");
}

#[test]
fn a_failing_evaluation_must_fail_here_too() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = x + 1 /\\ 1 \\div (2 - x) # 9\nInv == 1 \\div (2 - x) # 9\n\
                Next2 == Assert(x < 1, \"boom\") /\\ x' = x + 1\nNext3 == x' = x + 1";
    let failing = |next: &str, class, values: &[i64]| {
        let subject = Subject::new(body, &format!("INIT Init\nNEXT {next}\nINVARIANT Inv\n"));
        reason(subject.replay(Violation::Failure(class), &xs(values)))
    };
    assert_eq!(failing("Next", FailureClass::Evaluation, &[0, 1, 2]), "accepted");
    assert_eq!(failing("Next", FailureClass::Evaluation, &[0, 1]), NOTHING_FAILS);
    assert_eq!(failing("Next2", FailureClass::Assert, &[0, 1]), "accepted");
    assert_eq!(failing("Next2", FailureClass::Assert, &[0]), NOTHING_FAILS);
    assert_eq!(failing("Next3", FailureClass::PropertyEvaluation, &[0, 1, 2]), "accepted");
    assert_eq!(failing("Next3", FailureClass::PropertyEvaluation, &[0, 1]), NOTHING_FAILS);
    assert_eq!(failing("Next3", FailureClass::Assert, &[0, 1, 2]), NOTHING_FAILS);
}

const NOTHING_FAILS: &str = "evaluation does not fail at the end of the trace";

#[test]
fn a_failing_initial_predicate_has_an_empty_trace() {
    let body = "VARIABLE x\nInit == x # 1\nNext == x' = x";
    let subject = Subject::new(body, "INIT Init\nNEXT Next\n");
    let empty = trace(vec![], Ending::Finite);
    assert_eq!(subject.replay(Violation::Failure(FailureClass::Evaluation), &empty), Replay::Accepted);
}

#[test]
fn a_false_assumption_is_found_again() {
    let claim = || Violation::Failure(FailureClass::Assumption);
    let empty = trace(vec![], Ending::Finite);
    assert_eq!(Subject::new("ASSUME 1 = 2", "").replay(claim(), &empty), Replay::Accepted);
    assert_eq!(reason(Subject::new("ASSUME 1 = 1", "").replay(claim(), &empty)), "all assumptions are true");
}

#[test]
fn symbolic_values_and_foreign_model_values_do_not_pass() {
    let subject = counter("INVARIANT Small\n");
    let symbolic = verdict::TraceValue::Symbolic("[n \\in Nat |-> n]".to_owned());
    let told = trace(vec![vec![("x".to_owned(), symbolic)]], Ending::Finite);
    assert!(invariant(&subject, &told).starts_with("unsupported"));
    let stranger = verdict::TraceValue::ModelValue("m".to_owned());
    let told = trace(vec![vec![("x".to_owned(), stranger)]], Ending::Finite);
    assert_eq!(invariant(&subject, &told), "evaluation failed: the configuration has no model value m");
}

#[test]
fn a_replay_that_costs_too_much_is_given_up() {
    let body = "VARIABLE x\nInit == x = 0 /\\ Cardinality({s \\in SUBSET (1..30) : 1 \\in s}) = 0\nNext == x' = x\nInv == FALSE";
    let subject = Subject::new(body, "INIT Init\nNEXT Next\nINVARIANT Inv\n");
    let limits = recheck::Limits { steps: 100_000, ..recheck::Limits::default() };
    let (violation, told) = (Violation::Invariant("Inv".to_owned()), xs(&[0]));
    let claim = recheck::Claim { violation, trace: &told };
    let answer = recheck::replay_within(&subject.specification, &subject.config, &claim, limits);
    assert_eq!(reason(answer), "unsupported: too large to replay: more than 100000 evaluation steps");
}

#[test]
fn values_of_any_shape_come_through_a_trace() {
    let body = "CONSTANT P\nVARIABLES f, s\nInit == f = [p \\in P |-> <<>>] /\\ s = {}\n\
                Next == \\E p \\in P : f' = [f EXCEPT ![p] = Append(@, [kind |-> \"put\", at |-> 1..2])] /\\ s' = s \\cup {p}\n\
                Inv == s = {}";
    let subject = Subject::new(body, "CONSTANT P = {p1, p2}\nINIT Init\nNEXT Next\nINVARIANT Inv\n");
    use verdict::TraceValue::{Function, Interval, ModelValue, Record, Set, Tuple};
    let model = |name: &str| ModelValue(name.to_owned());
    let entry =
        Record(vec![("at".to_owned(), Interval("1".to_owned(), "2".to_owned())), ("kind".to_owned(), string("put"))]);
    let first = vec![
        ("f".to_owned(), Function(vec![(model("p1"), Tuple(vec![])), (model("p2"), Tuple(vec![]))])),
        ("s".to_owned(), Set(vec![])),
    ];
    let second = |entry| {
        vec![
            ("s".to_owned(), Set(vec![model("p2")])),
            ("f".to_owned(), Function(vec![(model("p2"), Tuple(vec![entry])), (model("p1"), Tuple(vec![]))])),
        ]
    };
    let claim = || Violation::Invariant("Inv".to_owned());
    let good = trace(vec![first.clone(), second(entry)], Ending::Finite);
    assert_eq!(subject.replay(claim(), &good), Replay::Accepted);
    let bad = trace(vec![first, second(int(1))], Ending::Finite);
    assert_ne!(subject.replay(claim(), &bad), Replay::Accepted);
}

#[test]
fn an_endless_action_is_given_up() {
    let body = "VARIABLE x\nRECURSIVE Act(_)\nAct(n) == \\E i \\in {n} : \\/ FALSE\n                               \\/ (TRUE /\\ Act(i + 1))\n\
                Init == x = 0\nNext == Act(0) /\\ x' = 1";
    let subject = Subject::new(body, "INIT Init\nNEXT Next\n");
    let answer = reason(subject.replay(Violation::Deadlock, &xs(&[0])));
    assert!(answer.starts_with("unsupported: too large to replay"), "{answer}");
}
