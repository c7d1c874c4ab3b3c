//! The primitives that the protocols are built on: those of the standard library, or those of an explorer of schedules.
//!
//! With the feature `loom` every interleaving and every value that the memory model allows an atomic load to return is
//! explored within bounds; with `shuttle` random schedules are. The code of the cores is the same text in all three.

#[cfg(feature = "loom")]
pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};
#[cfg(all(feature = "shuttle", not(feature = "loom")))]
pub(crate) use shuttle::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};

use std::time::Duration;

/// Takes a mutex. A thread that panicked while it held it has not broken what it guards: the critical sections here
/// change plain data in steps that cannot panic, and a callback of a user is never called inside of one.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Waits for a notification until the deadline; the answer is whether there may be time left.
pub(crate) fn wait<'m, T>(
    condvar: &Condvar,
    guard: MutexGuard<'m, T>,
    deadline: &Deadline,
) -> (MutexGuard<'m, T>, bool) {
    let left = deadline.left();
    if left.is_zero() {
        return (guard, false);
    }
    let (guard, _) = condvar.wait_timeout(guard, left).unwrap_or_else(std::sync::PoisonError::into_inner);
    (guard, !deadline.left().is_zero())
}

/// When a wait gives up. Every wait of this crate has one.
///
/// Under an explorer of schedules time does not pass: there a wait that nobody ends is a deadlock, and found as one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    #[cfg(not(any(feature = "loom", feature = "shuttle")))]
    at: Option<std::time::Instant>,
    #[cfg(any(feature = "loom", feature = "shuttle"))]
    limit: Duration,
}

#[cfg(not(any(feature = "loom", feature = "shuttle")))]
impl Deadline {
    pub(crate) fn after(limit: Duration) -> Self {
        Self { at: std::time::Instant::now().checked_add(limit) }
    }

    pub(crate) fn left(&self) -> Duration {
        // A limit beyond what the clock can say is cut into hours; whoever waits asks again after each.
        let hour = Duration::from_secs(3600);
        self.at.map_or(hour, |at| at.saturating_duration_since(std::time::Instant::now()))
    }
}

#[cfg(any(feature = "loom", feature = "shuttle"))]
impl Deadline {
    pub(crate) fn after(limit: Duration) -> Self {
        Self { limit }
    }

    pub(crate) fn left(&self) -> Duration {
        self.limit
    }
}
