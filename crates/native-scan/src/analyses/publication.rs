//! State that nobody writes any more once a flag is set.
//!
//! A result is written once, under a lock, by a function that also sets a flag which nothing takes back; whoever has seen
//! the flag may read the result without the lock, because nobody will write it again: the flag *publishes* it. Three ways
//! to have seen it are known here: a condition on the flag decides whether the read runs; the function has set it itself
//! before; or it has called something that waits for it under the lock. A flag that is set with `memory_order_relaxed`
//! publishes nothing. The pattern is that of futures; see the C++ standard, [intro.races], and for the name C. Flanagan
//! and S. Freund, "FastTrack", PLDI 2009, on what such orders mean to a detector of races.

use crate::facts::Facts;
use crate::flow::closures::arguments;
use crate::program::FnId;
use crate::program::calls::{called, each_expression};
use crate::program::types::{bare, simple, template};
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Span, Stmt};
use std::collections::BTreeMap;

/// A flag of a class that is only ever set.
struct Flag {
    name: &'static str,
    /// Where it is set.
    sets: Vec<(FnId, Span)>,
    /// Methods that return it.
    readers: Vec<&'static str>,
}

/// A step on the way to a read: where, and the names in the conditions that decide whether it runs.
pub(super) struct Step {
    pub at: (FnId, Span),
    pub conditions: Vec<Name>,
}

/// All such flags by the class that has them.
pub(super) struct Flags(BTreeMap<Name, Vec<Flag>>);

/// What an expression does to a flag.
enum Does {
    Sets,
    TakesBack,
}

impl Flags {
    /// Finds them.
    pub(super) fn new(facts: &Facts<'_>) -> Self {
        let mut sets: BTreeMap<(Name, &'static str), Vec<(FnId, Span)>> = BTreeMap::new();
        let mut taken_back: Vec<(Name, &'static str)> = Vec::new();
        for id in facts.defined() {
            let outer = facts.program.function(facts.program.outermost(id)).kind;
            let Some(body) = &facts.program.function(id).body else { continue };
            if matches!(outer, FunctionKind::Constructor | FunctionKind::Destructor) {
                continue;
            }
            each_expression(body, &mut |expr| {
                let Some((target, does)) = change(expr) else { return };
                let Some(flag) = flag_of(facts, id, target) else { return };
                match does {
                    Does::Sets => sets.entry(flag).or_default().push((id, expr.span())),
                    Does::TakesBack => taken_back.push(flag),
                }
            });
        }
        let mut flags: BTreeMap<Name, Vec<Flag>> = BTreeMap::new();
        for ((class, name), sets) in sets.into_iter().filter(|(flag, _)| !taken_back.contains(flag)) {
            flags.entry(class).or_default().push(Flag { name, sets, readers: readers(facts, class, name) });
        }
        Self(flags)
    }

    /// Whether a read at the end of these steps comes after the flag that ends all writing of its place, whose writes are
    /// these, under their guard.
    pub(super) fn cover(
        &self,
        facts: &Facts<'_>,
        class: Option<Name>,
        guard: Name,
        writes: &[(FnId, Span)],
        steps: &[Step],
    ) -> bool {
        let flags = class.and_then(|class| self.0.get(&class)).map_or(&[][..], Vec::as_slice);
        flags.iter().any(|flag| {
            let set_in = |write: &(FnId, Span)| flag.sets.iter().filter(|set| set.0 == write.0).collect::<Vec<_>>();
            if writes.is_empty() || writes.iter().any(|write| set_in(write).is_empty()) {
                return false;
            }
            let is_last = writes.iter().all(|write| set_in(write).iter().all(|set| write.1.start < set.1.start));
            steps.iter().any(|step| seen(facts, flag, guard, is_last, step))
        })
    }
}

/// Whether the flag is known to be set when a step runs.
fn seen(facts: &Facts<'_>, flag: &Flag, guard: Name, is_last: bool, step: &Step) -> bool {
    let (id, span) = step.at;
    let names = |name: &Name| name.text() == flag.name || flag.readers.contains(&name.text());
    // A test without the lock says something only if the flag is the last thing to be written.
    let tested = step.conditions.iter().any(names) && (is_last || facts.acquires(id, guard));
    let set = flag.sets.iter().any(|(function, at)| *function == id && at.start < span.start);
    let earlier =
        facts.events(id).calls.iter().filter(|call| call.span.end <= span.start && call.conditions.is_empty());
    tested || set || earlier.flat_map(|call| &call.callees).any(|callee| waits_for(facts, *callee, flag, guard))
}

/// Whether a function waits, under the guard, until the flag is set.
fn waits_for(facts: &Facts<'_>, id: FnId, flag: &Flag, guard: Name) -> bool {
    let waits = facts.events(id).calls.iter().any(|call| call.name == "wait" && call.held.holds(guard));
    waits
        && facts.with_closures(id).into_iter().any(|part| {
            let Some(body) = &facts.program.function(part).body else { return false };
            let mut named = false;
            each_expression(body, &mut |expr| {
                named |= flag_name(expr).is_some_and(|name| name == flag.name || flag.readers.contains(&name))
            });
            named
        })
}

fn flag_name(expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::Name(name, _) | Expr::Member { name, .. } => Some(name.last()),
        Expr::Call { .. } => Some(called(expr)),
        _ => None,
    }
}

/// The variable that an expression sets or takes back, if it may be a flag.
fn change(expr: &Expr) -> Option<(&Expr, Does)> {
    let is_true = |expr: &Expr| matches!(expr, Expr::Literal(text, _) if matches!(text.text(), "true" | "YES" | "1"));
    match expr {
        Expr::Assign { operator, left, right, .. } => {
            let sets = operator.text() == "=" && is_true(right);
            Some((left, if sets { Does::Sets } else { Does::TakesBack }))
        }
        Expr::Call { callee, .. } => {
            let Expr::Member { base, .. } = callee.as_ref() else { return None };
            let given = arguments(expr);
            let is_ordered =
                !given.iter().any(|one| matches!(one, Expr::Name(name, _) if name.last().contains("relaxed")));
            match called(expr) {
                "store" if is_ordered && given.first().is_some_and(is_true) => Some((base, Does::Sets)),
                "store"
                | "exchange"
                | "clear"
                | "reset"
                | "swap"
                | "compare_exchange_strong"
                | "compare_exchange_weak" => Some((base, Does::TakesBack)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The class and name of a member that is a flag.
fn flag_of(facts: &Facts<'_>, id: FnId, expr: &Expr) -> Option<(Name, &'static str)> {
    let program = facts.program;
    let (owner, variable) = match expr {
        Expr::Name(name, _) => match program.referent(id, *name)? {
            crate::program::types::Referent::Member(owner, variable) => (owner, variable),
            _ => return None,
        },
        Expr::Member { base, name, .. } if matches!(base.as_ref(), Expr::This(_)) => {
            let (owner, member) = program.member(program.class_of(id)?, name.text())?;
            (owner, member.variable)
        }
        _ => return None,
    };
    let (head, arguments) = template(bare(variable.ty.text()));
    let ty = if simple(head) == "atomic" { arguments.first().copied().unwrap_or("") } else { head };
    matches!(simple(ty), "bool" | "BOOL" | "atomic_bool").then(|| (owner, variable.name.last()))
}

/// Methods of a class that do nothing but return the flag.
fn readers(facts: &Facts<'_>, class: Name, flag: &'static str) -> Vec<&'static str> {
    let Some(found) = facts.program.classes.get(&class) else { return Vec::new() };
    let returns = |id: &&FnId| {
        let body = facts.program.function(**id).body.as_deref();
        let Some([Stmt::Return(Some(value), _)]) = body else { return false };
        let read = match value {
            Expr::Call { callee, .. } if called(value) == "load" => match callee.as_ref() {
                Expr::Member { base, .. } => base.as_ref(),
                _ => return false,
            },
            other => other,
        };
        matches!(read, Expr::Name(name, _) | Expr::Member { name, .. } if name.last() == flag)
    };
    let mut names: Vec<&'static str> =
        found.methods.values().flatten().filter(returns).map(|id| facts.program.function(*id).name.last()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
