//! One walk over a function's statements with the locks that are held.
//!
//! At a join the locks held for certain are those held on both sides; those held on one side only are *maybe* held.
//! Branches that leave (return, throw, break, continue) do not take part in the join. Loops are walked once: what a
//! body takes it also gives back, or the function has worse problems, which the analysis of hand locks reports.

use super::{Access, Base, Call, Effect, Events, Lock, LockSet, Made, Taken};
use crate::flow::closures::arguments;
use crate::program::calls::called;
use crate::program::types::{Referent, callee_name};
use crate::program::{FnId, Program};
use native_syntax::Name;
use native_syntax::ir::{Expr, Span, Stmt, Storage, Variable};
use rustc_hash::FxHashMap;

/// Operations that change a container.
const MUTATING: [&str; 34] = [
    "insert",
    "erase",
    "push_back",
    "emplace_back",
    "emplace",
    "push",
    "pop",
    "pop_back",
    "pop_front",
    "push_front",
    "clear",
    "resize",
    "reserve",
    "swap",
    "assign",
    "merge",
    "try_emplace",
    "insert_or_assign",
    "extract",
    "append",
    "splice",
    "remove",
    "remove_if",
    "addObject_",
    "setObject_forKey_",
    "removeObjectForKey_",
    "removeAllObjects",
    "removeObject_",
    "insertObject_atIndex_",
    "setObject_forKeyedSubscript_",
    "emplace_front",
    "shrink_to_fit",
    "sort",
    "addObjectsFromArray_",
];

#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) lock: Lock,
    pub(super) scope: u32,
    pub(super) guard: Option<Name>,
    pub(super) is_certain: bool,
    pub(super) is_scoped: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) held: Vec<Held>,
    pub(super) dropped: Vec<Lock>,
    is_dead: bool,
}

impl State {
    fn join(self, other: Self) -> Self {
        if self.is_dead {
            return other;
        }
        if other.is_dead {
            return self;
        }
        let mut held = self.held;
        for entry in &mut held {
            entry.is_certain &= other.held.iter().any(|theirs| theirs.lock == entry.lock && theirs.is_certain);
        }
        for mut entry in other.held {
            if !held.iter().any(|ours| ours.lock == entry.lock) {
                entry.is_certain = false;
                held.push(entry);
            }
        }
        let mut dropped = self.dropped;
        dropped.extend(other.dropped.into_iter().filter(|lock| !dropped.contains(lock)).collect::<Vec<_>>());
        Self { held, dropped, is_dead: false }
    }
}

pub(super) struct Walker<'p> {
    pub(super) program: &'p Program<'p>,
    pub(super) id: FnId,
    pub(super) state: State,
    pub(super) scope: u32,
    pub(super) conditions: Vec<Name>,
    caught: u32,
    /// Local variables that were asked about: whether nobody else has what they hold.
    fresh: FxHashMap<Name, bool>,
    pub(super) events: Events<'p>,
}

/// The events of a function.
pub fn walk<'p>(program: &'p Program<'p>, id: FnId) -> Events<'p> {
    let function = program.function(id);
    let mut walker = Walker {
        program,
        id,
        state: State::default(),
        scope: 0,
        conditions: Vec::new(),
        caught: 0,
        fresh: FxHashMap::default(),
        events: Events::default(),
    };
    for (_, arguments) in &function.inits {
        for argument in arguments {
            walker.read(argument);
        }
    }
    if let Some(body) = &function.body {
        walker.statements(body);
    }
    walker.events
}

impl<'p> Walker<'p> {
    fn held(&self) -> LockSet {
        LockSet::of(self.state.held.iter().filter(|entry| entry.is_certain).map(|entry| entry.lock))
    }

    pub(super) fn maybe(&self) -> LockSet {
        LockSet::of(self.state.held.iter().map(|entry| entry.lock))
    }

    pub(super) fn dropped(&self) -> LockSet {
        LockSet::of(self.state.dropped.iter().copied())
    }

    fn statements(&mut self, stmts: &'p [Stmt]) {
        self.scope += 1;
        let conditions = self.conditions.len();
        for stmt in stmts {
            self.statement(stmt);
        }
        self.conditions.truncate(conditions);
        self.leave_scope();
    }

    fn leave_scope(&mut self) {
        let scope = self.scope;
        self.state.held.retain(|entry| entry.scope < scope || !entry.is_scoped);
        self.scope -= 1;
    }

    fn statement(&mut self, stmt: &'p Stmt) {
        match stmt {
            Stmt::Expr(expr) => self.read(expr),
            Stmt::Local(variables) => variables.iter().for_each(|variable| self.local(variable)),
            Stmt::Block(stmts, _) => self.statements(stmts),
            Stmt::If { init, condition, then, otherwise, .. } => self.branch(init, condition, then, otherwise),
            Stmt::Loop { init, condition, step, body, is_post_tested, each, .. } => {
                self.scope += 1;
                init.iter().for_each(|stmt| self.statement(stmt));
                let conditions = self.conditions.len();
                if !is_post_tested {
                    condition.iter().for_each(|condition| self.read(condition));
                }
                if each.is_none() {
                    condition.iter().for_each(|condition| self.note_condition(condition, true));
                }
                let before = self.state.clone();
                self.statements(body);
                step.iter().for_each(|step| self.read(step));
                if *is_post_tested {
                    condition.iter().for_each(|condition| self.read(condition));
                }
                let after = std::mem::take(&mut self.state);
                self.state = if *is_post_tested && !after.is_dead { after } else { before.join(after) };
                self.conditions.truncate(conditions);
                self.leave_scope();
            }
            Stmt::Switch { subject, cases, has_default, .. } => {
                self.read(subject);
                let before = self.state.clone();
                let conditions = self.conditions.len();
                self.note_condition(subject, true);
                let mut after = if *has_default { State { is_dead: true, ..State::default() } } else { before.clone() };
                let mut fallen = State { is_dead: true, ..State::default() };
                for case in cases {
                    self.state = before.clone().join(std::mem::take(&mut fallen));
                    self.statements(case);
                    let breaks = ends_with_break(case);
                    let end = std::mem::take(&mut self.state);
                    if breaks {
                        after = after.join(State { is_dead: false, ..end });
                        fallen = State { is_dead: true, ..State::default() };
                    } else {
                        fallen = end;
                    }
                }
                self.conditions.truncate(conditions);
                self.state = after.join(fallen);
            }
            Stmt::Return(value, span) => {
                value.iter().for_each(|value| self.read(value));
                self.events.returns.push((value.as_ref(), self.held(), *span));
                self.state.is_dead = true;
            }
            Stmt::Break(_) | Stmt::Continue(_) | Stmt::Goto(_) => self.state.is_dead = true,
            Stmt::Try { body, handlers, .. } => {
                let before = self.state.clone();
                let all = handlers.iter().any(|(all, _)| *all) || !handlers.is_empty();
                self.caught += u32::from(all);
                self.statements(body);
                self.caught -= u32::from(all);
                let mut after = std::mem::take(&mut self.state);
                for (_, handler) in handlers {
                    self.state = before.clone();
                    self.statements(handler);
                    after = after.join(std::mem::take(&mut self.state));
                }
                self.state = after;
            }
        }
    }

    fn branch(&mut self, init: &'p [Stmt], condition: &'p Expr, then: &'p [Stmt], otherwise: &'p [Stmt]) {
        self.scope += 1;
        init.iter().for_each(|stmt| self.statement(stmt));
        let synchronized = called(condition) == "objc_synchronized__";
        if synchronized {
            if let Some(lock) = arguments(condition).first().and_then(|what| self.monitor(what)) {
                self.take(lock, Taken::Scoped, None, condition.span(), true);
            }
        } else {
            self.read(condition);
        }
        let before = self.state.clone();
        let conditions = self.conditions.len();
        self.note_condition(condition, true);
        self.statements(then);
        let after_then = std::mem::replace(&mut self.state, before);
        self.conditions.truncate(conditions);
        self.note_condition(condition, false);
        self.statements(otherwise);
        self.conditions.truncate(conditions);
        let after_else = std::mem::take(&mut self.state);
        let leaves = after_then.is_dead != after_else.is_dead;
        let then_leaves = after_then.is_dead;
        self.state = after_then.join(after_else);
        self.leave_scope();
        if leaves {
            // What follows runs only if the condition did not send us away.
            self.note_condition(condition, !then_leaves);
        }
    }

    /// The lock of `@synchronized(what)`; that of the object itself is called after its class.
    fn monitor(&self, what: &'p Expr) -> Option<Lock> {
        match what {
            Expr::This(_) => self.program.class_of(self.id).map(|class| Name::new(&format!("{class}::self"))),
            other => self.program.lock(self.id, other),
        }
    }

    /// Remembers what decides whether the following runs: all names in the condition, and the value that a name has where
    /// the outcome says so: a name, its negation, all parts of a conjunction that holds and of a disjunction that does not.
    fn note_condition(&mut self, condition: &'p Expr, holds: bool) {
        let mut found = Vec::new();
        note_values(condition, holds, &mut found);
        condition.walk(&mut |expr| match expr {
            Expr::Name(name, _) => found.push(Name::new(name.last())),
            Expr::Member { name, .. } => found.push(*name),
            Expr::Message { selector, .. } => found.push(*selector),
            _ => {}
        });
        self.conditions.extend(found);
    }

    fn local(&mut self, variable: &'p Variable) {
        if let Some(init) = &variable.init {
            let is_guard = self.program.is_one_of(variable.ty, &self.program.config.types.guards)
                || self.program.config.types.guards.contains(called(init));
            if is_guard {
                return self.guard(variable, init);
            }
            if matches!(variable.storage, Storage::Static) {
                // Initialization of a static is done once, under a lock of the compiler.
                let lock = Name::new(&format!("(initialization of {})", variable.name));
                self.take(lock, Taken::Scoped, Some(variable.name), init.span(), true);
                self.read(init);
                self.state.held.retain(|entry| entry.lock != lock);
                return;
            }
            self.read(init);
            // `T x(a, b)` runs a constructor.
            if let Expr::Construct { ty, arguments, span } = init
                && !ty.is_empty()
                && let Some(class) = self.program.class_at(self.id, *ty)
            {
                let callees = self.program.constructors(class, arguments.len());
                self.call(init, callees, class.last(), *span);
            }
        }
    }

    fn call(&mut self, expr: &'p Expr, callees: Vec<FnId>, name: &'static str, span: Span) {
        let is_on_fresh = match expr {
            Expr::Call { callee, .. } => match callee.as_ref() {
                Expr::Member { base, .. } if !callees.is_empty() => self.is_fresh(base),
                _ => false,
            },
            _ => false,
        };
        let call = Call {
            is_on_fresh,
            expr,
            callees,
            name,
            held: self.held(),
            maybe: self.maybe(),
            dropped: self.dropped(),
            span,
            is_caught: self.caught > 0,
            conditions: self.conditions.clone(),
        };
        self.events.calls.push(call);
    }

    pub(super) fn read(&mut self, expr: &'p Expr) {
        self.visit(expr, Effect::Read);
    }

    fn visit(&mut self, expr: &'p Expr, effect: Effect) {
        match expr {
            Expr::Name(name, span) => self.named(*name, effect, *span),
            Expr::This(_) | Expr::Literal(..) => {}
            Expr::Member { base, name, span, .. } => {
                self.member(base, *name, effect, *span);
                self.visit(base, Effect::Read);
            }
            Expr::Call { callee, arguments, span, .. } => self.visit_call(expr, callee, arguments, *span),
            Expr::Message { receiver, selector, arguments, span } => {
                if self.lock_call(expr, *span) {
                    return;
                }
                let mutates = MUTATING.contains(&selector.text());
                self.visit(receiver, if mutates { Effect::Mutate(*selector) } else { Effect::Read });
                arguments.iter().for_each(|argument| self.read(argument));
                let callees = self.program.callees(self.id, expr);
                self.call(expr, callees, selector.text(), *span);
            }
            Expr::Index { base, index, .. } => {
                index.iter().for_each(|index| self.read(index));
                let maps = self.program.type_of(self.id, base).is_some_and(|ty| is_map(self.program.expand(ty).text()));
                // `[]` of a map inserts; that of a vector changes an element at most.
                let effect = if maps { Effect::Mutate(Name::new("[]")) } else { effect };
                self.visit(base, effect);
            }
            Expr::Unary { operator, operand, .. } => {
                let update = matches!(operator.text(), "++" | "--" | "post++" | "post--");
                self.visit(operand, if update { Effect::Update } else { Effect::Read });
            }
            Expr::Assign { operator, left, right, .. } => {
                self.read(right);
                self.visit(left, if operator.text() == "=" { Effect::Assign } else { Effect::Update });
            }
            Expr::Binary { operator, left, right, .. } => {
                self.read(left);
                let conditions = self.conditions.len();
                if matches!(operator.text(), "&&" | "||") {
                    self.note_condition(left, operator.text() == "&&");
                }
                self.read(right);
                self.conditions.truncate(conditions);
            }
            Expr::Conditional { condition, then, otherwise, .. } => {
                self.read(condition);
                let conditions = self.conditions.len();
                self.note_condition(condition, true);
                self.read(then);
                self.conditions.truncate(conditions);
                self.note_condition(condition, false);
                self.read(otherwise);
                self.conditions.truncate(conditions);
            }
            Expr::New { ty, arguments, span } => {
                arguments.iter().for_each(|argument| self.read(argument));
                if let Some(class) = self.program.class_at(self.id, *ty) {
                    let callees = self.program.constructors(class, arguments.len());
                    self.call(expr, callees, class.last(), *span);
                }
            }
            Expr::Closure(index, span) => {
                let closure = self.program.sibling(self.id, *index);
                let made = Made {
                    closure,
                    held: self.held(),
                    dropped: self.dropped(),
                    span: *span,
                    conditions: self.conditions.clone(),
                };
                self.events.closures.push(made);
            }
            Expr::Throw(value, span) => {
                value.iter().for_each(|value| self.read(value));
                if self.caught == 0 {
                    self.events.throws.push(*span);
                }
                self.state.is_dead = true;
            }
            Expr::Delete(..) | Expr::Construct { .. } | Expr::Cast { .. } | Expr::Other(..) => {
                expr.operands().into_iter().for_each(|operand| self.read(operand));
            }
        }
    }

    fn visit_call(&mut self, expr: &'p Expr, callee: &'p Expr, arguments: &'p [Expr], span: Span) {
        if self.lock_call(expr, span) {
            return;
        }
        let name = callee_name(callee);
        match callee {
            Expr::Member { base, .. } => {
                let container = self
                    .program
                    .type_of(self.id, base)
                    .is_some_and(|ty| self.program.is_one_of(ty, &self.program.config.types.containers));
                let mutates = container && MUTATING.contains(&name);
                let resets = matches!(name, "reset" | "swap") && arguments.len() <= 1;
                self.visit(
                    base,
                    match () {
                        () if mutates => Effect::Mutate(Name::new(name)),
                        () if resets && self.is_owner(base) => Effect::Assign,
                        () => Effect::Read,
                    },
                );
            }
            Expr::Name(..) => {}
            _ => self.read(callee),
        }
        arguments.iter().for_each(|argument| self.read(argument));
        let callees = self.program.callees(self.id, expr);
        self.call(expr, callees, name, span);
        if self.never_returns(name, arguments) {
            self.state.is_dead = true;
        }
    }

    /// `abort()`, and checks that are written to fail: `CHECK(false, …)`.
    fn never_returns(&self, name: &str, arguments: &[Expr]) -> bool {
        let fails = |argument: &Expr| matches!(argument, Expr::Literal(text, _) if text.text() == "false");
        matches!(name, "abort" | "terminate" | "exit" | "_exit" | "rethrow_exception" | "__builtin_unreachable")
            || self.program.config.is_throwing_macro(name) && arguments.iter().take(2).any(fails)
    }

    fn is_owner(&self, expr: &'p Expr) -> bool {
        self.program
            .type_of(self.id, expr)
            .is_some_and(|ty| self.program.is_one_of(ty, &self.program.config.types.owners))
    }

    fn named(&mut self, name: Name, effect: Effect, span: Span) {
        match self.program.referent(self.id, name) {
            Some(Referent::Member(class, variable)) => self.access(Some(class), variable, effect, Base::This, span),
            Some(Referent::Global(variable)) => {
                let class = variable.name.text().rfind("::").map(|cut| &variable.name.text()[..cut]);
                let class = class.and_then(|class| self.program.find_class_at(self.id, class));
                self.access(class, variable, effect, Base::Static, span);
            }
            _ => {}
        }
    }

    fn member(&mut self, base: &'p Expr, name: Name, effect: Effect, span: Span) {
        let Some(class) = self.program.class_of_expr(self.id, base) else { return };
        let Some((owner, member)) = self.program.member(class, name.text()) else { return };
        let base = match base {
            Expr::This(_) => Base::This,
            _ if self.is_fresh(base) => Base::Fresh,
            _ => Base::Other,
        };
        self.access(Some(owner), member.variable, effect, base, span);
    }

    /// Whether an object was made by this function, or is a copy of its own.
    fn is_fresh(&mut self, base: &'p Expr) -> bool {
        match base {
            Expr::Name(name, _) => {
                if let Some(known) = self.fresh.get(name) {
                    return *known;
                }
                let fresh = self.is_fresh_variable(*name);
                self.fresh.insert(*name, fresh);
                fresh
            }
            Expr::Member { base, is_arrow: false, .. } => self.is_fresh(base),
            _ => false,
        }
    }

    fn is_fresh_variable(&self, name: Name) -> bool {
        let pointers = &self.program.config.types.smart_pointers;
        match self.program.referent(self.id, name) {
            Some(Referent::Local(home, variable)) => {
                let ty = variable.ty.text();
                if variable.storage == Storage::Static || home != self.id && ty.ends_with('*') {
                    return false;
                }
                let is_value = !ty.ends_with(['*', '&'])
                    && !ty.starts_with("auto")
                    && !self.program.is_one_of(variable.ty, pointers);
                is_value
                    || variable.init.as_ref().is_some_and(|init| {
                        matches!(init, Expr::New { .. })
                            || matches!(called(init), "make_unique" | "make_shared" | "make_intrusive")
                            || self.program.makes(self.id, init)
                    })
                    || self.assigned_from_maker(name)
            }
            Some(Referent::Parameter(_, variable)) => {
                let ty = self.program.expand(variable.ty);
                !ty.text().ends_with(['*', '&']) && !self.program.is_one_of(ty, pointers)
            }
            _ => false,
        }
    }

    /// Whether a variable is given what a function makes, as in `x = allocate();`.
    fn assigned_from_maker(&self, name: Name) -> bool {
        let Some(body) = &self.program.function(self.id).body else { return false };
        let mut made = false;
        crate::program::calls::each_expression(body, &mut |expr| {
            if let Expr::Assign { left, right, .. } = expr {
                made |= matches!(left.as_ref(), Expr::Name(other, _) if *other == name)
                    && self.program.makes(self.id, right);
            }
        });
        made
    }

    fn access(&mut self, class: Option<Name>, variable: &'p Variable, effect: Effect, base: Base, span: Span) {
        let types = &self.program.config.types;
        let ty = variable.ty;
        let constant = ty.text().starts_with("const ") && !ty.text().contains('*');
        if constant
            || self.program.is_one_of(ty, &types.synchronized)
            || self.program.is_mutex_type(ty)
            || self.program.is_one_of(ty, &types.queues)
            || variable.storage == Storage::ThreadLocal
        {
            return;
        }
        let place = match (class, base) {
            (Some(class), _) => Name::new(&format!("{class}::{}", variable.name.last())),
            (None, _) => variable.name,
        };
        let (held, maybe, dropped) = (self.held(), self.maybe(), self.dropped());
        let conditions = self.conditions.clone();
        self.events.accesses.push(Access { place, class, effect, base, held, maybe, dropped, span, conditions });
    }
}

/// The values that names have if a condition has this outcome.
fn note_values(condition: &Expr, holds: bool, found: &mut Vec<Name>) {
    match condition {
        Expr::Name(name, _) => found.push(decided(*name, holds)),
        Expr::Unary { operator, operand, .. } if operator.text() == "!" => note_values(operand, !holds, found),
        Expr::Binary { operator, left, right, .. } if operator.text() == if holds { "&&" } else { "||" } => {
            note_values(left, holds, found);
            note_values(right, holds, found);
        }
        Expr::Other(parts, _) if parts.len() == 1 => note_values(&parts[0], holds, found),
        _ => {}
    }
}

/// The entry of a list of conditions that says that a name has a value.
pub fn decided(name: Name, value: bool) -> Name {
    Name::new(&format!("{name}={value}"))
}

fn is_map(ty: &str) -> bool {
    let (head, arguments) = crate::program::types::template(crate::program::types::bare(ty));
    arguments.len() >= 2 && head.contains("map")
}

fn ends_with_break(stmts: &[Stmt]) -> bool {
    match stmts.last() {
        Some(Stmt::Break(_)) => true,
        Some(Stmt::Block(inner, _)) => ends_with_break(inner),
        _ => false,
    }
}
