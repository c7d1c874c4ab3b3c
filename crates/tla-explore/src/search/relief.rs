//! Making room when the memory allowed is used up.
//!
//! In this order: an exact store that keeps many pairs becomes a fingerprint store, once, if it may; then all states go to
//! disk, and what waits for its expansion does; then the search ends at its limit. An exact store whose pairs take little
//! room goes to disk as it is, since fingerprints would not be smaller: it stays exact.
//!
//! A search that was given more than it needs never comes here, and nothing that is decided here changes a count.

use super::leader::{Leader, ended_by, no_disk};
use super::meter::Pause;
use crate::lock::{read, written};
use crate::outcome::{Ended, Limit};
use crate::persist::Folder;
use crate::system::TransitionSystem;
use crate::trim::trim;
use std::io;
use verdict::Event;

/// What was done so far.
#[derive(Debug, Default)]
pub(super) struct Room {
    told_of_spill: bool,
}

/// Bytes that a fingerprint needs beyond a root.
const FINGERPRINT_EXTRA: u64 = 4;

/// After room was made, this share of the budget must be free, in sixteenths: otherwise the search would do little else.
const MUST_BE_FREE: u64 = 1;

impl<S: TransitionSystem> Leader<'_, '_, S> {
    /// Makes room if it is needed.
    pub(super) fn make_room(&mut self) -> Result<(), Ended> {
        let Some(budget) = self.shared.options.memory_budget else { return Ok(()) };
        self.shared.meter.resume(Pause::Memory);
        self.measure_frontier();
        if !self.shared.is_over_budget(&read(&self.shared.store)) {
            return Ok(());
        }
        let enough = budget - budget * MUST_BE_FREE / 16;
        if self.would_gain_from_fingerprints() {
            self.become_fingerprints().map_err(|error| ended_by(no_disk(&error)))?;
        }
        if self.held() > enough && self.may_spill() {
            self.spill().map_err(|error| ended_by(no_disk(&error)))?;
        }
        if self.held() > enough {
            return Err(Ended::Capacity(Limit::Memory(budget)));
        }
        Ok(())
    }

    fn measure_frontier(&self) {
        let chunk = read(&self.shared.round).chunk.bytes();
        self.shared.meter.set_frontier_bytes(chunk + self.current.bytes() + self.next.bytes());
    }

    /// Memory of everything.
    fn held(&self) -> u64 {
        self.measure_frontier();
        self.shared.bytes(&read(&self.shared.store)) + self.shared.system.memory_bytes()
    }

    fn would_gain_from_fingerprints(&self) -> bool {
        let store = read(&self.shared.store);
        let may = self.shared.options.may_fingerprint && store.kind() == verdict::StoreKind::Exact;
        if !may || store.has_spilled() {
            return false;
        }
        // States that wait for their expansion are then kept word by word.
        let waiting = self.current.len() + self.next.len() + read(&self.shared.round).chunk.len() as u64;
        let words = 4 * (self.shared.system.state_words() as u64).saturating_sub(store.kept_words() as u64);
        store.tree_bytes() > 2 * (store.resident() * FINGERPRINT_EXTRA + waiting * words)
    }

    fn become_fingerprints(&mut self) -> io::Result<()> {
        let mut store = written(&self.shared.store);
        let width = self.shared.system.state_words();
        let mut hands = store.hands();
        let mut whole = |kept: &[u32]| {
            let mut state = Vec::new();
            store.unfold(&mut hands, kept, &mut state);
            state
        };
        self.current.convert(width, self.folder.as_mut(), &mut whole)?;
        self.next.convert(width, self.folder.as_mut(), &mut whole)?;
        written(&self.shared.round).chunk.convert(width, &mut whole);
        store.become_fingerprints();
        let text = "memory is short: states are remembered by 128-bit fingerprints from here on".to_owned();
        self.events.send(Event::Warning { text });
        Ok(())
    }

    fn may_spill(&self) -> bool {
        self.folder.is_some() || self.shared.options.spill.is_some() || self.shared.options.checkpoint.is_some()
    }

    /// The folder for states, made when it is first needed.
    pub(super) fn folder(&mut self) -> io::Result<&mut Folder> {
        if self.folder.is_none() {
            let options = self.shared.options;
            let folder = match (&options.checkpoint, &options.spill) {
                (Some(checkpoint), _) => Folder::durable(&checkpoint.folder)?,
                (None, Some(path)) => Folder::passing(path)?,
                (None, None) => return Err(io::Error::new(io::ErrorKind::NotFound, "no folder was named")),
            };
            self.folder = Some(folder);
        }
        self.folder.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn spill(&mut self) -> io::Result<()> {
        let mut folder = self.folder.take();
        if folder.is_none() {
            self.folder()?;
            folder = self.folder.take();
        }
        let Some(mut folder) = folder else { return Ok(()) };
        if !std::mem::replace(&mut self.room.told_of_spill, true) {
            let text = format!("memory is short: states go to {}", folder.path().display());
            self.events.send(Event::Warning { text });
        }
        let result = self.spill_to(&mut folder);
        self.folder = Some(folder);
        result
    }

    fn spill_to(&mut self, folder: &mut Folder) -> io::Result<()> {
        {
            let mut store = written(&self.shared.store);
            // Moving a handful of states again and again would only make files.
            if store.resident() > 0 {
                store.spill(folder)?;
            }
        }
        let budget = self.shared.options.memory_budget.unwrap_or(u64::MAX);
        let waiting = self.current.bytes() + self.next.bytes();
        if waiting > budget / 4 || self.held() > budget / 2 {
            self.current.spill(folder)?;
            self.next.spill(folder)?;
        }
        for desk in &self.shared.desks {
            let mut desk = written(desk);
            desk.release();
            let bytes = desk.count_bytes();
            self.shared.meter.change_desk_bytes(desk.bytes, bytes);
            desk.bytes = bytes;
        }
        trim();
        Ok(())
    }
}
