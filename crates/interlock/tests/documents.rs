//! The documents: every relative link leads somewhere, every dependency has its reason.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = [root.clone(), root.join("docs"), root.join("subjects/mps"), root.join("benches")];
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect()
}

/// Targets of `[text](target)` that are neither addresses nor places in the same document.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    targets.filter(|target| !target.contains("://") && !target.starts_with('#')).collect()
}

#[test]
fn links_lead_somewhere() {
    let documents = documents();
    assert!(documents.iter().any(|path| path.ends_with("README.md")), "the README is found");
    for document in documents {
        let text = fs::read_to_string(&document).expect("a text");
        let folder = document.parent().expect("a folder");
        for link in links(&text) {
            let target = link.split('#').next().unwrap_or(link);
            assert!(folder.join(target).exists(), "{} links to {link}", document.display());
        }
    }
}

#[test]
fn every_dependency_has_its_line_of_reason() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path", manifest];
    let output = Command::new(env!("CARGO")).args(arguments).output().expect("cargo");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let page = include_str!("../../../docs/dependencies.md");
    let packages = metadata["packages"].as_array().expect("packages");
    let dependencies = packages.iter().filter_map(|package| package["dependencies"].as_array()).flatten();
    for name in dependencies.filter_map(|dependency| dependency["name"].as_str()) {
        let own = name.starts_with("interlock");
        assert!(own || page.contains(&format!("`{name}`")), "docs/dependencies.md lacks {name}");
    }
}
