//! # What it finds
//! A closure that is given to a C function (`dispatch_sync`, `pthread_create`, `qsort`) and can throw: it has a `throw`,
//! a check that throws, or calls a function of the program that does, without a `try` around it.
//!
//! # Why it is a bug
//! An exception cannot pass through a C frame: `std::terminate` ends the process instead of the error reaching whoever
//! could handle it.
//!
//! # Example
//! Bad:
//! ```objcpp
//! dispatch_sync(queue, ^{ if (bad) throw std::runtime_error("bad"); });
//! ```
//! Good:
//! ```objcpp
//! __block std::exception_ptr error;
//! dispatch_sync(queue, ^{ try { work(); } catch (...) { error = std::current_exception(); } });
//! if (error) std::rethrow_exception(error);
//! ```
//!
//! # What it misses
//! Allocation failures, and functions that are not in the program and not in the configuration.
//!
//! # References
//! C++ standard, [except.handle] and [except.terminate]; CWE-248.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::Call;
use crate::flow::closures::arguments;
use crate::program::FnId;
use native_syntax::ir::{Expr, Span};
use rustc_hash::FxHashSet;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in facts.defined() {
        for call in &facts.events(id).calls {
            if !call.callees.is_empty() || !facts.program.config.closures.c_frames.contains(call.name) {
                continue;
            }
            for argument in arguments(call.expr) {
                let Expr::Closure(index, span) = argument else { continue };
                let closure = facts.program.sibling(id, *index);
                let mut seen = FxHashSet::default();
                let Some(chain) = throws(facts, closure, 4, &mut seen) else { continue };
                findings.push(tell(facts, id, call, *span, &chain));
            }
        }
    }
    findings
}

fn tell(facts: &Facts<'_>, id: FnId, call: &Call<'_>, closure: Span, chain: &[(FnId, Span, String)]) -> Finding {
    let program = facts.program;
    let first = &chain[0];
    let message = format!("`{}` is C, and the closure given to it can throw: {}", call.name, chain[chain.len() - 1].2);
    let at = Span { start: call.span.start, end: call.span.start + u32::try_from(call.name.len()).unwrap_or(1) };
    // A check that the code itself makes is meant to fail sometimes; one far below may never do.
    let severity = if chain.len() <= 2 { Severity::Error } else { Severity::Warning };
    let mut finding = Finding::new(program, "exception-through-c", severity, (id, at), call.name, message)
        .confidence(if chain.len() == 1 { Confidence::High } else { Confidence::Medium });
    let _ = (closure, first);
    for (function, span, text) in chain {
        finding = finding.relate(program, (*function, *span), text.clone());
    }
    finding.fix("catch in the closure and rethrow after the call (std::exception_ptr)")
}

/// The way from a function to something that throws out of it.
fn throws(facts: &Facts<'_>, id: FnId, depth: u32, seen: &mut FxHashSet<FnId>) -> Option<Vec<(FnId, Span, String)>> {
    if !seen.insert(id) || facts.program.function(id).flags.is_noexcept {
        return None;
    }
    let events = facts.events(id);
    if let Some(span) = events.throws.first() {
        return Some(vec![(id, *span, "it throws here".to_owned())]);
    }
    for call in events.calls.iter().filter(|call| !call.is_caught) {
        if let Some(why) = throwing(facts, call) {
            return Some(vec![(id, call.span, why)]);
        }
    }
    let depth = depth.checked_sub(1)?;
    for call in events.calls.iter().filter(|call| !call.is_caught) {
        for callee in &call.callees {
            if let Some(mut chain) = throws(facts, *callee, depth, seen) {
                chain.insert(0, (id, call.span, format!("`{}` is called here", call.name)));
                return Some(chain);
            }
        }
    }
    for made in &events.closures {
        if !facts.closures.mode(made.closure).0.escapes()
            && let Some(mut chain) = throws(facts, made.closure, depth, seen)
        {
            chain.insert(0, (id, made.span, "in a closure that runs here".to_owned()));
            return Some(chain);
        }
    }
    None
}

/// Whether the container was asked for the key before: `if (map.count(key)) … map.at(key)`.
fn is_tested(call: &Call<'_>) -> bool {
    let Expr::Call { callee, arguments, .. } = call.expr else { return false };
    let (Expr::Member { base, .. }, [key]) = (callee.as_ref(), arguments.as_slice()) else { return false };
    let mut names = Vec::new();
    for part in [base.as_ref(), key] {
        match part {
            Expr::Name(name, _) => names.push(name.last()),
            Expr::Member { name, .. } => names.push(name.last()),
            _ => return false,
        }
    }
    let decides = |name: &str| call.conditions.iter().any(|condition| condition.text() == name);
    names.into_iter().all(decides) && ["count", "find", "contains"].into_iter().any(decides)
}

/// Why a call throws by its name, if it does.
pub(super) fn throwing(facts: &Facts<'_>, call: &Call<'_>) -> Option<String> {
    let config = facts.program.config;
    let name = call.name;
    if config.is_throwing_macro(name) {
        return Some(format!("`{name}` throws if its condition is false"));
    }
    if !call.callees.is_empty() {
        return None;
    }
    if let Expr::Call { callee, template, arguments, .. } = call.expr {
        let is_member = matches!(callee.as_ref(), Expr::Member { .. });
        if config.throws.checked_conversions.contains(name)
            && !template.is_empty()
            && (is_member || !arguments.is_empty())
        {
            return Some(format!("`{name}<{template}>` throws if the value does not fit"));
        }
        if config.throws.functions.contains(name) && (is_member == (name == "at")) {
            return (!is_tested(call)).then(|| format!("`{name}` can throw"));
        }
    }
    None
}
