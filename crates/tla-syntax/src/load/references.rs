//! Which module names which, and in which order SANY reads them.
//!
//! SANY repeats two searches until neither finds anything: first for a name under `EXTENDS` that is not read yet, then
//! for one behind `INSTANCE`. Both walk from the root: the names of a module itself, then what its extended modules,
//! its instantiated modules and its nested modules name, depth first. A name that denotes a nested module in scope needs
//! no file.

use crate::ast::{
    Bound, Definition, DefinitionBody, ExceptPath, Expr, ExprKind, Ident, Instance, LetItem, Module, Name, Selector,
    Unit,
};
use crate::library::BuiltinModule;
use std::collections::{HashMap, HashSet};

/// Index of a unit in a [`Graph`].
pub(super) type UnitId = usize;

/// How a module is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Under `EXTENDS`.
    Extends,
    /// Behind `INSTANCE`.
    Instance,
}

/// A module's name at a place; without a place in a module without text.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub name: Name,
    pub ident: Option<Ident>,
    pub kind: Kind,
}

/// A module, nested or not.
#[derive(Debug, Default)]
pub(super) struct UnitNode {
    pub name: Name,
    pub references: Vec<Reference>,
    inner: Vec<UnitId>,
    parent: Option<UnitId>,
}

/// All modules that are known so far.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub units: Vec<UnitNode>,
    outer: HashMap<Name, UnitId>,
}

impl Graph {
    /// Adds a module with text.
    pub(super) fn add_text(&mut self, module: &Module) -> UnitId {
        let unit = self.add_module(module, None);
        self.outer.insert(module.name.name.clone(), unit);
        unit
    }

    /// Adds a module without text.
    pub(super) fn add_builtin(&mut self, module: &BuiltinModule) {
        let extends = module.extends.iter().map(|name| (name, Kind::Extends));
        let instances = module.local_instances.iter().map(|name| (name, Kind::Instance));
        let references = extends
            .chain(instances)
            .map(|(name, kind)| Reference { name: (*name).into(), ident: None, kind })
            .collect();
        self.add_unit(UnitNode { name: module.name.into(), references, ..UnitNode::default() }, true);
    }

    /// Adds a module that could not be read, so that it is not looked for again.
    pub(super) fn add_unusable(&mut self, name: &Name) {
        self.add_unit(UnitNode { name: name.clone(), ..UnitNode::default() }, true);
    }

    fn add_unit(&mut self, unit: UnitNode, outer: bool) -> UnitId {
        let id = self.units.len();
        if outer {
            self.outer.insert(unit.name.clone(), id);
        }
        self.units.push(unit);
        id
    }

    fn add_module(&mut self, module: &Module, parent: Option<UnitId>) -> UnitId {
        let reference = |ident: &Ident, kind| Reference { name: ident.name.clone(), ident: Some(ident.clone()), kind };
        let mut references: Vec<Reference> =
            module.extends.iter().map(|ident| reference(ident, Kind::Extends)).collect();
        let mut instances = Vec::new();
        module.units.iter().for_each(|unit| collect_unit(unit, &mut instances));
        references.extend(instances.into_iter().map(|ident| reference(ident, Kind::Instance)));
        let node = UnitNode { name: module.name.name.clone(), references, parent, ..UnitNode::default() };
        let id = self.add_unit(node, false);
        for unit in &module.units {
            if let Unit::Module(nested) = unit {
                let inner = self.add_module(nested, Some(id));
                self.units[id].inner.push(inner);
            }
        }
        id
    }

    /// The unit that a name denotes in a unit, if it is known.
    pub(super) fn resolve(&self, unit: UnitId, name: &str) -> Option<UnitId> {
        let mut scope = Some(unit);
        let mut visited = HashSet::new();
        while let Some(current) = scope {
            if let Some(inner) = self.exported_inner(current, name, &mut visited) {
                return Some(inner);
            }
            scope = self.units[current].parent;
        }
        self.outer.get(name).copied()
    }

    /// A nested module of a unit or of one that it extends.
    fn exported_inner(&self, unit: UnitId, name: &str, visited: &mut HashSet<UnitId>) -> Option<UnitId> {
        if !visited.insert(unit) {
            return None;
        }
        let node = &self.units[unit];
        let own = node.inner.iter().copied().find(|inner| &*self.units[*inner].name == name);
        own.or_else(|| {
            let mut extended = node.references.iter().filter(|reference| reference.kind == Kind::Extends);
            extended.find_map(|reference| {
                let target = self.outer.get(&reference.name)?;
                self.exported_inner(*target, name, visited)
            })
        })
    }

    /// The next name that has to be read, in SANY's order.
    pub(super) fn next_unread(&self, root: UnitId) -> Option<Reference> {
        self.search(root, Kind::Extends, &mut HashSet::new())
            .or_else(|| self.search(root, Kind::Instance, &mut HashSet::new()))
            .cloned()
    }

    fn search(&self, unit: UnitId, kind: Kind, visited: &mut HashSet<UnitId>) -> Option<&Reference> {
        if !visited.insert(unit) {
            return None;
        }
        let node = &self.units[unit];
        let mut own = node.references.iter().filter(|reference| reference.kind == kind);
        if let Some(unread) = own.find(|reference| self.resolve(unit, &reference.name).is_none()) {
            return Some(unread);
        }
        let targets = node.references.iter().filter_map(|reference| self.resolve(unit, &reference.name));
        targets.chain(node.inner.iter().copied()).find_map(|target| self.search(target, kind, visited))
    }

    /// The unit around a nested one, itself for one that is not nested.
    pub(super) fn outermost(&self, unit: UnitId) -> UnitId {
        self.units[unit].parent.map_or(unit, |parent| self.outermost(parent))
    }
}

fn collect_unit<'a>(unit: &'a Unit, found: &mut Vec<&'a Ident>) {
    match unit {
        Unit::Definition(definition) => collect_definition(definition, found),
        Unit::Instance { instance, .. } => collect_instance(instance, found),
        Unit::Assume(assume) => collect_expr(&assume.expr, found),
        Unit::Theorem(theorem) => theorem.expr.iter().for_each(|expr| collect_expr(expr, found)),
        Unit::Constants(_) | Unit::Variables(_) | Unit::Recursive(_) | Unit::Module(_) => {}
    }
}

fn collect_definition<'a>(definition: &'a Definition, found: &mut Vec<&'a Ident>) {
    match &definition.body {
        DefinitionBody::Operator(body) => collect_expr(body, found),
        DefinitionBody::Function { bounds, body } => {
            collect_bounds(bounds, found);
            collect_expr(body, found);
        }
        DefinitionBody::Instance(instance) => collect_instance(instance, found),
    }
}

fn collect_instance<'a>(instance: &'a Instance, found: &mut Vec<&'a Ident>) {
    found.push(&instance.module);
    instance.substitutions.iter().for_each(|(_, expr)| collect_expr(expr, found));
}

fn collect_bounds<'a>(bounds: &'a [Bound], found: &mut Vec<&'a Ident>) {
    bounds.iter().filter_map(|bound| bound.set.as_ref()).for_each(|set| collect_expr(set, found));
}

/// Instances inside an expression can only be in a `LET`.
fn collect_expr<'a>(expr: &'a Expr, found: &mut Vec<&'a Ident>) {
    match &*expr.kind {
        ExprKind::Number(_) | ExprKind::Decimal(_) | ExprKind::String(_) | ExprKind::At => {}
        ExprKind::Apply { args: list, .. }
        | ExprKind::Junction { items: list, .. }
        | ExprKind::SetEnum(list)
        | ExprKind::Tuple(list)
        | ExprKind::Product(list) => list.iter().for_each(|item| collect_expr(item, found)),
        ExprKind::Select(selectors) => selectors.iter().for_each(|selector| collect_selector(selector, found)),
        ExprKind::If { condition, then, otherwise } => {
            [condition, then, otherwise].into_iter().for_each(|part| collect_expr(part, found));
        }
        ExprKind::Case { arms, other } => {
            arms.iter().flat_map(|(guard, value)| [guard, value]).for_each(|part| collect_expr(part, found));
            other.iter().for_each(|part| collect_expr(part, found));
        }
        ExprKind::Let { items, body } => {
            for item in items {
                match item {
                    LetItem::Definition(definition) => collect_definition(definition, found),
                    LetItem::Recursive(_) => {}
                }
            }
            collect_expr(body, found);
        }
        ExprKind::Quantified { bounds, body, .. }
        | ExprKind::SetMap { body, bounds }
        | ExprKind::FunctionLiteral { bounds, body } => {
            collect_bounds(bounds, found);
            collect_expr(body, found);
        }
        ExprKind::TemporalQuantified { body, .. }
        | ExprKind::Label { body, .. }
        | ExprKind::Lambda { body, .. }
        | ExprKind::Field { record: body, .. } => collect_expr(body, found),
        ExprKind::Choose { set, body, .. } => {
            set.iter().for_each(|set| collect_expr(set, found));
            collect_expr(body, found);
        }
        ExprKind::SetFilter { set: left, predicate: right, .. }
        | ExprKind::FunctionSet { domain: left, range: right }
        | ExprKind::BoxAction { action: left, subscript: right }
        | ExprKind::AngleAction { action: left, subscript: right }
        | ExprKind::Fairness { subscript: left, action: right, .. } => {
            collect_expr(left, found);
            collect_expr(right, found);
        }
        ExprKind::RecordLiteral(fields) | ExprKind::RecordSet(fields) => {
            fields.iter().for_each(|(_, value)| collect_expr(value, found));
        }
        ExprKind::FunctionApply { function, args } => {
            collect_expr(function, found);
            args.iter().for_each(|arg| collect_expr(arg, found));
        }
        ExprKind::Except { base, updates } => {
            collect_expr(base, found);
            for update in updates {
                update.path.iter().for_each(|step| collect_path(step, found));
                collect_expr(&update.value, found);
            }
        }
    }
}

fn collect_path<'a>(step: &'a ExceptPath, found: &mut Vec<&'a Ident>) {
    match step {
        ExceptPath::Index(indices) => indices.iter().for_each(|index| collect_expr(index, found)),
        ExceptPath::Field(_) => {}
    }
}

fn collect_selector<'a>(selector: &'a Selector, found: &mut Vec<&'a Ident>) {
    match selector {
        Selector::Name { args, .. } | Selector::Args(args, _) => args.iter().for_each(|arg| collect_expr(arg, found)),
        Selector::Operand(..) | Selector::Left(_) | Selector::Right(_) | Selector::Body(_) | Selector::At(_) => {}
    }
}
