//! The files of a repository. Folders whose names begin with a dot, and those that builds and packages fill, are not
//! looked into; links are not followed, because they may lead round in a circle and what they lead to is found where it is.

use crate::command_error::CommandError;
use std::path::{Path, PathBuf};
use verdict::ExitCode;

/// Folders that hold what was built or fetched.
const PASSED_OVER: [&str; 6] = ["target", "build", "node_modules", "vendor", "third_party", "__pycache__"];

/// All files below a folder, with paths that start there, sorted.
///
/// # Errors
/// If a folder cannot be read (exit 153).
pub fn files_below(root: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let mut files = Vec::new();
    walk(root, Path::new(""), &mut files)?;
    files.sort();
    Ok(files)
}

fn walk(root: &Path, inside: &Path, files: &mut Vec<PathBuf>) -> Result<(), CommandError> {
    let folder = root.join(inside);
    let unreadable = |error: std::io::Error| {
        CommandError::new(ExitCode::System, format!("cannot read the folder {}: {error}", folder.display()), "")
    };
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.');
        if kind.is_dir() && !hidden && !PASSED_OVER.iter().any(|passed| name == *passed) {
            walk(root, &inside.join(&name), files)?;
        } else if kind.is_file() && !hidden {
            files.push(inside.join(&name));
        }
    }
    Ok(())
}
