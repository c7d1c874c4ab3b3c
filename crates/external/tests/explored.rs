//! Explorations as an adapter meets them: a cargo that says what its script says.

mod support;

use external::Places;
use external::explored::{Exploration, ExplorationEngine};
use std::time::Duration;
use support::Folder;
use verdict::event::NoEvents;
use verdict::{Context, Engine, Expectation, Strength, Testing, Verdict};

const BOUNDED: &str = r#"{"event":"explored","by":"loom","scenario":"handed on","defect":null,"runs":120,"preemptions":3,"complete":true,"threads":3,"found":null}"#;
const BROKEN: &str = r#"{"event":"explored","by":"loom","scenario":"handed on","defect":"PlainStore","runs":7,"preemptions":3,"complete":false,"threads":3,"found":{"what":"two owners","replayed":true}}"#;

/// A crate, and a cargo whose tests say these lines and end with this code.
fn project(lines: &[&str], code: i32) -> (Folder, Places) {
    let folder = Folder::new();
    folder.write("Cargo.toml", "[package]\nname = \"it\"\n");
    let said: String = lines.iter().map(|line| format!("echo '{line}'\n")).collect();
    let script = format!(
        "if [ \"$1\" = --version ]; then echo cargo 1.90.0; exit 0; fi\ntest \"$INTERLOCK_EXPLORED\" = 1 || exit 9\n{said}echo 'error: test failed' >&2\nexit {code}"
    );
    folder.script("cargo", &script);
    let places = folder.places();
    (folder, places)
}

fn exploration(folder: &Folder) -> Exploration {
    Exploration {
        name: "pool".to_owned(),
        manifest: folder.path().join("Cargo.toml"),
        test: "loom".to_owned(),
        features: vec!["loom".to_owned()],
        release: false,
        scenarios: vec![("handed on".to_owned(), "P.Owner".to_owned())],
        broken: vec![("handed on/PlainStore".to_owned(), "P.Owner".to_owned())],
        asks: Strength::Bounded.into(),
        runs: None,
        seed: None,
        time: Duration::from_secs(60),
    }
}

fn verdicts(lines: &[&str], code: i32) -> Vec<Verdict> {
    let (folder, places) = project(lines, code);
    let engine = ExplorationEngine::new(exploration(&folder), &places);
    let group = engine.discover();
    assert_eq!(
        group.iter().map(|one| one.expectation).collect::<Vec<_>>(),
        [Expectation::Holds, Expectation::Violated]
    );
    engine.discharge(&group, &Context { events: &NoEvents, workers: 1, memory_bytes: None })
}

fn reason(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Declined(decline) => &decline.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_exhaustive_exploration_is_bounded_and_its_defect_refuted() {
    let all = verdicts(&[BOUNDED, BROKEN], 0);
    match &all[0] {
        Verdict::Bounded { bound, depth, unwinding_assertions: false } => {
            assert_eq!(*depth, Some(3));
            assert!(bound.contains("at most 3 preemptions of 3 threads, 120 in all"), "{bound}");
        }
        other => panic!("{other:?}"),
    }
    match &all[1] {
        Verdict::Refuted(refutation) => assert!(refutation.replayed_by.contains("loom"), "{refutation:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_random_one_is_tested_with_its_seed() {
    let line = BOUNDED.replace(r#""preemptions":3,"complete":true"#, r#""seed":4,"scheduler":"PCT of depth 3""#);
    match &verdicts(&[&line, BROKEN], 0)[0] {
        Verdict::Tested(Testing::Sampling(sampling)) => {
            assert_eq!((sampling.runs, sampling.seed), (120, 4));
            assert!(sampling.scheduler.contains("PCT of depth 3"), "{}", sampling.scheduler);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_did_not_run_is_never_a_pass() {
    // The tests passed, and said nothing of the scenario.
    let all = verdicts(&[BROKEN], 0);
    assert!(reason(&all[0]).contains("say nothing of `handed on`"));
    assert!(matches!(all[1], Verdict::Refuted(_)));
    // They failed for a reason that nobody tells.
    for verdict in verdicts(&[BOUNDED, BROKEN], 101) {
        assert!(reason(&verdict).contains("code 101: error: test failed"), "{verdict:?}");
    }
    let none = BOUNDED.replace("\"runs\":120", "\"runs\":0");
    assert!(matches!(verdicts(&[&none, BROKEN], 0)[0], Verdict::Vacuous(_)));
    let cut = BOUNDED.replace("\"complete\":true", "\"complete\":false");
    assert!(reason(&verdicts(&[&cut, BROKEN], 0)[0]).contains("before all were looked at"));
    let silent = BOUNDED.replace(",\"preemptions\":3,\"complete\":true", "");
    assert!(reason(&verdicts(&[&silent, BROKEN], 0)[0]).contains("neither"));
    assert!(reason(&verdicts(&[BOUNDED, BOUNDED], 0)[0]).contains("twice"));
}

#[test]
fn a_finding_counts_only_if_it_was_found_again() {
    let found = BOUNDED.replace("\"found\":null", r#""found":{"what":"lost","replayed":true}"#);
    // The test failed, as it should, and a line says why.
    assert!(matches!(verdicts(&[&found, BROKEN], 101)[0], Verdict::Refuted(_)));
    let once = found.replace("true}}", "false}}");
    assert!(reason(&verdicts(&[&once, BROKEN], 101)[0]).contains("not again"));
    let missed = BROKEN.replace(r#"{"what":"two owners","replayed":true}"#, "null").replace("false", "true");
    assert!(matches!(verdicts(&[BOUNDED, &missed], 0)[1], Verdict::Bounded { .. }), "a defect that nobody found");
}

#[test]
fn without_cargo_or_the_crate_nothing_is_decided() {
    let (folder, places) = project(&[BOUNDED, BROKEN], 0);
    let decide = |exploration: Exploration, places: &Places| {
        let engine = ExplorationEngine::new(exploration, places);
        let group = engine.discover();
        let verdicts = engine.discharge(&group, &Context { events: &NoEvents, workers: 1, memory_bytes: None });
        (verdicts, engine.details())
    };
    let (verdicts, details) = decide(exploration(&folder), &Places::default());
    assert!(reason(&verdicts[0]).contains("cargo is not installed"));
    assert_eq!(details[0].absent_tool.as_deref(), Some("cargo"));
    let elsewhere = Exploration { manifest: folder.path().join("no/Cargo.toml"), ..exploration(&folder) };
    let (verdicts, details) = decide(elsewhere, &places);
    assert!(reason(&verdicts[0]).contains("the crate is not here"));
    assert_eq!(details[0].absent_tool, None);
}
