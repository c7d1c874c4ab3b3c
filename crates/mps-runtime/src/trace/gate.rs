//! Takes the threads of a run through their steps, one step at a time, each when it is told to.
//!
//! A step asks for a stamp before it begins and is recorded after it has taken effect. A gate holds every thread where it
//! asks, and lets the one go that a test names, until that one has recorded a step. So a test can take an implementation
//! along a behavior of its specification, interleaving and all.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Turns {
    /// Nobody is held any more.
    open: bool,
    /// Threads that are held.
    held: BTreeSet<String>,
    /// The one that may go.
    called: Option<String>,
    /// Steps that were recorded.
    steps: usize,
}

/// A gate before each step.
#[derive(Default)]
pub(super) struct Gate {
    turns: Mutex<Turns>,
    changed: Condvar,
}

impl Gate {
    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a thread that is about to take a step until it is called.
    pub(super) fn hold(&self, thread: &str) {
        let mut turns = self.turns();
        if !turns.open {
            turns.held.insert(thread.to_owned());
            self.changed.notify_all();
        }
        while !turns.open && turns.called.as_deref() != Some(thread) {
            turns = self.changed.wait(turns).unwrap_or_else(PoisonError::into_inner);
        }
        turns.called = None;
        turns.held.remove(thread);
    }

    /// A step was recorded.
    pub(super) fn stepped(&self) {
        self.turns().steps += 1;
        self.changed.notify_all();
    }

    /// Lets a thread go on until it has recorded a step; whether it has, within the limit.
    pub(super) fn call(&self, thread: &str, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut turns = self.turns();
        let before = turns.steps;
        while turns.steps == before {
            if turns.called.is_none() && turns.held.contains(thread) {
                turns.called = Some(thread.to_owned());
                self.changed.notify_all();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            (turns, _) = self.changed.wait_timeout(turns, left).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// Holds nobody any more.
    pub(super) fn open(&self) {
        self.turns().open = true;
        self.changed.notify_all();
    }
}
