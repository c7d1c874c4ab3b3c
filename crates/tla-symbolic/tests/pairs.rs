//! Guessed pairs: what a step breaks is dropped, what is left holds of every reachable state.

mod common;

use common::{Never, with_system};
use tla_symbolic::circuit::{Circuit, build};
use tla_symbolic::known::Known;
use tla_symbolic::observe::{FEW_WALKS, Observer};
use tla_symbolic::pairs::{inductive, unseen};
use tla_symbolic::solver::Means;
use tla_symbolic::table::Table;

const BODY: &str = r#"
VARIABLES pc, lock, turn
Init == pc = [p \in {1, 2} |-> "idle"] /\ lock = 0 /\ turn = 0
Take(p) == pc[p] = "idle" /\ lock = 0 /\ lock' = p /\ pc' = [pc EXCEPT ![p] = "in"] /\ UNCHANGED turn
Leave(p) == pc[p] = "in" /\ lock' = 0 /\ pc' = [pc EXCEPT ![p] = "idle"] /\ turn' = (turn + 1) % 97
Next == \E p \in {1, 2} : Take(p) \/ Leave(p)
"#;

/// The circuit of the module, and the states that were met: some of them, and all.
fn met() -> (Circuit, Table, Table) {
    with_system(BODY, "INIT Init NEXT Next", |system| {
        let mut observer = Observer::new(system);
        observer.from_initial(1000, FEW_WALKS);
        let shapes = observer.supposed();
        let data = std::mem::take(&mut observer.data);
        let built = build(system, &shapes, data).unwrap_or_else(|reason| panic!("{}", reason.reason));
        let states = observer.hand_over();
        assert!(states.len() > 192, "three hundred states and walks");
        let some = Known::new(system, &built, &shapes, states[..64].to_vec()).table;
        let all = Known::new(system, &built, &shapes, states).table;
        (built.circuit, some, all)
    })
}

#[test]
fn what_is_left_of_the_guesses_holds_of_every_reachable_state() {
    let (circuit, some, all) = met();
    let guesses = unseen(&circuit, &some);
    let means = Means::default();
    let left = inductive(&circuit, &[], guesses.clone(), &means, &Never).expect("not stopped");
    assert!(!left.is_empty() && left.len() < guesses.len(), "{} of {}", left.len(), guesses.len());
    for cube in &left {
        assert!(!all.meets(cube), "{cube:?} is reachable");
    }
}

#[test]
fn nothing_is_guessed_from_a_handful_of_states() {
    let (circuit, ..) = met();
    assert!(unseen(&circuit, &Table::new(circuit.latches.len())).is_empty());
}
