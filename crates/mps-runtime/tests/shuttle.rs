//! Random schedules, uniform and by probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010), repeatable from a
//! seed: what is found is found again in the same schedule of the same seed.
//!
//! `INTERLOCK_SCHEDULES` says how many for each scenario and scheduler, `INTERLOCK_SEED` where the random ones begin.

// The figures of an exploration are its result.
#![allow(clippy::print_stdout)]

mod explored;

use explored::{ALL, Explored};
use interlock_mps_runtime::{Mutation, Mutations};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Depth of the bugs that the second scheduler looks for: preemptions at places of its choice.
const DEPTH: usize = 3;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Runs the schedules, and counts those that were begun.
fn run(explored: &Explored, scheduler: impl Scheduler + 'static, mutations: Mutations, begun: &Arc<AtomicUsize>) {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    let (scenario, count) = (explored.run, Arc::clone(begun));
    Runner::new(scheduler, config).run(move || {
        count.fetch_add(1, Ordering::Relaxed);
        scenario(mutations);
    });
}

#[test]
fn no_random_schedule_finds_anything() {
    let schedules = setting("INTERLOCK_SCHEDULES", 200) as usize;
    let seed = setting("INTERLOCK_SEED", 1);
    let begun = Arc::new(AtomicUsize::new(0));
    for Explored { name, threads, .. } in ALL {
        println!("{name}, {threads} threads: {schedules} random and {schedules} PCT schedules of depth {DEPTH}");
    }
    for explored in ALL {
        run(explored, RandomScheduler::new_from_seed(seed, schedules), Mutations::NONE, &begun);
        run(explored, PctScheduler::new_from_seed(seed, DEPTH, schedules), Mutations::NONE, &begun);
    }
    let begun = begun.load(Ordering::Relaxed);
    println!("{begun} schedules from seed {seed}, nothing found");
    assert_eq!(begun, 2 * schedules * ALL.len(), "not every schedule ran");
}

/// The number of the schedule that shows a defect, if one of the first ones from the seed does.
fn first_failure(explored: &Explored, mutations: Mutations) -> Option<usize> {
    let begun = Arc::new(AtomicUsize::new(0));
    let random = RandomScheduler::new_from_seed(1, 5000);
    let failed = catch_unwind(AssertUnwindSafe(|| run(explored, random, mutations, &begun))).is_err();
    failed.then(|| begun.load(Ordering::Relaxed))
}

#[test]
fn defects_are_found_and_found_again() {
    let mut missed = Vec::new();
    for explored in ALL {
        // Shuttle's memory is sequentially consistent: it cannot see an ordering that is too weak.
        let strong = |defect: &&Mutation| !matches!(defect, Mutation::RelaxedMask | Mutation::RelaxedPublish);
        for defect in explored.defects.iter().filter(strong) {
            let mutations = Mutations::only(*defect);
            let found = first_failure(explored, mutations);
            let again = first_failure(explored, mutations);
            println!("{}: {defect:?} shows in schedule {found:?} of seed 1, again in {again:?}", explored.name);
            if found.is_none() || again != found {
                missed.push((explored.name, *defect));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}
