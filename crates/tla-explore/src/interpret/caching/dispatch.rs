//! Which parts need not be walked in a state.
//!
//! Most actions are not enabled in most states, and one question tells: `pc[t]`. Actions that begin with the same
//! question share its answer. For each first question and answer a bit set says which parts are known to allow no step
//! then; what is left of all parts after one answer to each question is walked, in order. An entry states a fact about
//! its part, so it never has to be taken back.

use super::columns::{AnswerNumber, ProbeNumber};
use rustc_hash::FxHashMap;

/// Answers from this number on are not dispatched on.
const MOST_ANSWERS: AnswerNumber = 256;

struct FirstQuestion {
    variable: u32,
    question: ProbeNumber,
    /// For each answer, the parts that allow no step.
    silent: Vec<Vec<u64>>,
}

/// First questions of the parts of a next-state relation.
#[derive(Default)]
pub struct Dispatch {
    positions: FxHashMap<u32, usize>,
    words: usize,
    questions: Vec<FirstQuestion>,
}

impl Dispatch {
    /// For the parts with these numbers.
    pub fn new(parts: &[u32]) -> Self {
        let positions = parts.iter().enumerate().map(|(position, part)| (*part, position)).collect();
        Self { positions, words: parts.len().div_ceil(64), questions: Vec::new() }
    }

    /// Whether a part is one of those that are dispatched.
    pub fn covers(&self, part: u32) -> bool {
        self.positions.contains_key(&part)
    }

    /// Notes that a part allows no step where its only question has this answer.
    pub fn note_silent(&mut self, part: u32, variable: u32, question: ProbeNumber, answer: AnswerNumber) {
        let Some(position) = self.positions.get(&part) else { return };
        if answer >= MOST_ANSWERS {
            return;
        }
        let index = match self.questions.iter().position(|q| q.variable == variable && q.question == question) {
            Some(index) => index,
            None => {
                self.questions.push(FirstQuestion { variable, question, silent: Vec::new() });
                self.questions.len() - 1
            }
        };
        let silent = &mut self.questions[index].silent;
        if silent.len() <= answer as usize {
            silent.resize(answer as usize + 1, Vec::new());
        }
        let mask = &mut silent[answer as usize];
        mask.resize(self.words, 0);
        mask[position / 64] |= 1 << (position % 64);
    }

    /// Fills the set of parts that may allow a step, given what answers the first questions.
    pub fn select(&self, set: &mut Vec<u64>, mut answer: impl FnMut(u32, ProbeNumber) -> AnswerNumber) {
        set.clear();
        set.resize(self.words, u64::MAX);
        let extra = self.words * 64 - self.positions.len();
        if let Some(last) = set.last_mut() {
            *last >>= extra;
        }
        for question in &self.questions {
            let answer = answer(question.variable, question.question);
            if let Some(silent) = question.silent.get(answer as usize) {
                for (word, mask) in set.iter_mut().zip(silent) {
                    *word &= !mask;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(dispatch: &Dispatch, answer: AnswerNumber) -> Vec<usize> {
        let mut set = Vec::new();
        dispatch.select(&mut set, |_, _| answer);
        (0..64 * set.len()).filter(|bit| set[bit / 64] >> (bit % 64) & 1 == 1).collect()
    }

    #[test]
    fn a_part_is_left_out_only_where_it_is_known_to_be_silent() {
        let parts: Vec<u32> = (100..170).collect();
        let mut dispatch = Dispatch::new(&parts);
        assert_eq!(selected(&dispatch, 1).len(), 70);
        dispatch.note_silent(103, 0, 7, 1);
        dispatch.note_silent(169, 0, 7, 1);
        dispatch.note_silent(99, 0, 7, 1);
        let left = selected(&dispatch, 1);
        assert_eq!(left.len(), 68);
        assert!(!left.contains(&3) && !left.contains(&69));
        assert_eq!(selected(&dispatch, 2).len(), 70);
    }
}
