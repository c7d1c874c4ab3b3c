//! Running a plan: threads are started, watched and counted, and the machine is looked at when they are gone.
//!
//! The clock is read here, because how long an operation takes and when a run is over is what is asked. The thread that
//! calls [`run`] puts the machine together, so it owns the default stream and is the one that may shut the pool down; it does
//! no operations itself.

use crate::case::{Case, Unfit};
use crate::disturb::Disturber;
use crate::draw::Draw;
use crate::growth::Growth;
use crate::kernel::Backend;
use crate::machine::{Layout, Machine};
use crate::noise::Noise;
use crate::operation::Fault;
use crate::outcome::{Finding, Outcome, TOLD};
use crate::plan::{Amount, ENOUGH, Plan, Scenario};
use crate::tally::Tally;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// How often the run is looked at.
const PERIOD: Duration = Duration::from_millis(5);

/// Operations of a thread that is to end, where threads come and go.
const CHURN: u64 = 16;

/// Bytes of the device: plenty, and what runs out.
const PLENTY: u64 = 32 << 20;
const SCARCE: u64 = 3 << 19;

/// A run cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The back end is wrong on one thread already.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// There is nothing to run.
    #[error("a run needs at least one kernel and one thread")]
    Nothing,
    /// The system starts no more threads.
    #[error("the system starts no more threads: {0}")]
    Threads(std::io::Error),
}

/// Who watches a run.
pub trait Watcher: Sync {
    /// Whether the run is to end now.
    fn stop(&self) -> bool {
        false
    }

    /// Operations that are done, and how many there will be where that is known.
    fn told(&self, _done: u64, _planned: Option<u64>) {}
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Watcher for Nobody {}

/// What the threads share.
struct Shared {
    machine: Machine,
    plan: Plan,
    cases: Vec<Arc<Case>>,
    /// Set when whoever works is to come to an end.
    stop: AtomicBool,
    done: AtomicU64,
    wrong: AtomicU64,
    /// Threads that were started besides the first ones.
    started: AtomicU64,
}

/// Runs a plan with a back end.
///
/// # Errors
/// [`RunError`] if it cannot be run. What goes wrong in it is no error of this kind.
pub fn run(plan: &Plan, backend: &Arc<dyn Backend>, watcher: &dyn Watcher) -> Result<Outcome, RunError> {
    if plan.kernels.is_empty() || plan.threads == 0 {
        return Err(RunError::Nothing);
    }
    let cases = Case::all(&plan.kernels, plan.seed, &**backend)?.into_iter().map(Arc::new).collect();
    let noise = Arc::new(Noise::new(plan.noise, plan.seed));
    let machine = Machine::new(&layout(plan), Arc::clone(backend), Arc::clone(&noise));
    let shared = Arc::new(Shared {
        machine,
        plan: plan.clone(),
        cases,
        stop: AtomicBool::new(false),
        done: AtomicU64::new(0),
        wrong: AtomicU64::new(0),
        started: AtomicU64::new(0),
    });
    let began = Instant::now();
    let mut workers = Vec::new();
    for thread in 0..plan.threads {
        let theirs = Arc::clone(&shared);
        let worker = start(thread, move || work(&theirs, thread));
        workers.push(worker.inspect_err(|_| shared.stop.store(true, Ordering::Relaxed)).map_err(RunError::Threads)?);
    }
    let mut disturber = Disturber::new(plan);
    let mut memory = Growth::default();
    let in_time = watch(&shared, &workers, began, watcher, &mut disturber, &mut memory);
    let mut tally = Tally::default();
    let mut lost = Vec::new();
    for worker in workers {
        match worker.join() {
            Ok(theirs) => tally.merge(theirs),
            Err(_) => lost.push(Finding::of_run("a thread of the workload panicked in the runtime".to_owned())),
        }
    }
    let wall = began.elapsed();
    memory.sample(1.0);
    disturber.release(&shared.machine);
    lost.extend(disturber.findings.drain(..).chain(shared.machine.finish(disturber.is_shut_down)).map(Finding::of_run));
    lost.extend(grown(plan, &memory));
    let (errors, refused) = (tally.errors + lost.len() as u64, tally.refused);
    let (kernels, mut findings) = tally.figures(wall);
    findings.splice(0..0, lost);
    findings.truncate(TOLD);
    let events = disturber.events + shared.started.load(Ordering::Relaxed);
    Ok(Outcome {
        scenario: plan.scenario.name().to_owned(),
        backend: backend.name(),
        threads: plan.threads,
        seed: plan.seed,
        noise: plan.noise.name().to_owned(),
        noise_used: noise.used(),
        wall_s: wall.as_secs_f64(),
        vacuous: vacuous(plan, &kernels, events, refused),
        kernels,
        refused_as_wanted: refused,
        events,
        memory,
        errors,
        findings,
        complete: in_time,
    })
}

fn layout(plan: &Plan) -> Layout {
    let threads = u32::try_from(plan.threads).unwrap_or(u32::MAX);
    // The default stream is nobody's here.
    let streams = match plan.scenario {
        Scenario::Oversubscribed => 1 + threads.div_ceil(3),
        Scenario::Steady | Scenario::Churn | Scenario::OutOfMemory | Scenario::Fork | Scenario::Shutdown => {
            1_u32.saturating_add(threads)
        }
    };
    Layout {
        streams,
        bytes: if plan.scenario == Scenario::OutOfMemory { SCARCE } else { PLENTY },
        engines: plan.engines,
        most_pending: 16 * plan.threads,
        seed: plan.seed,
        patience: plan.patience,
        mutations: plan.mutations,
    }
}

fn start<R: Send + 'static>(
    thread: usize,
    work: impl FnOnce() -> R + Send + 'static,
) -> std::io::Result<JoinHandle<R>> {
    Builder::new().name(format!("stress-{thread}")).spawn(work)
}

/// Why a run showed nothing, if it did not.
fn vacuous(plan: &Plan, kernels: &[crate::outcome::KernelFigures], events: u64, refused: u64) -> Option<String> {
    let idle = plan.kernels.iter().find(|kernel| !kernels.iter().any(|known| known.kernel == kernel.name()));
    if let Some(kernel) = idle {
        return Some(format!("no operation of {kernel} came to its end"));
    }
    let missing = match plan.scenario {
        Scenario::Steady | Scenario::Oversubscribed => return None,
        Scenario::Churn => (events == 0).then_some("no thread was replaced by another"),
        Scenario::OutOfMemory => (refused == 0).then_some("the memory never ran out"),
        Scenario::Fork => (events == 0).then_some("the process never forked"),
        Scenario::Shutdown => (events == 0).then_some("nothing was shut down while threads worked"),
    };
    missing.map(str::to_owned)
}

/// Growth of memory that is an error, if there is.
pub(crate) fn grown(plan: &Plan, memory: &Growth) -> Option<Finding> {
    let bytes = memory.bytes().and_then(|bytes| u64::try_from(bytes).ok())?;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    (bytes > plan.most_growth).then(|| {
        let (grown, most) = (mib(bytes), mib(plan.most_growth));
        Finding::of_run(format!("the process grew by {grown:.1} MiB after the warm-up; {most:.1} MiB are allowed"))
    })
}

/// Looks after the run until every thread has ended; whether it was not ended early.
fn watch(
    shared: &Arc<Shared>,
    workers: &[JoinHandle<Tally>],
    began: Instant,
    watcher: &dyn Watcher,
    disturber: &mut Disturber,
    memory: &mut Growth,
) -> bool {
    let plan = &shared.plan;
    let (planned, time) = match plan.amount {
        Amount::Operations(each) => (Some(each * plan.kernels.len() as u64 * plan.threads as u64), None),
        Amount::Time(time) => (None, Some(time)),
    };
    let mut in_time = true;
    let mut sampled = began;
    while !workers.iter().all(JoinHandle::is_finished) {
        let done = shared.done.load(Ordering::Relaxed);
        let share = match (planned, time) {
            (Some(planned), _) => done as f64 / planned.max(1) as f64,
            (None, Some(time)) => began.elapsed().as_secs_f64() / time.as_secs_f64().max(1e-3),
            (None, None) => 1.0,
        };
        if watcher.stop() && !shared.stop.swap(true, Ordering::Relaxed) {
            in_time = false;
        }
        if time.is_some_and(|time| began.elapsed() >= time) {
            shared.stop.store(true, Ordering::Relaxed);
        }
        if sampled.elapsed() >= PERIOD * 4 {
            sampled = Instant::now();
            memory.sample(share.min(1.0));
            watcher.told(done, planned);
        }
        disturber.disturb(&shared.machine, share);
        std::thread::sleep(PERIOD);
    }
    in_time
}

/// What a thread does.
fn work(shared: &Arc<Shared>, thread: usize) -> Tally {
    let kernels = shared.plan.kernels.len() as u64;
    let planned = match shared.plan.amount {
        Amount::Operations(each) => each * kernels,
        Amount::Time(_) => u64::MAX,
    };
    if shared.plan.scenario != Scenario::Churn {
        return operations(shared, thread, 0..planned);
    }
    let mut tally = Tally::default();
    let mut first = 0;
    while first < planned && !shared.stop.load(Ordering::Relaxed) {
        let end = planned.min(first.saturating_add(CHURN));
        let theirs = Arc::clone(shared);
        let short = start(thread, move || operations(&theirs, thread, first..end));
        match short.map(JoinHandle::join) {
            Ok(Ok(theirs)) => tally.merge(theirs),
            // Told as a finding by whoever joins this thread.
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // The system has no thread to spare at this moment; the operations are done here.
            Err(_) => tally.merge(operations(shared, thread, first..end)),
        }
        shared.started.fetch_add(1, Ordering::Relaxed);
        first = end;
    }
    tally
}

/// The operations of these numbers, on this thread.
fn operations(shared: &Shared, thread: usize, numbers: std::ops::Range<u64>) -> Tally {
    let (machine, plan) = (&shared.machine, &shared.plan);
    let mut draw = Draw::new(plan.seed, (thread as u64) << 40 | numbers.start);
    let mut tally = Tally::default();
    for number in numbers {
        if shared.stop.load(Ordering::Relaxed) {
            break;
        }
        // Kernels in turn, so that there are equally many; of the cases of one kernel any.
        let kernel = (number as usize + thread) % plan.kernels.len();
        let case = &shared.cases[kernel * crate::case::CASES + draw.below(crate::case::CASES)];
        let began = Instant::now();
        let result = attempt(shared, case, &mut draw, &mut tally);
        shared.done.fetch_add(1, Ordering::Relaxed);
        match result {
            Ok(()) => tally.right(case.kernel, began.elapsed()),
            Err(Fault::ShutDown) if plan.scenario == Scenario::Shutdown => {
                tally.refused += 1;
                break;
            }
            Err(fault) => {
                tally.wrong(case, thread, number, fault);
                let hung = began.elapsed() >= plan.patience;
                if shared.wrong.fetch_add(1, Ordering::Relaxed) + 1 >= ENOUGH || hung {
                    shared.stop.store(true, Ordering::Relaxed);
                }
            }
        }
        if plan.scenario == Scenario::Oversubscribed {
            machine.pool.unbind();
        }
    }
    tally
}

/// An operation; where memory runs out as it is meant to, until there is some.
fn attempt(shared: &Shared, case: &Arc<Case>, draw: &mut Draw, tally: &mut Tally) -> Result<(), Fault> {
    let began = Instant::now();
    loop {
        let result = catch_unwind(AssertUnwindSafe(|| shared.machine.operate(case, draw)));
        match result {
            Ok(Err(Fault::OutOfMemory))
                if shared.plan.scenario == Scenario::OutOfMemory && began.elapsed() < shared.plan.patience =>
            {
                tally.refused += 1;
                std::thread::sleep(Duration::from_micros(100));
            }
            Ok(result) => return result,
            Err(_) => return Err(Fault::Refused("it panicked".to_owned())),
        }
    }
}
