//! Project files, right and wrong.

use super::Project;
use std::fs;
use std::path::Path;
use std::time::Duration;
use verdict::{ExitCode, Expectation};

const GOOD: &str = r#"
[project]
name = "mps"
title = "Parallel inference"

[[property]]
id = "SP.MutualExclusion"
statement = "No two threads own one stream."
kind = "safety"

[[model]]
name = "StreamPool"
spec = "StreamPool.tla"
config = "StreamPool.cfg"
properties = { MutualExclusion = "SP.MutualExclusion" }
memory = "1G"
timeout = 60
workers = 2
deadlock = false

[[model]]
name = "StreamPoolBroken"
spec = "StreamPool.tla"
expect = "violated"
properties = { MutualExclusion = "SP.MutualExclusion" }
"#;

/// Parses a text as the project file of a folder that has the two files the good one names.
fn parse(text: &str) -> Result<Project, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["StreamPool.tla", "StreamPool.cfg"] {
        fs::write(folder.path().join(name), "").expect("the file");
    }
    Project::parse(&folder.path().join("interlock.toml"), text).map_err(|error| {
        assert_eq!(error.exit, ExitCode::Configuration);
        error.message.replace(&format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR), "")
    })
}

#[test]
fn a_good_file_is_read_whole() {
    let project = parse(GOOD).expect("a good file");
    assert_eq!((project.name.as_str(), project.title.as_str()), ("mps", "Parallel inference"));
    assert_eq!(project.properties.len(), 1);
    let [pool, broken] = project.models.as_slice() else { panic!("two models") };
    assert_eq!(pool.expectation, Expectation::Holds);
    assert_eq!(pool.properties, [("MutualExclusion".to_owned(), "SP.MutualExclusion".to_owned())]);
    assert_eq!((pool.memory_bytes, pool.timeout), (Some(1 << 30), Some(Duration::from_secs(60))));
    assert_eq!((pool.workers, pool.deadlock), (Some(2), Some(false)));
    assert_eq!(broken.expectation, Expectation::Violated);
    assert!(broken.config.ends_with("StreamPool.cfg"), "the configuration beside the specification is the default");
}

/// A change to the good file, and what the message must say about it.
fn check_complaint(from: &str, to: &str, expected: &[&str]) {
    assert!(GOOD.contains(from), "{from}");
    let message = parse(&GOOD.replacen(from, to, 1)).expect_err(to);
    for part in expected {
        assert!(message.contains(part), "`{part}` is missing in\n{message}");
    }
}

#[test]
fn an_unknown_key_is_an_error_with_a_caret() {
    check_complaint(
        "expect = \"violated\"",
        "expects = \"violated\"",
        &["interlock.toml:24:1", "expects = \"violated\"", "^^^^^^^", "unknown field `expects`", "expect"],
    );
}

#[test]
fn a_misspelt_expectation_is_an_error() {
    check_complaint("\"violated\"", "\"violate\"", &["unknown variant `violate`", "`holds` or `violated`"]);
}

#[test]
fn an_unknown_property_suggests_the_nearest() {
    check_complaint(
        "{ MutualExclusion = \"SP.MutualExclusion\" }\nmemory",
        "{ MutualExclusion = \"SP.MutualExclusoin\" }\nmemory",
        &[
            "interlock.toml:15:",
            "no [[property]] with the id `SP.MutualExclusoin`",
            "did you mean `SP.MutualExclusion`?",
        ],
    );
}

#[test]
fn two_models_of_one_name_are_an_error() {
    check_complaint("\"StreamPoolBroken\"", "\"StreamPool\"", &["interlock.toml:22:8", "two of model `StreamPool`"]);
}

#[test]
fn a_variant_that_must_be_violated_lists_one_property() {
    check_complaint(
        "expect = \"violated\"\nproperties = { MutualExclusion = \"SP.MutualExclusion\" }",
        "expect = \"violated\"",
        &["`StreamPoolBroken` is expected to be violated, but lists 0 properties"],
    );
}

#[test]
fn a_missing_file_is_pointed_at() {
    check_complaint("\"StreamPool.cfg\"", "\"Pool.cfg\"", &["interlock.toml:14:10", "there is no file Pool.cfg"]);
}

#[test]
fn numbers_and_sizes_are_checked() {
    check_complaint("memory = \"1G\"", "memory = \"1X\"", &["`1X` is not a size"]);
    check_complaint("timeout = 60", "timeout = 0", &["`timeout` must be a positive number"]);
    check_complaint("workers = 2", "workers = -2", &["`workers` must be a positive number"]);
}

#[test]
fn several_errors_are_told_at_once() {
    let text = GOOD.replace("memory = \"1G\"", "memory = \"1X\"").replace("timeout = 60", "timeout = 0");
    let message = parse(&text).expect_err("two errors");
    assert!(message.contains("`1X`") && message.contains("`timeout`"), "{message}");
}

#[test]
fn sections_for_outside_provers_are_read_and_checked() {
    let sections = "[[harness]]\nname = \"slots\"\nsource = \"StreamPool.tla\"\nunwind = 3\nflags = [\"-DX\"]\n\
        checks = [\"memory-leak\"]\nbroken = { BROKEN_X = \"SP.MutualExclusion\" }\n\
        [[annotated]]\nname = \"locks\"\nsource = \"StreamPool.tla\"\nbroken = { BROKEN_Y = \"SP.MutualExclusion\" }\n";
    let with = |from: &str, to: &str| format!("{GOOD}{}", sections.replacen(from, to, 1));
    let project = parse(&with("", "")).expect("a good file");
    let [harness] = project.harnesses.as_slice() else { panic!("a harness") };
    assert_eq!((harness.unwind, harness.time), (3, Duration::from_secs(600)));
    assert_eq!(harness.flags, ["--memory-leak-check", "-DX"]);
    assert_eq!(harness.broken, [("BROKEN_X".to_owned(), "SP.MutualExclusion".to_owned())]);
    assert_eq!(project.annotated.len(), 1);
    for (from, to, expected) in [
        ("unwind = 3", "unwind = 0", "`unwind` must be a positive number"),
        ("\"memory-leak\"", "\"leak\"", "no check `leak`"),
        ("BROKEN_X =", "\"-DBROKEN\" =", "no name of a macro"),
        ("SP.MutualExclusion", "SP.Other", "no [[property]] with the id `SP.Other`"),
        ("\"slots\"", "\"StreamPool\"", "two of model `StreamPool`"),
        ("StreamPool.tla", "none.c", "no file none.c"),
        ("unwind = 3", "unwind = 3\nunwound = 3", "unknown field `unwound`"),
    ] {
        let message = parse(&with(from, to)).expect_err(to);
        assert!(message.contains(expected), "`{expected}` is missing in\n{message}");
    }
    let proof = "[[proof]]\nname = \"iris\"\nfolder = \"proofs\"\ntheorems = { sound = \"SP.MutualExclusion\" }\n";
    let message = parse(&format!("{GOOD}{proof}")).expect_err("two errors");
    assert!(
        message.contains("no proofs/_CoqProject") && message.contains("`sound` does not say which file"),
        "{message}"
    );
}

#[test]
fn tools_are_known_ones() {
    check_complaint("[[property]]", "[tools]\ncmbc = \"bin/cbmc\"\n[[property]]", &["no tool `cmbc`", "cbmc"]);
    let text = GOOD.replacen("[[property]]", "[tools]\ncbmc = \"/opt/cbmc\"\n[[property]]", 1);
    assert_eq!(parse(&text).expect("a good file").tools["cbmc"], Path::new("/opt/cbmc"));
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    let message = parse("[project\nname = 1").expect_err("no TOML");
    assert!(message.contains("interlock.toml:1:"), "{message}");
}

#[test]
fn the_file_is_found_in_a_folder_above() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let deep = folder.path().join("a/b");
    fs::create_dir_all(&deep).expect("folders");
    let missing = Project::load(&deep).expect_err("no file yet");
    assert!(missing.message.contains("or any folder above it"), "{}", missing.message);
    fs::write(folder.path().join("interlock.toml"), "[project]\nname = \"p\"\n").expect("the file");
    assert_eq!(Project::load(&deep).expect("the file above").name, "p");
    assert_eq!(Project::load(&folder.path().join("interlock.toml")).expect("the file itself").name, "p");
    assert_eq!(Project::load(Path::new("no/such/folder")).expect_err("nothing").exit, ExitCode::Configuration);
}

#[test]
fn what_is_asked_of_symbolic_engines_needs_one() {
    let with = |keys: &str| GOOD.replacen("timeout = 60", &format!("timeout = 60\n{keys}"), 1);
    let project = parse(&with("engines = [\"prove\", \"smt\"]\nlength = 7")).expect("a good file");
    assert_eq!((project.models[0].length, project.models[0].engines.len()), (Some(7), 2));
    let project = parse(&with("engines = [\"smt\"]\ninductive = \"Inv\"")).expect("a good file");
    assert_eq!(project.models[0].inductive.as_deref(), Some("Inv"));
    for (keys, expected) in [
        ("length = 7", "`length` is asked of symbolic engines"),
        ("inductive = \"Inv\"", "`inductive` is asked of symbolic engines"),
        ("engines = [\"prove\"]\nlength = 0", "`length` must be a positive number"),
        ("engines = [\"smt\"]\nlength = 7\ninductive = \"Inv\"", "behaviors of every length"),
        ("engines = [\"sat\"]", "unknown variant `sat`"),
    ] {
        let message = parse(&with(keys)).expect_err(keys);
        assert!(message.contains(expected), "`{expected}` is missing in\n{message}");
    }
}
