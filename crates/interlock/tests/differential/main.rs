//! Random specifications through everything that evaluates them: the explorer with one and with three workers, interpreted
//! and as generated code, the independent checker, and TLC where it is given. Verdict, exit code, generated and distinct
//! states, depth, and the reachable states themselves have to agree.
//!
//! A second's worth runs with the tests. A campaign:
//!
//! ```text
//! INTERLOCK_FUZZ_CASES=100000 cargo test --release -p interlock --test differential -- --ignored --nocapture
//! ```
//!
//! `INTERLOCK_FUZZ_SEED` is the first seed, `INTERLOCK_FUZZ_TEMPORAL=1` generates temporal properties with fairness (the
//! independent checker then judges the counterexample, or random lassos where there is none),
//! `INTERLOCK_TLC` is a class path with TLC (and `INTERLOCK_TLC_MODULES` the folder of the standard modules, if the jar has none). What
//! differs is made smaller and shown. Differences from TLC that are meant are in `docs/tlc-differences.md`.

#![allow(clippy::print_stderr)] // A campaign says what it does.

mod certificates;
mod choices;
mod expressions;
mod lassos;
mod ours;
mod prove;
mod recurrence;
mod regressions;
mod smt;
mod smt_expressions;
mod specifications;
mod tlc;
mod types;

use choices::{Choices, shrink};
use ours::Outcomes;
use specifications::{Case, Kind, generate};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Differences after which a campaign ends.
const MOST_DIFFERENCES: usize = 40;

/// The case of a seed, and its choices.
fn case_of(seed: u64, kind: Kind) -> (Case, Vec<u32>) {
    let mut choices = Choices::random(seed);
    let case = generate(&mut choices, kind);
    (case, choices.drawn)
}

fn case_from(list: &[u32], kind: Kind) -> Case {
    generate(&mut Choices::repeated(list.to_vec()), kind)
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Counts of a campaign.
#[derive(Debug, Default)]
struct Tally {
    agreed: u64,
    /// Of these, searched by generated code as well.
    compiled: u64,
    skipped: BTreeMap<String, u64>,
    exits: BTreeMap<u8, u64>,
    states: u64,
}

impl Tally {
    fn add(&mut self, outcome: &Outcomes) {
        match outcome {
            Outcomes::Agreed(result) => {
                self.agreed += 1;
                self.compiled += u64::from(result.compiled);
                self.states += result.distinct;
                *self.exits.entry(result.exit).or_default() += 1;
            }
            Outcomes::Skipped(reason) => {
                let reason: String = reason.chars().take(60).collect();
                *self.skipped.entry(reason).or_default() += 1;
            }
            Outcomes::Differ(_) => {}
        }
    }
}

fn show(case: &Case) -> String {
    format!("{}\n{}", case.module, case.config)
}

/// The smallest case that still differs.
fn smallest(list: Vec<u32>, kind: Kind) -> Case {
    let differs = |list: &[u32]| matches!(ours::run(&case_from(list, kind)), Outcomes::Differ(_));
    case_from(&shrink(list, 3000, differs), kind)
}

/// Runs cases from a seed on until the time or their number is over; the differences.
fn campaign(first: u64, cases: u64, limit: Duration, kind: Kind, tally: &mut Tally) -> Vec<String> {
    let began = Instant::now();
    let mut differences = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for seed in first..first + cases {
        if began.elapsed() > limit || differences.len() >= MOST_DIFFERENCES {
            break;
        }
        let (case, list) = case_of(seed, kind);
        let start = Instant::now();
        let outcome = ours::run(&case);
        if start.elapsed() > Duration::from_secs(3) {
            eprintln!("seed {seed} took {:?}\n{}", start.elapsed(), show(&case));
        }
        tally.add(&outcome);
        if (seed - first + 1).is_multiple_of(10_000) {
            eprintln!("{} cases, {} agreed", seed - first + 1, tally.agreed);
        }
        if let Outcomes::Differ(_) = outcome {
            let small = smallest(list, kind);
            let Outcomes::Differ(what) = ours::run(&small) else { continue };
            let text = format!("seed {seed}\n{}{what}\n", show(&small));
            if !seen.contains(&show(&small)) {
                eprintln!("{text}");
                seen.push(show(&small));
                differences.push(text);
            }
        }
    }
    differences
}

#[test]
fn the_explorer_and_the_independent_checker_agree_for_a_second() {
    let mut tally = Tally::default();
    let differences = campaign(1, 300, Duration::from_secs(1), Kind::default(), &mut tally);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let differences = campaign(1, 100, Duration::from_millis(500), Kind { temporal: true, padded: false }, &mut tally);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(tally.agreed > 10 && tally.compiled > 5, "{tally:?}");
}

#[test]
#[ignore = "as long as it is told to be"]
fn a_campaign() {
    let (first, cases) = (number("INTERLOCK_FUZZ_SEED", 1), number("INTERLOCK_FUZZ_CASES", 1000));
    let limit = Duration::from_secs(number("INTERLOCK_FUZZ_SECONDS", 3600));
    let temporal = number("INTERLOCK_FUZZ_TEMPORAL", 0) == 1;
    let padded = std::env::var("INTERLOCK_TLC").is_ok();
    assert!(!(temporal && padded), "TLC's check of liveness keeps things over its runs in one process");
    let kind = Kind { temporal, padded };
    let mut tally = Tally::default();
    let differences = match std::env::var("INTERLOCK_TLC") {
        Ok(path) => tlc::campaign(&path, first, cases, limit, kind, &mut tally),
        Err(_) => campaign(first, cases, limit, kind, &mut tally),
    };
    eprintln!("{tally:#?}");
    assert!(differences.is_empty(), "{} differences", differences.len());
}

/// Runs cases through the symbolic engines; how many agreed, and what differs.
fn proving_campaign(
    first: u64,
    cases: u64,
    limit: Duration,
    kind: Kind,
    run: &dyn Fn(&Case) -> prove::Compared,
) -> (u64, Vec<String>) {
    let began = Instant::now();
    let mut tally: BTreeMap<String, u64> = BTreeMap::new();
    let mut differences = Vec::new();
    for seed in first..first + cases {
        if began.elapsed() > limit || differences.len() >= MOST_DIFFERENCES {
            break;
        }
        let (case, list) = case_of(seed, kind);
        let outcome = run(&case);
        let key = match &outcome {
            prove::Compared::Skipped(reason) => format!("skipped: {}", reason.chars().take(70).collect::<String>()),
            prove::Compared::Holds => "holds".to_owned(),
            prove::Compared::Refuted => "refuted".to_owned(),
            prove::Compared::Differ(_) => "differ".to_owned(),
        };
        *tally.entry(key).or_default() += 1;
        if let prove::Compared::Differ(_) = outcome {
            let differs = |list: &[u32]| matches!(run(&case_from(list, kind)), prove::Compared::Differ(_));
            let small = case_from(&shrink(list, 300, differs), kind);
            let what = match run(&small) {
                prove::Compared::Differ(what) => what,
                other => format!("{other:?}"),
            };
            let text = format!("seed {seed}\n{}{what}\n", show(&small));
            eprintln!("{text}");
            differences.push(text);
        }
    }
    eprintln!("{tally:#?}");
    let agreed = |key: &str| tally.get(key).copied().unwrap_or(0);
    (agreed("holds") + agreed("refuted"), differences)
}

#[test]
fn the_explorer_and_the_symbolic_engines_agree_on_a_few_cases() {
    let run = |case: &Case| prove::run(case, tla_symbolic::Engine::Auto);
    let (agreed, differences) = proving_campaign(1, 60, Duration::from_secs(20), Kind::default(), &run);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(agreed > 5, "only {agreed} cases were decided");
}

#[test]
fn the_explorer_and_the_symbolic_engines_agree_on_a_few_temporal_properties() {
    let kind = Kind { temporal: true, padded: false };
    let (agreed, differences) = proving_campaign(1, 60, Duration::from_secs(20), kind, &recurrence::run);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(agreed > 5, "only {agreed} cases were decided");
}

#[test]
fn a_set_whose_elements_were_met_in_disorder_is_told_in_order() {
    let kind = Kind { temporal: true, padded: false };
    let (agreed, differences) = proving_campaign(2254, 1, Duration::from_secs(20), kind, &recurrence::run);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(agreed, 1);
}

#[test]
#[ignore = "as long as it is told to be"]
fn a_proving_campaign() {
    let (first, cases) = (number("INTERLOCK_FUZZ_SEED", 1), number("INTERLOCK_FUZZ_CASES", 1000));
    let limit = Duration::from_secs(number("INTERLOCK_FUZZ_SECONDS", 3600));
    let temporal = number("INTERLOCK_FUZZ_TEMPORAL", 0) == 1;
    let kind = Kind { temporal, padded: false };
    let run = |case: &Case| match temporal {
        true => recurrence::run(case),
        false => prove::run(case, tla_symbolic::Engine::Auto),
    };
    let (agreed, differences) = proving_campaign(first, cases, limit, kind, &run);
    eprintln!("{agreed} agreed");
    assert!(differences.is_empty(), "{} differences", differences.len());
}
