//! # What it finds
//! A function takes a lock, obtains a raw pointer, reference, iterator or view of what the lock guards, and returns it:
//! the caller uses it without the lock.
//!
//! # Why it is a bug
//! As soon as the lock is free another thread may remove, recycle or move what was handed out.
//!
//! # Example
//! Bad:
//! ```cpp
//! Event* Pool::find(int id) {
//!   std::lock_guard<std::mutex> hold(m);
//!   return events[id].get();
//! }
//! ```
//! Good:
//! ```cpp
//! std::shared_ptr<Event> Pool::find(int id) {
//!   std::lock_guard<std::mutex> hold(m);
//!   return events[id];
//! }
//! ```
//!
//! # What it misses
//! Data that escapes through an output parameter or a member. Objects that are never removed are reported too, at a
//! lower severity where nothing in the program removes them.
//!
//! # References
//! C++ Core Guidelines CP.50; CWE-416, CWE-567.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::Effect;
use crate::program::FnId;
use crate::program::types::{Referent, bare};
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Span};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in facts.defined() {
        let function = facts.program.function(id);
        if function.parent.is_some() || matches!(function.kind, FunctionKind::Constructor) {
            continue;
        }
        if hands_out_raw(facts, function.returns) {
            findings.extend(check(facts, id));
        }
    }
    findings
}

/// Whether a return type lets the caller reach what somebody else owns.
fn hands_out_raw(facts: &Facts<'_>, returns: Name) -> bool {
    let ty = returns.text();
    if facts.program.is_one_of(returns, &facts.program.config.types.borrowed) {
        return true;
    }
    (ty.ends_with('*') || ty.ends_with('&'))
        && facts.program.find_class(bare(ty), None).is_some()
        && !facts.program.is_one_of(returns, &facts.program.config.types.owners)
}

fn check(facts: &Facts<'_>, id: FnId) -> Option<Finding> {
    let program = facts.program;
    let events = facts.events(id);
    for (value, _, span) in &events.returns {
        let Some(value) = value else { continue };
        let Some((place, origin)) = guarded_origin(facts, id, value, 4) else { continue };
        // The lock was held where the value came from.
        let access = events.accesses.iter().find(|access| origin.contains(access.span) && access.place == place)?;
        let own = events.acquires.iter().find(|acquire| access.maybe.holds(acquire.lock))?;
        let lock = own.lock.last();
        let removed = removed_somewhere(facts, place);
        let severity = if removed { Severity::Error } else { Severity::Note };
        let message = format!(
            "hands out a pointer into `{}`, which `{lock}` guards; the lock is free when the caller uses it",
            place.last()
        );
        return Some(
            Finding::new(program, "guard-escape", severity, (id, *span), place.text(), message)
                .confidence(Confidence::Medium)
                .relate(program, (id, own.span), format!("`{lock}` is taken here"))
                .relate(program, (id, access.span), "the guarded data is reached here")
                .fix("return an owner or a copy, or let the caller hold the lock while it uses the result"),
        );
    }
    None
}

/// The member that a returned value comes from, and the expression that reads it.
fn guarded_origin(facts: &Facts<'_>, id: FnId, value: &Expr, depth: u32) -> Option<(Name, Span)> {
    let depth = depth.checked_sub(1)?;
    let program = facts.program;
    if let Expr::Name(name, _) = value
        && let Some(Referent::Local(_, variable)) = program.referent(id, *name)
    {
        return guarded_origin(facts, id, variable.init.as_ref()?, depth);
    }
    let mut found = None;
    value.walk(&mut |expr| {
        if found.is_some() {
            return;
        }
        let place = match expr {
            Expr::Name(name, _) => match program.referent(id, *name) {
                Some(Referent::Member(class, variable)) => {
                    Some(Name::new(&format!("{class}::{}", variable.name.last())))
                }
                _ => None,
            },
            _ => None,
        };
        let container = place.is_some_and(|_| {
            matches!(expr, Expr::Name(name, _) if program.referent(id, *name).is_some_and(|referent| {
                program.is_one_of(referent.variable().ty, &program.config.types.containers)
            }))
        });
        if container {
            found = place.map(|place| (place, expr.span()));
        }
    });
    found
}

fn removed_somewhere(facts: &Facts<'_>, place: Name) -> bool {
    facts.events.iter().flat_map(|events| &events.accesses).any(|access| {
        access.place == place
            && matches!(access.effect, Effect::Mutate(name) if matches!(name.text(), "erase" | "clear" | "pop" | "pop_back" | "pop_front" | "extract" | "swap"))
    })
}
