//! The command line as a user sees it. Help texts and errors stand word for word in `tests/cmd`;
//! `TRYCMD=overwrite cargo test -p interlock --test cli` writes what the program says now, and the difference is to be read.

use std::path::Path;
use std::process::{Command, Output};

#[test]
fn transcripts() {
    let cases = trycmd::TestCases::new();
    cases.env("NO_COLOR", "1").env("COLUMNS", "100").env("TLA_LIBRARY", "").case("tests/cmd/*.trycmd");
}

fn interlock(arguments: &[&str], folder: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_interlock");
    Command::new(program).args(arguments).current_dir(folder).env_remove("TLA_LIBRARY").output().expect("the program")
}

#[test]
fn every_shell_gets_completions_that_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = interlock(&["completions", shell], Path::new("."));
        let script = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success() && output.stderr.is_empty(), "{shell}");
        for word in ["interlock", "check", "tla", "doctor", "workers"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn the_doctor_names_every_tool_and_is_never_ill() {
    let output = interlock(&["doctor"], Path::new("."));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{text}");
    for word in ["interlock", "cores", "memory", "java", "TLC", "cbmc", "coq", "lean", "clang"] {
        assert!(text.contains(word), "{word} is missing in\n{text}");
    }
}

#[test]
fn an_error_under_json_is_an_object_on_stdout() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = interlock(&["check", "--json"], folder.path());
    assert_eq!(output.status.code(), Some(151));
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(object["exit_code"], 151);
    assert_eq!(object["verdict"], "failed");
    assert!(object["error"].as_str().is_some_and(|text| text.contains("no interlock.toml")), "{object}");
}
