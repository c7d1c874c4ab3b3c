//! # What it finds
//! A device object that is made over memory of the host without copying and without a deallocator, in a function that
//! does not itself wait for the device: whoever owns the memory may free it while the device still uses it.
//!
//! # Why it is a bug
//! The device reads or writes freed memory.
//!
//! # Example
//! Bad:
//! ```objcpp
//! id buffer = [device newBufferWithBytesNoCopy:host length:n options:0 deallocator:nil];
//! copy(buffer, target, nonBlocking);
//! ```
//! Good:
//! ```objcpp
//! id buffer = [device newBufferWithBytesNoCopy:host length:n options:0 deallocator:^(void*, NSUInteger) { keep.reset(); }];
//! copy(buffer, target, nonBlocking);
//! ```
//!
//! # What it misses
//! Whether the owner of the memory outlives the device's use for other reasons; therefore a warning.
//!
//! # References
//! Metal documentation, `newBufferWithBytesNoCopy:length:options:deallocator:`; CWE-416.

use super::wait::waits;
use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::closures::arguments;
use native_syntax::ir::Expr;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in facts.defined() {
        let events = facts.events(id);
        for call in &events.calls {
            if !facts.program.config.resources.borrowing.contains(call.name) {
                continue;
            }
            let keeps = arguments(call.expr).last().is_some_and(|last| match last {
                Expr::Name(name, _) => !matches!(name.text(), "nil" | "NULL"),
                Expr::Literal(text, _) => !matches!(text.text(), "nullptr" | "NULL" | "0"),
                _ => true,
            });
            let waited = events.calls.iter().any(|other| {
                other.span.start > call.span.start && other.conditions.is_empty() && waits(facts, id, other)
            });
            if keeps || waited {
                continue;
            }
            let message =
                "the device object borrows host memory, and nothing here waits until the device is done with it";
            findings.push(
                Finding::new(facts.program, "borrowed-memory", Severity::Warning, (id, call.span), call.name, message)
                    .confidence(Confidence::Medium)
                    .fix(
                        "keep the owner alive until the device is done (a deallocator, a completion handler), or wait",
                    ),
            );
        }
    }
    findings
}
