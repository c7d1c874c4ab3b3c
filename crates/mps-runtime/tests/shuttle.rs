//! Random schedules, uniform and by probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010), repeatable from a
//! seed. What is found is looked for again in the very schedule that showed it.
//!
//! `INTERLOCK_SCHEDULES` says how many for each scenario and scheduler, `INTERLOCK_SEED` where the random ones begin.

mod explored;

use explored::tell::{How, Told, tell};
use explored::{ALL, Explored};
use interlock_mps_runtime::{Mutation, Mutations};
use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Depth of the bugs that the second scheduler looks for: preemptions at places of its choice.
const DEPTH: usize = 3;

/// Schedules in which a defect has to show.
const MOST: usize = 5000;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Where failing schedules are written. Shuttle remembers the first folder that it is told, so there is one for all.
fn schedules() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("interlock-shuttle-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Runs the schedules: how many were begun, and what was found.
fn run(explored: &Explored, scheduler: impl Scheduler + 'static, mutations: Mutations) -> (usize, Option<String>) {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::File(Some(schedules()));
    let begun = Arc::new(AtomicUsize::new(0));
    let (scenario, count) = (explored.run, Arc::clone(&begun));
    let result = catch_unwind(AssertUnwindSafe(|| {
        Runner::new(scheduler, config).run(move || {
            count.fetch_add(1, Ordering::Relaxed);
            scenario(mutations);
        })
    }));
    let text = |panic: Box<dyn std::any::Any + Send>| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    };
    (begun.load(Ordering::Relaxed), result.err().map(text))
}

/// The schedule that was written last, and no other any more.
fn last_schedule(folder: &Path) -> Option<String> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    let text = std::fs::read_to_string(files.last()?).ok();
    files.iter().for_each(|file| drop(std::fs::remove_file(file)));
    text
}

/// Whether the same is found in the schedule that showed it.
fn is_found_again(explored: &Explored, mutations: Mutations, what: &str) -> bool {
    let Some(schedule) = last_schedule(&schedules()) else { return false };
    let (begun, again) = run(explored, ReplayScheduler::new_from_encoded(&schedule), mutations);
    let _only_the_first_counts = last_schedule(&schedules());
    begun == 1 && again.as_deref() == Some(what)
}

/// Both tests write to the same folder, so they take turns.
static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[test]
fn no_random_schedule_finds_anything() {
    let _mine = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let schedules = setting("INTERLOCK_SCHEDULES", 200) as usize;
    let seed = setting("INTERLOCK_SEED", 1);
    let scheduler = format!("half uniform, half PCT of depth {DEPTH}");
    let mut wrong = Vec::new();
    for explored in ALL {
        let (random, first) = run(explored, RandomScheduler::new_from_seed(seed, schedules), Mutations::NONE);
        let (pct, second) = run(explored, PctScheduler::new_from_seed(seed, DEPTH, schedules), Mutations::NONE);
        let found = first.or(second).map(|what| {
            let again = is_found_again(explored, Mutations::NONE, &what);
            (what, again)
        });
        if found.is_some() || random + pct != 2 * schedules {
            wrong.push((explored.name, random + pct, found.clone()));
        }
        let how = How::Random { seed, scheduler: &scheduler };
        let (by, runs) = ("shuttle", random + pct);
        tell(&Told { by, scenario: explored.name, defect: None, runs, how, threads: explored.threads, found });
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn defects_are_found_and_found_again_in_their_schedule() {
    let _mine = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut missed = Vec::new();
    for explored in ALL {
        // Shuttle's memory is sequentially consistent: it cannot see an ordering that is too weak.
        let strong = |defect: &&Mutation| !matches!(defect, Mutation::RelaxedMask | Mutation::RelaxedPublish);
        for defect in explored.defects.iter().filter(strong) {
            let mutations = Mutations::only(*defect);
            let (runs, found) = run(explored, RandomScheduler::new_from_seed(1, MOST), mutations);
            let found = found.map(|what| {
                let again = is_found_again(explored, mutations, &what);
                (what, again)
            });
            if !found.as_ref().is_some_and(|(_, again)| *again) {
                missed.push((explored.name, *defect, found.clone()));
            }
            let how = How::Random { seed: 1, scheduler: "uniform" };
            let (by, scenario, defect) = ("shuttle", explored.name, Some(*defect));
            tell(&Told { by, scenario, defect, runs, how, threads: explored.threads, found });
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}
