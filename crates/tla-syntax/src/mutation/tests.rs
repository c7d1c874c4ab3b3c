//! Mutants: which parts of a module become mistakes, and which never do.

use super::{Mistake, mutants};
use crate::load::load_from_text;

const TEXT: &str = r#"---- MODULE Pool ----
EXTENDS Integers
CONSTANT N
VARIABLES free, owner
TypeOK == free \in 0..N
Init == free = N /\ owner = 0
Take(t) ==
    /\ free > 0
    /\ \E s \in 1..N : s # owner
    /\ free' = free - 1
    /\ owner' \in {t}
Give == owner # 0 /\ free' = free + 1 /\ UNCHANGED owner
Next == (\E t \in 1..N : Take(t)) \/ Give
Spec == Init /\ [][Next]_<<free, owner>> /\ WF_free(Give)
====
"#;

fn found() -> Vec<(Mistake, String, String, String)> {
    let specification = load_from_text("Pool", TEXT, &[]).expect("a module");
    let module = &specification.root_module().module;
    mutants(module, &specification.sources, &["Spec"])
        .into_iter()
        .map(|mutant| {
            let old = specification.sources.text(mutant.span).to_owned();
            (mutant.mistake, mutant.definition, old, mutant.replacement)
        })
        .collect()
}

fn has(mistake: Mistake, definition: &str, old: &str, new: &str) -> bool {
    found().contains(&(mistake, definition.to_owned(), old.to_owned(), new.to_owned()))
}

#[test]
fn every_sort_of_mistake_is_made() {
    let expected = [
        (Mistake::DroppedConjunct, "Take", "free > 0", "TRUE"),
        (Mistake::DroppedConjunct, "Give", "owner # 0", "TRUE"),
        (Mistake::ForgottenAssignment, "Take", "free - 1", "free"),
        (Mistake::ForgottenUnchanged, "Give", "UNCHANGED owner", "TRUE"),
        (Mistake::FlippedQuantifier, "Take", "\\E", "\\A"),
        (Mistake::FlippedComparison, "Take", ">", ">="),
        (Mistake::FlippedComparison, "Give", "#", "="),
        (Mistake::ShiftedBound, "Next", "1", "(1 + 1)"),
        (Mistake::ShiftedBound, "Next", "N", "(N - 1)"),
        (Mistake::ShiftedBound, "Take", "0", "(0 + 1)"),
        (Mistake::DroppedFairness, "Spec", "WF_free(Give)", "TRUE"),
    ];
    for (mistake, definition, old, new) in expected {
        assert!(has(mistake, definition, old, new), "{mistake:?} of `{old}` in {definition}: {:#?}", found());
    }
}

#[test]
fn properties_and_what_says_the_next_state_are_left_alone() {
    for (mistake, definition, old, _) in found() {
        assert_ne!(definition, "TypeOK", "no root reaches it");
        assert!(mistake != Mistake::DroppedConjunct || !old.contains('\''), "a step that is none: {old}");
        assert!(mistake != Mistake::FlippedComparison || old != "\\in", "`owner' \\in S` chooses a value");
    }
}

#[test]
fn a_mutant_is_a_module_that_differs_in_one_place() {
    let specification = load_from_text("Pool", TEXT, &[]).expect("a module");
    let module = &specification.root_module().module;
    let all = mutants(module, &specification.sources, &["Spec"]);
    for (index, mutant) in all.iter().enumerate() {
        let text = mutant.apply(TEXT);
        assert_ne!(text, TEXT);
        assert!(load_from_text("Pool", &text, &[]).is_ok(), "{mutant:?}");
        assert!(all[..index].iter().all(|other| other.apply(TEXT) != text), "{mutant:?} is there twice");
    }
}
