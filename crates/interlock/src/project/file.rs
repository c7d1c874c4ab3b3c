//! The shape of `interlock.toml`.

use super::running::{ExploredSection, StressSection};
use crate::command_error::CommandError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use tla_syntax::{Diagnostic, SourceMap, Span};
use toml::Spanned;
use verdict::{ExitCode, Expectation, PropertyKind};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub project: ProjectSection,
    /// Where single outside tools are.
    #[serde(default)]
    pub tools: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub sources: SourcesSection,
    #[serde(default)]
    pub property: Vec<PropertySection>,
    #[serde(default)]
    pub model: Vec<ModelSection>,
    #[serde(default)]
    pub harness: Vec<HarnessSection>,
    #[serde(default)]
    pub proof: Vec<ProofSection>,
    #[serde(default)]
    pub annotated: Vec<AnnotatedSection>,
    #[serde(default)]
    pub scan: Vec<ScanSection>,
    #[serde(default)]
    pub stress: Vec<StressSection>,
    #[serde(default)]
    pub explored: Vec<ExploredSection>,
    #[serde(default)]
    pub anchor: Vec<AnchorSection>,
}

/// `[sources]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcesSection {
    #[serde(default)]
    pub paths: Vec<String>,
}

/// `[[anchor]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorSection {
    pub file: String,
    pub function: String,
    pub properties: Vec<Spanned<String>>,
}

/// `[[proof]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofSection {
    pub name: Spanned<String>,
    pub folder: Spanned<String>,
    pub theorems: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub allow: Vec<String>,
    /// Seconds for each file.
    pub timeout: Option<Spanned<i64>>,
}

/// `[[annotated]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnnotatedSection {
    pub name: Spanned<String>,
    pub source: Spanned<String>,
    #[serde(default)]
    pub flags: Vec<String>,
    pub compile_commands: Option<Spanned<String>>,
    #[serde(default)]
    pub properties: Vec<Spanned<String>>,
    #[serde(default)]
    pub broken: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Seconds.
    pub timeout: Option<Spanned<i64>>,
}

/// `[[scan]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanSection {
    pub name: Spanned<String>,
    pub paths: Vec<Spanned<String>>,
    /// Folders and files of structural rules.
    #[serde(default)]
    pub rules: Vec<Spanned<String>>,
    pub config: Option<Spanned<String>>,
    pub baseline: Option<Spanned<String>>,
    /// Rule to property.
    #[serde(default)]
    pub properties: BTreeMap<Spanned<String>, Spanned<String>>,
    /// The property of all other rules.
    pub property: Option<Spanned<String>>,
    /// Macro to the rule that has to find something where it is defined.
    #[serde(default)]
    pub broken: BTreeMap<Spanned<String>, Spanned<String>>,
    pub contracts: Option<Vec<String>>,
    /// Bytes that need not be read.
    #[serde(default)]
    pub accept_unread: u64,
}

/// `[[harness]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HarnessSection {
    pub name: Spanned<String>,
    pub source: Spanned<String>,
    pub unwind: Spanned<i64>,
    /// Checks that CBMC adds to its standard ones.
    pub checks: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub flags: Vec<String>,
    /// Seconds.
    pub timeout: Option<Spanned<i64>>,
    pub memory: Option<Spanned<String>>,
    #[serde(default)]
    pub properties: Vec<Spanned<String>>,
    pub memory_safety: Option<Spanned<String>>,
    #[serde(default)]
    pub broken: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// `[project]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectSection {
    pub name: Spanned<String>,
    pub title: Option<String>,
}

/// `[[property]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertySection {
    pub id: Spanned<String>,
    pub statement: String,
    pub kind: PropertyKind,
}

/// `[[model]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSection {
    pub name: Spanned<String>,
    pub spec: Spanned<String>,
    pub config: Option<Spanned<String>>,
    #[serde(default)]
    pub expect: Expectation,
    #[serde(default)]
    pub properties: BTreeMap<Spanned<String>, Spanned<String>>,
    pub workers: Option<Spanned<i64>>,
    pub memory: Option<Spanned<String>>,
    pub deadlock: Option<bool>,
    #[serde(default)]
    pub liveness_under_reduction: bool,
    #[serde(default = "explore_only")]
    pub engines: Vec<EngineName>,
    /// Steps.
    pub length: Option<Spanned<i64>>,
    pub inductive: Option<Spanned<String>>,
    /// Whether TLC is asked too, where a jar is named.
    #[serde(default = "yes")]
    pub second_opinion: bool,
    /// Seconds.
    pub timeout: Option<Spanned<i64>>,
}

fn yes() -> bool {
    true
}

/// An engine that checks a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineName {
    /// Visits all states.
    Explore,
    /// Proves symbolically.
    Prove,
    /// Asks a solver of SMT-LIB.
    Smt,
}

fn explore_only() -> Vec<EngineName> {
    vec![EngineName::Explore]
}

/// Text to sections.
pub fn parse(path: &Path, text: &str) -> Result<File, CommandError> {
    toml::from_str(text).map_err(|error| {
        let mut complaints = Complaints::new(path, text);
        let remedy = "the keys are listed in docs/project-file.md";
        match error.span() {
            Some(span) => complaints.add("project-file", span, first_line(error.message()), remedy),
            None => complaints.add("project-file", 0..0, first_line(error.message()), remedy),
        }
        complaints.into_error()
    })
}

fn first_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}

/// Everything that is wrong with a project file, with carets.
pub struct Complaints {
    sources: SourceMap,
    file: tla_syntax::FileId,
    diagnostics: Vec<Diagnostic>,
}

impl Complaints {
    /// No complaint yet.
    pub fn new(path: &Path, text: &str) -> Self {
        let mut sources = SourceMap::new();
        let file = sources.add(path, text);
        Self { sources, file, diagnostics: Vec::new() }
    }

    /// Adds a complaint about a range of bytes.
    pub fn add(&mut self, code: &'static str, range: std::ops::Range<usize>, message: impl Into<String>, remedy: &str) {
        let byte = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let span = Span { file: self.file, start: byte(range.start), end: byte(range.end) };
        self.diagnostics.push(Diagnostic::error(code, span, message).remedy(remedy));
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// All complaints as one error.
    pub fn into_error(self) -> CommandError {
        let rendered: Vec<String> = self.diagnostics.iter().map(|one| one.render(&self.sources)).collect();
        CommandError::new(ExitCode::Configuration, rendered.join("\n"), "")
    }
}
