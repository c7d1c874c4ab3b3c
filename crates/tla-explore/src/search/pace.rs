//! How a level is shared among the workers.
//!
//! Waking the helpers costs some ten microseconds, so a level that the leader finishes sooner alone is not shared. The
//! cost of a state is estimated from the levels before. Only speed depends on this.

use std::time::{Duration, Instant};

/// How a level is to be expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Whether the helpers take part.
    pub(super) shared: bool,
    /// States in a block.
    pub(super) block_size: u32,
}

/// Estimates of cost.
#[derive(Debug)]
pub(super) struct Pace {
    threshold: Duration,
    /// Seconds of work for one state.
    cost: f64,
    began: Instant,
    states: usize,
    plan: Plan,
}

impl Pace {
    pub(super) fn new(threshold: Duration) -> Self {
        let plan = Plan { shared: false, block_size: 1 };
        Self { threshold, cost: 10e-6, began: Instant::now(), states: 0, plan }
    }

    /// Plans a level of so many states; its time begins now.
    pub(super) fn plan(&mut self, states: usize, helpers: usize, largest_block: u32) -> Plan {
        let shared = helpers > 0 && self.cost * states as f64 >= self.threshold.as_secs_f64();
        // About eight blocks for each worker even out differences between states.
        let even = if shared { states / (8 * (helpers + 1)) } else { states };
        let largest = (largest_block as usize).max(1);
        let block_size = even.clamp(1, largest) as u32;
        self.began = Instant::now();
        self.states = states;
        self.plan = Plan { shared, block_size };
        self.plan
    }

    /// The planned level is done.
    pub(super) fn finish(&mut self, helpers: usize) {
        let workers = if self.plan.shared { helpers + 1 } else { 1 };
        let cost = self.began.elapsed().as_secs_f64() * workers as f64 / self.states.max(1) as f64;
        self.cost = (self.cost + cost) / 2.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_levels_stay_with_the_leader() {
        let mut pace = Pace::new(Duration::from_micros(200));
        assert!(!pace.plan(10, 3, 256).shared);
        assert_eq!(pace.plan(1000, 3, 256), Plan { shared: true, block_size: 31 });
        assert_eq!(pace.plan(100_000, 3, 256).block_size, 256);
    }

    #[test]
    fn nothing_is_shared_without_helpers() {
        assert_eq!(Pace::new(Duration::ZERO).plan(1000, 0, 256), Plan { shared: false, block_size: 256 });
    }

    #[test]
    fn a_block_holds_at_least_one_state() {
        assert_eq!(Pace::new(Duration::ZERO).plan(3, 7, 0), Plan { shared: true, block_size: 1 });
    }
}
