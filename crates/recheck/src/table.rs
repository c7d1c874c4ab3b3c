//! What a module's names stand for, before anything is instantiated: one table a module.
//!
//! A name comes from the module's own text, from a module that it extends, or from an `INSTANCE` without a name. The
//! table says which; `names` follows it. `LOCAL` definitions and instances are seen inside the module only. The
//! standard modules have no text: their operators lead to `native`.

use std::collections::HashMap;
use std::rc::Rc;
use tla_syntax::ast::{Definition, Expr, Ident, Instance, Module, Name, Unit};
use tla_syntax::library::{self, BuiltinModule, Purpose};

/// Where a name of a module leads.
#[derive(Clone, Copy)]
pub(crate) enum Entry<'s> {
    /// A declared constant with this number of arguments.
    Constant(usize),
    /// A declared variable.
    Variable,
    /// A definition of the module itself.
    Definition(&'s Definition),
    /// A named assumption or theorem.
    Statement(&'s Expr),
    /// A nested module.
    Module(&'s Module),
    /// The extended module with this index knows it.
    Extended(usize),
    /// This instance without a name knows it.
    Instanced(&'s Instance),
    /// An operator of a module without text.
    Builtin(&'static BuiltinModule, &'static str),
}

/// A module of which another one speaks.
#[derive(Clone, Copy)]
pub(crate) enum Source<'s> {
    /// A module of the specification.
    Text(&'s Module),
    /// A module without text.
    Builtin(&'static BuiltinModule),
    /// A module that was not found.
    Missing,
}

/// All names of a module.
pub(crate) struct Table<'s> {
    entries: HashMap<&'s str, (Entry<'s>, bool)>,
    /// The extended modules.
    pub(crate) extended: Vec<Source<'s>>,
    /// Declared variables, its own and those of extended modules, in order of declaration.
    pub(crate) variables: Vec<&'s Name>,
}

impl<'s> Table<'s> {
    /// The entry for a name, as seen from inside the module.
    pub(crate) fn get(&self, name: &str) -> Option<Entry<'s>> {
        self.entries.get(name).map(|(entry, _)| *entry)
    }

    /// The entry for a name, as seen by those who extend or instantiate the module.
    pub(crate) fn exported(&self, name: &str) -> Option<Entry<'s>> {
        self.entries.get(name).filter(|(_, local)| !local).map(|(entry, _)| *entry)
    }

    fn add(&mut self, name: &'s str, entry: Entry<'s>, local: bool) {
        self.entries.entry(name).or_insert((entry, local));
    }

    fn import_builtin(&mut self, module: &'static BuiltinModule, local: bool) {
        for operator in module.operators {
            self.add(operator.name, Entry::Builtin(module, operator.name), local);
        }
        for parent in module.extends.iter().filter_map(|name| library::builtin(name)) {
            self.import_builtin(parent, local);
        }
    }

    fn import(&mut self, other: &Table<'s>, entry: Entry<'s>, local: bool) {
        for (name, (theirs, hidden)) in &other.entries {
            let declared = matches!(theirs, Entry::Constant(_) | Entry::Variable | Entry::Module(_));
            let replaced = declared && matches!(entry, Entry::Instanced(_));
            if !hidden && !replaced {
                self.add(name, entry, local);
            }
        }
    }
}

/// Tables of all modules, made on demand.
pub(crate) struct Tables<'s> {
    global: HashMap<&'s str, &'s Module>,
    made: HashMap<*const Module, Rc<Table<'s>>>,
}

impl<'s> Tables<'s> {
    /// No tables yet.
    pub(crate) fn new(modules: impl IntoIterator<Item = &'s Module>) -> Self {
        Self { global: modules.into_iter().map(|m| (&*m.name.name, m)).collect(), made: HashMap::new() }
    }

    /// The file-level module with this name. A file does not replace a module whose operators are native; it does
    /// replace one that exists for proofs only.
    pub(crate) fn global(&self, name: &str) -> Source<'s> {
        match (library::builtin(name), self.global.get(name)) {
            (Some(builtin), _) if builtin.purpose == Purpose::Evaluated => Source::Builtin(builtin),
            (_, Some(module)) => Source::Text(module),
            (Some(builtin), None) => Source::Builtin(builtin),
            (None, None) => Source::Missing,
        }
    }

    /// The table of a module.
    pub(crate) fn of(&mut self, module: &'s Module) -> Rc<Table<'s>> {
        if let Some(table) = self.made.get(&std::ptr::from_ref(module)) {
            return table.clone();
        }
        let table = Rc::new(self.make(module));
        self.made.insert(module, table.clone());
        table
    }

    fn make(&mut self, module: &'s Module) -> Table<'s> {
        let extended = module.extends.iter().map(|name| self.global(&name.name)).collect();
        let mut table = Table { entries: HashMap::new(), extended, variables: Vec::new() };
        for (index, parent) in table.extended.clone().into_iter().enumerate() {
            let parent = match parent {
                Source::Text(parent) => self.of(parent),
                Source::Builtin(builtin) => {
                    table.import_builtin(builtin, false);
                    continue;
                }
                Source::Missing => continue,
            };
            // Of two modules that declare a name, the first says what it is.
            for variable in &parent.variables {
                if table.get(variable).is_none() {
                    table.variables.push(variable);
                }
            }
            table.import(&parent, Entry::Extended(index), false);
        }
        for unit in &module.units {
            self.add_unit(&mut table, unit);
        }
        table
    }

    fn add_unit(&mut self, table: &mut Table<'s>, unit: &'s Unit) {
        match unit {
            Unit::Constants(declared) => {
                declared.iter().for_each(|c| table.add(&c.name.name, Entry::Constant(c.arity), false));
            }
            Unit::Variables(declared) => {
                for variable in declared {
                    if table.get(&variable.name).is_none() {
                        table.variables.push(&variable.name);
                    }
                    table.add(&variable.name, Entry::Variable, false);
                }
            }
            Unit::Recursive(_) => {}
            Unit::Definition(definition) => {
                table.add(&definition.name.name, Entry::Definition(definition), definition.local);
            }
            Unit::Instance { local, instance } => match self.find_instanced(table, &instance.module) {
                Source::Text(module) => {
                    let theirs = self.of(module);
                    table.import(&theirs, Entry::Instanced(instance), *local);
                }
                Source::Builtin(builtin) => table.import_builtin(builtin, *local),
                Source::Missing => {}
            },
            Unit::Assume(assume) => Self::add_statement(table, assume.name.as_ref(), Some(&assume.expr)),
            Unit::Theorem(theorem) => Self::add_statement(table, theorem.name.as_ref(), theorem.expr.as_ref()),
            Unit::Module(module) => table.add(&module.name.name, Entry::Module(module), false),
        }
    }

    fn add_statement(table: &mut Table<'s>, name: Option<&'s Ident>, expr: Option<&'s Expr>) {
        if let (Some(name), Some(expr)) = (name, expr) {
            table.add(&name.name, Entry::Statement(expr), false);
        }
    }

    /// The module of an instance without a name: nested, nested in an extended module, or in a file of its own.
    pub(crate) fn find_instanced(&mut self, table: &Table<'s>, name: &Ident) -> Source<'s> {
        match table.get(&name.name) {
            Some(Entry::Module(module)) => Source::Text(module),
            Some(Entry::Extended(index)) => match table.extended[index] {
                Source::Text(parent) => {
                    let parent = self.of(parent);
                    self.find_instanced(&parent, name)
                }
                other @ (Source::Builtin(_) | Source::Missing) => other,
            },
            Some(
                Entry::Constant(_)
                | Entry::Variable
                | Entry::Definition(_)
                | Entry::Statement(_)
                | Entry::Instanced(_)
                | Entry::Builtin(..),
            )
            | None => self.global(&name.name),
        }
    }
}
