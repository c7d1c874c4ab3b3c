//! Symmetry sets: the counts are those of TLC, whatever computes them and however the group is given; a set that the
//! specification does not treat alike is declined with the place that tells its values apart.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Runs `interlock tla check` and returns its report.
fn check(body: &str, config: &str, flags: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("---- MODULE T ----\nEXTENDS Integers, Sequences, FiniteSets, TLC\n{body}\n====\n");
    std::fs::write(folder.path().join("T.tla"), text).expect("a module");
    std::fs::write(folder.path().join("T.cfg"), config).expect("a configuration");
    run(folder.path(), flags)
}

fn run(folder: &Path, flags: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_interlock"))
        .args(["tla", "check", "T.tla", "--json"])
        .args(flags)
        .env_remove("TLA_LIBRARY")
        .current_dir(folder)
        .output()
        .expect("the program runs");
    serde_json::from_slice(&output.stdout).expect("a report")
}

fn counts(report: &Value) -> [u64; 4] {
    ["exit_code", "generated", "distinct", "depth"].map(|name| report[name].as_u64().unwrap_or(9_999))
}

/// Five values send messages to each other, stand in a line and are told one of two words.
const PEERS: &str = r"CONSTANTS P, Q, p1, p2, p3, p4, p5
VARIABLES sent, line, told
Init == sent = {} /\ line = <<>> /\ told = [p \in P |-> {}]
Next == \/ \E p, q \in P : /\ p # q /\ <<p, q>> \notin sent /\ Cardinality(sent) < 3
                           /\ sent' = sent \cup {<<p, q>>} /\ UNCHANGED <<line, told>>
        \/ \E p \in P : Len(line) < 2 /\ line' = Append(line, p) /\ UNCHANGED <<sent, told>>
        \/ \E p \in P, q \in Q : /\ \A r \in P : told[r] = {}
                                 /\ \E r \in P : <<p, r>> \in sent /\ told' = [told EXCEPT ![p] = {q}, ![r] = {q, p}]
                                 /\ UNCHANGED <<sent, line>>
Few == Cardinality(sent) <= 3
Both == Permutations(P) \cup Permutations(Q)
Turn == [p \in P |-> CASE p = p1 -> p2 [] p = p2 -> p3 [] p = p3 -> p4 [] p = p4 -> p5 [] p = p5 -> p1]
Swap == [p \in P |-> CASE p = p1 -> p2 [] p = p2 -> p1 [] OTHER -> p]
Given == {Turn, Swap} \cup Permutations(Q)
Cycle == {Turn}";

fn peers(symmetry: &str) -> String {
    format!(
        "CONSTANTS P = {{p1, p2, p3, p4, p5}} Q = {{q1, q2}} p1 = p1 p2 = p2 p3 = p3 p4 = p4 p5 = p5\n\
         INIT Init NEXT Next INVARIANT Few CHECK_DEADLOCK FALSE\n{symmetry}"
    )
}

#[test]
fn counts_are_those_of_tlc_however_the_group_is_given() {
    for flags in [
        ["--engine", "interpret", "--workers", "1"],
        ["--engine", "interpret", "--workers", "3"],
        ["--engine", "compile", "--workers", "2"],
    ] {
        // TLC with one worker, for both.
        assert_eq!(counts(&check(PEERS, &peers("SYMMETRY Both"), &flags)), [0, 8_695, 1_606, 7], "{flags:?}");
        // A cycle and an exchange generate the same group, whose members are then listed.
        assert_eq!(counts(&check(PEERS, &peers("SYMMETRY Given"), &flags)), [0, 8_695, 1_606, 7], "{flags:?}");
        // TLC leaves a set of one permutation alone. By Burnside's lemma its group of five has (278,721 + 4) / 5 orbits:
        // there are so many states, of which every member but the identity moves all but the first.
        assert_eq!(counts(&check(PEERS, &peers("SYMMETRY Cycle"), &flags)), [0, 214_547, 55_745, 7], "{flags:?}");
    }
}

/// What is said of the first property that is declined: reason, line, text at the place.
fn declined(body: &str, config: &str) -> (String, String) {
    let report = check(body, config, &[]);
    assert_eq!(report["exit_code"], 20, "{report}");
    let detail = &report["properties"][0]["detail"];
    let place = &detail["place"];
    let number = |name: &str| place[name].as_u64().expect("a number") as usize;
    // Two lines stand before the body.
    let line = if place["file"] == "T.tla" { body.lines().nth(number("line") - 3) } else { None };
    let text = line.map_or("", |line| &line[number("column") - 1..]);
    (detail["reason"].as_str().expect("a reason").to_owned(), text.to_owned())
}

fn of_three(body: &str) -> (String, String) {
    let all = format!("CONSTANTS P, a, b, c\nVARIABLE x\nSym == Permutations(P)\n{body}");
    declined(&all, "CONSTANTS P = {a, b, c} a = a b = b c = c\nINIT Init NEXT Next SYMMETRY Sym CHECK_DEADLOCK FALSE\n")
}

#[test]
fn what_tells_the_values_apart_is_declined_with_its_place() {
    let (reason, place) = of_three("Init == x \\in P\nNext == x' \\in P\n/\\ x # b => x' = c");
    assert!(reason.contains("Sym is not one of this specification: b is mentioned by name"), "{reason}");
    assert!(place.starts_with("b => "), "{place}");

    let (reason, place) = of_three("Leader == CHOOSE p \\in P : TRUE\nInit == x \\in P\nNext == x' = Leader");
    assert!(reason.contains("this CHOOSE takes a"), "{reason}");
    assert!(place.starts_with("CHOOSE p"), "{place}");

    let (reason, place) = of_three("Init == x \\in P\nNext == x' = CHOOSE p \\in P : TRUE");
    assert!(reason.contains("this CHOOSE takes a"), "{reason}");
    assert!(place.starts_with("CHOOSE p"), "{place}");

    let (reason, place) = of_three("Some == {{a, b}, {b, c}}\nInit == x \\in Some\nNext == x' \\in Some");
    assert!(reason.contains("a is mentioned by name"), "{reason}");
    assert!(place.starts_with("a, b}, {b"), "{place}");

    // Which one is taken depends on the state.
    let (reason, place) =
        of_three("Init == x = {}\nNext == x' \\in SUBSET P /\\ (x # {} =>\nx' = {CHOOSE p \\in x : TRUE})");
    assert!(reason.contains("this CHOOSE has no value: a and b satisfy it alike"), "{reason}");
    assert!(place.starts_with("CHOOSE p \\in x"), "{place}");
}

#[test]
fn names_that_no_permutation_changes_are_taken() {
    let body = "CONSTANTS P, a, b, c\nVARIABLE x\nSym == Permutations(P)\nAll == {a, b, c}\nPairs == {{a, b}, {b, c}, {a, c}}\n\
                Init == x \\in All\nNext == /\\ x' \\in {c, b, a}\n/\\ {x, x'} \\in Pairs\n\
                Only == x = CHOOSE p \\in P : \\A q \\in P \\ {x} : p # q";
    let config = "CONSTANTS P = {a, b, c} a = a b = b c = c\nINIT Init NEXT Next INVARIANT Only\n";
    assert_eq!(counts(&check(body, config, &[])), [0, 9, 3, 1]);
    assert_eq!(counts(&check(body, &format!("{config}SYMMETRY Sym"), &[])), [0, 5, 1, 1]);
}

#[test]
fn a_choice_that_may_not_matter_is_reported() {
    let body = "CONSTANT P\nVARIABLES sent, best\nSym == Permutations(P)\nInit == sent = {} /\\ best = 0\n\
                Next == (\\E p \\in P : sent' = sent \\cup {[from |-> p, rank |-> 1]} /\\ UNCHANGED best) \\/\n\
                (sent # {} /\\ best' = (CHOOSE m \\in sent : \\A n \\in sent : m.rank >= n.rank).rank /\\ UNCHANGED sent)\n";
    let config = "CONSTANT P = {a, b, c}\nINIT Init NEXT Next SYMMETRY Sym\n";
    let report = check(body, config, &[]);
    assert_eq!(counts(&report)[0], 0, "{report}");
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("several values satisfied this CHOOSE"), "{warnings}");
}

#[test]
fn what_is_no_permutation_of_model_values_is_refused() {
    let body = "CONSTANT P\nVARIABLE x\nInit == x \\in P\nNext == x' \\in P\nSym == Permutations(P)\n\
                Fold == {[p \\in P |-> CHOOSE q \\in P : TRUE]}";
    let message = |config: &str| {
        let report = check(body, config, &[]);
        (report["exit_code"].as_u64(), report["properties"][0]["detail"]["message"].to_string())
    };
    let (exit, text) = message("CONSTANT P = {\"a\", \"b\"}\nINIT Init NEXT Next SYMMETRY Sym\n");
    assert_eq!(exit, Some(75), "{text}");
    assert!(text.contains("is no model value"), "{text}");
    let (_, text) = message("CONSTANT P = {a, b}\nINIT Init NEXT Next SYMMETRY Fold\n");
    assert!(text.contains("is no permutation: it maps nothing to b"), "{text}");
    let report = check(body, "CONSTANT P = {a}\nINIT Init NEXT Next SYMMETRY Sym\n", &[]);
    assert!(report["warnings"].to_string().contains("moves nothing"), "{report}");
}
