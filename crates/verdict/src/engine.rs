//! The seam that lets the binary treat every tool alike.
//!
//! An [`Engine`] is a tool that has been pointed at one model (or harness, or proof): it says which obligations the
//! model has, and discharges them. Obligations are discharged as a group, because one exploration of a state space
//! decides many invariants at once; the answer has one verdict for each obligation of the group, in the same order, and
//! whoever calls asserts that. What an engine wants to say beyond its verdicts goes through [`Context::events`].
//!
//! What is deliberately absent: a clock (time limits and interrupts arrive as [`EventSink::interrupted`], elapsed time
//! is measured by whoever reads the events), the terminal, and any way to end the process.

use crate::{EventSink, Finding, Obligation, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an engine may use while it works.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Takes progress, warnings and printed text; says whether to stop.
    pub events: &'a dyn EventSink,
    /// Number of worker threads, at least 1.
    pub workers: usize,
    /// Memory that the engine may use, in bytes; `None` means no limit of ours.
    pub memory_bytes: Option<u64>,
}

/// A file as the engine read it, so that the hash in the ledger is of what was checked and not of what stands on disk
/// a moment later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputText {
    /// Path as given by the user, or the name of a bundled module.
    pub path: String,
    /// The text.
    pub text: Arc<str>,
}

/// A file that belongs to a verdict and is to be kept with the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What it is: `replay`.
    pub kind: String,
    /// How its name ends.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The command that a refutation is replayed with, `{}` being the file; empty if the file replays nothing.
    pub command: String,
}

/// What an engine has to say about one verdict besides it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Details {
    /// Figures, which take the place of those of the whole model.
    pub figures: BTreeMap<String, f64>,
    /// Tools that took part, with their versions.
    pub tools: BTreeMap<String, String>,
    /// Remarks that a reader must see.
    pub remarks: Vec<String>,
    /// Findings that stand behind the verdict.
    pub findings: Vec<Finding>,
    /// Files to keep.
    pub files: Vec<Attachment>,
    /// The outside tool for want of which nothing was done.
    pub absent_tool: Option<String>,
}

/// A tool, pointed at one model.
pub trait Engine {
    /// Name of the tool in evidence: `tla-explore`.
    fn name(&self) -> &'static str;

    /// Every obligation of the model. A model that cannot be read has one obligation too, which fails when discharged:
    /// nothing is lost silently.
    fn discover(&self) -> Vec<Obligation>;

    /// One verdict for each obligation of the group, in the same order. Every [`Verdict::Refuted`] has been replayed by
    /// an independent checker.
    fn discharge(&self, group: &[Obligation], context: &Context<'_>) -> Vec<Verdict>;

    /// All files that the verdicts depend on.
    fn inputs(&self) -> Vec<InputText>;

    /// Details of the verdicts that were returned last, in the same order; none if there is nothing to say.
    fn details(&self) -> Vec<Details> {
        Vec::new()
    }
}
