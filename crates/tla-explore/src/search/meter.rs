//! Figures of the search in progress, and the switches that stop and pause it.
//!
//! Workers add to the figures once a block; a reader sees them a moment late. Nothing that is reported at the end is
//! taken from here.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};

/// Why a segment ends before its chunk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// The memory allowed is used up.
    Memory = 1,
    /// A checkpoint is due.
    Checkpoint = 2,
    /// The user wants the search to stop, after a checkpoint.
    Interrupt = 4,
}

/// Shared figures.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// The user wants the search to stop at once.
    halted: AtomicBool,
    /// Reasons to pause, as bits.
    paused: AtomicU8,
    level: AtomicU32,
    generated: AtomicU64,
    /// States in the store. Nothing is ever taken out, so blocks given up are included.
    distinct: AtomicU64,
    taken: AtomicU64,
    /// Number of checkpoints written.
    checkpoints: AtomicU64,
    /// Memory of desks.
    desk_bytes: AtomicU64,
    /// Memory of the frontier.
    frontier_bytes: AtomicU64,
}

impl Meter {
    /// Adds the figures of a block.
    pub(super) fn add_block(&self, generated: u64, distinct: u64, taken: u64) {
        self.generated.fetch_add(generated, Ordering::Relaxed);
        self.distinct.fetch_add(distinct, Ordering::Relaxed);
        self.taken.fetch_add(taken, Ordering::Relaxed);
    }

    /// Sets the figures to what was counted at the end of a segment.
    pub(super) fn begin_segment(&self, level: u32, generated: u64, distinct: u64, taken: u64) {
        self.level.store(level, Ordering::Relaxed);
        self.generated.store(generated, Ordering::Relaxed);
        self.distinct.store(distinct, Ordering::Relaxed);
        self.taken.store(taken, Ordering::Relaxed);
    }

    pub(super) fn level(&self) -> u32 {
        self.level.load(Ordering::Relaxed)
    }

    pub(super) fn generated(&self) -> u64 {
        self.generated.load(Ordering::Relaxed)
    }

    pub(super) fn distinct(&self) -> u64 {
        self.distinct.load(Ordering::Relaxed)
    }

    /// States taken up for expansion.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// States known but not yet expanded.
    pub(super) fn queue(&self) -> u64 {
        self.distinct().saturating_sub(self.taken())
    }

    /// Memory of desks and frontier.
    pub(super) fn bytes(&self) -> u64 {
        self.desk_bytes.load(Ordering::Relaxed) + self.frontier_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn change_desk_bytes(&self, from: u64, to: u64) {
        if to >= from {
            self.desk_bytes.fetch_add(to - from, Ordering::Relaxed);
        } else {
            self.desk_bytes.fetch_sub(from - to, Ordering::Relaxed);
        }
    }

    pub(super) fn set_frontier_bytes(&self, bytes: u64) {
        self.frontier_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Number of checkpoints written.
    pub(super) fn checkpoints(&self) -> u64 {
        self.checkpoints.load(Ordering::Relaxed)
    }

    pub(super) fn checkpoint_written(&self) {
        self.checkpoints.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the workers have to stop at once.
    pub(super) fn halted(&self) -> bool {
        self.halted.load(Ordering::Relaxed)
    }

    pub(super) fn halt(&self) {
        self.halted.store(true, Ordering::Relaxed);
    }

    /// Whether no further block is to be begun.
    pub(super) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed) != 0
    }

    /// Whether this is a reason for a pause.
    pub(super) fn is_paused_for(&self, pause: Pause) -> bool {
        self.paused.load(Ordering::Relaxed) & pause as u8 != 0
    }

    pub(super) fn pause(&self, pause: Pause) {
        // Looked at first, so that workers do not write to it all the time.
        if !self.is_paused_for(pause) {
            self.paused.fetch_or(pause as u8, Ordering::Relaxed);
        }
    }

    /// The reason was attended to.
    pub(super) fn resume(&self, pause: Pause) {
        self.paused.fetch_and(!(pause as u8), Ordering::Relaxed);
    }
}
