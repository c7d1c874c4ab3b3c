//! What a search counts, finds and says on systems that can be followed by hand.

mod common;

use common::{Edge, Graph, Node, summarize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tla_explore::{
    ActionCount, Broken, ErrorClass, Exploration, Limit, Options, Outcome, Violation, explore, explore_keeping_states,
};
use verdict::event::NoEvents;
use verdict::{CollisionBound, Event, EventSink, StoreKind};

fn search(graph: &Graph) -> Exploration {
    search_with(graph, Options::default())
}

fn search_with(graph: &Graph, options: Options) -> Exploration {
    explore(graph, &Options { stack_bytes: 1 << 20, ..options }, &NoEvents)
}

fn counts(exploration: &Exploration) -> (u64, u64, u32) {
    let statistics = &exploration.statistics;
    (statistics.generated, statistics.distinct, statistics.depth)
}

/// A grid of `side` by `side` nodes; each leads one to the right and one down.
fn grid(side: u32) -> Graph {
    let mut nodes = vec![Node::default(); (side * side) as usize];
    for row in 0..side {
        for column in 0..side {
            let edges = &mut nodes[(row * side + column) as usize].edges;
            if column + 1 < side {
                edges.push(Edge { action: 0, ..Edge::to(row * side + column + 1) });
            }
            if row + 1 < side {
                edges.push(Edge { action: 1, ..Edge::to((row + 1) * side + column) });
            }
        }
    }
    Graph::new(vec![Edge::to(0)], nodes)
}

/// Philosophers around a table, each with one bit for "holds the fork on the left" and one for "on the right".
fn philosophers(count: u32) -> Graph {
    let mut nodes = vec![Node::default(); 1 << (2 * count)];
    for (state, node) in (0_u32..).zip(&mut nodes) {
        let holds = |who: u32, right: u32| state >> (2 * (who % count) + right) & 1 == 1;
        for who in 0..count {
            let (left, right) = (1 << (2 * who), 2 << (2 * who));
            let left_is_free = !holds(who, 0) && !holds(who + count - 1, 1);
            let right_is_free = !holds(who + 1, 0);
            if left_is_free && !holds(who, 1) {
                node.edges.push(Edge { action: 0, ..Edge::to(state | left) });
            }
            if holds(who, 0) && !holds(who, 1) && right_is_free {
                node.edges.push(Edge { action: 1, ..Edge::to(state | right) });
            }
            if holds(who, 0) && holds(who, 1) {
                node.edges.push(Edge { action: 2, ..Edge::to(state & !(left | right)) });
            }
        }
    }
    Graph::new(vec![Edge::to(0)], nodes)
}

#[test]
fn a_grid_has_the_counts_of_a_grid() {
    let exploration = search_with(&grid(10), Options { check_deadlock: false, ..Options::default() });
    assert!(matches!(exploration.outcome, Outcome::Complete));
    assert_eq!(counts(&exploration), (181, 100, 19));
    let statistics = &exploration.statistics;
    assert_eq!(statistics.levels, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!((statistics.duplicates, statistics.out_of_model, statistics.expanded), (81, 0, 100));
    assert_eq!((statistics.out_degree.minimum, statistics.out_degree.maximum), (0, 2));
    assert_eq!(statistics.out_degree.mean(), 1.8);
    assert_eq!(statistics.new_successors.total, 99);
    // Only the first row is reached first from the left; every other node is first reached from above.
    let right = ActionCount { generated: 90, distinct: 9 };
    let down = ActionCount { generated: 90, distinct: 90 };
    assert_eq!(exploration.per_action[..2], [right, down]);
}

#[test]
fn philosophers_who_all_take_the_left_fork_starve() {
    let exploration = search(&philosophers(4));
    let Outcome::Found { findings, .. } = &exploration.outcome else { panic!("{:?}", exploration.outcome) };
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].violation, Violation::Deadlock);
    let nodes: Vec<u32> = findings[0].trace.iter().map(|state| state[0]).collect();
    assert_eq!(nodes, [0b0, 0b1, 0b101, 0b1_0101, 0b101_0101]);
}

#[test]
fn no_initial_state_means_no_level() {
    let exploration = search(&Graph::plain(&[], &[]));
    assert!(matches!(exploration.outcome, Outcome::Complete));
    assert_eq!(counts(&exploration), (0, 0, 0));
}

/// TLC's `cnt_init_dup`: four initial states of which three differ, each its own successor.
#[test]
fn initial_duplicates_are_generated_but_not_distinct() {
    let exploration = search(&Graph::plain(&[1, 2, 2, 3], &[&[], &[1], &[2], &[3]]));
    assert_eq!(counts(&exploration), (7, 3, 1));
}

/// TLC's `cnt_constraint_init`: six initial states of which three are in the model.
#[test]
fn initial_states_out_of_the_model_are_not_explored() {
    let mut graph = Graph::plain(&[0, 1, 2, 3, 4, 5], &[&[0], &[1], &[2], &[3], &[4], &[5]]);
    graph.initial.iter_mut().for_each(|edge| edge.in_model = edge.to < 3);
    let exploration = search(&graph);
    assert_eq!(counts(&exploration), (9, 3, 1));
    assert_eq!(exploration.statistics.out_of_model, 3);
}

/// TLC's `cnt_constraint_inv`: the state that breaks the invariant is out of the model.
#[test]
fn states_out_of_the_model_are_checked() {
    let mut graph = Graph::plain(&[0], &[&[1], &[2], &[3], &[]]);
    graph.nodes[2].edges[0].in_model = false;
    graph.nodes[3].broken = vec![0];
    let exploration = search(&graph);
    assert_eq!(counts(&exploration), (4, 3, 3));
    assert_eq!(summarize(&exploration).findings, [(Violation::Broken(Broken::Invariant(0)), vec![0, 1, 2, 3])]);
}

/// TLC's `cnt_deadlock_excluded`: the only successor is out of the model.
#[test]
fn a_successor_out_of_the_model_is_a_successor() {
    let mut graph = Graph::plain(&[0], &[&[1], &[]]);
    graph.nodes[0].edges[0].in_model = false;
    let exploration = search(&graph);
    assert!(matches!(exploration.outcome, Outcome::Complete));
    assert_eq!(counts(&exploration), (2, 1, 1));
}

/// TLC's `inv_err`: the state in which the invariant cannot be evaluated is generated, distinct and not on the queue.
#[test]
fn an_error_in_an_invariant_comes_with_the_state() {
    let mut graph = Graph::plain(&[0], &[&[1], &[0]]);
    graph.nodes[1].invariant_error = true;
    let exploration = search(&graph);
    let Outcome::Error(error) = &exploration.outcome else { panic!("{:?}", exploration.outcome) };
    assert!(error.in_property());
    assert_eq!(summarize(&exploration).error_trace, [0, 1]);
    assert_eq!(counts(&exploration), (2, 2, 2));
    assert_eq!(exploration.statistics.left_on_queue, 0);
}

/// TLC's `next_err`.
#[test]
fn an_error_in_the_next_state_relation_comes_with_the_state_before() {
    let mut graph = Graph::plain(&[0], &[&[1], &[0]]);
    graph.nodes[1].next_error = Some(0);
    let exploration = search(&graph);
    assert_eq!(summarize(&exploration).error_trace, [0, 1]);
    assert_eq!(counts(&exploration), (2, 2, 2));
}

/// TLC's `inv_nonbool`.
#[test]
fn an_error_in_an_initial_state_leaves_it_on_the_queue() {
    let mut graph = Graph::plain(&[0], &[&[0]]);
    graph.nodes[0].invariant_error = true;
    let exploration = search(&graph);
    assert_eq!(counts(&exploration), (1, 1, 1));
    assert_eq!(exploration.statistics.left_on_queue, 1);
}

#[test]
fn a_panic_is_an_internal_error_with_its_message() {
    let mut graph = Graph::plain(&[0], &[&[1], &[0]]);
    graph.nodes[1].panic = Some(1);
    let Outcome::Error(error) = search(&graph).outcome else { panic!("no error") };
    assert_eq!(error.error.class, ErrorClass::Internal);
    assert_eq!(error.error.message, "the engine panicked: node 1 panics");
    assert_eq!(error.trace.len(), 2);
}

#[test]
fn every_property_has_its_first_finding_when_the_search_goes_on() {
    let mut graph = Graph::plain(&[0], &[&[1, 2], &[3], &[4], &[], &[2]]);
    graph.nodes[2].broken = vec![1];
    graph.nodes[3].broken = vec![0, 1];
    graph.nodes[4].edges[0].breaks = true;
    let exploration = search_with(&graph, Options { continue_after_violation: true, ..Options::default() });
    let summary = summarize(&exploration);
    assert_eq!(summary.ended, "complete");
    let expected = [
        (Violation::Broken(Broken::Invariant(1)), vec![0, 2]),
        (Violation::Broken(Broken::Invariant(0)), vec![0, 1, 3]),
        (Violation::Deadlock, vec![0, 1, 3]),
        (Violation::Broken(Broken::ActionProperty(0)), vec![0, 2, 4, 2]),
    ];
    assert_eq!(summary.findings, expected);
}

#[test]
fn a_limit_is_never_a_pass() {
    let options = Options { check_deadlock: false, ..Options::default() };
    let limited = search_with(&grid(10), Options { max_states: Some(50), ..options.clone() });
    assert!(matches!(limited.outcome, Outcome::Capacity(Limit::States(50))));
    assert_eq!(limited.statistics.distinct, 51);
    let exact = search_with(&grid(10), Options { max_states: Some(100), ..options.clone() });
    assert!(matches!(exact.outcome, Outcome::Complete));
    let shallow = search_with(&grid(10), Options { max_depth: Some(4), ..options.clone() });
    assert!(matches!(shallow.outcome, Outcome::Capacity(Limit::Depth(4))));
    assert_eq!((shallow.statistics.distinct, shallow.statistics.left_on_queue), (10, 4));
    let deep = search_with(&grid(10), Options { max_depth: Some(20), ..options.clone() });
    assert!(matches!(deep.outcome, Outcome::Complete));
    let small = search_with(&grid(10), Options { memory_budget: Some(1000), ..options });
    assert!(matches!(small.outcome, Outcome::Capacity(Limit::Memory(1000))));
}

#[test]
fn a_violation_in_the_state_beyond_the_limit_is_reported() {
    let mut graph = grid(4);
    graph.nodes[5].broken = vec![0];
    let options = Options { max_states: Some(4), ..Options::default() };
    let exploration = search_with(&graph, options.clone());
    assert_eq!((summarize(&exploration).ended.as_str(), exploration.statistics.distinct), ("finding", 5));
    let going_on = search_with(&graph, Options { continue_after_violation: true, ..options });
    let summary = summarize(&going_on);
    assert_eq!((summary.ended.as_str(), summary.findings.len(), summary.distinct), ("States(4)", 1, 5));
}

/// Asks for an interruption after the first progress that tells of states.
#[derive(Default)]
struct Impatient {
    seen: AtomicBool,
    last: Mutex<Option<verdict::Progress>>,
}

impl EventSink for Impatient {
    fn send(&self, event: Event) {
        if let Event::Progress(progress) = event {
            *self.last.lock().unwrap() = Some(progress);
            self.seen.store(progress.distinct > 0, Ordering::Relaxed);
        }
    }

    fn interrupted(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }
}

#[test]
fn an_interrupted_search_says_so() {
    let impatient = Impatient::default();
    let interval = Duration::from_millis(1);
    let options =
        Options { progress_interval: interval, check_deadlock: false, stack_bytes: 1 << 20, ..Options::default() };
    let exploration = explore(&grid(1500), &options, &impatient);
    assert!(matches!(exploration.outcome, Outcome::Interrupted), "{:?}", exploration.outcome);
    let statistics = &exploration.statistics;
    assert!(statistics.distinct > 0 && statistics.distinct < 1500 * 1500);
    assert_eq!(statistics.generated, statistics.distinct + statistics.duplicates);
    let progress = impatient.last.lock().unwrap().unwrap();
    assert!(progress.level > 0 && progress.distinct > 0 && progress.store_bytes > 0);
}

#[test]
fn a_fingerprint_store_states_its_bound_and_keeps_traces() {
    let mut graph = grid(30);
    graph.nodes[899].broken = vec![0];
    let options = Options { store: StoreKind::Fingerprint128, fingerprint_seed: 3, ..Options::default() };
    let exploration = search_with(&graph, options);
    let Outcome::Found { findings, .. } = &exploration.outcome else { panic!("{:?}", exploration.outcome) };
    assert_eq!(findings[0].trace.len(), 59);
    let statistics = &exploration.statistics;
    let expected = (statistics.distinct as f64).powi(2) * 2_f64.powi(-129);
    assert_eq!(statistics.collision_bound, CollisionBound(expected));
    assert_eq!(search(&graph).statistics.collision_bound, CollisionBound(0.0));
}

#[test]
fn the_seen_set_can_be_asked_afterwards() {
    let graph = grid(5);
    let options = Options { check_deadlock: false, ..Options::default() };
    let (_, states) = explore_keeping_states(&graph, &options, &NoEvents);
    assert_eq!(states.len(), 25);
    let last = states.find(&common::words(24)).unwrap();
    assert_eq!(states.words(last).unwrap(), common::words(24));
    let mut worker = tla_explore::TransitionSystem::worker(&graph);
    assert_eq!(states.trace(&mut worker, last).unwrap().len(), 9);
    assert_eq!(states.find(&[25, 0, 0]), None);
}
