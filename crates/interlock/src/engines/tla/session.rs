//! Expressions in the context of a specification: a module of our own that extends it.
//!
//! The module has the definitions that were given so far and one more, whose body is the expression. So an expression is
//! read, resolved and evaluated as if it stood in the specification; nothing about it is decided by its text. The body
//! begins on a line of its own, so that carets point into what the user wrote.

use super::constants;
use super::task::TlaTask;
use report::number::counted;
use std::path::{Path, PathBuf};
use tla_explore::SystemError;
use tla_explore::interpret::Interpreted;
use tla_model::ir::Level;
use tla_model::model::Model;
use tla_syntax::config::{Config, parse_config};
use tla_syntax::load::{LoadOptions, Specification, load_text};
use tla_syntax::{Diagnostic, SourceMap};
use verdict::EventSink;

/// Name of the module, and how places in it are called.
const MODULE: &str = "expression";

/// Name of the definition whose body is the expression.
const VALUE: &str = "InterlockValue";

/// Modules that are at hand without being asked for.
const AT_HAND: [&str; 5] = ["Integers", "Sequences", "FiniteSets", "Bags", "TLC"];

/// A context for expressions.
#[derive(Debug, Clone)]
pub struct Session {
    extends: Vec<String>,
    /// Definitions in order: name, text.
    definitions: Vec<(String, String)>,
    /// The configuration, for constants.
    config: Option<PathBuf>,
    /// Constants that take the place of those of the configuration.
    constants: Vec<String>,
    search_path: Vec<PathBuf>,
}

/// Why an expression has no value: a text for the user, and whether it was understood at all.
#[derive(Debug, Clone)]
pub struct NoValue {
    /// What is wrong, with carets.
    pub text: String,
    /// The expression was read and resolved, but has no value.
    pub was_understood: bool,
}

impl Session {
    /// A context without a specification.
    pub fn new(search_path: Vec<PathBuf>) -> Self {
        let extends = AT_HAND.iter().map(|name| (*name).to_owned()).collect();
        Self { extends, definitions: Vec::new(), config: None, constants: Vec::new(), search_path }
    }

    /// The context of a specification; constants come from its configuration, if there is one.
    ///
    /// # Errors
    /// If the specification cannot be used, with the text for the user.
    pub fn of_specification(task: &TlaTask) -> Result<Self, NoValue> {
        let name = task.model.clone();
        let folder = task.spec.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut search_path = vec![folder.unwrap_or(Path::new(".")).to_path_buf()];
        search_path.extend(task.search_path.iter().cloned());
        let config = task.config.exists().then(|| task.config.clone());
        let mut extends = vec![name.clone()];
        extends.extend(AT_HAND.iter().map(|name| (*name).to_owned()));
        let constants = task.constants.clone();
        let rich = Self { extends, definitions: Vec::new(), config, constants, search_path };
        let check = |session: &Self| session.build("TRUE").map(|_| ());
        if check(&rich).is_ok() {
            return Ok(rich);
        }
        // A specification may define what a module at hand defines too.
        let poor = Self { extends: vec![name], ..rich };
        check(&poor).map(|()| poor)
    }

    /// Makes the definitions of another module known.
    ///
    /// # Errors
    /// If there is no such module, or it clashes with what is known.
    pub fn extend(&mut self, module: &str) -> Result<(), NoValue> {
        let mut longer = self.clone();
        longer.extends.push(module.to_owned());
        longer.build("TRUE")?;
        *self = longer;
        Ok(())
    }

    /// Modules whose definitions are known.
    pub fn modules(&self) -> &[String] {
        &self.extends
    }

    /// Texts of the definitions that were given.
    pub fn definitions(&self) -> impl Iterator<Item = &str> {
        self.definitions.iter().map(|(_, text)| text.as_str())
    }

    /// Takes a definition. One of the same name is replaced where it stands, so that what depends on it sees the new one.
    ///
    /// # Errors
    /// If it is none, or cannot be resolved.
    pub fn define(&mut self, text: &str) -> Result<(), NoValue> {
        let mut longer = self.clone();
        longer.definitions.push((String::new(), text.to_owned()));
        let error = match longer.build("TRUE") {
            Ok((specification, _)) => {
                let name = names(&specification).pop().unwrap_or_default();
                self.definitions.push((name, text.to_owned()));
                return Ok(());
            }
            Err(error) => error,
        };
        for index in 0..self.definitions.len() {
            let mut other = self.clone();
            let Some((name, known)) = other.definitions.get_mut(index) else { continue };
            let name = name.clone();
            text.clone_into(known);
            if let Ok((specification, _)) = other.build("TRUE")
                && names(&specification).contains(&name)
            {
                *self = other;
                return Ok(());
            }
        }
        Err(error)
    }

    /// The value of an expression, as text.
    ///
    /// # Errors
    /// If it cannot be read, resolved or evaluated.
    pub fn evaluate(&self, expression: &str, events: &dyn EventSink) -> Result<String, NoValue> {
        let (specification, model) = self.build(expression)?;
        let value = model.code.definitions.iter().rfind(|definition| &*definition.name == VALUE);
        if value.is_some_and(|definition| definition.level != Level::Constant) {
            let text = "error: the expression depends on variables, and there is no state here\n  = help: `interlock tla check` evaluates invariants in every reachable state\n";
            return Err(NoValue { text: text.to_owned(), was_understood: true });
        }
        let system = Interpreted::new(&model, &specification.sources, events);
        system
            .unwatched(|| system.evaluate_definition(VALUE))
            .map_err(|error| NoValue { text: told_error(&error, &specification.sources), was_understood: true })
    }

    fn text(&self, expression: &str) -> String {
        let mut text = format!("---- MODULE {MODULE} ---- EXTENDS {}\n", self.extends.join(", "));
        for (_, definition) in &self.definitions {
            text.push_str(definition);
            text.push('\n');
        }
        text.push_str(&format!("{VALUE} ==\n{expression}\n====\n"));
        text
    }

    fn build(&self, expression: &str) -> Result<(Specification, Model), NoValue> {
        let options = LoadOptions { search_path: self.search_path.clone() };
        let not_understood = |text: String| NoValue { text, was_understood: false };
        let mut specification = load_text(Path::new(MODULE), &self.text(expression), &options)
            .map_err(|error| not_understood(rendered(&error.sources, &error.diagnostics)))?;
        let config = self.constants(&mut specification)?;
        let model = Model::build(&specification, &config)
            .map_err(|error| not_understood(rendered(&specification.sources, &error.diagnostics)))?;
        Ok((specification, model))
    }

    /// The part of the configuration that gives constants their values.
    fn constants(&self, specification: &mut Specification) -> Result<Config, NoValue> {
        let not_understood = |text: String| NoValue { text, was_understood: false };
        let mut config = match &self.config {
            None => Config::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| not_understood(format!("error: cannot read {}: {error}\n", path.display())))?;
                let file = specification.sources.add(path, text);
                let mut diagnostics = Vec::new();
                parse_config(&specification.sources, file, &mut diagnostics)
                    .ok_or_else(|| not_understood(rendered(&specification.sources, &diagnostics)))?
            }
        };
        constants::apply(&self.constants, specification, &mut config)
            .map_err(|wrong| not_understood(rendered(&specification.sources, &wrong)))?;
        specification.adopt(&config);
        Ok(Config { constants: config.constants, expressions: config.expressions, ..Config::default() })
    }
}

/// Names that the module of the session defines, but for that of the expression.
fn names(specification: &Specification) -> Vec<String> {
    let units = specification.root_module().module.units.iter();
    let names = units.filter_map(|unit| match unit {
        tla_syntax::ast::Unit::Definition(definition) => Some(definition.name.name.to_string()),
        tla_syntax::ast::Unit::Constants(_)
        | tla_syntax::ast::Unit::Variables(_)
        | tla_syntax::ast::Unit::Recursive(_)
        | tla_syntax::ast::Unit::Instance { .. }
        | tla_syntax::ast::Unit::Assume(_)
        | tla_syntax::ast::Unit::Theorem(_)
        | tla_syntax::ast::Unit::Module(_) => None,
    });
    names.filter(|name| name != VALUE).collect()
}

/// The first error; others are often its consequence.
fn rendered(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let errors: Vec<&Diagnostic> =
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == tla_syntax::Severity::Error).collect();
    let more = match errors.len() {
        0 | 1 => String::new(),
        all => format!("  = note: and {}\n", counted(all - 1, "further error")),
    };
    errors.first().map_or_else(String::new, |first| format!("{}{more}", first.render(sources)))
}

fn told_error(error: &SystemError, sources: &SourceMap) -> String {
    match error.span {
        Some(span) => {
            let code = match error.class {
                tla_explore::ErrorClass::Undefined => "evaluation",
                tla_explore::ErrorClass::Assert => "assert",
                tla_explore::ErrorClass::Declined => "not-supported",
                tla_explore::ErrorClass::Capacity => "capacity",
                tla_explore::ErrorClass::Internal => "internal",
                tla_explore::ErrorClass::Interrupted => "interrupted",
            };
            Diagnostic::error(code, span, &error.message).remedy(&error.remedy).render(sources)
        }
        None => format!("error: {}\n", error.message),
    }
}
