//! Depth first with iterative deepening, the counts and the depth are those of the breadth-first search.

mod common;

use common::Graph;
use common::random::{NO_TROUBLE, graph};
use tla_explore::{Ended, Exploration, Limit, Options, Outcome, Statistics, Violation, deepen, explore};
use verdict::StoreKind;
use verdict::event::NoEvents;

fn options() -> Options {
    Options { stack_bytes: 1 << 20, check_deadlock: false, store: StoreKind::Fingerprint128, ..Options::default() }
}

/// What does not depend on which state of a level comes first.
fn counts(exploration: &Exploration) -> String {
    let Statistics { generated, distinct, depth, levels, duplicates, out_of_model, expanded, out_degree, .. } =
        &exploration.statistics;
    let by_action: Vec<u64> = exploration.per_action.iter().map(|one| one.generated).collect();
    format!(
        "{generated} {distinct} {depth} {levels:?} {duplicates} {out_of_model} {expanded} {out_degree:?} {by_action:?}"
    )
}

#[test]
fn a_search_that_finds_nothing_counts_what_breadth_first_counts() {
    for seed in 0..200 {
        let graph = graph(40, 3, None, NO_TROUBLE, seed);
        let (deep, broad) = (deepen(&graph, &options(), &NoEvents), explore(&graph, &options(), &NoEvents));
        assert!(matches!(deep.outcome, Outcome::Complete), "seed {seed}: {:?}", deep.outcome);
        assert_eq!(counts(&deep), counts(&broad), "seed {seed}");
    }
}

/// The round in which the first finding is made, and the finding's kind.
fn round(exploration: &Exploration) -> Option<(usize, Violation)> {
    match &exploration.outcome {
        Outcome::Found { findings, ended: Ended::AtFinding } => {
            let finding = findings.last()?;
            let is_deadlock = finding.violation == Violation::Deadlock;
            Some((finding.trace.len() + usize::from(is_deadlock), finding.violation))
        }
        Outcome::Complete => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_violation_is_found_at_the_level_at_which_breadth_first_finds_one() {
    let mut found = 0;
    for seed in 0..200 {
        let mut graph = graph(40, 2, None, NO_TROUBLE, seed);
        graph.nodes[(seed % 40) as usize].broken = vec![1];
        graph.nodes[((seed * 7 + 5) % 40) as usize].broken = vec![1];
        let options = Options { check_deadlock: true, ..options() };
        let (deep, broad) = (round(&deepen(&graph, &options, &NoEvents)), round(&explore(&graph, &options, &NoEvents)));
        assert_eq!(deep.map(|(round, _)| round), broad.map(|(round, _)| round), "seed {seed}");
        found += usize::from(deep.is_some());
    }
    assert!(found > 50, "{found}");
}

#[test]
fn ways_that_meet_are_walked_once() {
    // A ladder has as many ways as a power of two; going them all would not end.
    let rungs = 60;
    let edges: Vec<Vec<u32>> = (0..2 * rungs)
        .map(|node| match node / 2 + 1 {
            next if next < rungs => vec![2 * next, 2 * next + 1],
            _ => Vec::new(),
        })
        .collect();
    let edges: Vec<&[u32]> = edges.iter().map(Vec::as_slice).collect();
    let exploration = deepen(&Graph::plain(&[0, 1], &edges), &options(), &NoEvents);
    assert!(matches!(exploration.outcome, Outcome::Complete));
    assert_eq!((exploration.statistics.distinct, exploration.statistics.depth), (120, 60));
}

#[test]
fn limits_end_it() {
    let graph = graph(40, 3, None, NO_TROUBLE, 3);
    let limited = |options: Options| match deepen(&graph, &options, &NoEvents).outcome {
        Outcome::Capacity(limit) => limit,
        other => panic!("{other:?}"),
    };
    assert_eq!(limited(Options { max_depth: Some(2), ..options() }), Limit::Depth(2));
    assert_eq!(limited(Options { max_states: Some(4), ..options() }), Limit::States(4));
    assert_eq!(limited(Options { memory_budget: Some(1), ..options() }), Limit::Memory(1));
}
