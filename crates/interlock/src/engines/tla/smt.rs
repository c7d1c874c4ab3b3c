//! Unbounded integers: a model as a problem of SMT-LIB, a solver outside, and what its answers are worth.
//!
//! What the solver has a behavior for is told by the interpreter and replayed by `recheck`, like every counterexample. What
//! it says is impossible nobody checks: no proof comes with its *unsat* that anything here could read. So the strongest verdict
//! is `Bounded`, also where the induction covers behaviors of every length, and it names the solver, its version and the logic.

use super::TlaEngine;
use super::inductive::{Failed, is_of};
use super::obligations::Target;
use super::place::place_of;
use super::prove::{OfPart, Telling, Watching};
use super::task::Proving;
use external::smt::{Session, SessionError};
use std::sync::PoisonError;
use tla_explore::interpret::Interpreted;
use tla_symbolic::smt::dialogue::{Dialogue, Trouble};
use tla_symbolic::smt::{self, Conclusion, Problem, Recorder, Report, bounded, induction};
use tla_symbolic::{Target as Asked, Watch};
use verdict::engine::Details;
use verdict::{Context, Decline, Event, EventSink, Obligation, Verdict};

/// Longest behaviors that are looked at where nobody says otherwise, in steps.
const LENGTH: u32 = 10;

/// Most address space of the solver.
const MEMORY: u64 = 8 << 30;

/// What a solver is asked.
enum Question {
    /// Behaviors up to a length.
    Bounded(bounded::Options),
    /// Whether the invariant with this number is inductive.
    Inductive(u32),
}

/// A running solver as the library talks to it.
struct Talking<'a> {
    session: Session,
    events: &'a dyn EventSink,
}

impl smt::Solver for Talking<'_> {
    fn ask(&mut self, commands: &str) -> Result<String, Trouble> {
        let answer = self.session.ask(commands, &|| self.events.interrupted());
        answer.map_err(|error| match error {
            SessionError::Stopped => Trouble::Stopped,
            other => Trouble::Broken(other.to_string()),
        })
    }
}

impl TlaEngine {
    /// Writes the problem where it was asked for.
    pub(super) fn write_smt(
        &self,
        system: &Interpreted<'_>,
        proving: &Proving,
        group: &[Obligation],
        events: &dyn EventSink,
    ) {
        let Some(path) = &proving.smt_file else { return };
        let warn = |text: String| events.send(Event::Warning { text });
        let watch = Watching { events };
        let problem = match smt::build(system, &watch) {
            Ok(problem) => problem,
            Err(reason) => {
                let at = reason
                    .span
                    .map_or_else(String::new, |span| format!(" at {}", place_of(&self.input.specification, span)));
                return warn(format!("there is no problem of SMT-LIB to write: {}{at}", reason.reason));
            }
        };
        let question = match self.question(proving) {
            Ok(question) => question,
            Err(text) => return warn(text),
        };
        let mut recorder = Recorder::default();
        let targets = self.symbolic_targets(group);
        // What it seems to find out is not looked at: nobody answered.
        let _ = ask(system, &problem, &mut recorder, &targets, &question, &watch);
        if let Err(error) = std::fs::write(path, recorder.text) {
            warn(format!("cannot write {}: {error}", path.display()));
        }
    }

    fn question(&self, proving: &Proving) -> Result<Question, String> {
        let Some(name) = super::input::inductive_name(&self.task, &self.input.specification) else {
            let length = proving.length.unwrap_or(LENGTH);
            return Ok(Question::Bounded(bounded::Options { length, go_on: proving.go_on }));
        };
        self.number_of(name).map(Question::Inductive)
    }

    /// Asks a solver.
    pub(super) fn prove_smt(
        &self,
        system: &Interpreted<'_>,
        proving: &Proving,
        group: &[Obligation],
        context: &Context<'_>,
    ) -> Vec<Verdict> {
        let targets = self.symbolic_targets(group);
        let question = match self.question(proving) {
            Ok(question) => question,
            Err(text) => return vec![crate::pipeline::internal(text); group.len()],
        };
        let (answered, unanswered) = match self.answered(system, proving, &targets, &question, context) {
            Ok(answered) => (answered, None),
            Err(unanswered) => ((Report::default(), String::new()), Some(unanswered)),
        };
        let (report, by) = answered;
        let answers = Answers { engine: self, system, report: &report, by, proving, context, group };
        let (mut verdicts, mut details) = (Vec::with_capacity(group.len()), Vec::with_capacity(group.len()));
        for obligation in group {
            let unanswered = unanswered.as_deref().filter(|_| answers.is_asked(obligation));
            verdicts.push(match unanswered {
                Some(unanswered) => unanswered.verdict.clone(),
                None => answers.verdict(obligation),
            });
            let absent_tool = unanswered.and_then(|unanswered| unanswered.absent_tool).map(str::to_owned);
            details.push(Details { absent_tool, ..Details::default() });
        }
        *self.details.lock().unwrap_or_else(PoisonError::into_inner) = details;
        verdicts
    }

    /// What a solver says, and which one with which logic.
    fn answered(
        &self,
        system: &Interpreted<'_>,
        proving: &Proving,
        targets: &[Asked],
        question: &Question,
        context: &Context<'_>,
    ) -> Result<(Report, String), Box<Unanswered>> {
        let watch = Watching { events: context.events };
        watch.progress("smt", "translating");
        let problem = smt::build(system, &watch).map_err(|reason| {
            let place = reason.span.map(|span| place_of(&self.input.specification, span));
            Unanswered::declined(reason.reason.clone(), place)
        })?;
        let (solver, found) = external::smt::find(&proving.solvers, &proving.places).map_err(|unusable| {
            // Beside an engine that is always here it is a stated gap; where nobody else is asked, nothing was decided.
            let beside_others = self.task.asks.is_some();
            let wanted = proving.solvers.first().map(|solver| solver.tool().name).filter(|_| beside_others);
            Box::new(Unanswered { verdict: unusable.verdict(), absent_tool: wanted })
        })?;
        let name = format!("{} {}", solver.tool().name, found.version);
        let session = Session::start(&solver.job(&found), Some(MEMORY), None)
            .map_err(|error| Unanswered::declined(format!("{name} gave no answer: {error}"), None))?;
        watch.progress("smt", &format!("{name}, {}, {} places", problem.terms.needs.logic(), problem.places.len()));
        let mut talking = Talking { session, events: context.events };
        let report = ask(system, &problem, &mut talking, targets, question, &watch);
        Ok((report, format!("{name} ({})", problem.terms.needs.logic())))
    }
}

fn ask(
    system: &Interpreted<'_>,
    problem: &Problem,
    solver: &mut dyn smt::Solver,
    targets: &[Asked],
    question: &Question,
    watch: &dyn Watch,
) -> Report {
    let mut machine = system.machine();
    let mut dialogue = Dialogue::new(problem, solver);
    match question {
        Question::Bounded(options) => bounded::run(&mut dialogue, targets, *options, &mut machine, watch),
        Question::Inductive(number) => induction::run(&mut dialogue, *number, targets, &mut machine, watch),
    }
}

/// Why no solver answers.
struct Unanswered {
    /// The verdict on everything that it was to decide.
    verdict: Verdict,
    /// The solver, where there is none that can be used and that is a gap.
    absent_tool: Option<&'static str>,
}

impl Unanswered {
    fn declined(reason: String, place: Option<verdict::Place>) -> Box<Self> {
        Box::new(Self { verdict: declined(reason, place), absent_tool: None })
    }
}

fn declined(reason: String, place: Option<verdict::Place>) -> Verdict {
    let remedy =
        "check it with `interlock tla check` under a constraint, or with another engine of `interlock tla prove`";
    Verdict::Declined(Decline { reason, place, remedy: remedy.to_owned(), induction: None })
}

/// Tells what a report says of each obligation.
struct Answers<'a, 's> {
    engine: &'a TlaEngine,
    system: &'a Interpreted<'s>,
    report: &'a Report,
    /// The solver, its version and the logic.
    by: String,
    proving: &'a Proving,
    context: &'a Context<'a>,
    group: &'a [Obligation],
}

impl Answers<'_, '_> {
    /// Whether a solver is asked about it.
    fn is_asked(&self, obligation: &Obligation) -> bool {
        match self.engine.target(obligation) {
            Some(Target::Property(property)) => property.temporal.is_empty(),
            Some(Target::Deadlock) => true,
            Some(Target::Assumptions | Target::Evaluation | Target::EveryActionFires | Target::Postcondition(_))
            | None => false,
        }
    }

    fn verdict(&self, obligation: &Obligation) -> Verdict {
        let Some(target) = self.engine.target(obligation) else {
            return crate::pipeline::internal(format!("{} is no obligation of this model", obligation.property));
        };
        let mine = self.report.counterexamples.iter().find(|(asked, _)| is_of(target, *asked));
        let name = super::input::inductive_name(&self.engine.task, &self.engine.input.specification);
        if let (Some((asked, found)), Some(name)) = (mine, name) {
            let number = self.engine.number_of(name).unwrap_or(u32::MAX);
            return Failed { engine: self.engine, system: self.system, name, number }
                .verdict(obligation, *asked, found);
        }
        match target {
            Target::Property(property) if property.temporal.is_empty() => {
                let parts: Vec<Asked> = property.parts.iter().map(|part| Asked::Property(*part)).collect();
                self.of_parts(obligation, &parts, name)
            }
            Target::Deadlock => self.of_parts(obligation, &[Asked::Deadlock], name),
            _ => self.telling(&tla_symbolic::Report::default()).verdict(obligation, target),
        }
    }

    fn telling<'t>(&'t self, report: &'t tla_symbolic::Report) -> Telling<'t, 't> {
        Telling::new(self.engine, self.system, report, self.proving, self.context.events, self.group)
    }

    /// What a conclusion says of a part that holds: for how many steps, and in words.
    fn of_part<'c>(&self, conclusion: &'c Conclusion, name: Option<&str>) -> OfPart<'c, (Option<u32>, String)> {
        let by = &self.by;
        match conclusion {
            Conclusion::Reached(states) => OfPart::Reached(states),
            Conclusion::Declined(reason) => OfPart::Declined(reason),
            Conclusion::Bounded(length, why) => {
                let why = why.as_ref().map_or_else(String::new, |why| format!("; {why}"));
                OfPart::Holds((Some(*length), format!("no behavior of up to {length} steps breaks it, by {by}{why}")))
            }
            Conclusion::Induced(steps) => OfPart::Holds((
                None,
                format!(
                    "no behavior breaks it, by {steps}-induction with {by}, whose answers come without a proof that \
                     could be checked here"
                ),
            )),
            Conclusion::Implied => OfPart::Holds((
                None,
                format!(
                    "no behavior breaks it, by induction with {} and {by}, whose answers come without a proof that \
                     could be checked here",
                    name.unwrap_or("the invariant")
                ),
            )),
        }
    }

    fn of_parts(&self, obligation: &Obligation, parts: &[Asked], name: Option<&str>) -> Verdict {
        let read = |conclusion| self.of_part(conclusion, name);
        let nothing = tla_symbolic::Report::default();
        let held = self.telling(&nothing).each_part(obligation, parts, &self.report.conclusions, read, declined);
        // A length is weaker than none, the smaller one the more so.
        let weakest = match held {
            Ok(held) => held.into_iter().min_by_key(|(depth, _)| (depth.is_none(), *depth)),
            Err(verdict) => return *verdict,
        };
        match weakest {
            Some((depth, bound)) => {
                Verdict::Bounded { bound, depth: depth.map(u64::from), unwinding_assertions: false }
            }
            None => declined("the property has no part that can be asked about".to_owned(), obligation.place.clone()),
        }
    }
}
