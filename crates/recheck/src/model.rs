//! What the configuration says about names: values of constants, and replaced definitions.
//!
//! `c = value` and `c <- Definition` give declared constants a meaning, and replace definitions wherever they are used.
//! A replaced definition is known by the module that contains it: the root may see `Nat` through a chain of `EXTENDS`,
//! and `Nat <- Small` replaces it for everybody. `c <- [M]Definition` replaces a name inside the text of `M` only. The
//! right-hand side is always a name of the root module.

use crate::evaluate::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::names::{Meaning, Theory};
use crate::table::{Entry, Source};
use crate::value::{ModelValue, Value};
use std::collections::HashMap;
use std::rc::Rc;
use tla_syntax::Span;
use tla_syntax::ast::{Ident, Module, Name};
use tla_syntax::config::{Config, ConfigValue, ConstantBinding};

/// What stands in the place of a constant or a definition.
#[derive(Clone)]
enum Replacement<'s> {
    Value(Value<'s>),
    Definition(&'s Ident),
    Cases(Rc<Vec<(Vec<Value<'s>>, Value<'s>)>>),
}

/// The meaning of names according to the configuration.
#[derive(Default)]
pub(crate) struct Model<'s> {
    /// All model values, by name.
    pub(crate) values: HashMap<Name, ModelValue>,
    constants: HashMap<&'s str, Replacement<'s>>,
    /// Replaced definitions, by the name of their module and their own.
    definitions: HashMap<(&'s str, &'s str), Replacement<'s>>,
    /// Names replaced inside one module.
    scoped: HashMap<(&'s str, &'s str), Replacement<'s>>,
}

impl<'s> Evaluator<'s> {
    /// Takes over what the configuration says about names.
    pub(crate) fn configure(&mut self, config: &'s Config, root: &'s Module) -> Outcome<()> {
        let mut cases: HashMap<&'s str, Vec<(Vec<Value<'s>>, Value<'s>)>> = HashMap::new();
        for assignment in &config.constants {
            let (name, span) = (&*assignment.name.name, root.name.span);
            if name.contains('!') {
                return Fault::unsupported(span, format!("the configuration's constant {name}, a compound name"));
            }
            match &assignment.binding {
                ConstantBinding::Value(value) => {
                    let value = self.configured_value(value, span)?;
                    self.replace(root, name, &Replacement::Value(value));
                }
                ConstantBinding::Definition(definition) => {
                    self.replace(root, name, &Replacement::Definition(definition));
                }
                ConstantBinding::DefinitionIn { module, definition } => {
                    self.model.scoped.insert((&*module.name, name), Replacement::Definition(definition));
                }
                ConstantBinding::ValueIn { module, value } => {
                    let value = self.configured_value(value, span)?;
                    self.model.scoped.insert((&*module.name, name), Replacement::Value(value));
                }
                ConstantBinding::OperatorCase { args, value } => {
                    let case = (self.configured_values(args, span)?, self.configured_value(value, span)?);
                    cases.entry(name).or_default().push(case);
                }
            }
        }
        for (name, cases) in cases {
            self.replace(root, name, &Replacement::Cases(Rc::new(cases)));
        }
        Ok(())
    }

    fn configured_values(&mut self, values: &[ConfigValue], span: Span) -> Outcome<Vec<Value<'s>>> {
        values.iter().map(|value| self.configured_value(value, span)).collect()
    }

    fn replace(&mut self, root: &'s Module, name: &'s str, replacement: &Replacement<'s>) {
        if let Some(home) = self.home(root, name) {
            self.model.definitions.insert((home, name), replacement.clone());
        }
        self.model.constants.insert(name, replacement.clone());
    }

    /// The name of the module that defines what `module` calls `name`.
    fn home(&mut self, module: &'s Module, name: &str) -> Option<&'s str> {
        let table = self.tables.of(module);
        match table.get(name)? {
            Entry::Definition(_) => Some(&module.name.name),
            Entry::Builtin(module, _) => Some(module.name),
            Entry::Extended(index) => self.home_in(table.extended[index], name),
            Entry::Instanced(instance) => {
                let instanced = self.tables.find_instanced(&table, &instance.module);
                self.home_in(instanced, name)
            }
            Entry::Constant(_) | Entry::Variable | Entry::Statement(_) | Entry::Module(_) => None,
        }
    }

    fn home_in(&mut self, source: Source<'s>, name: &str) -> Option<&'s str> {
        match source {
            Source::Text(module) => self.home(module, name),
            Source::Builtin(_) | Source::Missing => None,
        }
    }

    /// What replaces this name of this module, if anything does.
    pub(crate) fn replacement(
        &mut self,
        theory: &Rc<Theory<'s>>,
        name: &str,
        entry: Entry<'s>,
        span: Span,
    ) -> Outcome<Option<Meaning<'s>>> {
        let module = &*theory.module.name.name;
        if let Some(replacement) = self.model.scoped.get(&(module, name)).cloned() {
            return self.replacing(&replacement, span).map(Some);
        }
        let home = match entry {
            Entry::Definition(_) => module,
            Entry::Builtin(builtin, _) => builtin.name,
            Entry::Constant(_)
            | Entry::Variable
            | Entry::Statement(_)
            | Entry::Module(_)
            | Entry::Extended(_)
            | Entry::Instanced(_) => return Ok(None),
        };
        match self.model.definitions.get(&(home, name)).cloned() {
            Some(replacement) => self.replacing(&replacement, span).map(Some),
            None => Ok(None),
        }
    }

    /// The meaning of a constant that the root module declares.
    pub(crate) fn configured_constant(&mut self, name: &str, span: Span) -> Outcome<Meaning<'s>> {
        match self.model.constants.get(name).cloned() {
            Some(replacement) => self.replacing(&replacement, span),
            None => Fault::unsupported(span, format!("the constant {name}, to which the configuration gives no value")),
        }
    }

    fn replacing(&mut self, replacement: &Replacement<'s>, span: Span) -> Outcome<Meaning<'s>> {
        match replacement {
            Replacement::Value(value) => Ok(Meaning::Value(value.clone())),
            Replacement::Cases(cases) => Ok(Meaning::Cases(cases.clone())),
            Replacement::Definition(definition) => self.root_meaning(definition, span),
        }
    }

    /// What a name means in the root module. Counted as a step deeper, since replacements may lead in a circle.
    pub(crate) fn root_meaning(&mut self, name: &Ident, span: Span) -> Outcome<Meaning<'s>> {
        let root = self.root.clone();
        self.deeper(span, |this| match root {
            Some(root) => match this.lookup_in(&root, &name.name, span)? {
                Some(meaning) => Ok(meaning),
                None => {
                    Fault::unsupported(span, format!("the name {}, which the root module does not define", name.name))
                }
            },
            None => Fault::unsupported(span, "a replaced definition before the root module is known"),
        })
    }
}
