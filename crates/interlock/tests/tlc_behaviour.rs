//! 260 small models, most of them traps, against what TLC gave for them with one worker: the exit code and, where TLC
//! tells them, the numbers of generated and distinct states and the depth, after a violation too.
//!
//! A case that differs stands in [`DIFFERENCES`] with the exit code that it has here, and in `docs/tlc-differences.md` with
//! the reason in words. The test fails when another case differs, and as well when a listed one agrees or gives a
//! different code: then the table is out of date.
#![allow(clippy::print_stderr)] // A test says what it did not run.

mod oracle;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// Why a case differs; the headings of `docs/tlc-differences.md`.
#[derive(Debug, Clone, Copy)]
enum Reason {
    ExactIntegers,
    RicherConfiguration,
    FinerExitCode,
    AlwaysOn,
    LaterTlc,
    InfiniteSets,
    Lenient,
    SizeLimits,
    WarningMode,
    NotSupported,
    AnyTemporalFormula,
    LivenessUnderReduction,
    NoSymmetry,
}

/// What the program gives for a case: an exit code, or no end within [`SHORT_LIMIT`].
const UNFINISHED: Option<i32> = None;

/// Case, exit code here, reason.
const DIFFERENCES: &[(&str, Option<i32>, Reason)] = &[
    ("overflow", Some(0), Reason::ExactIntegers),
    ("overflow_mul", Some(0), Reason::ExactIntegers),
    ("bigint", Some(0), Reason::ExactIntegers),
    ("setsize_card31", Some(0), Reason::ExactIntegers),
    ("cfg_neg", Some(0), Reason::RicherConfiguration),
    ("cfg_tuple", Some(0), Reason::RicherConfiguration),
    ("cfg_interval", Some(0), Reason::RicherConfiguration),
    ("cfg_nested", Some(150), Reason::FinerExitCode),
    ("cfg_unknown", Some(151), Reason::FinerExitCode),
    ("cfg_dup_init", Some(151), Reason::FinerExitCode),
    ("act_init_incomplete", Some(75), Reason::FinerExitCode),
    ("next_err", Some(75), Reason::FinerExitCode),
    ("nat_subset", Some(0), Reason::InfiniteSets),
    ("print_values", Some(0), Reason::InfiniteSets),
    ("label", Some(0), Reason::Lenient),
    ("setsize_eager", Some(152), Reason::SizeLimits),
    ("fcnset_exists", UNFINISHED, Reason::SizeLimits),
    ("cnt_disj_after_nowarn", Some(0), Reason::WarningMode),
    ("act_cdot", Some(0), Reason::AlwaysOn),
    ("act_subseteq", Some(0), Reason::LaterTlc),
    ("act_init_subseteq", Some(0), Reason::LaterTlc),
    ("real", Some(20), Reason::NotSupported),
    ("prop_equiv", Some(0), Reason::AnyTemporalFormula),
    ("prop_wf_constraint", Some(20), Reason::LivenessUnderReduction),
    ("sym_choose", Some(20), Reason::NoSymmetry),
];

/// Time for one case; most end in milliseconds.
const LIMIT: Duration = Duration::from_secs(30);
/// Time for a case that is listed as unfinished.
const SHORT_LIMIT: Duration = Duration::from_secs(3);

/// One recorded case.
struct Case(Value);

impl Case {
    fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_else(|| panic!("a case without {field}"))
    }

    /// TLC's exit code.
    fn exit(&self) -> Option<i32> {
        self.0["exit"].as_i64().and_then(|code| i32::try_from(code).ok())
    }

    /// TLC's generated, distinct and depth, if it told them.
    fn counts(&self) -> Option<[u64; 3]> {
        Some([self.0["generated"].as_u64()?, self.0["distinct"].as_u64()?, self.0["depth"].as_u64()?])
    }

    /// Writes the modules and the configuration into a folder.
    fn write(&self, folder: &Path) {
        let files = self.0["files"].as_object().into_iter().flatten();
        let files = files.map(|(name, text)| (name.as_str(), text.as_str().expect("a text")));
        for (name, text) in files.chain([("T.tla", self.text("module")), ("T.cfg", self.text("cfg"))]) {
            std::fs::write(folder.join(name), text).expect("a file of the case");
        }
    }

    fn run(&self) -> oracle::Outcome {
        let folder = tempfile::tempdir().expect("a folder");
        self.write(folder.path());
        let unfinished = listed(self.text("name")).is_some_and(|(_, exit, _)| *exit == UNFINISHED);
        let limit = if unfinished { SHORT_LIMIT } else { LIMIT };
        oracle::check(Path::new("T.tla"), Path::new("T.cfg"), 1, folder.path(), limit)
    }
}

fn listed(name: &str) -> Option<&'static (&'static str, Option<i32>, Reason)> {
    DIFFERENCES.iter().find(|(listed, _, _)| *listed == name)
}

/// What is wrong with the result of a case, if anything.
fn complaint(case: &Case, outcome: &oracle::Outcome) -> Option<String> {
    let same_counts = case.counts().is_none() || case.counts() == outcome.counts;
    let agrees = outcome.exit == case.exit() && same_counts;
    let name = case.text("name");
    match listed(name) {
        None if !agrees => Some(format!(
            "{name}: exit {:?}, {:?}; TLC: exit {:?}, {:?}",
            outcome.exit,
            outcome.counts,
            case.exit(),
            case.counts()
        )),
        Some((_, _, reason)) if agrees => Some(format!("{name}: agrees now; take it from the table ({reason:?})")),
        Some((_, exit, _)) if *exit != outcome.exit => {
            Some(format!("{name}: exit {:?} instead of the listed {exit:?}", outcome.exit))
        }
        None | Some(_) => None,
    }
}

#[test]
fn every_recorded_case_agrees_with_tlc_or_differs_for_a_listed_reason() {
    let Some(path) = oracle::shared("tla/tlc-behaviour.jsonl") else { return };
    let text = std::fs::read_to_string(path).expect("the cases");
    let cases: Vec<Case> = text.lines().map(|line| Case(serde_json::from_str(line).expect("JSON"))).collect();
    let complaints: Vec<String> = cases.iter().filter_map(|case| complaint(case, &case.run())).collect();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.text("name")).collect();
    assert_eq!(complaints, Vec::<String>::new());
    assert_eq!(names.len(), 260);
    assert!(DIFFERENCES.iter().all(|(name, _, _)| names.contains(name)), "a listed case does not exist");
}

#[test]
fn the_page_about_differences_lists_every_case_once() {
    let page = include_str!("../../../docs/tlc-differences.md");
    let mut missing = String::new();
    for (name, _, reason) in DIFFERENCES {
        if page.matches(&format!("| `{name}` |")).count() != 1 {
            writeln!(missing, "{name} ({reason:?})").expect("memory");
        }
    }
    let rows = page.lines().filter(|line| line.starts_with("| `") && !line.contains(".cfg`")).count();
    assert_eq!((missing.as_str(), rows), ("", DIFFERENCES.len()));
}
