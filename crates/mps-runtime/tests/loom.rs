//! Every interleaving within a bound on preemptions, and every value that the memory model lets a load return.
//!
//! `cargo test -p interlock-mps-runtime --features loom --test loom`; with `-- --nocapture` the numbers of executions.

// The figures of an exploration are its result.
#![allow(clippy::print_stdout)]

mod explored;

use explored::{ALL, Explored};
use interlock_mps_runtime::Mutations;
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

/// Which scenario and defect a process of its own explores.
const DEFECT: &str = "INTERLOCK_DEFECT";

/// What is found may be a deadlock, or a panic in the middle of another, which ends the process: so each defect has one.
#[test]
fn one_defect() {
    let Ok(wanted) = std::env::var(DEFECT) else { return };
    for explored in ALL {
        for defect in explored.defects {
            if format!("{}/{defect:?}", explored.name) == wanted {
                explore(explored, Mutations::only(*defect));
                println!("nothing found");
            }
        }
    }
}

#[test]
fn every_defect_shows_in_some_schedule() {
    let program = std::env::current_exe().expect("a path");
    let mut missed = Vec::new();
    for explored in ALL {
        for defect in explored.defects {
            let name = format!("{}/{defect:?}", explored.name);
            let mut command = std::process::Command::new(&program);
            command.args(["--exact", "one_defect", "--nocapture"]).env(DEFECT, &name);
            let output = command.output().expect("the program runs");
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            let found = !output.status.success() && told.contains("panicked");
            let why = told.lines().skip_while(|line| !line.contains("panicked")).nth(1).unwrap_or_default();
            println!("{name}: {}", if found { why } else { "not found" });
            if !found {
                missed.push(name);
            }
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}
