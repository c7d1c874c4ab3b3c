//! # What it finds
//! A function that is registered as a signal handler and calls something that is not async-signal-safe: allocation,
//! streams, containers, locks.
//!
//! # Why it is a bug
//! The signal may arrive while the same thread is inside the allocator or holds the lock: deadlock or corruption.
//!
//! # Example
//! Bad:
//! ```cpp
//! void onInterrupt(int) { std::cerr << summary(); }
//! void setup() { signal(SIGINT, onInterrupt); }
//! ```
//! Good:
//! ```cpp
//! volatile std::sig_atomic_t interrupted;
//! void onInterrupt(int) { interrupted = 1; }
//! ```
//!
//! # What it misses
//! Handlers that are registered through a structure. Functions that are not in the program count as unsafe unless the
//! configuration lists them.
//!
//! # References
//! POSIX.1-2024, 2.4.3 Signal Actions; SEI CERT SIG30-C; CWE-479.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::closures::arguments;
use crate::program::FnId;
use crate::program::calls::each_expression;
use native_syntax::ir::Expr;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in facts.defined() {
        if let Some(body) = &facts.program.function(id).body {
            each_expression(body, &mut |expr| {
                // `action.sa_handler = handler;`
                if let Expr::Assign { left, right, span, .. } = expr
                    && let Expr::Member { name, .. } = left.as_ref()
                    && matches!(name.text(), "sa_handler" | "sa_sigaction" | "__sigaction_u")
                {
                    for handler in handlers(facts, id, right) {
                        findings.extend(check(facts, handler, (id, *span)));
                    }
                }
            });
        }
        for call in &facts.events(id).calls {
            if !call.callees.is_empty() || !facts.program.config.signals.registrars.contains(call.name) {
                continue;
            }
            // The first argument is the signal.
            for argument in arguments(call.expr).iter().skip(1) {
                for handler in handlers(facts, id, argument) {
                    findings.extend(check(facts, handler, (id, call.span)));
                }
            }
        }
    }
    findings
}

/// The functions that an argument names.
fn handlers(facts: &Facts<'_>, id: FnId, argument: &Expr) -> Vec<FnId> {
    let name = match argument {
        Expr::Unary { operand, .. } | Expr::Cast { operand, .. } => match operand.as_ref() {
            Expr::Name(name, _) => name,
            _ => return Vec::new(),
        },
        Expr::Name(name, _) => name,
        Expr::Closure(index, _) => return vec![facts.program.sibling(id, *index)],
        _ => return Vec::new(),
    };
    if facts.program.referent(id, *name).is_some() {
        return Vec::new();
    }
    facts.program.functions_named(id, *name)
}

fn check(facts: &Facts<'_>, handler: FnId, registered: (FnId, native_syntax::ir::Span)) -> Option<Finding> {
    let program = facts.program;
    let safe = &program.config.signals.safe;
    let unsafe_call = facts.events(handler).calls.iter().find(|call| !safe.contains(call.name))?;
    let message = format!(
        "a signal handler calls `{}`, which is not async-signal-safe",
        if unsafe_call.name.is_empty() { "a closure" } else { unsafe_call.name }
    );
    let at = (handler, program.function(handler).name_span);
    Some(
        Finding::new(program, "signal-handler", Severity::Error, at, program.display(handler), message)
            .confidence(Confidence::Medium)
            .relate(program, (handler, unsafe_call.span), "it is called here")
            .relate(program, registered, "the handler is registered here")
            .fix("set a flag of type volatile std::sig_atomic_t, or a lock-free atomic, and act on it elsewhere"),
    )
}
