//! # What it finds
//! A lambda or block that runs after its maker has returned (it is stored, or handed to another thread, a listener or a
//! completion handler) and uses `this`, a reference, or something that may only borrow (`string_view`, `ArrayRef`,
//! `MaybeOwned`, iterators), where nobody keeps the object alive and its destructor does not wait. What wrappers do with
//! a closure is followed through the program.
//!
//! # Why it is a bug
//! The object can be destroyed, or the variable's scope left, before the closure runs: use after free. A destructor that
//! waits only if a flag is set, where any one completion clears the flag, does not wait for the others.
//!
//! # Example
//! Bad:
//! ```objcpp
//! void Event::record() {
//!   [listener notify:event block:^{ done = true; }];   // `this`, implicitly
//! }
//! Event::~Event() {}
//! ```
//! Good:
//! ```objcpp
//! void Event::record() {
//!   pending.fetch_add(1);
//!   [listener notify:event block:^{ done = true; pending.fetch_sub(1); }];
//! }
//! Event::~Event() { while (pending.load() != 0) std::this_thread::yield(); }
//! ```
//!
//! # What it misses
//! Whether the wait in a destructor waits for the right thing. Raw pointers captured by value. Closures that go through
//! functions that are neither in the program nor in the configuration.
//!
//! # References
//! C++ Core Guidelines F.53 and CP.51; CWE-416, CWE-825.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::closures::Mode;
use crate::program::FnId;
use crate::program::calls::{called, each_expression};
use crate::program::types::Referent;
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Span, Storage};
use std::collections::BTreeMap;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in facts.defined() {
        if facts.program.function(id).parent.is_none() {
            continue;
        }
        let (mode, steps) = facts.closures.mode(id);
        if mode.escapes() {
            findings.extend(escaping(facts, id, &mode, &steps));
        }
    }
    findings
}

/// What a closure uses that it does not own.
#[derive(Debug, Default)]
struct Borrowed {
    this: Option<(FnId, Span)>,
    references: BTreeMap<Name, (FnId, Span, Why)>,
}

/// Why a closure does not own what it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Local,
    /// A parameter that is a copy of the caller's argument.
    ByValue,
    Parameter,
    Callers,
    MayBorrow,
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::Local => "a local variable that it captures by reference",
            Self::ByValue | Self::Parameter => "a parameter that it captures by reference",
            Self::Callers => "a reference to what the caller owns",
            Self::MayBorrow => "which may only borrow what it refers to",
        }
    }
}

fn escaping(facts: &Facts<'_>, id: FnId, mode: &Mode, steps: &[(FnId, Span, String)]) -> Vec<Finding> {
    let program = facts.program;
    let borrowed = borrowed(facts, id);
    let mut findings = Vec::new();
    let span = program.function(id).span;
    let at = (id, Span { start: span.start, end: span.start + 1 });
    let runs = match mode {
        Mode::Async(_) => "runs later or on another thread",
        Mode::Returned => "is returned",
        _ => "is kept",
    };
    let tell = |mut finding: Finding| {
        for (step, span, text) in steps {
            finding = finding.relate(program, (*step, *span), text.clone());
        }
        finding
    };
    // Whoever is given a closure that uses `this` decides how long to keep it.
    if let Some(place) = borrowed.this.filter(|_| *mode != Mode::Returned)
        && let Some(class) = program.class_of(id)
    {
        let drain = drain(facts, class);
        if drain != Drain::Unconditional && !keeps_owner(facts, id) && !stored_in_itself(facts, id, mode, class) {
            let how = if drain == Drain::Flag { "waits only if a flag is set" } else { "does not wait for it" };
            let message = format!("the closure {runs} and uses `this`, but `~{}` {how}", class.last());
            let severity = if matches!(mode, Mode::Stored) { Severity::Warning } else { Severity::Error };
            let finding = Finding::new(program, "closure-escape", severity, at, "this", message)
                .confidence(Confidence::High)
                .relate(program, place, "`this` is used here")
                .fix("capture an owner (shared_from_this, a copy), or count pending closures and wait for zero in the destructor");
            findings.push(tell(finding));
        }
    }
    let mut references = borrowed
        .references
        .into_iter()
        .filter(|(_, (.., why))| *mode != Mode::Returned || matches!(why, Why::Local | Why::ByValue));
    if let Some((name, (user, span, why))) = references.next() {
        let others: Vec<String> = references.map(|(name, _)| format!("`{name}`")).collect();
        let more = match others.len() {
            0 => String::new(),
            1 | 2 => format!(" (likewise {})", others.join(", ")),
            count => format!(" (likewise {} and {} more)", others[..2].join(", "), count - 2),
        };
        let message = format!("the closure {runs} and uses `{name}`, {}{more}", why.words());
        let finding = Finding::new(program, "closure-escape", Severity::Error, at, name.text(), message)
            .confidence(Confidence::High)
            .relate(program, (user, span), format!("`{name}` is used here"))
            .fix("capture a copy that owns what it refers to");
        findings.push(tell(finding));
    }
    findings
}

fn borrowed(facts: &Facts<'_>, closure: FnId) -> Borrowed {
    let mut found = Borrowed::default();
    for inner in facts.with_closures(closure) {
        let Some(body) = &facts.program.function(inner).body else { continue };
        each_expression(body, &mut |expr| match expr {
            Expr::This(span) => {
                found.this.get_or_insert((inner, *span));
            }
            Expr::Name(name, span) => name_used(facts, closure, inner, *name, *span, &mut found),
            Expr::Call { callee, span, .. } => {
                let implicit = matches!(callee.as_ref(), Expr::Name(name, _) if !name.text().contains("::"));
                let member = implicit
                    && facts.program.callees(inner, expr).iter().any(|callee| {
                        let function = facts.program.function(*callee);
                        function.kind == FunctionKind::Method
                            && !function.flags.is_static
                            && facts.program.class_of(*callee) == facts.program.class_of(inner)
                            && !is_static_member(facts, *callee)
                    });
                if member {
                    found.this.get_or_insert((inner, *span));
                }
            }
            _ => {}
        });
    }
    found
}

fn is_static_member(facts: &Facts<'_>, id: FnId) -> bool {
    // A definition outside of the class does not repeat `static`; a body without `this` and members does no harm.
    let events = facts.events(id);
    events.accesses.is_empty() && events.calls.iter().all(|call| call.callees.is_empty())
}

fn name_used(facts: &Facts<'_>, closure: FnId, inner: FnId, name: Name, span: Span, found: &mut Borrowed) {
    let program = facts.program;
    match program.referent(inner, name) {
        Some(Referent::Member(..)) => {
            found.this.get_or_insert((inner, span));
        }
        Some(Referent::Local(home, variable)) if is_outside(facts, closure, home) => {
            if variable.storage == Storage::Static || variable.storage == Storage::ThreadLocal {
                return;
            }
            let why = if program.captures_by_reference(closure, name, variable.storage) {
                if variable.storage == Storage::Block {
                    return;
                }
                Some(if variable.ty.text().ends_with('&') { Why::Parameter } else { Why::Local })
            } else if variable.ty.text().ends_with('&') && is_block(facts, closure) {
                reference_to_parameter(facts, home, variable.init.as_ref()).then_some(Why::Callers)
            } else {
                borrows(facts, home, name)
            };
            if let Some(why) = why {
                found.references.entry(name).or_insert((inner, span, why));
            }
        }
        Some(Referent::Parameter(home, variable)) if is_outside(facts, closure, home) => {
            let reference = variable.ty.text().ends_with('&') && !variable.ty.text().ends_with("&&");
            let by_reference = program.captures_by_reference(closure, name, variable.storage);
            let why = if by_reference {
                Some(if variable.ty.text().ends_with('&') { Why::Parameter } else { Why::ByValue })
            } else if reference && is_block(facts, closure) {
                Some(Why::Callers)
            } else {
                borrows(facts, home, name)
            };
            if let Some(why) = why {
                found.references.entry(name).or_insert((inner, span, why));
            }
        }
        _ => {}
    }
}

fn is_block(facts: &Facts<'_>, closure: FnId) -> bool {
    facts.program.function(closure).kind == FunctionKind::Block
}

/// A local reference that was made from a reference parameter, or from a place inside of what one refers to.
fn reference_to_parameter(facts: &Facts<'_>, home: FnId, init: Option<&Expr>) -> bool {
    let Some(init) = init else { return false };
    let mut found = false;
    init.walk(&mut |expr| {
        if let Expr::Name(name, _) = expr
            && let Some(Referent::Parameter(_, variable)) = facts.program.referent(home, *name)
        {
            found |= variable.ty.text().ends_with('&');
        }
    });
    found && !matches!(init, Expr::Call { .. })
}

/// Whether a variable's type may point to what somebody else owns.
fn borrows(facts: &Facts<'_>, home: FnId, name: Name) -> Option<Why> {
    let ty = match facts.program.referent(home, name)? {
        Referent::Local(_, variable) | Referent::Parameter(_, variable) => variable.ty,
        Referent::Member(..) | Referent::Global(_) => return None,
    };
    facts.program.is_one_of(ty, &facts.program.config.types.borrowed).then_some(Why::MayBorrow)
}

/// Whether a function encloses a closure, so that its variables are captured.
fn is_outside(facts: &Facts<'_>, closure: FnId, home: FnId) -> bool {
    let mut at = facts.program.parent(closure);
    while let Some(parent) = at {
        if parent == home {
            return true;
        }
        at = facts.program.parent(parent);
    }
    false
}

/// How a destructor waits for what is still under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drain {
    None,
    /// Only if a flag says so.
    Flag,
    Unconditional,
}

/// Calls that wait for, or put an end to, what is under way.
const DRAINS: [&str; 22] = [
    "wait",
    "wait_for",
    "wait_until",
    "join",
    "dispatch_sync",
    "dispatch_group_wait",
    "dispatch_semaphore_wait",
    "waitUntilCompleted",
    "invalidate",
    "cancel",
    "removeObserver_",
    "drain",
    "shutdown",
    "stop",
    "waitUntilFinished",
    "cancelAllOperations",
    "yield",
    "sleep_for",
    "waitForCompletion",
    "waitAll",
    "dispatch_barrier_sync",
    "stopAndJoin",
];

fn drain(facts: &Facts<'_>, class: Name) -> Drain {
    let Some(destructor) = facts.program.destructor(class) else { return Drain::None };
    let mut best = drain_of(facts, destructor, 3);
    if best == Drain::None && joins_thread(facts, class) {
        best = Drain::Unconditional;
    }
    best
}

fn joins_thread(facts: &Facts<'_>, class: Name) -> bool {
    facts.program.classes.get(&class).is_some_and(|found| {
        found.members.values().any(|member| crate::program::types::simple(member.variable.ty.text()) == "jthread")
    })
}

fn drain_of(facts: &Facts<'_>, id: FnId, depth: u32) -> Drain {
    let mut best = Drain::None;
    for call in &facts.events(id).calls {
        let waits = DRAINS.contains(&call.name)
            || depth > 0
                && call.callees.iter().any(|callee| drain_of(facts, *callee, depth - 1) == Drain::Unconditional);
        if !waits {
            continue;
        }
        if !call.conditions.iter().any(|name| is_flag(facts, id, *name)) {
            return Drain::Unconditional;
        }
        best = Drain::Flag;
    }
    best
}

/// Whether a name is a boolean member, atomic or not: any one completion can clear it.
fn is_flag(facts: &Facts<'_>, id: FnId, name: Name) -> bool {
    let Some(class) = facts.program.class_of(id) else { return false };
    facts.program.member(class, name.text()).is_some_and(|(_, member)| {
        let ty = crate::program::types::bare(member.variable.ty.text());
        matches!(ty, "bool" | "BOOL" | "std::atomic<bool>" | "std::atomic_bool" | "atomic_bool" | "std::atomic<BOOL>")
    })
}

/// Whether the closure holds an owner of the object: a copy of a shared pointer, or a weak one that it locks.
fn keeps_owner(facts: &Facts<'_>, closure: FnId) -> bool {
    let function = facts.program.function(closure);
    if function.captures.this_copy {
        return true;
    }
    let by_capture = function.inits.iter().flat_map(|(_, arguments)| arguments).any(|init| {
        let mut owner = false;
        init.walk(&mut |expr| owner |= matches!(called(expr), "shared_from_this" | "weak_from_this"));
        owner
    });
    let mut by_local = false;
    if let Some(parent) = facts.program.parent(closure) {
        for variable in facts.program.locals(parent) {
            let makes = variable.init.as_ref().is_some_and(|init| {
                matches!(
                    called(init),
                    "shared_from_this" | "weak_from_this" | "reclaim_copy" | "weak_intrusive_from_this"
                )
            });
            by_local |= makes && uses(facts, closure, variable.name);
        }
    }
    by_capture || by_local
}

fn uses(facts: &Facts<'_>, closure: FnId, name: Name) -> bool {
    let function = facts.program.function(closure);
    if function.captures.items.iter().any(|item| item.name == name) {
        return true;
    }
    let mut found = false;
    if let Some(body) = &function.body {
        each_expression(body, &mut |expr| found |= matches!(expr, Expr::Name(other, _) if *other == name));
    }
    found
}

/// A closure that is kept in a member of the object that it refers to dies with it, unless the member is copied.
fn stored_in_itself(facts: &Facts<'_>, closure: FnId, mode: &Mode, class: Name) -> bool {
    if *mode != Mode::Stored {
        return false;
    }
    let Some(parent) = facts.program.parent(closure) else { return false };
    if facts.program.class_of(parent) != Some(class) {
        return false;
    }
    let Some(body) = &facts.program.function(parent).body else { return false };
    let mut inside = false;
    let span = facts.program.function(closure).span;
    each_expression(body, &mut |expr| {
        if let Expr::Assign { left, right, .. } = expr
            && right.span().contains(span)
            && matches!(left.as_ref(), Expr::Name(..) | Expr::Member { .. })
        {
            inside |= facts.program.place(parent, left).is_some_and(|place| place.text().starts_with(class.text()));
        }
    });
    inside
}
