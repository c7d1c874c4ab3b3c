//! State-space search over a [`TransitionSystem`].
//!
//! [`explore`] visits every reachable state breadth first, in parallel and with results that do not depend on the number
//! of workers; [`deepen()`] goes depth first and keeps less. [`simulate()`] draws behaviors at random. [`tell_finding`] tells what they find to a reader.
//!
//! Reading order: [`system`] (the seam), [`search`], [`outcome`], [`simulate`], [`telling`].

pub mod changes;
pub mod deepen;
pub mod graph;
mod hash;
pub mod interpret;
pub mod liveness;
mod lock;
pub mod options;
pub mod outcome;
pub mod paths;
mod persist;
pub mod print;
mod random;
pub mod search;
pub mod simulate;
pub mod states;
pub mod statistics;
mod store;
pub mod system;
pub mod telling;
mod trace;
mod trim;
mod watch;

pub use deepen::deepen;
pub use options::{Checkpoint, Options};
pub use outcome::{Ended, Exploration, Finding, Limit, Outcome, SearchError, Violation};
pub use persist::manifest::Unusable;
pub use search::{examine_checkpoint, explore, explore_keeping_states};
pub use simulate::{
    SampledLasso, Scheduler, Simulation, SimulationCounts, SimulationOptions, SimulationOutcome, Witness, simulate,
    simulate_before,
};
pub use states::States;
pub use statistics::{ActionCount, Degrees, Resources, Statistics};
pub use store::StateNumber;
pub use system::{
    ActionId, ActionInfo, Answer, Broken, ErrorClass, Flow, Generated, Phase, Reached, Rows, Sink, StepInfo, Stop,
    SystemError, TransitionSystem, Unreached, Worker,
};
pub use telling::{tell_finding, tell_trace};
