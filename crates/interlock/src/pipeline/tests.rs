//! The pipeline with engines that are wrong on purpose. A pipeline that believes an engine that always passes, or one that
//! always fails, would never be noticed by tests with good engines only.

use super::{discharge, find_gaps, settle_disagreements};
use crate::cli::{ColorWhen, Global};
use crate::console::Console;
use crate::monitor::Monitor;
use crate::stop::StopFlag;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use verdict::trace::Ending;
use verdict::{
    CollisionBound, Context, Counterexample, Decline, Engine, Event, Evidence, Exhaustion, ExitCode, Expectation,
    InputText, Obligation, Progress, Property, PropertyKind, Refutation, StoreKind, Trace, Verdict,
};

/// What a fake engine does.
#[derive(Clone, Copy, PartialEq)]
enum Habit {
    AlwaysPass,
    AlwaysFail,
    FailsWithoutReplay,
    OneVerdictTooFew,
    WaitsForTheEnd,
    Talks,
}

struct Fake {
    habit: Habit,
    name: &'static str,
    expectation: Expectation,
}

fn fake(habit: Habit) -> Fake {
    Fake { habit, name: "fake", expectation: Expectation::Holds }
}

fn passed() -> Verdict {
    Verdict::Exhausted(Exhaustion {
        constants: Vec::new(),
        reductions: Vec::new(),
        generated: 3,
        distinct: 2,
        depth: 1,
        store: StoreKind::Exact,
        collision_bound: CollisionBound(0.0),
    })
}

fn refuted(replayed_by: &str) -> Verdict {
    let trace = Trace { steps: Vec::new(), ending: Ending::Finite, closing: None };
    let counterexample = Counterexample { trace, false_conjuncts: Vec::new(), notes: BTreeMap::new() };
    let replayed_by = replayed_by.to_owned();
    Verdict::Refuted(Box::new(Refutation { counterexample, replayed_by, replay_command: String::new(), exit_code: 12 }))
}

impl Engine for Fake {
    fn name(&self) -> &'static str {
        self.name
    }

    fn discover(&self) -> Vec<Obligation> {
        let obligation = |property: &str| Obligation {
            property: property.to_owned(),
            model: "M".to_owned(),
            engine: self.name.to_owned(),
            name_in_input: property.to_owned(),
            place: None,
            expectation: self.expectation,
            asks: None,
        };
        vec![obligation("P.One"), obligation("P.Two")]
    }

    fn discharge(&self, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        match self.habit {
            Habit::AlwaysPass => vec![passed(); group.len()],
            Habit::AlwaysFail => vec![refuted("recheck"); group.len()],
            Habit::FailsWithoutReplay => vec![refuted(""); group.len()],
            Habit::OneVerdictTooFew => vec![passed(); group.len() - 1],
            Habit::WaitsForTheEnd => {
                while !context.events.interrupted() {
                    std::thread::yield_now();
                }
                let declined =
                    Decline { reason: "stopped".to_owned(), place: None, remedy: String::new(), induction: None };
                vec![Verdict::Declined(declined); group.len()]
            }
            Habit::Talks => {
                context.events.send(Event::Warning { text: "careful".to_owned() });
                context.events.send(Event::Warning { text: "careful".to_owned() });
                context.events.send(Event::Suppressed { text: "deadlock is not checked".to_owned() });
                let progress = Progress { level: 7, generated: 30, distinct: 20, ..Progress::default() };
                context.events.send(Event::Progress(progress));
                vec![refuted("recheck"); group.len()]
            }
        }
    }

    fn inputs(&self) -> Vec<InputText> {
        vec![InputText { path: "M.tla".to_owned(), text: Arc::from("abc") }]
    }
}

fn console() -> Console {
    Console::plain(&Global { color: ColorWhen::Never, quiet: true, verbose: 0 })
}

fn outcome(engine: &Fake, limit: Option<Duration>, stop: &StopFlag) -> super::Outcome {
    let console = console();
    discharge(engine, "M", 1, None, Monitor::new(&console, stop, "M", limit))
}

fn run(engine: &Fake) -> Vec<Evidence> {
    outcome(engine, None, &StopFlag::default()).evidence
}

fn exit_code(evidence: &[Evidence]) -> u8 {
    ExitCode::of_run(evidence.iter().map(|one| (&one.verdict, one.obligation.expectation)))
}

#[test]
fn an_engine_that_always_passes_is_noticed_where_a_violation_is_expected() {
    assert_eq!(exit_code(&run(&fake(Habit::AlwaysPass))), 0);
    let broken = Fake { expectation: Expectation::Violated, ..fake(Habit::AlwaysPass) };
    assert_eq!(exit_code(&run(&broken)), ExitCode::ExpectationMissed.code());
}

#[test]
fn an_engine_that_always_fails_is_noticed_where_nothing_is_wrong() {
    assert_eq!(exit_code(&run(&fake(Habit::AlwaysFail))), ExitCode::Safety.code());
    let broken = Fake { expectation: Expectation::Violated, ..fake(Habit::AlwaysFail) };
    assert_eq!(exit_code(&run(&broken)), 0);
}

#[test]
fn a_counterexample_that_nobody_replayed_is_a_defect_even_where_it_is_expected() {
    let broken = Fake { expectation: Expectation::Violated, ..fake(Habit::FailsWithoutReplay) };
    assert_eq!(exit_code(&run(&broken)), ExitCode::Internal.code());
}

#[test]
fn as_many_verdicts_come_back_as_obligations_went_in() {
    let evidence = run(&fake(Habit::OneVerdictTooFew));
    assert_eq!(evidence.len(), 2);
    assert_eq!(exit_code(&evidence), ExitCode::Internal.code());
}

#[test]
fn engines_that_disagree_stop_being_believed() {
    let mut evidence = run(&fake(Habit::AlwaysPass));
    evidence.extend(run(&Fake { name: "other", ..fake(Habit::AlwaysFail) }));
    assert!(settle_disagreements(&mut evidence));
    assert!(evidence.iter().all(|one| matches!(one.verdict, Verdict::Failed(_))));
    assert_eq!(exit_code(&evidence), ExitCode::Internal.code());
    let mut agreeing = run(&fake(Habit::AlwaysPass));
    agreeing.extend(run(&Fake { name: "other", ..fake(Habit::AlwaysPass) }));
    assert!(!settle_disagreements(&mut agreeing));
}

#[test]
fn the_time_limit_reaches_the_engine_and_the_evidence_says_so() {
    let outcome = outcome(&fake(Habit::WaitsForTheEnd), Some(Duration::from_millis(5)), &StopFlag::default());
    assert!(!outcome.interrupted);
    assert_eq!(outcome.evidence[0].remarks, ["stopped by the time limit of the model"]);
}

#[test]
fn an_interrupt_reaches_the_engine_and_the_outcome() {
    let stop = StopFlag::default();
    stop.set();
    let outcome = outcome(&fake(Habit::WaitsForTheEnd), None, &stop);
    assert!(outcome.interrupted);
    assert_eq!(outcome.evidence[0].remarks, ["interrupted by the user before the end"]);
}

#[test]
fn what_an_engine_says_is_kept_once_with_the_name_of_the_model() {
    let outcome = outcome(&fake(Habit::Talks), None, &StopFlag::default());
    assert_eq!(outcome.warnings, ["M: careful"]);
    assert_eq!(outcome.suppressions, ["M: deadlock is not checked"]);
    assert_eq!(outcome.figures.get("distinct"), Some(&20.0));
    assert_eq!(outcome.figures.get("depth"), Some(&7.0));
}

#[test]
fn evidence_carries_the_hash_of_what_was_read() {
    let evidence = run(&fake(Habit::AlwaysPass));
    assert_eq!(evidence[0].inputs[0].hash, ledger::hash_of(b"abc"));
}

#[test]
fn a_property_is_a_gap_unless_something_that_should_hold_speaks_about_it() {
    let property = |id: &str| Property { id: id.to_owned(), statement: String::new(), kind: PropertyKind::Safety };
    let properties = [property("P.One"), property("P.Other")];
    let gaps = |evidence: &[Evidence]| -> Vec<String> {
        find_gaps(&properties, evidence).into_iter().map(|gap| gap.property.id).collect()
    };
    assert_eq!(gaps(&run(&fake(Habit::AlwaysPass))), ["P.Other"]);
    let broken = Fake { expectation: Expectation::Violated, ..fake(Habit::AlwaysFail) };
    assert_eq!(gaps(&run(&broken)), ["P.One", "P.Other"], "a broken variant supports nothing");
    let mut declined = run(&fake(Habit::AlwaysPass));
    declined[0].verdict =
        Verdict::Declined(Decline { reason: String::new(), place: None, remedy: String::new(), induction: None });
    assert_eq!(gaps(&declined), ["P.One", "P.Other"]);
}
