//! # What it finds
//! A lock that is taken by calling `lock` and given back by calling `unlock`, with a `throw`, a check that throws or a
//! `return` in between.
//!
//! # Why it is a bug
//! The exception leaves the function with the lock still held; every other thread that wants it waits for ever.
//!
//! # Example
//! Bad:
//! ```cpp
//! m.lock();
//! if (!known(id)) throw std::out_of_range("id");
//! use(id);
//! m.unlock();
//! ```
//! Good:
//! ```cpp
//! std::lock_guard<std::mutex> hold(m);
//! if (!known(id)) throw std::out_of_range("id");
//! use(id);
//! ```
//!
//! # What it misses
//! Exceptions of functions that are not in the program, allocation included.
//!
//! # References
//! C++ Core Guidelines CP.20 and E.6; CWE-667, CWE-764.

use super::c_frame::throwing;
use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::Taken;
use crate::program::FnId;
use native_syntax::ir::Span;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in facts.defined() {
        let events = facts.events(id);
        for acquire in events.acquires.iter().filter(|acquire| acquire.taken == Taken::ByHand) {
            let release = events
                .releases
                .iter()
                .filter(|release| release.lock == acquire.lock && release.span.start > acquire.span.start)
                .map(|release| release.span)
                .next_back();
            // A function that only takes the lock hands it to its caller: a contract, not a leak.
            let Some(release) = release else { continue };
            let held = Span { start: acquire.span.end, end: release.start };
            findings.extend(leaves(facts, id, acquire.lock.text(), acquire.span, held));
        }
    }
    findings
}

fn leaves(facts: &Facts<'_>, id: FnId, lock: &str, taken: Span, held: Span) -> Option<Finding> {
    let program = facts.program;
    let events = facts.events(id);
    let call = events.calls.iter().find(|call| {
        held.contains(call.span)
            && !call.is_caught
            && call.maybe.iter().any(|held| held.text() == lock)
            && throwing(facts, call).is_some()
    });
    let throw = events.throws.iter().find(|span| held.contains(**span)).copied();
    let simple = native_syntax::name::last_part(lock);
    let (span, what) = match (throw, call) {
        (Some(span), _) => (span, "throws".to_owned()),
        (None, Some(call)) => (call.span, format!("`{}` throws", call.name)),
        (None, None) => {
            let span = events
                .returns
                .iter()
                .find(|(_, locks, span)| held.contains(*span) && locks.iter().any(|held| held.text() == lock))?;
            (span.2, "returns".to_owned())
        }
    };
    let message = format!("`{simple}` was locked by hand and stays locked if this {what}");
    let message = message.replace("this `", "`");
    Some(
        Finding::new(program, "hand-lock", Severity::Error, (id, span), lock, message)
            .confidence(Confidence::High)
            .relate(program, (id, taken), "it is locked here")
            .fix("hold the lock by an object of scope (std::lock_guard, std::unique_lock)"),
    )
}
