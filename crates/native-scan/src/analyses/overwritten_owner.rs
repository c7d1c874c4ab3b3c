//! # What it finds
//! A member that owns by convention (some function of the class releases or deletes it by hand) is overwritten without
//! releasing what it held, and without a test that it holds nothing.
//!
//! # Why it is a bug
//! What it held can never be released again, and nobody waits for it any more.
//!
//! # Example
//! Bad:
//! ```objcpp
//! void flush() { [current commit]; previous = current; current = nil; }
//! void finish() { [previous waitUntilCompleted]; [previous release]; previous = nil; }
//! ```
//! Good:
//! ```objcpp
//! void flush() { [current commit]; [previous release]; previous = current; current = nil; }
//! ```
//!
//! # What it misses
//! Owners that are local variables. That a caller has released the member before is not seen.
//!
//! # References
//! C++ Core Guidelines R.1, R.20; CWE-401, CWE-772.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::Effect;
use crate::program::FnId;
use crate::program::calls::each_expression;
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Span};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    // Members that are released by hand, with the places where that happens.
    let mut released: BTreeMap<Name, Vec<(FnId, Span)>> = BTreeMap::new();
    for id in facts.defined() {
        let Some(body) = &facts.program.function(id).body else { continue };
        each_expression(body, &mut |expr| {
            if let Some(member) = releases(facts, expr)
                && let Some(place) = facts.program.place(id, member).filter(|place| !place.text().contains("()::"))
            {
                released.entry(place).or_default().push((id, expr.span()));
            }
        });
    }
    let mut findings = Vec::new();
    for id in facts.defined() {
        findings.extend(overwritten(facts, id, &released));
    }
    findings
}

/// The member that an expression releases by hand.
fn releases<'e>(facts: &Facts<'_>, expr: &'e Expr) -> Option<&'e Expr> {
    let member = match expr {
        Expr::Delete(operand, _) => operand.as_ref(),
        Expr::Message { receiver, selector, .. }
            if facts.program.config.resources.release.contains(selector.text()) =>
        {
            receiver.as_ref()
        }
        _ => return None,
    };
    matches!(member, Expr::Name(..)).then_some(member)
}

fn overwritten(facts: &Facts<'_>, id: FnId, released: &BTreeMap<Name, Vec<(FnId, Span)>>) -> Vec<Finding> {
    let program = facts.program;
    let kind = program.function(program.outermost(id)).kind;
    if matches!(kind, FunctionKind::Constructor | FunctionKind::Destructor) {
        return Vec::new();
    }
    let events = facts.events(id);
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for access in events.accesses.iter().filter(|access| access.effect == Effect::Assign) {
        let Some(places) = released.get(&access.place) else { continue };
        let simple = access.place.last();
        // A test of the member itself, whatever its outcome, says that somebody thought of it.
        let tested = access
            .conditions
            .iter()
            .any(|name| name.text() == simple || name.text().starts_with(&format!("{simple}=")));
        let here = places.iter().any(|(function, span)| *function == id && span.start < access.span.start);
        let spared = || {
            clears(facts, id, access.span)
                || is_saved(facts, id, access.place, access.span)
                || is_released_by_helper(facts, id, places, access.span)
        };
        if tested || here || spared() || !told.insert(access.place) {
            continue;
        }
        let other = places[0];
        let message = format!("`{simple}` is overwritten without releasing what it holds");
        findings.push(
            Finding::new(
                program,
                "overwritten-owner",
                Severity::Error,
                (id, access.span),
                access.place.text(),
                message,
            )
            .confidence(Confidence::Medium)
            .relate(program, other, "it is released by hand here")
            .fix("release it first, or use an owning type"),
        );
    }
    findings
}

/// Whether the old value was put elsewhere before: `old = member;`, or handed to a call.
fn is_saved(facts: &Facts<'_>, id: FnId, place: Name, overwritten: Span) -> bool {
    let program = facts.program;
    let Some(body) = &program.function(id).body else { return false };
    let is_place =
        |expr: &Expr| matches!(expr, Expr::Name(name, _) if name.last() == place.last()) && expr.span() != overwritten;
    let mut saved = program
        .locals(id)
        .iter()
        .any(|local| local.span.start < overwritten.start && local.init.as_ref().is_some_and(is_place));
    each_expression(body, &mut |expr| {
        if expr.span().start < overwritten.start {
            saved |= match expr {
                Expr::Assign { right, .. } => is_place(right),
                Expr::Call { arguments, .. } => arguments.iter().any(is_place),
                _ => false,
            };
        }
    });
    saved
}

/// Whether a function that is called before releases it.
fn is_released_by_helper(facts: &Facts<'_>, id: FnId, places: &[(FnId, Span)], overwritten: Span) -> bool {
    let earlier = facts.events(id).calls.iter().filter(|call| call.span.start < overwritten.start);
    earlier.flat_map(|call| &call.callees).any(|callee| places.iter().any(|(function, _)| function == callee))
}

/// Whether an assignment stores nothing: `x = nil`.
fn clears(facts: &Facts<'_>, id: FnId, target: Span) -> bool {
    let Some(body) = &facts.program.function(id).body else { return false };
    let mut clears = false;
    each_expression(body, &mut |expr| {
        if let Expr::Assign { left, right, .. } = expr
            && left.span() == target
        {
            clears = match right.as_ref() {
                Expr::Literal(text, _) => matches!(text.text(), "nullptr" | "NULL" | "0"),
                Expr::Name(name, _) => matches!(name.text(), "nil" | "NULL" | "Nil"),
                _ => false,
            };
        }
    });
    clears
}
