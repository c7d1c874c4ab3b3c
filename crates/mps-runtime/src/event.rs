//! Pooled events and their completion callbacks.
//!
//! The protocol is module `Event` of `subjects/mps/specs`; each step below is named as there. Two things could go wrong. The
//! callback could outlive the object: a counter of pending callbacks is incremented before a callback is scheduled and
//! decremented as the last thing it does, and the destructor waits for zero, for a bounded time, after which the object is
//! leaked rather than freed. And the callback could reach the next user: a callback carries the epoch it was scheduled in
//! and reports nothing to any other.
//!
//! Rust would not let the callback touch freed memory, because it owns a reference. The protocol's own idea of *freed* is
//! kept nevertheless ([`Life`]), and a callback that finds its event freed says so ([`EventPool::uses_after_free`]): the
//! protocol must not rely on the reference.
//!
//! Memory orders. `pending`: incremented *relaxed*, because the scheduling that follows publishes it to the callback;
//! decremented *release* and read *acquire* by the destructor, so that all a callback did happens before the object ends.
//! Everything else is under the event's mutex, or under the pool's. No mutex is held while a callback is waited for: the
//! waits are on condition variables, with a limit.

use crate::device::{Device, QueueId, Work};
use crate::mutation::{Mutation, Mutations};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, Condvar, Deadline, Mutex, lock, wait};
use crate::trace::Tracer;
use std::time::Duration;

/// What became of an event object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// In the pool.
    Pooled,
    /// Somebody has it.
    Owned,
    /// Its destructor waits.
    Dying,
    /// Gone.
    Freed,
    /// Abandoned, because a callback did not come back in time.
    Leaked,
}

impl Life {
    const fn name(self) -> &'static str {
        match self {
            Self::Pooled => "pooled",
            Self::Owned => "owned",
            Self::Dying => "dying",
            Self::Freed => "freed",
            Self::Leaked => "leaked",
        }
    }
}

/// A wait was not answered within its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event was not signalled within the limit")]
pub struct NotSignalled;

#[derive(Debug)]
struct State {
    life: Life,
    epoch: u32,
    completed: bool,
}

/// An event object.
#[derive(Debug)]
pub struct EventCore {
    name: String,
    state: Mutex<State>,
    answered: Condvar,
    pending: AtomicUsize,
}

/// The protocol of the pool, without a device.
#[derive(Debug)]
pub struct EventPoolCore {
    pooled: Mutex<Pooled>,
    /// Outlives the events, so that a callback can tell of its end after its last access to one.
    drained: (Mutex<()>, Condvar),
    after_free: AtomicUsize,
    tracer: Tracer,
    mutations: Mutations,
}

#[derive(Debug, Default)]
struct Pooled {
    events: Vec<Arc<EventCore>>,
    made: usize,
}

/// A callback that was scheduled and has not run.
#[derive(Debug)]
pub struct Callback {
    event: Arc<EventCore>,
    epoch: u32,
}

impl EventPoolCore {
    /// An empty pool.
    pub fn new(tracer: Tracer, mutations: Mutations) -> Self {
        Self {
            pooled: Mutex::new(Pooled::default()),
            drained: (Mutex::new(()), Condvar::new()),
            after_free: AtomicUsize::new(0),
            tracer,
            mutations,
        }
    }

    /// Takes an event, in a new epoch and with a clean flag.
    pub fn acquire(&self) -> Arc<EventCore> {
        // interlock: E.HandoverClean, E.PoolFirst
        let began = self.tracer.start();
        let mut pooled = lock(&self.pooled);
        let (action, event) = match pooled.events.pop() {
            Some(event) => ("AcquirePooled", event),
            None => {
                pooled.made += 1;
                ("AcquireNew", Arc::new(EventCore::new(format!("e{}", pooled.made))))
            }
        };
        let epoch = {
            let mut state = lock(&event.state);
            *state = State { life: Life::Owned, epoch: state.epoch + 1, completed: false };
            state.epoch
        };
        self.tracer.step(began, action, |step| {
            let step = step.thread("t").parameter("e", &*event.name).mine("ev", &*event.name);
            step.at("epoch", &event.name, epoch).at("completed", &event.name, false)
        });
        event
    }

    /// Gives an event back, callback or not.
    pub fn release(&self, event: Arc<EventCore>) {
        // interlock: E.ReleaseBetweenCalls
        let began = self.tracer.start();
        let mut pooled = lock(&self.pooled);
        lock(&event.state).life = Life::Pooled;
        self.tracer.step(began, "Release", |step| step.thread("t").at("life", &event.name, "pooled"));
        pooled.events.push(event);
    }

    /// Counts a callback and has it scheduled.
    pub fn record(&self, event: &Arc<EventCore>, schedule: impl FnOnce(Callback)) {
        // interlock: E.PendingCounterCovers
        let late = self.mutations.has(Mutation::ScheduleFirst);
        let epoch = lock(&event.state).epoch;
        let callback = Callback { event: Arc::clone(event), epoch };
        if late {
            let began = self.tracer.start();
            self.tracer.deviates();
            schedule(callback);
            self.tracer.step(began, "RecordFirstHalf", |step| {
                step.thread("t").at("callback", format_args!("{}][{epoch}", event.name), "scheduled")
            });
            self.count(event, "RecordSecondHalf");
        } else {
            self.count(event, "RecordFirstHalf");
            let began = self.tracer.start();
            schedule(callback);
            self.tracer.step(began, "RecordSecondHalf", |step| step.thread("t").mine("pc", "recorded"));
        }
    }

    fn count(&self, event: &EventCore, action: &'static str) {
        // interlock: E.PendingCounterCovers, E.PendingCounterExact
        let began = self.tracer.start();
        let pending = event.pending.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        self.tracer.step(began, action, |step| step.thread("t").at("pending", &event.name, pending));
    }

    fn uncount(&self, event: &EventCore) -> usize {
        // interlock: E.PendingCounterExact
        let before = event.pending.fetch_sub(1, Ordering::Release);
        // `E.PendingCounterCovers`, for explorations.
        #[cfg(any(feature = "loom", feature = "shuttle"))]
        assert_ne!(before, 0, "the counter of pending callbacks fell short");
        let left = before.wrapping_sub(1);
        // The last access to the event is behind; what follows concerns the pool, which outlives it.
        let _told = lock(&self.drained.0);
        self.drained.1.notify_all();
        left
    }

    /// The device has come to the event.
    pub fn signal(&self, callback: &Callback) {
        let began = self.tracer.start();
        self.tracer.step(began, "Signal", |step| callback.named(step));
    }

    /// Runs a callback.
    pub fn run(&self, callback: Callback) {
        // interlock: E.CallbackNeverUAF
        let event = Arc::clone(&callback.event);
        let early = self.mutations.has(Mutation::DecrementFirst);
        let began = self.tracer.start();
        let left = early.then(|| {
            self.tracer.deviates();
            self.uncount(&event)
        });
        self.tracer.step(began, "CallbackBegins", |step| {
            let step = callback.named(step);
            if let Some(left) = left { step.at("pending", &event.name, left) } else { step }
        });
        self.report(&callback);
        let began = self.tracer.start();
        if !early {
            let pending = self.uncount(&event);
            self.tracer.step(began, "CallbackEnds", |step| callback.named(step).at("pending", &event.name, pending));
        } else {
            self.tracer.step(began, "CallbackEnds", |step| callback.named(step));
        }
    }

    /// Test and report in one step, under the mutex.
    fn report(&self, callback: &Callback) {
        // interlock: E.PoolReuseNoCrosstalk
        let event = &callback.event;
        let began = self.tracer.start();
        let mut state = lock(&event.state);
        if state.life == Life::Freed {
            // Relaxed: a count for whoever asks when all is over.
            self.after_free.fetch_add(1, Ordering::Relaxed);
        }
        let is_theirs = state.epoch == callback.epoch;
        if is_theirs || self.mutations.has(Mutation::NoEpochCheck) {
            if !is_theirs && !state.completed {
                self.tracer.deviates();
            }
            state.completed = true;
        }
        let completed = state.completed;
        self.tracer.step(began, "CallbackReports", |step| callback.named(step).at("completed", &event.name, completed));
        drop(state);
        event.answered.notify_all();
    }

    /// Waits for what was recorded.
    ///
    /// # Errors
    /// [`NotSignalled`]
    pub fn synchronize(&self, event: &EventCore, limit: Duration) -> Result<(), NotSignalled> {
        // interlock: E.ReleaseBetweenCalls
        let began = self.tracer.start();
        self.tracer.step(began, "Synchronize", |step| step.thread("t").mine("pc", "waiting"));
        let deadline = Deadline::after(limit);
        let began = self.tracer.start();
        let mut state = lock(&event.state);
        let mut in_time = true;
        while !state.completed && in_time {
            (state, in_time) = wait(&event.answered, state, &deadline);
        }
        if !state.completed {
            return Err(NotSignalled);
        }
        self.tracer.step(began, "Synchronized", |step| step.thread("t").mine("pc", "recorded"));
        Ok(())
    }

    /// Destroys one pooled event, if there is one: what became of it.
    pub fn destroy_one(&self, limit: Duration) -> Option<Life> {
        // interlock: E.DestructorWaitSafety, E.LeaksOnlyPending
        let began = self.tracer.start();
        let event = {
            let mut pooled = lock(&self.pooled);
            let event = pooled.events.pop()?;
            lock(&event.state).life = Life::Dying;
            self.tracer.step(began, "BeginDestroy", |step| {
                step.thread("t").parameter("e", &*event.name).at("life", &event.name, "dying")
            });
            event
        };
        // What is decided here is decided at the last look at the counter.
        let began = self.tracer.start();
        let in_time = match self.mutations.has(Mutation::NoPendingWait) {
            true if event.pending.load(Ordering::Acquire) != 0 => {
                self.tracer.deviates();
                true
            }
            true => true,
            false => self.wait_for_callbacks(&event, limit),
        };
        let leak = !in_time && !self.mutations.has(Mutation::FreeOnTimeout);
        if !in_time && !leak {
            self.tracer.deviates();
        }
        let (action, life) = match (in_time, leak) {
            (true, _) => ("Destroyed", Life::Freed),
            (false, true) => ("TimedOut", Life::Leaked),
            (false, false) => ("TimedOut", Life::Freed),
        };
        lock(&event.state).life = life;
        self.tracer.step(began, action, |step| step.thread("t").at("life", &event.name, life.name()));
        Some(life)
    }

    fn wait_for_callbacks(&self, event: &EventCore, limit: Duration) -> bool {
        // interlock: E.DestructorWaitSafety
        let deadline = Deadline::after(limit);
        let mut guard = lock(&self.drained.0);
        let mut in_time = true;
        while event.pending.load(Ordering::Acquire) != 0 {
            if !in_time {
                return false;
            }
            (guard, in_time) = wait(&self.drained.1, guard, &deadline);
        }
        true
    }

    /// How many callbacks have found their event freed. Anything but zero is a defect.
    pub fn uses_after_free(&self) -> usize {
        self.after_free.load(Ordering::Relaxed)
    }
}

impl EventCore {
    fn new(name: String) -> Self {
        Self {
            name,
            state: Mutex::new(State { life: Life::Pooled, epoch: 0, completed: false }),
            answered: Condvar::new(),
            pending: AtomicUsize::new(0),
        }
    }

    /// Whether the callback of this epoch has reported.
    pub fn is_completed(&self) -> bool {
        lock(&self.state).completed
    }
}

impl Callback {
    fn named(&self, step: crate::trace::Fields) -> crate::trace::Fields {
        step.parameter("e", &*self.event.name).parameter("k", self.epoch)
    }
}

/// A pool of events of one device.
///
/// ```
/// use interlock_mps_runtime::{Device, EventPool, SimDevice};
/// use std::{sync::Arc, time::Duration};
///
/// let device = Arc::new(SimDevice::new(1));
/// let queue = device.create_queue();
/// let events = EventPool::new(device);
/// let event = events.acquire();
/// event.record(queue);
/// event.synchronize(Duration::from_secs(5))?;
/// # Ok::<(), interlock_mps_runtime::NotSignalled>(())
/// ```
#[derive(Clone)]
pub struct EventPool {
    core: Arc<EventPoolCore>,
    device: Arc<dyn Device>,
}

impl std::fmt::Debug for EventPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventPool").field("core", &self.core).finish_non_exhaustive()
    }
}

impl EventPool {
    /// A pool without events.
    pub fn new(device: Arc<dyn Device>) -> Self {
        Self::with(device, Tracer::default(), Mutations::NONE)
    }

    /// The same, watched and with defects.
    pub fn with(device: Arc<dyn Device>, tracer: Tracer, mutations: Mutations) -> Self {
        Self { core: Arc::new(EventPoolCore::new(tracer, mutations)), device }
    }

    /// Takes an event.
    pub fn acquire(&self) -> Event {
        Event { event: Some(self.core.acquire()), pool: self.clone() }
    }

    /// Destroys the pooled events, each waiting at most so long for callbacks that have not run: how many were freed, and
    /// how many had to be leaked.
    pub fn empty(&self, limit: Duration) -> (usize, usize) {
        let mut ended = (0, 0);
        while let Some(life) = self.core.destroy_one(limit) {
            if life == Life::Leaked { ended.1 += 1 } else { ended.0 += 1 }
        }
        ended
    }

    /// Destroys one pooled event, if there is one: what became of it.
    pub fn destroy_one(&self, limit: Duration) -> Option<Life> {
        self.core.destroy_one(limit)
    }

    /// How many callbacks have found their event freed. Anything but zero is a defect.
    pub fn uses_after_free(&self) -> usize {
        self.core.uses_after_free()
    }
}

/// An event, back in the pool when it is dropped.
#[derive(Debug)]
pub struct Event {
    event: Option<Arc<EventCore>>,
    pool: EventPool,
}

impl Event {
    /// Records the event at the end of a queue. An event is recorded once.
    pub fn record(&self, queue: QueueId) {
        let Some(event) = &self.event else { return };
        let pool = Arc::clone(&self.pool.core);
        self.pool.core.record(event, |callback| {
            let at_signal = Callback { event: Arc::clone(&callback.event), epoch: callback.epoch };
            let device_side = Arc::clone(&pool);
            self.pool.device.submit(
                queue,
                Work::Signal {
                    signalled: Box::new(move || device_side.signal(&at_signal)),
                    callback: Box::new(move || pool.run(callback)),
                },
            );
        });
    }

    /// Waits until the device has signalled what was recorded.
    ///
    /// # Errors
    /// [`NotSignalled`] at the end of the limit.
    pub fn synchronize(&self, limit: Duration) -> Result<(), NotSignalled> {
        let event = self.event.as_ref().ok_or(NotSignalled)?;
        self.pool.core.synchronize(event, limit)
    }

    /// Whether the device has signalled it.
    pub fn is_completed(&self) -> bool {
        self.event.as_ref().is_some_and(|event| event.is_completed())
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        if let Some(event) = self.event.take() {
            self.pool.core.release(event);
        }
    }
}
