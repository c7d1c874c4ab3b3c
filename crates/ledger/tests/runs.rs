//! What a run leaves on disk, and what is read back.

use ledger::{Ledger, LedgerError, RunHeader};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use verdict::{
    CollisionBound, Counterexample, Evidence, Exhaustion, Expectation, InputFile, Obligation, Reduction, Refutation,
    StoreKind, Trace, TraceValue, Verdict,
};

fn header(run: u64) -> RunHeader {
    RunHeader {
        format: ledger::FORMAT.to_owned(),
        version: ledger::VERSION,
        run,
        command_line: vec!["interlock".to_owned(), "check".to_owned()],
        working_folder: ".".to_owned(),
        tool_version: "0.1.0".to_owned(),
        started_unix_ms: 1_700_000_000_000,
        seeds: BTreeMap::from([("simulation".to_owned(), 7)]),
        inputs: vec![InputFile { path: "Pool.tla".to_owned(), hash: ledger::hash_of(b"x") }],
        exit_code: 12,
        figures: BTreeMap::from([("wall_s".to_owned(), 0.25)]),
        ..RunHeader::default()
    }
}

fn evidence(verdict: Verdict) -> Evidence {
    let obligation = Obligation {
        property: "SP.MutualExclusion".to_owned(),
        model: "StreamPool".to_owned(),
        engine: "tla-explore".to_owned(),
        name_in_input: "MutualExclusion".to_owned(),
        place: None,
        expectation: Expectation::Holds,
        asks: None,
    };
    Evidence {
        obligation,
        verdict,
        inputs: Vec::new(),
        tools: BTreeMap::new(),
        figures: BTreeMap::from([("collision".to_owned(), 3.5e-30)]),
        artefacts: BTreeMap::new(),
        findings: Vec::new(),
        absent_tool: None,
        remarks: vec!["deadlock is not checked".to_owned()],
    }
}

fn exhausted() -> Verdict {
    Verdict::Exhausted(Exhaustion {
        constants: vec![("N".to_owned(), "4".to_owned())],
        reductions: vec![Reduction::StateConstraint { name: "Small".to_owned() }],
        generated: 7_981,
        distinct: 1_992,
        depth: 23,
        store: StoreKind::Fingerprint128,
        collision_bound: CollisionBound(5.8e-33),
    })
}

fn refuted() -> Verdict {
    let state = vec![("x".to_owned(), TraceValue::Tuple(vec![TraceValue::Int("-12".to_owned())]))];
    let step = verdict::Step {
        action: "Initial predicate".to_owned(),
        bindings: Vec::new(),
        place: None,
        state,
        changes: Vec::new(),
        alias: None,
    };
    let trace = Trace { steps: vec![step], ending: verdict::trace::Ending::BackTo(0), closing: None };
    Verdict::Refuted(Box::new(Refutation {
        counterexample: Counterexample { trace, false_conjuncts: Vec::new(), notes: BTreeMap::new() },
        replayed_by: "recheck".to_owned(),
        replay_command: "interlock replay x".to_owned(),
        exit_code: 12,
    }))
}

#[test]
fn what_is_written_is_read_back() -> Result<(), LedgerError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ledger = Ledger::of_project(folder.path());
    assert_eq!(ledger.latest()?, None, "nothing was run yet");
    let run = ledger.begin()?;
    let evidence = vec![evidence(exhausted()), evidence(refuted())];
    run.finish(&header(1), &evidence)?;
    let read = ledger.read(1)?;
    assert_eq!(read.header, header(1));
    assert_eq!(read.evidence, evidence);
    assert_eq!(ledger.latest()?, Some(1));
    Ok(())
}

#[test]
fn a_run_that_never_finished_is_not_the_latest_and_its_number_is_not_used_again() -> Result<(), LedgerError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ledger = Ledger::of_project(folder.path());
    ledger.begin()?.finish(&header(1), &[])?;
    let abandoned = ledger.begin()?;
    assert_eq!(abandoned.number(), 2);
    assert_eq!(ledger.latest()?, Some(1));
    assert!(matches!(ledger.read(2), Err(LedgerError::NoSuchRun { number: 2, .. })));
    assert_eq!(ledger.begin()?.number(), 3);
    Ok(())
}

#[test]
fn runs_at_the_same_time_take_different_numbers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ledger = Ledger::of_project(folder.path());
    let take = || ledger.begin().map(|run| run.number()).expect("a number");
    let numbers: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| (0..8).map(|_| take()).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 64);
}

#[test]
fn a_trace_is_named_so_that_every_file_system_takes_it() -> Result<(), LedgerError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = Ledger::of_project(folder.path()).begin()?;
    let path = run.write_trace("../Pool: every action/fires", "{}")?;
    assert_eq!(path.parent(), Some(run.folder().join("traces").as_path()));
    assert_eq!(path.file_name().and_then(|name| name.to_str()), Some("_Pool__every_action_fires.itf.json"));
    assert_eq!(fs::read_to_string(path).expect("the file"), "{}");
    let other = run.write_trace("../Pool: every action fires", "[]")?;
    assert_eq!(other.file_name().and_then(|name| name.to_str()), Some("_Pool__every_action_fires-2.itf.json"));
    assert!(fs::read_dir(run.folder().join("traces")).expect("the folder").count() == 2, "no temporary file stays");
    Ok(())
}

#[test]
fn a_damaged_record_names_the_file_and_the_line() -> Result<(), LedgerError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ledger = Ledger::of_project(folder.path());
    let path = ledger.begin()?.finish(&header(1), &[evidence(exhausted())])?;
    fs::write(path.join("evidence.ndjson"), "{}\n").expect("the file");
    let error = ledger.read(1).expect_err("a line without an obligation").to_string();
    assert!(error.contains("evidence.ndjson") && error.contains("line 1"), "{error}");
    let other = RunHeader { version: 99, ..header(1) };
    fs::write(path.join("run.json"), serde_json::to_string(&other).expect("text")).expect("the file");
    let error = ledger.read(1).expect_err("a version from the future").to_string();
    assert!(error.contains("version 99"), "{error}");
    Ok(())
}
