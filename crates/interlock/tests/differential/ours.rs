//! One case through the explorer and through the independent checker.

use super::lassos::disagreement;
use super::specifications::Case;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use tla_compile::{Evaluator, explore_with};
use tla_explore::interpret::Interpreted;
use tla_explore::liveness::{self, Answer as Temporal, LivenessOptions};
use tla_explore::{
    Answer, Broken, ErrorClass, Exploration, Finding, Flow, Generated, Options, Outcome, Phase, Sink, States, Stop,
    SystemError, TransitionSystem, Violation, Worker, explore_keeping_states,
};
use tla_model::model::Model;
use tla_syntax::SourceMap;
use tla_syntax::config::{Config, parse_config};
use tla_syntax::load::{Specification, load_from_text};
use verdict::TraceValue;
use verdict::{Event, EventSink};

/// More states than this are not searched.
pub const MOST: u64 = 3000;

/// Stands for an exit code where the independent checker disagrees about a temporal property.
const DISAGREEMENT: u8 = 254;

/// A step of a random specification may have more successors than anybody waits for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a case that takes longer is left out.
const TOO_LONG: &str = "it takes too long";

/// Hears nothing, and stops a run at a time.
struct Until(Instant);

impl EventSink for Until {
    fn send(&self, _event: Event) {}

    fn interrupted(&self) -> bool {
        Instant::now() >= self.0
    }
}

/// What a run gives: the exit code of the program, and TLC's counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Result {
    pub exit: u8,
    pub generated: u64,
    pub distinct: u64,
    pub depth: u32,
    /// In words, for a reader; not compared.
    pub remark: String,
    /// Whether generated code gave the same; not compared.
    pub compiled: bool,
}

impl Result {
    /// Whether two results agree in all that is compared.
    pub fn agrees(&self, other: &Self) -> bool {
        let key = |result: &Self| (result.exit, result.generated, result.distinct, result.depth);
        key(self) == key(other)
    }
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcomes {
    /// All agree.
    Agreed(Result),
    /// Not decided by one of them, or too large; with the reason.
    Skipped(String),
    /// They differ.
    Differ(String),
}

type State = Vec<(String, TraceValue)>;

pub fn input(case: &Case) -> std::result::Result<(Specification, Config), String> {
    let render = |sources: &SourceMap, diagnostics: &[tla_syntax::Diagnostic]| {
        diagnostics.iter().map(|one| one.render(sources)).collect::<String>()
    };
    let specification =
        load_from_text("T", &case.module, &[]).map_err(|error| render(&error.sources, &error.diagnostics))?;
    let (mut sources, mut diagnostics) = (SourceMap::new(), Vec::new());
    let file = sources.add("T.cfg", case.config.as_str());
    let config = parse_config(&sources, file, &mut diagnostics).ok_or_else(|| render(&sources, &diagnostics))?;
    Ok((specification, config))
}

/// Runs a case everywhere but in TLC.
pub fn run(case: &Case) -> Outcomes {
    let (specification, config) = match input(case) {
        Ok(input) => input,
        // Whatever is generated has to be readable.
        Err(error) => return Outcomes::Differ(format!("not readable: {error}")),
    };
    let model = match Model::build(&specification, &config) {
        Ok(model) => model,
        // A predicate that mentions no variable is refused as in TLC.
        Err(error) if error.diagnostics.iter().any(|one| one.code == "level-in-configuration") => {
            return Outcomes::Skipped("a predicate of constant level".to_owned());
        }
        Err(error) => {
            let text: String = error.diagnostics.iter().map(|one| one.render(&specification.sources)).collect();
            return Outcomes::Differ(format!("not resolved: {text}"));
        }
    };
    let one = explore(&model, &specification, &config, 1);
    let three = explore(&model, &specification, &config, 3);
    let ((one, states), (three, _)) = match (one, three) {
        (Ok(one), Ok(three)) => (one, three),
        (Err(one), Err(three)) if one == three => return Outcomes::Skipped(one),
        (Err(reason), _) | (_, Err(reason)) if reason == TOO_LONG => return Outcomes::Skipped(reason),
        (one, three) => {
            let words = |run: std::result::Result<(Result, Option<Vec<State>>), String>| run.map(|(result, _)| result);
            return Outcomes::Differ(format!("1 worker: {:?}\n3 workers: {:?}", words(one), words(three)));
        }
    };
    if !one.agrees(&three) {
        return Outcomes::Differ(format!("1 worker: {one:?}\n3 workers: {three:?}"));
    }
    let one = match by_generated_code(&model, &specification, &one) {
        Ok(compiled) => Result { compiled, ..one },
        Err(theirs) => return Outcomes::Differ(format!("interpreter: {one:?}\ngenerated code: {theirs:?}")),
    };
    if case.temporal {
        return Outcomes::Agreed(one);
    }
    let unions = case.module.contains("\\cup") || case.module.contains("UNION");
    compare_with_survey(&specification, &config, one, states, unions)
}

fn compare_with_survey(
    specification: &Specification,
    config: &Config,
    ours: Result,
    states: Option<Vec<State>>,
    unions: bool,
) -> Outcomes {
    use recheck::survey::Ended;
    let survey = recheck::survey(specification, config, MOST as usize);
    let initial = survey.states.is_empty() || survey.depth <= 1;
    let exit = match &survey.ended {
        Ended::Complete => 0,
        Ended::Assumption => 10,
        Ended::Deadlock => 11,
        Ended::Invariant(_) => 12,
        Ended::Property(_) => 13,
        Ended::Evaluation(_) => 75,
        // An error in an initial state is one of evaluation.
        Ended::PropertyEvaluation(_) if initial => 75,
        Ended::PropertyEvaluation(_) => 76,
        Ended::Unsupported(words) => return Outcomes::Skipped(format!("recheck: {words}")),
    };
    let remark = format!("{:?}", survey.ended);
    // A union of sets that are not listed is enumerated part by part, with repetitions, as in TLC; the survey lists it.
    let generated = if unions && survey.generated < ours.generated { ours.generated } else { survey.generated };
    let theirs = Result {
        exit,
        generated,
        distinct: survey.distinct,
        depth: survey.depth,
        remark: remark.clone(),
        compiled: false,
    };
    // Where a property in a state of the first level cannot be evaluated, the exit code tells whether the state is
    // initial, which the survey does not say.
    let property_error = matches!(survey.ended, Ended::PropertyEvaluation(_)) && matches!(ours.exit, 75 | 76);
    let same_exit = ours.exit == theirs.exit || property_error;
    // In which order such a union is enumerated decides what was met before a violation or error, and which of them first.
    if unions && ours.exit != 0 && theirs.exit != 0 {
        return Outcomes::Agreed(ours);
    }
    if !same_exit || (ours.exit != 10 && !Result { exit: ours.exit, ..theirs.clone() }.agrees(&ours)) {
        return Outcomes::Differ(format!("explorer: {ours:?}\nrecheck: {theirs:?}"));
    }
    if let Some(states) = states {
        let ours: HashSet<&State> = states.iter().collect();
        let theirs: HashSet<&State> = survey.states.iter().collect();
        if ours != theirs {
            let only =
                |a: &HashSet<&State>, b: &HashSet<&State>| format!("{:?}", a.difference(b).take(3).collect::<Vec<_>>());
            let (a, b) = (only(&ours, &theirs), only(&theirs, &ours));
            return Outcomes::Differ(format!("states of the explorer only: {a}\nof recheck only: {b}"));
        }
    }
    Outcomes::Agreed(ours)
}

/// Whether generated code did the search and agrees; `Err` is what it found if that is something else. What the interpreter
/// has to do, and searches that are given up because values do not fit, are part of it.
fn by_generated_code(
    model: &Model,
    specification: &Specification,
    expected: &Result,
) -> std::result::Result<bool, Result> {
    let until = Until(Instant::now() + PATIENCE);
    let system = Interpreted::new(model, &specification.sources, &until);
    if expected.exit == 10 {
        return Ok(false);
    }
    let mut compiled = false;
    for workers in [1, 3] {
        // Generated code may use more of the stack than the interpreter needs for small specifications.
        let options = Options { stack_bytes: Options::default().stack_bytes, ..options(model, workers) };
        let Ok(explored) = explore_with(&system, Evaluator::Compile, &options, &until) else {
            return Ok(false);
        };
        let Ok((exit, remark)) = exit_of(&explored.exploration, model) else { return Ok(false) };
        let counts = &explored.exploration.statistics;
        let (generated, distinct, depth) = (counts.generated, counts.distinct, counts.depth);
        let found = Result { exit, generated, distinct, depth, remark, compiled: true };
        // Temporal properties are checked after the search.
        let searched = if model.temporal_properties.is_empty() { expected.exit } else { exit };
        if !(Result { exit: searched, ..expected.clone() }).agrees(&found) {
            return Err(found);
        }
        compiled = explored.declined.is_none();
    }
    Ok(compiled)
}

fn options(model: &Model, workers: usize) -> Options {
    Options {
        workers,
        check_deadlock: model.check_deadlock,
        max_states: Some(MOST),
        share_levels_longer_than: Duration::ZERO,
        block_size: 2,
        stack_bytes: 64 << 20,
        ..Options::default()
    }
}

type Run = std::result::Result<(Result, Option<Vec<State>>), String>;

fn explore(model: &Model, specification: &Specification, config: &Config, workers: usize) -> Run {
    let until = Until(Instant::now() + PATIENCE);
    let system = Interpreted::new(model, &specification.sources, &until);
    let result =
        |exit: u8, remark: String| Result { exit, generated: 0, distinct: 0, depth: 0, remark, compiled: false };
    if let Err(error) = system.check_assumptions() {
        return match error.class {
            ErrorClass::Declined | ErrorClass::Capacity => Err(error.message.clone()),
            ErrorClass::Interrupted => Err(TOO_LONG.to_owned()),
            ErrorClass::Internal => Ok((result(255, error.message.clone()), None)),
            ErrorClass::Undefined | ErrorClass::Assert => Ok((result(10, error.message.clone()), None)),
        };
    }
    let (exploration, states) = explore_keeping_states(&system, &options(model, workers), &until);
    let (exit, remark) = exit_of(&exploration, model)?;
    let counts = &exploration.statistics;
    let mut result = Result {
        exit,
        generated: counts.generated,
        distinct: counts.distinct,
        depth: counts.depth,
        remark,
        compiled: false,
    };
    if exit != 0 {
        return Ok((result, None));
    }
    let all = if workers == 1 { Some(all_states(&system, &states)?) } else { None };
    if !model.temporal_properties.is_empty() {
        let options =
            LivenessOptions { workers, allow_unsound: true, stack_bytes: 64 << 20, ..LivenessOptions::default() };
        let report = liveness::check(&system, &states, &options, &until);
        if workers == 1
            && let Some(words) = disagreement(&system, &report, specification, config)
        {
            return Ok((Result { exit: DISAGREEMENT, remark: words, ..result }, None));
        }
        for outcome in &report.outcomes {
            match &outcome.answer {
                Temporal::Holds(_) => {}
                Temporal::Violated(_) => result.exit = 13,
                Temporal::Error(error) => {
                    result.exit = exit_of_error(&error.error, error.trace.len())?;
                    result.remark.clone_from(&error.error.message);
                }
                Temporal::Declined(refusal) => return Err(refusal.reason.clone()),
                Temporal::Interrupted => return Err(TOO_LONG.to_owned()),
            }
        }
    }
    Ok((result, all))
}

fn exit_of(exploration: &Exploration, model: &Model) -> std::result::Result<(u8, String), String> {
    let found = |finding: &Finding| match finding.violation {
        Violation::Deadlock => (11, "deadlock".to_owned()),
        Violation::Broken(Broken::Invariant(index)) if (index as usize) < model.invariants.len() => {
            (12, format!("invariant {index}"))
        }
        Violation::Broken(broken) => (13, format!("{broken:?}")),
    };
    match &exploration.outcome {
        Outcome::Complete => Ok((0, String::new())),
        Outcome::Found { findings, .. } => findings.first().map(found).ok_or_else(|| "no finding".to_owned()),
        Outcome::Error(error) => {
            let states = error.trace.len() + usize::from(!error.in_property() && error.error.phase == Phase::Next);
            Ok((exit_of_error(&error.error, states)?, error.error.message.clone()))
        }
        Outcome::Interrupted => Err(TOO_LONG.to_owned()),
        Outcome::Capacity(limit) => Err(format!("{limit:?}")),
    }
}

fn exit_of_error(error: &SystemError, states: usize) -> std::result::Result<u8, String> {
    match (error.class, error.phase) {
        (ErrorClass::Declined | ErrorClass::Capacity, _) => Err(error.message.clone()),
        (ErrorClass::Interrupted, _) => Err(TOO_LONG.to_owned()),
        (ErrorClass::Internal, _) => Ok(255),
        (_, Phase::Assumption) => Ok(10),
        (_, Phase::Init | Phase::Next | Phase::Constraint | Phase::ActionProperty(_)) => Ok(75),
        (_, Phase::Invariant(_) | Phase::InitialProperty(_) | Phase::Temporal) => Ok(if states > 1 { 76 } else { 75 }),
    }
}

/// Takes what is generated, and nothing else.
#[derive(Default)]
struct Collector {
    states: Vec<Vec<u32>>,
}

impl Sink for Collector {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        if state.in_model {
            self.states.push(state.words.to_vec());
        }
        Answer::Known
    }

    fn broken(&mut self, _broken: Broken) -> Flow {
        Flow::Continue
    }
}

/// All reachable states, found once more; each must be among those that the search has kept, and no other.
fn all_states(system: &Interpreted<'_>, kept: &States) -> std::result::Result<Vec<State>, String> {
    let mut worker = system.worker();
    let told = |stop: Stop| format!("the second search: {stop:?}");
    let mut collector = Collector::default();
    worker.initial(&mut collector).map_err(told)?;
    let mut seen: HashSet<Vec<u32>> = HashSet::new();
    let mut all = Vec::new();
    let mut open = collector.states;
    while let Some(words) = open.pop() {
        if !seen.insert(words.clone()) {
            continue;
        }
        if kept.find(&words).is_none() {
            return Err(format!("a state was not kept: {words:?}"));
        }
        let state = worker.state_values(&words);
        all.push(state.into_iter().map(|(name, value)| (name, recheck::survey::canonical(&value))).collect());
        let mut collector = Collector::default();
        worker.successors(&words, &mut collector).map_err(told)?;
        open.extend(collector.states);
    }
    if all.len() as u64 != kept.len() {
        return Err(format!("{} states were kept, {} are reachable", kept.len(), all.len()));
    }
    Ok(all)
}
