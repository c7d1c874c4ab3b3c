//! One induction to one verdict for each obligation.
//!
//! A counterexample to induction refutes nothing, because nothing says that its first state is reached; so the verdict is
//! `Declined`, and carries the states. Before they are told, `recheck` evaluates them: the first satisfies the invariant,
//! the step is one of the specification, and at the end is false what is said to be. An initial state that breaks the
//! invariant is a behavior, and refutes it. Where the induction succeeds, the invariant is a certificate like any other.

use super::TlaEngine;
use super::obligations::Target;
use super::place::place_of;
use super::prove::{Telling, Watching};
use super::replay::claimed;
use super::task::Proving;
use recheck::Replay;
use tla_compile::shape::Datum;
use tla_explore::interpret::Interpreted;
use tla_explore::{Broken, Finding, SystemError, Violation};
use tla_symbolic::inductive::{Counterexample as Found, Failing};
use tla_symbolic::{Induction, Options, Target as Asked, induct};
use verdict::{Context, Counterexample, Decline, FailureClass, Obligation, Verdict};

impl TlaEngine {
    /// Checks the invariant of this name instead of looking for one.
    pub(super) fn induct(
        &self,
        system: &Interpreted<'_>,
        proving: &Proving,
        name: &str,
        group: &[Obligation],
        context: &Context<'_>,
    ) -> Vec<Verdict> {
        let number = match self.number_of(name) {
            Ok(number) => number,
            Err(text) => return vec![crate::pipeline::internal(text); group.len()],
        };
        let targets = self.symbolic_targets(group);
        let watch = Watching { events: context.events };
        let options = Options { solver: proving.solver, ..Options::default() };
        let Induction { report, counterexamples } = induct(system, number, &targets, &options, &watch);
        if let Some(defect) = &report.defect {
            return vec![crate::pipeline::internal(defect.clone()); group.len()];
        }
        self.write_aiger(system, proving, (&report, &[]), context.events);
        let failed = Failed { engine: self, system, name, number };
        let mut telling = Telling::new(self, system, &report, proving, context.events, group);
        self.verdicts(group, &mut |obligation, target| {
            let mine = counterexamples.iter().find(|(asked, _)| is_of(target, *asked));
            match mine {
                Some((asked, found)) => failed.verdict(obligation, *asked, found),
                None => telling.verdict(obligation, target),
            }
        })
    }

    /// The number of an invariant among those of the model.
    pub(super) fn number_of(&self, name: &str) -> Result<u32, String> {
        let number = self.model.invariants.iter().position(|invariant| invariant.name == name);
        let number = number.and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| format!("{name} is no invariant of this model"))
    }

    /// What the symbolic engines are asked for a group of obligations.
    pub(super) fn symbolic_targets(&self, group: &[Obligation]) -> Vec<Asked> {
        let mut targets = Vec::new();
        for obligation in group {
            match self.target(obligation) {
                Some(Target::Property(property)) => {
                    targets.extend(property.parts.iter().map(|part| Asked::Property(*part)));
                }
                Some(Target::Deadlock) => targets.push(Asked::Deadlock),
                _ => {}
            }
        }
        targets
    }
}

pub(super) fn is_of(target: &Target, asked: Asked) -> bool {
    match (target, asked) {
        (Target::Property(property), Asked::Property(part)) => property.parts.contains(&part),
        (Target::Deadlock, Asked::Deadlock) => true,
        _ => false,
    }
}

/// Tells why an induction fails.
pub(super) struct Failed<'a, 's> {
    pub(super) engine: &'a TlaEngine,
    pub(super) system: &'a Interpreted<'s>,
    /// The invariant.
    pub(super) name: &'a str,
    pub(super) number: u32,
}

impl Failed<'_, '_> {
    pub(super) fn verdict(&self, obligation: &Obligation, asked: Asked, found: &Found) -> Verdict {
        let violation = match (&found.failing, asked) {
            (Failing::Step, _) => Some(Violation::Broken(Broken::Invariant(self.number))),
            (Failing::Target(_), Asked::Property(broken)) => Some(Violation::Broken(broken)),
            (Failing::Target(_), Asked::Deadlock) => Some(Violation::Deadlock),
            (Failing::UndefinedStep, _) => None,
            (Failing::Target(_), Asked::PropertyUndefined(_) | Asked::Undefined | Asked::Overflow) => {
                return crate::pipeline::internal("a counterexample to something that was not asked".to_owned());
            }
        };
        match self.told(violation, &found.states) {
            Ok(counterexample) => self.judged(obligation, found, violation, counterexample),
            Err(error) => crate::pipeline::internal(format!(
                "the step from a state of {} that the engine has is none of the specification: {}",
                self.name, error.message
            )),
        }
    }

    /// The states with what is false at their end.
    fn told(&self, violation: Option<Violation>, states: &[Vec<Datum>]) -> Result<Counterexample, Box<SystemError>> {
        let mut teller = self.engine.teller(self.system);
        let trace = teller.words(states)?;
        let mut told = match violation {
            Some(violation) => teller.counterexample(&Finding { violation, trace })?,
            None => Counterexample {
                trace: teller.trace(&trace)?,
                false_conjuncts: Vec::new(),
                notes: std::collections::BTreeMap::new(),
            },
        };
        if let Some(first) = told.trace.steps.first_mut() {
            first.action = format!("A state that satisfies {}", self.name);
            first.place = self.engine.model.invariants.get(self.number as usize).map(|invariant| {
                let span = super::obligations::defined_at(&self.engine.model, &invariant.formula);
                place_of(&self.engine.input.specification, span)
            });
        }
        Ok(told)
    }

    /// The verdict, after the independent evaluator has looked at the states.
    fn judged(
        &self,
        obligation: &Obligation,
        found: &Found,
        violation: Option<Violation>,
        counterexample: Counterexample,
    ) -> Verdict {
        let claim = match (&found.failing, violation) {
            (Failing::Step, _) => recheck::Violation::Invariant(self.name.to_owned()),
            (_, Some(violation)) => claimed(violation, &obligation.name_in_input),
            (_, None) => recheck::Violation::Failure(FailureClass::Evaluation),
        };
        let input = &self.engine.input;
        let answer =
            recheck::induction_fails(&input.specification, &input.config, self.name, &claim, &counterexample.trace);
        let (reason, place) = match answer {
            Replay::Accepted => {
                let reason = self.sentence(obligation, &found.failing, &counterexample);
                let induction = Some(Box::new(counterexample));
                return Verdict::Declined(Decline { reason, place: None, remedy: self.remedy(), induction });
            }
            Replay::Rejected { reason, step, .. } => {
                let state = step.map_or_else(String::new, |step| format!(" at state {}", step + 1));
                return crate::pipeline::internal(format!(
                    "the engine and the independent checker disagree about a counterexample to the induction with \
                     {}{state}: {reason}",
                    self.name
                ));
            }
            Replay::Unsupported { construct, place } => {
                let reason = format!(
                    "the induction with {} fails, but the independent checker cannot judge the states that show it, so \
                     they are not shown; it does not evaluate: {construct}",
                    self.name
                );
                (reason, place)
            }
        };
        Verdict::Declined(Decline { reason, place, remedy: self.remedy(), induction: None })
    }

    fn sentence(&self, obligation: &Obligation, failing: &Failing, counterexample: &Counterexample) -> String {
        let (name, asked) = (self.name, &obligation.name_in_input);
        let action = counterexample.trace.steps.get(1).map_or("a step", |step| step.action.as_str());
        match (failing, counterexample.trace.steps.len()) {
            (Failing::Step, _) => {
                format!("{name} is not inductive: {action} leads from a state that satisfies it to one that does not")
            }
            (Failing::Target(Asked::Deadlock), _) => {
                format!("{name} does not imply it: a state that satisfies {name} has no successor")
            }
            (Failing::Target(_), 1) => {
                format!("{name} does not imply it: a state that satisfies {name} breaks {asked}")
            }
            (Failing::Target(_), _) => {
                format!("{name} does not imply it: {action} from a state that satisfies {name} breaks {asked}")
            }
            (Failing::UndefinedStep, _) => {
                format!("{name} allows a state from which a step has no value")
            }
        }
    }

    fn remedy(&self) -> String {
        format!(
            "add a conjunct to {} that excludes the first state; if that state can be reached, the specification is \
             at fault, which `interlock tla prove` without --inductive tells",
            self.name
        )
    }
}
