//! Threads that take mutexes of three ranks, and one that forks meanwhile.
//!
//! The three mutexes are members of the fork as the runtime's own are, under the names that `ForkHandler` has for them. The
//! child logs into its copy of the recorder and sends that through a pipe before it ends.

use super::{Choices, LIMIT, Load, start};
use crate::fork::{self, Held, Member, Rank};
use crate::mutation::{Mutation, Mutations};
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use crate::trace::{Recorder, Tracer};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::time::Duration;

const NAMES: [&str; 3] = ["pool", "stream", "encoding"];
const RANKS: [Rank; 3] = [Rank::StreamPool, Rank::Allocator, Rank::Encoding];

/// A mutex of the hierarchy; the threads that are bound to a stream are what the lowest one guards.
struct Level {
    name: &'static str,
    bound: Mutex<BTreeSet<String>>,
    keeps_binding: bool,
}

impl Member for Level {
    fn prepare(&self) -> Box<dyn Held + '_> {
        Box::new(lock(&self.bound))
    }

    fn in_child(&self) {
        if !self.keeps_binding {
            lock(&self.bound).clear();
        }
    }

    fn name(&self) -> Option<&'static str> {
        Some(self.name)
    }
}

fn name_of_thread() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

/// A thread of the parent at its work: it takes some of the mutexes, lowest first, and gives them back, last one first.
fn work(levels: &[Arc<Level>; 3], choices: &mut Choices, tracer: &Tracer) {
    let mut held: Vec<(MutexGuard<'_, BTreeSet<String>>, &'static str)> = Vec::new();
    for level in levels {
        if choices.below(2) == 0 {
            continue;
        }
        let began = tracer.start();
        let mut bound = lock(&level.bound);
        tracer.step(began, "Acquire", |step| step.thread("t").parameter("l", level.name).held("holder", level.name));
        if level.name == NAMES[0] && choices.below(2) == 0 {
            let began = tracer.start();
            let name = name_of_thread();
            if !bound.remove(&name) {
                bound.insert(name);
            }
            let now: Vec<String> = bound.iter().cloned().collect();
            tracer.step(began, "Rebind", |step| step.thread("t").variable("bound", now));
        }
        held.push((bound, level.name));
    }
    while let Some((guard, name)) = held.pop() {
        let began = tracer.start();
        tracer.step(began, "Release", |step| step.thread("t").parameter("l", name).at("holder", name, "NoThread"));
        drop(guard);
    }
}

/// Forks, and lets the child ask for its stream.
fn fork_once(levels: &[Arc<Level>; 3], tracer: &Tracer, mutations: Mutations, recorder: &Recorder) {
    let Ok((mut reader, mut writer)) = std::io::pipe() else { return };
    let began = tracer.start();
    tracer.step(began, "BeginFork", |step| step.thread("t"));
    let began = recorder.stamp();
    // A defect may leave the child a mutex that nobody will give back.
    let limit = if mutations.is_some() { Duration::from_millis(300) } else { LIMIT };
    let child = fork::probe(
        || {
            let started = tracer.start();
            let refused = fork::in_forked_child();
            let bound = lock(&levels[0].bound).contains(&name_of_thread());
            tracer.step(started, "ChildCall", |step| {
                step.variable("child", if refused { "refused" } else { "device" }).variable("binding", bound)
            });
            let started = tracer.start();
            tracer.step(started, "ChildExit", |step| step);
            let told = recorder.of_child(|action| action.starts_with("Child"));
            u8::from(writer.write_all(told.as_bytes()).is_err())
        },
        limit,
    );
    drop(writer);
    let mut told = String::new();
    if child.is_ok_and(|child| child == fork::Child::Exited(0)) && reader.read_to_string(&mut told).is_ok() {
        // What a defect does in the child is noted here, within the span of what the child did.
        if mutations.has(Mutation::ForgetFlag) || told.contains("\"binding\":true") {
            tracer.deviates();
        }
        recorder.adopt(began, &told);
    }
}

/// The workload.
pub(super) fn forks(load: Load, tracer: Tracer, mutations: Mutations, recorder: &Arc<Recorder>) {
    let level = |name| {
        let keeps_binding = mutations.has(Mutation::KeepBinding);
        Arc::new(Level { name, bound: Mutex::new(BTreeSet::new()), keeps_binding })
    };
    let levels = NAMES.map(level);
    for (rank, level) in RANKS.into_iter().zip(&levels) {
        let member: Arc<dyn Member> = Arc::clone(level) as Arc<dyn Member>;
        fork::register(rank, &member);
    }
    let log: Arc<dyn Member> = Arc::clone(recorder) as Arc<dyn Member>;
    fork::register(Rank::Recorder, &log);
    let worker = |thread: usize| {
        let (levels, tracer) = (levels.clone(), tracer.clone());
        let mut choices = Choices::of(load, thread);
        start(&format!("t{thread}"), move || (0..load.operations).for_each(|_| work(&levels, &mut choices, &tracer)))
    };
    let workers: Vec<_> = (1..=load.threads).map(worker).collect();
    let (mine, log) = (levels.clone(), Arc::clone(recorder));
    let mut choices = Choices::of(load, 0);
    let forker = start("t0", move || {
        fork::watch(tracer.clone(), mutations);
        for _ in 0..load.operations.div_ceil(8) {
            work(&mine, &mut choices, &tracer);
            fork_once(&mine, &tracer, mutations, &log);
        }
    });
    forker.join().expect("the forks end");
    workers.into_iter().for_each(|worker| worker.join().expect("a worker ends"));
}
