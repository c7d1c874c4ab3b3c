//! One symbolic run to one verdict for each obligation.
//!
//! What the engine finds is only an offer. A counterexample is told by the interpreter and replayed by `recheck`; an
//! invariant counts as a proof only after `recheck` has accepted it.

use super::TlaEngine;
use super::input::Input;
use super::obligations::Target;
use super::replay::judged;
use super::task::Proving;
pub(super) use parts::OfPart;
use recheck::certificate::{Judgement, Proved};
use tla_explore::interpret::Interpreted;
use tla_explore::{Finding, Violation};
use tla_symbolic::certificate::Writer;
use tla_symbolic::liveness::Temporals;
use tla_symbolic::prove::Invariant;
use tla_symbolic::{Conclusion, Report, Watch};
use verdict::{Context, Decline, Event, EventSink, Obligation, Proof, Verdict};

mod parts;
mod recurrence;
mod vacuity;

/// Bytes of stack of the thread that translates: evaluation nests as deeply as the specification.
const STACK_SIZE: usize = 1 << 29;

/// Tells how far the engines are.
pub(super) struct Watching<'a> {
    pub(super) events: &'a dyn EventSink,
}

impl Watch for Watching<'_> {
    fn stopped(&self) -> bool {
        self.events.interrupted()
    }

    fn progress(&self, engine: &'static str, text: &str) {
        self.events.send(Event::Advanced { engine: engine.to_owned(), text: text.to_owned() });
    }
}

impl TlaEngine {
    pub(super) fn prove(
        &self,
        system: &Interpreted<'_>,
        proving: &Proving,
        group: &[Obligation],
        context: &Context<'_>,
    ) -> Vec<Verdict> {
        let verdicts = std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().name("prove".to_owned()).stack_size(STACK_SIZE);
            let run = builder.spawn_scoped(scope, || self.prove_here(system, proving, group, context));
            run.ok().and_then(|run| run.join().ok())
        });
        verdicts
            .unwrap_or_else(|| vec![crate::pipeline::internal("the symbolic engine broke off".to_owned()); group.len()])
    }

    fn prove_here(
        &self,
        system: &Interpreted<'_>,
        proving: &Proving,
        group: &[Obligation],
        context: &Context<'_>,
    ) -> Vec<Verdict> {
        if let Err(error) = system.check_assumptions() {
            return vec![super::failure::verdict_of(&error, None, &self.input.specification); group.len()];
        }
        let types = self.declared_types(context.events);
        self.write_smt(system, proving, group, context.events);
        if proving.smt {
            return self.prove_smt(system, proving, group, context);
        }
        if let Some(name) = super::input::inductive_name(&self.task, &self.input.specification) {
            return self.induct(system, proving, name, group, context);
        }
        let mut targets = self.symbolic_targets(group);
        let temporal = self.temporal_parts(group);
        if !temporal.is_empty() {
            // What is claimed of infinite behaviors rests on the shapes.
            targets.push(tla_symbolic::Target::Overflow);
        }
        let options = tla_symbolic::Options {
            engine: proving.engine,
            length: proving.length,
            solver: proving.solver,
            go_on: proving.go_on,
            // The problem is written as a circuit, for which a search has no use.
            visit: (proving.engine == tla_symbolic::Engine::Auto && proving.aiger.is_none())
                .then_some(tla_symbolic::visit::MOST),
            types: types.variables.into_iter().map(|one| one.map(|one| one.of)).collect(),
            ..Default::default()
        };
        let watch = Watching { events: context.events };
        let report = tla_symbolic::prove(system, &targets, &options, &watch);
        if let Some(defect) = &report.defect {
            return vec![crate::pipeline::internal(defect.clone()); group.len()];
        }
        self.write_aiger(system, proving, (&report, &temporal), context.events);
        let mut telling = Telling::new(self, system, &report, proving, context.events, group);
        let temporals = (!temporal.is_empty()).then(|| {
            // Before infinite behaviors take the rest of the time.
            telling.judge_all();
            tla_symbolic::liveness::prove(system, &temporal, &report, &options, &watch)
        });
        telling.temporals = temporals.as_ref();
        let emptiness = self.emptiness(system, &report, &options, context);
        let verdicts = self.verdicts(group, &mut |obligation, target| telling.verdict(obligation, target));
        self.without_emptiness(verdicts, group, &emptiness, context.events)
    }
}

/// Tells what a report says of each obligation.
pub(super) struct Telling<'a, 's> {
    engine: &'a TlaEngine,
    system: &'a Interpreted<'s>,
    report: &'a Report,
    proving: &'a Proving,
    judgements: Vec<(usize, Judgement)>,
    events: &'a dyn EventSink,
    group: &'a [Obligation],
    /// What was found out about infinite behaviors, if that was asked.
    temporals: Option<&'a Temporals>,
}

impl<'a, 's> Telling<'a, 's> {
    pub(super) fn new(
        engine: &'a TlaEngine,
        system: &'a Interpreted<'s>,
        report: &'a Report,
        proving: &'a Proving,
        events: &'a dyn EventSink,
        group: &'a [Obligation],
    ) -> Self {
        Self { engine, system, report, proving, judgements: Vec::new(), events, group, temporals: None }
    }

    fn input(&self) -> &Input {
        &self.engine.input
    }

    pub(super) fn verdict(&mut self, obligation: &Obligation, target: &Target) -> Verdict {
        match target {
            Target::Property(property) if property.temporal.is_empty() => {
                let parts: Vec<tla_symbolic::Target> =
                    property.parts.iter().map(|part| tla_symbolic::Target::Property(*part)).collect();
                self.of_parts(obligation, &parts)
            }
            Target::Property(property) => self.of_temporal(obligation, property),
            Target::Deadlock => self.of_parts(obligation, &[tla_symbolic::Target::Deadlock]),
            Target::Assumptions => self.assumptions(),
            Target::Evaluation | Target::EveryActionFires | Target::Postcondition(_) => {
                self.declined("this is a question about a search of all states".to_owned(), obligation.place.clone())
            }
        }
    }

    fn declined(&self, reason: String, place: Option<verdict::Place>) -> Verdict {
        let remedy = "check it with `interlock tla check`".to_owned();
        Verdict::Declined(Decline { reason, place, remedy, induction: None })
    }

    /// Assumptions mention no variable: the independent evaluator decides them.
    fn assumptions(&self) -> Verdict {
        let answer = recheck::assumptions(&self.input().specification, &self.input().config);
        if !answer.outcomes.is_empty() && answer.outcomes.iter().all(|outcome| *outcome == Ok(true)) {
            return Verdict::Proved(Proof {
                certificate: "none is needed: they are evaluated".to_owned(),
                checker: "recheck".to_owned(),
                axioms: Vec::new(),
            });
        }
        self.declined("the independent checker cannot evaluate the assumptions".to_owned(), None)
    }

    fn of_parts(&mut self, obligation: &Obligation, parts: &[tla_symbolic::Target]) -> Verdict {
        let report = self.report;
        let declined = |reason, place| self.declined(reason, place);
        let held = match self.each_part(obligation, parts, &report.conclusions, of_part, declined) {
            Ok(held) => held,
            Err(verdict) => return *verdict,
        };
        let least = held.iter().filter_map(|(length, ..)| *length).min();
        let left = held.iter().any(|(_, left, _)| *left);
        let invariant = held.iter().rev().find_map(|(.., number)| *number);
        if let Some(length) = least {
            let why = if left { "; the search ended at a violation" } else { "" };
            let bound = format!("no behavior of up to {length} steps breaks it{why}");
            return bounded(&bound, Some(u64::from(length)));
        }
        match invariant {
            Some(number) => self.proved(number),
            None => self.declined("the property has no part that can be proved".to_owned(), obligation.place.clone()),
        }
    }

    /// Has every invariant judged.
    fn judge_all(&mut self) {
        (0..self.report.invariants.len()).for_each(|number| drop(self.judged(number)));
    }

    fn judged(&mut self, number: usize) -> Judgement {
        match self.judgements.iter().find(|(known, _)| *known == number) {
            Some((_, judgement)) => judgement.clone(),
            None => {
                let judgement = self.judge(number);
                self.judgements.push((number, judgement.clone()));
                judgement
            }
        }
    }

    fn proved(&mut self, number: usize) -> Verdict {
        let judgement = self.judged(number);
        let invariant = &self.report.invariants[number];
        match judgement {
            Judgement::Accepted { .. } => Verdict::Proved(Proof {
                certificate: match &self.proving.certificate {
                    Some(path) => path.display().to_string(),
                    None => "not kept (name a file with --certificate)".to_owned(),
                },
                checker: "recheck".to_owned(),
                axioms: Vec::new(),
            }),
            Judgement::Rejected { reason } => crate::pipeline::internal(format!(
                "the independent checker rejects the invariant that {} found: {reason}",
                invariant.by
            )),
            Judgement::Undefined { reason } => bounded(
                &format!(
                    "the invariant that {} found allows a state in which something is undefined: {reason}",
                    invariant.by
                ),
                None,
            ),
            Judgement::Unsupported { construct, place } => {
                let conjuncts = report::number::counted(self.conjuncts(invariant).len(), "conjunct");
                let at = place.map_or_else(String::new, |place| format!(" at {place}"));
                bounded(
                    &format!(
                        "{} found an inductive invariant of {conjuncts}, which would prove it; the independent checker \
                     cannot check it: {construct}{at}",
                        invariant.by
                    ),
                    None,
                )
            }
        }
    }

    /// Asks the independent checker whether an invariant proves what it is said to prove, and keeps the invariant.
    fn judge(&self, number: usize) -> Judgement {
        let invariant = &self.report.invariants[number];
        if invariant.by == "k-induction" {
            let construct = format!("what {} shows, for which there is no invariant yet", invariant.by);
            return Judgement::Unsupported { construct, place: None };
        }
        if let Some(path) = &self.proving.certificate {
            let lines: Vec<String> = self.conjuncts(invariant).iter().map(|line| format!("    /\\ {line}")).collect();
            let body = format!("InductiveInvariant ==\n{}\n", lines.join("\n"));
            if let Err(error) = std::fs::write(path, body) {
                let text = format!("cannot write {}: {error}", path.display());
                self.events.send(Event::Warning { text });
            }
        }
        let Some(built) = &self.report.built else {
            return Judgement::Unsupported { construct: "an invariant without a circuit".to_owned(), place: None };
        };
        let mut proved = Proved::default();
        for obligation in self.group {
            match self.engine.target(obligation) {
                Some(Target::Property(property)) => {
                    let excluded = !property.parts.is_empty()
                        && property
                            .parts
                            .iter()
                            .all(|part| self.excluded_by(tla_symbolic::Target::Property(*part), number));
                    let name = obligation.name_in_input.clone();
                    let is_invariant = self.input().config.invariants.iter().any(|ident| *ident.name == *name);
                    match (excluded, is_invariant) {
                        (true, true) => proved.invariants.push(name),
                        (true, false) => proved.properties.push(name),
                        (false, _) => {}
                    }
                }
                Some(Target::Deadlock) => {
                    proved.deadlock_freedom = self.excluded_by(tla_symbolic::Target::Deadlock, number);
                }
                _ => {}
            }
        }
        self.events.send(Event::Advanced { engine: "recheck".to_owned(), text: "checks the certificate".to_owned() });
        let model = self.system.model;
        let certificate = tla_symbolic::certificate::checkable(model, &self.report.shapes, built, invariant);
        let events = self.events;
        recheck::certificate::certify(&self.input().specification, &self.input().config, &certificate, &proved, &|| {
            events.interrupted()
        })
    }

    fn excluded_by(&self, target: tla_symbolic::Target, number: usize) -> bool {
        let conclusions = &self.report.conclusions;
        conclusions.iter().any(|(known, conclusion)| {
            *known == target && matches!(conclusion, Conclusion::Excluded(by) if *by == number)
        })
    }

    fn conjuncts(&self, invariant: &Invariant) -> Vec<String> {
        let Some(built) = &self.report.built else { return Vec::new() };
        let model = self.system.model;
        let variables: Vec<String> = model.variables.iter().map(|(name, _)| name.to_string()).collect();
        Writer { names: &model.names, variables: &variables, shapes: &self.report.shapes, built, monitor: &[] }
            .conjuncts(invariant, model)
    }

    pub(super) fn refuted(
        &self,
        obligation: &Obligation,
        target: tla_symbolic::Target,
        states: &[Vec<tla_compile::shape::Datum>],
    ) -> Verdict {
        let violation = match target {
            tla_symbolic::Target::Property(broken) => Violation::Broken(broken),
            tla_symbolic::Target::Deadlock => Violation::Deadlock,
            tla_symbolic::Target::PropertyUndefined(_)
            | tla_symbolic::Target::Undefined
            | tla_symbolic::Target::Overflow => {
                return crate::pipeline::internal("a counterexample to something that was not asked".to_owned());
            }
        };
        let mut teller = self.engine.teller(self.system);
        let trace = match teller.words(states) {
            Ok(trace) => trace,
            Err(error) => return crate::pipeline::internal(error.message.clone()),
        };
        let finding = Finding { violation, trace };
        match teller.counterexample(&finding) {
            Ok(counterexample) => {
                let name = &obligation.name_in_input;
                judged(self.input(), violation, name, counterexample, &self.engine.task.replay_command)
            }
            Err(error) => crate::pipeline::internal(format!(
                "the behavior of {} states that the engine has is none of the specification: {}",
                states.len(),
                error.message
            )),
        }
    }
}

/// What a conclusion says of a part that holds: for how many steps, whether the search ended at a violation, the number
/// of the invariant.
fn of_part(conclusion: &Conclusion) -> OfPart<'_, (Option<u32>, bool, Option<usize>)> {
    match conclusion {
        Conclusion::Reached(states) => OfPart::Reached(states),
        Conclusion::Declined(reason) => OfPart::Declined(reason),
        Conclusion::Bounded(length) => OfPart::Holds((Some(*length), false, None)),
        Conclusion::Left(length) => OfPart::Holds((Some(*length), true, None)),
        Conclusion::Excluded(number) => OfPart::Holds((None, false, Some(*number))),
    }
}

fn bounded(bound: &str, depth: Option<u64>) -> Verdict {
    Verdict::Bounded { bound: bound.to_owned(), depth, unwinding_assertions: false }
}
