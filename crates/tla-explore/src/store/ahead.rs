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
const MOST: usize = 32;

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

    /// Takes the first successors of the state after the one in work.
    pub(super) fn stage<'w>(&mut self, rows: impl Iterator<Item = &'w [u32]>) {
        rows.take(MOST).for_each(|words| self.after.words.extend_from_slice(words));
    }

    /// Their words.
    pub(super) fn staged(&self) -> &[u32] {
        &self.after.words
    }

    /// Adds what is known of the next of them.
    pub(super) fn push(&mut self, coming: Coming) {
        self.after.coming.push(coming);
    }

    /// The successors of the state after the one in work, of so many words each.
    pub(super) fn after_mut(&mut self, width: usize) -> impl Iterator<Item = (&[u32], &mut Coming)> {
        let Batch { words, coming, .. } = &mut self.after;
        words.chunks_exact(width.max(1)).zip(coming)
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
        let rows: [&[u32]; 3] = [&[1, 2, 3], &[4, 5, 6], &[7, 8, 9]];
        ahead.stage(rows.into_iter());
        rows.iter().for_each(|_| ahead.push(coming));
        assert!(ahead.take(&[1, 2, 3]).is_none(), "these are of the state after");
        ahead.advance();
        assert!(ahead.take(&[1, 2, 3]).is_some());
        assert!(ahead.take(&[7, 8, 9]).is_some());
        assert!(ahead.take(&[4, 5, 6]).is_none());
    }
}
