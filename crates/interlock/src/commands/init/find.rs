//! What a repository has that a project file can speak of: pairs of a specification and a configuration, harnesses for
//! a bounded checker, folders with sources.
//!
//! A configuration belongs to the module of the same name in its folder, or else to the one with the longest name that
//! its own begins with, followed by `_`, `-` or `.`; one that belongs to none is told and not guessed at.

use crate::command_error::CommandError;
use crate::files::files_below;
use std::path::{Path, PathBuf};

/// What was found, each list sorted; paths start at the repository.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// A root module and a configuration.
    pub models: Vec<(PathBuf, PathBuf)>,
    /// Configurations without a module.
    pub unpaired: Vec<PathBuf>,
    /// C files that speak to a bounded checker.
    pub harnesses: Vec<PathBuf>,
    /// Outermost folders with sources that can be searched for functions.
    pub sources: Vec<PathBuf>,
}

/// Looks through a folder.
///
/// # Errors
/// If a folder cannot be read (exit 153).
pub fn find(root: &Path) -> Result<Found, CommandError> {
    let files = files_below(root)?;
    let ends = |path: &Path, ending: &str| path.extension().is_some_and(|known| known == ending);
    let mut found = Found::default();
    for config in files.iter().filter(|path| ends(path, "cfg")) {
        match module_of(config, &files) {
            Some(module) => found.models.push((module, config.clone())),
            None => found.unpaired.push(config.clone()),
        }
    }
    for path in files.iter().filter(|path| native_syntax::is_native_source(&path.to_string_lossy())) {
        if std::fs::read_to_string(root.join(path)).is_ok_and(|text| text.contains("__CPROVER_")) {
            found.harnesses.push(path.clone());
        }
    }
    let is_source = |path: &Path| native_syntax::is_native_source(&path.to_string_lossy()) || ends(path, "rs");
    let mut folders: Vec<PathBuf> = files
        .iter()
        .filter(|path| is_source(path) && !found.harnesses.contains(path))
        .filter_map(|path| path.parent().map(Path::to_path_buf))
        .collect();
    folders.sort();
    folders.dedup();
    let outermost = |folder: &&PathBuf| !folders.iter().any(|other| other != *folder && folder.starts_with(other));
    found.sources = folders.iter().filter(outermost).cloned().collect();
    Ok(found)
}

fn module_of(config: &Path, files: &[PathBuf]) -> Option<PathBuf> {
    let stem = config.file_stem()?.to_string_lossy().into_owned();
    let belongs = |module: &&PathBuf| {
        let Some(name) = module.file_stem().map(|name| name.to_string_lossy().into_owned()) else { return false };
        let rest = stem.strip_prefix(&name);
        module.extension().is_some_and(|ending| ending == "tla")
            && module.parent() == config.parent()
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-', '.']))
    };
    files.iter().filter(belongs).max_by_key(|module| module.as_os_str().len()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(files: &[(&str, &str)]) -> Found {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        find(folder.path()).expect("a repository")
    }

    #[test]
    fn a_configuration_belongs_to_the_module_with_the_longest_name_that_it_begins_with() {
        let found = repository(&[
            ("specs/Pool.tla", ""),
            ("specs/Pool.cfg", ""),
            ("specs/Pool_Live.tla", ""),
            ("specs/Pool_Live_Small.cfg", ""),
            ("specs/Pool_Broken.cfg", ""),
            ("specs/Pooled.cfg", ""),
            ("setup.cfg", ""),
        ]);
        let pairs: Vec<(String, String)> =
            found.models.iter().map(|(m, c)| (m.display().to_string(), c.display().to_string())).collect();
        let pair = |module: &str, config: &str| (format!("specs/{module}"), format!("specs/{config}"));
        assert_eq!(
            pairs,
            [
                pair("Pool.tla", "Pool.cfg"),
                pair("Pool.tla", "Pool_Broken.cfg"),
                pair("Pool_Live.tla", "Pool_Live_Small.cfg")
            ]
        );
        assert_eq!(found.unpaired, [PathBuf::from("setup.cfg"), PathBuf::from("specs/Pooled.cfg")]);
    }

    #[test]
    fn sources_are_told_by_their_outermost_folders_and_harnesses_apart() {
        let found = repository(&[
            ("src/a.cpp", "int a;"),
            ("src/deep/b.mm", "int b;"),
            ("rust/src/lib.rs", ""),
            ("proofs/pool.c", "void f(void) { __CPROVER_assume(1); }"),
            ("target/debug/x.c", ""),
            (".hidden/y.c", ""),
        ]);
        assert_eq!(found.sources, [PathBuf::from("rust/src"), PathBuf::from("src")]);
        assert_eq!(found.harnesses, [PathBuf::from("proofs/pool.c")]);
    }
}
