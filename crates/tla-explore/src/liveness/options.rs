//! What a caller can ask of a check of liveness.

/// Options of [`check`](super::check). None of them changes what is found.
#[derive(Debug, Clone)]
pub struct LivenessOptions {
    /// Number of worker threads; zero is taken for one.
    pub workers: usize,
    /// Whether a property that holds under a symmetry, view or constraint is reported as holding there, as TLC does.
    /// Otherwise it is declined: behaviors that were left out may violate it.
    pub allow_unsound: bool,
    /// Give up when the graph holds more than this number of bytes.
    pub memory_budget: Option<u64>,
    /// Stack of each thread in bytes; reserved, not used. Evaluators recurse.
    pub stack_bytes: usize,
}

impl Default for LivenessOptions {
    fn default() -> Self {
        Self { workers: 1, allow_unsound: false, memory_budget: None, stack_bytes: 512 << 20 }
    }
}
