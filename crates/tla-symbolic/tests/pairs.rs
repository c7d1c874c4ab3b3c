//! Guessed pairs: what a step breaks is dropped, what is left holds of every reachable state.

use tla_explore::interpret::Interpreted;
use tla_model::model::Model;
use tla_symbolic::Watch;
use tla_symbolic::circuit::{Circuit, build};
use tla_symbolic::observe::Observer;
use tla_symbolic::pairs::{inductive, unseen};
use tla_symbolic::solver::Means;
use tla_syntax::SourceMap;
use tla_syntax::config::parse_config;
use tla_syntax::load::load_from_text;
use verdict::event::NoEvents;

struct Never;

impl Watch for Never {
    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _engine: &'static str, _text: &str) {}
}

const MODULE: &str = r#"---- MODULE T ----
EXTENDS Integers
VARIABLES pc, lock, turn
Init == pc = [p \in {1, 2} |-> "idle"] /\ lock = 0 /\ turn = 0
Take(p) == pc[p] = "idle" /\ lock = 0 /\ lock' = p /\ pc' = [pc EXCEPT ![p] = "in"] /\ UNCHANGED turn
Leave(p) == pc[p] = "in" /\ lock' = 0 /\ pc' = [pc EXCEPT ![p] = "idle"] /\ turn' = (turn + 1) % 97
Next == \E p \in {1, 2} : Take(p) \/ Leave(p)
Mutex == ~(pc[1] = "in" /\ pc[2] = "in")
====
"#;

/// The circuit of the module, and the values of its latches in the states that were met.
fn met() -> (Circuit, Vec<Vec<u64>>) {
    let specification = load_from_text("T", MODULE, &[]).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
    let (mut sources, mut diagnostics) = (SourceMap::new(), Vec::new());
    let file = sources.add("T.cfg", "INIT Init NEXT Next");
    let config = parse_config(&sources, file, &mut diagnostics).expect("a configuration");
    let model = Model::build(&specification, &config).unwrap_or_else(|error| panic!("{:?}", error.diagnostics));
    let system = Interpreted::new(&model, &specification.sources, &NoEvents);
    let mut observer = Observer::new(&system);
    observer.from_initial(1000);
    let shapes = observer.supposed();
    let data = std::mem::take(&mut observer.data);
    let built = build(&system, &shapes, data).unwrap_or_else(|reason| panic!("{}", reason.reason));
    let reachable = observer.columns(&built, &shapes);
    (built.circuit, reachable)
}

#[test]
fn what_is_left_of_the_guesses_holds_of_every_reachable_state() {
    let (circuit, reachable) = met();
    assert!(reachable[0].len() > 3, "three hundred states and walks");
    // As if only the first of them had been met.
    let first: Vec<Vec<u64>> = reachable.iter().map(|column| column[..1].to_vec()).collect();
    let guesses = unseen(&circuit, &first);
    let means = Means::default();
    let left = inductive(&circuit, &[], guesses.clone(), &means, &Never).expect("not stopped");
    assert!(!left.is_empty() && left.len() < guesses.len(), "{} of {}", left.len(), guesses.len());
    for cube in &left {
        let mut together = vec![u64::MAX; reachable[0].len()];
        for (latch, sign) in cube {
            for (all, word) in together.iter_mut().zip(&reachable[*latch as usize]) {
                *all &= if *sign { *word } else { !*word };
            }
        }
        assert!(together.iter().all(|word| *word == 0), "{cube:?} is reachable");
    }
}

#[test]
fn nothing_is_guessed_from_a_handful_of_states() {
    let (circuit, _) = met();
    let columns = vec![Vec::new(); circuit.latches.len()];
    assert!(unseen(&circuit, &columns).is_empty());
}
