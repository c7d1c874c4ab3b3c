//! Random schedules, uniform and by probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010), repeatable from a
//! seed; what is found is replayed from its schedule.
//!
//! `INTERLOCK_SCHEDULES` says how many for each scenario and scheduler, `INTERLOCK_SEED` where the random ones begin.

mod explored;

use explored::{ALL, Explored};
use interlock_mps_runtime::Mutations;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Depth of the bugs that the second scheduler looks for: preemptions at places of its choice.
const DEPTH: usize = 3;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn run(explored: &Explored, scheduler: impl Scheduler + 'static, mutations: Mutations, folder: Option<&std::path::Path>) {
    let mut config = Config::new();
    config.failure_persistence = match folder {
        Some(folder) => FailurePersistence::File(Some(folder.to_path_buf())),
        None => FailurePersistence::None,
    };
    let scenario = explored.run;
    Runner::new(scheduler, config).run(move || scenario(mutations));
}

#[test]
fn no_random_schedule_finds_anything() {
    let schedules = setting("INTERLOCK_SCHEDULES", 200) as usize;
    let seed = setting("INTERLOCK_SEED", 1);
    for explored in ALL {
        run(explored, RandomScheduler::new_from_seed(seed, schedules), Mutations::NONE, None);
        run(explored, PctScheduler::new_from_seed(seed, DEPTH, schedules), Mutations::NONE, None);
        println!("{}: {schedules} random and {schedules} PCT schedules of depth {DEPTH}, seed {seed}", explored.name);
    }
}

#[test]
fn defects_are_found_and_replayed_from_their_schedules() {
    std::panic::set_hook(Box::new(|_| ()));
    let mut missed = Vec::new();
    for explored in ALL {
        // Shuttle's memory is sequentially consistent: it cannot see an ordering that is too weak.
        let strong = |defect: &&interlock_mps_runtime::Mutation| !format!("{defect:?}").starts_with("Relaxed");
        for defect in explored.defects.iter().filter(strong) {
            let folder = std::env::temp_dir().join(format!("interlock-schedule-{}-{defect:?}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a folder");
            let mutations = Mutations::only(*defect);
            let fails = |work: &dyn Fn()| catch_unwind(AssertUnwindSafe(work)).is_err();
            let found = fails(&|| run(explored, RandomScheduler::new_from_seed(1, 5000), mutations, Some(&folder)));
            let schedule = std::fs::read_dir(&folder).expect("a folder").flatten().next();
            let scenario = explored.run;
            let replayed = schedule.is_some_and(|file| {
                fails(&|| shuttle::replay_from_file(move || scenario(mutations), file.path()))
            });
            println!("{}: {defect:?} found: {found}, replayed: {replayed}", explored.name);
            if !found || !replayed {
                missed.push((explored.name, *defect));
            }
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
    let _ = std::panic::take_hook();
    assert!(missed.is_empty(), "{missed:?}");
}
