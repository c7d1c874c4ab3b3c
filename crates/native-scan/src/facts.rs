//! Everything the analyses look at, computed once.

use crate::flow::closures::{Closures, Mode};
use crate::flow::contexts::{Context, Contexts};
use crate::flow::{Events, LockSet, walk};
use crate::program::calls::each_statement;
use crate::program::types::bare;
use crate::program::{FnId, Program};
use native_syntax::Name;
use native_syntax::ir::{Stmt, Storage};
use rustc_hash::FxHashSet;

/// The facts.
pub struct Facts<'p> {
    /// Names and what they mean.
    pub program: &'p Program<'p>,
    /// Events of each function.
    pub events: Vec<Events<'p>>,
    /// Who calls closures.
    pub closures: Closures<'p>,
    /// How functions are entered.
    pub contexts: Contexts,
    /// Classes of which an object lives in static storage, so that any thread can reach it.
    pub static_classes: FxHashSet<Name>,
}

impl<'p> Facts<'p> {
    /// Computes them with this number of threads.
    pub fn new(program: &'p Program<'p>, workers: usize) -> Self {
        let events = all_events(program, workers);
        let closures = Closures::new(program);
        let contexts = Contexts::new(program, &events, &closures);
        let static_classes = static_classes(program);
        Self { program, events, closures, contexts, static_classes }
    }

    /// Events of a function.
    pub fn events(&self, id: FnId) -> &Events<'p> {
        &self.events[id.0 as usize]
    }

    /// Functions and closures with a body.
    pub fn defined(&self) -> impl Iterator<Item = FnId> + '_ {
        self.program.functions().filter(|id| self.program.function(*id).body.is_some())
    }

    /// Closures directly or indirectly inside of a function, and the function.
    pub fn with_closures(&self, id: FnId) -> Vec<FnId> {
        let mut all = vec![id];
        let mut at = 0;
        while at < all.len() {
            all.extend(self.events(all[at]).closures.iter().map(|made| made.closure));
            at += 1;
        }
        all
    }

    /// Locks held at an event in a context.
    pub fn locks(context: &Context, held: &LockSet, dropped: &LockSet) -> LockSet {
        if dropped.is_empty() {
            return context.locks.union(held);
        }
        LockSet::of(context.locks.iter().filter(|lock| !dropped.holds(*lock))).union(held)
    }

    /// Whether a function itself, or a closure in it, takes a lock or runs something on a queue.
    pub fn acquires(&self, id: FnId, lock: Name) -> bool {
        self.with_closures(id).into_iter().any(|inner| {
            self.events(inner).acquires.iter().any(|acquire| acquire.lock == lock)
                || self.program.function(inner).parent.is_some() && self.queue_of(inner) == Some(lock)
        })
    }

    /// The serial queue that a closure runs on.
    pub fn queue_of(&self, closure: FnId) -> Option<Name> {
        match self.closures.mode(closure).0 {
            Mode::SyncOn(queue) | Mode::Async(Some(queue)) => Some(queue),
            _ => None,
        }
    }
}

fn all_events<'p>(program: &'p Program<'p>, workers: usize) -> Vec<Events<'p>> {
    let count = program.len();
    let chunk = count.div_ceil(workers.max(1) * 8).max(64);
    let ranges: Vec<std::ops::Range<usize>> =
        (0..count).step_by(chunk).map(|start| start..(start + chunk).min(count)).collect();
    let parts = crate::parallel::map(&ranges, workers, |range| {
        range.clone().map(|number| walk::walk(program, FnId(u32::try_from(number).unwrap_or(0)))).collect::<Vec<_>>()
    });
    parts.into_iter().flatten().collect()
}

/// Classes with an object in static storage: a global, a static member, a static local, or one that such a pointer owns.
/// What those objects hold in turn is not followed: objects of those classes are also made elsewhere.
fn static_classes(program: &Program<'_>) -> FxHashSet<Name> {
    let mut found = FxHashSet::default();
    let mut add = |ty: Name, from: Option<Name>, file: usize| {
        let constant = ty.text().starts_with("const ") && !ty.text().ends_with('*');
        if !constant && let Some(class) = program.class_in(ty, from, Some(file)) {
            found.insert(class);
        }
    };
    for (file, variable) in program.globals().filter(|(_, variable)| variable.storage != Storage::ThreadLocal) {
        add(variable.ty, None, file);
    }
    for (name, class) in &program.classes {
        for member in class.members.values().filter(|member| member.variable.storage == Storage::Static) {
            add(member.variable.ty, Some(*name), member.file);
        }
    }
    for id in program.functions() {
        let Some(body) = &program.function(id).body else { continue };
        each_statement(body, &mut |stmt| {
            let Stmt::Local(variables) = stmt else { return };
            for variable in variables.iter().filter(|variable| variable.storage == Storage::Static) {
                match &variable.init {
                    Some(init) if bare(variable.ty.text()) == "auto" => {
                        if let Some(ty) = program.type_of(id, init) {
                            add(ty, program.class_of(id), program.file_of(id));
                        }
                    }
                    _ => add(variable.ty, program.class_of(id), program.file_of(id)),
                }
            }
        });
    }
    let mut queue: Vec<Name> = found.iter().copied().collect();
    while let Some(class) = queue.pop() {
        for base in program.classes.get(&class).map_or(&[][..], |found| &found.bases) {
            // A base of many: other objects of it are no singletons.
            if let Some(base) = program.find_class(base.text(), Some(class))
                && program.classes.get(&base).is_some_and(|base| base.derived.len() == 1)
                && found.insert(base)
            {
                queue.push(base);
            }
        }
    }
    found
}
