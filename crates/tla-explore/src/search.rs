//! Breadth-first search, parallel and deterministic.
//!
//! The search goes level by level. Within a level workers run freely; between levels one of them, the leader, puts the
//! results in order. What is found and counted is what a search with one worker finds and counts, in TLC's order: an
//! initial state or successor is generated, tested for being in the model, inserted, and its properties are checked if
//! it was not seen before. That holds for every number of workers because each generated state has a *position* (the
//! index of its source in the level, and how many states the source generated before), and everything that could depend
//! on timing is decided by comparing positions:
//!
//! - a state belongs to the generation at the smallest position ([`crate::store`]);
//! - the next level is ordered by the positions of its states' owners ([`account`]);
//! - the search ends at the event at the smallest position, and what lies beyond is not counted ([`round`]).
//!
//! A level is expanded in *segments*, so that what one of them needs is bounded and the search can make room or be saved
//! in between: everything that is said of a level here holds for each of its segments in turn.
//!
//! Reading order: [`desk`], [`sink`], [`round`], [`account`], [`leader`], [`closing`], [`relief`], [`checkpoint`];
//! [`crew`], [`frontier`], [`chunk`], [`parts`], [`pace`] and [`meter`] serve them.

mod account;
mod checkpoint;
mod chunk;
mod closing;
pub(crate) mod crew;
mod desk;
mod frontier;
mod leader;
mod meter;
mod pace;
mod parts;
mod recount;
mod relief;
mod round;
mod sink;

pub use checkpoint::examine_checkpoint;

use crate::lock::{locked, read};
use crate::options::Options;
use crate::outcome::{Exploration, Outcome, SearchError};
use crate::states::States;
use crate::statistics::{Resources, Statistics, internal};
use crate::store::{Store, StoreLayout};
use crate::system::{Reached, SystemError, TransitionSystem, Worker};
use crate::watch::{Bell, watch};
use crew::Crew;
use desk::Desk;
use leader::{Leader, Report};
use meter::{Meter, Pause};
use parts::Rows;
pub(crate) use round::panicked;
use round::{Round, Shared};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, AtomicUsize};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::{Builder, Scope};
use std::time::Instant;
use verdict::{Event, EventSink, Progress, StoreKind};

/// Visits all reachable states, breadth first.
pub fn explore<S: TransitionSystem>(system: &S, options: &Options, events: &dyn EventSink) -> Exploration {
    explore_keeping_states(system, options, events).0
}

/// Visits all reachable states, breadth first, and hands over the seen set.
pub fn explore_keeping_states<S: TransitionSystem>(
    system: &S,
    options: &Options,
    events: &dyn EventSink,
) -> (Exploration, States) {
    let began = Instant::now();
    let workers = options.workers.max(1);
    let store = Store::new(layout(system, options, workers));
    let desks = (0..workers).map(|_| RwLock::new(Desk::new(store.hands()))).collect();
    let shared = Shared {
        system,
        options,
        store: RwLock::new(store),
        round: RwLock::new(Round::default()),
        rows: RwLock::new(Rows::default()),
        parts: Mutex::new(Vec::new()),
        next: AtomicUsize::new(0),
        cut: AtomicU32::new(u32::MAX),
        meter: Meter::default(),
        desks,
        crew: Crew::default(),
        reached: Mutex::new(Reached::default()),
    };
    let (report, running) = run(&shared, events, began);
    let resources = Resources {
        store_bytes: shared.bytes(&read(&shared.store)),
        system_bytes: system.memory_bytes(),
        elapsed: began.elapsed(),
        workers: running,
    };
    let Report { outcome, statistics, per_action } = report;
    let reached = locked(&shared.reached).clone();
    let store = shared.store.into_inner().unwrap_or_else(PoisonError::into_inner);
    (Exploration { outcome, statistics, per_action, reached, resources }, States::new(store))
}

fn layout<S: TransitionSystem>(system: &S, options: &Options, workers: usize) -> StoreLayout {
    StoreLayout {
        kind: options.store,
        state_words: system.state_words(),
        identity_words: system.identity_words(),
        identity_is_state: system.identity_is_state(),
        fingerprint_seed: options.fingerprint_seed,
        shard_bits: StoreLayout::shard_bits_for(workers),
    }
}

/// Starts the threads; the calling thread reports progress. Returns the number of workers that ran.
fn run<S: TransitionSystem>(shared: &Shared<'_, S>, events: &dyn EventSink, began: Instant) -> (Report, usize) {
    if shared.system.actions().len() > desk::MOST_ACTIONS {
        return (broken(internal("the system has too many actions".to_owned()), shared.options.store), 0);
    }
    let bell = Bell::default();
    shared.system.interrupt(false);
    std::thread::scope(|scope| {
        for index in 1..shared.desks.len() {
            start_helper(scope, shared, index, events);
        }
        let workers = shared.crew.helpers() + 1;
        let leader = Builder::new().name("explore-0".to_owned()).stack_size(shared.options.stack_bytes);
        let leader = leader.spawn_scoped(scope, || {
            let report = catch_unwind(AssertUnwindSafe(|| {
                let (report, worker) = Leader::new(shared, events).lead();
                locked(&shared.reached).merge(&worker.reached());
                report
            }));
            shared.crew.dismiss();
            bell.ring();
            report
        });
        let leader = match leader {
            Ok(leader) => leader,
            Err(error) => {
                shared.crew.dismiss();
                return (broken(no_thread(&error), shared.options.store), 0);
            }
        };
        let checkpoint = shared.options.checkpoint.as_ref().map(|checkpoint| checkpoint.every);
        let interval = shared.options.progress_interval;
        let mut last = (0, Instant::now());
        let mut asked = None;
        let look = |interrupted: bool| {
            if interrupted {
                shared.stop(asked.get_or_insert_with(Instant::now).elapsed());
            }
            if last.0 != shared.meter.checkpoints() {
                last = (shared.meter.checkpoints(), Instant::now());
            }
            if checkpoint.is_some_and(|every| last.1.elapsed() >= every) {
                shared.meter.pause(Pause::Checkpoint);
            }
        };
        watch(&bell, events, interval, look, || progress(shared, began));
        let report = match leader.join() {
            Ok(Ok(report)) => report,
            Ok(Err(panic)) | Err(panic) => broken(panicked(&*panic), shared.options.store),
        };
        (report, workers)
    })
}

fn start_helper<'scope, S: TransitionSystem>(
    scope: &'scope Scope<'scope, '_>,
    shared: &'scope Shared<'_, S>,
    index: usize,
    events: &dyn EventSink,
) {
    shared.crew.join();
    let builder = Builder::new().name(format!("explore-{index}")).stack_size(shared.options.stack_bytes);
    if let Err(error) = builder.spawn_scoped(scope, move || help(shared, index)) {
        shared.crew.leave(None);
        events.send(Event::Warning { text: format!("a worker thread could not be started: {error}") });
    }
}

/// What a helper does.
fn help<S: TransitionSystem>(shared: &Shared<'_, S>, index: usize) {
    let mut latest = 0;
    let mut worker = None;
    while shared.crew.await_round(&mut latest) {
        let part = catch_unwind(AssertUnwindSafe(|| {
            let worker = worker.get_or_insert_with(|| shared.system.worker());
            shared.take_part(worker, index);
            if shared.options.checkpoint.is_some() {
                locked(&shared.reached).merge(&worker.reached());
            }
        }));
        if let Err(panic) = part {
            shared.crew.leave(Some(panicked(&*panic).message));
            shared.crew.put_down();
            return;
        }
        shared.crew.put_down();
    }
    if let Some(worker) = worker {
        locked(&shared.reached).merge(&worker.reached());
    }
}

fn progress<S: TransitionSystem>(shared: &Shared<'_, S>, began: Instant) -> Progress {
    Progress {
        level: shared.meter.level(),
        generated: shared.meter.generated(),
        distinct: shared.meter.distinct(),
        queue: shared.meter.queue(),
        elapsed_s: began.elapsed().as_secs_f64(),
        // While states are moved or saved the store is not to be asked.
        store_bytes: shared.store.try_read().map_or(0, |store| shared.bytes(&store)),
        initial: read(&shared.round).initial,
        behaviors: 0,
    }
}

/// The report of a search that could not be made.
fn broken(error: SystemError, store: StoreKind) -> Report {
    let error = SearchError { error, trace: Vec::new() };
    Report { outcome: Outcome::Error(Box::new(error)), statistics: Statistics::new(store), per_action: Vec::new() }
}

pub(crate) fn no_thread(error: &std::io::Error) -> SystemError {
    SystemError {
        class: crate::system::ErrorClass::Capacity,
        remedy: "Ask for a smaller stack.".to_owned(),
        ..internal(format!("no worker thread could be started: {error}"))
    }
}
