//! The seam that lets the binary treat every tool alike.
//!
//! An [`Engine`] is a tool that has been pointed at one model (or harness, or proof): it says which obligations the
//! model has, and discharges them. Obligations are discharged as a group, because one exploration of a state space
//! decides many invariants at once; the answer has one verdict for each obligation of the group, in the same order, and
//! whoever calls asserts that. What an engine wants to say beyond its verdicts goes through [`Context::events`].
//!
//! What is deliberately absent: a clock (time limits and interrupts arrive as [`EventSink::interrupted`], elapsed time
//! is measured by whoever reads the events), the terminal, and any way to end the process.

use crate::{EventSink, Obligation, Verdict};
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
}
