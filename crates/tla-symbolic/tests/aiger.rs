//! Files in the AIGER format, read back by a reader of the tests' own and decided by visiting every state of the circuit.
//!
//! The reader knows nothing of how the file was made. What it finds has to be what the engines say of the specification: is a bad
//! state reached, and is there an infinite behavior on which everything that has to recur does.

mod common;

use common::{Never, with_system};
use std::collections::{BTreeMap, BTreeSet};
use tla_symbolic::aiger::{write, write_watched};
use tla_symbolic::liveness::watched::watched;
use tla_symbolic::{Options, Target, prove};

/// A circuit as the format has it.
#[derive(Debug, Default)]
struct Circuit {
    variables: usize,
    inputs: Vec<usize>,
    /// Literal and next literal.
    latches: Vec<(usize, usize)>,
    bads: Vec<usize>,
    constraints: Vec<usize>,
    justices: Vec<Vec<usize>>,
    fairness: Vec<usize>,
    ands: Vec<[usize; 3]>,
    names: BTreeMap<String, String>,
}

fn read(text: &str) -> Circuit {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(' ').collect();
    assert_eq!(header[0], "aag");
    let count = |index: usize| header.get(index).map_or(0, |text| text.parse::<usize>().expect("a number"));
    let mut numbers = |how_many: usize| -> Vec<Vec<usize>> {
        let line = |_| lines.next().expect("a line").split(' ').map(|one| one.parse().expect("a literal")).collect();
        (0..how_many).map(line).collect()
    };
    let single = |lines: Vec<Vec<usize>>| -> Vec<usize> {
        assert!(lines.iter().all(|line| line.len() == 1));
        lines.concat()
    };
    let mut circuit = Circuit { variables: count(1), inputs: single(numbers(count(2))), ..Circuit::default() };
    circuit.latches = numbers(count(3)).into_iter().map(|line| (line[0], line[1])).collect();
    assert!(numbers(count(4)).is_empty(), "no outputs");
    circuit.bads = single(numbers(count(6)));
    circuit.constraints = single(numbers(count(7)));
    let sizes = single(numbers(count(8)));
    circuit.justices = sizes.into_iter().map(|size| single(numbers(size))).collect();
    circuit.fairness = single(numbers(count(9)));
    circuit.ands = numbers(count(5)).into_iter().map(|line| [line[0], line[1], line[2]]).collect();
    for line in lines {
        let (key, name) = line.split_once(' ').expect("a symbol");
        circuit.names.insert(key.to_owned(), name.to_owned());
    }
    let parts = circuit.inputs.len() + circuit.latches.len() + circuit.ands.len();
    assert_eq!(circuit.variables, parts, "every variable is defined once");
    for [to, a, b] in &circuit.ands {
        assert!(to % 2 == 0 && to > a && a >= b, "conjunctions in order: {to} {a} {b}");
    }
    circuit
}

/// A state and a choice of the inputs: what every literal is.
struct Moment {
    values: Vec<bool>,
}

impl Moment {
    fn is(&self, literal: usize) -> bool {
        self.values[literal / 2] != (literal % 2 == 1)
    }

    fn all(&self, literals: &[usize]) -> bool {
        literals.iter().all(|literal| self.is(*literal))
    }
}

/// Every step that can be reached: the state before it, what is true in it, the state after it.
struct Graph {
    steps: Vec<(Vec<bool>, Moment, Vec<bool>)>,
}

impl Circuit {
    fn moment(&self, state: &[bool], choice: u32) -> Moment {
        let mut moment = Moment { values: vec![false; self.variables + 1] };
        for (index, input) in self.inputs.iter().enumerate() {
            moment.values[input / 2] = choice >> index & 1 == 1;
        }
        for ((latch, _), value) in self.latches.iter().zip(state) {
            moment.values[latch / 2] = *value;
        }
        for [to, a, b] in &self.ands {
            moment.values[to / 2] = moment.is(*a) && moment.is(*b);
        }
        moment
    }

    fn explored(&self) -> Graph {
        assert!(self.inputs.len() <= 14, "{} inputs", self.inputs.len());
        let first = vec![false; self.latches.len()];
        let (mut open, mut seen) = (vec![first.clone()], BTreeSet::from([first]));
        let mut graph = Graph { steps: Vec::new() };
        while let Some(state) = open.pop() {
            for choice in 0..1u32 << self.inputs.len() {
                let moment = self.moment(&state, choice);
                let next: Vec<bool> = self.latches.iter().map(|(_, next)| moment.is(*next)).collect();
                // What was given up is not followed: nothing is bad or recurs from there.
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
                graph.steps.push((state.clone(), moment, next));
            }
        }
        graph
    }

    /// Names of the bad states that are reached.
    fn bad(&self, graph: &Graph) -> Vec<String> {
        assert!(self.constraints.is_empty());
        let reached = |(index, literal): (usize, &usize)| {
            let is = graph.steps.iter().any(|(_, moment, _)| moment.is(*literal));
            is.then(|| self.names[&format!("b{index}")].clone())
        };
        self.bads.iter().enumerate().filter_map(reached).collect()
    }

    /// Names of the justice properties for which there is an infinite behavior.
    fn recurring(&self, graph: &Graph) -> Vec<String> {
        let found = |(index, justice): (usize, &Vec<usize>)| {
            let wanted: Vec<usize> = justice.iter().chain(&self.fairness).copied().collect();
            graph.has_cycle(&wanted).then(|| self.names[&format!("j{index}")].clone())
        };
        self.justices.iter().enumerate().filter_map(found).collect()
    }
}

impl Graph {
    /// Whether there is a cycle on which each literal is true somewhere: a strongly connected component that has them all.
    fn has_cycle(&self, wanted: &[usize]) -> bool {
        let mut numbers: BTreeMap<&[bool], usize> = BTreeMap::new();
        for (state, _, _) in &self.steps {
            let number = numbers.len();
            numbers.entry(state).or_insert(number);
        }
        let mut forward = vec![BTreeSet::new(); numbers.len()];
        let mut backward = vec![BTreeSet::new(); numbers.len()];
        for (from, _, to) in &self.steps {
            let (from, to) = (numbers[&from[..]], numbers[&to[..]]);
            forward[from].insert(to);
            backward[to].insert(from);
        }
        let reach = |edges: &[BTreeSet<usize>], from: usize| {
            let (mut open, mut seen) = (vec![from], BTreeSet::new());
            while let Some(at) = open.pop() {
                open.extend(edges[at].iter().copied().filter(|to| seen.insert(*to)));
            }
            seen
        };
        let mut done = BTreeSet::new();
        for start in 0..numbers.len() {
            if done.contains(&start) {
                continue;
            }
            let component: BTreeSet<usize> =
                reach(&forward, start).intersection(&reach(&backward, start)).copied().collect();
            done.extend(component.iter().copied().chain([start]));
            let inside: Vec<&Moment> = self
                .steps
                .iter()
                .filter(|(from, _, to)| {
                    component.contains(&numbers[&from[..]]) && component.contains(&numbers[&to[..]])
                })
                .map(|(_, moment, _)| moment)
                .collect();
            if !inside.is_empty() && wanted.iter().all(|literal| inside.iter().any(|moment| moment.all(&[*literal]))) {
                return true;
            }
        }
        false
    }
}

/// The file of a specification, with its temporal properties if it has any.
fn written(body: &str, config: &str) -> String {
    with_system(body, config, |system| {
        let options = Options { observe: 10, ..Options::default() };
        let report = prove(system, &[Target::Overflow], &options, &Never);
        let names = |circuit: &tla_symbolic::circuit::Circuit| {
            circuit.bads.iter().enumerate().map(|(index, bad)| (index, format!("{:?}", bad.target))).collect()
        };
        let parts: Vec<usize> = (0..system.model.temporal_properties.len()).collect();
        if parts.is_empty() {
            let circuit = &report.built.as_ref().expect("a circuit").circuit;
            return write(circuit, &names(circuit));
        }
        let watched = watched(system, &parts, &report, &Never).map_err(|reason| reason.reason).expect("monitors");
        write_watched(&watched, &names(&watched.circuit))
    })
}

fn bad(body: &str, config: &str) -> Vec<String> {
    let circuit = read(&written(body, config));
    circuit.bad(&circuit.explored())
}

/// Names of the properties that some fair behavior violates.
fn violated(fairness: &str, formula: &str) -> Vec<String> {
    let body = format!(
        "VARIABLE x\nInit == x = 0\nUp == x < 2 /\\ x' = x + 1\nDown == x = 2 /\\ x' = 0\n\
         Leap == x = 1 /\\ x' = 3\nNext == Up \\/ Down \\/ Leap\nSpec == Init /\\ [][Next]_x{fairness}\nP == {formula}"
    );
    let circuit = read(&written(&body, "SPECIFICATION Spec\nPROPERTY P\n"));
    assert!(!circuit.justices.is_empty());
    circuit.recurring(&circuit.explored())
}

const NOTHING: [&str; 0] = [];

#[test]
fn broken_invariants_are_bad_and_others_are_not() {
    let body = "VARIABLE x\nInit == x \\in {0, 1}\nNext == x < 5 /\\ x' = x + 2\nGood == x < 7\nBad == x # 4";
    let config = "INIT Init NEXT Next INVARIANTS Good Bad CHECK_DEADLOCK FALSE";
    assert_eq!(bad(body, config), ["Property(Invariant(1))"]);
}

#[test]
fn a_state_without_a_step_is_bad_in_itself() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x < 3 /\\ x' = x + 1\nLast == x # 3";
    assert_eq!(bad(body, "INIT Init NEXT Next INVARIANT Last"), ["Property(Invariant(0))", "Deadlock"]);
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = 1 - x\nLast == x # 3";
    assert_eq!(bad(body, "INIT Init NEXT Next INVARIANT Last"), NOTHING);
}

#[test]
fn properties_of_initial_states_are_asked_of_them_alone() {
    let body = "VARIABLE x\nInit == x \\in {0, 1}\nNext == x' = 2\nSpec == Init /\\ [][Next]_x\nP == x < 2\nQ == x < 1";
    assert_eq!(bad(body, "SPECIFICATION Spec PROPERTIES P Q"), ["Property(InitialProperty(1))"]);
}

#[test]
fn broken_action_properties_are_bad_and_others_are_not() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % 3\nSpec == Init /\\ [][Next]_x\n\
                P == [][x' # x]_x\nQ == [][x' > x]_x";
    assert_eq!(bad(body, "SPECIFICATION Spec PROPERTIES P Q"), ["Property(ActionProperty(1))"]);
}

#[test]
fn undefined_steps_are_bad() {
    let body = "VARIABLE q\nInit == q = <<1, 2>>\nNext == q' = Tail(q)\nInv == Len(q) < 9";
    let found = bad(body, "INIT Init NEXT Next INVARIANT Inv CHECK_DEADLOCK FALSE");
    assert!(found.contains(&"Undefined".to_owned()), "{found:?}");
}

#[test]
fn lassos_are_there_where_a_property_is_violated() {
    // Stuttering for ever.
    assert_eq!(violated("", "<>(x = 1)"), ["P"]);
    assert_eq!(violated(" /\\ WF_x(Up)", "<>(x = 1)"), NOTHING);
    // Round and round, or leaping.
    assert_eq!(violated(" /\\ WF_x(Next)", "<>(x = 3)"), ["P"]);
    assert_eq!(violated(" /\\ WF_x(Next) /\\ SF_x(Leap)", "<>(x = 3)"), NOTHING);
    assert_eq!(violated(" /\\ WF_x(Next)", "[]<>(x = 0)"), ["P"]);
    assert_eq!(violated(" /\\ WF_x(Next)", "[]<>(x = 0) \\/ <>[](x = 3)"), NOTHING);
    assert_eq!(violated(" /\\ WF_x(Next)", "(x = 2) ~> (x = 0)"), NOTHING);
    assert_eq!(violated(" /\\ WF_x(Next)", "(x = 0) ~> (x = 2)"), ["P"]);
    assert_eq!(violated("", "SF_x(Leap)"), ["P"]);
}

#[test]
fn each_conjunct_has_a_monitor_that_hinders_no_other() {
    let both = "(<>(x = 1)) /\\ ((x = 2) ~> (x = 3)) /\\ []<>(x # 1)";
    assert_eq!(violated(" /\\ WF_x(Next)", both), ["P.2"]);
    assert_eq!(violated("", both), ["P.1", "P.2", "P.3"]);
}

#[test]
fn deadlock_is_no_stuttering() {
    let body = "VARIABLE x\nInit == x = 0\nNext == x < 3 /\\ x' = x + 1\nSpec == Init /\\ [][Next]_x /\\ WF_x(Next)\nP == <>(x = 3)";
    let circuit = read(&written(body, "SPECIFICATION Spec\nPROPERTY P\n"));
    let graph = circuit.explored();
    assert_eq!(circuit.bad(&graph), ["Deadlock"]);
    assert_eq!(circuit.recurring(&graph), NOTHING);
}
