//! Symbolic checking of TLA+: finite shapes to a circuit, bounded checking, k-induction, property-directed reachability.
//!
//! The interpreter visits some states; what it meets is supposed to be all that the variables can hold, and gives each
//! place of a state its latches ([`translate::state`]). The model is [walked](walk) and [becomes](translate) an and-inverter
//! [graph](aig) and becomes a [circuit]. [Bounded checking](bounded) and [reachability] run side by side
//! ([`prove`](prove::prove)). A value that has no place in the latches is a bad state like a broken property: where it can
//! be reached, the suppositions are widened and everything begins again, so no claim rests on them.
//!
//! Nothing here is trusted for a `Proved`: an invariant is a certificate that somebody else has to check, a counterexample
//! a list of states that somebody else has to replay.

pub mod aig;
pub mod aiger;
pub mod bounded;
pub mod certificate;
pub mod circuit;
pub mod data;
pub mod declared;
pub mod engine;
pub mod graph;
pub mod hints;
pub mod inductive;
pub mod kernel;
pub mod known;
pub mod liveness;
pub mod observe;
pub mod order;
pub mod pairs;
pub mod preserve;
pub mod prove;
pub mod query;
pub mod reachability;
pub mod sat;
pub mod smt;
pub mod solver;
pub mod symmetry;
pub mod table;
pub mod translate;
pub mod until;
pub mod vacuity;
pub mod visit;
pub mod walk;
pub mod witness;

pub use circuit::Target;
pub use engine::Watch;
pub use inductive::{Induction, induct};
pub use prove::{Conclusion, Engine, Options, Report, prove};
pub use solver::Choice;
