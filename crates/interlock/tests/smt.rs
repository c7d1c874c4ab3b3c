//! `interlock tla prove --engine smt`: specifications with integers that have no bound, each with a broken twin. What needs a
//! solver says that it was skipped where there is none; what becomes of a missing, dying or babbling one is tested with scripts.

#![allow(clippy::print_stderr)] // A test says what it skips.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A ticket lock. Tickets grow for ever.
const TICKETS: &str = r#"VARIABLES next, serving, ticket, pc
Procs == {"a", "b", "c"}
vars == <<next, serving, ticket, pc>>
Init == next = 0 /\ serving = 0 /\ ticket = [p \in Procs |-> 0] /\ pc = [p \in Procs |-> "idle"]
Take(p) == /\ pc[p] = "idle" /\ ticket' = [ticket EXCEPT ![p] = next] /\ next' = next + 1
           /\ pc' = [pc EXCEPT ![p] = "wait"] /\ UNCHANGED serving
Enter(p) == pc[p] = "wait" /\ TURN /\ pc' = [pc EXCEPT ![p] = "in"] /\ UNCHANGED <<next, serving, ticket>>
Leave(p) == pc[p] = "in" /\ serving' = serving + 1 /\ pc' = [pc EXCEPT ![p] = "idle"] /\ UNCHANGED <<next, ticket>>
Next == \E p \in Procs : Take(p) \/ Enter(p) \/ Leave(p)
Mutex == \A p, q \in Procs : p # q => ~(pc[p] = "in" /\ pc[q] = "in")
TypeOK == next \in Nat /\ serving \in Nat /\ ticket \in [Procs -> Nat] /\ pc \in [Procs -> {"idle", "wait", "in"}]
Inv == /\ TypeOK
       /\ \A p \in Procs : pc[p] # "idle" => serving <= ticket[p] /\ ticket[p] < next
       /\ \A p, q \in Procs : p # q /\ pc[p] # "idle" /\ pc[q] # "idle" => ticket[p] # ticket[q]
       /\ \A p \in Procs : pc[p] = "in" => ticket[p] = serving
       /\ serving <= next"#;

/// A lease that expires by a clock without a bound. Nobody or a process holds it.
const LEASE: &str = r#"CONSTANT none
VARIABLES now, until, holder, used
Procs == {"a", "b"}
Init == now \in Nat /\ until = now /\ holder = none /\ used = {}
Tick == \E n \in Nat : n > now /\ now' = n /\ UNCHANGED <<until, holder, used>>
Acquire(p) == FREE /\ holder' = p /\ until' = now + 10 /\ used' = {} /\ UNCHANGED now
Use(p) == holder = p /\ now < until /\ used' = used \cup {p} /\ UNCHANGED <<now, until, holder>>
Next == Tick \/ \E p \in Procs : Acquire(p) \/ Use(p)
OneUser == used \subseteq {holder}
TypeOK == now \in Nat /\ until \in Int /\ holder \in Procs \cup {none} /\ used \in SUBSET Procs
Inv == TypeOK /\ OneUser"#;

/// Subtraction in the place of division; every common divisor is kept.
const GCD: &str = r#"VARIABLES x, y
Init == x = 36 /\ y = 84
Next == \/ x > y /\ x' = x - y /\ y' = y
        \/ y > x /\ y' = y - LESS /\ x' = x
        \/ x = y /\ UNCHANGED <<x, y>>
Divides == x % 12 = 0 /\ y % 12 = 0
Inv == x \in Nat /\ y \in Nat /\ x > 0 /\ y > 0 /\ Divides"#;

/// A queue of numbered messages with a bound, and numbers without one.
const CHANNEL: &str = r#"VARIABLES sent, got, queue
Init == sent = 0 /\ got = 0 /\ queue = <<>>
Send == Len(queue) < 3 /\ sent' = sent + 1 /\ queue' = Append(queue, sent + STEP) /\ UNCHANGED got
Receive == queue # <<>> /\ got' = Head(queue) /\ queue' = Tail(queue) /\ UNCHANGED sent
Next == Send \/ Receive
Order == \A i \in 1..Len(queue) : queue[i] = got + i
Inv == /\ sent \in Nat /\ got \in Nat /\ queue \in Seq(Nat) /\ Len(queue) <= 3
       /\ sent = got + Len(queue) /\ Order"#;

/// A log without an end and the numbers of the entries that were seen.
const LOG: &str = r#"VARIABLES log, len, seen
Init == log = [i \in Nat |-> 0] /\ len = 0 /\ seen = {}
Write == len' = len + 1 /\ log' = [log EXCEPT ![len] = 2 * len] /\ seen' = seen \cup {WHICH}
Forget == \E i \in {0, 1} : seen' = seen \ {i} /\ UNCHANGED <<log, len>>
Next == Write \/ Forget
Doubled == \A i \in 0..(len - 1) : log[i] = 2 * i
Seen == \A i \in seen : 0 <= i /\ i < len
Inv == len \in Nat /\ log \in [Nat -> Nat] /\ Doubled /\ Seen"#;

/// The numbers alone, so that there is nothing infinite in a state.
const SEEN: &str = r#"VARIABLES len, seen
Init == len = 0 /\ seen = {}
Write == len' = len + 1 /\ seen' = seen \cup {WHICH}
Forget == \E i \in {0, 1} : seen' = seen \ {i} /\ UNCHANGED len
Next == Write \/ Forget
Seen == \A i \in seen : 0 <= i /\ i < len
Inv == len \in Nat /\ Seen"#;

fn folder(body: &str, holes: &[(&str, &str)], config: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let body = holes.iter().fold(body.to_owned(), |body, (hole, text)| body.replace(hole, text));
    let text = format!("---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets\n{body}\n====\n");
    std::fs::write(folder.path().join("T.tla"), text).expect("a module");
    std::fs::write(folder.path().join("T.cfg"), format!("INIT Init NEXT Next {config}\n")).expect("a configuration");
    folder
}

fn interlock(folder: &Path, path: Option<&Path>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interlock"));
    command.args(arguments).env_remove("TLA_LIBRARY").current_dir(folder);
    if let Some(path) = path {
        command.env("PATH", path).env("INTERLOCK_TOOLS", path.join("none"));
    }
    command.output().expect("the program runs")
}

fn prove(folder: &Path, path: Option<&Path>, flags: &[&str]) -> Value {
    let arguments = [&["tla", "prove", "T", "--json", "--engine", "smt", "--require", "bounded"], flags].concat();
    let output = interlock(folder, path, &arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn of(report: &Value, name: &str) -> String {
    let properties = report["properties"].as_array().expect("properties");
    let found = properties.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {report}"));
    found["verdict"].as_str().unwrap_or_default().to_lowercase()
}

/// Whether there is a solver; says so if not.
fn there_is_a_solver() -> bool {
    let is = |name: &str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    let there = is("z3") || is("cvc5");
    if !there {
        eprintln!("skipped: there is no solver of SMT-LIB (interlock tools install z3)");
    }
    there
}

/// The induction with `Inv`, and of the broken twin a violation that was replayed.
fn good_and_broken(body: &str, good: &[(&str, &str)], bad: &[(&str, &str)], config: &str, property: &str) {
    if !there_is_a_solver() {
        return;
    }
    let sound = folder(body, good, config);
    let report = prove(sound.path(), None, &["--inductive", "Inv", "--no-deadlock"]);
    assert_eq!(report["exit_code"], 0, "{report}");
    assert_eq!(of(&report, property), "bounded", "what nobody checked is no proof");
    assert_eq!(of(&report, "Inv"), "bounded");
    let report = prove(sound.path(), None, &["--length", "4", "--no-deadlock"]);
    assert_eq!(report["exit_code"], 0, "{report}");
    let broken = folder(body, bad, config);
    let report = prove(broken.path(), None, &["--no-deadlock"]);
    assert_eq!(of(&report, property), "refuted", "{report}");
    assert_eq!(report["exit_code"], 12, "{report}");
    let report = prove(broken.path(), None, &["--inductive", "Inv", "--no-deadlock"]);
    assert_eq!(of(&report, "Inv"), "declined", "{report}");
    assert_eq!(report["exit_code"], 20, "{report}");
}

#[test]
fn tickets_without_a_bound() {
    let (good, bad) = ([("TURN", "ticket[p] = serving")], [("TURN", "ticket[p] <= serving + 1")]);
    good_and_broken(TICKETS, &good, &bad, "INVARIANT Mutex", "Mutex");
}

#[test]
fn a_clock_without_a_bound() {
    let (good, bad) = ([("FREE", "now >= until")], [("FREE", "(now >= until \\/ used # {})")]);
    let bad = [bad[0], ("used' = {} /\\ UNCHANGED now", "used' = used /\\ UNCHANGED now")];
    good_and_broken(LEASE, &good, &bad, "CONSTANT none = none INVARIANT OneUser", "OneUser");
}

#[test]
fn subtraction_keeps_divisors() {
    good_and_broken(GCD, &[("LESS", "x")], &[("LESS", "1")], "INVARIANT Divides", "Divides");
}

#[test]
fn numbered_messages_in_a_queue() {
    good_and_broken(CHANNEL, &[("STEP", "1")], &[("STEP", "2")], "INVARIANT Order", "Order");
}

#[test]
fn sets_of_integers_without_a_bound() {
    good_and_broken(SEEN, &[("WHICH", "len")], &[("WHICH", "len + 1")], "INVARIANT Seen", "Seen");
}

#[test]
fn a_choice_among_integers_of_the_state_stops_at_the_least_that_fits() {
    if !there_is_a_solver() {
        return;
    }
    let body = "VARIABLE x\nInit == x = 0\nInv == x \\in Nat\n\
                Next == x' = CHOOSE y \\in {x + 2, x + LEAST} : y = x + 1 \\/ 1 \\div (y - x - 2) = 5";
    let verdict = |least: &str| {
        let folder = folder(body, &[("LEAST", least)], "INVARIANT Inv");
        of(&prove(folder.path(), None, &["--inductive", "Inv", "--no-deadlock"]), "Inv")
    };
    assert_eq!(verdict("1"), "bounded", "the predicate is undefined for x + 2, which is not looked at");
    assert_eq!(verdict("3"), "declined", "the predicate is undefined for x + 2, the least");
}

#[test]
fn functions_on_all_numbers() {
    if !there_is_a_solver() {
        return;
    }
    let sound = folder(LOG, &[("WHICH", "len")], "INVARIANTS Doubled Seen");
    let report = prove(sound.path(), None, &["--inductive", "Inv", "--no-deadlock"]);
    assert_eq!(report["exit_code"], 0, "{report}");
    // There is no finite value to replay.
    let broken = folder(LOG, &[("WHICH", "len + 1")], "INVARIANTS Doubled Seen");
    let report = prove(broken.path(), None, &["--no-deadlock"]);
    assert_eq!(of(&report, "Seen"), "declined", "{report}");
    assert!(report.to_string().contains("a function on all integers"), "{report}");
}

#[test]
fn a_counterexample_to_induction_is_shown_and_judged_again() {
    if !there_is_a_solver() {
        return;
    }
    let folder = folder(TICKETS, &[("TURN", "ticket[p] = serving")], "INVARIANT Mutex");
    let report =
        prove(folder.path(), None, &["--inductive", "TypeOK /\\ Mutex", "--no-deadlock", "--itf", "t.itf.json"]);
    assert_eq!(report["exit_code"], 20, "{report}");
    let shown = report["counterexamples"].as_array().expect("counterexamples");
    assert_eq!(shown[0]["steps"].as_array().expect("steps").len(), 2);
    assert_eq!(shown[0]["steps"][1]["action"], "Enter");
    let output = interlock(folder.path(), None, &["replay", "t.itf.json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_problem_is_written_without_a_solver_and_a_solver_answers_it() {
    let folder = folder(GCD, &[("LESS", "x")], "INVARIANT Divides");
    let empty = tempfile::tempdir().expect("a folder");
    let report = prove(folder.path(), Some(empty.path()), &["--inductive", "Inv", "--smt", "p.smt2", "--no-deadlock"]);
    assert_eq!(of(&report, "Divides"), "declined", "{report}");
    let text = std::fs::read_to_string(folder.path().join("p.smt2")).expect("the problem");
    assert!(text.contains("(set-logic QF_LIA)") && text.contains("(declare-fun x@1 () Int)"), "{text}");
    if there_is_a_solver() && Command::new("z3").arg("--version").output().is_ok() {
        let output = Command::new("z3").arg("p.smt2").current_dir(folder.path()).output().expect("z3");
        let answers = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!answers.contains("error"), "{answers}");
        assert_eq!(answers.lines().filter(|line| *line == "sat").count(), 1, "an initial state: {answers}");
    }
}

#[test]
fn a_violation_that_cannot_be_followed_is_not_shown() {
    if !there_is_a_solver() {
        return;
    }
    let body =
        "VARIABLE x\nInit == x = 0\nNext == \\E n \\in Nat : x' = x + FACTOR * n\nSmall == x < 100\nInv == x \\in Nat";
    let close = folder(body, &[("FACTOR", "1")], "INVARIANT Small");
    let report = prove(close.path(), None, &["--itf", "t.itf.json"]);
    assert_eq!(of(&report, "Small"), "refuted", "what was chosen is told by the states: {report}");
    assert!(interlock(close.path(), None, &["replay", "t.itf.json"]).status.success());
    let far = folder(body, &[("FACTOR", "3")], "INVARIANT Small");
    let report = prove(far.path(), None, &[]);
    assert_eq!(of(&report, "Small"), "declined", "{report}");
    assert!(report.to_string().contains("a quantifier over an infinite set"), "{report}");
    let report = prove(far.path(), None, &["--inv", "x >= 0", "--inductive", "Inv"]);
    assert_eq!(of(&report, "InlineInvariant1"), "bounded", "{report}");
}

#[test]
fn no_solver_is_said_with_what_installs_one() {
    let folder = folder(GCD, &[("LESS", "x")], "INVARIANT Divides");
    let empty = tempfile::tempdir().expect("a folder");
    let flags = ["tla", "prove", "T", "--engine", "smt", "--no-deadlock"];
    let output = interlock(folder.path(), Some(empty.path()), &flags);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(20), "{text}");
    assert!(text.contains("z3 is not installed") && text.contains("interlock tools install z3"), "{text}");
}

/// A folder with a `z3` that is this script.
fn scripted(on_check: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'Z3 version 4.99.0'; exit 0; fi\n\
         while read -r line; do case \"$line\" in\n'(check-sat)') {on_check} ;;\n\
         '(echo '*) line=${{line#*\\\"}}; printf '%s\\n' \"${{line%\\\"*}}\" ;;\nesac; done\n"
    );
    // Another process writes it: what this one has open for writing, a test beside this one may inherit.
    std::fs::write(folder.path().join("text"), text).expect("a script");
    let (from, to) = (folder.path().join("text"), folder.path().join("z3"));
    assert!(Command::new("install").args(["-m", "755"]).args([from, to]).status().expect("install").success());
    for program in ["sh", "sleep"] {
        std::os::unix::fs::symlink(format!("/bin/{program}"), folder.path().join(program)).expect("a link");
    }
    folder
}

#[test]
fn a_solver_that_gives_no_answer_decides_nothing() {
    for (script, told) in [
        ("echo unknown", "does not know"),
        ("echo '(error \"line 1: unsupported\")'", "unsupported"),
        ("echo perhaps", "perhaps"),
        ("echo 'out of memory' >&2; exit 1", "out of memory"),
        ("sleep 1000", "the time was over"),
    ] {
        let folder = folder(GCD, &[("LESS", "x")], "INVARIANT Divides");
        let path = scripted(script);
        for flags in [&["--length", "2"][..], &["--inductive", "Inv"]] {
            let flags = [flags, &["--no-deadlock", "--budget", "2s"]].concat();
            let report = prove(folder.path(), Some(path.path()), &flags);
            assert_eq!(of(&report, "Divides"), "declined", "{script}: {report}");
            assert_eq!(report["exit_code"], 20, "{script}");
            assert!(report.to_string().contains(told), "{script}: {report}");
        }
    }
}

#[test]
fn a_solver_that_lies_refutes_nothing() {
    // Everything is possible, and every value is 0 or false: no behavior of the specification is like that.
    let folder = folder(GCD, &[("LESS", "x")], "INVARIANT Divides");
    let path = scripted("echo sat");
    let report = prove(folder.path(), Some(path.path()), &["--no-deadlock"]);
    assert_ne!(of(&report, "Divides"), "refuted", "{report}");
    assert_ne!(of(&report, "Divides"), "bounded", "{report}");
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let folder = folder(GCD, &[("LESS", "x")], "INVARIANT Divides");
    for flags in [
        &["--engine", "smt", "--solver", "cadical"][..],
        &["--solver", "z3"],
        &["--engine", "pdr", "--inductive", "Inv"],
    ] {
        let output = interlock(folder.path(), None, &[&["tla", "prove", "T"], flags].concat());
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
    }
}

/// A project with one model; what `check` says of each obligation as engine, name and verdict, and its exit code.
fn checked(folder: &Path, path: Option<&Path>, keys: &str, flags: &[&str]) -> (Vec<(String, String, String)>, Value) {
    let project = format!("[project]\nname = \"t\"\n\n[[model]]\nname = \"m\"\nspec = \"T.tla\"\n{keys}\n");
    std::fs::write(folder.join("interlock.toml"), project).expect("a project");
    let output = interlock(folder, path, &[&["check", "--json"], flags].concat());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {text}"));
    let of = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_lowercase();
    let all = report["properties"].as_array().expect("properties").iter();
    let all = all.map(|one| (of(one, "engine"), of(one, "name"), of(one, "verdict"))).collect();
    (all, report)
}

fn verdict_by<'v>(all: &'v [(String, String, String)], engine: &str, name: &str) -> &'v str {
    let found = all.iter().find(|(by, of, _)| by == engine && of == name);
    &found.unwrap_or_else(|| panic!("{name} by {engine}: {all:?}")).2
}

#[test]
fn a_project_asks_a_solver_beside_a_search_and_is_content_with_what_it_can_say() {
    if !there_is_a_solver() {
        return;
    }
    let folder = folder(GCD, &[("LESS", "x")], "INVARIANT Divides CHECK_DEADLOCK FALSE");
    let keys = "engines = [\"explore\", \"smt\"]\nlength = 3";
    let (all, report) = checked(folder.path(), None, keys, &[]);
    assert_eq!(verdict_by(&all, "tla-explore", "divides"), "exhausted");
    assert_eq!(verdict_by(&all, "tla-smt", "divides"), "bounded");
    let told = report["properties"].to_string();
    assert!(told.contains("no behavior of up to 3 steps breaks it, by "), "{told}");
    assert_eq!(report["exit_code"], 0, "{report}");
    let (_, report) = checked(folder.path(), None, keys, &["--require", "proved"]);
    assert_eq!(report["exit_code"], 20, "a run that requires more is not moved: {report}");
    let (_, report) = checked(folder.path(), None, "engines = [\"smt\"]", &[]);
    assert_eq!(report["exit_code"], 20, "alone it passes nothing: {report}");
}

#[test]
fn in_a_project_an_induction_is_judged_as_ever() {
    if !there_is_a_solver() {
        return;
    }
    let folder = folder(TICKETS, &[("TURN", "ticket[p] = serving")], "INVARIANT Mutex CHECK_DEADLOCK FALSE");
    let keys = "engines = [\"smt\"]\ninductive = \"Inv\"";
    let (all, report) = checked(folder.path(), None, keys, &["--require", "bounded"]);
    assert_eq!([verdict_by(&all, "tla-smt", "mutex"), verdict_by(&all, "tla-smt", "inv")], ["bounded", "bounded"]);
    assert_eq!(report["exit_code"], 0, "{report}");
    let keys = "engines = [\"smt\"]\ninductive = \"TypeOK\"";
    let (all, report) = checked(folder.path(), None, keys, &["--require", "bounded"]);
    assert_eq!(verdict_by(&all, "tla-smt", "mutex"), "declined", "{report}");
}

#[test]
fn a_broken_variant_is_refuted_by_a_solver_too() {
    if !there_is_a_solver() {
        return;
    }
    let folder = folder(GCD, &[("LESS", "1")], "INVARIANT Divides CHECK_DEADLOCK FALSE");
    let keys = "engines = [\"smt\"]\nexpect = \"violated\"\nproperties = { Divides = \"D\" }\n\
                [[property]]\nid = \"D\"\nstatement = \"12 divides both.\"\nkind = \"safety\"";
    let (all, report) = checked(folder.path(), None, keys, &[]);
    assert!(all.iter().any(|(by, _, verdict)| by == "tla-smt" && verdict == "refuted"), "{report}");
    assert_eq!(report["exit_code"], 0, "{report}");
}

#[test]
fn in_a_project_a_solver_that_is_not_there_is_a_gap_and_no_pass() {
    let folder = folder(GCD, &[("LESS", "x")], "INVARIANT Divides CHECK_DEADLOCK FALSE");
    let empty = tempfile::tempdir().expect("a folder");
    let keys = "engines = [\"explore\", \"smt\"]";
    let (all, report) = checked(folder.path(), Some(empty.path()), keys, &[]);
    assert_eq!(verdict_by(&all, "tla-smt", "divides"), "declined");
    assert!(report["warnings"].to_string().contains("1 obligation was not run for want of z3"), "{report}");
    assert!(report["warnings"].to_string().contains("interlock tools install z3"), "{report}");
    assert_eq!(report["exit_code"], 0, "what the search decided is decided: {report}");
    let (_, report) = checked(folder.path(), Some(empty.path()), keys, &["--strict"]);
    assert_eq!(report["exit_code"], 20, "{report}");
    let (_, report) = checked(folder.path(), Some(empty.path()), "engines = [\"smt\"]", &[]);
    assert_eq!(report["exit_code"], 20, "nothing was checked: {report}");
}
