//! Counterexamples to induction: right ones are accepted, and every way of being wrong is noticed.

mod common;

use common::{Subject, reason, xs};
use recheck::{Replay, Violation, induction_fails};
use verdict::FailureClass;
use verdict::trace::Trace;

const COUNTER: &str = "VARIABLE x\nInit == x = 0\nNext == (x < 9 /\\ x' = x + 2) \\/ (x = 7 /\\ x' = <<>>[1])\n\
                       Inv == x \\in 0..9 /\\ x # 5\nSmall == x < 4\nJump == [][x' # 8]_x\nC == x < 4";

fn judge(config: &str, violation: Violation, trace: &Trace) -> Replay {
    let subject =
        Subject::new(COUNTER, &format!("INIT Init\nNEXT Next\nINVARIANTS Inv Small\nPROPERTY Jump\n{config}"));
    induction_fails(&subject.specification, &subject.config, "Inv", &violation, trace)
}

fn invariant(name: &str) -> Violation {
    Violation::Invariant(name.to_owned())
}

#[test]
fn a_step_out_of_the_invariant_need_not_be_reached() {
    assert_eq!(judge("", invariant("Inv"), &xs(&[3, 5])), Replay::Accepted);
}

#[test]
fn what_the_invariant_does_not_imply_is_shown_by_a_state_or_a_step() {
    assert_eq!(judge("", invariant("Small"), &xs(&[9])), Replay::Accepted);
    assert_eq!(judge("", Violation::ActionProperty("Jump".to_owned()), &xs(&[6, 8])), Replay::Accepted);
    assert_eq!(judge("", Violation::Deadlock, &xs(&[9])), Replay::Accepted);
    assert_eq!(judge("", Violation::Failure(FailureClass::Evaluation), &xs(&[7])), Replay::Accepted);
}

#[test]
fn the_first_state_has_to_satisfy_the_invariant() {
    assert_eq!(reason(judge("", invariant("Inv"), &xs(&[5, 7]))), "the first state does not satisfy Inv");
    assert_eq!(reason(judge("", invariant("Small"), &xs(&[5]))), "the first state does not satisfy Inv");
}

#[test]
fn the_step_has_to_be_one_and_to_break_what_is_said() {
    assert_eq!(reason(judge("", invariant("Inv"), &xs(&[4, 5]))), "the step is none of the specification");
    assert_eq!(reason(judge("", invariant("Inv"), &xs(&[2, 4]))), "the invariant Inv is true in the last state");
    assert_eq!(reason(judge("", invariant("Small"), &xs(&[3]))), "the invariant Small is true in the last state");
    let jump = Violation::ActionProperty("Jump".to_owned());
    assert_eq!(reason(judge("", jump, &xs(&[2, 4]))), "no part of Jump is false at the end of the trace");
    assert_eq!(reason(judge("", Violation::Deadlock, &xs(&[3]))), "the last state has a successor");
    let failure = Violation::Failure(FailureClass::Evaluation);
    assert_eq!(reason(judge("", failure, &xs(&[3]))), "evaluation does not fail at the end of the trace");
}

#[test]
fn a_step_from_outside_of_the_model_is_none() {
    let answer = judge("CONSTRAINT C\n", Violation::ActionProperty("Jump".to_owned()), &xs(&[6, 8]));
    assert_eq!(reason(answer), "the trace leaves the model: C is false");
    assert_eq!(judge("CONSTRAINT C\n", invariant("Inv"), &xs(&[3, 5])), Replay::Accepted);
}
