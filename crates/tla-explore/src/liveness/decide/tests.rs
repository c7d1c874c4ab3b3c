//! The automata and components against the definition of temporal logic: random graphs, random formulas, all short
//! lassos.

use super::*;
use crate::liveness::bits::BitRows;
use crate::liveness::goal::goals;
use crate::liveness::graph::NOWHERE;
use crate::liveness::temporal::Temporal;
use proptest::prelude::*;
use std::collections::VecDeque;

const STATE_ATOMS: u32 = 3;
const STEP_ATOMS: u32 = 2;

/// Atoms 0 to 2 are predicates, 3 and 4 are actions.
fn column_of(atom: AtomId) -> Column {
    if atom.0 < STATE_ATOMS { Column::State(atom.0) } else { Column::Step(atom.0 - STATE_ATOMS) }
}

#[derive(Debug, Clone)]
struct Raw {
    edges: Vec<Vec<u8>>,
    initial: Vec<u8>,
    state_bits: Vec<u64>,
    /// Values of actions, by source and target; false on stuttering steps as for `<<A>>_v`.
    step_bits: Vec<Vec<u64>>,
}

/// The part that can be reached, numbered breadth first, with stuttering steps first.
fn graph_of(raw: &Raw) -> StateGraph {
    let size = raw.edges.len();
    let mut numbers = vec![NOWHERE; size];
    let mut order: Vec<usize> = Vec::new();
    let mut graph = StateGraph {
        state_bits: BitRows::new(STATE_ATOMS as usize),
        step_bits: BitRows::new(STEP_ATOMS as usize),
        ..StateGraph::default()
    };
    let mut depths: Vec<u32> = Vec::new();
    for state in &raw.initial {
        let state = *state as usize % size;
        if numbers[state] == NOWHERE {
            numbers[state] = order.len() as u32;
            order.push(state);
            graph.parents.push(NOWHERE);
            depths.push(0);
        }
    }
    graph.initial = order.len() as u32;
    let mut queue: VecDeque<usize> = order.iter().copied().collect();
    while let Some(state) = queue.pop_front() {
        let number = numbers[state];
        graph.offsets.push(graph.targets.len() as u32);
        graph.targets.push(number);
        graph.step_bits.extend(&[0]);
        graph.state_bits.extend(&[raw.state_bits[state]]);
        for target in &raw.edges[state] {
            let target = *target as usize % size;
            if numbers[target] == NOWHERE {
                numbers[target] = order.len() as u32;
                order.push(target);
                queue.push_back(target);
                graph.parents.push(number);
                depths.push(depths[number as usize] + 1);
            }
            let first = *graph.offsets.last().expect("a row was begun") as usize;
            if !graph.targets[first..].contains(&numbers[target]) {
                graph.targets.push(numbers[target]);
                graph.step_bits.extend(&[raw.step_bits[state][target]]);
            }
        }
    }
    graph.offsets.push(graph.targets.len() as u32);
    graph.levels = (0..order.len() as u32)
        .filter(|state| *state == 0 || depths[*state as usize] != depths[*state as usize - 1])
        .chain([order.len() as u32])
        .collect();
    graph
}

fn value_on(graph: &StateGraph, states: &[u32], back_to: usize, atom: AtomId, position: usize) -> bool {
    let state = states[position];
    let next = states.get(position + 1).copied().unwrap_or(states[back_to]);
    let step = graph.step_between(state, next).expect("the lasso goes along steps");
    let literal = Literal { column: column_of(atom), positive: true };
    literal.holds(graph.state_bits.row(state as usize), graph.step_bits.row(step))
}

fn satisfies(graph: &StateGraph, formula: &Temporal, states: &[u32], back_to: usize) -> bool {
    formula.holds(states.len(), back_to, &|atom, position| value_on(graph, states, back_to, atom, position))
}

/// Some lasso of at most `longest` states that satisfies the formula, by trying all.
fn naive(graph: &StateGraph, formula: &Temporal, longest: usize) -> Option<(Vec<u32>, usize)> {
    fn extend(
        graph: &StateGraph,
        formula: &Temporal,
        longest: usize,
        states: &mut Vec<u32>,
    ) -> Option<(Vec<u32>, usize)> {
        let last = *states.last()?;
        for back_to in 0..states.len() {
            if graph.step_between(last, states[back_to]).is_some() && satisfies(graph, formula, states, back_to) {
                return Some((states.clone(), back_to));
            }
        }
        if states.len() == longest {
            return None;
        }
        for step in graph.steps(last) {
            states.push(graph.targets[step]);
            let found = extend(graph, formula, longest, states);
            states.pop();
            if found.is_some() {
                return found;
            }
        }
        None
    }
    (0..graph.initial).find_map(|state| extend(graph, formula, longest, &mut vec![state]))
}

/// What the engine finds, checked by definition.
fn engine(graph: &StateGraph, formula: &Temporal) -> Option<Lasso> {
    let mut terms = Terms::new();
    let normal = terms.normal(formula, true);
    let goals = goals(&mut terms, &column_of, normal);
    let setting = Setting { graph, terms: &terms, column_of: &column_of, interrupted: &|| false, memory_budget: None };
    for goal in &goals {
        if let Some(found) = decide(&setting, goal).expect("the search succeeds") {
            let Lasso { stem, cycle, .. } = &found.lasso;
            let states = [stem.clone(), cycle.clone()].concat();
            assert!(states[0] < graph.initial, "the lasso begins in an initial state");
            assert!(satisfies(graph, formula, &states, stem.len()), "{states:?} back to {}", stem.len());
            if found.stem_suffices {
                let stays = [&stem[..], &cycle[..1]].concat();
                assert!(satisfies(graph, formula, &stays, stem.len()), "the way to the loop decides");
            }
            return Some(found.lasso);
        }
    }
    None
}

#[test]
fn a_product_that_is_too_large_for_memory_is_given_up() {
    let raw =
        Raw { edges: vec![vec![1], vec![0]], initial: vec![0], state_bits: vec![1, 2], step_bits: vec![vec![0; 2]; 2] };
    let graph = graph_of(&raw);
    let mut terms = Terms::new();
    let both = [0, 1].map(|atom| Temporal::eventually(Temporal::Atom(AtomId(atom))));
    let normal = terms.normal(&Temporal::And(both.to_vec()), true);
    let goals = goals(&mut terms, &column_of, normal);
    let decided = |memory_budget| {
        let setting =
            Setting { graph: &graph, terms: &terms, column_of: &column_of, interrupted: &|| false, memory_budget };
        decide(&setting, &goals[0])
    };
    assert_eq!(decided(Some(0)).map(|found| found.is_some()), Err(Failure::OutOfMemory));
    assert_eq!(decided(None).map(|found| found.is_some()), Ok(true));
}

fn atoms() -> impl Strategy<Value = Temporal> {
    prop_oneof![
        20 => (0..STATE_ATOMS + STEP_ATOMS).prop_map(|atom| Temporal::Atom(AtomId(atom))),
        1 => any::<bool>().prop_map(Temporal::Constant),
    ]
}

fn formulas() -> impl Strategy<Value = Temporal> {
    atoms().prop_recursive(5, 14, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Temporal::not),
            inner.clone().prop_map(Temporal::always),
            inner.clone().prop_map(Temporal::always),
            inner.clone().prop_map(Temporal::eventually),
            inner.clone().prop_map(Temporal::eventually),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Temporal::leads_to(a, b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Temporal::Equivalent(Box::new(a), Box::new(b))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Temporal::And),
            prop::collection::vec(inner, 2..4).prop_map(Temporal::Or),
        ]
    })
}

fn fairness() -> impl Strategy<Value = Temporal> {
    let one =
        (any::<bool>(), 0..STATE_ATOMS, STATE_ATOMS..STATE_ATOMS + STEP_ATOMS).prop_map(|(strong, enabled, taken)| {
            let make = if strong { Temporal::strong_fairness } else { Temporal::weak_fairness };
            make(AtomId(enabled), AtomId(taken))
        });
    prop::collection::vec(one, 0..4).prop_map(Temporal::And)
}

fn graphs() -> impl Strategy<Value = Raw> {
    (2..=5usize).prop_flat_map(|size| {
        (
            prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3), size),
            prop::collection::vec(any::<u8>(), 1..3),
            prop::collection::vec(0..1u64 << STATE_ATOMS, size),
            prop::collection::vec(prop::collection::vec(0..1u64 << STEP_ATOMS, size), size),
        )
            .prop_map(|(edges, initial, state_bits, step_bits)| Raw { edges, initial, state_bits, step_bits })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// What the engine finds satisfies the formula, and it finds something if there is something short to be found.
    #[test]
    fn the_engine_agrees_with_the_definition(raw in graphs(), fair in fairness(), formula in formulas()) {
        let graph = graph_of(&raw);
        let goal = Temporal::And(vec![fair, formula]);
        let found = engine(&graph, &goal);
        if found.is_none() {
            prop_assert_eq!(naive(&graph, &goal, 6), None);
        }
    }

    /// A formula and its negation cannot both lack a behavior.
    #[test]
    fn some_behavior_satisfies_a_formula_or_its_negation(raw in graphs(), formula in formulas()) {
        let graph = graph_of(&raw);
        let negation = Temporal::not(formula.clone());
        prop_assert!(engine(&graph, &formula).is_some() || engine(&graph, &negation).is_some());
    }

    /// Negating twice, which once made a model checker report behaviors that were none, changes nothing.
    #[test]
    fn a_double_negation_changes_nothing(raw in graphs(), formula in formulas()) {
        let graph = graph_of(&raw);
        let twice = Temporal::not(Temporal::not(formula.clone()));
        let wrapped = Temporal::eventually(Temporal::And(vec![twice]));
        prop_assert_eq!(engine(&graph, &wrapped).is_some(), engine(&graph, &Temporal::eventually(formula)).is_some());
    }
}
