//! What a task comes to as options of a search: workers, store, and how much memory is left for states.

use super::TlaEngine;
use crate::cli::Store;
use tla_explore::interpret::Interpreted;
use tla_explore::liveness::LivenessOptions;
use tla_explore::{Exploration, Options};
use verdict::{Context, StoreKind};

/// What a worker holds beside states, in bytes: what it met lately, its evaluator's caches, the shards as it saw them last.
const WORKER_BYTES: u64 = 2 << 20;

/// What the search takes beside that before the first million states: the interpreter's head start, generated code.
const START_BYTES: u64 = 16 << 20;

/// What is left for states of the memory that the whole process may take. The program itself and the specification are
/// there already, a sixteenth is lost between what is allocated, and an eighth is needed while states go to disk; half is left
/// in any case, since a search with next to nothing would only spill.
fn for_states(asked: u64, workers: usize) -> u64 {
    let others = stress::growth::resident().unwrap_or(0).saturating_add(workers as u64 * WORKER_BYTES + START_BYTES);
    let left = asked.saturating_sub(others);
    (left - left / 16 * 3).max(asked / 2)
}

/// Most states of a segment of the search: what it needs while it is put in order is a small part of the memory.
fn states_of_a_segment(for_states: u64) -> u32 {
    const BYTES_OF_A_STATE: u64 = 100;
    let most = for_states / 16 / BYTES_OF_A_STATE;
    u32::try_from(most).unwrap_or(u32::MAX).clamp(1 << 14, 1 << 20)
}

impl TlaEngine {
    pub(super) fn options(&self, context: &Context<'_>) -> Options {
        let alone = self.task.measured.any() || Interpreted::may_end_the_search(&self.model);
        let memory_budget = context.memory_bytes.map(|asked| for_states(asked, context.workers));
        Options {
            workers: if alone { 1 } else { context.workers },
            check_deadlock: self.model.check_deadlock,
            continue_after_violation: self.task.go_on,
            store: match self.task.store {
                Store::Auto | Store::Exact => StoreKind::Exact,
                Store::Fingerprint => StoreKind::Fingerprint128,
            },
            may_fingerprint: self.task.store == Store::Auto,
            spill: Some(self.task.persistence.spill_folder()),
            checkpoint: self.checkpoint(),
            max_depth: self.task.max_depth,
            memory_budget,
            chunk_size: memory_budget.map_or(Options::default().chunk_size, states_of_a_segment),
            ..Options::default()
        }
    }

    pub(super) fn liveness_options(&self, context: &Context<'_>, exploration: &Exploration) -> LivenessOptions {
        let used = exploration.resources.store_bytes + exploration.resources.system_bytes;
        LivenessOptions {
            workers: context.workers,
            allow_unsound: self.task.liveness_under_reduction,
            memory_budget: context.memory_bytes.map(|bytes| bytes.saturating_sub(used)),
            ..LivenessOptions::default()
        }
    }
}
