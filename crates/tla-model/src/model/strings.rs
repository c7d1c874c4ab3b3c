//! The order of strings: which string TLC meets first.
//!
//! First the string literals and model values of the configuration, then words of the language, then the tokens of all
//! modules in parse order, then the contents of string literals, modules that others depend on first. Names of standard
//! modules count as tokens too. See `docs/soundness.md`, "Order of strings".

use crate::resolve::walk::visit;
use crate::value::names::Names;
use tla_syntax::ast::{DefinitionBody, Expr, ExprKind, Module, Unit};
use tla_syntax::config::{Config, ConfigValue, ConstantBinding};
use tla_syntax::load::Specification;

/// Words that TLC knows before it reads a module.
const LANGUAGE: &[&str] = &["STRING", "FALSE", "TRUE", "BOOLEAN", "SUBSET", "UNION", "DOMAIN", "ENABLED", "UNCHANGED"];

pub(super) fn intern(specification: &Specification, config: &Config) -> Names {
    let mut names = Names::new();
    for assignment in &config.constants {
        match &assignment.binding {
            ConstantBinding::Value(value) | ConstantBinding::ValueIn { value, .. } => intern_value(&mut names, value),
            ConstantBinding::OperatorCase { args, value } => {
                args.iter().for_each(|arg| intern_value(&mut names, arg));
                intern_value(&mut names, value);
            }
            ConstantBinding::Definition(_) | ConstantBinding::DefinitionIn { .. } => {}
        }
    }
    for word in LANGUAGE {
        names.string(word);
    }
    for name in specification.interned_names() {
        names.string(&name);
    }
    let mut done = Vec::new();
    intern_module(&names, specification, specification.root, &mut done);
    names.fix_order();
    names
}

fn intern_value(names: &mut Names, value: &ConfigValue) {
    match value {
        ConfigValue::String(text) => {
            names.string(text);
        }
        ConfigValue::ModelValue(name) => {
            names.string(name);
            names.model_value(name);
        }
        ConfigValue::Set(items) | ConfigValue::Tuple(items) => {
            items.iter().for_each(|item| intern_value(names, item));
        }
        ConfigValue::Record(fields) => {
            for (field, value) in fields {
                names.string(field);
                intern_value(names, value);
            }
        }
        ConfigValue::Int(_) | ConfigValue::Bool(_) | ConfigValue::Interval(..) => {}
    }
}

/// Interns the literals of a module after those of the modules that it extends and instantiates.
fn intern_module(names: &Names, specification: &Specification, index: usize, done: &mut Vec<usize>) {
    if done.contains(&index) {
        return;
    }
    done.push(index);
    let module = &specification.modules[index].module;
    let instances = module.units.iter().filter_map(|unit| match unit {
        Unit::Instance { instance, .. } => Some(&instance.module),
        Unit::Definition(definition) => match &definition.body {
            DefinitionBody::Instance(instance) => Some(&instance.module),
            DefinitionBody::Operator(_) | DefinitionBody::Function { .. } => None,
        },
        Unit::Constants(_)
        | Unit::Variables(_)
        | Unit::Recursive(_)
        | Unit::Assume(_)
        | Unit::Theorem(_)
        | Unit::Module(_) => None,
    });
    for needed in module.extends.iter().chain(instances) {
        if let Some(other) = specification.by_name.get(&needed.name) {
            intern_module(names, specification, *other, done);
        }
    }
    intern_literals(names, module);
}

fn intern_literals(names: &Names, module: &Module) {
    let mut literal = |expr: &Expr| {
        visit(expr, &mut |inner| {
            if let ExprKind::String(text) = &*inner.kind {
                names.string(text);
            }
        });
    };
    for unit in &module.units {
        match unit {
            Unit::Definition(definition) => match &definition.body {
                DefinitionBody::Operator(expr) => literal(expr),
                DefinitionBody::Function { bounds, body } => {
                    bounds.iter().filter_map(|bound| bound.set.as_ref()).for_each(&mut literal);
                    literal(body);
                }
                DefinitionBody::Instance(instance) => {
                    instance.substitutions.iter().for_each(|(_, expr)| literal(expr));
                }
            },
            Unit::Instance { instance, .. } => instance.substitutions.iter().for_each(|(_, expr)| literal(expr)),
            Unit::Assume(assume) => literal(&assume.expr),
            Unit::Theorem(theorem) => theorem.expr.iter().for_each(&mut literal),
            Unit::Module(nested) => intern_literals(names, nested),
            Unit::Constants(_) | Unit::Variables(_) | Unit::Recursive(_) => {}
        }
    }
}
