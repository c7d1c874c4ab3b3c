//! Values of state-level definitions, remembered as long as the states stand.
//!
//! `token == LET … CHOOSE …` may be mentioned by every conjunct of a property, and the property be checked on every
//! step from a state. A definition without parameters whose value depends on the states alone (no printing, registers
//! or random choices) is therefore evaluated once for each source state, and once for each successor that is being
//! checked. The search says when a state begins and ends; outside of such a period nothing is remembered.

use super::{Machine, Target};
use crate::ir::Level;
use crate::value::Value;

/// What is remembered, and for which period.
pub struct Memory {
    entries: Vec<Option<(u64, Value)>>,
    periods: u64,
    /// The present source state; 0 if there is none.
    source: u64,
    /// The successor that is being checked, together with its source; 0 if there is none.
    successor: u64,
    /// Whether the successor stands in the place of the current state.
    swapped: bool,
}

impl Memory {
    pub(super) fn new(places: u32) -> Self {
        Self { entries: vec![None; 4 * places as usize], periods: 0, source: 0, successor: 0, swapped: false }
    }

    pub(super) fn swap(&mut self) {
        self.swapped = !self.swapped;
    }

    pub(super) fn forget(&mut self) {
        self.source = 0;
        self.successor = 0;
        self.swapped = false;
    }

    fn new_period(&mut self) -> u64 {
        self.periods += 1;
        self.periods
    }
}

impl Machine<'_> {
    /// The current state will stand until [`Machine::end_source`].
    pub fn begin_source(&mut self) {
        self.memory.source = self.memory.new_period();
    }

    /// The current state may change from here on.
    pub fn end_source(&mut self) {
        self.memory.forget();
    }

    /// Runs a function in another state, of which nothing is remembered.
    pub fn in_state<R>(&mut self, values: Vec<Option<Value>>, work: impl FnOnce(&mut Self) -> R) -> R {
        let memory = &mut self.memory;
        let periods = (memory.source, memory.successor, memory.swapped);
        memory.forget();
        let current = std::mem::replace(&mut self.current, values);
        let result = work(self);
        self.current = current;
        let memory = &mut self.memory;
        (memory.source, memory.successor, memory.swapped) = periods;
        result
    }

    /// The next state will stand until [`Machine::end_successor`].
    pub fn begin_successor(&mut self) {
        if self.memory.source != 0 {
            self.memory.successor = self.memory.new_period();
        }
    }

    /// The next state may change from here on.
    pub fn end_successor(&mut self) {
        self.memory.successor = 0;
    }

    /// The present source state and the successor that is being checked.
    pub(super) fn memory_periods(&self) -> (u64, u64) {
        (self.memory.source, self.memory.successor)
    }

    pub(super) fn set_memory_periods(&mut self, source: u64, successor: u64) {
        self.memory.source = source;
        self.memory.successor = successor;
    }

    /// The period for which a value computed now holds; 0 if it may not be remembered.
    pub(super) fn period(&self, level: Level) -> u64 {
        // Whoever records what a value depends on has to see it evaluated.
        if self.traced() {
            return 0;
        }
        match (level, self.target, self.memory.swapped) {
            (_, Target::Current, _) => 0,
            (Level::State, Target::Next | Target::Nothing, false) => self.memory.source,
            (Level::State, Target::Next | Target::Nothing, true) => self.memory.successor,
            (Level::Action, Target::Nothing, false) => self.memory.successor,
            (Level::Action, Target::Next, _) | (Level::Action, Target::Nothing, true) => 0,
            (Level::Constant | Level::Temporal, Target::Next | Target::Nothing, _) => 0,
        }
    }

    /// Values are remembered apart while vacuity marks are recorded: one that was computed without recording would
    /// leave its marks unset.
    fn memory_index(&self, place: u32) -> usize {
        4 * place as usize + 2 * usize::from(self.recording) + usize::from(self.memory.swapped)
    }

    pub(super) fn remembered(&self, place: u32, period: u64) -> Option<Value> {
        let index = self.memory_index(place);
        match &self.memory.entries[index] {
            Some((known, value)) if *known == period => Some(value.clone()),
            Some(_) | None => None,
        }
    }

    pub(super) fn remember(&mut self, place: u32, period: u64, value: &Value) {
        let index = self.memory_index(place);
        self.memory.entries[index] = Some((period, value.clone()));
    }
}
