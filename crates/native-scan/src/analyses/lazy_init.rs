//! # What it finds
//! A global, a static or a member of an object in static storage that is tested for being empty and then filled, with no
//! lock, no `call_once` and no initializer of a static around it.
//!
//! # Why it is a bug
//! Two threads see it empty and both fill it: two objects where there should be one, a leak, or a torn pointer.
//!
//! # Example
//! Bad:
//! ```cpp
//! Stream* instance() { if (!stream) stream = new Stream; return stream; }
//! ```
//! Good:
//! ```cpp
//! Stream* instance() { static Stream* stream = new Stream; return stream; }
//! ```
//!
//! # What it misses
//! Members of objects that are not known to be in static storage.
//!
//! # References
//! C++ standard, [stmt.dcl]; Meyers and Alexandrescu, "C++ and the Perils of Double-Checked Locking", 2004; CWE-609.

use super::guarded_by::{Sight, guard_of, sights};
use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::LockSet;
use crate::program::FnId;
use crate::program::calls::{called, each_expression, each_statement};
use crate::program::types::Referent;
use native_syntax::Name;
use native_syntax::ir::{Expr, Span, Stmt, Storage};
use std::cell::LazyCell;
use std::collections::BTreeMap;

/// All accesses by place, gathered when first asked for.
type Places<'f> = LazyCell<BTreeMap<Name, Vec<Sight<'f>>>, Box<dyn FnOnce() -> BTreeMap<Name, Vec<Sight<'f>>> + 'f>>;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let places: Places<'_> = LazyCell::new(Box::new(|| sights(facts)));
    for id in facts.defined() {
        let Some(body) = &facts.program.function(id).body else { continue };
        each_statement(body, &mut |stmt| {
            if let Stmt::If { condition, then, span, .. } = stmt {
                findings.extend(check(facts, &places, id, condition, then, *span));
            }
        });
    }
    findings
}

fn check(
    facts: &Facts<'_>,
    places: &Places<'_>,
    id: FnId,
    condition: &Expr,
    then: &[Stmt],
    span: Span,
) -> Option<Finding> {
    let program = facts.program;
    let tested = emptiness_test(condition)?;
    let name = shared(facts, places, id, tested)?;
    let mut filled = None;
    each_expression(then, &mut |expr| {
        let target = match expr {
            Expr::Assign { left, right, .. } if makes(right) => Some(left.as_ref()),
            Expr::Call { callee, arguments, .. } if called(expr) == "reset" && !arguments.is_empty() => {
                match callee.as_ref() {
                    Expr::Member { base, .. } => Some(base.as_ref()),
                    _ => None,
                }
            }
            _ => None,
        };
        if target.is_some_and(|target| same(target, tested)) {
            filled.get_or_insert(expr.span());
        }
    });
    let filled = filled?;
    // Locks that callers happen to hold do not count if others come without.
    let held = locks_at(facts, id, filled);
    let unguarded = facts.contexts.of(id).iter().any(|context| context.locks.union(&held).is_empty());
    if !unguarded || is_filled_once(facts, id, name) {
        return None;
    }
    let message =
        format!("`{}` is filled on first use without a lock: two threads can both find it empty", name.last());
    Some(
        Finding::new(program, "lazy-init", Severity::Error, (id, span), name.text(), message)
            .confidence(Confidence::High)
            .relate(program, (id, filled), "it is filled here")
            .fix("make it a static local with an initializer, or use std::call_once"),
    )
}

/// Whether the same function fills the place in a closure that runs once: the test is the other branch of a
/// preprocessor conditional, or a second look.
fn is_filled_once(facts: &Facts<'_>, id: FnId, name: Name) -> bool {
    facts.with_closures(id).into_iter().skip(1).any(|closure| {
        let runs_once =
            |context: &crate::flow::contexts::Context| context.locks.iter().any(|lock| lock.text().starts_with('('));
        let Some(body) = &facts.program.function(closure).body else { return false };
        let mut fills = false;
        each_expression(body, &mut |expr| {
            if let Expr::Assign { left, .. } = expr {
                fills |= matches!(left.as_ref(), Expr::Name(other, _) if other.last() == name.last());
            }
        });
        fills && facts.contexts.of(closure).iter().any(runs_once)
    })
}

/// What is tested for emptiness: `!x`, `x == nullptr`, `x == nil`.
fn emptiness_test(condition: &Expr) -> Option<&Expr> {
    match condition {
        Expr::Unary { operator, operand, .. } if operator.text() == "!" => Some(operand),
        Expr::Binary { operator, left, right, .. } if operator.text() == "==" => {
            let empty = |expr: &Expr| match expr {
                Expr::Literal(text, _) => matches!(text.text(), "nullptr" | "NULL" | "0"),
                Expr::Name(name, _) => matches!(name.text(), "nil" | "NULL" | "Nil"),
                _ => false,
            };
            if empty(right) {
                Some(left)
            } else if empty(left) {
                Some(right)
            } else {
                None
            }
        }
        Expr::Binary { operator, left, .. } if operator.text() == "&&" => emptiness_test(left),
        _ => None,
    }
}

/// The name of a place that other threads reach too.
fn shared(facts: &Facts<'_>, places: &Places<'_>, id: FnId, tested: &Expr) -> Option<Name> {
    let Expr::Name(name, _) = tested else { return None };
    match facts.program.referent(id, *name)? {
        Referent::Global(variable) if variable.storage != Storage::ThreadLocal => Some(variable.name),
        Referent::Local(_, variable) if variable.storage == Storage::Static => Some(variable.name),
        Referent::Member(class, variable)
            if facts.static_classes.contains(&class)
                && !reached_under_lock(facts, places, class, variable.name.last()) =>
        {
            Some(Name::new(&format!("{class}::{}", variable.name.last())))
        }
        _ => None,
    }
}

/// Whether a member has a guard: then the analysis of guards speaks about it.
fn reached_under_lock(facts: &Facts<'_>, places: &Places<'_>, class: Name, member: &str) -> bool {
    let place = Name::new(&format!("{class}::{member}"));
    places.get(&place).is_some_and(|sights| guard_of(facts, place, sights).is_some())
}

/// Whether an expression makes something new rather than storing what is at hand.
fn makes(expr: &Expr) -> bool {
    match expr {
        Expr::New { .. } | Expr::Call { .. } | Expr::Message { .. } | Expr::Construct { .. } => true,
        Expr::Cast { operand, .. } | Expr::Unary { operand, .. } => makes(operand),
        Expr::Conditional { then, otherwise, .. } => makes(then) || makes(otherwise),
        Expr::Member { base, .. } => makes(base),
        _ => false,
    }
}

fn same(left: &Expr, right: &Expr) -> bool {
    match (left, right) {
        (Expr::Name(a, _), Expr::Name(b, _)) => a == b,
        _ => false,
    }
}

fn locks_at(facts: &Facts<'_>, id: FnId, span: Span) -> LockSet {
    let events = facts.events(id);
    let by_access = events.accesses.iter().find(|access| span.contains(access.span)).map(|access| access.held.clone());
    let by_call = || events.calls.iter().find(|call| span.contains(call.span)).map(|call| call.held.clone());
    by_access.or_else(by_call).unwrap_or_default()
}
