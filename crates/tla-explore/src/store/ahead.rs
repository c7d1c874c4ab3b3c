//! Looking for several states at once.
//!
//! What a lookup costs is waiting for memory: for the table's slot, then for the record that it leads to. The successors of a
//! state are known together, and so are those of the state after it. So while one state's successors are put into the store,
//! those of the next one are on their way: first their slots are asked for ([`Store::stage`]), and when these have arrived,
//! their records ([`Store::reach`]). Nobody waits for either.
//!
//! [`Store::stage`]: super::Store::stage
//! [`Store::reach`]: super::Store::reach

use super::keys::Key;
use crate::hash::Fingerprint;

/// Most states that are looked for at once; the processor does not ask for more.
pub(super) const MOST: usize = 32;

/// A state that will be inserted soon.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coming {
    pub(super) root: Key,
    /// None if the worker met the state lately.
    pub(super) print: Option<Fingerprint>,
    /// The state belongs to a generation of an earlier source.
    pub(super) known: bool,
}

/// The successors of one state, in their order.
#[derive(Debug, Default)]
struct Batch {
    words: Vec<u32>,
    coming: Vec<Coming>,
    next: usize,
}

/// States that will be inserted soon: the successors of the state in work, and of the one after it.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    now: Batch,
    after: Batch,
}

impl Batch {
    fn clear(&mut self) {
        self.words.clear();
        self.coming.clear();
        self.next = 0;
    }
}

impl Ahead {
    /// The state after the one in work is in work now.
    pub(super) fn advance(&mut self) {
        std::mem::swap(&mut self.now, &mut self.after);
        self.after.clear();
    }

    /// Nothing is known.
    pub(super) fn clear(&mut self) {
        self.now.clear();
        self.after.clear();
    }

    /// Nothing is known of the state after the one in work.
    pub(super) fn clear_after(&mut self) {
        self.after.clear();
    }

    /// Adds a successor of the state after the one in work.
    pub(super) fn push(&mut self, words: &[u32], coming: Coming) {
        self.after.words.extend_from_slice(words);
        self.after.coming.push(coming);
    }

    /// The successors of the state in work.
    pub(super) fn coming(&self) -> &[Coming] {
        &self.now.coming
    }

    pub(super) fn coming_mut(&mut self) -> &mut [Coming] {
        &mut self.now.coming
    }

    /// What is known of a successor of the state in work. Those before it are not inserted: they are outside of the model.
    #[inline]
    pub(super) fn take(&mut self, words: &[u32]) -> Option<Coming> {
        let Batch { words: all, coming, next } = &mut self.now;
        while let Some(coming) = coming.get(*next) {
            let at = *next * words.len();
            *next += 1;
            if all.get(at..at + words.len()) == Some(words) {
                return Some(*coming);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::keys::Keys;

    #[test]
    fn states_are_taken_in_their_order() {
        let mut keys = Keys::default();
        keys.write(0, &[1, 2]);
        let coming = Coming { root: keys.get(0, 2).unwrap(), print: None, known: false };
        let mut ahead = Ahead::default();
        ahead.push(&[1, 2, 3], coming);
        ahead.push(&[4, 5, 6], coming);
        ahead.push(&[7, 8, 9], coming);
        assert!(ahead.take(&[1, 2, 3]).is_none(), "these are of the state after");
        ahead.advance();
        assert!(ahead.take(&[1, 2, 3]).is_some());
        assert!(ahead.take(&[7, 8, 9]).is_some());
        assert!(ahead.take(&[4, 5, 6]).is_none());
    }
}
