//! What identifies a state where a view and a symmetry are in force together: the view of the least state of the orbit.
//!
//! Which state of an orbit is taken matters here. States with one view may differ in what the view hides, and then the
//! least states of their orbits may have views that are images of each other and not equal. So the least is TLC's: by the
//! values of the variables, in TLC's order of variables and of values ([`tla_model::value::order`]). There is no short
//! cut as in [`orbit`](tla_model::value::orbit); every permutation is looked at, as in TLC.

use super::caching::Values;
use super::symmetry::Renamings;
use super::worker::Book;
use std::cmp::Ordering;
use tla_model::error::Evaluated;
use tla_model::eval::Machine;
use tla_model::value::Value;

/// All permutations of a symmetry, with what a worker remembers of them.
pub(super) struct Viewed {
    permutations: Vec<Value>,
    renamings: Renamings,
}

impl Viewed {
    /// The group that a set of permutations generates.
    pub(super) fn new(machine: &mut Machine<'_>, set: &Value) -> Evaluated<Self> {
        Ok(Self { permutations: machine.listed_elements(set)?, renamings: Renamings::default() })
    }

    /// Makes the words of a state those of the least state of its orbit.
    pub(super) fn least<'a>(
        &mut self,
        machine: &mut Machine<'a>,
        book: &mut Book<'a>,
        words: &mut Vec<u32>,
    ) -> Evaluated<()> {
        self.renamings.bound();
        let original = words.clone();
        let mut image = Vec::with_capacity(words.len());
        for (number, by) in self.permutations.iter().enumerate() {
            let key = (number as u32).to_le_bytes();
            self.renamings.rename(machine, book, &key, |_| Ok(by.clone()), &original, &mut image)?;
            if is_less(machine, book, &image, words)? {
                std::mem::swap(&mut image, words);
            }
        }
        Ok(())
    }
}

/// Whether a state comes before another in the order of values.
fn is_less<'a>(machine: &mut Machine<'a>, book: &mut Book<'a>, one: &[u32], other: &[u32]) -> Evaluated<bool> {
    for variable in &book.system.model.order_in_tlc {
        let (x, y) = (one[*variable], other[*variable]);
        if x == y {
            continue;
        }
        let (x, y) = (book.known.value_of(x), book.known.value_of(y));
        match machine.compare(&x, &y)? {
            Ordering::Equal => {}
            ordering => return Ok(ordering.is_lt()),
        }
    }
    Ok(false)
}
