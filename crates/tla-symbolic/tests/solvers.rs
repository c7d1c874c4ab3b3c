//! Both solvers, as the engines use them: answers that are read after clauses were added, cores, and the flag.

use proptest::prelude::*;
use tla_symbolic::Choice;
use tla_symbolic::solver::{Means, SLit, Solver, Use};

fn both() -> Vec<(Choice, Solver)> {
    [Choice::Batsat, Choice::Cadical]
        .map(|choice| (choice, Means { choice, ..Means::default() }.solver(Use::Steps)))
        .into_iter()
        .collect()
}

#[test]
fn an_answer_stays_readable_while_clauses_are_added() {
    for (choice, mut solver) in both() {
        let [a, b, c] = [true; 3].map(|_| solver.variable(true));
        solver.add(&[a, b]);
        assert_eq!(solver.solve(&[!a]), Some(true), "{choice:?}");
        let fresh = solver.variable(true);
        solver.add(&[!fresh, a, c]);
        assert!(solver.value(b) && !solver.value(a) && solver.value(!a), "{choice:?}");
        assert!(!solver.value(fresh), "{choice:?}: no value yet");
        assert_eq!(solver.solve(&[!a, fresh, !c, b]), Some(false), "{choice:?}");
        solver.add(&[a]);
        assert!([!a, fresh, !c].iter().all(|lit| solver.in_core(*lit)), "{choice:?}");
        assert!(!solver.in_core(b), "{choice:?}");
        assert_eq!(solver.solve(&[!a]), Some(false), "{choice:?}: what was added counts");
    }
}

#[test]
fn a_flag_ends_a_query_undecided() {
    for choice in [Choice::Batsat, Choice::Cadical] {
        let means = Means { choice, ..Means::default() };
        let mut solver = means.solver(Use::Behaviors);
        // Nine pigeons, eight holes.
        let holes = 8;
        let at: Vec<Vec<SLit>> = (0..=holes).map(|_| (0..holes).map(|_| solver.variable(true)).collect()).collect();
        at.iter().for_each(|pigeon| solver.add(pigeon));
        for hole in 0..holes {
            for (index, one) in at.iter().enumerate() {
                at[..index].iter().for_each(|other| solver.add(&[!one[hole], !other[hole]]));
            }
        }
        means.end();
        assert_eq!(solver.solve(&[]), None, "{choice:?}");
    }
}

/// Whether some assignment satisfies all clauses and assumptions, by trying all.
fn satisfiable(count: usize, clauses: &[Vec<(usize, bool)>], assumptions: &[(usize, bool)]) -> bool {
    (0..1u32 << count).any(|assignment| {
        let holds = |(variable, sign): &(usize, bool)| (assignment >> variable & 1 == 1) == *sign;
        assumptions.iter().all(holds) && clauses.iter().all(|clause| clause.iter().any(holds))
    })
}

type Given = (Vec<Vec<(usize, bool)>>, Vec<Vec<(usize, bool)>>);

fn given() -> impl Strategy<Value = Given> {
    let literal = || (0usize..6, any::<bool>());
    let clauses = prop::collection::vec(prop::collection::vec(literal(), 1..4), 0..20);
    (clauses, prop::collection::vec(prop::collection::vec(literal(), 0..4), 1..5))
}

proptest! {
    /// Clauses one after the other, queries between them: the answer, the model and the core are right.
    #[test]
    fn answers_are_those_of_trying_everything((clauses, queries) in given()) {
        for (choice, mut solver) in both() {
            let variables: Vec<SLit> = (0..6).map(|_| solver.variable(true)).collect();
            let lit = |(variable, sign): &(usize, bool)| if *sign { variables[*variable] } else { !variables[*variable] };
            for (index, query) in queries.iter().enumerate() {
                let known = &clauses[..clauses.len() * (index + 1) / queries.len()];
                for clause in &known[clauses.len() * index / queries.len()..] {
                    solver.add(&clause.iter().map(lit).collect::<Vec<_>>());
                }
                let answer = solver.solve(&query.iter().map(lit).collect::<Vec<_>>());
                prop_assert_eq!(answer, Some(satisfiable(6, known, query)), "{:?}", choice);
                if answer == Some(true) {
                    prop_assert!(query.iter().all(|literal| solver.value(lit(literal))), "{:?}", choice);
                    for clause in known {
                        prop_assert!(clause.iter().any(|literal| solver.value(lit(literal))), "{:?}", choice);
                    }
                } else {
                    let core: Vec<_> = query.iter().copied().filter(|literal| solver.in_core(lit(literal))).collect();
                    prop_assert!(!satisfiable(6, known, &core), "{:?}: the core {:?}", choice, core);
                }
            }
        }
    }
}
