//! Where a search keeps what does not fit into memory, and where it is saved.
//!
//! A checkpoint is resumed only for the very same search: the same version of Interlock, the same texts, the same
//! configuration and constants, and the same choices that decide what is counted. The number of workers and the memory are
//! none of them.

use super::{Order, TlaEngine};
use crate::cli::Store;
use ledger::hash_of;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tla_compile::Evaluator;
use tla_explore::{Checkpoint, Unusable, examine_checkpoint};
use verdict::{Engine, Failure, FailureClass};

/// Folders of a search.
#[derive(Debug, Clone, Default)]
pub struct Persistence {
    /// For states that do not fit into memory, if it is named.
    pub spill: Option<PathBuf>,
    /// For checkpoints.
    pub saved_in: Option<SavedIn>,
}

/// How a search is saved.
#[derive(Debug, Clone)]
pub struct SavedIn {
    /// The folder.
    pub folder: PathBuf,
    /// Time between two checkpoints.
    pub every: Duration,
    /// Whether to go on from the checkpoint in it.
    pub resume: bool,
}

impl Persistence {
    /// The folder for states that do not fit into memory. Where none is named it is one of the system's temporary files,
    /// another for each search of this process.
    pub fn spill_folder(&self) -> PathBuf {
        static SEARCHES: AtomicU64 = AtomicU64::new(0);
        self.spill.clone().unwrap_or_else(|| {
            let number = SEARCHES.fetch_add(1, Ordering::Relaxed);
            std::env::temp_dir().join(format!("interlock-states-{}-{number}", std::process::id()))
        })
    }
}

impl TlaEngine {
    /// How the search is saved, if it is.
    pub(super) fn checkpoint(&self) -> Option<Checkpoint> {
        let SavedIn { folder, every, resume } = self.task.persistence.saved_in.clone()?;
        Some(Checkpoint { folder, every, resume, subject: self.subject() })
    }

    fn subject(&self) -> Vec<(String, String)> {
        let line = |name: &str, content: String| (name.to_owned(), content);
        let mut texts: Vec<String> = self.inputs().iter().map(|input| hash_of(input.text.as_bytes())).collect();
        texts.sort();
        let constants: Vec<String> =
            self.model.constants.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let choices = format!(
            "deadlock={} continue={} store={:?} depth={:?}",
            self.model.check_deadlock, self.task.go_on, self.task.store, self.task.max_depth
        );
        vec![
            line("version", env!("CARGO_PKG_VERSION").to_owned()),
            line("specification-or-configuration", hash_of(texts.join(" ").as_bytes())),
            line("instance", hash_of(constants.join(" ").as_bytes())),
            line("set-of-invariants-on-the-command-line", hash_of(self.task.invariants.join("\n").as_bytes())),
            line("postconditions-on-the-command-line", hash_of(format!("{:?}", self.task.postconditions).as_bytes())),
            line("choice-of-options", choices),
        ]
    }

    /// What computes successors. What is saved is what the interpreter knows.
    pub(super) fn evaluator(&self) -> Evaluator {
        let interpreted = self.task.persistence.saved_in.is_some() || self.task.measured.any();
        if interpreted { Evaluator::Interpret } else { self.task.evaluator }
    }

    /// Why the folders cannot be used, if they cannot.
    pub(super) fn refusal(&self) -> Option<Failure> {
        if let Some(folder) = self.task.persistence.spill.as_ref().filter(|folder| folder.exists()) {
            let message = format!("the folder for states exists already: {}", folder.display());
            return Some(failure(FailureClass::Configuration, message, "name one that does not exist (--spill)"));
        }
        if self.task.measured.any() && self.task.evaluator == Evaluator::Compile {
            let message = "expressions cannot be counted in machine code".to_owned();
            let remedy = "use --engine interpret or auto, or leave out --coverage and --profile";
            return Some(failure(FailureClass::Configuration, message, remedy));
        }
        if self.task.order == Order::Dfid {
            return self.refusal_to_deepen();
        }
        let checkpoint = self.checkpoint()?;
        if self.task.evaluator == Evaluator::Compile {
            let message = "a search by machine code cannot be saved".to_owned();
            return Some(failure(FailureClass::Configuration, message, "use --engine interpret or auto"));
        }
        if checkpoint.resume {
            return refusal_to_resume(&checkpoint);
        }
        let is_missing = matches!(examine_checkpoint(&checkpoint), Err(Unusable::Missing(_)));
        (!is_missing).then(|| {
            let message = format!("there is a checkpoint in {} already", checkpoint.folder.display());
            failure(FailureClass::Configuration, message, "go on from it with --resume, or remove the folder")
        })
    }
}

impl TlaEngine {
    /// What cannot be had of a depth-first search.
    fn refusal_to_deepen(&self) -> Option<Failure> {
        let refuse = |what: &str, remedy: &str| {
            let message = format!("{what} in a depth-first search");
            Some(failure(FailureClass::Configuration, message, remedy))
        };
        if self.task.persistence.saved_in.is_some() {
            return refuse("there are no checkpoints", "search breadth first, or without a checkpoint");
        }
        if self.task.evaluator == Evaluator::Compile {
            return refuse("there is no machine code", "use --engine interpret or auto");
        }
        if self.task.store == Store::Exact {
            return refuse("states are not kept whole", "use --store fingerprint or auto, or search breadth first");
        }
        None
    }
}

/// Why a search cannot be resumed, if it cannot.
fn refusal_to_resume(checkpoint: &Checkpoint) -> Option<Failure> {
    let unusable = examine_checkpoint(checkpoint).err()?;
    let (class, remedy) = match &unusable {
        Unusable::Missing(_) => (FailureClass::Configuration, "name the folder that --checkpoint named"),
        Unusable::Other { .. } => (
            FailureClass::Configuration,
            "resume it with the very same files, options and version, or start anew with --checkpoint",
        ),
        Unusable::Damaged(_) | Unusable::System(_) => {
            (FailureClass::System, "start anew with --checkpoint and another folder")
        }
    };
    Some(failure(class, format!("the search cannot be resumed: {unusable}"), remedy))
}

fn failure(class: FailureClass, message: String, remedy: &str) -> Failure {
    let notes = std::collections::BTreeMap::new();
    Failure { class, message, place: None, remedy: remedy.to_owned(), trace: None, notes }
}
