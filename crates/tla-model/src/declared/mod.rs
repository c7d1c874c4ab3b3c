//! Types that comments declare, held against what a specification does.
//!
//! Nobody has to write types, and nothing rests on those that are written: [`Declared`] is what other rooms may take as a hint. Where
//! a type contradicts what is assigned to its variable, or the value that a constant has, that is told with both places; the
//! assignment counts.

mod check;
mod found;
mod infer;

use crate::model::Model;
use check::{Check, told};
use found::Found;
use infer::{Frame, Inference};
use std::rc::Rc;
use tla_syntax::Diagnostic;
use tla_syntax::annotation::{self, Annotations, Declared, Type};
use tla_syntax::config::{Config, ConfigValue, ConstantAssignment, ConstantBinding};
use tla_syntax::load::Specification;

/// The types of a model.
#[derive(Debug, Default)]
pub struct DeclaredTypes {
    /// By variable.
    pub variables: Vec<Option<Declared>>,
    /// What is wrong with annotations, and what contradicts them: warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl DeclaredTypes {
    /// Reads the comments of a specification.
    pub fn of(specification: &Specification, config: &Config, model: &Model) -> Self {
        let Annotations { declared, mut diagnostics, .. } = annotation::read(specification);
        let variables =
            model.variables.iter().map(|(_, span)| declared.iter().find(|one| one.name.span == *span).cloned());
        let variables: Vec<Option<Declared>> = variables.collect();
        diagnostics.extend(of_constants(&declared, config, model));
        let types: Vec<Option<&Type>> = variables.iter().map(|one| one.as_ref().map(|one| &one.of)).collect();
        if types.iter().any(Option::is_some) {
            let found = types.iter().map(|one| one.map_or(Found::Any, Found::of_type)).collect();
            let mut check = Check::new(Inference::new(model, found), types);
            model.init.iter().chain(&model.next).for_each(|formula| check.formula(formula));
            diagnostics.extend(check.contradictions);
        }
        Self { variables, diagnostics }
    }

    /// The type of a variable.
    pub fn variable(&self, index: usize) -> Option<&Type> {
        self.variables.get(index).and_then(Option::as_ref).map(|one| &one.of)
    }
}

/// Where the configuration gives a constant of the root module a value that contradicts its type.
fn of_constants(declared: &[Declared], config: &Config, model: &Model) -> Vec<Diagnostic> {
    let mut contradictions = Vec::new();
    for assignment in &config.constants {
        let Some(one) = declared.iter().find(|one| one.name.name == assignment.name.name) else { continue };
        let found = of_assignment(assignment, model);
        let part = found.contradicts(&one.of);
        contradictions.extend(part.map(|part| told(&one.name.name, &found, assignment.span, &one.of, part)));
    }
    contradictions
}

fn of_assignment(assignment: &ConstantAssignment, model: &Model) -> Found {
    match &assignment.binding {
        ConstantBinding::Value(value) => of_config(value),
        ConstantBinding::Definition(target) => {
            let definitions = model.code.definitions.iter();
            let named = definitions.zip(0..).find(|(one, _)| *one.name == *target.name && one.params.is_empty());
            let Some((definition, _)) = named else { return Found::Any };
            let frame = Frame::of(&model.code, definition.owner);
            Inference::new(model, vec![Found::Any; model.variables.len()]).of(&definition.body, &frame)
        }
        ConstantBinding::DefinitionIn { .. }
        | ConstantBinding::ValueIn { .. }
        | ConstantBinding::OperatorCase { .. } => Found::Any,
    }
}

fn of_config(value: &ConfigValue) -> Found {
    match value {
        ConfigValue::Int(_) => Found::Int,
        ConfigValue::String(_) => Found::Str,
        ConfigValue::Bool(_) => Found::Bool,
        ConfigValue::ModelValue(_) => Found::Model,
        ConfigValue::Set(items) => {
            Found::Set(Rc::new(items.iter().fold(Found::None, |all, item| all.join(of_config(item)))))
        }
        ConfigValue::Tuple(items) => Found::Tuple(items.iter().map(of_config).collect()),
        ConfigValue::Interval(..) => Found::Set(Rc::new(Found::Int)),
        ConfigValue::Record(fields) => Found::record(fields.iter().map(|(name, part)| (name.clone(), of_config(part)))),
    }
}
