//! From a state's number back to the behavior that leads to it.
//!
//! The exact store has every state's words. The fingerprint store has none of them; there the behavior is found again by enumerating once more along the numbers: the first generated state of the right fingerprint is the one
//! that was stored, because enumeration order is a function of the state alone.

use crate::statistics::internal;
use crate::store::{StateNumber, Store};
use crate::system::{Answer, Broken, Flow, Generated, Sink, Stop, SystemError, Worker};

/// Words of the states along a path that begins with an initial state.
///
/// # Errors
/// An internal error if a state is not found again.
pub(crate) fn words_of_path(
    store: &Store,
    worker: &mut impl Worker,
    path: &[StateNumber],
) -> Result<Vec<Vec<u32>>, Box<SystemError>> {
    let mut words = Vec::with_capacity(path.len());
    for number in path {
        match store.read(*number) {
            Some(state) => words.push(state),
            None => return enumerate_again(store, worker, path),
        }
    }
    Ok(words)
}

fn enumerate_again(
    store: &Store,
    worker: &mut impl Worker,
    path: &[StateNumber],
) -> Result<Vec<Vec<u32>>, Box<SystemError>> {
    let mut words: Vec<Vec<u32>> = Vec::with_capacity(path.len());
    for target in path {
        let mut seeker = Seeker { store, target: *target, found: None };
        worker.at_level(words.len() as u32);
        let result = match words.last() {
            None => worker.initial(&mut seeker),
            Some(state) => worker.successors(state, &mut seeker),
        };
        match (seeker.found, result) {
            (Some(state), _) => words.push(state),
            (None, Err(Stop::Error(error))) => return Err(error),
            (None, Ok(()) | Err(Stop::Requested)) => return Err(Box::new(lost())),
        }
    }
    Ok(words)
}

fn lost() -> SystemError {
    internal("a state of the behavior was not generated again; the order of enumeration is not stable".to_owned())
}

/// Looks for the generated state with a given number.
struct Seeker<'r> {
    store: &'r Store,
    target: StateNumber,
    found: Option<Vec<u32>>,
}

impl Sink for Seeker<'_> {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        if self.found.is_none() && state.in_model && self.store.is(self.target, state.identity) {
            self.found = Some(state.words.to_vec());
        }
        Answer::Known
    }

    fn broken(&mut self, _broken: Broken) -> Flow {
        // Only an action property can be broken here, and that was reported when the state was first generated.
        if self.found.is_some() { Flow::Stop } else { Flow::Continue }
    }
}
