//! Small specifications with known answers, through all engines.

mod common;

use common::{Never, with_system};
use tla_explore::{Broken, TransitionSystem};
use tla_symbolic::{Choice, Conclusion, Engine, Options, Report, Target, prove};

fn with_options(body: &str, config: &str, targets: &[Target], options: &Options) -> Report {
    let report = with_system(body, config, |system| prove(system, targets, options, &Never));
    assert!(report.defect.is_none(), "{:?}", report.defect);
    report
}

fn run(body: &str, config: &str, engine: Engine, targets: &[Target]) -> Report {
    let length = (engine == Engine::Bounded).then_some(8);
    let with = |solver, visit| {
        let options = Options { engine, observe: 0, length, solver, go_on: true, visit, ..Options::default() };
        with_options(body, config, targets, &options)
    };
    let report = with(Choice::Auto, None);
    // No answer may depend on which solver gives it, or on whether states were visited before.
    let visited = |most| if engine == Engine::Auto { Some(most) } else { None };
    for (solver, visit) in
        [(Choice::Batsat, None), (Choice::Cadical, None), (Choice::Auto, visited(1000)), (Choice::Auto, visited(3))]
    {
        let other = with(solver, visit);
        for ((target, own), (_, others)) in report.conclusions.iter().zip(&other.conclusions) {
            let same = match (own, others) {
                (Conclusion::Reached(a), Conclusion::Reached(b)) => a.len() == b.len(),
                (Conclusion::Bounded(a), Conclusion::Bounded(b)) => a == b,
                _ => std::mem::discriminant(own) == std::mem::discriminant(others),
            };
            assert!(same, "{target:?} with {solver:?}, visited: {visit:?}: {own:?}, {others:?}");
        }
    }
    report
}

const INVARIANT: Target = Target::Property(Broken::Invariant(0));
const COUNTER: &str = "VARIABLE x\nInit == x = 0\nNext == x' = IF x = 5 THEN 0 ELSE x + 1\n";

#[test]
fn an_invariant_is_shown_by_reachability() {
    let body = format!("{COUNTER}Inv == x # 7 /\\ x < 6");
    let report = run(&body, "INIT Init NEXT Next INVARIANT Inv", Engine::Auto, &[INVARIANT, Target::Deadlock]);
    assert!(matches!(report.conclusions[0].1, Conclusion::Excluded(0)), "{:?}", report.conclusions);
    assert!(matches!(report.conclusions[1].1, Conclusion::Excluded(_)), "{:?}", report.conclusions);
}

#[test]
fn a_counterexample_is_a_shortest_one() {
    let body = format!("{COUNTER}Inv == x # 4");
    for engine in [Engine::Auto, Engine::Bounded, Engine::Induction, Engine::Reachability] {
        let report = run(&body, "INIT Init NEXT Next INVARIANT Inv", engine, &[INVARIANT]);
        let Conclusion::Reached(states) = &report.conclusions[0].1 else { panic!("{:?}", report.conclusions) };
        assert_eq!(states.len(), 5);
    }
}

#[test]
fn k_induction_shows_what_is_inductive() {
    let body = format!("{COUNTER}Inv == x < 6");
    let report = run(&body, "INIT Init NEXT Next INVARIANT Inv", Engine::Induction, &[INVARIANT]);
    assert!(matches!(report.conclusions[0].1, Conclusion::Excluded(0)), "{:?}", report.conclusions);
}

#[test]
fn values_that_were_not_foreseen_are_found() {
    // Only the initial state is looked at, so most of the values have to be found.
    let body = "VARIABLES q, s\nInit == q = <<>> /\\ s = {}\nNext == \\/ (Len(q) < 3 /\\ q' = Append(q, Len(q)) /\\ s' = s \\cup {Len(q)})\n  \\/ (q # <<>> /\\ q' = Tail(q) /\\ s' = s \\ {Head(q)})\nInv == Cardinality(s) <= Len(q) + 1 /\\ Len(q) <= 3";
    let report = run(body, "INIT Init NEXT Next INVARIANT Inv", Engine::Auto, &[INVARIANT]);
    assert!(matches!(report.conclusions[0].1, Conclusion::Excluded(0)), "{:?}", report.conclusions);
    assert!(report.rounds > 0);
}

#[test]
fn what_is_undefined_is_no_proof() {
    let body = "VARIABLE q\nInit == q = <<1, 2>>\nNext == q' = Tail(q)\nInv == Len(q) < 9";
    let report = run(body, "INIT Init NEXT Next INVARIANT Inv", Engine::Auto, &[INVARIANT]);
    assert!(matches!(report.conclusions[0].1, Conclusion::Declined(_)), "{:?}", report.conclusions);
}

#[test]
fn a_deadlock_is_reached() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x < 3 /\\ x' = x + 1\nInv == x < 9";
    let report = run(body, "INIT Init NEXT Next INVARIANT Inv", Engine::Auto, &[INVARIANT, Target::Deadlock]);
    assert!(matches!(report.conclusions[0].1, Conclusion::Excluded(_)), "{:?}", report.conclusions);
    let Conclusion::Reached(states) = &report.conclusions[1].1 else { panic!("{:?}", report.conclusions) };
    assert_eq!(states.len(), 4);
}

#[test]
fn an_action_property_is_broken_by_a_step() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % 4\nUp == [][x' > x]_x";
    let target = Target::Property(Broken::ActionProperty(0));
    let report = run(body, "INIT Init NEXT Next PROPERTY Up", Engine::Auto, &[target]);
    let Conclusion::Reached(states) = &report.conclusions[0].1 else { panic!("{:?}", report.conclusions) };
    assert_eq!(states.len(), 5);
}

#[test]
fn unions_of_sets_that_are_not_listed_have_elements() {
    let body = "VARIABLE x\nInit == x = {}\nNext == \\E e \\in SUBSET {1, 2} \\cup SUBSET {2, 3} : x' = e\nInv == ~({1, 3} \\subseteq x)";
    let report = run(body, "INIT Init NEXT Next INVARIANT Inv", Engine::Auto, &[INVARIANT]);
    assert!(matches!(report.conclusions[0].1, Conclusion::Excluded(0)), "{:?}", report.conclusions);
}

/// Two processes that do not touch each other: bounded checking looks at one order of their steps.
#[test]
fn an_order_of_independent_steps_is_enough_for_a_shortest_counterexample() {
    let body = "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nA == x < 4 /\\ x' = x + 1 /\\ UNCHANGED y\n\
                B == y < 4 /\\ y' = y + 1 /\\ UNCHANGED x\nC == x = y /\\ x' = 0 /\\ UNCHANGED y\nNext == A \\/ B \\/ C\n\
                Inv == ~(x = 3 /\\ y = 2)\nLater == ~(x = 0 /\\ y = 4)";
    let config = "INIT Init NEXT Next INVARIANT Inv INVARIANT Later";
    let later = Target::Property(Broken::Invariant(1));
    for engine in [Engine::Auto, Engine::Bounded] {
        let report = run(body, config, engine, &[INVARIANT, later]);
        let lengths: Vec<usize> = report
            .conclusions
            .iter()
            .map(|(_, conclusion)| match conclusion {
                Conclusion::Reached(states) => states.len(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(lengths, [6, 5]);
    }
}

#[test]
fn without_going_on_the_others_are_left() {
    let body = format!("{COUNTER}Inv == x # 4\nFar == x # 5");
    let config = "INIT Init NEXT Next INVARIANT Inv INVARIANT Far";
    let targets = [INVARIANT, Target::Property(Broken::Invariant(1))];
    let options = Options { observe: 0, go_on: false, ..Options::default() };
    let report = with_options(&body, config, &targets, &options);
    assert!(matches!(&report.conclusions[0].1, Conclusion::Reached(states) if states.len() == 5));
    assert!(matches!(report.conclusions[1].1, Conclusion::Left(3)), "{:?}", report.conclusions);
}

#[test]
fn enabled_is_whether_there_is_a_step() {
    let body = "VARIABLES x, y\nInit == x = 0 /\\ y = FALSE\nUp == x < 5 /\\ x' = x + 1 /\\ UNCHANGED y\n\
                Reset == x = 5 /\\ x' \\in {0, 1} /\\ y' = ENABLED Up\nNext == Up \\/ Reset\n\
                Inv == (ENABLED Up) = (x < 5) /\\ (ENABLED (x' = x - 1 /\\ x' \\in 0..3)) = (x \\in 1..4) /\\ y = FALSE\n\
                Wrong == ENABLED Reset => x = 4";
    let config = "INIT Init NEXT Next INVARIANT Inv INVARIANT Wrong";
    let wrong = Target::Property(Broken::Invariant(1));
    let report = run(body, config, Engine::Auto, &[INVARIANT, wrong]);
    assert!(matches!(report.conclusions[0].1, Conclusion::Excluded(_)), "{:?}", report.conclusions);
    assert!(matches!(&report.conclusions[1].1, Conclusion::Reached(states) if states.len() == 6));
}

/// A counter for each process; the processes are strings, so that the function looks like a record.
fn counters(processes: &str, most: u32) -> String {
    let names: Vec<String> = processes.chars().map(|name| format!("\"{name}\"")).collect();
    let turn = |all: String, name: &String| format!("IF x[{name}] < {most} THEN Count({name}) ELSE {all}");
    let next = names.iter().rev().fold("FALSE".to_owned(), turn);
    format!(
        "P == {{{}}}\nVARIABLE x\nInit == x = [p \\in P |-> 0]\nCount(p) == x' = [x EXCEPT ![p] = @ + 1]\n\
         Next == {next}\nInv == \\A p \\in P : x[p] <= {most}",
        names.join(", ")
    )
}

fn declared(text: &str) -> Option<tla_syntax::annotation::Type> {
    let text = format!("---- MODULE T ----\nVARIABLE \\* @type: {text};\n x\n====\n");
    let specification = tla_syntax::load::load_from_text("T", &text, &[]).expect("a module");
    tla_syntax::annotation::read(&specification).declared.pop().map(|one| one.of)
}

#[test]
fn a_declared_type_spares_widening() {
    let rounds = |body: &str, types: Vec<Option<tla_syntax::annotation::Type>>| {
        let options = Options { observe: 0, engine: Engine::Reachability, types, ..Options::default() };
        let report = with_options(body, "INIT Init NEXT Next INVARIANT Inv", &[INVARIANT], &options);
        assert!(matches!(report.conclusions[0].1, Conclusion::Excluded(_)), "{:?}", report.conclusions);
        report.rounds
    };
    let body = counters("pqrstuvw", 70);
    let (without, with) = (rounds(&body, Vec::new()), rounds(&body, vec![declared("Str -> Int")]));
    assert!(with < without, "{with} rounds with the type, {without} without");
}

#[test]
fn a_search_that_was_ended_does_not_end_what_comes_after_it() {
    // The interpreter has to go on: what is supposed of the variables comes from it.
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % 6 /\\ Cardinality({n \\in 0..4000 : n >= x}) > 9\nInv == x < 6";
    let options = Options { observe: 10, ..Options::default() };
    let report = with_system(body, "INIT Init NEXT Next INVARIANT Inv", |system| {
        // As a search leaves it whose time was over while states were expanded.
        system.interrupt(true);
        prove(system, &[INVARIANT], &options, &Never)
    });
    assert!(report.defect.is_none(), "{:?}", report.defect);
    assert!(matches!(report.conclusions[0].1, Conclusion::Excluded(_)), "{:?}", report.conclusions);
}
