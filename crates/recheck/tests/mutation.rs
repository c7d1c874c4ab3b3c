//! A checker that accepts everything would pass every test of acceptance. Here an accepted trace of a deterministic
//! specification is changed in one place at a time, in every place and in several ways, and no change may pass.

mod common;

use common::{State, Subject, int, string, trace};
use recheck::{Replay, Violation};
use verdict::trace::{Ending, Trace};
use verdict::{Step, TraceValue};

const SPECIFICATION: &str = "CONSTANT P\nVARIABLES t, log, free, even, count\n\
    Word(n) == IF n % 2 = 0 THEN \"even\" ELSE \"odd\"\n\
    Init == t = 0 /\\ log = <<>> /\\ free = 1..3 /\\ even = TRUE /\\ count = [p \\in P |-> 0]\n\
    Next == /\\ t < 3\n\
    \x20       /\\ t' = t + 1\n\
    \x20       /\\ log' = Append(log, [at |-> t', by |-> Word(t')])\n\
    \x20       /\\ free' = free \\ {3 - t}\n\
    \x20       /\\ even' = ~even\n\
    \x20       /\\ count' = [count EXCEPT ![CHOOSE p \\in P : TRUE] = @ - 1]\n\
    Inv == t < 3\n\
    Spec == Init /\\ [][Next]_<<t, log, free, even, count>>";
const CONFIG: &str = "CONSTANT P = {p, q}\nSPECIFICATION Spec\nINVARIANT Inv\n";

/// The state after `t` steps.
fn state(t: i64) -> State {
    let word = |n: i64| string(if n % 2 == 0 { "even" } else { "odd" });
    let entry = |n| TraceValue::Record(vec![("at".to_owned(), int(n)), ("by".to_owned(), word(n))]);
    let model = |name: &str| TraceValue::ModelValue(name.to_owned());
    vec![
        ("t".to_owned(), int(t)),
        ("log".to_owned(), TraceValue::Tuple((1..=t).map(entry).collect())),
        ("free".to_owned(), TraceValue::Set((1..=3 - t).map(int).collect())),
        ("even".to_owned(), TraceValue::Bool(t % 2 == 0)),
        ("count".to_owned(), TraceValue::Function(vec![(model("p"), int(-t)), (model("q"), int(0))])),
    ]
}

/// All values that differ from this one in one place.
fn mutants(value: &TraceValue) -> Vec<TraceValue> {
    let stranger = || [TraceValue::ModelValue("q".to_owned()), string("even"), TraceValue::Set(vec![])];
    let mut mutants: Vec<TraceValue> = stranger().into_iter().filter(|other| other != value).collect();
    match value {
        TraceValue::Bool(truth) => mutants.push(TraceValue::Bool(!truth)),
        TraceValue::Int(digits) => {
            let number: i64 = digits.parse().expect("an integer");
            mutants.extend([int(number - 1), int(number + 1), int(-number - 1)]);
        }
        TraceValue::String(_) => mutants.extend([string("odder"), string("")]),
        TraceValue::ModelValue(_) => mutants.push(TraceValue::ModelValue("p".to_owned())),
        TraceValue::Set(items) => mutants.extend(rows(items).into_iter().map(TraceValue::Set)),
        TraceValue::Tuple(items) => mutants.extend(rows(items).into_iter().map(TraceValue::Tuple)),
        TraceValue::Record(fields) => {
            for index in 0..fields.len() {
                let field = |value| (fields[index].0.clone(), value);
                mutants.extend(
                    replaced(fields, index, mutants_of_second(&fields[index]).map(field)).map(TraceValue::Record),
                );
                mutants.push(TraceValue::Record(without(fields, index)));
            }
            mutants.push(TraceValue::Record([fields.clone(), vec![("more".to_owned(), int(0))]].concat()));
        }
        TraceValue::Function(pairs) => {
            for index in 0..pairs.len() {
                let pair = |value| (pairs[index].0.clone(), value);
                mutants.extend(
                    replaced(pairs, index, mutants_of_second(&pairs[index]).map(pair)).map(TraceValue::Function),
                );
                mutants.push(TraceValue::Function(without(pairs, index)));
            }
        }
        TraceValue::Interval(..) | TraceValue::Symbolic(_) => {}
    }
    mutants.retain(|mutant| mutant != value);
    mutants
}

fn mutants_of_second<T>(pair: &(T, TraceValue)) -> impl Iterator<Item = TraceValue> + use<T> {
    mutants(&pair.1).into_iter()
}

fn replaced<T: Clone>(items: &[T], index: usize, by: impl Iterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    by.map(move |item| {
        items.iter().enumerate().map(|(i, old)| if i == index { item.clone() } else { old.clone() }).collect()
    })
}

fn without<T: Clone>(items: &[T], index: usize) -> Vec<T> {
    items.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, item)| item.clone()).collect()
}

fn rows(items: &[TraceValue]) -> Vec<Vec<TraceValue>> {
    let mut rows = vec![[items.to_vec(), vec![int(77)]].concat()];
    for index in 0..items.len() {
        rows.push(without(items, index));
        rows.extend(replaced(items, index, mutants(&items[index]).into_iter()));
    }
    rows
}

/// All traces that differ from this one in one place.
fn broken_traces(good: &Trace) -> Vec<Trace> {
    let with = |steps: Vec<Step>| Trace { steps, ending: good.ending, closing: None };
    let mut broken = Vec::new();
    for index in 0..good.steps.len() {
        let step = &good.steps[index];
        let again = [&good.steps[..=index], &good.steps[index..]].concat();
        broken.extend([with(without(&good.steps, index)), with(again)]);
        for other in index + 1..good.steps.len() {
            let mut swapped = good.steps.clone();
            swapped.swap(index, other);
            broken.push(with(swapped));
        }
        for variable in 0..step.state.len() {
            let (name, value) = &step.state[variable];
            let mut states: Vec<State> = mutants(value)
                .into_iter()
                .map(|mutant| {
                    let mut state = step.state.clone();
                    state[variable] = (name.clone(), mutant);
                    state
                })
                .collect();
            states.push(without(&step.state, variable));
            states.push([step.state.clone(), vec![("more".to_owned(), int(0))]].concat());
            states.push([step.state.clone(), vec![step.state[variable].clone()]].concat());
            let steps = states.into_iter().map(|state| Step { state, ..step.clone() });
            broken.extend(replaced(&good.steps, index, steps).map(with));
        }
    }
    broken
}

#[test]
fn no_change_of_a_finite_trace_passes() {
    let subject = Subject::new(SPECIFICATION, CONFIG);
    let good = trace((0..=3).map(state).collect(), Ending::Finite);
    let claim = || Violation::Invariant("Inv".to_owned());
    assert_eq!(subject.replay(claim(), &good), Replay::Accepted);
    let broken = broken_traces(&good);
    assert!(broken.len() > 300, "{} changed traces", broken.len());
    for trace in broken {
        let answer = subject.replay(claim(), &trace);
        assert!(matches!(answer, Replay::Rejected { .. }), "{answer:?} for {trace:#?}");
    }
}

#[test]
fn no_change_of_a_lasso_passes() {
    let body = "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == x' = (IF x = 3 THEN 1 ELSE x + 1) /\\ y' = x\n\
                Spec == Init /\\ [][Next]_<<x, y>> /\\ WF_<<x, y>>(Next)\nLive == []<>(y = 0)";
    let subject = Subject::new(body, "SPECIFICATION Spec\nPROPERTY Live\n");
    let values = [(0, 0), (1, 0), (2, 1), (3, 2), (1, 3)];
    let states: Vec<State> = values.iter().map(|(x, y)| common::state(&[("x", *x), ("y", *y)])).collect();
    let claim = || Violation::Temporal("Live".to_owned());
    let whole = [states.clone(), vec![common::state(&[("x", 2), ("y", 1)])]].concat();
    let good = trace(states, Ending::BackTo(2));
    assert_eq!(subject.replay(claim(), &good), Replay::Accepted);
    assert_eq!(subject.replay(claim(), &trace(whole, Ending::BackTo(2))), Replay::Accepted);
    let mut broken = broken_traces(&good);
    broken.extend([0, 1, 3, 4, 5].map(|back_to| Trace { ending: Ending::BackTo(back_to), ..good.clone() }));
    broken.extend([Ending::Finite, Ending::Stuttering].map(|ending| Trace { ending, ..good.clone() }));
    for trace in broken {
        let answer = subject.replay(claim(), &trace);
        assert!(matches!(answer, Replay::Rejected { .. }), "{answer:?} for {trace:#?}");
    }
}
