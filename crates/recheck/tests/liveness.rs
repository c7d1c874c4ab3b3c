//! Infinite behaviors: the loop closes, fairness holds, the property is false.

mod common;

use common::{Subject, reason, state, trace, xs};
use recheck::{Replay, Violation};
use verdict::trace::{Ending, Trace};

const COUNTER: &str = "VARIABLE x\nInit == x = 0\nUp == x < 3 /\\ x' = x + 1\nReset == x = 3 /\\ x' = 1\nNext == Up \\/ Reset\n\
                       Spec == Init /\\ [][Next]_x\nFair == Spec /\\ WF_x(Next)\n\
                       Reach == <>(x = 3)\nLeads == (x = 1) ~> (x = 0)\nAgain == []<>(x = 2)\nStays == <>[](x > 1)\n\
                       Or == [](x = 0) \\/ <>(x = 9)\nAllValues == \\A i \\in 0..3 : <>(x = i)\nC == x < 3\n\
                       Steps == <>[][x' > x]_x";

fn answer(specification: &str, property: &str, trace: &Trace) -> String {
    let subject = Subject::new(COUNTER, &format!("SPECIFICATION {specification}\nPROPERTY {property}\n"));
    reason(subject.replay(Violation::Temporal(property.to_owned()), trace))
}

fn lasso(values: &[i64], back_to: usize) -> Trace {
    Trace { ending: Ending::BackTo(back_to), ..xs(values) }
}

fn stuttering(values: &[i64]) -> Trace {
    Trace { ending: Ending::Stuttering, ..xs(values) }
}

#[test]
fn stuttering_breaks_progress_without_fairness() {
    assert_eq!(answer("Spec", "Reach", &stuttering(&[0, 1])), "accepted");
    assert_eq!(answer("Spec", "Reach", &stuttering(&[0, 1, 2, 3])), "the property Reach is true of the behavior");
}

#[test]
fn stuttering_for_ever_breaks_weak_fairness() {
    assert_eq!(answer("Fair", "Reach", &stuttering(&[0, 1])), "the behavior breaks a fairness condition");
    assert_eq!(answer("Fair", "Leads", &lasso(&[0, 1, 2, 3], 1)), "accepted");
}

#[test]
fn a_loop_must_close() {
    assert_eq!(
        answer("Fair", "Leads", &lasso(&[0, 1, 2], 1)),
        "the loop does not close: its last step is none of the specification"
    );
    assert_eq!(
        answer("Fair", "Leads", &lasso(&[0, 1, 2, 3], 4)),
        "the trace goes back to state 4, which it does not have"
    );
    assert_eq!(
        answer("Fair", "Leads", &lasso(&[0, 1, 2, 3, 1], 1)),
        "accepted",
        "the first state of the loop told twice"
    );
}

#[test]
fn temporal_operators_look_at_the_right_positions() {
    let round = lasso(&[0, 1, 2, 3], 1);
    for property in ["Leads", "Stays", "Or", "Steps"] {
        assert_eq!(answer("Fair", property, &round), "accepted", "{property}");
    }
    for property in ["Reach", "Again", "AllValues"] {
        let expected = format!("the property {property} is true of the behavior");
        assert_eq!(answer("Fair", property, &round), expected);
    }
}

#[test]
fn the_behavior_must_stay_in_the_model() {
    let subject = Subject::new(COUNTER, "SPECIFICATION Fair\nPROPERTY Leads\nCONSTRAINT C\n");
    let round = lasso(&[0, 1, 2, 3], 1);
    let answer = reason(subject.replay(Violation::Temporal("Leads".to_owned()), &round));
    assert_eq!(answer, "the trace leaves the model: C is false");
}

const TOGGLE: &str = "VARIABLES x, y\nv == <<x, y>>\nInit == x = 0 /\\ y = 0\nTog == y = 0 /\\ x' = 1 - x /\\ y' = y\n\
                      Done == x = 1 /\\ y' = 1 /\\ x' = x\nNext == Tog \\/ Done\nOne(i) == x = i /\\ Tog\n\
                      Weak == Init /\\ [][Next]_v /\\ WF_v(Tog) /\\ WF_v(Done)\n\
                      Strong == Init /\\ [][Next]_v /\\ WF_v(Tog) /\\ SF_v(Done)\n\
                      Each(i) == WF_v(One(i))\n\
                      Many == Init /\\ [][Next]_v /\\ (\\A i \\in {0, 1} : Each(i))\n\
                      Live == <>(y = 1)";

#[test]
fn strong_fairness_asks_more_than_weak_fairness() {
    let toggling = trace(vec![state(&[("x", 0), ("y", 0)]), state(&[("x", 1), ("y", 0)])], Ending::BackTo(0));
    for (specification, expected) in
        [("Weak", "accepted"), ("Strong", "the behavior breaks a fairness condition"), ("Many", "accepted")]
    {
        let subject = Subject::new(TOGGLE, &format!("SPECIFICATION {specification}\nPROPERTY Live\n"));
        let answer = reason(subject.replay(Violation::Temporal("Live".to_owned()), &toggling));
        assert_eq!(answer, expected, "{specification}");
    }
    let idle = Trace { ending: Ending::Stuttering, ..toggling };
    let subject = Subject::new(TOGGLE, "SPECIFICATION Many\nPROPERTY Live\n");
    let answer = reason(subject.replay(Violation::Temporal("Live".to_owned()), &idle));
    assert_eq!(answer, "the behavior breaks a fairness condition");
}

#[test]
fn a_finite_trace_means_that_nothing_happens_any_more() {
    let subject = Subject::new(COUNTER, "INIT Init\nNEXT Next\nPROPERTY Or\n");
    assert_eq!(subject.replay(Violation::Temporal("Or".to_owned()), &xs(&[0, 1])), Replay::Accepted);
}

#[test]
fn properties_through_an_instance_are_evaluated_under_its_substitution() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % 4\nSpec == Init /\\ [][Next]_x /\\ WF_x(Next)\n\
                ---- MODULE Abstract ----\nVARIABLE bit\nFlip == bit' = 1 - bit\nProp == []<>(bit = 2)\n\
                Refined == [][Flip]_bit\nNever == []<>(bit = 1)\n====\n\
                A == INSTANCE Abstract WITH bit <- x \\div 2\nProp == A!Prop\nRefined == A!Refined\nNever == A!Never";
    let round = lasso(&[0, 1, 2, 3], 0);
    for (property, expected) in [("Prop", "accepted"), ("Never", "the property Never is true of the behavior")] {
        let subject = Subject::new(body, &format!("SPECIFICATION Spec\nPROPERTY {property}\n"));
        assert_eq!(reason(subject.replay(Violation::Temporal(property.to_owned()), &round)), expected);
    }
    let subject = Subject::new(body, "SPECIFICATION Spec\nPROPERTY Refined\n");
    let answer = reason(subject.replay(Violation::ActionProperty("Refined".to_owned()), &xs(&[0, 1, 2])));
    assert_eq!(answer, "no part of Refined is false at the end of the trace");
}
