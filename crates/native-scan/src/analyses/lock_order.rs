//! # What it finds
//! Two or more locks or serial queues that are taken in opposite orders: a cycle in the graph whose edges say that one
//! was held while another was taken, through calls and synchronous closures.
//!
//! # Why it is a bug
//! Two threads that each hold one and want the other wait for ever.
//!
//! # Example
//! Bad:
//! ```cpp
//! void a() { std::lock_guard g(first);  std::lock_guard h(second); }
//! void b() { std::lock_guard g(second); std::lock_guard h(first); }
//! ```
//! Good:
//! ```cpp
//! void b() { std::scoped_lock both(first, second); }
//! ```
//!
//! # What it misses
//! Order between two objects of one class: all objects of a class count as one lock, so a cycle of length one is not
//! reported.
//!
//! # References
//! Coffman, Elphick, Shoshani, "System Deadlocks", ACM Computing Surveys 1971; CWE-833.

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::program::FnId;
use native_syntax::Name;
use native_syntax::ir::Span;
use std::collections::{BTreeMap, BTreeSet};

type Edges = BTreeMap<(Name, Name), (FnId, Span)>;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let edges = edges(facts);
    let mut next: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
    for (from, to) in edges.keys() {
        next.entry(*from).or_default().insert(*to);
    }
    let mut findings = Vec::new();
    let mut told: BTreeSet<BTreeSet<Name>> = BTreeSet::new();
    for (from, to) in edges.keys() {
        let Some(path) = path(&next, *to, *from) else { continue };
        let mut cycle = vec![*from];
        cycle.extend(path);
        if told.insert(cycle.iter().copied().collect()) {
            findings.push(tell(facts, &edges, &cycle));
        }
    }
    findings
}

fn edges(facts: &Facts<'_>) -> Edges {
    let mut edges = Edges::new();
    let mut add = |from: Name, to: Name, at: (FnId, Span)| {
        let pseudo = from.text().starts_with('(') || to.text().starts_with('(');
        if from != to && !pseudo {
            edges.entry((from, to)).or_insert(at);
        }
    };
    for id in facts.defined() {
        for context in facts.contexts.of(id) {
            let events = facts.events(id);
            for acquire in &events.acquires {
                let held = Facts::locks(context, &acquire.before, &acquire.dropped);
                held.iter().for_each(|from| add(from, acquire.lock, (id, acquire.span)));
            }
            for made in events.closures.iter().filter(|made| context.allows(&made.conditions)) {
                let crate::flow::closures::Mode::SyncOn(queue) = facts.closures.mode(made.closure).0 else { continue };
                let held = Facts::locks(context, &made.held, &made.dropped);
                held.iter().for_each(|from| add(from, queue, (id, made.span)));
            }
        }
    }
    edges
}

fn path(next: &BTreeMap<Name, BTreeSet<Name>>, from: Name, to: Name) -> Option<Vec<Name>> {
    let mut before: BTreeMap<Name, Name> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        if at == to {
            let mut path = vec![at];
            let mut at = at;
            while let Some(previous) = before.get(&at).filter(|_| at != from) {
                at = *previous;
                path.push(at);
            }
            path.reverse();
            return Some(path);
        }
        for other in next.get(&at).into_iter().flatten() {
            if *other != from && !before.contains_key(other) {
                before.insert(*other, at);
                queue.push_back(*other);
            }
        }
    }
    None
}

fn tell(facts: &Facts<'_>, edges: &Edges, cycle: &[Name]) -> Finding {
    let program = facts.program;
    let names: Vec<&str> = cycle.iter().map(|lock| lock.last()).collect();
    let message = format!("taken in a cycle: {}", names.join(" \u{2192} "));
    let subject: BTreeSet<&str> = cycle.iter().map(|lock| lock.text()).collect();
    let subject = subject.into_iter().collect::<Vec<_>>().join(", ");
    let first = edges[&(cycle[0], cycle[1])];
    let mut finding = Finding::new(program, "lock-order", Severity::Error, first, subject, message)
        .confidence(Confidence::Medium)
        .fix("take them in one order everywhere, or both at once with std::scoped_lock");
    for pair in cycle.windows(2) {
        if let Some(at) = edges.get(&(pair[0], pair[1])) {
            let text = format!("`{}` is taken while `{}` is held", pair[1].last(), pair[0].last());
            finding = finding.relate(program, *at, text);
        }
    }
    finding
}
