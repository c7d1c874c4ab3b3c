//! `interlock tla paths`, and what it is for: the command buffers of the runtime, driven step by step along behaviors that
//! take every step of module `CommandBuffer`.
//!
//! One thread and two buffers. A method of the runtime does at once what the specification does in several steps; it is
//! called at the step that has its effect. A wait is called where the specification commits, on a thread of its own, and
//! has to return where the specification's wait does and not before. The device is one that completes what the behavior
//! says, when it says so. After each step the runtime must be in the state of the behavior: which buffers were committed
//! and not completed, and on which of them a handler is still to run.

use interlock_mps_runtime::{Address, Device, NotCompleted, OutOfMemory, QueueId, Stream, Work};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(20);

/// The runtime keeps every buffer that it commits until somebody waits, as the protocol does without commit-and-continue.
const KEPT: &str = "---- MODULE T ----\nEXTENDS CommandBuffer\nKept == Init /\\ ~continue /\\ [][Next]_vars\n====\n";

const CONFIG: &str = "SPECIFICATION Kept\nCONSTANTS Threads = {t1} NoThread = NoThread Objects = {b1, b2} None = None\n\
                      NoLock = FALSE SkipEndCoalescing = FALSE DropUncommitted = FALSE CommitLater = FALSE\n";

fn paths(module: &str, config: &str, flags: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("Model.cfg");
    std::fs::write(&file, config).expect("a configuration");
    std::fs::write(folder.path().join("T.tla"), module).expect("a module");
    let output = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["tla", "paths", "-I"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../subjects/mps/specs"))
        .arg(folder.path().join("T.tla"))
        .arg("--config")
        .arg(file)
        .args(flags)
        .env_remove("TLA_LIBRARY")
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A device whose queue stands still until somebody lets it complete a command buffer.
#[derive(Default)]
struct StepDevice {
    /// What was submitted and not completed, by command buffer, in the order of commits.
    buffers: Mutex<Vec<Vec<Work>>>,
    unfinished: Mutex<Vec<Work>>,
}

impl StepDevice {
    /// Runs the oldest buffers up to this one, which a queue would not complete before them.
    fn complete(&self, index: usize) {
        let buffer = self.buffers.lock().expect("no panic").remove(index);
        for work in buffer {
            match work {
                Work::Kernel(task) => task(),
                Work::Signal { signalled, callback } => {
                    signalled();
                    callback();
                }
            }
        }
    }

    fn committed(&self) -> usize {
        self.buffers.lock().expect("no panic").len()
    }
}

impl Device for StepDevice {
    fn create_queue(&self) -> QueueId {
        QueueId(0)
    }

    fn destroy_queue(&self, _queue: QueueId) {}

    fn submit(&self, _queue: QueueId, work: Work) {
        let is_end = matches!(work, Work::Signal { .. });
        let mut unfinished = self.unfinished.lock().expect("no panic");
        unfinished.push(work);
        if is_end {
            self.buffers.lock().expect("no panic").push(std::mem::take(&mut *unfinished));
        }
    }

    fn pending(&self, _queue: QueueId) -> usize {
        self.committed()
    }

    fn allocate(&self, bytes: u64) -> Result<Address, OutOfMemory> {
        Err(OutOfMemory { bytes })
    }

    fn release(&self, _address: Address) {}
}

/// The runtime beside a behavior.
struct Driver {
    device: Arc<StepDevice>,
    stream: Arc<Stream>,
    /// Buffers of the specification in the order in which they were committed.
    committed: Vec<String>,
    /// For each buffer the handlers that have not run.
    handlers: Arc<Mutex<BTreeMap<String, u32>>>,
    waiting: Option<JoinHandle<Result<(), NotCompleted>>>,
}

impl Driver {
    fn new() -> Self {
        let device = Arc::new(StepDevice::default());
        let stream = Arc::new(Stream::new(device.clone(), device.create_queue()));
        Self { device, stream, committed: Vec::new(), handlers: Arc::default(), waiting: None }
    }

    fn add_handler(&self, buffer: &str) {
        *self.handlers.lock().expect("no panic").entry(buffer.to_owned()).or_default() += 1;
        let (handlers, buffer) = (Arc::clone(&self.handlers), buffer.to_owned());
        self.stream.add_handler(move || *handlers.lock().expect("no panic").entry(buffer).or_default() -= 1);
    }

    /// Calls the method that flushes or waits.
    fn commit(&mut self, current: Option<&str>, waits: bool) {
        if !waits {
            self.stream.flush();
        } else {
            let stream = Arc::clone(&self.stream);
            self.waiting = Some(std::thread::spawn(move || stream.commit_and_wait(LIMIT)));
        }
        let Some(current) = current else { return };
        self.committed.push(current.to_owned());
        let deadline = Instant::now() + LIMIT;
        while self.device.committed() < self.committed.len() {
            assert!(Instant::now() < deadline, "{current} is not committed");
            std::thread::yield_now();
        }
    }

    fn wait_ends(&mut self) {
        let waiting = self.waiting.take().expect("somebody waits");
        assert_eq!(waiting.join().expect("no panic"), Ok(()));
    }

    /// Does what a step of the specification does.
    fn step(&mut self, action: &str, before: &Value, after: &Value) {
        let method = before["method"]["#map"][0][1].as_str().expect("a method").to_owned();
        let target = before["target"]["#map"][0][1].as_str().expect("a target").to_owned();
        let waits = method == "wait";
        match action {
            "Encode" => self.stream.encode(|| ()),
            "AddHandler" => self.add_handler(&target),
            "Commit" => self.commit(before["current"].as_str(), waits),
            "NothingToCommit" => {
                self.commit(None, waits);
                if waits {
                    self.wait_ends();
                }
            }
            "WaitCurrent" => self.wait_ends(),
            "Complete" => {
                let completed =
                    with_status(after, "completed").difference(&with_status(before, "completed")).next().cloned();
                let completed = completed.expect("one is completed");
                let index = self.committed.iter().position(|buffer| *buffer == completed).expect("it was committed");
                if completed == target {
                    let ended = self.waiting.as_ref().is_some_and(JoinHandle::is_finished);
                    assert!(!ended, "the wait ended before {completed} was completed");
                }
                self.committed.remove(index);
                self.device.complete(index);
            }
            "Call" | "Return" | "GetCurrent" | "Create" | "OpenEncoder" | "EndCoalescing" | "WaitPrevious"
            | "Reclaim" => {}
            other => panic!("the specification has an action {other} that is not driven"),
        }
    }

    /// Holds the runtime against a state.
    fn compare(&self, state: &Value) {
        let committed: BTreeSet<String> = self.committed.iter().cloned().collect();
        assert_eq!(committed, with_status(state, "committed"), "{state}");
        assert_eq!(self.device.committed(), committed.len(), "{state}");
        let handlers = self.handlers.lock().expect("no panic");
        let open: Vec<&str> =
            handlers.iter().filter(|(_, count)| **count > 0).map(|(buffer, _)| buffer.as_str()).collect();
        let expected: Vec<&str> =
            state["handlers"]["#set"].as_array().expect("a set").iter().filter_map(Value::as_str).collect();
        assert_eq!(open, expected, "{state}");
    }
}

fn with_status(state: &Value, status: &str) -> BTreeSet<String> {
    let pairs = state["status"]["#map"].as_array().expect("a function").iter();
    pairs.filter(|pair| pair[1] == status).map(|pair| pair[0].as_str().expect("a buffer").to_owned()).collect()
}

#[test]
fn the_stream_of_the_runtime_follows_every_step_of_its_specification() {
    let (code, text, errors) = paths(KEPT, CONFIG, &["--longest", "4000"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let states = file["states"].as_array().expect("states");
    assert_eq!(file["graph"]["states"].as_u64(), Some(states.len() as u64));
    let mut taken: BTreeSet<(u64, String, u64)> = BTreeSet::new();
    for behavior in file["behaviors"].as_array().expect("behaviors") {
        let mut driver = Driver::new();
        let mut at = behavior["initial"].as_u64().expect("a number");
        driver.compare(&states[at as usize]);
        for step in behavior["steps"].as_array().expect("steps") {
            let (action, to) = (step[0].as_str().expect("an action"), step[1].as_u64().expect("a number"));
            driver.step(action, &states[at as usize], &states[to as usize]);
            driver.compare(&states[to as usize]);
            taken.insert((at, action.to_owned(), to));
            at = to;
        }
        // Whoever still waits is let go.
        while driver.device.committed() > 0 {
            driver.device.complete(0);
        }
    }
    assert_eq!(file["graph"]["steps"].as_u64(), Some(taken.len() as u64));
}

const DOOR: &str = "---- MODULE T ----\nVARIABLE door\nInit == door = \"shut\"\nOpen == door = \"shut\" /\\ door' = \"open\"\n\
                    Shut == door = \"open\" /\\ door' = \"shut\"\nBreak == door = \"broken\" /\\ door' = door\n\
                    Next == Open \\/ Shut \\/ Break\n====\n";

#[test]
fn what_is_chosen_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("paths.json");
    let flags = ["--cover", "actions", "--out", file.to_str().expect("text")];
    let (code, told, errors) = paths(DOOR, "INIT Init\nNEXT Next\n", &flags);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let expected = "1 behavior with 2 steps in all take every action that occurs of a graph of 2 states and 2 steps.\n\
                    The action Break never occurs.\n";
    assert_eq!(told, expected);
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("the file")).expect("JSON");
    assert_eq!(written["behaviors"][0]["steps"], serde_json::json!([["Open", 1], ["Shut", 0]]));
    assert_eq!(written["states"][1], serde_json::json!({ "door": "open" }));
}

#[test]
fn what_no_path_can_be_made_of_is_refused() {
    let (code, _, errors) = paths(KEPT, CONFIG, &["--max-states", "100"]);
    assert!(code == Some(152) && errors.contains("more than 100 states"), "{code:?}: {errors}");
    let (code, _, errors) = paths(DOOR, "INIT Init\nNEXT Next\nVIEW door\n", &[]);
    assert!(code == Some(151) && errors.contains("a view or a symmetry"), "{code:?}: {errors}");
    let (code, _, errors) = paths(DOOR, "INIT Init\nNEXT Nxt\n", &[]);
    assert!(code == Some(151) && errors.contains("Nxt"), "{code:?}: {errors}");
}
