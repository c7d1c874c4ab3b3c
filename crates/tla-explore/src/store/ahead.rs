//! Looking for several states at once.
//!
//! What a lookup costs is waiting for memory: for the table's slot, then for the record that it leads to. The successors of a
//! state are known together, and so are those of the state after it. So while one state's successors are put into the store,
//! those of the next one are on their way: first their slots are asked for ([`Store::stage`]), and when these have arrived,
//! their records ([`Store::advance`]). Nobody waits for either.

use super::keys::Key;
use super::number::Position;
use super::{Hands, Store, tag};
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

impl Store {
    /// The state after the one that was being expanded is being expanded now. Asks for the records of its successors.
    #[inline]
    pub(crate) fn advance(&self, hands: &mut Hands) {
        let Hands { state, state_after, views, ahead, .. } = hands;
        state.refer_to_that_of(state_after);
        ahead.advance();
        for Coming { print, .. } in ahead.coming() {
            if let Some(print) = *print {
                let (slot, view) = self.seen(views, print);
                if !view.ask_for_record(&self.shape, tag(print)) {
                    // It looks new.
                    slot.ask_for_lock();
                }
            }
        }
    }

    /// Whether looking ahead pays: in an exact store whose identities are the states.
    pub(crate) fn looks_ahead(&self) -> bool {
        self.tree.is_some() && self.layout.identity_is_state
    }

    /// Takes the successors of the state after the one that is being expanded, and asks for their slots.
    #[inline]
    pub(crate) fn stage<'w>(&self, hands: &mut Hands, rows: impl Iterator<Item = &'w [u32]>) {
        let Some(tree) = &self.tree else { return };
        let Hands { state_after, cache, recent, views, ahead, .. } = hands;
        ahead.stage(rows);
        if state_after.fold_all(tree, cache, ahead.staged()).is_err() {
            return ahead.clear_after();
        }
        for root in state_after.roots() {
            let root = Key::new(root);
            recent.ask_for(root.as_ref());
            ahead.push(Coming { root, print: None, known: false });
        }
        // Their places among the states met lately have arrived, or will together.
        for (words, coming) in ahead.after_mut(self.layout.state_words) {
            if recent.has(coming.root.as_ref()) {
                continue;
            }
            let print = self.fingerprinter.fingerprint(words);
            self.seen(views, print).1.ask_for_slot(tag(print));
            coming.print = Some(print);
        }
    }

    /// Looks for the successors of the state that is being expanded, whose generations begin at this position.
    #[inline]
    pub(crate) fn look_ahead(&self, hands: &mut Hands, from: Position) {
        let Hands { views, ahead, .. } = hands;
        for Coming { root, print, known } in ahead.coming_mut() {
            if let Some(print) = *print {
                let (slot, view) = self.seen(views, print);
                *known = view.knows(&self.shape, tag(print), root.as_ref(), from);
                if !*known {
                    view.ask_for_next_record(&self.shape, slot.filled());
                }
            }
        }
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
