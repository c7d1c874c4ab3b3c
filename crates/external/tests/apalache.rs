//! Apalache as the adapter meets it: a script that answers in the words of Apalache's sources and manual. It was never run
//! against the real one. Whatever is no answer must not become a pass, and a contradiction must be an internal error.

mod support;

use external::apalache::{OpinionEngine, Question};
use external::budget::Budget;
use external::tlc::compare::Ours;
use external::tlc::output::{Counts, Kind};
use external::{Places, tlc};
use std::time::Duration;
use support::{Folder, is_a_pass, words};
use verdict::engine::Details;
use verdict::event::NoEvents;
use verdict::{Context, Engine, FailureClass, Testing, Verdict};

fn ours(violated: &[(&str, Kind)]) -> Ours {
    Ours {
        violated: violated.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect(),
        failed: Vec::new(),
        undecided: Vec::new(),
        held: vec!["Small".to_owned()],
        counts: Some(Counts { generated: 4, distinct: 4, queue: 0, depth: Some(4) }),
        complete: violated.is_empty(),
        goes_on: false,
        incomparable: None,
    }
}

fn question(ours: Ours, shortest: Option<u64>) -> Question {
    let model = tlc::Question {
        model: "Steps".to_owned(),
        spec: "/models/Steps.tla".into(),
        config: Ok("INIT Init\nNEXT Next\nINVARIANT Small\n".to_owned()),
        deadlock: true,
        library: Vec::new(),
        time: Duration::from_secs(60),
        memory: 256 << 20,
        inputs: Vec::new(),
        ours,
    };
    Question { model, shortest, temporal: false, narrowed: false }
}

fn said(outcome: &str, exit: &str) -> String {
    format!(
        "# APALACHE version: 0.47.2 | build: 0.47.2                I@10:00:00.000\nStarting checker server-less      \
         I@10:00:00.100\nThe outcome is: {outcome}      I@10:00:01.000\nIt took me 0 days  0 hours  0 min  1 sec     \
         I@10:00:01.001\nTotal time: 1.0 sec      I@10:00:01.001\nEXITCODE: {exit}\n"
    )
}

/// An Apalache that says this, after these commands, and ends with this code.
struct Recorded {
    output: String,
    before: String,
    code: i32,
    version: String,
}

impl Recorded {
    fn new(outcome: &str, exit: &str, code: i32) -> Self {
        Self { output: said(outcome, exit), before: String::new(), code, version: "0.47.2".to_owned() }
    }

    /// One with a counterexample of so many states.
    fn violation(states: usize) -> Self {
        let states = vec![r#"{"x":1}"#; states].join(",");
        let before = format!(
            "for word in \"$@\"; do case \"$word\" in --run-dir=*) dir=${{word#--run-dir=}};; esac; done\n\
             /bin/mkdir -p \"$dir\"; echo '{{\"vars\":[\"x\"],\"states\":[{states}]}}' > \"$dir/violation.itf.json\""
        );
        Self { before, ..Self::new("Error", "ERROR (12)", 12) }
    }

    fn ask(&self, question: &Question) -> (Verdict, Details) {
        let folder = Folder::new();
        let Self { output, before, code, version } = self;
        let script = format!(
            "if [ \"$1\" = version ]; then echo {version}; exit 0; fi\n{before}\n/bin/cat <<'END'\n{output}END\nexit {code}"
        );
        folder.script("apalache-mc", &script);
        let (places, budget) = (folder.places(), Budget::new(None));
        decide(question, &places, &budget, &folder)
    }
}

fn decide(question: &Question, places: &Places, budget: &Budget, folder: &Folder) -> (Verdict, Details) {
    let engine = OpinionEngine::new(question, places, budget, &folder.path().join("cache"));
    let group = engine.discover();
    let verdict = engine.discharge(&group, &Context { events: &NoEvents, workers: 1, memory_bytes: None }).remove(0);
    let details = engine.details().remove(0);
    (verdict, details)
}

#[track_caller]
fn check_contradiction(recorded: &Recorded, question: &Question, expected: &str) {
    let (verdict, details) = recorded.ask(question);
    let Verdict::Failed(failure) = &verdict else { panic!("{}", words(&verdict)) };
    assert_eq!(failure.class, FailureClass::Internal);
    assert!(failure.message.contains(expected), "{}", failure.message);
    let names: Vec<&str> = details.files.iter().map(|file| file.name.as_str()).collect();
    assert!(names.starts_with(&["apalache.txt", "apalache.interlock.json"]), "{names:?}");
}

#[test]
fn what_agrees_is_tested_up_to_its_length() {
    let (verdict, details) = Recorded::new("NoError", "OK", 0).ask(&question(ours(&[]), None));
    let Verdict::Tested(Testing::Comparison(comparison)) = &verdict else { panic!("{}", words(&verdict)) };
    assert_eq!(comparison.with, "Apalache 0.47.2");
    assert_eq!(comparison.compared, ["nothing found in 10 steps"]);
    assert_eq!((details.figures["length"], details.files.len()), (10.0, 0));
    let refuted = question(ours(&[("Small", Kind::Finite)]), Some(3));
    let (verdict, details) = Recorded::violation(4).ask(&refuted);
    let Verdict::Tested(Testing::Comparison(comparison)) = &verdict else { panic!("{}", words(&verdict)) };
    assert_eq!(comparison.compared, ["a violation", "3 steps"]);
    assert_eq!(details.figures["length"], 3.0);
}

#[test]
fn a_contradiction_is_an_internal_error_with_both_outputs() {
    let (held, refuted) = (question(ours(&[]), None), question(ours(&[("Small", Kind::Finite)]), Some(3)));
    check_contradiction(&Recorded::violation(4), &held, "finds a violation within 10 steps; here nothing is refuted");
    check_contradiction(&Recorded::new("Deadlock", "ERROR (12)", 12), &held, "finds a deadlock");
    check_contradiction(
        &Recorded::new("NoError", "OK", 0),
        &refuted,
        "finds nothing in 3 steps; here Small is refuted",
    );
    check_contradiction(&Recorded::violation(3), &refuted, "finds a violation in 2 steps; here the shortest");
    let (_, details) = Recorded::violation(3).ask(&refuted);
    assert_eq!(details.files[2].name, "apalache.itf.json");
}

#[test]
fn what_one_of_the_two_left_open_contradicts_nobody() {
    let narrowed = Question { narrowed: true, ..question(ours(&[]), None) };
    let undecided = question(Ours { undecided: vec!["Large".to_owned()], ..ours(&[]) }, None);
    let cut = question(Ours { complete: false, ..ours(&[]) }, None);
    for open in [&narrowed, &undecided, &cut] {
        let (verdict, _) = Recorded::violation(4).ask(open);
        assert!(matches!(verdict, Verdict::Declined(_)), "{}", words(&verdict));
    }
    let (verdict, _) = Recorded::new("NoError", "OK", 0).ask(&cut);
    assert!(matches!(verdict, Verdict::Declined(_)), "{}", words(&verdict));
    // It looks for deadlocks where it is told not to.
    let mut without = question(ours(&[]), None);
    without.model.deadlock = false;
    let (verdict, _) = Recorded::new("Deadlock", "ERROR (12)", 12).ask(&without);
    assert!(matches!(verdict, Verdict::Declined(_)), "{}", words(&verdict));
}

#[test]
fn what_is_no_answer_is_declined() {
    let error = |line: &str, code: i32| Recorded {
        output: format!("{line}      E@10:00:00.000\nEXITCODE: ERROR ({code})\n"),
        ..Recorded::new("", "", code)
    };
    let whole = said("NoError", "OK");
    let odd = [
        (error("[Steps.tla:3:10-3:10]: Expected a type annotation for VARIABLE x", 120), "the types do not fit"),
        (error("Unsupported construct", 75), "cannot evaluate"),
        (error("Parsing error", 150), "cannot read"),
        (error("Error: Ran out of heap memory", 255), "memory ran out"),
        (Recorded { output: whole.clone(), ..Recorded::new("", "", 12) }, "says `OK` and ends with code 12"),
        (Recorded { output: whole[..whole.len() - 14].to_owned() + "\n", ..Recorded::new("", "", 0) }, "ends early"),
        (Recorded { before: "kill -SEGV $$".to_owned(), ..Recorded::new("NoError", "OK", 0) }, "killed (signal 11)"),
        (Recorded { version: "0.30.1".to_owned(), ..Recorded::new("NoError", "OK", 0) }, "too old: 0.40 or newer"),
        (Recorded { version: "hello".to_owned(), ..Recorded::new("NoError", "OK", 0) }, "does not say which version"),
    ];
    for (recorded, expected) in odd {
        let (verdict, _) = recorded.ask(&question(ours(&[]), None));
        assert!(!is_a_pass(&verdict) && words(&verdict).contains(expected), "{expected}: {}", words(&verdict));
    }
    let mut hurried = question(ours(&[]), None);
    hurried.model.time = Duration::from_secs(1);
    let slow = Recorded { before: "/bin/sleep 1000".to_owned(), ..Recorded::new("NoError", "OK", 0) };
    assert!(words(&slow.ask(&hurried).0).contains("stopped after 1 s"));
}

#[test]
fn who_cannot_be_asked_is_not() {
    let folder = Folder::new();
    let (places, budget) = (folder.places(), Budget::new(None));
    let (verdict, details) = decide(&question(ours(&[]), None), &places, &budget, &folder);
    assert_eq!(words(&verdict), "Declined: apalache is not installed");
    assert_eq!(details.absent_tool.as_deref(), Some("apalache"));
    let temporal = Question { temporal: true, ..question(ours(&[]), None) };
    let (verdict, _) = Recorded::new("NoError", "OK", 0).ask(&temporal);
    assert!(words(&verdict).contains("not asked about temporal properties"), "{}", words(&verdict));
    let mut without = question(ours(&[]), None);
    without.model.config = Err("its configuration stands behind the module".to_owned());
    let (verdict, _) = Recorded::new("NoError", "OK", 0).ask(&without);
    assert!(words(&verdict).contains("stands behind the module"), "{}", words(&verdict));
}
