//! Programs that a specification starts: never unless the command line allows it.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

const STARTS: &str = r#"---- MODULE T ----
EXTENDS Integers, IOUtils
ASSUME IOExec(<<"sh", "-c", "touch made; echo one; echo two >&2; exit 3">>)
         = [exitValue |-> 3, stdout |-> "one\n", stderr |-> "two\n"]
ASSUME IOEnvExecTemplate({<<"INTERLOCK_WORD", "w">>}, <<"sh", "-c", "echo $INTERLOCK_WORD %1$s">>, <<7>>).stdout = "w 7\n"
===="#;

fn check(folder: &Path, flags: &[&str]) -> Option<i32> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["tla", "check", "T"]).args(flags).env_remove("TLA_LIBRARY").current_dir(folder);
    command.output().expect("the program runs").status.code()
}

#[test]
fn programs_are_started_only_where_that_is_allowed() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("T.tla"), STARTS).expect("a module");
    std::fs::write(folder.path().join("T.cfg"), "").expect("a configuration");
    assert_eq!(check(folder.path(), &[]), Some(20));
    assert!(!folder.path().join("made").exists());
    assert_eq!(check(folder.path(), &["--allow-exec"]), Some(0));
    assert!(folder.path().join("made").exists());
}
