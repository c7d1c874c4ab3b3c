//! Work that ends when somebody says so.
//!
//! A query may take long, and who asks it cannot look up from it. A thread beside the work looks whether to stop, and ends the
//! queries of the solvers that work with the given [`Means`]; the work itself asks [`Stopped`] between queries.

use crate::engine::Watch;
use crate::solver::Means;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often it is asked whether to stop.
const POLL: Duration = Duration::from_millis(10);

/// Stops when somebody says so, or when a flag is set: another engine has decided.
pub struct Stopped<'a> {
    /// Who may say so.
    pub watch: &'a dyn Watch,
    /// The flag.
    pub flag: &'a AtomicBool,
}

impl Watch for Stopped<'_> {
    fn stopped(&self) -> bool {
        self.flag.load(Ordering::Relaxed) || self.watch.stopped()
    }

    fn progress(&self, engine: &'static str, text: &str) {
        self.watch.progress(engine, text);
    }
}

/// Sets a flag when it goes out of scope, by a panic too: nobody is to wait for the thread beside the work then.
struct Over<'f>(&'f AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Does some work whose queries end when somebody says so.
pub fn until_stopped<T>(watch: &dyn Watch, means: &[Means], work: impl FnOnce() -> T) -> T {
    let flag = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !flag.load(Ordering::Relaxed) {
                if watch.stopped() {
                    means.iter().for_each(Means::end);
                }
                std::thread::sleep(POLL);
            }
        });
        let _over = Over(&flag);
        work()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(bool);

    impl Watch for Always {
        fn stopped(&self) -> bool {
            self.0
        }

        fn progress(&self, _engine: &'static str, _text: &str) {}
    }

    #[test]
    fn queries_are_ended_when_somebody_says_so() {
        let means = [Means::default(), Means::default()];
        until_stopped(&Always(true), &means, || {
            while !means.iter().all(|one| one.stop.load(Ordering::Relaxed)) {
                std::thread::yield_now();
            }
        });
        let means = [Means::default()];
        assert_eq!(until_stopped(&Always(false), &means, || 7), 7);
        assert!(!means[0].stop.load(Ordering::Relaxed));
    }

    #[test]
    fn a_panic_of_the_work_is_not_waited_for() {
        let panicked = std::panic::catch_unwind(|| until_stopped(&Always(false), &[], || panic!("on purpose")));
        assert!(panicked.is_err());
    }
}
