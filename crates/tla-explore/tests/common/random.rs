//! Random graphs with random trouble.

use super::{Edge, Graph, Node};
use proptest::prelude::*;
use tla_explore::Options;

/// Odds out of a thousand that something is the matter with a node or an edge.
#[derive(Debug, Clone, Copy)]
pub struct Trouble {
    pub broken: u32,
    pub invariant_errors: u32,
    pub next_errors: u32,
    pub panics: u32,
    pub steps: u32,
    pub out_of_model: u32,
    pub deadlocks: u32,
}

pub const NO_TROUBLE: Trouble =
    Trouble { broken: 0, invariant_errors: 0, next_errors: 0, panics: 0, steps: 0, out_of_model: 0, deadlocks: 0 };

/// A random graph; the figures of `trouble` are odds out of a thousand.
pub fn graph(size: u32, degree: u32, classes: Option<u32>, trouble: Trouble, seed: u64) -> Graph {
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

pub fn any_options() -> impl Strategy<Value = Options> {
    let limits = (proptest::option::weighted(0.2, 1_u64..80), proptest::option::weighted(0.2, 1_u32..6));
    (any::<bool>(), any::<bool>(), limits).prop_map(|(check_deadlock, continue_after_violation, limits)| Options {
        check_deadlock,
        continue_after_violation,
        max_states: limits.0,
        max_depth: limits.1,
        ..Options::default()
    })
}

pub fn any_trouble() -> impl Strategy<Value = Trouble> {
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
