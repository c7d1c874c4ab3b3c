//! # What it finds
//! A container that belongs to an object in static storage, or is itself global, and is changed with no lock held at
//! any of its uses, outside of constructors and initializers.
//!
//! # Why it is a bug
//! Any thread can reach the object. Two insertions at the same time, or a look-up during an insertion that rehashes,
//! corrupt the container. `operator[]` of a map inserts.
//!
//! # Example
//! Bad:
//! ```cpp
//! struct Cache { std::unordered_map<int, Lib> libs; Lib& get(int k) { return libs[k]; } };
//! Cache& cache() { static Cache c; return c; }
//! ```
//! Good:
//! ```cpp
//!   Lib get(int k) { std::lock_guard<std::mutex> hold(m); return libs[k]; }
//! ```
//!
//! # What it misses
//! Containers of objects that are not known to be in static storage; such an object may be used by one thread only.
//!
//! # References
//! C++ standard, [container.requirements.dataraces]; CWE-820.

use super::guarded_by::{Sight, sights};
use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::{Base, Effect};
use crate::program::FnId;
use native_syntax::Name;
use native_syntax::ir::Span;
use std::collections::BTreeMap;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, sights) in sights(facts) {
        if !is_reachable(facts, place, &sights) {
            continue;
        }
        let common = sights.iter().filter(|sight| !initializes(sight)).map(|sight| &sight.locks).fold(
            None,
            |common: Option<crate::flow::LockSet>, locks| {
                Some(common.map_or_else(|| locks.clone(), |common| common.intersection(locks)))
            },
        );
        if common.is_none_or(|common| !common.is_empty()) {
            continue;
        }
        let changes: Vec<&Sight<'_>> = sights.iter().filter(|sight| is_change(sight)).collect();
        if changes.is_empty() || super::guarded_by::guard_of(facts, place, &sights).is_some() {
            continue;
        }
        findings.extend(tell(facts, place, &changes, &sights));
    }
    findings
}

fn is_change(sight: &Sight<'_>) -> bool {
    matches!(sight.access.effect, Effect::Mutate(_)) && !initializes(sight)
}

/// Inside of the initialization of a static.
fn initializes(sight: &Sight<'_>) -> bool {
    sight.locks.iter().any(|lock| lock.text().starts_with('('))
}

fn is_reachable(facts: &Facts<'_>, place: Name, sights: &[Sight<'_>]) -> bool {
    let class = sights.first().and_then(|sight| sight.access.class);
    match class {
        Some(class) => {
            facts.static_classes.contains(&class)
                || sights.iter().any(|sight| sight.access.base == Base::Static && !is_constant_name(place))
        }
        None => sights.iter().any(|sight| sight.access.base == Base::Static),
    }
}

/// Whether the sources say that several threads come here: some use runs under a lock, on a queue or on another thread,
/// or the class has locks, queues or atomics of its own. Without that, a container that is filled at start-up looks the same.
fn is_concurrent(facts: &Facts<'_>, sights: &[Sight<'_>]) -> bool {
    let by_use = sights.iter().any(|sight| sight.is_async || !sight.locks.is_empty() && !initializes(sight));
    let class = sights.first().and_then(|sight| sight.access.class);
    by_use
        || class.and_then(|class| facts.program.classes.get(&class)).is_some_and(|found| {
            let types = &facts.program.config.types;
            found.members.values().any(|member| {
                let ty = member.variable.ty;
                facts.program.is_mutex_type(ty)
                    || facts.program.is_one_of(ty, &types.queues)
                    || facts.program.is_one_of(ty, &types.synchronized)
            })
        })
}

fn is_constant_name(place: Name) -> bool {
    place.last().starts_with('k')
}

fn tell(facts: &Facts<'_>, place: Name, changes: &[&Sight<'_>], all: &[Sight<'_>]) -> Vec<Finding> {
    let program = facts.program;
    let concurrent = is_concurrent(facts, all);
    let mut by_function: BTreeMap<FnId, (&Sight<'_>, Span)> = BTreeMap::new();
    for sight in changes {
        let outer = program.outermost(sight.id);
        by_function.entry(outer).or_insert((sight, sight.access.span));
    }
    let mut findings = Vec::new();
    for (_, (sight, span)) in by_function {
        let (severity, why) = if concurrent {
            (Severity::Error, "and any thread can reach it")
        } else {
            (Severity::Warning, "and nothing says that only one thread does so")
        };
        let message = format!("`{}` is changed without a lock, {why}", place.last());
        let mut finding =
            Finding::new(program, "unguarded-container", severity, (sight.id, span), place.text(), message)
                .confidence(Confidence::Medium)
                .fix("guard every use with one lock");
        finding.held = sight.locks.iter().map(|lock| lock.text().to_owned()).collect();
        if let Some(other) = all.iter().find(|other| other.access.span != span) {
            finding = finding.relate(program, (other.id, other.access.span), "another use");
        }
        findings.push(finding);
    }
    findings
}
