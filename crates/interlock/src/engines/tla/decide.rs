//! One exploration to one verdict for each obligation.
//!
//! The exploration decides every obligation that it ran to the end for. Where it ended early, an obligation that was not
//! broken is `Bounded` by the levels that were complete, never more: a state of the last level may not have been checked.

use super::behavior::Teller;
use super::failure::{failure_of, verdict_of};
use super::input::Input;
use super::liveness::not_checked;
use super::obligations::{PropertyTarget, Target, defined_at, definition_named};
use super::place::place_of;
use super::replay::judged;
use super::task::TlaTask;
use super::unreduced::Unreduced;
use report::number::counted;
use std::collections::BTreeMap;
use tla_explore::liveness::LivenessReport;
use tla_explore::{
    ActionCount, ActionInfo, Broken, Ended, Exploration, Limit, Outcome, Phase, SearchError, Statistics, SystemError,
    Unreached, Violation, Worker,
};
use tla_model::ir::walk::level;
use tla_model::ir::{Kind, Level};
use tla_model::model::{Formula, Model, Predicate};
use tla_syntax::load::Specification;
use verdict::{Decline, Exhaustion, Failure, FailureClass, Obligation, Reduction, Vacuity, Verdict};

/// Everything that verdicts are made of.
pub struct Decision<'a, W> {
    /// What was to be checked.
    pub task: &'a TlaTask,
    /// Specification and configuration.
    pub input: &'a Input,
    /// The resolved model.
    pub model: &'a Model,
    /// What the search found.
    pub exploration: &'a Exploration,
    /// What was found out about temporal properties; empty unless every reachable state was expanded.
    pub liveness: &'a LivenessReport,
    /// Which of it was found out with symmetry and view set aside.
    pub(super) unreduced: &'a Unreduced,
    /// Named parts of the next-state relation.
    pub actions: &'a [ActionInfo],
    /// Parts of properties that were never reached.
    pub unreached: &'a [Unreached],
    /// Whether the postconditions are true, after a search without a violation.
    pub postconditions: Option<Vec<Result<bool, Box<SystemError>>>>,
    /// Tells behaviors.
    pub teller: Teller<'a, W>,
}

/// How far the search came.
enum Reach<'a> {
    /// Every reachable state was expanded.
    Whole,
    /// So many levels are complete; in words why no more.
    Levels(u32, String),
    /// Not at all, or up to an error that concerns every obligation.
    Broken(&'a SearchError),
    /// A limit of capacity, in words.
    Capacity(u32, String),
}

impl<'a, W: Worker> Decision<'a, W> {
    /// The verdict on one obligation.
    pub fn verdict(&mut self, obligation: &Obligation, target: &Target) -> Verdict {
        match target {
            Target::Property(property) => self.property(obligation, property),
            Target::Deadlock => self.found(obligation, &[Violation::Deadlock]).unwrap_or_else(|| self.undisturbed(&[])),
            Target::EveryActionFires => self.every_action_fires(),
            // An assumption that fails ends the work before the search.
            Target::Assumptions | Target::Evaluation => self.undisturbed(&[]),
            Target::Postcondition(number) => self.postcondition(*number),
        }
    }

    /// A postcondition speaks of a search that is over; of one that ended early it decides nothing, unless it is the
    /// specification that ended it: then it may be false, and is not decided by being true.
    fn postcondition(&mut self, number: usize) -> Verdict {
        let verdict = self.undisturbed(&[]);
        if !matches!(verdict, Verdict::Exhausted(_)) && !self.ended_by_specification() {
            return verdict;
        }
        let Some(postconditions) = &self.postconditions else {
            let bound = "evaluated after a violation only, which decides nothing".to_owned();
            return Verdict::Bounded { bound, depth: None, unwinding_assertions: false };
        };
        failed_postcondition(self.task, self.model, number, postconditions, self.specification()).unwrap_or(verdict)
    }

    fn ended_by_specification(&self) -> bool {
        matches!(self.exploration.outcome, Outcome::Capacity(Limit::Asked))
    }

    fn property(&mut self, obligation: &Obligation, property: &PropertyTarget) -> Verdict {
        let violations: Vec<Violation> = property.parts.iter().copied().map(Violation::Broken).collect();
        if let Some(verdict) = self.found(obligation, &violations) {
            return verdict;
        }
        match self.undisturbed(&property.parts) {
            Verdict::Exhausted(exhaustion) if !property.temporal.is_empty() => {
                self.temporal(obligation, property, exhaustion)
            }
            Verdict::Bounded { bound, .. } if !property.temporal.is_empty() => not_checked(&bound),
            verdict @ Verdict::Exhausted(_) => self.vacuity(property).map_or(verdict, Verdict::Vacuous),
            verdict => verdict,
        }
    }

    /// The verdict on the first finding that breaks the obligation.
    fn found(&mut self, obligation: &Obligation, violations: &[Violation]) -> Option<Verdict> {
        let Outcome::Found { findings, .. } = &self.exploration.outcome else { return None };
        let finding = findings.iter().find(|finding| violations.contains(&finding.violation))?;
        if let Some(decline) = restricted(self.model, self.specification(), obligation) {
            return Some(decline);
        }
        Some(match self.teller.counterexample(finding) {
            Ok(counterexample) => {
                let name = &obligation.name_in_input;
                judged(self.input, finding.violation, name, counterexample, &self.task.replay_command)
            }
            Err(error) => Verdict::Failed(self.lost(finding.trace.len(), &error)),
        })
    }

    /// A finding whose behavior cannot be told.
    pub(super) fn lost(&self, states: usize, error: &SystemError) -> Failure {
        let message = format!("the behavior of {states} states cannot be told: {}", error.message);
        Failure { class: FailureClass::Internal, message, ..failure_of(error, None, self.specification()) }
    }

    /// The verdict on an obligation that was not broken; `parts` are those that an evaluation error may concern.
    fn undisturbed(&mut self, parts: &[Broken]) -> Verdict {
        match reach(self.exploration, parts) {
            Reach::Whole => Verdict::Exhausted(self.exhaustion()),
            Reach::Levels(0, reason) => Verdict::Declined(Decline {
                reason: format!("the search ended before the first level was complete: {reason}"),
                place: None,
                remedy: "run it again, for longer".to_owned(),
                induction: None,
            }),
            Reach::Levels(levels, reason) => Verdict::Bounded {
                bound: format!("not broken in {}; the search {reason}", counted(levels as usize, "level")),
                depth: Some(u64::from(levels)),
                unwinding_assertions: false,
            },
            Reach::Broken(error) => self.failed(error),
            Reach::Capacity(levels, reason) => Verdict::Failed(Failure {
                class: FailureClass::Capacity,
                message: format!("{reason}; nothing was found in {}", counted(levels as usize, "level")),
                place: None,
                remedy: "give it more memory (--memory), or make the instance smaller".to_owned(),
                trace: None,
                notes: BTreeMap::new(),
            }),
        }
    }

    fn failed(&mut self, error: &SearchError) -> Verdict {
        let told = self.teller.trace(&error.trace).ok();
        let counterexample =
            told.map(|trace| verdict::Counterexample { trace, false_conjuncts: Vec::new(), notes: BTreeMap::new() });
        verdict_of(&error.error, counterexample, self.specification())
    }

    fn exhaustion(&self) -> Exhaustion {
        self.exhaustion_of(&self.exploration.statistics, reductions(self.input))
    }

    /// What stands behind a temporal property: all states where it was decided among them.
    pub(super) fn exhaustion_behind(&self, property: &PropertyTarget, reduced: Exhaustion) -> Exhaustion {
        let Some(whole) = self.unreduced.exploration_for(&property.temporal) else { return reduced };
        let mut left = reductions(self.input);
        left.retain(|reduction| !matches!(reduction, Reduction::Symmetry { .. } | Reduction::View { .. }));
        self.exhaustion_of(&whole.statistics, left)
    }

    fn exhaustion_of(&self, statistics: &Statistics, reductions: Vec<Reduction>) -> Exhaustion {
        Exhaustion {
            constants: self.model.constants.clone(),
            reductions,
            generated: statistics.generated,
            distinct: statistics.distinct,
            depth: statistics.depth,
            store: statistics.store,
            collision_bound: statistics.collision_bound,
        }
    }

    /// Why a property that holds says nothing, if that is to be a verdict.
    pub(super) fn vacuity(&self, property: &PropertyTarget) -> Option<Vacuity> {
        self.task.vacuity_is_a_verdict.then(|| self.empty_reason(property)).flatten()
    }

    /// Why a property that holds says nothing.
    pub fn empty_reason(&self, property: &PropertyTarget) -> Option<Vacuity> {
        if self.exploration.statistics.generated == 0 {
            return Some(Vacuity { reason: "no state satisfies the initial predicate".to_owned(), witness: None });
        }
        if property.constant {
            let witness = property.span.map(|span| self.place(span));
            return Some(Vacuity { reason: "it mentions no variable".to_owned(), witness });
        }
        if let Some(vacuity) = self.temporal_emptiness(property) {
            return Some(vacuity);
        }
        let unreached = self.unreached.iter().find(|unreached| property.parts.contains(&unreached.property))?;
        Some(Vacuity { reason: unreached.what.to_owned(), witness: Some(self.place(unreached.span)) })
    }

    fn every_action_fires(&mut self) -> Verdict {
        let verdict = self.undisturbed(&[]);
        if !matches!(verdict, Verdict::Exhausted(_)) {
            return verdict;
        }
        let silent = self.silent_actions();
        let Some(first) = silent.first() else { return verdict };
        let names: Vec<&str> = silent.iter().map(|action| action.name.as_str()).collect();
        let number = counted(silent.len(), "action");
        let reason = format!("{number} never fired: {}", names.join(", "));
        Verdict::Vacuous(Vacuity { reason, witness: Some(self.place(first.span)) })
    }

    /// Actions that generated no state. Disjuncts of one named action count as one; those without a name of their own
    /// each count.
    pub fn silent_actions(&self) -> Vec<&ActionInfo> {
        silent(self.model, self.actions, &self.exploration.per_action)
    }

    pub(super) fn specification(&self) -> &'a Specification {
        &self.input.specification
    }

    pub(super) fn place(&self, span: tla_syntax::Span) -> verdict::Place {
        place_of(self.specification(), span)
    }
}

/// The verdict on a finite behavior where a conjunct of the specification that was not looked at may rule it out: a
/// conjunct `[]P`. Fairness never does.
pub(super) fn restricted(model: &Model, specification: &Specification, obligation: &Obligation) -> Option<Verdict> {
    let restricts = |formula: &&Formula| matches!(&formula.node.kind, Kind::Always(inner) if level(&model.code, inner) < Level::Temporal);
    let formula = model.fairness.iter().find(restricts)?;
    Some(Verdict::Declined(Decline {
        reason: format!(
            "a violation of {} was found, but the search does not know this conjunct of the specification, which may rule \
             the behavior out",
            obligation.name_in_input
        ),
        place: Some(place_of(specification, formula.node.span)),
        remedy: "put it into the initial predicate and the next-state relation".to_owned(),
        induction: None,
    }))
}

/// What is said about a postcondition that is false, rather than without a value.
pub const FALSE_POSTCONDITION: &str = "this postcondition is false";

/// The verdict on the postcondition with this number, unless it is true.
pub(super) fn failed_postcondition(
    task: &TlaTask,
    model: &Model,
    number: usize,
    results: &[Result<bool, Box<SystemError>>],
    specification: &Specification,
) -> Option<Verdict> {
    match results.get(number)? {
        Ok(true) => None,
        Ok(false) => {
            let predicate = model.postconditions.get(number);
            let place = |predicate: &Predicate| defined_at(model, &predicate.formula);
            let named = |name: &str| definition_named(specification, task.postcondition(name));
            let span = predicate.and_then(|known| named(&known.name).or(Some(place(known))));
            let mut error = tla_model::error::EvalError::undefined(FALSE_POSTCONDITION);
            error.span = span;
            let error = tla_explore::interpret::system_error(*error, Phase::Assumption);
            Some(Verdict::Failed(failure_of(&error, None, specification)))
        }
        Err(error) => Some(verdict_of(error, None, specification)),
    }
}

/// How far the search came, as far as an obligation with these parts is concerned.
fn reach<'e>(exploration: &'e Exploration, parts: &[Broken]) -> Reach<'e> {
    let complete = exploration.statistics.depth.saturating_sub(1);
    let limited = |limit: Limit| match limit {
        Limit::Depth(levels) => Reach::Levels(levels, "was asked to go no further".to_owned()),
        Limit::States(states) => Reach::Capacity(complete, format!("there are more than {states} distinct states")),
        Limit::Memory(bytes) => {
            Reach::Capacity(complete, format!("the search needs more than {}", report::number::bytes(bytes)))
        }
        Limit::Store => Reach::Capacity(complete, "there are more states than the store can number".to_owned()),
        // Initial states are all enumerated before the search ends.
        Limit::Asked => {
            Reach::Levels(complete.max(1), "was ended by the specification, with TLCSet(\"exit\", TRUE)".to_owned())
        }
    };
    let interrupted = || Reach::Levels(complete, "was stopped".to_owned());
    let at_error = |error| match concerns(error, parts) {
        true => Reach::Broken(error),
        false => Reach::Levels(behind(error.trace.len()), "ended at an evaluation error".to_owned()),
    };
    match &exploration.outcome {
        Outcome::Complete => Reach::Whole,
        Outcome::Error(error) => at_error(error),
        Outcome::Interrupted => interrupted(),
        Outcome::Capacity(limit) => limited(*limit),
        Outcome::Found { findings, ended } => match ended {
            Ended::Complete => Reach::Whole,
            Ended::AtFinding => {
                let length = findings.last().map_or(0, |finding| finding.trace.len());
                Reach::Levels(behind(length), "ended at a violation".to_owned())
            }
            Ended::Error(error) => at_error(error),
            Ended::Interrupted => interrupted(),
            Ended::Capacity(limit) => limited(*limit),
        },
    }
}

/// Levels that are complete when something is met at the end of a behavior of this length.
fn behind(length: usize) -> u32 {
    u32::try_from(length.saturating_sub(1)).unwrap_or(u32::MAX)
}

/// Whether an error leaves nothing known about an obligation with these parts: one of a state or step does for all, one
/// of a property for that property.
pub(super) fn concerns(error: &SearchError, parts: &[Broken]) -> bool {
    match error.error.phase {
        Phase::Assumption | Phase::Init | Phase::Next | Phase::Constraint | Phase::Temporal => true,
        Phase::Invariant(number) => parts.contains(&Broken::Invariant(number)),
        Phase::ActionProperty(number) => parts.contains(&Broken::ActionProperty(number)),
        Phase::InitialProperty(number) => parts.contains(&Broken::InitialProperty(number)),
    }
}

/// The reductions in force, each by the name in the configuration.
fn reductions(input: &Input) -> Vec<Reduction> {
    let config = &input.config;
    let name = |ident: &tla_syntax::ast::Ident| ident.name.to_string();
    let mut all = Vec::new();
    all.extend(config.symmetry.iter().map(|ident| Reduction::Symmetry { name: name(ident) }));
    all.extend(config.view.iter().map(|ident| Reduction::View { name: name(ident) }));
    all.extend(config.constraints.iter().map(|ident| Reduction::StateConstraint { name: name(ident) }));
    all.extend(config.action_constraints.iter().map(|ident| Reduction::ActionConstraint { name: name(ident) }));
    all
}

/// Actions that generated no state, those of one name once.
pub(super) fn silent<'a>(model: &Model, actions: &'a [ActionInfo], counts: &[ActionCount]) -> Vec<&'a ActionInfo> {
    let next = model.next.as_ref().map(|next| next.name.as_str());
    let same = |a: &ActionInfo, b: &ActionInfo| a.name == b.name && (Some(a.name.as_str()) != next || a.span == b.span);
    let fired: Vec<&ActionInfo> =
        actions.iter().zip(counts).filter(|(_, count)| count.generated > 0).map(|(action, _)| action).collect();
    let mut silent: Vec<&ActionInfo> = Vec::new();
    for action in actions {
        if !fired.iter().any(|other| same(other, action)) && !silent.iter().any(|other| same(other, action)) {
            silent.push(action);
        }
    }
    silent
}
