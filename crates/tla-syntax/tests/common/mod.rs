//! Where the optional corpus is.

use std::path::{Path, PathBuf};

/// The folder with shared test input: `INTERLOCK_SHARED`, or `../shared` beside the workspace.
pub fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("INTERLOCK_SHARED").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// All files below a folder with this extension, in order.
#[allow(dead_code, reason = "each test binary compiles this module and not all of them use it")]
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Says on the test's output that optional input is missing.
#[allow(clippy::print_stderr, dead_code, reason = "a skipped test has to say so; not every test binary skips")]
pub fn skipped(test: &str) {
    eprintln!("{test}: skipped, there is no corpus (set INTERLOCK_SHARED)");
}
