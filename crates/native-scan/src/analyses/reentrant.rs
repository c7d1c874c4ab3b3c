//! # What it finds
//! Something that runs on a serial queue waits for that queue: a `dispatch_sync` onto the queue that one is on, directly
//! or through calls.
//!
//! # Why it is a bug
//! The queue runs one thing at a time, so what is waited for never starts: deadlock, which libdispatch turns into a trap
//! where it notices.
//!
//! # Example
//! Bad:
//! ```objcpp
//! void flush() { dispatch_sync(queue, ^{ write(); }); }
//! void close() { dispatch_sync(queue, ^{ flush(); }); }
//! ```
//! Good:
//! ```objcpp
//! void flushOnQueue() { write(); }
//! void close() { dispatch_sync(queue, ^{ flushOnQueue(); }); }
//! ```
//!
//! # What it misses
//! Two queues that target one another. A test with `dispatch_get_specific` in front of the call is believed.
//!
//! # References
//! libdispatch, `dispatch_sync(3)`; CWE-833.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::closures::Mode;
use crate::program::FnId;
use native_syntax::Name;
use native_syntax::ir::Span;
use std::collections::BTreeMap;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<(FnId, Span), Finding> = BTreeMap::new();
    for id in facts.defined() {
        for made in &facts.events(id).closures {
            let Mode::SyncOn(queue) = facts.closures.mode(made.closure).0 else { continue };
            if asks_where_it_is(facts, id) {
                continue;
            }
            for (number, context) in facts.contexts.of(id).iter().enumerate() {
                let locks = Facts::locks(context, &made.held, &made.dropped);
                if !locks.holds(queue) || !context.allows(&made.conditions) {
                    continue;
                }
                let chain = from_queue(facts, id, number, queue);
                let at = chain
                    .iter()
                    .rev()
                    .find(|(caller, _)| always_on(facts, *caller, queue))
                    .or(chain.first())
                    .copied()
                    .unwrap_or((id, made.span));
                let finding = tell(facts, at, id, made.span, queue, &chain);
                found.entry(at).or_insert(finding);
            }
        }
    }
    found.into_values().collect()
}

/// Whether a function is never entered off a queue.
fn always_on(facts: &Facts<'_>, id: FnId, queue: Name) -> bool {
    facts.contexts.of(id).iter().all(|context| context.locks.holds(queue))
}

fn tell(facts: &Facts<'_>, at: (FnId, Span), id: FnId, waits: Span, queue: Name, chain: &[(FnId, Span)]) -> Finding {
    let message = format!("runs on `{0}` and waits for `{0}` in `{1}`", queue.last(), facts.program.display(id));
    let mut finding = Finding::new(facts.program, "reentrant-dispatch", Severity::Error, at, queue.text(), message)
        .confidence(if chain.len() < 4 { Confidence::High } else { Confidence::Medium });
    for step in chain.iter().filter(|step| **step != at) {
        finding = finding.relate(facts.program, *step, "through this call");
    }
    finding
        .relate(facts.program, (id, waits), format!("`{}` is waited for here", queue.last()))
        .fix("call the part that needs the queue directly, or hand it over without waiting")
}

fn asks_where_it_is(facts: &Facts<'_>, id: FnId) -> bool {
    facts.events(id).calls.iter().any(|call| matches!(call.name, "dispatch_get_specific" | "dispatch_assert_queue_not"))
}

/// The calls from the first function that is on the queue down to this one.
fn from_queue(facts: &Facts<'_>, id: FnId, number: usize, queue: Name) -> Vec<(FnId, Span)> {
    let mut chain = Vec::new();
    let mut at = (id, number);
    while let Some((caller, span, caller_number)) = facts.contexts.of(at.0)[at.1].from {
        if chain.len() > 24 || !facts.contexts.of(at.0)[at.1].locks.holds(queue) {
            break;
        }
        if facts.contexts.of(caller)[caller_number].locks.holds(queue) {
            chain.push((caller, span));
        }
        at = (caller, caller_number);
    }
    chain.reverse();
    chain
}
