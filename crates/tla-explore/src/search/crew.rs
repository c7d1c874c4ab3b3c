//! The threads that help the leader.
//!
//! Helpers sleep between rounds. A round is announced by its number; the leader waits until every helper has put its
//! work down, so the round's data can be written between rounds without further care.

use crate::lock::locked;
use std::sync::{Condvar, Mutex, PoisonError};

#[derive(Debug, Default)]
struct State {
    /// Number of the latest round.
    round: u64,
    /// Helpers that are alive.
    helpers: usize,
    /// Helpers that work on the round.
    running: usize,
    /// No round will follow.
    dismissed: bool,
    /// What a helper that broke down said.
    breakdown: Option<String>,
}

/// The meeting place of leader and helpers.
#[derive(Debug, Default)]
pub(crate) struct Crew {
    state: Mutex<State>,
    /// A round was announced, or the crew dismissed.
    announced: Condvar,
    /// The last helper put its work down.
    finished: Condvar,
}

impl Crew {
    /// A helper joins, before its thread is started.
    pub(crate) fn join(&self) {
        locked(&self.state).helpers += 1;
    }

    /// A helper leaves: its thread could not be started, or it broke down.
    pub(crate) fn leave(&self, breakdown: Option<String>) {
        let mut state = locked(&self.state);
        state.helpers -= 1;
        state.breakdown = state.breakdown.take().or(breakdown);
    }

    pub(crate) fn helpers(&self) -> usize {
        locked(&self.state).helpers
    }

    /// What a helper that broke down said.
    pub(crate) fn breakdown(&self) -> Option<String> {
        locked(&self.state).breakdown.clone()
    }

    /// Announces a round, does the leader's part of it and waits for the helpers.
    pub(crate) fn work_together(&self, part: impl FnOnce()) {
        {
            let mut state = locked(&self.state);
            state.round += 1;
            state.running = state.helpers;
            self.announced.notify_all();
        }
        part();
        let mut state = locked(&self.state);
        while state.running > 0 {
            state = self.finished.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for a round after the one given. False if there is none.
    pub(crate) fn await_round(&self, latest: &mut u64) -> bool {
        let mut state = locked(&self.state);
        while state.round == *latest && !state.dismissed {
            state = self.announced.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let is_new = state.round != *latest;
        *latest = state.round;
        is_new
    }

    /// A helper has put its work down.
    pub(crate) fn put_down(&self) {
        let mut state = locked(&self.state);
        state.running -= 1;
        if state.running == 0 {
            self.finished.notify_one();
        }
    }

    /// Sends the helpers home.
    pub(crate) fn dismiss(&self) {
        locked(&self.state).dismissed = true;
        self.announced.notify_all();
    }
}
