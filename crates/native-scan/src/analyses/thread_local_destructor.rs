//! # What it finds
//! A destructor that runs when a thread ends, because a thread-local variable is, holds or owns an object of its class or
//! because it is registered for a key of `pthread_key_create`, and that uses an object in static storage which the end of
//! the program destroys; and one that changes static data without a lock. What the destructor calls is followed, and
//! closures in it.
//!
//! # Why it is a bug
//! Thread-local objects of the main thread are destroyed before static ones. Those of any other thread are destroyed when
//! that thread ends, which nobody orders against the end of the program: a detached thread, or a pool that is itself in
//! static storage, ends while or after the statics are torn down, and its destructors use them then. Two threads that end
//! at the same time run the same destructor at the same time.
//!
//! # Example
//! Bad:
//! ```cpp
//! static std::map<int, Stream*> streams;
//! struct Binding { ~Binding() { streams.erase(id); } int id; };
//! thread_local Binding binding;
//! ```
//! Good:
//! ```cpp
//! static std::mutex& m = *new std::mutex;
//! static auto& streams = *new std::map<int, Stream*>;   // never destroyed
//! struct Binding { ~Binding() { std::lock_guard<std::mutex> hold(m); streams.erase(id); } int id; };
//! ```
//!
//! # What it misses
//! Statics that only a mutex is (its destruction does nothing on the usual platforms); what lies behind more than three
//! calls, or behind a pointer of which the static owner is not named; members of which the destructor is written in no file
//! of the scan; objects of Objective-C in a thread's dictionary. A program that joins every thread before it ends has no
//! fault of the first kind, which no text of the destructor says. Uses that a static flag decides (`if (!gone) …`) are
//! believed, whoever sets it.
//!
//! # References
//! C++ standard, [basic.start.term]; SEI CERT MSC54-CPP and CON34-C; C++ Core Guidelines I.22.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::closures::arguments;
use crate::flow::exclusive;
use crate::program::calls::{called, each_expression, each_statement};
use crate::program::types::{Referent, bare, simple, template};
use crate::program::{FnId, Program};
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Span, Stmt, Storage, Variable};

/// Calls that are followed from the destructor.
const DEPTH: u32 = 3;

/// How deep members and template arguments are looked into.
const NESTING: u32 = 4;

/// A use of something in static storage.
struct Use<'p> {
    variable: &'p Variable,
    /// In the destructor: the use itself, or the call that leads to it.
    at: (FnId, Span),
    /// The use itself.
    inner: (FnId, Span),
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (destructor, why) in destructors(facts) {
        let mut told: Vec<*const Variable> = Vec::new();
        for one in uses(facts, destructor, DEPTH) {
            let known = told.contains(&std::ptr::from_ref(one.variable));
            if !known && is_destroyed(facts.program, one.variable.ty, NESTING) {
                told.push(one.variable);
                findings.push(destroyed(facts, destructor, &why, &one));
            }
        }
        findings.extend(raced(facts, destructor, &why));
    }
    findings
}

fn destroyed(facts: &Facts<'_>, destructor: FnId, why: &str, one: &Use<'_>) -> Finding {
    let name = one.variable.name.last();
    let message = format!(
        "{why}, so this runs when a thread ends, which may be after the end of the program has destroyed `{name}`"
    );
    let is_near = one.inner == one.at;
    let (severity, confidence) =
        if is_near { (Severity::Error, Confidence::Medium) } else { (Severity::Warning, Confidence::Medium) };
    let mut finding = Finding::new(
        facts.program,
        "thread-local-destructor",
        severity,
        one.at,
        one.variable.name.text(),
        message,
    )
    .confidence(confidence)
    .fix(format!(
        "make `{name}` an object that is never destroyed (`static T& x = *new T;`), or let the thread-local hold a weak \
         pointer to it"
    ));
    if !is_near {
        finding = finding.relate(facts.program, one.inner, format!("`{name}` is used here"));
    }
    finding.relate(facts.program, (destructor, facts.program.function(destructor).name_span), "the destructor")
}

/// Changes of static data in the destructor itself and its closures, without a lock.
fn raced(facts: &Facts<'_>, destructor: FnId, why: &str) -> Vec<Finding> {
    let mut told: Vec<Name> = Vec::new();
    let mut findings = Vec::new();
    for id in facts.with_closures(destructor) {
        let none = |locks: &crate::flow::LockSet| locks.iter().all(|lock| lock == exclusive());
        if facts.contexts.of(id).iter().any(|context| !none(&context.locks)) {
            continue;
        }
        for access in &facts.events(id).accesses {
            let is_static = access.base == crate::flow::Base::Static;
            let is_free = none(&access.held) && none(&access.maybe);
            if !is_static || !access.effect.writes() || !is_free || told.contains(&access.place) {
                continue;
            }
            told.push(access.place);
            let name = access.place.last();
            let message = format!("{why}: threads that end at the same time change `{name}` at the same time");
            let subject = format!("{} changed", access.place);
            findings.push(
                Finding::new(
                    facts.program,
                    "thread-local-destructor",
                    Severity::Error,
                    (id, access.span),
                    subject,
                    message,
                )
                .confidence(Confidence::High)
                .relate(facts.program, (destructor, facts.program.function(destructor).name_span), "the destructor")
                .fix("take the lock that guards it, or make it atomic"),
            );
        }
    }
    findings
}

/// Destructors that the end of a thread runs, each with the reason.
fn destructors(facts: &Facts<'_>) -> Vec<(FnId, String)> {
    let mut found: Vec<(FnId, String)> = Vec::new();
    let mut add = |id: FnId, why: String| {
        if !found.iter().any(|(known, _)| *known == id) {
            found.push((id, why));
        }
    };
    for (variable, class) in thread_locals(facts) {
        let mut classes = Vec::new();
        owned(facts.program, variable.ty, class, NESTING, &mut classes);
        for class in classes {
            if let Some(id) = facts.program.destructor(class).filter(|id| facts.program.function(*id).body.is_some()) {
                add(id, format!("`{}` is thread-local and destroys a `{}`", variable.name.last(), class.last()));
            }
        }
    }
    for id in facts.defined() {
        for call in facts.events(id).calls.iter().filter(|call| call.name == "pthread_key_create") {
            let Some(handler) = arguments(call.expr).get(1).and_then(|expr| function_meant(facts, id, expr)) else {
                continue;
            };
            add(handler, format!("`{}` is the destructor of a thread's key", facts.program.display(handler)));
        }
    }
    found.sort_by_key(|(id, _)| *id);
    found
}

/// All thread-local variables, each with the class from which its type is to be understood.
fn thread_locals<'p>(facts: &Facts<'p>) -> Vec<(&'p Variable, Option<Name>)> {
    let program = facts.program;
    let mut found: Vec<(&Variable, Option<Name>)> = program.globals().map(|(_, variable)| (variable, None)).collect();
    for (name, class) in &program.classes {
        found.extend(class.members.values().map(|member| (member.variable, Some(*name))));
    }
    for id in facts.defined() {
        found.extend(program.locals(id).into_iter().map(|variable| (variable, program.class_of(id))));
    }
    found.retain(|(variable, _)| variable.storage == Storage::ThreadLocal);
    found.sort_by_key(|(variable, _)| (variable.name, variable.span));
    found
}

/// Classes of which objects are destroyed with an object of this type: its own, those of members, those that it owns.
fn owned(program: &Program<'_>, ty: Name, from: Option<Name>, depth: u32, found: &mut Vec<Name>) {
    let ty = program.expand(ty);
    let Some(depth) = depth.checked_sub(1).filter(|_| !ty.text().ends_with(['*', '&'])) else { return };
    let types = &program.config.types;
    let last = simple(ty.text());
    if matches!(last, "weak_ptr" | "reference_wrapper") || types.never_destroyed.contains(last) {
        return;
    }
    if types.containers.contains(last) || types.smart_pointers.contains(last) {
        for argument in template(bare(ty.text())).1 {
            owned(program, Name::new(argument), from, depth, found);
        }
        return;
    }
    let Some(class) = program.class_of_type(ty, from).filter(|class| !found.contains(class)) else { return };
    found.push(class);
    let Some(parts) = program.classes.get(&class) else { return };
    let mut members: Vec<&Variable> = parts.members.values().map(|member| member.variable).collect();
    members.sort_by_key(|member| member.span);
    for member in members.into_iter().filter(|member| member.storage == Storage::Plain) {
        owned(program, member.ty, Some(class), depth, found);
    }
    for base in &parts.bases {
        owned(program, *base, Some(class), depth, found);
    }
}

/// Whether the end of the program does something to an object of this type.
fn is_destroyed(program: &Program<'_>, ty: Name, depth: u32) -> bool {
    let ty = program.expand(ty);
    let Some(depth) = depth.checked_sub(1).filter(|_| !ty.text().ends_with(['*', '&'])) else { return false };
    let types = &program.config.types;
    let last = simple(ty.text());
    if types.never_destroyed.contains(last) {
        return false;
    }
    if matches!(last, "array" | "optional" | "atomic" | "pair" | "tuple") || ty.text().ends_with("[]") {
        let inner = ty.text().strip_suffix("[]").map(|inner| vec![inner]);
        let arguments = inner.unwrap_or_else(|| template(bare(ty.text())).1);
        return arguments.into_iter().any(|argument| is_destroyed(program, Name::new(argument), depth));
    }
    if types.containers.contains(last) && last != "span" || types.owners.contains(last) || last == "function" {
        return true;
    }
    let Some(class) = program.find_class(template(bare(ty.text())).0, None) else { return false };
    if program.destructor(class).is_some_and(|id| program.function(id).body.is_some()) {
        return true;
    }
    let Some(parts) = program.classes.get(&class) else { return false };
    let held = parts.members.values().map(|member| member.variable);
    held.filter(|member| member.storage == Storage::Plain).any(|member| is_destroyed(program, member.ty, depth))
        || parts.bases.iter().any(|base| is_destroyed(program, *base, depth))
}

/// Uses of static storage in a function, its closures and what they call.
fn uses<'p>(facts: &Facts<'p>, root: FnId, depth: u32) -> Vec<Use<'p>> {
    let mut found = Vec::new();
    for id in facts.with_closures(root) {
        let Some(body) = &facts.program.function(id).body else { continue };
        let decided = decided_by_flags(facts, id, body);
        let free = |span: Span| !decided.iter().any(|part| part.contains(span));
        each_expression(body, &mut |expr| {
            let Expr::Name(name, span) = expr else { return };
            if let Some(variable) = static_variable(facts, id, *name).filter(|_| free(*span)) {
                found.push(Use { variable, at: (id, *span), inner: (id, *span) });
            }
        });
        let Some(depth) = depth.checked_sub(1) else { continue };
        for call in facts.events(id).calls.iter().filter(|call| free(call.span)) {
            for callee in call.callees.iter().filter(|callee| **callee != root && **callee != id) {
                let is_maker = facts.program.function(*callee).kind == FunctionKind::Constructor;
                let below = if is_maker { Vec::new() } else { uses(facts, *callee, depth) };
                found.extend(below.into_iter().map(|one| Use { at: (id, call.span), ..one }));
            }
        }
    }
    found
}

/// The variable in static storage that a name means.
fn static_variable<'p>(facts: &Facts<'p>, id: FnId, name: Name) -> Option<&'p Variable> {
    match facts.program.referent(id, name)? {
        Referent::Global(variable) => Some(variable).filter(|variable| variable.storage != Storage::ThreadLocal),
        Referent::Local(_, variable) => Some(variable).filter(|variable| variable.storage == Storage::Static),
        Referent::Parameter(..) | Referent::Member(..) => None,
    }
}

/// Parts of a function that run only if a static flag says so: branches on it, and what follows an early exit.
fn decided_by_flags(facts: &Facts<'_>, id: FnId, body: &[Stmt]) -> Vec<Span> {
    let is_flag = |variable: &Variable| {
        let ty = facts.program.expand(variable.ty);
        let (head, arguments) = template(bare(ty.text()));
        let of = if simple(head) == "atomic" { arguments.first().copied().unwrap_or("") } else { head };
        matches!(of, "bool" | "BOOL" | "atomic_bool" | "std::atomic_bool" | "atomic_flag" | "std::atomic_flag")
            || ty.text().ends_with('*')
    };
    let end = facts.program.function(id).span.end;
    let mut parts = Vec::new();
    each_statement(body, &mut |stmt| {
        let Stmt::If { condition, then, span, .. } = stmt else { return };
        let mut tests = false;
        condition.walk(&mut |expr| {
            if let Expr::Name(name, _) = expr {
                tests |= static_variable(facts, id, *name).is_some_and(is_flag);
            }
        });
        let leaves = matches!(then.last(), Some(Stmt::Return(..)));
        let leaves = leaves
            || matches!(then.last(), Some(Stmt::Block(inner, _)) if matches!(inner.last(), Some(Stmt::Return(..))));
        if tests {
            parts.push(Span { start: span.start, end: if leaves { end } else { span.end } });
        }
    });
    parts
}

fn function_meant(facts: &Facts<'_>, id: FnId, expr: &Expr) -> Option<FnId> {
    match expr {
        Expr::Name(name, _) => facts.program.functions_named(id, *name).first().copied(),
        Expr::Unary { operand, .. } | Expr::Cast { operand, .. } => function_meant(facts, id, operand),
        Expr::Closure(index, _) => Some(facts.program.sibling(id, *index)),
        Expr::Call { .. } => function_meant(facts, id, arguments(expr).first().filter(|_| called(expr) == "move")?),
        _ => None,
    }
}
