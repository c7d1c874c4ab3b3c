//! # What it finds
//! Read, change and write back as if they were one step: an atomic that is loaded and stored in one expression without a
//! lock; a `compare_exchange` or `try_lock` whose result nobody looks at.
//!
//! # Why it is a bug
//! Between the load and the store another thread may store, and its change is lost. An exchange that failed has changed
//! nothing, and a lock that was not got is not held, so what follows acts on a state that is not there.
//!
//! # Example
//! Bad:
//! ```cpp
//! std::atomic<int> users;
//! void enter() { users = users + 1; }
//! void claim() { int free = 0; owner.compare_exchange_strong(free, self()); use(); }
//! ```
//! Good:
//! ```cpp
//! void enter() { ++users; }
//! void claim() { int free = 0; if (owner.compare_exchange_strong(free, self())) use(); }
//! ```
//!
//! # What it misses
//! A load and a store in different statements; those behind a lock that was given back again; results that are stored and not looked at. An exchange whose expected value is
//! read afterwards counts as looked at.
//!
//! # References
//! C++ Core Guidelines CP.100 ff.; CWE-362, CWE-252; Herlihy and Shavit, "The Art of Multiprocessor Programming", chapter 5.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::LockSet;
use crate::flow::closures::arguments;
use crate::program::FnId;
use crate::program::calls::{called, each_expression, each_statement};
use crate::program::types::simple;
use native_syntax::ir::{Expr, Span, Stmt};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in facts.defined() {
        let Some(body) = &facts.program.function(id).body else { continue };
        each_statement(body, &mut |stmt| {
            if let Stmt::Expr(expr) = stmt {
                findings.extend(ignored(facts, id, body, expr));
            }
        });
        each_expression(body, &mut |expr| findings.extend(split(facts, id, expr)));
    }
    findings
}

/// A call that may fail and whose result is dropped.
fn ignored<'p>(facts: &Facts<'p>, id: FnId, body: &[Stmt], expr: &'p Expr) -> Option<Finding> {
    let name = called(expr);
    let receiver = receiver(expr);
    let config = &facts.program.config.exchanges;
    if !config.may_fail.contains(name) {
        return None;
    }
    let exchanges = name.contains("compare") || name.contains("Compare");
    // A function of the program with such a name says for itself what its result means, and a guard remembers it.
    if !facts.program.callees(id, expr).is_empty() || receiver.is_some_and(|base| is_guard(facts, id, base)) {
        return None;
    }
    if exchanges && expected_is_read(body, expr) {
        return None;
    }
    let (severity, what) = if exchanges {
        (Severity::Warning, "an exchange that failed has changed nothing")
    } else {
        (Severity::Error, "a lock that was not got is not held")
    };
    let message = format!("the result of `{name}` is ignored: {what}");
    Some(
        Finding::new(facts.program, "lost-update", severity, (id, expr.span()), name, message)
            .confidence(Confidence::Medium)
            .fix("test the result, and say what is to happen when it failed"),
    )
}

/// `x = x + 1`, `x.store(x.load() + 1)` of an atomic.
fn split<'p>(facts: &Facts<'p>, id: FnId, expr: &'p Expr) -> Option<Finding> {
    let (target, value) = match expr {
        Expr::Assign { operator, left, right, .. } if operator.text() == "=" => (left.as_ref(), right.as_ref()),
        Expr::Call { .. } if called(expr) == "store" => (receiver(expr)?, arguments(expr).first()?),
        _ => return None,
    };
    let place = facts.program.place(id, target)?;
    if !is_atomic(facts, id, target) || !held(facts, id, expr.span()).is_empty() {
        return None;
    }
    let mut again = None;
    value.walk(&mut |part| {
        if same_object(part, target) {
            again.get_or_insert(part.span());
        }
    });
    let message = format!(
        "`{}` is read and written in two steps: a change that another thread makes between is lost",
        place.last()
    );
    Some(
        Finding::new(facts.program, "lost-update", Severity::Error, (id, expr.span()), place.text(), message)
            .confidence(Confidence::High)
            .relate(facts.program, (id, again?), "it is read here")
            .fix("use one operation (`++`, `fetch_add`, `exchange`), a loop of `compare_exchange_weak`, or a lock"),
    )
}

/// Whether two expressions name one object, by how they are written: a member of another object has the same place.
fn same_object(a: &Expr, b: &Expr) -> bool {
    match (a, b) {
        (Expr::Name(a, _), Expr::Name(b, _)) => a == b,
        (Expr::This(_), Expr::This(_)) => true,
        (Expr::Member { base: a, name: left, .. }, Expr::Member { base: b, name: right, .. }) => {
            left == right && same_object(a, b)
        }
        (Expr::Unary { operator: left, operand: a, .. }, Expr::Unary { operator: right, operand: b, .. }) => {
            left == right && same_object(a, b)
        }
        _ => false,
    }
}

fn receiver(expr: &Expr) -> Option<&Expr> {
    let Expr::Call { callee, .. } = expr else { return None };
    match callee.as_ref() {
        Expr::Member { base, .. } => Some(base),
        _ => None,
    }
}

fn is_atomic<'p>(facts: &Facts<'p>, id: FnId, expr: &'p Expr) -> bool {
    facts.program.type_of(id, expr).is_some_and(|ty| {
        let name = simple(facts.program.expand(ty).text());
        name == "atomic" || name.starts_with("atomic_")
    })
}

fn is_guard<'p>(facts: &Facts<'p>, id: FnId, expr: &'p Expr) -> bool {
    facts.program.type_of(id, expr).is_some_and(|ty| facts.program.is_one_of(ty, &facts.program.config.types.guards))
}

/// Whether the variable that an exchange leaves the value in is read after it.
fn expected_is_read(body: &[Stmt], exchange: &Expr) -> bool {
    let Some(Expr::Name(expected, _)) = arguments(exchange).first().map(|first| match first {
        Expr::Unary { operator, operand, .. } if operator.text() == "&" => operand.as_ref(),
        other => other,
    }) else {
        return false;
    };
    let mut read = false;
    each_expression(body, &mut |expr| {
        if let Expr::Name(name, span) = expr {
            read |= name == expected && span.start > exchange.span().end;
        }
    });
    read
}

/// Locks that may be held at a place: those that the function has taken before it, and those that all callers hold. An
/// operation of an atomic is no access that needs a lock, so the walk has not noted what is held there.
fn held(facts: &Facts<'_>, id: FnId, span: Span) -> LockSet {
    let taken = facts.events(id).acquires.iter().filter(|acquire| acquire.span.start < span.start);
    let own = LockSet::of(taken.map(|acquire| acquire.lock));
    let entered = facts.contexts.of(id).iter().map(|context| context.locks.clone());
    own.union(&entered.reduce(|all, locks| all.intersection(&locks)).unwrap_or_default())
}
