//! # What it finds
//! A pointer, reference or iterator to guarded data that was obtained under a lock and is used after the lock was
//! dropped and taken again, by the function itself or by something it calls, without being looked up or checked anew.
//! Comparing a generation counter after taking the lock again is the accepted cure.
//!
//! # Why it is a bug
//! While the lock was free another thread may have freed, reused or moved what the value points to: use after free, or
//! the ABA problem if something else took its place.
//!
//! # Example
//! Bad:
//! ```cpp
//! auto it = blocks.begin();
//! while (it != blocks.end()) {
//!   Block* b = *it; ++it;
//!   release(b);                 // unlocks m, waits, locks m
//! }
//! ```
//! Good:
//! ```cpp
//! while (!blocks.empty()) {
//!   Block* b = *blocks.begin();
//!   release(b);
//! }
//! ```
//!
//! # What it misses
//! Values that are passed through members. Whether the counter that is compared is the right one.
//!
//! # References
//! Michael, "Hazard Pointers", IEEE TPDS 2004, for ABA; CWE-367, CWE-416.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::program::FnId;
use crate::program::calls::{called, each_expression, each_statement};
use native_syntax::Name;
use native_syntax::ir::{Expr, Span, Stmt, Variable};
use rustc_hash::FxHashMap;

/// Where a function drops a lock of its caller: the lock, the place, the names that decide it.
#[derive(Clone)]
struct Window {
    lock: Name,
    at: (FnId, Span),
    conditions: Vec<Name>,
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let windows = windows(facts);
    let mut findings = Vec::new();
    for id in facts.defined() {
        for variable in facts.program.locals(id) {
            if points_into_container(facts, id, variable) {
                findings.extend(used_after_window(facts, id, variable, &windows));
            }
        }
    }
    findings
}

/// Functions that give back a lock that their caller holds and take it again, themselves or through what they call.
fn windows(facts: &Facts<'_>) -> FxHashMap<FnId, Window> {
    let mut windows: FxHashMap<FnId, Window> = FxHashMap::default();
    for id in facts.defined() {
        let events = facts.events(id);
        for release in events.releases.iter().filter(|release| release.is_callers) {
            let retaken = events
                .acquires
                .iter()
                .any(|acquire| acquire.lock == release.lock && acquire.span.start > release.span.start);
            if retaken {
                let conditions = release.conditions.clone();
                windows.entry(id).or_insert(Window { lock: release.lock, at: (id, release.span), conditions });
            }
        }
    }
    for _ in 0..4 {
        let mut new = Vec::new();
        for id in facts.defined().filter(|id| !windows.contains_key(id)) {
            let found = facts.events(id).calls.iter().find_map(|call| {
                let window = call.callees.iter().find_map(|callee| windows.get(callee))?;
                let own = facts.events(id).acquires.iter().any(|acquire| acquire.lock == window.lock);
                (!own).then(|| Window { conditions: call.conditions.clone(), ..window.clone() })
            });
            if let Some(window) = found {
                new.push((id, window));
            }
        }
        if new.is_empty() {
            break;
        }
        windows.extend(new);
    }
    windows
}

/// Whether a local variable is an iterator of a member container.
fn points_into_container<'p>(facts: &Facts<'p>, id: FnId, variable: &'p Variable) -> bool {
    let Some(init) = &variable.init else { return false };
    let Expr::Call { callee, .. } = init else { return false };
    let Expr::Member { base, .. } = callee.as_ref() else { return false };
    let finds = matches!(
        called(init),
        "begin" | "find" | "lower_bound" | "upper_bound" | "end" | "rbegin" | "cbegin" | "equal_range"
    );
    let container = facts
        .program
        .type_of(id, base)
        .is_some_and(|ty| facts.program.is_one_of(ty, &facts.program.config.types.containers));
    let member = facts.program.place(id, base).is_some_and(|place| !place.text().contains("()::"));
    finds && container && member
}

fn used_after_window(
    facts: &Facts<'_>,
    id: FnId,
    variable: &Variable,
    windows: &FxHashMap<FnId, Window>,
) -> Option<Finding> {
    let program = facts.program;
    let body = program.function(id).body.as_ref()?;
    let born = variable.span;
    for call in facts.events(id).calls.iter().filter(|call| call.span.start > born.start) {
        let Some(window) = call.callees.iter().find_map(|callee| windows.get(callee)) else { continue };
        let Some(used) = next_use(body, variable.name, call.span, born) else { continue };
        // The window opens only if some quantity says so, and the caller has just tested the same quantity.
        let tested =
            window.conditions.iter().any(|name| is_telling(*name) && call.conditions.iter().any(|own| own == name));
        let severity = if tested { Severity::Note } else { Severity::Error };
        let lock = window.lock.last();
        let message = format!(
            "`{}` points into a container guarded by `{lock}`, but `{}` drops `{lock}` in between",
            variable.name, call.name
        );
        let mut finding = Finding::new(program, "stale-value", severity, (id, born), variable.name.text(), message)
            .confidence(if tested { Confidence::Low } else { Confidence::High })
            .relate(program, (id, call.span), format!("`{}` is called here", call.name))
            .relate(program, window.at, format!("`{lock}` is dropped here"))
            .relate(program, (id, used), format!("`{}` is used again here", variable.name));
        if tested {
            finding = finding
                .fix("the caller tests what decides whether the lock is dropped; nothing to do if that always holds");
        } else {
            finding = finding.fix("look the element up again after the call, or check a generation counter");
        }
        return Some(finding);
    }
    None
}

/// A name that can decide something: not a flag that half of the program tests.
fn is_telling(name: Name) -> bool {
    name.text().len() > 5
}

/// The next use of a variable after a call, around the loop if the call stands in one that the variable outlives.
fn next_use(body: &[Stmt], name: Name, call: Span, born: Span) -> Option<Span> {
    let mut uses = Vec::new();
    each_expression(body, &mut |expr| {
        if let Expr::Name(other, span) = expr
            && *other == name
        {
            uses.push(*span);
        }
    });
    let mut loops = Vec::new();
    each_statement(body, &mut |stmt| {
        if let Stmt::Loop { span, .. } = stmt
            && span.contains(call)
            && !span.contains(born)
        {
            loops.push(*span);
        }
    });
    let leaves = leaves_after(body, call);
    let after = uses.iter().find(|span| span.start >= call.end && !leaves).copied();
    let around = uses
        .iter()
        .find(|span| loops.iter().any(|outer| outer.contains(**span)) && span.start < call.start)
        .copied()
        .filter(|_| !leaves);
    after.or(around)
}

/// Whether the statement right after a call leaves the block.
fn leaves_after(body: &[Stmt], call: Span) -> bool {
    let mut found = false;
    let mut check = |stmts: &[Stmt]| {
        for pair in stmts.windows(2) {
            found |= pair[0].span() == call
                || matches!(&pair[0], Stmt::Expr(expr) if expr.span() == call)
                    && matches!(pair[1], Stmt::Break(_) | Stmt::Return(..));
        }
    };
    check(body);
    each_statement(body, &mut |stmt| match stmt {
        Stmt::Block(inner, _) | Stmt::Loop { body: inner, .. } => check(inner),
        Stmt::If { then, otherwise, .. } => {
            check(then);
            check(otherwise);
        }
        _ => {}
    });
    found
}
