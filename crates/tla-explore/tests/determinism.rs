//! A search with any number of workers says what a sequential search with a queue says.

mod common;

use common::random::{NO_TROUBLE, Trouble, any_options, any_trouble, graph};
use common::{Graph, Reference, summarize};
use proptest::prelude::*;
use std::time::Duration;
use tla_explore::{Options, explore};
use verdict::StoreKind;
use verdict::event::NoEvents;

fn options(workers: usize, block_size: u32) -> Options {
    let stack_bytes = 1 << 20;
    Options { workers, block_size, stack_bytes, share_levels_longer_than: Duration::ZERO, ..Options::default() }
}

/// Compares all numbers of workers and block sizes with the reference.
fn compare(graph: &Graph, base: &Options) -> Result<(), TestCaseError> {
    let expected = Reference::search(graph, base);
    for (workers, block_size) in [(1, 256), (1, 1), (2, 1), (2, 3), (4, 2), (8, 1), (8, 5)] {
        for store in [StoreKind::Exact, StoreKind::Fingerprint128] {
            let scheduling = options(workers, block_size);
            let options = Options {
                workers: scheduling.workers,
                block_size: scheduling.block_size,
                stack_bytes: scheduling.stack_bytes,
                share_levels_longer_than: scheduling.share_levels_longer_than,
                store,
                ..base.clone()
            };
            let summary = summarize(&explore(graph, &options, &NoEvents));
            prop_assert_eq!(&summary, &expected, "{} workers, blocks of {}, {:?}", workers, block_size, store);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plain_graphs(
        size in 1_u32..400,
        degree in 1_u32..6,
        trouble in any_trouble(),
        seed in any::<u64>(),
        options in any_options(),
    ) {
        compare(&graph(size, degree, None, trouble, seed), &options)?;
    }

    #[test]
    fn graphs_with_a_view(
        size in 1_u32..400,
        degree in 1_u32..6,
        share in 1_u32..5,
        trouble in any_trouble(),
        seed in any::<u64>(),
        options in any_options(),
    ) {
        compare(&graph(size, degree, Some(size.div_ceil(share)), trouble, seed), &options)?;
    }
}

/// Wide levels with many ways to each state: most states change hands while a level is built.
#[test]
fn many_thefts() {
    for seed in 0..20 {
        let trouble = Trouble { broken: 1, ..NO_TROUBLE };
        for classes in [None, Some(700)] {
            let graph = graph(3_000, 12, classes, trouble, seed);
            let base = Options { check_deadlock: false, continue_after_violation: seed % 2 == 0, ..Options::default() };
            let expected = Reference::search(&graph, &base);
            for workers in [2, 4, 8] {
                let options = Options {
                    check_deadlock: false,
                    continue_after_violation: base.continue_after_violation,
                    ..options(workers, 1)
                };
                assert_eq!(
                    summarize(&explore(&graph, &options, &NoEvents)),
                    expected,
                    "seed {seed}, {workers} workers"
                );
            }
        }
    }
}

#[test]
fn a_panic_is_an_error_at_its_place() {
    for seed in 0..10 {
        let graph = graph(200, 4, None, Trouble { panics: 10, ..NO_TROUBLE }, seed);
        compare(&graph, &Options::default()).unwrap();
    }
}
