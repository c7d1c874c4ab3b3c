//! How a source is compiled: flags of the project file, or its entry in `compile_commands.json`.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Folder and flags of a compilation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compilation {
    /// Working folder.
    pub folder: Option<PathBuf>,
    /// Flags, without the compiler, the source and what is written.
    pub flags: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    directory: PathBuf,
    file: PathBuf,
    command: Option<String>,
    arguments: Option<Vec<String>>,
}

/// The entry of a source.
///
/// # Errors
/// If the database cannot be read or has no entry of the source.
pub fn of_database(database: &Path, source: &Path) -> Result<Compilation, String> {
    let shown = database.display();
    let text = std::fs::read_to_string(database).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let entries: Vec<Entry> =
        serde_json::from_str(&text).map_err(|error| format!("{shown} is no compilation database: {error}"))?;
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let wanted = real(source);
    let entry = entries.into_iter().find(|entry| real(&entry.directory.join(&entry.file)) == wanted);
    let entry = entry.ok_or_else(|| format!("{shown} has no entry of {}", source.display()))?;
    let words = entry.arguments.clone().unwrap_or_else(|| words_of(entry.command.as_deref().unwrap_or("")));
    Ok(Compilation { flags: flags_of(&words, &entry.file), folder: Some(entry.directory) })
}

/// Without the compiler, the source, and what says where the output goes.
fn flags_of(words: &[String], file: &Path) -> Vec<String> {
    let mut flags = Vec::new();
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-o" | "-MF" | "-MT" | "-MQ" => {
                rest.next();
            }
            "-c" | "-S" | "-E" | "-M" | "-MM" | "-MD" | "-MMD" | "-MP" => {}
            other if Path::new(other) == file => {}
            other => flags.push(other.to_owned()),
        }
    }
    flags
}

/// Words of a command as a shell takes them apart: quotation marks and backslashes.
fn words_of(command: &str) -> Vec<String> {
    let (mut words, mut word, mut inside) = (Vec::new(), None::<String>, None);
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match (inside, c) {
            (None, ' ' | '\t' | '\n') => words.extend(word.take()),
            (None, '\'' | '"') => {
                inside = Some(c);
                word.get_or_insert_default();
            }
            (Some(quote), _) if c == quote => inside = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(rest.next()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_taken_apart_as_a_shell_does() {
        assert_eq!(words_of(r#"c++ -DX="a b" '-I x' a\ b "q\"r""#), ["c++", "-DX=a b", "-I x", "a b", "q\"r"]);
        assert_eq!(words_of("a  ''"), ["a", ""]);
    }

    #[test]
    fn the_entry_of_a_source_gives_folder_and_flags() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("compile_commands.json");
        let source = folder.path().join("a.cpp");
        std::fs::write(&source, "").expect("the source");
        let text = format!(
            r#"[{{"directory":"{}","file":"a.cpp","command":"c++ -std=c++17 -DX -c a.cpp -o a.o -MD -MF a.d"}}]"#,
            folder.path().display()
        );
        std::fs::write(&database, text).expect("the database");
        let compilation = of_database(&database, &source).expect("an entry");
        assert_eq!(compilation.flags, ["-std=c++17", "-DX"]);
        assert_eq!(compilation.folder.as_deref(), Some(folder.path()));
        assert!(of_database(&database, &folder.path().join("b.cpp")).is_err());
    }
}
