//! Which functions a call may reach; the local variables of functions.

use super::types::callee_name;
use super::{FnId, Program};
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Stmt, Variable};

/// Methods of the standard library whose names say nothing about the class.
const COMMON: [&str; 62] = [
    "get",
    "size",
    "empty",
    "begin",
    "end",
    "find",
    "insert",
    "erase",
    "emplace",
    "push_back",
    "emplace_back",
    "pop",
    "push",
    "front",
    "back",
    "top",
    "clear",
    "reset",
    "release",
    "swap",
    "count",
    "at",
    "data",
    "value",
    "has_value",
    "lock",
    "unlock",
    "try_lock",
    "wait",
    "notify_one",
    "notify_all",
    "load",
    "store",
    "exchange",
    "join",
    "detach",
    "first",
    "second",
    "length",
    "substr",
    "c_str",
    "str",
    "append",
    "pop_back",
    "resize",
    "reserve",
    "name",
    "type",
    "id",
    "device",
    "index",
    "copy",
    "retain",
    "fetch_add",
    "fetch_sub",
    "to",
    "item",
    "get_future",
    "set_value",
    "close",
    "open",
    "max",
];

impl<'p> Program<'p> {
    /// The functions that a call expression may reach. Empty for what is not in the program.
    pub fn callees(&self, id: FnId, call: &'p Expr) -> Vec<FnId> {
        self.resolve(id, call, 12)
    }

    pub(super) fn resolve(&self, id: FnId, call: &'p Expr, depth: u32) -> Vec<FnId> {
        match call {
            Expr::Call { callee, arguments, .. } => match callee.as_ref() {
                Expr::Name(name, _) => self.resolve_name(id, *name, arguments.len()),
                // `pointer.reset()` is an operation of the pointer.
                Expr::Member { base, is_arrow: false, .. } if self.is_smart_pointer(id, base, depth) => Vec::new(),
                Expr::Member { base, name, .. } => self.resolve_member(id, base, *name, arguments.len(), depth),
                Expr::Closure(index, _) => vec![self.sibling(id, *index)],
                _ => Vec::new(),
            },
            Expr::Message { receiver, selector, arguments, .. } => {
                self.resolve_member(id, receiver, *selector, arguments.len(), depth)
            }
            _ => Vec::new(),
        }
    }

    /// Constructors that an object of a class runs through.
    pub fn constructors(&self, class: Name, arguments: usize) -> Vec<FnId> {
        let Some(found) = self.classes.get(&class) else { return Vec::new() };
        let all = found.methods.get(class.last()).map_or(&[][..], Vec::as_slice);
        self.by_arity(all, arguments)
    }

    /// The destructor of a class.
    pub fn destructor(&self, class: Name) -> Option<FnId> {
        let methods = &self.classes.get(&class)?.methods;
        methods.values().flatten().copied().find(|id| self.function(*id).kind == FunctionKind::Destructor)
    }

    /// The functions that a name may mean where no call says how many arguments there are.
    pub fn functions_named(&self, id: FnId, name: Name) -> Vec<FnId> {
        self.resolve_name(id, name, 0)
    }

    fn resolve_name(&self, id: FnId, name: Name, arguments: usize) -> Vec<FnId> {
        let written = name.text().trim_start_matches("::");
        let simple = native_syntax::name::last_part(written);
        if let Some(closure) = self.local_closure(id, name) {
            return vec![closure];
        }
        if !written.contains("::") {
            if let Some(class) = self.class_of(id) {
                let found = self.methods(class, simple, arguments, 6);
                if !found.is_empty() {
                    return found;
                }
            }
        } else {
            let cut = written.len() - simple.len() - 2;
            if written.starts_with("std::") {
                return Vec::new();
            }
            if let Some(class) = self.find_class_at(id, &written[..cut]) {
                let found = self.methods(class, simple, arguments, 6);
                if !found.is_empty() {
                    return found;
                }
            }
        }
        let Some(all) = self.functions_by_simple.get(simple) else { return Vec::new() };
        let fits = |candidate: &&FnId| {
            let full = self.function(**candidate).name.text();
            self.class_of(**candidate).is_none()
                && (full == written || full.ends_with(written) && full[..full.len() - written.len()].ends_with("::"))
        };
        let found: Vec<FnId> = all.iter().filter(fits).copied().collect();
        let found = self.by_arity(&found, arguments);
        self.nearest(id, found)
    }

    /// Of several functions with one name those of the same file, if there are any; otherwise those whose scope is
    /// closest. A name that very many functions have says nothing.
    fn nearest(&self, id: FnId, found: Vec<FnId>) -> Vec<FnId> {
        if found.len() < 2 {
            return found;
        }
        let same: Vec<FnId> = found.iter().copied().filter(|other| self.file_of(*other) == self.file_of(id)).collect();
        if !same.is_empty() {
            return same;
        }
        let from = self.function(self.outermost(id)).name.text();
        let shared = |other: &FnId| {
            let full = self.function(*other).name.text();
            full.bytes().zip(from.bytes()).take_while(|(a, b)| a == b).count()
        };
        let best = found.iter().map(shared).max().unwrap_or(0);
        let found: Vec<FnId> = found.into_iter().filter(|other| shared(other) == best).collect();
        if found.len() > 4 { Vec::new() } else { found }
    }

    fn resolve_member(&self, id: FnId, base: &'p Expr, name: Name, arguments: usize, depth: u32) -> Vec<FnId> {
        let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
        let simple = name.last();
        let class = match base {
            Expr::This(_) => self.class_of(id),
            _ => self.type_within(id, base, depth).and_then(|ty| self.class_at(id, ty)).or_else(|| match base {
                Expr::Name(name, _) => self.find_class_at(id, name.text()),
                _ => None,
            }),
        };
        match class {
            Some(class) => {
                let found = self.methods(class, simple, arguments, 6);
                if !found.is_empty() || self.knows_bases(class) {
                    return found;
                }
            }
            None if self.type_within(id, base, depth).is_some() => return Vec::new(),
            None => {}
        }
        self.only_method(simple, arguments)
    }

    fn is_smart_pointer(&self, id: FnId, base: &'p Expr, depth: u32) -> bool {
        self.type_within(id, base, depth)
            .is_some_and(|ty| !ty.text().ends_with('*') && self.is_one_of(ty, &self.config.types.smart_pointers))
    }

    /// Whether an expression calls a function that makes what it returns: an object that nobody else has yet.
    pub fn makes(&self, id: FnId, call: &'p Expr) -> bool {
        let callees = self.callees(id, call);
        callees.first().is_some_and(|callee| {
            *self.makers[callee.0 as usize].get_or_init(|| {
                let returns = self.function(*callee).returns;
                let class = self.class_at(*callee, returns).filter(|_| returns.text().ends_with('*'));
                class.is_some_and(|class| self.news(*callee, class, 3))
            })
        })
    }

    fn news(&self, id: FnId, class: Name, depth: u32) -> bool {
        let Some(body) = &self.function(id).body else { return false };
        let mut made = false;
        let mut calls = Vec::new();
        each_expression(body, &mut |expr| match expr {
            Expr::New { ty, .. } => made |= self.class_at(id, *ty) == Some(class),
            Expr::Call { .. } => calls.push(expr),
            _ => {}
        });
        made || depth > 0
            && calls.into_iter().any(|call| {
                self.callees(id, call).into_iter().any(|callee| {
                    callee != id && self.class_of(callee) == self.class_of(id) && self.news(callee, class, depth - 1)
                })
            })
    }

    /// Whether all bases of a class are in the program.
    fn knows_bases(&self, class: Name) -> bool {
        self.classes
            .get(&class)
            .is_none_or(|found| found.bases.iter().all(|base| self.find_class(base.text(), Some(class)).is_some()))
    }

    /// A method whose name only one class has.
    fn only_method(&self, simple: &str, arguments: usize) -> Vec<FnId> {
        if COMMON.contains(&simple) {
            return Vec::new();
        }
        let Some(all) = self.functions_by_simple.get(simple) else { return Vec::new() };
        let methods: Vec<FnId> = all.iter().copied().filter(|id| self.class_of(*id).is_some()).collect();
        let mut classes: Vec<Option<Name>> = methods.iter().map(|id| self.class_of(*id)).collect();
        classes.dedup();
        if classes.len() == 1 { self.by_arity(&methods, arguments) } else { Vec::new() }
    }

    /// Methods of a class: its own or inherited ones, and those of derived classes that override them.
    fn methods(&self, class: Name, simple: &str, arguments: usize, depth: u32) -> Vec<FnId> {
        let Some(found) = self.classes.get(&class) else { return Vec::new() };
        let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
        let own = found.methods.get(simple).map_or(&[][..], Vec::as_slice);
        let mut all = self.by_arity(own, arguments);
        if all.is_empty() {
            for base in &found.bases {
                if let Some(base) = self.find_class(base.text(), Some(class)).filter(|base| *base != class)
                    && let Some(base) = self.classes.get(&base)
                {
                    let inherited = base.methods.get(simple).map_or(&[][..], Vec::as_slice);
                    all.extend(self.by_arity(inherited, arguments));
                }
            }
        }
        let may_be_overridden = all.is_empty() || all.iter().any(|id| self.is_virtual(*id));
        if may_be_overridden && found.derived.len() <= 12 {
            for derived in &found.derived {
                if let Some(class) = self.classes.get(derived) {
                    let overriding = class.methods.get(simple).map_or(&[][..], Vec::as_slice);
                    all.extend(self.by_arity(overriding, arguments));
                }
                if depth > 3 && all.is_empty() {
                    all.extend(self.methods(*derived, simple, arguments, 1));
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Functions that take this number of arguments: exactly, or with further ones that may have defaults.
    fn by_arity(&self, all: &[FnId], arguments: usize) -> Vec<FnId> {
        let exact: Vec<FnId> = all.iter().copied().filter(|id| self.function(*id).params.len() == arguments).collect();
        if !exact.is_empty() {
            return exact;
        }
        all.iter().copied().filter(|id| self.function(*id).params.len() > arguments).collect()
    }

    /// The closure that a local variable was initialized with.
    pub fn local_closure(&self, id: FnId, name: Name) -> Option<FnId> {
        let mut at = Some(id);
        while let Some(function) = at {
            if let Some(variable) = self.local(function, name) {
                return match &variable.init {
                    Some(Expr::Closure(index, _)) => Some(self.sibling(function, *index)),
                    _ => None,
                };
            }
            at = self.parent(function);
        }
        None
    }

    /// Local variables of a function in order of declaration, closures in it left out.
    pub fn locals(&self, id: FnId) -> Vec<&'p Variable> {
        let mut found = Vec::new();
        if let Some(body) = &self.function(id).body {
            each_statement(body, &mut |stmt| match stmt {
                Stmt::Local(variables) => found.extend(variables),
                Stmt::Loop { each: Some(each), .. } => found.push(each),
                _ => {}
            });
        }
        found
    }

    /// The range of the loop that declares a variable.
    pub(super) fn range_of(&self, id: FnId, variable: &Variable) -> Option<&'p Expr> {
        let mut found = None;
        if let Some(body) = &self.function(id).body {
            each_statement(body, &mut |stmt| {
                if let Stmt::Loop { each: Some(each), condition, .. } = stmt
                    && std::ptr::eq(each.as_ref(), variable)
                {
                    found = condition.as_ref();
                }
            });
        }
        found
    }
}

/// Calls `visit` on every statement, nested ones included, in order of writing.
pub fn each_statement<'a>(stmts: &'a [Stmt], visit: &mut impl FnMut(&'a Stmt)) {
    for stmt in stmts {
        visit(stmt);
        match stmt {
            Stmt::Block(inner, _) => each_statement(inner, visit),
            Stmt::If { init, then, otherwise, .. } => {
                each_statement(init, visit);
                each_statement(then, visit);
                each_statement(otherwise, visit);
            }
            Stmt::Loop { init, body, .. } => {
                each_statement(init, visit);
                each_statement(body, visit);
            }
            Stmt::Switch { cases, .. } => cases.iter().for_each(|case| each_statement(case, visit)),
            Stmt::Try { body, handlers, .. } => {
                each_statement(body, visit);
                handlers.iter().for_each(|(_, handler)| each_statement(handler, visit));
            }
            Stmt::Expr(_) | Stmt::Local(_) | Stmt::Return(..) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::Goto(_) => {}
        }
    }
}

/// Calls `visit` on every expression directly in the statements, closures' bodies left out.
pub fn each_expression<'a>(stmts: &'a [Stmt], visit: &mut impl FnMut(&'a Expr)) {
    each_statement(stmts, &mut |stmt| match stmt {
        Stmt::Expr(expr) | Stmt::Return(Some(expr), _) => expr.walk(visit),
        Stmt::Local(variables) => {
            variables.iter().filter_map(|variable| variable.init.as_ref()).for_each(|init| init.walk(visit));
        }
        Stmt::If { condition, .. } => condition.walk(visit),
        Stmt::Switch { subject, .. } => subject.walk(visit),
        Stmt::Loop { condition, step, .. } => {
            condition.iter().chain(step).for_each(|expr| expr.walk(visit));
        }
        Stmt::Block(..)
        | Stmt::Try { .. }
        | Stmt::Return(None, _)
        | Stmt::Break(_)
        | Stmt::Continue(_)
        | Stmt::Goto(_) => {}
    });
}

/// The name of what a call or message calls.
pub fn called(call: &Expr) -> &'static str {
    match call {
        Expr::Call { callee, .. } => callee_name(callee),
        Expr::Message { selector, .. } => selector.text(),
        _ => "",
    }
}
