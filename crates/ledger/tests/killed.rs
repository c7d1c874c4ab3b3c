//! A writer that is killed at any moment: the ledger opens, complete runs are whole, and the next run has a number.
//!
//! The writer is this very program, started again for the test `writer` alone. It is killed (SIGKILL on Unix) after it
//! has completed some run and a random number of steps of waiting. What a loss of power would do is not tested: what the
//! system was told to write is in its hands by then.

use ledger::{FORMAT, Ledger, LedgerError, RunHeader, VERSION};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use verdict::{Decline, Evidence, Expectation, Obligation, Verdict};

const FOLDER: &str = "INTERLOCK_TEST_LEDGER";

/// What the run with a number holds; many lines, so that a write is not over at once.
fn content(run: u64) -> (RunHeader, Vec<Evidence>) {
    let evidence = |index: u64| Evidence {
        obligation: Obligation {
            property: format!("P{run}.{index}"),
            model: "M".to_owned(),
            engine: "e".to_owned(),
            name_in_input: "P".to_owned(),
            place: None,
            expectation: Expectation::Holds,
            asks: None,
        },
        verdict: Verdict::Declined(Decline {
            reason: "x".repeat(300),
            place: None,
            remedy: String::new(),
            induction: None,
        }),
        inputs: Vec::new(),
        tools: BTreeMap::new(),
        figures: BTreeMap::new(),
        artefacts: BTreeMap::new(),
        findings: Vec::new(),
        absent_tool: None,
        remarks: Vec::new(),
    };
    let header = RunHeader { format: FORMAT.to_owned(), version: VERSION, run, ..RunHeader::default() };
    (header, (0..200).map(evidence).collect())
}

fn trace(run: u64) -> String {
    format!("{{\"run\": {run}, \"filler\": \"{}\"}}", "y".repeat(20_000))
}

/// Writes runs for ever; does nothing unless it was started by the tests below.
#[test]
#[ignore = "a process that the other tests start"]
fn writer() -> Result<(), LedgerError> {
    let Some(folder) = std::env::var_os(FOLDER) else { return Ok(()) };
    let ledger = Ledger::of_project(Path::new(&folder));
    loop {
        let open = ledger.begin()?;
        let number = open.number();
        let mut events = open.events_file()?;
        for line in 0..50 {
            let _ = writeln!(events, "{{\"event\":\"started\",\"model\":\"{number}-{line}\"}}");
        }
        open.write_trace("M-P", &trace(number))?;
        let (header, evidence) = content(number);
        open.finish(&header, &evidence)?;
    }
}

fn check(ledger: &Ledger) -> usize {
    let mut complete = 0;
    for number in ledger.numbers().expect("the ledger opens") {
        let run = match ledger.read(number) {
            Ok(run) => run,
            Err(LedgerError::NoSuchRun { .. }) => continue,
            Err(error) => panic!("run {number}: {error}"),
        };
        let (header, evidence) = content(number);
        assert_eq!((run.header, run.evidence), (header, evidence), "run {number}");
        let text = std::fs::read_to_string(run.folder.join("traces/M-P.itf.json")).expect("the trace");
        assert_eq!(text, trace(number));
        let events = std::fs::read_to_string(run.folder.join("events.ndjson")).expect("the events");
        assert_eq!(events.lines().count(), 50, "run {number}");
        complete += 1;
    }
    complete
}

fn kill_writers(times: u64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ledger = Ledger::of_project(folder.path());
    let program = std::env::current_exe().expect("this program");
    let mut random: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut torn = 0;
    for _ in 0..times {
        let before = ledger.latest().expect("the ledger opens");
        let mut command = Command::new(&program);
        command.args(["--exact", "writer", "--ignored"]).env(FOLDER, folder.path());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a writer");
        while ledger.latest().expect("the ledger opens") == before {
            assert!(child.try_wait().expect("a state").is_none(), "the writer has ended by itself");
            std::thread::sleep(Duration::from_micros(200));
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((random >> 40) % 4_000));
        child.kill().expect("the writer is killed");
        child.wait().expect("the writer has ended");
        let numbers = ledger.numbers().expect("the ledger opens").len();
        torn = numbers - check(&ledger);
        let next = ledger.begin().expect("a number");
        let (header, evidence) = content(next.number());
        next.write_trace("M-P", &trace(next.number())).expect("a trace");
        let mut events = next.events_file().expect("a file");
        events.write_all("{}\n".repeat(50).as_bytes()).expect("events");
        next.finish(&header, &evidence).expect("a complete run");
    }
    assert!(check(&ledger) as u64 >= 2 * times, "each writer completes a run, and so does the test after it");
    assert!(torn > 0, "no writer was killed in the middle of a run, so nothing was tested");
}

#[test]
fn a_writer_that_is_killed_leaves_complete_runs_whole() {
    kill_writers(20);
}

#[test]
#[ignore = "the same, longer"]
fn a_writer_that_is_killed_a_hundred_times_leaves_complete_runs_whole() {
    kill_writers(100);
}
