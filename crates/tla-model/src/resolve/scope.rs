//! Names of modules: what each module declares, defines, extends and instantiates.

use super::repeated::{Sort, Way};
use crate::ir::Primitive;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_syntax::ast::{Assume, Definition, DefinitionBody, Expr, Instance, Module, Name, OpDecl, Unit};
use tla_syntax::library;
use tla_syntax::load::Specification;
use tla_syntax::{Diagnostic, Span};

/// Number of a module in [`Modules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// What a name of a module means.
#[derive(Debug, Clone)]
pub enum Symbol<'a> {
    /// A declared constant.
    Constant(ModuleId, &'a OpDecl),
    /// A declared variable.
    Variable(ModuleId, &'a tla_syntax::ast::Ident),
    /// A defined operator or function.
    Operator(ModuleId, &'a Definition),
    /// A named instance.
    Instance(ModuleId, &'a Definition, &'a Instance),
    /// A name that came in through an `INSTANCE` without a name, standing in the given module.
    Imported(ModuleId, &'a Instance, Rc<Symbol<'a>>),
    /// An operator of a primitive module.
    Builtin(Primitive, &'static [usize]),
    /// An operator of a bundled module that exists only so that the module can be extended (proof methods).
    Opaque(&'static str),
    /// The statement of a named assumption or theorem.
    Statement(ModuleId, Option<&'a Expr>),
    /// A nested module.
    Module(ModuleId),
}

/// A name in a scope.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// What it means.
    pub symbol: Symbol<'a>,
    /// Whether modules that extend or instantiate this one see it.
    pub exported: bool,
    /// Where it becomes visible, for names of this very module; `None` for names that came from elsewhere.
    pub span: Option<Span>,
}

/// A module with its names.
#[derive(Debug)]
pub struct ModuleInfo<'a> {
    /// Its name.
    pub name: Name,
    /// The tree; `None` for a primitive module.
    pub tree: Option<&'a Module>,
    /// The enclosing module.
    pub parent: Option<ModuleId>,
    /// Names by spelling.
    pub scope: FxHashMap<Name, Entry<'a>>,
    /// Operators announced by `RECURSIVE`.
    pub recursive: FxHashMap<Name, Span>,
    /// This module and all that it extends, directly or not.
    pub own: Vec<ModuleId>,
    /// Declared variables, those of extended modules first.
    pub variables: Vec<(Name, Span)>,
    /// Declared constants, those of extended modules first.
    pub constants: Vec<(Name, usize, Span)>,
    /// Assumptions, those of extended modules first.
    pub assumptions: Vec<(ModuleId, &'a Assume)>,
}

/// All modules of a specification, in the order in which their names were resolved.
#[derive(Debug)]
pub struct Modules<'a> {
    /// The modules.
    pub all: Vec<ModuleInfo<'a>>,
    specification: &'a Specification,
    by_name: FxHashMap<Name, ModuleId>,
}

impl<'a> Modules<'a> {
    /// Resolves the names of the root module and of all that it reaches.
    pub fn build(specification: &'a Specification, diagnostics: &mut Vec<Diagnostic>) -> (Self, ModuleId) {
        let mut modules = Self { all: Vec::new(), specification, by_name: FxHashMap::default() };
        let root = &specification.modules[specification.root].module;
        let id = modules.add(root, None, diagnostics);
        (modules, id)
    }

    /// The module with this number.
    pub fn module(&self, id: ModuleId) -> &ModuleInfo<'a> {
        &self.all[id.0 as usize]
    }

    /// The module that a name refers to inside a module: a nested one, a file, or a bundled one.
    pub fn find(&mut self, name: &Name, from: Option<ModuleId>, diagnostics: &mut Vec<Diagnostic>) -> Option<ModuleId> {
        let mut enclosing = from;
        while let Some(id) = enclosing {
            if let Some(Entry { symbol: Symbol::Module(found), .. }) = self.module(id).scope.get(name) {
                return Some(*found);
            }
            enclosing = self.module(id).parent;
        }
        if let Some(id) = self.by_name.get(name) {
            return Some(*id);
        }
        if let Some(builtin) = library::builtin(name) {
            return Some(self.add_builtin(name, builtin, diagnostics));
        }
        let tree = self.specification.module(name)?;
        Some(self.add(&tree.module, None, diagnostics))
    }

    fn add_builtin(
        &mut self,
        name: &Name,
        builtin: &'static library::BuiltinModule,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> ModuleId {
        let mut scope = FxHashMap::default();
        for extended in builtin.extends {
            if let Some(id) = self.find(&Name::from(*extended), None, diagnostics) {
                for (name, entry) in &self.module(id).scope {
                    scope.insert(name.clone(), entry.clone());
                }
            }
        }
        for operator in builtin.operators {
            let symbol = match Primitive::find(builtin.name, operator.name) {
                Some((primitive, arities)) => Symbol::Builtin(primitive, arities),
                None => Symbol::Opaque(operator.name),
            };
            scope.insert(operator.name.into(), Entry { symbol, exported: true, span: None });
        }
        self.push(ModuleInfo {
            name: name.clone(),
            tree: None,
            parent: None,
            scope,
            recursive: FxHashMap::default(),
            own: Vec::new(),
            variables: Vec::new(),
            constants: Vec::new(),
            assumptions: Vec::new(),
        })
    }

    fn push(&mut self, mut info: ModuleInfo<'a>) -> ModuleId {
        let id = ModuleId(self.all.len() as u32);
        info.own.push(id);
        if info.parent.is_none() {
            self.by_name.insert(info.name.clone(), id);
        }
        self.all.push(info);
        id
    }

    fn add(&mut self, tree: &'a Module, parent: Option<ModuleId>, diagnostics: &mut Vec<Diagnostic>) -> ModuleId {
        let scope = match parent {
            None => FxHashMap::default(),
            Some(parent) => self
                .module(parent)
                .scope
                .iter()
                .map(|(name, entry)| (name.clone(), Entry { exported: false, span: None, ..entry.clone() }))
                .collect(),
        };
        let id = self.push(ModuleInfo {
            name: tree.name.name.clone(),
            tree: Some(tree),
            parent,
            scope,
            recursive: FxHashMap::default(),
            own: Vec::new(),
            variables: Vec::new(),
            constants: Vec::new(),
            assumptions: Vec::new(),
        });
        for extended in &tree.extends {
            if let Some(other) = self.find(&extended.name, parent, diagnostics) {
                self.extend(id, other, extended.span, diagnostics);
            }
        }
        for unit in &tree.units {
            self.unit(id, unit, diagnostics);
        }
        id
    }

    fn extend(&mut self, id: ModuleId, other: ModuleId, span: Span, diagnostics: &mut Vec<Diagnostic>) {
        if other == id {
            return;
        }
        let exported: Vec<(Name, Symbol<'a>)> = self
            .module(other)
            .scope
            .iter()
            .filter(|(_, entry)| entry.exported)
            .map(|(name, entry)| (name.clone(), entry.symbol.clone()))
            .collect();
        for (name, symbol) in exported {
            let entry = Entry { symbol, exported: true, span: None };
            self.declare(id, &name, entry, (Way::Extended, span), diagnostics);
        }
        let info = self.module(other);
        let (own, variables, constants) = (info.own.clone(), info.variables.clone(), info.constants.clone());
        let (assumptions, recursive) = (info.assumptions.clone(), info.recursive.clone());
        let mine = &mut self.all[id.0 as usize];
        merge(&mut mine.own, own, |a, b| a == b);
        // A declaration that is passed over is no variable or constant of its own.
        let scope = &mine.scope;
        let stands = |name: &Name, at| scope.get(name).and_then(|entry| symbol_span(&entry.symbol)) == Some(at);
        merge(&mut mine.variables, variables.into_iter().filter(|(name, at)| stands(name, *at)), |a, b| a.1 == b.1);
        merge(&mut mine.constants, constants.into_iter().filter(|(name, _, at)| stands(name, *at)), |a, b| a.2 == b.2);
        merge(&mut mine.assumptions, assumptions, |a, b| std::ptr::eq(a.1, b.1));
        mine.recursive.extend(recursive);
    }

    fn unit(&mut self, id: ModuleId, unit: &'a Unit, diagnostics: &mut Vec<Diagnostic>) {
        match unit {
            Unit::Constants(declarations) => {
                for declaration in declarations {
                    let name = &declaration.name;
                    let symbol = Symbol::Constant(id, declaration);
                    if self.declare_here(id, &name.name, symbol, true, name.span, diagnostics) {
                        self.all[id.0 as usize].constants.push((name.name.clone(), declaration.arity, name.span));
                    }
                }
            }
            Unit::Variables(names) => {
                for name in names {
                    if self.declare_here(id, &name.name, Symbol::Variable(id, name), true, name.span, diagnostics) {
                        self.all[id.0 as usize].variables.push((name.name.clone(), name.span));
                    }
                }
            }
            Unit::Recursive(declarations) => {
                for declaration in declarations {
                    let name = declaration.name.name.clone();
                    self.all[id.0 as usize].recursive.insert(name, declaration.name.span);
                }
            }
            Unit::Definition(definition) => self.definition(id, definition, diagnostics),
            Unit::Instance { local, instance } => self.import(id, instance, !local, diagnostics),
            Unit::Assume(assume) => {
                self.all[id.0 as usize].assumptions.push((id, assume));
                if let Some(name) = &assume.name {
                    let symbol = Symbol::Statement(id, Some(&assume.expr));
                    self.declare_here(id, &name.name, symbol, true, name.span, diagnostics);
                }
            }
            Unit::Theorem(theorem) => {
                if let Some(name) = &theorem.name {
                    let symbol = Symbol::Statement(id, theorem.expr.as_ref());
                    self.declare_here(id, &name.name, symbol, true, name.span, diagnostics);
                }
            }
            Unit::Module(nested) => {
                let nested_id = self.add(nested, Some(id), diagnostics);
                let symbol = Symbol::Module(nested_id);
                self.declare_here(id, &nested.name.name, symbol, true, nested.name.span, diagnostics);
            }
        }
    }

    fn definition(&mut self, id: ModuleId, definition: &'a Definition, diagnostics: &mut Vec<Diagnostic>) {
        let symbol = match &definition.body {
            DefinitionBody::Operator(_) | DefinitionBody::Function { .. } => {
                self.faster_way(id, definition).unwrap_or(Symbol::Operator(id, definition))
            }
            DefinitionBody::Instance(instance) => {
                // The instantiated module is resolved now, so that its own mistakes are reported.
                if self.find(&instance.module.name, Some(id), diagnostics).is_none() {
                    diagnostics.push(unknown_module(instance));
                }
                Symbol::Instance(id, definition, instance)
            }
        };
        let name = &definition.name;
        self.declare_here(id, &name.name, symbol, !definition.local, name.span, diagnostics);
    }

    /// The primitive that does the work of an operator of a bundled module. A user's module of the same name is the
    /// user's business.
    fn faster_way(&self, id: ModuleId, definition: &Definition) -> Option<Symbol<'a>> {
        let info = self.module(id);
        self.specification.module(&info.name).filter(|module| module.bundled && info.parent.is_none())?;
        let (primitive, arities) = Primitive::find(&info.name, &definition.name.name)?;
        (arities.len() == definition.params.len()).then_some(Symbol::Builtin(primitive, arities))
    }

    fn import(&mut self, id: ModuleId, instance: &'a Instance, exported: bool, diagnostics: &mut Vec<Diagnostic>) {
        let Some(other) = self.find(&instance.module.name, Some(id), diagnostics) else {
            diagnostics.push(unknown_module(instance));
            return;
        };
        let symbols: Vec<(Name, Symbol<'a>)> = self
            .module(other)
            .scope
            .iter()
            .filter(|(_, entry)| entry.exported)
            .map(|(name, entry)| (name.clone(), entry.symbol.clone()))
            .collect();
        for (name, symbol) in symbols {
            let symbol = match symbol {
                Symbol::Constant(..) | Symbol::Variable(..) => continue,
                Symbol::Builtin(..) | Symbol::Opaque(_) => symbol,
                Symbol::Operator(..)
                | Symbol::Instance(..)
                | Symbol::Imported(..)
                | Symbol::Statement(..)
                | Symbol::Module(_) => Symbol::Imported(id, instance, Rc::new(symbol)),
            };
            let entry = Entry { symbol, exported, span: None };
            self.declare(id, &name, entry, (Way::Instantiated, instance.span), diagnostics);
        }
    }

    fn declare_here(
        &mut self,
        id: ModuleId,
        name: &Name,
        symbol: Symbol<'a>,
        exported: bool,
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> bool {
        self.declare(id, name, Entry { symbol, exported, span: Some(span) }, (Way::Own, span), diagnostics)
    }

    /// Gives a name its meaning; says whether it had none before.
    fn declare(
        &mut self,
        id: ModuleId,
        name: &Name,
        entry: Entry<'a>,
        (way, span): (Way, Span),
        diagnostics: &mut Vec<Diagnostic>,
    ) -> bool {
        let scope = &mut self.all[id.0 as usize].scope;
        if let Some(known) = scope.get_mut(name) {
            if same_symbol(&known.symbol, &entry.symbol) {
                known.exported |= entry.exported;
                return false;
            }
            let (old, new) = (Sort::of(&known.symbol), Sort::of(&entry.symbol));
            let what = if old.is_declared() && new.is_declared() { "declared" } else { "defined" };
            let mut diagnostic = Diagnostic::error("multiply-defined", span, format!("`{name}` is {what} twice"))
                .remedy("rename one of the two, or make one of them LOCAL in its module");
            if let Some(first) = known.span.or_else(|| symbol_span(&known.symbol)) {
                diagnostic = diagnostic.related(first, format!("first {what} here"));
            }
            if way.passes_over(old, new) {
                diagnostic.message.push_str(match (old, new) {
                    (Sort::Variable, Sort::Variable) => "; both are one variable",
                    (Sort::Constant(old), Sort::Constant(new)) if old == new => "; both are one constant",
                    _ if what == "declared" => "; the first declaration counts",
                    _ => "; the first definition counts",
                });
                diagnostic = diagnostic.warning();
            }
            diagnostics.push(diagnostic);
            return false;
        }
        scope.insert(name.clone(), entry);
        true
    }
}

fn merge<T>(into: &mut Vec<T>, from: impl IntoIterator<Item = T>, same: impl Fn(&T, &T) -> bool) {
    for item in from {
        if !into.iter().any(|known| same(known, &item)) {
            into.push(item);
        }
    }
}

/// Whether two names stand for the same thing, so that meeting both is no conflict.
fn same_symbol(a: &Symbol<'_>, b: &Symbol<'_>) -> bool {
    match (a, b) {
        (Symbol::Constant(_, x), Symbol::Constant(_, y)) => std::ptr::eq(*x, *y),
        (Symbol::Variable(_, x), Symbol::Variable(_, y)) => std::ptr::eq(*x, *y),
        (Symbol::Operator(_, x), Symbol::Operator(_, y)) => std::ptr::eq(*x, *y),
        (Symbol::Instance(_, x, _), Symbol::Instance(_, y, _)) => std::ptr::eq(*x, *y),
        (Symbol::Imported(_, x, s), Symbol::Imported(_, y, t)) => {
            std::ptr::eq(*x, *y) || (x.substitutions.is_empty() && y.substitutions.is_empty() && same_symbol(s, t))
        }
        (Symbol::Imported(_, _, s), other) | (other, Symbol::Imported(_, _, s)) => same_symbol(s, other),
        (Symbol::Builtin(x, _), Symbol::Builtin(y, _)) => x == y,
        (Symbol::Opaque(x), Symbol::Opaque(y)) => x == y,
        (Symbol::Module(x), Symbol::Module(y)) => x == y,
        (Symbol::Statement(_, Some(x)), Symbol::Statement(_, Some(y))) => std::ptr::eq(*x, *y),
        _ => false,
    }
}

fn symbol_span(symbol: &Symbol<'_>) -> Option<Span> {
    match symbol {
        Symbol::Constant(_, declaration) => Some(declaration.name.span),
        Symbol::Variable(_, name) => Some(name.span),
        Symbol::Operator(_, definition) | Symbol::Instance(_, definition, _) => Some(definition.name.span),
        Symbol::Imported(_, instance, _) => Some(instance.span),
        Symbol::Builtin(..) | Symbol::Opaque(_) | Symbol::Module(_) | Symbol::Statement(..) => None,
    }
}

fn unknown_module(instance: &Instance) -> Diagnostic {
    Diagnostic::error(
        "unknown-module",
        instance.module.span,
        format!("the module `{}` is not known", instance.module.name),
    )
    .remedy("put the module's file beside the specification, or name its folder with -I")
}
