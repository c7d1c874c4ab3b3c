//! Functions that require a lock or queue of their callers: what `guarded-by` tells as notes.
//!
//! A function that is entered with the guard and does not take it itself requires it, and so does one that only passes such
//! a call on. One more case is told as a requirement and not as an error: a class that hands out the guard itself (a
//! method returns the mutex or the queue) expects its users to take it, so its methods that do nothing but forward to
//! a helper that needs the guard leave it to them. That does not hold for a method that waits, by its name or by what it
//! passes: a wait is meant for those outside.

use super::guarded_by::{requires, words};
use crate::facts::Facts;
use crate::finding::{Finding, Severity};
use crate::flow::closures::arguments;
use crate::program::FnId;
use native_syntax::Name;
use native_syntax::ir::{Expr, FunctionKind, Stmt};
use std::collections::{BTreeMap, BTreeSet};

/// Requirements: function and guard, with the places that need it.
pub(super) type Contracts = BTreeMap<(FnId, Name), BTreeSet<Name>>;

/// Rounds in which requirements climb from callees to callers.
const ROUNDS: usize = 8;

/// Adds the functions that pass a requirement on: they are entered with the guard, and call what requires it.
pub(super) fn pass_on(facts: &Facts<'_>, contracts: &mut Contracts) {
    for _ in 0..ROUNDS {
        let mut further: Vec<((FnId, Name), BTreeSet<Name>)> = Vec::new();
        for id in facts.defined() {
            let function = facts.program.function(id);
            if function.parent.is_some() || function.kind == FunctionKind::Constructor {
                continue;
            }
            for call in &facts.events(id).calls {
                for callee in &call.callees {
                    let from = (*callee, Name::empty());
                    let required = contracts.range(from..).take_while(|((required, _), _)| required == callee);
                    for ((_, guard), places) in required {
                        let known = contracts.contains_key(&(id, *guard));
                        if !known && !call.held.holds(*guard) && requires(facts, id, *guard) {
                            further.push(((id, *guard), places.clone()));
                        }
                    }
                }
            }
        }
        if further.is_empty() {
            return;
        }
        contracts.extend(further);
    }
}

/// Whether a function leaves the guard to its callers, although none of them is seen: it only forwards, does not wait,
/// and its class hands the guard out.
pub(super) fn is_left_to_callers(facts: &Facts<'_>, id: FnId, guard: Name) -> bool {
    let program = facts.program;
    if !facts.contexts.entries(id).is_empty() || program.is_private(id) {
        return false;
    }
    let (Some(class), Some(forwarded)) = (program.class_of(id), forwarded(facts, id)) else { return false };
    if waits(program.function(id).name.last()) || arguments(forwarded).iter().any(passes_wait) {
        return false;
    }
    hands_out(facts, class, guard)
}

/// The call that is all that a function does.
fn forwarded<'p>(facts: &Facts<'p>, id: FnId) -> Option<&'p Expr> {
    let body = facts.program.function(id).body.as_ref()?;
    let [Stmt::Expr(expr) | Stmt::Return(Some(expr), _)] = body.as_slice() else { return None };
    matches!(expr, Expr::Call { .. } | Expr::Message { .. }).then_some(expr)
}

fn waits(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["wait", "sync", "join", "finish", "drain"].iter().any(|part| name.contains(part))
}

fn passes_wait(argument: &Expr) -> bool {
    match argument {
        Expr::Name(name, _) => waits(name.last()),
        Expr::Member { name, .. } => waits(name.text()),
        _ => false,
    }
}

/// Whether a method of a class returns the guard.
fn hands_out(facts: &Facts<'_>, class: Name, guard: Name) -> bool {
    let program = facts.program;
    let Some(found) = program.classes.get(&class) else { return false };
    found.methods.values().flatten().any(|method| {
        let mut returns = facts.events(*method).returns.iter().filter_map(|(value, ..)| *value);
        returns.any(|value| program.place(*method, value) == Some(guard))
    })
}

/// The note.
pub(super) fn tell(facts: &Facts<'_>, id: FnId, guard: Name, places: &BTreeSet<Name>) -> Finding {
    let program = facts.program;
    let span = program.function(id).name_span;
    let listed: Vec<&str> = places.iter().map(|place| place.last()).take(4).collect();
    let message = format!(
        "`{}` requires `{}` from its callers: it uses {}",
        program.display(id),
        words(guard),
        listed.join(", ")
    );
    Finding::new(program, "guarded-by", Severity::Note, (id, span), format!("requires {guard}"), message)
        .fix("say so at the declaration, or annotate it for Clang's thread-safety analysis")
}
