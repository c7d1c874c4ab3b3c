//! A search with any number of workers says what a sequential search with a queue says.

mod common;

use common::{Edge, Graph, Node, Reference, summarize};
use proptest::prelude::*;
use std::time::Duration;
use tla_explore::{Options, explore};
use verdict::StoreKind;
use verdict::event::NoEvents;

fn options(workers: usize, block_size: u32) -> Options {
    let stack_bytes = 1 << 20;
    Options { workers, block_size, stack_bytes, share_levels_longer_than: Duration::ZERO, ..Options::default() }
}

#[derive(Debug, Clone, Copy)]
struct Trouble {
    broken: u32,
    invariant_errors: u32,
    next_errors: u32,
    panics: u32,
    steps: u32,
    out_of_model: u32,
    deadlocks: u32,
}

const NO_TROUBLE: Trouble =
    Trouble { broken: 0, invariant_errors: 0, next_errors: 0, panics: 0, steps: 0, out_of_model: 0, deadlocks: 0 };

/// A random graph; the figures of `trouble` are odds out of a thousand.
fn graph(size: u32, degree: u32, classes: Option<u32>, trouble: Trouble, seed: u64) -> Graph {
    let mut state = seed;
    let mut random = move |bound: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as u32) % bound.max(1)
    };
    let mut nodes = Vec::new();
    for _ in 0..size {
        let mut node = Node { class: random(classes.unwrap_or(1)), ..Node::default() };
        let successors = if random(1000) < trouble.deadlocks { 0 } else { 1 + random(degree) };
        for _ in 0..successors {
            let (in_model, breaks) = (random(1000) >= trouble.out_of_model, random(1000) < trouble.steps);
            node.edges.push(Edge { to: random(size), action: random(3), in_model, breaks });
        }
        for invariant in 0..2 {
            if random(1000) < trouble.broken {
                node.broken.push(invariant);
            }
        }
        node.invariant_error = random(1000) < trouble.invariant_errors;
        let at = random(successors + 1) as usize;
        node.next_error = (random(1000) < trouble.next_errors).then_some(at);
        node.panic = (random(1000) < trouble.panics).then_some(at);
        nodes.push(node);
    }
    let initial = (0..1 + random(4)).map(|_| Edge { in_model: random(10) > 0, ..Edge::to(random(size)) }).collect();
    let graph = Graph::new(initial, nodes);
    Graph { has_view: classes.is_some(), ..graph }
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

fn any_options() -> impl Strategy<Value = Options> {
    let limits = (proptest::option::weighted(0.2, 1_u64..80), proptest::option::weighted(0.2, 1_u32..6));
    (any::<bool>(), any::<bool>(), limits).prop_map(|(check_deadlock, continue_after_violation, limits)| Options {
        check_deadlock,
        continue_after_violation,
        max_states: limits.0,
        max_depth: limits.1,
        ..Options::default()
    })
}

fn any_trouble() -> impl Strategy<Value = Trouble> {
    let rare = || prop_oneof![3 => Just(0_u32), 1 => Just(4), 1 => Just(30)];
    let common = || prop_oneof![Just(0_u32), Just(50), Just(300)];
    let deadly = (rare(), rare(), Just(0_u32));
    (rare(), deadly, rare(), common(), prop_oneof![Just(0_u32), Just(20)]).prop_map(
        |(broken, (invariant_errors, next_errors, panics), steps, out_of_model, deadlocks)| Trouble {
            broken,
            invariant_errors,
            next_errors,
            panics,
            steps,
            out_of_model,
            deadlocks,
        },
    )
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
