//! A search that is short of memory, or is saved and resumed, says what a sequential search with a queue says.

mod common;

use common::random::{NO_TROUBLE, Trouble, any_options, any_trouble, graph};
use common::{Graph, Reference, Summary, summarize};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use tla_explore::{Checkpoint, Limit, Options, Outcome, Unusable, examine_checkpoint, explore};
use verdict::{Event, EventSink, StoreKind};

/// Keeps warnings.
#[derive(Default)]
struct Warnings(Mutex<Vec<String>>);

impl EventSink for Warnings {
    fn send(&self, event: Event) {
        if let Event::Warning { text } = event {
            self.0.lock().unwrap().push(text);
        }
    }
}

impl Warnings {
    fn count(&self, part: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|text| text.contains(part)).count()
    }
}

/// What an empty store of a few workers needs, and a little more.
const TIGHT: u64 = 136 << 10;

fn scheduled(base: &Options, workers: usize, chunk_size: u32) -> Options {
    Options {
        workers,
        chunk_size,
        block_size: 3,
        stack_bytes: 1 << 20,
        share_levels_longer_than: Duration::ZERO,
        ..base.clone()
    }
}

fn checkpoint(folder: &Path, resume: bool) -> Option<Checkpoint> {
    let subject = vec![("specification".to_owned(), "a graph".to_owned())];
    Some(Checkpoint { folder: folder.to_path_buf(), every: Duration::ZERO, resume, subject })
}

/// Kinds of stores, and memory so short that a few dozens of states do not fit. Pairs of an exact store that stays exact
/// never go to disk.
const BUDGETS: [(StoreKind, bool, u64); 4] = [
    (StoreKind::Exact, false, TIGHT + (96 << 10)),
    (StoreKind::Exact, true, TIGHT),
    (StoreKind::Exact, true, TIGHT + (32 << 10)),
    (StoreKind::Fingerprint128, false, TIGHT),
];

/// Searches with chunks of all sizes and with so little memory that states go to disk.
fn compare(graph: &Graph, base: &Options) -> Result<usize, TestCaseError> {
    let expected = Reference::search(graph, base);
    let mut spills = 0;
    for (workers, chunk_size) in [(1, 1000), (1, 7), (2, 1), (4, 50)] {
        for (store, may_fingerprint, budget) in BUDGETS {
            {
                let place = tempfile::tempdir().unwrap();
                let options = Options {
                    store,
                    may_fingerprint,
                    memory_budget: Some(budget),
                    spill: Some(place.path().join("states")),
                    ..scheduled(base, workers, chunk_size)
                };
                let warnings = Warnings::default();
                let summary = summarize(&explore(graph, &options, &warnings));
                prop_assert_eq!(&summary, &expected, "{} workers, chunks of {}, {:?}", workers, chunk_size, store);
                prop_assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "files are left behind");
                spills += warnings.count("states go to");
            }
        }
    }
    Ok(spills)
}

/// Stops a search at a limit and resumes it without one.
fn interrupt_and_resume(
    graph: &Graph,
    base: &Options,
    limit: u64,
    (memory, store, chunk_size): (Option<u64>, StoreKind, u32),
) -> Result<(), TestCaseError> {
    let expected = Reference::search(graph, base);
    for (before, after) in [(1, 1), (1, 4), (3, 2)] {
        let place = tempfile::tempdir().unwrap();
        let options = |workers, resume| Options {
            store,
            may_fingerprint: true,
            memory_budget: memory,
            checkpoint: checkpoint(place.path(), resume),
            ..scheduled(base, workers, chunk_size)
        };
        let warnings = Warnings::default();
        explore(graph, &Options { max_states: Some(limit), ..options(before, false) }, &warnings);
        if examine_checkpoint(&options(1, true).checkpoint.unwrap()).is_err() {
            // The search ended before its first checkpoint.
            continue;
        }
        // Once more stopped on the way, then to the end.
        explore(graph, &Options { max_states: Some(limit * 2), ..options(after, true) }, &warnings);
        let summary = summarize(&explore(graph, &options(after, true), &warnings));
        prop_assert_eq!(&summary, &expected, "{} then {} workers", before, after);
        prop_assert_eq!(warnings.count("could not be written"), 0);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn short_of_memory(
        size in 1_u32..500,
        degree in 1_u32..6,
        share in proptest::option::of(1_u32..5),
        trouble in any_trouble(),
        seed in any::<u64>(),
        options in any_options(),
    ) {
        let classes = share.map(|share| size.div_ceil(share));
        compare(&graph(size, degree, classes, trouble, seed), &options)?;
    }

    #[test]
    fn saved_and_resumed(
        size in 1_u32..300,
        degree in 1_u32..5,
        share in proptest::option::of(1_u32..5),
        trouble in any_trouble(),
        seed in any::<u64>(),
        options in any_options(),
        limit in 1_u64..200,
        tight in any::<bool>(),
        exact in any::<bool>(),
    ) {
        let classes = share.map(|share| size.div_ceil(share));
        let base = Options { max_states: None, ..options };
        let store = if exact { StoreKind::Exact } else { StoreKind::Fingerprint128 };
        let graph = graph(size, degree, classes, trouble, seed);
        interrupt_and_resume(&graph, &base, limit, (tight.then_some(TIGHT), store, 40))?;
    }
}

#[test]
fn states_did_go_to_disk() {
    let base = Options { check_deadlock: false, ..Options::default() };
    for classes in [None, Some(2_500)] {
        let spills = compare(&graph(4_000, 4, classes, NO_TROUBLE, 5), &base).unwrap();
        assert!(spills >= 12, "nearly every search was to run out of memory");
    }
}

#[test]
fn a_violation_among_states_on_disk_has_its_trace() {
    let trouble = Trouble { broken: 2, ..NO_TROUBLE };
    for seed in 0..8 {
        for classes in [None, Some(700)] {
            let graph = graph(2_000, 3, classes, trouble, seed);
            let base = Options { check_deadlock: false, continue_after_violation: seed % 2 == 0, ..Options::default() };
            compare(&graph, &base).unwrap();
            if seed < 2 {
                interrupt_and_resume(&graph, &base, 350, (Some(TIGHT), StoreKind::Exact, 200)).unwrap();
            }
        }
    }
}

#[test]
fn without_a_folder_the_search_ends_at_its_limit() {
    let graph = graph(3_000, 4, None, NO_TROUBLE, 5);
    let base = Options { check_deadlock: false, memory_budget: Some(TIGHT), ..Options::default() };
    let exploration = explore(&graph, &scheduled(&base, 2, 100), &Warnings::default());
    assert!(matches!(exploration.outcome, Outcome::Capacity(Limit::Memory(TIGHT))), "{:?}", exploration.outcome);
    assert!(exploration.statistics.distinct > 0);
}

/// A finished search with a checkpoint at its end.
fn saved(place: &Path) -> (Graph, Summary) {
    let graph = graph(500, 4, None, NO_TROUBLE, 7);
    let base = Options { check_deadlock: false, checkpoint: checkpoint(place, false), ..Options::default() };
    let summary = summarize(&explore(&graph, &scheduled(&base, 2, 20), &Warnings::default()));
    (graph, summary)
}

fn resumed(graph: &Graph, place: &Path) -> tla_explore::Exploration {
    let base = Options { check_deadlock: false, checkpoint: checkpoint(place, true), ..Options::default() };
    explore(graph, &scheduled(&base, 2, 20), &Warnings::default())
}

#[test]
fn a_finished_search_can_be_resumed_and_is_finished() {
    let place = tempfile::tempdir().unwrap();
    let (graph, expected) = saved(place.path());
    assert_eq!(summarize(&resumed(&graph, place.path())), expected);
}

#[test]
fn what_is_not_the_same_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let nothing = examine_checkpoint(&checkpoint(place.path(), true).unwrap());
    assert!(matches!(nothing, Err(Unusable::Missing(_))));
    saved(place.path());
    examine_checkpoint(&checkpoint(place.path(), true).unwrap()).unwrap();
    let mut other = checkpoint(place.path(), true).unwrap();
    other.subject[0].1 = "another graph".to_owned();
    let refused = examine_checkpoint(&other).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the checkpoint is of another specification: it has a graph, this run has another graph"
    );
}

#[test]
fn every_damage_is_noticed() {
    let place = tempfile::tempdir().unwrap();
    let (graph, _) = saved(place.path());
    let mut files = 0;
    for entry in std::fs::read_dir(place.path()).unwrap() {
        let path = entry.unwrap().path();
        let sound = std::fs::read(&path).unwrap();
        if sound.is_empty() {
            // The lock.
            continue;
        }
        files += 1;
        let mut damaged = sound.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        for bytes in [&damaged[..], &sound[..sound.len() - 1], &[]] {
            std::fs::write(&path, bytes).unwrap();
            assert!(examine_checkpoint(&checkpoint(place.path(), true).unwrap()).is_err(), "{}", path.display());
            assert!(matches!(resumed(&graph, place.path()).outcome, Outcome::Error(_)), "{}", path.display());
        }
        std::fs::remove_file(&path).unwrap();
        assert!(examine_checkpoint(&checkpoint(place.path(), true).unwrap()).is_err(), "{}", path.display());
        std::fs::write(&path, sound).unwrap();
    }
    assert!(files >= 4, "{files}");
    examine_checkpoint(&checkpoint(place.path(), true).unwrap()).unwrap();
}
