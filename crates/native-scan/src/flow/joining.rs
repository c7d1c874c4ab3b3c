//! Whether a function waits for what it has started.
//!
//! A thread that is joined, a future that is asked for its value, a group or condition that is waited for: what was handed
//! to another thread before does not outlive the function. Whether it is the same task is not known; that the function
//! waits at all after it has handed something out, on every path, is taken as the intention. A wait with a time limit
//! is none.

use crate::program::calls::{called, each_expression};
use crate::program::{FnId, Program};
use native_syntax::ir::{Expr, Span, Stmt};

/// Calls that wait for something that runs elsewhere. `get` counts for futures.
const WAITS: [&str; 12] = [
    "wait",
    "join",
    "pthread_join",
    "dispatch_group_wait",
    "dispatch_semaphore_wait",
    "sem_wait",
    "arrive_and_wait",
    "waitUntilCompleted",
    "waitAll",
    "wait_all",
    "waitUntilAllOperationsAreFinished",
    "waitUntilFinished",
];

/// Whether a function waits, after a place in it and on every path from there.
pub fn waits_after<'p>(program: &Program<'p>, id: FnId, place: Span) -> bool {
    let body = program.function(id).body.as_ref();
    body.is_some_and(|body| waits(program, id, body, place, 2))
}

fn waits<'p>(program: &Program<'p>, id: FnId, stmts: &'p [Stmt], place: Span, depth: u32) -> bool {
    stmts.iter().any(|stmt| match stmt {
        Stmt::Block(inner, _) => waits(program, id, inner, place, depth),
        // A loop over futures, or one that waits until a condition holds.
        Stmt::Loop { body, condition, span, .. } if span.end > place.end => {
            waits(program, id, body, place, depth)
                || condition.as_ref().is_some_and(|condition| in_expression(program, id, condition, place, depth))
        }
        Stmt::Try { body, .. } => waits(program, id, body, place, depth),
        Stmt::Expr(expr) | Stmt::Return(Some(expr), _) => in_expression(program, id, expr, place, depth),
        Stmt::Local(variables) => variables
            .iter()
            .filter_map(|variable| variable.init.as_ref())
            .any(|init| in_expression(program, id, init, place, depth)),
        // The branch in which the place lies, and `if (!done) condition.wait(lock);`.
        Stmt::If { then, otherwise, .. } => {
            let around = [then, otherwise]
                .into_iter()
                .any(|branch| holds(branch, place) && waits(program, id, branch, place, depth));
            around || otherwise.is_empty() && stmt.span().start >= place.end && waits_if_not_done(then)
        }
        Stmt::Loop { .. }
        | Stmt::Switch { .. }
        | Stmt::Return(None, _)
        | Stmt::Break(_)
        | Stmt::Continue(_)
        | Stmt::Goto(_) => false,
    })
}

fn holds(branch: &[Stmt], place: Span) -> bool {
    branch.iter().any(|stmt| stmt.span().contains(place))
}

/// A branch that is nothing but a wait for a condition variable.
fn waits_if_not_done(branch: &[Stmt]) -> bool {
    let [stmt] = branch else { return false };
    match stmt {
        Stmt::Block(inner, _) => waits_if_not_done(inner),
        Stmt::Expr(expr) => called(expr) == "wait" && !super::closures::arguments(expr).is_empty(),
        _ => false,
    }
}

fn in_expression<'p>(program: &Program<'p>, id: FnId, expr: &'p Expr, place: Span, depth: u32) -> bool {
    let mut found = false;
    expr.walk(&mut |inner| {
        if found || inner.span().start < place.end {
            return;
        }
        let name = called(inner);
        found |= WAITS.contains(&name) || name == "get" && is_future(program, id, inner);
        if !found && depth > 0 && matches!(inner, Expr::Call { .. } | Expr::Message { .. }) {
            found = program.callees(id, inner).into_iter().any(|callee| {
                callee != id
                    && program
                        .function(callee)
                        .body
                        .as_ref()
                        .is_some_and(|body| small(body) && waits(program, callee, body, Span::default(), depth - 1))
            });
        }
    });
    found
}

/// A function that is little more than its wait; a large one that waits somewhere says less.
fn small(body: &[Stmt]) -> bool {
    let mut count = 0;
    each_expression(body, &mut |_| count += 1);
    count < 60
}

fn is_future<'p>(program: &Program<'p>, id: FnId, call: &'p Expr) -> bool {
    let Expr::Call { callee, .. } = call else { return false };
    let Expr::Member { base, .. } = callee.as_ref() else { return false };
    program.type_of(id, base).is_some_and(|ty| program.expand(ty).text().to_ascii_lowercase().contains("future"))
}
