//! What Interlock says, as types.
//!
//! The idea that everything hangs on: the *strength* of a verdict is part of its type. A bounded or sampled run cannot
//! be reported as a proof, because no constructor turns one into the other. Engines return [`Verdict`]s, the ledger
//! keeps [`Evidence`], the writers print both. This crate does no I/O, reads no clock and depends on no other room.
//!
//! Reading order: [`place`], [`property`], [`trace`], [`certificate`], [`verdict`], [`finding`], [`evidence`], [`graph`], [`event`],
//! [`engine`], [`requirement`], [`exit`]; [`tlc`] holds TLC's message codes.

pub mod certificate;
pub mod coverage;
pub mod engine;
pub mod event;
pub mod evidence;
pub mod exit;
pub mod finding;
pub mod graph;
pub mod place;
pub mod property;
pub mod requirement;
pub mod tlc;
pub mod trace;
pub mod verdict;

pub use coverage::{CoverageFigures, ExpressionFigures, PartFigures, PartRole, Unused};
pub use engine::{Context, Engine, InputText};
pub use event::{ActionFigures, Checkpointed, Event, EventSink, Explored, Outdegree, Progress};
pub use evidence::{Evidence, InputFile};
pub use exit::ExitCode;
pub use finding::{Finding, Level};
pub use graph::{GraphState, GraphStep, StateGraph};
pub use place::Place;
pub use property::{Expectation, Obligation, Property, PropertyKind};
pub use requirement::Requirement;
pub use trace::{Binding, Change, Counterexample, FalseConjunct, Step, Trace, TraceValue};
pub use verdict::{
    Analysis, Assumption, CollisionBound, Comparison, Decline, Exhaustion, Failure, FailureClass, Proof, Reduction,
    Refutation, Sampling, StoreKind, Strength, Testing, Vacuity, Verdict,
};
