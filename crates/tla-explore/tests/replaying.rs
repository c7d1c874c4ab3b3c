//! What was recorded and replayed against evaluation from the beginning: state by state the same successors in the same
//! order, with the same actions, the same findings and the same errors.
//!
//! The models are those of `subjects/mps`, broken variants included, and, where it is at hand, the public collection.
#![allow(clippy::print_stderr)] // A test says what it did not run.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tla_explore::TransitionSystem;
use tla_explore::interpret::Interpreted;
use tla_explore::{Answer, Broken, Flow, Generated, Sink, Stop, Worker};
use tla_model::model::Model;
use tla_syntax::config::parse_config;
use tla_syntax::load::{LoadOptions, load};
use verdict::{Event, EventSink};

struct Silence;

impl EventSink for Silence {
    fn send(&self, _event: Event) {}
}

/// What a worker reported.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Report {
    State { number: usize, in_model: bool, action: u32 },
    Broken(Broken),
}

/// Numbers the states in the order of their first appearance, so that reports of two systems can be compared.
#[derive(Default)]
struct Recorder {
    numbers: HashMap<Vec<u32>, usize>,
    states: Vec<Vec<u32>>,
    fresh: Vec<usize>,
    reports: Vec<Report>,
    limit: usize,
}

impl Sink for Recorder {
    fn generated(&mut self, state: Generated<'_>) -> Answer {
        let known = self.numbers.get(state.words).copied();
        let number = known.unwrap_or(self.states.len());
        if known.is_none() {
            self.numbers.insert(state.words.to_vec(), number);
            self.states.push(state.words.to_vec());
            if state.in_model {
                self.fresh.push(number);
            }
        }
        self.reports.push(Report::State { number, in_model: state.in_model, action: state.action.0 });
        if known.is_none() { Answer::Check } else { Answer::Known }
    }

    fn broken(&mut self, broken: Broken) -> Flow {
        self.reports.push(Report::Broken(broken));
        if self.reports.len() > self.limit { Flow::Stop } else { Flow::Continue }
    }
}

fn model(spec: &Path, config: &Path) -> Option<(tla_syntax::load::Specification, Model)> {
    let mut specification = load(spec, &LoadOptions::default()).ok()?;
    let mut diagnostics = Vec::new();
    let file = specification.sources.add(config, std::fs::read_to_string(config).ok()?);
    let config = parse_config(&specification.sources, file, &mut diagnostics)?;
    let model = Model::build(&specification, &config).ok()?;
    Some((specification, model))
}

fn message(result: Result<(), Stop>) -> Option<String> {
    match result {
        Ok(()) => None,
        Err(Stop::Requested) => Some("stopped".to_owned()),
        Err(Stop::Error(error)) => {
            Some(format!("{:?} {:?} {} {:?}", error.phase, error.class, error.message, error.span))
        }
    }
}

/// Expands states breadth-first with both, as far as the limits reach. How many were expanded.
fn compare(spec: &Path, config: &Path, states: usize, time: Duration) -> Option<usize> {
    let name = config.display();
    let (specification, model) = model(spec, config)?;
    let replaying = Interpreted::new(&model, &specification.sources, &Silence);
    let evaluating = Interpreted::new(&model, &specification.sources, &Silence).without_replaying();
    let (mut one, mut other) = (replaying.worker(), evaluating.worker());
    let mut left = Recorder { limit: 1_000_000, ..Recorder::default() };
    let mut right = Recorder { limit: 1_000_000, ..Recorder::default() };
    let ended = message(one.initial(&mut left));
    assert_eq!(ended, message(other.initial(&mut right)), "{name}");
    assert_eq!(left.reports, right.reports, "{name}: initial states");
    let mut queue: VecDeque<usize> = std::mem::take(&mut left.fresh).into();
    let start = Instant::now();
    let mut expanded = 0;
    while let Some(number) = queue.pop_front() {
        if expanded == states || start.elapsed() > time || ended.is_some() {
            break;
        }
        expanded += 1;
        left.reports.clear();
        right.reports.clear();
        let (from, to) = (left.states[number].clone(), right.states[number].clone());
        assert_eq!(one.state_values(&from), other.state_values(&to), "{name}: state {number}");
        let ended = message(one.successors(&from, &mut left));
        assert_eq!(ended, message(other.successors(&to, &mut right)), "{name}: after state {number}");
        assert_eq!(left.reports, right.reports, "{name}: successors of state {number}");
        queue.extend(left.fresh.drain(..));
        if ended.is_some() {
            break;
        }
    }
    assert_eq!(one.reached(), other.reached(), "{name}: vacuity marks");
    Some(expanded)
}

/// Small specifications for what the evaluator may ask and change: the body of a module with variables `f`, `n`, `q`,
/// `s`, and its configuration beyond `INIT Init NEXT Next`.
const SMALL: &[(&str, &str, &str)] = &[
    (
        "updates of nested places, with @, of several places, outside of the domain",
        r#"Init == f = [i \in 1..3 |-> [a |-> i, b |-> <<i>>]] /\ n = 0 /\ q = <<>> /\ s = {}
           Next == \/ \E i \in 1..4 : /\ n < 4
                                      /\ f' = [f EXCEPT ![i].a = (@ + n) % 3, ![(i % 3) + 1].b = Append(@, n)]
                                      /\ n' = n + 1 /\ UNCHANGED <<q, s>>
                   \/ /\ n > 1 /\ f' = [f EXCEPT ![1] = [@ EXCEPT !.a = f[2].a, !.b = Tail(@)]]
                      /\ n' = n - 1 /\ q' = Append(q, f[1].a) /\ Len(q) < 2 /\ s' = s \cup {Len(q)}
                   \/ /\ q # <<>> /\ q' = Tail(q) /\ s' = s \ {Head(q)} /\ UNCHANGED <<f, n>>"#,
        "INVARIANT Small",
    ),
    (
        "primes that are read again, in order",
        r#"Init == f = <<0, 0>> /\ n = 0 /\ q = <<>> /\ s = {0}
           Next == \/ /\ f' = [f EXCEPT ![1] = (@ + 1) % 3] /\ n' = f'[1] + f'[2] /\ q' = f' /\ s' = {n'} \cup {x \in s : x < n'}
                   \/ /\ f' = (IF n = 2 THEN [f EXCEPT ![2] = 1 - @] ELSE f) /\ f' # f
                      /\ n' \in {f'[2], 1} /\ UNCHANGED <<q, s>>
                   \/ /\ UNCHANGED <<f, n, q>> /\ s' \in SUBSET s /\ s' # s /\ UNCHANGED f"#,
        "INVARIANT Small\nPROPERTY Steps",
    ),
    (
        "sets of the state that bind, and definitions that are passed",
        r#"Add(x, set) == set \cup {x}
           Twice(Op(_, _), set) == Op(1, Op(2, set))
           Init == f = [x \in {"a", "b"} |-> 0] /\ n = 0 /\ q = <<>> /\ s = {<<"a", 0>>}
           Next == \/ \E m \in s : /\ LET to == m[1] IN f' = [f EXCEPT ![to] = IF @ < 2 THEN @ + 1 ELSE 0]
                                   /\ s' = (s \ {m}) \cup {<<x, f[x]>> : x \in {y \in DOMAIN f : y # m[1]}}
                                   /\ UNCHANGED <<n, q>>
                   \/ \E i \in 0..n, k \in {f[x] : x \in DOMAIN f} : /\ n < 2 /\ n' = i + 1 /\ q' = <<k>> /\ s' = Add(<<"b", k>>, s)
                                   /\ UNCHANGED f
                   \/ /\ Cardinality(s) < 3 /\ <<"b", 1>> \notin s /\ q' = <<Cardinality(Twice(Add, {n}))>>
                      /\ s' = s \cup {<<"b", 1>>} /\ UNCHANGED <<f, n>>"#,
        "INVARIANT Small\nCONSTRAINT Few",
    ),
    (
        "enabledness and choice",
        r#"Up == n < 3 /\ n' = n + 1 /\ UNCHANGED <<f, q, s>>
           Init == f = 0 /\ n = 0 /\ q = <<>> /\ s = {}
           Next == \/ Up
                   \/ /\ ~ ENABLED Up /\ f' = (CHOOSE x \in 0..3 : x \notin s) /\ s' = s \cup {f'}
                      /\ n' = 0 /\ q' = q
                   \/ /\ ENABLED (f' = f + 1 /\ f' \in s) /\ q' = <<f>> /\ UNCHANGED <<f, n, s>>"#,
        "INVARIANT Small",
    ),
    (
        "a step that divides by zero in some states",
        r#"Init == f = 0 /\ n = 3 /\ q = <<>> /\ s = {}
           Next == n' = n - 1 /\ f' = 6 \div n' /\ UNCHANGED <<q, s>>"#,
        "INVARIANT Small",
    ),
    (
        "a function that is applied outside of its domain in some states",
        r#"Init == f = <<1, 2>> /\ n = 1 /\ q = <<>> /\ s = {}
           Next == \/ n' = n + 1 /\ q' = <<f[n]>> /\ UNCHANGED <<f, s>>
                   \/ f' = [f EXCEPT ![n] = @ + 1] /\ n < 3 /\ f[1] < 3 /\ UNCHANGED <<n, q, s>>"#,
        "INVARIANT Small",
    ),
    (
        "the tail of an empty sequence, taken by a change",
        r#"Init == f = <<1, 2>> /\ n = 1 /\ q = <<1, 1>> /\ s = {}
           Next == q' = Tail(q) /\ UNCHANGED <<f, n, s>>"#,
        "INVARIANT Small",
    ),
    (
        "an invariant that is undefined in some states",
        r#"Init == f = <<1, 2>> /\ n = 1 /\ q = <<>> /\ s = {}
           Next == n' = n + 1 /\ UNCHANGED <<f, q, s>>"#,
        "INVARIANT Applied",
    ),
    (
        "invariants and action properties that are false in some states",
        r#"Init == f = <<0, 0, 0>> /\ n = 0 /\ q = <<>> /\ s = {}
           Next == \E i \in 1..3 : f' = [f EXCEPT ![i] = (@ + 1) % 3] /\ n' = (n + i) % 4 /\ UNCHANGED <<q, s>>"#,
        "INVARIANT Spread\nPROPERTY Steps",
    ),
    (
        "a variable that gets no value in some states",
        r#"Init == f = 0 /\ n = 0 /\ q = <<>> /\ s = {}
           Next == n' = n + 1 /\ (n < 2 => f' = n) /\ UNCHANGED <<q, s>>"#,
        "INVARIANT Small",
    ),
];

#[test]
fn what_may_be_asked_and_changed_is_replayed_as_it_is_evaluated() {
    let folder = tempfile::tempdir().expect("a folder");
    for (what, body, config) in SMALL {
        let text = format!(
            "---- MODULE Small ----\nEXTENDS Integers, Sequences, FiniteSets\nVARIABLES f, n, q, s\n{body}\n\
             Small == n < 100 /\\ Len(q) < 100\nFew == Cardinality(s) < 4\nApplied == f[n] > 0\n\
             Spread == \\A i \\in DOMAIN f : n = 3 => f[i] < 2\nSteps == [][n' # n + 2]_<<f, n>>\n====\n"
        );
        let (spec, cfg) = (folder.path().join("Small.tla"), folder.path().join("Small.cfg"));
        std::fs::write(&spec, text).expect("a file");
        std::fs::write(&cfg, format!("INIT Init\nNEXT Next\n{config}\n")).expect("a file");
        let expanded = compare(&spec, &cfg, 2_000, Duration::from_secs(5));
        assert!(expanded.is_some_and(|count| count > 1), "{what}: {expanded:?}");
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_protocols_of_the_subject_have_the_same_steps() {
    let folder = repository().join("subjects/mps/specs");
    let mut configs: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the specifications")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "cfg"))
        .collect();
    configs.sort();
    let mut expanded = 0;
    for config in &configs {
        let stem = config.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let spec = folder.join(stem.split('_').next().unwrap_or_default()).with_extension("tla");
        expanded += compare(&spec, config, 1_500, Duration::from_secs(3)).unwrap_or(0);
    }
    assert!(configs.len() > 70 && expanded > 10_000, "{} models, {expanded} states", configs.len());
}

#[test]
fn the_public_collection_has_the_same_steps() {
    let shared = std::env::var_os("INTERLOCK_SHARED").map_or_else(|| repository().join("../shared"), PathBuf::from);
    let folder = shared.join("corpus/tlaplus-examples");
    let Ok(table) = std::fs::read_to_string(folder.join("expected.tsv")) else {
        eprintln!("NOT TESTED: the collection is absent; set INTERLOCK_SHARED to the folder that holds it");
        return;
    };
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let column = |name: &str| header.iter().position(|title| *title == name).expect("a column");
    let [spec, config, mode, exit, seconds] = ["tla", "cfg", "mode", "tlc_exit", "tlc_wall_s"].map(column);
    let (mut models, mut expanded) = (0, 0);
    for row in lines.filter(|row| row[mode] == "exhaustive search" && !row[exit].is_empty()) {
        // Random choices belong to the state's text, which both share; what is slow to begin with is left out.
        let quick = row[seconds].parse::<f64>().is_ok_and(|seconds| seconds < 2.5);
        if !quick || row[config].contains("Quicksort") || row[config].contains("_anim") {
            continue;
        }
        if let Some(count) = compare(&folder.join(row[spec]), &folder.join(row[config]), 250, Duration::from_secs(1)) {
            models += 1;
            expanded += count;
        }
    }
    eprintln!("{models} models, {expanded} states");
    assert!(models > 50, "only {models} models");
}
