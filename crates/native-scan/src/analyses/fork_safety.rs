//! # What it finds
//! A program that has locks or serial queues and registers a `pthread_atfork` handler for the child only: nobody takes the
//! locks before the fork, so the child gets them in whatever state another thread left them in.
//!
//! # Why it is a bug
//! Only the forking thread exists in the child. A lock that another thread held at the fork stays locked for ever, and
//! the state behind it may be half changed. A flag that says so helps only if every entry tests it.
//!
//! # Example
//! Bad:
//! ```cpp
//! static void inChild() { badFork = true; }
//! void setup() { pthread_atfork(nullptr, nullptr, inChild); }
//! ```
//! Good:
//! ```cpp
//! void setup() { pthread_atfork(lockAll, unlockAll, reinitializeAll); }
//! ```
//!
//! # What it misses
//! Programs that fork without any handler; whether the handlers take all locks, in the right order. If a handler that only
//! sets a flag is found and functions that take locks test that flag, they are believed.
//!
//! # References
//! POSIX.1-2024, `pthread_atfork`; CWE-662.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::closures::arguments;
use crate::program::FnId;
use native_syntax::Name;
use native_syntax::ir::Expr;
use std::collections::BTreeSet;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let has_locks = facts.events.iter().any(|events| !events.acquires.is_empty() || !events.closures.is_empty());
    for id in facts.defined().filter(|_| has_locks) {
        for call in facts.events(id).calls.iter().filter(|call| call.name == "pthread_atfork") {
            let [prepare, _, child] = arguments(call.expr) else { continue };
            if !is_nothing(prepare) || is_nothing(child) {
                continue;
            }
            let Some(handler) = handler(facts, id, child) else { continue };
            if flags_are_tested(facts, handler) {
                continue;
            }
            let message = format!(
                "only the child has a handler (`{}`): locks that other threads hold at the fork stay locked in it",
                facts.program.display(handler)
            );
            findings.push(
                Finding::new(facts.program, "fork-safety", Severity::Error, (id, call.span), "pthread_atfork", message)
                    .confidence(Confidence::Medium)
                    .relate(facts.program, (handler, facts.program.function(handler).name_span), "the handler")
                    .fix("take all locks before the fork and release them in parent and child, or test the flag at every entry"),
            );
        }
    }
    findings
}

fn is_nothing(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(text, _) => matches!(text.text(), "nullptr" | "NULL" | "0"),
        Expr::Name(name, _) => name.text() == "NULL",
        _ => false,
    }
}

fn handler(facts: &Facts<'_>, id: FnId, expr: &Expr) -> Option<FnId> {
    match expr {
        Expr::Name(name, _) => facts.program.functions_named(id, *name).first().copied(),
        Expr::Unary { operand, .. } => handler(facts, id, operand),
        Expr::Closure(index, _) => Some(facts.program.sibling(id, *index)),
        _ => None,
    }
}

/// Whether a function that takes locks reads a flag that the handler sets.
fn flags_are_tested(facts: &Facts<'_>, handler: FnId) -> bool {
    let flags: BTreeSet<Name> = facts
        .events(handler)
        .accesses
        .iter()
        .filter(|access| access.effect.writes())
        .map(|access| access.place)
        .collect();
    facts.defined().filter(|id| *id != handler).any(|id| {
        let events = facts.events(id);
        !events.acquires.is_empty() && events.accesses.iter().any(|access| flags.contains(&access.place))
    })
}
