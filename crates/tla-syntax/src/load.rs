//! A root module with everything that it extends and instantiates.
//!
//! Modules are looked for in this order: nested modules in scope, primitive modules (see [`crate::library`]), files in
//! the root's folder and on the search path, further modules in the root's own file (TLC writes such files as error
//! traces), modules of the proof system, bundled text. Modules are read in SANY's order, because TLC interns names in
//! the order of reading and orders strings by it: the root, then whatever is extended (all direct ones before theirs),
//! then, one after the other, what is instantiated, each followed by what it extends.
//!
//! All mistakes of all modules are reported together; a missing module does not hide a syntax error in another one.

mod cycles;
mod files;
mod interned;
mod references;

use crate::ast::{Ident, Name, Unit};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity};
use crate::library::{self, BuiltinModule, BundledModule};
use crate::parse::{self, ParsedModule};
use crate::source::{FileId, SourceMap};
use files::{Files, Found};
use references::{Graph, Kind, Reference, UnitId};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Where modules are looked for.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Folders that are searched after the root's own, in this order.
    pub search_path: Vec<PathBuf>,
}

/// A module in the order of reading.
#[derive(Debug, Clone, Copy)]
pub enum ReadModule {
    /// The module with this index in [`Specification::modules`].
    Text(usize),
    /// A module without text.
    Builtin(&'static BuiltinModule),
}

/// A root module with all modules that it needs.
#[derive(Debug)]
pub struct Specification {
    /// All files.
    pub sources: SourceMap,
    /// All modules with text, the root first, in the order of reading.
    pub modules: Vec<ParsedModule>,
    /// Index of each module with text by name; nested modules are not among them.
    pub by_name: HashMap<Name, usize>,
    /// Index of the root in `modules`.
    pub root: usize,
    /// All modules, those without text included, in the order of reading.
    pub read_order: Vec<ReadModule>,
    /// What is doubtful but no error.
    pub warnings: Vec<Diagnostic>,
}

impl Specification {
    /// The root module.
    pub fn root_module(&self) -> &ParsedModule {
        &self.modules[self.root]
    }

    /// Puts the expressions that a configuration binds constants to into the root module.
    pub fn adopt(&mut self, config: &Config) {
        let units = &mut self.modules[self.root].module.units;
        units.extend(config.expressions.iter().cloned().map(Unit::Definition));
    }

    /// The module with text of this name.
    pub fn module(&self, name: &str) -> Option<&ParsedModule> {
        self.by_name.get(name).map(|index| &self.modules[*index])
    }
}

/// A specification that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the specification has {} error(s)", self.diagnostics.iter().filter(|d| d.severity == Severity::Error).count())]
pub struct LoadError {
    /// The files that could be read.
    pub sources: SourceMap,
    /// What is wrong, errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Loads the module in a file and all modules that it needs.
pub fn load(root: &Path, options: &LoadOptions) -> Result<Specification, LoadError> {
    let files = Files::on_disk(root, &options.search_path);
    let mut loader = Loader::new(files);
    let root = match root.extension() {
        None if !root.exists() => root.with_extension("tla"),
        _ => root.to_path_buf(),
    };
    let name = root.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(file) = loader.read(&root, None) {
        loader.load_root(&name, file);
    }
    loader.finish()
}

/// Loads a root module that is given as text, as if it stood in the file; what it needs is looked for on disk.
pub fn load_text(root: &Path, text: &str, options: &LoadOptions) -> Result<Specification, LoadError> {
    let mut loader = Loader::new(Files::on_disk(root, &options.search_path));
    let name = root.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let file = loader.sources.add(root, text);
    loader.load_root(&name, file);
    loader.finish()
}

/// Loads a specification that is given as text; `files` are further modules, name and text.
pub fn load_from_text(name: &str, text: &str, files: &[(&str, &str)]) -> Result<Specification, LoadError> {
    let mut loader = Loader::new(Files::in_memory(files));
    let file = loader.sources.add(format!("{name}.tla"), text);
    loader.load_root(name, file);
    loader.finish()
}

struct Loader {
    sources: SourceMap,
    files: Files,
    graph: Graph,
    modules: Vec<ParsedModule>,
    read_order: Vec<ReadModule>,
    /// Further modules of the root's file.
    siblings: Vec<ParsedModule>,
    diagnostics: Vec<Diagnostic>,
}

impl Loader {
    fn new(files: Files) -> Self {
        Self {
            sources: SourceMap::new(),
            files,
            graph: Graph::default(),
            modules: Vec::new(),
            read_order: Vec::new(),
            siblings: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    fn load_root(&mut self, name: &str, file: FileId) {
        let Some(mut modules) = parse::parse_modules(&self.sources, file, &mut self.diagnostics) else { return };
        if modules.is_empty() {
            return;
        }
        self.siblings = modules.split_off(1);
        let Some(root) = modules.pop() else { return };
        self.check_name(name, &root);
        let root = self.add_text(root);
        while let Some(reference) = self.graph.next_unread(root) {
            self.load_reference(&reference);
        }
        self.diagnostics.extend(cycles::find(&self.graph));
    }

    fn add_text(&mut self, module: ParsedModule) -> UnitId {
        let unit = self.graph.add_text(&module.module);
        self.read_order.push(ReadModule::Text(self.modules.len()));
        self.modules.push(module);
        unit
    }

    fn add_builtin(&mut self, module: &'static BuiltinModule) {
        self.graph.add_builtin(module);
        self.read_order.push(ReadModule::Builtin(module));
    }

    fn load_reference(&mut self, reference: &Reference) {
        let name = reference.name.clone();
        if let Some(builtin) = library::builtin(&name).filter(|module| module.purpose == library::Purpose::Evaluated) {
            return self.add_builtin(builtin);
        }
        if let Some(module) = self.find_text(reference) {
            if let Some(module) = module {
                self.add_text(module);
            } else {
                self.graph.add_unusable(&name);
            }
            return;
        }
        if let Some(builtin) = library::builtin(&name) {
            return self.add_builtin(builtin);
        }
        self.report_missing(reference);
        self.graph.add_unusable(&name);
    }

    /// The module from a file, the root's file or the bundled texts; `Some(None)` if it is there but has errors.
    fn find_text(&mut self, reference: &Reference) -> Option<Option<ParsedModule>> {
        let name = &*reference.name;
        match self.files.find(name) {
            Found::Path(path) => {
                let file = self.read(&path, reference.ident.as_ref());
                return Some(file.and_then(|file| self.parse_named(name, file)));
            }
            Found::Text(text) => {
                let file = self.sources.add(format!("{name}.tla"), text);
                return Some(self.parse_named(name, file));
            }
            Found::Nothing => {}
        }
        if let Some(index) = self.siblings.iter().position(|module| &*module.module.name.name == name) {
            return Some(Some(self.siblings.remove(index)));
        }
        let bundled = library::bundled(name)?;
        let file = self.sources.add(format!("<{name}.tla>"), bundled.text);
        Some(self.parse_named(name, file).map(|module| with_tokens_of(bundled, module)))
    }

    fn parse_named(&mut self, name: &str, file: FileId) -> Option<ParsedModule> {
        let module = parse::parse_module(&self.sources, file, &mut self.diagnostics)?;
        self.check_name(name, &module).then_some(module)
    }

    /// SANY insists that a file is called like its module.
    fn check_name(&mut self, name: &str, module: &ParsedModule) -> bool {
        let found = &module.module.name;
        let same = &*found.name == name;
        if !same {
            let message = format!("this module is called `{}`, but its file is called `{name}.tla`", found.name);
            let remedy = format!("Rename the module to `{name}` or the file to `{}.tla`.", found.name);
            self.diagnostics.push(Diagnostic::error("module-name-mismatch", found.span, message).remedy(remedy));
        }
        same
    }

    /// Reads a file; a failure is reported at the place that names the module.
    fn read(&mut self, path: &Path, named_by: Option<&Ident>) -> Option<FileId> {
        match files::read(path) {
            Ok(text) => Some(self.sources.add(path, text)),
            Err(problem) => {
                let mut diagnostic = Diagnostic::without_place(problem.code, problem.message).remedy(problem.remedy);
                diagnostic.span = named_by.map(|ident| ident.span);
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    fn report_missing(&mut self, reference: &Reference) {
        let name = &reference.name;
        let verb = match reference.kind {
            Kind::Extends => "extended",
            Kind::Instance => "instantiated",
        };
        let message = format!("the module `{name}` that is {verb} here was not found");
        let mut diagnostic = Diagnostic::without_place("missing-module", message);
        diagnostic.span = reference.ident.as_ref().map(|ident| ident.span);
        let known = self.files.names().into_iter().chain(library::names().map(str::to_owned));
        diagnostic.remedy = match closest(name, known) {
            Some(similar) => format!("Did you mean `{similar}`?"),
            None => format!("Put `{name}.tla` {}.", self.files.places()),
        };
        self.diagnostics.push(diagnostic);
    }

    fn finish(self) -> Result<Specification, LoadError> {
        let failed = self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        if failed || self.modules.is_empty() {
            return Err(LoadError { sources: self.sources, diagnostics: self.diagnostics });
        }
        let names = self.modules.iter().enumerate();
        let by_name = names.map(|(index, module)| (module.module.name.name.clone(), index)).collect();
        Ok(Specification {
            sources: self.sources,
            modules: self.modules,
            by_name,
            root: 0,
            read_order: self.read_order,
            warnings: self.diagnostics,
        })
    }
}

/// A bundled module counts with the tokens of the text that TLC would read.
fn with_tokens_of(bundled: &BundledModule, module: ParsedModule) -> ParsedModule {
    let tokens: Vec<Name> = bundled.tokens.split_whitespace().map(Name::from).collect();
    ParsedModule { bundled: true, tokens: if tokens.is_empty() { module.tokens } else { tokens }, ..module }
}

/// The name that differs least, if it differs little.
pub fn closest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let limit = 1 + name.chars().count() / 4;
    known
        .map(|candidate| (distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Number of insertions, deletions and replacements that turn one text into the other.
pub fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
