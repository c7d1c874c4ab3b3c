//! The seen set after a search, for whoever needs the graph and not only the answer.

use crate::statistics::internal;
use crate::store::{StateNumber, Store};
use crate::system::{SystemError, Worker};
use crate::trace::words_of_path;

/// The states that a search stored.
#[derive(Debug)]
pub struct States {
    store: Store,
}

impl States {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Number of states. After a search that did not run to the end, states beyond its end may be among them.
    pub fn len(&self) -> u64 {
        self.store.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether some states are on disk alone. Those are not found by [`States::find`].
    pub fn are_partly_on_disk(&self) -> bool {
        self.store.has_spilled()
    }

    /// Number of the state with this identity, if it was stored.
    pub fn find(&self, identity: &[u32]) -> Option<StateNumber> {
        self.store.find(identity)
    }

    /// Words of a state; nothing in a fingerprint store.
    pub fn words(&self, number: StateNumber) -> Option<Vec<u32>> {
        self.store.read(number)
    }

    /// Hands over each state in memory, in no particular order; none of a fingerprint store.
    pub fn for_each(&self, visit: &mut dyn FnMut(&[u32])) {
        for number in self.store.numbers() {
            if let Some(words) = self.store.read(number) {
                visit(&words);
            }
        }
    }

    /// The state from which this one was first generated; none for an initial state.
    pub fn predecessor(&self, number: StateNumber) -> Option<StateNumber> {
        self.store.predecessor(number)
    }

    /// The shortest behavior that leads to a state.
    ///
    /// # Errors
    /// If the states of a fingerprint store cannot be enumerated again.
    pub fn trace(&self, worker: &mut impl Worker, number: StateNumber) -> Result<Vec<Vec<u32>>, Box<SystemError>> {
        let trace = words_of_path(&self.store, worker, &self.store.path(number))?;
        if trace.is_empty() { Err(Box::new(internal("a behavior without states".to_owned()))) } else { Ok(trace) }
    }
}
