//! # What it finds
//! A closure that runs on another thread and reads a thread-local variable which its maker has set or read: itself, or in
//! what either of them calls. A closure that sets the variable first is left alone.
//!
//! # Why it is a bug
//! A thread-local variable is captured by no closure, not even by reference: its name means the object of the thread that
//! runs the closure. What the maker has put into its own object is not there.
//!
//! # Example
//! Bad:
//! ```cpp
//! thread_local Stream* current;
//! void launch(Pool& pool, Stream* s) { current = s; pool.enqueue([] { run(current); }); }
//! ```
//! Good:
//! ```cpp
//! void launch(Pool& pool, Stream* s) { current = s; pool.enqueue([stream = current] { run(stream); }); }
//! ```
//!
//! # What it misses
//! Thread-local storage by handle (`pthread_getspecific`); variables behind more than two calls; closures that are stored and
//! run on the thread that made them are no bug and are not reported, so those that another thread takes out are missed.
//!
//! # References
//! C++ standard, [basic.stc.thread] and [expr.prim.lambda.capture]: only automatic variables are captured; SEI CERT CON34-C.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::closures::Mode;
use crate::program::FnId;
use crate::program::calls::each_expression;
use native_syntax::ir::{Expr, Span, Storage, Variable};

/// Calls that are followed to where a variable is used.
const DEPTH: u32 = 2;

/// A use of a thread-local variable.
#[derive(Clone, Copy)]
struct Use<'p> {
    variable: &'p Variable,
    at: (FnId, Span),
    sets: bool,
    /// Calls between the function asked about and the use.
    calls: u32,
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let elsewhere = |id: &FnId| {
        facts.program.function(*id).parent.is_some()
            && matches!(facts.closures.mode(*id).0, Mode::Async(_) | Mode::Joined)
    };
    facts.defined().filter(elsewhere).flat_map(|closure| of_closure(facts, closure)).collect()
}

fn of_closure(facts: &Facts<'_>, closure: FnId) -> Vec<Finding> {
    let Some(maker) = facts.program.parent(closure) else { return Vec::new() };
    let inside = uses(facts, closure, DEPTH);
    if inside.is_empty() {
        return Vec::new();
    }
    let outside = uses(facts, maker, DEPTH);
    let mut findings: Vec<Finding> = Vec::new();
    let mut told: Vec<*const Variable> = Vec::new();
    for read in inside.iter().filter(|one| !one.sets) {
        let same = |other: &&Use<'_>| std::ptr::eq(other.variable, read.variable);
        let sets_first = inside.iter().filter(same).any(|other| other.sets && other.at.1.start <= read.at.1.start);
        let Some(of_maker) = outside.iter().filter(same).max_by_key(|other| other.sets) else { continue };
        if sets_first || told.contains(&std::ptr::from_ref(read.variable)) {
            continue;
        }
        told.push(read.variable);
        findings.push(finding(facts, closure, read, of_maker));
    }
    findings
}

fn finding(facts: &Facts<'_>, closure: FnId, read: &Use<'_>, of_maker: &Use<'_>) -> Finding {
    let name = read.variable.name;
    let message = format!(
        "`{}` is thread-local, and this closure runs on another thread: it sees that thread's object, not its maker's",
        name.last()
    );
    let near = read.calls == 0 && of_maker.calls == 0;
    let (severity, confidence) =
        if near { (Severity::Error, Confidence::High) } else { (Severity::Warning, Confidence::Medium) };
    let at = if read.calls == 0 { read.at } else { (closure, facts.program.function(closure).span) };
    let does = if of_maker.sets { "the maker sets its own object here" } else { "the maker uses its own object here" };
    let mut finding = Finding::new(facts.program, "thread-local-elsewhere", severity, at, name.text(), message)
        .confidence(confidence)
        .relate(facts.program, of_maker.at, does);
    if read.calls > 0 {
        finding = finding.relate(facts.program, read.at, "the closure reads it here");
    }
    finding.fix("copy what the closure needs before it is made, or set the variable inside of it first")
}

/// Uses of thread-local variables in a function and in what it calls, closures in it left out.
fn uses<'p>(facts: &Facts<'p>, id: FnId, depth: u32) -> Vec<Use<'p>> {
    let mut found = Vec::new();
    let Some(body) = &facts.program.function(id).body else { return found };
    let mut assigned: Vec<Span> = Vec::new();
    each_expression(body, &mut |expr| {
        if let Expr::Assign { operator, left, .. } = expr
            && operator.text() == "="
        {
            assigned.push(left.span());
        }
        let Expr::Name(name, span) = expr else { return };
        let Some(referent) = facts.program.referent(id, *name) else { return };
        let variable = referent.variable();
        if variable.storage == Storage::ThreadLocal {
            found.push(Use { variable, at: (id, *span), sets: assigned.contains(span), calls: 0 });
        }
    });
    let Some(depth) = depth.checked_sub(1) else { return found };
    let callees = facts.events(id).calls.iter().flat_map(|call| call.callees.iter().map(move |to| (*to, call.span)));
    for (callee, span) in
        callees.filter(|(callee, _)| *callee != id && facts.program.function(*callee).parent.is_none())
    {
        let below = uses(facts, callee, depth).into_iter();
        found.extend(below.map(|one| Use {
            at: if one.sets { (id, span) } else { one.at },
            calls: one.calls + 1,
            ..one
        }));
    }
    found
}
