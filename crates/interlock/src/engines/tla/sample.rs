//! One simulation to one verdict for each obligation.
//!
//! Whatever was not found false is `Tested` by as many behaviors as were run, never more. A part of a property that
//! speaks of infinite behaviors is tested on those that come back to a state, going round for ever; the verdict tells
//! their number.

use super::behavior::Teller;
use super::decide::{concerns, failed_postcondition, restricted};
use super::failure::verdict_of;
use super::input::Input;
use super::obligations::{PropertyTarget, Target};
use super::place::place_of;
use super::replay::{judged, judged_lasso};
use super::task::TlaTask;
use report::number::counted;
use std::collections::BTreeMap;
use tla_explore::liveness::{Answer as Refused, Counterexample as Lasso, Lassos};
use tla_explore::{Broken, SearchError, Simulation, SimulationOutcome, SystemError, Violation, Worker};
use tla_model::model::Model;
use verdict::{Counterexample, Decline, Failure, FailureClass, Obligation, Sampling, Testing, Vacuity, Verdict};

/// Everything that verdicts are made of.
pub struct Sample<'a, W> {
    /// What was to be checked.
    pub task: &'a TlaTask,
    /// Specification and configuration.
    pub input: &'a Input,
    /// The resolved model.
    pub model: &'a Model,
    /// What the simulation found.
    pub simulation: &'a Simulation,
    /// Who looked for infinite behaviors, if a property speaks of them.
    pub lassos: Option<&'a Lassos<'a>>,
    /// What the postconditions came to, if they were evaluated.
    pub postconditions: Option<Vec<Result<bool, Box<SystemError>>>>,
    /// Tells behaviors.
    pub teller: Teller<'a, W>,
}

impl<W: Worker> Sample<'_, W> {
    /// The verdict on one obligation.
    pub fn verdict(&mut self, obligation: &Obligation, target: &Target) -> Verdict {
        match target {
            Target::Property(property) => {
                let violations: Vec<Violation> = property.parts.iter().copied().map(Violation::Broken).collect();
                if let Some(verdict) = self.found(obligation, &violations) {
                    return verdict;
                }
                match property.temporal.is_empty() {
                    false => self.temporal(obligation, property),
                    true => self.undisturbed(&property.parts),
                }
            }
            Target::Deadlock => self.found(obligation, &[Violation::Deadlock]).unwrap_or_else(|| self.undisturbed(&[])),
            Target::EveryActionFires => Verdict::Declined(Decline {
                reason: "an action that a simulation does not see may still fire".to_owned(),
                place: None,
                remedy: "check it with `interlock tla check`".to_owned(),
                induction: None,
            }),
            Target::Assumptions | Target::Evaluation => self.undisturbed(&[]),
            Target::Postcondition(number) => match &self.postconditions {
                Some(results) => {
                    let failed =
                        failed_postcondition(self.task, self.model, *number, results, &self.input.specification);
                    failed.unwrap_or_else(|| self.undisturbed(&[]))
                }
                None => self.undisturbed(&[]),
            },
        }
    }

    /// The verdict on a property that speaks of infinite behaviors.
    fn temporal(&mut self, obligation: &Obligation, property: &PropertyTarget) -> Verdict {
        let name = &obligation.name_in_input;
        if let SimulationOutcome::Lasso(lasso) = &self.simulation.outcome
            && property.temporal.contains(&lasso.part)
        {
            let (stem, cycle) = (lasso.stem.clone(), lasso.cycle.clone());
            return match self.teller.lasso(&Lasso { stem, cycle, is_safety: false }) {
                Ok(counterexample) => judged_lasso(self.input, name, counterexample, &self.task.replay_command),
                Err(error) => Verdict::Failed(lost(lasso.stem.len() + lasso.cycle.len(), &error)),
            };
        }
        let refusal = |lassos: &Lassos<'_>| property.temporal.iter().find_map(|part| lassos.refusal(*part).cloned());
        match self.lassos.and_then(refusal) {
            Some(Refused::Error(error)) => return verdict_of(&error.error, None, &self.input.specification),
            Some(Refused::Declined(refusal)) => {
                return Verdict::Declined(Decline {
                    reason: format!("{name}: {}", refusal.reason),
                    place: refusal.span.map(|span| place_of(&self.input.specification, span)),
                    remedy: refusal.remedy,
                    induction: None,
                });
            }
            Some(Refused::Holds(_) | Refused::Violated(_) | Refused::Interrupted) | None => {}
        }
        match (self.undisturbed(&property.parts), self.lassos) {
            (Verdict::Tested(Testing::Sampling(sampling)), Some(lassos)) if lassos.seen() > lassos.undefined() => {
                let number = counted((lassos.seen() - lassos.undefined()) as usize, "infinite behavior");
                let scheduler =
                    format!("{}; temporal formulas on {number} that come back to a state", sampling.scheduler);
                Verdict::Tested(Testing::Sampling(Sampling { scheduler, ..sampling }))
            }
            (Verdict::Tested(_), _) => Verdict::Declined(Decline {
                reason: format!(
                    "{name} speaks of infinite behaviors, and the simulation saw none on which it has a value"
                ),
                place: property.span.map(|span| place_of(&self.input.specification, span)),
                remedy: "let it run for longer, or check it with `interlock tla check`".to_owned(),
                induction: None,
            }),
            (other, _) => other,
        }
    }

    /// The verdict on the finding, if it breaks the obligation.
    fn found(&mut self, obligation: &Obligation, violations: &[Violation]) -> Option<Verdict> {
        let SimulationOutcome::Found(finding) = &self.simulation.outcome else { return None };
        if !violations.contains(&finding.violation) {
            return None;
        }
        if let Some(decline) = restricted(self.model, &self.input.specification, obligation) {
            return Some(decline);
        }
        Some(match self.teller.counterexample(finding) {
            Ok(counterexample) => {
                let name = &obligation.name_in_input;
                judged(self.input, finding.violation, name, counterexample, &self.task.replay_command)
            }
            Err(error) => Verdict::Failed(lost(finding.trace.len(), &error)),
        })
    }

    /// The verdict on an obligation that was not broken; `parts` are those that an evaluation error may concern.
    fn undisturbed(&mut self, parts: &[Broken]) -> Verdict {
        match &self.simulation.outcome {
            SimulationOutcome::Error(error) if concerns(error, parts) => self.failed(error),
            SimulationOutcome::NoBehavior if self.simulation.counts.initial == 0 => Verdict::Vacuous(Vacuity {
                reason: "no state in the model satisfies the initial predicate".to_owned(),
                witness: None,
            }),
            SimulationOutcome::NothingFound
            | SimulationOutcome::EndedAtRequest
            | SimulationOutcome::NoBehavior
            | SimulationOutcome::Found(_)
            | SimulationOutcome::Lasso(_)
            | SimulationOutcome::Error(_)
            | SimulationOutcome::Interrupted => match self.simulation.sampling.runs {
                0 => Verdict::Declined(Decline {
                    reason: "no behavior was run".to_owned(),
                    place: None,
                    remedy: "ask for one at least, and let it run for longer".to_owned(),
                    induction: None,
                }),
                _ => Verdict::Tested(Testing::Sampling(self.simulation.sampling.clone())),
            },
        }
    }

    fn failed(&mut self, error: &SearchError) -> Verdict {
        let told = self.teller.trace(&error.trace).ok();
        let counterexample =
            told.map(|trace| Counterexample { trace, false_conjuncts: Vec::new(), notes: BTreeMap::new() });
        verdict_of(&error.error, counterexample, &self.input.specification)
    }
}

fn lost(states: usize, error: &SystemError) -> Failure {
    Failure {
        class: FailureClass::Internal,
        message: format!(
            "the behavior of {states} states cannot be told: {}; successors that are drawn with RandomElement are not \
             found again",
            error.message
        ),
        place: None,
        remedy: String::new(),
        trace: None,
        notes: BTreeMap::new(),
    }
}
