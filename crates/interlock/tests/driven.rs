//! The runtime, thread by thread and step by step, along behaviors that take every step of a specification.
//!
//! `interlock tla paths` gives the behaviors. The runtime is built as for its logs, where each step asks for a stamp before it
//! begins; here a thread that asks is held until the behavior has its step next (`Recorder::step_of`). So the interleaving is
//! the behavior's. What the thread then logs has to be the behavior's step: the action, and each value that the log has of
//! the state after it. Where the specification starts an operation, the thread is told to call it.

use interlock_mps_runtime::event::{Callback, EventCore, EventPoolCore};
use interlock_mps_runtime::stream_pool::{Binding, PoolCore};
use interlock_mps_runtime::trace::{Recorder, Tracer};
use interlock_mps_runtime::{GraphCache, Mutations};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

fn paths(module: &str, config: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let (spec, file) = (folder.path().join("T.tla"), folder.path().join("T.cfg"));
    std::fs::write(&spec, module).expect("a module");
    std::fs::write(&file, config).expect("a configuration");
    let output = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["tla", "paths", "--longest", "2000", "-I"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../subjects/mps/specs"))
        .arg(&spec)
        .arg("--config")
        .arg(&file)
        .env_remove("TLA_LIBRARY")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A component beside a behavior.
trait Driven {
    /// What is told to whom for a step, and which thread takes it; `None` where the runtime has no such step.
    fn prepare(&mut self, action: &str, before: &Value, after: &Value) -> Option<String>;

    /// After the step, holds what can be seen of the component against the state.
    fn compare(&mut self, action: &str, state: &Value);
}

/// Drives a fresh component along each behavior; the steps that were taken have to be all that there are.
fn drive<D: Driven>(file: &Value, fresh: impl Fn(&Arc<Recorder>) -> D) {
    let states = file["states"].as_array().expect("states");
    let mut taken: BTreeSet<(u64, String, u64)> = BTreeSet::new();
    for behavior in file["behaviors"].as_array().expect("behaviors") {
        let recorder = Arc::new(Recorder::stepped());
        let mut driven = fresh(&recorder);
        let mut at = behavior["initial"].as_u64().expect("a number");
        for step in behavior["steps"].as_array().expect("steps") {
            let (action, to) = (step[0].as_str().expect("an action"), step[1].as_u64().expect("a number"));
            let (before, after) = (&states[at as usize], &states[to as usize]);
            if let Some(thread) = driven.prepare(action, before, after) {
                let line = recorder.step_of(&thread, LIMIT);
                let line = line.unwrap_or_else(|| panic!("{thread} does not take {action} in {before}"));
                let logged: Value = serde_json::from_str(&line).expect("JSON");
                assert_eq!(logged["action"], action, "{line}\nin {before}");
                for (name, value) in logged["vars"].as_object().expect("values") {
                    assert!(reads_like(value, part(after, name)), "{line}\nbut {name} is not so in {after}");
                }
            }
            driven.compare(action, after);
            taken.insert((at, action.to_owned(), to));
            at = to;
        }
        recorder.let_go();
    }
    assert_eq!(file["graph"]["steps"].as_u64(), Some(taken.len() as u64));
    assert!(taken.len() > 200, "only {} steps", taken.len());
}

/// The value of `x`, `x[a]` or `x[a][b]` in a state.
fn part<'v>(state: &'v Value, name: &str) -> &'v Value {
    let mut pieces = name.split('[').map(|piece| piece.trim_end_matches(']'));
    let mut value = &state[pieces.next().expect("a variable")];
    for argument in pieces {
        value = match (&value["#map"], &value["#tup"]) {
            (Value::Array(pairs), _) => {
                let pair = pairs.iter().find(|pair| plain(&pair[0]) == argument);
                pair.map_or(&Value::Null, |pair| &pair[1])
            }
            (_, Value::Array(items)) => &items[argument.parse::<usize>().expect("a number") - 1],
            _ => panic!("{name} is no function in {state}"),
        };
    }
    value
}

/// A value without the marks of its kind.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => value["#bigint"].as_str().unwrap_or_default().to_owned(),
        other => other.to_string(),
    }
}

fn elements(value: &Value) -> Vec<String> {
    let items = value["#set"].as_array().or_else(|| value["#tup"].as_array()).or_else(|| value.as_array());
    items.map(|items| items.iter().map(plain).collect()).unwrap_or_default()
}

fn reads_like(logged: &Value, specified: &Value) -> bool {
    match logged {
        Value::Array(_) if specified["#set"].is_array() => {
            elements(logged).into_iter().collect::<BTreeSet<_>>() == elements(specified).into_iter().collect()
        }
        Value::Array(_) => specified["#tup"].is_array() && elements(logged) == elements(specified),
        other => plain(other) == plain(specified),
    }
}

/// The arguments at which a function has another value after a step.
fn changed(name: &str, before: &Value, after: &Value) -> Vec<String> {
    let pairs = after[name]["#map"].as_array().expect("a function").iter();
    let keys = pairs.map(|pair| plain(&pair[0]));
    keys.filter(|key| part(before, &format!("{name}[{key}]")) != part(after, &format!("{name}[{key}]"))).collect()
}

/// Threads with the names of a specification's, each with what it is asked for.
struct Threads<A> {
    asks: BTreeMap<String, Sender<A>>,
    handles: Vec<JoinHandle<()>>,
    recorder: Arc<Recorder>,
}

impl<A: Send + 'static> Threads<A> {
    fn start(
        recorder: &Arc<Recorder>,
        names: &[&str],
        body: impl Fn(&str, Receiver<A>) + Clone + Send + 'static,
    ) -> Self {
        let mut threads = Self { asks: BTreeMap::new(), handles: Vec::new(), recorder: Arc::clone(recorder) };
        for name in names {
            let (sender, receiver) = channel();
            let (body, mine) = (body.clone(), (*name).to_owned());
            threads.spawn(name, move || body(&mine, receiver));
            threads.asks.insert((*name).to_owned(), sender);
        }
        threads
    }

    fn spawn(&mut self, name: &str, body: impl FnOnce() + Send + 'static) {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
        self.handles.push(thread.expect("the system starts a thread"));
    }

    fn ask(&self, thread: &str, ask: A) {
        self.asks[thread].send(ask).expect("the thread listens");
    }
}

impl<A> Drop for Threads<A> {
    fn drop(&mut self) {
        self.recorder.let_go();
        self.asks.clear();
        for handle in self.handles.drain(..) {
            let ended = handle.join();
            assert!(ended.is_ok() || std::thread::panicking(), "a thread panicked");
        }
    }
}

mod streams {
    use super::*;

    const MODULE: &str = "---- MODULE T ----\nEXTENDS StreamPool\n\
        InOneProcess == \\/ \\E t \\in Threads : \\/ Check1(t) \\/ Request(t)\n\
        \x20                                        \\/ BeginExit(t) \\/ Exit(t) \\/ Respawn(t)\n\
        \x20               \\/ BeginDestroy\n\
        \x20               \\/ Destroy\n\
        Driven == Init /\\ [][InOneProcess]_vars\n====\n";

    const CONFIG: &str = "SPECIFICATION Driven\nCONSTANTS Threads = {main, w1, w2} MainThread = main NoThread = NoThread\n\
        NumStreams = 2 DefaultInMask = FALSE PlainStore = FALSE DoubleRelease = FALSE LeakOnExit = FALSE\n\
        NotifyOutsideMutex = FALSE SkipThirdCheck = FALSE SkipDrain = FALSE KeepTLSAcrossFork = FALSE\n\
        CHECK_DEADLOCK FALSE\n";

    enum Ask {
        Enter,
        Leave,
        Exit,
        ShutDown,
    }

    struct Pool {
        core: Arc<PoolCore>,
        threads: Threads<Ask>,
    }

    fn thread(core: &PoolCore, name: &str, asks: Receiver<Ask>) {
        let fresh = || if name == "main" { Binding::of_main() } else { Binding::default() };
        let (mut binding, mut inside) = (fresh(), false);
        for ask in asks {
            match ask {
                Ask::Enter => {
                    inside = core.enter(&mut binding, LIMIT).is_ok();
                    if binding.is_refused() {
                        core.exit(&mut binding);
                        binding = fresh();
                    }
                }
                Ask::Leave => {
                    core.leave(&mut binding);
                    inside = false;
                }
                Ask::Exit => {
                    core.exit(&mut binding);
                    binding = fresh();
                }
                Ask::ShutDown => core.shut_down(LIMIT).expect("everybody leaves"),
            }
        }
        if inside {
            core.leave(&mut binding);
        }
        core.exit(&mut binding);
    }

    impl Driven for Pool {
        fn prepare(&mut self, action: &str, before: &Value, after: &Value) -> Option<String> {
            let at = |thread: &str| plain(part(before, &format!("pc[{thread}]")));
            // Who gives a slot back moves the one that it wakes up as well.
            let mut moved = changed("pc", before, after);
            moved.retain(|thread| match action {
                "Signal" => at(thread) == "signal",
                "WakeAll" => thread == "main",
                _ => true,
            });
            let [thread] = &moved[..] else { panic!("{moved:?} move by {action}") };
            match action {
                "Check1" => self.threads.ask(thread, Ask::Enter),
                "Leave" if at(thread) == "use" => self.threads.ask(thread, Ask::Leave),
                "BeginExit" => self.threads.ask(thread, Ask::Exit),
                "BeginDestroy" => self.threads.ask(thread, Ask::ShutDown),
                // Another thread of that name, which the next request tells from the last one.
                "Respawn" => return None,
                "Leave" | "Enter" | "Check2" | "Load" | "CompareAndSwap" | "Lock" | "Sleep" | "Wake" | "Check3"
                | "ExitCheck" | "ExitEnter" | "ExitRecheck" | "Release" | "Signal" | "WakeAll" | "FreePool" => {}
                other => panic!("the specification has an action {other} that is not driven"),
            }
            Some(thread.clone())
        }

        fn compare(&mut self, _action: &str, state: &Value) {
            let free: Vec<String> = self.core.free_slots().iter().map(|slot| slot.0.to_string()).collect();
            assert_eq!(free, elements(&state["mask"]), "{state}");
            assert_eq!(Value::Bool(self.core.is_alive()), state["alive"], "{state}");
            assert_eq!(Value::Bool(self.core.is_freed()), state["freed"], "{state}");
        }
    }

    #[test]
    fn the_stream_pool_follows_every_step_of_its_specification() {
        drive(&paths(MODULE, CONFIG), |recorder| {
            let core = Arc::new(PoolCore::new(2, Tracer::to(recorder), Mutations::NONE));
            let shared = Arc::clone(&core);
            let body = move |name: &str, asks| thread(&shared, name, asks);
            Pool { core, threads: Threads::start(recorder, &["main", "w1", "w2"], body) }
        });
    }
}

mod events {
    use super::*;

    const MODULE: &str = "---- MODULE T ----\nEXTENDS Event\n====\n";

    const CONFIG: &str = "SPECIFICATION Spec\nCONSTANTS Threads = {t1, t2} Events = {e1} NoEvent = NoEvent MaxEpoch = 2\n\
        NoPendingWait = FALSE FreeOnTimeout = FALSE ScheduleFirst = FALSE DecrementFirst = FALSE NoEpochCheck = FALSE\n\
        CHECK_DEADLOCK FALSE\n";

    enum Ask {
        Acquire,
        Record,
        Synchronize,
        Release,
        Destroy,
    }

    struct Events {
        core: Arc<EventPoolCore>,
        threads: Threads<Ask>,
        scheduled: Receiver<Callback>,
        epoch: String,
    }

    fn thread(core: &EventPoolCore, scheduled: &Mutex<Sender<Callback>>, asks: Receiver<Ask>) {
        let mut event: Option<Arc<EventCore>> = None;
        for ask in asks {
            match (ask, &event) {
                (Ask::Acquire, None) => event = Some(core.acquire()),
                (Ask::Record, Some(event)) => core.record(event, |callback| {
                    let _nobody_runs_it = scheduled.lock().expect("no panic").send(callback);
                }),
                // A behavior may end while somebody waits.
                (Ask::Synchronize, Some(event)) => {
                    let _answered = core.synchronize(event, Duration::from_secs(2));
                }
                (Ask::Release, Some(_)) => event.take().into_iter().for_each(|event| core.release(event)),
                (Ask::Destroy, None) => drop(core.destroy_one(Duration::ZERO)),
                (Ask::Acquire | Ask::Destroy, Some(_)) | (Ask::Record | Ask::Synchronize | Ask::Release, None) => {
                    panic!("the specification asks for what its thread cannot do")
                }
            }
        }
    }

    impl Driven for Events {
        fn prepare(&mut self, action: &str, before: &Value, after: &Value) -> Option<String> {
            self.epoch = plain(part(before, "epoch[e1]"));
            let of = |name: &str| changed(name, before, after).first().expect("one moves").clone();
            let asked = |thread: String, ask: Ask| {
                self.threads.ask(&thread, ask);
                Some(thread)
            };
            match action {
                "AcquireNew" | "AcquirePooled" => asked(of("ev"), Ask::Acquire),
                "Release" => asked(of("ev"), Ask::Release),
                "RecordFirstHalf" => asked(of("pc"), Ask::Record),
                "Synchronize" => asked(of("pc"), Ask::Synchronize),
                "BeginDestroy" => asked(of("pc"), Ask::Destroy),
                "RecordSecondHalf" | "Synchronized" | "Destroyed" | "TimedOut" => Some(of("pc")),
                "Signal" | "CallbackBegins" | "CallbackReports" | "CallbackEnds" => {
                    let stage = |state: &Value, epoch| part(state, &format!("callback[e1][{epoch}]")).clone();
                    let epoch = (1..=2).find(|epoch| stage(before, *epoch) != stage(after, *epoch));
                    Some(format!("callback {}", epoch.expect("one moves")))
                }
                "Done" => None,
                other => panic!("the specification has an action {other} that is not driven"),
            }
        }

        fn compare(&mut self, action: &str, _state: &Value) {
            if action == "RecordSecondHalf" {
                let callback = self.scheduled.recv_timeout(LIMIT).expect("it was scheduled");
                let core = Arc::clone(&self.core);
                self.threads.spawn(&format!("callback {}", self.epoch), move || {
                    core.signal(&callback);
                    core.run(callback);
                });
            }
            assert_eq!(self.core.uses_after_free(), 0);
        }
    }

    #[test]
    fn events_follow_every_step_of_their_specification() {
        drive(&paths(MODULE, CONFIG), |recorder| {
            let core = Arc::new(EventPoolCore::new(Tracer::to(recorder), Mutations::NONE));
            let (sender, scheduled) = channel();
            let (shared, sender) = (Arc::clone(&core), Arc::new(Mutex::new(sender)));
            let body = move |_: &str, asks| thread(&shared, &sender, asks);
            Events { core, threads: Threads::start(recorder, &["t1", "t2"], body), scheduled, epoch: String::new() }
        });
    }
}

mod graphs {
    use super::*;

    const MODULE: &str = "---- MODULE T ----\nEXTENDS GraphCache\n====\n";

    const CONFIG: &str = "SPECIFICATION Spec\nCONSTANTS Threads = {t1, t2} NoThread = NoThread Keys = {k1, k2} NoKey = NoKey\n\
        Capacity = 1 EvictInUse = FALSE BlindInsert = FALSE CompileLocked = FALSE IgnoreCapacity = FALSE\n\
        ForgetReference = FALSE\nCHECK_DEADLOCK FALSE\n";

    enum Ask {
        Get(String),
        EndUse,
    }

    struct Cache {
        cache: Arc<GraphCache<String, String>>,
        threads: Threads<Ask>,
    }

    impl Driven for Cache {
        fn prepare(&mut self, action: &str, before: &Value, after: &Value) -> Option<String> {
            let thread = match action {
                // The one that has the lock.
                "Evict" => plain(&before["lock"]),
                _ => changed("pc", before, after).first().expect("one moves").clone(),
            };
            match action {
                "Hit" | "Miss" => {
                    self.threads.ask(&thread, Ask::Get(plain(part(after, &format!("key[{thread}]")))));
                }
                "EndUse" => self.threads.ask(&thread, Ask::EndUse),
                "Compile" | "InsertLock" | "Insert" | "Evict" | "StayPrivate" | "LoseRace" => {}
                other => panic!("the specification has an action {other} that is not driven"),
            }
            Some(thread)
        }

        fn compare(&mut self, _action: &str, state: &Value) {
            // Whoever has the lock keeps the entries to itself.
            if state["lock"] == "NoThread" {
                let entries = state["entry"]["#map"].as_array().expect("a function");
                assert_eq!(self.cache.len(), entries.iter().filter(|pair| plain(&pair[1]) != "0").count(), "{state}");
            }
        }
    }

    #[test]
    fn the_graph_cache_follows_every_step_of_its_specification() {
        drive(&paths(MODULE, CONFIG), |recorder| {
            let tracer = Tracer::to(recorder);
            let cache = Arc::new(GraphCache::traced(1, tracer.clone(), String::clone, Mutations::NONE));
            let shared = Arc::clone(&cache);
            let body = move |_: &str, asks: Receiver<Ask>| {
                let mut graph = None;
                for ask in asks {
                    match ask {
                        Ask::Get(key) => graph = Some(shared.get_or_compile(key, String::clone)),
                        Ask::EndUse => tracer.around("EndUse", "t", || graph = None),
                    }
                }
            };
            Cache { cache, threads: Threads::start(recorder, &["t1", "t2"], body) }
        });
    }
}
