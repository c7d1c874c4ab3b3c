//! `interlock tla prove --aiger FILE`: what is in the file and how it is named, and what is said where a part is missing.

use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "---- MODULE T ----\nEXTENDS Integers\nVARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % 3\n\
                Spec == Init /\\ [][Next]_x /\\ WF_x(Next)\nSmall == x < 3\nAgain == ([]<>(x = 1)) /\\ <>(x = 2)\n\
                Near == x < 2\n====\n";
    std::fs::write(folder.path().join("T.tla"), text).expect("a module");
    std::fs::write(folder.path().join("T.cfg"), format!("SPECIFICATION Spec INVARIANT Small {config}\n"))
        .expect("a file");
    folder
}

/// The file, and what the run said.
fn written(folder: &Path) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["tla", "prove", "T", "--aiger", "t.aag", "--json"]).env_remove("TLA_LIBRARY").current_dir(folder);
    let output = command.output().expect("the program runs");
    let text = std::fs::read_to_string(folder.join("t.aag")).expect("the file");
    (text, String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn each_property_has_its_name() {
    let folder = folder("PROPERTY Again");
    let (text, _) = written(folder.path());
    let header: Vec<&str> = text.lines().next().expect("a header").split(' ').collect();
    let (bads, justices): (usize, usize) = (header[6].parse().expect("bads"), header[8].parse().expect("justices"));
    let names: Vec<&str> = text.lines().filter(|line| line.starts_with(['b', 'j'])).collect();
    assert_eq!(names.len(), bads + justices, "{text}");
    for name in ["b0 Small", "b1 Small is undefined", "j0 Again.1", "j1 Again.2"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(names.iter().any(|name| name.ends_with(" deadlock")), "{names:?}");
}

#[test]
fn without_temporal_properties_the_header_is_short() {
    let (text, _) = written(folder("").path());
    assert_eq!(text.lines().next().expect("a header").split(' ').count(), 7, "{text}");
}

#[test]
fn what_cannot_be_in_it_is_said() {
    let folder = folder("PROPERTY Again CONSTRAINT Near");
    let (text, said) = written(folder.path());
    assert!(!text.contains("Again"), "{text}");
    assert!(said.contains("has no infinite behaviors in it: the constraint Near hides behaviors"), "{said}");
}
