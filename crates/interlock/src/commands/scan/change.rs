//! Which lines changed since a commit, by asking git.

use crate::command_error::CommandError;
use native_scan::review::Changes;
use std::path::{Path, PathBuf};
use std::process::Command;
use verdict::ExitCode;

/// Lines that differ from a commit, in the files below the paths; files that git does not know count as new.
pub(super) fn since(commit: &str, paths: &[PathBuf]) -> Result<Changes, CommandError> {
    let mut changes = Changes::new();
    for path in paths {
        let folder = if path.is_dir() { path.clone() } else { path.parent().map_or(PathBuf::new(), Path::to_owned) };
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        let root = PathBuf::from(git(&folder, &["rev-parse", "--show-toplevel"])?.trim_end());
        let text = git(
            &folder,
            &["-c", "core.quotePath=false", "diff", "--no-color", "--no-ext-diff", "-U0", commit, "--", "."],
        )?;
        let new =
            git(&folder, &["-c", "core.quotePath=false", "ls-files", "--others", "--exclude-standard", "--full-name"])?;
        let shown = |name: &str| as_given(&root.join(name), path);
        for (name, lines) in hunks(&text) {
            changes.insert(shown(&name), Some(lines));
        }
        for name in new.lines() {
            changes.insert(shown(name), None);
        }
    }
    Ok(changes)
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, CommandError> {
    let remedy = "--since needs git and a commit that `git rev-parse` knows";
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .map_err(|error| CommandError::new(ExitCode::System, format!("git: {error}"), remedy))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(CommandError::new(ExitCode::Usage, format!("git: {message}"), remedy));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A path as the findings spell it: below the path that was given on the command line.
fn as_given(full: &Path, given: &Path) -> String {
    let Ok(root) = given.canonicalize() else { return full.to_string_lossy().into_owned() };
    let spelled = match full.strip_prefix(&root) {
        Ok(rest) if rest.as_os_str().is_empty() => given.to_owned(),
        Ok(rest) => given.join(rest),
        Err(_) => full.to_owned(),
    };
    spelled.to_string_lossy().into_owned()
}

/// Files of a unified difference without context, with the ranges of new lines.
fn hunks(text: &str) -> Vec<(String, Vec<(u32, u32)>)> {
    let mut found: Vec<(String, Vec<(u32, u32)>)> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("+++ b/") {
            found.push((name.to_owned(), Vec::new()));
        } else if line.starts_with("@@ ")
            && let Some((_, lines)) = found.last_mut()
            && let Some(range) = line.split(' ').find_map(|word| word.strip_prefix('+'))
        {
            let (start, count) = range.split_once(',').unwrap_or((range, "1"));
            if let (Ok(start), Ok(count)) = (start.parse::<u32>(), count.parse::<u32>()) {
                // A hunk that only removes touches the lines around it.
                lines.push((start, start + count.max(1) - 1));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::hunks;

    #[test]
    fn hunks_give_new_lines() {
        let text = "--- a/x.cpp\n+++ b/x.cpp\n@@ -1,0 +2,3 @@ void f()\n+a\n@@ -9 +12 @@\n+b\n@@ -20,2 +22,0 @@\n";
        assert_eq!(hunks(text), [("x.cpp".to_owned(), vec![(2, 4), (12, 12), (22, 22)])]);
    }
}
