//! Coq: proofs that are none, told by the real tool where it is installed; and what must hold without it.

mod support;

use external::catalogue::COQ;
use external::coq::{Proof, ProofEngine};
use std::time::Duration;
use support::{Folder, discharge, have, is_a_pass, real_places, words};
use verdict::{Engine, Verdict};

fn proof(folder: &Folder, theorems: &[&str], allow: &[&str]) -> Proof {
    Proof {
        name: "proofs/demo".to_owned(),
        folder: folder.path().join("proofs"),
        theorems: theorems.iter().map(|name| ((*name).to_owned(), format!("P.{name}"))).collect(),
        allow: allow.iter().map(|name| (*name).to_owned()).collect(),
        time: Duration::from_secs(300),
    }
}

fn write(folder: &Folder, files: &[(&str, &str)]) {
    folder.write("proofs/_CoqProject", "-Q . demo\n");
    for (name, text) in files {
        folder.write(&format!("proofs/{name}"), text);
    }
}

/// What is said of each theorem, and how many files were compiled.
fn run(folder: &Folder, theorems: &[&str], allow: &[&str]) -> (Vec<Verdict>, f64) {
    let places = real_places();
    let engine = ProofEngine::new(proof(folder, theorems, allow), &places, &folder.path().join("cache"));
    let verdicts = discharge(&engine).into_iter().map(|(_, verdict)| verdict).collect();
    let compiled = engine.details().first().and_then(|details| details.figures.get("compiled").copied());
    (verdicts, compiled.unwrap_or(-1.0))
}

const BASE: &str = "Lemma fine : forall n : nat, n = n. Proof. reflexivity. Qed.\n";
const TOP: &str =
    "From demo Require Import base.\nTheorem ok : 3 = 3. Proof. apply fine. Qed.\nDefinition number := 3.\n";

#[test]
fn what_the_kernel_closes_is_proved_with_its_statement_and_not_compiled_twice() {
    if !have(&[&COQ]) {
        return;
    }
    let folder = Folder::new();
    write(&folder, &[("base.v", BASE), ("top.v", TOP)]);
    let places = real_places();
    let engine = ProofEngine::new(proof(&folder, &["top.ok"], &[]), &places, &folder.path().join("cache"));
    let (_, verdict) = discharge(&engine).remove(0);
    assert!(matches!(&verdict, Verdict::Proved(proof) if proof.axioms.is_empty()), "{}", words(&verdict));
    assert_eq!(engine.details()[0].remarks, ["the theorem: ok : 3 = 3"]);
    let (again, compiled) = run(&folder, &["top.ok"], &[]);
    assert_eq!((again, compiled), (vec![verdict], 0.0));
    // Only what depends on the change is compiled.
    folder.write("proofs/top.v", &format!("{TOP}\nTheorem more : 4 = 4. Proof. apply fine. Qed.\n"));
    let (_, compiled) = run(&folder, &["top.ok"], &[]);
    assert_eq!(compiled, 1.0);
    assert!(!folder.path().join("proofs/base.vo").exists(), "nothing is written beside the sources");
}

#[test]
fn nothing_admitted_assumed_or_bypassed_is_proved() {
    if !have(&[&COQ]) {
        return;
    }
    let library = "From Coq Require Import FunctionalExtensionality.\n\
                   Theorem ext : (fun n : nat => n) = (fun n => n). Proof. apply functional_extensionality. reflexivity. Qed.\n";
    for (base, top, theorem, expected) in [
        (
            "Lemma deep : 1 = 2. Admitted.\n",
            "From demo Require Import base.\nTheorem t : 1 = 2. Proof. exact deep. Qed.\n",
            "top.t",
            "deep",
        ),
        (
            "Axiom cheat : False.\n",
            "From demo Require Import base.\nTheorem t : 1 = 2. Proof. destruct cheat. Qed.\n",
            "top.t",
            "cheat",
        ),
        ("", library, "top.ext", "functional_extensionality_dep"),
        (
            "Unset Guard Checking.\nFixpoint loop (n : nat) : False := loop n.\n",
            "From demo Require Import base.\nTheorem t : False. Proof. exact (loop 0). Qed.\n",
            "top.t",
            "Unset Guard Checking",
        ),
        (BASE, TOP, "top.number", "as a theorem"),
        (BASE, TOP, "top.removed", "as a theorem"),
        (BASE, TOP, "other.ok", "no file"),
    ] {
        let folder = Folder::new();
        write(&folder, &[("base.v", base), ("top.v", top)]);
        let (verdicts, _) = run(&folder, &[theorem], &[]);
        assert!(!is_a_pass(&verdicts[0]), "{theorem}: {}", words(&verdicts[0]));
        assert!(words(&verdicts[0]).contains(expected), "{theorem}: {}", words(&verdicts[0]));
    }
}

#[test]
fn a_lemma_that_is_admitted_far_below_is_found() {
    if !have(&[&COQ]) {
        return;
    }
    let step = |below: &str, lemma: &str, name: &str| {
        format!("From demo Require Import {below}.\nLemma {name} : 1 = 2. Proof. exact {lemma}. Qed.\n")
    };
    let folder = Folder::new();
    write(
        &folder,
        &[
            ("depth0.v", "Lemma deep : 1 = 2. Proof. Admitted.\n"),
            ("depth1.v", &step("depth0", "deep", "less")),
            ("depth2.v", &step("depth1", "less", "lesser")),
            ("top.v", &step("depth2", "lesser", "t")),
        ],
    );
    let (verdicts, _) = run(&folder, &["top.t"], &[]);
    assert!(!is_a_pass(&verdicts[0]) && words(&verdicts[0]).contains("deep"), "{}", words(&verdicts[0]));
}

#[test]
fn an_axiom_that_is_allowed_stands_in_the_verdict() {
    if !have(&[&COQ]) {
        return;
    }
    let folder = Folder::new();
    write(&folder, &[("base.v", "Axiom cheat : False.\nTheorem t : 1 = 2. Proof. destruct cheat. Qed.\n")]);
    let (verdicts, _) = run(&folder, &["base.t"], &["cheat"]);
    assert!(matches!(&verdicts[0], Verdict::Proved(proof) if proof.axioms == ["cheat"]), "{}", words(&verdicts[0]));
}

#[test]
fn a_theorem_that_is_gone_takes_no_other_with_it() {
    if !have(&[&COQ]) {
        return;
    }
    let folder = Folder::new();
    write(&folder, &[("base.v", BASE), ("top.v", TOP)]);
    let (verdicts, _) = run(&folder, &["top.removed", "top.ok", "base.fine"], &[]);
    assert!(words(&verdicts[0]).starts_with("Vacuous"), "{}", words(&verdicts[0]));
    assert!(verdicts[1..].iter().all(|verdict| matches!(verdict, Verdict::Proved(_))), "{verdicts:?}");
}

#[test]
fn an_error_points_at_its_place_and_blocks_what_depends_on_it() {
    if !have(&[&COQ]) {
        return;
    }
    let folder = Folder::new();
    write(&folder, &[("base.v", "Lemma fine : 1 = 2.\nProof. reflexivity. Qed.\n"), ("top.v", TOP)]);
    let (verdicts, _) = run(&folder, &["base.fine", "top.ok"], &[]);
    let Verdict::Failed(failure) = &verdicts[0] else { panic!("{}", words(&verdicts[0])) };
    let place = failure.place.as_ref().expect("a place");
    assert!(place.file.ends_with("base.v") && place.line == 2 && place.column == 8, "{place}");
    assert!(words(&verdicts[1]).contains("base.v was not"), "{}", words(&verdicts[1]));
}

/// Coq as a script.
fn pretend(compile: &str) -> Vec<Verdict> {
    let folder = Folder::new();
    write(&folder, &[("base.v", BASE)]);
    folder.script(
        "coqc",
        &format!("case \"$*\" in\n*--version*) echo 'The Coq Proof Assistant, version 8.16.1';;\n*-where*) echo /nowhere;;\n*) {compile};;\nesac"),
    );
    folder.script("coqdep", "echo 'base.vo base.glob: base.v'");
    let places = folder.places();
    let engine = ProofEngine::new(
        Proof { time: Duration::from_secs(2), ..proof(&folder, &["base.fine"], &[]) },
        &places,
        &folder.path().join("cache"),
    );
    discharge(&engine).into_iter().map(|(_, verdict)| verdict).collect()
}

#[test]
fn a_compiler_that_breaks_proves_nothing() {
    for (compile, expected) in [
        ("exit 0", "left no compiled file"),
        ("sleep 1000", "stopped after 2 s"),
        ("kill -SEGV $$", "crashed"),
        ("kill -KILL $$", "killed"),
        ("echo 'Fatal error: out of memory' >&2; exit 2", "not compiled"),
        // Compiles everything, and answers nothing.
        ("touch base.vo; exit 0", "ends early"),
        ("touch base.vo; echo 'Closed under the global context'; exit 0", "ends early"),
    ] {
        let verdicts = pretend(compile);
        assert!(!is_a_pass(&verdicts[0]), "{compile}: {}", words(&verdicts[0]));
        assert!(words(&verdicts[0]).contains(expected), "{compile}: {}", words(&verdicts[0]));
    }
}

#[test]
fn a_missing_or_old_tool_is_declined() {
    let folder = Folder::new();
    write(&folder, &[("base.v", BASE)]);
    let places = folder.places();
    let engine = ProofEngine::new(proof(&folder, &["base.fine"], &[]), &places, &folder.path().join("cache"));
    assert_eq!(words(&discharge(&engine)[0].1), "Declined: coq is not installed");
    assert_eq!(engine.details()[0].absent_tool.as_deref(), Some("coq"));
    folder.script("coqc", "echo 'The Coq Proof Assistant, version 8.9.1'");
    assert!(words(&discharge(&engine)[0].1).contains("too old: 8.16 or newer"));
}
