//! Every interleaving within a bound on preemptions, and every value that the memory model lets a load return.
//!
//! `cargo test -p interlock-mps-runtime --features loom --test loom`; with `-- --nocapture` the numbers of executions.
//!
//! Each exploration is a process of its own: what is found may be a deadlock, or a panic in the middle of another, which
//! ends the process. Before each execution loom writes its schedule to a file; what is found is looked for again in one
//! execution that begins with that schedule.

// A process tells its figures to the one that started it.
#![allow(clippy::print_stdout)]

mod explored;

use explored::tell::{How, Told, tell};
use explored::{ALL, Explored};
use interlock_mps_runtime::{Mutation, Mutations};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Which scenario, and which defect behind a slash, a process of its own explores.
const ONE: &str = "INTERLOCK_EXPLORE_ONE";

/// What it says when it has come to the end, and when something was found.
const COMPLETE: &str = "complete after executions: ";
const FOUND: &str = "found in execution: ";

/// Executions that this process has begun.
static EXECUTIONS: AtomicUsize = AtomicUsize::new(0);

/// Explores to completion, or to the first panic.
fn explore(explored: &Explored, mutations: Mutations) {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        println!("\n{FOUND}{}", EXECUTIONS.load(Ordering::Relaxed));
        told(panic);
    }));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(explored.preemptions);
    let run = explored.run;
    builder.check(move || {
        EXECUTIONS.fetch_add(1, Ordering::Relaxed);
        run(mutations);
    });
}

fn name_of(explored: &Explored, defect: Option<Mutation>) -> String {
    let defect = defect.map_or_else(String::new, |defect| format!("{defect:?}"));
    format!("{}/{defect}", explored.name)
}

#[test]
fn one() {
    let Ok(wanted) = std::env::var(ONE) else { return };
    for explored in ALL {
        for defect in explored.defects.iter().copied().map(Some).chain([None]) {
            if name_of(explored, defect) == wanted {
                explore(explored, defect.map_or(Mutations::NONE, Mutations::only));
                println!("\n{COMPLETE}{}", EXECUTIONS.load(Ordering::Relaxed));
            }
        }
    }
}

/// Explores in a process of its own, with a file for the schedule; one execution is enough where it is replayed.
fn process(name: &str, schedule: &Path, replay: bool) -> Output {
    let program = std::env::current_exe().expect("a path");
    let mut command = Command::new(program);
    command.args(["--exact", "one", "--nocapture"]).env(ONE, name).env("LOOM_CHECKPOINT_FILE", schedule);
    // Written before each execution where something is to be found, and hardly ever where nothing is.
    let found_soon = replay || !name.ends_with('/');
    command.env("LOOM_CHECKPOINT_INTERVAL", if found_soon { "1" } else { "1000000000" });
    if replay {
        // Loom leaves before the execution of this number.
        command.env("LOOM_MAX_PERMUTATIONS", "2");
    }
    command.output().expect("the program runs")
}

/// What went wrong, if something did.
fn found(output: &Output) -> Option<String> {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let panicked = !output.status.success() && told.contains("panicked");
    let why = told.lines().skip_while(|line| !line.contains("panicked")).nth(1).unwrap_or_default().to_owned();
    panicked.then_some(why)
}

/// The number behind these words, where the process has said them.
fn number(output: &Output, words: &str) -> Option<usize> {
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    told.lines().find_map(|line| line.strip_prefix(words)?.parse().ok())
}

/// A file for a schedule, which is not there yet.
fn schedule_of(name: &str) -> PathBuf {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let path = std::env::temp_dir().join(format!("interlock-loom-{}-{plain}.json", std::process::id()));
    let _it_was_not_there = std::fs::remove_file(&path);
    path
}

fn told<'t>(explored: &'t Explored, defect: Option<Mutation>, runs: usize, found: Option<(String, bool)>) -> Told<'t> {
    let complete = found.is_none();
    let how = How::Bounded { preemptions: explored.preemptions, complete };
    Told { by: "loom", scenario: explored.name, defect, runs, how, threads: explored.threads, found }
}

#[test]
fn every_schedule_within_the_bound_is_right() {
    let mut wrong = Vec::new();
    for explored in ALL {
        let name = name_of(explored, None);
        let output = process(&name, &schedule_of(&name), false);
        let executions = number(&output, COMPLETE);
        tell(&told(explored, None, executions.unwrap_or(0), found(&output).map(|what| (what, false))));
        if executions.is_none_or(|executions| executions <= 10) {
            wrong.push(format!("{name}{}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_defect_shows_in_some_schedule_and_again_in_that_one() {
    let mut missed = Vec::new();
    for explored in ALL {
        for defect in explored.defects {
            let name = name_of(explored, Some(*defect));
            let schedule = schedule_of(&name);
            let output = process(&name, &schedule, false);
            let (first, runs) = (found(&output), number(&output, FOUND));
            let again = first.as_ref().map(|_| found(&process(&name, &schedule, true)));
            let _nobody_needs_it = std::fs::remove_file(&schedule);
            let replayed = again.flatten().is_some_and(|again| Some(&again) == first.as_ref());
            tell(&told(explored, Some(*defect), runs.unwrap_or(0), first.clone().map(|what| (what, replayed))));
            if !replayed {
                missed.push((name, first));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}
