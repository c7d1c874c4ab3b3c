//! A folder of Coq files, and what its `_CoqProject` says.
//!
//! Only what the adapter understands is taken: a flag that it does not know could change what is accepted as a proof, so it
//! is refused. Flags that weaken the kernel or leave proofs out are refused by name.

use std::path::{Path, PathBuf};

/// Flags that weaken the kernel, or leave proofs unchecked.
const WEAKENING: [&str; 8] =
    ["-type-in-type", "-impredicative-set", "-vos", "-vok", "-quick", "-vio", "-noinit", "-allow-rewrite-rules"];

/// A folder with proofs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Where it is.
    pub root: PathBuf,
    /// Flags of the compiler.
    pub flags: Vec<String>,
    /// Folder inside it, and the logical name that it has.
    pub mappings: Vec<(PathBuf, String)>,
    /// Files, relative to the folder, in the order of the project or of their names.
    pub files: Vec<PathBuf>,
}

/// Why a folder cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectError {
    /// A file is missing or unreadable.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, String),
    /// A flag that is not understood.
    #[error("{file} has the flag {flag}, which this adapter does not know")]
    UnknownFlag {
        /// The project file.
        file: String,
        /// The flag.
        flag: String,
    },
    /// A flag that weakens what a proof is.
    #[error("{file} has the flag {flag}, under which a proof proves less")]
    Weakening {
        /// The project file.
        file: String,
        /// The flag.
        flag: String,
    },
    /// No file.
    #[error("there is no .v file in {0}")]
    Empty(String),
}

impl Folder {
    /// Reads the folder.
    ///
    /// # Errors
    /// If there is no `_CoqProject`, or something in it is not understood.
    pub fn read(root: &Path) -> Result<Self, ProjectError> {
        let path = root.join("_CoqProject");
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| ProjectError::Unreadable(shown.clone(), error.to_string()))?;
        let mut folder = Self::parse(root, &shown, &text)?;
        if folder.files.is_empty() {
            folder.files = every_file(root, Path::new(""));
        }
        if folder.files.is_empty() {
            return Err(ProjectError::Empty(root.display().to_string()));
        }
        Ok(folder)
    }

    fn parse(root: &Path, shown: &str, text: &str) -> Result<Self, ProjectError> {
        let words = text.lines().map(|line| line.split('#').next().unwrap_or("")).flat_map(words_of);
        let mut words = words.collect::<Vec<_>>().into_iter();
        let mut folder = Self { root: root.to_path_buf(), flags: Vec::new(), mappings: Vec::new(), files: Vec::new() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "-Q" | "-R" => {
                    let (place, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                    folder.flags.extend([word, place.clone(), name.clone()]);
                    folder.mappings.push((PathBuf::from(place), name));
                }
                "-I" => folder.flags.extend([word, words.next().unwrap_or_default()]),
                "-arg" => {
                    let argument = words.next().unwrap_or_default();
                    folder.flags.extend(argument.split_whitespace().map(str::to_owned));
                }
                file if file.ends_with(".v") => folder.files.push(PathBuf::from(file)),
                flag => return Err(ProjectError::UnknownFlag { file: shown.to_owned(), flag: flag.to_owned() }),
            }
        }
        match folder.flags.iter().find(|flag| WEAKENING.contains(&flag.as_str())) {
            Some(flag) => Err(ProjectError::Weakening { file: shown.to_owned(), flag: flag.clone() }),
            None => Ok(folder),
        }
    }

    /// The logical name of a file: `interlock.aba` for `aba.v`.
    pub fn logical_name(&self, file: &Path) -> String {
        let parts = |path: &Path| {
            let words = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
            words.filter(|word| word != ".").collect::<Vec<_>>()
        };
        let file = parts(&file.with_extension(""));
        let inside = |(place, name): &(PathBuf, String)| {
            let rest = file.strip_prefix(parts(place).as_slice())?;
            let logical = std::iter::once(name.as_str()).filter(|name| !name.is_empty());
            Some(logical.chain(rest.iter().map(String::as_str)).collect::<Vec<_>>().join("."))
        };
        // The deepest mapping is the one that counts.
        let found = self.mappings.iter().filter_map(|mapping| Some((parts(&mapping.0).len(), inside(mapping)?)));
        found.max_by_key(|(depth, _)| *depth).map_or_else(|| file.join("."), |(_, name)| name)
    }

    /// The file whose module a theorem is in, and the theorem's full name: `aba.sound` is in `aba.v`.
    pub fn theorem(&self, name: &str) -> Option<(&Path, String)> {
        let (module, rest) = name.split_once('.')?;
        let is_it = |file: &&PathBuf| file.file_stem().is_some_and(|stem| stem.to_string_lossy() == module);
        let file = self.files.iter().find(is_it)?;
        Some((file, format!("{}.{rest}", self.logical_name(file))))
    }
}

/// Words of a line; quotation marks hold one together.
fn words_of(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn every_file(root: &Path, inside: &Path) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(root.join(inside))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(inside.join(entry.ok()?.file_name())))
        .collect();
    names.sort();
    let mut found = Vec::new();
    for name in names {
        if root.join(&name).is_dir() {
            found.extend(every_file(root, &name));
        } else if name.extension().is_some_and(|extension| extension == "v") {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Folder, ProjectError> {
        Folder::parse(Path::new("proofs"), "_CoqProject", text)
    }

    #[test]
    fn flags_and_files_are_read() {
        let folder =
            parse("-Q . interlock # all\n-arg -w -arg -notation-overridden\n-arg \"-w +all\"\nprelude.v aba.v\n")
                .expect("a project");
        assert_eq!(folder.flags, ["-Q", ".", "interlock", "-w", "-notation-overridden", "-w", "+all"]);
        assert_eq!(folder.files, [Path::new("prelude.v"), Path::new("aba.v")]);
        assert_eq!(folder.logical_name(Path::new("aba.v")), "interlock.aba");
        assert_eq!(folder.theorem("aba.sound"), Some((Path::new("aba.v"), "interlock.aba.sound".to_owned())));
        assert_eq!(folder.theorem("other.sound"), None);
    }

    #[test]
    fn the_deepest_mapping_names_a_file() {
        let folder = parse("-Q . a\n-R lib/deep b.c\nlib/deep/x.v lib/y.v").expect("a project");
        assert_eq!(folder.logical_name(Path::new("lib/deep/x.v")), "b.c.x");
        assert_eq!(folder.logical_name(Path::new("lib/y.v")), "a.lib.y");
    }

    #[test]
    fn flags_that_weaken_a_proof_are_refused() {
        assert!(
            matches!(parse("-arg -type-in-type a.v"), Err(ProjectError::Weakening { flag, .. }) if flag == "-type-in-type")
        );
        assert!(matches!(parse("-type-in-type a.v"), Err(ProjectError::UnknownFlag { .. })));
        assert!(matches!(parse("-arg -vos a.v"), Err(ProjectError::Weakening { .. })));
    }
}
