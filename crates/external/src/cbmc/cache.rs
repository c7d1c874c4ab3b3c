//! Results that are final, kept by content. What is not decided is never kept: it may be decided next time.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use verdict::Verdict;

/// One verdict with what belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The verdict.
    pub verdict: Verdict,
    /// Figures of the run.
    pub figures: BTreeMap<String, f64>,
    /// The program that replays it.
    pub program: Option<String>,
}

impl Kept {
    /// Whether the same input will give the same verdict for ever.
    pub fn is_final(&self) -> bool {
        match &self.verdict {
            Verdict::Bounded { .. } | Verdict::Refuted(_) | Verdict::Vacuous(_) => true,
            Verdict::Proved(_)
            | Verdict::Exhausted(_)
            | Verdict::Tested(_)
            | Verdict::Declined(_)
            | Verdict::Assumed(_)
            | Verdict::Failed(_) => false,
        }
    }
}

fn path(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.json"))
}

/// What was kept under a key; nothing if it is damaged or not as much as expected.
pub fn load(folder: &Path, key: &str, expected: usize) -> Option<Vec<Kept>> {
    let bytes = fs::read(path(folder, key)).ok()?;
    let kept: Vec<Kept> = serde_json::from_slice(&bytes).ok()?;
    (kept.len() == expected && kept.iter().all(Kept::is_final)).then_some(kept)
}

/// Keeps results under a key. The file appears whole or not at all.
pub fn store(folder: &Path, key: &str, kept: &[Kept]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!("{key}.{}.tmp", std::process::id()));
    fs::write(&unfinished, serde_json::to_vec(kept)?)?;
    fs::rename(&unfinished, path(folder, key))
}
