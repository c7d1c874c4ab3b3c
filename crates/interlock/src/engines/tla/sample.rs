//! One simulation to one verdict for each obligation.
//!
//! Whatever was not found false is `Tested` by as many behaviors as were run, never more. A part of a property that
//! speaks of infinite behaviors is not sampled, and an obligation with such a part is declined.

use super::behavior::Teller;
use super::decide::concerns;
use super::failure::verdict_of;
use super::input::Input;
use super::obligations::Target;
use super::place::place_of;
use super::replay::judged;
use super::task::TlaTask;
use std::collections::BTreeMap;
use tla_explore::{Broken, SearchError, Simulation, SimulationOutcome, Violation, Worker};
use verdict::{Counterexample, Decline, Failure, FailureClass, Obligation, Testing, Vacuity, Verdict};

/// Everything that verdicts are made of.
pub struct Sample<'a, W> {
    /// What was to be checked.
    pub task: &'a TlaTask,
    /// Specification and configuration.
    pub input: &'a Input,
    /// What the simulation found.
    pub simulation: &'a Simulation,
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
                    false => Verdict::Declined(Decline {
                        reason: format!(
                            "{} speaks of infinite behaviors, of which a simulation sees none",
                            obligation.name_in_input
                        ),
                        place: property.span.map(|span| place_of(&self.input.specification, span)),
                        remedy: "check it with `interlock tla check`".to_owned(),
                    }),
                    true => self.undisturbed(&property.parts),
                }
            }
            Target::Deadlock => self.found(obligation, &[Violation::Deadlock]).unwrap_or_else(|| self.undisturbed(&[])),
            Target::EveryActionFires => Verdict::Declined(Decline {
                reason: "an action that a simulation does not see may still fire".to_owned(),
                place: None,
                remedy: "check it with `interlock tla check`".to_owned(),
            }),
            Target::Assumptions | Target::Evaluation => self.undisturbed(&[]),
            Target::Postcondition(_) => Verdict::Declined(Decline {
                reason: "a postcondition is not evaluated after a simulation".to_owned(),
                place: obligation.place.clone(),
                remedy: "check it with `interlock tla check`".to_owned(),
            }),
        }
    }

    /// The verdict on the finding, if it breaks the obligation.
    fn found(&mut self, obligation: &Obligation, violations: &[Violation]) -> Option<Verdict> {
        let SimulationOutcome::Found(finding) = &self.simulation.outcome else { return None };
        if !violations.contains(&finding.violation) {
            return None;
        }
        Some(match self.teller.counterexample(finding) {
            Ok(counterexample) => {
                let name = &obligation.name_in_input;
                judged(self.input, finding.violation, name, counterexample, &self.task.replay_command)
            }
            Err(error) => Verdict::Failed(Failure {
                class: FailureClass::Internal,
                message: format!(
                    "the behavior of {} states cannot be told: {}; successors that are drawn with RandomElement are not \
                     found again",
                    finding.trace.len(),
                    error.message
                ),
                place: None,
                remedy: String::new(),
                trace: None,
                notes: BTreeMap::new(),
            }),
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
            | SimulationOutcome::Error(_)
            | SimulationOutcome::Interrupted => match self.simulation.sampling.runs {
                0 => Verdict::Declined(Decline {
                    reason: "no behavior was run".to_owned(),
                    place: None,
                    remedy: "ask for one at least, and let it run for longer".to_owned(),
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
