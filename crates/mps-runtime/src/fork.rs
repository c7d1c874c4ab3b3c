//! What survives a fork.
//!
//! `fork` copies the memory of a process but only the thread that calls it, so a mutex that another thread holds at that
//! instant would be held in the child for ever. The protocol is module `ForkHandler` of `subjects/mps/specs`: before the
//! fork the handler takes the mutex of every member, lowest rank first (the order in which everybody takes them);
//! afterwards the parent and the child give them back, each in its own process, and the child drops its bindings and
//! refuses to use the device.
//!
//! One handler is registered for all members, so their order does not depend on who was registered when.
//!
//! The steps of the handlers are logged by a thread that asked for it ([`watch`]), for members that have a name in the
//! specification. The log's own mutex ranks last: it takes part in the fork like any other, or the child could not log.
//!
//! This file is the one place of the crate with `unsafe`: `pthread_atfork` takes C functions, a guard has to live from one
//! handler to the next, and [`probe`] forks, for whoever wants to see what a child meets.

#![cfg_attr(unix, allow(unsafe_code))]

use crate::mutation::{Mutation, Mutations};
use crate::sync::Arc;
use crate::trace::{Stamp, Tracer};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, Weak};

/// Place of a mutex in the hierarchy, in the order in which mutexes are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// The sleepers of a stream pool.
    StreamPool,
    /// The table of an allocator.
    Allocator,
    /// The lock of all encoders, which the runtime does not need; a scenario has one.
    #[cfg(feature = "trace")]
    Encoding,
    /// Who logs what the others do.
    #[cfg(feature = "trace")]
    Recorder,
}

/// Something that is held for as long as it lives.
pub(crate) trait Held {}
impl<T> Held for T {}

/// What takes part in a fork.
pub(crate) trait Member: Send + Sync {
    /// Takes the mutexes.
    fn prepare(&self) -> Box<dyn Held + '_>;

    /// Runs in the child, after the mutexes were given back.
    fn in_child(&self);

    /// The specification's name of its mutex, for logs.
    fn name(&self) -> Option<&'static str> {
        None
    }
}

type Members = Vec<(Rank, Weak<dyn Member>)>;

static MEMBERS: Mutex<Members> = Mutex::new(Vec::new());
static IN_CHILD: AtomicBool = AtomicBool::new(false);
static REGISTERED: Once = Once::new();

/// A guard and the member that it borrows from; fields are dropped in this order.
struct Taken {
    guard: Option<Box<dyn Held>>,
    member: Arc<dyn Member>,
}

/// What the forking thread logs its forks with.
#[derive(Debug, Clone, Copy, Default)]
struct Forked {
    /// When everything was taken.
    began: Option<Stamp>,
    mutations: Mutations,
}

thread_local! {
    static WATCH: RefCell<(Tracer, Forked)> = RefCell::default();
}

/// From now on the forks of this thread are logged, and have defects.
#[cfg(feature = "trace")]
pub(crate) fn watch(tracer: Tracer, mutations: Mutations) {
    WATCH.with(|watch| *watch.borrow_mut() = (tracer, Forked { began: None, mutations }));
}

fn watched() -> (Tracer, Forked) {
    WATCH.try_with(|watch| watch.borrow().clone()).unwrap_or_default()
}

/// What the forking thread holds between the handlers: the list of members, which ranks lowest because nobody asks for it
/// with a member's mutex in hand, and what it took of them.
type Holding = (Option<MutexGuard<'static, Members>>, Vec<Taken>);

thread_local! {
    static TAKEN: RefCell<Holding> = const { RefCell::new((None, Vec::new())) };
}

/// Whether this process is the child of a fork that happened after something of this crate was made.
pub fn in_forked_child() -> bool {
    // Relaxed: the flag is written once, before the child has a second thread.
    IN_CHILD.load(Ordering::Relaxed)
}

/// Adds a member, for as long as it lives.
pub(crate) fn register(rank: Rank, member: &Arc<dyn Member>) {
    let mut members = MEMBERS.lock().unwrap_or_else(PoisonError::into_inner);
    members.retain(|(_, member)| member.strong_count() > 0);
    members.push((rank, Arc::downgrade(member)));
    members.sort_by_key(|(rank, _)| *rank);
    drop(members);
    REGISTERED.call_once(install);
}

#[cfg(unix)]
fn install() {
    // SAFETY: the three functions have the signature that is asked for, live for ever, and do not unwind: they lock
    // mutexes, change vectors and store to atomics. A failure to register means that the system is out of memory.
    let result = unsafe { libc::pthread_atfork(Some(prepare), Some(parent), Some(child)) };
    assert_eq!(result, 0, "the system registers a fork handler");
}

#[cfg(not(unix))]
fn install() {}

/// What became of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Child {
    /// It ended with this code.
    Exited(i32),
    /// A signal ended it.
    Killed,
    /// It did not end within the limit, and was killed.
    Stuck,
}

/// Forks, has the child do something and end with the code that this gives, and waits for that.
///
/// The child has one thread and the memory of a process of many. Let it call this runtime, whose handlers make that possible,
/// and nothing that may hold a lock of its own. A panic there gives the code 101.
///
/// # Errors
/// If the system does not fork.
#[cfg(unix)]
pub fn probe(in_child: impl FnOnce() -> u8, limit: std::time::Duration) -> std::io::Result<Child> {
    // SAFETY: `fork` has no preconditions; what the child may call is the caller's part, told above.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(in_child)).unwrap_or(101);
        // SAFETY: ends the child without running what belongs to the parent.
        unsafe { libc::_exit(i32::from(code)) };
    }
    if child < 0 {
        return Err(std::io::Error::last_os_error());
    }
    let began = std::time::Instant::now();
    loop {
        let mut status = 0;
        // SAFETY: the pointer is to a live integer.
        if unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } == child {
            let exited = libc::WIFEXITED(status);
            return Ok(if exited { Child::Exited(libc::WEXITSTATUS(status)) } else { Child::Killed });
        }
        if began.elapsed() >= limit {
            // SAFETY: the child is ours and has not been waited for.
            unsafe {
                libc::kill(child, libc::SIGKILL);
                libc::waitpid(child, &raw mut status, 0);
            }
            return Ok(Child::Stuck);
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

#[cfg(unix)]
extern "C" fn prepare() {
    // interlock: FH.HandlerOrder, FH.ConsistentSnapshot
    let members = MEMBERS.lock().unwrap_or_else(PoisonError::into_inner);
    let (tracer, forked) = watched();
    let mut taken = Vec::with_capacity(members.len());
    for member in members.iter().filter_map(|(_, member)| member.upgrade()) {
        if forked.mutations.has(Mutation::SkipPrepare) && member.name().is_some() {
            continue;
        }
        let began = tracer.start();
        let guard: Box<dyn Held + '_> = member.prepare();
        // SAFETY: the guard borrows from what `member` points to. It is kept beside an owner of that, and is dropped
        // before it (`Taken`), so the borrow does not outlive what it borrows from.
        let guard: Box<dyn Held> = unsafe { std::mem::transmute::<Box<dyn Held + '_>, Box<dyn Held>>(guard) };
        if let Some(name) = member.name() {
            tracer.step(began, "Prepare", |step| step.thread("t").held("holder", name));
        }
        taken.push(Taken { guard: Some(guard), member });
    }
    let began = Some(tracer.stamp());
    if forked.mutations.has(Mutation::SkipPrepare) {
        tracer.deviates();
    }
    let _thread_is_ending = WATCH.try_with(|watch| watch.borrow_mut().1.began = began);
    let _thread_is_ending = TAKEN.try_with(|mine| *mine.borrow_mut() = (Some(members), taken));
}

#[cfg(unix)]
extern "C" fn parent() {
    // interlock: FH.ParentReleases
    let (tracer, mut forked) = watched();
    let fork = |began: Option<Stamp>| {
        began.into_iter().for_each(|began| tracer.step(began, "Fork", |step| step.thread("t")));
    };
    drop(release(|began, name| {
        fork(forked.began.take());
        tracer.step(began, "Parent", |step| step.thread("t").at("holder", name, "NoThread"));
    }));
    fork(forked.began.take());
}

#[cfg(unix)]
extern "C" fn child() {
    // interlock: FH.ChildLocksUsable, FH.ChildNoDevice
    let (tracer, forked) = watched();
    let mut last = None;
    let members = release(|began, name| {
        // The handler of the member that ranks lowest has more to do, below.
        if let Some((began, name)) = last.replace((began, name)) {
            tracer.step(began, "ChildHandler", |step| step.at("held", name, "NoThread").variable("flag", false));
        }
    });
    if !forked.mutations.has(Mutation::ForgetFlag) {
        IN_CHILD.store(true, Ordering::Relaxed);
    }
    members.iter().for_each(|taken| taken.member.in_child());
    if let Some((began, name)) = last {
        let flag = in_forked_child();
        tracer.step(began, "ChildHandler", |step| step.at("held", name, "NoThread").variable("flag", flag));
    }
}

/// Gives the mutexes back, last taken first; tells of each that has a name.
#[cfg(unix)]
fn release(mut tell: impl FnMut(Stamp, &'static str)) -> Vec<Taken> {
    let (list, mut taken) = TAKEN.try_with(|mine| std::mem::take(&mut *mine.borrow_mut())).unwrap_or_default();
    drop(list);
    let (tracer, _) = watched();
    taken.iter_mut().rev().for_each(|taken| {
        let began = tracer.stamp();
        taken.guard = None;
        taken.member.name().into_iter().for_each(|name| tell(began, name));
    });
    taken
}
