//! What holds of a state or step that was found: constraints, invariants, properties.
//!
//! Of a successor a formula is looked up first among what was recorded ([`caching`](crate::interpret::caching)); it is
//! evaluated where nothing recorded fits.

use super::book::Book;
use crate::interpret::caching::{About, Cache};
use crate::system::{Broken, Flow, Phase, Sink};
use std::sync::atomic::Ordering;
use tla_model::error::Evaluated;
use tla_model::eval::Machine;
use tla_model::eval::action::Halt;
use tla_model::ir::{DefinitionId, Node};
use tla_model::model::Formula;

impl<'a> Book<'a> {
    fn holds(&mut self, machine: &mut Machine<'a>, formula: &'a Formula) -> Evaluated<bool> {
        machine.holds_in(formula.owner, &formula.node)
    }

    pub(super) fn in_model(&mut self, machine: &mut Machine<'a>, next: bool, cache: &mut Cache) -> Evaluated<bool> {
        let system = self.system;
        let mut number = system.conjuncts.len();
        for constraint in &system.model.constraints {
            let formula = &constraint.formula;
            let about = About::Successor { marks: false };
            if !self.judge(machine, next, number, (formula.owner, &formula.node), about, cache)? {
                return Ok(false);
            }
            number += 1;
        }
        if next {
            for constraint in &system.model.action_constraints {
                let formula = &constraint.formula;
                if !self.judge(machine, next, number, (formula.owner, &formula.node), About::Step, cache)? {
                    return Ok(false);
                }
                number += 1;
            }
        }
        Ok(true)
    }

    /// Whether a formula holds of the state or step that was found: as recorded, or else by evaluation.
    fn judge(
        &mut self,
        machine: &mut Machine<'a>,
        next: bool,
        number: usize,
        (owner, node): (DefinitionId, &'a Node),
        about: About,
        cache: &mut Cache,
    ) -> Evaluated<bool> {
        if next {
            if let Some(truth) = cache.judge(machine, self, number, (owner, node), about) {
                return Ok(truth);
            }
            self.stand_on_step(machine);
        }
        match about {
            About::Successor { marks } => checking_state(machine, next, |machine| {
                machine.recording = marks;
                let result = machine.holds_in(owner, node);
                machine.recording = false;
                result
            }),
            About::Step => machine.checking(false, |machine| machine.holds_in(owner, node)),
        }
    }

    pub(super) fn check_state<S: Sink>(
        &mut self,
        machine: &mut Machine<'a>,
        next: bool,
        cache: &mut Cache,
        sink: &mut S,
    ) -> Result<(), Halt> {
        let system = self.system;
        // Only a state that satisfies every invariant lets its successors off; see `conjuncts`.
        let all = !next || system.counting.is_some() || system.some_invariant_broken.load(Ordering::Relaxed);
        let mut broken = None;
        for (number, conjunct) in system.conjuncts.iter().enumerate() {
            let settled = !all && !conjunct.may_change(&self.parent, &self.words);
            if settled || broken == Some(conjunct.invariant) {
                continue;
            }
            self.phase = Phase::Invariant(conjunct.invariant);
            let about = About::Successor { marks: true };
            let holds = self.judge(machine, next, number, (conjunct.owner, conjunct.node), about, cache)?;
            if !holds {
                system.some_invariant_broken.store(true, Ordering::Relaxed);
                broken = Some(conjunct.invariant);
                report(sink, Broken::Invariant(conjunct.invariant))?;
            }
        }
        if !next {
            for (index, part) in system.model.initial_properties.iter().enumerate() {
                self.phase = Phase::InitialProperty(index as u32);
                if !checking_state(machine, false, |machine| self.holds(machine, &part.formula))? {
                    report(sink, Broken::InitialProperty(index as u32))?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn check_step<S: Sink>(
        &mut self,
        machine: &mut Machine<'a>,
        cache: &mut Cache,
        sink: &mut S,
    ) -> Result<(), Halt> {
        let system = self.system;
        let before = system.conjuncts.len() + system.model.constraints.len() + system.model.action_constraints.len();
        for (index, part) in system.model.action_properties.iter().enumerate() {
            self.phase = Phase::ActionProperty(index as u32);
            let formula = (part.formula.owner, &part.formula.node);
            if !self.judge(machine, true, before + index, formula, About::Step, cache)? {
                report(sink, Broken::ActionProperty(index as u32))?;
            }
        }
        Ok(())
    }
}

/// Evaluates something about the state that was found, which lies one level beyond the one that is expanded.
pub(super) fn checking_state<'a, R>(
    machine: &mut Machine<'a>,
    next: bool,
    check: impl FnOnce(&mut Machine<'a>) -> R,
) -> R {
    let level = machine.progress.level;
    machine.progress.level = level.map(|level| level + 1);
    machine.looks_ahead = next;
    let result = machine.checking(next, check);
    machine.looks_ahead = false;
    machine.progress.level = level;
    result
}

fn report<S: Sink>(sink: &mut S, broken: Broken) -> Result<(), Halt> {
    match sink.broken(broken) {
        Flow::Continue => Ok(()),
        Flow::Stop => Err(Halt::Stop),
    }
}
