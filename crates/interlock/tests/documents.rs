//! Every relative link of the documents leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};

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
