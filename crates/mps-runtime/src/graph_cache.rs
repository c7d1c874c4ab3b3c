//! A cache of compiled graphs and kernels.
//!
//! The protocol is module `GraphCache` of `subjects/mps/specs`. Compiling takes long, so it is done outside of the mutex;
//! who loses the race throws its own graph away. A full cache evicts an entry that nobody refers to; if there is none, the
//! new graph stays private to its caller. References are taken under the mutex and dropped without it: a count of one, read
//! under the mutex, is the cache's own and cannot grow meanwhile.

use crate::mutation::{Mutation, Mutations};
use crate::sync::{Arc, Mutex, lock};
use crate::trace::Tracer;
use std::collections::HashMap;
use std::hash::Hash;

/// A cache of at most so many graphs.
///
/// ```
/// use interlock_mps_runtime::GraphCache;
///
/// let cache = GraphCache::new(2);
/// let graph = cache.get_or_compile("add", |key| format!("compiled {key}"));
/// assert_eq!(*graph, "compiled add");
/// assert_eq!(cache.len(), 1);
/// ```
#[derive(Debug)]
pub struct GraphCache<K, G> {
    capacity: usize,
    entries: Mutex<HashMap<K, Arc<G>>>,
    tracer: Tracer,
    /// The name of a key in traces.
    name: fn(&K) -> String,
    mutations: Mutations,
}

impl<K: Eq + Hash + Clone, G> GraphCache<K, G> {
    /// A cache for so many graphs.
    pub fn new(capacity: usize) -> Self {
        Self::with(capacity, Mutations::NONE)
    }

    /// The same with defects.
    pub fn with(capacity: usize, mutations: Mutations) -> Self {
        Self::traced(capacity, Tracer::default(), |_| String::new(), mutations)
    }

    /// The same watched, with names of keys for traces. What the caller does with a graph is the caller's to tell.
    pub fn traced(capacity: usize, tracer: Tracer, name: fn(&K) -> String, mutations: Mutations) -> Self {
        Self { capacity, entries: Mutex::new(HashMap::new()), tracer, name, mutations }
    }

    /// The graph of a key, compiled if it is not there. The closure runs without any lock held.
    pub fn get_or_compile(&self, key: K, compile: impl FnOnce(&K) -> G) -> Arc<G> {
        // interlock: GC.CompileOutsideLock, GC.NoDoubleInsert
        if let Some(graph) = self.look_up(&key) {
            return graph;
        }
        let began = self.tracer.start();
        let mine = Arc::new(compile(&key));
        self.tracer.step(began, "Compile", |step| step.thread("t"));
        let began = self.tracer.start();
        let mut entries = lock(&self.entries);
        self.tracer.step(began, "InsertLock", |step| step.thread("t"));
        let began = self.tracer.start();
        if let Some(theirs) = entries.get(&key)
            && !self.mutations.has(Mutation::BlindInsert)
        {
            let theirs = Arc::clone(theirs);
            self.tracer.step(began, "LoseRace", |step| step.thread("t").mine("pc", "use"));
            return theirs;
        }
        let blind = entries.contains_key(&key);
        let room = blind || entries.len() < self.capacity || self.evict(&mut entries);
        let began = if room { self.tracer.start() } else { began };
        if blind {
            self.tracer.deviates();
        }
        if room {
            entries.insert(key, Arc::clone(&mine));
        }
        let action = if room { "Insert" } else { "StayPrivate" };
        self.tracer.step(began, action, |step| step.thread("t").mine("pc", "use"));
        mine
    }

    fn look_up(&self, key: &K) -> Option<Arc<G>> {
        // interlock: GC.ReferencesConsistent
        let began = self.tracer.start();
        let entries = lock(&self.entries);
        let found = entries.get(key).map(Arc::clone);
        let action = if found.is_some() { "Hit" } else { "Miss" };
        self.tracer.step(began, action, |step| step.thread("t").parameter("k", (self.name)(key)));
        found
    }

    /// Removes an entry that nobody refers to; whether there was one.
    fn evict(&self, entries: &mut HashMap<K, Arc<G>>) -> bool {
        // interlock: GC.NoUseAfterEvict, GC.CapacityRespected
        let began = self.tracer.start();
        let in_use_too = self.mutations.has(Mutation::EvictInUse);
        let unused = |(_, graph): &(&K, &Arc<G>)| Arc::strong_count(graph) == 1 || in_use_too;
        let Some(victim) = entries.iter().find(unused).map(|(key, _)| key.clone()) else { return false };
        let evicted = entries.remove(&victim);
        if evicted.is_some_and(|graph| Arc::strong_count(&graph) > 1) {
            self.tracer.deviates();
        }
        self.tracer.step(began, "Evict", |step| step.thread("t").parameter("k", (self.name)(&victim)));
        true
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        lock(&self.entries).len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(all(test, not(any(feature = "loom", feature = "shuttle"))))]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn an_entry_in_use_is_not_evicted_and_the_new_graph_stays_private() {
        let cache = GraphCache::new(1);
        let held = cache.get_or_compile(1, |_| "one");
        let private = cache.get_or_compile(2, |_| "two");
        assert_eq!((*private, cache.len()), ("two", 1));
        assert!(Arc::ptr_eq(&held, &cache.get_or_compile(1, |_| "never compiled")));
        drop(held);
        let second = cache.get_or_compile(2, |_| "two again");
        assert_eq!((*second, cache.len()), ("two again", 1));
    }

    #[test]
    fn who_loses_the_race_uses_the_other_graph() {
        let cache = GraphCache::new(4);
        let both_compile = Barrier::new(2);
        let compile = |name: &'static str| {
            cache.get_or_compile(0, |_| {
                both_compile.wait();
                name
            })
        };
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| compile("a"));
            (compile("b"), other.join().expect("no panic"))
        });
        assert!(Arc::ptr_eq(&first, &second), "an entry was replaced");
        assert_eq!(cache.len(), 1);
    }
}
