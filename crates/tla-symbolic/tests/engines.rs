//! Small specifications with known answers, through all engines.

use tla_explore::Broken;
use tla_explore::interpret::Interpreted;
use tla_model::model::Model;
use tla_symbolic::{Conclusion, Engine, Options, Report, Target, Watch, prove};
use tla_syntax::SourceMap;
use tla_syntax::config::parse_config;
use tla_syntax::load::load_from_text;
use verdict::event::NoEvents;

struct Never;

impl Watch for Never {
    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _engine: &'static str, _text: &str) {}
}

fn run(body: &str, config: &str, engine: Engine, targets: &[Target]) -> Report {
    let text = format!("---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets\n{body}\n====\n");
    let specification = load_from_text("T", &text, &[]).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
    let (mut sources, mut diagnostics) = (SourceMap::new(), Vec::new());
    let file = sources.add("T.cfg", config);
    let config = parse_config(&sources, file, &mut diagnostics).expect("a configuration");
    let model = Model::build(&specification, &config).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
    let system = Interpreted::new(&model, &specification.sources, &NoEvents);
    let options = Options { engine, observe: 0, length: (engine == Engine::Bounded).then_some(8) };
    let report = prove(&system, targets, &options, &Never);
    assert!(report.defect.is_none(), "{:?}", report.defect);
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
