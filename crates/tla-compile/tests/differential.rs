//! Generated code against the interpreter: for each state the same successors in the same order, with the same actions,
//! the same standing in the model and the same broken properties; and for whole searches the same results with one, two
//! and four workers.

mod common;

use common::{Loaded, compare_searches, compare_states, on_large_stack};
use std::path::{Path, PathBuf};

/// States whose successors are compared one by one.
const STATES: usize = 150;

fn subjects() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../subjects/mps/specs")
}

/// The root module of a configuration: `StreamPool_LeakOnExit.cfg` belongs to `StreamPool.tla`.
fn spec_of(config: &Path) -> PathBuf {
    let stem = config.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let own = config.with_file_name(format!("{stem}.tla"));
    let module = stem.split('_').next().unwrap_or_default();
    if own.exists() { own } else { config.with_file_name(format!("{module}.tla")) }
}

#[test]
fn every_model_of_the_subject_is_compiled_and_agrees_state_by_state() {
    let mut configs: Vec<PathBuf> = std::fs::read_dir(subjects())
        .expect("the subject's specifications")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "cfg"))
        .collect();
    configs.sort();
    assert!(configs.len() > 70, "{} configurations", configs.len());
    let mut declined = Vec::new();
    for config in &configs {
        let config = config.clone();
        let outcome = on_large_stack(move || {
            let loaded = Loaded::from_files(&spec_of(&config), &config, false);
            compare_states(&loaded, STATES).map_err(|reason| format!("{}: {reason}", config.display()))
        });
        declined.extend(outcome.err());
    }
    assert!(declined.is_empty(), "not compiled: {declined:#?}");
}

#[test]
fn searches_agree_for_any_number_of_workers() {
    for name in ["BatchQueue", "EncodingLock", "RecordStream_ForgetAStream", "StreamPool_LeakOnExit"] {
        on_large_stack(move || {
            let config = subjects().join(format!("{name}.cfg"));
            let loaded = Loaded::from_files(&spec_of(&config), &config, false);
            compare_searches(&loaded, Some(4_000)).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        });
    }
}
