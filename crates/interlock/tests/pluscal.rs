//! PlusCal through the program: algorithms are translated, their models have the counts that TLC gives, stale
//! translations are told.

#![allow(clippy::print_stderr)] // A test that could not look at its data says so.

mod oracle;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

fn algorithms() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../pluscal/tests/algorithms")
}

fn translate(arguments: &[&str], folder: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_interlock");
    let mut command = Command::new(program);
    command.args(["tla", "translate"]).args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command.output().expect("the program")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Generated, distinct and depth as TLC 2.20 gives them.
const COUNTS: [(&str, [u64; 3]); 6] = [
    ("Buffer", [687, 290, 19]),
    ("Clock", [198, 100, 6]),
    ("Fibonacci", [67, 62, 28]),
    ("Relay", [101, 64, 28]),
    ("Turnstile", [177, 104, 18]),
    ("Workers", [882, 382, 15]),
];

#[test]
fn translated_algorithms_have_the_counts_of_tlc() {
    for (name, counts) in COUNTS {
        let folder = tempfile::tempdir().expect("a folder");
        let spec = algorithms().join(format!("{name}.tla"));
        let config = algorithms().join(format!("{name}.cfg"));
        for workers in [1, 3] {
            let outcome = oracle::check(&spec, &config, workers, folder.path(), Duration::from_secs(60));
            assert_eq!((outcome.exit, outcome.counts), (Some(0), Some(counts)), "{name} with {workers} workers");
        }
    }
}

#[test]
fn a_module_is_translated_in_place_and_the_rest_of_it_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let module = "---- MODULE M ----\n\tEXTENDS Naturals \\* tab before, blank behind \n(*\n--algorithm A\nvariable x = 0;\nbegin x := 1; x := 2;\nend algorithm *)\nLater == 1\n====\nafter\r\nthe end";
    let path = folder.path().join("M.tla");
    std::fs::write(&path, module).expect("a module");
    let missing = translate(&["--check", "M"], folder.path());
    assert_eq!(missing.status.code(), Some(150));
    assert!(text(&missing.stderr).contains("the translation of `A` is missing"), "{}", text(&missing.stderr));
    let shown = translate(&["--stdout", "M"], folder.path());
    assert_eq!(std::fs::read_to_string(&path).expect("the module"), module);
    let done = translate(&["M"], folder.path());
    assert_eq!((done.status.code(), text(&done.stderr)), (Some(0), String::new()));
    let expected = "✓ M.tla: `A` translated (26 lines)\n  label Lbl_1 added at line 6, column 7\n  label Lbl_2 added at line 6, column 15\n";
    assert_eq!(text(&done.stdout), expected);
    let now = std::fs::read_to_string(&path).expect("the module");
    assert_eq!(now, text(&shown.stdout));
    let (before, rest) = now.split_once("\\* BEGIN TRANSLATION").expect("a translation");
    let (_, after) = rest.split_once("\\* END TRANSLATION \n").expect("its end");
    assert_eq!(format!("{before}{after}"), module);
    assert_eq!(translate(&["--check", "M.tla"], folder.path()).status.code(), Some(0));
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn mistakes_are_shown_with_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let module = "---- MODULE M ----\n(* --algorithm A {\n  variable x = 0;\n  { a: goto b; } } *)\n====\n";
    std::fs::write(folder.path().join("M.tla"), module).expect("a module");
    let output = translate(&["M"], folder.path());
    let expected = "error[pluscal-unknown-label]: there is no label `b` in the algorithm
 --> M.tla:4:8
  |
4 |   { a: goto b; } } *)
  |        ^
  = help: the labels there are a, and `Done` for the end
";
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(150), expected.to_owned()));
    assert_eq!(std::fs::read_to_string(folder.path().join("M.tla")).expect("the module"), module);
}

#[test]
fn a_stale_translation_is_told_by_the_checker() {
    let folder = tempfile::tempdir().expect("a folder");
    let module = std::fs::read_to_string(algorithms().join("Clock.tla")).expect("a module");
    std::fs::copy(algorithms().join("Clock.cfg"), folder.path().join("Clock.cfg")).expect("a configuration");
    let check = |module: &str| {
        std::fs::write(folder.path().join("Clock.tla"), module).expect("a module");
        let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
        let output = command.args(["tla", "check", "Clock"]).current_dir(folder.path()).output().expect("the program");
        (output.status.code(), text(&output.stdout))
    };
    let (exit, fresh) = check(&module);
    assert_eq!(exit, Some(0));
    assert!(!fresh.contains("translated"), "{fresh}");
    let (exit, stale) = check(&module.replace("minute := (minute + 15) % 60", "minute := (minute + 30) % 60"));
    // What is checked is the translation, whose answer has not changed.
    assert_eq!(exit, Some(0));
    assert!(stale.contains("the algorithm has changed since it was translated"), "{stale}");
}
