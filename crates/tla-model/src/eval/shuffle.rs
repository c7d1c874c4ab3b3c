//! Alternatives in a random order, for whoever wants one successor and not all of them.
//!
//! TLC's `-generate` draws a successor without enumerating the others. Here the enumeration is the same as ever, but
//! disjuncts, bound elements and values come in a random order, and the receiver stops at the first state. An action that
//! leads nowhere costs what was tried in vain, which no drawing can avoid. The draw is not uniform over the successors:
//! each choice is uniform among its alternatives that lead anywhere.
//!
//! Of a large set elements are drawn, and only if none of many leads anywhere are all tried in their order.

use super::Machine;
use super::action::{Continuation, Enumerated, Found};
use crate::error::Evaluated;
use crate::ir::{Binder, Node};
use crate::value::Value;

/// Sets with more elements than this are drawn from instead of shuffled.
const LARGE: u64 = 1_000;

/// Elements of a large set that are drawn before all of them are tried.
const DRAWS: u64 = 200;

impl<'m> Machine<'m> {
    fn shuffle<T>(&mut self, items: &mut [T]) {
        // Fisher and Yates, in Durstenfeld's form (1964).
        for last in (1..items.len()).rev() {
            items.swap(last, self.random_below(last as u64 + 1) as usize);
        }
    }

    /// Elements to try, in a random order; and whether all of them have to be tried after these.
    fn candidates(&mut self, set: &Value) -> Evaluated<(Vec<Value>, bool)> {
        if self.finite_size(set).is_some_and(|size| size > LARGE) {
            let mut drawn = Vec::new();
            for _ in 0..DRAWS {
                drawn.push(self.random_element(set)?);
            }
            return Ok((drawn, true));
        }
        let mut elements = self.element_vec(set)?;
        self.shuffle(&mut elements);
        Ok((elements, false))
    }

    pub(super) fn shuffled_or(
        &mut self,
        items: &'m [Node],
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let mut items: Vec<&'m Node> = items.iter().collect();
        self.shuffle(&mut items);
        items.into_iter().try_for_each(|item| self.act(item, rest, found))
    }

    pub(super) fn shuffled_exists(
        &mut self,
        binders: &'m [Binder],
        body: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let sets = self.binder_sets(binders)?;
        self.shuffled_bindings(binders, &sets, body, rest, found)
    }

    fn shuffled_bindings(
        &mut self,
        binders: &'m [Binder],
        sets: &[Value],
        body: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let (Some((binder, binders)), Some((set, sets))) = (binders.split_first(), sets.split_first()) else {
            return self.act(body, rest, found);
        };
        let (candidates, then_all) = self.candidates(set)?;
        for element in candidates {
            self.bind(&binder.pattern, element)?;
            self.shuffled_bindings(binders, sets, body, rest, found)?;
        }
        if then_all {
            let mut elements = self.elements(set)?;
            while let Some(element) = self.next_of(&mut elements)? {
                self.bind(&binder.pattern, element)?;
                self.shuffled_bindings(binders, sets, body, rest, found)?;
            }
        }
        Ok(())
    }

    pub(super) fn shuffled_in(
        &mut self,
        index: usize,
        set: &Value,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let (candidates, then_all) = self.candidates(set)?;
        for element in candidates {
            self.assign(index, element, rest, found)?;
        }
        if then_all {
            let mut elements = self.branches(set)?;
            while let Some(element) = self.next_of(&mut elements)? {
                self.assign(index, element, rest, found)?;
            }
        }
        Ok(())
    }
}
