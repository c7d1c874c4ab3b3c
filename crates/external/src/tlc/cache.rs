//! What TLC answered, kept by content: the jars, Java, the texts of specification and configuration, the flags. Kept is TLC's
//! answer and not the comparison, which is made anew with every search here.
//!
//! An answer that something else may change is not kept: of a specification that reads files or the environment, or draws at
//! random.

use super::Question;
use super::output::{Found, Told};
use crate::content::ContentHash;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Changes when the same question means another thing.
const GENERATION: &str = "tlc adapter 1";

/// Modules whose operators look outside of the specification.
const OUTSIDE: [&str; 6] = ["IOUtils", "Json", "CSV", "VectorClocks", "Randomization", "SVG"];

/// The key of a question, or none if its answer is not kept.
pub fn key(question: &Question, config: &str, jars: &[PathBuf], java: &str) -> Option<String> {
    let looks_outside = |path: &str| OUTSIDE.iter().any(|module| Path::new(path).file_stem() == Some(module.as_ref()));
    if question.ours.incomparable.is_some() || question.inputs.iter().any(|input| looks_outside(&input.path)) {
        return None;
    }
    let mut hash = ContentHash::new().with(GENERATION).with(java);
    for jar in jars {
        hash = hash.with(fs::read(jar).ok()?);
    }
    hash = hash.with("model").with(config).with([u8::from(question.deadlock)]);
    for input in &question.inputs {
        hash = hash.with(input.text.as_bytes());
    }
    Some(hash.finish())
}

fn path(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.json"))
}

/// What was kept under a key.
pub fn load(folder: &Path, key: &str) -> Option<Told> {
    let told: Told = serde_json::from_slice(&fs::read(path(folder, key)).ok()?).ok()?;
    is_final(&told).then_some(told)
}

/// Keeps an answer that the same question will have again. The file appears whole or not at all.
///
/// # Errors
/// If the operating system refuses.
pub fn store(folder: &Path, key: &str, told: &Told) -> io::Result<()> {
    if !is_final(told) {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!("{key}.{}.tmp", std::process::id()));
    fs::write(&unfinished, serde_json::to_vec(told)?)?;
    fs::rename(&unfinished, path(folder, key))
}

/// Memory or time may be other ones next time.
fn is_final(told: &Told) -> bool {
    match told.found {
        Found::Nothing | Found::Violation(..) => true,
        Found::Undefined(..) | Found::GaveUp(..) => false,
    }
}
