//! Sections for outside provers: `[[harness]]` for CBMC, `[[proof]]` for Coq, `[[annotated]]` for Clang's analysis.

use super::file::{AnnotatedSection, Complaints, HarnessSection, ProofSection};
use super::validate::{bytes, existing, known_property, positive};
use external::cbmc::Harness;
use external::clang::Annotated;
use external::coq::Proof;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;
use toml::Spanned;

/// Time for each run of CBMC, unless the project says otherwise.
const HARNESS_SECONDS: u64 = 600;

/// Time for each file of a proof, unless the project says otherwise.
const PROOF_SECONDS: u64 = 600;

/// Time for each run of Clang, unless the project says otherwise.
const ANNOTATED_SECONDS: u64 = 300;

/// Checks that can be added to CBMC's standard ones.
const CHECKS: [&str; 10] = [
    "memory-leak",
    "memory-cleanup",
    "signed-overflow",
    "unsigned-overflow",
    "pointer-overflow",
    "conversion",
    "float-overflow",
    "float-div-by-zero",
    "nan",
    "enum-range",
];

/// Those that are added unless the project says otherwise.
const ADDED: [&str; 5] = ["memory-leak", "signed-overflow", "unsigned-overflow", "pointer-overflow", "conversion"];

/// Memory for each run of CBMC, unless the project says otherwise.
const HARNESS_BYTES: u64 = 2 << 30;

/// A section as a harness.
pub fn harness(
    section: &HarnessSection,
    folder: &Path,
    known: &BTreeSet<&str>,
    complaints: &mut Complaints,
) -> Harness {
    let named = section.properties.iter().chain(section.broken.values()).chain(&section.memory_safety);
    named.for_each(|id| known_property(id, known, complaints));
    macros(&section.broken, complaints);
    let seconds = section.timeout.as_ref().and_then(|seconds| positive(seconds, "timeout", complaints));
    Harness {
        name: section.name.get_ref().clone(),
        source: existing(&section.source, folder, complaints),
        unwind: positive(&section.unwind, "unwind", complaints).unwrap_or(1),
        flags: [checks(section.checks.as_deref(), complaints), section.flags.clone()].concat(),
        time: Duration::from_secs(seconds.unwrap_or(HARNESS_SECONDS)),
        memory: section.memory.as_ref().and_then(|size| bytes(size, complaints)).unwrap_or(HARNESS_BYTES),
        broken: pairs(&section.broken),
        properties: section.properties.iter().map(|id| id.get_ref().clone()).collect(),
        memory_safety: section.memory_safety.as_ref().map(|id| id.get_ref().clone()),
        known: known.iter().map(|id| (*id).to_owned()).collect(),
    }
}

/// A section as a folder of proofs.
pub fn proof(section: &ProofSection, folder: &Path, known: &BTreeSet<&str>, complaints: &mut Complaints) -> Proof {
    section.theorems.values().for_each(|id| known_property(id, known, complaints));
    let place = folder.join(section.folder.get_ref());
    if !place.join("_CoqProject").is_file() {
        let message = format!("there is no {}", place.join("_CoqProject").display());
        complaints.add("missing-file", section.folder.span(), message, "name a folder that has a _CoqProject");
    }
    for name in section.theorems.keys().filter(|name| !name.get_ref().contains('.')) {
        let message = format!("`{}` does not say which file it is in", name.get_ref());
        complaints.add("theorem", name.span(), message, "write the file's name in front: \"aba.sound\" for aba.v");
    }
    let seconds = section.timeout.as_ref().and_then(|seconds| positive(seconds, "timeout", complaints));
    Proof {
        name: section.name.get_ref().clone(),
        folder: place,
        theorems: pairs(&section.theorems),
        allow: section.allow.clone(),
        time: Duration::from_secs(seconds.unwrap_or(PROOF_SECONDS)),
    }
}

/// A section as an annotated source.
pub fn annotated(
    section: &AnnotatedSection,
    folder: &Path,
    known: &BTreeSet<&str>,
    complaints: &mut Complaints,
) -> Annotated {
    section.properties.iter().chain(section.broken.values()).for_each(|id| known_property(id, known, complaints));
    macros(&section.broken, complaints);
    let seconds = section.timeout.as_ref().and_then(|seconds| positive(seconds, "timeout", complaints));
    Annotated {
        name: section.name.get_ref().clone(),
        source: existing(&section.source, folder, complaints),
        folder: Some(folder.to_path_buf()).filter(|folder| !folder.as_os_str().is_empty()),
        flags: section.flags.clone(),
        compile_commands: section.compile_commands.as_ref().map(|path| existing(path, folder, complaints)),
        properties: section.properties.iter().map(|id| id.get_ref().clone()).collect(),
        broken: pairs(&section.broken),
        time: Duration::from_secs(seconds.unwrap_or(ANNOTATED_SECONDS)),
    }
}

pub(super) fn pairs(map: &BTreeMap<Spanned<String>, Spanned<String>>) -> Vec<(String, String)> {
    map.iter().map(|(name, id)| (name.get_ref().clone(), id.get_ref().clone())).collect()
}

/// Flags for the checks that are added.
fn checks(named: Option<&[Spanned<String>]>, complaints: &mut Complaints) -> Vec<String> {
    for name in named.unwrap_or_default().iter().filter(|name| !CHECKS.contains(&name.get_ref().as_str())) {
        let message = format!("there is no check `{}`", name.get_ref());
        complaints.add("check", name.span(), message, &format!("the checks are {}", CHECKS.join(", ")));
    }
    let names: Vec<String> = match named {
        Some(names) => names.iter().map(|name| name.get_ref().clone()).collect(),
        None => ADDED.map(str::to_owned).into(),
    };
    names.into_iter().map(|name| format!("--{name}-check")).collect()
}

pub(super) fn macros(broken: &BTreeMap<Spanned<String>, Spanned<String>>, complaints: &mut Complaints) {
    for name in broken.keys().filter(|name| !is_macro(name.get_ref())) {
        let message = format!("`{}` is no name of a macro", name.get_ref());
        complaints.add("macro", name.span(), message, "write the macro without -D and without a value: BROKEN_X");
    }
}

fn is_macro(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
