//! CBMC: recorded outputs of every odd case, none of which may become a pass; and the real tool where it is installed.

mod support;

use external::budget::Budget;
use external::catalogue::{C_COMPILER, CBMC};
use external::cbmc::{Harness, HarnessEngine, MEMORY_SAFETY};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use support::{Folder, discharge, have, is_a_pass, real_places, words};
use verdict::{Engine, Verdict};

fn harness(source: PathBuf) -> Harness {
    Harness {
        name: "slots".to_owned(),
        source,
        unwind: 4,
        flags: Vec::new(),
        time: Duration::from_secs(100),
        memory: 1 << 30,
        broken: Vec::new(),
        properties: Vec::new(),
        memory_safety: None,
        known: BTreeSet::from(["A.Kept".to_owned(), "A.Other".to_owned()]),
    }
}

/// One property of an output.
fn property(name: &str, text: &str, line: u32, status: &str) -> String {
    format!(
        r#"{{"property":"{name}","description":"{text}","status":"{status}",
            "sourceLocation":{{"file":"slots.c","function":"main","line":"{line}"}}}}"#
    )
}

fn goal(text: &str, line: u32, status: &str) -> String {
    format!(
        r#"{{"goal":"main.coverage.1","description":"{text}","status":"{status}",
            "sourceLocation":{{"file":"slots.c","function":"main","line":"{line}"}}}}"#
    )
}

const KEPT: &str = "A.Kept: it is";
const BOUNDS: &str = "array upper bound";

fn results(parts: &[String], status: &str) -> String {
    format!(r#"[{{"program":"CBMC"}},{{"result":[{}]}},{{"cProverStatus":"{status}"}}]"#, parts.join(","))
}

fn goals(parts: &[String]) -> String {
    format!(r#"[{{"program":"CBMC"}},{{"goals":[{}]}}]"#, parts.join(","))
}

fn all_reached() -> String {
    goals(&[goal(KEPT, 5, "satisfied"), goal(BOUNDS, 4, "satisfied")])
}

fn two(kept: &str, bounds: &str) -> Vec<String> {
    vec![property("main.assertion.1", KEPT, 5, kept), property("main.array_bounds.1", BOUNDS, 4, bounds)]
}

/// A CBMC that says what it is told to.
struct Recorded {
    check: String,
    /// What the shell does after that.
    then: String,
    cover: String,
    version: String,
}

impl Recorded {
    fn new(check: String, then: &str) -> Self {
        let version = "6.6.0 (cbmc-6.6.0)".to_owned();
        Self { check, then: then.to_owned(), cover: format!("{}\nexit 0", echo(&all_reached())), version }
    }

    /// Verdicts on `A.Kept` and on memory safety.
    fn verdicts(&self, change: impl Fn(&mut Harness)) -> Vec<(String, Verdict)> {
        let folder = Folder::new();
        let source = folder.write("slots.c", "int main(void) { __CPROVER_assert(1, \"A.Kept: it is\"); }\n");
        let Self { check, then, cover, version } = self;
        let check = echo(check);
        folder.script(
            "cbmc",
            &format!(
                "case \"$*\" in\n*--version*) echo '{version}';;\n*--preprocess*) echo 'CBMC version 6.6.0'; echo '# 1'; /bin/cat {};;\n*--cover*) {cover};;\n*) {check}\n{then};;\nesac",
                source.display()
            ),
        );
        let mut harness = harness(source);
        change(&mut harness);
        let (places, budget) = (folder.places(), Budget::new(None));
        let engine = HarnessEngine::new(harness, &places, &budget, folder.path().join("cache"));
        let told = discharge(&engine);
        // A second time, from what may have been kept.
        assert_eq!(discharge(&engine), told, "the second run says something else");
        told
    }

    fn kept(&self) -> Verdict {
        let told = self.verdicts(|_| {});
        told.into_iter().find(|(name, _)| name == "slots: A.Kept").expect("the obligation").1
    }
}

fn echo(text: &str) -> String {
    // Without a line break at the end.
    format!("printf '%s' \"$(/bin/cat <<'END'\n{text}\nEND\n)\"")
}

#[track_caller]
fn check_no_pass(recorded: &Recorded, expected: &str) {
    let verdict = recorded.kept();
    assert!(!is_a_pass(&verdict), "{}", words(&verdict));
    assert!(words(&verdict).contains(expected), "`{expected}` is missing in `{}`", words(&verdict));
}

#[test]
fn what_holds_and_is_reached_is_bounded() {
    let recorded = Recorded::new(results(&two("SUCCESS", "SUCCESS"), "success"), "exit 0");
    let told = recorded.verdicts(|_| {});
    let told: Vec<String> = told.iter().map(|(name, verdict)| format!("{name}: {}", words(verdict))).collect();
    let kept = "slots: A.Kept: Bounded: 4 unwindings, which are enough, 1 property, all reached";
    let memory = format!("slots: {MEMORY_SAFETY}: Bounded: 4 unwindings, which are enough, 1 property, all reached");
    assert_eq!(told, [kept, &memory]);
}

#[test]
fn unknown_after_a_failed_unwinding_assertion_is_declined() {
    let mut parts = two("UNKNOWN", "SUCCESS");
    parts.push(property("main.unwind.0", "unwinding assertion loop 0", 3, "FAILURE"));
    let recorded = Recorded::new(results(&parts, "failure"), "exit 10");
    check_no_pass(&recorded, "Declined: 4 unwindings are too few: unwinding assertion loop 0");
    for (name, verdict) in recorded.verdicts(|_| {}) {
        assert!(!is_a_pass(&verdict), "{name} holds only up to a bound that cuts paths off");
    }
}

#[test]
fn unknown_alone_is_declined() {
    check_no_pass(
        &Recorded::new(results(&two("UNKNOWN", "SUCCESS"), "failure"), "exit 10"),
        "Declined: cbmc does not know",
    );
}

#[test]
fn an_error_of_a_property_is_a_failure() {
    check_no_pass(&Recorded::new(results(&two("ERROR", "SUCCESS"), "failure"), "exit 10"), "Failed: System");
    check_no_pass(&Recorded::new(results(&two("MAYBE", "SUCCESS"), "failure"), "exit 10"), "Failed: System");
}

#[test]
fn an_output_that_is_cut_off_decides_nothing() {
    let whole = results(&two("SUCCESS", "SUCCESS"), "success");
    for length in [whole.len() - 1, whole.len() - 20, whole.len() / 2, 1] {
        check_no_pass(&Recorded::new(whole[..length].to_owned(), "exit 0"), "ends in the middle");
    }
    check_no_pass(&Recorded::new(String::new(), "exit 0"), "ends in the middle");
    check_no_pass(&Recorded::new("VERIFICATION SUCCESSFUL".to_owned(), "exit 0"), "not what this adapter reads");
}

#[test]
fn code_and_results_have_to_say_the_same() {
    check_no_pass(&Recorded::new(results(&two("SUCCESS", "FAILURE"), "success"), "exit 0"), "contradicts itself");
    check_no_pass(&Recorded::new(results(&two("SUCCESS", "SUCCESS"), "success"), "exit 10"), "no verdict");
    check_no_pass(&Recorded::new(results(&two("SUCCESS", "SUCCESS"), "success"), "exit 6"), "code 6");
    let without_status = results(&two("SUCCESS", "SUCCESS"), "success").replace("cProverStatus", "other");
    check_no_pass(&Recorded::new(without_status, "exit 0"), "no verdict");
}

#[test]
fn running_out_of_memory_is_declined() {
    let message = r#"[{"program":"CBMC"},{"messageText":"Out of memory","messageType":"ERROR"}]"#;
    check_no_pass(&Recorded::new(message.to_owned(), "exit 6"), "Declined: cbmc ran out of its 1024 MiB");
    check_no_pass(&Recorded::new("[".to_owned(), "echo std::bad_alloc >&2; kill -ABRT $$"), "ran out of its 1024 MiB");
    check_no_pass(&Recorded::new("[".to_owned(), "kill -KILL $$"), "ran out of its 1024 MiB");
}

#[test]
fn a_time_out_is_declined() {
    let recorded = Recorded::new(results(&two("SUCCESS", "SUCCESS"), "success"), "sleep 1000");
    let told = recorded.verdicts(|harness| harness.time = Duration::from_secs(1));
    assert!(
        told.iter().all(|(_, verdict)| words(verdict).contains("Declined: cbmc was stopped after 1 s")),
        "{told:?}"
    );
}

#[test]
fn a_crash_is_a_failure() {
    let whole = results(&two("SUCCESS", "SUCCESS"), "success");
    check_no_pass(&Recorded::new(whole, "kill -SEGV $$"), "Failed: System: cbmc crashed (signal 11)");
}

#[test]
fn a_harness_that_cannot_be_read_is_a_failure() {
    let text = r#"[{"messageText":"failed to find symbol 'x'","messageType":"ERROR","sourceLocation":{"file":"slots.c","line":"1"}},
                   {"messageText":"CONVERSION ERROR","messageType":"ERROR"}]"#;
    check_no_pass(
        &Recorded::new(text.to_owned(), "exit 6"),
        "Failed: Parse: cbmc cannot read the harness: failed to find",
    );
}

#[test]
fn no_property_at_all_is_vacuous() {
    check_no_pass(&Recorded::new(results(&[], "success"), "exit 0"), "Vacuous: no assertion");
    check_no_pass(&Recorded::new(r#"[{"cProverStatus":"success"}]"#.to_owned(), "exit 0"), "Vacuous: no assertion");
}

#[test]
fn a_property_that_was_removed_is_vacuous() {
    let parts = [property("main.array_bounds.1", BOUNDS, 4, "SUCCESS")];
    check_no_pass(&Recorded::new(results(&parts, "success"), "exit 0"), "Vacuous: no assertion of the harness");
    // Listed in the project file, or to be violated by a twin, but nowhere in the source.
    let recorded = Recorded::new(results(&two("SUCCESS", "SUCCESS"), "success"), "exit 0");
    let change = |harness: &mut Harness| harness.broken = vec![("BROKEN".to_owned(), "A.Other".to_owned())];
    let told = recorded.verdicts(change);
    let about = |name: &str| words(&told.iter().find(|(known, _)| known == name).expect(name).1);
    assert!(about("slots: A.Other").starts_with("Vacuous"), "{told:?}");
    assert!(about("slots/BROKEN: A.Other").starts_with("Vacuous"), "{told:?}");
}

#[test]
fn an_assertion_that_no_path_reaches_is_vacuous() {
    let whole = results(&two("SUCCESS", "SUCCESS"), "success");
    let cover = |goals: &str| format!("{}\nexit 0", echo(goals));
    let unreached = goals(&[goal(KEPT, 5, "failed"), goal(BOUNDS, 4, "satisfied")]);
    check_no_pass(&Recorded { cover: cover(&unreached), ..Recorded::new(whole.clone(), "exit 0") }, "no path reaches");
    let missing = goals(&[goal(BOUNDS, 4, "satisfied")]);
    check_no_pass(&Recorded { cover: cover(&missing), ..Recorded::new(whole, "exit 0") }, "no path reaches");
}

#[test]
fn a_check_for_leaks_is_reached_if_anything_is() {
    let leak =
        r#"{"property":"__CPROVER__start.memory-leak.1","description":"leak","status":"SUCCESS","sourceLocation":{}}"#;
    let parts = [property("main.assertion.1", KEPT, 5, "SUCCESS"), leak.to_owned()];
    let recorded = Recorded::new(results(&parts, "success"), "exit 0");
    let (_, memory) = recorded.verdicts(|_| {}).pop().expect("memory safety");
    assert!(matches!(memory, Verdict::Bounded { .. }), "{}", words(&memory));
    let cover = format!("{}\nexit 0", echo(&goals(&[goal(KEPT, 5, "failed")])));
    let (_, memory) = Recorded { cover, ..recorded }.verdicts(|_| {}).pop().expect("memory safety");
    assert!(words(&memory).starts_with("Vacuous"), "{}", words(&memory));
}

#[test]
fn if_nobody_knows_what_is_reached_nothing_is_decided() {
    let whole = results(&two("SUCCESS", "SUCCESS"), "success");
    for cover in ["echo '['; exit 0", "kill -SEGV $$", "exit 0", "echo '[]'; exit 0"] {
        let recorded = Recorded { cover: cover.to_owned(), ..Recorded::new(whole.clone(), "exit 0") };
        check_no_pass(
            &recorded,
            "Declined: nothing fails up to the bound, but whether anything is reached is not known",
        );
    }
}

#[test]
fn a_failure_that_cannot_be_replayed_is_not_shown_as_one() {
    // There is no compiler among these places.
    check_no_pass(&Recorded::new(results(&two("FAILURE", "SUCCESS"), "failure"), "exit 10"), "could not be replayed");
}

#[test]
fn a_twin_that_holds_is_not_refuted() {
    let recorded = Recorded::new(results(&two("SUCCESS", "SUCCESS"), "success"), "exit 0");
    let change = |harness: &mut Harness| harness.broken = vec![("BROKEN".to_owned(), "A.Kept".to_owned())];
    let told = recorded.verdicts(change);
    let (_, verdict) = told.iter().find(|(name, _)| name == "slots/BROKEN: A.Kept").expect("the twin");
    assert_eq!(verdict::ExitCode::of(verdict, verdict::Expectation::Violated), 22, "{}", words(verdict));
}

#[test]
fn an_assertion_about_a_property_that_nobody_expected_is_a_failure() {
    let mut parts = two("SUCCESS", "SUCCESS");
    parts.push(property("main.assertion.2", "A.Other: too", 6, "SUCCESS"));
    let told = Recorded::new(results(&parts, "success"), "exit 0").verdicts(|_| {});
    let (_, memory) = told.last().expect("memory safety");
    assert!(words(memory).contains("A.Other: too"), "{}", words(memory));
    assert!(words(memory).starts_with("Failed"), "{}", words(memory));
}

#[test]
fn a_version_that_is_too_old_is_declined_with_the_remedy() {
    let old = Recorded {
        version: "5.95.1 (cbmc-5.95.1)".to_owned(),
        ..Recorded::new(results(&two("SUCCESS", "SUCCESS"), "success"), "exit 0")
    };
    let Verdict::Declined(decline) = old.kept() else { panic!("declined") };
    assert!(decline.reason.contains("too old: 6.0 or newer"), "{}", decline.reason);
    assert_eq!(decline.remedy, "interlock tools install cbmc");
}

#[test]
fn a_missing_tool_is_declined_and_named() {
    let folder = Folder::new();
    let source = folder.write("slots.c", "\"A.Kept: it is\"");
    let (places, budget) = (folder.places(), Budget::new(None));
    let engine = HarnessEngine::new(harness(source), &places, &budget, folder.path().join("cache"));
    for (_, verdict) in discharge(&engine) {
        assert_eq!(words(&verdict), "Declined: cbmc is not installed");
    }
    assert!(engine.details().iter().all(|details| details.absent_tool.as_deref() == Some("cbmc")));
}

/// A twin whose full run finds nothing, while the short way ends in this manner. The compiler is the real one.
fn short_way(stopped: &str, then: &str) -> Option<Verdict> {
    if !have(&[&C_COMPILER]) {
        return None;
    }
    let folder = Folder::new();
    let source = folder.write("slots.c", "int main(void) { __CPROVER_assert(1, \"A.Kept: it is\"); }\n");
    let text = "\nint main(void) { __CPROVER_assert(0, \"A.Kept: it is\"); }";
    let held = results(&two("SUCCESS", "SUCCESS"), "success");
    let listed = r#"[{"program":"CBMC"},{"properties":[{"class":"assertion","name":"main.assertion.1",
        "description":"A.Kept: it is","sourceLocation":{"file":"slots.c","line":"2"}}]}]"#;
    folder.script(
        "cbmc",
        &format!(
            "case \"$*\" in\n*--version*) echo 6.6.0;;\n*--preprocess*) echo '# 1 \"slots.c\"'; /bin/echo '{}';;\n\
             *--show-properties*) {};;\n*--stop-on-fail*) {}\n{then};;\n*--cover*) {};;\n*) {};;\nesac",
            text,
            echo(listed),
            echo(stopped),
            echo(&all_reached()),
            echo(&held)
        ),
    );
    let mut harness = harness(source);
    harness.broken = vec![("BROKEN".to_owned(), "A.Kept".to_owned())];
    let (mut places, budget) = (folder.places(), Budget::new(None));
    places.path.extend(real_places().path);
    let engine = HarnessEngine::new(harness, &places, &budget, folder.path().join("cache"));
    let told = discharge(&engine);
    told.into_iter().find(|(name, _)| name == "slots/BROKEN: A.Kept").map(|(_, verdict)| verdict)
}

#[test]
fn a_twin_is_refuted_the_short_way_only_by_a_whole_and_replayed_path() {
    let stopped = |property: &str, status: &str, whole: &str| {
        format!(r#"[{{"property":"{property}","status":"{status}","trace":[]}},{{"cProverStatus":"{whole}"}}]"#)
    };
    let good = stopped("main.assertion.1", "failed", "failure");
    let Some(verdict) = short_way(&good, "exit 10") else { return };
    assert!(matches!(verdict, Verdict::Refuted(_)), "{}", words(&verdict));
    let odd = [
        (good.clone(), "exit 0"),
        (good.clone(), "exit 6"),
        (good.clone(), "kill -SEGV $$"),
        (good[..good.len() - 1].to_owned(), "exit 10"),
        (stopped("main.assertion.1", "failed", "success"), "exit 10"),
        (stopped("main.assertion.1", "unknown", "failure"), "exit 10"),
        (stopped("main.assertion.7", "failed", "failure"), "exit 10"),
        (good.replace("\"trace\"", "\"path\""), "exit 10"),
        ("[]".to_owned(), "exit 10"),
    ];
    for (output, then) in odd {
        let verdict = short_way(&output, then).expect("a compiler");
        assert!(matches!(verdict, Verdict::Bounded { .. }), "{output} {then}: {}", words(&verdict));
    }
}

/// Runs the real tool on a program.
fn real(text: &str, change: impl Fn(&mut Harness)) -> Option<Vec<(String, Verdict)>> {
    if !have(&[&CBMC, &C_COMPILER]) {
        return None;
    }
    let folder = Folder::new();
    let mut harness = harness(folder.write("slots.c", text));
    change(&mut harness);
    let (places, budget) = (real_places(), Budget::new(None));
    let engine = HarnessEngine::new(harness, &places, &budget, folder.path().join("cache"));
    let told = discharge(&engine);
    assert_eq!(discharge(&engine), told, "what was kept says the same");
    Some(told)
}

const SLOTS: &str = r#"
#include <stdint.h>
#include <stdlib.h>
uint32_t nondet_u32(void);
struct pair { int a; _Bool b; };
struct pair nondet_pair(void);
static struct { uint32_t generation; int used; } slots[3];
int main(void)
{
    uint32_t n = nondet_u32();
    uint32_t k = nondet_u32();
    struct pair p = nondet_pair();
    __CPROVER_assume(n < 3 && k < 100 && p.a == 7);
    slots[n].generation = k;
#ifdef BROKEN_LOSE
    if (p.b && k > 41) slots[n].generation++;
#endif
    __CPROVER_assert(slots[n].generation == k,
                     "A.Kept: the generation is kept");
#ifdef UNREACHED
    if (n > 5) __CPROVER_assert(0, "A.Other: never");
#endif
    for (uint32_t i = 0; i < n; i++) slots[i].used = 1;
    char *memory = malloc(4);
    if (memory) {
        memory[n] = 1;
#ifdef LEAK_NOT
        free(memory);
#else
        free(memory);
        if (k == 77) memory[0] = 2;
#endif
    }
    return 0;
}
"#;

#[test]
fn the_real_tool_bounds_what_holds_and_refutes_the_twin() {
    let change = |harness: &mut Harness| {
        harness.flags = vec!["-DLEAK_NOT".to_owned(), "--memory-leak-check".to_owned()];
        harness.broken = vec![("BROKEN_LOSE".to_owned(), "A.Kept".to_owned())];
    };
    let Some(told) = real(SLOTS, change) else { return };
    let [(_, kept), (_, other), (_, memory), (_, twin)] = told.as_slice() else { panic!("{told:?}") };
    assert!(matches!(kept, Verdict::Bounded { unwinding_assertions: true, .. }), "{}", words(kept));
    assert!(words(other).starts_with("Vacuous"), "the preprocessor took the assertion away: {}", words(other));
    assert!(matches!(memory, Verdict::Bounded { .. }), "{}", words(memory));
    let Verdict::Refuted(refutation) = twin else { panic!("{}", words(twin)) };
    let steps = &refutation.counterexample.trace.steps;
    assert!(steps.iter().any(|step| step.bindings.iter().any(|one| one.name == "nondet_u32")), "{steps:?}");
    let part = &refutation.counterexample.false_conjuncts[0];
    assert_eq!((part.place.line, part.text.as_str()), (18, "A.Kept: the generation is kept"));
}

#[test]
fn the_real_tool_shows_what_is_not_reached_and_memory_errors_by_sanitiser() {
    let change = |harness: &mut Harness| harness.flags = vec!["-DUNREACHED".to_owned()];
    let Some(told) = real(SLOTS, change) else { return };
    let [(_, kept), (_, other), (_, memory)] = told.as_slice() else { panic!("{told:?}") };
    assert!(matches!(kept, Verdict::Bounded { .. }), "{}", words(kept));
    assert_eq!(words(other), "Vacuous: no path reaches the assertion `A.Other: never`");
    assert!(matches!(memory, Verdict::Refuted(_)), "use after free: {}", words(memory));
}

#[test]
fn the_real_tool_with_too_few_unwindings_decides_nothing() {
    let change = |harness: &mut Harness| {
        harness.flags = vec!["-DLEAK_NOT".to_owned()];
        harness.unwind = 2;
    };
    let Some(told) = real(SLOTS, change) else { return };
    assert!(words(&told[0].1).contains("unwindings are too few"), "{told:?}");
}

#[test]
fn a_value_that_the_program_did_not_draw_is_not_replayed() {
    // An uninitialised variable is any value to CBMC; the program on its own has its own.
    let text = "int nondet_int(void); int main(void) { int x; int y = nondet_int(); \
                __CPROVER_assert(x != 123456 || y != 3, \"A.Kept: odd\"); return 0; }";
    let Some(told) = real(text, |_| {}) else { return };
    assert!(words(&told[0].1).contains("could not be replayed"), "{}", words(&told[0].1));
}
