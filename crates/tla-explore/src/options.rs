//! What a caller can ask of a search.

use std::path::PathBuf;
use std::time::Duration;
use verdict::StoreKind;

/// How a search is saved.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// The folder; made if it does not exist.
    pub folder: PathBuf,
    /// Time between the end of one checkpoint and the beginning of the next.
    pub every: Duration,
    /// Whether to go on from the checkpoint in the folder.
    pub resume: bool,
    /// What is searched: names and contents, without line breaks. A checkpoint is resumed only if all are the same.
    pub subject: Vec<(String, String)>,
}

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
    /// Whether an exact store may become a fingerprint store when memory is short.
    pub may_fingerprint: bool,
    /// Seed of the keys of the fingerprint store.
    pub fingerprint_seed: u64,
    /// Stop at the first distinct state beyond this number.
    pub max_states: Option<u64>,
    /// Do not expand states of this level; initial states are level 1.
    pub max_depth: Option<u32>,
    /// Memory that the search and the system may hold together, in bytes. When it is used up, the store becomes a
    /// fingerprint store if it may, then states go to disk if there is a folder for them; if neither helps, the search
    /// stops, and where exactly depends on timing.
    pub memory_budget: Option<u64>,
    /// A folder that does not exist yet, for states that do not fit into memory. Removed at the end.
    pub spill: Option<PathBuf>,
    /// Whether and where the search is saved now and then. States that do not fit into memory go there too.
    pub checkpoint: Option<Checkpoint>,
    /// Stack of each worker thread in bytes; reserved, not used. Evaluators recurse.
    pub stack_bytes: usize,
    /// Largest number of states that a worker takes at a time; zero is taken for one.
    pub block_size: u32,
    /// Largest number of states that are expanded before results are put in order; zero is taken for one.
    pub chunk_size: u32,
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
            may_fingerprint: false,
            fingerprint_seed: 0,
            max_states: None,
            max_depth: None,
            memory_budget: None,
            spill: None,
            checkpoint: None,
            stack_bytes: 512 << 20,
            block_size: 4096,
            chunk_size: 1 << 20,
            share_levels_longer_than: Duration::from_micros(200),
            progress_interval: Duration::from_secs(1),
        }
    }
}
