//! # What it finds
//! A decision that is made on guarded state in one critical section and acted upon in another: a value read under a
//! lock (or by a function that reads state which others change) is stored in a local variable, the lock is given up, and
//! a closure on a serial queue or a second critical section tests the variable and calls back into the same object.
//!
//! # Why it is a bug
//! Between the two sections another thread changes the state, and the action is taken on a world that no longer is.
//!
//! # Example
//! Bad:
//! ```objcpp
//! const bool tracing = profiler.isTracing();
//! dispatch_sync(queue, ^{ if (tracing) profiler.record(event); });
//! ```
//! Good:
//! ```objcpp
//! dispatch_sync(queue, ^{ if (profiler.isTracing()) profiler.record(event); });
//! ```
//!
//! # What it misses
//! Decisions that pass through members or return values.
//!
//! # References
//! C++ Core Guidelines CP.110; CWE-362, CWE-367.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::closures::Mode;
use crate::flow::exclusive;
use crate::program::FnId;
use native_syntax::Name;
use native_syntax::ir::{Expr, Storage, Variable};
use std::collections::BTreeSet;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let written = written(facts);
    for id in facts.defined() {
        let queued: Vec<FnId> = facts
            .events(id)
            .closures
            .iter()
            .map(|made| made.closure)
            .filter(|closure| {
                matches!(facts.closures.mode(*closure).0, Mode::SyncOn(_) | Mode::SyncOnParameter(_) | Mode::Async(_))
            })
            .collect();
        if queued.is_empty() {
            continue;
        }
        for variable in facts.program.locals(id) {
            findings.extend(decided_outside(facts, &written, id, variable, &queued));
        }
    }
    findings
}

fn decided_outside<'p>(
    facts: &Facts<'p>,
    written: &BTreeSet<Name>,
    id: FnId,
    variable: &'p Variable,
    queued: &[FnId],
) -> Option<Finding> {
    let program = facts.program;
    let ty = crate::program::types::bare(variable.ty.text());
    if !matches!(ty, "bool" | "BOOL" | "auto") || variable.storage == Storage::Static {
        return None;
    }
    let Some(init @ Expr::Call { callee, .. }) = &variable.init else { return None };
    let Expr::Member { base, .. } = callee.as_ref() else { return None };
    let asked = program.class_of_expr(id, base)?;
    let reads = program.callees(id, init).into_iter().find_map(|callee| changing_state(facts, written, callee))?;
    for closure in queued {
        let acts = facts.events(*closure).calls.iter().find(|call| {
            call.conditions.contains(&variable.name)
                && call.callees.iter().any(|callee| program.class_of(*callee) == Some(asked))
        });
        let Some(acts) = acts else { continue };
        let queue = facts.queue_of(*closure).map_or("the queue", |queue| queue.last());
        let message = format!(
            "`{}` is decided outside of `{queue}` from `{}`, which others change, and acted on inside",
            variable.name,
            reads.last()
        );
        return Some(
            Finding::new(
                program,
                "check-then-act",
                Severity::Error,
                (id, variable.span),
                variable.name.text(),
                message,
            )
            .confidence(Confidence::Medium)
            .relate(program, (*closure, acts.span), "it is acted on here")
            .fix("ask again inside of the critical section"),
        );
    }
    None
}

/// A member that a function reads and that others than constructors write.
fn changing_state(facts: &Facts<'_>, written: &BTreeSet<Name>, id: FnId) -> Option<Name> {
    facts.events(id).accesses.iter().map(|access| access.place).find(|place| written.contains(place))
}

/// Members that functions which are not only run by constructors write.
fn written(facts: &Facts<'_>) -> BTreeSet<Name> {
    facts
        .defined()
        .filter(|id| !facts.contexts.of(*id).iter().all(|context| context.locks.holds(exclusive())))
        .flat_map(|id| facts.events(id).accesses.iter())
        .filter(|access| access.effect.writes())
        .map(|access| access.place)
        .collect()
}
