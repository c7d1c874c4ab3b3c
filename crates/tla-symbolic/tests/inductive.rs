//! Inductions with known answers. Only the initial states are looked at beforehand, so that what is not reached and what was
//! not foreseen has to be found.

mod common;

use common::{Never, with_system};
use tla_compile::shape::Datum;
use tla_explore::Broken;
use tla_symbolic::inductive::Failing;
use tla_symbolic::{Conclusion, Induction, Options, Target, induct};

const INV: Target = Target::Property(Broken::Invariant(0));
const OTHER: Target = Target::Property(Broken::Invariant(1));
const JUMP: Target = Target::Property(Broken::ActionProperty(0));

/// The induction with the first invariant of the configuration.
fn run(body: &str, config: &str, targets: &[Target]) -> Induction {
    let options = Options { observe: 0, ..Options::default() };
    let config = format!("INIT Init NEXT Next {config}");
    let induction = with_system(body, &config, |system| induct(system, 0, targets, &options, &Never));
    assert!(induction.report.defect.is_none(), "{:?}", induction.report.defect);
    assert_eq!(induction.report.conclusions.len(), targets.len());
    induction
}

fn conclusion(induction: &Induction, target: Target) -> &Conclusion {
    let found = induction.report.conclusions.iter().find(|(known, _)| *known == target);
    &found.expect("a conclusion for each target").1
}

fn holds(induction: &Induction, target: Target) -> bool {
    matches!(conclusion(induction, target), Conclusion::Excluded(0))
}

/// The counterexample for a target, which is declined then.
fn fails(induction: &Induction, target: Target) -> (Failing, Vec<Vec<Datum>>) {
    assert!(matches!(conclusion(induction, target), Conclusion::Declined(_)), "{:?}", induction.report.conclusions);
    let found = induction.counterexamples.iter().find(|(known, _)| *known == target);
    let found = &found.unwrap_or_else(|| panic!("{:?}", induction.report.conclusions)).1;
    (found.failing.clone(), found.states.clone())
}

fn xs(values: &[i64]) -> Vec<Vec<Datum>> {
    values.iter().map(|value| vec![Datum::Int(*value)]).collect()
}

fn reason(induction: &Induction) -> &str {
    match conclusion(induction, INV) {
        Conclusion::Declined(declined) => &declined.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_inductive_invariant_proves_what_it_implies() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = IF x = 6 THEN 0 ELSE x + 2\n\
                Inv == x \\in 0..6 /\\ x % 2 = 0\nOther == x # 3\nJump == [][x' # 5]_x";
    let targets = [INV, OTHER, JUMP, Target::Deadlock];
    let induction = run(body, "INVARIANTS Inv Other PROPERTY Jump", &targets);
    assert!(targets.iter().all(|target| holds(&induction, *target)), "{:?}", induction.report.conclusions);
    assert!(induction.counterexamples.is_empty());
}

#[test]
fn a_step_from_a_state_that_is_never_reached_is_found() {
    // All reachable states satisfy both.
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = IF x = 6 THEN 0 ELSE x + 2\n\
                Inv == x \\in 0..6 /\\ x # 3\nOther == x # 3";
    let induction = run(body, "INVARIANTS Inv Other", &[INV, OTHER]);
    let (failing, states) = fails(&induction, INV);
    assert_eq!(failing, Failing::Step);
    assert!(states == xs(&[1, 3]) || states == xs(&[5, 7]), "{states:?}");
    assert!(!holds(&induction, OTHER), "what is not inductive proves nothing");
}

#[test]
fn states_that_only_the_invariant_speaks_of_are_among_all_states() {
    // Nothing that is met has the value 77, and from there a step leads to 200.
    let body = "VARIABLES x, f\nInit == x = 0 /\\ f = [a |-> {}, b |-> 1]\n\
                Next == x = 77 /\\ f.a = {1, 4} /\\ f.b = 9 /\\ x' = 200 /\\ f' = f\n\
                Inv == x \\in 0..100 /\\ f \\in [a : SUBSET (1..4), b : 1..9]";
    let induction = run(body, "INVARIANT Inv", &[INV]);
    let (failing, states) = fails(&induction, INV);
    assert_eq!(failing, Failing::Step);
    assert_eq!([&states[0][0], &states[1][0]], [&Datum::Int(77), &Datum::Int(200)]);
}

#[test]
fn a_set_that_is_listed_only_here_is_a_hint_too() {
    // TLC keeps the difference of a powerset and the like unlisted; here the elements are known all the same.
    for set in ["(SUBSET (1..4)) \\ {{}}", "{s \\in SUBSET (1..4) : s # {}}"] {
        let body = format!("VARIABLE x\nInit == x = {{1}}\nNext == x = {{1, 4}} /\\ x' = {{}}\nInv == x \\in {set}");
        let (failing, states) = fails(&run(&body, "INVARIANT Inv", &[INV]), INV);
        assert_eq!(failing, Failing::Step, "{set}");
        let set_of = |values: &[i64]| vec![Datum::Set(values.iter().map(|value| Datum::Int(*value)).collect())];
        assert_eq!(states, [set_of(&[1, 4]), set_of(&[])], "{set}");
    }
}

#[test]
fn a_step_to_a_value_that_was_not_foreseen_is_not_dropped() {
    let counter = "VARIABLE x\nInit == x = 0\nNext == x' = IF x = 20 THEN 0 ELSE x + 1\n";
    let induction = run(&format!("{counter}Inv == x >= 0 /\\ x < 21"), "INVARIANT Inv", &[INV]);
    assert!(holds(&induction, INV), "{:?}", induction.report.conclusions);
    assert!(induction.report.rounds >= 20, "{}", induction.report.rounds);
    let induction = run(&format!("{counter}Inv == x >= 0 /\\ x < 20"), "INVARIANT Inv", &[INV]);
    assert_eq!(fails(&induction, INV), (Failing::Step, xs(&[19, 20])));
}

#[test]
fn a_variable_without_a_bound_is_declined() {
    let induction = run("VARIABLE x\nInit == x = 0\nNext == x' = x + 1\nInv == x >= 0", "INVARIANT Inv", &[INV]);
    assert!(reason(&induction).contains("perhaps x"), "{}", reason(&induction));
    assert!(induction.counterexamples.is_empty());
}

#[test]
fn an_initial_state_that_breaks_the_invariant_is_a_behavior() {
    let body = "VARIABLE x\nInit == x \\in {0, 3}\nNext == x' = 0\nInv == x \\in 0..2";
    let induction = run(body, "INVARIANT Inv", &[INV]);
    let Conclusion::Reached(states) = conclusion(&induction, INV) else { panic!("{:?}", induction.report.conclusions) };
    assert_eq!(*states, xs(&[3]));
}

#[test]
fn what_the_invariant_does_not_imply_is_shown() {
    let body = "VARIABLE x\nInit == x = 0\nNext == (x \\in 0..1 /\\ x' = 1 - x) \\/ (x = 2 /\\ x' = 3)\n\
                Inv == x \\in 0..3\nOther == x # 3\nJump == [][x' # 3]_x";
    let induction = run(body, "INVARIANTS Inv Other PROPERTY Jump", &[INV, OTHER, JUMP, Target::Deadlock]);
    assert!(holds(&induction, INV), "{:?}", induction.report.conclusions);
    assert_eq!(fails(&induction, OTHER), (Failing::Target(OTHER), xs(&[3])));
    assert_eq!(fails(&induction, JUMP), (Failing::Target(JUMP), xs(&[2, 3])));
    assert_eq!(fails(&induction, Target::Deadlock), (Failing::Target(Target::Deadlock), xs(&[3])));
}

#[test]
fn what_is_undefined_is_no_proof() {
    let step = "VARIABLE x\nInit == x = 0\nNext == x' = <<0, 0, 0>>[x + 1]\nInv == x \\in 0..3";
    let induction = run(step, "INVARIANT Inv", &[INV]);
    assert_eq!(fails(&induction, INV), (Failing::UndefinedStep, xs(&[3])));
    let invariant = "VARIABLE x\nInit == x = 1\nNext == x' = x\nInv == <<1, 1>>[x] = 1 /\\ x \\in 0..2";
    let induction = run(invariant, "INVARIANT Inv", &[INV]);
    assert!(reason(&induction).starts_with("the invariant has no value"), "{}", reason(&induction));
}

#[test]
fn a_constraint_cuts_steps_off() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = x + 1\nInv == x \\in 0..4\nC == x < 4";
    assert!(holds(&run(body, "INVARIANT Inv CONSTRAINT C", &[INV]), INV));
    assert_eq!(fails(&run(body, "INVARIANT Inv", &[INV]), INV), (Failing::Step, xs(&[4, 5])));
}

#[test]
fn a_range_that_depends_on_a_variable_is_no_hint() {
    let body = "VARIABLES x, y\nInit == x = 0 /\\ y = 2\nNext == x' = (x + 1) % (y + 1) /\\ y' = y\n\
                Inv == y \\in 0..2 /\\ x \\in 0..y";
    let induction = run(body, "INVARIANT Inv", &[INV]);
    assert!(holds(&induction, INV), "{:?}", induction.report.conclusions);
}
