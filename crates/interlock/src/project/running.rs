//! Sections for code that is run: `[[stress]]` for workloads on many threads, `[[explored]]` for tests of a crate that explore
//! schedules.

use super::file::Complaints;
use super::outside::pairs;
use super::validate::{bytes, known_property, positive};
use crate::cli::{parse_kernel, parse_scenarios};
use external::explored::Exploration;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use stress::command::CommandTarget;
use stress::{Amount, Kernel, Level, Scenario, Stress, Target};
use toml::Spanned;
use verdict::Strength;

/// Operations of each kernel by each thread, unless the project says otherwise: a check is run often.
const OPERATIONS: u64 = 100;

/// Threads, unless the project says otherwise.
const THREADS: usize = 4;

/// Time for each scenario of a command, and for building and running tests, unless the project says otherwise.
const SECONDS: u64 = 1200;

/// `[[stress]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StressSection {
    pub name: Spanned<String>,
    #[serde(default)]
    workloads: Vec<Spanned<String>>,
    threads: Option<Spanned<i64>>,
    operations: Option<Spanned<i64>>,
    seconds: Option<Spanned<i64>>,
    #[serde(default)]
    scenarios: Vec<Spanned<String>>,
    seed: Option<u64>,
    noise: Option<Spanned<String>>,
    most_growth: Option<Spanned<String>>,
    command: Option<Spanned<String>>,
    timeout: Option<Spanned<i64>>,
    #[serde(default)]
    properties: Vec<Spanned<String>>,
    #[serde(default)]
    broken: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// `[[explored]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExploredSection {
    pub name: Spanned<String>,
    manifest: Spanned<String>,
    test: Spanned<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    release: bool,
    schedules: ScheduleKind,
    #[serde(default)]
    scenarios: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    broken: BTreeMap<Spanned<String>, Spanned<String>>,
    runs: Option<Spanned<i64>>,
    seed: Option<u64>,
    timeout: Option<Spanned<i64>>,
}

/// Which schedules tests look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ScheduleKind {
    /// All within a bound.
    Exhaustive,
    /// Some.
    Random,
}

/// A section as a workload.
pub fn stress(section: &StressSection, folder: &Path, known: &BTreeSet<&str>, complaints: &mut Complaints) -> Stress {
    section.properties.iter().chain(section.broken.values()).for_each(|id| known_property(id, known, complaints));
    defects(section, complaints);
    let kernels =
        named(&section.workloads, "workload", |name| parse_kernel(name).map(|kernel| vec![kernel]), complaints);
    let scenarios = named(&section.scenarios, "scenario", |name| parse_scenarios(name).map(|all| all.0), complaints);
    let number = |number: &Option<Spanned<i64>>, key, complaints: &mut Complaints| {
        number.as_ref().and_then(|number| positive::<u64>(number, key, complaints))
    };
    let seconds = number(&section.seconds, "seconds", complaints);
    let operations = number(&section.operations, "operations", complaints).unwrap_or(OPERATIONS);
    let threads = number(&section.threads, "threads", complaints);
    let time = number(&section.timeout, "timeout", complaints).unwrap_or(SECONDS);
    let folder = Some(folder.to_path_buf()).filter(|folder| !folder.as_os_str().is_empty());
    let target = section.command.as_ref().map_or(Target::Runtime, |command| {
        let command = command.get_ref().clone();
        Target::Command(CommandTarget { command, folder, time: Duration::from_secs(time) })
    });
    Stress {
        name: section.name.get_ref().clone(),
        target,
        kernels: if kernels.is_empty() { Kernel::ALL.to_vec() } else { kernels },
        threads: threads.and_then(|threads| usize::try_from(threads).ok()).unwrap_or(THREADS),
        amount: seconds.map_or(Amount::Operations(operations), |seconds| Amount::Time(Duration::from_secs(seconds))),
        scenarios: if scenarios.is_empty() { vec![Scenario::Steady] } else { scenarios },
        seed: section.seed.unwrap_or(1),
        noise: section.noise.as_ref().map_or(Level::Light, |noise| level(noise, complaints)),
        engines: crate::commands::stress::engines(),
        // The process does much else in a check; only a project that says a limit is held to one.
        most_growth: section.most_growth.as_ref().and_then(|size| bytes(size, complaints)).unwrap_or(u64::MAX),
        properties: section.properties.iter().map(|id| id.get_ref().clone()).collect(),
        broken: pairs(&section.broken),
        defect: None,
    }
}

fn defects(section: &StressSection, complaints: &mut Complaints) {
    let known = stress::defects();
    for name in section.broken.keys() {
        if section.command.is_some() {
            let message = "a command is not broken by a defect of our runtime";
            complaints.add("defect", name.span(), message, "drop `broken`, or write a command that is broken");
        } else if !known.contains(name.get_ref()) {
            let message = format!("the runtime has no defect `{}`", name.get_ref());
            complaints.add("defect", name.span(), message, &format!("the defects are {}", known.join(", ")));
        }
    }
}

fn named<T>(
    names: &[Spanned<String>],
    what: &'static str,
    parse: impl Fn(&str) -> Result<Vec<T>, String>,
    complaints: &mut Complaints,
) -> Vec<T> {
    let mut all = Vec::new();
    for name in names {
        match parse(name.get_ref()) {
            Ok(found) => all.extend(found),
            Err(message) => complaints.add(what, name.span(), message, "docs/stress.md describes them"),
        }
    }
    all
}

fn level(noise: &Spanned<String>, complaints: &mut Complaints) -> Level {
    let all = [Level::Off, Level::Light, Level::Heavy];
    let found = all.into_iter().find(|level| level.name() == noise.get_ref());
    found.unwrap_or_else(|| {
        let message = format!("there is no level `{}`", noise.get_ref());
        complaints.add("noise", noise.span(), message, "the levels are off, light and heavy");
        Level::Light
    })
}

/// A section as tests that explore. Whether the crate is there is asked when they are run.
pub fn explored(
    section: &ExploredSection,
    folder: &Path,
    known: &BTreeSet<&str>,
    complaints: &mut Complaints,
) -> Exploration {
    section.scenarios.values().chain(section.broken.values()).for_each(|id| known_property(id, known, complaints));
    if section.scenarios.is_empty() {
        let message = "no scenario is named, so nothing would be asked of the tests";
        let remedy = "name each scenario and its property: scenarios = { \"what the test tells\" = \"ID\" }";
        complaints.add("scenario", section.name.span(), message, remedy);
    }
    for name in section.broken.keys().filter(|name| !name.get_ref().contains('/')) {
        let message = format!("`{}` does not say which defect it has", name.get_ref());
        complaints.add("scenario", name.span(), message, "write the scenario, a slash and the defect");
    }
    let runs = section.runs.as_ref().and_then(|runs| positive(runs, "runs", complaints));
    let seconds = section.timeout.as_ref().and_then(|seconds| positive(seconds, "timeout", complaints));
    let asks = match section.schedules {
        ScheduleKind::Exhaustive => Strength::Bounded,
        ScheduleKind::Random => Strength::Tested,
    };
    Exploration {
        name: section.name.get_ref().clone(),
        manifest: folder.join(PathBuf::from(section.manifest.get_ref())),
        test: section.test.get_ref().clone(),
        features: section.features.clone(),
        release: section.release,
        scenarios: pairs(&section.scenarios),
        broken: pairs(&section.broken),
        asks: asks.into(),
        runs,
        seed: section.seed,
        time: Duration::from_secs(seconds.unwrap_or(SECONDS)),
    }
}
