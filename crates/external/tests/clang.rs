//! Clang's thread-safety analysis, with the real tool where it is installed.

mod support;

use external::catalogue::CLANG;
use external::clang::{Annotated, AnnotatedEngine, LOCK_DISCIPLINE};
use std::time::Duration;
use support::{Folder, discharge, have, is_a_pass, real_places, words};
use verdict::{Engine, Verdict};

const POOL: &str = r"
class __attribute__((capability(`mutex`))) Mutex {
 public:
  void lock() __attribute__((acquire_capability()));
  void unlock() __attribute__((release_capability()));
};
class Pool {
 public:
  void take() {
    mutex_.lock();
    free_--;
    mutex_.unlock();
#ifdef BROKEN_NO_LOCK
    free_ = free_ + 1;
#endif
  }
#ifdef LEFT_OUT
  void secret() __attribute__((no_thread_safety_analysis)) { free_ = 0; }
#endif
 private:
  Mutex mutex_;
  int free_ __attribute__((guarded_by(mutex_))) = 4;
};
void use(Pool& pool) { pool.take(); }
";

fn annotated(folder: &Folder, text: &str, flags: &[&str]) -> Annotated {
    Annotated {
        name: "pool".to_owned(),
        source: folder.write("pool.cpp", &text.replace('`', "\"")),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        folder: Some(folder.path().to_path_buf()),
        compile_commands: None,
        properties: Vec::new(),
        broken: vec![("BROKEN_NO_LOCK".to_owned(), "SP.Guarded".to_owned())],
        time: Duration::from_secs(100),
    }
}

fn run(text: &str, flags: &[&str]) -> Option<Vec<(String, Verdict)>> {
    if !have(&[&CLANG]) {
        return None;
    }
    let folder = Folder::new();
    let places = real_places();
    Some(discharge(&AnnotatedEngine::new(annotated(&folder, text, flags), &places)))
}

#[test]
fn annotations_that_hold_are_bounded_and_the_twin_is_refuted_at_its_line() {
    let Some(told) = run(POOL, &["-std=c++17"]) else { return };
    let [(_, main), (_, twin)] = told.as_slice() else { panic!("{told:?}") };
    assert!(words(main).contains("-Wthread-safety -Wthread-safety-beta"), "{}", words(main));
    assert!(matches!(main, Verdict::Bounded { .. }), "{}", words(main));
    let Verdict::Refuted(refutation) = twin else { panic!("{}", words(twin)) };
    assert_eq!(refutation.counterexample.false_conjuncts[0].place.line, 14);
}

#[test]
fn flags_that_switch_the_analysis_off_are_dropped() {
    let Some(told) = run(POOL, &["-w", "-Wno-thread-safety-analysis", "-Werror"]) else { return };
    assert!(matches!(told[1].1, Verdict::Refuted(_)), "{}", words(&told[1].1));
}

#[test]
fn relative_flags_start_at_the_folder_of_the_project() {
    if !have(&[&CLANG]) {
        return;
    }
    let folder = Folder::new();
    folder.write("stubs/extra.h", "#define EXTRA 1\n");
    let text = format!("#include <extra.h>\n{POOL}\nint extra = EXTRA;\n");
    let places = real_places();
    let told = discharge(&AnnotatedEngine::new(annotated(&folder, &text, &["-Istubs"]), &places));
    assert!(matches!(told[0].1, Verdict::Bounded { .. }), "{}", words(&told[0].1));
    assert!(matches!(told[1].1, Verdict::Refuted(_)), "{}", words(&told[1].1));
}

#[test]
fn a_unit_with_an_error_is_not_analysed() {
    let Some(told) = run(&format!("{POOL}\nint broken = nothing;\n"), &[]) else { return };
    for (name, verdict) in told {
        assert!(!is_a_pass(&verdict), "{name}");
        assert!(words(&verdict).contains("a unit with an error is not analysed"), "{}", words(&verdict));
    }
}

#[test]
fn an_unannotated_unit_is_vacuous() {
    let Some(told) = run("#include <mutex>\nint x; void f() { x = 1; }\n", &[]) else { return };
    assert!(
        told.iter().all(|(_, verdict)| words(verdict).starts_with("Vacuous: nothing in the unit is annotated")),
        "{told:?}"
    );
}

#[test]
fn a_missing_tool_is_declined() {
    let folder = Folder::new();
    let places = folder.places();
    let bare = Annotated { broken: Vec::new(), ..annotated(&folder, POOL, &[]) };
    let engine = AnnotatedEngine::new(bare, &places);
    let told = discharge(&engine);
    assert_eq!(told[0].0, format!("pool: {LOCK_DISCIPLINE}"));
    assert_eq!(words(&told[0].1), "Declined: clang is not installed");
    assert_eq!(engine.details()[0].absent_tool.as_deref(), Some("clang"));
}

#[test]
fn a_compiler_that_crashes_finds_nothing_and_passes_nothing() {
    for (text, expected) in [("kill -SEGV $$", "crashed"), ("sleep 1000", "stopped after 1 s"), ("exit 3", "code 3")] {
        let folder = Folder::new();
        folder.script(
            "clang++",
            &format!("case \"$*\" in\n*--version*) echo 'clang version 14.0.6';;\n*) {text};;\nesac"),
        );
        let places = folder.places();
        let engine =
            AnnotatedEngine::new(Annotated { time: Duration::from_secs(1), ..annotated(&folder, POOL, &[]) }, &places);
        for (_, verdict) in discharge(&engine) {
            assert!(!is_a_pass(&verdict) && words(&verdict).contains(expected), "{}", words(&verdict));
        }
    }
}
