//! Files from folders, their facts from text or from the cache.

use crate::command_error::CommandError;
use native_scan::{Config, cache};
use native_syntax::ir::SourceFile;
use native_syntax::{Settings, is_native_source, parse};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use verdict::ExitCode;

/// What was read.
pub(super) struct Input {
    /// Facts of each file.
    pub files: Vec<Arc<SourceFile>>,
    /// Files that the system did not let us read: path, reason.
    pub unreadable: Vec<(String, String)>,
}

impl Input {
    /// The files' texts, in the same order; empty for one that is gone since.
    pub fn texts(&self) -> Vec<Vec<u8>> {
        self.files.iter().map(|file| std::fs::read(&file.path).unwrap_or_default()).collect()
    }
}

pub(super) fn read(
    paths: &[PathBuf],
    config: &Config,
    cache: Option<&Path>,
    workers: usize,
) -> Result<Input, CommandError> {
    let mut names = Vec::new();
    for path in paths {
        collect(path, true, &mut names)?;
    }
    names.sort();
    names.dedup();
    if names.is_empty() {
        let remedy =
            "name files or folders with C, C++, Objective-C or Objective-C++ sources (.c .cc .cpp .h .hpp .m .mm …)";
        return Err(CommandError::new(ExitCode::Usage, "there is no source file to scan", remedy));
    }
    if let Some(folder) = cache {
        std::fs::create_dir_all(folder).map_err(|error| {
            let message = format!("{}: {error}", folder.display());
            CommandError::new(ExitCode::System, message, "name another folder with --cache")
        })?;
    }
    let settings = Settings { decorations: config.macros.decorations.clone(), ..Settings::default() };
    let mut described: Vec<&str> = settings.decorations.iter().map(String::as_str).collect();
    described.sort_unstable();
    let described = described.join(" ");
    let results = native_scan::map(&names, workers, |path| one(path, &settings, cache, &described));
    let mut input = Input { files: Vec::new(), unreadable: Vec::new() };
    for result in results {
        match result {
            Ok(file) => input.files.push(Arc::new(file)),
            Err(unreadable) => input.unreadable.push(unreadable),
        }
    }
    Ok(input)
}

/// Source files below a path. Links to folders are not followed below the paths that were named.
fn collect(path: &Path, is_named: bool, names: &mut Vec<PathBuf>) -> Result<(), CommandError> {
    let fail = |error: std::io::Error| {
        CommandError::new(ExitCode::System, format!("{}: {error}", path.display()), "check the path")
    };
    let data = if is_named { std::fs::metadata(path) } else { std::fs::symlink_metadata(path) };
    let data = data.map_err(fail)?;
    if data.is_dir() {
        for entry in std::fs::read_dir(path).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden {
                collect(&entry.path(), false, names)?;
            }
        }
    } else if data.is_file() && (is_named || is_native_source(&path.to_string_lossy())) {
        names.push(path.to_owned());
    }
    Ok(())
}

fn one(
    path: &Path,
    settings: &Settings,
    folder: Option<&Path>,
    described: &str,
) -> Result<SourceFile, (String, String)> {
    let name = path.to_string_lossy().into_owned();
    let text = std::fs::read(path).map_err(|error| (name.clone(), error.to_string()))?;
    let Some(folder) = folder else { return Ok(parse(&name, &text, settings)) };
    let entry = folder.join(cache::key(&text, described));
    if let Some(file) = std::fs::read(&entry).ok().and_then(|bytes| cache::decode(&bytes, &name)) {
        return Ok(file);
    }
    let file = parse(&name, &text, settings);
    // The cache is a convenience: what cannot be written is read anew next time. The entry appears as a whole or not
    // at all, so that two scans at once do no harm.
    if let Some(bytes) = cache::encode(&file) {
        let partial = folder.join(format!(
            "partial-{}-{}",
            std::process::id(),
            entry.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
        ));
        let _ = std::fs::write(&partial, bytes).and_then(|()| std::fs::rename(&partial, &entry));
    }
    Ok(file)
}
