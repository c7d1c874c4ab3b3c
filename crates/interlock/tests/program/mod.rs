//! The program, run in a folder: whatever modules the machine has at hand are out of its sight.

use std::path::Path;
use std::process::{Command, Output};

pub fn interlock(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(arguments)
        .env_remove("TLA_LIBRARY")
        .current_dir(folder)
        .output()
        .expect("the program runs")
}
