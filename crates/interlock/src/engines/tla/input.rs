//! Files to a model. Whatever is wrong with them becomes one [`Failure`] that shows every diagnostic with its source.

use super::constants;
use super::followed;
use super::obligations::definition_named;
use super::place::place_of;
use super::task::{Mode, TlaTask};
use report::terminal::RENDERED;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tla_model::model::{BuildErrorKind, Model};
use tla_syntax::ast::Ident;
use tla_syntax::config::{Config, parse_config, parse_config_in_module};
use tla_syntax::load::{LoadError, LoadOptions, Specification, load, load_text};
use tla_syntax::{Diagnostic, FileId, Severity, SourceMap, Span};
use verdict::{Expectation, Failure, FailureClass, InputText};

/// Beginning of the names of invariants that are given as expressions.
const INLINE: &str = "InlineInvariant";

/// Name of an invariant that is given as an expression and is to be inductive.
const INDUCTIVE: &str = "InlineInductive";

/// Beginning of the names of postconditions that are given by module and operator.
pub const POSTCONDITION: &str = "InlinePostcondition";
/// Beginning of the names of instances of their modules.
const INSTANCE: &str = "InlineInstance";

/// Name under which a project gives deadlock freedom an identifier.
pub const DEADLOCK: &str = "Deadlock";

/// A specification with its configuration.
pub struct Input {
    /// All modules, and the text of the configuration.
    pub specification: Specification,
    /// The configuration, with the choices of the task applied.
    pub config: Config,
}

/// An input that cannot be used.
pub struct Unusable {
    /// Why.
    pub failure: Failure,
    /// What was read nevertheless.
    pub files: Vec<InputText>,
    /// Every diagnostic, errors first as they were found.
    pub diagnostics: Vec<Told>,
    /// Whether the text itself could not be read as modules, so that names were not looked at.
    pub is_syntax: bool,
}

/// A diagnostic with its place.
#[derive(Debug, Clone)]
pub struct Told {
    /// Whether it is an error, and not a warning.
    pub is_error: bool,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Option<verdict::Place>,
    /// What the user can do.
    pub remedy: String,
}

fn told(sources: &SourceMap, diagnostics: &[Diagnostic], specification: Option<&Specification>) -> Vec<Told> {
    let told = |diagnostic: &Diagnostic| Told {
        is_error: diagnostic.severity == Severity::Error,
        message: diagnostic.message.clone(),
        place: diagnostic.span.map(|span| match specification {
            Some(specification) => place_of(specification, span),
            None => place_in_file(sources, span),
        }),
        remedy: diagnostic.remedy.clone(),
    };
    diagnostics.iter().map(told).collect()
}

/// Reads specification and configuration.
pub fn read(task: &TlaTask) -> Result<Input, Box<Unusable>> {
    let specification = read_specification(task)?;
    add_config(task, specification)
}

/// Reads the root module and all that it needs.
pub fn read_specification(task: &TlaTask) -> Result<Specification, Box<Unusable>> {
    let options = LoadOptions { search_path: task.search_path.clone() };
    let mut specification = load_with(task, &options).map_err(|error| {
        let failure = failure_of(FailureClass::Parse, &error.sources, &error.diagnostics, None);
        let diagnostics = told(&error.sources, &error.diagnostics, None);
        Box::new(Unusable { failure, files: texts(&error.sources), diagnostics, is_syntax: true })
    })?;
    let stale = stale_translations(&specification.sources);
    specification.warnings.extend(stale);
    Ok(specification)
}

/// Loads the root module, with a definition at its end for each further invariant and postcondition.
fn load_with(task: &TlaTask, options: &LoadOptions) -> Result<Specification, LoadError> {
    let specification = load(&task.spec, options)?;
    let inductive = task.inductive.as_ref().filter(|_| inductive_name(task, &specification) == Some(INDUCTIVE));
    let adds = !task.invariants.is_empty() || !task.postconditions.is_empty() || task.followed.is_some();
    if !adds && inductive.is_none() {
        return Ok(specification);
    }
    let span = specification.root_module().module.span;
    let text = &specification.sources.file(span.file).text;
    // The module ends with a row of `=`; what stands behind it is no part of it.
    let (module, rest) = text.split_at(span.end as usize);
    let (body, end) = module.split_at(module.trim_end_matches('=').len());
    let mut definitions = String::new();
    for (text, number) in task.invariants.iter().zip(1..) {
        definitions.push_str(&format!("{INLINE}{number} ==\n{text}\n"));
    }
    if let Some(text) = inductive {
        definitions.push_str(&format!("{INDUCTIVE} ==\n{text}\n"));
    }
    let root = &specification.root_module().module.name.name;
    for ((module, operator), number) in task.postconditions.iter().zip(1..) {
        let definition = match **module == **root {
            true => format!("{POSTCONDITION}{number} == {operator}\n"),
            false => format!(
                "{INSTANCE}{number} == INSTANCE {module}\n{POSTCONDITION}{number} == {INSTANCE}{number}!{operator}\n"
            ),
        };
        definitions.push_str(&definition);
    }
    if let Some(followed) = &task.followed {
        definitions.push_str(&followed.definitions());
    }
    load_text(&task.spec, &format!("{body}{definitions}{end}{rest}"), options)
}

/// The name that the invariant of an induction has in the specification: its own if it is that of a definition.
pub fn inductive_name<'n>(task: &'n TlaTask, specification: &Specification) -> Option<&'n str> {
    let text = task.inductive.as_deref()?.trim();
    Some(if definition_named(specification, text).is_some() { text } else { INDUCTIVE })
}

/// Warnings for modules whose PlusCal algorithm is not the one that was translated.
fn stale_translations(sources: &SourceMap) -> Vec<Diagnostic> {
    let files = sources.files().zip(0..);
    files.filter_map(|(file, number)| pluscal::stale(FileId(number), &file.text)).collect()
}

/// Whether the specification has a configuration, in a file or behind the root module.
pub fn has_config(task: &TlaTask, specification: &Specification) -> bool {
    let root = specification.root_module().module.span.file;
    task.config.exists() || has_config_section(&specification.sources, root)
}

/// Reads the configuration.
pub fn add_config(task: &TlaTask, mut specification: Specification) -> Result<Input, Box<Unusable>> {
    let mut diagnostics = Vec::new();
    let config = read_config(&task.config, &mut specification, &mut diagnostics);
    let mut config = config.ok_or_else(|| unusable(FailureClass::Configuration, &specification, &diagnostics))?;
    specification.warnings.append(&mut diagnostics);
    constants::apply(&task.constants, &mut specification, &mut config)
        .map_err(|wrong| unusable(FailureClass::Configuration, &specification, &wrong))?;
    specification.adopt(&config);
    add_inductive(task, &specification, &mut config);
    apply_task(task, &mut config)
        .map_err(|diagnostic| unusable(FailureClass::Configuration, &specification, &[*diagnostic]))?;
    Ok(Input { specification, config })
}

/// Checks names, arities and levels of a specification that has no configuration.
pub fn check_without_config(specification: Specification) -> Result<Input, Box<Unusable>> {
    let input = Input { specification, config: Config::default() };
    match Model::build(&input.specification, &input.config) {
        Err(error) if error.kind == BuildErrorKind::Specification => {
            Err(unusable(FailureClass::Parse, &input.specification, &error.diagnostics))
        }
        // Without a configuration constants have no value; that is no mistake here.
        Err(_) | Ok(_) => Ok(input),
    }
}

/// Resolves the input.
pub fn build(input: &Input) -> Result<Model, Box<Unusable>> {
    Model::build(&input.specification, &input.config).map_err(|error| {
        let class = match error.kind {
            BuildErrorKind::Specification => FailureClass::Parse,
            BuildErrorKind::Configuration => FailureClass::Configuration,
            BuildErrorKind::InvariantLevel => FailureClass::PropertyEvaluation,
        };
        unusable(class, &input.specification, &error.diagnostics)
    })
}

/// A specification with variables says where its behaviors begin: what is asked of no behavior holds, and says nothing.
pub fn begins(input: &Input, model: &Model) -> Result<(), Box<Unusable>> {
    let Some((variable, span)) = model.variables.first().filter(|_| model.init.is_none()) else { return Ok(()) };
    let message =
        format!("the configuration gives no initial predicate, and there are variables, such as `{variable}`");
    let diagnostic =
        Diagnostic::error("no-behavior", *span, message).remedy("add SPECIFICATION Spec, or INIT Init and NEXT Next");
    Err(unusable(FailureClass::Configuration, &input.specification, &[diagnostic]))
}

/// Every file that was read, with its text.
pub fn texts(sources: &SourceMap) -> Vec<InputText> {
    let text = |file: &tla_syntax::source::SourceFile| InputText {
        path: file.path.display().to_string(),
        text: Arc::clone(&file.text),
    };
    sources.files().map(text).collect()
}

fn unusable(class: FailureClass, specification: &Specification, diagnostics: &[Diagnostic]) -> Box<Unusable> {
    let failure = failure_of(class, &specification.sources, diagnostics, Some(specification));
    let diagnostics = told(&specification.sources, diagnostics, Some(specification));
    Box::new(Unusable { failure, files: texts(&specification.sources), diagnostics, is_syntax: false })
}

/// One failure for all errors; the first one gives message and place.
fn failure_of(
    class: FailureClass,
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    specification: Option<&Specification>,
) -> Failure {
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
    let first = diagnostics.iter().find(is_error).or(diagnostics.first());
    let rendered: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(sources)).collect();
    let place = first.and_then(|diagnostic| diagnostic.span).map(|span| match specification {
        Some(specification) => place_of(specification, span),
        None => place_in_file(sources, span),
    });
    Failure {
        class,
        message: first.map_or_else(|| "the input cannot be used".to_owned(), |first| first.message.clone()),
        place,
        remedy: first.map_or_else(String::new, |first| first.remedy.clone()),
        trace: None,
        notes: BTreeMap::from([(RENDERED.to_owned(), rendered.join("\n"))]),
    }
}

/// A place where no module could be read, so that none can be named.
fn place_in_file(sources: &SourceMap, span: tla_syntax::Span) -> verdict::Place {
    let (from, to) = sources.range(span);
    verdict::Place {
        file: sources.file(span.file).path.display().to_string(),
        module: sources.file(span.file).path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned()),
        line: from.line,
        column: from.column,
        end_line: to.line,
        end_column: to.column,
    }
}

/// The configuration from its file or, where there is none, from a section `CONFIG` behind the root module.
fn read_config(path: &Path, specification: &mut Specification, diagnostics: &mut Vec<Diagnostic>) -> Option<Config> {
    let root = specification.root_module().module.span.file;
    if !path.exists() && has_config_section(&specification.sources, root) {
        let name = specification.root_module().module.name.name.clone();
        return parse_config_in_module(&specification.sources, root, &name, diagnostics);
    }
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot read the configuration {}: {error}", path.display());
            let remedy = "write one beside the specification, or name one with --config FILE";
            diagnostics.push(Diagnostic::without_place("missing-config", message).remedy(remedy));
            return None;
        }
    };
    let file = specification.sources.add(path, text);
    parse_config(&specification.sources, file, diagnostics)
}

fn has_config_section(sources: &SourceMap, root: FileId) -> bool {
    let is_header = |line: &str| line.starts_with("----") && line.trim_matches(['-', ' ', '\t']).starts_with("CONFIG ");
    sources.file(root).text.lines().any(is_header)
}

/// The invariant of an induction is one of the configuration, if only for this run.
fn add_inductive(task: &TlaTask, specification: &Specification, config: &mut Config) {
    let Some(name) = inductive_name(task, specification) else { return };
    if config.invariants.iter().any(|known| *known.name == *name) {
        return;
    }
    let nowhere = Span { file: FileId(0), start: 0, end: 0 };
    let span = definition_named(specification, name).unwrap_or(nowhere);
    config.invariants.push(Ident { name: name.into(), span });
}

/// Overrides by the task, and for a broken variant: nothing but the property that must be refuted is checked, so that
/// another violation cannot end the search before.
fn apply_task(task: &TlaTask, config: &mut Config) -> Result<(), Box<Diagnostic>> {
    for (name, _) in &task.properties {
        let known = config.invariants.iter().chain(&config.properties).any(|ident| *ident.name == **name);
        if !known && name != DEADLOCK {
            let message = format!("{} checks no INVARIANT or PROPERTY `{name}`", task.config.display());
            let remedy = "add it to the configuration, or mend the name in the project file";
            return Err(Box::new(Diagnostic::without_place("unchecked-property", message).remedy(remedy)));
        }
    }
    config.check_deadlock = task.check_deadlock.or(config.check_deadlock);
    let span = Span { file: FileId(0), start: 0, end: 0 };
    config
        .invariants
        .extend((1..=task.invariants.len()).map(|number| Ident { name: format!("{INLINE}{number}").into(), span }));
    config.postconditions.extend(
        (1..=task.postconditions.len()).map(|number| Ident { name: format!("{POSTCONDITION}{number}").into(), span }),
    );
    if task.followed.is_some() {
        config.constraints.push(Ident { name: followed::CONSTRAINT.into(), span });
        // A simulation does not ask whether a state was met before.
        if matches!(task.mode, Mode::Search) {
            config.view = Some(Ident { name: followed::VIEW.into(), span });
        }
    }
    if task.expectation == Expectation::Violated {
        let listed = |name: &str| task.properties.iter().any(|(known, _)| known == name);
        config.invariants.retain(|ident| listed(&ident.name));
        config.properties.retain(|ident| listed(&ident.name));
        config.check_deadlock = Some(listed(DEADLOCK));
    }
    Ok(())
}
