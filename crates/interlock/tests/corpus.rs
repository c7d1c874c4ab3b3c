//! The public collection of specifications against TLC's results, with two workers: the verdict of every model, and of
//! every completed search the numbers of generated and distinct states and the depth.
//!
//! By default the models that took TLC less than four seconds are checked, for as long as [`BUDGET`] lasts; what is left
//! out is said line by line. `INTERLOCK_CORPUS=all` checks those below ten seconds without a budget. A model that differs
//! stands in [`GAPS`] with the reason; the test fails when another one differs and when a listed one agrees.
//! `benches/tla/corpus` prints the table of all models.
#![allow(clippy::print_stderr)] // A test says what it did not run.

mod oracle;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Models that differ, and why. The first two are those that are not deterministic in TLC either.
const GAPS: &[(&str, &str)] = &[
    ("SpanningTree/SpanTreeRandom.cfg", "RandomElement: TLC's counts change from run to run"),
    (
        "ewd998/EWD998ChanTrace.cfg",
        "reads a trace whose path is relative to another folder; TLC's generated changes from run to run",
    ),
    (
        "FiniteMonotonic/MCDistributedReplicatedLog.cfg",
        "liveness under a view: no loop closes, so nothing can be replayed",
    ),
];

/// Models that assume that they are checked with one worker.
const ONE_WORKER: &[&str] = &["DieHard/MCDieHardest.cfg"];

/// Models that TLC completes or refutes below this time are checked, in seconds of TLC.
const USUAL: f64 = 4.0;
/// The same under `INTERLOCK_CORPUS=all`.
const ALL: f64 = 10.0;
/// Time for all models together, unless all are asked for.
const BUDGET: Duration = Duration::from_secs(100);
/// Time for one model.
const LIMIT: Duration = Duration::from_secs(15);
/// The same under `INTERLOCK_CORPUS=all`.
const LIMIT_OF_ALL: Duration = Duration::from_secs(90);
/// So many models must agree.
const AT_LEAST: usize = 60;

/// One row of `expected.tsv`.
struct Row {
    spec: PathBuf,
    config: PathBuf,
    name: String,
    exit: i32,
    counts: Option<[u64; 3]>,
    seconds: f64,
}

/// Reads the rows that TLC completed or refuted, the fastest first.
fn rows(folder: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(folder.join("expected.tsv")).expect("the table");
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let column = |name: &str| header.iter().position(|title| *title == name).expect("a column");
    let [spec, config, mode, exit, seconds] = ["tla", "cfg", "mode", "tlc_exit", "tlc_wall_s"].map(column);
    let counters = ["generated", "distinct", "depth"].map(column);
    let completed =
        lines.filter(|row| row[mode] == "exhaustive search" && ["0", "11", "12", "13"].contains(&row[exit]));
    let mut rows: Vec<Row> = completed
        .map(|row| Row {
            spec: folder.join(row[spec]),
            config: folder.join(row[config]),
            name: row[config].to_owned(),
            exit: row[exit].parse().expect("an exit code"),
            counts: (row[exit] == "0").then(|| counters.map(|index| row[index].parse().expect("a number"))),
            seconds: row[seconds].parse().expect("seconds"),
        })
        .collect();
    rows.sort_by(|left, right| left.seconds.total_cmp(&right.seconds));
    rows
}

/// How a result compares with TLC's.
#[derive(Debug, PartialEq, Eq)]
enum Comparison {
    Agrees,
    Differs,
    TooSlow,
}

fn compare(row: &Row, outcome: &oracle::Outcome) -> Comparison {
    let same_counts = row.counts.is_none() || row.counts == outcome.counts;
    match outcome.exit {
        None => Comparison::TooSlow,
        Some(exit) if exit == row.exit && same_counts => Comparison::Agrees,
        Some(_) => Comparison::Differs,
    }
}

/// What is wrong with a comparison, if anything. On a slow machine a model may run out of time, so that alone is a
/// complaint only when everything was asked for.
fn complaint(row: &Row, outcome: &oracle::Outcome, comparison: &Comparison, all: bool) -> Option<String> {
    let gap = GAPS.iter().find(|(name, _)| *name == row.name);
    let agrees = *comparison == Comparison::Agrees;
    match gap {
        Some((name, reason)) if agrees => Some(format!("{name}: agrees now; take it from the list ({reason})")),
        None if *comparison == Comparison::TooSlow && !all => None,
        None if !agrees => Some(format!(
            "{}: {comparison:?}: exit {:?}, {:?}; TLC: exit {}, {:?}",
            row.name, outcome.exit, outcome.counts, row.exit, row.counts
        )),
        None | Some(_) => None,
    }
}

/// Why a model is not checked this time.
fn skipped(row: &Row, start: Instant, all: bool) -> Option<String> {
    let gap = GAPS.iter().find(|(name, reason)| *name == row.name && reason.starts_with("too slow"));
    match gap {
        _ if all => None,
        Some((_, reason)) => Some((*reason).to_owned()),
        None if start.elapsed() > BUDGET => Some(format!("{} s are spent", BUDGET.as_secs())),
        None => None,
    }
}

#[test]
fn the_models_of_the_collection_agree_with_tlc() {
    let Some(folder) = oracle::shared("corpus/tlaplus-examples") else { return };
    let all = std::env::var_os("INTERLOCK_CORPUS").is_some_and(|value| value == "all");
    let (below, limit) = if all { (ALL, LIMIT_OF_ALL) } else { (USUAL, LIMIT) };
    let (start, scratch) = (Instant::now(), tempfile::tempdir().expect("a folder"));
    let (mut agreeing, mut complaints) = (0, Vec::new());
    for row in rows(&folder).iter().filter(|row| row.seconds < below) {
        if let Some(reason) = skipped(row, start, all) {
            eprintln!("NOT TESTED: {}: {reason}", row.name);
            continue;
        }
        let workers = if ONE_WORKER.contains(&row.name.as_str()) { 1 } else { 2 };
        let outcome = oracle::check_as_tlc(&row.spec, &row.config, workers, scratch.path(), limit);
        let comparison = compare(row, &outcome);
        if comparison == Comparison::TooSlow {
            eprintln!("NOT TESTED: {}: stopped after {} s", row.name, limit.as_secs());
        }
        agreeing += usize::from(comparison == Comparison::Agrees);
        complaints.extend(complaint(row, &outcome, &comparison, all));
    }
    eprintln!("{agreeing} models agree with TLC");
    assert_eq!(complaints, Vec::<String>::new());
    assert!(agreeing >= AT_LEAST, "only {agreeing} models agree; {AT_LEAST} must");
}
