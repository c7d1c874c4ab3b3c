//! Interleavings that random tests seldom meet, forced: one thread waits until another has expanded a later state.
//!
//! Level 2 of each graph is nodes 1, 2, 3, in blocks of one state. Node 1 waits until another worker has expanded node 2,
//! so whatever node 2 generates is there first although it comes second.

mod common;

use common::{Edge, Graph, Node, Reference, Summary, summarize};
use std::time::Duration;
use tla_explore::{Options, explore};
use verdict::StoreKind;
use verdict::event::NoEvents;

/// A graph whose nodes 1, 2 and 3 lead to 4, 5 and 6 or to what is given.
fn graph(successors: [&[u32]; 3]) -> Graph {
    let edges = |to: &[u32]| Node { edges: to.iter().map(|to| Edge::to(*to)).collect(), ..Node::default() };
    let mut nodes = vec![edges(&[1, 2, 3])];
    nodes.extend(successors.iter().map(|to| edges(to)));
    nodes.extend((4..10).map(|node| edges(&[node])));
    for (class, node) in (0..).zip(&mut nodes) {
        node.class = class;
    }
    nodes[1].waits_for = Some(2);
    Graph::new(vec![Edge::to(0)], nodes)
}

fn options(store: StoreKind) -> Options {
    Options {
        workers: 2,
        block_size: 1,
        store,
        stack_bytes: 1 << 20,
        share_levels_longer_than: Duration::ZERO,
        ..Options::default()
    }
}

/// Searches with both stores and compares with the reference, which has nobody to wait for.
fn compare(graph: &Graph, change: impl Fn(Options) -> Options) -> Summary {
    let expected = Reference::search(graph, &change(Options::default()));
    for store in [StoreKind::Exact, StoreKind::Fingerprint128] {
        graph.expanded.iter().for_each(|flag| flag.store(false, std::sync::atomic::Ordering::Relaxed));
        let exploration = explore(graph, &change(options(store)), &NoEvents);
        assert_eq!(summarize(&exploration), expected, "{store:?}");
    }
    expected
}

#[test]
fn a_state_belongs_to_the_earlier_source() {
    let mut graph = graph([&[4], &[4], &[6]]);
    graph.nodes[4].broken = vec![0];
    let summary = compare(&graph, |options| options);
    assert_eq!(summary.findings[0].1, [0, 1, 4]);
}

#[test]
fn an_error_in_a_state_that_changes_hands_is_told_of_its_owner() {
    // Node 2 generates node 4 first and meets the error; node 1, whose it is, does not look again until it has to.
    let mut graph = graph([&[7, 4, 8], &[4, 9], &[6]]);
    graph.nodes[4].invariant_error = true;
    let summary = compare(&graph, |options| options);
    assert_eq!((summary.error_trace, summary.generated), (vec![0, 1, 4], 6));
    for limit in 3..8 {
        compare(&graph, |options| Options { max_states: Some(limit), ..options });
    }
}

#[test]
fn the_earlier_violation_is_reported() {
    let mut graph = graph([&[4], &[5], &[6]]);
    for node in [4, 5, 6] {
        graph.nodes[node].broken = vec![0];
    }
    let summary = compare(&graph, |options| options);
    assert_eq!((summary.findings[0].1.last(), summary.generated), (Some(&4), 5));
    assert!(graph.was_checked(5), "node 5 was to be found first");
}

#[test]
fn a_violation_goes_before_a_later_error() {
    let mut graph = graph([&[4, 7], &[5], &[6]]);
    graph.nodes[7].broken = vec![1];
    graph.nodes[2].next_error = Some(1);
    let summary = compare(&graph, |options| options);
    assert_eq!(summary.findings[0].1, [0, 1, 7]);
}

#[test]
fn an_error_goes_before_a_later_violation() {
    let mut graph = graph([&[4, 7], &[5], &[6]]);
    graph.nodes[5].broken = vec![1];
    graph.nodes[1].next_error = Some(1);
    let summary = compare(&graph, |options| options);
    assert_eq!((summary.ended.as_str(), summary.error_trace), ("error: next", vec![0, 1]));
}

/// Nodes 4 and 5 have one identity. Node 4 counts, and is sound; node 5 is not.
fn with_a_view() -> Graph {
    let mut graph = graph([&[7, 4], &[8, 5, 9], &[6]]);
    graph.has_view = true;
    graph.nodes[5].class = 4;
    graph
}

#[test]
fn a_violation_of_a_state_that_does_not_count_is_taken_back() {
    let mut graph = with_a_view();
    graph.nodes[5].broken = vec![0];
    let summary = compare(&graph, |options| options);
    assert!(graph.was_checked(5), "node 5 was to be found first");
    assert_eq!((summary.ended.as_str(), summary.distinct), ("complete", 9));
}

#[test]
fn an_error_in_a_state_that_does_not_count_is_taken_back() {
    let mut graph = with_a_view();
    graph.nodes[5].invariant_error = true;
    assert_eq!(compare(&graph, |options| options).ended, "complete");
}

#[test]
fn a_later_violation_is_found_after_one_was_taken_back() {
    let mut graph = with_a_view();
    graph.nodes[5].broken = vec![0];
    graph.nodes[6].broken = vec![0];
    assert_eq!(compare(&graph, |options| options).findings[0].1, [0, 3, 6]);
}

#[test]
fn a_limit_is_met_after_a_violation_was_taken_back() {
    let mut graph = with_a_view();
    graph.nodes[5].broken = vec![0];
    for limit in 4..9 {
        let summary = compare(&graph, |options| Options { max_states: Some(limit), ..options });
        assert_eq!(summary.distinct, limit + 1);
    }
}

#[test]
fn going_on_keeps_the_first_violation_that_counts() {
    let mut graph = with_a_view();
    for node in [5, 6, 9] {
        graph.nodes[node].broken = vec![0];
    }
    let summary = compare(&graph, |options| Options { continue_after_violation: true, ..options });
    assert_eq!(summary.findings[0].1, [0, 2, 9]);
}
