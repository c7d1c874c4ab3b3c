//! `interlock check`: every obligation of a project, recorded in its ledger.

use super::ledger::show::history;
use super::{baseline, memory, workers, write_with_events};
use crate::anchors::Sources;
use crate::cli::CheckArgs;
use crate::command_error::CommandError;
use crate::console::Console;
use crate::engines::outside::{Job, Shared, run_all};
use crate::engines::tla::{self, ForTlc, Mode, Prepared, Proving, TlaTask};
use crate::events::Events;
use crate::monitor::Monitor;
use crate::outside;
use crate::pipeline::{
    Outcome, Recorder, TraceFiles, begin_recording, discharge, doubt_contradicted, find_gaps, settle_disagreements,
};
use crate::project::{EngineName, Model, Project};
use crate::stop::StopFlag;
use external::Places;
use external::apalache::Question;
use external::budget::Budget;
use external::catalogue::{APALACHE, TLC};
use external::tlc::{self, compare::Ours};
use ledger::{Baseline, Ledger};
use report::RunReport;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use verdict::{Evidence, ExitCode, Expectation, InputFile, Strength, Verdict};

/// Time that TLC and Apalache have for a model, unless the project says otherwise.
const TLC_TIME: Duration = Duration::from_secs(600);

/// Memory that TLC and Apalache have for a model, unless the project says otherwise.
const TLC_MEMORY: u64 = 2 << 30;

/// Runs the command.
pub fn run(args: &CheckArgs, console: &Console) -> Result<u8, CommandError> {
    let started = Instant::now();
    let project = Project::load(&args.path)?;
    let (models, jobs) = select(&project, args.model.as_deref())?;
    let known = args.baseline.as_deref().map(baseline::read).transpose()?;
    // What the code was before the run, not after it.
    let anchors = Sources::of(&project)?.anchors();
    let shared = Shared {
        places: outside::places(project.tools.clone(), None),
        budget: Budget::new(memory(&args.run, None)),
        cache: cache_of(&project),
    };
    let stop = StopFlag::on_signals();
    let recorder = begin_recording(&project.folder)?;
    let mut report = RunReport {
        title: project.title.clone(),
        command: "check".to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        required: Some(args.required.require),
        properties: project.properties.clone(),
        ..RunReport::default()
    };
    let (chosen, all) = (models.len() + jobs.len(), project.models.len() + Job::of(&project, None).len());
    if chosen < all {
        report.suppressions.push(format!("only {chosen} of {all} models were run (--model)"));
    }
    let recorded = Events::to(Box::new(recorder.events_file()?), "check");
    let events = args.events.as_deref().map(|path| Events::open(path, "check")).transpose()?;
    let mut interrupted = false;
    let others = second_opinions(&shared.places);
    let is_asked = |model: &Model| !others.is_empty() && model.engines.contains(&EngineName::Explore);
    let asked = models.iter().filter(|model| is_asked(model) && model.second_opinion).count();
    let total = chosen + asked * others.len();
    let mut questions = Vec::new();
    // After an interrupt the loop goes on: each engine sees it at once and declines, so that no obligation is lost.
    for (index, model) in models.iter().enumerate() {
        let label = format!("{}/{total} {}", index + 1, model.name);
        if is_asked(model) && !model.second_opinion {
            let others = others.join(" and ");
            report.suppressions.push(format!("{}: {others} not asked (second_opinion = false)", model.name));
        }
        for engine in &model.engines {
            let mut monitor = Monitor::new(console, &stop, &label, model.timeout).with_listener(&recorded);
            if let Some(events) = &events {
                monitor = monitor.with_listener(events);
            }
            let prepared = tla::prepare(task_of(model, *engine, &shared.places));
            let others = (is_asked(model) && model.second_opinion && *engine == EngineName::Explore)
                .then(|| (prepared.for_tlc(), prepared.task().go_on));
            let outcome = check_model(model, prepared, args, monitor, &recorder)?;
            questions.extend(others.map(|(told, goes_on)| question(model, told, &outcome, goes_on)));
            interrupted |= outcome.interrupted;
            add(&mut report, &model.name, outcome);
        }
    }
    let asked = |name: &str| if others.contains(&name) { questions.as_slice() } else { &[] };
    let opinions = asked("TLC").iter().map(|question| Job::Opinion(&question.model));
    let opinions = opinions.chain(asked("Apalache").iter().map(Job::Apalache));
    let jobs: Vec<Job<'_>> = opinions.chain(jobs).collect();
    let discharged = run_all(&jobs, workers(&args.run, None), |index, job| {
        let label = format!("{}/{total} {}", models.len() + index + 1, job.name());
        let mut monitor = Monitor::new(console, &stop, &label, None).with_listener(&recorded).silently();
        if let Some(events) = &events {
            monitor = monitor.with_listener(events);
        }
        let engine = job.engine(&shared);
        discharge(&*engine, job.name(), workers(&args.run, None), memory(&args.run, None), monitor)
    });
    for (job, mut outcome) in discharged {
        recorder.keep_traces(&mut outcome.evidence, &job.trace_files())?;
        recorder.keep_attachments(&mut outcome.evidence, &outcome.attachments)?;
        interrupted |= outcome.interrupted;
        add(&mut report, job.name(), outcome);
    }
    report.warnings.extend(absent_tools(&report));
    settle_disagreements(&mut report.evidence);
    doubt_contradicted(&mut report.evidence);
    if chosen == all {
        report.gaps = find_gaps(&project.properties, &report.evidence);
    }
    report.figures.insert("wall_s".to_owned(), started.elapsed().as_secs_f64());
    if let Some(path) = &args.write_baseline {
        baseline::write(&report, path)?;
    }
    if let Some(known) = &known {
        baseline::tell(&mut report, known, chosen == all);
    }
    report.exit_code = exit_code(&report, known.as_ref(), interrupted, args.strict);
    report.recorded_in = Some(recorder.folder().display().to_string());
    recorder.finish(&report, project_input(&project), anchors)?;
    if args.run.outputs.html.is_some() {
        report.history = history(&Ledger::of_project(&project.folder), u64::MAX)?;
    }
    write_with_events(&report, &args.run, events.as_ref(), args.events.as_deref(), console)?;
    Ok(report.exit_code)
}

/// Where results of outside provers are kept. Tools run in folders of their own, so the path is absolute.
fn cache_of(project: &Project) -> PathBuf {
    let folder = project.folder.join(".interlock/cache");
    std::path::absolute(&folder).unwrap_or(folder)
}

/// Takes what came of a model into the report.
fn add(report: &mut RunReport, name: &str, outcome: Outcome) {
    report.explorations.extend(outcome.explored.map(|explored| (name.to_owned(), *explored)));
    // What speaks about a model stands together.
    let is_of = |one: &Evidence| one.obligation.model == name;
    let behind = report.evidence.iter().rposition(is_of).map_or(report.evidence.len(), |last| last + 1);
    report.evidence.splice(behind..behind, outcome.evidence);
    for text in outcome.warnings {
        if !report.warnings.contains(&text) {
            report.warnings.push(text);
        }
    }
    report.suppressions.extend(outcome.suppressions);
}

/// One sentence for each tool for want of which something was not run.
fn absent_tools(report: &RunReport) -> Vec<String> {
    let mut counts: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for one in &report.evidence {
        if let (Some(tool), Verdict::Declined(decline)) = (&one.absent_tool, &one.verdict) {
            counts.entry(tool).or_insert((0, &decline.remedy)).0 += 1;
        }
    }
    let sentence = |(tool, (count, remedy)): (&str, (usize, &str))| {
        let noun = if count == 1 { "obligation was" } else { "obligations were" };
        format!("{count} {noun} not run for want of {tool}; to have it: {remedy}")
    };
    counts.into_iter().map(sentence).collect()
}

/// The models, and the jobs of outside provers, whose name contains the given text; all without one.
fn select<'a>(project: &'a Project, part: Option<&str>) -> Result<(Vec<&'a Model>, Vec<Job<'a>>), CommandError> {
    let wanted = |model: &&Model| part.is_none_or(|part| model.name.contains(part));
    let models: Vec<&Model> = project.models.iter().filter(wanted).collect();
    let jobs = Job::of(project, part);
    if models.is_empty() && jobs.is_empty() {
        let message = match part {
            Some(part) => format!("no model of {} has a name that contains `{part}`", project.path.display()),
            None => format!("{} has no [[model]], so there is nothing to check", project.path.display()),
        };
        let names = project.models.iter().map(|model| model.name.as_str());
        let names: Vec<&str> = names.chain(Job::of(project, None).into_iter().map(Job::name)).collect();
        let remedy = if names.is_empty() { String::new() } else { format!("the models are {}", names.join(", ")) };
        return Err(CommandError::new(ExitCode::Configuration, message, remedy));
    }
    Ok((models, jobs))
}

/// Other checkers of models that are named.
fn second_opinions(places: &Places) -> Vec<&'static str> {
    let all = [(TLC, "TLC"), (APALACHE.name, "Apalache")];
    all.into_iter().filter(|(tool, _)| places.configured.contains_key(*tool)).map(|(_, name)| name).collect()
}

/// What others are asked about a model that was searched.
fn question(model: &Model, told: ForTlc, outcome: &Outcome, goes_on: bool) -> Question {
    let ours = Ours::of(&outcome.evidence, outcome.explored.as_deref(), goes_on);
    let asked = tlc::Question {
        model: model.name.clone(),
        spec: model.spec.clone(),
        config: told.config,
        deadlock: told.deadlock,
        library: tla::library_path(),
        time: model.timeout.unwrap_or(TLC_TIME),
        memory: model.memory_bytes.unwrap_or(TLC_MEMORY),
        inputs: told.inputs,
        ours: Ours { incomparable: told.incomparable, ..ours },
    };
    let shortest = outcome.evidence.iter().filter_map(|one| steps_to(&one.verdict)).min();
    Question { model: asked, shortest, temporal: told.temporal, narrowed: told.narrowed }
}

/// Steps of a finite counterexample.
fn steps_to(verdict: &Verdict) -> Option<u64> {
    let Verdict::Refuted(refutation) = verdict else { return None };
    let trace = &refutation.counterexample.trace;
    let is_finite = trace.ending == verdict::trace::Ending::Finite;
    u64::try_from(trace.steps.len()).ok().filter(|_| is_finite)?.checked_sub(1)
}

fn check_model(
    model: &Model,
    prepared: Prepared,
    args: &CheckArgs,
    monitor: Monitor<'_>,
    recorder: &Recorder,
) -> Result<Outcome, CommandError> {
    let engine = prepared.engine();
    let memory = memory(&args.run, model.memory_bytes);
    let mut outcome = discharge(&*engine, &model.name, workers(&args.run, model.workers), memory, monitor);
    let source = model.spec.clone();
    let files = TraceFiles { source, config: Some(model.config.clone()), ..TraceFiles::default() };
    recorder.keep_traces(&mut outcome.evidence, &files)?;
    Ok(outcome)
}

fn task_of(model: &Model, engine: EngineName, places: &Places) -> TlaTask {
    let proving = || Proving { length: model.length, places: places.clone(), ..Proving::default() };
    let (mode, inductive) = match engine {
        EngineName::Explore => (Mode::Search, None),
        EngineName::Prove => (Mode::Prove(proving()), model.inductive.clone()),
        EngineName::Smt => (Mode::Prove(Proving { smt: true, ..proving() }), model.inductive.clone()),
    };
    // What nobody checks is no more than bounded. Beside an engine that does more that is enough of it.
    let beside_others = engine == EngineName::Smt && model.engines.iter().any(|other| *other != engine);
    TlaTask {
        mode,
        inductive,
        asks: beside_others.then(|| Strength::Bounded.into()),
        model: model.name.clone(),
        properties: model.properties.clone(),
        expectation: model.expectation,
        check_deadlock: model.deadlock,
        liveness_under_reduction: model.liveness_under_reduction,
        // A broken variant has one property, and the search may end where it is refuted.
        go_on: model.expectation == Expectation::Holds,
        vacuity_is_a_verdict: true,
        picture: true,
        ..TlaTask::new(model.spec.clone(), model.config.clone(), tla::library_path())
    }
}

fn project_input(project: &Project) -> InputFile {
    InputFile { path: project.path.display().to_string(), hash: ledger::hash_of(project.text.as_bytes()) }
}

fn exit_code(report: &RunReport, known: Option<&Baseline>, interrupted: bool, strict: bool) -> u8 {
    if interrupted {
        return ExitCode::Interrupted.code();
    }
    let is_new = |one: &&Evidence| known.is_none_or(|known| report.is_met(one) || !known.excuses(one));
    // What an outside tool would have checked that is not here is a stated gap; only --strict counts it.
    let run = report.evidence.iter().filter(|one| strict || one.absent_tool.is_none()).filter(is_new);
    let required = report.required.unwrap_or_default();
    let verdicts = run.map(|one| (&one.verdict, one.obligation.expectation, one.obligation.required(required)));
    match ExitCode::of_run_each(verdicts) {
        0 if strict && !report.gaps.is_empty() => ExitCode::Inconclusive.code(),
        code => code,
    }
}
