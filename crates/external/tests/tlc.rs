//! TLC as the adapter meets it: a `java` that says what was recorded of a real run, and where a jar is named the real one.
//! Whatever is no answer must not become a pass, and a contradiction must be an internal error with both outputs.

mod support;

use external::Places;
use external::budget::Budget;
use external::catalogue::{JAVA, TLC};
use external::tlc::compare::Ours;
use external::tlc::output::{Counts, Kind};
use external::tlc::{OpinionEngine, Question};
use std::path::Path;
use std::time::Duration;
use support::{Folder, have, is_a_pass, real_places, words};
use verdict::engine::Details;
use verdict::event::NoEvents;
use verdict::{Context, Engine, FailureClass, Testing, Verdict};

const COMPLETE: &str = include_str!("tlc/complete.txt");
const VIOLATION: &str = include_str!("tlc/violation.txt");
const DEADLOCK: &str = include_str!("tlc/deadlock.txt");
const TEMPORAL: &str = include_str!("tlc/temporal.txt");
const OVERFLOW: &str = include_str!("tlc/overflow.txt");
const UNDEFINED: &str = include_str!("tlc/undefined.txt");
const MEMORY: &str = include_str!("tlc/memory.txt");

/// A complete search of four states in a row.
fn ours() -> Ours {
    Ours {
        violated: Vec::new(),
        failed: Vec::new(),
        undecided: Vec::new(),
        held: vec!["Small".to_owned()],
        counts: Some(Counts { generated: 4, distinct: 4, queue: 0, depth: Some(4) }),
        complete: true,
        goes_on: false,
        incomparable: None,
    }
}

/// The same search, which has refuted this property; before the end if the behavior is finite.
fn refuted(name: &str, kind: Kind, generated: u64, depth: u64) -> Ours {
    Ours {
        violated: vec![(name.to_owned(), kind)],
        held: Vec::new(),
        counts: Some(Counts { generated, distinct: generated, queue: 0, depth: Some(depth) }),
        complete: kind == Kind::Temporal,
        ..ours()
    }
}

fn question(ours: Ours) -> Question {
    Question {
        model: "Steps".to_owned(),
        spec: "/models/Steps.tla".into(),
        config: Ok("SPECIFICATION Spec\n".to_owned()),
        deadlock: true,
        library: Vec::new(),
        time: Duration::from_secs(60),
        memory: 256 << 20,
        inputs: Vec::new(),
        ours,
    }
}

fn ask(question: &Question, places: &Places, folder: &Path) -> (Verdict, Details) {
    let budget = Budget::new(None);
    let engine = OpinionEngine::new(question, places, &budget, folder.join("run"));
    let group = engine.discover();
    let context = Context { events: &NoEvents, workers: 1, memory_bytes: None };
    let verdict = engine.discharge(&group, &context).remove(0);
    let left = std::fs::read_dir(folder.join("run")).into_iter().flatten().flatten();
    assert!(left.map(|entry| entry.path()).all(|path| path.is_file()), "the folder of the run is removed");
    (verdict, engine.details().remove(0))
}

/// A `java` that does this, and a jar.
fn machine(script: &str) -> (Folder, Places) {
    let folder = Folder::new();
    folder.script(
        "java",
        &format!("if [ \"$1\" = -version ]; then echo 'openjdk version \"17.0.1\"' >&2; exit 0; fi\n{script}"),
    );
    let mut places = folder.places();
    places.configured.insert(TLC.to_owned(), folder.write("tla2tools.jar", ""));
    (folder, places)
}

/// What is made of a run that says this on its streams and ends with this code.
fn told(stdout: &str, stderr: &str, code: i32, ours: Ours) -> (Verdict, Details) {
    let (folder, places) = machine("");
    let (out, err) = (folder.write("out", stdout), folder.write("err", stderr));
    let script = format!("cat '{}'; cat '{}' >&2; exit {code}", out.display(), err.display());
    let (other, _) = machine(&script);
    let places = Places { path: vec![other.path().join("bin")], ..places };
    ask(&question(ours), &places, folder.path())
}

fn agreement(verdict: &Verdict) -> (&[String], &[String]) {
    match verdict {
        Verdict::Tested(Testing::Comparison(comparison)) => (&comparison.compared, &comparison.not_compared),
        other => panic!("{other:?}"),
    }
}

fn is_internal(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Failed(failure) if failure.class == FailureClass::Internal)
}

fn reason(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Declined(decline) => &decline.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_verdict_and_counts_agree() {
    let (verdict, details) = told(COMPLETE, "", 0, ours());
    assert_eq!(agreement(&verdict).0, ["nothing found", "generated 4", "distinct 4", "depth 4"]);
    assert!(agreement(&verdict).1.is_empty());
    assert!(details.files.is_empty());
    assert_eq!(details.tools.get("java").map(String::as_str), Some("17.0.1"));
    assert!(details.tools["tlc"].starts_with("TLC2 Version"));
}

#[test]
fn the_same_violation_with_the_same_counts_agrees() {
    for (output, code, ours) in [
        (VIOLATION, 12, refuted("Tiny", Kind::Finite, 3, 3)),
        (DEADLOCK, 11, refuted("Deadlock", Kind::Deadlock, 4, 4)),
        (TEMPORAL, 13, refuted("Reaches", Kind::Temporal, 4, 4)),
    ] {
        let (verdict, _) = told(output, "", code, ours);
        assert_eq!(agreement(&verdict).0.len(), 4, "{verdict:?}");
    }
}

#[test]
fn another_count_or_verdict_is_an_internal_error_with_both_outputs() {
    let counts = |generated, distinct, depth| Ours {
        counts: Some(Counts { generated, distinct, queue: 0, depth: Some(depth) }),
        ..ours()
    };
    for (output, code, ours) in [
        (COMPLETE, 0, counts(5, 4, 4)),
        (COMPLETE, 0, counts(4, 3, 4)),
        (COMPLETE, 0, counts(4, 4, 5)),
        (COMPLETE, 0, refuted("Small", Kind::Finite, 4, 4)),
        (VIOLATION, 12, ours()),
        (VIOLATION, 12, Ours { held: vec!["Tiny".to_owned()], ..refuted("Small", Kind::Finite, 3, 3) }),
        (VIOLATION, 12, refuted("Tiny", Kind::Finite, 4, 4)),
        (DEADLOCK, 11, ours()),
        (TEMPORAL, 13, ours()),
        (
            COMPLETE,
            0,
            Ours { failed: vec![("Small".to_owned(), FailureClass::PropertyEvaluation)], held: Vec::new(), ..ours() },
        ),
    ] {
        let (verdict, details) = told(output, "", code, ours.clone());
        assert!(is_internal(&verdict), "{verdict:?} for {ours:?}");
        let text = |kind: &str| details.files.iter().find(|file| file.kind == kind).map(|file| file.text.clone());
        assert!(text("theirs").is_some_and(|text| text.contains(output)), "TLC's whole output");
        assert!(text("ours").is_some_and(|text| text.contains("\"generated\"")), "and our counts");
    }
}

#[test]
fn counts_that_say_nothing_are_named_and_not_compared() {
    // TLC may go on for a while after a violation; here a search that goes on has other counts anyway.
    let (verdict, _) = told(VIOLATION, "", 12, refuted("Tiny", Kind::Finite, 2, 3));
    assert_eq!(agreement(&verdict).1.len(), 2, "{verdict:?}");
    let goes_on = Ours { goes_on: true, complete: true, ..refuted("Tiny", Kind::Finite, 9, 9) };
    let (verdict, _) = told(VIOLATION, "", 12, goes_on);
    assert_eq!(agreement(&verdict).0, ["a violation by a finite behavior of Tiny"]);
    let random = Ours { incomparable: Some("it draws".to_owned()), counts: None, ..ours() };
    assert_eq!(agreement(&told(COMPLETE, "", 0, random).0).1, ["counts: it draws"]);
    let open = Ours { undecided: vec!["Live".to_owned()], ..ours() };
    let (verdict, _) = told(COMPLETE, "", 0, open);
    assert!(agreement(&verdict).0.contains(&"nothing else found".to_owned()));
    assert!(agreement(&verdict).1[0].starts_with("Live"));
}

#[test]
fn what_one_of_the_two_left_open_is_no_agreement() {
    let capacity = Ours {
        failed: vec![("Small".to_owned(), FailureClass::Capacity)],
        held: Vec::new(),
        complete: false,
        ..ours()
    };
    let stopped = Ours { undecided: vec!["Small".to_owned()], held: Vec::new(), complete: false, ..ours() };
    for (output, code, ours) in [
        (OVERFLOW, 75, ours()),
        (UNDEFINED, 151, ours()),
        (COMPLETE, 0, capacity),
        (COMPLETE, 0, stopped.clone()),
        (VIOLATION, 12, Ours { undecided: vec!["Tiny".to_owned()], ..stopped }),
    ] {
        let (verdict, details) = told(output, "", code, ours);
        assert!(!is_a_pass(&verdict) && !is_internal(&verdict), "{}", words(&verdict));
        assert_eq!(details.files.len(), 2, "what was said is kept");
    }
}

#[test]
fn a_run_without_an_answer_is_declined() {
    let memory = "Exception: java.lang.OutOfMemoryError thrown from the UncaughtExceptionHandler in thread \"main\"\n";
    let loader =
        "Error: Could not find or load main class tlc2.TLC\nCaused by: java.lang.ClassNotFoundException: tlc2.TLC\n";
    let newer = "Error: LinkageError occurred while loading main class tlc2.TLC\n\tjava.lang.UnsupportedClassVersionError: tlc2/TLC\n";
    let old = COMPLETE.replace("TLC2 Version 20", "TLC2 Version 2.15 of 20");
    let other = COMPLETE.replace(" 2262:", " 2263:").replace(" 2262 ", " 2263 ");
    for (stdout, stderr, code, expected) in [
        (MEMORY, memory, 1, "memory ran out"),
        ("", loader, 1, "not TLC's"),
        ("", newer, 1, "newer Java"),
        (old.as_str(), "", 0, "too old"),
        (other.as_str(), "", 0, "version"),
        ("hello\n", "", 0, "version"),
        (&COMPLETE[..COMPLETE.len() / 2], "", 0, "without an answer"),
        (COMPLETE, "", 1, "ended with code 1"),
        (VIOLATION, "", 0, "ended with code 0"),
    ] {
        let (verdict, _) = told(stdout, stderr, code, ours());
        assert!(reason(&verdict).contains(expected), "{} lacks `{expected}`", reason(&verdict));
    }
}

#[test]
fn no_prefix_of_an_output_is_an_answer() {
    for length in (0..COMPLETE.len() - 1).step_by(97) {
        let cut = &COMPLETE[..length];
        assert!(external::tlc::output::read(cut).is_err(), "{length} bytes");
    }
}

#[test]
fn a_run_that_does_not_end_by_itself_is_declined() {
    let (folder, places) = machine("sleep 1000");
    let late = Question { time: Duration::from_millis(300), ..question(ours()) };
    assert!(reason(&ask(&late, &places, folder.path()).0).contains("stopped after"));
    let (folder, places) = machine("kill -SEGV $$");
    assert!(reason(&ask(&question(ours()), &places, folder.path()).0).contains("signal 11"));
}

#[test]
fn without_java_or_a_jar_nothing_is_decided() {
    let (folder, mut places) = machine("exit 1");
    places.configured.insert(TLC.to_owned(), folder.path().join("elsewhere.jar"));
    let (verdict, details) = ask(&question(ours()), &places, folder.path());
    assert!(
        reason(&verdict).contains("no such file") && details.absent_tool.is_none(),
        "a wrong path is not overlooked"
    );
    places.path.clear();
    let (verdict, details) = ask(&question(ours()), &places, folder.path());
    assert!(reason(&verdict).contains("java") && details.absent_tool.as_deref() == Some("java"));
    let old = Folder::new();
    old.script("java", "echo 'java version \"1.8.0_402\"' >&2");
    places.path = vec![old.path().join("bin")];
    assert!(reason(&ask(&question(ours()), &places, folder.path()).0).contains("too old"));
    let unasked = Question { config: Err("there is none".to_owned()), ..question(ours()) };
    assert!(reason(&ask(&unasked, &places, folder.path()).0).contains("there is none"));
}

#[test]
fn tlc_gets_one_worker_the_configuration_and_its_limits() {
    let (folder, places) = machine("for word in \"$@\"; do echo \"$word\"; done; exit 3");
    let asked = Question { deadlock: false, library: vec!["/modules".into()], ..question(ours()) };
    let (_, details) = ask(&asked, &places, folder.path());
    let said = &details.files[0].text;
    for word in ["-Xmx192m", "-DTLA-Library=/modules", "-workers\n1", "-tool", "-deadlock", "-noGenerateSpecTE"] {
        assert!(said.contains(&format!("\n{word}\n")), "{word} in {said}");
    }
    let (_, details) = ask(&question(ours()), &places, folder.path());
    assert!(!details.files[0].text.contains("\n-deadlock\n"), "the configuration decides");
}

#[test]
fn an_answer_is_kept_for_the_same_question_and_a_contradiction_is_asked_again() {
    let (folder, places) = machine("");
    let answer = folder.write("answer", COMPLETE);
    let java = |text: &str| {
        let version = "if [ \"$1\" = -version ]; then echo 'openjdk version \"17.0.1\"' >&2; exit 0; fi";
        folder.script("java", &format!("{version}\n{text}"));
    };
    java(&format!("cat '{}'", answer.display()));
    let cached = |details: &Details| details.figures.contains_key("cached");
    let (verdict, details) = ask(&question(ours()), &places, folder.path());
    assert!(is_a_pass(&verdict) && !cached(&details));
    java("exit 1");
    let (verdict, details) = ask(&question(ours()), &places, folder.path());
    assert!(is_a_pass(&verdict) && cached(&details) && details.tools.contains_key("tlc"), "{verdict:?}");
    let other = Question { config: Ok("SPECIFICATION Other\n".to_owned()), ..question(ours()) };
    let module = |name: &str| verdict::InputText { path: name.to_owned(), text: "".into() };
    let changed = Question { inputs: vec![module("Steps.tla")], ..question(ours()) };
    let contradicted = question(refuted("Small", Kind::Finite, 4, 4));
    for asked in [other, changed, Question { deadlock: false, ..question(ours()) }, contradicted] {
        assert!(reason(&ask(&asked, &places, folder.path()).0).contains("code 1"), "it is asked again");
    }
    java(&format!("cat '{}'", answer.display()));
    let outside = Question { inputs: vec![module("IOUtils")], ..question(ours()) };
    for _ in 0..2 {
        let (verdict, details) = ask(&outside, &places, folder.path());
        assert!(is_a_pass(&verdict) && !cached(&details), "what reads files is not kept");
    }
}

/// The real one, in the jar that `INTERLOCK_TLC` names.
#[test]
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn the_real_tlc_agrees_and_disagrees() {
    let Some(jar) = std::env::var_os("INTERLOCK_TLC").filter(|jar| !jar.is_empty()) else {
        eprintln!("skipped: INTERLOCK_TLC names no tla2tools.jar");
        return;
    };
    if !have(&[&JAVA]) {
        return;
    }
    let mut places = real_places();
    places.configured.insert(TLC.to_owned(), jar.into());
    let folder = Folder::new();
    let module = "---- MODULE Steps ----\nEXTENDS Naturals\nVARIABLE x\nInit == x = 0\nNext == x < 3 /\\ x' = x + 1\nSmall == x < 4\nTiny == x < 2\n====\n";
    let spec = folder.write("Steps.tla", module);
    let config = |invariant: &str| Ok(format!("INIT Init\nNEXT Next\nINVARIANT {invariant}\n"));
    let asked = |invariant: &str, deadlock, ours| Question {
        spec: spec.clone(),
        config: config(invariant),
        deadlock,
        ..question(ours)
    };
    let (verdict, _) = ask(&asked("Small", false, ours()), &places, folder.path());
    assert_eq!(agreement(&verdict).0.len(), 4, "{verdict:?}");
    let (verdict, _) = ask(&asked("Tiny", false, refuted("Tiny", Kind::Finite, 3, 3)), &places, folder.path());
    assert_eq!(agreement(&verdict).0.len(), 4, "{verdict:?}");
    let (verdict, _) = ask(&asked("Small", true, refuted("Deadlock", Kind::Deadlock, 4, 4)), &places, folder.path());
    assert_eq!(agreement(&verdict).0.len(), 4, "{verdict:?}");
    assert!(is_internal(&ask(&asked("Tiny", false, ours()), &places, folder.path()).0));
    let (verdict, _) = ask(&asked("Nobody", false, ours()), &places, folder.path());
    assert!(reason(&verdict).contains("gave up"), "{verdict:?}");
}
