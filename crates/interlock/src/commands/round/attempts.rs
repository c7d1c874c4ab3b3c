//! The attempts of a round: what is planned for a model, and how each is made and told.

use super::enlarge::enlargements;
use crate::console::Console;
use crate::engines::scan::ScanEngine;
use crate::engines::tla::{self, Mode, Sampled, TlaTask};
use crate::monitor::Monitor;
use crate::mutants::{Exploring, Fate, Ground, Tally, choose};
use crate::pipeline::{Outcome as Found, discharge, quoted};
use crate::project::{Model, Scan};
use crate::stop::StopFlag;
use report::number::counted;
use report::round::{Attempt, Method, Outcome};
use report::words;
use std::path::Path;
use std::time::{Duration, Instant};
use tla_explore::Scheduler;
use verdict::{Evidence, FailureClass, Finding, Strength, Verdict};

/// Longest random behavior, in states.
const DEPTH: u32 = 200;

/// How attempts are made.
pub struct Trying<'a> {
    pub console: &'a Console,
    pub stop: &'a StopFlag,
    pub seed: u64,
    pub mutants: usize,
    pub workers: usize,
    pub memory: Option<u64>,
}

/// An attempt that is to be made.
pub struct Planned<'m> {
    model: &'m Model,
    method: Method,
    /// A constant of a larger instance, `NAME=VALUE`.
    constant: Option<String>,
}

impl Planned<'_> {
    /// What progress calls it.
    pub fn name(&self) -> String {
        format!("{}, {}", self.model.name, self.method.words())
    }
}

/// What to try: a model whose specification several configurations share gets mutants once.
pub fn plan<'m>(models: &[&'m Model]) -> Vec<Planned<'m>> {
    let mut plan = Vec::new();
    for (index, model) in models.iter().enumerate() {
        let mut add = |method, constant| plan.push(Planned { model, method, constant });
        add(Method::Simulation, None);
        let prepared = tla::prepare(task(model));
        let constants = prepared.model().map_or_else(|_| Vec::new(), |(input, _)| enlargements(&input.config));
        for constant in constants {
            add(Method::LargerSimulation, Some(constant.clone()));
            add(Method::LargerInstance, Some(constant));
        }
        if !models[..index].iter().any(|other| other.spec == model.spec) {
            add(Method::Mutation, None);
        }
    }
    plan
}

fn task(model: &Model) -> TlaTask {
    TlaTask {
        model: model.name.clone(),
        properties: model.properties.clone(),
        check_deadlock: model.deadlock,
        liveness_under_reduction: model.liveness_under_reduction,
        ..TlaTask::new(model.spec.clone(), model.config.clone(), tla::library_path())
    }
}

/// The end of an attempt: tries, what a try is, what came of it.
type Told = (u64, &'static str, Outcome);

impl Trying<'_> {
    /// Makes an attempt within its share of the time.
    pub fn attempt(&self, planned: &Planned<'_>, share: Duration, label: &str, number: u64) -> Attempt {
        let started = Instant::now();
        let seed = self.seed_of(number);
        let ((tries, unit, outcome), with, repeat) = match planned.method {
            Method::Simulation | Method::LargerSimulation => {
                let mut with = format!("seed {seed}");
                with.extend(planned.constant.iter().map(|constant| format!(", {constant}")));
                (self.simulate(planned, seed, share, label), with, repetition(planned, Some(seed)))
            }
            Method::LargerInstance => {
                let with = planned.constant.clone().unwrap_or_default();
                (self.search(planned, share, label), with, repetition(planned, None))
            }
            // These are planned elsewhere.
            Method::Scan | Method::Stress | Method::Schedules => {
                let outcome = Outcome::NotMade("that is no attempt on a model".to_owned());
                ((0, "try", outcome), String::new(), String::new())
            }
            Method::Mutation => {
                let repeat = format!("interlock tla mutate {}", file(&planned.model.spec));
                (self.mutate(planned, share, label), format!("at most {} mutants", self.mutants), repeat)
            }
        };
        Attempt {
            method: planned.method,
            model: planned.model.name.clone(),
            with,
            tries,
            unit: unit.to_owned(),
            outcome,
            repeat,
            wall_s: started.elapsed().as_secs_f64(),
        }
    }

    /// Every attempt has a seed of its own, which follows from that of the round.
    pub fn seed_of(&self, number: u64) -> u64 {
        self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(number) % 1_000_000_007
    }

    fn simulate(&self, planned: &Planned<'_>, seed: u64, share: Duration, label: &str) -> Told {
        let sampled = Sampled { behaviors: None, depth: DEPTH, seed, scheduler: Scheduler::Uniform, generate: false };
        let found = self.explore(planned, Mode::Sample(sampled), share, label);
        let behaviors = found.figures.get("behaviors").copied().unwrap_or(0.0) as u64;
        let told = bad(&found).unwrap_or_else(|| Outcome::Nothing(format!("of up to {DEPTH} states each")));
        (behaviors, "behavior", told)
    }

    fn search(&self, planned: &Planned<'_>, share: Duration, label: &str) -> Told {
        let found = self.explore(planned, Mode::Search, share, label);
        let figure = |name: &str| found.figures.get(name).copied().unwrap_or(0.0) as u64;
        let weakest = found.evidence.iter().map(|one| one.verdict.strength()).min();
        let told = bad(&found).unwrap_or_else(|| match weakest {
            Some(Strength::Exhausted | Strength::Proved) => {
                Outcome::Nothing(format!("every state was visited, depth {}", figure("depth")))
            }
            _ => Outcome::Nothing(format!("not complete: depth {} when the time was up", figure("depth"))),
        });
        (figure("distinct"), "state", told)
    }

    fn explore(&self, planned: &Planned<'_>, mode: Mode, share: Duration, label: &str) -> Found {
        let constants = planned.constant.iter().cloned().collect();
        let engine = tla::engine(TlaTask { mode, constants, ..task(planned.model) });
        let monitor = Monitor::new(self.console, self.stop, label, Some(share));
        discharge(&*engine, &planned.model.name, self.workers, self.memory, monitor)
    }

    fn mutate(&self, planned: &Planned<'_>, share: Duration, label: &str) -> Told {
        let deadline = Instant::now() + share;
        let exploring = Exploring {
            console: self.console,
            stop: self.stop,
            workers: self.workers,
            memory: self.memory,
            budget: share / 4,
        };
        let task = TlaTask { vacuity_is_a_verdict: true, ..task(planned.model) };
        let mut ground = match Ground::prepare(vec![task], exploring) {
            Ok(ground) => ground,
            Err(error) => return (0, "mutant", Outcome::NotMade(error.message)),
        };
        let mut fates = Vec::new();
        let mut survivors = Vec::new();
        // Where the choice begins differs from round to round, so that many rounds see all mutants.
        let all = ground.mutants.len();
        let offset = usize::try_from(self.seed).unwrap_or(0) % all.max(1);
        for number in choose(all, Some(self.mutants)) {
            if Instant::now() >= deadline || self.stop.is_set() {
                break;
            }
            let number = (number + offset) % all;
            match ground.fate(number, label) {
                Ok(fate) => {
                    if fate == Fate::Survived {
                        let placed = &ground.mutants[number];
                        survivors.push(format!("{} at {}", placed.mutant.mistake.words(), placed.place));
                    }
                    fates.push(fate);
                }
                Err(error) => return (fates.len() as u64, "mutant", Outcome::NotMade(error.message)),
            }
        }
        let tally = Tally::of(&fates);
        let shares = tally.shares();
        let outcome = match survivors.len() {
            0 => Outcome::Nothing(shares),
            number => Outcome::Found(format!(
                "no property notices {}: {}. {shares}",
                counted(number, "mutant"),
                survivors.join("; ")
            )),
        };
        (fates.len() as u64, "mutant", outcome)
    }
}

/// Scans sources of the project once more, what its baseline knows included.
pub fn scan(scan: &Scan, cache: &Path, workers: usize) -> Attempt {
    let started = Instant::now();
    let (tries, outcome) = match ScanEngine::new(scan.clone(), cache).everything(workers) {
        Err(error) => (0, Outcome::NotMade(error.message)),
        Ok((found, functions)) => {
            let one = |one: &Finding| format!("{} {} at {}: {}", one.rule, one.fingerprint, one.place, one.message);
            let told: Vec<String> = found.iter().map(one).collect();
            let outcome = match told.len() {
                0 => Outcome::Nothing("by any rule; what each misses says `interlock scan --explain`".to_owned()),
                number => Outcome::Found(format!("{}: {}", counted(number, "finding"), told.join("; "))),
            };
            (functions as u64, outcome)
        }
    };
    let paths: Vec<String> = scan.paths.iter().map(|path| file(path)).collect();
    Attempt {
        method: Method::Scan,
        model: scan.name.clone(),
        with: String::new(),
        tries,
        unit: "function".to_owned(),
        outcome,
        repeat: format!("interlock scan {}", paths.join(" ")),
        wall_s: started.elapsed().as_secs_f64(),
    }
}

/// What is wrong, if anything is; an instance that its assumptions refuse or that cannot be read was not tried.
pub fn bad(found: &Found) -> Option<Outcome> {
    let told = |one: &Evidence| format!("{}: {}", one.obligation.property, words::sentence(one));
    let of = |wanted: fn(&Verdict) -> bool| found.evidence.iter().find(|one| wanted(&one.verdict));
    if let Some(one) = of(|verdict| matches!(verdict, Verdict::Refuted(_))) {
        return Some(Outcome::Found(told(one)));
    }
    let one = of(|verdict| matches!(verdict, Verdict::Failed(_)))?;
    let Verdict::Failed(failure) = &one.verdict else { return None };
    match failure.class {
        FailureClass::Assumption | FailureClass::Parse | FailureClass::Configuration => {
            Some(Outcome::NotMade(told(one)))
        }
        FailureClass::Capacity => Some(Outcome::Nothing(format!("not complete: {}", failure.message))),
        FailureClass::Assert
        | FailureClass::Evaluation
        | FailureClass::PropertyEvaluation
        | FailureClass::System
        | FailureClass::Internal => Some(Outcome::Found(told(one))),
    }
}

fn file(path: &std::path::Path) -> String {
    quoted(&path.display().to_string())
}

fn repetition(planned: &Planned<'_>, seed: Option<u64>) -> String {
    let command = if seed.is_some() { "simulate" } else { "check" };
    let mut words =
        format!("interlock tla {command} {} --config {}", file(&planned.model.spec), file(&planned.model.config));
    if let Some(seed) = seed {
        words.push_str(&format!(" --seed {seed} --num unlimited --depth {DEPTH}"));
    }
    if let Some(constant) = &planned.constant {
        words.push_str(&format!(" --const {}", quoted(constant)));
    }
    words
}
