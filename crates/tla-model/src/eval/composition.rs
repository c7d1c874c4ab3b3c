//! The composition of actions: `A \cdot B`.
//!
//! A step of `A \cdot B` goes from a state to another one through an intermediate state: `A` leads there and `B` leads on
//! (*Specifying Systems*, section 7.3). The intermediate state is one that `A` describes: a variable to which `A` gives no
//! value has none in it, and if `B` reads such a variable, that is an error rather than a guess. All intermediate states
//! are found before the first one is left, and each counts as generated, because TLC does it so; those of a composition
//! inside of another one, under `ENABLED` or in a property do not count.
//!
//! While `B` is enumerated the intermediate state is the current one. What follows the composition in a conjunction
//! speaks of the state before it again, which is then put back ([`Continuation::Composed`]).

use super::action::{Continuation, Enumerated, Found, Halt};
use super::{Machine, Target};
use crate::error::Evaluated;
use crate::ir::Node;
use crate::value::Value;
use std::cell::RefCell;

/// A row of values, one for each variable.
type State = Vec<Option<Value>>;

/// The state before a composition.
pub(super) struct Start {
    state: RefCell<State>,
    source: u64,
    successor: u64,
    /// Whether it stands inside of another composition.
    inner: bool,
}

impl<'m> Machine<'m> {
    /// How many intermediate states were passed since this was asked last.
    pub fn take_passed(&mut self) -> u64 {
        std::mem::take(&mut self.passed)
    }

    /// `A \cdot B` as an action.
    pub(super) fn act_compose(
        &mut self,
        first: &'m Node,
        second: &'m Node,
        rest: &Continuation<'_, 'm>,
        found: Found<'_, 'm>,
    ) -> Enumerated {
        let states = self.intermediate(first)?;
        if !self.composing {
            self.passed += states.len() as u64;
        }
        for middle in states {
            let start = self.go_on_from(middle);
            let result = self.act(second, &Continuation::Composed(&start, rest), found);
            self.go_back_to(&start);
            result?;
        }
        Ok(())
    }

    /// The end of `B`: what is left of the conjunction speaks of the state before `A`.
    pub(super) fn composed(&mut self, start: &Start, rest: &Continuation<'_, 'm>, found: Found<'_, 'm>) -> Enumerated {
        let (source, successor) = self.memory_periods();
        let composing = self.composing;
        self.go_back_to(start);
        let result = self.resume(rest, found);
        self.exchange(start);
        self.set_memory_periods(source, successor);
        self.composing = composing;
        result
    }

    /// `A \cdot B` of two given states.
    pub(super) fn is_composed(&mut self, first: &'m Node, second: &'m Node) -> Evaluated<bool> {
        self.note_volatile_read();
        for middle in self.intermediate(first)? {
            let start = self.go_on_from(middle);
            let result = self.eval_bool(second);
            self.go_back_to(&start);
            if result? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The states to which an action leads from the current one.
    fn intermediate(&mut self, action: &'m Node) -> Evaluated<Vec<State>> {
        let places = self.next.len();
        let next = std::mem::replace(&mut self.next, vec![None; places]);
        let target = std::mem::replace(&mut self.target, Target::Next);
        let unassigned = std::mem::replace(&mut self.unassigned, places);
        let splitting = std::mem::replace(&mut self.splitting, false);
        let composing = std::mem::replace(&mut self.composing, true);
        let variables = self.variables;
        let mut states = Vec::new();
        let result = self.act(action, &Continuation::Done, &mut |machine| {
            states.push(machine.next[..variables].to_vec());
            super::set::within_limit(states.len() as u64)?;
            Ok(())
        });
        self.splitting = splitting;
        self.composing = composing;
        self.next = next;
        self.target = target;
        self.unassigned = unassigned;
        match result {
            Ok(()) | Err(Halt::Stop) => Ok(states),
            Err(Halt::Error(error)) => Err(error),
        }
    }

    fn go_on_from(&mut self, middle: State) -> Start {
        let state = RefCell::new(std::mem::replace(&mut self.current, middle));
        let (source, successor) = self.memory_periods();
        // What was remembered of the state before does not hold in this one.
        self.set_memory_periods(0, 0);
        let inner = std::mem::replace(&mut self.composing, true);
        Start { state, source, successor, inner }
    }

    fn go_back_to(&mut self, start: &Start) {
        self.exchange(start);
        self.set_memory_periods(start.source, start.successor);
        self.composing = start.inner;
    }

    fn exchange(&mut self, start: &Start) {
        std::mem::swap(&mut self.current, &mut *start.state.borrow_mut());
    }
}
