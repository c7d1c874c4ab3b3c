//! The order of the rooms (`ARCHITECTURE.md`): a crate depends only on crates above it, and the checker of checkers on
//! next to nothing.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The rooms from the ground up. A crate that is not here has no place yet: give it one.
const ROOMS: [&str; 16] = [
    "interlock-verdict",
    "interlock-tla-syntax",
    "interlock-pluscal",
    "interlock-tla-model",
    "interlock-recheck",
    "interlock-tla-explore",
    "interlock-tla-compile",
    "interlock-tla-symbolic",
    "interlock-native-syntax",
    "interlock-native-scan",
    "interlock-external",
    "interlock-mps-runtime",
    "interlock-stress",
    "interlock-ledger",
    "interlock-report",
    "interlock",
];

/// Crates of the workspace with their dependencies, those for tests left out.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path", manifest];
    let output = Command::new(env!("CARGO")).args(arguments).output().expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().map(|package| (name_of(package), needed(package))).collect()
}

fn name_of(value: &Value) -> String {
    value["name"].as_str().expect("a name").to_owned()
}

fn needed(package: &Value) -> Vec<String> {
    let all = package["dependencies"].as_array().expect("dependencies").iter();
    all.filter(|dependency| dependency["kind"] != "dev").map(name_of).collect()
}

fn level(name: &str) -> Option<usize> {
    ROOMS.iter().position(|room| *room == name)
}

#[test]
fn every_crate_has_its_place() {
    let homeless: Vec<String> = dependencies().into_keys().filter(|name| level(name).is_none()).collect();
    assert!(homeless.is_empty(), "not in the order of the rooms: {homeless:?}");
}

#[test]
fn a_crate_depends_only_on_crates_above_it() {
    for (name, needed) in dependencies() {
        for other in needed.iter().filter(|other| level(other).is_some()) {
            assert!(level(other) < level(&name), "{name} depends on {other}, which is not above it");
        }
    }
}

#[test]
fn the_independent_checker_shares_no_meaning_with_the_engines() {
    let all = dependencies();
    let rooms: BTreeSet<&str> =
        all["interlock-recheck"].iter().map(String::as_str).filter(|name| level(name).is_some()).collect();
    assert_eq!(rooms, BTreeSet::from(["interlock-verdict", "interlock-tla-syntax"]));
}

#[test]
fn verdicts_depend_on_no_other_room() {
    let all = dependencies();
    assert!(all["interlock-verdict"].iter().all(|name| level(name).is_none()), "{:?}", all["interlock-verdict"]);
}
