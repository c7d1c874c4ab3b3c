//! What a caller can ask of a search.

use std::time::Duration;
use verdict::StoreKind;

/// Options of [`explore`](crate::explore). None of them but the limits and [`Options::continue_after_violation`] changes
/// what is found or counted.
#[derive(Debug, Clone)]
pub struct Options {
    /// Number of worker threads; zero is taken for one.
    pub workers: usize,
    /// Whether a state without any generated successor is a finding.
    pub check_deadlock: bool,
    /// Whether to go on after a violation or deadlock and report the first finding of each property.
    pub continue_after_violation: bool,
    /// How visited states are remembered.
    pub store: StoreKind,
    /// Seed of the keys of the fingerprint store.
    pub fingerprint_seed: u64,
    /// Stop at the first distinct state beyond this number.
    pub max_states: Option<u64>,
    /// Do not expand states of this level; initial states are level 1.
    pub max_depth: Option<u32>,
    /// Stop when the store and the system together hold more than this number of bytes. Where exactly the search stops
    /// then depends on timing.
    pub memory_budget: Option<u64>,
    /// Stack of each worker thread in bytes; reserved, not used. Evaluators recurse.
    pub stack_bytes: usize,
    /// Largest number of states that a worker takes at a time; zero is taken for one.
    pub block_size: u32,
    /// Levels that are expected to take longer than this are shared among the workers; a shorter one would be finished
    /// before the other threads are awake.
    pub share_levels_longer_than: Duration,
    /// Time between two progress events.
    pub progress_interval: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: 1,
            check_deadlock: true,
            continue_after_violation: false,
            store: StoreKind::Exact,
            fingerprint_seed: 0,
            max_states: None,
            max_depth: None,
            memory_budget: None,
            stack_bytes: 512 << 20,
            block_size: 256,
            share_levels_longer_than: Duration::from_micros(200),
            progress_interval: Duration::from_secs(1),
        }
    }
}
