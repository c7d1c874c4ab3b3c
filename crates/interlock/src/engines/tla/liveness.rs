//! What the check of liveness says about a property.
//!
//! A property may have several temporal parts. One that is violated decides; then one that cannot be evaluated, then one
//! that was not decided. What holds is `Exhausted` only if nothing was left out: where a view or a symmetry may hide behaviors,
//! all states are searched for them ([`super::unreduced`]); where a constraint does, the property is declined, or `Tested` if
//! the user asked for no more than that.

use super::Order;
use super::decide::Decision;
use super::failure::verdict_of;
use super::obligations::PropertyTarget;
use super::replay::judged_lasso;
use tla_explore::Worker;
use tla_explore::liveness::{Answer, Counterexample as Lasso, Emptiness, Holding, LivenessError, Refusal};
use verdict::{Counterexample, Decline, Exhaustion, Obligation, Testing, Vacuity, Verdict};

/// What the temporal parts of a property came to.
enum Summary<'r> {
    Violated(&'r Lasso),
    Error(&'r LivenessError),
    Interrupted,
    Declined(&'r Refusal),
    Holds(Vec<&'r Holding>),
    /// A part has no answer.
    Unknown,
}

impl<'a, W: Worker> Decision<'a, W> {
    /// The verdict on a property whose other parts hold, by its temporal parts.
    pub(super) fn temporal(
        &mut self,
        obligation: &Obligation,
        property: &PropertyTarget,
        exhaustion: Exhaustion,
    ) -> Verdict {
        match self.summary(property) {
            Summary::Violated(lasso) => self.violated(obligation, lasso),
            Summary::Error(error) => self.cannot_be_evaluated(error),
            Summary::Declined(refusal) => Verdict::Declined(Decline {
                reason: format!("{}: {}", obligation.name_in_input, refusal.reason),
                place: refusal.span.map(|span| self.place(span)),
                remedy: refusal.remedy.clone(),
                induction: None,
            }),
            Summary::Interrupted => not_checked("the check was stopped"),
            Summary::Unknown if self.task.order == Order::Dfid => not_checked("a depth-first search keeps no graph"),
            Summary::Unknown => not_checked("it has no answer"),
            Summary::Holds(parts) => match self.vacuity(property) {
                Some(vacuity) => Verdict::Vacuous(vacuity),
                None if parts.iter().all(|part| part.reductions.is_empty()) => {
                    Verdict::Exhausted(self.exhaustion_behind(property, exhaustion))
                }
                None => Verdict::Tested(Testing::Reduction(exhaustion)),
            },
        }
    }

    /// The empty reason for which all temporal parts of a property hold, if there is one.
    pub(super) fn temporal_emptiness(&self, property: &PropertyTarget) -> Option<Vacuity> {
        let Summary::Holds(parts) = self.summary(property) else { return None };
        let empty = |part: &&Holding| part.emptiness.is_some();
        if parts.is_empty() || !parts.iter().all(empty) {
            return None;
        }
        let unfair = parts.iter().find(|part| part.emptiness == Some(Emptiness::NoFairBehavior));
        match unfair {
            Some(part) if part.reductions.is_empty() => Some(Vacuity {
                reason: "no behavior satisfies the fairness conditions of the specification".to_owned(),
                witness: self.model.fairness.first().map(|formula| self.place(formula.node.span)),
            }),
            Some(part) => {
                let words: Vec<&str> = part.reductions.iter().map(|reduction| reduction.keyword()).collect();
                let reason = format!("every fair behavior leaves the model that {} describes", words.join(" and "));
                Some(Vacuity {
                    reason,
                    witness: self.model.fairness.first().map(|formula| self.place(formula.node.span)),
                })
            }
            None if property.parts.is_empty() => {
                let is_given = parts.iter().any(|part| part.emptiness == Some(Emptiness::Given));
                let reason = if is_given {
                    "it says no more than the fairness conditions of the specification"
                } else {
                    "it is true of every behavior of every specification"
                };
                Some(Vacuity { reason: reason.to_owned(), witness: property.span.map(|span| self.place(span)) })
            }
            None => None,
        }
    }

    fn summary(&self, property: &PropertyTarget) -> Summary<'a> {
        let report = self.liveness;
        let mut holdings = Vec::new();
        let (mut error, mut refusal, mut is_interrupted) = (None, None, false);
        for part in &property.temporal {
            match report.outcomes.iter().find(|outcome| outcome.part == *part).map(|outcome| &outcome.answer) {
                Some(Answer::Violated(lasso)) => return Summary::Violated(lasso),
                Some(Answer::Error(found)) => error = error.or(Some(&**found)),
                Some(Answer::Declined(found)) => refusal = refusal.or(Some(found)),
                Some(Answer::Interrupted) => is_interrupted = true,
                Some(Answer::Holds(holding)) => holdings.push(holding),
                None => return Summary::Unknown,
            }
        }
        match (error, refusal) {
            (Some(error), _) => Summary::Error(error),
            (None, _) if is_interrupted => Summary::Interrupted,
            (None, Some(refusal)) => Summary::Declined(refusal),
            (None, None) => Summary::Holds(holdings),
        }
    }

    fn violated(&mut self, obligation: &Obligation, lasso: &Lasso) -> Verdict {
        match self.teller.lasso(lasso) {
            Ok(counterexample) => {
                judged_lasso(self.input, &obligation.name_in_input, counterexample, &self.task.replay_command)
            }
            Err(error) => Verdict::Failed(self.lost(lasso.states().len(), &error)),
        }
    }

    fn cannot_be_evaluated(&mut self, error: &LivenessError) -> Verdict {
        let told = self.teller.trace(&error.trace).ok();
        let counterexample =
            told.map(|trace| Counterexample { trace, false_conjuncts: Vec::new(), notes: Default::default() });
        verdict_of(&error.error, counterexample, self.specification())
    }
}

/// The verdict on a property whose temporal part was not looked at to the end.
pub(super) fn not_checked(why: &str) -> Verdict {
    Verdict::Declined(Decline {
        reason: format!("its temporal part was not checked: {why}"),
        place: None,
        remedy: "infinite behaviors are checked when all states are known".to_owned(),
        induction: None,
    })
}
