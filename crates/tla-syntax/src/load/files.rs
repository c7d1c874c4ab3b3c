//! Finding and reading module files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the files of modules are.
pub(super) enum Files {
    /// In these folders, in this order.
    Folders(Vec<PathBuf>),
    /// In memory: name and text.
    Memory(Vec<(String, String)>),
}

/// The outcome of looking for a module.
pub(super) enum Found {
    /// In a file.
    Path(PathBuf),
    /// In memory.
    Text(String),
    /// Nowhere.
    Nothing,
}

/// Why a file cannot be used.
pub(super) struct Problem {
    /// Code of the diagnostic.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub remedy: String,
}

impl Files {
    /// The folder of the root and the search path.
    pub(super) fn on_disk(root: &Path, search_path: &[PathBuf]) -> Self {
        let folder = root.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_path_buf();
        Self::Folders(std::iter::once(folder).chain(search_path.iter().cloned()).collect())
    }

    /// Texts in memory.
    pub(super) fn in_memory(files: &[(&str, &str)]) -> Self {
        Self::Memory(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    /// Looks for a module.
    pub(super) fn find(&self, name: &str) -> Found {
        match self {
            Self::Folders(folders) => folders
                .iter()
                .map(|folder| folder.join(format!("{name}.tla")))
                .find(|path| path.exists())
                .map_or(Found::Nothing, Found::Path),
            Self::Memory(files) => files
                .iter()
                .find(|(known, _)| known == name)
                .map_or(Found::Nothing, |(_, text)| Found::Text(text.clone())),
        }
    }

    /// Names of all modules that could be found, for suggestions.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Folders(folders) => {
                let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
                let paths = entries.map(|entry| entry.path());
                let modules = paths.filter(|path| path.extension().is_some_and(|extension| extension == "tla"));
                let names: BTreeSet<String> = modules
                    .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
                    .collect();
                names.into_iter().collect()
            }
            Self::Memory(files) => files.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// In words where a missing file has to be put.
    pub(super) fn places(&self) -> String {
        match self {
            Self::Folders(folders) if folders.len() > 1 => {
                format!("into {} or a folder of the search path", display(&folders[0]))
            }
            Self::Folders(folders) => format!("into {}", folders.first().map_or_else(String::new, |f| display(f))),
            Self::Memory(_) => "among the given texts".to_owned(),
        }
    }
}

fn display(folder: &Path) -> String {
    if folder == Path::new(".") { "the current folder".to_owned() } else { format!("`{}`", folder.display()) }
}

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<String, Problem> {
    let shown = path.display();
    if path.is_dir() {
        return Err(Problem {
            code: "not-a-file",
            message: format!("`{shown}` is a folder"),
            remedy: "Name the .tla file of the root module.".to_owned(),
        });
    }
    let bytes = std::fs::read(path).map_err(|error| Problem {
        code: "unreadable-file",
        message: format!("cannot read `{shown}`: {}", reason(&error)),
        remedy: String::new(),
    })?;
    if bytes.len() > crate::parse::MAX_FILE_SIZE {
        return Err(Problem {
            code: "file-too-large",
            message: format!("`{shown}` has more than a gigabyte"),
            remedy: String::new(),
        });
    }
    String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Problem {
    let bytes = error.as_bytes();
    let offset = error.utf8_error().valid_up_to();
    let line = 1 + bytes[..offset].iter().filter(|byte| **byte == b'\n').count();
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let encoding = if wide { "it seems to be UTF-16" } else { "it may be Latin-1 or Windows-1252" };
    Problem {
        code: "not-utf8",
        message: format!("`{}` is not UTF-8: line {line} has a byte that cannot stand there", path.display()),
        remedy: format!("Save it as UTF-8 ({encoding})."),
    }
}
