//! A copy of the project of the tests, so that runs can be recorded and files changed, and the program in it.

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

pub fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/project");
    for entry in fs::read_dir(original).expect("the project") {
        let entry = entry.expect("a file");
        fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("a copy");
    }
    folder
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(arguments).current_dir(folder).env_remove("TLA_LIBRARY").env("NO_COLOR", "1").env("COLUMNS", "100");
    command
}
