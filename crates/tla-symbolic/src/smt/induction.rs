//! Whether a given invariant proves something by induction, asked of a solver.
//!
//! The questions are those of [`inductive`](crate::inductive), about all states with integers of any size: every initial
//! state satisfies the invariant, no step leads out of it, and it implies what it is to prove; before that, that the
//! invariant and steps from its states have values, and that those have places. Moment 0 is an initial state, a step goes
//! from moment 1 to moment 2.

use super::bounded::{Refused, beginnings, taken, unfit};
use super::dialogue::{Dialogue, Trouble, one_of};
use super::problem::{Bad, Problem};
use super::term::{FALSE, Term};
use super::{Conclusion, Report, all, finite, without_place, words};
use crate::circuit::Target;
use crate::engine::Watch;
use crate::inductive::{Counterexample, Failing};
use tla_compile::Declined;
use tla_compile::shape::Datum;
use tla_explore::Broken;
use tla_model::eval::Machine;

/// Where a step begins.
const FROM: u32 = 1;
/// Where it ends.
const TO: u32 = 2;

/// Checks whether the invariant with a number is inductive and implies the targets.
pub fn run(
    dialogue: &mut Dialogue<'_>,
    number: u32,
    targets: &[Target],
    machine: &mut Machine<'_>,
    watch: &dyn Watch,
) -> Report {
    let own = Broken::Invariant(number);
    let problem = dialogue.problem;
    let mut induction = Induction { problem, own, targets, machine, watch, report: Report::default() };
    let conclusions = match induction.ask(dialogue) {
        Ok(conclusions) => conclusions,
        Err(Refused::Declined(reason)) => all(targets, &Conclusion::Declined(reason)),
        Err(Refused::Trouble(trouble)) => all(targets, &Conclusion::Declined(without_place(words(&trouble)))),
    };
    let find = |target: &Target| {
        let found = conclusions.iter().find(|(known, _)| known == target);
        let reason = || Conclusion::Declined(without_place("it was not looked at"));
        (*target, found.map_or_else(reason, |(_, conclusion)| conclusion.clone()))
    };
    induction.report.conclusions = targets.iter().map(find).collect();
    induction.report.questions = dialogue.questions;
    induction.report
}

struct Induction<'a, 'm> {
    problem: &'a Problem,
    own: Broken,
    targets: &'a [Target],
    machine: &'a mut Machine<'m>,
    watch: &'a dyn Watch,
    report: Report,
}

type Concluded = Vec<(Target, Conclusion)>;

impl Induction<'_, '_> {
    fn own(&self) -> Target {
        Target::Property(self.own)
    }

    fn bad(&self, target: Target) -> Term {
        self.problem.bads.iter().find(|bad| bad.target == target).map_or(FALSE, |bad| bad.when)
    }

    fn ask(&mut self, dialogue: &mut Dialogue<'_>) -> Result<Concluded, Refused> {
        if let Some((_, reason)) = self.problem.declined.iter().find(|(known, _)| *known == self.own()) {
            return Err(Refused::Declined(reason.clone()));
        }
        let (broken, odd) = (self.bad(self.own()), self.bad(Target::PropertyUndefined(self.own)));
        self.watch.progress("smt", "initiation");
        let begun = one_of(&beginnings(dialogue, 0)?);
        if let Some(concluded) = self.initiation(dialogue, &begun, broken, odd)? {
            return Ok(concluded);
        }
        let mut conclusions = self.initial_properties(dialogue, &begun)?;
        dialogue.assert(self.problem.valid, FROM);
        let holds = self.foundations(dialogue, broken, odd)?;
        let inductive = self.consecution(dialogue, &holds, broken)?;
        for target in self.targets {
            if *target == self.own() || conclusions.iter().any(|(known, _)| known == target) {
                continue;
            }
            self.watch.progress("smt", "safety");
            let conclusion = self.safety(dialogue, &holds, *target, inductive)?;
            conclusions.push((*target, conclusion));
        }
        let conclusion = match inductive {
            true => Conclusion::Implied,
            false => Conclusion::Declined(without_place("a step leads out of the invariant")),
        };
        conclusions.push((self.own(), conclusion));
        Ok(conclusions)
    }

    fn initiation(
        &mut self,
        dialogue: &mut Dialogue<'_>,
        begun: &str,
        broken: Term,
        odd: Term,
    ) -> Result<Option<Concluded>, Refused> {
        dialogue.comment("initiation: an initial state without a value of the invariant, or that breaks it");
        let (odd, broken) = (dialogue.text(odd, 0), dialogue.text(broken, 0));
        if dialogue.possible(&[begun.to_owned(), odd])? {
            dialogue.close();
            return Err(Refused::Declined(without_place("the invariant has no value in an initial state")));
        }
        if !dialogue.possible(&[begun.to_owned(), broken])? {
            return Ok(None);
        }
        let states = self.states(dialogue, &[0])?;
        let others = Conclusion::Declined(without_place("an initial state does not satisfy the invariant"));
        let mut concluded = all(self.targets, &others);
        let own = self.own();
        for (target, conclusion) in &mut concluded {
            if *target == own {
                *conclusion = match &states {
                    Ok(states) => Conclusion::Reached(states.clone()),
                    Err(reason) => Conclusion::Declined(reason.clone()),
                };
            }
        }
        Ok(Some(concluded))
    }

    /// Properties of initial states need no invariant.
    fn initial_properties(&mut self, dialogue: &mut Dialogue<'_>, begun: &str) -> Result<Concluded, Refused> {
        let problem = self.problem;
        let mut concluded = Vec::new();
        for bad in problem.bads.iter().filter(|bad| bad.initially) {
            let text = dialogue.text(bad.when, 0);
            if !dialogue.possible(&[begun.to_owned(), text])? {
                continue;
            }
            match bad.target {
                Target::Property(_) => {
                    let conclusion = match self.states(dialogue, &[0])? {
                        Ok(states) => Conclusion::Reached(states),
                        Err(reason) => Conclusion::Declined(reason),
                    };
                    concluded.push((bad.target, conclusion));
                }
                Target::PropertyUndefined(broken) => {
                    dialogue.close();
                    let reason = without_place("the property has no value in an initial state");
                    concluded.push((Target::Property(broken), Conclusion::Declined(reason)));
                }
                Target::Deadlock | Target::Undefined | Target::Overflow => dialogue.close(),
            }
        }
        Ok(concluded)
    }

    /// What every answer about steps rests on; gives back how it is written that the invariant holds.
    fn foundations(&mut self, dialogue: &mut Dialogue<'_>, broken: Term, odd: Term) -> Result<String, Refused> {
        let problem = self.problem;
        dialogue.comment("the invariant has a value in all states of these places");
        let odd = dialogue.text(odd, FROM);
        if dialogue.possible(&[odd])? {
            dialogue.close();
            let reason = "the invariant has no value in some state that the values of the variables allow; begin it with \
                          conjuncts that say which set each variable is in";
            return Err(Refused::Declined(without_place(reason)));
        }
        let broken = dialogue.text(broken, FROM);
        let holds = format!("(not {broken})");
        dialogue.comment("steps from its states are defined");
        let texts: Vec<String> = problem.undefined.iter().map(|one| dialogue.text(one.when, FROM)).collect();
        if !texts.is_empty()
            && let Some(which) = dialogue.possible_one(&texts, std::slice::from_ref(&holds))?
        {
            let place = problem.undefined.iter().zip(which).find(|(_, is)| *is).map(|(one, _)| one);
            let what = place.map_or("an expression is undefined", |one| one.reason);
            let reason = format!("the invariant allows a state from which a step is undefined ({what})");
            if let Ok(states) = self.states(dialogue, &[FROM])? {
                let found = Counterexample { failing: Failing::UndefinedStep, states };
                self.report.counterexamples.push((self.own(), found));
            }
            return Err(Refused::Declined(Declined { reason, span: place.and_then(|one| one.span) }));
        }
        for way in problem.steps.iter().filter(|way| way.unfit != FALSE) {
            let text = dialogue.text(way.unfit, FROM);
            if dialogue.possible(&[holds.clone(), text])? {
                dialogue.close();
                let reason = format!("{}; say in the invariant what bounds it", unfit(way));
                return Err(Refused::Declined(Declined { reason, span: Some(way.span) }));
            }
        }
        Ok(holds)
    }

    /// Whether no step leads out of the invariant, by each way.
    fn consecution(&mut self, dialogue: &mut Dialogue<'_>, holds: &str, broken: Term) -> Result<bool, Refused> {
        let problem = self.problem;
        dialogue.comment("consecution: a step from the invariant to where it is false");
        let broken = dialogue.text(broken, TO);
        for (index, way) in problem.steps.iter().enumerate() {
            self.watch.progress("smt", &format!("consecution: way {} of {}", index + 1, problem.steps.len()));
            if self.watch.stopped() {
                return Err(Trouble::Stopped.into());
            }
            let taken = taken(dialogue, way, FROM, TO);
            if !dialogue.possible(&[holds.to_owned(), taken, broken.clone()])? {
                continue;
            }
            match self.states(dialogue, &[FROM, TO])? {
                Ok(states) => {
                    let found = Counterexample { failing: Failing::Step, states };
                    self.report.counterexamples.push((self.own(), found));
                }
                Err(reason) => return Err(Refused::Declined(reason)),
            }
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether the invariant implies something.
    fn safety(
        &mut self,
        dialogue: &mut Dialogue<'_>,
        holds: &str,
        target: Target,
        inductive: bool,
    ) -> Result<Conclusion, Refused> {
        let problem = self.problem;
        if let Some((_, reason)) = problem.declined.iter().find(|(known, _)| *known == target) {
            return Ok(Conclusion::Declined(reason.clone()));
        }
        let of_target = |bad: &&Bad| match (bad.target, target) {
            (Target::PropertyUndefined(broken), Target::Property(asked)) => broken == asked,
            (known, asked) => known == asked,
        };
        for bad in problem.bads.iter().filter(of_target).filter(|bad| bad.when != FALSE && !bad.initially) {
            let mut assumed = vec![holds.to_owned(), dialogue.text(bad.when, FROM)];
            let way = bad.way.and_then(|index| problem.steps.get(index));
            assumed.extend(way.map(|way| taken(dialogue, way, FROM, TO)));
            if !dialogue.possible(&assumed)? {
                continue;
            }
            if matches!(bad.target, Target::PropertyUndefined(_)) {
                dialogue.close();
                let reason = "the property has no value in a state or step that the invariant allows";
                return Ok(Conclusion::Declined(without_place(reason)));
            }
            let moments: &[u32] = if way.is_some() { &[FROM, TO] } else { &[FROM] };
            return Ok(Conclusion::Declined(match self.states(dialogue, moments)? {
                Ok(states) => {
                    let found = Counterexample { failing: Failing::Target(target), states };
                    self.report.counterexamples.push((target, found));
                    without_place("the invariant does not imply it")
                }
                Err(reason) => reason,
            }));
        }
        Ok(match inductive {
            true => Conclusion::Implied,
            false => Conclusion::Declined(without_place("the invariant implies it, but is not inductive")),
        })
    }

    /// The states of an open question, which is closed.
    fn states(
        &mut self,
        dialogue: &mut Dialogue<'_>,
        moments: &[u32],
    ) -> Result<Result<Vec<Vec<Datum>>, Declined>, Trouble> {
        let mut states = Vec::with_capacity(moments.len());
        for moment in moments {
            states.push(dialogue.state(*moment, self.machine)?.and_then(|state| finite(&state)));
        }
        dialogue.close();
        let states = states.into_iter().collect::<Result<Vec<Vec<Datum>>, String>>();
        Ok(states.map_err(|what| {
            without_place(format!("the solver has states that break the induction, but no value to show for {what}"))
        }))
    }
}
