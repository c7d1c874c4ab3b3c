//! A budget of memory that several tools share: who would exceed it waits.

use std::sync::{Condvar, Mutex, PoisonError};

/// The budget.
#[derive(Debug)]
pub struct Budget {
    total: u64,
    taken: Mutex<u64>,
    given_back: Condvar,
}

/// A part of the budget, given back when dropped.
#[derive(Debug)]
pub struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    /// So many bytes; `None` for as many as anybody wants.
    pub fn new(total: Option<u64>) -> Self {
        Self { total: total.unwrap_or(u64::MAX), taken: Mutex::new(0), given_back: Condvar::new() }
    }

    /// Waits until so much is free. Who wants more than there is gets all of it.
    pub fn take(&self, bytes: u64) -> Share<'_> {
        let bytes = bytes.min(self.total);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken > self.total - bytes {
            taken = self.given_back.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken += bytes;
        Share { budget: self, bytes }
    }
}

impl Share<'_> {
    /// Its size.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.budget.taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.budget.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn the_budget_is_never_exceeded() {
        let budget = Budget::new(Some(10));
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for want in [3, 4, 5, 6, 7, 100] {
                let (budget, now, most) = (&budget, &now, &most);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let share = budget.take(want);
                        let held = now.fetch_add(share.bytes(), Ordering::SeqCst) + share.bytes();
                        most.fetch_max(held, Ordering::SeqCst);
                        now.fetch_sub(share.bytes(), Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 10, "who wants more than there is gets all of it");
    }
}
