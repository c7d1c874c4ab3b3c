//! The order of strings.
//!
//! TLC keeps strings in one table with all names that it reads, and orders them by their index in it. So `"zebra"` may
//! come before `"apple"`, and does not if `apple` is an identifier of some module. The table is filled in this order:
//!
//! 1. strings and model values of the configuration (model values are ordered by the same index);
//! 2. `STRING`, `FALSE`, `TRUE`, `BOOLEAN`;
//! 3. the identifiers of all modules, in the order of reading;
//! 4. the contents of string literals, module by module, each module after those that it extends and instantiates;
//! 5. strings that evaluation makes.
//!
//! Other tokens than identifiers (operators, numbers) have an index as well, which is neglected here: it would matter
//! for a choice between strings like `"+"` and `"1"`.

use crate::syntax::{parts, parts_of_definition, parts_of_instance};
use crate::value::Text;
use std::collections::{HashMap, HashSet};
use tla_syntax::ast::{DefinitionBody, Expr, ExprKind, LetItem, Module, Name, Unit};
use tla_syntax::config::{Config, ConfigValue, ConstantBinding};
use tla_syntax::load::Specification;

/// Ranks of strings.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    ranks: HashMap<Name, u32>,
}

impl Strings {
    /// All strings of a specification and its configuration.
    pub(crate) fn new(specification: &Specification, config: &Config) -> Self {
        let mut strings = Self::default();
        for assignment in &config.constants {
            match &assignment.binding {
                ConstantBinding::Value(value) | ConstantBinding::ValueIn { value, .. } => strings.add_configured(value),
                ConstantBinding::OperatorCase { args, value } => {
                    args.iter().chain([value]).for_each(|value| strings.add_configured(value));
                }
                ConstantBinding::Definition(_) | ConstantBinding::DefinitionIn { .. } => {}
            }
        }
        for name in ["STRING", "FALSE", "TRUE", "BOOLEAN"] {
            strings.text(&name.into());
        }
        for name in specification.interned_names() {
            strings.text(&name);
        }
        strings.add_literals(specification, &specification.root_module().module, &mut HashSet::new());
        strings
    }

    /// The string with its rank; a new string comes after all others.
    pub(crate) fn text(&mut self, name: &Name) -> Text {
        let next = u32::try_from(self.ranks.len()).unwrap_or(u32::MAX);
        let rank = *self.ranks.entry(name.clone()).or_insert(next);
        Text { rank, name: name.clone() }
    }

    fn add_configured(&mut self, value: &ConfigValue) {
        match value {
            ConfigValue::String(name) | ConfigValue::ModelValue(name) => drop(self.text(name)),
            ConfigValue::Int(_) | ConfigValue::Bool(_) | ConfigValue::Interval(..) => {}
            ConfigValue::Set(values) | ConfigValue::Tuple(values) => {
                values.iter().for_each(|value| self.add_configured(value));
            }
            ConfigValue::Record(fields) => {
                for (name, value) in fields {
                    self.text(name);
                    self.add_configured(value);
                }
            }
        }
    }

    /// Adds the literals of the modules that this one needs, then its own.
    fn add_literals<'s>(&mut self, all: &'s Specification, module: &'s Module, done: &mut HashSet<&'s str>) {
        if !done.insert(&module.name.name) {
            return;
        }
        let mut instantiated = Vec::new();
        instances_of(module, &mut instantiated);
        let extended = module.extends.iter().map(|ident| &ident.name);
        for name in extended.chain(instantiated) {
            if let Some(needed) = all.module(name) {
                self.add_literals(all, &needed.module, done);
            }
        }
        self.add_own_literals(module);
    }

    fn add_own_literals(&mut self, module: &Module) {
        for unit in &module.units {
            match unit {
                Unit::Module(nested) => self.add_own_literals(nested),
                other => parts_of_unit(other).into_iter().for_each(|expr| self.add_literals_in(expr)),
            }
        }
    }

    fn add_literals_in(&mut self, expr: &Expr) {
        if let ExprKind::String(content) = &*expr.kind {
            self.text(content);
        }
        parts(expr).into_iter().for_each(|part| self.add_literals_in(part));
    }
}

/// The expressions of a unit.
fn parts_of_unit(unit: &Unit) -> Vec<&Expr> {
    match unit {
        Unit::Constants(_) | Unit::Variables(_) | Unit::Recursive(_) | Unit::Module(_) => Vec::new(),
        Unit::Definition(definition) => parts_of_definition(definition),
        Unit::Instance { instance, .. } => parts_of_instance(instance).collect(),
        Unit::Assume(assume) => vec![&assume.expr],
        Unit::Theorem(theorem) => theorem.expr.iter().collect(),
    }
}

/// Names of the modules that a module instantiates anywhere.
fn instances_of<'s>(module: &'s Module, names: &mut Vec<&'s Name>) {
    for unit in &module.units {
        match unit {
            Unit::Module(nested) => instances_of(nested, names),
            Unit::Instance { instance, .. } => names.push(&instance.module.name),
            Unit::Definition(definition) => {
                if let DefinitionBody::Instance(instance) = &definition.body {
                    names.push(&instance.module.name);
                }
                parts_of_definition(definition).into_iter().for_each(|expr| instances_in(expr, names));
            }
            other @ (Unit::Constants(_)
            | Unit::Variables(_)
            | Unit::Recursive(_)
            | Unit::Assume(_)
            | Unit::Theorem(_)) => parts_of_unit(other).into_iter().for_each(|expr| instances_in(expr, names)),
        }
    }
}

fn instances_in<'s>(expr: &'s Expr, names: &mut Vec<&'s Name>) {
    if let ExprKind::Let { items, .. } = &*expr.kind {
        for item in items {
            if let LetItem::Definition(definition) = item
                && let DefinitionBody::Instance(instance) = &definition.body
            {
                names.push(&instance.module.name);
            }
        }
    }
    parts(expr).into_iter().for_each(|part| instances_in(part, names));
}
