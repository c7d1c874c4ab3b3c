//! # What it finds
//! A thread waits on a condition variable until some state is reached; somewhere the state is changed towards it, and
//! neither that function nor what it calls nor a caller of it notifies.
//!
//! # Why it is a bug
//! The waiter sleeps on although what it waits for is there, until something else happens to wake it, or for ever.
//!
//! # Example
//! Bad:
//! ```cpp
//! void wait() { std::unique_lock<std::mutex> l(m); cv.wait(l, [&] { return done; }); }
//! void finish() { std::lock_guard<std::mutex> l(m); done = true; }
//! ```
//! Good:
//! ```cpp
//! void finish() { { std::lock_guard<std::mutex> l(m); done = true; } cv.notify_all(); }
//! ```
//!
//! # What it misses
//! Conditions that are a call of another function than `empty`; a notification that exists but is not on every path;
//! `notify_one` where several kinds of waiters share a variable.
//!
//! # References
//! Hansen, "Structured multiprogramming", CACM 1972 (explicit signalling); C++ Core Guidelines CP.42; CWE-833.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::Call;
use crate::flow::closures::arguments;
use crate::program::FnId;
use crate::program::calls::{called, each_expression, each_statement};
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Span, Stmt};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// What is waited for of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Want {
    True,
    False,
    Empty,
    Filled,
    Zero,
    NotZero,
}

/// A wait: on which condition, where.
#[derive(Clone, Copy)]
struct Wait {
    condition: Name,
    at: (FnId, Span),
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut waits: BTreeMap<(Name, Want, Name), Wait> = BTreeMap::new();
    for id in facts.defined() {
        for call in &facts.events(id).calls {
            if let Some(condition) = waited_on(facts, id, call) {
                for (place, want) in wanted(facts, id, call) {
                    waits.entry((place, want, condition)).or_insert(Wait { condition, at: (id, call.span) });
                }
            }
        }
    }
    let mut findings = Vec::new();
    for ((place, want, _), wait) in &waits {
        findings.extend(silent(facts, *place, *want, wait));
    }
    findings
}

/// Changes towards what is waited for that nobody is told of, if others are told of.
fn silent(facts: &Facts<'_>, place: Name, want: Want, wait: &Wait) -> Vec<Finding> {
    let changes: Vec<(FnId, Span)> = facts
        .defined()
        .filter(|id| {
            let outermost = facts.program.function(facts.program.outermost(*id));
            !matches!(outermost.kind, FunctionKind::Constructor | FunctionKind::Destructor)
        })
        .filter_map(|id| Some((id, changed(facts, id, place, want)?)))
        .collect();
    let is_told = |(id, _): &&(FnId, Span)| tells(facts, *id, wait.condition);
    if !changes.iter().any(|change| is_told(&change)) {
        // Nobody is told of any: who wakes the waiter is not seen, or it looks again by itself.
        return Vec::new();
    }
    let untold = changes.iter().filter(|change| !is_told(change));
    let finding = |(id, span): &(FnId, Span)| {
        let message = format!(
            "`{}` changes towards what `{}` waits for, and nobody is notified through `{}`",
            place.last(),
            facts.program.display(wait.at.0),
            wait.condition.last()
        );
        Finding::new(facts.program, "lost-notify", Severity::Warning, (*id, *span), place.text(), message)
            .confidence(Confidence::Medium)
            .relate(facts.program, wait.at, "it waits here")
            .fix(format!("notify `{}` after the change", wait.condition.last()))
    };
    untold.map(finding).collect()
}

/// The condition variable that a call waits on.
fn waited_on<'p>(facts: &Facts<'p>, id: FnId, call: &Call<'p>) -> Option<Name> {
    if !call.name.starts_with("wait") {
        return None;
    }
    condition_of(facts, id, call.expr)
}

/// The condition variable that is the receiver of a call.
fn condition_of<'p>(facts: &Facts<'p>, id: FnId, call: &'p Expr) -> Option<Name> {
    let Expr::Call { callee, .. } = call else { return None };
    let Expr::Member { base, .. } = callee.as_ref() else { return None };
    let ty = facts.program.type_of(id, base)?;
    facts.program.is_one_of(ty, &facts.program.config.types.conditions).then(|| facts.program.place(id, base))?
}

/// What a wait waits for: its closure's result, or that the condition of the loop around it does not hold.
fn wanted<'p>(facts: &Facts<'p>, id: FnId, call: &Call<'p>) -> Vec<(Name, Want)> {
    let mut found = Vec::new();
    for argument in arguments(call.expr) {
        let Expr::Closure(index, _) = argument else { continue };
        let closure = facts.program.sibling(id, *index);
        if let Some([Stmt::Return(Some(value), _)]) = facts.program.function(closure).body.as_deref() {
            atoms(facts, closure, value, true, &mut found);
        }
    }
    let Some(body) = &facts.program.function(id).body else { return found };
    let mut innermost: Option<(&Expr, Span)> = None;
    each_statement(body, &mut |stmt| {
        if let Stmt::Loop { condition: Some(condition), each: None, span, .. } = stmt
            && span.contains(call.span)
            && innermost.is_none_or(|(_, other)| other.contains(*span))
        {
            innermost = Some((condition, *span));
        }
    });
    if let Some((condition, _)) = innermost.filter(|_| found.is_empty()) {
        atoms(facts, id, condition, false, &mut found);
    }
    found
}

/// The parts of a condition that speak about one place each; what is not understood is left out.
fn atoms<'p>(facts: &Facts<'p>, id: FnId, expr: &'p Expr, holds: bool, found: &mut Vec<(Name, Want)>) {
    match expr {
        Expr::Unary { operator, operand, .. } if operator.text() == "!" => atoms(facts, id, operand, !holds, found),
        Expr::Binary { operator, left, right, .. } if matches!(operator.text(), "&&" | "||") => {
            atoms(facts, id, left, holds, found);
            atoms(facts, id, right, holds, found);
        }
        Expr::Binary { operator, left, right, .. }
            if matches!(operator.text(), "==" | "!=" | ">") && is_zero(right) =>
        {
            let zero = (operator.text() == "==") == holds;
            let place = facts.program.place(id, left);
            found.extend(place.map(|place| (place, if zero { Want::Zero } else { Want::NotZero })));
        }
        Expr::Call { callee, .. } if called(expr) == "empty" => {
            if let Expr::Member { base, .. } = callee.as_ref() {
                let place = facts.program.place(id, base);
                found.extend(place.map(|place| (place, if holds { Want::Empty } else { Want::Filled })));
            }
        }
        Expr::Name(..) | Expr::Member { .. } => {
            let place = facts.program.place(id, expr);
            found.extend(place.map(|place| (place, if holds { Want::True } else { Want::False })));
        }
        _ => {}
    }
}

fn is_zero(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(text, _) if matches!(text.text(), "0" | "0u" | "0U"))
}

/// Where a function changes a place towards what is wanted of it.
fn changed(facts: &Facts<'_>, id: FnId, place: Name, want: Want) -> Option<Span> {
    let body = facts.program.function(id).body.as_ref()?;
    let mut found = None;
    each_expression(body, &mut |expr| {
        let (target, towards) = match expr {
            Expr::Assign { operator, left, right, .. } => (left.as_ref(), assigned(operator.text(), right, want)),
            Expr::Unary { operator, operand, .. } => (operand.as_ref(), counted(operator.text(), want)),
            Expr::Call { callee, .. } => match callee.as_ref() {
                Expr::Member { base, .. } => (base.as_ref(), contained(called(expr), want)),
                _ => return,
            },
            _ => return,
        };
        if towards && facts.program.place(id, target) == Some(place) {
            found.get_or_insert(expr.span());
        }
    });
    found
}

fn assigned(operator: &str, value: &Expr, want: Want) -> bool {
    let text = match value {
        Expr::Literal(text, _) | Expr::Name(text, _) => text.text(),
        _ => "",
    };
    match want {
        Want::True | Want::NotZero => operator == "+=" || operator == "=" && matches!(text, "true" | "YES" | "1"),
        Want::False => operator == "=" && matches!(text, "false" | "NO" | "0"),
        Want::Zero => operator == "-=" || operator == "=" && text == "0",
        Want::Empty | Want::Filled => false,
    }
}

fn counted(operator: &str, want: Want) -> bool {
    match want {
        Want::True | Want::NotZero => operator.ends_with("++"),
        Want::False | Want::Zero => operator.ends_with("--"),
        Want::Empty | Want::Filled => false,
    }
}

/// Operations of containers, and those of atomics that stand for an assignment.
fn contained(name: &str, want: Want) -> bool {
    match want {
        Want::Filled => {
            ["push", "emplace", "insert", "append"].iter().any(|part| name.starts_with(part)) || name == "addObject_"
        }
        Want::Empty => ["pop", "erase", "clear", "remove"].iter().any(|part| name.starts_with(part)),
        Want::True | Want::NotZero => name == "fetch_add",
        Want::False | Want::Zero => name == "fetch_sub",
    }
}

/// Whether a function notifies: itself, in what it calls, or in a function that calls it.
fn tells(facts: &Facts<'_>, id: FnId, condition: Name) -> bool {
    let home = facts.program.outermost(id);
    if notifies(facts, home, condition, 3, &mut FxHashSet::default()) {
        return true;
    }
    facts.defined().any(|caller| {
        facts.events(caller).calls.iter().any(|call| call.callees.contains(&home))
            && notifies(facts, facts.program.outermost(caller), condition, 2, &mut FxHashSet::default())
    })
}

fn notifies(facts: &Facts<'_>, id: FnId, condition: Name, depth: u32, seen: &mut FxHashSet<FnId>) -> bool {
    if !seen.insert(id) {
        return false;
    }
    facts.with_closures(id).into_iter().any(|inner| {
        facts.events(inner).calls.iter().any(|call| {
            let direct = facts.program.config.waits.notifies.contains(call.name)
                && condition_of(facts, inner, call.expr) == Some(condition);
            direct || depth > 0 && call.callees.iter().any(|to| notifies(facts, *to, condition, depth - 1, seen))
        })
    })
}
