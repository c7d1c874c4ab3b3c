//! # What it finds
//! A member or global that most of the program uses under one lock, or on one serial queue, is used somewhere without
//! it, and one of the two uses writes. Nothing has to be annotated: the guard is the lock that is held at most uses.
//! Where a helper is entered both with and without the guard, the helper *requires* it (a note), and the error is at the
//! caller that lacks it.
//!
//! # Why it is a bug
//! Two threads reach the same memory and nothing orders them: a data race, which in C++ is undefined behavior. What a
//! serial dispatch queue protects is protected only while running on that queue.
//!
//! # Example
//! Bad:
//! ```cpp
//! class Counter {
//!   std::mutex m; long n = 0;
//!  public:
//!   void add() { std::lock_guard<std::mutex> hold(m); ++n; }
//!   void sub() { std::lock_guard<std::mutex> hold(m); --n; }
//!   void reset() { n = 0; }          // without m
//! };
//! ```
//! Good:
//! ```cpp
//!   void reset() { std::lock_guard<std::mutex> hold(m); n = 0; }
//! ```
//!
//! # What it misses
//! All objects of a class count as one, so one object's lock is taken for another's. A place that is used without a lock
//! more often than with one has no guard for us. Accesses through pointers to members, and orders that only atomics
//! establish, are not seen.
//!
//! # References
//! Blackshear, Gorogiannis, O'Hearn, Sergey, "RacerD: Compositional Static Race Detection", OOPSLA 2018; Savage et al.,
//! "Eraser", SOSP 1997, for lock sets; CWE-362, CWE-820.

use super::contracts::Contracts;
use super::publication::{Flags, Step};
use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Severity};
use crate::flow::{Access, Base, LockSet, exclusive};
use crate::program::FnId;
use native_syntax::Name;
use native_syntax::ir::{FunctionKind, Span};
use std::collections::{BTreeMap, BTreeSet};

/// One access in one context.
pub(super) struct Sight<'f> {
    pub id: FnId,
    pub context: usize,
    pub access: &'f Access,
    pub locks: LockSet,
    pub is_async: bool,
}

/// All accesses of shared places that another thread could see, by place.
pub(super) fn sights<'f>(facts: &'f Facts<'_>) -> BTreeMap<Name, Vec<Sight<'f>>> {
    let mut places: BTreeMap<Name, Vec<Sight<'f>>> = BTreeMap::new();
    for id in facts.defined() {
        for access in facts.events(id).accesses.iter().filter(|access| access.base != Base::Fresh) {
            for (context, entry) in facts.contexts.of(id).iter().enumerate() {
                if entry.is_unknown || !entry.allows(&access.conditions) {
                    continue;
                }
                let locks = Facts::locks(entry, &access.held, &access.dropped);
                let own = access.base == Base::This || access.base == Base::Other;
                if locks.holds(exclusive()) && own {
                    continue;
                }
                let sight = Sight { id, context, access, locks, is_async: entry.is_async };
                places.entry(access.place).or_default().push(sight);
            }
        }
    }
    places
}

/// Whether a lock has to do with a place: they belong to one class, or the lock's class owns objects of the place's
/// class, or the class of the place takes the lock itself. A lock that far-away callers happen to hold has not.
fn is_related(facts: &Facts<'_>, place: Name, lock: Name, sights: &[Sight<'_>]) -> bool {
    let (place_scope, lock_scope) = (scope(place), scope(lock));
    if place_scope == lock_scope {
        return true;
    }
    let place_class = facts.program.find_class(place_scope, None);
    let lock_class = facts.program.find_class(lock_scope, None);
    if let (Some(place_class), Some(lock_class)) = (place_class, lock_class)
        && nested(place_class, lock_class)
        && owns(facts, lock_class, place_class, 3)
    {
        return true;
    }
    sights.iter().any(|sight| {
        let local = sight.access.held.holds(lock)
            || facts.program.function(sight.id).parent.is_some() && facts.queue_of(sight.id) == Some(lock);
        // In a method of the place's own class, or for a global.
        local && (place_class.is_none() || facts.program.class_of(sight.id) == place_class)
    }) || place_class.is_some_and(|class| takes(facts, class, lock))
}

fn scope(name: Name) -> &'static str {
    name.text().rfind("::").map_or("", |cut| &name.text()[..cut])
}

/// Whether some method of a class takes a lock.
fn takes(facts: &Facts<'_>, class: Name, lock: Name) -> bool {
    let Some(found) = facts.program.classes.get(&class) else { return false };
    found
        .methods
        .values()
        .flatten()
        .any(|method| facts.program.function(*method).kind != FunctionKind::Destructor && facts.acquires(*method, lock))
}

/// Whether objects of one class hold objects of another, directly or in containers and pointers.
fn owns(facts: &Facts<'_>, owner: Name, owned: Name, depth: u32) -> bool {
    let Some(found) = facts.program.classes.get(&owner) else { return false };
    found.members.values().any(|member| {
        classes_in(facts, member.variable.ty, owner).into_iter().any(|inner| {
            inner == owned
                || depth > 1
                    && inner != owner
                    && nested(inner, owner)
                    && nested(owned, owner)
                    && owns(facts, inner, owned, depth - 1)
        })
    })
}

/// Whether two classes are of one namespace, so that one may be a part of the other.
fn nested(inner: Name, owner: Name) -> bool {
    let outer = |name| crate::program::namesakes::without_file(scope(name));
    outer(inner) == outer(owner) || scope(inner) == owner.text()
}

/// All classes that a type mentions.
fn classes_in(facts: &Facts<'_>, ty: Name, from: Name) -> Vec<Name> {
    let mut found = Vec::new();
    let mut queue = vec![facts.program.expand(ty)];
    while let Some(ty) = queue.pop() {
        let (head, arguments) = crate::program::types::template(crate::program::types::bare(ty.text()));
        found.extend(facts.program.find_class(head, Some(from)));
        if found.len() < 16 {
            queue.extend(arguments.into_iter().map(|argument| facts.program.expand(Name::new(argument))));
        }
    }
    found
}

/// The guard of a place: the lock under which it is used most, of those that have to do with it.
pub(super) fn guard_of(facts: &Facts<'_>, place: Name, sights: &[Sight<'_>]) -> Option<Name> {
    let mut counts: BTreeMap<Name, BTreeSet<(FnId, u32)>> = BTreeMap::new();
    let mut writes: BTreeSet<Name> = BTreeSet::new();
    for sight in sights {
        for lock in sight.locks.iter().filter(|lock| !lock.text().starts_with('(')) {
            counts.entry(lock).or_default().insert((sight.id, sight.access.span.start));
            if sight.access.effect.writes() {
                writes.insert(lock);
            }
        }
    }
    let weight = |lock: Name, uses: usize| {
        uses * 2 + usize::from(scope(lock) == scope(place)) * 3 + usize::from(writes.contains(&lock))
    };
    let mut locks: Vec<(Name, usize)> = counts.iter().map(|(lock, uses)| (*lock, uses.len())).collect();
    locks.sort_by_key(|(lock, uses)| (std::cmp::Reverse(weight(*lock, *uses)), lock.text()));
    locks.into_iter().map(|(lock, _)| lock).find(|lock| is_related(facts, place, *lock, sights))
}

/// An error before it is told: where, what is missing, what is used, in which context.
struct Lack<'f, 's> {
    at: (FnId, Span),
    chain: Vec<(FnId, Span)>,
    /// The context of the function that is at fault.
    context: usize,
    sight: &'s Sight<'f>,
    other: &'s Sight<'f>,
    place: Name,
    share: (usize, usize),
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let places = sights(facts);
    let mut lacks: BTreeMap<(FnId, Name), Vec<Lack<'_, '_>>> = BTreeMap::new();
    let mut contracts = Contracts::new();
    let flags = Flags::new(facts);
    for (place, sights) in &places {
        let Some(guard) = guard_of(facts, *place, sights) else { continue };
        let sites: BTreeSet<(FnId, u32)> = sights.iter().map(|sight| (sight.id, sight.access.span.start)).collect();
        let guarded: BTreeSet<(FnId, u32)> = sights
            .iter()
            .filter(|sight| sight.locks.holds(guard))
            .map(|sight| (sight.id, sight.access.span.start))
            .collect();
        for sight in sights.iter().filter(|sight| sight.locks.holds(guard)) {
            note_contract(facts, sight, guard, &mut contracts);
        }
        if guarded.len() * 2 < sites.len() || !has_write(sights) {
            continue;
        }
        let share = (guarded.len(), sites.len());
        // What runs once, before anybody uses the result, needs no guard.
        let bare = |sight: &&Sight<'_>| {
            !sight.locks.holds(guard)
                && !sight.access.maybe.holds(guard)
                && !sight.locks.iter().any(|lock| lock.text().starts_with('('))
        };
        for sight in sights.iter().filter(bare) {
            let Some(other) = conflicting(sights, sight, guard) else { continue };
            for (chain, context) in climb(facts, sight, guard) {
                if is_published(facts, &flags, guard, sights, sight, &chain) {
                    continue;
                }
                let at = chain[chain.len() - 1];
                let lack = Lack { at, chain, context, sight, other, place: *place, share };
                if super::contracts::is_left_to_callers(facts, at.0, guard) {
                    contracts.entry((at.0, guard)).or_default().insert(*place);
                    continue;
                }
                lacks.entry((facts.program.outermost(at.0), guard)).or_default().push(lack);
            }
        }
    }
    let mut findings: Vec<Finding> =
        lacks.into_iter().flat_map(|((_, guard), lacks)| tell(facts, guard, lacks)).collect();
    super::contracts::pass_on(facts, &mut contracts);
    findings
        .extend(contracts.into_iter().map(|((id, guard), places)| super::contracts::tell(facts, id, guard, &places)));
    findings
}

/// Guards of places, and what functions require of their callers, as `run` infers them.
pub(super) fn inferred(facts: &Facts<'_>) -> (Vec<(Name, Name)>, Contracts) {
    let places = sights(facts);
    let mut guards = Vec::new();
    let mut contracts = Contracts::new();
    for (place, sights) in &places {
        let Some(guard) = guard_of(facts, *place, sights) else { continue };
        let site = |sight: &Sight<'_>| (sight.id, sight.access.span.start);
        let sites: BTreeSet<(FnId, u32)> = sights.iter().map(site).collect();
        let under: Vec<&Sight<'_>> = sights.iter().filter(|sight| sight.locks.holds(guard)).collect();
        under.iter().for_each(|sight| note_contract(facts, sight, guard, &mut contracts));
        let guarded: BTreeSet<(FnId, u32)> = under.into_iter().map(site).collect();
        if guarded.len() * 2 >= sites.len() && has_write(sights) {
            guards.push((*place, guard));
        }
    }
    super::contracts::pass_on(facts, &mut contracts);
    (guards, contracts)
}

/// Whether a read comes, somewhere on its way, after the flag that ends all writing of its place.
fn is_published(
    facts: &Facts<'_>,
    flags: &Flags,
    guard: Name,
    all: &[Sight<'_>],
    sight: &Sight<'_>,
    chain: &[(FnId, Span)],
) -> bool {
    if sight.access.effect.writes() {
        return false;
    }
    let writes = all.iter().filter(|other| other.access.effect.writes());
    let writes: Vec<(FnId, Span)> = writes.map(|other| (other.id, other.access.span)).collect();
    let step = |at: &(FnId, Span)| Step { at: *at, conditions: conditions_at(facts, *at, sight) };
    let steps: Vec<Step> = chain.iter().map(step).collect();
    flags.cover(facts, sight.access.class, guard, &writes, &steps)
}

fn has_write(sights: &[Sight<'_>]) -> bool {
    sights.iter().any(|sight| sight.access.effect.writes())
}

/// Another access that may happen at the same time, one of the two being a write; a guarded one if there is one.
fn conflicting<'s, 'f>(sights: &'s [Sight<'f>], sight: &Sight<'_>, guard: Name) -> Option<&'s Sight<'f>> {
    let fits = |other: &&Sight<'_>| {
        (sight.access.effect.writes() || other.access.effect.writes())
            && other.locks.intersection(&sight.locks).is_empty()
    };
    let guarded = sights.iter().filter(fits).filter(|other| other.locks.holds(guard));
    guarded.max_by_key(|other| (other.access.effect.writes(), other.id != sight.id))
}

/// A function that does not take the guard itself although it is entered with it requires it.
fn note_contract(facts: &Facts<'_>, sight: &Sight<'_>, guard: Name, contracts: &mut Contracts) {
    let function = facts.program.function(sight.id);
    let entered_with = facts.contexts.of(sight.id)[sight.context].locks.holds(guard);
    if entered_with && function.parent.is_none() && function.kind != FunctionKind::Constructor {
        contracts.entry((sight.id, guard)).or_default().insert(sight.access.place);
    }
}

/// Whether a function expects its callers to hold the guard: some do, and it never takes it itself.
pub(super) fn requires(facts: &Facts<'_>, id: FnId, guard: Name) -> bool {
    facts.contexts.of(id).iter().any(|context| context.locks.holds(guard)) && !facts.acquires(id, guard)
}

/// Whether errors in a function are its callers': it expects the guard, and it belongs to the part of the program that
/// the guard is about, so that its callers are the ones who have to know.
fn passes_on(facts: &Facts<'_>, id: FnId, guard: Name, place: Name) -> bool {
    if !requires(facts, id, guard) {
        return false;
    }
    let program = facts.program;
    let outer = program.outermost(id);
    let class = program.class_of(outer);
    let part = [scope(guard), scope(place)];
    class.is_some_and(|class| part.contains(&class.text()))
        || program.is_private(outer)
        || program.function(id).parent.is_some()
}

/// From an access that lacks its guard up to the calls that should have held it: each a chain that ends there, and the
/// context in which the last function makes its call.
fn climb(facts: &Facts<'_>, sight: &Sight<'_>, guard: Name) -> Vec<(Vec<(FnId, Span)>, usize)> {
    let start = vec![(sight.id, sight.access.span)];
    let mut done = Vec::new();
    let mut seen = BTreeSet::from([(sight.id, sight.context)]);
    let mut queue = vec![(start, sight.context)];
    while let Some((chain, context)) = queue.pop() {
        let (id, _) = chain[chain.len() - 1];
        let entries: Vec<_> = facts.contexts.entries(id).iter().filter(|entry| entry.entered == context).collect();
        let conditions = conditions_at(facts, chain[chain.len() - 1], sight);
        if entries.is_empty() && decided_by_parameter(facts, id, &conditions) && facts.acquires(id, guard) {
            // An argument says whether the function takes the guard itself, and nobody in the program calls it.
            continue;
        }
        let context_says = &facts.contexts.of(id)[context].decided;
        let callers_choice = context_says.iter().any(|entry| conditions.contains(entry)) && facts.acquires(id, guard);
        if entries.is_empty() || !callers_choice && !passes_on(facts, id, guard, sight.access.place) || chain.len() > 20
        {
            done.push((chain, context));
            continue;
        }
        for entry in entries {
            let excused = facts.contexts.of(entry.caller)[entry.context].locks.holds(exclusive());
            let is_new = seen.insert((entry.caller, entry.context)) || chain_is_new(&done, entry.caller, entry.span);
            if !excused && is_new {
                let mut longer = chain.clone();
                longer.push((entry.caller, entry.span));
                if longer.len() < 20 && done.len() + queue.len() < 200 {
                    queue.push((longer, entry.context));
                }
            }
        }
    }
    done
}

/// What decides whether the access or call at a place runs.
fn conditions_at(facts: &Facts<'_>, at: (FnId, Span), sight: &Sight<'_>) -> Vec<Name> {
    if at == (sight.id, sight.access.span) {
        return sight.access.conditions.clone();
    }
    let events = facts.events(at.0);
    let call = events.calls.iter().find(|call| call.span == at.1).map(|call| call.conditions.clone());
    let made = || events.closures.iter().find(|made| made.span == at.1).map(|made| made.conditions.clone());
    call.or_else(made).unwrap_or_default()
}

/// Whether a boolean parameter of the function is among the conditions.
fn decided_by_parameter(facts: &Facts<'_>, id: FnId, conditions: &[Name]) -> bool {
    facts.program.function(id).params.iter().any(|param| {
        matches!(param.ty.text(), "bool" | "const bool" | "BOOL")
            && conditions.iter().any(|condition| {
                condition.text().strip_prefix(param.name.text()).is_some_and(|rest| rest.starts_with('='))
            })
    })
}

fn chain_is_new(done: &[(Vec<(FnId, Span)>, usize)], caller: FnId, span: Span) -> bool {
    !done.iter().any(|(chain, _)| chain.contains(&(caller, span)))
}

pub(super) fn words(guard: Name) -> String {
    let parts: Vec<&str> = guard.text().rsplit("::").take(2).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("::")
}

fn is_queue(facts: &Facts<'_>, guard: Name) -> bool {
    let Some(cut) = guard.text().rfind("::") else { return false };
    let class = facts.program.find_class(&guard.text()[..cut], None);
    let member = class.and_then(|class| facts.program.member(class, &guard.text()[cut + 2..]));
    let ty = member
        .map(|(_, member)| member.variable.ty)
        .or_else(|| facts.program.global(guard.text(), 0).map(|variable| variable.ty));
    ty.is_some_and(|ty| facts.program.is_one_of(ty, &facts.program.config.types.queues))
}

/// One finding for each place where the guard should have been taken.
fn tell(facts: &Facts<'_>, guard: Name, lacks: Vec<Lack<'_, '_>>) -> Vec<Finding> {
    let mut by_spot: BTreeMap<(FnId, Span), Vec<Lack<'_, '_>>> = BTreeMap::new();
    for lack in lacks {
        by_spot.entry(lack.at).or_default().push(lack);
    }
    // Accesses that a function makes itself are one finding, its calls of helpers one each.
    let mut findings = Vec::new();
    let mut own: BTreeMap<FnId, Vec<Lack<'_, '_>>> = BTreeMap::new();
    for (at, lacks) in by_spot {
        if lacks.iter().any(|lack| lack.chain.len() == 1) {
            own.entry(at.0).or_default().extend(lacks);
        } else {
            findings.push(one(facts, guard, &lacks));
        }
    }
    findings.extend(own.into_values().map(|lacks| one(facts, guard, &lacks)));
    findings
}

fn one(facts: &Facts<'_>, guard: Name, lacks: &[Lack<'_, '_>]) -> Finding {
    let program = facts.program;
    // The access that writes says most.
    let lack = lacks
        .iter()
        .min_by_key(|lack| (lack.chain.len(), !lack.sight.access.effect.writes(), lack.at.1))
        .unwrap_or(&lacks[0]);
    let places: BTreeSet<&str> = lacks.iter().map(|lack| lack.place.last()).collect();
    let queue = is_queue(facts, guard);
    let missing = if queue { "off the queue" } else { "without" };
    let missing_it = if queue { "off it" } else { "without it" };
    let what = if lack.sight.access.effect.writes() { "written" } else { "read" };
    let listed: Vec<String> = places.iter().take(4).map(|place| format!("`{place}`")).collect();
    let listed = listed.join(", ");
    let message = if lack.chain.len() > 1 {
        let helper = program.display(lack.chain[lack.chain.len() - 2].0);
        format!("`{helper}` needs `{}` and is called {missing_it} here: {listed} {what}", words(guard))
    } else {
        format!("{listed} {what} {missing} `{}`, which guards {} of {} uses", words(guard), lack.share.0, lack.share.1)
    };
    let confident = lack.share.0 * 4 >= lack.share.1 * 3;
    let severity = if confident || lack.sight.is_async || lack.sight.access.effect.writes() {
        Severity::Error
    } else {
        Severity::Warning
    };
    let mut finding =
        Finding::new(program, "guarded-by", severity, lack.at, format!("{guard}:{}", lack.place.last()), message)
            .confidence(if confident { Confidence::High } else { Confidence::Medium });
    finding.held = lack.sight.locks.iter().map(|lock| lock.text().to_owned()).collect();
    for step in lack.chain.iter().rev().skip(1) {
        let text = if *step == (lack.sight.id, lack.sight.access.span) {
            format!("`{}` is {what} here", lack.place.last())
        } else {
            "through this call".to_owned()
        };
        finding = finding.relate(program, *step, text);
    }
    let (caller, _) = lack.at;
    let chain = facts.contexts.chain(caller, lack.context);
    if let Some((outer, span)) = chain.first() {
        finding = finding.relate(program, (*outer, *span), "entered from here");
    }
    let held = lack.other.locks.iter().filter(|lock| !lock.text().starts_with('('));
    let held: Vec<&str> = held.map(|lock| lock.last()).collect();
    let text = format!("the other use, under {}", held.join(", "));
    finding = finding.relate(program, (lack.other.id, lack.other.access.span), text);
    let how = if queue { "run it on the queue" } else { "hold the lock" };
    finding
        .fix(format!("{how} `{}` here, or make the state atomic if no two parts of it belong together", words(guard)))
}
