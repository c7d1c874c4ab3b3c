//! Temporal properties with known answers, through lassos and k-liveness. What is shown to hold has to be accepted by the
//! independent checker.

use recheck::certificate::{Counting, Judgement, certify_counts};
use tla_explore::interpret::Interpreted;
use tla_model::model::Model;
use tla_symbolic::certificate::countable;
use tla_symbolic::liveness::{Outcome, prove as decide};
use tla_symbolic::{Options, Target, Watch, prove};
use tla_syntax::SourceMap;
use tla_syntax::config::{Config, parse_config};
use tla_syntax::load::{Specification, load_from_text};
use verdict::event::NoEvents;

struct Never;

impl Watch for Never {
    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _engine: &'static str, _text: &str) {}
}

/// Counts to three and begins anew, or stays at five once it was there.
const COUNTER: &str = "VARIABLES x, y
vars == <<x, y>>
Init == x = 0 /\\ y = 0
Up == x < 3 /\\ x' = x + 1 /\\ UNCHANGED y
Down == x = 3 /\\ x' = 0 /\\ UNCHANGED y
Leap == x = 2 /\\ x' = 5 /\\ UNCHANGED y
Other == y' = 1 - y /\\ UNCHANGED x
Next == Up \\/ Down \\/ Leap \\/ Other
None == Init /\\ [][Next]_vars
Weak == None /\\ WF_vars(Up) /\\ WF_vars(Down)
Strong == Weak /\\ SF_vars(Leap)
";

fn read(body: &str, config: &str) -> (Specification, Config) {
    let text = format!("---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets\n{body}\n====\n");
    let specification = load_from_text("T", &text, &[]).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
    let (mut sources, mut diagnostics) = (SourceMap::new(), Vec::new());
    let file = sources.add("T.cfg", config);
    let config = parse_config(&sources, file, &mut diagnostics).expect("a configuration");
    (specification, config)
}

/// What is found of the temporal parts of the only property, with the proofs.
fn outcomes(specification: &Specification, config: &Config) -> (Vec<Outcome>, Vec<Counting>) {
    let model = Model::build(specification, config).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
    let system = Interpreted::new(&model, &specification.sources, &NoEvents);
    let options = Options { observe: 10, ..Options::default() };
    let report = prove(&system, &[Target::Overflow], &options, &Never);
    assert!(report.defect.is_none(), "{:?}", report.defect);
    let parts: Vec<usize> = (0..model.temporal_properties.len()).collect();
    let found = decide(&system, &parts, &report, &options, &Never);
    let outcomes: Vec<Outcome> = found.parts.iter().flat_map(|(_, outcomes)| outcomes.clone()).collect();
    let built = found.built.expect("a circuit");
    let proofs = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Holds(counted) => Some(countable(&model, &report.shapes, &built, counted)),
            Outcome::Violated(..) | Outcome::Bounded(_) | Outcome::Declined(_) => None,
        })
        .collect();
    (outcomes, proofs)
}

/// Whether a formula holds under a specification.
fn holds(specification: &str, formula: &str) -> bool {
    let body = format!("{COUNTER}P == {formula}");
    let (text, config) = read(&body, &format!("SPECIFICATION {specification}\nPROPERTY P\n"));
    let (outcomes, proofs) = outcomes(&text, &config);
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Violated(..))) {
        return false;
    }
    assert_eq!(proofs.len(), outcomes.len(), "{formula}: {outcomes:?}");
    let judgement = certify_counts(&text, &config, "P", &proofs, &|| false);
    assert!(matches!(judgement, Judgement::Accepted { .. }), "{formula}: {judgement:?}");
    true
}

#[test]
fn stuttering_for_ever_violates_what_nothing_is_fair_to() {
    assert!(!holds("None", "<>(x = 1)"));
    assert!(!holds("None", "[]<>(x = 0)"));
    assert!(holds("None", "<>[](x = 0) \\/ <>(x = 1)"));
}

#[test]
fn weak_fairness_takes_steps_that_stay_enabled() {
    assert!(holds("Weak", "<>(x = 1)"));
    assert!(holds("Weak", "(x = 0) ~> (x = 2)"));
    assert!(holds("Weak", "[]<>(x = 0) \\/ <>[](x = 5)"));
    assert!(!holds("Weak", "[]<>(x = 0)"), "it may leap");
    assert!(!holds("Weak", "<>(x = 5)"), "it need not leap: Leap is not enabled for good");
    assert!(!holds("Weak", "[]<>(y = 1)"), "nothing is fair to the other variable");
}

#[test]
fn strong_fairness_takes_steps_that_are_enabled_again_and_again() {
    assert!(holds("Strong", "<>(x = 5)"));
    assert!(holds("Strong", "<>[](x = 5)"));
    assert!(!holds("Strong", "[]<>(x = 0)"));
}

#[test]
fn formulas_may_be_nested() {
    assert!(holds("Weak", "[]((x = 2) => <>[](x = 5) \\/ <>(x = 0))"));
    assert!(!holds("Weak", "[]((x = 2) => <>[](x = 5))"));
    assert!(holds("Strong", "[]<>(x = 0) => <>[](y = 2)"), "what is asked for never happens");
    assert!(holds("Weak", "(<>[](x = 5)) <=> <>(x = 5)"));
    assert!(!holds("Weak", "(<>(y = 1)) <=> <>(x = 5)"));
    assert!(holds("Weak", "\\A n \\in 0..2 : (x = n) ~> (x # n)"));
    assert!(!holds("Weak", "\\A n \\in 3..5 : (x = n) ~> (x # n)"));
}

#[test]
fn actions_are_asked_of_steps() {
    assert!(holds("Strong", "<><<Leap>>_vars"));
    assert!(holds("Strong", "[]<><<Up>>_x => []<><<Down>>_x"));
    assert!(!holds("Weak", "<>[][Other]_vars"));
    assert!(holds("Strong", "<>[][Other]_vars"));
}

#[test]
fn fairness_inside_of_a_property_is_a_formula() {
    assert!(holds("Weak", "WF_vars(Up)"));
    assert!(!holds("Weak", "SF_vars(Leap)"));
    assert!(holds("Strong", "WF_vars(Up \\/ Leap) /\\ SF_vars(Down)"));
}

#[test]
fn proofs_of_another_formula_are_rejected() {
    let body = format!("{COUNTER}P == <>(x = 1)\nQ == <>(x = 4)\nR == <>(y = 1)");
    let (text, config) = read(&body, "SPECIFICATION Weak\nPROPERTY P\n");
    let (_, proofs) = outcomes(&text, &config);
    let judge = |property: &str, proofs: &[Counting]| {
        let (text, config) = read(&body, &format!("SPECIFICATION Weak\nPROPERTY {property}\n"));
        certify_counts(&text, &config, property, proofs, &|| false)
    };
    assert!(matches!(judge("P", &proofs), Judgement::Accepted { .. }));
    let mut random = 1u64;
    let mut draw = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below.max(1)
    };
    // No proof of what does not hold may be accepted, whatever is done to it.
    for property in ["Q", "R"] {
        for _ in 0..60 {
            let mut mutants = proofs.clone();
            let cubes = &mut mutants[0].certificate.cubes;
            let (at, literals) = (draw(cubes.len()), 14);
            match draw(4) {
                0 => drop(cubes.remove(at)),
                1 => cubes.push((0..1 + draw(3)).map(|_| (draw(literals) as u32, draw(2) == 1)).collect()),
                2 if cubes[at].len() > 1 => {
                    let literal = draw(cubes[at].len());
                    cubes[at].remove(literal);
                }
                _ => {
                    let literal = draw(cubes[at].len());
                    cubes[at][literal].1 ^= true;
                }
            }
            let judgement = judge(property, &mutants);
            assert!(!matches!(judgement, Judgement::Accepted { .. }), "{property} by {:?}", mutants[0]);
        }
        let judgement = judge(property, &proofs);
        assert!(matches!(judgement, Judgement::Rejected { .. }), "{judgement:?}");
    }
    let mut less = proofs.clone();
    less[0].monitor -= 1;
    assert!(matches!(judge("P", &less), Judgement::Unsupported { .. }), "another monitor");
    assert!(matches!(judge("P", &[]), Judgement::Rejected { .. }), "no proof");
    let twice = [proofs.clone(), proofs].concat();
    assert!(!matches!(judge("P", &twice), Judgement::Accepted { .. }), "more proofs than conjuncts");
}
