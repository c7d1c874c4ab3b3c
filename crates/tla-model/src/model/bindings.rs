//! Constants and overrides of the configuration.

use super::{Builder, Built};
use crate::ir::Level;
use crate::resolve::Binding;
use crate::resolve::scope::Symbol;
use crate::value::Value;
use crate::value::names::Names;
use crate::value::order::set_from;
use crate::value::show::show;
use num_bigint::BigInt;
use std::rc::Rc;
use tla_syntax::ast::{Ident, Name};
use tla_syntax::config::{ConfigValue, ConstantAssignment, ConstantBinding};
use tla_syntax::{Diagnostic, Span};

/// The value of a configuration, or what is wrong with it.
pub(super) fn value(names: &mut Names, text: &ConfigValue) -> Result<Value, String> {
    let integer = |digits: &Name| digits.parse::<BigInt>().map_err(|_| format!("`{digits}` is no number"));
    Ok(match text {
        ConfigValue::Int(digits) => Value::integer(integer(digits)?),
        ConfigValue::String(text) => Value::String(names.string(text)),
        ConfigValue::Bool(b) => Value::Bool(*b),
        ConfigValue::ModelValue(name) => Value::Model(names.model_value(name)),
        ConfigValue::Set(items) => {
            let items = values(names, items)?;
            set_from(names, items).map_err(|refused| {
                format!("{} and {} cannot be elements of one set", show(names, &refused.0), show(names, &refused.1))
            })?
        }
        ConfigValue::Tuple(items) => Value::tuple(values(names, items)?),
        ConfigValue::Interval(low, high) => match (Value::integer(integer(low)?), Value::integer(integer(high)?)) {
            (Value::Int(low), Value::Int(high)) => Value::interval(low, high),
            _ => return Err("the bounds of an interval must fit 64 bits".to_owned()),
        },
        ConfigValue::Record(fields) => {
            let mut pairs = Vec::new();
            for (field, text) in fields {
                let id = names.string(field);
                pairs.push((id, value(names, text)?));
            }
            pairs.sort_by(|a, b| names.compare(a.0, b.0));
            let (ids, values): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            Value::record(Rc::from(ids), values)
        }
    })
}

fn values(names: &mut Names, items: &[ConfigValue]) -> Result<Vec<Value>, String> {
    items.iter().map(|item| value(names, item)).collect()
}

impl Builder<'_> {
    /// Reads the constants; returns them as text for the verdict.
    pub(super) fn bind_constants(&mut self) -> Vec<(String, String)> {
        let mut shown = Vec::new();
        for assignment in &self.config.constants {
            let name = assignment.name.name.clone();
            let text = match &assignment.binding {
                ConstantBinding::Value(text) => self.bind_value(assignment, text),
                ConstantBinding::Definition(target) => {
                    self.resolver.bindings.insert(name.clone(), Binding::Definition(target.clone()));
                    target.name.to_string()
                }
                ConstantBinding::DefinitionIn { module, definition } => {
                    let key = (module.name.clone(), name.clone());
                    self.resolver.module_bindings.insert(key, Binding::Definition(definition.clone()));
                    format!("[{}]{}", module.name, definition.name)
                }
                ConstantBinding::ValueIn { module, value: text } => match value(&mut self.resolver.names, text) {
                    Ok(value) => {
                        let kind = self.resolver.constant(&value);
                        self.resolver.module_bindings.insert((module.name.clone(), name.clone()), Binding::Kind(kind));
                        show(&self.resolver.names, &value)
                    }
                    Err(problem) => self.bad_value(assignment.span, problem),
                },
                ConstantBinding::OperatorCase { args, value } => self.bind_case(assignment, args, value),
            };
            shown.push((name.to_string(), text));
        }
        shown
    }

    fn bad_value(&mut self, span: Span, problem: String) -> String {
        self.resolver.diagnostics.push(Diagnostic::error("configuration-value", span, problem));
        String::new()
    }

    fn bind_value(&mut self, assignment: &ConstantAssignment, text: &ConfigValue) -> String {
        match value(&mut self.resolver.names, text) {
            Ok(value) => {
                let shown = show(&self.resolver.names, &value);
                let kind = self.resolver.constant(&value);
                self.resolver.bindings.insert(assignment.name.name.clone(), Binding::Kind(kind));
                shown
            }
            Err(problem) => self.bad_value(assignment.span, problem),
        }
    }

    fn bind_case(&mut self, assignment: &ConstantAssignment, args: &[ConfigValue], result: &ConfigValue) -> String {
        let names = &mut self.resolver.names;
        let (args, result) = match (values(names, args), value(names, result)) {
            (Ok(args), Ok(result)) => (args, result),
            (Err(problem), _) | (_, Err(problem)) => return self.bad_value(assignment.span, problem),
        };
        let shown = show(&self.resolver.names, &result);
        let kinds = args.iter().map(|arg| self.resolver.constant(arg)).collect();
        let result = self.resolver.constant(&result);
        let entry =
            self.resolver.bindings.entry(assignment.name.name.clone()).or_insert_with(|| Binding::Cases(Vec::new()));
        if let Binding::Cases(cases) = entry {
            cases.push((kinds, result));
        }
        shown
    }

    /// Everything on the right side of an arrow is defined; asked before a definition that refers to it is read.
    pub(super) fn check_targets(&mut self) -> Built<()> {
        for assignment in &self.config.constants {
            match &assignment.binding {
                ConstantBinding::Definition(target) | ConstantBinding::DefinitionIn { definition: target, .. } => {
                    self.check_target(target)?;
                }
                ConstantBinding::Value(_) | ConstantBinding::ValueIn { .. } | ConstantBinding::OperatorCase { .. } => {}
            }
        }
        Ok(())
    }

    /// Constants without a value, replacements that do not exist.
    pub(super) fn check_bindings(&mut self) -> Built<()> {
        let declared = self.resolver.modules.module(self.root).constants.clone();
        for (name, arity, span) in declared {
            if self.resolver.bindings.contains_key(&name) {
                continue;
            }
            let form = if arity == 0 { format!("{name} = value") } else { format!("{name} <- Operator") };
            return self.configuration_error(
                Diagnostic::error("constant-without-value", span, format!("the constant `{name}` has no value"))
                    .remedy(format!("give it one in the configuration: CONSTANT {form}")),
            );
        }
        for assignment in &self.config.constants {
            match &assignment.binding {
                ConstantBinding::Definition(target) => {
                    self.check_replacement(&assignment.name, target)?;
                    self.check_expression(target)?;
                }
                ConstantBinding::DefinitionIn { definition, .. } => {
                    self.check_target(definition)?;
                }
                ConstantBinding::Value(_) | ConstantBinding::ValueIn { .. } | ConstantBinding::OperatorCase { .. } => {}
            }
        }
        Ok(())
    }

    /// An expression of the configuration is one of constants.
    fn check_expression(&mut self, target: &Ident) -> Built<()> {
        if !self.config.expressions.iter().any(|definition| definition.name.name == target.name) {
            return Ok(());
        }
        let (_, level, _) = self.named(target, "expression")?;
        if level == Level::Constant {
            return Ok(());
        }
        self.configuration_error(
            Diagnostic::error("configuration-value", target.span, "the value of a constant depends on variables")
                .remedy("use constants and definitions of constant level only"),
        )
    }

    fn check_target(&mut self, target: &Ident) -> Built<Symbol<'_>> {
        let found = self.resolver.modules.module(self.root).scope.contains_key(&target.name);
        if !found {
            return self.configuration_error(
                Diagnostic::error(
                    "unknown-in-configuration",
                    target.span,
                    format!("the specification does not define `{}`", target.name),
                )
                .remedy("the right side of <- is a definition of the root module; for a model value write ="),
            );
        }
        Ok(self.resolver.modules.module(self.root).scope[&target.name].symbol.clone())
    }

    fn check_replacement(&mut self, name: &Ident, target: &Ident) -> Built<()> {
        let arity = symbol_arity(&self.check_target(target)?);
        let replaced = self.resolver.modules.module(self.root).scope.get(&name.name);
        let Some(replaced) = replaced.map(|entry| symbol_arity(&entry.symbol)) else {
            return self.configuration_error(
                Diagnostic::error(
                    "unknown-in-configuration",
                    name.span,
                    format!("the specification does not declare or define `{}`", name.name),
                )
                .remedy("only constants and definitions can be replaced"),
            );
        };
        if arity == replaced {
            return Ok(());
        }
        self.configuration_error(
            Diagnostic::error(
                "arity",
                target.span,
                format!("`{}` and `{}` take different numbers of arguments", name.name, target.name),
            )
            .remedy("replace an operator by one with the same parameters"),
        )
    }
}

fn symbol_arity(symbol: &Symbol<'_>) -> usize {
    match symbol {
        Symbol::Constant(_, declaration) => declaration.arity,
        Symbol::Operator(_, definition) | Symbol::Instance(_, definition, _) => definition.params.len(),
        Symbol::Imported(_, _, inner) => symbol_arity(inner),
        Symbol::Builtin(_, arities) => arities.len(),
        Symbol::Variable(..) | Symbol::Opaque(_) | Symbol::Statement(..) | Symbol::Module(_) => 0,
    }
}
