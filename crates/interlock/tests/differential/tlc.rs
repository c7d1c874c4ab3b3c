//! The same cases through TLC, many in one process.
//!
//! `Driver.java` is started once with the class path that the campaign is given; a case is a folder with a module and a
//! configuration. Exit status, generated and distinct states and depth are compared.

use super::choices::shrink;
use super::ours::{self, Outcomes, Result};
use super::specifications::{Case, Kind};
use super::{MOST_DIFFERENCES, Tally, case_from, case_of, show};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A running TLC.
struct Tlc {
    child: Child,
    folders: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    runs: usize,
}

impl Drop for Tlc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tlc {
    fn start(class_path: &str) -> Self {
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/Driver.java");
        let mut command = Command::new("java");
        command.args(["-Xmx2g", "-XX:+UseSerialGC", "-Xss16m"]);
        if let Ok(library) = std::env::var("INTERLOCK_TLC_MODULES") {
            command.arg(format!("-Dstandard={library}"));
        }
        command.args(["-cp", class_path]).arg(driver);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("java starts");
        let folders = child.stdin.take().expect("its input");
        let answers = BufReader::new(child.stdout.take().expect("its output"));
        let mut tlc = Self { child, folders, answers, folder: tempfile::tempdir().expect("a folder"), runs: 0 };
        // TLC keeps places of names over its runs in one process: let it see all of them first.
        let names = "Sum Fun Inc Op A0 A1 A2 Inv Act Con Live f Twice";
        let definitions: String = names.split(' ').map(|name| format!("{name} == TRUE\n")).collect();
        let module = format!(
            "---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets, TLC\nCONSTANTS m1, m2, M\nVARIABLES x, y, z\n\
             vars == <<x, y, z>>\nStrings(a, b, c) == <<a, b, c>>\n{definitions}Init == x = 0 /\\ y = 0 /\\ z = 0\nNext == UNCHANGED vars\n\
             Spec == Init /\\ [][Next]_vars\n====\n"
        );
        let config = "CONSTANTS m1 = m1 m2 = m2 M = {m1, m2}\nSPECIFICATION Spec\n".to_owned();
        let first = tlc.run(&Case { module, config, temporal: false });
        assert_eq!((first.exit, first.generated), (0, 2), "TLC cannot be started: {first:?}");
        tlc
    }

    /// What TLC says to a case.
    fn run(&mut self, case: &Case) -> Result {
        self.runs += 1;
        let folder = self.folder.path().join(format!("case{}", self.runs));
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("T.tla"), &case.module).expect("the module");
        std::fs::write(folder.join("T.cfg"), &case.config).expect("the configuration");
        writeln!(self.folders, "{}", folder.display()).expect("a question");
        self.folders.flush().expect("a question");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer");
        let _ = std::fs::remove_dir_all(&folder);
        let numbers: Vec<i64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [exit, generated, distinct, depth] = numbers[..] else { panic!("not an answer: {line}") };
        Result {
            exit: u8::try_from(exit).unwrap_or(255),
            generated: generated as u64,
            distinct: distinct as u64,
            depth: depth as u32,
            remark: String::new(),
            compiled: false,
        }
    }
}

/// Whether TLC and we agree, as far as `docs/tlc-differences.md` does not say otherwise.
fn agree(ours: &Result, theirs: &Result) -> bool {
    // Where TLC meets an error as an exception it says 255, and it does not always print its counts; an invariant that
    // cannot be evaluated is 75 there.
    let unclassified = theirs.exit == 255 && matches!(ours.exit, 10 | 75 | 76) || theirs.exit == 75 && ours.exit == 76;
    // A model without states has depth 1 in TLC's words.
    let empty = theirs.distinct == 0 && theirs.depth == 1 && ours.depth == 0;
    // Of a search that ends in the initial states it prints none.
    let silent = theirs.generated == 0 && (matches!(ours.exit, 10 | 75) || ours.depth <= 1);
    let same_counts = ours.generated == theirs.generated
        && ours.distinct == theirs.distinct
        && (ours.depth == theirs.depth || empty || ours.exit != 0);
    // After a violation or an error TLC may go on for a while before it stops.
    let went_on = matches!(ours.exit, 12 | 13 | 75 | 76)
        && ours.distinct <= theirs.distinct
        && ours.generated <= theirs.generated;
    (ours.exit == theirs.exit || unclassified) && (same_counts || silent || went_on)
}

/// Whether a case that was made as small as it gets updates a function literal and applies the result, which TLC does
/// wrongly in a conjunct of an action (`docs/soundness.md`).
fn updates_a_literal(small: &Case) -> bool {
    small.module.lines().any(|line| {
        let literal = line.find("[[k").map(|at| &line[at..]);
        let update = literal.and_then(|rest| rest.find("] EXCEPT !").map(|at| &rest[at..]));
        update.is_some_and(|rest| rest.contains("]["))
    })
}

/// Runs cases from a seed on; the differences.
pub fn campaign(
    class_path: &str,
    first: u64,
    cases: u64,
    limit: Duration,
    kind: Kind,
    tally: &mut Tally,
) -> Vec<String> {
    let began = Instant::now();
    let mut tlc = Tlc::start(class_path);
    let mut differences: Vec<String> = Vec::new();
    for seed in first..first + cases {
        if began.elapsed() > limit || differences.len() >= MOST_DIFFERENCES {
            break;
        }
        let (case, list) = case_of(seed, kind);
        let outcome = ours::run(&case);
        tally.add(&outcome);
        let Outcomes::Agreed(result) = outcome else { continue };
        if agree(&result, &tlc.run(&case)) {
            continue;
        }
        // What an earlier case left behind in the process is no difference.
        tlc = Tlc::start(class_path);
        if agree(&result, &tlc.run(&case)) {
            continue;
        }
        let disagrees = std::cell::RefCell::new(&mut tlc);
        let differs = |list: &[u32]| {
            let case = case_from(list, kind);
            match ours::run(&case) {
                Outcomes::Agreed(result) => !agree(&result, &disagrees.borrow_mut().run(&case)),
                Outcomes::Skipped(_) | Outcomes::Differ(_) => false,
            }
        };
        let small = case_from(&shrink(list, 400, differs), kind);
        let (ours, theirs) = (ours::run(&small), tlc.run(&small));
        if updates_a_literal(&small) {
            *tally.skipped.entry("TLC forgets the update of a function literal".to_owned()).or_default() += 1;
            continue;
        }
        let text = format!("seed {seed}\n{}ours: {ours:?}\nTLC: {theirs:?}\n", show(&small));
        eprintln!("{text}");
        differences.push(text);
    }
    differences
}
