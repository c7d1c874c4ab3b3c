//! Attempts on code that is run: workloads with a fresh seed and heavy noise for as long as their share of the time, and random
//! explorations of schedules with a fresh seed.
//!
//! An exhaustive exploration is not repeated: it would look at the same executions again.

use super::attempts::{Trying, bad};
use crate::engines::outside::{Job, Shared};
use crate::monitor::Monitor;
use crate::outside;
use crate::pipeline::{Outcome as Found, discharge};
use crate::project::Project;
use external::budget::Budget;
use external::explored::Exploration;
use report::round::{Attempt, Method, Outcome};
use report::words;
use std::time::{Duration, Instant};
use stress::{Amount, Level, Stress, Target};
use verdict::{Strength, Verdict};

/// What is run with a fresh seed.
pub enum Running<'p> {
    /// A workload.
    Workload(&'p Stress),
    /// Tests that draw schedules.
    Exploration(&'p Exploration),
}

impl<'p> Running<'p> {
    /// Those of a project whose names are wanted.
    pub fn of(project: &'p Project, wanted: impl Fn(&str) -> bool) -> Vec<Self> {
        let workloads = project.stresses.iter().filter(|one| wanted(&one.name)).map(Self::Workload);
        let is_random = |one: &&Exploration| one.asks.strength == Strength::Tested && wanted(&one.name);
        let explorations = project.explorations.iter().filter(is_random).map(Self::Exploration);
        workloads.chain(explorations).collect()
    }

    /// Makes the attempt within its share of the time, as far as what is run keeps to it.
    pub fn attempt(&self, project: &Project, trying: &Trying<'_>, share: Duration, number: u64) -> Attempt {
        let started = Instant::now();
        let seed = trying.seed_of(number);
        let shared = Shared {
            places: outside::places(project.tools.clone(), None),
            budget: Budget::new(trying.memory),
            cache: project.folder.join(".interlock/cache"),
        };
        let (method, model, unit, with, found, repeat) = match self {
            Self::Workload(stress) => {
                let fresh = fresh_workload(stress, share, seed);
                let found = run(Job::Stress(&fresh), &shared, trying, None);
                let repeat = fresh.scenarios.first().map(|scenario| fresh.again(*scenario, None)).unwrap_or_default();
                let with = format!("seed {seed}, {} noise", fresh.noise.name());
                (Method::Stress, &stress.name, "operation", with, found, repeat)
            }
            Self::Exploration(exploration) => {
                let fresh = Exploration { seed: Some(seed), broken: Vec::new(), ..(*exploration).clone() };
                let limit = share.max(exploration.time);
                let found = run(Job::Explored(&fresh), &shared, trying, Some(limit));
                let repeat = format!("INTERLOCK_SEED={seed} cargo test --test {}", fresh.test);
                (Method::Schedules, &exploration.name, "schedule", format!("seed {seed}"), found, repeat)
            }
        };
        let (tries, outcome) = told(method, &found);
        let (model, unit, wall_s) = (model.clone(), unit.to_owned(), started.elapsed().as_secs_f64());
        Attempt { method, model, with, tries, unit, outcome, repeat, wall_s }
    }
}

/// The workload for its share of the time: all of its scenarios, and what a check would not take the time for.
fn fresh_workload(stress: &Stress, share: Duration, seed: u64) -> Stress {
    let each = share / u32::try_from(stress.scenarios.len()).unwrap_or(1).max(1);
    // A command has its own idea of noise.
    let noise = if stress.target == Target::Runtime { Level::Heavy } else { stress.noise };
    let amount = Amount::Time(each.max(Duration::from_secs(1)));
    Stress { seed, noise, amount, broken: Vec::new(), ..stress.clone() }
}

fn run(job: Job<'_>, shared: &Shared, trying: &Trying<'_>, limit: Option<Duration>) -> Found {
    let monitor = Monitor::new(trying.console, trying.stop, job.name(), limit).silently();
    let engine = job.engine(shared);
    discharge(&*engine, job.name(), trying.workers, trying.memory, monitor)
}

/// Tries, and what came of them.
fn told(method: Method, found: &Found) -> (u64, Outcome) {
    let figure = if method == Method::Stress { "operations" } else { "runs" };
    let figures = found.evidence.iter().filter_map(|one| one.figures.get(figure).map(|figure| *figure as u64));
    // The properties of a workload share its operations; scenarios of an exploration have schedules of their own.
    let tries = if method == Method::Stress { figures.max() } else { Some(figures.sum()) };
    let undecided = found
        .evidence
        .iter()
        .find(|one| matches!(one.verdict, Verdict::Declined(_) | Verdict::Vacuous(_) | Verdict::Failed(_)));
    let undecided = undecided.map(|one| {
        // Errors that did not come again are no refutation, and found nevertheless.
        let seen = one.figures.get("errors").is_some_and(|errors| *errors > 0.0);
        if seen { Outcome::Found(words::sentence(one)) } else { Outcome::NotMade(words::sentence(one)) }
    });
    let outcome = bad(found).or(undecided);
    (tries.unwrap_or(0), outcome.unwrap_or_else(|| Outcome::Nothing("of other runs nothing is said".to_owned())))
}
