//! # What it finds
//! A wait without bound (for a device, a thread, a condition, a group) while a lock is held, while a serial queue is
//! occupied, or in a destructor. Functions that wait are followed through their callers.
//!
//! # Why it is a bug
//! Whoever wants the lock or queue waits too, for as long as the device or the other thread takes, which is for ever if
//! it failed; if what is waited for needs the same lock or queue, it is a deadlock.
//!
//! # Example
//! Bad:
//! ```cpp
//! std::lock_guard<std::mutex> hold(m);
//! event.waitUntilSignalled();
//! ```
//! Good:
//! ```cpp
//! { std::lock_guard<std::mutex> hold(m); event = current; }
//! if (!event.waitFor(limit)) report();
//! ```
//!
//! # What it misses
//! Waits in functions that are not in the program and not in the configuration; spinning loops.
//!
//! # References
//! C++ Core Guidelines CP.22, CP.42; CWE-667, CWE-833.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::closures::arguments;
use crate::flow::{Call, LockSet};
use crate::program::FnId;
use crate::program::types::simple;
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Span};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<(FnId, Span), Finding> = BTreeMap::new();
    destructors(facts, &mut found);
    for id in facts.defined() {
        for call in &facts.events(id).calls {
            if !waits(facts, id, call) {
                continue;
            }
            for (number, context) in facts.contexts.of(id).iter().enumerate() {
                if context.is_unknown || !context.allows(&call.conditions) {
                    continue;
                }
                let released = released_by_wait(facts, id, call);
                let mut locks = Facts::locks(context, &call.held, &call.dropped);
                if let Some(released) = released {
                    locks = locks.without(released);
                }
                if let Some(released) = passed_to_wait(facts, id, number, call) {
                    locks = locks.without(released);
                }
                let locks = LockSet::of(locks.iter().filter(|lock| !lock.text().starts_with('(')));
                if locks.is_empty() {
                    continue;
                }
                let (at, lock) = holder(facts, id, number, call, &locks);
                let finding = tell(facts, id, call, at, lock, &locks);
                found.entry(at).or_insert(finding);
                break;
            }
        }
    }
    found.into_values().collect()
}

/// Whether a call blocks without a bound.
pub(super) fn waits<'p>(facts: &Facts<'p>, id: FnId, call: &Call<'p>) -> bool {
    if !call.callees.is_empty() {
        return false;
    }
    let name = call.name;
    if facts.program.config.waits.calls.contains(name) {
        return !is_bounded(call) && !joins_text(facts, id, call);
    }
    if matches!(name, "wait" | "get") {
        return receiver_type(facts, id, call).is_some_and(|ty| {
            let simple = simple(ty.text());
            match name {
                "wait" => matches!(
                    simple,
                    "condition_variable"
                        | "condition_variable_any"
                        | "future"
                        | "shared_future"
                        | "barrier"
                        | "latch"
                        | "NSCondition"
                ),
                _ => matches!(simple, "future" | "shared_future"),
            }
        });
    }
    false
}

/// `dispatch_semaphore_wait(s, timeout)` with another time than for ever.
fn is_bounded(call: &Call<'_>) -> bool {
    if !call.name.starts_with("dispatch_") {
        return false;
    }
    !matches!(arguments(call.expr).last(), Some(Expr::Name(name, _)) if name.text().contains("FOREVER"))
}

/// `join` of strings and paths.
fn joins_text<'p>(facts: &Facts<'p>, id: FnId, call: &Call<'p>) -> bool {
    call.name == "join"
        && !(arguments(call.expr).is_empty()
            && receiver_type(facts, id, call).is_none_or(|ty| simple(ty.text()).to_lowercase().contains("thread")))
}

fn receiver_type<'p>(facts: &Facts<'p>, id: FnId, call: &Call<'p>) -> Option<Name> {
    let Expr::Call { callee, .. } = call.expr else { return None };
    let Expr::Member { base, .. } = callee.as_ref() else { return None };
    facts.program.type_of(id, base)
}

/// The lock that waiting on a condition gives back.
fn released_by_wait<'p>(facts: &Facts<'p>, id: FnId, call: &Call<'p>) -> Option<Name> {
    if call.name != "wait" {
        return None;
    }
    let Some(Expr::Name(guard, _)) = arguments(call.expr).first() else { return None };
    let variable = facts.program.local(id, *guard)?;
    facts.program.lock(id, arguments(variable.init.as_ref()?).first()?)
}

/// The lock that a caller passed to a function, which waits on a condition with it: a wrapper gives back its caller's lock.
fn passed_to_wait<'p>(facts: &Facts<'p>, id: FnId, number: usize, call: &Call<'p>) -> Option<Name> {
    if call.name != "wait" {
        return None;
    }
    let program = facts.program;
    let Some(Expr::Name(guard, _)) = arguments(call.expr).first() else { return None };
    // Either the guard itself came in, or it adopts a lock that did.
    let adopted = program.local(id, *guard).and_then(|variable| arguments(variable.init.as_ref()?).first());
    let root = adopted.map_or(Some(*guard), root_name)?;
    let position = program.function(id).params.iter().position(|parameter| parameter.name == root)?;
    let (caller, span, _) = facts.contexts.of(id).get(number)?.from?;
    let event = facts.events(caller).calls.iter().find(|other| other.span == span)?;
    let argument = arguments(event.expr).get(position)?;
    // A guard stands for the lock that it was made with.
    let guard = match argument {
        Expr::Name(name, _) => {
            program.local(caller, *name).and_then(|variable| arguments(variable.init.as_ref()?).first())
        }
        _ => None,
    };
    program.lock(caller, guard.unwrap_or(argument))
}

/// The variable that a chain of members starts at.
fn root_name(expr: &Expr) -> Option<Name> {
    match expr {
        Expr::Name(name, _) => Some(*name),
        Expr::Member { base, .. } => root_name(base),
        _ => None,
    }
}

/// Up to the function that holds the lock itself, and which lock that is.
fn holder(facts: &Facts<'_>, id: FnId, number: usize, call: &Call<'_>, locks: &LockSet) -> ((FnId, Span), Name) {
    let first = locks.iter().next().unwrap_or_default();
    let mut at = (id, call.span);
    let mut held = call.held.clone();
    let mut number = number;
    let mut last = at;
    for _ in 0..24 {
        if let Some(lock) = locks.iter().find(|lock| held.holds(*lock)) {
            return (at, lock);
        }
        if let Some(queue) =
            facts.program.function(at.0).parent.and(facts.queue_of(at.0)).filter(|queue| locks.holds(*queue))
        {
            // The closure occupies the queue; the wait itself is what is to be mended, in whoever waits.
            return (last, queue);
        }
        let Some((caller, span, caller_number)) = facts.contexts.of(at.0)[number].from else { break };
        let event = facts.events(caller).calls.iter().find(|other| other.span == span);
        held = event.map(|event| event.held.clone()).unwrap_or_default();
        if facts.program.function(at.0).parent.is_some() {
            held = LockSet::default();
        }
        last = (id, call.span);
        at = (caller, span);
        number = caller_number;
    }
    ((id, call.span), first)
}

fn tell(facts: &Facts<'_>, id: FnId, call: &Call<'_>, at: (FnId, Span), lock: Name, locks: &LockSet) -> Finding {
    let program = facts.program;
    let through = if at.0 == id { String::new() } else { format!(" in `{}`", program.display(id)) };
    let message = format!("`{}`{through} waits without bound while `{}` is held", call.name, lock.last());
    let mut finding =
        Finding::new(program, "wait-under-lock", Severity::Error, at, format!("{lock}:{}", call.name), message)
            .confidence(Confidence::High);
    if at != (id, call.span) {
        finding = finding.relate(program, (id, call.span), "it waits here");
    }
    finding.held = locks.iter().map(|lock| lock.text().to_owned()).collect();
    finding.fix("wait after giving the lock or queue back, with a limit of time, and handle its running out")
}

/// Destructors that wait, themselves or through what they call.
fn destructors(facts: &Facts<'_>, found: &mut BTreeMap<(FnId, Span), Finding>) {
    for id in facts.defined() {
        if facts.program.function(id).kind != FunctionKind::Destructor {
            continue;
        }
        let Some(chain) = reaches_wait(facts, id, 5, &mut FxHashSet::default()) else { continue };
        let last = chain[chain.len() - 1];
        let message = format!("the destructor waits without bound in `{}`", last.2);
        let at = (chain[0].0, chain[0].1);
        let mut finding = Finding::new(facts.program, "wait-under-lock", Severity::Error, at, "destructor", message)
            .confidence(Confidence::Medium)
            .fix("wait with a limit of time, or shut down before destruction");
        for (function, span, name) in chain.iter().skip(1) {
            finding = finding.relate(facts.program, (*function, *span), format!("through `{name}`"));
        }
        found.entry(at).or_insert(finding);
    }
}

/// The calls that lead from a function to a wait.
fn reaches_wait(
    facts: &Facts<'_>,
    id: FnId,
    depth: u32,
    seen: &mut FxHashSet<FnId>,
) -> Option<Vec<(FnId, Span, &'static str)>> {
    if !seen.insert(id) {
        return None;
    }
    let events = facts.events(id);
    // Joining a thread that one owns is what destructors are for.
    if let Some(call) = events.calls.iter().find(|call| waits(facts, id, call) && !call.name.ends_with("join")) {
        return Some(vec![(id, call.span, call.name)]);
    }
    let depth = depth.checked_sub(1)?;
    let below = events.calls.iter().flat_map(|call| call.callees.iter().map(move |to| (*to, call.span, call.name)));
    let closures = events.closures.iter().map(|made| (made.closure, made.span, "a closure"));
    for (to, span, name) in below.chain(closures) {
        if facts.program.function(to).parent.is_some() && facts.closures.mode(to).0.escapes() {
            continue;
        }
        if let Some(mut chain) = reaches_wait(facts, to, depth, seen) {
            chain.insert(0, (id, span, name));
            return Some(chain);
        }
    }
    None
}
