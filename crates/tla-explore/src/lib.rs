//! State-space search over a [`TransitionSystem`].
//!
//! [`explore`] visits every reachable state breadth first, in parallel and with results that do not depend on the number
//! of workers.

mod hash;
mod lock;
pub mod options;
pub mod outcome;
mod random;
pub mod search;
pub mod states;
pub mod statistics;
mod store;
pub mod interpret;
pub mod system;
mod trace;

pub use options::Options;
pub use outcome::{Ended, Exploration, Finding, Limit, Outcome, SearchError, Violation};
pub use search::{explore, explore_keeping_states};
pub use states::States;
pub use statistics::{ActionCount, Degrees, Resources, Statistics};
pub use store::StateNumber;
pub use system::{
    ActionId, ActionInfo, Answer, Broken, ErrorClass, Flow, Generated, Phase, Reached, Sink, StepInfo, Stop,
    SystemError, TransitionSystem, Unreached, Worker,
};
