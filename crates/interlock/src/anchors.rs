//! Which functions of the sources the properties of a project speak about.
//!
//! An anchor is a comment `interlock: A.NoDoubleFree` in a function or before it, or an entry `[[anchor]]` of the project
//! file. All files below the paths of `[sources]` are outlined, C, C++, Objective-C++ and Rust alike. What cannot be tied
//! to anything (a comment before nothing, an identifier that no property has, a function that is not there) is told: an
//! anchor that is overlooked would be a gap that nobody sees.

use crate::command_error::CommandError;
use crate::files::files_below;
use crate::project::Project;
use ledger::RecordedAnchor;
use native_syntax::Settings;
use native_syntax::outline::{self, Outline, OutlinedFunction};
use std::collections::BTreeSet;
use std::path::Path;
use verdict::ExitCode;

/// A function of the sources.
#[derive(Debug, Clone)]
pub struct Function {
    /// Path from the folder of the project, as the project file spells it.
    pub file: String,
    /// Qualified name.
    pub name: String,
    /// Its first line.
    pub line: u32,
    /// SHA-256 of its tokens.
    pub hash: String,
    /// What it synchronises with.
    pub synchronisation: Vec<String>,
    /// Properties that it is anchored to, sorted.
    pub properties: Vec<String>,
    /// Whether it is a test.
    pub is_test: bool,
}

/// What the sources say.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Every function with a body, in the order of files and lines.
    pub functions: Vec<Function>,
    /// Files that were read.
    pub files: usize,
    /// Anchors that lead nowhere, with the reason.
    pub complaints: Vec<String>,
    /// What was not read: files, and how many bytes of others.
    pub unread: Vec<String>,
}

impl Sources {
    /// Reads the sources of a project; nothing if it names none.
    ///
    /// # Errors
    /// If a file or folder cannot be read (exit 153).
    pub fn of(project: &Project) -> Result<Self, CommandError> {
        let mut texts: Vec<(String, Vec<u8>)> = Vec::new();
        let mut sources = Self::default();
        for path in &project.sources {
            let whole = project.folder.join(path);
            if !whole.exists() {
                sources.unread.push(format!("{}: there is no such file or folder", path.display()));
                continue;
            }
            let below = if whole.is_file() { vec![Path::new("").to_path_buf()] } else { files_below(&whole)? };
            for file in below {
                let named = if file.as_os_str().is_empty() { path.clone() } else { path.join(&file) };
                let named = named.to_string_lossy().replace('\\', "/");
                if outline::is_outlined(&named) && !texts.iter().any(|(known, _)| *known == named) {
                    texts.push((named.clone(), read(&project.folder.join(&named))?));
                }
            }
        }
        let files = texts.iter().map(|(path, text)| (path.as_str(), text.as_slice()));
        let outlines = outline::outlines(files, &Settings::default());
        sources.files = outlines.len();
        for outline in &outlines {
            sources.add(outline);
        }
        sources.add_entries(project);
        sources.complain_of_unknown(project);
        Ok(sources)
    }

    /// What a run records.
    pub fn anchors(&self) -> Vec<RecordedAnchor> {
        let anchors = self.functions.iter().flat_map(|function| {
            function.properties.iter().map(|property| RecordedAnchor {
                property: property.clone(),
                file: function.file.clone(),
                function: function.name.clone(),
                hash: function.hash.clone(),
            })
        });
        let anchors: BTreeSet<RecordedAnchor> = anchors.collect();
        anchors.into_iter().collect()
    }

    fn add(&mut self, outline: &Outline) {
        let path = &outline.path;
        if let Some(reason) = &outline.refused {
            self.unread.push(format!("{path}: {reason}"));
        }
        for (line, bytes) in &outline.unread {
            self.unread.push(format!("{path}:{line}: {bytes} bytes are not understood"));
        }
        for anchor in &outline.loose {
            let text = format!("{path}:{}: the anchor to {} stands before no function", anchor.line, anchor.property);
            self.complaints.push(text);
        }
        for (line, text) in &outline.misspelt {
            self.complaints.push(format!("{path}:{line}: neither a suppression nor a list of properties: {text}"));
        }
        self.functions.extend(outline.functions.iter().map(|function| function_of(path, function)));
    }

    /// Entries `[[anchor]]` of the project file.
    fn add_entries(&mut self, project: &Project) {
        for entry in &project.anchors {
            let mut found = false;
            for function in &mut self.functions {
                if function.file == entry.file && function.name == entry.function {
                    function.properties.extend(entry.properties.iter().cloned());
                    function.properties.sort();
                    function.properties.dedup();
                    found = true;
                }
            }
            if !found {
                let text = format!("[[anchor]]: there is no function {} in {}", entry.function, entry.file);
                self.complaints.push(text);
            }
        }
    }

    fn complain_of_unknown(&mut self, project: &Project) {
        let known: BTreeSet<&str> = project.properties.iter().map(|property| property.id.as_str()).collect();
        for function in &self.functions {
            for property in function.properties.iter().filter(|id| !known.contains(id.as_str())) {
                let place = format!("{}:{}", function.file, function.line);
                self.complaints
                    .push(format!("{place}: {} is anchored to {property}, which is no property", function.name));
            }
        }
    }
}

fn function_of(path: &str, function: &OutlinedFunction) -> Function {
    let properties: BTreeSet<String> = function.anchors.iter().map(|anchor| anchor.property.clone()).collect();
    Function {
        file: path.to_owned(),
        name: function.name.clone(),
        line: function.lines.0,
        hash: function.hash.clone(),
        synchronisation: function.synchronisation.clone(),
        properties: properties.into_iter().collect(),
        is_test: function.is_test,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path)
        .map_err(|error| CommandError::new(ExitCode::System, format!("cannot read {}: {error}", path.display()), ""))
}
