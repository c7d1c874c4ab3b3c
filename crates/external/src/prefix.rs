//! Programs in a private prefix: packages of a newer suite, unpacked without touching the system.
//!
//! Such a program needs the C library that it was built for. It is started through that library's own loader, with the
//! folders of the prefix given on the loader's command line: `ld-linux-….so.2 --library-path A:B usr/bin/cbmc …`. The
//! variable `LD_LIBRARY_PATH` would do too, but be inherited by what the program itself starts: CBMC calls the system's C
//! preprocessor, which cannot run with another C library than the system's.

use crate::process::Invocation;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How `program` of the tree at `root` is started; `None` if it is not there.
pub fn invocation(root: &Path, program: &str) -> Option<Invocation> {
    let path = ["usr/bin", "bin"].iter().map(|bin| root.join(bin).join(program)).find(|path| path.is_file())?;
    let Some(loader) = loader(root) else { return Some(Invocation::plain(path)) };
    let mut folders = OsString::new();
    for folder in library_folders(root, &loader) {
        if !folders.is_empty() {
            folders.push(":");
        }
        folders.push(folder);
    }
    let leading = vec!["--library-path".into(), folders, path.clone().into_os_string()];
    Some(Invocation { program: loader, leading, shown: path })
}

/// The loader of the prefix's own C library.
fn loader(root: &Path) -> Option<PathBuf> {
    let is_loader = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.starts_with("ld-linux") || name.starts_with("ld64.so") || name.starts_with("ld.so")
    };
    let libraries = ["usr/lib", "lib"].iter().flat_map(|lib| entries(&root.join(lib)));
    // Links that point out of the prefix do not count: their target is resolved, or missing.
    libraries
        .filter(|path| path.is_dir())
        .flat_map(|folder| entries(&folder))
        .filter(is_loader)
        .find(|path| path.is_file())
}

/// The folder of the loader's architecture, and those above it where some packages put their libraries.
fn library_folders(root: &Path, loader: &Path) -> Vec<PathBuf> {
    let architecture = loader.parent().and_then(Path::file_name).unwrap_or_default();
    let below = |lib: &str| [root.join(lib).join(architecture), root.join(lib)];
    ["usr/lib", "lib"].iter().flat_map(|lib| below(lib)).filter(|folder| folder.is_dir()).collect()
}

/// What is in a folder, in the order of names.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = read.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, "").expect("the file");
        }
        root
    }

    #[test]
    fn a_program_is_started_through_the_loader_of_its_own_library() {
        let root = tree(&[
            "usr/bin/cbmc",
            "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
            "usr/lib/x86_64-linux-gnu/libc.so.6",
            "usr/lib/libminisat.so.2",
        ]);
        let found = invocation(root.path(), "cbmc").expect("the program");
        let at = |path: &str| root.path().join(path);
        assert_eq!(found.program, at("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"));
        let folders = format!("{}:{}", at("usr/lib/x86_64-linux-gnu").display(), at("usr/lib").display());
        assert_eq!(found.leading, [OsString::from("--library-path"), folders.into(), at("usr/bin/cbmc").into()]);
        assert_eq!(found.shown, at("usr/bin/cbmc"));
    }

    #[test]
    fn a_program_without_a_library_of_its_own_is_started_as_it_is() {
        let root = tree(&["usr/bin/cbmc"]);
        assert_eq!(invocation(root.path(), "cbmc"), Some(Invocation::plain(root.path().join("usr/bin/cbmc"))));
        assert_eq!(invocation(root.path(), "other"), None);
    }
}
