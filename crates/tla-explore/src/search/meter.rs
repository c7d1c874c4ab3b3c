//! Figures of the search in progress, and the switch that stops it.
//!
//! Workers add to the figures once a block; a reader sees them a moment late. Nothing that is reported at the end is
//! taken from here.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

const RUNNING: u8 = 0;
const INTERRUPTED: u8 = 1;
const OUT_OF_MEMORY: u8 = 2;

/// Why the workers were told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Halt {
    Interrupted,
    Memory,
}

/// Shared figures.
#[derive(Debug, Default)]
pub(super) struct Meter {
    halt: AtomicU8,
    level: AtomicU32,
    generated: AtomicU64,
    /// States in the store. Nothing is ever taken out, so blocks given up are included.
    distinct: AtomicU64,
    taken: AtomicU64,
    /// Memory of frontier and desks.
    bytes: AtomicU64,
}

impl Meter {
    /// Adds the figures of a block.
    pub(super) fn add_block(&self, generated: u64, distinct: u64, taken: u64) {
        self.generated.fetch_add(generated, Ordering::Relaxed);
        self.distinct.fetch_add(distinct, Ordering::Relaxed);
        self.taken.fetch_add(taken, Ordering::Relaxed);
    }

    /// Sets the figures to what was counted at the end of a level.
    pub(super) fn begin_level(&self, level: u32, generated: u64, distinct: u64, taken: u64) {
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

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn change_bytes(&self, from: u64, to: u64) {
        if to >= from {
            self.bytes.fetch_add(to - from, Ordering::Relaxed);
        } else {
            self.bytes.fetch_sub(from - to, Ordering::Relaxed);
        }
    }

    /// Whether the workers have to stop.
    pub(super) fn halted(&self) -> bool {
        self.halt.load(Ordering::Relaxed) != RUNNING
    }

    pub(super) fn halt(&self) -> Option<Halt> {
        match self.halt.load(Ordering::Relaxed) {
            RUNNING => None,
            INTERRUPTED => Some(Halt::Interrupted),
            _ => Some(Halt::Memory),
        }
    }

    pub(super) fn interrupt(&self) {
        self.halt.fetch_max(INTERRUPTED, Ordering::Relaxed);
    }

    pub(super) fn halt_for_memory(&self) {
        self.halt.fetch_max(OUT_OF_MEMORY, Ordering::Relaxed);
    }
}
