//! # What it finds
//! Work is encoded on a command buffer of an object that may still have an encoder open on the same buffer: the object
//! makes the encoder on first use and keeps it in a member, another function of it ends and clears it, and the code here
//! calls neither that function nor goes through it before it encodes.
//!
//! # Why it is a bug
//! A command buffer has one encoder at a time. Encoding while another is open is refused by the driver with an assertion
//! or gives commands in the wrong order.
//!
//! # Example
//! Bad:
//! ```objcpp
//! dispatch_sync(stream->queue(), ^{
//!   [kernel encodeToCommandBuffer:stream->commandBuffer() source:a];
//! });
//! ```
//! Good:
//! ```objcpp
//! dispatch_sync(stream->queue(), ^{
//!   stream->endEncoding();
//!   [kernel encodeToCommandBuffer:stream->commandBuffer() source:a];
//! });
//! ```
//!
//! # What it misses
//! Buffers that reach the encoding call through members. Whether the closing call lies on every path.
//!
//! # References
//! Metal documentation, MTLCommandBuffer: one active command encoder; Strom and Yemini, "Typestate", IEEE TSE 1986.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::Effect;
use crate::flow::closures::arguments;
use crate::program::FnId;
use crate::program::calls::{called, each_expression};
use native_syntax::Name;
use native_syntax::ir::{Expr, Span};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// What is known about a class that keeps an encoder open.
#[derive(Default)]
struct Keeper {
    /// Functions that return the command buffer.
    buffers: FxHashSet<FnId>,
    /// Functions that end the encoder, themselves or by what they call.
    closers: FxHashSet<FnId>,
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let keepers = keepers(facts);
    let mut findings = Vec::new();
    for id in facts.defined() {
        for (class, keeper) in &keepers {
            findings.extend(encodes(facts, id, *class, keeper));
        }
    }
    findings
}

fn keepers(facts: &Facts<'_>) -> BTreeMap<Name, Keeper> {
    let mut keepers: BTreeMap<Name, Keeper> = BTreeMap::new();
    for id in facts.defined() {
        let Some(class) = facts.program.class_of(id) else { continue };
        let Some(body) = &facts.program.function(id).body else { continue };
        let mut ends = None;
        each_expression(body, &mut |expr| {
            if let Expr::Message { receiver, selector, .. } = expr
                && selector.text() == "endEncoding"
                && matches!(receiver.as_ref(), Expr::Name(..))
            {
                ends = facts.program.place(id, receiver);
            }
        });
        let clears = ends.is_some_and(|place| {
            let events = facts.events(id);
            place.text().starts_with(class.text())
                && events.accesses.iter().any(|access| access.place == place && access.effect == Effect::Assign)
        });
        if clears {
            keepers.entry(class).or_default().closers.insert(id);
        }
    }
    for (class, keeper) in &mut keepers {
        for id in facts.defined().filter(|id| facts.program.class_of(*id) == Some(*class)) {
            let returns = facts.program.function(id).returns.text();
            if returns.contains("CommandBuffer") {
                keeper.buffers.insert(id);
            }
        }
        // Whoever calls a closer on every such object closes too.
        for _ in 0..3 {
            let more: Vec<FnId> = facts
                .defined()
                .filter(|id| {
                    facts.events(*id).calls.iter().any(|call| call.callees.iter().any(|to| keeper.closers.contains(to)))
                })
                .collect();
            keeper.closers.extend(more);
        }
    }
    keepers
}

fn encodes<'p>(facts: &Facts<'p>, id: FnId, class: Name, keeper: &Keeper) -> Option<Finding> {
    if facts.program.class_of(facts.program.outermost(id)) == Some(class) {
        return None;
    }
    let events = facts.events(id);
    let encoding = events.calls.iter().find(|call| {
        call.name.starts_with("encodeToCommandBuffer_")
            && arguments(call.expr).first().is_some_and(|buffer| is_buffer(facts, id, buffer, keeper))
    })?;
    let closed = closes_before(facts, id, encoding.span, keeper)
        || facts
            .program
            .parent(id)
            .is_some_and(|parent| closes_before(facts, parent, facts.program.function(id).span, keeper));
    if closed {
        return None;
    }
    let closer = keeper.closers.iter().copied().filter(|id| facts.program.class_of(*id) == Some(class)).min()?;
    let message = format!(
        "encodes on the command buffer of `{}` without `{}`: an encoder may still be open on it",
        class.last(),
        facts.program.display(closer)
    );
    Some(
        Finding::new(facts.program, "open-encoder", Severity::Error, (id, encoding.span), class.text(), message)
            .confidence(Confidence::High)
            .relate(facts.program, (closer, facts.program.function(closer).name_span), "this ends the encoder")
            .fix(format!("call `{}` first", facts.program.display(closer))),
    )
}

fn is_buffer<'p>(facts: &Facts<'p>, id: FnId, expr: &'p Expr, keeper: &Keeper) -> bool {
    match expr {
        Expr::Call { .. } => facts.program.callees(id, expr).iter().any(|to| keeper.buffers.contains(to)),
        Expr::Cast { operand, .. } => is_buffer(facts, id, operand, keeper),
        Expr::Name(name, _) => {
            let mut at = Some(id);
            while let Some(function) = at {
                if let Some(variable) = facts.program.local(function, *name) {
                    return variable
                        .init
                        .as_ref()
                        .is_some_and(|init| !called(init).is_empty() && is_buffer(facts, function, init, keeper));
                }
                at = facts.program.parent(function);
            }
            false
        }
        _ => false,
    }
}

fn closes_before(facts: &Facts<'_>, id: FnId, span: Span, keeper: &Keeper) -> bool {
    facts
        .events(id)
        .calls
        .iter()
        .any(|call| call.span.start < span.start && call.callees.iter().any(|to| keeper.closers.contains(to)))
}
