//! Every interleaving within a bound on preemptions, and every value that the memory model lets a load return.
//!
//! `cargo test -p interlock-mps-runtime --features loom --test loom`; with `-- --nocapture` the numbers of executions.

mod explored;

use explored::{ALL, Explored};
use interlock_mps_runtime::Mutations;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Explores to completion; how many executions that took.
fn explore(explored: &Explored, mutations: Mutations) -> usize {
    let executions = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&executions);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(explored.preemptions);
    let run = explored.run;
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        run(mutations);
    });
    executions.load(Ordering::Relaxed)
}

#[test]
fn every_schedule_within_the_bound_is_right() {
    for explored in ALL {
        let executions = explore(explored, Mutations::NONE);
        let Explored { name, threads, preemptions, .. } = explored;
        println!("{name}: {executions} executions, {threads} threads, at most {preemptions} preemptions, all explored");
        assert!(executions > 10, "{name}: nothing was explored");
    }
}

#[test]
fn every_defect_shows_in_some_schedule() {
    // What a defect makes panic is not worth a reader's time.
    std::panic::set_hook(Box::new(|_| ()));
    let mut missed = Vec::new();
    for explored in ALL {
        for defect in explored.defects {
            let found = catch_unwind(AssertUnwindSafe(|| explore(explored, Mutations::only(*defect)))).is_err();
            println!("{}: {defect:?} {}", explored.name, if found { "found" } else { "not found" });
            if !found {
                missed.push((explored.name, *defect));
            }
        }
    }
    let _ = std::panic::take_hook();
    assert!(missed.is_empty(), "{missed:?}");
}
