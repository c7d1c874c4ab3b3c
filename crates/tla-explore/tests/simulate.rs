//! Random simulation is repeatable, does not depend on the number of workers, and finds what is there.

mod common;

use common::{Edge, Graph};
use tla_explore::{
    Broken, Options, Outcome, SampledLasso, Scheduler, SimulationOptions, SimulationOutcome, TransitionSystem,
    Violation, Witness, explore, simulate, simulate_before,
};
use verdict::event::NoEvents;

fn options(workers: usize, seed: u64) -> SimulationOptions {
    SimulationOptions { workers, seed, stack_bytes: 1 << 20, ..SimulationOptions::default() }
}

/// A binary tree of the given height with a step back to the root from every leaf.
fn tree(height: u32) -> Graph {
    let nodes = 1_u32 << height;
    let edges: Vec<Vec<u32>> =
        (0..nodes).map(|node| if 2 * node + 2 < nodes { vec![2 * node + 1, 2 * node + 2] } else { vec![0] }).collect();
    let edges: Vec<&[u32]> = edges.iter().map(Vec::as_slice).collect();
    Graph::plain(&[0], &edges)
}

fn told(outcome: &SimulationOutcome) -> String {
    match outcome {
        SimulationOutcome::Error(error) => format!("error {} {:?}", error.error.message, error.trace),
        SimulationOutcome::NothingFound
        | SimulationOutcome::EndedAtRequest
        | SimulationOutcome::NoBehavior
        | SimulationOutcome::Found(_)
        | SimulationOutcome::Lasso(_)
        | SimulationOutcome::Interrupted => format!("{outcome:?}"),
    }
}

#[test]
fn nothing_to_find_is_nothing_found() {
    let simulation = simulate(&tree(5), &options(2, 1), &NoEvents);
    assert!(matches!(simulation.outcome, SimulationOutcome::NothingFound));
    assert_eq!((simulation.counts.behaviors, simulation.sampling.runs), (1000, 1000));
    assert_eq!((simulation.counts.lengths.minimum, simulation.counts.lengths.maximum), (100, 100));
}

#[test]
fn the_number_of_workers_changes_nothing() {
    for seed in 0..20 {
        let mut graph = tree(12);
        graph.nodes[3000].broken = vec![1];
        graph.nodes[2500].next_error = Some(0);
        graph.nodes[3500].panic = Some(0);
        let one = simulate(&graph, &options(1, seed), &NoEvents);
        for workers in [2, 4, 8] {
            let many = simulate(&graph, &options(workers, seed), &NoEvents);
            assert_eq!(told(&many.outcome), told(&one.outcome), "seed {seed}, {workers} workers");
            assert_eq!(many.counts, one.counts, "seed {seed}, {workers} workers");
        }
    }
}

#[test]
fn the_number_of_workers_changes_nothing_for_any_scheduler() {
    for scheduler in [Scheduler::Actions, Scheduler::Coverage] {
        for seed in 0..5 {
            let mut graph = tree(12);
            graph.nodes[3000].broken = vec![1];
            let one = simulate(&graph, &SimulationOptions { scheduler, ..options(1, seed) }, &NoEvents);
            let many = simulate(&graph, &SimulationOptions { scheduler, ..options(4, seed) }, &NoEvents);
            assert_eq!(told(&many.outcome), told(&one.outcome), "{scheduler:?}, seed {seed}");
            assert_eq!(many.counts, one.counts, "{scheduler:?}, seed {seed}");
        }
    }
}

#[test]
fn seeds_give_different_behaviors() {
    let mut graph = tree(10);
    graph.nodes[1000].broken = vec![0];
    let found: std::collections::BTreeSet<u64> =
        (0..10).map(|seed| simulate(&graph, &options(1, seed), &NoEvents).counts.behaviors).collect();
    assert!(found.len() > 3, "{found:?}");
}

#[test]
fn a_finding_is_a_behavior_of_the_system() {
    let mut graph = tree(8);
    graph.nodes[200].broken = vec![0];
    let simulation = simulate(&graph, &options(2, 5), &NoEvents);
    let SimulationOutcome::Found(finding) = &simulation.outcome else { panic!("{:?}", simulation.outcome) };
    assert_eq!(finding.violation, Violation::Broken(Broken::Invariant(0)));
    let nodes: Vec<u32> = finding.trace.iter().map(|state| state[0]).collect();
    assert_eq!((nodes[0], nodes[nodes.len() - 1]), (0, 200));
    for step in nodes.windows(2) {
        assert!(graph.nodes[step[0] as usize].edges.iter().any(|edge| edge.to == step[1]), "{step:?}");
    }
}

#[test]
fn every_successor_is_drawn_about_equally_often() {
    let mut graph = Graph::plain(&[0], &[&[1, 2, 3, 4], &[], &[], &[], &[]]);
    let mut counts = [0; 5];
    for seed in 0..400 {
        let simulation = simulate(&graph, &SimulationOptions { behaviors: Some(1), ..options(1, seed) }, &NoEvents);
        let SimulationOutcome::Found(finding) = simulation.outcome else { panic!("no deadlock") };
        counts[finding.trace[1][0] as usize] += 1;
    }
    assert!(counts[1..].iter().all(|count| (60..140).contains(count)), "{counts:?}");
    graph.nodes[0].edges.iter_mut().for_each(|edge| edge.in_model = edge.to == 3);
    let simulation = simulate(&graph, &options(1, 0), &NoEvents);
    let SimulationOutcome::Found(finding) = simulation.outcome else { panic!("no deadlock") };
    assert_eq!(finding.trace[1][0], 3);
}

#[test]
fn initial_states_are_checked_and_needed() {
    let mut graph = Graph::plain(&[0, 1], &[&[0], &[1]]);
    graph.nodes[1].broken = vec![2];
    let SimulationOutcome::Found(finding) = simulate(&graph, &options(1, 0), &NoEvents).outcome else { panic!() };
    assert_eq!((finding.violation, finding.trace.len()), (Violation::Broken(Broken::Invariant(2)), 1));
    let nothing = simulate(&Graph::plain(&[], &[]), &options(1, 0), &NoEvents);
    assert!(matches!(nothing.outcome, SimulationOutcome::NoBehavior));
    let mut outside = Graph::plain(&[0], &[&[0]]);
    outside.initial = vec![Edge { in_model: false, ..Edge::to(0) }];
    assert!(matches!(simulate(&outside, &options(1, 0), &NoEvents).outcome, SimulationOutcome::NoBehavior));
}

#[test]
fn behaviors_end_where_the_model_ends() {
    let mut graph = Graph::plain(&[0], &[&[1], &[2], &[]]);
    graph.nodes[1].edges[0].in_model = false;
    let simulation = simulate(&graph, &options(1, 0), &NoEvents);
    assert!(matches!(simulation.outcome, SimulationOutcome::NothingFound));
    assert_eq!(simulation.counts.lengths.maximum, 2);
}

#[test]
fn an_error_comes_with_its_behavior() {
    let mut graph = Graph::plain(&[0], &[&[1], &[2], &[0]]);
    graph.nodes[2].next_error = Some(0);
    let SimulationOutcome::Error(error) = simulate(&graph, &options(1, 0), &NoEvents).outcome else { panic!() };
    assert_eq!(error.trace.len(), 3);
    graph.nodes[2].invariant_error = true;
    let SimulationOutcome::Error(error) = simulate(&graph, &options(1, 0), &NoEvents).outcome else { panic!() };
    assert_eq!((error.trace.len(), error.in_property()), (3, true));
}

/// What simulation finds, search finds too, and never with a longer trace.
#[test]
fn a_search_finds_a_trace_that_is_no_longer() {
    let mut graph = tree(9);
    graph.nodes[300].broken = vec![0];
    let SimulationOutcome::Found(random) = simulate(&graph, &options(1, 9), &NoEvents).outcome else { panic!() };
    let exploration = explore(&graph, &Options { stack_bytes: 1 << 20, ..Options::default() }, &NoEvents);
    let Outcome::Found { findings, .. } = exploration.outcome else { panic!() };
    assert!(findings[0].trace.len() <= random.trace.len());
}

/// Looks at behaviors and ends the simulation at one of them.
struct Onlooker {
    seen: std::sync::Mutex<Vec<u64>>,
    last: u64,
}

impl<'a> Witness<'a, Graph> for Onlooker {
    fn behavior(
        &self,
        number: u64,
        behavior: &[Vec<u32>],
        _worker: &mut <Graph as TransitionSystem>::Worker<'a>,
    ) -> Option<SampledLasso> {
        self.seen.lock().expect("nobody panics").push(number);
        let found = number >= self.last;
        found.then(|| SampledLasso { part: 0, stem: Vec::new(), cycle: behavior.to_vec() })
    }
}

#[test]
fn a_witness_sees_every_behavior_and_ends_the_simulation() {
    let mut ends = Vec::new();
    for workers in [1, 3] {
        let witness = Onlooker { seen: std::sync::Mutex::default(), last: 300 };
        let simulation = simulate_before(&tree(5), &options(workers, 4), &NoEvents, &witness);
        let mut seen = witness.seen.into_inner().expect("nobody panics");
        seen.sort_unstable();
        assert_eq!(seen.iter().take(301).copied().collect::<Vec<_>>(), (0..=300).collect::<Vec<_>>());
        assert_eq!(simulation.counts.behaviors, 301);
        ends.push(told(&simulation.outcome));
    }
    assert!(ends[0] == ends[1] && ends[0].starts_with("Lasso"), "{ends:?}");
}
