//! Many behaviors on many threads, with the result of one thread.
//!
//! Workers take batches of consecutive behaviors in ascending order. A finding lowers the cut, and batches beyond the cut
//! are not begun. Counts are kept by batch until no earlier batch is in work any more, because only then it is certain
//! that they count.

use super::behavior::{Bench, InitialStates, Limits, Stopped, run_behavior};
use super::scheduler::{Draw, GENERATION, Taken};
use super::witness::{Nobody, Witness};
use super::{Simulation, SimulationCounts, SimulationOptions, SimulationOutcome};
use crate::lock::locked;
use crate::outcome::SearchError;
use crate::random::Random;
use crate::search::{no_thread, panicked};
use crate::statistics::internal;
use crate::system::{ErrorClass, Reached, SystemError, TransitionSystem, Worker};
use crate::watch::{Bell, watch};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::{Builder, Scope};
use std::time::Instant;
use verdict::{Event, EventSink, Progress, Sampling};

const BATCH: u64 = 64;

/// What all threads share.
struct Shared<'s, 'o, S> {
    system: &'s S,
    witness: &'o dyn Witness<'s, S>,
    options: &'o SimulationOptions,
    initial: InitialStates,
    next: AtomicU64,
    /// Batch with the first finding so far.
    cut: AtomicU64,
    interrupted: AtomicBool,
    generated: AtomicU64,
    ledger: Mutex<Ledger>,
    /// Workers that are at work.
    running: AtomicUsize,
    bell: Bell,
}

/// The batches, as they come in.
#[derive(Default)]
struct Ledger {
    /// Sums over all batches before the first that is in work.
    settled: SimulationCounts,
    first_unsettled: u64,
    waiting: BTreeMap<u64, (SimulationCounts, Option<Stopped>)>,
    reached: Reached,
    breakdown: Option<SystemError>,
}

impl Ledger {
    /// Takes a batch in and settles what can be settled; nothing is settled beyond a batch that stopped.
    fn enter(&mut self, batch: u64, counts: SimulationCounts, stopped: Option<Stopped>) {
        self.waiting.insert(batch, (counts, stopped));
        while let Some((counts, None)) = self.waiting.get(&self.first_unsettled) {
            self.settled.merge(counts);
            self.waiting.remove(&self.first_unsettled);
            self.first_unsettled += 1;
        }
    }
}

impl SimulationCounts {
    fn merge(&mut self, other: &Self) {
        self.behaviors += other.behaviors;
        self.generated += other.generated;
        self.lengths.merge(&other.lengths);
        self.squares += other.squares;
        if self.actions.len() < other.actions.len() {
            self.actions.resize(other.actions.len(), 0);
        }
        for (mine, theirs) in self.actions.iter_mut().zip(&other.actions) {
            *mine += theirs;
        }
    }
}

/// Runs random behaviors.
pub fn simulate<S: TransitionSystem>(system: &S, options: &SimulationOptions, events: &dyn EventSink) -> Simulation {
    simulate_before(system, options, events, &Nobody)
}

/// Runs random behaviors and shows each to a witness when it is complete.
pub fn simulate_before<'s, S: TransitionSystem>(
    system: &'s S,
    options: &SimulationOptions,
    events: &dyn EventSink,
    witness: &dyn Witness<'s, S>,
) -> Simulation {
    let began = Instant::now();
    let (outcome, counts, reached) = std::thread::scope(|scope| {
        let first = Builder::new().name("simulate-initial".to_owned()).stack_size(options.stack_bytes);
        let first = first.spawn_scoped(scope, || {
            let mut worker = system.worker();
            let (initial, stopped) = InitialStates::enumerate(&mut worker);
            (initial, stopped, worker.reached())
        });
        match first.map(|thread| thread.join()) {
            Ok(Ok((initial, stopped, reached))) => {
                let shown = Shown { options, events, witness, began };
                go_on(system, &shown, initial, stopped, reached)
            }
            Ok(Err(panic)) => broken(panicked(&*panic)),
            Err(error) => broken(no_thread(&error)),
        }
    });
    let scheduler = if options.generate { GENERATION } else { options.scheduler.words() };
    let sampling = Sampling { runs: counts.behaviors, seed: options.seed, scheduler: scheduler.to_owned() };
    Simulation { outcome, counts, sampling, reached, elapsed: began.elapsed() }
}

/// Outcome, counts and what was learned.
type Outcomes = (SimulationOutcome, SimulationCounts, Reached);

fn broken(error: SystemError) -> Outcomes {
    (failed(error), SimulationCounts::default(), Reached::default())
}

fn failed(error: SystemError) -> SimulationOutcome {
    SimulationOutcome::Error(Box::new(SearchError { error, trace: Vec::new() }))
}

fn outcome_of(stopped: Stopped) -> SimulationOutcome {
    match stopped {
        Stopped::Found(finding) => SimulationOutcome::Found(finding),
        Stopped::Lasso(lasso) => SimulationOutcome::Lasso(lasso),
        Stopped::Error(error) if error.error.class == ErrorClass::Interrupted => SimulationOutcome::Interrupted,
        Stopped::Error(error) => SimulationOutcome::Error(error),
        Stopped::AtRequest => SimulationOutcome::EndedAtRequest,
    }
}

/// What a simulation is given.
struct Shown<'s, 'o, S> {
    options: &'o SimulationOptions,
    events: &'o dyn EventSink,
    witness: &'o dyn Witness<'s, S>,
    began: Instant,
}

/// The behaviors, after the initial states.
fn go_on<'s, S: TransitionSystem>(
    system: &'s S,
    shown: &Shown<'s, '_, S>,
    initial: InitialStates,
    stopped: Option<Stopped>,
    reached: Reached,
) -> Outcomes {
    let Shown { options, events, witness, began } = *shown;
    let (generated, states) = (initial.generated, initial.count);
    let start = SimulationCounts { generated, initial: states, ..SimulationCounts::default() };
    if let Some(stopped) = stopped {
        return (outcome_of(stopped), start, reached);
    }
    if initial.count == 0 || options.behaviors == Some(0) {
        return (SimulationOutcome::NoBehavior, start, reached);
    }
    let shared = Shared {
        system,
        witness,
        options,
        initial,
        next: AtomicU64::new(0),
        cut: AtomicU64::new(u64::MAX),
        interrupted: AtomicBool::new(false),
        generated: AtomicU64::new(start.generated),
        ledger: Mutex::new(Ledger { settled: start, reached, ..Ledger::default() }),
        running: AtomicUsize::new(options.workers.max(1)),
        bell: Bell::default(),
    };
    system.interrupt(false);
    std::thread::scope(|scope| {
        for index in 0..options.workers.max(1) {
            start_worker(scope, &shared, index, events);
        }
        let look = |interrupted: bool| {
            if interrupted {
                shared.interrupted.store(true, Ordering::Relaxed);
                system.interrupt(true);
            }
        };
        watch(&shared.bell, events, options.progress_interval, look, || progress(&shared, began));
    });
    close(shared)
}

fn progress<S>(shared: &Shared<'_, '_, S>, began: Instant) -> Progress {
    Progress {
        generated: shared.generated.load(Ordering::Relaxed),
        initial: shared.initial.count,
        behaviors: locked(&shared.ledger).settled.behaviors,
        elapsed_s: began.elapsed().as_secs_f64(),
        ..Progress::default()
    }
}

fn start_worker<'scope, S: TransitionSystem>(
    scope: &'scope Scope<'scope, '_>,
    shared: &'scope Shared<'_, '_, S>,
    index: usize,
    events: &dyn EventSink,
) {
    let builder = Builder::new().name(format!("simulate-{index}")).stack_size(shared.options.stack_bytes);
    let thread = builder.spawn_scoped(scope, move || {
        let work = catch_unwind(AssertUnwindSafe(|| shared.work()));
        if let Err(panic) = work {
            locked(&shared.ledger).breakdown = Some(panicked(&*panic));
        }
        shared.leave();
    });
    if let Err(error) = thread {
        if index == 0 {
            locked(&shared.ledger).breakdown = Some(no_thread(&error));
        }
        events.send(Event::Warning { text: format!("a worker thread could not be started: {error}") });
        shared.leave();
    }
}

impl<S: TransitionSystem> Shared<'_, '_, S> {
    fn leave(&self) {
        if self.running.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.bell.ring();
        }
    }

    fn work(&self) {
        let mut worker = self.system.worker();
        let mut draw = Draw::new(self.options.scheduler);
        while let Some((batch, behaviors)) = self.claim() {
            let mut counts = SimulationCounts::default();
            let mut stopped = None;
            let mut taken = Taken::default();
            let before =
                if self.tells_counts() { locked(&self.ledger).settled.clone() } else { SimulationCounts::default() };
            for behavior in behaviors {
                if self.interrupted.load(Ordering::Relaxed) || batch > self.cut.load(Ordering::Relaxed) {
                    break;
                }
                let random = Random::stream(self.options.seed, behavior);
                let (initial_states, before) = (self.initial.count, &before);
                let mut bench =
                    Bench { counts: &mut counts, draw: &mut draw, taken: &mut taken, before, initial_states };
                let (trace, ended) = run_behavior(&mut worker, &self.initial, self.limits(), random, &mut bench);
                stopped = ended.or_else(|| {
                    let lasso = self.witness.behavior(behavior, &trace, &mut worker)?;
                    Some(Stopped::Lasso(Box::new(lasso)))
                });
                if stopped.is_some() {
                    self.cut.fetch_min(batch, Ordering::Relaxed);
                    break;
                }
            }
            self.generated.fetch_add(counts.generated, Ordering::Relaxed);
            locked(&self.ledger).enter(batch, counts, stopped);
        }
        locked(&self.ledger).reached.merge(&worker.reached());
    }

    fn limits(&self) -> Limits {
        Limits {
            depth: self.options.depth.max(1),
            check_deadlock: self.options.check_deadlock,
            generate: self.options.generate,
            tells_counts: self.tells_counts(),
        }
    }

    /// With one worker everything before a behavior has been counted when it begins.
    fn tells_counts(&self) -> bool {
        self.options.workers <= 1
    }

    /// The next batch: its number and its behaviors.
    fn claim(&self) -> Option<(u64, std::ops::Range<u64>)> {
        if self.interrupted.load(Ordering::Relaxed) {
            return None;
        }
        let batch = self.next.fetch_add(1, Ordering::Relaxed);
        let last = self.options.behaviors.unwrap_or(u64::MAX);
        let start = batch.saturating_mul(BATCH);
        let is_wanted = start < last && batch <= self.cut.load(Ordering::Relaxed);
        is_wanted.then(|| (batch, start..start.saturating_add(BATCH).min(last)))
    }
}

/// The result, when all workers are done.
fn close<S>(shared: Shared<'_, '_, S>) -> Outcomes {
    let ledger = shared.ledger.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Ledger { settled: mut counts, waiting, reached, breakdown, .. } = ledger;
    for (batch_counts, stopped) in waiting.into_values() {
        counts.merge(&batch_counts);
        if let Some(stopped) = stopped {
            return (outcome_of(stopped), counts, reached);
        }
    }
    let outcome = match breakdown {
        Some(error) => failed(error),
        None if shared.interrupted.load(Ordering::Relaxed) => SimulationOutcome::Interrupted,
        None if shared.options.behaviors.is_some_and(|wanted| wanted != counts.behaviors) => {
            failed(internal("some behaviors were not run".to_owned()))
        }
        None => SimulationOutcome::NothingFound,
    };
    (outcome, counts, reached)
}
