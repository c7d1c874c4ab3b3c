//! Native sources from folders, their facts from text or from the cache, and known findings from a file.

use crate::command_error::CommandError;
use native_scan::{Config, cache};
use native_syntax::ir::SourceFile;
use native_syntax::{Settings, is_native_source, parse};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use verdict::ExitCode;

/// What was read.
pub struct Input {
    /// Facts of each file.
    pub files: Vec<Arc<SourceFile>>,
    /// Where each was read.
    pub paths: Vec<PathBuf>,
    /// Files that the system did not let us read: path, reason.
    pub unreadable: Vec<(String, String)>,
}

impl Input {
    /// The files' texts, in the same order; empty for one that is gone since.
    pub fn texts(&self) -> Vec<Vec<u8>> {
        self.paths.iter().map(|path| std::fs::read(path).unwrap_or_default()).collect()
    }
}

/// Where sources are, and how they are called in findings.
#[derive(Clone, Copy)]
pub struct Where<'a> {
    /// Files and folders.
    pub paths: &'a [PathBuf],
    /// The folder that names start at; as given on the command line without one.
    pub base: Option<&'a Path>,
}

/// Reads all sources.
///
/// # Errors
/// If a path does not exist or cannot be listed, or there is no source.
pub fn read(sources: Where<'_>, config: &Config, cache: Option<&Path>, workers: usize) -> Result<Input, CommandError> {
    let mut names = Vec::new();
    for path in sources.paths {
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
    let settings = config.settings();
    let mut described: Vec<&str> = settings.decorations.iter().map(String::as_str).collect();
    described.sort_unstable();
    let macros = settings.macros.iter().map(|(name, is)| format!("{name}={is}"));
    let described = described.into_iter().map(str::to_owned).chain(macros).collect::<Vec<_>>().join(" ");
    let shown = |path: &Path| match sources.base {
        Some(base) => path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/"),
        None => path.to_string_lossy().into_owned(),
    };
    let results = native_scan::map(&names, workers, |path| one(path, shown(path), &settings, cache, &described));
    let mut input = Input { files: Vec::new(), paths: Vec::new(), unreadable: Vec::new() };
    for (result, path) in results.into_iter().zip(names) {
        match result {
            Ok(file) => {
                input.files.push(Arc::new(file));
                input.paths.push(path);
            }
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
    name: String,
    settings: &Settings,
    folder: Option<&Path>,
    described: &str,
) -> Result<SourceFile, (String, String)> {
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

/// Fingerprints of findings that are known.
///
/// # Errors
/// If the file cannot be read, or a line of it does not begin with a fingerprint.
pub fn read_baseline(path: &Path) -> Result<BTreeSet<String>, CommandError> {
    let remedy = "make one with --write-baseline";
    let text = std::fs::read_to_string(path)
        .map_err(|error| CommandError::new(ExitCode::System, format!("{}: {error}", path.display()), remedy))?;
    // One fingerprint a line; what follows it is for readers.
    let mut known = BTreeSet::new();
    for (number, line) in text.lines().enumerate() {
        let Some(word) = line.split_whitespace().next().filter(|word| !word.starts_with('#')) else { continue };
        if word.len() != 16 || !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let message = format!("{}:{}: `{word}` is no fingerprint", path.display(), number + 1);
            return Err(CommandError::new(ExitCode::Configuration, message, remedy));
        }
        known.insert(word.to_owned());
    }
    Ok(known)
}
