//! How often each expression is evaluated, and how long that takes.
//!
//! A machine counts only while it has a [`Tally`]. Without one, all that is left is a test for it where an expression is
//! not at hand anyway; the short cuts of [`super::peek`] are not taken while counting, since they would pass expressions
//! by. What an enumeration walks (the conjuncts of an action) is counted when it is walked; an assignment `x' = e` is
//! walked, its right-hand side is evaluated. Names, variables and literals are not counted, and neither is what a worker
//! evaluates once for the whole run (definitions of constant level).
//!
//! Reading a clock twice for each evaluation would cost more than most evaluations, so time is measured while some of the
//! states are expanded, see [`Machine::tally_state`]. Evaluations nest, hence a stack of those that are open; an action
//! does not nest with what is done with its successors, and its clock stands still then.

use super::Machine;
use crate::error::Evaluated;
use crate::ir::{Kind, Node};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Time is measured while one state in so many is expanded.
pub const TIMED: u64 = 8;

/// Numbers of the expressions that are counted, by the address of the node; several nodes may share a number.
pub type Numbers = FxHashMap<usize, u32>;

/// What was counted and measured; of one machine, or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Evaluations, by number.
    pub evaluations: Vec<u64>,
    /// Nanoseconds in the expression and what it consists of, by number; empty unless time was measured.
    pub total: Vec<u64>,
    /// Nanoseconds in the expression without the counted expressions that it consists of.
    pub own: Vec<u64>,
    /// Source states.
    pub states: u64,
    /// Source states for which time was measured.
    pub timed: u64,
}

impl Totals {
    fn new(size: usize, timing: bool) -> Self {
        let times = vec![0; if timing { size } else { 0 }];
        Self { evaluations: vec![0; size], total: times.clone(), own: times, states: 0, timed: 0 }
    }

    /// Adds what another machine counted of the same expressions.
    pub fn merge(&mut self, other: &Self) {
        let add = |mine: &mut Vec<u64>, theirs: &[u64]| {
            mine.resize(mine.len().max(theirs.len()), 0);
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        };
        add(&mut self.evaluations, &other.evaluations);
        add(&mut self.total, &other.total);
        add(&mut self.own, &other.own);
        self.states += other.states;
        self.timed += other.timed;
    }
}

/// An evaluation that has begun.
struct Open {
    number: u32,
    began: u64,
    /// Nanoseconds in evaluations inside of it.
    inside: u64,
}

/// The counts of one machine.
pub(super) struct Tally {
    numbers: Arc<Numbers>,
    totals: Totals,
    /// Whether time is measured at all, and at present.
    timing: bool,
    timed: bool,
    open: Vec<Open>,
    /// How often each expression is open.
    active: Vec<u32>,
    action: Option<Open>,
}

impl Tally {
    fn close(&mut self, now: u64) {
        let Some(done) = self.open.pop() else { return };
        let index = done.number as usize;
        let elapsed = now.saturating_sub(done.began);
        self.totals.own[index] += elapsed.saturating_sub(done.inside);
        self.active[index] = self.active[index].saturating_sub(1);
        if self.active[index] == 0 {
            self.totals.total[index] += elapsed;
        }
        if let Some(around) = self.open.last_mut().or(self.action.as_mut()) {
            around.inside += elapsed;
        }
    }

    fn close_action(&mut self, now: u64) -> Option<u32> {
        let done = self.action.take()?;
        let elapsed = now.saturating_sub(done.began);
        self.totals.total[done.number as usize] += elapsed;
        self.totals.own[done.number as usize] += elapsed.saturating_sub(done.inside);
        Some(done.number)
    }
}

/// Whether a node is counted where it is met.
pub fn is_counted(node: &Node) -> bool {
    !matches!(
        &node.kind,
        Kind::Bool(_)
            | Kind::Int(_)
            | Kind::String(_)
            | Kind::Model(_)
            | Kind::Constant(_)
            | Kind::ConstantDefinition(..)
            | Kind::Slot(_)
            | Kind::Variable(_)
            | Kind::Primed(_)
    )
}

impl<'m> Machine<'m> {
    /// Counts from now on, and measures time if that is asked for.
    pub fn begin_tally(&mut self, numbers: Arc<Numbers>, size: usize, timing: bool) {
        let active = vec![0; if timing { size } else { 0 }];
        let totals = Totals::new(size, timing);
        self.tally =
            Some(Box::new(Tally { numbers, totals, timing, timed: false, open: Vec::new(), active, action: None }));
    }

    /// Ends counting.
    pub fn end_tally(&mut self) -> Option<Totals> {
        self.tally.take().map(|tally| tally.totals)
    }

    /// Says that a state is taken up, or that the initial states are.
    pub fn tally_state(&mut self) {
        if let Some(tally) = &mut self.tally {
            tally.timed = tally.timing && tally.totals.states.is_multiple_of(TIMED);
            tally.totals.states += 1;
            tally.totals.timed += u64::from(tally.timed);
        }
    }

    pub(super) fn tallies(&self) -> bool {
        self.tally.is_some()
    }

    /// Evaluates a node, counted.
    #[cold]
    #[inline(never)]
    pub(super) fn counted<T>(
        &mut self,
        node: &'m Node,
        evaluate: impl FnOnce(&mut Self, &'m Node) -> Evaluated<T>,
    ) -> Evaluated<T> {
        let timed = self.count(node);
        let result = evaluate(self, node);
        if timed {
            let now = self.surroundings.clock();
            if let Some(tally) = &mut self.tally {
                tally.close(now);
            }
        }
        result
    }

    /// Counts an evaluation; whether it was opened for being timed.
    fn count(&mut self, node: &Node) -> bool {
        let Some(tally) = &mut self.tally else { return false };
        if self.constant_depth > 0 {
            return false;
        }
        let Some(number) = tally.numbers.get(&(std::ptr::from_ref(node) as usize)).copied() else { return false };
        tally.totals.evaluations[number as usize] += 1;
        if tally.timed {
            tally.active[number as usize] += 1;
            tally.open.push(Open { number, began: self.surroundings.clock(), inside: 0 });
        }
        tally.timed
    }

    /// Counts a node that an enumeration walks.
    #[cold]
    #[inline(never)]
    pub(super) fn count_walked(&mut self, node: &Node) {
        self.change_walked(node, |count| count + 1);
    }

    /// Takes back the count of a walked node that turns out to be a condition, which is evaluated.
    pub(super) fn uncount_walked(&mut self, node: &Node) {
        self.change_walked(node, |count| count.saturating_sub(1));
    }

    fn change_walked(&mut self, node: &Node, change: fn(u64) -> u64) {
        if let Some(tally) = &mut self.tally
            && self.constant_depth == 0
            && let Some(number) = tally.numbers.get(&(std::ptr::from_ref(node) as usize))
        {
            let count = &mut tally.totals.evaluations[*number as usize];
            *count = change(*count);
        }
    }

    /// The clock of an action runs.
    pub(super) fn begin_action(&mut self, node: &Node) {
        if let Some(tally) = &mut self.tally
            && tally.timed
            && tally.action.is_none()
            && tally.open.is_empty()
            && let Some(number) = tally.numbers.get(&(std::ptr::from_ref(node) as usize))
        {
            tally.action = Some(Open { number: *number, began: self.surroundings.clock(), inside: 0 });
        }
    }

    /// The clock of the action stops; returns what [`Machine::resume_action`] needs.
    pub fn pause_action(&mut self) -> Option<u32> {
        let tally = self.tally.as_mut().filter(|tally| tally.action.is_some())?;
        tally.close_action(self.surroundings.clock())
    }

    /// The clock of an action runs again.
    pub fn resume_action(&mut self, paused: Option<u32>) {
        if let (Some(tally), Some(number)) = (&mut self.tally, paused) {
            tally.action = Some(Open { number, began: self.surroundings.clock(), inside: 0 });
        }
    }

    /// Forgets evaluations that an error or a stop left open.
    pub(super) fn abandon_tally(&mut self) {
        if let Some(tally) = &mut self.tally {
            tally.open.clear();
            tally.active.fill(0);
            tally.action = None;
        }
    }
}
