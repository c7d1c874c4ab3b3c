//! Explorations of schedules: tests of a crate that run small uses of its code under loom, shuttle or another explorer, found
//! and run through cargo.
//!
//! The tests do the exploring; this adapter has them built and run, reads what they say of each scenario, and judges it. An
//! exhaustive exploration is `Bounded`, with its executions and its bound; a random one `Tested`, with its seed. A scenario
//! that the project names and no line tells of was not explored, whatever the tests' exit code is: it is declined, as is
//! everything if the tests failed for a reason that no line tells. A finding counts as refuted only if the tests have found
//! it again in the schedule that showed it. A scenario with a defect has to be refuted, so that an exploration that cannot
//! fail is noticed.

pub mod output;

use crate::catalogue::CARGO;
use crate::cbmc::runs::declined;
use crate::process::{Ending, Finished, Job, Limits, run};
use crate::tool::{Found, Places};
use output::{Explored, name, read};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use verdict::engine::Details;
use verdict::trace::Ending as TraceEnding;
use verdict::{
    Context, Counterexample, Engine, Event, ExitCode, Expectation, InputText, Obligation, Refutation, Requirement,
    Sampling, Step, Testing, Trace, Vacuity, Verdict,
};

/// Name of the engine in evidence.
pub const ENGINE: &str = "explored";

/// Tests that explore, as the project file describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exploration {
    /// Name, unique in the project.
    pub name: String,
    /// Manifest of the crate.
    pub manifest: PathBuf,
    /// The target that has the tests.
    pub test: String,
    /// Features of the crate.
    pub features: Vec<String>,
    /// Whether it is built with optimisations.
    pub release: bool,
    /// Scenario, or scenario/defect, with the property that it speaks about; the latter are to be violated.
    pub scenarios: Vec<(String, String)>,
    /// See [`Exploration::scenarios`].
    pub broken: Vec<(String, String)>,
    /// How strong an answer it is meant to give.
    pub asks: Requirement,
    /// How many schedules each scenario is to have, for tests that draw them.
    pub runs: Option<u64>,
    /// Where they are drawn from.
    pub seed: Option<u64>,
    /// Time for building and running.
    pub time: Duration,
}

/// Cargo, pointed at the tests of one crate.
pub struct ExplorationEngine<'a> {
    exploration: Exploration,
    places: &'a Places,
    details: Mutex<Vec<Details>>,
}

impl<'a> ExplorationEngine<'a> {
    /// For these tests.
    pub fn new(exploration: Exploration, places: &'a Places) -> Self {
        Self { exploration, places, details: Mutex::default() }
    }

    fn remember(&self, answers: Vec<(Verdict, Details)>) -> Vec<Verdict> {
        let (verdicts, details) = answers.into_iter().unzip();
        *self.details.lock().unwrap_or_else(PoisonError::into_inner) = details;
        verdicts
    }

    /// Scenarios and broken ones, in the order of the obligations.
    fn wanted(&self) -> impl Iterator<Item = (&str, &str, Expectation)> {
        let exploration = &self.exploration;
        let main = exploration.scenarios.iter().map(|(name, id)| (name.as_str(), id.as_str(), Expectation::Holds));
        main.chain(exploration.broken.iter().map(|(name, id)| (name.as_str(), id.as_str(), Expectation::Violated)))
    }

    fn words(&self) -> Vec<OsString> {
        let exploration = &self.exploration;
        let mut words: Vec<OsString> = ["test", "--locked", "--manifest-path"].map(OsString::from).into();
        words.push(absolute(&exploration.manifest).into_os_string());
        if !exploration.features.is_empty() {
            words.extend(["--features".into(), exploration.features.join(",").into()]);
        }
        if exploration.release {
            words.push("--release".into());
        }
        words.extend(["--test".into(), exploration.test.clone().into()]);
        words.extend(["--", "--nocapture", "--test-threads=1"].map(OsString::from));
        words
    }

    fn job(&self, found: &Found) -> Job {
        let mut job = Job::new(&found.invocation, self.words()).with_variable("INTERLOCK_EXPLORED", "1");
        if let Some(runs) = self.exploration.runs {
            job = job.with_variable("INTERLOCK_SCHEDULES", runs.to_string());
        }
        if let Some(seed) = self.exploration.seed {
            job = job.with_variable("INTERLOCK_SEED", seed.to_string());
        }
        job
    }

    /// The command as a person types it.
    fn again(&self, found: &Found) -> String {
        let mut variables = String::new();
        if let Some(runs) = self.exploration.runs {
            variables.push_str(&format!("INTERLOCK_SCHEDULES={runs} "));
        }
        if let Some(seed) = self.exploration.seed {
            variables.push_str(&format!("INTERLOCK_SEED={seed} "));
        }
        format!("{variables}{}", self.job(found).shown())
    }

    /// What the tests said, if that can be believed.
    fn explore(&self, found: &Found, context: &Context<'_>) -> Result<(Vec<Explored>, Finished), Verdict> {
        if !self.exploration.manifest.is_file() {
            let reason = format!("there is no {}: the crate is not here", self.exploration.manifest.display());
            return Err(declined(reason, "check out the crate's sources, or correct `manifest`"));
        }
        let text = format!("{}: building and running tests", self.exploration.name);
        context.events.send(Event::Advanced { engine: ENGINE.to_owned(), text });
        let stop = || context.events.interrupted();
        let limits = Limits::of_time(self.exploration.time);
        let finished = run(&self.job(found), &limits, &stop)
            .map_err(|error| declined(format!("cargo cannot be started: {error}"), "check the installation"))?;
        let all = read(&finished.text()).map_err(|error| declined(error, "mend the tests; docs/explored.md"))?;
        let by_hand = self.again(found);
        let is_told = all.iter().any(|one| one.defect.is_none() && one.found.is_some());
        match finished.ending {
            Ending::Exited(0) => Ok((all, finished)),
            // A scenario went wrong, which a line tells.
            Ending::Exited(_) if is_told => Ok((all, finished)),
            Ending::Exited(code) => {
                let reason = format!("cargo test ended with code {code}: {}", first_error(&finished));
                Err(declined(reason, &format!("run it by hand: {by_hand}")))
            }
            Ending::Signalled(signal) => {
                Err(declined(format!("cargo test was killed (signal {signal})"), &format!("run it by hand: {by_hand}")))
            }
            Ending::TimedOut => {
                let seconds = self.exploration.time.as_secs();
                Err(declined(format!("cargo test was stopped after {seconds} s"), "raise `timeout` of the exploration"))
            }
            Ending::Interrupted => Err(declined("cargo test was interrupted".to_owned(), "run it again")),
            Ending::WroteTooMuch => Err(declined("the tests wrote more than is read".to_owned(), "let them say less")),
        }
    }

    fn judge(&self, wanted: &str, all: &[Explored], again: &str) -> (Verdict, Details) {
        let Some(one) = all.iter().find(|one| name(&one.scenario, one.defect.as_deref()) == wanted) else {
            let reason = format!("the tests say nothing of `{wanted}`, so it was not explored");
            return (
                declined(reason, "correct its name, or let the test tell it; docs/explored.md"),
                Details::default(),
            );
        };
        let figures =
            BTreeMap::from([("runs".to_owned(), one.runs as f64), ("threads".to_owned(), one.threads as f64)]);
        let tools = BTreeMap::from([(one.by.clone(), "as locked by the crate".to_owned())]);
        (verdict_of(one, again), Details { figures, tools, ..Details::default() })
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// What went wrong, in one line: an error of the compiler, else the panic of a test, else the last word.
fn first_error(finished: &Finished) -> String {
    let lines = || finished.stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let starting = |word: &'static str| lines().find(move |line| line.starts_with(word));
    let found =
        starting("error").or_else(|| lines().find(|line| line.contains("panicked"))).or_else(|| lines().next_back());
    found.unwrap_or("it said nothing").to_owned()
}

/// What a line is worth.
fn verdict_of(one: &Explored, again: &str) -> Verdict {
    let Explored { by, runs, threads, .. } = one;
    if let Some(finding) = &one.found {
        if !finding.replayed {
            let reason = format!("{by} found: {}; but not again in its schedule", finding.what);
            return declined(
                reason,
                "see whether the scenario depends on something that is not explored, such as time",
            );
        }
        return refuted(one, &finding.what, again);
    }
    if *runs == 0 {
        let reason = format!("{by} ran no execution");
        return Verdict::Vacuous(Vacuity { reason, witness: None });
    }
    match (one.complete, one.seed) {
        (Some(true), None) => {
            let within = one.preemptions.map_or_else(
                || "every execution".to_owned(),
                |most| format!("every execution with at most {most} preemptions"),
            );
            let bound = format!("{by}: {within} of {threads} threads, {runs} in all");
            Verdict::Bounded { bound, depth: one.preemptions, unwinding_assertions: false }
        }
        (Some(false), _) => {
            declined(format!("{by} stopped after {runs} executions, before all were looked at"), "raise its limits")
        }
        (None, Some(seed)) => {
            let scheduler = one.scheduler.as_deref().unwrap_or("schedules of its choice");
            let scheduler = format!("{by}, {threads} threads, {scheduler}");
            Verdict::Tested(Testing::Sampling(Sampling { runs: *runs, seed, scheduler }))
        }
        (Some(true), Some(_)) | (None, None) => declined(
            format!("{by} says neither that it looked at everything nor which seed it drew from"),
            "let the test tell `complete` or `seed`; docs/explored.md",
        ),
    }
}

fn refuted(one: &Explored, what: &str, again: &str) -> Verdict {
    let step = Step {
        action: format!("{what} ({}, execution {})", one.scenario, one.runs),
        bindings: Vec::new(),
        place: None,
        state: Vec::new(),
        changes: Vec::new(),
        alias: None,
    };
    Verdict::Refuted(Box::new(Refutation {
        counterexample: Counterexample {
            trace: Trace { steps: vec![step], ending: TraceEnding::Finite, closing: None },
            false_conjuncts: Vec::new(),
            notes: BTreeMap::new(),
        },
        replayed_by: format!("{}, in the schedule that showed it", one.by),
        replay_command: again.to_owned(),
        exit_code: ExitCode::Safety.code(),
    }))
}

impl Engine for ExplorationEngine<'_> {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn discover(&self) -> Vec<Obligation> {
        let obligation = |(scenario, id, expectation): (&str, &str, Expectation)| Obligation {
            property: id.to_owned(),
            model: match expectation {
                Expectation::Holds => self.exploration.name.clone(),
                Expectation::Violated => {
                    let defect = scenario.rsplit('/').next().unwrap_or(scenario);
                    format!("{}/{defect}", self.exploration.name)
                }
            },
            engine: ENGINE.to_owned(),
            name_in_input: scenario.to_owned(),
            place: None,
            expectation,
            asks: Some(self.exploration.asks),
        };
        self.wanted().map(obligation).collect()
    }

    fn discharge(&self, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict> {
        let found = match CARGO.find(self.places) {
            Ok(found) => found,
            Err(unusable) => {
                let details = Details { absent_tool: Some(CARGO.name.to_owned()), ..Details::default() };
                return self.remember(vec![(unusable.verdict(), details); group.len()]);
            }
        };
        let again = self.again(&found);
        let answers = match self.explore(&found, context) {
            Err(verdict) => vec![(verdict, Details::default()); group.len()],
            Ok((all, finished)) => {
                let wall = finished.wall.as_secs_f64();
                let judged = self.wanted().map(|(scenario, ..)| {
                    let (verdict, mut details) = self.judge(scenario, &all, &again);
                    details.figures.insert("wall_s".to_owned(), wall);
                    details.tools.insert(CARGO.name.to_owned(), found.version.to_string());
                    (verdict, details)
                });
                judged.collect()
            }
        };
        self.remember(answers)
    }

    fn inputs(&self) -> Vec<InputText> {
        let Some(folder) = self.exploration.manifest.parent() else { return Vec::new() };
        let mut files = vec![self.exploration.manifest.clone()];
        ["src", "tests"].iter().for_each(|part| sources(&folder.join(part), &mut files));
        files.sort();
        let text = |path: PathBuf| {
            let bytes = std::fs::read(&path).ok()?;
            Some(InputText { path: path.display().to_string(), text: Arc::from(String::from_utf8_lossy(&bytes)) })
        };
        files.into_iter().filter_map(text).collect()
    }

    fn details(&self) -> Vec<Details> {
        self.details.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Every Rust source below a folder.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        // A link may lead back to where we are.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => sources(&path, files),
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|ending| ending == "rs") => files.push(path),
            Ok(_) | Err(_) => {}
        }
    }
}
