//! The stream pool: a default stream for the main thread, worker streams for everybody else.
//!
//! The protocol is module `StreamPool` of `subjects/mps/specs`; each step below is named as there. The free list is one
//! atomic word with a bit for each free worker stream. A thread that finds it empty sleeps until a thread that ends gives
//! its slot back. [`PoolCore`] is the protocol with the binding of a thread handed in, so that it can be explored;
//! [`StreamPool`] keeps the binding in thread-local storage and gives it back when the thread ends.
//!
//! Memory orders.
//! - `mask`: compare-and-swap *acquire*, `fetch_or` *release*. What a thread did to a stream happens before what the next
//!   owner of the slot does to it. The load before the compare-and-swap is *relaxed*: only the word itself is taken from
//!   it, and the compare-and-swap decides.
//! - `users`: *acquire and release*, also where the destructor reads it, which it does by adding zero. All changes of the
//!   counter are in one order; a user that enters after the destructor has looked synchronizes with that look and finds
//!   `alive` false, one that entered before is counted. A plain load would not do: it could miss an increment whose thread
//!   then misses the change of `alive` (store buffering). What a user did inside happens before the streams are freed.
//! - `alive`: stored with *release*, read with *acquire*; the counter says which reads have to see the store.
//!
//! Waiting. A sleeper has an entry of its own in a queue under the mutex, and whoever gives a slot back takes the first
//! entry out. So a wake-up that nobody sent is not seen as one, and sleepers are served in the order in which they came.
//! Every wait has a limit.

use crate::mutation::{Mutation, Mutations};
use crate::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use crate::sync::{Arc, Condvar, Deadline, Mutex, MutexGuard, lock, wait};
use crate::trace::Tracer;
use std::collections::VecDeque;
use std::time::Duration;

#[cfg(not(any(feature = "loom", feature = "shuttle")))]
mod bound;
#[cfg(not(any(feature = "loom", feature = "shuttle")))]
pub use bound::{StreamPool, StreamRef};

/// Most streams of a pool: a bit of a word each.
pub const MOST_STREAMS: u32 = 64;

/// Number of a stream in its pool. Stream 0 is the main thread's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

/// Why there is no stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The pool was shut down, or this process is the child of a fork.
    #[error("the stream pool is shut down")]
    ShutDown,
    /// Every worker stream stayed in use for the whole of the limit.
    #[error("no stream became free within the limit")]
    Exhausted,
    /// Threads were still inside the pool at the end of the limit; its streams are leaked rather than freed under them.
    #[error("{0} threads are still inside the stream pool")]
    Busy(usize),
    /// Another thread than the one that made the pool asked to shut it down.
    #[error("only the thread that made the stream pool can shut it down")]
    NotOwner,
}

/// What a thread knows of its stream. Private to the thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct Binding {
    slot: Option<Slot>,
    is_main: bool,
    /// The pool refused this thread, which has no binding and will get none.
    refused: bool,
}

impl Binding {
    /// The binding of the thread that owns the default stream.
    pub fn of_main() -> Self {
        Self { is_main: true, ..Self::default() }
    }

    /// Whether the pool refused this thread, which has nothing left to do but to exit.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// The slot, if there is one.
    pub fn slot(&self) -> Option<Slot> {
        self.slot
    }
}

/// A sleeper.
#[derive(Debug)]
struct Waiter {
    notified: Mutex<bool>,
    condvar: Condvar,
    name: String,
}

type Sleepers = VecDeque<Arc<Waiter>>;

/// The protocol of the pool, without threads.
#[derive(Debug)]
pub struct PoolCore {
    alive: AtomicBool,
    freed: AtomicBool,
    users: AtomicUsize,
    mask: AtomicU64,
    sleepers: Mutex<Sleepers>,
    worker_slots: u64,
    tracer: Tracer,
    mutations: Mutations,
}

fn bits(mask: u64) -> Vec<u32> {
    (0..64).filter(|bit| mask >> bit & 1 == 1).collect()
}

fn number(slot: Option<Slot>) -> i32 {
    // Slots are below 64.
    slot.map_or(-1, |slot| slot.0 as i32)
}

impl PoolCore {
    /// A pool of the default stream and `streams - 1` worker streams.
    ///
    /// # Panics
    /// Unless there are 2 to [`MOST_STREAMS`] streams.
    pub fn new(streams: u32, tracer: Tracer, mutations: Mutations) -> Self {
        assert!((2..=MOST_STREAMS).contains(&streams), "a pool has 2 to {MOST_STREAMS} streams, not {streams}");
        let worker_slots = (u64::MAX >> (64 - streams)) & !1;
        Self {
            alive: AtomicBool::new(true),
            freed: AtomicBool::new(false),
            users: AtomicUsize::new(0),
            mask: AtomicU64::new(worker_slots),
            sleepers: Mutex::new(VecDeque::new()),
            worker_slots,
            tracer,
            mutations,
        }
    }

    /// Enters the pool and binds a stream, if the thread has none. [`PoolCore::leave`] ends the use of it.
    ///
    /// # Errors
    /// [`PoolError::ShutDown`] or [`PoolError::Exhausted`]; the thread is then not inside.
    pub fn enter(&self, binding: &mut Binding, limit: Duration) -> Result<Slot, PoolError> {
        // interlock: SP.NoUseAfterFree
        if binding.refused {
            return Err(PoolError::ShutDown);
        }
        let began = self.tracer.start();
        let alive = self.alive.load(Ordering::Acquire);
        let label = if alive { "enter" } else { "exit" };
        self.tracer.step(began, "Check1", |step| step.thread("t").mine("pc", label));
        if !alive {
            binding.refused = true;
            return Err(PoolError::ShutDown);
        }
        self.register("Enter", "check2");
        let result = self.bind(binding, &Deadline::after(limit));
        if result.is_err() {
            self.leave(binding);
        }
        result
    }

    fn register(&self, action: &'static str, label: &'static str) {
        // interlock: SP.UsersCounted
        let began = self.tracer.start();
        let users = self.users.fetch_add(1, Ordering::AcqRel) + 1;
        self.tracer.step(began, action, |step| step.thread("t").mine("pc", label).variable("users", users));
    }

    /// Ends what [`PoolCore::enter`] began.
    pub fn leave(&self, binding: &mut Binding) {
        // interlock: SP.UsersCounted
        let began = self.tracer.start();
        let users = self.users.fetch_sub(1, Ordering::AcqRel).wrapping_sub(1);
        let label = if binding.slot.is_some() { "idle" } else { "exit" };
        binding.refused = binding.slot.is_none();
        self.tracer.step(began, "Leave", |step| step.thread("t").mine("pc", label).variable("users", users));
    }

    /// From the second test to a binding.
    fn bind(&self, binding: &mut Binding, deadline: &Deadline) -> Result<Slot, PoolError> {
        // interlock: SP.TLSBindingValid, SP.BindingFollowsControl
        let mut guard = None;
        let claimed = loop {
            let began = self.tracer.start();
            if !self.alive.load(Ordering::Acquire) {
                self.tracer.step(began, "Check2", |step| step.thread("t").mine("pc", "leave"));
                return Err(PoolError::ShutDown);
            }
            if binding.slot.is_none() && binding.is_main {
                binding.slot = Some(Slot(0));
            }
            let slot = binding.slot;
            let label = if slot.is_some() { "use" } else { "load" };
            self.tracer.step(began, "Check2", |step| step.thread("t").mine("pc", label).mine("tls", number(slot)));
            if let Some(slot) = slot {
                return Ok(slot);
            }
            match self.claim(guard.is_some()) {
                Some(slot) => break slot,
                None => guard = self.back_off(guard, deadline)?,
            }
        };
        drop(guard);
        self.third_check(binding, claimed)
    }

    /// Takes the lowest free slot, if there is one.
    fn claim(&self, locked: bool) -> Option<Slot> {
        // interlock: SP.MutualExclusion, SP.LowestSlotFirst, SP.RegistersClear
        loop {
            let began = self.tracer.start();
            let seen = self.mask.load(Ordering::Relaxed);
            let label = if seen != 0 {
                "cas"
            } else if locked {
                "wait"
            } else {
                "lock"
            };
            self.tracer.step(began, "Load", |step| step.thread("t").mine("pc", label).mine("seen", bits(seen)));
            if seen == 0 {
                return None;
            }
            let slot = Slot(seen.trailing_zeros());
            let began = self.tracer.start();
            let won = self.replace(seen, seen & (seen - 1));
            let label = if won { "check3" } else { "load" };
            let taken = number(won.then_some(slot));
            self.tracer.step(began, "CompareAndSwap", |step| step.thread("t").mine("pc", label).mine("slot", taken));
            if won {
                return Some(slot);
            }
        }
    }

    fn replace(&self, seen: u64, left: u64) -> bool {
        // interlock: SP.MutualExclusion
        if self.mutations.has(Mutation::PlainStore) {
            // What a store overwrites, the answer tells; nothing is made of it but the note.
            if self.mask.swap(left, Ordering::AcqRel) != seen {
                self.tracer.deviates();
            }
            return true;
        }
        let order = if self.mutations.has(Mutation::RelaxedMask) { Ordering::Relaxed } else { Ordering::Acquire };
        self.mask.compare_exchange(seen, left, order, Ordering::Relaxed).is_ok()
    }

    /// After an empty mask: takes the mutex, or sleeps if it is held already. The mutex is held on return.
    fn back_off<'p>(
        &'p self,
        guard: Option<MutexGuard<'p, Sleepers>>,
        deadline: &Deadline,
    ) -> Result<Option<MutexGuard<'p, Sleepers>>, PoolError> {
        // interlock: SP.BackpressureNoLostWakeup, SP.MutexOwner
        let Some(mut sleepers) = guard else {
            let began = self.tracer.start();
            let guard = lock(&self.sleepers);
            self.tracer.step(began, "Lock", |step| step.thread("t").mine("pc", "check2"));
            return Ok(Some(guard));
        };
        let began = self.tracer.start();
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        let waiter = Arc::new(Waiter { notified: Mutex::new(false), condvar: Condvar::new(), name });
        sleepers.push_back(Arc::clone(&waiter));
        self.tracer.step(began, "Sleep", |step| step.thread("t").mine("pc", "sleep"));
        drop(sleepers);
        let notified = self.sleep(&waiter, deadline);
        let began = self.tracer.start();
        let mut sleepers = lock(&self.sleepers);
        if !notified && !*lock(&waiter.notified) {
            sleepers.retain(|other| !Arc::ptr_eq(other, &waiter));
            return Err(PoolError::Exhausted);
        }
        self.tracer.step(began, "Wake", |step| step.thread("t").mine("pc", "check2"));
        Ok(Some(sleepers))
    }

    fn sleep(&self, waiter: &Waiter, deadline: &Deadline) -> bool {
        // interlock: SP.BackpressureNoLostWakeup, SP.MutexOwner
        let mut notified = lock(&waiter.notified);
        let mut in_time = true;
        while !*notified && in_time {
            (notified, in_time) = wait(&waiter.condvar, notified, deadline);
        }
        *notified
    }

    fn third_check(&self, binding: &mut Binding, claimed: Slot) -> Result<Slot, PoolError> {
        // interlock: SP.TOCTOUTripleCheck
        let began = self.tracer.start();
        let mut alive = self.alive.load(Ordering::Acquire);
        if !alive && self.mutations.has(Mutation::SkipThirdCheck) {
            self.tracer.deviates();
            alive = true;
        }
        let (label, slot) = if alive { ("use", Some(claimed)) } else { ("leave", None) };
        binding.slot = slot;
        self.tracer.step(began, "Check3", |step| step.thread("t").mine("pc", label).mine("tls", number(slot)));
        slot.ok_or(PoolError::ShutDown)
    }

    /// A thread ends: its slot goes back to the free list, and the first sleeper is told.
    pub fn exit(&self, binding: &mut Binding) {
        // interlock: SP.SlotNoLeak
        if !binding.refused {
            if binding.is_main {
                return;
            }
            let began = self.tracer.start();
            self.tracer.step(began, "BeginExit", |step| step.thread("t").mine("pc", "exit"));
        }
        binding.refused = true;
        if !self.exit_check(binding) {
            return;
        }
        self.register("ExitEnter", "exitCheck");
        let began = self.tracer.start();
        let alive = self.alive.load(Ordering::Acquire);
        let label = if alive { "release" } else { "leave" };
        if !alive {
            binding.slot = None;
        }
        self.tracer.step(began, "ExitRecheck", |step| step.thread("t").mine("pc", label));
        if alive {
            self.release(binding);
            if self.mutations.has(Mutation::DoubleRelease) {
                // The defect: the handler has left its binding behind, and what runs next finds it.
                self.leave(binding);
                binding.refused = false;
                self.exit_again(binding);
                return;
            }
        }
        self.leave(binding);
        self.exit_check(binding);
    }

    fn exit_again(&self, binding: &mut Binding) {
        // interlock: SP.NoDoubleRelease
        let began = self.tracer.start();
        self.tracer.step(began, "BeginExit", |step| step.thread("t").mine("pc", "exit"));
        if self.exit_check(binding) {
            self.register("ExitEnter", "exitCheck");
            let began = self.tracer.start();
            self.tracer.step(began, "ExitRecheck", |step| step.thread("t").mine("pc", "release"));
            self.release(binding);
            binding.slot = None;
            self.leave(binding);
        }
    }

    fn exit_check(&self, binding: &mut Binding) -> bool {
        // interlock: SP.SlotNoLeak
        let began = self.tracer.start();
        let goes_on = self.alive.load(Ordering::Acquire) && binding.slot.is_some();
        if !goes_on {
            binding.slot = None;
        }
        let label = if goes_on { "exitEnter" } else { "done" };
        self.tracer.step(began, "ExitCheck", |step| step.thread("t").mine("pc", label));
        goes_on
    }

    fn release(&self, binding: &mut Binding) {
        // interlock: SP.NoDoubleRelease, SP.SlotNoLeak
        let began = self.tracer.start();
        let bit = binding.slot.map_or(0, |slot| 1 << slot.0);
        let bit = if self.mutations.has(Mutation::LeakOnExit) && bit != 0 {
            self.tracer.deviates();
            0
        } else {
            bit
        };
        let order = if self.mutations.has(Mutation::RelaxedMask) { Ordering::Relaxed } else { Ordering::Release };
        let mask = self.mask.fetch_or(bit, order) | bit;
        if self.mutations.has(Mutation::DoubleRelease) {
            self.tracer.deviates();
        } else {
            binding.slot = None;
        }
        self.tracer.step(began, "Release", |step| {
            step.thread("t").mine("pc", "signal").mine("tls", number(binding.slot)).variable("mask", bits(mask))
        });
        self.signal();
    }

    /// Passes through the mutex, so that a thread which has found the mask empty under it sleeps by now.
    fn signal(&self) {
        // interlock: SP.BackpressureNoLostWakeup
        let began = self.tracer.start();
        let first = if self.mutations.has(Mutation::NotifyOutsideMutex) {
            match self.sleepers.try_lock() {
                Ok(mut sleepers) => sleepers.pop_front(),
                Err(_) => {
                    self.tracer.deviates();
                    None
                }
            }
        } else {
            lock(&self.sleepers).pop_front()
        };
        if let Some(waiter) = &first {
            *lock(&waiter.notified) = true;
        }
        self.tracer.step(began, "Signal", |step| {
            let step = step.thread("t").mine("pc", "leave");
            match &first {
                Some(waiter) => step.at("pc", &waiter.name, "woken"),
                None => step,
            }
        });
        if let Some(waiter) = first {
            waiter.condvar.notify_one();
        }
    }

    /// Ends the pool: refuses whoever comes, wakes whoever sleeps, and waits until nobody is inside.
    ///
    /// # Errors
    /// [`PoolError::ShutDown`] if it was before; [`PoolError::Busy`] if somebody stays inside beyond the limit.
    pub fn shut_down(&self, limit: Duration) -> Result<(), PoolError> {
        // interlock: SP.NoUseAfterFree, SP.NoLateThread
        let began = self.tracer.start();
        if !self.alive.swap(false, Ordering::AcqRel) {
            return Err(PoolError::ShutDown);
        }
        self.tracer.step(began, "BeginDestroy", |step| step.mine("pc", "wakeAll").variable("alive", false));
        let began = self.tracer.start();
        let all: Vec<_> = lock(&self.sleepers).drain(..).collect();
        for waiter in &all {
            *lock(&waiter.notified) = true;
        }
        self.tracer.step(began, "WakeAll", |step| step.mine("pc", "drain"));
        for waiter in all {
            waiter.condvar.notify_one();
        }
        self.drain(&Deadline::after(limit))?;
        let began = self.tracer.start();
        if self.mutations.has(Mutation::SkipDrain) && self.users.fetch_add(0, Ordering::AcqRel) != 0 {
            self.tracer.deviates();
        }
        self.freed.store(true, Ordering::Release);
        self.tracer.step(began, "FreePool", |step| step.mine("pc", "done").variable("freed", true));
        Ok(())
    }

    fn drain(&self, deadline: &Deadline) -> Result<(), PoolError> {
        // interlock: SP.NoUseAfterFree, SP.UsersCounted
        while !self.mutations.has(Mutation::SkipDrain) {
            match self.users.fetch_add(0, Ordering::AcqRel) {
                0 => break,
                users if deadline.left().is_zero() => return Err(PoolError::Busy(users)),
                _ => crate::pause(),
            }
        }
        Ok(())
    }

    /// What the child of a fork does: nobody gets past the first test, and no binding is left.
    pub fn forget_after_fork(&self, binding: &mut Binding) {
        // interlock: SP.ForkInvalidatesTLS
        self.alive.store(false, Ordering::Release);
        self.users.store(0, Ordering::Release);
        *binding = Binding { refused: true, is_main: binding.is_main, slot: None };
    }

    /// Holds the mutex of the sleepers, for the handlers around a fork.
    #[cfg(not(any(feature = "loom", feature = "shuttle")))]
    fn hold(&self) -> MutexGuard<'_, Sleepers> {
        lock(&self.sleepers)
    }

    /// Whether the streams are gone.
    pub fn is_freed(&self) -> bool {
        self.freed.load(Ordering::Acquire)
    }

    /// Whether the pool still hands out streams.
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// The free worker slots, at some moment.
    pub fn free_slots(&self) -> Vec<Slot> {
        bits(self.mask.load(Ordering::Relaxed) & self.worker_slots).into_iter().map(Slot).collect()
    }
}
