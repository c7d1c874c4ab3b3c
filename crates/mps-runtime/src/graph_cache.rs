//! A cache of compiled graphs and kernels.
//!
//! The protocol is module `GraphCache` of `subjects/mps/specs`. Compiling takes long, so it is done outside of the mutex;
//! who loses the race throws its own graph away. A full cache evicts an entry that nobody refers to; if there is none, the
//! new graph stays private to its caller. References are taken under the mutex and dropped without it: a count of one, read
//! under the mutex, is the cache's own and cannot grow meanwhile.

use crate::mutation::{Mutation, Mutations};
use crate::sync::{Arc, Mutex, lock};
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
    mutations: Mutations,
}

impl<K: Eq + Hash + Clone, G> GraphCache<K, G> {
    /// A cache for so many graphs.
    pub fn new(capacity: usize) -> Self {
        Self::with(capacity, Mutations::NONE)
    }

    /// The same with defects.
    pub fn with(capacity: usize, mutations: Mutations) -> Self {
        Self { capacity, entries: Mutex::new(HashMap::new()), mutations }
    }

    /// The graph of a key, compiled if it is not there. The closure runs without any lock held.
    pub fn get_or_compile(&self, key: K, compile: impl FnOnce(&K) -> G) -> Arc<G> {
        // interlock: GC.CompileOutsideLock, GC.NoDoubleInsert
        if let Some(graph) = lock(&self.entries).get(&key) {
            return Arc::clone(graph);
        }
        let mine = Arc::new(compile(&key));
        let mut entries = lock(&self.entries);
        if let Some(theirs) = entries.get(&key)
            && !self.mutations.has(Mutation::BlindInsert)
        {
            return Arc::clone(theirs);
        }
        let room = entries.contains_key(&key) || entries.len() < self.capacity || self.evict(&mut entries);
        if room {
            entries.insert(key, Arc::clone(&mine));
        }
        mine
    }

    /// Removes an entry that nobody refers to; whether there was one.
    fn evict(&self, entries: &mut HashMap<K, Arc<G>>) -> bool {
        // interlock: GC.NoUseAfterEvict, GC.CapacityRespected
        let in_use_too = self.mutations.has(Mutation::EvictInUse);
        let unused = |(_, graph): &(&K, &Arc<G>)| Arc::strong_count(graph) == 1 || in_use_too;
        let victim = entries.iter().find(unused).map(|(key, _)| key.clone());
        victim.is_some_and(|key| entries.remove(&key).is_some())
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
