//! Logs of the runtime held against the specifications of `subjects/mps`, and what `interlock trace check` says to others.

use interlock_mps_runtime::scenario::{Component, Load, run};
use interlock_mps_runtime::{Mutation, Mutations};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn subject(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../subjects/mps").join(path)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn check(spec: &Path, config: &Path, traces: &[&Path], more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(["trace", "check"]).arg(spec).arg("--config").arg(config).args(more);
    for trace in traces {
        command.arg("--trace").arg(trace);
    }
    command.output().expect("the program runs")
}

fn check_component(component: Component, load: Load, mutations: Mutations) -> (i32, Json) {
    let mut log = Vec::new();
    run(component, load, mutations).write(&mut log).expect("memory");
    check_log(component, &log)
}

fn check_log(component: Component, log: &[u8]) -> (i32, Json) {
    let folder = folder();
    let path = folder.path().join("run.ndjson");
    std::fs::write(&path, log).expect("a file");
    let name = component.name();
    let spec = subject(&format!("specs/{}.tla", component.module()));
    let hidden = component.hidden().join(",");
    let flags = ["--json", "--hidden", &hidden];
    let flags = if hidden.is_empty() { &flags[..1] } else { &flags };
    let output = check(&spec, &subject(&format!("traces/{name}.cfg")), &[&path], flags);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let json =
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().expect("an exit code"), json)
}

fn load(seed: u64) -> Load {
    Load { threads: 3, operations: 30, seed, noise: seed > 2 }
}

#[test]
fn random_runs_of_every_component_are_behaviors_of_its_specification() {
    for component in Component::ALL {
        for seed in 1..=4 {
            let (exit, report) = check_component(component, load(seed), Mutations::NONE);
            assert_eq!(exit, 0, "{} with seed {seed}: {report:#}", component.name());
            assert_eq!(report["events"], report["matched"]);
        }
    }
}

/// Defects that show in every run, with the actions at which they act.
const ALWAYS: [(Component, Mutation, &str); 6] = [
    (Component::StreamPool, Mutation::LeakOnExit, "Release"),
    (Component::StreamPool, Mutation::DoubleRelease, "Release"),
    (Component::Allocator, Mutation::NoIncrement, ""),
    // The device may signal before the recording thread comes to its first half.
    (Component::Event, Mutation::ScheduleFirst, "RecordFirstHalf Signal"),
    (Component::RecordStream, Mutation::CountAsEncoded, "Free"),
    (Component::BatchQueue, Mutation::ForgetNotify, "Push"),
];

#[test]
fn a_defect_of_the_runtime_is_rejected_at_the_step_where_it_acts() {
    for (component, mutation, action) in ALWAYS {
        // With an even seed the pool is shut down only after its threads have ended.
        let (exit, report) = check_component(component, load(2), Mutations::only(mutation));
        assert_eq!(exit, 23, "{mutation:?}: {report:#}");
        let rejected = report["mismatch"]["action"].as_str().expect("an action");
        let counts = ["TakeFree", "Insert", "CacheHit"];
        let expected =
            if action.is_empty() { counts.contains(&rejected) } else { action.split(' ').any(|one| one == rejected) };
        assert!(expected, "{mutation:?} was rejected at {rejected}: {report:#}");
    }
}

/// Addresses that served in one pool serve in the other later, which only a long run shows.
#[test]
fn a_long_run_of_the_allocator_is_a_behavior() {
    let load = Load { operations: 500, ..load(11) };
    let (exit, report) = check_component(Component::Allocator, load, Mutations::NONE);
    assert_eq!(exit, 0, "{report:#}");
    assert!(report["events"].as_u64().is_some_and(|events| events > 3000), "{report:#}");
}

/// Every defect that shows in a log of steps: an ordering that is too weak shows under loom alone.
const DEFECTS: [(Component, &[Mutation]); 9] = [
    (
        Component::StreamPool,
        &[
            Mutation::PlainStore,
            Mutation::DoubleRelease,
            Mutation::LeakOnExit,
            Mutation::NotifyOutsideMutex,
            Mutation::SkipThirdCheck,
            Mutation::SkipDrain,
        ],
    ),
    (
        Component::Allocator,
        &[
            Mutation::NoIncrement,
            Mutation::RestartGeneration,
            Mutation::PublishFirst,
            Mutation::SkipRecheck,
            Mutation::NoInUseTest,
            Mutation::WrongPool,
        ],
    ),
    (
        Component::Event,
        &[
            Mutation::NoPendingWait,
            Mutation::FreeOnTimeout,
            Mutation::ScheduleFirst,
            Mutation::DecrementFirst,
            Mutation::NoEpochCheck,
        ],
    ),
    (
        Component::RecordStream,
        &[
            Mutation::RecycleOnFirst,
            Mutation::CountAsEncoded,
            Mutation::ForgetAStream,
            Mutation::LaunchUnnoted,
            Mutation::IgnoreLimit,
        ],
    ),
    (Component::GraphCache, &[Mutation::EvictInUse, Mutation::BlindInsert]),
    (Component::CommandBuffer, &[Mutation::NoLock]),
    (Component::TensorLifetime, &[Mutation::Borrowed, Mutation::LateCapture, Mutation::HastyCollector]),
    (Component::BatchQueue, &[Mutation::SkipSecondTest, Mutation::ForgetNotify, Mutation::NotifyOneOnStop]),
    (Component::ForkHandler, &[Mutation::SkipPrepare, Mutation::ForgetFlag, Mutation::KeepBinding]),
];

/// Counts of runs: made, in which the defect acted, rejected, rejected at the very step.
type Counts = [usize; 4];

/// Runs with a defect until it has acted so often. A run in which it never acted is a right run, and no test of anything.
fn campaign(component: Component, defect: Mutation, wanted: usize) -> Counts {
    let [mut made, mut acted, mut rejected, mut exact] = [0; 4];
    while acted < wanted && made < 40 * wanted {
        made += 1;
        let threads = if component == Component::StreamPool { 8 } else { 3 };
        let load = Load { threads, operations: 30, seed: made as u64, noise: true };
        let recorder = run(component, load, Mutations::only(defect));
        let Some(stamp) = recorder.first_deviation() else { continue };
        acted += 1;
        let mut log = Vec::new();
        recorder.write(&mut log).expect("memory");
        let (exit, report) = check_log(component, &log);
        rejected += usize::from(exit == 23);
        let line = report["mismatch"]["line"].as_u64().and_then(|line| usize::try_from(line).ok());
        let text = String::from_utf8_lossy(&log);
        let event = line.and_then(|line| text.lines().nth(line - 1)).map(serde_json::from_str::<Json>);
        let Some(Ok(event)) = event else { continue };
        let moment = |index: usize| event["span"][index].as_u64().unwrap_or(0);
        exact += usize::from((moment(0)..=moment(1)).contains(&stamp));
    }
    [made, acted, rejected, exact]
}

/// `cargo test -p interlock --test traces -- --ignored --nocapture` prints the figures of `docs/case-study.md`.
#[test]
#[ignore = "takes minutes and measures"]
#[allow(clippy::print_stdout)] // The figures are the result.
fn logs_of_broken_runtimes_are_rejected_at_the_step_where_the_defect_acts() {
    let mut sum: Counts = [0; 4];
    for (component, defects) in DEFECTS {
        for defect in defects {
            let counts = campaign(component, *defect, 10);
            let [made, acted, rejected, exact] = counts;
            let name = component.name();
            println!("{name} {defect:?}: acted in {acted} of {made} runs, {rejected} rejected, {exact} at that step");
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    let [made, acted, rejected, exact] = sum;
    println!("acted in {acted} of {made} runs, {rejected} rejected, {exact} at that step");
    assert!(acted >= 200 && rejected * 100 >= acted * 95 && exact * 100 >= acted * 90);
}

/// `cargo test -p interlock --test traces -- --ignored --nocapture` prints the figures of `docs/case-study.md`.
#[test]
#[ignore = "takes minutes and measures"]
#[allow(clippy::print_stdout)] // The figures are the result.
fn a_thousand_logs_of_random_runs_are_behaviors() {
    let (mut events, mut by_component) = (0, [0_usize; Component::ALL.len()]);
    for run in 0..1000 {
        let index = run % Component::ALL.len();
        let component = Component::ALL[index];
        let load = Load { threads: 3, operations: 30, seed: 1 + run as u64, noise: run % 2 == 1 };
        let (exit, report) = check_component(component, load, Mutations::NONE);
        assert_eq!(exit, 0, "{} with {load:?}: {report:#}", component.name());
        events += report["events"].as_u64().unwrap_or(0);
        by_component[index] += 1;
    }
    let counts =
        Component::ALL.iter().zip(by_component).map(|(component, runs)| format!("{} {runs}", component.name()));
    println!("1000 logs, {events} events, none rejected: {}", counts.collect::<Vec<_>>().join(", "));
}

const COUNTER: &str = "---- MODULE Counter ----
EXTENDS Naturals
VARIABLES x, seen
Init == x = 0 /\\ seen = {}
Up(n) == x < 3 /\\ x' = x + n /\\ seen' = seen \\cup {n}
Reset == x > 1 /\\ x' = 0 /\\ UNCHANGED seen
Quiet == x = 2 /\\ x' = 3 /\\ UNCHANGED seen
Next == (\\E n \\in 1..2 : Up(n)) \\/ Reset \\/ Quiet
====
";

struct Counter {
    folder: tempfile::TempDir,
}

impl Counter {
    fn new() -> Self {
        let folder = folder();
        std::fs::write(folder.path().join("Counter.tla"), COUNTER).expect("a file");
        std::fs::write(folder.path().join("Counter.cfg"), "INIT Init\nNEXT Next\n").expect("a file");
        Self { folder }
    }

    fn check(&self, logs: &[&str], more: &[&str]) -> (i32, String) {
        let path = |name: &str| self.folder.path().join(name);
        let paths: Vec<PathBuf> = (0..logs.len()).map(|number| path(&format!("{number}.ndjson"))).collect();
        for (path, log) in paths.iter().zip(logs) {
            std::fs::write(path, log).expect("a file");
        }
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let output = check(&path("Counter.tla"), &path("Counter.cfg"), &paths, more);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().expect("an exit code"), String::from_utf8_lossy(&text).into_owned())
    }
}

#[test]
fn values_and_parameters_that_are_not_logged_stay_open() {
    let counter = Counter::new();
    let log = "{\"action\":\"Up\"}\n{\"action\":\"Up\",\"vars\":{\"x\":3,\"seen\":[2,1]}}\n{\"action\":\"Reset\"}\n";
    let (exit, text) = counter.check(&[log], &[]);
    assert_eq!(exit, 0, "{text}");
}

#[test]
fn a_value_that_differs_is_named() {
    let counter = Counter::new();
    let log = "{\"action\":\"Up\",\"params\":{\"n\":1}}\n{\"action\":\"Up\",\"params\":{\"n\":2},\"vars\":{\"x\":2}}\n";
    let (exit, text) = counter.check(&[log], &[]);
    assert_eq!(exit, 23, "{text}");
    assert!(text.contains("1 of 2 events are matched") && text.contains("x   logged 2, specified 3"), "{text}");
}

#[test]
fn a_condition_that_is_false_is_named() {
    let counter = Counter::new();
    let (exit, text) = counter.check(&["{\"action\":\"Up\",\"params\":{\"n\":1}}\n{\"action\":\"Reset\"}\n"], &[]);
    assert_eq!(exit, 23, "{text}");
    assert!(text.contains("Reset is not enabled there") && text.contains("x > 1"), "{text}");
    assert!(text.contains("Up(n = 1)"), "what is enabled is told: {text}");
}

#[test]
fn hidden_steps_have_to_be_declared() {
    let counter = Counter::new();
    let log = "{\"action\":\"Up\",\"params\":{\"n\":2}}\n{\"action\":null,\"vars\":{\"x\":3,\"seen\":[2]}}\n{\"action\":\"Reset\",\"vars\":{\"x\":0}}\n";
    assert_eq!(counter.check(&[log], &[]).0, 0, "an event without an action may be any step");
    let log =
        "{\"action\":\"Up\",\"params\":{\"n\":1}}\n{\"action\":\"Up\",\"params\":{\"n\":1}}\n{\"action\":\"Up\"}\n";
    assert_eq!(counter.check(&[log], &[]).0, 0);
    let log = "{\"action\":\"Up\",\"params\":{\"n\":2}}\n{\"action\":null,\"vars\":{\"x\":3,\"seen\":[2]}}\n{\"action\":\"Up\"}\n";
    assert_eq!(counter.check(&[log], &["--hidden", "Reset"]).0, 0);
    assert_eq!(counter.check(&[log], &[]).0, 23);
}

#[test]
fn logs_of_several_threads_are_merged() {
    let counter = Counter::new();
    // In either order of the files, the reset can come only after both.
    let up = "{\"action\":\"Up\",\"params\":{\"n\":1}}\n";
    let reset = "{\"action\":\"Up\",\"params\":{\"n\":1}}\n{\"action\":\"Reset\"}\n";
    assert_eq!(counter.check(&[reset, up], &[]).0, 0);
    // Spans forbid it.
    let early = "{\"action\":\"Reset\",\"thread\":\"a\",\"span\":[0,1]}\n{\"action\":\"Up\",\"thread\":\"b\",\"span\":[2,3],\"params\":{\"n\":2}}\n";
    let overlapping = early.replace("[0,1]", "[0,9]");
    assert_eq!(counter.check(&[early], &[]).0, 23);
    assert_eq!(counter.check(&[&overlapping], &[]).0, 0);
}

#[test]
fn a_log_that_does_not_fit_is_pointed_at() {
    let counter = Counter::new();
    for (log, complaint) in [
        ("{\"action\":\"Up\"}\n{\"action\":\"Down\"}\n", "no action `Down`"),
        ("{\"action\":\"Up\",\"vars\":{\"y\":1}}\n", "no variable `y`"),
        ("{\"action\":\"Up\",\"params\":{\"m\":1}}\n", "does not have the parameters m"),
        ("{\"action\":\"Up\"\n", "this is no JSON"),
        ("", "the log has no events"),
    ] {
        let (exit, text) = counter.check(&[log], &[]);
        assert_eq!(exit, 151, "{text}");
        assert!(text.contains(complaint), "{text}");
    }
}

#[test]
fn too_many_places_are_no_answer() {
    let counter = Counter::new();
    let log = "{\"action\":\"Up\"}\n{\"action\":\"Up\"}\n{\"action\":\"Reset\"}\n";
    let (exit, text) = counter.check(&[log], &["--max-places", "2"]);
    assert_eq!(exit, 20, "{text}");
}
