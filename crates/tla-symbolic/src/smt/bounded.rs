//! Behaviors up to a length, step by step.
//!
//! The places at moment 0 are an initial state, those at moment t+1 follow from those at t by a way that can be taken; ways
//! that cannot be taken at a moment are left out from there. At each moment it is asked, for each way that leads there,
//! whether something bad is the case, so the counterexample that is found is a shortest one.

use super::dialogue::{Dialogue, Trouble, one_of};
use super::problem::{Bad, Problem, Way};
use super::term::{FALSE, Term};
use super::{Conclusion, Report, all, finite, without_place, words};
use crate::circuit::Target;
use crate::engine::Watch;
use tla_compile::Declined;
use tla_compile::shape::Datum;
use tla_model::eval::Machine;

/// Ways of which each is asked about by itself.
const MOST_GROUPS: usize = 64;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Longest behaviors that are looked at, in steps.
    pub length: u32,
    /// Whether to decide the other targets too once one was reached.
    pub go_on: bool,
}

/// Looks at behaviors up to a length.
pub fn run(
    dialogue: &mut Dialogue<'_>,
    targets: &[Target],
    options: Options,
    machine: &mut Machine<'_>,
    watch: &dyn Watch,
) -> Report {
    let problem = dialogue.problem;
    let mut search = Search { problem, targets, options, machine, watch, known: vec![None; targets.len()] };
    for (target, known) in targets.iter().zip(&mut search.known) {
        let declined = problem.declined.iter().find(|(declined, _)| declined == target);
        *known = declined.map(|(_, reason)| Conclusion::Declined(reason.clone()));
    }
    let mut moment = 0;
    let ended = search.go(dialogue, &mut moment);
    let left = match ended {
        Ok(why) => Conclusion::Bounded(moment, why),
        Err(Over::Declined(reason)) => Conclusion::Declined(reason),
        Err(Over::Trouble(trouble)) => match moment.checked_sub(1) {
            Some(decided) => Conclusion::Bounded(decided, Some(words(&trouble))),
            None => Conclusion::Declined(without_place(words(&trouble))),
        },
    };
    let known = search.known.into_iter().map(|known| known.unwrap_or_else(|| left.clone()));
    let conclusions = targets.iter().copied().zip(known).collect();
    Report { conclusions, counterexamples: Vec::new(), questions: dialogue.questions }
}

/// Why the search ended before its time.
enum Over {
    Declined(Declined),
    Trouble(Trouble),
}

impl From<Trouble> for Over {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

struct Search<'a, 'm> {
    problem: &'a Problem,
    targets: &'a [Target],
    options: Options,
    machine: &'a mut Machine<'m>,
    watch: &'a dyn Watch,
    known: Vec<Option<Conclusion>>,
}

impl Search<'_, '_> {
    /// Goes from moment to moment; gives back why it went no further than the last one, if not for the length.
    fn go(&mut self, dialogue: &mut Dialogue<'_>, moment: &mut u32) -> Result<Option<String>, Over> {
        begin(dialogue)?;
        let mut last: Vec<String> = Vec::new();
        loop {
            self.watch.progress("smt", &format!("length {moment}"));
            if self.watch.stopped() {
                return Err(Trouble::Stopped.into());
            }
            dialogue.comment(&format!("behaviors of {moment} steps: is their last state bad?"));
            self.states(dialogue, *moment, &last)?;
            if self.is_over() {
                return Ok(Some("the search ended at a violation".to_owned()));
            }
            if *moment >= self.options.length {
                return Ok(None);
            }
            if let Some(why) = self.foundations(dialogue, *moment)? {
                return Ok(Some(why));
            }
            self.steps(dialogue, *moment)?;
            if self.is_over() {
                return Ok(Some("the search ended at a violation".to_owned()));
            }
            last = step(dialogue, *moment)?;
            if last.is_empty() {
                return Ok(Some("no behavior is longer".to_owned()));
            }
            *moment += 1;
        }
    }

    fn is_over(&self) -> bool {
        let reached = self.known.iter().any(|known| matches!(known, Some(Conclusion::Reached(_))));
        self.known.iter().all(Option::is_some) || reached && !self.options.go_on
    }

    fn is_open(&self, bad: &Bad) -> bool {
        let asked = match bad.target {
            Target::PropertyUndefined(broken) => Target::Property(broken),
            other => other,
        };
        self.targets.iter().zip(&self.known).any(|(target, known)| *target == asked && known.is_none())
    }

    fn settle(&mut self, target: Target, conclusion: &Conclusion) {
        for (known, slot) in self.targets.iter().zip(&mut self.known) {
            if *known == target && slot.is_none() {
                *slot = Some(conclusion.clone());
            }
        }
    }

    /// Whether the last state is bad, by each way that leads to it.
    fn states(&mut self, dialogue: &mut Dialogue<'_>, moment: u32, last: &[String]) -> Result<(), Over> {
        let problem = self.problem;
        let groups = match last.len() {
            0 => vec![None],
            _ => grouped(last).into_iter().map(Some).collect(),
        };
        for group in groups {
            loop {
                let open = |bad: &&Bad| {
                    bad.way.is_none() && bad.when != FALSE && (moment == 0 || !bad.initially) && self.is_open(bad)
                };
                let bads: Vec<&Bad> = problem.bads.iter().filter(open).collect();
                if bads.is_empty() {
                    break;
                }
                let texts: Vec<String> = bads.iter().map(|bad| dialogue.text(bad.when, moment)).collect();
                let assumed: Vec<String> = group.clone().into_iter().collect();
                let Some(which) = dialogue.possible_one(&texts, &assumed)? else { break };
                self.found(dialogue, &bads, &which, moment)?;
            }
        }
        Ok(())
    }

    /// Settles a target with the behavior that the solver has, up to a moment.
    fn found(&mut self, dialogue: &mut Dialogue<'_>, bads: &[&Bad], which: &[bool], until: u32) -> Result<(), Over> {
        let Some((bad, _)) = bads.iter().zip(which).find(|(_, is)| **is) else {
            return Err(Trouble::Broken("its model has nothing of what was asked".to_owned()).into());
        };
        let conclusion = match bad.target {
            Target::PropertyUndefined(_) => {
                let reason = format!("the property is undefined in state {}", until + 1);
                Conclusion::Declined(without_place(reason))
            }
            Target::Property(_) | Target::Deadlock | Target::Undefined | Target::Overflow => {
                let mut states = Vec::new();
                for at in 0..=until {
                    states.push(dialogue.state(at, self.machine)?.and_then(|state| finite(&state)));
                }
                match states.into_iter().collect::<Result<Vec<Vec<Datum>>, String>>() {
                    Ok(states) => Conclusion::Reached(states),
                    Err(what) => Conclusion::Declined(without_place(format!(
                        "the solver has a behavior of {} states that breaks it, but no value to show and replay for {what}",
                        until + 1
                    ))),
                }
            }
        };
        dialogue.close();
        let target = match bad.target {
            Target::PropertyUndefined(broken) => Target::Property(broken),
            other => other,
        };
        self.settle(target, &conclusion);
        Ok(())
    }

    /// What every claim about longer behaviors rests on: that steps are defined and that their values have places.
    fn foundations(&mut self, dialogue: &mut Dialogue<'_>, moment: u32) -> Result<Option<String>, Over> {
        let problem = self.problem;
        let undefined: Vec<Term> = problem.undefined.iter().map(|one| one.when).collect();
        let texts: Vec<String> = undefined.iter().map(|when| dialogue.text(*when, moment)).collect();
        if !texts.is_empty()
            && let Some(which) = dialogue.possible_one(&texts, &[])?
        {
            let place = problem.undefined.iter().zip(which).find(|(_, is)| *is).map(|(one, _)| one);
            dialogue.close();
            let what = place.map_or("an expression is undefined", |one| one.reason);
            let reason = format!("a step from state {} of a behavior is undefined: {what}", moment + 1);
            return Err(Over::Declined(Declined { reason, span: place.and_then(|one| one.span) }));
        }
        for way in problem.steps.iter().filter(|way| way.unfit != FALSE) {
            let text = dialogue.text(way.unfit, moment);
            if dialogue.possible(&[text])? {
                dialogue.close();
                return Ok(Some(unfit(way)));
            }
        }
        Ok(None)
    }

    /// Whether a step is bad.
    fn steps(&mut self, dialogue: &mut Dialogue<'_>, moment: u32) -> Result<(), Over> {
        let problem = self.problem;
        for (index, way) in problem.steps.iter().enumerate() {
            loop {
                let open = |bad: &&Bad| bad.way == Some(index) && bad.when != FALSE && self.is_open(bad);
                let bads: Vec<&Bad> = problem.bads.iter().filter(open).collect();
                if bads.is_empty() {
                    break;
                }
                let texts: Vec<String> = bads.iter().map(|bad| dialogue.text(bad.when, moment)).collect();
                let taken = taken(dialogue, way, moment, moment + 1);
                let Some(which) = dialogue.possible_one(&texts, &[taken])? else { break };
                self.found(dialogue, &bads, &which, moment + 1)?;
            }
        }
        Ok(())
    }
}

/// Why steps lead out of what has a place.
pub(super) fn unfit(way: &Way) -> String {
    format!(
        "{} leads to a value without a place, such as a sequence of more than {} elements",
        way.name,
        super::shape::LONGEST
    )
}

/// Says that moment 0 is an initial state.
fn begin(dialogue: &mut Dialogue<'_>) -> Result<(), Over> {
    let begun = beginnings(dialogue, 0).map_err(|refused| match refused {
        Refused::Declined(reason) => Over::Declined(reason),
        Refused::Trouble(trouble) => Over::Trouble(trouble),
    })?;
    dialogue.script.line(&format!("(assert {})", one_of(&begun)));
    Ok(())
}

/// Why there is no beginning.
pub(super) enum Refused {
    Declined(Declined),
    Trouble(Trouble),
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// Names for the ways to begin at a moment, of which one has to be said to be taken.
pub(super) fn beginnings(dialogue: &mut Dialogue<'_>, moment: u32) -> Result<Vec<String>, Refused> {
    let problem = dialogue.problem;
    dialogue.comment("initial states: defined, with a place for each value, and there are some");
    let texts: Vec<String> = problem.undefined_initially.iter().map(|one| dialogue.text(one.when, moment)).collect();
    if !texts.is_empty() && dialogue.possible(&[one_of(&texts)])? {
        dialogue.close();
        let first = problem.undefined_initially.first();
        let reason = format!(
            "the initial predicate is undefined: {}, or another expression",
            first.map_or("an expression is undefined", |one| one.reason)
        );
        return Err(Refused::Declined(Declined { reason, span: first.and_then(|one| one.span) }));
    }
    let mut names = Vec::with_capacity(problem.starts.len());
    for (index, way) in problem.starts.iter().enumerate() {
        if way.unfit != FALSE {
            let text = dialogue.text(way.unfit, moment);
            if dialogue.possible(&[text])? {
                dialogue.close();
                let reason = "an initial state has a value without a place";
                return Err(Refused::Declined(Declined { reason: reason.to_owned(), span: Some(way.span) }));
            }
        }
        names.push(named(dialogue, way, &format!("begin.{index}@{moment}"), moment, moment));
    }
    if !dialogue.can_be(&[one_of(&names)])? {
        let reason = "no state satisfies the initial predicate, so there is nothing to prove";
        return Err(Refused::Declined(without_place(reason)));
    }
    dialogue.close();
    Ok(names)
}

/// A name for taking a way.
fn named(dialogue: &mut Dialogue<'_>, way: &Way, name: &str, from: u32, to: u32) -> String {
    let text = taken(dialogue, way, from, to);
    dialogue.script.line(&format!("(declare-fun {name} () Bool) ; {}", way.name.replace(['\n', ';'], " ")));
    dialogue.script.line(&format!("(assert (=> {name} {text}))"));
    name.to_owned()
}

/// That a way is taken from one moment to another.
pub(super) fn taken(dialogue: &mut Dialogue<'_>, way: &Way, from: u32, to: u32) -> String {
    let mut parts = vec![dialogue.text(way.guard, from)];
    for (place, value) in dialogue.problem.places.iter().zip(&way.values) {
        let after = dialogue.text(*place, to);
        let value = dialogue.text(value.unwrap_or(*place), from);
        parts.push(format!("(= {after} {value})"));
    }
    format!("(and {})", parts.join(" "))
}

/// Says that the next moment follows by some way; gives back the names of those that can be taken.
fn step(dialogue: &mut Dialogue<'_>, moment: u32) -> Result<Vec<String>, Trouble> {
    let problem = dialogue.problem;
    dialogue.comment(&format!("from moment {moment} to the next: which ways can be taken?"));
    let each = problem.steps.len() <= MOST_GROUPS;
    let mut names = Vec::with_capacity(problem.steps.len());
    for (index, way) in problem.steps.iter().enumerate() {
        if each {
            let guard = dialogue.text(way.guard, moment);
            if !dialogue.can_be(&[guard])? {
                continue;
            }
            dialogue.close();
        }
        names.push(named(dialogue, way, &format!("take.{index}@{moment}"), moment, moment + 1));
    }
    if !each && !names.is_empty() {
        if !dialogue.can_be(&[one_of(&names)])? {
            return Ok(Vec::new());
        }
        dialogue.close();
    }
    if !names.is_empty() {
        dialogue.script.line(&format!("(assert {})", one_of(&names)));
    }
    Ok(names)
}

/// Names in at most so many groups, each as a disjunction.
fn grouped(names: &[String]) -> Vec<String> {
    names.chunks(names.len().div_ceil(MOST_GROUPS).max(1)).map(one_of).collect()
}

/// A report in which nothing was decided.
pub fn undecided(targets: &[Target], reason: &Declined) -> Report {
    let conclusions = all(targets, &Conclusion::Declined(reason.clone()));
    Report { conclusions, ..Report::default() }
}
