//! Invariants that are learned from states that were met: from all of them, and from some.

mod common;

use common::{Never, with_system};
use tla_explore::Broken;
use tla_symbolic::Target;
use tla_symbolic::circuit::build;
use tla_symbolic::engine::Lemmas;
use tla_symbolic::known::Known;
use tla_symbolic::observe::{FEW_WALKS, Observer};
use tla_symbolic::reachability::{Answer, Reachability};
use tla_symbolic::solver::Means;

/// A lock with a queue; who waits is in the queue once, and only the first of it is in.
const QUEUE: &str = r#"
VARIABLES pc, queue
Procs == {1, 2, 3}
Init == pc = [p \in Procs |-> "idle"] /\ queue = <<>>
Ask(p) == pc[p] = "idle" /\ pc' = [pc EXCEPT ![p] = "wait"] /\ queue' = Append(queue, p)
Enter(p) == pc[p] = "wait" /\ Head(queue) = p /\ pc' = [pc EXCEPT ![p] = "in"] /\ UNCHANGED queue
Leave(p) == pc[p] = "in" /\ pc' = [pc EXCEPT ![p] = "idle"] /\ queue' = Tail(queue)
Barge(p) == pc[p] = "wait" /\ Len(queue) = 3 /\ pc' = [pc EXCEPT ![p] = "in"] /\ UNCHANGED queue
Next == \E p \in Procs : Ask(p) \/ Enter(p) \/ Leave(p)
Barging == \E p \in Procs : Ask(p) \/ Enter(p) \/ Leave(p) \/ Barge(p)
Mutex == \A p, q \in Procs : pc[p] = "in" /\ pc[q] = "in" => p = q
"#;

/// What is learned from every so-manieth state, whether all states satisfy it, and how many states were known in the end.
fn learn(next: &str, every: usize) -> (Answer, bool, usize) {
    let config = format!("INIT Init NEXT {next} INVARIANT Mutex CHECK_DEADLOCK FALSE");
    with_system(QUEUE, &config, |system| {
        let mut observer = Observer::new(system);
        observer.from_initial(100_000, FEW_WALKS);
        let shapes = observer.supposed();
        let data = std::mem::take(&mut observer.data);
        let built = build(system, &shapes, data).unwrap_or_else(|reason| panic!("{}", reason.reason));
        let states = observer.hand_over();
        let some = states.iter().step_by(every).cloned().collect();
        let mut known = Known::new(system, &built, &shapes, some);
        let targets = [Target::Undefined, Target::Overflow, Target::Property(Broken::Invariant(0))];
        let bads: Vec<usize> = targets.iter().filter_map(|target| built.circuit.index_of(*target)).collect();
        let (lemmas, means) = (Lemmas::default(), Means::default());
        let answer = Reachability::new(&built.circuit, &bads, &lemmas, &means).learn(&mut known, &Never);
        let met = known.table.states();
        let all = Known::new(system, &built, &shapes, states);
        let holds = match &answer {
            Answer::Safe(cubes) => cubes.iter().all(|cube| !all.table.meets(cube)),
            Answer::Reached(_) | Answer::Stopped => false,
        };
        (answer, holds, met)
    })
}

#[test]
fn all_states_teach_an_invariant() {
    let (answer, holds, met) = learn("Next", 1);
    assert!(matches!(&answer, Answer::Safe(cubes) if !cubes.is_empty()) && holds, "{answer:?}");
    assert_eq!(met, 31, "nothing is new");
}

#[test]
fn what_few_states_suggest_is_dropped_where_others_contradict_it() {
    for every in [7, 16, 31] {
        let (answer, holds, met) = learn("Next", every);
        assert!(matches!(answer, Answer::Safe(_)) && holds, "every {every}: {answer:?}");
        assert!(met > 31_usize.div_ceil(every), "every {every}: {met}");
    }
}

#[test]
fn nothing_is_learned_of_what_is_broken() {
    for every in [1, 9] {
        let (answer, ..) = learn("Barging", every);
        assert!(matches!(answer, Answer::Stopped), "every {every}: {answer:?}");
    }
}
